//! Texts whose quotes do not pair: over the end of a line, or with one quote too many or too few on it; and addresses of the
//! web and of mail that lack both.

use super::{Passage, Pasted};
use crate::syntax::faults;
use std::ops::Range;

/// On a longer line nobody looks for the quote that is missing.
const LONGEST_LINE: usize = 300;
/// Nor on so many lines of a file.
const MOST_LINES: usize = 1000;
/// So many lines a text without its `"""` may go on.
const LONGEST_TEXT: usize = 30;

impl Pasted<'_> {
    pub(super) fn torn_text(&self, at: usize) -> Option<Passage> {
        self.address(at).or_else(|| self.over_lines(at)).or_else(|| self.unpaired(at))
    }

    /// `https://example.org`, which reads as a comment from `//` on; `ann@example.org`.
    fn address(&self, at: usize) -> Option<Passage> {
        let line = self.lines[at].text;
        let mut quoted = false;
        let mut start = 0;
        let ends =
            |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '(' | ')' | '{' | '}');
        for (end, c) in line.char_indices().chain([(line.len(), ' ')]) {
            match c {
                '"' => quoted = !quoted,
                c if !quoted && ends(c) => {
                    let word = &line[start..end];
                    if is_address(word) {
                        let bytes = self.lines[at].start + start..self.lines[at].start + end;
                        return Some(self.bare_address(at, bytes, word));
                    }
                    if word.starts_with("//") {
                        return None;
                    }
                }
                _ => continue,
            }
            start = end + c.len_utf8();
        }
        None
    }

    fn bare_address(&self, at: usize, bytes: Range<usize>, word: &str) -> Passage {
        let span = crate::source::Span::new(self.file, bytes.start as u32, bytes.end as u32);
        let alone = self.lines[at].text == word;
        let fault = match alone {
            true => faults::lone_address(span),
            false => faults::bare_value(span, word),
        };
        let blank = vec![bytes.clone()];
        Passage { lines: at..=at, fault: Some(fault), blank, stand_in: (!alone).then_some(bytes) }
    }

    /// `"one`, and `two"` some lines below.
    fn over_lines(&self, at: usize) -> Option<Passage> {
        let open = |at: usize| {
            self.faulty[at]
                .iter()
                .find(|fault| fault.code.id == "E0102")
                .map(|fault| fault.primary())
        };
        let begin = open(at)?.start as usize;
        let here = &self.lines[at];
        let before = here.text.get(..begin.checked_sub(here.start)?)?.trim_end();
        if !before.ends_with(['=', '[', '(', ',']) || here.text.contains("\"\"\"") {
            return None;
        }
        let last = (at + 1..self.lines.len())
            .take(LONGEST_TEXT)
            .find(|&nth| self.lines[nth].text.contains('"'))?;
        let line = &self.lines[last];
        open(last)?;
        let before = &line.text[..line.text.find('"')?];
        let close = line.start + before.len();
        // A quote behind a sign begins another text.
        if before.contains('=') || before.trim_end().ends_with(['[', '(', ',']) {
            return None;
        }
        let text = begin..close + 1;
        let span = |bytes: Range<usize>| {
            crate::source::Span::new(self.file, bytes.start as u32, bytes.end as u32)
        };
        let fault = faults::text_over_lines(span(begin..begin + 1), span(close..close + 1));
        Some(Passage {
            lines: at..=last,
            fault: Some(fault),
            blank: vec![text.clone()],
            stand_in: Some(text),
        })
    }

    /// `["a, "b"]`, `x" y = "z"`: where just one quote more would pair them all, it is offered.
    fn unpaired(&self, at: usize) -> Option<Passage> {
        let line = &self.lines[at];
        let text = line.text;
        if text.contains("\"\"\"") || text.contains('\\') || text.contains("${") || pairs(text) {
            return None;
        }
        let quotes = text.matches('"').count();
        let in_brackets = quotes == 1 && text.ends_with(['}', ']', ')', ',']);
        if text.len() > LONGEST_LINE || !(quotes > 1 || in_brackets) {
            return None; // the one that is open is told by itself
        }
        let tried = self.known.unpaired.get();
        if tried >= MOST_LINES {
            return None;
        }
        self.known.unpaired.set(tried + 1);
        let places = (0..=text.len()).filter(|&at| text.is_char_boundary(at));
        let with = |at: usize| format!("{}\"{}", &text[..at], &text[at..]);
        let mut found = places.filter(|&place| {
            let edge = |c: Option<char>| c.is_none_or(|c| !is_word(c));
            let (before, after) = (text[..place].chars().next_back(), text[place..].chars().next());
            (edge(before) != edge(after)) && pairs(&with(place))
        });
        let only = found.next().filter(|_| found.next().is_none())?;
        let place = (line.start + only) as u32;
        let place = crate::source::Span::new(self.file, place, place);
        // All texts of the line, as the quote more would have them.
        let whole = with(only);
        let quotes: Vec<usize> = whole.match_indices('"').map(|(at, _)| at).collect();
        let original = |at: usize| line.start + if at > only { at - 1 } else { at };
        let mut blank = Vec::new();
        let mut stand_in = None;
        for pair in quotes.chunks_exact(2) {
            let bytes = original(pair[0])..original(pair[1]) + usize::from(pair[1] != only);
            if pair.contains(&only) {
                stand_in = Some(bytes.clone());
                blank.push(bytes);
            }
        }
        let stand_in = stand_in.filter(|bytes| bytes.len() > 1)?;
        let torn = crate::source::Span::new(self.file, stand_in.start as u32, stand_in.end as u32);
        let fault = faults::unpaired_quotes(torn, place);
        Some(Passage { lines: at..=at, fault: Some(fault), blank, stand_in: Some(stand_in) })
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':')
}

/// Whether each text on a line begins and ends where one can, and none of them holds what looks like the next entry.
fn pairs(line: &str) -> bool {
    let parts: Vec<&str> = line.split('"').collect();
    if parts.len().is_multiple_of(2) {
        return false;
    }
    parts.iter().enumerate().all(|(nth, part)| match nth % 2 {
        0 => {
            let before = nth == 0
                || !part.starts_with(is_word) && !part.starts_with(|c: char| c.is_alphabetic());
            let after = nth + 1 == parts.len() || !part.ends_with(is_word);
            before && after && (nth == 0 || nth + 1 == parts.len() || !part.is_empty())
        }
        _ => {
            !part.contains(" = ")
                && !part.trim().is_empty()
                && !part.trim().starts_with(',')
                && !part.trim_end().ends_with([',', ']', '}'])
        }
    })
}

fn is_address(word: &str) -> bool {
    let web = word.split_once("://").is_some_and(|(scheme, rest)| {
        !rest.is_empty() && scheme.bytes().all(|b| b.is_ascii_lowercase()) && !scheme.is_empty()
    });
    let plain = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))
    };
    let mail = word
        .split_once('@')
        .is_some_and(|(name, host)| plain(name) && plain(host) && host.contains('.'));
    web || mail
}
