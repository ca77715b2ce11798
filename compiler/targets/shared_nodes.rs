//! What several targets ask of a node: who works on it, where his home is, how it is reached, what
//! runs there. Addresses and paths come from `model::reach`.

use crate::model::reach::{self, Known};
use crate::model::running::runs;
pub use crate::model::running::{is_managed, off};
use crate::model::value::{SecretName, SecretPart, Value};
use crate::model::{Cluster, Instance, ThingId};
use crate::origin::Origin;
use crate::tree::Side;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The machines that are part of the cluster, in order of name.
pub fn nodes(cluster: &Cluster) -> Vec<ThingId> {
    let here = |node: &ThingId| !off(cluster, *node);
    cluster.all("node").iter().copied().filter(here).collect()
}

/// Those that are configured from here.
pub fn managed(cluster: &Cluster) -> Vec<ThingId> {
    let here = |node: &ThingId| is_managed(cluster, *node);
    cluster.all("node").iter().copied().filter(here).collect()
}

/// The things of a kind that are not left out, in order of name.
pub fn all(cluster: &Cluster, kind: &str) -> Vec<ThingId> {
    cluster.all(kind).iter().copied().filter(|&thing| !off(cluster, thing)).collect()
}

/// The shares that lie on a node and are not left out, in order of name.
pub fn shares_on(cluster: &Cluster, node: ThingId) -> impl Iterator<Item = ThingId> + '_ {
    cluster.shares().served_by(node).iter().copied().filter(|&share| !off(cluster, share))
}

/// The managed nodes that are clients of a share, in order of name.
pub fn clients_of(cluster: &Cluster, share: ThingId) -> impl Iterator<Item = ThingId> + '_ {
    cluster.shares().clients_of(share).iter().copied().filter(|&node| is_managed(cluster, node))
}

/// What runs, or is to run: no planned service, nothing that is off, nothing on a machine that is.
pub fn instances(cluster: &Cluster) -> Vec<Instance> {
    cluster.running().all().to_vec()
}

/// The instances of one service, in order of their nodes.
pub fn instances_of(cluster: &Cluster, service: ThingId) -> impl Iterator<Item = Instance> + '_ {
    cluster.instances_of(service).filter(|i| runs(cluster, i))
}

/// The instances of one node, in order of their services.
pub fn instances_on(cluster: &Cluster, node: ThingId) -> Vec<Instance> {
    cluster.running().on(node).to_vec()
}

/// What Compose calls the project of a service on a node: one may say another name than the others.
pub fn project(cluster: &Cluster, there: ThingId) -> &str {
    cluster.text(there, "project").unwrap_or(cluster.label(there))
}

pub fn os(cluster: &Cluster, node: ThingId) -> &str {
    cluster.word(node, "os").unwrap_or("")
}

/// Whether the node is a Windows machine, and then in which of its worlds its tools work.
pub fn side(cluster: &Cluster, node: ThingId) -> Option<Side> {
    if os(cluster, node) != "windows" {
        return None;
    }
    match cluster.param(node, "os", "wsl") {
        Some(Value::Bool(true)) => Some(Side::Wsl),
        _ => Some(Side::Windows),
    }
}

/// Whether the tools of the node live in a world with a POSIX shell.
pub fn posix(cluster: &Cluster, node: ThingId) -> bool {
    side(cluster, node) != Some(Side::Windows)
}

/// Whether that world is a Linux.
pub fn linux(cluster: &Cluster, node: ThingId) -> bool {
    posix(cluster, node) && os(cluster, node) != "macos"
}

/// Who works on the node.
pub fn user(cluster: &Cluster, node: ThingId) -> Option<ThingId> {
    cluster.get(node, "user").as_thing()
}

/// The home of a user in one world of a node.
pub fn home(cluster: &Cluster, node: ThingId, user: ThingId, side: Option<Side>) -> String {
    let name = cluster.label(user);
    let windows = side.or(self::side(cluster, node)) == Some(Side::Windows);
    match cluster.text(user, "home") {
        Some(home) if !windows => home.trim_end_matches('/').to_string(),
        _ if windows => format!("C:\\Users\\{name}"),
        _ if os(cluster, node) == "macos" => format!("/Users/{name}"),
        _ if name == "root" => "/root".to_string(),
        _ => format!("/home/{name}"),
    }
}

