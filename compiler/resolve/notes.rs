//! What `///` says of the things of the project, by the heads of their declarations: the line of the
//! handbook for whatever has no `description`.

use crate::source::{Place, Sources, Span};
use crate::syntax::tree::{StmtKind, Tree};
use rustc_hash::FxHashMap;
use std::sync::Arc;

pub fn of(sources: &Sources, trees: &[Arc<Tree>]) -> FxHashMap<Span, Arc<str>> {
    let mut notes = FxHashMap::default();
    let documented = trees.iter().filter(|tree| tree.has_docs());
    for stmt in documented.flat_map(|tree| &tree.stmts) {
        let (Some(doc), StmtKind::Entry(entry)) = (stmt.doc, &stmt.kind) else { continue };
        let Some(label) = entry.label else { continue };
        if sources.file(doc.file).place != Place::Project {
            continue;
        }
        let text: Arc<str> = text(sources, doc).into();
        // A thing at the top is known by its label, one inside by its word and label.
        notes.insert(label.span, text.clone());
        notes.insert(entry.word.span.to(label.span), text);
    }
    notes
}

/// The lines without their slashes.
pub fn text(sources: &Sources, doc: Span) -> String {
    let lines = sources.text(doc).lines().map(|line| {
        let line = line.trim_start().trim_start_matches("///");
        line.strip_prefix(' ').unwrap_or(line)
    });
    lines.collect::<Vec<_>>().join("\n")
}
