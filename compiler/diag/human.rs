//! Diagnostics for a person at a terminal. The frame around the source lines is drawn by
//! `codespan-reporting`; this file and `excerpt.rs` are the only ones that know it.

use super::excerpt::{CUT, Excerpt, window};
use super::ink::{self, Ink};
use super::place::Places;
use super::tally::Tally;
use super::text::{visible, wrap};
use super::{Diagnostic, Edit, Fix, Severity};
use crate::source::Sources;
use codespan_reporting::diagnostic as frame;
use codespan_reporting::term::{self, Chars, Config, WriteStyle};
use std::collections::BTreeSet;
use std::fmt::{self, Write};

/// How a report looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Look {
    pub colour: bool,
    /// Frames of ASCII characters only, for terminals that know no others.
    pub ascii: bool,
    /// The terminal's width in characters.
    pub width: usize,
    /// How many diagnostics are shown; the rest is counted.
    pub limit: usize,
}

impl Default for Look {
    fn default() -> Self {
        Look { colour: false, ascii: false, width: 100, limit: 100 }
    }
}

/// The whole report; empty where there is nothing to say.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, look: &Look) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let mut ink = Ink::new(look.colour);
    let shown = &diagnostics[..diagnostics.len().min(look.limit)];
    // What many lints have in common is said with the first of them. An error says all, wherever it is read.
    let mut said = BTreeSet::new();
    for diagnostic in shown {
        let lint = diagnostic.severity() == Severity::Lint;
        let mut is_news = |text: &str| !lint || said.insert((diagnostic.code.id, text.to_owned()));
        ink.out.push_str(&one_beside(diagnostic, sources, look, &mut is_news));
    }
    let hidden = Tally::of(&diagnostics[shown.len()..]);
    if hidden.errors + hidden.lints > 0 {
        let rest = format!("{} more, not shown here; --format short lists all", hidden.findings());
        ink.line(ink::PLAIN, &rest);
    }
    ink.line(ink::BOLD, &Tally::of(diagnostics).summary());
    ink.line(ink::PLAIN, &more(shown));
    ink.out
}

/// What is wrong with a question: of its words there is nothing to count, and no file.
pub fn alone(diagnostics: &[Diagnostic], sources: &Sources, look: &Look) -> String {
    let mut all: Vec<String> = diagnostics.iter().map(|it| one(it, sources, look)).collect();
    if let Some(last) = all.last_mut() {
        last.truncate(last.trim_end().len() + 1);
    }
    all.concat()
}

/// As many of a diagnostic's places are shown.
const PLACES: usize = 16;

/// One diagnostic, with an empty line after it.
pub fn one(diagnostic: &Diagnostic, sources: &Sources, look: &Look) -> String {
    one_beside(diagnostic, sources, look, &mut |_| true)
}

/// The same, without remarks that are no news.
fn one_beside(
    diagnostic: &Diagnostic,
    sources: &Sources,
    look: &Look,
    is_news: &mut dyn FnMut(&str) -> bool,
) -> String {
    let width = look.width.max(40);
    let places = &diagnostic.labels;
    let places = &places[..if places.len() > PLACES + 1 { PLACES } else { places.len() }];
    let (excerpt, ranges) = Excerpt::new(sources, places, width - 10);
    let labels = places.iter().zip(ranges).enumerate();
    let labels = labels.map(|(at, (label, (file, range)))| {
        let style = if at == 0 { frame::LabelStyle::Primary } else { frame::LabelStyle::Secondary };
        frame::Label::new(style, file, range).with_message(visible(&label.text))
    });
    let severity = match diagnostic.severity() {
        Severity::Error => frame::Severity::Error,
        Severity::Lint => frame::Severity::Warning,
    };
    let framed = frame::Diagnostic::new(severity)
        .with_code(diagnostic.code.id)
        .with_message(visible(&diagnostic.message))
        .with_labels(labels.collect())
        .with_notes(remarks(
            diagnostic,
            diagnostic.labels.len() - places.len(),
            sources,
            look,
            is_news,
        ));
    let config = Config {
        tab_width: 4,
        chars: if look.ascii { Chars::ascii() } else { Chars::box_drawing() },
        ..Config::default()
    };
    let mut ink = Ink::new(look.colour);
    term::emit_to_write_style(&mut ink, &config, &excerpt, &framed)
        .expect("the excerpt holds every line that its labels name");
    with_context(diagnostic, &ink.out)
}

