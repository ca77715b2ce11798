//! The declarations of all files: collected by name first, their bodies lowered after, so that no
//! order of files or lines matters.

use super::bodies::{Owner, Pending};
use super::labels::Grown;
use super::{Lower, Scope, Target};
use crate::diag::{About, Diagnostic, codes};
use crate::model::schema::{Schema, ShapeId, Ty, TyId};
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::{
    Block as SyntaxBlock, Entry, EntryOp, ExprId, ExprKind, Ident, Run, Stmt, StmtKind,
};
use crate::types::distance::nearest;
use std::sync::Arc;

#[derive(Clone, Copy)]
pub enum LetState {
    Open { file: usize, value: ExprId, ty: Option<crate::syntax::tree::TypeId> },
    Busy,
    Done,
}

impl Lower<'_> {
    pub(super) fn collect_declarations(&mut self) {
        let trees = self.trees;
        let top = trees.iter().map(|tree| tree.top.len()).sum();
        Arc::make_mut(&mut self.program.decls).reserve(top);
        // Templates first: the labels of a declaration include those of its template.
        for (file, tree) in trees.iter().enumerate() {
            for &id in tree.stmts_of(tree.top) {
                let stmt = tree.stmt(id);
                match &stmt.kind {
                    StmtKind::Template { name, params, target, body } => {
                        self.collect_template(
                            (file, with_doc(stmt)),
                            *name,
                            *params,
                            *target,
                            *body,
                        );
                    }
                    StmtKind::Let { name, ty, value } => {
                        self.collect_let((file, with_doc(stmt)), *name, *ty, *value);
                    }
                    _ => {}
                }
            }
        }
        let grown = self.labels_of_files();
        self.labels.reserve(grown.iter().flatten().flatten().map(Grown::len).sum());
        for ((file, tree), grown) in trees.iter().enumerate().zip(grown) {
            for (&id, grown) in tree.stmts_of(tree.top).iter().zip(grown) {
                let stmt = tree.stmt(id);
                match &stmt.kind {
                    StmtKind::Entry(entry) => {
                        self.collect_entry(file, stmt.span, stmt.doc, entry, grown);
                    }
                    StmtKind::Assert { message, condition } => self.pending.push(Pending::Assert {
                        file,
                        message: *message,
                        condition: *condition,
                        span: stmt.span,
                    }),
                    StmtKind::Var { name, .. } => {
                        let message = "`var` stands in a `node { }` block of a layer";
                        self.report(
                            Diagnostic::new(&codes::E0212, name.span, message)
                                .help("write `global { node { var ... } }`"),
                        );
                    }
                    StmtKind::Unset { .. } => {
                        let message = "there is nothing to unset at the top of a file";
                        self.report(
                            Diagnostic::new(&codes::E0212, stmt.span, message)
                                .help("put `unset` into the layer that removes the value"),
                        );
                    }
                    _ => {}
                }
            }
        }
        self.program.labels = Arc::new(std::mem::take(&mut self.labels));
    }

    fn collect_template(
        &mut self,
        (file, whole): (usize, Span),
        name: Ident,
        params: Run,
        target: Ident,
        body: SyntaxBlock,
    ) {
        let Some(&shape) = self.program.schema.kinds.get(&target.sym) else {
            if self.text(target.sym).is_empty() {
                return; // said by the parser
            }
            let message = format!("no kind is called `{}`", self.text(target.sym));
            let all: Vec<String> =
                self.program.schema.kinds.keys().map(|&k| self.text(k).to_string()).collect();
            let near = nearest(self.text(target.sym), all.iter().map(String::as_str));
            let diagnostic = Diagnostic::new(&codes::E0201, target.span, message);
            let diagnostic =
                super::did_you_mean(diagnostic, target.span, self.sources.text(target.span), &near);
            self.report(diagnostic.or_help("`colabc schema kinds` lists all kinds"));
            return;
        };
        self.mention(target.span, Target::Kind(shape));
        let id = TemplateId(self.program.templates.len() as u32);
        let library = self.is_library(file);
        let prefixed = library || self.is_prefixed(self.trees[file].file);
        if let Some(old) = self.known.templates.taken(file, name.sym, prefixed) {
            let old = self.program.template(old);
            let first = (old.span, old.whole);
            self.stated_twice("template", (name, whole), first);
            return;
        }
        self.known().templates.insert(file, name.sym, prefixed, id);
        if library {
            self.known().library_templates.entry(name.sym).or_insert(id);
        }
        let prefix = if library { "std." } else { "" };
        let path = format!("{prefix}{}", self.text(name.sym));
        let grown = self.labels_of(file, (shape, name, None), Some(body));
        let label = self.adopt(grown);
        self.program.templates.push(Template {
            name: name.sym,
            path,
            shape,
            params: Vec::new(),
            block: BlockId(0),
            span: name.span,
            whole,
            label,
            library,
        });
        self.pending.push(Pending::Template { file, template: id, params, body });
    }

    fn collect_let(
        &mut self,
        (file, whole): (usize, Span),
        name: Ident,
        ty: Option<crate::syntax::tree::TypeId>,
        value: ExprId,
    ) {
        let prefixed = self.is_prefixed(self.trees[file].file);
        if let Some(old) = self.known.lets.taken(file, name.sym, prefixed) {
            let old = &self.program.lets[old.0 as usize];
            let first = (old.span, old.whole);
            self.stated_twice("let", (name, whole), first);
            return;
        }
        if !self.is_library(file) {
            self.word_is_free(name);
            if self.is_taken(name.sym) {
                self.known().ghosts.insert(name.sym);
            }
        }
        let id = LetId(self.program.lets.len() as u32);
        self.known().lets.insert(file, name.sym, prefixed, id);
        let nothing = self.poison(name.span);
        self.program.lets.push(Let {
            name: name.sym,
            value: nothing,
            ty: Schema::POISON,
            span: name.span,
            whole,
        });
        self.let_states.push(LetState::Open { file, value, ty });
    }

    fn collect_entry(
        &mut self,
        file: usize,
        stmt: Span,
        doc: Option<Span>,
        entry: &Entry,
        grown: Option<Grown>,
    ) {
        let project = self.program.project;
        let Some(field) = self.program.schema.shape(project).field(entry.word.sym) else {
            self.unknown_top_word(file, entry);
            return;
        };
        let ty = self.program.schema.shape(project).fields[field as usize].ty;
        let layer = self.layer_sort(entry.word.sym);
        let mut decl = None;
        match *self.program.schema.ty(ty) {
            Ty::Named(shape) => {
                let Some(label) = entry.label else {
                    let word = self.names.text(entry.word.sym);
                    if !matches!(entry.op, EntryOp::Missing) {
                        let fault = Diagnostic::new(
                            &codes::E0207,
                            entry.word.span,
                            format!("this `{word}` has no name"),
                        );
                        // `os = linux { ... }`
                        let named = match entry.op {
                            EntryOp::Assign { value, body: Some(_) } => {
                                Some(self.trees[file].expr(value).span).filter(|&at| {
                                    crate::resolve::values::is_name(self.sources.text(at))
                                })
                            }
                            _ => None,
                        };
                        self.report(match named {
                            Some(name) => {
                                let way = format!("{word} {}", self.sources.text(name));
                                let head = entry.word.span.to(name);
                                fault.suggest(format!("write `{way} {{ ... }}`"), head, way)
                            }
                            None => fault.help(format!("write `{word} NAME {{ ... }}`")),
                        });
                    }
                    return;
                };
                // Equal `arch` and `os` layers and `file`s are one; all else has one declaration.
                let merges = matches!(layer, Some(LayerSort::Arch | LayerSort::Os));
                if !merges {
                    decl = self.declare(file, shape, field, label, entry, stmt, doc, grown);
                    if decl.is_none() {
                        return;
                    }
                }
            }
            Ty::One(shape) | Ty::Record(shape) => {
                let name = entry.label.unwrap_or(entry.word);
                if layer.is_none() {
                    decl = self.declare(file, shape, field, name, entry, stmt, doc, grown);
                    if decl.is_none() {
                        return;
                    }
                }
            }
            _ => {}
        }
        self.pending.push(Pending::Entry { file, stmt, entry: entry.clone(), field, decl, layer });
    }

    fn layer_sort(&self, word: Sym) -> Option<LayerSort> {
        let w = &self.words;
        Some(match word {
            _ if word == w.global => LayerSort::Global,
            _ if word == w.arch => LayerSort::Arch,
            _ if word == w.os => LayerSort::Os,
            _ if word == w.role => LayerSort::Role,
            _ if word == w.node => LayerSort::Node,
            _ => return None,
        })
    }

    #[allow(clippy::too_many_arguments)] // one call, in the function above
    fn declare(
        &mut self,
        file: usize,
        shape: ShapeId,
        field: u16,
        name: Ident,
        entry: &Entry,
        stmt: Span,
        doc: Option<Span>,
        grown: Option<Grown>,
    ) -> Option<DeclId> {
        let library = self.is_library(file);
        let key = (shape, name.sym);
        let single = matches!(
            self.program
                .schema
                .ty(self.program.schema.shape(self.program.project).fields[field as usize].ty),
            Ty::One(_) | Ty::Record(_)
        );
        let old = if single {
            self.program.decls.iter().position(|d| d.field == field).map(|at| DeclId(at as u32))
        } else if library || matches!(self.text(entry.word.sym), "file" | "allow") {
            // Two files of one path may be for different nodes; where they meet is checked later.
            None
        } else {
            self.program.by_name.get(&key).copied()
        };
        if let Some(old) = old {
            let first = self.program.decl(old).name_span;
            let word = self.names.text(entry.word.sym);
            match single {
                true => self.report(
                    Diagnostic::new(
                        &codes::E0203,
                        name.span,
                        format!("a project has one `{word}`, and this is a second"),
                    )
                    .here("again here")
                    .label(first, "first here")
                    .help("put both bodies into one"),
                ),
                false => {
                    let old = self.program.decl(old).span;
                    self.stated_twice(word, (name, stmt), (first, old));
                }
            }
            return None;
        }
        if !library && entry.label.is_some() {
            self.label_word_is_free(name, shape);
        }
        let home = if single && entry.label.is_none() {
            self.home(self.names.text(entry.word.sym))
        } else {
            self.home_inside(HomeId::TOP, entry.word.sym, name.sym)
        };
        let label = self.adopt(grown.expect("what is declared has a name"));
        let id = DeclId(self.program.decls.len() as u32);
        Arc::make_mut(&mut self.program.decls).push(Decl {
            shape,
            name: name.sym,
            span: stmt,
            name_span: name.span,
            block: BlockId(0),
            from: None,
            home,
            label,
            doc,
            library,
            field,
        });
        if self.program.schema.shape(shape).name == self.words.service {
            let site = self.kind_named("site");
            for nth in 0..self.labels[label.0 as usize].children.len() {
                let (word, name, child) = self.labels[label.0 as usize].children[nth];
                let inner = self.labels[child.0 as usize].shape;
                if Some(inner) == site {
                    self.known().nested.entry((inner, name)).or_insert((id, word, child));
                }
            }
        }
        if library {
            self.known().library_names.entry(name.sym).or_default().push(id);
        } else {
            Arc::make_mut(&mut self.program.by_name).entry(key).or_insert(id);
            self.known().bare.entry(name.sym).or_default().push(id);
        }
        Some(id)
    }

    /// `arch X { }`, `os X { }`, `role X { }`, `node X { }` inside a service.
    pub(super) fn is_inner_layer(&self, shape: ShapeId, entry: &Entry) -> bool {
        self.program.schema.shape(shape).name == self.words.service
            && entry.label.is_some()
            && matches!(
                self.layer_sort(entry.word.sym),
                Some(LayerSort::Arch | LayerSort::Os | LayerSort::Role | LayerSort::Node)
            )
    }

    pub(super) fn template_of_entry(&self, file: usize, entry: &Entry) -> Option<TemplateId> {
        let EntryOp::From { template, .. } = &entry.op else { return None };
        let tree = &self.trees[file];
        let mut expr = tree.expr(*template);
        if let ExprKind::Call { callee, .. } = &expr.kind {
            expr = tree.expr(*callee);
        }
        match &expr.kind {
            ExprKind::Name(name) => self.find_template(file, None, *name),
            ExprKind::Field { base, name } => match &tree.expr(*base).kind {
                ExprKind::Name(prefix) => self.find_template(file, Some(*prefix), name.sym),
                _ => None,
            },
            _ => None,
        }
    }

    /// A template by its name, as a file may call it.
    pub(super) fn find_template(
        &self,
        file: usize,
        prefix: Option<Sym>,
        name: Sym,
    ) -> Option<TemplateId> {
        match prefix {
            None if self.is_library(file) => self.known.library_templates.get(&name).copied(),
            None => self.bare(&self.known.templates, file, name),
            Some(prefix) if prefix == self.words.std => {
                self.known.library_templates.get(&name).copied()
            }
            Some(prefix) => self.under(&self.known.templates, file, prefix, name),
        }
    }

    fn unknown_top_word(&mut self, file: usize, entry: &Entry) {
        let named = entry.label.map_or(entry.word.sym, |label| label.sym);
        self.known().ghosts.insert(named);
        if matches!(entry.op, EntryOp::Missing) {
            return; // said by the parser
        }
        let word = self.names.text(entry.word.sym);
        if let EntryOp::Assign { value, body: None } = entry.op
            && matches!(word, "import" | "imports" | "include" | "includes")
        {
            let value = self.trees[file].expr(value).span;
            let (first, path) = (entry.word.span, self.sources.text(value));
            let message = format!("expected `import` and a path, found `{word} =`");
            let fault = Diagnostic::new(&codes::E0201, first, message);
            return self.report(match path.starts_with('"') {
                true => {
                    let meant = format!("import {path}");
                    fault.fix(format!("write `{meant}`"), first.to(value), meant)
                }
                false => fault.help("write one `import \"FILE.colab\"` for each file"),
            });
        }
        let project = self.program.schema.shape(self.program.project);
        let all: Vec<String> =
            project.fields.iter().map(|f| self.text(f.name).to_string()).collect();
        // Nothing at the top is given a value.
        let mut near = nearest(word, all.iter().map(String::as_str));
        near.retain(|_| !matches!(entry.op, EntryOp::Assign { .. }));
        let message = format!("`{word}` is no kind of thing that stands at the top of a file");
        let diagnostic = Diagnostic::new(&codes::E0201, entry.word.span, message);
        let mut diagnostic = super::did_you_mean(
            diagnostic,
            entry.word.span,
            self.sources.text(entry.word.span),
            &near,
        );
        if near.is_empty() {
            // A field of something: say of what.
            let mut owners: Vec<String> = self
                .program
                .schema
                .shapes
                .iter()
                .filter(|s| s.is_kind && s.field(entry.word.sym).is_some())
                .map(|s| format!("`{}`", self.text(s.name).trim_end_matches("-layer")))
                .collect();
            owners.sort_unstable();
            owners.dedup();
            if !owners.is_empty() {
                diagnostic =
                    diagnostic.help(format!("`{word}` stands inside of {}", owners.join(", ")));
            } else {
                diagnostic = diagnostic.note(format!("there are: {}", all.join(", ")));
            }
        }
        if near.is_empty() {
            diagnostic = diagnostic.about(About::Stranger);
        }
        let name = entry.label.map(|label| self.text(label.sym));
        let is_let = matches!(entry.op, EntryOp::Assign { body: None, .. }) && near.is_empty();
        if is_let
            && matches!(word, "const" | "local" | "var" | "def" | "set" | "variable")
            && name.is_some()
        {
            let way = "a name for a value is declared by `let`";
            return self.report(diagnostic.suggest(way, entry.word.span, "let"));
        }
        if is_let && name.is_none() && crate::resolve::values::is_name(word) {
            let way = format!("a name for a value: `let {word} = ...`");
            diagnostic = diagnostic.suggest(way, entry.word.span.head(), "let ");
        }
        // `git.example.org { ... }`, as a server's own file begins.
        let rest = &self.sources.file(entry.word.span.file).text[entry.word.span.start as usize..];
        let host = rest.split(|c: char| c.is_whitespace() || c == '{').next().unwrap_or_default();
        if host.contains('.')
            && crate::types::text_type("fqdn").is_some_and(|row| row.told(host).is_ok())
        {
            let way = format!(
                "a name that people type is a site: `site \"{host}\" {{ to = CONTAINER.PORT }}`"
            );
            diagnostic = diagnostic.help(way);
        }
        let declare = format!(
            "declare such a kind first: `kind {word} plural ... {{ ... }}`; or take it out"
        );
        self.report(diagnostic.or_help(declare));
    }

    pub(super) fn lower_declarations(&mut self) {
        for at in 0..self.let_states.len() {
            self.lower_let(LetId(at as u32));
        }
        let pending = std::mem::take(&mut self.pending);
        // Parameters before any use.
        for item in &pending {
            if let Pending::Template { file, template, params, .. } = item {
                self.lower_params(*file, *template, *params);
            }
        }
        self.lower_bodies(pending);
    }

    /// A `let`, lowered on first use; a circle is an error.
    pub(super) fn lower_let(&mut self, id: LetId) -> TyId {
        let at = id.0 as usize;
        match self.let_states[at] {
            LetState::Done => self.program.lets[at].ty,
            LetState::Busy => {
                let (name, span) = (self.program.lets[at].name, self.program.lets[at].span);
                let text = self.text(name).to_string();
                let first = self.lets_open.iter().position(|&open| open == id).unwrap_or(0);
                let mut diagnostic =
                    Diagnostic::new(&codes::E0309, span, format!("`{text}` is made of itself"))
                        .here("needs its own value, by what it names");
                for &other in self.lets_open.iter().skip(first + 1) {
                    let other = &self.program.lets[other.0 as usize];
                    let name = self.names.text(other.name);
                    diagnostic = diagnostic.label(other.span, format!("by way of `{name}`"));
                }
                self.report(
                    diagnostic.help("give one of those that name each other a value of its own"),
                );
                self.let_states[at] = LetState::Done;
                Schema::POISON
            }
            LetState::Open { .. } if self.lets_open.len() >= DEEPEST => {
                let span = self.program.lets[at].span;
                let message =
                    format!("more than {DEEPEST} lets lead through each other to this one");
                self.fault(&codes::E0309, span, message, "state the value of one between them");
                self.let_states[at] = LetState::Done;
                Schema::POISON
            }
            LetState::Open { file, value, ty } => {
                self.let_states[at] = LetState::Busy;
                self.lets_open.push(id);
                let mut scope = Scope::top(file);
                let want = ty.map(|ty| self.type_of(file, ty));
                let typed = match want {
                    Some(want) => {
                        let id = self.checked(value, want, &mut scope);
                        (id, want)
                    }
                    None => {
                        let typed = self.expr(value, Schema::ANY, &mut scope);
                        (typed.id, typed.ty)
                    }
                };
                self.lets_open.pop();
                if !matches!(self.let_states[at], LetState::Done) {
                    self.program.lets[at].value = typed.0;
                    self.program.lets[at].ty = typed.1;
                    self.let_states[at] = LetState::Done;
                }
                self.program.lets[at].ty
            }
        }
    }

    fn lower_params(&mut self, file: usize, template: TemplateId, params: Run) {
        let trees = self.trees;
        for param in &trees[file].params[params.range()] {
            let ty = self.type_of(file, param.ty);
            let mut scope = Scope::top(file);
            let default = param.default.map(|value| self.checked(value, ty, &mut scope));
            let list = &mut self.program.templates[template.0 as usize].params;
            list.push(Param { name: param.name.sym, ty, default, span: param.name.span });
        }
    }

    pub(super) fn lower_template(&mut self, file: usize, template: TemplateId, body: SyntaxBlock) {
        let (shape, label, path) = {
            let t = self.program.template(template);
            (t.shape, t.label, t.path.clone())
        };
        let mut scope = Scope::of_kind(self, file, shape);
        scope.home = self.home(&format!("template {path}"));
        scope.template = Some(template);
        scope.labels.push(label);
        if self.program.schema.shape(shape).name == self.words.service {
            scope.own_service = Some(label);
        }
        let block = self.block(body, shape, &mut scope);
        self.blocks.push((Owner::Template(template), block, None));
    }
}

/// A statement and the comment that documents it: one goes with the other.
fn with_doc(stmt: &Stmt) -> Span {
    stmt.doc.map_or(stmt.span, |doc| doc.to(stmt.span))
}
