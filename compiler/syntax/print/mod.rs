//! `fmt`: a tree of a sound text in the one style, with its comments. What the style is stands in
//! `docs/decisions/0002-style.md`. Here: lines, blocks and comments.
//!
//! Every choice of layout depends on the tree, on where the text broke its lines after an opening
//! bracket, and on nothing else; so what is printed is printed the same again.

mod expr;
mod group;
mod stmt;
mod types;

use super::tree::*;
use crate::source::Span;

/// The widest line that a group may be joined on.
const WIDTH: usize = 100;
const STEP: usize = 2;

/// The text of a tree without faults, in the one style.
pub fn format(tree: &Tree, text: &str) -> String {
    let mut printer = Printer {
        tree,
        text,
        out: String::with_capacity(text.len() + text.len() / 8),
        indent: 0,
        used: vec![false; tree.comments.len()],
        flat: None,
        forced: false,
    };
    let lines: Vec<Line> = tree.stmts_of(tree.top).iter().map(|&id| Line::Stmt(id)).collect();
    printer.lines(&lines, 0, text.len() as u32);
    printer.out
}

struct Printer<'a> {
    tree: &'a Tree,
    text: &'a str,
    out: String,
    indent: usize,
    /// The comments that are printed.
    used: Vec<bool>,
    /// While measuring: where in `out` it began. All goes on one line then.
    flat: Option<usize>,
    /// While measuring: something in it cannot go on one line.
    forced: bool,
}

/// What stands on a line of its own in a block.
#[derive(Clone, Copy)]
enum Line {
    Stmt(StmtId),
    /// By its place in the tree's fields.
    Field(u32),
}

