//! Where a port is, seen from where it is used; and where a location is on a node.

use super::{Ctx, Eval};
use crate::diag::codes;
use crate::model::ThingId;
use crate::model::value::{Base, Value};
use crate::source::Span;
use crate::types::Ports;
use std::net::IpAddr;

/// The network namespace that something listens or asks in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Space {
    /// The node's own.
    Host(ThingId),
    /// Of a container, or of the one whose network it takes.
    Container(ThingId),
    /// A check, a page, a question: of no node.
    Nowhere,
}

/// Where a port is, as somebody sees it.
struct Seen {
    host: String,
    port: u16,
}

impl Eval {
    pub(super) fn endpoint_property(
        &mut self,
        id: ThingId,
        name: &str,
        span: Span,
        ctx: Ctx,
    ) -> Value {
        if name == "host"
            && self.thing(id).shape == self.words.container
            && let Some(host) = self.container_host(id, ctx)
        {
            return Value::text(&host);
        }
        let port = match self.only_port(id, span, ctx) {
            Ok(port) => port,
            Err(value) => return value,
        };
        if name == "published" {
            return match self.ports_of(port) {
                Some(ports) => match self.published(port, ports) {
                    Some(number) => Value::Int(number.into()),
                    None => Value::None,
                },
                None => Value::Poison,
            };
        }
        let seen = match self.seen(port, span, ctx) {
            Ok(seen) => seen,
            Err(value) => return value,
        };
        let host =
            if seen.host.contains(':') { format!("[{}]", seen.host) } else { seen.host.clone() };
        match name {
            "host" => Value::text(&seen.host),
            "port" => Value::Int(seen.port.into()),
            "address" => Value::text(&format!("{host}:{}", seen.port)),
            _ => self.url(port, &host, seen.port, span),
        }
    }

    fn url(&mut self, port: ThingId, host: &str, number: u16, span: Span) -> Value {
        let scheme = match self.get(port, "scheme") {
            Value::Word(word) => self.names.text(word.word).to_string(),
            _ => "http".into(),
        };
        if matches!(scheme.as_str(), "tcp" | "udp") {
            let label = self.label(port).to_string();
            let diagnostic = self
                .fault(
                    &codes::E0507,
                    span,
                    format!("the port `{label}` speaks {scheme}, which has no url"),
                )
                .help("use `.address`, or give the port the `scheme` it speaks");
            return self.report_at(diagnostic);
        }
        let path = match self.get(port, "path") {
            Value::Text(path) if path.starts_with('/') => path.to_string(),
            Value::Text(path) => format!("/{path}"),
            _ => String::new(),
        };
        let usual = matches!((scheme.as_str(), number), ("http", 80) | ("https", 443));
        let number = if usual { String::new() } else { format!(":{number}") };
        Value::text(&format!("{scheme}://{host}{number}{path}"))
    }

    /// A container's name, where no port is needed to say it.
    fn container_host(&mut self, id: ThingId, ctx: Ctx) -> Option<String> {
        let here = self.thing(ctx.thing).instance?;
        (self.thing(id).instance == Some(here)).then(|| self.dns_name(id))
    }

    /// The port that a thing stands for: itself, or its only one.
    fn only_port(&mut self, id: ThingId, span: Span, ctx: Ctx) -> Result<ThingId, Value> {
        let shape = self.thing(id).shape;
        if shape == self.words.port {
            return Ok(id);
        }
        if shape == self.words.service {
            let holders = self.bundle(id, ctx);
            let [holder] = holders.as_slice() else {
                return Err(if holders.is_empty() {
                    self.nowhere(id, span)
                } else {
                    self.several(id, span)
                });
            };
            let mut parts = Vec::new();
            for field in ["container", "unit"] {
                if let Value::Things(ids) = self.get(*holder, field) {
                    parts.extend(ids.iter().copied());
                }
            }
            let mut ports = Vec::new();
            for part in &parts {
                if let Value::Things(ids) = self.get(*part, "port") {
                    ports.extend(ids.iter().copied());
                }
            }
            return self.one_port(id, &ports, span);
        }
        match self.get(id, "port") {
            Value::Things(ids) => self.one_port(id, &ids, span),
            Value::Poison => Err(Value::Poison),
            _ => self.one_port(id, &[], span),
        }
    }

