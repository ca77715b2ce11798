//! The work folder beside `out/`: a whole new tree is made there, changes places with the old one
//! in a single step, and the old one is cleared away. A kill at any point leaves a work folder that
//! the next build knows by its README and clears.

use super::error::DiskError;
use super::few::FEW;
use super::folder::{Folder, Listed, cannot};
use super::limit;
use super::plan::{Entry, Fate, Plan, Planned, tell};
use super::scan::{Scan, by_depth, join, parent, scan};
use super::threads::{both, cores, each};
use colabc::manifest::{self, Hash, Rows, Summing};
use colabc::output::Make;
use colabc::tree::{MANIFEST, Mode, OutFile};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::Path;
use std::sync::OnceLock;

pub const TREE: &str = "tree";
pub const README: &str = "README";
pub const ABOUT: &str = "An interrupted `colabc build` left this folder beside the one that it writes.\n\
                     The next build there clears it. Made for the tree ";

/// Why a tree could not be exchanged.
pub enum Stopped {
    /// The file system links or exchanges nothing: only the journal is left.
    Cannot,
    Refused(DiskError),
}

impl From<DiskError> for Stopped {
    fn from(error: DiskError) -> Self {
        Stopped::Refused(error)
    }
}

/// Some files of a folder, to be placed by one thread.
struct Piece<'p, 't> {
    path: &'p OsStr,
    planned: &'p Planned<'t>,
    entries: &'p [Entry<'t>],
    /// Whether the folder has no others.
    is_all: bool,
}

impl<'p, 't> Piece<'p, 't> {
    fn all(path: &'p OsStr, planned: &'p Planned<'t>) -> impl Iterator<Item = Piece<'p, 't>> {
        let piece = move |entries: &'p [Entry<'t>]| Piece {
            path,
            planned,
            entries,
            is_all: entries.len() == planned.entries.len(),
        };
        planned.pieces().map(piece)
    }

    fn is_large(&self) -> bool {
        self.entries.iter().any(Entry::is_large)
    }
}

/// Where a build writes: `out/` and the folder that it lies in.
pub struct Site<'a> {
    pub parent: &'a Folder,
    pub name: &'a OsStr,
    /// As a person knows it.
    pub shown: &'a Path,
}

