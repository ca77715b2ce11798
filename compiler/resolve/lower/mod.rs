//! From trees to the program: names looked up, types checked, each definition once and in its own
//! layer. What depends on a node is left to `eval`.

mod blocks;
mod bodies;
mod calls;
mod check;
mod declared;
mod decls;
mod exprs;
mod fields;
mod foreign;
mod from;
mod functions;
mod labels;
mod layers;
mod literals;
mod lookup;
mod members;
mod misplaced;
mod neighbours;
mod quantities;
mod scoped;
mod seen;
mod slips;
mod together;
mod types;
mod vars;
mod ways;

use super::hir::*;
use crate::diag::{Code, Diagnostic, codes};
use crate::model::homes::Step;
use crate::model::schema::{EnumId, Schema, ShapeId, TyId};
use crate::names::{Names, Sym};
use crate::resolve::values::{MEANT, is_name};
use crate::source::{FileId, Place, Sources, Span};
use crate::syntax::tree::{ExprId, Ident, Tree};
use crate::threads::Wanted;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, OnceLock};

/// What an import gives a name to, in one file: alias -> the files behind it.
pub type Aliases = FxHashMap<Sym, Vec<usize>>;

/// How what lies in a map or a record is written.
const PAIRS: &str = "write `NAME = value`, or `NAME { ... }` for what holds more";
const KEY: &str = "write `KEY = value`";

/// The files of a project as the loader found them.
pub struct Input<'a> {
    pub sources: &'a Sources,
    pub trees: &'a [Arc<Tree>],
    /// For each file (by place in `trees`), its `import ... as` names.
    pub aliases: Vec<Aliases>,
    /// Files that are only reached under a name: their templates, types and `let`s need it.
    pub prefixed: &'a FxHashSet<FileId>,
    /// Texts that `embed("...")` asks for, by file and path.
    pub embeds: FxHashMap<String, super::imports::Embed>,
    /// An expression of the last tree, to be asked over the resolved cluster.
    pub question: Option<ExprId>,
    /// An editor asks: what is expected where is kept as well.
    pub editing: bool,
    /// How many may work at once. It changes no answer.
    pub threads: usize,
    /// Whoever wants it no more gets a part of it.
    pub wanted: Wanted<'a>,
}

/// Lowers all files.
pub fn lower(input: Input, names: &mut Names) -> (Program, Usage, Vec<Diagnostic>) {
    let words = Words::new(names);
    let mut lower = Lower::new(&input, names, words);
    lower.collect_types();
    lower.collect_declarations();
    lower.lower_defaults();
    lower.lower_declarations();
    if let Some(question) = input.question {
        let mut scope = Scope::top(input.trees.len() - 1);
        lower.usage.question = Some(lower.expr(question, Schema::ANY, &mut scope).id);
    }
    lower.vars_have_one_type();
    let Lower { program, diagnostics, usage, .. } = lower;
    (program, usage, diagnostics)
}

/// What the text refers to: whoever is never referred to is unused.
#[derive(Default, Debug)]
pub struct Usage {
    pub decls: FxHashSet<DeclId>,
    pub lets: FxHashSet<LetId>,
    pub templates: FxHashSet<TemplateId>,
    /// For an editor: every place that names something, for "go to" and "rename".
    pub references: Vec<(Span, Target)>,
    /// For an editor: each block with the kind or record whose fields it holds.
    pub blocks: Vec<(Span, ShapeId, Option<LabelId>)>,
    /// For an editor: each value with the type that is expected of it.
    pub wants: Vec<(Span, TyId)>,
    /// For an editor: each name after a dot, with what stands before the dot.
    pub bases: Vec<(Span, TyId, Option<LabelId>)>,
    /// For an editor: each `x in`, with the type of what it stands for in turn.
    pub binders: Vec<(Span, TyId)>,
    /// What `Input::question` became.
    pub question: Option<HirId>,
}

/// What a name in the text stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Target {
    Decl(DeclId),
    Let(LetId),
    Template(TemplateId),
    Label(LabelId),
    Field(ShapeId, u16),
    Function(u32),
    /// By its place among those of the template.
    Param(TemplateId, u16),
    Kind(ShapeId),
    /// All things of a kind: `nodes`.
    Plural(ShapeId),
    /// By its number in the program.
    Type(u32),
    Word(EnumId, u16),
    /// `x in`, by its place.
    Binder(Span),
    /// A var of nodes: one thing in the whole cluster.
    Var(Sym),
    /// A variable of an environment, in whatever environment.
    Env(Sym),
}