    fn one_port(&mut self, of: ThingId, ports: &[ThingId], span: Span) -> Result<ThingId, Value> {
        match ports {
            [one] => Ok(*one),
            [] => {
                let label = self.label(of).to_string();
                let declared = self.thing(of).span;
                let diagnostic = self
                    .fault(&codes::E0507, span, format!("`{label}` has no port"))
                    .label(declared, "declared here")
                    .help("declare one: `port web = 8080`");
                Err(self.report_at(diagnostic))
            }
            several => {
                let label = self.label(of).to_string();
                let names: Vec<String> =
                    several.iter().map(|&p| self.label(p).to_string()).collect();
                let diagnostic = self
                    .fault(
                        &codes::E0505,
                        span,
                        format!("`{label}` has {} ports: which one is meant?", names.len()),
                    )
                    .note(format!("it has {}", names.join(", ")))
                    .help(format!("name one: `{label}.{}`", names[0]));
                Err(self.report_at(diagnostic))
            }
        }
    }

    pub(super) fn ports_of(&mut self, port: ThingId) -> Option<Ports> {
        match self.get(port, "value") {
            Value::Ports(ports) => Some(ports),
            _ => None,
        }
    }

    /// The container or unit that a port is of; a node's own port has none.
    fn owner(&self, thing: ThingId) -> Option<ThingId> {
        self.around(thing, self.words.container).or_else(|| self.around(thing, self.words.unit))
    }

    /// Whose network the thing listens and asks in.
    fn space(&mut self, thing: ThingId) -> Space {
        let t = self.thing(thing);
        let node = t.node;
        if let Some(container) = self.around(thing, self.words.container) {
            return self.container_space(container, 0);
        }
        match node {
            Some(node) if self.thing(thing).instance != Some(thing) => Space::Host(node),
            Some(node) => Space::Host(node),
            None => Space::Nowhere,
        }
    }

    fn container_space(&mut self, container: ThingId, depth: u8) -> Space {
        let Value::Word(mode) = self.get(container, "network_mode") else {
            return Space::Container(container);
        };
        match self.names.text(mode.word) {
            "host" => self.thing(container).node.map_or(Space::Nowhere, Space::Host),
            "with" if depth < 8 => {
                let other = self.names.find("container").and_then(|n| mode.param(n).cloned());
                match other {
                    Some(Value::Thing(other)) => self.container_space(other, depth + 1),
                    _ => Space::Container(container),
                }
            }
            _ => Space::Container(container),
        }
    }

    /// The node's port of a port, `None` where it is not published.
    fn published(&mut self, port: ThingId, ports: Ports) -> Option<u16> {
        let of_host = match self.owner(port) {
            None => true,
            Some(owner) => {
                self.thing(owner).shape == self.words.unit
                    || matches!(self.space(owner), Space::Host(_))
            }
        };
        if of_host { Some(ports.container.first) } else { ports.host.map(|range| range.first) }
    }

