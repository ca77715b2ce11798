//! A file of the disk against what it should be and what it was.

use super::folder::{Folder, Meta, bytes};
use super::last::is_blank;
use colabc::manifest::{Hash, Row};
use colabc::tree::{Mode, OutFile};
use std::ffi::OsStr;
use std::fs::File;
use std::io;

/// What lies there.
#[derive(PartialEq, Eq)]
pub enum Actual {
    Wanted,
    /// As the last build left it, or blank.
    Ours,
    Edited,
}

/// Only what git keeps of a mode counts: whether the file may be run.
pub fn has_mode(meta: &Meta, mode: Mode) -> bool {
    let program = mode == Mode::Program;
    meta.is_program(program) == program
}

/// Reads the file only where its size leaves a question.
pub fn judge(
    (folder, name, opened): (&Folder, &OsStr, Option<File>),
    meta: &mut Meta,
    wanted: Option<&OutFile>,
    row: Option<&Row>,
) -> io::Result<Actual> {
    let size = meta.size;
    let wanted = wanted.filter(|file| file.bytes.len() as u64 == size);
    let row_fits = row.filter(|row| row.size == size);
    if size == 0 && wanted.is_none() {
        return Ok(if row.is_some() { Actual::Ours } else { Actual::Edited });
    }
    if wanted.is_none() && row_fits.is_none() {
        return Ok(Actual::Edited);
    }
    let read = match opened {
        Some(file) => bytes(file, meta, size).map(|bytes| (bytes, *meta)),
        None => folder.read(name, size),
    };
    let (bytes, read) = match read {
        Ok(read) => read,
        // It grew between two looks.
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => return Ok(Actual::Edited),
        Err(error) => return Err(error),
    };
    *meta = read;
    if wanted.is_some_and(|file| file.bytes == bytes) {
        return Ok(Actual::Wanted);
    }
    let ours = row_fits.is_some_and(|row| is_blank(&bytes) || Hash::of(&bytes) == row.sha256);
    Ok(if ours { Actual::Ours } else { Actual::Edited })
}
