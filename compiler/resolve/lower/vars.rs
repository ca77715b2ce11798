//! Vars of nodes: `var`, and that each has one type in the whole cluster, that of its declaration or else
//! of its widest definition.

use super::{Lower, Scope};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{Schema, ShapeId, Ty, TyId, spell};
use crate::model::value::Value;
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::resolve::values;
use crate::source::Span;
use crate::syntax::tree::{ExprId, Ident, Stmt, Strength, TypeId};
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

    /// What the definitions say whose places were kept.
    fn said(&mut self) -> Vec<SaidVar> {
        let places: FxHashSet<Span> = std::mem::take(&mut self.said_vars).into_iter().collect();
        if places.is_empty() {
            return Vec::new();
        }
        let defs = std::mem::take(&mut self.program.defs);
        let said = defs.iter().filter(|def| def.key.is_some() && places.contains(&def.head));
        let said = said.filter_map(|def| self.said_var(def)).collect();
        self.program.defs = defs;
        said
    }

    fn said_var(&mut self, def: &Def) -> Option<SaidVar> {
        let (Op::Set(value) | Op::Add(value)) = def.op else { return None };
        let ty = match self.program.node(value) {
            Node::Const(Value::None | Value::Poison) => return None,
            Node::Const(Value::List(_)) | Node::List(_) => Ty::List(Schema::ANY),
            Node::Map(_) => Ty::Data,
            Node::Const(value) => values::type_of(value)?,
            _ => return None,
        };
        let ty = self.program.schema.intern(ty);
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

    /// Each definition is of the type of the widest.
    pub(super) fn vars_have_one_type(&mut self) {
        let said = self.said();
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

    fn said_as(&self, var: &SaidVar) -> String {
        match self.program.node(var.value) {
            Node::Const(value) if !matches!(value, Value::List(_)) => {
                values::describe(value, self.names)
            }
            Node::List(_) | Node::Const(_) => "a list".to_string(),
            _ => "a block".to_string(),
        }
    }
}
