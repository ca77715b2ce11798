//! `colabc graph` and `colabc impact` as they are called: formats, files, names that are not there.

use crate::ratchet::root;
use crate::schema::faults;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

struct Done {
    code: Option<i32>,
    out: String,
    err: String,
}

fn call(folder: &Path, args: &[&str]) -> Done {
    let mut command = Command::new(env!("CARGO_BIN_EXE_colabc"));
    let done = command.args(args).current_dir(folder).env_remove("COLUMNS").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
}

fn run(args: &[&str]) -> Done {
    call(&root(), args)
}

#[test]
fn graph_prints_lines_for_a_terminal() {
    let done = run(&["graph"]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    assert!(done.out.contains("cooperator  (debian 13, arm64)"), "{}", done.out);
    assert!(done.out.contains("talks to ollama@projector"), "{}", done.out);
    for view in ["nodes", "storage", "network", "layers", "imports"] {
        let done = run(&["graph", "--view", view]);
        assert_eq!(done.code, Some(0));
        assert!(done.out.lines().count() > 5, "{view}: {}", done.out);
    }
}

#[test]
fn graph_shows_what_is_around_a_name() {
    let names = |args: &[&str]| -> Vec<String> {
        let done = run(&[&["graph", "--format", "json"], args].concat());
        let json: Value = serde_json::from_str(&done.out).unwrap();
        let schema = serde_json::from_str(colabc::graph::export::SCHEMA).unwrap();
        assert_eq!(faults(&schema, &json), [""; 0]);
        let things = json["things"].as_array().unwrap();
        let place = &things[0]["declared"];
        assert!(place["file"].as_str().unwrap().ends_with(".colab"), "{place}");
        assert!(place["line"].as_u64().unwrap() > 1, "{place}");
        things.iter().map(|thing| thing["name"].as_str().unwrap().to_string()).collect()
    };
    assert_eq!(names(&["--focus", "gitea"]), ["caddy", "gitea", "infisical"]);
    assert_eq!(names(&["--focus", "gitea", "--depth", "0"]), ["gitea"]);
    assert_eq!(names(&["--focus", "gitea", "--depth", "2"]).len(), 4);
    assert_eq!(names(&["--focus", "projector"]), ["ollama", "open-webui"]);
    let done = run(&["graph", "--focus", "gitae"]);
    assert_eq!((done.code, done.out.as_str()), (Some(2), ""));
    assert!(done.err.contains("did you mean `gitea`?"), "{}", done.err);
    assert_eq!(run(&["graph", "--depth", "2"]).code, Some(2), "around what?");
}

#[test]
fn graph_draws_as_the_file_is_called() {
    let folder = std::env::temp_dir().join(format!("colabc-graph-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, begin) in [
        ("a.svg", "<svg xmlns="),
        ("a.html", "<!doctype html>"),
        ("a.dot", "// colab: services."),
        ("a.mmd", "%% colab: services."),
        ("a.json", "{\n  \"format\": 1,"),
        ("a.txt", "cooperator  ("),
    ] {
        let path = folder.join(name);
        let done = run(&["graph", "-o", path.to_str().unwrap()]);
        assert_eq!((done.code, done.out.as_str(), done.err.as_str()), (Some(0), "", ""), "{name}");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(begin), "{name}: {}", &text[..60]);
    }
    // The page knows the way to the sources.
    let text = std::fs::read_to_string(folder.join("a.html")).unwrap();
    let link = text.split("\"href\":\"").nth(1).unwrap().split(['#', '"']).next().unwrap();
    assert!(folder.join(link).is_file(), "{link}");
    let done = run(&["graph", "-o", folder.join("a.bmp").to_str().unwrap()]);
    assert_eq!(done.code, Some(2));
    assert!(done.err.contains("does not say what to draw"), "{}", done.err);
    assert_eq!(run(&["graph", "-o", "/nosuch/folder/a.svg"]).code, Some(3));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn impact_says_what_fails() {
    let done = run(&["impact", "caddy"]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    assert!(done.out.starts_with("Without service caddy:\n\nfails: 2\n"), "{}", done.out);
    let done = run(&["impact", "--all"]);
    assert!(done.out.contains("single points of failure"), "{}", done.out);
    let schema = serde_json::from_str(colabc::graph::report::SCHEMA).unwrap();
    for args in
        [&["impact", "caddy", "--format", "json"][..], &["impact", "--all", "--format", "json"]]
    {
        let json: Value = serde_json::from_str(&run(args).out).unwrap();
        assert_eq!(faults(&schema, &json), [""; 0]);
    }
    for (name, hint) in [("copperator", "did you mean `cooperator`?"), ("xyzzy", "it knows nodes")]
    {
        let done = run(&["impact", name]);
        assert_eq!((done.code, done.out.as_str()), (Some(2), ""));
        assert!(done.err.contains(hint), "{}", done.err);
    }
    assert_eq!(run(&["impact"]).code, Some(2));
    assert_eq!(run(&["impact", "caddy", "--all"]).code, Some(2));
}

#[test]
fn faulty_sources_have_no_picture() {
    let folder = std::env::temp_dir().join(format!("colabc-faulty-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("cluster.colab"), "cluster home { edition = 1   nosuch = 1 }\n")
        .unwrap();
    for args in [&["graph"][..], &["impact", "--all"]] {
        let done = call(&folder, args);
        assert_eq!((done.code, done.out.as_str()), (Some(1), ""));
        assert!(done.err.contains("nosuch"), "{}", done.err);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
