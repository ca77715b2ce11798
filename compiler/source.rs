//! The texts of a project: files, places in them, and the one window through which the library
//! sees the outside. Nothing here parses.

use crate::lookalike::Concealed;
use std::sync::{Arc, OnceLock};

/// A file of the project or of the embedded library, by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

/// A stretch of bytes of one file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Span { file, start, end }
    }

    /// Whether another one lies wholly in it.
    pub fn covers(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The smallest span that holds both; they must be of one file.
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty span where this one begins.
    pub fn head(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// The empty span where this one ends.
    pub fn tail(self) -> Span {
        Span { start: self.end, ..self }
    }

    pub fn holds(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }
}

/// Where a file came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Embedded in the compiler.
    Library,
    /// Read from the project.
    Project,
}

/// One text with its name, relative to the project's root, always with `/`.
#[derive(Debug)]
pub struct SourceFile {
    pub name: String,
    pub place: Place,
    pub text: Arc<str>,
    /// Where each line begins. Most files are never told of.
    lines: OnceLock<Vec<u32>>,
    /// How many letters stand before every `STRIDE`th byte: a line may be as long as the file.
    letters: OnceLock<Vec<Letters>>,
    concealed: OnceLock<Concealed>,
}

impl SourceFile {
    pub fn new(name: impl Into<String>, place: Place, text: impl Into<Arc<str>>) -> Self {
        let (name, text) = (name.into(), text.into());
        let (lines, letters, concealed) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        SourceFile { name, place, text, lines, letters, concealed }
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect()
        })
    }

    fn concealed(&self) -> &Concealed {
        self.concealed.get_or_init(|| Concealed::of(&self.text))
    }

    /// The number of lines; a final newline opens one more.
    pub fn line_count(&self) -> usize {
        self.lines().len()
    }

    /// The byte where line `line` (from 0) begins.
    pub fn line_start(&self, line: usize) -> Option<u32> {
        self.lines().get(line).copied()
    }

    /// Line and byte column, both from 0, of a byte offset.
    pub fn line_col(&self, offset: u32) -> (u32, u32) {
        let lines = self.lines();
        let line = lines.partition_point(|&start| start <= offset).saturating_sub(1);
        (line as u32, offset - lines[line])
    }

    /// Line and column as a person counts: both from 1, the column in characters.
    pub fn position(&self, offset: u32) -> Position {
        let offset = offset.min(self.text.len() as u32);
        let (line, _) = self.line_col(offset);
        let start = self.lines()[line as usize];
        Position { line: line + 1, column: self.letters(start..offset).all + 1 }
    }

    /// How many letters begin in a stretch of bytes.
    pub fn letters(&self, bytes: std::ops::Range<u32>) -> Letters {
        let (from, to) = (self.letters_before(bytes.start), self.letters_before(bytes.end));
        Letters { all: to.all - from.all, wide: to.wide - from.wide }
    }

    fn letters_before(&self, offset: u32) -> Letters {
        let marks = self.letters.get_or_init(|| {
            let all =
                self.text.as_bytes().chunks(STRIDE).scan(Letters::default(), |before, chunk| {
                    let mark = *before;
                    before.count(chunk);
                    Some(mark)
                });
            all.collect()
        });
        let offset = (offset as usize).min(self.text.len());
        let nearest = (offset / STRIDE).min(marks.len().saturating_sub(1));
        let mut before = marks.get(nearest).copied().unwrap_or_default();
        before.count(&self.text.as_bytes()[nearest * STRIDE..offset]);
        before
    }

    /// The text of one line (from 0), without its end.
    pub fn line_text(&self, line: usize) -> &str {
        let start = self.lines()[line] as usize;
        let end = self.lines().get(line + 1).map_or(self.text.len(), |&next| next as usize);
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }
}

/// The letters of a stretch of text.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Letters {
    pub all: u32,
    /// Those outside of the basic plane, which are two units of UTF-16.
    pub wide: u32,
}