/// A destination as the manifest names it: what is below the home of the node's user begins
/// with `~/`, whoever delivers it, so that two owners of one path are found.
pub fn destination(cluster: &Cluster, node: ThingId, path: &str) -> String {
    let Some(user) = user(cluster, node) else { return path.to_string() };
    let home = home(cluster, node, user, None);
    match path.strip_prefix(&home).and_then(|rest| rest.strip_prefix(['/', '\\'])) {
        Some(rest) => format!("~/{rest}"),
        None => path.to_string(),
    }
}

/// A node's address as `from` sees it, by the first network of `cluster.reach` that both have;
/// without `from`, by the first that it has. With the network and the address's origin.
pub fn way(
    cluster: &Cluster,
    known: &mut Known<'_>,
    to: ThingId,
    from: Option<ThingId>,
) -> Option<(ThingId, IpAddr, Origin)> {
    for network in reach::reach(known) {
        let Some(address) = reach::address_on(known, to, network) else { continue };
        if from.is_some_and(|from| reach::address_on(known, from, network).is_none()) {
            continue;
        }
        return Some((network, address, address_origin(cluster, to, network)));
    }
    None
}

/// The networks of `cluster.reach` that a node is on, first choice first.
pub fn networks_of(known: &mut Known<'_>, node: ThingId) -> Vec<ThingId> {
    let mut networks = reach::reach(known);
    networks.retain(|&network| reach::address_on(known, node, network).is_some());
    networks
}

/// Nodes that are on the same networks: whatever is said of ways holds for all of them.
pub fn by_networks(
    known: &mut Known<'_>,
    nodes: impl IntoIterator<Item = ThingId>,
) -> BTreeMap<Vec<ThingId>, Vec<ThingId>> {
    let mut groups: BTreeMap<Vec<ThingId>, Vec<ThingId>> = BTreeMap::new();
    for node in nodes {
        groups.entry(networks_of(known, node)).or_default().push(node);
    }
    groups
}

/// Where a node's address on a network was stated.
pub fn address_origin(cluster: &Cluster, node: ThingId, network: ThingId) -> Origin {
    let key = cluster.label(network);
    let pairs = cluster.get(node, "address").pairs();
    pairs.iter().find(|pair| &*pair.key == key).map_or(Origin::NONE, |pair| pair.origin)
}

/// The containers of an instance that are not left out.
pub fn containers(cluster: &Cluster, instance: Instance) -> Vec<ThingId> {
    let all = cluster.children(instance.thing, "container").iter().copied();
    all.filter(|&container| !off(cluster, container)).collect()
}

/// The units of an instance that are not left out.
pub fn units(cluster: &Cluster, instance: Instance) -> Vec<ThingId> {
    let all = cluster.children(instance.thing, "unit").iter().copied();
    all.filter(|&unit| !off(cluster, unit)).collect()
}

/// Every secret that the containers of an instance are started with.
pub fn secrets(cluster: &Cluster, instance: Instance) -> BTreeSet<SecretName> {
    let mut found = BTreeSet::new();
    for container in containers(cluster, instance) {
        secrets_below(cluster, container, &mut found);
    }
    secrets_in(cluster.get(instance.thing, "raw"), &mut found);
    found
}

fn secrets_below(cluster: &Cluster, thing: ThingId, found: &mut BTreeSet<SecretName>) {
    for slot in &cluster.thing(thing).slots {
        secrets_in(&slot.value, found);
        let inner: &[ThingId] = match &slot.value {
            Value::Things(things) => things,
            Value::Thing(inner) => std::slice::from_ref(inner),
            _ => continue,
        };
        for &inner in inner {
            // What it refers to is not its own.
            if cluster.thing(inner).parent == Some(thing) && !off(cluster, inner) {
                secrets_below(cluster, inner, found);
            }
        }
    }
}

fn secrets_in(value: &Value, found: &mut BTreeSet<SecretName>) {
    match value {
        Value::Secret(secret) => found.extend(secret.parts.iter().filter_map(|part| match part {
            SecretPart::Name(name) => Some(name.clone()),
            SecretPart::Text(_) => None,
        })),
        Value::List(items) => items.iter().for_each(|item| secrets_in(&item.value, found)),
        Value::Map(pairs) => pairs.iter().for_each(|pair| secrets_in(&pair.value, found)),
        _ => {}
    }
}
