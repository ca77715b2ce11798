//! What a name stands for: binder, word, label, `let`, declaration; what may follow a dot; and the
//! did-you-mean of each.

use super::exprs::Typed;
use super::{Lower, Scope, Target, a};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{EnumId, Schema, ShapeId, Ty, TyId, spell};
use crate::model::value::{Placement, Value};
use crate::names::Sym;
use crate::resolve::functions;
use crate::resolve::hir::*;
use crate::resolve::properties::{self, On};
use crate::source::Span;
use crate::syntax::tree::{Arg, ExprId, ExprKind, Ident};
use crate::types::distance::nearest;

impl Lower<'_> {
    /// A bare name, in the order of the language: binder or parameter, word of the expected type,
    /// label around, `let` or declaration.
    pub(super) fn name(&mut self, name: Sym, span: Span, want: TyId, scope: &mut Scope) -> Typed {
        if self.wants_name(want) {
            let value = Value::Text(self.names.shared(name));
            return self.typed(Node::Const(value), span, Ty::Name);
        }
        if let Some(at) = scope.binders.iter().rposition(|(n, _)| *n == name) {
            let ty = scope.binders[at].1;
            return Typed { id: self.add(Node::Local(at as u32), span), ty, label: None };
        }
        if let Some(template) = scope.template {
            let params = &self.program.template(template).params;
            if let Some(at) = params.iter().position(|p| p.name == name) {
                let ty = params[at].ty;
                return Typed { id: self.add(Node::Param(at as u32), span), ty, label: None };
            }
        }
        for set in self.enums_in(want) {
            if self.program.schema.enumeration(set).word(name).is_some() {
                return self.word(set, name, span);
            }
        }
        if let Some(typed) = self.self_word(name, span, scope) {
            return typed;
        }
        if let Some(label) = self.enclosing(name, want, scope) {
            self.usage.references.push((span, Target::Label(label)));
            let shape = self.program.labels[label.0 as usize].shape;
            let ty = self.program.schema.intern(Ty::Ref(shape));
            return Typed { id: self.add(Node::Enclosing(name), span), ty, label: Some(label) };
        }
        if name == self.words.instances {
            let Some(service) = self.kind_named("service") else { return self.bad(span) };
            let ty = self.program.schema.intern(Ty::Ref(service));
            return self.typed(Node::Instances, span, Ty::List(ty));
        }
        if self.names.text(name) == "all" && self.wants(want, &Ty::Placement) {
            let value = Value::Placement(std::sync::Arc::new(Placement::All));
            return self.typed(Node::Const(value), span, Ty::Placement);
        }
        // `tmpfs` alone is `tmpfs()`.
        if self.names.text(name) == "tmpfs" && self.wants(want, &Ty::Location) {
            let function =
                functions::FUNCTIONS.iter().position(|f| f.name == "tmpfs").unwrap_or(0) as u32;
            let node = Node::Call { function, args: Box::new([]), binding: None };
            return self.typed(node, span, Ty::Location);
        }
        if name == self.words.inherited
            && let Some(ty) = scope.inherited
        {
            return Typed { id: self.add(Node::Inherited, span), ty, label: None };
        }
        if let Some(shape) = self.plural(name) {
            return self.typed(Node::All(shape), span, Ty::All(shape));
        }
        self.declared(name, span, want, scope)
    }

    /// `nodes`: the map of all. Only what stands at the top of files has one; a `port` is some port's
    /// of some container, and its name says too little.
    pub(super) fn plural(&self, name: Sym) -> Option<ShapeId> {
        let schema = &self.program.schema;
        let shape = *schema.plurals.get(&name)?;
        let top = &schema.shape(self.program.project).fields;
        top.iter()
            .any(|f| matches!(schema.ty(f.ty), Ty::Named(s) | Ty::One(s) if *s == shape))
            .then_some(shape)
    }

    /// Where the things of a nested kind are found.
    fn nested_plural(&self, name: Sym) -> Option<String> {
        let shape = self.program.schema.plurals.get(&name)?;
        let word = self.text(self.program.schema.shape(*shape).name);
        Some(match word {
            "container" | "unit" => {
                format!("go through the instances: `[for i in instances: i.{word}]`")
            }
            _ => format!("name what holds them: `THING.{word}`"),
        })
    }

    fn wants(&self, want: TyId, wanted: &Ty) -> bool {
        let schema = &self.program.schema;
        match schema.ty(schema.plain(want)) {
            Ty::Union(types) => types.iter().any(|&t| self.wants(t, wanted)),
            ty => ty == wanted,
        }
    }

    /// A field of type `name` declares its bare words.
    fn wants_name(&self, want: TyId) -> bool {
        *self.program.schema.ty(self.program.schema.plain(want)) == Ty::Name
    }

    fn self_word(&mut self, name: Sym, span: Span, scope: &Scope) -> Option<Typed> {
        let w = &self.words;
        let (word, allowed, kind) = match name {
            _ if name == w.cluster => (SelfWord::Cluster, true, w.cluster),
            _ if name == w.node => (SelfWord::Node, scope.node, w.node),
            _ if name == w.service => (SelfWord::Service, scope.service, w.service),
            _ if name == w.container => (SelfWord::Container, scope.container, w.container),
            _ if name == w.unit => (SelfWord::Unit, scope.unit, w.unit),
            _ => return None,
        };
        let shape = *self.program.schema.kinds.get(&kind)?;
        if !allowed {
            let text = self.text(name).to_string();
            let plural = self.program.schema.shape(shape).plural.map(|p| self.text(p).to_string());
            let mut diagnostic =
                Diagnostic::new(&codes::E0214, span, format!("there is no `{text}` here"))
                    .note(format!("`{text}` is the one that the definition is for"));
            if let Some(plural) = plural {
                diagnostic = diagnostic.help(format!(
                    "name one: `{plural}.NAME`, or go through all: `for x in {plural}`"
                ));
            }
            self.report(diagnostic);
            return Some(self.bad(span));
        }
        let label = if word == SelfWord::Service { scope.own_service } else { None };
        let ty = self.program.schema.intern(Ty::Ref(shape));
        Some(Typed { id: self.add(Node::SelfWord(word), span), ty, label })
    }

    /// A label of a declaration around, innermost first, that fits the expected type.
    fn enclosing(&self, name: Sym, want: TyId, scope: &Scope) -> Option<LabelId> {
        for &around in scope.labels.iter().rev() {
            if let Some(found) = self.child_label_named(around, name)
                && self.label_fits(found, want)
            {
                return Some(found);
            }
        }
        None
    }

    fn label_fits(&self, label: LabelId, want: TyId) -> bool {
        let shape = self.program.labels[label.0 as usize].shape;
        let schema = &self.program.schema;
        match schema.ty(schema.plain(want)) {
            Ty::Ref(wanted) => *wanted == shape,
            Ty::Union(types) => {
                let refs: Vec<TyId> = types
                    .iter()
                    .copied()
                    .filter(|&t| matches!(schema.ty(t), Ty::Ref(_) | Ty::Set(_) | Ty::List(_)))
                    .collect();
                refs.is_empty() || refs.iter().any(|&t| self.label_fits(label, t))
            }
            _ => true,
        }
    }

    /// A child by its label alone: of the thing itself, of its template.
    pub(super) fn child_label_named(&self, parent: LabelId, name: Sym) -> Option<LabelId> {
        let node = &self.program.labels[parent.0 as usize];
        let own = node.children.iter().find(|(word, n, _)| *n == name && *word != *n).map(|c| c.2);
        own.or_else(|| {
            let template = node.template?;
            let label = self.program.templates.get(template.0 as usize)?.label;
            self.child_label_named(label, name)
        })
    }

    /// A child by its word and label.
    pub(super) fn child_label_at(&self, parent: LabelId, word: Sym, name: Sym) -> Option<LabelId> {
        let node = &self.program.labels[parent.0 as usize];
        let own = node.children.iter().find(|(w, n, _)| *n == name && *w == word).map(|c| c.2);
        own.or_else(|| {
            let template = node.template?;
            let label = self.program.templates.get(template.0 as usize)?.label;
            self.child_label_at(label, word, name)
        })
    }

    pub(super) fn label_below(&self, scope: &Scope, word: Sym, name: Sym) -> Option<LabelId> {
        self.child_label_at(*scope.labels.last()?, word, name)
    }

    pub(super) fn child_of_scope(
        &self,
        scope: &Scope,
        shape: ShapeId,
        name: Sym,
    ) -> Option<LabelId> {
        scope.labels.iter().rev().find_map(|&around| {
            self.child_label_named(around, name)
                .filter(|&l| self.program.labels[l.0 as usize].shape == shape)
        })
    }

    /// The shapes of things that a type can refer to.
    fn wanted_shapes(&self, want: TyId) -> Option<Vec<ShapeId>> {
        let schema = &self.program.schema;
        let named = |name: &str| self.kind_named(name);
        match schema.ty(schema.plain(want)) {
            Ty::Ref(shape) => Some(vec![*shape]),
            Ty::Location => Some([named("share"), named("disk")].into_iter().flatten().collect()),
            Ty::Endpoint => {
                let kinds = ["port", "container", "unit", "service", "node"];
                Some(kinds.iter().filter_map(|k| named(k)).collect())
            }
            Ty::Placement => Some(vec![named("node")?]),
            Ty::Union(types) => {
                let all: Vec<ShapeId> =
                    types.iter().filter_map(|&t| self.wanted_shapes(t)).flatten().collect();
                (!all.is_empty()).then_some(all)
            }
            Ty::List(item) | Ty::Set(item) => self.wanted_shapes(*item),
            _ => None,
        }
    }

    fn declared(&mut self, name: Sym, span: Span, want: TyId, scope: &Scope) -> Typed {
        let wanted = self.wanted_shapes(want);
        let empty = Vec::new();
        let library = self.is_library(scope.file);
        let pool = if library { &self.library_names } else { &self.bare };
        let found: Vec<DeclId> = pool.get(&name).unwrap_or(&empty).clone();
        let fits =
            |d: &DeclId| wanted.as_ref().is_none_or(|w| w.contains(&self.program.decl(*d).shape));
        let fitting: Vec<DeclId> = found.iter().copied().filter(fits).collect();
        let by_let = self.lets.get(&name).copied();
        match (by_let, fitting.as_slice()) {
            (Some(id), []) => {
                let ty = self.lower_let(id);
                self.refer(span, Target::Let(id));
                Typed { id: self.add(Node::Let(id), span), ty, label: None }
            }
            (None, [one]) => self.decl_ref(*one, span, span),
            (None, []) => {
                if let Some(&other) = found.first() {
                    return self.wrong_kind(name, span, other, want);
                }
                self.unknown_name(name, span, want, wanted.as_deref(), scope)
            }
            _ => self.ambiguous(name, span, &fitting),
        }
    }

    /// `named` is the place of its name alone.
    pub(super) fn decl_ref(&mut self, decl: DeclId, span: Span, named: Span) -> Typed {
        self.refer(named, Target::Decl(decl));
        let d = self.program.decl(decl);
        let (shape, label) = (d.shape, d.label);
        let ty = self.program.schema.intern(Ty::Ref(shape));
        Typed { id: self.add(Node::Decl(decl), span), ty, label: Some(label) }
    }

    fn wrong_kind(&mut self, name: Sym, span: Span, other: DeclId, want: TyId) -> Typed {
        let text = self.text(name).to_string();
        let d = self.program.decl(other);
        let (kind, at) =
            (self.text(self.program.schema.shape(d.shape).name).to_string(), d.name_span);
        let want = spell(&self.program.schema, self.names, want);
        self.report(
            Diagnostic::new(
                &codes::E0301,
                span,
                format!("expected {want}, found the {kind} `{text}`"),
            )
            .label(at, format!("the {kind} is declared here")),
        );
        self.bad(span)
    }

    fn ambiguous(&mut self, name: Sym, span: Span, found: &[DeclId]) -> Typed {
        let text = self.text(name).to_string();
        let mut diagnostic = Diagnostic::new(
            &codes::E0210,
            span,
            format!("`{text}` is the name of more than one thing"),
        );
        for &decl in found {
            let d = self.program.decl(decl);
            let shape = self.program.schema.shape(d.shape);
            let kind = self.text(shape.name).to_string();
            diagnostic = diagnostic.label(d.name_span, a(&kind));
            if let Some(plural) = shape.plural {
                let way = format!("{}.{text}", self.text(plural));
                diagnostic = diagnostic.suggest(format!("write `{way}`"), span, way);
            }
        }
        self.report(diagnostic);
        self.bad(span)
    }

    fn unknown_name(
        &mut self,
        name: Sym,
        span: Span,
        want: TyId,
        wanted: Option<&[ShapeId]>,
        scope: &Scope,
    ) -> Typed {
        if self.ghosts.contains(&name) {
            return self.bad(span);
        }
        let text = self.text(name).to_string();
        let sets = self.enums_in(want);
        if let (&[set], None) = (sets.as_slice(), wanted) {
            self.unknown_word(set, name, span, "expected one of its words, found");
            return self.bad(span);
        }
        let mut known: Vec<String> = Vec::new();
        known.extend(scope.binders.iter().map(|(n, _)| self.text(*n).to_string()));
        for &set in &sets {
            let words = &self.program.schema.enumeration(set).words;
            known.extend(words.iter().map(|w| self.text(w.name).to_string()));
        }
        for &around in scope.labels.iter().rev() {
            for &(_, n, label) in &self.program.labels[around.0 as usize].children {
                if self.label_fits(label, want) {
                    known.push(self.text(n).to_string());
                }
            }
        }
        for decl in &self.program.decls {
            if !decl.library && wanted.is_none_or(|w| w.contains(&decl.shape)) {
                known.push(self.text(decl.name).to_string());
            }
        }
        if wanted.is_none() {
            known.extend(self.lets.keys().map(|&n| self.text(n).to_string()));
        }
        known.sort_unstable();
        known.dedup();
        let near = nearest(&text, known.iter().map(String::as_str));
        let what = match wanted {
            Some([shape]) => {
                format!(
                    "no {} is called `{text}`",
                    self.text(self.program.schema.shape(*shape).name)
                )
            }
            _ => format!("nothing here is called `{text}`"),
        };
        if let Some(way) = self.nested_plural(name) {
            let diagnostic = Diagnostic::new(&codes::E0204, span, what)
                .note("only things at the top of a file have a map of all")
                .help(way);
            self.report(diagnostic);
            return self.bad(span);
        }
        let mut diagnostic = Diagnostic::new(&codes::E0204, span, what);
        diagnostic = super::did_you_mean(diagnostic, span, self.sources.text(span), &near);
        if near.is_empty() {
            let plain = self.program.schema.plain(want);
            if matches!(self.program.schema.ty(plain), Ty::Text(_) | Ty::Printable) {
                diagnostic =
                    diagnostic.suggest("a text stands in quotes", span, format!("\"{text}\""));
            } else if wanted.is_some() && !known.is_empty() && known.len() <= 8 {
                diagnostic = diagnostic.note(format!("there are: {}", known.join(", ")));
            } else if let Some((a, b)) = text.split_once('-').filter(|_| wanted.is_none()) {
                diagnostic = diagnostic.help(format!("a minus has spaces around it: `{a} - {b}`"));
            } else if self.library_names.contains_key(&name) {
                diagnostic = diagnostic.suggest(
                    "the library's names begin with `std.`",
                    span,
                    format!("std.{text}"),
                );
            }
        }
        self.report(diagnostic);
        self.bad(span)
    }

    pub(super) fn unknown_thing(&mut self, shape: ShapeId, name: Sym, span: Span) {
        if self.ghosts.contains(&name) {
            return;
        }
        let text = self.text(name).to_string();
        let kind = self.text(self.program.schema.shape(shape).name).to_string();
        let mut all: Vec<String> = self
            .program
            .decls
            .iter()
            .filter(|d| d.shape == shape && !d.library)
            .map(|d| self.text(d.name).to_string())
            .collect();
        all.extend(self.nested.keys().filter(|k| k.0 == shape).map(|k| self.text(k.1).to_string()));
        all.sort_unstable();
        let near = nearest(&text, all.iter().map(String::as_str));
        let diagnostic =
            Diagnostic::new(&codes::E0204, span, format!("no {kind} is called `{text}`"));
        let mut diagnostic = super::did_you_mean(diagnostic, span, self.sources.text(span), &near);
        if near.is_empty() && !all.is_empty() && all.len() <= 8 {
            diagnostic = diagnostic.note(format!("there are: {}", all.join(", ")));
        }
        self.report(diagnostic);
    }

    pub(super) fn unknown_word(&mut self, set: EnumId, name: Sym, span: Span, lead: &str) {
        let text = self.text(name).to_string();
        let words: Vec<String> = self
            .program
            .schema
            .enumeration(set)
            .words
            .iter()
            .map(|w| self.text(w.name).to_string())
            .collect();
        let near = nearest(&text, words.iter().map(String::as_str));
        let diagnostic = Diagnostic::new(&codes::E0209, span, format!("{lead} `{text}`"));
        let mut diagnostic = super::did_you_mean(diagnostic, span, self.sources.text(span), &near);
        diagnostic = diagnostic.note(format!("it is one of: {}", words.join(", ")));
        self.report(diagnostic);
    }

    pub(super) fn unknown_field(&mut self, word: Ident, shape: ShapeId, scope: &Scope) {
        let text = self.text(word.sym).to_string();
        let s = self.program.schema.shape(shape);
        let kind = self.text(s.name).to_string();
        let all: Vec<String> = s.fields.iter().map(|f| self.text(f.name).to_string()).collect();
        let near = nearest(&text, all.iter().map(String::as_str));
        let message = format!("{} has no field `{text}`", a(&kind));
        let diagnostic = Diagnostic::new(&codes::E0202, word.span, message);
        let mut diagnostic =
            super::did_you_mean(diagnostic, word.span, self.sources.text(word.span), &near);
        if near.is_empty() {
            let owner = scope.labels.iter().rev().skip(1).find_map(|&l| {
                let around = self.program.labels[l.0 as usize].shape;
                let s = self.program.schema.shape(around);
                s.field(word.sym).map(|_| self.text(s.name).to_string())
            });
            if let Some(owner) = owner {
                diagnostic = diagnostic.help(format!(
                    "`{text}` is a field of the {owner} around it: move it out of this block"
                ));
            } else {
                diagnostic = diagnostic.note(format!("{} has: {}", a(&kind), all.join(", ")));
            }
        }
        self.report(diagnostic);
    }

    /// `base.name`
    pub(super) fn field(
        &mut self,
        base: ExprId,
        name: Ident,
        span: Span,
        want: TyId,
        scope: &mut Scope,
    ) -> Typed {
        let trees = self.trees;
        if let ExprKind::Name(prefix) = trees[scope.file].expr(base).kind {
            let bound = scope.binders.iter().any(|(n, _)| *n == prefix);
            if !bound && prefix == self.words.std {
                return self.library_name(name, span, want);
            }
            if !bound && prefix == self.words.generated {
                return self.generated(name, span);
            }
            if !bound && self.import_names[scope.file].contains_key(&prefix) {
                return self.imported(prefix, name, span, scope);
            }
        }
        let typed = self.expr(base, Schema::ANY, scope);
        if name.sym == self.names.intern("") {
            if self.editing {
                self.usage.bases.push((name.span, typed.ty, typed.label));
            }
            return self.bad(span);
        }
        self.member(typed, name, span)
    }

    fn library_name(&mut self, name: Ident, span: Span, want: TyId) -> Typed {
        let wanted = self.wanted_shapes(want);
        let found = self.library_names.get(&name.sym).and_then(|decls| {
            decls
                .iter()
                .copied()
                .find(|&d| wanted.as_ref().is_none_or(|w| w.contains(&self.program.decl(d).shape)))
        });
        if let Some(decl) = found {
            return self.decl_ref(decl, span, name.span);
        }
        let text = self.text(name.sym).to_string();
        let mut all: Vec<String> =
            self.library_names.keys().map(|&n| self.text(n).to_string()).collect();
        all.extend(
            self.program
                .templates
                .iter()
                .filter(|t| t.library)
                .map(|t| self.text(t.name).to_string()),
        );
        all.sort_unstable();
        let near = nearest(&text, all.iter().map(String::as_str));
        let message = if self.library_templates.contains_key(&name.sym) {
            format!("`std.{text}` is a template: it stands after `from`")
        } else {
            format!("the library has no `{text}`")
        };
        let diagnostic = Diagnostic::new(&codes::E0204, name.span, message);
        let diagnostic =
            super::did_you_mean(diagnostic, name.span, self.sources.text(name.span), &near);
        self.report(diagnostic);
        self.bad(span)
    }

    fn imported(&mut self, prefix: Sym, name: Ident, span: Span, scope: &Scope) -> Typed {
        let files = self.import_names[scope.file][&prefix].clone();
        let found = self.lets.get(&name.sym).copied().filter(|id| {
            let file = self.program.lets[id.0 as usize].span.file;
            files.iter().any(|&f| self.trees[f].file == file)
        });
        match found {
            Some(id) => {
                let ty = self.lower_let(id);
                self.refer(name.span, Target::Let(id));
                Typed { id: self.add(Node::Let(id), span), ty, label: None }
            }
            None => {
                let message =
                    format!("`{}` has no `let {}`", self.text(prefix), self.text(name.sym));
                self.fault(&codes::E0204, name.span, message);
                self.bad(span)
            }
        }
    }

    fn generated(&mut self, name: Ident, span: Span) -> Typed {
        let text = self.text(name.sym).to_string();
        let names = crate::model::generated::GENERATED.iter().map(|g| g.name);
        if names.clone().any(|g| g == text) {
            let value = Value::Generated(name.sym);
            return self.typed(Node::Const(value), span, Ty::Generated);
        }
        let all: Vec<&str> = names.collect();
        let near = nearest(&text, all.iter().copied());
        let diagnostic = Diagnostic::new(
            &codes::E0208,
            name.span,
            format!("no generated file is called `{text}`"),
        );
        let diagnostic =
            super::did_you_mean(diagnostic, name.span, self.sources.text(name.span), &near)
                .note(format!("there are: {}", all.join(", ")));
        self.report(diagnostic);
        self.bad(span)
    }

    pub(super) fn member(&mut self, base: Typed, name: Ident, span: Span) -> Typed {
        if self.editing {
            self.usage.bases.push((name.span, base.ty, base.label));
        }
        let node = Node::Member { base: base.id, name: name.sym, name_span: name.span };
        let schema = &self.program.schema;
        let ty = schema.ty(schema.plain(base.ty)).clone();
        let text = self.text(name.sym).to_string();
        match ty {
            Ty::Poison => self.bad(span),
            Ty::Any | Ty::Data => self.typed(node, span, Ty::Any),
            Ty::Map(_, value) => {
                let value = if value == Schema::ANY {
                    self.program.vars.get(&name.sym).map_or(Schema::ANY, |v| v.0)
                } else {
                    value
                };
                let id = self.add(node, span);
                let ty = self.program.schema.intern(Ty::Optional(value));
                let ty = if value == Schema::ANY { Schema::ANY } else { ty };
                Typed { id, ty, label: None }
            }
            Ty::All(shape) => {
                if let Some(&decl) = self.program.by_name.get(&(shape, name.sym)) {
                    return self.decl_ref(decl, span, name.span);
                }
                if let Some(&(owner, word, label)) = self.nested.get(&(shape, name.sym)) {
                    self.refer(name.span, Target::Decl(owner));
                    self.usage.references.push((name.span, Target::Label(label)));
                    let ty = self.program.schema.intern(Ty::Ref(shape));
                    let id = self.add(Node::Nested { owner, word, name: name.sym }, span);
                    return Typed { id, ty, label: Some(label) };
                }
                self.unknown_thing(shape, name.sym, name.span);
                self.bad(span)
            }
            Ty::Ref(shape) | Ty::Record(shape) | Ty::One(shape) => {
                self.thing_member(base, shape, node, name, span)
            }
            Ty::Named(_) => {
                let id = self.add(node, span);
                let label = base.label.and_then(|l| self.child_label_named(l, name.sym));
                Typed { id, ty: self.named_item(base.ty), label }
            }
            Ty::Enum(set) => {
                let param = self
                    .program
                    .schema
                    .enumeration(set)
                    .words
                    .iter()
                    .find_map(|w| w.params.iter().find(|p| p.name == name.sym).map(|p| p.ty));
                match param {
                    Some(param) => {
                        let id = self.add(node, span);
                        let plain = self.program.schema.plain(param);
                        let ty = self.program.schema.intern(Ty::Optional(plain));
                        Typed { id, ty, label: None }
                    }
                    None => {
                        let message = format!("no word of it has a parameter `{text}`");
                        self.fault(&codes::E0208, name.span, message);
                        self.bad(span)
                    }
                }
            }
            Ty::Union(_) => self.typed(node, span, Ty::Any),
            other => match properties::find(&On::of(&other), &text) {
                Some(property) => {
                    let ty = property.result.ty(self);
                    let id = self.add(node, span);
                    Typed { id, ty, label: None }
                }
                None => {
                    let plain = self.program.schema.plain(base.ty);
                    let spelled = spell(&self.program.schema, self.names, plain);
                    let all: Vec<&str> = properties::names(&On::of(&other));
                    let near = nearest(&text, all.iter().copied());
                    let diagnostic = Diagnostic::new(
                        &codes::E0208,
                        name.span,
                        format!("{} has no `{text}`", a(&spelled)),
                    );
                    let mut diagnostic = super::did_you_mean(
                        diagnostic,
                        name.span,
                        self.sources.text(name.span),
                        &near,
                    );
                    if let Some((word, label)) = self.hidden_label(base.id) {
                        diagnostic = diagnostic
                            .note(format!("after a dot the field `{label}` comes first"))
                            .help(format!("for the {word} of that name write `{word}.{label}`"));
                    } else if near.is_empty() && !all.is_empty() {
                        diagnostic = diagnostic.note(format!("it has: {}", all.join(", ")));
                    }
                    self.report(diagnostic);
                    self.bad(span)
                }
            },
        }
    }

    /// `c.dns` is the field, though a `port dns` is there too: its word and label.
    fn hidden_label(&self, id: HirId) -> Option<(String, String)> {
        let Node::Member { name, .. } = self.program.node(id) else { return None };
        let found = self.program.labels.iter().find_map(|around| {
            self.program.schema.shape(around.shape).field(*name)?;
            around.children.iter().find(|c| c.1 == *name && c.0 != *name).map(|c| c.0)
        })?;
        Some((self.text(found).to_string(), self.text(*name).to_string()))
    }

    fn named_item(&mut self, ty: TyId) -> TyId {
        match *self.program.schema.ty(ty) {
            Ty::Named(shape) => self.program.schema.intern(Ty::Ref(shape)),
            _ => Schema::ANY,
        }
    }

    fn thing_member(
        &mut self,
        base: Typed,
        shape: ShapeId,
        node: Node,
        name: Ident,
        span: Span,
    ) -> Typed {
        let text = self.text(name.sym).to_string();
        // `arch`, `os`, `role`, `node` of a service are its layers; after a dot they are properties.
        let inner_layer = self.program.schema.shape(shape).name == self.words.service
            && self.layer_sort_of(name.sym).is_some();
        // `db.address` is where it is reached; the addresses that it has are its `address { }`.
        let kind = self.program.schema.shape(shape).name;
        let property = properties::of_kind(self.names.text(kind), &text).is_some();
        let field = self.program.schema.shape(shape).field(name.sym);
        if let Some(field) = field.filter(|_| !inner_layer && !property) {
            self.usage.references.push((name.span, Target::Field(shape, field)));
            let ty = self.program.schema.shape(shape).fields[field as usize].ty;
            let id = self.add(node, span);
            // `hardware` of a known node: its labels stay known.
            let label =
                base.label.and_then(|l| self.child_label_at(l, name.sym, name.sym)).or(match self
                    .program
                    .schema
                    .ty(ty)
                {
                    Ty::Named(_) => base.label,
                    _ => None,
                });
            return Typed { id, ty, label };
        }
        if let Some(label) = base.label.and_then(|l| self.child_label_named(l, name.sym)) {
            self.usage.references.push((name.span, Target::Label(label)));
            let inner = self.program.labels[label.0 as usize].shape;
            let ty = self.program.schema.intern(Ty::Ref(inner));
            let id = self.add(node, span);
            return Typed { id, ty, label: Some(label) };
        }
        let on = On::Thing(self.program.schema.shape(shape).name);
        if let Some(property) = properties::find_on(self.names, on, &text) {
            let ty = property.result.ty(self);
            let id = self.add(node, span);
            return Typed { id, ty, label: None };
        }
        // A label of a thing that is not known before evaluation.
        if base.label.is_none() && self.has_labels(shape) {
            return self.typed(node, span, Ty::Any);
        }
        let kind = self.text(self.program.schema.shape(shape).name).to_string();
        let mut all: Vec<String> = self
            .program
            .schema
            .shape(shape)
            .fields
            .iter()
            .map(|f| self.text(f.name).to_string())
            .collect();
        if let Some(label) = base.label {
            let children = &self.program.labels[label.0 as usize].children;
            all.extend(children.iter().map(|c| self.text(c.1).to_string()));
        }
        all.extend(properties::names_on(
            self.names,
            On::Thing(self.program.schema.shape(shape).name),
        ));
        all.sort_unstable();
        all.dedup();
        let near = nearest(&text, all.iter().map(String::as_str));
        let owner = match base.label {
            Some(label) => {
                format!("the {kind} `{}`", self.text(self.program.labels[label.0 as usize].name))
            }
            None => a(&kind),
        };
        let diagnostic =
            Diagnostic::new(&codes::E0208, name.span, format!("{owner} has no `{text}`"));
        let mut diagnostic =
            super::did_you_mean(diagnostic, name.span, self.sources.text(name.span), &near);
        if near.is_empty() {
            let labels: Vec<String> = base.label.map_or(Vec::new(), |label| {
                let children = &self.program.labels[label.0 as usize].children;
                children.iter().map(|c| self.text(c.1).to_string()).collect()
            });
            if !labels.is_empty() {
                diagnostic = diagnostic.note(format!("it holds: {}", labels.join(", ")));
            }
        }
        self.report(diagnostic);
        self.bad(span)
    }

    fn has_labels(&self, shape: ShapeId) -> bool {
        let s = self.program.schema.shape(shape);
        s.fields.iter().any(|f| matches!(self.program.schema.ty(f.ty), Ty::Named(_)))
    }

    /// `base["label"]`
    pub(super) fn index(
        &mut self,
        base: ExprId,
        index: ExprId,
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let trees = self.trees;
        let tree = &trees[scope.file];
        let typed = self.expr(base, Schema::ANY, scope);
        let at = tree.expr(index).span;
        let key = self.expr(index, Schema::ANY, scope);
        let constant = match self.program.node(key.id) {
            Node::Const(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        if let Some(text) = constant {
            let sym = self.names.intern(&text);
            let name = Ident { sym, span: at, quoted: true };
            // `keys["/gitea"]`, `sites["git.ism.la"]`: a name like any other.
            return self.member(typed, name, span);
        }
        let ty = match self.program.schema.ty(self.program.schema.plain(typed.ty)).clone() {
            Ty::List(item) => item,
            Ty::Map(_, value) => value,
            Ty::All(shape) | Ty::Named(shape) => self.program.schema.intern(Ty::Ref(shape)),
            _ => Schema::ANY,
        };
        let id = self.add(Node::Index { base: typed.id, index: key.id }, span);
        Typed { id, ty, label: None }
    }

    /// `service.on(node)`
    pub(super) fn method_call(
        &mut self,
        base: ExprId,
        name: Ident,
        args: &[Arg],
        span: Span,
        scope: &mut Scope,
    ) -> Typed {
        let text = self.text(name.sym).to_string();
        let typed = self.expr(base, Schema::ANY, scope);
        if text != "on" {
            let message = format!("`{text}` is no function of a value");
            self.report(
                Diagnostic::new(&codes::E0213, name.span, message)
                    .help("functions stand before their values: `join(list, \", \")`"),
            );
            return self.bad(span);
        }
        let Some(node_shape) = self.kind_named("node") else { return self.bad(span) };
        let node = self.program.schema.intern(Ty::Ref(node_shape));
        let mut ids = Vec::new();
        for arg in args {
            if let Arg::Plain(value) = *arg {
                ids.push(self.checked(value, node, scope));
            }
        }
        if ids.len() != 1 {
            self.fault(&codes::E0213, span, "`on` takes one node: `service.on(NODE)`");
            return self.bad(span);
        }
        let id = self.add(Node::Method { base: typed.id, name: name.sym, args: ids.into() }, span);
        Typed { id, ..typed }
    }

    /// `from template(args)`
    pub(super) fn from(
        &mut self,
        template: ExprId,
        shape: ShapeId,
        scope: &mut Scope,
    ) -> Option<FromId> {
        let trees = self.trees;
        let tree = &trees[scope.file];
        let expr = tree.expr(template);
        let (callee, args): (ExprId, Vec<Arg>) = match &expr.kind {
            ExprKind::Call { callee, args } => (*callee, tree.args[args.range()].to_vec()),
            ExprKind::Bad => return None,
            _ => (template, Vec::new()),
        };
        let callee_span = tree.expr(callee).span;
        let (prefix, name) = match &tree.expr(callee).kind {
            ExprKind::Name(name) => (None, *name),
            ExprKind::Field { base, name } => match tree.expr(*base).kind {
                ExprKind::Name(prefix) => (Some(prefix), name.sym),
                _ => {
                    self.fault(&codes::E0206, callee_span, "expected the name of a template");
                    return None;
                }
            },
            ExprKind::Bad => return None,
            _ => {
                self.fault(&codes::E0206, callee_span, "expected the name of a template");
                return None;
            }
        };
        let Some(id) = self.find_template(scope.file, prefix, name) else {
            self.unknown_template(prefix, name, callee_span, shape);
            return None;
        };
        let named = match &tree.expr(callee).kind {
            ExprKind::Field { name, .. } => name.span,
            _ => callee_span,
        };
        self.refer(named, Target::Template(id));
        let (target, path) =
            (self.program.template(id).shape, self.program.template(id).path.clone());
        if target != shape {
            let is = self.text(self.program.schema.shape(target).name).to_string();
            let wants = self.text(self.program.schema.shape(shape).name).to_string();
            let span = self.program.template(id).span;
            self.report(
                Diagnostic::new(
                    &codes::E0206,
                    callee_span,
                    format!("`{path}` is a template for a {is}, not for a {wants}"),
                )
                .label(span, "declared here"),
            );
            return None;
        }
        let args = self.template_args(id, &path, &args, expr.span, scope)?;
        let from = FromId(self.program.froms.len() as u32);
        self.program.froms.push(From { template: id, args, span: expr.span });
        Some(from)
    }

    fn template_args(
        &mut self,
        id: TemplateId,
        path: &str,
        args: &[Arg],
        span: Span,
        scope: &mut Scope,
    ) -> Option<Box<[Option<HirId>]>> {
        let params: Vec<(Sym, TyId, bool)> = self
            .program
            .template(id)
            .params
            .iter()
            .map(|p| (p.name, p.ty, p.default.is_some()))
            .collect();
        let mut filled: Vec<Option<HirId>> = vec![None; params.len()];
        let before = self.diagnostics.len();
        for (nth, arg) in args.iter().enumerate() {
            match *arg {
                Arg::Plain(value) => match params.get(nth) {
                    Some(&(_, ty, _)) => filled[nth] = Some(self.checked(value, ty, scope)),
                    None => {
                        let at = self.trees[scope.file].expr(value).span;
                        let message = format!("`{path}` takes {} value(s)", params.len());
                        self.fault(&codes::E0213, at, message);
                    }
                },
                Arg::Named { name, value } => match params.iter().position(|p| p.0 == name.sym) {
                    Some(at) => filled[at] = Some(self.checked(value, params[at].1, scope)),
                    None => self.unknown_param(path, name, params.iter().map(|p| p.0)),
                },
                Arg::Binding { name, .. } => {
                    self.fault(&codes::E0213, name.span, "expected a value, found a binding");
                }
            }
        }
        let missing: Vec<String> = params
            .iter()
            .zip(&filled)
            .filter(|(p, f)| f.is_none() && !p.2 && !self.program.schema.is_optional(p.1))
            .map(|(p, _)| format!("`{}`", self.text(p.0)))
            .collect();
        if !missing.is_empty() && self.diagnostics.len() > before {
            return None;
        }
        if !missing.is_empty() {
            let shown: Vec<String> = params.iter().map(|p| self.text(p.0).to_string()).collect();
            let at = self.program.template(id).span;
            self.report(
                Diagnostic::new(
                    &codes::E0213,
                    span,
                    format!("`{path}` needs {}", missing.join(" and ")),
                )
                .label(at, "the template")
                .help(format!("write `{path}({})`", shown.join(", "))),
            );
            return None;
        }
        Some(filled.into())
    }

    fn unknown_template(&mut self, prefix: Option<Sym>, name: Sym, span: Span, shape: ShapeId) {
        let text = self.text(name).to_string();
        let std = self.words.std;
        let all: Vec<String> = self
            .program
            .templates
            .iter()
            .filter(|t| t.shape == shape)
            .filter(|t| prefix.is_none_or(|p| (p == std) == t.library))
            .map(|t| t.path.clone())
            .collect();
        let wanted = match prefix {
            Some(prefix) => format!("{}.{text}", self.text(prefix)),
            None => text.clone(),
        };
        let mut near = nearest(&wanted, all.iter().map(String::as_str));
        let in_library = format!("std.{text}");
        if near.is_empty() && all.contains(&in_library) {
            near = vec![&in_library];
        }
        let diagnostic =
            Diagnostic::new(&codes::E0206, span, format!("no template is called `{wanted}`"));
        let mut diagnostic = super::did_you_mean(diagnostic, span, self.sources.text(span), &near);
        if near.is_empty() && !all.is_empty() {
            diagnostic = diagnostic.note(format!("there are: {}", all.join(", ")));
        }
        self.report(diagnostic);
    }
}
