//! The machines: one table of all, and a page for each.

use super::failures;
use super::overview::unknown_of;
use super::paper::{
    Facts, Nodes, Table, badge, code, commas, file_link, joined, or_unknown, paragraph, say, says,
    section, unknown,
};
use super::{Below, Book, Entry, Page, file_of, ports};
use crate::formats::html::Node;
use crate::model::reach::{self, Known};
use crate::model::value::Value;
use crate::model::worlds::{self, World};
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_mounts::{self as mounts, Mount};
use crate::targets::shared_nodes as nodes;
use crate::tree::Tool;
use rustc_hash::FxHashMap;

pub(super) const BELOW: Below = Below { all: nodes::nodes, write: one, entry };

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let cluster = book.cluster;
    let all = nodes::nodes(cluster);
    let lead = says("Every machine that the cluster knows: what it is, and what runs on it.");
    let mut page = Page::new("nodes.html", "Nodes", vec![paragraph(lead, Origin::NONE)]);
    let mut table = Table::new(&["Node", "What it is", "System", "State", "Address", "Runs"]);
    for &node in &all {
        let way = nodes::way(cluster, &mut book.known(), node, None);
        let (what, origin) = book.description(node);
        let origin = origin.or(way.map_or(Origin::NONE, |(.., origin)| origin));
        let address = way.map(|(_, ip, _)| code(ip.to_string())).into_iter().collect();
        let services = nodes::instances_on(cluster, node);
        table.row(
            [
                vec![book.link(node)],
                what,
                system(book, node),
                vec![state(book, node)],
                or_unknown(address),
                book.links(services.iter().map(|instance| instance.service)),
            ],
            origin,
        );
        page.made_from.push(node);
    }
    page.body.extend(table.into_nodes());
    page
}

/// `debian 13, arm64`
pub(super) fn system<'a>(book: &Book<'a>, node: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut system = Vec::new();
    if let Some(os) = cluster.word(node, "os") {
        let version = cluster.param(node, "os", "version").and_then(Value::as_text);
        let wsl = matches!(cluster.param(node, "os", "wsl"), Some(Value::Bool(true)));
        let version = version.map(|version| format!(" {version}")).unwrap_or_default();
        system.push(vec![say(format!("{os}{version}{}", if wsl { " with WSL" } else { "" }))]);
    }
    system.extend(cluster.word(node, "arch").map(|arch| vec![say(arch)]));
    or_unknown(joined(system, ", "))
}

fn state<'a>(book: &Book<'a>, node: ThingId) -> Node<'a> {
    if !book.cluster.flag(node, "managed") {
        return badge("plain", "not managed");
    }
    match book.cluster.word(node, "status") {
        Some("up") => badge("good", "always on"),
        Some("on-demand") => badge("warn", "on demand"),
        Some(other) => badge("bad", other),
        None => unknown(),
    }
}

fn entry(book: &Book<'_>, node: ThingId) -> Entry {
    let cluster = book.cluster;
    let name = cluster.label(node);
    let words = [
        texts(cluster.get(node, "alias")),
        texts(cluster.get(node, "tags")),
        addresses_of(book, node),
        cluster.word(node, "os").unwrap_or("").to_string(),
    ];
    Entry::new("node", name, file_of("node", name), words.join(" "))
}

fn one<'a>(book: &Book<'a>, node: ThingId) -> Page<'a> {
    let cluster = book.cluster;
    let mut page = book.page_of(node);
    page.body.push(section("facts", says("Facts"), facts(book, node)));
    page.body.push(section("addresses", says("Addresses"), addresses(book, node)));
    if cluster.flag(node, "managed") {
        page.body.push(section("hardware", says("Hardware"), hardware(book, node)));
    }
    let mut part = |id: &'static str, title: &'static str, nodes: Nodes<'a>| {
        if !nodes.is_empty() {
            page.body.push(section(id, says(title), nodes));
        }
    };
    part("runs", "What runs here", runs(book, node));
    part("ports", "Ports", ports::of_node(book, node));
    part("shares", "Shares mounted here", shares(book, node));
    part("system", "System and tools", tools(book, node));
    part("down", "When it is gone", failures::of(book, node));
    part("files", "Files that are brought here", files(book, node));
    part("decisions", "Decisions about it", super::decisions::about(book, node));
    page
}

