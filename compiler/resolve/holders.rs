//! Places of findings in order, and the statements that hold them.

use crate::source::{FileId, Span};
use crate::syntax::tree::{Entry, EntryOp, StmtKind, Tree};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The places in order, those that touch each other as one.
pub(super) fn joined(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut spans: Vec<Span> = spans.collect();
    spans.sort_unstable_by_key(|s| (s.file, s.start, s.end));
    spans.dedup_by(|later, earlier| {
        let touch = later.file == earlier.file && later.start <= earlier.end;
        if touch {
            earlier.end = earlier.end.max(later.end);
        }
        touch
    });
    spans
}

/// Whether one of the joined places overlaps the span, or ends or begins where it does.
pub(super) fn touches(joined: &[Span], span: Span) -> bool {
    let until = joined.partition_point(|s| (s.file, s.start) <= (span.file, span.end));
    joined[..until].last().is_some_and(|s| s.file == span.file && s.end >= span.start)
}

/// For each span, the innermost of these statements that it lies in.
pub(super) fn innermost(
    spans: &[Span],
    trees: &[Arc<Tree>],
    wanted: impl Fn(&Entry) -> bool,
) -> Vec<Option<Span>> {
    let mut by_file: FxHashMap<FileId, Vec<usize>> = FxHashMap::default();
    for (at, span) in spans.iter().enumerate() {
        by_file.entry(span.file).or_default().push(at);
    }
    let mut out = vec![None; spans.len()];
    for tree in trees {
        let Some(mut asked) = by_file.remove(&tree.file) else { continue };
        asked.sort_by_key(|&at| spans[at].start);
        let of_these = entries(tree).filter(|(_, entry)| wanted(entry));
        let mut blocks: Vec<Span> = of_these.map(|(span, _)| span).collect();
        blocks.sort_unstable_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
        let mut open: Vec<Span> = Vec::new();
        let mut next = blocks.into_iter().peekable();
        for at in asked {
            while let Some(block) = next.next_if(|b| b.start <= spans[at].start) {
                open.retain(|outer| outer.end >= block.end);
                open.push(block);
            }
            while open.last().is_some_and(|block| block.end < spans[at].start) {
                open.pop();
            }
            out[at] = open.last().copied();
        }
    }
    out
}

pub(super) fn entries(tree: &Tree) -> impl Iterator<Item = (Span, &Entry)> {
    tree.stmts.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Entry(entry) => Some((stmt.span, entry)),
        _ => None,
    })
}

pub(super) fn has_body(entry: &Entry) -> bool {
    match &entry.op {
        EntryOp::Block(_) => true,
        EntryOp::Assign { body, .. } | EntryOp::From { body, .. } => body.is_some(),
        _ => false,
    }
}
