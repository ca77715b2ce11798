//! Ports, sites, order, machines and what containers are given.

use super::Row;
use super::world::{Part, Space, World, entries, ips, list, named, published, word};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

#[rustfmt::skip] // one row a line
pub const ROWS: &[Row] = &[
    ("E1101", ports), ("E1102", absent), ("E1103", dangling), ("E1104", unserved), ("E1105", closed),
    ("E1106", bound), ("E1107", literals), ("E1112", mirrors), ("E1301", bootstrap), ("E1302", secrets),
    ("E1401", unknown), ("E1402", gpus), ("E1403", platforms), ("E1404", capacity), ("E1405", needs),
    ("E1406", engines), ("E1501", containers), ("E1502", services), ("E1503", units), ("E1504", jumps),
    ("E1505", abroad), ("E1602", compose), ("E1603", tasks), ("E1604", writes), ("L0102", health),
    ("L0201", tags), ("L0202", limits), ("L0204", rights),
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
                let on: Vec<IpAddr> =
                    networks.iter().flat_map(|n| world.addresses(node, n)).collect();
                if on.is_empty() {
                    return None;
                }
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

/// The stores whose secrets a value is made with.
fn stores<'a>(value: &'a Json, all: &mut BTreeSet<&'a str>) {
    for part in list(&value["secret"]) {
        all.extend(part["store"].as_str());
    }
}

/// A service that must run before a store answers, and cannot start without it, by however many steps.
fn bootstrap(world: &World) -> Vec<String> {
    let mut keepers: BTreeMap<&str, &str> = BTreeMap::new();
    for (store, json) in world.all("secret-stores") {
        let provider = &json["provider"];
        if word(provider) == Some("infisical") && provider["url"].is_null() {
            keepers.insert(store, named(&provider["service"], "service").unwrap_or("infisical"));
        }
    }
    let mut edges: BTreeSet<(&str, &str)> = BTreeSet::new();
    for part in world.parts() {
        let mut used = BTreeSet::new();
        entries(&part.json["env"]).for_each(|(_, value)| stores(value, &mut used));
        for field in ["config", "credential"] {
            entries(&part.json[field]).for_each(|(_, child)| stores(&child["value"], &mut used));
        }
        for (_, volume) in entries(&part.json["volume"]) {
            let path = volume["value"]["path"].as_str().unwrap_or_default();
            for (name, share) in
                world.all("shares").into_iter().filter(|(_, s)| world.is_client(s, part.node))
            {
                let below = world
                    .share_at(name, share, part.node)
                    .is_some_and(|root| super::storage::is_below(path, root));
                if volume["value"]["share"] == name || (volume["value"]["host"] == true && below) {
                    stores(&share["password"], &mut used);
                }
            }
        }
        edges.extend(used.iter().filter_map(|store| Some((part.service, *keepers.get(store)?))));
    }
    edges.extend(after(world));
    let all = closure(edges);
    keepers
        .values()
        .filter(|keeper| all.contains(&(**keeper, **keeper)))
        .map(|k| k.to_string())
        .collect()
}

fn after<'a>(world: &World<'a>) -> BTreeSet<(&'a str, &'a str)> {
    let services = world.all("services").into_iter();
    services
        .flat_map(|(name, json)| {
            list(&json["after"]).iter().filter_map(move |o| Some((name, named(o, "service")?)))
        })
        .collect()
}

/// Who comes before whom, by any number of steps.
fn closure<T: Ord + Clone>(mut edges: BTreeSet<(T, T)>) -> BTreeSet<(T, T)> {
    loop {
        let further: Vec<(T, T)> = edges
            .iter()
            .flat_map(|(a, b)| {
                edges.iter().filter(move |(c, _)| c == b).map(move |(_, d)| (a.clone(), d.clone()))
            })
            .filter(|pair| !edges.contains(pair))
            .collect();
        if further.is_empty() {
            return edges;
        }
        edges.extend(further);
    }
}

fn circles<T: Ord + Clone + ToString>(edges: BTreeSet<(T, T)>) -> Vec<String> {
    closure(edges).iter().filter(|(a, b)| a == b).map(|(a, _)| a.to_string()).collect()
}

/// Containers that a container waits for: its own name, the other's service, and its name.
fn waits<'a>(world: &World<'a>) -> Vec<(Part<'a>, &'a str, &'a str)> {
    let mut all = Vec::new();
    for part in world.containers() {
        let value = &part.json["depends_on"];
        for other in list(value).iter().filter_map(|other| named(other, "container")) {
            let (service, name) = other.split_once('.').unwrap_or((other, ""));
            all.push((part, service, name));
        }
        all.extend(entries(value).map(|(name, _)| (part, part.service, name)));
    }
    all
}

