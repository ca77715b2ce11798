//! Late binding: a value comes from the narrowest definition that says all of it. What wider ones say is not worked out
//! for it, so that it can make no circle; whether they go together is looked at when no value waits for another.

use super::{Eval, Frame, ThingDef};
use crate::model::ThingId;
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::syntax::tree::Strength;

/// What has a value before all of its definitions were looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Merge {
    pub thing: ThingId,
    pub field: u16,
    pub of: Of,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Of {
    Field,
    /// What is said of a map as a whole.
    Map,
    Entry(Sym),
}

impl Eval<'_> {
    /// From which of its plain definitions on, widest first, a merge is walked.
    pub(super) fn begin(&mut self, merge: Merge, plain: &[ThingDef]) -> usize {
        let wider = plain.split_last().map_or(&[][..], |(_, wider)| wider);
        if wider.iter().all(|def| self.is_known(def)) || self.is_watched(merge.thing, merge.field) {
            return 0;
        }
        if self.looked_at == Some(merge) {
            self.looked_at = None;
            return 0;
        }
        let from = self.deciding(plain).unwrap_or(0);
        if from > 0 {
            self.look_later(merge);
        }
        from
    }

    /// Where the narrowest rank begins that says all of the value. Nothing goes by a `final` in silence.
    pub(super) fn deciding(&self, plain: &[ThingDef]) -> Option<usize> {
        let mut end = plain.len();
        while end > 0 {
            let start = plain[..end].partition_point(|def| def.rank < plain[end - 1].rank);
            if self.decides(&plain[start..end]) {
                let is_final = |d: &ThingDef| self.program.def(d.def).strength == Strength::Final;
                return (!plain[..start].iter().any(is_final)).then_some(start);
            }
            end = start;
        }
        None
    }

    /// Whether what is said at one rank is all, whatever stands below.
    pub(super) fn decides(&self, group: &[ThingDef]) -> bool {
        let op = |def: &ThingDef| &self.program.def(def.def).op;
        let states = |def: &ThingDef| matches!(op(def), Op::Set(_) | Op::Unset);
        let asks = |def: &ThingDef| match op(def) {
            Op::Set(expr) | Op::Add(expr) | Op::Sub(expr) => self.asks_below(*expr),
            _ => false,
        };
        group.iter().any(states) && !group.iter().any(asks)
    }

    fn asks_below(&self, expr: HirId) -> bool {
        match self.program.node(expr) {
            Node::Const(_) => false,
            Node::Inherited => true,
            node => node.children().into_iter().any(|child| self.asks_below(child)),
        }
    }

    /// Whether what a wider definition says names the field that it is of: what that comes to may come from this narrower
    /// one, and without it be a circle.
    pub(super) fn names_own(&self, wider: DefId, thing: ThingId, narrow: ThingDef) -> bool {
        let (program, def) = (self.program, self.program.def(narrow.def));
        let fields = &program.schema.shape(self.thing(thing).shape).fields;
        let own = def.key.unwrap_or(fields[def.field as usize].name);
        match program.def(wider).op {
            Op::Set(expr) => self.names_field(expr, own, &mut Vec::new()),
            _ => false,
        }
    }

    fn names_field(&self, expr: HirId, own: Sym, lets: &mut Vec<LetId>) -> bool {
        let program = self.program;
        let node = program.node(expr);
        match node {
            Node::Member { name, .. } if *name == own => return true,
            Node::Index { index, .. } => {
                let key = match program.node(*index) {
                    Node::Const(value) => value.as_text(),
                    _ => None,
                };
                if key == Some(self.names.text(own)) {
                    return true;
                }
            }
            Node::Let(id) if !lets.contains(id) => {
                lets.push(*id);
                return self.names_field(program.lets[id.0 as usize].value, own, lets);
            }
            _ => {}
        }
        node.children().into_iter().any(|child| self.names_field(child, own, lets))
    }

    /// Stated, and known without reckoning.
    fn is_known(&self, def: &ThingDef) -> bool {
        match self.program.def(def.def).op {
            Op::Set(expr) => matches!(self.program.node(expr), Node::Const(_)),
            _ => false,
        }
    }

    pub(super) fn look_later(&mut self, merge: Merge) {
        // Each entry of a map asks for the whole.
        if merge.of == Of::Map && !self.looked_through.insert((merge.thing, merge.field)) {
            return;
        }
        self.not_looked_at.push(merge);
    }

    /// Looks at all that was passed over. Their values are known.
    pub(super) fn look(&mut self) {
        while let Some(merge) = self.not_looked_at.pop() {
            let Merge { thing, field, of } = merge;
            let defs = self.defs_of(thing, field);
            let Some(first) = defs.first() else { continue };
            let key = match of {
                Of::Entry(key) => Some(key),
                Of::Field | Of::Map => None,
            };
            let span = self.program.def(first.def).head;
            match key {
                Some(key) => self.entry(thing, field, key),
                None => self.field(thing, field),
            };
            self.stack.push(Frame { thing, field, key, span });
            self.looked_at = Some(merge);
            match of {
                Of::Field => {
                    self.merged(thing, field, &defs);
                }
                Of::Map => {
                    let shape = self.program.schema.shape(self.thing(thing).shape);
                    self.whole_map(thing, field, &defs, shape.fields[field as usize].default);
                }
                Of::Entry(key) => self.look_at_entry(thing, field, key, &defs),
            }
            self.looked_at = None;
            self.stack.pop();
        }
    }
}
