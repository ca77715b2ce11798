//! What depends on what: the cluster as things and typed edges, and the views of it. Pictures of it
//! are made beside this file; what happens when a thing is gone is `impact`.

pub mod bond;
pub mod export;
pub mod impact;
pub mod layout;
pub mod picture;
pub mod svg;
mod text;
mod views;

pub use picture::{Picture, View};
pub use views::picture;

use crate::model::value::{Base, SecretPart, Value};
use crate::model::{Model, ThingId, site};
use std::collections::{BTreeMap, BTreeSet};

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
    /// A store of secrets, a mesh, is run by a service.
    RunBy,
    /// It starts after the other.
    After,
    /// It backs the other up.
    Copies,
    /// It has an address there.
    Joins,
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
            Need::After => "starts after",
            Need::Copies => "backs up",
            Need::Joins => "is in",
        }
    }

    /// Whether the one is down when the other is, rather than merely worse off.
    pub const fn is_hard(self) -> bool {
        matches!(self, Need::On | Need::Data | Need::Serves | Need::Ingress | Need::RunBy)
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
    pub fn of(model: &Model) -> Graph {
        let mut builder = Builder {
            model,
            graph: Graph::default(),
            by_thing: BTreeMap::new(),
            edges: BTreeSet::new(),
        };
        builder.vertices();
        builder.edges();
        let mut graph = builder.graph;
        graph.edges = builder.edges.into_iter().collect();
        graph
    }

    pub fn find(&self, name: &str) -> Vec<usize> {
        let exact = |v: &Vertex| v.name == name || v.name.split('@').next() == Some(name);
        (0..self.vertices.len()).filter(|&at| exact(&self.vertices[at])).collect()
    }

    /// What a thing needs.
    pub fn needs(&self, from: usize) -> impl Iterator<Item = &Edge> {
        let start = self.edges.partition_point(|e| e.from < from);
        self.edges[start..].iter().take_while(move |e| e.from == from)
    }

    /// The part of the graph within `depth` steps of the vertices, along edges either way.
    pub fn around(&self, focus: &[usize], depth: usize) -> Graph {
        let mut kept: BTreeSet<usize> = focus.iter().copied().collect();
        let mut rim = kept.clone();
        for _ in 0..depth {
            let mut next = BTreeSet::new();
            for edge in &self.edges {
                if rim.contains(&edge.from) && !kept.contains(&edge.to) {
                    next.insert(edge.to);
                }
                if rim.contains(&edge.to) && !kept.contains(&edge.from) {
                    next.insert(edge.from);
                }
            }
            kept.extend(&next);
            rim = next;
        }
        self.only(|at, _| kept.contains(&at), |_| true)
    }

    /// The part of the graph with these vertices and these edges between them.
    pub fn only(
        &self,
        vertex: impl Fn(usize, &Vertex) -> bool,
        edge: impl Fn(&Edge) -> bool,
    ) -> Graph {
        let mut place = vec![None; self.vertices.len()];
        let mut graph = Graph::default();
        for (at, v) in self.vertices.iter().enumerate() {
            if vertex(at, v) {
                place[at] = Some(graph.vertices.len());
                graph.vertices.push(v.clone());
            }
        }
        for v in &mut graph.vertices {
            v.node = v.node.and_then(|node| place[node]);
        }
        for e in &self.edges {
            if let (Some(from), Some(to), true) = (place[e.from], place[e.to], edge(e)) {
                graph.edges.push(Edge { from, to, need: e.need });
            }
        }
        graph.edges.sort();
        graph
    }
}

struct Builder<'a> {
    model: &'a Model,
    graph: Graph,
    by_thing: BTreeMap<ThingId, usize>,
    edges: BTreeSet<Edge>,
}

