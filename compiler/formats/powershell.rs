//! Scripts for Windows PowerShell 5.1 and later: every text in single quotes, lines end in CRLF,
//! and a byte order mark stands in front where a character is not ASCII, which 5.1 needs.
//!
//! Cannot be said: control characters.

use super::Written;
use super::lines::Lines;
use super::script::{self, Dialect, Line, Word};
use crate::origin::Origin;

/// Writes a script that stops at the first failure.
pub fn write(header: &str, lines: &[Line<'_>]) -> Written {
    let mut out = Lines::new();
    let mut head = Lines::new();
    head.comment("#", header, Origin::NONE);
    head.say("$ErrorActionPreference = 'Stop'", Origin::NONE);
    head.say("Set-StrictMode -Version 3", Origin::NONE);
    out.append(head, PowerShell::LINE_END);
    let mut done = script::write(&PowerShell, out, lines)?;
    if !done.text.is_ascii() {
        done.text.insert(0, '\u{feff}');
    }
    Ok(done)
}

struct PowerShell;

impl Dialect for PowerShell {
    const LINE_END: &'static str = "\r";

    fn word(&self, out: &mut Lines, word: &Word<'_>, origin: Origin) {
        match word {
            Word::Code(code) => out.push(code),
            Word::Text(text) => {
                out.visible(text, "a PowerShell script", origin);
                out.push_char('\'');
                for c in text.chars() {
                    // All of these end a text in single quotes; doubled, each stands for itself.
                    if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
                        out.push_char(c);
                    }
                    out.push_char(c);
                }
                out.push_char('\'');
            }
            Word::Variable(name) => {
                out.push("${");
                out.push(name);
                out.push("}");
            }
            Word::Of(origin, word) => self.word(out, word, *origin),
            Word::Joined(words) => {
                out.push("(''");
                for word in words {
                    out.push(" + ");
                    self.word(out, word, origin);
                }
                out.push(")");
            }
        }
    }

    fn set(&self, out: &mut Lines, name: &str) {
        out.push("$");
        out.push(name);
        out.push(" = ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::hostile;

    #[test]
    fn the_shape() {
        let mapping = Line::words([
            Word::Code("New-SmbMapping -LocalPath"),
            Word::text("Z:"),
            Word::Code("-RemotePath"),
            Word::Joined(vec![Word::Variable("server"), Word::text("\\it's")]),
        ]);
        let done =
            write("made", &[Line::set("server", Word::text("\\\\h")), mapping.at(Origin(2))])
                .unwrap();
        assert_eq!(
            done.text,
            "# made\r\n$ErrorActionPreference = 'Stop'\r\nSet-StrictMode -Version 3\r\n$server = '\\\\h'\r\n\
             New-SmbMapping -LocalPath 'Z:' -RemotePath ('' + ${server} + '\\it''s')\r\n"
        );
        assert_eq!(done.lines.len(), 5);
        assert_eq!(done.lines[4], Origin(2));
    }

    /// PowerShell's rule for single quotes, from its language specification.
    fn read(literal: &str) -> Option<String> {
        let quote = |c: char| matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}');
        let mut chars = literal.chars().peekable();
        chars.next().filter(|&c| quote(c))?;
        let mut out = String::new();
        loop {
            match chars.next()? {
                c if quote(c) => match chars.next() {
                    None => return Some(out),
                    Some(second) if quote(second) => out.push(second),
                    Some(_) => return None,
                },
                c => out.push(c),
            }
        }
    }

    #[test]
    fn hostile_texts_come_back_or_are_refused() {
        for text in hostile::strings() {
            match write("", &[Line::words([Word::text(text.as_str())])]) {
                Ok(done) => {
                    let literal = done.text.split("\r\n").nth(2).unwrap();
                    assert_eq!(read(literal).as_deref(), Some(text.as_str()));
                    assert_eq!(done.text.starts_with('\u{feff}'), !text.is_ascii());
                }
                Err(_) => assert!(text.contains(char::is_control), "{text:?}"),
            }
        }
    }
}
