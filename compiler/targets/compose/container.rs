//! One container: the entry of the project with all its fields, in the order a person would write.

use super::Project;
use super::raw;
use super::text::{duration, literal, memory, printed};
use crate::formats::{Data, Map};
use crate::model::ThingId;
use crate::model::value::Value;
use crate::origin::Origin;

impl<'a> Project<'a> {
    pub(super) fn container(&mut self, container: ThingId) -> Map<'a> {
        let mut entry = Map(Vec::with_capacity(24));
        let mounts = self.mounts(container);
        self.image(container, &mut entry);
        self.plain(container, &mut entry, &["hostname"]);
        self.lists(container, &mut entry, &["entrypoint", "command"]);
        self.user(container, &mut entry);
        self.lists(container, &mut entry, &["group_add"]);
        self.plain(container, &mut entry, &["working_dir"]);
        self.life(container, &mut entry);
        self.depends_on(container, &mut entry);
        self.tables(container, &mut entry, &[("env", "environment")]);
        put_list(&mut entry, "ports", self.ports(container), self.at(container, "port"));
        put_list(&mut entry, "volumes", mounts.volumes, self.at(container, "volume"));
        put_list(&mut entry, "configs", mounts.configs, self.at(container, "config"));
        put_list(&mut entry, "secrets", mounts.secrets, self.at(container, "credential"));
        self.network(container, &mut entry);
        self.lists(container, &mut entry, &["dns", "dns_search"]);
        self.tables(container, &mut entry, &[("hosts", "extra_hosts")]);
        put_list(&mut entry, "devices", self.devices(container), self.at(container, "device"));
        self.isolation(container, &mut entry);
        if let Some(check) = self.healthcheck(container) {
            entry.put("healthcheck", check);
        }
        self.resources(container, &mut entry);
        if let Some(logging) = self.logging(container) {
            entry.put("logging", logging);
        }
        self.labels(container, mounts.hash, &mut entry);
        self.tables(container, &mut entry, &[("annotations", "annotations")]);
        self.lists(container, &mut entry, &["profiles"]);
        raw::service(self, container, &mut entry);
        entry
    }

    fn at(&self, thing: ThingId, field: &str) -> Origin {
        self.cluster.model().at(thing, field).1
    }

    fn image(&mut self, container: ThingId, entry: &mut Map<'a>) {
        let model = self.cluster.model();
        self.plain(container, entry, &["image"]);
        if let Some(build) = model.block(container, "build") {
            let mut map = Map::new();
            if let Some((value, origin)) = self.some(build, "context") {
                let context = match value {
                    // Compose takes a `~` for somebody's home.
                    Value::Text(path) if path.starts_with('~') => {
                        literal(format!("./{path}")).at(origin)
                    }
                    value => self.text(value, origin, build),
                };
                map.put("context", context);
            }
            self.plain(build, &mut map, &["dockerfile", "target"]);
            self.tables(build, &mut map, &[("args", "args")]);
            entry.put("build", map.at(self.at(container, "build")));
        }
        if let Some(pull) = model.word(container, "pull") {
            entry.put("pull_policy", Data::word(pull).at(self.at(container, "pull")));
        }
        self.plain(container, entry, &["platform"]);
    }

    fn user(&mut self, container: ThingId, entry: &mut Map<'a>) {
        let model = self.cluster.model();
        let (user, origin) = model.at(container, "user");
        let (group, group_origin) = model.at(container, "group");
        let group = printed(group, &model.names).map(|group| group.into_owned());
        let text = match (user, self.ids(user), group) {
            (Value::None, _, None) => return,
            (Value::None, _, Some(group)) => format!(":{group}"),
            (_, Some((uid, _)), Some(group)) => format!("{uid}:{group}"),
            (_, Some((uid, Some(gid))), None) => format!("{uid}:{gid}"),
            (_, Some((uid, None)), None) => uid,
            (other, None, group) => {
                let name = printed(other, &model.names).unwrap_or_default();
                group.map_or(name.to_string(), |group| format!("{name}:{group}"))
            }
        };
        entry.put("user", literal(text).at(origin.or(group_origin)));
    }

    /// How it starts, ends and starts again.
    fn life(&mut self, container: ThingId, entry: &mut Map<'a>) {
        let model = self.cluster.model();
        let restart = match model.word(container, "restart") {
            Some("never") => "no".to_string(),
            Some("on-failure") => match model.param(container, "restart", "tries") {
                Some(Value::Int(tries)) => format!("on-failure:{tries}"),
                _ => "on-failure".to_string(),
            },
            Some(word) => word.to_string(),
            None => "unless-stopped".to_string(),
        };
        entry.put("restart", Data::word(restart).at(self.at(container, "restart")));
        for (field, key) in [
            ("init", "init"),
            ("tty", "tty"),
            ("stdin", "stdin_open"),
            ("read_only", "read_only"),
            ("privileged", "privileged"),
        ] {
            if model.flag(container, field) {
                entry.put(key, Data::from(true).at(self.at(container, field)));
            }
        }
        self.plain(container, entry, &["stop_signal"]);
        if let (Value::Duration(time), at) = model.at(container, "stop_grace") {
            entry.put("stop_grace_period", self.spelled(|| duration(*time)).at(at));
        }
    }

    fn depends_on(&mut self, container: ThingId, entry: &mut Map<'a>) {
        let model = self.cluster.model();
        let (value, origin) = model.at(container, "depends_on");
        // By the other's key: the order of the file is that of names.
        let mut others: Vec<(String, &str, Origin)> = Vec::new();
        for item in value.items() {
            let Some(other) = item.value.as_thing() else { continue };
            let checked = self.is_checked_inside(other);
            let Some(key) = self.beside(other, item.origin, container) else { continue };
            let condition = if checked { "service_healthy" } else { "service_started" };
            others.push((key, condition, item.origin));
        }
        for pair in value.pairs() {
            let Value::Word(word) = &pair.value else { continue };
            let all = model.children(self.service, "container");
            let Some(&other) = all.iter().find(|&&c| model.label(c) == &*pair.key) else {
                continue;
            };
            let condition = match model.names.text(word.word) {
                "healthy" => "service_healthy",
                "completed" => "service_completed_successfully",
                _ => "service_started",
            };
            others.push((self.key(other), condition, pair.origin));
        }
        others.sort();
        others.dedup_by(|a, b| a.0 == b.0);
        if !others.is_empty() {
            let rows = others.into_iter().map(|(key, condition, at)| {
                (key.into(), Map::new().with("condition", Data::word(condition)).at(at))
            });
            entry.put("depends_on", Map(rows.collect()).at(origin));
        }
    }

    fn isolation(&mut self, container: ThingId, entry: &mut Map<'a>) {
        let model = self.cluster.model();
        if let Some(capabilities) = model.block(container, "capabilities") {
            for (field, key) in [("add", "cap_add"), ("drop", "cap_drop")] {
                let (value, at) = model.at(capabilities, field);
                put_list(entry, key, self.texts(value, container), at);
            }
        }
        let (security, at) = model.at(container, "security");
        put_list(entry, "security_opt", self.texts(security, container), at);
        for (field, key) in [("pid", "pid"), ("ipc", "ipc"), ("userns", "userns_mode")] {
            let at = self.at(container, field);
            let said = match model.word(container, field) {
                Some("host") => Some("host".to_string()),
                Some("with") => model
                    .param(container, field, "container")
                    .and_then(Value::as_thing)
                    .and_then(|other| self.beside(other, at, container))
                    .map(|other| format!("service:{other}")),
                _ if field == "ipc" && self.lenders.contains(&container) => {
                    Some("shareable".to_string())
                }
                _ => None,
            };
            entry.0.extend(said.map(|said| (key.into(), Data::text(said).at(at))));
        }
        self.kernel(container);
        self.tables(container, entry, &[("sysctl", "sysctls")]);
        let ulimits = self.ulimits(container);
        if !ulimits.is_empty() {
            entry.put("ulimits", ulimits.at(self.at(container, "ulimits")));
        }
        self.plain(container, entry, &["cgroup_parent"]);
        if let (Value::Bytes(size), at) = model.at(container, "shm") {
            entry.put("shm_size", memory(*size).at(at));
        }
        if let (Value::Int(score), at) = model.at(container, "oom_score") {
            entry.put("oom_score_adj", Data::from(*score).at(at));
        }
    }

    fn labels(&mut self, container: ThingId, hash: Option<String>, entry: &mut Map<'a>) {
        let (labels, origin) = self.cluster.model().at(container, "labels");
        let mut labels = self.table(labels.pairs(), container);
        if let Some(hash) = hash {
            labels.put("colab.hash", Data::text(hash).at(self.at(container, "config")));
        }
        if !labels.is_empty() {
            entry.put("labels", labels.at(origin));
        }
    }

    /// Fields that Compose calls the same, and that print.
    fn plain(&mut self, thing: ThingId, entry: &mut Map<'a>, fields: &[&'static str]) {
        for &field in fields {
            if let Some((value, origin)) = self.some(thing, field) {
                entry.put(field, self.text(value, origin, thing));
            }
        }
    }

    fn lists(&mut self, thing: ThingId, entry: &mut Map<'a>, fields: &[&'static str]) {
        for &field in fields {
            if let Some((value, origin)) = self.some(thing, field) {
                put_list(entry, field, self.texts(value, thing), origin);
            }
        }
    }

    fn tables(
        &mut self,
        thing: ThingId,
        entry: &mut Map<'a>,
        fields: &[(&'static str, &'static str)],
    ) {
        for &(field, key) in fields {
            if let Some((value, origin)) = self.some(thing, field) {
                let table = self.table(value.pairs(), thing);
                if !table.is_empty() {
                    entry.put(key, table.at(origin));
                }
            }
        }
    }
}

fn put_list<'a>(entry: &mut Map<'a>, key: &'static str, items: Vec<Data<'a>>, origin: Origin) {
    if !items.is_empty() {
        entry.put(key, Data::from(items).at(origin));
    }
}
