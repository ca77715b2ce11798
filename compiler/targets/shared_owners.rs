//! Who owns which path of which node, or which part of a file there: one owner each, and two are told of.

use super::shared_nodes;
use super::shared_refusal::Refusal;
use crate::diag::{Diagnostic, codes};
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::tree::{Delivery, OutTree, Side};
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::hash::BuildHasher;
use std::sync::Arc;

/// Instead of a node's name in a delivery: every managed node.
pub const EVERY_NODE: &str = "*";

/// All owners so far.
#[derive(Default)]
pub struct Owners {
    /// By a key of the node's name and the path there: the last of its owners.
    last: FxHashMap<u64, u32>,
    all: Vec<(Owner, Option<u32>)>,
    /// The deliveries of files that the tree refused: they are owners all the same.
    unplaced: Vec<(Arc<str>, Option<Delivery>)>,
}

/// A file that owns something, or a part of it.
#[derive(Clone)]
pub struct Owner {
    pub file: Held,
    pub block: Option<String>,
    pub origin: Option<ThingId>,
}

/// Where an owner's file is found again.
#[derive(Clone, Copy)]
pub enum Held {
    InTree(u32),
    Unplaced(u32),
}

/// Under which keys a file stands among the owners.
#[derive(Clone, Copy)]
pub enum Claim {
    Nothing,
    One(u64),
    OnEveryNode,
}

impl Claim {
    pub fn of(delivery: Option<&Delivery>) -> Claim {
        match delivery {
            None => Claim::Nothing,
            Some(delivery) if *delivery.node == *EVERY_NODE => Claim::OnEveryNode,
            Some(delivery) => Claim::One(key(&delivery.node, &delivery.destination)),
        }
    }
}

/// The same for the same: what else has it is looked at closely.
fn key(node: &str, destination: &str) -> u64 {
    FxBuildHasher.hash_one((node, destination))
}

impl Owners {
    /// Before so many files come.
    pub fn reserve(&mut self, files: usize) {
        self.last.reserve(files);
        self.all.reserve(files);
    }

    /// Keeps what a file would bring that is not in the tree.
    pub fn unplaced(&mut self, path: &Arc<str>, delivery: Option<Delivery>) -> Held {
        self.unplaced.push((path.clone(), delivery));
        Held::Unplaced(self.unplaced.len() as u32 - 1)
    }

    /// One destination on a node has one owner; else that is told.
    pub fn own(
        &mut self,
        cluster: &Cluster,
        tree: &OutTree,
        claim: Claim,
        owner: Owner,
    ) -> Option<Diagnostic> {
        let mut met = None;
        match claim {
            Claim::Nothing => {}
            Claim::One(key) => {
                if let Some(last) = self.enter(key, &owner) {
                    let node = cluster.find("node", &self.delivery(tree, owner.file)?.1.node)?;
                    met = self.met(cluster, tree, last, &owner, node);
                }
            }
            Claim::OnEveryNode => {
                let destination = self.delivery(tree, owner.file)?.1.destination.clone();
                for node in shared_nodes::managed(cluster) {
                    let last = self.enter(key(cluster.label(node), &destination), &owner);
                    met = met.or_else(|| self.met(cluster, tree, last?, &owner, node));
                }
            }
        }
        let (node, other) = met?;
        let (other, _) = &self.all[other as usize];
        let (path, delivery) = self.delivery(tree, owner.file)?;
        let (other_path, other_delivery) = self.delivery(tree, other.file)?;
        // The same of many nodes is one finding.
        let name = cluster.label(node);
        let source = |path: &str| {
            let parts = path.split('/').map(|part| if part == name { "NODE" } else { part });
            parts.collect::<Vec<_>>().join("/")
        };
        let message = format!(
            "`{}` has two owners: {} (from {}) and {} (from {})",
            delivery.destination,
            other_delivery.tool.word(),
            source(other_path),
            delivery.tool.word(),
            source(path),
        );
        let is_file = |owner: &Owner| owner.origin.is_some_and(|of| cluster.kind(of) == "file");
        let help = match is_file(&owner) && !is_file(other) {
            true if delivery.destination.ends_with(".json") => {
                "leave this one out: the compiler makes the file, and what it is to say is a field"
            }
            true => {
                "leave this one out, as the compiler makes the file; or own a part of it: `block = NAME`"
            }
            false => "give one of them another path, or own a part of the file: `block = NAME`",
        };
        let mut refusal = Refusal::new(&codes::E1601, Origin::NONE, owner.origin, message, help);
        if let Some(first) = other.origin {
            let label = match cluster.kind(first) {
                "node" => "the other is made for this node",
                _ => "the other owner comes from here",
            };
            refusal = refusal.with(first, label);
        }
        Some(refusal.told(cluster))
    }

    /// What a file that is delivered is made from. Looks at all of them: for whoever refuses one.
    pub fn origin(&self, tree: &OutTree, path: &str) -> Option<ThingId> {
        let is = |owner: &&Owner| self.delivery(tree, owner.file).is_some_and(|(at, _)| at == path);
        self.all.iter().map(|(owner, _)| owner).find(is)?.origin
    }

    /// The owner before this one, of the same key.
    fn enter(&mut self, key: u64, owner: &Owner) -> Option<u32> {
        let before = self.last.insert(key, self.all.len() as u32);
        self.all.push((owner.clone(), before));
        before
    }

    /// An owner's path below `out/`, and what it owns.
    fn delivery<'t>(&'t self, tree: &'t OutTree, file: Held) -> Option<(&'t str, &'t Delivery)> {
        let (path, delivery) = match file {
            Held::InTree(number) => {
                let (path, file) = tree.at(number);
                (path, &file.delivery)
            }
            Held::Unplaced(number) => {
                let (path, delivery) = &self.unplaced[number as usize];
                (path, delivery)
            }
        };
        Some((path, delivery.as_ref()?))
    }

    /// The node, and the first of the owners up to `last` that this one cannot be beside there.
    fn met(
        &self,
        cluster: &Cluster,
        tree: &OutTree,
        last: u32,
        owner: &Owner,
        node: ThingId,
    ) -> Option<(ThingId, u32)> {
        // What names no world of its node is for the usual one.
        let usual = shared_nodes::side(cluster, node);
        let owned = |file| -> Option<(Option<Side>, &str)> {
            let (_, delivery) = self.delivery(tree, file)?;
            let there = [EVERY_NODE, cluster.label(node)].contains(&&*delivery.node);
            there.then(|| (delivery.side.or(usual), &*delivery.destination))
        };
        let wanted = owned(owner.file)?;
        let numbers = std::iter::successors(Some(last), |&at| self.all[at as usize].1);
        let others = numbers.filter(|&at| {
            let (other, _) = &self.all[at as usize];
            // A part of a file and the whole of it are two owners of that part.
            let whole = other.block.is_none() || owner.block.is_none();
            (whole || other.block == owner.block) && owned(other.file) == Some(wanted)
        });
        Some((node, others.last()?))
    }
}
