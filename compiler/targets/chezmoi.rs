//! A source tree of chezmoi for all nodes at once: each gets, by its host name, exactly the files
//! that other targets made for it. Templates only include them; nothing is said twice.

use super::shared_nodes as nodes;
use super::{EVERY_NODE, Emission, Emit, File, Target};
use crate::diag::codes;
use crate::formats::Emitted;
use crate::formats::chezmoi::{self, Attributes};
use crate::manifest::Manifest;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_refusal::Refusal;
use crate::tree::{Gone, Side, Tool};
use rustc_hash::{FxHashMap, FxHashSet};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub const TARGET: Target = Target {
    name: "chezmoi",
    doc: "A source tree for `chezmoi init --apply`, for every node by its host name",
    emit: Emit::Bringing(emit),
};

/// The oldest chezmoi that knows all that is used here.
const VERSION: &str = "2.62.0\n";
const MISE: &str = ".chezmoiscripts/00-mise.sh";
const TOOLS: &str = ".chezmoiscripts/10-tools.sh";

/// One file of one machine.
struct Bringing<'a> {
    /// Below the home, which is where chezmoi has it.
    target: Cow<'a, str>,
    machine: Arc<str>,
    /// Below `out/`.
    path: &'a str,
    mode: u32,
    block: Option<&'a str>,
    blank: bool,
}

/// In order of their targets, all of one target together.
type Targets<'t> = [&'t [Bringing<'t>]];

fn emit(cluster: &Cluster, out: &mut Emission) {
    let machines = Machines::of(cluster);
    let bringings = gather(cluster, out, &machines);
    let targets: Vec<_> = bringings.chunk_by(|a, b| a.target == b.target).collect();
    let emptied = remove(out, &machines, &targets);
    // The list of what a machine does not get is as much work as all the rest, and is begun first.
    let all: Vec<_> = std::iter::once(None).chain(targets.iter().map(Some)).collect();
    out.each(&all, |entry, out| match entry {
        None => ignore(cluster, out, &targets, &emptied),
        Some(bringings) => one(cluster, out, bringings),
    });
    let header = "Made by colabc; changes here are lost.";
    out.put(File::new("chezmoi/.chezmoiversion"), plain(VERSION));
    out.put(File::new("chezmoi/.chezmoiscripts/run_once_before_00-mise.sh"), plain(INSTALL));
    let script = File::new("chezmoi/.chezmoiscripts/run_onchange_after_10-tools.sh.tmpl");
    out.put_lazily(script, |_| {
        let configs: Vec<(String, String)> = posix(cluster)
            .map(|node| cluster.label(node))
            .map(|name| (machine(name, false), format!("../mise/{name}/config.toml")))
            .collect();
        let cases: Vec<_> =
            configs.iter().map(|(m, file)| ([m.as_str()].into(), file.as_str())).collect();
        chezmoi::script(header, &cases, UPDATE)
    });
}

fn posix(cluster: &Cluster) -> impl Iterator<Item = ThingId> {
    nodes::managed(cluster).into_iter().filter(|&node| nodes::posix(cluster, node))
}

/// What a machine does not get.
fn ignore(cluster: &Cluster, out: &mut Emission, targets: &Targets, emptied: &Owners) {
    // No template of chezmoi's holds a text of the sources: paths and names of machines are quoted.
    out.put_lazily(File::new("chezmoi/.chezmoiignore"), |_| {
        let posix: Vec<String> =
            posix(cluster).map(|node| machine(cluster.label(node), false)).collect();
        let here = targets.iter().map(|all| {
            (&*all[0].target, all.iter().map(|bringing| &*bringing.machine).collect::<Vec<_>>())
        });
        let emptied = emptied.iter().map(|(target, machines)| {
            (target.as_str(), machines.iter().map(|machine| &**machine).collect())
        });
        // Every path, and every folder above one.
        let brought = here.chain(emptied).flat_map(|(target, machines)| {
            let folders = target.match_indices('/').map(|(at, _)| &target[..at]);
            folders.chain([target]).map(move |path| (path, machines.clone()))
        });
        let scripts = [MISE, TOOLS].map(|it| (it, posix.iter().map(String::as_str).collect()));
        let header = "Made by colabc; changes here are lost.\nWhat a machine does not get; one that is none of the cluster's gets nothing.";
        chezmoi::ignore(header, &by_machines(brought.chain(scripts)))
    });
}

/// What an earlier build brought, by path, with the machines that had it.
type Owners = BTreeMap<String, BTreeSet<Arc<str>>>;

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

/// Every delivery of chezmoi's, in order of its path below the home, then of that below `out/`.
fn gather<'a>(cluster: &Cluster, out: &mut Emission<'a>, machines: &Machines) -> Vec<Bringing<'a>> {
    let mut bringings: Vec<Bringing> = Vec::new();
    let mut outside = Vec::new();
    for (path, file) in out.tree().each() {
        let Some(delivery) = file.delivery.as_ref().filter(|d| d.tool == Tool::Chezmoi) else {
            continue;
        };
        let Some(target) = below_home(&delivery.destination) else {
            outside.push((path.to_string(), delivery.destination.clone()));
            continue;
        };
        let machines = machines.named(&delivery.node, delivery.side);
        let blank = file.bytes.iter().all(u8::is_ascii_whitespace);
        let (mode, block) = (delivery.mode, out.block_of(path));
        bringings.extend(machines.map(|machine| Bringing {
            target: target.clone(),
            machine,
            path,
            mode,
            block,
            blank,
        }));
    }
    bringings.sort_by(|a, b| (&a.target, a.path).cmp(&(&b.target, b.path)));
    outside.sort();
    for (path, destination) in outside {
        let message = format!(
            "chezmoi brings files to the home of the node's user, and `{destination}` is not below it (for {path})"
        );
        let help = "let Ansible bring it: `by = ansible`; or give it a path that begins with `~/`";
        let refusal = refusal(cluster, out, &path, message, help);
        out.refuse(refusal);
    }
    bringings
}

