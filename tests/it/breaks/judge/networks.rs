//! Addresses, names and networks, by comparing each with each.

use super::Row;
use super::world::{Range, World, entries, ips, list, named, ranges, word};
use std::net::IpAddr;

#[rustfmt::skip] // one row a line
pub const ROWS: &[Row] = &[
    ("E1001", outside), ("E1002", twice), ("E1003", overlaps), ("E1004", names), ("E1005", elsewhere),
    ("E1006", sites), ("E1008", taken), ("E1009", pools), ("E1010", groups), ("E1108", cables),
    ("E1109", external), ("E1110", bridges),
];

/// Who has which address on which network, and on which node where the network ends there.
fn held<'a>(world: &World<'a>) -> Vec<(&'a str, IpAddr, String, Option<&'a str>)> {
    let mut all = Vec::new();
    for (node, json) in world.all("nodes") {
        for (network, value) in entries(&json["address"]) {
            all.extend(ips(value).into_iter().map(|ip| (network, ip, node.to_string(), None)));
        }
    }
    for part in world.containers() {
        for (network, value) in entries(&part.json["address"]) {
            let ends = (world.driver(network) == Some("bridge")).then_some(part.node);
            all.extend(ips(value).into_iter().map(|ip| (network, ip, part.path(), ends)));
        }
    }
    all
}

fn outside(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    let beyond = |network: &str, ip: IpAddr| {
        let mut all = ranges(&world.0["networks"][network]["range"]);
        all.retain(|range| range.old == ip.is_ipv4());
        !all.is_empty() && !all.iter().any(|range| range.holds(ip))
    };
    for (network, ip, who, _) in held(world) {
        if beyond(network, ip) {
            found.push(format!("{who} at {ip} on {network}"));
        }
    }
    for (network, json) in world.all("networks") {
        let made = matches!(world.driver(network), Some("bridge" | "macvlan" | "ipvlan"));
        let all = ranges(&json["range"]);
        let outside = ips(&json["gateway"]).into_iter().filter(|&ip| {
            let on_the_cable = !made && ip.to_string().starts_with("fe80:");
            !all.is_empty() && !on_the_cable && !all.iter().any(|range| range.holds(ip))
        });
        found.extend(outside.map(|ip| format!("gateway {ip} of {network}")));
    }
    found
}

fn twice(world: &World) -> Vec<String> {
    let held = held(world);
    let mut found = Vec::new();
    for (at, a) in held.iter().enumerate() {
        for b in &held[at + 1..] {
            if a.0 == b.0 && a.1 == b.1 && a.2 != b.2 && (a.3.is_none() || a.3 == b.3) {
                found.push(format!("{} and {} at {}", a.2, b.2, a.1));
            }
        }
    }
    found
}

fn overlaps(world: &World) -> Vec<String> {
    let mut all: Vec<(String, &str, Range)> = Vec::new();
    for (network, json) in world.all("networks") {
        let driver = world.driver(network).unwrap_or_default();
        all.extend(ranges(&json["range"]).into_iter().map(|r| (network.to_string(), driver, r)));
    }
    for (node, json) in world.managed() {
        for pool in list(&json["docker"]["default_pools"]) {
            let range = pool["base"].as_str().and_then(Range::read);
            all.extend(range.map(|range| (format!("pool of {node}"), "pool", range)));
        }
    }
    let beside = |a: &str, b: &str| {
        (matches!(a, "macvlan" | "ipvlan") && b == "physical")
            || (a == "pool" && matches!(b, "bridge" | "pool"))
    };
    // A bridge is where containers join it.
    let homes = |network: &str| -> Vec<&str> {
        let joins = |json: &serde_json::Value| {
            list(&json["networks"]).iter().any(|name| named(name, "network") == Some(network))
                || entries(&json["address"]).any(|(name, _)| name == network)
        };
        world.containers().iter().filter(|part| joins(part.json)).map(|part| part.node).collect()
    };
    let apart = |a: &(String, &str, Range), b: &(String, &str, Range)| {
        let (one, other) = (homes(&a.0), homes(&b.0));
        let both = a.1 == "bridge" && b.1 == "bridge" && !one.is_empty() && !other.is_empty();
        both && !one.iter().any(|node| other.contains(node))
    };
    let mut found = Vec::new();
    for (at, a) in all.iter().enumerate() {
        for b in &all[at + 1..] {
            let meet = a.0 != b.0 && a.2.meets(&b.2) && !beside(a.1, b.1) && !beside(b.1, a.1);
            if meet && !apart(a, b) {
                found.push(format!("{} and {}", a.0, b.0));
            }
        }
    }
    found
}

fn taken(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (network, ip, who, _) in held(world) {
        let json = &world.0["networks"][network];
        let Some(range) = ranges(&json["range"]).into_iter().find(|range| range.holds(ip)) else {
            continue;
        };
        let edge = range.old
            && range.last - range.first > 1
            && [range.first, range.last].contains(&super::world::number(ip));
        let reserved = ranges(&json["reserve"]).iter().any(|part| part.holds(ip));
        let nodes = matches!(world.driver(network), Some("physical" | "mesh"));
        let mut gateways = ips(&json["gateway"]);
        gateways.retain(|gateway| gateway.is_ipv4() == ip.is_ipv4());
        let by_docker = world.driver(network) == Some("bridge")
            && gateways.is_empty()
            && json["pool"].is_null()
            && super::world::number(ip) == range.first + 1;
        let gateway = !nodes && gateways.contains(&ip) || by_docker;
        if edge || reserved || gateway {
            found.push(format!("{who} at {ip}"));
        }
    }
    found
}

