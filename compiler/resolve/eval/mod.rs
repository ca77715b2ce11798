//! The program evaluated: every field of every thing, on demand, once. Things come to be here; how
//! definitions of one field become one value is `merge`, what expressions mean is `expr`.

mod binary;
mod bounds;
mod build;
mod call;
mod clash;
mod endpoint;
mod expr;
mod finish;
mod fit;
mod layers;
mod map;
mod merge;
mod place;
mod property;
mod trace;

use super::hir::*;
use crate::diag::{Code, Diagnostic, codes};
use crate::model::schema::{Schema, ShapeId, Ty, TyId};
use crate::model::value::{SecretName, Value};
use crate::model::{Model, OriginRow, Slot, Thing, ThingId, path_among};
use crate::names::{Names, Sym};
use crate::origin::Origin;
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// How many values may wait for one another. A deeper chain is no cluster's.
pub const DEEPEST: usize = 400;

pub use finish::{OF_SERVICE, Resolved};
pub use trace::{Event, Reference, Step, Trace};

/// Evaluates a lowered program.
pub fn evaluate(
    program: Program,
    usage: &super::lower::Usage,
    names: Arc<Names>,
    library_files: FxHashSet<crate::source::FileId>,
    trouble: bool,
) -> (Resolved, Vec<Diagnostic>) {
    let mut eval = Eval::new(program, names);
    eval.used_decls = usage.decls.clone();
    eval.library_files = library_files;
    eval.build();
    eval.finish(usage, trouble)
}

/// Of what a definition is made: where it stands and how far it reaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source {
    pub block: BlockId,
    pub rank: u16,
    pub env: EnvId,
    /// Its plain definitions rank here, its `default`s just above the kind's own.
    pub template: bool,
    /// Its block is of another shape, and only labelled things are taken from it, by word.
    pub foreign: Option<ShapeId>,
}

/// The layers, widest first. Between them is room for what is narrower by a step.
pub(super) mod rank {
    pub const TEMPLATE_DEFAULT: u16 = 10;
    pub const GLOBAL: u16 = 20;
    pub const ARCH: u16 = 30;
    pub const OS: u16 = 40;
    pub const ROLE: u16 = 50;
    pub const NODE_TEMPLATE: u16 = 55;
    pub const NODE: u16 = 60;
    pub const TEMPLATE: u16 = 70;
    pub const OWN: u16 = 80;
    pub const INNER: u16 = 100;
}

/// The arguments of a template, by number; 0 is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct EnvId(pub u32);

#[derive(Clone, Copy, Debug)]
struct Env {
    from: FromId,
    /// In whose scope the arguments stand.
    thing: ThingId,
    outer: EnvId,
}

/// A definition of one thing's field.
#[derive(Clone, Copy, Debug)]
pub(super) struct ThingDef {
    pub field: u16,
    pub rank: u16,
    pub def: DefId,
    pub source: u16,
}

/// What the evaluator knows of a thing beside the model.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub sources: Arc<[Source]>,
    /// Sorted by field, then rank. Shared, so that evaluating one field can hold on to its part.
    pub defs: Arc<[ThingDef]>,
}

/// The definitions of one field of a thing.
pub(super) struct FieldDefs {
    all: Arc<[ThingDef]>,
    part: std::ops::Range<usize>,
}

impl std::ops::Deref for FieldDefs {
    type Target = [ThingDef];

    fn deref(&self) -> &[ThingDef] {
        &self.all[self.part.clone()]
    }
}

/// Where an expression is evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ctx {
    pub thing: ThingId,
    pub env: EnvId,
    /// The candidate, inside a placement.
    pub candidate: Option<ThingId>,
    /// Where this expression's binders begin.
    pub frame: usize,
    /// The place of the value below, on its stack.
    pub inherited: Option<usize>,
}

/// What a definition did, over all things it reached.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Tally {
    pub reached: u32,
    pub effective: u32,
    /// On one of them nobody can say what stands below.
    pub murky: bool,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    thing: ThingId,
    field: u16,
    /// One entry of a map: it is worked out by itself.
    key: Option<Sym>,
    span: Span,
}

