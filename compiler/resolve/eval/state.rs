//! What evaluation knows, beside the program: it stays when evaluation is over, so that `explain`
//! can ask on. How it comes to be known is not here.

use super::late::Merge;
use super::shared::Shared;
use super::switched::Written;
use super::unsaid::ShapeFields;
use super::{Env, EnvId, Frame, Source, Tally, ThingDef, bounds, map, trace};
use crate::diag::Diagnostic;
use crate::model::schema::{Schema, ShapeId, Ty, TyId};
use crate::model::value::{SecretName, Value};
use crate::model::{Model, ThingId};
use crate::names::{Names, Sym};
use crate::resolve::hir::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What the evaluator knows of a thing beside the model.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Work {
    pub sources: Part,
    /// Sorted by field, then rank.
    pub defs: Part,
}

/// A run of neighbours in one of the lists of all things.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Part {
    start: u32,
    end: u32,
}

impl Work {
    /// From there to the end of both lists, by their lengths.
    pub fn since(source: usize, sources: usize, def: usize, defs: usize) -> Work {
        Work { sources: Part::since(source, sources), defs: Part::since(def, defs) }
    }

    /// The same where both lists follow others of these lengths.
    pub fn after(self, sources: usize, defs: usize) -> Work {
        Work { sources: self.sources.after(sources), defs: self.defs.after(defs) }
    }
}

impl Part {
    /// From there to the end of a list of that length.
    pub fn since(start: usize, len: usize) -> Part {
        Part { start: start as u32, end: len as u32 }
    }

    fn after(self, length: usize) -> Part {
        Part { start: self.start + length as u32, end: self.end + length as u32 }
    }

    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[derive(Clone)]
pub(in crate::resolve) struct State {
    pub(super) model: Model,
    pub(super) works: Vec<Work>,
    /// Of all things, one after the other.
    pub(super) sources: Shared<Source>,
    pub(super) defs: Shared<ThingDef>,
    pub(super) envs: Vec<Env>,
    pub(super) locals: Vec<Value>,
    pub(super) below: Vec<Value>,
    pub(super) stack: Vec<Frame>,
    /// The entries of maps that were asked for before the map as a whole.
    pub(super) entries: map::Entries,
    pub(super) written: Written,
    /// What has its value, and definitions that were passed over for it.
    pub(super) not_looked_at: Vec<Merge>,
    /// The maps of which that was so once.
    pub(super) looked_through: FxHashSet<(ThingId, u16)>,
    /// The one of them that is being walked from the beginning.
    pub(super) looked_at: Option<Merge>,
    /// Of the map whose definitions are being worked out, only this entry is wanted.
    pub(super) only: Option<Sym>,
    /// The last key that a map was asked for in vain: where, the map, and the key.
    pub(super) absent: Option<(crate::source::Span, Value, Sym)>,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) tally: Vec<Tally>,
    /// How many values and lets may wait for one another where the stack is no larger than other threads'.
    pub(super) deep: usize,
    /// Only facts may be reached.
    pub(super) placing: bool,
    pub(super) root: ThingId,
    /// What has `enabled = false`: nothing is made of it, and nobody may name it.
    pub(super) left_out: FxHashSet<ThingId>,
    /// The thing of each declaration.
    pub(super) decl_things: Vec<Option<ThingId>>,
    /// For each node, the layers that hold, widest first: (rank, number in `program.layers`).
    pub(super) node_layers: FxHashMap<ThingId, Vec<(u16, u32)>>,
    /// The layers that hold for more than one node, by their number in `program.layers`.
    pub(super) wide_layers: Vec<u32>,
    /// The layers of one node, by its name.
    pub(super) own_layers: FxHashMap<Sym, Vec<u32>>,
    /// For each node and kind, the blocks of those layers: a part of `sources`.
    pub(super) layer_cache: FxHashMap<(ThingId, ShapeId), Part>,
    /// The `file`s and `task`s of the top level, by node.
    pub(super) spread: FxHashMap<ThingId, Vec<DeclId>>,
    /// By shape.
    pub(super) shape_fields: Vec<ShapeFields>,
    pub(super) let_values: Vec<Option<Value>>,
    /// The same while services find their places: what depends on them is not known yet.
    pub(super) early_let_values: Vec<Option<Value>>,
    /// How many lets are being worked out, each for the next.
    pub(super) lets_open: usize,
    /// Bytes of the texts and lists that expressions made.
    pub(super) made: usize,
    /// What these may come to.
    pub(super) most: usize,
    pub(super) words: EvalWords,
    /// `set<any>`: the type of a var of which no type is declared.
    pub(super) any_set: TyId,
    pub(super) location_ty: TyId,
    pub(super) secret_names: Option<Arc<[SecretName]>>,
    /// The places in `secret_names` of all that have the name.
    pub(super) secrets_by_name: Arc<FxHashMap<Arc<str>, Vec<u32>>>,
    pub(super) used_secrets: FxHashSet<(ThingId, Arc<str>, Arc<str>)>,
    pub(super) service_of_instance: FxHashMap<ThingId, ThingId>,
    pub(super) used_decls: FxHashSet<DeclId>,
    pub(super) library_files: FxHashSet<crate::source::FileId>,
    /// What was found hangs on the order in which values were asked for.
    pub(super) torn: bool,
    /// How many have worked it out.
    pub(super) parts: usize,
    /// Set only while `explain` watches one field being merged.
    pub(super) watch: Option<trace::Watch>,
}

