//! Text to tokens, one pass, no allocation a token. Words, marks and comments are here; numbers
//! and addresses in `number.rs`, strings in `text.rs`. Nothing here knows the grammar.

mod conflict;
mod number;
mod quotes;
mod text;

use super::faults;
use super::token::{Kind, Token, is_forbidden, word_kind};
use super::tree::Comment;
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};

/// What the lexer hands over.
pub(super) struct Lexed {
    /// Ends with one `Eof`.
    pub tokens: Vec<Token>,
    pub comments: Vec<Comment>,
    pub faults: Vec<Diagnostic>,
    /// Every bracket has its partner and none lies deeper than `MAX_DEPTH`.
    pub balanced: bool,
}

/// How deep brackets may lie in each other.
pub(super) const MAX_DEPTH: usize = 128;

pub(super) fn lex(file: FileId, text: &str) -> Lexed {
    lex_with(file, text, true)
}

/// A text up to where somebody types: what is open there is no slip.
pub(super) fn lex_to_cursor(text: &str) -> Lexed {
    lex_with(FileId(0), text, false)
}

fn lex_with(file: FileId, text: &str, repairs: bool) -> Lexed {
    let mut lexer = Lexer {
        file,
        text,
        repairs,
        bytes: text.as_bytes(),
        at: 0,
        flags: Token::NEWLINE,
        tokens: Vec::with_capacity(text.len() / 5 + 16),
        comments: Vec::new(),
        faults: Vec::new(),
        strings: Vec::new(),
        one_line: 0,
        brackets: Vec::new(),
        balanced: true,
        unclosed_comment: false,
    };
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    lexer.run();
    let balanced = lexer.balanced && lexer.brackets.is_empty();
    Lexed { tokens: lexer.tokens, comments: lexer.comments, faults: lexer.faults, balanced }
}

/// A text whose `${` is being read.
struct Open {
    quote: usize,
    interp: usize,
    multiline: bool,
    /// Braces open inside the `${`.
    braces: u32,
}

struct Lexer<'a> {
    file: FileId,
    text: &'a str,
    bytes: &'a [u8],
    /// Whether a line that lacks one sign is read as if it stood there.
    repairs: bool,
    at: usize,
    /// Flags of the next token.
    flags: u8,
    tokens: Vec<Token>,
    comments: Vec<Comment>,
    faults: Vec<Diagnostic>,
    strings: Vec<Open>,
    /// How many of `strings` are `"..."`: while there is one, a line's end is a fault.
    one_line: usize,
    brackets: Vec<Kind>,
    balanced: bool,
    /// From here on there is no `*/`.
    unclosed_comment: bool,
}

