//! What must be there before a service can start, by the names and addresses in its texts.

use super::Row;
use super::names::runner;
use super::running::{after, closure};
use super::world::{Part, Space, World, entries, list, published, word};
use serde_json::Value as Json;
use std::collections::BTreeSet;

#[rustfmt::skip] // one row a line
pub const ROWS: &[Row] = &[("E1506", registries), ("L0207", each_other)];

/// Steps of a circle that are among those that count.
fn circles<'a>(
    all: BTreeSet<(&'a str, &'a str)>,
    counts: &BTreeSet<(&'a str, &'a str)>,
) -> Vec<String> {
    let closed = closure(all);
    let on_a_circle = counts.iter().filter(|(a, b)| a == b || closed.contains(&(*b, *a)));
    on_a_circle.map(|(a, b)| format!("{a} and {b}")).collect()
}

/// The services without which nothing answers under a site's name.
fn behind<'a>(world: &World<'a>, host: &str) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    for (_, name, site) in world.sites() {
        if name != host {
            continue;
        }
        let tools =
            ["ingress", "dns"].into_iter().filter_map(|field| runner(&world.cluster()[field]));
        found.extend(tools.filter(|service| world.0["services"][service].is_object()));
        let to = &site["to"];
        let targets = if to.is_array() { list(to).iter().collect() } else { vec![to] };
        for target in targets {
            let dotted = ["port", "container", "unit", "service"]
                .iter()
                .find_map(|kind| target[*kind].as_str());
            found.extend(dotted.and_then(|dotted| dotted.split('.').next()));
        }
    }
    found
}

fn registries(world: &World) -> Vec<String> {
    let (mut all, mut counts) = (after(world), BTreeSet::new());
    for part in world.parts() {
        let Some((host, _)) = part.json["image"].as_str().and_then(|image| image.split_once('/'))
        else {
            continue;
        };
        counts.extend(behind(world, host).into_iter().map(|other| (part.service, other)));
    }
    for part in world.parts() {
        for (_, value) in entries(&part.json["env"]) {
            for secret in list(&value["secret"]) {
                let store = secret["store"].as_str().unwrap_or_default();
                let provider = &world.0["secret-stores"][store]["provider"];
                if word(provider) != Some("infisical") {
                    continue;
                }
                match provider["url"].as_str() {
                    Some(url) => {
                        let host = url.trim_start_matches("https://").trim_start_matches("http://");
                        let host = host.split([':', '/']).next().unwrap_or_default();
                        counts.extend(
                            behind(world, host).into_iter().map(|other| (part.service, other)),
                        );
                    }
                    None => all.extend(runner(provider).map(|keeper| (part.service, keeper))),
                }
            }
        }
    }
    all.extend(&counts);
    circles(all, &counts)
}

/// Whether a text holds an address, and not only the beginning of a longer number.
fn holds(text: &str, address: &str) -> bool {
    text.match_indices(address).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let next = text[at + address.len()..].chars().next();
        !next.is_some_and(|c| c.is_ascii_digit())
            && !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
    })
}

/// How a program could spell a port of another one.
fn spellings(world: &World, from: &Part, to: &Part, port: &Json) -> Vec<String> {
    let mut all = Vec::new();
    if let Some((number, _)) = published(port, to.space(world)) {
        for network in world.reach() {
            all.extend(world.addresses(to.node, network).iter().map(|ip| match ip.is_ipv6() {
                true => format!("[{ip}]:{number}"),
                false => format!("{ip}:{number}"),
            }));
        }
        if from.node == to.node && matches!(from.space(world), Space::Host(_)) {
            all.push(format!("127.0.0.1:{number}"));
        }
    }
    if from.node == to.node {
        let inner = &port["value"]["port"];
        let inner = inner.as_u64().or_else(|| inner[0].as_u64()).unwrap_or_default();
        all.push(format!("{}-{}:{inner}", to.service, to.name));
    }
    for (_, ip) in entries(&to.json["address"]) {
        let inner = port["value"]["port"].as_u64().unwrap_or_default();
        all.extend(ip.as_str().map(|ip| format!("{ip}:{inner}")));
    }
    all
}

fn each_other(world: &World) -> Vec<String> {
    let parts = world.parts();
    let mut counts = BTreeSet::new();
    for from in &parts {
        let env = entries(&from.json["env"]).filter_map(|(_, value)| value.as_str());
        let configs =
            entries(&from.json["config"]).filter_map(|(_, config)| config["value"].as_str());
        let texts: Vec<&str> = env.chain(configs).collect();
        for to in parts.iter().filter(|to| to.service != from.service) {
            for (_, port) in to.ports() {
                let spelled = spellings(world, from, to, port);
                if texts.iter().any(|text| spelled.iter().any(|address| holds(text, address))) {
                    counts.insert((from.service, to.service));
                }
            }
        }
    }
    let mut all = after(world);
    all.extend(&counts);
    circles(all, &counts)
}
