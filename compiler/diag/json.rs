//! Diagnostics as JSON, for programs. The shape is described by `SCHEMA`; `format` grows by one
//! when a reader of the old shape would be misled.

use super::place::Places;
use super::{Diagnostic, Edit, Fix, Label, Safety, Severity, Spread};
use crate::source::{Position, Sources, Span};
use serde_json::{Map, Value, json};

/// The JSON Schema of what `render` answers.
pub const SCHEMA: &str = include_str!("schema.json");

/// One diagnostic a line, so that the largest report is never held as a tree.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut places = Places::new(sources);
    let lines = diagnostics.iter().map(|found| diagnostic(found, &mut places));
    format!("{{\"format\":1,\"diagnostics\":[{}]}}\n", list(lines))
}

/// The elements of an array, each on a line of its own.
pub(super) fn list(values: impl Iterator<Item = Value>) -> String {
    let mut text = String::new();
    for value in values {
        text.push_str(if text.is_empty() { "\n" } else { ",\n" });
        text.push_str(&value.to_string());
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn diagnostic(d: &Diagnostic, places: &mut Places) -> Value {
    let labels: Vec<Value> =
        d.labels.iter().enumerate().map(|(at, l)| label(l, at == 0, places)).collect();
    let fixes: Vec<Value> = d.fixes.iter().map(|f| fix(f, places)).collect();
    let mut object = Map::new();
    object.insert("code".into(), d.code.id.into());
    object.insert("severity".into(), severity(d.severity()).into());
    object.insert("message".into(), d.message.as_str().into());
    object.insert("path".into(), d.path.as_deref().into());
    object.insert("labels".into(), labels.into());
    object.insert("notes".into(), d.notes.as_slice().into());
    object.insert("fixes".into(), fixes.into());
    object.insert("count".into(), d.spread.as_ref().map_or(1, |spread| spread.found).into());
    object.insert("spread".into(), d.spread.as_ref().map_or(Value::Null, spread));
    object.into()
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Lint => "lint",
    }
}

fn label(label: &Label, primary: bool, places: &mut Places) -> Value {
    let mut object = stretch(label.span, places);
    object.insert("primary".into(), primary.into());
    object.insert("text".into(), label.text.as_str().into());
    object.into()
}

fn fix(fix: &Fix, places: &mut Places) -> Value {
    let edits: Vec<Value> = fix.edits.iter().map(|e| edit(e, places)).collect();
    json!({ "title": fix.title, "safety": safety(fix.safety), "edits": edits })
}

pub(super) fn safety(safety: Safety) -> &'static str {
    match safety {
        Safety::Safe => "safe",
        Safety::Review => "review",
        Safety::Advice => "advice",
    }
}

fn edit(edit: &Edit, places: &mut Places) -> Value {
    let mut object = stretch(edit.span, places);
    object.insert("text".into(), edit.text.as_str().into());
    object.into()
}

fn spread(spread: &Spread) -> Value {
    let of = if spread.of == 0 { Value::Null } else { spread.of.into() };
    json!({ "found": spread.found, "of": of, "what": spread.what, "examples": spread.examples })
}

fn stretch(span: Span, places: &mut Places) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("file".into(), places.name(span).into());
    object.insert("start".into(), position(places.start(span)));
    object.insert("end".into(), position(places.end(span)));
    object
}

fn position(position: Position) -> Value {
    json!({ "line": position.line, "column": position.column })
}
