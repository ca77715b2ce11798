//! The short way of a build that has nothing to make: when it is taken, and that it hides nothing.

#![allow(clippy::print_stdout)]

use super::{Done, Project};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const ROOT: &str = "cluster home { edition = 1   reach = [lan] }
import \"services/*.colab\"
network lan { driver = physical   range = 10.0.0.0/24 }
node box { arch = x86_64   os = debian   address { lan = 10.0.0.2 } }
";
const SERVICE: &str = "service wiki {
  on = box
  container app {
    image = \"wiki:1.0\"
    port web = 8080 -> 80
    health { http = \"/\"   port = web }
  }
  file \"/etc/wiki.txt\" { content = embed(\"wiki.txt\")   by = ansible }
}
";

fn project() -> Project {
    let files =
        [("cluster.colab", ROOT), ("services/wiki.colab", SERVICE), ("services/wiki.txt", "one\n")];
    Project::new(&files)
}

/// Builds, and says whether it made anything for it.
fn build(project: &Project, args: &[&str]) -> (Done, bool) {
    let done = project.run(&[&["build", "--timings"], args].concat());
    let made = done.err.lines().any(|line| line.trim_start().starts_with("files "));
    (done, made)
}

fn built(project: &Project) -> bool {
    let (done, made) = build(project, &[]);
    assert_eq!(done.code, Some(0), "{}", done.err);
    made
}

/// A project that was built, on a file system that keeps a mark; nothing where there is none.
fn marked() -> Option<Project> {
    let project = project();
    assert!(built(&project), "the first build makes everything");
    let manifest = project.path("out/manifest.json");
    if rustix::fs::getxattr(&manifest, "user.colabc.made", &mut [0u8; 256][..]).is_err() {
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "attributes must work");
        println!("*skipped*: this file system keeps no attributes");
        return None;
    }
    Some(project)
}

/// Other bytes of the same length, with the time that the file had.
fn swap(path: &Path) {
    let time = fs::metadata(path).unwrap().modified().unwrap();
    let mut bytes = fs::read(path).unwrap();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    fs::write(path, bytes).unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

const PAGE: &str = "out/hosts/box";

#[test]
fn nothing_is_made_of_the_same_sources() {
    let Some(project) = marked() else { return };
    let before = fs::metadata(project.path(PAGE)).unwrap().modified().unwrap();
    let (done, made) = build(&project, &[]);
    assert!(!made, "{}", done.err);
    let (long, made) = build(&project, &["--force"]);
    assert!(made);
    assert_eq!(done.out, long.out, "both say the same");
    assert_eq!(fs::metadata(project.path(PAGE)).unwrap().modified().unwrap(), before);
    assert_eq!(project.run(&["build", "--check"]).code, Some(0));
}

#[test]
fn who_asks_for_more_or_less_gets_everything_made() {
    let Some(project) = marked() else { return };
    for args in [&["--check"][..], &["--force"], &["--target", "hosts"], &["--node", "box"]] {
        let (done, made) = build(&project, args);
        assert!(made, "{args:?}: {}", done.err);
    }
    assert!(!built(&project), "and none of that changed anything");
    // Of another place nothing is known, and then of that one all.
    assert!(build(&project, &["--out", "other"]).1);
    assert!(!build(&project, &["--out", "other"]).1);
}

#[test]
fn every_change_of_what_was_read_is_seen() {
    let Some(project) = marked() else { return };
    let text = project.path("services/wiki.txt");
    swap(&text);
    assert!(built(&project), "a text that is embedded");
    assert!(!built(&project));
    swap(&project.path("services/wiki.colab"));
    let done = project.run(&["build"]);
    assert_eq!(done.code, Some(1), "a source that is broken now: {}", done.err);
    swap(&project.path("services/wiki.colab"));
    assert!(!built(&project), "and as it was again");
    fs::write(project.path("services/other.colab"), "group all { nodes = [box] }\n").unwrap();
    assert!(built(&project), "a file more in a folder that is imported");
    fs::write(project.path("stray.colab"), "let a = 1\n").unwrap();
    let (done, made) = build(&project, &[]);
    assert!(made && done.err.contains("L0101"), "a file that nothing imports: {}", done.err);
}

#[test]
fn findings_are_told_each_time() {
    let Some(project) = marked() else { return };
    fs::write(project.path("cluster.colab"), format!("{ROOT}let unused = 1\n")).unwrap();
    let first = project.run(&["build"]);
    let second = project.run(&["build"]);
    assert!(!build(&project, &[]).1);
    assert!(first.err.contains("unused"), "{}", first.err);
    assert_eq!((first.code, &first.err), (second.code, &second.err));
}

#[test]
fn every_change_below_out_is_seen() {
    let Some(project) = marked() else { return };
    let page = project.path(PAGE);
    swap(&page);
    let (done, made) = build(&project, &[]);
    assert!(made && done.code == Some(3), "an edited file: {}", done.err);
    swap(&page);
    assert!(!built(&project));

    fs::set_permissions(&page, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(built(&project), "a mode");
    assert!(!built(&project));

    fs::remove_file(&page).unwrap();
    assert!(built(&project), "a file that is missing");
    assert!(page.exists() && !built(&project));

    fs::remove_file(&page).unwrap();
    std::os::unix::fs::symlink(project.path("cluster.colab"), &page).unwrap();
    let (done, made) = build(&project, &[]);
    assert!(made && done.code == Some(3), "a link in its place: {}", done.err);
    fs::remove_file(&page).unwrap();
    assert!(built(&project));

    fs::write(project.path("out/mine.txt"), "mine\n").unwrap();
    let (done, made) = build(&project, &[]);
    assert!(!made && done.out.contains("mine.txt is not the build's own"), "{}", done.out);
    assert_eq!(done.out, build(&project, &["--force"]).0.out);
}

#[test]
fn a_mark_holds_for_its_manifest_alone() {
    let Some(project) = marked() else { return };
    let manifest = project.path("out/manifest.json");
    let text = project.read("out/manifest.json");
    // Edited where it lies, so that the mark stays: it speaks of other bytes now.
    let row = text.lines().find(|line| line.contains("hosts/box")).unwrap();
    fs::write(&manifest, text.replacen(&format!("{row}\n"), "", 1)).unwrap();
    let (done, made) = build(&project, &[]);
    assert!(made, "{}", done.err);
    fs::write(&manifest, &text).unwrap();
    assert!(!built(&project), "and of these again");
    // Another compiler, although its bytes are the same.
    let other = project.path("colabc");
    fs::copy(env!("CARGO_BIN_EXE_colabc"), &other).unwrap();
    let mut another = std::process::Command::new(other);
    another.args(["build", "--timings"]).current_dir(project.path("."));
    let done = loop {
        match another.output() {
            // A child of another test may hold the copy open until it becomes its own program.
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::yield_now();
            }
            done => break done.unwrap(),
        }
    };
    assert!(String::from_utf8_lossy(&done.stderr).contains("files "), "another compiler");
}