/// The kinds and fields that evaluation itself must know.
#[derive(Clone)]
pub(super) struct EvalWords {
    pub(super) node: ShapeId,
    pub(super) service: ShapeId,
    pub(super) container: ShapeId,
    pub(super) unit: ShapeId,
    pub(super) port: ShapeId,
    pub(super) share: ShapeId,
    pub(super) disk: ShapeId,
    pub(super) site: ShapeId,
    pub(super) network: ShapeId,
    pub(super) secrets: ShapeId,
}

impl State {
    pub(super) fn new(program: &mut Program, names: &Arc<Names>) -> State {
        let any_set = program.schema.intern(Ty::Set(Schema::ANY));
        let location_ty = program.schema.intern(Ty::Location);
        let kind = |name: &str| program.schema.kind_called(name).unwrap_or(ShapeId(0));
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
            secrets: kind("secrets"),
        };
        let model = Model::empty(names.clone());
        let tally = vec![Tally::default(); program.defs.len()];
        let decl_things = vec![None; program.decls.len()];
        let let_values = vec![None; program.lets.len()];
        let early_let_values = let_values.clone();
        State {
            model,
            works: Vec::new(),
            sources: Shared::default(),
            defs: Shared::default(),
            envs: vec![Env { from: FromId(0), thing: ThingId::new(0), outer: EnvId(0) }],
            locals: Vec::new(),
            below: Vec::new(),
            stack: Vec::new(),
            entries: map::Entries::default(),
            written: Written::default(),
            not_looked_at: Vec::new(),
            looked_through: FxHashSet::default(),
            looked_at: None,
            only: None,
            absent: None,
            diagnostics: Vec::new(),
            tally,
            deep: usize::MAX,
            placing: false,
            root: ThingId::new(0),
            left_out: FxHashSet::default(),
            decl_things,
            node_layers: FxHashMap::default(),
            wide_layers: Vec::new(),
            own_layers: FxHashMap::default(),
            layer_cache: FxHashMap::default(),
            spread: FxHashMap::default(),
            shape_fields: Vec::new(),
            let_values,
            early_let_values,
            lets_open: 0,
            made: 0,
            most: bounds::MOST,
            words,
            any_set,
            location_ty,
            secret_names: None,
            secrets_by_name: Arc::default(),
            used_secrets: FxHashSet::default(),
            service_of_instance: FxHashMap::default(),
            used_decls: FxHashSet::default(),
            library_files: FxHashSet::default(),
            torn: false,
            parts: 1,
            watch: None,
        }
    }

    /// Before one of some works out its part: what grows by and by is moved each time, and room that nobody comes to need
    /// is no memory. Mostly each block becomes a thing, of which two layers say something.
    pub(super) fn make_room(&mut self, program: &Program, parts: usize) {
        let (things, values) = (program.blocks.len() / parts, program.defs.len() / parts);
        self.model.things.reserve(things + things / 2);
        self.works.reserve(things + things / 2);
        self.sources.reserve(3 * things);
        self.defs.reserve(5 * values / 2);
        self.model.origins.reserve(5 * values / 2);
    }

    pub(super) fn defs(&self, thing: ThingId) -> &[ThingDef] {
        &self.defs[self.works[thing.at()].defs.range()]
    }

    pub(super) fn sources(&self, thing: ThingId) -> &[Source] {
        &self.sources[self.works[thing.at()].sources.range()]
    }

    /// The same, where the thing may be of another model.
    pub(super) fn known_defs(&self, thing: ThingId) -> &[ThingDef] {
        let work = self.works.get(thing.at()).copied().unwrap_or_default();
        &self.defs[work.defs.range()]
    }
}
