//! Maps: key by key, each as a field of its own.

use super::expr::holds_secret;
use super::merge::Below;
use super::{Eval, ThingDef};
use crate::model::ThingId;
use crate::model::schema::{Schema, TyId};
use crate::model::value::{Pair, Value};
use crate::names::Sym;
use crate::origin::Origin;
use crate::resolve::hir::*;
use std::sync::Arc;

impl Eval {
    /// A map: key by key, each as a field of its own.
    pub(super) fn map(
        &mut self,
        thing: ThingId,
        field: u16,
        value_ty: TyId,
        defs: &[ThingDef],
        default: Option<HirId>,
    ) -> (Value, Origin) {
        let program = self.program.clone();
        let whole: Vec<ThingDef> =
            defs.iter().copied().filter(|d| program.def(d.def).key.is_none()).collect();
        let info_ty = program.schema.shape(self.thing(thing).shape).fields[field as usize].ty;
        // What is said of the whole map first; keys of wider layers are gone under a narrower `=`.
        let (base, floor) = if whole.is_empty() && default.is_none() {
            (Below::new(Value::Map(Arc::new([]))), 0)
        } else {
            let below = self.of_kind(thing, info_ty, default);
            let base = self.one(thing, field, info_ty, &whole, below);
            if base.value.is_poison() {
                return (Value::Poison, Origin::NONE);
            }
            let floor = whole
                .iter()
                .filter(|d| matches!(program.def(d.def).op, Op::Set(_) | Op::Unset))
                .filter(|d| !self.is_default(d))
                .map(|d| d.rank)
                .max()
                .unwrap_or(0);
            (base, floor)
        };
        let is_vars = value_ty == Schema::ANY;
        let mut pairs = base.value.pairs().to_vec();
        let mut keys: Vec<Sym> = defs.iter().filter_map(|d| program.def(d.def).key).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let of_key: Vec<ThingDef> = defs
                .iter()
                .copied()
                .filter(|d| program.def(d.def).key == Some(key) && d.rank >= floor)
                .collect();
            if of_key.is_empty() {
                continue;
            }
            let text = self.names.shared(key);
            let ty = self.key_type(value_ty, key, &of_key);
            let had = pairs.iter().position(|p| p.key == text);
            // What the whole map says of the key lies below what is said of the key alone.
            let stated = base.def.filter(|_| base.plain || base.locked.is_some());
            let below = match (had, stated) {
                (Some(at), Some((def, _))) => Below {
                    def: Some((def, pairs[at].origin)),
                    locked: base.locked,
                    plain: base.plain,
                    ..Below::new(pairs[at].value.clone())
                },
                _ => Below { locked: base.locked, ..Below::new(self.empty(ty)) },
            };
            let (value, origin) = self.one(thing, field, ty, &of_key, below).finished();
            if is_vars && holds_secret(&value) {
                self.secret_var(thing, field, &of_key);
            }
            if let Some(at) = had {
                let unset = of_key.iter().find(|d| matches!(program.def(d.def).op, Op::Unset));
                if let Some(unset) = unset {
                    self.tally[unset.def.0 as usize].effective += 1;
                }
                pairs.remove(at);
            }
            if !value.is_none() {
                pairs.push(Pair { key: text, value, origin });
            }
        }
        (Value::map(pairs), Origin::NONE)
    }

    /// A var's type; where none is declared, a list counts as a set.
    fn key_type(&self, value_ty: TyId, key: Sym, defs: &[ThingDef]) -> TyId {
        if value_ty != Schema::ANY {
            return value_ty;
        }
        if let Some(&(ty, _)) = self.program.vars.get(&key) {
            return ty;
        }
        let collects =
            defs.iter().any(|d| matches!(self.program.def(d.def).op, Op::Add(_) | Op::Sub(_)));
        let lists = defs.iter().any(|d| match self.program.def(d.def).op {
            Op::Set(expr) => {
                matches!(self.program.node(expr), Node::List(_) | Node::Const(Value::List(_)))
            }
            _ => false,
        });
        if collects || lists { self.any_set } else { Schema::ANY }
    }
}
