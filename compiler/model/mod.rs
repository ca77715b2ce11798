//! The resolved cluster: every thing, every value, and where each came from. It holds no syntax and
//! no secret; whoever has a `Cluster` knows that nothing in it is faulty.

pub mod absence;
pub mod families;
pub mod fit;
pub mod generated;
pub mod grade;
pub mod homes;
pub mod ledger;
pub mod mounted;
pub mod reach;
pub mod running;
pub mod schema;
pub mod shares;
pub mod site;
pub mod slots;
pub mod value;
pub mod words;
pub mod worlds;

use crate::names::{Names, Sym};
use crate::origin::{Of, Origin};
use crate::source::Span;
use homes::Homes;
use mounted::Mounted;
use running::Running;
use rustc_hash::FxHashMap;
use schema::{Schema, ShapeId};
use shares::Shares;
pub use slots::{Slot, Slots};
use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};
use value::Value;
use words::Word;

/// A thing, or a block of one: one more than its place among all, so that none takes no room of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ThingId(NonZeroU32);

/// One declared thing on one node, or one block inside it: as much as a processor fetches at once.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub struct Thing {
    pub shape: ShapeId,
    /// Its name; for a block, the field's word.
    pub label: Sym,
    pub parent: Option<ThingId>,
    /// The node that it is of.
    pub node: Option<ThingId>,
    /// The instance of a service that it is of, itself included.
    pub instance: Option<ThingId>,
    /// The head of its declaration.
    pub span: Span,
    /// What is not here has its kind's default.
    pub slots: Slots,
}

const _: () = assert!(size_of::<Thing>() == 64, "rules look at things of all over the cluster");

/// Where a value came from: the definition that won, for which field of which thing.
#[derive(Clone, Copy, Debug)]
pub struct OriginRow {
    pub thing: ThingId,
    pub field: u16,
    /// The winning definition, by its number in the program.
    pub def: u32,
}

/// What is known of a definition without its text.
#[derive(Clone, Copy, Debug)]
pub struct DefRow {
    pub span: Span,
    /// The value alone, where the definition states one that is the same wherever it holds: what a fix writes anew.
    pub value: Option<Span>,
    /// A function makes the value: it does not stand in the sources as it is.
    pub made: bool,
    pub home: u32,
}

/// A resolved cluster that may still hold poisoned values.
#[derive(Clone, Debug)]
pub struct Model {
    pub names: Arc<Names>,
    pub schema: Arc<Schema>,
    pub things: Vec<Thing>,
    /// The constant defaults of each shape's fields.
    pub defaults: Vec<Vec<Option<Value>>>,
    /// By kind, in order of name.
    pub by_kind: FxHashMap<ShapeId, Vec<ThingId>>,
    /// Each service with its nodes, in order of both names.
    pub instances: Vec<Instance>,
    /// For each service, where its instances stand among all.
    pub of_service: FxHashMap<ThingId, std::ops::Range<usize>>,
    /// Of each service that `where` places: the nodes that fit, where they are more than one.
    pub fitting: FxHashMap<ThingId, Vec<ThingId>>,
    /// For each node, its instances, in order of their services.
    pub on_node: FxHashMap<ThingId, Vec<Instance>>,
    pub origins: Vec<OriginRow>,
    pub defs: Vec<DefRow>,
    pub homes: Arc<Homes>,
    pub cluster: Option<ThingId>,
    /// The names of the source files, by number.
    pub files: Vec<Arc<str>>,
    /// What the sources say of a thing in `///`, by the head of its declaration.
    pub notes: FxHashMap<Span, Arc<str>>,
    /// Which file imports which, by number, in the order of their names.
    pub imports: Vec<(u32, u32)>,
    /// Who asked for whose address: (the thing whose field it is, the port).
    pub uses: Vec<(ThingId, ThingId)>,
}

/// A service on a node.
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    pub service: ThingId,
    pub node: ThingId,
    pub thing: ThingId,
}

/// A model without a fault in it, and what follows from it for many who ask: found when first asked for.
#[derive(Debug)]
pub struct Cluster {
    model: Model,
    shares: OnceLock<Shares>,
    mounted: OnceLock<Mounted>,
    running: OnceLock<Running>,
}

impl Thing {
    /// Keeps a place for what comes.
    pub fn nothing(span: Span) -> Thing {
        let (shape, label, slots) = (ShapeId(0), Sym(0), Slots::default());
        Thing { shape, label, parent: None, node: None, instance: None, span, slots }
    }
}

impl ThingId {
    #[inline]
    pub fn new(at: usize) -> ThingId {
        ThingId(NonZeroU32::MIN.saturating_add(at as u32))
    }

