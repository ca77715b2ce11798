//! A folder as a build left it, for reading only: its manifest, and the files that it names.

use super::error::DiskError;
use super::folder::{Folder, Kind};
use super::last::{Known, LARGEST_MANIFEST};
use colabc::manifest::{Hash, Manifest};
use colabc::tree::MANIFEST;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

pub struct Built {
    pub folder: PathBuf,
    root: Folder,
    pub manifest: Manifest,
    hash: Hash,
}

impl Built {
    /// What a build left in a folder; nothing where there is no manifest.
    pub fn open(folder: &Path) -> Result<Option<Built>, DiskError> {
        let path = folder.join(MANIFEST);
        let refused = |error: &io::Error| DiskError::io("cannot read", &path, error);
        let root = match Folder::open(folder) {
            Ok(root) => root,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(refused(&error)),
        };
        let name = OsStr::new(MANIFEST);
        let there = root.stat(name).map_err(|error| refused(&error))?;
        let Some(meta) = there.filter(|meta| meta.kind != Kind::Folder) else { return Ok(None) };
        let spoilt =
            |why: &str, help: &str| Err(DiskError::new("cannot read", &path, why).help(help));
        if meta.kind != Kind::File {
            return spoilt("it is no plain file", "build it anew: `colabc build --force`");
        }
        if meta.size > LARGEST_MANIFEST {
            return spoilt(
                "it is larger than any of a build",
                "build it anew: `colabc build --force`",
            );
        }
        let found = file(&root, name, LARGEST_MANIFEST);
        let Some(bytes) = found.map_err(|error| refused(&error))? else { return Ok(None) };
        let manifest = match Manifest::from_json(&bytes) {
            Ok(manifest) => manifest,
            Err(_) if Manifest::is_newer(&bytes) => {
                return spoilt("it is of a newer colabc than this one", "use that one");
            }
            Err(why) => {
                let help = "build it anew: `colabc build` (with --force, if it was edited by hand)";
                return spoilt(&why.0, help);
            }
        };
        Ok(Some(Built { folder: folder.to_owned(), root, manifest, hash: Hash::of(&bytes) }))
    }

    /// The nearest such folder around a file, and the file's path below it.
    pub fn around(file: &Path) -> Result<Option<(Built, String)>, DiskError> {
        let Ok(file) = file.canonicalize() else { return Ok(None) };
        for folder in file.ancestors().skip(1) {
            if let Some(built) = Built::open(folder)? {
                let below = file.strip_prefix(folder).unwrap_or(&file);
                let steps = below.components().map(|step| step.as_os_str().to_string_lossy());
                return Ok(Some((built, steps.collect::<Vec<_>>().join("/"))));
            }
        }
        Ok(None)
    }

    /// For whoever compares with it.
    pub fn into_known(self) -> Known {
        Known { manifest: self.manifest, hash: self.hash }
    }

    /// The bytes of a plain file below the folder; nothing where none stands there.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, DiskError> {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let found = match self.root.at(OsStr::new(above)) {
            Ok(above) => file(&above, OsStr::new(name), u64::from(u32::MAX)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        };
        found.map_err(|error| DiskError::io("cannot read", &self.folder.join(path), &error))
    }
}

/// Whatever else stands in a file's place, a pipe or a link, is no file: a build puts one there.
fn file(folder: &Folder, name: &OsStr, most: u64) -> io::Result<Option<Vec<u8>>> {
    match folder.stat(name)? {
        Some(meta) if meta.kind == Kind::File && meta.size <= most => {
            folder.read(name, most).map(|(bytes, _)| Some(bytes))
        }
        _ => Ok(None),
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
