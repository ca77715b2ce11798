//! What to do, step by step: every command here is one that exists in what was emitted, or in the
//! tools that the cluster is run with.

use super::paper::{Nodes, Steps, Table, code, file_link, link, paragraph, say, says, section};
use super::{Book, Entry, Page, backups, by_hand, id, secrets};
use crate::formats::html::{Node, Spelled};
use crate::graph::impact::{Fate, boot_order};
use crate::model::{Instance, ThingId};
use crate::origin::Origin;
use crate::targets::shared_mounts;
use crate::targets::shared_nodes as nodes;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let lead = says(
        "What to do, step by step. Commands are meant for a shell in the repository, on a machine of \
         the cluster, unless they say otherwise.",
    );
    let mut page = Page::new("runbooks.html", "Runbooks", vec![paragraph(lead, Origin::NONE)]);
    page.made_from.extend(book.cluster.cluster);
    for one in ALL {
        page.body.push(section(one.place, says(one.title), (one.write)(book)));
    }
    page
}

pub(super) fn entries(_: &Book<'_>) -> Vec<Entry> {
    let entry =
        |one: &Runbook| Entry::at("runbook", one.title, "runbooks.html", one.place, String::new());
    ALL.iter().map(entry).collect()
}

struct Runbook {
    place: &'static str,
    title: &'static str,
    write: for<'a> fn(&Book<'a>) -> Nodes<'a>,
}

#[rustfmt::skip] // one row a line
const ALL: &[Runbook] = &[
    Runbook { place: "bootstrap", title: "Bring it all up", write: bootstrap },
    Runbook { place: "add-a-node", title: "Add a node", write: add_a_node },
    Runbook { place: "deploy", title: "Deploy a service", write: deploy },
    Runbook { place: "update", title: "Update every node", write: update },
    Runbook { place: "roll-back", title: "Roll back", write: roll_back },
    Runbook { place: "restore", title: "Restore data", write: restore },
    Runbook { place: "rotate", title: "Renew a secret", write: rotate },
    Runbook { place: "look", title: "Look how it is", write: look },
];

/// A file below `out/`, by its path.
fn file<'a>(book: &Book<'a>, path: &str) -> Node<'a> {
    match book.tree.get(path) {
        Some(_) => file_link(path, format!("out/{path}")),
        None => code(format!("out/{path}")),
    }
}

fn repository<'a>(book: &Book<'a>) -> Option<&'a str> {
    book.cluster.cluster.and_then(|top| book.cluster.text(top, "repository"))
}

fn fetch(url: &str) -> String {
    format!("chezmoi init --apply {}", crate::formats::shell::quote(url))
}

/// The managed nodes that Ansible logs in to: those that most hangs on come first.
fn in_order(book: &Book<'_>) -> Vec<ThingId> {
    let cluster = book.cluster;
    let mut all = nodes::managed(cluster);
    all.retain(|&node| {
        nodes::posix(cluster, node) && cluster.word(node, "status") != Some("offline")
    });
    let falls = |node: ThingId| {
        let places = book.places.get(&node).map_or(&[][..], Vec::as_slice);
        book.users.losses(places).iter().filter(|it| it.fate == Fate::Fails).count()
    };
    // The sort is stable: nodes of one weight stay in order of name.
    all.sort_by_cached_key(|&node| std::cmp::Reverse(falls(node)));
    all
}

/// The services that Compose starts, each after those that it needs.
fn services_in_order(book: &Book<'_>) -> Vec<Instance> {
    let cluster = book.cluster;
    let order = boot_order(&book.graph);
    let mut started: Vec<Instance> = nodes::instances(cluster);
    started.retain(|i| nodes::posix(cluster, i.node) && !nodes::containers(cluster, *i).is_empty());
    let started: FxHashMap<ThingId, Instance> = started.into_iter().map(|i| (i.thing, i)).collect();
    let all = order.steps.iter().flatten().chain(&order.circle);
    let things = all.map(|&at| book.graph.vertices[at].thing);
    things.filter_map(|thing| started.get(&thing).copied()).collect()
}

fn save(steps: &mut Steps) {
    steps.step(
        says("Look whether the sources are right, and write what follows from them."),
        &["colabc check", "colabc build"],
    );
    steps.step(
        says("Commit the sources together with out/, so that every node can fetch both."),
        &["git add --all", "git commit", "git push"],
    );
}

