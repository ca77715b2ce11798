//! The least that the work of the peers asks for: facts in JSON, merged and printed straight by one
//! thread, without a type, a place in the text or a check. No tool, but what a tool is measured by.
//! `least FACTS OUT`.
#![allow(clippy::disallowed_methods, reason = "it reads and writes files, as the peers do")]

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::Path;

type Object = Map<String, Value>;
type Done<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Done {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [facts, out] = args.as_slice() else { return Err("least FACTS OUT".into()) };
    let facts: Value = serde_json::from_slice(&std::fs::read(facts)?)?;
    let cluster = Cluster::of(&facts)?;
    let out = Path::new(out);
    for (name, service) in cluster.services {
        cluster.compose(out, name, service)?;
    }
    for (name, node) in cluster.nodes {
        put(&out.join("fstab").join(name), &cluster.mounts(name, node)?)?;
    }
    put(&out.join("ansible/inventory.yml"), &cluster.inventory()?)?;
    put(&out.join("hosts"), &cluster.hosts()?)?;
    put(&out.join("Caddyfile"), &cluster.sites()?)
}

fn put(path: &Path, text: &str) -> Done {
    match std::fs::write(path, text) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::create_dir_all(path.parent().ok_or("a file has a folder")?)?;
            Ok(std::fs::write(path, text)?)
        }
        done => Ok(done?),
    }
}

fn templates(own: &Object) -> Value {
    let word = |name: &str| own.get(name).and_then(Value::as_str).unwrap_or_default();
    let (name, tag) = (word("name"), word("tag"));
    match word("from") {
        "app" => json!({
            "image": format!("registry.example.net/{name}:{tag}"), "limits": { "memory": 128 },
        }),
        "postgres" => json!({
            "image": format!("postgres:{tag}"), "stop_grace_period": "1m", "shm_size": "128m",
            "healthcheck": {
                "test": ["CMD-SHELL", "pg_isready -q -h 127.0.0.1 -U \"$$POSTGRES_USER\" -d \"$${POSTGRES_DB:-$$POSTGRES_USER}\""],
                "interval": "10s", "timeout": "5s", "start_period": "30s", "retries": 5,
            },
        }),
        "redis" => json!({
            "image": format!("redis:{tag}"),
            "healthcheck": { "test": ["CMD", "redis-cli", "ping"], "interval": "10s", "timeout": "5s", "retries": 5 },
        }),
        "caddy" => json!({
            "image": format!("caddy:{tag}"),
            "volumes": { "/etc/caddy/Caddyfile": { "bind": "/etc/caddy/Caddyfile", "read_only": true } },
            "healthcheck": {
                "test": ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:2019/config/"],
                "interval": "30s", "timeout": "5s", "retries": 3,
            },
        }),
        _ => Value::Null,
    }
}

/// What the later layer says wins.
fn merge(into: &mut Value, more: &Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (key, value) in more {
                match into.get_mut(key) {
                    Some(there) => merge(there, value),
                    None => drop(into.insert(key.clone(), value.clone())),
                }
            }
        }
        (_, Value::Null) => {}
        (into, more) => *into = more.clone(),
    }
}

struct Cluster<'a> {
    nodes: &'a Object,
    shares: &'a Object,
    groups: &'a Object,
    services: &'a Object,
    /// What each node's layers say of a container, by its name.
    layers: BTreeMap<&'a str, Value>,
}

fn object<'a>(of: &'a Value, name: &str) -> Done<&'a Object> {
    of[name].as_object().ok_or_else(|| format!("no {name}").into())
}

fn text<'a>(of: &'a Value, name: &str) -> Done<&'a str> {
    of[name].as_str().ok_or_else(|| format!("no {name}").into())
}

fn entries(of: &Value) -> impl Iterator<Item = (&String, &Value)> {
    of.as_object().into_iter().flatten()
}

fn items(of: &Value) -> impl Iterator<Item = &str> {
    of.as_array().into_iter().flatten().filter_map(Value::as_str)
}

