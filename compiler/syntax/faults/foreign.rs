//! What there is to say about forms of other languages: their lists, tables, loops, comments and words.

use crate::diag::{About, Diagnostic, Edit, Fix, Safety, codes};
use crate::source::Span;
use crate::syntax::token::Kind;

/// A way out for what is another tool's own file.
const AS_IT_IS: &str = "what another tool is to read as it is stands in a file of its own, which a container or unit is given: `config \"/etc/app.conf\" = embed(\"app.conf\")`";

/// Words at the top of a file, which others write in the plural and with all of them below.
const ON_TOP: &[&str] = &[
    "node", "service", "share", "network", "user", "role", "group", "site", "backup", "task",
    "file",
];

/// `services` and `service` of other tools, as a word of the language.
pub(in crate::syntax) fn declared(word: &str) -> Option<&'static str> {
    ON_TOP.iter().copied().find(|own| word == *own || word.strip_suffix('s') == Some(own))
}

/// `more` says how many lines there are, `shown` what they begin with in the language where they stand at the top of a file.
pub(in crate::syntax) fn yaml(span: Span, more: &str, shown: Option<&str>) -> Diagnostic {
    let fault = Diagnostic::new(
        &codes::E0109,
        span,
        "expected blocks in braces and values after `=`, found lines as YAML writes them",
    )
    .here(more);
    match shown {
        Some(shown) => fault
            .help(format!("say what they describe: {shown}; each field is `name = value`, what lies inside of it stands in `{{ }}`"))
            .help(AS_IT_IS),
        None => fault.note("indentation has no meaning: a block is `env { TZ = \"Etc/UTC\" }`, a list `[\"a\", \"b\"]`"),
    }
}

pub(in crate::syntax) fn foreign_import(span: Span, word: &str) -> Diagnostic {
    let message = format!("expected `import`, found `{word}`");
    Diagnostic::new(&codes::E0109, span, message).about(About::Import).fix(
        "write `import`",
        span,
        "import",
    )
}

pub(in crate::syntax) fn ternary(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, "expected `if c then a else b`, found `?`")
        .help("write the condition first: `if node == attic then \"x\" else \"y\"`; for a value that may be absent, `a ?? b`")
}

/// `[x for x in xs]`
pub(in crate::syntax) fn element_last(span: Span) -> Diagnostic {
    Diagnostic::new(
        &codes::E0109,
        span,
        "expected `for` first in the list, found it after the element",
    )
    .help("write `[for x in list: element]`, or `[for x in list if condition: element]`")
}

/// `all(nodes, n => n.managed)`
pub(in crate::syntax) fn lambda(span: Span, name: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, format!("expected a value, found `{name} =>`"))
        .help(format!("a name for each element stands first: `all({name} in nodes: ...)`"))
}

pub(in crate::syntax) fn table(span: Span, written: &str) -> Diagnostic {
    let fault = Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected a declaration, found `{written}` as TOML and INI write a table"),
    );
    let inner = written.trim_matches(['[', ']']);
    match inner.split_once('.') {
        Some((word, label)) if !label.contains('.') => {
            let word = declared(word).unwrap_or(word);
            fault.help(format!("a block has braces around it: `{word} {label} {{ ... }}`"))
        }
        _ => fault.help("a block has braces around it: `node attic { ... }`"),
    }
    .help(AS_IT_IS)
}

/// `sign` is the `:` or `=` before the first line.
pub(in crate::syntax) fn dashes(span: Span, sign: Span, items: &[&str]) -> Diagnostic {
    let fault =
        Diagnostic::new(&codes::E0109, sign, "expected a list in `[ ]`, found lines with `-`")
            .note("names of things stand in it as they are, text in quotes");
    let quoted =
        |item: &str| item.starts_with(['"', '\'']) && item.len() > 1 && item.ends_with(&item[..1]);
    let plain = |item: &str| {
        let other = item.contains(['"', '\'', '\\', '{', '[', '#']) || item.contains(": ");
        !item.is_empty() && !other && !item.ends_with(':')
    };
    if !items.iter().all(|item| quoted(item) || plain(item)) {
        return fault.help("write `[a, b]`, with commas between the elements");
    }
    let text = items.iter().map(|item| match quoted(item) {
        true => (*item).to_owned(),
        false => format!("\"{item}\""),
    });
    let list = format!(" = [{}]", text.collect::<Vec<_>>().join(", "));
    fault.suggest("write the list in brackets", span, list)
}

