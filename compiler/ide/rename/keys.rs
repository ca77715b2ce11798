//! Where a key stands that is a name: a var of nodes is one thing in the whole cluster, a variable of an environment
//! is one with those that it is merged with.

use crate::Compilation;
use crate::ide::{is_asked, same};
use crate::model::schema::ShapeId;
use crate::resolve::hir::LabelId;
use crate::resolve::lower::Target;
use crate::source::{Place, Span};
use crate::syntax::tree::{ExprKind, StmtKind};
use crate::types::texts::text_type;
use std::collections::BTreeSet;

/// All places of a key's name, or why not all of them can be known.
pub(super) fn places(c: &Compilation, target: Target, at: Span) -> Result<Vec<Span>, String> {
    let named =
        || c.usage.references.iter().filter(move |(_, t)| *t == target).map(|(span, _)| *span);
    let spans: Vec<Span> = match target {
        Target::Var(_) => {
            worked_out(c)?;
            named().collect()
        }
        Target::Env(_) => together(c, &named().collect::<Vec<_>>(), at)?,
        _ => return Ok(Vec::new()),
    };
    let of_library = spans.iter().find(|span| c.sources.file(span.file).place == Place::Library);
    match of_library {
        Some(span) => Err(super::named_by_template(c, *span)),
        None => Ok(spans),
    }
}

/// Why a key cannot have such a name.
pub(super) fn refused(
    c: &Compilation,
    target: Target,
    new: &str,
    places: &[Span],
) -> Option<String> {
    let sym = c.names.find(new);
    let taken = |other: Target, near: &dyn Fn(Span) -> bool| {
        c.usage.references.iter().any(|(span, target)| *target == other && near(*span))
    };
    match target {
        Target::Var(_) => {
            let twice = sym.is_some_and(|sym| taken(Target::Var(sym), &|_| true));
            twice.then(|| format!("`{new}` is the name of another var already"))
        }
        Target::Env(_) => {
            let ty = text_type("env_name").expect("it is one of the language's");
            if ty.told(new).is_err() {
                return Some(format!("`{new}` is no name of a variable"));
            }
            let homes: Vec<Home> = places.iter().map(|&span| home(c, span)).collect();
            let near = |span: Span| homes.iter().any(|own| meets(c, own, &home(c, span)));
            let twice = sym.is_some_and(|sym| taken(Target::Env(sym), &near));
            twice.then(|| format!("`{new}` is the name of another variable there already"))
        }
        _ => None,
    }
}

/// `node.vars[x]`: who asks so may mean any var.
fn worked_out(c: &Compilation) -> Result<(), String> {
    for tree in &c.trees {
        for expr in &tree.exprs {
            let ExprKind::Index { base, index } = expr.kind else { continue };
            let vars = match tree.expr(base).kind {
                ExprKind::Field { name, .. } => c.names.text(name.sym) == "vars",
                _ => false,
            };
            let written =
                matches!(tree.expr(index).kind, ExprKind::Str { .. } | ExprKind::Raw { .. });
            if vars && !written {
                let file = c.sources.file(tree.file);
                let (line, _) = file.line_col(expr.span.start);
                let place = format!("{}:{}", file.name, line + 1);
                return Err(format!("{place} asks for a var by a name that is worked out"));
            }
        }
    }
    Ok(())
}

/// Of which kind the thing is that has an environment, and which: none where a layer says it of many.
#[derive(Clone, Copy)]
struct Home {
    shape: Option<ShapeId>,
    label: Option<LabelId>,
    span: Span,
}

fn home(c: &Compilation, span: Span) -> Home {
    let asked = asked_of(c, span);
    let base = asked.and_then(|env| c.usage.bases.iter().find(|(at, ..)| *at == env));
    let of = base.and_then(|(_, ty, _)| c.resolved.program.schema.shape_of(*ty));
    if let Some((.., Some(label))) = base {
        return Home { shape: of, label: Some(*label), span };
    }
    // `container.env.NAME` is asked of what it stands in.
    let around = c.usage.blocks.iter().filter(|(block, ..)| block.covers(span));
    let around = around.filter(|(_, shape, _)| of.is_none_or(|of| of == *shape));
    let nearest = around.min_by_key(|(block, ..)| block.end - block.start);
    // A layer's block stands in a thing of another kind: it is said of many.
    let labels = &c.resolved.program.labels;
    let own = |(_, shape, label): &(Span, ShapeId, Option<LabelId>)| {
        label.filter(|label| labels[label.0 as usize].shape == *shape)
    };
    Home { shape: nearest.map(|of| of.1), label: nearest.and_then(own), span }
}

/// The place of `env` in `app.env.NAME`.
fn asked_of(c: &Compilation, span: Span) -> Option<Span> {
    if !is_asked(c, span) {
        return None;
    }
    let tree = crate::ide::tree_of(c, span.file)?;
    let bases = tree.exprs.iter().filter_map(|expr| match expr.kind {
        ExprKind::Field { base, name } if name.span == span => Some(base),
        ExprKind::Index { base, index } if tree.expr(index).span == span => Some(base),
        _ => None,
    });
    bases.into_iter().find_map(|base| match tree.expr(base).kind {
        ExprKind::Field { name, .. } => Some(name.span),
        _ => None,
    })
}

/// Whether what two places say may be said of one thing.
fn meets(c: &Compilation, one: &Home, other: &Home) -> bool {
    one.shape == other.shape
        && match (one.label, other.label) {
            (Some(a), Some(b)) => a == b || same::is_one(c, a, b),
            _ => true,
        }
}

/// The places that are merged with one, and with those in turn.
fn together(c: &Compilation, all: &[Span], at: Span) -> Result<Vec<Span>, String> {
    let homes: Vec<Home> = all.iter().map(|&span| home(c, span)).collect();
    let first = home(c, at);
    let mut found: BTreeSet<usize> = BTreeSet::new();
    let mut todo = vec![first];
    while let Some(next) = todo.pop() {
        for (nth, home) in homes.iter().enumerate() {
            if !found.contains(&nth) && meets(c, &next, home) {
                found.insert(nth);
                todo.push(*home);
            }
        }
    }
    let found: Vec<Home> = found.into_iter().map(|nth| homes[nth]).collect();
    let of_some = found.iter().find(|home| home.label.is_none() && !is_global(c, home.span));
    match of_some.filter(|_| found.len() > 1) {
        Some(home) => {
            let file = c.sources.file(home.span.file);
            let (line, _) = file.line_col(home.span.start);
            let place = format!("{}:{}", file.name, line + 1);
            Err(format!("the layer at {place} says it of some, and others say it for themselves"))
        }
        None => Ok(found.into_iter().map(|home| home.span).collect()),
    }
}

/// Whether a place stands in the layer of all.
fn is_global(c: &Compilation, span: Span) -> bool {
    let Some(tree) = crate::ide::tree_of(c, span.file) else { return false };
    let mut top = tree.stmts_of(tree.top).iter().map(|&id| tree.stmt(id));
    top.any(|stmt| {
        let StmtKind::Entry(entry) = &stmt.kind else { return false };
        stmt.span.covers(span) && c.names.text(entry.word.sym) == "global"
    })
}

/// Whether a target is a key.
pub(super) fn is_key(target: Target) -> bool {
    matches!(target, Target::Var(_) | Target::Env(_))
}
