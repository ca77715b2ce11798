//! Brackets without a partner, or too deep.

use crate::diag::{About, Diagnostic, codes};
use crate::source::Span;
use crate::syntax::token::Kind;

fn bracket(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::LBrace => ("{", "}", "block"),
        Kind::LParen => ("(", ")", "parenthesis"),
        Kind::LBracket => ("[", "]", "list"),
        _ => ("${", "}", "value in the text"),
    }
}

pub(in crate::syntax) fn unclosed(
    open: Span,
    kind: Kind,
    place: Span,
    indent: usize,
) -> Diagnostic {
    let (_, close, what) = bracket(kind);
    let insert = if kind == Kind::LBrace {
        format!("\n{}{close}", " ".repeat(indent))
    } else {
        close.to_owned()
    };
    Diagnostic::new(
        &codes::E0103,
        open,
        format!("expected `{close}` to close the {what} opened here"),
    )
    .here("opened here")
    .label(place, format!("`{close}` seems to be missing here"))
    .suggest(format!("add `{close}`"), place, insert)
}

/// `head` is what the block belongs to.
pub(in crate::syntax) fn unopened(head: Span, text: &str) -> Diagnostic {
    let end = Span::new(head.file, head.end, head.end);
    let what = &text[head.start as usize..head.end as usize];
    Diagnostic::new(&codes::E0103, end, format!("expected `{{` after `{what}`"))
        .here("`{` is missing here")
        .label(head, "what follows is further in, and a `}` closes it")
        .suggest("add `{`", end, " {")
}

/// `gap` lies between the last of what stands before the bracket, `word`, and what it opens.
pub(in crate::syntax) fn unopened_on_line(
    gap: Span,
    kind: Kind,
    word: &str,
    close: Span,
) -> Diagnostic {
    let (open, close_sign, _) = bracket(kind);
    let insert = if kind == Kind::LParen { open.to_owned() } else { format!(" {open} ") };
    let insert = if kind == Kind::LBracket { format!(" {open}") } else { insert };
    Diagnostic::new(&codes::E0103, gap, format!("expected `{open}` after `{}`", super::short(word)))
        .here(format!("`{open}` is missing here"))
        .label(close, format!("this `{close_sign}` closes it"))
        .suggest(format!("add `{open}`"), gap, insert)
}

pub(in crate::syntax) fn opened_twice(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0103, span, "expected one `{`, found two").suggest(
        "remove one",
        span,
        "",
    )
}

pub(in crate::syntax) fn unlike(open: Span, kind: Kind, close: Span, found: &str) -> Diagnostic {
    let (_, sign, what) = bracket(kind);
    Diagnostic::new(
        &codes::E0103,
        close,
        format!("expected `{sign}` to close the {what}, found `{found}`"),
    )
    .label(open, "opened here")
    .suggest(format!("write `{sign}`"), close, sign)
}

pub(in crate::syntax) fn stray(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0103,
        span,
        format!("expected no `{text}` here: nothing is open that it closes"),
    )
    .about(About::Stray)
    .suggest("remove it", span, "")
}

pub(in crate::syntax) fn too_deep(span: Span, max: usize) -> Diagnostic {
    Diagnostic::new(
        &codes::E0104,
        span,
        format!("expected at most {max} brackets inside each other"),
    )
    .here("one too many opens here")
    .help("give the inner parts names with `let`")
}

pub(in crate::syntax) fn too_long(span: Span) -> Diagnostic {
    Diagnostic::new(
        &codes::E0104,
        span,
        "expected a shorter expression: this one is nested too deeply",
    )
    .help("give parts of it names with `let`")
}
