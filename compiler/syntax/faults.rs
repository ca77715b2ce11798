//! What the syntax has to say, one function a fault. Nothing here decides whether it is one.
//! Characters, text and numbers are in `lexical.rs`, brackets in `brackets.rs`, names with a sign too many in `names.rs`, what people bring from
//! other languages in `foreign.rs`, how a thing is written as a whole in `whole.rs`.

mod brackets;
mod foreign;
mod lexical;
mod names;
pub(super) mod whole;

pub(super) use brackets::*;
pub(super) use foreign::*;
pub(super) use lexical::*;
pub(super) use names::*;

use super::token::Kind;
use super::tree::EntryOp;
use crate::diag::{About, Diagnostic, Edit, Fix, Safety, codes};
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

/// Words as they are repeated in a message: on one line, and not longer than one.
fn short(words: &str) -> String {
    const SHOWN: usize = 60;
    let end = words.char_indices().nth(SHOWN).map_or(words.len(), |(at, _)| at);
    let mut line = words[..end].split_whitespace().collect::<Vec<_>>().join(" ");
    if end < words.len() {
        line.push('…');
    }
    line
}

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
        .help(format!("add `,` where another one follows, or {close} where it ends"))
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
        Kind::Int => fault.help("a key that is a number stands in quotes"),
        _ => fault.help("a field is `name = value`, a block `name { ... }`; what another tool is to read stands in a file of its own"),
    }
}

/// `health { = "/" }`
pub(super) fn nameless_value(sign: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0109, sign, "expected the name of a field before `=`")
        .help("a field is `name = value`")
}

pub(super) fn bare_parameter(span: Span, word: &str, number: &str) -> Diagnostic {
    let meant = format!("{word}(\"{number}\")");
    let message = format!("expected what `{word}` takes in parentheses, found `{word} {number}`");
    Diagnostic::new(&codes::E0109, span, message).suggest(format!("write `{meant}`"), span, meant)
}

/// `way` is the whole as it is written.
pub(super) fn expected(span: Span, kind: Kind, why: &str, found: &str, way: &str) -> Diagnostic {
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
    Diagnostic::new(&codes::E0109, span, format!("expected {sign} {why}, found {found}")).help(way)
}

pub(super) fn expected_name(span: Span, what: &str, found: &str, way: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, format!("expected {what}, found {found}")).help(way)
}

pub(super) fn more_than_one(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, format!("expected one expression, found {found} after it"))
        .help("join the parts with an operator, or put them into a list: `[a, b]`")
}

pub(super) fn no_field(span: Span, found: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, format!("expected a field as `name: type`, found {found}"))
        .help(whole::FIELD)
}

pub(super) fn no_op(span: Span, head: &str, found: &str) -> Diagnostic {
    let head = short(head);
    Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected `=`, `{{` or `from` after `{head}`, found {found}"),
    )
    .about(About::Unsigned)
    .help(match found {
        "`/`" => format!("a path as a label stands in quotes: `{head} \"/...\" = ...`"),
        _ if head.starts_with("allow ") => format!("say why: `{head} = \"the reason\"`"),
        // `on attic`: perhaps the sign alone is missing.
        _ if head.split_once(' ').is_some_and(|(_, label)| !label.contains([' ', '"'])) => {
            let with = head.replacen(' ', " = ", 1);
            format!("give it a value, `{with}` or `{head} = ...`, or a block, `{head} {{ ... }}`")
        }
        _ => format!("give it a value, `{head} = ...`, or a block, `{head} {{ ... }}`"),
    })
}

/// `on { attic }`
pub(super) fn value_in_braces(word: Span, whole: Span, name: &str) -> Diagnostic {
    let message = format!("expected an entry in the block, found `{name}` alone");
    let fault = Diagnostic::new(&codes::E0109, word, message).suggest(
        format!("a value stands after `=`: `= {name}`"),
        whole,
        format!("= {name}"),
    );
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains(' ') {
        true => fault.help(format!("or say more of it: `{name} = ...`, `{name} {{ ... }}`")),
        false => fault,
    }
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
    .help(whole::STEP)
}

