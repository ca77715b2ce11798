//! What the compiler already makes and nobody else may: compose files, tasks, the files of the system.

use super::Check;
use super::shared::{placed, running_on, span, stated};
use crate::diag::{Diagnostic, codes};
use crate::model::generated::GENERATED;
use crate::model::value::Value;
use crate::model::{Model, ThingId};

pub const CHECK: Check = Check {
    name: "ownership",
    doc: "nothing is made twice: compose files, tasks, the files of the system",
    run,
};

/// Tasks of every node, and what they do.
const TASKS: &[(&str, &str)] = &[
    ("rollback", "goes back to a revision, on every node, and keeps it"),
    ("cluster:ping", "asks which nodes answer"),
    ("cluster:exec", "runs a command on every node"),
    ("cluster:update", "brings every node up to date, one after the other"),
    ("cluster:trial", "tries a change on one node"),
    ("cluster:status", "says what runs on each node"),
    ("cluster:health", "asks every service whether it works"),
];

/// Tasks of every service: `deploy:gitea`.
const OF_SERVICE: &[(&str, &str)] = &[
    ("deploy", "brings its files to its nodes, and starts anew what changed"),
    ("logs", "shows what it writes"),
    ("status", "says whether it runs"),
];

/// Files of the system that the compiler writes, beside those that services mount.
const FILES: &[&str] = &["/etc/fstab", "/etc/hosts", "/etc/docker/daemon.json"];

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for file in placed(model, "file") {
        compose_file(model, file, found);
    }
    for task in placed(model, "task") {
        made_already(model, task, found);
        let commands = commands(model, task, "run");
        writes(model, task, ("run", model.thing(task).node), &commands, found);
        rollback(model, task, &commands, found);
    }
    for &backup in model.all("backup") {
        for field in ["before", "after"] {
            let commands = commands(model, backup, field);
            let node = model.get(backup, "on").as_thing();
            writes(model, backup, (field, node), &commands, found);
        }
    }
}

fn compose_file(model: &Model, file: ThingId, found: &mut Vec<Diagnostic>) {
    let path = model.label(file);
    let Some(text) = model.text(file, "content") else { return };
    let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
    let top = |key: &str| text.lines().any(|line| line.trim_end() == key);
    if !yaml || !top("services:") {
        return;
    }
    let parts = path.split(['/', '.']);
    let service = parts.rev().find_map(|part| model.find("service", part));
    let mut diagnostic = Diagnostic::new(
        &codes::E1602,
        model.thing(file).span,
        match service {
            Some(service) => {
                format!("`{path}` is a second compose file for `{}`", model.label(service))
            }
            None => format!("`{path}` is a compose file, written by hand"),
        },
    )
    .here("written by hand")
    .label(span(model, file, "content"), "services of Docker Compose")
    .at(model.path(file));
    if let Some(service) = service {
        let label = model.label(service);
        diagnostic = diagnostic.label(
            model.thing(service).span,
            format!("the other: `~/.config/docker/compose/{label}.yml`, made from this"),
        );
    }
    found.push(
        diagnostic
            .note("the compose file of a service has one home; of two, one is always out of date, and both start the same containers")
            .help("say it in a `service`, and leave the file out; keys that no field covers go into `raw`"),
    );
}

fn made_already(model: &Model, task: ThingId, found: &mut Vec<Diagnostic>) {
    let name = model.label(task);
    let general = TASKS.iter().find(|(own, _)| *own == name).map(|(_, what)| *what);
    let of_service = name.split_once(':').and_then(|(verb, service)| {
        let (_, what) = OF_SERVICE.iter().find(|(own, _)| *own == verb)?;
        Some((*what, model.find("service", service)?))
    });
    let (what, service) = match (general, of_service) {
        (Some(what), _) => (what, None),
        (None, Some((what, service))) => (what, Some(service)),
        (None, None) => return,
    };
    let mut diagnostic = Diagnostic::new(
        &codes::E1603,
        model.thing(task).span,
        format!("the compiler makes the task `{name}` itself"),
    )
    .here("a second one")
    .at(model.path(task))
    .note(format!("its own {what}"));
    if let Some(service) = service {
        diagnostic = diagnostic.label(model.thing(service).span, "there is one for each service");
    }
    found.push(diagnostic.help(format!("use it: `mise run {name}`; or call yours something else")));
}

