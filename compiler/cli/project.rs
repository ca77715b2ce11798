//! Finding a project and compiling it: what every command begins with.

use super::disk::{self, Built, DiskError, DiskReader, Known, ROOT_FILE, find_root, shown};
use super::inputs::Inputs;
use super::locate::{STDIN, locate};
use super::stamp::{Read, stamp};
use super::{Outcome, args, walk};
use clap::ArgMatches;
use colabc::diag::text::{counted, visible};
use colabc::diag::{Severity, human};
use colabc::manifest::Hash;
use colabc::resolve::parsed::Parsed;
use colabc::resolve::strays;
use colabc::source::{Place, ReadError, Reader};
use colabc::syntax::tree::Tree;
use colabc::{Compilation, Emit, Request};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

/// A compiled project and where it lies.
pub struct Project {
    pub root: PathBuf,
    /// The file that everything begins with.
    file: String,
    pub compilation: Compilation,
    /// The manifest of the last build, where it was asked for and could be read.
    pub last: Option<Known>,
    /// The phases, and how long each took in seconds.
    pub timings: Vec<(&'static str, f64)>,
    /// Every file that was asked for, as it was before it was read.
    pub read: Read,
    /// What it was made of, by which compiler.
    pub inputs: Option<Hash>,
}

/// What is asked of a project beside its findings.
#[derive(Default)]
pub struct Ask<'a> {
    /// Look at files as well that nothing imports.
    pub strays: bool,
    /// What to emit into memory: what stops a build is found only then.
    pub emit: Emit<'a>,
    /// Where the last build lies, if not in `out/` beside the root file.
    pub out: Option<&'a Path>,
    pub question: Option<&'a str>,
    pub today: Option<&'a str>,
    /// What it was made of is wanted too.
    pub inputs: bool,
}

/// A project that is found, but not read.
pub struct Found {
    pub root: PathBuf,
    /// The file that everything begins with.
    file: String,
    reader: ProjectReader,
    parsed: Parsed,
}

/// Compiles what the command's PATH means.
pub fn open(matches: &ArgMatches, ask: &Ask) -> Result<Project, Outcome> {
    Ok(find(matches)?.compile(ask))
}

/// Finds what the command's PATH means.
pub fn find(matches: &ArgMatches) -> Result<Found, Outcome> {
    let path = matches.get_one::<PathBuf>("path").map(PathBuf::as_path);
    found(locate(path).map_err(|outcome| meant_otherwise(matches, path, outcome))?)
}

/// What a word may be that is no path: `colabc diff main`.
const OPTIONS: &[&str] = &["focus", "from", "node"];

fn meant_otherwise(matches: &ArgMatches, path: Option<&Path>, outcome: Outcome) -> Outcome {
    let word = path.filter(|path| !path.exists()).and_then(Path::to_str);
    let word = word.filter(|word| !word.contains(['/', '\\']) && !word.ends_with(".colab"));
    let option = OPTIONS.iter().find(|option| matches.try_contains_id(option).is_ok());
    match (outcome, word, option) {
        (Outcome::Usage(message), Some(word), Some(option)) => Outcome::Usage(format!(
            "{message}\n  help: or was `--{option} {}` meant?",
            visible(word)
        )),
        (outcome, ..) => outcome,
    }
}

/// The same; without a PATH it is the project around a folder, where there is one.
pub fn around(matches: &ArgMatches, folder: &Path) -> Result<Found, Outcome> {
    match find_root(folder) {
        Some(root) if matches.get_one::<PathBuf>("path").is_none() => {
            found((root, ROOT_FILE.to_string()))
        }
        _ => find(matches),
    }
}

fn found((root, file): (PathBuf, String)) -> Result<Found, Outcome> {
    let refused = |error: &_| Outcome::Disk(DiskError::io("cannot read", &root, error));
    let disk = DiskReader::new(&root).map_err(|error| refused(&error))?;
    let stdin = match file == STDIN {
        true => Some(args::stdin().map_err(|error| refused(&error))?),
        false => None,
    };
    let reader = ProjectReader { disk, stdin, read: Read::new(), inputs: None };
    Ok(Found { root, file, reader, parsed: Parsed::default() })
}

