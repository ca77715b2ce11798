//! Byte offsets as a person counts them. It remembers the last place of each file, so that
//! a hundred thousand findings on one endless line still cost one walk along it.

use crate::source::{FileId, Position, Sources, Span};

pub struct Places<'a> {
    sources: &'a Sources,
    last: Vec<Option<(u32, Position)>>,
}

impl<'a> Places<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        Places { sources, last: vec![None; sources.len()] }
    }

    pub fn name(&self, span: Span) -> &'a str {
        self.sources.shown(span.file)
    }

    pub fn start(&mut self, span: Span) -> Position {
        self.at(span.file, span.start)
    }

    /// Where the span ends; never before its start.
    pub fn end(&mut self, span: Span) -> Position {
        self.at(span.file, span.end.max(span.start))
    }

    fn at(&mut self, id: FileId, offset: u32) -> Position {
        let file = self.sources.file(id);
        let offset = floor(&file.text, offset as usize) as u32;
        let (line, _) = file.line_col(offset);
        let start = file.line_start(line as usize).expect("the line holds the offset");
        let (from, column) = match self.last[id.0 as usize] {
            Some((known, place)) if start <= known && known <= offset => (known, place.column),
            _ => (start, 1),
        };
        let walked = file.text[from as usize..offset as usize].chars().count() as u32;
        let position = Position { line: line + 1, column: column + walked };
        self.last[id.0 as usize] = Some((offset, position));
        position
    }
}

/// The nearest place at or before `offset` where a character begins, or the end of the text.
pub fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Place;

    #[test]
    fn agrees_with_the_file_whatever_the_order() {
        let mut sources = Sources::default();
        let text = "ä = 1\r\n\tb = \"大\" c\n\nd";
        let file = sources.add("a.colab", Place::Project, text);
        let offsets: Vec<u32> =
            (0..=text.len() as u32).filter(|&at| text.is_char_boundary(at as usize)).collect();
        let mut places = Places::new(&sources);
        for &offset in offsets.iter().chain(offsets.iter().rev()) {
            let expected = sources.file(file).position(offset);
            assert_eq!(places.start(Span::new(file, offset, offset)), expected, "at {offset}");
        }
    }

    #[test]
    fn survives_places_outside_the_text_and_inside_a_character() {
        let mut sources = Sources::default();
        let file = sources.add("a.colab", Place::Project, "ä");
        let mut places = Places::new(&sources);
        assert_eq!(places.start(Span::new(file, 1, 1)), Position { line: 1, column: 1 });
        assert_eq!(places.end(Span::new(file, 0, 99)), Position { line: 1, column: 2 });
    }
}