impl Site<'_> {
    pub fn work_name(&self) -> OsString {
        let mut name = OsString::from(".");
        name.push(self.name);
        name.push(".colabc");
        name
    }

    pub fn refused(&self, what: &'static str) -> impl Fn(io::Error) -> DiskError + '_ {
        move |error| DiskError::io(what, self.shown, &error)
    }

    /// A fresh work folder with an empty tree in it.
    pub fn begin(&self) -> Result<(Folder, Folder), DiskError> {
        let refused = self.refused("cannot write beside");
        let name = self.work_name();
        self.parent.make(&name).map_err(&refused)?;
        let begun = || {
            let work = self.parent.sub(&name)?;
            work.make(OsStr::new(TREE))?;
            let tree = work.sub(OsStr::new(TREE))?;
            let (device, inode) = tree.meta()?.id;
            let about = format!("{ABOUT}{device}:{inode}.\n");
            work.create(OsStr::new(README), 0o644, &[about.as_bytes()])?;
            Ok((work, tree))
        };
        begun().map_err(|error: io::Error| match self.parent.stat(&name) {
            Ok(Some(made)) if made.is_shut() && error.kind() == io::ErrorKind::PermissionDenied => {
                // The next build could not look into it either.
                let _ = self.parent.remove_folder(&name);
                let cause = "what is made here is shut to its own owner";
                DiskError::new("cannot write beside", self.shown, cause).help(
                    "the mask of new files takes that right away: `umask 022`, and build again",
                )
            }
            _ => refused(error),
        })
    }

    /// Writes the whole new tree and puts it in the old one's place. Answers what there was in that, to be cleared.
    pub fn exchange(
        &self,
        out: Option<&Folder>,
        plan: &Plan,
        force: bool,
    ) -> Result<Option<Scan>, Stopped> {
        let (work, tree) = self.begin()?;
        let living = plan.living(force);
        self.fill(&tree, out, plan, force, (&living, true))?;
        self.settle(&work, &tree, plan, &living)?;
        let name = OsStr::new(TREE);
        let swapped = match out {
            Some(_) => work.exchange(name, self.parent, self.name),
            None => work.rename_new(name, self.parent, self.name),
        };
        match swapped {
            Ok(()) => {}
            Err(error) if cannot(&error) => return Err(Stopped::Cannot),
            Err(error) => return Err(self.refused("cannot replace")(error).into()),
        }
        let old = out.and_then(|_| self.as_planned(&work, plan));
        if out.is_some() && old.is_none() {
            // Somebody wrote into the old tree after it was looked at: it is theirs again.
            work.exchange(name, self.parent, self.name).map_err(self.refused("cannot restore"))?;
            let cause = "somebody else wrote there during the build";
            return Err(DiskError::new("cannot write", self.shown, cause)
                .help("nothing was changed: build again")
                .into());
        }
        self.parent.sync().map_err(self.refused("cannot write"))?;
        Ok(old)
    }

    /// The new tree's files in its folders: written, or (with `links`) taken over by a second name.
    pub fn fill(
        &self,
        tree: &Folder,
        out: Option<&Folder>,
        plan: &Plan,
        force: bool,
        (living, links): (&BTreeSet<&OsStr>, bool),
    ) -> Result<(), Stopped> {
        let planned: Vec<(&OsStr, &Planned)> = living
            .iter()
            .filter_map(|path| plan.folders.get(*path).map(|planned| (*path, planned)))
            .collect();
        let mut pieces: Vec<Piece> =
            planned.iter().flat_map(|&(path, planned)| Piece::all(path, planned)).collect();
        // What takes longest is not begun last.
        pieces.sort_by_key(|it| (!it.is_large(), Reverse(it.entries.len())));
        // It is begun when its own folders are there; somebody makes the others meanwhile.
        let begun = pieces.iter().filter(|it| it.is_large()).map(|it| it.path);
        let (first, rest) = parted(living, begun);
        self.make_folders(tree, &first)?;
        let made = OnceLock::new();
        let make_rest = || made.get_or_init(|| self.make_folders(tree, &rest)).clone();
        let work = planned.iter().flat_map(|(_, planned)| &planned.entries).map(Entry::work).sum();
        let jobs: Vec<Option<Piece>> =
            std::iter::once(None).chain(pieces.into_iter().map(Some)).collect();
        let filled = each(&jobs, work, |job| {
            let mut rows = Rows::default();
            let Some(Piece { path, planned, entries, is_all }) = job else {
                return make_rest().map(|()| rows).map_err(Stopped::from);
            };
            if !first.contains(path) {
                make_rest()?;
            }
            let refused = |error| DiskError::io("cannot write", &self.shown.join(path), &error);
            let to = tree.at(path).map_err(refused)?;
            let found = planned.found.filter(|_| links);
            let from = match (out, found) {
                (Some(out), Some(_)) => Some(out.at(path).map_err(refused)?),
                _ => None,
            };
            for entry in *entries {
                self.place(path, entry, plan, force, (from.as_ref(), &to), &mut rows)?;
            }
            if let Some(found) = found.filter(|_| *is_all) {
                // Nothing is made in it any more.
                make_rest()?;
                to.resemble(&found).map_err(refused)?;
            }
            Ok::<_, Stopped>(rows)
        })?;
        if plan.manifest_differs {
            self.place_manifest(tree, plan, &filled)?;
        }
        if links {
            let left: Vec<_> = planned
                .iter()
                .filter(|(path, planned)| !Piece::all(path, planned).any(|it| it.is_all))
                .collect();
            each(&left, left.len(), |(path, planned)| {
                let refused = |error| DiskError::io("cannot write", &self.shown.join(path), &error);
                match planned.found {
                    Some(found) => {
                        tree.at(path).and_then(|to| to.resemble(&found)).map_err(refused)
                    }
                    None => Ok(()),
                }
            })?;
        }
        Ok(())
    }

    fn make_folders(&self, tree: &Folder, living: &BTreeSet<&OsStr>) -> Result<(), DiskError> {
        for folders in by_depth(living.iter().copied()) {
            let count = folders.iter().map(|(_, names)| names.len()).sum();
            each(&folders, count, |(above, names)| {
                let refused = |path: &OsStr| {
                    let shown = self.shown.join(path);
                    move |error| DiskError::io("cannot write", &shown, &error)
                };
                let folder = tree.at(above).map_err(refused(above))?;
                names
                    .iter()
                    .try_for_each(|name| folder.make(name).map_err(refused(&join(above, name))))
            })?;
        }
        Ok(())
    }

    /// The manifest, of what was known before and of what became known when it was written.
    fn place_manifest(
        &self,
        tree: &Folder,
        plan: &Plan,
        written: &[Rows],
    ) -> Result<(), DiskError> {
        let write = || {
            let mut file = tree.create(OsStr::new(MANIFEST), Mode::Plain.bits(), &[])?;
            let mut sum = Summing::default();
            match &plan.json {
                Some(parts) => append(&mut file, &mut sum, parts, plan.files)?,
                None => {
                    let rows = plan.rows.iter().chain(written);
                    let mut done = Ok(());
                    manifest::give(rows, &plan.gone, cores(), |parts| {
                        if done.is_ok() {
                            done = append(&mut file, &mut sum, &parts, plan.files);
                        }
                    });
                    done?;
                }
            }
            plan.hash.get_or_init(|| sum.done().0);
            settle_file(&file, plan)
        };
        write().map_err(|error| DiskError::io("cannot write", &self.shown.join(MANIFEST), &error))
    }

    /// Leaves in `rows` what the manifest says of a file that was written, where nobody knew before.
    fn place<'t>(
        &self,
        path: &OsStr,
        entry: &Entry<'t>,
        plan: &Plan<'t>,
        force: bool,
        (from, to): (Option<&Folder>, &Folder),
        rows: &mut Rows<'t>,
    ) -> Result<(), Stopped> {
        let refused =
            |error| DiskError::io("cannot write", &self.shown.join(path).join(&entry.name), &error);
        let fate = entry.fate(force);
        if let (Fate::Keep, Some(from)) = (fate, from) {
            return match from.link(&entry.name, to) {
                Ok(()) => Ok(()),
                Err(error) if cannot(&error) => Err(Stopped::Cannot),
                Err(error) => Err(refused(error).into()),
            };
        }
        let Fate::Write(path, wanted) = fate else { return Ok(()) };
        if let (None, Some(make)) = (&entry.made, wanted.make()) {
            let (sum, about) = write_made(to, &entry.name, make, plan).map_err(refused)?;
            if plan.json.is_none() {
                rows.add_summed(path, sum, &about);
            }
            return Ok(());
        }
        let file = entry.made.as_deref().map_or_else(|| wanted.file(), Cow::Borrowed);
        write(to, &entry.name, &[&file.bytes], file.mode, plan).map_err(refused)?;
        if plan.json.is_none() {
            tell(rows, path, wanted, &file);
        }
        Ok(())
    }

    /// Until the new tree could survive a power cut.
    pub fn settle(
        &self,
        work: &Folder,
        tree: &Folder,
        plan: &Plan,
        living: &BTreeSet<&OsStr>,
    ) -> Result<(), DiskError> {
        let settled = || {
            if !is_small(plan) && tree.sync_all()? {
                return Ok(());
            }
            for path in living {
                let folder = tree.at(path)?;
                if !is_small(plan) {
                    folder.sync_files()?;
                }
                folder.sync()?;
            }
            work.sync()
        };
        settled().map_err(self.refused("cannot write"))
    }

    /// What is in the tree that was taken away, if that is still the one that the plan was made for.
    fn as_planned(&self, work: &Folder, plan: &Plan) -> Option<Scan> {
        let old = work.sub(OsStr::new(TREE)).ok()?;
        let found = scan(&old, self.shown).ok()?;
        let folders: Vec<_> = found.iter().collect();
        let files = folders.iter().map(|(_, folder)| folder.files.len()).sum();
        let checked = each(&folders, files, |(path, scanned)| {
            let planned =
                plan.folders.get(*path).filter(|planned| planned.found.is_some()).ok_or(())?;
            let mut known: Vec<_> = planned.entries.iter().collect();
            known.sort_by(|a, b| a.name.cmp(&b.name));
            // Nearly always nobody asks it.
            let folder = OnceCell::new();
            for Listed { name, inode, .. } in &scanned.files {
                let at = known.binary_search_by(|entry| (*entry.name).cmp(name)).map_err(drop)?;
                let found = known[at].found.as_deref().ok_or(())?;
                // A file that both trees hold may change: it is the same in both.
                let kept = matches!(known[at].fate, Fate::Keep);
                if kept && *inode != 0 && *inode == found.id.1 {
                    continue;
                }
                let folder = folder.get_or_init(|| old.at(path).ok()).as_ref().ok_or(())?;
                let now = folder.stat(name).map_err(drop)?.ok_or(())?;
                let linked = kept && now.id == found.id;
                if !linked && !now.same(found) {
                    return Err(());
                }
            }
            Ok(())
        });
        checked.ok().map(|_| found)
    }
}

