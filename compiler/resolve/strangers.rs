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
    let mut falls = vec![false; found.len()];
    for (run, inside) in runs.iter().zip(inside(found, runs)) {
        let all = || inside.iter().flatten().copied();
        let heads = run.iter().zip(&inside).filter_map(|(span, inside)| {
            let here =
                || inside.iter().copied().filter(|&at| found[at].primary().start == span.start);
            here().find(|&at| is_one(&found[at])).or_else(|| here().next())
        });
        let heads: Vec<usize> = heads.collect();
        let first_of = |at: &usize| (found[*at].primary().start, *at);
        let Some(kept) = heads.first().copied().or(all().min_by_key(first_of)) else {
            continue;
        };
        // A list that is left open is no form of another language: that is told as well.
        let is_open = |at: &usize| {
            found[*at].code.id == "E0103" && found[*at].message.starts_with("expected `]`")
        };
        let open = all().filter(is_open).min_by_key(first_of);
        for at in all() {
            falls[at] = at != kept && Some(at) != open;
        }
        let others: Vec<Span> = heads.iter().skip(1).map(|&at| found[at].primary()).collect();
        stands_for(&mut found[kept], &others);
    }
    let mut falls = falls.into_iter();
    found.retain(|_| !falls.next().unwrap_or_default());
}

/// What is told inside of each declaration of each run, by its number.
fn inside(found: &[Diagnostic], runs: &[Vec<Span>]) -> Vec<Vec<Vec<usize>>> {
    let mut inside: Vec<Vec<Vec<usize>>> = runs.iter().map(|r| vec![Vec::new(); r.len()]).collect();
    let places = runs.iter().enumerate().flat_map(|(run, spans)| {
        spans.iter().enumerate().map(move |(nth, span)| (*span, run, nth))
    });
    let mut places: Vec<(Span, usize, usize)> = places.collect();
    places.sort_unstable_by_key(|(span, ..)| (span.file, span.start));
    for (at, d) in found.iter().enumerate() {
        let place = d.primary();
        let before = |(span, ..): &(Span, usize, usize)| {
            (span.file, span.start) <= (place.file, place.start)
        };
        let until = places.partition_point(before);
        match places[..until].last() {
            Some(&(span, run, nth)) if span.covers(place) => inside[run][nth].push(at),
            _ => {}
        }
    }
    inside
}

/// Lets the first of a run speak for the others.
fn stands_for(first: &mut Diagnostic, others: &[Span]) {
    for &span in others.iter().take(SHOWN - 1) {
        first.labels.push(Label { span, text: "nor this".to_owned() });
    }
    if others.len() >= SHOWN {
        first.notes.push(format!("there are {} such words, one below the other", others.len() + 1));
    }
    // An edit of the first would leave the others as they are.
    if !others.is_empty() {
        for fix in &mut first.fixes {
            fix.edits.clear();
            fix.safety = Safety::Advice;
        }
    }
}
