//! The list of what a build owns below `out/`, and its JSON. Reads a broken or hostile manifest
//! without harm; knows no disk.

mod lines;
mod rows;

use crate::tree::{Declarations, Delivery, Gone, MANIFEST, Mode, OutFile, Side, Tool, check_path};
use lines::Raw;
pub use rows::{Rows, Summing, give};
use rustc_hash::FxHashMap;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The version of the manifest's JSON.
pub const FORMAT: u64 = 1;

/// SHA-256 of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    pub fn of(bytes: &[u8]) -> Self {
        Hash(Sha256::digest(bytes).into())
    }

    fn from_hex(text: &str) -> Option<Hash> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Hash(hash))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).expect("digits are ASCII"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What the manifest says of one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    pub sha256: Hash,
    pub size: u64,
    pub mode: Mode,
    pub delivery: Option<Delivery>,
    pub declarations: Declarations,
}

impl Row {
    pub fn of(file: &OutFile) -> Self {
        Row {
            sha256: Hash::of(&file.bytes),
            size: file.bytes.len() as u64,
            mode: file.mode,
            delivery: file.delivery.clone(),
            declarations: file.declarations.clone(),
        }
    }
}

/// What the manifest says of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sum<'t> {
    pub path: &'t str,
    pub sha256: Hash,
    pub size: u64,
    pub mode: Mode,
}

impl<'t> Sum<'t> {
    fn of(row: &Raw<'t>) -> Option<Sum<'t>> {
        Some(Sum {
            path: row.path?,
            sha256: Hash::from_hex(row.sha256?)?,
            size: row.size?,
            mode: Mode::from_word(row.mode?)?,
        })
    }
}

/// Every file that a build owns.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Manifest {
    pub files: BTreeMap<Arc<str>, Row>,
    /// What earlier builds brought to nodes and this one does not: a node may have missed some of them.
    pub gone: BTreeSet<Gone>,
}

/// Why a manifest cannot be believed; for a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable(pub String);

impl Manifest {
    /// One row a line, so that a pull request shows which files changed.
    pub fn to_json(&self) -> Vec<u8> {
        let mut rows = Rows::default();
        self.files.iter().for_each(|(path, row)| rows.add(path, row));
        let mut json = Vec::new();
        give([&rows], &self.gone, 1, |parts| json.extend(parts.concat()));
        json
    }

    /// Whether it is a manifest of a later format than this program knows.
    pub fn is_newer(bytes: &[u8]) -> bool {
        let json: Option<Value> = serde_json::from_slice(bytes).ok();
        json.and_then(|json| json.get("format")?.as_u64()).is_some_and(|format| format > FORMAT)
    }

    /// Nothing in it is trusted: a path that could lead elsewhere spoils the whole.
    pub fn from_json(bytes: &[u8]) -> Result<Manifest, Unreadable> {
        if let Some(manifest) = Manifest::by_lines(bytes) {
            return Ok(manifest);
        }
        let json: Value =
            serde_json::from_slice(bytes).map_err(|error| Unreadable(error.to_string()))?;
        let format = json.get("format").and_then(Value::as_u64);
        if format != Some(FORMAT) {
            let found = format.map_or("none".to_owned(), |format| format.to_string());
            return Err(Unreadable(format!("expected format {FORMAT}, found {found}")));
        }
        let Value::Object(mut json) = json else { return Err(expected("an object")) };
        let Some(Value::Array(rows)) = json.remove("files") else {
            return Err(expected("a list of `files`"));
        };
        let mut files = BTreeMap::new();
        let mut shared = Shared::default();
        for row in &rows {
            let row = raw(row).map_err(expected)?;
            let (path, row) = believed(row, &mut shared)?;
            if let Some(_twice) = files.insert(path.clone(), row) {
                return Err(Unreadable(format!("`{path}` stands there twice")));
            }
        }
        let gone = match json.remove("gone") {
            None => BTreeSet::new(),
            Some(Value::Array(rows)) => rows.iter().map(read_gone).collect::<Result<_, _>>()?,
            Some(_) => return Err(expected("a list of what is `gone`")),
        };
        Ok(Manifest { files, gone })
    }