fn pools(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (network, json) in world.all("networks") {
        let all = ranges(&json["range"]);
        for pool in ranges(&json["pool"]) {
            let inside = |range: &Range| {
                range.old == pool.old && range.first <= pool.first && pool.last <= range.last
            };
            if !all.is_empty() && !all.iter().any(inside) {
                found.push(network.to_string());
            }
        }
    }
    found
}

/// Every name that is looked up, and what it means.
fn meanings(world: &World) -> Vec<(String, String, bool)> {
    let domains: Vec<&str> =
        world.all("networks").iter().filter_map(|(_, n)| n["domain"].as_str()).collect();
    let mut all = Vec::new();
    for (node, json) in world.all("nodes") {
        let aliases = list(&json["alias"]).iter().filter_map(|alias| alias.as_str());
        for name in std::iter::once(node).chain(aliases) {
            let dotted = domains.iter().map(|domain| format!("{name}.{domain}"));
            for name in dotted.chain([name.to_string()]) {
                all.push((name.to_lowercase(), format!("node {node}"), false));
            }
        }
    }
    for (service, name, site) in world.sites() {
        let of = format!("site {name} of {service:?}");
        let aliases = list(&site["alias"]).iter().filter_map(|alias| alias.as_str());
        for name in std::iter::once(name).chain(aliases) {
            all.push((name.to_lowercase(), of.clone(), true));
        }
    }
    for (name, _) in world.all("records") {
        all.push((name.to_lowercase(), format!("record {name}"), false));
    }
    all
}

fn clashes(world: &World, wanted: bool) -> Vec<String> {
    let all = meanings(world);
    let mut found = Vec::new();
    for (at, a) in all.iter().enumerate() {
        for b in &all[at + 1..] {
            if a.0 == b.0 && a.1 != b.1 && (a.2 && b.2) == wanted {
                found.push(format!("{}: {} and {}", a.0, a.1, b.1));
            }
        }
    }
    found
}

fn names(world: &World) -> Vec<String> {
    clashes(world, false)
}

fn sites(world: &World) -> Vec<String> {
    clashes(world, true)
}

fn elsewhere(world: &World) -> Vec<String> {
    let domain = world.cluster()["domain"].as_str();
    let networks = world.all("networks");
    let mut all: Vec<String> =
        networks.iter().filter_map(|(_, n)| n["domain"].as_str()).map(str::to_lowercase).collect();
    all.extend(domain.map(str::to_lowercase));
    if all.is_empty() {
        return Vec::new();
    }
    let outside = |name: &str| {
        let name = name.to_lowercase();
        !all.iter().any(|domain| name == *domain || name.ends_with(&format!(".{domain}")))
    };
    let mut found = Vec::new();
    for (_, name, site) in world.sites() {
        let aliases = list(&site["alias"]).iter().filter_map(|alias| alias.as_str());
        found.extend(
            std::iter::once(name).chain(aliases).filter(|name| outside(name)).map(String::from),
        );
    }
    found
}

fn groups(world: &World) -> Vec<String> {
    let mut all: Vec<(String, String)> = Vec::new();
    for (node, json) in world.all("nodes") {
        for role in list(&json["roles"]) {
            let name = named(role, "role").unwrap_or(node);
            all.push((name.replace('-', "_"), format!("role {name}")));
        }
    }
    all.extend(
        world
            .all("groups")
            .iter()
            .map(|(name, _)| (name.replace('-', "_"), format!("group {name}"))),
    );
    all.sort();
    all.dedup();
    let pairs = all.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    pairs.map(|pair| format!("{} and {}", pair[0].1, pair[1].1)).collect()
}

/// The networks of containers that a container joins.
fn joined<'a>(part: &super::world::Part<'a>) -> Vec<&'a str> {
    let by_name = list(&part.json["networks"]).iter().filter_map(|n| named(n, "network"));
    let by_address = entries(&part.json["address"]).map(|(network, _)| network);
    let mut all: Vec<&str> = by_name.chain(by_address).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn cables(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for part in world.containers() {
        for network in joined(&part) {
            if matches!(world.driver(network), Some("physical" | "mesh")) {
                found.push(format!("{} on {network}", part.path()));
            }
        }
    }
    found
}

fn external(world: &World) -> Vec<String> {
    let used = |name: &str| world.containers().iter().any(|part| joined(part).contains(&name));
    let networks = world.all("networks").into_iter().filter(|(name, json)| {
        let nodes = matches!(world.driver(name), Some("physical" | "mesh"));
        json["raw"]["external"] == true && !nodes && used(name)
    });
    networks.map(|(name, _)| name.to_string()).collect()
}

/// A bridge on several nodes, where a member of another service is alone on its node: whom should it talk to?
fn bridges(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (network, json) in world.all("networks") {
        if word(&json["driver"]) != Some("bridge") {
            continue;
        }
        let members: Vec<_> =
            world.containers().into_iter().filter(|p| joined(p).contains(&network)).collect();
        let services: std::collections::BTreeSet<&str> =
            members.iter().map(|p| p.service).collect();
        let nodes: std::collections::BTreeSet<&str> = members.iter().map(|p| p.node).collect();
        let lonely =
            nodes.iter().any(|node| members.iter().filter(|p| p.node == *node).count() == 1);
        if services.len() > 1 && nodes.len() > 1 && lonely {
            found.push(network.to_string());
        }
    }
    found
}
