//! What the syntax has to say, one function a fault. Nothing here decides whether it is one.
//! Characters, text, numbers and brackets are in `lexical.rs`.

mod lexical;

pub(super) use lexical::*;

use super::token::Kind;
use super::tree::EntryOp;
use crate::diag::{Diagnostic, Edit, Fix, Safety, codes};
use crate::source::Span;

/// A token in words.
pub(super) fn found(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Str | Kind::Text | Kind::StrOpen | Kind::TextOpen | Kind::Raw | Kind::RawText => {
            "text in quotes".to_owned()
        }
        Kind::Eof => "the end of the file".to_owned(),
        _ if text.chars().count() > 40 => "a long word".to_owned(),
        _ => format!("`{text}`"),
    }
}

<<<<<<< HEAD
=======
// -- characters

pub(super) fn too_large(file: FileId) -> Diagnostic {
    Diagnostic::new(&codes::E0118, Span::new(file, 0, 0), "expected a file of less than 4 GiB")
        .help("split the file, and `import` the parts")
}

pub(super) fn stranger(span: Span, text: &str) -> Diagnostic {
    let first = text.chars().next().unwrap_or('\0');
    if super::lexer::is_forbidden(first) {
        return hidden(span, first);
    }
    if first.is_whitespace() {
        let code = first as u32;
        return Diagnostic::new(
            &codes::E0101,
            span,
            format!("expected a plain space, found the space character U+{code:04X}"),
        )
        .here("looks like a space")
        .fix("write a plain space", span, " ");
    }
    let fault = Diagnostic::new(
        &codes::E0101,
        span,
        format!("expected a part of the language, found `{text}`"),
    );
    match first {
        '`' => fault.help("text stands in double quotes: `\"...\"`"),
        '$' => {
            fault.help("`${...}` has a meaning inside of text only; here a name stands by itself")
        }
        '&' => fault.help("`and` is written `&&`"),
        '@' => fault.help("put text that holds `@` in quotes"),
        c if c.is_alphanumeric() => fault.help(
            "names are made of the letters a to z, digits, `_` and `-`; put other text in quotes",
        ),
        _ => fault.help("remove it, or put the text that it belongs to in quotes"),
    }
}

pub(super) fn hidden(span: Span, c: char) -> Diagnostic {
    let code = c as u32;
    Diagnostic::new(
        &codes::E0101,
        span,
        format!("expected visible text, found the hidden character U+{code:04X}"),
    )
    .here("cannot be seen here")
    .note("hidden characters can make a text look like another one")
    .help(format!("remove it; in text in quotes write `\\u{{{code:x}}}`"))
}

pub(super) fn is_quote(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' | '＂')
}

pub(super) fn closes_quote(open: char, c: char) -> bool {
    match open {
        '‘' | '’' | '‚' => matches!(c, '‘' | '’'),
        '«' | '»' => matches!(c, '«' | '»'),
        _ => matches!(c, '“' | '”' | '‟' | '＂'),
    }
}

pub(super) fn foreign_quote(open: Span, close: Option<Span>, c: char) -> Diagnostic {
    let whole = close.map_or(open, |close| open.to(close));
    let mut fault =
        Diagnostic::new(&codes::E0101, whole, format!("expected `\"`, found the quote `{c}`"))
            .here("a quote of typeset text");
    let edit = |span| Edit { span, text: "\"".to_owned() };
    let (edits, safety) = match close {
        Some(close) => (vec![edit(open), edit(close)], Safety::Safe),
        None => (vec![edit(open)], Safety::Review),
    };
    fault.fixes.push(Fix { title: "write plain double quotes".to_owned(), edits, safety });
    fault
}

pub(super) fn hash_comment(span: Span) -> Diagnostic {
    let sign = Span { end: span.start + 1, ..span };
    Diagnostic::new(&codes::E0115, span, "expected `//` before a comment, found `#`").fix(
        "write `//`",
        sign,
        "//",
    )
}

pub(super) fn block_comment(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0115, span, "expected `//` before a comment, found `/*`")
        .help("a comment goes from `//` to the end of its line; begin each line with `//`")
}

// -- strings

