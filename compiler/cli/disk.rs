//! The only reader and writer of files. `DiskReader` reads a project; `Out` compares a built tree
//! with `out/` and writes it, all of it or nothing.

mod built;
mod clear;
mod error;
mod few;
#[cfg_attr(not(unix), path = "disk/folder_plain.rs")]
mod folder;
mod journal;
mod judge;
mod last;
pub mod limit;
mod made;
mod plan;
mod read;
mod scan;
mod stage;
pub mod threads;

pub use built::Built;
pub use error::{DiskError, InTheWay, Obstacle};
#[allow(unused_imports, reason = "the tests of this folder call no path by its name")]
pub use error::{cause, shown};
pub use last::{Known, is_large};
pub use made::{Made, is_marked};
pub use plan::{Plan, Selected};
pub use read::{DiskReader, LARGEST_SOURCE, ROOT_FILE, find_root, plain};

use colabc::manifest::Hash;
use colabc::output::Output;
use folder::{Folder, Kind, Lock};
use stage::{Site, Stopped};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder that builds write. As long as it is held, other builds of the same place wait.
pub struct Out {
    path: PathBuf,
    name: OsString,
    /// Nothing where not even the folder above it exists.
    parent: Option<Folder>,
    folder: Option<Folder>,
    /// Files that an interrupted build had not given back.
    pub saved: Vec<String>,
    _lock: Option<Lock>,
}

/// What a build did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    pub added: Vec<String>,
    pub changed: Vec<String>,
    pub removed: Vec<String>,
    pub unchanged: usize,
    /// How many files the build owns now, without the manifest.
    pub files: usize,
    /// Kept: of no build.
    pub foreign: Vec<String>,
    /// Kept: of the last build, edited since, and no longer part of this one.
    pub edited: Vec<String>,
    /// Overwritten or removed although it was not the build's own.
    pub forced: Vec<Obstacle>,
    /// The file system exchanges no folders: for a moment the old and the new were mixed.
    pub one_by_one: bool,
    /// What the manifest's bytes are now.
    pub manifest: Option<Hash>,
}

/// What `build --check` says; paths are relative to `out/` and sorted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Staleness {
    pub stale: Vec<String>,
    /// Not what the last build wrote: a build keeps them from being lost.
    pub edited: Vec<String>,
    pub missing: Vec<String>,
    pub orphaned: Vec<String>,
    /// What no build replaces by itself: links, pipes, files of others.
    pub in_the_way: Vec<Obstacle>,
}

impl Staleness {
    pub fn is_current(&self) -> bool {
        let Staleness { stale, edited, missing, orphaned, in_the_way } = self;
        [stale, edited, missing, orphaned].iter().all(|list| list.is_empty())
            && in_the_way.is_empty()
    }
}

impl Out {
    /// For writing: waits for other builds, and first completes or clears what a killed one left.
    /// `waiting` is called once if there is a wait.
    pub fn open(path: &Path, waiting: &mut dyn FnMut()) -> Result<Out, DiskError> {
        let above = above(path);
        fs::create_dir_all(above).map_err(|error| DiskError::io("cannot make", above, &error))?;
        let mut out = Out::look(path, waiting)?;
        out.saved = out.site()?.clear(true, None)?;
        out.find()?;
        Ok(out)
    }

    /// For comparing only: writes nothing.
    pub fn look(path: &Path, waiting: &mut dyn FnMut()) -> Result<Out, DiskError> {
        let Some(name) = path.file_name() else {
            return Err(DiskError::new("cannot build into", path, "expected a folder by its name")
                .help("name it from the folder above: `--out ../NAME`"));
        };
        let above = above(path);
        let refused = |error| DiskError::io("cannot read", above, &error);
        let parent = match Folder::open(above) {
            Ok(parent) => Some(parent),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(refused(error)),
        };
        let lock = match &parent {
            Some(parent) => parent.lock(waiting).map_err(refused)?,
            None => None,
        };
        let mut out = Out {
            path: path.to_owned(),
            name: name.to_owned(),
            parent,
            folder: None,
            saved: Vec::new(),
            _lock: lock,
        };
        out.find()?;
        Ok(out)
    }

    fn find(&mut self) -> Result<(), DiskError> {
        let Some(parent) = &self.parent else { return Ok(()) };
        let refused = |error| DiskError::io("cannot read", &self.path, &error);
        self.folder = match parent.stat(&self.name).map_err(refused)? {
            None => None,
            Some(meta) if meta.kind == Kind::Folder => {
                Some(parent.sub(&self.name).map_err(refused)?)
            }
            Some(meta) => {
                let (cause, help) = match meta.kind {
                    Kind::Link => (
                        "it is a symbolic link, and a build replaces the folder itself",
                        "give the folder that it leads to: `--out DIR`",
                    ),
                    _ => ("it is no folder", "move it away, or build elsewhere with `--out DIR`"),
                };
                return Err(DiskError::new("cannot build into", &self.path, cause).help(help));
            }
        };
        Ok(())
    }

