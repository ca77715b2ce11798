//! A thing that lost its name. At the top of a file it is nothing; inside of another it stands for all of its kind there, and
//! clashes with them. What clashes so, and what looks for the name in vain, is one finding at its head.

use super::holders::{entries, innermost};
use super::one_cause::bare;
use super::values::is_name;
use crate::diag::{About, Diagnostic, codes};
use crate::source::{Place, Sources, Span};
use crate::syntax::tree::{Entry, EntryOp, Run, StmtKind, Tree};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// How many of the places are shown.
const SHOWN: usize = 5;

/// Things whose parts have names; elsewhere a block without one is a layer as it should be.
const WHOLE: &[&str] = &["node", "service", "secrets"];

/// So many different fields that are set again are no layer's.
const MANY: usize = 3;

/// A block without a name, of a kind that has one.
struct Nameless<'a> {
    span: Span,
    word: Span,
    kind: &'a str,
    /// What it is in, and the statement of that at the top of the file; nothing where it stands there itself.
    inside: Option<(&'a str, Span)>,
    /// No other of its kind is beside it.
    alone: bool,
    /// The names of what it holds.
    holds: FxHashSet<&'a str>,
}

/// What is told of one such block, by numbers.
#[derive(Default)]
struct Told {
    clashes: Vec<usize>,
    /// Who looks for a name in vain which it may have, by this name.
    missed: FxHashMap<String, Vec<usize>>,
}

pub(super) fn gather(
    found: Vec<Diagnostic>,
    trees: &[Arc<Tree>],
    sources: &Sources,
) -> Vec<Diagnostic> {
    if !found.iter().any(|d| is_headless(d) || is_clash(d) || is_missed(d)) {
        return found;
    }
    let nameless = Walk::of(&found, trees, sources);
    if nameless.is_empty() {
        return found;
    }
    let told = told(&found, &nameless, trees);
    let heads = found.iter().enumerate().filter(|(_, d)| is_headless(d));
    let heads: FxHashMap<Span, usize> = heads.map(|(at, d)| (d.primary(), at)).collect();
    let mut falls = vec![false; found.len()];
    let mut whole = Vec::new();
    for (block, told) in nameless.iter().zip(&told) {
        let name = one_name(block, told, &found);
        if !has_lost_it(block, told, name, &found) {
            continue;
        }
        whole.push(at_head(block, told, name, &found));
        for &at in &told.clashes {
            falls[at] = true;
        }
        if let Some(&head) = heads.get(&block.word) {
            falls[head] = true;
        }
        let explained = |missed: &&String| {
            name == Some(missed.as_str()) || block.holds.contains(missed.as_str())
        };
        for &at in told.missed.keys().filter(explained).flat_map(|name| &told.missed[name]) {
            falls[at] = true;
        }
    }
    let mut falls = falls.into_iter();
    let mut found = found;
    found.retain(|_| !falls.next().unwrap_or_default());
    found.extend(whole);
    found
}

/// A declaration at the top of a file without its name.
fn is_headless(d: &Diagnostic) -> bool {
    d.code.id == "E0207"
}

/// What a layer and what it is a layer of cannot both say.
fn is_clash(d: &Diagnostic) -> bool {
    matches!(d.code.id, "E0310" | "E0401" | "E0402" | "E1501")
}

fn is_missed(d: &Diagnostic) -> bool {
    matches!(d.code.id, "E0204" | "E0208")
}

/// Nothing of what is said of the words themselves.
fn is_of_values(d: &Diagnostic) -> bool {
    is_clash(d) || !["E01", "E02", "E03"].iter().any(|group| d.code.id.starts_with(group))
}

/// The one name that is looked for in vain. What is in the block is looked for because the block has none.
fn one_name<'t>(block: &Nameless, told: &'t Told, found: &[Diagnostic]) -> Option<&'t str> {
    let outside = |at: &usize| !block.span.covers(found[*at].primary());
    let (held, other): (Vec<&str>, Vec<&str>) =
        told.missed.keys().map(String::as_str).partition(|name| block.holds.contains(name));
    match (other.as_slice(), held.as_slice()) {
        ([name], _) => Some(name),
        ([], [name]) if told.missed[*name].iter().any(outside) => Some(name),
        _ => None,
    }
}

fn has_lost_it(block: &Nameless, told: &Told, name: Option<&str>, found: &[Diagnostic]) -> bool {
    if block.inside.is_none() {
        return name.is_some();
    }
    let clashes = || told.clashes.iter().map(|&at| &found[at]).filter(|d| is_clash(d));
    let fields: FxHashSet<&str> = clashes().map(|d| d.message.as_str()).collect();
    let of_its_own = || told.missed.keys().any(|name| block.holds.contains(name.as_str()));
    (name.is_some() || of_its_own()) && (block.alone || !fields.is_empty())
        || clashes().any(|d| d.code.id != "E0402")
        || fields.len() >= MANY
}

