//! The command itself: exit codes, streams, formats, standard input. Each test is a small project in
//! a folder of its own.

#[cfg(unix)]
mod again;
#[cfg(unix)]
mod diff;
#[cfg(unix)]
mod init;
mod lines;
mod manners;
#[cfg(unix)]
mod rebuild;
#[cfg(unix)]
mod unchanged;
mod watch;

use crate::ratchet::root;
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// What a call came to.
pub struct Done {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A project on disk, removed at the end.
pub struct Project {
    folder: PathBuf,
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Project {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("colabc-cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        for (name, text) in files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Project { folder }
    }

    pub fn run(&self, args: &[&str]) -> Done {
        call(&self.folder, args, None)
    }

    /// With more in its environment.
    pub fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Done {
        let done = command(&self.folder, args).envs(env.iter().copied()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Done { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
    }

    /// In one of its folders.
    pub fn run_in(&self, folder: &str, args: &[&str]) -> Done {
        call(&self.folder.join(folder), args, None)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    fn feed(&self, args: &[&str], text: &str) -> Done {
        call(&self.folder, args, Some(text))
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_colabc"));
    command.args(args).current_dir(folder);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG"]
    {
        command.env_remove(name);
    }
    command
}

fn call(folder: &Path, args: &[&str], input: Option<&str>) -> Done {
    let mut child = command(folder, args)
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    if let Some(input) = input {
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    }
    let done = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
}

const SOUND: &str = "cluster home { edition = 1 }\nnode box { arch = arm64   os = macos }\n";
const BROKEN: &str = "cluster home { edition = 1 }\nnode box { arch = arm65   os = macos }\n";
const LINT: &str = "cluster home { edition = 1 }\nlet unused = 1\n";
const UNTIDY: &str = "cluster home {edition=1}\n";

fn sound() -> Project {
    Project::new(&[("cluster.colab", SOUND)])
}

fn broken() -> Project {
    Project::new(&[("cluster.colab", BROKEN)])
}

#[test]
fn check_says_nothing_of_sound_sources() {
    let done = sound().run(&["check"]);
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (Some(0), "", ""));
}

#[test]
fn check_prints_for_people_to_standard_error() {
    let project = broken();
    for args in [&["check"][..], &["check", "--format", "short"]] {
        let done = project.run(args);
        assert_eq!((done.code, done.out.as_str()), (Some(1), ""));
        assert!(done.err.contains("E0209") && done.err.contains("arm65"), "{}", done.err);
        assert!(!done.err.contains('\u{1b}'), "no colours where no terminal is");
    }
}

#[test]
fn check_prints_for_programs_to_standard_output() {
    let project = broken();
    for format in ["json", "sarif", "github"] {
        let done = project.run(&["check", "--format", format]);
        assert_eq!((done.code, done.err.as_str()), (Some(1), ""), "{format}");
        assert!(done.out.contains("E0209"), "{format}: {}", done.out);
        if format != "github" {
            serde_json::from_str::<Value>(&done.out).unwrap();
        }
    }
}

#[test]
fn lints_fail_only_where_they_are_denied() {
    let project = Project::new(&[("cluster.colab", LINT)]);
    let done = project.run(&["check"]);
    assert_eq!(done.code, Some(0));
    assert!(done.err.contains("L0106"), "{}", done.err);
    assert_eq!(project.run(&["check", "--deny", "warnings"]).code, Some(1));
    assert_eq!(sound().run(&["check", "--deny", "warnings"]).code, Some(0));
}

#[test]
fn colours_when_asked_for() {
    let project = broken();
    assert!(project.run(&["check", "--color", "always"]).err.contains('\u{1b}'));
    assert!(!project.run(&["check", "--color", "never"]).err.contains('\u{1b}'));
    let mut command = command(&project.folder, &["check", "--color", "always"]);
    let done = command.env("NO_COLOR", "1").output().unwrap();
    assert!(done.stderr.contains(&0x1b), "what is asked for by name wins over NO_COLOR");
}

#[test]
fn wrong_usage_is_two() {
    let project = sound();
    for args in [
        &["nosuch"][..],
        &["check", "--format", "nosuch"],
        &["check", "nosuch.colab"],
        &["check", "--today", "yesterday"],
        &["check", "--today", "2027-13-01"],
        &["check", "--fix", "-"],
        &["query"],
        &["explain"],
        &["explain", "E9999"],
        &["fmt", "nosuch"],
    ] {
        let done = project.run(args);
        assert_eq!((done.code, done.out.as_str()), (Some(2), ""), "{args:?}: {}", done.err);
        assert!(!done.err.is_empty(), "{args:?}");
    }
}

#[test]
fn no_project_is_wrong_usage() {
    let project = Project::new(&[("notes.txt", "")]);
    for command in ["check", "fmt"] {
        let done = project.run(&[command]);
        assert_eq!(done.code, Some(2), "{command}");
        assert!(done.err.contains("no `cluster.colab` here"), "{}", done.err);
    }
    assert_eq!(project.run(&["query", "1"]).code, Some(2));
    assert_eq!(project.run(&["explain", "E0101"]).code, Some(0), "a page needs no project");
}

#[test]
fn the_project_is_found_from_below_and_by_name() {
    let project = Project::new(&[("cluster.colab", SOUND), ("nodes/deep/notes.txt", "")]);
    let below = call(&project.folder.join("nodes/deep"), &["query", "box.arch"], None);
    assert_eq!((below.code, below.out.as_str()), (Some(0), "arm64\n"));
    for path in [".", "cluster.colab", "nodes"] {
        assert_eq!(project.run(&["check", path]).code, Some(0), "{path}");
    }
}

#[test]
fn standard_input_is_a_root_beside_its_imports() {
    let project = Project::new(&[("box.colab", "node box { arch = arm64   os = macos }\n")]);
    let text = "import \"box.colab\"\ncluster home { edition = 1 }\n";
    assert_eq!(project.feed(&["check", "-"], text).code, Some(0));
    let done = project.feed(&["query", "box.arch", "-"], text);
    assert_eq!((done.code, done.out.as_str()), (Some(0), "arm64\n"));
    let done = project.feed(&["check", "--format", "short", "-"], "let a = \n");
    assert_eq!(done.code, Some(1));
    assert!(done.err.starts_with("<stdin>:1:"), "{}", done.err);
}

#[test]
fn a_missing_import_is_a_finding() {
    let project =
        Project::new(&[("cluster.colab", "import \"gone.colab\"\ncluster home { edition = 1 }\n")]);
    let done = project.run(&["check", "--format", "short"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("E0701"), "{}", done.err);
}

#[test]
fn timings_name_the_phases() {
    let done = sound().run(&["check", "--timings"]);
    let phases: Vec<&str> = done.err.lines().filter_map(|l| l.split_whitespace().next()).collect();
    assert_eq!(phases, ["read", "names", "values", "rules", "files", "all"]);
    let done = sound().run(&["build", "--timings"]);
    for phase in ["read", "names", "values", "rules", "files", "disk", "all"] {
        let said = done.err.lines().any(|line| line.trim_start().starts_with(phase));
        assert!(said, "{phase}: {}", done.err);
    }
}

#[test]
fn check_says_what_would_stop_a_build() {
    let text = "cluster home { edition = 1 }
network lan { driver = physical   range = 10.1.0.0/24 }
node box { arch = x86_64   os = debian(\"13\")   address { lan = 10.1.0.2 } }
service web { on = box   container main { image = \"example.org/web:1\"   raw { nonsense = 1 } } }
";
    let project = Project::new(&[("cluster.colab", text)]);
    let checked = project.run(&["check", "--format", "short"]);
    let built = project.run(&["build"]);
    assert!(checked.err.contains("E0803"), "{}", checked.err);
    assert_eq!((checked.code, built.code), (Some(1), Some(1)));
    assert!(built.err.contains("E0803") && !project.folder.join("out").exists(), "{}", built.err);
}

#[test]
fn the_day_brings_back_what_ran_out() {
    let text = "cluster home { edition = 1 }\nlet a = 1\nallow L0106 = \"soon\" { until = \"2027-06-30\" }\n";
    let project = Project::new(&[("cluster.colab", text)]);
    assert_eq!(project.run(&["check", "--deny", "warnings"]).code, Some(0));
    assert_eq!(
        project.run(&["check", "--deny", "warnings", "--today", "2027-06-30"]).code,
        Some(0)
    );
    let done = project.run(&["check", "--deny", "warnings", "--today", "2027-07-01"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("L0106") && done.err.contains("L0109"), "{}", done.err);
}

#[test]
fn fix_mends_what_is_certain() {
    let text = "cluster home { edition = 1 }\nglobal { node { shell = \"zsh\" } }\n\
                node box {\n  arch = arm64\n  os = macos\n  shell = \"bash\"\n}\n";
    let project = Project::new(&[("cluster.colab", text)]);
    assert_eq!(project.run(&["check"]).code, Some(1));
    let done = project.run(&["check", "--fix"]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), ""), "{}", done.err);
    assert!(done.err.starts_with("fixed cluster.colab:6:3: "), "{}", done.err);
    assert_eq!(project.read("cluster.colab"), text.replace("  shell", "  override shell"));
    let done = project.run(&["check", "--fix"]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "a second time there is nothing");
}

#[test]
fn files_that_nothing_imports() {
    let project = Project::new(&[
        ("cluster.colab", SOUND),
        ("extra/one.colab", "group all { nodes = [] }\n"),
        ("extra/root.colab", "cluster other { edition = 1   nosuch = 1 }\n"),
        ("out/two.colab", "let a = \n"),
        ("target/three.colab", "let a = \n"),
        (".hidden/four.colab", "let a = \n"),
        ("other/cluster.colab", "let a = \n"),
        ("other/deep/five.colab", "let a = \n"),
    ]);
    let done = project.run(&["check", "--format", "short"]);
    assert_eq!(done.code, Some(0));
    let expected = "extra/one.colab:1:1: warning[L0101]: nothing imports this file, so it is no part of the cluster\n";
    assert_eq!(done.err, expected);
    assert_eq!(project.run(&["check", "cluster.colab"]).err, project.run(&["check"]).err);
    assert_eq!(project.run(&["check", "extra/one.colab", "--format", "short"]).err, "");
}

#[test]
fn query_answers_or_says_what_is_wrong() {
    let project = sound();
    let done = project.run(&["query", "[for n in nodes: n.name]"]);
    assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (Some(0), "box\n", ""));
    let done = project.run(&["query", "{ a = box.arch   b = 4GiB }", "--format", "json"]);
    let json: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(
        json,
        serde_json::json!({ "format": 1, "value": { "a": "arm64", "b": { "bytes": 4294967296u64 } } })
    );
    let schema = serde_json::from_str(colabc::answer::QUERY_SCHEMA).unwrap();
    assert_eq!(crate::schema::faults(&schema, &json), [""; 0]);
    let done = project.run(&["query", "box.nosuch"]);
    assert_eq!((done.code, done.out.as_str()), (Some(1), ""));
    assert!(done.err.contains("<query>:1:5"), "{}", done.err);
    let done = broken().run(&["query", "1"]);
    assert_eq!((done.code, done.out.as_str()), (Some(1), ""), "faulty sources answer nothing");
}

#[test]
fn explain_pages_and_paths() {
    let project = sound();
    let done = project.run(&["explain", "e0101"]);
    assert_eq!(done.code, Some(0));
    assert!(done.out.starts_with("E0101: "), "{}", done.out);
    let all = project.run(&["explain", "--all"]).out;
    assert_eq!(all.lines().count(), colabc::diag::codes::CODES.len());
    let done = project.run(&["explain", "--all", "--format", "json"]);
    let json: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(json["format"], 1);
    let done = project.run(&["explain", "box.arch"]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    assert!(done.out.contains("cluster.colab:2:12"), "{}", done.out);
    let done = project.run(&["explain", "box.arhc"]);
    assert_eq!((done.code, done.out.as_str()), (Some(1), ""));
    assert!(done.err.contains("did you mean `arch`?"), "{}", done.err);
    let done = broken().run(&["explain", "box.os"]);
    assert_eq!(done.code, Some(1));
    assert!(done.out.contains("macos") && done.err.contains("have an error"), "{}", done.err);
}

#[test]
fn fmt_changes_only_what_is_not_in_the_style() {
    let project = Project::new(&[
        ("cluster.colab", UNTIDY),
        ("nodes/box.colab", "node box { arch = arm64   os = macos }\n"),
        ("other/cluster.colab", UNTIDY),
    ]);
    let before =
        std::fs::metadata(project.folder.join("nodes/box.colab")).unwrap().modified().unwrap();
    let done = project.run(&["fmt", "--check"]);
    assert_eq!((done.code, done.out.as_str()), (Some(1), "cluster.colab\n"));
    assert_eq!(project.read("cluster.colab"), UNTIDY);
    let done = project.run(&["fmt"]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), "cluster.colab\n"));
    assert_eq!(project.read("cluster.colab"), "cluster home { edition = 1 }\n");
    assert_eq!(project.read("other/cluster.colab"), UNTIDY, "another project");
    let after =
        std::fs::metadata(project.folder.join("nodes/box.colab")).unwrap().modified().unwrap();
    assert_eq!(before, after, "an untouched file keeps its time");
    let done = project.run(&["fmt", "--check"]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), ""));
    let done = project.run(&["fmt", "other"]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), "other/cluster.colab\n"));
    let left: Vec<_> =
        std::fs::read_dir(&project.folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "nothing is left beside: {left:?}");
}

#[test]
fn fmt_leaves_faulty_files_alone() {
    let faulty = "cluster home {edition=1\n";
    let project = Project::new(&[("cluster.colab", faulty), ("box.colab", UNTIDY)]);
    let done = project.run(&["fmt"]);
    assert_eq!((done.code, done.out.as_str()), (Some(1), "box.colab\n"));
    assert!(done.err.contains("cluster.colab is left as it is"), "{}", done.err);
    assert_eq!(project.read("cluster.colab"), faulty);
}

#[test]
fn fmt_from_standard_input() {
    let project = Project::new(&[("notes.txt", "")]);
    let done = project.feed(&["fmt", "-"], UNTIDY);
    assert_eq!((done.code, done.out.as_str()), (Some(0), "cluster home { edition = 1 }\n"));
    let done = project.feed(&["fmt", "-"], "let = \n");
    assert_eq!((done.code, done.out.as_str()), (Some(1), ""));
    assert_eq!(project.feed(&["fmt", "--check", "-"], UNTIDY).code, Some(1));
    assert_eq!(project.feed(&["fmt", "--check", "-"], "let a = 1\n").code, Some(0));
}

#[cfg(unix)]
#[test]
fn fmt_keeps_the_mode_and_follows_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let project = Project::new(&[("cluster.colab", UNTIDY), ("elsewhere/real.colab", UNTIDY)]);
    let path = project.folder.join("cluster.colab");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("elsewhere/real.colab", project.folder.join("link.colab")).unwrap();
    assert_eq!(project.run(&["fmt", "cluster.colab"]).code, Some(0));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(project.run(&["fmt", "link.colab"]).code, Some(0));
    assert!(project.folder.join("link.colab").is_symlink());
    assert_eq!(project.read("elsewhere/real.colab"), "cluster home { edition = 1 }\n");
}

#[test]
fn schemas_completions_and_the_manual_page() {
    let project = sound();
    for what in ["diagnostics", "explain", "diff", "codes", "query", "manifest", "model"] {
        let done = project.run(&["schema", what]);
        assert_eq!((done.code, done.err.as_str()), (Some(0), ""), "{what}");
        let schema: Value = serde_json::from_str(&done.out).unwrap();
        assert!(schema["title"].is_string(), "{what}");
    }
    let kinds: Value = serde_json::from_str(&project.run(&["schema", "kinds"]).out).unwrap();
    let node = kinds["kinds"].as_array().unwrap().iter().find(|k| k["name"] == "node").unwrap();
    let alias = node["fields"].as_array().unwrap().iter().find(|f| f["name"] == "alias").unwrap();
    assert!(alias["type"].as_str().unwrap().contains("name"), "{alias}");
    assert!(node["doc"].is_string() && node["plural"] == "nodes", "{}", node["doc"]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let done = project.run(&["completions", shell]);
        assert_eq!(done.code, Some(0));
        assert!(done.out.contains("colabc") && done.out.contains("explain"), "{shell}");
    }
    let page = project.run(&["man"]).out;
    assert!(page.contains(".TH colabc 1") && page.contains("COLABC EXPLAIN"), "{page}");
}

#[test]
fn the_manifest_is_as_its_schema_says() {
    let project = sound();
    let done = project.run(&["build"]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    let manifest = serde_json::from_str(&project.read("out/manifest.json")).unwrap();
    let schema = serde_json::from_str(colabc::manifest::SCHEMA).unwrap();
    assert_eq!(crate::schema::faults(&schema, &manifest), [""; 0]);
}

#[test]
fn the_sources_of_this_repository_are_in_the_style() {
    let done = call(&root(), &["fmt", "--check"], None);
    assert_eq!((done.code, done.out.as_str()), (Some(0), ""), "{}", done.err);
    // The one with holes to fill in.
    let left = done.err.lines().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>();
    assert_eq!(left, ["tests/it/injection/stage.colab"]);
}

#[test]
fn what_explain_calls_the_winner_is_what_is_emitted() {
    let mut files = crate::memory::Memory::default();
    for folder in ["", "nodes", "services"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "colab") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                files.files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut run = colabc::compile(&mut files, "cluster.colab");
    let resolved = &mut run.resolved;
    let slots: Vec<_> = (0..resolved.model.things.len())
        .flat_map(|at| {
            let id = colabc::model::ThingId::new(at);
            let thing = resolved.model.thing(id);
            thing.slots.iter().map(|s| (id, s.field, s.value.clone(), s.origin)).collect::<Vec<_>>()
        })
        .collect();
    let mut compared = 0;
    for (thing, field, value, origin) in slots {
        let trace = resolved.trace(thing, field);
        assert!(trace.value == value, "the value is the one in the model");
        let Some(row) = resolved.model.origin(origin) else { continue };
        use colabc::resolve::eval::Event;
        let holds = trace.steps.iter().rfind(|s| matches!(s.event, Event::Stated | Event::Weak));
        let Some(holds) = holds else { continue };
        assert_eq!(holds.def.0, row.def, "{}", resolved.model.path(thing));
        compared += 1;
    }
    assert!(compared > 100, "only {compared} values were compared");
}
