//! What depends on what: the cluster as things and typed edges, and the views of it. Pictures of it
//! are made beside this file; what happens when a thing is gone is `impact`.

pub mod bond;
mod build;
pub mod export;
pub mod impact;
pub mod layout;
pub mod page;
pub mod picture;
pub mod report;
pub mod svg;
mod text;
mod views;

pub use picture::{Picture, View};
pub use views::{picture, picture_of};

use crate::model::{Model, ThingId};
use crate::types::distance::nearest;

/// How a picture is wanted.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// Width by height, as a percentage; 0 for that of a screen.
    pub shape: i32,
    /// Where the card of a thing leads.
    pub link: Option<svg::Link<'a>>,
}

/// The picture of a view as SVG: one text that needs nothing else. The same cluster gives the same
/// bytes, and a comment in its sources changes none.
pub fn svg(model: &Model, view: View, options: &Options) -> String {
    draw(&picture(model, view), options)
}

/// A picture as SVG.
pub fn draw(picture: &Picture, options: &Options) -> String {
    let shape = if options.shape > 0 { options.shape } else { SCREEN };
    svg::file(picture, &layout::layout(picture, shape), options.link)
}

/// The shape of a screen: three by two.
const SCREEN: i32 = 150;

/// What a vertex stands for; the order is the order of drawing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sort {
    Network,
    Node,
    Share,
    Secrets,
    Service,
    Site,
    Backup,
}

impl Sort {
    pub const fn word(self) -> &'static str {
        match self {
            Sort::Network => "network",
            Sort::Node => "node",
            Sort::Share => "share",
            Sort::Secrets => "secrets",
            Sort::Service => "service",
            Sort::Site => "site",
            Sort::Backup => "backup",
        }
    }
}

/// Why one thing needs another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Need {
    /// An instance runs on a node; a share is served, a backup made there.
    On,
    /// Data lies on a share.
    Data,
    /// It talks to a port of another service.
    Talks,
    /// A site leads to it.
    Serves,
    /// Its proxy answers for a site.
    Ingress,
    /// The DNS that knows the site's name.
    Names,
    /// Its secrets come from there.
    Secrets,
    /// A store of secrets is run by a service.
    RunBy,
    /// Nobody can join a mesh without it; what is joined stays so.
    Coordinated,
    /// It starts after the other.
    After,
    /// It backs the other up.
    Copies,
    /// It has an address there.
    Joins,
    /// A node mounts a share.
    Mounts,
    /// A share reaches others by what a service makes of it.
    Served,
    /// Its data on another node comes by way of that.
    Over,
    /// It reaches another node by that network.
    By,
    /// Who may use it is there.
    Open,
}

impl Need {
    pub const fn word(self) -> &'static str {
        match self {
            Need::On => "runs on",
            Need::Data => "keeps data on",
            Need::Talks => "talks to",
            Need::Serves => "leads to",
            Need::Ingress => "is answered by",
            Need::Names => "is named by",
            Need::Secrets => "takes secrets from",
            Need::RunBy => "is run by",
            Need::Coordinated => "is coordinated by",
            Need::After => "starts after",
            Need::Copies => "backs up",
            Need::Joins => "is in",
            Need::Mounts => "mounts",
            Need::Served => "is served by",
            Need::Over => "gets its data by way of",
            Need::By => "reaches others over",
            Need::Open => "is open to",
        }
    }

    /// Whether the one is down when the other is, rather than merely worse off.
    pub const fn is_hard(self) -> bool {
        matches!(
            self,
            Need::On
                | Need::Data
                | Need::Serves
                | Need::Ingress
                | Need::RunBy
                | Need::Over
                | Need::Open
        )
    }

    /// Whether one of several is enough: two upstreams of a site.
    pub const fn is_choice(self) -> bool {
        matches!(
            self,
            Need::Serves
                | Need::Ingress
                | Need::RunBy
                | Need::Coordinated
                | Need::Served
                | Need::Names
                | Need::Open
        )
    }
}

/// One thing of the graph. An instance stands for itself: `gitea@cooperator` where there are more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vertex {
    pub thing: ThingId,
    pub sort: Sort,
    pub name: String,
    /// The node that it is on, by its place in `Graph::vertices`.
    pub node: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    pub need: Need,
}

/// The whole graph, in an order that no numbering of things can reach.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub vertices: Vec<Vertex>,
    pub edges: Vec<Edge>,
}

impl Graph {
    /// What a name means: `gitea`, one instance as `gitea@cooperator`, or with its kind in front,
    /// `node gitea`.
    pub fn find(&self, name: &str) -> Vec<usize> {
        let means = |kind: Option<&str>, name: &str| -> Vec<usize> {
            let is = |v: &Vertex| {
                kind.is_none_or(|kind| kind == v.sort.word())
                    && (v.name == name || v.name.split('@').next() == Some(name))
            };
            (0..self.vertices.len()).filter(|&at| is(&self.vertices[at])).collect()
        };
        // A site's name has dots of its own.
        match (means(None, name), name.split_once([' ', '.'])) {
            (found, Some((kind, name))) if found.is_empty() => means(Some(kind), name),
            (found, _) => found,
        }
    }

    /// The names that are nearest to one that means nothing.
    pub fn near(&self, name: &str) -> Vec<&str> {
        let names = self.vertices.iter().map(|v| v.name.as_str());
        nearest(name, names)
    }

    /// What a thing needs.
    pub fn needs(&self, from: usize) -> impl Iterator<Item = &Edge> {
        let start = self.edges.partition_point(|e| e.from < from);
        self.edges[start..].iter().take_while(move |e| e.from == from)
    }
}
