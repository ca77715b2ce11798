//! One cause is one finding: what a broken text makes the later phases say is taken back. What counts
//! as a cause, and what as its consequence, is decided here alone.

use super::absent::Unread;
use super::holders::{entries, has_body, innermost, joined, touches};
use super::{nameless, one_cause, one_lack, orphans, strangers};
use crate::diag::{About, Diagnostic, Safety, Severity};
use crate::resolve::eval::Trouble;
use crate::source::{FileId, Sources, Span};
use crate::syntax::tree::{Entry, EntryOp, Tree};
use crate::types::distance::{Neighbours, nearest};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// What the parser and the names' look-up found wrong. A value that is faulty is known to be; a statement that nobody
/// could read may have said anything.
pub fn trouble(found: &[Diagnostic]) -> Trouble {
    let mut errors = found.iter().filter(|d| d.severity() == Severity::Error).peekable();
    let of_a_value = |d: &Diagnostic| {
        d.code.id.starts_with("E03") || matches!(d.code.id, "E0202" | "E0204" | "E0208" | "E0209")
    };
    Trouble { any: errors.peek().is_some(), lost: !errors.all(of_a_value) }
}

/// Of the findings, the first `syntax` are the parser's. A later one falls where it stands at the very
/// place of one of these; and one that misses a field falls where the block holds something unread.
/// So does one that looks for a name which something unread may have.
pub fn settle(
    found: Vec<Diagnostic>,
    syntax: usize,
    trees: &[Arc<Tree>],
    sources: &Sources,
) -> Vec<Diagnostic> {
    let mut found = found;
    choose_form(&mut found, syntax, sources);
    pairs_of_json(&mut found, syntax, sources);
    // `import nodes`: with its quotes it is looked for again.
    let bare_path = |d: &Diagnostic| d.code.id == "E0109" && d.message.contains("path of a file");
    let bare_paths: FxHashSet<Span> =
        found[..syntax].iter().filter(|d| bare_path(d)).map(Diagnostic::primary).collect();
    // `import ["a", "b"]`: so are these.
    let torn =
        found[..syntax].iter().filter(|d| d.code.id == "E0109" && d.about == Some(About::Import));
    let torn_imports: Vec<Span> =
        torn.flat_map(|d| &d.fixes).flat_map(|fix| &fix.edits).map(|edit| edit.span).collect();
    let broken = joined(found[..syntax].iter().map(Diagnostic::primary));
    let torn = torn_values(&found[..syntax], trees, sources);
    let of_a_value = |d: &Diagnostic| {
        let named = matches!(d.code.id, "E0204" | "E0206" | "E0208" | "E0209" | "E0213");
        named || d.code.id.starts_with("E03")
    };
    let unread = found.iter().enumerate().filter(|(at, d)| *at < syntax || is_unread(d));
    let unread = found_blocks(unread.map(|(_, d)| d.primary()), trees, sources);
    let missing: Vec<Span> = found.iter().filter(|d| is_missing(d)).map(|d| d.primary()).collect();
    let excused: FxHashSet<Span> = missing
        .iter()
        .zip(innermost(&missing, trees, has_body))
        .filter(|(_, block)| block.is_some_and(|block| unread.contains(&block)))
        .map(|(&span, _)| span)
        .collect();
    let lost = Lost::of(found.iter().filter(|d| is_unread(d)), trees, sources);
    // What a rule finds wrong leaves the cluster readable.
    let unreadable =
        |d: &Diagnostic| d.severity() == Severity::Error && d.code.id.starts_with("E0");
    let errors = found.iter().any(unreadable);
    // A node's facts stand where no layer may say them.
    let elsewhere = found.iter().any(|d| d.code.id == "E0404");
    let unknown = found.iter().filter(|d| d.code.id == "E0202");
    let unknown = Neighbours::new(unknown.map(|d| sources.text(d.primary()).to_owned()));
    // Where a value begins that is faulty as a whole: that it changes another one is no news.
    let faulty: FxHashSet<(FileId, u32)> = found
        .iter()
        .filter(|d| d.code.id.starts_with("E03"))
        .map(|d| (d.primary().file, d.primary().start))
        .collect();
    // `git.example.org { }`: that `git` means nothing says more than that there is a dot.
    let paths: FxHashSet<(FileId, u32)> = found[..syntax]
        .iter()
        .filter(|d| d.code.id == "E0114")
        .map(|d| (d.primary().file, d.primary().start))
        .collect();
    let of_a_path = |d: &Diagnostic| {
        strangers::is_one(d) && paths.contains(&(d.primary().file, d.primary().start))
    };
    // It is looked for again once it is written as an import is.
    let to_come = |d: &Diagnostic| {
        d.code.id == "E0701"
            && (bare_paths.contains(&d.primary())
                || torn_imports.iter().any(|import| import.covers(d.primary())))
    };
    let astray = found
        .iter()
        .any(|d| d.about == Some(About::Import) && d.code.id.starts_with("E07") && !to_come(d));
    let unread = Unread::of(&found, syntax, trees, sources);
    let mut at = 0;
    let stays = |d: &Diagnostic| {
        at += 1;
        if errors && is_advice(d) {
            return false;
        }
        if d.code.id == "E0402" && faulty.contains(&after_sign(d.primary(), sources)) {
            return false;
        }
        if to_come(d) {
            return false;
        }
        if d.code.id == "E0405" && may_mean(sources.text(d.primary()), &unknown) {
            return false;
        }
        at <= syntax
            || !(touches(&broken, d.primary()) && !of_a_path(d)
                || of_a_value(d) && touches(&torn, d.primary())
                || is_missing(d) && excused.contains(&d.primary())
                || unread.hides(d)
                || d.code.id == "E1401" && elsewhere
                || astray && may_be_elsewhere(d)
                || lost.explains(d, sources))
    };
    let strangers = strangers::of(&found, trees);
    found.retain(stays);
    strangers::settle(&mut found, &strangers);
    let found = nameless::gather(orphans::gather(found, sources), trees, sources);
    one_lack::gather(one_cause::gather(found, trees, sources), sources)
}

