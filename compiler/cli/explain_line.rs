//! `colabc explain FILE:LINE`: from a line of an emitted file to the source. What the answer says
//! is `answer`'s; here files are found and read.

use super::disk::{Built, find_root, shown};
use super::project::{self, Ask};
use super::{Outcome, args};
use clap::ArgMatches;
use colabc::answer::line::{Asked, NoLine, explain_line};
use colabc::answer::paper_line;
use colabc::diag::{Severity, human};
use colabc::model::Cluster;
use colabc::targets;
use colabc::tree::MANIFEST;
use std::path::{Path, PathBuf};

/// A file, and perhaps a line of it, as the command line names them.
pub struct Spot {
    file: PathBuf,
    line: Option<usize>,
}

/// `out/hosts/box:12`, `out/hosts/box:12:5`, or the path of a file that is there.
pub fn spot(what: &str) -> Option<Spot> {
    let numbered = |text: &str| -> Option<(String, usize)> {
        let (head, number) = text.rsplit_once(':')?;
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| (head.to_owned(), number.parse().unwrap_or(usize::MAX)))
    };
    match numbered(what) {
        Some((head, line)) => match numbered(&head) {
            // The second number is a column, of which no line has an origin of its own.
            Some((file, line)) => Some(Spot { file: file.into(), line: Some(line) }),
            None => Some(Spot { file: head.into(), line: Some(line) }),
        },
        None if what.contains(['/', '\\']) && Path::new(what).exists() => {
            Some(Spot { file: what.into(), line: None })
        }
        None => None,
    }
}

/// What is said where no file is; the names that a build prints are those below its folder.
fn no_file(spot: &Spot) -> String {
    let named = shown(&spot.file);
    let what = match (spot.file.is_dir(), spot.file.exists()) {
        (true, _) => format!("expected a file, found the folder `{named}`"),
        (false, true) => format!("expected a file, found a device, pipe or socket: `{named}`"),
        (false, false) => format!("there is no file `{named}`"),
    };
    let built = find_root(Path::new(".")).map(|root| root.join("out").join(&spot.file));
    let help = match built.filter(|built| built.is_file()) {
        Some(built) => {
            let line = spot.line.map_or(String::new(), |line| format!(":{line}"));
            format!("did you mean `{}{line}`?", shown(&built))
        }
        None => "name a line of an emitted file: `out/compose/NODE/SERVICE.yml:12`".to_owned(),
    };
    format!("{what}\n  help: {help}")
}

pub fn run(matches: &ArgMatches, spot: &Spot, json: bool) -> Result<Outcome, Outcome> {
    if !spot.file.is_file() {
        return Err(Outcome::Usage(no_file(spot)));
    }
    let shown = shown(&spot.file);
    let Some((built, path)) = Built::around(&spot.file).map_err(Outcome::Disk)? else {
        let help = match spot.file.extension().is_some_and(|end| end == "colab") {
            true => "it is a source; name a value that it sets: `colabc explain NODE.FIELD`",
            false => "name a line of an emitted file: `out/compose/NODE/SERVICE.yml:12`",
        };
        return Err(Outcome::Usage(format!(
            "`{shown}` lies in no folder that a build wrote: there is no {MANIFEST} above it\n  help: {help}"
        )));
    };
    let row = built.manifest.files.get(path.as_str());
    if row.is_none() && path != MANIFEST {
        return Err(Outcome::Usage(format!(
            "`{shown}` is not a build's: {MANIFEST} does not name it\n  help: whoever put it there knows where it comes from"
        )));
    }
    let bytes = built.read(&path).map_err(Outcome::Disk)?.unwrap_or_default();
    let mut c = project::around(matches, &built.folder)?.compile(&Ask::default()).compilation;
    let errors = c.errors();
    let cluster = match Cluster::of(c.resolved.model, errors) {
        Ok(cluster) => cluster,
        Err(_) => {
            let found: Vec<_> =
                c.diagnostics.into_iter().filter(|d| d.severity() == Severity::Error).collect();
            args::complain(&human::render(&found, &c.sources, &args::look()));
            args::complain("what a line comes from can be said once the errors are mended\n");
            return Ok(Outcome::Findings);
        }
    };
    let (tree, _) = targets::emit_after(&cluster, &built.manifest, super::cores());
    c.resolved.model = cluster.into_model();
    let asked =
        Asked { path: &path, line: spot.line, bytes: &bytes, written: row.map(|row| row.sha256) };
    match explain_line(&mut c.resolved, &c.sources, &tree, &asked) {
        Ok(found) => {
            let model = &c.resolved.model;
            args::print(&if json {
                paper_line::json(&found, model, &c.sources)
            } else {
                paper_line::text(&found, model, &c.sources, &args::look_out())
            })?;
            Ok(Outcome::Fine)
        }
        Err(NoLine::NotMade) => Err(Outcome::Usage(format!(
            "the sources no longer make `{shown}`\n  help: `colabc build` takes it away"
        ))),
        Err(NoLine::Beyond(lines)) => {
            let lines = match lines {
                1 => "1 line".to_owned(),
                lines => format!("{lines} lines"),
            };
            Err(Outcome::Usage(format!("`{shown}` has {lines}\n  help: name one of them")))
        }
    }
}
