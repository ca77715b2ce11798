//! The threads that compile: one checks at once, one emits as well when the typing pauses. Each does
//! the newest job, and leaves one whose texts are no more.

use super::Event;
use super::awaited::Awaited;
use crate::cli::disk::DiskReader;
use colabc::ide::emitted::Emitted;
use colabc::resolve::parsed::Parsed;
use colabc::source::{ReadError, Reader};
use colabc::tree::OutTree;
use colabc::{Compilation, Emit, Request};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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
    pub projects: BTreeMap<Key, Stale>,
}

/// What is to be known of a project.
#[derive(Clone)]
pub struct Stale {
    /// The sources that lie in its folder.
    pub beside: Arc<[String]>,
    /// The revision that the job is about.
    pub at: u64,
    /// The newest revision.
    pub changed: Changed,
}

/// The revision of a project's last change, which whoever works on an older one can see.
#[derive(Clone)]
pub struct Changed(Arc<AtomicU64>);

impl Changed {
    pub fn at(revision: u64) -> Changed {
        Changed(Arc::new(AtomicU64::new(revision)))
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub fn set(&self, revision: u64) {
        self.0.store(revision, Ordering::Relaxed);
    }
}

/// What became of a project.
pub struct Worked {
    pub key: Key,
    pub revision: u64,
    pub texts: Texts,
    /// The files that it read and that are no sources.
    pub read: BTreeSet<String>,
    /// Of a run that emitted, what it was.
    pub emitted: Option<Emitted>,
    /// None where the compiler has a bug.
    pub compilation: Option<Box<Compilation>>,
}

/// Sources nest, and the reader follows them: more than a thread gets by itself.
const STACK: usize = 256 << 20;
/// The longest pause that emitting waits for; and after so long in vain, a check goes on to its end
/// though the texts have changed: whoever types without a pause sees findings all the same.
const LONGEST: Duration = Duration::from_secs(2);

/// From now on, this thread and those that it starts work when others don't.
fn give_way() {
    // Elsewhere this is a matter of the whole process.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, 5);
}

/// Starts a worker; it ends when nobody can send it a job.
pub fn start<'s>(
    scope: &'s Scope<'s, '_>,
    events: Sender<Event>,
    build: bool,
) -> io::Result<Sender<Job>> {
    let (sender, jobs) = channel();
    let worker = Worker { events, build, memories: BTreeMap::new(), pause: Duration::ZERO };
    Builder::new().stack_size(STACK).spawn_scoped(scope, move || worker.run(&jobs))?;
    Ok(sender)
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
        // Somebody waits for what is checked, and hardly for what is emitted.
        if self.build {
            give_way();
        }
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
            while let Some((key, stale)) = job.projects.pop_first() {
                let begun = Instant::now();
                let Ok(mut compilation) = self.compile(&key, &stale, &job) else {
                    // Its change is a job of its own, and on its way.
                    newer(&mut job, Duration::ZERO);
                    continue;
                };
                self.pause = begun.elapsed().min(LONGEST);
                let (revision, texts) = (job.revision, job.texts.clone());
                // The texts of what was emitted go at once: they are larger than all else.
                let tree = compilation.as_mut().and_then(|c| c.tree.take());
                let emitted = tree.as_ref().map(Emitted::of).unwrap_or_default();
                let emitted = self.build.then_some(emitted);
                let read = self.memories.get(&key).map_or_else(BTreeSet::new, |m| m.read.clone());
                let worked = Worked { key, revision, texts, read, emitted, compilation };
                if self.events.send(Event::Worked(worked)).is_err() {
                    return;
                }
                // Of several projects, the one that just changed comes before the rest.
                newer(&mut job, Duration::ZERO);
            }
        }
    }

    /// None after a fault.
    fn compile(
        &mut self,
        key: &Key,
        stale: &Stale,
        job: &Job,
    ) -> Result<Option<Box<Compilation>>, Outdated> {
        let mut memory = self.memories.remove(key).unwrap_or_default();
        let build = self.build;
        let in_vain = memory.in_vain.get_or_insert_with(Instant::now).elapsed();
        let to_its_end = !build && in_vain > LONGEST;
        let wanted = || to_its_end || stale.changed.get() == stale.at;
        if !wanted() {
            self.memories.insert(key.clone(), memory);
            return Err(Outdated);
        }
        let compiled = catch_unwind(AssertUnwindSafe(|| {
            #[cfg(test)]
            assert!(!key.file.contains("fault"), "at {:?}", job.texts);
            let disk = DiskReader::new(&key.root).ok();
            memory.read.clear();
            let (seen, read) = (&mut memory.seen, &mut memory.read);
            let mut reader = Overlay { root: &key.root, texts: &job.texts, disk, seen, read };
            let request = Request {
                root: &key.file,
                beside: &stale.beside,
                question: None,
                today: None,
                emit: if build { Emit::Paths } else { Emit::Nothing },
                last: None,
                editing: true,
                threads: crate::cli::cores(),
                crowd: colabc::CROWD,
                phase: &mut |_| {},
            };
            let run = colabc::run_while(&mut reader, request, &mut memory.parsed, &wanted)?;
            // Whoever is answered next has no time for it.
            run.sources.concealed();
            Some(Box::new(run))
        }));
        // What a fault left behind is not trusted.
        let Ok(compilation) = compiled else { return Ok(None) };
        if compilation.is_some() {
            memory.in_vain = None;
        }
        self.memories.insert(key.clone(), memory);
        compilation.map(Some).ok_or(Outdated)
    }
}

