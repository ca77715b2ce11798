//! What listens where, by who may reach it.

use super::paper::{Nodes, Table, code, commas, paragraph, say, says, section};
use super::{Book, Entry, Page};
use crate::formats::html::Node;
use crate::model::reach::{self, Known};
use crate::model::value::Value;
use crate::model::{Instance, Model, ThingId};
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;
use std::net::IpAddr;

/// A port that is published on a node.
pub struct Published {
    pub port: ThingId,
    pub node: ThingId,
    /// `3300`, `10000..10099`
    pub number: String,
    first: u16,
    pub protocol: &'static str,
    pub audience: Reached,
}

/// From where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reached {
    Internet,
    Networks(Vec<ThingId>),
    /// The node itself.
    Node,
}

/// Every port that is published on some node, in order of node and number.
pub fn published(model: &Model, instances: &[Instance], unmanaged: &[ThingId]) -> Vec<Published> {
    let mut known = Known(model);
    let mut found = Vec::new();
    let mut look = |port: ThingId, node: ThingId| {
        let Some(range) = reach::published(&mut known, port) else { return };
        let audience = match model.word(port, "audience") {
            Some("internet") => Reached::Internet,
            Some("node") => Reached::Node,
            Some("container") => return,
            _ => Reached::Networks(reach::audience(&mut known, port).unwrap_or_default()),
        };
        let protocol = match model.word(port, "protocol") {
            Some("udp") => "udp",
            Some("both") => "tcp and udp",
            _ => "tcp",
        };
        found.push(Published {
            port,
            node,
            number: range.to_string(),
            first: range.first,
            protocol,
            audience,
        });
    };
    for instance in instances {
        for field in ["container", "unit"] {
            for &part in model.children(instance.thing, field) {
                for &port in model.children(part, "port") {
                    look(port, instance.node);
                }
            }
        }
    }
    for &node in unmanaged {
        for &port in model.children(node, "port") {
            look(port, node);
        }
    }
    found.sort_by_cached_key(|p| (model.label(p.node), p.first, model.dotted(p.port)));
    found
}

pub(super) fn entries(book: &Book<'_>) -> Vec<Entry> {
    let entry = |port: &Published| {
        let node = book.cluster.label(port.node);
        let words = format!("{} on {node}, {}", book.dotted(port.port), port.protocol);
        let href = format!("{}#ports", super::file_of("node", node));
        Entry::new("port", &format!("{} on {node}", port.number), href, words)
    };
    book.ports.iter().map(entry).collect()
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let cluster = book.cluster;
    let lead = says(
        "What is open, by who may reach it. A port stands under each network of its audience; what \
         is open to the internet stands there alone.",
    );
    let mut page = Page::new("ports.html", "Ports", vec![paragraph(lead, Origin::NONE)]);
    let all = &book.ports;
    let mut part = |anchor: String, title: Nodes<'a>, fits: &dyn Fn(&Reached) -> bool| {
        let ports = all.iter().filter(|port| fits(&port.audience));
        let table = table(book, ports, true);
        if !table.is_empty() {
            page.body.push(section(anchor, title, table));
        }
    };
    part("internet".into(), says("The internet"), &|to| *to == Reached::Internet);
    for &network in cluster.all("network") {
        let title = vec![say("Network "), book.link(network)];
        part(
            super::id("network", cluster.label(network)),
            title,
            &|to| matches!(to, Reached::Networks(networks) if networks.contains(&network)),
        );
    }
    part("node".into(), says("The node itself"), &|to| *to == Reached::Node);
    let daemons = daemons(book);
    if !daemons.is_empty() {
        page.body.push(section("daemons", says("Programs of the host"), daemons));
    }
    page
}

pub(super) fn of_node<'a>(book: &Book<'a>, node: ThingId) -> Nodes<'a> {
    let name = |port: &Published| book.cluster.label(port.node);
    let own = book.cluster.label(node);
    let first = book.ports.partition_point(|port| name(port) < own);
    table(book, book.ports[first..].iter().take_while(|port| port.node == node), false)
}

