//! What is said to be absent, an address, a place, whoever serves, a secret, waits while something that could say it holds
//! what nobody could read. Where two things clash nothing waits: both of them were read.

use super::holders::{joined, touches};
use crate::diag::{About, Diagnostic, Severity};
use crate::source::{Sources, Span};
use crate::syntax::tree::{StmtKind, Tree};
use rustc_hash::FxHashSet;
use std::sync::Arc;

const FACTS: &[&str] = &["cluster", "network", "node"];

/// What is absent by each of these, and what could say it. A thing that the finding shows could say it always.
#[rustfmt::skip] // one row a line
const ABSENT: &[(&str, &[&str])] = &[
    ("E0214", &["cluster"]),
    ("E0506", FACTS),
    ("E0507", &["cluster", "network", "node", "service"]),
    ("E0510", &["node", "service"]),
    ("E0601", &["secrets"]),
    ("E0901", &["cluster", "network", "node", "share", "service"]),
    ("E1005", &["cluster", "network"]),
    ("E1102", FACTS),
    ("E1103", FACTS),
    ("E1104", &["cluster", "service"]),
    ("E1107", &["cluster", "network", "node", "service"]),
    ("E1202", &["node", "share"]),
    ("E1208", &["node", "share"]),
    ("E1401", &["node"]),
    ("E1402", &["node"]),
    ("E1405", &["node"]),
];

/// Declarations that say nothing of anything else.
const ALONE: &[&str] = &[
    "site", "record", "backup", "cache", "file", "task", "user", "rollout", "alert", "decision",
    "daemon", "allow",
];

/// Where something stands that nobody could read.
pub(super) struct Unread<'a> {
    /// In a layer, a template, an import or a declaration of no known kind: it may have said anything.
    of_all: bool,
    kinds: FxHashSet<&'a str>,
    /// The declarations at the top of files, in order.
    places: Vec<Span>,
}

impl<'a> Unread<'a> {
    /// Of the findings, the first `syntax` are the parser's.
    pub fn of(
        found: &[Diagnostic],
        syntax: usize,
        trees: &[Arc<Tree>],
        sources: &'a Sources,
    ) -> Unread<'a> {
        let causes = found.iter().enumerate().filter(|(at, d)| *at < syntax || is_cause(d));
        let causes = joined(causes.map(|(_, d)| d.primary()));
        let mut unread = Unread { of_all: false, kinds: FxHashSet::default(), places: Vec::new() };
        for tree in trees {
            for &id in tree.stmts_of(tree.top) {
                let stmt = tree.stmt(id);
                if !touches(&causes, stmt.span) {
                    continue;
                }
                unread.places.push(stmt.span);
                match &stmt.kind {
                    StmtKind::Entry(entry) => {
                        let word = sources.text(entry.word.span);
                        let known = ABSENT.iter().any(|(_, kinds)| kinds.contains(&word));
                        unread.of_all |= !known && !ALONE.contains(&word);
                        unread.kinds.insert(word);
                    }
                    StmtKind::Bad | StmtKind::Import { .. } | StmtKind::Template { .. } => {
                        unread.of_all = true;
                    }
                    _ => {}
                }
            }
        }
        unread.places = joined(unread.places.into_iter());
        unread
    }

    /// Whether a finding says that something is absent which may stand there.
    pub fn hides(&self, d: &Diagnostic) -> bool {
        let Some(kinds) = sayers(d) else { return false };
        self.of_all
            || kinds.iter().any(|kind| self.kinds.contains(kind))
            || d.labels.iter().any(|label| touches(&self.places, label.span))
    }
}

/// What could say what a finding misses, if it misses something.
fn sayers(d: &Diagnostic) -> Option<&'static [&'static str]> {
    // A disk of a node, or what else is inside of something that is not named in the text.
    let lacks = matches!(d.about, Some(About::Lacks { .. }));
    if matches!(d.code.id, "E0306" | "E0307") && lacks {
        return Some(FACTS);
    }
    let inside = matches!(d.about, Some(About::Unknown { .. } | About::Missing { .. }));
    if d.code.id == "E0208" && inside {
        return Some(&["node"]);
    }
    ABSENT.iter().find(|(code, _)| *code == d.code.id).map(|(_, kinds)| *kinds)
}

/// What leaves unsaid what a text may have said.
fn is_cause(d: &Diagnostic) -> bool {
    let of = |group: &str| d.code.id.starts_with(group);
    let unread = of("E01") || of("E02") || of("E03") || of("E07") || d.code.id == "E0501";
    d.severity() == Severity::Error && unread && sayers(d).is_none()
}
