//! Places as the protocol says them: lines from 0, columns in the units that the editor chose; and
//! files as URIs.

use colabc::source::{SourceFile, Sources, Span};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// In what an editor counts columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Encoding {
    /// The first that the editor offers and that costs us nothing, else the protocol's own.
    pub fn chosen(params: &Value) -> Encoding {
        let offered = &params["capabilities"]["general"]["positionEncodings"];
        let offers =
            |word: &str| offered.as_array().is_some_and(|all| all.iter().any(|w| w == word));
        if offers("utf-8") {
            Encoding::Utf8
        } else if offers("utf-32") && !offers("utf-16") {
            Encoding::Utf32
        } else {
            Encoding::Utf16
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
            Encoding::Utf32 => "utf-32",
        }
    }

    /// The byte of a column in a line; beyond its end, the end. Of the end itself there is no middle; a `\r` by itself is
    /// a letter.
    pub fn byte(self, line: &str, column: usize) -> usize {
        let whole = line.strip_suffix('\n');
        let line = whole.map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        let mut seen = 0;
        for (at, letter) in line.char_indices() {
            if seen >= column {
                return at;
            }
            seen += match self {
                Encoding::Utf8 => letter.len_utf8(),
                Encoding::Utf16 => letter.len_utf16(),
                Encoding::Utf32 => 1,
            };
        }
        line.len()
    }

    pub fn position(self, file: &SourceFile, offset: u32) -> Value {
        let offset = offset.min(file.text.len() as u32);
        let (line, column) = file.line_col(offset);
        let before = file.letters(offset - column..offset);
        let character = match self {
            Encoding::Utf8 => column,
            Encoding::Utf16 => before.all + before.wide,
            Encoding::Utf32 => before.all,
        };
        json!({ "line": line, "character": character })
    }

    pub fn range(self, sources: &Sources, span: Span) -> Value {
        let file = sources.file(span.file);
        json!({ "start": self.position(file, span.start), "end": self.position(file, span.end) })
    }

    /// The byte offset of a position in a text.
    pub fn offset(self, text: &str, position: &Value) -> usize {
        let line = position["line"].as_u64().unwrap_or(0) as usize;
        let column = position["character"].as_u64().unwrap_or(0) as usize;
        let mut start = 0;
        for _ in 0..line {
            match text[start..].find('\n') {
                Some(at) => start += at + 1,
                None => return text.len(),
            }
        }
        let rest = &text[start..];
        let line = rest.find('\n').map_or(rest, |end| &rest[..=end]);
        start + self.byte(line, column)
    }
}

/// `file:///...` of a path.
pub fn uri_of(path: &Path) -> String {
    if is_unsaved(path) && path.ends_with(UNSAVED_FILE) {
        return path.parent().unwrap_or(path).to_string_lossy().into_owned();
    }
    let mut out = String::from("file://");
    let text = path.to_string_lossy().replace('\\', "/");
    if !text.starts_with('/') {
        out.push('/');
    }
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte as char)
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// A text that was never saved has a folder of its own, in which nothing else lies.
const UNSAVED: &str = "untitled:";
const UNSAVED_FILE: &str = "unsaved.colab";

/// Whether the path is that of a text which was never saved.
pub fn is_unsaved(path: &Path) -> bool {
    path.to_str().is_some_and(|path| path.starts_with(UNSAVED))
}

/// The path of a `file:` URI, or of an `untitled:` one.
pub fn path_of(uri: &str) -> Option<PathBuf> {
    if uri.starts_with(UNSAVED) {
        return Some(Path::new(uri).join(UNSAVED_FILE));
    }
    let rest = uri.strip_prefix("file://")?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let bytes = rest.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| rest.get(at + 1..at + 3)).flatten();
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).ok().map(PathBuf::from)
}

/// Links and `/./` resolved, as far as there is something; what is not there yet keeps its name.
pub fn real(path: PathBuf) -> PathBuf {
    let folders = path.ancestors().take_while(|_| path.is_absolute());
    let there = folders.into_iter().find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
    match there {
        Some((folder, real)) if folder == path => real,
        Some((folder, real)) => real.join(path.strip_prefix(folder).unwrap_or(&path)),
        None => path,
    }
}

/// A path from a root on, with `/`.
pub fn below(root: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(root).ok()?;
    let names: Vec<String> =
        below.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
    Some(names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_before_its_end() {
        let offset = |text: &str, character: u64| {
            Encoding::Utf16.offset(text, &json!({ "line": 0, "character": character }))
        };
        assert_eq!(offset("ab\nc", 9), 2);
        assert_eq!(offset("ab\r\nc", 3), 2);
        assert_eq!(offset("ab\r\r\nc", 4), 3);
        assert_eq!(offset("ab\r", 3), 3);
        assert_eq!(offset("a\rb\nc", 2), 2);
    }
}
