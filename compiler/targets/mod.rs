//! One tool a file: from a resolved cluster to the files that the tool reads. A target sees the
//! model, never syntax, and makes text only through `formats`.

mod ansible;
mod backup;
mod caddy;
mod chezmoi;
mod clustershell;
mod cockpit;
mod compose;
mod docker;
mod docs;
mod files;
mod fstab;
mod headscale;
mod hosts;
mod macos;
mod mise;
pub mod model;
mod nfs;
mod pihole;
mod prometheus;
mod samba;
mod shared_mounts;
mod shared_names;
pub(crate) mod shared_nodes;
mod shared_ports;
mod shared_secrets;
mod shared_units;
mod ssh;
mod systemd;
mod tmux;
mod windows;

use crate::diag::{Code, Diagnostic, codes};
use crate::formats::Written;
use crate::manifest::Manifest;
use crate::model::reach::Known;
use crate::model::{Cluster, Model, ThingId};
use crate::origin::{Of, Origin};
use crate::tree::{Declarations, Delivery, Mode, OutFile, OutTree, Side, Tool};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One tool that the compiler writes for.
pub struct Target {
    /// Its folder below `out/`, or its file; what `--target` takes.
    pub name: &'static str,
    pub doc: &'static str,
    pub emit: fn(&Cluster, &mut Emission),
}

/// In order: those that deliver files come after those that make them.
#[rustfmt::skip] // one row a line
pub const TARGETS: &[Target] = &[
    hosts::TARGET,
    caddy::TARGET,
    pihole::TARGET,
    headscale::TARGET,
    samba::TARGET,
    nfs::TARGET,
    cockpit::TARGET,
    prometheus::TARGET,
    docker::TARGET,
    compose::TARGET,
    fstab::TARGET,
    systemd::TARGET,
    backup::TARGET,
    windows::TARGET,
    macos::TARGET,
    model::TARGET,
    ssh::TARGET,
    mise::TARGET,
    clustershell::TARGET,
    tmux::TARGET,
    files::TARGET,
    chezmoi::TARGET,
    ansible::TARGET,
    docs::TARGET,
];

/// The units that Ansible restarts or reloads on a node when it brings this file anew.
pub fn followers(
    cluster: &Cluster,
    tree: &OutTree,
    node: ThingId,
    path: &str,
) -> Vec<(&'static str, String)> {
    ansible::hosts::followers_of(cluster, tree, node, path)
}

/// Writes everything for a cluster that was never built. With diagnostics of severity error, the tree must
/// not be used.
pub fn emit(cluster: &Cluster) -> (OutTree, Vec<Diagnostic>) {
    emit_after(cluster, &Manifest::default())
}

/// Writes everything for a cluster, after the build that left the manifest. With diagnostics of severity
/// error, the tree must not be used.
pub fn emit_after(cluster: &Cluster, last: &Manifest) -> (OutTree, Vec<Diagnostic>) {
    let mut emission = Emission::new(cluster, last);
    for target in TARGETS {
        (target.emit)(cluster, &mut emission);
    }
    (emission.tree, emission.diagnostics)
}

/// The tree of one build while it grows.
pub struct Emission<'a> {
    cluster: &'a Cluster,
    /// What the last build left.
    last: &'a Manifest,
    tree: OutTree,
    diagnostics: Vec<Diagnostic>,
    /// Who has which destination, or which part of it: by node, side and path.
    owners: FxHashMap<(Arc<str>, Option<Side>, String), Vec<Owner>>,
    blocks: FxHashMap<String, String>,
}

/// Instead of a node's name in a delivery: every managed node.
pub const EVERY_NODE: &str = "*";

#[derive(Clone)]
struct Owner {
    path: String,
    tool: Tool,
    block: Option<String>,
    origin: Option<ThingId>,
}

/// A file to be: where it stands, who brings it where, and what it was made from.
pub struct File {
    path: String,
    mode: Mode,
    delivery: Option<Delivery>,
    block: Option<String>,
    made_from: Vec<ThingId>,
}

impl File {
    /// Below `out/`.
    pub fn new(path: impl Into<String>) -> File {
        File {
            path: path.into(),
            mode: Mode::Plain,
            delivery: None,
            block: None,
            made_from: Vec::new(),
        }
    }

