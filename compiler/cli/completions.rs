//! `colabc completions`: what a shell needs to complete the command.

use super::{Outcome, args};
use clap::{Arg, ArgMatches, Command};
use clap_complete::Shell;

pub fn args(command: Command) -> Command {
    command
        .about("Print completions for a shell")
        .after_help(
            "Examples:\n  colabc completions bash > ~/.local/share/bash-completion/completions/colabc\n  \
             colabc completions zsh > ~/.zfunc/_colabc\n  \
             colabc completions fish > ~/.config/fish/completions/colabc.fish",
        )
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(clap::value_parser!(Shell))
                .help("The shell"),
        )
}

pub fn run(matches: &ArgMatches) -> Outcome {
    let Some(&shell) = matches.get_one::<Shell>("shell") else {
        return Outcome::Usage("which shell?".into());
    };
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "colabc", &mut text);
    match args::print(&String::from_utf8_lossy(&text)) {
        Ok(()) => Outcome::Fine,
        Err(outcome) => outcome,
    }
}
