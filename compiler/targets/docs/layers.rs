//! The layers that settings come from: roles, architectures, systems.

use super::paper::{Nodes, Table, paragraph, says, section};
use super::{Book, Entry, Page, id};
use crate::model::ThingId;
use crate::model::families;
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;
use rustc_hash::FxHashMap;

/// The roles that say something here: the project's own, and those of the library that some node has.
fn roles(book: &Book<'_>) -> Vec<(ThingId, Vec<ThingId>)> {
    let mut having: FxHashMap<ThingId, Vec<ThingId>> = FxHashMap::default();
    for node in nodes::managed(book.cluster) {
        for item in book.cluster.get(node, "roles").items() {
            let Some(role) = item.value.as_thing() else { continue };
            let all = having.entry(role).or_default();
            if all.last() != Some(&node) {
                all.push(node);
            }
        }
    }
    let roles = book.all("role").into_iter();
    let roles = roles.map(|role| (role, having.remove(&role).unwrap_or_default()));
    roles.filter(|(role, on)| !on.is_empty() || is_own(book, *role)).collect()
}

fn is_own(book: &Book<'_>, role: ThingId) -> bool {
    !book.cluster.file_of(role).starts_with("std/")
}

pub(super) fn entries(book: &Book<'_>) -> Vec<Entry> {
    let names = roles(book).into_iter().map(|(role, _)| book.cluster.label(role));
    let entry = |name| Entry::at("role", name, "layers.html", &id("role", name), String::new());
    names.map(entry).collect()
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let cluster = book.cluster;
    let lead = says(
        "Where a node's settings come from, widest first: global, architecture, system, role, the \
         node itself. The narrower one wins.",
    );
    let mut page =
        Page::new("layers.html", "Roles and layers", vec![paragraph(lead, Origin::NONE)]);
    let all = nodes::managed(cluster);
    let mut table = Table::new(&["Role", "For", "Nodes", "Wins over"]);
    for (role, on) in roles(book) {
        let name = cluster.label(role);
        let (what, origin) = book.description(role);
        table.row_with_id(
            Some(id("role", name)),
            [says(name), what, book.links(on), book.fact(role, "over").0],
            origin,
        );
        if is_own(book, role) {
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
