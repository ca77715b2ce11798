//! Command lines that nobody would type: each ends with a code that the manual names.

use super::Executions;
use crate::cli::Project;
use crate::generate::Dice;

const WORDS: &[&str] = &[
    "build",
    "check",
    "explain",
    "query",
    "fmt",
    "graph",
    "impact",
    "diff",
    "schema",
    "completions",
    "man",
    "--format",
    "json",
    "human",
    "sarif",
    "--check",
    "--node",
    "--target",
    "-o",
    "--out",
    "out",
    "--force",
    "--today",
    "2027-13-45",
    "--fix",
    "--deny",
    "warnings",
    "--timings",
    "box",
    "E0401",
    "E9999",
    "cluster.colab",
    ".",
    "..",
    "/",
    "-",
    "--",
    "",
    "*",
    "{{ x }}",
    "$(id)",
    "\u{202e}",
    "a\nb",
    "out/model.json:1",
    "out/model.json:0",
    "out/x:99999999999999999999",
    "web.app",
    "[1, 2",
    "\"",
    "--color",
    "never",
    "always",
    "--help",
    "--version",
    "--all",
    "--depth",
    "-1",
    "0",
    "--from",
    "HEAD",
];

#[test]
fn any_arguments_end_with_a_known_code() {
    const SOUND: &str = "cluster home { edition = 1 }\nnode box { arch = arm64   os = macos }\n";
    Executions { always: 400, full: 20_000 }.each("command lines", |number| {
        let mut dice = Dice::new(number ^ 0xa465);
        let few = dice.below(6);
        let words: Vec<&str> = (0..few).map(|_| dice.pick(WORDS)).collect();
        let project = Project::new(&[("in/cluster.colab", SOUND)]);
        let done = project.run_in("in", &words);
        assert!(
            matches!(done.code, Some(0..=4)),
            "{words:?} ends with {:?}\n{}",
            done.code,
            done.err
        );
        if done.code == Some(2) {
            assert!(!done.err.is_empty(), "{words:?} ends with 2, and says nothing");
        }
    });
}
