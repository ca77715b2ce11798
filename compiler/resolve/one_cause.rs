//! A name that is unknown in several places has one cause: a declaration that is misspelt itself, or one
//! that is missing. It becomes one finding, at the declaration where that is known.

use crate::diag::{About, Diagnostic, Edit, Fix, Label, Safety, codes};
use crate::resolve::values::is_name;
use crate::source::{Place, Sources, Span};
use crate::syntax::tree::{ExprKind, Ident, StmtKind, Tree};
use crate::types::distance::{Neighbours, nearest};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many of the places are shown.
const SHOWN: usize = 5;

/// Makes one finding of those that look for the same name.
pub(super) fn gather(
    found: Vec<Diagnostic>,
    trees: &[Arc<Tree>],
    sources: &Sources,
) -> Vec<Diagnostic> {
    let found = one_way_out(side_by_side(found, sources), sources);
    // A secret has a name of its own, which no declaration can be meant with.
    let mut groups: BTreeMap<(bool, String), Vec<usize>> = BTreeMap::new();
    for (at, d) in found.iter().enumerate() {
        if let Some(name) = d.about.as_ref().and_then(About::name).filter(|name| !name.is_empty()) {
            groups.entry((is_secret(d), name.to_owned())).or_default().push(at);
        }
    }
    let alone = |places: &[usize]| places.len() == 1 && !is_thing(&found[places[0]]);
    groups.retain(|_, places| !alone(places));
    if groups.is_empty() {
        return found;
    }
    let written = Written::of(trees, sources);
    let mut found: Vec<Option<Diagnostic>> = found.into_iter().map(Some).collect();
    let mut whole = Vec::new();
    for ((secret, name), places) in groups {
        let first = |at: &usize| {
            let span = found[*at].as_ref().map(Diagnostic::primary);
            span.map(|span| (sources.file(span.file).name.as_str(), span.start))
        };
        let mut places = places;
        places.sort_by_key(first);
        let mut each: Vec<Diagnostic> = places.iter().filter_map(|&at| found[at].take()).collect();
        let several = each.len() > 1;
        let misspelt = if secret || !several { None } else { written.misspelt(&name, &each) };
        match misspelt {
            Some(declared) => whole.push(at_declaration(&name, declared, &each, sources)),
            None if several && !of_one_cause(&mut each) => whole.append(&mut each),
            None => {
                let places: Vec<Span> = each.iter().map(Diagnostic::primary).collect();
                let first = at_first(each);
                let other = written.renamed(&first);
                whole.push(match other {
                    Some(other) => by_another_name(first, other, &places),
                    None => first,
                });
            }
        }
    }
    found.into_iter().flatten().chain(whole).collect()
}

/// `[git, vim]`, `["desk", "attic"]`: texts without their quotes, or names with some, one after the other in a list,
/// are one slip.
fn side_by_side(mut found: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    let text = |d: &Diagnostic| match d.fixes.as_slice() {
        [fix] if fix.edits.len() == 1 => match d.code.id {
            "E0204" => fix.edits[0].text.starts_with('"'),
            "E0301" => {
                let quoted = sources.text(d.primary()).starts_with('"');
                quoted && fix.edits[0].span == d.primary() && !fix.edits[0].text.starts_with('"')
            }
            _ => false,
        },
        _ => false,
    };
    if found.iter().filter(|d| text(d)).count() < 2 {
        return found;
    }
    found.sort_by_key(|d| (d.primary().file, d.primary().start));
    let mut out: Vec<Diagnostic> = Vec::new();
    let mut end = 0;
    for d in found {
        let place = d.primary();
        let first = out.last_mut().filter(|first| {
            text(&d)
                && text_of_many(first)
                && first.code.id == d.code.id
                && first.fixes[0].title == d.fixes[0].title
        });
        let between = |first: &Diagnostic| {
            let whole = &sources.file(place.file).text;
            first.primary().file == place.file && whole[end..place.start as usize].trim() == ","
        };
        match first {
            Some(first) if between(first) => {
                if first.labels.len() < SHOWN {
                    let text = if d.code.id == "E0301" { "this one too" } else { "nor this" };
                    first.labels.push(Label { span: place, text: text.to_owned() });
                }
                first.fixes[0].edits.extend(d.fixes.into_iter().flat_map(|fix| fix.edits));
            }
            _ => out.push(d),
        }
        end = place.end as usize;
    }
    out
}

/// How many bytes may lie between two fields of one slip.
const NEAR: usize = 200;

