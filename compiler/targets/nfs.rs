//! NFS: what each managed server exports, to exactly the machines that mount it.

use super::shared_mounts::{self, World};
use super::shared_nodes as nodes;
use super::{Emission, Emit, File, Target};
use crate::formats::exports::{self, Client, Export};
use crate::model::reach;
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::tree::Tool;
use std::net::IpAddr;

pub const TARGET: Target = Target {
    name: "nfs",
    doc: "What each NFS server exports, and to whom",
    emit: Emit::Alone(emit),
};

/// Read beside `/etc/exports`, which stays its owner's.
pub(super) const EXPORTS: &str = "/etc/exports.d/colab.exports";
/// What serves them.
pub(super) const UNIT: &str = "nfs-server.service";

fn emit(cluster: &Cluster, out: &mut Emission) {
    for node in nodes::managed(cluster) {
        let Some(world) = shared_mounts::linux_world(cluster, node) else { continue };
        let shares = served(cluster, node);
        let exports: Vec<Export<'_>> =
            shares.iter().filter_map(|&share| export(cluster, out, share)).collect();
        if exports.is_empty() {
            continue;
        }
        let name = cluster.label(node);
        let things: Vec<ThingId> = shares.into_iter().chain([node]).collect();
        let file = File::new(format!("nfs/{name}/colab.exports"))
            .to(Tool::Ansible, name, EXPORTS, 0o644)
            .side(shared_mounts::side(world))
            .from(things.iter().copied());
        let header = out.header(&things);
        out.put(file, exports::write(&header, &exports));
    }
}

/// The shares that a node serves by NFS.
pub(super) fn served(cluster: &Cluster, node: ThingId) -> Vec<ThingId> {
    let by_nfs = |share: &ThingId| cluster.word(*share, "via") == Some("nfs");
    nodes::shares_on(cluster, node).filter(by_nfs).collect()
}

fn export<'a>(cluster: &'a Cluster, out: &Emission, share: ThingId) -> Option<Export<'a>> {
    let mut known = out.known();
    let path = match cluster.param(share, "via", "export") {
        Some(Value::Text(path)) => path.to_string(),
        _ => reach::server_path(&mut known, share).ok().flatten()?,
    };
    let mut clients = Vec::new();
    for node in nodes::clients_of(cluster, share) {
        let worlds = shared_mounts::linux_world(cluster, node)
            .or((nodes::os(cluster, node) == "macos").then_some(World::MacOs));
        let mounts = worlds.map(|world| shared_mounts::mounts(cluster, &mut known, node, world));
        for mount in mounts.into_iter().flatten().filter(|mount| mount.share == share) {
            let Some(way) = mount.way else { continue };
            let own = reach::addresses_on(&mut known, node, way.network);
            let same = |ip: &IpAddr| ip.is_ipv4() == way.address.is_ipv4();
            // The Finder mounts as its person, and the network of WSL hands out ports of its own.
            let any_port = worlds != Some(World::Linux);
            let own = own.into_iter().filter(same);
            clients.extend(own.map(|address| Client { address, any_port }));
        }
    }
    if clients.is_empty() {
        return None;
    }
    let mut options = vec![if cluster.flag(share, "read_only") { "ro" } else { "rw" }.to_string()];
    options.extend(["sync".to_string(), "no_subtree_check".to_string()]);
    if cluster.flag(share, "guest") {
        options.push("all_squash".into());
        let owner = ["owner", "user"].iter().find_map(|f| cluster.get(share, f).as_thing());
        for (option, field) in [("anonuid", "uid"), ("anongid", "gid")] {
            if let Some(Value::Int(number)) = owner.map(|owner| cluster.get(owner, field)) {
                options.push(format!("{option}={number}"));
            }
        }
    }
    Some(Export { path: path.into(), clients, options, origin: cluster.at(share, "via").1 })
}
