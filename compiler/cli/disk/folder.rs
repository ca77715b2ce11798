//! An open folder, by its descriptor: every name below it is looked up there and nowhere else, and
//! no symbolic link is ever followed. Of files, the only place that knows `rustix`.

use super::limit;
#[cfg(target_os = "linux")]
use rustix::fs::ResolveFlags;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, XattrFlags};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

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
    pub id: (u64, u64),
    pub size: u64,
    pub changed: (i64, i64),
    pub permissions: u32,
    pub owner: (u32, u32),
    pub links: u64,
}

impl Meta {
    /// Whether it may be run; a system without such a bit has whatever is `_wanted`.
    pub fn is_program(&self, _wanted: bool) -> bool {
        self.permissions & 0o100 != 0
    }

    /// Whether not even its owner may use it, as a mask of new files (`umask`) can have it.
    pub fn is_shut(&self) -> bool {
        self.permissions & 0o700 != 0o700
    }

    /// The same file with the same content, as far as that can be seen from outside.
    pub fn same(&self, other: &Meta) -> bool {
        (self.kind, self.id, self.size, self.changed)
            == (other.kind, other.id, other.size, other.changed)
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
    fd: OwnedFd,
}

/// The extended attribute that `Folder::mark` keeps a text in, and the most of it.
const MARK: &str = "user.colabc.made";
const LONGEST_MARK: usize = 256;

const HERE: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC).union(OFlags::RDONLY);

impl Folder {
    /// By a path that a person gave: links in it are their choice.
    pub fn open(path: &Path) -> io::Result<Folder> {
        Ok(Folder { fd: rustix::fs::open(path, HERE, Mode::empty())? })
    }

    /// The folder of that name directly in this one; a link is none.
    pub fn sub(&self, name: &OsStr) -> io::Result<Folder> {
        let fd = rustix::fs::openat(&self.fd, name, HERE | OFlags::NOFOLLOW, Mode::empty());
        Ok(Folder { fd: fd? })
    }

    /// The folder at a relative path, one checked name after the other.
    pub fn at(&self, path: &OsStr) -> io::Result<Folder> {
        if let Some(folder) = self.at_once(path) {
            return Ok(folder);
        }
        let mut names = names(path);
        let Some(first) = names.next() else { return Ok(Folder { fd: self.fd.try_clone()? }) };
        names.try_fold(self.sub(first)?, |here, name| here.sub(name))
    }

    /// The same in one call, where the system has one that follows no link on the way. Why it refuses is for `at` to
    /// find out, name by name.
    #[cfg(target_os = "linux")]
    fn at_once(&self, path: &OsStr) -> Option<Folder> {
        if !path.as_bytes().contains(&b'/') {
            return None;
        }
        let within = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let fd =
            rustix::fs::openat2(&self.fd, path, HERE | OFlags::NOFOLLOW, Mode::empty(), within);
        fd.ok().map(|fd| Folder { fd })
    }

    #[cfg(not(target_os = "linux"))]
    fn at_once(&self, _path: &OsStr) -> Option<Folder> {
        None
    }

