//! Cockpit: cockpit.conf on each node where it runs behind sites, so that it lets their pages in.

use super::{Emission, Emit, File, Target};
use crate::formats::ini::{self, Entry, Section};
use crate::model::reach::{self, Known};
use crate::model::{Cluster, ThingId, site};
use crate::origin::Origin;
use crate::tree::Tool;
use std::collections::BTreeMap;

pub const TARGET: Target = Target {
    name: "cockpit",
    doc: "cockpit.conf, with the sites that lead to it",
    emit: Emit::Alone(emit),
};

fn emit(cluster: &Cluster, out: &mut Emission) {
    let leading = leading(cluster);
    for instance in &cluster.instances {
        for &unit in cluster.children(instance.thing, "unit") {
            let systemd = cluster.text(unit, "systemd").unwrap_or("");
            if !systemd.starts_with("cockpit.") {
                continue;
            }
            let ports = cluster.children(unit, "port");
            let mut sites: Vec<ThingId> =
                ports.iter().filter_map(|port| leading.get(port)).flatten().copied().collect();
            sites.sort_by_key(|&site| cluster.label(site));
            sites.dedup();
            // Without sites, what it does by itself is right: it takes the name it is asked by.
            if sites.is_empty() {
                continue;
            }
            let things: Vec<ThingId> = sites.iter().copied().chain([instance.thing]).collect();
            let mut origins = Vec::new();
            let mut said = Origin::NONE;
            for &site in &sites {
                said = said.or(cluster.at(site, "to").1);
                let plain = cluster.word(site, "tls") == Some("off");
                for (name, _) in site::names(cluster, site) {
                    origins.extend(both(plain, name));
                }
            }
            // The list replaces what it takes by itself: who may come without a site, still may.
            for &port in ports {
                for host in direct(cluster, instance.node, port) {
                    origins.extend(both(false, &host));
                }
            }
            let entry = |key: &'static str, value: String, origin| Entry {
                key: key.into(),
                value: value.into(),
                origin,
            };
            let section = Section {
                name: "WebService".into(),
                entries: vec![
                    entry("Origins", origins.join(" "), said),
                    entry("ProtocolHeader", "X-Forwarded-Proto".into(), Origin::NONE),
                ],
                origin: Origin::NONE,
            };
            let name = cluster.label(instance.node);
            let file = File::new(format!("cockpit/{name}/cockpit.conf"))
                .to(Tool::Ansible, name, "/etc/cockpit/cockpit.conf", 0o644)
                .from(things.iter().copied());
            let header = out.header(&things);
            out.put(file, ini::write(&header, &[section]));
        }
    }
}

/// For each port, the sites that lead to it, by themselves or by a route.
fn leading(cluster: &Cluster) -> BTreeMap<ThingId, Vec<ThingId>> {
    let mut leading: BTreeMap<ThingId, Vec<ThingId>> = BTreeMap::new();
    for site in site::sites(cluster) {
        let routes = cluster.children(site, "route").iter();
        for thing in std::iter::once(&site).chain(routes) {
            for port in site::endpoints(cluster, cluster.get(*thing, "to")) {
                leading.entry(port).or_default().push(site);
            }
        }
    }
    leading
}

/// As a page's origin, and as that of the WebSocket it opens.
fn both(plain: bool, host: &str) -> [String; 2] {
    let schemes = if plain { ["http", "ws"] } else { ["https", "wss"] };
    schemes.map(|scheme| format!("{scheme}://{host}"))
}

/// By what a port of a node is asked on its networks.
fn direct(cluster: &Cluster, node: ThingId, port: ThingId) -> Vec<String> {
    let mut facts = Known(cluster);
    let Some(number) = reach::published(&mut facts, port).map(|range| range.first) else {
        return Vec::new();
    };
    let all = reach::reach(&mut facts);
    let networks = reach::audience(&mut facts, port).unwrap_or_else(|| all.clone());
    let mut hosts = Vec::new();
    for network in all.into_iter().filter(|network| networks.contains(network)) {
        let addresses = reach::addresses_on(&mut facts, node, network);
        if addresses.is_empty() {
            continue;
        }
        let mut names = vec![cluster.label(node)];
        names.extend(cluster.get(node, "alias").items().iter().filter_map(|a| a.value.as_text()));
        if hosts.is_empty() {
            hosts.extend(names.iter().map(|name| format!("{name}:{number}")));
        }
        if let Some(domain) = cluster.text(network, "domain") {
            hosts.extend(names.iter().map(|name| format!("{name}.{domain}:{number}")));
        }
        hosts.extend(
            addresses.into_iter().map(|ip| std::net::SocketAddr::new(ip, number).to_string()),
        );
    }
    hosts
}