/// The texts changed before the work was done.
struct Outdated;

/// What came of a request, or why it cannot be answered.
pub type Answer = Result<Value, String>;
/// An answer that takes its time to find, as long as somebody waits for it.
pub type Later = Box<dyn FnOnce(&Awaited) -> Answer + Send>;

/// A request that takes its time.
pub struct Slow {
    pub ticket: u64,
    pub awaited: Awaited,
    pub later: Later,
}

/// Starts the thread on which answers are found that take their time, one after another.
pub fn start_slow<'s>(scope: &'s Scope<'s, '_>, events: Sender<Event>) -> io::Result<Sender<Slow>> {
    let (sender, asked) = channel::<Slow>();
    let work = move || {
        for Slow { ticket, awaited, later } in asked {
            let answer = catch_unwind(AssertUnwindSafe(|| later(&awaited))).ok();
            if events.send(Event::Found(ticket, answer)).is_err() {
                return;
            }
        }
    };
    Builder::new().stack_size(STACK).spawn_scoped(scope, work)?;
    Ok(sender)
}

/// What would be built of a project with other texts; none where they have errors, and where nobody waits for it.
pub fn trial(
    key: &Key,
    texts: &BTreeMap<PathBuf, (Arc<str>, i64)>,
    awaited: &Awaited,
) -> Option<OutTree> {
    let root = &key.root;
    let disk = DiskReader::new(root).ok();
    let (mut seen, mut read) = (BTreeMap::new(), BTreeSet::new());
    let mut reader = Overlay { root, texts, disk, seen: &mut seen, read: &mut read };
    let request = Request {
        root: &key.file,
        beside: &[],
        question: None,
        today: None,
        emit: Emit::Everything,
        last: None,
        editing: false,
        threads: crate::cli::cores(),
        crowd: colabc::CROWD,
        phase: &mut |_| {},
    };
    let wanted = || awaited.still();
    colabc::run_while(&mut reader, request, &mut Parsed::default(), &wanted)?.tree
}

/// What is remembered of a project from one run to the next.
struct Memory {
    parsed: Parsed,
    seen: BTreeMap<String, Seen>,
    /// What the last run read that is no source.
    read: BTreeSet<String>,
    /// Since when nothing came to its end.
    in_vain: Option<Instant>,
}

impl Default for Memory {
    fn default() -> Memory {
        let (seen, read) = (BTreeMap::new(), BTreeSet::new());
        Memory { parsed: Parsed::kept(), seen, read, in_vain: None }
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
    read: &'a mut BTreeSet<String>,
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
        if !path.ends_with(".colab") {
            self.read.insert(path.to_owned());
        }
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
