//! What a build would do to `out/`: the new tree, the last manifest and the files that are there,
//! compared. Writes nothing.

use super::error::{DiskError, InTheWay, Obstacle};
use super::folder::{Folder, Kind, Listed, Meta};
use super::judge::{Actual, has_mode, judge};
use super::last::{Known, Last, LastState};
use super::scan::{Scan, Scanned, join, scan, split};
use super::threads::{both, cores, each};
use colabc::manifest::{self, Hash, Row, Rows, Summing};
use colabc::output::{Content, Output, Wanted};
use colabc::tree::{Gone, MANIFEST, OutFile};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// What a build would do. Paths are relative to `out/` and sorted.
#[derive(Default)]
pub struct Plan<'t> {
    pub added: Vec<&'t str>,
    pub changed: Vec<String>,
    pub removed: Vec<String>,
    pub unchanged: usize,
    /// How many files the build owns when it is done, without the manifest.
    pub files: usize,
    /// Files of no build: they stay.
    pub foreign: Vec<String>,
    /// Files of the last build that this one no longer has and somebody edited: they stay.
    pub edited: Vec<String>,
    /// What must yield before anything is written.
    pub in_the_way: Vec<Obstacle>,
    /// Whether the manifest alone differs.
    pub manifest_differs: bool,
    /// This build's rows of the manifest, without the files that nobody had to read or make so far: those are all
    /// written.
    pub(super) rows: Vec<Rows<'t>>,
    pub(super) gone: BTreeSet<Gone>,
    /// Its text, in parts, where it holds all files already.
    pub(super) json: Option<Vec<Vec<u8>>>,
    /// What its bytes are, as soon as they are known.
    pub(super) hash: OnceLock<Hash>,
    pub(super) folders: BTreeMap<OsString, Planned<'t>>,
}

/// One folder of the old tree, the new one, or both.
#[derive(Default)]
pub(super) struct Planned<'t> {
    pub found: Option<Meta>,
    /// Nothing was in it: somebody wants it there.
    pub was_empty: bool,
    pub entries: Vec<Entry<'t>>,
}

pub(super) struct Entry<'t> {
    pub name: Cow<'t, OsStr>,
    /// A cold build has none, and ten thousands of entries.
    pub found: Option<Box<Meta>>,
    pub fate: Fate<'t>,
    /// Only with `--force`; without it the file stays.
    pub forced: bool,
    /// What was made for the comparison and is to be written now.
    pub made: Option<Box<OutFile>>,
}

#[derive(Clone, Copy)]
pub(super) enum Fate<'t> {
    Keep,
    /// A file of the build, by its whole path.
    Write(&'t str, Wanted<'t>),
    WriteManifest,
    Drop,
}

impl<'t> Plan<'t> {
    /// Whether `out/` is what a build would make of it.
    pub fn is_current(&self) -> bool {
        self.added.is_empty()
            && self.changed.is_empty()
            && self.removed.is_empty()
            && self.in_the_way.is_empty()
            && !self.manifest_differs
    }

    pub(super) fn manifest_is_there(&self) -> bool {
        let root = self.folders.get(OsStr::new(""));
        let entry =
            root.and_then(|root| root.entries.iter().find(|entry| *entry.name == *MANIFEST));
        entry.is_some_and(|entry| entry.found.is_some())
    }

    pub(super) fn manifest_hash(&self) -> Option<Hash> {
        self.hash.get().copied()
    }

    /// Whether `apply` would have anything to do.
    pub(super) fn is_done(&self, force: bool) -> bool {
        self.is_current() && (!force || self.edited.is_empty())
    }
}

impl Fate<'_> {
    pub fn writes(&self) -> bool {
        matches!(self, Fate::Write(..) | Fate::WriteManifest)
    }
}

impl<'t> Planned<'t> {
    /// In pieces of work. What is kept gets its second name by one thread: a folder's names change one after the other
    /// anyway.
    pub fn pieces(&self) -> impl Iterator<Item = &[Entry<'t>]> {
        let (large, others) = self.entries.split_at(self.entries.partition_point(Entry::is_large));
        let (written, others) = others.split_at(others.partition_point(Entry::is_written));
        let kept = (!others.is_empty()).then_some(others);
        large.chunks(LARGE).chain(written.chunks(PIECE)).chain(kept)
    }
}

impl<'t> Entry<'t> {
    fn new(
        name: impl Into<Cow<'t, OsStr>>,
        found: Option<Meta>,
        fate: Fate<'t>,
        forced: bool,
    ) -> Self {
        Entry { name: name.into(), found: found.map(Box::new), fate, forced, made: None }
    }