pub(super) fn open_text(quote: Span, end: Span, text: &str) -> Diagnostic {
    let (sign, name) = match text.as_bytes() {
        [b'"', b'"', b'"', ..] => ("\"\"\"", "text"),
        [b'\'', b'\'', b'\'', ..] => ("'''", "raw text"),
        [b'\'', ..] => ("'", "raw text"),
        _ => ("\"", "text"),
    };
    let fault = Diagnostic::new(
        &codes::E0102,
        quote,
        format!(
            "expected `{sign}` to close the {name} opened here, found the end of the {}",
            if sign.len() == 3 { "file" } else { "line" }
        ),
    )
    .label(end, "it ends here");
    if sign.len() == 3 {
        return fault.help(format!("close the text with `{sign}`"));
    }
    fault.suggest(format!("close it with `{sign}` at the end of the line"), end, sign).help(
        if sign == "\"" {
            "text of several lines stands in `\"\"\"`"
        } else {
            "raw text of several lines stands in `'''`; text with a `'` in it in `\"`"
        },
    )
}

pub(super) fn open_interpolation(interp: Span, quote: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0102, interp, "expected `}` to close the `${` opened here")
        .here("goes on to the end of the line")
        .label(quote, "in the text that begins here")
        .help("write `${name}`; a `$` that is only text needs no braces")
}

pub(super) fn bad_escape(span: Span, c: Option<char>) -> Diagnostic {
    let what = c.map_or_else(|| "`\\` at the end of the line".to_owned(), |c| format!("`\\{c}`"));
    let fault = Diagnostic::new(
        &codes::E0106,
        span,
        format!("expected one of `\\n` `\\t` `\\\\` `\\\"` `\\$` `\\u{{...}}`, found {what}"),
    );
    let slash = Span { end: span.start + 1, ..span };
    fault
        .suggest("write `\\\\` for a backslash", slash, "\\\\")
        .help("in raw text, `'...'`, a backslash is only a backslash")
}

pub(super) fn bad_code_point(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0106, span, "expected a character's number in `\\u{...}`")
        .help("write one to six hex digits, as in `\\u{e9}`")
}

pub(super) fn one_interpolated(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected `}}` after the value in `${{...}}`, found {found}"),
    )
    .help("a `${...}` holds one value; write `\\${` for a `${` that is only text")
}

// -- numbers

fn number(span: Span, text: &str, message: String) -> Diagnostic {
    Diagnostic::new(&codes::E0105, span, message).suggest(
        "put it in quotes",
        span,
        format!("\"{text}\""),
    )
}

pub(super) fn dotted_number(span: Span, text: &str) -> Diagnostic {
    number(span, text, format!("expected a number, found `{text}` with more than one dot"))
        .note("an IPv4 address has four numbers; a version stands in quotes")
}

pub(super) fn leading_zero(span: Span, text: &str) -> Diagnostic {
    number(span, text, format!("expected a number without a leading zero, found `{text}`"))
        .note("a file mode has three or four octal digits after the `0`, as in `0640`")
}

pub(super) fn long_number(span: Span, text: &str) -> Diagnostic {
    number(span, text, "expected a number of at most 18 digits".to_owned())
}

pub(super) fn unknown_unit(span: Span, text: &str) -> Diagnostic {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (value, unit) = text.split_at(digits);
    let fault = Diagnostic::new(
        &codes::E0105,
        span,
        format!("expected a unit after the number, found `{unit}`"),
    );
    let fault = match near_unit(unit) {
        Some(near) => {
            fault.suggest(format!("write `{value}{near}`"), span, format!("{value}{near}"))
        }
        None => fault,
    };
    fault
        .suggest("put it in quotes", span, format!("\"{text}\""))
        .note("units: B kB MB GB TB PB, KiB MiB GiB TiB PiB, cpu, ns us ms s m h d w")
}

/// The unit that was meant, where a person would see at once which.
fn near_unit(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "K" | "k" | "KB" | "kb" | "Kb" => "kB",
        "M" | "mb" | "Mb" => "MB",
        "G" | "g" | "gb" | "Gb" => "GB",
        "T" | "t" | "tb" | "Tb" => "TB",
        "Ki" | "kib" | "kiB" | "Kib" => "KiB",
        "Mi" | "mib" | "miB" | "Mib" => "MiB",
        "Gi" | "gib" | "giB" | "Gib" => "GiB",
        "Ti" | "tib" | "tiB" | "Tib" => "TiB",
        "sec" | "secs" | "S" => "s",
        "min" | "mins" => "m",
        "hr" | "hrs" | "H" => "h",
        "day" | "days" | "D" => "d",
        "CPU" | "cpus" | "core" | "cores" => "cpu",
        _ => return None,
    })
}