/// The commands of a task, one a line of a script.
fn commands<'a>(model: &'a Model, thing: ThingId, field: &str) -> Vec<&'a str> {
    let lines = |text: &'a str| {
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
    };
    match model.get(thing, field) {
        Value::Text(text) => lines(text).collect(),
        Value::List(items) => {
            items.iter().filter_map(|i| i.value.as_text()).flat_map(lines).collect()
        }
        _ => Vec::new(),
    }
}

/// The files that a shell line writes to, and whether it adds to them.
fn written(line: &str) -> Vec<(String, bool)> {
    let line = line.replace(">>", "\n").replace('>', " > ").replace('\n', " >> ");
    let commands = line.split(['|', ';', '&']);
    commands.flat_map(|command| written_by(command.split_whitespace().collect())).collect()
}

fn written_by(words: Vec<&str>) -> Vec<(String, bool)> {
    let bare = |word: &str| word.trim_matches(['"', '\'', '(', ')']).replace("$HOME/", "~/");
    let led_into = words.windows(2).filter(|pair| matches!(pair[0], ">" | ">>"));
    let mut written: Vec<(String, bool)> =
        led_into.map(|pair| (bare(pair[1]), pair[0] == ">>")).collect();
    let speaks = words.first().is_some_and(|word| SPEAKERS.contains(word));
    let writer = words.iter().position(|word| WRITERS.contains(&bare(word).as_str()));
    let Some(at) = writer.filter(|_| !speaks) else { return written };
    let (flags, others): (Vec<&str>, Vec<&str>) = words[at + 1..]
        .iter()
        .take_while(|word| !word.starts_with('>'))
        .partition(|word| word.starts_with('-'));
    let has =
        |letter: char| flags.iter().any(|flag| !flag.starts_with("--") && flag.contains(letter));
    let mut add = |paths: &[&str], appends| {
        written.extend(paths.iter().map(|path| (bare(path), appends)));
    };
    match bare(words[at]).as_str() {
        "tee" => add(&others, has('a') || flags.contains(&"--append")),
        "sed" if has('i') || flags.iter().any(|flag| flag.starts_with("--in-place")) => {
            add(&others, false);
        }
        "sed" => {}
        "dd" => {
            let to: Vec<&str> = others.iter().filter_map(|word| word.strip_prefix("of=")).collect();
            add(&to, false);
        }
        "truncate" => add(&others, false),
        // What is copied or moved comes before where it goes.
        _ if others.len() > 1 => add(&others[others.len() - 1..], false),
        _ => {}
    }
    written
}

/// Programs that write to a file that they are given.
const WRITERS: &[&str] = &["tee", "sed", "dd", "truncate", "cp", "mv", "install", "ln"];

/// Programs for which the name of another one is a word.
const SPEAKERS: &[&str] = &["echo", "printf", "grep", "which"];

