//! Declarations at the top of a file whose first word means nothing, nor nearly something: they may be of another language, so
//! nothing inside of them is told but a list that is left open, and several one below the other are one finding.

use crate::diag::{About, Diagnostic, Label, Safety};
use crate::source::Span;
use crate::syntax::tree::Tree;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// How many of the places are shown.
const SHOWN: usize = 5;

/// Runs of such declarations, without a sound one in between.
pub(super) fn of(found: &[Diagnostic], trees: &[Arc<Tree>]) -> Vec<Vec<Span>> {
    let unknown = found.iter().filter(|d| is_one(d));
    let unknown: FxHashSet<_> = unknown.map(|d| (d.primary().file, d.primary().start)).collect();
    let mut runs = Vec::new();
    if unknown.is_empty() {
        return runs;
    }
    for tree in trees {
        let mut open = false;
        for &id in tree.stmts_of(tree.top) {
            let span = tree.stmt(id).span;
            if !unknown.contains(&(span.file, span.start)) {
                open = false;
                continue;
            }
            match runs.last_mut().filter(|_| open) {
                None => runs.push(vec![span]),
                Some(run) => run.push(span),
            }
            open = true;
        }
    }
    runs
}

/// A word at the top of a file that is near to none.
pub(super) fn is_one(d: &Diagnostic) -> bool {
    d.about == Some(About::Stranger)
}

/// Leaves one finding of each run: of its first word, if that is told.
pub(super) fn settle(found: &mut Vec<Diagnostic>, runs: &[Vec<Span>]) {
    for run in runs {
        let inside = |d: &Diagnostic| run.iter().any(|span| span.covers(d.primary()));
        let all: Vec<usize> = (0..found.len()).filter(|&at| inside(&found[at])).collect();
        let heads = run.iter().map(|span| {
            let here = || all.iter().copied().filter(|&at| found[at].primary().start == span.start);
            here().find(|&at| is_one(&found[at])).or_else(|| here().next())
        });
        let heads: Vec<usize> = heads.flatten().collect();
        let first_of = |at: &usize| found[*at].primary().start;
        let Some(kept) = heads.first().copied().or(all.iter().copied().min_by_key(first_of)) else {
            continue;
        };
        // A list that is left open is no form of another language: that is told as well.
        let is_open = |at: &usize| {
            found[*at].code.id == "E0103" && found[*at].message.starts_with("expected `]`")
        };
        let open = all.iter().copied().filter(is_open).min_by_key(first_of);
        let others: Vec<Span> = heads.iter().skip(1).map(|&at| found[at].primary()).collect();
        for &span in others.iter().take(SHOWN - 1) {
            found[kept].labels.push(Label { span, text: "nor this".to_owned() });
        }
        if others.len() >= SHOWN {
            found[kept]
                .notes
                .push(format!("there are {} such words, one below the other", others.len() + 1));
        }
        // An edit of the first would leave the others as they are.
        if !others.is_empty() {
            for fix in &mut found[kept].fixes {
                fix.edits.clear();
                fix.safety = Safety::Advice;
            }
        }
        let mut at = 0;
        found.retain(|_| {
            at += 1;
            at - 1 == kept || Some(at - 1) == open || !all.contains(&(at - 1))
        });
    }
}
