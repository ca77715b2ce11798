//! `colabc man`: the manual page, of all commands together.

use super::disk::DiskError;
use super::{Outcome, args};
use clap::{ArgMatches, Command};
use clap_mangen::Man;
use std::io;
use std::path::Path;

pub fn args(command: Command) -> Command {
    command
        .about("Print the manual page")
        .after_help("Example:\n  colabc man > ~/.local/share/man/man1/colabc.1")
}

pub fn run(_matches: &ArgMatches) -> Outcome {
    let printed = page()
        .map_err(|error| Outcome::Disk(DiskError::io("cannot write", Path::new("-"), &error)))
        .and_then(|page| args::print(&page));
    match printed {
        Ok(()) => Outcome::Fine,
        Err(outcome) => outcome,
    }
}

/// The page of the command, and under it what each of its commands takes.
fn page() -> io::Result<String> {
    let mut whole = super::command();
    whole.build();
    let mut text = Vec::new();
    let man = Man::new(whole.clone());
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    for command in whole.get_subcommands().filter(|c| c.get_name() != "help") {
        let mut own = Vec::new();
        let man = Man::new(command.clone());
        man.render_synopsis_section(&mut own)?;
        man.render_description_section(&mut own)?;
        man.render_options_section(&mut own)?;
        // One page has one title; what would be sections of their own are parts of this one.
        let own =
            String::from_utf8_lossy(&own).replace("\n.SH ", "\n.SS ").replacen(".SH ", ".SS ", 1);
        text.extend(format!(".SH \"COLABC {}\"\n{own}", command.get_name().to_uppercase()).bytes());
    }
    man.render_extra_section(&mut text)?;
    man.render_version_section(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
