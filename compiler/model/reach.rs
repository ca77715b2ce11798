//! Where a port is, seen from where it is used, and where a location is on a node. One answer for
//! all: evaluation asks while values are still being worked out, targets and checks ask the model.

use super::value::{Base, Value};
use super::{Model, Thing, ThingId};
use crate::names::Names;
use crate::types::Ports;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

/// Whoever knows the fields of things.
pub trait Facts<'m> {
    /// Lent, where it is known to the end: it is shared with others, who count on all threads.
    fn value(&mut self, thing: ThingId, field: &str) -> Cow<'m, Value>;
    fn thing_of(&self, id: ThingId) -> &Thing;
    fn kind_of(&self, id: ThingId) -> &str;
    fn names(&self) -> &Names;
    fn things_of_kind(&self, kind: &str) -> Vec<ThingId>;
    fn thing_named(&self, kind: &str, name: &str) -> Option<ThingId>;
    fn the_cluster(&self) -> Option<ThingId>;
}

/// A finished model knows them all.
pub struct Known<'a>(pub &'a Model);

impl<'m> Facts<'m> for Known<'m> {
    fn value(&mut self, thing: ThingId, field: &str) -> Cow<'m, Value> {
        Cow::Borrowed(self.0.get(thing, field))
    }

    fn thing_of(&self, id: ThingId) -> &Thing {
        self.0.thing(id)
    }

    fn kind_of(&self, id: ThingId) -> &str {
        self.0.kind(id)
    }

    fn names(&self) -> &Names {
        &self.0.names
    }

    fn things_of_kind(&self, kind: &str) -> Vec<ThingId> {
        self.0.all(kind).to_vec()
    }

    fn thing_named(&self, kind: &str, name: &str) -> Option<ThingId> {
        self.0.find(kind, name)
    }

    fn the_cluster(&self) -> Option<ThingId> {
        self.0.cluster
    }
}

/// The network namespace that something listens or asks in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Space {
    /// The node's own.
    Host(ThingId),
    /// Of a container, or of the one whose network it takes.
    Container(ThingId),
    /// A check, a page, a question: of no node.
    Nowhere,
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    pub space: Space,
    pub node: Option<ThingId>,
}

impl Place {
    pub const NOWHERE: Place = Place { space: Space::Nowhere, node: None };

    /// A program of the node itself.
    pub fn host(node: ThingId) -> Place {
        Place { space: Space::Host(node), node: Some(node) }
    }
}

/// Where a port is, as somebody sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// A name inside of Docker's networks, else an address.
    pub host: String,
    pub port: u16,
    /// The network of `cluster.reach` that leads there, where one does.
    pub network: Option<ThingId>,
}

impl Seen {
    /// `host:port`, with brackets round an IPv6 address.
    pub fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// Why a port cannot be reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unreached {
    /// A value on the way is faulty, and reported.
    Poison,
    /// It listens inside its container only.
    Unpublished,
    /// This container, the asker's or the asked one, has no network.
    Off(ThingId),
    /// The container has an address of its own on this network, and nobody on its own node can reach that.
    OwnNode(ThingId),
    /// Its audience leaves the asker out.
    Audience,
    /// The two nodes, or any node and this one, have no network of `cluster.reach` in common.
    NoNetwork { target: ThingId, from: Option<ThingId> },
}

/// The thing itself or the nearest one around it of that kind.
pub fn around(facts: &dyn Facts, thing: ThingId, kind: &str) -> Option<ThingId> {
    let mut at = Some(thing);
    while let Some(id) = at {
        if facts.kind_of(id) == kind {
            return Some(id);
        }
        at = facts.thing_of(id).parent;
    }
    None
}

/// Whose network a thing listens and asks in.
pub fn space(facts: &mut dyn Facts, thing: ThingId) -> Space {
    if let Some(container) = around(facts, thing, "container") {
        return container_space(facts, container, 0);
    }
    facts.thing_of(thing).node.map_or(Space::Nowhere, Space::Host)
}

