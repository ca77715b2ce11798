//! Builds that are killed, watched, or run at once: the old tree or the new one, never a mixture.

use super::*;
use colabc::manifest::Hash;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

const OUT: &str = "COLAB_TEST_DISK_OUT";
const FIRST: &str = "COLAB_TEST_DISK_FIRST";
const LAST: &str = "COLAB_TEST_DISK_LAST";
/// A file that the worker makes when it begins.
const BEGUN: &str = "COLAB_TEST_DISK_BEGUN";

/// The tree of a generation: no two have a file's bytes or the manifest in common.
pub fn generation(number: u64) -> OutTree {
    let mut tree = OutTree::default();
    let mut put = |path: String, text: String| tree.insert(&path, OutFile::new(text)).unwrap();
    put("generation".into(), format!("{number}\n"));
    for file in 0..40 {
        let folder = file % 7;
        match file % 4 {
            0 => put(format!("same/{folder}/{file}"), format!("constant {file}\n")),
            1 if number.is_multiple_of(2) => {
                put(format!("even/{folder}/{file}"), format!("{number}\n"))
            }
            1 => put(format!("odd/{folder}/{file}"), format!("{number}\n")),
            _ => put(format!("all/{folder}/{file}"), format!("{number} {file}\n").repeat(50)),
        }
    }
    tree
}

/// Not a test of its own: the process that the others start, and kill.
#[test]
fn worker() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let (Some(out), Some(first)) = (std::env::var_os(OUT), number(FIRST)) else { return };
    if let Some(begun) = std::env::var_os(BEGUN) {
        fs::write(begun, "").unwrap();
    }
    for number in first..=number(LAST).unwrap_or(u64::MAX) {
        build(Path::new(&out), &generation(number));
    }
}

fn begun(out: &Path) -> PathBuf {
    out.with_file_name("begun")
}

pub fn start(out: &Path, first: u64, last: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["disk::kills::worker", "--exact", "--nocapture"])
        .env(OUT, out)
        .env(FIRST, first.to_string())
        .env(LAST, last.to_string())
        .env(BEGUN, begun(out))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// The generation that lies there, after a look at every file.
pub fn whole_generation(out: &Path) -> Option<u64> {
    if !out.exists() {
        return None;
    }
    let manifest = assert_whole(out);
    let text = fs::read_to_string(out.join("generation")).unwrap();
    let number = text.trim().parse().unwrap();
    let expected = generation(number);
    let paths: Vec<_> = expected.iter().map(|(path, _)| path.clone()).collect();
    assert!(manifest.files.keys().eq(paths.iter()), "the rows are those of one generation");
    let files = everything(out).into_values().filter(|what| what != "folder").count();
    assert_eq!(files, paths.len() + 1, "there is nothing else");
    Some(number)
}

/// Until a started build has come that far.
pub fn wait_for(path: &Path) {
    let mut looks = 0_u64;
    while !path.exists() {
        looks += 1;
        assert!(looks < 50_000_000, "{} never came", path.display());
        std::hint::spin_loop();
    }
}

pub fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

pub fn random(seed: &mut u64, below: u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed % below
}

/// Reads the manifest, all files, the manifest: where both are equal, every hash must match.
fn observe(out: &Path, stop: &AtomicBool) -> (u64, u64) {
    let (mut looks, mut equal) = (0, 0);
    while !stop.load(Ordering::Relaxed) {
        let Ok(first) = fs::read(out.join("manifest.json")) else { continue };
        looks += 1;
        let manifest = Manifest::from_json(&first).expect("a manifest that is seen is whole");
        let found: Vec<_> = manifest.files.keys().map(|path| fs::read(out.join(&**path))).collect();
        if fs::read(out.join("manifest.json")).ok().as_ref() != Some(&first) {
            continue;
        }
        equal += 1;
        for ((path, row), found) in manifest.files.iter().zip(found) {
            let found = found.unwrap_or_else(|error| panic!("{path}: {error}"));
            assert_eq!(Hash::of(&found), row.sha256, "{path}");
        }
    }
    (looks, equal)
}

