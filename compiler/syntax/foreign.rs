//! Passages in the notation of another tool, pasted as they were: blocks of YAML, tables of TOML and INI, lines that are a
//! command and its words, and the marks that mail, diffs and pages put around lines; texts whose quotes do not pair. Each is
//! one fault, and the rest of the file is read as if it were not there. Only looked for where faults were found.

mod marks;
mod quotes;
mod shell;
mod yaml;

use super::faults;
use crate::diag::{About, Diagnostic};
use crate::source::{FileId, Span};
use std::cell::Cell;
use std::ops::{Range, RangeInclusive};

/// What was settled of a text.
pub(super) struct Settled {
    /// In place of those that lie in passages.
    pub faults: Vec<Diagnostic>,
    /// The text without the passages: blanks, so that every place stays.
    pub rest: String,
    /// What is read as an empty text there.
    stood_in: Vec<Range<usize>>,
}

impl Settled {
    /// What was settled of its rest.
    pub fn add(&mut self, more: Settled) {
        self.faults.extend(more.faults);
        self.stood_in.extend(more.stood_in);
        self.rest = more.rest;
    }

    /// Faults of the rest, as places of the text: the empty text ends long before what it stands for.
    pub fn in_text(&self, faults: &mut [Diagnostic]) {
        let ends = |at: u32| {
            let whole =
                self.stood_in.iter().find(|w| w.start < at as usize && (at as usize) < w.end);
            whole.map_or(at, |whole| whole.end as u32)
        };
        for fault in faults {
            let labels = fault.labels.iter_mut().map(|label| &mut label.span);
            let edits = fault.fixes.iter_mut().flat_map(|fix| &mut fix.edits);
            for span in labels.chain(edits.map(|edit| &mut edit.span)) {
                (span.start, span.end) = (ends(span.start), ends(span.end));
            }
        }
    }
}

/// Takes what was pasted out of a text; none where nothing was.
pub(super) fn settle(file: FileId, text: &str, found: &[Diagnostic]) -> Option<Settled> {
    let pasted = Pasted::of(file, text, found);
    let mut faults = Vec::new();
    let mut rest = text.as_bytes().to_vec();
    let mut stood_in = Vec::new();
    let (mut from, mut settled) = (0, false);
    for at in 0..pasted.lines.len() {
        if at < from || pasted.faulty[at].is_empty() {
            continue;
        }
        let Some(Passage { lines, fault, mut blank, stand_in }) = pasted.passage(at, from) else {
            continue;
        };
        if blank.is_empty() {
            let last = &pasted.lines[*lines.end()];
            blank.push(pasted.lines[*lines.start()].start..last.start + last.text.len());
        }
        for bytes in blank {
            for byte in rest[bytes].iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')) {
                *byte = b' ';
            }
        }
        if let Some(text) = stand_in {
            rest[text.start..text.start + 2].copy_from_slice(b"\"\"");
            stood_in.push(text);
        }
        settled = true;
        faults.extend(fault);
        from = lines.end() + 1;
    }
    let rest = String::from_utf8(rest).expect("whole letters become blanks");
    settled.then_some(Settled { faults, rest, stood_in })
}

/// Lines that are one fault.
struct Passage {
    lines: RangeInclusive<usize>,
    /// None where it is told already.
    fault: Option<Diagnostic>,
    /// What of it is not read; where nothing is named, all of the lines.
    blank: Vec<Range<usize>>,
    /// What is read as an empty text.
    stand_in: Option<Range<usize>>,
}

impl Passage {
    fn of(lines: RangeInclusive<usize>, fault: Diagnostic) -> Passage {
        Passage { lines, fault: Some(fault), blank: Vec::new(), stand_in: None }
    }
}

/// A line without the blanks around it.
struct Line<'a> {
    start: usize,
    indent: usize,
    text: &'a str,
}

/// A text by lines, and the faults that begin on each.
struct Pasted<'a> {
    file: FileId,
    lines: Vec<Line<'a>>,
    faulty: Vec<Vec<&'a Diagnostic>>,
    known: Known,
}

/// What was looked for in vain, so that no line is looked at again and again.
#[derive(Default)]
struct Known {
    /// No header stands above these lines.
    headless: Cell<usize>,
    /// Lines before this one begin no run of commands.
    commands: Cell<usize>,
    /// Lines before the second number, indented like the first, begin no YAML.
    yaml: Cell<(usize, usize)>,
    /// Marks that stand all over the file are told.
    marks: Cell<bool>,
    /// Whether lines of a diff are among these.
    diff: Cell<Option<bool>>,
    /// Lines before this one begin nothing of Python.
    python: Cell<usize>,
    /// So many lines were tried with one quote more.
    unpaired: Cell<usize>,
}

/// How far a block of commands is read: one that is longer is none.
const LONGEST_BLOCK: usize = 1000;

