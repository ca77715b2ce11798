//! Files of people: edited, foreign, or in the way.

use super::*;
use std::ffi::OsStr;

fn obstacles(error: &DiskError) -> Vec<(&str, InTheWay)> {
    error.in_the_way.iter().map(|it| (it.path.as_str(), it.what)).collect()
}

#[test]
fn an_edit_at_the_end_of_a_long_file_is_seen() {
    let temp = Temp::new();
    let long = "0123456789abcdef\n".repeat(4000);
    let old = tree(&[("long", &long)]);
    build(&temp.out(), &old);
    assert_eq!(build(&temp.out(), &old).unchanged, 1);
    temp.put("out/long", &format!("{}!", &long[..long.len() - 1]));
    assert_eq!(obstacles(&refused(&temp.out(), &old)), [("long", InTheWay::Edited)]);
}

#[test]
fn an_edited_file_stops_the_build_until_forced() {
    let temp = Temp::new();
    let old = tree(&[("a", "1"), ("b/c", "2"), ("d", "3")]);
    build(&temp.out(), &old);
    temp.put("out/b/c", "by hand");
    let before = everything(&temp.0);
    for new in [&old, &tree(&[("a", "9"), ("b/c", "8")])] {
        let error = refused(&temp.out(), new);
        assert_eq!(obstacles(&error), [("b/c", InTheWay::Edited)]);
        let said = error.to_string();
        assert!(said.contains("b/c: edited since the last build"), "{said}");
        assert!(said.contains("--force"), "{said}");
        assert_eq!(before, everything(&temp.0));
    }
    let summary = forced(&temp.out(), &old);
    assert_eq!(summary.forced.len(), 1);
    assert_eq!(temp.text("out/b/c"), "2");
    assert_whole(&temp.out());
}

#[test]
fn an_edit_that_the_sources_caught_up_with_is_no_obstacle() {
    let temp = Temp::new();
    build(&temp.out(), &tree(&[("a", "1")]));
    temp.put("out/a", "2");
    let summary = build(&temp.out(), &tree(&[("a", "2")]));
    assert_eq!((summary.unchanged, summary.changed.len()), (1, 0));
    assert_whole(&temp.out());
}

#[test]
fn an_edited_file_outlives_its_declaration() {
    let temp = Temp::new();
    build(&temp.out(), &tree(&[("a", "1"), ("b/c", "2")]));
    temp.put("out/b/c", "by hand");
    let summary = build(&temp.out(), &tree(&[("a", "1")]));
    assert_eq!(summary.edited, ["b/c"]);
    assert_eq!(temp.text("out/b/c"), "by hand");
    let summary = build(&temp.out(), &tree(&[("a", "1")]));
    assert_eq!(summary.foreign, ["b/c"], "from now on it is a person's");
    forced(&temp.out(), &tree(&[("a", "1")]));
    assert_eq!(temp.text("out/b/c"), "by hand", "nothing needs its place");
}

#[test]
fn force_removes_an_edited_file_that_is_no_more_declared() {
    let temp = Temp::new();
    build(&temp.out(), &tree(&[("a", "1"), ("b/c", "2")]));
    temp.put("out/b/c", "by hand");
    let summary = forced(&temp.out(), &tree(&[("a", "1")]));
    assert_eq!(summary.forced.len(), 1);
    assert!(!temp.out().join("b").exists());
}

#[test]
fn what_a_power_cut_blanked_is_written_again() {
    let temp = Temp::new();
    let tree = tree(&[("a", "1234"), ("b", "1234"), ("c", "1234"), ("d", "")]);
    build(&temp.out(), &tree);
    temp.put("out/a", "");
    temp.put("out/b", "\0\0\0\0");
    fs::remove_file(temp.out().join("c")).unwrap();
    let found = check(&temp.out(), &tree);
    assert_eq!((found.stale, found.missing), (vec!["a".into(), "b".into()], vec!["c".to_owned()]));
    let summary = build(&temp.out(), &tree);
    assert_eq!(
        (summary.changed, summary.added),
        (vec!["a".into(), "b".into()], vec!["c".to_owned()])
    );
    assert_whole(&temp.out());
    temp.put("out/manifest.json", "");
    build(&temp.out(), &tree);
    assert_whole(&temp.out());
}

