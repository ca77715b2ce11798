//! Who there is and how to connect: hosts, and groups by world, role, processor, system, status,
//! group and rollout. What hosts get is not said here.

use super::{plain, said};
use crate::formats::{Data, Map, shell, yaml};
use crate::model::reach::{self, Known, Place};
use crate::model::{Cluster, ThingId, site};
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;
use crate::targets::{Emission, File};
use crate::tree::Side;
use std::collections::BTreeMap;

pub(super) fn emit(cluster: &Cluster, out: &mut Emission) {
    let managed = nodes::managed(cluster);
    let mut hosts = Map::new();
    for &node in &managed {
        hosts.put(cluster.label(node), connection(cluster, out, node).at(node.origin()));
    }
    let mut groups: BTreeMap<String, Vec<ThingId>> = BTreeMap::new();
    for group in ["posix", "linux", "macos", "windows", "wsl", "trial"] {
        groups.insert(group.into(), Vec::new());
    }
    for status in ["up", "on_demand", "offline"] {
        groups.insert(format!("status_{status}"), Vec::new());
    }
    for &node in &managed {
        for group in groups_of(cluster, node) {
            groups.entry(group).or_default().push(node);
        }
    }
    for group in nodes::all(cluster, "group") {
        let members = cluster.get(group, "nodes").items().iter();
        let members = members.filter_map(|item| item.value.as_thing());
        let name = format!("group_{}", identifier(cluster.label(group)));
        groups.entry(name).or_default().extend(members.filter(|node| managed.contains(node)));
    }
    for rollout in nodes::all(cluster, "rollout") {
        let order = cluster.get(rollout, "order").items().iter();
        let named = order.filter_map(|item| item.value.as_thing());
        let mut order: Vec<ThingId> = Vec::new();
        for node in named.chain(managed.iter().copied()) {
            if !order.contains(&node) {
                order.push(node);
            }
        }
        order.retain(|&node| {
            managed.contains(&node)
                && nodes::posix(cluster, node)
                && cluster.word(node, "status") != Some("offline")
        });
        groups.insert(rollout_group(cluster, rollout), order);
        if let Some(trial) = cluster.get(rollout, "trial").as_thing() {
            let trials = groups.entry("trial".into()).or_default();
            if !trials.contains(&trial) {
                trials.push(trial);
            }
        }
    }
    let mut children = Map::new();
    for (name, members) in &groups {
        let mut map = Map::new();
        for &node in members {
            map.put(cluster.label(node), Map::new().at(node.origin()));
        }
        children.put(name.clone(), Map::new().with("hosts", map));
    }
    let all = Map::new().with("hosts", hosts).with("children", children);
    let mut made_from = managed.clone();
    made_from.extend(nodes::all(cluster, "group"));
    made_from.extend(nodes::all(cluster, "rollout"));
    let written = yaml::write(&out.header(&made_from), &Map::new().with("all", all).into());
    out.put(File::new("ansible/inventory.yml").from(made_from), written);
}

/// What holds for all hosts, and for those of a world.
pub(super) fn groups(cluster: &Cluster, out: &mut Emission) {
    of_all(cluster, out);
    let windows =
        Map::new().with("ansible_connection", "ssh").with("ansible_shell_type", "powershell");
    let written = yaml::write("Made by colabc; changes here are lost.", &windows.into());
    out.put(File::new("ansible/group_vars/windows.yml"), written);
}

/// The group of the hosts of a rollout, in its order.
pub(super) fn rollout_group(cluster: &Cluster, rollout: ThingId) -> String {
    format!("rollout_{}", identifier(cluster.label(rollout)))
}

