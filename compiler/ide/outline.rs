//! The shape of a file: its declarations, what folds, what encloses a place, where links lead.

use super::tree_of;
use crate::Compilation;
use crate::model::value::Value;
use crate::source::{FileId, Place, Span};
use crate::syntax::tree::{Block, EntryOp, Run, StmtKind, Tree};

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
pub fn symbols(c: &Compilation, file: FileId) -> Vec<Symbol> {
    tree_of(c, file).map_or(Vec::new(), |tree| within(c, tree, tree.top))
}

fn within(c: &Compilation, tree: &Tree, run: Run) -> Vec<Symbol> {
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
                let kind = c.names.text(entry.word.sym);
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
        let children = body.map_or(Vec::new(), |body| within(c, tree, body.stmts));
        out.push(Symbol {
            name: c.names.text(name.sym).to_string(),
            kind: kind.to_string(),
            span: stmt.span,
            name_span: name.span,
            children,
        });
    }
    out
}

/// Every declaration of the project whose name holds the text.
pub fn search(c: &Compilation, text: &str) -> Vec<Symbol> {
    let wanted = text.to_lowercase();
    let mut out = Vec::new();
    for tree in &c.trees {
        if c.sources.file(tree.file).place == Place::Library {
            continue;
        }
        let mut todo = within(c, tree, tree.top);
        while let Some(symbol) = todo.pop() {
            todo.extend(symbol.children.iter().cloned());
            if symbol.name.to_lowercase().contains(&wanted) {
                out.push(Symbol { children: Vec::new(), ..symbol });
            }
        }
    }
    out.sort_by(|a, b| a.name.cmp(&b.name).then(a.span.cmp(&b.span)));
    out
}

/// What may be folded: blocks and comments of several lines, imports.
pub fn folds(c: &Compilation, file: FileId) -> Vec<(Span, bool)> {
    let Some(tree) = tree_of(c, file) else { return Vec::new() };
    let source = c.sources.file(file);
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
pub fn around(c: &Compilation, file: FileId, offset: u32) -> Vec<Span> {
    let Some(tree) = tree_of(c, file) else { return Vec::new() };
    let mut spans: Vec<Span> = tree
        .exprs
        .iter()
        .map(|e| e.span)
        .chain(tree.stmts.iter().map(|s| s.span))
        .filter(|s| s.holds(offset))
        .collect();
    spans.push(Span::new(file, 0, c.sources.file(file).text.len() as u32));
    spans.sort_by_key(|s| s.end - s.start);
    spans.dedup();
    spans
}

/// Where the imports of a file lead, as paths from the project's root.
pub fn links(c: &Compilation, file: FileId) -> Vec<(Span, String)> {
    let Some(tree) = tree_of(c, file) else { return Vec::new() };
    let here = &c.sources.file(file).name;
    tree.stmts_of(tree.top)
        .iter()
        .filter_map(|&id| match &tree.stmt(id).kind {
            StmtKind::Import { path, .. } => {
                let text = c.names.text(path.sym);
                (!text.contains('*'))
                    .then(|| (path.span, crate::resolve::imports::beside(here, text)))
            }
            _ => None,
        })
        .collect()
}

/// What a value came to, shown behind its line: the path of a volume, where it is one everywhere.
pub fn hints(c: &Compilation, file: FileId) -> Vec<(Span, String)> {
    let model = &c.resolved.model;
    let mut out: Vec<(Span, String)> = Vec::new();
    for (at, thing) in model.things.iter().enumerate() {
        let id = crate::model::ThingId(at as u32);
        if thing.span.file != file || thing.instance.is_none() || model.kind(id) != "volume" {
            continue;
        }
        let (value, origin) = model.at(id, "value");
        let (Value::Location(location), Some(node)) = (value, thing.node) else { continue };
        let Some(row) = model.origin(origin) else { continue };
        let span = model.defs[row.def as usize].span;
        let mut known = crate::model::reach::Known(model);
        let path = crate::model::reach::path_on(&mut known, &location.base, &location.sub, node);
        if let Ok(Some(path)) = path {
            out.push((span.tail(), format!("= {path} on {}", model.label(node))));
        }
    }
    out.sort();
    out.dedup();
    // Where nodes differ, the line says so instead of naming one.
    let mut merged: Vec<(Span, String)> = Vec::new();
    for (span, text) in out {
        match merged.last_mut() {
            Some((last, old)) if *last == span => *old = "= differs by node".to_string(),
            _ => merged.push((span, text)),
        }
    }
    merged
}

/// A line above each service, node and share: what it is in the whole.
pub fn lenses(c: &Compilation, file: FileId) -> Vec<(Span, String)> {
    let model = &c.resolved.model;
    let mut out = Vec::new();
    let graph = crate::graph::Graph::of(model);
    let used_by = |thing| {
        let at = graph.vertices.iter().position(|v| v.thing == thing);
        at.map_or(0, |at| {
            graph.edges.iter().filter(|e| e.to == at && e.need != crate::graph::Need::Joins).count()
        })
    };
    for kind in ["service", "node", "share"] {
        for &thing in model.all(kind) {
            let span = model.thing(thing).span;
            if span.file != file {
                continue;
            }
            let text = match kind {
                "service" => {
                    let nodes: Vec<&str> =
                        model.instances_of(thing).map(|i| model.label(i.node)).collect();
                    let users: usize = model.instances_of(thing).map(|i| used_by(i.thing)).sum();
                    match nodes.len() {
                        0 => "runs nowhere".to_string(),
                        _ => format!("on {}; {users} depend on it", nodes.join(", ")),
                    }
                }
                "node" => {
                    let count = model.on_node.get(&thing).map_or(0, Vec::len);
                    format!("{count} services; {} depend on it", used_by(thing))
                }
                _ => format!("{} depend on it", used_by(thing)),
            };
            out.push((span, text));
        }
    }
    out
}
