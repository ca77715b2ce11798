//! A source tree of chezmoi for all nodes at once: each gets, by its host name, exactly the files
//! that other targets made for it. Templates only include them; nothing is said twice.

use super::shared_nodes as nodes;
use super::{EVERY_NODE, Emission, Emit, File, Target};
use crate::diag::codes;
use crate::formats::Emitted;
use crate::formats::chezmoi::{self, Attributes};
use crate::manifest::Manifest;
use crate::model::Cluster;
use crate::origin::Origin;
use crate::tree::{Gone, Side, Tool};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub const TARGET: Target = Target {
    name: "chezmoi",
    doc: "A source tree for `chezmoi init --apply`, for every node by its host name",
    emit: Emit::Looking(emit),
};

/// The oldest chezmoi that knows all that is used here.
const VERSION: &str = "2.62.0\n";
const MISE: &str = ".chezmoiscripts/00-mise.sh";
const TOOLS: &str = ".chezmoiscripts/10-tools.sh";

/// One file of one machine.
struct Bringing {
    machine: Arc<str>,
    /// Below `out/`.
    file: String,
    mode: u32,
    block: Option<String>,
    blank: bool,
}

fn emit(cluster: &Cluster, out: &mut Emission) {
    let targets = gather(cluster, out);
    // Every path, and every folder above one, with the machines that have it.
    let mut owners: BTreeMap<String, BTreeSet<Arc<str>>> = BTreeMap::new();
    for (target, bringings) in &targets {
        let machines: BTreeSet<Arc<str>> = bringings.iter().map(|b| b.machine.clone()).collect();
        for (at, _) in target.match_indices('/') {
            owners.entry(target[..at].into()).or_default().extend(machines.iter().cloned());
        }
        owners.entry(target.clone()).or_default().extend(machines);
        one(out, target, bringings);
    }
    remove(cluster, out, &targets, &mut owners);
    for script in [MISE, TOOLS] {
        let posix = nodes::managed(cluster).into_iter().filter(|&n| nodes::posix(cluster, n));
        let posix = posix.map(|node| machine(cluster.label(node), false).into()).collect();
        owners.insert(script.into(), posix);
    }
    let header = "Made by colabc; changes here are lost.";
    let written = chezmoi::ignore(
        &format!(
            "{header}\nWhat a machine does not get; one that is none of the cluster's gets nothing."
        ),
        &by_machines(&owners),
    );
    out.put(File::new("chezmoi/.chezmoiignore"), written);
    out.put(File::new("chezmoi/.chezmoiversion"), plain(VERSION));
    out.put(File::new("chezmoi/.chezmoiscripts/run_once_before_00-mise.sh"), plain(INSTALL));
    let configs = nodes::managed(cluster).into_iter().filter(|&n| nodes::posix(cluster, n));
    let configs: Vec<(String, String)> = configs
        .map(|node| cluster.label(node))
        .map(|name| (machine(name, false), format!("../mise/{name}/config.toml")))
        .collect();
    let cases: Vec<_> =
        configs.iter().map(|(m, file)| ([m.as_str()].into(), file.as_str())).collect();
    let written = chezmoi::script(header, &cases, UPDATE);
    out.put(File::new("chezmoi/.chezmoiscripts/run_onchange_after_10-tools.sh.tmpl"), written);
}

const INSTALL: &str = "#!/bin/sh
# Made by colabc; changes here are lost. Brings mise, which brings every other tool.
set -eu
PATH=\"$HOME/.local/bin:$PATH\"
command -v mise > /dev/null || curl -fsSL https://mise.run | sh
";

const UPDATE: &[&str] = &[
    "# Made by colabc; changes here are lost. Installs the tools that this node's mise pins.",
    "set -eu",
    "PATH=\"$HOME/.local/bin:$PATH\"",
    "mise install --yes",
];