fn bootstrap<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut steps = Steps::default();
    let mut what =
        says("Begin on a machine with git, Ansible, ssh and colabc, in a clone of the sources: ");
    match repository(book) {
        Some(url) => {
            what.push(code(url));
            steps.step(what, &[&format!("git clone {}", crate::formats::shell::quote(url))]);
        }
        None => {
            what.push(super::paper::unknown());
            what.push(say(" (nobody wrote down where they live, as "));
            what.extend([
                code("repository"),
                say(" of the cluster). Nodes cannot fetch them until it is."),
            ]);
            steps.step(what, &[]);
        }
    }
    save(&mut steps);
    let mut what = says(
        "Every machine needs its operating system, ssh, sudo, and the account of its user. Who there is stands in ",
    );
    what.push(file(book, "ansible/inventory.yml"));
    what.push(say(", what each gets in the files beside it."));
    steps.step(what, &["cd out/ansible"]);
    let mut services: FxHashMap<ThingId, Vec<Instance>> = FxHashMap::default();
    for instance in services_in_order(book) {
        services.entry(instance.node).or_default().push(instance);
    }
    for node in in_order(book) {
        node_steps(book, &mut steps, node);
        for instance in services.remove(&node).unwrap_or_default() {
            start(book, &mut steps, instance);
        }
    }
    for node in nodes::managed(cluster) {
        if !nodes::posix(cluster, node) {
            let mut what = vec![book.link(node)];
            what.push(say(
                " is a Windows without WSL. What stands in its home, its person fetches there:",
            ));
            let fetch = repository(book).map(fetch);
            steps.step(what, fetch.as_deref().as_slice());
            let mut what = says(
                "Where it has the ssh server of Windows, with PowerShell as its shell, the rest is brought by ",
            );
            what.extend([file(book, "ansible/site.yml"), say(".")]);
            steps.step(
                what,
                &[&format!("ansible-playbook site.yml --limit {} --ask-pass", cluster.label(node))],
            );
        }
        by_hand::on_windows(book, &mut steps, node);
    }
    log_in(book, &mut steps);
    let mut what = says("Ask every service whether it works: ");
    what.push(file(book, "ansible/health.yml"));
    steps.step(what, &["ansible-playbook health.yml"]);
    let mut nodes = vec![paragraph(
        says(
            "From bare machines to a cluster that runs. The order follows from what needs what: a node \
             that others hang on comes before them, and so does a service.",
        ),
        Origin::NONE,
    )];
    nodes.extend(steps.into_nodes());
    nodes
}

/// From an installed system to a node of the cluster.
fn node_steps<'a>(book: &Book<'a>, steps: &mut Steps, node: ThingId) {
    let cluster = book.cluster;
    let name = cluster.label(node);
    let disks = cluster.block(node, "hardware").map_or(&[][..], |it| cluster.children(it, "disk"));
    for &disk in disks {
        let (raid, _) = book.fact(disk, "raid");
        if !raid.is_empty() {
            let mut what =
                vec![say("By hand, on "), book.link(node), say(": the drives of the disk ")];
            what.extend([code(cluster.label(disk)), say(" become one, as ")]);
            what.extend(raid);
            what.push(say("."));
            steps.step(what, &[]);
        }
    }
    let mut what = vec![say("Make "), book.link(node), say(" a node of the cluster: ")];
    what.push(file(book, "ansible/bootstrap.yml"));
    what.push(say(", which brings "));
    what.push(file(book, "ansible/site.yml"));
    what.push(say(" and the files of its user."));
    let on_mesh = cluster.all("network").iter().any(|&network| {
        cluster.word(network, "driver") == Some("mesh")
            && cluster.get(node, "address").get(cluster.label(network)).is_some()
    });
    let mut line =
        format!("ansible-playbook bootstrap.yml --limit {name} --ask-pass --ask-become-pass");
    if on_mesh {
        what.push(say(
            " KEY is a key of the mesh's, made where that is run; without it the node joins later.",
        ));
        line.push_str(" -e mesh_key=KEY");
    }
    steps.step(what, &[&line]);
    by_hand::on_posix(book, steps, node);
}

