//! Strings: where they end, whether their escapes are sound, and the `${` in them. What they say
//! is worked out by the parser.

use super::super::faults;
use super::super::token::{Kind, Token};
use super::quotes::lacking;
use super::{Lexer, Open, is_hex, is_suspect};
use crate::diag::Diagnostic;

/// Where reading a piece of text stopped.
enum Stop {
    Closed,
    Interpolation,
    Broken,
}

impl Lexer<'_> {
    /// `"..."` or `"""..."""`.
    pub(super) fn string(&mut self) {
        let start = self.at;
        let multiline = self.byte(1) == b'"' && self.byte(2) == b'"';
        let quotes = if multiline { 3 } else { 1 };
        let (stop, end, escapes) = self.piece(start + quotes, multiline);
        self.flags |= escapes;
        match stop {
            Stop::Closed => {
                let kind = if multiline { Kind::Text } else { Kind::Str };
                self.push(kind, start, end + quotes);
            }
            Stop::Interpolation => {
                let outer = self.flags & !Token::ESCAPES;
                self.flags = outer;
                let kind = if multiline { Kind::TextOpen } else { Kind::StrOpen };
                self.push(kind, start, start + quotes);
                self.push_piece(start + quotes, end, escapes);
                self.open_interpolation(start, end, multiline);
            }
            Stop::Broken => {
                if self.one_line == 0 && !multiline && self.one_sign_short_inside(end) {
                    return;
                }
                if self.one_line == 0 {
                    let text = &self.text[start..end];
                    self.faults.push(faults::open_text(
                        self.span(start, start + quotes),
                        self.span(end, end),
                        text,
                    ));
                }
                let kind = if multiline { Kind::Text } else { Kind::Str };
                self.flags |= Token::BROKEN;
                self.push(kind, start, end);
            }
        }
    }

    /// After the `}` of a `${`: the rest of the text.
    pub(super) fn close_interpolation(&mut self) {
        self.closed(Kind::InterpClose);
        let close = self.at;
        self.push(Kind::InterpClose, close, close + 1);
        let open = self.strings.pop().expect("a `}` closes a `${` only while there is one");
        if !open.multiline {
            self.one_line -= 1;
        }
        let (stop, end, escapes) = self.piece(close + 1, open.multiline);
        self.push_piece(close + 1, end, escapes);
        let quotes = if open.multiline { 3 } else { 1 };
        match stop {
            Stop::Closed => self.push(Kind::StrClose, end, end + quotes),
            Stop::Interpolation => self.open_interpolation(open.quote, end, open.multiline),
            Stop::Broken => {
                if self.one_line == 0 {
                    if !open.multiline && self.one_sign_short(open.quote, end) {
                        return;
                    }
                    let text = &self.text[open.quote..end];
                    let quote = self.span(open.quote, open.quote + quotes);
                    self.faults.push(faults::open_text(quote, self.span(end, end), text));
                }
                self.flags |= Token::BROKEN;
                self.push(Kind::StrClose, end, end);
            }
        }
    }

    /// A line ends while a `"..."` is open, inside one of its `${`.
    pub(super) fn break_line(&mut self) {
        let outermost = self.strings.iter().position(|open| !open.multiline);
        self.break_strings(outermost.expect("`one_line` counts the one-line strings of `strings`"));
    }

    /// Closes the texts from `from` inwards, and reports one fault for all of them.
    pub(super) fn break_strings(&mut self, from: usize) {
        let end = self.at;
        let outermost = &self.strings[from];
        if !outermost.multiline && self.one_sign_short(outermost.quote, end) {
            self.strings.truncate(from);
            self.one_line = self.strings.iter().filter(|open| !open.multiline).count();
            return;
        }
        let innermost = self.strings.last().expect("only called while a text is open");
        let interp = self.span(innermost.interp, innermost.interp + 2);
        let quote = self.span(self.strings[from].quote, self.strings[from].quote + 1);
        self.faults.push(faults::open_interpolation(interp, quote));
        for _ in from..self.strings.len() {
            self.closed_silently();
            self.flags |= Token::BROKEN;
            self.push(Kind::InterpClose, end, end);
            self.flags |= Token::BROKEN;
            self.push(Kind::StrClose, end, end);
        }
        self.strings.truncate(from);
        self.one_line = self.strings.iter().filter(|open| !open.multiline).count();
    }

    /// `"${sites["git].url}"`: where one sign makes a line sound, it is what is missing, and the text one token.
    fn one_sign_short(&mut self, quote: usize, line_end: usize) -> bool {
        let lacking = self.repairs.then(|| lacking(&self.text[quote..line_end]));
        let Some(lacking) = lacking.flatten() else { return false };
        let first = self.tokens.iter().rposition(|token| token.start as usize == quote);
        let Some(first) = first else { return false };
        let end = quote + lacking.end;
        self.lacks(lacking.sign, quote + lacking.at, quote);
        self.flags = self.tokens[first].flags();
        self.tokens.truncate(first);
        self.push(Kind::Bad, quote, end);
        true
    }

    /// The same on one line of a `"""`: its `${` is one token, and the text goes on.
    fn one_sign_short_inside(&mut self, line_end: usize) -> bool {
        let repairs = self.repairs;
        let Some(open) = self.strings.last_mut().filter(|open| repairs && open.multiline) else {
            return false;
        };
        let (quote, interp) = (open.quote, open.interp);
        let pseudo = format!("\"{}\"", &self.text[interp..line_end]);
        let Some(lacking) = lacking(&pseudo) else { return false };
        let first = self.tokens.iter().rposition(|token| token.start as usize == interp);
        let Some(first) = first.filter(|_| lacking.sign == "\"") else { return false };
        open.braces = 0;
        while self.brackets.last().is_some_and(|kind| *kind != Kind::InterpOpen) {
            self.brackets.pop();
        }
        self.lacks(lacking.sign, interp - 1 + lacking.at, quote);
        self.flags = 0;
        self.tokens.truncate(first + 1);
        self.push(Kind::Bad, interp + 2, interp - 1 + lacking.value_end);
        self.close_interpolation();
        true
    }

    fn lacks(&mut self, sign: &'static str, place: usize, quote: usize) {
        let before = |fault: &Diagnostic| (fault.primary().start as usize) < quote;
        self.faults.truncate(self.faults.iter().rposition(before).map_or(0, |last| last + 1));
        let (place, quote) = (self.span(place, place), self.span(quote, quote + 1));
        self.faults.push(faults::lacking(sign, place, quote));
        self.balanced = false;
    }

    /// Leaves the brackets of a broken `${` to the repair.
    fn closed_silently(&mut self) {
        while let Some(kind) = self.brackets.pop() {
            if kind == Kind::InterpOpen {
                break;
            }
        }
        self.balanced = false;
    }

    fn open_interpolation(&mut self, quote: usize, dollar: usize, multiline: bool) {
        self.opened(Kind::InterpOpen);
        self.push(Kind::InterpOpen, dollar, dollar + 2);
        self.strings.push(Open { quote, interp: dollar, multiline, braces: 0 });
        if !multiline {
            self.one_line += 1;
        }
    }

    fn push_piece(&mut self, start: usize, end: usize, escapes: u8) {
        if start < end {
            self.flags |= escapes;
            self.push(Kind::Piece, start, end);
        }
    }

    /// Reads text from `at` to a closing quote, a `${`, or to where it cannot go on.
    fn piece(&mut self, mut at: usize, multiline: bool) -> (Stop, usize, u8) {
        let mut escapes = 0;
        let before = self.faults.len();
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'"' if !multiline || self.bytes[at..].starts_with(b"\"\"\"") => {
                    return (Stop::Closed, at, escapes);
                }
                b'\n' if !multiline || self.one_line > 0 => {
                    let end = if at > 0 && self.bytes[at - 1] == b'\r' { at - 1 } else { at };
                    return (Stop::Broken, end, escapes);
                }
                b'\\' => {
                    escapes = Token::ESCAPES;
                    at = self.escape(at, before);
                }
                b'$' if self.bytes.get(at + 1) == Some(&b'{') => {
                    return (Stop::Interpolation, at, escapes);
                }
                _ if is_suspect(byte) => at += self.check_char(at),
                _ => at += 1,
            }
        }
        (Stop::Broken, at, escapes)
    }

    /// Checks the escape at a `\`; gives where it ends. `before` is how many faults there were before this piece of text.
    fn escape(&mut self, at: usize, before: usize) -> usize {
        let next = self.bytes.get(at + 1).copied().unwrap_or(b'\n');
        if matches!(next, b'n' | b't' | b'\\' | b'"' | b'$') {
            return at + 2;
        }
        if next == b'u' && self.bytes.get(at + 2) == Some(&b'{') {
            let digits = self.bytes[at + 3..].iter().take(7).take_while(|&&b| is_hex(b)).count();
            let end = at + 3 + digits;
            if self.bytes.get(end) == Some(&b'}') && is_scalar(&self.bytes[at + 3..end]) {
                return end + 1;
            }
            let end = if self.bytes.get(end) == Some(&b'}') { end + 1 } else { end };
            self.faults.push(faults::bad_code_point(self.span(at, end)));
            return end;
        }
        let c =
            if next == b'\n' || next == b'\r' { None } else { self.text[at + 1..].chars().next() };
        let end = at + 1 + c.map_or(0, char::len_utf8);
        let span = self.span(at, end);
        match self.faults[before..].iter_mut().find(|f| f.code.id == "E0106" && c.is_some()) {
            Some(first) => faults::another_escape(first, span),
            None => self.faults.push(faults::bad_escape(span, c)),
        }
        end
    }

    /// `'...'` or `'''...'''`.
    pub(super) fn raw(&mut self) {
        let start = self.at;
        let multiline = self.byte(1) == b'\'' && self.byte(2) == b'\'';
        let quotes = if multiline { 3 } else { 1 };
        let kind = if multiline { Kind::RawText } else { Kind::Raw };
        let mut at = start + quotes;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'\'' if !multiline || self.bytes[at..].starts_with(b"'''") => {
                    return self.push(kind, start, at + quotes);
                }
                b'\n' if !multiline || self.one_line > 0 => break,
                _ if is_suspect(byte) => at += self.check_char(at),
                _ => at += 1,
            }
        }
        if at > start && self.bytes[at - 1] == b'\r' {
            at -= 1;
        }
        if self.one_line == 0 && self.apostrophe(start, at) {
            return;
        }
        if self.one_line == 0 {
            let text = &self.text[start..at];
            self.faults.push(faults::open_text(
                self.span(start, start + quotes),
                self.span(at, at),
                text,
            ));
        }
        self.flags |= Token::BROKEN;
        self.push(kind, start, at);
    }
}

impl Lexer<'_> {
    /// `'it's'`: a raw text that went on after what was only an apostrophe. One fault, one token.
    fn apostrophe(&mut self, start: usize, end: usize) -> bool {
        let [.., raw, word] = self.tokens.as_slice() else { return false };
        let touch = raw.end == word.start && word.end as usize == start;
        if !touch || raw.kind != Kind::Raw || !word.kind.is_word() {
            return false;
        }
        let (raw, word) = (*raw, *word);
        self.tokens.truncate(self.tokens.len() - 2);
        self.faults.push(faults::apostrophe(
            self.span(word.start as usize - 1, word.start as usize),
            self.span(raw.start as usize, end),
        ));
        let mut whole = raw.with(Token::BROKEN);
        whole.end = end as u32;
        self.tokens.push(whole);
        self.at = end;
        true
    }
}

/// One to six hex digits that are a character; more than four only where they are needed.
fn is_scalar(digits: &[u8]) -> bool {
    match digits.len() {
        1..=3 => true,
        4 => !(digits[0].eq_ignore_ascii_case(&b'd') && digits[1] >= b'8'),
        5 => digits[0] != b'0',
        6 => digits.starts_with(b"10"),
        _ => false,
    }
}
