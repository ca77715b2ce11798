//! A project that exists only in memory, for tests.
#![allow(dead_code, reason = "the benches use a part of it")]

use colabc::resolve::parsed::Parsed;
use colabc::source::{ReadError, Reader};
use colabc::{Compilation, Emit, Request};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default, Clone)]
pub struct Memory {
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    pub fn new<N: Into<String>, T: Into<Vec<u8>>>(files: impl IntoIterator<Item = (N, T)>) -> Self {
        let files = files.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
        Memory { files }
    }
}

/// What a project is asked in tests: files that nothing imports are looked at, as `colabc check` does.
#[derive(Default, Clone, Copy)]
pub struct Ask<'a> {
    pub question: Option<&'a str>,
    pub today: Option<&'a str>,
    /// Emit as well, and tell what the targets refuse.
    pub emit: bool,
}

/// Threads, and from how many instances on the values are shared among them.
const ALONE: (usize, usize) = (2, colabc::CROWD);
const SHARED: (usize, usize) = (3, 0);

/// Compiles a project, and where it is sound also emits it: with all that either finds. Whoever asks for the findings
/// alone, as `colabc check` does, gets the same of them, also where several share the work.
pub fn check(project: Memory, root: &str, ask: Ask) -> Compilation {
    check_again(project, root, ask, &mut Parsed::default())
}

/// The same, for whoever did so before.
pub fn check_again(mut project: Memory, root: &str, ask: Ask, parsed: &mut Parsed) -> Compilation {
    let built = run(&mut project, root, ask, Emit::Everything, ALONE, parsed);
    let checked = run(&mut project, root, ask, Emit::Findings, SHARED, parsed);
    assert_eq!(checked.diagnostics, built.diagnostics, "`check` finds what `build` does");
    built
}

/// Compiles a project whose values as many share as there are threads, however small it is.
pub fn shared(mut project: Memory, threads: usize) -> Compilation {
    let (ask, parsed) = (Ask::default(), &mut Parsed::default());
    run(&mut project, "cluster.colab", ask, Emit::Nothing, (threads, 0), parsed)
}

fn run(
    project: &mut Memory,
    root: &str,
    ask: Ask,
    emitted: Emit,
    (threads, crowd): (usize, usize),
    parsed: &mut Parsed,
) -> Compilation {
    let colab = |name: &&String| name.ends_with(".colab");
    let beside: Vec<String> = match root {
        "cluster.colab" => project.files.keys().filter(colab).cloned().collect(),
        _ => Vec::new(),
    };
    let Ask { question, today, emit } = ask;
    let emit = if emit { emitted } else { Emit::Nothing };
    let request = Request {
        root,
        beside: &beside,
        question,
        today,
        emit,
        last: None,
        editing: false,
        threads,
        crowd,
        phase: &mut |_| {},
    };
    colabc::run_again(project, request, parsed)
}

impl Reader for Memory {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path.starts_with('/') || path.split('/').any(|step| step == "..") {
            return Err(ReadError::Outside);
        }
        if let Some(bytes) = self.files.get(path) {
            return Ok(bytes.clone());
        }
        Err(if self.list(path).is_ok() { ReadError::NotAFile } else { ReadError::Missing })
    }

    fn list(&mut self, folder: &str) -> Result<Vec<String>, ReadError> {
        let folder = folder.trim_matches('/');
        let within = |name: &String| match folder {
            "" | "." => Some(name.clone()),
            _ => Some(name.strip_prefix(folder)?.strip_prefix('/')?.to_owned()),
        };
        let names: BTreeSet<String> = self
            .files
            .keys()
            .filter_map(within)
            .map(|rest| rest.split('/').next().unwrap_or_default().to_owned())
            .collect();
        if names.is_empty() && !matches!(folder, "" | ".") {
            return Err(ReadError::Missing);
        }
        Ok(names.into_iter().collect())
    }
}
