//! daemon.json, for the nodes whose Docker Engine reads one from /etc. Docker Desktop keeps its
//! settings to itself: there it is a file to copy them from, which nobody delivers.

use super::{Emission, Emit, File, Target};
use crate::diag::codes;
use crate::formats::{Data, Map, json};
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_refusal::{BY_ITS_FIELD, Refusal};
use crate::tree::{Side, Tool};
use crate::types::Bytes;

pub const TARGET: Target = Target {
    name: "docker",
    doc: "The configuration of each node's Docker daemon",
    emit: Emit::OfNodes { each: emit, rest: |_, _| {} },
};

const HOME: &str = "/etc/docker/daemon.json";

fn emit(cluster: &Cluster, node: ThingId, out: &mut Emission) {
    let engine = cluster.word(node, "engine");
    let Some(docker) = cluster.block(node, "docker") else { return };
    if engine == Some("off") {
        return;
    }
    let name = cluster.label(node);
    let mut file = File::new(format!("docker/{name}/daemon.json")).from([node]);
    if engine != Some("desktop") {
        let side = (engine == Some("wsl")).then_some(Side::Wsl);
        file = file.to(Tool::Ansible, name, HOME, 0o644).side(side);
    }
    let settings = Daemon { cluster, node, docker }.settings(out);
    out.put(file, json::pretty(&settings.into()));
}

struct Daemon<'a> {
    cluster: &'a Cluster,
    node: ThingId,
    docker: ThingId,
}

/// Keys of the daemon, and the field of `docker` that says them.
const COVERED: &[(&str, &str)] = &[
    ("data-root", "data_root"),
    ("default-address-pools", "default_pools"),
    ("graph", "data_root"),
    ("insecure-registries", "insecure"),
    ("ipv6", "ipv6"),
    ("live-restore", "live_restore"),
    ("log-driver", "log { driver = ... }"),
    ("log-opts", "log { max_size = ...   max_file = ... }"),
    ("registry-mirrors", "mirrors"),
    ("runtimes", "gpu_runtime"),
    ("storage-driver", "storage_driver"),
    ("userland-proxy", "userland_proxy"),
];

impl<'a> Daemon<'a> {
    fn at(&self, field: &str) -> (&'a Value, Origin) {
        self.cluster.model().at(self.docker, field)
    }

