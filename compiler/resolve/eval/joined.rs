//! What several found out about one cluster, each on its own copy, becomes one: every thing is taken from whoever it
//! belongs to, under a number that does not tell how many they were.

use super::state::{State, Work};
use super::{Env, EnvId, Source, Tally, ThingDef};
use crate::diag::Diagnostic;
use crate::model::schema::ShapeId;
use crate::model::value::{Base, SecretName, Value};
use crate::model::{OriginRow, Slots, Thing, ThingId};
use crate::names::Sym;
use crate::origin::{Of, Origin};
use crate::resolve::hir::Program;
use crate::threads::{self, Job};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::sync::Arc;

/// What takes the place of what was known before.
pub(super) struct Joined {
    found: Vec<Found>,
    /// How many there are now.
    things: usize,
    tally: Vec<Tally>,
    made: usize,
    threads: usize,
}

/// What one of them found out about its own things.
struct Found {
    /// Of those that were there before.
    slots: Vec<(ThingId, Slots)>,
    /// Those that came to be.
    things: Vec<(ThingId, Thing, Work)>,
    /// One after the other.
    sources: Vec<Source>,
    defs: Vec<ThingDef>,
    envs: Vec<Env>,
    origins: Vec<OriginRow>,
    uses: Vec<(ThingId, ThingId)>,
    lets: Vec<(usize, Value)>,
    secrets: Option<(Arc<[SecretName]>, Arc<FxHashMap<Arc<str>, Vec<u32>>>)>,
    used_secrets: FxHashSet<(ThingId, Arc<str>, Arc<str>)>,
    diagnostics: Vec<Diagnostic>,
}

/// None where something is named that its owner does not have.
pub(super) fn joined(
    base: &State,
    owners: &[u8],
    found: Vec<State>,
    threads: usize,
) -> Option<Joined> {
    let parts: Vec<usize> = (0..found.len()).collect();
    let kin = threads::each(&parts, threads, |&part| Kin::of(&found[part], owners, part));
    // The new things of an old one come together, in the order of the old ones.
    let mut first = vec![0; owners.len()];
    for &(old, count) in kin.iter().flat_map(|kin| &kin.counts) {
        first[old.at()] = count;
    }
    let mut things = owners.len() as u32;
    for first in &mut first {
        things += std::mem::replace(first, things);
    }
    let own: Vec<Numbers> = kin.iter().map(|kin| kin.numbered(&first)).collect();
    let moves = threads::each(&parts, threads, |&part| {
        let numbers = all_numbered(owners, &found, &kin, &own, part);
        let before = |state: &State| (state.model.origins.len(), state.envs.len());
        let (old_rows, old_envs) = before(base);
        let others = found[..part].iter().map(before);
        let (rows, envs) = others.fold((old_rows, old_envs), |(rows, envs), (row, env)| {
            (rows + row - old_rows, envs + env - old_envs)
        });
        Moves { old: owners.len(), numbers, old_rows, rows, old_envs, envs }
    });
    let mut tally = base.tally.clone();
    for state in &found {
        for (all, one) in tally.iter_mut().zip(&state.tally) {
            all.reached |= one.reached;
            all.effective |= one.effective;
            all.murky |= one.murky;
            all.over_default |= one.over_default;
        }
    }
    let made = base.made + found.iter().map(|state| state.made - base.made).sum::<usize>();
    let jobs = found.into_iter().zip(&kin).zip(&moves).enumerate().collect();
    let found = threads::each_of(jobs, threads, |(part, ((state, kin), moves))| {
        let before = owners.iter().enumerate().filter(|(_, owner)| usize::from(**owner) == part);
        Found::of(base, before.map(|(at, _)| at), kin, state, moves)
    });
    let found = found.into_iter().collect::<Option<Vec<Found>>>()?;
    Some(Joined { found, things: things as usize, tally, made, threads })
}