    pub fn program(mut self) -> File {
        self.mode = Mode::Program;
        self
    }

    /// Who brings it to which node, and to which path there.
    pub fn to(mut self, tool: Tool, node: &str, destination: impl Into<String>, mode: u32) -> File {
        self.delivery = Some(Delivery {
            tool,
            node: node.into(),
            side: None,
            destination: destination.into(),
            owner: None,
            group: None,
            mode,
        });
        self
    }

    pub fn side(mut self, side: Option<Side>) -> File {
        if let Some(delivery) = &mut self.delivery {
            delivery.side = side;
        }
        self
    }

    pub fn owned_by(mut self, owner: Option<String>, group: Option<String>) -> File {
        if let Some(delivery) = &mut self.delivery {
            delivery.owner = owner;
            delivery.group = group;
        }
        self
    }

    /// It is a marked part of the file at its destination, beside others'.
    pub fn block(mut self, name: impl Into<String>) -> File {
        self.block = Some(name.into());
        self
    }

    /// The things whose declarations made it.
    pub fn from(mut self, things: impl IntoIterator<Item = ThingId>) -> File {
        self.made_from.extend(things);
        self
    }
}

impl<'a> Emission<'a> {
    fn new(cluster: &'a Cluster, last: &'a Manifest) -> Emission<'a> {
        Emission {
            cluster,
            last,
            tree: OutTree::default(),
            diagnostics: Vec::new(),
            owners: FxHashMap::default(),
            blocks: FxHashMap::default(),
        }
    }

    /// The facts of the finished model, for `model::reach`.
    pub fn known(&self) -> Known<'a> {
        Known(self.cluster.model())
    }

    /// What was emitted so far: for the targets that deliver it.
    pub fn tree(&self) -> &OutTree {
        &self.tree
    }

    /// The name of the marked part that an emitted file is, if it is one.
    pub fn block_of(&self, path: &str) -> Option<&str> {
        self.blocks.get(path).map(String::as_str)
    }

    /// Adds a file; what its format cannot say becomes a diagnostic at the value's source.
    pub fn put(&mut self, file: File, written: Written) {
        let emitted = match written {
            Ok(emitted) => emitted,
            Err(faults) => {
                for fault in faults {
                    let at = fault.origin;
                    let message = format!("{} (for {})", fault.why, file.path);
                    self.refuse(&codes::E0801, at, file.made_from.first().copied(), message);
                }
                return;
            }
        };
        let twice = self.own(&file);
        let declarations = self.declarations(&file.made_from);
        let out = OutFile {
            bytes: emitted.text.into_bytes(),
            mode: file.mode,
            lines: emitted.lines,
            made_from: self.authors(&file.made_from),
            delivery: file.delivery,
            declarations,
        };
        // Two owners of one destination have one place below `out/` too: that is told once.
        if let Err(refused) = self.tree.insert(&file.path, out)
            && !twice
        {
            let of = file.made_from.first().copied();
            self.refuse(&codes::E0802, Origin::NONE, of, refused.to_string());
        }
    }

    /// One destination on a node has one owner; else that is told, and `true`.
    fn own(&mut self, file: &File) -> bool {
        let Some(delivery) = &file.delivery else { return false };
        let owner = Owner {
            path: file.path.clone(),
            tool: delivery.tool,
            block: file.block.clone(),
            origin: file.made_from.first().copied(),
        };
        let nodes: Vec<Arc<str>> = match &*delivery.node {
            EVERY_NODE => {
                let all = shared_nodes::managed(self.cluster);
                all.into_iter().map(|node| self.cluster.label(node).into()).collect()
            }
            _ => vec![delivery.node.clone()],
        };
        // A part of a file and the whole of it are two owners of that part.
        let meet = |other: &&Owner| {
            other.block.is_none() || owner.block.is_none() || other.block == owner.block
        };
        let mut met = None;
        for node in nodes {
            // What names no world of its node is for the usual one.
            let usual = || shared_nodes::side(self.cluster, self.cluster.find("node", &node)?);
            let side = delivery.side.or_else(usual);
            let key = (node.clone(), side, delivery.destination.clone());
            let owners = self.owners.entry(key).or_default();
            if met.is_none() {
                met = owners.iter().find(meet).cloned().map(|other| (node, other));
            }
            owners.push(owner.clone());
        }
        if let Some(block) = &file.block {
            self.blocks.insert(file.path.clone(), block.clone());
        }
        let Some((node, other)) = met else { return false };
        let message = format!(
            "`{}` on `{}` has two owners: {} (from {}) and {} (from {})",
            delivery.destination,
            node,
            other.tool.word(),
            other.path,
            delivery.tool.word(),
            file.path
        );
        let first = other.origin.map(|id| self.cluster.thing(id).span);
        let mut diagnostic =
            self.diagnostic(&codes::E1601, Origin::NONE, file.made_from.first().copied(), message);
        if let Some(first) = first {
            diagnostic = diagnostic.label(first, "the other owner comes from here");
        }
        self.diagnostics.push(
            diagnostic
                .help("give one of them another path, or own a part of the file: `block = NAME`"),
        );
        true
    }

    /// Reports at a value's source, or at a thing's declaration.
    pub fn refuse(
        &mut self,
        code: &'static Code,
        at: Origin,
        of: Option<ThingId>,
        message: String,
    ) {
        let mut diagnostic = self.diagnostic(code, at, of, message);
        if code.id == codes::E0803.id {
            diagnostic = diagnostic.help("say it by the field of its own, or take the key out");
        }
        if code.id == codes::E0509.id {
            diagnostic = diagnostic
                .note("a disk has its `mount`; a share has a place by the client's system, or by the node's own `mount`")
                .help("say where it is there: `mount { linux = \"/mnt/...\" }` in the share, or `mount { SHARE = \"...\" }` in the node");
        }
        if code.id == codes::E0802.id {
            let why = "a file is named after it, and every system must be able to hold that name";
            diagnostic = diagnostic.help("give it another name").note(why);
        }
        self.diagnostics.push(diagnostic);
    }

    fn diagnostic(
        &self,
        code: &'static Code,
        at: Origin,
        of: Option<ThingId>,
        message: String,
    ) -> Diagnostic {
        let row = self.cluster.origin(at);
        // A kind's default is best mended where the file's own thing stands.
        let whose = match at.of() {
            Of::Field(..) => of.or(self.cluster.thing_of(at)),
            _ => self.cluster.thing_of(at).or(of),
        };
        let span = row
            .map(|row| self.cluster.defs[row.def as usize].span)
            .or(whose.map(|id| self.cluster.thing(id).span))
            .or(self.cluster.cluster.map(|id| self.cluster.thing(id).span))
            .unwrap_or(crate::source::Span::new(crate::source::FileId(0), 0, 0));
        let diagnostic = Diagnostic::new(code, span, message);
        match whose {
            Some(thing) => diagnostic.at(self.cluster.path(thing)),
            None => diagnostic,
        }
    }

    /// Whom to ask about a file; what is nobody's own is the cluster's.
    fn authors(&self, made_from: &[ThingId]) -> Vec<Origin> {
        let of_cluster = self.cluster.cluster.filter(|_| made_from.is_empty());
        made_from.iter().copied().chain(of_cluster).map(ThingId::origin).collect()
    }

    /// `service gitea, services/gitea.colab`, each once, in order.
    fn declarations(&self, things: &[ThingId]) -> Declarations {
        let all: BTreeSet<String> = things.iter().map(|&id| declared(self.cluster, id)).collect();
        all.into_iter().map(Arc::from).collect()
    }

    /// The first lines of a generated file: what made it, and what to edit instead.
    pub fn header(&self, things: &[ThingId]) -> String {
        let all: BTreeSet<String> = things.iter().map(|&id| declared(self.cluster, id)).collect();
        let mut text = String::from("Made by colabc; changes here are lost. Edit instead:");
        for line in all {
            text.push_str("\n  ");
            text.push_str(&line);
        }
        text
    }
}

/// A thing by its declaration: `service gitea, services/gitea.colab`.
pub fn declared(model: &Model, id: ThingId) -> String {
    let mut top = id;
    while let Some(parent) = model.thing(top).parent {
        if model.label(parent).is_empty() {
            break;
        }
        top = parent;
    }
    let file = model.file_of(top);
    format!("{} {}, {file}", model.kind(top), model.label(top))
}
