//! What a node's system must have: the packages that the sources state and those that the emitted files
//! call, and shells, by the names and in the places of its distribution.

use super::said;
use crate::formats::Data;
use crate::model::reach;
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_mounts;
use crate::targets::shared_nodes as nodes;
use crate::targets::{nfs, samba};
use crate::tree::Side;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// The system that the packages are for.
pub(super) fn system(cluster: &Cluster, node: ThingId) -> &str {
    match nodes::side(cluster, node) {
        // Inside of WSL it is some Linux with apt unless somebody says otherwise.
        Some(Side::Wsl) => "debian",
        _ => nodes::os(cluster, node),
    }
}

fn aptly(os: &str) -> bool {
    matches!(os, "debian" | "ubuntu" | "raspbian")
}

/// The accounts that Ansible makes, in order of name.
pub(super) fn accounts(cluster: &Cluster, node: ThingId) -> Vec<ThingId> {
    let mut all: Vec<ThingId> = nodes::user(cluster, node).into_iter().collect();
    let others = cluster.get(node, "users").items().iter();
    all.extend(others.filter_map(|item| item.value.as_thing()));
    all.sort_by_key(|&user| cluster.label(user));
    all.dedup();
    all.retain(|&user| !nodes::off(cluster, user) && cluster.word(user, "side") != Some("windows"));
    all
}

/// The login shell of an account, as the sources spell it.
fn stated_shell(cluster: &Cluster, node: ThingId, user: ThingId) -> Option<(&str, Origin)> {
    let stated = |of: ThingId| Some((cluster.text(of, "shell")?, cluster.at(of, "shell").1));
    // The shell of a Windows node is not WSL's.
    let works_here =
        nodes::user(cluster, node) == Some(user) && nodes::side(cluster, node).is_none();
    stated(user).or_else(|| stated(node).filter(|_| works_here))
}

/// Where the system has that shell.
pub(super) fn shell_of(cluster: &Cluster, node: ThingId, user: ThingId) -> Option<String> {
    let (shell, _) = stated_shell(cluster, node, user)?;
    Some(match (system(cluster, node), shell) {
        (_, path) if path.starts_with('/') => path.to_string(),
        (_, "sh") => "/bin/sh".to_string(),
        ("nixos", name) => format!("/run/current-system/sw/bin/{name}"),
        (_, "bash") => "/bin/bash".to_string(),
        ("alpine", "ash" | "zsh") | ("macos", "zsh") => format!("/bin/{shell}"),
        (_, name) => format!("/usr/bin/{name}"),
    })
}

/// For each node what makes its backups, and its copies near at hand.
pub(super) type Copiers = FxHashMap<ThingId, Vec<(&'static str, Origin)>>;

pub(super) fn of<'a>(cluster: &'a Cluster, copiers: &Copiers, node: ThingId) -> Data<'a> {
    let mut all: BTreeMap<String, Data<'a>> = BTreeMap::new();
    let mut add = |thing: ThingId| {
        for item in cluster.get(thing, "packages").items() {
            if let Some(name) = item.value.as_text() {
                all.entry(name.into()).or_insert_with(|| said(name).at(item.origin));
            }
        }
    };
    add(node);
    for instance in nodes::instances_on(cluster, node) {
        nodes::units(cluster, instance).into_iter().for_each(&mut add);
    }
    if aptly(system(cluster, node)) && samba::serves_apple(cluster, node) {
        let name = "samba-vfs-modules";
        all.entry(name.into()).or_insert_with(|| said(name));
    }
    for (name, at) in called(cluster, copiers, node).into_iter().chain(shells(cluster, node)) {
        all.entry(name.into()).or_insert_with(|| said(name).at(at));
    }
    Data::list(all.into_values())
}

/// What the shells of the accounts need, where the system does not come with them.
fn shells(cluster: &Cluster, node: ThingId) -> Vec<(&str, Origin)> {
    if !nodes::linux(cluster, node) {
        return Vec::new();
    }
    let bare = system(cluster, node) == "alpine";
    let all = accounts(cluster, node).into_iter();
    let all = all.filter_map(|user| stated_shell(cluster, node, user));
    let brought = |shell: &str| match shell {
        "zsh" | "fish" => true,
        "bash" => bare,
        _ => false,
    };
    all.filter(|(shell, _)| brought(shell)).collect()
}

/// What the emitted files call.
fn called(cluster: &Cluster, copiers: &Copiers, node: ThingId) -> Vec<(&'static str, Origin)> {
    let Some(world) = shared_mounts::linux_world(cluster, node) else { return Vec::new() };
    let os = system(cluster, node);
    let mut all = Vec::new();
    let known = &mut reach::Known(cluster.model());
    for mount in shared_mounts::mounts(cluster, known, node, world) {
        let by_nfs = cluster.word(mount.share, "via") == Some("nfs");
        all.push((if by_nfs { nfs_client(os) } else { "cifs-utils" }, mount.origin));
    }
    let served = nfs::served(cluster, node);
    all.extend(served.first().map(|&share| (nfs_server(os), cluster.at(share, "via").1)));
    all.extend(copiers.get(&node).into_iter().flatten().copied());
    all
}

fn nfs_client(os: &str) -> &'static str {
    match os {
        "opensuse" => "nfs-client",
        os if aptly(os) => "nfs-common",
        _ => "nfs-utils",
    }
}

fn nfs_server(os: &str) -> &'static str {
    if aptly(os) || os == "opensuse" { "nfs-kernel-server" } else { "nfs-utils" }
}

pub(super) fn copiers(cluster: &Cluster) -> Copiers {
    let mut copiers = Copiers::default();
    for backup in nodes::all(cluster, "backup") {
        if let (Value::Thing(node), at) = cluster.at(backup, "on") {
            let restic = cluster.word(backup, "method") == Some("restic");
            let program = if restic { "restic" } else { "rsync" };
            copiers.entry(*node).or_default().push((program, at));
        }
    }
    for cache in nodes::all(cluster, "cache") {
        let (on, at) = cluster.at(cache, "on");
        let several = on.items().iter().filter_map(|item| item.value.as_thing());
        for node in on.as_thing().into_iter().chain(several) {
            copiers.entry(node).or_default().push(("rsync", at));
        }
    }
    copiers
}
