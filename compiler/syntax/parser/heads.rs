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

    /// `unset [restart, env]`: the `[` is next.
    pub(super) fn unset_of_several(&mut self) -> bool {
        if !self.is(Kind::LBracket) {
            return false;
        }
        let open = self.bump();
        let mut names = Vec::new();
        while !self.kind().closes() && !self.is(Kind::Eof) {
            let token = self.bump();
            if token.kind != Kind::Comma {
                names.push(format!("unset {}", token.text(self.text).trim_matches('"')));
            }
        }
        let close = self.bump();
        let whole = self.span(open).to(self.span(close));
        self.soft(|_| faults::unset_of_several(whole, &names));
        true
    }

    /// `unset restart = none`: what follows the field is taken with it.
    pub(super) fn unset_of_a_value(&mut self) {
        if !self.is(Kind::Assign) || !self.same_line() {
            return;
        }
        let sign = self.bump();
        self.value("`=`");
        let whole = self.since(sign.start);
        let gap =
            Span { start: self.text[..whole.start as usize].trim_end().len() as u32, ..whole };
        self.soft(|p| faults::unset_of_a_value(p.span(sign), gap));
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
}