/// At the file of the sources that one below `out/` is made from: where it says its mode.
fn refusal(cluster: &Cluster, out: &Emission, path: &str, message: String, help: &str) -> Refusal {
    let thing = out.made_from(path);
    let at = thing.filter(|&it| cluster.kind(it) == "file");
    let at = at.map_or(Origin::NONE, |file| cluster.at(file, "mode").1);
    Refusal::new(&codes::E0801, at, thing, message, help)
}

fn below_home(destination: &str) -> Option<Cow<'_, str>> {
    let rest = destination.strip_prefix(['~'])?.strip_prefix(['/', '\\'])?;
    Some(if rest.contains('\\') { rest.replace('\\', "/").into() } else { rest.into() })
}

/// The machines as the templates name them.
struct Machines<'a> {
    all: FxHashMap<&'a str, Machine>,
    managed: Vec<&'a str>,
}

struct Machine {
    name: Arc<str>,
    windows: Arc<str>,
    /// The world that its tools live in.
    usual: Option<Side>,
}

impl<'a> Machines<'a> {
    fn of(cluster: &'a Cluster) -> Machines<'a> {
        let named = |&node: &ThingId| {
            let label = cluster.label(node);
            let [name, windows] = [false, true].map(|windows| machine(label, windows).into());
            (label, Machine { name, windows, usual: nodes::side(cluster, node) })
        };
        Machines {
            all: cluster.all("node").iter().map(named).collect(),
            managed: nodes::managed(cluster).into_iter().map(|node| cluster.label(node)).collect(),
        }
    }

    fn named(&self, node: &str, side: Option<Side>) -> impl Iterator<Item = Arc<str>> + '_ {
        let every = if node == EVERY_NODE { &self.managed[..] } else { &[] };
        let one = self.all.get(node).into_iter();
        one.chain(every.iter().map(|&node| &self.all[node])).map(move |machine| {
            match side.or(machine.usual) {
                Some(Side::Windows) => machine.windows.clone(),
                _ => machine.name.clone(),
            }
        })
    }
}

fn machine(node: &str, windows: bool) -> String {
    let node = node.to_lowercase();
    if windows { format!("{node}/windows") } else { node }
}

