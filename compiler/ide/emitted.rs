//! From a declaration to the files of `out/` that were made from it.

use super::Text;
use crate::source::Span;
use crate::syntax::tree::StmtKind;
use crate::tree::OutTree;
use rustc_hash::FxHashMap;
use std::sync::Arc;

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

/// What is kept of a build for an editor: which files there would be, and of what; not their texts.
#[derive(Default)]
pub struct Emitted {
    paths: Vec<Arc<str>>,
    /// By declaration, in order of path.
    made_from: FxHashMap<Box<str>, Vec<u32>>,
    /// By the path on a node, and by the file's own name. None where there are several.
    named: FxHashMap<Box<str>, Option<u32>>,
}

impl Emitted {
    pub fn of(tree: &OutTree) -> Emitted {
        let mut all = Emitted::default();
        for (at, (path, file)) in (0..).zip(tree.iter()) {
            all.paths.push(path.as_ref().into());
            for declaration in file.declarations.iter() {
                // `service gitea, services/gitea.colab`
                let declared = declaration.split(',').next().unwrap_or_default();
                match all.made_from.get_mut(declared) {
                    Some(files) if files.last() == Some(&at) => {}
                    Some(files) => files.push(at),
                    None => {
                        all.made_from.insert(declared.into(), vec![at]);
                    }
                }
            }
            let own = path.rsplit('/').next();
            let there = file.delivery.as_ref().map(|d| d.destination.as_str());
            for name in own.into_iter().chain(there.filter(|there| Some(*there) != own)) {
                let only = all.named.entry(name.into()).or_insert(Some(at));
                *only = only.filter(|first| *first == at);
            }
        }
        all
    }

    /// The files made from a declaration, in order of path.
    pub fn files(&self, declared: &str) -> impl Iterator<Item = &str> {
        let files = self.made_from.get(declared).into_iter().flatten();
        files.map(|&at| &*self.paths[at as usize])
    }

    /// The names in a file that lead to one emitted file each: a `file` by its path on the node.
    pub fn links(&self, text: &Text) -> Vec<(Span, String)> {
        let mut out = Vec::new();
        for stmt in &text.tree.stmts {
            let StmtKind::Entry(entry) = &stmt.kind else { continue };
            let Some(label) = entry.label.filter(|label| label.quoted) else { continue };
            // Where nodes get one each, no single one is meant.
            if let Some(Some(only)) = self.named.get(text.names.text(label.sym)) {
                out.push((label.span, self.paths[*only as usize].to_string()));
            }
        }
        for &id in text.tree.stmts_of(text.tree.top) {
            let stmt = text.tree.stmt(id);
            let StmtKind::Entry(entry) = &stmt.kind else { continue };
            let (Some(label), Some(declared)) = (entry.label, declared(text, &stmt.kind)) else {
                continue;
            };
            let mut compose = self.files(&declared).filter(|file| file.starts_with("compose/"));
            if let (Some(only), None) = (compose.next(), compose.next()) {
                out.push((label.span, only.to_owned()));
            }
        }
        out.sort();
        out
    }
}
