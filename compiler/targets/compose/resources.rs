//! What a container may use: processor, memory, devices, limits of processes, room for logs.

use super::Project;
use super::text::{literal, memory};
use crate::diag::codes;
use crate::formats::{Data, Map};
use crate::model::ThingId;
use crate::model::value::Value;
use crate::targets::docker::log_size;
use crate::targets::shared_refusal::Refusal;
use crate::types::{Bytes, Cpu};

impl<'a> Project<'a> {
    /// `deploy.resources`, and beside it what has its place in the service itself.
    pub(super) fn resources(&mut self, container: ThingId, entry: &mut Map<'a>) {
        let model = self.cluster.model();
        let mut limits = Map::new();
        let mut reservations = Map::new();
        if let Some(stated) = model.block(container, "limits") {
            if let (Value::Cpu(cpu), at) = model.at(stated, "cpu") {
                limits.put("cpus", self.spelled(|| cores(*cpu)).at(at));
            }
            let most = match model.at(stated, "memory") {
                (Value::Bytes(size), at) => {
                    limits.put("memory", self.spelled(|| memory(*size)).at(at));
                    Some(*size)
                }
                _ => None,
            };
            if let (Value::Int(pids), at) = model.at(stated, "pids") {
                limits.put("pids", Data::from(*pids).at(at));
            }
            self.swap(stated, most, entry);
            if let Some(reserve) = model.block(stated, "reserve") {
                if let (Value::Cpu(cpu), at) = model.at(reserve, "cpu") {
                    reservations.put("cpus", self.spelled(|| cores(*cpu)).at(at));
                }
                if let (Value::Bytes(size), at) = model.at(reserve, "memory") {
                    reservations.put("memory", self.spelled(|| memory(*size)).at(at));
                }
            }
        }
        if let Some(gpu) = self.nvidia(container) {
            reservations.put("devices", Data::from(vec![gpu]));
        }
        let mut resources = Map::new();
        if !limits.is_empty() {
            resources.put("limits", limits.at(model.at(container, "limits").1));
        }
        if !reservations.is_empty() {
            resources.put("reservations", reservations);
        }
        if !resources.is_empty() {
            entry.put("deploy", Map::new().with("resources", resources));
        }
    }

    /// Docker counts memory and swap together.
    fn swap(&mut self, limits: ThingId, most: Option<Bytes>, entry: &mut Map<'a>) {
        let (Value::Bytes(swap), at) = self.cluster.model().at(limits, "swap") else { return };
        match most.and_then(|most| most.checked_add(*swap)) {
            Some(both) => entry.put("memswap_limit", memory(both).at(at)),
            None => {
                let message = "a limit of swap needs one of memory: Docker counts both together";
                self.refuse(Refusal::new(
                    &codes::E0804,
                    at,
                    limits,
                    message,
                    "say `memory` beside it, or take `swap` away",
                ));
            }
        }
    }

