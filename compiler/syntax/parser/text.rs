//! What strings say: escapes read, margins taken off.
//!
//! The margin of a multi-line text is the indentation that all its lines have in common, the
//! closing line included; lines of blanks do not count. It is taken off every line, and so is the
//! line's end right after the opening quotes. Line ends are `\n`, however the file was saved.

use super::super::token::{Kind, Token};
use super::super::tree::*;
use super::{Parser, settle};
use crate::names::Sym;
use crate::source::Span;
use std::borrow::Cow;

impl<'a> Parser<'a> {
    /// The text of a whole string token, as one name.
    pub(super) fn quoted_sym(&mut self, token: Token) -> Sym {
        let inner = self.inside(token);
        if token.has(Token::ESCAPES) {
            let text = unescape(inner);
            return self.names.intern(&text);
        }
        self.names.intern(inner)
    }

    /// A string token without its quotes.
    fn inside(&self, token: Token) -> &'a str {
        let quotes = if matches!(token.kind, Kind::Text | Kind::RawText) { 3 } else { 1 };
        let text = token.text(self.text);
        let tail = if token.has(Token::BROKEN) { 0 } else { quotes };
        text.get(quotes..text.len() - tail).unwrap_or("")
    }

    /// `"..."` or `"""..."""` without `${`.
    pub(super) fn plain_text(&mut self, token: Token) -> ExprId {
        let multiline = token.kind == Kind::Text;
        let start = self.tree.parts.len() as u32;
        let inner = self.inside(token);
        if !inner.is_empty() {
            let from = token.start + if multiline { 3 } else { 1 };
            let span = Span::new(self.file, from, from + inner.len() as u32);
            if multiline {
                let margin = Margin::of(&[inner]);
                let text = margin.strip(inner, true);
                let text = if token.has(Token::ESCAPES) { unescape(&text).into() } else { text };
                if !text.is_empty() {
                    let text = self.names.intern(&text);
                    self.tree.parts.push(StrPart::Text { text, span });
                }
            } else {
                let text = self.quoted_sym(token);
                self.tree.parts.push(StrPart::Text { text, span });
            }
        }
        let parts = Run { start, end: self.tree.parts.len() as u32 };
        self.leaf(token, ExprKind::Str { parts, multiline })
    }

    pub(super) fn raw_text(&mut self, token: Token) -> ExprId {
        let multiline = token.kind == Kind::RawText;
        let inner = self.inside(token);
        let text =
            if multiline { Margin::of(&[inner]).strip(inner, true) } else { Cow::Borrowed(inner) };
        let text = self.names.intern(&text);
        self.leaf(token, ExprKind::Raw { text, multiline })
    }

    /// Text with `${`; its opening quote is next.
    pub(super) fn woven_text(&mut self) -> ExprId {
        let open = self.bump();
        let multiline = open.kind == Kind::TextOpen;
        let lost = std::mem::replace(&mut self.lost, false);
        let mark = self.pending.parts.len();
        let margin = if multiline { self.margin_ahead() } else { Margin::default() };
        let mut first = true;
        let mut tallest = 0;
        loop {
            let token = self.peek();
            match token.kind {
                Kind::Piece => {
                    self.bump();
                    self.piece(token, multiline.then_some(margin), first);
                }
                Kind::InterpOpen => {
                    self.bump();
                    let id = self.interpolation();
                    tallest = tallest.max(self.height(id));
                    self.pending.parts.push(StrPart::Expr(id));
                }
                Kind::Bad => {
                    self.bump();
                    let id = self.leaf(token, ExprKind::Bad);
                    self.pending.parts.push(StrPart::Expr(id));
                }
                Kind::StrClose => {
                    self.bump();
                    break;
                }
                _ => break,
            }
            first = false;
        }
        self.lost = lost;
        let parts = settle(&mut self.pending.parts, mark, &mut self.tree.parts);
        self.node(self.since(open.start), ExprKind::Str { parts, multiline }, tallest + 1)
    }

    fn piece(&mut self, token: Token, margin: Option<Margin>, first: bool) {
        let raw = &self.text[token.range()];
        let mut text = Cow::Borrowed(raw);
        if let Some(margin) = margin {
            text = margin.strip(raw, first);
        }
        if token.has(Token::ESCAPES) {
            text = unescape(&text).into();
        }
        if !text.is_empty() {
            let text = self.names.intern(&text);
            let span = self.span(token);
            self.pending.parts.push(StrPart::Text { text, span });
        }
    }

    /// The expression of a `${`, and its `}`.
    fn interpolation(&mut self) -> ExprId {
        let id = match self.nested(|p| p.expr_after("`${`")) {
            Some(id) => id,
            None => self.bad_expr(),
        };
        if !self.is(Kind::InterpClose) {
            self.hard(|p| super::faults::one_interpolated(p.missing_at(), &p.found()));
        }
        self.close(Kind::InterpClose);
        self.lost = false;
        id
    }

    /// The margin of the text whose pieces begin here.
    fn margin_ahead(&self) -> Margin<'a> {
        let mut pieces = Vec::new();
        let mut depth = 0u32;
        for token in &self.tokens[self.at..] {
            match token.kind {
                Kind::StrClose if depth == 0 => break,
                Kind::Eof => break,
                // An expression may begin a line: it counts as what stands there.
                Kind::InterpOpen if depth == 0 => {
                    pieces.push("x");
                    depth += 1;
                }
                Kind::InterpOpen => depth += 1,
                Kind::InterpClose => depth = depth.saturating_sub(1),
                Kind::Piece if depth == 0 => pieces.push(token.text(self.text)),
                _ => {}
            }
        }
        Margin::of(&pieces)
    }
}

