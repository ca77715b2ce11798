//! The value types of the language: how each is read, printed and compared, and its units. Pure
//! functions over text; nothing here knows a place in a file or what a field is for.

mod address;
pub mod cap;
pub mod day;
pub mod device;
pub mod distance;
mod file_path;
pub mod hash;
mod host_name;
mod image;
mod mode;
pub mod pattern;
mod ports;
pub mod promql;
mod quantity;
pub mod schedule;
pub mod ssh_key;
pub mod texts;
mod timezone;
mod tools;
mod units;
mod url;
mod version;
pub mod zones;

pub use address::{Cidr, Mac, cidr, ip, ip4, ip6, mac};
pub use image::{Image, image};
pub use mode::{Mode, mode};
pub use pattern::Pattern;
pub use ports::{PortRange, Ports, port, port_range, ports};
pub use quantity::{Quantity, UNITS, quantity};
pub use texts::{TEXTS, TextType, text_type};
pub use units::{Bytes, Cpu, Duration};
pub use url::{Url, url};
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

    /// Where no way out is known.
    pub fn or_help(self, text: impl Into<String>) -> Why {
        if self.help.is_none() && self.replace.is_none() { self.help(text) } else { self }
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

    /// Gives the corrected text if the check passes it.
    fn offer(self, wrong: &str, right: &str, check: fn(&str) -> Result<(), Why>) -> Self {
        if right != wrong && check(right).is_ok() { self.replace(right) } else { self }
    }

    /// For a part of a larger text: puts the corrected part back into the whole.
    fn within(mut self, put: impl FnOnce(&str) -> String) -> Self {
        match self.replace.take() {
            Some(right) => Why { help: None, ..self }.replace(put(&right)),
            None => self,
        }
    }
}

/// Refuses the empty text and the first character that does not belong.
fn made_of(text: &str, noun: &str, described: &str, allowed: fn(char) -> bool) -> Result<(), Why> {
    if text.is_empty() {
        return Err(Why::new(format!("expected {noun}, found nothing")));
    }
    match stranger(text, allowed) {
        Some(found) => Err(Why::new(format!("expected {described}, found {found}"))),
        None => Ok(()),
    }
}

fn starts(text: &str, described: &str, allowed: fn(char) -> bool) -> Result<(), Why> {
    if text.starts_with(allowed) {
        return Ok(());
    }
    let first: String = text.chars().take(1).collect();
    Err(Why::new(format!("expected {described} first, found {}", shown(&first))))
}

fn at_most(text: &str, most: usize) -> Result<(), Why> {
    if text.len() <= most {
        return Ok(());
    }
    Err(Why::new(format!("expected at most {most} characters, found {}", text.len())))
}

/// Blanks around a text are the commonest slip, and an invisible one.
fn outer_spaces(text: &str, check: fn(&str) -> Result<(), Why>) -> Result<(), Why> {
    if text.trim() == text {
        return Ok(());
    }
    Err(Why::new(format!("expected no space at the ends, found {}", shown(text))).offer(
        text,
        text.trim(),
        check,
    ))
}

/// A text of the user's inside a message: in backticks, on one line, not too long.
fn shown(text: &str) -> String {
    const MOST: usize = 60;
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let mut out = String::from("`");
    for (at, c) in text.chars().enumerate() {
        if at == MOST {
            out.push('…');
            break;
        }
        if is_unseen(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out.push('`');
    out
}

/// Code points that Unicode keeps from ever being characters.
fn is_set_aside(c: char) -> bool {
    c as u32 & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

/// Control characters, and those that are invisible or turn the direction of what follows.
fn is_unseen(c: char) -> bool {
    let unseen = ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{206f}'];
    c.is_control() || matches!(c, '\u{ad}' | '\u{feff}') || unseen.iter().any(|r| r.contains(&c))
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

/// "`a`, `b` or `c`": what may stand at a place.
pub fn either<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
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

    pub fn accepts(check: fn(&str) -> Result<(), Why>, texts: &[&str]) {
        for text in texts {
            assert_eq!(check(text), Ok(()), "{text:?}");
        }
    }

    /// Rows of a text, its message and its correction; a correction has to pass itself.
    pub fn refuses(check: fn(&str) -> Result<(), Why>, rows: &[(&str, &str, Option<&str>)]) {
        for (text, message, replace) in rows {
            let why = check(text).expect_err(text);
            assert_eq!((&*why.message, why.replace.as_deref()), (*message, *replace), "{text:?}");
            if let Some(right) = replace {
                assert_eq!(check(right), Ok(()), "{right:?}");
                assert!(why.help.is_some_and(|help| help.contains(right)), "{text:?}");
            }
        }
    }

    #[test]
    fn a_shown_text_stays_on_one_line_and_short() {
        assert_eq!(shown(""), "nothing");
        assert_eq!(shown("a\u{202e}b"), "`a\\u{202e}b`");
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
