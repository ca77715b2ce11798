//! Order, machines, and what containers are given.

use super::Row;
use super::world::{Part, World, entries, list, named, word};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

#[rustfmt::skip] // one row a line
pub const ROWS: &[Row] = &[
    ("E1301", bootstrap), ("E1302", secrets), ("E1401", unknown), ("E1402", gpus), ("E1403", platforms),
    ("E1404", capacity), ("E1405", needs), ("E1406", engines), ("E1407", starters),
    ("E1408", chosen), ("E1501", containers), ("E1502", services),
    ("E1503", units), ("E1507", on_demand), ("E1508", decisions), ("E1509", elsewhere), ("E1504", jumps), ("E1505", abroad), ("E1602", compose), ("E1603", tasks),
    ("E1604", writes), ("L0102", health), ("L0201", tags), ("L0202", limits), ("L0204", rights),
    ("E1701", rollbacks), ("L0206", low),
];

/// The stores whose secrets a value is made with.
fn stores<'a>(value: &'a Json, all: &mut BTreeSet<&'a str>) {
    for part in list(&value["secret"]) {
        all.extend(part["store"].as_str());
    }
}

/// A service that must run before a store answers, and cannot start without it, by however many steps.
fn bootstrap(world: &World) -> Vec<String> {
    let mut keepers: BTreeMap<&str, &str> = BTreeMap::new();
    for (store, json) in world.all("secret-stores") {
        let provider = &json["provider"];
        if word(provider) == Some("infisical") && provider["url"].is_null() {
            keepers.insert(store, named(&provider["service"], "service").unwrap_or("infisical"));
        }
    }
    let mut edges: BTreeSet<(&str, &str)> = BTreeSet::new();
    for part in world.parts() {
        let mut used = BTreeSet::new();
        entries(&part.json["env"]).for_each(|(_, value)| stores(value, &mut used));
        for field in ["config", "credential"] {
            entries(&part.json[field]).for_each(|(_, child)| stores(&child["value"], &mut used));
        }
        for (_, volume) in entries(&part.json["volume"]) {
            let path = volume["value"]["path"].as_str().unwrap_or_default();
            for (name, share) in
                world.all("shares").into_iter().filter(|(_, s)| world.is_client(s, part.node))
            {
                let below = world
                    .share_at(name, share, part.node)
                    .is_some_and(|root| super::storage::is_below(path, root));
                if volume["value"]["share"] == name || (volume["value"]["host"] == true && below) {
                    stores(&share["password"], &mut used);
                }
            }
        }
        edges.extend(used.iter().filter_map(|store| Some((part.service, *keepers.get(store)?))));
    }
    edges.extend(after(world));
    let all = closure(edges);
    keepers
        .values()
        .filter(|keeper| all.contains(&(**keeper, **keeper)))
        .map(|k| k.to_string())
        .collect()
}

pub fn after<'a>(world: &World<'a>) -> BTreeSet<(&'a str, &'a str)> {
    let services = world.all("services").into_iter();
    services
        .flat_map(|(name, json)| {
            list(&json["after"]).iter().filter_map(move |o| Some((name, named(o, "service")?)))
        })
        .collect()
}

/// Who comes before whom, by any number of steps.
pub fn closure<T: Ord + Clone>(mut edges: BTreeSet<(T, T)>) -> BTreeSet<(T, T)> {
    loop {
        let further: Vec<(T, T)> = edges
            .iter()
            .flat_map(|(a, b)| {
                edges.iter().filter(move |(c, _)| c == b).map(move |(_, d)| (a.clone(), d.clone()))
            })
            .filter(|pair| !edges.contains(pair))
            .collect();
        if further.is_empty() {
            return edges;
        }
        edges.extend(further);
    }
}

fn circles<T: Ord + Clone + ToString>(edges: BTreeSet<(T, T)>) -> Vec<String> {
    closure(edges).iter().filter(|(a, b)| a == b).map(|(a, _)| a.to_string()).collect()
}

/// Containers that a container waits for: its own name, the other's service, and its name.
fn waits<'a>(world: &World<'a>) -> Vec<(Part<'a>, &'a str, &'a str)> {
    let mut all = Vec::new();
    for part in world.containers() {
        let value = &part.json["depends_on"];
        for other in list(value).iter().filter_map(|other| named(other, "container")) {
            let (service, name) = other.split_once('.').unwrap_or((other, ""));
            all.push((part, service, name));
        }
        all.extend(entries(value).map(|(name, _)| (part, part.service, name)));
    }
    all
}

fn containers(world: &World) -> Vec<String> {
    let own = waits(world).into_iter().filter(|(part, service, _)| part.service == *service);
    circles(
        own.map(|(part, service, name)| (part.path(), format!("{}/{service}.{name}", part.node)))
            .collect(),
    )
}

