//! The names that the cluster answers for, for the DNS servers that it runs: nodes, aliases, sites,
//! records, each with its addresses on the networks of whoever asks.

use super::shared_nodes as nodes;
use crate::model::reach::{self, Known};
use crate::model::site;
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use std::net::IpAddr;

/// A name and where it points. Several names of one thing have its addresses in common.
pub struct Host<'a> {
    pub names: Vec<std::borrow::Cow<'a, str>>,
    pub addresses: Vec<IpAddr>,
    pub ttl: Option<u64>,
    pub origin: Origin,
}

/// Every node on each network that it has: with the network's domain there, and by its bare names on
/// the first. Full names come first: an address resolves to the first one.
pub fn nodes<'a>(cluster: &'a Cluster, networks: &[ThingId]) -> Vec<Host<'a>> {
    let mut hosts = Vec::new();
    for node in nodes::nodes(cluster) {
        let mut bare = true;
        for &network in networks {
            let addresses = reach::addresses_on(&mut Known(cluster), node, network);
            if addresses.is_empty() {
                continue;
            }
            let domain = cluster.text(network, "domain");
            let mut own = vec![cluster.label(node)];
            own.extend(cluster.get(node, "alias").items().iter().filter_map(|a| a.value.as_text()));
            let mut names = Vec::new();
            if let Some(domain) = domain {
                names.extend(own.iter().map(|name| format!("{name}.{domain}").into()));
            }
            if bare {
                names.extend(own.iter().map(|name| std::borrow::Cow::from(*name)));
            }
            bare = false;
            let key = cluster.label(network);
            let pairs = cluster.get(node, "address").pairs();
            let origin =
                pairs.iter().find(|pair| &*pair.key == key).map_or(Origin::NONE, |p| p.origin);
            if !names.is_empty() {
                hosts.push(Host { names, addresses, ttl: None, origin });
            }
        }
    }
    hosts
}

/// Every name below one, where a site answers for all of them: `*.ism.la`.
pub struct Below<'a> {
    pub site: ThingId,
    pub domain: &'a str,
    pub addresses: Vec<IpAddr>,
    pub origin: Origin,
}

/// The sites that answer for all names below one. A list of hosts cannot say that, nor can Headscale.
pub fn below<'a>(cluster: &'a Cluster, networks: &[ThingId]) -> Vec<Below<'a>> {
    let mut all = Vec::new();
    for it in site::sites(cluster) {
        let Some(domain) = cluster.label(it).strip_prefix("*.") else { continue };
        let addresses = site::addresses(cluster, it, networks);
        if cluster.flag(it, "dns") && !addresses.is_empty() {
            let origin = cluster.at(it, "to").1.or(cluster.at(it, "audience").1);
            all.push(Below { site: it, domain, addresses, origin });
        }
    }
    all
}

/// Every site that has a name in DNS, for those on these networks.
pub fn sites<'a>(cluster: &'a Cluster, networks: &[ThingId]) -> Vec<(ThingId, Host<'a>)> {
    let mut hosts = Vec::new();
    for it in site::sites(cluster) {
        if !cluster.flag(it, "dns") {
            continue;
        }
        let addresses = site::addresses(cluster, it, networks);
        if addresses.is_empty() {
            continue;
        }
        let own = site::names(cluster, it).into_iter();
        let own = own.filter(|(name, _)| !name.starts_with("*."));
        let (names, origins): (Vec<_>, Vec<_>) = own.map(|(name, at)| (name.into(), at)).unzip();
        let stated = cluster.at(it, "to").1.or(cluster.at(it, "audience").1);
        let origin = origins.into_iter().fold(stated, Origin::or);
        if !names.is_empty() {
            hosts.push((it, Host { names, addresses, ttl: None, origin }));
        }
    }
    hosts
}

/// Records that a server answers for: those that name it, or name nobody.
pub fn records<'a>(cluster: &'a Cluster, server: &'a str) -> impl Iterator<Item = ThingId> + 'a {
    cluster.all("record").iter().copied().filter(move |&record| {
        let on = cluster.get(record, "on").items();
        let named = |item: &crate::model::value::Item| {
            matches!(&item.value, Value::Word(word) if cluster.names.text(word.word) == server)
        };
        cluster.flag(record, "enabled") && (on.is_empty() || on.iter().any(named))
    })
}

/// A record's addresses, if it has any.
pub fn addressed<'a>(cluster: &'a Cluster, record: ThingId) -> Option<Host<'a>> {
    let mut addresses = Vec::new();
    let mut origin = Origin::NONE;
    for field in ["a", "aaaa"] {
        if let (Value::Ip(ip), at) = cluster.at(record, field) {
            addresses.push(*ip);
            origin = origin.or(at);
        }
    }
    let names = vec![cluster.label(record).into()];
    (!addresses.is_empty()).then(|| Host { names, addresses, ttl: ttl(cluster, record), origin })
}

/// How long others may remember a record, in seconds.
pub fn ttl(cluster: &Cluster, record: ThingId) -> Option<u64> {
    match cluster.get(record, "ttl") {
        Value::Duration(ttl) => Some(ttl.seconds()),
        _ => None,
    }
}
