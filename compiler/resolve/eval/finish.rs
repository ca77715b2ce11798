//! The last of evaluation: every field of every thing worked out, what is missing reported,
//! assertions held, and what did nothing anywhere named.

use super::unsaid::Unsaid;
use super::{EnvId, Eval, How, State, Trouble};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{Schema, Ty, spell};
use crate::model::value::Value;
use crate::model::{DefRow, Model, ThingId};
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::resolve::lower::Usage;
use crate::resolve::lower::a;
use crate::source::Span;
use crate::syntax::tree::Strength;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The fields of a service that are its own; all others are an instance's.
pub const OF_SERVICE: &[&str] = &[
    "on",
    "availability",
    "status",
    "enabled",
    "description",
    "tier",
    "after",
    "rollout",
    "needs",
    "down",
    "site",
    "allow",
    "alert",
];

/// A resolved project: the model, and what explains it.
pub struct Resolved {
    pub model: Model,
    pub program: Arc<Program>,
    pub(super) state: State,
}

impl Resolved {
    /// Lets go of what only explains the model.
    pub fn forget_how(&mut self) {
        self.program = Arc::default();
        let state = &mut self.state;
        (state.works, state.sources, state.defs) = Default::default();
        (state.envs, state.entries, state.layer_cache) = Default::default();
    }

    /// How many have shared the work.
    pub fn parts(&self) -> usize {
        self.state.parts
    }
}

/// What is worked out with all that stands in it.
#[derive(Clone, Copy)]
pub(super) enum Root {
    Whole(ThingId),
    /// What is not an instance's.
    Service(ThingId),
    /// Of a layer, what it says of itself.
    Layer(ThingId),
}

impl Root {
    pub(super) fn thing(self) -> ThingId {
        let (Root::Whole(thing) | Root::Service(thing) | Root::Layer(thing)) = self;
        thing
    }
}

/// What is told of each definition without its text.
/// Whether a value is another one for each thing that has it: by a parameter of its template, by its node or service.
fn hangs_on_place(program: &Program, value: HirId) -> bool {
    match program.node(value) {
        // In a condition of `where` and `each` it is the candidate that `node` stands for.
        Node::Const(_) | Node::Where { .. } | Node::Each(_) => false,
        Node::Param(_) => true,
        Node::SelfWord(word) => *word != SelfWord::Cluster,
        node => node.children().into_iter().any(|child| hangs_on_place(program, child)),
    }
}

pub(super) fn rows(program: &Program) -> Vec<DefRow> {
    let row = |def: &Def| {
        let value = match &def.op {
            Op::Set(value) | Op::Add(value) => Some(*value),
            _ => None,
        };
        let made = value.is_some_and(|value| matches!(program.node(value), Node::Call { .. }));
        let value = value.filter(|value| !hangs_on_place(program, *value));
        let value = value.map(|value| program.span(value));
        DefRow { span: def.span, value, made, home: def.home.0 }
    };
    program.defs.iter().map(row).collect()
}