/// Names of groups are identifiers.
fn identifier(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn groups_of(cluster: &Cluster, node: ThingId) -> Vec<String> {
    let mut groups = Vec::new();
    match nodes::side(cluster, node) {
        Some(Side::Windows) => groups.push("windows".into()),
        Some(Side::Wsl) => groups.extend(["posix".into(), "linux".into(), "wsl".into()]),
        None if nodes::os(cluster, node) == "macos" => {
            groups.extend(["posix".into(), "macos".into()]);
        }
        None => groups.extend(["posix".into(), "linux".into()]),
    }
    let word = |field: &str| cluster.word(node, field).map(identifier);
    groups.extend(word("arch").map(|arch| format!("arch_{arch}")));
    groups.extend(word("os").map(|os| format!("os_{os}")));
    groups.extend(word("status").map(|status| format!("status_{status}")));
    let roles = cluster.get(node, "roles").items().iter();
    let roles = roles.filter_map(|item| item.value.as_thing());
    groups.extend(roles.map(|role| format!("role_{}", identifier(cluster.label(role)))));
    groups
}

fn connection<'a>(cluster: &'a Cluster, out: &Emission<'a>, node: ThingId) -> Map<'a> {
    let mut known = out.known();
    let mut map = Map::new();
    if let Some((_, address, at)) = nodes::way(cluster, &mut known, node, None) {
        map.put("ansible_host", Data::text(address.to_string()).at(at));
    }
    if let Some(user) = nodes::user(cluster, node) {
        map.put("ansible_user", Data::text(cluster.label(user)).at(cluster.at(node, "user").1));
    }
    let (port, at) = crate::targets::ssh::port(cluster, node);
    if port != 22 {
        map.put("ansible_port", Data::from(port).at(at));
    }
    let Some(ssh) = cluster.block(node, "ssh") else { return map };
    if let Some(key) = cluster.text(ssh, "key") {
        map.put("ansible_ssh_private_key_file", said(key).at(cluster.at(ssh, "key").1));
    }
    if let Some(way) = jump(cluster, &mut known, node, 0) {
        let option = format!("-o {}", shell::quote(&way));
        map.put("ansible_ssh_extra_args", said(option).at(cluster.at(ssh, "jump").1));
    }
    map
}

/// The way by another node, as an option of ssh. `ProxyJump` would ask for that one's key by its address,
/// and offer it none.
fn jump(cluster: &Cluster, known: &mut Known<'_>, node: ThingId, deep: usize) -> Option<String> {
    let next = cluster.get(cluster.block(node, "ssh")?, "jump").as_thing()?;
    let (_, address, _) = nodes::way(cluster, known, next, None)?;
    let mut words = format!(
        "ProxyCommand=ssh -W '[%h]:%p' -o HostKeyAlias={} -o StrictHostKeyChecking=accept-new",
        cluster.label(next)
    );
    let ssh = cluster.block(next, "ssh");
    if let Some(key) = ssh.and_then(|ssh| cluster.text(ssh, "key")) {
        let key = format!("IdentityFile={}", key.replace('%', "%%"));
        words.push_str(&format!(" -o {} -o IdentitiesOnly=yes", shell::quote(&key)));
    }
    // A circle of ways is told by a rule.
    if deep < cluster.all("node").len()
        && let Some(way) = jump(cluster, known, next, deep + 1)
    {
        words.push_str(&format!(" -o {}", shell::quote(&way.replace('%', "%%"))));
    }
    let (port, _) = crate::targets::ssh::port(cluster, next);
    if port != 22 {
        words.push_str(&format!(" -p {port}"));
    }
    if let Some(user) = nodes::user(cluster, next) {
        words.push_str(&format!(" -l {}", shell::quote(cluster.label(user))));
    }
    words.push_str(&format!(" {address}"));
    Some(words)
}

/// Where a node joins the mesh: the site in front of what coordinates it, else its published port.
fn mesh_login(cluster: &Cluster, out: &Emission) -> Option<(String, Origin)> {
    let mut known = out.known();
    let meshes = nodes::all(cluster, "network");
    let mesh = meshes.into_iter().find(|&net| cluster.word(net, "provider").is_some())?;
    let at = cluster.at(mesh, "provider").1;
    let service = site::runner(cluster, mesh, "provider")?;
    let server = site::servers(cluster, service, "headscale_policy").into_iter().next()?;
    let ports = cluster.children(server.program?, "port");
    let in_front = site::sites(cluster).into_iter().find(|&site| {
        let ends = site::endpoints(cluster, cluster.get(site, "to"));
        ends.iter().any(|end| ports.contains(end))
    });
    if let Some(site) = in_front {
        let scheme = if cluster.word(site, "tls") == Some("off") { "http" } else { "https" };
        return Some((format!("{scheme}://{}", cluster.label(site)), at));
    }
    let seen = ports.iter().find_map(|&port| {
        let http = matches!(cluster.word(port, "scheme"), Some("http" | "https"));
        let seen = http.then(|| reach::seen(&mut known, port, Place::NOWHERE))?.ok()?;
        Some(format!("{}://{}", cluster.word(port, "scheme")?, seen.address()))
    });
    Some((seen?, at))
}

/// What holds for every host.
fn of_all(cluster: &Cluster, out: &mut Emission) {
    let Some(top) = cluster.cluster else { return };
    // By name, so that one machine has one key by whichever address.
    let options = "-o HostKeyAlias={{ inventory_hostname }} -o StrictHostKeyChecking=accept-new";
    let mut map = Map::new()
        .with("ansible_ssh_common_args", Data::text(options))
        .with("colab_cluster", said(cluster.label(top)));
    if let (value @ crate::model::value::Value::Text(_), at) = cluster.at(top, "repository") {
        map.put("colab_repository", plain(cluster, value).at(at));
    }
    let engine = cluster.block(top, "engine").map(|engine| cluster.at(engine, "version"));
    if let Some((value @ crate::model::value::Value::Text(_), at)) = engine {
        map.put("colab_engine_version", plain(cluster, value).at(at));
    }
    if let Some((url, at)) = mesh_login(cluster, out) {
        map.put("colab_mesh_login", said(url).at(at));
    }
    let written = yaml::write(&out.header(&[top]), &map.at(top.origin()));
    out.put(File::new("ansible/group_vars/all.yml").from([top]), written);
}