    /// A folder that people work in is never exchanged for another.
    fn refuse_sources(&self) -> Result<(), DiskError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let refused = |cause: &str, help: &str| {
            Err(DiskError::new("cannot build into", &self.path, cause).help(help))
        };
        let root = folder.stat(OsStr::new(ROOT_FILE));
        if root.map_err(|error| DiskError::io("cannot read", &self.path, &error))?.is_some() {
            let cause = format!("it holds a `{ROOT_FILE}`, and sources with it");
            return refused(&cause, "choose a folder of its own with `--out DIR`");
        }
        let here = std::env::current_dir().ok();
        let real = self.path.canonicalize().ok();
        match (here, real) {
            (Some(here), Some(real)) if here.starts_with(&real) => refused(
                "this command runs inside of it, and it is about to be replaced",
                "run it from the project's folder",
            ),
            _ => Ok(()),
        }
    }

    fn site(&self) -> Result<Site<'_>, DiskError> {
        let missing =
            || DiskError::new("cannot write", &self.path, "the folder above it is missing");
        let parent = self.parent.as_ref().ok_or_else(missing)?;
        Ok(Site { parent, name: &self.name, shown: &self.path })
    }

    /// What a build would do here. With `selected`, other paths keep their files and rows. Who read the manifest
    /// before can say what it said.
    pub fn plan<'t>(
        &self,
        output: &'t Output<'t>,
        known: Option<&Known>,
        selected: Selected,
    ) -> Result<Plan<'t>, DiskError> {
        plan::plan(output, self.folder.as_ref(), known, &self.path, selected)
    }

    /// Where `out/` is not what a build would make of it.
    pub fn check(
        &self,
        output: &Output,
        known: Option<&Known>,
        selected: Selected,
    ) -> Result<Staleness, DiskError> {
        let plan = self.plan(output, known, selected)?;
        let mut stale = plan.changed.clone();
        let by_hand = |o: &Obstacle| o.what == InTheWay::Edited;
        let (edited, mut in_the_way): (Vec<_>, Vec<_>) =
            plan.in_the_way.iter().cloned().partition(by_hand);
        let mut missing: Vec<String> = plan.added.iter().map(|path| (*path).to_owned()).collect();
        if plan.manifest_differs {
            let list = if plan.manifest_is_there() { &mut stale } else { &mut missing };
            list.push(colabc::tree::MANIFEST.to_owned());
        }
        let mut orphaned = plan.removed.clone();
        orphaned.extend(plan.edited.iter().cloned());
        let mut edited: Vec<String> = edited.into_iter().map(|o| o.path).collect();
        in_the_way.sort_by(|a, b| a.path.cmp(&b.path));
        for list in [&mut stale, &mut edited, &mut missing, &mut orphaned] {
            list.sort();
            list.dedup();
        }
        missing.retain(|path| stale.binary_search(path).is_err());
        let told = |path: &String| {
            edited.binary_search(path).is_ok() || in_the_way.iter().any(|o| o.path == *path)
        };
        stale.retain(|path| !told(path));
        missing.retain(|path| !told(path));
        Ok(Staleness { stale, edited, missing, orphaned, in_the_way })
    }

    /// Writes what was planned, or nothing. What is not the build's own yields only to `force`.
    pub fn apply(&self, plan: Plan, force: bool) -> Result<Summary, DiskError> {
        let blocked = plan.in_the_way.iter().any(|obstacle| !force || !obstacle.what.yields());
        if blocked {
            return Err(DiskError::blocked(&self.path, plan.in_the_way));
        }
        let mut one_by_one = false;
        if !plan.is_done(force) {
            self.refuse_sources()?;
            let site = self.site()?;
            let mut done = site.exchange(self.folder.as_ref(), &plan, force);
            if matches!(done, Err(Stopped::Cannot)) {
                site.clear(false, None)?;
                one_by_one = true;
                let in_place = site.in_place(self.folder.as_ref(), &plan, force);
                done = in_place.map(|()| None).map_err(Stopped::Refused);
            }
            let old = done.as_mut().map_or(None, Option::take);
            let cleared = site.clear(false, old);
            match done {
                Ok(_) => cleared.map(drop)?,
                Err(Stopped::Refused(error)) => return Err(error),
                Err(Stopped::Cannot) => unreachable!("the journal needs no exchange"),
            }
        }
        Ok(summary(plan, force, one_by_one))
    }
}

fn summary(plan: Plan, force: bool, one_by_one: bool) -> Summary {
    let manifest = plan.manifest_hash();
    let mut summary = Summary {
        added: plan.added.into_iter().map(str::to_owned).collect(),
        changed: plan.changed,
        removed: plan.removed,
        unchanged: plan.unchanged,
        files: plan.files,
        foreign: plan.foreign,
        edited: plan.edited,
        forced: plan.in_the_way,
        one_by_one,
        manifest,
    };
    if force {
        let edited = std::mem::take(&mut summary.edited);
        let gone = |path| Obstacle { path, what: InTheWay::Edited };
        summary.forced.extend(edited.into_iter().map(gone));
        summary.forced.sort_by(|a, b| a.path.cmp(&b.path));
    }
    summary
}

fn above(path: &Path) -> &Path {
    match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        _ => Path::new("."),
    }
}
