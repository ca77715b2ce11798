//! Addresses of nodes, containers and gateways: inside their network, nobody else's, nothing special.

use super::Check;
use super::shared::{Cables, containers, pairs, rewrite, span, span_of, value_of};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId, reach};
use crate::origin::Origin;
use crate::source::Span;
use crate::types::Cidr;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

pub const CHECK: Check = Check {
    name: "addresses",
    doc: "every address lies in its network and is one machine's alone",
    run,
};

struct Held {
    network: ThingId,
    /// The network whose cable it is: a macvlan that lies on one has its addresses there.
    cable: ThingId,
    /// The node at which the network ends: a bridge is another one on each.
    ends_at: Option<ThingId>,
    ip: IpAddr,
    /// The node or container that has it.
    holder: ThingId,
    span: Span,
    value: Option<Span>,
    /// Others have theirs by the same statement: of a template, or on each node.
    shared: bool,
}

impl Held {
    /// Whose it is, where the statement does not say it.
    fn whose(&self, model: &Model, diagnostic: Diagnostic) -> Diagnostic {
        match self.shared {
            true => {
                let text = format!("of `{}`", model.dotted(self.holder));
                diagnostic.label(model.thing(self.holder).span, text)
            }
            false => diagnostic,
        }
    }
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let known = Cables::of(model);
    let mut held = held(&known, found);
    held.sort_by_key(|h| (h.cable, h.ends_at, h.ip, h.network, h.span.file, h.span.start));
    held.dedup_by_key(|h| (h.network, h.ends_at, h.ip, h.holder));
    let mut holders: FxHashMap<Span, u32> = FxHashMap::default();
    held.iter().for_each(|h| *holders.entry(h.span).or_default() += 1);
    for one in held.iter_mut().filter(|h| holders[&h.span] > 1) {
        (one.value, one.shared) = (None, true);
    }
    for group in held.chunk_by(|a, b| (a.cable, a.ends_at) == (b.cable, b.ends_at)) {
        let taken: BTreeSet<IpAddr> = group.iter().map(|h| h.ip).collect();
        for same in group.chunk_by(|a, b| a.ip == b.ip) {
            if same.len() > 1 {
                found.push(twice(&known, same, &taken));
            }
            let one = &same[0];
            let ranges = known.ranges(one.network);
            let family = ranges.iter().any(|r| r.is_v4() == one.ip.is_ipv4());
            if family && !ranges.iter().any(|r| r.contains(one.ip)) {
                found.push(outside(&known, one, &taken));
            } else if let Some(why) = known.special(one, one.ip) {
                found.push(not_free(&known, one, why, &taken));
            }
        }
    }
    for (network, ranges) in &known.ranges {
        gateway(model, *network, ranges, found);
    }
}

impl Cables<'_> {
    /// Why an address can be no machine's.
    fn special(&self, one: &Held, ip: IpAddr) -> Option<(String, Span)> {
        // A node may be the router itself.
        let router = self.model.kind(one.holder) == "node";
        let mut all = vec![one.network, one.cable];
        all.dedup();
        let mut why = all.into_iter().filter_map(|on| {
            special(self.model, on, self.ranges(on), ip, router)
                .or_else(|| self.reserved(on, ip, one.network))
        });
        why.next().or_else(|| self.handed_out(one.network, ip).filter(|_| router))
    }

    /// Whether a network keeps an address from `whose` machines: a part may be kept for a macvlan.
    fn reserved(&self, network: ThingId, ip: IpAddr, whose: ThingId) -> Option<(String, Span)> {
        let lent = |part: Cidr| {
            let pool = match self.model.get(whose, "pool") {
                Value::Cidr(pool) => Some(*pool),
                _ => None,
            };
            network != whose
                && self.ranges(whose).iter().copied().chain(pool).any(|own| part.covers(own))
        };
        self.model.get(network, "reserve").items().iter().find_map(|item| match item.value {
            Value::Cidr(part) if part.contains(ip) && !lent(part) => {
                let at = span_of(self.model, item.origin, network);
                Some((format!("in {part}, which is reserved"), at))
            }
            _ => None,
        })
    }

    /// Docker gives the addresses of a macvlan's pool to containers, whoever else has them.
    fn handed_out(&self, cable: ThingId, ip: IpAddr) -> Option<(String, Span)> {
        self.model.all("network").iter().find_map(|&network| {
            let Value::Cidr(pool) = self.model.get(network, "pool") else { return None };
            if !pool.contains(ip) || self.under(network) != [cable] {
                return None;
            }
            let why = format!(
                "in {pool}, which Docker hands out to containers of `{}`",
                self.model.label(network)
            );
            Some((why, span(self.model, network, "pool")))
        })
    }
}

