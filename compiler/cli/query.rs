//! `colabc query`.

use super::Outcome;
use clap::{ArgMatches, Command};

pub fn args(command: Command) -> Command {
    command.about("Write the sources in the one style")
}

pub fn run(_matches: &ArgMatches) -> Outcome {
    Outcome::Fine
}