    /// What differs from the daemon's own choice, and what the sources state.
    fn settings(&self, out: &mut Emission) -> Map<'a> {
        let mut settings = Map::new();
        self.text(&mut settings, "data-root", "data_root");
        self.log(&mut settings);
        self.text(&mut settings, "storage-driver", "storage_driver");
        self.pools(&mut settings);
        self.texts(&mut settings, "registry-mirrors", "mirrors");
        self.texts(&mut settings, "insecure-registries", "insecure");
        for (key, field, own) in [
            ("live-restore", "live_restore", false),
            ("ipv6", "ipv6", false),
            ("userland-proxy", "userland_proxy", true),
        ] {
            if let (Value::Bool(truth), origin) = self.at(field)
                && *truth != own
            {
                settings.put(key, Data::from(*truth).at(origin));
            }
        }
        if let (Value::Bool(true), origin) = self.at("gpu_runtime") {
            let runtime = Map::new().with("path", "nvidia-container-runtime");
            let runtimes = Map::new().with("nvidia", runtime.with("args", Vec::new()));
            settings.put("runtimes", runtimes.at(origin));
        }
        self.raw(&mut settings, out);
        settings
    }

    fn text(&self, settings: &mut Map<'a>, key: &'static str, field: &str) {
        if let (Value::Text(text), origin) = self.at(field) {
            settings.put(key, Data::text(&**text).at(origin));
        }
    }

    fn texts(&self, settings: &mut Map<'a>, key: &'static str, field: &str) {
        let (value, origin) = self.at(field);
        let texts = value
            .items()
            .iter()
            .filter_map(|item| item.value.as_text().map(|text| Data::text(text).at(item.origin)));
        let texts: Vec<Data> = texts.collect();
        if !texts.is_empty() {
            settings.put(key, Data::from(texts).at(origin));
        }
    }

    fn log(&self, settings: &mut Map<'a>) {
        let model = self.cluster.model();
        let Some(log) = model.block(self.docker, "log") else { return };
        let driver = model.text(log, "driver");
        if let (Value::Text(driver), origin) = model.at(log, "driver") {
            settings.put("log-driver", Data::text(&**driver).at(origin));
        }
        // Only these two write files of their own; the others refuse to start on the options.
        if !matches!(driver, None | Some("json-file" | "local")) {
            return;
        }
        let mut options = Map::new();
        if let (Value::Bytes(size), origin) = model.at(log, "max_size") {
            options.put("max-size", Data::text(log_size(*size)).at(origin));
        }
        if let (Value::Int(files), origin) = model.at(log, "max_file") {
            options.put("max-file", Data::text(files.to_string()).at(origin));
        }
        if !options.is_empty() {
            settings.put("log-opts", options);
        }
    }

    fn pools(&self, settings: &mut Map<'a>) {
        let model = self.cluster.model();
        let (value, origin) = self.at("default_pools");
        let mut pools = Vec::new();
        for item in value.items() {
            let field = |name: &str| match &item.value {
                Value::Thing(pool) => model.get(*pool, name),
                pool => pool.get(name).unwrap_or(&Value::None),
            };
            if let (Value::Cidr(base), Value::Int(size)) = (field("base"), field("size")) {
                let pool = Map::new().with("base", base.to_string()).with("size", *size);
                pools.push(pool.at(item.origin));
            }
        }
        if !pools.is_empty() {
            settings.put("default-address-pools", Data::from(pools).at(origin));
        }
    }

    fn raw(&self, settings: &mut Map<'a>, out: &mut Emission) {
        for pair in self.at("raw").0.pairs() {
            let refusal = if let Some((_, field)) = COVERED.iter().find(|(k, _)| *k == &*pair.key) {
                Some(format!("`{}` cannot be raw: `{field}` says it", pair.key))
            } else if &*pair.key == "hosts" {
                // Both stated, the daemon does not start.
                Some("`hosts` cannot be raw: the daemon's unit says it".to_string())
            } else {
                None
            };
            match refusal {
                Some(why) => out.refuse(Refusal::new(
                    &codes::E0803,
                    pair.origin,
                    self.node,
                    why,
                    BY_ITS_FIELD,
                )),
                None => match plain(&pair.value) {
                    Some(value) => settings.put(&*pair.key, value.at(pair.origin)),
                    None => {
                        let message =
                            format!("`{}` holds a value that daemon.json cannot say", pair.key);
                        let help = "write it as text, a number, `true`, a list or a block of those";
                        out.refuse(Refusal::new(
                            &codes::E0801,
                            pair.origin,
                            self.node,
                            message,
                            help,
                        ));
                    }
                },
            }
        }
    }
}

/// Data as JSON says it; nothing for what has no spelling there, such as a secret.
fn plain(value: &Value) -> Option<Data<'_>> {
    Some(match value {
        Value::None => Data::null(),
        Value::Bool(truth) => Data::from(*truth),
        Value::Int(number) => Data::from(*number),
        Value::Float(number) => Data::from(*number),
        Value::Text(text) => Data::text(&**text),
        Value::Ip(ip) => Data::text(ip.to_string()),
        Value::Cidr(cidr) => Data::text(cidr.to_string()),
        Value::Bytes(size) => Data::from(i64::try_from(size.0).ok()?),
        Value::Duration(time) => Data::text(format!("{}s", time.whole_seconds()?)),
        Value::List(items) => {
            let items: Option<Vec<Data>> =
                items.iter().map(|item| Some(plain(&item.value)?.at(item.origin))).collect();
            Data::from(items?)
        }
        Value::Map(pairs) => {
            let mut map = Map::new();
            for pair in pairs.iter() {
                map.put(&*pair.key, plain(&pair.value)?.at(pair.origin));
            }
            map.into()
        }
        _ => return None,
    })
}

/// The log drivers count in powers of ten: `10m` is 10,000,000 bytes.
pub(super) fn log_size(size: Bytes) -> String {
    let unit = [("g", 1_000_000_000), ("m", 1_000_000), ("k", 1000)]
        .into_iter()
        .find(|(_, factor)| size.0 > 0 && size.0.is_multiple_of(*factor));
    match unit {
        Some((unit, factor)) => format!("{}{unit}", size.0 / factor),
        None => size.0.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_sizes_in_powers_of_ten() {
        assert_eq!(log_size(Bytes(10_000_000)), "10m");
        assert_eq!(log_size(Bytes(10 << 20)), "10485760");
        assert_eq!(log_size(Bytes(0)), "0");
    }
}
