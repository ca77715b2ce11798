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
    concealed: OnceLock<Concealed>,
}

impl SourceFile {
    pub fn new(name: impl Into<String>, place: Place, text: impl Into<Arc<str>>) -> Self {
        let (name, text) = (name.into(), text.into());
        SourceFile { name, place, text, lines: OnceLock::new(), concealed: OnceLock::new() }
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
        let start = self.lines()[line as usize] as usize;
        let head = self.text.get(start..offset as usize).unwrap_or("");
        Position { line: line + 1, column: head.chars().count() as u32 + 1 }
    }

    /// The text of one line (from 0), without its end.
    pub fn line_text(&self, line: usize) -> &str {
        let start = self.lines()[line] as usize;
        let end = self.lines().get(line + 1).map_or(self.text.len(), |&next| next as usize);
        self.text[start..end].trim_end_matches(['\n', '\r'])
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
