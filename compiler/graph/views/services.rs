//! Services by node, with the names that they are known under, and what they need of each other.

use super::{frames, lines, machine, state};
use crate::diag::text::few;
use crate::graph::bond::Bond;
use crate::graph::picture::{Card, Picture};
use crate::graph::{Graph, Need, Sort};
use crate::model::reach::{self, Known};
use crate::model::{Model, ThingId, site};
use std::collections::BTreeMap;

pub fn fill(model: &Model, graph: &Graph, picture: &mut Picture) {
    let groups = frames(model, picture, 0, |node| note(model, node));
    let sites = sites(model);
    let mut cards = BTreeMap::new();
    for instance in &model.instances {
        let on_demand = model.word(instance.service, "availability") == Some("on-demand");
        let mut notes = sites.get(&instance.thing).cloned().unwrap_or_default();
        notes.extend(ports(model, instance.thing));
        let notes = lines(notes, 3);
        let card = Card {
            kind: "service",
            name: model.label(instance.service).to_string(),
            notes,
            group: groups.get(&instance.node).copied(),
            tier: 0,
            thing: Some(instance.thing),
            faint: on_demand,
        };
        cards.insert(instance.thing, picture.card(card));
    }
    for (from, to, bond) in bonds(graph) {
        if let (Some(&from), Some(&to)) = (cards.get(&from), cards.get(&to)) {
            picture.line(from, to, bond);
        }
    }
}

/// What instances need of each other; a store of secrets stands for the service that runs it.
pub fn bonds(graph: &Graph) -> Vec<(ThingId, ThingId, Bond)> {
    let thing = |at: usize| graph.vertices[at].thing;
    let runs = |at: usize| graph.needs(at).filter(|e| e.need == Need::RunBy).map(|e| e.to);
    let of = |at: usize, need: Need| graph.needs(at).filter(move |e| e.need == need);
    // What it talks to it had better start after: one line says both.
    let talks = |at: usize, to: usize| of(at, Need::Talks).any(|edge| edge.to == to);
    let mut all = Vec::new();
    for (at, vertex) in graph.vertices.iter().enumerate() {
        match vertex.sort {
            Sort::Service => {
                for edge in graph.needs(at) {
                    match edge.need {
                        Need::Talks => all.push((thing(at), thing(edge.to), Bond::Talks)),
                        Need::After if !talks(at, edge.to) => {
                            all.push((thing(at), thing(edge.to), Bond::After));
                        }
                        Need::Secrets => {
                            let stores = runs(edge.to).map(|by| (thing(at), thing(by)));
                            all.extend(stores.map(|(a, b)| (a, b, Bond::Secrets)));
                        }
                        _ => {}
                    }
                }
            }
            Sort::Site => {
                for behind in of(at, Need::Serves) {
                    let through = of(at, Need::Ingress).map(|e| thing(e.to));
                    all.extend(through.map(|by| (thing(behind.to), by, Bond::Through)));
                }
            }
            _ => {}
        }
    }
    all
}

fn note(model: &Model, node: ThingId) -> String {
    let mut words = vec![machine(model, node)];
    words.extend(state(model, node).map(str::to_string));
    words.retain(|word| !word.is_empty());
    words.join(", ")
}

/// The names of sites, by the instance that answers.
pub fn sites(model: &Model) -> BTreeMap<ThingId, Vec<String>> {
    let mut all: BTreeMap<ThingId, Vec<String>> = BTreeMap::new();
    for site in site::sites(model) {
        let mut behind: Vec<ThingId> = site::endpoints(model, model.get(site, "to"))
            .into_iter()
            .filter_map(|port| model.thing(port).instance)
            .collect();
        behind.sort();
        behind.dedup();
        for instance in behind {
            all.entry(instance).or_default().push(model.label(site).to_string());
        }
    }
    all
}

/// `ports 3300, 2222`, as others reach them.
fn ports(model: &Model, instance: ThingId) -> Option<String> {
    let mut facts = Known(model);
    let mut numbers: Vec<u16> = site::programs(model, instance)
        .flat_map(|program| model.children(program, "port"))
        .filter_map(|&port| reach::published(&mut facts, port))
        .map(|range| range.first)
        .collect();
    numbers.sort();
    numbers.dedup();
    let words: Vec<String> = numbers.iter().map(u16::to_string).collect();
    match words.len() {
        0 => None,
        1 => Some(format!("port {}", words[0])),
        _ => Some(format!("ports {}", few(&words, 4))),
    }
}
