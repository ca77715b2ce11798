//! Statements: declarations and entries. Nothing here reads an expression or a type by itself.

use super::super::faults::{self, whole};
use super::super::token::is_unit;
use super::super::token::{Kind, Token};
use super::super::tree::*;
use super::Parser;
use super::block::Holds;
use super::expr::starts_value;
use crate::source::Span;

impl Parser<'_> {
    pub(super) fn statement(&mut self, holds: Holds) -> StmtKind {
        let token = self.peek();
        if holds == Holds::Entries
            && (self.declares() || matches!(token.kind, Kind::Unset | Kind::Assert))
        {
            self.soft(|p| faults::only_entries(p.span(token), token.text(p.text)));
        }
        if let Some(import) = self.odd_import() {
            return import;
        }
        match token.kind {
            Kind::Assert => self.assert(),
            Kind::Unset => self.unset(),
            Kind::Default | Kind::Override | Kind::Final => self.strong_entry(),
            _ if !self.declares() && !self.imports() => self.entry(Strength::Plain, None),
            Kind::Import => self.import(),
            Kind::Word => {
                self.soft(|p| faults::foreign_import(p.span(token), token.text(p.text)));
                self.import()
            }
            Kind::Let => self.binding(true),
            Kind::Var => self.binding(false),
            Kind::Type => self.type_decl(),
            Kind::Kind => self.kind_decl(),
            _ => self.template(),
        }
    }

    /// A contextual keyword is one only where a name, for `import` a string, follows on its line.
    fn declares(&self) -> bool {
        let next = self.ahead(1);
        if next.has(Token::NEWLINE) {
            return false;
        }
        match self.kind() {
            // No field is called so with a label: a path without its quotes is meant.
            Kind::Import => {
                next.kind == Kind::Str || (next.kind.is_word() && next.kind != Kind::From)
            }
            Kind::Let | Kind::Var | Kind::Type | Kind::Kind | Kind::Template => {
                // `let in = 5`: the name is what is wrong.
                let taken = next.kind.is_reserved()
                    && matches!(self.ahead(2).kind, Kind::Assign | Kind::Colon);
                next.kind.is_word() && next.kind != Kind::From || taken
            }
            _ => false,
        }
    }

    /// `include "nodes.colab"`, as other languages say it.
    fn imports(&self) -> bool {
        let (word, path, after) = (self.peek(), self.ahead(1), self.ahead(2));
        word.kind == Kind::Word
            && path.kind == Kind::Str
            && !path.has(Token::NEWLINE)
            && (after.kind == Kind::Eof || after.has(Token::NEWLINE))
            && matches!(
                word.text(self.text),
                "imports" | "Import" | "include" | "require" | "source" | "use" | "using" | "load"
            )
    }

    fn import(&mut self) -> StmtKind {
        self.bump();
        let token = self.bump();
        let path = if token.kind == Kind::Str { self.key(token) } else { self.bare_path(token) };
        let alias = self.eat(Kind::As).map(|_| self.name("a name after `as`", whole::IMPORT));
        StmtKind::Import { path, alias }
    }

    /// `import nodes/attic.colab`
    fn bare_path(&mut self, first: Token) -> Ident {
        let touches = |p: &Self| p.peek().start == p.last_end() && p.peek().kind != Kind::Eof;
        while touches(self) {
            self.bump();
        }
        let span = self.since(first.start);
        let written = &self.text[span.start as usize..span.end as usize];
        self.faults.push(faults::bare_path(span, written));
        Ident { sym: self.names.intern(written), span, quoted: true }
    }

    /// `let` and `var`.
    fn binding(&mut self, is_let: bool) -> StmtKind {
        let word = self.bump();
        let way = if is_let { whole::LET } else { whole::VAR };
        let name = self.name("a name", way);
        if is_let && self.colon_for_equals() {
            let value = self.value("`=`");
            return StmtKind::Let { name, ty: None, value };
        }
        let ty = self.eat(Kind::Colon).map(|colon| self.type_after(colon));
        if is_let {
            let value = if self.assign_sign("`=` and a value", way) {
                let value = self.value("`=`");
                self.with_colon(value)
            } else {
                self.bad_expr()
            };
            return StmtKind::Let { name, ty, value };
        }
        let ty = match ty {
            Some(ty) => ty,
            None => {
                let (whole, found) = (self.since(word.start), self.found());
                let value = self.ahead(1);
                // A `let` stands at the top alone.
                let top = (self.nest == 0).then(|| self.span(word));
                self.soft(|_| faults::no_var_type(whole, top, &found, value.kind));
                self.bad_type()
            }
        };
        let value = self.eat(Kind::Assign).map(|_| self.value("`=`"));
        self.tree.has_vars = true;
        StmtKind::Var { name, ty, value }
    }

    fn type_decl(&mut self) -> StmtKind {
        self.bump();
        let name = self.name("a name", whole::TYPE);
        let ty = if self.assign_sign("`=` and a type", whole::TYPE) {
            let sign = self.tokens[self.at - 1];
            self.type_after(sign)
        } else {
            self.bad_type()
        };
        StmtKind::Type { name, ty }
    }

    fn kind_decl(&mut self) -> StmtKind {
        self.bump();
        let name = self.name("a name", whole::KIND);
        let plural = if self.eat(Kind::Plural).is_some() {
            self.name("the plural of the kind's name", whole::KIND)
        } else {
            self.soft(|p| faults::no_plural(p.missing_at(), &p.found()));
            self.no_ident()
        };
        let (fields, asserts) = if self.is(Kind::LBrace) {
            self.field_block(true)
        } else {
            self.want(Kind::LBrace, "and the fields of the kind", whole::KIND);
            (Run::default(), Run::default())
        };
        StmtKind::Kind { name, plural, fields, asserts }
    }

    fn template(&mut self) -> StmtKind {
        self.bump();
        let name = self.name("a name", whole::TEMPLATE);
        let params = if self.is(Kind::LParen) {
            self.params()
        } else {
            self.hard(|p| {
                faults::expected(
                    p.missing_at(),
                    Kind::LParen,
                    "and the template's parameters",
                    &p.found(),
                    whole::TEMPLATE,
                )
            });
            Run::default()
        };
        let target =
            if self.want(Kind::For, "and the kind that the template makes", whole::TEMPLATE) {
                self.name("the name of a kind", whole::TEMPLATE)
            } else {
                self.no_ident()
            };
        let body = self.body("and what the template sets", whole::TEMPLATE);
        StmtKind::Template { name, params, target, body }
    }

    fn body(&mut self, why: &'static str, way: &'static str) -> Block {
        if self.is(Kind::LBrace) {
            return self.block(Holds::Anything);
        }
        self.want(Kind::LBrace, why, way);
        Block { span: self.gap(), stmts: Run::default(), closed: false }
    }

    fn assert(&mut self) -> StmtKind {
        let word = self.bump();
        let is_text =
            matches!(self.kind(), Kind::Str | Kind::Text | Kind::StrOpen | Kind::TextOpen);
        let message = if is_text {
            self.primary()
        } else {
            self.hard(|p| faults::no_assert_text(p.missing_at(), &p.found()));
            self.bad_expr()
        };
        let condition = self.assert_body(word);
        StmtKind::Assert { message, condition }
    }

    fn assert_body(&mut self, word: Token) -> ExprId {
        if self.is(Kind::Assign) && self.same_line() {
            let sign = self.bump();
            let condition = self.value("`=`");
            let whole = self.since(sign.start);
            let span = self.tree.expr(condition).span;
            let written = &self.text[span.start as usize..span.end as usize];
            self.faults.push(faults::assigned_condition(self.span(sign), whole, written));
            return condition;
        }
        if !self.want(Kind::LBrace, "and the condition", whole::ASSERT) {
            return self.bad_expr();
        }
        let lost = std::mem::replace(&mut self.lost, false);
        let condition = self.value("`{`");
        let condition = self.slip(condition);
        if !self.is(Kind::RBrace) {
            self.hard(|p| faults::one_condition(p.missing_at(), p.span(word), &p.found()));
        }
        self.close(Kind::RBrace);
        self.lost = lost;
        condition
    }

    fn strong_entry(&mut self) -> StmtKind {
        let token = self.bump();
        let strength = match token.kind {
            Kind::Default => Strength::Default,
            Kind::Override => Strength::Override,
            _ => Strength::Final,
        };
        while self.kind().is_strength() && self.same_line() && !self.ahead(1).kind.assigns() {
            let again = self.bump();
            self.faults.push(faults::strength_twice(self.span(again), again.text(self.text)));
        }
        let head = self.kind().is_word()
            || self.is(Kind::Str)
            || (self.kind().is_reserved() && self.same_line());
        if !head {
            let word = token.text(self.text);
            self.hard(|p| faults::strength_alone(p.span(token), word, &p.found()));
            let word = self.no_ident();
            let span = Some(self.span(token));
            let op = EntryOp::Missing;
            return StmtKind::Entry(Entry { strength, strength_span: span, word, label: None, op });
        }
        self.entry(strength, Some(token))
    }

    fn entry(&mut self, strength: Strength, strong: Option<Token>) -> StmtKind {
        let first = self.peek();
        if self.commands() {
            return StmtKind::Bad;
        }
        if first.kind.is_reserved() {
            self.soft(|p| faults::reserved_key(p.span(first), first.text(p.text)));
        }
        self.bump();
        let word = if first.kind == Kind::Str { self.key(first) } else { self.ident(first) };
        let word = self.hyphened(first).filter(|_| first.kind == Kind::Word).unwrap_or(word);
        let late = self.strength_behind(first);
        let (strength, strong) = late.map_or((strength, strong), |(s, token)| (s, Some(token)));
        let label = self.label(first);
        let label = label.map(|label| self.doubled(first, label).unwrap_or(label));
        let label = label.map(|label| self.odd_head(first, label).unwrap_or(label));
        if self.is(Kind::Dot) {
            let head = Entry { strength, strength_span: None, word, label, op: EntryOp::Missing };
            return self.dotted(first, head);
        }
        let op = self.op(first, word, label);
        if let Some(token) = strong
            && !matches!(op, EntryOp::Assign { .. } | EntryOp::Missing)
        {
            let text = token.text(self.text);
            let span = self.span(token);
            let what = faults::op_name(&op);
            // It is meant for what the block sets: read it so, and nothing else is said of those.
            let mut meant = Vec::new();
            if let EntryOp::Block(block) | EntryOp::From { body: Some(block), .. } = &op {
                self.strengthen(*block, strength, span, &mut meant);
            }
            self.faults.push(faults::strength_place(span, text, what, &meant));
        }
        let strength_span = strong.map(|token| self.span(token));
        StmtKind::Entry(Entry { strength, strength_span, word, label, op })
    }

    /// Gives the plain entries of a block, and of those inside, a strength; `meant` are their places.
    fn strengthen(&mut self, block: Block, strength: Strength, word: Span, meant: &mut Vec<Span>) {
        for at in block.stmts.range() {
            let id = self.tree.stmt_lists[at];
            let stmt = &mut self.tree.stmts[id.0 as usize];
            let start = stmt.span.head();
            let StmtKind::Entry(entry) = &mut stmt.kind else { continue };
            match entry.op {
                EntryOp::Assign { .. } if entry.strength == Strength::Plain => {
                    entry.strength = strength;
                    entry.strength_span = Some(word);
                    meant.push(start);
                }
                EntryOp::Block(inner) => self.strengthen(inner, strength, word, meant),
                _ => {}
            }
        }
    }

    /// `8080:80`, `caddy:2`: what other tools write without quotes is one fault, and the value one that is not known.
    fn with_colon(&mut self, value: ExprId) -> ExprId {
        let touches = |p: &Self| p.peek().start == p.last_end() && p.peek().kind != Kind::Eof;
        if let Some(bad) = self.torn(value) {
            return bad;
        }
        if !self.is(Kind::Colon) || !touches(self) {
            return value;
        }
        let start = self.tree.expr(value).span.start;
        let ends = [Kind::RBrace, Kind::RBracket, Kind::RParen, Kind::Comma, Kind::LBrace];
        while touches(self) && !ends.contains(&self.kind()) {
            self.bump();
        }
        // `https://git.example.org`: the lexer took what follows the colon for a comment.
        let rest = &self.text[self.last_end() as usize..];
        let more = if rest.starts_with("//") { rest.find(char::is_whitespace) } else { Some(0) };
        let span = Span::new(self.file, start, self.last_end() + more.unwrap_or(rest.len()) as u32);
        let written = &self.text[span.start as usize..span.end as usize];
        let (arrow, inside) = (self.peek().kind, self.ahead(1));
        if arrow == Kind::Arrow && inside.kind == Kind::Int {
            self.at += 2;
            let span = Span { end: inside.end, ..span };
            let written = &self.text[span.start as usize..span.end as usize];
            self.faults.push(faults::bound_port(span, written));
            return self.node(span, ExprKind::Bad, 0);
        }
        self.faults.push(faults::colon(span, written));
        self.node(span, ExprKind::Bad, 0)
    }

    /// The label after the first word, on its line.
    fn label(&mut self, first: Token) -> Option<Ident> {
        if !self.same_line() {
            return None;
        }
        let token = self.peek();
        let takes = first.kind == Kind::Word || first.kind.is_reserved();
        match token.kind {
            Kind::From => None,
            Kind::Str if takes => {
                self.bump();
                Some(self.key(token))
            }
            kind if kind.is_word() && takes => {
                self.bump();
                self.hyphened(token).or_else(|| Some(self.ident(token)))
            }
            Kind::Minus if takes => self.hyphened(token),
            Kind::Slash if takes => self.bare_label(token),
            kind if kind.is_reserved()
                && takes
                && (self.ahead(1).kind.assigns() || self.ahead(1).kind == Kind::LBrace) =>
            {
                self.soft(|p| faults::reserved(p.span(token), token.text(p.text), true));
                self.bump();
                Some(self.ident(token))
            }
            Kind::StrOpen | Kind::Text | Kind::TextOpen | Kind::Raw | Kind::RawText if takes => {
                let raw = token.text(self.text).trim_matches('\'');
                let plain = token.kind == Kind::Raw && !raw.contains(['"', '\\', '$']);
                self.soft(|p| match plain {
                    true => faults::raw_label(p.span(token), raw),
                    false => faults::plain_label(p.span(token)),
                });
                let expr = self.primary();
                let span = self.tree.expr(expr).span;
                Some(Ident { sym: self.names.intern(""), span, quoted: true })
            }
            kind if (kind.is_number() || matches!(kind, Kind::Quantity | Kind::Mode))
                && takes
                && matches!(self.ahead(1).kind, Kind::LBrace | Kind::Assign) =>
            {
                self.soft(|p| faults::number_label(p.span(token), token.text(p.text)));
                self.bump();
                Some(self.ident(token))
            }
            _ => None,
        }
    }

    pub(super) fn op(&mut self, first: Token, word: Ident, label: Option<Ident>) -> EntryOp {
        let token = self.peek();
        match token.kind {
            Kind::Assign => {
                if let Some(value) = self.dashes() {
                    return EntryOp::Assign { value, body: None };
                }
                self.bump();
                let next = self.peek();
                if next.kind == Kind::Greater && next.start == token.end {
                    self.soft(|p| faults::not_assign(p.span(token).to(p.span(next)), "=>"));
                    self.bump();
                }
                let late = self.peek();
                if late.kind.is_strength() && self.same_line() && starts_value(self.ahead(1).kind) {
                    let name = first.text(self.text);
                    self.soft(|p| {
                        faults::strength_late(p.span(first), p.span(late), late.text(p.text), name)
                    });
                    self.bump();
                }
                let next = self.ahead(1);
                if self.kind().is_word() && next.kind.assigns() && !next.has(Token::NEWLINE) {
                    // `size =   fs = ext4`: the next field stands where the value belongs.
                    self.soft(|p| faults::no_value(p.gap(), "`=`", &p.found()));
                    return EntryOp::Assign { value: self.bad_expr(), body: None };
                }
                let value = self.value("`=`");
                let value = self.with_colon(value);
                EntryOp::Assign { value, body: self.optional_body() }
            }
            Kind::AddAssign => {
                self.bump();
                EntryOp::Add { value: self.value("`+=`") }
            }
            Kind::SubAssign => {
                self.bump();
                EntryOp::Sub { value: self.value("`-=`") }
            }
            Kind::LBrace => EntryOp::Block(self.block(Holds::Anything)),
            Kind::From => {
                self.bump();
                let template = self.template_call();
                EntryOp::From { template, body: self.optional_body() }
            }
            Kind::Colon if self.same_line() && self.ahead(1).kind == Kind::LBrace => {
                self.soft(|p| faults::colon_before_block(p.span(token)));
                self.bump();
                EntryOp::Block(self.block(Holds::Anything))
            }
            Kind::Colon | Kind::Equal | Kind::Arrow if self.same_line() => {
                if let Some(value) = self.dashes() {
                    return EntryOp::Assign { value, body: None };
                }
                let before = self.faults.len();
                self.not_assign();
                let value = self.value("`=`");
                let value = self.with_colon(value);
                self.sign_and_value(before);
                EntryOp::Assign { value, body: self.optional_body() }
            }
            _ => {
                self.no_op(first, word, label);
                EntryOp::Missing
            }
        }
    }

    /// Lines with `-` below a sign, as YAML writes a list: one fault, up to the last of them.
    fn dashes(&mut self) -> Option<ExprId> {
        let item = |dash: Token, next: Token| {
            dash.kind == Kind::Minus && dash.has(Token::NEWLINE) && dash.end < next.start
        };
        if !item(self.ahead(1), self.ahead(2)) {
            return None;
        }
        let sign = self.bump();
        let mut items: Vec<&str> = Vec::new();
        let column = |p: &Self| {
            let start = p.peek().start as usize;
            start - p.text[..start].rfind('\n').map_or(0, |at| at + 1)
        };
        let first = column(self);
        while item(self.peek(), self.ahead(1)) {
            self.bump();
            let start = self.peek().start as usize;
            let inside = |p: &Self| p.same_line() || column(p) > first;
            while !matches!(self.kind(), Kind::Eof | Kind::RBrace) && inside(self) {
                self.bump();
            }
            items.push(&self.text[start..(self.last_end() as usize).max(start)]);
        }
        let span = self.since(sign.start);
        self.faults.push(faults::dashes(span, self.span(sign), &items));
        Some(self.node(span, ExprKind::Bad, 0))
    }

    fn optional_body(&mut self) -> Option<Block> {
        (self.is(Kind::LBrace) && !self.lost).then(|| self.block(Holds::Anything))
    }

    /// Says what is missing after the head of an entry, and why it may be.
    fn no_op(&mut self, first: Token, word: Ident, label: Option<Ident>) {
        let index = self.tokens[..self.at].iter().rposition(|token| token.start == first.start);
        let before = index.and_then(|index| index.checked_sub(1)).map(|index| self.tokens[index]);
        if let Some(number) = before
            && number.kind.is_number()
            && !first.has(Token::NEWLINE)
            && label.is_none()
            && is_unit(first.text(self.text).as_bytes())
        {
            let gap = Span::new(self.file, number.end, first.start);
            let touching = format!("{}{}", number.text(self.text), first.text(self.text));
            return self.hard(|_| faults::loose_unit(word.span, gap, &touching));
        }
        let head = match label {
            Some(label) => word.span.to(label.span),
            None => word.span,
        };
        if let Some(label) = label
            && self.swapped(label)
        {
            return;
        }
        if label.is_some_and(|label| self.faults.last().is_some_and(|f| f.primary() == label.span))
        {
            self.lost = true; // `set -e`: the name is what is wrong, and nothing is known of the rest
            return;
        }
        if let (Some(open), None) = (before, label)
            && open.kind == Kind::LBrace
            && self.is(Kind::RBrace)
        {
            // `on { attic }`: a value, in braces.
            let whole = self.span(open).to(self.span(self.peek()));
            let name = first.text(self.text);
            let index = index.unwrap_or_default();
            if index > 1 && self.tokens[index - 2].kind == Kind::Assign {
                return self.hard(|_| faults::list_in_braces(whole, name));
            }
            return self.hard(|_| faults::value_in_braces(word.span, whole, name));
        }
        if let Some(label) = label.filter(|label| label.quoted)
            && let Some((outside, inside)) =
                mapped(&self.text[label.span.start as usize..label.span.end as usize])
        {
            return self.hard(|_| faults::mapped_label(label.span, outside, inside));
        }
        self.hard(|p| {
            faults::no_op(
                p.missing_at(),
                &p.text[head.start as usize..head.end as usize],
                &p.found(),
            )
        });
    }
}

/// `"/srv/www:/data"`, as other tools write a volume.
fn mapped(quoted: &str) -> Option<(&str, &str)> {
    let (outside, inside) = quoted.trim_matches('"').split_once(':')?;
    let inside = inside.trim_end_matches(":ro").trim_end_matches(":rw");
    let plain = |path: &str| !path.is_empty() && !path.contains([':', '\\', '$']);
    (plain(outside) && plain(inside) && inside.starts_with('/')).then_some((outside, inside))
}
