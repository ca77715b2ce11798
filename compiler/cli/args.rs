//! Arguments that several commands share, and how the terminal wants to be written to.

use super::Outcome;
use super::disk::{DiskError, LARGEST_SOURCE};
use clap::{Arg, ArgAction, ArgMatches, ColorChoice, ValueHint};
use colabc::diag::human::Look;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

static COLOR: OnceLock<String> = OnceLock::new();

pub fn color() -> Arg {
    Arg::new("color")
        .long("color")
        .global(true)
        .value_parser(["auto", "always", "never"])
        .default_value("auto")
        .value_name("WHEN")
        .help("When to use colours; NO_COLOR and CLICOLOR_FORCE are respected")
}

pub fn set_color(matches: &ArgMatches) {
    let when = matches.get_one::<String>("color").cloned().unwrap_or_default();
    let _ = COLOR.set(when);
}

/// The same for the help, which is printed before anything else is known.
pub fn help_colour(called: impl Iterator<Item = OsString>) -> ColorChoice {
    let called: Vec<OsString> = called.collect();
    let named = called.iter().enumerate().find_map(|(at, word)| match word.to_str()? {
        "--color" => called.get(at + 1)?.to_str(),
        word => word.strip_prefix("--color="),
    });
    match (named, wanted()) {
        (Some("always"), _) => ColorChoice::Always,
        (Some("never"), _) => ColorChoice::Never,
        (_, Some(true)) => ColorChoice::Always,
        (_, Some(false)) => ColorChoice::Never,
        (_, None) => ColorChoice::Auto,
    }
}

/// Prints a result. Whoever closed the pipe has read enough; any other refusal is the file system's.
pub fn print(text: &str) -> Result<(), Outcome> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) => unprinted(&error),
        Ok(()) => Ok(()),
    }
}

/// What it means that a result could not be printed.
pub fn unprinted(error: &io::Error) -> Result<(), Outcome> {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => {
            let out = Path::new("standard output");
            Err(Outcome::Disk(DiskError::io("cannot write to", out, error)))
        }
    }
}

/// Prints to standard error; if nobody listens there, nobody can be told.
pub fn complain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Tells a person that all is well; a program knows it by the exit code.
pub fn reassure(text: &str) {
    if io::stderr().is_terminal() {
        complain(text);
    }
}

/// All of standard input, if it is no more than a source may be.
pub fn stdin() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(LARGEST_SOURCE + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LARGEST_SOURCE {
        true => Err(io::ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}

/// How diagnostics look on standard error.
pub fn look() -> Look {
    look_on(io::stderr().is_terminal(), || columns(&io::stderr()))
}

/// How results look on standard output.
pub fn look_out() -> Look {
    look_on(io::stdout().is_terminal(), || columns(&io::stdout()))
}

/// How a table looks there: where nothing says how wide it may be, a program reads it, and nothing is cut.
pub fn look_table() -> Look {
    let told = io::stdout().is_terminal() || asked().is_some();
    let look = look_out();
    Look { width: if told { look.width } else { usize::MAX }, ..look }
}

fn asked() -> Option<usize> {
    std::env::var("COLUMNS").ok().and_then(|width| width.parse().ok())
}

fn look_on(terminal: bool, columns: impl Fn() -> Option<usize>) -> Look {
    let colour = match COLOR.get().map(String::as_str) {
        Some("always") => true,
        Some("never") => false,
        _ => wanted().unwrap_or_else(|| {
            terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }),
    };
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let ascii = locale.is_some_and(|l| matches!(l.as_str(), "C" | "POSIX")) && terminal;
    let width = asked().or_else(|| if terminal { columns() } else { None });
    let mut look = Look { colour, ascii, ..Look::default() };
    if let Some(width) = width.filter(|w| (40..=400).contains(w)) {
        look.width = width;
    }
    look
}

/// Whether the environment wants colours, or none, wherever is written to.
fn wanted() -> Option<bool> {
    let said = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if said("NO_COLOR").is_some() {
        return Some(false);
    }
    if said("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return Some(true);
    }
    said("CLICOLOR").is_some_and(|value| value == "0").then_some(false)
}

/// How wide a terminal says that it is.
#[cfg(unix)]
fn columns(terminal: &impl std::os::fd::AsFd) -> Option<usize> {
    rustix::termios::tcgetwinsize(terminal).ok().map(|size| size.ws_col.into())
}

#[cfg(not(unix))]
fn columns<T>(_terminal: &T) -> Option<usize> {
    None
}

/// `--timings`
pub fn timings() -> Arg {
    Arg::new("timings").long("timings").action(ArgAction::SetTrue).help("Say where the time went")
}

pub fn path() -> Arg {
    Arg::new("path")
        .value_name("PATH")
        .value_hint(ValueHint::AnyPath)
        .value_parser(clap::value_parser!(PathBuf))
        .help("A folder, or a .colab file as a root of its own; without it: the nearest cluster.colab above")
}

pub fn format(choices: &'static [&'static str]) -> Arg {
    Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .value_parser(clap::builder::PossibleValuesParser::new(choices))
        .default_value(choices[0])
        .help("How to print")
}

/// The format that was asked for.
pub fn chosen(matches: &ArgMatches) -> &str {
    matches.get_one::<String>("format").map_or("", String::as_str)
}
