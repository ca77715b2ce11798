//! The real readers of every format, on texts made to break it: what a writer accepts comes back
//! equal, and what it refuses never gets here. Each reader starts a few times, on many texts.

mod config;
mod data;
mod pages;
mod scripts;

#[path = "../../../compiler/formats/hostile.rs"]
pub mod hostile;

use colabc::formats::Written;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where a program is; nothing, and a line that says so, where it is not installed.
fn tool(name: &str) -> Option<PathBuf> {
    let found = everywhere(name).next();
    if found.is_none() {
        skipped(name);
    }
    found
}

/// A Python that has a module.
fn python_with(module: &str) -> Option<PathBuf> {
    let probe = format!("import {module}");
    let has = |python: &PathBuf| {
        let done = Command::new(python).args(["-c", &probe]).output();
        done.is_ok_and(|done| done.status.success())
    };
    let found = everywhere("python3").find(has);
    if found.is_none() {
        skipped(&format!("python3 with {module}"));
    }
    found
}

/// Every program of a name: those of `.ci/consumers.sh` first, then the machine's.
fn everywhere(name: &str) -> impl Iterator<Item = PathBuf> {
    let variable = |name| std::env::var_os(name).unwrap_or_default();
    let cache = match std::env::var_os("COLAB_CONSUMERS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(&variable("HOME")).join(".cache/colab-consumers"),
    };
    let mut folders: Vec<PathBuf> =
        ["bin", "venv/bin", "npm/node_modules/.bin"].map(|bin| cache.join(bin)).into();
    folders.extend(std::env::split_paths(&variable("PATH")));
    folders.extend(["/usr/sbin", "/sbin", "/usr/local/go/bin"].map(PathBuf::from));
    let name = name.to_string();
    folders.into_iter().map(move |folder| folder.join(&name)).filter(|path| path.is_file())
}

#[expect(clippy::explicit_write, reason = "the harness swallows what `eprintln!` says")]
fn skipped(what: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{what} is missing");
    writeln!(std::io::stderr(), "*skipped*: no {what} here").unwrap();
}

/// A program in a network of its own, with nothing in it.
fn offline(program: &Path) -> Option<Command> {
    let mut command = Command::new(tool("unshare")?);
    command.args(["--map-root-user", "--net", "--"]).arg(program);
    Some(command)
}

/// A fresh folder below the build's own.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("formats").join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Runs to the end with `input` and expects success.
fn run(command: &mut Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_string();
    let writer = std::thread::spawn(move || {
        let _ = pipe.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn stdout(command: &mut Command, input: &str) -> String {
    String::from_utf8(run(command, input).stdout).unwrap()
}

/// What a Python program prints as JSON.
fn python(python: &Path, program: &str, input: &str) -> serde_json::Value {
    let mut command = Command::new(python);
    command.args(["-X", "utf8", "-c", program]);
    serde_json::from_str(&stdout(&mut command, input)).unwrap()
}

/// The hostile texts that a writer accepts one by one; `least` guards against a writer that refuses
/// everything.
fn accepted(least: usize, write: impl Fn(&str) -> Written) -> Vec<String> {
    let texts: Vec<String> = hostile::strings().into_iter().filter(|t| write(t).is_ok()).collect();
    assert!(texts.len() >= least, "only {} texts are accepted", texts.len());
    texts
}

fn nothing_ran() {
    let trace = Path::new("/tmp/colab-was-here");
    assert!(!trace.exists(), "a text was run");
}

/// Characters that a program which draws on a terminal would not print as they are.
fn hostile_to_screens(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}