pub(super) fn loose_unit(word: Span, gap: Span, touching: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0105,
        gap.to(word),
        format!("expected the unit to touch its number, as in `{touching}`"),
    )
    .fix(format!("write `{touching}`"), gap, "")
}

pub(super) fn bad_ip4(span: Span, text: &str) -> Diagnostic {
    number(span, text, format!("expected an IPv4 address, found `{text}`"))
        .note("it has four numbers from 0 to 255, without leading zeros")
}

pub(super) fn bad_prefix(span: Span, max: u32) -> Diagnostic {
    Diagnostic::new(&codes::E0105, span, format!("expected a prefix length from 0 to {max}"))
        .help(format!("write a number from `/0` to `/{max}`"))
}

pub(super) fn bad_ip6(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0105, span, "expected an IPv6 address")
        .note("it has eight groups of one to four hex digits with `:` between them; one `::` stands for groups of zeros")
        .help("mend the address, or put the text in quotes")
}

pub(super) fn bad_mac(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0105, span, "expected a MAC address")
        .note("it has six pairs of hex digits with `:` between them")
        .help("mend the address, or put the text in quotes")
}

// -- brackets

fn bracket(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::LBrace => ("{", "}", "block"),
        Kind::LParen => ("(", ")", "parenthesis"),
        Kind::LBracket => ("[", "]", "list"),
        _ => ("${", "}", "value in the text"),
    }
}

pub(super) fn unclosed(open: Span, kind: Kind, place: Span, indent: usize) -> Diagnostic {
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

pub(super) fn unlike(open: Span, kind: Kind, close: Span, found: &str) -> Diagnostic {
    let (_, sign, what) = bracket(kind);
    Diagnostic::new(
        &codes::E0103,
        close,
        format!("expected `{sign}` to close the {what}, found `{found}`"),
    )
    .label(open, "opened here")
    .suggest(format!("write `{sign}`"), close, sign)
}

pub(super) fn stray(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0103,
        span,
        format!("expected no `{text}` here: nothing is open that it closes"),
    )
    .suggest("remove it", span, "")
}

pub(super) fn too_deep(span: Span, max: usize) -> Diagnostic {
    Diagnostic::new(
        &codes::E0104,
        span,
        format!("expected at most {max} brackets inside each other"),
    )
    .here("one too many opens here")
    .help("give the inner parts names with `let`")
}

pub(super) fn too_long(span: Span) -> Diagnostic {
    Diagnostic::new(
        &codes::E0104,
        span,
        "expected a shorter expression: this one is nested too deeply",
    )
    .help("give parts of it names with `let`")
}

>>>>>>> cases
// -- statements

pub(super) fn semicolon(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0110, span, "expected no `;`: a statement ends by itself").fix(
        "remove it",
        span,
        "",
    )
}

pub(super) fn semicolon_comma(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0110, span, "expected `,` here, found `;`").fix("write `,`", span, ",")
}

pub(super) fn top_comma(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0110, span, "expected no `,` between declarations").fix(
        "remove it",
        span,
        "",
    )
}

pub(super) fn no_comma(gap: Span, next: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0110, gap, "expected `,` between two values")
        .here("missing here")
        .label(next, "the next value")
        .fix("add `,`", gap, ",")
}

pub(super) fn no_item(span: Span, close: Kind, found: &str) -> Diagnostic {
    let close = match close {
        Kind::RBracket => "`]`",
        Kind::RParen => "`)`",
        _ => "`}`",
    };
    Diagnostic::new(&codes::E0109, span, format!("expected `,` or {close}, found {found}"))
}

pub(super) fn no_statement(span: Span, kind: Kind, text: &str) -> Diagnostic {
    let what = found(kind, text);
    let fault = Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected a field or a declaration, found {what}"),
    );
    match kind {
        Kind::Raw | Kind::RawText | Kind::Text | Kind::StrOpen | Kind::TextOpen => {
            fault.help("a key is a word, or plain text in double quotes")
        }
        Kind::LBrace => fault.help("a block stands after the word that says what it is"),
        kind if kind.is_number() => fault.help("a key that is a number stands in quotes"),
        _ => fault,
    }
}

pub(super) fn expected(span: Span, kind: Kind, why: &str, found: &str) -> Diagnostic {
    let sign = match kind {
        Kind::LBrace => "`{`",
        Kind::RBrace => "`}`",
        Kind::LParen => "`(`",
        Kind::RParen => "`)`",
        Kind::RBracket => "`]`",
        Kind::Colon => "`:`",
        Kind::Range => "`..`",
        Kind::Then => "`then`",
        Kind::In => "`in`",
        Kind::For => "`for`",
        _ => "a sign",
    };
    Diagnostic::new(&codes::E0109, span, format!("expected {sign} {why}, found {found}"))
}