/// The common indentation of a multi-line text.
#[derive(Clone, Copy, Default)]
struct Margin<'a> {
    indent: &'a str,
}

impl<'a> Margin<'a> {
    /// Works out the margin of a text in pieces.
    fn of(pieces: &[&'a str]) -> Margin<'a> {
        let mut common: Option<&str> = None;
        // The blanks at the start of the line at hand, while nothing else was met on it. The first
        // line begins right after the quotes and has no indentation to speak of.
        let mut blanks: Option<&str> = None;
        let narrow = |common: &mut Option<&'a str>, blanks: &'a str| {
            *common = Some(common.map_or(blanks, |so_far| shared_start(so_far, blanks)));
        };
        for piece in pieces {
            for (index, line) in piece.split('\n').enumerate() {
                let text = line.trim_end_matches('\r');
                let rest = text.trim_start_matches([' ', '\t']);
                if index > 0 {
                    blanks = Some(&text[..text.len() - rest.len()]);
                }
                if !rest.is_empty()
                    && let Some(blanks) = blanks.take()
                {
                    narrow(&mut common, blanks);
                }
            }
        }
        if let Some(blanks) = blanks {
            narrow(&mut common, blanks);
        }
        Margin { indent: common.unwrap_or("") }
    }

    /// The next piece without its margins; `first` drops the line's end right after the quotes.
    fn strip<'t>(self, piece: &'t str, first: bool) -> Cow<'t, str> {
        if !piece.contains('\n') {
            return Cow::Borrowed(piece);
        }
        let mut out = String::with_capacity(piece.len());
        for (index, line) in piece.split('\n').enumerate() {
            if index > 0 {
                let opening = first && index == 1 && out.is_empty();
                if !opening {
                    out.push('\n');
                }
                let text = line.strip_suffix('\r').unwrap_or(line);
                out.push_str(&text[shared_start(self.indent, text).len()..]);
            } else {
                out.push_str(line.strip_suffix('\r').unwrap_or(line));
            }
        }
        Cow::Owned(out)
    }
}

fn shared_start<'a>(a: &'a str, b: &str) -> &'a str {
    let shared = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    &a[..shared]
}

/// Reads the escapes, which the lexer has checked; an unsound one stays as it is.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let (c, len) = match tail.as_bytes().first() {
            Some(b'n') => ('\n', 1),
            Some(b't') => ('\t', 1),
            Some(b'u') => code_point(tail).unwrap_or(('\\', 0)),
            Some(&byte @ (b'\\' | b'"' | b'$')) => (byte as char, 1),
            _ => ('\\', 0),
        };
        out.push(c);
        rest = &tail[len..];
    }
    out.push_str(rest);
    out
}

/// `u{hex}`: the character and the length of what was read.
fn code_point(tail: &str) -> Option<(char, usize)> {
    let digits = tail.strip_prefix("u{")?;
    let end = digits.find('}')?;
    let value = u32::from_str_radix(&digits[..end], 16).ok()?;
    Some((char::from_u32(value)?, end + 3))
}
