//! Places that refuse: a full disk, a read-only one, a mount point, a foreign folder. Each is made
//! in a mount namespace of its own.

use super::kills::{generation, kill, random, start, wait_for, whole_generation};
use super::*;
use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;

const INSIDE: &str = "COLAB_TEST_DISK_INSIDE";

/// Runs one of the functions below as another process, by a command that takes a command.
fn inside(wrap: &[&str], name: &str) {
    let exe = std::env::current_exe().unwrap();
    let works = Command::new(wrap[0]).args(&wrap[1..]).arg(&exe).arg("--list").output();
    if !works.is_ok_and(|output| output.status.success()) {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "`{}` must work",
            wrap.join(" ")
        );
        println!("{name}: *skipped*, `{}` does not work here", wrap.join(" "));
        return;
    }
    let output = Command::new(wrap[0])
        .args(&wrap[1..])
        .arg(&exe)
        .args(["disk::places::place", "--exact", "--nocapture"])
        .env(INSIDE, name)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    print!("{}", said.lines().filter(|line| line.contains("kills")).collect::<String>());
}

fn in_a_namespace(name: &str) {
    let root = rustix::process::geteuid().is_root();
    inside(if root { &["unshare", "-m"] } else { &["unshare", "-rm"] }, name);
}

/// Not a test of its own: what the tests below run in another namespace.
#[test]
fn place() {
    match std::env::var(INSIDE).as_deref() {
        Ok("full") => full(),
        Ok("read-only") => read_only(),
        Ok("mount point") => mount_point(),
        Ok("overlay") => overlay(),
        Ok("no permission") => no_permission(),
        Ok(other) => panic!("{other}"),
        Err(_) => {}
    }
}

#[test]
fn a_full_disk_keeps_the_old_tree() {
    in_a_namespace("full");
}

#[test]
fn a_read_only_disk_keeps_the_old_tree() {
    in_a_namespace("read-only");
}

#[test]
fn a_mount_point_is_written_file_by_file() {
    in_a_namespace("mount point");
}

#[test]
fn a_kill_without_exchange_is_completed_by_the_next_build() {
    in_a_namespace("overlay");
}

