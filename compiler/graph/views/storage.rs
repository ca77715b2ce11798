//! Where data lies: services, the shares and disks that they keep it on, and what copies them.

use super::{count, frames, size};
use crate::graph::bond::Bond;
use crate::graph::picture::{Card, Group, Picture};
use crate::model::mounted::Mounted;
use crate::model::value::{Base, Value};
use crate::model::{Model, ThingId, site};
use std::collections::BTreeMap;

pub fn fill(model: &Model, picture: &mut Picture) {
    let users = frames(model, picture, 0, |_| String::new());
    let mut places: BTreeMap<ThingId, usize> = BTreeMap::new();
    let clients = clients(model);
    for &share in model.all("share") {
        let clients = clients.get(&share).copied().unwrap_or_default();
        let at = picture.card(share_card(model, share, clients));
        places.insert(share, at);
    }
    for &node in model.all("node") {
        let Some(hardware) = model.block(node, "hardware") else { continue };
        let disks = model.children(hardware, "disk");
        if disks.is_empty() {
            continue;
        }
        let name = format!("disks of {}", model.label(node));
        let group = picture.group(Group {
            kind: "node",
            name,
            note: String::new(),
            tier: 3,
            thing: Some(node),
        });
        for &disk in disks {
            let at = picture.card(disk_card(model, disk, group));
            places.insert(disk, at);
        }
    }
    for instance in &model.instances {
        let mut bases = Vec::new();
        for program in site::programs(model, instance.thing) {
            for &volume in model.children(program, "volume") {
                if let Value::Location(location) = model.get(volume, "value") {
                    bases.extend(place_of(&location.base));
                }
            }
        }
        bases.retain(|base| places.contains_key(base));
        if bases.is_empty() {
            continue;
        }
        let card = picture.card(Card {
            kind: "service",
            name: model.label(instance.service).to_string(),
            notes: vec![count(bases.len(), "volume", "volumes")],
            group: users.get(&instance.node).copied(),
            tier: 0,
            thing: Some(instance.thing),
            faint: false,
        });
        for base in bases {
            picture.line(card, places[&base], Bond::Data);
        }
    }
    for &share in model.all("share") {
        let disk = model.get(share, "disk").as_thing().and_then(|disk| places.get(&disk));
        if let Some(&disk) = disk {
            picture.line(places[&share], disk, Bond::Lies);
        }
    }
    for kind in ["backup", "cache"] {
        for &copy in model.all(kind) {
            copier(model, picture, &places, kind, copy);
        }
    }
}

fn copier(
    model: &Model,
    picture: &mut Picture,
    places: &BTreeMap<ThingId, usize>,
    kind: &str,
    copy: ThingId,
) {
    let (kind, notes) = match kind {
        "backup" => ("backup", backup_notes(model, copy)),
        _ => ("cache", model.text(copy, "to").map(str::to_string).into_iter().collect()),
    };
    let card = picture.card(Card {
        kind,
        name: model.label(copy).to_string(),
        notes,
        group: None,
        tier: 2,
        thing: Some(copy),
        faint: false,
    });
    for from in sources(model.get(copy, "from")) {
        if let Some(&from) = places.get(&from) {
            picture.line(from, card, Bond::Copied);
        }
    }
    if let Value::Location(location) = model.get(copy, "to")
        && let Some(to) = place_of(&location.base).and_then(|to| places.get(&to))
    {
        picture.line(card, *to, Bond::Copies);
    }
}

fn sources(value: &Value) -> Vec<ThingId> {
    match value {
        Value::Location(location) => place_of(&location.base).into_iter().collect(),
        Value::List(items) => items.iter().flat_map(|item| sources(&item.value)).collect(),
        _ => Vec::new(),
    }
}

fn place_of(base: &Base) -> Option<ThingId> {
    match base {
        Base::Share(id) | Base::Disk(id) => Some(*id),
        _ => None,
    }
}

/// How many nodes mount each share.
fn clients(model: &Model) -> BTreeMap<ThingId, usize> {
    let mounted = Mounted::of(model);
    let mut clients = BTreeMap::new();
    for &node in model.all("node") {
        for mount in mounted.on(node).iter().filter(|mount| mount.client) {
            *clients.entry(mount.share).or_default() += 1;
        }
    }
    clients
}

fn share_card(model: &Model, share: ThingId, clients: usize) -> Card {
    let mut notes = Vec::new();
    if let Some(server) = model.get(share, "server").as_thing() {
        notes.push(format!("served by {}", model.label(server)));
    }
    if clients > 0 {
        notes.push(format!("mounted by {}", count(clients, "node", "nodes")));
    }
    Card {
        kind: "share",
        name: model.label(share).to_string(),
        notes,
        group: None,
        tier: 1,
        thing: Some(share),
        faint: false,
    }
}

fn disk_card(model: &Model, disk: ThingId, group: usize) -> Card {
    let mut what = Vec::new();
    if let Value::Bytes(bytes) = model.get(disk, "size") {
        what.push(size(bytes));
    }
    what.extend(model.word(disk, "fs").map(str::to_string));
    what.extend(model.word(disk, "raid").map(str::to_string));
    let mut notes = Vec::new();
    if !what.is_empty() {
        notes.push(what.join(", "));
    }
    notes.extend(model.text(disk, "mount").map(str::to_string));
    Card {
        kind: "disk",
        name: model.label(disk).to_string(),
        notes,
        group: Some(group),
        tier: 3,
        thing: Some(disk),
        faint: false,
    }
}

/// What is kept: `7 daily, 4 weekly`.
fn backup_notes(model: &Model, backup: ThingId) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(on) = model.get(backup, "on").as_thing() {
        notes.push(format!("runs on {}", model.label(on)));
    }
    let Some(keep) = model.block(backup, "keep") else { return notes };
    let kept: Vec<String> = ["hourly", "daily", "weekly", "monthly", "yearly"]
        .iter()
        .filter_map(|span| match model.get(keep, span) {
            Value::Int(n) if *n > 0 => Some(format!("{n} {span}")),
            _ => None,
        })
        .collect();
    if !kept.is_empty() {
        notes.push(format!("keeps {}", kept.join(", ")));
    }
    notes
}
