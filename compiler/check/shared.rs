//! What several rules ask: where something was written, what runs on a node, who listens where. No
//! rule stands here.

pub(super) use crate::model::fit::running_on;

use crate::diag::Diagnostic;
use crate::model::value::{Item, Pair, SecretName, SecretPart, Value};
use crate::model::{DefRow, Model, ThingId};
use crate::origin::Origin;
use crate::source::Span;
use crate::types::Cidr;
use std::collections::BTreeMap;

/// A container or unit where it runs.
#[derive(Clone, Copy)]
pub(super) struct Running {
    pub service: ThingId,
    pub node: ThingId,
    pub part: ThingId,
}

/// Every container, or every unit, of every service on every node.
pub(super) fn running<'a>(
    model: &'a Model,
    field: &'static str,
) -> impl Iterator<Item = Running> + 'a {
    model.instances.iter().flat_map(move |i| {
        model.children(i.thing, field).iter().map(move |&part| Running {
            service: i.service,
            node: i.node,
            part,
        })
    })
}

pub(super) fn containers(model: &Model) -> impl Iterator<Item = Running> + '_ {
    running(model, "container")
}

pub(super) fn units(model: &Model) -> impl Iterator<Item = Running> + '_ {
    running(model, "unit")
}

/// The files, or the tasks, of every node and of every service there.
pub(super) fn placed<'a>(
    model: &'a Model,
    field: &'static str,
) -> impl Iterator<Item = ThingId> + 'a {
    let of_nodes = managed(model).flat_map(move |node| model.children(node, field));
    let of_services = model.instances.iter().flat_map(move |i| model.children(i.thing, field));
    of_nodes.chain(of_services).copied()
}

/// The nodes that this cluster configures.
pub(super) fn managed(model: &Model) -> impl Iterator<Item = ThingId> + '_ {
    model.all("node").iter().copied().filter(|&node| model.flag(node, "managed"))
}

/// Whether a node runs a Linux, its own or in WSL; where nobody says, it may.
pub(super) fn has_linux(model: &Model, node: ThingId) -> bool {
    match model.word(node, "os") {
        Some("macos") => false,
        Some("windows") => matches!(model.param(node, "os", "wsl"), Some(Value::Bool(true))),
        _ => true,
    }
}

pub(super) fn def(model: &Model, origin: Origin) -> Option<DefRow> {
    model.origin(origin).map(|row| model.defs[row.def as usize])
}

/// The definition of a field's value, else the head of its thing.
pub(super) fn span(model: &Model, thing: ThingId, field: &str) -> Span {
    span_of(model, model.at(thing, field).1, thing)
}

/// The definition behind an origin, else the head of the thing.
pub(super) fn span_of(model: &Model, origin: Origin, thing: ThingId) -> Span {
    def(model, origin).map_or(model.thing(thing).span, |def| def.span)
}

/// The text that states a field's value, where it stands in the project and can be written anew.
pub(super) fn value_span(model: &Model, thing: ThingId, field: &str) -> Option<Span> {
    value_of(model, model.at(thing, field).1)
}

pub(super) fn value_of(model: &Model, origin: Origin) -> Option<Span> {
    def(model, origin)?.value.filter(|span| !is_library(model, *span))
}

pub(super) fn is_library(model: &Model, span: Span) -> bool {
    model.files.get(span.file.0 as usize).is_some_and(|name| name.starts_with("std/"))
}

/// The head of the thing, or of the nearest one around it that the project itself declares.
pub(super) fn head(model: &Model, thing: ThingId) -> Span {
    let mut at = Some(thing);
    while let Some(id) = at {
        let t = model.thing(id);
        if !is_library(model, t.span) {
            return t.span;
        }
        at = t.parent;
    }
    model.thing(thing).span
}

/// The definition of a field's value where the project states it, else the head of what it is in.
pub(super) fn stated(model: &Model, thing: ThingId, field: &str) -> Span {
    stated_at(model, model.at(thing, field).1, thing)
}

pub(super) fn stated_at(model: &Model, origin: Origin, thing: ThingId) -> Span {
    let span = def(model, origin).map(|def| def.span).filter(|span| !is_library(model, *span));
    span.unwrap_or_else(|| head(model, thing))
}

/// Replaces the value of a field where it stands in the project; else says it in words.
pub(super) fn rewrite(
    diagnostic: Diagnostic,
    model: &Model,
    thing: ThingId,
    field: &str,
    text: &str,
    title: String,
) -> Diagnostic {
    diagnostic.offer(title, value_span(model, thing, field), text)
}

