//! The lines of the sources that one diagnostic shows: made visible, cut to a window where they are
//! very long, and found again by the places the labels had in the file. Costs the shown lines,
//! not the file.

use super::place::{Places, floor};
use super::text::push_visible;
use super::{Label, text};
use crate::source::{FileId, SourceFile, Sources, Span};
use codespan_reporting::files::{Error, Files};
use std::collections::BTreeMap;
use std::ops::Range;

/// A line with more characters is shown in part.
pub const LONG_LINE: usize = 200;
/// A label over more lines is shown by its first.
const LONG_LABEL: usize = 400;

/// What stands for the part that is not shown.
pub const CUT: &str = "...";

pub struct Excerpt {
    files: Vec<ShownFile>,
}

struct ShownFile {
    name: String,
    text: String,
    /// Line number from 0 to its stretch of `text`.
    lines: BTreeMap<usize, Range<usize>>,
    /// Where labels begin in `text`, with their true column.
    columns: Vec<(usize, usize)>,
}

/// A label's place: line from 0 and byte in the line, line ends not counted.
#[derive(Clone, Copy)]
struct Stretch {
    start: (usize, usize),
    end: (usize, usize),
}

impl Excerpt {
    /// The lines that the labels need, and for each label its file in the excerpt and its range.
    pub fn new(
        sources: &Sources,
        labels: &[Label],
        width: usize,
    ) -> (Self, Vec<(usize, Range<usize>)>) {
        let mut ids: Vec<FileId> = Vec::new();
        for label in labels {
            if !ids.contains(&label.span.file) {
                ids.push(label.span.file);
            }
        }
        let mut ranges = vec![(0, 0..0); labels.len()];
        let mut files = Vec::with_capacity(ids.len());
        let mut places = Places::new(sources);
        for (number, &id) in ids.iter().enumerate() {
            let file = sources.file(id);
            let mine: Vec<(usize, Stretch)> = labels
                .iter()
                .enumerate()
                .filter(|(_, label)| label.span.file == id)
                .map(|(at, label)| (at, stretch(file, label.span)))
                .collect();
            let mut shown = ShownFile {
                name: text::visible(sources.shown(id)).into_owned(),
                text: String::new(),
                lines: BTreeMap::new(),
                columns: Vec::new(),
            };
            for line in needed_lines(&mine, file.line_count()) {
                let from = shown.text.len();
                let map = shown.push_line(
                    &sources.concealed().hide(file.line_text(line)),
                    &on_line(&mine, line),
                    width,
                );
                shown.lines.insert(line, from..shown.text.len());
                for ((at, stretch), (start, end)) in mine.iter().zip(map) {
                    let range = &mut ranges[*at];
                    range.0 = number;
                    if stretch.start.0 == line {
                        range.1.start = start;
                        let column = places.start(labels[*at].span).column as usize;
                        shown.columns.push((start, column));
                    }
                    if stretch.end.0 == line {
                        range.1.end = end;
                    }
                }
            }
            files.push(shown);
        }
        (Excerpt { files }, ranges)
    }
}

/// Where a span lies, moved to sound places: inside the text, not amid a character, not in a line's
/// end, not reaching into a next line of which it holds nothing.
fn stretch(file: &SourceFile, span: Span) -> Stretch {
    let start = floor(&file.text, span.start as usize);
    let end = floor(&file.text, span.end as usize).max(start);
    let place = |offset: usize| {
        let (line, column) = file.line_col(offset as u32);
        (line as usize, (column as usize).min(file.line_text(line as usize).len()))
    };
    let first = place(start);
    let mut last = place(end);
    if last.0 > first.0 && last.1 == 0 {
        last = (last.0 - 1, file.line_text(last.0 - 1).len());
    }
    if last.0 - first.0 > LONG_LABEL {
        last = (first.0, file.line_text(first.0).len());
    }
    Stretch { start: first, end: last }
}

/// The lines that can be shown: the ends of each label with what the renderer sets beside them.
fn needed_lines(stretches: &[(usize, Stretch)], count: usize) -> Vec<usize> {
    let mut lines: Vec<usize> = stretches
        .iter()
        .flat_map(|(_, s)| {
            let (first, last) = (s.start.0, s.end.0);
            let head = first.saturating_sub(1)..=(first + 4);
            head.chain(last.saturating_sub(2)..=(last + 1))
        })
        .filter(|&line| line < count)
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// The byte columns of each label on this line, both ends; where it isn't on the line, nothing.
fn on_line(stretches: &[(usize, Stretch)], line: usize) -> Vec<(Option<usize>, Option<usize>)> {
    stretches
        .iter()
        .map(|(_, s)| {
            let start = (s.start.0 == line).then_some(s.start.1);
            (start, (s.end.0 == line).then_some(s.end.1))
        })
        .collect()
}

impl ShownFile {
    /// Appends a line and answers where each of the wanted columns is now.
    fn push_line(
        &mut self,
        line: &str,
        wanted: &[(Option<usize>, Option<usize>)],
        width: usize,
    ) -> Vec<(usize, usize)> {
        let focus = wanted.iter().find_map(|(start, end)| start.or(*end)).unwrap_or(0);
        let window = window(line, focus, width);
        let mut map = vec![(self.text.len(), self.text.len()); wanted.len()];
        if window.start > 0 {
            self.text.push_str(CUT);
        }
        let mut note = |column: usize, at: usize| {
            for ((start, end), place) in wanted.iter().zip(&mut map) {
                // A column before the window takes the window's start; one behind, its end.
                if start.is_some_and(|start| start >= column) {
                    place.0 = at;
                }
                if end.is_some_and(|end| end >= column) {
                    place.1 = at;
                }
            }
        };
        for (at, character) in line[window.clone()].char_indices() {
            note(window.start + at, self.text.len());
            if character == '\t' {
                self.text.push('\t');
            } else {
                push_visible(&mut self.text, character);
            }
        }
        note(window.end, self.text.len());
        if window.end < line.len() {
            self.text.push_str(CUT);
        }
        self.text.push('\n');
        map
    }
}

/// The part of a line that is shown: all of it, or about `width` characters around `focus`.
pub fn window(line: &str, focus: usize, width: usize) -> Range<usize> {
    if line.len() <= LONG_LINE || line.chars().nth(LONG_LINE).is_none() {
        return 0..line.len();
    }
    let focus = floor(line, focus);
    let before = line[..focus].char_indices().rev().take(width / 3).last().map_or(focus, |c| c.0);
    let after = line[before..].char_indices().nth(width).map_or(line.len(), |c| before + c.0);
    before..after
}

impl<'a> Files<'a> for Excerpt {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.files[id].name)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.files[id].text)
    }

    fn line_index(&'a self, id: usize, byte: usize) -> Result<usize, Error> {
        let mut lines = self.files[id].lines.iter();
        let found = lines.rfind(|(_, range)| range.start <= byte).map(|(&line, _)| line);
        found.ok_or(Error::IndexTooLarge { given: byte, max: self.files[id].text.len() })
    }

    fn column_number(&'a self, id: usize, _line: usize, byte: usize) -> Result<usize, Error> {
        let known = self.files[id].columns.iter().find(|(at, _)| *at == byte);
        Ok(known.map_or(1, |&(_, column)| column))
    }

    fn line_range(&'a self, id: usize, line: usize) -> Result<Range<usize>, Error> {
        // Lines in the midst of a long label are asked for and never shown.
        Ok(self.files[id].lines.get(&line).cloned().unwrap_or(0..0))
    }
}
