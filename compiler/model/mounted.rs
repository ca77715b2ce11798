//! Where each node has which shares, found once: a share is asked for its clients, never each node for each share.

use super::reach::{self, Known};
use super::value::{Base, Location};
use super::{Model, ThingId};
use rustc_hash::{FxHashMap, FxHashSet};

/// A share on a node.
#[derive(Debug)]
pub struct Mount {
    pub share: ThingId,
    pub root: String,
    /// Mounted from another node; else this is the server.
    pub client: bool,
}

#[derive(Debug, Default)]
pub struct Mounted {
    by_node: FxHashMap<ThingId, Vec<Mount>>,
    nodes: FxHashMap<ThingId, Vec<ThingId>>,
}

/// The nodes that may have a share: its server, its clients, those that name a place for it themselves.
fn candidates(model: &Model, share: ThingId) -> Vec<ThingId> {
    let mut nodes: Vec<ThingId> = match model.word(share, "clients") {
        Some(_) => model.all("node").to_vec(),
        None => {
            let items = model.get(share, "clients").items();
            items.iter().filter_map(|item| item.value.as_thing()).collect()
        }
    };
    nodes.extend(model.get(share, "server").as_thing());
    nodes
}

/// Those who mount a share, in order of name.
pub fn clients(model: &Model, share: ThingId) -> Vec<ThingId> {
    let mounts = |&node: &ThingId| {
        matches!(reach::share_path(&mut Known(model), share, node), Ok(Some(_)))
            && reach::is_client(&mut Known(model), share, node)
            && model.word(node, "status") != Some("offline")
    };
    let mut nodes = candidates(model, share);
    nodes.sort_by_key(|&node| (model.label(node), node));
    nodes.dedup();
    nodes.retain(mounts);
    nodes
}

impl Mounted {
    pub fn of(model: &Model) -> Mounted {
        let mut mounted = Mounted::default();
        let shares = model.all("share");
        if shares.is_empty() {
            return mounted;
        }
        let by_name: FxHashMap<&str, ThingId> =
            shares.iter().map(|&share| (model.label(share), share)).collect();
        let mut own: FxHashMap<ThingId, Vec<ThingId>> = FxHashMap::default();
        for &node in model.all("node") {
            for pair in model.get(node, "mount").pairs() {
                if let Some(&share) = by_name.get(&*pair.key) {
                    own.entry(share).or_default().push(node);
                }
            }
        }
        for &share in shares {
            let mut nodes = candidates(model, share);
            nodes.extend(own.remove(&share).unwrap_or_default());
            let mut seen = FxHashSet::default();
            for node in nodes.into_iter().filter(|node| seen.insert(*node)) {
                let mut known = Known(model);
                if let Ok(Some(root)) = reach::share_path(&mut known, share, node) {
                    let client = reach::is_client(&mut known, share, node);
                    mounted.nodes.entry(share).or_default().push(node);
                    mounted.by_node.entry(node).or_default().push(Mount { share, root, client });
                }
            }
        }
        mounted
    }

    /// The shares of a node, in order of their names.
    pub fn on(&self, node: ThingId) -> &[Mount] {
        self.by_node.get(&node).map_or(&[], Vec::as_slice)
    }

    /// The nodes that have a share, its server among them.
    pub fn nodes_of(&self, share: ThingId) -> &[ThingId] {
        self.nodes.get(&share).map_or(&[], Vec::as_slice)
    }

    /// The share whose data a location is, whether named or spelled out, where this node is its client.
    pub fn share_of(&self, location: &Location, node: ThingId) -> Option<ThingId> {
        let mut mounts = self.on(node).iter().filter(|mount| mount.client);
        match &location.base {
            Base::Share(share) => mounts.find(|mount| mount.share == *share).map(|m| m.share),
            Base::Host(path) => {
                let below = |mount: &&Mount| {
                    path.strip_prefix(mount.root.trim_end_matches('/'))
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                mounts.filter(below).max_by_key(|mount| mount.root.len()).map(|m| m.share)
            }
            _ => None,
        }
    }
}