/// Says one more field right after one that the project states; else says it in words.
pub(super) fn beside(
    diagnostic: Diagnostic,
    model: &Model,
    (thing, field): (ThingId, &str),
    statement: &str,
    title: String,
) -> Diagnostic {
    let stated = def(model, model.at(thing, field).1).map(|def| def.span);
    let stated = stated.filter(|span| !is_library(model, *span));
    diagnostic.offer(title, stated.map(Span::tail), format!("   {statement}"))
}

/// A set of things, with who put each there.
pub(super) fn members<'a>(
    model: &'a Model,
    thing: ThingId,
    field: &str,
) -> impl Iterator<Item = (ThingId, &'a Item)> + 'a {
    let items = model.get(thing, field).items();
    items.iter().filter_map(|item| item.value.as_thing().map(|id| (id, item)))
}

/// The texts of a list or set, with who put each there.
pub(super) fn texts<'a>(
    model: &'a Model,
    thing: ThingId,
    field: &str,
) -> impl Iterator<Item = (&'a str, Origin)> + 'a {
    let items = model.get(thing, field).items();
    items.iter().filter_map(|item| item.value.as_text().map(|text| (text, item.origin)))
}

pub(super) fn pairs<'a>(model: &'a Model, thing: ThingId, field: &str) -> &'a [Pair] {
    model.get(thing, field).pairs()
}

/// The names of the secrets in a value, wherever they stand in it.
pub(super) fn secrets<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a SecretName)) {
    match value {
        Value::Secret(secret) => {
            for part in &secret.parts {
                if let SecretPart::Name(name) = part {
                    visit(name);
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| secrets(&item.value, visit)),
        Value::Map(pairs) => pairs.iter().for_each(|pair| secrets(&pair.value, visit)),
        _ => {}
    }
}

/// Takes a thing out of a list or set where one statement of the project says all of it; `spell` writes the others.
pub(super) fn without(
    diagnostic: Diagnostic,
    model: &Model,
    (thing, field): (ThingId, &str),
    gone: ThingId,
    spell: &dyn Fn(ThingId) -> String,
    title: String,
) -> Diagnostic {
    let items = model.get(thing, field).items();
    let places: Vec<Option<Span>> = items
        .iter()
        .map(|item| value_of(model, item.origin.or(model.at(thing, field).1)))
        .collect();
    let rest: Vec<String> = items
        .iter()
        .filter_map(|item| item.value.as_thing())
        .filter(|other| *other != gone)
        .map(spell)
        .collect();
    match places.first().copied().flatten() {
        Some(span) if places.iter().all(|place| *place == Some(span)) => {
            diagnostic.suggest(title, span, format!("[{}]", rest.join(", ")))
        }
        _ => diagnostic.help(title),
    }
}

/// Which network's cable the addresses of each lie on.
pub(super) struct Cables<'a> {
    pub model: &'a Model,
    pub ranges: BTreeMap<ThingId, Vec<Cidr>>,
}

impl Cables<'_> {
    pub fn of(model: &Model) -> Cables<'_> {
        let ranges = model.all("network").iter().map(|&n| (n, ranges(model, n))).collect();
        Cables { model, ranges }
    }

    pub fn ranges(&self, network: ThingId) -> &[Cidr] {
        self.ranges.get(&network).map_or(&[], Vec::as_slice)
    }

    /// The physical networks whose addresses a macvlan or ipvlan has.
    pub fn under(&self, network: ThingId) -> Vec<ThingId> {
        if !matches!(self.model.word(network, "driver"), Some("macvlan" | "ipvlan")) {
            return Vec::new();
        }
        let own = self.ranges(network);
        let meets = |other: ThingId| {
            self.ranges(other).iter().any(|range| own.iter().any(|own| own.overlaps(*range)))
        };
        let physical = |&other: &ThingId| self.model.word(other, "driver") == Some("physical");
        let all = self.model.all("network").iter().copied();
        all.filter(physical).filter(|&other| meets(other)).collect()
    }

    /// The cable that a container of a node is on by this network. Of two houses with one range it is the node's.
    pub fn cable(&self, network: ThingId, node: ThingId) -> ThingId {
        let under = self.under(network);
        let has = |cable: ThingId| {
            pairs(self.model, node, "address").iter().any(|p| *p.key == *self.model.label(cable))
        };
        match under[..] {
            [] => network,
            [only] => only,
            _ => under.into_iter().find(|&cable| has(cable)).unwrap_or(network),
        }
    }
}

pub(super) fn ranges(model: &Model, network: ThingId) -> Vec<Cidr> {
    match model.get(network, "range") {
        Value::Cidr(range) => vec![*range],
        Value::List(items) => items
            .iter()
            .filter_map(|item| match item.value {
                Value::Cidr(range) => Some(range),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
