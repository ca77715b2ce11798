//! What stands between commas, in any bracket: on one line if it fits, or one a line.

use super::{Printer, STEP};
use crate::source::Span;

/// The brackets of a group, and the blanks inside of them on one line.
#[derive(Clone, Copy)]
pub(super) struct Brackets {
    pub open: &'static str,
    pub close: &'static str,
    pub blank: &'static str,
}

pub(super) const SQUARE: Brackets = Brackets { open: "[", close: "]", blank: "" };
pub(super) const ROUND: Brackets = Brackets { open: "(", close: ")", blank: "" };
pub(super) const BRACE: Brackets = Brackets { open: "{", close: "}", blank: " " };

impl Printer<'_> {
    /// `inside` is from behind the opening bracket to the closing one; where it is not known, the
    /// comments in it go above the statement. A group that was opened at the end of its line
    /// stays so.
    pub(super) fn group(
        &mut self,
        brackets: Brackets,
        inside: Option<Span>,
        items: &[Span],
        print: &dyn Fn(&mut Self, usize),
    ) {
        let opened = inside.is_some_and(|inside| self.opens_line(inside, items));
        if self.flat.is_some() {
            self.forced |= opened;
            return self.joined(brackets, items.len(), print);
        }
        let (fits, forced) = self.measure(|p| p.joined(brackets, items.len(), print));
        // A single item that has lines of its own keeps its bracket: `yaml({`.
        let hug = forced && items.len() == 1;
        if items.is_empty() && !opened || !opened && fits && (hug || !forced) {
            return self.joined(brackets, items.len(), print);
        }
        self.broken(brackets, inside, items, print);
    }

    fn joined(&mut self, brackets: Brackets, count: usize, print: &dyn Fn(&mut Self, usize)) {
        self.put(brackets.open);
        if count > 0 {
            self.put(brackets.blank);
        }
        for index in 0..count {
            if self.overflows() {
                return;
            }
            if index > 0 {
                self.put(", ");
            }
            print(self, index);
        }
        if count > 0 {
            self.put(brackets.blank);
        }
        self.put(brackets.close);
    }

    fn broken(
        &mut self,
        brackets: Brackets,
        inside: Option<Span>,
        items: &[Span],
        print: &dyn Fn(&mut Self, usize),
    ) {
        self.put(brackets.open);
        let end = inside.map_or(0, |inside| inside.end);
        let start = |index: usize| items.get(index).map_or(end, |item| item.start);
        let mut last = inside.map_or(0, |inside| self.trailing_comment(inside.start, start(0)));
        self.indent += STEP;
        let mut first = true;
        for (index, item) in items.iter().enumerate() {
            last = if inside.is_some() {
                self.own_comments(last, item.start, &mut first)
            } else {
                item.start
            };
            self.begin_line(last, item.start, &mut first);
            print(self, index);
            self.put(",");
            last = self.trailing_comment(item.end, start(index + 1));
        }
        if inside.is_some() {
            self.own_comments(last, end, &mut first);
        }
        self.indent -= STEP;
        self.new_line();
        self.put(brackets.close);
    }

    /// Whether the line ends after the opening bracket, or a comment stands between the items.
    fn opens_line(&self, inside: Span, items: &[Span]) -> bool {
        let first = items.first().map_or(inside.end, |item| item.start);
        let between = |index: usize| {
            let start = self.tree.comments[index].span.start;
            let after = items.partition_point(|item| item.start <= start);
            after == 0 || items[after - 1].end <= start
        };
        let noted = self.comments_in(inside.start, inside.end).any(between);
        noted || (!items.is_empty() && self.breaks_between(inside.start, first) > 0)
    }
}