/// Sets what the finding holds for under its first line: the value's path, and how often it is so.
fn with_context(diagnostic: &Diagnostic, framed: &str) -> String {
    let (head, body) = framed.split_once('\n').expect("a frame begins with a headline");
    let mut text = format!("{head}\n");
    if let Some(path) = &diagnostic.path {
        text.push_str(&format!("  in {}\n", visible(path)));
    }
    if let Some(spread) = &diagnostic.spread {
        text.push_str(&format!("  {}\n", visible(&spread.phrase())));
    }
    for line in body.lines() {
        text.push_str(line.trim_end_matches(' '));
        text.push('\n');
    }
    text
}

/// The notes, then the ways out.
fn remarks(
    diagnostic: &Diagnostic,
    hidden: usize,
    sources: &Sources,
    look: &Look,
    is_news: &mut dyn FnMut(&str) -> bool,
) -> Vec<String> {
    let width = look.width.max(40) - 8;
    let mut remarks = Vec::new();
    let hidden = (hidden > 0).then(|| format!("{hidden} more places; --format json has them all"));
    let notes: Vec<&String> = diagnostic.notes.iter().filter(|note| is_news(note)).collect();
    for note in notes.into_iter().chain(&hidden) {
        let mut ink = Ink::new(look.colour);
        ink.paint(ink::BOLD, "note");
        ink.out.push_str(": ");
        ink.out.push_str(&wrap(&visible(note), width));
        remarks.push(ink.out);
    }
    for fix in &diagnostic.fixes {
        if fix.edits.is_empty() && !is_news(&fix.title) {
            continue;
        }
        let mut ink = Ink::new(look.colour);
        ink.paint(ink::HELP, "help");
        ink.out.push_str(": ");
        ink.out.push_str(&wrap(&visible(&fix.title), width));
        changes(fix, diagnostic, sources, width, &mut ink);
        remarks.push(ink.out);
    }
    remarks
}

/// The most lines that a suggested edit takes, of the old text and of the new.
const CHANGE_LINES: usize = 6;

/// A suggested edit as the lines that go and the lines that come.
fn changes(fix: &Fix, diagnostic: &Diagnostic, sources: &Sources, width: usize, ink: &mut Ink) {
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| (edit.span.file != diagnostic.primary().file, edit.span));
    // Edits that touch the same lines are one change.
    let mut groups: Vec<(usize, usize, Vec<&Edit>)> = Vec::new();
    for edit in edits {
        let file = sources.file(edit.span.file);
        let line = |offset: u32| file.line_col(offset.min(file.text.len() as u32)).0 as usize;
        let (first, last) = (line(edit.span.start), line(edit.span.end.max(edit.span.start)));
        match groups.last_mut() {
            Some((_, end, group)) if group[0].span.file == edit.span.file && first <= *end => {
                *end = last.max(*end);
                group.push(edit);
            }
            _ => groups.push((first, last, vec![edit])),
        }
    }
    for (first, last, group) in groups {
        let span = group[0].span;
        let file = sources.file(span.file);
        let from = file.line_start(first).expect("an edit lies in its file") as usize;
        let to = file.line_start(last + 1).map_or(file.text.len(), |next| next as usize);
        let Some(new) = edited(&file.text, from..to, &group) else { continue };
        let (common, old, new) = differing_lines(&file.text[from..to], &new);
        if old.is_empty() && new.is_empty() {
            continue;
        }
        if span.file != diagnostic.primary().file {
            let name = visible(Places::new(sources).name(span)).into_owned();
            ink.out.push_str(&format!("\nin {name}, line {}:", first + common + 1));
        }
        let margin = old.iter().chain(&new).filter(|line| !line.trim().is_empty());
        let margin = margin.map(|line| line.len() - line.trim_start_matches(' ').len()).min();
        let focus = old.first().zip(new.first()).map_or(0, |(old, new)| equal_head(old, new));
        for (colour, sign, lines) in [(ink::GONE, '-', &old), (ink::COME, '+', &new)] {
            for line in lines.iter().take(CHANGE_LINES) {
                let line = sources.concealed().hide(line);
                let margin = margin.unwrap_or(0).min(line.len());
                let line = shortened(&line[margin..], focus.saturating_sub(margin), width);
                ink.out.push('\n');
                ink.paint(colour, &format!("{sign} {line}"));
            }
            if lines.len() > CHANGE_LINES {
                ink.out
                    .push_str(&format!("\n{sign} and {} lines more", lines.len() - CHANGE_LINES));
            }
        }
    }
}

