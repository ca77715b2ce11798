//! Tokens to tree, by recursive descent. The brackets of the tokens are balanced, so every group
//! has an end to recover at. Here: the state, and what all parts share.

mod block;
mod dotted;
mod expr;
mod group;
mod heads;
mod hyphen;
mod stmt;
mod text;
mod torn;
mod types;
mod unset;

use super::faults;
use super::token::{Kind, Token};
use super::tree::*;
use crate::diag::Diagnostic;
use crate::names::Names;
use crate::source::{FileId, Span};

/// How far `if`, types and brackets together may go into each other, and how high the tree of one
/// expression may grow: everyone who walks a tree by recursion relies on it.
const MAX_NEST: u32 = 256;
const MAX_HEIGHT: u16 = 1000;

pub(super) fn parse(
    file: FileId,
    text: &str,
    tokens: Vec<Token>,
    comments: Vec<Comment>,
    names: &mut Names,
) -> (Tree, Vec<Diagnostic>) {
    let mut parser = Parser::new(file, text, tokens, comments, names);
    parser.top();
    (parser.tree, parser.faults)
}

/// One expression up to the end of the text.
pub(super) fn parse_expression(
    file: FileId,
    text: &str,
    tokens: Vec<Token>,
    comments: Vec<Comment>,
    names: &mut Names,
) -> (Tree, ExprId, Vec<Diagnostic>) {
    let mut parser = Parser::new(file, text, tokens, comments, names);
    parser.end = "the end of the expression";
    let expr = parser.expr();
    if !parser.is(Kind::Eof) {
        parser.hard(|p| faults::more_than_one(p.span(p.peek()), &p.found()));
    }
    (parser.tree, expr, parser.faults)
}

impl<'a> Parser<'a> {
    fn new(
        file: FileId,
        text: &'a str,
        tokens: Vec<Token>,
        comments: Vec<Comment>,
        names: &'a mut Names,
    ) -> Self {
        // Somewhat more than sources have: what does not fit is moved as a whole.
        let capacity = tokens.len() * 5 / 16;
        let tree = Tree {
            exprs: Vec::with_capacity(capacity),
            stmts: Vec::with_capacity(tokens.len() / 5),
            stmt_lists: Vec::with_capacity(tokens.len() / 5),
            parts: Vec::with_capacity(tokens.len() / 10),
            comments,
            ..Tree::new(file)
        };
        Parser {
            file,
            text,
            tokens,
            at: 0,
            names,
            tree,
            faults: Vec::new(),
            pending: Pending::default(),
            heights: Vec::with_capacity(capacity),
            tallest: 0,
            nest: 0,
            lost: false,
            fault_at: usize::MAX,
            end: "the end of the file",
            deep: false,
        }
    }
}

/// Children whose parent is still being read; each parent takes its own off the end.
#[derive(Default)]
struct Pending {
    stmts: Vec<StmtId>,
    exprs: Vec<ExprId>,
    types: Vec<TypeId>,
    parts: Vec<StrPart>,
    args: Vec<Arg>,
    fields: Vec<FieldDecl>,
    params: Vec<Param>,
    words: Vec<EnumWord>,
}

struct Parser<'a> {
    file: FileId,
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    names: &'a mut Names,
    tree: Tree,
    faults: Vec<Diagnostic>,
    pending: Pending,
    /// The height of each expression of the tree.
    heights: Vec<u16>,
    /// The tallest since the last `{` of a value.
    tallest: u16,
    nest: u32,
    /// The statement at hand is broken: its rest is skipped in silence.
    lost: bool,
    /// The token at which the last fault was found; a second one there is its echo.
    fault_at: usize,
    /// What its end is called.
    end: &'static str,
    /// The nesting of the statement at hand was found too deep.
    deep: bool,
}

/// Moves what was pending since `mark` into a list of the tree.
fn settle<T>(pending: &mut Vec<T>, mark: usize, list: &mut Vec<T>) -> Run {
    let start = list.len() as u32;
    list.extend(pending.drain(mark..));
    Run { start, end: list.len() as u32 }
}

