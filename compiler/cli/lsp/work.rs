//! The threads that compile: one checks at once, one emits as well when the typing pauses. Each does
//! the newest job; what came before it is nobody's any more.

use super::Event;
use super::project::Project;
use crate::cli::disk::DiskReader;
use colabc::resolve::parsed::Parsed;
use colabc::source::{ReadError, Reader};
use colabc::{Compilation, Emit, Request};
use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, Scope};
use std::time::{Duration, Instant, SystemTime};

/// A project by its folder and its root file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Key {
    pub root: PathBuf,
    pub file: String,
}

/// The texts that are open, with their versions: they win over the disk.
pub type Texts = Arc<BTreeMap<PathBuf, (Arc<str>, i64)>>;

/// What changed.
#[derive(Clone)]
pub struct Job {
    pub revision: u64,
    pub texts: Texts,
    /// The projects that are stale, each with the sources that lie in its folder.
    pub projects: BTreeMap<Key, Arc<[String]>>,
}

/// What became of a project.
pub struct Worked {
    pub key: Key,
    pub revision: u64,
    pub texts: Texts,
    pub built: bool,
    /// None where the compiler has a bug.
    pub compilation: Option<Box<Compilation>>,
}

/// Sources nest, and the reader follows them: more than a thread gets by itself.
const STACK: usize = 256 << 20;
/// The longest pause that emitting waits for.
const LONGEST: Duration = Duration::from_secs(2);

/// Starts a worker; it ends when nobody can send it a job.
pub fn start<'s>(scope: &'s Scope<'s, '_>, events: Sender<Event>, build: bool) -> Sender<Job> {
    let (sender, jobs) = channel();
    let worker = Worker { events, build, memories: BTreeMap::new(), pause: Duration::ZERO };
    let started = Builder::new().stack_size(STACK).spawn_scoped(scope, move || worker.run(&jobs));
    started.expect("the system gives a thread");
    sender
}

struct Worker {
    events: Sender<Event>,
    build: bool,
    memories: BTreeMap<Key, Memory>,
    /// As long as the last run took: who types faster than that is not disturbed by emitting.
    pause: Duration,
}

impl Worker {
    fn run(mut self, jobs: &Receiver<Job>) {
        while let Ok(mut job) = jobs.recv() {
            let newer = |job: &mut Job, patience: Duration| {
                let next = jobs.recv_timeout(patience).ok();
                let some = next.is_some();
                if let Some(next) = next {
                    let mut projects = std::mem::take(&mut job.projects);
                    projects.extend(next.projects.clone());
                    *job = Job { projects, ..next };
                }
                some
            };
            let patience = if self.build { self.pause } else { Duration::ZERO };
            while newer(&mut job, patience) {}
            while let Some((key, beside)) = job.projects.pop_first() {
                let begun = Instant::now();
                let compilation = self.compile(&key, &beside, &job);
                self.pause = begun.elapsed().min(LONGEST);
                let (revision, texts) = (job.revision, job.texts.clone());
                let built = self.build;
                let worked = Worked { key, revision, texts, built, compilation };
                if self.events.send(Event::Worked(worked)).is_err() {
                    return;
                }
                // Of several projects, the one that just changed comes before the rest.
                newer(&mut job, Duration::ZERO);
            }
        }
    }

    fn compile(&mut self, key: &Key, beside: &[String], job: &Job) -> Option<Box<Compilation>> {
        let mut memory = self.memories.remove(key).unwrap_or_default();
        let build = self.build;
        let compiled = catch_unwind(AssertUnwindSafe(|| {
            let disk = DiskReader::new(&key.root).ok();
            let mut reader =
                Overlay { root: &key.root, texts: &job.texts, disk, seen: &mut memory.seen };
            let request = Request {
                root: &key.file,
                beside,
                question: None,
                today: None,
                emit: if build { Emit::Everything } else { Emit::Nothing },
                last: None,
                editing: true,
                threads: crate::cli::cores(),
                phase: &mut |_| {},
            };
            Box::new(colabc::run_again(&mut reader, request, &mut memory.parsed))
        }));
        // What a fault left behind is not trusted.
        let compilation = compiled.ok()?;
        self.memories.insert(key.clone(), memory);
        Some(compilation)
    }
}

/// Compiles a project as it would be with other texts.
pub fn trial(project: &Project, texts: &BTreeMap<PathBuf, (Arc<str>, i64)>) -> Compilation {
    let root = project.root();
    let disk = DiskReader::new(root).ok();
    let mut reader = Overlay { root, texts, disk, seen: &mut BTreeMap::new() };
    let request = Request {
        root: &project.key.file,
        beside: &[],
        question: None,
        today: None,
        emit: Emit::Everything,
        last: None,
        editing: false,
        threads: crate::cli::cores(),
        phase: &mut |_| {},
    };
    colabc::run(&mut reader, request)
}

/// What is remembered of a project from one run to the next.
struct Memory {
    parsed: Parsed,
    seen: BTreeMap<String, Seen>,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory { parsed: Parsed::kept(), seen: BTreeMap::new() }
    }
}

/// A file of the disk, as it was read last.
struct Seen {
    changed: Option<SystemTime>,
    size: u64,
    bytes: Vec<u8>,
}

/// Unsaved texts win over the disk.
struct Overlay<'a> {
    root: &'a Path,
    texts: &'a BTreeMap<PathBuf, (Arc<str>, i64)>,
    /// None where the folder is gone.
    disk: Option<DiskReader>,
    seen: &'a mut BTreeMap<String, Seen>,
}

impl Overlay<'_> {
    /// A file that is as it was is not read again.
    fn on_disk(&mut self, path: &str) -> Result<Vec<u8>, ReadError> {
        let meta = fs::metadata(self.root.join(path)).ok();
        let stamp = meta.map(|m| (m.modified().ok(), m.len()));
        if let (Some((changed, size)), Some(seen)) = (stamp, self.seen.get(path))
            && (seen.changed, seen.size) == (changed, size)
            && changed.is_some_and(is_settled)
        {
            return Ok(seen.bytes.clone());
        }
        let bytes = self.disk.as_mut().ok_or(ReadError::Missing)?.read(path)?;
        if let Some((changed, size)) = stamp {
            let seen = Seen { changed, size, bytes: bytes.clone() };
            self.seen.insert(path.to_owned(), seen);
        }
        Ok(bytes)
    }
}

/// A file that was just written may be written again within what its clock can tell apart.
fn is_settled(changed: SystemTime) -> bool {
    changed.elapsed().is_ok_and(|age| age > Duration::from_secs(2))
}

impl Reader for Overlay<'_> {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.texts.get(&self.root.join(path)) {
            Some((text, _)) => Ok(text.as_bytes().to_vec()),
            None => self.on_disk(path),
        }
    }

    fn list(&mut self, folder: &str) -> Result<Vec<String>, ReadError> {
        let listed = self.disk.as_mut().ok_or(ReadError::Missing).and_then(|d| d.list(folder));
        let here = if folder.is_empty() { self.root.to_path_buf() } else { self.root.join(folder) };
        let open: Vec<String> = self
            .texts
            .keys()
            .filter(|path| path.parent() == Some(&here))
            .filter_map(|path| path.file_name().map(|n| n.to_string_lossy().into_owned()))
            .collect();
        let mut names = match listed {
            Err(ReadError::Missing) if !open.is_empty() => Vec::new(),
            other => other?,
        };
        names.extend(open);
        names.sort();
        names.dedup();
        Ok(names)
    }
}