pub(super) struct Lower<'a> {
    input: &'a Input<'a>,
    editing: bool,
    sources: &'a Sources,
    trees: &'a [Arc<Tree>],
    names: &'a Names,
    words: Words,
    known: Arc<Known>,
    program: Program,
    diagnostics: Vec<Diagnostic>,
    /// Of the program, as long as they are collected.
    labels: Vec<LabelNode>,
    /// By their number in the program.
    aliases: Vec<types::Alias>,
    types: scoped::Scoped<u32>,
    waiting: Vec<types::Waiting>,
    let_states: Vec<decls::LetState>,
    declared: declared::Declared,
    /// The lets that are being lowered, each for the next.
    lets_open: Vec<LetId>,
    /// A text whose quotes are missing, and that this is said of it.
    meant_as_text: Option<Span>,
    /// The types of elements of lists that neither a value nor a name tells.
    elements: FxHashMap<HirId, TyId>,
    /// Where vars are said that nobody declared.
    said_vars: Vec<Span>,
    usage: Usage,
    /// Bodies that wait until every name is collected.
    pending: Vec<bodies::Pending>,
    /// The blocks that bodies became, for whom they belong to.
    blocks: Vec<(bodies::Owner, BlockId, Option<FromId>)>,
    /// So many homes are counted before its own: those of the one who collected.
    homes_before: u32,
}

/// What a body may name: all of it is collected before the first one is lowered.
#[derive(Default)]
struct Known {
    /// The project's declarations by bare name.
    bare: FxHashMap<Sym, Vec<DeclId>>,
    /// Things inside a declaration that are found by their own name: a service's sites.
    nested: FxHashMap<(ShapeId, Sym), (DeclId, Sym, LabelId)>,
    /// The library's, reached as `std.name`.
    library_names: FxHashMap<Sym, Vec<DeclId>>,
    templates: scoped::Scoped<TemplateId>,
    library_templates: FxHashMap<Sym, TemplateId>,
    /// Names of things whose kind could not be read: that they are not there is no fault of its own.
    ghosts: FxHashSet<Sym>,
    /// What the paths of secrets list, where somebody asked.
    secret_names: OnceLock<FxHashSet<Sym>>,
    lets: scoped::Scoped<LetId>,
}

/// The words that the resolver itself knows, interned once.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub value: Sym,
    pub fact: Sym,
    pub std: Sym,
    pub cluster: Sym,
    pub node: Sym,
    pub service: Sym,
    pub container: Sym,
    pub unit: Sym,
    pub instances: Sym,
    pub inherited: Sym,
    pub generated: Sym,
    pub vars: Sym,
    pub global: Sym,
    pub arch: Sym,
    pub os: Sym,
    pub role: Sym,
    pub record: Sym,
    /// Of what was missing, and is reported.
    pub nothing: Sym,
    /// What nothing may be called.
    pub meant: [Sym; MEANT.len()],
}

impl Words {
    fn new(names: &mut Names) -> Words {
        let mut w = |text: &str| names.intern(text);
        Words {
            value: w("value"),
            fact: w("fact"),
            std: w("std"),
            cluster: w("cluster"),
            node: w("node"),
            service: w("service"),
            container: w("container"),
            unit: w("unit"),
            instances: w("instances"),
            inherited: w("inherited"),
            generated: w("generated"),
            vars: w("vars"),
            global: w("global"),
            arch: w("arch"),
            os: w("os"),
            role: w("role"),
            record: w("record"),
            nothing: w(""),
            meant: MEANT.map(w),
        }
    }
}

/// Where an expression or a block stands.
#[derive(Clone)]
pub(super) struct Scope {
    pub file: usize,
    pub home: HomeId,
    pub binders: Vec<(Ident, TyId)>,
    pub template: Option<TemplateId>,
    /// The labelled things around, outermost first.
    pub labels: Vec<LabelId>,
    pub node: bool,
    pub service: bool,
    pub container: bool,
    pub unit: bool,
    /// The kind of the project's own that this stands in.
    pub own: Option<ShapeId>,
    /// The service whose text this is, if one is known.
    pub own_service: Option<LabelId>,
    /// The type of `inherited`, inside a definition.
    pub inherited: Option<TyId>,
}

/// What a block inside may change of a scope.
#[derive(Clone, Copy)]
struct Around {
    home: HomeId,
    labels: usize,
    node: bool,
    service: bool,
    container: bool,
    unit: bool,
    own: Option<ShapeId>,
}

