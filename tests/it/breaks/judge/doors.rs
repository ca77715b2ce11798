//! Ports, sites, and the addresses that texts spell out.

use super::Row;
use super::world::{Part, Space, World, entries, ips, list, named, published, word};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::net::IpAddr;

#[rustfmt::skip] // one row a line
pub const ROWS: &[Row] = &[
    ("E1101", ports), ("E1102", absent), ("E1103", dangling), ("E1104", unserved), ("E1105", closed),
    ("E1106", bound), ("E1107", literals), ("E1112", mirrors), ("E1115", mapped),
];

/// Packages that bring a daemon, and where it listens.
const DAEMONS: &[(&str, &[u64])] = &[
    ("nginx", &[80]),
    ("apache2", &[80]),
    ("dnsmasq", &[53]),
    ("cockpit", &[9090]),
    ("grafana", &[3000]),
    ("samba", &[139, 445]),
    ("postfix", &[25]),
    ("prometheus-node-exporter", &[9100]),
];

/// Somebody who listens on a node.
struct Door {
    who: String,
    numbers: (u64, u64),
    tcp: bool,
    udp: bool,
    /// Empty: everywhere.
    on: Vec<IpAddr>,
}

fn door(
    world: &World,
    who: String,
    node: &str,
    port: &Json,
    space: Space,
    of_host: bool,
) -> Option<Door> {
    let protocol = port["protocol"].as_str().unwrap_or("tcp");
    let bind = ips(&port["bind"]);
    let audience = port["audience"].as_str();
    let on = if bind.iter().any(IpAddr::is_unspecified) {
        Vec::new()
    } else if !bind.is_empty() {
        bind
    } else if audience == Some("node") {
        vec!["127.0.0.1".parse().unwrap(), "::1".parse().unwrap()]
    } else if of_host {
        Vec::new()
    } else if audience == Some("container") {
        return None;
    } else {
        match world.audience(port) {
            None => Vec::new(),
            Some(networks) => {
                let mut on: Vec<IpAddr> =
                    networks.iter().flat_map(|n| world.addresses(node, n)).collect();
                // Programs of the node find what others find, there.
                on.push("127.0.0.1".parse().unwrap());
                on
            }
        }
    };
    let numbers = published(port, space)?;
    Some(Door { who, numbers, tcp: protocol != "udp", udp: protocol != "tcp", on })
}

fn doors(world: &World, node: &str) -> Vec<Door> {
    let json = world.node(node);
    let mut all = Vec::new();
    let mut stated = BTreeSet::new();
    let mut packages: Vec<(String, &str)> = list(&json["packages"])
        .iter()
        .filter_map(|p| Some((node.to_string(), p.as_str()?)))
        .collect();
    for part in world.parts().into_iter().filter(|part| part.node == node) {
        let space = part.space(world);
        for (label, port) in part.ports() {
            let who = format!("{}.{label}", part.path());
            let of_host = matches!(space, Space::Host(_));
            all.extend(door(world, who, node, port, space, of_host));
        }
        for package in list(&part.json["packages"]).iter().filter_map(Json::as_str) {
            match part.ports().next() {
                Some(_) => drop(stated.insert(package)),
                None => packages.push((part.path(), package)),
            }
        }
    }
    for (label, port) in entries(&json["port"]) {
        all.extend(door(world, format!("{node}.{label}"), node, port, Space::Host(node), true));
    }
    let everywhere = |who, number| Door {
        who,
        numbers: (number, number),
        tcp: true,
        udp: false,
        on: Vec::new(),
    };
    if json["managed"] == true {
        for (who, package) in packages.iter().filter(|(_, package)| !stated.contains(package)) {
            let rows = DAEMONS.iter().filter(|(name, _)| name == package);
            all.extend(
                rows.flat_map(|(_, ports)| *ports)
                    .map(|&n| everywhere(format!("{package} of {who}"), n)),
            );
        }
        if !matches!(word(&json["os"]), None | Some("windows" | "macos"))
            && let Some(number) = json["ssh"]["port"].as_u64()
        {
            all.push(everywhere(format!("ssh of {node}"), number));
        }
    }
    all
}

fn ports(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (node, _) in world.all("nodes") {
        let doors = doors(world, node);
        for (at, a) in doors.iter().enumerate() {
            for b in &doors[at + 1..] {
                let numbers = a.numbers.0 <= b.numbers.1 && b.numbers.0 <= a.numbers.1;
                let transport = (a.tcp && b.tcp) || (a.udp && b.udp);
                let address =
                    a.on.is_empty() || b.on.is_empty() || a.on.iter().any(|ip| b.on.contains(ip));
                let own = a.who.starts_with("ssh of") || b.who.starts_with("ssh of");
                let of_packages = |door: &Door| door.who.contains(&format!(" of {node}"));
                if numbers && transport && address && !(of_packages(a) && (of_packages(b) || own)) {
                    found.push(format!("{} and {}", a.who, b.who));
                }
            }
        }
    }
    found
}

