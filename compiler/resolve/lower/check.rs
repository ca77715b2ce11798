//! Whether an expression fits the type of the field it lands in, as far as that can be known before
//! evaluation. Literals are checked wholly; the rest is checked again on its value.

use super::exprs::Typed;
use super::{Lower, Scope};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{Schema, Ty, TyId, spell};
use crate::model::value::Value;
use crate::resolve::hir::*;
use crate::resolve::values;
use crate::source::Span;
use crate::syntax::tree::{BinaryOp, ExprId};

impl Lower<'_> {
    /// Lowers an expression and reports it where it cannot be of the type.
    pub(super) fn checked(&mut self, value: ExprId, want: TyId, scope: &mut Scope) -> HirId {
        let span = self.trees[scope.file].expr(value).span;
        if self.editing {
            self.usage.wants.push((span, want));
        }
        let typed = self.expr(value, want, scope);
        self.coerce(typed, want, span)
    }

    pub(super) fn coerce(&mut self, typed: Typed, want: TyId, span: Span) -> HirId {
        if want == Schema::ANY || want == Schema::POISON || typed.ty == Schema::POISON {
            return typed.id;
        }
        if let Node::Const(value) = self.program.node(typed.id) {
            if value.is_poison() {
                return typed.id;
            }
            let value = value.clone();
            return self.constant(typed, value, want, span);
        }
        if let Node::List(items) = self.program.node(typed.id) {
            let items = items.clone();
            return self.coerce_list(typed, &items, want, span);
        }
        if self.assignable(typed.ty, want) {
            return typed.id;
        }
        self.mismatch(typed, want, span);
        self.poison(span)
    }

    /// A literal: fits, or the reason is known exactly.
    fn constant(&mut self, typed: Typed, value: Value, want: TyId, span: Span) -> HirId {
        if value.is_none() && !self.program.schema.is_optional(want) {
            let spelled = spell(&self.program.schema, self.names, want);
            self.report(
                Diagnostic::new(&codes::E0306, span, format!("expected {spelled}, found none"))
                    .help("`unset` takes back what a wider layer said"),
            );
            return self.poison(span);
        }
        // Docker's `none` is a word here, and `none` is that nothing is said.
        if value.is_none()
            && let &[set] = self.enums_in(want).as_slice()
            && self
                .names
                .find("off")
                .is_some_and(|off| self.program.schema.enumeration(set).word(off).is_some())
        {
            let message = "expected one of its words, found `none`, which is that nothing is said";
            self.report(
                Diagnostic::new(&codes::E0209, span, message)
                    .suggest("write `off`", span, "off")
                    .help("`unset` takes back what a wider layer said"),
            );
            return self.poison(span);
        }
        if let Value::Text(text) = &value
            && let Some(place) = self.place_in_text(text, want)
        {
            let message = format!("expected a place, found the text \"{text}\"");
            let title = format!("a share and a path below it: `{place}`");
            self.report(Diagnostic::new(&codes::E0301, span, message).suggest(title, span, place));
            return self.poison(span);
        }
        match values::conform(&self.program.schema, self.names, value, want) {
            Ok(value) => {
                // A literal is used once: its node may become the fitted value.
                self.program.nodes[typed.id.0 as usize] = Node::Const(value);
                typed.id
            }
            Err(misfit) => {
                match misfit.why {
                    Some(why) => {
                        let code = if misfit.range { &codes::E0303 } else { &codes::E0302 };
                        let context = misfit.context;
                        self.report_why(code, span, &why, context);
                    }
                    None => self.mismatch(typed, want, span),
                }
                self.poison(span)
            }
        }
    }

    /// Each element by itself, so that the fault is at the element.
    fn coerce_list(&mut self, typed: Typed, items: &[HirId], want: TyId, span: Span) -> HirId {
        let Some(collection) = self.collection_in(want) else {
            if !self.assignable(typed.ty, want) {
                self.mismatch(typed, want, span);
                return self.poison(span);
            }
            return typed.id;
        };
        let element = self.element_of(collection);
        let mut fitted = Vec::with_capacity(items.len());
        for &item in items {
            let item_span = self.program.span(item);
            let ty = self.type_of_node(item);
            fitted.push(self.coerce(Typed { id: item, ty, label: None }, element, item_span));
        }
        let constant = fitted.iter().all(|&id| matches!(self.program.node(id), Node::Const(_)));
        let node = if constant {
            let values: Vec<Value> = fitted
                .iter()
                .filter_map(|&id| match self.program.node(id) {
                    Node::Const(value) => Some(value.clone()),
                    _ => None,
                })
                .collect();
            if values.iter().any(Value::is_poison) {
                return self.poison(span);
            }
            let list = Value::list(values);
            let is_set = matches!(self.program.schema.ty(collection), Ty::Set(_));
            if is_set {
                self.repeated_element(&list, items);
            }
            let list = if is_set { values::as_set(list, self.names) } else { list };
            Node::Const(list)
        } else {
            let is_set = matches!(self.program.schema.ty(collection), Ty::Set(_));
            self.repeated_reference(&fitted, if is_set { "set" } else { "list" });
            Node::List(fitted.into())
        };
        self.program.nodes[typed.id.0 as usize] = node;
        typed.id
    }

    /// `["git", "git"]` in a set is a slip of the hand.
    fn repeated_element(&mut self, list: &Value, items: &[HirId]) {
        let values = list.items();
        for (nth, item) in values.iter().enumerate() {
            if let Some(first) = values[..nth].iter().position(|v| v.value == item.value) {
                return self.repeated(items, nth, first, "a set holds each value once".into());
            }
        }
    }

    /// `[gpu, gpu]`: of declarations, the same.
    fn repeated_reference(&mut self, items: &[HirId], what: &str) {
        let decl = |id: HirId| match self.program.node(id) {
            Node::Decl(decl) => Some(*decl),
            _ => None,
        };
        let decls: Vec<Option<DeclId>> = items.iter().map(|&id| decl(id)).collect();
        for (nth, again) in decls.iter().enumerate().filter(|(_, decl)| decl.is_some()) {
            if let Some(first) = decls[..nth].iter().position(|d| d == again) {
                return self.repeated(items, nth, first, format!("a {what} names each thing once"));
            }
        }
    }

    /// The second of two goes, with the comma before it.
    fn repeated(&mut self, items: &[HirId], nth: usize, first: usize, message: String) {
        let place = |at: usize| self.program.span(items[at]);
        let (again, first) = (place(nth), place(first));
        let diagnostic =
            Diagnostic::new(&codes::L0105, again, message).label(first, "it is here already");
        let whole = Span { start: place(nth - 1).end, ..again };
        let between = self.sources.text(Span { end: again.start, ..whole });
        let title = "take one of the two out";
        self.report(match between.trim() == "," {
            true => diagnostic.suggest(title, whole, ""),
            false => diagnostic.help(title),
        });
    }

    pub(super) fn collection_in(&self, want: TyId) -> Option<TyId> {
        let schema = &self.program.schema;
        let plain = schema.plain(want);
        match schema.ty(plain) {
            Ty::List(_) | Ty::Set(_) => Some(plain),
            Ty::Union(types) => types.iter().find_map(|&t| self.collection_in(t)),
            _ => None,
        }
    }

    /// The type of a lowered element of a list.
    pub(super) fn type_of_node(&mut self, id: HirId) -> TyId {
        let ty = match self.program.node(id) {
            Node::Const(value) => values::type_of(value),
            Node::Decl(decl) => Some(Ty::Ref(self.program.decl(*decl).shape)),
            _ => None,
        };
        match ty {
            Some(ty) => self.program.schema.intern(ty),
            None => self.elements.get(&id).copied().unwrap_or(Schema::ANY),
        }
    }

    fn mismatch(&mut self, typed: Typed, want: TyId, span: Span) {
        let schema = &self.program.schema;
        // That nothing might stand here as well is no news to whoever wrote something.
        let some = match schema.ty(want) {
            Ty::Optional(inner) => *inner,
            _ => want,
        };
        let wanted = match schema.ty(schema.plain(some)) {
            Ty::Enum(set) if schema.enumeration(*set).words.len() == 1 => {
                format!("`{}`", self.text(schema.enumeration(*set).words[0].name))
            }
            _ => spell(schema, self.names, some),
        };
        let from = schema.plain(typed.ty);
        let named = matches!(schema.ty(schema.plain(some)), Ty::Ref(_));
        // What is only named ends in no file.
        if *schema.ty(from) == Ty::Secret && !named {
            let message =
                format!("a secret would end in a file: this field holds {}", super::a(&wanted));
            let mut diagnostic = Diagnostic::new(&codes::E0602, span, message);
            for (place, name) in self.way_of_secret(typed.id) {
                diagnostic = diagnostic.label(place, format!("by way of `{name}`"));
            }
            self.report(
                diagnostic
                    .note(crate::resolve::eval::SINKS)
                    .help("put it into one of these, and let the program read it from there"),
            );
            return;
        }
        let found = match self.program.node(typed.id) {
            // As it is written: `500m` is not found again in `8h20m`.
            Node::Const(Value::Duration(_)) => format!("the duration {}", self.sources.text(span)),
            Node::Const(value) => values::describe(value, self.names),
            _ => self
                .thing_found(&typed, span)
                .unwrap_or_else(|| spell(&self.program.schema, self.names, typed.ty)),
        };
        let diagnostic =
            Diagnostic::new(&codes::E0301, span, format!("expected {wanted}, found {found}"));
        let diagnostic = match self.neighbour(diagnostic, &typed, want, span) {
            Ok(diagnostic) => diagnostic,
            Err(diagnostic) => self.conversion_help(diagnostic, typed, want, span),
        };
        let such = values::such_as(&self.program.schema, self.names, want);
        let wanted = self.wanted_shapes(want).filter(|_| diagnostic.fixes.is_empty());
        let diagnostic = match wanted {
            Some(shapes) if matches!(self.program.schema.ty(from), Ty::Ref(_)) => {
                self.fitting_names(diagnostic, &shapes)
            }
            _ => diagnostic,
        };
        self.report(diagnostic.or_help(such));
    }

    /// Whether a value of one type may be one of another; a value's own checks come later.
    pub(super) fn assignable(&self, from: TyId, want: TyId) -> bool {
        if from == want || want == Schema::ANY || from == Schema::ANY {
            return true;
        }
        let schema = &self.program.schema;
        let (f, w) = (schema.ty(from), schema.ty(want));
        match (f, w) {
            (Ty::Poison, _) | (_, Ty::Poison) => true,
            (Ty::None, Ty::Optional(_)) => true,
            // That nothing absent lands where a value is needed is checked on values.
            (Ty::Optional(inner), _) => self.assignable(*inner, want),
            (_, Ty::Optional(inner)) => self.assignable(from, *inner),
            (Ty::Union(types), _) => types.iter().any(|&t| self.assignable(t, want)),
            (_, Ty::Union(types)) => types.iter().any(|&t| self.assignable(from, t)),
            (Ty::IntIn(..) | Ty::Port, Ty::Int) => true,
            (
                Ty::Int | Ty::IntIn(..) | Ty::Port,
                Ty::IntIn(..) | Ty::Port | Ty::Ports | Ty::Float,
            ) => true,
            (Ty::Ip4 | Ty::Ip6, Ty::Ip) | (Ty::Ip, Ty::Ip4 | Ty::Ip6) => true,
            (Ty::Text(_), Ty::Text(_) | Ty::Matching(..)) | (Ty::Matching(..), Ty::Text(_)) => true,
            (Ty::Matching(..), Ty::Matching(..)) => true,
            (Ty::Text(_) | Ty::Printable, Ty::Location) => true,
            (
                Ty::Text(_)
                | Ty::Matching(..)
                | Ty::Int
                | Ty::IntIn(..)
                | Ty::Port
                | Ty::Bool
                | Ty::Float
                | Ty::Ip
                | Ty::Ip4
                | Ty::Ip6
                | Ty::Cidr
                | Ty::Enum(_)
                | Ty::Mac
                | Ty::Mode,
                Ty::Printable,
            ) => true,
            (Ty::Printable, Ty::Text(_)) => true,
            (Ty::Name, Ty::Text(_) | Ty::Printable) | (Ty::Text(_), Ty::Name) => true,
            (Ty::Enum(a), Ty::Enum(b)) => a == b,
            (Ty::Ref(shape), Ty::Location) => self.is_kind(*shape, &["share", "disk"]),
            (Ty::Ref(shape), Ty::Endpoint) => {
                self.is_kind(*shape, &["port", "container", "unit", "service", "node"])
            }
            (Ty::Ref(shape), Ty::Placement) => self.is_kind(*shape, &["node"]),
            (Ty::List(item), Ty::Placement) => self.assignable(*item, want),
            (Ty::Ref(a), Ty::Ref(b)) => a == b,
            (Ty::List(a) | Ty::Set(a), Ty::List(b) | Ty::Set(b)) => self.assignable(*a, *b),
            (Ty::All(shape), Ty::List(b) | Ty::Set(b)) => {
                matches!(schema.ty(*b), Ty::Ref(other) if other == shape) || *b == Schema::ANY
            }
            (Ty::Map(_, a), Ty::Map(_, b)) => self.assignable(*a, *b),
            (Ty::Data, Ty::Map(..) | Ty::Record(_)) | (Ty::Map(..) | Ty::Record(_), Ty::Data) => {
                true
            }
            (
                Ty::Text(_)
                | Ty::Int
                | Ty::Bool
                | Ty::Float
                | Ty::List(_)
                | Ty::Ip
                | Ty::Ip4
                | Ty::Ip6
                | Ty::Cidr
                | Ty::None
                | Ty::Secret,
                Ty::Data,
            ) => true,
            _ => false,
        }
    }

    pub(super) fn is_kind(&self, shape: crate::model::schema::ShapeId, names: &[&str]) -> bool {
        names.contains(&self.names.text(self.program.schema.shape(shape).name))
    }

    /// Two sides of a comparison must be of comparable types.
    pub(super) fn must_compare(
        &mut self,
        op: BinaryOp,
        (l, r): (Typed, Typed),
        span: Span,
    ) -> bool {
        let (left, right) = (l.ty, r.ty);
        let schema = &self.program.schema;
        let either = self.assignable(left, right) || self.assignable(right, left);
        let none = *schema.ty(left) == Ty::None || *schema.ty(right) == Ty::None;
        let ordered = !matches!(op, BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In);
        if (none && !ordered) || (either && !none) {
            return true;
        }
        let (a, b) = (spell(schema, self.names, left), spell(schema, self.names, right));
        let (a, b) = (a.trim_end_matches('?'), b.trim_end_matches('?'));
        let diagnostic =
            Diagnostic::new(&codes::E0304, span, format!("{a} and {b} cannot be compared"));
        let secret = |ty| *schema.ty(schema.plain(ty)) == Ty::Secret;
        if secret(left) || secret(right) {
            let why = "nothing can be asked of a secret: it can only be joined to texts";
            self.report(diagnostic.help(why));
            return false;
        }
        let before = diagnostic.fixes.len();
        let (ls, rs) = (self.program.span(l.id), self.program.span(r.id));
        // Of a list only an element is compared, and that stands nowhere by itself.
        let diagnostic = match op {
            BinaryOp::In => diagnostic,
            _ => self.conversion_help(diagnostic, r, left, rs),
        };
        let mut diagnostic = self.conversion_help(diagnostic, l, right, ls);
        if diagnostic.fixes.len() == before {
            diagnostic = diagnostic.help("compare values of one type");
        }
        self.report(diagnostic);
        false
    }

    /// The type of a sum or product; units are kept, and unlike units refused.
    pub(super) fn arithmetic_type(
        &mut self,
        op: BinaryOp,
        left: TyId,
        right: TyId,
        span: Span,
    ) -> TyId {
        let schema = &self.program.schema;
        let (l, r) = (schema.plain(left), schema.plain(right));
        let number = |t: &Ty| matches!(t, Ty::Int | Ty::IntIn(..) | Ty::Port | Ty::Float);
        let quantity = |t: &Ty| matches!(t, Ty::Bytes | Ty::Duration | Ty::Cpu);
        let texty = |t: &Ty| matches!(t, Ty::Text(_) | Ty::Matching(..) | Ty::Printable);
        let (lt, rt) = (schema.ty(l).clone(), schema.ty(r).clone());
        let loose = |t: &Ty| matches!(t, Ty::Any | Ty::Poison | Ty::Union(_));
        let result = match op {
            _ if loose(&lt) || loose(&rt) => Some(Schema::ANY),
            BinaryOp::Add | BinaryOp::Sub if quantity(&lt) && lt == rt => Some(l),
            BinaryOp::Mul if quantity(&lt) && number(&rt) => Some(l),
            BinaryOp::Mul if number(&lt) && quantity(&rt) => Some(r),
            BinaryOp::Div if quantity(&lt) && number(&rt) => Some(l),
            BinaryOp::Div if quantity(&lt) && lt == rt => {
                Some(self.program.schema.intern(Ty::Float))
            }
            BinaryOp::Div if matches!(lt, Ty::Ref(_) | Ty::Location) && texty(&rt) => {
                Some(self.program.schema.intern(Ty::Location))
            }
            BinaryOp::Add
                if matches!(lt, Ty::List(_) | Ty::Set(_))
                    && matches!(rt, Ty::List(_) | Ty::Set(_)) =>
            {
                Some(l)
            }
            BinaryOp::Add if texty(&lt) && texty(&rt) => Some(self.string_type()),
            BinaryOp::Add if lt == Ty::Secret && (texty(&rt) || rt == Ty::Secret) => Some(l),
            BinaryOp::Add if texty(&lt) && rt == Ty::Secret => Some(r),
            _ if number(&lt) && number(&rt) => {
                let float = lt == Ty::Float || rt == Ty::Float;
                Some(self.program.schema.intern(if float { Ty::Float } else { Ty::Int }))
            }
            _ => None,
        };
        if let Some(ty) = result {
            return ty;
        }
        let (ls, rs) = (
            spell(&self.program.schema, self.names, left),
            spell(&self.program.schema, self.names, right),
        );
        let verb = match op {
            BinaryOp::Add => "added",
            BinaryOp::Sub => "subtracted",
            BinaryOp::Mul => "multiplied",
            _ => "divided",
        };
        let mut diagnostic =
            Diagnostic::new(&codes::E0304, span, format!("{ls} and {rs} cannot be {verb}"));
        if quantity(&lt) && quantity(&rt) && lt != rt {
            diagnostic = diagnostic.help(
                "only like units go together: a size with a size, a duration with a duration",
            );
        } else if matches!(lt, Ty::Ref(_) | Ty::Location) && texty(&rt) {
            let way = "a place and a path below it are joined with `/`: `papers / \"wiki\"`";
            diagnostic = diagnostic.help(way);
        } else if op == BinaryOp::Div && lt == Ty::Location
            || matches!((&lt, &rt), (Ty::Ref(_), Ty::Ref(_)))
        {
            diagnostic =
                diagnostic.help("a path below a place is a text, in quotes: `share / \"folder\"`");
        } else if texty(&lt) || texty(&rt) {
            diagnostic = diagnostic.help("put values into a text with `\"${value}\"`");
        }
        self.report(diagnostic.or_help(match op {
            BinaryOp::Mul => "multiply by a number: `4GiB * 2`",
            BinaryOp::Div if matches!(lt, Ty::Ref(_) | Ty::Location) => {
                "a path below a place is a text: `share / \"folder\"`"
            }
            BinaryOp::Div => "divide by a number, or a quantity by one like it",
            _ => "add and subtract numbers, or quantities of one sort",
        }));
        Schema::POISON
    }
}