/// Whether what is missed may stand in a file that an import did not find. What is nearly a name that is known is not.
fn may_be_elsewhere(d: &Diagnostic) -> bool {
    let names = matches!(d.code.id, "E0204" | "E0205" | "E0206");
    names && d.fixes.iter().all(|fix| fix.edits.is_empty()) || d.code.id == "E0501"
}

/// `a.b = c` was read as a block: where nothing speaks against that, it is what was meant, and where a map has
/// keys, the key in quotes is.
fn choose_form(found: &mut [Diagnostic], syntax: usize, sources: &Sources) {
    let (broken, later) = found.split_at_mut(syntax);
    let mut against = against(broken, later);
    for (at, fault) in broken.iter_mut().enumerate().filter(|(_, d)| has_forms(d)) {
        let against = against.remove(&at).unwrap_or_default();
        let first = sources.text(fault.primary()).split('.').next().unwrap_or("").trim();
        let whole = About::Key { name: first.to_owned() };
        let is_key = |d: &Diagnostic| matches!(d.about, Some(About::Key { .. }));
        let last = fault.fixes.len() - 1;
        let nth = match against.as_slice() {
            [] => 0,
            all if all.iter().all(|d| d.about.as_ref() == Some(&whole)) => last,
            all if all.iter().all(|d| is_key(d)) => last - 1,
            [one] if one.code.id == "E0212" => {
                fault.notes.push(one.message.clone());
                fault.fixes.clone_from(&one.fixes);
                continue;
            }
            _ => {
                fault.fixes.truncate(1);
                continue;
            }
        };
        let mut form = fault.fixes.swap_remove(nth);
        form.safety = Safety::Safe;
        fault.fixes = vec![form];
    }
}

/// The statements, up to their block, in whose value a bracket or a comma is missing or too many: nothing more is known of it.
fn torn_values(broken: &[Diagnostic], trees: &[Arc<Tree>], sources: &Sources) -> Vec<Span> {
    let signs = broken.iter().filter(|d| matches!(d.code.id, "E0103" | "E0110"));
    let signs: Vec<Span> = signs.map(Diagnostic::primary).collect();
    let is_value =
        |entry: &Entry| matches!(entry.op, EntryOp::Assign { .. } | EntryOp::From { .. });
    let head = |span: Span| {
        let text = sources.text(span);
        let length = text.find('{').unwrap_or(text.len());
        Span { end: span.start + length as u32, ..span }
    };
    joined(innermost(&signs, trees, is_value).into_iter().flatten().map(head))
}

