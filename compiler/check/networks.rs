//! Ranges of networks and of the engine's pools: apart from each other.

use super::Check;
use super::shared::{containers, managed, ranges, span, span_of, value_of, value_span};
use crate::diag::{Diagnostic, codes};
use crate::model::reach::{self, Known};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;
use crate::types::Cidr;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

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
        of_each_family(model, network, found);
        part(model, network, found);
    }
    pools(model, &mut all, found);
    // Ranges lie in each other or apart. In order of their first address, the wider one first, those that hold the one
    // at hand are open.
    all.sort_by(|a, b| {
        let key =
            |r: &Range| (r.range.network(), r.range.prefix(), r.pool, r.span.file, r.span.start);
        key(a).cmp(&key(b))
    });
    let at_home = bridges(model);
    let mut free = Free { all: &all, known: FxHashMap::default() };
    let mut open: Vec<usize> = Vec::new();
    for at in 0..all.len() {
        while open.last().is_some_and(|&last| !all[last].range.covers(all[at].range)) {
            open.pop();
        }
        let meets = |&&before: &&usize| {
            let (before, at) = (&all[before], &all[at]);
            !on_top(model, before, at) && !apart_by_node(&at_home, before, at)
        };
        // What a cable or a bridge holds says more than what a pool might.
        let nearest =
            |pool| open.iter().rev().filter(meets).find(|&&before| all[before].pool == pool);
        if let Some(&before) = nearest(false).or_else(|| nearest(true)) {
            found.push(overlap(model, &all[before], &all[at], &mut free));
        }
        // Of pools beside each other one speaks for all.
        let same =
            |&last: &usize| all[last].pool && all[at].pool && all[last].range == all[at].range;
        if !open.last().is_some_and(same) {
            open.push(at);
        }
    }
}

/// The nodes on which each network ends: it is made where containers join it.
fn bridges(model: &Model) -> BTreeMap<ThingId, BTreeSet<ThingId>> {
    let mut nodes: BTreeMap<ThingId, BTreeSet<ThingId>> = BTreeMap::new();
    for container in containers(model) {
        for network in reach::joined(&mut Known(model), container.part) {
            if model.word(network, "driver") == Some("bridge") {
                nodes.entry(network).or_default().insert(container.node);
            }
        }
    }
    nodes
}

/// Two bridges that no node has both of.
fn apart_by_node(at_home: &BTreeMap<ThingId, BTreeSet<ThingId>>, a: &Range, b: &Range) -> bool {
    match (at_home.get(&a.of), at_home.get(&b.of)) {
        (Some(a), Some(b)) => a.is_disjoint(b),
        _ => false,
    }
}

fn pools(model: &Model, all: &mut Vec<Range>, found: &mut Vec<Diagnostic>) {
    let mut seen = FxHashSet::default();
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
            if !seen.insert((range, span)) {
                continue; // one pool of a layer, met on each of its nodes
            }
            let size = match &item.value {
                Value::Map(_) => item.value.get("size").cloned(),
                Value::Thing(pool) => Some(model.get(*pool, "size").clone()),
                _ => None,
            };
            if let Some(Value::Int(size)) = size {
                found.extend(pieces(model, node, range, size, span));
            }
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

/// A piece of a pool is no larger than the pool, and no smaller than one address.
fn pieces(model: &Model, node: ThingId, base: Cidr, size: i64, span: Span) -> Option<Diagnostic> {
    let all = if base.is_v4() { 32 } else { 128 };
    if (i64::from(base.prefix())..=all).contains(&size) {
        return None;
    }
    let prefix = base.prefix();
    let message = format!("expected pieces of {base} from /{prefix} to /{all}, found /{size}");
    Some(
        Diagnostic::new(&codes::E1009, span, message)
            .here("the engine would not start with it")
            .at(model.path(node))
            .note("`size` is the number behind the slash of each network that Docker cuts out of `base`")
            .help(format!("take smaller pieces, such as `size = {}`", (prefix + 8).min(all as u8))),
    )
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
        || (a.pool && b.pool)
        || pair.0.is_none()
        || pair.1.is_none()
}

fn overlap(model: &Model, before: &Range, at: &Range, free: &mut Free) -> Diagnostic {
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
    // Two houses have one range more often than not; the compiler does not know what leads from cable to cable.
    let cable = |r: &Range| !r.pool && model.word(r.of, "driver") == Some("physical");
    let diagnostic = match cable(before) && cable(at) {
        true => diagnostic
            .note("where nothing leads from one to the other, as from house to house, `allow E1003 = \"...\"` says so"),
        false => diagnostic,
    };
    // Machines have their addresses by hand: their network is not moved with one edit.
    match (free.like(goes.range), goes.value.filter(|_| yields(goes))) {
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

/// What no network has, by the size that is asked for.
struct Free<'a> {
    all: &'a [Range],
    known: FxHashMap<u8, Option<Cidr>>,
}

impl Free<'_> {
    /// A private range of the same size that meets none.
    fn like(&mut self, range: Cidr) -> Option<Cidr> {
        if !range.is_v4() {
            return None;
        }
        let all = self.all;
        let meets_none = |candidate: &Cidr| all.iter().all(|one| !one.range.overlaps(*candidate));
        *self.known.entry(range.prefix()).or_insert_with(|| {
            let candidates = (16..32u8)
                .map(|second| [172, second, 0, 0])
                .chain((0..=255).map(|third| [192, 168, third, 0]))
                .chain((1..=255).map(|second| [10, second, 0, 0]));
            candidates
                .filter_map(|first| Cidr::around(first.into(), range.prefix()))
                .find(meets_none)
        })
    }
}

/// A network has one range and one way out of each family.
fn of_each_family(model: &Model, network: ThingId, found: &mut Vec<Diagnostic>) {
    let gateways = reach::ips(model.get(network, "gateway"));
    let all = [
        ("range", ranges(model, network).into_iter().map(Cidr::is_v4).collect::<Vec<bool>>()),
        ("gateway", gateways.iter().map(IpAddr::is_ipv4).collect()),
    ];
    for (field, families) in all {
        let twice = [true, false]
            .into_iter()
            .find(|old| families.iter().filter(|family| *family == old).count() > 1);
        let Some(old) = twice else { continue };
        let family = if old { "IPv4" } else { "IPv6" };
        let name = model.label(network);
        let message =
            format!("expected one {field} of each family for `{name}`, found several of {family}");
        found.push(
            Diagnostic::new(&codes::E0303, span(model, network, field), message)
                .at(model.path(network))
                .note("a second one is a network of its own: what leads from one to the other is a router")
                .help("keep one, and declare another `network` for the other"),
        );
    }
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
