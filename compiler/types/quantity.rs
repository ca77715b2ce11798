//! Reads `955GB`, `1m30s`, `0.5cpu`: a number that touches its unit.

use super::distance::nearest;
use super::units::{BINARY, DECIMAL, TIME};
use super::{Bytes, Cpu, Duration, Why, either, shown};
use std::fmt;

/// A value of one of the three families of units.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Quantity {
    Bytes(Bytes),
    Duration(Duration),
    Cpu(Cpu),
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quantity::Bytes(bytes) => bytes.fmt(f),
            Quantity::Duration(duration) => duration.fmt(f),
            Quantity::Cpu(cpu) => cpu.fmt(f),
        }
    }
}

/// Every unit of the language, for completion and for messages.
pub const UNITS: [&str; 20] = [
    "B", "kB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB", "TiB", "PiB", "cpu", "ns", "us", "ms",
    "s", "m", "h", "d", "w",
];

/// Reads a quantity, exactly: what is no whole number of the family's smallest part is refused.
pub fn quantity(text: &str) -> Result<Quantity, Why> {
    let mut rest = text;
    let first = Part::read(&mut rest, text)?;
    let family = Family::of(first.unit).ok_or_else(|| unknown_unit(first, rest, text))?;
    let mut total = family.amount(first, text)?;
    let mut last = first.unit;
    let mut descending = true;
    while !rest.is_empty() {
        let part = Part::read(&mut rest, text)?;
        let next = Family::of(part.unit).ok_or_else(|| unknown_unit(part, rest, text))?;
        if !matches!((family, next), (Family::Time(_), Family::Time(_))) {
            return Err(Why::new(format!(
                "expected one number with one unit, found more after `{}{}`",
                first.number, first.unit
            ))
            .help("only a duration has several parts: `1m30s`"));
        }
        if part.number.contains('.') {
            return Err(Why::new(format!(
                "expected a whole number after `{last}`, found `{}`",
                part.number
            ))
            .help("only the first part of a duration may have a fraction"));
        }
        descending &= next.size() < Family::of(last).map_or(0, Family::size);
        last = part.unit;
        let amount = next.amount(part, text)?;
        total = total.checked_add(amount).ok_or_else(|| too_large(family, text))?;
    }
    let value = family.quantity(total);
    if !descending {
        return Err(Why::new("expected the units from the largest to the smallest, each once")
            .replace(value.to_string()));
    }
    Ok(value)
}

/// A number and the letters that touch it.
#[derive(Clone, Copy)]
struct Part<'a> {
    number: &'a str,
    unit: &'a str,
}

impl<'a> Part<'a> {
    fn read(rest: &mut &'a str, whole: &str) -> Result<Self, Why> {
        let text = *rest;
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, after) = text.split_at(digits);
        let letters = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        if number.is_empty() {
            return Err(no_number(text, whole));
        }
        let mut halves = number.split('.');
        let plain = halves.next().is_some_and(|h| !h.is_empty())
            && halves.next().is_none_or(|h| !h.is_empty())
            && halves.next().is_none();
        if !plain {
            return Err(Why::new(format!("expected a number, found `{number}`"))
                .help("a number has digits on both sides of its one dot: `1.5`"));
        }
        if unit.is_empty() {
            return Err(no_unit(number, after, whole));
        }
        *rest = after;
        Ok(Part { number, unit })
    }
}

#[derive(Clone, Copy)]
enum Family {
    Bytes(u64),
    Time(u64),
    Cpu,
}

impl Family {
    fn of(unit: &str) -> Option<Family> {
        let size = |units: &[(&str, u64)]| units.iter().find(|(u, _)| *u == unit).map(|u| u.1);
        if unit == "cpu" {
            return Some(Family::Cpu);
        }
        size(&DECIMAL)
            .or_else(|| size(&BINARY))
            .map(Family::Bytes)
            .or_else(|| size(&TIME).map(Family::Time))
    }

    /// Of the unit, in the family's smallest part.
    fn size(self) -> u64 {
        match self {
            Family::Bytes(size) | Family::Time(size) => size,
            Family::Cpu => 1000,
        }
    }

    fn parts(self) -> &'static str {
        match self {
            Family::Bytes(_) => "bytes",
            Family::Time(_) => "nanoseconds",
            Family::Cpu => "thousandths of a cpu",
        }
    }

    fn quantity(self, amount: u64) -> Quantity {
        match self {
            Family::Bytes(_) => Quantity::Bytes(Bytes(amount)),
            Family::Time(_) => Quantity::Duration(Duration(amount)),
            Family::Cpu => Quantity::Cpu(Cpu(amount)),
        }
    }

    /// Decimal arithmetic, so that `0.3GB` is 300000000 bytes and nothing near it.
    fn amount(self, part: Part<'_>, whole: &str) -> Result<u64, Why> {
        let (integer, fraction) = part.number.split_once('.').unwrap_or((part.number, ""));
        let fraction = fraction.trim_end_matches('0');
        let read = || {
            let digits: u128 = format!("{integer}{fraction}").parse().ok()?;
            let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
            Some((digits.checked_mul(u128::from(self.size()))?, scale))
        };
        let (scaled, scale) = read().ok_or_else(|| too_large(self, whole))?;
        let amount = u64::try_from(scaled / scale).map_err(|_| too_large(self, whole))?;
        if scaled % scale != 0 {
            return Err(Why::new(format!(
                "expected a whole number of {}, found `{}{}`",
                self.parts(),
                part.number,
                part.unit
            ))
            .help(format!("the nearest below is `{}`", self.quantity(amount))));
        }
        Ok(amount)
    }
}

