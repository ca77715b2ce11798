//! What lies below a folder, by name and kind. Reads no file.

use super::error::DiskError;
use super::folder::{Folder, Kind, Listed, Meta};
use super::threads::each;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// A folder as it was found.
pub struct Scanned {
    pub meta: Meta,
    /// All but folders, sorted.
    pub files: Vec<Listed>,
    pub is_empty: bool,
}

/// Every folder below one, by its path relative to it; the folder itself is `""`.
pub type Scan = BTreeMap<OsString, Scanned>;

/// A folder with more than this below it is no output folder.
const MOST_FILES: usize = 2_000_000;

/// So much work is the reading of a folder, in files.
const FOLDER: usize = 8;

pub fn scan(root: &Folder, shown: &Path) -> Result<Scan, DiskError> {
    let mut scan = Scan::new();
    // All folders of one depth side by side.
    let mut depth = vec![OsString::new()];
    let mut count = 0;
    while !depth.is_empty() {
        let found = each(&depth, FOLDER * depth.len(), |path| one(root, path, shown))?;
        let mut below = Vec::new();
        for (path, (scanned, folders)) in depth.into_iter().zip(found) {
            count += scanned.files.len() + folders.len();
            if count > MOST_FILES {
                let cause = format!("more than {MOST_FILES} files lie there");
                return Err(DiskError::new("cannot build into", shown, cause)
                    .help("choose a folder of its own with `--out DIR`"));
            }
            below.extend(folders.iter().map(|name| join(&path, name)));
            scan.insert(path, scanned);
        }
        depth = below;
    }
    Ok(scan)
}

/// A folder, and the names of those in it.
fn one(root: &Folder, path: &OsStr, shown: &Path) -> Result<(Scanned, Vec<OsString>), DiskError> {
    let refused = |error| DiskError::io("cannot read", &shown.join(path), &error);
    let folder = root.at(path).map_err(refused)?;
    let found = folder.list().map_err(refused)?;
    let is_empty = found.is_empty();
    let (folders, mut files): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|listed| listed.kind == Kind::Folder);
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let meta = folder.meta().map_err(refused)?;
    let folders = folders.into_iter().map(|folder| folder.name).collect();
    Ok((Scanned { meta, files, is_empty }, folders))
}

/// So many folders of one are one piece of work.
const PIECE: usize = 64;

/// Folders of which none is known before the one that it lies in: those directly in one folder together, and all that
/// lie equally deep before those in them.
pub fn by_depth<'p>(
    paths: impl Iterator<Item = &'p OsStr>,
) -> Vec<Vec<(&'p OsStr, Vec<&'p OsStr>)>> {
    let mut depths: Vec<Vec<(&OsStr, Vec<&OsStr>)>> = Vec::new();
    for path in paths.filter(|path| !path.is_empty()) {
        let (above, name) = parent(path);
        let depth = Path::new(path).components().count() - 1;
        if depths.len() <= depth {
            depths.resize_with(depth + 1, Vec::new);
        }
        match depths[depth].last_mut() {
            Some((last, names)) if *last == above && names.len() < PIECE => names.push(name),
            _ => depths[depth].push((above, vec![name])),
        }
    }
    depths
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
