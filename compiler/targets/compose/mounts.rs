//! What a container sees of the outside as files: volumes, configurations, secrets.

use super::Project;
use super::text::{literal, memory};
use crate::diag::codes;
use crate::formats::{Data, Emitted, Map};
use crate::model::generated::GENERATED;
use crate::model::reach;
use crate::model::value::{Base, Secret, SecretPart, Value};
use crate::model::{Cluster, ThingId};
use crate::names::Sym;
use crate::origin::Origin;
use crate::targets::shared_refusal::{PLACE, Refusal};
use crate::tree::OutTree;
use crate::types::Mode;
use crate::types::hash::sha256_hex;
use std::collections::BTreeMap;

/// Hashes of the generated files that containers mount on a node.
pub(super) fn generated(
    cluster: &Cluster,
    containers: &[ThingId],
    node: ThingId,
    tree: &OutTree,
) -> BTreeMap<Sym, String> {
    let configs = containers.iter().flat_map(|&c| cluster.children(c, "config"));
    let used = configs.filter_map(|&config| match cluster.get(config, "value") {
        Value::Generated(name) => Some(*name),
        _ => None,
    });
    let hash = |name: Sym| {
        let row = GENERATED.iter().find(|row| row.name == cluster.names.text(name))?;
        let file = tree.get(&row.file.replace("<node>", cluster.label(node)))?;
        Some((name, sha256_hex(below_header(&file.bytes))))
    };
    used.filter_map(hash).collect()
}

/// Which sources a file names in its header is no reason to make a container anew.
fn below_header(mut bytes: &[u8]) -> &[u8] {
    while bytes.starts_with(b"#") || bytes.starts_with(b";") || bytes.starts_with(b"//") {
        match bytes.iter().position(|byte| *byte == b'\n') {
            Some(end) => bytes = &bytes[end + 1..],
            None => return &[],
        }
    }
    bytes
}

/// What a container's files are, for its entry in the project.
#[derive(Default)]
pub(super) struct Mounts<'a> {
    pub volumes: Vec<Data<'a>>,
    pub configs: Vec<Data<'a>>,
    pub secrets: Vec<Data<'a>>,
    /// Changes when the content of a mounted file does. Compose itself would not notice.
    pub hash: Option<String>,
}