impl Eval<'_> {
    pub(super) fn finish(&mut self, usage: &Usage, how: &How) {
        self.visit_all(how);
        self.place_caches();
        self.top_asserts();
        self.look();
        if !how.trouble.any {
            self.which_network();
        }
        let clean = !how.trouble.any && self.diagnostics.is_empty();
        self.idle_definitions(clean, how.trouble);
        if clean {
            self.unused(usage);
            self.idle_layers();
            self.idle_fields();
        }
        self.close();
    }

    fn visit_all(&mut self, how: &How) {
        let roots = self.roots();
        self.look();
        if self.model.by_kind.get(&self.words.secrets).is_some_and(|all| !all.is_empty()) {
            // Hardly a store of which no service asks: once is enough for all.
            self.all_secrets();
        }
        if self.model.instances.len() < how.crowd || !self.visit_apart(&roots, how) {
            roots.into_iter().take_while(|_| (how.wanted)()).for_each(|root| self.visit_root(root));
        }
        let sites = self.all_of(self.words.site);
        let site = self.words.site;
        self.model.by_kind.insert(site, sites);
    }

    /// Everything that is worked out as a whole, in the order in which it is.
    fn roots(&self) -> Vec<Root> {
        let program = self.program;
        let mut roots = Vec::with_capacity(program.decls.len() + self.model.instances.len());
        for at in 0..program.decls.len() {
            let decl = &program.decls[at];
            let Some(thing) = self.decl_things[at] else { continue };
            if self.left_out.contains(&thing) {
                continue;
            }
            match self.names.text(program.schema.shape(decl.shape).name) {
                // Worked out where they hold.
                "file" | "task" => {}
                "service" => roots.push(Root::Service(thing)),
                "role" | "global" | "arch-layer" | "os-layer" => roots.push(Root::Layer(thing)),
                _ => roots.push(Root::Whole(thing)),
            }
        }
        roots.extend(self.model.instances.iter().map(|instance| Root::Whole(instance.thing)));
        roots
    }

    pub(super) fn visit_root(&mut self, root: Root) {
        match root {
            Root::Whole(thing) => self.visit(thing),
            Root::Service(thing) => {
                for word in OF_SERVICE {
                    let Some(field) = self.field_named(self.words.service, word) else { continue };
                    let value = self.field(thing, field);
                    self.visit_value(thing, value);
                }
                self.asserts(thing);
            }
            Root::Layer(thing) => {
                for field in ["over", "description"] {
                    self.get(thing, field);
                }
            }
        }
        self.look();
    }

    fn visit_value(&mut self, owner: ThingId, value: Value) {
        match value {
            Value::Thing(id) if self.thing(id).parent == Some(owner) => self.visit(id),
            Value::Things(ids) => {
                for &id in ids.iter() {
                    if self.thing(id).parent == Some(owner) {
                        self.visit(id);
                    }
                }
            }
            _ => {}
        }
    }

    fn visit(&mut self, thing: ThingId) {
        // Whether there is any, and the things in it.
        let seen = |value: &Value| match value {
            Value::Thing(_) | Value::Things(_) => (false, value.clone()),
            value => (value.is_none(), Value::None),
        };
        let program = self.program;
        let shape_id = self.thing(thing).shape;
        let shape = program.schema.shape(shape_id);
        let is_instance = self.thing(thing).instance == Some(thing);
        let mut missing = Vec::new();
        // Of each field something is said, or it is one that matters without: both stand in order.
        let mut said = self.works[thing.at()].defs.range();
        let mut unsaid = 0;
        loop {
            let next_said = self.defs[said.clone()].first().map(|def| def.field);
            let next_unsaid = self.shape_fields[shape_id.0 as usize].not_plain.get(unsaid).copied();
            let Some(field) = next_said.into_iter().chain(next_unsaid).min() else { break };
            unsaid += usize::from(next_unsaid == Some(field));
            let first = said.start;
            while said.start < said.end && self.defs[said.start].field == field {
                said.start += 1;
            }
            let info = &shape.fields[field as usize];
            let ty = program.schema.ty(info.ty);
            match self.shape_fields[shape_id.0 as usize].unsaid[field as usize] {
                Unsaid::Missing if next_said != Some(field) => missing.push(info.name),
                _ if matches!(ty, Ty::Layer(_)) => {}
                _ if is_instance && *ty == Ty::Named(self.words.site) => {}
                _ => {
                    let (absent, inside) = match self.thing(thing).slots.find(field) {
                        Some(slot) => seen(&slot.value),
                        None => match self.settled(thing, field, first..said.start) {
                            Ok(value) => seen(value),
                            Err(value) => seen(&value),
                        },
                    };
                    if info.required && absent {
                        missing.push(info.name);
                    }
                    self.visit_value(thing, inside);
                }
            }
        }
        if !missing.is_empty() {
            self.missing(thing, &missing);
        }
        self.asserts(thing);
    }

    fn missing(&mut self, thing: ThingId, fields: &[Sym]) {
        let program = self.program;
        let shape = program.schema.shape(self.thing(thing).shape);
        let kind = self.names.text(shape.name).to_string();
        let label = self.label(thing).to_string();
        let names: Vec<String> =
            fields.iter().map(|&f| format!("`{}`", self.names.text(f))).collect();
        let what =
            if kind == label { format!("this `{kind}`") } else { format!("the {kind} `{label}`") };
        let path = self.thing_path(thing);
        let first = names[0].trim_matches('`').to_string();
        let ty = shape.field(fields[0]).map_or(Schema::ANY, |at| shape.fields[at as usize].ty);
        let wanted = a(&spell(&program.schema, self.names, ty));
        self.report(
            Diagnostic::new(
                &codes::E0305,
                self.thing(thing).span,
                format!("{what} needs {}", names.join(" and ")),
            )
            .at(path)
            .help(match shape.main.map(|at| shape.fields[at as usize].name) {
                // `port web = 80`: the main field has no word of its own.
                Some(main) if self.names.text(main) == first => {
                    format!("state it: `{kind} {label} = ...`")
                }
                _ => format!("state it: `{first} = ...`, {wanted}"),
            }),
        );
    }

    fn top_asserts(&mut self) {
        let program = self.program;
        let inner: rustc_hash::FxHashSet<u32> = program
            .blocks
            .iter()
            .flat_map(|b| b.asserts().iter().copied())
            .chain(program.schema.shapes.iter().flat_map(|s| s.asserts.iter().copied()))
            .collect();
        for at in 0..program.asserts.len() {
            if !inner.contains(&(at as u32)) {
                let ctx = self.ctx(self.root, EnvId(0));
                self.hold(at as u32, ctx, None);
            }
        }
    }

    fn asserts(&mut self, thing: ThingId) {
        let program = self.program;
        let of_kind = &program.schema.shape(self.thing(thing).shape).asserts;
        for &assert in of_kind {
            let ctx = self.ctx(thing, EnvId(0));
            self.hold(assert, ctx, Some(thing));
        }
        for at in self.works[thing.at()].sources.range() {
            let source = self.sources[at];
            for &assert in program.block(source.block).asserts() {
                let ctx = self.ctx(thing, source.env);
                self.hold(assert, ctx, Some(thing));
            }
        }
    }

    /// Definitions that reached something and changed nothing. Beside errors, only what is one itself,
    /// and only where none of them can be its cause.
    fn idle_definitions(&mut self, clean: bool, trouble: Trouble) {
        let program = self.program;
        let placed = !self.diagnostics.iter().any(|d| d.code.id.starts_with("E05"));
        for (at, def) in program.defs.iter().enumerate() {
            let tally = self.tally[at];
            if !tally.reached || tally.effective || self.is_library(def.span) {
                continue;
            }
            let removes = matches!(def.op, Op::Sub(_) | Op::Unset);
            let meets = |s: Span| {
                s.file == def.span.file && s.start <= def.span.end && def.span.start <= s.end
            };
            let told = |d: &Diagnostic| d.labels.iter().any(|label| meets(label.span));
            let may = removes && placed && !trouble.lost && !tally.murky;
            if !clean && (!may || self.diagnostics.iter().any(told)) {
                continue;
            }
            let home = || self.home_of(def.home);
            match (def.strength, &def.op) {
                (Strength::Override, _) => self.report(
                    Diagnostic::new(
                        &codes::L0103,
                        def.span,
                        match tally.over_default {
                            true => "this needs no `override`",
                            false => "this `override` changes nothing",
                        },
                    )
                    .here(match tally.over_default {
                        true => "only a `default` stands below, which any value beats",
                        false => "no wider layer says anything else",
                    })
                    .note(format!("it stands in {}", home()))
                    .fix(
                        "take the word away",
                        Span { end: def.span.start + 9, ..def.span },
                        "",
                    ),
                ),
                (Strength::Default, Op::Set(_)) => self.report(
                    Diagnostic::new(&codes::L0104, def.span, "this `default` never holds")
                        .here("everything that it reaches says something else")
                        .note(format!("it stands in {}", home()))
                        .suggest("remove it", def.span, ""),
                ),
                (_, Op::Sub(_) | Op::Unset) => self.report(
                    Diagnostic::new(&codes::E0405, def.span, "this removes nothing")
                        .here("nothing that it reaches has such a value")
                        .note(format!("it stands in {}", home()))
                        .suggest("remove it, or mend the name", def.span, ""),
                ),
                _ => {}
            }
        }
    }

    pub(super) fn home_of(&self, home: HomeId) -> String {
        let text = self.program.home(home, self.names);
        if text.is_empty() { "the cluster".to_owned() } else { text }
    }

    pub(super) fn is_library(&self, span: Span) -> bool {
        self.library_files.contains(&span.file)
    }

    /// A place that can be edited: one of the project's own.
    pub(super) fn own(&self, span: Span) -> Option<Span> {
        (!self.is_library(span)).then_some(span)
    }

    /// Declarations that nothing names.
    fn unused(&mut self, usage: &Usage) {
        let program = self.program;
        for (at, l) in program.lets.iter().enumerate() {
            if !usage.lets.contains(&LetId(at as u32)) && !self.is_library(l.span) {
                let name = self.names.text(l.name).to_string();
                self.unused_one("let", &name, l.span, l.whole);
            }
        }
        for (at, template) in program.templates.iter().enumerate() {
            if !template.library && !usage.templates.contains(&TemplateId(at as u32)) {
                let name = self.names.text(template.name).to_string();
                self.unused_one("template", &name, template.span, template.whole);
            }
        }
        for (at, decl) in program.decls.iter().enumerate() {
            let kind = self.names.text(program.schema.shape(decl.shape).name);
            // A rollout is played by every update, whoever names it.
            let counts = matches!(kind, "role" | "user");
            let out = self.decl_things[at].is_some_and(|thing| self.left_out.contains(&thing));
            if counts && !out && !decl.library && !usage.decls.contains(&DeclId(at as u32)) {
                let name = self.names.text(decl.name).to_string();
                let whole = decl.doc.map_or(decl.span, |doc| doc.to(decl.span));
                self.unused_one(kind, &name, decl.name_span, whole);
            }
        }
        for secret in self.all_secrets().iter() {
            let key = (secret.store, secret.path.clone(), secret.name.clone());
            if self.used_secrets.contains(&key) || self.left_out.contains(&secret.store) {
                continue;
            }
            let span = self.secret_span(secret);
            let name = format!("{}/{}", secret.path, secret.name);
            let way =
                "remove it here and in the store, or say why it stays: `allow L0107 = \"...\"`";
            let found =
                Diagnostic::new(&codes::L0107, span, format!("nothing uses the secret `{name}`"));
            let found = match self.without_secret(secret) {
                Some((list, rest)) => found.suggest(way, list, rest),
                None => found.help(way),
            };
            self.report(found);
        }
    }

    fn secret_span(&mut self, secret: &crate::model::value::SecretName) -> Span {
        let Value::Things(paths) = self.get(secret.store, "path") else {
            return self.thing(secret.store).span;
        };
        for &path in paths.iter() {
            if self.label(path).trim_end_matches('/') == &*secret.path {
                let names = self.get(path, "names");
                for item in names.items() {
                    if item.value.as_text() == Some(&secret.name)
                        && let Some(row) = self.model.origin(item.origin)
                    {
                        return self.program.def(DefId(row.def)).span;
                    }
                }
                return self.thing(path).span;
            }
        }
        self.thing(secret.store).span
    }

    /// The list that names a secret, without it; where one statement of the project lists all of its path.
    fn without_secret(
        &mut self,
        secret: &crate::model::value::SecretName,
    ) -> Option<(Span, String)> {
        let Value::Things(paths) = self.get(secret.store, "path") else { return None };
        let mut paths = paths.iter().copied();
        let path = paths.find(|&p| self.label(p).trim_end_matches('/') == &*secret.path)?;
        let names = self.get(path, "names");
        let mut rest = Vec::new();
        let mut stated = BTreeSet::new();
        for item in names.items() {
            stated.insert(self.model.origin(item.origin)?.def);
            let name = item.value.as_text()?;
            if name != &*secret.name {
                rest.push(name.to_owned());
            }
        }
        let [def] = *stated.into_iter().collect::<Vec<_>>() else { return None };
        let (Op::Set(list) | Op::Add(list)) = self.program.def(DefId(def)).op else { return None };
        let (Node::List(_) | Node::Const(Value::List(_))) = self.program.node(list) else {
            return None;
        };
        Some((self.own(self.program.span(list))?, format!("[{}]", rest.join(", "))))
    }

    fn unused_one(&mut self, kind: &str, name: &str, span: Span, whole: Span) {
        self.report(
            Diagnostic::new(&codes::L0106, span, format!("nothing uses the {kind} `{name}`"))
                .suggest("remove it, or use it", whole, ""),
        );
    }

    /// The model gets what it needs to stand alone.
    fn close(&mut self) {
        let program = self.program;
        self.model.schema = Arc::new(program.schema.clone());
        self.model.uses.sort();
        self.model.uses.dedup();
        if self.model.defs.is_empty() {
            self.model.defs = rows(program);
        }
        self.model.homes = program.homes.clone();
    }
}
