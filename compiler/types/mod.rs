//! The value types of the language: how each is read, printed and compared, and its units. Pure
//! functions over text; nothing here knows a place in a file or what a field is for.

mod address;
pub mod distance;
pub mod hash;
mod mode;
pub mod pattern;
mod ports;
mod quantity;
mod units;
mod version;

pub use address::{Cidr, Mac, cidr, ip, ip4, ip6, mac};
pub use mode::{Mode, mode};
pub use pattern::Pattern;
pub use ports::{PortRange, Ports, port, port_range, ports};
pub use quantity::{Quantity, UNITS, quantity};
pub use units::{Bytes, Cpu, Duration};
pub use version::{Version, version};

/// Why a text is not what it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Why {
    /// What was expected and what was found: lower case, no full stop.
    pub message: String,
    /// A way out, in words.
    pub help: Option<String>,
    /// The whole text, put right; only where one reading is certain.
    pub replace: Option<String>,
}

impl Why {
    pub fn new(message: impl Into<String>) -> Self {
        Why { message: message.into(), help: None, replace: None }
    }

    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Gives the corrected text, and says it as the way out where no other stands.
    pub fn replace(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        self.help.get_or_insert_with(|| format!("write {}", shown(&text)));
        self.replace = Some(text);
        self
    }
}

/// A text of the user's inside a message: in backticks, on one line, not too long.
fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut out = String::from("`");
    for (at, c) in text.chars().enumerate() {
        if at == MOST {
            out.push('…');
            break;
        }
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out.push('`');
    out
}

/// What stands at the first character that `allowed` refuses, for a message.
fn stranger(text: &str, allowed: impl Fn(char) -> bool) -> Option<String> {
    text.chars().find(|&c| !allowed(c)).map(|c| match c {
        ' ' => "a space".to_owned(),
        '\n' | '\r' => "a newline".to_owned(),
        '\t' => "a tab".to_owned(),
        '\0' => "a NUL character".to_owned(),
        '`' => "a backtick".to_owned(),
        c => shown(c.encode_utf8(&mut [0; 4])),
    })
}

/// `a`, `b` or `c`
fn either(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// The same many numbers on every run, small and large ones, for the laws that tests state.
#[cfg(test)]
fn samples() -> impl Iterator<Item = u64> {
    let mut state: u64 = 0x9E37_79B9_7F4A_7C15;
    (0..4000).map(move |round| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> (round % 64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_text_stays_on_one_line_and_short() {
        assert_eq!(shown("a\nb"), "`a\\nb`");
        assert_eq!(shown(&"x".repeat(100)).chars().count(), 63);
    }

    #[test]
    fn a_replacement_is_also_said() {
        let why = Why::new("m").replace("x");
        assert_eq!(why.help.as_deref(), Some("write `x`"));
        let why = Why::new("m").help("other").replace("x");
        assert_eq!(why.help.as_deref(), Some("other"));
    }

    #[test]
    fn names_are_listed_as_people_do() {
        assert_eq!(either(&["a"]), "`a`");
        assert_eq!(either(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
