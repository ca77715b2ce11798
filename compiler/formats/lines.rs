//! The line builder under every writer: text, the origin of each line, and what was refused on
//! the way. It knows no format.

use super::{Emitted, Taker, Unsayable, Written};
use crate::origin::Origin;
use std::ops::Range;

/// Nearly all files that are held are smaller than this, and nearly all pages, which are not, larger.
const SMALL: usize = 8 << 10;

/// Of what is long: so much at once is enough for whoever writes it, and little to hold.
pub(super) const PIECE: usize = 64 << 10;

#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    text: String,
    lines: Vec<Origin>,
    refused: Vec<Unsayable>,
    /// Where the line under construction begins.
    start: usize,
}

impl Lines {
    pub(super) fn new() -> Self {
        Lines {
            text: String::with_capacity(512),
            lines: Vec::with_capacity(16),
            ..Lines::default()
        }
    }

    /// For so many bytes.
    pub(super) fn with_room(bytes: usize) -> Self {
        Lines {
            text: String::with_capacity(bytes),
            lines: Vec::with_capacity(bytes / 32),
            ..Lines::default()
        }
    }

    /// Before so many bytes come, if they are more than stand there: doubling would take up to twice the room, and
    /// the old one beside it.
    pub(super) fn expect(&mut self, bytes: usize) {
        if bytes > self.text.len() {
            self.text.reserve_exact(bytes);
        }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(super) fn push_char(&mut self, c: char) {
        self.text.push(c);
    }

    /// The text itself, for writers that escape straight into it.
    pub(super) fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// What stands on the current line so far.
    pub(super) fn line(&self) -> &str {
        &self.text[self.start..]
    }

    /// Whether no line has been written.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn pad(&mut self, width: usize) {
        const SPACES: &str = "                                                                ";
        let mut left = width;
        while left > SPACES.len() {
            self.text.push_str(SPACES);
            left -= SPACES.len();
        }
        self.text.push_str(&SPACES[..left]);
    }

    /// Ends the current line.
    pub(super) fn end(&mut self, origin: Origin) {
        debug_assert!(
            !self.refused.is_empty() || !self.line().contains('\n'),
            "a value broke its line: {:?}",
            self.line()
        );
        self.text.push('\n');
        self.lines.push(origin);
        self.start = self.text.len();
    }

    /// Ends what stands since the last end, where a value may have brought newlines of its own.
    pub(super) fn end_several(&mut self, origin: Origin) {
        self.text.push('\n');
        // So few at once that a byte can count them: that is done for many side by side.
        let few = self.text.as_bytes()[self.start..].chunks(255);
        let count = few.map(|few| few.iter().map(|&b| u8::from(b == b'\n')).sum::<u8>());
        let count = count.map(usize::from).sum();
        self.lines.extend(std::iter::repeat_n(origin, count));
        self.start = self.text.len();
    }

    pub(super) fn say(&mut self, line: &str, origin: Origin) {
        self.push(line);
        self.end(origin);
    }

    pub(super) fn blank(&mut self) {
        self.end(Origin::NONE);
    }

    /// Comment lines, one for each line of `text`. What a terminal or a reader would act on is
    /// spelled out, and no comment ends in a backslash, which some readers take for "goes on".
    pub(super) fn comment(&mut self, mark: &str, text: &str, origin: Origin) {
        for line in text.lines() {
            self.push(mark);
            if !line.is_empty() {
                self.push_char(' ');
                if line.chars().any(hidden) {
                    for c in line.chars() {
                        if hidden(c) {
                            self.text.extend(c.escape_unicode());
                        } else {
                            self.text.push(c);
                        }
                    }
                } else {
                    self.push(line);
                }
                if line.ends_with('\\') {
                    self.push_char(' ');
                }
            }
            self.end(origin);
        }
    }

    /// Takes over the lines of another, each ended by `end` before its newline.
    pub(super) fn append(&mut self, other: Lines, end: &str) {
        for (line, origin) in other.text.lines().zip(other.lines) {
            self.push(line);
            self.push(end);
            self.end(origin);
        }
        self.refused.extend(other.refused);
    }

    /// A new part begins, with a line of its own.
    pub(super) fn begin(&mut self) {
        self.start = self.text.len();
    }

    /// Whether what stands there is long enough to be a piece.
    pub(super) fn is_piece(&self) -> bool {
        self.text.len() >= PIECE
    }

