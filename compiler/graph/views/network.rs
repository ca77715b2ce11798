//! Networks, the nodes in them with their addresses, and what is open to whom.

use super::{frames, lines, services};
use crate::graph::bond::Bond;
use crate::graph::picture::{Card, Picture};
use crate::model::reach::{self, Known};
use crate::model::site::{self, Audience};
use crate::model::{Model, ThingId};
use std::collections::BTreeMap;

pub fn fill(model: &Model, picture: &mut Picture) {
    let groups = frames(model, picture, 0, |_| String::new());
    let mut networks = BTreeMap::new();
    for &network in model.all("network") {
        if matches!(model.word(network, "driver"), Some("physical" | "mesh")) {
            networks.insert(network, picture.card(network_card(model, network)));
        }
    }
    for &node in model.all("node") {
        let card = picture.card(node_card(model, node, groups[&node]));
        for pair in model.get(node, "address").pairs() {
            let network = model.find("network", &pair.key).and_then(|n| networks.get(&n));
            if let Some(&network) = network {
                picture.line(card, network, Bond::Joins);
            }
        }
    }
    let sites = services::sites(model);
    let mut cards = BTreeMap::new();
    let mut internet = Vec::new();
    for instance in &model.instances {
        let open = open(model, instance.thing);
        let names = sites.get(&instance.thing).cloned().unwrap_or_default();
        let mut notes = names.clone();
        notes.extend(open.notes);
        if notes.is_empty() {
            continue;
        }
        let card = picture.card(Card {
            kind: "service",
            name: model.label(instance.service).to_string(),
            notes: lines(notes, 4),
            group: groups.get(&instance.node).copied(),
            tier: 0,
            thing: Some(instance.thing),
            faint: false,
        });
        cards.insert(instance.thing, card);
        for network in open.networks {
            if let Some(&network) = networks.get(&network) {
                picture.line(card, network, Bond::Open);
            }
        }
        if open.internet {
            internet.push(card);
        }
    }
    for site in site::sites(model) {
        let audience = site::audience(model, site);
        for port in site::endpoints(model, model.get(site, "to")) {
            let Some(&card) = model.thing(port).instance.and_then(|i| cards.get(&i)) else {
                continue;
            };
            match &audience {
                Audience::Internet => internet.push(card),
                Audience::Networks(open) => {
                    for network in open.iter().filter_map(|network| networks.get(network)) {
                        picture.line(card, *network, Bond::Open);
                    }
                }
                Audience::Node | Audience::Nobody => {}
            }
        }
    }
    for &network in model.all("network") {
        let by = site::runner(model, network, "provider");
        for instance in by.into_iter().flat_map(|service| model.instances_of(service)) {
            if let (Some(&from), Some(&to)) = (networks.get(&network), cards.get(&instance.thing)) {
                picture.line(from, to, Bond::RunBy);
            }
        }
    }
    if !internet.is_empty() {
        let all = picture.card(Card {
            kind: "internet",
            name: "internet".into(),
            notes: vec!["everyone".into()],
            group: None,
            tier: 1,
            thing: None,
            faint: false,
        });
        for card in internet {
            picture.line(card, all, Bond::Open);
        }
    }
}

/// What an instance publishes, and for whom.
#[derive(Default)]
struct Open {
    notes: Vec<String>,
    networks: Vec<ThingId>,
    internet: bool,
}

fn open(model: &Model, instance: ThingId) -> Open {
    let mut facts = Known(model);
    let mut open = Open::default();
    for program in site::programs(model, instance) {
        for &port in model.children(program, "port") {
            let Some(range) = reach::published(&mut facts, port) else { continue };
            let number = match range.first == range.last {
                true => range.first.to_string(),
                false => format!("{}-{}", range.first, range.last),
            };
            open.notes.push(format!("{number} {}", model.label(port)));
            match reach::audience(&mut facts, port) {
                Some(networks) => open.networks.extend(networks),
                None => open.internet = true,
            }
        }
    }
    open
}

fn network_card(model: &Model, network: ThingId) -> Card {
    let mut notes: Vec<String> =
        site::ranges(model, &[network]).into_iter().map(|(range, _)| range).collect();
    if let Some(domain) = model.text(network, "domain") {
        notes.push(format!("names in .{domain}"));
    }
    Card {
        kind: "network",
        name: model.label(network).to_string(),
        notes: lines(notes, 3),
        group: None,
        tier: 1,
        thing: Some(network),
        faint: false,
    }
}

fn node_card(model: &Model, node: ThingId, group: usize) -> Card {
    let mut notes = Vec::new();
    for pair in model.get(node, "address").pairs() {
        notes.extend(reach::ips(&pair.value).iter().map(|ip| format!("{} {ip}", pair.key)));
    }
    Card {
        kind: "node",
        name: model.label(node).to_string(),
        notes: lines(notes, 4),
        group: Some(group),
        tier: 0,
        thing: Some(node),
        faint: super::state(model, node).is_some(),
    }
}
