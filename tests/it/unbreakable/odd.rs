//! Odd circumstances: pipes and devices where files should be, names that no editor gives, full
//! outputs, few descriptors, little memory. Each ends with a code of the manual's, and nobody waits.

use crate::cli::{Done, Project};
use crate::lsp::talk::{Ending, Talk};
use serde_json::json;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

const SOUND: &str = "cluster home { edition = 1 }\nnode box { arch = arm64   os = macos }\n";
const MORE: &str = "cluster home { edition = 1 }\nimport \"more/*.colab\"\n\
                    node box { arch = arm64   os = macos }\n";

fn sound() -> Project {
    Project::new(&[("cluster.colab", SOUND)])
}

fn pipe(path: &Path) {
    let _ = std::fs::remove_file(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// What a shell makes of the command, which it knows as `$C`.
fn shell(project: &Project, script: &str) -> Done {
    let done = Command::new("bash")
        .args(["-c", script])
        .current_dir(project.path(""))
        .env("C", env!("CARGO_BIN_EXE_colabc"))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Done { code: done.status.code(), out: text(&done.stdout), err: text(&done.stderr) }
}

#[test]
fn nobody_waits_for_a_pipe_or_reads_a_device_to_its_end() {
    let project = sound();
    assert_eq!(project.run(&["build"]).code, Some(0));
    for name in ["pipe", "more/a.colab", "out/model.json", "out/tmux/home"] {
        pipe(&project.path(name));
    }
    for call in [
        &["check", "pipe"][..],
        &["check", "/dev/zero"],
        &["fmt", "pipe"],
        &["fmt", "/dev/zero"],
        &["explain", "pipe:1"],
        &["explain", "out/model.json:1"],
    ] {
        let done = project.run(call);
        assert_eq!(done.code, Some(2), "{call:?}\n{}", done.err);
    }
    // Nothing imports the pipe, and what stands in the place of a file of `out/` is none.
    assert_eq!(project.run(&["check"]).code, Some(0));
    assert_eq!(project.run(&["fmt"]).code, Some(0));
    let done = project.run(&["diff"]);
    assert!(done.code == Some(2) && done.err.contains("model.json"), "{}", done.err);
    assert_eq!(project.run(&["build", "--check"]).code, Some(1));
    assert_eq!(project.run(&["build"]).code, Some(3), "a pipe was overwritten without a word");
    assert_eq!(project.run(&["build", "--force"]).code, Some(0));
    std::fs::write(project.path("cluster.colab"), MORE).unwrap();
    let done = project.run(&["check", "--format", "short"]);
    assert!(done.code == Some(1) && done.err.contains("E0704"), "{}", done.err);
    pipe(&project.path("out/manifest.json"));
    for call in [&["check"][..], &["diff"], &["build"], &["explain", "out/hosts/box:1"]] {
        assert_ne!(project.run(call).code, Some(101), "{call:?}");
    }
    let done = shell(&project, "ulimit -v 2000000; \"$C\" check - < /dev/zero");
    assert!(done.code == Some(3) && done.err.contains("too large"), "{}", done.err);
}

#[test]
fn a_full_output_is_told_and_a_closed_one_is_not() {
    let project = Project::new(&[("cluster.colab", &format!("{SOUND}let unused = 1\n"))]);
    for words in [
        "build",
        "build --force",
        "build --check",
        "check --format json",
        "query nodes",
        "explain box",
        "explain --all",
        "graph",
        "diff --files",
        "impact --all",
        "schema model",
        "man",
        "completions bash",
        "fmt -",
        "--help",
        "--version",
    ] {
        let usual = shell(&project, &format!("\"$C\" {words} < cluster.colab > /dev/null")).code;
        let full = shell(&project, &format!("\"$C\" {words} < cluster.colab > /dev/full"));
        let told = full.code == Some(3) && full.err.contains("no space");
        assert!(told || words.starts_with("--") && full.code == Some(2), "{words}: {}", full.err);
        let deaf =
            shell(&project, &format!("\"$C\" {words} < cluster.colab > /dev/null 2>/dev/full"));
        assert_eq!(deaf.code, usual, "{words}");
        let gone = shell(
            &project,
            &format!("(sleep 0.1; \"$C\" {words} < cluster.colab; echo $? >&2) | true"),
        );
        assert!(!gone.err.contains("a bug in"), "{words}: {}", gone.err);
        let closed = shell(&project, &format!("\"$C\" {words} <&- >&- 2>&-"));
        assert!(matches!(closed.code, Some(0..=3)), "{words}: {:?}", closed.code);
    }
    for words in ["check nowhere", "nothing", "build -o /", "explain E9999"] {
        let usual = shell(&project, &format!("\"$C\" {words}")).code;
        let deaf = shell(&project, &format!("\"$C\" {words} 2>/dev/full")).code;
        assert_eq!(deaf, usual, "{words}");
    }
}

#[test]
fn no_name_on_the_disk_speaks_to_the_terminal() {
    let project = Project::new(&[("cluster.colab", MORE), ("more/a.colab", "role ann { }\n")]);
    assert_eq!(project.run(&["build"]).code, Some(0));
    for name in ["line\nfeed", "\u{1b}[31mred", "\u{202e}turned", "\u{7f}"] {
        let faulty = format!("role  {} {{}}\n", name.len());
        std::fs::write(project.path(&format!("more/{name}.colab")), faulty).unwrap();
        std::fs::write(project.path(&format!("out/{name}")), "mine").unwrap();
    }
    let red = "\u{1b}[31mred";
    for call in [
        &["check"][..],
        &["check", "--format", "short"],
        &["check", "--format", "github"],
        &["build"],
        &["fmt", "--check"],
        &["fmt", "more"],
        &["check", red],
        &["fmt", red],
        &["explain", "out/\u{1b}[31mred:1"],
        &["diff", "--from", red],
        &["build", "-o", "cluster.colab/\u{1b}[31mred"],
        &["init", red],
        &["init", red],
    ] {
        let done = project.run(call);
        let said = format!("{}{}", done.out, done.err);
        let spoken = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
        assert!(!said.contains(spoken) && !said.contains("line\nfeed"), "{call:?}\n{said:?}");
    }
}

#[test]
fn a_name_that_is_no_text_is_said_to_be_none() {
    let project = Project::new(&[("cluster.colab", MORE), ("more/a.colab", "role ann { }\n")]);
    let name = OsStr::from_bytes(b"more/\xff.colab");
    std::fs::write(project.path("").join(name), "role bob { }\n").unwrap();
    let done = project.run(&["check"]);
    assert_eq!(done.code, Some(1));
    assert!(done.err.contains("E0704") && done.err.contains("no UTF-8"), "{}", done.err);
    assert!(!done.err.contains("did you mean"), "{}", done.err);
}

#[test]
fn what_cannot_be_searched_hides_nothing_else() {
    let project = Project::new(&[
        ("cluster.colab", SOUND),
        ("sub/stray.colab", "role ann { }\n"),
        ("sub/shut/other.colab", "role bob { }\n"),
    ]);
    symlink("..", project.path("sub/up")).unwrap();
    symlink(".", project.path("sub/here")).unwrap();
    // Deeper than a path may be long.
    let deep = "d=$(printf 'd%.0s' {1..200}); for i in {1..30}; do mkdir $d && cd $d || exit 1; done; \
                echo 'role zed { }' > deep.colab";
    assert_eq!(shell(&project, deep).code, Some(0));
    let shut = project.path("sub/shut");
    std::fs::set_permissions(&shut, PermissionsExt::from_mode(0o000)).unwrap();
    let done = project.run(&["check"]);
    assert!(done.err.contains("L0101") && done.err.contains("sub/stray.colab"), "{}", done.err);
    let done = project.run(&["fmt"]);
    assert_eq!(done.code, Some(3), "{}", done.err);
    assert!(done.err.contains("cannot read"), "{}", done.err);
    std::fs::set_permissions(&shut, PermissionsExt::from_mode(0o755)).unwrap();
    // What the standard library cannot take away is nested too deep.
    assert!(Command::new("rm").arg("-rf").arg(project.path("")).status().unwrap().success());
}

#[test]
fn with_little_of_everything_there_is_an_answer_or_a_reason() {
    let project = Project::new(&[("cluster.colab", SOUND)]);
    let limits = (3..12).map(|files| format!("ulimit -n {files}"));
    let limits = limits.chain((1..12).map(|tenth| format!("ulimit -v {}", tenth * 40_000)));
    let limits = limits.chain([0, 1, 4, 16].map(|blocks| format!("ulimit -f {blocks}")));
    let limits = limits.chain(["ulimit -s 64".into(), "export TMPDIR=/nowhere".into()]);
    let limits = limits.chain(["unset HOME PATH".into(), "umask 077".into()]);
    for limit in limits {
        let done = shell(&project, &format!("{limit}; \"$C\" build"));
        assert!(!done.err.contains("a bug in"), "{limit}: {}", done.err);
        assert_ne!(done.code, Some(101), "{limit}: {}", done.err);
        let done = project.run(&["build"]);
        assert_eq!(done.code, Some(0), "after {limit}: {}", done.err);
        std::fs::remove_dir_all(project.path("out")).unwrap();
    }
}

/// The system would end the process by a signal, and the shell alone would say something of it.
#[test]
fn a_limit_on_files_is_told_and_leaves_nothing() {
    let project = sound();
    for (blocks, call) in [(0, "build"), (1, "build"), (4, "build"), (0, "init new"), (0, "fmt")] {
        if call == "fmt" {
            std::fs::write(project.path("cluster.colab"), SOUND.replace(' ', "  ")).unwrap();
        }
        told_and_kept(&project, &format!("ulimit -f {blocks}; \"$C\" {call}"), "ulimit -f");
    }
    std::fs::write(project.path("cluster.colab"), SOUND).unwrap();
    told_and_kept(&project, "ulimit -f 1; \"$C\" graph --format svg --output net.svg", "ulimit -f");
    assert_eq!(project.run(&["build"]).code, Some(0));
    std::fs::write(project.path("cluster.colab"), SOUND.replace("home", "other")).unwrap();
    told_and_kept(&project, "ulimit -f 4; \"$C\" build", "ulimit -f");
}

/// A mask that takes the owner's rights away would leave a folder that the next build cannot look into.
#[test]
fn a_mask_that_shuts_out_its_owner_is_told_and_leaves_nothing() {
    let project = sound();
    // To root no folder is shut.
    let other = "AS=; if [ $(id -u) = 0 ]; then chown -R 65534 .; \
                 AS='setpriv --reuid=65534 --regid=65534 --clear-groups'; fi";
    for mask in ["777", "700", "400", "300", "277", "100"] {
        let script = format!("{other}; $AS bash -c 'umask {mask}; \"$C\" build'");
        told_and_kept(&project, &script, "umask 022");
    }
    assert_eq!(project.run(&["build"]).code, Some(0));
}

/// It is refused by the disk, with that way out, and everything is as it was.
fn told_and_kept(project: &Project, script: &str, way_out: &str) {
    let before = crate::disk::everything(&project.path(""));
    let done = shell(project, script);
    assert_eq!(done.code, Some(3), "{script}: {}", done.err);
    assert!(done.err.contains(way_out), "{script}: {}", done.err);
    assert_eq!(before, crate::disk::everything(&project.path("")), "{script}");
}

/// An editor opens whatever it is told to, and the folder may be gone a moment later.
#[test]
fn the_language_server_waits_for_no_pipe_and_outlives_its_folder() {
    for odd in ["more/b.colab", "cluster.colab", "out/model.json", "out/manifest.json"] {
        let project = Project::new(&[("cluster.colab", MORE), ("more/a.colab", "role ann { }\n")]);
        assert_eq!(project.run(&["build"]).code, Some(0));
        pipe(&project.path(odd));
        let home = crate::lsp::client::uri(&project.path("").canonicalize().unwrap());
        let mut talk = Talk::start(crate::lsp::server());
        talk.ask(json!("hello"), "initialize", json!({ "rootUri": home }));
        talk.settle();
        for name in ["more/a.colab", odd, "more/%ff.colab"] {
            let uri = format!("{home}/{name}");
            let document = json!({ "uri": uri, "version": 1, "text": "role ann { }\n" });
            talk.tell("textDocument/didOpen", json!({ "textDocument": document }));
            for method in ["documentSymbol", "documentLink", "codeLens"] {
                let params = json!({ "textDocument": { "uri": uri } });
                talk.ask(
                    json!(format!("{method} {name}")),
                    &format!("textDocument/{method}"),
                    params,
                );
            }
        }
        talk.settle();
        std::fs::remove_dir_all(project.path("")).unwrap();
        talk.settle();
        talk.ends(Ending::Goodbye);
    }
}