    /// Its place among all things.
    #[inline]
    pub fn at(self) -> usize {
        self.number() as usize
    }

    #[inline]
    pub fn number(self) -> u32 {
        self.0.get() - 1
    }

    /// Of what is there because the thing is.
    pub fn origin(self) -> Origin {
        Origin::thing(self.number())
    }
}

impl Cluster {
    /// Only whoever has seen no error may say so.
    pub fn of(model: Model, errors: usize) -> Result<Cluster, Model> {
        if errors > 0 {
            return Err(model);
        }
        let (shares, mounted, running) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Ok(Cluster { model, shares, mounted, running })
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    pub fn into_model(self) -> Model {
        self.model
    }

    pub fn shares(&self) -> &Shares {
        self.shares.get_or_init(|| Shares::of(&self.model))
    }

    pub fn running(&self) -> &Running {
        self.running.get_or_init(|| Running::of(&self.model))
    }

    pub fn mounted(&self) -> &Mounted {
        self.mounted.get_or_init(|| Mounted::of(&self.model))
    }
}

impl std::ops::Deref for Cluster {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.model
    }
}

static NOTHING: Value = Value::None;

impl Model {
    /// Nothing is known yet.
    pub fn empty(names: Arc<Names>) -> Model {
        Model {
            names,
            schema: Arc::new(Schema::new()),
            things: Vec::new(),
            defaults: Vec::new(),
            by_kind: FxHashMap::default(),
            instances: Vec::new(),
            of_service: FxHashMap::default(),
            on_node: FxHashMap::default(),
            origins: Vec::new(),
            defs: Vec::new(),
            homes: Arc::default(),
            cluster: None,
            files: Vec::new(),
            notes: FxHashMap::default(),
            imports: Vec::new(),
            fitting: FxHashMap::default(),
            uses: Vec::new(),
        }
    }

    pub fn thing(&self, id: ThingId) -> &Thing {
        &self.things[id.at()]
    }

    pub fn label(&self, id: ThingId) -> &str {
        self.names.text(self.thing(id).label)
    }

    /// The word of the thing's kind.
    pub fn kind(&self, id: ThingId) -> &str {
        self.names.text(self.schema.shape(self.thing(id).shape).name)
    }

    /// All things of a kind, in order of name.
    pub fn all(&self, kind: &str) -> &[ThingId] {
        let shape = self.schema.kind_called(kind);
        shape.and_then(|shape| self.by_kind.get(&shape)).map_or(&[], Vec::as_slice)
    }

    pub fn find(&self, kind: &str, name: &str) -> Option<ThingId> {
        let all = self.all(kind);
        let at = all.partition_point(|&id| self.label(id) < name);
        all.get(at).copied().filter(|&id| self.label(id) == name)
    }

    /// A field's value, or its kind's default; `None` where there is neither.
    #[inline(always)]
    pub fn get(&self, thing: ThingId, field: &str) -> &Value {
        self.of_word(thing, Word::of(field))
    }

    fn of_word(&self, thing: ThingId, field: Word) -> &Value {
        let thing = self.thing(thing);
        match self.schema.shape(thing.shape).field_of(field) {
            Some(field) => match thing.slots.find(field) {
                Some(slot) => &slot.value,
                None => self.default(thing, field),
            },
            None => &NOTHING,
        }
    }

    /// The same with where it comes from.
    #[inline(always)]
    pub fn at(&self, thing: ThingId, field: &str) -> (&Value, Origin) {
        self.at_word(thing, Word::of(field))
    }

    fn at_word(&self, thing: ThingId, field: Word) -> (&Value, Origin) {
        match self.schema.shape(self.thing(thing).shape).field_of(field) {
            Some(field) => self.at_field(thing, field),
            None => (&NOTHING, Origin::NONE),
        }
    }

    pub fn at_field(&self, thing: ThingId, field: u16) -> (&Value, Origin) {
        let t = self.thing(thing);
        let (value, origin) = match t.slots.find(field) {
            Some(slot) => (&slot.value, slot.origin),
            None => (self.default(t, field), Origin::NONE),
        };
        let whole =
            || if value.is_none() { Origin::NONE } else { Origin::field(thing.number(), field) };
        (value, if origin.is_none() { whole() } else { origin })
    }

    /// What holds of a field of which nothing is stated.
    #[inline]
    fn default(&self, thing: &Thing, field: u16) -> &Value {
        let default = self.defaults[thing.shape.0 as usize].get(field as usize);
        default.and_then(Option::as_ref).unwrap_or(&NOTHING)
    }

    /// Where a definition stands: `service gitea > container app`.
    pub fn home(&self, def: &DefRow) -> String {
        self.homes.text(def.home, &self.names)
    }