/// Every delivery of chezmoi's, by its path below the home.
fn gather(cluster: &Cluster, out: &mut Emission) -> BTreeMap<String, Vec<Bringing>> {
    let mut targets: BTreeMap<String, Vec<Bringing>> = BTreeMap::new();
    let mut outside = Vec::new();
    for (path, file) in out.tree().iter() {
        let Some(delivery) = file.delivery.as_ref().filter(|d| d.tool == Tool::Chezmoi) else {
            continue;
        };
        let destination = delivery.destination.replace('\\', "/");
        let Some(target) = destination.strip_prefix("~/") else {
            outside.push((path.to_string(), delivery.destination.clone()));
            continue;
        };
        for machine in machines(cluster, &delivery.node, delivery.side) {
            targets.entry(target.to_string()).or_default().push(Bringing {
                machine,
                file: format!("../{path}"),
                mode: delivery.mode,
                block: out.block_of(path).map(str::to_string),
                blank: file.bytes.iter().all(u8::is_ascii_whitespace),
            });
        }
    }
    for (path, destination) in outside {
        let message = format!(
            "chezmoi brings files to the home of the node's user, and `{destination}` is not below it (for {path})"
        );
        out.refuse(&codes::E0801, Origin::NONE, None, message);
    }
    targets
}

/// As the templates name them.
fn machines(cluster: &Cluster, node: &str, side: Option<Side>) -> Vec<Arc<str>> {
    let all = match node {
        EVERY_NODE => nodes::managed(cluster),
        name => cluster.find("node", name).into_iter().collect(),
    };
    let named = all.into_iter().map(|node| {
        let side = side.or(nodes::side(cluster, node));
        machine(cluster.label(node), side == Some(Side::Windows)).into()
    });
    named.collect()
}

fn machine(node: &str, windows: bool) -> String {
    let node = node.to_lowercase();
    if windows { format!("{node}/windows") } else { node }
}

/// What an earlier build brought to a machine and this one does not. Where other machines still have the
/// path, its template says nothing for this one, and chezmoi takes away what becomes empty; the rest stands
/// in `.chezmoiremove`.
fn remove(
    cluster: &Cluster,
    out: &mut Emission,
    targets: &BTreeMap<String, Vec<Bringing>>,
    owners: &mut BTreeMap<String, BTreeSet<Arc<str>>>,
) {
    let mut gone: BTreeMap<String, BTreeSet<Arc<str>>> = BTreeMap::new();
    let last = out.last();
    let modified = modified(last);
    let having: FxHashMap<&str, FxHashSet<&str>> = targets
        .iter()
        .map(|(target, all)| (&**target, all.iter().map(|b| &*b.machine).collect()))
        .collect();
    let brought = last.files.values().filter_map(|row| row.delivery.as_ref());
    let brought = brought
        .filter(|delivery| delivery.tool == Tool::Chezmoi)
        .filter(|delivery| !is_part(&modified, &delivery.destination))
        .map(|delivery| Gone {
            node: delivery.node.clone(),
            side: delivery.side,
            destination: delivery.destination.as_str().into(),
        });
    for was in brought.chain(last.gone.iter().cloned()) {
        let path = was.destination.replace('\\', "/");
        let Some(target) = path.strip_prefix("~/") else { continue };
        let here = targets.get(target).map_or(&[][..], Vec::as_slice);
        let machines: BTreeSet<Arc<str>> = machines(cluster, &was.node, was.side)
            .into_iter()
            .filter(|machine| !having.get(target).is_some_and(|all| all.contains(&**machine)))
            .collect();
        if machines.is_empty() {
            continue;
        }
        out.gone(was.clone());
        if here.is_empty() {
            gone.entry(target.to_string()).or_default().extend(machines);
        } else if !here.iter().any(|b| b.block.is_some() || b.blank) {
            for (at, _) in target.match_indices('/') {
                owners.entry(target[..at].into()).or_default().extend(machines.iter().cloned());
            }
            owners.entry(target.to_string()).or_default().extend(machines);
        }
    }
    if gone.is_empty() {
        return;
    }
    let header = "Made by colabc; changes here are lost.\nWhat an earlier build brought, and this one does not.";
    let written = chezmoi::remove(header, &by_machines(&gone));
    out.put(File::new("chezmoi/.chezmoiremove"), written);
}

