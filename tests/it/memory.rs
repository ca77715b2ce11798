//! A project that exists only in memory, for tests.

use colabc::Compilation;
use colabc::diag::sort_and_fold;
use colabc::model::Cluster;
use colabc::source::{ReadError, Reader};
use colabc::targets;
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

/// Compiles a project, and where it is sound also emits it: with all that either finds.
pub fn findings(mut project: Memory, root: &str) -> Compilation {
    let mut run = colabc::compile(&mut project, root);
    if run.errors() == 0 {
        let again = colabc::compile(&mut project, root);
        let cluster = Cluster::of(again.resolved.model, 0).expect("there are no errors");
        let found = targets::emit(&cluster).1;
        if !found.is_empty() {
            let all = std::mem::take(&mut run.diagnostics).into_iter().chain(found).collect();
            run.diagnostics = sort_and_fold(all, &run.sources);
        }
    }
    run
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
