//! What is saved where, how often, how long it is kept; and what nobody saves.

use super::paper::{
    Facts, Nodes, Table, badge, code, commands, joined, paragraph, prose, say, says, section,
};
use super::{Book, Entry, Page, id};
use crate::formats::html::{Node, element};
use crate::model::value::{Base, Location, Value};
use crate::model::{Cluster, Instance, Model, ThingId, reach};
use crate::origin::Origin;
use crate::targets::backup;
use crate::targets::shared_mounts::{OnShares, lies_on};
use crate::targets::shared_nodes as nodes;
use rustc_hash::FxHashMap;

/// The classes of copies that are kept, with how many.
pub(super) const KEPT: [&str; 5] = ["hourly", "daily", "weekly", "monthly", "yearly"];

pub(super) fn entries(book: &Book<'_>) -> Vec<Entry> {
    let names = book.all("backup").into_iter().map(|backup| book.cluster.label(backup));
    let entry =
        |name| Entry::at("backup", name, "backups.html", &id("backup", name), String::new());
    names.map(entry).collect()
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let lead = says("What is saved, how often, and how long it is kept; and what is in no backup.");
    let mut page = Page::new("backups.html", "Backups", vec![paragraph(lead, Origin::NONE)]);
    for backup in book.all("backup") {
        page.made_from.push(backup);
        page.body.push(one(book, backup));
    }
    if page.made_from.is_empty() {
        page.body.push(paragraph(says("Nothing is saved: there is no backup."), Origin::NONE));
    }
    let data = data(book);
    if !data.is_empty() {
        page.body.push(section("data", says("Data of services"), data));
    }
    page
}

fn one<'a>(book: &Book<'a>, backup: ThingId) -> Node<'a> {
    let cluster = book.cluster;
    let name = cluster.label(backup);
    let mut body = Nodes::new();
    let (what, origin) = book.description(backup);
    if !what.is_empty() {
        body.push(paragraph(what, origin));
    }
    let node = cluster.get(backup, "on").as_thing();
    let path = |value: &'a Value| {
        let mut said = book.value(value);
        if let (Value::Location(location), Some(node)) = (value, node)
            && let Some(path) = book.path_on(location, node)
        {
            said.push(say(", "));
            said.push(code(path));
        }
        said
    };
    let from = cluster.get(backup, "from").items().iter().map(|item| path(&item.value));
    let mut facts = Facts::new()
        .fact("Done on", book.fact(backup, "on"))
        .fact("What is saved", (joined(from, "; "), cluster.at(backup, "from").1))
        .fact("Where to", (path(cluster.get(backup, "to")), cluster.at(backup, "to").1))
        .fact("How", (method(book, backup), cluster.at(backup, "method").1));
    if let Some(every) = cluster.block(backup, "every") {
        facts = facts
            .fact("A snapshot", book.fact(every, "snapshot"))
            .fact("Every file compared", book.fact(every, "full"))
            .fact("Dumps of databases", book.fact(every, "dumps"));
    }
    let (keep, most) = keep(book, backup);
    facts = facts
        .said("Kept", keep)
        .said("Copies at most", most)
        .fact("Left out", book.fact(backup, "exclude"))
        .fact("Before it", book.fact(backup, "before"))
        .fact("After it", book.fact(backup, "after"))
        .fact(
            "Read back",
            (or_never(book.fact(backup, "verify").0), cluster.at(backup, "verify").1),
        );
    body.extend(facts.into_nodes());
    body.push(paragraph(
        vec![
            say("How to get things back: "),
            super::paper::link(format!("runbooks.html#{}", id("restore", name)), "restore"),
            say("."),
        ],
        Origin::NONE,
    ));
    section(id("backup", name), says(name), body)
}

fn or_never(nodes: Nodes<'_>) -> Nodes<'_> {
    if nodes.is_empty() { vec![badge("warn", "never")] } else { nodes }
}

fn method<'a>(book: &Book<'a>, backup: ThingId) -> Nodes<'a> {
    says(match book.cluster.word(backup, "method") {
        Some("restic") => "restic: an encrypted repository",
        Some("copy") => "one plain copy, without history",
        _ => "rsync: dated directories, equal files stored once",
    })
}

