//! Reading the project: only plain files, only below its root, wherever links may lead.

use super::folder::{Folder, Kind};
use colabc::source::{ReadError, Reader};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// Larger sources than this are not read.
pub const LARGEST_SOURCE: u64 = 64 << 20;

/// The file that makes a folder a project.
pub const ROOT_FILE: &str = "cluster.colab";

/// The nearest folder from `start` upwards that holds a `cluster.colab`.
pub fn find_root(start: &Path) -> Option<PathBuf> {
    let start = start.canonicalize().ok()?;
    start.ancestors().find(|folder| folder.join(ROOT_FILE).is_file()).map(Path::to_owned)
}

/// The bytes of a plain file of a sane size, wherever the links lead that a person named.
pub fn plain(path: &Path) -> io::Result<Vec<u8>> {
    let real = path.canonicalize()?;
    let (Some(above), Some(name)) = (real.parent(), real.file_name()) else {
        return Err(io::ErrorKind::IsADirectory.into());
    };
    Folder::open(above)?.read(name, LARGEST_SOURCE).map(|(bytes, _)| bytes)
}

/// Answers from the disk, below one folder.
pub struct DiskReader {
    root: PathBuf,
    folder: Folder,
    most: u64,
}

impl DiskReader {
    pub fn new(root: &Path) -> io::Result<Self> {
        let root = root.canonicalize()?;
        let folder = Folder::open(&root)?;
        Ok(DiskReader { root, folder, most: LARGEST_SOURCE })
    }

    #[allow(dead_code, reason = "the tests ask where it reads")]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where `path` is once every link is followed, relative to the root. It is then opened name by
    /// name without following any, so a link that is swapped in between leads nowhere.
    fn resolve(&self, path: &str) -> Result<PathBuf, ReadError> {
        if path.contains('\0') {
            return Err(ReadError::Missing);
        }
        let real = self.root.join(path);
        let real = real.canonicalize().map_err(|error| match is_stand_in(&real) {
            true => ReadError::Refused("its name on the disk is no UTF-8".to_owned()),
            false => refusal(error),
        })?;
        real.strip_prefix(&self.root).map(Path::to_owned).map_err(|_| ReadError::Outside)
    }
}

impl Reader for DiskReader {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, ReadError> {
        let real = self.resolve(path)?;
        let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else {
            return Err(ReadError::NotAFile);
        };
        let folder = self.folder.at(parent.as_os_str()).map_err(refusal)?;
        match folder.stat(name).map_err(refusal)? {
            None => return Err(ReadError::Missing),
            Some(meta) if meta.kind != Kind::File => return Err(ReadError::NotAFile),
            Some(_) => {}
        }
        folder.read(name, self.most).map(|(bytes, _)| bytes).map_err(refusal)
    }

    fn list(&mut self, folder: &str) -> Result<Vec<String>, ReadError> {
        let real = self.resolve(folder)?;
        let folder = self.folder.at(real.as_os_str()).map_err(refusal)?;
        let found = folder.list().map_err(refusal)?;
        let name = |name: &OsStr| name.to_string_lossy().into_owned();
        let mut names: Vec<_> = found.iter().map(|listed| name(&listed.name)).collect();
        names.sort();
        Ok(names)
    }
}

/// Whether a name is only what stands for one that is no UTF-8 in a folder's list.
fn is_stand_in(path: &Path) -> bool {
    let (Some(above), Some(name)) = (path.parent(), path.file_name()) else { return false };
    let shown = name.to_string_lossy();
    let twin = |other: &OsStr| other.to_str().is_none() && other.to_string_lossy() == shown;
    let listed = || Folder::open(above)?.list();
    let has_twin = || listed().is_ok_and(|all| all.iter().any(|other| twin(&other.name)));
    shown.contains(char::REPLACEMENT_CHARACTER) && has_twin()
}

fn refusal(error: io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::Missing,
        io::ErrorKind::IsADirectory => ReadError::NotAFile,
        io::ErrorKind::FileTooLarge => ReadError::TooLarge,
        _ => ReadError::Refused(super::error::cause(&error)),
    }
}
