//! The real chezmoi applies the source tree to an empty home, as each node: exactly that node's files.

use super::Built;
use crate::consumers::{Scratch, chezmoi, missing, refuses};
use colabc::tree::Tool;
use std::collections::BTreeMap;

/// What a node of Linux or macOS must have, by path below the home: mode and content.
fn wanted(built: &Built, node: &str) -> BTreeMap<String, (u32, String)> {
    let mut files: BTreeMap<String, (u32, String)> = BTreeMap::new();
    for (path, file) in built.tree.iter() {
        let Some(delivery) = file.delivery.as_ref().filter(|d| d.tool == Tool::Chezmoi) else {
            continue;
        };
        let windows = delivery.side == Some(colabc::tree::Side::Windows);
        if ![node, "*"].contains(&&*delivery.node) || windows {
            continue;
        }
        let target = delivery.destination.strip_prefix("~/").unwrap().to_string();
        let mut text = built.text(path);
        // The one part of a file that a target of ours is; the tests of files have more of them.
        if path.starts_with("ssh/") && &**path != "ssh/config" {
            text = format!("# BEGIN colab\n{text}# END colab\n");
        }
        files.insert(target, (delivery.mode, text));
    }
    files
}

fn applied(
    built: &Built,
    node: &str,
    home: &[(&str, &str)],
) -> Result<BTreeMap<String, (u32, String)>, String> {
    let scratch = Scratch::new();
    built.write(&scratch.path("out"));
    let files = chezmoi::apply(&scratch.path("out"), "chezmoi", node, home)?;
    let text = |file: crate::consumers::File| (file.mode, String::from_utf8(file.content).unwrap());
    Ok(files.into_iter().map(|(path, file)| (path, text(file))).collect())
}

#[test]
fn each_node_gets_exactly_its_own_files() {
    if missing(chezmoi::TOOLS) {
        return;
    }
    let built = Built::repo();
    for node in ["cooperator", "director", "projector", "terminator", "writer"] {
        let wanted = wanted(&built, node);
        assert!(wanted.contains_key(".ssh/config"), "{wanted:?}");
        assert_eq!(applied(&built, node, &[]).unwrap(), wanted, "{node}");
    }
    assert_eq!(applied(&built, "stranger", &[]).unwrap(), BTreeMap::new());
    // A host name may be spelled otherwise, and may be a full one.
    let files = applied(&built, "DIRECTOR.home.arpa", &[]).unwrap();
    assert_eq!(files, wanted(&built, "director"));
}

#[test]
fn the_rest_of_a_file_stays_its_owners() {
    if missing(chezmoi::TOOLS) {
        return;
    }
    let built = Built::repo();
    let part = &wanted(&built, "director")[".ssh/config"].1;
    for (before, after) in [
        ("Host mine\n", format!("Host mine\n{part}")),
        ("Host mine", format!("Host mine\n{part}")),
        ("a\n# BEGIN colab\nold $1\n# END colab\nb\n", format!("a\n{part}b\n")),
        ("# BEGIN other\nx\n# END other\n", format!("# BEGIN other\nx\n# END other\n{part}")),
    ] {
        let files = applied(&built, "director", &[(".ssh/config", before)]).unwrap();
        assert_eq!(files[".ssh/config"], (0o600, after));
    }
}

#[test]
fn a_broken_tree_is_refused() {
    if missing(chezmoi::TOOLS) {
        return;
    }
    let built = Built::repo();
    let apply = |path: &str, text: &str| {
        let scratch = Scratch::new();
        built.write(&scratch.path("out"));
        scratch.write(&format!("out/{path}"), text);
        let files = chezmoi::apply(&scratch.path("out"), "chezmoi", "director", &[])?;
        let ours = wanted(&built, "director");
        match files.keys().eq(ours.keys()) {
            true => Ok(()),
            false => Err(format!("{:?}", files.keys())),
        }
    };
    for (path, from, to) in [
        ("chezmoi/.chezmoiignore", "(has $who", "(has $wh"),
        ("chezmoi/.chezmoiignore", "{{ end }}", ""),
        ("chezmoi/.chezmoiignore", "\"director\"", "\"directed\""),
        ("chezmoi/private_dot_ssh/dot_literal", "", ""),
        ("chezmoi/private_dot_ssh/config.d/private_colab.tmpl", "../ssh", "../sssh"),
        ("chezmoi/private_dot_ssh/modify_private_config", "{{- end -}}", ""),
    ] {
        if !from.is_empty() {
            refuses(|text| apply(path, text), &built.text(path), &[(from, to)]);
        }
    }
}

#[test]
fn scripts_run_again_when_their_reason_changes() {
    if missing(chezmoi::TOOLS) {
        return;
    }
    let built = Built::repo();
    let scratch = Scratch::new();
    built.write(&scratch.path("out"));
    let read = || chezmoi::scripts(&scratch.path("out"), "chezmoi", "director").unwrap();
    let before = read();
    let tools = &before[".chezmoiscripts/10-tools.sh"];
    assert!(tools.starts_with("#!/bin/sh\n"), "{tools}");
    assert!(before[".chezmoiscripts/00-mise.sh"].contains("mise.run"));
    scratch.write("out/mise/cooperator/config.toml", "");
    assert_eq!(&read()[".chezmoiscripts/10-tools.sh"], tools);
    scratch.write("out/mise/director/config.toml", "");
    assert_ne!(&read()[".chezmoiscripts/10-tools.sh"], tools);
    let nobody = chezmoi::scripts(&scratch.path("out"), "chezmoi", "stranger").unwrap();
    assert!(nobody.is_empty(), "{nobody:?}");
}
