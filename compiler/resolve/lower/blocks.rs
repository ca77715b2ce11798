//! Blocks: each entry to one definition of one field. Things and records here; values are
//! `fields`, layers are `layers`.

use super::bodies::Owner;
use super::misplaced::Placed;
use super::seen::{Seen, Stated};
use super::{Lower, Scope, Target};
use crate::diag::{Diagnostic, codes};
use crate::model::homes::Step;
use crate::model::schema::{ShapeId, Ty};
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::{
    Block as SyntaxBlock, Entry, EntryOp, ExprKind, Ident, Stmt, StmtKind, Strength,
};
use std::borrow::Cow;

impl Lower<'_> {
    pub(super) fn lower_top_entry(
        &mut self,
        file: usize,
        stmt: Span,
        entry: &Entry,
        field: u16,
        decl: Option<DeclId>,
        layer: Option<LayerSort>,
    ) {
        let ty = self.program.schema.shape(self.program.project).fields[field as usize].ty;
        let shape = match *self.program.schema.ty(ty) {
            Ty::Named(shape) | Ty::One(shape) | Ty::Record(shape) => shape,
            _ => {
                let word = self.names.text(entry.word.sym);
                let message = format!("`{word}` cannot stand here");
                let way = "a file holds declarations: `node attic { ... }`";
                self.fault(&codes::E0212, entry.word.span, message, way);
                return;
            }
        };
        if self.program.schema.shape(shape).is_kind {
            self.mention(entry.word.span, Target::Kind(shape));
        }
        let mut scope = Scope::of_kind(self, file, shape);
        if layer.is_some() {
            scope.node = true;
        }
        scope.home = match decl {
            Some(decl) => self.program.decl(decl).home,
            None => match entry.label {
                Some(label) => {
                    let step = Step { word: entry.word.sym, label: label.sym, quoted: false };
                    self.home_at(HomeId::TOP, step)
                }
                None => self.home(self.names.text(entry.word.sym)),
            },
        };
        if let Some(decl) = decl {
            let label = self.program.decl(decl).label;
            scope.labels.push(label);
            if self.program.schema.shape(shape).name == self.words.service {
                scope.own_service = Some(label);
            }
            let name_span = self.program.decl(decl).name_span;
            self.refer_decl_site(name_span, decl);
        }
        let has_value = self.program.schema.shape(shape).main.is_some();
        if entry.strength != Strength::Plain
            && has_value
            && matches!(entry.op, EntryOp::Assign { .. })
            && decl.is_some()
        {
            let span = entry.strength_span.unwrap_or(entry.word.span);
            self.report(
                Diagnostic::new(&codes::E0406, span, "a declaration has no strength")
                    .help("`default`, `override` and `final` stand before a field with `=`")
                    .suggest("remove the word", span, ""),
            );
        }
        let (block, from) = self.thing_body(file, stmt, entry, shape, &mut scope);
        if let Some(decl) = decl {
            self.blocks.push((Owner::Decl(decl), block, from));
        }
        if let Some(sort) = layer {
            let name = entry.label.map(|l| l.sym);
            if let (LayerSort::Arch | LayerSort::Os, Some(label)) = (sort, entry.label) {
                self.check_layer_word(sort, label);
            }
            self.program.layers.push(Layer {
                sort,
                name,
                shape,
                block,
                span: entry.word.span,
                decl,
            });
        }
    }

    fn refer_decl_site(&mut self, span: Span, decl: DeclId) {
        // The declaration itself is a place of the name, but no use of it.
        self.mention(span, Target::Decl(decl));
    }

    /// The block of a thing: its body, with the value before it as the main field.
    fn thing_body(
        &mut self,
        file: usize,
        stmt: Span,
        entry: &Entry,
        shape: ShapeId,
        scope: &mut Scope,
    ) -> (BlockId, Option<FromId>) {
        let mut from = None;
        let block = match &entry.op {
            EntryOp::Missing => self.new_block(),
            EntryOp::Block(body) => self.block(*body, shape, scope),
            EntryOp::From { template, body } => {
                from = self.from(*template, shape, scope);
                match body {
                    Some(body) => self.block(*body, shape, scope),
                    None => self.new_block(),
                }
            }
            EntryOp::Assign { value, .. } => {
                let has_value = self.program.schema.shape(shape).main.is_some();
                let body = super::labels::body_meant(&self.trees[file], &entry.op, has_value);
                let block = match body {
                    Some(body) => self.block(body, shape, scope),
                    None => self.new_block(),
                };
                match self.program.schema.shape(shape).main {
                    Some(main) => {
                        let ty = self.program.schema.shape(shape).fields[main as usize].ty;
                        let value = self.definition(*value, ty, scope);
                        let def = self.new_def(Def {
                            field: main,
                            key: None,
                            strength: entry.strength,
                            op: Op::Set(value),
                            span: stmt,
                            head: entry.word.span,
                            home: scope.home,
                        });
                        self.program.blocks[block.0 as usize].defs.push(def);
                    }
                    None => {
                        let word = self.names.text(entry.word.sym);
                        let name = entry
                            .label
                            .map_or(String::new(), |l| format!(" {}", shown(self.text(l.sym))));
                        let span = self.trees[file].expr(*value).span;
                        let way = format!("write `{word}{name} {{ ... }}`");
                        let fault = Diagnostic::new(
                            &codes::E0212,
                            span,
                            format!("`{word}` has no value, only a body"),
                        );
                        let before = &self.sources.file(span.file).text[..span.start as usize];
                        // `service wiki = { ... }`: the sign alone is too much.
                        let sign = before.trim_end().strip_suffix('=').filter(|_| body.is_some());
                        self.report(match sign {
                            Some(before) => {
                                let start = before.trim_end().len() as u32;
                                let gap = Span { start, end: span.start, ..span };
                                fault.suggest(way, gap, " ")
                            }
                            None => fault.help(way),
                        });
                    }
                }
                block
            }
            EntryOp::Add { .. } | EntryOp::Sub { .. } => {
                let word = self.names.text(entry.word.sym);
                let message = format!("`{word}` is declared, not added to");
                let found = Diagnostic::new(&codes::E0212, entry.word.span, message);
                self.report(found.help(format!("declare another one: `{word} NAME {{ ... }}`")));
                self.new_block()
            }
        };
        (block, from)
    }

    pub(super) fn new_block(&mut self) -> BlockId {
        let id = BlockId(self.program.blocks.len() as u32);
        self.program.blocks.push(Block::default());
        id
    }

    fn new_def(&mut self, def: Def) -> DefId {
        let id = DefId(self.program.defs.len() as u32);
        self.program.defs.push(def);
        id
    }

    /// Lowers the body of a thing or a record.
    pub(super) fn block(
        &mut self,
        body: SyntaxBlock,
        shape: ShapeId,
        scope: &mut Scope,
    ) -> BlockId {
        let id = self.new_block();
        if self.editing {
            self.usage.blocks.push((body.span, shape, scope.labels.last().copied()));
        }
        let trees = self.trees;
        let tree = &trees[scope.file];
        self.program.blocks[id.0 as usize].defs.reserve_exact(body.stmts.len());
        let mut seen = Seen::nothing(body.stmts);
        for &stmt_id in tree.stmts_of(body.stmts) {
            let stmt = tree.stmt(stmt_id);
            match &stmt.kind {
                StmtKind::Bad => {}
                StmtKind::Entry(entry) => {
                    self.entry(id, stmt, entry, shape, scope, &mut seen);
                }
                StmtKind::Unset { path } => {
                    let steps = &tree.steps[path.range()];
                    self.unset(id, stmt.span, steps, shape, scope);
                }
                StmtKind::Var { name, ty, value } => {
                    self.var(id, stmt, *name, *ty, *value, shape, scope)
                }
                StmtKind::Assert { message, condition } => {
                    let assert = self.lower_assert(*message, *condition, stmt.span, scope);
                    self.program.blocks[id.0 as usize].add_assert(assert);
                }
                StmtKind::Import { path, .. } => self.only_on_top("import", path.span),
                StmtKind::Let { name, .. } => self.only_on_top("let", name.span),
                StmtKind::Type { name, .. } => self.only_on_top("type", name.span),
                StmtKind::Kind { name, .. } => self.only_on_top("kind", name.span),
                StmtKind::Template { name, .. } => self.only_on_top("template", name.span),
            }
        }
        id
    }

    fn only_on_top(&mut self, word: &str, span: Span) {
        self.report(
            Diagnostic::new(
                &codes::E0212,
                span,
                format!("`{word}` stands at the top of a file, not in a block"),
            )
            .help("move it out of every `{ }`"),
        );
    }

    fn entry(
        &mut self,
        block: BlockId,
        stmt: &Stmt,
        entry: &Entry,
        shape: ShapeId,
        scope: &mut Scope,
        seen: &mut Seen,
    ) {
        if self.is_inner_layer(shape, entry) {
            self.inner_layer(block, stmt, entry, shape, scope);
            return;
        }
        let Some(field) = self.program.schema.shape(shape).field(entry.word.sym) else {
            let placed = Placed { stmt: stmt.span, block: seen.block };
            self.unknown_field(entry.word, Some(placed), shape, scope);
            return;
        };
        self.mention(entry.word.span, Target::Field(shape, field));
        let key = entry.label.map(|l| l.sym);
        let merging = matches!(entry.op, EntryOp::Add { .. } | EntryOp::Sub { .. });
        if !merging {
            let slot = (entry.word.sym, key);
            let ty = self.program.schema.shape(shape).fields[field as usize].ty;
            let repeatable = matches!(self.program.schema.ty(ty), Ty::Layer(_));
            if let Some(first) = seen.find(slot)
                && !repeatable
            {
                let again = self.text(entry.word.sym).to_string();
                let again = match entry.label {
                    Some(label) => format!("{again} {}", self.text(label.sym)),
                    None => again,
                };
                let grows = matches!(
                    self.program.schema.ty(self.program.schema.plain(ty)),
                    Ty::Set(_) | Ty::Map(..) | Ty::Record(_)
                );
                self.set_twice(
                    &again,
                    first,
                    Stated { word: entry.word.span, all: stmt.span },
                    grows,
                );
                return;
            }
            seen.put(slot, Stated { word: entry.word.span, all: stmt.span });
        }
        let field_ty = self.program.schema.shape(shape).fields[field as usize].ty;
        let plain = self.program.schema.plain(field_ty);
        match self.program.schema.ty(plain).clone() {
            Ty::Named(inner) => self.named_entry(block, stmt, entry, field, inner, scope),
            Ty::Layer(inner) | Ty::One(inner) => {
                self.layer_entry(block, stmt, entry, field, inner, scope)
            }
            Ty::Record(inner) => self.record_entry(block, stmt, entry, field, inner, scope),
            Ty::Map(key, value) => self.map_entry(block, stmt, entry, field, key, value, scope),
            _ => {
                self.value_entry(block, stmt, entry, field, field_ty, scope);
                if self.program.schema.shape(shape).name == self.words.node {
                    self.decides_layers(block, entry.word);
                }
            }
        }
    }

    pub(super) fn push(&mut self, block: BlockId, def: Def) {
        let id = self.new_def(def);
        self.program.blocks[block.0 as usize].defs.push(id);
    }

    fn named_entry(
        &mut self,
        block: BlockId,
        stmt: &Stmt,
        entry: &Entry,
        field: u16,
        inner: ShapeId,
        scope: &mut Scope,
    ) {
        let word = self.names.text(entry.word.sym);
        if entry.label.is_none() && !matches!(entry.op, EntryOp::Block(_)) {
            if matches!(entry.op, EntryOp::Missing) {
                return;
            }
            self.report(
                Diagnostic::new(
                    &codes::E0207,
                    entry.word.span,
                    format!("this `{word}` has no name"),
                )
                .help(match self.layer_sort_of(entry.word.sym) {
                    // `node = attic` in a service.
                    Some(_) if scope.own_service.is_some() => {
                        format!("where it runs is `on = NODE`; what differs there `{word} NAME {{ ... }}`")
                    }
                    Some(_) => format!("write `{word} NAME {{ ... }}`"),
                    None => format!("write `{word} NAME = ...`"),
                }),
            );
            return;
        }
        let outside = scope.around();
        scope.enter(self, inner);
        if let Some(label) = entry.label {
            self.label_word_is_free(label, inner);
            scope.home = self.home_inside(scope.home, entry.word.sym, label.sym);
            if let Some(id) = self.label_below(scope, entry.word.sym, label.sym) {
                scope.labels.push(id);
                self.mention(label.span, Target::Label(id));
            }
        }
        let strength = entry.strength;
        if strength != Strength::Plain && !matches!(entry.op, EntryOp::Assign { .. }) {
            let span = entry.strength_span.unwrap_or(entry.word.span);
            self.strength_misplaced(span);
        }
        let (child, from) = self.thing_body(scope.file, stmt.span, entry, inner, scope);
        let home = scope.home;
        scope.leave(outside);
        self.push(
            block,
            Def {
                field,
                key: entry.label.map(|l| l.sym),
                strength: Strength::Plain,
                op: Op::Block { block: child, from },
                span: stmt.span,
                head: entry.label.map_or(entry.word.span, |l| entry.word.span.to(l.span)),
                home,
            },
        );
    }

    pub(super) fn strength_misplaced(&mut self, span: Span) {
        self.report(
            Diagnostic::new(
                &codes::E0406,
                span,
                "`default`, `override` and `final` stand only before `NAME = value`",
            )
            .help("a block merges by field: put the word before the field inside it")
            .suggest("remove the word", span, ""),
        );
    }

    /// A label must be a name of its kind, and not hide a word that names are found by.
    pub(super) fn label_word_is_free(&mut self, label: Ident, inner: ShapeId) {
        // A slash at the end of a path says nothing: whoever compares paths looks past it.
        let text = match self.text(label.sym) {
            whole @ ("/" | "//") => whole,
            text if text.starts_with('/') => text.trim_end_matches('/'),
            text => text,
        };
        let kind = self.text(self.program.schema.shape(inner).name);
        let row = || LABELS.iter().find(|(known, _)| *known == kind);
        if (label.quoted || !text.is_empty())
            && let Some(&(_, types)) = row()
        {
            let checks = types.iter().filter_map(|name| crate::types::text_type(name));
            let mut found = checks.map(|row| row.told(text));
            if let Some(Err(why)) = found.next()
                && !found.any(|other| other.is_ok())
            {
                self.report_why(&codes::E0302, label.span, &why, None);
            }
        }
        if !label.quoted && self.program.schema.shape(inner).is_kind {
            self.word_is_free(label);
        }
    }

    /// Whether a name has a meaning in every expression.
    pub(super) fn is_taken(&self, name: Sym) -> bool {
        self.words.meant.contains(&name) || self.plural(name).is_some()
    }

    pub(super) fn word_is_free(&mut self, name: Ident) {
        if !self.is_taken(name.sym) {
            return;
        }
        let text = self.text(name.sym).to_string();
        let message =
            format!("nothing may be called `{text}`: the word has a meaning in every expression");
        self.report(
            Diagnostic::new(&codes::E0211, name.span, message).help("give it another name"),
        );
    }

    fn record_entry(
        &mut self,
        block: BlockId,
        stmt: &Stmt,
        entry: &Entry,
        field: u16,
        inner: ShapeId,
        scope: &mut Scope,
    ) {
        let word = self.names.text(entry.word.sym);
        if let Some(label) = entry.label {
            self.takes_no_label(entry, label, word, None, scope);
            return;
        }
        let outside = scope.around();
        scope.enter(self, inner);
        if let Some(id) = self.label_below(scope, entry.word.sym, entry.word.sym) {
            scope.labels.push(id);
        }
        let op = self.record_op(stmt, entry, inner, scope);
        scope.leave(outside);
        let Some(op) = op else { return };
        let strength = if matches!(op, Op::Replace(_)) { entry.strength } else { Strength::Plain };
        self.push(
            block,
            Def {
                field,
                key: None,
                strength,
                op,
                span: stmt.span,
                head: entry.word.span,
                home: scope.home,
            },
        );
    }

    /// What the entry of a record says, if it says anything.
    fn record_op(
        &mut self,
        stmt: &Stmt,
        entry: &Entry,
        inner: ShapeId,
        scope: &mut Scope,
    ) -> Option<Op> {
        let word = self.names.text(entry.word.sym);
        Some(match &entry.op {
            EntryOp::Missing => return None,
            EntryOp::Block(body) => {
                if entry.strength != Strength::Plain {
                    self.strength_misplaced(entry.strength_span.unwrap_or(entry.word.span));
                }
                Op::Block { block: self.block(*body, inner, scope), from: None }
            }
            EntryOp::Assign { value, body: None } => {
                let expr = self.trees[scope.file].expr(*value);
                match &expr.kind {
                    ExprKind::Record(body) => Op::Replace(self.block(*body, inner, scope)),
                    ExprKind::Literal(crate::syntax::tree::Literal::None) => Op::Unset,
                    _ => {
                        let main = self.program.schema.shape(inner).main;
                        match main {
                            // `gpu = nvidia` of a record with a main field.
                            Some(main) => {
                                let child = self.new_block();
                                let ty = self.program.schema.shape(inner).fields[main as usize].ty;
                                let value = self.definition(*value, ty, scope);
                                self.push(
                                    child,
                                    Def {
                                        field: main,
                                        key: None,
                                        strength: entry.strength,
                                        op: Op::Set(value),
                                        span: stmt.span,
                                        head: entry.word.span,
                                        home: scope.home,
                                    },
                                );
                                Op::Block { block: child, from: None }
                            }
                            None => {
                                self.expected_block(word, expr.span, Some(inner));
                                return None;
                            }
                        }
                    }
                }
            }
            EntryOp::From { template, .. } => {
                let span = self.trees[scope.file].expr(*template).span;
                self.fault(
                    &codes::E0212,
                    span,
                    format!("`{word}` is a block and comes from no template"),
                    format!("write `{word} {{ ... }}`"),
                );
                return None;
            }
            _ => {
                self.expected_block(word, entry.word.span, Some(inner));
                return None;
            }
        })
    }
}