    /// Where the port is, seen from the place of use.
    fn seen(&mut self, port: ThingId, span: Span, ctx: Ctx) -> Result<Seen, Value> {
        let Some(ports) = self.ports_of(port) else { return Err(Value::Poison) };
        let there = self.space(port);
        let here = self.space(ctx.thing);
        let inner = ports.container.first;
        if there == here && there != Space::Nowhere {
            return Ok(Seen { host: "127.0.0.1".into(), port: inner });
        }
        let target_node = self.thing(port).node;
        let here_node = self.thing(ctx.thing).node;
        if let (Space::Container(target), Space::Container(user)) = (there, here)
            && self.share_a_network(target, user)
        {
            return Ok(Seen { host: self.dns_name(target), port: inner });
        }
        if let Space::Container(target) = there
            && here_node != target_node
            && let Some(ip) = self.own_address(target)
        {
            return Ok(Seen { host: ip.to_string(), port: inner });
        }
        let Some(number) = self.published(port, ports) else {
            return Err(self.unpublished(port, span));
        };
        let Some(target_node) = target_node else { return Err(Value::Poison) };
        if here_node == Some(target_node) && matches!(here, Space::Host(_)) {
            if self.audience_word(port).as_deref() == Some("container") {
                return Err(self.small_audience(port, "the node itself", span));
            }
            return Ok(Seen { host: "127.0.0.1".into(), port: number });
        }
        self.over_network(port, target_node, here_node, number, span)
    }

    /// By the first network of `cluster.reach` that both nodes have.
    fn over_network(
        &mut self,
        port: ThingId,
        target: ThingId,
        from: Option<ThingId>,
        number: u16,
        span: Span,
    ) -> Result<Seen, Value> {
        let reach = self.reach();
        let allowed = self.audience(port);
        let mut common = Vec::new();
        for network in &reach {
            let there = self.address_on(target, *network);
            let here = match from {
                Some(node) => self.address_on(node, *network).is_some(),
                None => true,
            };
            if let (Some(ip), true) = (there, here) {
                common.push((*network, ip));
            }
        }
        if common.is_empty() {
            let there = self.label(target).to_string();
            let declared = self.thing(target).span;
            let here = from.map(|n| self.label(n).to_string());
            let message = match &here {
                Some(here) => format!("`{here}` and `{there}` have no network in common"),
                None => format!("`{there}` has no address on a network of `cluster.reach`"),
            };
            let mut diagnostic =
                self.fault(&codes::E0506, span, message).label(declared, "this node");
            if let Some(from) = from {
                let at = self.thing(from).span;
                diagnostic = diagnostic.label(at, "and this one");
            }
            let names: Vec<String> = reach.iter().map(|&n| self.label(n).to_string()).collect();
            diagnostic =
                diagnostic.note(format!("`cluster.reach` is {}", names.join(", "))).help(format!(
                    "give both an `address` on one of them: `address {{ {} = ... }}`",
                    names.first().map_or("lan", String::as_str)
                ));
            return Err(self.report_at(diagnostic));
        }
        match common
            .iter()
            .find(|(network, _)| allowed.as_ref().is_none_or(|a| a.contains(network)))
        {
            Some((_, ip)) => Ok(Seen { host: ip.to_string(), port: number }),
            None => {
                let who = match from {
                    Some(node) => format!("`{}`", self.label(node)),
                    None => "another node".into(),
                };
                Err(self.small_audience(port, &who, span))
            }
        }
    }

    fn unpublished(&mut self, port: ThingId, span: Span) -> Value {
        let label = self.label(port).to_string();
        let declared = self.thing(port).span;
        let number = self.ports_of(port).map_or(0, |p| p.container.first);
        let diagnostic = self
            .fault(
                &codes::E0507,
                span,
                format!("the port `{label}` is not published, so it cannot be reached from here"),
            )
            .label(declared, "it only listens inside its container")
            .help(format!("publish it: `port {label} = {number} -> {number}`"))
            .help("or let both containers join one `network`");
        self.report_at(diagnostic)
    }

    fn small_audience(&mut self, port: ThingId, who: &str, span: Span) -> Value {
        let label = self.label(port).to_string();
        let declared = self.thing(port).span;
        let diagnostic = self
            .fault(&codes::E0508, span, format!("the port `{label}` is not for {who}"))
            .label(declared, "its `audience` leaves that out")
            .help("widen the port's `audience`");
        self.report_at(diagnostic)
    }

