//! Where a node mounts what: its own disks, and the shares of others in each of its worlds. One
//! answer for fstab, units, drives and agents.

use super::shared_nodes::instances_on;
use crate::model::reach::{self, Known};
use crate::model::value::{Base, Value};
use crate::model::worlds::mount_point;
pub use crate::model::worlds::{World, linux_world};
use crate::model::{Cluster, Instance, ThingId};
use crate::origin::Origin;
use crate::tree::Side;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Which world of a delivery's node that is.
pub fn side(world: World) -> Option<Side> {
    match world {
        World::Wsl => Some(Side::Wsl),
        World::Windows => Some(Side::Windows),
        World::Linux | World::MacOs => None,
    }
}

/// A disk of a node that is mounted.
pub struct Disk<'a> {
    pub disk: ThingId,
    pub path: &'a str,
}

pub fn disks(cluster: &Cluster, node: ThingId) -> Vec<Disk<'_>> {
    let Some(hardware) = cluster.block(node, "hardware") else { return Vec::new() };
    let all = cluster.children(hardware, "disk").iter();
    all.filter_map(|&disk| Some(Disk { disk, path: cluster.text(disk, "mount")? })).collect()
}

/// A share as one world of a client mounts it.
pub struct Mount {
    pub share: ThingId,
    /// A path, or a drive such as `Z:`.
    pub path: String,
    pub origin: Origin,
    /// The way to the server; `None` where the two have no network in common.
    pub way: Option<Way>,
}

#[derive(Clone, Copy)]
pub struct Way {
    pub address: IpAddr,
    pub network: ThingId,
}

impl Way {
    pub fn over_mesh(self, cluster: &Cluster) -> bool {
        cluster.word(self.network, "driver") == Some("mesh")
    }
}

/// The shares that a node mounts in one of its worlds, in order of name.
pub fn mounts(cluster: &Cluster, known: &mut Known<'_>, node: ThingId, world: World) -> Vec<Mount> {
    let mut found = Vec::new();
    for &share in cluster.shares().mounted_by(node) {
        if matches!(cluster.get(share, "enabled"), Value::Bool(false)) {
            continue;
        }
        if let Some((path, origin)) = mount_point(cluster, share, node, world) {
            found.push(Mount { share, path, origin, way: way(cluster, known, share, node) });
        }
    }
    found
}

/// By the share's network, else by the first of `cluster.reach` that both have, in one family.
fn way(cluster: &Cluster, known: &mut Known<'_>, share: ThingId, node: ThingId) -> Option<Way> {
    let server = cluster.get(share, "server").as_thing()?;
    let networks = match cluster.get(share, "network").as_thing() {
        Some(network) => vec![network],
        None => reach::reach(known),
    };
    networks.into_iter().find_map(|network| {
        let ours = reach::addresses_on(known, node, network);
        let theirs = reach::addresses_on(known, server, network);
        let of_one_family = |a: &IpAddr| ours.iter().any(|b| a.is_ipv4() == b.is_ipv4());
        let address = theirs.into_iter().find(of_one_family)?;
        Some(Way { address, network })
    })
}

/// A mount of a node that something needs: where, and of what.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Needed {
    pub path: String,
    /// The share that is mounted there; else a disk.
    pub share: Option<ThingId>,
    /// Where its path is said.
    pub origin: Origin,
}

/// The mounts of one world of a node: its disks and shares.
pub struct Mounts(Vec<Needed>);

impl Mounts {
    pub fn on(cluster: &Cluster, known: &mut Known<'_>, node: ThingId, world: World) -> Mounts {
        let own = disks(cluster, node).into_iter().filter(|_| world == World::Linux);
        let own = own.map(|disk| {
            let (_, origin) = cluster.at(disk.disk, "mount");
            Needed { path: disk.path.to_string(), share: None, origin }
        });
        let shares = mounts(cluster, known, node, world).into_iter();
        let shares = shares.map(|Mount { path, share, origin, .. }| Needed {
            path,
            share: Some(share),
            origin,
        });
        Mounts(own.chain(shares).filter(|mount| mount.path != "/").collect())
    }

    /// The innermost that a path lies on.
    pub fn under(&self, path: &str) -> Option<&Needed> {
        let all = self.0.iter().filter(|mount| lies_on(path, &mount.path));
        all.max_by_key(|mount| mount.path.len())
    }
}

/// Whether `path` is `root` or below it.
pub fn lies_on(path: &str, root: &str) -> bool {
    match path.strip_prefix(root.trim_end_matches('/')) {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

/// The mounts that the containers of a node bind, and that of the engine's own data.
pub fn bound(
    cluster: &Cluster,
    known: &mut Known<'_>,
    node: ThingId,
    world: World,
) -> BTreeSet<Needed> {
    let mut paths: Vec<String> = Vec::new();
    for instance in instances_on(cluster, node) {
        for &container in cluster.children(instance.thing, "container") {
            for &volume in cluster.children(container, "volume") {
                let Value::Location(location) = cluster.get(volume, "value") else { continue };
                let Ok(path) = reach::path_on(known, &location.base, &location.sub, node) else {
                    continue;
                };
                paths.extend(path);
            }
        }
    }
    let root = cluster.block(node, "docker").and_then(|docker| cluster.text(docker, "data_root"));
    paths.extend(root.map(str::to_string));
    let mounts = Mounts::on(cluster, known, node, world);
    paths.iter().filter_map(|path| mounts.under(path).cloned()).collect()
}

/// For each share, the instances with data on it.
pub type OnShares = BTreeMap<ThingId, Vec<Instance>>;

pub fn on_shares(cluster: &Cluster) -> OnShares {
    let mut on_shares = OnShares::new();
    for instance in super::shared_nodes::instances(cluster) {
        let mut shares = BTreeSet::new();
        for container in super::shared_nodes::containers(cluster, instance) {
            for &volume in cluster.children(container, "volume") {
                if let Value::Location(location) = cluster.get(volume, "value")
                    && let Base::Share(share) = location.base
                {
                    shares.insert(share);
                }
            }
        }
        for share in shares {
            on_shares.entry(share).or_default().push(instance);
        }
    }
    on_shares
}

/// An address as the host part of a URL or of an NFS source.
pub fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}
