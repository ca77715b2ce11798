//! The server in a real editor: Emacs with eglot, in batch, set up by the lines that docs/editors.md gives.

use super::random::own_cluster;
use super::server;
use crate::consumers::{Scratch, missing, tell};
use crate::ratchet::root;

/// How the script ends where Emacs is older than its client of the protocol, and that is not beside it.
const WITHOUT_EGLOT: i32 = 3;

/// The block of code under a heading of docs/editors.md.
fn set_up(heading: &str) -> String {
    let page = std::fs::read_to_string(root().join("docs/editors.md")).expect("it is there");
    let section = page.split("\n## ").find(|part| part.starts_with(heading));
    let lines = section.expect("the page has that heading").lines().skip(1);
    let code = lines.filter_map(|line| line.strip_prefix("    ")).map(|line| format!("{line}\n"));
    code.collect()
}

#[test]
fn emacs_works_with_the_server_as_the_page_sets_it_up() {
    if missing(&["emacs"]) {
        return;
    }
    let lines = set_up("Emacs");
    assert!((2..=10).contains(&lines.lines().count()), "at most ten lines:\n{lines}");
    let scratch = Scratch::new();
    for (name, text) in own_cluster() {
        scratch.write(&name, text);
    }
    scratch.write("setup.el", lines);
    std::fs::create_dir_all(scratch.path("bin")).expect("the scratch folder is writable");
    scratch.copy(&server(), "bin/colabc");
    let script = scratch.write("lsp.el", include_str!("../../../editors/emacs/lsp.el"));
    let call = scratch.call("emacs").args(["--batch", "--no-init-file", "--load"]).arg(script);
    let heard = call.env("COLAB_SETUP", scratch.path("setup.el")).seconds(180).run();
    let heard = heard.unwrap_or_else(|why| panic!("{why}"));
    if heard.status == WITHOUT_EGLOT && std::env::var("CI").as_deref() != Ok("true") {
        return tell("*skipped*: emacs has no eglot");
    }
    assert_eq!(heard.status, 0, "{}{}", heard.out, heard.err);
}
