//! What the shipped program is made of and what it asks of the system: few crates, no socket; and
//! nothing in `out/` that a scanner for leaked secrets would stop at.

use crate::consumers::{missing, tool};
use crate::ratchet::{hold, root};
use regex_lite::Regex;
use rustix::fs::OFlags;
use std::collections::BTreeSet;
use std::process::Command;

/// May only shrink: the list is `tests/ratchets/crates.txt`.
#[test]
fn no_crate_comes_unseen() {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "-e", "normal", "--prefix", "none", "-f", "{p}"])
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8(tree.stdout).expect("cargo writes text");
    let crates: BTreeSet<String> =
        text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    let own = crates.iter().filter(|name| *name != "colabc").cloned().collect::<BTreeSet<_>>();
    crate::consumers::tell(&format!("the shipped program is made of {} crates", own.len()));
    for name in ["tokio", "mio", "socket2", "hyper", "reqwest", "ureq", "rustls", "openssl", "curl"]
    {
        assert!(!own.contains(name), "{name} speaks to a network");
    }
    hold("crates", "the shipped program needs no more crates than these", &own);
}

#[test]
fn neither_check_nor_build_opens_a_socket() {
    if missing(&["valgrind"]) {
        return;
    }
    let out = std::env::temp_dir().join(format!("colabc-quiet-{}", std::process::id()));
    let out = out.to_str().expect("the temporary folder has a plain name");
    for words in [&["check"][..], &["build", "-o", out]] {
        let done = Command::new(tool("valgrind").expect("it was looked for"))
            .args(["--tool=none", "--trace-syscalls=yes", env!("CARGO_BIN_EXE_colabc")])
            .args(words)
            .current_dir(root())
            .output()
            .expect("valgrind can be started");
        let calls = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{words:?}\n{calls}");
        assert!(calls.contains("sys_openat"), "{words:?}: no trace\n{calls}");
        for call in ["sys_socket", "sys_connect", "sys_bind", "sys_execve", "sys_ptrace"] {
            let found = calls.lines().find(|line| line.contains(call));
            assert_eq!(found, None, "{words:?}");
        }
    }
    let _ = std::fs::remove_dir_all(out);
}

/// Instead of a folder's number: from where the process is.
const NO_FOLDER: &str = "4294967196";
const BY_PATH: &[&str] = &[
    "creat",
    "rename",
    "unlink",
    "rmdir",
    "link",
    "symlink",
    "symlinkat",
    "chmod",
    "fchmodat",
    "chown",
    "lchown",
    "fchownat",
    "truncate",
    "mknod",
    "mknodat",
    "utimensat",
    "setxattr",
    "lsetxattr",
    "removexattr",
];

/// Where somebody swaps folders for links, a path leads elsewhere: so whatever a build changes it calls by one name
/// in an open folder, and each folder is opened in the one above it, where a link is none. (The tracer knows no
/// `openat2`, so that it is seen how a system without does it.)
#[test]
fn a_build_changes_nothing_by_a_path() {
    if missing(&["valgrind"]) {
        return;
    }
    let out = std::env::temp_dir().join(format!("colabc-paths-{}/out", std::process::id()));
    let above = out.parent().expect("it has one");
    let named = Regex::new(r"0x[0-9a-f]+\(([^)]*)\)").expect("the pattern is sound");
    std::fs::create_dir_all(above).expect("the temporary folder is writable");
    // The second one takes over what was not touched, replaces, and clears.
    for words in [&[][..], &["--force"]] {
        if !words.is_empty() {
            std::fs::write(out.join("model.json"), "by hand").expect("it can be edited");
        }
        let done = Command::new(tool("valgrind").expect("it was looked for"))
            .args(["--tool=none", "--trace-syscalls=yes", env!("CARGO_BIN_EXE_colabc"), "build"])
            .args(words)
            .arg("-o")
            .arg(&out)
            .current_dir(root())
            .output()
            .expect("valgrind can be started");
        let calls = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{words:?}\n{calls}");
        let (mut opened, mut changed) = (0, 0);
        for line in calls.lines() {
            let Some(call) = line.split_once(") sys_").map(|(_, call)| call) else { continue };
            let (call, given) = call.split_once(" ( ").unwrap_or((call, ""));
            let flags = given.split(", ").nth(2).and_then(|it| it.split(' ').next()?.parse().ok());
            let flags = OFlags::from_bits_retain(flags.unwrap_or(0));
            let held = !given.contains(NO_FOLDER);
            let single = || named.captures_iter(given).all(|name| !name[1].contains('/'));
            match call {
                "openat" if flags.contains(OFlags::CREATE) => {
                    assert!(held && single() && flags.contains(OFlags::EXCL), "{words:?}: {line}");
                    changed += 1;
                }
                "openat" if held && flags.contains(OFlags::DIRECTORY) => {
                    assert!(single() && flags.contains(OFlags::NOFOLLOW), "{words:?}: {line}");
                    opened += 1;
                }
                "openat" => continue,
                "mkdirat" | "renameat" | "renameat2" | "linkat" | "unlinkat" => {
                    assert!(held && single(), "{words:?}: {line}");
                    changed += 1;
                }
                // The folder above, which is the caller's choice.
                "mkdir" => assert!(given.contains(&format!("({}), ", above.display())), "{line}"),
                _ => assert!(!BY_PATH.contains(&call), "{words:?}: {line}"),
            }
        }
        assert!(opened > 100 && changed > 100, "{words:?}: {opened}, {changed}");
    }
    let _ = std::fs::remove_dir_all(above);
}

/// What scanners of repositories look for.
const LEAKS: &[&str] = &[
    r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[0-9A-Za-z]{36}",
    r"\bgithub_pat_[0-9A-Za-z_]{22,}",
    r"\bglpat-[0-9A-Za-z_-]{20}",
    r"\bxox[abprs]-[0-9A-Za-z-]{10,}",
    r"\bsk-(ant|proj|live)-[0-9A-Za-z_-]{16,}",
    r"\bsk_live_[0-9A-Za-z]{16,}",
    r"\bAIza[0-9A-Za-z_-]{35}\b",
    r"\bhf_[0-9A-Za-z]{30,}",
    r"\bnpm_[0-9A-Za-z]{36}",
    r"\btskey-[0-9A-Za-z-]{16,}",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.",
    r"://[^/\s:@]+:[^/\s:@${]+@",
    r#"(?i)\b(password|passwd|secret|token|api_?key)["']?\s*[:=]\s*["'][^"'${<\s]{8,}["']"#,
];

#[test]
fn out_holds_nothing_that_looks_like_a_secret() {
    let patterns: Vec<Regex> =
        LEAKS.iter().map(|text| Regex::new(text).expect("the pattern is sound")).collect();
    let sample = "x = \"ghp_0123456789abcdefghijABCDEFGHIJ012345\" password: 'hunter2hunter2'";
    assert_eq!(patterns.iter().filter(|pattern| pattern.is_match(sample)).count(), 2);
    let mut found = Vec::new();
    let mut seen = 0;
    for file in walkdir::WalkDir::new(root().join("out")) {
        let file = file.expect("out/ can be read");
        let Ok(text) = std::fs::read_to_string(file.path()) else { continue };
        seen += 1;
        for (number, line) in text.lines().enumerate() {
            for pattern in patterns.iter().filter(|pattern| pattern.is_match(line)) {
                found.push(format!("{}:{}: {pattern}", file.path().display(), number + 1));
            }
        }
    }
    assert!(seen > 100, "only {seen} files seen");
    assert!(found.is_empty(), "{}", found.join("\n"));
}
