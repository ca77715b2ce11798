//! Addresses of nodes, containers and gateways: inside their network, nobody else's, nothing special.

use super::Check;
use super::shared::{containers, pairs, rewrite, span, span_of, value_of};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId, reach};
use crate::origin::Origin;
use crate::source::Span;
use crate::types::Cidr;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub const CHECK: Check = Check {
    name: "addresses",
    doc: "every address lies in its network and is one machine's alone",
    run,
};

struct Held {
    network: ThingId,
    /// The node at which the network ends: a bridge is another one on each.
    ends_at: Option<ThingId>,
    ip: IpAddr,
    /// The node or container that has it.
    holder: ThingId,
    span: Span,
    value: Option<Span>,
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut held = held(model, found);
    held.sort_by_key(|h| (h.network, h.ends_at, h.ip, h.span.file, h.span.start));
    held.dedup_by_key(|h| (h.network, h.ends_at, h.ip, h.holder));
    let ranges: BTreeMap<ThingId, Vec<Cidr>> =
        model.all("network").iter().map(|&n| (n, ranges(model, n))).collect();
    for group in held.chunk_by(|a, b| (a.network, a.ends_at) == (b.network, b.ends_at)) {
        let network = group[0].network;
        let Some(ranges) = ranges.get(&network) else { continue };
        let taken: BTreeSet<IpAddr> = group.iter().map(|h| h.ip).collect();
        for same in group.chunk_by(|a, b| a.ip == b.ip) {
            if same.len() > 1 {
                found.push(twice(model, same, ranges, &taken));
            }
            let one = &same[0];
            let family = ranges.iter().any(|r| r.is_v4() == one.ip.is_ipv4());
            if family && !ranges.iter().any(|r| r.contains(one.ip)) {
                found.push(outside(model, one, ranges, &taken));
            } else if let Some(why) = special(model, network, ranges, one.ip) {
                found.push(not_free(model, one, why, ranges, &taken));
            }
        }
    }
    for (network, ranges) in &ranges {
        gateway(model, *network, ranges, found);
    }
}

fn held(model: &Model, found: &mut Vec<Diagnostic>) -> Vec<Held> {
    let networks: FxHashMap<&str, ThingId> =
        model.all("network").iter().map(|&network| (model.label(network), network)).collect();
    let mut held = Vec::new();
    for &node in model.all("node") {
        collect(model, node, None, &networks, &mut held, found);
    }
    for container in containers(model) {
        collect(model, container.part, Some(container.node), &networks, &mut held, found);
    }
    held
}

fn collect(
    model: &Model,
    holder: ThingId,
    inside: Option<ThingId>,
    networks: &FxHashMap<&str, ThingId>,
    held: &mut Vec<Held>,
    found: &mut Vec<Diagnostic>,
) {
    for pair in pairs(model, holder, "address") {
        let Some(&network) = networks.get(&*pair.key) else { continue };
        let ends_at = match model.word(network, "driver") {
            // That a container has no place on these is said elsewhere.
            Some("physical" | "mesh") if inside.is_some() => continue,
            Some("bridge") => inside,
            _ => None,
        };
        let span = span_of(model, pair.origin, holder);
        of_each_family(model, holder, &pair.key, &reach::ips(&pair.value), span, found);
        let alone = matches!(pair.value, Value::Ip(_));
        let value = value_of(model, pair.origin).filter(|_| alone);
        for ip in reach::ips(&pair.value) {
            held.push(Held { network, ends_at, ip, holder, span, value });
        }
    }
}