impl Joined {
    pub(super) fn replace(self, state: &mut State, program: &Program) {
        let threads = self.threads;
        let (old, new) = (state.model.things.len(), self.things);
        // How many of others' come before each one's own.
        let (mut sources, mut defs) = (0, 0);
        let (mut slots, mut things, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        let mut told = FxHashSet::default();
        for mut found in self.found {
            slots.push(std::mem::take(&mut found.slots));
            things.push((std::mem::take(&mut found.things), sources, defs));
            sources += found.sources.len();
            defs += found.defs.len();
            for (at, value) in std::mem::take(&mut found.lets) {
                state.let_values[at].get_or_insert(value);
            }
            if let Some((names, by_name)) = found.secrets.take() {
                (state.secret_names, state.secrets_by_name) = (Some(names), by_name);
            }
            state.used_secrets.extend(std::mem::take(&mut found.used_secrets));
            // Whoever needed a faulty value of another's told of it as well.
            let diagnostics = std::mem::take(&mut found.diagnostics);
            state.diagnostics.extend(diagnostics.into_iter().filter(|one| {
                let labels: Vec<_> = one.labels.iter().map(|label| label.span).collect();
                told.insert((one.code.id, one.path.clone(), one.message.clone(), labels))
            }));
            lists.push(found);
        }
        state.tally = self.tally;
        state.made = self.made;
        let model = &mut state.model;
        let (all_things, all_works) = (&mut model.things, &mut state.works);
        let mut jobs: Vec<Job> = vec![Box::new(move || {
            for (old, slots) in slots.into_iter().flatten() {
                all_things[old.at()].slots = slots;
            }
            let span = all_things[0].span;
            all_things.reserve_exact(new - old);
            all_things.resize_with(new, || Thing::nothing(span));
            all_works.resize(new, Work::default());
            for (things, sources, defs) in things {
                for (new, thing, work) in things {
                    all_things[new.at()] = thing;
                    all_works[new.at()] = work.after(sources, defs);
                }
            }
        })];
        let rows = &mut model.defs;
        jobs.push(Box::new(|| *rows = super::finish::rows(program)));
        macro_rules! behind {
            ($($list:ident: $to:expr;)*) => {$(
                let to: &mut Vec<_> = $to;
                let some: Vec<_> =
                    lists.iter_mut().map(|found| std::mem::take(&mut found.$list)).collect();
                jobs.push(Box::new(move || {
                    let mut some = some.into_iter();
                    if to.is_empty() {
                        *to = some.next().unwrap_or_default();
                    }
                    to.reserve_exact(some.as_slice().iter().map(Vec::len).sum());
                    some.for_each(|list| to.extend(list));
                }));
            )*};
        }
        behind!(sources: state.sources.own_mut(); defs: state.defs.own_mut(););
        behind!(envs: &mut state.envs; origins: &mut model.origins; uses: &mut model.uses;);
        threads::together(jobs, threads);
    }
}

impl Found {
    /// Takes from a copy what is its own: of the things that were there before, and of those that came to be.
    fn of(
        base: &State,
        before: impl Iterator<Item = usize>,
        kin: &Kin,
        mut state: State,
        moves: &Moves,
    ) -> Option<Found> {
        let mut slots = Vec::new();
        for at in before {
            let thing = &mut state.model.things[at];
            if thing.slots.len() != base.model.things[at].slots.len() {
                let mut its = std::mem::take(&mut thing.slots);
                moves.slots(&mut its, &state.model.origins)?;
                slots.push((ThingId::new(at), its));
            }
        }
        let mut things = Vec::with_capacity(kin.own.len());
        for &at in &kin.own {
            let thing = &mut state.model.things[at as usize];
            let mut its = std::mem::take(&mut thing.slots);
            moves.slots(&mut its, &state.model.origins)?;
            let Thing { shape, label, parent, node, instance, span, .. } = *thing;
            let moved = |id: Option<ThingId>| id.map_or(Some(None), |id| moves.thing(id).map(Some));
            let (parent, node, instance) = (moved(parent)?, moved(node)?, moved(instance)?);
            let thing = Thing { shape, label, parent, node, instance, span, slots: its };
            things.push((moves.thing(ThingId::new(at as usize))?, thing, state.works[at as usize]));
        }
        // As they are, with what it needed of others' things: that is little.
        let mut sources = std::mem::take(state.sources.own_mut());
        for source in &mut sources {
            source.env = moves.env(source.env);
        }
        let defs = std::mem::take(state.defs.own_mut());
        let root = |id| moves.thing(id).unwrap_or(base.root);
        let envs = state.envs[base.envs.len()..].iter().map(|env| Env {
            from: env.from,
            thing: root(env.thing),
            outer: moves.env(env.outer),
        });
        let uses = state.model.uses[base.model.uses.len()..].iter();
        let mut lets = Vec::new();
        for (at, value) in state.let_values.iter().enumerate() {
            if let (Some(value), None) = (value, &base.let_values[at]) {
                let mut value = value.clone();
                moves.value(&mut value, &state.model.origins)?;
                lets.push((at, value));
            }
        }
        let mut origins = std::mem::take(&mut state.model.origins);
        origins.drain(..base.model.origins.len());
        for row in &mut origins {
            row.thing = root(row.thing);
        }
        Some(Found {
            slots,
            things,
            sources,
            defs,
            envs: envs.collect(),
            origins,
            uses: uses.filter_map(|&(a, b)| moves.thing(a).zip(moves.thing(b))).collect(),
            lets,
            secrets: state.secret_names.map(|names| (names, state.secrets_by_name)),
            used_secrets: state.used_secrets,
            diagnostics: state.diagnostics.split_off(base.diagnostics.len()),
        })
    }
}

/// The number that each new thing of a copy gets, by its old one.
struct Numbers {
    old: usize,
    new: Vec<u32>,
}

/// No thing: taken away by a layer, or known to another alone.
const NOBODY: u32 = u32::MAX;

impl Numbers {
    fn get(&self, id: ThingId) -> Option<ThingId> {
        match id.at().checked_sub(self.old) {
            None => Some(id),
            Some(at) => Some(self.new[at])
                .filter(|&new| new != NOBODY)
                .map(|new| ThingId::new(new as usize)),
        }
    }
}

/// The new things of one copy by what they are: in one parent no two are alike.
struct Kin {
    /// How many things were there before.
    old: usize,
    /// How many there are in all.
    all: usize,
    sorted: Vec<(Likeness, u32)>,
    /// Its own, each thing after the one that it stands in.
    own: Vec<u32>,
    /// How many of those each thing has that was there before.
    counts: Vec<(ThingId, u32)>,
}

type Likeness = (ThingId, ShapeId, Sym);

impl Kin {
    fn of(state: &State, owners: &[u8], part: usize) -> Kin {
        let (old, all) = (owners.len(), state.model.things.len());
        let new = (old..all).filter_map(|at| {
            let thing = &state.model.things[at];
            Some(((thing.parent?, thing.shape, thing.label), at as u32))
        });
        let mut sorted: Vec<(Likeness, u32)> = Vec::with_capacity(all - old);
        sorted.extend(new);
        sorted.sort_unstable();
        let mut own = Vec::with_capacity(sorted.len());
        let mut kin = Kin { old, all, sorted, own: Vec::new(), counts: Vec::new() };
        for of_old in kin.sorted.chunk_by(|(a, _), (b, _)| a.0 == b.0) {
            let parent = of_old[0].0.0;
            if owners.get(parent.at()).is_some_and(|&owner| usize::from(owner) == part) {
                let before = own.len();
                kin.below(of_old, &mut own);
                kin.counts.push((parent, (own.len() - before) as u32));
            }
        }
        kin.own = own;
        kin
    }

