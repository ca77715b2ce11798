//! The edition that sources are written in, read before anything else is made of them: what a newer
//! language brings must not be told as faults.

use crate::diag::{Diagnostic, codes};
use crate::names::Names;
use crate::source::{Place, Sources};
use crate::syntax::tree::{EntryOp, ExprKind, Literal, StmtKind, Tree};
use std::sync::Arc;

/// The edition of the language that this compiler knows.
pub const EDITION: i64 = 1;

/// What is to be said, alone, where the sources are of a newer edition.
pub fn too_new(sources: &Sources, trees: &[Arc<Tree>], names: &Names) -> Option<Diagnostic> {
    let own = trees.iter().filter(|tree| sources.file(tree.file).place == Place::Project);
    own.flat_map(|tree| editions(tree, names)).find_map(|span| {
        let wanted: i64 = sources.text(span).parse().ok().filter(|&wanted| wanted > EDITION)?;
        Some(
            Diagnostic::new(
                &codes::E0705,
                span,
                format!("these sources are of edition {wanted}, and this compiler knows edition {EDITION}"),
            )
            .note("nothing else was checked")
            .help(format!("use a `colabc` that knows edition {wanted}: `colabc --version` says which it knows"))
            .help(format!("or write `edition = {EDITION}`, and only what that one has")),
        )
    })
}

/// The numbers in `cluster { edition = N }`.
fn editions<'a>(
    tree: &'a Tree,
    names: &'a Names,
) -> impl Iterator<Item = crate::source::Span> + 'a {
    let entries = |run| {
        tree.stmts_of(run).iter().filter_map(|&id| match &tree.stmt(id).kind {
            StmtKind::Entry(entry) => Some(entry),
            _ => None,
        })
    };
    let clusters = entries(tree.top).filter(|entry| names.text(entry.word.sym) == "cluster");
    let bodies = clusters.filter_map(|entry| match entry.op {
        EntryOp::Block(body) => Some(body.stmts),
        _ => None,
    });
    let fields = bodies.flat_map(entries).filter(|entry| names.text(entry.word.sym) == "edition");
    fields.filter_map(|entry| match entry.op {
        EntryOp::Assign { value, .. } => {
            let expr = tree.expr(value);
            matches!(expr.kind, ExprKind::Literal(Literal::Int)).then_some(expr.span)
        }
        _ => None,
    })
}
