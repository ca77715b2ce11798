//! The five documents that the language was made for hold 24 faults. Each is found where they are
//! written down as they stand, with all its places, and in a second cluster that has nothing to do with them.

use crate::memory::{Ask, Memory, check};
use crate::ratchet::root;
use colabc::Compilation;
use colabc::diag::{Diagnostic, Severity, human};
use colabc::source::Place;
use std::collections::{BTreeMap, BTreeSet};

/// A fault, by the number it has in `tests/seeds-as-written/README.md`; the folder that holds it; the code it
/// gets; and texts, each of which stands on a line that the finding points at.
#[rustfmt::skip]
const FAULTS: &[(u8, &str, &str, &[&str])] = &[
    (1, "statements", "E0215", &["arch    = x86_64", "arch    = arm64"]),
    (2, "patterns", "E1002", &["address { lan = 192.168.254.40 }"]),
    (3, "patterns", "E1209", &["via     = nfs", "via     = smb3"]),
    (4, "architecture", "E1111", &["network  = lan", "node writer"]),
    (5, "design", "E1111", &["network  = mesh", "node projector", "node terminator"]),
    (6, "patterns", "E1401", &["node zerouter", "lan = 192.168.254.11"]),
    (7, "design", "E1201", &["/mnt/fortress/data/gitea", "node cooperator", "server   = cooperator"]),
    (8, "design", "E1203", &["/mnt/fortress/data/postgres-gitea", "via      = smb3", "node director", "node cooperator"]),
    (9, "design", "E1402", &["gpu = all", "node director", "on = director"]),
    (10, "statements", "E0215", &["on = cooperator", "on = director"]),
    (11, "design", "E1107", &["http://gitea.colab:3000", "3300 -> 3000", "node cooperator"]),
    (12, "design", "E1107", &["git.ism.la:5000", "site \"git.ism.la\"", "node cooperator"]),
    (12, "design", "E1112", &["mirrors        =", "site \"git.ism.la\""]),
    (13, "design", "E1109", &["name = \"tailscale\"", "networks += [headscale-net]"]),
    (14, "design", "E1109", &["range = 172.20.0.0/16   raw", "networks += [cluster-local]"]),
    (15, "architecture", "E1110", &["driver = bridge", "networks = [cluster-local]", "container cache"]),
    (16, "design", "E1101", &["port web = 9090", "packages = [\"prometheus\"]"]),
    (17, "design", "E1101", &["port http  = 80 -> 80", "port web  = 80 -> 80"]),
    (17, "design", "E1101", &["port https = 443 -> 443", "port webs = 443 -> 443"]),
    (18, "architecture", "E1207", &["weekly = 4   monthly = 12", "size = 955GB", "size = 1800GB", "method = copy"]),
    (19, "architecture", "E1303", &["credentials=/home/crtr/.smbcredentials", "password = secret("]),
    (19, "architecture", "E1302", &["content = \"\"\""]),
    (20, "architecture", "E1301", &["ENCRYPTION_KEY = secret", "provider = infisical", "service infisical", "node cooperator"]),
    (21, "design", "E1602", &["fortress/docker/gitea/gitea.yml", "service gitea"]),
    (22, "statements", "E0215", &["user = trtr", "user = crtr"]),
    (23, "patterns", "E1701", &["git rev-parse", "run = \"\"\""]),
    (23, "patterns", "E1701", &["git checkout -b green-config", "run = \"\"\""]),
    (24, "design", "E1603", &["task \"deploy:gitea\"", "service gitea"]),
    (24, "versions", "E0803", &["raw { version = \"3.8\" }"]),
    (24, "design", "L0201", &["std.gitea(\"latest\")"]),
    (24, "design", "L0201", &["std.open-webui(\"main\")"]),
    (24, "design", "E1604", &["run = \"\"\"", "share fortress"]),
];

fn compile(files: BTreeMap<String, Vec<u8>>) -> Compilation {
    check(Memory { files }, "cluster.colab", Ask { emit: true, ..Ask::default() })
}

fn seeds(folder: &str) -> Compilation {
    let path = root().join("tests/seeds-as-written").join(folder).join("cluster.colab");
    compile(BTreeMap::from([("cluster.colab".to_owned(), std::fs::read(path).unwrap())]))
}

/// The text of the lines that a finding points at, from the first to the last of each label.
fn places(run: &Compilation, found: &Diagnostic) -> String {
    let mut text = String::new();
    for label in &found.labels {
        let file = run.sources.file(label.span.file);
        let (first, last) =
            (file.position(label.span.start).line, file.position(label.span.end).line);
        for line in first..=last {
            text.push_str(file.text.lines().nth(line as usize - 1).unwrap_or_default());
            text.push('\n');
        }
    }
    text
}

