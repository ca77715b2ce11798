//! Where a file system exchanges no folders: the new files are staged, a journal says where each
//! goes, and they are moved one by one. A build that finds a journal first completes it.

use super::error::DiskError;
use super::folder::{Folder, Kind};
use super::last::LARGEST_MANIFEST;
use super::plan::{Fate, Plan};
use super::scan::{join, split};
use super::stage::{Site, Stopped, TREE, written};
use colabc::manifest::Hash;
use colabc::tree::{MANIFEST, check_path};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::io;

pub const NAME: &str = "journal";
/// A journal that is still being written: it counts for nothing.
pub const NEW: &str = "journal.new";
/// A copy in the making, beside the file that it will replace.
const COPY: &str = ".colabc-new";

/// One file of a journal, and the hash of what lay there when it was written.
struct Step {
    path: String,
    was: Option<String>,
}

struct Journal {
    remove: Vec<Step>,
    put: Vec<Step>,
}

impl Site<'_> {
    /// Writes the changes one by one, by a journal that survives a kill.
    pub fn in_place(
        &self,
        out: Option<&Folder>,
        plan: &Plan,
        force: bool,
    ) -> Result<(), DiskError> {
        let refused = |error| DiskError::io("cannot write", self.shown, &error);
        let (work, tree) = self.begin()?;
        let living = written(plan, force);
        match self.fill(&tree, out, plan, force, (&living, false)) {
            Ok(()) => {}
            Err(Stopped::Refused(error)) => return Err(error),
            Err(Stopped::Cannot) => unreachable!("nothing is linked"),
        }
        self.settle(&work, &tree, plan, &living)?;
        let journal = Journal::of(out, plan, force).map_err(refused)?;
        let commit = || {
            work.create(OsStr::new(NEW), 0o644, &[&journal.to_json()])?.sync_all()?;
            work.rename(OsStr::new(NEW), &work, OsStr::new(NAME))?;
            work.sync()
        };
        commit().map_err(refused)?;
        journal.run(self, &work, false).map_err(refused)
    }
}

/// Does what a journal in the work folder still asks for.
pub fn complete(site: &Site, work: &Folder) -> Result<(), DiskError> {
    let refused =
        |error| DiskError::io("cannot complete the interrupted build of", site.shown, &error);
    let bytes = match work.read(OsStr::new(NAME), LARGEST_MANIFEST) {
        Ok((bytes, _)) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(refused(error)),
    };
    let journal = Journal::from_json(&bytes).ok_or_else(|| {
        let cause = "its journal cannot be read";
        DiskError::new("cannot complete the interrupted build of", site.shown, cause)
            .help("remove the work folder beside it, then build again")
    })?;
    journal.run(site, work, true).map_err(refused)
}

impl Journal {
    fn of(out: Option<&Folder>, plan: &Plan, force: bool) -> io::Result<Journal> {
        let mut journal = Journal { remove: Vec::new(), put: Vec::new() };
        for (folder, planned) in &plan.folders {
            for entry in &planned.entries {
                let path = join(folder, &entry.name);
                // What stays may have any name; what a build touches is always text.
                let Some(path) = path.to_str().map(str::to_owned) else { continue };
                let was = match (out, &entry.found) {
                    (Some(out), Some(_)) => hash(&out.at(folder)?, &entry.name),
                    _ => None,
                };
                match entry.fate(force) {
                    Fate::Keep => {}
                    Fate::Drop => journal.remove.push(Step { path, was }),
                    Fate::Write(..) | Fate::WriteManifest => journal.put.push(Step { path, was }),
                }
            }
        }
        Ok(journal)
    }

    fn to_json(&self) -> Vec<u8> {
        let steps = |steps: &[Step]| -> Value {
            steps.iter().map(|step| json!([step.path, step.was])).collect()
        };
        json!({ "format": 1, "remove": steps(&self.remove), "put": steps(&self.put) })
            .to_string()
            .into_bytes()
    }

