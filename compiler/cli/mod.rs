//! The command line: one file a command, one row in `COMMANDS`. Only this folder reads, writes,
//! prints and looks at the environment.
#![allow(clippy::disallowed_methods, reason = "the rim: here is where the world is touched")]

mod args;
pub mod bug;
mod build;
mod check;
mod completions;
mod diff;
pub mod disk;
mod explain;
mod explain_line;
mod fmt;
mod git;
mod graph;
mod impact;
mod init;
mod inputs;
mod locate;
mod lsp;
mod man;
mod project;
mod query;
mod schema;
mod stamp;
mod walk;
mod watch;

use disk::threads::cores;

use clap::{ArgMatches, Command};
use std::process::ExitCode;

/// What a command comes back with.
pub enum Outcome {
    Fine,
    /// The sources have errors, or something is stale.
    Findings,
    /// `diff --exit-code` found a change.
    Changed,
    /// The call is wrong.
    Usage(String),
    /// The file system refused.
    Disk(disk::DiskError),
}

/// One command.
struct Row {
    name: &'static str,
    args: fn(Command) -> Command,
    run: fn(&ArgMatches) -> Outcome,
}

const COMMANDS: &[Row] = &[
    Row { name: "build", args: build::args, run: build::run },
    Row { name: "check", args: check::args, run: check::run },
    Row { name: "explain", args: explain::args, run: explain::run },
    Row { name: "diff", args: diff::args, run: diff::run },
    Row { name: "graph", args: graph::args, run: graph::run },
    Row { name: "init", args: init::args, run: init::run },
    Row { name: "impact", args: impact::args, run: impact::run },
    Row { name: "query", args: query::args, run: query::run },
    Row { name: "lsp", args: lsp::args, run: lsp::run },
    Row { name: "fmt", args: fmt::args, run: fmt::run },
    Row { name: "completions", args: completions::args, run: completions::run },
    Row { name: "man", args: man::args, run: man::run },
    Row { name: "schema", args: schema::args, run: schema::run },
];

/// The whole command, as clap knows it.
fn command() -> Command {
    let root = Command::new("colabc")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Compiles .colab: one checked source for a handful of unlike machines")
        .long_about(
            "Compiles .colab: one source describes the whole cluster, every conflict is found before \
             anything is touched, and every tool gets what it reads into out/.\n\nIt never touches a \
             machine: chezmoi, Ansible and Docker Compose take it from there.",
        )
        .after_help(
            "Exit codes: 0 fine; 1 the sources have errors, or something is stale; 2 wrong usage; \
             3 the file system refused; 4 `diff --exit-code` found a change; 101 a bug in colabc.",
        )
        .color(args::help_colour(std::env::args_os()))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(args::color());
    COMMANDS.iter().fold(root, |root, row| root.subcommand((row.args)(Command::new(row.name))))
}

pub fn run() -> ExitCode {
    let matches = match command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return told(&error),
    };
    args::set_color(&matches);
    let Some((name, inner)) = matches.subcommand() else { return ExitCode::from(2) };
    let Some(row) = COMMANDS.iter().find(|row| row.name == name) else { return ExitCode::from(2) };
    end((row.run)(inner))
}

/// What clap has to say instead: the help, the version, or what is wrong with the call.
fn told(error: &clap::Error) -> ExitCode {
    match error.print() {
        _ if error.use_stderr() => ExitCode::from(2),
        Err(refused) => args::unprinted(&refused).map_or_else(end, |()| ExitCode::SUCCESS),
        Ok(()) => ExitCode::SUCCESS,
    }
}

fn end(outcome: Outcome) -> ExitCode {
    match outcome {
        Outcome::Fine => ExitCode::SUCCESS,
        Outcome::Findings => ExitCode::from(1),
        Outcome::Changed => ExitCode::from(4),
        Outcome::Usage(message) => {
            args::complain(&format!("error: {message}\n"));
            ExitCode::from(2)
        }
        Outcome::Disk(error) => {
            args::complain(&format!("error: {error}\n"));
            ExitCode::from(3)
        }
    }
}
