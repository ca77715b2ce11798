//! A folder as a build left it, for reading only: its manifest, and the files that it names.

use super::error::DiskError;
use super::last::{Known, LARGEST_MANIFEST};
use colabc::manifest::{Hash, Manifest};
use colabc::tree::MANIFEST;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub struct Built {
    pub folder: PathBuf,
    pub manifest: Manifest,
    hash: Hash,
}

impl Built {
    /// What a build left in a folder; nothing where there is no manifest.
    pub fn open(folder: &Path) -> Result<Option<Built>, DiskError> {
        let path = folder.join(MANIFEST);
        let refused = |error: &io::Error| DiskError::io("cannot read", &path, error);
        match fs::metadata(&path) {
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(refused(&error)),
            Ok(meta) if !meta.is_file() || meta.len() > LARGEST_MANIFEST => return Ok(None),
            Ok(_) => {}
        }
        let bytes = fs::read(&path).map_err(|error| refused(&error))?;
        let manifest = Manifest::from_json(&bytes).map_err(|why| {
            DiskError::new("cannot read", &path, &why.0)
                .help("build it anew: `colabc build` (with --force, if it was edited by hand)")
        })?;
        Ok(Some(Built { folder: folder.to_owned(), manifest, hash: Hash::of(&bytes) }))
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

    /// The bytes of a file below the folder; nothing where it is missing.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, DiskError> {
        let path = self.folder.join(path);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(DiskError::io("cannot read", &path, &error)),
        }
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
