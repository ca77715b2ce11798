//! Maps: entry by entry, each as a field of its own, so that one may need another.

use super::expr::holds_secret;
use super::late::{Merge, Of};
use super::merge::{Base, Below};
use super::{Ctx, Eval, Frame, ThingDef};
use crate::model::ThingId;
use crate::model::schema::{Schema, Ty, TyId};
use crate::model::value::{Pair, Value};
use crate::names::Sym;
use crate::origin::Origin;
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::Strength;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What was worked out of maps before they were asked for as a whole.
#[derive(Clone, Default)]
pub(super) struct Entries(FxHashMap<ThingId, FxHashMap<(u16, Sym), (Value, Origin)>>);

impl Entries {
    fn find(&self, thing: ThingId, field: u16, key: Sym) -> Option<(Value, Origin)> {
        self.0.get(&thing)?.get(&(field, key)).cloned()
    }

    pub(super) fn forget(&mut self, thing: ThingId) {
        self.0.remove(&thing);
    }
}

impl Eval<'_> {
    /// The whole map.
    pub(super) fn map(
        &mut self,
        thing: ThingId,
        field: u16,
        (key_ty, value_ty): (TyId, TyId),
        defs: &[ThingDef],
        default: Option<HirId>,
    ) -> (Value, Origin) {
        let program = self.program;
        if !self.is_watched(thing, field) {
            self.entries_by_themselves(thing, field, defs, default);
        }
        let whole = self.whole_map(thing, field, defs, default);
        if whole.value.is_poison() {
            for def in defs {
                self.tally[def.def.0 as usize].murky = true;
            }
            return (Value::Poison, Origin::NONE);
        }
        // In order of rank for each key, as they came.
        let key_of = |d: &ThingDef| program.def(d.def).key;
        let keyed = self.keyed(defs);
        let rest = whole.value.pairs();
        let mut pairs = Vec::with_capacity(keyed.len() + rest.len());
        let mut said = FxHashSet::default();
        for of_key in keyed.chunk_by(|a, b| key_of(a) == key_of(b)) {
            let [.., last] = of_key else { continue };
            let Some(key) = key_of(last) else { continue };
            let known = match self.is_watched(thing, field) {
                true => None,
                false => self.entries.find(thing, field, key),
            };
            let (value, origin) = match known {
                Some(known) => known,
                None => {
                    let span = program.def(last.def).head;
                    self.stack.push(Frame { thing, field, key: Some(key), span });
                    let found = self.narrowed(thing, field, value_ty, key, of_key, &whole);
                    self.stack.pop();
                    found
                }
            };
            let text = self.names.shared(key);
            if !rest.is_empty() {
                said.insert(text.clone());
            }
            if !value.is_none() && self.stands(key_ty, key, last.def) {
                pairs.push(Pair { key: text, value, origin });
            }
        }
        pairs.extend(rest.iter().filter(|pair| !said.contains(&pair.key)).cloned());
        (Value::map(pairs), Origin::NONE)
    }

    /// What wider layers say of a key does not count: a plain `=` takes it away.
    fn floor(&self, defs: &[ThingDef]) -> u16 {
        self.clears(defs).map_or(0, |last| last.rank)
    }

    /// What is said of keys, those of each together.
    fn keyed(&self, defs: &[ThingDef]) -> Vec<ThingDef> {
        let floor = self.floor(defs);
        let key_of = |d: &ThingDef| self.program.def(d.def).key;
        let keyed = defs.iter().filter(|d| d.rank >= floor && key_of(d).is_some());
        let mut keyed: Vec<ThingDef> = keyed.copied().collect();
        keyed.sort_by_key(key_of);
        keyed
    }

    /// The narrowest definition that states or unsets the map as a whole.
    fn clears(&self, defs: &[ThingDef]) -> Option<ThingDef> {
        let clears = |d: &&ThingDef| {
            let def = self.program.def(d.def);
            def.key.is_none() && matches!(def.op, Op::Set(_) | Op::Unset) && !self.is_default(d)
        };
        defs.iter().filter(clears).max_by_key(|d| d.rank).copied()
    }

    /// The entries whose values hang on nothing that is said of the whole map come first: that may name them.
    fn entries_by_themselves(
        &mut self,
        thing: ThingId,
        field: u16,
        defs: &[ThingDef],
        default: Option<HirId>,
    ) {
        let key_of = |d: &ThingDef| self.program.def(d.def).key;
        if !self.is_said_whole(defs, default) {
            return;
        }
        let keyed = self.keyed(defs);
        for of_key in keyed.chunk_by(|a, b| key_of(a) == key_of(b)) {
            let Some(key) = of_key.last().and_then(key_of) else { continue };
            let open = |f: &Frame| (f.thing, f.field, f.key) == (thing, field, Some(key));
            if self.stands_alone(defs, of_key) && !self.stack.iter().any(open) {
                self.entry(thing, field, key);
            }
        }
    }

    fn is_said_whole(&self, defs: &[ThingDef], default: Option<HirId>) -> bool {
        default.is_some() || defs.iter().any(|d| self.program.def(d.def).key.is_none())
    }

    /// Whether the value of an entry hangs on nothing that is said of the whole map.
    fn stands_alone(&self, defs: &[ThingDef], of_key: &[ThingDef]) -> bool {
        let program = self.program;
        let locks = |d: &ThingDef| {
            let def = program.def(d.def);
            def.key.is_none() && def.strength == Strength::Final
        };
        let plain: Vec<ThingDef> = of_key.iter().filter(|d| !self.is_default(d)).copied().collect();
        self.deciding(&plain).is_some() && !defs.iter().any(locks)
    }

    /// Whether what a key names is there.
    fn stands(&mut self, key_ty: TyId, key: Sym, def: DefId) -> bool {
        let Ty::Ref(shape) = *self.program.schema.ty(key_ty) else { return true };
        let Some(&decl) = self.program.by_name.get(&(shape, key)) else { return true };
        let span = self.program.def(def).head;
        !self.named(decl, span).is_poison()
    }

    /// One entry, without the others.
    pub(super) fn entry(&mut self, thing: ThingId, field: u16, key: Sym) -> Value {
        let program = self.program;
        let info = &program.schema.shape(self.thing(thing).shape).fields[field as usize];
        let plain = program.schema.plain(info.ty);
        let defs = self.defs_of(thing, field);
        let no_fact = self.placing && !info.fact && !self.inside_fact(thing);
        let is_whole = self.thing(thing).slots.find(field).is_some();
        let &Ty::Map(_, value_ty) = program.schema.ty(plain) else { return Value::None };
        if is_whole || no_fact || defs.is_empty() {
            let map = self.field(thing, field);
            return match map {
                Value::Poison => Value::Poison,
                map => map.get(self.names.text(key)).cloned().unwrap_or(Value::None),
            };
        }
        if let Some((value, _)) = self.entries.find(thing, field, key) {
            return value;
        }
        let said = defs.iter().rev().find(|d| program.def(d.def).key.is_none_or(|k| k == key));
        let span = said.map_or(info.span, |d| self.span_of_entry(d.def, key));
        let Ok(()) = self.enter(Frame { thing, field, key: Some(key), span }) else {
            return Value::Poison;
        };
        let of_key = self.of_key(&defs, key);
        let is_mixed = self.is_said_whole(&defs, info.default);
        let (value, origin) = if is_mixed && self.stands_alone(&defs, &of_key) {
            self.look_later(Merge { thing, field, of: Of::Entry(key) });
            self.narrowed(thing, field, value_ty, key, &of_key, &Below::new(self.empty(info.ty)))
        } else {
            self.looked_up(thing, field, key, &defs, &of_key)
        };
        self.stack.pop();
        self.entries.0.entry(thing).or_default().insert((field, key), (value.clone(), origin));
        value
    }

    /// One entry, on top of what is said of the whole map.
    fn looked_up(
        &mut self,
        thing: ThingId,
        field: u16,
        key: Sym,
        defs: &[ThingDef],
        of_key: &[ThingDef],
    ) -> (Value, Origin) {
        let program = self.program;
        let info = &program.schema.shape(self.thing(thing).shape).fields[field as usize];
        let &Ty::Map(_, value_ty) = program.schema.ty(program.schema.plain(info.ty)) else {
            return (Value::None, Origin::NONE);
        };
        self.only = Some(key);
        let whole = self.whole_map(thing, field, defs, info.default);
        self.only = None;
        match (&whole.value, of_key.is_empty()) {
            (Value::Poison, _) => (Value::Poison, Origin::NONE),
            (map, true) => {
                let text = self.names.text(key);
                let found = map.pairs().iter().find(|p| &*p.key == text);
                found.map_or((Value::None, Origin::NONE), |p| (p.value.clone(), p.origin))
            }
            _ => self.narrowed(thing, field, value_ty, key, of_key, &whole),
        }
    }

    /// Looks at all definitions of an entry whose value is known.
    pub(super) fn look_at_entry(
        &mut self,
        thing: ThingId,
        field: u16,
        key: Sym,
        defs: &[ThingDef],
    ) {
        let of_key = self.of_key(defs, key);
        self.looked_up(thing, field, key, defs, &of_key);
    }

    /// What is said of the map as a whole. Of maps that are written out, only the wanted entry.
    pub(super) fn whole_map(
        &mut self,
        thing: ThingId,
        field: u16,
        defs: &[ThingDef],
        default: Option<HirId>,
    ) -> Below {
        let program = self.program;
        let whole: Vec<ThingDef> =
            defs.iter().copied().filter(|d| program.def(d.def).key.is_none()).collect();
        if !self.is_said_whole(defs, default) {
            return Below::new(Value::Map(Arc::default()));
        }
        let ty = program.schema.shape(self.thing(thing).shape).fields[field as usize].ty;
        let merge = Merge { thing, field, of: Of::Map };
        let mut below = self.one(merge, ty, &whole, Base::Kind(default));
        if let Some(last) = self.clears(defs)
            && !self.replaces(thing, field, last, defs)
        {
            below.value = Value::Poison;
        }
        below
    }

    /// A whole map that is stated or unset takes away what wider layers say of its keys: not in silence, and nothing that
    /// is final.
    fn replaces(&mut self, thing: ThingId, field: u16, last: ThingDef, defs: &[ThingDef]) -> bool {
        let program = self.program;
        let wider = |d: &&ThingDef| d.rank < last.rank && program.def(d.def).key.is_some();
        let of_keys: Vec<ThingDef> = defs.iter().filter(wider).copied().collect();
        let states = |d: &&ThingDef| {
            !self.is_default(d) && !matches!(program.def(d.def).op, Op::Unset | Op::Sub(_))
        };
        let strength = |d: &ThingDef| program.def(d.def).strength;
        if let Some(locked) = of_keys.iter().find(|d| strength(d) == Strength::Final) {
            self.locked(thing, field, locked.def, last.def);
            return false;
        }
        let plain = of_keys.iter().find(states).map(|d| d.def);
        let unsets = matches!(program.def(last.def).op, Op::Unset);
        if (unsets && !of_keys.is_empty())
            || (strength(&last) == Strength::Override && plain.is_some())
        {
            self.tally[last.def.0 as usize].effective = true;
        }
        if !unsets && strength(&last) == Strength::Plain && plain.is_some() {
            self.silent_override(thing, field, last.def, plain);
        }
        true
    }

    /// The definitions of one key that count.
    fn of_key(&self, defs: &[ThingDef], key: Sym) -> Vec<ThingDef> {
        let floor = self.floor(defs);
        let of_key = |d: &&ThingDef| self.program.def(d.def).key == Some(key) && d.rank >= floor;
        defs.iter().filter(of_key).copied().collect()
    }

    /// What is said of a key alone, on top of what the whole map says of it.
    fn narrowed(
        &mut self,
        thing: ThingId,
        field: u16,
        value_ty: TyId,
        key: Sym,
        of_key: &[ThingDef],
        base: &Below,
    ) -> (Value, Origin) {
        let program = self.program;
        let text = self.names.text(key);
        let pairs = base.value.pairs();
        if pairs.is_empty()
            && base.locked.is_none()
            && let Some(constant) = self.constant(of_key)
        {
            return self.stated(thing, field, constant);
        }
        let had = pairs.binary_search_by(|pair| (*pair.key).cmp(text)).ok();
        let had = had.map(|at| pairs[at].clone());
        let ty = self.key_type(value_ty, key, of_key);
        let stated = base.def.filter(|_| base.plain || base.locked.is_some());
        let below = match (&had, stated) {
            (Some(pair), Some((def, _))) => Below {
                def: Some((def, pair.origin)),
                locked: base.locked,
                plain: base.plain,
                ..Below::new(pair.value.clone())
            },
            _ => Below { locked: base.locked, ..Below::new(self.empty(ty)) },
        };
        let merge = Merge { thing, field, of: Of::Entry(key) };
        let (value, origin) = self.one(merge, ty, of_key, Base::Known(below)).finished();
        if value_ty == Schema::ANY && holds_secret(&value) {
            self.secret_var(thing, field, of_key);
        }
        let unset = of_key.iter().find(|d| matches!(program.def(d.def).op, Op::Unset));
        if let (Some(_), Some(unset)) = (had, unset) {
            self.tally[unset.def.0 as usize].effective = true;
        }
        (value, origin)
    }

    /// Whether an expression is a map that is written out where a map is wanted.
    pub(super) fn writes_map(&self, expr: HirId, ty: TyId) -> bool {
        let schema = &self.program.schema;
        matches!(self.program.node(expr), Node::Map(_))
            && matches!(schema.ty(schema.plain(ty)), Ty::Map(..))
    }

    /// A map that is written out: each entry by itself, so that one may name another.
    pub(super) fn written_map(
        &mut self,
        thing: ThingId,
        def: ThingDef,
        expr: HirId,
        ty: TyId,
        ctx: Ctx,
    ) -> Value {
        let program = self.program;
        let (Node::Map(pairs), span) = (program.node(expr), program.span(expr)) else {
            return self.eval_as(expr, ty, ctx);
        };
        let only = self.only.take();
        let mut out = Vec::with_capacity(pairs.len());
        for &(key, value) in pairs.iter().filter(|p| only.is_none_or(|key| key == p.0)) {
            let frame =
                Frame { thing, field: def.field, key: Some(key), span: program.span(value) };
            // Where the entry alone is wanted, its frame stands already.
            if only.is_none() {
                self.stack.push(frame);
            }
            let value = self.eval(value, ctx);
            if only.is_none() {
                self.stack.pop();
            }
            if value.is_poison() {
                self.only = only;
                return Value::Poison;
            }
            out.push(Pair { key: self.names.shared(key), value, origin: Origin::NONE });
        }
        self.only = only;
        self.fit(Value::map(out), ty, span)
    }

    /// Where an entry is said: alone, or in a map that is written out.
    fn span_of_entry(&self, def: DefId, key: Sym) -> Span {
        let def = self.program.def(def);
        let (None, Op::Set(expr) | Op::Add(expr)) = (def.key, &def.op) else { return def.head };
        match self.program.node(*expr) {
            Node::Map(pairs) => {
                pairs.iter().find(|p| p.0 == key).map_or(def.head, |p| self.program.span(p.1))
            }
            _ => def.head,
        }
    }

    /// A var's type; where none is declared, a list counts as a set.
    fn key_type(&self, value_ty: TyId, key: Sym, defs: &[ThingDef]) -> TyId {
        if value_ty != Schema::ANY {
            return value_ty;
        }
        if let Some(&(ty, _)) = self.program.vars.get(&key) {
            return ty;
        }
        let collects =
            defs.iter().any(|d| matches!(self.program.def(d.def).op, Op::Add(_) | Op::Sub(_)));
        let lists = defs.iter().any(|d| match self.program.def(d.def).op {
            Op::Set(expr) => {
                matches!(self.program.node(expr), Node::List(_) | Node::Const(Value::List(_)))
            }
            _ => false,
        });
        if collects || lists { self.any_set } else { Schema::ANY }
    }
}
