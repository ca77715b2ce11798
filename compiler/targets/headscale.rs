//! Headscale: names that its DNS answers beside those of the nodes, and who may reach what. Strict
//! JSON, for versions from 0.29 on. A policy without any grant is one that allows nothing.

use super::shared_nodes as nodes;
use super::{Emission, Emit, File, Target, shared_names};
use crate::diag::codes;
use crate::diag::text::listed;
use crate::formats::data::{Data, Map};
use crate::formats::json;
use crate::model::reach::{self, Known};
use crate::model::value::{Item, Value};
use crate::model::{Cluster, ThingId, site};
use crate::origin::Origin;
use crate::targets::shared_refusal::Refusal;
use crate::tree::Tool;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub const TARGET: Target = Target {
    name: "headscale",
    doc: "Names and policy for each coordinator of a mesh",
    emit: Emit::Alone(emit),
};

fn emit(cluster: &Cluster, out: &mut Emission) {
    for mesh in nodes::all(cluster, "network") {
        if cluster.word(mesh, "provider") != Some("headscale") {
            continue;
        }
        let Some(service) = site::runner(cluster, mesh, "provider") else { continue };
        let (records, named) = records(cluster, mesh);
        let policy = Policy { cluster, mesh }.whole(out);
        for server in site::servers(cluster, service, "headscale_policy") {
            let name = cluster.label(server.node);
            let things = || [mesh, server.instance].into_iter().chain(nodes::nodes(cluster));
            let put =
                |out: &mut Emission, file: &str, generated: &str, things: Vec<ThingId>, data| {
                    let home = site::home(cluster, &server, generated);
                    let file = File::new(format!("headscale/{name}/{file}"))
                        .to(Tool::Ansible, name, home, 0o644)
                        .from(things);
                    out.put(file, json::pretty(data));
                };
            let of_records = things().chain(named.iter().copied()).collect();
            put(out, "records.json", "headscale_records", of_records, &records);
            let of_policy =
                things().chain(cluster.instances.iter().map(|instance| instance.thing)).collect();
            put(out, "policy.json", "headscale_policy", of_policy, &policy);
        }
    }
}

/// `[{"name", "type", "value"}]`, sorted: Headscale compares the file with what it has.
fn records<'a>(cluster: &'a Cluster, mesh: ThingId) -> (Data<'a>, Vec<ThingId>) {
    let mut all: BTreeMap<(String, &str, IpAddr), Origin> = BTreeMap::new();
    let mut add = |names: &[std::borrow::Cow<'_, str>], addresses: &[IpAddr], origin: Origin| {
        for name in names {
            for &address in addresses {
                let kind = if address.is_ipv6() { "AAAA" } else { "A" };
                all.entry((name.to_string(), kind, address)).or_insert(origin);
            }
        }
    };
    let mut things = Vec::new();
    if let Some(domain) = cluster.text(mesh, "domain") {
        for node in nodes::nodes(cluster) {
            let addresses = reach::addresses_on(&mut Known(cluster), node, mesh);
            for alias in cluster.get(node, "alias").items() {
                // The nodes' own names Headscale knows by itself.
                let Some(name) = alias.value.as_text() else { continue };
                add(&[format!("{name}.{domain}").into()], &addresses, alias.origin);
            }
        }
    }
    for (site, host) in shared_names::sites(cluster, &[mesh]) {
        things.push(site);
        add(&host.names, &host.addresses, host.origin);
    }
    for record in shared_names::records(cluster, "headscale") {
        if let Some(host) = shared_names::addressed(cluster, record) {
            things.push(record);
            add(&host.names, &host.addresses, host.origin);
        }
    }
    let record = |((name, kind, address), origin): ((String, &'static str, IpAddr), Origin)| {
        Map::new()
            .with("name", name)
            .with("type", kind)
            .with("value", address.to_string())
            .at(origin)
    };
    let rows: Vec<Data<'a>> = all
        .into_iter()
        .map(|((name, kind, address), origin)| {
            let kind = if kind == "A" { "A" } else { "AAAA" };
            record(((name, kind, address), origin))
        })
        .collect();
    (rows.into(), things)
}

struct Policy<'a> {
    cluster: &'a Cluster,
    mesh: ThingId,
}

