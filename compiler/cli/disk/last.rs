//! The manifest that lies in `out/`: what the last build owned, as far as it can be believed.

use super::error::{DiskError, InTheWay};
use super::folder::{Folder, Kind, Meta};
use super::plan::Selected;
use colabc::manifest::Manifest;
use colabc::tree::MANIFEST;
use std::ffi::OsStr;
use std::path::Path;

/// Larger manifests are not read: a million files have one of this size.
pub const LARGEST_MANIFEST: u64 = 512 << 20;

/// The last build's manifest beside this one's.
pub struct Last {
    pub old: Manifest,
    pub state: LastState,
    pub found: Option<Meta>,
    /// This build's manifest, in bytes.
    pub json: Vec<u8>,
    /// How many files this build's manifest names, itself included.
    pub files: usize,
}

pub enum LastState {
    Missing,
    Same,
    Differs,
    /// A person's, two builds' merged into one, or no file: nobody knows what the build owns.
    Unreadable(InTheWay),
}

enum Found {
    Nothing,
    Bytes(Vec<u8>, Meta),
    Obstacle(InTheWay, Meta),
}

impl Last {
    /// `new` holds the selected files; the others' rows stay as they were.
    pub fn read(
        out: Option<&Folder>,
        shown: &Path,
        mut new: Manifest,
        selected: Selected,
    ) -> Result<Last, DiskError> {
        let mut old = Manifest::default();
        let mut files = new.files.len() + 1;
        let (found, state) = match find(out, shown)? {
            Found::Nothing => (None, LastState::Missing),
            Found::Obstacle(what, meta) => (Some(meta), LastState::Unreadable(what)),
            Found::Bytes(bytes, meta) => {
                if selected.is_none() {
                    let json = new.to_json();
                    // By far the most frequent case, and the one in which nothing need be parsed.
                    if json == bytes {
                        return Ok(Last {
                            old: new,
                            state: LastState::Same,
                            found: Some(meta),
                            json,
                            files,
                        });
                    }
                }
                let state = match Manifest::from_json(&bytes) {
                    Ok(read) => {
                        old = read;
                        LastState::Differs
                    }
                    Err(_) if is_blank(&bytes) => LastState::Differs,
                    Err(_) => LastState::Unreadable(InTheWay::Edited),
                };
                if let Some(selected) = selected {
                    let others = old.files.iter().filter(|(path, _)| !selected(path));
                    new.files.extend(others.map(|(path, row)| (path.clone(), row.clone())));
                    files = new.files.len() + 1;
                    let json = new.to_json();
                    if json == bytes {
                        let (state, found) = (LastState::Same, Some(meta));
                        return Ok(Last { old, state, found, json, files });
                    }
                }
                (Some(meta), state)
            }
        };
        Ok(Last { old, state, found, json: new.to_json(), files })
    }
}

fn find(out: Option<&Folder>, shown: &Path) -> Result<Found, DiskError> {
    let refused = |error| DiskError::io("cannot read", &shown.join(MANIFEST), &error);
    let name = OsStr::new(MANIFEST);
    let Some(out) = out else { return Ok(Found::Nothing) };
    let Some(meta) = out.stat(name).map_err(refused)? else { return Ok(Found::Nothing) };
    match meta.kind {
        Kind::File => {
            let (bytes, meta) = out.read(name, LARGEST_MANIFEST).map_err(refused)?;
            Ok(Found::Bytes(bytes, meta))
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
