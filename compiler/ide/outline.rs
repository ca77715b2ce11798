//! The shape of a file: its declarations, what folds, what encloses a place, where links lead.

use super::Text;
use crate::Compilation;
use crate::names::Names;
use crate::resolve::imports::beside;
use crate::source::{FileId, Place, Sources, Span};
use crate::syntax::tree::{Arg, Block, EntryOp, ExprKind, Run, StmtKind, Tree};

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

/// Whether the letters stand in a name in that order.
fn has_letters(name: &str, letters: &str) -> bool {
    let mut rest = name.chars();
    letters.chars().all(|letter| rest.any(|other| other == letter))
}

/// Every declaration of the project whose name has the letters of the text in that order; first those that hold it
/// as it is.
pub fn search(c: &Compilation, text: &str) -> Vec<Symbol> {
    let wanted = text.to_lowercase();
    let mut out = Vec::new();
    for tree in &c.trees {
        if c.sources.file(tree.file).place == Place::Library {
            continue;
        }
        let mut todo = within(&c.names, tree, tree.top);
        while let Some(symbol) = todo.pop() {
            todo.extend(symbol.children.iter().cloned());
            if has_letters(&symbol.name.to_lowercase(), &wanted) {
                out.push(Symbol { children: Vec::new(), ..symbol });
            }
        }
    }
    let apart = |symbol: &Symbol| !symbol.name.to_lowercase().contains(&wanted);
    out.sort_by(|a, b| (apart(a), &a.name, a.span).cmp(&(apart(b), &b.name, b.span)));
    out
}

/// What may be folded: blocks and comments of several lines, imports.
pub fn folds(text: &Text) -> Vec<(Span, bool)> {
    let (tree, source) = (&text.tree, text.source());
    let lines = |span: Span| source.line_col(span.end).0 > source.line_col(span.start).0;
    let mut out: Vec<(Span, bool)> =
        tree.stmts.iter().map(|s| s.span).filter(|&s| lines(s)).map(|s| (s, false)).collect();
    let mut run: Option<Span> = None;
    for comment in &tree.comments {
        let joins = run.is_some_and(|r: Span| {
            source.line_col(r.end).0 + 1 == source.line_col(comment.span.start).0
        });
        run = match run {
            Some(r) if joins => Some(r.to(comment.span)),
            other => {
                out.extend(other.filter(|&r| lines(r)).map(|r| (r, true)));
                Some(comment.span)
            }
        };
    }
    out.extend(run.filter(|&r| lines(r)).map(|r| (r, true)));
    out.sort();
    out
}

/// The spans around a place, innermost first.
pub fn around(text: &Text, offset: u32) -> Vec<Span> {
    let tree = &text.tree;
    let mut spans: Vec<Span> = tree
        .exprs
        .iter()
        .map(|e| e.span)
        .chain(tree.stmts.iter().map(|s| s.span))
        .filter(|s| s.holds(offset))
        .collect();
    spans.push(Span::new(text.file, 0, text.source().text.len() as u32));
    let word = word_at(text, offset);
    if word.start < word.end && spans.iter().all(|span| span.covers(word)) {
        spans.push(word);
    }
    spans.sort_by_key(|s| s.end - s.start);
    spans.dedup();
    spans
}

/// The name or number at a place, or nothing there.
fn word_at(text: &Text, offset: u32) -> Span {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let (before, after) = text.source().text.split_at(offset as usize);
    let start = before.trim_end_matches(part).len();
    let end = before.len() + after.len() - after.trim_start_matches(part).len();
    let word = &text.source().text[start..end];
    let end = start + word.trim_end_matches('-').len();
    let start = end - word.trim_end_matches('-').trim_start_matches('-').len();
    Span::new(text.file, start as u32, end as u32)
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

/// Where the imports and embedded files of a text lead, as paths from the project's root.
pub fn links(text: &Text, here: &str, sources: &Sources) -> Vec<(Span, String)> {
    let tree = &text.tree;
    let mut out = Vec::new();
    for &id in tree.stmts_of(tree.top) {
        let StmtKind::Import { path, .. } = &tree.stmt(id).kind else { continue };
        let full = beside(here, text.names.text(path.sym));
        // Of several files the first; an editor has one target a link.
        let target = match full.contains('*') {
            false => Some(full),
            true => meant(full, here, sources).map(|id| sources.file(id).name.clone()).min(),
        };
        out.extend(target.map(|target| (path.span, target)));
    }
    for expr in &tree.exprs {
        let ExprKind::Call { callee, args } = &expr.kind else { continue };
        let ExprKind::Name(name) = tree.expr(*callee).kind else { continue };
        let Some(Arg::Plain(arg)) = tree.args[args.range()].first() else { continue };
        if text.names.text(name) != "embed" {
            continue;
        }
        let span = tree.expr(*arg).span;
        let path = text.sources.text(span).trim_matches(['"', '\'']);
        out.push((span, beside(here, path)));
    }
    out
}
