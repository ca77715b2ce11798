//! Fields that hold a value or a map of values: `x = v`, `x += v`, `x { k = v }`, `unset`, `var`.

use super::seen::Stated;
use super::{KEY, Lower, PAIRS, Scope, Target};
use crate::diag::{About, Diagnostic, codes};
use crate::model::families;
use crate::model::schema::{Schema, ShapeId, Ty, TyId};
use crate::model::value::Value;
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::{
    Block as SyntaxBlock, Entry, EntryOp, ExprId, Ident, PathStep, Stmt, StmtKind, Strength,
};
use rustc_hash::FxHashMap;

impl Lower<'_> {
    #[allow(clippy::too_many_arguments)] // the parts of one entry
    pub(super) fn map_entry(
        &mut self,
        block: BlockId,
        stmt: &Stmt,
        entry: &Entry,
        field: u16,
        key: TyId,
        value: TyId,
        scope: &mut Scope,
    ) {
        let word = self.names.text(entry.word.sym);
        if let Some(label) = entry.label.filter(|_| !matches!(entry.op, EntryOp::Missing)) {
            let name = self.text(label.sym).to_string();
            self.report(
                Diagnostic::new(&codes::E0207, label.span, format!("`{word}` takes no name"))
                    .help(format!("write `{word} {{ {name} = ... }}`")),
            );
            return;
        }
        let body = match &entry.op {
            EntryOp::Missing => return,
            EntryOp::Block(body) => *body,
            _ => {
                let ty = self.program.schema.intern(Ty::Map(key, value));
                self.value_entry(block, stmt, entry, field, ty, scope);
                return;
            }
        };
        if entry.strength != Strength::Plain {
            self.strength_misplaced(entry.strength_span.unwrap_or(entry.word.span));
        }
        self.keys(block, body, field, key, value, scope);
    }

    /// A key of a map that is a name: elsewhere it is said again, or asked for.
    pub(super) fn mention_key(&mut self, name: Ident, key: TyId, value: TyId) {
        let target = match *self.program.schema.ty(key) {
            Ty::Text(_) if self.is_vars(key, value) => Target::Var(name.sym),
            Ty::Text(row) if self.program.schema.text_type(row).name == "env_name" => {
                Target::Env(name.sym)
            }
            _ => return,
        };
        self.mention(name.span, target);
    }

    fn keys(
        &mut self,
        block: BlockId,
        body: SyntaxBlock,
        field: u16,
        key: TyId,
        value: TyId,
        scope: &mut Scope,
    ) {
        let trees = self.trees;
        let tree = &trees[scope.file];
        let is_vars = self.is_vars(key, value);
        let mut seen: FxHashMap<Sym, Stated> = FxHashMap::default();
        for &id in tree.stmts_of(body.stmts) {
            let stmt = tree.stmt(id);
            match &stmt.kind {
                StmtKind::Entry(entry) => {
                    if let Some(label) = entry.label {
                        let name = self.text(label.sym).to_string();
                        let message = format!("a key takes no name: `{name}`");
                        self.fault(&codes::E0207, label.span, message, KEY);
                        continue;
                    }
                    let merging = matches!(entry.op, EntryOp::Add { .. } | EntryOp::Sub { .. });
                    if let Some(&first) = seen.get(&entry.word.sym)
                        && !merging
                    {
                        let name = self.text(entry.word.sym).to_string();
                        let again = Stated { word: entry.word.span, all: stmt.span };
                        self.set_twice(&name, first, again, false);
                        continue;
                    }
                    seen.insert(entry.word.sym, Stated { word: entry.word.span, all: stmt.span });
                    self.mention_key(entry.word, key, value);
                    self.check_key(entry.word, key, scope);
                    let ty = if is_vars { self.var_type(entry.word.sym, value) } else { value };
                    self.key_value(block, stmt, entry, field, ty, scope);
                    if is_vars && ty == value {
                        self.said_vars.push(entry.word.span);
                    }
                }
                StmtKind::Unset { path } => {
                    let steps = &tree.steps[path.range()];
                    if let [step] = steps {
                        self.mention_key(step.name, key, value);
                        self.push(
                            block,
                            Def {
                                field,
                                key: Some(step.name.sym),
                                strength: Strength::Plain,
                                op: Op::Unset,
                                span: stmt.span,
                                head: step.name.span,
                                home: scope.home,
                            },
                        );
                    } else {
                        self.fault(
                            &codes::E0212,
                            stmt.span,
                            "a key of a map has nothing inside to unset",
                            "unset the whole key: `unset KEY`",
                        );
                    }
                }
                StmtKind::Bad => {}
                _ => self.fault(&codes::E0212, stmt.span, "expected `NAME = value`", PAIRS),
            }
        }
    }

    fn key_value(
        &mut self,
        block: BlockId,
        stmt: &Stmt,
        entry: &Entry,
        field: u16,
        ty: TyId,
        scope: &mut Scope,
    ) {
        let op = match &entry.op {
            EntryOp::Missing => return,
            EntryOp::Assign { value, body } => {
                if let Some(body) = body {
                    self.fault(
                        &codes::E0212,
                        body.span,
                        "a key of a map has a value, not a body",
                        "take the block out: `KEY = value`",
                    );
                }
                Op::Set(self.definition(*value, ty, scope))
            }
            EntryOp::Add { value } => Op::Add(self.elements(*value, ty, scope)),
            EntryOp::Sub { value } => Op::Sub(self.elements(*value, ty, scope)),
            EntryOp::Block(body) => {
                if !self.takes_record(ty) {
                    return self.key_of_blocks(entry.word, *body, ty);
                }
                Op::Set(self.record_value(*body, ty, scope))
            }
            EntryOp::From { template, .. } => {
                let span = self.trees[scope.file].expr(*template).span;
                self.fault(
                    &codes::E0212,
                    span,
                    "a key of a map comes from no template",
                    "write `KEY = value`",
                );
                return;
            }
        };
        self.push(
            block,
            Def {
                field,
                key: Some(entry.word.sym),
                strength: entry.strength,
                op,
                span: stmt.span,
                head: entry.word.span,
                home: scope.home,
            },
        );
    }

    /// `traefik { enable = true }` among labels: a key with dots, as other tools nest it.
    fn key_of_blocks(&mut self, key: Ident, body: SyntaxBlock, ty: TyId) {
        let word = self.text(key.sym).to_string();
        let spelled = crate::model::schema::spell(&self.program.schema, self.names, ty);
        let message = format!("the key `{word}` has a value, not a body");
        self.report(
            Diagnostic::new(&codes::E0212, body.span, message)
                .about(About::Key { name: word.clone() })
                .label(key.span, format!("expected {spelled}"))
                .help(format!("write `{word} = ...`; a key with dots stands in quotes, `\"{word}.name\" = ...`")),
        );
    }

    /// The keys of `address`, `mount`, `mac` name things; others are texts.
    fn check_key(&mut self, word: Ident, key: TyId, scope: &Scope) {
        match *self.program.schema.ty(key) {
            Ty::Ref(shape) => {
                if let Some(&decl) = self.program.by_name.get(&(shape, word.sym)) {
                    self.refer(word.span, Target::Decl(decl));
                } else if self.child_of_scope(scope, shape, word.sym).is_none() {
                    self.unknown_thing(shape, word.sym, word.span);
                }
            }
            Ty::Text(row) => {
                let text = self.text(word.sym).to_string();
                if let Err(why) = self.program.schema.text_type(row).told(&text) {
                    self.report_why(&codes::E0302, word.span, &why, None);
                }
            }
            Ty::Matching(..) => {
                let text = Value::Text(self.names.shared(word.sym));
                let schema = &self.program.schema;
                let misfit = crate::resolve::values::conform(schema, self.names, text, key).err();
                if let Some(why) = misfit.and_then(|misfit| misfit.why) {
                    self.report_why(&codes::E0302, word.span, &why, None);
                }
            }
            _ => {}
        }
    }

    /// A field with one value.
    pub(super) fn value_entry(
        &mut self,
        block: BlockId,
        stmt: &Stmt,
        entry: &Entry,
        field: u16,
        ty: TyId,
        scope: &mut Scope,
    ) {
        let word = self.names.text(entry.word.sym);
        if let Some(label) = entry.label {
            self.takes_no_label(entry, label, word, Some(ty), scope);
            return;
        }
        let op = match &entry.op {
            EntryOp::Missing => return,
            EntryOp::Assign { value, body } => {
                if let Some(body) = *body {
                    let message = format!("`{word}` has a value, not a body");
                    let diagnostic = Diagnostic::new(&codes::E0212, body.span, message);
                    let diagnostic = self.word_with_body(diagnostic, *value, body, ty, scope);
                    self.report(diagnostic.or_help(format!(
                        "take the block out, or the value: `{word} = ...`, `{word} {{ ... }}`"
                    )));
                }
                Op::Set(self.definition(*value, ty, scope))
            }
            EntryOp::Add { value } => Op::Add(self.elements(*value, ty, scope)),
            EntryOp::Sub { value } => Op::Sub(self.elements(*value, ty, scope)),
            EntryOp::Block(body) => {
                if !self.takes_record(ty) {
                    let such =
                        crate::resolve::values::such_as(&self.program.schema, self.names, ty);
                    self.report(
                        Diagnostic::new(
                            &codes::E0212,
                            body.span,
                            format!("`{word}` has a value, not a body"),
                        )
                        .help(format!("behind `{word} =`, {such}")),
                    );
                    return;
                }
                Op::Set(self.record_value(*body, ty, scope))
            }
            EntryOp::From { template, .. } => {
                let span = self.trees[scope.file].expr(*template).span;
                self.fault(
                    &codes::E0212,
                    span,
                    format!("`{word}` is a value and comes from no template"),
                    format!("write `{word} = ...`"),
                );
                return;
            }
        };
        if !matches!(op, Op::Set(_)) {
            if entry.strength != Strength::Plain {
                self.report(
                    Diagnostic::new(
                        &codes::E0406,
                        entry.strength_span.unwrap_or(entry.word.span),
                        "`+=` and `-=` need no word",
                    )
                    .suggest(
                        "remove the word",
                        entry.strength_span.unwrap_or(entry.word.span),
                        "",
                    ),
                );
            }
            if !self.can_collect(ty) {
                let plain = self.program.schema.plain(ty);
                let spelled = crate::model::schema::spell(&self.program.schema, self.names, plain);
                self.report(
                    Diagnostic::new(
                        &codes::E0301,
                        stmt.span,
                        format!("nothing can be added to or taken from {}", super::a(&spelled)),
                    )
                    .help(format!("write `{word} = ...`")),
                );
                return;
            }
        }
        self.push(
            block,
            Def {
                field,
                key: None,
                strength: entry.strength,
                op,
                span: stmt.span,
                head: entry.word.span,
                home: scope.home,
            },
        );
    }

    /// `arch`, `os` and `roles` of a node decide which layers hold, so they are known before any layer
    /// is: they may name roles, parameters and constants.
    pub(super) fn decides_layers(&mut self, block: BlockId, word: Ident) {
        let text = self.text(word.sym);
        let last = self.program.block(block).defs.last().map(|&id| self.program.def(id));
        let value = match last.filter(|def| def.head == word.span).map(|def| &def.op) {
            Some(Op::Set(value) | Op::Add(value) | Op::Sub(value)) => *value,
            _ => return,
        };
        if !matches!(text, "arch" | "os" | "roles" | "managed") {
            return;
        }
        let text = text.to_string();
        let named = match self.program.node(value) {
            Node::Const(Value::Word(word)) => Some(word.word),
            Node::Word { word, .. } => Some(*word),
            _ => None,
        };
        let family = named.and_then(|word| {
            families::FAMILIES.iter().find(|(family, _)| *family == self.names.text(word))
        });
        if let Some((family, members)) = family.filter(|_| text == "os") {
            let span = self.program.span(value);
            let message = format!("`{family}` is a family of systems, and no node's own");
            self.report(
                Diagnostic::new(&codes::E0209, span, message)
                    .note(format!("it holds {}", members.join(", ")))
                    .help("name the system: `os = debian(\"13\")`; a layer may name the family"),
            );
            return;
        }
        let Some(at) = self.not_constant(value) else { return };
        self.report(
            Diagnostic::new(
                &codes::E0404,
                self.program.span(at),
                format!("`{text}` decides which layers hold, so it cannot depend on other values"),
            )
            .label(word.span, "known before any layer is")
            .help("state it as it is, or by a parameter of the node's template"),
        );
    }

    fn not_constant(&self, id: HirId) -> Option<HirId> {
        let node = self.program.node(id);
        match node {
            Node::SelfWord(_) | Node::All(_) | Node::Instances | Node::Inherited => {
                return Some(id);
            }
            Node::Nested { .. } | Node::Enclosing(..) | Node::Generated(_) => return Some(id),
            Node::Decl(decl) => {
                let kind = self.program.schema.shape(self.program.decl(*decl).shape).name;
                return (self.text(kind) != "role").then_some(id);
            }
            Node::Let(at) => {
                let value = self.program.lets[at.0 as usize].value;
                return self.not_constant(value).map(|_| id);
            }
            _ => {}
        }
        node.children().into_iter().find_map(|child| self.not_constant(child))
    }

    fn can_collect(&self, ty: TyId) -> bool {
        match self.program.schema.ty(self.program.schema.plain(ty)) {
            Ty::List(_) | Ty::Set(_) | Ty::Map(..) | Ty::Any | Ty::Poison => true,
            Ty::Union(types) => types.iter().any(|&t| self.can_collect(t)),
            _ => false,
        }
    }

    pub(super) fn takes_record(&self, ty: TyId) -> bool {
        match self.program.schema.ty(self.program.schema.plain(ty)) {
            Ty::Data | Ty::Any | Ty::Map(..) | Ty::Record(_) => true,
            Ty::Union(types) => types.iter().any(|&t| self.takes_record(t)),
            _ => false,
        }
    }

    /// The right side of `=`, with `inherited` in scope.
    pub(super) fn definition(&mut self, value: ExprId, ty: TyId, scope: &mut Scope) -> HirId {
        let old = scope.inherited.replace(ty);
        let id = self.checked(value, ty, scope);
        scope.inherited = old;
        id
    }

    /// The right side of `+=` and `-=`: a list, set or map, or one element of it.
    fn elements(&mut self, value: ExprId, ty: TyId, scope: &mut Scope) -> HirId {
        let plain = self.program.schema.plain(ty);
        let want = match self.program.schema.ty(plain).clone() {
            Ty::Union(types) => {
                types.iter().copied().find(|&t| self.can_collect(t)).unwrap_or(Schema::ANY)
            }
            _ => plain,
        };
        self.checked(value, want, scope)
    }

    pub(super) fn unset(
        &mut self,
        block: BlockId,
        span: Span,
        steps: &[PathStep],
        shape: ShapeId,
        scope: &Scope,
    ) {
        let Some((first, rest)) = steps.split_first() else { return };
        let Some(field) = self.program.schema.shape(shape).field(first.name.sym) else {
            self.unknown_field(first.name, None, shape, scope);
            return;
        };
        let ty =
            self.program.schema.plain(self.program.schema.shape(shape).fields[field as usize].ty);
        let def = |key, op, head| Def {
            field,
            key,
            strength: Strength::Plain,
            op,
            span,
            head,
            home: scope.home,
        };
        let ty = self.program.schema.ty(ty).clone();
        match (ty, rest) {
            (_, []) => self.push(block, def(None, Op::Unset, first.name.span)),
            (ref ty @ (Ty::Named(_) | Ty::Map(..)), [key]) => {
                if let Ty::Map(of, value) = *ty {
                    self.mention_key(key.name, of, value);
                }
                self.push(block, def(Some(key.name.sym), Op::Unset, key.name.span));
            }
            (Ty::Named(inner), [key, deeper @ ..]) => {
                let child = self.new_block();
                self.unset(child, span, deeper, inner, scope);
                let op = Op::Block { block: child, from: None };
                self.push(block, def(Some(key.name.sym), op, key.name.span));
            }
            (Ty::Record(inner) | Ty::Layer(inner), deeper) => {
                let child = self.new_block();
                self.unset(child, span, deeper, inner, scope);
                self.push(
                    block,
                    def(None, Op::Block { block: child, from: None }, first.name.span),
                );
            }
            (_, [step, ..]) => {
                let word = self.text(first.name.sym).to_string();
                self.fault(
                    &codes::E0208,
                    step.name.span,
                    format!("`{word}` has nothing inside"),
                    format!("unset the whole: `unset {word}`"),
                );
            }
        }
    }

    pub(super) fn lower_assert(
        &mut self,
        message: ExprId,
        condition: ExprId,
        span: Span,
        scope: &mut Scope,
    ) -> u32 {
        let text = self.string_type();
        let message = self.checked(message, text, scope);
        let boolean = self.program.schema.intern(Ty::Bool);
        let condition = self.checked(condition, boolean, scope);
        let id = self.program.asserts.len() as u32;
        self.program.asserts.push(Assert { message, condition, span, home: scope.home });
        id
    }
}
