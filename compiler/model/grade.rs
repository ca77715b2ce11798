//! How far each secret can be seen once it is handed over. Nothing here is a promise that nobody sees it: each use has
//! a grade, and each grade says who can read it and where.

use super::reach::{self, Known};
use super::value::{SecretName, SecretPart, Value};
use super::worlds::{World, mount_point, worlds};
use super::{Model, ThingId};

/// How a secret is handed over, from the narrowest to the widest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Grade {
    /// A file in memory that root reads, or one unit.
    Memory,
    /// The operating system's own store of passwords.
    Vault,
    /// The environment of a program of the host, from a file in memory.
    Process,
    /// A file inside of a container.
    File,
    /// The environment of a container.
    Environment,
}

impl Grade {
    pub const ALL: [Grade; 5] =
        [Grade::Memory, Grade::Vault, Grade::Process, Grade::File, Grade::Environment];

    pub fn word(self) -> &'static str {
        match self {
            Grade::Memory => "memory",
            Grade::Vault => "vault",
            Grade::Process => "process",
            Grade::File => "file",
            Grade::Environment => "environment",
        }
    }

    /// Where it can be read besides where it is used: `repo` is in none, the language sees to that.
    pub fn seen(self) -> &'static [&'static str] {
        match self {
            Grade::Memory => &[],
            Grade::Vault => &["disk"],
            Grade::Process => &["process"],
            Grade::File => &["disk"],
            Grade::Environment => &["process", "inspect", "disk"],
        }
    }

    pub fn said(self) -> &'static str {
        match self {
            Grade::Memory => {
                "in a file in memory, below /run: root reads it, and it is gone with the power"
            }
            Grade::Vault => {
                "in the system's own vault, encrypted on its disk: whoever is logged in as that user can ask for it"
            }
            Grade::Process => {
                "in the environment of a program, from a file in memory: root and the program's own user read it"
            }
            Grade::File => {
                "in a file inside of the container, which the engine keeps on its disk: root and the container read it"
            }
            Grade::Environment => {
                "in the environment of the container: `docker inspect` shows it to all who may use the engine, who keeps it on its disk"
            }
        }
    }
}

/// One hand that a secret goes to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Use {
    pub grade: Grade,
    pub node: ThingId,
    /// A container, a unit, or a share that the node mounts.
    pub by: ThingId,
    /// The variable, the path, the credential.
    pub at: String,
}

/// A secret, and who gets it; nobody where it stays in its store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exposure {
    pub store: ThingId,
    pub path: ThingId,
    pub name: String,
    pub uses: Vec<Use>,
}

impl Exposure {
    /// The widest grade of its uses.
    pub fn grade(&self) -> Option<Grade> {
        self.uses.iter().map(|it| it.grade).max()
    }
}

/// Every secret of every store, in order of store, path and name.
pub fn exposures(model: &Model) -> Vec<Exposure> {
    let mut all = Vec::new();
    for &store in model.all("secrets") {
        for &path in model.children(store, "path") {
            for item in model.get(path, "names").items() {
                if let Some(name) = item.value.as_text() {
                    all.push(Exposure { store, path, name: name.to_string(), uses: Vec::new() });
                }
            }
        }
    }
    let index: std::collections::BTreeMap<(ThingId, String, String), usize> = all
        .iter()
        .enumerate()
        .map(|(at, it)| ((it.store, folder(model.label(it.path)), it.name.clone()), at))
        .collect();
    for (name, it) in uses(model) {
        let key = (name.store, folder(&name.path), name.name.to_string());
        if let Some(&at) = index.get(&key) {
            all[at].uses.push(it);
        }
    }
    for it in &mut all {
        it.uses.sort_by(|a, b| {
            let key = |u: &Use| (model.label(u.node).to_string(), model.dotted(u.by), u.at.clone());
            b.grade.cmp(&a.grade).then_with(|| key(a).cmp(&key(b)))
        });
        it.uses.dedup();
    }
    all
}

/// The nodes that must ask a store by themselves, at boot: each keeps one identity for that on its disk, root's alone.
pub fn identities(model: &Model) -> Vec<ThingId> {
    let by_itself = |it: &Use| matches!(it.grade, Grade::Memory | Grade::Process);
    let mut nodes: Vec<ThingId> =
        uses(model).into_iter().filter(|(_, it)| by_itself(it)).map(|(_, it)| it.node).collect();
    nodes.sort_by(|a, b| model.label(*a).cmp(model.label(*b)));
    nodes.dedup();
    nodes
}

fn folder(path: &str) -> String {
    path.trim_end_matches('/').to_string()
}

fn uses(model: &Model) -> Vec<(SecretName, Use)> {
    let mut all = Vec::new();
    for instance in &model.instances {
        let node = instance.node;
        for (field, env, file) in [
            ("container", Grade::Environment, Grade::File),
            ("unit", Grade::Process, Grade::Memory),
        ] {
            for &by in model.children(instance.thing, field) {
                let mut add = |value: &Value, grade, at: &str| {
                    names(value, &mut |name| {
                        all.push((name.clone(), Use { grade, node, by, at: at.to_string() }));
                    });
                };
                for pair in model.get(by, "env").pairs() {
                    add(&pair.value, env, &pair.key);
                }
                for file_field in ["config", "credential"] {
                    for &child in model.children(by, file_field) {
                        add(model.get(child, "value"), file, model.label(child));
                    }
                }
            }
        }
    }
    for &share in model.all("share") {
        names(model.get(share, "password"), &mut |name| {
            for &node in model.all("node") {
                let mut known = Known(model);
                if !reach::is_client(&mut known, share, node) {
                    continue;
                }
                for world in worlds(model, node) {
                    let grade = match world {
                        World::Windows | World::MacOs => Grade::Vault,
                        World::Linux | World::Wsl => Grade::Memory,
                    };
                    if let Some((at, _)) = mount_point(model, share, node, world) {
                        all.push((name.clone(), Use { grade, node, by: share, at }));
                    }
                }
            }
        });
    }
    all
}

fn names<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a SecretName)) {
    match value {
        Value::Secret(secret) => {
            for part in &secret.parts {
                if let SecretPart::Name(name) = part {
                    visit(name);
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| names(&item.value, visit)),
        Value::Map(pairs) => pairs.iter().for_each(|pair| names(&pair.value, visit)),
        _ => {}
    }
}
