//! Scripts for a POSIX shell or bash: every text in single quotes unless it is plain; no
//! here-documents.
//!
//! Cannot be said: control characters other than tab and newline.

use super::Written;
use super::lines::{Lines, control};
use super::script::{self, Dialect, Line, Word};
use crate::origin::Origin;
use std::borrow::Cow;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shell {
    Posix,
    Bash,
}

/// Writes a script that stops at the first failure. The header stands under the `#!` line.
pub fn write(shell: Shell, header: &str, lines: &[Line<'_>]) -> Written {
    let mut out = Lines::new();
    let (bang, strict) = match shell {
        Shell::Posix => ("#!/bin/sh", "set -eu"),
        Shell::Bash => ("#!/usr/bin/env bash", "set -euo pipefail"),
    };
    out.say(bang, Origin::NONE);
    out.comment("#", header, Origin::NONE);
    out.say(strict, Origin::NONE);
    script::write(&shell, out, lines)
}

/// Whether a script can hold the text.
pub fn can_hold(text: &str) -> bool {
    forbidden(text).is_none()
}

fn forbidden(text: &str) -> Option<String> {
    control(text, "\t\n")
}

/// One argument, as it stands in a command line of any POSIX shell.
pub fn quote(text: &str) -> Cow<'_, str> {
    if is_plain(text) { text.into() } else { format!("'{}'", text.replace('\'', "'\\''")).into() }
}

impl Dialect for Shell {
    const LINE_END: &'static str = "";

    fn word(&self, out: &mut Lines, word: &Word<'_>, origin: Origin) {
        match word {
            Word::Code(code) => out.push(code),
            Word::Text(text) => {
                if let Some(name) = forbidden(text) {
                    out.refuse(origin, format!("a script cannot hold {name}"));
                }
                out.push(&quote(text));
            }
            Word::Variable(name) => {
                out.push("\"${");
                out.push(name);
                out.push("}\"");
            }
            Word::Joined(words) => {
                if words.is_empty() {
                    out.push("''");
                }
                words.iter().for_each(|word| self.word(out, word, origin));
            }
            Word::Of(origin, word) => self.word(out, word, *origin),
        }
    }

    fn set(&self, out: &mut Lines, name: &str) {
        out.push(name);
        out.push("=");
    }
}

/// Whether the shell takes the text as one argument, not as anything of its own.
fn is_plain(text: &str) -> bool {
    const RESERVED: [&str; 20] = [
        "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if",
        "in", "select", "then", "time", "until", "while", "alias", "declare", "export",
    ];
    let fine = |b: u8| b.is_ascii_alphanumeric() || b"_./:@%+,-".contains(&b);
    // An option may hold `=`; any other word with one would be an assignment.
    let option = text.starts_with('-');
    !text.is_empty()
        && text.bytes().all(|b| fine(b) || (option && b == b'='))
        && !RESERVED.contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape() {
        let done = write(
            Shell::Bash,
            "made",
            &[
                Line::set("root", Word::text("/mnt/my disk")).at(Origin(2)),
                Line::blank(),
                Line::comment("copy\nall"),
                Line::block(
                    [
                        Word::Code("if ["),
                        Word::Code("-d"),
                        Word::Variable("root"),
                        Word::Code("]; then"),
                    ],
                    vec![
                        Line::words([
                            Word::Code("rsync -a"),
                            Word::text("--delete=x"),
                            Word::Joined(vec![Word::Variable("root"), Word::text("/it's")]),
                            Word::text("a\nb"),
                        ])
                        .at(Origin(4)),
                    ],
                    "fi",
                )
                .at(Origin(3)),
            ],
        )
        .unwrap();
        assert_eq!(
            done.text,
            "#!/usr/bin/env bash\n# made\nset -euo pipefail\nroot='/mnt/my disk'\n\n# copy\n# all\n\
             if [ -d \"${root}\" ]; then\n  rsync -a --delete=x \"${root}\"'/it'\\''s' 'a\nb'\nfi\n"
        );
        assert_eq!(
            done.lines.iter().map(|o| o.0).collect::<Vec<_>>(),
            [0, 0, 0, 2, 0, 0, 0, 3, 4, 4, 3]
        );
    }

    #[test]
    fn what_the_shell_would_take_for_its_own_is_quoted() {
        for text in
            ["", "a b", "A=b", "if", "~", "~/x", "*", "$x", "a;b", "{a,b}", "!", "[", "a\nb", "#a"]
        {
            assert!(quote(text).starts_with('\''), "{text:?}");
        }
        for text in ["a", "/x/y.z", "--a=b", "1.2", "u@h:/p"] {
            assert_eq!(quote(text), text);
        }
    }

    #[test]
    fn control_characters_are_refused() {
        for text in ["a\0", "\u{1b}[0m", "a\r"] {
            let why = write(Shell::Posix, "", &[Line::words([Word::text(text)]).at(Origin(3))]);
            assert_eq!(why.unwrap_err()[0].origin, Origin(3));
        }
    }
}