pub(super) fn bare_path(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected the path of a file in quotes, found `{written}`"),
    )
    .fix("write it in quotes", span, format!("\"{written}\""))
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

pub(super) fn strength_twice(span: Span, again: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0112, span, format!("expected a field, found `{again}`, a second word of strength"))
        .help("a field has one of `default`, `override` and `final`: `default` gives way, `final` locks, `override` changes a wider layer")
}

/// `restart = default always`
pub(super) fn strength_late(field: Span, word: Span, text: &str, name: &str) -> Diagnostic {
    let message = format!("expected a value after `=`, found `{text}`");
    let mut fault = Diagnostic::new(&codes::E0112, word, message);
    let edit = |span, text: &str| Edit { span, text: text.to_owned() };
    let edits =
        vec![edit(field.head(), &format!("{text} ")), edit(Span { end: word.end + 1, ..word }, "")];
    let title = format!("it stands before the field: `{text} {name} = ...`");
    fault.fixes.push(Fix { title, edits, safety: Safety::Review });
    fault
}

/// `meant` are the entries of the block, which the word is for.
pub(super) fn strength_place(span: Span, word: &str, what: &str, meant: &[Span]) -> Diagnostic {
    let mut fault = Diagnostic::new(
        &codes::E0112,
        span,
        format!("expected `=` in an entry with `{word}`, found {what}"),
    );
    if !meant.is_empty() {
        let mut edits =
            vec![Edit { span: Span { end: span.end + 1, ..span }, text: String::new() }];
        edits.extend(meant.iter().map(|&span| Edit { span, text: format!("{word} ") }));
        let title = format!("write `{word}` before the fields inside the block");
        fault.fixes.push(Fix { title, edits, safety: Safety::Review });
        return fault;
    }
    match what {
        "a block" => fault.help(format!("write `{word}` before the fields inside the block")),
        "`from`" => {
            fault.help(format!("write `{word}` before the fields inside the block of the `from`"))
        }
        _ => {
            let with_gap = Span { end: span.end + 1, ..span };
            fault.suggest(format!("remove `{word}`"), with_gap, "")
        }
    }
}

/// Two numbers are ports, anything else is a text.
pub(super) fn colon(span: Span, written: &str) -> Diagnostic {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let of_a_clock = |part: &str, end: u32| {
        part.len() == 2 && number(part) && part.parse::<u32>().is_ok_and(|n| n < end)
    };
    match written.split_once(':') {
        Some((hour, minute))
            if of_a_clock(hour, 24) && of_a_clock(minute, 60) && written.contains('0') =>
        {
            let meant = format!("\"*-*-* {written}\"");
            Diagnostic::new(
                &codes::E0109,
                span,
                format!("expected text in quotes, found the time {written}"),
            )
            .suggest(format!("each day at that time is written `{meant}`"), span, meant)
            .suggest("as a text, in quotes", span, format!("\"{written}\""))
        }
        Some((host, inside)) if number(host) && number(inside) => Diagnostic::new(
            &codes::E0109,
            span,
            "expected `->` between the port of the node and the one inside, found `:`",
        )
        .fix("write an arrow", span, format!("{host} -> {inside}")),
        Some((ip, ports))
            if ip.parse::<std::net::Ipv4Addr>().is_ok() && ports.split(':').all(number) =>
        {
            bound_port(span, written)
        }
        _ if written.ends_with('"') => {
            let message = format!("expected `\"` before the text, found `{written}`");
            Diagnostic::new(&codes::E0109, span, message).fix("add `\"`", span.head(), "\"")
        }
        _ => Diagnostic::new(
            &codes::E0109,
            span,
            format!("expected text in quotes, found `{written}`"),
        )
        .fix("write it in quotes", span, format!("\"{written}\"")),
    }
}

