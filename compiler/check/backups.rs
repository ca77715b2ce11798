//! Backups: of what is there, to somewhere else, as much as fits.

use super::Check;
use super::shared::{containers, rewrite, span, span_of, stated, value_span};
use super::volumes::database;
use crate::diag::{About, Diagnostic, codes};
use crate::model::reach::{self, Known};
use crate::model::value::{Base, Location, Value};
use crate::model::{Model, ThingId};
use crate::origin::Origin;
use crate::source::Span;
use crate::types::device;
use rustc_hash::FxHashSet;

pub const CHECK: Check = Check {
    name: "backups",
    doc: "a backup lies elsewhere than its source, and leaves no data out",
    run,
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for &backup in model.all("backup") {
        let to = match model.get(backup, "to") {
            Value::Location(to) => Some(to.clone()),
            _ => None,
        };
        let sources = sources(model, backup);
        for (from, origin) in &sources {
            missing(model, backup, from, *origin, "from", found);
            if let Some(to) = &to {
                same_disk(model, backup, from, *origin, to, found);
            }
        }
        if let Some(to) = &to {
            missing(model, backup, to, model.at(backup, "to").1, "to", found);
        }
    }
    unsaved(model, found);
    for container in containers(model) {
        without_program(model, container.part, found);
    }
    files_of_databases(model, found);
}

pub(super) fn sources(model: &Model, backup: ThingId) -> Vec<(Location, Origin)> {
    let items = model.get(backup, "from").items().iter();
    items
        .filter_map(|item| match &item.value {
            Value::Location(location) => Some(((**location).clone(), item.origin)),
            _ => None,
        })
        .collect()
}

/// The disk that a location is on, where that is known.
pub(super) fn disk(model: &Model, location: &Location, node: ThingId) -> Option<ThingId> {
    match &location.base {
        Base::Disk(disk) => Some(*disk),
        Base::Share(share) => model.get(*share, "disk").as_thing().or_else(|| {
            let server = model.get(*share, "server").as_thing()?;
            under(model, server, model.text(*share, "path")?)
        }),
        Base::Host(path) => under(model, node, path),
        _ => None,
    }
}

