//! The scripts that act on all nodes, the same on each of them: `mise run cluster:ping`.

use super::TASKS;
use crate::formats::script::{Line, Word};
use crate::formats::shell::{self, Shell};
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;
use crate::targets::{EVERY_NODE, Emission, File};
use crate::tree::Tool;

pub(super) fn emit(cluster: &Cluster, out: &mut Emission) {
    let mut put = |name: &str, about: &str, lines: Vec<Line<'_>>| {
        let header =
            format!("[MISE] description={about:?}\n\nMade by colabc; changes here are lost.");
        let path = name.replace(':', "/");
        let file = File::new(format!("mise/{path}"))
            .program()
            .to(Tool::Chezmoi, EVERY_NODE, format!("{TASKS}/{path}"), 0o755)
            .from(nodes::managed(cluster));
        let written = shell::write(Shell::Posix, &header, &lines);
        out.put(file, written);
    };
    put("cluster:ping", "Which nodes answer", ping(cluster));
    put(
        "cluster:exec",
        "Run a command on all nodes that are up: mise run cluster:exec uptime",
        exec(cluster),
    );
    put("cluster:status", "What runs on each node, and what it has left", status(cluster));
    put(
        "cluster:check",
        "What is not as the sources say: a build, a syntax check, a dry run",
        check(),
    );
    put("cluster:apply", "Bring the system of all nodes to what the sources say", apply());
    put(
        "cluster:update",
        "Bring a change to one node after the other",
        playbook("rolling-update.yml", "--ask-become-pass"),
    );
    put("cluster:trial", "Bring a change to the node that tries it first", trial());
    put("cluster:health", "Ask every service whether it works", playbook("health.yml", ""));
    put(
        "cluster:drift",
        "What was changed on the nodes since the last apply",
        playbook("drift.yml", "--check --diff --ask-become-pass"),
    );
    let hardware = hardware(cluster);
    if !hardware.is_empty() {
        put("cluster:wake", "Switch nodes on: mise run cluster:wake NODE", wake(hardware));
    }
    put("rollback", "Go back to a revision of the sources: mise run rollback REVISION", rollback());
}

/// The nodes that are always on, as the default of a variable that a person may set.
fn list<'a>(cluster: &'a Cluster, only: fn(&Cluster, ThingId) -> bool) -> Vec<Word<'a>> {
    let managed = nodes::managed(cluster);
    let mut words = vec![Word::Code("for node in ${NODES:-")];
    let mut joined = Vec::new();
    for node in managed.into_iter().filter(|&node| only(cluster, node)) {
        if !joined.is_empty() {
            joined.push(Word::Code(" "));
        }
        joined.push(Word::text(cluster.label(node)));
    }
    joined.push(Word::Code("}; do"));
    joined.insert(0, words.pop().expect("it was just put there"));
    vec![Word::Joined(joined)]
}

fn up(cluster: &Cluster, node: ThingId) -> bool {
    cluster.word(node, "status") == Some("up") && nodes::posix(cluster, node)
}

/// `on NODE COMMAND`: here without ssh, elsewhere without a question.
fn on() -> Line<'static> {
    Line::block(
        [Word::Code("on() {")],
        vec![
            Line::code("node=$1"),
            Line::code("shift"),
            Line::block(
                [Word::Code(
                    "if [ \"$node\" = \"$(hostname -s | tr '[:upper:]' '[:lower:]')\" ]; then",
                )],
                vec![Line::code("sh -c \"$*\"")],
                "else",
            ),
            Line::code("  ssh -n -o BatchMode=yes -o ConnectTimeout=3 \"$node\" \"$@\""),
            Line::code("fi"),
        ],
        "}",
    )
}

/// Waits for everything that was started; fails if one of them did.
fn wait() -> Vec<Line<'static>> {
    vec![
        Line::code("failed=0"),
        Line::code("for pid in $pids; do wait \"$pid\" || failed=1; done"),
        Line::code("exit \"$failed\""),
    ]
}

fn ping(cluster: &Cluster) -> Vec<Line<'_>> {
    let answers = Line::block(
        [Word::Code("answers() {")],
        vec![Line::code(
            "if on \"$1\" true 2> /dev/null; then echo \"up    $1\"; else echo \"$2  $1\"; return 1; fi",
        )],
        "}",
    );
    let mut lines = vec![Line::blank(), on(), answers, Line::blank(), Line::code("pids=''")];
    let body = vec![Line::code("answers \"$node\" DOWN &"), Line::code("pids=\"$pids $!\"")];
    lines.push(Line::block(list(cluster, up), body, "done"));
    for node in nodes::managed(cluster) {
        if cluster.word(node, "status") == Some("on-demand") && nodes::posix(cluster, node) {
            lines.push(Line::words([
                Word::Code("{ answers"),
                Word::text(cluster.label(node)),
                Word::Code("'off ' || true"),
                Word::Code("; } &"),
            ]));
            lines.push(Line::code("pids=\"$pids $!\""));
        }
    }
    lines.extend(wait());
    lines
}

/// The nodes with a hardware address on a network of cables, each with its addresses.
fn hardware(cluster: &Cluster) -> Vec<(&str, Vec<(String, Origin)>)> {
    let mut all = Vec::new();
    for node in nodes::nodes(cluster) {
        let known = cluster.get(node, "mac").pairs().iter().filter_map(|pair| {
            let network = cluster.find("network", &pair.key)?;
            let cables = cluster.word(network, "driver") == Some("physical");
            match &pair.value {
                Value::Mac(mac) if cables => Some((mac.to_string(), pair.origin)),
                _ => None,
            }
        });
        let known: Vec<(String, Origin)> = known.collect();
        if !known.is_empty() {
            all.push((cluster.label(node), known));
        }
    }
    all
}

