//! The manifest that lies in `out/`: what the last build owned, as far as it can be believed.

use super::error::{DiskError, InTheWay};
use super::folder::{Folder, Kind, Meta};
use colabc::manifest::{Hash, Manifest};
use colabc::tree::MANIFEST;
use std::borrow::Cow;
use std::ffi::OsStr;
use std::io;
use std::path::Path;

/// Larger manifests are not read: a million files have one of this size.
pub const LARGEST_MANIFEST: u64 = 512 << 20;

/// The manifest that a build left.
pub struct Last<'k> {
    pub old: Cow<'k, Manifest>,
    pub state: LastState,
    pub found: Option<Meta>,
}

pub enum LastState {
    Missing,
    /// What a power cut left of it.
    Blank,
    /// By what its bytes are.
    Believed(Hash),
    /// A person's, two builds' merged into one, or no file: nobody knows what the build owns.
    Unreadable(InTheWay),
}

/// Whether the manifest in a folder takes so long to read that it is worth a thread of its own.
pub fn is_large(out: &Path) -> bool {
    const LARGE: u64 = 256 << 10;
    let meta = Folder::open(out).and_then(|out| out.stat(OsStr::new(MANIFEST)));
    meta.is_ok_and(|meta| meta.is_some_and(|meta| meta.size > LARGE))
}

/// A manifest that was read before, and what its bytes were.
pub struct Known {
    pub manifest: Manifest,
    pub hash: Hash,
}

enum Found {
    Nothing,
    Bytes(Vec<u8>, Meta),
    Obstacle(InTheWay, Meta),
}

impl<'k> Last<'k> {
    pub fn read(
        out: Option<&Folder>,
        shown: &Path,
        known: Option<&'k Known>,
    ) -> Result<Last<'k>, DiskError> {
        let mut old = Cow::Owned(Manifest::default());
        let (found, state) = match find(out, shown)? {
            Found::Nothing => (None, LastState::Missing),
            Found::Obstacle(what, meta) => (Some(meta), LastState::Unreadable(what)),
            Found::Bytes(bytes, meta) => {
                let hash = Hash::of(&bytes);
                let read = match known.filter(|known| known.hash == hash) {
                    Some(known) => Ok(Cow::Borrowed(&known.manifest)),
                    None => Manifest::from_json(&bytes).map(Cow::Owned),
                };
                let state = match read {
                    Ok(read) => {
                        old = read;
                        LastState::Believed(hash)
                    }
                    Err(_) if is_blank(&bytes) => LastState::Blank,
                    Err(_) if Manifest::is_newer(&bytes) => LastState::Unreadable(InTheWay::Newer),
                    Err(_) => LastState::Unreadable(InTheWay::Edited),
                };
                (Some(meta), state)
            }
        };
        Ok(Last { old, state, found })
    }

    /// Whether it says what the last build owned.
    pub fn is_believed(&self) -> bool {
        matches!(self.state, LastState::Believed(_))
    }
}

fn find(out: Option<&Folder>, shown: &Path) -> Result<Found, DiskError> {
    let refused = |error| DiskError::io("cannot read", &shown.join(MANIFEST), &error);
    let name = OsStr::new(MANIFEST);
    let Some(out) = out else { return Ok(Found::Nothing) };
    let Some(meta) = out.stat(name).map_err(refused)? else { return Ok(Found::Nothing) };
    match meta.kind {
        Kind::File => {
            match out.read(name, LARGEST_MANIFEST) {
                Ok((bytes, meta)) => Ok(Found::Bytes(bytes, meta)),
                // No build writes one as large.
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                    Ok(Found::Obstacle(InTheWay::Edited, meta))
                }
                Err(error) => Err(refused(error)),
            }
        }
        // What lies in it decides whether it is in the way.
        Kind::Folder => Ok(Found::Nothing),
        Kind::Link => Ok(Found::Obstacle(InTheWay::Link, meta)),
        Kind::Other => Ok(Found::Obstacle(InTheWay::Special, meta)),
    }
}

/// What a power cut leaves of a file: nobody's work is in it.
pub fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}
