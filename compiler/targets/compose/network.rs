//! Which networks a container is in: its project's own, declared ones, another container's.

use super::Project;
use super::text::literal;
use crate::diag::codes;
use crate::formats::{Data, Map};
use crate::model::ThingId;
use crate::model::reach;
use crate::model::value::Value;
use crate::origin::Origin;
use crate::targets::shared_refusal::Refusal;
use std::net::IpAddr;

/// The networks at the top of the file; nothing where the project's own is the only one.
pub(super) fn declared<'a>(project: &Project<'a>) -> Option<Data<'a>> {
    if project.networks.is_empty() {
        return None;
    }
    let model = project.cluster.model();
    let mut labels: Vec<&str> = project.networks.iter().map(|&id| model.label(id)).collect();
    labels.sort_unstable();
    let mut all = Map::new().with("default", Map::new());
    for label in labels {
        all.put(label, Map::new().with("name", literal(label)).with("external", true));
    }
    Some(all.into())
}

impl<'a> Project<'a> {
    pub(super) fn network(&mut self, container: ThingId, entry: &mut Map<'a>) {
        let cluster = self.cluster.model();
        let (mode, origin) = cluster.at(container, "network_mode");
        if let Value::Word(_) = mode {
            let said = match cluster.word(container, "network_mode") {
                Some("host") => Some("host".to_string()),
                Some("off") => Some("none".to_string()),
                _ => cluster
                    .param(container, "network_mode", "container")
                    .and_then(Value::as_thing)
                    .and_then(|other| self.beside(other, origin, container))
                    .map(|key| format!("service:{key}")),
            };
            entry.0.extend(said.map(|said| ("network_mode".into(), Data::text(said).at(origin))));
            self.no_other_network(container, origin);
            return;
        }
        let mut joined = reach::joined(&mut self.facts(), container);
        joined.sort_by_key(|&id| cluster.label(id));
        let (mac, mac_origin) = cluster.at(container, "mac");
        let mut mac = match mac {
            Value::Mac(mac) => Some(Data::text(mac.to_string()).at(mac_origin)),
            _ => None,
        };
        if !joined.is_empty() {
            let mut networks = Map::new().with("default", Map::new());
            for network in joined {
                self.networks.insert(network);
                self.made_from.insert(network);
                let (joins, origin) = self.joins(container, network, &mut mac);
                networks.put(cluster.label(network), joins.at(origin));
            }
            entry.put("networks", networks);
        }
        // Without an address of its own anywhere it is the one on the project's network.
        if let Some(mac) = mac {
            entry.put("mac_address", mac);
        }
    }

    /// How a container joins one declared network.
    fn joins(
        &mut self,
        container: ThingId,
        network: ThingId,
        mac: &mut Option<Data<'a>>,
    ) -> (Map<'a>, Origin) {
        let cluster = self.cluster.model();
        let label = cluster.label(network);
        let mut map = Map::new();
        let (addresses, _) = cluster.at(container, "address");
        let mut origin = cluster.at(container, "networks").1;
        if let Some(pair) = addresses.pairs().iter().find(|pair| &*pair.key == label) {
            origin = pair.origin;
            for ip in reach::ips(&pair.value) {
                let key = match ip {
                    IpAddr::V4(_) => "ipv4_address",
                    IpAddr::V6(_) => "ipv6_address",
                };
                map.put(key, Data::text(ip.to_string()).at(origin));
            }
            map.0.extend(mac.take().map(|mac| ("mac_address".into(), mac)));
        }
        let (aliases, _) = cluster.at(container, "aliases");
        if let Some(pair) = aliases.pairs().iter().find(|pair| &*pair.key == label) {
            let names = self.texts(&pair.value, container);
            if !names.is_empty() {
                map.put("aliases", Data::from(names).at(pair.origin));
            }
        }
        (map, origin)
    }

    /// A container without a network of its own can't join others.
    fn no_other_network(&mut self, container: ThingId, origin: Origin) {
        for field in ["networks", "address", "aliases", "mac"] {
            if let Some((_, at)) = self.some(container, field) {
                let message = format!(
                    "a container with `network_mode` has no network of its own: `{field}` says nothing"
                );
                self.refuse(
                    Refusal::new(
                        &codes::E0804,
                        at.or(origin),
                        container,
                        message,
                        format!("take `{field}` away, or `network_mode`"),
                    )
                    .beside(origin, "it has none because of this"),
                );
            }
        }
    }
}