impl<'a> Cluster<'a> {
    fn of(facts: &'a Value) -> Done<Cluster<'a>> {
        let nodes = object(facts, "nodes")?;
        let mut layers = BTreeMap::new();
        for (name, node) in nodes {
            let platform = if node["arch"] == "arm64" { "linux/arm64" } else { "linux/amd64" };
            let mut layer = json!({
                "restart": "always", "platform": platform,
                "logging": { "driver": "json-file", "max_size": "10m", "max_file": "3" },
                "env": { "TZ": "Etc/UTC", "REGION": node["vars"]["region"].as_str().unwrap_or("core") },
            });
            if items(&node["roles"]).any(|role| role == "worker") {
                merge(&mut layer, &json!({ "labels": { "org.example.pool": "work" } }));
            }
            merge(&mut layer, &node["container"]);
            layers.insert(name.as_str(), layer);
        }
        let (shares, groups) = (object(facts, "shares")?, object(facts, "groups")?);
        Ok(Cluster { nodes, shares, groups, services: object(facts, "services")?, layers })
    }

    fn node(&self, name: &str) -> Done<&'a Value> {
        self.nodes.get(name).ok_or_else(|| format!("no node {name}").into())
    }

    /// A text with its reference put in.
    fn resolved(&self, value: &str) -> Done<String> {
        let Some(reference) = value.strip_prefix("@{").and_then(|rest| rest.strip_suffix('}'))
        else {
            return Ok(value.to_owned());
        };
        let (what, name) = reference.split_once(' ').ok_or("a reference has a name")?;
        Ok(match what {
            "lan" => text(self.node(name)?, "lan")?.to_owned(),
            "workers" => {
                let memory = self.node(name)?["memory"].as_u64().unwrap_or_default();
                if memory > 100 { "8" } else { "4" }.to_owned()
            }
            _ => {
                let service = self.services.get(name).ok_or("no such service")?;
                let port = &service["containers"]["main"]["ports"]["http"]["host"];
                format!("http://{}:{port}", text(self.node(text(service, "on")?)?, "lan")?)
            }
        })
    }

    fn container(&self, service: &Value, on: &str, label: &str, own: &Value) -> Value {
        let mut merged = own.as_object().map_or(Value::Null, templates);
        if merged.is_null() {
            merged = json!({});
        }
        for layer in [
            self.layers.get(on).unwrap_or(&Value::Null),
            own,
            &service["on_os"]["linux"][label],
            &service["on_node"][on][label],
        ] {
            merge(&mut merged, layer);
        }
        merged
    }

