//! Expressions: each with the type that is expected of it, so that a bare word can be one of a
//! closed set. Literals are read here; what needs a node is left to `eval`.

use super::{Lower, Scope, Target};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{EnumId, Schema, Ty, TyId};
use crate::model::value::{Pair, Value, Word};
use crate::names::Sym;
use crate::resolve::functions::{self, Sig};
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::{
    Arg, BinaryOp, Block as SyntaxBlock, EntryOp, ExprId, ExprKind, Ident, Literal, Run, StmtKind,
    StrPart,
};
use crate::types::{self, Quantity, Why};

/// A lowered expression and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Typed {
    pub id: HirId,
    pub ty: TyId,
    /// The declared thing that it certainly is.
    pub label: Option<LabelId>,
}

impl Lower<'_> {
    pub(super) fn typed(&mut self, node: Node, span: Span, ty: Ty) -> Typed {
        let id = self.add(node, span);
        let ty = self.program.schema.intern(ty);
        Typed { id, ty, label: None }
    }

    pub(super) fn bad(&mut self, span: Span) -> Typed {
        Typed { id: self.poison(span), ty: Schema::POISON, label: None }
    }

    pub(super) fn string_type(&mut self) -> TyId {
        self.text_named("string")
    }

    pub(super) fn text_named(&mut self, name: &str) -> TyId {
        let row = types::texts::TEXTS.iter().position(|t| t.name == name).unwrap_or(0);
        self.program.schema.intern(Ty::Text(row as u32))
    }

    /// Lowers an expression; `want` guides bare words and literals, but is not enforced.
    pub(super) fn expr(&mut self, id: ExprId, want: TyId, scope: &mut Scope) -> Typed {
        let trees = self.trees;
        let tree = &trees[scope.file];
        let expr = tree.expr(id);
        let span = expr.span;
        match &expr.kind {
            ExprKind::Bad => self.bad(span),
            ExprKind::Paren(inner) => self.expr(*inner, want, scope),
            ExprKind::Name(name) => self.name(*name, span, want, scope),
            ExprKind::Literal(literal) => self.literal(*literal, span),
            ExprKind::Raw { text, .. } => {
                let value = Value::Text(self.names.shared(*text));
                let ty = self.string_type();
                Typed { id: self.add(Node::Const(value), span), ty, label: None }
            }
            ExprKind::Str { parts, .. } => self.string(*parts, span, scope),
            ExprKind::List { items } => {
                let item_want = self.element_of(want);
                let items = tree.exprs_of(*items).to_vec();
                self.list(&items, item_want, span, scope)
            }
            ExprKind::ListFor { binder, seq, cond, item } => {
                let (seq, cond, item, ty) =
                    self.binding(*binder, *seq, *cond, *item, self.element_of(want), scope);
                self.typed(Node::ListFor { seq, cond, item }, span, Ty::List(ty))
            }
            ExprKind::Record(body) => {
                let id = self.record_value(*body, want, scope);
                let ty = self
                    .record_type_in(want)
                    .unwrap_or_else(|| self.program.schema.intern(Ty::Data));
                Typed { id, ty, label: None }
            }
            ExprKind::Field { base, name } => self.field(*base, *name, span, want, scope),
            ExprKind::Index { base, index } => self.index(*base, *index, span, scope),
            ExprKind::Call { callee, args } => {
                let args = tree.args[args.range()].to_vec();
                self.call(*callee, &args, span, want, scope)
            }
            ExprKind::Not(inner) => {
                let boolean = self.program.schema.intern(Ty::Bool);
                let inner = self.checked(*inner, boolean, scope);
                self.typed(Node::Not(inner), span, Ty::Bool)
            }
            ExprKind::Negate(inner) => {
                let inner = self.expr(*inner, want, scope);
                if let Node::Const(Value::Int(n)) = self.program.node(inner.id) {
                    let value = Value::Int(n.wrapping_neg());
                    return self.typed(Node::Const(value), span, Ty::Int);
                }
                if !self.has_negative(inner.ty) {
                    let spelled =
                        crate::model::schema::spell(&self.program.schema, self.names, inner.ty);
                    self.fault(
                        &codes::E0304,
                        span,
                        format!("{} has no negative", super::a(&spelled)),
                    );
                    return self.bad(span);
                }
                let id = self.add(Node::Negate(inner.id), span);
                Typed { id, ..inner }
            }
            ExprKind::Binary { op, left, right, op_span } => {
                self.binary(*op, *op_span, *left, *right, span, want, scope)
            }
            ExprKind::Is { value, word } => self.is(*value, *word, span, scope),
            ExprKind::If { cond, then, other } => {
                let boolean = self.program.schema.intern(Ty::Bool);
                let cond = self.checked(*cond, boolean, scope);
                let then = self.expr(*then, want, scope);
                let other = self.expr(*other, want, scope);
                let ty = self.join(then.ty, other.ty);
                let id = self.add(Node::If { cond, then: then.id, other: other.id }, span);
                Typed { id, ty, label: None }
            }
        }
    }

    fn literal(&mut self, literal: Literal, span: Span) -> Typed {
        let text = self.sources.text(span).to_string();
        let read: Result<(Value, Ty), Why> = match literal {
            Literal::None => Ok((Value::None, Ty::None)),
            Literal::True => Ok((Value::Bool(true), Ty::Bool)),
            Literal::False => Ok((Value::Bool(false), Ty::Bool)),
            Literal::Int => match text.parse::<i64>() {
                Ok(n) => Ok((Value::Int(n), Ty::Int)),
                Err(_) => Err(Why::new(format!("`{text}` is larger than any number here can be"))),
            },
            Literal::Float => match text.parse::<f64>() {
                Ok(n) if n.is_finite() => Ok((Value::Float(n), Ty::Float)),
                _ => Err(Why::new(format!("`{text}` is larger than any number here can be"))),
            },
            Literal::Quantity => types::quantity(&text).map(|q| match q {
                Quantity::Bytes(b) => (Value::Bytes(b), Ty::Bytes),
                Quantity::Duration(d) => (Value::Duration(d), Ty::Duration),
                Quantity::Cpu(c) => (Value::Cpu(c), Ty::Cpu),
            }),
            Literal::Mode => types::mode(&text).map(|m| (Value::Mode(m), Ty::Mode)),
            Literal::Ip4 | Literal::Ip6 => types::ip(&text).map(|ip| {
                let ty = if ip.is_ipv4() { Ty::Ip4 } else { Ty::Ip6 };
                (Value::Ip(ip), ty)
            }),
            Literal::Cidr4 | Literal::Cidr6 => {
                types::cidr(&text).map(|c| (Value::Cidr(c), Ty::Cidr))
            }
            Literal::Mac => types::mac(&text).map(|m| (Value::Mac(m), Ty::Mac)),
        };
        match read {
            Ok((value, ty)) => self.typed(Node::Const(value), span, ty),
            Err(why) => {
                self.report_why(&codes::E0302, span, &why, None);
                self.bad(span)
            }
        }
    }

    pub(super) fn report_why(
        &mut self,
        code: &'static crate::diag::Code,
        span: Span,
        why: &Why,
        context: Option<String>,
    ) {
        let mut diagnostic = Diagnostic::new(code, span, why.message.clone());
        if let Some(context) = context {
            diagnostic = diagnostic.here(context);
        }
        if let Some(replace) = &why.replace {
            let quoted = self.sources.text(span).starts_with(['"', '\'']);
            let text = if quoted { format!("\"{replace}\"") } else { replace.clone() };
            diagnostic = diagnostic.fix(format!("write `{text}`"), span, text.clone());
        }
        if let Some(help) = &why.help {
            diagnostic = diagnostic.help(help.clone());
        }
        self.report(diagnostic);
    }

    fn string(&mut self, parts: Run, span: Span, scope: &mut Scope) -> Typed {
        let trees = self.trees;
        let tree = &trees[scope.file];
        let parts = &tree.parts[parts.range()];
        let string = self.string_type();
        match parts {
            [] => {
                let id = self.add(Node::Const(Value::text("")), span);
                return Typed { id, ty: string, label: None };
            }
            [StrPart::Text { text, .. }] => {
                let value = Value::Text(self.names.shared(*text));
                let id = self.add(Node::Const(value), span);
                return Typed { id, ty: string, label: None };
            }
            _ => {}
        }
        let mut pieces = Vec::new();
        let (mut secret, mut faulty) = (false, false);
        for part in parts {
            match part {
                StrPart::Text { text, .. } => pieces.push(Piece::Text(self.names.shared(*text))),
                StrPart::Expr(inner) => {
                    let typed = self.expr(*inner, Schema::ANY, scope);
                    let at = tree.expr(*inner).span;
                    secret |=
                        *self.program.schema.ty(self.program.schema.plain(typed.ty)) == Ty::Secret;
                    faulty |= !self.must_print(typed.ty, at);
                    pieces.push(Piece::Expr(typed.id));
                }
            }
        }
        if faulty {
            return self.bad(span);
        }
        let id = self.add(Node::Text(pieces.into()), span);
        let ty = if secret { self.program.schema.intern(Ty::Secret) } else { string };
        Typed { id, ty, label: None }
    }

    /// Whether a value of the type may stand in a text.
    fn must_print(&mut self, ty: TyId, span: Span) -> bool {
        let schema = &self.program.schema;
        let written = self.sources.text(span).to_string();
        let (what, help) = match schema.ty(schema.plain(ty)) {
            Ty::Bytes => {
                ("a size", format!("write `${{{written}.bytes}}` or `${{{written}.mib}}`"))
            }
            Ty::Duration => ("a duration", format!("write `${{{written}.seconds}}`")),
            Ty::Cpu => ("an amount of cpu", format!("write `${{{written}.cores}}`")),
            Ty::List(_) | Ty::Set(_) | Ty::All(_) => {
                ("a list", format!("write `${{join({written}, \", \")}}`"))
            }
            Ty::Map(..) | Ty::Data => ("a map", "name one of its keys".to_string()),
            Ty::Ref(_) | Ty::Record(_) | Ty::One(_) => {
                ("a reference", format!("name a field of it: `${{{written}.name}}`"))
            }
            Ty::None => ("none", "give it a value with `??`".to_string()),
            _ => return true,
        };
        self.report(
            Diagnostic::new(&codes::E0307, span, format!("{what} does not print by itself"))
                .help(help),
        );
        false
    }

    fn has_negative(&self, ty: TyId) -> bool {
        let schema = &self.program.schema;
        matches!(
            schema.ty(schema.plain(ty)),
            Ty::Int | Ty::IntIn(..) | Ty::Port | Ty::Float | Ty::Any | Ty::Poison | Ty::Union(_)
        )
    }

    fn list(&mut self, items: &[ExprId], want: TyId, span: Span, scope: &mut Scope) -> Typed {
        let mut ids = Vec::with_capacity(items.len());
        let mut ty: Option<TyId> = None;
        for &item in items {
            let typed = self.expr(item, want, scope);
            ty = Some(match ty {
                None => typed.ty,
                Some(old) => self.join(old, typed.ty),
            });
            ids.push(typed.id);
        }
        let ty = ty.unwrap_or(Schema::ANY);
        let all_const = ids.iter().all(|&id| matches!(self.program.node(id), Node::Const(_)));
        let node = if all_const {
            let values = ids.iter().map(|&id| match self.program.node(id) {
                Node::Const(value) => value.clone(),
                _ => Value::Poison,
            });
            let values: Vec<Value> = values.collect();
            if values.iter().any(Value::is_poison) {
                return self.bad(span);
            }
            // Kept apart from its items so that a misfit is reported at the item.
            Node::List(ids.into())
        } else {
            Node::List(ids.into())
        };
        self.typed(node, span, Ty::List(ty))
    }

    /// The common type of two branches.
    fn join(&mut self, a: TyId, b: TyId) -> TyId {
        if a == b {
            return a;
        }
        let schema = &self.program.schema;
        match (schema.ty(a), schema.ty(b)) {
            (Ty::Poison, _) | (_, Ty::Poison) => Schema::POISON,
            (Ty::None, _) if schema.is_optional(b) => b,
            (_, Ty::None) if schema.is_optional(a) => a,
            (Ty::None, _) => self.program.schema.intern(Ty::Optional(b)),
            (_, Ty::None) => self.program.schema.intern(Ty::Optional(a)),
            _ => Schema::ANY,
        }
    }

    pub(super) fn element_of(&self, want: TyId) -> TyId {
        let schema = &self.program.schema;
        match schema.ty(schema.plain(want)) {
            Ty::List(item) | Ty::Set(item) => *item,
            Ty::Union(types) => types
                .iter()
                .map(|&t| self.element_of(t))
                .find(|&t| t != Schema::ANY)
                .unwrap_or(Schema::ANY),
            _ => Schema::ANY,
        }
    }

    /// `binder in seq if cond: item`
    pub(super) fn binding(
        &mut self,
        binder: Ident,
        seq: ExprId,
        cond: Option<ExprId>,
        item: ExprId,
        want: TyId,
        scope: &mut Scope,
    ) -> (HirId, Option<HirId>, HirId, TyId) {
        let seq_typed = self.expr(seq, Schema::ANY, scope);
        let element = self.item_type(seq_typed.ty, self.trees[scope.file].expr(seq).span);
        scope.binders.push((binder.sym, element));
        let boolean = self.program.schema.intern(Ty::Bool);
        let cond = cond.map(|cond| self.checked(cond, boolean, scope));
        let item = self.expr(item, want, scope);
        scope.binders.pop();
        if element == Schema::POISON {
            let at = self.trees[scope.file].expr(seq).span;
            return (self.poison(at), cond, item.id, item.ty);
        }
        (seq_typed.id, cond, item.id, item.ty)
    }

    /// The type of the elements that one iterates over.
    fn item_type(&mut self, seq: TyId, span: Span) -> TyId {
        let schema = &self.program.schema;
        match schema.ty(schema.plain(seq)).clone() {
            Ty::List(item) | Ty::Set(item) => item,
            Ty::All(shape) | Ty::Named(shape) => self.program.schema.intern(Ty::Ref(shape)),
            Ty::Any | Ty::Poison | Ty::Union(_) => Schema::ANY,
            _ => {
                let spelled = crate::model::schema::spell(&self.program.schema, self.names, seq);
                self.report(
                    Diagnostic::new(&codes::E0301, span, format!("expected a list, found {spelled}"))
                        .help("`for` and `in` go through a list, a set, or all things of a kind such as `nodes`"),
                );
                Schema::POISON
            }
        }
    }

    /// `{ k = v }` as a value.
    pub(super) fn record_value(
        &mut self,
        body: SyntaxBlock,
        want: TyId,
        scope: &mut Scope,
    ) -> HirId {
        let trees = self.trees;
        let tree = &trees[scope.file];
        let record = self.record_type_in(want);
        let shape = record.and_then(|ty| match *self.program.schema.ty(ty) {
            Ty::Record(shape) => Some(shape),
            _ => None,
        });
        let map_value = record.and_then(|ty| match *self.program.schema.ty(ty) {
            Ty::Map(_, value) => Some(value),
            _ => None,
        });
        let mut pairs: Vec<(Sym, HirId)> = Vec::new();
        for &id in tree.stmts_of(body.stmts) {
            let stmt = tree.stmt(id);
            let StmtKind::Entry(entry) = &stmt.kind else {
                if !matches!(stmt.kind, StmtKind::Bad) {
                    self.fault(&codes::E0212, stmt.span, "a value holds `NAME = value` only");
                }
                continue;
            };
            if let Some(label) = entry.label {
                self.fault(&codes::E0207, label.span, "a key takes no name");
                continue;
            }
            if pairs.iter().any(|(name, _)| *name == entry.word.sym) {
                let name = self.text(entry.word.sym).to_string();
                self.fault(
                    &codes::E0215,
                    entry.word.span,
                    format!("`{name}` is set twice in one value"),
                );
                continue;
            }
            let inner = match shape {
                Some(shape) => match self.program.schema.shape(shape).field(entry.word.sym) {
                    Some(field) => self.program.schema.shape(shape).fields[field as usize].ty,
                    None => {
                        self.unknown_field(entry.word, shape, scope);
                        continue;
                    }
                },
                None => map_value.unwrap_or(Schema::ANY),
            };
            let value = match &entry.op {
                EntryOp::Assign { value, body: None } => self.checked(*value, inner, scope),
                EntryOp::Block(body) => self.record_value(*body, inner, scope),
                EntryOp::Missing => continue,
                _ => {
                    self.fault(&codes::E0212, stmt.span, "a value holds `NAME = value` only");
                    continue;
                }
            };
            pairs.push((entry.word.sym, value));
        }
        if let Some(shape) = shape {
            let missing: Vec<String> = self
                .program
                .schema
                .shape(shape)
                .fields
                .iter()
                .filter(|f| f.required && !pairs.iter().any(|(name, _)| *name == f.name))
                .map(|f| format!("`{}`", self.names.text(f.name)))
                .collect();
            if !missing.is_empty() {
                let message = format!("this value needs {}", missing.join(" and "));
                self.fault(&codes::E0305, body.span, message);
            }
        }
        let all_const =
            pairs.iter().all(|(_, id)| matches!(self.program.node(*id), Node::Const(_)));
        if all_const {
            let built = pairs
                .iter()
                .filter_map(|(name, id)| match self.program.node(*id) {
                    Node::Const(value) => Some(Pair {
                        key: self.names.shared(*name),
                        value: value.clone(),
                        origin: Default::default(),
                    }),
                    _ => None,
                })
                .collect();
            return self.add(Node::Const(Value::map(built)), body.span);
        }
        self.add(Node::Map(pairs.into()), body.span)
    }

    /// The record, map or data type that a value `{ }` would have here.
    pub(super) fn record_type_in(&self, want: TyId) -> Option<TyId> {
        let schema = &self.program.schema;
        let plain = schema.plain(want);
        match schema.ty(plain) {
            Ty::Record(_) | Ty::Map(..) | Ty::Data => Some(plain),
            Ty::Union(types) => types.iter().find_map(|&t| self.record_type_in(t)),
            _ => None,
        }
    }

    /// The closed sets among the alternatives of a type.
    pub(super) fn enums_in(&self, want: TyId) -> Vec<EnumId> {
        let schema = &self.program.schema;
        match schema.ty(schema.plain(want)) {
            Ty::Enum(set) => vec![*set],
            Ty::Union(types) => types.iter().flat_map(|&t| self.enums_in(t)).collect(),
            _ => Vec::new(),
        }
    }

    #[allow(clippy::too_many_arguments)] // the parts of one operation
    fn binary(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: ExprId,
        right: ExprId,
        span: Span,
        want: TyId,
        scope: &mut Scope,
    ) -> Typed {
        use BinaryOp::*;
        let boolean = self.program.schema.intern(Ty::Bool);
        match op {
            And | Or => {
                let left = self.checked(left, boolean, scope);
                let right = self.checked(right, boolean, scope);
                self.typed(Node::Binary { op, left, right }, span, Ty::Bool)
            }
            Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual => {
                // A bare word takes its type from the other side.
                let tree = &self.trees[scope.file];
                let bare = |id: ExprId| matches!(tree.expr(id).kind, ExprKind::Name(_));
                let (l, r) = if bare(left) && !bare(right) {
                    let r = self.expr(right, Schema::ANY, scope);
                    (self.other_side(left, r, scope), r)
                } else {
                    let l = self.expr(left, Schema::ANY, scope);
                    let other = if bare(right) {
                        self.other_side(right, l, scope)
                    } else {
                        self.expr(right, l.ty, scope)
                    };
                    (l, other)
                };
                if !self.must_compare(op, l.ty, r.ty, op_span) {
                    return self.bad(span);
                }
                self.typed(Node::Binary { op, left: l.id, right: r.id }, span, Ty::Bool)
            }
            In => {
                let r = self.expr(right, Schema::ANY, scope);
                let element = self.item_type_quiet(r.ty);
                let l = self.expr(left, element, scope);
                self.typed(Node::Binary { op, left: l.id, right: r.id }, span, Ty::Bool)
            }
            Coalesce => {
                let l = self.expr(left, want, scope);
                let r = self.expr(right, if want == Schema::ANY { l.ty } else { want }, scope);
                let plain = self.program.schema.plain(l.ty);
                let ty = self.join(plain, r.ty);
                let id = self.add(Node::Binary { op, left: l.id, right: r.id }, span);
                Typed { id, ty, label: None }
            }
            Arrow | Range => {
                let int = self.program.schema.intern(Ty::Any);
                let l = self.expr(left, int, scope);
                let r = self.expr(right, int, scope);
                let node = Node::Binary { op, left: l.id, right: r.id };
                self.fold_ports(node, span)
            }
            Add | Sub | Mul | Div => {
                let l = self.expr(left, Schema::ANY, scope);
                let r = self.expr(right, Schema::ANY, scope);
                let ty = self.arithmetic_type(op, l.ty, r.ty, op_span);
                if ty == Schema::POISON {
                    return self.bad(span);
                }
                let id = self.add(Node::Binary { op, left: l.id, right: r.id }, span);
                Typed { id, ty, label: None }
            }
        }
    }

    /// A bare word beside a value; where that is faulty, nobody can say what the word means.
    fn other_side(&mut self, word: ExprId, beside: Typed, scope: &mut Scope) -> Typed {
        let before = self.diagnostics.len();
        let typed = self.expr(word, beside.ty, scope);
        if beside.ty == Schema::POISON {
            self.diagnostics.truncate(before);
        }
        typed
    }

    fn item_type_quiet(&mut self, seq: TyId) -> TyId {
        match self.program.schema.ty(self.program.schema.plain(seq)).clone() {
            Ty::List(item) | Ty::Set(item) => item,
            Ty::All(shape) => self.program.schema.intern(Ty::Ref(shape)),
            _ => Schema::ANY,
        }
    }

    /// Ports of plain numbers are read at once.
    fn fold_ports(&mut self, node: Node, span: Span) -> Typed {
        let Node::Binary { op, left, right } = &node else { return self.bad(span) };
        let constant = |id: &HirId| match self.program.node(*id) {
            Node::Const(value) => Some(value.clone()),
            _ => None,
        };
        if let (Some(l), Some(r)) = (constant(left), constant(right)) {
            if l.is_poison() || r.is_poison() {
                return self.bad(span);
            }
            return match crate::resolve::values::ports(*op, &l, &r) {
                Ok(value) => self.typed(Node::Const(value), span, Ty::Ports),
                Err(why) => {
                    self.report_why(&codes::E0303, span, &why, None);
                    self.bad(span)
                }
            };
        }
        self.typed(node, span, Ty::Ports)
    }

    fn is(&mut self, value: ExprId, word: Ident, span: Span, scope: &mut Scope) -> Typed {
        let value = self.expr(value, Schema::ANY, scope);
        let sets = self.enums_in(value.ty);
        let known =
            sets.iter().any(|&set| self.program.schema.enumeration(set).word(word.sym).is_some());
        if !known {
            if let Some(&set) = sets.first() {
                self.unknown_word(set, word.sym, word.span, "it can never be");
                return self.bad(span);
            } else if !matches!(self.program.schema.ty(value.ty), Ty::Any | Ty::Poison) {
                let spelled =
                    crate::model::schema::spell(&self.program.schema, self.names, value.ty);
                self.report(
                    Diagnostic::new(
                        &codes::E0301,
                        span,
                        format!(
                            "`is` asks for a word of a closed set, but this is {}",
                            super::a(&spelled)
                        ),
                    )
                    .help("compare with `==`"),
                );
            }
        }
        self.typed(Node::Is { value: value.id, word: word.sym }, span, Ty::Bool)
    }

    fn call(
        &mut self,
        callee: ExprId,
        args: &[Arg],
        span: Span,
        want: TyId,
        scope: &mut Scope,
    ) -> Typed {
        let trees = self.trees;
        let tree = &trees[scope.file];
        match &tree.expr(callee).kind {
            ExprKind::Name(name) => {
                let at = tree.expr(callee).span;
                for set in self.enums_in(want) {
                    if self.program.schema.enumeration(set).word(*name).is_some() {
                        return self.word_call(set, *name, args, span, scope);
                    }
                }
                if let Some(set) = self.meant_word(*name, want) {
                    self.unknown_word(set, *name, at, "expected one of its words, found");
                    return self.bad(span);
                }
                self.function_call(*name, at, args, span, want, scope)
            }
            ExprKind::Field { base, name } => self.method_call(*base, *name, args, span, scope),
            ExprKind::Bad => self.bad(span),
            _ => {
                self.fault(
                    &codes::E0213,
                    tree.expr(callee).span,
                    "only a function or a word can be called",
                );
                self.bad(span)
            }
        }
    }

    /// `nvida(count = 2)`: no function, but nearly a word of the set that is wanted here.
    fn meant_word(&self, name: Sym, want: TyId) -> Option<EnumId> {
        let text = self.names.text(name);
        let is_function =
            matches!(text, "each" | "where") || functions::FUNCTIONS.iter().any(|f| f.name == text);
        self.enums_in(want).into_iter().filter(|_| !is_function).find(|&set| {
            let words = &self.program.schema.enumeration(set).words;
            let words = words.iter().map(|w| self.names.text(w.name));
            !types::distance::nearest(text, words).is_empty()
        })
    }

    /// `smb3(workgroup = "COLAB")`
    fn word_call(
        &mut self,
        set: EnumId,
        name: Sym,
        args: &[Arg],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let Some(word) = self.program.schema.enumeration(set).word(name) else {
            return self.bad(span);
        };
        let params: Vec<(Sym, TyId, bool)> =
            word.params.iter().map(|p| (p.name, p.ty, p.required)).collect();
        let mut filled: Vec<Option<HirId>> = vec![None; params.len()];
        let before = self.diagnostics.len();
        let shown = self.text(name).to_string();
        for (nth, arg) in args.iter().enumerate() {
            match *arg {
                Arg::Plain(value) => match params.get(nth) {
                    Some(&(_, ty, _)) => filled[nth] = Some(self.checked(value, ty, scope)),
                    None => {
                        let at = self.trees[scope.file].expr(value).span;
                        let list: Vec<String> =
                            params.iter().map(|p| format!("`{}`", self.text(p.0))).collect();
                        let message = if params.is_empty() {
                            format!("`{shown}` takes no parameters")
                        } else {
                            format!("`{shown}` takes only {}", list.join(", "))
                        };
                        self.fault(&codes::E0213, at, message);
                    }
                },
                Arg::Named { name: arg_name, value } => {
                    match params.iter().position(|p| p.0 == arg_name.sym) {
                        Some(at) => filled[at] = Some(self.checked(value, params[at].1, scope)),
                        None => self.unknown_param(&shown, arg_name, params.iter().map(|p| p.0)),
                    }
                }
                Arg::Binding { name: arg_name, .. } => {
                    self.fault(
                        &codes::E0213,
                        arg_name.span,
                        "expected a parameter, found a binding",
                    );
                }
            }
        }
        let missing: Vec<String> = params
            .iter()
            .zip(&filled)
            .filter(|(p, f)| p.2 && f.is_none())
            .map(|(p, _)| format!("`{}`", self.text(p.0)))
            .collect();
        let misspelt = self.diagnostics.len() > before;
        if !missing.is_empty() {
            if !misspelt {
                let message = format!("`{shown}` needs {}", missing.join(" and "));
                self.fault(&codes::E0213, span, message);
            }
            return self.bad(span);
        }
        let params = params.iter().map(|p| p.0).zip(filled).collect();
        let ty = self.program.schema.intern(Ty::Enum(set));
        let id = self.add(Node::Word { word: name, params, set }, span);
        Typed { id, ty, label: None }
    }

    pub(super) fn unknown_param(&mut self, of: &str, name: Ident, all: impl Iterator<Item = Sym>) {
        let wanted = self.text(name.sym).to_string();
        let all: Vec<String> = all.map(|s| self.text(s).to_string()).collect();
        let near = types::distance::nearest(&wanted, all.iter().map(String::as_str));
        let diagnostic = Diagnostic::new(
            &codes::E0213,
            name.span,
            format!("`{of}` has no parameter `{wanted}`"),
        );
        let mut diagnostic =
            super::did_you_mean(diagnostic, name.span, self.sources.text(name.span), &near);
        if near.is_empty() && !all.is_empty() {
            diagnostic = diagnostic.note(format!("it takes: {}", all.join(", ")));
        }
        self.report(diagnostic);
    }

    /// A word of a closed set, standing alone.
    pub(super) fn word(&mut self, set: EnumId, name: Sym, span: Span) -> Typed {
        let Some(word) = self.program.schema.enumeration(set).word(name) else {
            return self.bad(span);
        };
        let missing: Vec<String> = word
            .params
            .iter()
            .filter(|p| p.required)
            .map(|p| format!("`{}`", self.names.text(p.name)))
            .collect();
        if !missing.is_empty() {
            let shown = self.text(name).to_string();
            self.report(
                Diagnostic::new(
                    &codes::E0213,
                    span,
                    format!("`{shown}` needs {}", missing.join(" and ")),
                )
                .help(format!("write `{shown}({} = ...)`", missing[0].trim_matches('`'))),
            );
            return self.bad(span);
        }
        let ty = self.program.schema.intern(Ty::Enum(set));
        let node = if word_has_params(&self.program.schema, set, name) {
            let params = self.program.schema.enumeration(set).word(name);
            let params = params
                .map(|w| w.params.iter().map(|p| (p.name, None)).collect())
                .unwrap_or_default();
            Node::Word { word: name, params, set }
        } else {
            Node::Const(Value::Word(Word { word: name, params: None }))
        };
        Typed { id: self.add(node, span), ty, label: None }
    }

    fn function_call(
        &mut self,
        name: Sym,
        at: Span,
        args: &[Arg],
        span: Span,
        want: TyId,
        scope: &mut Scope,
    ) -> Typed {
        let shown = self.text(name).to_string();
        if shown == "each" || shown == "where" {
            return self.placement_call(&shown, args, span, scope);
        }
        let Some(at_row) = functions::FUNCTIONS.iter().position(|f| f.name == shown) else {
            let all = functions::FUNCTIONS.iter().map(|f| f.name).chain(["each", "where"]);
            let near = types::distance::nearest(&shown, all);
            let diagnostic =
                Diagnostic::new(&codes::E0213, at, format!("no function is called `{shown}`"));
            let mut diagnostic = super::did_you_mean(diagnostic, at, self.sources.text(at), &near);
            if near.is_empty() {
                let all: Vec<&str> = functions::FUNCTIONS.iter().map(|f| f.name).collect();
                diagnostic = diagnostic.note(format!("there are: {}", all.join(", ")));
            }
            self.report(diagnostic);
            return self.bad(span);
        };
        let function = &functions::FUNCTIONS[at_row];
        self.usage.references.push((at, Target::Function(at_row as u32)));
        let mut ids: Vec<Option<HirId>> = Vec::new();
        let mut types = Vec::new();
        let mut binding = None;
        for arg in args {
            match *arg {
                Arg::Plain(value) => {
                    let sig = function
                        .params
                        .get(ids.len())
                        .or(function.params.last().filter(|_| function.variadic));
                    let Some(&(_, sig)) = sig else {
                        let at = self.trees[scope.file].expr(value).span;
                        self.fault(
                            &codes::E0213,
                            at,
                            format!("`{shown}` takes {} values", function.params.len()),
                        );
                        continue;
                    };
                    let sig_ty = self.sig_type(sig, want);
                    let value_span = self.trees[scope.file].expr(value).span;
                    let typed = self.expr(value, sig_ty, scope);
                    let id = self.coerce(typed, sig_ty, value_span);
                    ids.push(Some(id));
                    types.push(typed.ty);
                }
                Arg::Named { name, value } => {
                    let wanted = self.text(name.sym).to_string();
                    let Some(at) = function.params.iter().position(|p| p.0 == wanted) else {
                        let known: Vec<Sym> =
                            function.params.iter().map(|p| self.names.intern(p.0)).collect();
                        self.unknown_param(&shown, name, known.into_iter());
                        continue;
                    };
                    let sig_ty = self.sig_type(function.params[at].1, want);
                    let id = self.checked(value, sig_ty, scope);
                    ids.resize(ids.len().max(at + 1), None);
                    ids[at] = Some(id);
                }
                Arg::Binding { name, seq, cond, item } => {
                    if !function.binds {
                        self.fault(
                            &codes::E0213,
                            name.span,
                            format!("`{shown}` takes no `NAME in LIST: ...`"),
                        );
                        continue;
                    }
                    let boolean = self.program.schema.intern(Ty::Bool);
                    let item_want =
                        if matches!(shown.as_str(), "all" | "any") { boolean } else { Schema::ANY };
                    let (seq, cond, item_id, ty) =
                        self.binding(name, seq, cond, item, item_want, scope);
                    types.push(ty);
                    binding = Some(Binding { seq, cond, item: item_id });
                }
            }
        }
        let least = function.params.len() - function.optional;
        if binding.is_none() && ids.len() < least {
            let names: Vec<&str> = function.params.iter().map(|p| p.0).collect();
            self.report(
                Diagnostic::new(
                    &codes::E0213,
                    span,
                    format!("`{shown}` needs {least} value{}", if least == 1 { "" } else { "s" }),
                )
                .help(format!("write `{shown}({})`", names.join(", "))),
            );
            return self.bad(span);
        }
        if shown == "embed" {
            let Some(path) = ids[0] else { return self.bad(span) };
            return self.embed(path, span);
        }
        let ty = match function.result {
            Sig::Same => types.first().copied().unwrap_or(Schema::ANY),
            Sig::Element => {
                let first = types.first().copied().unwrap_or(Schema::ANY);
                if binding.is_some() { first } else { self.item_type_quiet(first) }
            }
            sig => self.sig_type(sig, Schema::ANY),
        };
        let id = self.add(Node::Call { function: at_row as u32, args: ids.into(), binding }, span);
        Typed { id, ty, label: None }
    }

    fn sig_type(&mut self, sig: Sig, want: TyId) -> TyId {
        let ty = match sig {
            Sig::Any | Sig::Element => Ty::Any,
            Sig::Same => return want,
            Sig::Text => return self.string_type(),
            Sig::TextOrSecret => return Schema::ANY,
            Sig::Int => Ty::Int,
            Sig::Bool => Ty::Bool,
            Sig::List => Ty::List(Schema::ANY),
            Sig::Secret => Ty::Secret,
            Sig::Location => Ty::Location,
        };
        self.program.schema.intern(ty)
    }

    /// `embed("x.conf")`: the text of a file beside the source, read with the sources.
    fn embed(&mut self, path: HirId, span: Span) -> Typed {
        let Node::Const(Value::Text(path)) = self.program.node(path).clone() else {
            self.report(
                Diagnostic::new(
                    &codes::E0213,
                    span,
                    "`embed` takes the path as it stands, without `${...}`",
                )
                .help("write `embed(\"file.conf\")`"),
            );
            return self.bad(span);
        };
        let from = &self.sources.file(span.file).name;
        let full = super::super::imports::beside(from, &path);
        match self.embeds.get(&full) {
            Some(Ok(text)) => {
                let value = Value::Text(text.clone());
                let ty = self.string_type();
                Typed { id: self.add(Node::Const(value), span), ty, label: None }
            }
            Some(Err((code, why, near))) => {
                let mut diagnostic =
                    Diagnostic::new(code, span, format!("`{path}` cannot be embedded: {why}"));
                for other in near {
                    diagnostic = diagnostic.help(format!("did you mean `{other}`?"));
                }
                self.report(diagnostic);
                self.bad(span)
            }
            // What was not looked for was not understood, and is reported.
            None => self.bad(span),
        }
    }

    /// `each(cond)` and `where(cond, prefer = [..])`, with `node` as the candidate.
    fn placement_call(&mut self, word: &str, args: &[Arg], span: Span, scope: &mut Scope) -> Typed {
        let boolean = self.program.schema.intern(Ty::Bool);
        let mut inside = scope.clone();
        inside.node = true;
        let mut cond = None;
        let mut prefer = Vec::new();
        for arg in args {
            match *arg {
                Arg::Plain(value) if cond.is_none() => {
                    cond = Some(self.checked(value, boolean, &mut inside))
                }
                Arg::Named { name, value }
                    if word == "where" && self.text(name.sym) == "prefer" =>
                {
                    let tree = &self.trees[scope.file];
                    let items = match &tree.expr(value).kind {
                        ExprKind::List { items } => tree.exprs_of(*items).to_vec(),
                        _ => vec![value],
                    };
                    for item in items {
                        prefer.push(self.expr(item, Schema::ANY, &mut inside).id);
                    }
                }
                Arg::Named { name, .. } | Arg::Binding { name, .. } => {
                    let known = [self.names.intern("prefer")];
                    self.unknown_param(word, name, known.into_iter());
                }
                Arg::Plain(value) => {
                    let at = self.trees[scope.file].expr(value).span;
                    self.fault(&codes::E0213, at, format!("`{word}` takes one condition"));
                }
            }
        }
        let Some(cond) = cond else {
            self.report(
                Diagnostic::new(&codes::E0213, span, format!("`{word}` needs a condition"))
                    .help(format!("write `{word}(node.arch == arm64)`")),
            );
            return self.bad(span);
        };
        let node = if word == "each" {
            Node::Each(cond)
        } else {
            Node::Where { cond, prefer: prefer.into() }
        };
        self.typed(node, span, Ty::Placement)
    }
}

fn word_has_params(schema: &Schema, set: EnumId, name: Sym) -> bool {
    schema.enumeration(set).word(name).is_some_and(|w| !w.params.is_empty())
}
