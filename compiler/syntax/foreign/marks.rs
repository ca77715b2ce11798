//! What a passage brings along from where it was copied: the marks of mail, of a diff and of a page around its lines, and
//! whole passages in the notation of XML, Python and Nix. The marks alone are taken away, and what stands behind them is read.

use super::{Line, Passage, Pasted};
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::faults;
use std::ops::Range;

/// A passage of more lines is not taken for one.
const LONGEST: usize = 1000;

impl Pasted<'_> {
    pub(super) fn marked(&self, at: usize) -> Option<Passage> {
        self.fences(at)
            .or_else(|| self.diff(at))
            .or_else(|| self.quoted_by_mail(at))
            .or_else(|| self.bullets(at))
            .or_else(|| self.markup(at))
            .or_else(|| self.script(at))
            .or_else(|| self.python(at))
            .or_else(|| self.nix(at))
    }

    /// The bytes of the first letters of a line.
    fn head(&self, at: usize, length: usize) -> Range<usize> {
        let start = self.lines[at].start;
        start..start + length
    }

    fn whole(&self, at: usize) -> Range<usize> {
        self.head(at, self.lines[at].text.len())
    }

    fn place(&self, bytes: &Range<usize>) -> Span {
        Span::new(self.file, bytes.start as u32, bytes.end as u32)
    }

    /// One fault for marks that may stand all over the file: told at the first, with an edit for all.
    fn told_once(
        &self,
        at: usize,
        marks: impl FnOnce() -> Vec<Range<usize>>,
        fault: impl FnOnce(&[Span]) -> Diagnostic,
    ) -> Passage {
        if self.known.marks.replace(true) {
            let nothing = vec![self.head(at, 0)];
            return Passage { lines: at..=at, fault: None, blank: nothing, stand_in: None };
        }
        let marks = marks();
        let places: Vec<Span> = marks.iter().map(|mark| self.place(mark)).collect();
        let fault = Some(fault(&places));
        Passage { lines: at..=at, fault, blank: marks, stand_in: None }
    }

    /// "```colab" and "```" around what was copied from a page.
    fn fences(&self, at: usize) -> Option<Passage> {
        let is_fence = |line: &Line| line.text.starts_with("```") || line.text.starts_with("~~~");
        if !is_fence(&self.lines[at]) {
            return None;
        }
        let marks = || {
            let all = (0..self.lines.len()).filter(|&nth| is_fence(&self.lines[nth]));
            all.map(|nth| self.whole(nth)).collect()
        };
        Some(self.told_once(at, marks, faults::fences))
    }

    /// `+`, `-` and `@@` at the very beginning of lines.
    fn diff(&self, at: usize) -> Option<Passage> {
        let changed = |line: &Line| {
            line.indent == 0 && (line.text.starts_with('+') || line.text.starts_with("@@"))
        };
        let taken = |line: &Line| {
            let header = ["diff --git ", "index "].iter().any(|head| line.text.starts_with(head));
            line.indent == 0 && (line.text.starts_with('-') || header)
        };
        let here = &self.lines[at];
        if !(changed(here) || taken(here)) {
            return None;
        }
        let any = || self.lines.iter().any(changed);
        let is_one = self.known.diff.get().unwrap_or_else(any);
        self.known.diff.set(Some(is_one));
        if !is_one {
            return None;
        }
        let marks = || {
            let header = |line: &Line| line.text.starts_with("+++ ") || line.text.starts_with("@@");
            let mark = |(nth, line)| match () {
                () if taken(line) || changed(line) && header(line) => Some(self.whole(nth)),
                () if changed(line) => Some(self.head(nth, 1)),
                () => None,
            };
            self.lines.iter().enumerate().filter_map(mark).collect()
        };
        Some(self.told_once(at, marks, faults::diff))
    }

    /// `> service web {`
    fn quoted_by_mail(&self, at: usize) -> Option<Passage> {
        self.run_of_marks(at, |text| {
            let marks = text.len() - text.trim_start_matches(['>', ' ']).len();
            // Seven of them are the mark of a merge.
            (text.starts_with('>') && !text.starts_with(">>>>>>>")).then_some(marks)
        })
    }

    /// `* on = attic`
    fn bullets(&self, at: usize) -> Option<Passage> {
        self.run_of_marks(at, |text| {
            let mark = ["* ", "• ", "· ", "– "].into_iter().find(|mark| text.starts_with(mark))?;
            Some(mark.len())
        })
    }

    fn run_of_marks(&self, at: usize, mark: impl Fn(&str) -> Option<usize>) -> Option<Passage> {
        mark(self.lines[at].text)?;
        let mut marks = Vec::new();
        let mut last = at;
        for (nth, line) in self.lines.iter().enumerate().skip(at) {
            match mark(line.text) {
                Some(length) => {
                    marks.push(self.head(nth, length));
                    last = nth;
                }
                None if line.text.is_empty() => {}
                None => break,
            }
        }
        let places: Vec<Span> = marks.iter().map(|mark| self.place(mark)).collect();
        let first = self.lines[at].text[..marks[0].len()].trim();
        let fault = faults::line_marks(first, &places);
        Some(Passage { lines: at..=last, fault: Some(fault), blank: marks, stand_in: None })
    }

    /// `<service name="web">`, and the lines below it up to one without a tag.
    fn markup(&self, at: usize) -> Option<Passage> {
        let line = &self.lines[at];
        let next = line.text.strip_prefix('<')?.chars().next()?;
        if !(next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?')) {
            return None;
        }
        if let Some(words) = line.text.strip_prefix("<!--").and_then(|t| t.strip_suffix("-->")) {
            return Some(Passage::of(at..=at, faults::html_comment(self.span(at), words.trim())));
        }
        let tags = |line: &&Line| line.text.contains(['<', '>']);
        let below = self.lines[at + 1..].iter().take_while(tags).count();
        let lines = at..=at + below;
        let fault = faults::notation(
            self.span(at),
            "a passage as XML and HTML write it",
            &self.rest(&lines),
        );
        Some(Passage::of(lines, fault))
    }

    /// `#!/bin/sh`, and all up to the next empty line behind which nothing of a script follows.
    fn script(&self, at: usize) -> Option<Passage> {
        if !self.lines[at].text.starts_with("#!") {
            return None;
        }
        let below = self.lines[at + 1..].iter().take_while(|line| !line.text.is_empty()).count();
        let lines = at..=at + below;
        let fault = faults::notation(self.span(at), "a script", &self.rest(&lines));
        Some(Passage::of(lines, fault))
    }

    /// Statements of Python, with what is indented below them.
    fn python(&self, first: usize) -> Option<Passage> {
        if first < self.known.python.get() || !is_python(self.lines[first].text) {
            return None;
        }
        let mut last = first;
        let mut nested = false;
        for (at, line) in self.lines.iter().enumerate().skip(first).take(LONGEST) {
            let head = is_python(line.text);
            let inside = line.indent > self.lines[first].indent;
            let between = at > first && super::is_pair(line.text);
            match () {
                () if line.text.is_empty() => continue,
                () if head || inside || between => {
                    nested |= head && line.text.ends_with(':') || line.text.ends_with(')');
                    last = at;
                }
                () => break,
            }
        }
        if !nested {
            self.known.python.set(last + 1);
            return None;
        }
        let lines = first..=last;
        let fault = faults::notation(self.span(first), "statements of Python", &self.rest(&lines));
        Some(Passage::of(lines, fault))
    }

    /// `{ config, pkgs, ... }:` with all below it, and `let` on a line of its own up to its `in`.
    fn nix(&self, at: usize) -> Option<Passage> {
        let text = self.lines[at].text;
        let module = text.starts_with('{') && text.ends_with("}:");
        let below = &self.lines[at + 1..];
        let last = match text {
            "let" => {
                at + 1
                    + below
                        .iter()
                        .take(LONGEST)
                        .position(|line| line.text.starts_with("in ") || line.text == "in")?
            }
            _ if module => self.lines.iter().rposition(|line| !line.text.is_empty())?,
            _ => return None,
        };
        let lines = at..=last;
        let fault = faults::notation(self.span(at), "an expression of Nix", &self.rest(&lines));
        Some(Passage::of(lines, fault))
    }
}

/// `def web(port):`, `for n in nodes:`, `print(n)`, `import os`
fn is_python(line: &str) -> bool {
    let heads =
        ["def ", "class ", "for ", "while ", "if ", "elif ", "with ", "try", "else", "except"];
    let begins = heads.iter().any(|head| line.starts_with(head)) && line.ends_with(':');
    let calls = ["print(", "return ", "return(", "@"].iter().any(|head| line.starts_with(head));
    let words: Vec<&str> = line.split_whitespace().collect();
    let plain =
        |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    let imports = match words.as_slice() {
        ["import", module] => plain(module) && !module.ends_with(".colab"),
        ["import", module, "as", _] => plain(module) && !module.ends_with(".colab"),
        ["from", _, "import", ..] => true,
        _ => false,
    };
    begins || calls || imports
}
