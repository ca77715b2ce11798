//! Expressions, weakest binding first. Brackets of all sorts are in `group.rs`.

use super::super::faults::{self, whole};
use super::super::token::{Kind, Token};
use super::super::tree::*;
use super::block::Holds;
use super::{MAX_HEIGHT, Parser};
use crate::source::Span;

const COMPARE: u8 = 5;
const ADD: u8 = 6;

/// The operator, how tightly it binds, and whether a second of its level may follow.
fn binary_op(kind: Kind) -> Option<(BinaryOp, u8, bool)> {
    Some(match kind {
        Kind::Arrow => (BinaryOp::Arrow, 0, false),
        Kind::Range => (BinaryOp::Range, 1, false),
        Kind::Coalesce => (BinaryOp::Coalesce, 2, true),
        Kind::Or => (BinaryOp::Or, 3, true),
        Kind::And => (BinaryOp::And, 4, true),
        Kind::Equal => (BinaryOp::Equal, COMPARE, false),
        Kind::NotEqual => (BinaryOp::NotEqual, COMPARE, false),
        Kind::Less => (BinaryOp::Less, COMPARE, false),
        Kind::LessEqual => (BinaryOp::LessEqual, COMPARE, false),
        Kind::Greater => (BinaryOp::Greater, COMPARE, false),
        Kind::GreaterEqual => (BinaryOp::GreaterEqual, COMPARE, false),
        Kind::In => (BinaryOp::In, COMPARE, false),
        Kind::Plus => (BinaryOp::Add, ADD, true),
        Kind::Minus => (BinaryOp::Sub, ADD, true),
        Kind::Star => (BinaryOp::Mul, 7, true),
        Kind::Slash => (BinaryOp::Div, 7, true),
        _ => return None,
    })
}

fn literal(kind: Kind) -> Option<Literal> {
    Some(match kind {
        Kind::None => Literal::None,
        Kind::True => Literal::True,
        Kind::False => Literal::False,
        Kind::Int => Literal::Int,
        Kind::Float => Literal::Float,
        Kind::Quantity => Literal::Quantity,
        Kind::Mode => Literal::Mode,
        Kind::Ip4 => Literal::Ip4,
        Kind::Cidr4 => Literal::Cidr4,
        Kind::Ip6 => Literal::Ip6,
        Kind::Cidr6 => Literal::Cidr6,
        Kind::Mac => Literal::Mac,
        _ => return None,
    })
}

