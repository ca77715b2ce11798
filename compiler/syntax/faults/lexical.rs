//! What there is to say about characters, text and numbers.

use crate::diag::{Diagnostic, Edit, Fix, Label, Safety, codes};
use crate::source::{FileId, Span};
use crate::syntax::token::{is_forbidden, is_unit};
use std::net::{Ipv4Addr, Ipv6Addr};

// -- characters

pub(in crate::syntax) fn too_large(file: FileId) -> Diagnostic {
    Diagnostic::new(&codes::E0704, Span::new(file, 0, 0), "expected a file of less than 4 GiB")
        .help("split the file, and `import` the parts")
}

pub(in crate::syntax) fn stranger(span: Span, text: &str) -> Diagnostic {
    let first = text.chars().next().unwrap_or('\0');
    if is_forbidden(first) {
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
    if matches!(first, '\u{200b}'..='\u{200d}' | '\u{2060}') && text.chars().count() == 1 {
        return hidden(span, first).fix("remove it", span, "");
    }
    let fault = Diagnostic::new(
        &codes::E0101,
        span,
        format!("expected a part of the language, found `{text}`"),
    );
    if let Some(plain) = plain_sign(first) {
        let sign = Span { end: span.start + first.len_utf8() as u32, ..span };
        return fault.note("a page or a word processor put it there").suggest(
            format!("write `{plain}`"),
            sign,
            plain,
        );
    }
    match first {
        '\\' => {
            fault.suggest("remove it: a list goes on over the ends of lines by itself", span, "")
        }
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

/// The sign that a typeset one stands for.
fn plain_sign(c: char) -> Option<&'static str> {
    Some(match c {
        '→' | '⟶' | '➔' => "->",
        '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
        '×' => "*",
        '÷' => "/",
        '≠' => "!=",
        '≤' => "<=",
        '≥' => ">=",
        '…' => "...",
        '，' => ",",
        '：' => ":",
        '＝' => "=",
        '（' => "(",
        '）' => ")",
        '｛' => "{",
        '｝' => "}",
        _ => return None,
    })
}

/// `others` are the conflict's other lines with markers.
pub(in crate::syntax) fn conflict(first: Span, others: &[Span]) -> Diagnostic {
    let mut fault = Diagnostic::new(
        &codes::E0101,
        first,
        "expected one text, found the marks of a merge that nobody settled",
    );
    if let [between @ .., last] = others {
        fault = fault.here("one version begins here");
        for &span in between {
            fault = fault.label(span, "another one");
        }
        fault = fault.label(*last, "both end here");
    }
    fault.help("keep the lines that are right, and remove the others and the marks")
}

pub(in crate::syntax) fn hidden(span: Span, c: char) -> Diagnostic {
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

pub(in crate::syntax) fn is_quote(c: char) -> bool {
    matches!(c, '“' | '”' | '„' | '‟' | '«' | '»' | '‘' | '’' | '‚' | '＂' | '`')
}

pub(in crate::syntax) fn closes_quote(open: char, c: char) -> bool {
    match open {
        '‘' | '’' | '‚' => matches!(c, '‘' | '’'),
        '«' | '»' => matches!(c, '«' | '»'),
        '`' => c == '`',
        _ => matches!(c, '“' | '”' | '‟' | '＂'),
    }
}

pub(in crate::syntax) fn foreign_quote(open: Span, close: Option<Span>, c: char) -> Diagnostic {
    let whole = close.map_or(open, |close| open.to(close));
    let mut fault =
        Diagnostic::new(&codes::E0101, whole, format!("expected `\"`, found the quote `{c}`"))
            .here(if c == '`' { "a quote of other languages" } else { "a quote of typeset text" });
    let edit = |span| Edit { span, text: "\"".to_owned() };
    let (edits, safety) = match close {
        Some(close) => (vec![edit(open), edit(close)], Safety::Safe),
        None => (vec![edit(open)], Safety::Review),
    };
    fault.fixes.push(Fix { title: "write plain double quotes".to_owned(), edits, safety });
    fault
}

pub(in crate::syntax) fn hash_comment(span: Span) -> Diagnostic {
    let sign = Span { end: span.start + 1, ..span };
    Diagnostic::new(&codes::E0115, span, "expected `//` before a comment, found `#`").fix(
        "write `//`",
        sign,
        "//",
    )
}

pub(in crate::syntax) fn block_comment(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0115, span, "expected `//` before a comment, found `/*`")
        .help("a comment goes from `//` to the end of its line; begin each line with `//`")
}

// -- strings

pub(in crate::syntax) fn open_text(quote: Span, end: Span, text: &str) -> Diagnostic {
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
    let odd = text.matches("\\\"").count() % 2 == 1;
    // `"P:\"`: the quote that should have closed it.
    if let Some(at) = text.rfind("\\\"").filter(|_| sign == "\"" && odd) {
        let slash = Span::new(quote.file, quote.start + at as u32, quote.start + at as u32);
        return fault.note("`\\\"` is a quote inside of the text").suggest(
            "write `\\\\` for a backslash, so that the `\"` after it closes the text",
            slash,
            "\\",
        );
    }
    fault.suggest(format!("close it with `{sign}` at the end of the line"), end, sign).help(
        if sign == "\"" {
            "text of several lines stands in `\"\"\"`"
        } else {
            "raw text of several lines stands in `'''`; text with a `'` in it in `\"`"
        },
    )
}

pub(in crate::syntax) fn apostrophe(quote: Span, whole: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0102, quote, "expected the raw text to end at its first `'`")
        .here("it ends here")
        .label(whole, "meant as one text")
        .help("write text with a `'` in it in double quotes")
}

pub(in crate::syntax) fn open_interpolation(interp: Span, quote: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0102, interp, "expected `}` to close the `${` opened here")
        .here("goes on to the end of the line")
        .label(quote, "in the text that begins here")
        .help("write `${name}`; a `$` that is only text needs no braces")
}