/// `7 daily, 4 weekly`, and how many copies that are at most: one copy may count for several.
fn keep<'a>(book: &Book<'a>, backup: ThingId) -> (Nodes<'a>, Nodes<'a>) {
    let cluster = book.cluster;
    if cluster.word(backup, "method") == Some("copy") {
        return (says("the newest copy"), Nodes::new());
    }
    let Some(keep) = cluster.block(backup, "keep") else { return Default::default() };
    let mut sum = 0;
    let mut parts = Vec::new();
    for class in KEPT {
        if let Value::Int(count) = cluster.get(keep, class)
            && *count > 0
        {
            sum += count;
            parts.push(vec![say(format!("{count} {class}"))]);
        }
    }
    match parts.is_empty() {
        true => (says("all of them, for ever"), Nodes::new()),
        false => (joined(parts, ", "), says(sum.to_string())),
    }
}

/// The way back, for the runbook.
pub(super) fn restore<'a>(
    book: &Book<'a>,
    backup: ThingId,
    users: &[ThingId],
    on_shares: &OnShares,
) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut body = Nodes::new();
    let node = cluster.get(backup, "on").as_thing();
    if !users.is_empty() {
        body.push(paragraph(says("Stop what uses the data:"), Origin::NONE));
        let lines: Vec<_> =
            users.iter().map(|&it| format!("mise run stop:{}", cluster.label(it)).into()).collect();
        body.push(commands(&lines));
    }
    if let (Some(way), Some(node)) = (backup::restore::of(cluster, backup, on_shares), node) {
        body.push(paragraph(
            vec![say("Bring it back, as root on "), book.link(node), say(":")],
            Origin::NONE,
        ));
        body.push(commands(&way.commands.into_iter().map(Into::into).collect::<Vec<_>>()));
        let mut table = Table::new(&["Database", "Its newest dump"]);
        for (service, dump) in way.dumps {
            table.row([vec![code(service)], vec![code(dump)]], Origin::NONE);
        }
        if !table.is_empty() {
            body.push(paragraph(
                says("A running database is in no snapshot. Its dump is read by its own program:"),
                Origin::NONE,
            ));
            body.extend(table.into_nodes());
        }
    }
    if let (Value::Text(text), origin) = cluster.at(backup, "restore") {
        let quote = element("blockquote").children(prose(text, origin)).at(origin);
        body.push(quote.into());
    }
    if !users.is_empty() {
        body.push(paragraph(says("Start it again, and look:"), Origin::NONE));
        let lines = users.iter().flat_map(|&it| {
            let name = cluster.label(it);
            [format!("mise run deploy:{name}").into(), format!("mise run status:{name}").into()]
        });
        body.push(commands(&lines.collect::<Vec<_>>()));
    }
    body
}

/// The services that keep something in what a backup saves, for each backup, in order of name.
pub(super) fn users(book: &Book<'_>) -> FxHashMap<ThingId, Vec<ThingId>> {
    let mut users: FxHashMap<ThingId, Vec<ThingId>> = FxHashMap::default();
    for instance in nodes::instances(book.cluster) {
        for backup in volumes(book, instance).iter().flat_map(|volume| &volume.saved) {
            let users = users.entry(*backup).or_default();
            // The instances of one service follow each other.
            if users.last() != Some(&instance.service) {
                users.push(instance.service);
            }
        }
    }
    users
}

/// A place for the data of a service.
pub(super) struct Data {
    /// The share, disk or sort of place, by name.
    pub base: String,
    pub saved: Vec<ThingId>,
    container: ThingId,
    volume: ThingId,
}

