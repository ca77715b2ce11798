//! What an import under a name brings: it is known behind that name, and nowhere else but at home.

use super::super::outline::files_of;
use super::{List, Sort};
use crate::source::FileId;
use crate::syntax::cursor::Head;
use crate::syntax::tree::StmtKind;
use std::collections::BTreeSet;

impl List<'_> {
    /// The files that imports of the file at hand read under a name.
    fn behind(&self, alias: &str) -> BTreeSet<FileId> {
        let tree = &self.text.tree;
        let imports = tree.stmts_of(tree.top).iter().filter_map(|&id| match &tree.stmt(id).kind {
            StmtKind::Import { path, alias: Some(name) } => Some((path, name)),
            _ => None,
        });
        let names = &self.text.names;
        let meant = imports.filter(|(_, name)| names.text(name.sym) == alias);
        let sources = &self.cx.c.sources;
        meant.flat_map(|(path, _)| files_of(names.text(path.sym), self.here, sources)).collect()
    }

    /// Whether what a file declares is known here without the name of an import before it.
    pub(super) fn is_bare(&self, file: FileId) -> bool {
        !self.cx.c.prefixed.contains(&file) || self.cx.c.sources.file(file).name == self.here
    }

    /// What stands behind the name of an import: values, or templates for what is declared `from` it.
    pub(super) fn scoped(&mut self, alias: &str, from: Option<&Head>, types: bool) {
        let files = self.behind(alias);
        let program = &self.cx.c.resolved.program;
        if let Some(head) = from {
            return self.templates(head, "", Some(&files));
        }
        if types {
            for named in program.types.iter().filter(|t| files.contains(&t.span.file)) {
                self.add(self.cx.names().text(named.name), Sort::Word, "type", "");
            }
            return;
        }
        for l in program.lets.iter().filter(|l| files.contains(&l.span.file)) {
            self.add(self.cx.names().text(l.name), Sort::Value, "let", "");
        }
    }
}
