//! The first page: what the cluster is, in figures and in its widest choices, and what nobody has
//! written down about it.

use super::paper::{Facts, Nodes, Table, commas, link, prose, say, says, section};
use super::{Book, Page};
use crate::formats::html::{Node, element};
use crate::model::reach;
use crate::model::value::Value;
use crate::model::{ThingId, site};
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let cluster = book.cluster;
    let lead = match cluster.cluster.map(|top| book.description(top)) {
        Some((nodes, origin)) if !nodes.is_empty() => {
            vec![super::paper::paragraph(nodes, origin)]
        }
        _ => Nodes::new(),
    };
    let mut page = Page::new("index.html", book.name(), lead);
    page.made_from.extend(cluster.cluster);
    page.body.push(figures(book));
    page.body.extend(super::pictures::of_overview(book));
    page.body.push(section("start", says("Where to start"), start()));
    page.body.push(section("choices", says("Choices for all of it"), choices(book)));
    if let Some(down) = cluster.cluster.and_then(|top| down(book, top)) {
        page.body.push(section("down", says("When all of it is gone"), down));
    }
    let unknown = unknown(book);
    if !unknown.is_empty() {
        page.body.push(section("unknown", says("What nobody has written down"), unknown));
    }
    page
}

/// How many there are of what, each a way to its chapter.
fn figures<'a>(book: &Book<'a>) -> Node<'a> {
    let cluster = book.cluster;
    let all = nodes::nodes(cluster);
    let up = all.iter().filter(|&&node| cluster.word(node, "status") == Some("up")).count();
    let services = book.all("service");
    let planned =
        services.iter().filter(|&&it| cluster.word(it, "status") == Some("planned")).count();
    let secrets = super::secrets::names(book).len();
    let rows = [
        ("nodes.html", all.len(), "node", "nodes", format!("{up} always on")),
        (
            "services.html",
            services.len() - planned,
            "service",
            "services",
            match planned {
                0 => String::new(),
                some => format!("{some} more planned"),
            },
        ),
        ("sites.html", site::sites(cluster).len(), "site", "sites", String::new()),
        ("storage.html", book.all("share").len(), "share", "shares", String::new()),
        ("backups.html", book.all("backup").len(), "backup", "backups", String::new()),
        ("secrets.html", secrets, "secret", "secrets", "by name only".into()),
    ];
    let items = rows.into_iter().map(|(href, count, one, more, beside)| {
        let word = if count == 1 { one } else { more };
        let mut inner = element("a")
            .attribute("href", href)
            .child(element("strong").text(count.to_string()))
            .child(element("span").text(word));
        if !beside.is_empty() {
            inner = inner.child(element("br")).child(element("span").text(beside));
        }
        element("li").child(inner)
    });
    element("ul").attribute("class", "cards").children(items).into()
}

fn start<'a>() -> Nodes<'a> {
    let rows = [
        (
            "runbooks.html#bootstrap",
            "Bring it all up",
            "from bare machines, every command in order",
        ),
        ("runbooks.html#add-a-node", "Add a node", "from an installed system to a working one"),
        ("runbooks.html#deploy", "Deploy or update", "one service, or every node in turn"),
        ("runbooks.html#roll-back", "Roll back", "when a change was a mistake"),
        ("runbooks.html#restore", "Restore", "when data is gone"),
        (
            "failures.html",
            "Something is down",
            "what fails with it, and what to do until it is back",
        ),
    ];
    let items = rows.into_iter().map(|(href, title, what)| {
        (vec![link(href, title), say(format!(": {what}"))], Origin::NONE)
    });
    super::paper::list(items)
}

