//! Vars of nodes: `var`, and that each has one type in the whole cluster, that of its declaration or else
//! of its widest definition.

use super::exprs::Typed;
use super::{Lower, Scope, Target};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{Schema, ShapeId, Ty, TyId, spell};
use crate::model::value::Value;
use crate::names::Sym;
use crate::resolve::functions::{FUNCTIONS, Sig};
use crate::resolve::hir::*;
use crate::resolve::values;
use crate::source::Span;
use crate::syntax::tree::{BinaryOp, ExprId, Ident, Stmt, Strength, TypeId};
use rustc_hash::{FxHashMap, FxHashSet};

/// A definition of a var that nobody declared.
struct SaidVar {
    name: Sym,
    rank: u8,
    ty: TyId,
    head: Span,
    value: HirId,
    home: HomeId,
}

impl Lower<'_> {
    #[allow(clippy::too_many_arguments)] // the parts of one statement
    pub(super) fn var(
        &mut self,
        block: BlockId,
        stmt: &Stmt,
        name: Ident,
        ty: TypeId,
        value: Option<ExprId>,
        shape: ShapeId,
        scope: &mut Scope,
    ) {
        let Some(field) = self.program.schema.shape(shape).field(self.words.vars) else {
            self.report(
                Diagnostic::new(
                    &codes::E0212,
                    name.span,
                    "`var` stands in a `node { }` block of a layer",
                )
                .help("write `global { node { var ... } }`"),
            );
            return;
        };
        let ty = self.type_of(scope.file, ty);
        self.mention(name.span, Target::Var(name.sym));
        match self.program.vars.get(&name.sym) {
            Some(&(old, first)) if old != ty => {
                let text = self.text(name.sym).to_string();
                self.report(
                    Diagnostic::new(
                        &codes::E0203,
                        name.span,
                        format!("the var `{text}` is declared with two types"),
                    )
                    .here("another type here")
                    .label(first, "first here")
                    .help("a var has one type in the whole cluster"),
                );
            }
            _ => {
                self.program.vars.insert(name.sym, (ty, name.span));
            }
        }
        if let Some(value) = value {
            let op = Op::Set(self.definition(value, ty, scope));
            self.push(
                block,
                Def {
                    field,
                    key: Some(name.sym),
                    strength: Strength::Default,
                    op,
                    span: stmt.span,
                    head: name.span,
                    home: scope.home,
                },
            );
        }
    }

    pub(super) fn is_vars(&self, key: TyId, value: TyId) -> bool {
        *self.program.schema.ty(value) == Ty::Any
            && matches!(self.program.schema.ty(key), Ty::Text(_))
    }

    pub(super) fn var_type(&mut self, name: Sym, value: TyId) -> TyId {
        self.program.vars.get(&name).map_or(value, |&(ty, _)| ty)
    }

    /// What the definitions say whose places were kept; and the vars of which one says what has a type only when it is
    /// worked out.
    fn said(&mut self) -> (Vec<SaidVar>, FxHashSet<Sym>) {
        let places: FxHashSet<Span> = std::mem::take(&mut self.said_vars).into_iter().collect();
        let (mut said, mut open) = (Vec::new(), FxHashSet::default());
        if places.is_empty() {
            return (said, open);
        }
        let defs = std::mem::take(&mut self.program.defs);
        for def in defs.iter().filter(|def| places.contains(&def.head)) {
            let (Some(name), Op::Set(value) | Op::Add(value)) = (def.key, &def.op) else {
                continue;
            };
            match self.said_var(def) {
                Some(var) => said.push(var),
                None if matches!(self.program.node(*value), Node::Const(Value::None)) => {}
                None => {
                    open.insert(name);
                }
            }
        }
        self.program.defs = defs;
        (said, open)
    }

    fn said_var(&mut self, def: &Def) -> Option<SaidVar> {
        let (Op::Set(value) | Op::Add(value)) = def.op else { return None };
        let ty = self.type_said(value)?;
        let home = self.program.home(def.home, self.names);
        let rank = match home.split(' ').next().unwrap_or("") {
            "global" => 0,
            "arch" => 1,
            "os" => 2,
            "role" => 3,
            "template" => 4,
            _ => 5,
        };
        Some(SaidVar { name: def.key?, rank, ty, head: def.head, value, home: def.home })
    }

    /// The type of a value as far as it follows from what is written, without working it out.
    fn type_said(&mut self, value: HirId) -> Option<TyId> {
        let ty = match self.program.node(value) {
            Node::Const(Value::None | Value::Poison) => return None,
            Node::Const(Value::List(_)) | Node::List(_) | Node::ListFor { .. } => {
                Ty::List(Schema::ANY)
            }
            Node::Map(_) => Ty::Data,
            Node::Const(value) => values::type_of(value)?,
            Node::Text(_) => return Some(self.string_type()),
            Node::Not(_) | Node::Is { .. } => Ty::Bool,
            &Node::Negate(inner) => return self.type_said(inner),
            &Node::If { then, other, .. } => return self.type_of_both(then, other),
            &Node::Binary { op, left, right } => match op {
                BinaryOp::Add | BinaryOp::Sub => return self.type_of_both(left, right),
                BinaryOp::Or
                | BinaryOp::And
                | BinaryOp::Equal
                | BinaryOp::NotEqual
                | BinaryOp::Less
                | BinaryOp::LessEqual
                | BinaryOp::Greater
                | BinaryOp::GreaterEqual
                | BinaryOp::In => Ty::Bool,
                _ => return None,
            },
            &Node::Call { function, .. } => match FUNCTIONS.get(function as usize)?.result {
                Sig::Text => return Some(self.string_type()),
                Sig::Int => Ty::Int,
                Sig::Bool => Ty::Bool,
                Sig::List | Sig::Texts | Sig::Values => Ty::List(Schema::ANY),
                _ => return None,
            },
            _ => return None,
        };
        Some(self.program.schema.intern(ty))
    }

    fn type_of_both(&mut self, one: HirId, other: HirId) -> Option<TyId> {
        self.type_said(one).filter(|&ty| self.type_said(other) == Some(ty))
    }

    /// Each definition is of the type of the widest, and what a var is compared with is like it.
    pub(super) fn vars_have_one_type(&mut self) {
        let (said, open) = self.said();
        self.vars_are_like(&said, &open);
        let mut widest: FxHashMap<Sym, usize> = FxHashMap::default();
        for (at, var) in said.iter().enumerate() {
            let first = widest.entry(var.name).or_insert(at);
            if var.rank < said[*first].rank {
                *first = at;
            }
        }
        for var in &said {
            let wide = &said[widest[&var.name]];
            let fits = self.assignable(var.ty, wide.ty)
                || wide.rank == var.rank && self.assignable(wide.ty, var.ty);
            if fits || self.program.vars.contains_key(&var.name) {
                continue;
            }
            let name = self.text(var.name).to_string();
            let wanted = match self.program.schema.ty(wide.ty) {
                Ty::List(_) => "a list".to_string(),
                Ty::Data => "a block".to_string(),
                _ => spell(&self.program.schema, self.names, wide.ty),
            };
            let found = self.said_as(var);
            let home = self.program.home(wide.home, self.names);
            let message = format!("expected {wanted} for the var `{name}`, found {found}");
            let more = match wide.rank == var.rank {
                true => format!("of another type in {home}"),
                false => format!("its widest definition, in {home}"),
            };
            self.report(
                Diagnostic::new(&codes::E0301, self.program.span(var.value), message)
                    .label(wide.head, more)
                    .note(
                        "a var has one type in the whole cluster: whoever reads it counts on that",
                    )
                    .help("give it values of one type, or give one of them another name"),
            );
        }
    }

    /// A var is equal to nothing of another type: whoever asks meant something else. Of a var that is not known to be of
    /// one type everywhere nothing is said.
    fn vars_are_like(&mut self, said: &[SaidVar], open: &FxHashSet<Sym>) {
        let mut types: FxHashMap<Sym, Option<TyId>> = FxHashMap::default();
        for var in said.iter().filter(|var| !open.contains(&var.name)) {
            let one = types.entry(var.name).or_insert(Some(var.ty));
            *one = one.filter(|&ty| ty == var.ty);
        }
        let declared = &self.program.vars;
        types.retain(|name, _| !declared.contains_key(name));
        if types.is_empty() {
            return;
        }
        for at in 0..self.program.nodes.len() {
            let id = HirId(at as u32);
            let &Node::Binary { op, left, right } = self.program.node(id) else { continue };
            if !matches!(op, BinaryOp::Equal | BinaryOp::NotEqual) {
                continue;
            }
            let [l, r] = [left, right].map(|side| match self.read_var(side) {
                Some(name) => types.get(&name).copied().flatten(),
                None => self.type_said(side),
            });
            let is_var = [left, right].iter().any(|&side| self.read_var(side).is_some());
            let (true, Some(l), Some(r)) = (is_var, l, r) else { continue };
            let typed = |id, ty| Typed { id, ty, label: None };
            let span = self.program.span(id);
            if !self.must_compare(op, (typed(left, l), typed(right, r)), span) {
                self.program.nodes[at] = Node::Const(Value::Poison);
            }
        }
    }

    /// The var that an expression reads: `node.vars.x`, `node.vars["x"]`.
    fn read_var(&self, id: HirId) -> Option<Sym> {
        let of_vars = |base: HirId| matches!(self.program.node(base), Node::Member { name, .. } if *name == self.words.vars);
        match self.program.node(id) {
            Node::Member { base, name, .. } if of_vars(*base) => Some(*name),
            Node::Index { base, index } if of_vars(*base) => match self.program.node(*index) {
                Node::Const(key) => self.names.find(key.as_text()?),
                _ => None,
            },
            _ => None,
        }
    }

    fn said_as(&self, var: &SaidVar) -> String {
        match self.program.node(var.value) {
            Node::Const(value) if !matches!(value, Value::List(_)) => {
                values::describe(value, self.names)
            }
            Node::Map(_) => "a block".to_string(),
            _ if matches!(self.program.schema.ty(var.ty), Ty::List(_)) => "a list".to_string(),
            _ => spell(&self.program.schema, self.names, var.ty),
        }
    }
}
