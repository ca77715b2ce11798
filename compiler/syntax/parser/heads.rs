//! What people write between the first word of a statement and its body or path that does not belong there: a second
//! name, parentheses, a list. One fault each, and what follows is read as it was meant.

use super::super::faults;
use super::super::token::{Kind, Token};
use super::super::tree::*;
use super::Parser;
use crate::source::Span;

impl Parser<'_> {
    /// `service my wiki {`, `resource "docker" "wiki" {`, `os debian("13") {`: goes on to the `{`, and gives the name that
    /// is meant.
    pub(super) fn odd_head(&mut self, first: Token, label: Ident) -> Option<Ident> {
        let whole_line = |p: &Self| {
            let before = p.text[..first.start as usize].trim_end_matches([' ', '\t']);
            before.is_empty() || before.ends_with('\n')
        };
        let from = self.peek();
        let plain = from.kind.is_word() && from.kind != Kind::From;
        if !(plain || matches!(from.kind, Kind::Str | Kind::LParen))
            || !self.same_line()
            || !whole_line(self)
        {
            return None;
        }
        let mut at = self.at;
        let mut open = 0u32;
        loop {
            let token = self.tokens[at];
            let expected = match from.kind {
                Kind::LParen => token.kind != Kind::Eof,
                Kind::Str => token.kind == Kind::Str,
                _ => token.kind.is_word(),
            };
            match token.kind {
                Kind::LParen => open += 1,
                Kind::RParen => open = open.checked_sub(1)?,
                Kind::LBrace if open == 0 => break,
                _ if !expected || open == 0 && from.kind == Kind::LParen => return None,
                _ => {}
            }
            if token.has(Token::NEWLINE) {
                return None;
            }
            at += 1;
        }
        let brace = self.tokens[at];
        // `on attic   limits { }`: statements side by side, of which the first lacks its sign.
        let side_by_side = from.kind.is_word() && !self.ends_its_line(brace);
        if brace.has(Token::NEWLINE) || side_by_side {
            return None;
        }
        let last = self.tokens[at - 1];
        let odd = self.span(from).to(self.span(last));
        let written = |p: &Self, token: Token| token.text(p.text).to_owned();
        let meant = match from.kind {
            Kind::LParen => {
                let gap = Span { start: label.span.end, ..odd };
                self.soft(|_| faults::called_head(odd, gap));
                label
            }
            Kind::Str => {
                let name = self.key(last);
                let whole = label.span.to(name.span);
                let text = written(self, last);
                self.soft(|_| faults::two_names(odd, whole, &text));
                name
            }
            _ => {
                let names: Vec<String> = self.tokens[self.at..at]
                    .iter()
                    .map(|token| token.text(self.text).to_owned())
                    .collect();
                let first = &self.text[label.span.start as usize..label.span.end as usize];
                let joined = format!("{}-{}", first.trim_matches('"'), names.join("-"));
                let whole = label.span.to(odd);
                self.soft(|_| faults::two_names(odd, whole, &joined));
                Ident { sym: self.names.intern(&joined), span: whole, quoted: label.quoted }
            }
        };
        self.at = at;
        Some(meant)
    }

    /// `port port web = 80`, `service wiki wiki {`: gives the name.
    pub(super) fn doubled(&mut self, first: Token, label: Ident) -> Option<Ident> {
        let (next, sign) = (self.peek(), self.ahead(1));
        let named = next.kind.is_word() && next.kind != Kind::From || next.kind == Kind::Str;
        let signs = sign.kind.assigns() || matches!(sign.kind, Kind::LBrace | Kind::From);
        if !named || !signs || !self.same_line() || sign.has(Token::NEWLINE) {
            return None;
        }
        let text = |span: Span| &self.text[span.start as usize..span.end as usize];
        let (word, name) = (text(label.span), next.text(self.text));
        let (odd, end) = match () {
            () if word == first.text(self.text) => (label.span, first.end),
            () if word == name => (self.span(next), label.span.end),
            () => return None,
        };
        self.soft(|_| faults::doubled(odd, Span { start: end, ..odd }));
        self.bump();
        Some(match next.kind {
            _ if odd != label.span => label,
            Kind::Str => self.key(next),
            _ => self.ident(next),
        })
    }

    /// Only blanks or a comment stand behind a token on its line.
    fn ends_its_line(&self, token: Token) -> bool {
        let rest = &self.text[token.end as usize..];
        let line = rest.lines().next().unwrap_or(rest).trim_start();
        line.is_empty() || line.starts_with("//")
    }

    /// `import ["a", "b"]`, `import("a")`: the word is next.
    pub(super) fn odd_import(&mut self) -> Option<StmtKind> {
        let (word, next) = (self.peek(), self.ahead(1));
        let opens = matches!(next.kind, Kind::LBracket | Kind::LParen);
        if word.kind != Kind::Import || next.has(Token::NEWLINE) || !opens {
            return None;
        }
        let mut paths = Vec::new();
        let mut at = self.at + 2;
        loop {
            let token = self.tokens[at];
            at += 1;
            match token.kind {
                Kind::Str => paths.push(token),
                Kind::Comma => {}
                kind if kind.closes() => break,
                _ => return None,
            }
        }
        let first = *paths.first()?;
        let whole = self.span(word).to(self.span(self.tokens[at - 1]));
        let lines: Vec<String> =
            paths.iter().map(|path| format!("import {}", path.text(self.text))).collect();
        let meant = lines.join("\n");
        self.soft(|p| faults::odd_import(p.span(next), next.text(p.text), whole, &meant));
        self.at = at;
        let path = self.key(first);
        Some(StmtKind::Import { path, alias: None })
    }

    /// `restart override = never`: the word of strength is next.
    pub(super) fn strength_behind(&mut self, first: Token) -> Option<(Strength, Token)> {
        let late = self.peek();
        let strength = match late.kind {
            Kind::Default => Strength::Default,
            Kind::Override => Strength::Override,
            Kind::Final => Strength::Final,
            _ => return None,
        };
        if !self.same_line() || self.ahead(1).kind != Kind::Assign || first.kind != Kind::Word {
            return None;
        }
        let name = first.text(self.text);
        self.soft(|p| {
            faults::strength_behind(p.span(first), p.span(late), late.text(p.text), name)
        });
        self.bump();
        Some((strength, late))
    }

    /// `image: caddy:2`: a value that lacks its quotes behind a sign that is not `=` is a line of another language, and one
    /// fault.
    pub(super) fn sign_and_value(&mut self, before: usize) {
        let [sign, value] = &self.faults[before..] else { return };
        let (Some(first), [second]) = (sign.fixes.first(), value.fixes.as_slice()) else { return };
        let quotes = second.edits.iter().any(|edit| edit.text.starts_with('"'));
        if !quotes || value.code.id == "E0102" || first.edits.len() != 1 {
            return;
        }
        let (edits, whole) = (second.edits.clone(), sign.primary().to(value.primary()));
        let written = &self.text[whole.start as usize..whole.end as usize];
        let message = format!("expected `=` and text in quotes, found `{written}`");
        self.faults.pop();
        let fault = self.faults.last_mut().expect("two were just seen");
        fault.message = message;
        fault.labels[0].span = whole;
        fault.fixes.truncate(1);
        fault.fixes[0].edits.extend(edits);
        fault.fixes[0].title = "write `=`, and the text in quotes".to_owned();
    }

    /// `let x := 5`, `let x: 5`: takes the sign.
    pub(super) fn colon_for_equals(&mut self) -> bool {
        let next = self.ahead(1);
        let value = next.kind.is_number()
            || matches!(
                next.kind,
                Kind::Str | Kind::Raw | Kind::Quantity | Kind::LBracket | Kind::Assign
            );
        let apart = next.kind == Kind::Assign && next.start > self.peek().end;
        if apart || !self.is(Kind::Colon) || !self.same_line() || next.has(Token::NEWLINE) || !value
        {
            return false;
        }
        self.not_assign();
        true
    }

    /// `; words`, as INI writes a comment, to the end of the line.
    pub(super) fn ini_comment(&mut self) -> bool {
        let (sign, next) = (self.peek(), self.ahead(1));
        let words = next.kind.is_word() && !next.has(Token::NEWLINE) && next.start > sign.end;
        if !sign.has(Token::NEWLINE) || !words {
            return false;
        }
        self.soft(|p| faults::ini_comment(p.span(sign)));
        self.bump();
        self.skip_line();
        true
    }
}
