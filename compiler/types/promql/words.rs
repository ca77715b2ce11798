//! The words of Prometheus's language: names, numbers, durations, texts and signs.

use crate::types::{Why, shown};

#[derive(Clone, PartialEq, Debug)]
pub enum Word<'a> {
    Name(&'a str),
    Number,
    Duration,
    /// Without quotes and escapes.
    Text(String),
    Sign(&'static str),
}

/// Longer ones first.
const SIGNS: [&str; 24] = [
    "==", "!=", "=~", "!~", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "%", "^", "(", ")", "{",
    "}", "[", "]", ",", "@", ":",
];

const UNITS: [&str; 7] = ["y", "w", "d", "h", "m", "s", "ms"];

/// Each word with where it begins.
pub fn words(text: &str) -> Result<Vec<(Word<'_>, usize)>, Why> {
    let mut all = Vec::new();
    let (mut at, mut brackets) = (0, 0_usize);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (word, length) = match c {
            ' ' | '\t' | '\n' | '\r' => {
                at += 1;
                continue;
            }
            '#' => {
                at += rest.find(['\n', '\r']).unwrap_or(rest.len());
                continue;
            }
            '"' | '\'' | '`' => quoted(rest, c)?,
            // Inside brackets a colon parts two durations; elsewhere it may begin a name.
            ':' if brackets > 0 => (Word::Sign(":"), 1),
            'a'..='z' | 'A'..='Z' | '_' | ':' => name(rest),
            '0'..='9' | '.' => number(rest)?,
            _ => sign(rest)?,
        };
        match word {
            Word::Sign("[") => brackets += 1,
            Word::Sign("]") => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        all.push((word, at));
        at += length;
    }
    Ok(all)
}

fn name(rest: &str) -> (Word<'_>, usize) {
    let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
    let name = &rest[..length];
    match name.eq_ignore_ascii_case("inf") || name.eq_ignore_ascii_case("nan") {
        true => (Word::Number, length),
        false => (Word::Name(name), length),
    }
}

fn sign(rest: &str) -> Result<(Word<'_>, usize), Why> {
    match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        Some(sign) => Ok((Word::Sign(sign), sign.len())),
        None => Err(unexpected(rest)),
    }
}

fn unexpected(rest: &str) -> Why {
    let first: String = rest.chars().take(1).collect();
    Why::new(format!("expected a condition in Prometheus's language, found {}", shown(&first)))
        .help("such as `up == 0` or `disk_free < 0.1`")
}

/// Letters, digits, points and what may stand in a number: all of it must be one.
fn number(rest: &str) -> Result<(Word<'_>, usize), Why> {
    let bytes = rest.as_bytes();
    let mut length = 0;
    while let Some(&byte) = bytes.get(length) {
        let exponent = length > 0
            && matches!(byte, b'+' | b'-')
            && matches!(bytes[length - 1], b'e' | b'E')
            && !rest.starts_with("0x")
            && !rest.starts_with("0X");
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') || exponent) {
            break;
        }
        length += 1;
    }
    let text = &rest[..length];
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let is_number = match hex {
        Some(digits) => i64::from_str_radix(digits, 16).is_ok(),
        None => {
            !text.contains(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E'))
                && text.parse::<f64>().is_ok_and(f64::is_finite)
        }
    };
    if is_number {
        Ok((Word::Number, length))
    } else if is_duration(text) {
        Ok((Word::Duration, length))
    } else {
        Err(Why::new(format!("expected a number or a duration, found {}", shown(text)))
            .help("durations are such as `30s`, `5m`, `1h30m`"))
    }
}

/// Numbers with their units, the longest first, and not nothing altogether.
fn is_duration(text: &str) -> bool {
    let (mut rest, mut from, mut sum) = (text, 0, 0_u64);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (Ok(count), unit) = (rest[..digits].parse::<u32>(), &rest[digits..]) else {
            return false;
        };
        let unit = &unit[..unit.find(|c: char| c.is_ascii_digit()).unwrap_or(unit.len())];
        let Some(place) = UNITS[from..].iter().position(|known| *known == unit) else {
            return false;
        };
        // A year of milliseconds has eleven digits: no sum of few parts runs over.
        sum += u64::from(count);
        from += place + 1;
        rest = &rest[digits + unit.len()..];
    }
    // Prometheus counts in nanoseconds, and a century of them is about what it can hold.
    sum > 0 && sum < 100_000
}

fn quoted(rest: &str, quote: char) -> Result<(Word<'_>, usize), Why> {
    let open = || {
        Err(Why::new(format!("expected a quote at the end of the text {}", shown(rest)))
            .help("a text ends on its own line; a quote inside it is written `\\\"`"))
    };
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((Word::Text(text), at + 1)),
            '\n' if quote != '`' => return open(),
            '\\' if quote != '`' => match escaped(&rest[at + 1..], quote) {
                Some((c, length)) => {
                    text.push(c);
                    for _ in 0..length {
                        chars.next();
                    }
                }
                None => {
                    return Err(Why::new(format!(
                        "expected an escape that Go knows, found {}",
                        shown(&rest[at..])
                    ))
                    .help("a backslash itself is written twice"));
                }
            },
            c => text.push(c),
        }
    }
    open()
}

/// What an escape means, and how many characters it has. A byte above 127 alone is no text to us.
fn escaped(rest: &str, quote: char) -> Option<(char, usize)> {
    let digits = |from: usize, count: usize, radix: u32| {
        let text = rest.get(from..from + count)?;
        let plain = text.chars().all(|c| c.is_digit(radix));
        let code = u32::from_str_radix(text, radix).ok().filter(|_| plain)?;
        char::from_u32(code).map(|c| (c, from + count))
    };
    let first = rest.chars().next()?;
    let plain = |c: char| Some((c, 1));
    match first {
        'a' => plain('\u{7}'),
        'b' => plain('\u{8}'),
        'f' => plain('\u{c}'),
        'n' => plain('\n'),
        'r' => plain('\r'),
        't' => plain('\t'),
        'v' => plain('\u{b}'),
        '\\' => plain('\\'),
        c if c == quote => plain(c),
        'x' => digits(1, 2, 16).filter(|(c, _)| c.is_ascii()),
        'u' => digits(1, 4, 16),
        'U' => digits(1, 8, 16),
        '0'..='7' => digits(0, 3, 8).filter(|(c, _)| c.is_ascii()),
        _ => None,
    }
}