/// What the containers of an instance keep outside themselves, and what saves it. Paths of the host
/// that are only read are no data.
pub(super) fn volumes(book: &Book<'_>, instance: Instance) -> Vec<Data> {
    let cluster = book.cluster;
    let mut found = Vec::new();
    for container in nodes::containers(cluster, instance) {
        for &volume in cluster.children(container, "volume") {
            let Value::Location(location) = cluster.get(volume, "value") else { continue };
            if cluster.flag(volume, "read_only") {
                continue;
            }
            let base = match &location.base {
                Base::Share(thing) | Base::Disk(thing) => cluster.label(*thing).to_string(),
                Base::Host(_) => "the host".to_string(),
                Base::Local { .. } => "a volume".to_string(),
                Base::Memory { .. } => continue,
            };
            let saved = match cluster.word(container, "backup") {
                Some("off") => Vec::new(),
                _ => saved_by(book, location, instance.node),
            };
            found.push(Data { base, saved, container, volume });
        }
    }
    found
}

/// The backups that hold a location as a node has it.
fn saved_by(book: &Book<'_>, location: &Location, node: ThingId) -> Vec<ThingId> {
    let Some((place, path)) = place(book.model(), location, node) else { return Vec::new() };
    let there = book.saved.get(&place).into_iter().flatten();
    let holds = there.filter(|(root, _)| lies_on(&path, root)).map(|(_, backup)| *backup);
    let mut backups: Vec<ThingId> = holds.collect();
    backups.dedup();
    backups
}

/// What backups save: for each machine the paths on it, in the order of the backups.
pub(super) type Saved = FxHashMap<ThingId, Vec<(String, ThingId)>>;

pub(super) fn saved_places(cluster: &Cluster) -> Saved {
    let mut saved = Saved::default();
    for backup in nodes::all(cluster, "backup") {
        let Some(on) = cluster.get(backup, "on").as_thing() else { continue };
        for item in cluster.get(backup, "from").items() {
            if let Value::Location(from) = &item.value
                && let Some((machine, root)) = place(cluster, from, on)
            {
                saved.entry(machine).or_default().push((root, backup));
            }
        }
    }
    saved
}

/// The machine whose disk a location is on, and its path there.
fn place(model: &Model, location: &Location, node: ThingId) -> Option<(ThingId, String)> {
    let node = match &location.base {
        Base::Share(share) => model.get(*share, "server").as_thing()?,
        Base::Disk(disk) => model.thing(*disk).node?,
        Base::Host(_) => node,
        Base::Local { .. } | Base::Memory { .. } => return None,
    };
    let path = reach::path_on(&mut reach::Known(model), &location.base, &location.sub, node);
    Some((node, path.ok()??))
}

/// How a volume of a container is saved.
pub(super) fn saved<'a>(
    book: &Book<'a>,
    instance: Instance,
    container: ThingId,
    location: &Location,
) -> Nodes<'a> {
    let cluster = book.cluster;
    if matches!(location.base, Base::Memory { .. }) {
        return Nodes::new();
    }
    let how = cluster.word(container, "backup");
    if how == Some("off") {
        return says("no need: it can be made again");
    }
    let mut backups = saved_by(book, location, instance.node);
    if backups.is_empty() {
        return match location.base {
            Base::Host(_) => Nodes::new(),
            _ => vec![badge("warn", "in no backup")],
        };
    }
    backups.sort_by_key(|&backup| cluster.label(backup));
    let mut nodes =
        says(if how == Some("dump") { "by a dump, in " } else { "with the files, in " });
    nodes.extend(book.links(backups));
    nodes
}

fn data<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Of", "On", "Inside", "Is", "Saved"]);
    for instance in nodes::instances(cluster) {
        for data in volumes(book, instance) {
            let (Value::Location(location), origin) = cluster.at(data.volume, "value") else {
                continue;
            };
            table.row(
                [
                    vec![book.link(data.container)],
                    vec![book.link(instance.node)],
                    vec![code(cluster.label(data.volume))],
                    book.location(location),
                    saved(book, instance, data.container, location),
                ],
                origin,
            );
        }
    }
    table.into_nodes()
}