    fn below(&self, some: &[(Likeness, u32)], own: &mut Vec<u32>) {
        for &(_, at) in some {
            own.push(at);
            let inside = self.range(|like| like.0, ThingId::new(at as usize));
            self.below(&self.sorted[inside], own);
        }
    }

    fn range<T: Ord>(&self, by: impl Fn(Likeness) -> T, wanted: T) -> Range<usize> {
        let start = self.sorted.partition_point(|&(like, _)| by(like) < wanted);
        let count = self.sorted[start..].iter().take_while(|&&(like, _)| by(like) == wanted);
        start..start + count.count()
    }

    /// The one that is like that, where it is the only one.
    fn find(&self, like: Likeness) -> Option<u32> {
        match &self.sorted[self.range(|like| like, like)] {
            [(_, only)] => Some(*only),
            _ => None,
        }
    }

    fn numbered(&self, first: &[u32]) -> Numbers {
        let mut new = vec![NOBODY; self.all - self.old];
        let mut own = self.own.iter();
        for &(thing, count) in &self.counts {
            let first = first[thing.at()];
            for (number, at) in (first..first + count).zip(own.by_ref()) {
                new[*at as usize - self.old] = number;
            }
        }
        Numbers { old: self.old, new }
    }
}

/// The numbers of a copy's own things, and of those of others that it had to make for itself.
fn all_numbered(
    owners: &[u8],
    found: &[State],
    kin: &[Kin],
    own: &[Numbers],
    part: usize,
) -> Numbers {
    let old = owners.len();
    let mut new = own[part].new.clone();
    // Of each new thing: whose it is, and its number there.
    let mut twins: Vec<Option<(usize, ThingId)>> = Vec::with_capacity(new.len());
    for (at, thing) in found[part].model.things[old..].iter().enumerate() {
        let twin = thing.parent.and_then(|parent| {
            let around = match parent.at().checked_sub(old) {
                None => (usize::from(owners[parent.at()]), parent),
                Some(at) => twins[at]?,
            };
            let (owner, parent) = around;
            if owner == part {
                return Some((part, ThingId::new(old + at)));
            }
            let found = kin[owner].find((parent, thing.shape, thing.label))?;
            Some((owner, ThingId::new(found as usize)))
        });
        if let Some((owner, twin)) = twin.filter(|(owner, _)| *owner != part) {
            new[at] = own[owner].get(twin).map_or(NOBODY, ThingId::number);
        }
        twins.push(twin);
    }
    Numbers { old, new }
}

/// From the numbers of a copy to those of all.
struct Moves {
    /// How many things were there before.
    old: usize,
    numbers: Numbers,
    /// The same for origins, and where those of this copy begin among all.
    old_rows: usize,
    rows: usize,
    old_envs: usize,
    envs: usize,
}

impl Moves {
    fn thing(&self, id: ThingId) -> Option<ThingId> {
        self.numbers.get(id)
    }

