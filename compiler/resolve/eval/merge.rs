//! How the definitions of one field become one value: strength, then rank; equal ranks must agree;
//! sets and maps by element. The same walk tells `explain` its chain.

use super::late::{Merge, Of};
use super::trace::Event;
use super::{Ctx, Eval, FieldDefs, ThingDef, rank};
use crate::model::ThingId;
use crate::model::schema::{Schema, Ty, TyId};
use crate::model::value::{Item, Pair, Value};
use crate::origin::Origin;
use crate::resolve::hir::*;
use crate::resolve::values;
use crate::source::Span;
use crate::syntax::tree::Strength;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The state of the walk from the widest layer to the narrowest.
pub(super) struct Below {
    pub(super) value: Value,
    pub(super) def: Option<(DefId, Origin)>,
    pub(super) locked: Option<DefId>,
    /// A plain value stands: changing it takes a word.
    pub(super) plain: bool,
    /// Equal ranks that disagree. A narrower layer may still decide.
    pub(super) clash: Vec<ThingDef>,
}

/// What stands below all definitions.
pub(super) enum Base {
    /// What its kind says of a field.
    Kind(Option<HirId>),
    Known(Below),
}

impl Base {
    fn is_locked(&self) -> bool {
        matches!(self, Base::Known(below) if below.locked.is_some())
    }
}

/// A merge on its way.
#[derive(Clone, Copy)]
pub(super) struct Walk<'d> {
    pub(super) thing: ThingId,
    pub(super) field: u16,
    pub(super) ty: TyId,
    /// Its `default`s.
    pub(super) weak: &'d [ThingDef],
    /// The plain definitions that are still to come.
    pub(super) rest: &'d [ThingDef],
}

impl<'d> Walk<'d> {
    /// All that the widest layer of them says.
    fn widest(self) -> &'d [ThingDef] {
        let rank = |def: &ThingDef| def.rank;
        let count = self.rest.partition_point(|def| Some(rank(def)) == self.rest.first().map(rank));
        &self.rest[..count]
    }
}

impl Below {
    pub(super) fn finished(self) -> (Value, Origin) {
        (self.value, self.def.map_or(Origin::NONE, |(_, origin)| origin))
    }

    pub(super) fn new(value: Value) -> Below {
        Below { value, def: None, locked: None, plain: false, clash: Vec::new() }
    }

    pub(super) fn disagree(&mut self, defs: &[ThingDef]) {
        self.value = Value::Poison;
        self.clash = defs.to_vec();
    }
}

