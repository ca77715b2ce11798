//! From the cluster to its graph: each need read from where it is stated.

use super::{Edge, Graph, Need, Sort, Vertex};
use crate::model::mounted::Mounted;
use crate::model::reach::{self, Known};
use crate::model::site::Audience;
use crate::model::value::{Base, SecretPart, Value};
use crate::model::{Model, ThingId, site};
use std::collections::{BTreeMap, BTreeSet};

impl Graph {
    pub fn of(model: &Model) -> Graph {
        let mut builder = Builder {
            model,
            graph: Graph::default(),
            by_thing: BTreeMap::new(),
            daemons: BTreeMap::new(),
            edges: BTreeSet::new(),
        };
        for daemon in site::mounting(model, "smb_conf") {
            builder.daemons.entry(daemon.node).or_default().push(daemon.instance);
        }
        builder.vertices();
        builder.edges();
        let mut graph = builder.graph;
        graph.edges = builder.edges.into_iter().collect();
        graph
    }
}

struct Builder<'a> {
    model: &'a Model,
    graph: Graph,
    by_thing: BTreeMap<ThingId, usize>,
    /// What serves shares to others, by node.
    daemons: BTreeMap<ThingId, Vec<ThingId>>,
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
        for (kind, need) in [("network", Need::Coordinated), ("secrets", Need::RunBy)] {
            for &thing in model.all(kind) {
                for instance in self.run_by(Some(thing), "provider") {
                    self.edge(thing, instance, need);
                }
            }
        }
        for &share in model.all("share") {
            let Some(server) = model.get(share, "server").as_thing() else { continue };
            self.edge(share, server, Need::On);
            self.secrets(share, model.get(share, "password"));
            for daemon in self.daemons_on(server) {
                self.edge(share, daemon, Need::Served);
            }
        }
        let mounted = Mounted::of(model);
        for &node in model.all("node") {
            for mount in mounted.on(node) {
                let server = model.get(mount.share, "server").as_thing();
                if server.is_some() && server != Some(node) {
                    self.edge(node, mount.share, Need::Mounts);
                }
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
                let place = reach::place(&mut Known(model), user);
                if let Ok(seen) = reach::seen(&mut Known(model), port, place)
                    && let Some(network) = seen.network
                {
                    self.edge(from, network, Need::By);
                }
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
            if let Audience::Networks(networks) = site::audience(model, site) {
                for network in networks {
                    self.edge(site, network, Need::Open);
                }
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
            if let Value::Location(location) = model.get(backup, "to")
                && let Base::Share(share) = location.base
            {
                self.edge(backup, share, Need::Data);
            }
        }
    }

    /// The instances that serve a node's shares to others.
    fn daemons_on(&self, server: ThingId) -> Vec<ThingId> {
        self.daemons.get(&server).cloned().unwrap_or_default()
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
                    self.carriers(instance, share);
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

    /// What brings the data of a share to an instance on another node than its server.
    fn carriers(&mut self, instance: ThingId, share: ThingId) {
        let model = self.model;
        let server = model.get(share, "server").as_thing();
        let (Some(server), Some(node)) = (server, model.thing(instance).node) else { return };
        if server == node {
            return;
        }
        for daemon in self.daemons_on(server) {
            self.edge(instance, daemon, Need::Over);
        }
        let mut facts = Known(model);
        let stated = model.get(share, "network").as_thing();
        let both = |&network: &ThingId| {
            let has = |node| reach::address_on(&mut Known(model), node, network).is_some();
            has(server) && has(node)
        };
        if let Some(network) = stated.or_else(|| reach::reach(&mut facts).into_iter().find(both)) {
            self.edge(instance, network, Need::Over);
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