pub(in crate::syntax) fn heredoc(span: Span, word: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0108, span, format!("expected text in quotes, found `<<{word}`"))
        .help("text of several lines stands in `\"\"\"`; raw text, without `${...}`, in `'''`")
}

pub(in crate::syntax) fn dash_comment(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0115, span, "expected `//` before a comment, found `--`").fix(
        "write `//`",
        Span { end: span.start + 2, ..span },
        "//",
    )
}

pub(in crate::syntax) fn ini_comment(sign: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0115, sign, "expected `//` before a comment, found `;`").fix(
        "write `//`",
        sign,
        "//",
    )
}

/// `and`, `or`, `not`
pub(in crate::syntax) fn word_for_sign(span: Span, word: &str, sign: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0116, span, format!("expected `{sign}`, found `{word}`")).fix(
        format!("write `{sign}`"),
        span,
        sign,
    )
}

/// `a is not b`: of a word with parameters, `a != b` would be something else.
pub(in crate::syntax) fn is_not(span: Span, whole: Span, left: &str, word: &str) -> Diagnostic {
    let right = format!("!({left} is {word})");
    Diagnostic::new(&codes::E0116, span, "expected `!(... is ...)`, found `is not`").fix(
        format!("write `{right}`"),
        whole,
        right,
    )
}

/// Lines of a command and its words; `fault` is that of the first.
pub(in crate::syntax) fn commands(fault: &Diagnostic, more: &str) -> Diagnostic {
    let mut fault = fault.clone();
    fault.labels.truncate(1);
    fault.fixes.clear();
    fault
        .note(format!("{more} are a command and its words, as another tool writes them"))
        .help("a field is `name = value`, a block `name { ... }`")
        .help(AS_IT_IS)
}

/// `let x = 5; in x`
pub(in crate::syntax) fn let_in(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, "expected the end of the statement, found `in`").suggest(
        "remove it: a `let` at the top of a file holds everywhere",
        span,
        "",
    )
}

/// `if arch == arm64 { ... }` and `for n in nodes { ... }` as statements.
pub(in crate::syntax) fn statement_word(span: Span, word: &str) -> Diagnostic {
    let message = format!("expected a field or a declaration, found `{word}`");
    let fault = Diagnostic::new(&codes::E0109, span, message);
    match word {
        "for" | "in" => fault
            .note("nothing is done again and again here: things are declared")
            .help("what holds for many nodes stands in a layer, `global { }`, `os linux { }`, `role NAME { }`; a list is made with `[for n in nodes: n.name]`"),
        _ => fault
            .note("a condition is a part of a value: `x = if c then a else b`")
            .help("what holds for some nodes stands in a layer: `arch arm64 { }`, `os linux { }`, `role NAME { }`, `node NAME { }`"),
    }
}

/// `$NAME`, `${env.NAME}` outside of text.
pub(in crate::syntax) fn shell_value(span: Span, written: &str) -> Diagnostic {
    let fault =
        Diagnostic::new(&codes::E0101, span, format!("expected a value, found `{written}`"));
    let inner = written.trim_start_matches(['$', '{']).trim_end_matches('}');
    let braced = written.starts_with("${") && written.ends_with('}');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let named = inner.starts_with(|c: char| c.is_ascii_lowercase()) && inner.chars().all(plain);
    let outside = ["env.", "var.", "local.", "module.", "data."];
    if braced && named && !outside.iter().any(|word| inner.starts_with(word)) {
        return fault.suggest("outside of text a name stands by itself", span, inner);
    }
    fault
        .note("the environment of whoever builds is not read: the same sources give the same files everywhere")
        .help("write the value itself; a name for it is `let x = ...`, a password `secret(\"NAME\")`; a `$` for another program stands in raw text, `'$HOME'`")
}

/// `key: |`
pub(in crate::syntax) fn text_of_lines(span: Span, more: &str) -> Diagnostic {
    let message = "expected text in quotes, found a text of several lines as YAML writes it";
    Diagnostic::new(&codes::E0108, span, message)
        .here(more)
        .help("text of several lines stands in `\"\"\"`, raw text, without `${...}`, in three `'`")
}

/// Words that say what a thing is, which people repeat before its name.
const KINDS: &[&str] =
    &["node", "service", "container", "unit", "share", "network", "user", "role", "disk", "group"];

