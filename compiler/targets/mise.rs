//! The user's tools and tasks: one configuration a node, a script for each service that is started
//! there, and what is the same on every node: the cluster's own scripts, and the tasks that ask the
//! node where a service runs.

mod cluster;
mod deploy;

use super::shared_nodes::{self as nodes};
use super::{EVERY_NODE, Emission, Emit, File, Target};
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
    emit: Emit::OfNodes { each: of_node, rest },
};

/// Where mise finds configuration beside the user's own, and scripts that are tasks.
const CONFIG: &str = "~/.config/mise/conf.d/colab.toml";
/// Read before the node's own, which says how a service that runs there is asked.
const SHARED: &str = "~/.config/mise/conf.d/colab-cluster.toml";
const TASKS: &str = "~/.config/mise/tasks";
/// From here on mise looks for variables in the values of others.
const EXPANDS: &str = "2026.7.0";
/// Where the scripts lie that are started by a task of the configuration.
const SCRIPTS: &str = "~/.config/mise/deploy";

fn of_node(cluster: &Cluster, node: ThingId, out: &mut Emission) {
    let name = cluster.label(node);
    let mut made_from = vec![node];
    made_from.extend(cluster.children(node, "task"));
    let config = |out: &Emission<'_>| {
        let config = Map::new()
            .with_some("min_version", expands(cluster, node).then_some(EXPANDS))
            .with_some("tools", tools(cluster, node))
            .with_some("env", variables(cluster, node))
            .with_some("tasks", tasks(cluster, node));
        toml::write(&out.header(&[node]), &config.into())
    };
    let file = File::new(format!("mise/{name}/config.toml"))
        .to(Tool::Chezmoi, name, CONFIG, 0o644)
        .from(made_from);
    if named_once(cluster, node) {
        out.put_lazily(file, config);
    } else {
        let written = config(out);
        out.put(file, written);
    }
    if !nodes::posix(cluster, node) {
        return;
    }
    for instance in nodes::instances_on(cluster, node) {
        if started(cluster, &instance) {
            deploy::emit(cluster, out, instance);
        }
    }
}

fn rest(cluster: &Cluster, out: &mut Emission) {
    shared(cluster, out);
    cluster::emit(cluster, out);
}

/// Whether no two tasks of a node have one name, which TOML cannot say: neither two of the sources', nor one of
/// them and one that looks at a service.
fn named_once(cluster: &Cluster, node: ThingId) -> bool {
    let mut labels: Vec<&str> = Vec::new();
    let mut add = |thing| {
        labels.extend(cluster.children(thing, "task").iter().map(|&task| cluster.label(task)));
    };
    add(node);
    nodes::instances_on(cluster, node).iter().for_each(|instance| add(instance.thing));
    labels.sort_unstable();
    let ours = |label: &&str| {
        label.split_once(':').is_some_and(|(word, _)| VERBS.iter().any(|(verb, _)| *verb == word))
    };
    !labels.windows(2).any(|pair| pair[0] == pair[1]) && !labels.iter().any(ours)
}

/// Whether Compose starts it.
fn started(cluster: &Cluster, instance: &Instance) -> bool {
    !nodes::containers(cluster, *instance).is_empty()
}

/// The tasks by which every node asks the nodes where a service runs.
fn shared(cluster: &Cluster, out: &mut Emission) {
    let mut all = nodes::instances(cluster);
    all.retain(|instance| started(cluster, instance));
    if all.is_empty() {
        return;
    }
    let mut made_from: Vec<ThingId> = all.iter().map(|instance| instance.service).collect();
    made_from.dedup();
    let file =
        File::new("mise/cluster.toml").to(Tool::Chezmoi, EVERY_NODE, SHARED, 0o644).from(made_from);
    // Each service is there once, with its own name in those of its tasks.
    out.put_lazily(file, |out| {
        let mut tasks = Map::new();
        for instances in all.chunk_by(|a, b| a.service == b.service) {
            ask(cluster, instances, &mut tasks);
        }
        let header = out.header(cluster.cluster.as_slice());
        toml::write(&header, &Map::new().with("tasks", tasks).into())
    });
}

fn tools<'a>(cluster: &'a Cluster, node: ThingId) -> Option<Data<'a>> {
    let (value, at) = cluster.at(node, "tools");
    texts(value, at, |text| text.into())
}

fn variables<'a>(cluster: &'a Cluster, node: ThingId) -> Option<Data<'a>> {
    let (value, at) = cluster.at(node, "env");
    texts(value, at, variable)
}

