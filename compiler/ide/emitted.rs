//! From a declaration to the files of `out/` that were made from it.

use super::Text;
use crate::Compilation;
use crate::source::Span;
use crate::syntax::tree::StmtKind;

/// The declaration of the top level around a place, as the manifest names it: `service gitea`.
pub fn declared_at(text: &Text, offset: u32) -> Option<String> {
    text.tree.stmts_of(text.tree.top).iter().find_map(|&id| {
        let stmt = text.tree.stmt(id);
        if !stmt.span.holds(offset) {
            return None;
        }
        declared(text, &stmt.kind)
    })
}

fn declared(text: &Text, kind: &StmtKind) -> Option<String> {
    let StmtKind::Entry(entry) = kind else { return None };
    let word = text.names.text(entry.word.sym);
    Some(format!("{word} {}", text.names.text(entry.label?.sym)))
}

/// The files made from a declaration, in order of path.
pub fn files<'a>(c: &'a Compilation, declared: &str) -> Vec<&'a str> {
    let Some(tree) = &c.tree else { return Vec::new() };
    let of = |text: &str| text.strip_prefix(declared).is_some_and(|rest| rest.starts_with(','));
    tree.iter()
        .filter(|(_, file)| file.declarations.iter().any(|d| of(d)))
        .map(|(path, _)| &**path)
        .collect()
}

/// The names in a file that lead to one emitted file each: a `file` by its path on the node.
pub fn links(text: &Text, c: &Compilation) -> Vec<(Span, String)> {
    let Some(tree) = &c.tree else { return Vec::new() };
    let mut out = Vec::new();
    for stmt in &text.tree.stmts {
        let StmtKind::Entry(entry) = &stmt.kind else { continue };
        let Some(label) = entry.label.filter(|label| label.quoted) else { continue };
        let path = text.names.text(label.sym);
        let mut found = tree.iter().filter(|(emitted, file)| {
            let there = file.delivery.as_ref().is_some_and(|d| d.destination == path);
            there || emitted.rsplit('/').next() == Some(path)
        });
        // Where nodes get one each, no single one is meant.
        if let (Some((emitted, _)), None) = (found.next(), found.next()) {
            out.push((label.span, emitted.to_string()));
        }
    }
    for &id in text.tree.stmts_of(text.tree.top) {
        let stmt = text.tree.stmt(id);
        let StmtKind::Entry(entry) = &stmt.kind else { continue };
        let (Some(label), Some(declared)) = (entry.label, declared(text, &stmt.kind)) else {
            continue;
        };
        let files = files(c, &declared);
        let compose: Vec<&&str> = files.iter().filter(|f| f.starts_with("compose/")).collect();
        if let [only] = compose.as_slice() {
            out.push((label.span, only.to_string()));
        }
    }
    out.sort();
    out
}
