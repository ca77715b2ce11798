//! Ranges of networks and of the engine's pools: apart from each other.

use super::Check;
use super::addresses::ranges;
use super::shared::{managed, span, span_of, value_of, value_span};
use crate::diag::{Diagnostic, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;
use crate::types::Cidr;

pub const CHECK: Check = Check {
    name: "networks",
    doc: "no two networks overlap, and Docker's pools meet none of them",
    run,
};

struct Range {
    range: Cidr,
    span: Span,
    value: Option<Span>,
    what: String,
    of: ThingId,
    pool: bool,
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut all = Vec::new();
    for &network in model.all("network") {
        let one = matches!(model.get(network, "range"), Value::Cidr(_));
        for range in ranges(model, network) {
            all.push(Range {
                range,
                span: span(model, network, "range"),
                value: value_span(model, network, "range").filter(|_| one),
                what: format!("the network `{}`", model.label(network)),
                of: network,
                pool: false,
            });
        }
        part(model, network, found);
    }
    pools(model, &mut all);
    // In order of their first address: whoever holds the furthest last one meets what follows.
    all.sort_by(|a, b| {
        let key = |r: &Range| (r.range, r.pool, r.span.file, r.span.start);
        key(a).cmp(&key(b))
    });
    let mut widest: Option<usize> = None;
    for at in 0..all.len() {
        if let Some(before) = widest
            && all[before].range.overlaps(all[at].range)
            && !(all[before].pool && all[at].pool)
            && !on_top(model, &all[before], &all[at])
        {
            found.push(overlap(model, &all[before], &all[at], &all));
        }
        let further = |w: usize| {
            let (a, b) = (all[at].range, all[w].range);
            a.is_v4() != b.is_v4() || a.last() > b.last()
        };
        if widest.is_none_or(further) {
            widest = Some(at);
        }
    }
}

fn pools(model: &Model, all: &mut Vec<Range>) {
    let mut seen = Vec::new();
    for node in managed(model) {
        let Some(docker) = model.block(node, "docker") else { continue };
        for item in model.get(docker, "default_pools").items() {
            let base = match &item.value {
                Value::Map(_) => item.value.get("base").cloned(),
                Value::Thing(pool) => Some(model.get(*pool, "base").clone()),
                _ => None,
            };
            let Some(Value::Cidr(range)) = base else { continue };
            let span = span_of(model, item.origin, node);
            if seen.contains(&(range, span)) {
                continue; // one pool of a layer, met on each of its nodes
            }
            seen.push((range, span));
            all.push(Range {
                range,
                span,
                value: None,
                what: "a pool of Docker".into(),
                of: node,
                pool: true,
            });
        }
    }
}

/// A macvlan or ipvlan lies on the cable of a physical network and has its addresses; a bridge may
/// lie inside of a pool.
fn on_top(model: &Model, a: &Range, b: &Range) -> bool {
    let driver = |r: &Range| if r.pool { Some("pool") } else { model.word(r.of, "driver") };
    let pair = (driver(a), driver(b));
    let cable = |one, other| matches!(one, Some("macvlan" | "ipvlan")) && other == Some("physical");
    cable(pair.0, pair.1)
        || cable(pair.1, pair.0)
        || matches!(pair, (Some("pool"), Some("bridge")) | (Some("bridge"), Some("pool")))
        || pair.0.is_none()
        || pair.1.is_none()
}

fn overlap(model: &Model, before: &Range, at: &Range, all: &[Range]) -> Diagnostic {
    // Whose range is Docker's own affair gives way to cables and meshes.
    let yields =
        |r: &Range| r.pool || !matches!(model.word(r.of, "driver"), Some("physical" | "mesh"));
    let (stays, goes) = if yields(before) && !yields(at) { (at, before) } else { (before, at) };
    let diagnostic = Diagnostic::new(
        &codes::E1003,
        goes.span,
        format!("{} overlaps with {}: {} and {}", goes.what, stays.what, goes.range, stays.range),
    )
    .here(goes.range.to_string())
    .label(stays.span, stays.range.to_string())
    .at(model.path(goes.of))
    .note("a machine sends what is for an address of both to the nearer one, and the other is out of reach");
    // Machines have their addresses by hand: their network is not moved with one edit.
    match (apart(goes.range, all), goes.value.filter(|_| yields(goes))) {
        (Some(range), Some(span)) => diagnostic.suggest(
            format!("take a range that is free: `{range}`"),
            span,
            range.to_string(),
        ),
        (Some(range), None) => {
            diagnostic.help(format!("take a range that is free, such as {range}"))
        }
        (None, _) => diagnostic.help("give one of them another range"),
    }
}

/// A private range of the same size that meets none.
fn apart(range: Cidr, all: &[Range]) -> Option<Cidr> {
    let candidates = (16..32u8)
        .map(|second| [172, second, 0, 0])
        .chain((0..=255).map(|third| [192, 168, third, 0]))
        .chain((1..=255).map(|second| [10, second, 0, 0]));
    if !range.is_v4() {
        return None;
    }
    candidates
        .filter_map(|first| Cidr::around(first.into(), range.prefix()))
        .find(|candidate| all.iter().all(|other| !other.range.overlaps(*candidate)))
}

/// What Docker hands out by itself lies inside of the network.
fn part(model: &Model, network: ThingId, found: &mut Vec<Diagnostic>) {
    let ranges = ranges(model, network);
    let (value, origin) = model.at(network, "pool");
    let Value::Cidr(pool) = value else { return };
    if ranges.is_empty() || ranges.iter().any(|range| range.covers(*pool)) {
        return;
    }
    let name = model.label(network);
    let shown: Vec<String> = ranges.iter().map(Cidr::to_string).collect();
    let diagnostic = Diagnostic::new(
        &codes::E1009,
        span_of(model, origin, network),
        format!("expected a part of `{name}`, which is {}, found {pool}", shown.join(", ")),
    )
    .here("Docker would hand out addresses of another network")
    .label(span(model, network, "range"), "the range of this network")
    .at(model.path(network))
    .note("`pool` is the part of `range` that Docker hands out by itself");
    let last_quarter = Cidr::around(ranges[0].last(), ranges[0].prefix().saturating_add(2));
    found.push(match (last_quarter, value_of(model, origin)) {
        (Some(part), Some(span)) => {
            diagnostic.suggest(format!("take its last quarter: `{part}`"), span, part.to_string())
        }
        _ => diagnostic.help("name a part of the network's range"),
    });
}
