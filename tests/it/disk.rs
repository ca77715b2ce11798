//! Real files in real folders: what a build writes, keeps, refuses and survives.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]

// The module belongs to the binary; here it is tested alone.
#[path = "../../compiler/cli"]
mod cli {
    pub mod disk;
}

mod hands;
mod kills;
mod links;
mod marks;
mod places;
mod reading;

use cli::disk::{Built, DiskError, InTheWay, Out, Plan, Selected, Staleness, Summary};
use colabc::manifest::Manifest;
use colabc::output::{Content, Output};
use colabc::tree::{Mode, OutFile, OutTree};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A folder that is gone when the test is.
struct Temp(PathBuf);

impl Temp {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("colabc-disk-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Temp(path)
    }

    fn out(&self) -> PathBuf {
        self.0.join("out")
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap()
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn tree(files: &[(&str, &str)]) -> OutTree {
    let mut tree = OutTree::default();
    for (path, text) in files {
        tree.insert(path, OutFile::new(*text)).unwrap();
    }
    tree
}

fn write(
    out: &Path,
    tree: &OutTree,
    selected: Selected,
    force: bool,
) -> Result<Summary, DiskError> {
    let known = Built::open(out).ok().flatten().map(Built::into_known);
    let out = Out::open(out, &mut || {})?;
    let output = Output::of(tree);
    let plan = out.plan(&output, known.as_ref(), selected)?;
    out.apply(plan, force)
}

fn build(out: &Path, tree: &OutTree) -> Summary {
    write(out, tree, None, false).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(out: &Path, tree: &OutTree) -> DiskError {
    write(out, tree, None, false).expect_err("the build is refused")
}

fn forced(out: &Path, tree: &OutTree) -> Summary {
    write(out, tree, None, true).unwrap_or_else(|error| panic!("{error}"))
}

fn check(out: &Path, tree: &OutTree) -> Staleness {
    Out::look(out, &mut || {}).unwrap().check(&Output::of(tree), None, None).unwrap()
}

/// Everything below a folder: path, and what it is with its content.
pub fn everything(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut all = BTreeMap::from([(PathBuf::new(), "folder".to_owned())]);
    let mut rest = vec![folder.to_owned()];
    while let Some(here) = rest.pop() {
        for entry in fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            let meta = fs::symlink_metadata(&path).unwrap();
            let what = if meta.is_dir() {
                rest.push(path.clone());
                "folder".to_owned()
            } else if meta.is_symlink() {
                format!("link to {:?}", fs::read_link(&path).unwrap())
            } else if meta.is_file() {
                format!("{:o} {:?}", meta.permissions().mode(), fs::read(&path).unwrap())
            } else {
                "other".to_owned()
            };
            all.insert(path.strip_prefix(folder).unwrap().to_owned(), what);
        }
    }
    all
}

/// That every file is there as the manifest says, and that nothing else was left about.
fn assert_whole(out: &Path) -> Manifest {
    let manifest = Manifest::from_json(&fs::read(out.join("manifest.json")).unwrap()).unwrap();
    for (path, row) in &manifest.files {
        let bytes = fs::read(out.join(&**path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(colabc::manifest::Hash::of(&bytes), row.sha256, "{path}");
        assert_eq!(bytes.len() as u64, row.size, "{path}");
    }
    manifest
}

fn assert_no_litter(out: &Path) {
    let name = out.file_name().unwrap().as_bytes();
    for entry in fs::read_dir(out.parent().unwrap()).unwrap() {
        let found = entry.unwrap().file_name();
        let ours = found.as_bytes().windows(7).any(|part| part == b".colabc");
        assert!(!ours || found.as_bytes() == name, "{found:?} was left behind");
    }
}

#[test]
fn writes_a_tree_and_its_manifest() {
    let temp = Temp::new();
    let mut tree = tree(&[("a.txt", "one\n"), ("b/c/d.yml", "x: 1\n")]);
    let program = OutFile { mode: Mode::Program, ..OutFile::new("#!/bin/sh\n") };
    tree.insert("b/run", program).unwrap();
    let summary = build(&temp.out(), &tree);
    assert_eq!(summary.added, ["a.txt", "b/c/d.yml", "b/run"]);
    assert_eq!((summary.changed.len(), summary.removed.len(), summary.unchanged), (0, 0, 0));
    assert_eq!(temp.text("out/b/c/d.yml"), "x: 1\n");
    assert_eq!(fs::metadata(temp.out().join("b/run")).unwrap().mode() & 0o700, 0o700);
    assert_eq!(fs::metadata(temp.out().join("a.txt")).unwrap().mode() & 0o700, 0o600);
    let manifest = assert_whole(&temp.out());
    assert_eq!(manifest.files.len(), 3);
    assert_no_litter(&temp.out());
}

#[test]
fn an_empty_tree_is_a_tree() {
    let temp = Temp::new();
    build(&temp.out(), &tree(&[]));
    assert_eq!(everything(&temp.out()).len(), 2, "the folder and its manifest");
    let summary = build(&temp.out(), &tree(&[("a", "1")]));
    assert_eq!(summary.added, ["a"]);
    let summary = build(&temp.out(), &tree(&[]));
    assert_eq!(summary.removed, ["a"]);
    assert_eq!(everything(&temp.out()).len(), 2);
}

#[test]
fn writes_nothing_where_nothing_differs() {
    let temp = Temp::new();
    let tree = tree(&[("a", "1"), ("b/c", "2")]);
    build(&temp.out(), &tree);
    let stamp = |path: &Path| {
        let meta = fs::metadata(path).unwrap();
        (meta.ino(), meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec())
    };
    let before = (stamp(&temp.0), stamp(&temp.out()), stamp(&temp.out().join("b/c")));
    let summary = build(&temp.out(), &tree);
    assert_eq!((summary.unchanged, summary.added.len()), (2, 0));
    let after = (stamp(&temp.0), stamp(&temp.out()), stamp(&temp.out().join("b/c")));
    assert_eq!(before, after);
}

#[test]
fn what_is_given_away_while_it_is_made_is_written_as_a_whole() {
    let temp = Temp::new();
    let tree = tree(&[("a", "1")]);
    let long = |said: bool| Content::Made {
        make: Box::new(move |to| {
            let (given, rest) = ("given\n".repeat(3), OutFile::new("rest\n"));
            let other = OutFile::new("another\n");
            match to {
                Some(to) => (0..3).for_each(|_| to("given\n")),
                None if said => return Ok(OutFile::new(given + "rest\n")),
                None => {}
            }
            if said { Ok(rest) } else { Err(other) }
        }),
        large: true,
    };
    let made = [("said", long(true)), ("unsaid", long(false))];
    let output = Output::of(&tree).with(made.map(|(path, content)| (path.to_owned(), content)));
    let built = || {
        let out = Out::open(&temp.out(), &mut || {}).unwrap();
        let plan = out.plan(&output, None, None).unwrap();
        out.apply(plan, false).unwrap()
    };
    assert_eq!(built().added, ["a", "said", "unsaid"]);
    let text = |path| fs::read_to_string(temp.out().join(path)).unwrap();
    assert_eq!(text("said"), "given\ngiven\ngiven\nrest\n");
    assert_eq!(text("unsaid"), "another\n");
    assert_eq!(built().unchanged, 3, "the manifest says what was written");
}

#[test]
fn what_did_not_change_keeps_its_time() {
    let temp = Temp::new();
    build(&temp.out(), &tree(&[("a", "1"), ("b/c", "2"), ("d/e", "3")]));
    let file = |path: &str| {
        let meta = fs::metadata(temp.out().join(path)).unwrap();
        (meta.ino(), meta.mtime(), meta.mtime_nsec())
    };
    let before = (file("a"), file("b/c"));
    fs::set_permissions(temp.out().join("b"), fs::Permissions::from_mode(0o750)).unwrap();
    let summary = build(&temp.out(), &tree(&[("a", "1"), ("b/c", "2"), ("b/f", "4")]));
    assert_eq!(summary.added, ["b/f"]);
    assert_eq!(summary.removed, ["d/e"]);
    assert_eq!(summary.unchanged, 2);
    assert_eq!(before, (file("a"), file("b/c")));
    assert!(!temp.out().join("d").exists(), "a folder goes with its last file");
    let mode = fs::metadata(temp.out().join("b")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o750, "a folder keeps its permissions");
    assert_whole(&temp.out());
    assert_no_litter(&temp.out());
}

#[test]
fn files_and_folders_change_places() {
    let temp = Temp::new();
    build(&temp.out(), &tree(&[("a", "1"), ("b/c/d", "2")]));
    build(&temp.out(), &tree(&[("a/x/y", "1"), ("b", "2")]));
    assert_eq!(temp.text("out/a/x/y"), "1");
    assert_eq!(temp.text("out/b"), "2");
    build(&temp.out(), &tree(&[("a", "3"), ("b/c", "4")]));
    assert_eq!(assert_whole(&temp.out()).files.len(), 2);
}

#[test]
fn a_program_is_told_from_a_plain_file() {
    let temp = Temp::new();
    let plain = tree(&[("run", "#!/bin/sh\n")]);
    build(&temp.out(), &plain);
    let mut program = OutTree::default();
    program.insert("run", OutFile { mode: Mode::Program, ..OutFile::new("#!/bin/sh\n") }).unwrap();
    assert_eq!(check(&temp.out(), &program).stale, ["manifest.json", "run"]);
    assert_eq!(build(&temp.out(), &program).changed, ["run"]);
    assert_eq!(fs::metadata(temp.out().join("run")).unwrap().mode() & 0o100, 0o100);
    assert!(check(&temp.out(), &program).is_current());
}

#[test]
fn a_check_names_what_differs_and_writes_nothing() {
    let temp = Temp::new();
    let old = tree(&[("a", "1"), ("b/c", "2"), ("d", "3")]);
    assert_eq!(check(&temp.out(), &old).missing, ["a", "b/c", "d", "manifest.json"]);
    assert_eq!(check(&temp.0.join("no/such/out"), &old).missing.len(), 4);
    assert!(!temp.out().exists() && !temp.0.join("no").exists());
    build(&temp.out(), &old);
    assert!(check(&temp.out(), &old).is_current());
    let before = everything(&temp.0);
    let new = tree(&[("a", "x"), ("b/c", "2"), ("e", "4")]);
    let found = check(&temp.out(), &new);
    assert_eq!(found.stale, ["a", "manifest.json"]);
    assert_eq!(found.missing, ["e"]);
    assert_eq!(found.orphaned, ["d"]);
    fs::write(temp.out().join("b/c"), "by hand").unwrap();
    let found = check(&temp.out(), &new);
    assert_eq!(
        (found.stale, found.edited),
        (vec!["a".into(), "manifest.json".into()], vec!["b/c".to_owned()])
    );
    fs::write(temp.out().join("b/c"), "2").unwrap();
    assert_eq!(before, everything(&temp.0));
}

#[test]
fn a_narrow_build_leaves_the_rest_alone() {
    let temp = Temp::new();
    build(&temp.out(), &tree(&[("ssh/a", "1"), ("ssh/b", "1"), ("mise/a", "1"), ("mise/b", "1")]));
    fs::write(temp.out().join("mise/a"), "by hand").unwrap();
    let new = tree(&[("ssh/a", "2"), ("ssh/c", "2"), ("mise/b", "2"), ("mise/d", "2")]);
    let ssh = |path: &str| path.starts_with("ssh/");
    let summary = write(&temp.out(), &new, Some(&ssh), false).unwrap();
    assert_eq!(summary.added, ["ssh/c"]);
    assert_eq!(summary.changed, ["ssh/a"]);
    assert_eq!(summary.removed, ["ssh/b"]);
    assert!(summary.foreign.is_empty() && summary.edited.is_empty(), "{summary:?}");
    assert_eq!(temp.text("out/mise/a"), "by hand");
    assert_eq!(temp.text("out/mise/b"), "1");
    let manifest = Manifest::from_json(temp.text("out/manifest.json").as_bytes()).unwrap();
    let rows: Vec<&str> = manifest.files.keys().map(|path| &**path).collect();
    assert_eq!(rows, ["mise/a", "mise/b", "ssh/a", "ssh/c"]);
    let plan = |selected: Selected| -> bool {
        let out = Out::look(&temp.out(), &mut || {}).unwrap();
        let output = Output::of(&new);
        let plan: Plan = out.plan(&output, None, selected).unwrap();
        plan.is_current()
    };
    assert!(plan(Some(&ssh)));
    assert!(!plan(None));
    let summary = build(&temp.out(), &new);
    assert_eq!(summary.edited, ["mise/a"]);
    assert_eq!(assert_whole(&temp.out()).files.len(), 4);
}
