//! `/etc/hosts`: every node by every name, on the network by which this one reaches it.

use super::shared_nodes as nodes;
use super::{EVERY_NODE, Emission, Emit, File, Target};
use crate::formats::hosts::{self, Line};
use crate::model::reach;
use crate::model::{Cluster, ThingId};
use crate::tree::Tool;
use std::borrow::Cow;

pub const TARGET: Target = Target {
    name: "hosts",
    doc: "A managed block of /etc/hosts for each node",
    emit: Emit::Alone(emit),
};

/// The name of the file that is for all nodes.
const SHARED: &str = "cluster";

/// Where Windows has its own.
const WINDOWS: &str = "C:\\Windows\\System32\\drivers\\etc\\hosts";

/// From so many nodes on, a file for each that names each would be most of what is written.
const MANY: usize = 64;

fn emit(cluster: &Cluster, out: &mut Emission) {
    let managed = nodes::managed(cluster);
    let alike = nodes::by_networks(&mut out.known(), managed.iter().copied()).len() == 1;
    // Where very many see the same, one file says it for all of them.
    if alike && managed.len() >= MANY && managed.iter().all(|&node| nodes::posix(cluster, node)) {
        file(cluster, out, managed[0], SHARED, EVERY_NODE);
        return;
    }
    for node in managed {
        let name = cluster.label(node);
        file(cluster, out, node, name, name);
    }
}

/// What `node` sees, for itself or for all that are like it.
fn file(cluster: &Cluster, out: &mut Emission, node: ThingId, name: &str, to: &str) {
    let made_by = if to == EVERY_NODE { cluster.cluster } else { Some(node) };
    let mut lines = vec![Line::Comment(out.header(made_by.as_slice()).into()), Line::Blank];
    for other in nodes::nodes(cluster) {
        lines.extend(names_of(cluster, out, node, other));
    }
    // Inside of WSL it is the one of every Linux.
    let windows = to != EVERY_NODE && !nodes::posix(cluster, node);
    let place = if windows { WINDOWS } else { "/etc/hosts" };
    let file = File::new(format!("hosts/{name}"))
        .to(Tool::Ansible, to, place, 0o644)
        .block("colab")
        .from(nodes::nodes(cluster));
    out.put(file, hosts::write(&lines));
}

/// One line for each network that both nodes have, the first choice of `cluster.reach` with the
/// bare names.
fn names_of<'a>(
    cluster: &'a Cluster,
    out: &Emission,
    here: ThingId,
    other: ThingId,
) -> Vec<Line<'a>> {
    let mut facts = out.known();
    let domain = |network: ThingId| cluster.text(network, "domain");
    let label = cluster.label(other);
    let mut lines = Vec::new();
    let mut bare = true;
    for network in reach::reach(&mut facts) {
        if reach::addresses_on(&mut facts, here, network).is_empty() {
            continue;
        }
        let origin = cluster.get(other, "address");
        let key = cluster.label(network);
        let origin = origin
            .pairs()
            .iter()
            .find(|pair| &*pair.key == key)
            .map_or(Default::default(), |pair| pair.origin);
        for address in reach::addresses_on(&mut facts, other, network) {
            let mut names: Vec<Cow<'a, str>> = Vec::new();
            if let Some(domain) = domain(network) {
                names.push(format!("{label}.{domain}").into());
            }
            if bare {
                names.push(label.into());
                for alias in cluster.get(other, "alias").items() {
                    names.extend(alias.value.as_text().map(Cow::from));
                }
            }
            if !names.is_empty() {
                lines.push(Line::Host { address, names, origin });
            }
        }
        if !lines.is_empty() {
            bare = false;
        }
    }
    lines
}
