//! What a person or a script notices first: where words go, what a closed or full output means, how
//! paths are called, and that every refusal names a way out.

use super::*;

/// Every command that prints a result, as one is called on a sound project.
const PRINTING: &[&[&str]] = &[
    &["build"],
    &["build", "--check"],
    &["check", "--format", "json"],
    &["check", "--format", "sarif"],
    &["check", "--format", "github"],
    &["explain", "box"],
    &["explain", "E0101"],
    &["query", "nodes"],
    &["fmt", "--check"],
    &["graph"],
    &["graph", "--format", "svg"],
    &["diff"],
    &["impact", "box"],
    &["completions", "bash"],
    &["man"],
    &["schema", "model"],
    &["--help"],
    &["build", "--help"],
    &["--version"],
];

#[test]
fn whoever_closed_the_pipe_has_read_enough() {
    let project = sound();
    project.run(&["build"]);
    std::fs::write(project.path("out/hosts/mine"), "").unwrap();
    for args in PRINTING {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = command(&project.folder, args).stdout(writer).stderr(Stdio::piped()).output();
        let done = done.unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!((done.status.code(), said.as_str()), (Some(0), ""), "{args:?}");
    }
    let broken = broken();
    for args in [&["build"][..], &["check"], &["query", "1"], &["nosuch"], &["graph"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = command(&broken.folder, args).stderr(writer).output().unwrap();
        assert!(matches!(done.status.code(), Some(1 | 2)), "{args:?}: {:?}", done.status);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_of_and_is_no_bug() {
    let project = sound();
    project.run(&["build"]);
    for args in PRINTING {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let done = command(&project.folder, args).stdout(full).stderr(Stdio::piped()).output();
        let done = done.unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        // What has nothing to print cannot fail to.
        if *args == ["fmt", "--check"] || args.ends_with(&["github"]) {
            assert_eq!((done.status.code(), said.as_str()), (Some(0), ""), "{args:?}");
            continue;
        }
        assert_eq!(done.status.code(), Some(3), "{args:?}: {said}");
        assert!(said.starts_with("error: cannot write to `standard output`: "), "{said}");
        assert!(said.contains("\n  help: "), "{said}");
    }
}

#[test]
fn wrong_usage_and_refusals_are_errors_with_a_way_out() {
    let project = sound();
    project.run(&["build"]);
    std::fs::write(project.path("out/hosts/mine"), "").unwrap();
    std::fs::write(project.path("out/hosts/box"), "edited\n").unwrap();
    std::fs::write(project.path("notes.md"), "# notes\n").unwrap();
    for (args, code, said) in [
        (&["build"][..], 3, "in the way that this build did not write"),
        (&["build", "--node", "bxo"], 2, "did you mean `box`?"),
        (&["build", "--node", "other"], 2, "there are: box"),
        (&["build", "-"], 2, "say where to write: `-o DIR`"),
        (&["check", "notes.md"], 2, "found `notes.md`"),
        (&["fmt", "notes.md"], 2, "found `notes.md`"),
        (&["check", "clustr.colab"], 2, "did you mean `cluster.colab`?"),
        (&["check", "nowhere"], 2, "no file or folder `nowhere`"),
        (&["graph", "box"], 2, "or was `--focus box` meant?"),
        (&["diff", "main"], 2, "or was `--from main` meant?"),
        (&["build", "box"], 2, "or was `--node box` meant?"),
        (&["explain", "E9999"], 2, "no code"),
        (&["explain", "e402"], 2, "did you mean `E0402`?"),
        (&["explain", "out/"], 2, "found the folder `out/`"),
        (&["explain", "hosts/box:1"], 2, "did you mean `out/hosts/box:1`?"),
        (&["explain", "cluster.colab:1"], 2, "it is a source"),
        (&["explain", "out/hosts/mine:1"], 2, "is not a build's"),
        (&["explain", "out/hosts/box:99"], 2, "has 1 line"),
        (&["graph", "--focus", "nosuch"], 2, "nothing called"),
        (&["graph", "--view", "imports", "--focus", "box"], 2, "another view does: `--view nodes`"),
        (&["graph", "-o", "picture"], 2, "does not say what to draw"),
        (&["graph", "-o", "missing/picture.svg"], 3, "is missing"),
        (&["impact", "nosuch"], 2, "nothing that runs here"),
        (&["diff", "--from", "nosuch"], 2, "cannot compare with `nosuch`"),
        (&["diff", "--from", "."], 2, "cannot compare"),
        (&["init"], 2, "nothing is overwritten"),
    ] {
        std::fs::create_dir_all(project.path("empty")).unwrap();
        let args: Vec<&str> =
            args.iter().map(|&word| if word == "." { "empty" } else { word }).collect();
        let done = project.run(&args);
        assert_eq!((done.code, done.out.as_str()), (Some(code), ""), "{args:?}: {}", done.err);
        assert!(
            done.err.starts_with("error: ") && done.err.contains(said),
            "{args:?}: {}",
            done.err
        );
        assert!(done.err.contains("\n  help: "), "{args:?} names no way out: {}", done.err);
        assert!(!done.err.contains("fatal:"), "{}", done.err);
    }
}

/// What is built into `out/` is the project beside it, not whatever else is named or piped there.
#[test]
fn another_root_is_built_where_it_is_told_to() {
    let project = Project::new(&[
        ("cluster.colab", SOUND),
        ("lab.colab", "cluster lab { edition = 1 }\n"),
        ("alone/lab.colab", "cluster lab { edition = 1 }\n"),
    ]);
    project.run(&["build"]);
    for args in [&["build", "lab.colab"][..], &["build", "--check", "lab.colab"]] {
        let done = project.run(args);
        assert_eq!((done.code, done.out.as_str()), (Some(2), ""), "{}", done.err);
        assert!(done.err.contains("that is the `cluster.colab` beside it"), "{}", done.err);
    }
    assert!(project.has("out/hosts/box"));
    assert_eq!(project.run(&["build", "lab.colab", "-o", "lab"]).code, Some(0));
    let done = project.feed(&["build", "-", "-o", "piped"], "cluster lab { edition = 1 }\n");
    assert_eq!(done.code, Some(0), "{}", done.err);
    assert_eq!(project.run(&["build", "alone/lab.colab"]).code, Some(0));
    assert!(project.has("alone/out/manifest.json"));
}

/// Whoever is one folder too high is told where to go, and of a folder that was named its name is said.
#[test]
fn where_no_project_is_the_next_one_is_named() {
    let project = Project::new(&[("office/cluster.colab", SOUND), ("other/notes.txt", "")]);
    let said = |done: Done| {
        assert_eq!((done.code, done.out.as_str()), (Some(2), ""));
        done.err
    };
    let here = said(project.run(&["check"]));
    assert!(here.starts_with("error: no `cluster.colab` here or in any folder above\n"), "{here}");
    assert!(here.ends_with("help: there is one in `office`: name it, or go there\n"), "{here}");
    let there = said(project.run(&["check", "other"]));
    assert!(there.starts_with("error: no `cluster.colab` in `other` or"), "{there}");
    assert!(there.contains("`colabc init other`"), "{there}");
    assert_eq!(said(project.run(&["fmt"])), here);
}

/// A question is one line of no file: nothing is counted, and there is always a way on.
#[test]
fn a_question_that_cannot_be_answered_is_told_alone() {
    let project = Project::new(&[(
        "cluster.colab",
        "cluster home { edition = 1 }\nnode box { arch = arm64   os = debian }\nservice web { on = box }\n",
    )]);
    for (args, said) in [
        (&["explain", "nosuch"][..], "= help: `colabc graph` shows what there is"),
        (&["explain", "box.nosuch"], "= help: leave `nosuch` out"),
        (&["explain", "box.capacty"], "= help: did you mean `capacity`?"),
        (&["explain", "web@bxo"], "it runs on box"),
        (&["query", "a b"], "expected one expression, found `b`"),
        (&["query", "nosuch"], "nothing here is called `nosuch`"),
        (&["query", "1 / 0"], "a division by zero"),
    ] {
        let done = project.run(args);
        assert_eq!((done.code, done.out.as_str()), (Some(1), ""), "{args:?}");
        assert!(done.err.contains(said), "{args:?}: {}", done.err);
        assert_eq!(done.err.matches("error[").count(), 1, "{args:?}: {}", done.err);
        assert!(!done.err.contains(" in 1 file") && !done.err.ends_with("\n\n"), "{}", done.err);
    }
    let done = project.run(&["explain", "web@box"]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));
    assert!(done.out.starts_with("service web"), "{}", done.out);
}

/// A table fits where it is shown, with the places whole; for a program nothing is cut.
#[test]
fn a_table_is_as_wide_as_its_terminal() {
    let long = "node box { arch = arm64   os = debian   sysctl { \"net.ipv4.conf.all.a_name_that_goes_on\" = \"60\" } }\n";
    let project = Project::new(&[("cluster.colab", SOUND), ("long/cluster.colab", long)]);
    let whole = project.run(&["explain", "box", "long"]).out;
    assert!(whole.contains("a_name_that_goes_on\" = \"60\" }"), "{whole}");
    let narrow = project.run_with(&["explain", "box", "long"], &[("COLUMNS", "70")]).out;
    let widest = narrow.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(70), "{narrow}");
    assert!(narrow.contains("long/cluster.colab:1:50"), "{narrow}");
}

#[test]
fn the_environment_may_want_colours() {
    let project = broken();
    for (env, coloured) in [
        (&[("CLICOLOR_FORCE", "1")][..], true),
        (&[("CLICOLOR_FORCE", "")], false),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", ""), ("TERM", "dumb")], true),
    ] {
        assert_eq!(project.run_with(&["check"], env).err.contains('\u{1b}'), coloured, "{env:?}");
        assert_eq!(project.run_with(&["--help"], env).out.contains('\u{1b}'), coloured, "{env:?}");
    }
    assert!(!project.run_with(&["check"], &[("CLICOLOR_FORCE", "0")]).err.contains('\u{1b}'));
    let done = project.run_with(&["check", "--color", "never"], &[("CLICOLOR_FORCE", "1")]);
    assert!(!done.err.contains('\u{1b}'), "what is asked for by name wins");
}

#[test]
fn paths_are_called_from_here() {
    let project = Project::new(&[("cluster.colab", SOUND), ("deep/notes.txt", "")]);
    let done = project.run(&["build"]);
    assert!(done.out.contains("\nout: "), "{}", done.out);
    let done = project.run(&["build", "--check"]);
    assert_eq!(done.out, "out is what the sources say\n");
    let done = project.run_in("deep", &["build", "--check"]);
    let whole = project.folder.canonicalize().unwrap().join("out");
    assert_eq!(done.out, format!("{} is what the sources say\n", whole.display()));
    std::fs::remove_file(project.path("out/hosts/box")).unwrap();
    let done = project.run(&["build", "--check"]);
    assert_eq!(done.out, "  missing  hosts/box\nbuild again, and commit out\n");
    project.run(&["build"]);
    std::fs::write(project.path("out/hosts/box"), "mine\n").unwrap();
    let done = project.run(&["build", "--check"]);
    assert!(done.out.starts_with("   edited  hosts/box\nwhat was edited by hand"), "{}", done.out);
}

/// Whoever clicks on a place comes to it from where the command was started.
#[test]
fn places_are_called_from_here() {
    let project = Project::new(&[("office/cluster.colab", BROKEN), ("office/deep/notes.txt", "")]);
    for (folder, args, name) in [
        ("office", &["check"][..], "cluster.colab:"),
        ("office/deep", &["check"], "../cluster.colab:"),
        ("", &["check", "office"], "office/cluster.colab:"),
    ] {
        let short = [args, &["--format", "short"]].concat();
        let done = project.run_in(folder, &short);
        assert!(done.err.starts_with(name), "{folder}: {}", done.err);
        let done = project.run_in(folder, args);
        assert!(done.err.contains(&format!("┌─ {name}")), "{folder}: {}", done.err);
    }
}

/// A file that is overwritten by force is counted, so that the numbers add up.
#[test]
fn the_numbers_of_a_build_add_up() {
    let project = sound();
    let sum = |done: Done| -> (usize, usize) {
        let line = done.out.lines().last().unwrap().to_owned();
        let line = line.split_once(": ").unwrap().1.to_owned();
        let mut numbers = line
            .split(", ")
            .map(|part| -> usize { part.split(' ').next().unwrap().parse().unwrap() });
        (numbers.next().unwrap(), numbers.sum())
    };
    for args in [&["build"][..], &["build"], &["build", "--force"]] {
        let (files, all) = sum(project.run(args));
        assert_eq!(files, all, "{args:?}");
    }
    std::fs::write(project.path("out/hosts/box"), "edited\n").unwrap();
    let done = project.run(&["build", "--force"]);
    assert!(done.out.contains("! hosts/box was overwritten by force"), "{}", done.out);
    let (files, all) = sum(done);
    assert_eq!(files, all);
}

#[test]
fn a_denied_warning_is_called_by_its_name() {
    let project = Project::new(&[("cluster.colab", LINT)]);
    let done = project.run(&["check", "--deny", "warnings"]);
    assert!(done.err.contains("1 warning in 1 file"), "{}", done.err);
    assert!(done.err.ends_with("error: `--deny warnings` lets none pass\n"), "{}", done.err);
    let done = project.run(&["check", "--deny", "warnings", "--format", "json"]);
    assert_eq!((done.code, done.err.as_str()), (Some(1), ""));
}

#[test]
fn one_file_of_a_project_is_said_to_stand_alone() {
    let project = Project::new(&[
        (
            "cluster.colab",
            "import \"web.colab\"\ncluster home { edition = 1 }\nnode box { arch = arm64   os = macos }\n",
        ),
        ("web.colab", "service web { on = box }\n"),
        ("lab.colab", "cluster lab { edition = 1   nosuch = 1 }\n"),
    ]);
    let done = project.run(&["check", "web.colab"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("note: `web.colab` was read as a root of its own"), "{}", done.err);
    assert!(done.err.contains("`cluster.colab`"), "{}", done.err);
    // A root that is meant to be one is none of it, nor is the whole.
    for args in [&["check", "lab.colab"][..], &["check"]] {
        let done = project.run(args);
        assert!(!done.err.contains("note: `"), "{args:?}: {}", done.err);
    }
}

#[test]
fn days_are_those_of_the_calendar() {
    let project = sound();
    assert_eq!(project.run(&["check", "--today", "2028-02-29"]).code, Some(0));
    assert_eq!(project.run(&["check", "--today", "2027-02-29"]).code, Some(2));
}

#[test]
fn help_is_coloured_as_it_is_asked() {
    let project = sound();
    for (args, coloured) in [
        (&["--color", "always", "--help"][..], true),
        (&["--color=always", "build", "--help"], true),
        (&["--color", "never", "--help"], false),
        (&["--help"], false),
    ] {
        let done = project.run(args);
        assert_eq!(done.out.contains('\u{1b}'), coloured, "{args:?}");
    }
}

#[test]
fn fmt_leaves_the_faults_of_other_projects_to_them() {
    let hole = "cluster other { edition = @ }\n";
    let project = Project::new(&[
        ("cluster.colab", "import \"base.colab\"\nlet a = 1\n"),
        ("base.colab", "cluster home { edition = 1 }\n"),
        ("tests/hole.colab", hole),
        ("lab.colab", "cluster lab {edition=1}\n"),
    ]);
    for args in [&["fmt", "--check"][..], &["fmt", "--check", "."]] {
        let done = project.run(args);
        assert_eq!((done.code, done.out.as_str()), (Some(1), "lab.colab\n"), "{}", done.err);
        let said = "tests/hole.colab is left as it is: another project's root, with a fault in its syntax\n";
        assert_eq!(done.err, said);
    }
    assert_eq!(project.run(&["fmt"]).code, Some(0));
    assert_eq!(project.read("tests/hole.colab"), hole);
    // By its name it is meant, and so is what the project imports, `cluster` or not.
    let done = project.run(&["fmt", "tests/hole.colab"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("E0101"), "{}", done.err);
    std::fs::write(project.path("base.colab"), hole).unwrap();
    let done = project.run(&["fmt", "--check"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("base.colab:1:"), "{}", done.err);
}
