//! What a build leaves on its manifest to know itself again, and what spoils it.

use super::*;
use cli::disk::{Made, is_large, is_marked};
use colabc::manifest::Hash;

const FILES: &[(&str, &str)] = &[("a/one", "1\n"), ("a/two", "2\n"), ("b", "3\n")];

fn made(text: &str) -> Made {
    Made { inputs: Hash::of(text.as_bytes()), quiet: true }
}

/// Builds and remembers it; nothing where the file system keeps no mark.
fn remembered(out: &Path, of: &str) -> bool {
    let tree = tree(FILES);
    let opened = Out::open(out, &mut || {}).unwrap();
    let output = Output::of(&tree);
    let plan = opened.plan(&output, None, None).unwrap();
    let summary = opened.apply(plan, false).unwrap();
    opened.remember(&made(of), &summary);
    if !is_marked(out) {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "attributes must work");
        println!("*skipped*: this file system keeps no attributes");
    }
    is_marked(out)
}

fn known(out: &Path, of: &str) -> Option<Summary> {
    let opened = Out::open(out, &mut || {}).unwrap();
    let marked = opened.marked()?;
    opened.unchanged(&marked, made(of).inputs).unwrap().map(|(found, summary)| {
        assert_eq!(found, made(of));
        summary
    })
}

#[test]
fn a_mark_is_of_its_inputs_and_its_files() {
    let temp = Temp::new();
    let out = temp.0.join("out");
    assert!(!is_marked(&out));
    if !remembered(&out, "these") {
        return;
    }
    let whole = Summary { unchanged: 3, files: 3, ..Summary::default() };
    assert_eq!(known(&out, "these"), Some(whole.clone()));
    assert_eq!(known(&out, "others"), None);
    // Written anew by others' hands, with the same bytes: that is no change.
    fs::remove_file(out.join("b")).unwrap();
    fs::write(out.join("b"), "3\n").unwrap();
    assert_eq!(known(&out, "these"), Some(whole));
    fs::create_dir(out.join("c")).unwrap();
    fs::write(out.join("c/mine"), "").unwrap();
    std::os::unix::fs::symlink("b", out.join("link")).unwrap();
    assert_eq!(known(&out, "these").unwrap().foreign, ["c/mine", "link"]);

    fs::write(out.join("a/two"), "3\n").unwrap();
    assert_eq!(known(&out, "these"), None, "other bytes");
    fs::write(out.join("a/two"), "2\n\n").unwrap();
    assert_eq!(known(&out, "these"), None, "one byte more");
    fs::rename(out.join("a/two"), out.join("a/three")).unwrap();
    assert_eq!(known(&out, "these"), None, "another name");
    fs::create_dir(out.join("a/two")).unwrap();
    assert_eq!(known(&out, "these"), None, "a folder in its place");
    fs::remove_dir(out.join("a/two")).unwrap();
    fs::rename(out.join("a/three"), out.join("a/two")).unwrap();
    fs::write(out.join("a/two"), "2\n").unwrap();
    assert!(known(&out, "these").is_some(), "and as it was");
}

#[test]
fn a_mark_that_no_build_left_says_nothing() {
    let temp = Temp::new();
    let out = temp.0.join("out");
    if !remembered(&out, "these") {
        return;
    }
    let manifest = out.join("manifest.json");
    let mut mark = [0u8; 256];
    let length = rustix::fs::getxattr(&manifest, "user.colabc.made", &mut mark[..]).unwrap();
    let mark = &mark[..length];
    let long = [b'x'; 300];
    for other in [&b""[..], b"1 quiet", &mark[1..], &[mark, b" "].concat(), &long] {
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::setxattr(&manifest, "user.colabc.made", other, flags).unwrap();
        assert_eq!(known(&out, "these"), None, "{other:?}");
    }
    // Whatever stood there, a build goes on, and leaves its own.
    assert!(remembered(&out, "these"));
    assert!(known(&out, "these").is_some());
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"size\": 2", "\"size\": 02")).unwrap();
    assert_eq!(known(&out, "these"), None, "the manifest is another");
}

/// What is done side by side where there is much of it comes to the same.
#[test]
fn a_change_in_a_large_tree_is_one_file() {
    let temp = Temp::new();
    let out = temp.out();
    let paths: Vec<String> = (0..3000).map(|at| format!("folder-{:02}/{at}", at % 40)).collect();
    let texts = |changed: &'static str| -> Vec<(&str, &str)> {
        let text = |path: &str| if path == "folder-07/2007" { changed } else { "same" };
        paths.iter().map(|path| (path.as_str(), text(path))).collect()
    };
    assert!(!is_large(&out));
    build(&out, &tree(&texts("before")));
    assert!(is_large(&out));
    let known = Built::open(&out).unwrap().unwrap().into_known();
    let after = tree(&texts("after"));
    let output = Output::of(&after);
    let opened = Out::open(&out, &mut || {}).unwrap();
    let plan = opened.plan(&output, Some(&known), None).unwrap();
    let summary = opened.apply(plan, false).unwrap();
    assert_eq!((summary.changed, summary.unchanged), (vec!["folder-07/2007".to_owned()], 2999));
    let manifest = fs::read(out.join("manifest.json")).unwrap();
    assert_eq!(summary.manifest, Some(Hash::of(&manifest)));
    assert_eq!(assert_whole(&out).files.len(), 3000);
    let left: Vec<_> = fs::read_dir(&temp.0).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["out"], "the old tree is cleared away");
}
