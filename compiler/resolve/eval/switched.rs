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

impl Eval<'_> {
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
        let held = |at: &usize| {
            let thing = &self.model.things[*at];
            thing.parent == Some(holder) && thing.label == name && is_it(thing.shape)
        };
        let held: Vec<usize> = (0..self.model.things.len()).filter(held).collect();
        for at in held {
            let thing = ThingId::new(at);
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
        let (shape, label) = (self.thing(service).shape, self.thing(service).label);
        let is_one = |at: &usize| {
            let thing = &self.model.things[*at];
            let there = node.is_none_or(|node| thing.node == Some(node));
            thing.instance == Some(ThingId::new(*at))
                && (thing.shape, thing.label) == (shape, label)
                && there
        };
        let some: Vec<usize> = (0..self.model.things.len()).filter(is_one).collect();
        some.into_iter().map(ThingId::new).find(|&instance| self.is_switched_off(instance))
    }

    /// The path of secrets that is switched off and would hold that one.
    pub(super) fn path_that_is_off(&mut self, wanted: &str) -> Option<ThingId> {
        let (path, bare) = match wanted.rsplit_once('/') {
            Some((path, bare)) => (Some(path), bare),
            None => (None, wanted),
        };
        let in_store = |at: &usize| {
            let parent = self.model.things[*at].parent;
            parent.is_some_and(|parent| self.thing(parent).shape == self.words.secrets)
        };
        let all: Vec<usize> = (0..self.model.things.len()).filter(in_store).collect();
        all.into_iter().map(ThingId::new).find(|&thing| {
            let label = self.label(thing).trim_end_matches('/').to_string();
            path.is_none_or(|path| path == label)
                && self.is_switched_off(thing)
                && self.get(thing, "names").items().iter().any(|i| i.value.as_text() == Some(bare))
        })
    }
}
