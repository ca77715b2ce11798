//! Who answers for a name, who signs for it, and things that may be there once only.

use super::Row;
use super::world::{Part, World, entries, ips, list, named, word};
use serde_json::Value as Json;

#[rustfmt::skip] // one row a line
pub const ROWS: &[Row] = &[
    ("E1007", wildcards), ("E1011", containers), ("E1012", cards), ("E1013", accounts), ("E1113", readers), ("E1114", certificates),
    ("E1211", places), ("E1601", files),
];

/// The service behind a tool of the cluster.
pub fn runner(json: &Json) -> Option<&str> {
    named(&json["service"], "service").or(word(json))
}

fn instances<'a>(world: &World<'a>, service: &str) -> Vec<(&'a str, &'a Json)> {
    entries(&world.0["services"][service]["$instances"]).collect()
}

/// The nodes whose ingress serves a site.
fn doors<'a>(world: &World<'a>, site: &Json) -> Vec<&'a str> {
    let Some(service) = runner(&world.cluster()["ingress"]) else { return Vec::new() };
    let mut nodes: Vec<&str> =
        instances(world, service).into_iter().map(|(node, _)| node).collect();
    let own = list(&site["ingress"]);
    nodes.retain(|node| own.is_empty() || own.iter().any(|n| n["node"] == *node));
    nodes
}

/// Whether the cluster's DNS server has an address for a site.
fn is_said(world: &World, site: &Json) -> bool {
    let networks = match &site["audience"] {
        Json::String(word) if word == "internet" => world.reach(),
        Json::String(_) => Vec::new(),
        Json::Array(items) if !items.is_empty() => {
            let own: Vec<&str> = items.iter().filter_map(|n| named(n, "network")).collect();
            world.reach().into_iter().filter(|network| own.contains(network)).collect()
        }
        Json::Object(_) => named(&site["audience"], "network").into_iter().collect(),
        _ => world.reach(),
    };
    let doors = doors(world, site);
    site["dns"] == true
        && doors.iter().any(|node| networks.iter().any(|n| !world.addresses(node, n).is_empty()))
}

/// Accounts that have a number of another one of their node.
fn accounts(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (node, json) in world.managed() {
        let wsl = json["os"]["wsl"] == true;
        if word(&json["os"]) == Some("macos") || word(&json["os"]) == Some("windows") && !wsl {
            continue;
        }
        let mut names: Vec<&str> = std::iter::once(&json["user"])
            .chain(list(&json["users"]))
            .filter_map(|user| named(user, "user"))
            .filter(|user| world.0["users"][*user]["side"] != "windows")
            .collect();
        names.sort_unstable();
        names.dedup();
        for (at, a) in names.iter().enumerate() {
            for b in &names[at + 1..] {
                let same = |field: &str| world.0["users"][*a][field] == world.0["users"][*b][field];
                if same("uid") || same("gid") {
                    found.push(format!("{a} and {b} on {node}"));
                }
            }
        }
    }
    found
}

fn site_names<'a>(name: &'a str, site: &'a Json) -> Vec<&'a str> {
    let aliases = list(&site["alias"]).iter().filter_map(|alias| alias.as_str());
    std::iter::once(name).chain(aliases).collect()
}

fn wildcards(world: &World) -> Vec<String> {
    let dns = runner(&world.cluster()["dns"]);
    if dns.is_none_or(|service| world.0["services"][service].is_null()) {
        return Vec::new();
    }
    let sites = world.sites();
    let all: Vec<(&str, &Json)> = sites
        .iter()
        .filter(|(_, name, site)| name.starts_with("*.") && is_said(world, site))
        .map(|&(_, name, site)| (&name[1..], site))
        .collect();
    let answers = |name: &str| {
        let fits = all.iter().filter(|(below, _)| name.ends_with(below));
        fits.max_by_key(|(below, _)| below.len()).map(|(_, site)| *site)
    };
    let mut found = Vec::new();
    for (_, name, site) in &sites {
        for name in site_names(name, site).into_iter().filter(|name| !name.starts_with("*.")) {
            let Some(wildcard) = answers(name) else { continue };
            let own = doors(world, site);
            let elsewhere = doors(world, wildcard).iter().any(|door| !own.contains(door));
            if elsewhere && !is_said(world, site) {
                found.push(name.to_string());
            }
        }
    }
    for (name, record) in world.all("records") {
        let on: Vec<&str> = list(&record["on"]).iter().filter_map(word).collect();
        let addressed = record["a"].is_string() || record["aaaa"].is_string();
        if addressed && !on.is_empty() && !on.contains(&"pihole") && answers(name).is_some() {
            found.push(name.to_string());
        }
    }
    for network in world.reach() {
        let Some(domain) = world.0["networks"][network]["domain"].as_str() else { continue };
        for (node, _) in world.all("nodes") {
            let name = format!("{node}.{domain}");
            if world.addresses(node, network).is_empty() && answers(&name).is_some() {
                found.push(name);
            }
        }
    }
    found
}

