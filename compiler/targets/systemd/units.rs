//! The units of services: a whole one where the sources say what it runs, a drop-in for one that a
//! package brings; the files that it is configured with, and its timer.

use super::secrets::{self, Content, Wanted};
use crate::diag::codes;
use crate::formats::Emitted;
use crate::formats::systemd::{Entry, Section, Term, Value as Said};
use crate::model::reach;
use crate::model::value::Value;
use crate::model::{Cluster, Instance, ThingId};
use crate::origin::Origin;
use crate::targets::compose::text::printed;
use crate::targets::shared_mounts;
use crate::targets::shared_nodes::{instances_on, units};
use crate::targets::shared_refusal::{BY_ITS_FIELD, Refusal};
use crate::targets::shared_secrets::FOLDER;
use crate::targets::shared_units::{self as shared, Host, calendar, command, fixed, section, text};
use crate::targets::{Emission, File};
use crate::tree::Tool;
use std::collections::BTreeMap;

pub fn emit(host: Host<'_>, out: &mut Emission) {
    for instance in instances_on(host.cluster, host.node) {
        for unit in units(host.cluster, instance) {
            let one = One::new(host, instance, unit);
            one.configs(out);
            one.emit(out);
        }
    }
}

/// The name that a unit has with systemd: as stated, else after its service and itself.
pub fn name(cluster: &Cluster, service: ThingId, unit: ThingId) -> String {
    match cluster.text(unit, "systemd") {
        Some(name) => name.to_string(),
        None => format!("{}-{}.service", cluster.label(service), cluster.label(unit)),
    }
}

struct One<'a> {
    host: Host<'a>,
    cluster: &'a Cluster,
    service: ThingId,
    unit: ThingId,
    /// As systemd calls it; a socket's work is done by the service of its name.
    name: String,
}

/// Settings that a unit has once, and the field that says each.
const ONCE: &[(&str, &str)] = &[
    ("CPUQuota", "limits { cpu = ... }"),
    ("ExecStart", "exec"),
    ("Group", "user"),
    ("MemoryLow", "limits { reserve { memory = ... } }"),
    ("MemoryMax", "limits { memory = ... }"),
    ("MemorySwapMax", "limits { swap = ... }"),
    ("TasksMax", "limits { pids = ... }"),
    ("User", "user"),
];