/// The disk of a node below whose mount a path lies.
fn under(model: &Model, node: ThingId, path: &str) -> Option<ThingId> {
    let hardware = model.block(node, "hardware")?;
    let disks = model.children(hardware, "disk").iter().copied();
    let root = |disk: &ThingId| model.text(*disk, "mount").map(|m| m.trim_end_matches('/'));
    disks
        .filter(|disk| {
            root(disk)
                .and_then(|root| path.strip_prefix(root))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
        .max_by_key(|disk| root(disk).map_or(0, str::len))
}

/// The thing that a location names, for its label.
fn named(location: &Location) -> Option<ThingId> {
    match location.base {
        Base::Share(id) | Base::Disk(id) => Some(id),
        _ => None,
    }
}

/// Where a share says on which disk it is: by its name, or by a path.
fn stated_disk(model: &Model, share: ThingId) -> Span {
    let field = if model.get(share, "disk").is_none() { "path" } else { "disk" };
    span(model, share, field)
}

fn same_disk(
    model: &Model,
    backup: ThingId,
    from: &Location,
    origin: Origin,
    to: &Location,
    found: &mut Vec<Diagnostic>,
) {
    let Some(node) = model.get(backup, "on").as_thing() else { return };
    let (Some(a), Some(b)) = (disk(model, from, node), disk(model, to, node)) else { return };
    if a != b && !one_drive(model, a, b) {
        return;
    }
    let (source, name) = (model.label(a), model.label(b));
    let label = model.label(backup);
    let message = match a == b {
        true => format!("the backup `{label}` is written to `{name}`, the disk that it saves"),
        false => format!(
            "the backup `{label}` is written to `{name}`, on the drive of `{source}`, which it saves"
        ),
    };
    let mut diagnostic = Diagnostic::new(&codes::E1206, span(model, backup, "to"), message)
        .here(format!("on `{name}`"))
        .label(span_of(model, origin, backup), format!("this is on `{source}`"))
        .at(model.path(backup))
        .note("when the disk dies, the backup dies with it");
    if a == b {
        diagnostic = diagnostic.label(model.thing(a).span, "one disk");
    } else {
        for disk in [a, b] {
            diagnostic = diagnostic.label(stated(model, disk, "device"), "a part of one drive");
        }
        diagnostic = diagnostic.note(
            "where these copies are for slips of the hand alone, `allow E1206 = \"...\"` says so",
        );
    }
    if let Some(share) = named(from).filter(|&id| id != a) {
        diagnostic = diagnostic.label(
            stated_disk(model, share),
            format!("`{}` lies on `{source}`", model.label(share)),
        );
    }
    let free = |&d: &ThingId| d != a && d != b && !one_drive(model, a, d);
    let other = model.block(node, "hardware").and_then(|hardware| {
        let disks = model.children(hardware, "disk").iter().copied().filter(free);
        disks.filter(|&d| model.text(d, "mount").is_some()).min_by_key(|&d| model.label(d))
    });
    found.push(match other {
        Some(other) => {
            let text =
                format!("{}.hardware.disk.{} / \"{label}\"", model.label(node), model.label(other));
            let title = format!("write it to another disk: `{text}`");
            rewrite(diagnostic, model, backup, "to", &text, title)
        }
        None => diagnostic.help("write it to another disk, or to a share of another machine"),
    });
}

/// Two partitions of one drive, where the names of their devices say so.
fn one_drive(model: &Model, a: ThingId, b: ThingId) -> bool {
    let drive = |disk| model.text(disk, "device").and_then(device::drive);
    model.thing(a).node == model.thing(b).node && drive(a).is_some() && drive(a) == drive(b)
}

/// The node that does the work must see both ends.
fn missing(
    model: &Model,
    backup: ThingId,
    location: &Location,
    origin: Origin,
    field: &str,
    found: &mut Vec<Diagnostic>,
) {
    let Some(node) = model.get(backup, "on").as_thing() else { return };
    let path = reach::path_on(&mut Known(model), &location.base, &location.sub, node);
    let Some(thing) = named(location) else { return };
    if path != Ok(None) {
        return;
    }
    // A destination on another node is reached over the network.
    if field == "to"
        && matches!(location.base, Base::Disk(_))
        && model.thing(thing).node != Some(node)
    {
        return;
    }
    let (name, here) = (model.label(thing), model.label(node));
    let owner = match location.base {
        Base::Share(share) => model.get(share, "server").as_thing(),
        _ => model.thing(thing).node,
    };
    let diagnostic = Diagnostic::new(
        &codes::E1208,
        span_of(model, origin, backup),
        format!(
            "the backup `{}` runs on `{here}`, which does not have `{name}`",
            model.label(backup)
        ),
    )
    .here("not there")
    .label(span(model, backup, "on"), "the work is done here")
    .label(model.thing(thing).span, "declared here")
    .at(model.path(backup))
    .note("the node that does the work reads and writes paths of its own")
    .about(About::no_place(&model.path(thing), here, "say where it is mounted there"));
    found.push(match owner.filter(|&owner| owner != node && model.flag(owner, "managed")) {
        Some(owner) => {
            let text = model.label(owner);
            rewrite(
                diagnostic,
                model,
                backup,
                "on",
                text,
                format!("let `{text}` do it, which has it: `on = {text}`"),
            )
        }
        None => diagnostic.help("say where it is mounted there, or let another node do the work"),
    });
}

/// Shares that services write to and that no backup saves.
fn unsaved(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut saved = FxHashSet::default();
    for &backup in model.all("backup") {
        let node = model.get(backup, "on").as_thing();
        if model.get(backup, "from").is_poison() {
            return;
        }
        for (from, _) in sources(model, backup) {
            saved.extend(named(&from));
            saved.extend(node.and_then(|node| disk(model, &from, node)));
        }
    }
    let mut written: Vec<(ThingId, ThingId)> = Vec::new();
    let mut seen = FxHashSet::default();
    for container in containers(model) {
        if model.word(container.part, "backup") == Some("off") {
            continue;
        }
        for &volume in model.children(container.part, "volume") {
            if let Value::Location(location) = model.get(volume, "value")
                && let Base::Share(share) = location.base
                && !model.flag(volume, "read_only")
                && seen.insert(share)
            {
                written.push((share, volume));
            }
        }
    }
    for (share, volume) in written {
        let server = model.get(share, "server").as_thing();
        let whole = Location { base: Base::Share(share), sub: "".into() };
        let disk = server.and_then(|server| disk(model, &whole, server));
        let unmanaged = server.is_some_and(|server| !model.flag(server, "managed"));
        if saved.contains(&share) || disk.is_some_and(|d| saved.contains(&d)) || unmanaged {
            continue;
        }
        let name = model.label(share);
        let mut diagnostic = Diagnostic::new(
            &codes::L0203,
            model.thing(share).span,
            format!("no backup saves the share `{name}`"),
        )
        .here("no `backup` has it in its `from`")
        .label(stated(model, volume, "value"), "data that services write");
        for &backup in model.all("backup").iter().take(4) {
            diagnostic = diagnostic.label(span(model, backup, "from"), "saves something else");
        }
        found.push(
            diagnostic
                .at(model.path(share))
                .note("one disk, one mistake, and it is gone")
                .help(format!("save it: `backup nightly {{ on = ... from = [{name}] to = ... }}`"))
                .help(
                    "or say with its containers that their data can be made again: `backup = off`",
                ),
        );
    }
}

/// Whether a backup makes the dumps of containers of a node.
pub(super) fn dumps_on(model: &Model, backup: ThingId, node: ThingId) -> bool {
    model.get(backup, "on").as_thing() == Some(node)
        && model.block(backup, "every").is_some_and(|every| !model.get(every, "dumps").is_none())
}

/// A snapshot of a database's files while it runs is no backup of it.
fn files_of_databases(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut saved = FxHashSet::default();
    for &backup in model.all("backup") {
        saved.extend(sources(model, backup).iter().filter_map(|(from, _)| named(from)));
    }
    for container in containers(model) {
        let is_server = model.text(container.part, "image").is_some_and(|image| {
            ["postgres", "mysql", "mariadb", "mongo"].iter().any(|name| {
                let rest = image.strip_prefix(name);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@']))
            })
        });
        if !is_server || model.word(container.part, "backup") != Some("files") {
            continue;
        }
        let Some(inside) = database(model, container.part) else { continue };
        for &volume in model.children(container.part, "volume") {
            let Value::Location(location) = model.get(volume, "value") else { continue };
            let Some(place) = named(location).filter(|id| saved.contains(id)) else { continue };
            if !model.label(volume).starts_with(inside) {
                continue;
            }
            let path = model.dotted(container.part);
            let diagnostic = Diagnostic::new(
                    &codes::L0205,
                    stated(model, volume, "value"),
                    format!("the files of the running database `{path}` are saved, and no dump"),
                )
                .here("copied while it writes")
                .label(stated(model, container.part, "backup"), "`backup = files` here")
                .label(model.thing(place).span, "a backup copies this as files")
                .at(model.path(volume))
                .note("files that are copied one after the other are of different moments: what is restored may not start")
                .help("dump it before each snapshot: `backup = dump` in the container, which `std.postgres` brings")
                .help("or leave it out, if it can be made again: `backup = off`");
            let made = model.all("backup").iter().any(|&it| dumps_on(model, it, container.node));
            let diagnostic = match made {
                true => diagnostic,
                false => diagnostic.help("and let the backup make it: `every { dumps = daily }`"),
            };
            let dumps = made && !model.get(container.part, "dump").items().is_empty();
            found.push(match value_span(model, container.part, "backup").filter(|_| dumps) {
                Some(span) => diagnostic.suggest("dump it: `backup = dump`", span, "dump"),
                None => diagnostic,
            });
        }
    }
}

/// `backup = dump` of a program that no template knows how to dump.
fn without_program(model: &Model, container: ThingId, found: &mut Vec<Diagnostic>) {
    if model.word(container, "backup") != Some("dump") {
        return;
    }
    let own = model.param(container, "backup", "command");
    let empty = |value: Option<&Value>| {
        value.is_none_or(|v| v.is_none() || v.items().is_empty() && !v.is_poison())
    };
    if !empty(own) || !empty(Some(model.get(container, "dump"))) {
        return;
    }
    found.push(
        Diagnostic::new(
            &codes::E0305,
            stated(model, container, "backup"),
            format!(
                "`backup = dump` of `{}` needs the program that writes it",
                model.dotted(container)
            ),
        )
        .here("nothing says what to run")
        .at(model.path(container))
        .note("without it no dump is made, and the data is copied as files at best")
        .help("name it: `backup = dump(command = [\"PROGRAM\", \"ARGUMENT\"])`")
        .help("or take the template of that database, which knows it"),
    );
}
