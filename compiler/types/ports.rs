//! Ports: one, a range, and which of a host's lead to which of a container's.

use super::{Why, shown};
use std::fmt;

/// At least one port; `first <= last`, neither is 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PortRange {
    pub first: u16,
    pub last: u16,
}

/// What a port listens on, and where its host publishes it. Both are equally many.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ports {
    pub host: Option<PortRange>,
    pub container: PortRange,
}

impl PortRange {
    pub fn one(port: u16) -> PortRange {
        PortRange { first: port, last: port }
    }

    pub fn new(first: i64, last: i64) -> Result<PortRange, Why> {
        let range = PortRange { first: port(first)?, last: port(last)? };
        if range.first > range.last {
            return Err(Why::new(format!(
                "expected the smaller port first, found `{first}..{last}`"
            ))
            .replace(format!("{last}..{first}")));
        }
        Ok(range)
    }

    pub fn count(self) -> u32 {
        u32::from(self.last) - u32::from(self.first) + 1
    }

    pub fn contains(self, port: u16) -> bool {
        (self.first..=self.last).contains(&port)
    }

    pub fn overlaps(self, other: PortRange) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    pub fn ports(self) -> impl Iterator<Item = u16> {
        self.first..=self.last
    }
}

impl Ports {
    pub fn new(host: Option<PortRange>, container: PortRange) -> Result<Ports, Why> {
        let ports = Ports { host, container };
        if let Some(host) = host
            && host.count() != container.count()
        {
            return Err(Why::new(format!(
                "expected as many ports on both sides, found {} and {} in `{ports}`",
                host.count(),
                container.count()
            ))
            .help("let both ranges have the same length"));
        }
        Ok(ports)
    }

    /// The port of the container that the host's one leads to.
    pub fn behind(self, published: u16) -> Option<u16> {
        let host = self.host.filter(|host| host.contains(published))?;
        Some(published - host.first + self.container.first)
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PortRange { first, last } = self;
        if first == last { write!(f, "{first}") } else { write!(f, "{first}..{last}") }
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host {
            Some(host) => write!(f, "{host} -> {}", self.container),
            None => self.container.fmt(f),
        }
    }
}

/// A number as a port.
pub fn port(number: i64) -> Result<u16, Why> {
    u16::try_from(number).ok().filter(|port| *port != 0).ok_or_else(|| {
        Why::new(format!("expected a port from 1 to 65535, found `{number}`"))
            .help("ports end at 65535")
    })
}

/// The digits of a port.
pub(super) fn port_text(text: &str) -> Result<u16, Why> {
    number(text).and_then(port)
}

/// `3000` or `10000..10099`
pub fn port_range(text: &str) -> Result<PortRange, Why> {
    let text = text.trim();
    if let Some((first, last)) = text.split_once("..") {
        return PortRange::new(number(first)?, number(last)?);
    }
    if let Some((first, last)) = text.split_once('-')
        && let (Ok(first), Ok(last)) = (number(first), number(last))
        && let Ok(range) = PortRange::new(first, last)
    {
        return Err(Why::new(format!("expected a range with `..`, found {}", shown(text)))
            .replace(range.to_string()));
    }
    port_text(text).map(PortRange::one)
}

/// `3000`, `3300 -> 3000`, `10000..10099 -> 20000..20099`
pub fn ports(text: &str) -> Result<Ports, Why> {
    if let Some((host, container)) = text.split_once("->") {
        return Ports::new(Some(port_range(host)?), port_range(container)?);
    }
    if let Some((host, container)) = text.split_once(':') {
        let why = Why::new(format!("expected `host -> container`, found {}", shown(text)));
        let arrow = format!("{} -> {}", host.replace('-', ".."), container.replace('-', ".."));
        return Err(if ports(&arrow).is_ok() { why.replace(arrow) } else { why });
    }
    Ports::new(None, port_range(text)?)
}

fn number(text: &str) -> Result<i64, Why> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        let found = shown(text);
        Why::new(format!("expected a port from 1 to 65535, found {found}"))
            .help("a port is a number up to 65535")
    })
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn what_prints_reads_as_the_same_value() {
        for n in samples() {
            let first = (n % 40000) as u16 + 1;
            let length = (n >> 20) as u16 % 20000;
            let container = PortRange { first, last: first + length };
            let host = PortRange { first: first + 1, last: first + 1 + length };
            for host in [None, Some(host)] {
                let value = Ports::new(host, container).expect("equally many");
                assert_eq!(ports(&value.to_string()), Ok(value));
            }
        }
        for text in ["3000", "3300 -> 3000", "10000..10099", "1..2 -> 3..4"] {
            assert_eq!(ports(text).expect(text).to_string(), text);
        }
        assert_eq!(ports("1..65535").map(|p| p.container.count()), Ok(65535));
    }

    #[test]
    fn faults() {
        for (text, message) in [
            ("", "expected a port from 1 to 65535, found nothing"),
            ("0", "expected a port from 1 to 65535, found `0`"),
            ("65536", "expected a port from 1 to 65535, found `65536`"),
            (
                "99999999999999999999",
                "expected a port from 1 to 65535, found `99999999999999999999`",
            ),
            ("+80", "expected a port from 1 to 65535, found `+80`"),
            ("80 ->", "expected a port from 1 to 65535, found nothing"),
            ("10..5", "expected the smaller port first, found `10..5`"),
            ("1..3 -> 5", "expected as many ports on both sides, found 3 and 1 in `1..3 -> 5`"),
        ] {
            assert_eq!(ports(text).expect_err(text).message, message);
        }
    }

    #[test]
    fn other_spellings_are_put_right() {
        for (text, right) in [
            ("3300:3000", Some("3300 -> 3000")),
            ("10-20", Some("10..20")),
            ("10-20:30-40", Some("10..20 -> 30..40")),
            ("127.0.0.1:80:80", None),
        ] {
            assert_eq!(ports(text).expect_err(text).replace.as_deref(), right, "{text}");
        }
    }

    #[test]
    fn ranges_meet_or_do_not() {
        let range = |first, last| PortRange { first, last };
        assert!(range(1, 5).overlaps(range(5, 9)) && range(5, 9).overlaps(range(1, 5)));
        assert!(!range(1, 4).overlaps(range(5, 9)) && !range(5, 9).overlaps(range(1, 4)));
        let ports = Ports::new(Some(range(100, 110)), range(10, 20)).expect("equally many");
        assert_eq!((ports.behind(105), ports.behind(99)), (Some(15), None));
        assert_eq!(range(3, 5).ports().collect::<Vec<_>>(), [3, 4, 5]);
    }
}