#[test]
fn foreign_files_of_every_sort_stay() {
    let temp = Temp::new();
    build(&temp.out(), &tree(&[("a", "1"), ("gone/x", "1")]));
    temp.put("out/README.md", "mine");
    temp.put("out/gone/notes", "mine too");
    temp.put("out/mine/deep/er", "deep");
    fs::create_dir(temp.out().join("empty")).unwrap();
    fs::write(temp.out().join(OsStr::from_bytes(b"\xff\xfe")), "odd").unwrap();
    std::os::unix::fs::symlink("/nowhere", temp.out().join("link")).unwrap();
    let fifo = std::process::Command::new("mkfifo").arg(temp.out().join("pipe")).status();
    assert!(fifo.unwrap().success());
    let mut expected = everything(&temp.out());
    let summary = build(&temp.out(), &tree(&[("b", "2")]));
    assert_eq!(summary.foreign.len(), 6, "{:?}", summary.foreign);
    for gone in ["a", "gone/x", "manifest.json"] {
        expected.remove(Path::new(gone));
    }
    let mut found = everything(&temp.out());
    for new in ["b", "manifest.json"] {
        found.remove(Path::new(new));
    }
    assert_eq!(expected, found);
}

#[test]
fn a_foreign_file_in_the_way_stops_the_build_until_forced() {
    let temp = Temp::new();
    temp.put("out/a", "mine");
    temp.put("out/b", "mine");
    temp.put("out/c", "same");
    let new = tree(&[("a", "1"), ("b/c", "2"), ("c", "same")]);
    let before = everything(&temp.0);
    let error = refused(&temp.out(), &new);
    assert_eq!(obstacles(&error), [("a", InTheWay::Foreign), ("b", InTheWay::Foreign)]);
    assert_eq!(before, everything(&temp.0));
    forced(&temp.out(), &new);
    assert_eq!(assert_whole(&temp.out()).files.len(), 3);
}

#[test]
fn a_folder_in_the_way_is_never_removed() {
    let temp = Temp::new();
    build(&temp.out(), &tree(&[("a", "1")]));
    fs::remove_file(temp.out().join("a")).unwrap();
    temp.put("out/a/mine", "x");
    let before = everything(&temp.0);
    let new = tree(&[("a", "2"), ("b", "2")]);
    for force in [false, true] {
        let error = write(&temp.out(), &new, None, force).expect_err("a folder stands there");
        assert_eq!(obstacles(&error), [("a", InTheWay::Folder)]);
        assert!(error.to_string().contains("move it away"), "{error}");
        assert_eq!(before, everything(&temp.0));
    }
    fs::remove_file(temp.out().join("a/mine")).unwrap();
    build(&temp.out(), &new);
    assert_eq!(temp.text("out/a"), "2", "an empty folder holds nothing of anybody's");
}

#[test]
fn a_folder_in_the_manifests_place_stops_the_build() {
    let temp = Temp::new();
    temp.put("out/manifest.json/x", "mine");
    let error = refused(&temp.out(), &tree(&[("a", "1")]));
    assert_eq!(obstacles(&error), [("manifest.json", InTheWay::Folder)]);
}

#[test]
fn a_manifest_that_cannot_be_read_makes_nothing_ours() {
    let temp = Temp::new();
    let old = tree(&[("a", "1"), ("b", "2")]);
    build(&temp.out(), &old);
    temp.put("out/manifest.json", "<<<<<<< HEAD\n");
    let new = tree(&[("a", "1"), ("c", "3")]);
    let error = refused(&temp.out(), &new);
    assert_eq!(obstacles(&error), [("manifest.json", InTheWay::Edited)]);
    let summary = forced(&temp.out(), &new);
    assert_eq!(summary.foreign, ["b"], "nobody knows whose it is");
    assert_whole(&temp.out());
}

