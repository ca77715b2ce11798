//! `model.json`, with a few words to walk through it.

use serde_json::Value as Json;
use std::net::IpAddr;

pub struct World<'a>(pub &'a Json);

/// A container or unit on a node.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    pub service: &'a str,
    pub node: &'a str,
    pub kind: &'static str,
    pub name: &'a str,
    pub json: &'a Json,
}

/// Entries of an object, in its order; nothing where there is none.
pub fn entries(json: &Json) -> impl Iterator<Item = (&str, &Json)> {
    json.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

pub fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

/// A word of a closed set, with parameters or without.
pub fn word(json: &Json) -> Option<&str> {
    json.as_str().or_else(|| json["word"].as_str())
}

/// The name in a reference to a thing of a kind.
pub fn named<'a>(json: &'a Json, kind: &str) -> Option<&'a str> {
    json[kind].as_str()
}

pub fn ips(json: &Json) -> Vec<IpAddr> {
    match json {
        Json::String(text) => text.parse().into_iter().collect(),
        Json::Array(items) => items.iter().flat_map(ips).collect(),
        _ => Vec::new(),
    }
}

/// A range of addresses as two numbers, and whether it is of the old family.
#[derive(Clone, Copy)]
pub struct Range {
    pub old: bool,
    pub first: u128,
    pub last: u128,
}

pub fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u32::from(ip).into(),
        IpAddr::V6(ip) => ip.into(),
    }
}

impl Range {
    pub fn read(text: &str) -> Option<Range> {
        let (ip, prefix) = text.split_once('/')?;
        let ip: IpAddr = ip.parse().ok()?;
        let bits = if ip.is_ipv4() { 32 } else { 128 };
        let size = bits - prefix.parse::<u32>().ok()?;
        let mask = if size == 128 { u128::MAX } else { (1u128 << size) - 1 };
        let first = number(ip) & !mask;
        Some(Range { old: ip.is_ipv4(), first, last: first | mask })
    }

    pub fn holds(&self, ip: IpAddr) -> bool {
        self.old == ip.is_ipv4() && (self.first..=self.last).contains(&number(ip))
    }

    pub fn meets(&self, other: &Range) -> bool {
        self.old == other.old && self.first <= other.last && other.first <= self.last
    }
}

pub fn ranges(json: &Json) -> Vec<Range> {
    match json {
        Json::String(text) => Range::read(text).into_iter().collect(),
        Json::Array(items) => items.iter().flat_map(ranges).collect(),
        _ => Vec::new(),
    }
}

impl<'a> World<'a> {
    pub fn all(&self, plural: &str) -> Vec<(&'a str, &'a Json)> {
        entries(&self.0[plural]).collect()
    }

