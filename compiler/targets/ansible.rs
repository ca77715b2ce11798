//! The system of every node by Ansible: an inventory, what each node gets, and playbooks that hold no
//! value of anybody's. It brings the files that other targets made, and says none of them again.

mod directories;
pub(super) mod hosts;
mod inventory;
mod networks;
mod packages;

use super::shared_nodes as nodes;
use super::{Emission, Emit, File, Target};
use crate::formats::{Data, Emitted, Map, yaml};
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use std::sync::LazyLock;

pub const TARGET: Target = Target {
    name: "ansible",
    doc: "Inventory, variables and playbooks for the system of every node",
    emit: Emit::Bringing(emit),
};

/// Of the cluster alone, so that whoever asks for nothing else waits for nothing else.
pub const INVENTORY: Target = Target {
    name: "ansible/inventory.yml",
    doc: "Ansible's inventory: who there is, and how to connect",
    emit: Emit::Alone(inventory::emit),
};

/// What is the same for every cluster.
const PLAYBOOKS: &[(&str, &str)] = &[
    ("ansible.cfg", include_str!("ansible/ansible.cfg")),
    ("bootstrap.yml", include_str!("ansible/bootstrap.yml")),
    ("drift.yml", include_str!("ansible/drift.yml")),
    ("health.yml", include_str!("ansible/health.yml")),
    ("rollback.yml", include_str!("ansible/rollback.yml")),
    ("rolling.yml", include_str!("ansible/rolling.yml")),
    ("site.yml", include_str!("ansible/site.yml")),
    ("tasks/awake.yml", include_str!("ansible/tasks/awake.yml")),
    ("tasks/directories.yml", include_str!("ansible/tasks/directories.yml")),
    ("tasks/engine.yml", include_str!("ansible/tasks/engine.yml")),
    ("tasks/files.yml", include_str!("ansible/tasks/files.yml")),
    ("tasks/gate.yml", include_str!("ansible/tasks/gate.yml")),
    ("tasks/handlers.yml", include_str!("ansible/tasks/handlers.yml")),
    ("tasks/health.yml", include_str!("ansible/tasks/health.yml")),
    ("tasks/kernel.yml", include_str!("ansible/tasks/kernel.yml")),
    ("tasks/launchd.yml", include_str!("ansible/tasks/launchd.yml")),
    ("tasks/mounts.yml", include_str!("ansible/tasks/mounts.yml")),
    ("tasks/packages.yml", include_str!("ansible/tasks/packages.yml")),
    ("tasks/resolver.yml", include_str!("ansible/tasks/resolver.yml")),
    ("tasks/services.yml", include_str!("ansible/tasks/services.yml")),
    ("tasks/users.yml", include_str!("ansible/tasks/users.yml")),
];

fn emit(cluster: &Cluster, out: &mut Emission) {
    for (path, text) in PLAYBOOKS {
        let lines = vec![Origin::NONE; text.lines().count()];
        out.put(File::new(format!("ansible/{path}")), Ok(Emitted { text: (*text).into(), lines }));
    }
    inventory::groups(cluster, out);
    let tree = out.tree();
    let deliveries = LazyLock::new(|| hosts::Deliveries::of(cluster, tree));
    out.each(&nodes::managed(cluster), |&node, out| hosts::emit(cluster, out, &deliveries, node));
    let rollouts = nodes::all(cluster, "rollout");
    rolling(cluster, out, "rolling-update.yml", &rollouts);
    if rollouts.len() > 1 {
        for &rollout in &rollouts {
            let name = format!("rolling-update-{}.yml", cluster.label(rollout));
            rolling(cluster, out, &name, &[rollout]);
        }
    }
}

/// These rollouts, one after the other; without any, one over all nodes.
fn rolling(cluster: &Cluster, out: &mut Emission, name: &str, rollouts: &[ThingId]) {
    let plays = match rollouts {
        [] => vec![play("Rolling update".into(), Map::new())],
        _ => rollouts.iter().map(|&rollout| rollout_play(cluster, rollout)).collect(),
    };
    let made_from: Vec<ThingId> = match rollouts {
        [] => cluster.cluster.into_iter().collect(),
        _ => rollouts.to_vec(),
    };
    let written = yaml::write(&out.header(&made_from), &Data::list(plays));
    out.put(File::new(format!("ansible/{name}")).from(made_from), written);
}