#[test]
fn a_kill_leaves_the_old_tree_or_the_new_one() {
    let kills = if std::env::var_os("COLAB_FULL").is_some() { 2_000 } else { 200 };
    let temp = Temp::new();
    let out = temp.out();
    let mut seed = 0x9E37_79B9_7F4A_7C15;
    let stop = AtomicBool::new(false);
    let (mut last, mut progress, mut interrupted) = (1, 0, 0);
    // Kills come at any moment of some three builds, however long one takes here.
    let clock = std::time::Instant::now();
    build(&out, &generation(0));
    build(&out, &generation(1));
    let most = clock.elapsed().as_micros() as u64 * 3 / 2;
    let (looks, equal) = std::thread::scope(|scope| {
        let observer = scope.spawn(|| observe(&out, &stop));
        let stopper = Stop(&stop);
        for _ in 0..kills {
            let child = start(&out, last + 1, u64::MAX);
            wait_for(&begun(&out));
            std::thread::sleep(Duration::from_micros(random(&mut seed, most)));
            kill(child);
            fs::remove_file(begun(&out)).unwrap();
            interrupted += u32::from(temp.0.join(".out.colabc").exists());
            if let Some(number) = whole_generation(&out) {
                assert!(number >= last, "{number} after {last}");
                progress += u32::from(number > last);
                last = number;
            }
        }
        drop(stopper);
        observer.join().unwrap()
    });
    println!(
        "{kills} kills, {interrupted} within a build; {last} builds; {equal} of {looks} looks"
    );
    assert!(interrupted > kills / 10, "{interrupted} kills of {kills} came during a build");
    assert!(progress > kills / 10 && equal > 0);
    build(&out, &generation(last + 1));
    assert_eq!(whole_generation(&out), Some(last + 1));
    assert_no_litter(&out);
}

/// Stops the observer also when an assertion fails, so that the failure is seen.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn eight_builds_at_once_leave_one_tree() {
    let temp = Temp::new();
    let out = temp.out();
    let children: Vec<Child> =
        (0..8).map(|builder| start(&out, builder * 100 + 1, builder * 100 + 10)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success(), "a build that waits its turn succeeds");
    }
    let number = whole_generation(&out).expect("a tree was built");
    assert_eq!(number % 100, 10, "the last of somebody's builds");
    assert_no_litter(&out);
}

#[test]
fn a_build_says_that_it_waits() {
    let temp = Temp::new();
    let held = Out::open(&temp.out(), &mut || panic!("nobody else is there")).unwrap();
    let said = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let out = Out::open(&temp.out(), &mut || said.store(true, Ordering::Relaxed)).unwrap();
            let new = tree(&[("a", "1")]);
            let output = Output::of(&new);
            let plan = out.plan(&output, None, None).unwrap();
            out.apply(plan, false).unwrap();
        });
        while !said.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(!temp.out().exists());
        drop(held);
    });
    assert_eq!(temp.text("out/a"), "1");
}

#[test]
fn a_work_folder_of_nobodys_build_is_left_alone() {
    let temp = Temp::new();
    temp.put(".out.colabc/precious", "mine");
    let before = everything(&temp.0);
    let error = refused(&temp.out(), &tree(&[("a", "1")]));
    assert!(error.to_string().contains("move it away"), "{error}");
    fs::rename(temp.0.join(".out.colabc/precious"), temp.0.join("precious")).unwrap();
    temp.put(".out.colabc/tree/precious", "mine");
    refused(&temp.out(), &tree(&[("a", "1")]));
    assert_eq!(before.len() + 2, everything(&temp.0).len());
}

/// Killed right after the exchange: what somebody had put into the old tree meanwhile comes back.
#[test]
fn a_stranger_in_the_old_tree_is_given_back() {
    let temp = Temp::new();
    build(&temp.out(), &tree(&[("a", "new"), ("b", "new")]));
    temp.put(".out.colabc/tree/a", "old");
    temp.put(".out.colabc/tree/notes/x", "mine");
    fs::hard_link(temp.out().join("b"), temp.0.join(".out.colabc/tree/linked")).unwrap();
    let row = |path: &str| (path.into(), colabc::manifest::Row::of(&OutFile::new("old")));
    let manifest = Manifest { files: [row("a")].into_iter().collect(), ..Manifest::default() };
    temp.put(".out.colabc/tree/manifest.json", std::str::from_utf8(&manifest.to_json()).unwrap());
    let about = "An interrupted `colabc build` left this folder beside the one that it writes.\n\
                 The next build there clears it. Made for the tree 0:0.\n";
    temp.put(".out.colabc/README", about);
    let out = Out::open(&temp.out(), &mut || {}).unwrap();
    assert_eq!(out.saved, ["notes/x"]);
    assert_eq!(temp.text("out/notes/x"), "mine");
    assert_eq!(temp.text("out/a"), "new");
    assert!(!temp.out().join("linked").exists());
    assert_no_litter(&temp.out());
}
