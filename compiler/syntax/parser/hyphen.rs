//! Names with a sign too many, `gpu-`, `mini--01`, `-attic`, and paths that stand for a name without their
//! quotes. One fault each, and the name that was meant.

use super::super::faults;
use super::super::token::{Kind, Token};
use super::super::tree::Ident;
use super::Parser;
use crate::source::Span;

impl Parser<'_> {
    /// `volume /var/lib/gitea = ...`: a path without its quotes.
    pub(super) fn bare_label(&mut self, first: Token) -> Option<Ident> {
        let inside = |kind: Kind| {
            let signs = [Kind::Slash, Kind::Dot, Kind::Minus, Kind::Int, Kind::Colon, Kind::Bad];
            kind.is_word() || signs.contains(&kind)
        };
        let mut at = self.at;
        let mut end = first.start;
        while inside(self.tokens[at].kind) && self.tokens[at].start == end {
            end = self.tokens[at].end;
            at += 1;
        }
        let next = self.tokens[at].kind;
        if at == self.at + 1 || !(next.assigns() || matches!(next, Kind::LBrace | Kind::From)) {
            return None;
        }
        let span = Span::new(self.file, first.start, end);
        let written = &self.text[span.start as usize..end as usize];
        self.soft(|_| faults::number_label(span, written));
        self.at = at;
        Some(Ident { sym: self.names.intern(written), span, quoted: true })
    }

    /// `volume fortress / "data" = "/var/lib/x"`: what stands there and its place have changed sides.
    pub(super) fn swapped(&mut self, label: Ident) -> bool {
        let kinds = [0, 1, 2, 3].map(|by| self.ahead(by).kind);
        if kinds != [Kind::Slash, Kind::Str, Kind::Assign, Kind::Str] {
            return false;
        }
        let place = label.span.to(self.span(self.ahead(1)));
        let path = self.span(self.ahead(3));
        let text = |span: Span| &self.text[span.start as usize..span.end as usize];
        let meant = format!("{} = {}", text(path), text(place));
        self.hard(|_| faults::swapped(place.to(path), &meant));
        self.at += 4;
        true
    }

    /// Takes the hyphens that touch the name `from`, or the name that touches the hyphen `from`.
    pub(super) fn hyphened(&mut self, from: Token) -> Option<Ident> {
        let joins = |kind: Kind| {
            kind == Kind::Minus || kind.is_word() || matches!(kind, Kind::Int | Kind::Bad)
        };
        let hyphen = self.peek();
        let one = from.end == hyphen.start || from.start == hyphen.start;
        if hyphen.kind != Kind::Minus || !one {
            return None;
        }
        let mut at = self.at;
        let mut end = self.peek().start;
        while joins(self.tokens[at].kind) && self.tokens[at].start == end {
            end = self.tokens[at].end;
            at += 1;
        }
        let span = Span::new(self.file, from.start, end);
        let written = &self.text[span.start as usize..end as usize];
        let steps: Vec<&str> = written.split('-').filter(|step| !step.is_empty()).collect();
        let meant = steps.join("-");
        if !meant.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return None;
        }
        self.soft(|_| faults::hyphens(span, written, &meant));
        self.at = at;
        Some(Ident { sym: self.names.intern(&meant), span, quoted: false })
    }
}