fn abroad(world: &World) -> Vec<String> {
    let other = waits(world).into_iter().filter(|(part, service, _)| part.service != *service);
    other.map(|(part, service, name)| format!("{} for {service}.{name}", part.path())).collect()
}

fn services(world: &World) -> Vec<String> {
    circles(after(world))
}

fn units(world: &World) -> Vec<String> {
    let mut edges = BTreeSet::new();
    for part in world.parts().into_iter().filter(|part| part.kind == "unit") {
        for other in list(&part.json["after"]).iter().filter_map(|other| named(other, "unit")) {
            edges.insert((part.path(), format!("{}/{other}", part.node)));
        }
    }
    circles(edges)
}

fn on_demand(world: &World) -> Vec<String> {
    let mut edges = BTreeSet::new();
    for (node, json) in world.managed() {
        for (name, task) in entries(&json["task"]) {
            for other in list(&task["depends"]).iter().filter_map(|other| named(other, "task")) {
                edges.insert((format!("{node}/{name}"), format!("{node}/{other}")));
            }
        }
    }
    circles(edges)
}

fn elsewhere(world: &World) -> Vec<String> {
    let mut lost = Vec::new();
    for (node, json) in world.managed() {
        for (name, task) in entries(&json["task"]) {
            let mut others = list(&task["depends"]).iter().filter_map(|other| named(other, "task"));
            if others.any(|other| json["task"][other].is_null()) {
                lost.push(format!("{node}/{name}"));
            }
        }
    }
    lost
}

fn decisions(world: &World) -> Vec<String> {
    let all = world.all("decisions").into_iter();
    circles(
        all.filter_map(|(name, json)| Some((name, named(&json["replaces"], "decision")?)))
            .collect(),
    )
}

fn jumps(world: &World) -> Vec<String> {
    let nodes = world.all("nodes").into_iter();
    circles(
        nodes
            .filter_map(|(name, json)| Some((name, named(&json["ssh"]["jump"], "node")?)))
            .collect(),
    )
}

fn secrets(world: &World) -> Vec<String> {
    let promising = |key: &str| {
        let key = key.to_lowercase();
        ["password", "pass", "secret", "token"].iter().any(|end| key.ends_with(end))
    };
    let token = |text: &str| {
        ["ghp_", "glpat-", "hf_"].iter().any(|head| text.starts_with(head) && text.len() > 30)
    };
    let mut found = Vec::new();
    for part in world.parts() {
        for (key, value) in entries(&part.json["env"]) {
            let Some(text) = value.as_str() else { continue };
            if token(text) || (promising(key) && !text.starts_with('/') && text.len() > 5) {
                found.push(format!("{} {key}", part.path()));
            }
        }
    }
    found
}

fn unknown(world: &World) -> Vec<String> {
    let nodes = world.managed().into_iter().filter(|(_, json)| {
        json["address"].is_object() && (json["arch"].is_null() || json["os"].is_null())
    });
    nodes.map(|(name, _)| name.to_string()).collect()
}

fn gpus(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for part in world.containers().into_iter().filter(|part| !part.json["gpu"].is_null()) {
        let (wanted, has) = (&part.json["gpu"], &world.node(part.node)["hardware"]["gpu"]);
        // What the whole service needs is told of the service.
        if has.is_null() && !world.0["services"][part.service]["needs"]["gpu"].is_null() {
            continue;
        }
        let more = wanted["number"].as_i64() > has["count"].as_i64().or(Some(1))
            && wanted["number"].is_i64();
        if has.is_null() || more {
            found.push(part.path());
        }
    }
    found
}

fn platforms(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for part in world.containers() {
        let node = world.node(part.node);
        let Some(arch) = word(&node["arch"]).filter(|_| word(&node["engine"]) != Some("desktop"))
        else {
            continue;
        };
        let built = match part.json["platform"].as_str() {
            Some("linux/amd64") => Some("x86_64"),
            Some(text) if text.starts_with("linux/arm64") => Some("arm64"),
            Some("linux/arm/v7") => Some("armv7"),
            _ => None,
        };
        let exists: Vec<&str> = list(&part.json["platforms"]).iter().filter_map(word).collect();
        // Programs of 32 bits go on the larger ARM too.
        let wrong = |built: &str| built != arch && (built, arch) != ("armv7", "arm64");
        if built.is_some_and(wrong) || (!exists.is_empty() && exists.iter().all(|it| wrong(it))) {
            found.push(part.path());
        }
    }
    found
}

