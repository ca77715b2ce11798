//! Operators between two values.

use super::{Ctx, Eval};
use crate::diag::codes;
use crate::model::ThingId;
use crate::model::value::{Location, Secret, SecretPart, Value};
use crate::resolve::hir::*;
use crate::resolve::values;
use crate::source::Span;
use crate::syntax::tree::BinaryOp;
use std::cmp::Ordering;
use std::sync::Arc;

impl Eval<'_> {
    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        left: HirId,
        right: HirId,
        span: Span,
        ctx: Ctx,
    ) -> Value {
        use BinaryOp::*;
        let l = self.eval(left, ctx);
        match (op, &l) {
            (And, Value::Bool(false) | Value::None) => return Value::Bool(false),
            (Or, Value::Bool(true)) => return Value::Bool(true),
            (Coalesce, value) if !value.is_none() => return l,
            (Coalesce, _) => return self.eval(right, ctx),
            (_, Value::Poison) => return Value::Poison,
            _ => {}
        }
        let r = self.eval(right, ctx);
        if r.is_poison() {
            return Value::Poison;
        }
        match op {
            And | Or => match r {
                Value::Bool(_) => r,
                Value::None => Value::Bool(false),
                other => self.no_bool(other, span),
            },
            Equal => Value::Bool(self.same(&l, &r)),
            NotEqual => Value::Bool(!self.same(&l, &r)),
            Less | LessEqual | Greater | GreaterEqual => {
                if l.is_none() || r.is_none() {
                    return Value::Bool(false);
                }
                if !self.of_one_kind([&l, &r], span) {
                    return Value::Poison;
                }
                let order = values::order(&l, &r, self.names, &|a, b| self.by_path(a, b));
                Value::Bool(match op {
                    Less => order == Ordering::Less,
                    LessEqual => order != Ordering::Greater,
                    Greater => order == Ordering::Greater,
                    _ => order != Ordering::Less,
                })
            }
            In => match values::in_range(&l, &r) {
                Some(inside) => Value::Bool(inside),
                None => match self.elements(r, span) {
                    Some(elements) => Value::Bool(elements.iter().any(|e| self.same(e, &l))),
                    None => Value::Poison,
                },
            },
            Arrow | Range if l.is_none() || r.is_none() => {
                self.absent(if l.is_none() { left } else { right })
            }
            Arrow | Range => match values::ports(op, &l, &r) {
                Ok(value) => value,
                Err(why) => self.why(why, &codes::E0303, span),
            },
            Div if matches!(l, Value::Thing(_) | Value::Location(_)) => {
                self.below_location(l, r, self.program.span(right), span)
            }
            Add if matches!(l, Value::Secret(_)) || matches!(r, Value::Secret(_)) => {
                self.secret_sum(l, r, span)
            }
            _ => match values::arithmetic(op, &l, &r) {
                Some(Ok(value)) => self.bounded(value, span),
                Some(Err(why)) => self.why(why, &codes::E0308, span),
                None if l.is_none() || r.is_none() => {
                    self.absent(if l.is_none() { left } else { right })
                }
                None => {
                    let (a, b) = (self.describe(&l), self.describe(&r));
                    let diagnostic =
                        self.fault(&codes::E0304, span, format!("{a} and {b} do not go together"));
                    self.report(diagnostic);
                    Value::Poison
                }
            },
        }
    }

    fn absent(&mut self, side: HirId) -> Value {
        let message = "expected a value, but this is none here";
        let diagnostic = self.fault(&codes::E0306, self.program.span(side), message);
        self.report(diagnostic.help("say what holds without one: `(... ?? value)`"));
        Value::Poison
    }

    pub(super) fn why(
        &mut self,
        why: crate::types::Why,
        code: &'static crate::diag::Code,
        span: Span,
    ) -> Value {
        let diagnostic = self.fault(code, span, why.message);
        let usual = || "give it values that fit each other".to_owned();
        self.report(diagnostic.help(why.help.unwrap_or_else(usual)));
        Value::Poison
    }

    /// Equal as the language sees it: an instance is its service, a location its share.
    fn same(&self, a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Thing(x), Value::Thing(y)) => self.declared(*x) == self.declared(*y),
            (Value::Word(x), Value::Word(y)) if x.params.is_none() || y.params.is_none() => {
                x.word == y.word || self.in_family(x.word, y.word)
            }
            (Value::List(items), value) | (value, Value::List(items))
                if matches!(value, Value::Ip(_)) && items.len() == 1 =>
            {
                items[0].value == *value
            }
            _ => a == b,
        }
    }

    /// An instance counts as its service where things are compared.
    fn declared(&self, id: ThingId) -> ThingId {
        self.service_of(id)
    }

    fn below_location(&mut self, left: Value, right: Value, at: Span, span: Span) -> Value {
        let location = match left {
            Value::Location(location) => Some(location),
            Value::Thing(id) => match self.location_of(id) {
                Some(Value::Location(location)) => Some(location),
                _ => None,
            },
            _ => None,
        };
        let (Some(location), Value::Text(sub)) = (location, &right) else {
            let diagnostic = self.fault(
                &codes::E0301,
                span,
                "`/` joins a share, a disk or another location with a path in quotes",
            );
            self.report(diagnostic);
            return Value::Poison;
        };
        let whole = format!("/{sub}");
        let wrong = if sub.is_empty() {
            Some("expected a path below a location, found nothing".to_owned())
        } else if sub.starts_with('/') {
            Some(format!("expected a path below the place, found `{sub}`, which begins with `/`"))
        } else if sub.split('/').any(|part| part == "..") {
            Some(format!("expected a path below the place, found `{sub}`, which leads out of it"))
        } else {
            let path = crate::types::text_type("path");
            let why = path.and_then(|t| (t.check)(&whole).err());
            why.map(|why| format!("`{sub}` is no path below a place: {}", why.message))
        };
        if let Some(message) = wrong {
            let below: Vec<&str> =
                sub.split('/').filter(|p| !matches!(*p, "" | "." | "..")).collect();
            let diagnostic = self.fault(&codes::E0302, span, message);
            // As it stands in quotes, and not by way of a name.
            let plain = (at.end - at.start) as usize == sub.len() + 2 && !below.is_empty();
            let diagnostic = match plain {
                true => {
                    let right = format!("\"{}\"", below.join("/"));
                    diagnostic.suggest(format!("write `{right}`"), at, right)
                }
                false if sub.is_empty() => {
                    diagnostic.help("for the whole of the location leave out `/ \"\"`")
                }
                false => diagnostic.help("write it as `share / \"folder/folder\"`"),
            };
            self.report(diagnostic);
            return Value::Poison;
        }
        let joined = if location.sub.is_empty() {
            sub.clone()
        } else {
            format!("{}/{sub}", location.sub).into()
        };
        Value::Location(Arc::new(Location { base: location.base.clone(), sub: joined }))
    }

    fn secret_sum(&mut self, left: Value, right: Value, span: Span) -> Value {
        let mut parts = Vec::new();
        for value in [left, right] {
            match value {
                Value::Secret(secret) => parts.extend(secret.parts.iter().cloned()),
                Value::Text(text) => parts.push(SecretPart::Text(text)),
                other => {
                    let found = self.describe(&other);
                    let diagnostic = self.fault(
                        &codes::E0304,
                        span,
                        format!("only a text can be joined to a secret, not {found}"),
                    );
                    self.report(
                        diagnostic.help("put it into a text: `\"${secret(\"NAME\")}${value}\"`"),
                    );
                    return Value::Poison;
                }
            }
        }
        Value::Secret(Arc::new(Secret { parts: parts.into() }))
    }
}