/// The place of a thing that asks.
pub fn place(facts: &mut dyn Facts, thing: ThingId) -> Place {
    Place { space: space(facts, thing), node: facts.thing_of(thing).node }
}

fn container_space(facts: &mut dyn Facts, container: ThingId, depth: u8) -> Space {
    let stated = facts.value(container, "network_mode");
    let Value::Word(mode) = &*stated else {
        return Space::Container(container);
    };
    match facts.names().text(mode.word) {
        "host" => facts.thing_of(container).node.map_or(Space::Nowhere, Space::Host),
        "with" if depth < 8 => {
            let other = facts.names().find("container").and_then(|name| mode.param(name).cloned());
            match other {
                Some(Value::Thing(other)) => container_space(facts, other, depth + 1),
                _ => Space::Container(container),
            }
        }
        _ => Space::Container(container),
    }
}

pub fn ports_of(facts: &mut dyn Facts, port: ThingId) -> Option<Ports> {
    match &*facts.value(port, "value") {
        Value::Ports(ports) => Some(*ports),
        _ => None,
    }
}

/// Whether the port's number is the node's own: of a unit, of the node, of a host-networked
/// container.
pub fn is_of_host(facts: &mut dyn Facts, port: ThingId) -> bool {
    match around(facts, port, "container") {
        None => true,
        Some(container) => matches!(container_space(facts, container, 0), Space::Host(_)),
    }
}

/// Whether a container has no network at all.
pub fn is_off(facts: &mut dyn Facts, container: ThingId) -> bool {
    match &*facts.value(container, "network_mode") {
        Value::Word(mode) => facts.names().text(mode.word) == "off",
        _ => false,
    }
}

/// The node's ports of a port, `None` where it is not published.
pub fn published(facts: &mut dyn Facts, port: ThingId) -> Option<crate::types::PortRange> {
    let ports = ports_of(facts, port)?;
    if let Space::Container(container) = space(facts, port)
        && is_off(facts, container)
    {
        return None;
    }
    if is_of_host(facts, port) { Some(ports.host.unwrap_or(ports.container)) } else { ports.host }
}

/// Where the port is, seen from a place.
pub fn seen(facts: &mut dyn Facts, port: ThingId, from: Place) -> Result<Seen, Unreached> {
    let Some(ports) = ports_of(facts, port) else { return Err(Unreached::Poison) };
    let there = space(facts, port);
    let inner = ports.container.first;
    if there == from.space && there != Space::Nowhere {
        return Ok(Seen { host: "127.0.0.1".into(), port: inner, network: None });
    }
    for space in [there, from.space] {
        if let Space::Container(container) = space
            && is_off(facts, container)
        {
            return Err(Unreached::Off(container));
        }
    }
    let target = facts.thing_of(port).node;
    if let (Space::Container(other), Space::Container(asker)) = (there, from.space)
        && share_a_network(facts, other, asker)
    {
        return Ok(Seen { host: dns_name(facts, other), port: inner, network: None });
    }
    let own = match there {
        Space::Container(other) => own_address(facts, other),
        _ => None,
    };
    if let Some((_, ip)) = own.filter(|_| from.node != target) {
        return Ok(Seen { host: ip.to_string(), port: inner, network: None });
    }
    let Some(number) = published(facts, port).map(|range| range.first) else {
        return Err(own.map_or(Unreached::Unpublished, |(on, _)| Unreached::OwnNode(on)));
    };
    let Some(target) = target else { return Err(Unreached::Poison) };
    if from.node == Some(target) && matches!(from.space, Space::Host(_)) {
        if audience_word(facts, port).as_deref() == Some("container") {
            return Err(Unreached::Audience);
        }
        return Ok(Seen { host: local(facts, port), port: number, network: None });
    }
    over_network(facts, port, target, from.node, number)
}