fn start<'a>(book: &Book<'a>, steps: &mut Steps, instance: Instance) {
    let cluster = book.cluster;
    let (name, node) = (cluster.label(instance.service), cluster.label(instance.node));
    let mut what = vec![say("On "), book.link(instance.node), say(", start ")];
    what.extend([book.link(instance.service), say(": ")]);
    what.push(file(book, &format!("mise/{node}/deploy/{name}")));
    if let Some(asked) = log_in_first(book, instance) {
        what.push(say(". It asks the store of secrets, so log in there first"));
        steps.step(what, &[asked, &format!("mise run deploy:{name}")]);
    } else {
        steps.step(what, &[&format!("mise run deploy:{name}")]);
    }
}

/// The command by which a person lets a service's script ask its store.
fn log_in_first(book: &Book<'_>, instance: Instance) -> Option<&'static str> {
    let cluster = book.cluster;
    let secrets = nodes::secrets(cluster, instance);
    let asks = |store: ThingId| cluster.word(store, "provider") == Some("infisical");
    secrets.iter().any(|name| asks(name.store)).then_some("infisical login")
}

/// The registries that engines log in to, once they answer.
fn log_in<'a>(book: &Book<'a>, steps: &mut Steps) {
    let cluster = book.cluster;
    let mut by_site: BTreeMap<&str, (ThingId, Vec<String>)> = BTreeMap::new();
    for node in in_order(book) {
        let Some(docker) = cluster.block(node, "docker") else { continue };
        let sites = cluster.get(docker, "registry_login").items().iter();
        for site in sites.filter_map(|item| item.value.as_thing()) {
            let host = cluster.label(site);
            let line = format!("ssh -t {} docker login {host}", cluster.label(node));
            by_site.entry(host).or_insert((site, Vec::new())).1.push(line);
        }
    }
    for (site, lines) in by_site.into_values() {
        let mut what = says("Let every engine that needs it log in to the registry of ");
        what.extend([book.link(site), say(":")]);
        steps.step(what, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

fn add_a_node<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut steps = Steps::default();
    steps
        .step(says("Install the system with ssh and sudo, and make the account of its user."), &[]);
    steps.step(
        says("Write the node into the sources: arch, os, address, roles. What changes with it is shown before anything is touched."),
        &["colabc check", "colabc build", "git diff --stat out/"],
    );
    steps.step(
        says("Commit and push, so that the node can fetch what was built."),
        &["git add --all", "git commit", "git push"],
    );
    let mut what = says("Make it a node of the cluster, with the name that you gave it: ");
    what.push(file(book, "ansible/bootstrap.yml"));
    steps.step(what, &["cd out/ansible", "ansible-playbook bootstrap.yml --limit NODE --ask-pass --ask-become-pass -e mesh_key=KEY"]);
    if let Some(url) = repository(book) {
        steps.step(
            says("Where Ansible cannot connect, the same for the node's user, on the node:"),
            &[&fetch(url)],
        );
    }
    if cluster.all("secrets").iter().any(|&it| cluster.word(it, "provider") == Some("infisical")) {
        steps.step(
            says("Log in to the store of secrets on the node, as its user."),
            &["infisical login"],
        );
    }
    let mut what = says("Tell the others its names and addresses: ");
    what.push(file(book, "ansible/site.yml"));
    steps.step(what, &["ansible-playbook site.yml --ask-become-pass --tags files"]);
    steps.step(
        says("Start what runs there, and look."),
        &["ansible-playbook health.yml --limit NODE"],
    );
    steps.into_nodes()
}

fn deploy<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut nodes = Nodes::new();
    let mut steps = Steps::default();
    save(&mut steps);
    steps.step(says("Bring the node's files, on the node:"), &["chezmoi update"]);
    let all = services_in_order(book);
    let Some(first) = all.first() else {
        return vec![paragraph(says("No service is started by Compose."), Origin::NONE)];
    };
    let name = cluster.label(first.service);
    steps.step(
        vec![
            say("Start it, or start it anew with what changed; here with "),
            book.link(first.service),
            say(" as the example:"),
        ],
        &[
            &format!("mise run deploy:{name}"),
            &format!("mise run status:{name}"),
            &format!("mise run logs:{name}"),
        ],
    );
    nodes.extend(steps.into_nodes());
    let mut table = Table::new(&["Service", "On", "Command", "Script"]);
    for instance in all {
        let (name, node) = (cluster.label(instance.service), cluster.label(instance.node));
        table.row(
            [
                vec![book.link(instance.service)],
                vec![book.link(instance.node)],
                vec![code(format!("mise run deploy:{name}"))],
                vec![file(book, &format!("mise/{node}/deploy/{name}"))],
            ],
            Origin::NONE,
        );
    }
    nodes.extend(table.into_nodes());
    nodes
}

fn update<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut steps = Steps::default();
    save(&mut steps);
    steps.step(says("See what would change, without changing it."), &["mise run cluster:check"]);
    let trial = book
        .all("rollout")
        .into_iter()
        .find_map(|rollout| cluster.get(rollout, "trial").as_thing());
    if let Some(node) = trial {
        steps.step(
            vec![say("Let "), book.link(node), say(" try it alone.")],
            &["mise run cluster:trial"],
        );
    }
    let mut what = says("Bring it to one node after the other, looked at before and after: ");
    what.push(file(book, "ansible/rolling-update.yml"));
    for (at, rollout) in book.all("rollout").into_iter().enumerate() {
        what.push(say(if at == 0 { ", by the rollout " } else { ", then by " }));
        what.push(book.link(rollout));
    }
    steps.step(what, &["mise run cluster:update"]);
    steps.step(says("Ask every service whether it works."), &["mise run cluster:health"]);
    steps.into_nodes()
}

