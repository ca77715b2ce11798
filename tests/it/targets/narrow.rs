//! `build --target` and `--node` touch what they name and leave everything else as it lies.

use super::compose::FULL;
use crate::consumers::Scratch;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn build(folder: &Path, words: &[&str]) {
    let run = Command::new(env!("CARGO_BIN_EXE_colabc"))
        .arg("build")
        .arg(folder)
        .args(words)
        .output()
        .expect("the compiler starts");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{words:?}: {said}");
}

/// A first build of everything, a change that many files would see, and a narrow second build: the
/// files below `out/` that it wrote anew.
fn touched(words: &[&str]) -> BTreeSet<String> {
    let scratch = Scratch::new();
    let source = scratch.write("cluster.colab", FULL);
    let folder = source.parent().expect("a file has a folder");
    build(folder, &[]);
    let before = scratch.files("out");
    // The image is in the projects and the model, the daemon's log in the daemons and the model.
    let changed = FULL
        .replace("ollama/ollama:0.18.2", "ollama/ollama:0.18.3")
        .replace("global {", "global {\n  node { docker { log { max_file = 7 } } }");
    assert_ne!(changed, FULL);
    scratch.write("cluster.colab", changed);
    build(folder, words);
    let after = scratch.files("out");
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let differs = |name: &&String| before[*name].content != after[*name].content;
    let names = after.keys().filter(|name| *name != "manifest.json").filter(differs);
    names.cloned().collect()
}

fn below(names: &BTreeSet<String>, prefix: &str) -> usize {
    names.iter().filter(|name| name.starts_with(prefix)).count()
}

#[test]
fn a_build_writes_the_targets_and_nodes_it_names() {
    let all = touched(&[]);
    assert_eq!((below(&all, "compose/"), below(&all, "docker/")), (2, 4), "{all:?}");
    assert!(all.contains("model.json"));
    let of = |words: &[&str]| touched(words).into_iter().collect::<Vec<_>>();
    assert_eq!(of(&["--target", "compose"]), ["compose/art/gpu.yml", "compose/play/gpu.yml"]);
    assert_eq!(of(&["--target", "model.json"]), ["model.json"]);
    assert_eq!(of(&["--target", "docker", "--node", "art"]), ["docker/art/daemon.json"]);
    let both = of(&["--target", "compose", "--target", "docker", "--node", "play"]);
    assert_eq!(both, ["compose/play/gpu.yml", "docker/play/daemon.json"]);
    assert_eq!(of(&["--target", "hosts"]), [""; 0]);
}