/// The field that has said what a line sets, and where.
fn said_by(fields: &[Entry<'_>], line: &str) -> Option<(&'static str, Origin)> {
    let (key, _) = line.split_once('=')?;
    let (key, field) = ONCE.iter().find(|(once, _)| *once == key.trim_end())?;
    fields.iter().find(|entry| entry.key == *key).map(|entry| (*field, entry.origin))
}

impl<'a> One<'a> {
    fn new(host: Host<'a>, instance: Instance, unit: ThingId) -> One<'a> {
        let name = match name(host.cluster, instance.service, unit).strip_suffix(".socket") {
            Some(stem) => format!("{stem}.service"),
            None => name(host.cluster, instance.service, unit),
        };
        let host = Host { named: host.cluster.at(unit, "systemd").1, ..host };
        One { host, cluster: host.cluster, service: instance.service, unit, name }
    }

    fn emit(&self, out: &mut Emission) {
        let (cluster, unit) = (self.cluster, self.unit);
        let exec = cluster.get(unit, "exec").items();
        if exec.is_empty() && cluster.text(unit, "systemd").is_none() {
            return;
        }
        let timer = calendar(cluster, cluster.at(unit, "timer"));
        let mut before = Vec::new();
        let mut service = Vec::new();
        if !exec.is_empty() {
            let said = [unit, self.service].into_iter().find_map(|of| {
                Some((cluster.text(of, "description")?, cluster.at(of, "description").1))
            });
            before.push(match said {
                Some((what, origin)) => text("Description", what.to_string()).at(origin),
                None => {
                    let own = format!("{} of {}", cluster.label(unit), cluster.label(self.service));
                    text("Description", own)
                }
            });
            service.push(fixed("Type", if timer.is_some() { "oneshot" } else { "exec" }));
            let words: Vec<String> = exec
                .iter()
                .filter_map(|item| printed(&item.value, &cluster.names))
                .map(|word| word.into_owned())
                .collect();
            service.push(command("ExecStart", words).at(cluster.at(unit, "exec").1));
            if timer.is_none() {
                service.push(fixed("Restart", "on-failure"));
                service.push(fixed("RestartSec", "5s"));
                before.push(fixed("Wants", "network-online.target"));
                before.push(fixed("After", "network-online.target"));
            }
        }
        self.order(out, &mut before);
        if !exec.is_empty() {
            self.reload(&mut service);
        }
        self.identity(&mut service);
        self.environment(&mut service);
        self.secrets(out, &mut before, &mut service);
        self.limits(&mut service);
        let mut sections = vec![section("Unit", before), section("Service", service)];
        self.raw(out, &mut sections);
        if !exec.is_empty() && timer.is_none() {
            sections.push(section("Install", vec![fixed("WantedBy", "multi-user.target")]));
        }
        sections.retain(|section| !section.entries.is_empty());
        if !exec.is_empty() {
            self.host.unit(out, &self.name, sections, &[unit]);
        } else if !sections.is_empty() {
            let name = format!("{}.d/colab.conf", self.name);
            self.host.unit(out, &name, sections, &[unit]);
        }
        if let Some(when) = timer
            && let Some(stem) = self.name.strip_suffix(".service")
        {
            self.host.timer(out, stem, &format!("When {} is started", self.name), when, &[unit]);
        }
    }

    /// How it hears of a config that it reads again by itself.
    fn reload(&self, service: &mut Vec<Entry<'a>>) {
        let mut signals: BTreeMap<&str, Origin> = BTreeMap::new();
        for &config in self.cluster.children(self.unit, "config") {
            if let Some(Value::Text(signal)) = self.cluster.param(config, "reload", "name") {
                signals.entry(signal).or_insert(self.cluster.at(config, "reload").1);
            }
        }
        for (signal, at) in signals {
            let kill = format!("/bin/kill -s {signal} $MAINPID");
            service.push(text("ExecReload", kill).at(at));
        }
    }

    /// What comes first: other units, and the disks under the shares that it serves.
    fn order(&self, out: &Emission, before: &mut Vec<Entry<'a>>) {
        let cluster = self.cluster;
        let (after, origin) = cluster.at(self.unit, "after");
        let names: Vec<String> = after
            .items()
            .iter()
            .filter_map(|item| item.value.as_thing())
            .map(|other| name(cluster, self.service, other))
            .collect();
        if !names.is_empty() {
            before.push(shared::units("Wants", names.clone()).at(origin));
            before.push(shared::units("After", names).at(origin));
        }
        let serves = cluster.children(self.unit, "config").iter().any(|&config| {
            matches!(cluster.get(config, "value"), Value::Generated(word) if cluster.names.text(*word) == "smb_conf")
        });
        if !serves {
            return;
        }
        let mut known = out.known();
        let served = cluster.shares().served_by(self.host.node).iter();
        let mut roots: Vec<(String, Origin)> = served
            .filter(|&&share| cluster.word(share, "via") == Some("smb3"))
            .filter_map(|&share| {
                let path = reach::server_path(&mut known, share).ok().flatten()?;
                Some((path, cluster.at(share, "path").1))
            })
            .collect();
        roots.sort();
        roots.dedup_by(|a, b| a.0 == b.0);
        let roots: Vec<Term> =
            roots.into_iter().map(|(path, origin)| Term::from(path).at(origin)).collect();
        if !roots.is_empty() {
            before.push(shared::paths("RequiresMountsFor", roots));
        }
    }

    fn identity(&self, service: &mut Vec<Entry<'a>>) {
        let (value, origin) = self.cluster.at(self.unit, "user");
        let (user, group) = match value {
            Value::Thing(user) => (self.cluster.label(*user).to_string(), None),
            Value::Int(uid) => (uid.to_string(), None),
            Value::Text(text) => match text.split_once(':') {
                Some((user, group)) => (user.to_string(), Some(group.to_string())),
                None => (text.to_string(), None),
            },
            _ => return,
        };
        service.push(text("User", user).at(origin));
        service.extend(group.map(|group| text("Group", group).at(origin)));
    }

    fn environment(&self, service: &mut Vec<Entry<'a>>) {
        for pair in self.cluster.get(self.unit, "env").pairs() {
            if let Some(value) = printed(&pair.value, &self.cluster.names) {
                let said = Said::Variable { name: (&*pair.key).into(), value };
                service.push(Entry::new("Environment", said).at(pair.origin));
            }
        }
    }

    fn secrets(
        &self,
        out: &mut Emission,
        before: &mut Vec<Entry<'a>>,
        service: &mut Vec<Entry<'a>>,
    ) {
        let cluster = self.cluster;
        let own = format!("{}-{}", cluster.label(self.service), cluster.label(self.unit));
        let mut wanted = Vec::new();
        let variables: Vec<_> = cluster
            .get(self.unit, "env")
            .pairs()
            .iter()
            .filter_map(|pair| match &pair.value {
                Value::Secret(secret) => Some((&*pair.key, &**secret, pair.origin)),
                _ => None,
            })
            .collect();
        if !variables.is_empty() {
            let file = format!("{own}.env");
            service.push(shared::paths("EnvironmentFile", vec![format!("{FOLDER}/{file}")]));
            wanted.push(Wanted { file, content: Content::Environment(variables) });
        }
        for &credential in cluster.children(self.unit, "credential") {
            let (Value::Secret(secret), origin) = cluster.at(credential, "value") else { continue };
            let label = cluster.label(credential);
            if let (Value::Text(_), at) = cluster.at(credential, "target") {
                let message = format!(
                    "systemd keeps the credentials of a unit below /run/credentials, and `{label}` has another `target`"
                );
                let help =
                    format!("take `target` away, and say `{label}.path` where the file is named");
                out.refuse(Refusal::new(&codes::E0801, at, credential, message, help));
            }
            let file = format!("{own}.{label}");
            let load = format!("{label}:{FOLDER}/{file}");
            service.push(text("LoadCredential", load).at(origin));
            wanted.push(Wanted { file, content: Content::Bare { secret, origin } });
        }
        if wanted.is_empty() {
            return;
        }
        let name = format!("unit-{own}");
        let what = format!("the secrets of {}", self.name);
        let fetched = secrets::fetch(self.host, out, &name, &what, &wanted, &[self.unit]);
        before.push(shared::units("Requires", vec![fetched.clone()]));
        before.push(shared::units("After", vec![fetched]));
    }

    fn limits(&self, service: &mut Vec<Entry<'a>>) {
        let Some(limits) = self.cluster.block(self.unit, "limits") else { return };
        let at = |field: &str| self.cluster.at(limits, field);
        if let (Value::Cpu(cpu), origin) = at("cpu") {
            let percent = (cpu.cores() * 100.0).round() as u64;
            service.push(Entry::new("CPUQuota", Said::Percent(percent)).at(origin));
        }
        for (field, key) in [("memory", "MemoryMax"), ("swap", "MemorySwapMax")] {
            if let (Value::Bytes(bytes), origin) = at(field) {
                service.push(text(key, bytes.0.to_string()).at(origin));
            }
        }
        if let (Value::Int(pids), origin) = at("pids") {
            service.push(text("TasksMax", pids.to_string()).at(origin));
        }
        let reserve = self.cluster.block(limits, "reserve");
        if let Some((Value::Bytes(bytes), origin)) = reserve.map(|r| self.cluster.at(r, "memory")) {
            service.push(text("MemoryLow", bytes.0.to_string()).at(origin));
        }
    }

    fn raw(&self, out: &mut Emission, sections: &mut Vec<Section<'a>>) {
        for pair in self.cluster.get(self.unit, "raw").pairs() {
            let known = ["Unit", "Service"].into_iter().find(|name| *name == &*pair.key);
            let (Some(name), Some(lines)) = (known, pair.value.as_text()) else {
                let message = match known {
                    Some(name) => format!("the lines of `{name}` are one text, and this is none"),
                    None => format!("expected `Unit` or `Service`, found `{}`", pair.key),
                };
                let help = "write the lines as systemd reads them: `raw { Service = \"Nice=5\" }`";
                out.refuse(Refusal::new(&codes::E0801, pair.origin, self.unit, message, help));
                continue;
            };
            let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
            let Some(section) = sections.iter_mut().find(|section| section.name == name) else {
                continue;
            };
            let fields = section.entries.len();
            for line in lines {
                if let Some((field, at)) = said_by(&section.entries[..fields], line) {
                    let key = line.split('=').next().unwrap_or(line).trim_end();
                    let message = format!("`{key}=` cannot be raw: `{field}` says it");
                    let refusal =
                        Refusal::new(&codes::E0803, pair.origin, self.unit, message, BY_ITS_FIELD);
                    out.refuse(refusal.beside(at, "said here"));
                    continue;
                }
                section.entries.push(Entry::new("", Said::Line(line.into())).at(pair.origin));
            }
        }
    }

    /// Its files, at their places; one that the compiler generates is its own target's.
    fn configs(&self, out: &mut Emission) {
        let cluster = self.cluster;
        for &config in cluster.children(self.unit, "config") {
            let path = cluster.label(config);
            let (value, origin) = cluster.at(config, "value");
            let content = match value {
                Value::Generated(_) => continue,
                Value::Secret(_) => {
                    let message =
                        format!("`{path}` lies on the node's disk, where no secret may be");
                    let help = "hand it over by `env` or by a `credential`";
                    out.refuse(Refusal::new(&codes::E0602, origin, config, message, help));
                    continue;
                }
                value => match printed(value, &cluster.names) {
                    Some(content) => content,
                    None => continue,
                },
            };
            let mode = match cluster.get(config, "mode") {
                Value::Mode(mode) => u32::from(mode.bits()),
                _ => 0o644,
            };
            let owner = match cluster.get(config, "owner") {
                Value::Thing(user) => Some(cluster.label(*user).to_string()),
                Value::Int(uid) => Some(uid.to_string()),
                _ => None,
            };
            let below = format!("systemd/{}/config{path}", self.host.name());
            let file = File::new(below)
                .to(Tool::Ansible, self.host.name(), path, mode)
                .side(shared_mounts::side(self.host.world))
                .owned_by(owner, None)
                .from([config]);
            let lines = vec![origin; content.lines().count()];
            out.put(file, Ok(Emitted { text: content.into_owned(), lines }));
        }
    }
}