/// `packages = git vim`
pub(in crate::syntax) fn several(span: Span, items: &[&str]) -> Diagnostic {
    let message = format!("expected one value, found {} side by side", items.len());
    let number = |item: &str| !item.is_empty() && item.bytes().all(|b| b.is_ascii_digit());
    if let [host, "to" | "at", inside] = items
        && number(host)
        && number(inside)
    {
        let arrow = format!("{host} -> {inside}");
        return Diagnostic::new(&codes::E0109, span, message).suggest(
            "write an arrow",
            span,
            arrow,
        );
    }
    let fault = Diagnostic::new(&codes::E0109, span, message);
    let fault = match items {
        [host, inside] if number(host) && number(inside) => {
            let arrow = format!("{host} -> {inside}");
            fault.suggest(format!("two ports stand with an arrow between: `{arrow}`"), span, arrow)
        }
        [kind, name] if KINDS.contains(kind) => {
            return fault.suggest(
                format!("the name alone says which {kind}: `{name}`"),
                span,
                *name,
            );
        }
        [place, path] if path.starts_with('"') && !place.starts_with('"') && !number(place) => {
            let joined = format!("{place} / {path}");
            fault.suggest(format!("a place and a path below it: `{joined}`"), span, joined)
        }
        _ => fault,
    };
    let quoted = |item: &str| match item.starts_with(['"', '\''])
        || item.starts_with(|c: char| c.is_ascii_digit())
    {
        true => item.to_owned(),
        false => format!("\"{item}\""),
    };
    let texts: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    if items.iter().all(|item| *item == quoted(item)) {
        return fault.suggest("several stand in a list", span, format!("[{}]", texts.join(", ")));
    }
    fault.suggest("names stand in a list", span, format!("[{}]", items.join(", "))).suggest(
        "so do texts, in quotes",
        span,
        format!("[{}]", texts.join(", ")),
    )
}

/// `f"text"`, `r"text"`
pub(in crate::syntax) fn text_prefix(span: Span, word: &str) -> Diagnostic {
    let fault = Diagnostic::new(
        &codes::E0109,
        span,
        format!("expected text in quotes, found `{word}` before it"),
    );
    match word {
        "r" | "R" => {
            fault.help("raw text, in which a backslash is only a backslash, stands in `'...'`")
        }
        _ => fault.fix("remove it: a value stands in any text as `${name}`", span, ""),
    }
}

/// `port web = 3000 = 8080`
pub(in crate::syntax) fn assign_for_arrow(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0116, span, "expected `->` between two ports, found `=`").suggest(
        "write `->`",
        span,
        "->",
    )
}

/// `let x = let y`; `word` is the second one, with the blanks behind it.
pub(in crate::syntax) fn declaration_as_value(word: Span, name: &str) -> Diagnostic {
    let message = "expected a value, found the beginning of a declaration";
    Diagnostic::new(&codes::E0109, word, message).suggest(
        format!("the value alone: `{name}`"),
        word,
        "",
    )
}

/// `var x = 5`; `value` is of what follows the `=`, `top` the word where a `let` may stand.
pub(in crate::syntax) fn no_var_type(
    whole: Span,
    top: Option<Span>,
    found: &str,
    value: Kind,
) -> Diagnostic {
    let message = format!("expected `:` and the type of the variable, found {found}");
    let fault = Diagnostic::new(&codes::E0109, whole, message);
    let of_value = match value {
        Kind::Int => Some("int"),
        Kind::Float => Some("float"),
        Kind::Str | Kind::Text | Kind::Raw | Kind::RawText => Some("string"),
        Kind::True | Kind::False => Some("bool"),
        Kind::Ip4 | Kind::Ip6 => Some("ip"),
        Kind::Cidr4 | Kind::Cidr6 => Some("cidr"),
        _ => None,
    };
    let at = Span { start: whole.end, ..whole };
    let fault = match of_value {
        Some(ty) => fault.suggest(format!("say it: `: {ty}`"), at, format!(": {ty}")),
        None => fault.help("say it: `var NAME: TYPE = ...`"),
    };
    match top {
        Some(word) => {
            fault.suggest("or, for a value that is the same everywhere, `let`", word, "let")
        }
        None => fault,
    }
}

/// `volume "/srv/www:/data"`
pub(in crate::syntax) fn mapped_label(span: Span, outside: &str, inside: &str) -> Diagnostic {
    let message = "expected the path inside alone, found both sides of a mount in one text";
    let meant = match outside.starts_with(['/', '~', '.']) {
        true => format!("\"{inside}\" = \"{outside}\""),
        false => format!("\"{inside}\" = local(\"{outside}\")"),
    };
    Diagnostic::new(&codes::E0109, span, message).suggest(
        format!("what it is of stands after `=`: `{meant}`"),
        span,
        meant.clone(),
    )
}

