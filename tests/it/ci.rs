//! What CI runs: its scripts are sound, and run what the README tells people to run.

#![allow(clippy::disallowed_methods)]

use crate::consumers::{missing, shell};
use std::path::Path;

fn project(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

#[test]
fn its_scripts_are_sound() {
    if missing(shell::TOOLS) {
        return;
    }
    for name in [".ci/run", ".ci/full", ".ci/consumers.sh", ".ci/instructions.sh"] {
        shell::check(&project(name)).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    }
}

/// The first word on a line of its own in a block of the README, or at the start of a line of the
/// script, that runs the tests.
fn test_command(text: &str) -> Option<&str> {
    let line = text.lines().find(|line| line.starts_with("cargo test"))?;
    let end = ["||", "#"].iter().filter_map(|mark| line.find(mark)).min().unwrap_or(line.len());
    Some(line[..end].trim())
}

#[test]
fn it_runs_the_tests_as_the_readme_does() {
    let run = project(".ci/run");
    assert_eq!(test_command(&run), Some("cargo test"));
    if Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md").exists() {
        assert_eq!(test_command(&project("README.md")), test_command(&run));
    }
}
