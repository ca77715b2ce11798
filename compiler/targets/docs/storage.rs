//! Where data lies: shares with their path on every node, disks, copies near at hand, volumes of the
//! engine.

use super::paper::{Facts, Nodes, Table, article, code, or_unknown, paragraph, says, section};
use super::{Book, Entry, Page, failures, id};
use crate::formats::html::Node;
use crate::model::ThingId;
use crate::model::reach;
use crate::model::value::{Base, Value};
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;

pub(super) fn entries(book: &Book<'_>) -> Vec<Entry> {
    let entry = |share| {
        let name = book.cluster.label(share);
        let tags = super::nodes::texts(book.cluster.get(share, "tags"));
        Entry::at("share", name, "storage.html", &id("share", name), tags)
    };
    book.all("share").into_iter().map(entry).collect()
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let lead = says("Where data lies, and by which path each node sees it.");
    let mut page = Page::new("storage.html", "Storage", vec![paragraph(lead, Origin::NONE)]);
    let mut articles = Nodes::new();
    for share in book.all("share") {
        page.made_from.push(share);
        articles.push(self::share(book, share));
    }
    let mut part = |id: &'static str, title: &'static str, nodes: Nodes<'a>| {
        if !nodes.is_empty() {
            page.body.push(section(id, says(title), nodes));
        }
    };
    part("shares", "Shares", articles);
    part("disks", "Disks", disks(book));
    part("caches", "Copies near at hand", caches(book));
    part("volumes", "Volumes of the engine", volumes(book));
    page
}

fn share<'a>(book: &Book<'a>, share: ThingId) -> Node<'a> {
    let cluster = book.cluster;
    let name = cluster.label(share);
    let mut body = Nodes::new();
    let (what, origin) = book.description(share);
    if !what.is_empty() {
        body.push(paragraph(what, origin));
    }
    let path = reach::server_path(&mut book.known(), share).ok().flatten();
    let facts = Facts::new()
        .fact("Server", book.fact(share, "server"))
        .said("There it is", or_unknown(path.map(code).into_iter().collect()))
        .fact("Protocol", book.fact(share, "via"))
        .fact("Who mounts it", book.fact(share, "clients"))
        .fact("Over the network", book.fact(share, "network"))
        .fact("Its files belong to", book.fact(share, "user"))
        .fact("Others who may log in", book.fact(share, "valid_users"))
        .fact("Password", book.fact(share, "password"))
        .fact("Directories made in it", book.fact(share, "dirs"))
        .fact("Without a password", book.unusual(share, "guest", "no"))
        .fact("Read only", book.unusual(share, "read_only", "no"))
        .fact("Tags", book.fact(share, "tags"));
    body.extend(facts.into_nodes());
    let mut table = Table::new(&["Node", "As seen from", "Path", "Over"]);
    for (node, world, path, origin, way) in paths(book, share) {
        let way = way.map(|network| book.link(network)).into_iter().collect();
        table.row([vec![book.link(node)], says(world), vec![code(path)], way], origin);
    }
    body.extend(table.into_nodes());
    let down = failures::of(book, share);
    if !down.is_empty() {
        let heading = crate::formats::html::element("h4").text("When it is gone");
        body.push(heading.into());
        body.extend(down);
    }
    article(id("share", name), says(name), body).into()
}

/// Every path of a share: node, world, path, and over which network.
fn paths(
    book: &Book<'_>,
    share: ThingId,
) -> Vec<(ThingId, &'static str, String, Origin, Option<ThingId>)> {
    let cluster = book.cluster;
    let mut found = Vec::new();
    if let Some(server) = cluster.get(share, "server").as_thing()
        && let Ok(Some(path)) = reach::server_path(&mut book.known(), share)
    {
        found.push((server, "the server itself", path, cluster.at(share, "server").1, None));
    }
    found.extend(book.mounted.get(&share).into_iter().flatten().map(|(at, mount)| {
        let way = mount.way.map(|way| way.network);
        (at.node, at.name, mount.path.clone(), mount.origin, way)
    }));
    found
}

fn disks<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Disk", "On", "Size", "File system", "Mounted at", "For"]);
    for node in nodes::nodes(cluster) {
        let Some(hardware) = cluster.block(node, "hardware") else { continue };
        for &disk in cluster.children(hardware, "disk") {
            table.row(
                [
                    says(cluster.label(disk)),
                    vec![book.link(node)],
                    or_unknown(book.fact(disk, "size").0),
                    or_unknown(book.fact(disk, "fs").0),
                    book.fact(disk, "mount").0,
                    book.description(disk).0,
                ],
                cluster.at(disk, "size").1,
            );
        }
    }
    table.into_nodes()
}

fn caches<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Name", "Copy of", "At", "On", "Brought up to date", "For"]);
    for cache in book.all("cache") {
        let name = cluster.label(cache);
        let on = book.fact(cache, "on").0;
        let on = if on.is_empty() { says("where it is chosen") } else { on };
        table.row_with_id(
            Some(id("cache", name)),
            [
                says(name),
                book.fact(cache, "from").0,
                book.fact(cache, "to").0,
                on,
                book.fact(cache, "every").0,
                book.description(cache).0,
            ],
            cluster.at(cache, "from").1,
        );
    }
    table.into_nodes()
}

/// What containers keep in volumes that Docker manages: on that node alone.
fn volumes<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Volume", "On", "Of", "Inside", "Saved"]);
    for instance in nodes::instances(cluster) {
        for container in nodes::containers(cluster, instance) {
            for &volume in cluster.children(container, "volume") {
                let (Value::Location(location), origin) = cluster.at(volume, "value") else {
                    continue;
                };
                let Base::Local { name, .. } = &location.base else { continue };
                table.row(
                    [
                        vec![code(name.to_string())],
                        vec![book.link(instance.node)],
                        vec![book.link(container)],
                        vec![code(cluster.label(volume))],
                        super::backups::saved(book, instance, container, location),
                    ],
                    origin,
                );
            }
        }
    }
    table.into_nodes()
}
