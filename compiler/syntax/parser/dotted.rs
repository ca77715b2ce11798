//! `limits.memory = 4GiB`, `container.app { }`: paths with dots on the left. One fault each, and the tree
//! holds what was meant, so that whatever names it finds it.

use super::super::faults;
use super::super::token::{Kind, Token};
use super::super::tree::*;
use super::{Parser, settle};
use crate::source::Span;

impl Parser<'_> {
    /// `head` is what stands before the first dot, which is next.
    pub(super) fn dotted(&mut self, first: Token, head: Entry) -> StmtKind {
        let dot = self.span(self.peek());
        let mut steps = Vec::new();
        while self.eat(Kind::Dot).is_some() {
            if self.kind().is_word() && self.same_line() {
                let token = self.bump();
                steps.push(self.ident(token));
            } else {
                steps.clear();
                break;
            }
        }
        let path = self.since(first.start);
        let (assigns, opens) = (self.kind().assigns(), self.is(Kind::LBrace));
        if head.label.is_some() || steps.is_empty() || !(assigns || opens) {
            return self.unread(path, dot, head.label);
        }
        let last = steps[steps.len() - 1];
        let op = self.op(first, last, None);
        let ports = match op {
            EntryOp::Assign { value, body } => body.is_some() || self.is_arrow(value),
            _ => opens,
        };
        let labelled = ports && steps.len() == 1;
        let written = &self.text[path.start as usize..path.end as usize];
        let mut edits = Vec::new();
        if !self.lost {
            if labelled {
                edits.push(faults::labelled_form(dot));
            }
            edits.push(faults::nested_form(path, written, self.since(first.start)));
            if assigns && steps.len() > 1 {
                edits.push(faults::keyed_form(path, written, self.since(first.start)));
            }
            if assigns {
                edits.push(faults::quoted_form(path));
            }
        }
        // `git.example.org { ... }`, as a server's own file begins.
        if opens && self.nest == 0 && steps.len() > 1 && !self.lost {
            edits = vec![faults::site_form(path, written)];
        }
        self.faults.push(faults::dotted_key(path, dot, edits));
        let Entry { strength, strength_span, word, .. } = head;
        if labelled {
            return StmtKind::Entry(Entry { strength, strength_span, word, label: Some(last), op });
        }
        let mut entry = Entry { strength, strength_span, word: last, label: None, op };
        let outer = steps.iter().rev().skip(1).copied().chain([word]);
        for word in outer {
            let mark = self.pending.stmts.len();
            let id = StmtId(self.tree.stmts.len() as u32);
            let span = self.since(entry.word.span.start);
            let inner = entry.word.span;
            self.tree.stmts.push(Stmt { span, doc: None, kind: StmtKind::Entry(entry) });
            self.pending.stmts.push(id);
            let stmts = settle(&mut self.pending.stmts, mark, &mut self.tree.stmt_lists);
            let op = EntryOp::Block(Block { span: inner, stmts, closed: true });
            let plain = Strength::Plain;
            entry = Entry { strength: plain, strength_span: None, word, label: None, op };
        }
        StmtKind::Entry(entry)
    }

    fn is_arrow(&self, value: ExprId) -> bool {
        matches!(self.tree.expr(value).kind, ExprKind::Binary { op: BinaryOp::Arrow, .. })
    }

    /// Read to its end, and refused as a whole.
    fn unread(&mut self, path: Span, dot: Span, label: Option<Ident>) -> StmtKind {
        if self.is(Kind::LBrace) {
            self.block(super::block::Holds::Anything);
        }
        let lost = self.lost;
        self.faults.push(match label {
            // `site git.example.org { }`: the label is meant.
            Some(label) => {
                let span = Span { start: label.span.start, ..path };
                let written = &self.text[span.start as usize..span.end as usize];
                faults::number_label(span, written)
            }
            None => faults::dotted_key(path, dot, Vec::new()),
        });
        self.lost = lost || self.tokens[self.at - 1].kind != Kind::RBrace;
        StmtKind::Bad
    }
}