/// A `"` or a `}` inside of a text, which begins at `quote`.
pub(in crate::syntax) fn lacking(sign: &str, place: Span, quote: Span) -> Diagnostic {
    let message = match sign {
        "}" => "expected `}` after the value in `${...}`",
        _ => "expected a `\"` in the `${...}`: a text in it begins or ends without one",
    };
    Diagnostic::new(&codes::E0102, place, message)
        .here(format!("`{sign}` seems to be missing here"))
        .label(quote, "in the text that begins here")
        .suggest(format!("add `{sign}`"), place, sign)
}

/// A second one in the same text: the backslashes have one cause, and one edit.
pub(in crate::syntax) fn another_escape(fault: &mut Diagnostic, span: Span) {
    let slash = Span { end: span.start + 1, ..span };
    fault.labels.push(Label { span, text: "this one too".to_owned() });
    if let Some(fix) = fault.fixes.first_mut() {
        fix.title = "write `\\\\` for each backslash".to_owned();
        fix.edits.push(Edit { span: slash, text: "\\\\".to_owned() });
    }
}

pub(in crate::syntax) fn bad_escape(span: Span, c: Option<char>) -> Diagnostic {
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

pub(in crate::syntax) fn bad_code_point(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0106, span, "expected a character's number in `\\u{...}`")
        .help("write one to six hex digits, as in `\\u{e9}`")
}

