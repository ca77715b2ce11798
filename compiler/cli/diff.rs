//! `colabc diff`: what the sources would change, against a folder or a revision. Finds and reads the
//! earlier state; what is said of it is `colabc::diff`'s.

use super::disk::{Built, shown};
use super::project::{self, Ask, Project};
use super::{Outcome, args, git};
use clap::{Arg, ArgAction, ArgMatches, Command};
use colabc::diag::{Severity, human};
use colabc::diff::files::Old;
use colabc::diff::paper::{self, Frame};
use colabc::manifest::Manifest;
use colabc::model::Cluster;
use colabc::targets;
use colabc::tree::MANIFEST;
use colabc::types::distance::nearest;
use std::path::Path;

pub fn args(command: Command) -> Command {
    command
        .about("Say what the sources would change")
        .long_about(
            "Say what the sources would change: in the cluster's words, then by node and tool, each \
             change with what it does to what runs: nothing, reload, restart, or recreate, and whether \
             it waits for a person's yes.\n\nIt compares with what was built before: out/ as it lies on \
             the disk, as a revision has it, or another folder. Nothing is written.",
        )
        .after_help(
            "Examples:\n  colabc diff\n  colabc diff --from main\n  colabc diff --from HEAD~3 --files\n  \
             colabc diff --from /elsewhere/out --exit-code",
        )
        .arg(args::path())
        .arg(
            Arg::new("from")
                .long("from")
                .value_name("REV|DIR")
                .help("A revision with out/ in it, or a folder; without it: out/ on the disk"),
        )
        .arg(
            Arg::new("files")
                .long("files")
                .action(ArgAction::SetTrue)
                .help("Also show the lines of each file, as diff -u does"),
        )
        .arg(
            Arg::new("exit-code")
                .long("exit-code")
                .action(ArgAction::SetTrue)
                .help("Exit with 4 where something would change"),
        )
        .arg(args::format(&["text", "json"]))
}

pub fn run(matches: &ArgMatches) -> Outcome {
    answer(matches).unwrap_or_else(|outcome| outcome)
}

fn answer(matches: &ArgMatches) -> Result<Outcome, Outcome> {
    let Project { root, compilation: c, .. } = project::find(matches)?.compile(&Ask::default());
    let errors = c.errors();
    let Ok(cluster) = Cluster::of(c.resolved.model, errors) else {
        let found: Vec<_> =
            c.diagnostics.into_iter().filter(|d| d.severity() == Severity::Error).collect();
        args::complain(&human::render(&found, &c.sources, &args::look()));
        args::complain("what would change can be said once the errors are mended\n");
        return Ok(Outcome::Findings);
    };
    let from = matches.get_one::<String>("from").map(String::as_str);
    let (old, name) = earlier(&root, from)?;
    let (tree, found) = targets::emit_after(&cluster, &old.manifest, super::cores());
    if found.iter().any(|d| d.severity() == Severity::Error) {
        let found = colabc::diag::sort_and_fold(found, &c.sources);
        args::complain(&human::render(&found, &c.sources, &args::look()));
        return Ok(Outcome::Findings);
    }
    let report = colabc::diff::compare(&cluster, &old, &tree)
        .map_err(|why| Outcome::Usage(format!("cannot compare with `{name}`: {}\n  help: build it again, or name another with `--from`", why.0)))?;
    let frame = Frame { from: &name, patches: matches.get_flag("files") };
    args::print(&if args::chosen(matches) == "json" {
        paper::json(&report, &c.sources, &frame, (&old, &tree))
    } else {
        paper::text(&report, &c.sources, &frame, (&old, &tree), &args::look_out())
    })?;
    Ok(match matches.get_flag("exit-code") && !report.is_empty() {
        true => Outcome::Changed,
        false => Outcome::Fine,
    })
}

/// The earlier state, and what to call it.
fn earlier(root: &Path, from: Option<&str>) -> Result<(Old, String), Outcome> {
    let Some(from) = from else {
        let old = folder(&root.join("out"))?.unwrap_or_default();
        let name = if old.manifest.files.is_empty() { "nothing" } else { "out/ on the disk" };
        return Ok((old, name.to_owned()));
    };
    let path = Path::new(from);
    if path.is_dir() {
        for folder_ in [path.to_owned(), path.join("out")] {
            if let Some(old) = folder(&folder_)? {
                return Ok((old, shown(&folder_)));
            }
        }
    }
    let mut files = git::files(root, from, "out").map_err(|said| {
        let said = match path.is_dir() {
            true => format!("there is no {MANIFEST} in that folder, and no revision of that name"),
            false => said,
        };
        let near = git::branches(root);
        let help = match (&near, nearest(from, near.iter().flatten().map(String::as_str)).first()) {
            (_, Some(near)) => format!("did you mean `{near}`?"),
            (Ok(_), None) => "name a revision, or a folder that a build wrote".to_owned(),
            (Err(_), None) => {
                "name a folder that a build wrote; revisions need git, and a repository".to_owned()
            }
        };
        Outcome::Usage(format!("cannot compare with `{from}`: {said}\n  help: {help}"))
    })?;
    let Some(manifest) = files.remove(MANIFEST) else {
        return Err(Outcome::Usage(format!(
            "`{from}` has no out/{MANIFEST}\n  help: commit out/ together with the sources"
        )));
    };
    let manifest = Manifest::from_json(&manifest)
        .map_err(|why| Outcome::Usage(format!("out/{MANIFEST} of `{from}`: {}", why.0)))?;
    files.retain(|path, _| manifest.files.contains_key(path));
    Ok((Old { manifest, files }, from.to_owned()))
}

/// What a build left in a folder: the files as they are, whoever edited them since.
fn folder(path: &Path) -> Result<Option<Old>, Outcome> {
    let Some(built) = Built::open(path).map_err(Outcome::Disk)? else { return Ok(None) };
    let mut old = Old::default();
    for path in built.manifest.files.keys() {
        if let Some(bytes) = built.read(path).map_err(Outcome::Disk)? {
            old.files.insert(path.clone(), bytes);
        }
    }
    old.manifest = built.manifest;
    Ok(Some(old))
}
