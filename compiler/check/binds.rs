//! Host paths in volumes, against what is mounted on the node: a path that only another node has, and a share spelled by hand.

use super::Check;
use super::shared::{containers, managed, span, stated, value_span};
use crate::diag::{Diagnostic, codes};
use crate::model::mounted::Mounted;
use crate::model::reach::{self, Known};
use crate::model::value::{Base, Value};
use crate::model::{Model, ThingId};
use rustc_hash::FxHashMap;
use std::sync::Arc;

pub const CHECK: Check =
    Check { name: "binds", doc: "a host path in a volume is one that the node has", run };

/// A place where some node has a share or disk.
#[derive(Clone, Copy)]
struct Mount {
    /// The share or disk.
    what: ThingId,
    /// One of the nodes that have it there.
    node: ThingId,
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mounts = Mounts::of(model);
    for container in containers(model) {
        for &volume in model.children(container.part, "volume") {
            let Value::Location(location) = model.get(volume, "value") else { continue };
            let Base::Host(path) = &location.base else { continue };
            if let Some((root, mount)) = mounts.missing(path, container.node) {
                found.push(no_mount(model, volume, container.node, path, &root, mount));
            } else if let Some(rest) = of_windows(path) {
                found.extend(no_drive(model, volume, container.node, path, rest));
            }
        }
    }
}

/// Every root of a share or disk, and on which nodes it is there.
struct Mounts {
    somewhere: FxHashMap<Arc<str>, Mount>,
    here: FxHashMap<(ThingId, Arc<str>), ThingId>,
}

impl Mounts {
    fn of(model: &Model) -> Mounts {
        let mut mounts = Mounts { somewhere: FxHashMap::default(), here: FxHashMap::default() };
        let mounted = Mounted::of(model);
        for node in managed(model) {
            if let Some(hardware) = model.block(node, "hardware") {
                for &disk in model.children(hardware, "disk") {
                    if let Some(path) = model.text(disk, "mount") {
                        mounts.add(path, disk, node);
                    }
                }
            }
            for mount in mounted.on(node) {
                mounts.add(&mount.root, mount.share, node);
            }
        }
        // Where a client of that system would have it, even if there is none.
        for &share in model.all("share") {
            let Some(places) = model.block(share, "mount") else { continue };
            let Some(server) = model.get(share, "server").as_thing() else { continue };
            for world in ["linux", "wsl", "windows", "macos"] {
                if let Some(path) = model.text(places, world) {
                    let mount = Mount { what: share, node: server };
                    mounts.somewhere.entry(path.into()).or_insert(mount);
                }
            }
        }
        mounts
    }

    fn add(&mut self, path: &str, what: ThingId, node: ThingId) {
        let path: Arc<str> = path.into();
        self.somewhere.entry(path.clone()).or_insert(Mount { what, node });
        self.here.entry((node, path)).or_insert(what);
    }

    /// The nearest root above the path, if this node is not one that has it.
    fn missing(&self, path: &str, node: ThingId) -> Option<(Arc<str>, Mount)> {
        let mut above = path.trim_end_matches('/');
        loop {
            let root: Arc<str> = above.into();
            if self.here.contains_key(&(node, root.clone())) {
                return None;
            }
            if let Some(&mount) = self.somewhere.get(&root) {
                return Some((root, mount));
            }
            let cut = above.rfind('/').filter(|&cut| cut > 0)?;
            above = &above[..cut];
        }
    }
}

/// The letter of a drive and what follows it: `C:\data`.
fn of_windows(path: &str) -> Option<(char, &str)> {
    let (drive, rest) = path.split_once(':')?;
    let letter = drive.chars().next().filter(|c| drive.len() == 1 && c.is_ascii_alphabetic())?;
    rest.starts_with(['\\', '/']).then_some((letter, rest))
}

/// Drives are there for a desktop engine on Windows alone; any other one runs on a Linux.
fn no_drive(
    model: &Model,
    volume: ThingId,
    node: ThingId,
    path: &str,
    (drive, rest): (char, &str),
) -> Option<Diagnostic> {
    let here = model.label(node);
    let windows = model.word(node, "os") == Some("windows");
    let engine = model.word(node, "engine")?;
    let why = match engine {
        "desktop" if windows => return None,
        "wsl" => "its engine runs in WSL",
        _ if windows => return None,
        _ => "it is no Windows machine",
    };
    let diagnostic = Diagnostic::new(
        &codes::E1201,
        stated(model, volume, "value"),
        format!("expected a path that `{here}` has, found `{path}`: {why}"),
    )
    .here("a path of Windows")
    .label(model.thing(node).span, why)
    .at(model.path(volume));
    let seen = format!("/mnt/{}{}", drive.to_ascii_lowercase(), rest.replace('\\', "/"));
    Some(match value_span(model, volume, "value").filter(|_| engine == "wsl") {
        Some(span) => diagnostic.note("WSL has the drives of Windows below `/mnt`").suggest(
            format!("name the drive as WSL has it: `{seen}`"),
            span,
            format!("\"{seen}\""),
        ),
        None => diagnostic.help("name a path of the node, as `/srv/data`"),
    })
}

fn no_mount(
    model: &Model,
    volume: ThingId,
    node: ThingId,
    path: &str,
    root: &str,
    mount: Mount,
) -> Diagnostic {
    let (what, here) = (model.label(mount.what), model.label(node));
    let is_share = model.kind(mount.what) == "share";
    let mut diagnostic = Diagnostic::new(
        &codes::E1201,
        stated(model, volume, "value"),
        format!("expected a path that `{here}` has, found `{path}`: nothing is mounted at `{root}` there"),
    )
    .here("an empty directory on the system disk")
    .at(model.path(volume));
    let kind = if is_share { "share" } else { "disk" };
    let mut known = Known(model);
    let real = match is_share {
        true => reach::share_path(&mut known, mount.what, node).ok().flatten(),
        false => None,
    };
    diagnostic = match (&real, is_share) {
        (Some(real), _) if model.get(mount.what, "server").as_thing() == Some(node) => diagnostic
            .label(
                span(model, mount.what, "server"),
                format!("`{here}` is the server: the data lies at `{real}`"),
            ),
        (Some(real), _) => diagnostic
            .label(model.thing(mount.what).span, format!("on `{here}` it is mounted at `{real}`")),
        (None, true) => diagnostic.label(
            model.thing(mount.what).span,
            format!("`{root}` is where other machines have this share"),
        ),
        (None, false) => diagnostic.label(
            model.thing(mount.what).span,
            format!("a disk of `{}`", model.label(mount.node)),
        ),
    };
    diagnostic = diagnostic
        .label(model.thing(node).span, "the container runs here")
        .note(format!(
            "Docker makes the missing directory: the program starts with none of the data of the {kind} `{what}`, and what it writes is in no backup"
        ));
    let sub = path.strip_prefix(root).unwrap_or("").trim_matches('/');
    let text = match (is_share, sub) {
        (true, "") => what.to_string(),
        (true, sub) => format!("{what} / \"{sub}\""),
        (false, _) => {
            return diagnostic.help("name the share, or a disk of this node, instead of a path");
        }
    };
    let title =
        format!("name the {kind}, and the compiler spells the path for each node: `{text}`");
    match (value_span(model, volume, "value"), real.is_some()) {
        (Some(span), true) => diagnostic.suggest(title, span, text),
        _ => diagnostic.help(title),
    }
}
