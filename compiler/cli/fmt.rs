//! `colabc fmt`: the one style. A file is replaced as a whole or not at all.

use super::disk::{DiskError, DiskReader, ROOT_FILE, find_root, limit, plain};
use super::locate::{self, STDIN};
use super::{Outcome, args, walk};
use clap::{Arg, ArgAction, ArgMatches, Command};
use colabc::diag::text::visible;
use colabc::diag::{Diagnostic, human};
use colabc::names::Names;
use colabc::resolve::parsed::Parsed;
use colabc::resolve::{imports, strays};
use colabc::source::{Place, Sources};
use colabc::syntax;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub fn args(command: Command) -> Command {
    command
        .about("Write the sources in the one style")
        .long_about(
            "Write the sources in the one style. It has no options. A file with a fault in its syntax is \
             left as it is, and so said. A faulty file that is the root of another project, with a `cluster` of \
             its own that nothing here imports, does not count: name it to have its faults told.\n\n\
             Prints the names of the files that were changed; with --check, of those that would be.",
        )
        .after_help(
            "Examples:\n  colabc fmt\n  colabc fmt --check services\n  colabc fmt - < cluster.colab",
        )
        .arg(
            args::path().help(
                "A folder, with all .colab files below it; a file; or `-`, from standard input to \
                 standard output; without it: the project",
            ),
        )
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Change nothing; exit with 1 if a file is not in the style"),
        )
}

pub fn run(matches: &ArgMatches) -> Outcome {
    let check = matches.get_flag("check");
    let path = matches.get_one::<PathBuf>("path").map(PathBuf::as_path);
    let done = match path {
        Some(path) if path == Path::new("-") => stdin(check),
        path => {
            files_of(path).and_then(|(root, names)| files(&root, &names, path.is_some(), check))
        }
    };
    done.unwrap_or_else(|outcome| outcome)
}

fn stdin(check: bool) -> Result<Outcome, Outcome> {
    let bytes = args::stdin()
        .map_err(|error| Outcome::Disk(DiskError::io("cannot read", Path::new("-"), &error)))?;
    match styled(STDIN, bytes.clone()) {
        Styled::Text(text) if check && text.as_bytes() == bytes => Ok(Outcome::Fine),
        Styled::Text(_) if check => {
            args::print(&format!("{STDIN}\n"))?;
            Ok(Outcome::Findings)
        }
        Styled::Text(text) => {
            args::print(&text)?;
            Ok(Outcome::Fine)
        }
        Styled::Faulty(report) => {
            args::complain(&report);
            Ok(Outcome::Findings)
        }
    }
}

/// The folder, and the names below it; without one a file, as it was named.
fn files_of(path: Option<&Path>) -> Result<(PathBuf, Vec<PathBuf>), Outcome> {
    let root = match path {
        Some(path) if path.is_dir() => path.to_owned(),
        Some(path) if path.is_file() => {
            locate::is_source(path)?;
            return Ok((PathBuf::new(), vec![path.to_owned()]));
        }
        Some(path) => return Err(locate::nothing_at(path)),
        None => locate::folder(None)?,
    };
    let found = walk::sources(&root);
    match found.unread.first() {
        Some((folder, error)) => {
            Err(Outcome::Disk(DiskError::io("cannot read", &root.join(folder), error)))
        }
        None => Ok((root, found.names.into_iter().map(PathBuf::from).collect())),
    }
}

fn files(root: &Path, names: &[PathBuf], named: bool, check: bool) -> Result<Outcome, Outcome> {
    let mut findings = false;
    for name in names {
        let path = root.join(name);
        // Of the project, names are from its root, as everywhere; of a folder, as it was named.
        let shown = if named { path.to_string_lossy() } else { name.to_string_lossy() };
        let shown = visible(shown.strip_prefix("./").unwrap_or(&shown));
        let bytes = plain(&path)
            .map_err(|error| Outcome::Disk(DiskError::io("cannot read", &path, &error)))?;
        match styled(&shown, bytes.clone()) {
            Styled::Text(text) if text.as_bytes() == bytes => {}
            Styled::Text(text) => {
                if check {
                    findings = true;
                } else {
                    replace(&path, &text).map_err(|error| {
                        Outcome::Disk(DiskError::io("cannot write", &path, &error))
                    })?;
                }
                args::print(&format!("{shown}\n"))?;
            }
            Styled::Faulty(_) if !root.as_os_str().is_empty() && is_anothers(&path) => {
                let why = "another project's root, with a fault in its syntax";
                args::complain(&format!("{shown} is left as it is: {why}\n"));
            }
            Styled::Faulty(report) => {
                findings = true;
                args::complain(&report);
                args::complain(&format!("{shown} is left as it is\n\n"));
            }
        }
    }
    Ok(if findings { Outcome::Findings } else { Outcome::Fine })
}

/// Whether a file has a `cluster` of its own and is no part of the project that it lies in.
fn is_anothers(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    if path.file_name().is_some_and(|name| name == ROOT_FILE) {
        return false;
    }
    let mut sources = Sources::default();
    let mut names = Names::default();
    let text = fs::read_to_string(&path).unwrap_or_default();
    let file = sources.add(STDIN, Place::Project, text.as_str());
    let (tree, _) = syntax::parse(file, &text, &mut names);
    if !strays::is_root(&tree, &names) {
        return false;
    }
    let project = path.parent().and_then(find_root);
    let read = project.and_then(|root| Some((DiskReader::new(&root).ok()?, root)));
    let Some((mut disk, root)) = read else { return true };
    let mut sources = Sources::default();
    imports::load(
        &mut imports::Reading {
            reader: &mut disk,
            sources: &mut sources,
            names: &mut names,
            diagnostics: &mut Vec::new(),
            parsed: &mut Parsed::default(),
            threads: super::cores(),
        },
        ROOT_FILE,
    );
    !sources.iter().any(|(_, f)| f.place == Place::Project && root.join(&f.name) == path)
}

enum Styled {
    Text(String),
    /// What keeps it from being read, for a person.
    Faulty(String),
}

fn styled(name: &str, bytes: Vec<u8>) -> Styled {
    let Ok(text) = String::from_utf8(bytes) else {
        return Styled::Faulty(format!("error[E0704]: `{name}` is not UTF-8 text\n"));
    };
    let mut sources = Sources::default();
    let file = sources.add(name, Place::Project, text.as_str());
    let (tree, faults) = syntax::parse(file, &text, &mut Names::default());
    if faults.iter().any(is_error) {
        return Styled::Faulty(human::render(&faults, &sources, &args::look()));
    }
    Styled::Text(syntax::format(&tree, &text))
}

fn is_error(fault: &Diagnostic) -> bool {
    fault.severity() == colabc::diag::Severity::Error
}

/// Puts a text in a file's place: whoever reads meanwhile sees the old or the new one, whole. Where
/// the path is a link, the file behind it is replaced.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written = write_beside(&path, &beside, text).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_beside(path: &Path, beside: &Path, text: &str) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions();
    if mode.readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    limit::fits(text.len())?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(beside)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(mode)?;
    file.sync_all()
}