/// Fields that no such thing has, near each other and with one way out in words: a block that was closed too soon, a form
/// of another tool with several fields.
fn one_way_out(found: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    let in_words = |d: &Diagnostic| {
        let words = !d.fixes.is_empty() && d.fixes.iter().all(|fix| fix.edits.is_empty());
        d.code.id == "E0202" && words && d.notes.is_empty()
    };
    if found.iter().filter(|d| in_words(d)).count() < 2 {
        return found;
    }
    let mut found = found;
    found.sort_by_key(|d| (d.primary().file, d.primary().start));
    let mut out: Vec<Diagnostic> = Vec::new();
    let mut last_in_words = None;
    for d in found {
        let place = d.primary();
        let is_one = in_words(&d);
        let before = last_in_words.filter(|_| is_one).map(|at: usize| &mut out[at]);
        let same = before.filter(|first| {
            let last = first.labels.last().map_or(place, |label| label.span);
            let between = last.file == place.file
                && (place.start as usize).saturating_sub(last.end as usize) < NEAR;
            let text = &sources.file(place.file).text;
            let lines = || text[last.end as usize..place.start as usize].matches('\n').count() < 4;
            first.about == d.about && first.fixes == d.fixes && between && lines()
        });
        match same {
            Some(first) if first.labels.len() < SHOWN => {
                first.labels.push(Label { span: place, text: "nor this".to_owned() });
            }
            _ => {
                last_in_words = if is_one { Some(out.len()) } else { last_in_words };
                out.push(d);
            }
        }
    }
    out
}

/// One that may have taken others in.
fn text_of_many(d: &Diagnostic) -> bool {
    matches!(d.fixes.as_slice(), [fix] if !fix.edits.is_empty())
        && matches!(d.code.id, "E0204" | "E0301")
}

/// A thing of a kind that is known, for which no name is near.
fn is_thing(d: &Diagnostic) -> bool {
    d.code.id == "E0204" && is_of_all(d) && d.fixes.iter().all(|fix| fix.edits.is_empty())
}

/// Whether all of these lack one declaration: they say the same, or one of them knows the kind of what is missing and no
/// other knows a way out of its own. That one is then the first.
fn of_one_cause(each: &mut [Diagnostic]) -> bool {
    if each.iter().all(|d| is_of_all(d) && says_the_same(d, &each[0])) {
        return true;
    }
    let Some(known) = each.iter().position(is_thing) else { return false };
    let kinds: FxHashSet<&str> = each.iter().filter_map(kind_of).collect();
    let no_way =
        |d: &Diagnostic| d.code.id == "E0204" && d.fixes.iter().all(|fix| fix.edits.is_empty());
    if kinds.len() > 1 || !each.iter().all(no_way) {
        return false;
    }
    each[..=known].rotate_right(1);
    true
}

fn kind_of(d: &Diagnostic) -> Option<&str> {
    match &d.about {
        Some(About::Missing { kind, .. }) => Some(kind.as_str()),
        _ => None,
    }
}

fn is_secret(d: &Diagnostic) -> bool {
    d.code.id == "E0601"
}

/// Not of one service's own things: another service's may lack one of the same name.
fn is_of_all(d: &Diagnostic) -> bool {
    matches!(d.about, Some(About::Missing { .. }))
}

/// The same words and the same ways out.
fn says_the_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    let ways = |d: &Diagnostic| d.fixes.iter().map(|fix| fix.title.clone()).collect::<Vec<_>>();
    // A secret is looked for by its name here and by its path there.
    let same = a.message == b.message || is_secret(a) && is_secret(b);
    same && a.notes == b.notes && ways(a) == ways(b)
}

/// What the project's files declare and nothing in them names.
struct Written<'a> {
    unnamed: FxHashMap<&'a str, Vec<Declared<'a>>>,
    names: Neighbours,
}

#[derive(Clone, Copy)]
struct Declared<'a> {
    word: &'a str,
    name: &'a str,
    label: Ident,
    /// The statement at the top of a file that it stands in, or is.
    top: Span,
    is_top: bool,
}