impl<'a> Policy<'a> {
    /// Everyone on the mesh reaches what is published for it, and ssh; what is stated comes on top.
    fn whole(&self, out: &mut Emission) -> Data<'a> {
        let cluster = self.cluster;
        let (mut hosts, mut grants) = (Map::new(), Vec::new());
        for node in nodes::nodes(cluster) {
            let Some((address, origin)) = self.address(node) else { continue };
            let prefix = if address.is_ipv6() { 128 } else { 32 };
            let name = cluster.label(node);
            hosts.put(name, Data::text(format!("{address}/{prefix}")).at(origin));
            let open = self.open(node);
            if !open.is_empty() {
                grants.push(grant([everyone()], [Data::text(name)], open).at(origin));
            }
        }
        for item in cluster.get(self.mesh, "policy").items() {
            if let Some(stated) = self.stated(out, item) {
                grants.push(stated);
            }
        }
        Map::new().with("hosts", hosts).with("grants", grants).into()
    }

    fn address(&self, node: ThingId) -> Option<(IpAddr, Origin)> {
        let address = reach::address_on(&mut Known(self.cluster), node, self.mesh)?;
        let key = self.cluster.label(self.mesh);
        let pairs = self.cluster.get(node, "address").pairs();
        let pair = pairs.iter().find(|pair| &*pair.key == key);
        Some((address, pair.map_or(Origin::NONE, |pair| pair.origin)))
    }

    /// The ports of a node that are for the mesh.
    fn open(&self, node: ThingId) -> Vec<Data<'a>> {
        let cluster = self.cluster;
        let mut facts = Known(cluster);
        let mut ports: Vec<ThingId> = cluster.children(node, "port").to_vec();
        for instance in cluster.instances_on(node) {
            for program in site::programs(cluster, instance.thing) {
                ports.extend(cluster.children(program, "port"));
            }
        }
        let mut open: BTreeMap<(u16, u16, &str), Origin> = BTreeMap::new();
        for port in ports {
            let allowed = reach::audience(&mut facts, port);
            let Some(range) = reach::published(&mut facts, port) else { continue };
            if allowed.is_some_and(|networks| !networks.contains(&self.mesh)) {
                continue;
            }
            let protocols: &[&str] = match cluster.word(port, "protocol") {
                Some("udp") => &["udp"],
                Some("both") => &["tcp", "udp"],
                _ => &["tcp"],
            };
            for protocol in protocols {
                let origin = cluster.at(port, "value").1;
                open.entry((range.first, range.last, protocol)).or_insert(origin);
            }
        }
        if cluster.flag(node, "managed")
            && let Some(ssh) = cluster.block(node, "ssh")
            && let (Value::Int(number), origin) = cluster.at(ssh, "port")
            && let Ok(number) = u16::try_from(*number)
        {
            open.entry((number, number, "tcp")).or_insert(origin);
        }
        let mut all: Vec<Data<'a>> = Vec::new();
        for ((first, last, protocol), origin) in open {
            let text = if first == last {
                format!("{protocol}:{first}")
            } else {
                format!("{protocol}:{first}-{last}")
            };
            all.push(Data::text(text).at(origin));
        }
        if !all.is_empty() {
            all.push(Data::text("icmp:*"));
        }
        all
    }

    fn stated(&self, out: &mut Emission, item: &Item) -> Option<Data<'a>> {
        let field = |name: &str| match &item.value {
            Value::Thing(grant) => self.cluster.get(*grant, name).clone(),
            record => record.get(name).cloned().unwrap_or(Value::None),
        };
        let peers = |out: &mut Emission, value: Value| {
            let mut peers = BTreeSet::new();
            for peer in value.items() {
                self.peer(out, &peer.value, peer.origin.or(item.origin), &mut peers);
            }
            peers.into_iter().map(Data::text).collect::<Vec<Data<'a>>>()
        };
        let (from, to) = (peers(out, field("from")), peers(out, field("to")));
        for (end, peers) in [("from", &from), ("to", &to)] {
            if peers.is_empty() {
                self.nobody(out, item, end, &field(end));
            }
        }
        let ports = field("ports");
        let mut ports: Vec<Data<'a>> = ports
            .items()
            .iter()
            .filter_map(|port| port.value.as_text().map(|p| Data::text(p.to_string())))
            .collect();
        if ports.is_empty() {
            ports.push(everyone());
        }
        // Nobody at all: nothing to allow.
        (!from.is_empty() && !to.is_empty()).then(|| grant(from, to, ports).at(item.origin))
    }

    /// An end of a grant that is nobody: of a single node that is told by itself.
    fn nobody(&self, out: &mut Emission, item: &Item, end: &str, peers: &Value) {
        let (cluster, mesh) = (self.cluster, self.cluster.label(self.mesh));
        let things = || peers.items().iter().filter_map(|peer| peer.value.as_thing());
        if things().any(|thing| cluster.kind(thing) != "role") {
            return;
        }
        let names: Vec<&str> = things().map(|role| cluster.label(role)).collect();
        // A role that no node has yet is one to come.
        if !names.is_empty()
            && !nodes::nodes(cluster)
                .into_iter()
                .any(|node| things().any(|role| has_role(cluster, node, role)))
        {
            return;
        }
        let message = match names.as_slice() {
            [] => format!("this grant is for nobody: its `{end}` is empty"),
            some => format!(
                "this grant is for nobody: no node with the role {} has an address on `{mesh}`",
                listed(some.iter().copied())
            ),
        };
        let help = match names.is_empty() {
            true => format!("name a node, a role, a user or `everyone`: `{end} = [everyone]`"),
            false => format!(
                "give its nodes an address: `address {{ {mesh} = ... }}`; or leave the grant out"
            ),
        };
        let at = peers.items().first().map_or(item.origin, |peer| peer.origin.or(item.origin));
        let mut refusal = Refusal::new(&codes::E0506, at, self.mesh, message, help);
        for role in things() {
            refusal = refusal.with(role, "this role");
        }
        out.refuse(refusal);
    }

    fn peer(&self, out: &mut Emission, peer: &Value, at: Origin, into: &mut BTreeSet<String>) {
        let cluster = self.cluster;
        let Value::Thing(thing) = peer else {
            into.insert("*".into());
            return;
        };
        let name = cluster.label(*thing);
        match cluster.kind(*thing) {
            "user" => {
                into.insert(format!("{name}@"));
            }
            "role" => {
                for node in nodes::nodes(cluster) {
                    if has_role(cluster, node, *thing) && self.address(node).is_some() {
                        into.insert(cluster.label(node).into());
                    }
                }
            }
            _ if self.address(*thing).is_some() => {
                into.insert(name.into());
            }
            _ => {
                let mesh = cluster.label(self.mesh);
                let why = format!("`{name}` has no address on `{mesh}`, so no policy can name it");
                out.refuse(
                    Refusal::new(
                        &codes::E0506,
                        at,
                        self.mesh,
                        why,
                        format!("give it one: `address {{ {mesh} = ... }}`; or leave it out"),
                    )
                    .with(*thing, "it has none"),
                );
            }
        }
    }
}

fn has_role(cluster: &Cluster, node: ThingId, role: ThingId) -> bool {
    cluster.get(node, "roles").items().iter().any(|item| item.value.as_thing() == Some(role))
}

fn everyone<'a>() -> Data<'a> {
    Data::text("*")
}

fn grant<'a>(
    from: impl Into<Vec<Data<'a>>>,
    to: impl Into<Vec<Data<'a>>>,
    ports: Vec<Data<'a>>,
) -> Map<'a> {
    Map::new().with("src", from.into()).with("dst", to.into()).with("ip", ports)
}
