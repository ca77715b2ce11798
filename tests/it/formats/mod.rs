//! The real readers of every format, on texts made to break it: what a writer accepts comes back
//! equal, and what it refuses never gets here. Each reader starts a few times, on many texts.

mod config;
mod data;
mod pages;
mod scripts;

#[path = "../../../compiler/formats/hostile.rs"]
mod hostile;

use colabc::formats::Written;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where a program is; nothing, and a line that says so, where it is not installed.
fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin", "/usr/local/go/bin"].map(PathBuf::from);
    let found = std::env::split_paths(&path)
        .chain(system)
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file());
    if found.is_none() {
        skipped(name);
    }
    found
}

/// A Python that has a module.
fn python_with(module: &str) -> Option<PathBuf> {
    let python = tool("python3")?;
    let probe = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if probe.is_ok_and(|done| done.status.success()) {
        return Some(python);
    }
    skipped(&format!("python3 with {module}"));
    None
}

fn skipped(what: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{what} is missing");
    println!("*skipped*: no {what} here");
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
