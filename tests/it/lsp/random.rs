//! A person who types without looking: thousands of edits and requests against the real process. It
//! answers all of them, its memory stays flat, and in the end it has found what `check` finds.
#![allow(clippy::print_stdout)]

use super::client::Client;
use super::typist::Typist;
use super::{folder, server, write};
use crate::ratchet::root;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// `COLAB_LSP_STEPS`, else the long session of `COLAB_FULL=1`, else what a build server has time for,
/// else what a person has.
fn steps() -> usize {
    let asked = std::env::var("COLAB_LSP_STEPS").ok().and_then(|text| text.parse().ok());
    let server = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    let full = std::env::var_os("COLAB_FULL").is_some_and(|value| value == "1");
    asked.unwrap_or(match (full, server) {
        (true, _) => 100_000,
        (_, true) => 10_000,
        _ => 600,
    })
}

fn seed() -> u64 {
    std::env::var("COLAB_LSP_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7)
}

/// The sources of the repository's cluster.
pub fn own_cluster() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for folder in ["", "nodes", "services"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "colab") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// After so many steps what is known is compared with what a fresh `check` finds.
const COMPARED: usize = 100;

#[test]
fn whoever_types_without_looking_is_answered() {
    let (steps, seed) = (steps(), seed());
    let home = folder("random");
    let files = own_cluster();
    write(&home, &files);
    let client = Client::start(&server(), &home, json!({}));
    let mut typist = Typist::new(client, files, seed);
    println!("seed {seed}, {steps} steps; COLAB_LSP_SEED and COLAB_LSP_STEPS change them");
    let mut memory = Vec::new();
    for step in 1..=steps {
        typist.step();
        if step % COMPARED == 0 {
            typist.settle();
            same_as_check(&mut typist, &format!("after {step} steps"));
        }
        if step % (steps / 10).max(1) == 0 {
            typist.settle();
            memory.push(typist.memory());
            println!("{step} steps, {} answers, {:?} MiB", typist.answered, memory.last());
        }
    }
    typist.settle();
    let bugs: Vec<_> =
        typist.client.said.iter().filter(|(m, _)| m == "window/logMessage").collect();
    assert!(bugs.is_empty(), "{bugs:?}");
    println!("{} requests answered; MiB of memory, by tenths: {memory:?}", typist.answered);
    if let (Some(early), Some(last)) = (memory.get(3), memory.last()) {
        assert!(*last < early + early / 2 + 64, "the memory grows: {memory:?}");
    }
    same_as_check(&mut typist, "after the last letter");
    // Whatever was broken: with the texts as they were, nothing is left of it.
    for name in typist.names.clone() {
        typist.client.open(&name);
        let length = typist.client.open[&name].1.len();
        let text = typist.files[&name].clone();
        typist.client.edit(&name, 0, length, &text);
    }
    typist.client.settle();
    same_as_check(&mut typist, "with everything as it was");
    assert!(typist.client.stop());
}

/// What the server published, and what a fresh `colabc check` finds in the same texts.
fn same_as_check(typist: &mut Typist, when: &str) {
    let home = folder("random-fresh");
    let mut texts = typist.files.clone();
    for (name, (_, text)) in &typist.client.open {
        texts.insert(name.clone(), text.clone());
    }
    write(&home, &texts);
    let fresh = checked(&home);
    let base = super::client::uri(&typist.client.root);
    let mut told = BTreeSet::new();
    for (uri, items) in &typist.client.published {
        let name = uri.trim_start_matches(&base).trim_start_matches('/').to_owned();
        for item in items.as_array().into_iter().flatten() {
            let line = item["range"]["start"]["line"].as_u64().map_or(0, |line| line + 1);
            told.insert((name.clone(), line, word(&item["code"]), first_line(&item["message"])));
        }
    }
    let (more, missing) = (told.difference(&fresh), fresh.difference(&told));
    let (more, missing): (Vec<_>, Vec<_>) = (more.collect(), missing.collect());
    assert!(
        more.is_empty() && missing.is_empty(),
        "{when}: the server alone finds {more:#?}, and `check` alone {missing:#?}"
    );
}

type Finding = (String, u64, String, String);

fn checked(home: &Path) -> BTreeSet<Finding> {
    let mut command = std::process::Command::new(server());
    // Files are called from where the command was started.
    let output = command.args(["check", "--format", "json"]).current_dir(home).output().unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = json["diagnostics"].as_array().unwrap().iter();
    found
        .map(|d| {
            let label = &d["labels"][0];
            let line = label["start"]["line"].as_u64().unwrap_or(0);
            (word(&label["file"]), line, word(&d["code"]), first_line(&d["message"]))
        })
        .collect()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or("?").to_owned()
}

fn first_line(value: &Value) -> String {
    word(value).lines().next().unwrap_or_default().to_owned()
}