fn certificates(world: &World) -> Vec<String> {
    let one_word = |name: &Json| name.as_str().filter(|name| !name.contains('.')).map(String::from);
    let mut inner: Vec<String> =
        ["local", "internal", "home.arpa", "lan"].map(String::from).to_vec();
    inner.extend(one_word(&world.cluster()["domain"]));
    inner.extend(world.all("networks").iter().filter_map(|(_, n)| one_word(&n["domain"])));
    let nobodys = |name: &str| {
        name.starts_with("*.")
            || inner.iter().any(|top| name == top || name.ends_with(&format!(".{top}")))
    };
    let mut found = Vec::new();
    for (_, name, site) in world.sites() {
        let open = site["audience"] == "internet";
        let asks = word(&site["tls"]).map_or(open, |tls| tls == "acme");
        let own = site["raw"].as_str().is_some_and(|raw| raw.contains("tls "));
        let nodes = doors(world, site);
        if !asks || own || nodes.is_empty() {
            continue;
        }
        let ingress = runner(&world.cluster()["ingress"]).unwrap_or_default();
        let ports: Vec<&Json> = instances(world, ingress)
            .into_iter()
            .filter(|(node, _)| nodes.contains(node))
            .flat_map(|(_, instance)| ["container", "unit"].map(|kind| &instance[kind]))
            .flat_map(entries)
            .flat_map(|(_, part)| entries(&part["port"]).map(|(_, port)| port).collect::<Vec<_>>())
            .filter(|port| matches!(word(&port["scheme"]), Some("http" | "https")))
            .filter(|port| port["audience"] != "node")
            .collect();
        let closed = !ports.is_empty() && ports.iter().all(|port| port["audience"] != "internet");
        if site_names(name, site).into_iter().any(nobodys) || (closed && !open) {
            found.push(name.to_string());
        }
    }
    found
}

/// Pairs of things that are called the same.
fn same<K: Ord + Clone>(mut all: Vec<(K, String)>) -> Vec<String> {
    all.sort();
    all.dedup();
    let pairs = all.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    pairs.map(|pair| format!("{} and {}", pair[0].1, pair[1].1)).collect()
}

fn containers(world: &World) -> Vec<String> {
    let named = |part: Part| {
        ((part.node.to_string(), format!("{}-{}", part.service, part.name)), part.path())
    };
    same(world.containers().into_iter().map(named).collect())
}

fn cards(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for (node, json) in world.all("nodes") {
        let cards =
            entries(&json["mac"]).filter_map(|(network, mac)| Some((network, mac.as_str()?)));
        all.extend(
            cards.map(|(network, mac)| {
                ((network.to_string(), mac.to_lowercase()), node.to_string())
            }),
        );
    }
    for part in world.containers() {
        let Some(mac) = part.json["mac"].as_str() else { continue };
        let networks = entries(&part.json["address"]);
        all.extend(
            networks.map(|(network, _)| ((network.to_string(), mac.to_lowercase()), part.path())),
        );
    }
    same(all)
}

/// Who runs a tool of the cluster and does not read what is made for it.
fn readers(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    let mut ask = |of: &str, json: &Json, files: &[&str], named_too: bool| {
        let Some(service) = runner(json) else { return };
        if world.0["services"][service].is_null() {
            found.extend(named_too.then(|| format!("{of}: nobody")));
            return;
        }
        let reads = |part: &Json| {
            entries(&part["config"]).any(|(_, config)| {
                config["value"]["generated"].as_str().is_some_and(|file| files.contains(&file))
            })
        };
        for (node, instance) in instances(world, service) {
            let mut parts = entries(&instance["container"]).chain(entries(&instance["unit"]));
            if !parts.any(|(_, part)| reads(part)) {
                found.push(format!("{of}: {service} on {node}"));
            }
        }
    };
    let cluster = world.cluster();
    ask("ingress", &cluster["ingress"], &["caddyfile"], world.sites().is_empty());
    ask("dns", &cluster["dns"], &["pihole"], true);
    for (network, json) in world.all("networks") {
        ask(network, &json["provider"], &["headscale_records", "headscale_policy"], true);
    }
    found
}

/// Two mounts at one path of a container.
fn places(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for part in world.containers() {
        for field in ["volume", "config", "credential"] {
            for (label, thing) in entries(&part.json[field]) {
                let path =
                    if field == "credential" { thing["target"].as_str() } else { Some(label) };
                let Some(path) = path else { continue };
                let path = if path == "/" { path } else { path.trim_end_matches('/') };
                all.push(((part.path(), path.to_string()), format!("{field} {label}")));
            }
        }
    }
    same(all)
}

/// Files that every node gets, written a second time.
fn files(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (node, json) in world.managed() {
        let known = entries(&json["address"]).any(|(_, value)| !ips(value).is_empty());
        if !json["os"].is_null() && known && json["file"]["/etc/hosts"].is_object() {
            found.push(node.to_string());
        }
    }
    found
}
