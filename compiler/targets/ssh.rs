//! How people get from any node to any other: one list of hosts for all, and on each node the part of
//! `~/.ssh/config` that reads it. The rest of that file stays its owner's.

use super::shared_nodes::{self as nodes, way};
use super::{EVERY_NODE, Emission, Emit, File, Target};
use crate::formats::ssh::{self, Config, Host, Setting};
use crate::model::reach::{self, Known};
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::tree::Tool;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

pub const TARGET: Target = Target {
    name: "ssh",
    doc: "The hosts of ssh, and the part of ~/.ssh/config that includes them",
    emit: Emit::Alone(emit),
};

fn emit(cluster: &Cluster, out: &mut Emission) {
    let all = nodes::nodes(cluster);
    let hosts = all.iter().flat_map(|&node| host(cluster, out, node)).collect();
    let header = format!(
        "{}\n\nRead by ~/.ssh/config, which also says where this node reaches one elsewhere.",
        out.header(&all)
    );
    let written = ssh::write(&Config { header: header.into(), first: vec![], hosts });
    let file = File::new("ssh/config")
        .to(Tool::Chezmoi, EVERY_NODE, "~/.ssh/config.d/colab", 0o600)
        .from(all.iter().copied());
    out.put(file, written);
    let mut known = out.known();
    let mut behind: BTreeMap<ThingId, Vec<ThingId>> = BTreeMap::new();
    for &node in &all {
        if let Some(jump) = jump(cluster, node) {
            behind.entry(jump).or_default().push(node);
        }
    }
    let alike = nodes::by_networks(&mut known, all);
    for node in nodes::managed(cluster) {
        let name = cluster.label(node);
        let others = elsewhere(cluster, &mut known, &alike, node);
        let mut hosts: Vec<Host<'_>> =
            others.iter().filter_map(|&other| way_to(cluster, &mut known, other, node)).collect();
        let behind = behind.get(&node).map_or(&[][..], Vec::as_slice);
        hosts.extend(behind.iter().map(|&other| straight(cluster, &mut known, other)));
        // Inside of a `Host`, so that it counts for every host wherever in the file it stands.
        hosts.push(Host {
            names: vec![],
            settings: vec![Setting::new("Include", "config.d/colab")],
            origin: Origin::NONE,
        });
        let written =
            ssh::write(&Config { header: out.header(&[node]).into(), first: vec![], hosts });
        let file = File::new(format!("ssh/{name}"))
            .to(Tool::Chezmoi, name, "~/.ssh/config", 0o600)
            .block("colab")
            .from(std::iter::once(node).chain(others).chain(behind.iter().copied()));
        out.put(file, written);
    }
}

/// The node by its name and aliases, and by its name in the domain of each network; ssh takes the
/// first value of every setting, and adds the blocks up.
fn host<'a>(cluster: &'a Cluster, out: &Emission<'a>, node: ThingId) -> Vec<Host<'a>> {
    let mut known = out.known();
    let label = cluster.label(node);
    let origin = cluster.at(node, "address").1;
    let bare = names(cluster, node);
    let mut hosts = Vec::new();
    let mut every = bare.clone();
    for (name, network, address) in full_names(cluster, &mut known, node) {
        every.push(name.clone());
        let at = nodes::address_origin(cluster, node, network);
        let settings = vec![Setting::new("HostName", address.to_string()).at(at)];
        hosts.push(Host { names: vec![name], settings, origin: at });
    }
    let Some((_, address, at)) = way(cluster, &mut known, node, None) else { return Vec::new() };
    let mut settings = Vec::new();
    if let Some(user) = nodes::user(cluster, node) {
        let at = cluster.at(node, "user").1;
        settings.push(Setting::new("User", cluster.label(user)).at(at));
    }
    settings.extend(login(cluster, node));
    // One key a machine, by whichever network; a first one is taken, a changed one never.
    settings.push(Setting::new("HostKeyAlias", label));
    settings.push(Setting::new("StrictHostKeyChecking", "accept-new"));
    let place = Setting::new("HostName", address.to_string()).at(at);
    if every.len() == bare.len() {
        settings.insert(0, place);
    } else {
        hosts.push(Host { names: bare, settings: vec![place], origin: at });
    }
    hosts.push(Host { names: every, settings, origin });
    hosts
}

