//! Pi-hole: the names of nodes, sites and records, in one file of dnsmasq that versions 5 and 6 both
//! read, and the same in each version's own words for those who keep that directory to themselves.

use super::shared_names::{self, Below, Host};
use super::shared_nodes as nodes;
use super::{Emission, Emit, File, Target};
use crate::formats::data::{Data, Map};
use crate::formats::dnsmasq::{self, Line};
use crate::formats::{Unsayable, hosts, toml};
use crate::model::reach::{self, Known};
use crate::model::site;
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::tree::Tool;
use crate::types::Mac;
use std::net::{IpAddr, Ipv4Addr};

pub const TARGET: Target = Target {
    name: "pihole",
    doc: "The names that each DNS server answers for",
    emit: Emit::Alone(emit),
};

fn emit(cluster: &Cluster, out: &mut Emission) {
    let Some(service) = cluster.cluster.and_then(|it| site::runner(cluster, it, "dns")) else {
        return;
    };
    let names = Names::of(cluster);
    for server in site::servers(cluster, service, "pihole") {
        let name = cluster.label(server.node).to_string();
        let mut things = names.things.clone();
        things.push(server.instance);
        let header = out.header(&things);
        let file = |path: &str| File::new(format!("pihole/{name}/{path}")).from(things.clone());
        let home = site::home(cluster, &server, "pihole");
        let conf = file("20-colab.conf").to(Tool::Ansible, &name, home, 0o644);
        out.put(conf, dnsmasq::write(&names.conf(&header)));
        alternatives(out, &names, &header, file);
    }
}

/// The same names as Pi-hole's own files and settings have them. No tool brings these anywhere: two
/// sets of the same records on one server would be one too many.
fn alternatives(out: &mut Emission, names: &Names<'_>, header: &str, file: impl Fn(&str) -> File) {
    let unsent =
        "\nThis copy goes nowhere by itself: 20-colab.conf has the same names and is delivered.";
    let v5 = format!("{header}{unsent}\nFor Pi-hole 5, as /etc/pihole/custom.list.");
    out.put(file("v5/custom.list"), hosts::write(&names.list(&v5)));
    let v5 =
        format!("{header}{unsent}\nFor Pi-hole 5, as /etc/dnsmasq.d/05-pihole-custom-cname.conf.");
    out.put(file("v5/05-pihole-custom-cname.conf"), dnsmasq::write(&names.aliases(&v5)));
    let v6 = format!("{header}{unsent}\nFor Pi-hole 6, a part of /etc/pihole/pihole.toml.");
    let written = names.settings().and_then(|settings| toml::write(&v6, &settings));
    out.put(file("v6/pihole.toml"), written);
}

/// All that is answered.
struct Names<'a> {
    hosts: Vec<Host<'a>>,
    /// Sites that answer for all names below one.
    below: Vec<Below<'a>>,
    aliases: Vec<Alias<'a>>,
    texts: Vec<(&'a str, &'a str, Origin)>,
    leases: Vec<Lease<'a>>,
    /// Domains of which this server knows all names.
    domains: Vec<(&'a str, Origin)>,
    things: Vec<ThingId>,
}

/// A node's address on a network of cables, by its hardware address there.
struct Lease<'a> {
    mac: Mac,
    address: Ipv4Addr,
    name: &'a str,
    origin: Origin,
}

/// Pi-hole gives them out only where its own DHCP is switched on.
fn leases<'a>(cluster: &'a Cluster, networks: &[ThingId]) -> Vec<Lease<'a>> {
    let mut all = Vec::new();
    let cables = |network: &&ThingId| cluster.word(**network, "driver") == Some("physical");
    for &network in networks.iter().filter(cables) {
        for node in nodes::nodes(cluster) {
            let pairs = cluster.get(node, "mac").pairs().iter();
            let Some(pair) = pairs.clone().find(|pair| &*pair.key == cluster.label(network)) else {
                continue;
            };
            let address = reach::address_on(&mut Known(cluster), node, network);
            if let (Value::Mac(mac), Some(IpAddr::V4(address))) = (&pair.value, address) {
                let (name, origin) = (cluster.label(node), pair.origin);
                all.push(Lease { mac: *mac, address, name, origin });
            }
        }
    }
    all
}

struct Alias<'a> {
    alias: &'a str,
    target: &'a str,
    ttl: Option<u64>,
    origin: Origin,
}