/// Every published port of a program, with the networks it names.
fn for_each_port(world: &World, mut test: impl FnMut(&Part, &Json) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for part in world.parts() {
        let space = part.space(world);
        for (label, port) in part.ports() {
            if published(port, space).is_some() && test(&part, port) {
                found.push(format!("{}.{label}", part.path()));
            }
        }
    }
    found
}

fn absent(world: &World) -> Vec<String> {
    for_each_port(world, |part, port| {
        let stated = port["audience"].is_object()
            || port["audience"].as_array().is_some_and(|a| !a.is_empty());
        let networks = world.audience(port).unwrap_or_default();
        stated
            && ips(&port["bind"]).is_empty()
            && networks.iter().all(|network| world.addresses(part.node, network).is_empty())
    })
}

fn bound(world: &World) -> Vec<String> {
    for_each_port(world, |part, port| {
        let Some(networks) = world.audience(port) else { return false };
        let own: Vec<IpAddr> =
            networks.iter().flat_map(|n| world.addresses(part.node, n)).collect();
        ips(&port["bind"]).iter().any(|ip| !ip.is_loopback() && !own.contains(ip))
    })
}

/// Two numbers, of a program that opens the node's own.
fn mapped(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for part in world.parts().into_iter().filter(|p| matches!(p.space(world), Space::Host(_))) {
        all.extend(part.ports().map(|(label, port)| (format!("{}.{label}", part.path()), port)));
    }
    for (node, json) in world.all("nodes") {
        all.extend(entries(&json["port"]).map(|(label, port)| (format!("{node}.{label}"), port)));
    }
    let two = |port: &Json| {
        let value = &port["value"];
        !value["published"].is_null() && value["published"] != value["port"]
    };
    all.retain(|(_, port)| two(port));
    all.into_iter().map(|(who, _)| who).collect()
}

/// The ingress: its service, and its program on each node.
fn ingress<'a>(world: &World<'a>) -> Option<(&'a str, Vec<Part<'a>>)> {
    let field = &world.cluster()["ingress"];
    let service = named(&field["service"], "service").or(word(field))?;
    let mut parts: Vec<Part> = Vec::new();
    for part in world.parts().into_iter().filter(|part| part.service == service) {
        let makes = entries(&part.json["config"])
            .any(|(_, config)| config["value"]["generated"].is_string());
        match parts.iter_mut().find(|other| other.node == part.node) {
            Some(other) if makes => *other = part,
            Some(_) => {}
            None => parts.push(part),
        }
    }
    (!parts.is_empty()).then_some((service, parts))
}

fn unserved(world: &World) -> Vec<String> {
    let served = ingress(world);
    let mut found = Vec::new();
    for (_, name, site) in world.sites() {
        let Some((_, parts)) = &served else {
            found.push(name.to_string());
            continue;
        };
        let chosen = list(&site["ingress"]).iter().filter_map(|node| named(node, "node"));
        let absent = chosen.filter(|node| parts.iter().all(|part| part.node != *node));
        found.extend(absent.map(|node| format!("{name} on {node}")));
    }
    found
}

/// The parts of the ingress that a site is served by.
fn doors_of<'a>(world: &World<'a>, site: &Json) -> Vec<Part<'a>> {
    let chosen: Vec<&str> =
        list(&site["ingress"]).iter().filter_map(|n| named(n, "node")).collect();
    let mut parts = ingress(world).map_or(Vec::new(), |(_, parts)| parts);
    parts.retain(|part| chosen.is_empty() || chosen.contains(&part.node));
    parts
}

fn closed(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (_, name, site) in
        world.sites().into_iter().filter(|(_, _, site)| site["audience"] == "internet")
    {
        for part in doors_of(world, site) {
            let web: Vec<&Json> = part
                .ports()
                .map(|(_, port)| port)
                .filter(|port| {
                    matches!(port["scheme"].as_str(), Some("http" | "https"))
                        && port["audience"] != "node"
                })
                .collect();
            if !web.is_empty() && web.iter().all(|port| port["audience"] != "internet") {
                found.push(format!("{name} at {}", part.node));
            }
        }
    }
    for (_, name, site) in world.sites() {
        let networks: Vec<&str> = match &site["audience"] {
            Json::Array(items) => items.iter().filter_map(|it| named(it, "network")).collect(),
            one => named(one, "network").into_iter().collect(),
        };
        let doors = doors_of(world, site);
        if networks.is_empty() || site["dns"] == false || doors.is_empty() {
            continue;
        }
        let mut open = Vec::new();
        let mut everywhere = false;
        for part in &doors {
            for (_, port) in part.ports() {
                if !matches!(port["scheme"].as_str(), Some("http" | "https"))
                    || port["audience"] == "node"
                {
                    continue;
                }
                let bind = ips(&port["bind"]);
                everywhere |= published(port, part.space(world)).is_none()
                    || part.kind == "unit"
                    || matches!(part.space(world), Space::Host(_))
                    || port["audience"] == "internet"
                    || bind.iter().any(IpAddr::is_unspecified);
                let own = world.audience(port).unwrap_or_default();
                let addresses = own.iter().flat_map(|network| world.addresses(part.node, network));
                open.extend(if bind.is_empty() { addresses.collect() } else { bind });
                open.push("127.0.0.1".parse().unwrap());
            }
        }
        let mut wanted = doors.iter().flat_map(|part| {
            networks.iter().flat_map(|network| world.addresses(part.node, network))
        });
        let nowhere = open.iter().all(IpAddr::is_loopback);
        if !everywhere && !nowhere && !wanted.any(|ip| open.contains(&ip)) {
            found.push(format!("{name} for nobody"));
        }
    }
    found
}