    /// What it says of each file's bytes, in order of path, without anything beside; nothing where it is not as it was
    /// written.
    pub fn sums(bytes: &[u8]) -> Option<Vec<Sum<'_>>> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (rows, _) = lines::rows(text, &before_rows())?;
        let sums: Option<Vec<Sum>> = rows.iter().map(Sum::of).collect();
        sums.filter(|sums| sums.is_sorted_by(|one, next| one.path < next.path))
    }

    /// As it was written, by its lines; nothing where anything is otherwise, however slight.
    fn by_lines(bytes: &[u8]) -> Option<Manifest> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (rows, rest) = lines::rows(text, &before_rows())?;
        let gone = match rest.strip_prefix("],\n") {
            Some(rest) => {
                let tail: Value = serde_json::from_str(&format!("{{\n{rest}")).ok()?;
                let rows = tail.as_object().filter(|tail| tail.len() == 1)?.get("gone")?;
                rows.as_array()?.iter().map(read_gone).collect::<Result<_, _>>().ok()?
            }
            None => (rest == "]\n}\n").then(BTreeSet::new)?,
        };
        let mut shared = Shared::default();
        let count = rows.len();
        let rows = rows.into_iter().map(|row| believed(row, &mut shared).ok());
        let files: BTreeMap<_, _> = rows.collect::<Option<Vec<_>>>()?.into_iter().collect();
        (files.len() == count).then_some(Manifest { files, gone })
    }
}

/// What stands before the first row of a manifest that has any.
fn before_rows() -> String {
    format!("{{\n\"format\": {FORMAT},\n\"files\": [\n")
}

/// The JSON Schema of `out/manifest.json`.
pub const SCHEMA: &str = include_str!("manifest-schema.json");

fn expected(what: &str) -> Unreadable {
    Unreadable(format!("expected {what}"))
}

fn read_gone(row: &Value) -> Result<Gone, Unreadable> {
    let (Some(node), Some(destination)) = (text(row, "node"), text(row, "destination")) else {
        return Err(expected("a `node` and a `destination` of all that is `gone`"));
    };
    let side = match text(row, "side") {
        None => None,
        Some(word) => match [Side::Wsl, Side::Windows].into_iter().find(|s| s.word() == word) {
            None => return Err(expected("a side of a node")),
            side => side,
        },
    };
    Ok(Gone { node: node.into(), side, destination: destination.into() })
}

/// Lists that many rows share are kept once.
type Shared<'t> = FxHashMap<Vec<&'t str>, Declarations>;

/// A row of JSON as it stands.
fn raw(row: &Value) -> Result<Raw<'_>, &'static str> {
    let text = |key| row.get(key).and_then(Value::as_str);
    // Something else than a text is not as if nothing stood there.
    let word = |key| row.get(key).map(|value| value.as_str().unwrap_or_default());
    let declarations = match row.get("declarations") {
        None => Some(Vec::new()),
        Some(list) => list.as_array().and_then(|list| list.iter().map(Value::as_str).collect()),
    };
    Ok(Raw {
        path: text("path"),
        sha256: text("sha256"),
        size: row.get("size").and_then(Value::as_u64),
        mode: text("mode"),
        tool: word("tool"),
        node: text("node"),
        side: word("side"),
        destination: text("destination"),
        owner: text("owner"),
        group: text("group"),
        delivered_mode: text("delivered_mode"),
        declarations: declarations.ok_or("texts as `declarations`")?,
    })
}