#[test]
fn without_permission_nothing_changes() {
    if rustix::process::geteuid().is_root() {
        inside(&["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], "no permission");
    } else {
        no_permission();
    }
}

struct Mount(PathBuf);

impl Mount {
    fn new(args: &[&str], at: &Path) -> Self {
        fs::create_dir_all(at).unwrap();
        let done = Command::new("mount").args(args).arg(at).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        Mount(at.to_owned())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn full() {
    let temp = Temp::new();
    let _mount = Mount::new(&["-t", "tmpfs", "-o", "size=256k", "none"], &temp.0.join("small"));
    let out = temp.0.join("small/out");
    let old = tree(&[("a", "1"), ("b/c", "2")]);
    build(&out, &old);
    let before = everything(&temp.0);
    for size in [100_000, 250_000, 400_000] {
        let large = "x".repeat(size);
        let new = tree(&[("a", "2"), ("big/1", &large), ("big/2", &large), ("big/3", &large)]);
        let error = refused(&out, &new);
        assert!(error.to_string().contains("free some space"), "{error}");
        assert_eq!(before, everything(&temp.0), "the old tree, and nothing beside it");
    }
    build(&out, &tree(&[("a", "2")]));
    assert_whole(&out);
}

fn read_only() {
    let temp = Temp::new();
    let mount = Mount::new(&["-t", "tmpfs", "none"], &temp.0.join("disk"));
    let out = temp.0.join("disk/out");
    let old = tree(&[("a", "1"), ("b/c", "2")]);
    build(&out, &old);
    let before = everything(&temp.0);
    let done = Command::new("mount").args(["-o", "remount,ro"]).arg(&mount.0).status().unwrap();
    assert!(done.success());
    let error = refused(&out, &tree(&[("a", "2")]));
    assert!(error.to_string().contains("read-only"), "{error}");
    assert!(error.to_string().contains("name another place"), "{error}");
    assert_eq!(before, everything(&temp.0));
    assert_eq!(build(&out, &old).unchanged, 2, "where nothing differs nothing is written");
    assert!(check(&out, &old).is_current());
}

fn no_permission() {
    let temp = Temp::new();
    let old = tree(&[("a", "1"), ("b/c", "2")]);
    build(&temp.out(), &old);
    let before = everything(&temp.0);
    fs::set_permissions(&temp.0, fs::Permissions::from_mode(0o555)).unwrap();
    let error = refused(&temp.out(), &tree(&[("a", "2")]));
    fs::set_permissions(&temp.0, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(error.to_string().contains("permission denied"), "{error}");
    assert!(error.to_string().contains("who owns"), "{error}");
    assert_eq!(before, everything(&temp.0));
}

/// `out/` itself is mounted, as in a container: it cannot be exchanged for another folder.
fn mount_point() {
    let temp = Temp::new();
    let _mount = Mount::new(&["-t", "tmpfs", "none"], &temp.out());
    temp.put("out/mine", "mine");
    let summary =
        build(&temp.out(), &tree(&[("a", "1"), ("b/c", "2"), ("d/e/f", "3"), ("g", "4")]));
    assert!(summary.one_by_one);
    assert_eq!(summary.foreign, ["mine"]);
    let summary = build(&temp.out(), &tree(&[("a", "2"), ("b", "1"), ("g/h", "4")]));
    assert_eq!((summary.added.len(), summary.changed.len(), summary.removed.len()), (2, 1, 3));
    assert_whole(&temp.out());
    assert_eq!(temp.text("out/mine"), "mine");
    assert!(!temp.out().join("d").exists());
    assert_no_litter(&temp.out());
    temp.put("out/a", "by hand");
    let before = everything(&temp.0);
    refused(&temp.out(), &tree(&[("a", "3")]));
    assert_eq!(before, everything(&temp.0));
    kills_one_by_one(&temp.0.join("out"), true);
}

/// A folder of an overlay's lower layer cannot be renamed at all.
fn overlay() {
    let temp = Temp::new();
    let disk = temp.0.join("disk");
    let _disk = Mount::new(&["-t", "tmpfs", "none"], &disk);
    for folder in ["lower/out", "upper", "work", "merged"] {
        fs::create_dir_all(disk.join(folder)).unwrap();
    }
    let mut layers = OsString::from("lowerdir=");
    layers.push(disk.join("lower"));
    layers.push(",upperdir=");
    layers.push(disk.join("upper"));
    layers.push(",workdir=");
    layers.push(disk.join("work"));
    let layers = layers.to_str().unwrap();
    let _overlay = Mount::new(&["-t", "overlay", "-o", layers, "none"], &disk.join("merged"));
    let out = disk.join("merged/out");
    assert!(build(&out, &tree(&[("a", "1")])).one_by_one);
    kills_one_by_one(&out, false);
}

/// Half of the kills come as soon as there is a journal, while the files are being moved.
fn kills_one_by_one(out: &Path, forget: bool) {
    if forget {
        fs::remove_file(out.join("a")).unwrap();
        fs::remove_file(out.join("mine")).unwrap();
    }
    build(out, &generation(0));
    let kills = if std::env::var_os("COLAB_FULL").is_some() { 500 } else { 30 };
    let work = out.with_file_name(".out.colabc");
    let mut seed = 0xD1B5_4A32_D192_ED03;
    let (mut last, mut completed, mut done) = (0, 0, 0);
    while done < kills || completed < 3 {
        assert!(done < kills + 1_000, "no kill came while a journal was there");
        let child = start(out, last + 1, u64::MAX);
        wait_for(&work.join(if done % 2 == 0 { "journal" } else { "tree" }));
        std::thread::sleep(Duration::from_micros(random(&mut seed, 300 << (done % 2 * 6))));
        kill(child);
        completed += u32::from(work.join("journal").exists());
        drop(Out::open(out, &mut || {}).unwrap());
        assert!(!work.exists());
        let number = whole_generation(out).expect("there is a tree");
        assert!(number >= last);
        last = number;
        done += 1;
    }
    println!("{done} kills, {completed} between the first file and the last; {last} builds");
    build(out, &generation(last + 1));
    assert_eq!(whole_generation(out), Some(last + 1));
}