fn at_head(block: &Nameless, told: &Told, name: Option<&str>, found: &[Diagnostic]) -> Diagnostic {
    let kind = block.kind;
    let message = match block.inside {
        Some((owner, _)) => format!("`{kind}` without a name stands for every {kind} of `{owner}`"),
        None => format!("this `{kind}` has no name"),
    };
    let mut head = Diagnostic::new(&codes::E0207, block.word, message);
    let missed = name.and_then(|name| told.missed.get(name));
    let missed = missed.into_iter().flatten().map(|&at| (found[at].primary(), "looked for here"));
    let against = told.clashes.iter().filter(|&&at| is_clash(&found[at]));
    let against = against.map(|&at| (found[at].primary(), "this goes against it"));
    let against = against.filter(|(span, _)| !block.span.covers(*span));
    let mut places: Vec<(Span, &str)> = missed.chain(against).collect();
    places.sort_by_key(|(span, _)| (span.file, span.start));
    places.dedup_by_key(|(span, _)| *span);
    for (span, text) in places.into_iter().take(SHOWN) {
        head = head.label(span, text);
    }
    match name {
        Some(name) => {
            let text = if is_name(name) { format!(" {name}") } else { format!(" \"{name}\"") };
            let after = Span { start: block.word.end, ..block.word };
            head.suggest(format!("call it `{name}`"), after, text)
        }
        None => head.help(format!("give it a name: `{kind} NAME {{ ... }}`")),
    }
}

/// What is told of each of these blocks.
fn told(found: &[Diagnostic], nameless: &[Nameless], trees: &[Arc<Tree>]) -> Vec<Told> {
    let mut out: Vec<Told> = nameless.iter().map(|_| Told::default()).collect();
    let heads: FxHashMap<Span, usize> =
        nameless.iter().enumerate().map(|(at, block)| (block.span, at)).collect();
    let words: FxHashSet<Span> = nameless.iter().map(|block| block.word).collect();
    let of_values = found.iter().enumerate().filter(|(_, d)| is_of_values(d));
    let labels = of_values.flat_map(|(at, d)| d.labels.iter().map(move |label| (at, label.span)));
    let (numbers, spans): (Vec<usize>, Vec<Span>) = labels.unzip();
    let around = innermost(&spans, trees, |entry| words.contains(&entry.word.span));
    for (at, around) in numbers.into_iter().zip(around) {
        let Some(&block) = around.and_then(|around| heads.get(&around)) else { continue };
        if nameless[block].inside.is_some() && out[block].clashes.last() != Some(&at) {
            out[block].clashes.push(at);
        }
    }
    let only = Only::of(nameless);
    for (at, d) in found.iter().enumerate().filter(|(_, d)| is_missed(d)) {
        let Some(block) = only.may_be_meant(d) else { continue };
        let name = d.about.as_ref().and_then(About::name).unwrap_or_default();
        if !name.is_empty() {
            out[block].missed.entry(name.to_owned()).or_default().push(at);
        }
    }
    out
}

/// Blocks without a name, where there is only one of a sort: of several nobody knows which one is meant.
#[derive(Default)]
struct Only<'a> {
    /// By its kind, at the top of files or inside of something.
    by_kind: FxHashMap<&'a str, Option<usize>>,
    /// By the name of what it is in.
    by_owner: FxHashMap<&'a str, Option<usize>>,
    /// By the declaration at the top of a file that it is in, in order.
    by_top: Vec<(Span, Option<usize>)>,
    at_top: Option<Option<usize>>,
}

