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
    let steps: Vec<(&str, String)> = vec![
        ("Install the system with ssh and sudo, and make the account of its user.", String::new()),
        ("Write the node into the sources, and build.", "colabc build".into()),
        ("Commit and push, so that the node can fetch what was built.", "git push".into()),
        (
            "From a machine that has Ansible, in out/ansible (mesh_key is a key of the mesh's, where it is to join one):",
            format!(
                "ansible-playbook bootstrap.yml --limit {first} --ask-pass --ask-become-pass -e mesh_key=KEY"
            ),
        ),
        (
            "What that does for the node's user, by hand where Ansible cannot connect:",
            format!("chezmoi init --apply {repository}"),
        ),
        ("Log in to the stores of secrets on the node, as its user.", "infisical login".into()),
        ("Start its services.", "mise run deploy:SERVICE".into()),
        ("Look.", "ansible-playbook health.yml --limit NODE".into()),
    ];
    let steps = steps.into_iter().map(|(what, command)| {
        let mut words: Vec<Inline<'static>> = vec![Inline::Text(what.to_string().into())];
        if !command.is_empty() {
            words.push(Inline::Text(" ".into()));
            words.push(Inline::Code(command.into()));
        }
        Item { text: words, children: Vec::new(), origin: Origin::NONE }
    });
    blocks.push(block(What::Steps(steps.collect())));
    blocks.push(block(What::Heading(2, vec!["From day to day".into()])));
    let files = [
        (
            "site.yml",
            "brings the system of every node to what the sources say; --tags files, packages, users, kernel, mounts, engine or services for a part of it",
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

fn block(what: What<'_>) -> Block<'_> {
    Block { what, origin: Origin::NONE }
}

fn text(text: &'static str) -> Block<'static> {
    block(What::Paragraph(vec![text.into()]))
}
