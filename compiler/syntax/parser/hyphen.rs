//! Names with a hyphen too many: `gpu-`, `mini--01`, `-attic`. One fault each, and the name that was meant.

use super::super::faults;
use super::super::token::{Kind, Token};
use super::super::tree::Ident;
use super::Parser;
use crate::source::Span;

impl Parser<'_> {
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
