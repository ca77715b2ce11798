//! A manifest's JSON from rows that come in any order and from several threads: each is held as the line that it
//! will be.

use super::{FORMAT, Hash, Row, Sum};
use crate::threads;
use crate::tree::{Delivery, Gone, OutFile};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Some rows of a manifest.
#[derive(Default)]
pub struct Rows<'p> {
    rows: Vec<(&'p str, Line<'p>)>,
    text: Vec<u8>,
}

enum Line<'p> {
    /// As it stands in the text.
    Written(Range<usize>),
    /// Of a file that somebody holds anyway: all but its hash can be asked of it again.
    Held(Hash, &'p OutFile),
}

/// Of bytes that come in pieces: what they are, and how many.
#[derive(Default)]
pub struct Summing {
    hash: Sha256,
    size: usize,
}

impl Summing {
    pub fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.size += bytes.len();
    }

    pub fn size(&self) -> usize {
        self.size
    }

    pub fn done(self) -> (Hash, u64) {
        (Hash(self.hash.finalize().into()), self.size as u64)
    }
}

impl<'p> Rows<'p> {
    pub fn add(&mut self, path: &'p str, row: &Row) {
        let start = self.text.len();
        let sum = Sum { path, sha256: row.sha256, size: row.size, mode: row.mode };
        write(&mut self.text, &sum, row.delivery.as_ref(), &row.declarations);
        self.rows.push((path, Line::Written(start..self.text.len())));
    }

    /// Of a file that goes when this is done.
    pub fn add_made(&mut self, path: &'p str, file: &OutFile) {
        self.add_summed(path, (Hash::of(&file.bytes), file.bytes.len() as u64), file);
    }

    /// The same of a file whose bytes went already.
    pub fn add_summed(&mut self, path: &'p str, (sha256, size): (Hash, u64), file: &OutFile) {
        let start = self.text.len();
        let sum = Sum { path, sha256, size, mode: file.mode };
        write(&mut self.text, &sum, file.delivery.as_ref(), &file.declarations);
        self.rows.push((path, Line::Written(start..self.text.len())));
    }

    pub fn add_held(&mut self, path: &'p str, file: &'p OutFile) {
        self.rows.push((path, Line::Held(Hash::of(&file.bytes), file)));
    }
}

fn write_file(json: &mut Vec<u8>, path: &str, sha256: Hash, file: &OutFile) {
    let sum = Sum { path, sha256, size: file.bytes.len() as u64, mode: file.mode };
    write(json, &sum, file.delivery.as_ref(), &file.declarations);
}

fn write(json: &mut Vec<u8>, sum: &Sum, delivery: Option<&Delivery>, declarations: &[Arc<str>]) {
    field(json, "{\"path\": ", sum.path);
    field(json, ", \"sha256\": ", &sum.sha256.to_string());
    json.extend_from_slice(b", \"size\": ");
    json.extend_from_slice(sum.size.to_string().as_bytes());
    field(json, ", \"mode\": ", sum.mode.word());
    if let Some(delivery) = delivery {
        field(json, ", \"tool\": ", delivery.tool.word());
        field(json, ", \"node\": ", &delivery.node);
        if let Some(side) = delivery.side {
            field(json, ", \"side\": ", side.word());
        }
        field(json, ", \"destination\": ", &delivery.destination);
        if let Some(owner) = &delivery.owner {
            field(json, ", \"owner\": ", owner);
        }
        if let Some(group) = &delivery.group {
            field(json, ", \"group\": ", group);
        }
        field(json, ", \"delivered_mode\": ", &format!("{:04o}", delivery.mode));
    }
    let mut before = ", \"declarations\": [";
    for declaration in declarations {
        field(json, before, declaration);
        before = ", ";
    }
    json.extend_from_slice(if declarations.is_empty() { b"}" } else { b"]}" });
}

/// So many rows are one piece of work.
const PIECE: usize = 2048;

/// What a row takes, in bytes, as a rule.
const ROW: usize = 360;

/// A whole manifest: all rows in order of path, one a line. It is given in parts that stand one behind the other, some at
/// a time: as a whole it would be as much as half of the files that are told of.
pub fn give<'r>(
    all: impl IntoIterator<Item = &'r Rows<'r>>,
    gone: &BTreeSet<Gone>,
    threads: usize,
    mut to: impl FnMut(Vec<Vec<u8>>),
) {
    let of = |some: &'r Rows<'r>| some.rows.iter().map(move |(path, line)| (*path, line, some));
    let mut rows: Vec<(&str, &Line, &Rows)> = all.into_iter().flat_map(of).collect();
    rows.sort_unstable_by_key(|(path, ..)| *path);
    // A file that is compared and then written is told of twice, alike.
    rows.dedup_by_key(|(path, ..)| *path);
    to(vec![format!("{{\n\"format\": {FORMAT},\n\"files\": [").into_bytes()]);
    let pieces: Vec<(usize, &[_])> = rows.chunks(PIECE).enumerate().collect();
    for some in pieces.chunks(threads.max(1)) {
        to(threads::each(some, threads, |(nth, rows)| piece(*nth == 0, rows)));
    }
    to(vec![end(gone)]);
}

fn piece(is_first: bool, rows: &[(&str, &Line, &Rows)]) -> Vec<u8> {
    let mut json = Vec::with_capacity(ROW * rows.len());
    for (at, (path, line, of)) in rows.iter().enumerate() {
        json.extend_from_slice(if is_first && at == 0 { b"\n" } else { b",\n" });
        match line {
            Line::Written(at) => json.extend_from_slice(&of.text[at.clone()]),
            Line::Held(sha256, file) => write_file(&mut json, path, *sha256, file),
        }
    }
    json
}

fn end(gone: &BTreeSet<Gone>) -> Vec<u8> {
    let mut json = b"\n]".to_vec();
    for (at, gone) in gone.iter().enumerate() {
        json.extend_from_slice(if at == 0 { b",\n\"gone\": [\n" } else { b",\n" });
        field(&mut json, "{\"node\": ", &gone.node);
        if let Some(side) = gone.side {
            field(&mut json, ", \"side\": ", side.word());
        }
        field(&mut json, ", \"destination\": ", &gone.destination);
        json.push(b'}');
    }
    json.extend_from_slice(if gone.is_empty() { b"\n}\n" } else { b"\n]\n}\n" });
    json
}

fn field(json: &mut Vec<u8>, before: &str, text: &str) {
    json.extend_from_slice(before.as_bytes());
    if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
        return;
    }
    serde_json::to_writer(json, text).expect("a text always fits into memory as JSON");
}

#[cfg(test)]
mod tests {
    use super::super::Manifest;
    use super::*;

    #[test]
    fn rows_of_any_order_are_one_manifest() {
        let file = |text: &str| OutFile::new(text);
        let held = file("a/b");
        let (mut some, mut others) = (Rows::default(), Rows::default());
        some.add_made("z", &file("z"));
        some.add_held("a/b", &held);
        others.add_made("a/b", &held);
        others.add("a.b", &Row::of(&file("a.b")));
        let files = ["a.b", "a/b", "z"].map(|path| (path.into(), Row::of(&file(path))));
        let manifest = Manifest { files: files.into(), gone: BTreeSet::new() };
        let mut bytes = Vec::new();
        give([&some, &others], &manifest.gone, 2, |parts| bytes.extend(parts.concat()));
        assert_eq!(bytes, manifest.to_json());
        assert_eq!(Manifest::from_json(&bytes), Ok(manifest));
    }
}