impl Parser<'_> {
    fn peek(&self) -> Token {
        self.tokens[self.at]
    }

    fn kind(&self) -> Kind {
        self.tokens[self.at].kind
    }

    /// A token further on; the last one stands for all after it.
    fn ahead(&self, by: usize) -> Token {
        self.tokens[(self.at + by).min(self.tokens.len() - 1)]
    }

    fn is(&self, kind: Kind) -> bool {
        self.kind() == kind
    }

    /// Takes the token; the `Eof` stays.
    fn bump(&mut self) -> Token {
        let token = self.peek();
        if token.kind != Kind::Eof {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, kind: Kind) -> Option<Token> {
        self.is(kind).then(|| self.bump())
    }

    fn span(&self, token: Token) -> Span {
        Span::new(self.file, token.start, token.end)
    }

    /// From a place to the end of the last token taken.
    fn since(&self, start: u32) -> Span {
        Span::new(self.file, start, self.last_end().max(start))
    }

    fn last_end(&self) -> u32 {
        if self.at == 0 { 0 } else { self.tokens[self.at - 1].end }
    }

    /// The empty place after the last token taken: where something is missing.
    fn gap(&self) -> Span {
        let end = self.last_end();
        Span::new(self.file, end, end)
    }

    /// Where something is missing: at the token that stands there instead, or behind the last one
    /// where the line ends.
    fn missing_at(&self) -> Span {
        let token = self.peek();
        if token.has(Token::NEWLINE) || token.kind == Kind::Eof {
            self.gap()
        } else {
            self.span(token)
        }
    }

    /// What stands here, in words.
    fn found(&self) -> String {
        let token = self.peek();
        if token.kind == Kind::Eof {
            return self.end.to_owned();
        }
        if token.has(Token::NEWLINE) && self.at > 0 {
            return "the end of the line".to_owned();
        }
        faults::found(token.kind, token.text(self.text))
    }

    /// On the same line as the token before.
    fn same_line(&self) -> bool {
        let token = self.peek();
        !token.has(Token::NEWLINE) && token.kind != Kind::Eof
    }

    /// Reports, unless this is the echo of a fault that was reported.
    fn soft(&mut self, fault: impl FnOnce(&Self) -> Diagnostic) {
        let token = self.peek();
        let known =
            token.kind == Kind::Bad || token.has(Token::VIRTUAL) || token.has(Token::BROKEN);
        let after_bad = self.at > 0 && self.tokens[self.at - 1].kind == Kind::Bad;
        let echo = self.lost || self.fault_at == self.at || known || after_bad;
        if !echo {
            let fault = fault(self);
            self.faults.push(fault);
        }
        self.fault_at = self.at;
    }

    /// Reports, and gives the statement up.
    fn hard(&mut self, fault: impl FnOnce(&Self) -> Diagnostic) {
        self.soft(fault);
        self.lost = true;
    }

    /// Takes a mark, or says that it is missing.
    fn want(&mut self, kind: Kind, why: &'static str, way: &'static str) -> bool {
        if self.eat(kind).is_some() {
            return true;
        }
        self.hard(|p| faults::expected(p.missing_at(), kind, why, &p.found(), way));
        false
    }

    fn ident(&mut self, token: Token) -> Ident {
        let sym = self.names.intern(token.text(self.text));
        Ident { sym, span: self.span(token), quoted: false }
    }

    /// An empty name where one is missing.
    fn no_ident(&mut self) -> Ident {
        Ident { sym: self.names.intern(""), span: self.gap(), quoted: false }
    }

    /// The name of something that is declared.
    fn name(&mut self, what: &'static str, way: &'static str) -> Ident {
        let token = self.peek();
        if token.kind.is_word() {
            self.bump();
            return self.ident(token);
        }
        if token.kind.is_reserved() && self.same_line() {
            self.soft(|p| faults::reserved(p.span(token), token.text(p.text), false));
            self.bump();
            return self.ident(token);
        }
        self.hard(|p| faults::expected_name(p.missing_at(), what, &p.found(), way));
        self.no_ident()
    }

    /// A string that is plain text: a label, a key, a path.
    fn key(&mut self, token: Token) -> Ident {
        let sym = self.quoted_sym(token);
        Ident { sym, span: self.span(token), quoted: true }
    }

    fn node(&mut self, span: Span, kind: ExprKind, height: u16) -> ExprId {
        if height > MAX_HEIGHT {
            return self.too_high(span);
        }
        let id = ExprId(self.tree.exprs.len() as u32);
        self.tree.exprs.push(Expr { span, kind });
        self.heights.push(height);
        self.tallest = self.tallest.max(height);
        id
    }

    fn height(&self, id: ExprId) -> u16 {
        self.heights[id.0 as usize]
    }

    #[cold]
    fn too_high(&mut self, span: Span) -> ExprId {
        self.report_deep(span);
        self.node(span, ExprKind::Bad, 0)
    }

    #[cold]
    fn report_deep(&mut self, span: Span) {
        if !std::mem::replace(&mut self.deep, true) {
            self.faults.push(faults::too_long(span));
        }
    }

    fn leaf(&mut self, token: Token, kind: ExprKind) -> ExprId {
        let span = self.span(token);
        self.node(span, kind, 0)
    }

    fn bad_expr(&mut self) -> ExprId {
        let span = self.gap();
        self.node(span, ExprKind::Bad, 0)
    }

    /// Runs `read` one level further in, or gives `None` where that is too deep; the rest of the
    /// group is then skipped.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.nest >= MAX_NEST {
            let span = self.span(self.peek());
            if !self.lost {
                self.report_deep(span);
            }
            self.lost = true;
            self.skip_group_rest();
            return None;
        }
        self.nest += 1;
        let value = read(self);
        self.nest -= 1;
        Some(value)
    }

    /// Goes to the closing bracket of the group at hand.
    fn skip_group_rest(&mut self) {
        let mut open = 0u32;
        loop {
            let kind = self.kind();
            if kind == Kind::Eof || (open == 0 && kind.closes()) {
                return;
            }
            if kind.opens() {
                open += 1;
            } else if kind.closes() {
                open -= 1;
            }
            self.at += 1;
        }
    }

    /// After a fault: goes on to where the next statement of this block seems to begin, or to the
    /// block's end.
    fn sync(&mut self) {
        let mut open = 0u32;
        let start = self.at;
        loop {
            let token = self.peek();
            if token.kind == Kind::Eof || (open == 0 && token.kind.closes()) {
                break;
            }
            if open == 0 && self.starts_anew(token, self.at == start) {
                break;
            }
            if token.kind.opens() {
                open += 1;
            } else if token.kind.closes() {
                open -= 1;
            }
            self.at += 1;
        }
        self.lost = false;
    }

    fn starts_anew(&self, token: Token, first: bool) -> bool {
        if !token.kind.starts_statement() {
            return token.kind == Kind::Comma && !first;
        }
        if token.has(Token::NEWLINE)
            || token.kind.is_strength()
            || matches!(token.kind, Kind::Unset | Kind::Assert)
        {
            return true;
        }
        let next = self.ahead(1);
        let after = self.ahead(2).kind;
        next.kind.assigns()
            || next.kind == Kind::LBrace
            || ((next.kind.is_word() || next.kind == Kind::Str)
                && !next.has(Token::NEWLINE)
                && (after.assigns() || matches!(after, Kind::LBrace | Kind::From)))
    }
}