    fn compose(&self, out: &Path, name: &str, service: &Value) -> Done {
        let on = text(service, "on")?;
        let node = self.node(on)?;
        let folder = out.join("compose").join(on);
        let all: Vec<(&String, Value)> = entries(&service["containers"])
            .map(|(label, own)| (label, self.container(service, on, label, own)))
            .collect();
        let mut to = format!("name: {name}\nservices:\n");
        let (mut volumes, mut secrets) = (String::new(), String::new());
        for (label, c) in &all {
            writeln!(to, "  {name}-{label}:")?;
            for key in
                ["image", "platform", "restart", "stop_grace_period", "shm_size", "network_mode"]
            {
                if let Some(value) = c[key].as_str() {
                    writeln!(to, "    {key}: {value:?}")?;
                }
            }
            for (at, (key, value)) in entries(&c["healthcheck"]).enumerate() {
                to.push_str(if at == 0 { "    healthcheck:\n" } else { "" });
                writeln!(to, "      {key}: {value}")?;
            }
            for (at, other) in items(&c["depends_on"]).enumerate() {
                to.push_str(if at == 0 { "    depends_on:\n" } else { "" });
                let healthy =
                    all.iter().any(|(label, c)| *label == other && c["healthcheck"].is_object());
                let condition = if healthy { "service_healthy" } else { "service_started" };
                writeln!(to, "      {name}-{other}:\n        condition: {condition}")?;
            }
            to.push_str("    environment:\n");
            for (key, value) in entries(&c["env"]) {
                let value = self.resolved(value.as_str().unwrap_or_default())?;
                writeln!(to, "      {key}: {}", Value::String(value))?;
            }
            for (at, (_, port)) in entries(&c["ports"]).enumerate() {
                to.push_str(if at == 0 { "    ports:\n" } else { "" });
                for address in [text(node, "lan")?, text(node, "mesh")?, "127.0.0.1"] {
                    writeln!(
                        to,
                        "      - \"{address}:{}:{}/tcp\"",
                        port["host"], port["container"]
                    )?;
                }
            }
            let mounts = self.volumes(name, label, on, node, c)?;
            if !mounts.is_empty() {
                write!(to, "    volumes:\n{mounts}")?;
            }
            for (_, volume) in entries(&c["volumes"]) {
                if let Some(local) = volume["local"].as_str() {
                    writeln!(volumes, "  {local}:\n    name: {local:?}")?;
                }
            }
            for (target, content) in entries(&c["config"]) {
                let path =
                    folder.join(name).join(label.as_str()).join(target.trim_start_matches('/'));
                put(&path, content.as_str().unwrap_or_default())?;
            }
            for (at, (key, variable)) in entries(&c["credentials"]).enumerate() {
                to.push_str(if at == 0 { "    secrets:\n" } else { "" });
                writeln!(
                    to,
                    "      - source: {label}-{key}\n        target: \"/run/secrets/{key}\"\n        mode: \"0400\""
                )?;
                writeln!(secrets, "  {label}-{key}:\n    environment: {variable}")?;
            }
            let memory = c["limits"]["memory"].as_u64().ok_or("no memory")?;
            to.push_str("    deploy:\n      resources:\n        limits:\n");
            match memory.is_multiple_of(1_024) {
                true => writeln!(to, "          memory: \"{}g\"", memory / 1_024)?,
                false => writeln!(to, "          memory: \"{memory}m\"")?,
            }
            if let Some(cpu) = c["limits"]["cpu"].as_str() {
                writeln!(to, "          cpus: {cpu:?}")?;
            }
            let logging = &c["logging"];
            writeln!(
                to,
                "    logging:\n      driver: {}\n      options:\n        max-size: {}\n        max-file: {}\n    labels:",
                logging["driver"], logging["max_size"], logging["max_file"]
            )?;
            for (key, value) in entries(&c["labels"]) {
                writeln!(to, "      {key}: {value}")?;
            }
        }
        for (word, part) in [("volumes", volumes), ("secrets", secrets)] {
            if !part.is_empty() {
                write!(to, "{word}:\n{part}")?;
            }
        }
        put(&folder.join(format!("{name}.yml")), &to)
    }

    fn volumes(&self, name: &str, label: &str, on: &str, node: &Value, c: &Value) -> Done<String> {
        let mut to = String::new();
        for (target, volume) in entries(&c["volumes"]) {
            if let Some(local) = volume["local"].as_str() {
                writeln!(
                    to,
                    "      - type: volume\n        source: {local}\n        target: {target:?}"
                )?;
                continue;
            }
            let (mut source, mut how) =
                (volume["bind"].as_str().unwrap_or_default().to_owned(), "");
            if let Some(share) = volume["share"].as_str() {
                let share = self.shares.get(share).ok_or("no such share")?;
                let base = if text(share, "server")? == on {
                    text(&node["disks"][text(share, "disk")?], "mount")?
                } else {
                    how = "          propagation: rslave\n";
                    text(share, "mount")?
                };
                source = format!("{base}/{}", text(volume, "path")?);
            }
            let read_only =
                if volume["read_only"] == true { "        read_only: true\n" } else { "" };
            write!(
                to,
                "      - type: bind\n        source: {source:?}\n        target: {target:?}\n{read_only}        bind:\n{how}          create_host_path: false\n"
            )?;
        }
        for (target, _) in entries(&c["config"]) {
            write!(
                to,
                "      - type: bind\n        source: \"./{name}/{label}{target}\"\n        target: {target:?}\n        read_only: true\n        bind:\n          create_host_path: false\n"
            )?;
        }
        Ok(to)
    }

