//! `colabc check`: every finding of every file in one run.

use super::disk::DiskError;
use super::project::{self, Ask, Found, Project};
use super::stamp::Read;
use super::watch::{self, Turn};
use super::{Outcome, args, fmt};
use clap::{Arg, ArgAction, ArgMatches, Command};
use colabc::Emit;
use colabc::diag::{Severity, github, json, mend, sarif, short};
use colabc::types;

/// A fix may uncover the next; more rounds than this no sources need.
const ROUNDS: usize = 10;

pub fn args(command: Command) -> Command {
    command
        .about("Find every mistake in the sources, writing nothing")
        .after_help(
            "Examples:\n  colabc check\n  colabc check --fix\n  colabc check --deny warnings --format github",
        )
        .arg(args::path())
        .arg(args::format(&["human", "short", "json", "sarif", "github"]))
        .arg(
            Arg::new("deny")
                .long("deny")
                .value_name("WHAT")
                .value_parser(["warnings"])
                .help("Exit with 1 for lints as well"),
        )
        .arg(
            Arg::new("fix")
                .long("fix")
                .action(ArgAction::SetTrue)
                .help("Make the edits that are certainly right, then check again"),
        )
        .arg(
            Arg::new("today")
                .long("today")
                .value_name("DATE")
                .value_parser(day)
                .help("Report each `allow` that has run out by this day, as 2027-06-30"),
        )
        .arg(args::timings())
        .arg(watch::arg().conflicts_with("fix"))
}

pub fn run(matches: &ArgMatches) -> Outcome {
    if matches.get_flag("watch") {
        return watch::watch(matches, || turn(matches));
    }
    let mut read = Read::new();
    check(matches, &mut read).unwrap_or_else(|outcome| outcome)
}

fn turn(matches: &ArgMatches) -> Turn {
    let mut read = Read::new();
    let outcome = check(matches, &mut read).unwrap_or_else(|outcome| outcome);
    let line = match outcome {
        Outcome::Fine => "checked: no errors",
        _ => "checked: mend what is said above",
    };
    Turn { outcome, line: line.to_owned(), read }
}

fn check(matches: &ArgMatches, read: &mut Read) -> Result<Outcome, Outcome> {
    let today = matches.get_one::<String>("today").map(String::as_str);
    let ask = Ask { strays: true, emit: Emit::Findings, today, ..Ask::default() };
    let mut found = project::find(matches)?;
    let mut project = if matches.get_flag("fix") {
        if found.is_stdin() {
            return Err(Outcome::Usage("`--fix` has no file to write what came from `-`".into()));
        }
        fixed(&mut found, &ask)?
    } else {
        found.compile(&ask)
    };
    *read = std::mem::take(&mut project.read);
    let c = &project.compilation;
    match args::chosen(matches) {
        "short" => args::complain(&short::render(&c.diagnostics, &c.sources)),
        "json" => args::print(&json::render(&c.diagnostics, &c.sources))?,
        "sarif" => args::print(&sarif::render(&c.diagnostics, &c.sources))?,
        "github" => args::print(&github::render(&c.diagnostics, &c.sources))?,
        _ => project::print_findings(&project),
    }
    if matches.get_flag("timings") {
        project::print_timings(&project.timings);
    }
    let deny = matches.get_one::<String>("deny").is_some();
    let lints = c.diagnostics.iter().any(|d| d.severity() == Severity::Lint);
    let human = matches!(args::chosen(matches), "human" | "short");
    if human && deny && lints && c.errors() == 0 {
        args::complain("error: `--deny warnings` lets none pass\n");
    }
    if human && c.diagnostics.is_empty() && !matches.get_flag("watch") {
        args::reassure(&project::sound(&project));
    }
    let findings = c.errors() > 0 || (deny && lints);
    if !matches.get_flag("watch") {
        // The process ends here: its memory goes back as a whole, not value by value.
        std::mem::forget(project);
    }
    Ok(if findings { Outcome::Findings } else { Outcome::Fine })
}

/// Mends what can be mended for certain, until nothing is left of it.
fn fixed(found: &mut Found, ask: &Ask) -> Result<Project, Outcome> {
    let mut project = found.compile(ask);
    for _ in 0..ROUNDS {
        let c = &project.compilation;
        let mended = mend::mend(&c.diagnostics, &c.sources);
        if mended.done.is_empty() {
            break;
        }
        for (file, text) in &mended.texts {
            write(&project.root.join(&c.sources.file(*file).name), text)?;
        }
        for (diagnostic, fix) in &mended.done {
            let file = c.sources.file(diagnostic.primary().file);
            let at = file.position(diagnostic.primary().start);
            let shown = c.sources.shown(diagnostic.primary().file);
            args::complain(&format!(
                "fixed {shown}:{}:{}: {} [{}]\n",
                at.line, at.column, fix.title, diagnostic.code.id
            ));
        }
        project = found.compile(ask);
    }
    Ok(project)
}

fn write(path: &std::path::Path, text: &str) -> Result<(), Outcome> {
    fmt::replace(path, text)
        .map_err(|error| Outcome::Disk(DiskError::io("cannot write", path, &error)))
}

/// A day of the calendar, in the digits that sort as days do.
fn day(text: &str) -> Result<String, String> {
    match types::day::day(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(_) => Err("expected a day as 2027-06-30".into()),
    }
}
