//! What a file declares, what of it is found by name, and where its links lead.

use super::Text;
use crate::Compilation;
use crate::names::Names;
use crate::resolve::imports::beside;
use crate::source::{FileId, Place, Sources, Span};
use crate::syntax::tree::{Arg, Block, EntryOp, ExprKind, Run, StmtKind, Tree};
use std::collections::BTreeSet;

/// A declaration and what is in it.
#[derive(Clone, Debug)]
pub struct Symbol {
    pub name: String,
    /// `node`, `container`, `template`
    pub kind: String,
    pub span: Span,
    pub name_span: Span,
    pub children: Vec<Symbol>,
}

/// The declarations of a file, nested.
pub fn symbols(text: &Text) -> Vec<Symbol> {
    within(&text.names, &text.tree, text.tree.top)
}

fn within(names: &Names, tree: &Tree, run: Run) -> Vec<Symbol> {
    let mut out = Vec::new();
    for &id in tree.stmts_of(run) {
        let stmt = tree.stmt(id);
        let (name, kind, body): (_, &str, Option<Block>) = match &stmt.kind {
            StmtKind::Entry(entry) => {
                let body = match &entry.op {
                    EntryOp::Block(block) => Some(*block),
                    EntryOp::Assign { body, .. } | EntryOp::From { body, .. } => *body,
                    _ => None,
                };
                let kind = names.text(entry.word.sym);
                match (entry.label, body) {
                    (Some(label), _) => (label, kind, body),
                    (None, Some(_)) => (entry.word, kind, body),
                    _ => continue,
                }
            }
            StmtKind::Template { name, body, .. } => (*name, "template", Some(*body)),
            StmtKind::Let { name, .. } => (*name, "let", None),
            StmtKind::Type { name, .. } => (*name, "type", None),
            StmtKind::Kind { name, .. } => (*name, "kind", None),
            _ => continue,
        };
        let children = body.map_or(Vec::new(), |body| within(names, tree, body.stmts));
        out.push(Symbol {
            name: names.text(name.sym).to_string(),
            kind: kind.to_string(),
            span: stmt.span,
            name_span: name.span,
            children,
        });
    }
    out
}

/// How well a name fits what somebody typed: the lower the better, none where it does not.
fn fit(name: &str, typed: &str) -> Option<usize> {
    let lower = name.to_lowercase();
    if let Some(at) = lower.find(typed) {
        let begins = |at: usize| !lower[..at].ends_with(char::is_alphanumeric);
        return Some(match at {
            0 if lower.len() == typed.len() => 0,
            0 => 1,
            at if begins(at) => 2,
            _ => 3,
        });
    }
    // The letters in that order, the less between them the better.
    let mut rest = lower.char_indices();
    let mut first = None;
    let mut last = 0;
    for letter in typed.chars() {
        let (at, _) = rest.find(|(_, other)| *other == letter)?;
        first.get_or_insert(at);
        last = at;
    }
    Some(4 + last - first.unwrap_or(0))
}

/// More than these nobody looks through: who wants another one types on.
const MOST_FOUND: usize = 256;

/// The declarations of the project whose name fits what somebody typed, the best first, each with what it is in. Of
/// several words each has to fit the name, its kind or what it is in.
pub fn search(c: &Compilation, text: &str) -> Vec<(Symbol, String)> {
    let typed = text.to_lowercase();
    let words: Vec<&str> = typed.split_whitespace().collect();
    let mut found: Vec<(usize, Symbol, String)> = Vec::new();
    for tree in &c.trees {
        if c.sources.file(tree.file).place == Place::Library {
            continue;
        }
        let mut todo: Vec<(Symbol, String)> = Vec::new();
        todo.extend(within(&c.names, tree, tree.top).into_iter().map(|s| (s, String::new())));
        while let Some((mut symbol, around)) = todo.pop() {
            let inside = std::mem::take(&mut symbol.children);
            // What has no name of its own is part of what it stands in.
            let named = symbol.name != symbol.kind;
            let own =
                if named { format!("{} {}", symbol.kind, symbol.name) } else { around.clone() };
            todo.extend(inside.into_iter().map(|s| (s, own.clone())));
            let beside = format!("{} {around}", symbol.kind);
            let fits = words.iter().try_fold(0, |worst, word| {
                let one = fit(&symbol.name, word);
                let other = || beside.split(' ').filter_map(|part| fit(part, word)).min();
                let other = || other().filter(|fit| words.len() > 1 && *fit < 3).map(|fit| fit + 2);
                Some(worst.max(one.or_else(other)?))
            });
            if let Some(fits) = fits.filter(|_| named) {
                found.push((fits, symbol, around));
            }
        }
    }
    found.sort_by(|(a, one, _), (b, other, _)| {
        (a, one.name.len(), &one.name, one.span).cmp(&(
            b,
            other.name.len(),
            &other.name,
            other.span,
        ))
    });
    found.truncate(MOST_FOUND);
    found.into_iter().map(|(_, symbol, around)| (symbol, around)).collect()
}