fn wake<'a>(hardware: Vec<(&'a str, Vec<(String, Origin)>)>) -> Vec<Line<'a>> {
    let mut rows: Vec<Line<'a>> = Vec::new();
    for (node, known) in hardware {
        let origin = known[0].1;
        let mut words = vec![Word::text(node), Word::Code(") wakeonlan")];
        words.extend(known.into_iter().map(|(mac, _)| Word::text(mac)));
        words.push(Word::Code(";;"));
        rows.push(Line::words(words).at(origin));
    }
    rows.push(Line::code("*) echo \"the hardware address of $node is not known\" >&2; exit 2 ;;"));
    vec![
        Line::blank(),
        Line::block(
            [Word::Code("if [ \"$#\" -eq 0 ]; then")],
            vec![
                Line::code("echo 'usage: mise run cluster:wake NODE...' >&2"),
                Line::code("exit 2"),
            ],
            "fi",
        ),
        Line::code(
            "command -v wakeonlan > /dev/null || { echo 'this needs wakeonlan, which is not installed' >&2; exit 1; }",
        ),
        Line::block(
            [Word::Code("for node in \"$@\"; do")],
            vec![Line::block([Word::Code("case \"$node\" in")], rows, "esac")],
            "done",
        ),
    ]
}

fn exec(cluster: &Cluster) -> Vec<Line<'_>> {
    let mut lines = vec![
        Line::blank(),
        Line::comment("NODES=\"a b\" in front of it chooses others."),
        Line::block(
            [Word::Code("if [ \"$#\" -eq 0 ]; then")],
            vec![
                Line::code("echo 'usage: mise run cluster:exec COMMAND...' >&2"),
                Line::code("exit 2"),
            ],
            "fi",
        ),
        on(),
        Line::blank(),
        Line::code("pids=''"),
    ];
    let body = vec![
        Line::block(
            [Word::Code("{")],
            vec![
                Line::code("if said=$(on \"$node\" \"$@\" 2>&1); then code=0; else code=$?; fi"),
                Line::code("printf '%s\\n' \"$said\" | sed \"s/^/$node: /\""),
                Line::code("exit \"$code\""),
            ],
            "} &",
        ),
        Line::code("pids=\"$pids $!\""),
    ];
    lines.push(Line::block(list(cluster, up), body, "done"));
    lines.extend(wait());
    lines
}

fn status(cluster: &Cluster) -> Vec<Line<'_>> {
    let mut lines = vec![Line::blank(), on(), Line::blank()];
    let body = vec![
        Line::code("echo \"== $node\""),
        Line::code(
            "on \"$node\" 'uptime; docker ps --format \"table {{.Names}}\\t{{.Status}}\" 2> /dev/null || echo \"no containers\"; free -h 2> /dev/null || true; df -h /' || echo 'does not answer'",
        ),
    ];
    lines.push(Line::block(list(cluster, up), body, "done"));
    lines
}

/// The clone that chezmoi keeps; the playbooks are in it.
fn repository() -> Vec<Line<'static>> {
    vec![Line::blank(), Line::code("cd \"$(chezmoi source-path)/../..\"")]
}

fn playbook(name: &'static str, options: &'static str) -> Vec<Line<'static>> {
    let mut lines = repository();
    lines.push(Line::code("cd out/ansible"));
    let mut words = vec![Word::Code("exec ansible-playbook"), Word::text(name)];
    if !options.is_empty() {
        words.push(Word::Code(options));
    }
    words.push(Word::Code("\"$@\""));
    lines.push(Line::words(words));
    lines
}

/// What would change, a person's yes, and then the change.
fn apply() -> Vec<Line<'static>> {
    let mut lines = repository();
    lines.extend([
        Line::code("cd out/ansible"),
        Line::code("ansible-playbook site.yml --check --diff --ask-become-pass \"$@\""),
        Line::code("printf 'Apply this? [y/N] '"),
        Line::code("read -r answer"),
        Line::code("[ \"$answer\" = y ] || exit 1"),
        Line::code("exec ansible-playbook site.yml --ask-become-pass \"$@\""),
    ]);
    lines
}

fn check() -> Vec<Line<'static>> {
    let mut lines = repository();
    lines.extend([
        Line::code("colabc build --check"),
        Line::code("cd out/ansible"),
        Line::code("ansible-playbook --syntax-check site.yml"),
        Line::code("exec ansible-playbook --check --diff --ask-become-pass site.yml \"$@\""),
    ]);
    lines
}

fn trial() -> Vec<Line<'static>> {
    let mut lines = repository();
    lines.push(Line::code("cd out/ansible"));
    lines.push(Line::code(
        "exec ansible-playbook rolling-update.yml --limit trial --ask-become-pass \"$@\"",
    ));
    lines
}

fn rollback() -> Vec<Line<'static>> {
    let mut lines = vec![
        Line::blank(),
        Line::block(
            [Word::Code("if [ \"$#\" -ne 1 ]; then")],
            vec![
                Line::code("echo 'usage: mise run rollback REVISION, one of:' >&2"),
                Line::code("git -C \"$(chezmoi source-path)\" log --oneline -10 >&2"),
                Line::code("exit 2"),
            ],
            "fi",
        ),
    ];
    lines.extend(repository().into_iter().skip(1));
    lines.push(Line::code("cd out/ansible"));
    lines.push(Line::code("ansible-playbook rollback.yml -e \"revision=$1\""));
    // By a new run: the variables of the nodes are read anew from what is there now.
    lines.push(Line::code("exec ansible-playbook rolling-update.yml --ask-become-pass"));
    lines
}
