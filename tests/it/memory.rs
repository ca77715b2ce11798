//! A project that exists only in memory, for tests.

use colabc::diag::{Diagnostic, sort_and_fold};
use colabc::model::Cluster;
use colabc::source::{ReadError, Reader};
use colabc::targets;
use colabc::{Compilation, Request};
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
}

pub fn check(mut project: Memory, root: &str, ask: Ask) -> Compilation {
    let colab = |name: &&String| name.ends_with(".colab");
    let beside: Vec<String> = match root {
        "cluster.colab" => project.files.keys().filter(colab).cloned().collect(),
        _ => Vec::new(),
    };
    let Ask { question, today } = ask;
    let request =
        Request { root, beside: &beside, question, today, editing: false, phase: &mut |_| {} };
    let mut run = colabc::run(&mut project, request);
    if run.errors() == 0 {
        run.diagnostics.extend(refused(&mut project, root));
        run.diagnostics = sort_and_fold(run.diagnostics, &run.sources);
    }
    run
}

/// What the targets refuse of a sound project.
fn refused(project: &mut Memory, root: &str) -> Vec<Diagnostic> {
    let run = colabc::compile(project, root);
    match Cluster::of(run.resolved.model, 0) {
        Ok(cluster) => targets::emit(&cluster).1,
        Err(_) => Vec::new(),
    }
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