fn believed<'t>(row: Raw<'t>, shared: &mut Shared<'t>) -> Result<(Arc<str>, Row), Unreadable> {
    let path = row.path.ok_or_else(|| expected("a `path` in each row"))?;
    if check_path(path).is_err() || path == MANIFEST {
        return Err(Unreadable(format!("{path:?} is no path of a build's")));
    }
    let bad = |what: &str| Unreadable(format!("`{path}`: expected {what}"));
    let sha256 = row.sha256.and_then(Hash::from_hex);
    let mode = row.mode.and_then(Mode::from_word);
    let file = Row {
        sha256: sha256.ok_or_else(|| bad("a `sha256` of 64 hex digits"))?,
        size: row.size.ok_or_else(|| bad("a `size` in bytes"))?,
        mode: mode.ok_or_else(|| bad("a `mode` of 0644, 0755 or 0600"))?,
        delivery: delivery(&row).map_err(bad)?,
        declarations: declarations(row.declarations, shared),
    };
    Ok((path.into(), file))
}

fn delivery(row: &Raw) -> Result<Option<Delivery>, &'static str> {
    let Some(tool) = row.tool else { return Ok(None) };
    let tool = Tool::from_word(tool).ok_or("a `tool` that colabc knows")?;
    let side = match row.side {
        None => None,
        Some(word) => Some(Side::from_word(word).ok_or("a `side` of wsl or windows")?),
    };
    let mode = row.delivered_mode.and_then(|mode| u32::from_str_radix(mode, 8).ok());
    Ok(Some(Delivery {
        tool,
        node: row.node.ok_or("the name of a `node`")?.into(),
        side,
        destination: row.destination.ok_or("a `destination`")?.to_owned(),
        owner: row.owner.map(str::to_owned),
        group: row.group.map(str::to_owned),
        mode: mode.filter(|mode| *mode <= 0o7777).ok_or("a `delivered_mode` in octal digits")?,
    }))
}

fn declarations<'t>(texts: Vec<&'t str>, shared: &mut Shared<'t>) -> Declarations {
    if let Some(list) = shared.get(&texts) {
        return list.clone();
    }
    let list: Declarations = texts.iter().copied().map(Arc::from).collect();
    shared.insert(texts, list.clone());
    list
}

