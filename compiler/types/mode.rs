//! The mode of a file: `0640`.

use super::{Why, shown};
use std::fmt;

/// Permission bits, with setuid, setgid and sticky: at most `07777`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mode(u16);

impl Mode {
    pub const fn new(bits: u16) -> Option<Mode> {
        if bits <= 0o7777 { Some(Mode(bits)) } else { None }
    }

    pub const fn bits(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0{:03o}", self.0)
    }
}

pub fn mode(text: &str) -> Result<Mode, Why> {
    let digits = text.strip_prefix("0o").unwrap_or(text);
    let octal = digits.bytes().all(|b| matches!(b, b'0'..=b'7'));
    let short = digits.strip_prefix('0').filter(|rest| rest.len() >= 3).unwrap_or(digits);
    let read = u16::from_str_radix(short, 8).ok().and_then(Mode::new);
    match read {
        Some(mode) if octal && matches!(short.len(), 3 | 4) => {
            if text.len() == short.len() + 1 {
                Ok(mode)
            } else {
                Err(Why::new(format!(
                    "expected a mode with one leading zero, found {}",
                    shown(text)
                ))
                .replace(format!("0{short}")))
            }
        }
        _ => Err(Why::new(format!(
            "expected `0` and three or four digits from 0 to 7, found {}",
            shown(text)
        ))
        .help("such as `0644`: owner, group, others; 4 reads, 2 writes, 1 runs")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_reads_as_it_prints() {
        for bits in 0..=0o7777 {
            let value = Mode::new(bits).expect("at most 07777");
            assert_eq!(mode(&value.to_string()), Ok(value));
        }
        assert_eq!(Mode::new(0o10000), None);
        assert_eq!(mode("0640").map(|m| m.to_string()), Ok("0640".to_owned()));
        assert_eq!(mode("01777").map(Mode::bits), Ok(0o1777));
        assert_eq!(mode("00640").map(Mode::bits), Ok(0o640));
    }

    #[test]
    fn a_mode_without_its_zero_is_put_right() {
        for (text, right) in
            [("640", "0640"), ("0o640", "0640"), ("1777", "01777"), ("0o0640", "0640")]
        {
            assert_eq!(mode(text).expect_err(text).replace.as_deref(), Some(right), "{text}");
        }
        for text in ["", "0", "0o", "064", "0649", "0888", "u=rw", "0077777", "+640", "0+64"] {
            let why = mode(text).expect_err(text);
            assert!(why.message.starts_with("expected"), "{text}");
        }
    }
}
