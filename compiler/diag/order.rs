//! The one order in which diagnostics are shown, and the folding of what is the same finding met
//! on many nodes. It depends on names and texts only, never on which file was read first.

use super::place::floor;
use super::{Diagnostic, Edit, Spread};
use crate::source::{Sources, Span};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The most bytes of one text; of more, the middle is left out. A name may be as long as a file.
const LONGEST: usize = 3_000;

/// How many places a folded diagnostic names.
const EXAMPLES: usize = 3;

/// Sorts by file name, place, code and message; drops repetitions; makes one diagnostic of those
/// that differ in nothing but the path of the value.
pub fn sort_and_fold(mut diagnostics: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    diagnostics.sort_by(|a, b| compare(a, b, sources));
    let mut folded: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    let mut rest = diagnostics.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut others = Vec::new();
        while let Some(next) = rest.next_if(|next| same_finding(&first, next)) {
            // Equal paths are neighbours, so the last one kept is the only one to look at.
            if others.last().unwrap_or(&first).path != next.path {
                others.push(next);
            }
        }
        folded.push(fold(first, &others));
    }
    for diagnostic in &mut folded {
        for edit in diagnostic.fixes.iter_mut().flat_map(|fix| &mut fix.edits) {
            take_the_blanks(edit, sources);
        }
        conceal(diagnostic, sources);
    }
    folded
}

/// What is taken away takes along the blanks around it, and lines that it has for itself.
fn take_the_blanks(edit: &mut Edit, sources: &Sources) {
    let text = &sources.file(edit.span.file).text;
    let (start, end) = (edit.span.start as usize, edit.span.end as usize);
    let gone = text.get(start..end).unwrap_or_default();
    if !edit.text.is_empty() || gone.trim().is_empty() || gone.ends_with('\n') {
        return;
    }
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let rest = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    let (before, after) = (&text[line..start], &text[end..rest]);
    let blanks = |text: &str| text.len() - text.trim_start_matches(' ').len();
    let (start, end) = match (before.trim().is_empty(), after.trim().is_empty()) {
        (true, true) => (line, rest),
        (false, true) => (line + before.trim_end_matches(' ').len(), end),
        // Between two others one stretch of blanks is left.
        _ if before.is_empty() || before.ends_with(' ') => (start, end + blanks(after)),
        _ => return,
    };
    edit.span = Span { start: start as u32, end: end as u32, ..edit.span };
}

/// Takes what looks like a secret out of all that a finding says, and what nobody would read to its end.
fn conceal(diagnostic: &mut Diagnostic, sources: &Sources) {
    let labels = diagnostic.labels.iter_mut().map(|label| &mut label.text);
    let titles = diagnostic.fixes.iter_mut().map(|fix| &mut fix.title);
    let texts = labels.chain(titles).chain(&mut diagnostic.notes).chain(&mut diagnostic.path);
    for text in texts.chain([&mut diagnostic.message]) {
        if let Cow::Owned(hidden) = sources.concealed().hide(text) {
            *text = hidden;
        }
        if text.len() > LONGEST {
            let head = floor(text, LONGEST * 2 / 3);
            let tail = floor(text, text.len() - LONGEST / 3);
            *text = format!("{} ... {}", &text[..head], &text[tail..]);
        }
    }
}

fn compare(a: &Diagnostic, b: &Diagnostic, sources: &Sources) -> Ordering {
    let (place, other) = (a.primary(), b.primary());
    let name = |d: &Diagnostic| sources.file(d.primary().file).name.as_str();
    name(a)
        .cmp(name(b))
        .then_with(|| {
            (place.file, place.start, place.end).cmp(&(other.file, other.start, other.end))
        })
        .then_with(|| a.code.id.cmp(b.code.id))
        .then_with(|| a.message.cmp(&b.message))
        .then_with(|| a.path.cmp(&b.path))
        // Only so that the order is total: which of two twins is kept must not depend on the order
        // in which they were found.
        .then_with(|| details(a, sources).cmp(&details(b, sources)))
}

fn details(d: &Diagnostic, sources: &Sources) -> impl Ord {
    let labels: Vec<_> = d
        .labels
        .iter()
        .map(|l| (sources.file(l.span.file).name.clone(), l.span.start, l.span.end, l.text.clone()))
        .collect();
    let fixes: Vec<_> = d.fixes.iter().map(|fix| (fix.safety, fix.title.clone())).collect();
    let spread = d.spread.as_ref().map(|s| (s.found, s.of, s.what, s.examples.clone()));
    (std::cmp::Reverse(labels.len()), labels, d.notes.clone(), fixes, spread)
}

