//! tmux makes every session, with stubs in place of ssh.

use super::Built;
use crate::consumers::{missing, refuses, tmux};

const CONFIG: &str = "set -g base-index 1\nset -g pane-base-index 1\n";

fn commands(built: &Built, name: &str) -> Vec<(String, String, bool)> {
    let config = format!("{CONFIG}{}", built.text("tmux/colab.conf"));
    let panes = tmux::panes(&built.text(&format!("tmux/{name}")), &config, &["ssh"]).unwrap();
    panes.into_iter().map(|p| (p.session, p.command, p.synchronized)).collect()
}

#[test]
fn each_session_has_a_pane_a_node() {
    if missing(tmux::TOOLS) {
        return;
    }
    let built = Built::repo();
    let wanted = |session: &str, nodes: &[&str]| {
        let pane = |node: &&str| (session.to_string(), format!("ssh {node}"), false);
        nodes.iter().map(pane).collect::<Vec<_>>()
    };
    let sorted = |mut panes: Vec<(String, String, bool)>| {
        panes.sort();
        panes
    };
    let all = ["cooperator", "director", "terminator", "writer"];
    assert_eq!(sorted(commands(&built, "colab")), wanted("colab", &all));
    assert_eq!(
        sorted(commands(&built, "core")),
        wanted("core", &["cooperator", "director", "projector"])
    );
    assert_eq!(commands(&built, "gpus"), wanted("gpus", &["projector"]));
    refuses(
        |script| tmux::panes(script, CONFIG, &["ssh"]),
        &built.text("tmux/core"),
        &[("split-window", "split-windows"), ("#{pane_id}", "pane"), ("tiled", "tilde")],
    );
    refuses(
        |config| tmux::panes(&built.text("tmux/core"), config, &["ssh"]),
        &built.text("tmux/colab.conf"),
        &[("synchronize-panes", "\\; synch"), ("status-right", "status-wrong")],
    );
}

#[test]
fn a_group_may_type_into_all_from_the_start() {
    if missing(tmux::TOOLS) {
        return;
    }
    let mut source = String::from(
        "cluster small { timezone = \"Etc/UTC\" }\nnetwork lan { driver = physical   range = 10.1.0.0/24 }\n",
    );
    for number in 1..=12 {
        source += &format!(
            "node n{number} {{ arch = x86_64   os = debian(\"13\")   address {{ lan = 10.1.0.{number} }} }}\n"
        );
    }
    source += "group a_b { nodes = [for n in nodes: n]   tmux = true   sync = true }\n";
    let built = Built::text_of(&source);
    let panes = commands(&built, "a_b");
    assert_eq!(panes.len(), 12, "there is room for twelve");
    assert!(panes.iter().all(|(session, _, sync)| session == "a_b" && *sync), "{panes:?}");
}
