//! The layers that settings come from: roles, architectures, systems.

use super::paper::{Nodes, Table, paragraph, says, section};
use super::{Book, Page, id};
use crate::model::ThingId;
use crate::model::families;
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let cluster = book.cluster;
    let lead = says(
        "Where a node's settings come from, widest first: global, architecture, system, role, the \
         node itself. The narrower one wins.",
    );
    let mut page =
        Page::new("layers.html", "Roles and layers", vec![paragraph(lead, Origin::NONE)]);
    let all = nodes::managed(cluster);
    let has_role = |node: ThingId, role: ThingId| {
        let roles = cluster.get(node, "roles").items().iter();
        roles.filter_map(|item| item.value.as_thing()).any(|own| own == role)
    };
    let mut table = Table::new(&["Role", "For", "Nodes", "Wins over"]);
    for role in book.all("role") {
        let on: Vec<ThingId> = all.iter().copied().filter(|&it| has_role(it, role)).collect();
        let own = !cluster.file_of(role).starts_with("std/");
        if on.is_empty() && !own {
            continue;
        }
        let name = cluster.label(role);
        let (what, origin) = book.description(role);
        table.row_with_id(
            Some(id("role", name)),
            [says(name), what, book.links(on), book.fact(role, "over").0],
            origin,
        );
        page.entry("role", name, &id("role", name), String::new());
        if own {
            page.made_from.push(role);
        }
    }
    let mut part = |id: &'static str, title: &'static str, nodes: Nodes<'a>| {
        if !nodes.is_empty() {
            page.body.push(section(id, says(title), nodes));
        }
    };
    part("roles", "Roles", table.into_nodes());
    let arch = |layer: &str, node: ThingId| cluster.word(node, "arch") == Some(layer);
    part("architectures", "Architectures", layers(book, "arch-layer", &all, &arch));
    let os = |layer: &str, node: ThingId| {
        cluster.word(node, "os").is_some_and(|os| families::line(os).contains(&layer))
    };
    part("systems", "Systems", layers(book, "os-layer", &all, &os));
    part("global", "Global", layers(book, "global", &all, &|_, _| true));
    page
}

fn layers<'a>(
    book: &Book<'a>,
    kind: &str,
    nodes: &[ThingId],
    holds: &dyn Fn(&str, ThingId) -> bool,
) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Layer", "For", "Nodes"]);
    for layer in book.all(kind) {
        let name = cluster.label(layer);
        let (what, origin) = book.description(layer);
        let on = nodes.iter().copied().filter(|&node| holds(name, node));
        table.row(
            [says(if name.is_empty() { kind_of(kind) } else { name }), what, book.links(on)],
            origin,
        );
    }
    table.into_nodes()
}

fn kind_of(kind: &str) -> &'static str {
    if kind == "global" { "everywhere" } else { "layer" }
}
