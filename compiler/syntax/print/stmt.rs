//! Statements on the page.

use super::group::ROUND;
use super::{Line, Printer};
use crate::source::Span;
use crate::syntax::tree::*;

impl Printer<'_> {
    /// `pad` is the width of the word before the `=`, at least.
    pub(super) fn stmt(&mut self, id: StmtId, pad: usize) {
        if self.overflows() {
            return;
        }
        let stmt = self.tree.stmt(id);
        match &stmt.kind {
            StmtKind::Bad => self.verbatim(stmt.span),
            StmtKind::Import { path, alias } => {
                self.put("import ");
                self.verbatim(path.span);
                if let Some(alias) = alias {
                    self.put(" as ");
                    self.verbatim(alias.span);
                }
            }
            StmtKind::Let { name, ty, value } => {
                self.put("let ");
                self.verbatim(name.span);
                if let Some(ty) = ty {
                    self.put(": ");
                    self.ty(*ty);
                }
                self.put(" = ");
                self.expr(*value);
            }
            StmtKind::Var { name, ty, value } => {
                self.put("var ");
                self.verbatim(name.span);
                self.put(": ");
                self.ty(*ty);
                self.default(*value);
            }
            StmtKind::Type { name, ty } => {
                self.put("type ");
                self.verbatim(name.span);
                self.put(" = ");
                self.ty(*ty);
            }
            StmtKind::Kind { name, plural, fields, asserts } => {
                self.put("kind ");
                self.verbatim(name.span);
                self.put(" plural ");
                self.verbatim(plural.span);
                self.put(" ");
                let open = self.brace_after(plural.span.end, stmt.span.end);
                self.fields(*fields, *asserts, open, stmt.span.end - 1);
            }
            StmtKind::Template { name, params, target, body } => {
                self.put("template ");
                self.verbatim(name.span);
                self.params(*params);
                self.put(" for ");
                self.verbatim(target.span);
                self.put(" ");
                self.block(*body);
            }
            StmtKind::Assert { message, condition } => self.assert(*message, *condition, stmt.span),
            StmtKind::Unset { path } => {
                self.put("unset ");
                for (index, step) in self.tree.steps[path.range()].iter().enumerate() {
                    self.put(if step.index {
                        "["
                    } else if index > 0 {
                        "."
                    } else {
                        ""
                    });
                    self.verbatim(step.name.span);
                    self.put(if step.index { "]" } else { "" });
                }
            }
            StmtKind::Entry(entry) => self.entry(entry, pad),
        }
    }

    fn entry(&mut self, entry: &Entry, pad: usize) {
        match entry.strength {
            Strength::Default => self.put("default "),
            Strength::Override => self.put("override "),
            Strength::Final => self.put("final "),
            Strength::Plain => {}
        }
        let start = self.out.len();
        self.verbatim(entry.word.span);
        let width = self.out[start..].chars().count();
        self.out.extend(std::iter::repeat_n(' ', pad.saturating_sub(width)));
        if let Some(label) = entry.label {
            self.put(" ");
            self.verbatim(label.span);
        }
        match &entry.op {
            EntryOp::Missing => {}
            EntryOp::Assign { value, body } => {
                self.put(" = ");
                self.expr(*value);
                self.body(*body);
            }
            EntryOp::Add { value } => {
                self.put(" += ");
                self.expr(*value);
            }
            EntryOp::Sub { value } => {
                self.put(" -= ");
                self.expr(*value);
            }
            EntryOp::From { template, body } => {
                self.put(" from ");
                self.expr(*template);
                self.body(*body);
            }
            EntryOp::Block(block) => self.body(Some(*block)),
        }
    }

    fn body(&mut self, body: Option<Block>) {
        if let Some(block) = body {
            self.put(" ");
            self.block(block);
        }
    }

    pub(super) fn block(&mut self, block: Block) {
        let lines: Vec<Line> =
            self.tree.stmts_of(block.stmts).iter().map(|&id| Line::Stmt(id)).collect();
        self.block_of(&lines, block.span.start + 1, block.span.end - 1);
    }

    /// On one line if it was and fits, like a block.
    fn assert(&mut self, message: ExprId, condition: ExprId, span: Span) {
        self.put("assert ");
        self.expr(message);
        self.put(" ");
        let inner = self.tree.expr(condition).span;
        let message = self.tree.expr(message).span;
        let lines = self.breaks_between(message.end, inner.start)
            + self.breaks_between(inner.end, span.end);
        if self.flat.is_some() {
            self.forced |= lines > 0;
            return self.one_condition(condition);
        }
        let (fits, forced) = self.measure(|p| p.one_condition(condition));
        if fits && !forced && lines == 0 {
            return self.one_condition(condition);
        }
        self.put("{");
        self.indent += super::STEP;
        self.new_line();
        self.expr(condition);
        self.indent -= super::STEP;
        self.new_line();
        self.put("}");
    }

    fn one_condition(&mut self, condition: ExprId) {
        self.put("{ ");
        self.expr(condition);
        self.put(" }");
    }

    /// The place after the `{` that follows `from`; comments may stand before it.
    fn brace_after(&self, from: u32, to: u32) -> u32 {
        let mut at = from;
        for index in self.comments_in(from, to) {
            let comment = self.tree.comments[index].span;
            if self.text[at as usize..comment.start as usize].contains('{') {
                break;
            }
            at = comment.end;
        }
        let brace = self.text[at as usize..to as usize].find('{').unwrap_or(0);
        at + brace as u32 + 1
    }

    /// The fields and asserts of a kind, or the fields of a record type, in order of place.
    pub(super) fn fields(&mut self, fields: Run, asserts: Run, from: u32, to: u32) {
        let mut lines: Vec<Line> = (fields.start..fields.end).map(Line::Field).collect();
        lines.extend(self.tree.stmts_of(asserts).iter().map(|&id| Line::Stmt(id)));
        lines.sort_by_key(|&line| self.span_of(line).start);
        self.block_of(&lines, from, to);
    }

    pub(super) fn field_span(&self, field: &FieldDecl) -> Span {
        let end =
            field.default.map_or(self.tree.ty(field.ty).span, |value| self.tree.expr(value).span);
        field.name.span.to(end)
    }

    pub(super) fn field(&mut self, at: usize) {
        if self.overflows() {
            return;
        }
        let field = &self.tree.fields[at];
        self.verbatim(field.name.span);
        self.put(": ");
        self.ty(field.ty);
        self.default(field.default);
    }

    fn default(&mut self, value: Option<ExprId>) {
        if let Some(value) = value {
            self.put(" = ");
            self.expr(value);
        }
    }

    pub(super) fn params(&mut self, run: Run) {
        let params = &self.tree.params[run.range()];
        let spans: Vec<Span> = params
            .iter()
            .map(|param| {
                let end = param
                    .default
                    .map_or(self.tree.ty(param.ty).span, |value| self.tree.expr(value).span);
                param.name.span.to(end)
            })
            .collect();
        // From the name before it a `(` is searched: nothing but blanks and comments lies between.
        let inside =
            spans.first().zip(spans.last()).and_then(|(first, last)| self.around(*first, *last));
        self.group(ROUND, inside, &spans, &|p, index| {
            let param = &p.tree.params[run.range()][index];
            p.verbatim(param.name.span);
            p.put(": ");
            p.ty(param.ty);
            p.default(param.default);
        });
    }

    /// The inside of the parentheses around a run of parameters, if no comment hides where they are.
    fn around(&self, first: Span, last: Span) -> Option<Span> {
        let before = self.text[..first.start as usize].trim_end();
        let after = self.text[last.end as usize..].trim_start();
        let after = after.strip_prefix(',').map_or(after, str::trim_start);
        let plain = before.ends_with('(') && after.starts_with(')');
        plain.then(|| Span {
            start: before.len() as u32,
            end: (self.text.len() - after.len()) as u32,
            ..first
        })
    }
}
