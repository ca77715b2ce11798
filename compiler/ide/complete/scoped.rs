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

    /// The files that no import reads but under a name.
    pub(super) fn only_under_names(&self) -> BTreeSet<FileId> {
        let (c, mut under, mut bare) = (self.cx.c, BTreeSet::new(), BTreeSet::new());
        for tree in &c.trees {
            for &id in tree.stmts_of(tree.top) {
                if let StmtKind::Import { path, alias } = &tree.stmt(id).kind {
                    let here = &c.sources.file(tree.file).name;
                    let files = files_of(c.names.text(path.sym), here, &c.sources);
                    if alias.is_some() { under.extend(files) } else { bare.extend(files) }
                }
            }
        }
        under.retain(|&file| !bare.contains(&file) && c.sources.file(file).name != self.here);
        under
    }

    /// What stands behind the name of an import: values, or templates for what is declared `from` it.
    pub(super) fn scoped(&mut self, alias: &str, from: Option<&Head>, types: bool) {
        let files = self.behind(alias);
        let program = &self.cx.c.resolved.program;
        if let Some(head) = from {
            return self.templates(head, "", &|file| files.contains(&file));
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
