//! What a build emits, before it touches a disk: relative paths, bytes, and who delivers them.
//! A path that some machine could not hold, or would take for another, never gets in here.

mod paths;
mod refused;

pub use paths::check_path;
pub use refused::{Refused, Why};

use crate::origin::Origin;
use paths::{fold, plain};
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::collections::BTreeSet;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};

/// The manifest's place in the tree; nothing else may have it.
pub const MANIFEST: &str = "manifest.json";

/// What most file systems hold in one name, in bytes.
pub const LONGEST_NAME: usize = 255;
/// A path's most bytes below `out/`: it leaves room for the folders above it.
pub const LONGEST_PATH: usize = 1024;

/// The declarations that made a file: `service gitea.app.port.web, services/gitea.colab`. Many
/// files share one list.
pub type Declarations = Arc<[Arc<str>]>;

/// One emitted file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutFile {
    pub bytes: Vec<u8>,
    pub mode: Mode,
    /// For each line, where it came from; nothing for what every such file says.
    pub lines: Vec<Origin>,
    /// The things that it was made from.
    pub made_from: Vec<Origin>,
    pub delivery: Option<Delivery>,
    pub declarations: Declarations,
}

impl OutFile {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        OutFile {
            bytes: bytes.into(),
            mode: Mode::Plain,
            lines: Vec::new(),
            made_from: Vec::new(),
            delivery: None,
            declarations: Arc::default(),
        }
    }
}

/// How a file lies below `out/`. What it has on its node is the delivery's to say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Mode {
    #[default]
    Plain,
    /// Somebody runs it.
    Program,
    /// Only its owner reads it.
    Private,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Plain, Mode::Program, Mode::Private];

    pub const fn bits(self) -> u32 {
        match self {
            Mode::Plain => 0o644,
            Mode::Program => 0o755,
            Mode::Private => 0o600,
        }
    }

    /// As the manifest spells it.
    pub const fn word(self) -> &'static str {
        match self {
            Mode::Plain => "0644",
            Mode::Program => "0755",
            Mode::Private => "0600",
        }
    }

    pub fn from_word(word: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.word() == word)
    }
}

/// Who brings a file where.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Delivery {
    pub tool: Tool,
    pub node: Arc<str>,
    /// Which world of a node that has two.
    pub side: Option<Side>,
    /// The file's path on the node, in that node's own spelling.
    pub destination: String,
    pub owner: Option<String>,
    pub group: Option<String>,
    /// As on the node: four octal digits in the manifest.
    pub mode: u32,
}

/// The tool that owns a file's destination.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tool {
    Chezmoi,
    Ansible,
    Compose,
    /// Used where it lies, in the repository.
    Repo,
    /// Read by people or programs; nobody delivers it.
    Nobody,
}

impl Tool {
    pub const ALL: [Tool; 5] =
        [Tool::Chezmoi, Tool::Ansible, Tool::Compose, Tool::Repo, Tool::Nobody];

    pub const fn word(self) -> &'static str {
        match self {
            Tool::Chezmoi => "chezmoi",
            Tool::Ansible => "ansible",
            Tool::Compose => "compose",
            Tool::Repo => "repo",
            Tool::Nobody => "none",
        }
    }

    pub fn from_word(word: &str) -> Option<Tool> {
        Tool::ALL.into_iter().find(|tool| tool.word() == word)
    }
}

/// The two worlds of a Windows node with WSL.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Side {
    Wsl,
    Windows,
}

impl Side {
    pub const fn word(self) -> &'static str {
        match self {
            Side::Wsl => "wsl",
            Side::Windows => "windows",
        }
    }

    pub fn from_word(word: &str) -> Option<Side> {
        [Side::Wsl, Side::Windows].into_iter().find(|side| side.word() == word)
    }
}

/// What an earlier build brought to a node and this one does not: it is taken away there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Gone {
    pub node: Arc<str>,
    pub side: Option<Side>,
    pub destination: Arc<str>,
}

/// A path that every machine can hold, as far as it can be told from the path alone.
#[derive(Debug)]
pub struct Checked {
    path: Arc<str>,
    /// Of the folded path: two paths that would be one have the same.
    key: u64,
    /// The folder that it lies in, by its length, and that one's key.
    folder: Option<(u32, u64)>,
}