    fn from_json(bytes: &[u8]) -> Option<Journal> {
        let json: Value = serde_json::from_slice(bytes).ok()?;
        let steps = |key: &str| -> Option<Vec<Step>> {
            let step = |step: &Value| {
                let path = step.get(0)?.as_str()?;
                check_path(path).ok()?;
                let was = step.get(1)?.as_str().map(str::to_owned);
                Some(Step { path: path.to_owned(), was })
            };
            json.get(key)?.as_array()?.iter().map(step).collect()
        };
        Some(Journal { remove: steps("remove")?, put: steps("put")? })
    }

    /// With `again` some of it may be done already, and a person may have been there since: then a
    /// file is touched only if it is still what it was.
    fn run(&self, site: &Site, work: &Folder, again: bool) -> io::Result<()> {
        let tree = work.sub(OsStr::new(TREE))?;
        let out = site.parent.make_all(site.name)?;
        let manifest = OsStr::new(MANIFEST);
        // While files change there is no manifest: who reads one reads the truth.
        if tree.stat(manifest)?.is_some()
            && out.stat(manifest)?.is_some_and(|it| it.kind != Kind::Folder)
        {
            out.remove_file(manifest)?;
        }
        for step in &self.remove {
            step.remove(&out, again)?;
        }
        let (last, files): (Vec<_>, Vec<_>) =
            self.put.iter().partition(|step| step.path == MANIFEST);
        for step in files.into_iter().chain(last) {
            step.put(&tree, &out, again)?;
        }
        if !out.sync_all()? {
            out.sync()?;
        }
        work.remove_file(OsStr::new(NAME))
    }
}

impl Step {
    fn remove(&self, out: &Folder, again: bool) -> io::Result<()> {
        let (above, name) = split(&self.path);
        let folder = match out.at(OsStr::new(above)) {
            Ok(folder) => folder,
            Err(error) if is_gone(&error) => return Ok(()),
            Err(error) => return Err(error),
        };
        let Some(meta) = folder.stat(OsStr::new(name))? else { return Ok(()) };
        if meta.kind == Kind::Folder || (again && !self.is_as_it_was(&folder, name)) {
            return Ok(());
        }
        folder.remove_file(OsStr::new(name))?;
        let mut empty = above;
        while !empty.is_empty() {
            let (above, name) = split(empty);
            let removed =
                out.at(OsStr::new(above)).and_then(|above| above.remove_folder(OsStr::new(name)));
            if removed.is_err() {
                break;
            }
            empty = above;
        }
        Ok(())
    }

    fn put(&self, tree: &Folder, out: &Folder, again: bool) -> io::Result<()> {
        let (above, name) = split(&self.path);
        let from = tree.at(OsStr::new(above))?;
        let name = OsStr::new(name);
        if from.stat(name)?.is_none() {
            return Ok(());
        }
        let to = out.make_all(OsStr::new(above))?;
        match to.stat(name)? {
            Some(meta) if meta.kind == Kind::Folder => to.remove_folder(name)?,
            Some(_) if again && !self.is_as_it_was(&to, split(&self.path).1) => return Ok(()),
            _ => {}
        }
        match from.rename(name, &to, name) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy(&from, name, &to),
            done => done,
        }
    }

    fn is_as_it_was(&self, folder: &Folder, name: &str) -> bool {
        self.was.is_some() && hash(folder, OsStr::new(name)) == self.was
    }
}

fn copy(from: &Folder, name: &OsStr, to: &Folder) -> io::Result<()> {
    let (bytes, meta) = from.read(name, u64::MAX - 1)?;
    match to.remove_file(OsStr::new(COPY)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    to.create(OsStr::new(COPY), meta.permissions, &[&bytes])?.sync_all()?;
    to.rename(OsStr::new(COPY), to, name)
}

/// Of a plain file that can be read; nothing otherwise.
fn hash(folder: &Folder, name: &OsStr) -> Option<String> {
    let (bytes, _) = folder.read(name, u64::MAX - 1).ok()?;
    Some(Hash::of(&bytes).to_string())
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
