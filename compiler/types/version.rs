//! Versions and tags: `2.40.3`, `16-alpine`, `latest`; equal as texts, ordered by their numbers.

use super::{Why, outer_spaces, stranger};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Version(Arc<str>);

impl Version {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its leading numbers: 2, 40 and 3 of `v2.40.3-rc1`.
    pub fn numbers(&self) -> impl Iterator<Item = u64> {
        segments(&self.0).map_while(|segment| match segment {
            Segment::Number(digits) => digits.parse().ok(),
            _ => None,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Segment by segment: `9` before `10`, `1.0-rc1` before `1.0` before `1.0.1`, `latest` before any
/// number. What is only spelled differently (`1.0`, `v1.0`, `1-0`) is ordered as text.
impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut ours, mut theirs) = (segments(&self.0), segments(&other.0));
        loop {
            let pair = (ours.next().unwrap_or(Segment::End), theirs.next().unwrap_or(Segment::End));
            match pair.0.cmp(&pair.1) {
                Ordering::Equal if pair.0 == Segment::End => return self.0.cmp(&other.0),
                Ordering::Equal => {}
                unequal => return unequal,
            }
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// In the order in which they sort.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Segment<'a> {
    Before(&'a str),
    End,
    Word(&'a str),
    Number(&'a str),
}

impl Segment<'_> {
    /// Numbers of any length compare by their digits: first how many, then which.
    fn key(&self) -> (u8, usize, &str) {
        match self {
            Segment::Before(word) => (0, 0, word),
            Segment::End => (1, 0, ""),
            Segment::Word(word) => (2, 0, word),
            Segment::Number(digits) => (3, digits.len(), digits),
        }
    }
}

impl Ord for Segment<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Segment<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn segments(text: &str) -> impl Iterator<Item = Segment<'_>> {
    let unprefixed =
        text.strip_prefix(['v', 'V']).filter(|t| t.starts_with(|c: char| c.is_ascii_digit()));
    let mut rest = unprefixed.unwrap_or(text);
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(['.', '-', '+', '_']);
        let digit = rest.chars().next()?.is_ascii_digit();
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() || c.is_ascii_digit() != digit)
            .unwrap_or(rest.len());
        let (segment, after) = rest.split_at(end);
        rest = after;
        Some(match segment {
            digits if digit => Segment::Number(match digits.trim_start_matches('0') {
                "" => "0",
                some => some,
            }),
            "alpha" | "beta" | "dev" | "pre" | "preview" | "rc" => Segment::Before(segment),
            word => Segment::Word(word),
        })
    })
}

pub(super) fn check(text: &str) -> Result<(), Why> {
    version(text).map(drop)
}

pub fn version(text: &str) -> Result<Version, Why> {
    outer_spaces(text, check)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '_' | '-');
    if text.is_empty() {
        return Err(Why::new("expected a version, found nothing").help("such as `2.40.3`"));
    }
    if text.starts_with([':', '=']) {
        return Err(Why::new(format!("expected a version, found `{}` before it", &text[..1]))
            .offer(text, text.trim_start_matches([':', '=']), check));
    }
    if let Some(found) = stranger(text, allowed) {
        return Err(Why::new(format!(
            "expected letters, digits, `.`, `+`, `_` and `-`, found {found}"
        ))
        .help("a version is one exact version, such as `2.40.3`"));
    }
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err(Why::new(format!("expected a letter or digit first, found `{}`", &text[..1])));
    }
    Ok(Version(text.into()))
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn v(text: &str) -> Version {
        version(text).expect(text)
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let sorted = [
            "latest",
            "stable",
            "0.9",
            "1.0-alpha1",
            "1.0-beta2",
            "1.0-rc1",
            "1.0-rc10",
            "1.0",
            "1.0-alpine",
            "1.0.1",
            "1.2",
            "1.10",
            "2.40.3",
            "16",
            "16-alpine",
            "16.1",
            "2024.01.2",
            "99999999999999999999999",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(v(a).cmp(&v(b)), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn order_agrees_with_equality() {
        assert_ne!(v("1.0"), v("v1.0"));
        assert_ne!(v("1.0").cmp(&v("v1.0")), Ordering::Equal);
        assert!(v("v1.2") < v("1.10"));
        let numbers: Vec<u64> = samples().take(60).collect();
        let made = |n: &u64| v(&format!("{}.{}-{:x}", n % 3, n % 11, n % 300));
        for a in &numbers {
            for b in &numbers {
                let (a, b) = (made(a), made(b));
                assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
                assert_eq!(a == b, a.cmp(&b) == Ordering::Equal);
                for c in &numbers[..12] {
                    let c = made(c);
                    assert!(!(a <= b && b <= c) || a <= c, "{a} {b} {c}");
                }
            }
        }
    }

    #[test]
    fn numbers_of_a_version() {
        assert_eq!(v("v2.40.3-rc1").numbers().collect::<Vec<_>>(), [2, 40, 3]);
        assert_eq!(v("latest").numbers().count(), 0);
    }

    #[test]
    fn faults() {
        for (text, message, right) in [
            ("", "expected a version, found nothing", None),
            ("1 2", "expected letters, digits, `.`, `+`, `_` and `-`, found a space", None),
            ("^1.2", "expected letters, digits, `.`, `+`, `_` and `-`, found `^`", None),
            (".5", "expected a letter or digit first, found `.`", None),
            (":1.2", "expected a version, found `:` before it", Some("1.2")),
            ("1.2\n", "expected no space at the ends, found `1.2\\n`", Some("1.2")),
        ] {
            let why = version(text).expect_err(text);
            assert_eq!((&*why.message, why.replace.as_deref()), (message, right));
        }
        for text in ["16-alpine", "latest", "2.40.3", "1.21-rootless", "v3", "4.0.0+build.5_x"] {
            assert_eq!(version(text).map(|v| v.to_string()), Ok(text.to_owned()));
        }
    }
}
