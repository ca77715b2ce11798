//! Values that go on after what looked like their end, `a ? b : c`, `0,9TB`, `0 3 * * *`, and statements of languages that
//! run. One fault each, and nothing known of the rest.

use super::super::faults;
use super::super::token::{Kind, Token, is_unit};
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
        if token.kind == Kind::Bad {
            self.lost = true; // said already, and what it did to the value is not known
            return Some(self.bad_expr());
        }
        // `x = let y`, `port web = 3000 = 8080`
        let last = self.ends_line(1);
        if matches!(before, Kind::Let | Kind::Var) && token.kind.is_word() && last {
            let word = Span::new(self.file, start, token.start);
            self.soft(|p| faults::declaration_as_value(word, token.text(p.text)));
            self.bump();
            return Some(self.bad_expr());
        }
        if token.kind == Kind::Assign && (before, next.kind) == (Kind::Int, Kind::Int) {
            self.soft(|p| faults::assign_for_arrow(p.span(token)));
            self.at += 2;
            return Some(self.bad_expr());
        }
        if let Some(bad) = self.several(value) {
            return Some(bad);
        }
        let times = |kind: Kind| matches!(kind, Kind::Int | Kind::Star | Kind::Bad);
        if matches!(before, Kind::Int | Kind::Star) && times(token.kind) {
            return self.crontab(start);
        }
        None
    }

    /// Whether the line, or the block, ends behind so many tokens, and what follows begins anew: an `=` may stand on the next.
    fn ends_line(&self, ahead: usize) -> bool {
        let token = self.ahead(ahead);
        let begins = token.kind.starts_statement() && token.kind != Kind::From;
        begins && token.has(Token::NEWLINE) || token.kind == Kind::Eof || token.kind.closes()
    }

    /// `if c { ... } else { ... }`, `for n in nodes { ... }` and `in x` as statements, to their ends.
    pub(super) fn commands(&mut self) -> bool {
        let word = self.peek();
        let next = self.ahead(1).kind;
        let words = [Kind::If, Kind::For, Kind::In, Kind::Else, Kind::Then];
        if !words.contains(&word.kind)
            || next.assigns()
            || matches!(next, Kind::LBrace | Kind::Colon)
        {
            return false;
        }
        self.soft(|p| faults::statement_word(p.span(word), word.text(p.text)));
        self.bump();
        loop {
            self.skip_line();
            if !self.is(Kind::Else) {
                return true;
            }
            self.bump();
        }
    }

    /// Takes what is left of the line, groups that it opens as a whole.
    pub(super) fn skip_line(&mut self) {
        let mut open = 0u32;
        loop {
            let token = self.peek();
            let out = open == 0
                && (token.has(Token::NEWLINE) || token.kind.closes() || token.kind == Kind::Else);
            if token.kind == Kind::Eof || out {
                return;
            }
            match token.kind {
                kind if kind.opens() => open += 1,
                kind if kind.closes() => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// `let x = 5; in x`: the `;` is next.
    pub(super) fn let_in(&mut self) -> bool {
        let from = self.peek();
        if self.ahead(1).kind != Kind::In {
            return false;
        }
        self.bump();
        self.bump();
        self.skip_line();
        let span = self.since(from.start);
        self.faults.push(faults::let_in(span));
        true
    }

    /// `git vim tmux`, `8080, 8443`, `f"text"`: more than one value, to the end of the line.
    fn several(&mut self, value: ExprId) -> Option<ExprId> {
        let (before, first) = (self.tokens[self.at - 1], self.peek());
        let span = self.tree.expr(value).span;
        let plain = |kind: Kind| {
            kind.is_word()
                || matches!(kind, Kind::Str | Kind::Raw | Kind::Int | Kind::Quantity | Kind::Ip4)
        };
        let commas = first.kind == Kind::Comma;
        if span.start != before.start || !plain(before.kind) || !(commas || plain(first.kind)) {
            return None;
        }
        let text = |kind: Kind| matches!(kind, Kind::Str | Kind::Text | Kind::StrOpen | Kind::Raw);
        let key =
            matches!(self.ahead(1).kind, Kind::LBrace | Kind::From) || self.ahead(1).kind.assigns();
        if before.kind == Kind::Word && text(first.kind) && first.start == before.end && !key {
            self.soft(|p| faults::text_prefix(p.span(before), before.text(p.text)));
            self.bump();
            self.lost = first.kind == Kind::StrOpen;
            return Some(self.bad_expr());
        }
        let mut items = vec![before.text(self.text)];
        let mut at = self.at;
        loop {
            let token = self.tokens[at];
            if token.has(Token::NEWLINE) || matches!(token.kind, Kind::Eof | Kind::RBrace) {
                break;
            }
            let item = if commas { self.tokens[at + 1] } else { token };
            if commas && token.kind != Kind::Comma || !plain(item.kind) || item.has(Token::NEWLINE)
            {
                return None;
            }
            items.push(item.text(self.text));
            at += if commas { 2 } else { 1 };
        }
        // What stands there may go on in the next line, as a declaration of its own.
        let next = self.tokens[at];
        let ends = matches!(next.kind, Kind::Eof | Kind::RBrace)
            || next.kind.starts_statement() && next.kind != Kind::From;
        let declares = |token: &Token| {
            let words = [
                Kind::From,
                Kind::Import,
                Kind::Let,
                Kind::Type,
                Kind::Kind,
                Kind::Template,
                Kind::Var,
            ];
            words.contains(&token.kind)
        };
        if !ends || self.tokens[self.at..at].iter().any(declares) {
            return None;
        }
        // `4 GiB` and `os = debian 13` are told by themselves.
        let apart = before.kind.is_number() && is_unit(first.text(self.text).as_bytes());
        let word =
            !commas && items.len() == 2 && first.kind.is_number() && before.kind == Kind::Word;
        let meant = (items.len() == 2 && before.kind.is_number() && !commas)
            .then(|| faults::near_unit(first.text(self.text)))
            .flatten();
        if let Some(unit) = meant {
            let written = Span::new(self.file, before.start, first.end);
            let meant = format!("{}{unit}", before.text(self.text));
            self.soft(|_| faults::loose_near_unit(written, &meant));
            self.at = at;
            return Some(self.bad_expr());
        }
        if word || apart || before.kind == Kind::From || first.kind == Kind::From {
            return None;
        }
        let end = self.tokens[at - 1].end;
        let whole = Span::new(self.file, span.start, end);
        self.soft(|_| faults::several(whole, &items));
        self.at = at;
        Some(self.bad_expr())
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
