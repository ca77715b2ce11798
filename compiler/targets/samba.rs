//! Samba: smb.conf for each managed server of SMB shares. The file is the one owner of what is shared;
//! users and their passwords are not in it.

use super::shared_nodes as nodes;
use super::{Emission, Emit, File, Target};
use crate::diag::codes;
use crate::formats::smb::{self, Entry, Section, Value as Smb};
use crate::model::reach::{self, Known};
use crate::model::site::{self, Server};
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_refusal::{BY_ITS_FIELD, Refusal};
use crate::tree::Tool;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

pub const TARGET: Target =
    Target { name: "samba", doc: "smb.conf of each file server", emit: Emit::Alone(emit) };

/// The protocol versions that a share can ask for, from old to new.
const VERSIONS: &[(&str, &str)] = &[
    ("2.0", "SMB2_02"),
    ("2.1", "SMB2_10"),
    ("3.0", "SMB3_00"),
    ("3.0.2", "SMB3_02"),
    ("3.1.1", "SMB3_11"),
];
/// Names of parameters that fields of a share say, as Samba compares them; the parameter as it is written here; the field.
const COVERED: &[(&str, &str, &str)] = &[
    ("allowhosts", "hosts allow", "network"),
    ("comment", "comment", "description"),
    ("directory", "path", "path"),
    ("forceuser", "force user", "owner"),
    ("guestok", "guest ok", "guest"),
    ("hostsallow", "hosts allow", "network"),
    ("path", "path", "path"),
    ("public", "guest ok", "guest"),
    ("readonly", "read only", "read_only"),
    ("validusers", "valid users", "valid_users"),
    ("writable", "read only", "read_only"),
    ("writeable", "read only", "read_only"),
    ("writeok", "read only", "read_only"),
];

/// The newest that macOS speaks for sure.
const APPLE: usize = 3;

fn emit(cluster: &Cluster, out: &mut Emission) {
    let mounting = site::mounting(cluster, "smb_conf").into_iter().rev();
    // Of several on a node the first is the one that is meant.
    let mounting: FxHashMap<ThingId, Server> = mounting.map(|it| (it.node, it)).collect();
    for node in nodes::managed(cluster) {
        let shares = served(cluster, node);
        if shares.is_empty() {
            continue;
        }
        let server = mounting.get(&node);
        let things: Vec<ThingId> =
            shares.iter().copied().chain(server.map(|server| server.instance)).collect();
        let home = match server {
            Some(server) => site::home(cluster, server, "smb_conf"),
            None => "/etc/samba/smb.conf",
        };
        let smb = FileServer { cluster, node, shares };
        let mut sections = vec![smb.global(out, server)];
        for &share in &smb.shares {
            sections.extend(smb.share(out, share));
        }
        let name = cluster.label(node);
        let file = File::new(format!("samba/{name}/smb.conf"))
            .to(Tool::Ansible, name, home, 0o644)
            .from(things.iter().copied());
        let header = out.header(&things);
        out.put(file, smb::write(&header, &sections));
    }
}

/// The shares that a node serves by SMB.
fn served(cluster: &Cluster, node: ThingId) -> Vec<ThingId> {
    let by_smb = |share: &ThingId| cluster.word(*share, "via") == Some("smb3");
    nodes::shares_on(cluster, node).filter(by_smb).collect()
}

/// Whether a Mac mounts a share of that node: its attributes take modules that some systems package
/// apart.
pub(super) fn serves_apple(cluster: &Cluster, node: ThingId) -> bool {
    FileServer { cluster, node, shares: served(cluster, node) }.apple()
}

struct FileServer<'a> {
    cluster: &'a Cluster,
    node: ThingId,
    shares: Vec<ThingId>,
}

