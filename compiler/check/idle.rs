//! What is declared to be done, and that nothing does: on no node, or at no time.

use super::Check;
use super::backups::{disk, dumps_on, sources};
use super::shared::{beside, containers, has_linux, head, is_library, placed, stated, stated_at};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::reach::{self, Known};
use crate::model::value::{Base, Location, Value};
use crate::model::{Model, ThingId};
use crate::source::Span;
use rustc_hash::FxHashSet;

pub const CHECK: Check = Check {
    name: "idle",
    doc: "every task and file is on some node, every backup, dump and cache is made by one, every named client has its share",
    run,
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for kind in ["task", "file"] {
        let there: FxHashSet<Span> =
            placed(model, kind).map(|thing| model.thing(thing).span).collect();
        for &thing in model.all(kind) {
            let own = model.thing(thing).parent.is_none() && model.thing(thing).node.is_none();
            let stated = !matches!(model.get(thing, "on"), Value::None | Value::Poison);
            if own && stated && !there.contains(&model.thing(thing).span) {
                found.push(nowhere(model, thing));
            }
        }
    }
    for &cache in model.all("cache") {
        found.extend(never_copied(model, cache));
    }
    for &backup in model.all("backup") {
        found.extend(never_started(model, backup));
    }
    for container in containers(model) {
        found.extend(never_dumped(model, container.part, container.node));
    }
    let wanted = wanted(model);
    for &share in model.all("share") {
        found.extend(never_mounted(model, share, &wanted));
    }
}

fn nowhere(model: &Model, thing: ThingId) -> Diagnostic {
    let (kind, name) = (model.kind(thing), model.label(thing));
    Diagnostic::new(
        &codes::L0208,
        stated(model, thing, "on"),
        format!("the {kind} `{name}` is on no node"),
    )
    .here("no managed node")
    .at(model.path(thing))
    .note("nothing is written for it, on any machine")
    .help("name a node: `on = [NODE]`; or leave `on` out, for all nodes")
    .help("or leave it out: `enabled = false`")
}

/// The nodes of a cache, each with where it is named; those of a condition are not.
fn nodes(model: &Model, cache: ThingId) -> Option<Vec<(ThingId, Option<Span>)>> {
    let (on, origin) = model.at(cache, "on");
    match on {
        Value::Thing(node) => Some(vec![(*node, Some(stated_at(model, origin, cache)))]),
        Value::List(items) if !items.iter().any(|item| item.value.is_poison()) => {
            let all = items.iter().filter_map(|item| {
                let named = !item.origin.is_none();
                let place = named.then(|| stated_at(model, item.origin, cache));
                Some((item.value.as_thing()?, place))
            });
            Some(all.collect())
        }
        _ => None,
    }
}

/// A cache is kept by timers of systemd.
fn keeps_time(model: &Model, node: ThingId) -> bool {
    model.flag(node, "managed") && has_linux(model, node)
}

fn never_copied(model: &Model, cache: ThingId) -> Option<Diagnostic> {
    let nodes = nodes(model, cache)?;
    let none = nodes.iter().all(|(node, _)| !keeps_time(model, *node));
    // A condition may hold for more nodes than can: only whom somebody named is missed.
    let lacking: Vec<ThingId> = nodes
        .iter()
        .filter(|(node, place)| !keeps_time(model, *node) && (none || place.is_some()))
        .map(|(node, _)| *node)
        .collect();
    if !none && lacking.is_empty() {
        return None;
    }
    let name = model.label(cache);
    let message = match lacking.as_slice() {
        [] => format!("the cache `{name}` is on no node"),
        some => {
            let names = listed(some.iter().map(|&node| model.label(node)));
            format!("nothing brings the cache `{name}` up to date on {names}")
        }
    };
    let mut diagnostic = Diagnostic::new(&codes::L0208, stated(model, cache, "on"), message)
        .here("where it is to be")
        .at(model.path(cache));
    for &node in &lacking {
        let why = match model.flag(node, "managed") {
            true => "has no systemd",
            false => "not configured from here",
        };
        diagnostic = diagnostic.label(model.thing(node).span, why);
    }
    Some(
        diagnostic
            .note("a cache is kept by a timer of systemd on a managed node with Linux")
            .help("name a node that has one, or leave the cache out there"),
    )
}

/// A backup on a disk that is there now and then is started by the one who brings it.
fn never_started(model: &Model, backup: ThingId) -> Option<Diagnostic> {
    let every = model.block(backup, "every")?;
    if ["snapshot", "full", "dumps"].iter().any(|field| !model.get(every, field).is_none()) {
        return None;
    }
    if let (Value::Location(to), Some(node)) =
        (model.get(backup, "to"), model.get(backup, "on").as_thing())
        && disk(model, to, node).is_some_and(|disk| model.flag(disk, "removable"))
    {
        return None;
    }
    let name = model.label(backup);
    let diagnostic = Diagnostic::new(
        &codes::L0208,
        head(model, backup),
        format!("nothing starts the backup `{name}`"),
    )
    .here("no time in `every`")
    .at(model.path(backup))
    .note(
        "without a time no timer is made, and there is a copy only after somebody made one by hand",
    );
    let title = "say when: `every { snapshot = daily }`";
    let statement = "every { snapshot = daily }";
    Some(beside(diagnostic, model, (backup, "to"), statement, title.into()))
}