pub(super) struct Eval {
    program: Arc<Program>,
    names: Arc<Names>,
    model: Model,
    works: Vec<Work>,
    /// What is known of a thing at first: nothing.
    blank: Work,
    envs: Vec<Env>,
    locals: Vec<Value>,
    below: Vec<Value>,
    stack: Vec<Frame>,
    /// The entries of maps that were asked for before the map as a whole.
    entries: map::Entries,
    /// Of the map whose definitions are being worked out, only this entry is wanted.
    only: Option<Sym>,
    diagnostics: Vec<Diagnostic>,
    tally: Vec<Tally>,
    /// Only facts may be reached.
    placing: bool,
    root: ThingId,
    /// What has `enabled = false`: nothing is made of it, and nobody may name it.
    left_out: FxHashSet<ThingId>,
    /// The thing of each declaration.
    decl_things: Vec<Option<ThingId>>,
    /// For each node, the layers that hold, widest first: (rank, number in `program.layers`).
    node_layers: FxHashMap<ThingId, Arc<[(u16, u32)]>>,
    /// The layers that hold for more than one node, by their number in `program.layers`.
    wide_layers: Vec<u32>,
    /// The layers of one node, by its name.
    own_layers: FxHashMap<Sym, Vec<u32>>,
    layer_cache: FxHashMap<(usize, Sym), Arc<[Source]>>,
    /// The `file`s and `task`s of the top level, by node.
    spread: FxHashMap<ThingId, Vec<DeclId>>,
    /// The one block of a record shape that says nothing, where its defaults are constant.
    empty_blocks: Vec<Option<ThingId>>,
    constant_shapes: Vec<Option<bool>>,
    let_values: Vec<Option<Value>>,
    /// The same while services find their places: what depends on them is not known yet.
    early_let_values: Vec<Option<Value>>,
    /// How many lets are being worked out, each for the next.
    lets_open: usize,
    /// Bytes of the texts and lists that expressions made.
    made: usize,
    words: EvalWords,
    /// `set<any>`: the type of a var of which no type is declared.
    any_set: TyId,
    location_ty: TyId,
    secret_names: Option<Arc<[SecretName]>>,
    /// The places in `secret_names` of all that have the name.
    secrets_by_name: FxHashMap<Arc<str>, Vec<u32>>,
    used_secrets: FxHashSet<(ThingId, Arc<str>, Arc<str>)>,
    service_of_instance: FxHashMap<ThingId, ThingId>,
    checked_layers: FxHashSet<BlockId>,
    /// Definitions that no layer may hold; reported, and without effect.
    refused: FxHashSet<DefId>,
    used_decls: FxHashSet<DeclId>,
    library_files: FxHashSet<crate::source::FileId>,
    /// Set only while `explain` watches one field being merged.
    watch: Option<trace::Watch>,
}

/// The kinds and fields that evaluation itself must know.
struct EvalWords {
    node: ShapeId,
    service: ShapeId,
    container: ShapeId,
    unit: ShapeId,
    port: ShapeId,
    share: ShapeId,
    disk: ShapeId,
    site: ShapeId,
    network: ShapeId,
}

impl Eval {
    fn new(mut program: Program, names: Arc<Names>) -> Eval {
        let any_set = program.schema.intern(Ty::Set(Schema::ANY));
        let location_ty = program.schema.intern(Ty::Location);
        let kind = |name: &str| {
            names
                .find(name)
                .and_then(|s| program.schema.kinds.get(&s).copied())
                .unwrap_or(ShapeId(0))
        };
        let words = EvalWords {
            node: kind("node"),
            service: kind("service"),
            container: kind("container"),
            unit: kind("unit"),
            port: kind("port"),
            share: kind("share"),
            disk: kind("disk"),
            site: kind("site"),
            network: kind("network"),
        };
        let shapes = program.schema.shapes.len();
        let model = Model {
            names: names.clone(),
            schema: Arc::new(Schema::new()),
            things: Vec::new(),
            defaults: Vec::new(),
            by_kind: FxHashMap::default(),
            instances: Vec::new(),
            of_service: FxHashMap::default(),
            on_node: FxHashMap::default(),
            origins: Vec::new(),
            defs: Vec::new(),
            homes: Vec::new(),
            cluster: None,
            files: Vec::new(),
            notes: FxHashMap::default(),
            imports: Vec::new(),
            uses: Vec::new(),
        };
        let tally = vec![Tally::default(); program.defs.len()];
        let decl_things = vec![None; program.decls.len()];
        let let_values = vec![None; program.lets.len()];
        let early_let_values = let_values.clone();
        Eval {
            program: Arc::new(program),
            names,
            model,
            works: Vec::new(),
            blank: Work { sources: Arc::new([]), defs: Arc::new([]) },
            envs: vec![Env { from: FromId(0), thing: ThingId(0), outer: EnvId(0) }],
            locals: Vec::new(),
            below: Vec::new(),
            stack: Vec::new(),
            entries: map::Entries::default(),
            only: None,
            diagnostics: Vec::new(),
            tally,
            placing: false,
            root: ThingId(0),
            left_out: FxHashSet::default(),
            decl_things,
            node_layers: FxHashMap::default(),
            wide_layers: Vec::new(),
            own_layers: FxHashMap::default(),
            layer_cache: FxHashMap::default(),
            spread: FxHashMap::default(),
            empty_blocks: vec![None; shapes],
            constant_shapes: vec![None; shapes],
            let_values,
            early_let_values,
            lets_open: 0,
            made: 0,
            words,
            any_set,
            location_ty,
            secret_names: None,
            secrets_by_name: FxHashMap::default(),
            used_secrets: FxHashSet::default(),
            service_of_instance: FxHashMap::default(),
            checked_layers: FxHashSet::default(),
            refused: FxHashSet::default(),
            used_decls: FxHashSet::default(),
            library_files: FxHashSet::default(),
            watch: None,
        }
    }