/// A machine has one address of each family on a network: of two, nobody could say which one is meant.
fn of_each_family(
    model: &Model,
    holder: ThingId,
    network: &str,
    ips: &[IpAddr],
    span: Span,
    found: &mut Vec<Diagnostic>,
) {
    let again = ips
        .iter()
        .enumerate()
        .find(|(at, ip)| ips[..*at].iter().any(|first| first.is_ipv4() == ip.is_ipv4()));
    let Some((_, again)) = again else { return };
    let family = if again.is_ipv4() { "IPv4" } else { "IPv6" };
    found.push(
        Diagnostic::new(
            &codes::E0303,
            span,
            format!("expected one address of each family on `{network}`, found two of {family}"),
        )
        .at(model.path(holder))
        .note("what others are told to reach it by must be one")
        .help("keep the one that it is reached by"),
    );
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

/// An address of the network that nobody has and nothing reserves.
fn free(model: &Model, one: &Held, ranges: &[Cidr], taken: &BTreeSet<IpAddr>) -> Option<IpAddr> {
    let range = ranges.iter().find(|r| r.is_v4() == one.ip.is_ipv4())?;
    // A network is larger than what anybody counts through: the first few thousand are enough. The next one up comes
    // first; the lowest ones are often a router's.
    let gateway = reach::ips(model.get(one.network, "gateway"));
    let free = |ip: &IpAddr| {
        !taken.contains(ip)
            && !gateway.contains(ip)
            && special(model, one.network, ranges, *ip).is_none()
    };
    let some = || range.hosts().take(taken.len() + 4096).filter(free);
    some().find(|ip| *ip > one.ip).or_else(|| some().next())
}

fn offer(
    diagnostic: Diagnostic,
    model: &Model,
    one: &Held,
    ranges: &[Cidr],
    taken: &BTreeSet<IpAddr>,
) -> Diagnostic {
    let network = model.label(one.network);
    match (free(model, one, ranges, taken), one.value) {
        (Some(ip), Some(span)) => diagnostic.suggest(
            format!("take a free address of `{network}`: `{ip}`"),
            span,
            ip.to_string(),
        ),
        (Some(ip), None) => {
            diagnostic.help(format!("take a free address of `{network}`, such as {ip}"))
        }
        (None, _) => diagnostic.help(format!("widen the range of `{network}`")),
    }
}

fn twice(model: &Model, same: &[Held], ranges: &[Cidr], taken: &BTreeSet<IpAddr>) -> Diagnostic {
    let (first, last) = (&same[0], &same[same.len() - 1]);
    let network = model.label(first.network);
    let holders = listed(same.iter().map(|h| model.dotted(h.holder)));
    let mut diagnostic = Diagnostic::new(
        &codes::E1002,
        last.span,
        format!("{holders} have the same address {} on `{network}`", last.ip),
    )
    .here(format!("of `{}`", model.dotted(last.holder)))
    .at(model.path(last.holder));
    for other in &same[..same.len() - 1] {
        diagnostic = diagnostic.label(other.span, format!("of `{}`", model.dotted(other.holder)));
    }
    let diagnostic = diagnostic
        .note("both machines would answer for it, and whoever asks reaches now one, now the other");
    offer(diagnostic, model, last, ranges, taken)
}

fn outside(model: &Model, one: &Held, ranges: &[Cidr], taken: &BTreeSet<IpAddr>) -> Diagnostic {
    let network = model.label(one.network);
    let range: Vec<String> = ranges.iter().map(Cidr::to_string).collect();
    let range = range.join(", ");
    let diagnostic = Diagnostic::new(
        &codes::E1001,
        one.span,
        format!("expected an address of `{network}`, which is {range}, found {}", one.ip),
    )
    .here(format!("outside of {range}"))
    .label(span(model, one.network, "range"), "the range of this network")
    .at(model.path(one.holder))
    .note("the other machines of the network would not find it there");
    offer(diagnostic, model, one, ranges, taken)
}

/// Why an address can be no machine's.
fn special(model: &Model, network: ThingId, ranges: &[Cidr], ip: IpAddr) -> Option<(String, Span)> {
    let range = ranges.iter().find(|r| r.contains(ip))?;
    if range.is_v4() && range.prefix() < 31 {
        if ip == range.network() {
            return Some((
                "the number of the network itself".into(),
                span(model, network, "range"),
            ));
        }
        if ip == range.last() {
            return Some((
                "the network's address for broadcasts".into(),
                span(model, network, "range"),
            ));
        }
    }
    let driver = model.word(network, "driver");
    if driver != Some("physical")
        && driver != Some("mesh")
        && reach::ips(model.get(network, "gateway")).contains(&ip)
    {
        return Some(("the network's gateway".into(), span(model, network, "gateway")));
    }
    // Docker takes the first address of a bridge for itself, where no other is its gateway.
    let first = || range.hosts().next() == Some(ip);
    let gateways = || reach::ips(model.get(network, "gateway"));
    if driver == Some("bridge")
        && model.get(network, "pool").is_none()
        && !gateways().iter().any(|other| other.is_ipv4() == ip.is_ipv4())
        && first()
    {
        let why = "the gateway of the bridge: Docker takes the first address of a range for itself";
        return Some((why.into(), span(model, network, "range")));
    }
    let reserved = model.get(network, "reserve").items().iter();
    for item in reserved {
        if let Value::Cidr(part) = item.value
            && part.contains(ip)
        {
            let at = span_of(model, item.origin, network);
            return Some((format!("in {part}, which is reserved"), at));
        }
    }
    None
}

fn not_free(
    model: &Model,
    one: &Held,
    (why, place): (String, Span),
    ranges: &[Cidr],
    taken: &BTreeSet<IpAddr>,
) -> Diagnostic {
    let holder = model.dotted(one.holder);
    let diagnostic = Diagnostic::new(
        &codes::E1008,
        one.span,
        format!("`{holder}` cannot have the address {}: it is {why}", one.ip),
    )
    .here("taken by this machine")
    .label(place, "said here")
    .at(model.path(one.holder))
    .note("something else already answers there, or will");
    offer(diagnostic, model, one, ranges, taken)
}

/// A way out that is not on the network leads nowhere.
fn gateway(model: &Model, network: ThingId, ranges: &[Cidr], found: &mut Vec<Diagnostic>) {
    let (value, origin): (&Value, Origin) = model.at(network, "gateway");
    for ip in reach::ips(value) {
        let same_family = ranges.iter().any(|r| r.is_v4() == ip.is_ipv4());
        if !same_family || ranges.iter().any(|r| r.contains(ip)) {
            continue;
        }
        let name = model.label(network);
        let range: Vec<String> = ranges.iter().map(Cidr::to_string).collect();
        let diagnostic = Diagnostic::new(
            &codes::E1001,
            span_of(model, origin, network),
            format!("expected an address of `{name}`, which is {}, found {ip}", range.join(", ")),
        )
        .here("the gateway lies outside")
        .label(span(model, network, "range"), "the range of this network")
        .at(model.path(network))
        .note("no machine of the network can send anything to it");
        let first =
            ranges.iter().find(|r| r.is_v4() == ip.is_ipv4()).and_then(|r| r.hosts().next());
        found.push(match (first, value) {
            (Some(first), Value::Ip(_)) => rewrite(
                diagnostic,
                model,
                network,
                "gateway",
                &first.to_string(),
                format!("name the network's own way out, often `{first}`"),
            ),
            _ => diagnostic.help("name the network's own way out"),
        });
    }
}