/// What an earlier build brought to a machine and this one does not. Where other machines still have the
/// path, its template says nothing for this one, and chezmoi takes away what becomes empty: those are given back. The
/// rest stands in `.chezmoiremove`.
fn remove(out: &mut Emission, machines: &Machines, targets: &Targets) -> Owners {
    let mut gone = Owners::new();
    let mut emptied = Owners::new();
    let last = out.last();
    let modified = modified(last);
    let brought = last.files.values().filter_map(|row| row.delivery.as_ref());
    let brought = brought
        .filter(|delivery| delivery.tool == Tool::Chezmoi)
        .filter(|delivery| !is_part(&modified, &delivery.destination))
        .map(|delivery| Gone {
            node: delivery.node.clone(),
            side: delivery.side,
            destination: delivery.destination.as_str().into(),
        });
    let mut having: FxHashMap<&str, FxHashSet<&str>> = FxHashMap::default();
    for was in brought.chain(last.gone.iter().cloned()) {
        let Some(target) = below_home(&was.destination).map(Cow::into_owned) else { continue };
        let there = targets.binary_search_by(|all| (*all[0].target).cmp(&target));
        let there = there.ok().map(|at| targets[at]);
        let have: Option<&FxHashSet<&str>> = there.map(|all| {
            let machines = || all.iter().map(|bringing| &*bringing.machine).collect();
            &*having.entry(&all[0].target).or_insert_with(machines)
        });
        let machines: BTreeSet<Arc<str>> = machines
            .named(&was.node, was.side)
            .filter(|machine| !have.is_some_and(|all| all.contains(&**machine)))
            .collect();
        if machines.is_empty() {
            continue;
        }
        out.gone(was);
        match there {
            None => gone.entry(target).or_default().extend(machines),
            Some(here) if here.iter().any(|b| b.block.is_some() || b.blank) => {}
            Some(_) => emptied.entry(target).or_default().extend(machines),
        }
    }
    if !gone.is_empty() {
        out.put_lazily(File::new("chezmoi/.chezmoiremove"), |_| {
            let header = "Made by colabc; changes here are lost.\nWhat an earlier build brought, and this one does not.";
            let gone = gone.iter().map(|(path, machines)| {
                (path.as_str(), machines.iter().map(|machine| &**machine).collect())
            });
            chezmoi::remove(header, &by_machines(gone))
        });
    }
    emptied
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
fn one(cluster: &Cluster, out: &mut Emission, bringings: &[Bringing]) {
    let Some(first) = bringings.first() else { return };
    let target = &*first.target;
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
        let help = "choose a mode that it can name, such as 0644, 0600, 0444, 0755 or 0700";
        let refusal = refusal(cluster, out, first.path, message, help);
        out.refuse(refusal);
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
        let help = "say the same of both, or give it another path on one of them";
        let refusal = refusal(cluster, out, first.path, message, help);
        out.refuse(match out.made_from(other.path) {
            Some(file) => refusal.with(file, "the other one"),
            None => refusal,
        });
        return;
    }
    attributes.empty = bringings.iter().any(|b| b.blank);
    attributes.modify = first.block.is_some();
    let source = chezmoi::source(target, attributes, |folder| {
        matches!(folder, ".ssh" | ".gnupg" | ".aws" | ".kube")
    });
    let header = "Made by colabc; changes here are lost. Edit what it includes at its source.";
    let included = |b: &Bringing| format!("../{}", b.path);
    let file = File::new(["chezmoi/", &source].concat());
    if !attributes.modify {
        return out.put_lazily(file, |_| {
            let mut files: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
            for b in bringings {
                files.entry(included(b)).or_default().insert(&b.machine);
            }
            let cases: Vec<_> =
                files.iter().map(|(file, machines)| (machines.clone(), &**file)).collect();
            chezmoi::template(header, &cases)
        });
    }
    for b in bringings {
        let bytes = out.tree().get(b.path).map_or(&[][..], |file| &file.bytes);
        let name = b.block.unwrap_or_default();
        if let Err(fault) = chezmoi::markable(name, &String::from_utf8_lossy(bytes)) {
            let message = format!("{} (for `~/{target}`)", fault.why);
            let help = "change that line, or own the whole file instead of a part of it";
            out.refuse(Refusal::new(&codes::E0801, fault.origin, None, message, help));
        }
    }
    out.put_lazily(file, |_| {
        let mut parts: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
        for b in bringings {
            parts.entry(&b.machine).or_default().push((b.block.unwrap_or_default(), included(b)));
        }
        let cases: Vec<_> = parts
            .iter()
            .map(|(machine, parts)| {
                let parts = parts.iter().map(|(name, file)| (*name, &**file)).collect();
                ([*machine].into(), parts)
            })
            .collect();
        chezmoi::modify(header, &cases)
    });
}

/// Paths that the same machines have, together; a path may be told of more than once.
fn by_machines<'m>(
    having: impl Iterator<Item = (&'m str, Vec<&'m str>)>,
) -> Vec<(BTreeSet<&'m str>, Vec<&'m str>)> {
    let having: Vec<(&str, Vec<&str>)> = having.collect();
    // By their numbers in order of name: whole sets of names are compared again and again.
    let names: BTreeSet<&str> = having.iter().flat_map(|(_, all)| all).copied().collect();
    let names: Vec<&str> = names.into_iter().collect();
    let numbers: FxHashMap<&str, usize> =
        names.iter().enumerate().map(|(n, it)| (*it, n)).collect();
    let mut paths: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (path, machines) in having {
        paths.entry(path).or_default().extend(machines.iter().map(|it| numbers[it]));
    }
    let mut paths: Vec<(&str, Vec<usize>)> = paths.into_iter().collect();
    paths.sort_unstable();
    let mut groups: FxHashMap<Vec<usize>, Vec<&str>> = FxHashMap::default();
    for (path, mut machines) in paths {
        machines.sort_unstable();
        machines.dedup();
        groups.entry(machines).or_default().push(path);
    }
    let mut groups: Vec<(Vec<usize>, Vec<&str>)> = groups.into_iter().collect();
    groups.sort_unstable();
    let named = |(machines, paths): (Vec<usize>, Vec<&'m str>)| {
        (machines.into_iter().map(|number| names[number]).collect(), paths)
    };
    groups.into_iter().map(named).collect()
}

/// A text of the compiler's own.
fn plain(text: &str) -> crate::formats::Written {
    Ok(Emitted { text: text.into(), lines: vec![Origin::NONE; text.lines().count()] })
}