fn containers(world: &World) -> Vec<String> {
    let own = waits(world).into_iter().filter(|(part, service, _)| part.service == *service);
    circles(
        own.map(|(part, service, name)| (part.path(), format!("{}/{service}.{name}", part.node)))
            .collect(),
    )
}

fn abroad(world: &World) -> Vec<String> {
    let other = waits(world).into_iter().filter(|(part, service, _)| part.service != *service);
    other.map(|(part, service, name)| format!("{} for {service}.{name}", part.path())).collect()
}

fn services(world: &World) -> Vec<String> {
    circles(after(world))
}

fn units(world: &World) -> Vec<String> {
    let mut edges = BTreeSet::new();
    for part in world.parts().into_iter().filter(|part| part.kind == "unit") {
        for other in list(&part.json["after"]).iter().filter_map(|other| named(other, "unit")) {
            edges.insert((part.path(), format!("{}/{other}", part.node)));
        }
    }
    circles(edges)
}

fn jumps(world: &World) -> Vec<String> {
    let nodes = world.all("nodes").into_iter();
    circles(
        nodes
            .filter_map(|(name, json)| Some((name, named(&json["ssh"]["jump"], "node")?)))
            .collect(),
    )
}

fn secrets(world: &World) -> Vec<String> {
    let promising = |key: &str| {
        let key = key.to_lowercase();
        ["password", "pass", "secret", "token"].iter().any(|end| key.ends_with(end))
    };
    let token = |text: &str| {
        ["ghp_", "glpat-", "hf_"].iter().any(|head| text.starts_with(head) && text.len() > 30)
    };
    let mut found = Vec::new();
    for part in world.parts() {
        for (key, value) in entries(&part.json["env"]) {
            let Some(text) = value.as_str() else { continue };
            if token(text) || (promising(key) && !text.starts_with('/') && text.len() > 5) {
                found.push(format!("{} {key}", part.path()));
            }
        }
    }
    found
}

fn unknown(world: &World) -> Vec<String> {
    let nodes = world.managed().into_iter().filter(|(_, json)| {
        json["address"].is_object() && (json["arch"].is_null() || json["os"].is_null())
    });
    nodes.map(|(name, _)| name.to_string()).collect()
}

fn gpus(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for part in world.containers().into_iter().filter(|part| !part.json["gpu"].is_null()) {
        let (wanted, has) = (&part.json["gpu"], &world.node(part.node)["hardware"]["gpu"]);
        let more = wanted["number"].as_i64() > has["count"].as_i64().or(Some(1))
            && wanted["number"].is_i64();
        if has.is_null() || more {
            found.push(part.path());
        }
    }
    found
}

fn platforms(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for part in world.containers() {
        let node = world.node(part.node);
        let Some(arch) = word(&node["arch"]).filter(|_| word(&node["engine"]) != Some("desktop"))
        else {
            continue;
        };
        let built = match part.json["platform"].as_str() {
            Some("linux/amd64") => Some("x86_64"),
            Some(text) if text.starts_with("linux/arm64") => Some("arm64"),
            Some("linux/arm/v7") => Some("armv7"),
            _ => None,
        };
        let exists: Vec<&str> = list(&part.json["platforms"]).iter().filter_map(word).collect();
        if built.is_some_and(|built| built != arch)
            || (!exists.is_empty() && !exists.contains(&arch))
        {
            found.push(part.path());
        }
    }
    found
}

fn capacity(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (node, json) in world.managed() {
        let (hardware, kept) = (&json["hardware"], &json["reserve"]);
        let parts: Vec<Part> = world.parts().into_iter().filter(|part| part.node == node).collect();
        let limits = || parts.iter().map(|part| &part.json["limits"]);
        let promised: Vec<f64> = limits().filter_map(|l| l["memory"]["bytes"].as_f64()).collect();
        let over = limits().filter_map(|l| l["overcommit"].as_f64()).fold(1.0, f64::max);
        if let Some(has) = hardware["memory"]["bytes"].as_f64() {
            let own = kept["memory"]["bytes"].as_f64().unwrap_or(0.0);
            if !promised.is_empty() && promised.iter().sum::<f64>() + own > has * over {
                found.push(format!("memory of {node}"));
            }
        }
        if let Some(has) = hardware["cpu"]["cores"].as_f64() {
            let reserved: Vec<f64> =
                limits().filter_map(|l| l["reserve"]["cpu"]["cores"].as_f64()).collect();
            let own = kept["cpu"]["cores"].as_f64().unwrap_or(0.0);
            if !reserved.is_empty() && reserved.iter().sum::<f64>() + own > has + 1e-9 {
                found.push(format!("cores of {node}"));
            }
            let more = parts
                .iter()
                .filter(|part| part.json["limits"]["cpu"]["cores"].as_f64() > Some(has));
            found.extend(more.map(Part::path));
        }
    }
    found
}