/// A container that is to be dumped, and that no backup reaches.
fn never_dumped(model: &Model, container: ThingId, node: ThingId) -> Option<Diagnostic> {
    // What a template of the library would do, if somebody saved it, nobody has asked for.
    let asked = stated(model, container, "backup");
    if model.all("backup").is_empty()
        || model.word(container, "backup") != Some("dump")
        || is_library(model, asked)
        || asked == head(model, container)
    {
        return None;
    }
    let mut known = Known(model);
    let mut path =
        |location: &Location| reach::path_on(&mut known, &location.base, &location.sub, node);
    let mut data = Vec::new();
    for &volume in model.children(container, "volume") {
        let Value::Location(location) = model.get(volume, "value") else { continue };
        data.extend(path(location).ok()?);
    }
    for &backup in model.all("backup").iter().filter(|&&it| dumps_on(model, it, node)) {
        for (from, _) in sources(model, backup) {
            let root = path(&from).ok()??;
            let root = root.trim_end_matches('/');
            let below = |at: &String| {
                at.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if data.iter().any(below) {
                return None;
            }
        }
    }
    let (name, on) = (model.dotted(container), model.label(node));
    let diagnostic = Diagnostic::new(
        &codes::L0208,
        asked,
        format!("no backup dumps `{name}` on `{on}`"),
    )
    .here("says that it is saved by a dump")
    .at(model.path(container))
    .note("a dump is made by a backup of the same node whose `every` has `dumps`, for a container whose data lies below its `from`");
    Some(match data.is_empty() {
        true => diagnostic
            .note("its data lies in a volume of the engine's own, which no backup's `from` can name")
            .help("keep it on a disk of the node: `volume PATH = NODE.hardware.disk.NAME / ...`")
            .help("or leave it out, if it can be made again: `backup = off`"),
        false => diagnostic
            .help("let one do so: `backup NAME { on = NODE   from = [...]   to = ...   every { dumps = daily } }`")
            .help("or leave it out, if it can be made again: `backup = off`"),
    })
}

/// The shares that something on a node needs: where they are missing is told there.
fn wanted(model: &Model) -> FxHashSet<(ThingId, ThingId)> {
    let share = |value: &Value| match value {
        Value::Location(location) => match location.base {
            Base::Share(share) => Some(share),
            _ => None,
        },
        _ => None,
    };
    let mut wanted = FxHashSet::default();
    for container in containers(model) {
        for &volume in model.children(container.part, "volume") {
            wanted.extend(share(model.get(volume, "value")).map(|share| (share, container.node)));
        }
    }
    for &backup in model.all("backup") {
        let Some(node) = model.get(backup, "on").as_thing() else { continue };
        let sources = model.get(backup, "from").items().iter().map(|item| &item.value);
        let places = sources.chain([model.get(backup, "to")]);
        wanted.extend(places.filter_map(share).map(|share| (share, node)));
    }
    wanted
}

/// Clients that somebody named, of a share that has no place on them.
fn never_mounted(
    model: &Model,
    share: ThingId,
    wanted: &FxHashSet<(ThingId, ThingId)>,
) -> Option<Diagnostic> {
    let places = model.block(share, "mount");
    let place = |world: &str| places.is_some_and(|it| !model.get(it, world).is_none());
    let lacks = |&(node, _): &(ThingId, Span)| {
        let mut known = Known(model);
        // Windows beside its WSL, whichever of the two has it.
        let beside = model.word(node, "os") == Some("windows")
            && ["windows", "wsl", "linux"].into_iter().any(place);
        reach::is_client(&mut known, share, node)
            && reach::share_path(&mut known, share, node) == Ok(None)
            && !beside
            && !wanted.contains(&(share, node))
    };
    let named = model.get(share, "clients").items().iter().filter(|item| !item.origin.is_none());
    let lacking: Vec<(ThingId, Span)> = named
        .filter_map(|item| Some((item.value.as_thing()?, stated_at(model, item.origin, share))))
        .filter(lacks)
        .collect();
    let &(first, at) = lacking.first()?;
    let (name, nodes) = (model.label(share), listed(lacking.iter().map(|l| model.label(l.0))));
    let (world, like) = match model.word(first, "os") {
        Some("windows") => ("windows", "Z:".to_owned()),
        Some("macos") => ("macos", format!("/Volumes/{name}")),
        _ => ("linux", format!("/mnt/{name}")),
    };
    let mut diagnostic = Diagnostic::new(
        &codes::L0208,
        at,
        format!("the share `{name}` is mounted nowhere on {nodes}"),
    )
    .here("a client without a place for it")
    .at(model.path(share));
    for &(_, other) in lacking[1..].iter().filter(|(_, other)| *other != at) {
        diagnostic = diagnostic.label(other, "and this one");
    }
    Some(
        diagnostic
            .label(head(model, share), format!("`mount` says nothing of `{world}`"))
            .note("nothing is written there for it, not even a line of fstab")
            .help(format!("say where: `mount {{ {world} = \"{like}\" }}`"))
            .help("or leave it out of `clients`"),
    )
}