/// Where programs of its own node reach a published port: a stated `bind` is all there is.
fn local(facts: &mut dyn Facts, port: ThingId) -> String {
    let bound = ips(&facts.value(port, "bind"));
    if let Some(loopback) = bound.iter().find(|ip| ip.is_loopback()) {
        return loopback.to_string();
    }
    match bound.first() {
        Some(ip) if !bound.iter().any(IpAddr::is_unspecified) => ip.to_string(),
        Some(IpAddr::V6(_)) => "::1".into(),
        _ => "127.0.0.1".into(),
    }
}

/// By the first network of `cluster.reach` on which both nodes have an address of one family.
fn over_network(
    facts: &mut dyn Facts,
    port: ThingId,
    target: ThingId,
    from: Option<ThingId>,
    number: u16,
) -> Result<Seen, Unreached> {
    let allowed = audience(facts, port);
    let bound = ips(&facts.value(port, "bind"));
    // `::` of a program of the host takes both families, Docker maps one.
    let both = is_of_host(facts, port);
    let taken = |ip: &IpAddr| {
        let every = |b: &IpAddr| b.is_unspecified() && (both || b.is_ipv4() == ip.is_ipv4());
        bound.is_empty() || bound.iter().any(|b| b == ip || every(b))
    };
    let mut common = Vec::new();
    for network in reach(facts) {
        let here = from.map(|node| addresses_on(facts, node, network));
        let speaks = |ip: &IpAddr| {
            here.as_ref().is_none_or(|own| own.iter().any(|o| o.is_ipv4() == ip.is_ipv4()))
        };
        let there = addresses_on(facts, target, network);
        common.extend(there.into_iter().filter(speaks).map(|ip| (network, ip)));
    }
    if common.is_empty() {
        let faulty = std::iter::once(target)
            .chain(from)
            .any(|node| is_faulty(&facts.value(node, "address")));
        return Err(if faulty { Unreached::Poison } else { Unreached::NoNetwork { target, from } });
    }
    let found = common
        .iter()
        .find(|(network, ip)| allowed.as_ref().is_none_or(|a| a.contains(network)) && taken(ip));
    match found {
        Some(&(network, ip)) => {
            Ok(Seen { host: ip.to_string(), port: number, network: Some(network) })
        }
        None => Err(Unreached::Audience),
    }
}

/// Whether the addresses of a node are not all known.
fn is_faulty(addresses: &Value) -> bool {
    match addresses {
        Value::Map(pairs) => pairs.iter().any(|pair| pair.value.is_poison()),
        other => other.is_poison(),
    }
}

/// A network of `cluster.reach` that both nodes are on without a family in common.
pub fn apart_by_family(facts: &mut dyn Facts, a: ThingId, b: ThingId) -> Option<ThingId> {
    let networks = reach(facts);
    networks.into_iter().find(|&network| {
        address_on(facts, a, network).is_some() && address_on(facts, b, network).is_some()
    })
}

fn audience_word(facts: &mut dyn Facts, port: ThingId) -> Option<String> {
    match &*facts.value(port, "audience") {
        Value::Word(word) => Some(facts.names().text(word.word).to_string()),
        _ => None,
    }
}

/// The networks that may reach a port; `None`: all there are.
pub fn audience(facts: &mut dyn Facts, port: ThingId) -> Option<Vec<ThingId>> {
    match &*facts.value(port, "audience") {
        Value::Word(word) => match facts.names().text(word.word) {
            "internet" => None,
            _ => Some(Vec::new()),
        },
        Value::Thing(network) => Some(vec![*network]),
        Value::List(items) if !items.is_empty() => {
            Some(items.iter().filter_map(|item| item.value.as_thing()).collect())
        }
        // Unstated: the networks by which nodes reach each other.
        _ => Some(reach(facts)),
    }
}