impl Scope {
    fn top(file: usize) -> Scope {
        Scope {
            file,
            home: HomeId::TOP,
            binders: Vec::new(),
            template: None,
            labels: Vec::new(),
            node: false,
            service: false,
            container: false,
            unit: false,
            own: None,
            own_service: None,
            inherited: None,
        }
    }

    fn of_kind(lower: &Lower, file: usize, shape: ShapeId) -> Scope {
        let mut scope = Scope::top(file);
        scope.enter(lower, shape);
        // A record's defaults are worked out wherever it is a field.
        scope.node |= !lower.program.schema.shape(shape).is_kind;
        scope
    }

    /// What is around here, for when a block inside ends.
    fn around(&self) -> Around {
        Around {
            home: self.home,
            labels: self.labels.len(),
            node: self.node,
            service: self.service,
            container: self.container,
            unit: self.unit,
            own: self.own,
        }
    }

    fn leave(&mut self, outside: Around) {
        self.home = outside.home;
        self.labels.truncate(outside.labels);
        self.node = outside.node;
        self.service = outside.service;
        self.container = outside.container;
        self.unit = outside.unit;
        self.own = outside.own;
    }

    /// Inside a block of that kind.
    fn enter(&mut self, lower: &Lower, shape: ShapeId) {
        let entered = lower.program.schema.shape(shape);
        if entered.is_kind && lower.sources.file(entered.span.file).place == Place::Project {
            self.own = Some(shape);
        }
        let name = entered.name;
        let w = &lower.words;
        if name == w.node {
            self.node = true;
        } else if name == w.service {
            self.node = true;
            self.service = true;
        } else if name == w.container {
            self.node = true;
            self.service = true;
            self.container = true;
        } else if name == w.unit {
            self.node = true;
            self.service = true;
            self.unit = true;
        } else if matches!(
            lower.names.text(name),
            "file" | "task" | "port" | "volume" | "disk" | "config" | "credential"
        ) {
            self.node = true;
        }
    }
}

impl<'a> Lower<'a> {
    /// One who has lowered nothing yet.
    fn new(input: &'a Input<'a>, names: &'a Names, words: Words) -> Self {
        Lower {
            input,
            editing: input.editing,
            sources: input.sources,
            trees: input.trees,
            names,
            words,
            known: Arc::default(),
            program: Program::empty(),
            diagnostics: Vec::new(),
            labels: Vec::new(),
            aliases: Vec::new(),
            types: Default::default(),
            waiting: Vec::new(),
            let_states: Vec::new(),
            declared: Default::default(),
            lets_open: Vec::new(),
            meant_as_text: None,
            elements: FxHashMap::default(),
            said_vars: Vec::new(),
            usage: Usage::default(),
            pending: Vec::new(),
            blocks: Vec::new(),
            homes_before: 0,
        }
    }

    /// To collect into, before any body is lowered.
    fn known(&mut self) -> &mut Known {
        Arc::get_mut(&mut self.known).expect("it is shared with none but those who lower bodies")
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// A finding with its way out.
    fn fault(
        &mut self,
        code: &'static Code,
        span: Span,
        message: impl Into<String>,
        way: impl Into<String>,
    ) {
        self.report(Diagnostic::new(code, span, message).help(way));
    }

    fn is_library(&self, file: usize) -> bool {
        self.sources.file(self.trees[file].file).place == Place::Library
    }

    fn kind_named(&self, name: &str) -> Option<ShapeId> {
        self.program.schema.kind_called(name)
    }

    fn home(&mut self, text: &str) -> HomeId {
        HomeId(self.homes_before + Arc::make_mut(&mut self.program.homes).whole(text))
    }

    /// The home of what stands inside of another, by its word and label.
    fn home_inside(&mut self, outer: HomeId, word: Sym, label: Sym) -> HomeId {
        self.home_at(outer, Step { word, label, quoted: !is_name(self.names.text(label)) })
    }

    fn home_at(&mut self, outer: HomeId, step: Step) -> HomeId {
        HomeId(self.homes_before + Arc::make_mut(&mut self.program.homes).inside(outer.0, step))
    }

    fn add(&mut self, node: Node, span: Span) -> HirId {
        let id = HirId(self.program.nodes.len() as u32);
        self.program.nodes.push(node);
        self.program.spans.push(span);
        id
    }

    fn poison(&mut self, span: Span) -> HirId {
        self.add(Node::Const(crate::model::value::Value::Poison), span)
    }

    fn declared_twice(&mut self, what: &str, again: Ident, first: Span) {
        let found = self.twice(what, again, first);
        self.report(found.help(match self.sources.file(first.file).place {
            Place::Library => "the library has one of that name: give yours another",
            _ => "give one of them another name, or put both bodies into one",
        }));
    }

    /// The same, with both statements: of two that say the same, one is too many.
    fn stated_twice(&mut self, what: &str, again: (Ident, Span), first: (Span, Span)) {
        match self.sources.text(again.1) == self.sources.text(first.1) {
            true => {
                let found = self.twice(what, again.0, first.0);
                self.report(found.fix("remove it: both say the same", again.1, ""));
            }
            false => self.declared_twice(what, again.0, first.0),
        }
    }

    fn twice(&self, what: &str, again: Ident, first: Span) -> Diagnostic {
        let name = self.names.text(again.sym);
        let message = format!("{what} `{name}` is declared twice");
        Diagnostic::new(&codes::E0203, again.span, message)
            .here("again here")
            .label(first, "first here")
    }

    fn text(&self, sym: Sym) -> &str {
        self.names.text(sym)
    }

    fn texts(&self, syms: impl Iterator<Item = Sym>) -> Vec<&'a str> {
        syms.map(|sym| self.names.text(sym)).collect()
    }

