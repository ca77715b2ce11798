//! Mounts inside of mounts: what is named is what is there, and no disk of a machine waits for another machine.

use super::Check;
use super::shared::{beside, containers, managed, span_of, stated, value_of};
use crate::diag::{Diagnostic, codes};
use crate::model::mounted::Mounted;
use crate::model::reach::{self, Known};
use crate::model::value::{Base, Location, Value};
use crate::model::{Model, ThingId};
use crate::origin::Origin;
use rustc_hash::FxHashMap;

pub const CHECK: Check = Check {
    name: "nested",
    doc: "a place inside of a mount is that mount's, and no disk waits for a share",
    run,
};

/// A share or disk where a node has it.
struct Mount {
    thing: ThingId,
    root: String,
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mounted = Mounted::of(model);
    let mut inner: FxHashMap<ThingId, Vec<Mount>> = FxHashMap::default();
    for node in managed(model) {
        let disks = disks(model, node);
        let shares = mounted.on(node).iter().filter(|mount| mount.client);
        let shares: Vec<Mount> = shares
            .map(|mount| Mount {
                thing: mount.share,
                root: mount.root.trim_end_matches('/').into(),
            })
            .collect();
        for disk in &disks {
            let outer = shares.iter().filter(|share| below(&disk.root, &share.root).is_some());
            if let Some(share) = outer.max_by_key(|share| share.root.len()) {
                found.extend(waits(model, node, disk, share));
            }
        }
        let all: Vec<Mount> = disks.into_iter().chain(shares).collect();
        // Most nodes have no mount inside of another: then no place can be hidden.
        if any_inside(&all) {
            inner.insert(node, all);
        }
    }
    if inner.is_empty() {
        return;
    }
    for container in containers(model) {
        let Some(mounts) = inner.get(&container.node) else { continue };
        for &volume in model.children(container.part, "volume") {
            if let (Value::Location(location), origin) = model.at(volume, "value") {
                found.extend(hidden(model, mounts, (volume, container.node), location, origin));
            }
        }
    }
    for &backup in model.all("backup") {
        let Some(node) = model.get(backup, "on").as_thing() else { continue };
        let Some(mounts) = inner.get(&node) else { continue };
        let (to, origin) = model.at(backup, "to");
        let from = model.get(backup, "from").items().iter().map(|item| (&item.value, item.origin));
        for (value, origin) in from.chain([(to, origin)]) {
            if let Value::Location(location) = value {
                found.extend(hidden(model, mounts, (backup, node), location, origin));
            }
        }
    }
}

fn disks(model: &Model, node: ThingId) -> Vec<Mount> {
    let Some(hardware) = model.block(node, "hardware") else { return Vec::new() };
    let all = model.children(hardware, "disk").iter();
    let root = |&thing: &ThingId| {
        Some(Mount { thing, root: model.text(thing, "mount")?.trim_end_matches('/').into() })
    };
    // What lies on the disk of the whole system lies on no other.
    all.filter_map(root).filter(|mount| !mount.root.is_empty()).collect()
}

/// Whether one of them is inside of another: in order of their parts, what follows a path first is inside of it, if
/// anything is.
fn any_inside(mounts: &[Mount]) -> bool {
    let mut roots: Vec<&str> = mounts.iter().map(|mount| mount.root.as_str()).collect();
    roots.sort_unstable_by(|a, b| a.split('/').cmp(b.split('/')));
    roots.dedup();
    roots.windows(2).any(|pair| below(pair[1], pair[0]).is_some())
}

/// The rest of a path that is truly below another.
fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    path.strip_prefix(root)?.strip_prefix('/').filter(|rest| !rest.is_empty())
}

/// A machine mounts its own disks before it has a network, and this one it could only mount after.
fn waits(model: &Model, node: ThingId, disk: &Mount, share: &Mount) -> Option<Diagnostic> {
    let may_wait = |option: &str| matches!(option, "nofail" | "noauto" | "_netdev");
    let options = model.get(disk.thing, "options").items();
    let free = options.iter().any(|item| item.value.as_text().is_some_and(may_wait));
    // Of these two fstab says by itself that nobody waits for them.
    let raid = !model.get(disk.thing, "raid").is_none();
    if free || raid || model.flag(disk.thing, "removable") {
        return None;
    }
    let (name, outer, here) =
        (model.label(disk.thing), model.label(share.thing), model.label(node));
    let diagnostic = Diagnostic::new(
            &codes::E1214,
            stated(model, disk.thing, "mount"),
            format!("the disk `{name}` of `{here}` is mounted inside of the share `{outer}`"),
        )
        .here("a directory of another machine's disk")
        .label(model.thing(share.thing).span, format!("`{here}` mounts it at `{}`", share.root))
        .at(model.path(disk.thing))
        .note("a machine mounts its own disks before it has a network: this one would wait for the share, the share for the network, and the network for the disks, so that the boot ends in an emergency shell")
        .help(format!("mount it outside of `{}`", share.root));
    if !options.is_empty() {
        return Some(
            diagnostic.help("or let the boot go on without it: `options += [\"nofail\"]`"),
        );
    }
    let (field, title) = ("mount", "or let the boot go on without it: `options = [\"nofail\"]`");
    let statement = "options = [\"nofail\"]";
    Some(beside(diagnostic, model, (disk.thing, field), statement, title.into()))
}