fn roll_back<'a>(book: &Book<'a>) -> Nodes<'a> {
    let mut steps = Steps::default();
    steps.step(says("Find the last good revision of the sources."), &["git log --oneline"]);
    let mut what = says(
        "Make the sources what they were, as a new commit on top, and roll that out like any other change: ",
    );
    what.push(file(book, "mise/rollback"));
    what.push(say(", which runs "));
    what.push(file(book, "ansible/rollback.yml"));
    what.push(say("."));
    steps.step(what, &["mise run rollback REVISION"]);
    steps.step(says("Look."), &["mise run cluster:health"]);
    let mut nodes = vec![paragraph(
        says(
            "A revision holds the sources and all of out/. It holds no data: what a service wrote stays as it is.",
        ),
        Origin::NONE,
    )];
    nodes.extend(steps.into_nodes());
    nodes
}

fn restore<'a>(book: &Book<'a>) -> Nodes<'a> {
    let all = book.all("backup");
    if all.is_empty() {
        return vec![paragraph(says("There is no backup to restore from."), Origin::NONE)];
    }
    let mut articles = Spelled::new();
    let users = backups::users(book);
    let on_shares = shared_mounts::on_shares(book.cluster);
    for backup in all {
        let users = users.get(&backup).map_or(&[][..], Vec::as_slice);
        let name = book.cluster.label(backup);
        let title = vec![say("From "), link(format!("backups.html#{}", id("backup", name)), name)];
        articles.push(&super::paper::article(
            id("restore", name),
            title,
            backups::restore(book, backup, users, &on_shares),
        ));
    }
    vec![articles.into()]
}

fn rotate<'a>(book: &Book<'a>) -> Nodes<'a> {
    let table = secrets::rotation(book);
    if table.is_empty() {
        return vec![paragraph(says("There are no secrets."), Origin::NONE)];
    }
    let mut steps = Steps::default();
    steps.step(
        says("Give it a new value in its store; nothing else in the sources or in out/ changes."),
        &[],
    );
    steps.step(says("Where the other end knows it too, change it there: a database its user's password, a file server its account, a repository of restic its key (restic key passwd, before the store has the new one)."), &[]);
    steps.step(says("Start anew what uses it, so that it fetches the new value. On Windows and macOS the person replaces it in the system's vault."), &[]);
    let mut nodes = steps.into_nodes();
    nodes.extend(table.into_nodes());
    nodes
}

fn look<'a>(book: &Book<'a>) -> Nodes<'a> {
    let mut steps = Steps::default();
    for (what, task) in [
        ("Which nodes answer.", "ping"),
        ("What runs on each, and what it has left.", "status"),
        ("Whether every service works.", "health"),
        ("What was changed by hand since the last time.", "drift"),
    ] {
        if book.tree.get(&format!("mise/cluster/{task}")).is_some() {
            steps.step(says(what), &[&format!("mise run cluster:{task}")]);
        }
    }
    steps.into_nodes()
}