    pub fn make(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::mkdirat(&self.fd, name, Mode::from_raw_mode(0o777))?)
    }

    /// Like `at`, making what is missing.
    pub fn make_all(&self, path: &OsStr) -> io::Result<Folder> {
        let mut here = Folder { fd: self.fd.try_clone()? };
        for name in names(path) {
            match here.make(name) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => here = here.sub(name)?,
            }
        }
        Ok(here)
    }

    pub fn meta(&self) -> io::Result<Meta> {
        Ok(meta(&rustix::fs::fstat(&self.fd)?))
    }

    /// What stands under that name, or nothing; a link is a link.
    pub fn stat(&self, name: &OsStr) -> io::Result<Option<Meta>> {
        match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(meta(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The bytes of a plain file and what it was when they were read.
    pub fn read(&self, name: &OsStr, most: u64) -> io::Result<(Vec<u8>, Meta)> {
        let (file, meta) = self.look(name)?;
        if meta.kind != Kind::File {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok((bytes(file, &meta, most)?, meta))
    }

    /// Whatever has that name, open, and what it is.
    pub fn look(&self, name: &OsStr) -> io::Result<(File, Meta)> {
        let file = self.plain(name)?;
        let meta = meta(&rustix::fs::fstat(&file)?);
        Ok((file, meta))
    }

    /// A new file of these bytes; that nothing had its name is part of the promise.
    pub fn create(&self, name: &OsStr, permissions: u32, parts: &[&[u8]]) -> io::Result<File> {
        limit::fits(parts.iter().map(|part| part.len()).sum())?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(permissions as _);
        let mut file =
            File::from(rustix::fs::openat(&self.fd, name, flags | OFlags::NOFOLLOW, mode)?);
        parts.iter().try_for_each(|part| file.write_all(part))?;
        Ok(file)
    }

    /// What a build left on a file beside its bytes; nothing where there is none, or the file system has no place for it.
    pub fn mark(&self, name: &OsStr) -> io::Result<Option<Vec<u8>>> {
        let file = self.plain(name)?;
        let mut mark = vec![0; LONGEST_MARK];
        match rustix::fs::fgetxattr(&file, MARK, &mut mark[..]) {
            Ok(length) => {
                mark.truncate(length);
                Ok(Some(mark))
            }
            Err(_) => Ok(None),
        }
    }

    pub fn set_mark(&self, name: &OsStr, mark: &[u8]) -> io::Result<()> {
        Ok(rustix::fs::fsetxattr(self.plain(name)?, MARK, mark, XattrFlags::empty())?)
    }

    /// Whatever has that name, for reading; a link is not followed.
    fn plain(&self, name: &OsStr) -> io::Result<File> {
        // Without NONBLOCK the opening of a pipe would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        Ok(rustix::fs::openat(&self.fd, name, flags, Mode::empty())?.into())
    }

    /// All names in no order.
    pub fn list(&self) -> io::Result<Vec<Listed>> {
        let mut found = Vec::new();
        for entry in Dir::read_from(&self.fd)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes());
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => match self.stat(name)? {
                    Some(meta) => meta.kind,
                    None => continue,
                },
                known => kind(known),
            };
            found.push(Listed { name: name.to_owned(), kind, inode: entry.ino() });
        }
        Ok(found)
    }

    /// A second name for the same file; of a link, for the link itself.
    pub fn link(&self, name: &OsStr, to: &Folder) -> io::Result<()> {
        Ok(rustix::fs::linkat(&self.fd, name, &to.fd, name, AtFlags::empty())?)
    }

    /// Moves a name, replacing a file that has it.
    pub fn rename(&self, name: &OsStr, to: &Folder, new: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.fd, name, &to.fd, new)?)
    }

    /// Moves a name where nothing has it yet.
    pub fn rename_new(&self, name: &OsStr, to: &Folder, new: &OsStr) -> io::Result<()> {
        rename_with(self, name, to, new, RenameFlags::NOREPLACE)
    }

    /// Two names change places in one step, whatever they stand for.
    pub fn exchange(&self, name: &OsStr, with: &Folder, other: &OsStr) -> io::Result<()> {
        rename_with(self, name, with, other, RenameFlags::EXCHANGE)
    }

    pub fn remove_file(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.fd, name, AtFlags::empty())?)
    }

    pub fn remove_folder(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.fd, name, AtFlags::REMOVEDIR)?)
    }

    /// Owner and permissions like those of another folder, as far as this user may.
    pub fn resemble(&self, other: &Meta) -> io::Result<()> {
        let own = self.meta()?;
        if own.owner != other.owner {
            let (user, group) = other.owner;
            let user = rustix::fs::Uid::from_raw(user);
            let group = rustix::fs::Gid::from_raw(group);
            match rustix::fs::fchown(&self.fd, Some(user), Some(group)) {
                Ok(()) | Err(Errno::PERM) => {}
                Err(error) => return Err(error.into()),
            }
        }
        if own.permissions != other.permissions {
            let mode = Mode::from_raw_mode(other.permissions as _);
            match rustix::fs::fchmod(&self.fd, mode) {
                Ok(()) | Err(Errno::PERM) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Until this folder's names are on the disk.
    pub fn sync(&self) -> io::Result<()> {
        match rustix::fs::fsync(&self.fd) {
            // Some network file systems know no such thing for a folder.
            Ok(()) | Err(Errno::INVAL | Errno::NOTSUP | Errno::BADF) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Until the bytes of this folder's own files are on the disk.
    pub fn sync_files(&self) -> io::Result<()> {
        for Listed { name, kind, .. } in self.list()? {
            if kind == Kind::File {
                self.plain(&name)?.sync_all()?;
            }
        }
        Ok(())
    }

    /// Until all that was written to this folder's file system is on the disk. False where the
    /// system has no such call.
    pub fn sync_all(&self) -> io::Result<bool> {
        #[cfg(target_os = "linux")]
        return match rustix::fs::syncfs(self.fd.as_fd()) {
            Ok(()) => Ok(true),
            Err(Errno::NOSYS) => Ok(false),
            Err(error) => Err(error.into()),
        };
        #[cfg(not(target_os = "linux"))]
        Ok(false)
    }

    /// Holds the folder for this process until the answer is dropped, even by a kill. `waiting` is
    /// called once when another has it.
    pub fn lock(&self, waiting: &mut dyn FnMut()) -> io::Result<Option<Lock>> {
        let file = File::from(self.fd.try_clone()?);
        match file.try_lock() {
            Ok(()) => return Ok(Some(Lock { _file: file })),
            Err(std::fs::TryLockError::WouldBlock) => waiting(),
            Err(std::fs::TryLockError::Error(error)) => return no_locks(error),
        }
        match file.lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(error) => no_locks(error),
        }
    }
}

/// The bytes of a plain file that was looked at.
pub fn bytes(file: File, meta: &Meta, most: u64) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
    if meta.size > most {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(meta.size as usize + 1);
    // A read that could have given more, of a file that has no more, need not be asked again.
    loop {
        match rustix::io::read(&file, rustix::buffer::spare_capacity(&mut bytes)) {
            Ok(0) => break,
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        if bytes.len() as u64 == meta.size {
            return Ok(bytes);
        }
        if bytes.len() == bytes.capacity() {
            // It grew.
            (&file).take(most + 1 - bytes.len() as u64).read_to_end(&mut bytes)?;
            break;
        }
    }
    match bytes.len() as u64 > most {
        true => Err(too_large()),
        false => Ok(bytes),
    }
}

/// A file system without locks is used without one.
fn no_locks(error: io::Error) -> io::Result<Option<Lock>> {
    match Errno::from_io_error(&error) {
        Some(Errno::NOLCK | Errno::NOTSUP | Errno::NOSYS | Errno::BADF | Errno::INVAL) => Ok(None),
        _ => Err(error),
    }
}

pub struct Lock {
    _file: File,
}

/// Whether this refusal of a link or an exchange is the file system's nature, so that asking again
/// is of no use and the journal must do.
pub fn cannot(error: &io::Error) -> bool {
    let natures = [
        Errno::INVAL,
        Errno::NOSYS,
        Errno::NOTSUP,
        Errno::OPNOTSUPP,
        Errno::XDEV,
        Errno::BUSY,
        Errno::PERM,
        Errno::MLINK,
    ];
    Errno::from_io_error(error).is_some_and(|errno| natures.contains(&errno))
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_with(
    from: &Folder,
    name: &OsStr,
    to: &Folder,
    new: &OsStr,
    flags: RenameFlags,
) -> io::Result<()> {
    Ok(rustix::fs::renameat_with(&from.fd, name, &to.fd, new, flags)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_with(
    _from: &Folder,
    _name: &OsStr,
    _to: &Folder,
    _new: &OsStr,
    _flags: RenameFlags,
) -> io::Result<()> {
    Err(Errno::NOSYS.into())
}

fn names(path: &OsStr) -> impl Iterator<Item = &OsStr> {
    let names = path.as_bytes().split(|byte| *byte == b'/');
    names.filter(|name| !name.is_empty()).map(OsStr::from_bytes)
}

fn kind(kind: FileType) -> Kind {
    match kind {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        _ => Kind::Other,
    }
}

// The widths of these fields differ between systems.
#[allow(clippy::unnecessary_cast)]
fn meta(stat: &rustix::fs::Stat) -> Meta {
    Meta {
        kind: kind(FileType::from_raw_mode(stat.st_mode)),
        id: (stat.st_dev as u64, stat.st_ino as u64),
        size: stat.st_size as u64,
        changed: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
        permissions: (stat.st_mode & 0o7777) as u32,
        owner: (stat.st_uid, stat.st_gid),
        links: stat.st_nlink as u64,
    }
}
