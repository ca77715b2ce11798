//! What people do with the cluster from day to day: tasks, groups of nodes, rollouts, alerts, files.

use super::paper::{Nodes, Table, article, code, commas, paragraph, prose, say, says, section};
use super::{Book, Entry, Page, id};
use crate::model::ThingId;
use crate::model::value::Value;
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;
use std::collections::BTreeMap;

/// What stands here by its name.
const LISTED: [&str; 3] = ["group", "rollout", "alert"];

pub(super) fn entries(book: &Book<'_>) -> Vec<Entry> {
    let cluster = book.cluster;
    let entry = |kind, name: &str, words: &str| {
        Entry::at(kind, name, "operations.html", &id(kind, name), words.to_string())
    };
    let tasks = tasks(book).into_iter().map(|(name, (task, _))| {
        entry("task", &name, cluster.text(task, "description").unwrap_or(""))
    });
    let mut all: Vec<Entry> = tasks.collect();
    for kind in LISTED {
        all.extend(book.all(kind).into_iter().map(|it| entry(kind, cluster.label(it), "")));
    }
    all
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let lead = says("Tasks, groups of nodes, rollouts, alerts, and files of the cluster's own.");
    let mut page = Page::new("operations.html", "Operations", vec![paragraph(lead, Origin::NONE)]);
    let tasks = tasks(book);
    page.made_from.extend(LISTED.iter().flat_map(|kind| book.all(kind)));
    let mut part = |id: &'static str, title: &'static str, nodes: Nodes<'a>| {
        if !nodes.is_empty() {
            page.body.push(section(id, says(title), nodes));
        }
    };
    part("cluster", "For the whole cluster", cluster_tasks(book));
    part("tasks", "Tasks", task_table(book, tasks));
    part("groups", "Groups of nodes", groups(book));
    part("rollouts", "Rollouts", rollouts(book));
    part("alerts", "Alerts", alerts(book, &book.all("alert")));
    part("files", "Files", files(book));
    page
}

/// The tasks that every cluster has, with what each says of itself.
fn cluster_tasks<'a>(book: &Book<'a>) -> Nodes<'a> {
    let mut table = Table::new(&["Task", "What it does"]);
    let folder = "mise/cluster/";
    for (path, file) in book.tree.below(folder) {
        let name = &path[folder.len()..];
        let text = String::from_utf8_lossy(&file.bytes);
        let what = text.lines().find_map(|line| line.strip_prefix("# [MISE] description="));
        let what = what.unwrap_or("").trim_matches('"').to_string();
        let line = code(format!("mise run cluster:{name}"));
        table.row([vec![line], says(what)], Origin::NONE);
    }
    table.into_nodes()
}

/// Declared tasks by name, each with the nodes that have it.
fn tasks(book: &Book<'_>) -> BTreeMap<String, (ThingId, Vec<ThingId>)> {
    let cluster = book.cluster;
    let mut all: BTreeMap<String, (ThingId, Vec<ThingId>)> = BTreeMap::new();
    for node in nodes::managed(cluster) {
        let services = nodes::instances_on(cluster, node);
        let of_services =
            services.iter().flat_map(|instance| cluster.children(instance.thing, "task"));
        for &task in cluster.children(node, "task").iter().chain(of_services) {
            let label = cluster.label(task).to_string();
            all.entry(label).or_insert((task, Vec::new())).1.push(node);
        }
    }
    all
}

fn task_table<'a>(book: &Book<'a>, tasks: BTreeMap<String, (ThingId, Vec<ThingId>)>) -> Nodes<'a> {
    let mut table = Table::new(&["Task", "What it does", "Runs", "On"]);
    for (name, (task, on)) in tasks {
        let (what, origin) = book.description(task);
        table.row_with_id(
            Some(id("task", &name)),
            [
                vec![code(format!("mise run {name}"))],
                what,
                book.fact(task, "run").0,
                book.links(on),
            ],
            origin.or(book.cluster.at(task, "run").1),
        );
    }
    table.into_nodes()
}

fn groups<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Group", "Nodes", "At one screen", "Typed into all", "For"]);
    for group in book.all("group") {
        let name = cluster.label(group);
        let screen = match cluster.flag(group, "tmux") {
            true => vec![code(format!("tmux-{name}"))],
            false => Nodes::new(),
        };
        let sync = match cluster.flag(group, "tmux") {
            true => book.flag(group, "sync", ("from the start", "when switched on")).0,
            false => Nodes::new(),
        };
        table.row_with_id(
            Some(id("group", name)),
            [says(name), book.fact(group, "nodes").0, screen, sync, book.description(group).0],
            cluster.at(group, "nodes").1,
        );
    }
    table.into_nodes()
}

fn rollouts<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut nodes = Nodes::new();
    for rollout in book.all("rollout") {
        let name = cluster.label(rollout);
        let mut body = Nodes::new();
        let (what, origin) = book.description(rollout);
        if !what.is_empty() {
            body.push(paragraph(what, origin));
        }
        let mut facts = super::paper::Facts::new()
            .fact("In the order", book.fact(rollout, "order"))
            .fact("At a time", book.fact(rollout, "serial"))
            .fact("Quiet between two", book.fact(rollout, "pause"))
            .fact("Looked at before", book.fact(rollout, "before"))
            .fact("Looked at after", book.fact(rollout, "after"))
            .fact("Gives up at", book.fact(rollout, "stop"))
            .fact("Tried first on", book.fact(rollout, "trial"));
        if let Some(approve) = cluster.block(rollout, "approve") {
            let waits =
                [("user", "files of the user"), ("system", "the system"), ("service", "services")]
                    .into_iter()
                    .filter(|(field, _)| cluster.word(approve, field) == Some("manual"))
                    .map(|(_, name)| say(name));
            facts = facts.said("Waits for a person's yes", commas(waits));
        }
        body.extend(facts.into_nodes());
        nodes.push(article(id("rollout", name), says(name), body).into());
    }
    nodes
}

pub(super) fn alerts<'a>(book: &Book<'a>, all: &[ThingId]) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Alert", "When", "For at least", "Matters", "Says", "What to do"]);
    for &alert in all {
        let name = cluster.label(alert);
        let text = |field: &str| match cluster.at(alert, field) {
            (Value::Text(text), origin) => prose(text, origin),
            _ => Nodes::new(),
        };
        table.row_with_id(
            Some(id("alert", name)),
            [
                says(name),
                book.fact(alert, "when").0,
                book.fact(alert, "lasting").0,
                book.fact(alert, "severity").0,
                text("summary"),
                text("description"),
            ],
            cluster.at(alert, "when").1,
        );
    }
    table.into_nodes()
}

/// The files that somebody declared, as they came out.
fn files<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["File", "On", "Brought by", "For"]);
    let mut all: BTreeMap<(String, &str), (ThingId, Vec<ThingId>)> = BTreeMap::new();
    for node in nodes::managed(cluster) {
        let of_services = nodes::instances_on(cluster, node);
        let of_services =
            of_services.iter().flat_map(|instance| cluster.children(instance.thing, "file"));
        for &file in cluster.children(node, "file").iter().chain(of_services) {
            let what = cluster.text(file, "description").unwrap_or("");
            let key = (cluster.label(file).to_string(), what);
            all.entry(key).or_insert((file, Vec::new())).1.push(node);
        }
    }
    for ((path, _), (file, on)) in all {
        let (what, origin) = book.description(file);
        table.row(
            [vec![code(path)], book.links(on), book.fact(file, "by").0, what],
            origin.or(cluster.at(file, "content").1),
        );
    }
    table.into_nodes()
}