fn too_large(family: Family, whole: &str) -> Why {
    let most = match family {
        Family::Bytes(_) => "18446PB",
        Family::Time(_) => "30500w (584 years)",
        Family::Cpu => "18446744073709551cpu",
    };
    Why::new(format!("{} is more than can be counted", shown(whole)))
        .help(format!("the most is about {most}"))
}

fn no_number(text: &str, whole: &str) -> Why {
    if whole.is_empty() {
        return Why::new("expected a number with a unit, found nothing").help("such as `4GiB`");
    }
    if text.starts_with(['-', '+']) {
        let why = Why::new(format!("expected an amount without a sign, found {}", shown(whole)));
        let bare = &text[1..];
        let positive = text.starts_with('+') && bare.starts_with(|c: char| c.is_ascii_digit());
        return if positive && quantity(bare).is_ok() {
            why.replace(bare)
        } else {
            why.help("an amount is zero or more")
        };
    }
    let compact: String = whole.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    if compact != whole && quantity(&compact).is_ok() {
        return Why::new(format!(
            "expected a number that touches its unit, found {}",
            shown(whole)
        ))
        .replace(compact);
    }
    Why::new(format!("expected a number with a unit, found {}", shown(text))).help("such as `4GiB`")
}

fn no_unit(number: &str, after: &str, whole: &str) -> Why {
    let compact: String = whole.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    if compact != whole && quantity(&compact).is_ok() {
        return Why::new(format!(
            "expected a number that touches its unit, found {}",
            shown(whole)
        ))
        .replace(compact);
    }
    let dotted = whole.replace(',', ".");
    if after.starts_with(',') && quantity(&dotted).is_ok() {
        return Why::new("expected a dot before the fraction, found a comma").replace(dotted);
    }
    let found = shown(after);
    Why::new(format!("expected a unit after `{number}`, found {found}"))
        .help(format!("units are {}", UNITS.join(" ")))
}

/// What people write for our units. A text that means two of them is in no row.
const SPELLINGS: [(&str, &[&str]); 13] = [
    ("B", &["byte", "bytes"]),
    ("KiB", &["ki"]),
    ("MiB", &["mi"]),
    ("GiB", &["gi"]),
    ("TiB", &["ti"]),
    ("PiB", &["pi"]),
    ("cpu", &["cpus", "core", "cores", "vcpu", "vcpus"]),
    ("us", &["µs", "μs", "usec", "micros"]),
    ("ms", &["msec", "millis"]),
    ("s", &["sec", "secs", "second", "seconds"]),
    ("m", &["min", "mins", "minute", "minutes"]),
    ("h", &["hr", "hrs", "hour", "hours"]),
    ("d", &["day", "days"]),
];

