//! Every way out that is an edit is taken, in every case: then its finding is gone, and there is no new one.
#![allow(clippy::print_stdout)]

use crate::memory::{Ask, Memory, check};
use crate::ratchet::{hold, root};
use colabc::Compilation;
use colabc::diag::codes::CODES;
use colabc::diag::{Edit, Safety};
use colabc::source::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A case's sources as text; those that are written in bytes are of another sort.
struct Project {
    files: BTreeMap<String, String>,
    root: String,
    today: Option<String>,
    emit: bool,
}

impl Project {
    fn read(text: &str) -> Option<Project> {
        let mut parts = text.split("\n== ");
        let preface = parts.next()?;
        let (preface, first) = match preface.strip_prefix("== ") {
            Some(first) => ("", Some(first)),
            None => (preface, None),
        };
        let mut files = BTreeMap::new();
        let mut root = None;
        for part in first.into_iter().chain(parts) {
            let (head, body) = part.split_once('\n').unwrap_or((part, ""));
            if !head.contains('.') || head.contains('"') || head.contains(' ') {
                continue;
            }
            if head.ends_with(".colab") && (root.is_none() || head == "cluster.colab") {
                root = Some(head.to_owned());
            }
            files.insert(head.to_owned(), format!("{body}\n"));
        }
        let emit = ["E08", "E16"].iter().any(|group| text.contains(group));
        let today = preface.lines().find_map(|line| line.strip_prefix("# today:"));
        Some(Project { files, root: root?, today: today.map(|day| day.trim().to_owned()), emit })
    }

    fn check(&self) -> Compilation {
        let ask = Ask { today: self.today.as_deref(), emit: self.emit, ..Ask::default() };
        check(Memory::new(self.files.clone()), &self.root, ask)
    }

    fn with(&self, run: &Compilation, edits: &[Edit]) -> Project {
        let mut files = self.files.clone();
        let mut edits: Vec<&Edit> = edits.iter().collect();
        edits.sort_by_key(|edit| (edit.span.file, std::cmp::Reverse(edit.span.start)));
        for edit in edits {
            let file = files.get_mut(&run.sources.file(edit.span.file).name).unwrap();
            file.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        }
        Project { files, root: self.root.clone(), today: self.today.clone(), emit: self.emit }
    }
}

/// How often each code is found, with what is folded into one counted one by one.
fn counts(run: &Compilation) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for found in &run.diagnostics {
        let times = found.spread.as_ref().map_or(1, |spread| spread.found.max(1) as usize);
        *counts.entry(found.code.id).or_default() += times;
    }
    counts
}

/// Whether a finding of one code hides those of another: a file that cannot be read has no names, a name that is not
/// known no value, lints are looked for only where there is no error, and of a file that nothing imports only the syntax
/// is read.
fn hidden(by: &str, code: &str) -> bool {
    if by == "L0101" {
        return !code.starts_with("E01");
    }
    let stage = |id: &str| match &id[..3] {
        "E01" => 1,
        "E02" => 2,
        group if group.starts_with('L') => 4,
        _ => 3,
    };
    stage(by) < stage(code)
}

#[derive(Default)]
struct Report {
    /// Codes with an edit in some case, and how many were tried.
    tried: BTreeMap<&'static str, usize>,
    /// The code and title of a fix that did not do what it says, with the first case.
    wrong: BTreeMap<String, String>,
}

fn try_all(path: &Path, report: &Mutex<Report>) {
    let text = std::fs::read_to_string(path).unwrap();
    let Some(project) = Project::read(&text) else { return };
    let run = project.check();
    let before = counts(&run);
    for found in &run.diagnostics {
        for fix in found.fixes.iter().filter(|fix| fix.safety != Safety::Advice) {
            let own = |edit: &Edit| run.sources.file(edit.span.file).place == Place::Project;
            if fix.edits.is_empty() || !fix.edits.iter().all(own) {
                continue;
            }
            let after = counts(&project.with(&run, &fix.edits).check());
            let count = |counts: &BTreeMap<&str, usize>, id| counts.get(id).copied().unwrap_or(0);
            let id = found.code.id;
            let gone = count(&after, id) < count(&before, id);
            let new: Vec<&str> = after
                .keys()
                .copied()
                .filter(|code| count(&after, code) > count(&before, code) && !hidden(id, code))
                .collect();
            let mut report = report.lock().unwrap();
            *report.tried.entry(id).or_default() += 1;
            if !gone || !new.is_empty() {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                let what = if gone {
                    format!("brings {}", new.join(", "))
                } else {
                    "is still there".into()
                };
                report.wrong.insert(format!("{name} {id}"), format!("{} ({what})", fix.title));
            }
        }
    }
}

fn case_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            case_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "case") {
            found.push(path);
        }
    }
}

#[test]
fn every_fix_mends_its_finding_and_breaks_nothing() {
    let mut paths = Vec::new();
    case_files(&root().join("tests/cases"), &mut paths);
    let (next, report) = (AtomicUsize::new(0), Mutex::new(Report::default()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |count| count.get()) {
            let work = || {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    try_all(path, &report);
                }
            };
            let thread = std::thread::Builder::new().stack_size(8 << 20);
            thread.spawn_scoped(scope, work).unwrap();
        }
    });
    let Report { tried, wrong } = report.into_inner().unwrap();
    let (fixes, share) = (tried.values().sum::<usize>(), tried.len() * 100 / CODES.len());
    println!(
        "{} of {} codes ({share} %) have an edit in some case; {fixes} edits taken",
        tried.len(),
        CODES.len()
    );
    for (place, why) in &wrong {
        println!("{place}: {why}");
    }
    let without: Vec<&str> =
        CODES.iter().map(|code| code.id).filter(|id| !tried.contains_key(id)).collect();
    println!("only words: {}", without.join(" "));
    let rule = "a fix mends its finding and brings no other";
    hold("fixes-that-do-not-mend", rule, &wrong.keys().cloned().collect::<BTreeSet<_>>());
    assert!(tried.len() * 2 >= CODES.len(), "an edit for at least half of the codes");
}