impl<'a> Pasted<'a> {
    fn of(file: FileId, text: &'a str, found: &'a [Diagnostic]) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let bare = line.trim_start_matches([' ', '\t', '\u{feff}']);
            let before = line.len() - bare.len();
            lines.push(Line { start: start + before, indent: before, text: bare.trim_end() });
            start += line.len();
        }
        let mut faulty = vec![Vec::new(); lines.len()];
        for fault in found {
            let begin = fault.primary().start as usize;
            let at = lines.partition_point(|line| line.start <= begin).saturating_sub(1);
            if let Some(faults) = faulty.get_mut(at) {
                faults.push(fault);
            }
        }
        Pasted { file, lines, faulty, known: Known::default() }
    }

    /// The passage that begins at a line; a table's keys may stand above it, not before the line `from`.
    fn passage(&self, at: usize, from: usize) -> Option<Passage> {
        let whole = || {
            self.table(at, from)
                .or_else(|| self.shell(at))
                .or_else(|| self.yaml(at))
                .or_else(|| self.commands(at))
                .map(|(lines, fault)| Passage::of(lines, fault))
        };
        self.marked(at).or_else(whole).or_else(|| self.torn_text(at))
    }

    fn span(&self, at: usize) -> Span {
        let line = &self.lines[at];
        Span::new(self.file, line.start as u32, (line.start + line.text.len()) as u32)
    }

    fn rest(&self, lines: &RangeInclusive<usize>) -> String {
        match lines.end() - lines.start() {
            0 => String::new(),
            1 => "this line and the next".to_owned(),
            more => format!("this line and the {more} below it"),
        }
    }

    // -- TOML and INI

    /// `[Unit]` and the keys below it, up to what is none.
    fn table(&self, at: usize, from: usize) -> Option<(RangeInclusive<usize>, Diagnostic)> {
        let at = self.header(at, from)?;
        let mut last = at;
        let mut open = 0i32;
        for (nth, line) in self.lines.iter().enumerate().skip(at + 1) {
            let goes_on = open > 0 || self.lines[nth - 1].text.ends_with('\\');
            let own = is_header(line.text) || is_pair(line.text);
            if !(goes_on || own || line.text.is_empty() || line.text.starts_with(['#', ';'])) {
                break;
            }
            if own || goes_on {
                open = (open + brackets(line.text)).max(0);
            }
            if !line.text.is_empty() {
                last = nth;
            }
        }
        // At the top of a file a key alone is never sound: those of TOML's root are a part of it.
        let mut first = at;
        while self.lines[at].indent == 0 && first > from {
            let above = &self.lines[first - 1];
            if above.indent > 0 || !(above.text.is_empty() || is_pair(above.text)) {
                break;
            }
            first -= 1;
        }
        while self.lines[first].text.is_empty() {
            first += 1;
        }
        let lines = first..=last;
        let fault = faults::table(self.span(at), self.lines[at].text);
        let fault = if last > at { fault.here(self.rest(&(at..=last))) } else { fault };
        Some((lines, fault))
    }

    /// The header that a line is, or that it stands below: behind a value a header reads as a part of that.
    fn header(&self, at: usize, from: usize) -> Option<usize> {
        let seen = self.known.headless.replace(at + 1);
        for nth in (from.max(seen)..=at).rev() {
            let line = &self.lines[nth];
            if is_header(line.text) {
                return Some(nth);
            }
            let inside =
                line.text.is_empty() || line.text.starts_with(['#', ';']) || is_pair(line.text);
            if !inside || line.indent > 0 {
                return None;
            }
        }
        None
    }

    // -- commands

    /// Lines that each are a word and what it takes: directives of servers, of shells, of images.
    fn commands(&self, first: usize) -> Option<(RangeInclusive<usize>, Diagnostic)> {
        if first < self.known.commands.get() {
            return None;
        }
        let mut last = first;
        let mut at = first;
        while let Some(line) = self.lines.get(at) {
            if !line.text.is_empty() {
                if self.faulty[at].is_empty() || !is_command(line.text) {
                    break;
                }
                last = if line.text.ends_with('{') { self.closed(at)? } else { at };
                at = last;
            } else if at > last + 1 {
                break;
            }
            at += 1;
        }
        let lines = first..=last;
        let lacking = |fault: &&&Diagnostic| fault.about == Some(About::Unsigned);
        let lacks = |at: &usize| self.faulty[*at].iter().any(|fault| lacking(&fault));
        if lines.clone().filter(lacks).count() < 2 {
            self.known.commands.set(last + 1);
            return None;
        }
        let fault = lines.clone().flat_map(|at| &self.faulty[at]).find(lacking)?;
        let fault = faults::commands(fault, &self.rest(&lines));
        Some((lines, fault))
    }

    /// The line of the `}` that closes the block which a line opens.
    fn closed(&self, at: usize) -> Option<usize> {
        let mut open = 0i32;
        for (nth, line) in self.lines.iter().enumerate().skip(at).take(LONGEST_BLOCK) {
            open += line.text.matches('{').count() as i32 - line.text.matches('}').count() as i32;
            if open <= 0 {
                return (open == 0).then_some(nth);
            }
        }
        None
    }
}

/// `[server]`, `[[users]]`, `[server.tls]`
fn is_header(line: &str) -> bool {
    line.starts_with('[') && line.ends_with(']') && !line.contains([',', '"', '$', '('])
}

/// `key = value`, with whatever on the right.
fn is_pair(line: &str) -> bool {
    let Some((key, value)) = line.split_once('=') else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '"');
    let key = key.trim_end();
    !key.is_empty() && key.chars().all(plain) && !value.ends_with('{')
}

/// `listen 80;`: a word, and something else than a sign behind it.
fn is_command(line: &str) -> bool {
    let Some((word, rest)) = line.split_once([' ', '\t']) else { return false };
    let rest = rest.trim_start();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let signs = ["=", "+=", "-=", ":", "{", "from "];
    word.chars().all(plain)
        && !signs.iter().any(|sign| rest.starts_with(sign))
        && !rest.split_whitespace().any(|part| matches!(part, "=" | "{") && !line.ends_with('{'))
}

/// How many more brackets a line opens than it closes.
fn brackets(line: &str) -> i32 {
    line.chars().fold(0, |open, c| match c {
        '[' | '{' | '(' => open + 1,
        ']' | '}' | ')' => open - 1,
        _ => open,
    })
}