fn facts<'a>(book: &Book<'a>, node: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut facts = Facts::new()
        .said("State", vec![state(book, node)])
        .said("System", system(book, node))
        .fact("Other names", book.fact(node, "alias"))
        .fact("Roles", book.fact(node, "roles"))
        .fact("Tags", book.fact(node, "tags"));
    if cluster.flag(node, "managed") {
        facts = facts
            .fact("Works here", book.fact(node, "user"))
            .fact("Other accounts", book.fact(node, "users"))
            .fact("Shell", book.fact(node, "shell"))
            .fact("Containers run by", book.fact(node, "engine"))
            .fact("Changes of the system", approve(book, node))
            .fact("Name resolver", book.unusual(node, "resolver", "system"));
        if nodes::user(cluster, node).is_some() && nodes::posix(cluster, node) {
            facts = facts.said("Log in", vec![code(format!("ssh {}", cluster.label(node)))]);
        }
    }
    if let Some(ssh) = cluster.block(node, "ssh") {
        facts = facts
            .fact("Port of ssh", book.unusual(ssh, "port", "22"))
            .fact("By way of", book.fact(ssh, "jump"))
            .fact("Key of ssh", book.fact(ssh, "key"));
    }
    facts.into_nodes()
}

fn approve<'a>(book: &Book<'a>, node: ThingId) -> (Nodes<'a>, Origin) {
    let said = match book.cluster.word(node, "approve") {
        Some("automatic") => "wait for nobody",
        _ => "wait for a person's yes",
    };
    (says(said), book.cluster.at(node, "approve").1)
}

fn addresses<'a>(book: &Book<'a>, node: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Network", "Address", "Interface", "Hardware address"]);
    for &network in cluster.all("network") {
        let label = cluster.label(network);
        let own = |field: &str| {
            let pairs = cluster.get(node, field).pairs();
            pairs.iter().find(|pair| &*pair.key == label)
        };
        let address = own("address");
        let (interface, mac) = (own("interface"), own("mac"));
        if address.is_none() && interface.is_none() && mac.is_none() {
            continue;
        }
        let value = |pair: Option<&'a crate::model::value::Pair>| {
            pair.map(|pair| book.value(&pair.value)).unwrap_or_default()
        };
        let origin = address.map_or(Origin::NONE, |pair| pair.origin);
        table.row(
            [vec![book.link(network)], or_unknown(value(address)), value(interface), value(mac)],
            origin,
        );
    }
    if table.is_empty() {
        return vec![paragraph(vec![unknown()], Origin::NONE)];
    }
    table.into_nodes()
}

fn addresses_of(book: &Book<'_>, node: ThingId) -> String {
    let pairs = book.cluster.get(node, "address").pairs();
    let all = pairs.iter().flat_map(|pair| reach::ips(&pair.value));
    all.map(|ip| ip.to_string()).collect::<Vec<_>>().join(" ")
}

fn hardware<'a>(book: &Book<'a>, node: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    let Some(hardware) = cluster.block(node, "hardware") else { return vec![unknown()] };
    let mut facts = Facts::new()
        .wanted("Processor", book.fact(hardware, "cpu_model"))
        .wanted("Cores", book.fact(hardware, "cpu"))
        .wanted("Memory", book.fact(hardware, "memory"))
        .fact("Graphics processor", book.fact(hardware, "gpu"))
        .fact("Devices for containers", book.fact(hardware, "devices"));
    if let Some(reserve) = cluster.block(node, "reserve") {
        facts = facts
            .fact("Cores kept free", book.fact(reserve, "cpu"))
            .fact("Memory kept free", book.fact(reserve, "memory"));
    }
    let mut nodes = facts.into_nodes();
    let mut table = Table::new(&["Disk", "Made of", "Size", "File system", "Mounted at", "For"]);
    for &disk in cluster.children(hardware, "disk") {
        let mut made_of = Vec::new();
        for field in ["device", "uuid", "label", "raid"] {
            let (value, _) = book.fact(disk, field);
            if !value.is_empty() {
                made_of.push(match field {
                    "uuid" | "label" => [vec![say(format!("{field} "))], value].concat(),
                    _ => value,
                });
            }
        }
        let mut mount = book.fact(disk, "mount").0;
        if cluster.flag(disk, "removable") {
            mount.push(say(" (may be absent)"));
        }
        table.row_with_id(
            Some(super::id("disk", cluster.label(disk))),
            [
                says(cluster.label(disk)),
                joined(made_of, ", "),
                or_unknown(book.fact(disk, "size").0),
                or_unknown(book.fact(disk, "fs").0),
                mount,
                book.description(disk).0,
            ],
            cluster.at(disk, "mount").1,
        );
    }
    nodes.extend(table.into_nodes());
    let missing = unknown_of(book, node);
    if !missing.is_empty() {
        let mut said = says("Unknown: ");
        said.extend(commas(missing.into_iter().map(say)));
        said.push(say(". Checks that need it say so."));
        nodes.push(
            crate::formats::html::element("p").attribute("class", "note").children(said).into(),
        );
    }
    nodes
}