fn unknown_unit(part: Part<'_>, rest: &str, whole: &str) -> Why {
    let Part { number, unit } = part;
    let why = Why::new(format!("expected a unit after `{number}`, found {}", shown(unit)));
    let lower = unit.to_lowercase();
    let before = &whole[..whole.len() - rest.len() - unit.len()];
    let put = |right: &str| format!("{before}{right}{rest}");
    let prefixes = ["k", "m", "g", "t", "p"];
    if let Some(at) = prefixes.iter().position(|p| *p == lower) {
        let (decimal, binary) = (DECIMAL[at + 1].0, BINARY[at].0);
        return why.help(format!(
            "write `{}` (powers of 1000) or `{}` (powers of 1024)",
            put(decimal),
            put(binary)
        ));
    }
    if let Some(months) =
        ["mo", "month", "months", "y", "yr", "year", "years"].iter().find(|m| **m == lower)
    {
        let days = if months.starts_with('m') { "30d" } else { "365d" };
        return why
            .help(format!("months and years differ in length: count days, such as `{days}`"));
    }
    if matches!(&*lower, "week" | "weeks") {
        return why.replace(put("w"));
    }
    let spelled = SPELLINGS.iter().find(|(_, others)| others.contains(&&*lower));
    let cased = UNITS.iter().find(|u| u.len() > 1 && u.eq_ignore_ascii_case(unit));
    if let Some(right) = spelled.map(|s| s.0).or(cased.copied()) {
        return why.replace(put(right));
    }
    match nearest(unit, UNITS.iter().copied()).as_slice() {
        [] => why.help(format!("units are {}", UNITS.join(" "))),
        near => why.help(format!("did you mean {}?", either(near))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> Why {
        quantity(text).expect_err(text)
    }

    #[test]
    fn reads_every_family() {
        for (text, value) in [
            ("955GB", Quantity::Bytes(Bytes(955_000_000_000))),
            ("4GiB", Quantity::Bytes(Bytes(4 << 30))),
            ("1.5GiB", Quantity::Bytes(Bytes(3 << 29))),
            ("0.3GB", Quantity::Bytes(Bytes(300_000_000))),
            ("0B", Quantity::Bytes(Bytes(0))),
            ("30s", Quantity::Duration(Duration(30_000_000_000))),
            ("1m30s", Quantity::Duration(Duration(90_000_000_000))),
            ("250ms", Quantity::Duration(Duration(250_000_000))),
            ("1.5h", Quantity::Duration(Duration(5_400_000_000_000))),
            ("2cpu", Quantity::Cpu(Cpu(2000))),
            ("0.5cpu", Quantity::Cpu(Cpu(500))),
            ("0.50000cpu", Quantity::Cpu(Cpu(500))),
        ] {
            assert_eq!(quantity(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn printing_is_stable() {
        for text in ["955GB", "4GiB", "30s", "1m30s", "250ms", "2cpu", "0.5cpu", "1h2m3s4ms5us6ns"]
        {
            assert_eq!(quantity(text).expect(text).to_string(), text);
        }
    }

    #[test]
    fn every_unit_is_read_and_nothing_else() {
        for unit in UNITS {
            assert!(quantity(&format!("1{unit}")).is_ok(), "{unit}");
        }
        assert_eq!(UNITS.len(), DECIMAL.len() + BINARY.len() + TIME.len() + 1);
    }

    #[test]
    fn a_near_unit_is_put_right() {
        for (text, right) in [
            ("4gb", "4GB"),
            ("4KB", "4kB"),
            ("4Gi", "4GiB"),
            ("4gib", "4GiB"),
            ("4GIB", "4GiB"),
            ("30sec", "30s"),
            ("5min", "5m"),
            ("1h5min", "1h5m"),
            ("5min30s", "5m30s"),
            ("2CPU", "2cpu"),
            ("2cores", "2cpu"),
            ("3weeks", "3w"),
            ("7µs", "7us"),
            ("4 GB", "4GB"),
            ("1,5GB", "1.5GB"),
            ("+4GB", "4GB"),
            ("30s1m", "1m30s"),
            ("1m1m", "2m"),
        ] {
            let why = why(text);
            assert_eq!(why.replace.as_deref(), Some(right), "{text}: {why:?}");
            assert!(quantity(right).is_ok());
        }
    }

    #[test]
    fn an_ambiguous_unit_is_only_explained() {
        for (text, help) in [
            ("4G", "write `4GB` (powers of 1000) or `4GiB` (powers of 1024)"),
            ("4k", "write `4kB` (powers of 1000) or `4KiB` (powers of 1024)"),
            ("4M", "write `4MB` (powers of 1000) or `4MiB` (powers of 1024)"),
            ("4GBB", "did you mean `GB` or `GiB`?"),
            ("1y", "months and years differ in length: count days, such as `365d`"),
        ] {
            let why = why(text);
            assert_eq!(why.help.as_deref(), Some(help), "{text}");
            assert_eq!(why.replace, None);
        }
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, message) in [
            ("", "expected a number with a unit, found nothing"),
            ("GB", "expected a number with a unit, found `GB`"),
            ("4", "expected a unit after `4`, found nothing"),
            ("4%", "expected a unit after `4`, found `%`"),
            ("-4GB", "expected an amount without a sign, found `-4GB`"),
            ("1.2.3GB", "expected a number, found `1.2.3`"),
            (".5GB", "expected a number, found `.5`"),
            ("0.1GiB", "expected a whole number of bytes, found `0.1GiB`"),
            ("0.0001cpu", "expected a whole number of thousandths of a cpu, found `0.0001cpu`"),
            ("99999999PB", "`99999999PB` is more than can be counted"),
            ("584y", "expected a unit after `584`, found `y`"),
            ("30501w", "`30501w` is more than can be counted"),
            ("30500w2000d", "`30500w2000d` is more than can be counted"),
            ("4GiB30s", "expected one number with one unit, found more after `4GiB`"),
            ("1m1.5s", "expected a whole number after `m`, found `1.5`"),
        ] {
            assert_eq!(why(text).message, message, "{text}");
        }
        let digits = format!("{}GB", "9".repeat(60));
        assert!(why(&digits).message.ends_with("is more than can be counted"));
        let tiny = format!("0.{}1GB", "0".repeat(60));
        assert!(quantity(&tiny).is_err());
    }
}
