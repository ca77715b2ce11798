//! What a build leaves beside `out/`, and what a killed one left: completed or given back, then taken
//! away.

use super::error::DiskError;
use super::folder::{Folder, Kind, Listed, Meta};
use super::journal;
use super::last::LARGEST_MANIFEST;
use super::scan::{Scan, by_depth, join, scan};
use super::stage::{ABOUT, README, Site, TREE};
use super::threads::each;
use colabc::manifest::Manifest;
use colabc::tree::MANIFEST;
use std::ffi::{OsStr, OsString};
use std::io;

impl Site<'_> {
    /// Removes the work folder and all that lies in it, whatever state a build left it in. Where
    /// that build was `killed`, it answers what it saved from there into `out/`. `old` is what is known to lie in the
    /// tree.
    pub fn clear(&self, killed: bool, old: Option<Scan>) -> Result<Vec<String>, DiskError> {
        let refused = self.refused("cannot clear what an interrupted build left beside");
        let name = self.work_name();
        match self.parent.stat(&name).map_err(&refused)? {
            None => return Ok(Vec::new()),
            Some(meta) if meta.kind == Kind::Folder => {}
            Some(_) => return Err(self.not_ours()),
        }
        let work = self.parent.sub(&name).map_err(&refused)?;
        let readme = match work.read(OsStr::new(README), 4096) {
            Ok((bytes, _)) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(refused(error)),
        };
        let known = [TREE, README, journal::NAME, journal::NEW];
        let list = work.list().map_err(&refused)?;
        if !list.iter().all(|it| known.iter().any(|known| it.name == *known)) {
            return Err(self.not_ours());
        }
        if killed {
            journal::complete(self, &work)?;
        } else if list.iter().any(|it| it.name == journal::NAME) {
            // It was stopped half way: the next build completes it.
            return Ok(Vec::new());
        }
        let mut saved = Vec::new();
        if let Some(meta) = work.stat(OsStr::new(TREE)).map_err(&refused)? {
            if meta.kind != Kind::Folder {
                return Err(self.not_ours());
            }
            let tree = work.sub(OsStr::new(TREE)).map_err(&refused)?;
            if killed && was_exchanged(&readme, &meta) {
                saved = self.save_strangers(&tree)?;
            } else if readme.is_empty() && !tree.list().map_err(&refused)?.is_empty() {
                return Err(self.not_ours());
            }
            self.remove_all(&tree, old)?;
            work.remove_folder(OsStr::new(TREE)).map_err(&refused)?;
        }
        for name in [journal::NEW, journal::NAME, README] {
            match work.remove_file(OsStr::new(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(refused(error));
                }
                _ => {}
            }
        }
        self.parent.remove_folder(&name).map_err(refused)?;
        Ok(saved)
    }

    fn not_ours(&self) -> DiskError {
        let path = self.shown.with_file_name(self.work_name());
        DiskError::new("cannot work in", &path, "it holds what no build left there")
            .help("a build writes its new tree there first: move it away")
    }

    /// Gives back what somebody put into the old tree just before it was taken away, and what no
    /// manifest knows: a file without a second name that the place in `out/` is free for.
    fn save_strangers(&self, old: &Folder) -> Result<Vec<String>, DiskError> {
        let refused = self.refused("cannot clear what an interrupted build left beside");
        let ours = match old.read(OsStr::new(MANIFEST), LARGEST_MANIFEST) {
            Ok((bytes, _)) => Manifest::from_json(&bytes).unwrap_or_default(),
            Err(_) => Manifest::default(),
        };
        let Ok(out) = self.parent.sub(self.name) else { return Ok(Vec::new()) };
        let mut saved = Vec::new();
        for (path, found) in scan(old, self.shown)? {
            let from = old.at(&path).map_err(&refused)?;
            for Listed { name, .. } in &found.files {
                let rel = join(&path, name);
                let owned =
                    rel.to_str().is_some_and(|rel| rel == MANIFEST || ours.files.contains_key(rel));
                let Some(meta) = from.stat(name).map_err(&refused)? else { continue };
                if owned || meta.links > 1 {
                    continue;
                }
                let linked = out.make_all(&path).and_then(|to| from.link(name, &to));
                match linked {
                    Ok(()) => saved.push(rel.to_string_lossy().into_owned()),
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    Err(error) => return Err(refused(error)),
                }
            }
        }
        Ok(saved)
    }

    /// The manifest last: while it lies there, the rest can be told apart.
    fn remove_all(&self, tree: &Folder, known: Option<Scan>) -> Result<(), DiskError> {
        let refused = self.refused("cannot clear what a build left beside");
        let found = known.map_or_else(|| scan(tree, self.shown), Ok)?;
        let mut folders: Vec<_> = found.iter().collect();
        // A folder is one thread's: its names change one after the other anyway.
        folders.sort_by_key(|(_, folder)| std::cmp::Reverse(folder.files.len()));
        let files = folders.iter().map(|(_, folder)| folder.files.len()).sum();
        each(&folders, files, |(path, scanned)| {
            let folder = tree.at(path)?;
            let others = scanned.files.iter().filter(|it| !path.is_empty() || it.name != MANIFEST);
            others.map(|it| &it.name).try_for_each(|name| folder.remove_file(name))
        })
        .map_err(&refused)?;
        for folders in by_depth(found.keys().map(OsString::as_os_str)).into_iter().rev() {
            let count = folders.iter().map(|(_, names)| names.len()).sum();
            each(&folders, count, |(above, names)| {
                let above = tree.at(above)?;
                names.iter().try_for_each(|name| above.remove_folder(name))
            })
            .map_err(&refused)?;
        }
        match tree.remove_file(OsStr::new(MANIFEST)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused(error)),
            _ => Ok(()),
        }
    }
}

/// The README names the new tree: where another lies in its place, that one is the old.
fn was_exchanged(readme: &str, tree: &Meta) -> bool {
    let (device, inode) = tree.id;
    readme.starts_with(ABOUT)
        && readme.ends_with(".\n")
        && readme != format!("{ABOUT}{device}:{inode}.\n")
}
