//! Types on the page.

use super::Printer;
use super::group::BRACE;
use crate::source::Span;
use crate::syntax::tree::*;

impl Printer<'_> {
    pub(super) fn ty(&mut self, id: TypeId) {
        if self.overflows() {
            return;
        }
        let ty = self.tree.ty(id);
        match &ty.kind {
            TypeKind::Bad => self.verbatim(ty.span),
            TypeKind::Name { prefix, name, args } => {
                if let Some(prefix) = prefix {
                    self.verbatim(prefix.span);
                    self.put(".");
                }
                self.verbatim(name.span);
                if !args.is_empty() {
                    self.put("<");
                    self.types(*args, ", ");
                    self.put(">");
                }
            }
            TypeKind::Record { fields } => {
                self.fields(*fields, Run::default(), ty.span.start + 1, ty.span.end - 1);
            }
            TypeKind::Enum { words } => self.enum_words(*words, ty.span),
            TypeKind::Union { alternatives } => self.types(*alternatives, " | "),
            TypeKind::Optional(base) => {
                self.ty(*base);
                self.put("?");
            }
            TypeKind::In { base, low, high } => {
                self.ty(*base);
                self.put(&format!(" in {low}..{high}"));
            }
            TypeKind::Matching { base, .. } => {
                self.ty(*base);
                self.put(" matching ");
                self.pattern(ty.span);
            }
        }
    }

    /// The pattern is the string that ends its type.
    fn pattern(&mut self, ty: Span) {
        let text = &self.text[..ty.end as usize];
        let quote = &text[text.len() - 1..];
        let mut start = text.len() - 1;
        while let Some(at) = text[..start].rfind(quote) {
            start = at;
            let slashes = text[..at].bytes().rev().take_while(|&byte| byte == b'\\').count();
            if quote == "'" || slashes % 2 == 0 {
                break;
            }
        }
        self.verbatim(Span { start: start as u32, ..ty });
    }

    fn types(&mut self, run: Run, between: &str) {
        for (index, &id) in self.tree.types_of(run).iter().enumerate() {
            if index > 0 {
                self.put(between);
            }
            self.ty(id);
        }
    }

    fn enum_words(&mut self, run: Run, span: Span) {
        self.put("enum ");
        let words = &self.tree.words[run.range()];
        let spans: Vec<Span> = words
            .iter()
            .map(|word| match self.tree.params[word.params.range()].last() {
                Some(param) => {
                    let end = param
                        .default
                        .map_or(self.tree.ty(param.ty).span, |value| self.tree.expr(value).span);
                    let close = self.text[end.end as usize..].find(')').map_or(0, |at| at + 1);
                    word.name.span.to(Span { end: end.end + close as u32, ..end })
                }
                None => word.name.span,
            })
            .collect();
        let first = spans.first().map_or(span.end, |word| word.start);
        let open = self.text[span.start as usize..first as usize]
            .find('{')
            .map_or(first, |at| span.start + at as u32 + 1);
        let inside = Span { start: open, end: span.end - 1, ..span };
        self.group(BRACE, Some(inside), &spans, &|p, index| {
            let word = p.tree.words[run.range()][index];
            p.verbatim(word.name.span);
            if !word.params.is_empty() {
                p.params(word.params);
            }
        });
    }
}