/// `127.0.0.1:8080 -> 80`
pub(super) fn bound_port(span: Span, written: &str) -> Diagnostic {
    let message = format!("expected ports alone, found `{written}` with an address before them");
    let fault = Diagnostic::new(&codes::E0109, span, message);
    let (ip, ports) = written.split_once(':').unwrap_or((written, ""));
    let ports = ports.replace(':', " -> ");
    match ip.parse::<std::net::Ipv4Addr>() {
        Ok(_) => fault.suggest(
            "the address is a field of the port",
            span,
            format!("{ports} {{ bind = [{ip}] }}"),
        ),
        Err(_) => {
            fault.help("the address is a field of the port: `8080 -> 80 { bind = [127.0.0.1] }`")
        }
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

/// `sites."git.example.org"`
pub(super) fn quoted_field(span: Span, text: &str) -> Diagnostic {
    let dot = Span { start: span.start - 1, ..span };
    Diagnostic::new(&codes::E0109, span, "expected a name after `.`, found text in quotes")
        .suggest(format!("write `[{text}]`"), dot, format!("[{text}]"))
        .help(format!("a path below a place is joined with `/`: `share / {text}`"))
}

/// `node 'attic' { }`
pub(super) fn raw_label(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0111, span, "expected a label in double quotes, found raw text").fix(
        "write double quotes",
        span,
        format!("\"{text}\""),
    )
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
    let fault = Diagnostic::new(&codes::E0108, span, message);
    match (after, found) {
        ("`=`", "`=`") => fault.suggest("remove one of the two", span, ""),
        _ => fault.help("write a value, such as `\"text\"`, `3`, `[a, b]` or `none`"),
    }
}

/// `/srv/data`, `./app.conf`: a path without its quotes.
pub(super) fn bare_value(span: Span, written: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0108, span, format!("expected text in quotes, found `{written}`")).fix(
        "write it in quotes",
        span,
        format!("\"{written}\""),
    )
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

pub(super) fn colon_before_block(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0116, span, "expected `{`, found `:` before it").fix(
        "remove it",
        span,
        "",
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

pub(super) fn chained(span: Span, sign: &str, middle: Option<&str>) -> Diagnostic {
    let fault = Diagnostic::new(
        &codes::E0117,
        span,
        format!("expected one comparison or arrow, found a second: `{sign}`"),
    );
    match (sign, middle) {
        ("->" | "..", _) => fault.help("put one of the two in parentheses"),
        (_, Some(middle)) => fault.suggest(
            "join two comparisons with `&&`: `a < b && b < c`",
            span.head(),
            format!("&& {middle} "),
        ),
        (_, None) => fault.help("join two comparisons with `&&`: `a < b && b < c`"),
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

pub(super) fn fat_arrow(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0116, span, "expected `->`, found `=>`").fix("write `->`", span, "->")
}

/// `count(n in nodes if n.managed)`
pub(super) fn no_element(span: Span, found: &str) -> Diagnostic {
    let message = format!("expected `:` and what to make of each element, found {found}");
    Diagnostic::new(&codes::E0109, span, message)
        .help("a condition alone stands after the `:`: `count(n in nodes: n.managed)`; `[for n in nodes if n.managed: n.name]` makes a list")
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
        .help("name a type, such as `string`, `int` or `list<string>`")
}

pub(super) fn type_on_next_line(span: Span, sign: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0108, span, format!("expected the type on the line of its `{sign}`"))
        .help("move the type up")
}

pub(super) fn open_angle(span: Span, open: Span, found: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, format!("expected `>` to close the `<`, found {found}"))
        .help("write `list<TYPE>`, `map<KEY, VALUE>`")
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
    .help("write `string matching \"[a-z]+\"`")
}

pub(super) fn empty_enum(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, "expected at least one word in the `enum`, found `}`")
        .help(whole::ENUM)
}
