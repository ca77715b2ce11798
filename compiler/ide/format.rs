//! A text in the one style, as the lines that change: of a whole file, or of a part. Of a file with
//! a fault in its syntax, the statements that can be read, as far in as what is around them.

use super::Text;
use crate::diag::Edit;
use crate::source::Span;
use crate::syntax;
use crate::syntax::cursor::{At, Frame};
use crate::syntax::tree::{EntryOp, Run, StmtKind};

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

/// The runs of statements that hold no fault, each in the style and as far in as what is around it: at the top,
/// and within the declarations that do hold one.
fn readable(text: &Text) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    runs(text, text.tree.top, 0, 0, &mut found);
    let old = &*text.source().text;
    let places: Vec<usize> = found.iter().map(|run| run.lines.start as usize).collect();
    let open = syntax::cursor::depths(old, &places);
    let in_style = |(run, open): (Sound, usize)| {
        // Where a `}` is missing it is a guess what stands in what: then a line stays as far in as it is.
        let own = margin_of(&old[run.lines.start as usize..]);
        in_style(text, run.lines, if open == run.level { run.margin } else { own })
    };
    found.into_iter().zip(open).filter_map(in_style).collect()
}

/// Lines that can be read.
struct Sound {
    lines: Span,
    /// How many blocks they stand in, and how far in that is.
    level: usize,
    margin: usize,
}

fn runs(text: &Text, run: Run, level: usize, margin: usize, out: &mut Vec<Sound>) {
    let old = &*text.source().text;
    let mut sound: Vec<Span> = Vec::new();
    let mut inside = Vec::new();
    let mut ends = true;
    for &id in text.tree.stmts_of(run) {
        let stmt = text.tree.stmt(id);
        let lines = line_span(old, stmt.span);
        if is_sound(text, stmt.span, lines) {
            match sound.last_mut().filter(|_| !ends) {
                Some(before) => *before = before.to(lines),
                None => sound.push(lines),
            }
            ends = false;
            continue;
        }
        ends = true;
        if let StmtKind::Entry(entry) = &stmt.kind
            && let EntryOp::Block(body) | EntryOp::From { body: Some(body), .. } = &entry.op
        {
            inside.push((body.stmts, margin_of(&old[lines.start as usize..]) + 2));
        }
    }
    out.extend(sound.into_iter().map(|lines| Sound { lines, level, margin }));
    for (run, margin) in inside {
        runs(text, run, level + 1, margin, out);
    }
}

/// How far in a line begins.
fn margin_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Whether a statement has its lines for itself, and no fault is on them.
fn is_sound(text: &Text, stmt: Span, lines: Span) -> bool {
    let old = &*text.source().text;
    let rest = old[stmt.end as usize..lines.end as usize].trim_start();
    let alone = old[lines.start as usize..stmt.start as usize].trim().is_empty()
        && (rest.is_empty() || rest.starts_with("//"));
    let labels = text.faults.iter().flat_map(|fault| &fault.labels).map(|label| label.span);
    let on_them = labels.filter(|at| at.start < lines.end && lines.start <= at.end);
    // What is missing behind a statement is its own or that of what is around it.
    let (behind, within): (Vec<Span>, Vec<Span>) =
        on_them.partition(|at| at.start == at.end && stmt.end <= at.start);
    let reads = || Text::new("", &old[lines.start as usize..lines.end as usize]).faults.is_empty();
    let touched = !within.is_empty() || (!behind.is_empty() && !reads());
    alone && !touched
}

/// Whole lines in the style, each so far in.
fn in_style(text: &Text, lines: Span, margin: usize) -> Option<(Span, String)> {
    let piece = Text::new("", &text.source().text[lines.start as usize..lines.end as usize]);
    if !piece.faults.is_empty() {
        return None;
    }
    let old = &piece.source().text;
    let new = syntax::format(&piece.tree, old);
    let same = old.lines().count() == new.lines().count();
    let mut before = old.lines().map(Some).chain(std::iter::repeat(None));
    let lines_in = new.lines().map(|line| {
        let line = if line.is_empty() { String::new() } else { format!("{:margin$}{line}", "") };
        // Signs are put in one column when all of their lines can be read.
        let before = before
            .next()
            .flatten()
            .filter(|old| same && margin_of(&line) == margin && is_aligned_otherwise(old, &line));
        format!("{}\n", before.unwrap_or(&line))
    });
    Some((lines, lines_in.collect()))
}

/// Whether two lines differ in the blanks before a sign alone.
fn is_aligned_otherwise(old: &str, new: &str) -> bool {
    let parts = |line: &str| -> Option<(usize, String, String)> {
        let (left, right) = line.split_once(" = ")?;
        Some((margin_of(line), left.trim().to_owned(), right.to_owned()))
    };
    old != new && parts(old).is_some_and(|old| Some(old) == parts(new))
}

