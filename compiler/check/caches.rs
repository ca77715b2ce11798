//! Caches: each is kept equal to its original, so its directory is nobody else's.

use super::Check;
use super::shared::{managed, rewrite, stated};
use crate::diag::{Diagnostic, codes};
use crate::model::mounted::Mounted;
use crate::model::reach::{self, Known};
use crate::model::value::Value;
use crate::model::{Model, ThingId};

pub const CHECK: Check = Check { name: "caches", doc: "a cache has a directory of its own", run };

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let caches = model.all("cache");
    if caches.is_empty() {
        return;
    }
    let (told, caches): (Vec<ThingId>, Vec<ThingId>) =
        caches.iter().partition(|&&cache| is_shared(model, cache));
    found.extend(told.iter().map(|&cache| over_the_system(model, cache)));
    let mounted = Mounted::of(model);
    for node in managed(model) {
        let here: Vec<ThingId> =
            caches.iter().copied().filter(|&cache| is_on(model, cache, node)).collect();
        for (at, &cache) in here.iter().enumerate() {
            found.extend(taken(model, &mounted, node, cache, &here[..at]));
        }
    }
}

fn is_on(model: &Model, cache: ThingId, node: ThingId) -> bool {
    match model.get(cache, "on") {
        Value::Thing(only) => *only == node,
        value => value.items().iter().any(|item| item.value.as_thing() == Some(node)),
    }
}

/// Whether one path is the other, or inside of it.
fn meet(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_end_matches('/'), b.trim_end_matches('/'));
    let inside =
        |path: &str, of: &str| path.strip_prefix(of).is_some_and(|rest| rest.starts_with('/'));
    a == b || inside(a, b) || inside(b, a)
}

/// What else fills the directory of a cache on a node: another one, its original, a share or a disk inside.
fn taken(
    model: &Model,
    mounted: &Mounted,
    node: ThingId,
    cache: ThingId,
    others: &[ThingId],
) -> Option<Diagnostic> {
    let to = model.text(cache, "to")?;
    let (name, here) = (model.label(cache), model.label(node));
    let told = |who: String| {
        let message = format!("the cache `{name}` is kept in `{to}`, {who}");
        let told = Diagnostic::new(&codes::E1215, stated(model, cache, "to"), message);
        elsewhere(model, cache, told.at(format!("node {here} > {}", model.path(cache))))
    };
    let place = |other: ThingId| model.text(other, "to").filter(|other| meet(to, other));
    if let Some((&other, path)) = others.iter().find_map(|other| Some((other, place(*other)?))) {
        let who = format!("where the cache `{}` is kept", model.label(other));
        return Some(told(who).label(stated(model, other, "to"), format!("`{path}`")));
    }
    if let (Value::Location(from), _) = model.at(cache, "from")
        && let Ok(Some(path)) = reach::path_on(&mut Known(model), &from.base, &from.sub, node)
        && meet(to, &path)
    {
        let who = "where its original is".to_string();
        return Some(
            told(who).label(stated(model, cache, "from"), format!("`{path}` on `{here}`")),
        );
    }
    if let Some(mount) = mounted.on(node).iter().find(|m| m.client && meet(to, &m.root)) {
        let who = format!("where the share `{}` is mounted", model.label(mount.share));
        let label = format!("at `{}` on `{here}`", mount.root);
        return Some(told(who).label(model.thing(mount.share).span, label));
    }
    let inside = |disk: &&ThingId| {
        model.text(**disk, "mount").is_some_and(|mount| meet(to, mount) && mount.len() > to.len())
    };
    let disks = model.block(node, "hardware").map_or(&[][..], |of| model.children(of, "disk"));
    let disk = *disks.iter().find(inside)?;
    let who = format!("and the disk `{}` is mounted inside", model.label(disk));
    Some(told(who).label(stated(model, disk, "mount"), format!("of `{here}`")))
}

/// Directories that others fill, whatever is mounted there.
const SHARED: &[&str] = &[
    "/",
    "/Applications",
    "/Library",
    "/System",
    "/Users",
    "/Volumes",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib64",
    "/media",
    "/mnt",
    "/opt",
    "/private",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/sys",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/lib/docker",
    "/var/log",
    "/var/spool",
    "/var/tmp",
];

/// Whether a cache is kept where others fill the directory: it is its original and nothing else, and what else is there
/// goes.
fn is_shared(model: &Model, cache: ThingId) -> bool {
    model.text(cache, "to").is_some_and(|to| {
        let home = matches!(to.rsplit_once('/'), Some(("/home" | "/Users", _)));
        home || SHARED.contains(&to)
    })
}

fn over_the_system(model: &Model, cache: ThingId) -> Diagnostic {
    let (name, to) = (model.label(cache), model.text(cache, "to").unwrap_or_default());
    let message =
        format!("expected a directory of its own for `{name}`, found `{to}`, which others fill");
    let told = Diagnostic::new(&codes::E0302, stated(model, cache, "to"), message);
    elsewhere(model, cache, told.at(model.path(cache)))
}

/// A directory that nobody else has.
fn elsewhere(model: &Model, cache: ThingId, told: Diagnostic) -> Diagnostic {
    let told = told
        .note("a cache is kept equal to its original: what else is in its directory is deleted");
    let own = format!("/var/cache/{}", model.label(cache));
    let mut others = model.all("cache").iter().filter_map(|&other| model.text(other, "to"));
    if others.any(|other| meet(other, &own)) {
        return told.help("give it a directory of its own");
    }
    let title = format!("give it a directory of its own: `to = \"{own}\"`");
    rewrite(told, model, cache, "to", &format!("\"{own}\""), title)
}
