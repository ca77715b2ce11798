//! What the PATH of a command means: a folder, a source, standard input; and what to say where it means nothing.

use super::Outcome;
use super::disk::{ROOT_FILE, find_root, shown};
use colabc::diag::text::listed;
use colabc::types::distance::nearest;
use std::path::{Path, PathBuf};

/// The name of a root file that came in on standard input.
pub const STDIN: &str = "<stdin>";

/// The project's folder and its root file in it.
pub fn locate(path: Option<&Path>) -> Result<(PathBuf, String), Outcome> {
    if path == Some(Path::new("-")) {
        return Ok((PathBuf::from("."), STDIN.to_owned()));
    }
    let Some(file) = path.filter(|path| path.is_file()) else {
        return Ok((folder(path)?, ROOT_FILE.to_owned()));
    };
    is_source(file)?;
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((folder, name))
}

/// The folder of the project around a folder, or around this one.
pub fn folder(path: Option<&Path>) -> Result<PathBuf, Outcome> {
    let start = path.unwrap_or(Path::new("."));
    if !start.is_dir() {
        return Err(nothing_at(start));
    }
    find_root(start).ok_or_else(|| Outcome::Usage(no_root(path)))
}

/// Whatever is not called a source is none: a page that is read as one has a hundred faults, and mending it would spoil it.
pub fn is_source(file: &Path) -> Result<(), Outcome> {
    if file.extension().is_some_and(|end| end == "colab") {
        return Ok(());
    }
    let shown = shown(file);
    Err(Outcome::Usage(format!(
        "expected a .colab file or a folder, found `{shown}`\n  help: what has another name is read as standard input: \
         `- < {shown}`"
    )))
}

/// What is said of a path that is neither a plain file nor a folder.
pub fn nothing_at(path: &Path) -> Outcome {
    let named = shown(path);
    if path.exists() {
        return Outcome::Usage(format!(
            "expected a file or a folder, and `{named}` is neither\n  help: what another program writes is read as \
             standard input: `-`"
        ));
    }
    let wanted = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let beside: Vec<String> = beside(path);
    let near = wanted.and_then(|wanted| {
        nearest(&wanted, beside.iter().map(String::as_str)).first().map(|near| (*near).to_owned())
    });
    let help = match near {
        Some(near) => format!("did you mean `{}`?", shown(&path.with_file_name(near))),
        None => format!("name a folder with a `{ROOT_FILE}`, or a .colab file"),
    };
    Outcome::Usage(format!("there is no file or folder `{named}`\n  help: {help}"))
}

/// The folders and sources beside a path.
fn beside(path: &Path) -> Vec<String> {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    entries(above.unwrap_or(Path::new(".")))
        .into_iter()
        .filter(|entry| entry.is_dir() || entry.extension().is_some_and(|end| end == "colab"))
        .filter_map(|entry| Some(entry.file_name()?.to_string_lossy().into_owned()))
        .collect()
}

/// Whoever is one folder too high is told where to go.
fn no_root(path: Option<&Path>) -> String {
    let (at, dir) = match path.map(shown) {
        Some(folder) if folder != "." => (format!("in `{folder}`"), format!(" {folder}")),
        _ => ("here".to_owned(), String::new()),
    };
    let mut below = entries(path.unwrap_or(Path::new(".")));
    below.retain(|folder| folder.join(ROOT_FILE).is_file());
    let help = match below.as_slice() {
        [] => format!("make one with `colabc init{dir}`, or name a .colab file"),
        some => {
            let some = listed(some.iter().map(|folder| shown(folder)));
            format!("there is one in {some}: name it, or go there")
        }
    };
    format!("no `{ROOT_FILE}` {at} or in any folder above\n  help: {help}")
}

/// What lies in a folder, by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    all.sort();
    all
}