    fn env(&self, env: EnvId) -> EnvId {
        match (env.0 as usize).checked_sub(self.old_envs) {
            None => env,
            Some(at) => EnvId((self.envs + at) as u32),
        }
    }

    fn origin(&self, origin: Origin, rows: &[OriginRow]) -> Option<Origin> {
        Some(match origin.of() {
            Of::Row(at) if at >= self.old_rows => {
                self.thing(rows[at].thing)?;
                Origin::row(self.rows + at - self.old_rows)
            }
            Of::Thing(id) => Origin::thing(self.thing(ThingId::new(id as usize))?.number()),
            Of::Field(id, field) => {
                Origin::field(self.thing(ThingId::new(id as usize))?.number(), field)
            }
            Of::Row(_) | Of::Nothing => origin,
        })
    }

    fn slots(&self, slots: &mut Slots, rows: &[OriginRow]) -> Option<()> {
        for slot in slots.each_mut() {
            self.value(&mut slot.value, rows)?;
            slot.origin = self.origin(slot.origin, rows)?;
        }
        Some(())
    }

    fn value(&self, value: &mut Value, rows: &[OriginRow]) -> Option<()> {
        if self.stays(value) {
            return Some(());
        }
        match value {
            Value::Thing(id) => *id = self.thing(*id)?,
            Value::Things(ids) => {
                for id in Arc::make_mut(ids) {
                    *id = self.thing(*id)?;
                }
            }
            Value::List(items) => {
                for item in Arc::make_mut(items) {
                    self.value(&mut item.value, rows)?;
                    item.origin = self.origin(item.origin, rows)?;
                }
            }
            Value::Map(pairs) => {
                for pair in Arc::make_mut(pairs) {
                    self.value(&mut pair.value, rows)?;
                    pair.origin = self.origin(pair.origin, rows)?;
                }
            }
            Value::Word(word) => {
                for (_, value) in word.params.iter_mut().flat_map(Arc::make_mut) {
                    self.value(value, rows)?;
                }
            }
            Value::Location(location) => {
                if let Base::Share(id) | Base::Disk(id) = &mut Arc::make_mut(location).base {
                    *id = self.thing(*id)?;
                }
            }
            _ => {}
        }
        Some(())
    }

    /// Whether a value has nothing new in it: many are shared with others.
    fn stays(&self, value: &Value) -> bool {
        let old = |id: &ThingId| id.at() < self.old;
        let known = |origin: Origin| match origin.of() {
            Of::Nothing => true,
            Of::Row(at) => at < self.old_rows,
            Of::Thing(id) | Of::Field(id, _) => old(&ThingId::new(id as usize)),
        };
        match value {
            Value::Thing(id) => old(id),
            Value::Things(ids) => ids.iter().all(old),
            Value::List(items) => items.iter().all(|i| known(i.origin) && self.stays(&i.value)),
            Value::Map(pairs) => pairs.iter().all(|p| known(p.origin) && self.stays(&p.value)),
            Value::Word(word) => {
                word.params.iter().flat_map(|params| params.iter()).all(|(_, v)| self.stays(v))
            }
            Value::Location(location) => match &location.base {
                Base::Share(id) | Base::Disk(id) => old(id),
                Base::Host(_) | Base::Local { .. } | Base::Memory { .. } => true,
            },
            // Stores are declared: they were there before.
            Value::Secret(_) | Value::Placement(_) | Value::Generated(_) => true,
            Value::None | Value::Poison | Value::Bool(_) | Value::Int(_) | Value::Float(_) => true,
            Value::Text(_) | Value::Bytes(_) | Value::Duration(_) | Value::Cpu(_) => true,
            Value::Ip(_) | Value::Cidr(_) | Value::Mac(_) | Value::Mode(_) | Value::Ports(_) => {
                true
            }
        }
    }
}
