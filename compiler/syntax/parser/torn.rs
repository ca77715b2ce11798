//! Values that go on after what looked like their end: `a ? b : c`, `0,9TB`, `0 3 * * *`. One fault each, and a
//! value that is not known.

use super::super::faults;
use super::super::token::{Kind, Token};
use super::super::tree::*;
use super::Parser;
use crate::source::Span;

impl Parser<'_> {
    /// Takes the rest of such a value.
    pub(super) fn torn(&mut self, value: ExprId) -> Option<ExprId> {
        let (token, next) = (self.peek(), self.ahead(1));
        if self.lost || !self.same_line() {
            return None;
        }
        let start = self.tree.expr(value).span.start;
        let before = self.tokens[self.at - 1].kind;
        if token.kind == Kind::Question {
            self.hard(|p| faults::ternary(p.span(token)));
            self.bump();
            return Some(self.bad_expr());
        }
        let digits = |kind: Kind| kind.is_number() || kind == Kind::Quantity;
        let tight = token.start == self.last_end() && next.start == token.end;
        if token.kind == Kind::Comma && tight && before == Kind::Int && digits(next.kind) {
            let span = Span::new(self.file, start, next.end);
            let written = &self.text[span.start as usize..span.end as usize];
            self.soft(|_| faults::decimal_comma(span, written));
            self.at += 2;
            return Some(self.bad_expr());
        }
        let times = |kind: Kind| matches!(kind, Kind::Int | Kind::Star | Kind::Bad);
        if matches!(before, Kind::Int | Kind::Star) && times(token.kind) {
            return self.crontab(start);
        }
        None
    }

    /// `0 3 * * *`
    fn crontab(&mut self, start: u32) -> Option<ExprId> {
        let mut at = self.at;
        let inside = [Kind::Int, Kind::Star, Kind::Slash, Kind::Comma, Kind::Minus, Kind::Bad];
        while inside.contains(&self.tokens[at].kind) && !self.tokens[at].has(Token::NEWLINE) {
            at += 1;
        }
        let span = Span::new(self.file, start, self.tokens[at - 1].end);
        let written = &self.text[span.start as usize..span.end as usize];
        if written.split_whitespace().count() != 5 {
            return None;
        }
        self.soft(|_| faults::bare_value(span, written));
        self.at = at;
        Some(self.bad_expr())
    }
}