impl Found {
    pub fn compile(&mut self, ask: &Ask) -> Project {
        let begun = Instant::now();
        let beside = self.begin(ask);
        let mut last = begun;
        let mut timings = Vec::new();
        let mut phase = |name| {
            let now = Instant::now();
            timings.push((name, (now - last).as_secs_f64()));
            last = now;
        };
        // What is to be taken away can refuse nothing, so that only a build looks for it. A manifest that cannot be
        // believed is told of where files are compared with it.
        let out = matches!(ask.emit, Emit::Everything | Emit::Judged(_)).then(|| self.out(ask));
        let left = OnceLock::new();
        let read = || {
            left.get_or_init(|| Built::open(out.as_ref()?).ok().flatten().map(Built::into_known))
        };
        let manifest = || read().as_ref().map(|known| &known.manifest);
        let request = Request {
            root: &self.file,
            beside: &beside,
            question: ask.question,
            today: ask.today,
            emit: ask.emit,
            last: Some(&manifest),
            editing: false,
            threads: super::cores(),
            crowd: colabc::CROWD,
            phase: &mut phase,
        };
        let mut parsed = std::mem::take(&mut self.parsed).last();
        let mut compilation = std::thread::scope(|scope| {
            // A small one is read when it is asked for, and so is one for which there is no thread.
            let large = out.as_ref().is_some_and(|out| disk::is_large(out));
            let _ = large.then(|| std::thread::Builder::new().spawn_scoped(scope, read));
            colabc::run_again(&mut self.reader, request, &mut parsed)
        });
        let last = left.into_inner().flatten();
        compilation.sources.show_under(&way_to(&self.root));
        timings.push(("all", begun.elapsed().as_secs_f64()));
        let read = std::mem::take(&mut self.reader.read);
        let inputs = self.reader.inputs.take().and_then(Inputs::of_this_compiler);
        let (root, file) = (self.root.clone(), self.file.clone());
        Project { root, file, compilation, last, timings, read, inputs }
    }

    /// What `compile` would be made of, with nothing done but the reading: what is read once is not parsed again.
    pub fn inputs(&mut self, ask: &Ask) -> Option<Hash> {
        let beside = self.begin(ask);
        self.parsed = Parsed::kept();
        let request = Request {
            root: &self.file,
            beside: &beside,
            question: ask.question,
            today: ask.today,
            emit: Emit::Nothing,
            last: None,
            editing: false,
            threads: super::cores(),
            crowd: colabc::CROWD,
            phase: &mut |_| {},
        };
        // All reading is in the first phase; after it the answer is wanted no more.
        let none = colabc::run_while(&mut self.reader, request, &mut self.parsed, &|| false);
        debug_assert!(none.is_none(), "it ends when the sources are read");
        self.reader.inputs.take()?.of_this_compiler()
    }

    /// Forgets what was asked before, and answers the sources in the project's folder.
    fn begin(&mut self, ask: &Ask) -> Vec<String> {
        // A folder that cannot be searched holds no finding: what is imported is read all the same.
        let whole = ask.strays && self.file == ROOT_FILE;
        let beside = if whole { walk::sources(&self.root).names } else { Vec::new() };
        // Only a build leaves on its files what it made them of.
        self.reader.inputs = ask.inputs.then(Inputs::new);
        if let Some(inputs) = &mut self.reader.inputs {
            inputs.names(&beside);
        }
        beside
    }

    /// Where the last build lies.
    pub fn out(&self, ask: &Ask) -> PathBuf {
        ask.out.map_or_else(|| self.root.join("out"), Path::to_path_buf)
    }

    /// Every file that was asked for so far.
    pub fn read(&mut self) -> Read {
        std::mem::take(&mut self.reader.read)
    }