    /// Gives a piece to whoever takes it, perhaps within a line: where its lines came from is forgotten.
    pub(super) fn pass_on(&mut self, to: &mut Taker) {
        if self.is_piece()
            && let Some(to) = to
        {
            to(&self.text);
            self.text.clear();
            self.lines.clear();
            self.start = 0;
        }
    }

    /// How many bytes there are, and how many lines have ended.
    pub(super) fn written(&self) -> (usize, usize) {
        (self.text.len(), self.lines.len())
    }

    /// Takes over whole lines as they are; those from nowhere come from `origin`.
    pub(super) fn take_over(&mut self, other: &Lines, origin: Origin) {
        let all = (0..other.text.len(), 0..other.lines.len(), 0);
        self.expect(other.text.len());
        self.take_part(other, all, origin);
        self.take_refusals(other, origin);
    }

    /// The same of some bytes and the lines that end in them, with so many bytes behind the last of these.
    pub(super) fn take_part(
        &mut self,
        other: &Lines,
        (bytes, lines, tail): (Range<usize>, Range<usize>, usize),
        origin: Origin,
    ) {
        self.push(&other.text[bytes]);
        if !lines.is_empty() {
            self.lines.extend(other.lines[lines].iter().map(|line| line.or(origin)));
            self.start = self.text.len() - tail;
        }
    }

    pub(super) fn take_refusals(&mut self, other: &Lines, origin: Origin) {
        let refused = other.refused.iter().cloned();
        self.refused.extend(refused.map(|it| Unsayable { origin: it.origin.or(origin), ..it }));
    }

    pub(super) fn refuse(&mut self, origin: Origin, why: impl Into<String>) {
        self.refused.push(Unsayable { origin, why: why.into() });
    }

    /// Refuses a text with a control character, a newline among them, as a part of `what`.
    pub(super) fn visible(&mut self, text: &str, what: &str, origin: Origin) -> bool {
        let control = control(text, "");
        if let Some(name) = &control {
            self.refuse(origin, format!("{what} cannot hold {name}"));
        }
        control.is_none()
    }

    /// The text without the room that it grew with: very many are held at once.
    pub(super) fn finish(mut self) -> Written {
        if self.text.len() < SMALL {
            // An allocator leaves a block that is shrunk as large as it is, up to twice what is needed.
            self.text = self.text.as_str().into();
            self.lines = self.lines.as_slice().into();
        } else {
            self.text.shrink_to_fit();
            self.lines.shrink_to_fit();
        }
        self.finish_as_is()
    }

    /// The same with that room, of what goes as soon as it is written.
    pub(super) fn finish_as_is(self) -> Written {
        debug_assert_eq!(self.start, self.text.len(), "the last line was not ended");
        if self.refused.is_empty() {
            Ok(Emitted { text: self.text, lines: self.lines })
        } else {
            Err(self.refused)
        }
    }
}

/// Whether a character acts instead of being seen: controls, line separators, direction marks.
pub(super) fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// The first control character of a text that is not among the allowed, as its name for a person.
pub(super) fn control(text: &str, allowed: &str) -> Option<String> {
    // Nearly every text, and by far the quickest to tell.
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return None;
    }
    let control = text.chars().find(|&c| c.is_control() && !allowed.contains(c))?;
    Some(match control {
        '\n' => "a newline".into(),
        '\r' => "a carriage return".into(),
        '\t' => "a tab".into(),
        '\0' => "a NUL".into(),
        other => format!("the control character U+{:04X}", other as u32),
    })
}

/// Whether blanks at an end would be lost to a reader that trims.
pub(super) fn ragged(text: &str) -> bool {
    text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace)
}

/// Whether the text is a name as C, the shell and the environment know it.
pub(super) fn identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_an_origin() {
        let mut lines = Lines::new();
        lines.say("a", Origin(1));
        lines.push("b\nc");
        lines.end_several(Origin(2));
        lines.comment("#", "d\n\ne\u{202e}f\\", Origin(3));
        for many in [255, 256, 999] {
            let mut lines = Lines::new();
            lines.push(&"\n".repeat(many));
            lines.end_several(Origin(4));
            assert_eq!(lines.finish().unwrap().lines, vec![Origin(4); many + 1]);
        }
        let done = lines.finish().unwrap();
        assert_eq!(done.text, "a\nb\nc\n# d\n#\n# e\\u{202e}f\\ \n");
        assert_eq!(done.lines.iter().map(|o| o.0).collect::<Vec<_>>(), [1, 2, 2, 3, 3, 3]);
    }
}
