//! Expressions: each with the type that is expected of it, so that a bare word can be one of a
//! closed set. What needs a node is left to `eval`.

use super::seen::Stated;
use super::{KEY, Lower, PAIRS, Scope, Target};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{EnumId, Schema, Ty, TyId};
use crate::model::value::{Pair, Value};
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::{
    BinaryOp, Block as SyntaxBlock, EntryOp, ExprId, ExprKind, Ident, StmtKind,
};
use crate::types::{self};

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
            ExprKind::Literal(literal) => self.literal(*literal, span, want),
            ExprKind::Raw { text, .. } => {
                let value = Value::Text(self.names.shared(*text));
                let ty = self.string_type();
                Typed { id: self.add(Node::Const(value), span), ty, label: None }
            }
            ExprKind::Str { parts, .. } => self.string(*parts, span, scope),
            ExprKind::List { items } => {
                let item_want = self.element_of(want);
                let items = tree.exprs_of(*items);
                self.list(items, item_want, span, scope)
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
                let args = &tree.args[args.range()];
                self.call(*callee, args, span, want, scope)
            }
            ExprKind::Not(inner) if self.names_nodes(want) => {
                let nodes = self.expr(*inner, want, scope);
                if nodes.ty != Schema::POISON {
                    let but = self.sources.text(tree.expr(*inner).span);
                    let meant = format!("each(node != {but})");
                    let message = "expected nodes, found `!`, which is for conditions";
                    let fault = Diagnostic::new(&codes::E0301, span, message);
                    let title = format!("all but that one: `{meant}`");
                    self.report(fault.suggest(title, span, meant));
                }
                self.bad(span)
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
                    let message = format!("{} has no negative", super::a(&spelled));
                    let found = Diagnostic::new(&codes::E0304, span, message);
                    self.report(found.help("take the `-` away: only numbers have one"));
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

    fn names_nodes(&self, want: TyId) -> bool {
        *self.program.schema.ty(self.program.schema.plain(want)) == Ty::Placement
    }

    fn has_negative(&self, ty: TyId) -> bool {
        let schema = &self.program.schema;
        matches!(
            schema.ty(schema.plain(ty)),
            Ty::Int | Ty::IntIn(..) | Ty::Port | Ty::Float | Ty::Any | Ty::Poison | Ty::Union(_)
        )
    }

    pub(super) fn list(
        &mut self,
        items: &[ExprId],
        want: TyId,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let mut ids = Vec::with_capacity(items.len());
        let mut ty: Option<TyId> = None;
        for &item in items {
            let typed = self.expr(item, want, scope);
            ty = Some(match ty {
                None => typed.ty,
                Some(old) => self.join(old, typed.ty),
            });
            if !matches!(self.program.node(typed.id), Node::Const(_) | Node::Decl(_)) {
                self.elements.insert(typed.id, typed.ty);
            }
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
            // Several nodes are a place as one is.
            Ty::Placement => {
                let node = self.kind_named("node");
                node.and_then(|node| schema.known(&Ty::Ref(node))).unwrap_or(Schema::ANY)
            }
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
        scope.binders.push((binder, element));
        if self.editing {
            self.usage.binders.push((binder.span, element));
            self.mention(binder.span, Target::Binder(binder.span));
        }
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
        let mut seen: Vec<(Sym, Stated)> = Vec::new();
        for &id in tree.stmts_of(body.stmts) {
            let stmt = tree.stmt(id);
            let StmtKind::Entry(entry) = &stmt.kind else {
                if !matches!(stmt.kind, StmtKind::Bad) {
                    self.fault(
                        &codes::E0212,
                        stmt.span,
                        "a value holds `NAME = value` only",
                        PAIRS,
                    );
                }
                continue;
            };
            if let Some(label) = entry.label {
                self.fault(&codes::E0207, label.span, "a key takes no name", KEY);
                continue;
            }
            let here = Stated { word: entry.word.span, all: stmt.span };
            if let Some((_, first)) = seen.iter().find(|(name, _)| *name == entry.word.sym) {
                let name = self.text(entry.word.sym).to_string();
                self.set_twice(&name, *first, here, false);
                continue;
            }
            seen.push((entry.word.sym, here));
            let inner = match shape {
                Some(shape) => match self.program.schema.shape(shape).field(entry.word.sym) {
                    Some(field) => self.program.schema.shape(shape).fields[field as usize].ty,
                    None => {
                        self.unknown_field(entry.word, None, shape, scope);
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
                    self.fault(
                        &codes::E0212,
                        stmt.span,
                        "a value holds `NAME = value` only",
                        PAIRS,
                    );
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
                let found = Diagnostic::new(&codes::E0305, body.span, message);
                self.report(found.help(format!("add {}", missing.join(" and "))));
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
            Arrow | Less if self.port_of_a_tool(op, left, right, span, want, scope) => {
                self.bad(span)
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
                if !self.must_compare(op, (l, r), op_span) {
                    return self.bad(span);
                }
                self.typed(Node::Binary { op, left: l.id, right: r.id }, span, Ty::Bool)
            }
            In => {
                let r = self.expr(right, Schema::ANY, scope);
                let element = self.item_type_quiet(r.ty);
                let l = self.expr(left, element, scope);
                if !self.must_compare(op, (l, Typed { ty: element, ..r }), op_span) {
                    return self.bad(span);
                }
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
                let int = self.program.schema.intern(Ty::Int);
                let l = self.expr(left, int, scope);
                let r = self.expr(right, int, scope);
                let node = Node::Binary { op, left: l.id, right: r.id };
                self.fold_ports(node, span)
            }
            Sub | Div if self.port_of_a_tool(op, left, right, span, want, scope) => self.bad(span),
            Div if self.place_in_words(span, want) => self.bad(span),
            Add | Sub | Mul | Div => {
                // Of names that stand for several things, the one that fits: `SHARE / "dir"`.
                let plain = self.program.schema.ty(self.program.schema.plain(want));
                let number = matches!(plain, Ty::Int | Ty::IntIn(..) | Ty::Port | Ty::Float);
                let location = op == Div && self.wants(want, &Ty::Location);
                let l = self.expr(left, if number || location { want } else { Schema::ANY }, scope);
                let r = self.expr(right, if number { want } else { Schema::ANY }, scope);
                if self.joined_otherwise(op, (left, l.ty), (right, r.ty), op_span, scope) {
                    return self.bad(span);
                }
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

    pub(super) fn item_type_quiet(&mut self, seq: TyId) -> TyId {
        match self.program.schema.ty(self.program.schema.plain(seq)).clone() {
            Ty::List(item) | Ty::Set(item) => item,
            Ty::All(shape) | Ty::Named(shape) => self.program.schema.intern(Ty::Ref(shape)),
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
        let place = |&set: &EnumId| {
            let words = &self.program.schema.enumeration(set).words;
            Some((set, words.iter().position(|w| w.name == word.sym)? as u16))
        };
        let known = sets.iter().find_map(place);
        if self.text(word.sym).is_empty() {
            return self.bad(span); // said by the parser
        }
        if let Some((set, at)) = known {
            self.mention(word.span, Target::Word(set, at));
        } else {
            if let Some(&set) = sets.first() {
                self.unknown_word(set, word.sym, word.span, Some("it can never be"));
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
}
