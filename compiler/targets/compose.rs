//! Docker Compose: one project for each service on each node, and the files that its containers
//! mount. What a container says is spelled in `compose/`, one matter a file.

mod container;
mod health;
mod kernel;
mod mounts;
mod network;
mod ports;
mod raw;
mod resources;
pub(in crate::targets) mod text;

use super::{Emission, Emit, File, Target, declared, shared_nodes};
use crate::diag::codes;
use crate::formats::{Data, Emitted, Map};
use crate::model::reach::{self, Known, Space};
use crate::model::value::Value;
use crate::model::{Cluster, Instance, ThingId};
use crate::names::Sym;
use crate::origin::Origin;
use crate::targets::shared_refusal::Refusal;
use crate::tree::{Side, Tool};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// It looks at the files that other targets generate, so it comes after them.
pub const TARGET: Target = Target {
    name: "compose",
    doc: "A Docker Compose project for each service on each node",
    emit: Emit::Looking(emit),
};

/// Where chezmoi puts the projects, in the home of the node's user.
const FOLDER: &str = "~/.config/docker/compose";

fn emit(cluster: &Cluster, out: &mut Emission) {
    let mut owners: FxHashMap<(ThingId, &str), ThingId> = FxHashMap::default();
    let mut projects = shared_nodes::instances(cluster);
    projects.retain(|instance| !cluster.children(instance.thing, "container").is_empty());
    let twin = |instance: Instance| {
        let key = (instance.node, shared_nodes::project(cluster, instance.thing));
        (instance, owners.insert(key, instance.thing))
    };
    let projects: Vec<(Instance, Option<ThingId>)> = projects.into_iter().map(twin).collect();
    out.each(&projects, |&(instance, other), out| {
        let containers = cluster.children(instance.thing, "container");
        let generated = mounts::generated(cluster, containers, instance.node, out.tree());
        let mut project = Project::new(cluster, instance.thing, instance.node, generated);
        project.read = out.is_read();
        let name = project.name();
        if let Some(other) = other {
            let message = format!(
                "the Compose project `{name}` on `{}` is already that of {}",
                cluster.label(instance.node),
                declared(cluster, other)
            );
            let help = "give one of them another name: `project = \"...\"`";
            let refusal = Refusal::new(&codes::E0804, Origin::NONE, instance.thing, message, help);
            project.refuse(refusal.with(other, "the project of that name"));
        }
        let document = project.document(&name, containers);
        project.put(document, out);
    });
}

/// One project while it is written.
struct Project<'a> {
    cluster: &'a Cluster,
    /// The service on its node.
    service: ThingId,
    node: ThingId,
    /// Containers whose shared memory another one uses.
    lenders: BTreeSet<ThingId>,
    /// The hashes of the generated files that it mounts, by their names.
    generated: BTreeMap<Sym, String>,
    /// What the containers need at the top of the file.
    volumes: BTreeMap<Cow<'a, str>, Data<'a>>,
    networks: BTreeSet<ThingId>,
    configs: Vec<(String, Data<'a>)>,
    secrets: BTreeMap<String, Data<'a>>,
    /// Files beside the project's, by their path below its folder.
    files: Vec<(String, u32, Emitted, ThingId)>,
    made_from: BTreeSet<ThingId>,
    refused: Vec<Refusal>,
    /// Whether anybody reads the file; else what can neither be refused nor stand twice is not spelled.
    read: bool,
}

impl<'a> Project<'a> {
    fn new(
        cluster: &'a Cluster,
        service: ThingId,
        node: ThingId,
        generated: BTreeMap<Sym, String>,
    ) -> Self {
        let model = cluster.model();
        let containers = model.children(service, "container").iter();
        let lender = |&other| model.param(other, "ipc", "container").and_then(Value::as_thing);
        Project {
            cluster,
            service,
            node,
            lenders: containers.filter_map(lender).collect(),
            generated,
            volumes: BTreeMap::new(),
            networks: BTreeSet::new(),
            configs: Vec::new(),
            secrets: BTreeMap::new(),
            files: Vec::new(),
            made_from: [service, node].into(),
            refused: Vec::new(),
            read: true,
        }
    }