pub(in crate::syntax) fn one_interpolated(span: Span, found: &str) -> Diagnostic {
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

pub(in crate::syntax) fn dotted_number(span: Span, text: &str) -> Diagnostic {
    let parts: Vec<&str> = text.split('.').collect();
    // Beginnings of addresses that a house has.
    let private = matches!(parts[..], ["10", ..] | ["192", "168", ..] | ["172" | "100", ..]);
    if private && parts.len() != 4 {
        let found = ["", "one", "two", "three", "four", "five"].get(parts.len()).unwrap_or(&"more");
        let message =
            format!("expected an IPv4 address of four numbers, found {found} in `{text}`");
        return Diagnostic::new(&codes::E0105, span, message)
            .help("mend the address; a version stands in quotes");
    }
    number(span, text, format!("expected a number, found `{text}` with more than one dot"))
        .note("an IPv4 address has four numbers; a version stands in quotes")
}

pub(in crate::syntax) fn leading_zero(span: Span, text: &str) -> Diagnostic {
    number(span, text, format!("expected a number without a leading zero, found `{text}`"))
        .note("a file mode has three or four octal digits after the `0`, as in `0640`")
}

pub(in crate::syntax) fn long_number(span: Span, text: &str) -> Diagnostic {
    number(span, text, "expected a number of at most 18 digits".to_owned())
}

pub(in crate::syntax) fn unknown_unit(span: Span, text: &str) -> Diagnostic {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (value, unit) = text.split_at(digits);
    let fault = Diagnostic::new(
        &codes::E0105,
        span,
        format!("expected a unit after the number, found `{unit}`"),
    );
    let bare = text.replace('_', "");
    let digits = bare.find(|c: char| !c.is_ascii_digit()).unwrap_or(bare.len());
    if text.contains('_') && (digits == bare.len() || is_unit(&bare.as_bytes()[digits..])) {
        return Diagnostic::new(
            &codes::E0105,
            span,
            format!("expected a number without `_`, found `{text}`"),
        )
        .fix(format!("write `{bare}`"), span, bare);
    }
    let octal = unit.strip_prefix(['o', 'O']).filter(|_| value == "0");
    let meant = match octal.filter(|digits| is_octal(digits)) {
        Some(digits) => Some(format!("0{digits}")),
        None => near_unit(unit)
            .map(|near| format!("{value}{near}"))
            .or_else(|| half_duration(unit).map(|last| format!("{text}{last}"))),
    };
    let fault = match meant {
        Some(meant) => fault.suggest(format!("write `{meant}`"), span, meant),
        None => fault.suggest("put it in quotes", span, format!("\"{text}\"")),
    };
    match octal {
        Some(_) => fault.note("a file mode has three or four octal digits after a `0`"),
        None => fault.note("units: B kB MB GB TB PB, KiB MiB GiB TiB PiB, cpu, ns us ms s m h d w"),
    }
}

/// The unit that `1m30` and `1h30` end with.
fn half_duration(unit: &str) -> Option<&'static str> {
    let (first, digits) = unit.split_at_checked(1)?;
    let number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    match first {
        "d" if number => Some("h"),
        "h" if number => Some("m"),
        "m" if number => Some("s"),
        _ => None,
    }
}

/// Three or four octal digits, as a file's mode has them.
fn is_octal(digits: &str) -> bool {
    matches!(digits.len(), 3 | 4) && digits.bytes().all(|b| (b'0'..=b'7').contains(&b))
}

/// The unit that was meant, where a person would see at once which.
pub(in crate::syntax) fn near_unit(unit: &str) -> Option<&str> {
    Some(match unit {
        "K" | "k" | "KB" | "kb" | "Kb" => "kB",
        "M" | "mb" | "Mb" => "MB",
        "G" | "g" | "gb" | "Gb" => "GB",
        "T" | "t" | "tb" | "Tb" => "TB",
        "Ki" | "kib" | "kiB" | "Kib" => "KiB",
        "Mi" | "mib" | "miB" | "Mib" => "MiB",
        "Gi" | "gib" | "giB" | "Gib" => "GiB",
        "Ti" | "tib" | "tiB" | "Tib" => "TiB",
        "KIB" => "KiB",
        "MIB" => "MiB",
        "GIB" => "GiB",
        "TIB" => "TiB",
        "bytes" | "byte" | "b" => "B",
        "sec" | "secs" | "second" | "seconds" | "S" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" | "H" => "h",
        "day" | "days" | "D" => "d",
        "wk" | "week" | "weeks" | "W" => "w",
        "CPU" | "cpus" | "core" | "cores" => "cpu",
        _ => {
            let one = unit.strip_suffix('s')?;
            return Some(one).filter(|one| one.ends_with('B') && is_unit(one.as_bytes()));
        }
    })
}

pub(in crate::syntax) fn loose_unit(word: Span, gap: Span, touching: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0105,
        gap.to(word),
        format!("expected the unit to touch its number, as in `{touching}`"),
    )
    .fix(format!("write `{touching}`"), gap, "")
}

/// `5 G`
pub(in crate::syntax) fn loose_near_unit(written: Span, meant: &str) -> Diagnostic {
    let message = format!("expected a unit that touches its number, as in `{meant}`");
    Diagnostic::new(&codes::E0105, written, message).suggest(
        format!("write `{meant}`"),
        written,
        meant,
    )
}

/// `192.168.7.*`, `10.*`
pub(in crate::syntax) fn starred_range(span: Span, text: &str) -> Diagnostic {
    let known: Vec<&str> = text.split('.').take_while(|part| !matches!(*part, "*" | "x")).collect();
    let zeros = ".0".repeat(4 - known.len());
    let meant = format!("{}{zeros}/{}", known.join("."), known.len() * 8);
    let message = format!("expected a range with its length, found `{text}`");
    Diagnostic::new(&codes::E0105, span, message).suggest(format!("write `{meant}`"), span, meant)
}