    /// Whether it takes longer than most.
    pub fn is_large(&self) -> bool {
        matches!(self.fate, Fate::Write(_, file) if file.is_large())
    }

    /// In files, as `each` counts.
    pub fn work(&self) -> usize {
        match self.fate {
            Fate::Write(_, file) => work(file),
            _ => 1,
        }
    }

    fn is_written(&self) -> bool {
        self.fate.writes()
    }

    pub fn fate(&self, force: bool) -> Fate<'t> {
        if self.forced && !force { Fate::Keep } else { self.fate }
    }

    pub fn stays(&self, force: bool) -> bool {
        !matches!(self.fate(force), Fate::Drop)
    }
}

/// How much work a file is, beside one that is there: a page is made, and a dozen files are written meanwhile.
fn work(file: Wanted<'_>) -> usize {
    match file {
        Wanted::Told(Content::Made { .. }) => 12,
        _ => 1,
    }
}

/// Which paths a build is about; the others keep their files and their rows.
pub type Selected<'s> = Option<&'s (dyn Fn(&str) -> bool + Sync)>;

/// Compares; `out` is what is there now, if anything is, and `known` its manifest, if somebody read it before.
pub fn plan<'t>(
    output: &'t Output<'t>,
    out: Option<&Folder>,
    known: Option<&Known>,
    shown: &Path,
    selected: Selected,
) -> Result<Plan<'t>, DiskError> {
    let before = known.map_or(0, |known| known.manifest.files.len());
    let scanned = || out.map_or_else(|| Ok(Scan::new()), |out| scan(out, shown));
    let (last, found) = both(before, || Last::read(out, shown, known), scanned);
    let (found, last) = (found?, last?);
    let wanted = wanted(output, selected);
    let comparing =
        Comparing { out, shown, wanted: &wanted, last: &last, selected, held: AtomicUsize::new(0) };
    let folders = folders(&found, &wanted);
    let mut pieces: Vec<Piece> = folders.iter().flat_map(Names::pieces).collect();
    // What takes longest is not begun last.
    pieces.sort_by_key(|piece| !piece.names.iter().any(Name::is_large));
    let works = folders.iter().flat_map(|folder| &folder.names);
    let works = works.map(|name| name.wanted.map_or(1, |(_, file)| work(file))).sum();
    let compared = each(&pieces, works, |piece| comparing.piece(piece))?;

    let mut plan = Plan { gone: output.gone().clone(), ..Plan::default() };
    for (piece, compared) in pieces.iter().zip(compared) {
        plan.take(piece.folder.to_owned(), compared);
    }
    plan.add_manifest(&last, selected);
    for folder in plan.folders.values_mut() {
        folder.entries.sort_by_key(|entry| (!entry.is_large(), !entry.is_written()));
    }
    plan.files = wanted.values().map(Vec::len).sum();
    plan.files += others(&last, selected).count();
    plan.find_folders_in_the_way(&wanted);
    plan.added.sort();
    plan.changed.sort();
    plan.removed.sort();
    plan.foreign.sort();
    plan.edited.sort();
    plan.in_the_way.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(plan)
}

/// The selected files by folder; every folder above a file is there too.
type ByFolder<'t> = BTreeMap<&'t str, Vec<(&'t str, &'t str, Wanted<'t>)>>;

fn wanted<'t>(output: &'t Output<'t>, selected: Selected) -> ByFolder<'t> {
    let mut wanted = ByFolder::new();
    wanted.insert("", Vec::new());
    let all = output.iter().filter(|(path, _)| selected.is_none_or(|chosen| chosen(path)));
    let all: Vec<_> = all.map(|(path, file)| (split(path), path, file)).collect();
    // Most stand beside those of their folder already.
    for some in all.chunk_by(|((one, _), ..), ((next, _), ..)| one == next) {
        let (folder, _) = some[0].0;
        let files = some.iter().map(|&((_, name), path, file)| (name, path, file));
        wanted.entry(folder).or_default().extend(files);
        let mut above = folder;
        while !above.is_empty() {
            above = split(above).0;
            if wanted.contains_key(above) {
                break;
            }
            wanted.insert(above, Vec::new());
        }
    }
    for files in wanted.values_mut() {
        files.sort_by_key(|(name, _, _)| *name);
    }
    wanted
}

/// What the last build owned and this one is not about.
fn others<'l>(
    last: &'l Last,
    selected: Selected<'l>,
) -> impl Iterator<Item = (&'l Arc<str>, &'l Row)> {
    last.old.files.iter().filter(move |(path, _)| selected.is_some_and(|chosen| !chosen(path)))
}