impl Printer<'_> {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Text as it was written, with plain line ends.
    fn verbatim(&mut self, span: Span) {
        let text = &self.text[span.start as usize..span.end as usize];
        if text.contains('\n') {
            self.forced = true;
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    self.out.push('\n');
                }
                self.out.push_str(line.strip_suffix('\r').unwrap_or(line));
            }
        } else {
            self.out.push_str(text);
        }
        for index in self.comments_in(span.start, span.end) {
            if self.flat.is_none() {
                self.used[index] = true;
            }
        }
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.indent));
    }

    /// How many characters stand on the last line.
    fn column(&self) -> usize {
        let line = self.out.rfind('\n').map_or(0, |at| at + 1);
        self.out[line..].chars().count()
    }

    /// What is measured is wider than any line already: more of it is of no interest.
    fn overflows(&self) -> bool {
        self.flat.is_some_and(|start| self.out.len() > start + 4 * WIDTH)
    }

    /// Whether something fits on the rest of the line, and whether it must be broken anyway.
    fn measure(&mut self, print: impl FnOnce(&mut Self)) -> (bool, bool) {
        self.measure_at(self.column(), print)
    }

    fn measure_at(&mut self, column: usize, print: impl FnOnce(&mut Self)) -> (bool, bool) {
        let start = self.out.len();
        let forced = std::mem::take(&mut self.forced);
        self.flat = Some(start);
        print(self);
        self.flat = None;
        let broken = std::mem::replace(&mut self.forced, forced);
        let line = self.out[start..].split('\n').next().unwrap_or("");
        let fits = column + line.chars().count() <= WIDTH;
        self.out.truncate(start);
        (fits, broken)
    }

    fn comments_in(&self, from: u32, to: u32) -> std::ops::Range<usize> {
        let comments = &self.tree.comments;
        let start = comments.partition_point(|comment| comment.span.start < from);
        let end = comments.partition_point(|comment| comment.span.start < to);
        start..end.max(start)
    }

    fn breaks_between(&self, from: u32, to: u32) -> usize {
        let between = self.text.get(from as usize..to as usize).unwrap_or("");
        between.bytes().filter(|&byte| byte == b'\n').count()
    }

    fn span_of(&self, line: Line) -> Span {
        match line {
            Line::Stmt(id) => self.tree.stmt(id).span,
            Line::Field(at) => self.field_span(&self.tree.fields[at as usize]),
        }
    }

    /// `{ ... }`: on one line if it was and fits; `from` and `to` are inside of the braces.
    fn block_of(&mut self, lines: &[Line], from: u32, to: u32) {
        let noted = !self.comments_in(from, to).is_empty();
        if lines.is_empty() && !noted {
            return self.put("{ }");
        }
        if self.flat.is_some() {
            self.forced |= noted || self.breaks_between(from, to) > 0;
            return self.one_line(lines);
        }
        let (fits, forced) = self.measure(|p| p.block_of(lines, from, to));
        if fits && !forced {
            return self.one_line(lines);
        }
        self.put("{");
        let first = lines.first().map_or(to, |&line| self.span_of(line).start);
        let from = self.trailing_comment(from, first);
        self.indent += STEP;
        self.lines(lines, from, to);
        self.indent -= STEP;
        self.new_line();
        self.put("}");
    }

    fn one_line(&mut self, lines: &[Line]) {
        self.put("{ ");
        for (index, &line) in lines.iter().enumerate() {
            if self.overflows() {
                return;
            }
            if index > 0 {
                self.put("   ");
            }
            self.line(line, 0);
        }
        self.put(" }");
    }

    fn line(&mut self, line: Line, pad: usize) {
        match line {
            // What is aligned was found to fit on its line without the padding: with it, it stays
            // there.
            Line::Stmt(id) if pad > 0 && self.flat.is_none() => {
                self.flat = Some(self.out.len());
                self.stmt(id, pad);
                self.flat = None;
            }
            Line::Stmt(id) => self.stmt(id, pad),
            Line::Field(at) => self.field(at as usize),
        }
    }

    /// Statements and comments, each on its line, with the blank lines that were between them. At
    /// the top of a file each line ends; inside of a block each begins with a line's end.
    fn lines(&mut self, lines: &[Line], from: u32, to: u32) {
        let mut last = from;
        let mut first = true;
        let mut pads = self.pads(lines).into_iter();
        for (index, &line) in lines.iter().enumerate() {
            let span = self.span_of(line);
            let next = lines.get(index + 1).map_or(to, |&next| self.span_of(next).start);
            let doc = match line {
                Line::Stmt(id) => self.tree.stmt(id).doc,
                Line::Field(at) => self.tree.fields[at as usize].doc,
            };
            let above = doc.map_or(span.start, |doc| doc.start);
            last = self.own_comments(last, above, &mut first);
            if doc.is_none() {
                self.disown(last, above);
            }
            self.begin_line(last, above, &mut first);
            let hoist = self.out.len();
            if let Some(doc) = doc {
                self.doc(doc);
            }
            self.line(line, pads.next().unwrap_or(0));
            self.hoist(span, hoist);
            last = self.trailing_comment(span.end, next);
        }
        self.own_comments(last, to, &mut first);
        if self.indent == 0 && !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn begin_line(&mut self, last: u32, start: u32, first: &mut bool) {
        if !*first && self.breaks_between(last, start) > 1 {
            self.out.push('\n');
        }
        if !self.out.is_empty() {
            self.new_line();
        }
        *first = false;
    }

    /// Comments on lines of their own; gives where the last one ended.
    fn own_comments(&mut self, from: u32, to: u32, first: &mut bool) -> u32 {
        let mut last = from;
        for index in self.comments_in(from, to) {
            if self.used[index] {
                continue;
            }
            let span = self.tree.comments[index].span;
            self.begin_line(last, span.start, first);
            self.comment(index);
            last = span.end;
        }
        last
    }

    /// A `///` that was printed last, and documents nothing, must not do so where it stands now.
    fn disown(&mut self, end: u32, next: u32) {
        let last = self.comments_in(0, end).next_back().map(|index| self.tree.comments[index]);
        let adopted = last.is_some_and(|last| {
            last.doc && last.span.end == end && self.breaks_between(end, next) <= 1
        });
        if let Some(last) = last.filter(|_| adopted) {
            let length = (last.span.end - last.span.start) as usize;
            let at = self.out.len() - length;
            let line = self.out[..at].rfind('\n').map_or(0, |at| at + 1);
            if self.out[line..at].trim().is_empty() {
                self.out.remove(at);
            }
        }
    }

    fn comment(&mut self, index: usize) {
        self.used[index] = true;
        let span = self.tree.comments[index].span;
        let text = &self.text[span.start as usize..span.end as usize];
        self.out.push_str(text);
    }

    /// The `///` lines of a declaration, and the line's end after them.
    fn doc(&mut self, doc: Span) {
        for index in self.comments_in(doc.start, doc.end) {
            self.comment(index);
            self.new_line();
        }
    }

    /// A comment on the line where something ended; gives where that line's content ends.
    fn trailing_comment(&mut self, end: u32, to: u32) -> u32 {
        let Some(index) = self.comments_in(end, to).next() else { return end };
        let span = self.tree.comments[index].span;
        if self.used[index] || self.breaks_between(end, span.start) > 0 {
            return end;
        }
        self.put("  ");
        self.comment(index);
        span.end
    }

    /// Comments in the middle of a statement have no place of their own: they go above it. A `///`
    /// becomes a `//` there, for it documented nothing.
    fn hoist(&mut self, span: Span, at: usize) {
        let mut lines = String::new();
        for index in self.comments_in(span.start, span.end) {
            if std::mem::replace(&mut self.used[index], true) {
                continue;
            }
            let comment = self.tree.comments[index];
            let text = &self.text[comment.span.start as usize..comment.span.end as usize];
            lines.push_str(if comment.doc { &text[1..] } else { text });
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', self.indent));
        }
        self.out.insert_str(at, &lines);
    }

    /// How far the words of a run of plain entries on neighbouring lines are padded, so that their
    /// `=` stand below each other.
    fn pads(&mut self, lines: &[Line]) -> Vec<usize> {
        let mut pads = vec![0; lines.len()];
        let mut start = 0;
        let mut end = 0;
        let mut longest = 0;
        let mut last: Option<Span> = None;
        for (at, &line) in lines.iter().enumerate() {
            let word = self.aligned_word(line);
            let span = self.span_of(line);
            let noted = !self.comments_in(span.start, span.end).is_empty();
            let joined =
                !noted && last.is_some_and(|last| self.breaks_between(last.end, span.start) <= 1);
            if word.is_none() || !joined {
                pads[start..end].fill(longest);
                (start, longest) = (at, 0);
            }
            if let Some(word) = word {
                longest = longest.max(word);
                end = at + 1;
            } else {
                (start, end) = (at + 1, at + 1);
            }
            last = Some(span);
        }
        pads[start..end].fill(longest);
        pads
    }

    /// The length of the word of a plain entry that fits on one line.
    fn aligned_word(&mut self, line: Line) -> Option<usize> {
        let Line::Stmt(id) = line else { return None };
        let StmtKind::Entry(entry) = &self.tree.stmt(id).kind else { return None };
        let plain = entry.strength == Strength::Plain && entry.label.is_none();
        if !plain || !matches!(entry.op, EntryOp::Assign { .. }) {
            return None;
        }
        let word = entry.word.span;
        let (fits, forced) = self.measure_at(self.indent, |p| p.stmt(id, 0));
        (fits && !forced).then(|| self.text[word.start as usize..word.end as usize].chars().count())
    }
}
