//! Watching one field being merged: what each of its definitions said, what became of it, and what
//! it referred to. It is the walk of `merge` itself that is watched, so what is explained is what
//! is emitted. How it reads is `answer`'s.

use super::{Ctx, Env, EnvId, Eval, Frame, Resolved, ThingDef};
use crate::diag::Diagnostic;
use crate::model::schema::{Shape, Ty};
use crate::model::value::Value;
use crate::model::{OriginRow, ThingId};
use crate::names::Sym;
use crate::origin::Origin;
use crate::resolve::hir::*;
use crate::source::Span;

/// What a definition did when its turn came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// A `default`, the narrowest of them.
    Weak,
    /// A `default` under a narrower `default`.
    Shadowed,
    /// `=`, over whatever wider layers said.
    Stated,
    /// `=`, with the same value as another of its rank.
    Agreed,
    /// `=`, with another value than one of its rank: a conflict.
    Disagreed,
    /// Behind a conflict: it was not looked at any more.
    Unreached,
    /// Of a role that another role is declared over.
    Beaten,
    Added,
    Taken,
    Unset,
    /// A block: it merges with the others field by field.
    Block,
}

/// One definition of the field.
#[derive(Clone, Debug)]
pub struct Step {
    pub def: DefId,
    pub rank: u16,
    pub event: Event,
    /// Its right side, evaluated.
    pub value: Option<Value>,
    /// Where the template that holds it is used.
    pub used_at: Option<Span>,
    pub references: Vec<Reference>,
}

/// A name in a right side, and what it stands for.
#[derive(Clone, Debug)]
pub struct Reference {
    pub span: Span,
    pub value: Value,
    /// Where that was decided or declared.
    pub defined: Option<Span>,
}

/// All that decides a field's value.
#[derive(Clone, Debug)]
pub struct Trace {
    pub value: Value,
    /// What the kind says by itself, and where.
    pub default: Value,
    pub declared: Span,
    /// In the order of the walk: the `default`s first, then from the widest layer to the narrowest.
    pub steps: Vec<Step>,
}

/// Which field is being watched.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    thing: ThingId,
    field: u16,
    depth: usize,
    seen: Vec<(ThingDef, Event, Option<Value>)>,
}

impl Resolved {
    /// The value that an expression has over the finished model, and what was wrong with it.
    pub fn question(&mut self, id: HirId) -> (Value, Vec<Diagnostic>) {
        self.over_the_model(|eval| {
            let ctx = eval.ctx(eval.root, EnvId(0));
            let value = eval.eval(id, ctx);
            (value, std::mem::take(&mut eval.diagnostics))
        })
    }

    /// How the value of a field came to be.
    pub fn trace(&mut self, thing: ThingId, field: u16) -> Trace {
        self.over_the_model(|eval| eval.trace(thing, field))
    }

    /// The same, for what an emitted value came from.
    pub fn trace_of(&mut self, origin: Origin) -> Option<(OriginRow, Trace)> {
        let row = self.model.origin(origin)?;
        Some((row, self.trace(row.thing, row.field)))
    }

    /// What the names in an expression of the top level stand for.
    pub fn references(&mut self, id: HirId) -> Vec<Reference> {
        self.over_the_model(|eval| {
            let mut out = Vec::new();
            let ctx = eval.ctx(eval.root, EnvId(0));
            eval.references(id, ctx, &mut out);
            out
        })
    }

    /// The keys of which anything is said in a map, also where a layer takes them away.
    pub fn keys(&self, thing: ThingId, field: u16) -> Vec<&str> {
        let defs = self.state.known_defs(thing).iter().filter(|d| d.field == field);
        let keys = defs.filter_map(|d| self.program.def(d.def).key);
        keys.map(|key| self.model.names.text(key)).collect()
    }

    /// Whether a definition is one of those that a field is merged from.
    pub fn has_definition(&self, thing: ThingId, field: u16, def: DefId) -> bool {
        self.state.known_defs(thing).iter().any(|d| d.field == field && d.def == def)
    }