/// The addresses of its node that a port is published on; `None`: all there are. Programs of the
/// node reach what others reach, at 127.0.0.1.
pub fn bound(facts: &mut dyn Facts, port: ThingId) -> Option<Vec<IpAddr>> {
    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let stated = ips(&facts.value(port, "bind"));
    if !stated.is_empty() {
        return Some(stated);
    }
    if audience_word(facts, port).as_deref() == Some("container") {
        return Some(Vec::new());
    }
    let networks = audience(facts, port)?;
    let mut all = Vec::new();
    if let Some(node) = facts.thing_of(port).node {
        for network in networks {
            all.extend(addresses_on(facts, node, network));
        }
    }
    all.push(LOOPBACK);
    Some(all)
}

/// How nodes reach each other, first choice first.
pub fn reach(facts: &mut dyn Facts) -> Vec<ThingId> {
    let Some(cluster) = facts.the_cluster() else { return Vec::new() };
    let stated: Vec<ThingId> = facts
        .value(cluster, "reach")
        .items()
        .iter()
        .filter_map(|item| item.value.as_thing())
        .collect();
    if !stated.is_empty() {
        return stated;
    }
    let mut all = facts.things_of_kind("network");
    all.retain(|&network| match &*facts.value(network, "driver") {
        Value::Word(word) => matches!(facts.names().text(word.word), "physical" | "mesh"),
        _ => false,
    });
    all
}

/// The node's address on a network, IPv4 first.
pub fn address_on(facts: &mut dyn Facts, node: ThingId, network: ThingId) -> Option<IpAddr> {
    addresses_on(facts, node, network).first().copied()
}

/// The node's addresses on a network, IPv4 first.
pub fn addresses_on(facts: &mut dyn Facts, node: ThingId, network: ThingId) -> Vec<IpAddr> {
    let addresses = facts.value(node, "address");
    let name = facts.names().text(facts.thing_of(network).label);
    addresses.get(name).map_or(Vec::new(), ips)
}

