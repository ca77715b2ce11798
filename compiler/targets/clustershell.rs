//! The groups of ClusterShell: `clush -w @colab:all uptime`, `@role:gpu`, `@os:debian`. They are the same
//! on every node.

use super::shared_nodes as nodes;
use super::{EVERY_NODE, Emission, Emit, File, Target};
use crate::formats::{Data, Map, yaml};
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::tree::Tool;
use std::collections::{BTreeMap, BTreeSet};

pub const TARGET: Target = Target {
    name: "clustershell",
    doc: "Groups of nodes for clush and nodeset",
    emit: Emit::Alone(emit),
};

/// Groups by their names, each with its nodes.
type Groups<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Where a group is declared, for those that are.
type Declared<'a> = BTreeMap<&'a str, Origin>;

fn emit(cluster: &Cluster, out: &mut Emission) {
    let managed = nodes::managed(cluster);
    let all = || managed.iter().map(|&node| cluster.label(node)).collect::<BTreeSet<_>>();
    let mut own: Groups<'_> = BTreeMap::from([("all", all())]);
    let groups = nodes::all(cluster, "group");
    let mut declared = Declared::new();
    for &group in &groups {
        declared.insert(cluster.label(group), cluster.at(group, "nodes").1);
        let members = cluster.get(group, "nodes").items().iter();
        let members = members.filter_map(|item| item.value.as_thing());
        own.entry(cluster.label(group))
            .or_default()
            .extend(members.filter(|node| managed.contains(node)).map(|node| cluster.label(node)));
    }
    let by_word = |field: &'static str| {
        let mut groups: Groups<'_> = BTreeMap::from([("all", all())]);
        for &node in &managed {
            if let Some(word) = cluster.word(node, field) {
                groups.entry(word).or_default().insert(cluster.label(node));
            }
        }
        groups
    };
    let mut roles: Groups<'_> = BTreeMap::from([("all", all())]);
    for &node in &managed {
        for role in cluster.get(node, "roles").items().iter().filter_map(|i| i.value.as_thing()) {
            roles.entry(cluster.label(role)).or_default().insert(cluster.label(node));
        }
    }
    let mut root = Map::new();
    for (source, groups) in [
        ("colab", own),
        ("role", roles),
        ("os", by_word("os")),
        ("arch", by_word("arch")),
        ("status", by_word("status")),
    ] {
        let mut map = Map::new();
        for (group, members) in groups.into_iter().filter(|(_, members)| !members.is_empty()) {
            let list = members.into_iter().collect::<Vec<_>>().join(",");
            let at = declared.get(group).copied().filter(|_| source == "colab");
            map.put(group, Data::text(list).at(at.unwrap_or_default()));
        }
        root.put(source, map);
    }
    let mut made_from: Vec<ThingId> = managed.clone();
    made_from.extend(groups);
    let written = yaml::write(&out.header(&made_from), &root.into());
    let file = File::new("clustershell/colab.yaml")
        .to(Tool::Ansible, EVERY_NODE, "/etc/clustershell/groups.d/colab.yaml", 0o644)
        .from(made_from);
    out.put(file, written);
}
