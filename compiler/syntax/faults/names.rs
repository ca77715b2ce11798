//! What there is to say about names and numbers with dots, hyphens or commas that do not belong there.

use crate::diag::{About, Diagnostic, Edit, Fix, Safety, codes};
use crate::source::Span;

/// `gpu-`, `mini--01`, `-attic`
pub(in crate::syntax) fn hyphens(span: Span, written: &str, meant: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0111, span, format!("expected a name, found `{written}`"))
        .note("a hyphen stands inside of a name, between letters or digits, and alone")
        .suggest(format!("write `{meant}`"), span, meant)
}

/// `service my wiki {`
pub(in crate::syntax) fn two_names(odd: Span, names: Span, meant: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0111, odd, "expected `{` after the name, found a second name")
        .note("a thing has one name, a word or a text in quotes")
        .suggest(format!("write `{meant}`"), names, meant)
}

/// `port port web = 80`; `gap` begins where the word before ends.
pub(in crate::syntax) fn doubled(odd: Span, gap: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0111, odd, "expected this word once, found it twice").suggest(
        "remove one of the two",
        gap,
        "",
    )
}

/// `os debian("13") {`
pub(in crate::syntax) fn called_head(odd: Span, gap: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0111, odd, "expected `{` after the name, found parentheses")
        .note("what is declared takes no parameters; a `template` does")
        .suggest("remove them", gap, "")
}

/// `import ["a", "b"]`
pub(in crate::syntax) fn odd_import(
    sign: Span,
    written: &str,
    whole: Span,
    meant: &str,
) -> Diagnostic {
    let message = format!("expected the path of a file in quotes, found `{written}`");
    Diagnostic::new(&codes::E0109, sign, message)
        .about(About::Import)
        .note("an import brings in one file, or the files that a `*` stands for")
        .fix("write the path alone behind the word", whole, meant)
}

/// `restart override = never`
pub(in crate::syntax) fn strength_behind(
    field: Span,
    word: Span,
    text: &str,
    name: &str,
) -> Diagnostic {
    let message = format!("expected `{text}` before the field, found it behind `{name}`");
    let mut fault = Diagnostic::new(&codes::E0112, word, message);
    let edits = vec![
        Edit { span: field.head(), text: format!("{text} ") },
        Edit { span: Span { end: word.end + 1, ..word }, text: String::new() },
    ];
    let title = format!("write `{text} {name} = ...`");
    fault.fixes.push(Fix { title, edits, safety: Safety::Safe });
    fault
}

/// `unset [restart, env]`
pub(in crate::syntax) fn unset_of_several(span: Span, meant: &[String]) -> Diagnostic {
    let message = "expected the field to remove after `unset`, found a list";
    let whole = Span { start: span.start.saturating_sub("unset ".len() as u32), ..span };
    let fault = Diagnostic::new(&codes::E0109, span, message);
    match meant {
        [] => fault.help("name the field: `unset restart`"),
        meant => fault.suggest("one `unset` for each field", whole, meant.join("   ")),
    }
}

/// `unset disk flash`
pub(in crate::syntax) fn unset_of_a_label(name: Span, gap: Span, key: &str) -> Diagnostic {
    let message = "expected the end of the statement after the field to remove, found a name";
    Diagnostic::new(&codes::E0109, name, message)
        .suggest(format!("what has a name stands in brackets: `{key}`"), gap, key)
        .help("two fields are removed by two statements: `unset a   unset b`")
}

/// `unset restart = none`; `gap` is all behind the field.
pub(in crate::syntax) fn unset_of_a_value(sign: Span, gap: Span) -> Diagnostic {
    let message = "expected the end of the statement after the field to remove, found `=`";
    Diagnostic::new(&codes::E0109, sign, message)
        .note("`unset` takes back what wider layers say; what is to hold instead is said with `override`")
        .suggest("remove it", gap, "")
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

/// `git.example.org { }` as `site "git.example.org" { }`.
pub(in crate::syntax) fn site_form(path: Span, written: &str) -> Fix {
    let edits = vec![Edit { span: path, text: format!("site \"{written}\"") }];
    let title = "a name that people type is a site".to_owned();
    Fix { title, edits, safety: Safety::Review }
}

pub(in crate::syntax) fn quoted_form(path: Span) -> Fix {
    let quote = |span| Edit { span, text: "\"".to_owned() };
    let edits = vec![quote(path.head()), quote(path.tail())];
    let title = "as one key of a map such as `labels`, in quotes".to_owned();
    Fix { title, edits, safety: Safety::Review }
}