fn choices<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let Some(top) = cluster.cluster else { return Nodes::new() };
    let reach = book.links(reach::reach(&mut book.known()));
    let mut facts = Facts::new()
        .fact("Domain of the sites", book.fact(top, "domain"))
        .fact("Time zone", book.fact(top, "timezone"))
        .fact("Nodes reach each other by", (reach, cluster.at(top, "reach").1))
        .fact("Sites are answered by", tool(book, top, "ingress"))
        .fact("Names are answered by", tool(book, top, "dns"))
        .fact("A change reaches the nodes by", book.fact(top, "distribute"))
        .fact("The sources live at", book.fact(top, "repository"));
    if let Some(acme) = cluster.block(top, "acme") {
        facts = facts
            .fact("Certificates are announced to", book.fact(acme, "email"))
            .fact("Certificates for trial only", book.unusual(acme, "staging", "no"));
    }
    if let Some(engine) = cluster.block(top, "engine") {
        facts = facts.fact("Oldest Docker Engine", book.fact(engine, "version"));
    }
    facts.fact("Tags", book.fact(top, "tags")).into_nodes()
}

fn tool<'a>(book: &Book<'a>, top: ThingId, field: &str) -> (Nodes<'a>, Origin) {
    let cluster = book.cluster;
    let Some(word) = cluster.word(top, field) else { return (Nodes::new(), Origin::NONE) };
    let mut nodes = vec![say(word)];
    if let Some(service) = site::runner(cluster, top, field) {
        nodes = vec![say(format!("{word}, run by "))];
        nodes.push(book.link(service));
        let on: Vec<ThingId> = cluster.instances_of(service).map(|i| i.node).collect();
        if !on.is_empty() {
            nodes.push(say(" on "));
            nodes.extend(book.links(on));
        }
    }
    (nodes, cluster.at(top, field).1)
}

/// What somebody wrote about the loss of a thing.
pub(super) fn down<'a>(book: &Book<'a>, thing: ThingId) -> Option<Nodes<'a>> {
    let down = book.cluster.block(thing, "down")?;
    let mut facts = Facts::new();
    for (field, name) in [("impact", "What stops"), ("mitigation", "Until it is back")] {
        if let (Value::Text(text), origin) = book.cluster.at(down, field) {
            facts = facts.fact(name, (prose(text, origin), origin));
        }
    }
    let facts = facts.into_nodes();
    (!facts.is_empty()).then_some(facts)
}

/// What a node has that nobody stated: the checks that need it cannot look.
pub(super) fn unknown_of(book: &Book<'_>, node: ThingId) -> Vec<&'static str> {
    let cluster = book.cluster;
    let mut unknown = Vec::new();
    if !cluster.flag(node, "managed") {
        return unknown;
    }
    let Some(hardware) = cluster.block(node, "hardware") else { return unknown };
    for (field, name) in [("cpu", "cores"), ("memory", "memory"), ("cpu_model", "processor")] {
        if cluster.get(hardware, field).is_none() {
            unknown.push(name);
        }
    }
    if !cluster.get(hardware, "gpu").is_none() {
        for (param, name) in [("model", "model of the GPU"), ("memory", "memory of the GPU")] {
            if cluster.param(hardware, "gpu", param).is_none_or(Value::is_none) {
                unknown.push(name);
            }
        }
    }
    let disks = cluster.children(hardware, "disk");
    if disks.is_empty() {
        unknown.push("disks");
    } else if disks.iter().any(|&disk| cluster.get(disk, "size").is_none()) {
        unknown.push("size of a disk");
    }
    if cluster.param(node, "os", "version").is_some_and(Value::is_none) {
        unknown.push("version of the system");
    }
    unknown
}

fn unknown<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Node", "Unknown", "No address on"]);
    let networks = reach::reach(&mut book.known());
    for node in nodes::nodes(cluster) {
        let facts = unknown_of(book, node);
        let addresses = networks.iter().copied().filter(|&network| {
            cluster.flag(node, "managed")
                && reach::address_on(&mut book.known(), node, network).is_none()
        });
        let addresses = book.links(addresses);
        if facts.is_empty() && addresses.is_empty() {
            continue;
        }
        let facts = commas(facts.into_iter().map(say));
        table.row([vec![book.link(node)], facts, addresses], Origin::NONE);
    }
    if table.is_empty() {
        return Nodes::new();
    }
    let mut nodes = vec![super::paper::paragraph(
        says("The checks that would need these facts say so, and guess nothing."),
        Origin::NONE,
    )];
    nodes.extend(table.into_nodes());
    nodes
}
