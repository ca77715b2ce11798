//! The user's tools and tasks: one configuration a node, a script for each service that is started
//! there, and the cluster's own scripts, which are the same on every node.

mod cluster;
mod deploy;

use super::shared_nodes::{self as nodes};
use super::{Emission, File, Target};
use crate::formats::inert::tera;
use crate::formats::shell::quote;
use crate::formats::toml;
use crate::formats::{Data, Map};
use crate::model::value::Value;
use crate::model::{Cluster, Instance, ThingId};
use crate::origin::Origin;
use crate::tree::Tool;

pub const TARGET: Target = Target {
    name: "mise",
    doc: "Pinned tools, and tasks to deploy, look and operate, on each node",
    emit,
};

/// Where mise finds configuration beside the user's own, and scripts that are tasks.
const CONFIG: &str = "~/.config/mise/conf.d/colab.toml";
const TASKS: &str = "~/.config/mise/tasks";

fn emit(cluster: &Cluster, out: &mut Emission) {
    for node in nodes::managed(cluster) {
        let name = cluster.label(node);
        let mut made_from = vec![node];
        made_from.extend(cluster.children(node, "task"));
        let config = Map::new()
            .with_some("tools", tools(cluster, node))
            .with_some("env", variables(cluster, node))
            .with_some("tasks", tasks(cluster, node));
        let file = File::new(format!("mise/{name}/config.toml"))
            .to(Tool::Chezmoi, name, CONFIG, 0o644)
            .from(made_from);
        let written = toml::write(&out.header(&[node]), &config.into());
        out.put(file, written);
        if !nodes::posix(cluster, node) {
            continue;
        }
        for instance in with_containers(cluster, Some(node)) {
            deploy::emit(cluster, out, instance);
        }
    }
    cluster::emit(cluster, out);
}

/// The instances that Compose starts.
fn with_containers(cluster: &Cluster, node: Option<ThingId>) -> Vec<Instance> {
    let mut all = nodes::instances(cluster);
    all.retain(|i| {
        node.is_none_or(|node| i.node == node) && !nodes::containers(cluster, *i).is_empty()
    });
    all
}

fn tools<'a>(cluster: &'a Cluster, node: ThingId) -> Option<Data<'a>> {
    let (value, at) = cluster.at(node, "tools");
    texts(value, at, |text| text.into())
}

fn variables<'a>(cluster: &'a Cluster, node: ThingId) -> Option<Data<'a>> {
    let (value, at) = cluster.at(node, "env");
    texts(value, at, |text| tera(text).into_owned())
}

/// A map of texts, where there is one.
fn texts<'a>(value: &'a Value, at: Origin, spell: fn(&'a str) -> String) -> Option<Data<'a>> {
    let mut map = Map::new();
    for pair in value.pairs() {
        if let Some(text) = pair.value.as_text() {
            map.put(&*pair.key, Data::text(spell(text)).at(pair.origin));
        }
    }
    (!map.is_empty()).then(|| map.at(at))
}

/// The user's own tasks, and for every service on another node a task that asks that node.
fn tasks<'a>(cluster: &'a Cluster, node: ThingId) -> Option<Data<'a>> {
    let mut map = Map::new();
    for &task in cluster.children(node, "task") {
        if !nodes::off(cluster, task) {
            map.put(cluster.label(task), own(cluster, node, task));
        }
    }
    for instance in nodes::instances_on(cluster, node) {
        for &task in cluster.children(instance.thing, "task") {
            if !nodes::off(cluster, task) {
                map.put(cluster.label(task), own(cluster, node, task));
            }
        }
    }
    let mut services: Vec<ThingId> =
        with_containers(cluster, None).iter().map(|i| i.service).collect();
    services.dedup();
    for service in services {
        for_service(cluster, node, service, &mut map);
    }
    (!map.is_empty()).then(|| map.into())
}

/// A task that somebody declared.
fn own<'a>(cluster: &'a Cluster, node: ThingId, task: ThingId) -> Data<'a> {
    let (run, at) = cluster.at(task, "run");
    let command = |text: &'a str| Data::text(tera(text));
    let run = match run {
        Value::List(items) => Data::list(items.iter().filter_map(|item| {
            let text = item.value.as_text()?;
            Some(command(text).at(item.origin))
        })),
        value => command(value.as_text().unwrap_or("")),
    };
    let here: Vec<&str> =
        cluster.children(node, "task").iter().map(|&task| cluster.label(task)).collect();
    let depends: Vec<Data<'a>> = cluster
        .get(task, "depends")
        .items()
        .iter()
        .filter_map(|item| {
            let label = cluster.label(item.value.as_thing()?);
            here.contains(&label).then(|| Data::text(label).at(item.origin))
        })
        .collect();
    let (env, env_at) = cluster.at(task, "env");
    let confirm = cluster.flag(task, "confirm");
    Map::new()
        .with_some("description", cluster.text(task, "description").map(Data::text))
        .with_some("confirm", confirm.then(|| Data::from(format!("Run {}?", cluster.label(task)))))
        .with_some("depends", (!depends.is_empty()).then_some(depends))
        .with_some("env", texts(env, env_at, |text| tera(text).into_owned()))
        .with("run", run.at(at))
        .at(task.origin())
}

/// Look at it, stop it, and where it runs elsewhere, have that node deploy it.
fn for_service<'a>(cluster: &'a Cluster, node: ThingId, service: ThingId, map: &mut Map<'a>) {
    let label = cluster.label(service);
    let instances: Vec<Instance> =
        with_containers(cluster, None).into_iter().filter(|i| i.service == service).collect();
    let here = instances.iter().any(|i| i.node == node) && nodes::posix(cluster, node);
    let project = quote(deploy::project(cluster, service)).into_owned();
    let compose = deploy::compose(cluster, node);
    let mut task = |verb: &str, what: &str, local: String| {
        let name = format!("{verb}:{label}");
        let mut steps = Vec::new();
        if here {
            steps.push(local);
        }
        for other in instances.iter().filter(|i| i.node != node && !here) {
            steps.push(ask(cluster.label(other.node), &name));
        }
        let map_ = Map::new()
            .with("description", format!("{what} {label}, on {}", placed(cluster, &instances)))
            .with("run", Data::list(steps.iter().map(|s| Data::text(tera(s).into_owned()))));
        map.put(name, Data::from(map_).at(service.origin()));
    };
    // Where it runs, deploying is a script of its own.
    if !here {
        task("deploy", "Start or update", String::new());
    }
    task("logs", "Follow the log of", format!("{compose} -p {project} logs --follow --tail 100"));
    task("status", "Show the containers of", format!("{compose} -p {project} ps --all"));
    task("stop", "Stop", format!("{compose} -p {project} stop"));
}

/// The task of that name, on another node. A shell without login may not know where mise is.
fn ask(node: &str, task: &str) -> String {
    let remote = format!("PATH=\"$HOME/.local/bin:$PATH\" mise run {}", quote(task));
    format!("ssh -t {} {}", quote(node), quote(&remote))
}

fn placed(cluster: &Cluster, instances: &[Instance]) -> String {
    let nodes: Vec<&str> = instances.iter().map(|i| cluster.label(i.node)).collect();
    nodes.join(", ")
}