impl Lexer<'_> {
    fn run(&mut self) {
        loop {
            let start = self.at;
            let Some(&byte) = self.bytes.get(start) else { break };
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'\n' => self.newline(),
                b'\r' if self.byte(1) == b'\n' => self.at += 1,
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
                b'0'..=b'9' => self.number(),
                b'"' => self.string(),
                b'\'' => self.raw(),
                b'/' if self.byte(1) == b'/' => self.comment(),
                b'/' if self.byte(1) == b'*' => self.block_comment(),
                b'{' | b'(' | b'[' => self.open(byte),
                b'}' | b')' | b']' => self.close(byte),
                b':' if self.byte(1) == b':' => self.address_or_bad(),
                b'#' => self.hash_comment(),
                b'<' | b'=' | b'>' | b'|' if self.conflict() => {}
                _ => match mark(byte, self.byte(1)) {
                    Some((kind, len)) => self.push(kind, start, start + len),
                    None => self.stranger(),
                },
            }
        }
        if !self.strings.is_empty() {
            self.break_strings(0);
        }
        let end = self.bytes.len();
        self.push(Kind::Eof, end, end);
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    /// Adds a token and goes on after it.
    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.tokens.push(Token::new(kind, start, end, self.flags));
        self.flags = 0;
        self.at = end;
    }

    fn newline(&mut self) {
        if self.one_line > 0 {
            self.break_line();
        }
        self.flags |= Token::NEWLINE;
        self.at += 1;
    }

    fn word(&mut self) {
        let start = self.at;
        if is_hex(self.bytes[start]) && self.address_ahead() && self.address() {
            return;
        }
        let mut end = start + 1;
        loop {
            while self.bytes.get(end).copied().is_some_and(is_word_byte) {
                end += 1;
            }
            let inner = self.bytes.get(end) == Some(&b'-')
                && self.bytes.get(end + 1).copied().is_some_and(is_word_byte);
            if !inner {
                break;
            }
            end += 2;
        }
        self.push(word_kind(&self.bytes[start..end]), start, end);
    }

    fn open(&mut self, byte: u8) {
        let kind = match byte {
            b'{' => Kind::LBrace,
            b'(' => Kind::LParen,
            _ => Kind::LBracket,
        };
        if kind == Kind::LBrace
            && let Some(open) = self.strings.last_mut()
        {
            open.braces += 1;
        }
        self.opened(kind);
        self.push(kind, self.at, self.at + 1);
    }

    fn opened(&mut self, kind: Kind) {
        self.brackets.push(kind);
        if self.brackets.len() > MAX_DEPTH {
            self.balanced = false;
        }
    }

    fn closed(&mut self, kind: Kind) {
        if self.brackets.pop().map(Kind::partner) != Some(kind) {
            self.balanced = false;
        }
    }

    fn close(&mut self, byte: u8) {
        let kind = match byte {
            b'}' => Kind::RBrace,
            b')' => Kind::RParen,
            _ => Kind::RBracket,
        };
        if kind == Kind::RBrace
            && let Some(open) = self.strings.last_mut()
        {
            if open.braces == 0 {
                return self.close_interpolation();
            }
            open.braces -= 1;
        }
        self.closed(kind);
        self.push(kind, self.at, self.at + 1);
    }

    fn comment(&mut self) {
        let start = self.at;
        self.at = self.line_end(start);
        let mut end = self.at;
        while end > start && matches!(self.bytes[end - 1], b'\r' | b' ' | b'\t') {
            end -= 1;
        }
        let text = &self.bytes[start..end];
        let doc = text.starts_with(b"///") && !text.starts_with(b"////");
        let span = self.span(start, end);
        self.comments.push(Comment { span, doc });
        self.flags |= Token::COMMENT;
    }

    /// The end of the line, having reported what may not stand in a text.
    fn line_end(&mut self, start: usize) -> usize {
        let mut at = start;
        while let Some(&byte) = self.bytes.get(at) {
            if byte == b'\n' {
                break;
            }
            at += if is_suspect(byte) { self.check_char(at) } else { 1 };
        }
        at
    }

    fn hash_comment(&mut self) {
        let start = self.at;
        let end = self.line_end(start);
        self.faults.push(faults::hash_comment(self.span(start, end)));
        self.push(Kind::Bad, start, end);
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let rest = Some(&self.text[start + 2..]).filter(|_| !self.unclosed_comment);
        let end = match rest.and_then(|rest| rest.find("*/")) {
            Some(at) => start + 2 + at + 2,
            None => {
                self.unclosed_comment = true;
                self.line_end(start)
            }
        };
        self.faults.push(faults::block_comment(self.span(start, end)));
        self.push(Kind::Bad, start, end);
        if self.one_line > 0 && self.bytes[start..end].contains(&b'\n') {
            self.break_line();
        }
    }

    /// Text that no token begins with, as one `Bad`.
    fn stranger(&mut self) {
        let start = self.at;
        let first = self.char_at(start);
        if faults::is_quote(first) {
            return self.foreign_quote(start, first);
        }
        if let Some(end) = self.shell_value(start) {
            let (span, written) = (self.span(start, end), &self.text[start..end]);
            self.faults.push(match first {
                '~' => faults::bare_value(span, written),
                _ => faults::shell_value(span, written),
            });
            return self.push(Kind::Bad, start, end);
        }
        let mut end = start + first.len_utf8();
        if !is_separate(first) {
            while let Some(next) = self.text[end..].chars().next() {
                if is_separate(next) || !is_strange(next) {
                    break;
                }
                end += next.len_utf8();
            }
        }
        let word_before = self.tokens.last().is_some_and(|token| {
            token.end as usize == start && (token.kind.is_word() || token.kind == Kind::Bad)
        });
        let named = first == '@' && self.text[end..].starts_with(|c: char| c.is_ascii_alphabetic());
        let whole = first.is_alphanumeric() || word_before || named;
        if whole && !is_space(first) {
            end += self.text[end..]
                .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
                .unwrap_or(self.text.len() - end);
        }
        if matches!(first, '→' | '⟶' | '➔') {
            let end = start + first.len_utf8();
            self.faults.push(faults::stranger(self.span(start, end), &self.text[start..end]));
            return self.push(Kind::Arrow, start, end);
        }
        self.faults.push(faults::stranger(self.span(start, end), &self.text[start..end]));
        if is_space(first) {
            // Blank to the eye: nothing is missing where it stood.
            self.at = end;
        } else {
            self.push(Kind::Bad, start, end);
        }
    }

    /// Where `$NAME`, `$HOME/data`, `${env.NAME}`, `$(command)` or `~/data` outside of text ends.
    fn shell_value(&self, start: usize) -> Option<usize> {
        let home = self.text[start..].starts_with("~/");
        let rest = self.text[start..].strip_prefix(['$', '~'])?;
        let named = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '{' | '(');
        let own = home || self.bytes[start] == b'$' && rest.starts_with(named);
        if !own || !self.strings.is_empty() {
            return None;
        }
        let line = rest.split('\n').next().unwrap_or("");
        let braced = match line.as_bytes().first() {
            Some(b'{') => line.find('}')? + 1,
            Some(b'(') => line.find(')')? + 1,
            _ => 0,
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-');
        let more = line[braced..].find(|c| !plain(c)).unwrap_or(line.len() - braced);
        Some(start + 1 + braced + more)
    }

    /// `“text”` and other quotes that an editor or a page put there.
    fn foreign_quote(&mut self, start: usize, first: char) {
        let rest = &self.text[start + first.len_utf8()..];
        let line = rest.split('\n').next().unwrap_or("");
        let close = line.char_indices().find(|&(_, c)| faults::closes_quote(first, c));
        let inner = start + first.len_utf8();
        let (end, closing) = match close {
            Some((at, c)) => {
                (inner + at + c.len_utf8(), Some(self.span(inner + at, inner + at + c.len_utf8())))
            }
            None => (inner + line.trim_end().len(), None),
        };
        let opening = self.span(start, inner);
        self.faults.push(faults::foreign_quote(opening, closing, first));
        self.push(Kind::Bad, start, end);
    }

    fn char_at(&self, at: usize) -> char {
        self.text[at..].chars().next().unwrap_or('\0')
    }

    /// Looks at a byte that `is_suspect`; reports it if it may not stand in a comment or string.
    /// Gives the length of its character.
    fn check_char(&mut self, at: usize) -> usize {
        let c = self.char_at(at);
        let line_end = c == '\r' && self.bytes.get(at + 1) == Some(&b'\n');
        if is_forbidden(c) && !line_end {
            let span = self.span(at, at + c.len_utf8());
            self.faults.push(faults::hidden(span, c));
        }
        c.len_utf8()
    }
}

