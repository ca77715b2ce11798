//! `unset`: the path of what is removed, and what people write behind it that does not belong there.

use super::super::faults::{self, whole};
use super::super::token::{Kind, Token};
use super::super::tree::*;
use super::Parser;
use crate::source::Span;

impl Parser<'_> {
    pub(super) fn unset(&mut self) -> StmtKind {
        self.bump();
        let start = self.tree.steps.len() as u32;
        let token = self.peek();
        if token.kind.is_word() && self.same_line() {
            self.bump();
            let name = self.ident(token);
            self.tree.steps.push(PathStep { name, index: false });
            self.steps();
        } else if token.kind == Kind::Str && self.same_line() {
            self.hard(|p| faults::quoted_unset(p.span(token)));
        } else if !self.unset_of_several() {
            self.hard(|p| {
                faults::expected_name(
                    p.missing_at(),
                    "the field to remove after `unset`",
                    &p.found(),
                    whole::UNSET,
                )
            });
        }
        self.unset_of_a_value();
        StmtKind::Unset { path: Run { start, end: self.tree.steps.len() as u32 } }
    }

    fn steps(&mut self) {
        loop {
            if self.eat(Kind::Dot).is_some() {
                let name = self.name_after_dot();
                self.tree.steps.push(PathStep { name, index: false });
            } else if self.eat(Kind::LBracket).is_some() {
                let token = self.peek();
                if token.kind == Kind::Str {
                    self.bump();
                    let name = self.key(token);
                    self.tree.steps.push(PathStep { name, index: true });
                } else {
                    self.hard(|p| faults::no_key(p.missing_at(), &p.found()));
                }
                if !self.is(Kind::RBracket) {
                    self.hard(|p| {
                        faults::expected(
                            p.missing_at(),
                            Kind::RBracket,
                            "after the key",
                            &p.found(),
                            whole::STEP,
                        )
                    });
                }
                self.close(Kind::RBracket);
            } else {
                return;
            }
        }
    }

    /// `unset [restart, env]`: the `[` is next.
    fn unset_of_several(&mut self) -> bool {
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
    fn unset_of_a_value(&mut self) {
        let next = self.ahead(1);
        let ends =
            next.has(Token::NEWLINE) && next.kind.starts_statement() && next.kind != Kind::From
                || next.kind.closes()
                || next.kind == Kind::Eof;
        if self.kind().is_word() && self.same_line() && ends {
            let name = self.bump();
            let gap = Span::new(self.file, self.tokens[self.at - 2].end, name.end);
            let key = format!("[\"{}\"]", name.text(self.text));
            return self.soft(|p| faults::unset_of_a_label(p.span(name), gap, &key));
        }
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
}