impl Checked {
    pub fn of(path: Arc<str>) -> Result<Checked, Refused> {
        // Nearly every path ends here.
        if plain(&path) {
            let folder = folder(&path).map(|folder| (folder.len() as u32, key(folder)));
            return Ok(Checked { key: key(&path), path, folder });
        }
        let refuse = |why| Refused { path: path.to_string(), why };
        check_path(&path).map_err(refuse)?;
        let folded = fold(&path);
        if folded == MANIFEST || folded.starts_with("manifest.json/") {
            return Err(refuse(Why::Manifest));
        }
        let above = folder(&path).map(|folder| (folder.len() as u32, key(&fold(folder))));
        Ok(Checked { key: key(&folded), path, folder: above })
    }
}

/// All files of a build.
#[derive(Default, Debug)]
pub struct OutTree {
    files: Vec<(Arc<str>, Box<OutFile>)>,
    /// Their numbers in order of path, by bytes, as soon as somebody asks for that.
    order: OnceLock<Vec<u32>>,
    pub gone: BTreeSet<Gone>,
    /// Every file and folder under the key of its folded path. Where that belongs to another path, the next one is taken.
    seen: FxHashMap<u64, Seen>,
    /// The folder of the last file, by its length.
    last: Option<u32>,
}

/// Who has a name, and as what.
#[derive(Clone, Copy, Debug)]
enum Seen {
    /// By its number.
    File(u32),
    /// A file that lies in it, by its number, and how many of the bytes of that path are the folder's.
    Folder(u32, u32),
}

impl OutTree {
    pub fn insert(&mut self, path: &str, file: impl Into<Box<OutFile>>) -> Result<(), Refused> {
        let checked = Checked::of(path.into())?;
        self.insert_checked(checked, file.into()).map(drop).map_err(|(refused, _)| refused)
    }

    /// The same for a path that was looked at before, perhaps by another thread: the file's number, or why it stays out.
    pub fn insert_checked(
        &mut self,
        path: Checked,
        file: Box<OutFile>,
    ) -> Result<u32, (Refused, Box<OutFile>)> {
        let Checked { path: shared, key, folder } = path;
        let path = &*shared;
        let folder = folder.map(|(len, key)| (&path[..len as usize], key));
        let met = self.seen_as(path, key).map(|seen| match seen {
            Seen::File(other) if **self.path(other) == *path => Why::Taken,
            Seen::File(other) => Why::Twin(self.path(other).to_string()),
            Seen::Folder(other, _) => Why::FileAndFolder(self.path(other).to_string()),
        });
        let number = self.files.len() as u32;
        // The next file is often in the folder of the last.
        let is_in_last = |folder: &str| {
            let (path, of_last) = (&self.files.last()?.0, self.last?);
            (&path[..of_last as usize] == folder).then_some(())
        };
        let above = match (met, folder) {
            (Some(why), _) => Err(why),
            (None, None) => Ok(Vec::new()),
            (None, Some((folder, _))) if is_in_last(folder).is_some() => Ok(Vec::new()),
            (None, Some((folder, key))) => self.new_ancestors(folder, key),
        };
        match above {
            Err(why) => return Err((Refused { path: path.to_owned(), why }, file)),
            Ok(above) => {
                for (key, len) in above {
                    self.keep(key, Seen::Folder(number, len));
                }
            }
        }
        self.keep(key, Seen::File(number));
        self.last = folder.map(|(folder, _)| folder.len() as u32);
        self.files.push((shared, file));
        self.order = OnceLock::new();
        Ok(number)
    }

    /// Before so many files are inserted.
    pub fn reserve(&mut self, files: usize) {
        self.files.reserve(files);
        self.seen.reserve(files);
    }

    /// Where each line came from is not asked any more.
    pub fn forget_lines(&mut self) {
        for (_, file) in &mut self.files {
            file.lines = Vec::new();
        }
    }

    fn path(&self, number: u32) -> &Arc<str> {
        &self.files[number as usize].0
    }

    /// Who has that path, or one that would be the same.
    fn seen_as(&self, path: &str, mut key: u64) -> Option<Seen> {
        loop {
            let seen = *self.seen.get(&key)?;
            let spelling = match seen {
                Seen::File(number) => self.path(number),
                Seen::Folder(number, len) => &self.path(number)[..len as usize],
            };
            if spelling == path || fold(spelling) == fold(path) {
                return Some(seen);
            }
            key = key.wrapping_add(1);
        }
    }