/// All names of one folder, of the disk's and of the build's: what is large, then the others, in order.
struct Names<'a, 't> {
    folder: &'a OsStr,
    found: Option<&'a Scanned>,
    names: Vec<Name<'a, 't>>,
}

#[derive(Clone, Copy)]
struct Name<'a, 't> {
    name: &'a OsStr,
    found: Option<Kind>,
    wanted: Option<(&'t str, Wanted<'t>)>,
}

/// A folder can hold most of all files: so many names of it are one piece of work, and so many of what is large.
const PIECE: usize = 64;
const LARGE: usize = 4;

/// Some names of a folder.
struct Piece<'a, 't> {
    folder: &'a OsStr,
    found: Option<&'a Scanned>,
    names: &'a [Name<'a, 't>],
}

fn folders<'a, 't>(found: &'a Scan, wanted: &'a ByFolder<'t>) -> Vec<Names<'a, 't>> {
    let mut paths: BTreeSet<&OsStr> = found.keys().map(OsString::as_os_str).collect();
    paths.extend(wanted.keys().map(|path| OsStr::new(*path)));
    let names = |folder: &'a OsStr| {
        let scanned = found.get(folder);
        let of_build = folder.to_str().and_then(|it| wanted.get(it)).map_or(&[][..], Vec::as_slice);
        let new = |&(name, path, file): &(&'t str, &'t str, Wanted<'t>)| Name {
            name: OsStr::new(name),
            found: None,
            wanted: Some((path, file)),
        };
        let mut all: Vec<Name> = match scanned.filter(|scanned| !scanned.files.is_empty()) {
            None => of_build.iter().map(new).collect(),
            Some(scanned) => {
                let mut names: BTreeMap<&OsStr, Name> = BTreeMap::new();
                for Listed { name, kind, .. } in &scanned.files {
                    names.insert(name, Name { name, found: Some(*kind), wanted: None });
                }
                for new in of_build.iter().map(new) {
                    names.entry(new.name).or_insert(new).wanted = new.wanted;
                }
                names.into_values().collect()
            }
        };
        all.sort_by_key(|name| !name.is_large());
        Names { folder, found: scanned, names: all }
    };
    paths.into_iter().map(names).collect()
}

impl Name<'_, '_> {
    fn is_large(&self) -> bool {
        self.wanted.is_some_and(|(_, file)| file.is_large())
    }
}

impl<'t> Names<'_, 't> {
    /// At least one piece, since also a folder without files is told of.
    fn pieces(&self) -> impl Iterator<Item = Piece<'_, 't>> {
        let piece = |names| Piece { folder: self.folder, found: self.found, names };
        let (large, others) = self.names.split_at(self.names.partition_point(Name::is_large));
        let empty = self.names.is_empty().then(|| piece(&[]));
        let all = large.chunks(LARGE).chain(others.chunks(PIECE)).map(piece);
        empty.into_iter().chain(all)
    }
}

/// All that the comparison of one folder needs.
struct Comparing<'a, 't> {
    out: Option<&'a Folder>,
    shown: &'a Path,
    wanted: &'a ByFolder<'t>,
    last: &'a Last<'a>,
    selected: Selected<'a>,
    /// How many bytes are kept of what was made and differs.
    held: AtomicUsize,
}

/// Where more than this differs, the rest is made once more when it is written.
const MOST_HELD: usize = 32 << 20;

/// Some names of a folder, compared.
#[derive(Default)]
struct Compared<'t> {
    planned: Planned<'t>,
    added: Vec<&'t str>,
    changed: Vec<String>,
    removed: Vec<String>,
    unchanged: usize,
    foreign: Vec<String>,
    edited: Vec<String>,
    in_the_way: Vec<Obstacle>,
    rows: Rows<'t>,
}

