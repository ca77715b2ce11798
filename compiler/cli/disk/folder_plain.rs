//! A folder by its path, for systems without `openat`: links are looked for, name by name, before
//! each step. Such a system exchanges no folders, so every build there goes by the journal.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// What stands under a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    File,
    Folder,
    Link,
    /// A device, a pipe, a socket.
    Other,
}

/// Enough to tell whether a file is still the one that was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Meta {
    pub kind: Kind,
    /// Not known here: nothing is exchanged, so nobody asks.
    pub id: (u64, u64),
    pub size: u64,
    pub changed: u128,
    pub permissions: u32,
    pub links: u64,
}

impl Meta {
    /// No such system has a bit for programs: whatever is wanted is there.
    pub fn is_program(&self, wanted: bool) -> bool {
        wanted
    }

    /// No such system has a mask of new files.
    pub fn is_shut(&self) -> bool {
        false
    }

    pub fn same(&self, other: &Meta) -> bool {
        (self.kind, self.size, self.changed) == (other.kind, other.size, other.changed)
    }
}

/// A name in a folder, as the folder tells it.
pub struct Listed {
    pub name: OsString,
    pub kind: Kind,
    /// The number of the file; 0 where that is not told.
    pub inode: u64,
}

pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// By a path that a person gave: links in it are their choice.
    pub fn open(path: &Path) -> io::Result<Folder> {
        if !fs::metadata(path)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Folder { path: path.to_owned() })
    }

    /// The folder of that name directly in this one; a link is none.
    pub fn sub(&self, name: &OsStr) -> io::Result<Folder> {
        let path = self.path.join(name);
        if !fs::symlink_metadata(&path)?.file_type().is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Folder { path })
    }

    /// The folder at a relative path, one checked name after the other.
    pub fn at(&self, path: &OsStr) -> io::Result<Folder> {
        let mut here = Folder { path: self.path.clone() };
        for name in Path::new(path) {
            here = here.sub(name)?;
        }
        Ok(here)
    }

    pub fn make(&self, name: &OsStr) -> io::Result<()> {
        fs::create_dir(self.path.join(name))
    }

    /// Like `at`, making what is missing.
    pub fn make_all(&self, path: &OsStr) -> io::Result<Folder> {
        let mut here = Folder { path: self.path.clone() };
        for name in Path::new(path) {
            match here.make(name) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => here = here.sub(name)?,
            }
        }
        Ok(here)
    }

    pub fn meta(&self) -> io::Result<Meta> {
        fs::symlink_metadata(&self.path).map(|found| meta(&found))
    }

    /// What stands under that name, or nothing; a link is a link.
    pub fn stat(&self, name: &OsStr) -> io::Result<Option<Meta>> {
        match fs::symlink_metadata(self.path.join(name)) {
            Ok(found) => Ok(Some(meta(&found))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The bytes of a plain file and what it was when they were read.
    pub fn read(&self, name: &OsStr, most: u64) -> io::Result<(Vec<u8>, Meta)> {
        let (file, meta) = self.look(name)?;
        Ok((bytes(file, &meta, most)?, meta))
    }

    /// A plain file, open, and what it is.
    pub fn look(&self, name: &OsStr) -> io::Result<(File, Meta)> {
        match self.stat(name)? {
            None => return Err(io::ErrorKind::NotFound.into()),
            Some(meta) if meta.kind != Kind::File => return Err(io::ErrorKind::IsADirectory.into()),
            Some(_) => {}
        }
        let file = File::open(self.path.join(name))?;
        let meta = meta(&file.metadata()?);
        Ok((file, meta))
    }

    /// A new file of these bytes; that nothing had its name is part of the promise.
    pub fn create(&self, name: &OsStr, _permissions: u32, parts: &[&[u8]]) -> io::Result<File> {
        let mut file =
            OpenOptions::new().write(true).create_new(true).open(self.path.join(name))?;
        parts.iter().try_for_each(|part| file.write_all(part))?;
        Ok(file)
    }

    /// Such a system has no place for it.
    pub fn mark(&self, _name: &OsStr) -> io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    pub fn set_mark(&self, _name: &OsStr, _mark: &[u8]) -> io::Result<()> {
        Ok(())
    }

    /// All names in no order.
    pub fn list(&self) -> io::Result<Vec<Listed>> {
        let entry = |entry: io::Result<fs::DirEntry>| {
            let entry = entry?;
            Ok(Listed { name: entry.file_name(), kind: kind(entry.file_type()?), inode: 0 })
        };
        fs::read_dir(&self.path)?.map(entry).collect()
    }

    pub fn link(&self, _name: &OsStr, _to: &Folder) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Moves a name, replacing a file that has it.
    pub fn rename(&self, name: &OsStr, to: &Folder, new: &OsStr) -> io::Result<()> {
        fs::rename(self.path.join(name), to.path.join(new))
    }

    pub fn rename_new(&self, _name: &OsStr, _to: &Folder, _new: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn exchange(&self, _name: &OsStr, _with: &Folder, _other: &OsStr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    pub fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_dir(self.path.join(name))
    }

    /// Permissions are inherited here.
    pub fn resemble(&self, _other: &Meta) -> io::Result<()> {
        Ok(())
    }

    /// A folder cannot be brought to the disk by itself here.
    pub fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    pub fn sync_files(&self) -> io::Result<()> {
        for Listed { name, kind, .. } in self.list()? {
            if kind == Kind::File {
                OpenOptions::new().write(true).open(self.path.join(name))?.sync_all()?;
            }
        }
        Ok(())
    }

    pub fn sync_all(&self) -> io::Result<bool> {
        Ok(false)
    }

    /// Holds the folder for this process until the answer is dropped, even by a kill: by a small
    /// file in it, since a folder cannot be locked. `waiting` is called once when another has it.
    pub fn lock(&self, waiting: &mut dyn FnMut()) -> io::Result<Option<Lock>> {
        let path = self.path.join(".colabc.lock");
        let file = match OpenOptions::new().create(true).truncate(false).write(true).open(path) {
            Ok(file) => file,
            // Who cannot write here cannot build here either.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(None),
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                waiting();
                file.lock()?;
            }
            Err(fs::TryLockError::Error(error)) if cannot(&error) => return Ok(None),
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        Ok(Some(Lock { _file: file }))
    }
}

pub struct Lock {
    _file: File,
}

/// The bytes of a plain file that was looked at.
pub fn bytes(file: File, _meta: &Meta, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Whether asking again is of no use and the journal must do.
pub fn cannot(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

fn kind(found: FileType) -> Kind {
    if found.is_symlink() {
        Kind::Link
    } else if found.is_dir() {
        Kind::Folder
    } else if found.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

fn meta(found: &fs::Metadata) -> Meta {
    let changed = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    Meta {
        kind: kind(found.file_type()),
        id: (0, 0),
        size: found.len(),
        changed: changed.map_or(0, |time| time.as_nanos()),
        permissions: 0o644,
        links: 1,
    }
}
