//! A block that lost the line that opens it: what stands in it fits nowhere, and its `}` closes nothing. That is one finding,
//! where the line was.

use super::values::is_name;
use crate::diag::{About, Diagnostic, codes};
use crate::source::{Sources, Span};
use rustc_hash::FxHashSet;

/// How many of the places are shown.
const SHOWN: usize = 5;

/// The lines of such a block, from the first word to the `}`.
struct Orphan {
    lines: Span,
    brace: Span,
    /// What is told of it, by numbers: that of the `}` first.
    told: Vec<usize>,
}

pub(super) fn gather(found: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    let strays = found.iter().enumerate().filter(|(_, d)| d.about == Some(About::Stray));
    let orphans = strays.filter_map(|(at, d)| orphan(at, d.primary(), sources));
    let mut orphans: Vec<Orphan> = orphans.collect();
    if orphans.is_empty() {
        return found;
    }
    orphans.sort_by_key(|orphan| (orphan.lines.file, orphan.lines.start));
    for (at, d) in found.iter().enumerate().filter(|(_, d)| !d.code.id.starts_with("E01")) {
        let place = d.primary();
        let before = |o: &Orphan| (o.lines.file, o.lines.start) <= (place.file, place.start);
        let until = orphans.partition_point(before);
        if let Some(orphan) = orphans[..until].last_mut().filter(|o| o.lines.covers(place)) {
            orphan.told.push(at);
        }
    }
    orphans.retain(|orphan| orphan.told.iter().any(|&at| fits_nowhere(&found[at])));
    let inside: FxHashSet<usize> = orphans.iter().flat_map(|o| o.told.iter().copied()).collect();
    let missed = match orphans.as_slice() {
        [_] => missed(&found, &inside),
        _ => Vec::new(),
    };
    let whole: Vec<Diagnostic> =
        orphans.iter().map(|orphan| at_first(orphan, &missed, &found, sources)).collect();
    let mut at = 0;
    let mut found = found;
    found.retain(|_| {
        at += 1;
        !inside.contains(&(at - 1)) && !missed.contains(&(at - 1))
    });
    found.extend(whole);
    found
}

/// The lines above a `}` that stand further in than it does, if no line opens them.
fn orphan(at: usize, brace: Span, sources: &Sources) -> Option<Orphan> {
    let text = &sources.file(brace.file).text;
    let before = &text[..brace.start as usize];
    let mut lines = before.rsplit('\n');
    let margin = lines.next().filter(|margin| margin.trim().is_empty())?;
    let (mut end, mut first) = (before.len() - margin.len(), None);
    for line in lines {
        let start = end - 1 - line.len();
        let words = line.trim();
        if !words.is_empty() {
            let indent = line.len() - line.trim_start().len();
            if indent <= margin.len() {
                if indent == margin.len() && words.ends_with('{') {
                    return None;
                }
                break;
            }
            first = Some(start + indent);
        }
        end = start;
    }
    let lines = Span { start: u32::try_from(first?).ok()?, ..brace };
    (sources.text(brace) == "}").then_some(Orphan { lines, brace, told: vec![at] })
}

/// A word that is not known where it stands.
fn fits_nowhere(d: &Diagnostic) -> bool {
    matches!(d.code.id, "E0201" | "E0202" | "E0207" | "E0212")
}

/// Who looks for the one name that nothing has: the line had it.
fn missed(found: &[Diagnostic], inside: &FxHashSet<usize>) -> Vec<usize> {
    let outside = found.iter().enumerate().filter(|(at, _)| !inside.contains(at));
    let missed =
        outside.filter(|(_, d)| matches!(d.code.id, "E0204" | "E0208") && name(d).is_some());
    let missed: Vec<usize> = missed.map(|(at, _)| at).collect();
    match missed.iter().all(|&at| name(&found[at]) == name(&found[missed[0]])) {
        true => missed,
        false => Vec::new(),
    }
}

fn name(d: &Diagnostic) -> Option<&str> {
    d.about.as_ref().and_then(About::name).filter(|name| !name.is_empty())
}

fn at_first(
    orphan: &Orphan,
    missed: &[usize],
    found: &[Diagnostic],
    sources: &Sources,
) -> Diagnostic {
    let strange = orphan.told.iter().map(|&at| &found[at]).filter(|d| fits_nowhere(d));
    let first = strange.map(Diagnostic::primary).min_by_key(|span| span.start);
    let message = "expected a line that opens the block before this, found none";
    let mut diagnostic = Diagnostic::new(&codes::E0103, first.unwrap_or(orphan.lines), message)
        .here("nothing around this has it")
        .label(orphan.brace, "nothing is open that this closes");
    for &at in missed.iter().take(SHOWN) {
        diagnostic = diagnostic.label(found[at].primary(), "looked for here");
    }
    let kind = missed.iter().find_map(|&at| match &found[at].about {
        Some(About::Missing { kind, .. }) if !kind.is_empty() => Some(kind.as_str()),
        _ => None,
    });
    let name = missed.first().and_then(|&at| name(&found[at]));
    let name = name.map(|name| if is_name(name) { name.to_owned() } else { format!("\"{name}\"") });
    let diagnostic = match (kind, name) {
        (Some(kind), Some(name)) => {
            let text = &sources.file(orphan.lines.file).text;
            let line = |at: u32| text[..at as usize].rfind('\n').map_or(0, |end| end + 1);
            let start = line(orphan.lines.start) as u32;
            let margin = &text[line(orphan.brace.start)..orphan.brace.start as usize];
            let above = Span { start, end: start, ..orphan.lines };
            let head = format!("{margin}{kind} {name} {{\n");
            diagnostic.suggest(format!("write `{kind} {name} {{` above"), above, head)
        }
        (_, Some(name)) => diagnostic.help(format!("write what opens it above, `KIND {name} {{`")),
        _ => diagnostic.help("write what opens it above, `KIND NAME {` or `FIELD {`"),
    };
    diagnostic.help("or remove the `}` at its end")
}
