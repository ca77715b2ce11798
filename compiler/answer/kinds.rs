//! The kinds, their fields and what is said of them, for editors and pages of reference.

use crate::model::schema::{Field, Schema, Shape, spell};
use crate::names::Names;
use crate::source::{Sources, Span};
use serde_json::{Value as Json, json};

/// Every kind and record type with a name, in order of name, as JSON.
pub fn kinds(schema: &Schema, names: &Names, sources: &Sources) -> String {
    let mut shapes: Vec<&Shape> =
        schema.shapes.iter().filter(|shape| !names.text(shape.name).is_empty()).collect();
    shapes.sort_by_key(|shape| (names.text(shape.name), !shape.is_kind));
    let list: Vec<Json> = shapes.iter().map(|shape| kind(shape, schema, names, sources)).collect();
    let whole = json!({ "format": 1, "kinds": list });
    let mut text = serde_json::to_string_pretty(&whole).expect("every key is a string");
    text.push('\n');
    text
}

fn kind(shape: &Shape, schema: &Schema, names: &Names, sources: &Sources) -> Json {
    let field = |field: &Field| {
        json!({
            "name": names.text(field.name),
            "type": spell(schema, names, field.ty),
            "required": field.required,
            "fact": field.fact,
            "doc": doc(field.doc, sources),
        })
    };
    json!({
        "name": names.text(shape.name),
        "plural": shape.plural.map(|plural| names.text(plural)),
        "is_kind": shape.is_kind,
        "doc": doc(shape.doc, sources),
        "fields": shape.fields.iter().map(field).collect::<Vec<_>>(),
    })
}

/// The text of a run of `///` lines.
fn doc(span: Option<Span>, sources: &Sources) -> Json {
    let Some(span) = span else { return Json::Null };
    let line = |line: &str| {
        let text = line.trim().trim_start_matches('/');
        text.strip_prefix(' ').unwrap_or(text).to_owned()
    };
    sources.text(span).lines().map(line).collect::<Vec<_>>().join("\n").into()
}
