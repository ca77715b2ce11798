//! A session of tmux for all nodes and one for each group that wants it: a pane a node, and a key that
//! types into all of them at once.

use super::shared_nodes as nodes;
use super::{EVERY_NODE, Emission, Emit, File, Target};
use crate::formats::script::{Line, Word};
use crate::formats::shell::{self, Shell};
use crate::formats::tmux;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::tree::Tool;

pub const TARGET: Target = Target {
    name: "tmux",
    doc: "Sessions with a pane for each node, typed into together",
    emit: Emit::Alone(emit),
};

fn emit(cluster: &Cluster, out: &mut Emission) {
    let managed = nodes::managed(cluster);
    let name = cluster.cluster.map_or("colab", |top| cluster.label(top));
    let up = |node: &ThingId| cluster.word(*node, "status") == Some("up");
    let mut sessions = vec![(name, managed.iter().copied().filter(up).collect(), false, None)];
    for group in nodes::all(cluster, "group") {
        if cluster.flag(group, "tmux") {
            let members = cluster.get(group, "nodes").items().iter();
            let members: Vec<ThingId> = members.filter_map(|item| item.value.as_thing()).collect();
            let sync = cluster.flag(group, "sync");
            sessions.push((cluster.label(group), members, sync, Some(group)));
        }
    }
    for (name, members, sync, group) in sessions {
        if members.is_empty() {
            continue;
        }
        let mut made_from: Vec<ThingId> = group.into_iter().collect();
        made_from.extend(&members);
        let lines = session(cluster, name, &members, sync);
        let written = shell::write(Shell::Posix, &out.header(&made_from), &lines);
        let file = File::new(format!("tmux/{name}"))
            .program()
            .to(Tool::Chezmoi, EVERY_NODE, format!("~/.local/bin/tmux-{name}"), 0o755)
            .from(made_from);
        out.put(file, written);
    }
    let made_from: Vec<ThingId> = cluster.cluster.into_iter().collect();
    let written = tmux::write(&keys(out.header(&made_from)));
    let file = File::new("tmux/colab.conf")
        .to(Tool::Chezmoi, EVERY_NODE, "~/.config/tmux/colab.conf", 0o644)
        .from(made_from);
    out.put(file, written);
}

/// Attaches to the session where there is one, else makes it. Panes are known by their ids: what
/// number the first one has is the user's to say.
fn session<'a>(
    cluster: &'a Cluster,
    name: &'a str,
    members: &[ThingId],
    sync: bool,
) -> Vec<Line<'a>> {
    // tmux has these two in the names of its targets.
    let session = name.replace(['.', ':'], "_");
    let target = || Word::text(format!("={session}"));
    let ssh = |node: ThingId| Word::text(format!("ssh {}", shell::quote(cluster.label(node))));
    let mut body = Vec::new();
    for (at, &node) in members.iter().enumerate() {
        let (made, into) = if at == 0 {
            (
                "pane=$(tmux new-session -d -x 200 -y 50 -P -F '#{pane_id}' -s",
                Word::text(session.clone()),
            )
        } else {
            ("tmux split-window -t", Word::Variable("pane"))
        };
        let mut words = vec![Word::Code(made), into];
        if at == 0 {
            words.extend([Word::Code("-n nodes"), ssh(node), Word::Code(")")]);
        } else {
            words.push(ssh(node));
        }
        body.push(Line::words(words).at(node.origin()));
        if at > 0 {
            // Room for the next one.
            body.push(Line::words([
                Word::Code("tmux select-layout -t"),
                Word::Variable("pane"),
                Word::Code("tiled"),
            ]));
        }
    }
    let keys = "[ ! -r ~/.config/tmux/colab.conf ] || tmux source-file ~/.config/tmux/colab.conf";
    body.push(Line::code(keys));
    if sync {
        body.push(Line::words([
            Word::Code("tmux set-window-option -t"),
            Word::Variable("pane"),
            Word::Code("synchronize-panes on"),
        ]));
    }
    vec![
        Line::blank(),
        Line::block(
            [Word::Code("if ! tmux has-session -t"), target(), Word::Code("2> /dev/null; then")],
            body,
            "fi",
        ),
        Line::comment("Only where a person sits; inside of tmux already, only go there."),
        Line::code("[ -t 0 ] || exit 0"),
        Line::block(
            [Word::Code("if [ -n \"${TMUX-}\" ]; then")],
            vec![Line::words([Word::Code("exec tmux switch-client -t"), target()])],
            "fi",
        ),
        Line::words([Word::Code("exec tmux attach-session -t"), target()]),
    ]
}

/// A key of its own, and a mark as long as typing goes to all panes.
fn keys(header: String) -> Vec<tmux::Line<'static>> {
    let command =
        |words: Vec<tmux::Word<'static>>| tmux::Line::Command { words, origin: Origin::NONE };
    vec![
        tmux::Line::Comment(header.into()),
        tmux::Line::Blank,
        tmux::Line::Comment("prefix C-y: type into all panes of the window, or no longer".into()),
        command(vec![tmux::Word::Code("bind-key C-y set-window-option synchronize-panes")]),
        command(vec![
            tmux::Word::Code("set-option -g status-right"),
            tmux::Word::Code("'#{?pane_synchronized,#[bg=red] ALL PANES #[default],} #H'"),
        ]),
    ]
}