fn names<'a>(cluster: &'a Cluster, node: ThingId) -> Vec<Cow<'a, str>> {
    let aliases = cluster.get(node, "alias").items().iter();
    let aliases = aliases.filter_map(|alias| alias.value.as_text());
    std::iter::once(cluster.label(node)).chain(aliases).map(Cow::from).collect()
}

/// Its names in the domains of networks, with its address there.
fn full_names<'a>(
    cluster: &'a Cluster,
    known: &mut Known<'_>,
    node: ThingId,
) -> Vec<(Cow<'a, str>, ThingId, IpAddr)> {
    let label = cluster.label(node);
    let mut all = Vec::new();
    for network in reach::reach(known) {
        if let Some(domain) = cluster.text(network, "domain")
            && let Some(address) = reach::address_on(known, node, network)
        {
            all.push((format!("{label}.{domain}").into(), network, address));
        }
    }
    all
}

/// The node that others go through to this one.
fn jump(cluster: &Cluster, node: ThingId) -> Option<ThingId> {
    cluster.get(cluster.block(node, "ssh")?, "jump").as_thing()
}

/// Whoever is gone through does not go through itself.
fn straight<'a>(cluster: &'a Cluster, known: &mut Known<'_>, other: ThingId) -> Host<'a> {
    let mut names = names(cluster, other);
    names.extend(full_names(cluster, known, other).into_iter().map(|(name, ..)| name));
    let origin = cluster.block(other, "ssh").map_or(Origin::NONE, |ssh| cluster.at(ssh, "jump").1);
    Host { names, settings: vec![Setting::new("ProxyJump", "none").at(origin)], origin }
}

/// Port, way and key, as the node's `ssh` says.
fn login<'a>(cluster: &'a Cluster, node: ThingId) -> Vec<Setting<'a>> {
    let Some(block) = cluster.block(node, "ssh") else { return Vec::new() };
    let mut settings = Vec::new();
    if let (port @ 1.., at) = port(cluster, node)
        && port != 22
    {
        settings.push(Setting::new("Port", port.to_string()).at(at));
    }
    if let (Value::Thing(jump), at) = cluster.at(block, "jump") {
        // `none`, in letters of any size, would be no jump; as an address it is a name.
        let name = match cluster.label(*jump) {
            name if name.eq_ignore_ascii_case("none") => format!("ssh://{name}").into(),
            name => Cow::from(name),
        };
        settings.push(Setting::new("ProxyJump", name).at(at));
    }
    if let (Value::Text(key), at) = cluster.at(block, "key") {
        settings.push(Setting::new("IdentityFile", key.to_string()).at(at));
        settings.push(Setting::new("IdentitiesOnly", "yes").at(at));
    }
    settings
}

/// The port of the node's ssh daemon.
pub(super) fn port(cluster: &Cluster, node: ThingId) -> (i64, Origin) {
    let Some(block) = cluster.block(node, "ssh") else { return (22, Origin::NONE) };
    match cluster.at(block, "port") {
        (Value::Int(port), at) => (*port, at),
        _ => (22, Origin::NONE),
    }
}

/// The nodes that this one reaches by another network than most do, in order of name.
fn elsewhere(
    cluster: &Cluster,
    known: &mut Known<'_>,
    alike: &BTreeMap<Vec<ThingId>, Vec<ThingId>>,
    here: ThingId,
) -> Vec<ThingId> {
    let own = nodes::networks_of(known, here);
    let mut others = Vec::new();
    for (networks, members) in alike {
        let used = networks.iter().find(|network| own.contains(network));
        if used.is_some() && used != networks.first() {
            others.extend(members.iter().copied().filter(|&other| other != here));
        }
    }
    others.sort_by_key(|&other| cluster.label(other));
    others
}

/// A node by the network that both have.
fn way_to<'a>(
    cluster: &'a Cluster,
    known: &mut Known<'_>,
    other: ThingId,
    here: ThingId,
) -> Option<Host<'a>> {
    let (_, address, at) = way(cluster, known, other, Some(here))?;
    let settings = vec![Setting::new("HostName", address.to_string()).at(at)];
    Some(Host { names: names(cluster, other), settings, origin: at })
}