    fn keep(&mut self, mut key: u64, seen: Seen) {
        loop {
            match self.seen.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(seen);
                    return;
                }
                Entry::Occupied(_) => key = key.wrapping_add(1),
            }
        }
    }

    fn order(&self) -> &[u32] {
        self.order.get_or_init(|| {
            let mut order: Vec<u32> = (0..self.files.len() as u32).collect();
            order.sort_by(|&a, &b| self.path(a).cmp(self.path(b)));
            order
        })
    }

    /// The files whose paths begin with a folder's, `/` included, in order of path.
    pub fn below<'t>(
        &'t self,
        folder: &'t str,
    ) -> impl Iterator<Item = (&'t Arc<str>, &'t OutFile)> {
        let order = self.order();
        let from = order.partition_point(|&number| **self.path(number) < *folder);
        let files = order[from..].iter().map(|&number| self.at(number));
        files.take_while(move |(path, _)| path.starts_with(folder))
    }

    /// A file by the number that it got.
    pub fn at(&self, number: u32) -> (&Arc<str>, &OutFile) {
        let (path, file) = &self.files[number as usize];
        (path, file)
    }

    /// A folder, and those above it, that no file before had, innermost first: their keys, and their lengths.
    fn new_ancestors(&self, folder: &str, key_of_it: u64) -> Result<Vec<(u64, u32)>, Why> {
        let mut new = Vec::new();
        let mut next = Some((folder, key_of_it));
        while let Some((folder, key)) = next {
            match self.seen_as(folder, key) {
                None => new.push((key, folder.len() as u32)),
                // Whoever made it known made its ancestors known too.
                Some(Seen::Folder(other, len)) if self.path(other)[..len as usize] == *folder => {
                    break;
                }
                Some(Seen::Folder(other, _)) => {
                    return Err(Why::Twin(self.path(other).to_string()));
                }
                Some(Seen::File(other)) => {
                    return Err(Why::FileAndFolder(self.path(other).to_string()));
                }
            }
            next = self::folder(folder).map(|above| (above, self::key(&fold(above))));
        }
        Ok(new)
    }

    pub fn get(&self, path: &str) -> Option<&OutFile> {
        let Some(Seen::File(number)) = self.seen_as(path, key(&fold(path))) else { return None };
        let (own, file) = self.at(number);
        (**own == *path).then_some(file)
    }

    /// In order of path, by bytes.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &OutFile)> {
        self.order().iter().map(|&number| self.at(number))
    }

    /// As they came: for whoever puts them into an order of his own.
    pub fn each(&self) -> impl Iterator<Item = (&Arc<str>, &OutFile)> {
        self.files.iter().map(|(path, file)| (path, &**file))
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

fn folder(path: &str) -> Option<&str> {
    let slash = path.bytes().rposition(|b| b == b'/')?;
    Some(&path[..slash])
}

fn key(folded: &str) -> u64 {
    FxBuildHasher.hash_one(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(paths: &[&str]) -> Result<OutTree, Refused> {
        let mut tree = OutTree::default();
        paths.iter().try_for_each(|path| tree.insert(path, OutFile::new("x")))?;
        Ok(tree)
    }

    #[test]
    fn keeps_what_every_machine_can_hold() {
        let paths = ["b/c.yml", "a", "b/a", "systemd/x/a@b-c.service", "docs/über uns.md", "b.c/d"];
        let tree = tree(&paths).expect("all of them are fine");
        let in_order: Vec<_> = tree.iter().map(|(path, _)| path.to_string()).collect();
        let mut sorted = in_order.clone();
        sorted.sort();
        assert_eq!(in_order, sorted);
        assert_eq!(tree.len(), paths.len());
    }

    #[test]
    fn refuses_paths_that_lead_out_or_mean_something_else() {
        let long_name = "x".repeat(256);
        let long_path = "abcdefg/".repeat(129) + "x";
        let cases: &[(&str, Why)] = &[
            ("", Why::Empty),
            ("/etc/passwd", Why::Absolute),
            ("\\\\server\\share", Why::Absolute),
            ("C:/x", Why::Absolute),
            ("z:", Why::Absolute),
            ("..", Why::Climbs),
            ("a/../b", Why::Climbs),
            ("./a", Why::Climbs),
            ("a//b", Why::EmptyName),
            ("a/", Why::EmptyName),
            ("a\\b", Why::Special('\\')),
            ("a/b:stream", Why::Special(':')),
            ("a*", Why::Special('*')),
            ("a\0b", Why::Control('\0')),
            ("a\nb", Why::Control('\n')),
            ("a\u{85}", Why::Control('\u{85}')),
            ("e\u{301}", Why::Unseen('\u{301}')),
            (".g\u{200C}it/config", Why::Unseen('\u{200C}')),
            ("\u{202E}txt", Why::Unseen('\u{202E}')),
            ("CON", Why::Reserved("CON".into())),
            ("a/nul.txt", Why::Reserved("nul.txt".into())),
            ("com1.log", Why::Reserved("com1.log".into())),
            ("LPT³", Why::Reserved("LPT³".into())),
            ("con .txt", Why::Reserved("con .txt".into())),
            (".GIT/hooks/x", Why::Reserved(".GIT".into())),
            ("a.", Why::TrimmedEnd),
            ("a /b", Why::TrimmedEnd),
            (&long_name, Why::NameTooLong),
            (&long_path, Why::PathTooLong),
            ("Manifest.JSON", Why::Manifest),
            ("manifest.json/x", Why::Manifest),
        ];
        for (path, why) in cases {
            let refused = tree(&[path]).err().map(|refused| refused.why);
            assert_eq!(refused.as_ref(), Some(why), "{path:?}");
        }
        for fine in ["console", "com", "com10", "nulls/x", "..a", "...b", "a..b", ".gitea"] {
            assert!(tree(&[fine]).is_ok(), "{fine}");
        }
    }

    #[test]
    fn what_is_plain_would_be_kept_without_being_plain() {
        let names = [
            "",
            ".",
            "a",
            "con",
            "conf",
            "con.x",
            "com1",
            "nul",
            "a.",
            ".git",
            ".gitea",
            "a-b_c.d",
            "A",
            "a b",
            "git~1",
            "manifest.json",
            "manifest.jsonx",
            "lpt9.x",
            "\u{e4}",
            "prn",
            "aux.yml",
            "x".repeat(256).leak(),
        ];
        let paths = names.iter().flat_map(|a| names.map(|b| format!("{a}/{b}")));
        for path in paths.chain(names.map(str::to_owned)) {
            let kept = check_path(&path).is_ok() && fold(&path) == *path;
            assert!(!plain(&path) || kept && !path.starts_with(MANIFEST), "{path:?}");
        }
        assert!(plain("compose/node-7/gitea.yml") && plain("chezmoi/dot_config/private_x.tmpl"));
    }

    #[test]
    fn a_refusal_never_carries_a_control_character() {
        let refused = tree(&["a\u{1b}[31m\u{202e}b"]).expect_err("it is refused");
        assert!(
            !refused.to_string().chars().any(|letter| letter.is_control() || letter == '\u{202e}')
        );
    }

    #[test]
    fn refuses_what_only_some_machines_tell_apart() {
        let why = |paths: &[&str]| tree(paths).err().map(|refused| refused.why);
        assert_eq!(why(&["a/Caddyfile", "a/caddyfile"]), Some(Why::Twin("a/Caddyfile".into())));
        assert_eq!(why(&["A/x", "a/y"]), Some(Why::Twin("A/x".into())));
        assert_eq!(why(&["b/A/c/x", "b/a/d/y"]), Some(Why::Twin("b/A/c/x".into())));
        assert_eq!(why(&["Ärger", "ärger"]), Some(Why::Twin("Ärger".into())));
        assert_eq!(why(&["straße", "STRASSE"]), Some(Why::Twin("straße".into())));
        assert_eq!(why(&["\u{212B}", "\u{E5}"]), Some(Why::Twin("\u{212B}".into())));
        assert_eq!(why(&["a", "a"]), Some(Why::Taken));
        assert_eq!(why(&["a", "a/b"]), Some(Why::FileAndFolder("a".into())));
        assert_eq!(why(&["a/b/c", "a"]), Some(Why::FileAndFolder("a/b/c".into())));
        assert_eq!(why(&["a/b/c", "A/B"]), Some(Why::FileAndFolder("a/b/c".into())));
        assert_eq!(why(&["a/b", "a/c", "ab", "a.b"]), None);
    }

    #[test]
    fn paths_of_one_key_are_told_apart() {
        let mut tree = OutTree::default();
        let mut put = |path: &str| {
            let checked = Checked { key: 7, ..Checked::of(path.into()).expect("it is fine") };
            tree.insert_checked(checked, OutFile::new("").into())
                .map_err(|(refused, _)| refused.why)
        };
        assert_eq!([put("a/b"), put("c"), put("d")], [Ok(0), Ok(1), Ok(2)]);
        assert_eq!(put("c"), Err(Why::Taken));
        assert_eq!(put("D"), Err(Why::Twin("d".into())));
        assert_eq!(put("e"), Ok(3));
    }

    #[test]
    fn a_refused_file_leaves_the_tree_as_it_was() {
        let mut tree = tree(&["a/b"]).expect("fine");
        assert!(tree.insert("x/Y/../z", OutFile::new("")).is_err());
        assert!(tree.insert("A/c", OutFile::new("")).is_err());
        assert!(tree.insert("x/y/z", OutFile::new("")).is_ok());
        assert_eq!(tree.len(), 2);
    }
}
