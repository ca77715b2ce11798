//! Two programs of one node on one port: of services, of the node, of well-known daemons.

use super::Check;
use super::shared::{head, is_library, running_on, stated, stated_at, texts, value_span};
use crate::diag::{Diagnostic, codes};
use crate::model::reach::{self, Known, Space};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;
use crate::types::PortRange;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub const CHECK: Check = Check {
    name: "ports",
    doc: "no two programs of a node listen on one port of one address",
    run,
};

/// What takes ports of a node.
struct Claim<'a> {
    range: PortRange,
    udp: bool,
    /// Empty: every address of the node.
    on: Vec<IpAddr>,
    span: Span,
    who: Who<'a>,
    /// The port thing, where its number can be stated anew.
    port: Option<ThingId>,
    /// Who gives way: the greater one.
    rank: u8,
    /// Claims of one owner never meet.
    owner: Option<ThingId>,
}

/// Who takes a port.
#[derive(Clone, Copy)]
enum Who<'a> {
    Port(ThingId),
    Package { name: &'a str, brings: &'a str },
    System { os: &'a str, brings: &'a str },
    Ssh,
}

impl Who<'_> {
    /// As the label under its place says it.
    fn told(self, model: &Model) -> String {
        match self {
            Who::Port(port) => format!("`{}` listens here", model.dotted(port)),
            Who::Package { name, brings } => {
                format!("the package `{name}` brings {brings}, which listens there")
            }
            Who::System { os, brings } => {
                format!("{os} comes with {brings}, which listens there: `resolver = off` ends that")
            }
            Who::Ssh => "the ssh daemon of this node listens there".into(),
        }
    }
}

impl Claim<'_> {
    fn meets(&self, other: &Claim) -> bool {
        self.udp == other.udp
            && self.range.overlaps(other.range)
            && (self.owner.is_none() || self.owner != other.owner)
            && (self.on.is_empty()
                || other.on.is_empty()
                || self.on.iter().any(|ip| other.on.contains(ip)))
    }
}

const DAEMON: u8 = 0;
const OF_NODE: u8 = 1;
const OF_UNIT: u8 = 2;
const OF_CONTAINER: u8 = 3;

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let daemons = Daemon::all(model);
    for &node in model.all("node") {
        let mut claims = Vec::new();
        of_services(model, node, &mut claims);
        if model.flag(node, "managed") {
            of_daemons(model, node, &daemons, &mut claims);
        }
        mapped(model, node, found);
        for &port in model.children(node, "port") {
            claim_port(model, port, OF_NODE, &mut claims);
        }
        clashes(model, node, claims, found);
        within(model, node, found);
    }
}

/// Containers that live in one network listen beside each other, as programs of one machine do.
fn within(model: &Model, node: ThingId, found: &mut Vec<Diagnostic>) {
    let mut rooms: BTreeMap<ThingId, Vec<ThingId>> = BTreeMap::new();
    for container in running_on(model, node, "container") {
        if let Space::Container(whose) = reach::space(&mut Known(model), container) {
            rooms.entry(whose).or_default().push(container);
        }
    }
    for (whose, containers) in rooms.into_iter().filter(|(_, all)| all.len() > 1) {
        let mut claims: Vec<Claim> = Vec::new();
        for container in containers {
            for &port in model.children(container, "port") {
                let Value::Ports(ports) = model.get(port, "value") else { continue };
                let before = claims.len();
                claim(model, port, ports.container, &[], OF_CONTAINER, &mut claims);
                claims[before..].iter_mut().for_each(|claim| claim.owner = Some(container));
            }
        }
        let mut told: Vec<Span> = Vec::new();
        for (at, goes) in claims.iter().enumerate() {
            let stays = claims[..at].iter().find(|stays| stays.meets(goes));
            let Some(stays) = stays.filter(|_| !told.contains(&goes.span)) else { continue };
            told.push(goes.span);
            let number = stays.range.first.max(goes.range.first);
            let room = model.dotted(whose);
            let message = format!("port {number} inside of `{room}` is taken twice");
            found.push(
                Diagnostic::new(&codes::E1101, goes.span, message)
                    .here(goes.who.told(model))
                    .label(stays.span, stays.who.told(model))
                    .at(goes.port.map_or_else(|| model.path(node), |port| model.path(port)))
                    .note(format!("both live in the network of `{room}`, where only one program can listen on a port"))
                    .help("let one of the two listen elsewhere, or give it a network of its own"),
            );
        }
    }
}