/// A place of one share or disk, where another one is mounted.
fn hidden(
    model: &Model,
    mounts: &[Mount],
    (of, node): (ThingId, ThingId),
    location: &Location,
    origin: Origin,
) -> Option<Diagnostic> {
    let base = match location.base {
        Base::Share(thing) | Base::Disk(thing) => thing,
        _ => return None,
    };
    let known = &mut Known(model);
    let root = reach::path_on(known, &location.base, "", node).ok()??;
    let root = root.trim_end_matches('/');
    let path = reach::path_on(known, &location.base, &location.sub, node).ok()??;
    let inside = |mount: &&Mount| {
        below(&mount.root, root).is_some()
            && (path == mount.root || below(&path, &mount.root).is_some())
    };
    let mount = mounts.iter().filter(inside).max_by_key(|mount| mount.root.len())?;
    let rest = below(&mount.root, root)?;
    if same_data(model, base, rest, mount.thing) {
        return None;
    }
    let (outer, inner) = (model.label(base), model.label(mount.thing));
    let here = model.label(node);
    let spelled = match model.kind(mount.thing) {
        "disk" => format!("{here}.hardware.disk.{inner}"),
        _ => inner.to_string(),
    };
    let spelled = match below(&path, &mount.root) {
        Some(sub) => format!("{spelled} / \"{sub}\""),
        None => spelled,
    };
    let what = model.kind(mount.thing);
    let place = if model.kind(mount.thing) == "disk" {
        stated(model, mount.thing, "mount")
    } else {
        model.thing(mount.thing).span
    };
    let diagnostic = Diagnostic::new(
        &codes::E1213,
        span_of(model, origin, of),
        format!("expected a place on `{outer}`, found `{inner}` mounted there on `{here}`"),
    )
    .here(format!("`{path}`"))
    .label(place, format!("the {what} `{inner}` is mounted at `{}`", mount.root))
    .label(model.thing(base).span, format!("`{outer}` is at `{root}`"))
    .at(model.path(of))
    .note("a mount hides what is below it: on other machines, and to every rule about disks and backups, the same words mean another place");
    let title = format!("name what is there: `{spelled}`");
    Some(match value_of(model, origin) {
        // One statement may hold several places.
        Some(span) if model.kind(of) != "backup" || model.at(of, "to").1 == origin => {
            diagnostic.suggest(title, span, spelled)
        }
        _ => diagnostic.help(title),
    })
}

/// Whether the inner mount is of the same directory of the same server as what it hides.
fn same_data(model: &Model, base: ThingId, rest: &str, inner: ThingId) -> bool {
    if model.kind(base) != "share" {
        return false;
    }
    let server = |share| model.get(share, "server").as_thing();
    // A disk of the server inside of what it shares is a part of the share for everyone.
    if model.kind(inner) == "disk" {
        return model.thing(inner).node == server(base);
    }
    let path = |share| reach::server_path(&mut Known(model), share).ok().flatten();
    let (Some(outer), Some(inner_path)) = (path(base), path(inner)) else { return false };
    server(base) == server(inner)
        && inner_path.trim_end_matches('/') == format!("{}/{rest}", outer.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_two_names_hides_no_nesting() {
        let inside = |roots: &[&str]| {
            let mount = |root: &&str| Mount { thing: ThingId::new(0), root: (*root).into() };
            any_inside(&roots.iter().map(mount).collect::<Vec<_>>())
        };
        assert!(inside(&["/srv/b", "/srv-a", "/srv", "/srv.c"]));
        assert!(inside(&["/a/b/c/d", "/a/b-c", "/a/b"]));
        assert!(!inside(&["/srv", "/srv-a", "/srv", "/srv.c/x"]));
        assert!(!inside(&["/a/b", "/a/c", "/ab"]));
        assert!(!inside(&[]));
    }
}
