//! Lines of `/etc/hosts`: one address and its names, the full name first.
//!
//! Cannot be said: a name that is not of letters, digits, `.`, `-` and `_`, a label of more than
//! 63 or a name of more than 253 bytes, an address without a name (some readers give up the file).

use super::Written;
use super::lines::Lines;
use crate::origin::Origin;
use std::borrow::Cow;
use std::fmt::Write;
use std::net::IpAddr;

pub enum Line<'a> {
    Comment(Cow<'a, str>),
    Blank,
    Host { address: IpAddr, names: Vec<Cow<'a, str>>, origin: Origin },
}

pub fn write(lines: &[Line<'_>]) -> Written {
    let mut out = Lines::new();
    for line in lines {
        match line {
            Line::Comment(text) => out.comment("#", text, Origin::NONE),
            Line::Blank => out.blank(),
            Line::Host { address, names, origin } => {
                if names.is_empty() {
                    out.refuse(*origin, "a line of hosts cannot be without a name");
                }
                write!(out.text(), "{address}").expect("a String takes every write");
                for name in names {
                    if let Some(why) = fault(name) {
                        out.refuse(*origin, why);
                        continue;
                    }
                    out.push_char(' ');
                    out.push(name);
                }
                out.end(*origin);
            }
        }
    }
    out.finish()
}

/// What keeps a text from being a host name, if anything does.
pub(super) fn fault(name: &str) -> Option<String> {
    let bare = name.strip_suffix('.').unwrap_or(name);
    let fine = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if bare.is_empty() {
        return Some("a host name cannot be empty".into());
    }
    if !name.bytes().all(fine) {
        return Some(format!("a host name is of letters, digits, `.`, `-` and `_`: {name:?}"));
    }
    if bare.len() > 253 {
        return Some("a host name cannot be longer than 253 bytes".into());
    }
    let wrong = |label: &str| {
        label.is_empty() || label.len() > 63 || label.starts_with('-') || label.ends_with('-')
    };
    if bare.split('.').any(wrong) {
        return Some(format!(
            "a label of a host name is of 1 to 63 bytes, without `-` at its ends: `{name}`"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::hostile;

    #[test]
    fn the_shape() {
        let done = write(&[
            Line::Comment("nodes".into()),
            Line::Host {
                address: "192.168.254.10".parse().unwrap(),
                names: vec!["cooperator.colab".into(), "crtr".into()],
                origin: Origin(3),
            },
            Line::Blank,
            Line::Host {
                address: "fd00::1".parse().unwrap(),
                names: vec!["d".into()],
                origin: Origin(4),
            },
        ])
        .unwrap();
        assert_eq!(done.text, "# nodes\n192.168.254.10 cooperator.colab crtr\n\nfd00::1 d\n");
        assert_eq!(done.lines, [Origin(0), Origin(3), Origin(0), Origin(4)]);
    }

    #[test]
    fn hostile_names_are_words_or_refused() {
        let address: IpAddr = "10.0.0.1".parse().unwrap();
        for text in hostile::strings() {
            let line = Line::Host { address, names: vec![text.as_str().into()], origin: Origin(8) };
            match write(&[Line::Comment(text.as_str().into()), line]) {
                Ok(done) => {
                    let words: Vec<Vec<&str>> = done
                        .text
                        .lines()
                        .filter(|line| !line.starts_with('#'))
                        .map(|line| line.split_whitespace().collect())
                        .collect();
                    assert_eq!(words, [["10.0.0.1", text.as_str()]]);
                }
                Err(why) => assert!(why.iter().all(|u| u.origin == Origin(8))),
            }
        }
    }

    #[test]
    fn short_lines_and_long_labels_are_refused() {
        let address: IpAddr = "10.0.0.1".parse().unwrap();
        assert!(write(&[Line::Host { address, names: vec![], origin: Origin(1) }]).is_err());
        for name in ["", ".", "a..b", "-a", "a-", &"a".repeat(64), &"a.".repeat(130)] {
            assert!(fault(name).is_some(), "{name}");
        }
        for name in ["a", "a.b.", "_x.y", "A-1", &"a".repeat(63)] {
            assert!(fault(name).is_none(), "{name}");
        }
    }
}
