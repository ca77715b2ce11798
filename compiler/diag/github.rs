//! Annotations of a pull request: one workflow command a diagnostic. A runner obeys these lines, so
//! nothing of a user's may end one early or begin another.

use super::Diagnostic;
use super::place::Places;
use super::text::visible;
use crate::source::Sources;
use std::fmt::Write;

pub fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    let mut places = Places::new(sources);
    for diagnostic in diagnostics {
        let span = diagnostic.primary();
        let (start, end) = (places.start(span), places.end(span));
        write!(
            out,
            "::{} file={},line={},col={},endLine={}",
            diagnostic.severity().word(),
            property(places.name(span)),
            start.line,
            start.column,
            end.line
        )
        .expect("writing to a string cannot fail");
        // Columns of a stretch over several lines are refused by the service.
        if start.line == end.line {
            write!(out, ",endColumn={}", end.column).expect("writing to a string cannot fail");
        }
        let title = format!("{}: {}", diagnostic.code.id, diagnostic.code.title);
        writeln!(out, ",title={}::{}", property(&title), body(diagnostic, &mut places))
            .expect("writing to a string cannot fail");
    }
    out
}

/// The message and all that a person needs beside it, as lines joined by the escaped newline.
fn body(diagnostic: &Diagnostic, places: &mut Places) -> String {
    let mut lines = vec![data(&diagnostic.message)];
    if let Some(path) = &diagnostic.path {
        lines.push(data(&format!("in {path}")));
    }
    if let Some(spread) = &diagnostic.spread {
        lines.push(data(&spread.phrase()));
    }
    for (at, label) in diagnostic.labels.iter().enumerate() {
        if at == 0 {
            if !label.text.is_empty() {
                lines.push(data(&label.text));
            }
            continue;
        }
        let start = places.start(label.span);
        let name = places.name(label.span);
        let text = if label.text.is_empty() { "see here" } else { &label.text };
        lines.push(data(&format!("{name}:{}:{}: {text}", start.line, start.column)));
    }
    lines.extend(diagnostic.notes.iter().map(|note| data(&format!("note: {note}"))));
    lines.extend(diagnostic.fixes.iter().map(|fix| data(&format!("help: {}", fix.title))));
    lines.join("%0A")
}

fn data(text: &str) -> String {
    visible(text).replace('%', "%25")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
