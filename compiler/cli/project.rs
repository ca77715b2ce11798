//! Finding a project and compiling it: what every command begins with.

use super::disk::{DiskError, DiskReader, find_root};
use super::{Outcome, args};
use clap::ArgMatches;
use colabc::Compilation;
use colabc::diag::human;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A compiled project and where it lies.
pub struct Project {
    pub root: PathBuf,
    pub compilation: Compilation,
    pub seconds: f64,
}

/// Compiles what the command's PATH means.
pub fn open(matches: &ArgMatches) -> Result<Project, Outcome> {
    let path = matches.get_one::<PathBuf>("path");
    let (root, file) = locate(path.map(PathBuf::as_path)).map_err(|message| match message {
        Ok(error) => Outcome::Disk(error),
        Err(message) => Outcome::Usage(message),
    })?;
    let mut reader = DiskReader::new(&root)
        .map_err(|error| Outcome::Disk(DiskError::io("cannot read", &root, &error)))?;
    let begun = Instant::now();
    let compilation = colabc::compile(&mut reader, &file);
    Ok(Project { root, compilation, seconds: begun.elapsed().as_secs_f64() })
}

fn locate(path: Option<&Path>) -> Result<(PathBuf, String), Result<DiskError, String>> {
    let start = path.unwrap_or(Path::new("."));
    if start.is_file() {
        let folder = match start.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
            _ => PathBuf::from("."),
        };
        let name = start.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        return Ok((folder, name));
    }
    if path.is_some() && !start.exists() {
        return Err(Err(format!("there is no file or folder `{}`", start.display())));
    }
    match find_root(start) {
        Some(root) => Ok((root, super::disk::ROOT_FILE.to_string())),
        None => Err(Err(format!(
            "no `{}` here or in any folder above\n  help: make one with `colabc init`, or name a .colab file",
            super::disk::ROOT_FILE
        ))),
    }
}

/// Prints all findings for a person.
pub fn print_findings(project: &Project) {
    let c = &project.compilation;
    if !c.diagnostics.is_empty() {
        eprint!("{}", human::render(&c.diagnostics, &c.sources, &args::look()));
    }
}