    fn audience_word(&mut self, port: ThingId) -> Option<String> {
        match self.get(port, "audience") {
            Value::Word(word) => Some(self.names.text(word.word).to_string()),
            _ => None,
        }
    }

    /// The networks that may reach a port; `None`: all.
    fn audience(&mut self, port: ThingId) -> Option<Vec<ThingId>> {
        match self.get(port, "audience") {
            Value::Word(word) => match self.names.text(word.word) {
                "internet" => None,
                _ => Some(Vec::new()),
            },
            Value::Thing(network) => Some(vec![network]),
            Value::List(items) if !items.is_empty() => {
                Some(items.iter().filter_map(|i| i.value.as_thing()).collect())
            }
            _ => None,
        }
    }

    pub(super) fn reach(&mut self) -> Vec<ThingId> {
        let Some(cluster) = self.model.cluster else { return Vec::new() };
        let stated: Vec<ThingId> =
            self.get(cluster, "reach").items().iter().filter_map(|i| i.value.as_thing()).collect();
        if !stated.is_empty() {
            return stated;
        }
        // Unstated: every network that nodes have addresses on, by name.
        self.all_named("network")
            .into_iter()
            .filter(|&n| matches!(self.get(n, "driver"), Value::Word(w) if matches!(self.names.text(w.word), "physical" | "mesh")))
            .collect()
    }

    /// The node's address on a network, IPv4 first.
    pub(super) fn address_on(&mut self, node: ThingId, network: ThingId) -> Option<IpAddr> {
        let addresses = self.get(node, "address");
        let name = self.names.shared(self.thing(network).label);
        first_ip(addresses.get(&name)?)
    }

    /// The address that a container has on a macvlan or ipvlan.
    fn own_address(&mut self, container: ThingId) -> Option<IpAddr> {
        let addresses = self.get(container, "address");
        for pair in addresses.pairs() {
            let Some(network) = self.find_named("network", &pair.key) else { continue };
            if let Value::Word(driver) = self.get(network, "driver")
                && matches!(self.names.text(driver.word), "macvlan" | "ipvlan")
            {
                return first_ip(&pair.value);
            }
        }
        None
    }

    /// Same service on one node, or a Docker network that both join there.
    fn share_a_network(&mut self, a: ThingId, b: ThingId) -> bool {
        if self.thing(a).node != self.thing(b).node {
            return false;
        }
        if self.thing(a).instance == self.thing(b).instance {
            return true;
        }
        let (x, y) = (self.joined(a), self.joined(b));
        x.iter().any(|n| y.contains(n))
    }

    fn joined(&mut self, container: ThingId) -> Vec<ThingId> {
        let mut joined: Vec<ThingId> = self
            .get(container, "networks")
            .items()
            .iter()
            .filter_map(|i| i.value.as_thing())
            .collect();
        let addresses = self.get(container, "address");
        for pair in addresses.pairs() {
            joined.extend(self.find_named("network", &pair.key));
        }
        joined
    }

    /// `gitea-db`: a container's name in its networks.
    pub(super) fn dns_name(&self, container: ThingId) -> String {
        let service = self.thing(container).instance.map(|i| self.label(i)).unwrap_or_default();
        format!("{service}-{}", self.label(container))
    }