impl<'a> Names<'a> {
    fn of(cluster: &'a Cluster) -> Names<'a> {
        let networks = reach::reach(&mut Known(cluster));
        let mut things: Vec<ThingId> = nodes::nodes(cluster);
        things.extend(&networks);
        let mut hosts = shared_names::nodes(cluster, &networks);
        for (site, host) in shared_names::sites(cluster, &networks) {
            things.push(site);
            hosts.push(host);
        }
        let below = shared_names::below(cluster, &networks);
        things.extend(below.iter().map(|below| below.site));
        let (mut aliases, mut texts) = (Vec::new(), Vec::new());
        for record in shared_names::records(cluster, "pihole") {
            things.push(record);
            hosts.extend(shared_names::addressed(cluster, record));
            let label = cluster.label(record);
            if let (Some(target), origin) = stated(cluster, record, "cname") {
                let ttl = shared_names::ttl(cluster, record);
                aliases.push(Alias { alias: label, target, ttl, origin });
            }
            if let (Some(text), origin) = stated(cluster, record, "txt") {
                texts.push((label, text, origin));
            }
        }
        let domain = |&network: &ThingId| {
            let (domain, origin) = stated(cluster, network, "domain");
            domain.map(|domain| (domain, origin))
        };
        let domains = networks.iter().filter_map(domain).collect();
        let leases = leases(cluster, &networks);
        Names { hosts, below, aliases, texts, leases, domains, things }
    }

    fn conf(&self, header: &'a str) -> Vec<Line<'_>> {
        let mut lines = vec![Line::Comment(header.into()), Line::Blank];
        let own = "Names of the cluster's own domains are answered from here or not at all:";
        if !self.domains.is_empty() {
            lines.push(Line::Comment(own.into()));
        }
        for &(domain, origin) in &self.domains {
            lines.push(Line::Local { domain: domain.into(), origin });
        }
        lines.push(Line::Blank);
        for host in &self.hosts {
            for &address in &host.addresses {
                let names = host.names.clone();
                lines.push(Line::Host { names, address, ttl: host.ttl, origin: host.origin });
            }
        }
        lines.extend(self.all_below());
        if !self.aliases.is_empty() || !self.texts.is_empty() {
            lines.push(Line::Blank);
        }
        lines.extend(self.aliases.iter().map(Alias::line));
        for &(name, text, origin) in &self.texts {
            lines.push(Line::Txt { name: name.into(), text: text.into(), origin });
        }
        if !self.leases.is_empty() {
            lines.push(Line::Blank);
        }
        lines.extend(self.leases.iter().map(|lease| Line::Lease {
            mac: lease.mac.to_string(),
            address: lease.address,
            name: lease.name.into(),
            origin: lease.origin,
        }));
        lines
    }

    fn all_below(&self) -> impl Iterator<Item = Line<'_>> {
        let line = |below: &Below<'a>, &address: &IpAddr| Line::Below {
            domain: below.domain.into(),
            address,
            origin: below.origin,
        };
        self.below
            .iter()
            .flat_map(move |below| below.addresses.iter().map(move |ip| line(below, ip)))
    }

    fn list(&self, header: &'a str) -> Vec<hosts::Line<'_>> {
        let mut lines = vec![hosts::Line::Comment(header.into()), hosts::Line::Blank];
        for host in &self.hosts {
            for &address in &host.addresses {
                let names = host.names.clone();
                lines.push(hosts::Line::Host { address, names, origin: host.origin });
            }
        }
        lines
    }

    fn aliases(&self, header: &'a str) -> Vec<Line<'_>> {
        let mut lines = vec![Line::Comment(header.into()), Line::Blank];
        lines.extend(self.aliases.iter().map(Alias::line));
        lines.extend(self.all_below());
        lines
    }

    /// `dns.hosts`, `dns.cnameRecords`, and lines of dnsmasq for what neither can say.
    fn settings(&self) -> Result<Data<'static>, Vec<Unsayable>> {
        let (mut records, mut aliases, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for host in &self.hosts {
            for &address in &host.addresses {
                match dnsmasq::host_record(address, &host.names, host.origin) {
                    Ok(record) => records.push(Data::text(record).at(host.origin)),
                    Err(fault) => faults.push(fault),
                }
            }
        }
        for alias in &self.aliases {
            match dnsmasq::alias_record(alias.alias, alias.target, alias.origin) {
                Ok(mut record) => {
                    if let Some(ttl) = alias.ttl {
                        record.push_str(&format!(",{ttl}"));
                    }
                    aliases.push(Data::text(record).at(alias.origin));
                }
                Err(fault) => faults.push(fault),
            }
        }
        let mut lines = Vec::new();
        for below in &self.below {
            for &address in &below.addresses {
                match dnsmasq::below_record(below.domain, address, below.origin) {
                    Ok(line) => lines.push(Data::text(line).at(below.origin)),
                    Err(fault) => faults.push(fault),
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let dns = Map::new().with("hosts", records).with("cnameRecords", aliases);
        let settings = Map::new().with("dns", dns);
        if lines.is_empty() {
            return Ok(settings.into());
        }
        let misc = Map::new().with("dnsmasq_lines", lines);
        Ok(settings.with("misc", misc).into())
    }
}

impl<'a> Alias<'a> {
    fn line(&self) -> Line<'a> {
        let (alias, target) = (self.alias.into(), self.target.into());
        Line::Alias { alias, target, ttl: self.ttl, origin: self.origin }
    }
}

fn stated<'a>(cluster: &'a Cluster, thing: ThingId, field: &str) -> (Option<&'a str>, Origin) {
    let (value, origin) = cluster.at(thing, field);
    (value.as_text(), origin)
}