pub(super) fn of_service<'a>(book: &Book<'a>, instances: &[Instance]) -> Nodes<'a> {
    table(book, published(book.cluster, instances, &[]).iter(), true)
}

fn table<'a, 'p>(
    book: &Book<'a>,
    ports: impl Iterator<Item = &'p Published>,
    with_node: bool,
) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = match with_node {
        true => Table::new(&["Port", "On", "Of", "Speaks", "Reached from", "Bound to", "For"]),
        false => Table::new(&["Port", "Of", "Speaks", "Reached from", "Bound to", "For"]),
    };
    for port in ports {
        let mut number = vec![code(port.number.clone())];
        if port.protocol != "tcp" {
            number.push(say(format!(" {}", port.protocol)));
        }
        let mut cells = vec![number];
        if with_node {
            cells.push(vec![book.link(port.node)]);
        }
        cells.push(vec![book.link(port.port)]);
        let mut speaks = book.fact(port.port, "scheme").0;
        let path = book.fact(port.port, "path").0;
        if !path.is_empty() {
            speaks.push(say(" at "));
            speaks.extend(path);
        }
        cells.push(speaks);
        cells.push(reached(book, &port.audience));
        cells.push(bound(book, port.port));
        cells.push(book.description(port.port).0);
        table.row(cells, cluster.at(port.port, "value").1);
    }
    table.into_nodes()
}

fn reached<'a>(book: &Book<'a>, from: &Reached) -> Nodes<'a> {
    match from {
        Reached::Internet => says("the internet"),
        Reached::Networks(networks) => book.links(networks.iter().copied()),
        Reached::Node => says("the node itself"),
    }
}

fn bound<'a>(book: &Book<'a>, port: ThingId) -> Nodes<'a> {
    let mut known = book.known();
    if reach::is_of_host(&mut known, port) && book.cluster.get(port, "bind").is_none() {
        return says("as the program likes");
    }
    match reach::bound(&mut known, port) {
        None => says("every address"),
        Some(all) => commas(all.iter().map(|ip: &IpAddr| code(ip.to_string()))),
    }
}

/// The host's own programs whose ports are counted: where a package of theirs is installed.
fn daemons<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table =
        Table::new(&["Program", "What it is", "Ports", "Listens on", "Comes with", "On"]);
    let managed = nodes::managed(cluster);
    for &daemon in cluster.all("daemon") {
        let brings = |value: &Value, package: &str| {
            value.items().iter().any(|item| item.value.as_text() == Some(package))
        };
        let packages = cluster.get(daemon, "packages");
        let on: Vec<ThingId> = managed
            .iter()
            .copied()
            .filter(|&node| {
                let own = cluster.get(node, "packages").items().iter();
                own.filter_map(|item| item.value.as_text()).any(|name| brings(packages, name))
            })
            .collect();
        let own = !cluster.file_of(daemon).starts_with("std/");
        if on.is_empty() && !own {
            continue;
        }
        let mut numbers: Vec<Node> = Vec::new();
        for (field, word) in [("tcp", ""), ("udp", " udp")] {
            for item in cluster.get(daemon, field).items() {
                let mut nodes = book.value(&item.value);
                nodes.push(say(word));
                numbers.push(crate::formats::html::element("span").children(nodes).into());
            }
        }
        let (bind, _) = book.fact(daemon, "bind");
        let bind = if bind.is_empty() { says("every address") } else { bind };
        let (what, origin) = book.description(daemon);
        let mut name = vec![say(cluster.label(daemon).to_string())];
        let unit = book.fact(daemon, "systemd").0;
        if !unit.is_empty() {
            name.push(say(", "));
            name.extend(unit);
        }
        let packages = book.fact(daemon, "packages").0;
        table.row([name, what, commas(numbers), bind, packages, book.links(on)], origin);
    }
    table.into_nodes()
}