    /// A reservation of graphics processors; only NVIDIA's have a driver of Docker's.
    fn nvidia(&mut self, container: ThingId) -> Option<Data<'a>> {
        let model = self.cluster.model();
        let (wanted, origin) = self.some(container, "gpu")?;
        if self.plain_gpu().is_some() {
            return None;
        }
        let mut device = Map::new().with("driver", Data::word("nvidia"));
        let param = |name: &str| model.param(container, "gpu", name);
        let number = match wanted {
            Value::Word(_) => (param("number"), param("list")),
            _ => (None, None),
        };
        match number {
            (Some(Value::Int(number)), _) => device.put("count", Data::from(*number)),
            (_, Some(list)) => device.put("device_ids", Data::from(self.texts(list, container))),
            _ => device.put("count", Data::word("all")),
        }
        device.put("capabilities", Data::list([Data::word("gpu")]));
        Some(device.at(origin))
    }

    /// The device files of a graphics processor that is handed over as such.
    fn plain_gpu(&self) -> Option<&'static [&'static str]> {
        let hardware = self.cluster.block(self.node, "hardware")?;
        match self.cluster.word(hardware, "gpu") {
            Some("amd") => Some(&["/dev/kfd", "/dev/dri"]),
            Some("intel") => Some(&["/dev/dri"]),
            _ => None,
        }
    }

    pub(super) fn devices(&mut self, container: ThingId) -> Vec<Data<'a>> {
        let model = self.cluster.model();
        let mut all = Vec::new();
        let mut stated = Vec::new();
        for &device in model.children(container, "device") {
            let (Value::Text(path), origin) = model.at(device, "value") else { continue };
            stated.push(&**path);
            let target = model.text(device, "target").unwrap_or(path);
            let rights = model.text(device, "rights").unwrap_or("rw");
            if let Some(odd) = [path, target].into_iter().find(|path| path.contains(':')) {
                let message = format!("Compose cannot hand over a device with a colon: {odd:?}");
                let origin = if odd == &**path { origin } else { model.at(device, "target").1 };
                self.refuse(Refusal::new(
                    &codes::E0801,
                    origin,
                    device,
                    message,
                    "name the device by a path without a colon: a rule of udev can give it one",
                ));
                continue;
            }
            all.push(literal(format!("{path}:{target}:{rights}")).at(origin));
        }
        if let Some((_, origin)) = self.some(container, "gpu") {
            for path in self.plain_gpu().into_iter().flatten() {
                if !stated.contains(path) {
                    all.push(Data::text(format!("{path}:{path}:rw")).at(origin));
                }
            }
        }
        all
    }

    pub(super) fn ulimits(&mut self, container: ThingId) -> Map<'a> {
        let model = self.cluster.model();
        let mut all = Map::new();
        for pair in model.get(container, "ulimits").pairs() {
            let number = |value: &Value| match value {
                Value::Int(number) => Some(*number),
                _ => None,
            };
            let limit = match &pair.value {
                Value::Int(number) => Data::from(*number),
                Value::Thing(both) => {
                    let field = |name: &str| number(model.get(*both, name)).unwrap_or_default();
                    Map::new().with("soft", field("soft")).with("hard", field("hard")).into()
                }
                both => {
                    let field = |name: &str| both.get(name).and_then(number).unwrap_or_default();
                    Map::new().with("soft", field("soft")).with("hard", field("hard")).into()
                }
            };
            all.put(&*pair.key, limit.at(pair.origin));
        }
        all
    }

    /// Only two of Docker's drivers keep files of their own: the others refuse to start with the options of these.
    fn rotated(&mut self, container: ThingId, logging: ThingId) {
        let model = self.cluster.model();
        let engine = model.block(self.node, "docker").and_then(|docker| model.block(docker, "log"));
        let driver = model.text(logging, "driver").or_else(|| model.text(engine?, "driver"));
        let Some(driver) = driver.filter(|driver| FILELESS.contains(driver)) else {
            return;
        };
        for field in ["max_size", "max_file"] {
            let (value, at) = model.at(logging, field);
            if value.is_none() || value.is_poison() {
                continue;
            }
            let message = format!(
                "the log driver `{driver}` knows no `{field}`, and Docker refuses to start the container"
            );
            let help = "take it out, or `unset` it where a wider layer says it; only `json-file` and `local` begin new files";
            let mut refusal = Refusal::new(&codes::E0804, at, container, message, help);
            if model.text(logging, "driver").is_none() {
                refusal = refusal.with(self.node, "its engine logs so");
            }
            return self.refuse(refusal);
        }
    }

    pub(super) fn logging(&mut self, container: ThingId) -> Option<Data<'a>> {
        let model = self.cluster.model();
        let logging = model.block(container, "logging")?;
        let mut map = Map::new();
        if let (Value::Text(driver), at) = model.at(logging, "driver") {
            map.put("driver", literal(&**driver).at(at));
        }
        let mut options = Map::new();
        if let (Value::Bytes(size), at) = model.at(logging, "max_size") {
            options.put("max-size", self.spelled(|| Data::text(log_size(*size))).at(at));
        }
        if let (Value::Int(files), at) = model.at(logging, "max_file") {
            options.put("max-file", self.spelled(|| Data::text(files.to_string())).at(at));
        }
        self.rotated(container, logging);
        options.0.extend(self.table(model.get(logging, "options").pairs(), container).0);
        if !options.is_empty() {
            map.put("options", options);
        }
        (!map.is_empty()).then(|| map.at(model.at(container, "logging").1))
    }
}

/// Drivers of Docker's own without files, and strict about their options; a plugin may know these.
const FILELESS: [&str; 8] =
    ["awslogs", "etwlogs", "fluentd", "gcplogs", "gelf", "journald", "splunk", "syslog"];

fn cores(cpu: Cpu) -> Data<'static> {
    Data::text(cpu.cores().to_string())
}