fn needs(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    let family = |os: &str, wanted: &str| match wanted {
        "linux" => !matches!(os, "windows" | "macos"),
        "unix" => os != "windows",
        _ => os == wanted,
    };
    for (service, json) in world.all("services") {
        let needs = &json["needs"];
        for (node, _) in entries(&json["$instances"]) {
            let (node_json, hardware) = (world.node(node), &world.node(node)["hardware"]);
            let less = |has: &Json, wants: &Json| {
                wants.as_f64().is_some_and(|wants| has.as_f64().is_some_and(|has| has < wants))
            };
            let arch = word(&needs["arch"])
                .is_some_and(|w| word(&node_json["arch"]).is_some_and(|has| has != w));
            let os = word(&needs["os"])
                .is_some_and(|w| word(&node_json["os"]).is_some_and(|has| !family(has, w)));
            if arch
                || os
                || less(&hardware["memory"]["bytes"], &needs["memory"]["bytes"])
                || less(&hardware["cpu"]["cores"], &needs["cpu"]["cores"])
            {
                found.push(format!("{service} on {node}"));
            }
        }
    }
    found
}

fn engines(world: &World) -> Vec<String> {
    let parts = world.containers().into_iter();
    parts
        .filter(|part| word(&world.node(part.node)["engine"]) == Some("off"))
        .map(|p| p.path())
        .collect()
}

fn compose(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (node, json) in world.managed() {
        for (path, file) in entries(&json["file"]) {
            let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
            let services = file["content"]
                .as_str()
                .is_some_and(|text| text.lines().any(|line| line == "services:"));
            if yaml && services {
                found.push(format!("{node} {path}"));
            }
        }
    }
    found
}

fn all_tasks<'a>(world: &World<'a>) -> Vec<(&'a str, &'a Json)> {
    world.managed().into_iter().flat_map(|(_, json)| entries(&json["task"])).collect()
}

fn tasks(world: &World) -> Vec<String> {
    let services = world.all("services");
    let own = |name: &str| {
        name == "cluster:ping"
            || services.iter().any(|(s, _)| {
                ["deploy", "logs", "status"].iter().any(|v| name == format!("{v}:{s}"))
            })
    };
    all_tasks(world)
        .into_iter()
        .filter(|(name, _)| own(name))
        .map(|(name, _)| name.to_string())
        .collect()
}

fn writes(world: &World) -> Vec<String> {
    let into = |text: &str| {
        let owned = ["/etc/fstab", "/etc/hosts", "/etc/docker/daemon.json"];
        owned.iter().any(|path| {
            [format!(">> {path}"), format!("tee -a {path}")].iter().any(|w| text.contains(w))
                || (text.starts_with("sed -i") && text.contains(path))
        })
    };
    let tasks = all_tasks(world).into_iter();
    tasks
        .filter(|(_, task)| task["run"].as_str().is_some_and(into))
        .map(|(name, _)| name.to_string())
        .collect()
}

fn health(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (service, json) in world.all("services") {
        let parts: Vec<Part> =
            world.parts().into_iter().filter(|part| part.service == service).collect();
        let Some(first) = parts.first() else { continue };
        let mine = || parts.iter().filter(|part| part.node == first.node);
        let watched = |part: &&Part| {
            let health = &part.json["health"];
            ["command", "shell", "http", "tcp"].iter().any(|field| !health[*field].is_null())
        };
        let asked = |part: &&Part| part.ports().next().is_some() && part.json["timer"].is_null();
        if word(&json["availability"]) == Some("always")
            && mine().any(|p| asked(&p))
            && !mine().any(|p| watched(&p))
        {
            found.push(service.to_string());
        }
    }
    found
}

fn tags(world: &World) -> Vec<String> {
    let moving = |image: &str| {
        let name = image.rsplit('/').next().unwrap_or(image);
        !image.contains('@') && matches!(name.split_once(':'), None | Some((_, "latest" | "main")))
    };
    let parts = world.containers().into_iter();
    parts
        .filter(|part| part.json["image"].as_str().is_some_and(moving))
        .map(|part| part.path())
        .collect()
}

fn limits(world: &World) -> Vec<String> {
    let parts = world.containers().into_iter().filter(|part| {
        !world.node(part.node)["hardware"]["memory"].is_null()
            && part.json["limits"]["memory"].is_null()
    });
    parts.map(|part| part.path()).collect()
}

fn rights(world: &World) -> Vec<String> {
    let parts = world.containers().into_iter().filter(|part| part.json["privileged"] == true);
    parts.map(|part| part.path()).collect()
}
