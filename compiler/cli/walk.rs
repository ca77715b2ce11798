//! Which `.colab` files lie in a folder, whether anything imports them or not.

use super::disk::ROOT_FILE;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

/// Folders of the project's own that hold no sources.
const AT_THE_TOP: &[&str] = &["out", "target"];
const ANYWHERE: &[&str] = &["node_modules"];

/// What lies in a folder.
#[derive(Default)]
pub struct Found {
    /// The sources, relative to the folder and sorted.
    pub names: Vec<String>,
    /// Folders that could not be searched, and why.
    pub unread: Vec<(PathBuf, io::Error)>,
}

/// All sources below a folder. Hidden folders, `out/`, `target/` and folders with a `cluster.colab` of
/// their own, which are other projects, are left out; so are links.
pub fn sources(root: &Path) -> Found {
    let mut found = Found::default();
    folder(root, "", &mut found);
    found.names.sort();
    found
}

fn folder(path: &Path, prefix: &str, found: &mut Found) {
    let read = fs::read_dir(path).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
    // Only where the name stands, or nobody knows, a file is looked for.
    let may_be_root = |entries: &Vec<DirEntry>| entries.iter().any(|e| e.file_name() == ROOT_FILE);
    let other = !prefix.is_empty() && read.as_ref().map_or(true, may_be_root);
    if other && path.join(ROOT_FILE).is_file() {
        return;
    }
    let entries = match read {
        Ok(entries) => entries,
        Err(error) => return found.unread.push((PathBuf::from(prefix), error)),
    };
    for entry in entries {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_file() && name.ends_with(".colab") {
            found.names.push(format!("{prefix}{name}"));
        } else if kind.is_dir() {
            let no_sources = ANYWHERE.contains(&name.as_str())
                || (prefix.is_empty() && AT_THE_TOP.contains(&name.as_str()));
            if !no_sources {
                folder(&entry.path(), &format!("{prefix}{name}/"), found);
            }
        }
    }
}