/// The ports that a value stands for, where they are: of a node, or of a program on each of its nodes.
fn endpoints<'a>(world: &World<'a>, value: &'a Json) -> Vec<(&'a str, Option<Part<'a>>, &'a Json)> {
    if let Json::Array(items) = value {
        return items.iter().flat_map(|item| endpoints(world, item)).collect();
    }
    let Some(dotted) = named(value, "port") else { return Vec::new() };
    let steps: Vec<&str> = dotted.split('.').collect();
    match steps.as_slice() {
        [node, port] => vec![(*node, None, &world.node(node)["port"][*port])],
        [service, part, port] => {
            let on = value["on"].as_str();
            let mut all = world.parts();
            all.retain(|p| {
                p.service == *service && p.name == *part && on.is_none_or(|on| on == p.node)
            });
            all.into_iter().map(|p| (p.node, Some(p), &p.json["port"][*port])).collect()
        }
        _ => Vec::new(),
    }
}

fn dangling(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (_, name, site) in world.sites() {
        let routes = entries(&site["route"]).map(|(_, route)| &route["to"]);
        for to in std::iter::once(&site["to"]).chain(routes) {
            for door in doors_of(world, site) {
                for (node, part, port) in endpoints(world, to) {
                    if !reaches(world, &door, node, part, port) {
                        found.push(format!("{name} at {}", door.node));
                    }
                }
            }
        }
    }
    found
}

fn reaches(world: &World, from: &Part, node: &str, part: Option<Part>, port: &Json) -> bool {
    let (here, there) =
        (from.space(world), part.map_or(Space::Host(node), |part| part.space(world)));
    if here == there {
        return true;
    }
    if let (Some(part), Space::Container(..), Space::Container(..)) = (part, here, there) {
        let joins = |part: &Part| -> Vec<String> {
            let names = list(&part.json["networks"]).iter().filter_map(|n| named(n, "network"));
            names
                .chain(entries(&part.json["address"]).map(|(name, _)| name))
                .map(String::from)
                .collect()
        };
        let shared = joins(&part).iter().any(|network| joins(from).contains(network));
        if part.node == from.node && (part.service == from.service || shared) {
            return true;
        }
    }
    if let Some(part) = part
        && part.node != from.node
        && entries(&part.json["address"])
            .any(|(n, _)| matches!(world.driver(n), Some("macvlan" | "ipvlan")))
    {
        return true;
    }
    if published(port, there).is_none() {
        return false;
    }
    if node == from.node && matches!(here, Space::Host(_)) {
        return port["audience"] != "container";
    }
    let allowed = world.audience(port);
    world.reach().iter().any(|network| {
        !world.addresses(node, network).is_empty()
            && !world.addresses(from.node, network).is_empty()
            && allowed.as_ref().is_none_or(|allowed| allowed.contains(network))
    })
}

/// `http://NODE:NUMBER` in the environment, where nobody of that node listens there.
fn literals(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for part in world.containers() {
        for (key, value) in entries(&part.json["env"]) {
            let Some((host, rest)) =
                value.as_str().and_then(|t| t.split_once("://")?.1.split_once(':'))
            else {
                continue;
            };
            let number: Result<u64, _> = rest.split('/').next().unwrap_or_default().parse();
            let (Ok(number), true) = (number, world.node(host).is_object()) else { continue };
            let open =
                doors(world, host).iter().any(|d| (d.numbers.0..=d.numbers.1).contains(&number));
            let for_nobody = world.parts().iter().filter(|p| p.node == host).any(|p| {
                p.ports().any(|(_, port)| {
                    published(port, p.space(world)).is_some_and(|n| (n.0..=n.1).contains(&number))
                })
            });
            if !open && !for_nobody {
                found.push(format!("{} {key}", part.path()));
            }
        }
    }
    found
}

fn mirrors(world: &World) -> Vec<String> {
    let names: Vec<&str> = world.sites().into_iter().map(|(_, name, _)| name).collect();
    let mut found = Vec::new();
    for (node, json) in world.managed() {
        for mirror in list(&json["docker"]["mirrors"]).iter().filter_map(Json::as_str) {
            if names.iter().any(|name| mirror.ends_with(&format!("//{name}"))) {
                found.push(format!("{node} {mirror}"));
            }
        }
    }
    found
}