fn has_forms(d: &Diagnostic) -> bool {
    d.code.id == "E0114" && d.fixes.len() > 1
}

/// What the names' look-up says of the very place of each of these faults, by its number.
fn against<'a>(
    broken: &[Diagnostic],
    later: &'a [Diagnostic],
) -> FxHashMap<usize, Vec<&'a Diagnostic>> {
    let faults = broken.iter().enumerate().filter(|(_, d)| has_forms(d));
    let mut faults: Vec<(usize, Span)> = faults.map(|(at, d)| (at, d.primary())).collect();
    faults.sort_unstable_by_key(|(_, s)| (s.file, s.start));
    let mut against: FxHashMap<usize, Vec<&Diagnostic>> = FxHashMap::default();
    for d in later.iter().filter(|d| d.code.id.starts_with("E02")) {
        let place = d.primary();
        let until = faults.partition_point(|(_, s)| (s.file, s.start) <= (place.file, place.end));
        let touched = faults[..until].iter().rev();
        for (at, _) in touched.take_while(|(_, s)| s.file == place.file && s.end >= place.start) {
            against.entry(*at).or_default().push(d);
        }
    }
    against
}

/// `"arch": "arm64",`: that a word stands in quotes is a part of the same slip.
fn pairs_of_json(found: &mut Vec<Diagnostic>, syntax: usize, sources: &Sources) {
    let of_json = |sign: &Span| {
        let before = sources.file(sign.file).text[..sign.start as usize].trim_end();
        sources.text(*sign) == ":" && before.ends_with('"')
    };
    let mut pairs: FxHashMap<(FileId, u32), usize> = FxHashMap::default();
    for (at, d) in found[..syntax].iter().enumerate().filter(|(_, d)| d.code.id == "E0116") {
        let signs = d.fixes.first().into_iter().flat_map(|fix| &fix.edits).map(|edit| edit.span);
        for sign in signs.filter(of_json) {
            let rest = &sources.file(sign.file).text[sign.end as usize..];
            let value = sign.end + (rest.len() - rest.trim_start_matches([' ', '\t']).len()) as u32;
            pairs.insert((sign.file, value), at);
        }
    }
    if pairs.is_empty() {
        return;
    }
    let mut taken: Vec<(usize, crate::diag::Edit)> = Vec::new();
    let mut at = 0;
    found.retain(|d| {
        at += 1;
        let place = (d.primary().file, d.primary().start);
        let Some(&pair) = pairs.get(&place).filter(|_| at > syntax && d.code.id == "E0301") else {
            return true;
        };
        let bare = |text: &str| !text.contains('"');
        let [fix] = d.fixes.as_slice() else { return true };
        let [edit] = fix.edits.as_slice() else { return true };
        if bare(&edit.text) {
            taken.push((pair, edit.clone()));
        }
        !bare(&edit.text)
    });
    for (pair, edit) in taken {
        let fix = &mut found[pair].fixes[0];
        fix.title = "write `=`, and words and numbers without quotes".to_owned();
        fix.safety = Safety::Review;
        fix.edits.push(edit);
    }
}

/// Where the value behind a name and its `=` begins.
fn after_sign(name: Span, sources: &Sources) -> (FileId, u32) {
    let rest = &sources.file(name.file).text[name.end as usize..];
    let value = rest.trim_start_matches([' ', '\t', '=']);
    (name.file, name.end + (rest.len() - value.len()) as u32)
}

/// Whether what a statement removes may be what one of these misspelt fields was to say.
fn may_mean(removal: &str, unknown: &Neighbours) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut words = removal.split(|c| !is_word(c)).filter(|word| !word.is_empty());
    words.any(|word| !nearest(word, unknown.beside(word)).is_empty())
}

/// Names that were written in statements that nobody understood.
#[derive(Default)]
struct Lost<'a> {
    labels: FxHashSet<&'a str>,
    /// Blocks with a statement that stands for labelled things without a label, `ports = [...]`: the outermost of
    /// them, in order.
    nameless: Vec<Span>,
    /// The labels of what these blocks are of.
    owners: FxHashSet<&'a str>,
}