impl<'a> Written<'a> {
    fn of(trees: &[Arc<Tree>], sources: &'a Sources) -> Written<'a> {
        let mut named: FxHashSet<&str> = FxHashSet::default();
        let mut unnamed: FxHashMap<&str, Vec<Declared>> = FxHashMap::default();
        for tree in trees.iter().filter(|t| sources.file(t.file).place == Place::Project) {
            let texts = tree.exprs.iter().filter_map(|expr| match &expr.kind {
                ExprKind::Name(_) | ExprKind::Str { .. } => Some(expr.span),
                ExprKind::Field { name, .. } => Some(name.span),
                _ => None,
            });
            named.extend(texts.map(|span| bare(sources.text(span))));
            let tops: Vec<Span> =
                tree.stmts_of(tree.top).iter().map(|&id| tree.stmt(id).span).collect();
            for stmt in &tree.stmts {
                let StmtKind::Entry(entry) = &stmt.kind else { continue };
                let word = sources.text(entry.word.span);
                named.insert(bare(word));
                let at = tops.partition_point(|top| top.end < stmt.span.end);
                let (Some(label), Some(&top)) = (entry.label, tops.get(at)) else { continue };
                let name = bare(sources.text(label.span));
                let is_top = top == stmt.span;
                unnamed.entry(name).or_default().push(Declared { word, name, label, top, is_top });
            }
        }
        unnamed.retain(|name, _| !named.contains(name));
        let names = Neighbours::new(unnamed.keys().map(|name| (*name).to_owned()));
        Written { unnamed, names }
    }

    /// The one declaration of the kind that is missed which nothing names: perhaps it was called so before.
    fn renamed(&self, missed: &Diagnostic) -> Option<Declared<'a>> {
        let kind = kind_of(missed).filter(|_| is_thing(missed))?;
        let mut all = self.unnamed.values().flatten().filter(|d| d.is_top && d.word == kind);
        let only = all.next().filter(|_| all.next().is_none())?;
        // Nothing is meant to name itself.
        (!only.top.covers(missed.primary())).then_some(*only)
    }

    /// The one declaration that nothing names, and whose name is nearly the one that all of these look for.
    fn misspelt(&self, name: &str, uses: &[Diagnostic]) -> Option<Declared<'a>> {
        let kind = uses.iter().find_map(|d| match &d.about {
            Some(About::Missing { kind, .. }) if d.code.id == "E0204" => Some(kind.as_str()),
            _ => None,
        });
        let fits = |d: &&Declared<'a>| {
            let inside = |of: &Diagnostic| d.top.covers(of.primary()) || of.code.id == "E0208";
            kind.is_none_or(|kind| kind == d.word) && (d.is_top || uses.iter().all(inside))
        };
        let beside = self.names.beside(name).filter_map(|near| self.unnamed.get(near));
        let fitting: Vec<Declared<'a>> = beside.flatten().filter(fits).copied().collect();
        match nearest(name, fitting.iter().map(|d| d.name)).as_slice() {
            [only] => fitting.into_iter().find(|d| d.name == *only),
            _ => None,
        }
    }
}

fn at_declaration(
    name: &str,
    declared: Declared,
    uses: &[Diagnostic],
    sources: &Sources,
) -> Diagnostic {
    let Declared { word, name: other, label, .. } = declared;
    let message = format!("expected a {word} `{name}`, found `{other}`, which nothing names");
    let mut diagnostic = Diagnostic::new(&codes::E0204, label.span, message);
    for place in uses.iter().take(SHOWN) {
        diagnostic = diagnostic.label(place.primary(), format!("`{name}` is named here"));
    }
    if uses.len() > SHOWN {
        diagnostic = diagnostic.note(format!("`{name}` is named in {} places", uses.len()));
    }
    let quoted = sources.text(label.span).starts_with('"');
    let text = if quoted { format!("\"{name}\"") } else { name.to_owned() };
    diagnostic.suggest(format!("call it `{name}`"), label.span, text)
}

fn by_another_name(first: Diagnostic, other: Declared, places: &[Span]) -> Diagnostic {
    let Declared { word, name, label, .. } = other;
    let mut diagnostic = first.label(label.span, format!("nothing names this {word}"));
    let text = if is_name(name) { name.to_owned() } else { format!("\"{name}\"") };
    let edits = places.iter().map(|&span| Edit { span, text: text.clone() }).collect();
    let title = format!("did you mean `{name}`, which nothing names?");
    diagnostic.fixes.insert(0, Fix { title, edits, safety: Safety::Review });
    diagnostic
}

fn at_first(uses: Vec<Diagnostic>) -> Diagnostic {
    let count = uses.len();
    let mut uses = uses.into_iter();
    let mut first = uses.next().expect("a group has two at least");
    for (nth, other) in uses.enumerate() {
        if nth + 1 < SHOWN {
            first.labels.push(Label { span: other.primary(), text: "named here too".to_owned() });
        }
        let fixes = first.fixes.iter_mut().zip(other.fixes);
        for (fix, more) in fixes.filter(|(fix, more)| fix.title == more.title) {
            fix.edits.extend(more.edits);
        }
    }
    if count > SHOWN {
        first.notes.push(format!("it is named in {count} places"));
    }
    first
}

/// The name in a text that may be quoted.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches('"')
}
