//! What each view shows: a file a view, from the cluster to a picture.

mod imports;
mod layers;
mod network;
mod nodes;
mod services;
mod storage;

use super::Graph;
use super::picture::{Group, Picture, View};
use crate::model::{Model, ThingId};
use crate::types::Bytes;
use std::collections::BTreeMap;

/// The picture of a view.
pub fn picture(model: &Model, view: View) -> Picture {
    let graph = match view {
        View::Services | View::Nodes => Graph::of(model),
        _ => Graph::default(),
    };
    picture_of(model, &graph, view)
}

/// The picture of a view, for whoever has the graph already.
pub fn picture_of(model: &Model, graph: &Graph, view: View) -> Picture {
    let title = model.cluster.map_or("cluster", |cluster| model.label(cluster));
    let mut picture = Picture::new(view, title);
    match view {
        View::Services => services::fill(model, graph, &mut picture),
        View::Nodes => nodes::fill(model, graph, &mut picture),
        View::Storage => storage::fill(model, &mut picture),
        View::Network => network::fill(model, &mut picture),
        View::Layers => layers::fill(model, &mut picture),
        View::Imports => imports::fill(model, &mut picture),
    }
    picture.done()
}

/// A frame for each node.
fn frames(
    model: &Model,
    picture: &mut Picture,
    tier: usize,
    note: impl Fn(ThingId) -> String,
) -> BTreeMap<ThingId, usize> {
    let frame = |&node: &ThingId| {
        let name = model.label(node).to_string();
        let group = Group { kind: "node", name, note: note(node), tier, thing: Some(node) };
        (node, picture.group(group))
    };
    model.all("node").iter().map(frame).collect()
}

/// The lines of names, the last one saying how many there is no room for.
fn lines(mut names: Vec<String>, most: usize) -> Vec<String> {
    if names.len() > most {
        let left = names.len() - (most - 1);
        names.truncate(most - 1);
        names.push(format!("and {left} more"));
    }
    names
}

/// `debian 13, arm64`
fn machine(model: &Model, node: ThingId) -> String {
    let mut words = Vec::new();
    if let Some(os) = model.word(node, "os") {
        let version = model.param(node, "os", "version").and_then(|v| v.as_text());
        words.push(version.map_or(os.to_string(), |version| format!("{os} {version}")));
    }
    words.extend(model.word(node, "arch").map(str::to_string));
    words.join(", ")
}

/// What is to be known of a node that is not always up.
fn state(model: &Model, node: ThingId) -> Option<&'static str> {
    match model.word(node, "status") {
        Some("on-demand") => Some("on demand"),
        Some("offline") => Some("offline"),
        _ => None,
    }
}

/// A size as a person says it: `955GB`.
fn size(bytes: &Bytes) -> String {
    bytes.to_string()
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