/// `8080 -> 80` where there is nothing between the program and the node.
fn mapped(model: &Model, node: ThingId, found: &mut Vec<Diagnostic>) {
    let parts = ["container", "unit"].into_iter().flat_map(|word| running_on(model, node, word));
    let of_parts: Vec<ThingId> =
        parts.flat_map(|part| model.children(part, "port").to_vec()).collect();
    for &port in of_parts.iter().chain(model.children(node, "port")) {
        let mut known = Known(model);
        let Value::Ports(ports) = model.get(port, "value") else { continue };
        let Some(host) = ports.host else { continue };
        let inside = ports.container;
        let part = model.thing(port).parent;
        let off = match reach::space(&mut known, port) {
            Space::Container(whose) => {
                Some(whose).filter(|&whose| reach::is_off(&mut known, whose))
            }
            _ => None,
        };
        if off.is_none() && (host == inside || !reach::is_of_host(&mut known, port)) {
            continue;
        }
        let (why, at) = match part.map(|part| (model.kind(part), part)) {
            Some(_) if let Some(off) = off => {
                ("it has no network", stated(model, off, "network_mode"))
            }
            Some(("container", part)) => {
                ("it uses the node's network", stated(model, part, "network_mode"))
            }
            Some((_, part)) => ("a program of the host", head(model, part)),
            None => continue,
        };
        let diagnostic = Diagnostic::new(
            &codes::E1115,
            stated(model, port, "value"),
            format!("`{}` maps {host} to {inside}, and nothing maps ports there", model.dotted(port)),
        )
        .here("one number too many")
        .label(at, why)
        .at(model.path(port))
        .note(match off {
            Some(_) => "a container without a network listens for itself alone",
            None => "a unit, and a container with the node's network, listens on the node itself: the number is the one that its program opens",
        });
        let text = inside.to_string();
        let title = format!("state what it listens on: `{text}`");
        found.push(super::shared::rewrite(diagnostic, model, port, "value", &text, title));
    }
}

fn of_services<'a>(model: &'a Model, node: ThingId, claims: &mut Vec<Claim<'a>>) {
    for (field, rank) in [("container", OF_CONTAINER), ("unit", OF_UNIT)] {
        for part in running_on(model, node, field) {
            for &port in model.children(part, "port") {
                claim_port(model, port, rank, claims);
            }
        }
    }
}

fn claim_port<'a>(model: &'a Model, port: ThingId, rank: u8, claims: &mut Vec<Claim<'a>>) {
    let mut known = Known(model);
    let Some(range) = reach::published(&mut known, port) else { return };
    let Some(on) = addresses(model, port, rank) else { return };
    claim(model, port, range, &on, rank, claims);
}

fn claim<'a>(
    model: &'a Model,
    port: ThingId,
    range: PortRange,
    on: &[IpAddr],
    rank: u8,
    claims: &mut Vec<Claim<'a>>,
) {
    let protocol = model.word(port, "protocol").unwrap_or("tcp");
    let span = stated_at(model, model.at(port, "value").1, port);
    for udp in [false, true] {
        if (udp && protocol != "tcp") || (!udp && protocol != "udp") {
            claims.push(Claim {
                range,
                udp,
                on: on.to_vec(),
                span,
                who: Who::Port(port),
                port: Some(port),
                rank,
                owner: None,
            });
        }
    }
}

/// The addresses that a port is taken on; `None` where it is on none or not known.
fn addresses(model: &Model, port: ThingId, rank: u8) -> Option<Vec<IpAddr>> {
    let bind = reach::ips(model.get(port, "bind"));
    if model.get(port, "bind").is_poison() || model.get(port, "audience").is_poison() {
        return None;
    }
    if !bind.is_empty() {
        return Some(everywhere(bind));
    }
    if model.word(port, "audience") == Some("node") {
        return Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let mut known = Known(model);
    // A program of the host listens where it likes: only `bind` and `node` keep it off an address.
    if rank != OF_CONTAINER || reach::is_of_host(&mut known, port) {
        return Some(Vec::new());
    }
    match reach::bound(&mut known, port) {
        None => Some(Vec::new()),
        Some(on) => Some(on).filter(|on| !on.is_empty()),
    }
}

/// A row of the library's table of daemons, or of the project's own.
struct Daemon<'a> {
    tcp: Vec<u16>,
    udp: Vec<u16>,
    bind: Vec<IpAddr>,
    packages: Vec<&'a str>,
    systemd: Option<&'a str>,
    what: &'a str,
    name: &'a str,
}

