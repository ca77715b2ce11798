//! The program evaluated: every field of every thing, on demand, once. Things come to be here; how
//! definitions of one field become one value is `merge`, what expressions mean is `expr`.

mod apart;
mod binary;
mod bounds;
mod build;
mod call;
mod clash;
mod endpoint;
mod expr;
mod finish;
mod fit;
mod hold;
mod idle;
mod joined;
mod lack;
mod late;
mod layers;
mod map;
mod merge;
mod place;
mod property;
mod shared;
mod state;
mod switched;
mod trace;
mod unsaid;
mod weak;

pub(super) use expr::SINKS;

use super::hir::*;
use crate::diag::{Code, Diagnostic, Label, codes};
use crate::model::schema::ShapeId;
use crate::model::value::Value;
use crate::model::{Model, OriginRow, Slot, Thing, ThingId, path_among};
use crate::names::{Names, Sym};
use crate::origin::Origin;
use crate::source::Span;
use crate::threads::Wanted;
use rustc_hash::FxHashSet;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

/// From how many instances on the making of copies is worth it.
pub const CROWD: usize = 500;

pub use finish::{OF_SERVICE, Resolved};
use state::{Part, State, Work};
pub use trace::{Event, Reference, Step, Trace};
use unsaid::Unsaid;

/// How a program is to be evaluated.
pub struct How<'a> {
    /// What is said of what is left over may be wrong.
    pub trouble: Trouble,
    pub threads: usize,
    /// From how many instances on the threads share the work.
    pub crowd: usize,
    pub wanted: Wanted<'a>,
}

/// Evaluates a lowered program.
pub fn evaluate(
    program: Program,
    usage: &super::lower::Usage,
    names: Arc<Names>,
    library_files: FxHashSet<crate::source::FileId>,
    how: How,
) -> (Resolved, Vec<Diagnostic>) {
    let mut program = program;
    let mut state = State::new(&mut program, &names);
    state.used_decls = usage.decls.clone();
    state.library_files = library_files;
    let mut eval = Eval { program: &program, names: &names, state: &mut state };
    eval.build();
    eval.finish(usage, &how);
    let diagnostics = std::mem::take(&mut state.diagnostics);
    let model = std::mem::replace(&mut state.model, Model::empty(names));
    (Resolved { model, program: Arc::new(program), state }, diagnostics)
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

/// What is faulty before anything is evaluated.
#[derive(Clone, Copy)]
pub struct Trouble {
    /// Something is.
    pub any: bool,
    /// Definitions are lost with it, of which nobody knows what they were.
    pub lost: bool,
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

/// The definitions of one field of a thing: mostly a few.
pub(super) struct FieldDefs {
    few: [ThingDef; FEW],
    count: usize,
    many: Vec<ThingDef>,
}

const FEW: usize = 4;

impl FieldDefs {
    const NONE: FieldDefs = {
        const BLANK: ThingDef = ThingDef { field: 0, rank: 0, def: DefId(0), source: 0 };
        FieldDefs { few: [BLANK; FEW], count: 0, many: Vec::new() }
    };

    fn of(defs: &[ThingDef]) -> FieldDefs {
        let mut found = FieldDefs { count: defs.len(), ..FieldDefs::NONE };
        if defs.len() > FEW {
            found.many = defs.to_vec();
        }
        for (place, def) in found.few.iter_mut().zip(defs) {
            *place = *def;
        }
        found
    }
}

impl FromIterator<ThingDef> for FieldDefs {
    fn from_iter<I: IntoIterator<Item = ThingDef>>(defs: I) -> FieldDefs {
        let mut found = FieldDefs::NONE;
        for def in defs {
            match found.few.get_mut(found.count) {
                Some(place) => *place = def,
                None if found.many.is_empty() => {
                    found.many.extend(found.few);
                    found.many.push(def);
                }
                None => found.many.push(def),
            }
            found.count += 1;
        }
        found
    }
}

impl std::ops::Deref for FieldDefs {
    type Target = [ThingDef];

    fn deref(&self) -> &[ThingDef] {
        if self.count <= FEW { &self.few[..self.count] } else { &self.many }
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
    pub reached: bool,
    pub effective: bool,
    /// On one of them nobody can say what stands below.
    pub murky: bool,
    /// On one of them nothing but a `default` stands below.
    pub over_default: bool,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    thing: ThingId,
    field: u16,
    /// One entry of a map: it is worked out by itself.
    key: Option<Sym>,
    span: Span,
}

/// A program being evaluated.
pub(super) struct Eval<'a> {
    program: &'a Program,
    names: &'a Names,
    state: &'a mut State,
}

impl std::ops::Deref for Eval<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        self.state
    }
}

