//! The real program, with little memory: whatever a source asks for, there is an answer or a coded error
//! before it is used up.

use super::{BASE, chain};
use crate::cli::Project;
use std::fmt::Write;
use std::process::Command;

/// What `check` says of these files with so many MiB of address space, of which its stacks take 512.
fn check(files: &[(&str, &str)], mebibytes: usize) -> (Option<i32>, String) {
    let project = Project::new(files);
    let limit = format!("ulimit -v {}; exec \"$0\" check --format short", mebibytes << 10);
    let done = Command::new("sh")
        .args(["-c", &limit, env!("CARGO_BIN_EXE_colabc")])
        .current_dir(project.path(""))
        .output()
        .expect("a shell can be started");
    (done.status.code(), String::from_utf8(done.stderr).expect("it writes text"))
}

fn ends(text: &str, code: &str, mebibytes: usize) {
    let (status, said) = check(&[("cluster.colab", &format!("{BASE}{text}"))], mebibytes);
    let head = &said[..said.len().min(600)];
    match code {
        "" => assert_eq!(status, Some(0), "{head}"),
        code => assert!(status == Some(1) && said.contains(code), "{status:?} {head}"),
    }
}

#[test]
fn deep_nesting() {
    for (open, close) in [("[", "]"), ("(", ")"), ("{ a = ", "}"), ("\"${", "}\"")] {
        let text = format!("let x = {}1{}\n", open.repeat(1_000_000), close.repeat(1_000_000));
        ends(&text, "E0104", 2048);
    }
}

#[test]
fn growth_of_texts_and_lists() {
    let last = "role ann { description = a60 }\n";
    let doubled = |first: &str| chain(first, 60, |a| format!("{a} + {a}"));
    ends(&format!("{}{last}", doubled("\"xxxxxxxxxx\"")), "E0303", 1536);
    let tags = "node ann { arch = arm64   os = macos   tags = a60 }\n";
    ends(&format!("{}{tags}", doubled("[\"x\"]")), "E0303", 1536);
    let texts = chain("\"xxxxxxxxxx\"", 60, |a| format!("\"${{{a}}}${{{a}}}\""));
    ends(&format!("{texts}{last}"), "E0303", 1536);
}

/// Each role has all before it below, so that there are 2^40 ways from the last to the first.
#[test]
fn layers_that_meet_again_and_again() {
    let mut text = String::new();
    for at in 0..40 {
        let below: Vec<String> = (0..at).map(|below| format!("r{below}")).collect();
        let own = format!("node {{ tags += [\"t{at}\"]   vars {{ a{at} = \"x\" }} }}");
        writeln!(text, "role r{at} {{ over = [{}]   {own} }}", below.join(", ")).unwrap();
    }
    let all: Vec<String> = (0..40).map(|at| format!("r{at}")).collect();
    for at in 0..50 {
        let roles = all.join(", ");
        writeln!(text, "node n{at} {{ arch = arm64   os = debian(\"13\")   roles = [{roles}] }}")
            .unwrap();
    }
    ends(&text, "", 1024);
}

#[test]
fn very_many() {
    let errors: String =
        (0..50_000).map(|at| format!("node n{at} {{ arch = foo   os = bar }}\n")).collect();
    ends(&errors, "E0209", 3072);
    let list = "\"item\",\n".repeat(1_000_000);
    ends(&format!("let l = [{list}]\nrole ann {{ description = \"${{count(l)}}\" }}\n"), "", 3072);
    let files: Vec<(String, String)> = (0..10_000)
        .map(|at| (format!("many/f{at}.colab"), format!("role u{at} {{ }}\n")))
        .collect();
    let root = format!("{BASE}import \"many/*.colab\"\n");
    let mut all: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    all.push(("cluster.colab", &root));
    let (status, said) = check(&all, 1536);
    assert_eq!(status, Some(0), "{}", &said[..said.len().min(600)]);
}

#[test]
fn very_large() {
    ends(&"a".repeat(60 << 20), "E0109", 2048);
    ends(&"a".repeat(100 << 20), "E0704", 1024);
    let comment = format!("// {}\n", "x".repeat(50 << 20));
    ends(&comment, "", 2048);
}