impl<'a> Lost<'a> {
    fn of<'d>(
        unread: impl Iterator<Item = &'d Diagnostic>,
        trees: &[Arc<Tree>],
        sources: &'a Sources,
    ) -> Lost<'a> {
        let places: FxHashMap<Span, &str> = unread.map(|d| (d.primary(), d.code.id)).collect();
        let mut lost = Lost::default();
        if places.is_empty() {
            return lost;
        }
        let mut several: Vec<Span> = Vec::new();
        let mut labels: FxHashMap<Span, &str> = FxHashMap::default();
        for (span, entry) in trees.iter().flat_map(|tree| entries(tree)) {
            let label = entry.label.map(|label| one_cause::bare(sources.text(label.span)));
            labels.extend(label.map(|label| (span, label)));
            match (places.get(&entry.word.span), label) {
                (Some(_), Some(label)) => {
                    lost.labels.insert(label);
                }
                // A thing without its name, or several of them.
                (Some(&"E0207"), None) => several.push(span),
                // `web = 8080`, for `port web = 8080`.
                (Some(_), None) => {
                    let word = sources.text(entry.word.span);
                    lost.labels.insert(one_cause::bare(word));
                    if word.ends_with('s') {
                        several.push(span);
                    }
                }
                _ => {}
            }
        }
        let has_label = |entry: &Entry| entry.label.is_some();
        lost.nameless = innermost(&several, trees, has_label).into_iter().flatten().collect();
        lost.owners = lost.nameless.iter().filter_map(|block| labels.get(block).copied()).collect();
        lost.nameless.sort_unstable_by_key(|s| (s.file, s.start, std::cmp::Reverse(s.end)));
        lost.nameless.dedup_by(|inner, outer| outer.covers(*inner));
        lost
    }

    /// Whether a finding misses a name that stands in one of them.
    fn explains(&self, d: &Diagnostic, sources: &Sources) -> bool {
        let place = d.primary();
        match d.code.id {
            "E0204" | "E0208" if self.labels.contains(one_cause::bare(sources.text(place))) => true,
            // What is inside of something else is no name of the block's own.
            "E0204" if !sources.file(place.file).text[place.end as usize..].starts_with('.') => {
                let after = self.nameless.partition_point(|block| {
                    (block.file, block.start) <= (place.file, place.start)
                });
                self.nameless[..after].last().is_some_and(|block| block.covers(place))
            }
            "E0208" => match &d.about {
                Some(About::Inside { owner, .. }) => self.owners.contains(owner.as_str()),
                _ => false,
            },
            _ => false,
        }
    }
}

/// What was written and not understood, a field or a template: it may be what is missed.
fn is_unread(d: &Diagnostic) -> bool {
    matches!(d.code.id, "E0201" | "E0202" | "E0206" | "E0207" | "E0212" | "E0213")
}

/// "needs `x`", "does not say where it runs".
fn is_missing(d: &Diagnostic) -> bool {
    matches!(d.code.id, "E0305" | "E0310" | "E0501" | "E1401")
}

/// Advice about the cluster as a whole: it waits until the cluster can be read.
fn is_advice(d: &Diagnostic) -> bool {
    matches!(d.code.id, "L0102" | "L0110" | "E1113") || d.code.id.starts_with("L02")
}

/// The blocks that hold these places. That of a field without a name, `on { attic }`, is a part of what it is in.
fn found_blocks(
    spans: impl Iterator<Item = Span>,
    trees: &[Arc<Tree>],
    sources: &Sources,
) -> FxHashSet<Span> {
    let spans: Vec<Span> = spans.collect();
    let inner: Vec<Span> = innermost(&spans, trees, has_body).into_iter().flatten().collect();
    let of_a_field = |block: &&Span| {
        let head = sources.text(**block).split('{').next().unwrap_or("").trim();
        head.split_whitespace().count() == 1
    };
    // Just before it begins, only what is around it is open.
    let before = |block: &Span| Span { start: block.start - 1, end: block.start - 1, ..*block };
    let fields = inner.iter().filter(of_a_field).filter(|block| block.start > 0);
    let before: Vec<Span> = fields.map(before).collect();
    let outer = innermost(&before, trees, has_body).into_iter().flatten();
    outer.chain(inner.iter().copied()).collect()
}
