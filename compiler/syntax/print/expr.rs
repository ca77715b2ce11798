//! Expressions on the page. Text in quotes stays as it was written, with all that is in it.

use super::group::{ROUND, SQUARE};
use super::{Printer, STEP};
use crate::source::Span;
use crate::syntax::tree::*;

impl Printer<'_> {
    pub(super) fn expr(&mut self, id: ExprId) {
        if self.overflows() {
            return;
        }
        let expr = self.tree.expr(id);
        match &expr.kind {
            ExprKind::Bad
            | ExprKind::Name(_)
            | ExprKind::Literal(_)
            | ExprKind::Str { .. }
            | ExprKind::Raw { .. } => self.verbatim(expr.span),
            ExprKind::Paren(inner) => {
                self.put("(");
                self.expr(*inner);
                self.put(")");
            }
            ExprKind::List { items } => {
                let items = self.tree.exprs_of(*items);
                let spans: Vec<Span> = items.iter().map(|&id| self.tree.expr(id).span).collect();
                let inside =
                    Span { start: expr.span.start + 1, end: expr.span.end - 1, ..expr.span };
                self.group(SQUARE, Some(inside), &spans, &|p, index| p.expr(items[index]));
            }
            ExprKind::ListFor { binder, seq, cond, item } => {
                self.put("[for ");
                self.verbatim(binder.span);
                self.put(" in ");
                self.expr(*seq);
                self.binding_tail(*cond, *item);
                self.put("]");
            }
            ExprKind::Record(block) => self.block(*block),
            ExprKind::Field { base, name } => {
                self.expr(*base);
                self.put(".");
                self.verbatim(name.span);
            }
            ExprKind::Index { base, index } => {
                self.expr(*base);
                self.put("[");
                self.expr(*index);
                self.put("]");
            }
            ExprKind::Call { callee, args } => {
                self.expr(*callee);
                self.args(*args, self.tree.expr(*callee).span.end, expr.span);
            }
            ExprKind::Not(inner) => {
                self.put("!");
                self.expr(*inner);
            }
            ExprKind::Negate(inner) => {
                self.put("-");
                self.expr(*inner);
            }
            ExprKind::Binary { .. } => self.binary(id),
            ExprKind::Is { value, word } => {
                self.expr(*value);
                self.put(" is ");
                self.verbatim(word.span);
            }
            ExprKind::If { cond, then, other } => self.condition(id, *cond, *then, *other),
        }
    }

    fn binding_tail(&mut self, cond: Option<ExprId>, item: ExprId) {
        if let Some(cond) = cond {
            self.put(" if ");
            self.expr(cond);
        }
        self.put(": ");
        self.expr(item);
    }

    fn args(&mut self, run: Run, callee_end: u32, call: Span) {
        let args = &self.tree.args[run.range()];
        let spans: Vec<Span> = args
            .iter()
            .map(|arg| match arg {
                Arg::Plain(id) => self.tree.expr(*id).span,
                Arg::Named { name, value: item, .. } | Arg::Binding { name, item, .. } => {
                    name.span.to(self.tree.expr(*item).span)
                }
            })
            .collect();
        let start = self.open_after(callee_end, call.end);
        let inside = Span { start, end: call.end - 1, ..call };
        self.group(
            ROUND,
            Some(inside),
            &spans,
            &|p, index| match p.tree.args[run.range()][index] {
                Arg::Plain(id) => p.expr(id),
                Arg::Named { name, value } => {
                    p.verbatim(name.span);
                    p.put(" = ");
                    p.expr(value);
                }
                Arg::Binding { name, seq, cond, item } => {
                    p.verbatim(name.span);
                    p.put(" in ");
                    p.expr(seq);
                    p.binding_tail(cond, item);
                }
            },
        );
    }

    /// The place after the `(` that follows `from`; comments may stand before it.
    fn open_after(&self, from: u32, to: u32) -> u32 {
        let mut at = from;
        for index in self.comments_in(from, to) {
            let comment = self.tree.comments[index].span;
            if self.text[at as usize..comment.start as usize].contains('(') {
                break;
            }
            at = comment.end;
        }
        let open = self.text[at as usize..to as usize].find('(').unwrap_or(0);
        at + open as u32 + 1
    }

    /// A chain of operators that does not fit on its line has one a line.
    fn binary(&mut self, id: ExprId) {
        let chain = self.chain(id);
        let wide = self.flat.is_none() && {
            let (fits, _) = self.measure(|p| p.chained(&chain, false));
            !fits
        };
        if wide {
            self.indent += 2 * STEP;
        }
        self.chained(&chain, wide);
        if wide {
            self.indent -= 2 * STEP;
        }
    }

    fn chained(&mut self, chain: &[(Option<Span>, ExprId)], lines: bool) {
        for &(op, id) in chain {
            if self.overflows() {
                return;
            }
            if let Some(op) = op {
                if lines {
                    self.new_line();
                } else {
                    self.put(" ");
                }
                self.verbatim(op);
                self.put(" ");
            }
            self.expr(id);
        }
    }

    /// `a op b op c`, without recursion to the left, each operand with the operator before it.
    fn chain(&self, id: ExprId) -> Vec<(Option<Span>, ExprId)> {
        let mut chain = Vec::new();
        let mut at = id;
        let mut level = None;
        while let ExprKind::Binary { op, op_span, left, right } = self.tree.expr(at).kind {
            if level.is_some_and(|level| level != strength(op)) {
                break;
            }
            level = Some(strength(op));
            chain.push((Some(op_span), right));
            at = left;
        }
        chain.push((None, at));
        chain.reverse();
        chain
    }

    fn condition(&mut self, id: ExprId, cond: ExprId, then: ExprId, other: ExprId) {
        let wide = self.flat.is_none() && {
            let (fits, _) = self.measure(|p| p.expr(id));
            !fits
        };
        self.put("if ");
        self.expr(cond);
        self.indent += 2 * STEP;
        self.arm(wide, "then ", then);
        self.arm(wide, "else ", other);
        self.indent -= 2 * STEP;
    }

    fn arm(&mut self, line: bool, word: &str, value: ExprId) {
        if line {
            self.new_line();
        } else {
            self.put(" ");
        }
        self.put(word);
        self.expr(value);
    }
}

/// Operators of one level make one chain.
fn strength(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Arrow => 0,
        BinaryOp::Range => 1,
        BinaryOp::Coalesce => 2,
        BinaryOp::Or => 3,
        BinaryOp::And => 4,
        BinaryOp::Add | BinaryOp::Sub => 6,
        BinaryOp::Mul | BinaryOp::Div => 7,
        _ => 5,
    }
}