/// A label as it would be written.
pub(super) fn shown(label: &str) -> Cow<'_, str> {
    let bare = crate::resolve::values::is_name(label);
    if bare { label.into() } else { format!("\"{label}\"").into() }
}

/// What a name in quotes must be, by the kind of what it names: one of these types. Kinds of the
/// project's own, and tasks, which people call as they like, take any.
const LABELS: &[(&str, &[&str])] = &[
    ("site", &["site_name"]),
    ("record", &["site_name"]),
    ("file", &["home_path", "windows_path"]),
    ("volume", &["path", "windows_path"]),
    ("config", &["path", "windows_path"]),
    ("secret-path", &["path"]),
    ("route", &["route"]),
    ("network", &["name"]),
    ("user", &["user_name"]),
    ("role", &["name"]),
    ("node", &["host_name"]),
    ("disk", &["name"]),
    ("port", &["name"]),
    ("share", &["name"]),
    ("secrets", &["name"]),
    ("service", &["host_name"]),
    ("container", &["host_name"]),
    ("unit", &["name"]),
    ("credential", &["name"]),
    ("device", &["name"]),
    ("backup", &["name"]),
    ("cache", &["name"]),
    ("group", &["name"]),
    ("rollout", &["name"]),
    ("alert", &["name"]),
    ("decision", &["name"]),
    ("daemon", &["name"]),
    ("cluster", &["name"]),
    ("task", &["task_name"]),
];

#[cfg(test)]
mod tests {
    #[test]
    fn labels_are_of_kinds_and_types_that_there_are() {
        for (kind, types) in super::LABELS {
            let head = format!("kind {kind} plural ");
            let declared = crate::stdlib::FILES.iter().any(|(_, text)| text.contains(&head));
            assert!(declared, "the library has no kind `{kind}`");
            for name in *types {
                assert!(crate::types::text_type(name).is_some(), "there is no type `{name}`");
            }
        }
    }
}
