//! Hover of what is no name of anything: words and signs of expressions, arguments, imports, and what a
//! number with a unit comes to.

use super::{code, push_doc};
use crate::Compilation;
use crate::ide::complete::around_doc;
use crate::ide::{outline, signature, tree_of, words};
use crate::source::{FileId, Span};
use crate::syntax::cursor::{At, cursor};
use crate::syntax::tree::{ExprKind, Literal, StmtKind};
use crate::types::{Quantity, cidr, mode, quantity};

/// The parameter that an argument is given for.
pub(super) fn argument(c: &Compilation, file: FileId, offset: u32) -> Option<(Span, String)> {
    let text = &c.sources.file(file).text;
    let (span, named) = named_argument(c, file, offset);
    let signature = signature::signature_in(c, text, offset, named)?;
    let param = signature.params.get(signature.active)?;
    let call = signature.label.split('(').next().unwrap_or_default();
    let mut shown = code(param);
    shown.push_str(&format!("\na parameter of `{call}`\n"));
    push_doc(&mut shown, &signature.doc);
    Some((span, shown))
}

/// The word or the text at a place, and whether it is the name of an argument: `tag` of `tag = "1"`.
fn named_argument(c: &Compilation, file: FileId, offset: u32) -> (Span, Option<&str>) {
    let text = &c.sources.file(file).text;
    let here = Span::new(file, offset, offset);
    let literal = tree_of(c, file).and_then(|tree| {
        let texts = tree.exprs.iter().filter(|expr| {
            matches!(expr.kind, ExprKind::Str { .. } | ExprKind::Raw { .. } | ExprKind::Literal(_))
        });
        let around = texts.map(|expr| expr.span).filter(|span| span.holds(offset));
        around.min_by_key(|span| span.end - span.start)
    });
    if let Some(span) = literal {
        return (span, None);
    }
    let Some((span, word)) = super::word_at(c, file, offset) else { return (here, None) };
    let rest = text[span.end as usize..].trim_start();
    let named = rest.starts_with('=') && !rest.starts_with("==");
    (span, named.then_some(word))
}

/// A word or sign of an expression, or what can be named without having been declared.
pub(super) fn sign(c: &Compilation, file: FileId, offset: u32) -> Option<(Span, String)> {
    let text = &c.sources.file(file).text;
    if matches!(cursor(text, offset as usize).at, At::Text { .. } | At::Comment) {
        return None;
    }
    let (before, after) = text.split_at_checked(offset as usize)?;
    let part = |c: char| matches!(c, '&' | '|' | '=' | '!' | '?' | '+' | '-' | '>');
    let (span, word) =
        super::word_at(c, file, offset).filter(|(_, word)| !word.is_empty()).or_else(|| {
            let start = before.trim_end_matches(part).len();
            let end = text.len() - after.trim_start_matches(part).len();
            let span = Span::new(file, start as u32, end as u32);
            (start < end).then(|| (span, c.sources.text(span)))
        })?;
    let doc = words::word(word).map(|word| word.doc).or_else(|| around_doc(word))?;
    let mut shown = code(word);
    push_doc(&mut shown, doc);
    Some((span, shown))
}

/// The files that an import reads.
pub(super) fn import(c: &Compilation, file: FileId, offset: u32) -> Option<(Span, String)> {
    let tree = tree_of(c, file)?;
    let path = tree.stmts_of(tree.top).iter().find_map(|&id| match &tree.stmt(id).kind {
        StmtKind::Import { path, .. } if path.span.holds(offset) => Some(path),
        _ => None,
    })?;
    let files = outline::files_of(c.names.text(path.sym), &c.sources.file(file).name, &c.sources);
    let names: Vec<&str> = files.map(|id| c.sources.file(id).name.as_str()).collect();
    let reads = match names.as_slice() {
        [] => "no file of that name".to_owned(),
        names => names.iter().map(|name| format!("- {name}\n")).collect(),
    };
    Some((
        path.span,
        format!("{}\n{reads}\n", code(&format!("import {}", c.sources.text(path.span)))),
    ))
}

/// What a number with a unit, a mode or a range of addresses comes to.
pub(super) fn amount(c: &Compilation, file: FileId, offset: u32) -> Option<String> {
    let literals = tree_of(c, file)?.exprs.iter().filter_map(|expr| match expr.kind {
        ExprKind::Literal(literal) if expr.span.holds(offset) => Some((expr.span, literal)),
        _ => None,
    });
    let (span, literal) = literals.min_by_key(|(span, _)| span.end - span.start)?;
    let written = c.sources.text(span);
    let said = match literal {
        Literal::Quantity => match quantity(written).ok()? {
            Quantity::Bytes(bytes) => {
                let (unit, size) = if bytes.0 < 1 << 30 { ("MiB", 20) } else { ("GiB", 30) };
                let count = bytes.0 as f64 / f64::from(1 << size);
                format!("{} bytes, {count:.1} {unit}", grouped(bytes.0))
            }
            Quantity::Duration(span) if span.seconds() >= 60 => {
                format!("{} seconds", grouped(span.seconds()))
            }
            _ => return None,
        },
        Literal::Mode => format!("`{}`", permissions(mode(written).ok()?.bits())),
        Literal::Cidr4 | Literal::Cidr6 => {
            let range = cidr(written).ok()?;
            format!("{} to {}", range.network(), range.last())
        }
        _ => return None,
    };
    Some(format!("\n`{written}` is {said}\n"))
}

/// `10,000,000`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// As `ls` shows them: `rwxr-x---`.
fn permissions(bits: u16) -> String {
    (0..9).map(|at| if bits >> (8 - at) & 1 == 1 { ['r', 'w', 'x'][at % 3] } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_people_read_them() {
        assert_eq!(grouped(1), "1");
        assert_eq!(grouped(123_456), "123,456");
        assert_eq!(grouped(10_000_000), "10,000,000");
        assert_eq!(permissions(0o750), "rwxr-x---");
        assert_eq!(permissions(0o604), "rw----r--");
    }
}
