//! Where services run: decided by facts, before anything else, always the same way.

use super::{Eval, Frame};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::value::{Placement, Value};
use crate::model::{Instance, ThingId};
use crate::resolve::hir::{DeclId, HirId, Op};
use crate::resolve::values;
use crate::source::Span;
use std::cmp::Ordering;
use std::sync::Arc;

/// How many nodes a message speaks of one by one.
const SHOWN: usize = 8;
/// As many of the nodes that fit equally well are places of the finding: each of ten thousand services may say it of
/// each of ten thousand nodes.
const MOST_PLACES: usize = 100;
/// More nodes than this are not offered.
const MOST_WAYS: usize = 3;

impl<'a> Eval<'a> {
    fn status(&mut self, node: ThingId) -> &'a str {
        match self.get(node, "status") {
            Value::Word(word) => self.names.text(word.word),
            _ => "up",
        }
    }
}

impl Eval<'_> {
    pub(super) fn place(&mut self) {
        let program = self.program;
        self.placing = true;
        let mut placed: Vec<(DeclId, ThingId, Vec<ThingId>)> = Vec::new();
        for at in 0..program.decls.len() {
            if program.decls[at].shape != self.words.service {
                continue;
            }
            let Some(service) = self.decl_things[at] else { continue };
            if !self.is_active(service) {
                continue;
            }
            let nodes = self.nodes_of(service);
            placed.push((DeclId(at as u32), service, nodes));
        }
        self.placing = false;
        placed.sort_by(|a, b| self.label(a.1).cmp(self.label(b.1)));
        for (decl, service, mut nodes) in placed {
            nodes.sort_by(|a, b| self.label(*a).cmp(self.label(*b)));
            nodes.dedup();
            for node in nodes {
                let thing = self.instance(decl, node);
                if matches!(self.get(thing, "enabled"), Value::Bool(false)) {
                    continue;
                }
                let instance = Instance { service, node, thing };
                let at = self.model.instances.len();
                self.model.of_service.entry(service).or_insert(at..at).end = at + 1;
                self.model.instances.push(instance);
                self.model.on_node.entry(node).or_default().push(instance);
                self.service_of_instance.insert(thing, service);
            }
        }
    }

    /// `status` and `enabled` are not facts, but decide whether there is anything to place.
    fn is_active(&mut self, service: ThingId) -> bool {
        self.placing = false;
        let planned = matches!(self.get(service, "status"), Value::Word(w) if self.names.text(w.word) == "planned");
        let disabled = matches!(self.get(service, "enabled"), Value::Bool(false));
        self.placing = true;
        !planned && !disabled
    }

    fn nodes_of(&mut self, service: ThingId) -> Vec<ThingId> {
        let on = self.get(service, "on");
        let always = !matches!(self.get(service, "availability"), Value::Word(w) if self.names.text(w.word) == "on-demand");
        let span = self.on_span(service);
        match &on {
            Value::None => {
                let label = self.label(service).to_string();
                let declared = self.thing(service).span;
                self.report(
                    Diagnostic::new(
                        &codes::E0501,
                        declared,
                        format!("the service `{label}` does not say where it runs"),
                    )
                    .help(
                        "write `on = NODE`, `on = all`, or `on = where(node.hardware.gpu != none)`",
                    )
                    .help("or `status = planned`, if it does not run yet"),
                );
                Vec::new()
            }
            Value::Poison => Vec::new(),
            Value::Placement(placement) => {
                let placement = placement.clone();
                self.worked_out(service, &placement, always, span)
            }
            stated => {
                let nodes = self.nodes_in(stated);
                if nodes.is_empty() {
                    let label = self.label(service).to_string();
                    let message = format!("the service `{label}` runs nowhere: `on` is empty");
                    self.report(
                        Diagnostic::new(&codes::E0501, span, message)
                            .help("name a node: `on = NODE`")
                            .help("or `status = planned`, if it does not run yet"),
                    );
                }
                for &node in &nodes {
                    self.suits(service, node, always, span);
                }
                nodes
            }
        }
    }

    /// The text of a field's value, where one statement of the project says it.
    pub(super) fn only_value(&self, thing: ThingId, field: &str) -> Option<Span> {
        let field = self.field_named(self.thing(thing).shape, field)?;
        let [only] = &*self.defs_of(thing, field) else { return None };
        let Op::Set(value) = self.program.def(only.def).op else { return None };
        self.own(self.program.span(value))
    }

    /// Makes a service one on demand: where it says another thing, or beside its `on`.
    fn on_demand(&self, found: Diagnostic, service: ThingId) -> Diagnostic {
        let way = "say that the service is too: `availability = on-demand`";
        let field = self.field_named(self.thing(service).shape, "availability");
        if field.is_some_and(|field| self.defs_of(service, field).is_empty()) {
            let beside = self.only_value(service, "on").map(Span::tail);
            return found.offer(way, beside, "   availability = on-demand");
        }
        found.offer(way, self.only_value(service, "availability"), "on-demand")
    }

    fn on_span(&self, service: ThingId) -> Span {
        let shape = self.thing(service).shape;
        let field = self.field_named(shape, "on").unwrap_or(0);
        self.defs_of(service, field)
            .last()
            .map_or(self.thing(service).span, |d| self.program.def(d.def).span)
    }

    fn nodes_in(&self, value: &Value) -> Vec<ThingId> {
        match value {
            Value::Thing(node) => vec![*node],
            Value::List(items) => items.iter().filter_map(|i| i.value.as_thing()).collect(),
            Value::Things(ids) => ids.to_vec(),
            _ => Vec::new(),
        }
    }

    /// A node that was named: managed, and up for an always-on service.
    fn suits(&mut self, service: ThingId, node: ThingId, always: bool, span: Span) {
        let label = |eval: &Self| eval.label(service).to_string();
        let name = |eval: &Self| eval.label(node).to_string();
        let declared = self.thing(node).span;
        if matches!(self.get(node, "managed"), Value::Bool(false)) {
            let (label, name) = (label(self), name(self));
            self.report(
                Diagnostic::new(
                    &codes::E0504,
                    span,
                    format!("`{label}` cannot run on `{name}`, which is not managed"),
                )
                .label(declared, "this node has `managed = false`")
                .help("name another node, or let the cluster manage it"),
            );
            return;
        }
        let status = self.status(node);
        if status == "offline" || (always && status == "on-demand") {
            let (label, name) = (label(self), name(self));
            let message = if status == "offline" {
                format!("`{label}` cannot run on `{name}`, which is offline")
            } else {
                format!("`{label}` is always on, but `{name}` is {status}")
            };
            let mut diagnostic = Diagnostic::new(&codes::E0504, span, message)
                .label(declared, format!("this node has `status = {status}`"));
            diagnostic = if status == "on-demand" {
                self.on_demand(diagnostic, service)
            } else {
                diagnostic
                    .help("name a node that is up")
                    .help("or `status = planned`, until the node is back")
            };
            self.report(diagnostic);
        }
    }

    /// Nodes that a placement may choose at all.
    fn candidates(&mut self, on_demand: bool) -> Vec<ThingId> {
        let mut out = Vec::new();
        for node in self.all_named("node") {
            let managed = !matches!(self.get(node, "managed"), Value::Bool(false));
            let status = self.status(node);
            if managed && status != "offline" && (on_demand || status == "up") {
                out.push(node);
            }
        }
        out
    }

    fn worked_out(
        &mut self,
        service: ThingId,
        placement: &Arc<Placement>,
        always: bool,
        span: Span,
    ) -> Vec<ThingId> {
        match &**placement {
            Placement::All => self.candidates(true),
            Placement::Each(cond) => {
                let candidates = self.candidates(true);
                self.fitting(service, HirId(*cond), candidates, span)
            }
            Placement::Where { cond, prefer } => {
                let candidates = self.candidates(!always);
                let fitting = self.fitting(service, HirId(*cond), candidates, span);
                self.best(service, fitting, prefer, span)
            }
        }
    }

    /// The candidates that the condition holds for and that have what the service needs.
    fn fitting(
        &mut self,
        service: ThingId,
        cond: HirId,
        candidates: Vec<ThingId>,
        span: Span,
    ) -> Vec<ThingId> {
        let mut fitting = Vec::new();
        let mut passed_over = Vec::new();
        for &node in &candidates {
            match self.holds(cond, service, node) {
                Some(true) => match self.lacks(service, node) {
                    Some(need) => passed_over.push((node, need)),
                    None => fitting.push(node),
                },
                Some(false) => passed_over.push((node, "the condition is false".to_owned())),
                None => return Vec::new(),
            }
        }
        if fitting.is_empty() {
            self.nothing_fits(service, span, &candidates, &passed_over);
        }
        fitting
    }

    fn holds(&mut self, cond: HirId, service: ThingId, node: ThingId) -> Option<bool> {
        let ctx = self.candidate_ctx(service, node);
        let field = self.field_named(self.thing(service).shape, "on").unwrap_or(0);
        let span_of_cond = self.program.span(cond);
        self.stack.push(Frame { thing: service, field, key: None, span: span_of_cond });
        let holds = self.eval(cond, ctx);
        self.stack.pop();
        match holds {
            Value::Bool(b) => Some(b),
            Value::None => Some(false),
            Value::Poison => None,
            other => {
                let found = self.describe(&other);
                let span = self.program.span(cond);
                let message = format!("expected true or false, found {found}");
                let diagnostic = Diagnostic::new(&codes::E0301, span, message);
                self.report(diagnostic.help("compare it: `node.arch == arm64`"));
                None
            }
        }
    }

    /// Of the nodes that fit, the first by `prefer`; a tie is an error.
    fn best(
        &mut self,
        service: ThingId,
        fitting: Vec<ThingId>,
        prefer: &[u32],
        span: Span,
    ) -> Vec<ThingId> {
        if fitting.len() < 2 {
            return fitting;
        }
        let mut ranked: Vec<(Vec<Value>, ThingId)> = Vec::new();
        for &node in &fitting {
            let ctx = self.candidate_ctx(service, node);
            let mut values = Vec::new();
            for &expr in prefer {
                match self.eval(HirId(expr), ctx) {
                    Value::Poison => return Vec::new(),
                    value => values.push(value),
                }
            }
            ranked.push((values, node));
        }
        for (nth, &expr) in prefer.iter().enumerate() {
            let of_all: Vec<Value> = ranked.iter().map(|(values, _)| values[nth].clone()).collect();
            if !self.of_one_kind(&of_all, self.program.span(HirId(expr))) {
                return Vec::new();
            }
        }
        let compare = |a: &[Value], b: &[Value]| {
            for (x, y) in a.iter().zip(b) {
                // Greatest first; what is not known comes last.
                let order = match (x.is_none(), y.is_none()) {
                    (true, true) => Ordering::Equal,
                    (true, false) => Ordering::Greater,
                    (false, true) => Ordering::Less,
                    _ => values::order(y, x, self.names, &|a, b| self.by_path(a, b)),
                };
                if order != Ordering::Equal {
                    return order;
                }
            }
            Ordering::Equal
        };
        ranked.sort_by(|a, b| compare(&a.0, &b.0));
        let ties: Vec<ThingId> = ranked
            .iter()
            .filter(|r| compare(&r.0, &ranked[0].0) == Ordering::Equal)
            .map(|r| r.1)
            .collect();
        if ties.len() == 1 {
            let mut fitting = fitting;
            fitting.sort_by(|a, b| self.label(*a).cmp(self.label(*b)));
            self.model.fitting.insert(service, fitting);
            return ties;
        }
        let names = listed(ties.iter().map(|&node| self.label(node)));
        let name = self.label(service).to_string();
        let mut diagnostic =
            Diagnostic::new(&codes::E0502, span, format!("{names} fit `{name}` equally well"));
        for &node in ties.iter().take(MOST_PLACES) {
            diagnostic = diagnostic.label(self.thing(node).span, "this one fits");
        }
        diagnostic = diagnostic.help(match prefer.is_empty() {
            true => "say which comes first: `where(..., prefer = [node.hardware.memory])`",
            false => "add to `prefer` what tells them apart, such as `node.name`",
        });
        let placed = self.only_value(service, "on");
        for node in ties.iter().take(MOST_WAYS).map(|&node| self.label(node)) {
            diagnostic = diagnostic.offer(format!("or name the node: `on = {node}`"), placed, node);
        }
        self.report(diagnostic);
        Vec::new()
    }

    /// No node fits: of each, what keeps it out.
    fn nothing_fits(
        &mut self,
        service: ThingId,
        span: Span,
        candidates: &[ThingId],
        passed_over: &[(ThingId, String)],
    ) {
        let name = self.label(service).to_string();
        let mut diagnostic =
            Diagnostic::new(&codes::E0501, span, format!("no node fits the service `{name}`"));
        let mut on_demand = false;
        let mut lines = Vec::new();
        for node in self.all_named("node") {
            let why = if let Some((_, why)) = passed_over.iter().find(|(n, _)| *n == node) {
                why.clone()
            } else if candidates.contains(&node) {
                continue;
            } else if matches!(self.get(node, "managed"), Value::Bool(false)) {
                "is not managed".to_owned()
            } else {
                let status = self.status(node);
                on_demand |= status == "on-demand";
                format!("is {status}")
            };
            lines.push(format!("`{}`: {why}", self.label(node)));
        }
        for line in lines.iter().take(SHOWN) {
            diagnostic = diagnostic.note(line.clone());
        }
        if lines.len() > SHOWN {
            diagnostic = diagnostic.note(format!("and {} more nodes", lines.len() - SHOWN));
        }
        if on_demand {
            diagnostic = diagnostic
                .help("for nodes that are switched on when needed: `availability = on-demand`");
        }
        self.report(diagnostic.help("widen the condition, or name a node: `on = NODE`"));
    }

    /// What of `needs { arch os gpu cpu memory }` the node is known not to have.
    fn lacks(&mut self, service: ThingId, node: ThingId) -> Option<String> {
        let Value::Thing(needs) = self.get(service, "needs") else { return None };
        for word in ["arch", "os"] {
            let (wanted, has) = (self.get(needs, word), self.get(node, word));
            let (Value::Word(w), Value::Word(h)) = (&wanted, &has) else { continue };
            if w.word != h.word && !self.in_family(h.word, w.word) {
                return Some(self.unlike(word, &has, &wanted));
            }
        }
        let Value::Thing(hardware) = self.get(node, "hardware") else { return None };
        let (wanted, has) = (self.get(needs, "gpu"), self.get(hardware, "gpu"));
        if !wanted.is_none() && !self.has_such(&wanted, &has) {
            return Some(self.unlike("GPU", &has, &wanted));
        }
        for word in ["cpu", "memory"] {
            let (wanted, has) = (self.get(needs, word), self.get(hardware, word));
            // What is not known is not held against a node here; the capacity rules say so.
            if !wanted.is_none() && !has.is_none() && wanted.order(&has) == Ordering::Greater {
                return Some(self.unlike(word, &has, &wanted));
            }
        }
        None
    }

    /// A word of a closed set that is the wanted one, and whose known parameters are at least as great.
    fn has_such(&self, wanted: &Value, has: &Value) -> bool {
        let (Value::Word(wanted), Value::Word(has)) = (wanted, has) else { return false };
        wanted.word == has.word
            && wanted.params.iter().flat_map(|p| p.iter()).all(|(name, least)| {
                match has.param(*name) {
                    None | Some(Value::None) => true,
                    Some(value) if matches!(least, Value::Text(_)) => value == least,
                    Some(value) => least.is_none() || least.order(value) != Ordering::Greater,
                }
            })
    }

    fn unlike(&self, what: &str, has: &Value, wanted: &Value) -> String {
        let wanted = self.brief(wanted);
        match has {
            Value::None => format!("has no {what}, and {wanted} is needed"),
            has => format!("has {what} {}, and {wanted} is needed", self.brief(has)),
        }
    }

    /// The nodes that an `on` names, of a file or a task; nothing said means all that are managed.
    pub(super) fn nodes_for(&mut self, on: &Value, thing: ThingId) -> Vec<ThingId> {
        match on {
            Value::None => {
                let mut out = self.all_named("node");
                out.retain(|&n| !matches!(self.get(n, "managed"), Value::Bool(false)));
                out
            }
            Value::Placement(placement) => match &**placement {
                Placement::All => self.candidates(true),
                Placement::Each(cond) | Placement::Where { cond, .. } => {
                    let mut out = Vec::new();
                    for node in self.candidates(true) {
                        if self.holds(HirId(*cond), thing, node) == Some(true) {
                            out.push(node);
                        }
                    }
                    out
                }
            },
            stated => self.nodes_in(stated),
        }
    }

    /// What `on` of a cache says, as nodes: nobody after this can work out a condition.
    pub(super) fn place_caches(&mut self) {
        for cache in self.all_named("cache") {
            let shape = self.program.schema.shape(self.thing(cache).shape);
            let Some(field) = shape.field_called("on") else {
                continue;
            };
            let on = self.get(cache, "on");
            if !matches!(on, Value::Placement(_)) {
                continue;
            }
            let nodes = Value::list(self.nodes_for(&on, cache).into_iter().map(Value::Thing));
            let slots = &mut self.model.things[cache.at()].slots;
            if let Some(slot) = slots.find_mut(field) {
                slot.value = nodes;
            }
        }
    }
}