/// Who owns a path.
enum Owned {
    /// The compiler makes it by itself.
    Made(&'static str),
    /// A whole file that is declared for the node.
    Declared(ThingId),
}

fn owned(model: &Model, node: Option<ThingId>, path: &str) -> Option<Owned> {
    let made = FILES.iter().copied().chain(GENERATED.iter().map(|g| g.home));
    if let Some(path) = made.into_iter().find(|own| *own == path) {
        return Some(Owned::Made(path));
    }
    let node = node?;
    let mut files =
        model.children(node, "file").iter().copied().chain(running_on(model, node, "file"));
    let whole = |&file: &ThingId| model.label(file) == path && model.get(file, "block").is_none();
    files.find(whole).map(Owned::Declared)
}

fn writes(
    model: &Model,
    thing: ThingId,
    (field, node): (&str, Option<ThingId>),
    commands: &[&str],
    found: &mut Vec<Diagnostic>,
) {
    let all = commands.iter().flat_map(|line| written(line));
    let mut owned =
        all.filter_map(|(path, appends)| Some((owned(model, node, &path)?, path, appends)));
    let Some((owner, path, appends)) = owned.next() else { return };
    let mut diagnostic = Diagnostic::new(
        &codes::E1604,
        stated(model, thing, field),
        format!(
            "a command of `{}` writes into `{path}`, which the compiler owns",
            model.label(thing)
        ),
    )
    .here(if appends { "adds to it each time it runs" } else { "writes over it" })
    .at(model.path(thing));
    let told = match owner {
        Owned::Made("/etc/fstab") => {
            model.all("share").first().map(|&s| (s, "the lines for this come from here"))
        }
        Owned::Made("/etc/hosts") => {
            model.cluster.map(|c| (c, "its lines are this cluster's names"))
        }
        Owned::Made(_) => None,
        Owned::Declared(file) => Some((file, "all of it is declared here")),
    };
    if let Some((owner, text)) = told {
        diagnostic = diagnostic.label(model.thing(owner).span, text);
    }
    if appends {
        diagnostic = diagnostic.note(
            "run twice, the line stands there twice: what is added by hand is not idempotent",
        );
    }
    found.push(
        diagnostic
            .note("the next run of Ansible puts its own part back, and whoever reads the sources does not see the rest")
            .help(match owner {
                Owned::Declared(_) => "say it in its `content`; or own a part of the file alone: `block = NAME`",
                Owned::Made("/etc/fstab") => "declare it: a `share` for clients, or a `disk` with a `mount`",
                Owned::Made("/etc/hosts") => "declare it: `record \"NAME\" { a = ... }`",
                Owned::Made("/etc/docker/daemon.json") => "declare it: `docker { }` of the node, and `raw` for what no field covers",
                Owned::Made(_) => "declare it where the file comes from, or in its `raw`",
            }),
    );
}

/// A revision that is checked out here, and fetched anew over there.
fn rollback(model: &Model, task: ThingId, commands: &[&str], found: &mut Vec<Diagnostic>) {
    let remote =
        |line: &str| line.split_whitespace().next() == Some("ssh") || line.contains(" ssh ");
    let steps = |line: &&str| -> Option<String> {
        let (_, rest) =
            line.split_once("git checkout ").or_else(|| line.split_once("git switch "))?;
        let target = rest.split_whitespace().next()?.trim_matches(['"', '\'', ';', ')']);
        (target != "-b" && target != "-c" && target != "--").then(|| target.to_string())
    };
    let main = |target: &str| matches!(target, "main" | "master" | "-");
    let pushes =
        commands.iter().any(|line| line.contains("git push") || line.contains("git revert"));
    let here = commands.iter().position(|line| {
        !remote(line)
            && (steps(line).is_some_and(|t| !main(&t)) || line.contains("git reset --hard"))
    });
    let pulls = |line: &&str| remote(line) && line.contains("git pull");
    if let Some(here) = here
        && !pushes
        && commands[here..].iter().any(pulls)
    {
        found.push(
            Diagnostic::new(
                &codes::E1701,
                stated(model, task, "run"),
                format!("`{}` goes back here, and every node fetches the newest again", model.label(task)),
            )
            .here("checks out an older revision, then has the nodes `git pull`")
            .at(model.path(task))
            .note("the older revision is checked out in one copy; the repository still ends in the bad one, and `git pull` brings that")
            .help("undo it in the repository: `git revert --no-edit HEAD`, then `git push`, then update the nodes")
            .help("or use the compiler's own: `mise run rollback`"),
        );
    }
    let away = commands.iter().find(|line| remote(line) && steps(line).is_some_and(|t| !main(&t)));
    let back = commands.iter().any(|line| remote(line) && steps(line).is_some_and(|t| main(&t)));
    if let (Some(line), false) = (away, back) {
        let target = steps(line).unwrap_or_default();
        found.push(
            Diagnostic::new(
                &codes::E1701,
                stated(model, task, "run"),
                format!("`{}` leaves nodes on `{target}`", model.label(task)),
            )
            .here(format!("`git checkout {target}` over there, and nothing that leads back"))
            .at(model.path(task))
            .note("what is merged here never reaches those nodes: they stay on that branch, and later changes pass them by")
            .help("lead them back when it is over: `ssh NODE \"git checkout main && git pull\"`")
            .help("or use the compiler's own: `rollout { trial = NODE }` and `mise run cluster:trial`"),
        );
    }
}