/// Some folders with all above them, and the others.
fn parted<'p>(
    all: &BTreeSet<&'p OsStr>,
    some: impl Iterator<Item = &'p OsStr>,
) -> (BTreeSet<&'p OsStr>, BTreeSet<&'p OsStr>) {
    let mut first = BTreeSet::new();
    for mut path in some {
        while first.insert(path) {
            path = parent(path).0;
        }
    }
    let rest = all.difference(&first).copied().collect();
    (first, rest)
}

fn write(to: &Folder, name: &OsStr, parts: &[&[u8]], mode: Mode, plan: &Plan) -> io::Result<()> {
    settle_file(&to.create(name, mode.bits(), parts)?, plan)
}

/// The same of a file while it is made: what its bytes were, and what else there is to say of it.
fn write_made(
    to: &Folder,
    name: &OsStr,
    make: &Make,
    plan: &Plan,
) -> io::Result<((Hash, u64), OutFile)> {
    let mut file = to.create(name, Mode::Plain.bits(), &[])?;
    let mut sum = Summing::default();
    let mut done = Ok(());
    let made = make(Some(&mut |piece| {
        if done.is_ok() {
            done = append(&mut file, &mut sum, &[piece.as_bytes()], 1);
        }
    }));
    done?;
    let about = match made {
        Ok(made) => made,
        Err(other) => {
            sum = Summing::default();
            file.set_len(0).and_then(|()| file.rewind())?;
            other
        }
    };
    append(&mut file, &mut sum, &[&about.bytes], 1)?;
    settle_file(&file, plan)?;
    Ok((sum.done(), about))
}