impl<'a> Only<'a> {
    fn of(nameless: &[Nameless<'a>]) -> Only<'a> {
        let mut only = Only::default();
        for (at, block) in nameless.iter().enumerate() {
            let put = |seat: &mut Option<usize>| *seat = None;
            only.by_kind.entry(block.kind).and_modify(put).or_insert(Some(at));
            let Some((owner, top)) = block.inside else {
                only.at_top = Some(if only.at_top.is_some() { None } else { Some(at) });
                continue;
            };
            only.by_owner.entry(owner).and_modify(put).or_insert(Some(at));
            only.by_top.push((top, Some(at)));
        }
        only.by_top.sort_unstable_by_key(|(top, _)| (top.file, top.start));
        only.by_top.dedup_by(|later, first| {
            let same = later.0 == first.0;
            first.1 = first.1.filter(|_| !same);
            same
        });
        only
    }

    /// The one whose name a finding may look for.
    fn may_be_meant(&self, d: &Diagnostic) -> Option<usize> {
        let place = d.primary();
        match &d.about {
            Some(About::Inside { owner, .. }) => *self.by_owner.get(owner.as_str())?,
            Some(About::Missing { kind, .. }) if self.by_kind.contains_key(kind.as_str()) => {
                self.by_kind[kind.as_str()]
            }
            _ => {
                let until =
                    |(top, _): &(Span, _)| (top.file, top.start) <= (place.file, place.start);
                let before = &self.by_top[..self.by_top.partition_point(until)];
                match before.last() {
                    Some((top, only)) if top.covers(place) => *only,
                    _ => self.at_top.flatten(),
                }
            }
        }
    }
}

/// Looks for blocks without a name.
struct Walk<'a, 't> {
    tree: &'t Tree,
    sources: &'a Sources,
    /// Words that stand before a name somewhere.
    kinds: &'t FxHashSet<&'a str>,
    out: Vec<Nameless<'a>>,
}

impl<'a, 't> Walk<'a, 't> {
    fn of(found: &[Diagnostic], trees: &'t [Arc<Tree>], sources: &'a Sources) -> Vec<Nameless<'a>> {
        let headless: FxHashSet<Span> =
            found.iter().filter(|d| is_headless(d)).map(Diagnostic::primary).collect();
        let named = trees.iter().flat_map(|tree| entries(tree));
        let named = named.filter(|(_, entry)| entry.label.is_some());
        let kinds: FxHashSet<&str> =
            named.map(|(_, entry)| sources.text(entry.word.span)).collect();
        let mut out = Vec::new();
        for tree in trees.iter().filter(|tree| sources.file(tree.file).place == Place::Project) {
            let mut walk = Walk { tree, sources, kinds: &kinds, out };
            for &id in tree.stmts_of(tree.top) {
                let StmtKind::Entry(entry) = &tree.stmt(id).kind else { continue };
                let word = sources.text(entry.word.span);
                match (entry.label, body(entry)) {
                    (None, Some(stmts)) if headless.contains(&entry.word.span) => {
                        walk.keep(tree.stmt(id).span, entry, stmts, None, true);
                    }
                    (Some(label), Some(stmts)) if WHOLE.contains(&word) => {
                        let owner = bare(sources.text(label.span));
                        walk.inside(stmts, (owner, tree.stmt(id).span));
                    }
                    _ => {}
                }
            }
            out = walk.out;
        }
        out
    }

    fn inside(&mut self, stmts: Run, inside: (&'a str, Span)) {
        let tree = self.tree;
        let all = || {
            tree.stmts_of(stmts).iter().filter_map(|&id| match &tree.stmt(id).kind {
                StmtKind::Entry(entry) => Some((tree.stmt(id).span, entry)),
                _ => None,
            })
        };
        let word = |entry: &Entry| self.sources.text(entry.word.span);
        let named = all().filter(|(_, entry)| entry.label.is_some());
        let named: FxHashSet<&str> = named.map(|(_, entry)| word(entry)).collect();
        for (span, entry) in all() {
            let Some(stmts) = body(entry) else { continue };
            let text = self.sources.text(entry.word.span);
            let is_block = matches!(entry.op, EntryOp::Block(_));
            match entry.label {
                Some(label) => {
                    self.inside(stmts, (bare(self.sources.text(label.span)), inside.1));
                }
                None if is_block && self.kinds.contains(text) => {
                    self.keep(span, entry, stmts, Some(inside), !named.contains(text));
                }
                None => self.inside(stmts, inside),
            }
        }
    }

    fn keep(
        &mut self,
        span: Span,
        entry: &Entry,
        stmts: Run,
        inside: Option<(&'a str, Span)>,
        alone: bool,
    ) {
        let held =
            self.tree.stmts_of(stmts).iter().filter_map(|&id| match &self.tree.stmt(id).kind {
                StmtKind::Entry(entry) => entry.label,
                _ => None,
            });
        let holds = held.map(|label| bare(self.sources.text(label.span))).collect();
        let kind = self.sources.text(entry.word.span);
        self.out.push(Nameless { span, word: entry.word.span, kind, inside, alone, holds });
    }
}

fn body(entry: &Entry) -> Option<Run> {
    match &entry.op {
        EntryOp::Block(block) => Some(block.stmts),
        EntryOp::Assign { body, .. } | EntryOp::From { body, .. } => body.map(|block| block.stmts),
        _ => None,
    }
}