impl std::ops::DerefMut for Eval<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.state
    }
}
impl Eval<'_> {
    fn thing(&self, id: ThingId) -> &Thing {
        &self.model.things[id.at()]
    }

    fn label(&self, id: ThingId) -> &str {
        self.names.text(self.thing(id).label)
    }

    /// Things by name, those of one name by what they stand in.
    fn by_path(&self, a: ThingId, b: ThingId) -> Ordering {
        let (x, y) = (self.thing(a), self.thing(b));
        let names = self.label(a).cmp(self.label(b));
        let around = || match (x.parent, y.parent) {
            (Some(x), Some(y)) if x != y => self.by_path(x, y),
            _ => x.parent.is_some().cmp(&y.parent.is_some()),
        };
        let on = |thing: &Thing| thing.node.map(|node| self.label(node));
        names.then_with(around).then_with(|| on(x).cmp(&on(y))).then(a.cmp(&b))
    }

    fn report(&mut self, mut diagnostic: Diagnostic) {
        if self.is_library(diagnostic.primary()) {
            self.bring_home(&mut diagnostic);
        }
        self.diagnostics.push(diagnostic);
    }

    /// Nobody edits the library, and an editor does not show it by itself: a finding in it stands at the nearest thing
    /// of the project that takes part in the value.
    fn bring_home(&self, diagnostic: &mut Diagnostic) {
        if let Some(own) = diagnostic.labels.iter().position(|l| !self.is_library(l.span)) {
            return diagnostic.labels[..=own].rotate_right(1);
        }
        let mut thing = self.stack.last().map(|frame| frame.thing);
        while let Some(id) = thing {
            let Thing { span, parent, .. } = *self.thing(id);
            if !self.is_library(span) {
                let text = "what the library gives it asks for this".to_string();
                return diagnostic.labels.insert(0, Label { span, text });
            }
            thing = parent;
        }
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
        path_among(&self.model.things, &self.program.schema, self.names, thing)
    }

    fn field_named(&self, shape: ShapeId, name: &str) -> Option<u16> {
        self.program.schema.shape(shape).field_called(name)
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
        match self.thing(thing).slots.find(field) {
            Some(slot) => slot.value.clone(),
            None => self.fresh(thing, field, self.part_of(thing, field)),
        }
    }

    /// A field's value, of which nothing is known yet, from its definitions.
    fn fresh(&mut self, thing: ThingId, field: u16, defs: Range<usize>) -> Value {
        match self.settled(thing, field, defs) {
            Ok(value) => value.clone(),
            Err(value) => value,
        }
    }

    /// The same where it is kept from now on; as an error, what is not kept.
    fn settled(&mut self, thing: ThingId, field: u16, defs: Range<usize>) -> Result<&Value, Value> {
        let shape_id = self.thing(thing).shape;
        let program = self.program;
        let shape = program.schema.shape(shape_id);
        let Some(info) = shape.fields.get(field as usize) else { return Err(Value::None) };
        if self.placing && !info.fact && !self.inside_fact(thing) {
            let first = self.defs[defs].first();
            let span = first.map_or(info.span, |d| program.def(d.def).head);
            return Err(self.no_fact(thing, field, span));
        }
        let (shape_at, field_at) = (shape_id.0 as usize, field as usize);
        if defs.is_empty() && self.shape_fields[shape_at].unsaid[field_at] != Unsaid::Built {
            let default = &self.model.defaults[shape_at][field_at];
            return Err(default.clone().unwrap_or(Value::None));
        }
        let defs = FieldDefs::of(&self.defs[defs]);
        let span = defs.first().map_or(info.span, |d| program.def(d.def).head);
        let entered = self.enter(Frame { thing, field, key: None, span });
        let Ok(()) = entered else { return Err(Value::Poison) };
        let (value, origin) = self.merged(thing, field, &defs);
        self.stack.pop();
        let slots = &mut self.model.things[thing.at()].slots;
        Ok(slots.put(Slot { field, value, origin }))
    }

    /// Goes into a value, unless it is being worked out already or lies too deep; both are told.
    fn enter(&mut self, frame: Frame) -> Result<(), ()> {
        let Frame { thing, field, key, span } = frame;
        let same = |f: &Frame| f.thing == thing && f.field == field && f.key == key;
        if let Some(start) = self.stack.iter().position(same) {
            self.circle(start);
            return Err(());
        }
        if self.too_deep() {
            return Err(());
        }
        if self.stack.len() > DEEPEST {
            self.torn = true;
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

    fn too_deep(&mut self) -> bool {
        let deep = self.stack.len() + self.lets_open > self.deep;
        self.torn |= deep;
        deep
    }

    fn defs_of(&self, thing: ThingId, field: u16) -> FieldDefs {
        FieldDefs::of(&self.defs[self.part_of(thing, field)])
    }

    /// Where in `defs` those of one field stand.
    fn part_of(&self, thing: ThingId, field: u16) -> Range<usize> {
        let Range { start: first, end: last } = self.works[thing.at()].defs.range();
        let all = &self.defs[first..last];
        let start = all.partition_point(|d| d.field < field);
        let count = all[start..].iter().take_while(|d| d.field == field).count();
        first + start..first + start + count
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

    /// Where something runs is asked before that is decided.
    fn not_placed_yet(&mut self, what: &str, span: Span) -> Value {
        let diagnostic = Diagnostic::new(
            &codes::E0503,
            span,
            format!("where a service runs cannot depend on {what}"),
        )
        .note("placement comes first, of each service by itself: it looks at nodes and at `needs`")
        .help("ask for what the node must have, or name the nodes: `on = [A, B]`");
        self.report_at(diagnostic)
    }

    /// Where a value names itself, and what was meant is a port of its name.
    fn called_alike(&mut self, frame: &Frame) -> Option<String> {
        let schema = &self.program.schema;
        let thing = self.thing(frame.thing);
        let (shape, label) = (schema.shape(thing.shape), thing.label);
        let name = shape.fields[usize::from(frame.field)].name;
        let child = self.child_named(frame.thing, name)?;
        let kind = schema.shape(self.thing(child).shape).name;
        let [label, kind, name] = [label, kind, name].map(|sym| self.names.text(sym));
        Some(format!("the {kind} of that name is `{label}.{kind}.{name}`"))
    }

    /// A value that needs itself: the way round, step by step.
    fn circle(&mut self, start: usize) {
        self.torn = true;
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
        let way_out = match way.as_slice() {
            [only] => self.called_alike(only),
            _ => None,
        };
        let way_out = way_out.unwrap_or_else(|| "state one of these values by itself".to_owned());
        self.report(diagnostic.help(way_out));
    }

    fn new_origin(&mut self, thing: ThingId, field: u16, def: DefId) -> Origin {
        self.model.origins.push(OriginRow { thing, field, def: def.0 });
        Origin::row(self.model.origins.len() - 1)
    }

    fn ctx(&self, thing: ThingId, env: EnvId) -> Ctx {
        Ctx { thing, env, candidate: None, frame: self.locals.len(), inherited: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_kept_as_they_came_be_they_few_or_many() {
        let def = |n: u32| ThingDef { field: 7, rank: 20, def: DefId(n), source: 0 };
        for count in 0..3 * FEW as u32 {
            let all: Vec<ThingDef> = (0..count).map(def).collect();
            for kept in [FieldDefs::of(&all), all.iter().copied().collect()] {
                let numbers: Vec<u32> = kept.iter().map(|kept| kept.def.0).collect();
                assert_eq!(numbers, (0..count).collect::<Vec<_>>());
            }
        }
    }
}