    /// Whether `out/` beside it is another root's.
    pub fn is_beside_another(&self) -> bool {
        self.file != ROOT_FILE && self.root.join(ROOT_FILE).is_file()
    }

    /// What the root file is called where it was named.
    pub fn called(&self) -> &str {
        if self.is_stdin() { "-" } else { &self.file }
    }

    /// Whether the sources came in on standard input.
    pub fn is_stdin(&self) -> bool {
        self.file == STDIN
    }
}

/// The disk, and one text from standard input.
struct ProjectReader {
    disk: DiskReader,
    stdin: Option<Vec<u8>>,
    read: Read,
    inputs: Option<Inputs>,
}

impl Reader for ProjectReader {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, ReadError> {
        let answer = match &self.stdin {
            Some(text) if path == STDIN => Ok(text.clone()),
            _ => {
                if !self.read.contains_key(path) {
                    self.read.insert(path.to_owned(), stamp(&self.disk.root().join(path)));
                }
                self.disk.read(path)
            }
        };
        if let Some(inputs) = &mut self.inputs {
            inputs.read(path, &answer);
        }
        answer
    }

    fn list(&mut self, folder: &str) -> Result<Vec<String>, ReadError> {
        let answer = self.disk.list(folder);
        if let Some(inputs) = &mut self.inputs {
            inputs.list(folder, &answer);
        }
        answer
    }
}

/// The way from the folder where the command was started to another one; empty where it is the same.
fn way_to(folder: &Path) -> String {
    let (Ok(here), Ok(there)) = (std::env::current_dir(), folder.canonicalize()) else {
        return String::new();
    };
    let common = here.components().zip(there.components()).take_while(|(a, b)| a == b).count();
    // From one tree of folders into another, a way up to the root of all helps nobody.
    if common <= 1 && here != there {
        return format!("{}/", there.display());
    }
    let up = here.components().skip(common).map(|_| "../".to_owned());
    let down = there.components().skip(common);
    let down = down.map(|folder| format!("{}/", folder.as_os_str().to_string_lossy()));
    up.chain(down).collect()
}

/// Prints what each phase took.
pub fn print_timings(timings: &[(&'static str, f64)]) {
    for (phase, seconds) in timings {
        args::complain(&format!("{phase:>8}  {:8.2} ms\n", seconds * 1000.0));
    }
}

/// Prints all findings for a person.
pub fn print_findings(project: &Project) {
    let c = &project.compilation;
    args::complain(&human::render(&c.diagnostics, &c.sources, &args::look()));
    print_alone(project);
}

/// Tells whoever named one file of a project that the others were not looked at.
fn print_alone(project: &Project) {
    let c = &project.compilation;
    let is_root = |tree: &Tree| strays::is_root(tree, &c.names);
    let own = |tree: &&Arc<Tree>| c.sources.file(tree.file).name == project.file;
    let named = project.file != ROOT_FILE && project.file != STDIN;
    let alone = named && c.trees.iter().find(own).is_some_and(|t| !is_root(t));
    if let Some(around) = find_root(&project.root).filter(|_| alone && c.errors() > 0) {
        let (file, around) = (&project.file, shown(&around.join(ROOT_FILE)));
        args::complain(&format!(
            "note: `{file}` was read as a root of its own\n  help: to check it as a part of its cluster, name none, or \
             `{around}`\n"
        ));
    }
}

/// `24 files, no findings`
pub fn sound(project: &Project) -> String {
    let own = project.compilation.sources.iter().filter(|(_, f)| f.place == Place::Project);
    format!("{}, no findings\n", counted(own.count(), "file"))
}

/// Prints the errors, for a command that needs sources without any; says whether there were some.
pub fn print_errors(project: &Project) -> bool {
    let c = &project.compilation;
    let errors: Vec<_> =
        c.diagnostics.iter().filter(|d| d.severity() == Severity::Error).cloned().collect();
    args::complain(&human::render(&errors, &c.sources, &args::look()));
    print_alone(project);
    !errors.is_empty()
}