impl<'a> Project<'a> {
    pub(super) fn mounts(&mut self, container: ThingId) -> Mounts<'a> {
        let model = self.cluster.model();
        let mut mounts = Mounts::default();
        for &volume in model.children(container, "volume") {
            let mounted = self.volume(volume);
            mounts.volumes.extend(mounted);
        }
        let mut content = String::new();
        for &config in model.children(container, "config") {
            self.config(container, config, &mut mounts, &mut content);
        }
        for &credential in model.children(container, "credential") {
            self.credential(container, credential, &mut mounts, &mut content);
        }
        if !content.is_empty() {
            mounts.hash = Some(sha256_hex(content.as_bytes())[..16].to_string());
        }
        mounts
    }

    fn volume(&mut self, volume: ThingId) -> Option<Data<'a>> {
        let model = self.cluster.model();
        let (value, origin) = model.at(volume, "value");
        let (base, sub) = match value {
            Value::Location(location) => (location.base.clone(), location.sub.clone()),
            Value::Text(path) => (Base::Host(path.clone()), "".into()),
            _ => return None,
        };
        let target = literal(model.label(volume));
        let mut options = Map::new();
        let mut entry = match &base {
            Base::Memory { size, mode } => {
                let mut tmpfs = Map::new();
                tmpfs.0.extend(size.map(|size| ("size".into(), memory(size))));
                // A number to Compose, and decimal to some readers of YAML.
                tmpfs.0.extend(mode.map(|mode| ("mode".into(), Data::from(mode.bits()))));
                let entry = Map::new().with("type", Data::word("tmpfs")).with("target", target);
                return Some(match tmpfs.is_empty() {
                    true => entry.at(origin),
                    false => entry.with("tmpfs", tmpfs).at(origin),
                });
            }
            Base::Local { name, driver, options: driver_options } => {
                let mut made = Map::new().with("name", literal(name.to_string()));
                made.0.extend(driver.as_ref().map(|d| ("driver".into(), literal(d.to_string()))));
                if !driver_options.is_empty() {
                    let mut all = Map::new();
                    for (key, value) in driver_options.iter() {
                        all.put(key.to_string(), literal(value.to_string()));
                    }
                    made.put("driver_opts", all);
                }
                self.made_volume(name, made.at(origin), volume);
                let below = match (&*sub, model.text(volume, "sub")) {
                    ("", below) => below.map(str::to_string),
                    (sub, None) => Some(sub.to_string()),
                    (sub, Some(below)) => Some(format!("{sub}/{below}")),
                };
                options.0.extend(below.map(|below| ("subpath".into(), literal(below))));
                Map::new()
                    .with("type", Data::word("volume"))
                    .with("source", Data::word(name.to_string()))
                    .with("target", target)
            }
            base => {
                let Ok(Some(path)) = reach::path_on(&mut self.facts(), base, &sub, self.node)
                else {
                    let message =
                        format!("this location has no path on `{}`", model.label(self.node));
                    self.refuse(
                        Refusal::new(&codes::E0509, origin, volume, message, PLACE)
                            .with(self.node, "it has no path here"),
                    );
                    return None;
                };
                let path = match model.text(volume, "sub") {
                    Some(below) => format!("{}/{below}", path.trim_end_matches('/')),
                    None => path,
                };
                let (stated, at) = model.at(volume, "propagation");
                let propagation = match stated {
                    Value::Word(word) => Some(Data::word(model.names.text(word.word)).at(at)),
                    _ if self.is_mounted_later(base) => Some(Data::word("rslave")),
                    _ => None,
                };
                options.0.extend(propagation.map(|p| ("propagation".into(), p)));
                // A missing directory is a share that isn't mounted: never make one under its mount.
                options.put("create_host_path", false);
                Map::new()
                    .with("type", Data::word("bind"))
                    .with("source", literal(path))
                    .with("target", target)
            }
        };
        if model.flag(volume, "read_only") {
            entry.put("read_only", Data::from(true).at(model.at(volume, "read_only").1));
        }
        if !options.is_empty() {
            entry.put(if matches!(base, Base::Local { .. }) { "volume" } else { "bind" }, options);
        }
        match base {
            Base::Share(thing) | Base::Disk(thing) => self.made_from.insert(thing),
            _ => false,
        };
        Some(entry.at(origin))
    }

    /// A volume of Docker's, under the name that the sources say.
    fn made_volume(&mut self, name: &str, made: Data<'a>, volume: ThingId) {
        let origin = made.origin;
        if let Some(other) = self.volumes.get(name) {
            if other.value != made.value {
                let elsewhere = other.origin;
                let message =
                    format!("the volume `{name}` has another driver or other options elsewhere");
                self.refuse(
                    Refusal::new(
                        &codes::E0804,
                        origin,
                        volume,
                        message,
                        "give one of the two another name, or both the same driver and options",
                    )
                    .beside(elsewhere, "the other one"),
                );
            }
            return;
        }
        self.volumes.insert(name.to_string().into(), made);
    }

    /// A share that its node mounts on first use shows itself inside by propagation only.
    fn is_mounted_later(&self, base: &Base) -> bool {
        let Base::Share(share) = base else { return false };
        self.cluster.flag(*share, "automount")
            && reach::is_client(&mut self.facts(), *share, self.node)
    }

    fn config(
        &mut self,
        container: ThingId,
        config: ThingId,
        mounts: &mut Mounts<'a>,
        content: &mut String,
    ) {
        let model = self.cluster.model();
        let target = model.label(config);
        let (value, origin) = model.at(config, "value");
        let mut watched = String::new();
        match value {
            Value::Generated(name) => {
                let Some(row) = GENERATED.iter().find(|row| row.name == model.names.text(*name))
                else {
                    return;
                };
                mounts.volumes.push(file(row.home.to_string(), target).at(origin));
                watched.push_str(self.generated.get(name).map_or("", String::as_str));
            }
            Value::Text(text) if self.is_plain(config) => {
                let path =
                    format!("{}/{}{target}", model.label(self.service), model.label(container));
                mounts.volumes.push(file(format!("./{path}"), target).at(origin));
                let mode = mode_of(self.cluster, config);
                let lines = vec![origin; text.lines().count()];
                let emitted = Emitted { text: text.to_string(), lines };
                self.files.push((path, mode.bits().into(), emitted, config));
                watched.push_str(text);
            }
            value => {
                let text = match value {
                    Value::Secret(secret) => {
                        watched.push_str(&named(secret));
                        self.secret(secret, origin, config)
                    }
                    value => {
                        watched.push_str(value.as_text().unwrap_or_default());
                        self.text(value, origin, config)
                    }
                };
                self.made_inside(container, config, target, text.at(origin), mounts);
            }
        }
        // `reload = none`: what reads it waits for its next start anyway.
        if !model.get(config, "reload").is_none() {
            let mode = mode_of(self.cluster, config);
            content.push_str(&format!("{target}\n{mode}\n{}\n{watched}\n", watched.len()));
        }
    }

    /// Whether it can be a file of the node's user beside the project: chezmoi knows no groups, and
    /// no owner but that user.
    fn is_plain(&self, config: ThingId) -> bool {
        const MODES: [u16; 8] = [0o644, 0o600, 0o755, 0o700, 0o444, 0o400, 0o555, 0o500];
        let cluster = self.cluster;
        if !MODES.contains(&mode_of(cluster, config).bits()) {
            return false;
        }
        match cluster.get(config, "owner") {
            Value::None => true,
            owner => owner.as_thing() == cluster.get(self.node, "user").as_thing(),
        }
    }

    /// A file that Compose writes into the container.
    fn made_inside(
        &mut self,
        container: ThingId,
        of: ThingId,
        target: &str,
        text: Data<'a>,
        mounts: &mut Mounts<'a>,
    ) {
        let origin = text.origin;
        self.no_read_only(container, of, origin);
        let inner = target.trim_start_matches('/');
        let name = format!("{}-{}", self.cluster.label(container), spelled(inner));
        let mut entry = Map::new()
            .with("source", Data::word(name.clone()))
            .with("target", literal(target.to_string()));
        self.owner(container, of, &mut entry);
        mounts.configs.push(entry.at(origin));
        self.configs.push((name, Map::new().with("content", text).at(origin)));
    }

    fn credential(
        &mut self,
        container: ThingId,
        credential: ThingId,
        mounts: &mut Mounts<'a>,
        content: &mut String,
    ) {
        let model = self.cluster.model();
        let (Value::Secret(secret), origin) = model.at(credential, "value") else { return };
        let label = model.label(credential);
        let target = match model.text(credential, "target") {
            Some(target) => target.to_string(),
            None => format!("/run/secrets/{label}"),
        };
        let mode = mode_of(self.cluster, credential);
        content.push_str(&format!("{target}\n{mode}\n{}\n", named(secret)));
        let [SecretPart::Name(name)] = &*secret.parts else {
            // Compose has no secret that is made of several.
            let text = self.secret(secret, origin, credential);
            self.made_inside(container, credential, &target, text.at(origin), mounts);
            return;
        };
        self.no_read_only(container, credential, origin);
        let source = format!("{}-{label}", model.label(container));
        let mut entry =
            Map::new().with("source", Data::word(source.clone())).with("target", literal(target));
        self.owner(container, credential, &mut entry);
        mounts.secrets.push(entry.at(origin));
        let from = Map::new().with("environment", Data::word(name.variable.to_string()));
        self.secrets.insert(source, from.at(origin));
    }

    /// Who has the file inside: whoever is stated, else whom the program runs as.
    fn owner(&mut self, container: ThingId, of: ThingId, entry: &mut Map<'a>) {
        let model = self.cluster.model();
        let user = match model.get(of, "owner") {
            Value::None => self.ids(model.get(container, "user")),
            owner => self.ids(owner),
        };
        if let Some((uid, gid)) = user {
            entry.put("uid", Data::text(uid));
            entry.0.extend(gid.map(|gid| ("gid".into(), Data::text(gid))));
        }
        entry.put("mode", Data::text(mode_of(self.cluster, of).to_string()));
    }

    /// The numbers of a user, as far as they are known.
    pub(super) fn ids(&self, user: &Value) -> Option<(String, Option<String>)> {
        let number = |thing: ThingId, field: &str| match self.cluster.get(thing, field) {
            Value::Int(number) => Some(number.to_string()),
            _ => None,
        };
        let numeric = |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty();
        match user {
            Value::Thing(user) => Some((number(*user, "uid")?, number(*user, "gid"))),
            Value::Int(uid) => Some((uid.to_string(), None)),
            Value::Text(text) => match text.split_once(':') {
                Some((uid, gid)) if numeric(uid) && numeric(gid) => {
                    Some((uid.to_string(), Some(gid.to_string())))
                }
                None if numeric(text) => Some((text.to_string(), None)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Compose copies such files in after the container is made, which such a container refuses.
    fn no_read_only(&mut self, container: ThingId, of: ThingId, origin: Origin) {
        if self.cluster.flag(container, "read_only") {
            let message = "Compose cannot write a file into a container that is `read_only`";
            let help = "take `read_only` away, or hand the secret over by `env`";
            let refusal = Refusal::new(&codes::E0804, origin, of, message, help);
            let read_only = self.cluster.at(container, "read_only").1;
            self.refuse(refusal.beside(read_only, "nothing can be written there"));
        }
    }
}

/// A file of the node inside a container.
fn file<'a>(source: String, target: &'a str) -> Map<'a> {
    Map::new()
        .with("type", Data::word("bind"))
        .with("source", literal(source))
        .with("target", literal(target))
        .with("read_only", true)
        .with("bind", Map::new().with("create_host_path", false))
}

fn mode_of(cluster: &Cluster, thing: ThingId) -> Mode {
    match cluster.get(thing, "mode") {
        Value::Mode(mode) => *mode,
        _ => Mode::new(0o644).expect("a small mode"),
    }
}

/// A secret by the names of its parts: what can be known of it here.
fn named(secret: &Secret) -> String {
    let part = |part: &SecretPart| match part {
        SecretPart::Text(text) => format!("{text:?}"),
        SecretPart::Name(name) => format!("{}/{}", name.path, name.name),
    };
    secret.parts.iter().map(part).collect::<Vec<_>>().join(" ")
}

/// A path as a name of Compose's: `etc/app.yml` is `etc-app.yml`.
fn spelled(path: &str) -> String {
    let fine = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
    path.chars().map(|c| if fine(c) { c } else { '-' }).collect()
}
