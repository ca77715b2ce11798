//! One project that an editor has open, and what is known of it.

use super::places::below;
use super::work::{Changed, Key};
use crate::cli::disk::ROOT_FILE;
use colabc::Compilation;
use colabc::ide::emitted::Emitted;
use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// More files than these, and deeper folders, are not looked at for a list of names.
const MOST_FILES: usize = 1000;
const DEEPEST: usize = 6;

pub struct Project {
    pub key: Key,
    /// Its folder, as the editor calls it.
    pub named: PathBuf,
    /// It is there as long as one of its files is open; else as long as its folder is.
    pub adopted: bool,
    /// The sources that lie in its folder.
    pub beside: Arc<[String]>,
    /// The revision of its last change.
    pub changed: Changed,
    /// The newest that was found out, and of which revision.
    pub compilation: Option<Box<Compilation>>,
    pub checked: u64,
    /// The revision of the last run that emitted as well.
    pub built: u64,
    /// The files that its sources read, as far as they are none themselves.
    pub read: BTreeSet<String>,
    /// What it emitted; nothing where there are errors.
    pub emitted: Emitted,
}

impl Project {
    pub fn root(&self) -> &Path {
        &self.key.root
    }

    /// Whether a file is one of its sources, as far as it is known.
    pub fn holds(&self, path: &Path) -> bool {
        let Some(name) = below(self.root(), path) else { return false };
        let known = self.compilation.as_ref().is_some_and(|c| c.sources.by_name(&name).is_some());
        self.key.file == ROOT_FILE || self.key.file == name || known
    }

    /// Whether what is known is of the texts as they are.
    pub fn is_current(&self, built: bool) -> bool {
        let known = if built { self.built } else { self.checked };
        known >= self.changed.get() && self.changed.get() > 0
    }
}

/// The files of a project's folder that are no sources, by their paths there: what nobody keeps there by hand is
/// left out.
pub fn others(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = VecDeque::from([(PathBuf::new(), 0)]);
    while let Some((folder, depth)) = folders.pop_front() {
        for entry in fs::read_dir(root.join(&folder)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let kept = !name.starts_with('.') && !name.ends_with(".colab");
            let made = depth == 0 && matches!(name.as_str(), "out" | "target" | "node_modules");
            let Ok(kind) = entry.file_type() else { continue };
            if !kept || made || found.len() == MOST_FILES {
                continue;
            }
            let path = folder.join(name);
            if kind.is_dir() && depth < DEEPEST {
                folders.push_back((path, depth + 1));
            } else if kind.is_file() {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}
