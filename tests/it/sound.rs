//! Clusters as people have them, unlike each other, in which there is nothing to find: not an error, not a lint, not
//! a word from any emitter.

use crate::memory::{Ask, Memory, check};
use crate::ratchet::root;
use colabc::diag::short;

/// The folders below `tests/sound`, each a project.
pub fn names() -> Vec<String> {
    let folders = std::fs::read_dir(root().join("tests/sound")).unwrap();
    let mut names: Vec<String> =
        folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    assert!(names().len() >= 5);
    for name in names() {
        let text =
            std::fs::read(root().join("tests/sound").join(&name).join("cluster.colab")).unwrap();
        let ask = Ask { emit: true, today: Some("2026-01-01"), ..Ask::default() };
        let run = check(Memory::new([("cluster.colab", text)]), "cluster.colab", ask);
        assert!(
            run.diagnostics.is_empty(),
            "{name}\n{}",
            short::render(&run.diagnostics, &run.sources)
        );
    }
}
