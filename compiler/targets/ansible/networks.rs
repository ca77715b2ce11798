//! The networks of containers that a node must have before Compose starts anything: it takes declared
//! ones as given.

use super::said;
use crate::diag::codes;
use crate::formats::{Data, Map};
use crate::model::reach;
use crate::model::value::{Value, print};
use crate::model::{Cluster, ThingId};
use crate::targets::Emission;
use crate::targets::shared_nodes as nodes;
use crate::targets::shared_refusal::{BY_ITS_FIELD, Refusal};
use std::collections::BTreeMap;

/// Options of a driver that fields say, and the field.
const COVERED: &[(&str, &str)] = &[
    ("com.docker.network.driver.mtu", "mtu"),
    ("ipvlan_mode", "driver = ipvlan(mode = ...)"),
    ("parent", "driver = macvlan(parent = ...)"),
];

pub(super) fn of<'a>(cluster: &'a Cluster, out: &mut Emission<'_>, node: ThingId) -> Data<'a> {
    let mut joined = BTreeMap::new();
    let mut known = reach::Known(cluster.model());
    for instance in nodes::instances_on(cluster, node) {
        for container in nodes::containers(cluster, instance) {
            for network in reach::joined(&mut known, container) {
                joined.insert(cluster.label(network), network);
            }
        }
    }
    let made = |network: &ThingId| {
        matches!(cluster.word(*network, "driver"), Some("bridge" | "macvlan" | "ipvlan"))
    };
    let all: Vec<Data<'a>> = joined
        .into_values()
        .filter(made)
        .map(|network| {
            let mut options = options(cluster, node, network);
            options.extend(raw(cluster, out, network));
            let map = Map::new()
                .with("name", said(cluster.label(network)))
                .with("options", Data::list(options.into_iter().map(said)));
            map.at(network.origin())
        })
        .collect();
    Data::list(all)
}

/// The options of `docker network create`.
fn options(cluster: &Cluster, node: ThingId, network: ThingId) -> Vec<String> {
    let driver = cluster.word(network, "driver").unwrap_or("bridge");
    let mut options = vec![format!("--driver={driver}")];
    let text = |value: &Value| match value {
        Value::Cidr(range) => Some(range.to_string()),
        Value::Ip(ip) => Some(ip.to_string()),
        _ => None,
    };
    for (field, option) in [("range", "subnet"), ("gateway", "gateway"), ("pool", "ip-range")] {
        let value = cluster.get(network, field);
        let all = value.items().iter().map(|item| &item.value).chain([value]).filter_map(text);
        options.extend(all.map(|text| format!("--{option}={text}")));
    }
    if let Some(parent) = parent(cluster, node, network) {
        options.push(format!("--opt=parent={parent}"));
    }
    if let Some(Value::Word(mode)) = cluster.param(network, "driver", "mode") {
        options.push(format!("--opt=ipvlan_mode={}", cluster.names.text(mode.word)));
    }
    if let Value::Int(mtu) = cluster.get(network, "mtu") {
        options.push(format!("--opt=com.docker.network.driver.mtu={mtu}"));
    }
    if cluster.flag(network, "internal") {
        options.push("--internal".into());
    }
    let range = cluster.get(network, "range");
    let mut ranges = range.items().iter().map(|item| &item.value).chain([range]);
    // Without the word Docker takes a range of IPv6 and gives nobody an address of it.
    let new = |value: &Value| matches!(value, Value::Cidr(range) if !range.network().is_ipv4());
    if cluster.flag(network, "ipv6") || ranges.any(new) {
        options.push("--ipv6".into());
    }
    options
}

/// The interface under a macvlan or ipvlan: what the node calls it, else what the network says; with
/// the number of the VLAN, where it is one.
fn parent(cluster: &Cluster, node: ThingId, network: ThingId) -> Option<String> {
    let usual = cluster.param(network, "driver", "parent")?.as_text()?;
    let own = cluster.get(node, "interface").get(cluster.label(network));
    let parent = own.and_then(Value::as_text).unwrap_or(usual);
    let vlan = match cluster.param(network, "driver", "vlan") {
        Some(Value::Int(vlan)) => Some(vlan),
        _ => match cluster.get(network, "vlan") {
            Value::Int(vlan) => Some(vlan),
            _ => None,
        },
    };
    Some(vlan.map_or(parent.to_string(), |vlan| format!("{parent}.{vlan}")))
}

fn raw(cluster: &Cluster, out: &mut Emission, network: ThingId) -> Vec<String> {
    let mut options = Vec::new();
    for pair in cluster.get(network, "raw").pairs() {
        if let Some((_, field)) = COVERED.iter().find(|(key, _)| *key == &*pair.key) {
            let message = format!("`{}` cannot be raw: `{field}` says it", pair.key);
            out.refuse(Refusal::new(&codes::E0803, pair.origin, network, message, BY_ITS_FIELD));
            continue;
        }
        match print(&pair.value, &cluster.names) {
            Some(value) => options.push(format!("--opt={}={value}", pair.key)),
            None => {
                let message =
                    format!("an option of a network is one text, and `{}` is none", pair.key);
                out.refuse(Refusal::new(
                    &codes::E0801,
                    pair.origin,
                    network,
                    message,
                    "write it as one text",
                ));
            }
        }
    }
    options
}
