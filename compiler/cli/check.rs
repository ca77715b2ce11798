//! `colabc check`: every finding of every file in one run.

use super::{Outcome, args, project};
use clap::{Arg, ArgAction, ArgMatches, Command};
use colabc::diag::{Severity, github, json, sarif, short};

pub fn args(command: Command) -> Command {
    command
        .about("Find every mistake in the sources, writing nothing")
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
            Arg::new("timings")
                .long("timings")
                .action(ArgAction::SetTrue)
                .help("Say where the time went"),
        )
}

pub fn run(matches: &ArgMatches) -> Outcome {
    let project = match project::open(matches) {
        Ok(project) => project,
        Err(outcome) => return outcome,
    };
    let c = &project.compilation;
    let format = matches.get_one::<String>("format").map_or("human", String::as_str);
    match format {
        "short" => eprint!("{}", short::render(&c.diagnostics, &c.sources)),
        "json" => print!("{}", json::render(&c.diagnostics, &c.sources)),
        "sarif" => print!("{}", sarif::render(&c.diagnostics, &c.sources)),
        "github" => print!("{}", github::render(&c.diagnostics, &c.sources)),
        _ => project::print_findings(&project),
    }
    if matches.get_flag("timings") {
        for (phase, seconds) in &project.timings {
            eprintln!("{phase:>10}  {:8.2} ms", seconds * 1000.0);
        }
        eprintln!("{:>10}  {:8.2} ms", "all", 0.0);
    }
    let deny = matches.get_one::<String>("deny").is_some();
    let lints = c.diagnostics.iter().any(|d| d.severity() == Severity::Lint);
    if c.errors() > 0 || (deny && lints) { Outcome::Findings } else { Outcome::Fine }
}
