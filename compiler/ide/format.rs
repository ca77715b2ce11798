//! A text in the one style, as the lines that change: of a whole file, or of a part. Of a file with
//! a fault in its syntax, the declarations that can be read.

use super::Text;
use crate::diag::Edit;
use crate::source::Span;
use crate::syntax;

/// The edits that put the lines of a range in order.
pub fn format(text: &Text, range: Span) -> Vec<Edit> {
    let old = &*text.source().text;
    let whole = Span::new(text.file, 0, old.len() as u32);
    let pieces = if text.faults.is_empty() {
        vec![(whole, syntax::format(&text.tree, old))]
    } else {
        readable(text)
    };
    let mut edits = Vec::new();
    for (span, new) in pieces {
        let old = &old[span.start as usize..span.end as usize];
        edits.extend(changes(span, old, &new));
    }
    // A line ends where the next begins: an edit of the one is none of the other.
    edits.retain(|e| e.span.start <= range.end && (range.start < e.span.end || e.span == range));
    edits
}

/// The declarations of the top level that hold no fault, each in the style.
fn readable(text: &Text) -> Vec<(Span, String)> {
    let old = &*text.source().text;
    let mut out = Vec::new();
    for &id in text.tree.stmts_of(text.tree.top) {
        let span = text.tree.stmt(id).span;
        let lines = line_span(old, span);
        let faulty = text
            .faults
            .iter()
            .flat_map(|f| &f.labels)
            .any(|label| label.span.start <= lines.end && lines.start <= label.span.end);
        let shared = text.tree.stmts_of(text.tree.top).iter().any(|&other| {
            let other_span = text.tree.stmt(other).span;
            other != id && other_span.start < lines.end && lines.start < other_span.end
        });
        if faulty || shared {
            continue;
        }
        let piece = Text::new("", &old[lines.start as usize..lines.end as usize]);
        if piece.faults.is_empty() {
            out.push((lines, syntax::format(&piece.tree, &piece.source().text)));
        }
    }
    out
}

/// The whole lines that a place touches.
fn line_span(text: &str, span: Span) -> Span {
    let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let end =
        text[span.end as usize..].find('\n').map_or(text.len(), |at| span.end as usize + at + 1);
    Span::new(span.file, start as u32, end as u32)
}

/// The runs of lines that differ.
fn changes(at: Span, old: &str, new: &str) -> Vec<Edit> {
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let mut starts = vec![at.start];
    for line in &old_lines {
        starts.push(starts[starts.len() - 1] + line.len() as u32);
    }
    let edit = |lines: std::ops::Range<usize>, with: std::ops::Range<usize>| Edit {
        span: Span::new(at.file, starts[lines.start], starts[lines.end]),
        text: new_lines[with].concat(),
    };
    // Lines are put in order where they stand: most often there are as many after as before. Where
    // blank lines come or go, what is equal on both sides of them shows the way.
    let mut edits = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < old_lines.len() || j < new_lines.len() {
        if i < old_lines.len() && j < new_lines.len() && old_lines[i] == new_lines[j] {
            (i, j) = (i + 1, j + 1);
            continue;
        }
        let (next_i, next_j) = meet(&old_lines, &new_lines, i, j);
        if next_i - i == next_j - j {
            // Line by line, so that a part of them can be taken.
            let lines = (i..next_i).zip(j..next_j).filter(|&(i, j)| old_lines[i] != new_lines[j]);
            edits.extend(lines.map(|(i, j)| edit(i..i + 1, j..j + 1)));
        } else {
            edits.push(edit(i..next_i, j..next_j));
        }
        (i, j) = (next_i, next_j);
    }
    edits
}

/// How far the search for equal lines goes.
const FAR: usize = 64;

/// The nearest pair of lines from here on that say the same but for blanks, or the ends.
fn meet(old: &[&str], new: &[&str], i: usize, j: usize) -> (usize, usize) {
    let same = |a: &str, b: &str| !a.trim().is_empty() && a == b;
    for distance in 1..FAR {
        for step in 0..=distance {
            let (a, b) = (i + step, j + distance - step);
            if a < old.len() && b < new.len() && same(old[a], new[b]) {
                return (a, b);
            }
        }
    }
    (old.len(), new.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(text: &str, from: usize, to: usize) -> String {
        let parsed = Text::new("a.colab", text);
        let mut out = text.to_owned();
        let edits = format(&parsed, Span::new(parsed.file, from as u32, to as u32));
        for edit in edits.iter().rev() {
            out.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        }
        out
    }

    #[test]
    fn a_whole_file_comes_out_as_fmt_makes_it() {
        let text = "node  a { }\n\n\n\nnode b {\nx=1\n  yy = 2\n}\n";
        let parsed = Text::new("a.colab", text);
        let whole = syntax::format(&parsed.tree, text);
        assert_ne!(whole, text);
        assert_eq!(formatted(text, 0, text.len()), whole);
    }

    #[test]
    fn only_the_range_changes() {
        let text = "node  a { }\nuser u { }\nnode  b { }\n";
        let end = text.find('\n').unwrap_or(0);
        assert_eq!(formatted(text, 0, end), "node a { }\nuser u { }\nnode  b { }\n");
    }

    #[test]
    fn what_can_be_read_of_a_broken_file() {
        let text = "node  a { }\nnode b { = }\n";
        assert_eq!(formatted(text, 0, text.len()), "node a { }\nnode b { = }\n");
    }
}