fn held(known: &Cables, found: &mut Vec<Diagnostic>) -> Vec<Held> {
    let model = known.model;
    let networks: FxHashMap<&str, ThingId> =
        model.all("network").iter().map(|&network| (model.label(network), network)).collect();
    let mut held = Vec::new();
    for &node in model.all("node") {
        collect(known, node, None, &networks, &mut held, found);
    }
    for container in containers(model) {
        collect(known, container.part, Some(container.node), &networks, &mut held, found);
    }
    held
}

fn collect(
    known: &Cables,
    holder: ThingId,
    inside: Option<ThingId>,
    networks: &FxHashMap<&str, ThingId>,
    held: &mut Vec<Held>,
    found: &mut Vec<Diagnostic>,
) {
    let model = known.model;
    for pair in pairs(model, holder, "address") {
        let Some(&network) = networks.get(&*pair.key) else { continue };
        let ends_at = match model.word(network, "driver") {
            // That a container has no place on these is said elsewhere.
            Some("physical" | "mesh") if inside.is_some() => continue,
            Some("bridge") => inside,
            _ => None,
        };
        let span = span_of(model, pair.origin, holder);
        if pair.value.is_poison() {
            continue;
        }
        of_each_family(model, holder, &pair.key, &reach::ips(&pair.value), span, found);
        let alone = matches!(pair.value, Value::Ip(_));
        let value = value_of(model, pair.origin).filter(|_| alone);
        let cable = inside.map_or(network, |node| known.cable(network, node));
        for ip in reach::ips(&pair.value) {
            held.push(Held { network, cable, ends_at, ip, holder, span, value, shared: false });
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
    if ips.is_empty() {
        return found.push(
            Diagnostic::new(
                &codes::E0303,
                span,
                format!("expected an address on `{network}`, found an empty list"),
            )
            .at(model.path(holder))
            .help("state it, or take the line out: unset is unknown"),
        );
    }
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

/// An address of the network that nobody has and nothing reserves.
fn free(known: &Cables, one: &Held, taken: &BTreeSet<IpAddr>) -> Option<IpAddr> {
    let range = known.ranges(one.network).iter().find(|r| r.is_v4() == one.ip.is_ipv4())?;
    // A network is larger than what anybody counts through: the first few thousand are enough. The next one up comes
    // first, in a range that was missed the one at the same place of it; the lowest one is often a router's.
    let gateways = [one.network, one.cable].map(|n| reach::ips(known.model.get(n, "gateway")));
    let free = |ip: &IpAddr| {
        !taken.contains(ip)
            && !gateways.iter().any(|gateways| gateways.contains(ip))
            && known.special(one, *ip).is_none()
    };
    let some = || range.hosts().take(taken.len() + 4096).filter(free);
    let meant = range.at_the_place_of(one.ip);
    let next = some().find(|ip| *ip >= meant && *ip != one.ip);
    next.or_else(|| some().find(|ip| range.hosts().next() != Some(*ip))).or_else(|| some().next())
}

fn offer(
    diagnostic: Diagnostic,
    known: &Cables,
    one: &Held,
    taken: &BTreeSet<IpAddr>,
) -> Diagnostic {
    let network = known.model.label(one.network);
    match (free(known, one, taken), one.value) {
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

fn twice(known: &Cables, same: &[Held], taken: &BTreeSet<IpAddr>) -> Diagnostic {
    let model = known.model;
    // Machines have their addresses by hand: what is made gives way.
    let made = same.iter().rposition(|h| model.kind(h.holder) != "node");
    let last = made.unwrap_or(same.len() - 1);
    let (last, others) = (&same[last], same.iter().enumerate().filter(|(at, _)| *at != last));
    let network = model.label(last.cable);
    let name = |h: &Held| model.dotted(h.holder);
    let one = same.iter().all(|h| name(h) == name(last));
    let message = if one {
        let nodes = same.iter().filter_map(|h| model.thing(h.holder).node).map(|n| model.label(n));
        let nodes = listed(nodes);
        format!(
            "`{}` has the same address {} on `{network}` on each of {nodes}",
            name(last),
            last.ip
        )
    } else {
        let holders = listed(same.iter().map(name));
        format!("{holders} have the same address {} on `{network}`", last.ip)
    };
    let mut diagnostic = Diagnostic::new(&codes::E1002, last.span, message)
        .here(format!("of `{}`", name(last)))
        .at(model.path(last.holder));
    for (_, other) in others.filter(|_| !one) {
        // What a template or a layer says once is told where each of them stands.
        let stands = model.thing(other.holder).span;
        let place = if other.span == last.span { stands } else { other.span };
        diagnostic = diagnostic.label(place, format!("of `{}`", name(other)));
    }
    if one {
        return diagnostic
            .note(
                "each of them would answer for it, and whoever asks reaches now one, now the other",
            )
            .help("give each its own, in `node NAME { }` of the service");
    }
    let diagnostic = diagnostic
        .note("both would answer for it, and whoever asks reaches now one, now the other");
    offer(diagnostic, known, last, taken)
}

fn outside(known: &Cables, one: &Held, taken: &BTreeSet<IpAddr>) -> Diagnostic {
    let model = known.model;
    let network = model.label(one.network);
    let range: Vec<String> = known.ranges(one.network).iter().map(Cidr::to_string).collect();
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
    offer(one.whose(model, diagnostic), known, one, taken)
}

/// Why a network has no machine at an address.
fn special(
    model: &Model,
    network: ThingId,
    ranges: &[Cidr],
    ip: IpAddr,
    router: bool,
) -> Option<(String, Span)> {
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
    if !router && reach::ips(model.get(network, "gateway")).contains(&ip) {
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
    None
}

fn not_free(
    known: &Cables,
    one: &Held,
    (why, place): (String, Span),
    taken: &BTreeSet<IpAddr>,
) -> Diagnostic {
    let model = known.model;
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
    offer(one.whose(model, diagnostic), known, one, taken)
}

/// A way out that is not on the network leads nowhere.
fn gateway(model: &Model, network: ThingId, ranges: &[Cidr], found: &mut Vec<Diagnostic>) {
    let (value, origin): (&Value, Origin) = model.at(network, "gateway");
    let docker = matches!(model.word(network, "driver"), Some("bridge" | "macvlan" | "ipvlan"));
    for ip in reach::ips(value) {
        // Routers are found at such an address on every cable; Docker wants one of the range.
        let on_the_cable = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local()) && !docker;
        if ranges.is_empty() || on_the_cable || ranges.iter().any(|r| r.contains(ip)) {
            continue;
        }
        let name = model.label(network);
        let range: Vec<String> = ranges.iter().map(Cidr::to_string).collect();
        let same_family = ranges.iter().find(|r| r.is_v4() == ip.is_ipv4());
        let here = match same_family {
            Some(_) => "the gateway lies outside",
            None => "the gateway is of another family",
        };
        let diagnostic = Diagnostic::new(
            &codes::E1001,
            span_of(model, origin, network),
            format!("expected an address of `{name}`, which is {}, found {ip}", range.join(", ")),
        )
        .here(here)
        .label(span(model, network, "range"), "the range of this network")
        .at(model.path(network))
        .note(match docker {
            true => "Docker refuses to make a network whose gateway is not in its range",
            false => "no machine of the network can send anything to it",
        });
        let nearest = same_family.or(ranges.first());
        let first = nearest.and_then(|range| range.hosts().find(|ip| *ip != range.network()));
        let diagnostic = match (first, value) {
            (Some(first), Value::Ip(_)) => rewrite(
                diagnostic,
                model,
                network,
                "gateway",
                &first.to_string(),
                format!("name the network's own way out, often `{first}`"),
            ),
            _ => diagnostic.help("name the network's own way out"),
        };
        found.push(match same_family {
            Some(_) => diagnostic,
            None => diagnostic
                .help("or say the other range too, one of each family: `range = [..., ...]`"),
        });
    }
}
