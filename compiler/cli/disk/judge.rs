//! A file of the disk against what it should be and what it was.

use super::folder::{Folder, Meta, bytes};
use super::last::is_blank;
use colabc::manifest::{Hash, Row};
use colabc::tree::{Mode, OutFile};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};

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
    let read = match (opened, wanted) {
        (Some(file), Some(wanted)) if is_same(&file, &wanted.bytes)? => return Ok(Actual::Wanted),
        (Some(file), None) => bytes(file, meta, size).map(|bytes| (bytes, *meta)),
        _ => folder.read(name, size),
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

/// Nearly every file is what it is to be: no byte of it need be kept to see that.
fn is_same(mut file: &File, mut wanted: &[u8]) -> io::Result<bool> {
    let mut some = [0; 16 << 10];
    while !wanted.is_empty() {
        let read = match file.read(&mut some) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        match wanted.strip_prefix(&some[..read]) {
            Some(rest) if read > 0 => wanted = rest,
            _ => return Ok(false),
        }
    }
    Ok(true)
}
