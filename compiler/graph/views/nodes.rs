//! The machines: what each is, what runs there, and what they need of each other.

use super::{lines, machine, services, state};
use crate::diag::text::few;
use crate::graph::Graph;
use crate::graph::bond::Bond;
use crate::graph::picture::{Card, Picture};
use crate::model::mounted::Mounted;
use crate::model::value::{Base, Value};
use crate::model::{Model, ThingId};
use std::collections::BTreeMap;

pub fn fill(model: &Model, graph: &Graph, picture: &mut Picture) {
    let mut cards = BTreeMap::new();
    for &node in model.all("node") {
        let state = state(model, node);
        let card = Card {
            kind: "node",
            name: model.label(node).to_string(),
            notes: notes(model, node, state),
            group: None,
            tier: 0,
            thing: Some(node),
            faint: state.is_some(),
        };
        cards.insert(node, picture.card(card));
    }
    let mut line = |from: Option<ThingId>, to: Option<ThingId>, bond| {
        if let (Some(&from), Some(&to)) =
            (from.and_then(|id| cards.get(&id)), to.and_then(|id| cards.get(&id)))
        {
            picture.line(from, to, bond);
        }
    };
    for (from, to, bond) in services::bonds(graph) {
        line(model.thing(from).node, model.thing(to).node, bond);
    }
    let mounted = Mounted::of(model);
    for &node in model.all("node") {
        for mount in mounted.on(node) {
            let server = model.get(mount.share, "server").as_thing();
            if server != Some(node) {
                line(Some(node), server, Bond::Mounts);
            }
        }
    }
    for &backup in model.all("backup") {
        let on = model.get(backup, "on").as_thing();
        let to = match model.get(backup, "to") {
            Value::Location(location) => match location.base {
                Base::Disk(disk) => model.thing(disk).node,
                Base::Share(share) => model.get(share, "server").as_thing(),
                _ => None,
            },
            _ => None,
        };
        line(on, to, Bond::Copies);
    }
}

fn notes(model: &Model, node: ThingId, state: Option<&str>) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(state.map(str::to_string));
    notes.extend(Some(machine(model, node)).filter(|line| !line.is_empty()));
    let roles: Vec<String> = model
        .get(node, "roles")
        .items()
        .iter()
        .filter_map(|item| item.value.as_thing())
        .map(|role| model.label(role).to_string())
        .collect();
    if !roles.is_empty() {
        notes.push(few(&roles, 4));
    }
    if !model.flag(node, "managed") {
        notes.push("not managed".into());
    }
    let running: Vec<String> = model
        .instances_on(node)
        .iter()
        .map(|instance| model.label(instance.thing).to_string())
        .collect();
    if !running.is_empty() {
        notes.push(super::count(running.len(), "service", "services"));
    }
    lines(notes, 5)
}
