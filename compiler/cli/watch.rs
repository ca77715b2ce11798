//! `--watch`: does a thing again whenever a source changes. Looks instead of listening: see
//! `docs/decisions/0010-watching.md`.

use super::disk::shown;
use super::project;
use super::stamp::{Read, Stamp, stamp};
use super::{Outcome, args, walk};
use clap::{Arg, ArgAction, ArgMatches};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often the sources are looked at; a person notices nothing below this.
const LOOK: Duration = Duration::from_millis(150);
/// A save is over when nothing has changed for so long.
const SETTLE: Duration = Duration::from_millis(40);

pub fn arg() -> Arg {
    Arg::new("watch")
        .long("watch")
        .action(ArgAction::SetTrue)
        .help("Stay, and do it again whenever a source changes; Ctrl-C ends it")
}

/// One turn: what came of it, one line for it, and the files that it read.
pub struct Turn {
    pub outcome: Outcome,
    pub line: String,
    pub read: Read,
}

type Seen = BTreeMap<PathBuf, Stamp>;

/// Turns until somebody ends it. A broken state is said and waited out; only a call that never could
/// work comes back.
pub fn watch(matches: &ArgMatches, mut turn: impl FnMut() -> Turn) -> Outcome {
    let root = match project::find(matches) {
        Ok(found) if found.is_stdin() => {
            return Outcome::Usage("`--watch` needs files, and `-` is none".into());
        }
        Ok(found) => found.root,
        Err(outcome) => return outcome,
    };
    let mut cause = String::new();
    loop {
        let mut before = look(&root, &Read::new());
        let begun = Instant::now();
        let Turn { outcome, line, read: now } = turn();
        let took = begun.elapsed().as_millis();
        let told = match outcome {
            Outcome::Usage(message) => format!("error: {message}"),
            Outcome::Disk(error) => format!("{error}"),
            _ => line,
        };
        args::complain(&format!("{cause}{told} ({took} ms)\n"));
        // What it read counts as it was before it was read.
        for (path, stamp) in &now {
            before.entry(root.join(path)).or_insert(*stamp);
        }
        let changed = await_change(&root, &now, before);
        cause = format!("{}: ", named(&root, &changed));
    }
}

/// Waits until something differs and then stays as it is; says what differs.
fn await_change(root: &Path, read: &Read, before: Seen) -> Vec<PathBuf> {
    loop {
        let mut now = look(root, read);
        if now == before {
            sleep(LOOK);
            continue;
        }
        loop {
            sleep(SETTLE);
            let later = look(root, read);
            if later == now {
                break;
            }
            now = later;
        }
        let changed: Vec<PathBuf> = now
            .iter()
            .filter(|(path, stamp)| before.get(*path) != Some(stamp))
            .map(|(path, _)| path)
            .chain(before.keys().filter(|path| !now.contains_key(*path)))
            .cloned()
            .collect();
        // An editor may have put back what it took away.
        if !changed.is_empty() {
            return changed;
        }
    }
}

/// Every source below the root, and whatever else the last turn read.
fn look(root: &Path, read: &Read) -> Seen {
    let beside = walk::sources(root).names;
    let all = beside.iter().chain(read.keys()).map(|path| root.join(path));
    all.map(|path| (path.clone(), stamp(&path))).collect()
}

/// `services/gitea.colab`, or how many there are.
fn named(root: &Path, changed: &[PathBuf]) -> String {
    match changed {
        [one] => shown(one.strip_prefix(root).unwrap_or(one)),
        several => format!("{} files", several.len()),
    }
}