impl<'t> Comparing<'_, 't> {
    fn piece(&self, piece: &Piece<'_, 't>) -> Result<Compared<'t>, DiskError> {
        let mut done = Compared::default();
        let path = piece.folder;
        let refused = |error| DiskError::io("cannot read", &self.shown.join(path), &error);
        let folder = match (piece.found, self.out) {
            (Some(found), Some(out)) => {
                done.planned.found = Some(found.meta);
                done.planned.was_empty = found.is_empty;
                Some(out.at(path).map_err(refused)?)
            }
            _ => None,
        };
        done.planned.entries.reserve_exact(piece.names.len());
        for one in piece.names {
            let rel = join(path, one.name);
            if rel == MANIFEST {
                continue;
            }
            match (one.found, &folder, one.wanted) {
                (Some(kind), Some(folder), wanted) => {
                    let refused =
                        |error| DiskError::io("cannot read", &self.shown.join(&rel), &error);
                    self.file(folder, &rel, one.name, kind, wanted, &mut done).map_err(refused)?;
                }
                (_, _, Some((path, file))) => self.absent(path, file, &mut done),
                _ => {}
            }
        }
        Ok(done)
    }

    /// A file that is to be there, and is not.
    fn absent(&self, path: &'t str, file: Wanted<'t>, done: &mut Compared<'t>) {
        // Whether the manifest that is there says the truth of it can be known only by making it.
        if self.last.is_believed() {
            tell(&mut done.rows, path, file, &file.file());
        }
        done.added.push(path);
        let name = OsStr::new(split(path).1);
        done.planned.entries.push(Entry::new(name, None, Fate::Write(path, file), false));
    }

    fn file(
        &self,
        folder: &Folder,
        rel: &OsStr,
        name: &OsStr,
        kind: Kind,
        wanted: Option<(&'t str, Wanted<'t>)>,
        done: &mut Compared<'t>,
    ) -> io::Result<()> {
        let path = rel.to_string_lossy().into_owned();
        let row = rel.to_str().and_then(|path| self.last.old.files.get(path));
        let chosen =
            rel.to_str().is_none_or(|path| self.selected.is_none_or(|chosen| chosen(path)));
        let needed =
            wanted.is_some() || rel.to_str().is_some_and(|path| self.wanted.contains_key(path));
        // What is only kept, or in the way, is not opened.
        let opened = match kind {
            Kind::File if wanted.is_some() || row.is_some() => folder.look(name).ok(),
            _ => None,
        };
        let (opened, meta) = match opened {
            Some((file, meta)) => (Some(file), Some(meta)),
            None => (None, folder.stat(name)?),
        };
        let Some(mut meta) = meta else {
            // It went away since the folder was read.
            if let Some((path, file)) = wanted {
                self.absent(path, file, done);
            }
            return Ok(());
        };
        let made: Option<Cow<OutFile>> = wanted.map(|(_, file)| file.file());
        if let (Some((path, wanted)), Some(file)) = (wanted, &made) {
            tell(&mut done.rows, path, wanted, file);
        }
        let mut entry = |found, fate, forced| {
            done.planned.entries.push(Entry::new(name.to_owned(), Some(found), fate, forced));
        };
        let replaced = wanted.map_or(Fate::Drop, |(path, file)| Fate::Write(path, file));
        if !chosen && !needed {
            entry(meta, Fate::Keep, false);
            if row.is_none() {
                done.foreign.push(path);
            }
            return Ok(());
        }
        if kind != Kind::File || meta.kind != Kind::File {
            if !needed {
                entry(meta, Fate::Keep, false);
                done.foreign.push(path);
                return Ok(());
            }
            let what = if meta.kind == Kind::Link { InTheWay::Link } else { InTheWay::Special };
            entry(meta, replaced, true);
            done.in_the_way.push(Obstacle { path, what });
            return Ok(());
        }
        if wanted.is_none() && row.is_none() && !needed {
            entry(meta, Fate::Keep, false);
            done.foreign.push(path);
            return Ok(());
        }
        let actual = judge((folder, name, opened), &mut meta, made.as_deref(), row)?;
        match (actual, &made) {
            (Actual::Wanted, Some(file)) if has_mode(&meta, file.mode) => {
                entry(meta, Fate::Keep, false);
                done.unchanged += 1;
            }
            (Actual::Wanted | Actual::Ours, Some(file)) => {
                entry(meta, replaced, false);
                done.changed.push(path);
                let size = file.bytes.len();
                let made = made.filter(|file| matches!(file, Cow::Owned(_)));
                if made.is_some() && self.held.fetch_add(size, Ordering::Relaxed) < MOST_HELD {
                    let entry = done.planned.entries.last_mut().expect("it was pushed above");
                    entry.made = made.map(|made| Box::new(made.into_owned()));
                }
            }
            (_, None) if !chosen && row.is_some() => {
                entry(meta, Fate::Keep, false);
                done.in_the_way.push(Obstacle { path, what: InTheWay::NotSelected });
            }
            (Actual::Wanted | Actual::Ours, None) => {
                entry(meta, replaced, false);
                done.removed.push(path);
            }
            (Actual::Edited, _) => {
                entry(meta, replaced, true);
                if needed {
                    let what = if row.is_some() { InTheWay::Edited } else { InTheWay::Foreign };
                    done.in_the_way.push(Obstacle { path, what });
                } else {
                    done.edited.push(path);
                }
            }
        }
        Ok(())
    }
}

