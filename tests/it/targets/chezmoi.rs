//! The real chezmoi applies the source tree to an empty home, as each node: exactly that node's files.

use super::{Built, sources};
use crate::consumers::{Scratch, chezmoi, missing, refuses};
use colabc::manifest::{Manifest, Row};
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

/// What a build of it leaves.
fn manifest(built: &Built) -> Manifest {
    let rows = built.tree.iter().map(|(path, file)| (path.clone(), Row::of(file)));
    Manifest { files: rows.collect(), gone: built.tree.gone.clone() }
}

#[test]
fn what_an_earlier_build_brought_is_taken_away() {
    if missing(chezmoi::TOOLS) {
        return;
    }
    let edited = |note: &str, status: &str| {
        let mut files = sources();
        let mut more = format!("file \"~/.note\" {{ on = [{note}]   content = \"x\\n\" }}\n");
        more.insert_str(0, &String::from_utf8(files["cluster.colab"].clone()).unwrap());
        files.insert("cluster.colab".into(), more.into_bytes());
        let webui = "services/open-webui.colab";
        let text = String::from_utf8(files[webui].clone()).unwrap();
        let text = text.replace("service open-webui {", &format!("service open-webui {{ {status}"));
        files.insert(webui.into(), text.into_bytes());
        files
    };
    let first = Built::of(edited("cooperator, director", ""));
    let after = || edited("director", "status = planned");
    let second = Built::after(after(), &manifest(&first));
    let old = wanted(&first, "cooperator");
    let now = wanted(&second, "cooperator");
    let lost: Vec<&String> = old.keys().filter(|path| !now.contains_key(*path)).collect();
    assert!(lost.contains(&&".note".to_string()), "{lost:?}");
    assert!(lost.iter().any(|path| path.ends_with("compose/open-webui.yml")), "{lost:?}");
    let mut home: Vec<(&str, &str)> = lost.iter().map(|path| (path.as_str(), "x\n")).collect();
    let mine = ".config/docker/compose/mine.yml";
    home.push((mine, "mine"));
    let mut left = applied(&second, "cooperator", &home).unwrap();
    assert!(left.remove(mine).is_some(), "what is nobody's stays");
    assert_eq!(left, now);
    // A node that missed that build gets the same from the next, and the files stay as they are.
    let third = Built::after(after(), &manifest(&second));
    assert_eq!(manifest(&third), manifest(&second));
    // What comes back is not taken away any more.
    let fourth = Built::after(edited("cooperator, director", ""), &manifest(&third));
    assert_eq!(wanted(&fourth, "cooperator"), old);
    assert!(fourth.tree.gone.is_empty() && fourth.tree.get("chezmoi/.chezmoiremove").is_none());
    // Without the memory of the first build everything stays.
    let left = applied(&Built::of(after()), "cooperator", &home).unwrap();
    assert!(lost.iter().all(|path| left.contains_key(*path)), "{left:?}");
}