    /// The path of a location on the node in scope, in the world that containers see.
    pub(super) fn location_path(&mut self, base: &Base, sub: &str, span: Span, ctx: Ctx) -> Value {
        let node = ctx.candidate.or(self.thing(ctx.thing).node);
        let Some(node) = node else {
            let diagnostic = self
                .fault(
                    &codes::E0509,
                    span,
                    "a location has a path only on a node, and there is none here",
                )
                .help("use it where a node is in scope");
            return self.report_at(diagnostic);
        };
        let joined = |root: &str| {
            if sub.is_empty() {
                root.to_string()
            } else {
                format!("{}/{sub}", root.trim_end_matches('/'))
            }
        };
        let found = match base {
            Base::Host(path) => Some(path.to_string()),
            Base::Disk(disk) => match self.get(*disk, "mount") {
                Value::Text(path) if self.around(*disk, self.words.node) == Some(node) => {
                    Some(path.to_string())
                }
                Value::Poison => return Value::Poison,
                _ => None,
            },
            Base::Share(share) => match self.share_path(*share, node) {
                Ok(path) => path,
                Err(value) => return value,
            },
            Base::Local { .. } | Base::Memory { .. } => None,
        };
        match found {
            Some(root) => Value::text(&joined(&root)),
            None => {
                let name = self.label(node).to_string();
                let (what, declared) = match base {
                    Base::Share(id) | Base::Disk(id) => {
                        (format!("`{}`", self.label(*id)), Some(self.thing(*id).span))
                    }
                    _ => ("this location".into(), None),
                };
                let mut diagnostic = self.fault(
                    &codes::E0509,
                    span,
                    format!("{what} has no path on the node `{name}`"),
                );
                if let Some(declared) = declared {
                    diagnostic = diagnostic.label(declared, "declared here");
                }
                self.report_at(
                    diagnostic.help("mount it there: `mount { ... }` of the share, or of the node"),
                )
            }
        }
    }

    /// A share's root on a node: the disk itself on its server, else its mount by system and engine.
    pub(super) fn share_path(
        &mut self,
        share: ThingId,
        node: ThingId,
    ) -> Result<Option<String>, Value> {
        let poison = |value: &Value| value.is_poison();
        let server = self.get(share, "server");
        if server.as_thing() == Some(node) {
            if let Value::Text(path) = self.get(share, "path") {
                return Ok(Some(path.to_string()));
            }
            if let Value::Thing(disk) = self.get(share, "disk") {
                return match self.get(disk, "mount") {
                    Value::Text(path) => Ok(Some(path.to_string())),
                    value if poison(&value) => Err(Value::Poison),
                    _ => Ok(None),
                };
            }
            return Ok(None);
        }
        let label = self.names.shared(self.thing(share).label);
        if let Some(Value::Text(path)) = self.get(node, "mount").get(&label) {
            return Ok(Some(path.to_string()));
        }
        let clients = self.get(share, "clients");
        let is_client = match &clients {
            Value::List(items) => items.iter().any(|i| i.value.as_thing() == Some(node)),
            _ => true,
        };
        if !is_client {
            return Ok(None);
        }
        let world = self.world(node);
        let Value::Thing(mount) = self.get(share, "mount") else { return Ok(None) };
        let path = match world {
            "wsl" => match self.get(mount, "wsl") {
                Value::None => self.get(mount, "linux"),
                value => value,
            },
            world => self.get(mount, world),
        };
        Ok(path.as_text().map(str::to_string))
    }

    /// In which world a node's containers and programs see paths.
    fn world(&mut self, node: ThingId) -> &'static str {
        let engine = match self.get(node, "engine") {
            Value::Word(word) => self.names.text(word.word).to_string(),
            _ => String::new(),
        };
        let os = match self.get(node, "os") {
            Value::Word(word) => self.names.text(word.word).to_string(),
            _ => String::new(),
        };
        match (engine.as_str(), os.as_str()) {
            ("wsl", _) => "wsl",
            (_, "windows") => "windows",
            (_, "macos") => "macos",
            _ => "linux",
        }
    }
}

fn first_ip(value: &Value) -> Option<IpAddr> {
    match value {
        Value::Ip(ip) => Some(*ip),
        Value::List(items) => {
            let ips = items.iter().filter_map(|i| match i.value {
                Value::Ip(ip) => Some(ip),
                _ => None,
            });
            let all: Vec<IpAddr> = ips.collect();
            all.iter().find(|ip| ip.is_ipv4()).or(all.first()).copied()
        }
        _ => None,
    }
}