/// The row of a file that is there now, as the one that is `wanted`.
pub(super) fn tell<'t>(rows: &mut Rows<'t>, path: &'t str, wanted: Wanted<'t>, file: &OutFile) {
    match wanted {
        Wanted::Held(file) => rows.add_held(path, file),
        Wanted::Told(_) => rows.add_made(path, file),
    }
}

impl<'t> Plan<'t> {
    fn take(&mut self, path: OsString, folder: Compared<'t>) {
        self.added.extend(folder.added);
        self.changed.extend(folder.changed);
        self.removed.extend(folder.removed);
        self.unchanged += folder.unchanged;
        self.foreign.extend(folder.foreign);
        self.edited.extend(folder.edited);
        self.in_the_way.extend(folder.in_the_way);
        self.rows.push(folder.rows);
        let planned = self.folders.entry(path).or_default();
        planned.found = folder.planned.found;
        planned.was_empty = folder.planned.was_empty;
        // Nearly every folder is one piece.
        match planned.entries.is_empty() {
            true => planned.entries = folder.planned.entries,
            false => planned.entries.extend(folder.planned.entries),
        }
    }

    fn add_manifest(&mut self, last: &Last, selected: Selected) {
        let (fate, forced) = match &last.state {
            LastState::Missing | LastState::Blank => (Fate::WriteManifest, false),
            LastState::Believed(hash) => {
                let mut kept = Rows::default();
                others(last, selected).for_each(|(path, row)| kept.add(path, row));
                let rows = self.rows.iter().chain([&kept]);
                let (mut json, mut sum) = (Vec::new(), Summing::default());
                manifest::give(rows, &self.gone, cores(), |parts| {
                    parts.iter().for_each(|part| sum.add(part));
                    json.extend(parts);
                });
                let (now, _) = sum.done();
                let same = now == *hash;
                self.hash = OnceLock::from(now);
                self.json = Some(json);
                (if same { Fate::Keep } else { Fate::WriteManifest }, false)
            }
            LastState::Unreadable(what) => {
                self.in_the_way.push(Obstacle { path: MANIFEST.into(), what: *what });
                (Fate::WriteManifest, true)
            }
        };
        self.manifest_differs = fate.writes();
        let entry = Entry::new(OsStr::new(MANIFEST), last.found, fate, forced);
        self.folders.entry(OsString::new()).or_default().entries.push(entry);
    }

    /// A wanted file whose name is a folder's: only where nothing in that folder stays.
    fn find_folders_in_the_way(&mut self, wanted: &ByFolder<'t>) {
        let is_wanted = |path: &&str| {
            let (folder, name) = split(path);
            let files = wanted.get(folder).map_or(&[][..], Vec::as_slice);
            *path == MANIFEST || files.binary_search_by_key(&name, |(name, ..)| name).is_ok()
        };
        let living = self.living(false);
        let blocked = living.iter().filter_map(|path| path.to_str()).filter(is_wanted);
        let blocked: Vec<_> = blocked
            .map(|path| Obstacle { path: path.to_owned(), what: InTheWay::Folder })
            .collect();
        self.in_the_way.extend(blocked);
    }

    /// The folders of the tree to be: those that hold anything, and those that held nothing before.
    pub(super) fn living(&self, force: bool) -> BTreeSet<&OsStr> {
        let mut living = BTreeSet::from([OsStr::new("")]);
        for (path, folder) in &self.folders {
            let empty_place = folder.was_empty && !self.is_file_to_be(path);
            if !empty_place && !folder.entries.iter().any(|entry| entry.stays(force)) {
                continue;
            }
            let mut path = path.as_os_str();
            while living.insert(path) {
                path = super::scan::parent(path).0;
            }
        }
        living
    }

    fn is_file_to_be(&self, path: &OsStr) -> bool {
        let (folder, name) = super::scan::parent(path);
        self.folders.get(folder).is_some_and(|folder| {
            folder.entries.iter().any(|entry| entry.name == name && entry.stays(true))
        })
    }
}