/// One rollout: who, how many at a time, behind which gates.
fn rollout_play<'a>(cluster: &'a Cluster, rollout: ThingId) -> Map<'a> {
    let approve = cluster.block(rollout, "approve");
    let word = |field| {
        let word = approve.and_then(|approve| cluster.word(approve, field));
        Data::text(word.unwrap_or("manual"))
    };
    let pause = match cluster.get(rollout, "pause") {
        Value::Duration(pause) => i64::try_from(pause.seconds()).unwrap_or(i64::MAX),
        _ => 0,
    };
    let vars = Map::new()
        .with("colab_hosts", inventory::rollout_group(cluster, rollout))
        .with("colab_serial", plain(cluster, cluster.get(rollout, "serial")))
        .with("colab_pause", pause)
        .with("colab_stop", cluster.word(rollout, "stop") != Some("never"))
        .with("colab_before", gates(cluster, rollout, "before"))
        .with("colab_after", gates(cluster, rollout, "after"))
        .with(
            "colab_approve",
            Map::new()
                .with("user", word("user"))
                .with("system", word("system"))
                .with("service", word("service")),
        );
    play(format!("Rolling update {}", cluster.label(rollout)), vars)
}

fn play<'a>(title: String, vars: Map<'a>) -> Map<'a> {
    let play =
        Map::new().with("name", said(title)).with("ansible.builtin.import_playbook", "rolling.yml");
    if vars.is_empty() { play } else { play.with("vars", vars) }
}

fn gates<'a>(cluster: &'a Cluster, rollout: ThingId, field: &str) -> Data<'a> {
    let (value, at) = cluster.at(rollout, field);
    let gates = value.items().iter().filter_map(|item| {
        let Value::Word(word) = &item.value else { return None };
        let text = match cluster.names.text(word.word) {
            "task" => {
                let task = word.param(cluster.names.find("task")?)?.as_thing()?;
                format!("task:{}", cluster.label(task))
            }
            word => word.to_string(),
        };
        Some(said(text).at(item.origin))
    });
    Data::list(gates).at(at)
}

/// A text as a variable of Ansible's: what Jinja would read is marked.
fn said<'a>(text: impl Into<std::borrow::Cow<'a, str>>) -> Data<'a> {
    let text = text.into();
    let opens = ["{{", "{%", "{#"].iter().any(|open| text.contains(open));
    if opens { Data::inert(text) } else { Data::text(text) }
}

/// A value of the sources as a variable: quantities as plain numbers, things by their names.
fn plain<'a>(cluster: &'a Cluster, value: &Value) -> Data<'a> {
    match value {
        Value::None | Value::Poison => Data::null(),
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => said(text.to_string()),
        Value::Bytes(bytes) => i64::try_from(bytes.0).unwrap_or(i64::MAX).into(),
        Value::Duration(time) => i64::try_from(time.seconds()).unwrap_or(i64::MAX).into(),
        Value::Cpu(cpu) => Data::text(cpu.to_string()),
        Value::Ip(ip) => Data::text(ip.to_string()),
        Value::Cidr(range) => Data::text(range.to_string()),
        Value::Mac(mac) => Data::text(mac.to_string()),
        Value::Mode(mode) => Data::text(mode.to_string()),
        Value::Ports(ports) => Data::text(ports.to_string()),
        Value::Word(word) => Data::text(cluster.names.text(word.word)),
        Value::List(items) => {
            Data::list(items.iter().map(|item| plain(cluster, &item.value).at(item.origin)))
        }
        Value::Map(pairs) => {
            let mut map = Map::new();
            for pair in pairs.iter() {
                map.put(pair.key.to_string(), plain(cluster, &pair.value).at(pair.origin));
            }
            map.into()
        }
        Value::Thing(thing) => Data::text(cluster.label(*thing)),
        Value::Things(things) => Data::list(things.iter().map(|&t| Data::text(cluster.label(t)))),
        Value::Secret(_) | Value::Location(_) | Value::Generated(_) | Value::Placement(_) => {
            Data::null()
        }
    }
}
