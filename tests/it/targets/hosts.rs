//! Hosts files: what the system's own resolver makes of each node's.

use super::Built;
use super::both::{first, second};
use crate::consumers::{hosts, missing, refuses};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

const TOOLS: &[&str] = &["libnss_wrapper.so", "getent"];

/// The block in a file of the system's own, without comments: nss_wrapper takes none.
fn file(block: &str) -> String {
    let lines = block.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    ["127.0.0.1 localhost"].into_iter().chain(lines).map(|line| format!("{line}\n")).collect()
}

/// Every address of another node under the names that `from` uses, by the model alone: the node's own
/// on the first network that both have, `name.domain` on each network with a domain.
fn wanted(built: &Built, from: &str) -> BTreeMap<String, BTreeSet<IpAddr>> {
    let model = built.cluster.model();
    let address = |node, network: &str| match model.get(node, "address").get(network) {
        Some(value) => colabc::model::reach::ips(value),
        None => Vec::new(),
    };
    let here = model.find("node", from).unwrap();
    let reach = model.get(model.cluster.unwrap(), "reach").items();
    let networks: Vec<_> = reach.iter().map(|item| item.value.as_thing().unwrap()).collect();
    let mut all: BTreeMap<String, BTreeSet<IpAddr>> = BTreeMap::new();
    for &node in model.all("node") {
        let common = networks.iter().find(|&&network| {
            let name = model.label(network);
            !address(node, name).is_empty() && !address(here, name).is_empty()
        });
        let aliases = model.get(node, "alias").items().iter();
        let aliases = aliases.map(|item| item.value.as_text().unwrap().to_string());
        let names: Vec<String> = aliases.chain([model.label(node).to_string()]).collect();
        if let Some(&network) = common {
            for name in &names {
                let found = address(node, model.label(network));
                all.entry(name.clone()).or_default().extend(found);
            }
        }
        for &network in &networks {
            let both = !address(here, model.label(network)).is_empty();
            if let (true, Some(domain)) = (both, model.text(network, "domain")) {
                let found = address(node, model.label(network));
                if !found.is_empty() {
                    let name = format!("{}.{domain}", model.label(node));
                    all.entry(name).or_default().extend(found);
                }
            }
        }
    }
    all
}

#[test]
fn every_node_is_found_by_its_names() {
    if missing(TOOLS) {
        return;
    }
    for (built, nodes) in
        [(first(), &["cooperator", "writer"][..]), (second(), &["gate", "laptop"])]
    {
        for node in nodes {
            let mut wanted = wanted(built, node);
            assert!(wanted.len() > 4, "{wanted:?}");
            let text = built.text(&format!("hosts/{node}"));
            let names: Vec<String> = wanted.keys().cloned().chain(["nobody".to_string()]).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let found = hosts::read(&file(&text), &names).unwrap();
            wanted.insert("nobody".into(), BTreeSet::new());
            assert_eq!(found, wanted, "{node}\n{text}");
        }
    }
}

#[test]
fn broken_copies_are_refused() {
    if missing(TOOLS) {
        return;
    }
    let wanted = wanted(first(), "cooperator");
    let names: Vec<&str> = wanted.keys().map(String::as_str).collect();
    let read = |text: &str| match hosts::read(&file(text), &names)? == wanted {
        true => Ok(()),
        false => Err("other addresses".to_string()),
    };
    refuses(
        read,
        &first().text("hosts/cooperator"),
        &[
            ("192.168.254.30 director", "192.168.254.300 director"),
            ("192.168.254.30 director", "192.168.254.30"),
            (" crtr\n", "\n"),
            ("director.colab", "directed.colab"),
        ],
    );
}
