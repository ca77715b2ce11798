//! Addresses that stand in texts instead of references: they must lead to a name and a port that are there.

use super::Check;
use super::shared::{containers, is_library, pairs, span_of, stated_at, texts, units, value_of};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::reach::{self, Known, Place, Space};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::origin::Origin;
use crate::types::Ports;
use rustc_hash::FxHashMap;
use std::net::IpAddr;

pub const CHECK: Check =
    Check { name: "literals", doc: "an address that is written out leads to something", run };

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let book = Book::of(model);
    for program in containers(model).chain(units(model)) {
        let from = reach::place(&mut Known(model), program.part);
        for pair in pairs(model, program.part, "env") {
            if let Some(text) = pair.value.as_text() {
                book.look(text, At::alone(pair.origin, program.part), from, found);
            }
        }
        for field in ["command", "entrypoint", "exec"] {
            for (text, origin) in texts(model, program.part, field) {
                let origin = origin.or(model.at(program.part, field).1);
                book.look(text, At::in_list(origin, program.part), from, found);
            }
        }
        for &config in model.children(program.part, "config") {
            let (value, origin) = model.at(config, "value");
            if let Some(text) = value.as_text() {
                book.look(text, At::alone(origin, config), from, found);
            }
        }
    }
    for &node in model.all("node") {
        let Some(docker) = model.block(node, "docker") else { continue };
        let from = Place::host(node);
        for (text, origin) in texts(model, docker, "mirrors") {
            if !book.own_mirror(text, origin, docker, found) {
                book.look(text, At::in_list(origin, docker), from, found);
            }
        }
        for (text, origin) in texts(model, docker, "insecure") {
            book.look(text, At::in_list(origin, docker), from, found);
        }
    }
    for &site in model.all("site") {
        let (value, origin) = model.at(site, "redirect");
        if let Some(text) = value.as_text() {
            book.look(text, At::alone(origin, site), Place::NOWHERE, found);
        }
    }
}

/// Where a text stands.
#[derive(Clone, Copy)]
struct At {
    origin: Origin,
    thing: ThingId,
    /// It is all that is stated there, and can be written anew.
    alone: bool,
}

impl At {
    fn alone(origin: Origin, thing: ThingId) -> At {
        At { origin, thing, alone: true }
    }

    fn in_list(origin: Origin, thing: ThingId) -> At {
        At { alone: false, ..At::alone(origin, thing) }
    }
}

/// A port that something listens on, as its node and as its container number it.
struct Door {
    port: ThingId,
    ports: Ports,
    /// Published, or of a program of the host.
    open: Option<crate::types::PortRange>,
}

/// Who is called what, and who listens where.
struct Book<'a> {
    model: &'a Model,
    names: FxHashMap<String, Vec<ThingId>>,
    sites: FxHashMap<String, ThingId>,
    containers: FxHashMap<String, Vec<ThingId>>,
    doors: FxHashMap<ThingId, Vec<Door>>,
    /// Domains that only this cluster answers for.
    domains: Vec<(&'a str, ThingId)>,
    others: Vec<String>,
    /// The nodes on which the ingress answers.
    ingress: Vec<ThingId>,
}