impl Builder<'_> {
    fn vertices(&mut self) {
        let model = self.model;
        for (kind, sort) in [
            ("network", Sort::Network),
            ("node", Sort::Node),
            ("share", Sort::Share),
            ("secrets", Sort::Secrets),
        ] {
            for &thing in model.all(kind) {
                self.vertex(thing, sort, model.label(thing).to_string(), None);
            }
        }
        for instance in &model.instances {
            let name = model.label(instance.thing);
            let several = model.instances_of(instance.service).nth(1).is_some();
            let name = if several {
                format!("{name}@{}", model.label(instance.node))
            } else {
                name.to_string()
            };
            let node = self.by_thing.get(&instance.node).copied();
            self.vertex(instance.thing, Sort::Service, name, node);
        }
        for thing in site::sites(model) {
            self.vertex(thing, Sort::Site, model.label(thing).to_string(), None);
        }
        for &thing in model.all("backup") {
            self.vertex(thing, Sort::Backup, model.label(thing).to_string(), None);
        }
    }

    fn vertex(&mut self, thing: ThingId, sort: Sort, name: String, node: Option<usize>) {
        self.by_thing.insert(thing, self.graph.vertices.len());
        self.graph.vertices.push(Vertex { thing, sort, name, node });
    }

    fn edge(&mut self, from: ThingId, to: ThingId, need: Need) {
        if let (Some(&from), Some(&to)) = (self.by_thing.get(&from), self.by_thing.get(&to))
            && from != to
        {
            self.edges.insert(Edge { from, to, need });
        }
    }

    fn edges(&mut self) {
        let model = self.model;
        let dns = self.run_by(model.cluster, "dns");
        for &node in model.all("node") {
            for pair in model.get(node, "address").pairs() {
                if let Some(network) = model.find("network", &pair.key) {
                    self.edge(node, network, Need::Joins);
                }
            }
        }
        for (kind, field) in [("network", "provider"), ("secrets", "provider")] {
            for &thing in model.all(kind) {
                for instance in self.run_by(Some(thing), field) {
                    self.edge(thing, instance, Need::RunBy);
                }
            }
        }
        for &share in model.all("share") {
            if let Some(server) = model.get(share, "server").as_thing() {
                self.edge(share, server, Need::On);
            }
        }
        for instance in &model.instances {
            self.edge(instance.thing, instance.node, Need::On);
            self.instance_data(instance.thing);
            for item in model.get(instance.service, "after").items() {
                if let Some(service) = item.value.as_thing() {
                    for other in model.instances_of(service) {
                        self.edge(instance.thing, other.thing, Need::After);
                    }
                }
            }
        }
        for &(user, port) in &model.uses {
            let (from, to) = (model.thing(user).instance, model.thing(port).instance);
            if let (Some(from), Some(to)) = (from, to) {
                self.edge(from, to, Need::Talks);
            }
        }
        for site in site::sites(model) {
            for port in site::endpoints(model, model.get(site, "to")) {
                if let Some(instance) = model.thing(port).instance {
                    self.edge(site, instance, Need::Serves);
                }
            }
            for proxy in site::ingress_of(model, site) {
                self.edge(site, proxy.instance, Need::Ingress);
            }
            for &names in &dns {
                self.edge(site, names, Need::Names);
            }
        }
        for &backup in model.all("backup") {
            if let Some(node) = model.get(backup, "on").as_thing() {
                self.edge(backup, node, Need::On);
            }
            for item in model.get(backup, "from").items() {
                if let Value::Location(location) = &item.value
                    && let Base::Share(share) = location.base
                {
                    self.edge(backup, share, Need::Copies);
                }
            }
        }
    }

    /// The instances of the service that runs the tool of a field.
    fn run_by(&self, of: Option<ThingId>, field: &str) -> Vec<ThingId> {
        let service = of.and_then(|of| site::runner(self.model, of, field));
        let on = |service| self.model.instances_of(service).map(|i| i.thing);
        service.into_iter().flat_map(on).collect()
    }

    /// The shares and the stores of secrets of an instance.
    fn instance_data(&mut self, instance: ThingId) {
        let model = self.model;
        for &container in model.children(instance, "container") {
            for &volume in model.children(container, "volume") {
                if let Value::Location(location) = model.get(volume, "value")
                    && let Base::Share(share) = location.base
                {
                    self.edge(instance, share, Need::Data);
                }
            }
            self.secrets(instance, model.get(container, "env"));
            for field in ["credential", "config"] {
                for &file in model.children(container, field) {
                    self.secrets(instance, model.get(file, "value"));
                }
            }
        }
        for &unit in model.children(instance, "unit") {
            self.secrets(instance, model.get(unit, "env"));
            for &file in model.children(unit, "credential") {
                self.secrets(instance, model.get(file, "value"));
            }
        }
    }

    fn secrets(&mut self, instance: ThingId, value: &Value) {
        match value {
            Value::Secret(secret) => {
                for part in secret.parts.iter() {
                    if let SecretPart::Name(name) = part {
                        self.edge(instance, name.store, Need::Secrets);
                    }
                }
            }
            Value::Map(pairs) => {
                for pair in pairs.iter() {
                    self.secrets(instance, &pair.value);
                }
            }
            _ => {}
        }
    }
}
