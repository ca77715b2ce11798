//! All that a compilation asks of the world, with the answers, as one number: two that are equal come to the same.

use colabc::manifest::Hash;
use colabc::source::ReadError;
use sha2::{Digest, Sha256};
use std::fs;

pub struct Inputs(Sha256);

impl Inputs {
    pub fn new() -> Inputs {
        Inputs(Sha256::new())
    }

    pub fn read(&mut self, path: &str, answer: &Result<Vec<u8>, ReadError>) {
        self.part(path.as_bytes());
        match answer {
            Ok(bytes) => self.part(bytes),
            Err(error) => self.refused(error),
        }
    }

    pub fn list(&mut self, folder: &str, answer: &Result<Vec<String>, ReadError>) {
        self.part(folder.as_bytes());
        match answer {
            Ok(names) => self.names(names),
            Err(error) => self.refused(error),
        }
    }

    pub fn names(&mut self, names: &[String]) {
        self.0.update([b'n']);
        self.0.update((names.len() as u64).to_le_bytes());
        names.iter().for_each(|name| self.part(name.as_bytes()));
    }

    fn refused(&mut self, error: &ReadError) {
        self.0.update([b'e']);
        self.part(format!("{error:?}").as_bytes());
    }

    /// With its length before it, so that no two lists of parts are one text.
    fn part(&mut self, bytes: &[u8]) {
        self.0.update([b'p']);
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// Together with the compiler that asked; nothing where it is not known which one that is.
    pub fn of_this_compiler(self) -> Option<Hash> {
        let mut all = Inputs::new();
        all.part(env!("CARGO_PKG_VERSION").as_bytes());
        all.part(compiler()?.as_bytes());
        all.part(&self.0.finalize());
        Some(Hash(all.0.finalize().into()))
    }
}

/// The program's file: not its bytes, which are many, but all that changes whenever they do.
#[cfg(unix)]
fn compiler() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let path = std::env::current_exe().ok()?;
    let meta = fs::metadata(&path).ok()?;
    let (changed, touched) = ((meta.mtime(), meta.mtime_nsec()), (meta.ctime(), meta.ctime_nsec()));
    Some(format!("{path:?} {} {} {} {changed:?} {touched:?}", meta.dev(), meta.ino(), meta.size()))
}

#[cfg(not(unix))]
fn compiler() -> Option<String> {
    let path = std::env::current_exe().ok()?;
    let meta = fs::metadata(&path).ok()?;
    Some(format!("{path:?} {} {:?}", meta.len(), meta.modified().ok()?))
}
