//! Why the cluster is as it is.

use super::paper::{
    Facts, Nodes, Table, badge, link, list, paragraph, prose, say, says, section, written,
};
use super::{Book, Entry, Page, id};
use crate::formats::html::{Node, element};
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use rustc_hash::FxHashMap;

pub(super) fn entries(book: &Book<'_>) -> Vec<Entry> {
    let entry = |decision| {
        let label = book.cluster.label(decision);
        let (title, _) = title(book, decision);
        Entry::at("decision", title, "decisions.html", &id("decision", label), label.to_string())
    };
    book.all("decision").into_iter().map(entry).collect()
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let cluster = book.cluster;
    let lead = says("Why the cluster is as it is, for whoever asks later.");
    let mut page = Page::new("decisions.html", "Decisions", vec![paragraph(lead, Origin::NONE)]);
    let all = book.all("decision");
    let mut table = Table::new(&["Decision", "State", "When"]);
    for &decision in &all {
        let (title, origin) = title(book, decision);
        let place = id("decision", cluster.label(decision));
        table.row(
            [
                vec![link(format!("#{place}"), title)],
                vec![state(book, decision)],
                book.fact(decision, "date").0,
            ],
            origin,
        );
        page.made_from.push(decision);
    }
    if table.is_empty() {
        page.body.push(paragraph(says("None is written down."), Origin::NONE));
    }
    page.body.extend(table.into_nodes());
    page.body.extend(all.iter().map(|&decision| one(book, decision, &all)));
    page
}

fn title<'a>(book: &Book<'a>, decision: ThingId) -> (&'a str, Origin) {
    let (value, origin) = book.model().at(decision, "title");
    (value.as_text().unwrap_or(book.model().label(decision)), origin)
}

fn state<'a>(book: &Book<'a>, decision: ThingId) -> Node<'a> {
    match book.cluster.word(decision, "status") {
        Some("accepted") => badge("good", "accepted"),
        Some("superseded") => badge("plain", "superseded"),
        other => badge("warn", other.unwrap_or("proposed")),
    }
}

fn linked<'a>(book: &Book<'a>, decision: ThingId) -> Node<'a> {
    let place = id("decision", book.cluster.label(decision));
    link(format!("decisions.html#{place}"), title(book, decision).0)
}

fn one<'a>(book: &Book<'a>, decision: ThingId, all: &[ThingId]) -> Node<'a> {
    let cluster = book.cluster;
    let (title, at) = title(book, decision);
    let replaced = all
        .iter()
        .copied()
        .filter(|&other| cluster.get(other, "replaces").as_thing() == Some(decision));
    let replaced: Nodes = super::paper::commas(replaced.map(|other| linked(book, other)));
    let replaces = cluster.get(decision, "replaces").as_thing();
    let facts = Facts::new()
        .fact("State", (vec![state(book, decision)], cluster.at(decision, "status").1))
        .fact("When", book.fact(decision, "date"))
        .fact("About", book.fact(decision, "about"))
        .said("Replaces", replaces.map(|other| linked(book, other)).into_iter().collect())
        .said("Replaced by", replaced);
    let mut body = facts.into_nodes();
    for (field, name) in [("context", "What was known"), ("chosen", "What was chosen")] {
        if let (Value::Text(text), origin) = cluster.at(decision, field) {
            body.push(element("h3").text(name).into());
            body.extend(prose(text, origin));
        }
    }
    for (field, name) in [("good", "What is good about it"), ("bad", "What is not")] {
        let items = cluster.get(decision, field).items().iter();
        let items = items.filter_map(|item| Some((written(item.value.as_text()?), item.origin)));
        let items = list(items);
        if !items.is_empty() {
            body.push(element("h3").text(name).into());
            body.extend(items);
        }
    }
    let heading = element("span").child(say(title)).at(at);
    section(id("decision", cluster.label(decision)), vec![heading.into()], body)
}

/// The decisions about each thing; what is said of an instance is said of its service.
pub(super) fn by_thing(
    cluster: &Cluster,
    services: &FxHashMap<ThingId, ThingId>,
) -> FxHashMap<ThingId, Vec<ThingId>> {
    let mut found: FxHashMap<ThingId, Vec<ThingId>> = FxHashMap::default();
    for decision in crate::targets::shared_nodes::all(cluster, "decision") {
        for item in cluster.get(decision, "about").items() {
            let Some(thing) = item.value.as_thing() else { continue };
            let thing = services.get(&thing).copied().unwrap_or(thing);
            let about = found.entry(thing).or_default();
            if !about.contains(&decision) {
                about.push(decision);
            }
        }
    }
    found
}

/// The decisions that are about a thing.
pub(super) fn about<'a>(book: &Book<'a>, thing: ThingId) -> Nodes<'a> {
    let all = book.decisions.get(&thing).into_iter().flatten();
    list(all.map(|&decision| (vec![linked(book, decision)], Origin::NONE)))
}
