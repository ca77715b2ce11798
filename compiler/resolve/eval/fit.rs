//! Values made to fit the type of the field they land in.

use super::expr::{SINKS, holds_secret};
use super::{Ctx, Eval};
use crate::diag::{Diagnostic, codes};
use crate::model::ThingId;
use crate::model::schema::{Schema, TyId, spell};
use crate::model::value::{Base, Location, Value};
use crate::resolve::hir::*;
use crate::resolve::lower::a;
use crate::resolve::values;
use crate::source::Span;
use crate::types::distance::nearest;
use std::sync::Arc;

impl Eval<'_> {
    /// Evaluates and fits the value to the type, reporting where it does not.
    pub(super) fn eval_as(&mut self, id: HirId, ty: TyId, ctx: Ctx) -> Value {
        if let Node::Const(value) = self.program.node(id) {
            return value.clone();
        }
        let value = self.eval(id, ctx);
        if let Some(diagnostic) = self.lacking(id, &value, ty, ctx) {
            return self.report_at(diagnostic);
        }
        self.fit(value, ty, self.program.span(id))
    }

    /// Where a map has no such key, one that is near.
    pub(super) fn near_key(&self, diagnostic: Diagnostic, value: Span) -> Diagnostic {
        let Some((span, Value::Map(pairs), key)) = &self.absent else { return diagnostic };
        let key = self.names.text(*key);
        if !value.covers(*span) || span.end - span.start < key.len() as u32 {
            return diagnostic;
        }
        let place = Span { start: span.end - key.len() as u32, ..*span };
        let near = nearest(key, pairs.iter().map(|pair| &*pair.key));
        near.iter().filter(|name| values::is_name(name)).fold(diagnostic, |found, name| {
            found.suggest(format!("did you mean `{name}`?"), place, *name)
        })
    }

    pub(super) fn fit(&mut self, value: Value, ty: TyId, span: Span) -> Value {
        if ty == Schema::ANY || value.is_poison() {
            return value;
        }
        let program = self.program;
        if value.is_none() && !program.schema.is_optional(ty) {
            let wanted = spell(&program.schema, self.names, ty);
            let diagnostic = self.fault(
                &codes::E0306,
                span,
                format!("expected {wanted}, but the value is none here"),
            );
            let diagnostic = self
                .near_key(diagnostic, span)
                .help("give it a value, or say what holds without one: `... ?? value`");
            self.report(diagnostic);
            return Value::Poison;
        }
        let is_set = self.set_in(ty);
        if values::is_of(&program.schema, &value, ty) {
            return if is_set { self.as_set(value) } else { value };
        }
        match values::conform(&program.schema, self.names, value.clone(), ty) {
            Ok(fitted @ Value::List(_)) if is_set => self.as_set(fitted),
            Ok(fitted) => self.located(fitted, ty),
            Err(misfit) => {
                let wanted = spell(&program.schema, self.names, ty);
                let diagnostic = match misfit.why {
                    Some(why) => {
                        let code = if misfit.range { &codes::E0303 } else { &codes::E0302 };
                        let diagnostic = self.fault(code, span, why.message);
                        let such = || values::such_as(&program.schema, self.names, ty);
                        diagnostic.help(why.help.unwrap_or_else(such))
                    }
                    None if holds_secret(&value) => self
                        .fault(
                            &codes::E0602,
                            span,
                            format!(
                                "a secret would end in a file: this field holds {}",
                                a(&wanted)
                            ),
                        )
                        .note(SINKS)
                        .help("put it into one of these, and let the program read it from there"),
                    None => {
                        let found = self.describe(&value);
                        self.fault(&codes::E0301, span, format!("expected {wanted}, found {found}"))
                            .help(values::such_as(&program.schema, self.names, ty))
                    }
                };
                self.report(diagnostic);
                Value::Poison
            }
        }
    }

    pub(super) fn set_in(&self, ty: TyId) -> bool {
        use crate::model::schema::Ty;
        let schema = &self.program.schema;
        match schema.ty(schema.plain(ty)) {
            Ty::Set(_) => true,
            Ty::Union(types) => types.iter().any(|&t| matches!(schema.ty(t), Ty::Set(_))),
            _ => false,
        }
    }

    /// A share or a disk where a location is wanted is the whole of it.
    fn located(&self, value: Value, ty: TyId) -> Value {
        use crate::model::schema::Ty;
        let schema = &self.program.schema;
        let wants = matches!(schema.ty(schema.plain(ty)), Ty::Location);
        match value {
            Value::Thing(id) if wants => self.location_of(id).unwrap_or(Value::Thing(id)),
            Value::List(items)
                if schema.ty(schema.plain(ty)).clone() == Ty::List(self.location_type()) =>
            {
                Value::List(
                    items
                        .iter()
                        .map(|item| crate::model::value::Item {
                            value: match &item.value {
                                Value::Thing(id) => {
                                    self.location_of(*id).unwrap_or(Value::Thing(*id))
                                }
                                other => other.clone(),
                            },
                            origin: item.origin,
                        })
                        .collect(),
                )
            }
            value => value,
        }
    }

    fn location_type(&self) -> TyId {
        self.location_ty
    }

    pub(super) fn location_of(&self, id: ThingId) -> Option<Value> {
        let shape = self.thing(id).shape;
        let base = if shape == self.words.share {
            Base::Share(id)
        } else if shape == self.words.disk {
            Base::Disk(id)
        } else {
            return None;
        };
        Some(Value::Location(Arc::new(Location { base, sub: "".into() })))
    }

    pub(super) fn describe(&self, value: &Value) -> String {
        match value {
            Value::Thing(id) => {
                let kind = self.names.text(self.program.schema.shape(self.thing(*id).shape).name);
                format!("the {kind} `{}`", self.label(*id))
            }
            Value::Things(ids) if ids.len() != 1 => format!("{} things", ids.len()),
            value => values::describe(value, self.names),
        }
    }

    /// The value as it would be written, short.
    pub(super) fn brief(&self, value: &Value) -> String {
        values::brief(value, self.names, &|id| self.label(id).into())
    }
}
