//! The page beside the playbooks: what each file is for, and the commands of a bootstrap in order.

use crate::formats::Written;
use crate::formats::markdown::{self, Block, Inline, Item, What};
use crate::model::Cluster;
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;
use crate::targets::{Emission, File};

pub(super) fn emit(cluster: &Cluster, out: &mut Emission) {
    let written = page(cluster);
    out.put(File::new("ansible/README.md").from(cluster.cluster), written);
}

fn page(cluster: &Cluster) -> Written {
    let name = cluster.cluster.map_or("the cluster", |top| cluster.label(top));
    let first = nodes::managed(cluster).first().map_or("NODE", |&node| cluster.label(node));
    let repository =
        cluster.cluster.and_then(|top| cluster.text(top, "repository")).unwrap_or("REPOSITORY");
    let mut blocks = vec![
        block(What::Heading(1, vec![Inline::Text(format!("The system of {name}").into())])),
        text(
            "Made by colabc; changes here are lost. Nothing here asks a node for anything by itself.",
        ),
        block(What::Heading(2, vec!["A new node, in order".into()])),
    ];
    let steps = steps(cluster, first, repository).into_iter().map(|(what, command)| {
        // A blank at the end of a text would have to be spelled out.
        let words = match command.is_empty() {
            true => vec![Inline::Text(what.into())],
            false => vec![Inline::Code(command.into()), Inline::Text(format!(": {what}").into())],
        };
        Item { text: words, children: Vec::new(), origin: Origin::NONE }
    });
    blocks.push(block(What::Steps(steps.collect())));
    blocks.push(block(What::Heading(2, vec!["From day to day".into()])));
    let files = [
        (
            "site.yml",
            "brings the system of every node to what the sources say; --tags files, packages, users, kernel, mounts, directories, resolver, engine or services for a part of it",
        ),
        (
            "rolling-update.yml",
            "brings a change to one node after the other, looked at before and after, and stops at the first failure; --limit trial for the node that tries it first; -e approved=true answers every question",
        ),
        ("health.yml", "asks every service whether it works"),
        ("drift.yml", "says what was changed by hand: with --check --diff"),
        (
            "rollback.yml",
            "makes the sources what they were: -e revision=REVISION, then rolling-update.yml",
        ),
        ("bootstrap.yml", "makes a new node one of the cluster's"),
    ];
    let list = files.into_iter().map(|(file, what)| Item {
        text: vec![Inline::Code(file.into()), Inline::Text(format!(": {what}.").into())],
        children: Vec::new(),
        origin: Origin::NONE,
    });
    blocks.push(block(What::List(list.collect())));
    blocks.push(text(
        "The playbooks hold no value of the cluster's. Who there is stands in inventory.yml, what each node gets in \
         host_vars/, and what is brought to it lies beside this folder.",
    ));
    markdown::write(&blocks)
}

/// What is done, and the command that does it.
fn steps(cluster: &Cluster, first: &str, repository: &str) -> Vec<(&'static str, String)> {
    let nodes = nodes::managed(cluster);
    let docker = |field: &'static str| {
        let blocks = nodes.iter().filter_map(|&node| cluster.block(node, "docker"));
        blocks.into_iter().any(move |docker| match field {
            "registry_login" => !cluster.get(docker, field).items().is_empty(),
            _ => cluster.flag(docker, field),
        })
    };
    let meshed =
        nodes::all(cluster, "network").iter().any(|&n| cluster.word(n, "provider").is_some());
    let mut steps = vec![
        ("Install the system with ssh and sudo, and make the account of its user.", String::new()),
        ("write the node into the sources, and build.", "colabc build".into()),
        ("commit and push, so that the node can fetch what was built.", "git push".into()),
    ];
    let key = if meshed { " -e mesh_key=KEY" } else { "" };
    steps.push((
        if meshed {
            "in out/ansible, on a machine that has Ansible; KEY is a key of the mesh's, for a node that is to join one."
        } else {
            "in out/ansible, on a machine that has Ansible."
        },
        format!("ansible-playbook bootstrap.yml --limit {first} --ask-pass --ask-become-pass{key}"),
    ));
    if docker("registry_login") {
        steps.push((
            "Where REGISTRY_USERNAME and REGISTRY_PASSWORD are in its environment, that also logs in to the registries.",
            String::new(),
        ));
    }
    steps.push((
        "on the node, as its user: what the bootstrap does for the user's files, where it could not.",
        format!("chezmoi init --apply {repository}"),
    ));
    if docker("gpu_runtime") {
        steps.push((
            "On a node with a graphics processor of NVIDIA, install its driver and the NVIDIA Container Toolkit.",
            String::new(),
        ));
    }
    let stores = nodes::all(cluster, "secrets");
    let word =
        |word: &str| stores.iter().any(|&store| cluster.word(store, "provider") == Some(word));
    if word("infisical") {
        steps.push((
            "on the node, as its user: the store of secrets opens.",
            "infisical login".into(),
        ));
    }
    steps.push(("on the node: its services start.", "mise run deploy:SERVICE".into()));
    steps.push((
        "look whether all of it works.",
        format!("ansible-playbook health.yml --limit {first}"),
    ));
    steps
}

fn block(what: What<'_>) -> Block<'_> {
    Block { what, origin: Origin::NONE }
}

fn text(text: &'static str) -> Block<'static> {
    block(What::Paragraph(vec![text.into()]))
}
