//! What a second build writes: nothing where nothing changed, and after a change exactly the files that differ.

use super::Project;
use crate::generate;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Every file below `out/`: its bytes, and which file of the disk it is.
fn files(project: &Project) -> BTreeMap<String, (Vec<u8>, u64)> {
    let mut all = BTreeMap::new();
    look(&project.path("out"), "", &mut all);
    all
}

fn look(folder: &Path, above: &str, all: &mut BTreeMap<String, (Vec<u8>, u64)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{above}{}", entry.file_name().to_string_lossy());
        match entry.file_type().unwrap().is_dir() {
            true => look(&entry.path(), &format!("{path}/"), all),
            false => {
                let inode = entry.metadata().unwrap().ino();
                all.insert(path, (fs::read(entry.path()).unwrap(), inode));
            }
        }
    }
}

#[test]
fn a_build_writes_what_differs_and_nothing_else() {
    let texts = generate::scale(4, 10, 1);
    let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (&**name, &**text)).collect();
    let project = Project::new(&texts);
    let built = project.run(&["build"]);
    assert_eq!(built.code, Some(0), "{}", built.err);
    let first = files(&project);
    assert_eq!(project.run(&["build"]).code, Some(0));
    assert!(first == files(&project), "an unchanged build wrote something");

    let (name, text) = texts.iter().find(|(_, text)| text.contains("service report-")).unwrap();
    let changed = text.replacen("FORMAT = \"html\"", "FORMAT = \"text\"", 1);
    assert_ne!(changed, *text);
    fs::write(project.path(name), changed).unwrap();
    assert_eq!(project.run(&["build"]).code, Some(0));
    let second = files(&project);
    assert!(first.keys().eq(second.keys()));
    let mut written = Vec::new();
    for (path, (bytes, inode)) in &second {
        let (bytes_before, inode_before) = &first[path];
        assert_eq!(bytes == bytes_before, inode == inode_before, "{path}");
        if inode != inode_before {
            written.push(path.as_str());
        }
    }
    let project_file = |path: &&str| path.starts_with("compose/") && path.contains("/report-");
    assert_eq!(written.iter().copied().filter(project_file).count(), 1, "{written:?}");
    assert!(written.contains(&"manifest.json") && written.contains(&"model.json"), "{written:?}");
    assert!(written.len() <= 4, "{written:?}");
}
