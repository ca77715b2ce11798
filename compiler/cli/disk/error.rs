//! What the disk refused, in words that say what to do. Prints nothing.

use colabc::diag::text::visible;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A refusal; where nothing else is said, `out/` is as it was.
#[derive(Clone, Debug)]
pub struct DiskError {
    /// What could not be done: "cannot write".
    pub what: &'static str,
    pub path: PathBuf,
    pub cause: String,
    pub help: String,
    /// Below `out/`: what is in the way, and why it stays.
    pub in_the_way: Vec<Obstacle>,
}

/// A file that a build needs the place of and that is not the build's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Obstacle {
    pub path: String,
    pub what: InTheWay,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum InTheWay {
    /// Of an earlier build, with other bytes than it had.
    Edited,
    /// Of a colabc that this one is older than.
    Newer,
    /// Of no build.
    Foreign,
    Link,
    Special,
    /// A folder that holds files of no build.
    Folder,
    /// A file of an earlier build that this one leaves alone.
    NotSelected,
}

impl InTheWay {
    /// Whether `--force` takes its place. A folder may hold anything: that is a person's to clear.
    pub fn yields(self) -> bool {
        !matches!(self, InTheWay::Folder | InTheWay::NotSelected)
    }

    pub fn words(self) -> &'static str {
        match self {
            InTheWay::Edited => "edited since the last build",
            InTheWay::Newer => "of a newer colabc than this one",
            InTheWay::Foreign => "not written by colabc",
            InTheWay::Link => "a symbolic link",
            InTheWay::Special => "a device, pipe or socket",
            InTheWay::Folder => "a folder with files of others in it",
            InTheWay::NotSelected => "of a target or node that was not selected",
        }
    }
}

impl DiskError {
    pub fn new(what: &'static str, path: &Path, cause: impl Into<String>) -> Self {
        DiskError {
            what,
            path: path.to_owned(),
            cause: cause.into(),
            help: String::new(),
            in_the_way: Vec::new(),
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// What the system said, and the way out of it.
    pub fn io(what: &'static str, path: &Path, error: &io::Error) -> Self {
        DiskError::new(what, path, cause(error)).help(way_out(error))
    }

    pub fn blocked(out: &Path, in_the_way: Vec<Obstacle>) -> Self {
        let count = in_the_way.len();
        let files = if count == 1 { "1 file is".into() } else { format!("{count} files are") };
        let them = if count == 1 { "it" } else { "them" };
        let help = if in_the_way.iter().all(|obstacle| obstacle.what.yields()) {
            format!(
                "move {them} away, or bring the edits into the sources; `--force` overwrites {them}"
            )
        } else {
            format!("move {them} away; `--force` does not take the place of a folder")
        };
        let cause = format!("{files} in the way that this build did not write");
        DiskError { in_the_way, ..DiskError::new("cannot write", out, cause).help(help) }
    }
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`: {}", self.what, shown(&self.path), self.cause)?;
        for Obstacle { path, what } in self.in_the_way.iter().take(MOST_NAMED) {
            write!(f, "\n    {}: {}", visible(path), what.words())?;
        }
        if let Some(more) = self.in_the_way.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
            write!(f, "\n    and {more} more")?;
        }
        if !self.help.is_empty() {
            write!(f, "\n  help: {}", self.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for DiskError {}

/// More than these are counted only.
const MOST_NAMED: usize = 20;

/// A path as it is called from here: what lies below this folder, without the way to it; a terminal
/// obeys nothing in it.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok());
    let below = below.or_else(|| path.strip_prefix(".").ok());
    let path = below.filter(|below| !below.as_os_str().is_empty()).unwrap_or(path);
    visible(&path.to_string_lossy()).into_owned()
}

/// The system's reason without its number.
pub fn cause(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
}

fn way_out(error: &io::Error) -> &'static str {
    use io::ErrorKind as K;
    match error.kind() {
        K::StorageFull => "the disk is full: free some space and try again",
        K::QuotaExceeded => "your quota is used up: free some space and try again",
        K::ReadOnlyFilesystem => "mount the file system for writing, or name another place",
        K::PermissionDenied => "see who owns it and the folders above it",
        K::NotADirectory | K::AlreadyExists => {
            "a file stands where a folder is needed: move it away"
        }
        K::IsADirectory => "a folder stands where a file is needed: move it away",
        K::NotFound => "the folder that it lies in is missing: make it, or name another place",
        // What was too large to be read is nobody's limit.
        K::FileTooLarge if error.raw_os_error().is_some() => {
            "allow larger files: `ulimit -f unlimited` where a shell has set a limit"
        }
        _ => "",
    }
}