    /// A place that names something: an editor leads from it.
    fn mention(&mut self, span: Span, target: Target) {
        if self.editing {
            self.usage.references.push((span, target));
        }
    }

    fn refer(&mut self, span: Span, target: Target) {
        match target {
            Target::Decl(id) => {
                self.usage.decls.insert(id);
            }
            Target::Let(id) => {
                self.usage.lets.insert(id);
            }
            Target::Template(id) => {
                self.usage.templates.insert(id);
            }
            _ => {}
        }
        self.mention(span, target);
    }
}

/// Adds "did you mean" with an edit. What is near is a guess, so that a person should look at it,
/// also where only one name is near.
pub(super) fn did_you_mean(
    diagnostic: Diagnostic,
    span: Span,
    written: &str,
    near: &[&str],
) -> Diagnostic {
    let mut diagnostic = diagnostic;
    for name in near {
        let title = format!("did you mean `{name}`?");
        let path = name.split('.').all(is_name);
        let quoted = written.starts_with('"') || !path;
        let text = if quoted { format!("\"{name}\"") } else { (*name).to_string() };
        diagnostic = diagnostic.suggest(title, span, text);
    }
    diagnostic
}

/// What another file declares, and an import gave a name to.
pub(super) fn behind_a_name(diagnostic: Diagnostic, span: Span, ways: &[String]) -> Diagnostic {
    let title = |way: &String| format!("its file is imported under a name: `{way}`");
    match ways {
        [way] => diagnostic.fix(title(way), span, way.clone()),
        ways => ways.iter().fold(diagnostic, |d, way| d.suggest(title(way), span, way.clone())),
    }
}

/// With its article: `a node`, `an endpoint`.
pub fn a(what: &str) -> String {
    let article = match what {
        // It is said of a closed set already.
        what if what.starts_with("one of ") => return what.to_string(),
        what if what.starts_with(['a', 'e', 'i', 'o']) => "an",
        _ => "a",
    };
    format!("{article} {what}")
}

impl Program {
    fn empty() -> Program {
        Program {
            schema: Schema::new(),
            nodes: Vec::new(),
            spans: Vec::new(),
            blocks: vec![Block::default()],
            defs: Vec::new(),
            froms: Vec::new(),
            homes: Arc::default(),
            decls: Arc::default(),
            templates: Vec::new(),
            lets: Vec::new(),
            types: Vec::new(),
            asserts: Vec::new(),
            labels: Arc::default(),
            layers: Vec::new(),
            by_name: Arc::default(),
            vars: FxHashMap::default(),
            project: ShapeId(0),
        }
    }
}

impl super::properties::Types for Lower<'_> {
    fn text_type(&mut self, name: &str) -> TyId {
        self.text_named(name)
    }

    fn intern(&mut self, ty: crate::model::schema::Ty) -> TyId {
        self.program.schema.intern(ty)
    }

    fn reference(&mut self, kind: &str) -> TyId {
        match self.kind_named(kind) {
            Some(shape) => self.program.schema.intern(crate::model::schema::Ty::Ref(shape)),
            None => Schema::ANY,
        }
    }
}