/// The names of what the last build brought as parts of somebody else's files.
fn modified(last: &Manifest) -> BTreeSet<&str> {
    let sources = last.files.keys().filter_map(|path| path.strip_prefix("chezmoi/"));
    let names = sources.map(|source| source.rsplit('/').next().unwrap_or(source));
    names.filter_map(|name| name.strip_prefix("modify_")).collect()
}

/// Whether a path was a part of somebody else's file: that is never taken away as a whole.
fn is_part(modified: &BTreeSet<&str>, destination: &str) -> bool {
    let name = destination.rsplit(['/', '\\']).next().unwrap_or(destination);
    let name = name.trim_start_matches('.');
    modified
        .iter()
        .any(|rest| rest.ends_with(name) || rest.trim_end_matches(".tmpl").ends_with(name))
}

/// The entry of one path: a template that knows every machine that has it.
fn one(out: &mut Emission, target: &str, bringings: &[Bringing]) {
    let Some(first) = bringings.first() else { return };
    // Of a file with several owners the strictest mode holds.
    let parts = bringings.iter().all(|b| b.block.is_some());
    let mode = match parts {
        true => bringings.iter().fold(first.mode, |mode, b| mode & b.mode),
        false => first.mode,
    };
    let Some(mut attributes) = Attributes::of(mode) else {
        let message = format!(
            "chezmoi knows files that are private, read-only or executable, not the mode {mode:04o} of \
             `~/{target}`"
        );
        out.refuse(&codes::E0801, Origin::NONE, None, message);
        return;
    };
    // Two on one machine are two owners of one path, and that is said of them.
    let unlike = |b: &&Bringing| {
        let other = b.block.is_some() != first.block.is_some() || (!parts && b.mode != mode);
        other && b.machine != first.machine
    };
    if let Some(other) = bringings.iter().find(unlike) {
        let message = format!(
            "`~/{target}` is not the same kind of file on `{}` and on `{}`: one source tree of chezmoi \
             knows one mode for a path, and either the whole of it or parts",
            first.machine, other.machine
        );
        out.refuse(&codes::E0801, Origin::NONE, None, message);
        return;
    }
    attributes.empty = bringings.iter().any(|b| b.blank);
    attributes.modify = first.block.is_some();
    let source = chezmoi::source(target, attributes, |folder| {
        matches!(folder, ".ssh" | ".gnupg" | ".aws" | ".kube")
    });
    let header = "Made by colabc; changes here are lost. Edit what it includes at its source.";
    let written = if attributes.modify {
        let mut parts: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for b in bringings {
            let name = b.block.as_deref().unwrap_or_default();
            parts.entry(&b.machine).or_default().push((name, &b.file));
            let text = b.file.strip_prefix("../").and_then(|path| out.tree().get(path));
            let text = text.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
            if let Err(fault) = chezmoi::markable(name, &text.unwrap_or_default()) {
                let message = format!("{} (for `~/{target}`)", fault.why);
                out.refuse(&codes::E0801, fault.origin, None, message);
            }
        }
        let cases: Vec<_> = parts.into_iter().map(|(m, parts)| ([m].into(), parts)).collect();
        chezmoi::modify(header, &cases)
    } else {
        let mut files: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for b in bringings {
            files.entry(&b.file).or_default().insert(&b.machine);
        }
        let cases: Vec<_> = files.into_iter().map(|(file, machines)| (machines, file)).collect();
        chezmoi::template(header, &cases)
    };
    out.put(File::new(format!("chezmoi/{source}")), written);
}

/// Paths that the same machines have, together.
fn by_machines(owners: &BTreeMap<String, BTreeSet<Arc<str>>>) -> Vec<(BTreeSet<&str>, Vec<&str>)> {
    let mut groups: BTreeMap<BTreeSet<&str>, Vec<&str>> = BTreeMap::new();
    for (path, machines) in owners {
        groups.entry(machines.iter().map(|machine| &**machine).collect()).or_default().push(path);
    }
    groups.into_iter().collect()
}

/// A text of the compiler's own.
fn plain(text: &str) -> crate::formats::Written {
    Ok(Emitted { text: text.into(), lines: vec![Origin::NONE; text.lines().count()] })
}
