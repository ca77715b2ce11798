//! What there is to say about names and numbers with dots, hyphens or commas that do not belong there.

use crate::diag::{Diagnostic, Edit, Fix, Safety, codes};
use crate::source::Span;

/// `gpu-`, `mini--01`, `-attic`
pub(in crate::syntax) fn hyphens(span: Span, written: &str, meant: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0111, span, format!("expected a name, found `{written}`"))
        .note("a hyphen stands inside of a name, between letters or digits, and alone")
        .suggest(format!("write `{meant}`"), span, meant)
}

/// `volume fortress / "data" = "/var/lib/x"`
pub(in crate::syntax) fn swapped(span: Span, meant: &str) -> Diagnostic {
    let message =
        "expected the path on the left and the place on the right, found them the other way round";
    Diagnostic::new(&codes::E0111, span, message).suggest(format!("write `{meant}`"), span, meant)
}

/// `0,9TB`
pub(in crate::syntax) fn decimal_comma(span: Span, written: &str) -> Diagnostic {
    let meant = written.replace(',', ".");
    let message = format!("expected a number with a point, found `{written}`");
    Diagnostic::new(&codes::E0105, span, message).suggest(format!("write `{meant}`"), span, meant)
}

/// Of several forms, which one is meant is known with the fields' types: `follow_ups::settle`.
pub(in crate::syntax) fn dotted_key(path: Span, dot: Span, forms: Vec<Fix>) -> Diagnostic {
    let mut fault = Diagnostic::new(
        &codes::E0114,
        path,
        "expected one name on the left, found a path with dots",
    )
    .label(dot, "no `.` here");
    fault.fixes = forms;
    fault.or_help("write the inner field in a block: `limits { memory = 1GiB }`")
}

/// `container.app { ... }` as `container app { ... }`.
pub(in crate::syntax) fn labelled_form(dot: Span) -> Fix {
    let edits = vec![Edit { span: dot, text: " ".to_owned() }];
    Fix { title: "write the name after a space".to_owned(), edits, safety: Safety::Review }
}

/// `labels.traefik.enable = c` as `labels { "traefik.enable" = c }`.
pub(in crate::syntax) fn keyed_form(path: Span, steps: &str, whole: Span) -> Fix {
    let (map, key) = steps.split_once('.').unwrap_or((steps, ""));
    let edits = vec![
        Edit { span: path, text: format!("{map} {{ \"{key}\"") },
        Edit { span: whole.tail(), text: " }".to_owned() },
    ];
    Fix { title: "write it as one key, in quotes".to_owned(), edits, safety: Safety::Review }
}

/// `a.b = c` as `a { b = c }`.
pub(in crate::syntax) fn nested_form(path: Span, steps: &str, whole: Span) -> Fix {
    let names: Vec<&str> = steps.split('.').map(str::trim).collect();
    let closing = " }".repeat(names.len() - 1);
    let edits = vec![
        Edit { span: path, text: names.join(" { ") },
        Edit { span: whole.tail(), text: closing },
    ];
    Fix { title: "write it as a block".to_owned(), edits, safety: Safety::Review }
}

pub(in crate::syntax) fn quoted_form(path: Span) -> Fix {
    let quote = |span| Edit { span, text: "\"".to_owned() };
    let edits = vec![quote(path.head()), quote(path.tail())];
    let title = "as one key of a map such as `labels`, in quotes".to_owned();
    Fix { title, edits, safety: Safety::Review }
}