/// The addresses in a value that is one or a list, IPv4 first.
pub fn ips(value: &Value) -> Vec<IpAddr> {
    let mut all: Vec<IpAddr> = match value {
        Value::Ip(ip) => vec![*ip],
        Value::List(items) => items
            .iter()
            .filter_map(|item| match item.value {
                Value::Ip(ip) => Some(ip),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    all.sort_by_key(|ip| ip.is_ipv6());
    all
}

/// The macvlan or ipvlan on which a container has an address of its own, and the address.
fn own_address(facts: &mut dyn Facts, container: ThingId) -> Option<(ThingId, IpAddr)> {
    for pair in facts.value(container, "address").pairs() {
        let Some(network) = facts.thing_named("network", &pair.key) else { continue };
        if let Value::Word(driver) = &*facts.value(network, "driver")
            && matches!(facts.names().text(driver.word), "macvlan" | "ipvlan")
        {
            return ips(&pair.value).first().map(|ip| (network, *ip));
        }
    }
    None
}

/// Same service on one node, or a Docker network that both join there.
fn share_a_network(facts: &mut dyn Facts, a: ThingId, b: ThingId) -> bool {
    let (x, y) = (facts.thing_of(a), facts.thing_of(b));
    if x.node != y.node {
        return false;
    }
    if x.instance == y.instance {
        return true;
    }
    let (x, y) = (joined(facts, a), joined(facts, b));
    x.iter().any(|network| y.contains(network))
}

/// The declared networks that a container joins.
pub fn joined(facts: &mut dyn Facts, container: ThingId) -> Vec<ThingId> {
    let mut joined: Vec<ThingId> = facts
        .value(container, "networks")
        .items()
        .iter()
        .filter_map(|item| item.value.as_thing())
        .collect();
    for pair in facts.value(container, "address").pairs() {
        joined.extend(facts.thing_named("network", &pair.key));
    }
    joined.sort();
    joined.dedup();
    joined
}

/// `gitea-db`: a container's name in its networks.
pub fn dns_name(facts: &dyn Facts, container: ThingId) -> String {
    let label = |id: ThingId| facts.names().text(facts.thing_of(id).label);
    match facts.thing_of(container).instance {
        Some(instance) => [label(instance), "-", label(container)].concat(),
        None => label(container).to_owned(),
    }
}

/// The path of a location on a node, in the world that its containers see. `Ok(None)`: it has none
/// there; `Err`: a value on the way is faulty.
pub fn path_on(
    facts: &mut dyn Facts,
    base: &Base,
    sub: &str,
    node: ThingId,
) -> Result<Option<String>, ()> {
    let root = match base {
        Base::Host(path) => Some(path.to_string()),
        Base::Disk(disk) => match &*facts.value(*disk, "mount") {
            Value::Text(path) if facts.thing_of(*disk).node == Some(node) => Some(path.to_string()),
            Value::Poison => return Err(()),
            _ => None,
        },
        Base::Share(share) => share_path(facts, *share, node)?,
        Base::Local { .. } | Base::Memory { .. } => None,
    };
    Ok(root.map(|root| match sub {
        "" => root,
        sub => format!("{}/{sub}", root.trim_end_matches('/')),
    }))
}

/// A share's root on a node: the disk itself on its server, else its mount by system and engine.
pub fn share_path(
    facts: &mut dyn Facts,
    share: ThingId,
    node: ThingId,
) -> Result<Option<String>, ()> {
    let server = facts.value(share, "server");
    if server.is_poison() {
        return Err(());
    }
    if server.as_thing() == Some(node) {
        return server_path(facts, share);
    }
    let mounts = facts.value(node, "mount");
    let label = facts.names().text(facts.thing_of(share).label);
    if let Some(Value::Text(path)) = mounts.get(label) {
        return Ok(Some(path.to_string()));
    }
    if !is_client(facts, share, node) {
        return Ok(None);
    }
    let mount = match &*facts.value(share, "mount") {
        Value::Thing(mount) => *mount,
        Value::Poison => return Err(()),
        _ => return Ok(None),
    };
    let path = match world(facts, node) {
        "wsl" => match facts.value(mount, "wsl") {
            value if value.is_none() => facts.value(mount, "linux"),
            value => value,
        },
        world => facts.value(mount, world),
    };
    if path.is_poison() { Err(()) } else { Ok(path.as_text().map(str::to_string)) }
}

/// Where a share lies on its own server.
pub fn server_path(facts: &mut dyn Facts, share: ThingId) -> Result<Option<String>, ()> {
    match &*facts.value(share, "path") {
        Value::Text(path) => return Ok(Some(path.to_string())),
        Value::Poison => return Err(()),
        _ => {}
    }
    let disk = match &*facts.value(share, "disk") {
        Value::Thing(disk) => *disk,
        Value::Poison => return Err(()),
        _ => return Ok(None),
    };
    match &*facts.value(disk, "mount") {
        Value::Poison => Err(()),
        value => Ok(value.as_text().map(str::to_string)),
    }
}

/// Whether a node mounts a share: managed, not its server, and among its clients.
pub fn is_client(facts: &mut dyn Facts, share: ThingId, node: ThingId) -> bool {
    let stated = match &*facts.value(share, "clients") {
        Value::List(items) => items.iter().any(|item| item.value.as_thing() == Some(node)),
        _ => true,
    };
    stated && may_mount(facts, share, node)
}

/// Whether a node could be a client of a share, if it is asked to.
pub fn may_mount(facts: &mut dyn Facts, share: ThingId, node: ThingId) -> bool {
    !matches!(*facts.value(node, "managed"), Value::Bool(false))
        && facts.value(share, "server").as_thing() != Some(node)
}

/// In which world a node's containers and programs see paths: `linux`, `wsl`, `windows`, `macos`.
pub fn world(facts: &mut dyn Facts, node: ThingId) -> &'static str {
    let (engine, os) = (facts.value(node, "engine"), facts.value(node, "os"));
    let word = |value: &Value| match value {
        Value::Word(word) => facts.names().text(word.word),
        _ => "",
    };
    match (word(&engine), word(&os)) {
        ("wsl", _) => "wsl",
        (_, "windows") => "windows",
        (_, "macos") => "macos",
        _ => "linux",
    }
}