#[test]
fn every_fault_of_the_documents_is_found_with_its_places() {
    let folders: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.1).collect();
    let runs: BTreeMap<&str, Compilation> =
        folders.into_iter().map(|folder| (folder, seeds(folder))).collect();
    let mut missed = Vec::new();
    for (number, folder, code, texts) in FAULTS {
        let run = &runs[folder];
        let with_code = run.diagnostics.iter().filter(|d| d.code.id == *code);
        let all: Vec<String> = with_code.clone().map(|d| places(run, d)).collect();
        if !all.iter().any(|places| texts.iter().all(|text| places.contains(text))) {
            missed.push(format!(
                "{number}: {code} with {texts:?} in {folder}, found\n{}",
                all.join("--\n")
            ));
        }
        for found in with_code {
            assert!(!found.fixes.is_empty(), "{code} in {folder} knows no way out");
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    let numbers: BTreeSet<u8> = FAULTS.iter().map(|fault| fault.0).collect();
    assert_eq!(numbers, (1..=24).collect());
}

#[test]
fn nothing_else_is_found_in_the_documents() {
    let expected: BTreeSet<(&str, &str)> = FAULTS.iter().map(|fault| (fault.1, fault.2)).collect();
    for folder in ["statements", "patterns", "architecture", "design", "versions"] {
        for found in &seeds(folder).diagnostics {
            let id = found.code.id;
            assert!(expected.contains(&(folder, id)), "{folder}: {id} {}", found.message);
        }
    }
}

/// The cases of a code are clusters of their own.
#[test]
fn every_rule_fires_on_a_second_cluster() {
    let codes: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.2).collect();
    for code in codes {
        let folder =
            ["check", "codes"].map(|part| root().join("tests/cases").join(part).join(code));
        let mut texts = folder
            .iter()
            .filter_map(|f| std::fs::read_dir(f).ok())
            .flatten()
            .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
        let fires = texts.any(|text| {
            let Some((_, body)) = text.split_once("== cluster.colab\n") else { return false };
            let body = body.split("\n== ").next().unwrap_or_default();
            let files = BTreeMap::from([("cluster.colab".to_owned(), body.as_bytes().to_vec())]);
            compile(files).diagnostics.iter().any(|d| d.code.id == code)
        });
        assert!(fires, "{code} fires on no second cluster");
    }
}

#[test]
fn the_table_names_every_fault_and_its_codes() {
    let text = std::fs::read_to_string(root().join("tests/seeds-as-written/README.md")).unwrap();
    for (number, folder, code, _) in FAULTS {
        let start = format!("| {number} |");
        let row =
            text.lines().find(|line| line.starts_with(&start)).expect("every fault has a row");
        assert!(
            row.contains(code) && row.contains(folder),
            "row {number} names {code} in {folder}"
        );
    }
}

/// README shows a command and a part of what it prints: both are so.
#[test]
fn the_readme_shows_what_is_found() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, after) = readme.split_once("-- check tests/seeds-as-written/").expect("the command");
    let folder = after.lines().next().unwrap();
    let shown = after.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let run = seeds(folder);
    let printed = human::render(&run.diagnostics, &run.sources, &human::Look::default());
    // The command names files from where it was started.
    let from_here = shown.replace(&format!("tests/seeds-as-written/{folder}/"), "");
    assert_ne!(shown, from_here);
    assert!(shown.lines().count() > 10 && printed.contains(&from_here), "{printed}");
}

/// The cluster that was made of the documents has none of their faults.
#[test]
fn the_repaired_cluster_has_no_fault() {
    let mut files = BTreeMap::new();
    for folder in ["", "nodes", "services"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "colab") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let run = compile(files);
    let rules = |d: &&Diagnostic| {
        d.severity() == Severity::Error || d.code.id == "L0102" || d.code.id.starts_with("L02")
    };
    let found: Vec<&str> =
        run.diagnostics.iter().filter(rules).map(|d| d.message.as_str()).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
    let text: String = run
        .sources
        .iter()
        .filter(|(_, f)| f.place == Place::Project)
        .map(|(_, f)| f.text.to_string())
        .collect();
    let allows = text.lines().filter(|line| line.trim_start().starts_with("allow "));
    let reasons: Vec<&str> =
        allows.map(|line| line.split('"').nth(1).unwrap_or_default()).collect();
    assert!(reasons.len() <= 5 && reasons.iter().all(|reason| reason.len() > 10), "{reasons:?}");
}
