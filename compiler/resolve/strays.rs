//! Files that lie in the project and belong to nothing: no import leads to them. Each is read by
//! itself; what its names mean only an import could say.

use super::parsed::Parsed;
use crate::diag::{Diagnostic, codes};
use crate::names::Names;
use crate::source::{FileId, Place, Reader, Sources, Span};
use crate::syntax::tree::{StmtKind, Tree};
use rustc_hash::FxHashSet;

/// Looks at those of `beside` that are not among the sources. Of a folder that was imported as if it
/// were a file, that is said already.
pub fn look(
    reader: &mut dyn Reader,
    beside: &[String],
    meant: &FxHashSet<String>,
    sources: &mut Sources,
    names: &mut Names,
    diagnostics: &mut Vec<Diagnostic>,
    parsed: &mut Parsed,
) {
    for name in beside {
        let known = sources.iter().any(|(_, f)| f.place == Place::Project && f.name == *name);
        if known || meant.iter().any(|folder| name.starts_with(folder.as_str())) {
            continue;
        }
        // What cannot be read is nobody's loss: nobody asked for it.
        let Ok(bytes) = reader.read(name) else { continue };
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let (tree, found) =
            parsed.parse(name, FileId(sources.len() as u32), text.as_str().into(), names);
        if is_root(&tree, names) {
            continue;
        }
        let file = sources.add(name.as_str(), Place::Project, text);
        diagnostics.extend(found);
        diagnostics.push(
            Diagnostic::new(
                &codes::L0101,
                Span::new(file, 0, 0),
                "nothing imports this file, so it is no part of the cluster",
            )
            .note("only its syntax was checked")
            .help(format!("import it, `import \"{name}\"` in the root file, or move it away")),
        );
    }
}

/// A file with a `cluster` in it is the root of another one, and meant to be named by itself.
fn is_root(tree: &Tree, names: &Names) -> bool {
    tree.stmts_of(tree.top).iter().any(|&id| match &tree.stmt(id).kind {
        StmtKind::Entry(entry) => names.text(entry.word.sym) == "cluster",
        _ => false,
    })
}