/// A blank line that was just begun, as far in as what is open there; nothing where a text goes on.
pub fn indented(text: &Text, offset: u32) -> Option<Edit> {
    let old = &*text.source().text;
    let line = line_span(old, Span::new(text.file, offset, offset));
    let blank = old[line.start as usize..line.end as usize].trim_end_matches(['\n', '\r']);
    let cursor = syntax::cursor::cursor(old, offset as usize);
    if !blank.trim().is_empty() || matches!(cursor.at, At::Text { .. }) {
        return None;
    }
    let margin = match cursor.frames.last() {
        None => 0,
        Some((_, Frame::Block(head))) if !head.word.is_empty() => {
            let start = old[..head.word.start].rfind('\n').map_or(0, |at| at + 1);
            margin_of(&old[start..]) + 2
        }
        _ => {
            let before = old[..line.start as usize].trim_end();
            let opens = before.ends_with(['{', '[', '(']);
            margin_of(before.rsplit('\n').next().unwrap_or("")) + if opens { 2 } else { 0 }
        }
    };
    let span = Span::new(text.file, line.start, line.start + blank.len() as u32);
    (blank.len() != margin).then(|| Edit { span, text: " ".repeat(margin) })
}

/// A line of a `}` alone that was just typed, as far in as the line that it closes.
pub fn closed(text: &Text, offset: u32) -> Option<Edit> {
    let old = &*text.source().text;
    let line = line_span(old, Span::new(text.file, offset, offset));
    let blanks = old[line.start as usize..offset as usize].strip_suffix('}')?;
    let cursor = syntax::cursor::cursor(old, offset as usize - 1);
    let Some((_, Frame::Block(head))) = cursor.frames.last() else { return None };
    let start = old[..head.word.start].rfind('\n').map_or(0, |at| at + 1);
    let margin = margin_of(&old[start..]);
    let span = Span::new(text.file, line.start, line.start + blanks.len() as u32);
    let moved = !head.word.is_empty() && blanks.trim().is_empty() && blanks.len() != margin;
    moved.then(|| Edit { span, text: " ".repeat(margin) })
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

    #[test]
    fn what_can_be_read_within_a_broken_declaration() {
        let whole = |text: &str| formatted(text, 0, text.len());
        let open = "service a {\n  on=box // here\n tags  = []\n  container c {\n    image=\"b/c:1\"\n    restart=always\n";
        let mended = "service a {\n  on   = box  // here\n  tags = []\n  container c {\n    image   = \"b/c:1\"\n    restart = always\n";
        assert_eq!(whole(open), mended);
        let inside = "service a {\n  on = = box\n   tags=[]\n\n\n\n  // why\n  after   = [b]\n}\n";
        let mended = "service a {\n  on = = box\n  tags = []\n\n  // why\n  after = [b]\n}\n";
        assert_eq!(whole(inside), mended);
        let column = "service a {\n  on = = box\n  alias    = b\n  x   =c\n}\n";
        assert_eq!(whole(column), "service a {\n  on = = box\n  alias    = b\n  x     = c\n}\n");
        let shared = "service a { on   = box\n  x = = 1 }\n";
        assert_eq!(whole(shared), shared);
    }

    /// How far in the line at the `|` goes by an edit.
    fn indent_at(text: &str, edit: fn(&Text, u32) -> Option<Edit>) -> Option<usize> {
        let at = text.find('|').expect("the place is marked");
        let text = Text::new("a.colab", text.replace('|', ""));
        edit(&text, at as u32).map(|edit| edit.text.len())
    }

    #[test]
    fn what_closes_a_block_stands_below_its_beginning() {
        let after = |text| indent_at(text, closed);
        assert_eq!(after("service a {\n  container c {\n    }|\n"), Some(2));
        assert_eq!(after("service a {\n  container c {\n  }|\n"), None);
        assert_eq!(after("service a {\n  x = 1 }|\n"), None);
        assert_eq!(after("x = \"\"\"\n  }|\n"), None);
    }

    #[test]
    fn a_line_that_is_begun_goes_as_far_in_as_what_is_open() {
        let after = |text| indent_at(text, indented);
        assert_eq!(after("service a {\n|\n}\n"), Some(2));
        assert_eq!(after("service a {\n  |\n}\n"), None);
        assert_eq!(after("service a {\n      on = b\n|\n}\n"), Some(2));
        assert_eq!(after("service a {\n  on = [\n|"), Some(4));
        assert_eq!(after("service a {  // why\n  on = b\n|\n}\n"), Some(2));
        assert_eq!(after("// service a {\n|"), None);
        assert_eq!(after("node a {\n  on = [\n    b,\n|"), Some(4));
        assert_eq!(after("  |\nnode a { }"), Some(0));
        assert_eq!(after("service a {\n  x = \"\"\"\n  a\n|\n  \"\"\"\n}\n"), None);
        assert_eq!(after("node a { }\nno|\n"), None);
    }
}
