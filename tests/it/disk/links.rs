//! Symbolic links: no build ever goes where one leads.

use super::*;
use rustix::fs::{AtFlags, Mode, OFlags, renameat, symlinkat, unlinkat};
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::sync::atomic::AtomicBool;

#[test]
fn a_link_in_outs_place_is_refused() {
    let temp = Temp::new();
    fs::create_dir(temp.0.join("elsewhere")).unwrap();
    for target in ["elsewhere", "nowhere"] {
        symlink(target, temp.out()).unwrap();
        let error = refused(&temp.out(), &tree(&[("a", "1")]));
        assert!(error.to_string().contains("symbolic link"), "{error}");
        fs::remove_file(temp.out()).unwrap();
    }
    assert_eq!(fs::read_dir(temp.0.join("elsewhere")).unwrap().count(), 0);
    temp.put("out", "a file");
    let error = refused(&temp.out(), &tree(&[("a", "1")]));
    assert!(error.to_string().contains("it is no folder"), "{error}");
    assert_eq!(temp.text("out"), "a file");
}

#[test]
fn links_at_every_level_are_not_followed() {
    let new = tree(&[("a/b/c", "new")]);
    for level in ["a", "a/b", "a/b/c", "manifest.json"] {
        for first in [false, true] {
            let temp = Temp::new();
            temp.put("outside/b/c", "theirs");
            temp.put("outside/c", "theirs");
            fs::create_dir(temp.out()).unwrap();
            if first {
                build(&temp.out(), &tree(&[("a/b/c", "old")]));
            }
            let path = temp.out().join(level);
            match fs::metadata(&path) {
                Ok(meta) if meta.is_dir() => fs::remove_dir_all(&path).unwrap(),
                Ok(_) => fs::remove_file(&path).unwrap(),
                Err(_) => fs::create_dir_all(path.parent().unwrap()).unwrap(),
            }
            let outside = temp.0.join("outside");
            let to_file = level.ends_with('c') || level.ends_with("json");
            symlink(if to_file { outside.join("c") } else { outside.clone() }, &path).unwrap();
            let theirs = everything(&outside);
            let before = everything(&temp.0);
            let error = refused(&temp.out(), &new);
            assert!(
                error.in_the_way.iter().any(|it| it.what == InTheWay::Link),
                "{level}: {error}"
            );
            assert_eq!(before, everything(&temp.0));
            forced(&temp.out(), &new);
            assert_eq!(theirs, everything(&outside), "{level}");
            assert_eq!(temp.text("out/a/b/c"), "new");
            assert!(!fs::symlink_metadata(&path).unwrap().is_symlink());
            assert_whole(&temp.out());
        }
    }
}

/// Folders below `out/` change into links and back while builds run: whatever they find, they
/// write nothing outside, and remove nothing there.
#[test]
fn a_link_swapped_in_during_the_build_leads_nowhere() {
    let temp = Temp::new();
    for file in 0..40 {
        temp.put(&format!("outside/f{file}"), "theirs");
    }
    temp.put("outside/manifest.json", "theirs");
    let outside = temp.0.join("outside");
    let theirs = everything(&outside);
    symlink(&outside, temp.0.join("trap")).unwrap();
    let stop = AtomicBool::new(false);
    let rounds = if std::env::var_os("COLAB_FULL").is_some() { 10_000 } else { 400 };
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY;
    let root = fs::File::open(&temp.0).unwrap();
    // From folder to folder: whoever went by paths would go through a link of its own, and move things there itself.
    let folder = |steps: &[&str]| {
        let root = root.try_clone().map(OwnedFd::from).unwrap();
        steps.iter().try_fold(root, |at, step| rustix::fs::openat(&at, *step, flags, Mode::empty()))
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for (steps, name) in [(&["out"][..], "a"), (&["out", "a"], "b"), (&[], "out")] {
                    let Ok(folder) = folder(steps) else { continue };
                    if renameat(&folder, name, &root, "away").is_ok() {
                        let _ = symlinkat(&outside, &folder, name);
                        std::thread::yield_now();
                        let _ = unlinkat(&folder, name, AtFlags::empty());
                        let _ = renameat(&root, "away", &folder, name);
                        let _ = fs::remove_dir_all(temp.0.join("away"));
                    }
                }
            }
        });
        let mut written = 0;
        for round in 0..rounds {
            let text = round.to_string();
            let names: Vec<String> = (0..40).map(|file| format!("f{file}")).collect();
            let mut new = OutTree::default();
            for name in names.iter().take(20 + round % 20) {
                new.insert(&format!("a/{name}"), OutFile::new(text.as_str())).unwrap();
                new.insert(&format!("a/b/{name}"), OutFile::new(text.as_str())).unwrap();
            }
            written += usize::from(write(&temp.out(), &new, None, true).is_ok());
        }
        stop.store(true, Ordering::Relaxed);
        assert!(written > 0, "some builds came through");
    });
    assert_eq!(theirs, everything(&outside));
}