fn text<'a>(row: &'a Value, key: &str) -> Option<&'a str> {
    row.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Manifest {
        let mut plain = OutFile::new("hello\n");
        plain.declarations = [Arc::from("service gitea.app, services/gitea.colab")].into();
        let mut full = plain.clone();
        full.mode = Mode::Program;
        full.delivery = Some(Delivery {
            tool: Tool::Chezmoi,
            node: "projector".into(),
            side: Some(Side::Windows),
            destination: "C:\\x\"y\n".into(),
            owner: Some("crtr".into()),
            group: None,
            mode: 0o4750,
        });
        let bare = OutFile { mode: Mode::Private, ..OutFile::new("") };
        let rows = [("a/b", plain), ("a/ü\u{7f}'", full), ("z", bare)];
        Manifest {
            files: rows.iter().map(|(path, file)| ((*path).into(), Row::of(file))).collect(),
            gone: BTreeSet::new(),
        }
    }

    #[test]
    fn what_is_written_reads_back_equal() {
        let mut manifest = sample();
        manifest.files.remove("a/ü\u{7f}'");
        assert_eq!(Manifest::from_json(&manifest.to_json()), Ok(manifest));
        let mut full = sample();
        let row = full.files.remove("a/ü\u{7f}'").expect("it is there");
        full.files.insert("a/ü".into(), row);
        assert_eq!(Manifest::from_json(&full.to_json()), Ok(full.clone()));
        let json = String::from_utf8(full.to_json()).expect("JSON is UTF-8");
        assert_eq!(json.lines().count(), 3 + 3 + 2, "one row a line: {json}");
        assert!(json.contains("5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"));
        let empty = Manifest::default();
        assert_eq!(Manifest::from_json(&empty.to_json()), Ok(empty));
        let gone = |side| Gone { node: "projector".into(), side, destination: "~/a \"b\"".into() };
        full.gone = [gone(None), gone(Some(Side::Wsl))].into();
        assert_eq!(
            Manifest::by_lines(&full.to_json()),
            None,
            "its destination has an escape in it"
        );
        assert_eq!(Manifest::from_json(&full.to_json()), Ok(full.clone()));
        full.files.retain(|_, row| row.delivery.is_none());
        assert_eq!(Manifest::by_lines(&full.to_json()), Some(full));
    }

    #[test]
    fn a_manifest_says_the_same_however_it_is_spelled() {
        let mut manifest = sample();
        manifest.files.remove("a/ü\u{7f}'");
        let json = manifest.to_json();
        assert_eq!(Manifest::by_lines(&json), Some(manifest.clone()));
        let value: Value = serde_json::from_slice(&json).expect("it is JSON");
        for other in [value.to_string(), format!("{value:#}")] {
            assert_eq!(Manifest::by_lines(other.as_bytes()), None);
            assert_eq!(Manifest::from_json(other.as_bytes()), Ok(manifest.clone()));
        }
        let text = String::from_utf8(json).expect("JSON is UTF-8");
        for (from, to) in
            [("\"size\": 6", "\"size\": 06"), ("\"0644\"", "\"0777\""), ("a/b", "../b")]
        {
            let broken = text.replacen(from, to, 1);
            assert_ne!(broken, text);
            assert!(Manifest::from_json(broken.as_bytes()).is_err(), "{to}");
        }
        let row = text.lines().nth(3).expect("the first row").to_owned();
        let twice = text.replacen(&row, &format!("{row}\n{row}"), 1);
        assert!(Manifest::from_json(twice.as_bytes()).is_err());
    }

    #[test]
    fn a_hostile_manifest_is_only_an_error() {
        let row = |path: &str| {
            let hash = "0".repeat(64);
            format!(
                r#"{{"format":1,"files":[{{"path":{path:?},"sha256":"{hash}","size":1,"mode":"0644"}}]}}"#
            )
        };
        assert!(Manifest::from_json(row("a/b").as_bytes()).is_ok());
        for path in
            ["../x", "/etc/passwd", "a/../../b", "C:x", "a\\b", "", "manifest.json", ".git/x"]
        {
            assert!(Manifest::from_json(row(path).as_bytes()).is_err(), "{path}");
        }
        let deep = "[".repeat(1_000_000);
        let texts: &[&str] = &[
            "",
            "null",
            "[]",
            "{}",
            "{\"format\":2,\"files\":[]}",
            "{\"format\":1}",
            "{\"format\":1,\"files\":{}}",
            "{\"format\":1,\"files\":[1]}",
            "<<<<<<< HEAD\n",
            "{\"format\":1,\"files\":[{\"path\":\"a\"}]}",
            &deep,
            "{\"format\":1,\"files\":[{\"path\":\"a\",\"sha256\":\"zz\",\"size\":1,\"mode\":\"0644\"}]}",
        ];
        for text in texts {
            assert!(Manifest::from_json(text.as_bytes()).is_err(), "{:.40}", text);
        }
        assert!(Manifest::from_json(b"\xff\xfe\0").is_err());
        let json = sample().to_json();
        let cuts = (0..json.len() - 1).filter(|cut| Manifest::from_json(&json[..*cut]).is_ok());
        assert_eq!(cuts.count(), 0, "no beginning of a manifest passes for a whole one");
    }

    #[test]
    fn equal_lists_of_declarations_are_kept_once() {
        let file = OutFile { declarations: ["x".into()].into(), ..OutFile::new("") };
        let files = ["a", "b"].map(|path| (Arc::from(path), Row::of(&file))).into_iter().collect();
        let read = Manifest::from_json(&Manifest { files, ..Manifest::default() }.to_json())
            .expect("it is sound");
        assert!(Arc::ptr_eq(&read.files["a"].declarations, &read.files["b"].declarations));
    }
}