impl<'a> Daemon<'a> {
    fn all(model: &'a Model) -> Vec<Daemon<'a>> {
        let numbers = |id, field| {
            let items = model.get(id, field).items();
            let number = |value: &Value| match value {
                Value::Int(n) => u16::try_from(*n).ok(),
                _ => None,
            };
            items.iter().filter_map(|item| number(&item.value)).collect()
        };
        let daemon = |&id: &ThingId| Daemon {
            tcp: numbers(id, "tcp"),
            udp: numbers(id, "udp"),
            bind: everywhere(reach::ips(model.get(id, "bind"))),
            packages: texts(model, id, "packages").map(|(text, _)| text).collect(),
            systemd: model.text(id, "systemd"),
            what: model.text(id, "description").unwrap_or_default(),
            name: model.label(id),
        };
        model.all("daemon").iter().map(daemon).collect()
    }

    /// Whether a unit that states its ports is this very daemon, under whichever name of it: some have several.
    fn is(&self, model: &Model, unit: ThingId) -> bool {
        let systemd = model.text(unit, "systemd");
        let brings =
            || texts(model, unit, "packages").any(|(text, _)| self.packages.contains(&text));
        let mut numbers = self.tcp.iter().chain(&self.udp);
        let states = !model.children(unit, "port").is_empty();
        let named = systemd.is_some() && systemd == self.systemd;
        let unnamed = systemd.is_none() || self.systemd.is_none();
        states && (named || brings() && (unnamed || numbers.any(|&n| listens(model, unit, n))))
    }
}

/// Whether a program states that it listens on a port.
fn listens(model: &Model, program: ThingId, number: u16) -> bool {
    model.children(program, "port").iter().any(|&port| match model.get(port, "value") {
        Value::Ports(ports) => ports.container.overlaps(PortRange::one(number)),
        _ => false,
    })
}

fn of_daemons<'a>(
    model: &'a Model,
    node: ThingId,
    daemons: &[Daemon<'a>],
    claims: &mut Vec<Claim<'a>>,
) {
    let mut brought: Vec<(&str, Span, Option<ThingId>)> = Vec::new();
    for (text, origin) in texts(model, node, "packages") {
        brought.push((text, stated_at(model, origin, node), None));
    }
    let units: Vec<ThingId> = running_on(model, node, "unit").collect();
    for &unit in &units {
        for (text, origin) in texts(model, unit, "packages") {
            brought.push((text, stated_at(model, origin, unit), Some(unit)));
        }
    }
    let spoken_for = |daemon: &&Daemon| units.iter().any(|&unit| daemon.is(model, unit));
    for daemon in daemons.iter().filter(|daemon| !spoken_for(daemon)) {
        let package = brought.iter().find(|(text, ..)| daemon.packages.contains(text)).copied();
        let stub = daemon.name == "resolved-stub";
        if stub && model.word(node, "resolver") == Some("off") {
            continue;
        }
        let (who, span, owner) = match (package, model.word(node, "os")) {
            (Some((name, span, owner)), _) => {
                (Who::Package { name, brings: daemon.what }, span, owner)
            }
            (None, Some(os @ ("ubuntu" | "fedora"))) if stub => {
                (Who::System { os, brings: daemon.what }, stated(model, node, "os"), None)
            }
            _ => continue,
        };
        let ports = daemon.tcp.iter().map(|&p| (p, false));
        for (number, udp) in ports.chain(daemon.udp.iter().map(|&p| (p, true))) {
            if daemon.name == "sshd" && number == 22 {
                continue;
            }
            claims.push(Claim {
                range: PortRange::one(number),
                udp,
                on: daemon.bind.clone(),
                span,
                who,
                port: None,
                rank: DAEMON,
                owner: owner.or(Some(node)),
            });
        }
    }
    let linux = model.word(node, "os").is_some_and(|os| !matches!(os, "windows" | "macos"));
    if let (true, Some(ssh)) = (linux, model.block(node, "ssh"))
        && let Value::Int(number) = model.get(ssh, "port")
        && let Ok(number) = u16::try_from(*number)
        && !daemons.iter().any(|daemon| {
            let told = |&unit: &ThingId| daemon.is(model, unit) && listens(model, unit, number);
            daemon.name == "sshd" && units.iter().any(told)
        })
    {
        claims.push(Claim {
            range: PortRange::one(number),
            udp: false,
            on: Vec::new(),
            span: stated_at(model, model.at(ssh, "port").1, node),
            who: Who::Ssh,
            port: None,
            rank: DAEMON,
            owner: Some(node),
        });
    }
}

/// Of addresses of which one stands for all, none: no address is every address.
fn everywhere(on: Vec<IpAddr>) -> Vec<IpAddr> {
    if on.iter().any(IpAddr::is_unspecified) { Vec::new() } else { on }
}

fn clashes(model: &Model, node: ThingId, mut claims: Vec<Claim>, found: &mut Vec<Diagnostic>) {
    claims.sort_by(|a, b| {
        let key = |c: &Claim| (c.range.first, c.rank, c.span.file, c.span.start, c.udp);
        key(a).cmp(&key(b))
    });
    // Those that hold their ports: what meets one of them does not join them, so they stay few.
    let mut holding: Vec<usize> = Vec::new();
    let mut reported = FxHashSet::default();
    for at in 0..claims.len() {
        holding.retain(|&h| claims[h].range.last >= claims[at].range.first);
        let Some(&other) = holding.iter().find(|&&h| claims[h].meets(&claims[at])) else {
            holding.push(at);
            continue;
        };
        // A wide range that was there first gives way to what is more fixed.
        let (stays, goes) =
            if claims[other].rank > claims[at].rank { (at, other) } else { (other, at) };
        let (stays, goes) = (&claims[stays], &claims[goes]);
        // TCP and UDP of one port are one finding.
        if !reported.insert(places(model, stays, goes)) {
            continue;
        }
        found.push(clash(model, node, stays, goes, &claims));
    }
}

/// Where two ports are told: where each is stated, or of one statement for both, where each program is declared.
fn places(model: &Model, stays: &Claim, goes: &Claim) -> (Span, Span) {
    if stays.span != goes.span {
        return (stays.span, goes.span);
    }
    let program = |claim: &Claim| {
        let part = claim.port.and_then(|port| model.thing(port).parent);
        part.map_or(claim.span, |part| head(model, part))
    };
    (program(stays), program(goes))
}

fn clash(
    model: &Model,
    node: ThingId,
    stays: &Claim,
    goes: &Claim,
    claims: &[Claim],
) -> Diagnostic {
    let number = stays.range.first.max(goes.range.first);
    let name = model.label(node);
    let (first, again) = places(model, stays, goes);
    let mut diagnostic =
        Diagnostic::new(&codes::E1101, again, format!("port {number} of `{name}` is taken twice"))
            .here(goes.who.told(model))
            .label(first, stays.who.told(model))
            .at(goes.port.map_or_else(|| model.path(node), |port| model.path(port)));
    let transport = if goes.udp { "UDP" } else { "TCP" };
    let address = goes.on.iter().find(|ip| stays.on.is_empty() || stays.on.contains(ip));
    let whose = match address.or(stays.on.first()) {
        Some(ip) if *ip == Ipv4Addr::LOCALHOST || *ip == Ipv6Addr::LOCALHOST => {
            format!("on {ip}, where programs of the node find all that is published")
        }
        Some(ip) => format!("on {ip}"),
        None => "on every address of the node".into(),
    };
    diagnostic = diagnostic.note(format!(
        "only one program can listen on a {transport} port of an address, here {whose}"
    ));
    let Some(port) = goes.port else {
        return diagnostic.help("leave one of the two off this node, or let it listen elsewhere");
    };
    let count = goes.range.count();
    let Some(free) = free(claims, goes.range.first, count) else {
        return diagnostic.help("let one of the two listen elsewhere");
    };
    let inner = match model.get(port, "value") {
        Value::Ports(ports) => ports.container,
        _ => goes.range,
    };
    let of_host = reach::is_of_host(&mut Known(model), port);
    let last = free + (count - 1) as u16;
    let outer = if count == 1 { free.to_string() } else { format!("{free}..{last}") };
    let text = if of_host { outer.clone() } else { format!("{outer} -> {inner}") };
    let label = model.label(port);
    if stays.span == goes.span {
        return diagnostic
            .label(goes.span, "both have the number from here")
            .help(format!("state another one for one of them: `override port {label} = {text}`; {outer} is free on `{name}`"));
    }
    let title = format!("{outer} is free on `{name}`: `port {label} = {text}`");
    match value_span(model, port, "value") {
        Some(span) if !is_library(model, head(model, port)) => {
            diagnostic.suggest(title, span, text)
        }
        _ => diagnostic.help(title),
    }
}

/// The first ports above that nobody has, in any protocol and on any address. The claims are in order of their first.
fn free(claims: &[Claim], from: u16, count: u32) -> Option<u16> {
    let start = if from < 1024 { u32::from(from) + 8000 } else { u32::from(from) + 1 };
    let mut at = start;
    for range in claims.iter().map(|claim| claim.range) {
        if u32::from(range.last) >= at {
            if u32::from(range.first) >= at + count {
                break;
            }
            at = u32::from(range.last) + 1;
        }
    }
    (at + count <= 65_536).then_some(at as u16)
}
