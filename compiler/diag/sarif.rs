//! SARIF 2.1.0, for code scanning services: a rule a code, related locations, fixes with their
//! edits.

use super::codes::Code;
use super::place::Places;
use super::{Diagnostic, Fix, json, page};
use crate::source::{Sources, Span};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

pub fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut places = Places::new(sources);
    let mut rules: BTreeMap<&str, (&Code, usize)> =
        diagnostics.iter().map(|d| (d.code.id, (d.code, 0))).collect();
    for (at, (_, index)) in rules.values_mut().enumerate() {
        *index = at;
    }
    let results = diagnostics.iter().map(|d| result(d, rules[d.code.id].1, &mut places));
    let results = json::list(results);
    let rules: Vec<Value> = rules.values().map(|(code, _)| rule(code)).collect();
    let driver = json!({
        "name": "colabc",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    format!(
        "{{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\
         \"runs\":[{{\"tool\":{{\"driver\":{driver}}},\"columnKind\":\"unicodeCodePoints\",\
         \"results\":[{results}]}}]}}\n"
    )
}

fn rule(code: &Code) -> Value {
    let page = page::Page::of(code);
    json!({
        "id": code.id,
        "shortDescription": { "text": code.title },
        "fullDescription": { "text": if page.what.is_empty() { code.title } else { page.what } },
        "help": { "text": code.page, "markdown": code.page },
        "helpUri": format!("docs/errors/{}.md", code.id),
        "defaultConfiguration": { "level": code.severity().word() },
    })
}

fn result(d: &Diagnostic, rule: usize, places: &mut Places) -> Value {
    let mut primary = json!({ "physicalLocation": physical(d.primary(), places) });
    if let Some(path) = &d.path {
        primary["logicalLocations"] = json!([{ "fullyQualifiedName": path }]);
    }
    let mut result = json!({
        "ruleId": d.code.id,
        "ruleIndex": rule,
        "level": d.severity().word(),
        "message": { "text": message(d) },
        "locations": [primary],
        "occurrenceCount": d.spread.as_ref().map_or(1, |spread| spread.found),
    });
    let related: Vec<Value> = d.labels[1..]
        .iter()
        .enumerate()
        .map(|(at, label)| {
            let text = if label.text.is_empty() { "see here" } else { &label.text };
            json!({
                "id": at + 1,
                "physicalLocation": physical(label.span, places),
                "message": { "text": text },
            })
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    let fixes: Vec<Value> =
        d.fixes.iter().filter(|fix| !fix.edits.is_empty()).map(|f| fix(f, places)).collect();
    if !fixes.is_empty() {
        result["fixes"] = fixes.into();
    }
    result
}

/// All that has no field of its own in the format stands in the message.
fn message(d: &Diagnostic) -> String {
    let mut text = d.message.clone();
    let mut line = |words: &str, rest: &str| {
        write!(text, "\n{words}{rest}").expect("writing to a string cannot fail");
    };
    if !d.labels[0].text.is_empty() {
        line("", &d.labels[0].text);
    }
    if let Some(path) = &d.path {
        line("in ", path);
    }
    if let Some(spread) = &d.spread {
        line("", &spread.phrase());
    }
    for note in &d.notes {
        line("note: ", note);
    }
    for fix in &d.fixes {
        line("help: ", &fix.title);
    }
    text
}

fn fix(fix: &Fix, places: &mut Places) -> Value {
    // One change a file, in the order in which the files are first edited.
    let mut changes: Vec<(&str, Vec<Value>)> = Vec::new();
    for edit in &fix.edits {
        let name = places.name(edit.span);
        let replacement = json!({
            "deletedRegion": region(edit.span, places),
            "insertedContent": { "text": edit.text },
        });
        match changes.iter_mut().find(|(file, _)| *file == name) {
            Some((_, replacements)) => replacements.push(replacement),
            None => changes.push((name, vec![replacement])),
        }
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(name, replacements)| {
            json!({ "artifactLocation": { "uri": uri(name) }, "replacements": replacements })
        })
        .collect();
    json!({
        "description": { "text": fix.title },
        "artifactChanges": changes,
        "properties": { "safety": json::safety(fix.safety) },
    })
}

fn physical(span: Span, places: &mut Places) -> Value {
    json!({
        "artifactLocation": { "uri": uri(places.name(span)) },
        "region": region(span, places),
    })
}

fn region(span: Span, places: &mut Places) -> Value {
    let (start, end) = (places.start(span), places.end(span));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A file's name as a relative reference. Its first segment may hold no colon, so none is left.
fn uri(name: &str) -> String {
    let mut uri = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte as char);
            }
            _ => write!(uri, "%{byte:02X}").expect("writing to a string cannot fail"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn file_names_become_relative_references() {
        assert_eq!(uri("nodes/my box:1%.colab"), "nodes/my%20box%3A1%25.colab");
        assert_eq!(uri("größe.colab"), "gr%C3%B6%C3%9Fe.colab");
    }
}