#[test]
fn what_stands_in_the_manifests_place_is_told() {
    let spoil: [(&str, &str, fn(&Path)); 3] = [
        ("a symbolic link", "it is no plain file", |at| {
            std::os::unix::fs::symlink("x", at).unwrap()
        }),
        ("of a newer colabc than this one", "it is of a newer colabc than this one", |at| {
            fs::write(at, "{\"format\": 2, \"files\": []}").unwrap();
        }),
        ("edited since the last build", "it is larger than any of a build", |at| {
            fs::File::create(at).unwrap().set_len(5 << 30).unwrap();
        }),
    ];
    for (in_the_way, cause, put) in spoil {
        let temp = Temp::new();
        let tree = tree(&[("a", "1")]);
        build(&temp.out(), &tree);
        let manifest = temp.out().join("manifest.json");
        fs::remove_file(&manifest).unwrap();
        put(&manifest);
        let error = Built::open(&temp.out()).map(|_| ()).expect_err("it says nothing of a build");
        assert!(error.to_string().contains(cause), "{error}");
        let error = refused(&temp.out(), &tree);
        let words: Vec<&str> = error.in_the_way.iter().map(|it| it.what.words()).collect();
        assert_eq!(words, [in_the_way]);
        let state = check(&temp.out(), &tree);
        let told = state.in_the_way.len() + state.edited.len();
        assert_eq!((told, state.stale.len()), (1, 0), "{state:?}");
        forced(&temp.out(), &tree);
        assert_whole(&temp.out());
    }
}

#[test]
fn a_lost_manifest_is_written_again() {
    let temp = Temp::new();
    let tree = tree(&[("a", "1"), ("b", "2")]);
    build(&temp.out(), &tree);
    fs::remove_file(temp.out().join("manifest.json")).unwrap();
    assert_eq!(check(&temp.out(), &tree).missing, ["manifest.json"]);
    build(&temp.out(), &tree);
    assert_whole(&temp.out());
}

#[test]
fn a_hostile_manifest_reaches_nothing_outside() {
    let temp = Temp::new();
    temp.put("victim", "1");
    temp.put("out/a", "1");
    let hash = colabc::manifest::Hash::of(b"1");
    for path in ["../victim", temp.0.join("victim").to_str().unwrap()] {
        let row =
            format!("{{\"path\":{path:?},\"sha256\":\"{hash}\",\"size\":1,\"mode\":\"0644\"}}");
        temp.put("out/manifest.json", &format!("{{\"format\":1,\"files\":[{row}]}}"));
        forced(&temp.out(), &tree(&[("b", "1")]));
        assert_eq!(temp.text("victim"), "1");
        assert_eq!(temp.text("out/a"), "1");
    }
}

/// Random builds among random people: what is not the build's own is never touched, and what a
/// build leaves is whole.
#[test]
fn nobody_loses_a_byte_in_random_trees() {
    let rounds = if std::env::var_os("COLAB_FULL").is_some() { 20_000 } else { 400 };
    let temp = Temp::new();
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let paths = ["a", "b", "c/d", "c/e", "f/g/h", "f/g/i", "j/k"];
    // What people wrote, by path: it must be there whenever a build did not say otherwise.
    let mut mine: BTreeMap<String, String> = BTreeMap::new();
    for round in 0..rounds {
        let mut wanted = Vec::new();
        for path in paths {
            if random(3) > 0 {
                wanted.push((path, format!("{}", random(3))));
            }
        }
        let wanted: Vec<(&str, &str)> = wanted.iter().map(|(p, t)| (*p, t.as_str())).collect();
        let new = tree(&wanted);
        if random(3) == 0 {
            let path = ["a", "c/d", "c/x", "y", "f/z", "l/m/n"][random(6) as usize];
            let text = format!("mine {round}");
            temp.put(&format!("out/{path}"), &text);
            mine.insert(path.to_owned(), text);
        }
        let force = random(4) == 0;
        let before = everything(&temp.0);
        match write(&temp.out(), &new, None, force) {
            Err(error) => {
                assert!(!force, "{error}");
                assert!(error.in_the_way.iter().all(|it| mine.contains_key(&it.path)), "{error}");
                assert_eq!(before, everything(&temp.0), "a refused build changes nothing");
            }
            Ok(summary) => {
                for obstacle in &summary.forced {
                    assert!(mine.remove(&obstacle.path).is_some(), "{obstacle:?}");
                }
                let manifest = assert_whole(&temp.out());
                assert_eq!(manifest.files.len(), wanted.len());
                assert_no_litter(&temp.out());
            }
        }
        for (path, text) in &mine {
            assert_eq!(&temp.text(&format!("out/{path}")), text, "round {round}");
        }
    }
}
