//! What lies below a folder, by name and kind. Reads no file.

use super::error::DiskError;
use super::folder::{Folder, Kind, Meta};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// A folder as it was found.
pub struct Scanned {
    pub meta: Meta,
    /// All but folders, sorted.
    pub files: Vec<(OsString, Kind)>,
    pub is_empty: bool,
}

/// Every folder below one, by its path relative to it; the folder itself is `""`.
pub type Scan = BTreeMap<OsString, Scanned>;

/// A folder with more than this below it is no output folder.
const MOST_FILES: usize = 2_000_000;

pub fn scan(root: &Folder, shown: &Path) -> Result<Scan, DiskError> {
    let mut scan = Scan::new();
    let mut rest = vec![OsString::new()];
    let mut count = 0;
    while let Some(path) = rest.pop() {
        let refused = |error| DiskError::io("cannot read", &shown.join(&path), &error);
        let folder = root.at(&path).map_err(refused)?;
        let found = folder.list().map_err(refused)?;
        count += found.len();
        if count > MOST_FILES {
            let cause = format!("more than {MOST_FILES} files lie there");
            return Err(DiskError::new("cannot build into", shown, cause)
                .help("choose a folder of its own with `--out DIR`"));
        }
        let is_empty = found.is_empty();
        let (folders, mut files): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(_, kind)| *kind == Kind::Folder);
        files.sort_by(|a, b| a.0.cmp(&b.0));
        rest.extend(folders.iter().map(|(name, _)| join(&path, name)));
        let meta = folder.meta().map_err(refused)?;
        scan.insert(path, Scanned { meta, files, is_empty });
    }
    Ok(scan)
}

/// A relative path and a name below it.
pub fn join(folder: &OsStr, name: &OsStr) -> OsString {
    if folder.is_empty() {
        return name.to_owned();
    }
    let mut path = folder.to_owned();
    path.push("/");
    path.push(name);
    path
}

/// The folder of a relative path, and its last name.
pub fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// The same for a path from the disk.
pub fn parent(path: &OsStr) -> (&OsStr, &OsStr) {
    let name = Path::new(path).file_name().unwrap_or(OsStr::new(""));
    let folder = Path::new(path).parent().map_or(OsStr::new(""), Path::as_os_str);
    (folder, name)
}