    fn thing(&self, id: ThingId) -> &Thing {
        &self.model.things[id.0 as usize]
    }

    fn label(&self, id: ThingId) -> &str {
        self.names.text(self.thing(id).label)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports with the resolved path of the value that is being worked out.
    fn fault(&mut self, code: &'static Code, span: Span, message: impl Into<String>) -> Diagnostic {
        let diagnostic = Diagnostic::new(code, span, message);
        match self.stack.last() {
            Some(frame) => diagnostic.at(self.path_to(frame)),
            None => diagnostic,
        }
    }

    fn path_of(&self, thing: ThingId, field: u16) -> String {
        self.path_to(&Frame { thing, field, key: None, span: self.thing(thing).span })
    }

    /// The path of what a definition is about: a field, or one entry of it.
    fn path_of_def(&self, thing: ThingId, field: u16, def: DefId) -> String {
        let def = self.program.def(def);
        self.path_to(&Frame { thing, field, key: def.key, span: def.head })
    }

    /// `node director > service gitea > container app > memory`
    fn path_to(&self, frame: &Frame) -> String {
        let shape = self.program.schema.shape(self.thing(frame.thing).shape);
        let name = shape.fields.get(frame.field as usize).map_or("", |f| self.names.text(f.name));
        let mut path = self.thing_path(frame.thing);
        for step in [Some(name), frame.key.map(|key| self.names.text(key))].into_iter().flatten() {
            if !path.is_empty() {
                path.push_str(" > ");
            }
            path.push_str(step);
        }
        path
    }

    fn thing_path(&self, thing: ThingId) -> String {
        path_among(&self.model.things, &self.program.schema, &self.names, thing)
    }

    fn field_named(&self, shape: ShapeId, name: &str) -> Option<u16> {
        self.program.schema.shape(shape).field(self.names.find(name)?)
    }

    /// A field's value by its word.
    fn get(&mut self, thing: ThingId, name: &str) -> Value {
        match self.field_named(self.thing(thing).shape, name) {
            Some(field) => self.field(thing, field),
            None => Value::None,
        }
    }

    /// A field's value: evaluated now if it was not before.
    fn field(&mut self, thing: ThingId, field: u16) -> Value {
        if let Some(slot) = self.thing(thing).slots.find(field) {
            return slot.value.clone();
        }
        let defs = self.defs_of(thing, field);
        let shape_id = self.thing(thing).shape;
        let program = self.program.clone();
        let shape = program.schema.shape(shape_id);
        let Some(info) = shape.fields.get(field as usize) else { return Value::None };
        if self.placing && !info.fact && !self.inside_fact(thing) {
            let span = defs.first().map_or(info.span, |d| program.def(d.def).head);
            return self.no_fact(thing, field, span);
        }
        if defs.is_empty() && !self.always_built(info.ty, field, thing) {
            match info.default {
                None => {
                    let plain = program.schema.plain(info.ty);
                    if !matches!(program.schema.ty(plain), Ty::Record(_)) || plain != info.ty {
                        return self.empty(info.ty);
                    }
                }
                Some(default) => {
                    if let Node::Const(value) = program.node(default) {
                        return value.clone();
                    }
                }
            }
        }
        let span = defs.first().map_or(info.span, |d| program.def(d.def).head);
        let entered = self.enter(Frame { thing, field, key: None, span });
        let Ok(()) = entered else { return Value::Poison };
        let (value, origin) = self.merged(thing, field, &defs);
        self.stack.pop();
        let slots = &mut self.model.things[thing.0 as usize].slots;
        slots.put(Slot { field, value: value.clone(), origin });
        value
    }

    /// Goes into a value, unless it is being worked out already or lies too deep; both are told.
    fn enter(&mut self, frame: Frame) -> Result<(), ()> {
        let Frame { thing, field, key, span } = frame;
        let same = |f: &Frame| f.thing == thing && f.field == field && f.key == key;
        if let Some(start) = self.stack.iter().position(same) {
            self.circle(start);
            return Err(());
        }
        if self.stack.len() > DEEPEST {
            let message = format!("this value depends on a chain of more than {DEEPEST} others");
            let diagnostic = self
                .fault(&codes::E0309, span, message)
                .help("state it where it is needed, or break the chain with a `let`");
            self.report(diagnostic);
            return Err(());
        }
        self.stack.push(frame);
        Ok(())
    }

    /// Labelled things may come from layers and from the top level without a definition here.
    fn always_built(&self, ty: TyId, field: u16, thing: ThingId) -> bool {
        if !matches!(self.program.schema.ty(ty), Ty::Named(_)) {
            return false;
        }
        let t = self.thing(thing);
        let name = self.program.schema.shape(t.shape).fields[field as usize].name;
        t.shape == self.words.node && matches!(self.names.text(name), "file" | "task")
    }

    /// The value of a field of which nothing is said.
    fn empty(&self, ty: TyId) -> Value {
        match self.program.schema.ty(ty) {
            Ty::List(_) | Ty::Set(_) => Value::List(Arc::new([])),
            Ty::Map(..) => Value::Map(Arc::new([])),
            Ty::Named(_) => Value::Things(Arc::new([])),
            Ty::Union(types) => {
                // `set<container> | map<...>` of nothing is an empty list.
                match types.iter().find(|&&t| self.program.schema.is_collection(t)) {
                    Some(&t) => self.empty(t),
                    None => Value::None,
                }
            }
            _ => Value::None,
        }
    }

    fn defs_of(&self, thing: ThingId, field: u16) -> FieldDefs {
        let all = self.works[thing.0 as usize].defs.clone();
        let start = all.partition_point(|d| d.field < field);
        let count = all[start..].iter().take_while(|d| d.field == field).count();
        FieldDefs { all, part: start..start + count }
    }

    /// A block inside a fact is one as well.
    fn inside_fact(&self, thing: ThingId) -> bool {
        let t = self.thing(thing);
        let shape = self.program.schema.shape(t.shape);
        if shape.is_kind && !matches!(self.names.text(shape.name), "disk") {
            return !(t.shape == self.words.node || t.shape == self.words.service);
        }
        true
    }

    fn no_fact(&mut self, thing: ThingId, field: u16, span: Span) -> Value {
        let path = self.path_of(thing, field);
        let facts = {
            let shape = self.program.schema.shape(self.thing(thing).shape);
            let facts: Vec<&str> =
                shape.fields.iter().filter(|f| f.fact).map(|f| self.names.text(f.name)).collect();
            facts.join(", ")
        };
        let at = self.stack.first().map_or(span, |f| f.span);
        let mut diagnostic = Diagnostic::new(
            &codes::E0503,
            at,
            format!("where a service runs cannot depend on {path}"),
        )
        .note("placement comes first: it may look at facts only, directly or through `vars`")
        .help(format!("facts here are: {facts}"));
        for frame in self.stack.iter().skip(1).filter(|frame| frame.span != at) {
            diagnostic = diagnostic.label(frame.span, "by way of this");
        }
        if span != at && !self.library_files.contains(&span.file) {
            diagnostic = diagnostic.label(span, "this is no fact");
        }
        self.report(diagnostic);
        Value::Poison
    }

    /// A value that needs itself: the way round, step by step.
    fn circle(&mut self, start: usize) {
        let mut way: Vec<Frame> = self.stack[start..].to_vec();
        // A map that waits for its own entry is the same step twice.
        way.dedup_by(|inner, outer| {
            let same = inner.thing == outer.thing && inner.field == outer.field;
            if same && outer.key.is_none() && inner.key.is_some() {
                *outer = *inner;
                return true;
            }
            false
        });
        // Told from the first in the text on, wherever evaluation came in.
        let first = (0..way.len()).min_by_key(|&at| (way[at].span.file, way[at].span.start));
        way.rotate_left(first.unwrap_or(0));
        let Some(first) = way.first() else { return };
        let message = format!("{} needs itself", self.path_to(first));
        let mut diagnostic = Diagnostic::new(&codes::E0309, first.span, message);
        for (nth, frame) in way.iter().enumerate() {
            let next = way.get(nth + 1).unwrap_or(&way[0]);
            let text = format!("needs {}", self.path_to(next));
            if nth == 0 {
                diagnostic = diagnostic.here(text);
            } else {
                diagnostic = diagnostic.label(frame.span, text);
            }
        }
        self.report(diagnostic.help("state one of these values by itself"));
    }

    fn new_origin(&mut self, thing: ThingId, field: u16, def: DefId) -> Origin {
        self.model.origins.push(OriginRow { thing, field, def: def.0 });
        Origin::row(self.model.origins.len() - 1)
    }

    fn ctx(&self, thing: ThingId, env: EnvId) -> Ctx {
        Ctx { thing, env, candidate: None, frame: self.locals.len(), inherited: None }
    }
}