    fn inventory(&self) -> Done<String> {
        let mut to = String::from("all:\n  hosts:\n");
        let mut children: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for group in ["macos", "windows", "wsl", "trial", "status_offline", "status_on_demand"] {
            children.entry(group.to_owned()).or_default();
        }
        for (name, node) in self.nodes {
            let lan = text(node, "lan")?;
            writeln!(to, "    {name}:\n      ansible_host: {lan:?}\n      ansible_user: ops")?;
            let mut groups = vec!["linux".to_owned(), "posix".to_owned(), "status_up".to_owned()];
            groups.push(format!("arch_{}", text(node, "arch")?));
            groups.push(format!("os_{}", text(node, "os")?));
            groups.extend(items(&node["roles"]).map(|role| format!("role_{role}")));
            for group in groups {
                children.entry(group).or_default().push(name);
            }
        }
        for (name, group) in self.groups {
            children.insert(format!("group_{}", name.replace('-', "_")), items(group).collect());
        }
        to.push_str("  children:\n");
        for (name, hosts) in children {
            writeln!(to, "    {name}:\n      hosts:{}", if hosts.is_empty() { " {}" } else { "" })?;
            for host in hosts {
                writeln!(to, "        {host}: {{}}")?;
            }
        }
        Ok(to)
    }

    fn mounts(&self, name: &str, node: &Value) -> Done<String> {
        let mut to = String::new();
        for (_, disk) in entries(&node["disks"]) {
            let (device, mount, fs) =
                (text(disk, "device")?, text(disk, "mount")?, text(disk, "fs")?);
            writeln!(to, "{device} {mount} {fs} defaults 0 0")?;
        }
        for (share, said) in self.shares {
            let server = text(said, "server")?;
            if server != name && items(&said["clients"]).any(|client| client == name) {
                let (lan, mount) = (text(self.node(server)?, "lan")?, text(said, "mount")?);
                writeln!(
                    to,
                    "//{lan}/{share} {mount} cifs credentials=/run/colab/{share}.cred,uid=1000,gid=1000,vers=3.1.1,iocharset=utf8,hard,_netdev,nofail,x-systemd.automount,x-systemd.idle-timeout=600s,x-systemd.mount-timeout=30s,x-systemd.requires=colab-secret-share-{share}.service,x-systemd.before=docker.service 0 0"
                )?;
            }
        }
        Ok(to)
    }

    fn hosts(&self) -> Done<String> {
        let mut to = String::new();
        for (name, node) in self.nodes {
            let (lan, mesh, alias) =
                (text(node, "lan")?, text(node, "mesh")?, text(node, "alias")?);
            writeln!(to, "{lan} {name} {alias}\n{mesh} {name}.scale")?;
        }
        Ok(to)
    }

    fn sites(&self) -> Done<String> {
        let edge = self.services.get("edge").ok_or("no edge")?;
        let mut sites = BTreeMap::new();
        for service in self.services.values() {
            for (host, to) in entries(&service["sites"]) {
                let port = &service["containers"][text(to, "container")?]["ports"]
                    [text(to, "port")?]["host"];
                let here = service["on"] == edge["on"];
                let lan = text(self.node(text(service, "on")?)?, "lan")?;
                sites.insert(host, format!("{}:{port}", if here { "127.0.0.1" } else { lan }));
            }
        }
        let mut to = String::from("{\n\tskip_install_trust\n}\n");
        for (host, at) in sites {
            write!(
                to,
                "{host} {{\n\ttls internal\n\t@outside not remote_ip 10.0.0.0/8 100.64.0.0/10\n\thandle @outside {{\n\t\trespond 403\n\t}}\n\thandle {{\n\t\treverse_proxy {at}\n\t}}\n}}\n"
            )?;
        }
        Ok(to)
    }
}
