//! What is written and yet not there: switched off by `enabled = false`, or taken away by an `unset`. Whoever names it is
//! told where that is said.

use super::{Ctx, Eval};
use crate::diag::{About, codes};
use crate::model::ThingId;
use crate::model::schema::{ShapeId, Ty};
use crate::model::value::Value;
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::source::Span;
use rustc_hash::FxHashMap;

/// What is written, so that a thousand names of nothing cost no thousand walks over all of it. Made when first asked for.
#[derive(Clone, Default)]
pub(super) struct Written {
    /// So many things are in it.
    seen: usize,
    held: FxHashMap<(ThingId, Sym), Vec<ThingId>>,
    named: FxHashMap<(ShapeId, Sym), Vec<ThingId>>,
    /// The paths of secrets.
    paths: Vec<ThingId>,
}

impl Eval<'_> {
    fn written(&mut self) -> &Written {
        let state = &mut *self.state;
        let (written, model, words) = (&mut state.written, &state.model, &state.words);
        for (at, it) in model.things.iter().enumerate().skip(written.seen) {
            let thing = ThingId::new(at);
            written.named.entry((it.shape, it.label)).or_default().push(thing);
            let Some(parent) = it.parent else { continue };
            written.held.entry((parent, it.label)).or_default().push(thing);
            if model.things[parent.at()].shape == words.secrets {
                written.paths.push(thing);
            }
        }
        written.seen = model.things.len();
        &self.written
    }

    pub(super) fn is_left_out(&mut self, thing: ThingId, span: Span) -> Value {
        let (what, label) = (self.describe(&Value::Thing(thing)), self.label(thing).to_string());
        let switch = self.field_named(self.thing(thing).shape, "enabled").and_then(|field| {
            let slot = self.thing(thing).slots.find(field)?;
            Some(self.program.def(DefId(self.model.origin(slot.origin)?.def)).span)
        });
        let switch = switch.unwrap_or(self.thing(thing).span);
        let cure = format!("leave out what needs it too, or let `{label}` be: `enabled = true`");
        let about = About::Lacks { what: format!("{what} {switch:?}"), cure: cure.clone() };
        let diagnostic = self
            .fault(&codes::E0511, span, format!("this needs {what}, which is left out"))
            .here("needed here")
            .label(switch, "left out here")
            .about(about)
            .help(cure);
        self.report_at(diagnostic)
    }

    /// Why a thing does not hold what is written in it by that name; none where nothing is.
    pub(super) fn not_there(
        &mut self,
        holder: ThingId,
        name: Sym,
        of: Option<ShapeId>,
        span: Span,
    ) -> Option<Value> {
        let is_it = |shape: ShapeId| of.is_none_or(|of| of == shape);
        let held = self.written().held.get(&(holder, name)).cloned().unwrap_or_default();
        for thing in held {
            if self.thing(thing).parent != Some(holder) || !is_it(self.thing(thing).shape) {
                continue;
            }
            if self.is_switched_off(thing) {
                return Some(self.is_left_out(thing, span));
            }
        }
        let (program, shape) = (self.program, self.thing(holder).shape);
        let fields = &program.schema.shape(shape).fields;
        let taken = self.defs(holder).iter().rev().find(|d| {
            let def = program.def(d.def);
            let named =
                matches!(*program.schema.ty(fields[d.field as usize].ty), Ty::Named(s) if is_it(s));
            named && matches!(def.op, Op::Unset) && def.key.is_none_or(|key| key == name)
        });
        let taken = program.def(taken?.def).span;
        let (what, text) = (self.describe(&Value::Thing(holder)), self.names.text(name));
        let diagnostic = self
            .fault(&codes::E0208, span, format!("{what} has no `{text}` here"))
            .label(taken, "taken away here")
            .help("name it only where it is, or take the `unset` away");
        Some(self.report_at(diagnostic))
    }

    pub(super) fn is_switched_off(&mut self, thing: ThingId) -> bool {
        matches!(self.get(thing, "enabled"), Value::Bool(false))
    }

    /// The same for what is named behind the word of its field: `node.hardware.disk.NAME`.
    pub(super) fn not_among(
        &mut self,
        base: HirId,
        things: &[ThingId],
        name: &str,
        span: Span,
        ctx: Ctx,
    ) -> Option<Value> {
        let name = self.names.find(name)?;
        if things.iter().any(|&id| self.thing(id).label == name) {
            return None;
        }
        let &Node::Member { base, .. } = self.program.node(base) else { return None };
        let holder = self.eval(base, ctx).as_thing()?;
        let mut holders = self.bundle(holder, ctx);
        holders.push(holder);
        holders.into_iter().find_map(|holder| self.not_there(holder, name, None, span))
    }

    /// The instance of a service that would run, on that node or on any, were it not switched off there.
    pub(super) fn off_on(&mut self, service: ThingId, node: Option<ThingId>) -> Option<ThingId> {
        let key = (self.thing(service).shape, self.thing(service).label);
        let named = self.written().named.get(&key).cloned().unwrap_or_default();
        named.into_iter().find(|&thing| {
            let it = self.thing(thing);
            it.instance == Some(thing)
                && node.is_none_or(|node| it.node == Some(node))
                && self.is_switched_off(thing)
        })
    }

    /// The path of secrets that is switched off and would hold that one.
    pub(super) fn path_that_is_off(&mut self, wanted: &str) -> Option<ThingId> {
        let (path, bare) = match wanted.rsplit_once('/') {
            Some((path, bare)) => (Some(path), bare),
            None => (None, wanted),
        };
        let paths = self.written().paths.clone();
        paths.into_iter().find(|&thing| {
            path.is_none_or(|path| path == self.label(thing).trim_end_matches('/'))
                && self.is_switched_off(thing)
                && self.get(thing, "names").items().iter().any(|i| i.value.as_text() == Some(bare))
        })
    }
}