/// Writes behind what stands in a file, and hashes it: side by side, where there is enough to do.
fn append<B: AsRef<[u8]> + Sync>(
    file: &mut File,
    sum: &mut Summing,
    parts: &[B],
    work: usize,
) -> io::Result<()> {
    let size: usize = parts.iter().map(|part| part.as_ref().len()).sum();
    limit::fits(sum.size() + size)?;
    let hash = || parts.iter().for_each(|part| sum.add(part.as_ref()));
    both(work, hash, || parts.iter().try_for_each(|part| file.write_all(part.as_ref()))).1
}

/// Where few are written, each is on the disk before the next.
fn settle_file(file: &File, plan: &Plan) -> io::Result<()> {
    if is_small(plan) { file.sync_data() } else { Ok(()) }
}

/// The folders that get a new file, and those above them.
pub fn written<'p>(plan: &'p Plan, force: bool) -> BTreeSet<&'p OsStr> {
    let mut folders = BTreeSet::from([OsStr::new("")]);
    for (path, folder) in &plan.folders {
        if folder.entries.iter().any(|entry| entry.fate(force).writes()) {
            let mut path = path.as_os_str();
            while folders.insert(path) {
                path = parent(path).0;
            }
        }
    }
    folders
}

fn is_small(plan: &Plan) -> bool {
    plan.added.len() + plan.changed.len() + plan.folders.len() <= FEW
}