impl<'a> FileServer<'a> {
    fn global(&self, out: &mut Emission, server: Option<&Server>) -> Section<'a> {
        let cluster = self.cluster;
        let (workgroup, origin) = self.workgroup(out);
        let networks = self.networks(server);
        let mut entries = vec![
            at("workgroup", Smb::Text(workgroup.into()), origin),
            at("server string", Smb::Text(cluster.label(self.node).into()), self.node.origin()),
            fixed("server role", "standalone server"),
            fixed("server min protocol", VERSIONS[self.oldest()].1),
            // Without the names of the nineties there is one port to open, 445.
            at("disable netbios", Smb::Bool(true), Origin::NONE),
            fixed("smb ports", "445"),
            self.allow(&networks),
        ];
        let guests = self.shares.iter().any(|&share| cluster.flag(share, "guest"));
        entries.push(fixed("map to guest", if guests { "Bad User" } else { "Never" }));
        if self.apple() {
            // What Finder keeps beside a file goes into its attributes, not into `._` files.
            entries.push(fixed("vfs objects", "catia fruit streams_xattr"));
            entries.push(fixed("fruit:metadata", "stream"));
            entries.push(fixed("fruit:posix_rename", "yes"));
            entries.push(fixed("fruit:veto_appledouble", "no"));
            entries.push(fixed("fruit:wipe_intentionally_left_blank_rfork", "yes"));
            entries.push(fixed("fruit:delete_empty_adfiles", "yes"));
        }
        entries.push(at("load printers", Smb::Bool(false), Origin::NONE));
        entries.push(fixed("printing", "bsd"));
        entries.push(fixed("printcap name", "/dev/null"));
        entries.push(at("disable spoolss", Smb::Bool(true), Origin::NONE));
        Section { name: "global".into(), entries, origin: self.node.origin() }
    }

    /// A server is of one workgroup.
    fn workgroup(&self, out: &mut Emission) -> (&'a str, Origin) {
        let mut found: Option<(&'a str, Origin)> = None;
        for &share in &self.shares {
            let name = self.cluster.param(share, "via", "workgroup").and_then(Value::as_text);
            let name = name.unwrap_or("WORKGROUP");
            let origin = self.cluster.at(share, "via").1;
            match found {
                Some((first, before)) if !first.eq_ignore_ascii_case(name) => {
                    let node = self.cluster.label(self.node);
                    let why =
                        format!("`{node}` is of one workgroup: expected `{first}`, found `{name}`");
                    out.refuse(
                        Refusal::new(
                            &codes::E0801,
                            origin,
                            share,
                            why,
                            format!("say one `workgroup` in all shares of `{node}`"),
                        )
                        .beside(before, "the first one"),
                    );
                }
                Some(_) => {}
                None => found = Some((name, origin)),
            }
        }
        found.unwrap_or(("WORKGROUP", Origin::NONE))
    }

    fn oldest(&self) -> usize {
        let version = |&share: &ThingId| {
            let asked = self.cluster.param(share, "via", "version").and_then(Value::as_text)?;
            VERSIONS.iter().position(|(version, _)| *version == asked)
        };
        let oldest = self.shares.iter().filter_map(version).min().unwrap_or(VERSIONS.len() - 1);
        if self.apple() { oldest.min(APPLE) } else { oldest }
    }

    /// Whether a Mac mounts a share of this server.
    fn apple(&self) -> bool {
        let mac = |&node: &ThingId| {
            self.cluster.word(node, "os") == Some("macos") && nodes::is_managed(self.cluster, node)
        };
        self.shares.iter().any(|&share| self.cluster.mounted().nodes_of(share).iter().any(mac))
    }

    /// Who may connect: the audience of the server's ports, else the networks between nodes.
    fn networks(&self, server: Option<&Server>) -> Vec<ThingId> {
        let cluster = self.cluster;
        let mut facts = Known(cluster);
        let all = reach::reach(&mut facts);
        let ports =
            server.and_then(|it| it.program).map_or(&[][..], |it| cluster.children(it, "port"));
        let mut allowed: BTreeSet<ThingId> = BTreeSet::new();
        for &port in ports {
            allowed.extend(reach::audience(&mut facts, port).unwrap_or_else(|| all.clone()));
        }
        // A share's own network counts too.
        let own = |&share: &ThingId| cluster.get(share, "network").as_thing();
        allowed.extend(self.shares.iter().filter_map(own));
        if ports.is_empty() {
            allowed.extend(all);
        }
        let mut allowed: Vec<ThingId> = allowed.into_iter().collect();
        allowed.sort_by(|a, b| cluster.label(*a).cmp(cluster.label(*b)));
        allowed
    }

    /// By address, not by interface: a mesh's may come up after Samba.
    fn allow(&self, networks: &[ThingId]) -> Entry<'a> {
        let mut words = vec!["127.0.0.1".into(), "::1".into()];
        let ranges = site::ranges(self.cluster, networks);
        let origin = ranges.iter().fold(Origin::NONE, |all, (_, origin)| all.or(*origin));
        words.extend(ranges.into_iter().map(|(range, _)| range.into()));
        at("hosts allow", Smb::Words(words), origin)
    }

    fn share(&self, out: &mut Emission, share: ThingId) -> Option<Section<'a>> {
        let cluster = self.cluster;
        let path = reach::server_path(&mut Known(cluster), share).ok().flatten()?;
        let origin = cluster.at(share, "path").1.or(cluster.at(share, "disk").1);
        let mut entries = Vec::new();
        if let (Value::Text(text), origin) = cluster.at(share, "description") {
            entries.push(at("comment", Smb::Text((**text).into()), origin));
        }
        entries.push(at("path", Smb::Text(path.into()), origin));
        for (key, field) in [("read only", "read_only"), ("guest ok", "guest")] {
            entries.push(at(
                key,
                Smb::Bool(cluster.flag(share, field)),
                cluster.at(share, field).1,
            ));
        }
        let user = cluster.get(share, "user").as_thing();
        let mut users: Vec<ThingId> = user.into_iter().collect();
        users.extend(
            cluster.get(share, "valid_users").items().iter().filter_map(|i| i.value.as_thing()),
        );
        users.dedup();
        let guest = cluster.flag(share, "guest");
        if !users.is_empty() && !guest {
            let names = users.iter().map(|&user| cluster.label(user).into()).collect();
            let origin = cluster.at(share, "user").1.or(cluster.at(share, "valid_users").1);
            entries.push(at("valid users", Smb::Words(names), origin));
        }
        let owner = cluster.get(share, "owner").as_thing().or(user);
        if let Some(owner) = owner
            && (guest || users.iter().any(|&user| user != owner))
        {
            // Whoever writes, the files are one account's.
            let origin = cluster.at(share, "owner").1.or(cluster.at(share, "user").1);
            entries.push(at("force user", Smb::Text(cluster.label(owner).into()), origin));
        }
        if let Some(network) = cluster.get(share, "network").as_thing() {
            entries.push(self.allow(&[network]));
        }
        let fields = entries.len();
        for pair in cluster.get(share, "raw").pairs() {
            if let Some((field, at)) = said_by(&entries[..fields], &pair.key) {
                let message = format!("`{}` cannot be raw: `{field}` says it", pair.key);
                let refusal =
                    Refusal::new(&codes::E0803, pair.origin, share, message, BY_ITS_FIELD);
                out.refuse(refusal.beside(at, "said here"));
                continue;
            }
            let value = match &pair.value {
                Value::Bool(truth) => Smb::Bool(*truth),
                Value::Int(number) => Smb::Int(*number),
                Value::List(items) => Smb::Words(
                    items.iter().filter_map(|item| item.value.as_text().map(Into::into)).collect(),
                ),
                value => {
                    Smb::Text(crate::model::value::print(value, &cluster.names)?.to_string().into())
                }
            };
            entries.push(Entry { key: (*pair.key).into(), value, origin: pair.origin });
        }
        let name = cluster.label(share).into();
        Some(Section { name, entries, origin: cluster.at(share, "server").1 })
    }
}

/// The field that has said what a parameter sets, and where. Samba knows one by several names, whatever its blanks and
/// capitals are.
fn said_by(fields: &[Entry<'_>], key: &str) -> Option<(&'static str, Origin)> {
    let plain = smb::folded(key);
    let (_, written, field) = COVERED.iter().find(|(name, ..)| *name == plain)?;
    fields.iter().find(|entry| entry.key == *written).map(|entry| (*field, entry.origin))
}

fn at<'a>(key: &'static str, value: Smb<'a>, origin: Origin) -> Entry<'a> {
    Entry { key: key.into(), value, origin }
}

fn fixed<'a>(key: &'static str, value: &'static str) -> Entry<'a> {
    at(key, Smb::Fixed(value), Origin::NONE)
}