    /// The kind or type of a thing.
    pub fn shape(&self, thing: ThingId) -> &Shape {
        self.model.schema.shape(self.model.thing(thing).shape)
    }

    /// The fields of a thing of which anything is said, in the order of its kind.
    pub fn stated(&self, thing: ThingId) -> Vec<u16> {
        let mut fields: Vec<u16> = self.state.known_defs(thing).iter().map(|d| d.field).collect();
        fields.dedup();
        fields
    }

    fn over_the_model<T>(&mut self, ask: impl FnOnce(&mut Eval) -> T) -> T {
        let names = self.model.names.clone();
        std::mem::swap(&mut self.model, &mut self.state.model);
        self.state.diagnostics.clear();
        let answer =
            ask(&mut Eval { program: &self.program, names: &names, state: &mut self.state });
        self.state.diagnostics.clear();
        self.state.not_looked_at.clear();
        std::mem::swap(&mut self.model, &mut self.state.model);
        answer
    }
}

impl Eval<'_> {
    /// Says what became of a definition; heard only while its field is watched.
    pub(super) fn note(&mut self, def: ThingDef, event: Event, value: Option<&Value>) {
        let state = &mut *self.state;
        let Some(watch) = &mut state.watch else { return };
        let Some(frame) = state.stack.last() else { return };
        // An entry of a map stands one step above the map.
        let depth = watch.depth + usize::from(frame.key.is_some());
        if state.stack.len() == depth && (frame.thing, frame.field) == (watch.thing, watch.field) {
            watch.seen.push((def, event, value.cloned()));
        }
    }

    /// Whether the field is being watched: then all of it is walked again.
    pub(super) fn is_watched(&self, thing: ThingId, field: u16) -> bool {
        self.watch.as_ref().is_some_and(|w| (w.thing, w.field) == (thing, field))
    }

    fn trace(&mut self, thing: ThingId, field: u16) -> Trace {
        let program = self.program;
        let info = &program.schema.shape(self.thing(thing).shape).fields[field as usize];
        let value = self.field(thing, field);
        let defs = self.defs_of(thing, field);
        let plain = program.schema.plain(info.ty);
        let blocks = matches!(program.schema.ty(plain), Ty::Named(_) | Ty::Record(_));
        let seen = if blocks {
            defs.iter().map(|&def| (def, self.event_of_block(def), None)).collect()
        } else {
            self.watched(thing, field, info.span, &defs)
        };
        let default = match info.default {
            Some(default) if !blocks => {
                let ctx = self.ctx(thing, EnvId(0));
                self.eval_as(default, info.ty, ctx)
            }
            _ => Value::None,
        };
        let steps = seen
            .into_iter()
            .map(|(def, event, value)| self.step_of(thing, def, event, value, &default))
            .collect();
        Trace { value, default, declared: info.span, steps }
    }

    fn event_of_block(&self, def: ThingDef) -> Event {
        match self.program.def(def.def).op {
            Op::Unset => Event::Unset,
            _ => Event::Block,
        }
    }

    fn watched(
        &mut self,
        thing: ThingId,
        field: u16,
        span: Span,
        defs: &[ThingDef],
    ) -> Vec<(ThingDef, Event, Option<Value>)> {
        self.stack.push(Frame { thing, field, key: None, span });
        let depth = self.stack.len();
        self.watch = Some(Watch { thing, field, depth, seen: Vec::new() });
        self.merged(thing, field, defs);
        self.stack.pop();
        let mut seen = self.watch.take().map_or_else(Vec::new, |watch| watch.seen);
        for &def in defs {
            if !seen.iter().any(|(known, ..)| known.def == def.def) {
                seen.push((def, Event::Unreached, None));
            }
        }
        seen
    }

    fn step_of(
        &mut self,
        thing: ThingId,
        def: ThingDef,
        event: Event,
        value: Option<Value>,
        below: &Value,
    ) -> Step {
        let program = self.program;
        let source = self.sources(thing)[def.source as usize];
        let expr = match program.def(def.def).op {
            Op::Set(expr) | Op::Add(expr) | Op::Sub(expr) => Some(expr),
            _ => None,
        };
        // A definition that the walk never looked at is worked out for whoever asks.
        let value = value.or_else(|| {
            let expr = expr?;
            let ty = program.schema.shape(self.thing(thing).shape).fields[def.field as usize].ty;
            Some(self.definition(thing, def, expr, ty, below))
        });
        let used_at = (source.template && source.env.0 != 0)
            .then(|| program.from(self.envs[source.env.0 as usize].from).span);
        let mut references = Vec::new();
        if let Some(expr) = expr {
            let ctx = self.ctx(thing, source.env);
            self.references(expr, ctx, &mut references);
        }
        Step { def: def.def, rank: def.rank, event, value, used_at, references }
    }

    /// The names in an expression, each as far as its dots go, with what they stand for. Those that
    /// only exist inside a `for` are left out.
    fn references(&mut self, id: HirId, ctx: Ctx, out: &mut Vec<Reference>) {
        let program = self.program;
        let node = program.node(id);
        let name = matches!(
            node,
            Node::Member { .. }
                | Node::Index { .. }
                | Node::Method { .. }
                | Node::Decl(_)
                | Node::Nested { .. }
                | Node::Let(_)
                | Node::Param(_)
                | Node::SelfWord(_)
                | Node::Enclosing(..)
        );
        if name && !uses_binder(program, id) {
            let span = program.span(id);
            if out.iter().any(|known| known.span == span) {
                return;
            }
            let value = self.eval(id, ctx);
            let defined = self.defined(id, &value, ctx);
            out.push(Reference { span, value, defined });
            return;
        }
        let before = out.len();
        for child in node.children() {
            self.references(child, ctx, out);
        }
        if matches!(node, Node::Each(_) | Node::Where { .. }) {
            // What hangs on the candidate is another for each of them.
            let mut at = 0;
            out.retain(|reference| {
                at += 1;
                at <= before || !reference.value.is_poison()
            });
        }
    }

    /// Where what a name stands for was decided.
    fn defined(&mut self, id: HirId, value: &Value, ctx: Ctx) -> Option<Span> {
        let program = self.program;
        match program.node(id) {
            Node::Let(at) => return Some(program.lets[at.0 as usize].span),
            Node::Param(at) => {
                let Env { from, .. } = *self.envs.get(ctx.env.0 as usize)?;
                let from = program.from(from);
                return match from.args.get(*at as usize).copied().flatten() {
                    Some(arg) => Some(program.span(arg)),
                    None => Some(program.template(from.template).params.get(*at as usize)?.span),
                };
            }
            Node::Member { base, name, .. } => {
                let base = self.eval(*base, ctx);
                if let Some(span) = self.decided(&base, *name) {
                    return Some(span);
                }
                // What is worked out of a thing, its address say, is said where the thing is.
                if let (Some(thing), None) = (base.as_thing(), value.as_thing()) {
                    return Some(self.thing(thing).span);
                }
            }
            _ => {}
        }
        value.as_thing().map(|thing| self.thing(thing).span)
    }

    /// The definition that decided a member of a value.
    fn decided(&self, base: &Value, name: Sym) -> Option<Span> {
        let origin = match base {
            Value::Thing(thing) => {
                let field = self.program.schema.shape(self.thing(*thing).shape).field(name)?;
                self.thing(*thing).slots.find(field)?.origin
            }
            Value::Map(pairs) => {
                let key = self.names.text(name);
                pairs.iter().find(|pair| &*pair.key == key)?.origin
            }
            _ => return None,
        };
        let row = self.model.origin(origin)?;
        Some(self.program.def(DefId(row.def)).span)
    }
}

fn uses_binder(program: &Program, id: HirId) -> bool {
    let node = program.node(id);
    matches!(node, Node::Local(_))
        || node.children().into_iter().any(|child| uses_binder(program, child))
}
