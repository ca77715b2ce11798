//! What CI runs, and what measures: the scripts are sound, and run what the README tells people to run.

#![allow(clippy::disallowed_methods)]

use crate::consumers::{Scratch, missing, shell};
use std::path::Path;

const SCRIPTS: &[&str] = &[
    ".ci/run",
    ".ci/full",
    ".ci/consumers.sh",
    ".ci/instructions.sh",
    "benches/profile",
    "benches/run",
    "benches/peers/install.sh",
];

fn project(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

#[test]
fn its_scripts_are_sound() {
    if missing(shell::TOOLS) {
        return;
    }
    for name in SCRIPTS {
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

/// Compares counts that were taken before with counts of now, as `.ci/instructions.sh` does with its own.
fn compared(was: &str, now: &str) -> (bool, String) {
    let scratch = Scratch::new();
    let done = std::process::Command::new("bash")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/instructions.sh"))
        .arg("--compare")
        .args([scratch.write("was", was), scratch.write("now", now)])
        .output()
        .unwrap();
    (done.status.success(), String::from_utf8(done.stdout).unwrap())
}

#[test]
fn more_instructions_by_a_tenth_are_refused() {
    let counts = |check: u64, build: u64| {
        format!(
            "# of a test\nrustc 1.95.0\nlibc 2.36\nvalgrind 3.19.0\ncheck-a {check}\nbuild-a {build}\n"
        )
    };
    let was = counts(1_000, 20_000_000_000);
    let moved = |now: &str, says: &[&str], passes: bool| {
        let (passed, said) = compared(&was, now);
        assert_eq!(passed, passes, "{said}");
        for part in says {
            assert!(said.contains(part), "no {part:?} in: {said}");
        }
        assert_eq!(
            said.contains("more than a tenth"),
            !passes && !said.contains("not counted"),
            "{said}"
        );
    };
    moved(&was, &["+0.0 %"], true);
    moved(&counts(1_100, 5_000_000_000), &["+10.0 %", "-75.0 %"], true);
    moved(&counts(1_101, 20_000_000_000), &["+10.1 %", "check-a grew"], false);
    moved(&counts(1_000, 22_000_000_001), &["build-a grew"], false);
    moved(&was.replace("build-a", "build-b"), &["build-a was not counted"], false);
    moved(&format!("{was}build-c 7\n"), &["build-c", "is new"], true);
    for (version, other) in [("1.95.0", "1.96.0"), ("2.36", "2.41")] {
        let now = counts(9_000, 9).replace(version, other);
        moved(&now, &["other versions, so not compared", other], true);
    }
}

/// What is counted is what the file has rows for, and CI counts it.
#[test]
fn the_counts_that_are_kept_are_taken() {
    let script = project(".ci/instructions.sh");
    let kept = project("benches/instructions.txt");
    let versions = ["rustc", "libc", "valgrind"];
    let rows: Vec<&str> = kept.lines().filter(|line| !line.starts_with('#')).collect();
    for row in &rows {
        let (name, value) = row.split_once(' ').unwrap();
        if !versions.contains(&name) {
            assert!(script.contains(&format!("count {name} ")), "{name} is not counted");
            assert!(value.parse::<u64>().unwrap() > 1_000_000, "{row}");
        }
    }
    assert!(rows.iter().any(|row| row.starts_with("check-")));
    assert!(project(".ci/run").contains("stage 'instructions' .ci/instructions.sh\n"));
}