/// The text of a stretch after its edits, or nothing where they overlap or lie outside of it.
fn edited(text: &str, stretch: std::ops::Range<usize>, edits: &[&Edit]) -> Option<String> {
    let mut new = String::new();
    let mut at = stretch.start;
    for edit in edits {
        new.push_str(text.get(at..edit.span.start as usize)?);
        new.push_str(&edit.text);
        at = edit.span.end as usize;
    }
    new.push_str(text.get(at..stretch.end)?);
    Some(new)
}

/// How many first lines are equal, and the lines that aren't, without the equal ones at the end.
fn differing_lines<'a>(old: &'a str, new: &'a str) -> (usize, Vec<&'a str>, Vec<&'a str>) {
    let mut old: Vec<&str> = old.lines().collect();
    let mut new: Vec<&str> = new.lines().collect();
    let common = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    old.drain(..common);
    new.drain(..common);
    while let (Some(a), Some(b)) = (old.last(), new.last())
        && a == b
    {
        old.pop();
        new.pop();
    }
    (common, old, new)
}

fn equal_head(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

fn shortened(line: &str, focus: usize, width: usize) -> String {
    let shown = window(line, focus, width);
    let (head, tail) = (shown.start > 0, shown.end < line.len());
    let cut = |is_cut| if is_cut { CUT } else { "" };
    let text = line[shown].replace('\t', "    ");
    format!("{}{}{}", cut(head), visible(&text), cut(tail))
}

/// Where to read on.
fn more(diagnostics: &[Diagnostic]) -> String {
    let mut codes: Vec<&str> = diagnostics.iter().map(|d| d.code.id).collect();
    codes.sort_unstable();
    codes.dedup();
    match codes.as_slice() {
        [only] => format!("for more: colabc explain {only}"),
        several => {
            let few = several.iter().take(8).copied().collect::<Vec<_>>().join(", ");
            let rest = if several.len() > 8 { ", ..." } else { "" };
            format!("for more: colabc explain CODE ({few}{rest})")
        }
    }
}

impl Write for Ink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.out.push_str(text);
        Ok(())
    }
}

impl WriteStyle for Ink {
    fn set_header(&mut self, severity: frame::Severity) -> fmt::Result {
        self.set(if severity == frame::Severity::Error { ink::ERROR } else { ink::WARNING })
    }

    fn set_header_message(&mut self) -> fmt::Result {
        self.set("\x1b[0;1m")
    }

    fn set_line_number(&mut self) -> fmt::Result {
        self.set(ink::FAINT)
    }

    fn set_note_bullet(&mut self) -> fmt::Result {
        self.set(ink::FAINT)
    }

    fn set_source_border(&mut self) -> fmt::Result {
        self.set(ink::FAINT)
    }

    fn set_label(&mut self, severity: frame::Severity, style: frame::LabelStyle) -> fmt::Result {
        self.set(match (style, severity) {
            (frame::LabelStyle::Secondary, _) => ink::FAINT,
            (_, frame::Severity::Error) => ink::UNDER_ERROR,
            _ => ink::UNDER_WARNING,
        })
    }

    fn reset(&mut self) -> fmt::Result {
        self.set("\x1b[0m")
    }
}