fn capacity(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (node, json) in world.managed() {
        let (hardware, kept) = (&json["hardware"], &json["reserve"]);
        let parts: Vec<Part> = world.parts().into_iter().filter(|part| part.node == node).collect();
        let limits = || parts.iter().map(|part| &part.json["limits"]);
        let promised: Vec<f64> = limits().filter_map(|l| l["memory"]["bytes"].as_f64()).collect();
        let over = limits().filter_map(|l| l["overcommit"].as_f64()).fold(1.0, f64::max);
        if let Some(has) = hardware["memory"]["bytes"].as_f64() {
            let own = kept["memory"]["bytes"].as_f64().unwrap_or(0.0);
            if !promised.is_empty() && promised.iter().sum::<f64>() + own > has * over {
                found.push(format!("memory of {node}"));
            }
        }
        if let Some(has) = hardware["cpu"]["cores"].as_f64() {
            let reserved: Vec<f64> =
                limits().filter_map(|l| l["reserve"]["cpu"]["cores"].as_f64()).collect();
            let own = kept["cpu"]["cores"].as_f64().unwrap_or(0.0);
            if !reserved.is_empty() && reserved.iter().sum::<f64>() + own > has + 1e-9 {
                found.push(format!("cores of {node}"));
            }
            let more = parts
                .iter()
                .filter(|part| part.json["limits"]["cpu"]["cores"].as_f64() > Some(has));
            found.extend(more.map(Part::path));
        }
    }
    found
}

fn needs(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (service, json) in world.all("services") {
        let nodes = entries(&json["$instances"]).map(|(node, _)| node);
        let lacking = nodes.filter(|node| lacks(&json["needs"], world.node(node)));
        found.extend(lacking.map(|node| format!("{service} on {node}")));
    }
    found
}

/// Whether a node is known to have less than a service needs.
fn lacks(needs: &Json, node: &Json) -> bool {
    let hardware = &node["hardware"];
    let family = |os: &str, wanted: &str| match wanted {
        "linux" => !matches!(os, "windows" | "macos"),
        "unix" => os != "windows",
        _ => os == wanted,
    };
    let less = |has: &Json, wants: &Json| {
        wants.as_f64().is_some_and(|wants| has.as_f64().is_some_and(|has| has < wants))
    };
    let other =
        |wanted: &Json, has: &Json| word(wanted).is_some_and(|w| word(has).is_some_and(|h| h != w));
    let os = word(&needs["os"]).is_some_and(|w| word(&node["os"]).is_some_and(|h| !family(h, w)));
    let no_gpu = !needs["gpu"].is_null() && hardware["gpu"].is_null();
    no_gpu
        || other(&needs["arch"], &node["arch"])
        || os
        || less(&hardware["memory"]["bytes"], &needs["memory"]["bytes"])
        || less(&hardware["cpu"]["cores"], &needs["cpu"]["cores"])
}

/// Services that a condition places, with data on their node alone, where another node would do. The model does not
/// say the condition: it is taken for true of every node, as it is where a break states it.
fn chosen(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (service, json) in world.all("services") {
        if json["on"]["placement"] != "where" {
            continue;
        }
        let always = word(&json["availability"]) != Some("on-demand");
        let would_do = |node: &Json| {
            let there = match word(&node["status"]) {
                Some("up") => true,
                Some("offline") => false,
                _ => !always,
            };
            there && !lacks(&json["needs"], node)
        };
        if world.managed().into_iter().filter(|(_, node)| would_do(node)).count() < 2 {
            continue;
        }
        for part in world.containers().into_iter().filter(|part| part.service == service) {
            let stays = entries(&part.json["volume"]).any(|(_, volume)| {
                let (value, own) = (&volume["value"], format!("{}.", part.node));
                let on_disk = value["disk"].as_str().is_some_and(|disk| disk.starts_with(&own));
                volume["read_only"] != true && (value["volume"].is_string() || on_disk)
            });
            if stays {
                found.push(part.path());
            }
        }
    }
    found
}

fn engines(world: &World) -> Vec<String> {
    let parts = world.containers().into_iter();
    parts
        .filter(|part| word(&world.node(part.node)["engine"]) == Some("off"))
        .map(|p| p.path())
        .collect()
}

fn compose(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (node, json) in world.managed() {
        for (path, file) in entries(&json["file"]) {
            let yaml = path.ends_with(".yml") || path.ends_with(".yaml");
            let services = file["content"]
                .as_str()
                .is_some_and(|text| text.lines().any(|line| line == "services:"));
            if yaml && services {
                found.push(format!("{node} {path}"));
            }
        }
    }
    found
}

fn all_tasks<'a>(world: &World<'a>) -> Vec<(&'a str, &'a Json)> {
    world.managed().into_iter().flat_map(|(_, json)| entries(&json["task"])).collect()
}