    /// The name of the file that declares a thing.
    pub fn file_of(&self, id: ThingId) -> &str {
        self.files.get(self.thing(id).span.file.0 as usize).map_or("", |name| name)
    }

    /// What the sources say of a thing in `///`.
    pub fn note(&self, id: ThingId) -> Option<&str> {
        self.notes.get(&self.thing(id).span).map(|text| &**text)
    }

    /// The labelled things of a field, in order of name.
    #[inline(always)]
    pub fn children(&self, thing: ThingId, field: &str) -> &[ThingId] {
        match self.get(thing, field) {
            Value::Things(ids) => ids,
            _ => &[],
        }
    }

    /// The record of a field.
    #[inline(always)]
    pub fn block(&self, thing: ThingId, field: &str) -> Option<ThingId> {
        self.get(thing, field).as_thing()
    }

    #[inline(always)]
    pub fn text(&self, thing: ThingId, field: &str) -> Option<&str> {
        self.get(thing, field).as_text()
    }

    #[inline(always)]
    pub fn flag(&self, thing: ThingId, field: &str) -> bool {
        matches!(self.get(thing, field), Value::Bool(true))
    }

    /// The word of a field of a closed set.
    #[inline(always)]
    pub fn word(&self, thing: ThingId, field: &str) -> Option<&str> {
        match self.get(thing, field) {
            Value::Word(word) => Some(self.names.text(word.word)),
            _ => None,
        }
    }

    /// The parameter of the word of a field.
    pub fn param(&self, thing: ThingId, field: &str, name: &str) -> Option<&Value> {
        match self.get(thing, field) {
            Value::Word(word) => word.param(self.names.find(name)?),
            _ => None,
        }
    }

    /// `node director > service gitea > container app`
    pub fn path(&self, id: ThingId) -> String {
        path_among(&self.things, &self.schema, &self.names, id)
    }

    /// The thing's dotted name, as the language writes it: `gitea.app.port.web`.
    pub fn dotted(&self, id: ThingId) -> String {
        let mut steps: Vec<&str> = Vec::new();
        let mut at = Some(id);
        while let Some(id) = at {
            let t = self.thing(id);
            let label = self.names.text(t.label);
            if !label.is_empty() {
                steps.push(label);
            }
            // Its word may not be left out: a field of the hardware may be called the same.
            if self.kind(id) == "disk" {
                steps.push("disk");
            }
            at = t.parent;
        }
        steps.reverse();
        steps.join(".")
    }

    /// The definition that a value came from, where it is one alone.
    pub fn origin(&self, origin: Origin) -> Option<OriginRow> {
        match origin.of() {
            Of::Row(at) => self.origins.get(at).copied(),
            _ => None,
        }
    }

    /// The thing whose value it is, or whose declaration.
    pub fn thing_of(&self, origin: Origin) -> Option<ThingId> {
        match origin.of() {
            Of::Nothing => None,
            Of::Row(at) => self.origins.get(at).map(|row| row.thing),
            Of::Thing(id) | Of::Field(id, _) => Some(ThingId::new(id as usize)),
        }
    }

    /// The instances of a service.
    pub fn instances_of(&self, service: ThingId) -> impl Iterator<Item = Instance> + '_ {
        let range = self.of_service.get(&service).cloned().unwrap_or_default();
        self.instances[range].iter().copied()
    }

    /// The service of each instance.
    pub fn services(&self) -> FxHashMap<ThingId, ThingId> {
        self.instances.iter().map(|instance| (instance.thing, instance.service)).collect()
    }

    /// The instances of a node, in order of their services.
    pub fn instances_on(&self, node: ThingId) -> &[Instance] {
        self.on_node.get(&node).map_or(&[], Vec::as_slice)
    }
}

/// A thing's path, also while the model is still being made.
pub fn path_among(things: &[Thing], schema: &Schema, names: &Names, id: ThingId) -> String {
    let thing = |id: ThingId| &things[id.at()];
    let mut steps = Vec::new();
    let mut at = Some(id);
    while let Some(id) = at {
        let t = thing(id);
        let shape = schema.shape(t.shape);
        let label = names.text(t.label);
        if !label.is_empty() {
            let kind = names.text(shape.name);
            steps.push(if shape.is_kind && kind != label {
                format!("{kind} {label}")
            } else {
                label.to_string()
            });
        }
        if t.instance == Some(id)
            && let Some(node) = t.node
        {
            steps.push(format!("node {}", names.text(thing(node).label)));
            break;
        }
        at = t.parent;
    }
    steps.reverse();
    steps.join(" > ")
}