/// mise puts variables' values in the place of `$NAME` once a template is rendered; two dollars are one.
fn variable(text: &str) -> String {
    tera(text).replace('$', "$$")
}

/// Whether a variable has a dollar in it, which older mise would not take for what it is.
fn expands(cluster: &Cluster, node: ThingId) -> bool {
    let has = |value: &Value| value.as_text().is_some_and(|text| text.contains('$'));
    all(cluster, node)
        .chain([node])
        .any(|of| cluster.get(of, "env").pairs().iter().any(|pair| has(&pair.value)))
}

/// The tasks of a node, and of what runs there.
fn all(cluster: &Cluster, node: ThingId) -> impl Iterator<Item = ThingId> {
    let here = nodes::instances_on(cluster, node).into_iter().map(|instance| instance.thing);
    std::iter::once(node).chain(here).flat_map(|of| cluster.children(of, "task")).copied()
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

/// The user's own tasks, and those that look at the services that run here.
fn tasks<'a>(cluster: &'a Cluster, node: ThingId) -> Option<Data<'a>> {
    let mut map = Map::new();
    for task in all(cluster, node).filter(|&task| !nodes::off(cluster, task)) {
        map.put(cluster.label(task), own(cluster, node, task));
    }
    for instance in nodes::instances_on(cluster, node) {
        if started(cluster, &instance) && nodes::posix(cluster, node) {
            here(cluster, instance, &mut map);
        }
    }
    (!map.is_empty()).then(|| map.into())
}

/// What a list of tasks says of one. mise renders it, too.
fn description(text: &str) -> Data<'_> {
    Data::text(tera(text))
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
    let here: Vec<&str> = all(cluster, node).map(|task| cluster.label(task)).collect();
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
        .with_some("description", cluster.text(task, "description").map(description))
        .with_some("confirm", confirm.then(|| Data::from(format!("Run {}?", cluster.label(task)))))
        .with_some("depends", (!depends.is_empty()).then_some(depends))
        .with_some("env", texts(env, env_at, variable))
        .with("run", run.at(at))
        .at(task.origin())
}

/// What is asked of a service: the verb, and what it does to it.
const VERBS: [(&str, &str); 4] = [
    ("deploy", "Start or update"),
    ("logs", "Follow the log of"),
    ("status", "Show the containers of"),
    ("stop", "Stop"),
];

/// Start a service here, look at it, and stop it.
fn here<'a>(cluster: &'a Cluster, instance: Instance, map: &mut Map<'a>) {
    let label = cluster.label(instance.service);
    let project = quote(nodes::project(cluster, instance.thing)).into_owned();
    let compose = deploy::compose(cluster, instance.node);
    let all: Vec<Instance> = cluster.instances_of(instance.service).collect();
    for (verb, what) in VERBS {
        let step = match verb {
            "deploy" => format!("{SCRIPTS}/{}", quote(label)),
            "logs" => format!("{compose} -p {project} logs --follow --tail 100"),
            "status" => format!("{compose} -p {project} ps --all"),
            _ => format!("{compose} -p {project} {verb}"),
        };
        task(cluster, &all, verb, what, vec![step], map);
    }
}

/// The tasks of a service on nodes where it does not run: each node where it does is asked.
fn ask<'a>(cluster: &'a Cluster, instances: &[Instance], map: &mut Map<'a>) {
    for (verb, what) in VERBS {
        let name = format!("{verb}:{}", cluster.label(instances[0].service));
        let steps = instances.iter().map(|i| remotely(cluster.label(i.node), &name)).collect();
        task(cluster, instances, verb, what, steps, map);
    }
}

fn task<'a>(
    cluster: &'a Cluster,
    instances: &[Instance],
    verb: &str,
    what: &str,
    steps: Vec<String>,
    map: &mut Map<'a>,
) {
    let service = instances[0].service;
    let label = cluster.label(service);
    let task = Map::new()
        .with("description", [what, " ", label, ", on ", &placed(cluster, instances)].concat())
        .with("run", Data::list(steps.iter().map(|s| Data::text(tera(s).into_owned()))));
    map.put([verb, ":", label].concat(), Data::from(task).at(cluster.at(service, "on").1));
}

/// The task of that name, on another node. A shell without login may not know where mise is.
fn remotely(node: &str, task: &str) -> String {
    let remote = format!("PATH=\"$HOME/.local/bin:$PATH\" mise run {}", quote(task));
    format!("ssh -t {} {}", quote(node), quote(&remote))
}

fn placed(cluster: &Cluster, instances: &[Instance]) -> String {
    let nodes: Vec<&str> = instances.iter().map(|i| cluster.label(i.node)).collect();
    nodes.join(", ")
}
