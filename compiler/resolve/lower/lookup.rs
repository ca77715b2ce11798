//! What a bare name stands for: binder, word, label, `let`, declaration; and the did-you-mean of
//! each.

use super::exprs::Typed;
use super::{Lower, Scope, Target, a};
use crate::diag::{About, Diagnostic, codes};
use crate::model::schema::{Schema, ShapeId, Ty, TyId, spell};
use crate::model::value::{Placement, Value};
use crate::names::{Names, Sym};
use crate::resolve::functions;
use crate::resolve::hir::*;
use crate::resolve::values::such_as;
use crate::source::Span;
use crate::syntax::tree::{Entry, EntryOp, ExprKind, StmtKind, Tree};
use crate::types::distance::nearest;

/// As many names are listed where none is near.
const FEW: usize = 8;

impl Lower<'_> {
    /// A bare name, in the order of the language: binder or parameter, word of the expected type,
    /// label around, `let` or declaration.
    pub(super) fn name(&mut self, name: Sym, span: Span, want: TyId, scope: &mut Scope) -> Typed {
        // `names = NAME`, without its list.
        let one_of_names = || self.wants_names(want) && !self.known.bare.contains_key(&name);
        if self.wants_name(want) || one_of_names() {
            let value = Value::Text(self.names.shared(name));
            return self.typed(Node::Const(value), span, Ty::Name);
        }
        if let Some(at) = scope.binders.iter().rposition(|(n, _)| n.sym == name) {
            let (binder, ty) = scope.binders[at];
            self.mention(span, Target::Binder(binder.span));
            return Typed { id: self.add(Node::Local(at as u32), span), ty, label: None };
        }
        if let Some(template) = scope.template {
            let params = &self.program.template(template).params;
            if let Some(at) = params.iter().position(|p| p.name == name) {
                let ty = params[at].ty;
                self.mention(span, Target::Param(template, at as u16));
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
            self.mention(span, Target::Label(label));
            let shape = self.program.labels[label.0 as usize].shape;
            let ty = self.program.schema.intern(Ty::Ref(shape));
            return Typed {
                id: self.add(Node::Enclosing(name, shape), span),
                ty,
                label: Some(label),
            };
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
        // A declaration that was called so is reported: nobody can say which is meant.
        if self.known.ghosts.contains(&name) {
            return self.bad(span);
        }
        if let Some(shape) = self.plural(name) {
            self.mention(span, Target::Plural(shape));
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

    pub(super) fn wants(&self, want: TyId, wanted: &Ty) -> bool {
        let schema = &self.program.schema;
        match schema.ty(schema.plain(want)) {
            Ty::Union(types) => types.iter().any(|&t| self.wants(t, wanted)),
            ty => ty == wanted,
        }
    }

    fn wants_places(&self, want: TyId) -> bool {
        match *self.program.schema.ty(self.program.schema.plain(want)) {
            Ty::List(item) | Ty::Set(item) => self.wants(item, &Ty::Location),
            _ => false,
        }
    }

    /// A field of type `name` or `host_name` declares its bare words.
    fn wants_name(&self, want: TyId) -> bool {
        let schema = &self.program.schema;
        match *schema.ty(schema.plain(want)) {
            Ty::Name => true,
            Ty::Text(row) => schema.text_type(row).name == "host_name",
            _ => false,
        }
    }

    fn wants_names(&self, want: TyId) -> bool {
        match *self.program.schema.ty(self.program.schema.plain(want)) {
            Ty::List(item) | Ty::Set(item) => self.wants_name(item),
            _ => false,
        }
    }

    /// Whether some path of secrets lists it.
    fn is_secrets_name(&self, name: Sym) -> bool {
        let listed = self.known.secret_names.get_or_init(|| {
            let of_a_tree = |tree| names_listed_in(tree, self.names);
            self.trees.iter().flat_map(|tree| of_a_tree(tree)).collect()
        });
        listed.contains(&name)
    }

    fn self_word(&mut self, name: Sym, span: Span, scope: &Scope) -> Option<Typed> {
        let w = &self.words;
        let (word, allowed, kind) = match name {
            _ if name == w.cluster => (SelfWord::Cluster, true, w.cluster),
            _ if name == w.node => (SelfWord::Node, scope.node, w.node),
            _ if name == w.service => (SelfWord::Service, scope.service, w.service),
            _ if name == w.container => (SelfWord::Container, scope.container, w.container),
            _ if name == w.unit => (SelfWord::Unit, scope.unit, w.unit),
            _ => {
                let own = scope.own.filter(|&s| self.program.schema.shape(s).name == name)?;
                (SelfWord::Own(own), true, name)
            }
        };
        let shape = *self.program.schema.kinds.get(&kind)?;
        if !allowed {
            let text = self.text(name).to_string();
            let plural = self.program.schema.shape(shape).plural;
            let way = plural.and_then(|name| match self.plural(name) {
                None => self.nested_plural(name),
                Some(_) => {
                    let all = self.text(name);
                    Some(format!("name one: `{all}.NAME`, or go through all: `for x in {all}`"))
                }
            });
            let diagnostic =
                Diagnostic::new(&codes::E0214, span, format!("there is no `{text}` here"))
                    .note(format!("`{text}` is the one that the definition is for"));
            self.report(way.into_iter().fold(diagnostic, Diagnostic::help));
            return Some(self.bad(span));
        }
        if let SelfWord::Own(own) = word {
            self.mention(span, Target::Kind(own));
        }
        let label = if word == SelfWord::Service { scope.own_service } else { None };
        let ty = self.program.schema.intern(Ty::Ref(shape));
        Some(Typed { id: self.add(Node::SelfWord(word), span), ty, label })
    }

    /// A label of a declaration around, innermost first, that fits the expected type.
    fn enclosing(&self, name: Sym, want: TyId, scope: &Scope) -> Option<LabelId> {
        let around = scope.labels.iter().rev();
        let mut named = around.filter_map(|&around| self.child_label_named(around, name));
        if let Some(label) = named.clone().find(|&label| self.label_fits(label, want)) {
            return Some(label);
        }
        // None of them fits: what fits further out is meant, and where nothing is there, one of these.
        let by_let = self.let_called(scope.file, name).is_some();
        let further = by_let || self.known.bare.contains_key(&name);
        let references = matches!(
            self.program.schema.ty(self.program.schema.plain(want)),
            Ty::Ref(_) | Ty::Union(_)
        );
        if further || references { None } else { named.next() }
    }

    /// Whether a thing is what a type refers to; where it refers to none, all do as well.
    fn label_fits(&self, label: LabelId, want: TyId) -> bool {
        let Some(wanted) = self.wanted_shapes(want) else {
            let known = want == Schema::ANY || want == Schema::POISON;
            return known
                || self.known.lets.anywhere(self.program.labels[label.0 as usize].name).is_none();
        };
        wanted.contains(&self.program.labels[label.0 as usize].shape)
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

    /// What a thing holds, its template's things among it.
    pub(super) fn names_in(&self, parent: LabelId) -> Vec<String> {
        let node = &self.program.labels[parent.0 as usize];
        // A block has no name but its word.
        let named = node.children.iter().filter(|child| child.0 != child.1);
        let mut names: Vec<String> = named.map(|child| self.text(child.1).to_string()).collect();
        let template = node.template.and_then(|t| self.program.templates.get(t.0 as usize));
        if let Some(template) = template {
            let more = self.names_in(template.label);
            names.extend(
                more.into_iter()
                    .filter(|name| !node.children.iter().any(|child| self.text(child.1) == name)),
            );
        }
        names
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
    pub(super) fn wanted_shapes(&self, want: TyId) -> Option<Vec<ShapeId>> {
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
        let library = self.is_library(scope.file);
        let pool = if library { &self.known.library_names } else { &self.known.bare };
        let found = pool.get(&name).map_or(&[][..], Vec::as_slice);
        let by_let = self.let_called(scope.file, name);
        // Where a plain value is wanted, a thing does not fit beside a `let`.
        let plain = wanted.is_none() && want != Schema::ANY && by_let.is_some();
        let fits = |d: &DeclId| {
            !plain && wanted.as_ref().is_none_or(|w| w.contains(&self.program.decl(*d).shape))
        };
        let first = found.first().copied();
        if let (None, [one]) = (by_let, found)
            && fits(one)
        {
            return self.decl_ref(*one, span, span);
        }
        let mut fitting: Vec<DeclId> = found.iter().copied().filter(fits).collect();
        if fitting.len() > 1 {
            // The cluster has a word of its own: nobody names it by its label.
            fitting.retain(|d| {
                let shape = self.program.schema.shape(self.program.decl(*d).shape);
                self.names.text(shape.name) != "cluster"
            });
        }
        match (by_let, fitting.as_slice()) {
            (Some(id), []) => {
                let ty = self.lower_let(id);
                self.refer(span, Target::Let(id));
                Typed { id: self.add(Node::Let(id), span), ty, label: None }
            }
            (None, [one]) => self.decl_ref(*one, span, span),
            (None, []) => {
                if let Some(other) = first {
                    return self.wrong_kind(name, span, other, want);
                }
                self.unknown_name(name, span, want, wanted.as_deref(), scope)
            }
            (by_let, _) => self.ambiguous(name, span, &fitting, by_let),
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
        let shapes = self.wanted_shapes(want).unwrap_or_default();
        let such = such_as(&self.program.schema, self.names, want);
        let want = match *self.program.schema.ty(self.program.schema.plain(want)) {
            Ty::Placement => "a node".to_string(),
            _ => spell(&self.program.schema, self.names, self.program.schema.plain(want)),
        };
        let diagnostic = Diagnostic::new(
            &codes::E0301,
            span,
            format!("expected {want}, found the {kind} `{text}`"),
        )
        .label(at, format!("the {kind} is declared here"));
        let diagnostic = self.instead_of(diagnostic, other, &shapes, span);
        self.report(diagnostic.or_help(such));
        self.bad(span)
    }

    fn ambiguous(
        &mut self,
        name: Sym,
        span: Span,
        found: &[DeclId],
        by_let: Option<LetId>,
    ) -> Typed {
        let text = self.text(name).to_string();
        let mut diagnostic = Diagnostic::new(
            &codes::E0210,
            span,
            format!("`{text}` is the name of more than one thing"),
        );
        if let Some(by_let) = by_let {
            diagnostic = diagnostic
                .label(self.program.lets[by_let.0 as usize].span, "a `let`")
                .note("a `let` has no other name: rename it where both are meant");
        }
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
        let meant = self.meant_as_text.is_some_and(|text| text.covers(span));
        // Of what no type is known for, nobody knows the words either.
        let unknown = want == Schema::POISON;
        if unknown || meant || self.known.ghosts.contains(&name) {
            return self.bad(span);
        }
        let text = self.text(name).to_string();
        let sets = self.enums_in(want);
        if let (&[set], None) = (sets.as_slice(), wanted) {
            self.unknown_word(set, name, span, None);
            return self.bad(span);
        }
        let declared = self.declared_names(wanted);
        let mut known: Vec<String> = Vec::new();
        known.extend(scope.binders.iter().map(|(n, _)| self.text(n.sym).to_string()));
        for &set in &sets {
            let words = &self.program.schema.enumeration(set).words;
            known.extend(words.iter().map(|w| self.text(w.name).to_string()));
        }
        for &around in scope.labels.iter().rev() {
            for &(_, n, label) in &self.program.labels[around.0 as usize].children {
                let shape = self.program.labels[label.0 as usize].shape;
                if self.label_fits(label, want) && wanted.is_none_or(|w| w.contains(&shape)) {
                    known.push(self.text(n).to_string());
                }
            }
        }
        if wanted.is_none() {
            let plurals = self.program.schema.plurals.keys().copied();
            known.extend(
                plurals.filter(|&p| self.plural(p).is_some()).map(|p| self.text(p).to_string()),
            );
            let w = &self.words;
            let selves = [
                (w.cluster, true),
                (w.instances, true),
                (w.node, scope.node),
                (w.service, scope.service),
                (w.container, scope.container),
                (w.unit, scope.unit),
            ];
            known.extend(selves.iter().filter(|s| s.1).map(|s| self.text(s.0).to_string()));
        }
        let here = known.iter().map(String::as_str);
        let near = nearest(&text, here.chain(declared.beside(&text)));
        let (what, about) = match wanted {
            Some([shape]) => {
                let kind = self.text(self.program.schema.shape(*shape).name);
                (format!("no {kind} is called `{text}`"), About::missing(kind, &text))
            }
            // A place is a share; disks have no name by themselves.
            Some(_) if self.wants(want, &Ty::Location) || self.wants_places(want) => {
                (format!("nothing here is called `{text}`"), About::missing("share", &text))
            }
            _ => (format!("nothing here is called `{text}`"), About::unknown(&text)),
        };
        let behind = self.prefixes(&self.known.lets, scope.file, name);
        if !behind.is_empty() {
            let diagnostic = Diagnostic::new(&codes::E0204, span, what).about(about);
            self.report(super::behind_a_name(diagnostic, span, &behind));
            return self.bad(span);
        }
        if let (Some(&[shape]), "all") = (wanted, text.as_str())
            && let Some(plural) = self.program.schema.shape(shape).plural
        {
            let all = self.text(plural).to_string();
            let diagnostic = Diagnostic::new(&codes::E0204, span, what).about(about);
            self.report(diagnostic.suggest(format!("all of them: `{all}`"), span, all));
            return self.bad(span);
        }
        if let Some(way) = self.nested_plural(name) {
            let diagnostic = Diagnostic::new(&codes::E0204, span, what)
                .about(about)
                .note("only things at the top of a file have a map of all")
                .help(way);
            self.report(diagnostic);
            return self.bad(span);
        }
        let mut diagnostic = Diagnostic::new(&codes::E0204, span, what).about(about);
        if let Some(shell) = self.of_the_shell(diagnostic.clone(), span) {
            self.report(shell);
            return self.bad(span);
        }
        if let Some((a, b)) = self.minus_meant(&text, scope) {
            let way = format!("{a} - {b}");
            let title = format!("a minus has spaces around it: `{way}`");
            self.report(diagnostic.suggest(title, span, way));
            return self.bad(span);
        }
        if let Some(way) = self.no_address(diagnostic.clone(), &text, want) {
            self.report(way);
            return self.bad(span);
        }
        diagnostic = super::did_you_mean(diagnostic, span, self.sources.text(span), &near);
        if near.is_empty() {
            if let Some(meant) = self.name_meant(diagnostic.clone(), name, span, want, scope) {
                diagnostic = meant;
            } else if let Some(std) = self.of_the_library(name, wanted) {
                let title = "the library's names begin with `std.`";
                diagnostic = diagnostic.suggest(title, span, std);
            } else if let Some(way) = wanted
                .and_then(|wanted| self.by_whole_name(diagnostic.clone(), &text, span, wanted))
            {
                diagnostic = way;
            } else if let Some(wanted) = wanted {
                if known.len() + declared.sorted().len() <= FEW {
                    known.extend_from_slice(declared.sorted());
                    known.sort_unstable();
                    known.dedup();
                    if !known.is_empty() {
                        diagnostic = diagnostic.note(format!("there are: {}", known.join(", ")));
                    }
                }
                if matches!(text.as_str(), "internet" | "container" | "node" | "everyone") {
                    let way = format!("the word `{text}` stands alone, outside of a list");
                    diagnostic = diagnostic.help(way);
                } else if let Some(inside) = self.inside(name, wanted, scope) {
                    diagnostic = diagnostic.help(inside);
                } else if let [kind] = wanted {
                    let way = self.declaration("declare it", *kind, &super::blocks::shown(&text));
                    diagnostic = diagnostic.help(way);
                }
            } else if let Some((whole, quoted)) = self.bare_text(span) {
                let title = "put it in quotes if it is a text";
                diagnostic = diagnostic.suggest(title, whole, quoted);
            } else if self.takes_text(want) && self.is_secrets_name(name) {
                let way = format!("secret(\"{text}\")");
                diagnostic = diagnostic.suggest(format!("a secret is named `{way}`"), span, way);
            } else if self.takes_text(want) {
                let title = "put it in quotes if it is a text";
                diagnostic = diagnostic.suggest(title, span, format!("\"{text}\""));
                diagnostic =
                    diagnostic.help("or declare it: `let NAME = ...` gives a value a name");
            } else {
                diagnostic = diagnostic.help("declare it, or put it in quotes if it is a text");
            }
        }
        let such = such_as(&self.program.schema, self.names, want);
        self.report(diagnostic.or_help(such));
        self.bad(span)
    }

    pub(super) fn unknown_thing(&mut self, shape: ShapeId, name: Sym, span: Span) {
        if self.known.ghosts.contains(&name) {
            return;
        }
        let text = self.text(name).to_string();
        let kind = self.text(self.program.schema.shape(shape).name).to_string();
        let all = self.declared_or_nested(shape);
        let near = nearest(&text, all.beside(&text));
        let diagnostic =
            Diagnostic::new(&codes::E0204, span, format!("no {kind} is called `{text}`"))
                .about(About::missing(&kind, &text));
        let mut diagnostic = super::did_you_mean(diagnostic, span, self.sources.text(span), &near);
        if near.is_empty() {
            if (1..=FEW).contains(&all.sorted().len()) {
                diagnostic = diagnostic.note(format!("there are: {}", all.sorted().join(", ")));
            }
            let way = self.declaration("declare it", shape, &super::blocks::shown(&text));
            diagnostic = diagnostic.help(way);
        }
        self.report(diagnostic);
    }
}

/// The items of each `names = [...]` in a text.
fn names_listed_in(tree: &Tree, names: &Names) -> Vec<Sym> {
    let lists = tree.stmts.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Entry(Entry { word, op: EntryOp::Assign { value, .. }, .. }) => {
            (names.text(word.sym) == "names").then_some(*value)
        }
        _ => None,
    });
    let items = lists.flat_map(|list| match tree.expr(list).kind {
        ExprKind::List { items } => tree.exprs_of(items),
        _ => &[],
    });
    let named = items.filter_map(|&item| match tree.expr(item).kind {
        ExprKind::Name(name) => Some(name),
        _ => None,
    });
    named.collect()
}
