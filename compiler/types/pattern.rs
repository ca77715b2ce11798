//! The patterns of `string matching "..."`: regular expressions that always end in linear time, and
//! that match a whole text, never a part of one.

use super::{Why, shown};
use regex_lite::{Regex, RegexBuilder};
use std::fmt;

/// So that a pattern such as `(a{1000}){1000}` is refused, not built.
const LARGEST: usize = 1 << 20;
const DEEPEST: u32 = 64;

#[derive(Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    pub fn new(text: &str) -> Result<Pattern, Why> {
        let build = |text: &str| {
            RegexBuilder::new(text).size_limit(LARGEST).nest_limit(DEEPEST + 1).build()
        };
        // Alone first: a stray `)` must not close the group that holds the pattern.
        build(text)
            .and_then(|_| build(&format!(r"\A(?:{text})\z")))
            .map(|regex| Pattern { text: text.to_owned(), regex })
            .map_err(|reason| {
                Why::new(format!("expected a regular expression, found {}", shown(text)))
                    .help(reason.to_string())
            })
    }

    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).expect(pattern).matches(text)
    }

    #[test]
    fn the_whole_text_matches_or_nothing_does() {
        assert!(matches("MP-[0-9]{4}", "MP-0003"));
        assert!(!matches("MP-[0-9]{4}", "xMP-0003"));
        assert!(!matches("MP-[0-9]{4}", "MP-00031"));
        assert!(!matches("a|b", "ab"));
        assert!(matches("a|ab", "ab"));
        assert!(!matches("a", "a\n"));
        assert!(!matches("(?m)a", "a\nb"));
        assert!(matches("", ""));
    }

    #[test]
    fn a_pattern_cannot_leave_its_group() {
        assert!(Pattern::new("a)|(b").is_err());
        assert!(Pattern::new("(?x)a # )").is_err() || !matches("(?x)a # )", "ab"));
    }

    #[test]
    fn what_would_not_end_is_refused() {
        assert!(Pattern::new("((a{1000}){1000}){1000}").is_err());
        assert!(Pattern::new(&"(".repeat(10_000)).is_err());
        let deep = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
        assert!(Pattern::new(&deep).is_err());
        assert!(!matches("(a+)+b", &"a".repeat(5000)));
    }

    #[test]
    fn says_why() {
        let why = Pattern::new("[a").expect_err("an open class");
        assert_eq!(why.message, "expected a regular expression, found `[a`");
        assert!(why.help.is_some());
    }
}
