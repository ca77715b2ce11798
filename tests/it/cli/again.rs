//! A build where another has been: what is equal stays untouched, and only what differs is written.

use super::Project;
use crate::generate;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Which file it is, and when it, or what it holds, was last changed.
#[derive(PartialEq, Eq)]
struct Stamp {
    inode: u64,
    written: (i64, i64),
    touched: (i64, i64),
}

/// All below a folder, and the folder itself, by their paths.
fn stamps(folder: &Path) -> BTreeMap<String, Stamp> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| {
            let entry = entry.unwrap();
            let meta = entry.metadata().unwrap();
            let stamp = Stamp {
                inode: meta.ino(),
                written: (meta.mtime(), meta.mtime_nsec()),
                touched: (meta.ctime(), meta.ctime_nsec()),
            };
            (entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), stamp)
        })
        .collect()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let all = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    all.filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn build(project: &Project, out: &str) {
    let done = project.run(&["build", "--out", out]);
    assert_eq!(done.code, Some(0), "{}", done.err);
}

#[test]
fn one_changed_service_writes_the_files_that_differ_and_no_other() {
    let cluster = generate::scale(5, 10, 1);
    let texts: Vec<(&str, &str)> = cluster.iter().map(|(name, text)| (&**name, &**text)).collect();
    let project = Project::new(&texts);
    build(&project, "out");
    let before = stamps(&project.folder);
    build(&project, "out");
    let unchanged = stamps(&project.folder);
    let touched: Vec<&String> =
        before.iter().filter(|(name, stamp)| unchanged[*name] != **stamp).map(|(n, _)| n).collect();
    assert!(touched.is_empty() && before.len() == unchanged.len(), "{touched:?}");

    let was = files(&project.folder.join("out"));
    let (name, text) = cluster.iter().find(|(name, _)| name.starts_with("services/")).unwrap();
    let changed = text.replacen("memory = 256MiB", "memory = 320MiB", 1);
    assert_ne!(*text, changed);
    std::fs::write(project.folder.join(name), changed).unwrap();
    build(&project, "out");
    let now = files(&project.folder.join("out"));
    let differ: BTreeSet<&String> =
        now.iter().filter(|(name, bytes)| was.get(*name) != Some(bytes)).map(|(n, _)| n).collect();
    assert!(differ.iter().any(|name| name.starts_with("compose/")), "{differ:?}");
    assert!(differ.len() * 10 < now.len(), "{differ:?}");

    let (before, after) = (before, stamps(&project.folder));
    let written: BTreeSet<&String> = now
        .keys()
        .filter(|name| {
            let (was, is) = (&before[&format!("out/{name}")], &after[&format!("out/{name}")]);
            (was.inode, was.written) != (is.inode, is.written)
        })
        .collect();
    assert_eq!(written, differ);
    build(&project, "new");
    assert_eq!(files(&project.folder.join("new")), now, "as a build from nothing gives it");
}
