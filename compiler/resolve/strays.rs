//! What lies in the project and belongs to nothing: files that no import leads to, each read by
//! itself, and doc comments with nothing below them.

use super::imports::Reading;
use super::parsed::Text;
use crate::diag::{About, Diagnostic, Edit, Fix, Safety, codes};
use crate::names::Names;
use crate::source::{FileId, Place, Sources, Span};
use crate::syntax::tree::{StmtKind, Tree};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Looks at those of `beside` that are not among the sources. Of a folder that was imported as if it
/// were a file, that is said already.
pub fn look(read: &mut Reading, trees: &[Arc<Tree>], beside: &[String], meant: &FxHashSet<String>) {
    let own = read.sources.iter().filter(|(_, f)| f.place == Place::Project);
    let known: FxHashSet<&str> = own.map(|(_, f)| f.name.as_str()).collect();
    // An import that leads nowhere, or that nobody could read, may be meant for any of them: they are told in the next run.
    let astray = read.diagnostics.iter().any(|d| d.about == Some(About::Import))
        || trees.iter().any(|tree| imports_by_a_field(tree, read.names));
    let (behind, first) = behind_imports(trees, read);
    let strays = beside.iter().filter(|name| !known.contains(name.as_str()));
    let strays = strays.filter(|name| !meant.iter().any(|folder| name.starts_with(folder)));
    for name in strays.cloned().collect::<Vec<_>>() {
        // What cannot be read is nobody's loss: nobody asked for it.
        let Ok(bytes) = read.reader.read(&name) else { continue };
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let id = FileId(read.sources.len() as u32);
        let source = read.parsed.source(&name, Place::Project, text);
        let text = Text::of(source, id);
        let parsed = read.parsed.parse(std::slice::from_ref(&text), read.names, 1);
        let Some((_, found)) = parsed.into_iter().find(|(tree, _)| !is_root(tree, read.names))
        else {
            continue;
        };
        let file = read.sources.share(text.source);
        read.diagnostics.extend(found);
        if astray {
            continue;
        }
        read.diagnostics.push(
            Diagnostic::new(
                &codes::L0101,
                Span::new(file, 0, 0),
                "nothing imports this file, so it is no part of the cluster",
            )
            .note("only its syntax was checked")
            .offer(
                format!("import it, `import \"{name}\"` in the root file, or move it away"),
                behind,
                match first {
                    true => format!("import \"{name}\"\n"),
                    false => format!("\nimport \"{name}\""),
                },
            ),
        );
    }
}

/// Where the root file takes one more import: behind its last one, else before all; and whether it is the first.
fn behind_imports(trees: &[Arc<Tree>], read: &Reading) -> (Option<Span>, bool) {
    let own = |tree: &&Arc<Tree>| read.sources.file(tree.file).place == Place::Project;
    let root = trees.iter().filter(own).find(|tree| is_root(tree, read.names));
    let Some(root) = root else { return (None, true) };
    let mut imports = root.stmts_of(root.top).iter().map(|&id| root.stmt(id));
    let last = imports.rfind(|stmt| matches!(stmt.kind, StmtKind::Import { .. }));
    let top = Span::new(root.file, 0, 0);
    (Some(last.map_or(top, |stmt| stmt.span.tail())), last.is_none())
}

/// `import = "..."`
fn imports_by_a_field(tree: &Tree, names: &Names) -> bool {
    tree.stmts_of(tree.top).iter().any(|&id| match &tree.stmt(id).kind {
        StmtKind::Entry(entry) => {
            let word = names.text(entry.word.sym);
            matches!(word, "import" | "imports" | "include" | "includes")
        }
        _ => false,
    })
}

/// A file with a `cluster` in it is the root of another one, and meant to be named by itself.
pub fn is_root(tree: &Tree, names: &Names) -> bool {
    tree.stmts_of(tree.top).iter().any(|&id| match &tree.stmt(id).kind {
        StmtKind::Entry(entry) => names.text(entry.word.sym) == "cluster",
        _ => false,
    })
}

/// `///` documents the declaration or the field below it; elsewhere nobody would ever see it.
pub fn comments(trees: &[Arc<Tree>], sources: &Sources, diagnostics: &mut Vec<Diagnostic>) {
    let documented = trees.iter().filter(|tree| tree.has_docs());
    for tree in documented.filter(|t| sources.file(t.file).place == Place::Project) {
        let docs = tree.stmts.iter().filter_map(|s| s.doc);
        let docs = docs.chain(tree.fields.iter().filter_map(|f| f.doc));
        let mut read: Vec<Span> = docs.collect();
        read.sort_unstable_by_key(|doc| doc.start);
        let text = &sources.file(tree.file).text;
        // A run of lines is one comment.
        let lines: Vec<Span> = tree.comments.iter().filter(|c| c.doc).map(|c| c.span).collect();
        let runs = lines.chunk_by(|above, below| {
            text[above.end as usize..below.start as usize].trim().is_empty()
        });
        for run in runs {
            let first = run[0];
            let at = read.partition_point(|doc| doc.start <= first.start);
            if at.checked_sub(1).is_some_and(|at| first.end <= read[at].end) {
                continue;
            }
            let sign = |line: &Span| Edit {
                span: Span { end: line.start + 3, ..*line },
                text: "//".into(),
            };
            let mut found = Diagnostic::new(&codes::L0110, first, "this `///` documents nothing")
                .note("it stands right above a declaration or a field, on a line of its own");
            found.fixes.push(Fix {
                title: "make it a plain comment".into(),
                safety: Safety::Review,
                edits: run.iter().map(sign).collect(),
            });
            diagnostics.push(found);
        }
    }
}