pub(super) fn expected_name(span: Span, what: &str, found: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, format!("expected {what}, found {found}"))
}

pub(super) fn more_than_one(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, format!("expected one expression, found {found} after it"))
        .help("join the parts with an operator, or put them into a list: `[a, b]`")
}

pub(super) fn no_field(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, format!("expected a field as `name: type`, found {found}"))
}

pub(super) fn no_op(span: Span, head: &str, found: &str) -> Diagnostic {
    let head = head.split_whitespace().collect::<Vec<_>>().join(" ");
    Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected `=`, `{{` or `from` after `{head}`, found {found}"),
    )
    .help(format!("give it a value, `{head} = ...`, or a block, `{head} {{ ... }}`"))
}

pub(super) fn no_plural(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected `plural` and the plural of the name, found {found}"),
    )
    .help("write `kind box plural boxes { ... }`: the plural is the name of the map of all")
}

pub(super) fn no_assert_text(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected text in quotes after `assert`, found {found}"),
    )
    .help("say what is to hold: `assert \"every node has an address\" { ... }`")
}

pub(super) fn one_condition(span: Span, word: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected `}}` after the condition, found {found}"),
    )
    .label(word, "an `assert` holds one condition")
    .help("join several with `&&`")
}

pub(super) fn no_key(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected a key in quotes after `[`, found {found}"),
    )
}

pub(super) fn quoted_unset(span: Span) -> Diagnostic {
    Diagnostic::new(
        &codes::E0109,
        span,
        "expected the name of a field after `unset`, found text in quotes",
    )
    .help(
        "write the field that holds it first: `unset env[\"TZ\"]`; inside of its block, `unset TZ`",
    )
}

pub(super) fn strength_alone(span: Span, word: &str, found: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, format!("expected a field after `{word}`, found {found}"))
        .help(format!(
            "write `{word} name = value`; a key of that name stands in quotes, `\"{word}\" = ...`"
        ))
}

pub(super) fn strength_place(span: Span, word: &str, what: &str) -> Diagnostic {
    let fault = Diagnostic::new(
        &codes::E0112,
        span,
        format!("expected `=` in an entry with `{word}`, found {what}"),
    );
    match what {
        "a block" => fault.help(format!("write `{word}` before the fields inside the block")),
        "`from`" => {
            fault.help(format!("write `{word}` before the fields inside the block of the `from`"))
        }
        _ => fault.suggest(format!("remove `{word}`"), span, ""),
    }
}

pub(super) fn op_name(op: &EntryOp) -> &'static str {
    match op {
        EntryOp::Missing => "nothing",
        EntryOp::Assign { .. } => "`=`",
        EntryOp::Add { .. } => "`+=`",
        EntryOp::Sub { .. } => "`-=`",
        EntryOp::From { .. } => "`from`",
        EntryOp::Block(_) => "a block",
    }
}

pub(super) fn only_entries(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0113,
        span,
        format!("expected a field in a block that is a value, found `{word}`"),
    )
    .help("declarations stand at the top of a file or in a block of their own")
}

pub(super) fn dotted_key(path: Span, dot: Span, nested: Option<Vec<Edit>>) -> Diagnostic {
    let mut fault = Diagnostic::new(
        &codes::E0114,
        path,
        "expected one name on the left, found a path with dots",
    )
    .label(dot, "no `.` here")
    .help("write the inner field in a block: `limits { memory = 1GiB }`");
    if let Some(edits) = nested {
        fault.fixes.push(Fix {
            title: "write it as a block".to_owned(),
            edits,
            safety: Safety::Safe,
        });
    }
    fault
}

/// The edits that make `a.b = c` into `a { b = c }`.
pub(super) fn nested_form(path: Span, steps: &str, whole: Span) -> Vec<Edit> {
    let names: Vec<&str> = steps.split('.').map(str::trim).collect();
    let closing = " }".repeat(names.len() - 1);
    vec![Edit { span: path, text: names.join(" { ") }, Edit { span: whole.tail(), text: closing }]
}

// -- words

pub(super) fn reserved(span: Span, word: &str, label: bool) -> Diagnostic {
    let fault = Diagnostic::new(
        &codes::E0107,
        span,
        format!("expected a name, found `{word}`, a word of the language"),
    );
    if label {
        return fault.fix("put it in quotes", span, format!("\"{word}\""));
    }
    fault.help("choose another name")
}