impl Parser<'_> {
    /// The value after a `=` or another sign: it begins on the sign's line.
    pub(super) fn value(&mut self, after: &'static str) -> ExprId {
        if self.on_own_line(after) { self.expr_after(after) } else { self.bad_expr() }
    }

    /// Whether the value that a sign asks for is there at all; one on the next line is reported
    /// and taken.
    pub(super) fn on_own_line(&mut self, after: &'static str) -> bool {
        let token = self.peek();
        if token.kind == Kind::Assign
            && self.same_line()
            && starts_value(self.ahead(1).kind)
            && !self.ahead(1).has(Token::NEWLINE)
        {
            self.soft(|p| faults::no_value(p.span(token), after, &p.found()));
            self.bump();
        }
        if self.same_line() || after == "`{`" {
            return true;
        }
        if !starts_value(token.kind) || self.looks_like_entry() {
            self.soft(|p| faults::no_value(p.gap(), after, &p.found()));
            return false;
        }
        self.soft(|p| faults::value_on_next_line(p.span(token), p.between(), after));
        true
    }

    /// The blanks between the last token and the next; `None` if a comment is among them.
    fn between(&self) -> Option<Span> {
        let next = self.peek();
        (!next.has(Token::COMMENT)).then(|| Span::new(self.file, self.last_end(), next.start))
    }

    /// A new line that can only be an entry: `x = ...`, `x {`, `x y = ...`.
    pub(super) fn looks_like_entry(&self) -> bool {
        let token = self.peek();
        if token.kind.is_strength() || matches!(token.kind, Kind::Unset | Kind::Assert) {
            return true;
        }
        if !token.kind.is_word() && token.kind != Kind::Str {
            return false;
        }
        let next = self.ahead(1);
        let labelled = token.kind.is_word() && (next.kind.is_word() || next.kind == Kind::Str);
        next.kind.assigns()
            || matches!(next.kind, Kind::LBrace | Kind::From)
            || (token.kind.is_word() && next.kind == Kind::Colon)
            || (labelled && !next.has(Token::NEWLINE))
    }

    pub(super) fn expr(&mut self) -> ExprId {
        self.expr_after("")
    }

    /// `after` is the sign that a missing value is missing after.
    pub(super) fn expr_after(&mut self, after: &'static str) -> ExprId {
        if self.is(Kind::If) {
            return match self.nested(Self::condition) {
                Some(id) => id,
                None => self.bad_expr(),
            };
        }
        let left = self.unary(after);
        self.climb(left, 0, u8::MAX)
    }

    fn condition(&mut self) -> ExprId {
        let word = self.bump();
        let cond = self.expr_after("`if`");
        let cond = self.slip(cond);
        let sound = self.want(Kind::Then, "after the condition of `if`", whole::IF);
        let then = if sound { self.expr_after("`then`") } else { self.bad_expr() };
        let sound = sound && self.want_else(word);
        let other = if sound { self.expr_after("`else`") } else { self.bad_expr() };
        let height = self.height(cond).max(self.height(then)).max(self.height(other)) + 1;
        self.node(self.since(word.start), ExprKind::If { cond, then, other }, height)
    }

    fn want_else(&mut self, word: Token) -> bool {
        if self.eat(Kind::Else).is_some() {
            return true;
        }
        self.hard(|p| faults::no_else(p.missing_at(), p.span(word), &p.found()));
        false
    }

    /// An expression that ends before `and`-like operators weaker than `+`: what `in` looks into.
    pub(super) fn sum(&mut self, after: &'static str) -> ExprId {
        let left = self.unary(after);
        self.climb(left, ADD, u8::MAX)
    }

    /// `name in xs`, already read, as the beginning of an expression.
    pub(super) fn climb_from_in(&mut self, name: ExprId, op_span: Span, seq: ExprId) -> ExprId {
        let left = self.binary(BinaryOp::In, op_span, name, seq);
        self.climb(left, 0, COMPARE)
    }

    /// Goes on with the operators that bind at least as tightly as `floor`. `used` is the level
    /// whose one operator has been had.
    fn climb(&mut self, mut left: ExprId, floor: u8, mut used: u8) -> ExprId {
        while !self.lost {
            let token = self.peek();
            if token.kind == Kind::Minus && self.ends_with_hyphen(left) {
                continue;
            }
            if token.kind == Kind::Is && COMPARE >= floor {
                if used == COMPARE {
                    self.chained(token);
                }
                if let Some(unlike) = self.is_not(left) {
                    left = unlike;
                    used = COMPARE;
                    continue;
                }
                left = self.is_word(left);
                used = COMPARE;
                continue;
            }
            let Some((op, level, chains)) = binary_op(token.kind).or_else(|| self.word_op()) else {
                break;
            };
            if level < floor {
                break;
            }
            let after_is = used == COMPARE && level > COMPARE;
            if after_is || (!chains && used == level) {
                let middle = self.middle(left, op);
                self.soft(|p| {
                    let middle = middle.map(|m| &p.text[m.start as usize..m.end as usize]);
                    faults::chained(p.span(token), token.text(p.text), middle)
                });
            }
            self.foreign_op(op);
            self.bump();
            let right = self.unary(op_name(op));
            let right = self.climb(right, level + 1, u8::MAX);
            left = self.binary(op, self.span(token), left, right);
            used = level;
        }
        left
    }

    /// `gpu-` as a name, where no value follows: takes the hyphen.
    fn ends_with_hyphen(&mut self, name: ExprId) -> bool {
        let (token, next) = (self.peek(), self.ahead(1));
        // Lines are nothing to an operator: its other side may stand on the next one.
        let begins = starts_value(next.kind) || matches!(next.kind, Kind::Minus | Kind::Not);
        let is_name = matches!(self.tree.expr(name).kind, ExprKind::Name(_));
        if begins || !is_name || token.start != self.last_end() {
            return false;
        }
        let span = self.tree.expr(name).span.to(self.span(token));
        let written = &self.text[span.start as usize..span.end as usize];
        self.soft(|_| faults::hyphens(span, written, written.trim_end_matches('-')));
        self.bump();
        true
    }

    /// `and` and `or` between two values of one line, `=>` between two numbers, as other languages have them.
    fn word_op(&self) -> Option<(BinaryOp, u8, bool)> {
        let (token, next) = (self.peek(), self.ahead(1));
        match token.kind {
            Kind::Word if self.same_line() && self.begins_value(1) => match token.text(self.text) {
                "and" => binary_op(Kind::And),
                "or" => binary_op(Kind::Or),
                _ => None,
            },
            Kind::Assign if next.kind == Kind::Greater && next.start == token.end => {
                let number = self.tokens[self.at - 1].kind.is_number();
                binary_op(Kind::Arrow).filter(|_| number && self.same_line())
            }
            _ => None,
        }
    }

    /// Whether a value that far ahead goes on, so that neither a field nor a label stands there.
    fn begins_value(&self, by: usize) -> bool {
        let first = self.ahead(by);
        let not = first.kind == Kind::Word && first.text(self.text) == "not";
        let by = by + usize::from(not && !first.has(Token::NEWLINE));
        let (token, next) = (self.ahead(by), self.ahead(by + 1));
        let joins = next.kind == Kind::Word && matches!(next.text(self.text), "and" | "or");
        let labels = token.kind.is_word() && (next.kind.is_word() || next.kind == Kind::Str);
        starts_value(token.kind)
            && !matches!(token.kind, Kind::From | Kind::LBrace)
            && !token.has(Token::NEWLINE)
            && !next.kind.assigns()
            && !matches!(next.kind, Kind::LBrace | Kind::From)
            && (next.has(Token::NEWLINE) || joins || !labels)
    }

    /// Reports a sign that is not the language's own.
    fn foreign_op(&mut self, op: BinaryOp) {
        let token = self.peek();
        match token.kind {
            Kind::Word => {
                let sign = if op == BinaryOp::And { "&&" } else { "||" };
                self.soft(|p| faults::word_for_sign(p.span(token), token.text(p.text), sign));
            }
            Kind::Assign => {
                let next = self.ahead(1);
                self.soft(|p| faults::fat_arrow(p.span(token).to(p.span(next))));
                self.bump();
            }
            _ => {}
        }
    }

    fn chained(&mut self, token: Token) {
        self.soft(|p| faults::chained(p.span(token), token.text(p.text), None));
    }

    /// What stands between two comparisons of one direction: `a < b < c` asks whether `b` lies between the others.
    fn middle(&self, left: ExprId, next: BinaryOp) -> Option<Span> {
        let ExprKind::Binary { op, right, .. } = self.tree.expr(left).kind else { return None };
        let rising = |op| matches!(op, BinaryOp::Less | BinaryOp::LessEqual);
        let falling = |op| matches!(op, BinaryOp::Greater | BinaryOp::GreaterEqual);
        let span = self.tree.expr(right).span;
        ((rising(op) && rising(next)) || (falling(op) && falling(next))).then_some(span)
    }

    fn binary(&mut self, op: BinaryOp, op_span: Span, left: ExprId, right: ExprId) -> ExprId {
        let span = self.tree.expr(left).span.to(self.tree.expr(right).span);
        let height = self.height(left).max(self.height(right)) + 1;
        self.node(span, ExprKind::Binary { op, op_span, left, right }, height)
    }

    /// `a is not none`, as other languages say `!=`.
    fn is_not(&mut self, left: ExprId) -> Option<ExprId> {
        let (is, not, next) = (self.peek(), self.ahead(1), self.ahead(2));
        let says = not.kind == Kind::Word && not.text(self.text) == "not";
        if !says || !starts_value(next.kind) || next.has(Token::NEWLINE) {
            return None;
        }
        let span = self.span(is).to(self.span(not));
        let whole = self.tree.expr(left).span.to(self.span(next));
        self.soft(|p| match next.kind {
            Kind::Word => {
                let at = |span: Span| &p.text[span.start as usize..span.end as usize];
                faults::is_not(span, whole, at(p.tree.expr(left).span), next.text(p.text))
            }
            _ => faults::word_for_sign(span, "is not", "!="),
        });
        self.bump();
        self.bump();
        let right = self.sum("`!=`");
        Some(self.binary(BinaryOp::NotEqual, span, left, right))
    }

    fn is_word(&mut self, value: ExprId) -> ExprId {
        self.bump();
        let word = self.name("a word after `is`", whole::IS);
        let span = self.since(self.tree.expr(value).span.start);
        let height = self.height(value) + 1;
        self.node(span, ExprKind::Is { value, word }, height)
    }

    /// `a = b` where a condition is asked for.
    pub(super) fn slip(&mut self, left: ExprId) -> ExprId {
        let token = self.peek();
        if token.kind != Kind::Assign || self.lost {
            return left;
        }
        self.soft(|p| faults::assign_in_condition(p.span(token)));
        self.bump();
        let right = self.expr_after("`==`");
        self.binary(BinaryOp::Equal, self.span(token), left, right)
    }

    /// `!` and `-`, as many as there are, without recursion.
    fn unary(&mut self, after: &'static str) -> ExprId {
        let first = self.at;
        let mut after = after;
        while matches!(self.kind(), Kind::Not | Kind::Minus) || self.says_not() {
            after = if self.is(Kind::Minus) { "`-`" } else { "`!`" };
            let token = self.bump();
            if token.kind == Kind::Word {
                let with_gap = Span::new(self.file, token.start, self.peek().start);
                self.soft(|_| faults::word_for_sign(with_gap, "not", "!"));
            }
        }
        let last = self.at;
        let mut id = self.primary_after(after);
        id = self.postfix(id);
        for index in (first..last).rev() {
            let token = self.tokens[index];
            let span = self.span(token).to(self.tree.expr(id).span);
            let height = self.height(id) + 1;
            let kind =
                if token.kind == Kind::Minus { ExprKind::Negate(id) } else { ExprKind::Not(id) };
            id = self.node(span, kind, height);
        }
        id
    }

    /// `not x`, as other languages say it.
    fn says_not(&self) -> bool {
        let token = self.peek();
        token.kind == Kind::Word
            && token.text(self.text) == "not"
            && (self.ahead(1).kind.is_word() || literal(self.ahead(1).kind).is_some())
            && self.begins_value(1)
    }

    /// What `from` takes: a template's name and its arguments.
    pub(super) fn template_call(&mut self) -> ExprId {
        if !self.on_own_line("`from`") {
            return self.bad_expr();
        }
        let base = self.primary_after("`from`");
        self.postfix(base)
    }

    fn postfix(&mut self, mut base: ExprId) -> ExprId {
        while !self.lost {
            let start = self.tree.expr(base).span.start;
            let kind = match self.kind() {
                Kind::Dot => {
                    self.bump();
                    let name = self.name_after_dot();
                    let height = self.height(base) + 1;
                    base = self.node(self.since(start), ExprKind::Field { base, name }, height);
                    continue;
                }
                Kind::LBracket => self.index(base),
                Kind::LParen => self.call(base),
                _ => break,
            };
            base = self.node(self.since(start), kind.0, kind.1);
        }
        base
    }

    fn index(&mut self, base: ExprId) -> (ExprKind, u16) {
        self.bump();
        let index = self.group_expr(Kind::RBracket, "`[`", "after the key");
        let height = self.height(base).max(self.height(index)) + 1;
        (ExprKind::Index { base, index }, height)
    }

    fn call(&mut self, callee: ExprId) -> (ExprKind, u16) {
        let (args, tallest) = self.args();
        let height = self.height(callee).max(tallest) + 1;
        (ExprKind::Call { callee, args }, height)
    }

    /// The name that a `.` asks for, on its line; an empty one where it is missing.
    pub(super) fn name_after_dot(&mut self) -> Ident {
        let token = self.peek();
        if token.kind.is_word() && self.same_line() {
            self.bump();
            return self.ident(token);
        }
        if token.kind.is_reserved() && self.same_line() && token.start == self.last_end() {
            self.soft(|p| faults::reserved_field(p.span(token), token.text(p.text)));
            self.bump();
            return self.ident(token);
        }
        if token.kind == Kind::Str && token.start == self.last_end() {
            self.soft(|p| faults::quoted_field(p.span(token), token.text(p.text)));
            self.bump();
            return self.key(token);
        }
        self.soft(|p| {
            faults::expected_name(p.missing_at(), "a name after `.`", &p.found(), whole::PATH)
        });
        if self.same_line() && self.is(Kind::Bad) {
            self.bump();
        }
        self.no_ident()
    }

    pub(super) fn primary(&mut self) -> ExprId {
        self.primary_after("")
    }

    fn primary_after(&mut self, after: &'static str) -> ExprId {
        let token = self.peek();
        if let Some(literal) = literal(token.kind) {
            self.bump();
            return self.leaf(token, ExprKind::Literal(literal));
        }
        match token.kind {
            kind if kind.is_word() => {
                let entry =
                    token.has(Token::NEWLINE) && self.ahead(1).kind.assigns() && self.at > 0;
                if entry
                    && !matches!(
                        self.tokens[self.at - 1].kind,
                        Kind::LParen | Kind::LBracket | Kind::Comma
                    )
                {
                    return self.no_value(after);
                }
                self.bump();
                let sym = self.names.intern(token.text(self.text));
                self.leaf(token, ExprKind::Name(sym))
            }
            Kind::Str | Kind::Text => {
                self.bump();
                self.plain_text(token)
            }
            Kind::StrOpen | Kind::TextOpen => self.woven_text(),
            Kind::Raw | Kind::RawText => {
                self.bump();
                self.raw_text(token)
            }
            Kind::LParen => self.paren(),
            Kind::LBracket => self.list(),
            Kind::LBrace => {
                let above = std::mem::take(&mut self.tallest);
                let block = self.block(Holds::Entries);
                let height = (self.tallest + 1).min(MAX_HEIGHT);
                self.tallest = above;
                self.node(block.span, ExprKind::Record(block), height)
            }
            Kind::Bad => {
                self.bump();
                self.leaf(token, ExprKind::Bad)
            }
            Kind::If => {
                self.soft(|p| faults::bare_if(p.span(token)));
                self.expr()
            }
            _ => self.no_value(after),
        }
    }

    fn no_value(&mut self, after: &'static str) -> ExprId {
        if matches!(after, "`=`" | "") && self.same_line() && self.bare_value() {
            return self.bad_expr();
        }
        self.hard(|p| faults::no_value(p.missing_at(), after, &p.found()));
        self.bad_expr()
    }

    /// `/srv/data` and `<<EOF`: what was meant is plain, and one fault says it.
    fn bare_value(&mut self) -> bool {
        let token = self.peek();
        let rest = &self.text[token.start as usize..];
        let written = rest.split(char::is_whitespace).next().unwrap_or(rest);
        let written = written.trim_end_matches([',', '}', ']', ')']);
        let span = Span::new(self.file, token.start, token.start + written.len() as u32);
        if let Some(word) = written.strip_prefix("<<") {
            let word = word.trim_start_matches(['-', '~']).trim_matches(['"', '\'']);
            self.soft(|_| faults::heredoc(span, word));
            let ends = |p: &Self| p.peek().has(Token::NEWLINE) && p.peek().text(p.text) == word;
            let here = self.at;
            while !self.is(Kind::Eof) && !ends(self) {
                self.at += 1;
            }
            // The text behind `<<` alone has no end, and that of the file is none of its own.
            match self.is(Kind::Eof) {
                true => self.at = here,
                false => self.at += 1,
            }
            self.lost |= self.at == here;
            return true;
        }
        let path = written.len() > 1
            && ["/", "./", "../"].iter().any(|start| written.starts_with(start))
            && !written.contains(['"', '\'', '\\', '$']);
        if path {
            self.soft(|_| faults::bare_value(span, written));
            while self.peek().start < span.end && !self.is(Kind::Eof) {
                self.bump();
            }
        }
        path
    }

    /// `(expression)`
    fn paren(&mut self) -> ExprId {
        let open = self.bump();
        let inner = self.group_expr(Kind::RParen, "`(`", "after the value");
        let height = self.height(inner) + 1;
        self.node(self.since(open.start), ExprKind::Paren(inner), height)
    }

    /// One expression and the bracket that closes its group. What is wrong inside stays inside.
    fn group_expr(&mut self, close: Kind, after: &'static str, why: &'static str) -> ExprId {
        let lost = std::mem::replace(&mut self.lost, false);
        let id = match self.nested(|p| p.expr_after(after)) {
            Some(id) => self.slip(id),
            None => self.bad_expr(),
        };
        if !self.is(close) {
            let way = if close == Kind::RBracket { whole::STEP } else { "write `(VALUE)`" };
            self.hard(|p| faults::expected(p.missing_at(), close, why, &p.found(), way));
        }
        self.close(close);
        self.lost = lost;
        id
    }
}

/// What may stand first in a value.
pub(super) fn starts_value(kind: Kind) -> bool {
    kind.is_word()
        || literal(kind).is_some()
        || matches!(
            kind,
            Kind::Str
                | Kind::Text
                | Kind::StrOpen
                | Kind::TextOpen
                | Kind::Raw
                | Kind::RawText
                | Kind::LParen
                | Kind::LBracket
                | Kind::LBrace
                | Kind::If
                | Kind::Not
                | Kind::Minus
                | Kind::Bad
        )
}

fn op_name(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Arrow => "`->`",
        BinaryOp::Range => "`..`",
        BinaryOp::Coalesce => "`??`",
        BinaryOp::Or => "`||`",
        BinaryOp::And => "`&&`",
        BinaryOp::Equal => "`==`",
        BinaryOp::NotEqual => "`!=`",
        BinaryOp::Less => "`<`",
        BinaryOp::LessEqual => "`<=`",
        BinaryOp::Greater => "`>`",
        BinaryOp::GreaterEqual => "`>=`",
        BinaryOp::In => "`in`",
        BinaryOp::Add => "`+`",
        BinaryOp::Sub => "`-`",
        BinaryOp::Mul => "`*`",
        BinaryOp::Div => "`/`",
    }
}
