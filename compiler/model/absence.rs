//! What becomes of a node's services when the node is gone: which go on elsewhere, which could be placed elsewhere and
//! where, and what is there once only. What is not known of another node is said, not guessed.

use super::value::{Base, Value};
use super::{Model, ThingId, fit, ledger, site};

/// One service of the node that is gone.
#[derive(Clone, PartialEq, Debug)]
pub struct Move {
    pub service: ThingId,
    /// Other nodes that run it already, and are always on.
    pub goes_on: Vec<ThingId>,
    /// Nodes that have all it asks for, as far as anything is known of them; with what is not known.
    pub fits: Vec<(ThingId, Vec<&'static str>)>,
    /// Nodes that cannot, and why.
    pub unfit: Vec<(ThingId, String)>,
    /// Data that is on the node alone.
    pub stays: Vec<String>,
}

pub fn moves(model: &Model, gone: ThingId) -> Vec<Move> {
    let here = model.instances.iter().filter(|instance| instance.node == gone);
    here.map(|instance| one(model, gone, instance.service, instance.thing)).collect()
}

fn one(model: &Model, gone: ThingId, service: ThingId, instance: ThingId) -> Move {
    let others = model.instances_of(service).map(|i| i.node).filter(|&node| node != gone);
    let goes_on = others.filter(|&node| model.word(node, "status") == Some("up")).collect();
    let (mut fits, mut unfit) = (Vec::new(), Vec::new());
    for &node in model.all("node") {
        if node == gone || !model.flag(node, "managed") {
            continue;
        }
        match obstacle(model, service, instance, node) {
            Some(why) => unfit.push((node, why)),
            None => fits.push((node, unknown(model, instance, node))),
        }
    }
    Move { service, goes_on, fits, unfit, stays: stays(model, gone, instance) }
}

/// Why a node cannot run a service that another one ran.
fn obstacle(model: &Model, service: ThingId, instance: ThingId, node: ThingId) -> Option<String> {
    let status = model.word(node, "status").unwrap_or("up");
    let always = model.word(service, "availability") != Some("on-demand");
    if status == "offline" || (always && status != "up") {
        return Some(format!("it is {status}"));
    }
    if let Some(needs) = model.block(service, "needs")
        && let Some((field, ..)) = fit::lacks(model, needs, node).first()
    {
        return Some(format!("it lacks the {field} that is needed"));
    }
    let containers = model.children(instance, "container");
    if !containers.is_empty() && model.word(node, "engine") == Some("off") {
        return Some("it runs no containers".into());
    }
    let hardware = model.block(node, "hardware");
    for &container in containers {
        let platforms = model.get(container, "platforms").items();
        if let (Some(arch), false) = (model.word(node, "arch"), platforms.is_empty())
            && !platforms.iter().any(|item| match &item.value {
                Value::Word(word) => model.names.text(word.word) == arch,
                _ => false,
            })
        {
            return Some(format!("there is no image for {arch}"));
        }
        let gpu = hardware.is_some_and(|hardware| !model.get(hardware, "gpu").is_none());
        if !model.get(container, "gpu").is_none() && !gpu {
            return Some("it is not known to have a graphics processor".into());
        }
    }
    let units = model.children(instance, "unit");
    let systemd = units.iter().any(|&unit| model.text(unit, "systemd").is_some());
    if systemd && matches!(model.word(node, "os"), Some("windows" | "macos")) {
        return Some("it has no systemd".into());
    }
    let account = ledger::memory(model, node);
    let wanted = wanted(model, instance);
    if let (Some(room), Some(wanted), 0) = (account.room(), wanted, account.unknown())
        && account.sum().saturating_add(wanted) > room
    {
        return Some("its memory is promised to others".into());
    }
    None
}

/// The memory that an instance may use; `None` where a part of it states none.
fn wanted(model: &Model, instance: ThingId) -> Option<u64> {
    let parts =
        model.children(instance, "container").iter().chain(model.children(instance, "unit"));
    parts
        .map(|&part| match model.block(part, "limits").map(|limits| model.get(limits, "memory")) {
            Some(Value::Bytes(bytes)) => Some(bytes.0),
            _ => None,
        })
        .sum()
}

/// What would have to be known to be sure.
fn unknown(model: &Model, instance: ThingId, node: ThingId) -> Vec<&'static str> {
    let mut all = Vec::new();
    let account = ledger::memory(model, node);
    if account.has.is_none() {
        all.push("its memory");
    } else if account.unknown() > 0 {
        all.push("what others use of its memory");
    }
    if wanted(model, instance).is_none() {
        all.push("the memory that the service needs");
    }
    if model.get(node, "arch").is_none() {
        all.push("its processor");
    }
    all
}

/// Data and devices that no other node has.
fn stays(model: &Model, gone: ThingId, instance: ThingId) -> Vec<String> {
    let mut all = Vec::new();
    for &container in model.children(instance, "container") {
        for &volume in model.children(container, "volume") {
            let Value::Location(location) = model.get(volume, "value") else { continue };
            let place = match &location.base {
                Base::Share(share) if model.get(*share, "server").as_thing() == Some(gone) => {
                    format!("the share `{}`, which it serves", model.label(*share))
                }
                Base::Disk(disk) => format!("its disk `{}`", model.label(*disk)),
                Base::Local { name, .. } => format!("its volume `{name}`"),
                Base::Host(path) if !model.flag(volume, "read_only") => format!("its own {path}"),
                _ => continue,
            };
            if !all.contains(&place) {
                all.push(place);
            }
        }
        for &device in model.children(container, "device") {
            let path = model.text(device, "value").unwrap_or_default();
            all.push(format!("the device {path}"));
        }
    }
    all
}

/// What the cluster needs and has once only, on this node: in words, with the thing.
pub fn single(model: &Model, node: ThingId) -> Vec<(ThingId, &'static str)> {
    let mut all = Vec::new();
    let mut add = |service: Option<ThingId>, what: &'static str| {
        let Some(service) = service else { return };
        let mut on = model.instances_of(service).map(|instance| instance.node);
        if on.next() == Some(node) && on.next().is_none() {
            all.push((service, what));
        }
    };
    if let Some(cluster) = model.cluster {
        add(site::runner(model, cluster, "ingress"), "the only way in for sites");
        add(site::runner(model, cluster, "dns"), "the only DNS server");
    }
    for &network in model.all("network") {
        add(site::runner(model, network, "provider"), "the only coordination of the mesh");
    }
    for &store in model.all("secrets") {
        let elsewhere = matches!(model.param(store, "provider", "url"), Some(Value::Text(_)));
        if model.word(store, "provider") == Some("infisical") && !elsewhere {
            add(site::runner(model, store, "provider"), "the only store of secrets");
        }
    }
    let shares =
        model.all("share").iter().filter(|&&s| model.get(s, "server").as_thing() == Some(node));
    all.extend(shares.map(|&share| (share, "a share that it alone serves")));
    let backups =
        model.all("backup").iter().filter(|&&b| model.get(b, "on").as_thing() == Some(node));
    all.extend(backups.map(|&backup| (backup, "a backup that it alone makes")));
    all
}