fn same_finding(a: &Diagnostic, b: &Diagnostic) -> bool {
    std::ptr::eq(a.code, b.code) && a.primary() == b.primary() && a.message == b.message
}

fn fold(mut first: Diagnostic, others: &[Diagnostic]) -> Diagnostic {
    if others.is_empty() {
        return first;
    }
    let all = || std::iter::once(&first).chain(others);
    // A finding that already stands for several counts for as many.
    let found = all().map(|d| d.spread.as_ref().map_or(1, |spread| spread.found)).sum();
    let paths: Vec<&str> = all().filter_map(|d| d.path.as_deref()).collect();
    let (what, examples, path) = match on_nodes(&paths) {
        Some((nodes, rest)) if nodes.len() == others.len() + 1 => ("nodes", nodes, rest),
        _ => ("places", paths, None),
    };
    let examples = examples.into_iter().take(EXAMPLES).map(String::from).collect();
    let path = path.map(String::from);
    first.spread = Some(Spread { found, of: 0, what, examples });
    first.path = path;
    first
}

/// The nodes' names and the common rest, where the paths differ in the node alone.
fn on_nodes<'a>(paths: &[&'a str]) -> Option<(Vec<&'a str>, Option<&'a str>)> {
    let mut nodes = Vec::with_capacity(paths.len());
    let mut common = None;
    for path in paths {
        let (head, rest) = match path.split_once(" > ") {
            Some((head, rest)) => (head, Some(rest)),
            None => (*path, None),
        };
        nodes.push(head.strip_prefix("node ")?);
        if *common.get_or_insert(rest) != rest {
            return None;
        }
    }
    Some((nodes, common?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::codes;
    use crate::source::{FileId, Place, Span};

    fn two_files() -> (Sources, FileId, FileId) {
        let mut sources = Sources::default();
        let z = sources.add("z.colab", Place::Project, "let a = 1\n");
        let a = sources.add("a.colab", Place::Project, "let b = 2\n");
        (sources, z, a)
    }

    fn found(file: FileId, start: u32, message: &str) -> Diagnostic {
        Diagnostic::new(&codes::E0101, Span::new(file, start, start + 1), message)
    }

    #[test]
    fn sorts_by_name_then_place_and_drops_twins() {
        let (sources, z, a) = two_files();
        let input = vec![found(z, 0, "x"), found(a, 4, "x"), found(a, 2, "y"), found(z, 0, "x")];
        let expected = vec![found(a, 2, "y"), found(a, 4, "x"), found(z, 0, "x")];
        assert_eq!(sort_and_fold(input.clone(), &sources), expected);
        let backwards = input.into_iter().rev().collect();
        assert_eq!(sort_and_fold(backwards, &sources), expected);
    }

    #[test]
    fn folds_over_nodes() {
        let (sources, z, _) = two_files();
        let at = |node: &str| found(z, 0, "x").at(format!("node {node} > service gitea > memory"));
        let input = ["d", "b", "a", "c", "a"].map(at).to_vec();
        let folded = sort_and_fold(input, &sources);
        assert_eq!(folded.len(), 1);
        assert_eq!(folded[0].path.as_deref(), Some("service gitea > memory"));
        let spread = folded[0].spread.as_ref().expect("folded");
        assert_eq!(spread.phrase(), "on 4 nodes: a, b, c, ...");
        assert_eq!(sort_and_fold(folded.clone(), &sources), folded);
    }

    #[test]
    fn folds_other_paths_by_their_whole_text() {
        let (sources, z, _) = two_files();
        let input = vec![
            found(z, 0, "x").at("node a > service gitea"),
            found(z, 0, "x").at("node b > service chat"),
        ];
        let folded = sort_and_fold(input, &sources);
        let phrase = folded[0].spread.as_ref().expect("folded").phrase();
        assert_eq!(phrase, "in 2 places: node a > service gitea, node b > service chat");
        assert_eq!(folded[0].path, None);
    }

    #[test]
    fn keeps_different_messages_apart_and_the_richer_twin() {
        let (sources, z, a) = two_files();
        let rich = found(z, 0, "x").label(Span::new(a, 0, 1), "here too");
        for input in [vec![found(z, 0, "x"), rich.clone()], vec![rich.clone(), found(z, 0, "x")]] {
            assert_eq!(sort_and_fold(input, &sources), vec![rich.clone()]);
        }
        assert_eq!(sort_and_fold(vec![found(z, 0, "x"), found(z, 0, "y")], &sources).len(), 2);
    }
}