fn tasks(world: &World) -> Vec<String> {
    let services = world.all("services");
    let own = |name: &str| {
        name == "cluster:ping"
            || services.iter().any(|(s, _)| {
                ["deploy", "logs", "status"].iter().any(|v| name == format!("{v}:{s}"))
            })
    };
    all_tasks(world)
        .into_iter()
        .filter(|(name, _)| own(name))
        .map(|(name, _)| name.to_string())
        .collect()
}

fn writes(world: &World) -> Vec<String> {
    let into = |text: &str| {
        let owned = ["/etc/fstab", "/etc/hosts", "/etc/docker/daemon.json"];
        owned.iter().any(|path| {
            [format!(">> {path}"), format!("tee -a {path}")].iter().any(|w| text.contains(w))
                || (text.starts_with("sed -i") && text.contains(path))
        })
    };
    let tasks = all_tasks(world).into_iter();
    tasks
        .filter(|(_, task)| task["run"].as_str().is_some_and(into))
        .map(|(name, _)| name.to_string())
        .collect()
}

fn health(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (service, json) in world.all("services") {
        let parts: Vec<Part> =
            world.parts().into_iter().filter(|part| part.service == service).collect();
        let Some(first) = parts.first() else { continue };
        let mine = || parts.iter().filter(|part| part.node == first.node);
        let watched = |part: &&Part| {
            let health = &part.json["health"];
            ["command", "shell", "http", "tcp"].iter().any(|field| !health[*field].is_null())
        };
        let asked = |part: &&Part| part.ports().next().is_some() && part.json["timer"].is_null();
        if word(&json["availability"]) == Some("always")
            && mine().any(|p| asked(&p))
            && !mine().any(|p| watched(&p))
        {
            found.push(service.to_string());
        }
    }
    found
}

fn tags(world: &World) -> Vec<String> {
    let moving = |image: &str| {
        let name = image.rsplit('/').next().unwrap_or(image);
        !image.contains('@') && matches!(name.split_once(':'), None | Some((_, "latest" | "main")))
    };
    let parts = world.containers().into_iter();
    parts
        .filter(|part| part.json["image"].as_str().is_some_and(moving))
        .map(|part| part.path())
        .collect()
}

fn limits(world: &World) -> Vec<String> {
    let parts = world.containers().into_iter().filter(|part| {
        !world.node(part.node)["hardware"]["memory"].is_null()
            && part.json["limits"]["memory"].is_null()
    });
    parts.map(|part| part.path()).collect()
}

fn rights(world: &World) -> Vec<String> {
    let parts = world.containers().into_iter().filter(|part| part.json["privileged"] == true);
    parts.map(|part| part.path()).collect()
}

/// Units that are named for what does not start programs there.
fn starters(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for part in world.parts().into_iter().filter(|part| part.kind == "unit") {
        let os = &world.node(part.node)["os"];
        let here = match word(os) {
            Some("macos") => "launchd",
            Some("windows") if os["wsl"] != true => "windows_service",
            _ => "systemd",
        };
        let said = |field: &str| part.json[field].is_string();
        let all = ["systemd", "launchd", "windows_service"];
        let own = said(here) || (here == "systemd" && part.json["exec"].is_array());
        if !own && all.into_iter().any(said) {
            found.push(part.path());
        }
    }
    found
}

fn rollbacks(world: &World) -> Vec<String> {
    let bad = |text: &str| {
        let lines: Vec<&str> = text.lines().collect();
        let far = |line: &&&str| line.starts_with("ssh ");
        let goes_back = lines.iter().any(|line| {
            !line.starts_with("ssh ") && (line.contains("git checkout ") || line.contains("--hard"))
        });
        let pulls = lines.iter().filter(far).any(|line| line.contains("git pull"));
        let away = lines.iter().filter(far).any(|line| line.ends_with("git checkout green"));
        let back = lines.iter().filter(far).any(|line| line.ends_with("git checkout main"));
        (goes_back && pulls && !text.contains("git push")) || (away && !back)
    };
    let tasks = all_tasks(world).into_iter();
    let own = tasks.filter(|(_, task)| task["run"].as_str().is_some_and(bad));
    let mut found: Vec<String> = own.map(|(name, _)| name.to_string()).collect();
    found.dedup();
    found
}

/// Numbers of the system that this mutator knows a protocol for.
fn low(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for part in world.containers() {
        for (name, port) in part.ports() {
            let (outer, inner) = (&port["value"]["published"], &port["value"]["port"]);
            let known = [22, 25, 53, 80, 123, 443, 445, 514, 853, 993];
            if let Some(number) = outer.as_u64()
                && number < 1024
                && inner.as_u64() != Some(number)
                && !known.contains(&number)
            {
                found.push(format!("{} {name}", part.path()));
            }
        }
    }
    found
}