/// `2027-06-30`
pub(in crate::syntax) fn bare_date(span: Span, text: &str) -> Diagnostic {
    Diagnostic::new(&codes::E0105, span, format!("expected text in quotes, found the day {text}"))
        .fix("write it in quotes", span, format!("\"{text}\""))
}

pub(in crate::syntax) fn bad_ip4(span: Span, text: &str) -> Diagnostic {
    let fault =
        Diagnostic::new(&codes::E0105, span, format!("expected an IPv4 address, found `{text}`"))
            .note("it has four numbers from 0 to 255, without leading zeros");
    let plain: Vec<&str> = text.split('.').map(|part| part.trim_start_matches('0')).collect();
    let plain: Vec<&str> =
        plain.iter().map(|part| if part.is_empty() { "0" } else { part }).collect();
    let plain = plain.join(".");
    match plain != text && plain.parse::<Ipv4Addr>().is_ok() {
        true => fault.suggest(format!("write `{plain}`"), span, plain),
        false => fault
            .help("mend the number that is too large; a version of four numbers stands in quotes"),
    }
}

/// `text` is the slash and what follows it.
pub(in crate::syntax) fn bad_prefix(span: Span, max: u32, text: &str) -> Diagnostic {
    let fault = Diagnostic::new(
        &codes::E0105,
        span,
        format!("expected a prefix length from 0 to {max}, found `{text}`"),
    );
    match mask(text.trim_start_matches('/')) {
        Some(bits) => fault.suggest(format!("write `/{bits}`"), span, format!("/{bits}")),
        None => fault.help(format!("write a number from `/0` to `/{max}`")),
    }
}

/// How many ones `255.255.255.0` has, if they all come first.
fn mask(text: &str) -> Option<u32> {
    let bits = u32::from(text.parse::<Ipv4Addr>().ok()?);
    (bits.leading_ones() + bits.trailing_zeros() == 32).then(|| bits.leading_ones())
}

/// `192.168.1/24`
pub(in crate::syntax) fn short_range(span: Span, text: &str) -> Diagnostic {
    let (address, bits) = text.split_once('/').unwrap_or((text, ""));
    let zeros = ".0".repeat(3usize.saturating_sub(address.matches('.').count()));
    let meant = format!("{address}{zeros}/{bits}");
    let fault = Diagnostic::new(
        &codes::E0105,
        span,
        format!("expected a range with four numbers before the `/`, found `{text}`"),
    );
    let bits = bits.parse::<u32>().ok().filter(|&bits| bits <= 32);
    let zeros = meant.split_once('/').and_then(|(ip, _)| ip.parse::<Ipv4Addr>().ok());
    match zeros.zip(bits).is_some_and(|(ip, bits)| u32::from(ip).trailing_zeros() + bits >= 32) {
        true => fault.suggest(format!("write `{meant}`"), span, meant),
        false => fault.help("write all four: `192.168.1.0/24`"),
    }
}

pub(in crate::syntax) fn bad_ip6(span: Span, text: &str) -> Diagnostic {
    let fault = Diagnostic::new(&codes::E0105, span, "expected an IPv6 address")
        .note("it has eight groups of one to four hex digits with `:` between them; one `::` stands for groups of zeros");
    let (address, prefix) = match text.find('/') {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    // `fd10:10:1`, `fd10:10:/64`: a colon too few.
    let meant = address.rsplit_once(':').map(|(head, tail)| format!("{head}::{tail}"));
    match meant.filter(|meant| !address.contains("::") && meant.parse::<Ipv6Addr>().is_ok()) {
        Some(meant) => {
            let meant = format!("{meant}{prefix}");
            fault.suggest(format!("a colon is missing: `{meant}`"), span, meant)
        }
        None => fault.help("mend the address, or put the text in quotes"),
    }
}

pub(in crate::syntax) fn bad_mac(span: Span) -> Diagnostic {
    Diagnostic::new(&codes::E0105, span, "expected a MAC address")
        .note("it has six pairs of hex digits with `:` between them")
        .help("mend the address, or put the text in quotes")
}
