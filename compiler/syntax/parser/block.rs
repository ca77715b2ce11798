//! Files and blocks: runs of statements, how one is told from the next, and their doc comments.

use super::super::faults;
use super::super::token::{Kind, Token};
use super::super::tree::*;
use super::{Parser, settle};
use crate::source::Span;

/// What may stand in a block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Anything,
    /// A block as a value.
    Entries,
}

impl Parser<'_> {
    pub(super) fn top(&mut self) {
        self.statements(Holds::Anything, true);
        self.tree.top = settle(&mut self.pending.stmts, 0, &mut self.tree.stmt_lists);
    }

    /// `{ ... }`; the `{` is next.
    pub(super) fn block(&mut self, holds: Holds) -> Block {
        let mark = self.pending.stmts.len();
        let open = self.bump();
        let lost = std::mem::replace(&mut self.lost, false);
        self.nested(|p| p.statements(holds, false));
        let closed = self.close(Kind::RBrace);
        self.lost = lost;
        let stmts = settle(&mut self.pending.stmts, mark, &mut self.tree.stmt_lists);
        Block { span: self.since(open.start), stmts, closed }
    }

    /// Takes the closing bracket, which is there because brackets are balanced; false where it is
    /// only assumed.
    pub(super) fn close(&mut self, kind: Kind) -> bool {
        if !self.is(kind) {
            self.skip_group_rest();
        }
        self.eat(kind).is_some_and(|token| !token.has(Token::VIRTUAL))
    }

    fn statements(&mut self, holds: Holds, top: bool) {
        loop {
            let token = self.peek();
            match token.kind {
                Kind::Eof | Kind::RBrace => return,
                Kind::Bad => {
                    let twice = self.at > 0 && self.tokens[self.at - 1].kind == Kind::LBrace;
                    self.bump();
                    if self.same_line() && !twice {
                        self.sync();
                    }
                    continue;
                }
                Kind::Semicolon if self.let_in() => continue,
                Kind::Semicolon if self.ini_comment() => continue,
                Kind::Semicolon => {
                    self.soft(|p| faults::semicolon(p.span(token)));
                    self.bump();
                    continue;
                }
                kind if kind.starts_statement() || kind.is_reserved() => self.one(holds),
                kind if kind.closes() => return,
                _ => {
                    self.stray(token);
                    continue;
                }
            }
            if self.lost {
                self.sync();
            }
            let after = self.peek();
            if after.kind == Kind::Comma {
                if top {
                    self.soft(|p| faults::top_comma(p.span(after)));
                }
                self.bump();
            }
        }
    }

    fn one(&mut self, holds: Holds) {
        let first = self.peek();
        let before = self.at;
        let doc = self.doc_above(first);
        self.deep = false;
        let kind = self.statement(holds);
        if self.at == before {
            // Nothing could be made of it: no statement, but never the same token twice.
            self.bump();
        }
        let id = StmtId(self.tree.stmts.len() as u32);
        self.tree.stmts.push(Stmt { span: self.since(first.start), doc, kind });
        self.pending.stmts.push(id);
    }

    /// A token that begins no statement.
    fn stray(&mut self, token: Token) {
        if self.foreign_line(token) {
            return;
        }
        let word = self.at.checked_sub(1).map(|at| self.tokens[at]);
        if let Some(open) = word.filter(|word| word.kind == Kind::LBrace)
            && self.value_alone(open, token)
        {
            return;
        }
        match word.filter(|word| word.kind == Kind::Word && !token.has(Token::NEWLINE)) {
            // `os = debian 13`
            Some(word) if token.kind.is_number() && self.follows_assign() => self.hard(|p| {
                faults::bare_parameter(
                    p.span(word).to(p.span(token)),
                    word.text(p.text),
                    token.text(p.text),
                )
            }),
            _ if token.kind == Kind::Assign && !self.ahead(1).has(Token::NEWLINE) => {
                self.soft(|p| faults::nameless_value(p.span(token)));
                self.bump();
                // `= = 4GiB`, `= memory = 4GiB`
                if self.kind().is_word() && self.ahead(1).kind.assigns() {
                    return;
                }
                self.value("`=`");
                // `= memory 4GiB`: the name stands behind the sign.
                if self.same_line() && !self.kind().starts_statement() {
                    self.sync();
                }
                return;
            }
            _ => self.hard(|p| faults::no_statement(p.span(token), token.kind, token.text(p.text))),
        }
        if token.kind.opens() {
            self.bump();
            self.skip_group_rest();
        }
        self.bump();
        self.sync();
    }

    /// `port web { 8080 -> 3000 }`: a value where a block holds entries.
    fn value_alone(&mut self, open: Token, first: Token) -> bool {
        let mut at = self.at;
        while !self.tokens[at].kind.closes() {
            let token = self.tokens[at];
            if token.kind == Kind::Eof || token.kind.assigns() || token.kind.opens() {
                return false;
            }
            at += 1;
        }
        let close = self.tokens[at];
        if close.kind != Kind::RBrace || close.has(Token::VIRTUAL) {
            return false;
        }
        let inside = Span::new(self.file, first.start, self.tokens[at - 1].end);
        let whole = self.span(open).to(self.span(close));
        let written = &self.text[inside.start as usize..inside.end as usize];
        self.hard(|_| faults::value_in_braces(inside, whole, written));
        self.at = at;
        true
    }

    /// The word before this token is a value by itself.
    fn follows_assign(&self) -> bool {
        self.at > 1 && self.tokens[self.at - 2].kind == Kind::Assign
    }

    /// `-- comment` and `[table]`: a line that other languages write, read to its end.
    fn foreign_line(&mut self, token: Token) -> bool {
        if token.kind == Kind::Question {
            self.hard(|p| faults::ternary(p.span(token)));
            self.bump();
            self.sync();
            return true;
        }
        if !token.has(Token::NEWLINE) {
            return false;
        }
        let rest = &self.text[token.start as usize..];
        let line = rest.lines().next().unwrap_or(rest).trim_end();
        let span = Span::new(self.file, token.start, token.start + line.len() as u32);
        let table = line.starts_with('[') && line.ends_with(']') && !line.contains([',', '"']);
        if !(line.starts_with("--") || table) {
            return false;
        }
        self.soft(|_| if table { faults::table(span, line) } else { faults::dash_comment(span) });
        while self.peek().start < span.end && !self.is(Kind::Eof) {
            self.at += 1;
        }
        true
    }

    /// The run of `///` lines that ends on the line above `token`.
    pub(super) fn doc_above(&self, token: Token) -> Option<Span> {
        if !token.has(Token::COMMENT) {
            return None;
        }
        let comments = &self.tree.comments;
        let mut index = comments.partition_point(|comment| comment.span.start < token.start);
        let floor = self.last_end();
        let mut below = token.start;
        let mut run: Option<Span> = None;
        while let Some(comment) = index.checked_sub(1).map(|at| comments[at]) {
            let joined = comment.doc
                && comment.span.start >= floor
                && self.one_line_end(comment.span.end, below)
                && self.own_line(comment.span.start);
            if !joined {
                break;
            }
            below = comment.span.start;
            run = Some(run.map_or(comment.span, |later| comment.span.to(later)));
            index -= 1;
        }
        run
    }

    /// Exactly one line ends between two places that have only blanks between them.
    fn one_line_end(&self, from: u32, to: u32) -> bool {
        let between = &self.text.as_bytes()[from as usize..to as usize];
        between.iter().filter(|&&byte| byte == b'\n').count() == 1
    }

    /// Only blanks stand before `start` on its line.
    fn own_line(&self, start: u32) -> bool {
        let before = self.text[..start as usize].trim_end_matches([' ', '\t']);
        before.is_empty() || before.ends_with('\n') || before == "\u{feff}"
    }
}
