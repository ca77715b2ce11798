//! Gives every bracket a partner, where the text does not: so the parser never meets a group
//! without an end. Indentation tells which bracket is the one that was left open.
//!
//! Only runs on files whose brackets do not match, or lie too deep. A missing bracket becomes a
//! `VIRTUAL` token of no width, one too many becomes `Bad`, and a group that lies too deep becomes
//! one `Bad`; each is reported once.

mod lines;

use super::faults;
use super::lexer::MAX_DEPTH;
use super::token::{Kind, Token};
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};

pub(super) fn balance(
    file: FileId,
    text: &str,
    tokens: &[Token],
    faults: &mut Vec<Diagnostic>,
) -> Vec<Token> {
    let opened = tokens.iter().filter(|token| token.kind.opens()).count();
    let closed = tokens.iter().filter(|token| token.kind.closes()).count();
    let mut repair = Repair {
        file,
        text,
        tokens,
        faults,
        out: Vec::with_capacity(tokens.len() + 16),
        stack: Vec::new(),
        deep_from: None,
        deep_reported: false,
        indent: 0,
        line: 0,
        spare: closed.saturating_sub(opened),
        surplus: opened.saturating_sub(closed),
        last_stray: u32::MAX,
        last_broken: None,
        laid_out: false,
    };
    repair.laid_out = repair.is_laid_out();
    for at in 0..tokens.len() {
        repair.token(at);
    }
    repair.out
}

/// An opening bracket whose partner has not come yet.
struct Open {
    token: Token,
    /// The indentation of the line it stands on, and the index of that line's first token.
    indent: usize,
    line: usize,
    /// It ends its line.
    block: bool,
    /// How many of each kind are open since the last `${`, this one included; parentheses and
    /// square brackets only since the last brace.
    braces: u32,
    parens: u32,
    squares: u32,
}

struct Repair<'a> {
    file: FileId,
    text: &'a str,
    tokens: &'a [Token],
    faults: &'a mut Vec<Diagnostic>,
    out: Vec<Token>,
    stack: Vec<Open>,
    /// The depth of the bracket that was too deep, while its group lasts.
    deep_from: Option<usize>,
    deep_reported: bool,
    indent: usize,
    line: usize,
    /// How many more brackets close than open in the whole file.
    spare: usize,
    /// How many more open.
    surplus: usize,
    /// Where the last bracket without a partner ended.
    last_stray: u32,
    /// The last text whose closing quote is missing.
    last_broken: Option<Token>,
    /// The file's blocks are indented: indentation tells what is inside of what.
    laid_out: bool,
}

