//! One slip on line after line, as somebody writes who comes from another language: `:` for `=`, `;` at the ends, `#` before
//! comments. It is one fault, with the edits of all.

use crate::diag::{Diagnostic, Label};

/// How many of the places are shown.
const SHOWN: usize = 5;

/// Makes one of faults that say the same, mend it the same way, and stand on lines one below the other.
pub(super) fn gather(faults: Vec<Diagnostic>, text: &str) -> Vec<Diagnostic> {
    let mut out: Vec<(Diagnostic, usize, usize)> = Vec::new();
    for fault in faults {
        let start = fault.primary().start as usize;
        let innermost = out.last_mut().filter(|(outer, ..)| closed_together(outer, &fault));
        if let Some((outer, _, count)) = innermost {
            *count += 1;
            if *count <= SHOWN {
                let label = Label { span: fault.primary(), text: "and this one".to_owned() };
                outer.labels.insert(1, label);
            }
            let inner = fault.fixes[0].edits[0].text.clone();
            outer.fixes[0].edits[0].text.insert_str(0, &inner);
            outer.fixes[0].title = "close them all".to_owned();
            continue;
        }
        let same = out.iter_mut().rev().take(4).find(|(first, ..)| is_same(first, &fault));
        match same {
            Some((first, end, count))
                if is_pasted(first) || follows(&text[(*end).min(start)..start]) =>
            {
                *end = start;
                *count += 1;
                if *count <= SHOWN {
                    let label = Label { span: fault.primary(), text: "here too".to_owned() };
                    first.labels.push(label);
                }
                first.fixes[0].edits.extend(fault.fixes.into_iter().flat_map(|fix| fix.edits));
            }
            _ => out.push((fault, start, 1)),
        }
    }
    let told = |(mut fault, _, count): (Diagnostic, usize, usize)| {
        if count > SHOWN {
            fault.notes.push(format!("the same stands in {count} places, line after line"));
        }
        fault
    };
    out.into_iter().map(told).collect()
}

/// Signs of another language, with one way out: an edit that is the same wherever it is made.
fn is_same(a: &Diagnostic, b: &Diagnostic) -> bool {
    let ([one], [other]) = (a.fixes.as_slice(), b.fixes.as_slice()) else { return false };
    let sign = |edits: &[crate::diag::Edit]| edits.first().map(|edit| edit.text.clone());
    (matches!(a.code.id, "E0110" | "E0115" | "E0116") || is_pasted(a))
        && a.code.id == b.code.id
        && a.message == b.message
        && a.notes == b.notes
        && one.title == other.title
        && other.edits.len() == 1
        && sign(&one.edits) == sign(&other.edits)
}

/// Brackets of one sort that are closed nowhere, one inside of the other, as in a file that is not written to its end.
fn closed_together(outer: &Diagnostic, inner: &Diagnostic) -> bool {
    let ([one], [other]) = (outer.fixes.as_slice(), inner.fixes.as_slice()) else { return false };
    outer.code.id == "E0103"
        && outer.message == inner.message
        && outer.message.ends_with("opened here")
        && one.edits.len() == 1
        && other.edits.len() == 1
        && one.edits[0].span == other.edits[0].span
}

/// Spaces of a page, which come with what was copied from it, wherever it stands.
fn is_pasted(fault: &Diagnostic) -> bool {
    fault.code.id == "E0101" && fault.message.starts_with("expected a plain space")
}

/// Only empty lines lie between the two lines.
fn follows(between: &str) -> bool {
    match (between.find('\n'), between.rfind('\n')) {
        (Some(first), Some(last)) => between[first..last].trim().is_empty(),
        _ => true,
    }
}
