//! The findings that somebody accepted, with the reason.

use super::paper::{Nodes, Table, code, paragraph, say, says};
use super::{Book, Page};
use crate::formats::html::Node;
use crate::model::ThingId;
use crate::model::value::Value;
use crate::origin::Origin;
use crate::source::Span;
use rustc_hash::FxHashMap;

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let lead = says("Findings of the compiler that somebody accepted, and why.");
    let mut page = Page::new("accepted.html", "Accepted", vec![paragraph(lead, Origin::NONE)]);
    let mut table = Table::new(&["Finding", "Where", "Why it is all right", "Until"]);
    for (allow, at) in all(book) {
        let (value, origin) = book.model().at(allow, "value");
        let why = value.as_text().map(say).into_iter().collect();
        table.row(
            [
                vec![code(book.model().label(allow))],
                place(book, at),
                why,
                book.fact(allow, "until").0,
            ],
            origin,
        );
    }
    if table.is_empty() {
        page.body.push(paragraph(says("None: every finding was mended."), Origin::NONE));
    }
    page.body.extend(table.into_nodes());
    page
}

/// Every `allow` once, however many nodes it reaches, in order of code, place and reason.
fn all(book: &Book<'_>) -> Vec<(ThingId, ThingId)> {
    let model = book.model();
    let mut found: FxHashMap<Span, (String, ThingId, ThingId)> = FxHashMap::default();
    let Some(word) = model.names.find("allow") else { return Vec::new() };
    for at in 0..model.things.len() as u32 {
        let thing = ThingId::new(at as usize);
        let shape = model.schema.shape(model.thing(thing).shape);
        let Some(field) = shape.field(word) else { continue };
        let Value::Things(allows) = model.at_field(thing, field).0 else { continue };
        for &allow in allows.iter() {
            // Of all that it reaches, the widest: a thing's path begins with what is around it.
            let path = model.path(thing);
            let known = found.get(&model.thing(allow).span);
            if known.is_none_or(|(other, ..)| (path.len(), &path) < (other.len(), other)) {
                found.insert(model.thing(allow).span, (path, allow, thing));
            }
        }
    }
    // At the top of a file it is for all, and of nothing.
    for &allow in model.all("allow") {
        found.entry(model.thing(allow).span).or_insert_with(|| (String::new(), allow, allow));
    }
    let mut all: Vec<_> = found.into_values().collect();
    let why = |allow: ThingId| model.text(allow, "value").unwrap_or("");
    all.sort_by(|a, b| (model.label(a.1), &a.0, why(a.1)).cmp(&(model.label(b.1), &b.0, why(b.1))));
    all.into_iter().map(|(_, allow, thing)| (allow, thing)).collect()
}

fn place<'a>(book: &Book<'a>, thing: ThingId) -> Nodes<'a> {
    let model = book.model();
    match (model.kind(thing), model.label(thing)) {
        ("project" | "allow", _) | (_, "") => says("everywhere"),
        (kind, _) => {
            let word: Node = say(format!("{kind} "));
            vec![word, book.link(thing)]
        }
    }
}
