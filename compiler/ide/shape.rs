//! The shape of a text: what folds, and what encloses a place step by step.

use super::Text;
use crate::source::Span;
use crate::syntax::tree::{ExprKind, StmtKind};
use std::collections::BTreeMap;

/// What may be folded: from a line to another, both counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fold {
    pub first: u32,
    pub last: u32,
    pub sort: Sort,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sort {
    /// A line with nothing but its closing bracket stays in sight.
    Block,
    Comment,
    Imports,
}

/// Blocks, lists and texts of several lines, runs of comments, runs of imports: at most one a line, the largest.
pub fn folds(text: &Text) -> Vec<Fold> {
    let (tree, source) = (&text.tree, text.source());
    let line = |offset: u32| source.line_col(offset).0;
    let mut by_line: BTreeMap<u32, Fold> = BTreeMap::new();
    let mut fold = |first: u32, last: u32, sort: Sort| {
        let known = by_line.get(&first).map_or(first, |fold| fold.last);
        if last > known {
            by_line.insert(first, Fold { first, last, sort });
        }
    };
    let runs = runs_of(text, tree.comments.iter().map(|comment| comment.span));
    runs.iter().for_each(|run| fold(line(run.start), line(run.end), Sort::Comment));
    let top = tree.stmts_of(tree.top).iter().map(|&id| tree.stmt(id));
    let imports = top.filter(|stmt| matches!(stmt.kind, StmtKind::Import { .. }));
    let runs = runs_of(text, imports.map(|stmt| stmt.span));
    runs.iter().for_each(|run| fold(line(run.start), line(run.end), Sort::Imports));
    let stmts = tree.stmts.iter().map(|stmt| stmt.span);
    for span in stmts.chain(tree.exprs.iter().map(|expr| expr.span)) {
        let last = line(span.end);
        let start = span.end - source.line_col(span.end).1;
        let closing = source.text[start as usize..span.end as usize].trim_matches([' ', ',', '"']);
        let closes = matches!(closing, "" | "}" | "]" | ")" | "'''");
        fold(line(span.start), if closes { last.saturating_sub(1) } else { last }, Sort::Block);
    }
    by_line.into_values().collect()
}

/// Spans that stand on lines one below the other, as one each.
fn runs_of(text: &Text, spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let line = |offset: u32| text.source().line_col(offset).0;
    let mut runs: Vec<Span> = Vec::new();
    for span in spans {
        match runs.last_mut().filter(|run| line(run.end) + 1 == line(span.start)) {
            Some(run) => *run = run.to(span),
            None => runs.push(span),
        }
    }
    runs
}

/// The spans around a place, innermost first, each in the next.
pub fn around(text: &Text, offset: u32) -> Vec<Span> {
    let (tree, source) = (&text.tree, text.source());
    let whole = Span::new(text.file, 0, source.text.len() as u32);
    let mut spans = vec![whole];
    for expr in &tree.exprs {
        spans.push(expr.span);
        let within = |first: u32, edge: u32| {
            let end = expr.span.end.saturating_sub(edge).max(first + edge);
            whole_signs(text, Span { start: first + edge, end, ..expr.span })
        };
        match &expr.kind {
            ExprKind::Str { multiline, .. } | ExprKind::Raw { multiline, .. } => {
                spans.push(within(expr.span.start, if *multiline { 3 } else { 1 }));
            }
            ExprKind::List { .. } | ExprKind::ListFor { .. } | ExprKind::Paren(_) => {
                spans.push(trimmed(text, within(expr.span.start, 1)));
            }
            // What stands between the brackets of a call or behind a value.
            ExprKind::Call { callee: base, .. } | ExprKind::Index { base, .. } => {
                spans.push(trimmed(text, within(tree.expr(*base).span.end, 1)));
            }
            ExprKind::Record(block) => spans.push(inside(text, block.span)),
            _ => {}
        }
    }
    for stmt in &tree.stmts {
        spans.push(stmt.span);
        spans.extend(stmt.doc.map(|doc| doc.to(stmt.span)));
    }
    spans.extend(super::blocks(tree).map(|block| inside(text, block.span)));
    let comments = || tree.comments.iter().map(|comment| comment.span);
    for comment in comments() {
        let signs =
            source.text[comment.start as usize..comment.end as usize].trim_start_matches('/');
        let start = comment.end - signs.len() as u32;
        spans.extend([comment, trimmed(text, Span { start, ..comment })]);
    }
    spans.extend(runs_of(text, comments()));
    spans.retain(|span| span.holds(offset) && span.start < span.end);
    let word = word_at(text, offset);
    if word.start < word.end {
        spans.push(word);
    }
    spans.sort_by_key(|span| span.end - span.start);
    spans.dedup();
    let mut steps: Vec<Span> = Vec::new();
    for span in spans {
        if steps.last().is_none_or(|inner| span.covers(*inner)) {
            steps.push(span);
        }
    }
    steps
}

/// What stands between the braces of a block, without the blanks at its ends.
fn inside(text: &Text, block: Span) -> Span {
    let closed = text.source().text[..block.end as usize].ends_with('}');
    let end = if closed { block.end - 1 } else { block.end };
    trimmed(text, Span { start: (block.start + 1).min(end), end, ..block })
}

/// Where a sign that opens or closes is still to be written, another one may stand in its place, of several bytes.
fn whole_signs(text: &Text, span: Span) -> Span {
    let source = &text.source().text;
    let begins = |at: &u32| source.is_char_boundary(*at as usize);
    let start = (span.start..).find(begins).unwrap_or(span.start);
    let end = (start..=span.end).rev().find(begins).unwrap_or(start);
    Span { start, end, ..span }
}

fn trimmed(text: &Text, span: Span) -> Span {
    let span = whole_signs(text, span);
    let piece = &text.source().text[span.start as usize..span.end as usize];
    let start = span.end - piece.trim_start().len() as u32;
    Span { start, end: start.max(span.start + piece.trim_end().len() as u32), ..span }
}

/// The name or number at a place, or nothing there.
fn word_at(text: &Text, offset: u32) -> Span {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let (before, after) = text.source().text.split_at(offset as usize);
    let start = before.trim_end_matches(part).len();
    let end = before.len() + after.len() - after.trim_start_matches(part).len();
    let word = &text.source().text[start..end];
    let end = start + word.trim_end_matches('-').len();
    let start = end - word.trim_end_matches('-').trim_start_matches('-').len();
    Span::new(text.file, start as u32, end as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_torn_beside_a_sign_of_several_bytes_has_its_spans() {
        let torn = [
            "let a = [1, é",
            "let a = [é",
            "let a = (é",
            "let a = join(é",
            "let a = join“é”)",
            "let a = x[é",
            "let a = x é]",
            "let a = \"é",
            "let a = 'é",
            "let a = \"\"\"é",
            "let a = { é",
            "node é uid = 1 é",
            "node a { packages = [\"git\" é",
            "node a é arch = arm64 }é",
            "let a = [for x in é: é",
        ];
        for torn in torn {
            for text in [torn.to_string(), torn.replace('é', "é é"), torn.replace('é', "\u{1f600}")]
            {
                let source = Text::new("a.colab", text.as_str());
                for (offset, _) in text.char_indices() {
                    for span in around(&source, offset as u32) {
                        assert!(
                            text.get(span.start as usize..span.end as usize).is_some(),
                            "{text}"
                        );
                    }
                }
            }
        }
    }
}