impl<'a> Book<'a> {
    fn of(model: &'a Model) -> Book<'a> {
        let mut book = Book {
            model,
            names: FxHashMap::default(),
            sites: FxHashMap::default(),
            containers: FxHashMap::default(),
            doors: FxHashMap::default(),
            domains: Vec::new(),
            others: Vec::new(),
            ingress: Vec::new(),
        };
        for &network in model.all("network") {
            if let Some(domain) = model.text(network, "domain") {
                book.domains.push((domain, network));
            }
        }
        book.nodes();
        book.listeners();
        book.sites_and_records();
        book
    }

    fn nodes(&mut self) {
        let model = self.model;
        for &node in model.all("node") {
            let aliases = texts(model, node, "alias").map(|(alias, _)| alias);
            for name in std::iter::once(model.label(node)).chain(aliases) {
                let domains = self.domains.iter().map(|(domain, _)| format!("{name}.{domain}"));
                let all: Vec<String> = domains.chain([name.to_string()]).collect();
                for name in all {
                    self.names.entry(name.to_lowercase()).or_default().push(node);
                }
            }
            for pair in pairs(model, node, "address") {
                for ip in reach::ips(&pair.value) {
                    self.names.entry(ip.to_string()).or_default().push(node);
                }
            }
        }
    }

    fn listeners(&mut self) {
        let model = self.model;
        let mut known = Known(model);
        let mut add = |doors: &mut FxHashMap<ThingId, Vec<Door>>, node, port| {
            if let Some(ports) = reach::ports_of(&mut known, port) {
                let open = reach::published(&mut known, port);
                doors.entry(node).or_default().push(Door { port, ports, open });
            }
        };
        for &node in model.all("node") {
            for &port in model.children(node, "port") {
                add(&mut self.doors, node, port);
            }
        }
        for instance in &model.instances {
            for field in ["container", "unit"] {
                for &part in model.children(instance.thing, field) {
                    for &port in model.children(part, "port") {
                        add(&mut self.doors, instance.node, port);
                    }
                    if field == "container" {
                        let name = reach::dns_name(&Known(model), part);
                        self.containers.entry(name).or_default().push(part);
                    }
                }
            }
        }
    }

    fn sites_and_records(&mut self) {
        let model = self.model;
        if let Some(cluster) = model.cluster {
            let named = model.param(cluster, "ingress", "service").and_then(Value::as_thing);
            let word = model.word(cluster, "ingress").unwrap_or_default();
            if let Some(service) = named.or_else(|| model.find("service", word)) {
                self.ingress = model.instances_of(service).map(|i| i.node).collect();
            }
        }
        for &site in model.all("site") {
            let aliases = texts(model, site, "alias").map(|(alias, _)| alias);
            for name in std::iter::once(model.label(site)).chain(aliases) {
                self.sites.insert(name.to_lowercase(), site);
            }
        }
        for &record in model.all("record") {
            let label = model.label(record).to_lowercase();
            let ip = ["a", "aaaa"].into_iter().find_map(|field| match model.get(record, field) {
                Value::Ip(ip) => Some(ip.to_string()),
                _ => None,
            });
            match ip.and_then(|ip| self.names.get(&ip).cloned()) {
                Some(nodes) => {
                    self.names.insert(label, nodes);
                }
                None => self.others.push(label),
            }
        }
    }

    fn look(&self, text: &str, stands: At, from: Place, found: &mut Vec<Diagnostic>) {
        let def = super::shared::def(self.model, stands.origin);
        if def.is_none_or(|d| is_library(self.model, d.span)) {
            return;
        }
        for (host, port, at) in addresses(text) {
            let fault = self.fault(host, port, is_tcp(&text[..at]), from);
            if let Some(fault) = fault.filter(|fault| !self.may_be_own(fault, stands, from)) {
                found.push(self.report(text, (host, port, at), stands, fault));
                return;
            }
        }
    }

    /// An argument with an address of the program's own node may be where it listens itself.
    fn may_be_own(&self, fault: &Fault, stands: At, from: Place) -> bool {
        let argument =
            !stands.alone && matches!(self.model.kind(stands.thing), "container" | "unit");
        match fault {
            Fault::Closed { nodes, .. } => {
                argument && from.node.is_some_and(|own| nodes.contains(&own))
            }
            _ => false,
        }
    }

    fn fault(&self, host: &str, port: Option<u16>, tcp: bool, from: Place) -> Option<Fault> {
        // One address of IPv6 is written in many ways.
        let ip = host.parse::<IpAddr>().map(|ip| ip.to_string());
        let name = ip.unwrap_or_else(|_| host.to_lowercase());
        if matches!(name.as_str(), "localhost" | "127.0.0.1" | "::1") {
            return self.own_loopback(port?, from);
        }
        if self.site(&name).is_some() {
            let port = port.filter(|port| !matches!(port, 80 | 443))?;
            let open = |&node: &ThingId| self.open(node, port, tcp);
            if self.ingress.is_empty() || self.ingress.iter().any(open) {
                return None;
            }
            return Some(Fault::Closed { nodes: self.ingress.clone(), port });
        }
        if let Some(nodes) = self.names.get(&name) {
            let port = port?;
            let silent = |&node: &ThingId| {
                // Of what is not configured here nothing more is known than it says.
                !self.model.flag(node, "managed") && !self.doors.contains_key(&node)
            };
            if nodes.iter().any(|node| silent(node) || self.open(*node, port, tcp)) {
                return None;
            }
            return Some(Fault::Closed { nodes: nodes.clone(), port });
        }
        if self.others.contains(&name) {
            return None;
        }
        if let Some(&(_, network)) = self
            .domains
            .iter()
            .find(|(domain, _)| name.ends_with(&format!(".{}", domain.to_lowercase())))
        {
            return Some(Fault::Nobody { network });
        }
        let parts = self.containers.get(&name)?;
        let Space::Container(_) = from.space else { return None };
        let near = |&part: &ThingId| {
            let ports = self.model.children(part, "port");
            ports.first().is_none_or(|&port| {
                reach::seen(&mut Known(self.model), port, from)
                    .is_ok_and(|seen| seen.host == name || seen.host == "127.0.0.1")
            })
        };
        (!parts.iter().any(near)).then(|| Fault::FarContainer { part: parts[0] })
    }

    /// The site of a name, or the one for all names below one, where nothing else has it.
    fn site(&self, name: &str) -> Option<ThingId> {
        let any = || {
            let taken = self.names.contains_key(name) || self.others.iter().any(|it| it == name);
            let (_, domain) = name.split_once('.').filter(|_| !taken)?;
            self.sites.get(&format!("*.{domain}"))
        };
        self.sites.get(name).or_else(any).copied()
    }

    /// Whether anything listens there; on TCP, where that alone is asked for.
    fn open(&self, node: ThingId, port: u16, tcp: bool) -> bool {
        let ssh = self.model.block(node, "ssh").map(|ssh| self.model.get(ssh, "port"));
        if matches!(ssh, Some(Value::Int(number)) if *number == i64::from(port)) {
            return true;
        }
        self.doors.get(&node).is_some_and(|doors| {
            let mut open =
                doors.iter().filter(|d| d.open.is_some_and(|range| range.contains(port)));
            open.any(|door| !(tcp && self.is_udp(door)))
        }) || self.by_daemon(node, port, tcp)
    }

    fn is_udp(&self, door: &Door) -> bool {
        self.model.word(door.port, "protocol") == Some("udp")
    }

    fn by_daemon(&self, node: ThingId, port: u16, tcp: bool) -> bool {
        let model = self.model;
        let units = super::shared::running_on(model, node, "unit");
        let packages: Vec<&str> = std::iter::once(node)
            .chain(units)
            .flat_map(|thing| texts(model, thing, "packages").map(|(text, _)| text))
            .collect();
        model.all("daemon").iter().any(|&daemon| {
            texts(model, daemon, "packages").any(|(package, _)| packages.contains(&package))
                && ["tcp", "udp"].into_iter().take(if tcp { 1 } else { 2 }).any(|field| {
                    let mut items = model.get(daemon, field).items().iter();
                    items.any(|i| matches!(i.value, Value::Int(n) if n == i64::from(port)))
                })
        })
    }

    /// `localhost` of a container is the container.
    fn own_loopback(&self, port: u16, from: Place) -> Option<Fault> {
        let (Space::Container(container), Some(node)) = (from.space, from.node) else {
            return None;
        };
        let doors = self.doors.get(&node)?;
        let own = |door: &Door| {
            reach::space(&mut Known(self.model), door.port) == Space::Container(container)
        };
        if doors.iter().any(|door| own(door) && door.ports.container.contains(port)) {
            return None;
        }
        let instance = self.model.thing(container).instance;
        let of_neighbour = |door: &&Door| {
            let beside = self.model.thing(door.port).instance == instance;
            door.open.is_some_and(|range| range.contains(port))
                || beside && door.ports.container.contains(port)
        };
        let other = doors.iter().filter(|door| !own(door)).find(of_neighbour)?;
        Some(Fault::Loopback { door: other.port })
    }

    fn report(
        &self,
        text: &str,
        (host, port, at): (&str, Option<u16>, usize),
        stands: At,
        fault: Fault,
    ) -> Diagnostic {
        let model = self.model;
        let shown = match port {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        let At { origin, thing, alone } = stands;
        let place = stated_at(model, origin, thing);
        let value = value_of(model, origin).filter(|_| alone);
        let start = |message: String, here: &str| {
            Diagnostic::new(&codes::E1107, place, message).here(here).at(model.path(thing))
        };
        match fault {
            Fault::Closed { nodes, port } => {
                self.closed(text, (host, port, at), place, thing, value, &nodes)
            }
            Fault::Nobody { network } => {
                let domain = model.text(network, "domain").unwrap_or_default();
                start(format!("nothing in this cluster is called `{host}`"), "leads nowhere")
                    .label(span_of(model, model.at(network, "domain").1, network), format!("only this cluster answers for `{domain}`"))
                    .note("nodes, their aliases, sites and records have names there; containers and services do not")
                    .help(format!("declare it: `record \"{host}\" {{ a = ... }}`, or a `site`"))
                    .help("or name the port: `SERVICE.PORT.url` is its address wherever it is used")
            }
            Fault::FarContainer { part } => {
                let node = model.thing(part).node.map_or("another node", |node| model.label(node));
                start(format!("`{shown}` cannot be reached from here by that name"), "a name of another network")
                    .label(super::shared::head(model, part), format!("this container, on `{node}`"))
                    .note("Docker knows a container's name inside of the networks that it joins, and these end at their node")
                    .help(format!("name the port instead: `{}.PORT.url`", model.dotted(part)))
            }
            Fault::Loopback { door } => {
                let name = model.dotted(door);
                let published = reach::published(&mut Known(model), door);
                let open = published.zip(port).is_some_and(|(range, port)| range.contains(port));
                let whose = if open { "on the node" } else { "in a container of its own" };
                start(
                    format!("`{shown}` is this container itself, and nothing in it listens there"),
                    "its own loopback",
                )
                .label(
                    stated_at(model, model.at(door, "value").1, door),
                    format!("`{name}` listens {whose}"),
                )
                .note("a container has a `localhost` of its own")
                .help(format!("name the port: `{name}.address`"))
            }
        }
    }

    fn closed(
        &self,
        text: &str,
        (host, port, at): (&str, u16, usize),
        place: crate::source::Span,
        thing: ThingId,
        value: Option<crate::source::Span>,
        nodes: &[ThingId],
    ) -> Diagnostic {
        let model = self.model;
        let names = listed(nodes.iter().map(|&n| model.label(n)));
        let mut diagnostic =
            Diagnostic::new(&codes::E1107, place, format!("nothing listens at `{host}:{port}`"))
                .here(format!("port {port} of {names}"))
                .at(model.path(thing));
        for &node in nodes.iter().take(4) {
            diagnostic = diagnostic.label(model.thing(node).span, "this node");
        }
        if let Some(site) = self.site(&host.to_lowercase()) {
            diagnostic = diagnostic.label(
                super::shared::head(model, site),
                "a site answers on 80 and 443, at the ingress",
            );
        }
        let mut doors = nodes.iter().flat_map(|node| self.doors.get(node).into_iter().flatten());
        let udp = doors.clone().find(|door| door.open.is_some_and(|range| range.contains(port)));
        if let Some(door) = udp {
            let label = model.dotted(door.port);
            return diagnostic
                .label(
                    stated_at(model, model.at(door.port, "value").1, door.port),
                    format!("`{label}` listens there for UDP alone"),
                )
                .note("what the text says is asked for over TCP")
                .help(format!(
                    "say so, if it listens for TCP too: `protocol = both` of `{label}`"
                ));
        }
        let inner = doors.find(|door| {
            door.ports.container.contains(port)
                && (door.open.is_some() || self.names_it(host, door))
        });
        if let Some(door) = inner {
            let label = model.dotted(door.port);
            let label_place = stated_at(model, model.at(door.port, "value").1, door.port);
            diagnostic =
                diagnostic.label(label_place, format!("{port} is the port inside: `{label}`"));
            if let Some(open) = door.open {
                let title = format!("{} is its port on the node", open.first);
                let (from, to) = (format!("{host}:{port}"), format!("{host}:{}", open.first));
                let better = format!("{}{}", &text[..at], text[at..].replacen(&from, &to, 1));
                diagnostic = match value {
                    Some(span) if !better.contains(['"', '\\', '\n', '$']) => {
                        diagnostic.suggest(title, span, format!("\"{better}\""))
                    }
                    _ => diagnostic.help(title),
                };
            }
            return diagnostic
                .note("the number behind `->` is known inside of the container's own networks only")
                .help(format!("name the port, and the number follows by itself: `{label}.url`"));
        }
        diagnostic
            .note("no service publishes this port there, and no known program of the host has it")
            .help("name a port that is declared: `SERVICE.PORT.url`")
            .help(format!("or declare who listens there: `port NAME = {port}` of the node"))
    }

    fn names_it(&self, host: &str, door: &Door) -> bool {
        let first = host.split('.').next().unwrap_or(host);
        self.model.thing(door.port).instance.is_some_and(|i| self.model.label(i) == first)
    }

    /// A registry of this cluster, named as a mirror of the public one.
    fn own_mirror(
        &self,
        text: &str,
        origin: Origin,
        docker: ThingId,
        found: &mut Vec<Diagnostic>,
    ) -> bool {
        let model = self.model;
        let Some((host, ..)) = addresses(text).next() else { return false };
        let name = host.to_lowercase();
        let Some(own) =
            self.site(&name).or_else(|| self.names.get(&name).and_then(|n| n.first().copied()))
        else {
            return false;
        };
        // A registry that mirrors says so in its image or its settings.
        let proxies = containers(model).any(|c| {
            pairs(model, c.part, "env").iter().any(|p| &*p.key == "REGISTRY_PROXY_REMOTEURL")
        });
        if proxies {
            return false;
        }
        let diagnostic = Diagnostic::new(
            &codes::E1112,
            stated_at(model, origin, docker),
            format!("`{text}` is this cluster's own, and no mirror of Docker Hub"),
        )
        .here("asked first for every image")
        .label(super::shared::head(model, own), "this is what answers there")
        .at(model.path(docker))
        .note("a mirror has a copy of every image of Docker Hub; a registry has what was put into it, and answers to all else with an error");
        let rest: Vec<String> = texts(model, docker, "mirrors")
            .filter(|(other, _)| *other != text)
            .map(|(other, _)| format!("\"{other}\""))
            .collect();
        let better = format!("[{}]", rest.join(", "));
        let title = "leave it out, and log in to the registry: `registry_login = [sites[\"...\"]]`";
        found.push(super::shared::rewrite(
            diagnostic,
            model,
            docker,
            "mirrors",
            &better,
            title.into(),
        ));
        true
    }
}

enum Fault {
    Closed { nodes: Vec<ThingId>, port: u16 },
    Nobody { network: ThingId },
    FarContainer { part: ThingId },
    Loopback { door: ThingId },
}

/// The hosts and ports of the URLs in a text; a text that is nothing but `host:port` counts too. With
/// where each begins.
fn addresses(text: &str) -> impl Iterator<Item = (&str, Option<u16>, usize)> {
    let urls = text.match_indices("://").map(|(at, _)| at + 3);
    let whole = (!text.contains("://") && !text.contains(char::is_whitespace)).then_some(0);
    urls.map(|at| (at, true)).chain(whole.map(|at| (at, false))).filter_map(move |(at, url)| {
        let rest = &text[at..];
        let end = rest.find(|c: char| {
            matches!(c, '/' | '?' | '#' | '"' | '\'' | ',' | ')') || c.is_whitespace()
        });
        let authority = &rest[..end.unwrap_or(rest.len())];
        let start = authority.rfind('@').map_or(0, |at| at + 1);
        let (host, port) = split(&authority[start..])?;
        (url || port.is_some()).then_some((host, port, at + start))
    })
}

/// Whether the address behind this is one of a protocol that goes over TCP.
fn is_tcp(before: &str) -> bool {
    let scheme = before.rfind("://").map_or("", |at| &before[..at]);
    let schemes =
        ["http", "https", "ws", "wss", "postgres", "postgresql", "mysql", "redis", "amqp"];
    schemes.iter().any(|known| {
        let rest = scheme.len().checked_sub(known.len()).and_then(|at| scheme.split_at_checked(at));
        rest.is_some_and(|(rest, own)| {
            own.eq_ignore_ascii_case(known) && !rest.ends_with(|c: char| c.is_ascii_alphanumeric())
        })
    })
}

fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        host.parse::<IpAddr>().ok()?;
        return Some((host, rest.strip_prefix(':').and_then(|port| port.parse().ok())));
    }
    match authority.split_once(':') {
        Some((host, port)) if !host.is_empty() => Some((host, Some(port.parse().ok()?))),
        Some(_) => None,
        None if authority.is_empty() => None,
        None => Some((authority, None)),
    }
}
