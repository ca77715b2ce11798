//! The short way of a build: on its manifest the last one left from which sources and by which compiler it was made.
//! Where these are the same again and every file is what the manifest says, nothing has to be made to know that. Of
//! the files their bytes are looked at, never their times. See docs/decisions/0016-nothing-to-make.md.

use super::error::DiskError;
use super::folder::{Folder, Kind, Listed};
use super::judge::has_mode;
use super::last::LARGEST_MANIFEST;
use super::scan::{Scan, Scanned, join, scan};
use super::threads::each;
use super::{Out, Summary};
use colabc::manifest::{Hash, Manifest, Sum};
use colabc::tree::MANIFEST;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

/// What a build was made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Made {
    /// The compiler, and all that it asked of the disk with the answers.
    pub inputs: Hash,
    /// Whether there was nothing to tell of them.
    pub quiet: bool,
}

impl Made {
    /// What is left on the manifest of that hash: it holds for no other.
    fn mark(&self, manifest: Hash) -> String {
        let quiet = if self.quiet { "quiet" } else { "findings" };
        format!("1 {quiet} {}", Hash::of(format!("{} {manifest}", self.inputs).as_bytes()))
    }
}

/// A mark, with the manifest that it speaks of.
pub struct Marked {
    mark: Vec<u8>,
    manifest: Vec<u8>,
    hash: Hash,
}

/// Whether the last build left such a mark at all, so that it is worth asking what it says.
pub fn is_marked(out: &Path) -> bool {
    let mark = Folder::open(out).and_then(|folder| folder.mark(OsStr::new(MANIFEST)));
    mark.is_ok_and(|mark| mark.is_some())
}

impl Out {
    /// The mark that the last build left, if it left one that can be read.
    pub fn marked(&self) -> Option<Marked> {
        let out = self.folder.as_ref()?;
        let name = OsStr::new(MANIFEST);
        let mark = out.mark(name).ok()??;
        let (manifest, _) = out.read(name, LARGEST_MANIFEST).ok()?;
        let hash = Hash::of(&manifest);
        Some(Marked { mark, manifest, hash })
    }

    /// What a build of these inputs would say, if it would change nothing; nothing where that cannot be known without
    /// making everything.
    pub fn unchanged(
        &self,
        marked: &Marked,
        inputs: Hash,
    ) -> Result<Option<(Made, Summary)>, DiskError> {
        let Some(out) = &self.folder else { return Ok(None) };
        let made = [true, false].map(|quiet| Made { inputs, quiet });
        let made = made.into_iter().find(|made| made.mark(marked.hash).as_bytes() == marked.mark);
        let Some(made) = made else { return Ok(None) };
        let Some(sums) = Manifest::sums(&marked.manifest) else { return Ok(None) };
        let found = scan(out, &self.path)?;
        Ok(compared(out, &found, &sums).map(|summary| (made, summary)))
    }

    /// Leaves on the manifest what it was made of. Where the file system cannot keep that, the next build makes
    /// everything again, and nothing else is lost.
    pub fn remember(&self, made: &Made, summary: &Summary) {
        let (Some(parent), Some(hash)) = (&self.parent, summary.manifest) else { return };
        let name = OsStr::new(MANIFEST);
        let Ok(out) = parent.sub(&self.name) else { return };
        let mark = made.mark(hash);
        if out.mark(name).is_ok_and(|old| old.as_deref() != Some(mark.as_bytes())) {
            let _ = out.set_mark(name, mark.as_bytes());
        }
    }
}

/// So many files of a folder are one piece of work.
const PIECE: usize = 64;

/// What is to be said where every file of the manifest lies there as it stands in it.
fn compared(out: &Folder, found: &Scan, sums: &[Sum]) -> Option<Summary> {
    let pieces: Vec<(&OsStr, &[Listed])> = found.iter().flat_map(pieces).collect();
    let files = pieces.iter().map(|(_, files)| files.len()).sum();
    let strangers = each(&pieces, files, |(path, files)| strangers(out, path, files, sums)).ok()?;
    let mut foreign: Vec<String> = strangers.into_iter().flatten().collect();
    // All names but the manifest's own: if one of the manifest's files is missing, there are fewer.
    if files.checked_sub(1 + foreign.len()) != Some(sums.len()) {
        return None;
    }
    foreign.sort();
    Some(Summary { unchanged: sums.len(), files: sums.len(), foreign, ..Summary::default() })
}

fn pieces<'s>(
    (path, folder): (&'s OsString, &'s Scanned),
) -> impl Iterator<Item = (&'s OsStr, &'s [Listed])> {
    folder.files.chunks(PIECE).map(move |files| (path.as_os_str(), files))
}

/// Which of some files of a folder the manifest does not know. A file that is not as it says is an error: then
/// everything is compared anew.
fn strangers(
    out: &Folder,
    path: &OsStr,
    files: &[Listed],
    sums: &[Sum],
) -> io::Result<Vec<String>> {
    let folder = out.at(path)?;
    let mut strangers = Vec::new();
    for Listed { name, kind, .. } in files {
        let path = join(path, name);
        if path == MANIFEST {
            continue;
        }
        let known = path.to_str().and_then(|path| {
            sums.binary_search_by(|sum| sum.path.cmp(path)).ok().map(|at| &sums[at])
        });
        let Some(sum) = known else {
            strangers.push(path.to_string_lossy().into_owned());
            continue;
        };
        let differs = || io::Error::from(io::ErrorKind::InvalidData);
        if *kind != Kind::File {
            return Err(differs());
        }
        let (bytes, meta) = folder.read(name, sum.size)?;
        if !has_mode(&meta, sum.mode) || Hash::of(&bytes) != sum.sha256 {
            return Err(differs());
        }
    }
    Ok(strangers)
}