/// The mark that begins with these two bytes, and its length.
fn mark(first: u8, second: u8) -> Option<(Kind, usize)> {
    Some(match (first, second) {
        (b'=', b'=') => (Kind::Equal, 2),
        (b'=', _) => (Kind::Assign, 1),
        (b',', _) => (Kind::Comma, 1),
        (b':', _) => (Kind::Colon, 1),
        (b';', _) => (Kind::Semicolon, 1),
        (b'.', b'.') => (Kind::Range, 2),
        (b'.', _) => (Kind::Dot, 1),
        (b'-', b'>') => (Kind::Arrow, 2),
        (b'-', b'=') => (Kind::SubAssign, 2),
        (b'-', _) => (Kind::Minus, 1),
        (b'+', b'=') => (Kind::AddAssign, 2),
        (b'+', _) => (Kind::Plus, 1),
        (b'!', b'=') => (Kind::NotEqual, 2),
        (b'!', _) => (Kind::Not, 1),
        (b'<', b'=') => (Kind::LessEqual, 2),
        (b'<', _) => (Kind::Less, 1),
        (b'>', b'=') => (Kind::GreaterEqual, 2),
        (b'>', _) => (Kind::Greater, 1),
        (b'?', b'?') => (Kind::Coalesce, 2),
        (b'?', _) => (Kind::Question, 1),
        (b'|', b'|') => (Kind::Or, 2),
        (b'|', _) => (Kind::Pipe, 1),
        (b'&', b'&') => (Kind::And, 2),
        (b'*', _) => (Kind::Star, 1),
        (b'/', _) => (Kind::Slash, 1),
        _ => return None,
    })
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

/// Bytes that may begin a forbidden character.
fn is_suspect(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t' && byte != b'\n')
        || matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xe2 | 0xef)
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// A character that no token begins with.
fn is_strange(c: char) -> bool {
    !c.is_ascii()
        || c.is_ascii_control()
        || matches!(c, '&' | '@' | '$' | '%' | '^' | '~' | '?' | '\\')
}

/// A stranger with a fault of its own, not to be run together with its neighbours.
fn is_separate(c: char) -> bool {
    is_space(c) || is_forbidden(c) || faults::is_quote(c)
}