/// Marks before lines, each with an edit that takes it away.
fn without(fault: Diagnostic, title: &str, marks: &[Span]) -> Diagnostic {
    let mut fault = fault;
    let edits = marks.iter().map(|&span| Edit { span, text: String::new() }).collect();
    fault.fixes.push(Fix { title: title.to_owned(), edits, safety: Safety::Review });
    fault
}

fn first_of(marks: &[Span]) -> Span {
    *marks.first().expect("a passage has a mark at least")
}

/// "```colab"
pub(in crate::syntax) fn fences(marks: &[Span]) -> Diagnostic {
    let message = "expected the program alone, found the fence of a page around it";
    let fault = Diagnostic::new(&codes::E0109, first_of(marks), message);
    let fault = marks.iter().skip(1).fold(fault, |fault, &mark| fault.label(mark, "here too"));
    without(fault, "remove the fences", marks)
}

/// `+` and `-` before lines
pub(in crate::syntax) fn diff(marks: &[Span]) -> Diagnostic {
    let message = "expected the program itself, found lines of a diff";
    let fault = Diagnostic::new(&codes::E0109, first_of(marks), message).note(
        "`-` is before lines that were taken away, `+` before those that came in their place",
    );
    without(fault, "keep what the diff makes of it", marks)
}

/// `> ` and `* ` before lines
pub(in crate::syntax) fn line_marks(mark: &str, marks: &[Span]) -> Diagnostic {
    let message = format!("expected a field or a declaration, found `{mark}` before it");
    let fault = Diagnostic::new(&codes::E0109, first_of(marks), message)
        .note("mail and pages put such marks before lines");
    without(fault, "remove it", marks)
}

/// `<!-- words -->`
pub(in crate::syntax) fn html_comment(span: Span, words: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0115, span, "expected `//` before a comment, found `<!--`").fix(
        "write `//`",
        span,
        format!("// {words}"),
    )
}

/// A passage in a notation that has no counterpart here; `more` says how many lines there are.
pub(in crate::syntax) fn notation(span: Span, what: &str, more: &str) -> Diagnostic {
    let fault =
        Diagnostic::new(&codes::E0109, span, format!("expected a declaration, found {what}"));
    let fault = if more.is_empty() { fault } else { fault.here(more) };
    fault
        .help("say what it describes: `service web { ... }`, `node attic { ... }`; each field is `name = value`")
        .help(AS_IT_IS)
}

/// `https://example.org` on a line of its own
pub(in crate::syntax) fn lone_address(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0109, span, "expected a field or a declaration, found an address")
        .suggest("a note for people begins with `//`", span.head(), "// ")
}

/// A `"` whose text goes on in the next lines
pub(in crate::syntax) fn text_over_lines(open: Span, close: Span) -> Diagnostic {
    let message = "expected `\"\"\"` around a text of several lines, found `\"`";
    let mut fault =
        Diagnostic::new(&codes::E0102, open, message).label(close, "the text ends here");
    let edits = [open, close].map(|span| Edit { span, text: "\"\"\"".to_owned() }).to_vec();
    let title = "write `\"\"\"` on both sides".to_owned();
    fault.fixes.push(Fix { title, edits, safety: Safety::Review });
    fault
}

/// `["a, "b"]`: a quote is missing at `place`
pub(in crate::syntax) fn unpaired_quotes(line: Span, place: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0102, line, "expected quotes in pairs, found one without its other")
        .suggest("add `\"`", place, "\"")
}

/// `assert "x" = true`
pub(in crate::syntax) fn assigned_condition(
    sign: Span,
    whole: Span,
    condition: &str,
) -> Diagnostic {
    Diagnostic::new(&codes::E0109, sign, "expected `{` and the condition, found `=`").suggest(
        "a condition stands in braces",
        whole,
        format!("{{ {condition} }}"),
    )
}

/// `from = {papers}`
pub(in crate::syntax) fn list_in_braces(whole: Span, name: &str) -> Diagnostic {
    let message = format!("expected a value, found `{name}` in braces");
    Diagnostic::new(&codes::E0109, whole, message)
        .suggest(format!("a list stands in brackets: `[{name}]`"), whole, format!("[{name}]"))
        .suggest(format!("or write the value alone: `{name}`"), whole, name)
}

/// `[, a]`, `[a,, b]`
pub(in crate::syntax) fn comma_too_many(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0110, span, "expected a value, found a `,` too many").fix(
        "remove it",
        span,
        "",
    )
}