impl Eval<'_> {
    /// The value of a field from all its definitions.
    pub(super) fn merged(
        &mut self,
        thing: ThingId,
        field: u16,
        defs: &[ThingDef],
    ) -> (Value, Origin) {
        let program = self.program;
        let info = &program.schema.shape(self.thing(thing).shape).fields[field as usize];
        let ty = info.ty;
        let plain = program.schema.plain(ty);
        match *program.schema.ty(plain) {
            Ty::Named(inner) => (self.children(thing, inner, defs), Origin::NONE),
            Ty::Record(inner) => self.record(thing, field, inner, ty != plain, defs),
            Ty::Layer(_) => (Value::None, Origin::NONE),
            Ty::Map(key, value) => self.map(thing, field, (key, value), defs, info.default),
            _ => {
                if let Some(constant) = self.constant(defs) {
                    return self.stated(thing, field, constant);
                }
                let merge = Merge { thing, field, of: Of::Field };
                self.one(merge, ty, defs, Base::Kind(info.default)).finished()
            }
        }
    }

    /// What is said once and known without reckoning, as most is: nothing else can come of merging it.
    pub(super) fn constant(&self, defs: &[ThingDef]) -> Option<(ThingDef, Value)> {
        let known = |id| match self.program.node(id) {
            Node::Const(value) if !value.is_poison() => Some(value),
            _ => None,
        };
        let [def] = defs else { return None };
        match self.program.def(def.def) {
            Def { strength: Strength::Default, .. } => None,
            Def { op: Op::Set(value), .. } => Some((*def, known(*value)?.clone())),
            _ => None,
        }
    }

    pub(super) fn stated(
        &mut self,
        thing: ThingId,
        field: u16,
        (def, value): (ThingDef, Value),
    ) -> (Value, Origin) {
        self.tally[def.def.0 as usize].reached = true;
        let value = self.stamped(value, thing, def);
        self.note(def, Event::Stated, Some(&value));
        (value, self.new_origin(thing, field, def.def))
    }

    /// What holds where no definition says anything.
    fn of_kind(&mut self, thing: ThingId, ty: TyId, default: Option<HirId>) -> Below {
        Below::new(match default {
            Some(default) => {
                let only = self.only.take();
                let ctx = self.ctx(thing, super::EnvId(0));
                let value = self.eval_as(default, ty, ctx);
                self.only = only;
                value
            }
            None => self.empty(ty),
        })
    }

    /// One value: of a field, or of one key of a map, on top of what stands below all of `defs`.
    pub(super) fn one(&mut self, merge: Merge, ty: TyId, defs: &[ThingDef], base: Base) -> Below {
        let (program, Merge { thing, field, .. }) = (self.program, merge);
        let weak: FieldDefs = defs.iter().filter(|def| self.is_default(def)).copied().collect();
        let plain: FieldDefs = defs.iter().filter(|def| !self.is_default(def)).copied().collect();
        for def in weak.iter() {
            self.tally[def.def.0 as usize].reached = true;
        }
        if let (Some(widest), false) = (plain.first(), weak.is_empty()) {
            self.tally[widest.def.0 as usize].over_default = true;
        }
        let from = if base.is_locked() { 0 } else { self.begin(merge, &plain) };
        let mut walk = Walk { thing, field, ty, weak: &weak, rest: &plain[from..] };
        let is_plain = match &base {
            Base::Kind(Some(default)) => matches!(program.node(*default), Node::Const(_)),
            Base::Kind(None) | Base::Known(_) => true,
        };
        // What is known costs nothing and needs nothing.
        let hangs_on_it = is_plain && weak.is_empty()
            || self.is_watched(thing, field)
            || !self.decides(walk.widest());
        let mut below = match base {
            Base::Known(below) if from == 0 => below,
            Base::Kind(default) if hangs_on_it => self.of_kind(thing, ty, default),
            _ => Below::new(self.empty(ty)),
        };
        if hangs_on_it {
            self.weak(walk, &[], &mut below);
        }
        while !walk.rest.is_empty() {
            let group = walk.widest();
            walk.rest = &walk.rest[group.len()..];
            self.step(walk, group, &mut below);
        }
        if !below.clash.is_empty() {
            self.conflict(thing, field, &below.clash);
        }
        if let Some((def, _)) = below.def
            && self.program.def(def).strength == Strength::Default
        {
            self.tally[def.0 as usize].effective = true;
        }
        below
    }

    pub(super) fn is_default(&self, def: &ThingDef) -> bool {
        self.program.def(def.def).strength == Strength::Default
    }

    /// One rank: all that it says of the field.
    fn step(&mut self, walk: Walk, group: &[ThingDef], below: &mut Below) {
        let program = self.program;
        let Walk { thing, field, ty, .. } = walk;
        let collects = |d: &ThingDef| matches!(program.def(d.def).op, Op::Add(_) | Op::Sub(_));
        if group.len() > 1 && group.iter().any(collects) {
            // What a role adds lies above what the roles that it is over say.
            let won = self.preferred(group).into_owned();
            if won.len() < group.len() {
                let lost: Vec<ThingDef> =
                    group.iter().copied().filter(|d| !won.iter().any(|w| w.def == d.def)).collect();
                if won.iter().all(collects) {
                    self.step(walk, &lost, below);
                }
                return self.step(walk, &won, below);
            }
        }
        for def in group {
            let tally = &mut self.tally[def.def.0 as usize];
            tally.reached = true;
            tally.murky |= below.value.is_poison();
        }
        if let Some(locked) = below.locked {
            self.locked(thing, field, locked, group[0].def);
            below.value = Value::Poison;
            return;
        }
        if let [def] = group
            && matches!(program.def(def.def).op, Op::Set(_))
        {
            return self.state(thing, field, ty, group, below);
        }
        let states = group.iter().filter(|d| matches!(program.def(d.def).op, Op::Set(_))).count();
        let unset = |d: &&ThingDef| matches!(program.def(d.def).op, Op::Unset);
        let unsets: Vec<ThingDef> = group.iter().filter(unset).copied().collect();
        let collects = group.len() - states - unsets.len();
        // One block may remove what wider layers say and state its own.
        let sorts = [states, unsets.len(), collects].iter().filter(|count| **count > 0).count();
        if sorts > 1 && self.of_several_blocks(group) {
            below.disagree(group);
            return;
        }
        if !unsets.is_empty() {
            let said = below.def.is_some() || below.plain || !below.clash.is_empty();
            for &def in &unsets {
                let did = said || walk.weak.iter().any(|&weak| self.takes(def, weak));
                self.tally[def.def.0 as usize].effective |= did;
                self.note(def, Event::Unset, None);
            }
            *below = Below::new(self.empty(ty));
            self.weak(walk, &unsets, below);
        }
        if states > 0 {
            self.state(thing, field, ty, group, below);
        }
        if collects > 0 {
            self.collect(thing, field, ty, group, below);
        }
    }

    fn of_several_blocks(&self, group: &[ThingDef]) -> bool {
        group.iter().any(|d| d.source != group[0].source)
    }

    /// `=` of one rank: all must say the same.
    fn state(
        &mut self,
        thing: ThingId,
        field: u16,
        ty: TyId,
        group: &[ThingDef],
        below: &mut Below,
    ) {
        let program = self.program;
        let mut chosen: Option<(Value, ThingDef)> = None;
        let group = self.preferred(group);
        for &def in group.iter() {
            let Op::Set(expr) = program.def(def.def).op else { continue };
            let value = self.definition(thing, def, expr, ty, &below.value);
            let event = match &chosen {
                None => Event::Stated,
                Some((old, _)) if *old == value => Event::Agreed,
                Some(_) => Event::Disagreed,
            };
            self.note(def, event, Some(&value));
            match &chosen {
                None => chosen = Some((value, def)),
                Some((old, other)) if *old != value => {
                    let locked = [*other, def].map(|d| program.def(d.def).strength);
                    below.value = Value::Poison;
                    if old.is_poison() || value.is_poison() {
                        return;
                    }
                    if locked.contains(&Strength::Final) {
                        self.conflict(thing, field, &[*other, def]);
                    } else {
                        below.disagree(&[*other, def]);
                    }
                    return;
                }
                Some(_) => {}
            }
        }
        let Some((value, def)) = chosen else { return };
        if value.is_poison() && !below.clash.is_empty() {
            return;
        }
        let d = program.def(def.def);
        let decides = std::mem::take(&mut below.clash);
        if let (Some(other), Strength::Plain) = (decides.first(), d.strength) {
            self.silent_override(thing, field, def.def, Some(other.def));
        }
        let changes = !decides.is_empty() || below.plain && below.value != value;
        if changes
            && d.strength == Strength::Plain
            && !value.is_poison()
            && !below.value.is_poison()
        {
            let old = below.def.map(|(def, _)| def);
            self.silent_override(thing, field, def.def, old);
        }
        if d.strength == Strength::Override {
            let wider = below.def.filter(|_| below.plain);
            let needed = || wider.is_some_and(|(wider, _)| self.names_own(wider, thing, def));
            let effective = changes || needed();
            self.tally[def.def.0 as usize].effective |= effective;
        }
        let origin = self.new_origin(thing, field, def.def);
        below.value = value;
        below.def = Some((def.def, origin));
        below.plain = true;
        if d.strength == Strength::Final {
            below.locked = Some(def.def);
        }
    }

    /// Of two roles of one node, the one that is declared `over` the other decides.
    pub(super) fn preferred<'g>(&mut self, group: &'g [ThingDef]) -> Cow<'g, [ThingDef]> {
        if group.len() < 2 {
            return Cow::Borrowed(group);
        }
        let roles: Vec<Option<ThingId>> = group.iter().map(|def| self.role_of(*def)).collect();
        let winners: BTreeSet<ThingId> = roles.iter().copied().flatten().collect();
        let mut beaten = BTreeSet::new();
        for &winner in &winners {
            let over = self.get(winner, "over");
            beaten.extend(over.items().iter().filter_map(|item| item.value.as_thing()));
        }
        let stands = |role: &Option<ThingId>| !role.is_some_and(|role| beaten.contains(&role));
        if beaten.is_empty() || !roles.iter().any(stands) {
            return Cow::Borrowed(group);
        }
        let kept = group.iter().zip(&roles).filter(|(_, role)| stands(role));
        kept.map(|(def, _)| *def).collect()
    }

    /// The role whose layer a definition stands in: its own text, or `role R { }` of a service.
    pub(super) fn role_of(&self, def: ThingDef) -> Option<ThingId> {
        let program = &self.program;
        let span = program.def(def.def).span;
        let around = |s: Span| s.file == span.file && s.start <= span.start && span.end <= s.end;
        let role = program.schema.kind_called("role")?;
        if def.rank == rank::ROLE {
            let at = program.decls.iter().position(|d| d.shape == role && around(d.span))?;
            return self.decl_things[at];
        }
        if def.rank < rank::INNER {
            return None;
        }
        let layers = program.blocks.iter().flat_map(|b| b.layers());
        let layer = layers.filter(|l| l.sort == LayerSort::Role).find(|l| around(l.span))?;
        let decl = program.by_name.get(&(role, layer.name))?;
        self.decl_things[decl.0 as usize]
    }

    /// `+=` and `-=` of one rank.
    fn collect(
        &mut self,
        thing: ThingId,
        field: u16,
        ty: TyId,
        group: &[ThingDef],
        below: &mut Below,
    ) {
        let program = self.program;
        let collection = self.collection(ty, &below.value);
        let mut added: Vec<(Item, ThingDef)> = Vec::new();
        let mut taken: Vec<(Value, ThingDef)> = Vec::new();
        for &def in group {
            let (expr, adds) = match program.def(def.def).op {
                Op::Add(expr) => (expr, true),
                Op::Sub(expr) => (expr, false),
                _ => continue,
            };
            let value = self.definition(thing, def, expr, collection, &below.value);
            if value.is_poison() {
                below.value = Value::Poison;
                return;
            }
            let origin = self.new_origin(thing, field, def.def);
            self.note(def, if adds { Event::Added } else { Event::Taken }, Some(&value));
            if let Value::Map(pairs) = &value {
                self.collect_pairs(pairs, adds, origin, def, below);
                continue;
            }
            let items: Vec<Item> = match value {
                Value::List(items) => items.to_vec(),
                other => vec![Item { value: other, origin }],
            };
            for item in items {
                if adds {
                    added.push((Item { value: item.value, origin }, def));
                } else {
                    taken.push((item.value, def));
                }
            }
        }
        if let Some((_, first)) = added.first()
            && matches!(program.schema.ty(collection), Ty::List(_))
        {
            let other = added.iter().find(|(_, d)| d.source != first.source);
            if let Some((_, other)) = other {
                let pair = [*first, *other];
                below.disagree(&pair);
                return;
            }
        }
        for (item, def) in &added {
            if let Some((_, other)) = taken.iter().find(|(value, _)| *value == item.value) {
                let pair = [*def, *other];
                below.disagree(&pair);
                return;
            }
        }
        if below.value.is_poison() {
            return;
        }
        let mut items = below.value.items().to_vec();
        if below.value.is_none() && added.is_empty() && taken.is_empty() {
            return;
        }
        if matches!(below.value, Value::Map(_)) {
            return;
        }
        for (value, def) in &taken {
            let before = items.len();
            items.retain(|item| item.value != *value);
            self.tally[def.def.0 as usize].effective |= items.len() != before;
        }
        let is_list = matches!(program.schema.ty(collection), Ty::List(_));
        for (item, def) in added {
            self.tally[def.def.0 as usize].effective = true;
            if is_list || !items.iter().any(|old| old.value == item.value) {
                items.push(item);
            }
        }
        let value = Value::List(items.into());
        below.value = if is_list { value } else { self.as_set(value) };
        below.plain = true;
    }

    fn collect_pairs(
        &mut self,
        pairs: &Arc<[Pair]>,
        adds: bool,
        origin: Origin,
        def: ThingDef,
        below: &mut Below,
    ) {
        let mut all = below.value.pairs().to_vec();
        for pair in pairs.iter() {
            let before = all.len();
            all.retain(|old| old.key != pair.key);
            if adds {
                all.push(Pair { key: pair.key.clone(), value: pair.value.clone(), origin });
            }
            self.tally[def.def.0 as usize].effective |= adds || all.len() != before;
        }
        below.value = Value::map(all);
        below.plain = true;
    }

    /// The list, set or map type that `+=` works on.
    fn collection(&self, ty: TyId, below: &Value) -> TyId {
        let schema = &self.program.schema;
        let plain = schema.plain(ty);
        match schema.ty(plain) {
            Ty::Union(types) => {
                let wants_map = matches!(below, Value::Map(_));
                types
                    .iter()
                    .copied()
                    .find(|&t| {
                        schema.is_collection(t) && matches!(schema.ty(t), Ty::Map(..)) == wants_map
                    })
                    .unwrap_or(Schema::ANY)
            }
            _ => plain,
        }
    }

    /// The right side of one definition, evaluated, with the value below as `inherited`.
    pub(super) fn definition(
        &mut self,
        thing: ThingId,
        def: ThingDef,
        expr: HirId,
        ty: TyId,
        below: &Value,
    ) -> Value {
        if let Node::Const(value) = self.program.node(expr) {
            return self.stamped(value.clone(), thing, def);
        }
        let source = self.sources(thing)[def.source as usize];
        self.below.push(below.clone());
        let ctx = Ctx { inherited: Some(self.below.len() - 1), ..self.ctx(thing, source.env) };
        let value = if self.writes_map(expr, ty) {
            self.written_map(thing, def, expr, ty, ctx)
        } else {
            let only = self.only.take();
            let value = self.eval_as(expr, ty, ctx);
            self.only = only;
            value
        };
        self.below.pop();
        self.stamped(value, thing, def)
    }

    /// Each element of a stated collection remembers its definition.
    fn stamped(&mut self, mut value: Value, thing: ThingId, def: ThingDef) -> Value {
        match &mut value {
            Value::List(items) if !items.is_empty() => {
                let origin = self.new_origin(thing, def.field, def.def);
                for item in Arc::make_mut(items) {
                    item.origin = item.origin.or(origin);
                }
            }
            Value::Map(pairs) if !pairs.is_empty() => {
                let origin = self.new_origin(thing, def.field, def.def);
                for pair in Arc::make_mut(pairs) {
                    pair.origin = pair.origin.or(origin);
                }
            }
            _ => {}
        }
        value
    }

    pub(super) fn as_set(&self, list: Value) -> Value {
        let Value::List(items) = &list else { return list };
        let order = |a: &Item, b: &Item| {
            values::order(&a.value, &b.value, self.names, &|a, b| self.by_path(a, b))
        };
        if items.is_sorted_by(|a, b| order(a, b) == Ordering::Less) {
            return list;
        }
        let mut items = items.to_vec();
        items.sort_by(order);
        items.dedup_by(|a, b| a.value == b.value);
        Value::List(items.into())
    }
}