impl Repair<'_> {
    fn token(&mut self, at: usize) {
        let token = self.tokens[at];
        if token.has(Token::NEWLINE) {
            let head = self.unopened(at);
            self.indent = self.indent_of(token);
            self.line = at;
            self.new_line(at);
            if let Some(head) = head {
                self.open_block(head);
            }
        }
        match token.kind {
            Kind::Eof => {
                while !self.stack.is_empty() {
                    self.unclosed(true);
                }
                self.put(token);
            }
            Kind::InterpClose => self.close_interpolation(token),
            kind if kind.opens() => self.open(at),
            kind if kind.closes() && self.close_alone(at) => {}
            kind if kind.closes() => self.close(token),
            _ => {
                self.put(token);
                if token.has(Token::BROKEN) {
                    // `"${name" }`: the quote meant to close the text opened another one inside.
                    let inner = token.kind == Kind::StrClose && token.start == token.end;
                    let text = if inner { self.last_broken.unwrap_or(token) } else { token };
                    self.swallowed(text);
                    self.last_broken = Some(text);
                }
            }
        }
    }

    fn put(&mut self, token: Token) {
        if self.deep_from.is_none() {
            self.out.push(token);
        }
    }

    fn open(&mut self, at: usize) {
        let token = self.tokens[at];
        if self.opens_twice(at) {
            return;
        }
        self.close_arguments(at);
        let last = self.stack.last();
        let (mut braces, mut parens, mut squares) =
            last.map_or((0, 0, 0), |open| (open.braces, open.parens, open.squares));
        match token.kind {
            Kind::LBrace => (braces, parens, squares) = (braces + 1, 0, 0),
            Kind::LParen => parens += 1,
            Kind::LBracket => squares += 1,
            _ => (braces, parens, squares) = (0, 0, 0),
        }
        let block = self.tokens[at + 1].has(Token::NEWLINE);
        if self.stack.len() == MAX_DEPTH && self.deep_from.is_none() {
            self.put(Token::new(Kind::Bad, token.start as usize, token.end as usize, 0));
            self.deep_from = Some(self.stack.len());
            if !self.deep_reported {
                self.deep_reported = true;
                self.faults.push(faults::too_deep(self.span(token), MAX_DEPTH));
            }
        }
        self.put(token);
        self.stack.push(Open {
            token,
            indent: self.indent,
            line: self.line,
            block,
            braces,
            parens,
            squares,
        });
    }

    /// Takes the innermost open bracket off.
    fn pop(&mut self) -> Option<Open> {
        let open = self.stack.pop();
        if self.stack.is_empty() {
            self.deep_reported = false;
        }
        open
    }

    /// Ends the group that was too deep, once its own bracket is closed.
    fn surface(&mut self) {
        if self.deep_from == Some(self.stack.len()) {
            self.deep_from = None;
        }
    }

    fn close(&mut self, token: Token) {
        let Some(open) = self.stack.last() else { return self.stray(token) };
        let partner = match token.kind {
            Kind::RBrace => open.braces > 0,
            Kind::RParen => open.parens > 0,
            _ => open.squares > 0,
        };
        if !partner && open.line == self.line && open.token.kind != Kind::InterpOpen {
            return self.unlike(token);
        }
        if !partner || (self.spare > 0 && self.is_spare(token)) {
            return self.stray(token);
        }
        while self.stack.last().is_some_and(|open| open.token.kind.partner() != token.kind) {
            self.unclosed(true);
        }
        if token.kind == Kind::RBrace && token.has(Token::NEWLINE) && self.laid_out {
            self.close_dedented();
        }
        self.pop();
        self.put(token);
        self.surface();
    }

    /// A `}` that begins its line further in than the line of its block.
    fn is_spare(&self, token: Token) -> bool {
        let Some(open) = self.stack.last() else { return true };
        let own_line = token.kind == Kind::RBrace && token.has(Token::NEWLINE);
        own_line && self.laid_out && open.block && self.indent > open.indent
    }

    /// A `}` that begins its line as far out as an outer block: the inner ones were left open.
    fn close_dedented(&mut self) {
        let indent = self.indent;
        let from = self.stack.len().saturating_sub(MAX_DEPTH);
        let fits =
            |open: &Open| open.token.kind == Kind::LBrace && open.block && open.indent == indent;
        let Some(home) = self.stack[from..].iter().rposition(fits).map(|index| from + index) else {
            return;
        };
        let crossed = self.stack[home..].iter().any(|open| open.token.kind != Kind::LBrace);
        if crossed {
            return;
        }
        while self.stack.len() > home + 1 {
            self.unclosed(true);
        }
    }

    /// A new line that stands as far out as the line of an open bracket, and begins a statement,
    /// is no longer inside it.
    fn new_line(&mut self, at: usize) {
        if !self.laid_out || !self.tokens[at].kind.starts_statement() {
            return;
        }
        while let Some(open) = self.stack.last() {
            let inside = match open.token.kind {
                Kind::LBrace => self.indent > open.indent,
                Kind::LParen | Kind::LBracket => self.indent > open.indent || !self.is_entry(at),
                _ => true,
            };
            if inside {
                return;
            }
            self.unclosed(true);
        }
    }

    /// The last line is the head of a block, `container web` or `container db from std.postgres("16")`, and the new one further in: its `{` is
    /// missing, where the file has a `}` too many.
    fn unopened(&self, at: usize) -> Option<Open> {
        let head = &self.tokens[self.line..at];
        let [first, rest @ ..] = head else { return None };
        let label = |label: &Token| label.kind.is_word() || label.kind == Kind::Str;
        let named = match rest {
            [] => true,
            [name] => label(name),
            [_, _] => false,
            [name, sign, .., last] => {
                let takes = matches!(sign.kind, Kind::From | Kind::Assign);
                label(name) && takes && lines::ends_value(last.kind)
            }
        };
        let here = self.stack.last().is_none_or(|open| open.token.kind == Kind::LBrace);
        let further = self.indent_of(self.tokens[at]) > self.indent;
        if self.spare == 0 || !self.laid_out || !here || !named || !further {
            return None;
        }
        if first.kind != Kind::Word || !self.is_entry(at) {
            return None;
        }
        let end = head.last()?.end as usize;
        let token = Token::new(Kind::LBrace, end, end, 0).with(Token::VIRTUAL);
        let braces = self.stack.last().map_or(0, |open| open.braces) + 1;
        let (indent, line) = (self.indent, self.line);
        Some(Open { token, indent, line, block: true, braces, parens: 0, squares: 0 })
    }

    fn open_block(&mut self, open: Open) {
        self.spare -= 1;
        let head = Span::new(self.file, self.tokens[open.line].start, open.token.end);
        self.faults.push(faults::unopened(head, self.text));
        self.put(open.token);
        self.stack.push(open);
    }

    fn is_entry(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map(|at| self.tokens[at].kind);
        if before == Some(Kind::Comma) && !self.kind(at + 1).assigns() {
            return false;
        }
        let second = self.kind(at + 1);
        let third = self.kind(at + 2);
        let named = second.is_word() || second == Kind::Str;
        second.assigns()
            || second == Kind::LBrace
            || (named && (third.assigns() || matches!(third, Kind::LBrace | Kind::From)))
    }

    fn kind(&self, at: usize) -> Kind {
        self.tokens.get(at).map_or(Kind::Eof, |token| token.kind)
    }

    fn close_interpolation(&mut self, token: Token) {
        let silent = token.has(Token::BROKEN);
        while self.stack.last().is_some_and(|open| open.token.kind != Kind::InterpOpen) {
            self.unclosed(!silent);
        }
        self.pop();
        self.put(token);
        self.surface();
    }

    /// Text without its closing quote has run to the end of its line, over the brackets there: they
    /// close what the same line opened.
    fn swallowed(&mut self, token: Token) {
        let text = token.text(self.text);
        for c in text.chars() {
            let kind = match c {
                '}' => Kind::RBrace,
                ')' => Kind::RParen,
                ']' => Kind::RBracket,
                _ => continue,
            };
            let fits = self
                .stack
                .last()
                .is_some_and(|open| open.line == self.line && open.token.kind.partner() == kind);
            if fits {
                self.unclosed(false);
            }
        }
    }

    /// Closes the innermost bracket where the last token ended.
    fn unclosed(&mut self, report: bool) {
        let Some(open) = self.pop() else { return };
        let end = self.out.last().map_or(0, |token| token.end);
        if report && self.deep_from.is_none() {
            let place = Span::new(self.file, end, end);
            self.faults.push(faults::unclosed(
                self.span(open.token),
                open.token.kind,
                place,
                open.indent,
            ));
        }
        self.put(
            Token::new(open.token.kind.partner(), end as usize, end as usize, 0)
                .with(Token::VIRTUAL),
        );
        self.surface();
    }

    /// `[1, 2)`: closed, but by the wrong sign.
    fn unlike(&mut self, token: Token) {
        let Some(open) = self.pop() else { return };
        if self.deep_from.is_none() {
            let (opened, closed) = (self.span(open.token), self.span(token));
            self.faults.push(faults::unlike(
                opened,
                open.token.kind,
                closed,
                token.text(self.text),
            ));
        }
        let flags = if token.has(Token::NEWLINE) { Token::NEWLINE } else { 0 };
        let kind = open.token.kind.partner();
        self.put(
            Token::new(kind, token.start as usize, token.end as usize, flags).with(Token::VIRTUAL),
        );
        self.surface();
    }

    fn stray(&mut self, token: Token) {
        self.spare = self.spare.saturating_sub(1);
        if self.last_stray != token.start && self.deep_from.is_none() {
            self.faults.push(faults::stray(self.span(token), token.text(self.text)));
        }
        self.last_stray = token.end;
        // In the middle of a line it is left out, and the rest read as if it were not there.
        let next = self.tokens.partition_point(|other| other.start < token.end);
        let within = |at: &Token| at.kind != Kind::Eof && !at.has(Token::NEWLINE);
        if !token.has(Token::NEWLINE) && self.tokens.get(next).is_some_and(within) {
            return;
        }
        let flags = if token.has(Token::NEWLINE) { Token::NEWLINE } else { 0 };
        self.put(Token::new(Kind::Bad, token.start as usize, token.end as usize, flags));
    }

    /// Whether at least every second block that opens at a line's end has its first line further in.
    fn is_laid_out(&self) -> bool {
        let mut indent = 0;
        let mut balance = 0i64;
        for pair in self.tokens.windows(2) {
            let [token, next] = pair else { continue };
            if token.has(Token::NEWLINE) {
                indent = self.indent_of(*token);
            }
            if token.kind == Kind::LBrace
                && next.has(Token::NEWLINE)
                && next.kind.starts_statement()
            {
                balance += if self.indent_of(*next) > indent { 1 } else { -1 };
            }
        }
        balance >= 0
    }

    /// The blanks before a token that is first on its line.
    fn indent_of(&self, token: Token) -> usize {
        let before = &self.text[..token.start as usize];
        before.len() - before.trim_end_matches([' ', '\t']).len()
    }

    fn span(&self, token: Token) -> Span {
        Span::new(self.file, token.start, token.end)
    }
}
