//! What may follow a dot or stand in brackets, and the did-you-mean of each.

use super::exprs::Typed;
use super::{Lower, Scope, Target, a};
use crate::diag::text::{FEW, few};
use crate::diag::{About, Diagnostic, codes};
use crate::model::schema::{Schema, ShapeId, Ty, TyId, spell};
use crate::model::value::Value;
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::resolve::properties::{self, On};
use crate::source::Span;
use crate::syntax::tree::{Arg, ExprId, ExprKind, Ident};
use crate::types::distance::nearest;

impl Lower<'_> {
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
            let bound = scope.binders.iter().any(|(n, _)| n.sym == prefix);
            if !bound && prefix == self.words.std {
                return self.library_name(name, span, want);
            }
            if !bound && prefix == self.words.generated {
                return self.generated(name, span);
            }
            if !bound && self.input.aliases[scope.file].contains_key(&prefix) {
                return self.imported(prefix, name, span, scope);
            }
        }
        let typed = self.expr(base, Schema::ANY, scope);
        if name.sym == self.words.nothing {
            if self.editing {
                self.usage.bases.push((name.span, typed.ty, typed.label));
            }
            return self.bad(span);
        }
        self.member(typed, name, span)
    }

    fn library_name(&mut self, name: Ident, span: Span, want: TyId) -> Typed {
        let wanted = self.wanted_shapes(want);
        let found = self.known.library_names.get(&name.sym).and_then(|decls| {
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
            self.known.library_names.keys().map(|&n| self.text(n).to_string()).collect();
        all.extend(
            self.program
                .templates
                .iter()
                .filter(|t| t.library)
                .map(|t| self.text(t.name).to_string()),
        );
        all.sort_unstable();
        let near = nearest(&text, all.iter().map(String::as_str));
        let message = if self.known.library_templates.contains_key(&name.sym) {
            format!("`std.{text}` is a template: it stands after `from`")
        } else {
            format!("the library has no `{text}`")
        };
        let diagnostic =
            Diagnostic::new(&codes::E0204, name.span, message).about(About::unknown(&text));
        let diagnostic =
            super::did_you_mean(diagnostic, name.span, self.sources.text(name.span), &near);
        self.report(diagnostic.or_help("`docs/reference/` lists its roles and templates; what is declared here stands without `std.`"));
        self.bad(span)
    }

    fn imported(&mut self, prefix: Sym, name: Ident, span: Span, scope: &Scope) -> Typed {
        match self.under(&self.known.lets, scope.file, prefix, name.sym) {
            Some(id) => {
                let ty = self.lower_let(id);
                self.refer(name.span, Target::Let(id));
                Typed { id: self.add(Node::Let(id), span), ty, label: None }
            }
            None => {
                let message =
                    format!("`{}` has no `let {}`", self.text(prefix), self.text(name.sym));
                let text = self.text(name.sym);
                let files = &self.input.aliases[scope.file][&prefix];
                let behind = |at: Span| files.iter().any(|&f| self.trees[f].file == at.file);
                let there = self.program.lets.iter().filter(|l| behind(l.span));
                let near = nearest(text, there.map(|l| self.text(l.name)));
                let diagnostic =
                    Diagnostic::new(&codes::E0204, name.span, message).about(About::unknown(text));
                let diagnostic = super::did_you_mean(diagnostic, name.span, text, &near);
                self.report(diagnostic.or_help(format!("declare it there: `let {text} = ...`")));
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
        )
        .about(About::missing("generated file", &text));
        let diagnostic =
            super::did_you_mean(diagnostic, name.span, self.sources.text(name.span), &near)
                .note(format!("there are: {}", all.join(", ")));
        self.report(diagnostic.or_help("name one of these"));
        self.bad(span)
    }

    pub(super) fn member(&mut self, base: Typed, name: Ident, span: Span) -> Typed {
        if self.editing {
            self.usage.bases.push((name.span, base.ty, base.label));
        }
        let node = Node::Member { base: base.id, name: name.sym, name_span: name.span };
        let schema = &self.program.schema;
        let ty = schema.ty(schema.plain(base.ty)).clone();
        let text = self.names.text(name.sym);
        match ty {
            Ty::Poison => self.bad(span),
            Ty::Any | Ty::Data => self.typed(node, span, Ty::Any),
            Ty::Map(key, value) => {
                // `node.address.wan`: the keys are names of things.
                if let Ty::Ref(of) = *self.program.schema.ty(key)
                    && self.is_on_top(of)
                {
                    match self.program.by_name.get(&(of, name.sym)) {
                        Some(&decl) => self.mention(name.span, Target::Decl(decl)),
                        None => {
                            self.unknown_thing(of, name.sym, name.span);
                            return self.bad(span);
                        }
                    }
                }
                self.mention_key(name, key, value);
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
                if let Some(&(owner, word, label)) = self.known.nested.get(&(shape, name.sym)) {
                    self.usage.decls.insert(owner);
                    self.mention(name.span, Target::Label(label));
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
                if let Some(label) = label {
                    self.mention(name.span, Target::Label(label));
                }
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
                        let found = Diagnostic::new(&codes::E0208, name.span, message)
                            .about(About::missing("parameter", text));
                        self.report(
                            found.help("leave it away, or ask which word it is: `x == WORD`"),
                        );
                        self.bad(span)
                    }
                }
            }
            Ty::Union(_) => self.typed(node, span, Ty::Any),
            other => match properties::find(&On::of(&other), text) {
                Some(property) => {
                    let ty = property.result.ty(self);
                    let id = self.add(node, span);
                    Typed { id, ty, label: None }
                }
                None => {
                    let plain = self.program.schema.plain(base.ty);
                    let spelled = spell(&self.program.schema, self.names, plain);
                    let all: Vec<&str> = properties::names(&On::of(&other));
                    let near = nearest(text, all.iter().copied());
                    let diagnostic = Diagnostic::new(
                        &codes::E0208,
                        name.span,
                        format!("{} has no `{text}`", a(&spelled)),
                    )
                    .about(About::unknown(text));
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
                    let away = format!("leave `.{text}` away");
                    self.report(diagnostic.or_help(away));
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

    /// `gitea.web`: the only container of a service may be left out.
    fn in_only_container(&self, service: LabelId, name: Sym) -> Option<(Sym, LabelId)> {
        let around = &self.program.labels[service.0 as usize];
        let containers = around.children.iter().filter(|c| c.0 == self.words.container);
        let found = self.in_containers(service, name);
        found.first().copied().filter(|_| containers.count() == 1)
    }

    /// The containers of a service that hold something of a name, and what it is.
    fn in_containers(&self, service: LabelId, name: Sym) -> Vec<(Sym, LabelId)> {
        let around = &self.program.labels[service.0 as usize];
        if self.program.schema.shape(around.shape).name != self.words.service {
            return Vec::new();
        }
        let containers = around.children.iter().filter(|c| c.0 == self.words.container);
        containers.filter_map(|c| Some((c.1, self.child_label_named(c.2, name)?))).collect()
    }

    /// A label around hides a declaration that has what is wanted: its kind, and what it is called everywhere.
    fn by_plural(&self, base: HirId, wanted: Sym) -> Option<(String, String)> {
        let &Node::Enclosing(name, _) = self.program.node(base) else { return None };
        let has = |label: LabelId| self.child_label_named(label, wanted).is_some();
        self.known.bare.get(&name)?.iter().find_map(|&decl| {
            let d = self.program.decl(decl);
            let shape = self.program.schema.shape(d.shape);
            let meant = shape.field(wanted).is_some() || has(d.label);
            let plural = self.text(shape.plural.filter(|_| meant)?);
            Some((self.text(shape.name).to_string(), format!("{plural}.{}", self.text(name))))
        })
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
        let text = self.names.text(name.sym);
        // `arch`, `os`, `role`, `node` of a service are its layers; after a dot they are properties.
        let inner_layer = self.program.schema.shape(shape).name == self.words.service
            && self.layer_sort_of(name.sym).is_some();
        // `db.address` is where it is reached; the addresses that it has are its `address { }`.
        let kind = self.program.schema.shape(shape).name;
        let hidden = || properties::of_kind(self.names.text(kind), text).is_some();
        let field = self.program.schema.shape(shape).field(name.sym);
        if let Some(field) = field.filter(|_| !inner_layer && !hidden()) {
            self.mention(name.span, Target::Field(shape, field));
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
            self.mention(name.span, Target::Label(label));
            let inner = self.program.labels[label.0 as usize].shape;
            let ty = self.program.schema.intern(Ty::Ref(inner));
            let id = self.add(node, span);
            return Typed { id, ty, label: Some(label) };
        }
        let on = On::Thing(self.program.schema.shape(shape).name);
        if let Some(property) = properties::find_on(self.names, on, text) {
            let ty = property.result.ty(self);
            let id = self.add(node, span);
            return Typed { id, ty, label: None };
        }
        if let Some((only, inner)) = base.label.and_then(|l| self.in_only_container(l, name.sym)) {
            self.mention(name.span, Target::Label(inner));
            let container = Node::Member { base: base.id, name: only, name_span: name.span };
            let base = self.add(container, span);
            let ty = self.program.labels[inner.0 as usize].shape;
            let ty = self.program.schema.intern(Ty::Ref(ty));
            let node = Node::Member { base, name: name.sym, name_span: name.span };
            return Typed { id: self.add(node, span), ty, label: Some(inner) };
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
        let held = base.label.map_or(Vec::new(), |label| self.names_in(label));
        all.extend(held.iter().cloned());
        all.extend(properties::names_on(
            self.names,
            On::Thing(self.program.schema.shape(shape).name),
        ));
        all.sort_unstable();
        all.dedup();
        let near = nearest(text, all.iter().map(String::as_str));
        let owner = match base.label {
            Some(label) => match self.text(self.program.labels[label.0 as usize].name) {
                name if name == kind => format!("`{name}`"),
                name => format!("the {kind} `{name}`"),
            },
            None => a(&kind),
        };
        let about = match base.label {
            Some(label) => {
                About::inside(self.text(self.program.labels[label.0 as usize].name), text)
            }
            None => About::unknown(text),
        };
        let diagnostic =
            Diagnostic::new(&codes::E0208, name.span, format!("{owner} has no `{text}`"))
                .about(about);
        let holders = base.label.map_or(Vec::new(), |l| self.in_containers(l, name.sym));
        if !holders.is_empty() {
            let offer = |diagnostic: Diagnostic, (container, _): &(Sym, LabelId)| {
                let way = format!("{}.{text}", self.text(*container));
                diagnostic.suggest(format!("write `.{way}`"), name.span, way)
            };
            let found = holders.iter().take(4).fold(diagnostic, offer);
            self.report(found.note("which container is meant is said where there are several"));
            return self.bad(span);
        }
        if let Some((kind, way)) = self.by_plural(base.id, name.sym) {
            let hidden = self.program.span(base.id);
            let title = format!("for the {kind} of that name write `{way}`");
            self.report(diagnostic.suggest(title, hidden, way));
            return self.bad(span);
        }
        let schema = &self.program.schema;
        let inside = schema.shape(shape).fields.iter().find_map(|f| match *schema.ty(f.ty) {
            Ty::Record(inner) => schema.shape(inner).field(name.sym).map(|_| self.text(f.name)),
            _ => None,
        });
        if let Some(inside) = inside {
            let way = format!("{inside}.{text}");
            self.report(diagnostic.suggest(format!("write `.{way}`"), name.span, way));
            return self.bad(span);
        }
        let mut diagnostic =
            super::did_you_mean(diagnostic, name.span, self.sources.text(name.span), &near);
        if near.is_empty() && !held.is_empty() {
            diagnostic = diagnostic.note(format!("it holds: {}", few(&held, FEW)));
        }
        let way = "name what stands there, or declare it there";
        self.report(diagnostic.or_help(way));
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
        // What nobody wrote is no name of anything.
        if let Some(sym) = constant.and_then(|text| self.names.find(&text)) {
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
        let unread = |arg: &Arg| match arg {
            Arg::Plain(value) | Arg::Named { value, .. } => {
                matches!(self.trees[scope.file].expr(*value).kind, ExprKind::Bad)
            }
            _ => false,
        };
        if text != "on" && args.iter().any(unread) {
            return self.bad(span); // `nodes.all(n => ...)`: said by the parser
        }
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
            self.fault(
                &codes::E0213,
                span,
                "expected one node in `on(...)`",
                "name it: `SERVICE.on(NODE)`",
            );
            return self.bad(span);
        }
        let id = self.add(Node::Method { base: typed.id, name: name.sym, args: ids.into() }, span);
        Typed { id, ..typed }
    }
}