/// So far apart letters are counted beforehand.
const STRIDE: usize = 256;

impl Letters {
    fn count(&mut self, bytes: &[u8]) {
        self.all += bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u32;
        self.wide += bytes.iter().filter(|byte| **byte >= 0xF0).count() as u32;
    }
}

/// Line and column, from 1, the column in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// All texts of one run.
#[derive(Default, Debug)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
    concealed: OnceLock<Concealed>,
    /// What each is called for whoever reads of it, where that is not its name.
    shown: Vec<Option<String>>,
}

impl Sources {
    pub fn add(
        &mut self,
        name: impl Into<String>,
        place: Place,
        text: impl Into<Arc<str>>,
    ) -> FileId {
        self.share(Arc::new(SourceFile::new(name, place, text)))
    }

    /// Adds a file that another run may have as well.
    pub fn share(&mut self, file: Arc<SourceFile>) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.concealed = OnceLock::new();
        self.files.push(file);
        id
    }

    /// A file for another run.
    pub fn shared(&self, id: FileId) -> Arc<SourceFile> {
        self.files[id.0 as usize].clone()
    }

    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// What a file is called where the command was started: people go there from what they read.
    pub fn shown(&self, id: FileId) -> &str {
        let shown = self.shown.get(id.0 as usize).and_then(Option::as_deref);
        shown.unwrap_or(&self.file(id).name)
    }

    /// From here on the files of the project are called by the way that leads to its folder.
    pub fn show_under(&mut self, way: &str) {
        let under = |file: &Arc<SourceFile>| {
            let is_file = file.place == Place::Project && !file.name.starts_with('<');
            (is_file && !way.is_empty()).then(|| format!("{way}{}", file.name))
        };
        self.shown = self.files.iter().map(under).collect();
    }

    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    pub fn by_name(&self, name: &str) -> Option<FileId> {
        self.files.iter().position(|f| f.name == name).map(|at| FileId(at as u32))
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(at as u32), &**file))
    }

    /// What must not be shown of the project's texts, though it stands in them.
    pub fn concealed(&self) -> &Concealed {
        self.concealed.get_or_init(|| {
            let own = self.files.iter().filter(|file| file.place == Place::Project);
            Concealed::together(own.map(|file| file.concealed()))
        })
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Why a file of the project could not be had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReadError {
    Missing,
    /// It lies, or a link leads, outside the project's root.
    Outside,
    /// Larger than the compiler reads.
    TooLarge,
    /// A folder, a device, a pipe.
    NotAFile,
    /// What the system said.
    Refused(String),
}

/// How the library asks for the project's files. `cli/disk.rs` answers from the disk, the editor's
/// server from unsaved buffers first, the tests from memory. Paths are relative to the root, with `/`.
pub trait Reader {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, ReadError>;
    /// The names of the files and folders directly in a folder, sorted.
    fn list(&mut self, folder: &str) -> Result<Vec<String>, ReadError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_as_they_stand() {
        for length in [0, 1, STRIDE - 1, STRIDE, STRIDE + 1, 3 * STRIDE] {
            let text: String = "aä𝄞\n".chars().cycle().take(length).collect();
            let file = SourceFile::new("a", Place::Project, text.as_str());
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let from =
                    (0..=at / 2).rev().find(|&from| text.is_char_boundary(from)).unwrap_or(0);
                let head = &text[from..at];
                let found = file.letters(from as u32..at as u32);
                let all = head.chars().count() as u32;
                let wide = head.encode_utf16().count() as u32 - all;
                assert_eq!(found, Letters { all, wide }, "{at} of {length}");
            }
        }
    }

    /// Counted from the line's beginning each time, this takes minutes.
    #[test]
    fn a_line_may_be_as_long_as_the_file() {
        let file = SourceFile::new("a", Place::Project, "ä".repeat(500_000));
        for at in 0..500_000 {
            assert_eq!(file.position(2 * at).column, at + 1);
        }
    }
}