    pub fn cluster(&self) -> &'a Json {
        &self.0["cluster"]
    }

    pub fn managed(&self) -> Vec<(&'a str, &'a Json)> {
        let mut nodes = self.all("nodes");
        nodes.retain(|(_, node)| node["managed"] == true);
        nodes
    }

    pub fn node(&self, name: &str) -> &'a Json {
        &self.0["nodes"][name]
    }

    pub fn parts(&self) -> Vec<Part<'a>> {
        let mut all = Vec::new();
        for (service, json) in self.all("services") {
            for (node, instance) in entries(&json["$instances"]) {
                for kind in ["container", "unit"] {
                    for (name, json) in entries(&instance[kind]) {
                        all.push(Part { service, node, kind, name, json });
                    }
                }
            }
        }
        all
    }

    pub fn containers(&self) -> Vec<Part<'a>> {
        self.parts().into_iter().filter(|part| part.kind == "container").collect()
    }

    /// Sites of services and of the cluster, with the service.
    pub fn sites(&self) -> Vec<(Option<&'a str>, &'a str, &'a Json)> {
        let mut all = Vec::new();
        for (service, json) in self.all("services") {
            all.extend(entries(&json["site"]).map(|(name, site)| (Some(service), name, site)));
        }
        all.extend(self.all("sites").into_iter().map(|(name, site)| (None, name, site)));
        all
    }

    pub fn driver(&self, network: &str) -> Option<&'a str> {
        word(&self.0["networks"][network]["driver"])
    }

    /// The networks by which nodes reach each other.
    pub fn reach(&self) -> Vec<&'a str> {
        let stated: Vec<&str> =
            list(&self.cluster()["reach"]).iter().filter_map(|n| named(n, "network")).collect();
        if !stated.is_empty() {
            return stated;
        }
        let mut all = self.all("networks");
        all.retain(|(name, _)| matches!(self.driver(name), Some("physical" | "mesh")));
        all.into_iter().map(|(name, _)| name).collect()
    }

    pub fn addresses(&self, node: &str, network: &str) -> Vec<IpAddr> {
        ips(&self.node(node)["address"][network])
    }

    /// The networks that may reach a port or site; `None`: everyone.
    pub fn audience(&self, json: &'a Json) -> Option<Vec<&'a str>> {
        match &json["audience"] {
            Json::Null => Some(self.reach()),
            Json::String(word) if word == "internet" => None,
            Json::String(_) => Some(Vec::new()),
            Json::Array(items) if items.is_empty() => Some(self.reach()),
            Json::Array(items) => Some(items.iter().filter_map(|n| named(n, "network")).collect()),
            one => Some(named(one, "network").into_iter().collect()),
        }
    }

    /// Whether a node mounts a share of another.
    pub fn is_client(&self, share: &Json, node: &str) -> bool {
        if self.node(node)["managed"] != true || share["server"]["node"] == node {
            return false;
        }
        match &share["clients"] {
            Json::Array(nodes) => nodes.iter().any(|n| n["node"] == node),
            _ => true,
        }
    }

    /// Where a share lies on a node, as its containers see it.
    pub fn share_at(&self, name: &str, share: &'a Json, node: &str) -> Option<&'a str> {
        if share["server"]["node"] == node {
            return share["path"]
                .as_str()
                .or_else(|| self.disk(share["disk"]["disk"].as_str()?)?["mount"].as_str());
        }
        if let Some(path) = self.node(node)["mount"][name].as_str() {
            return Some(path);
        }
        if !self.is_client(share, node) {
            return None;
        }
        let mount = &share["mount"];
        let (engine, os) = (word(&self.node(node)["engine"]), word(&self.node(node)["os"]));
        match (engine, os) {
            (Some("wsl"), _) => mount["wsl"].as_str().or(mount["linux"].as_str()),
            (_, Some("windows")) => mount["windows"].as_str(),
            (_, Some("macos")) => mount["macos"].as_str(),
            _ => mount["linux"].as_str(),
        }
    }

    /// A disk by its dotted name, `cooperator.hardware.disk.flash`.
    pub fn disk(&self, dotted: &str) -> Option<&'a Json> {
        let (node, disk) = dotted.split_once(".hardware.disk.")?;
        let disk = &self.node(node)["hardware"]["disk"][disk];
        disk.is_object().then_some(disk)
    }
}

impl<'a> Part<'a> {
    pub fn path(&self) -> String {
        format!("{}/{}.{}", self.node, self.service, self.name)
    }

    pub fn ports(&self) -> impl Iterator<Item = (&'a str, &'a Json)> {
        entries(&self.json["port"])
    }

    /// Whose network namespace it is in: the node's, or that of a container of the same service.
    pub fn space(&self, world: &World<'a>) -> Space<'a> {
        let mode = &self.json["network_mode"];
        match word(mode) {
            _ if self.kind == "unit" => Space::Host(self.node),
            Some("host") => Space::Host(self.node),
            Some("with") => {
                let other = mode["container"]["container"].as_str().unwrap_or_default();
                let name = other.rsplit('.').next().unwrap_or_default();
                let parts = world.containers();
                let found = parts
                    .iter()
                    .find(|p| p.service == self.service && p.node == self.node && p.name == name);
                found.map_or(Space::Container(self.node, self.service, self.name), |p| {
                    p.space(world)
                })
            }
            _ => Space::Container(self.node, self.service, self.name),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum Space<'a> {
    Host(&'a str),
    Container(&'a str, &'a str, &'a str),
}

/// The first and last of a port's numbers: of the host where it has some, else inside.
pub fn numbers(json: &Json) -> Option<(u64, u64)> {
    if let Some(number) = json.as_u64() {
        return Some((number, number));
    }
    Some((json[0].as_u64()?, json[1].as_u64()?))
}

/// The node's numbers of a port; none where it is not published.
pub fn published(json: &Json, space: Space) -> Option<(u64, u64)> {
    let value = &json["value"];
    numbers(&value["published"]).or_else(|| match space {
        Space::Host(_) => numbers(&value["port"]),
        Space::Container(..) => None,
    })
}