    /// A value that the compiler spells itself.
    fn spelled(&self, spell: impl FnOnce() -> Data<'a>) -> Data<'a> {
        if self.read { spell() } else { Data::null() }
    }

    /// What Compose calls the project: it takes lower case only, and no dots.
    fn name(&mut self) -> String {
        let origin = self.cluster.at(self.service, "project").1;
        let name = shared_nodes::project(self.cluster, self.service);
        let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let first = name.bytes().next().is_some_and(fine);
        if !first || !name.bytes().all(|b| fine(b) || matches!(b, b'_' | b'-')) {
            let message = format!(
                "a Compose project is named in small letters, digits, `-` and `_`, not {name:?}"
            );
            let fine = small(name);
            let help = format!("name it so: `project = {fine:?}`");
            let refusal = Refusal::new(&codes::E0804, origin, self.service, message, help);
            self.refuse(refusal.instead(format!("{fine:?}")));
        }
        name.to_string()
    }

    /// Where the project's name comes from.
    fn named(&self) -> Origin {
        self.cluster.at(self.service, "project").1.or(self.service.origin())
    }

    fn document(&mut self, name: &str, containers: &'a [ThingId]) -> Data<'a> {
        let mut services = Map::new();
        for &container in containers {
            let key = self.key(container);
            services.put(key, self.container(container).at(container.origin()));
        }
        let mut root = Map::new().with("name", Data::word(name.to_string()).at(self.named()));
        root.put("services", services);
        root.0.extend(network::declared(self).map(|networks| ("networks".into(), networks)));
        fn section<'a, K: Into<Cow<'a, str>>>(
            root: &mut Map<'a>,
            key: &'static str,
            rows: impl IntoIterator<Item = (K, Data<'a>)>,
        ) {
            let rows = Map(rows.into_iter().map(|(key, row)| (key.into(), row)).collect());
            if !rows.is_empty() {
                root.put(key, rows);
            }
        }
        section(&mut root, "volumes", std::mem::take(&mut self.volumes));
        section(&mut root, "configs", std::mem::take(&mut self.configs));
        section(&mut root, "secrets", std::mem::take(&mut self.secrets));
        raw::project(self, &mut root);
        root.at(self.service.origin())
    }

    fn put(self, document: Data<'_>, out: &mut Emission) {
        let cluster = self.cluster;
        for refusal in self.refused {
            out.refuse(refusal);
        }
        let (node, service) = (cluster.label(self.node), cluster.label(self.service));
        // Inside of WSL there is a home of its own, and the engine.
        let side = (cluster.word(self.node, "engine") == Some("wsl")).then_some(Side::Wsl);
        for (path, mode, text, from) in self.files {
            let file = File::new(format!("compose/{node}/{path}"))
                .to(Tool::Chezmoi, node, format!("{FOLDER}/{path}"), mode)
                .side(side)
                .from([from, self.service]);
            out.put(file, Ok(text));
        }
        let file = File::new(["compose/", node, "/", service, ".yml"].concat())
            .to(Tool::Chezmoi, node, [FOLDER, "/", service, ".yml"].concat(), 0o644)
            .side(side)
            .from(self.made_from.iter().copied());
        out.put_yaml(file, &document, |out| {
            let made_from: Vec<ThingId> = self.made_from.iter().copied().collect();
            let mut header = out.header(&made_from);
            let outside: Vec<&str> =
                self.networks.iter().map(|&network| cluster.label(network)).collect();
            if !outside.is_empty() {
                header.push_str("\nThe bootstrap of the node makes these networks: ");
                header.push_str(&outside.join(", "));
            }
            header
        });
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.refused.push(refusal);
    }

    fn facts(&self) -> Known<'a> {
        Known(self.cluster.model())
    }

    /// What Compose and Docker's DNS call a container: `gitea-db`.
    fn key(&self, container: ThingId) -> String {
        reach::dns_name(&self.facts(), container)
    }

    /// A container of this very project, or a word about why it cannot be meant.
    fn beside(&mut self, other: ThingId, at: Origin, of: ThingId) -> Option<String> {
        if self.cluster.thing(other).instance == self.cluster.thing(of).instance {
            return Some(self.key(other));
        }
        let message = format!(
            "`{}` is a container of another project: Compose cannot name it here",
            self.cluster.path(other)
        );
        let help = "take it away, or put both containers into one service";
        let refusal = Refusal::new(&codes::E0804, at, of, message, help);
        self.refuse(refusal.with(other, "it is of another project"));
        None
    }

    /// The container whose network another one lives in; none where that is the node's, or nobody's.
    fn lives_in(&self, container: ThingId) -> Option<ThingId> {
        if self.cluster.word(container, "network_mode") == Some("off") {
            return None;
        }
        match reach::space(&mut self.facts(), container) {
            Space::Container(whose) => Some(whose),
            Space::Host(_) | Space::Nowhere => None,
        }
    }

    /// The field's value and origin, where it has one.
    fn some(&self, thing: ThingId, field: &str) -> Option<(&'a Value, Origin)> {
        let (value, origin) = self.cluster.model().at(thing, field);
        let empty = match value {
            Value::None => true,
            Value::List(items) => items.is_empty(),
            Value::Map(pairs) => pairs.is_empty(),
            _ => false,
        };
        (!empty).then_some((value, origin))
    }
}

/// The nearest name that Compose takes.
fn small(name: &str) -> String {
    let small = name.to_lowercase();
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let name: String = small.chars().map(|c| if fine(c) { c } else { '-' }).collect();
    let name = name.trim_start_matches(['-', '_']);
    if name.is_empty() { "app".to_owned() } else { name.to_owned() }
}
