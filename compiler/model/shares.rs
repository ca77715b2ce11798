//! Which shares each node serves and which it mounts, found once: a share is asked for its nodes, never each
//! node for each share. By which path is `reach`'s to say.

use super::reach::{self, Known};
use super::value::Value;
use super::{Model, ThingId};
use rustc_hash::FxHashMap;

#[derive(Debug, Default)]
pub struct Shares {
    served: FxHashMap<ThingId, Vec<ThingId>>,
    mounted: FxHashMap<ThingId, Vec<ThingId>>,
    clients: FxHashMap<ThingId, Vec<ThingId>>,
}

impl Shares {
    pub fn of(model: &Model) -> Shares {
        let mut shares = Shares::default();
        for &share in model.all("share") {
            if let Some(server) = model.get(share, "server").as_thing() {
                shares.served.entry(server).or_default().push(share);
            }
            let mut clients: Vec<ThingId> = match model.get(share, "clients") {
                Value::List(items) => items.iter().filter_map(|it| it.value.as_thing()).collect(),
                _ => model.all("node").to_vec(),
            };
            clients.sort_by_key(|&node| (model.label(node), node));
            clients.dedup();
            clients.retain(|&node| reach::may_mount(&mut Known(model), share, node));
            for &node in &clients {
                shares.mounted.entry(node).or_default().push(share);
            }
            shares.clients.insert(share, clients);
        }
        shares
    }

    /// The shares that lie on a node, in order of name.
    pub fn served_by(&self, node: ThingId) -> &[ThingId] {
        self.served.get(&node).map_or(&[], Vec::as_slice)
    }

    /// The nodes that are clients of a share, in order of name.
    pub fn clients_of(&self, share: ThingId) -> &[ThingId] {
        self.clients.get(&share).map_or(&[], Vec::as_slice)
    }

    /// The shares that a node is a client of, in order of name.
    pub fn mounted_by(&self, node: ThingId) -> &[ThingId] {
        self.mounted.get(&node).map_or(&[], Vec::as_slice)
    }
}
