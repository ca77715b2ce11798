//! Published ports: one entry an address and a protocol, never on all addresses by accident.

use super::Project;
use crate::formats::Data;
use crate::model::ThingId;
use crate::model::reach;
use crate::types::PortRange;
use std::net::IpAddr;

impl<'a> Project<'a> {
    /// The ports of a container and of those that live in its network.
    pub(super) fn ports(&mut self, container: ThingId) -> Vec<Data<'a>> {
        if !self.read || self.lives_in(container) != Some(container) {
            return Vec::new();
        }
        let all = self.cluster.model().children(self.service, "container");
        let guests = all.iter().filter(|&&c| c != container && self.lives_in(c) == Some(container));
        let mut entries = Vec::new();
        for &of in [container].iter().chain(guests) {
            for &port in self.cluster.children(of, "port") {
                self.published(port, &mut entries);
            }
        }
        entries
    }

    fn published(&self, port: ThingId, entries: &mut Vec<Data<'a>>) {
        let mut facts = self.facts();
        let Some(ports) = reach::ports_of(&mut facts, port) else { return };
        let Some(host) = ports.host else { return };
        let origin = self.cluster.at(port, "value").1;
        let protocols: &[&str] = match self.cluster.word(port, "protocol") {
            Some("udp") => &["udp"],
            Some("both") => &["tcp", "udp"],
            _ => &["tcp"],
        };
        let hosts: Vec<String> = match reach::bound(&mut facts, port) {
            None => vec![String::new()],
            Some(addresses) => addresses.into_iter().map(in_front).collect(),
        };
        for protocol in protocols {
            for address in &hosts {
                let entry = format!("{address}{}:{}/{protocol}", span(host), span(ports.container));
                entries.push(Data::text(entry).at(origin));
            }
        }
    }
}

fn in_front(address: IpAddr) -> String {
    match address {
        IpAddr::V4(ip) => format!("{ip}:"),
        IpAddr::V6(ip) => format!("[{ip}]:"),
    }
}

fn span(range: PortRange) -> String {
    if range.first == range.last {
        range.first.to_string()
    } else {
        format!("{}-{}", range.first, range.last)
    }
}