fn runs<'a>(book: &Book<'a>, node: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Service", "What it is", "Parts"]);
    for instance in nodes::instances_on(cluster, node) {
        let parts = nodes::containers(cluster, instance)
            .into_iter()
            .chain(nodes::units(cluster, instance))
            .map(|part| code(cluster.label(part)));
        let (what, origin) = book.description(instance.thing);
        table.row([vec![book.link(instance.service)], what, commas(parts)], origin);
    }
    table.into_nodes()
}

fn shares<'a>(book: &Book<'a>, node: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Share", "As seen from", "Path", "Over", "Server"]);
    for share in nodes::shares_on(cluster, node) {
        let path = reach::server_path(&mut book.known(), share).ok().flatten();
        let path = path.map(code).into_iter().collect();
        table.row(
            [
                vec![book.link(share)],
                says("the server itself"),
                path,
                Nodes::new(),
                vec![book.link(node)],
            ],
            cluster.at(share, "server").1,
        );
    }
    for world in worlds::worlds(cluster, node) {
        let name = title(world);
        for mount in mounts::mounts(cluster, &mut book.known(), node, world) {
            let server = cluster.get(mount.share, "server").as_thing();
            let over = mount.way.map(|way| book.link(way.network)).into_iter().collect();
            table.row(
                [
                    vec![book.link(mount.share)],
                    says(name),
                    vec![code(mount.path)],
                    or_unknown(over),
                    book.links(server),
                ],
                mount.origin,
            );
        }
    }
    table.into_nodes()
}

/// A world of a node that mounts shares.
pub(super) struct Side {
    pub node: ThingId,
    pub world: World,
    pub name: &'static str,
}

/// For each share where it is mounted, in order of node.
pub(super) type Mounted = FxHashMap<ThingId, Vec<(Side, Mount)>>;

pub(super) fn mounted(cluster: &Cluster) -> Mounted {
    let mut mounted = Mounted::default();
    for node in nodes::managed(cluster) {
        for world in worlds::worlds(cluster, node) {
            let name = title(world);
            for mount in mounts::mounts(cluster, &mut Known(cluster), node, world) {
                let side = Side { node, world, name };
                mounted.entry(mount.share).or_default().push((side, mount));
            }
        }
    }
    mounted
}

/// What people call it.
fn title(world: World) -> &'static str {
    match world {
        World::Linux => "Linux",
        World::Wsl => "WSL",
        World::Windows => "Windows",
        World::MacOs => "macOS",
    }
}

fn tools<'a>(book: &Book<'a>, node: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    if !cluster.flag(node, "managed") {
        return Nodes::new();
    }
    let mut facts = Facts::new()
        .fact("Packages", book.fact(node, "packages"))
        .fact("Tools", book.fact(node, "tools"))
        .fact("Kernel settings", book.fact(node, "sysctl"))
        .fact("Environment", book.fact(node, "env"))
        .fact("Values of its own", book.fact(node, "vars"));
    if let Some(docker) = cluster.block(node, "docker") {
        facts = facts
            .fact("Logs in to the registry of", book.fact(docker, "registry_login"))
            .fact("Images and layers in", book.fact(docker, "data_root"));
    }
    facts.into_nodes()
}

/// What the tools bring to the node, and from where below `out/`.
fn files<'a>(book: &Book<'a>, node: ThingId) -> Nodes<'a> {
    let name = book.cluster.label(node);
    let mut table = Table::new(&["On the node", "Brought by", "From"]);
    let own = [crate::targets::EVERY_NODE, name].into_iter().filter_map(|it| book.brought.get(it));
    for path in own.flatten() {
        let Some(delivery) = book.tree.get(path).and_then(|file| file.delivery.as_ref()) else {
            continue;
        };
        // What Ansible has for every node lies where Windows has no such place.
        let for_all = *delivery.node == *crate::targets::EVERY_NODE;
        if for_all && delivery.tool == Tool::Ansible && !nodes::posix(book.cluster, node) {
            continue;
        }
        let mut place = vec![code(delivery.destination.clone())];
        if let Some(side) = delivery.side {
            place.push(say(format!(" in {}", side.word())));
        }
        let from = file_link(path, path.to_string());
        table.row([place, says(delivery.tool.word()), vec![from]], Origin::NONE);
    }
    table.into_nodes()
}

/// The texts of a list, one after the other.
pub(super) fn texts(value: &Value) -> String {
    let all = value.items().iter().filter_map(|item| item.value.as_text());
    all.collect::<Vec<_>>().join(" ")
}
