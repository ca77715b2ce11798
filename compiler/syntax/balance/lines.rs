//! What a line lacks or has too much of by itself: the bracket that its own closing one asks for, one that stands
//! twice.

use super::super::faults;
use super::super::token::{Kind, Token};
use super::{Open, Repair};
use crate::source::Span;

/// Words whose things have a name and a value, and may have a block behind it.
const VALUED: [&str; 5] = ["port", "volume", "device", "config", "file"];

/// On a line of more tokens nobody looks for what is missing.
const LOOKED_AT: usize = 200;

impl Repair<'_> {
    /// `port web = 80 audience = lan }`, `names = TOKEN]`, `smb3 workgroup = "HOME")`: a bracket at the end of its group, of
    /// which the line has no other. Gives it its partner, or says that it is one too many.
    pub(super) fn close_alone(&mut self, at: usize) -> bool {
        let token = self.tokens[at];
        let near = at - self.line <= LOOKED_AT && self.laid_out && self.deep_from.is_none();
        if self.spare == 0 || !near || !self.is_alone(at) {
            return false;
        }
        match self.place_for(token).filter(|_| token.kind != Kind::RBrace || self.ends_line(at)) {
            Some(index) => self.open_before(index, token),
            None => self.stray(token),
        }
        true
    }

    /// Nothing on the line is open that it closes, and what is open was not meant.
    fn is_alone(&self, at: usize) -> bool {
        let token = self.tokens[at];
        let here = self.stack.last().filter(|open| open.line == self.line);
        if here.is_some_and(|open| open.token.kind == Kind::InterpOpen) {
            return false;
        }
        if token.kind != Kind::RBrace {
            let fits = |open: &Open| open.token.kind.partner() == token.kind;
            let above = self.stack.last().is_some_and(fits);
            return !above && here.is_none_or(|open| self.closes_later(at, open.token.kind));
        }
        if token.has(Token::NEWLINE) || here.is_some() {
            return false;
        }
        let Some(open) = self.stack.last() else { return true };
        let next = self.tokens[at + 1];
        if !self.ends_line(at) {
            return open.block && next.kind != Kind::Comma && !next.kind.closes();
        }
        let indent = self.indent_of(next);
        let goes_on = indent > open.indent || indent == open.indent && next.kind == Kind::RBrace;
        open.block && open.token.kind == Kind::LBrace && next.kind != Kind::Eof && goes_on
    }

    /// Whether the rest of the line closes what is open on it.
    fn closes_later(&self, at: usize, open: Kind) -> bool {
        let mut inner = 0u32;
        let rest = self.tokens[at + 1..].iter().take(LOOKED_AT);
        for token in rest.take_while(|token| !token.has(Token::NEWLINE)) {
            match token.kind {
                kind if kind.opens() => inner += 1,
                kind if kind.closes() && inner == 0 => return kind == open.partner(),
                kind if kind.closes() => inner -= 1,
                _ => {}
            }
        }
        false
    }

    fn ends_line(&self, at: usize) -> bool {
        let next = self.tokens[at + 1];
        next.kind == Kind::Eof || next.has(Token::NEWLINE)
    }

    /// Where on the line the partner of a closing bracket belongs, as an index of what is put out.
    fn place_for(&self, token: Token) -> Option<usize> {
        let begin = match self.stack.last() {
            Some(open) if open.line == self.line => open.token.end,
            _ => self.tokens[self.line].start,
        };
        let from = self.out.partition_point(|token| token.start < begin);
        let line = &self.out[from..];
        let place = match token.kind {
            Kind::RBrace => self.place_for_brace(line).or_else(|| self.inner_place(line))?,
            Kind::RBracket => {
                let sign = outer(line).filter(|&at| line[at].kind.assigns()).last()?;
                let is_list = line.get(sign + 1).is_none_or(|t| t.kind == Kind::LBracket);
                (!is_list).then_some(sign + 1)?
            }
            _ => {
                let called = |at: &usize| {
                    let at = *at;
                    at > 1
                        && line[at - 1].kind == Kind::Word
                        && begins_value(line[at].kind)
                        && !begins_value(line[at - 2].kind)
                };
                outer(line).filter(called).last()?
            }
        };
        Some(from + place)
    }

    /// `limits memory = 1GiB }` and `record "a" cname = "b" }` behind the head, `port web = 80 audience = lan }` behind the
    /// value.
    fn place_for_brace(&self, line: &[Token]) -> Option<usize> {
        let kind = |at: usize| line.get(at).map_or(Kind::Eof, |token| token.kind);
        let entry = |at: &usize| {
            let (at, named) = (*at, kind(*at).is_word() || kind(*at) == Kind::Str);
            named && (kind(at + 1).assigns() || kind(at + 1) == Kind::LBrace)
        };
        if kind(0) != Kind::Word {
            return None;
        }
        let valued = VALUED.contains(&line[0].text(self.text)) || kind(1) == Kind::Str;
        let from = match (entry(&1), valued) {
            (true, false) => 1,
            (true, true) => 3,
            (false, _) if kind(1) == Kind::From => 3,
            (false, _) if kind(1).is_strength() => 1,
            (false, _) if kind(1).is_word() || kind(1) == Kind::Str => 2,
            _ => return None,
        };
        if kind(from).is_strength() {
            return Some(from);
        }
        outer(line).filter(|at| *at >= from).find(|at| entry(at) && ends_value(kind(at - 1)))
    }

    /// `global { node { shell = zsh   address lan = 10.0.0.1 } }`: behind the first head on the line that has a field for a name.
    fn inner_place(&self, line: &[Token]) -> Option<usize> {
        let head = |at: &usize| {
            let [word, name, sign] = line[*at..*at + 3] else { return false };
            let before = at.checked_sub(1).map_or(Kind::Comma, |at| line[at].kind);
            word.kind == Kind::Word
                && !VALUED.contains(&word.text(self.text))
                && name.kind.is_word()
                && sign.kind.assigns()
                && (ends_value(before) || matches!(before, Kind::LBrace | Kind::Comma))
        };
        (0..line.len().saturating_sub(2)).find(head).map(|at| at + 1)
    }

    fn open_before(&mut self, index: usize, close: Token) {
        let kind = match close.kind {
            Kind::RBrace => Kind::LBrace,
            Kind::RBracket => Kind::LBracket,
            _ => Kind::LParen,
        };
        let (before, next) = (self.out[index - 1], self.out[index]);
        let gap = Span::new(self.file, before.end, next.start);
        let close_span = self.span(close);
        self.faults.push(faults::unopened_on_line(gap, kind, before.text(self.text), close_span));
        let place = next.start as usize;
        self.out.insert(index, Token::new(kind, place, place, 0).with(Token::VIRTUAL));
        self.spare -= 1;
        self.put(close);
    }

    /// `from std.caddy("2" {`: a block that opens behind an argument, whose parenthesis ends before it.
    pub(super) fn close_arguments(&mut self, at: usize) {
        let before = at.checked_sub(1).map_or(Kind::Eof, |at| self.tokens[at].kind);
        if self.tokens[at].kind != Kind::LBrace || !self.ends_line(at) || !ends_value(before) {
            return;
        }
        let line = self.line;
        let is_one = |open: &Open| open.token.kind == Kind::LParen && open.line == line;
        while self.surplus > 0 && self.stack.last().is_some_and(is_one) {
            self.surplus -= 1;
            self.unclosed(true);
        }
    }

    /// `service web { {`
    pub(super) fn opens_twice(&mut self, at: usize) -> bool {
        let token = self.tokens[at];
        let before = at.checked_sub(1).map_or(Kind::Eof, |at| self.tokens[at].kind);
        let twice = token.kind == Kind::LBrace && before == Kind::LBrace;
        if !twice || token.has(Token::NEWLINE) || self.surplus == 0 || self.deep_from.is_some() {
            return false;
        }
        self.surplus -= 1;
        self.faults.push(faults::opened_twice(self.span(token)));
        let (start, end) = (token.start as usize, token.end as usize);
        self.put(Token::new(Kind::Bad, start, end, token.flags()));
        true
    }
}

/// The places in no bracket of a line.
fn outer(line: &[Token]) -> impl Iterator<Item = usize> + '_ {
    let mut open = 0i32;
    (0..line.len()).filter(move |&at| {
        open -= i32::from(line[at].kind.closes());
        let outside = open == 0;
        open += i32::from(line[at].kind.opens());
        outside
    })
}

fn begins_value(kind: Kind) -> bool {
    kind.is_word() || kind.is_number() || matches!(kind, Kind::Str | Kind::StrOpen | Kind::Quantity)
}

/// Behind it a value, or the head of a block, may be at its end.
pub(super) fn ends_value(kind: Kind) -> bool {
    let literal = kind as u8 >= Kind::Int as u8 && kind as u8 <= Kind::RawText as u8;
    let word = kind.is_word() || matches!(kind, Kind::None | Kind::True | Kind::False);
    literal || word || kind.closes() || kind == Kind::StrClose
}
