//! What several miss is missing once: an address of a node, a place of a share on a node. It becomes one finding, at the
//! first that misses it.

use crate::diag::{About, Diagnostic, Fix, Label, Safety};
use crate::source::Sources;
use std::collections::BTreeMap;

/// How many of the others are shown.
const SHOWN: usize = 5;

pub(super) fn gather(found: Vec<Diagnostic>, sources: &Sources) -> Vec<Diagnostic> {
    let mut out = Vec::with_capacity(found.len());
    let mut lacks: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for d in found {
        match &d.about {
            Some(About::Lacks { what, .. }) => lacks.entry(what.clone()).or_default().push(d),
            _ => out.push(d),
        }
    }
    for mut each in lacks.into_values() {
        let place = |d: &Diagnostic| {
            let span = d.primary();
            (sources.file(span.file).name.as_str(), span.start, d.code.id)
        };
        each.sort_by(|a, b| place(a).cmp(&place(b)));
        // Where one place is told of several times, what it is told of is folded later.
        match each.iter().all(|d| d.primary() == each[0].primary()) {
            true => out.append(&mut each),
            false => out.extend(one(each)),
        }
    }
    out
}

fn one(each: Vec<Diagnostic>) -> Option<Diagnostic> {
    let mut rest = each.into_iter();
    let mut first = rest.next()?;
    let mut others: Vec<Diagnostic> =
        rest.filter(|other| other.primary() != first.primary()).collect();
    others.dedup_by_key(|other| other.primary());
    for other in others.iter().take(SHOWN) {
        let span = other.primary();
        first.labels.retain(|label| label.span != span);
        first.labels.push(Label { span, text: told(other).to_owned() });
    }
    if others.len() > SHOWN {
        first.notes.push(format!("it is missed in {} places", others.len() + 1));
    }
    // The way out of one of them alone would leave the others as they are.
    if let Some(About::Lacks { cure, .. }) = &first.about {
        let title = cure.clone();
        first.fixes = vec![Fix { title, edits: Vec::new(), safety: Safety::Advice }];
    }
    Some(first)
}

/// What the place itself is told.
fn told(d: &Diagnostic) -> &str {
    match d.labels.first().map_or("", |label| label.text.as_str()) {
        "" => "missed here",
        text => text,
    }
}