/// The files that the import at a place reads.
pub fn imported(text: &Text, here: &str, sources: &Sources, offset: u32) -> Vec<FileId> {
    let imports = text.tree.stmts_of(text.tree.top).iter().map(|&id| text.tree.stmt(id));
    let mut paths = imports.filter_map(|stmt| match &stmt.kind {
        StmtKind::Import { path, .. } if path.span.holds(offset) => Some(path),
        _ => None,
    });
    let Some(path) = paths.next() else { return Vec::new() };
    files_of(text.names.text(path.sym), here, sources).collect()
}

/// The files that an import of such a path reads.
pub fn files_of<'a>(
    path: &str,
    here: &'a str,
    sources: &'a Sources,
) -> impl Iterator<Item = FileId> + use<'a> {
    meant(beside(here, path), here, sources)
}

/// The files of the project that fit a path.
fn meant<'a>(
    pattern: String,
    here: &'a str,
    sources: &'a Sources,
) -> impl Iterator<Item = FileId> + use<'a> {
    let means = move |name: &str| fits(&pattern, name) && (name != here || !pattern.contains('*'));
    sources
        .iter()
        .filter(move |(_, f)| f.place == Place::Project && means(&f.name))
        .map(|(id, _)| id)
}

/// Whether a path with at most one `*` means a file.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((head, tail)) => {
            let rest = name.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
            rest.is_some_and(|rest| !rest.contains('/'))
        }
    }
}

/// The path from a file's folder to another file.
pub(super) fn joined(here: &str, to: &str) -> String {
    let folders: Vec<&str> = here.split('/').collect();
    let folders = &folders[..folders.len() - 1];
    let steps: Vec<&str> = to.split('/').collect();
    let same = folders.iter().zip(&steps[..steps.len() - 1]).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", folders.len() - same);
    up.chain(steps[same..].iter().copied()).collect::<Vec<_>>().join("/")
}

/// Where the imports and embedded files of a text lead, as paths from the project's root, with what is to be said of it.
pub fn links(text: &Text, here: &str, sources: &Sources) -> Vec<(Span, String, String)> {
    let tree = &text.tree;
    let mut out = Vec::new();
    for &id in tree.stmts_of(tree.top) {
        let StmtKind::Import { path, .. } = &tree.stmt(id).kind else { continue };
        let full = beside(here, text.names.text(path.sym));
        // Of several files the first; an editor has one target a link.
        let found = match full.contains('*') {
            false => Some((full.clone(), full)),
            true => {
                let names = meant(full, here, sources).map(|id| sources.file(id).name.as_str());
                let names: BTreeSet<&str> = names.collect();
                let said = |first: &&str| match names.len() {
                    1 => first.to_string(),
                    several => format!("{first}, the first of {several}"),
                };
                names.first().map(|first| (first.to_string(), said(first)))
            }
        };
        out.extend(found.map(|(target, said)| (path.span, target, said)));
    }
    for expr in &tree.exprs {
        let ExprKind::Call { callee, args } = &expr.kind else { continue };
        let ExprKind::Name(name) = tree.expr(*callee).kind else { continue };
        let Some(Arg::Plain(arg)) = tree.args[args.range()].first() else { continue };
        if text.names.text(name) != "embed" {
            continue;
        }
        let span = tree.expr(*arg).span;
        let path = beside(here, text.sources.text(span).trim_matches(['"', '\'']));
        out.push((span, path.clone(), path));
    }
    out
}