pub(super) fn reserved_key(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0107,
        span,
        format!("expected a field, found `{word}`, a word of the language"),
    )
    .suggest("put it in quotes", span, format!("\"{word}\""))
}

pub(super) fn reserved_field(span: Span, word: &str) -> Diagnostic {
    let dot = Span { start: span.start - 1, ..span };
    Diagnostic::new(
        &codes::E0107,
        span,
        format!("expected a name after `.`, found `{word}`, a word of the language"),
    )
    .fix(format!("write `[\"{word}\"]`"), dot, format!("[\"{word}\"]"))
}

pub(super) fn plain_label(span: Span) -> Diagnostic {
    Diagnostic::new(
        &codes::E0111,
        span,
        "expected a label as a word or as plain text in double quotes",
    )
    .help("a label is a name: it has no `${...}` in it and lies on one line")
}

pub(super) fn number_label(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0111, span, format!("expected a label, found `{text}`")).fix(
        "put it in quotes",
        span,
        format!("\"{text}\""),
    )
}

// -- values and types

pub(super) fn no_value(span: Span, after: &str, found: &str) -> Diagnostic {
    let message = if after.is_empty() {
        format!("expected a value, found {found}")
    } else {
        format!("expected a value after {after}, found {found}")
    };
    Diagnostic::new(&codes::E0108, span, message)
}

pub(super) fn value_on_next_line(span: Span, between: Option<Span>, after: &str) -> Diagnostic {
    let fault = Diagnostic::new(
        &codes::E0108,
        span,
        format!("expected the value on the line of its {after}"),
    );
    match between {
        Some(between) => fault.fix("join the lines", between, " "),
        None => fault.help("move the value up, and the comment above"),
    }
}

pub(super) fn not_assign(span: Span, sign: &str) -> Diagnostic {
    let text = if sign == ":" { " =" } else { "=" };
    Diagnostic::new(&codes::E0116, span, format!("expected `=`, found `{sign}`")).fix(
        "write `=`",
        span,
        text,
    )
}

pub(super) fn field_assign(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0116, span, "expected `:` before the type of a field, found `=`").fix(
        "write `:`",
        span,
        ":",
    )
}

pub(super) fn assign_in_condition(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0116, span, "expected `==` in a condition, found `=`").fix(
        "write `==`",
        span,
        "==",
    )
}

pub(super) fn chained(span: Span, sign: &str) -> Diagnostic {
    let fault = Diagnostic::new(
        &codes::E0117,
        span,
        format!("expected one comparison or arrow, found a second: `{sign}`"),
    );
    match sign {
        "->" | ".." => fault.help("put one of the two in parentheses"),
        _ => fault.help("join two comparisons with `&&`: `a < b && b < c`"),
    }
}

pub(super) fn bare_if(span: Span) -> Diagnostic {
    Diagnostic::new(
        &codes::E0117,
        span,
        "expected parentheses around an `if` inside of an expression",
    )
    .help("write `(if c then a else b)`")
}

pub(super) fn no_else(span: Span, word: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected `else` and the other value, found {found}"),
    )
    .label(word, "this `if` is a value: it has one in both cases")
    .help("write `else none` where there is nothing else")
}

pub(super) fn loose_binding(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, "expected `,` or `)`, found `:`")
        .help("a binding is written `x in list: condition`; put a longer list in parentheses, `x in (a ?? b): ...`")
}

pub(super) fn no_type(span: Span, after: &str, found: &str) -> Diagnostic {
    let message = if after.is_empty() {
        format!("expected a type, found {found}")
    } else {
        format!("expected a type after `{after}`, found {found}")
    };
    Diagnostic::new(&codes::E0108, span, message)
}

pub(super) fn type_on_next_line(span: Span, sign: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0108, span, format!("expected the type on the line of its `{sign}`"))
        .help("move the type up")
}

pub(super) fn open_angle(span: Span, open: Span, found: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, format!("expected `>` to close the `<`, found {found}"))
        .label(open, "opened here")
}

pub(super) fn no_bound(span: Span, what: &str, found: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, format!("expected {what}, found {found}"))
        .help("bounds are whole numbers, as in `int in 1..65535`")
}

pub(super) fn no_pattern(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected a pattern in quotes after `matching`, found {found}"),
    )
}

pub(super) fn empty_enum(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, "expected at least one word in the `enum`, found `}`")
}
