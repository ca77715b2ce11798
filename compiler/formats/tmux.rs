//! tmux commands for a configuration or `source-file`: every text in double quotes with escapes.
//!
//! Cannot be said: NUL; `#[` in a format that is not drawn (its escape would stay).

use super::Written;
use super::lines::{Lines, hidden};
use crate::origin::Origin;
use std::borrow::Cow;
use std::fmt::Write;

pub enum Line<'a> {
    Comment(Cow<'a, str>),
    Blank,
    Command { words: Vec<Word<'a>>, origin: Origin },
}

pub enum Word<'a> {
    /// The compiler's own: commands, options, keys, formats.
    Code(&'static str),
    /// A text that tmux takes as it is.
    Text(Cow<'a, str>),
    /// A text where tmux expands formats: names of sessions and windows, folders.
    Format(Cow<'a, str>),
    /// A text where tmux expands formats and the time, and draws: status lines.
    Status(Cow<'a, str>),
}

pub fn write(lines: &[Line<'_>]) -> Written {
    let mut out = Lines::new();
    for line in lines {
        match line {
            Line::Comment(text) => out.comment("#", text, Origin::NONE),
            Line::Blank => out.blank(),
            Line::Command { words, origin } => {
                for (at, word) in words.iter().enumerate() {
                    out.push(if at == 0 { "" } else { " " });
                    self::word(&mut out, word, *origin);
                }
                out.end(*origin);
            }
        }
    }
    out.finish()
}

fn word(out: &mut Lines, word: &Word<'_>, origin: Origin) {
    match word {
        Word::Code(code) => out.push(code),
        Word::Text(text) => quoted(out, text, origin),
        Word::Format(text) => {
            if text.contains("#[") {
                out.refuse(origin, "a name in tmux cannot hold `#[`: it begins a style");
            }
            quoted(out, &text.replace('#', "##"), origin);
        }
        Word::Status(text) => quoted(out, &text.replace('#', "##").replace('%', "%%"), origin),
    }
}

fn quoted(out: &mut Lines, text: &str, origin: Origin) {
    out.push_char('"');
    for c in text.chars() {
        match c {
            '"' | '\\' | '$' | '~' => {
                out.push_char('\\');
                out.push_char(c);
            }
            '\n' => out.push("\\n"),
            '\r' => out.push("\\r"),
            '\t' => out.push("\\t"),
            '\0' => out.refuse(origin, "a command of tmux cannot hold a NUL"),
            c if c.is_ascii_control() => {
                write!(out.text(), "\\{:03o}", c as u32).expect("a String takes every write");
            }
            c if hidden(c) => {
                write!(out.text(), "\\u{:04x}", c as u32).expect("a String takes every write");
            }
            other => out.push_char(other),
        }
    }
    out.push_char('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(word: Word<'_>) -> Written {
        write(&[Line::Command { words: vec![Word::Code("x"), word], origin: Origin(2) }])
    }

    #[test]
    fn the_shape() {
        let said = |word| one(word).unwrap().text;
        assert_eq!(
            said(Word::Text("~/a \"$b\";\n\u{1b}".into())),
            "x \"\\~/a \\\"\\$b\\\";\\n\\033\"\n"
        );
        assert_eq!(said(Word::Format("#{x} #(y) 5%".into())), "x \"##{x} ##(y) 5%\"\n");
        assert_eq!(said(Word::Status("5% #[fg]".into())), "x \"5%% ##[fg]\"\n");
    }

    #[test]
    fn what_tmux_cannot_hold_is_refused() {
        assert!(one(Word::Text("a\0".into())).is_err());
        assert!(one(Word::Format("#[x]".into())).is_err());
    }
}
