//! `default`s: which of them stand, and which one holds until a plain value comes.

use super::merge::{Below, Walk};
use super::trace::Event;
use super::{Eval, ThingDef};
use crate::model::value::Value;
use crate::resolve::hir::*;

impl Eval<'_> {
    /// The `default`s that stand after those `unset`s: the narrowest one holds, until a plain value comes.
    pub(super) fn weak(&mut self, walk: Walk, unsets: &[ThingDef], below: &mut Below) {
        if walk.weak.is_empty() {
            return;
        }
        let program = self.program;
        let standing = self.standing(walk, unsets);
        let Some(top) = standing.iter().map(|d| d.rank).max() else { return };
        let stated =
            walk.rest.iter().any(|d| matches!(program.def(d.def).op, Op::Set(_) | Op::Unset));
        for def in standing.iter().filter(|d| d.rank != top) {
            self.note(*def, Event::Shadowed, None);
        }
        let best: Vec<ThingDef> = standing.into_iter().filter(|d| d.rank == top).collect();
        let mut first: Option<(Value, ThingDef)> = None;
        for &def in self.preferred(&best).iter() {
            let Op::Set(expr) = program.def(def.def).op else { continue };
            let value = self.definition(walk.thing, def, expr, walk.ty, &below.value);
            self.note(def, Event::Weak, Some(&value));
            match &first {
                Some((old, other)) if *old != value && !stated => {
                    below.value = Value::Poison;
                    if !old.is_poison() && !value.is_poison() {
                        below.disagree(&[*other, def]);
                    }
                    return;
                }
                Some(_) => {}
                None => first = Some((value, def)),
            }
        }
        if let Some((value, def)) = first {
            let origin = self.new_origin(walk.thing, walk.field, def.def);
            below.value = value;
            below.def = Some((def.def, origin));
        }
    }

    /// The `default`s that none of those `unset`s takes away, as far as the next ones take them.
    fn standing(&mut self, walk: Walk, unsets: &[ThingDef]) -> Vec<ThingDef> {
        let unset = |d: &&ThingDef| matches!(self.program.def(d.def).op, Op::Unset);
        let next: Vec<ThingDef> = match walk.rest.iter().find(unset).map(|next| next.rank) {
            Some(rank) => {
                walk.rest.iter().filter(unset).filter(|d| d.rank == rank).copied().collect()
            }
            None => Vec::new(),
        };
        let mut standing = walk.weak.to_vec();
        standing.retain(|&def| {
            !unsets.iter().any(|&unset| self.takes(unset, def))
                && (next.is_empty() || next.iter().any(|&unset| self.takes(unset, def)))
        });
        standing
    }

    /// Whether an `unset` takes a `default` away: one of a wider layer, not of its own block.
    pub(super) fn takes(&mut self, unset: ThingDef, default: ThingDef) -> bool {
        default.source != unset.source
            && (default.rank < unset.rank
                || default.rank == unset.rank
                    && matches!(*self.preferred(&[default, unset]), [won] if won.def == unset.def))
    }
}
