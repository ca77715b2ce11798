//! A value that is needed and none: whose field it is that says nothing.

use super::{Ctx, Eval};
use crate::diag::{About, Diagnostic, codes};
use crate::model::ThingId;
use crate::model::schema::{TyId, spell};
use crate::model::value::Value;
use crate::names::Sym;
use crate::resolve::hir::{HirId, Node};
use crate::resolve::values;

/// The field that is asked for in vain, and the key in it.
struct Lack {
    thing: ThingId,
    field: Sym,
    key: Option<Sym>,
}

impl Eval<'_> {
    /// What is none where a value of the type is needed: the whole, or one of a list.
    pub(super) fn lacking(
        &mut self,
        id: HirId,
        value: &Value,
        ty: TyId,
        ctx: Ctx,
    ) -> Option<Diagnostic> {
        let program = self.program;
        let id = match (program.node(id), value) {
            (_, Value::None) => id,
            (Node::List(items), Value::List(values)) => {
                let none = values.iter().position(|item| item.value.is_none())?;
                *items.get(none)?
            }
            _ => return None,
        };
        let schema = &program.schema;
        if values::is_of(schema, value, ty)
            || values::conform(schema, self.names, value.clone(), ty).is_ok()
        {
            return None;
        }
        let lack = self.lack(id, ctx)?;
        let wanted = spell(schema, self.names, ty);
        let message = format!("expected {wanted}, but {}", self.lack_in_words(&lack));
        let span = program.span(id);
        let diagnostic = self.fault(&codes::E0306, span, message);
        let diagnostic = self.near_key(diagnostic, span);
        Some(self.say_lack(diagnostic, &lack))
    }

    /// Says of a finding about a value that is none whose it is.
    pub(super) fn for_lack_of(
        &mut self,
        diagnostic: Diagnostic,
        id: HirId,
        ctx: Ctx,
    ) -> Diagnostic {
        let Some(lack) = self.lack(id, ctx) else { return diagnostic };
        let why = self.lack_in_words(&lack);
        // What the library asks for nobody can write otherwise.
        if self.own(self.program.span(id)).is_none() {
            let (label, field) = (self.label(lack.thing), self.names.text(lack.field));
            let way = format!("give `{label}` what the library asks for: `{field}`");
            let span = self.thing(lack.thing).span;
            return diagnostic.note(why).label(span, "declared here").help(way);
        }
        self.say_lack(diagnostic.note(why), &lack)
    }

    fn lack_in_words(&self, lack: &Lack) -> String {
        let (label, field) = (self.label(lack.thing), self.names.text(lack.field));
        match lack.key.map(|key| self.names.text(key)) {
            Some(key) if field == "address" => format!("`{label}` has no address in `{key}`"),
            Some(key) => format!("`{label}` has no `{key}` in its `{field}`"),
            None => format!("`{label}` has no `{field}`"),
        }
    }

    fn say_lack(&mut self, diagnostic: Diagnostic, lack: &Lack) -> Diagnostic {
        let (span, shape) = (self.thing(lack.thing).span, self.thing(lack.thing).shape);
        let mut diagnostic = diagnostic.label(span, "declared here");
        if shape == self.words.node && self.names.text(lack.field) == "address" {
            let elsewhere = !self.get(lack.thing, "address").pairs().is_empty();
            let network = lack.key.filter(|_| elsewhere).map(|key| self.names.text(key));
            diagnostic = diagnostic.about(About::no_address(self.label(lack.thing), network));
        }
        diagnostic.help("give it a value, or say what holds without one: `... ?? value`")
    }

    /// Goes back along `a.b.c` to where something is.
    fn lack(&mut self, id: HirId, ctx: Ctx) -> Option<Lack> {
        let program = self.program;
        let (mut id, mut key) = (id, None);
        loop {
            let &Node::Member { base, name, .. } = program.node(id) else { return None };
            match self.eval(base, ctx) {
                Value::Thing(thing) => return Some(Lack { thing, field: name, key }),
                Value::None | Value::Map(_) => (id, key) = (base, Some(name)),
                _ => return None,
            }
        }
    }
}
