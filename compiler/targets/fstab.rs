//! `/etc/fstab`: the disks of a node, and the shares that it mounts, as one managed block. Nothing
//! in it can hold up a boot because another machine is away.

use super::shared_mounts::{self, Mount, Needed, Way, World, bracketed};
use super::shared_secrets;
use super::{Emission, Emit, File, Target};
use crate::diag::codes;
use crate::formats::fstab::{self, Line, Mount as Row, unsayable};
use crate::model::reach;
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_refusal::Refusal;
use crate::tree::Tool;
use crate::types::distance::nearest;
use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::BTreeSet;

pub const TARGET: Target = Target {
    name: "fstab",
    doc: "Disks and shares of each node with a Linux",
    emit: Emit::OfNodes { each: emit, rest: |_, _| {} },
};

/// What systemd reads of a line's options: a word that is none of these would be a mistake that no
/// reader of the file tells.
const SYSTEMD: &[&str] = &[
    "requires",
    "before",
    "after",
    "wanted-by",
    "required-by",
    "requires-mounts-for",
    "automount",
    "idle-timeout",
    "device-timeout",
    "mount-timeout",
    "makefs",
    "growfs",
    "rw-only",
    "device-bound",
];

fn emit(cluster: &Cluster, node: ThingId, out: &mut Emission) {
    let Some(world) = shared_mounts::linux_world(cluster, node) else { return };
    let mut rows = disks(cluster, out, node, world);
    let mut things = vec![node];
    let mut known = out.known();
    let mounts = shared_mounts::mounts(cluster, &mut known, node, world);
    let bound = LazyCell::new(|| shared_mounts::bound(cluster, &mut known, node, world));
    for mount in mounts {
        things.push(mount.share);
        rows.extend(share(cluster, out, (node, world), &mount, &bound));
    }
    if rows.is_empty() {
        return;
    }
    // A mount point below another's comes after it: findmnt and systemd want it so.
    rows.sort_by(|a, b| a.target.split('/').cmp(b.target.split('/')));
    for pair in rows.windows(2) {
        if pair[0].target == pair[1].target {
            let at = pair[1].origin;
            let message = format!(
                "`{}` of `{}` would be mounted twice: from {} and from {}",
                pair[0].target,
                cluster.label(node),
                pair[0].source,
                pair[1].source
            );
            let help = "mount one of them at another path, or leave one out";
            let refusal = Refusal::new(&codes::E1601, at, node, message, help);
            out.refuse(refusal.beside(pair[0].origin, "the other mount of that path"));
        }
    }
    let name = cluster.label(node);
    let mut lines = vec![Line::Comment(out.header(&things).into()), Line::Blank];
    lines.extend(rows.into_iter().map(Line::Mount));
    let file = File::new(format!("fstab/{name}"))
        .to(Tool::Ansible, name, "/etc/fstab", 0o644)
        .side(shared_mounts::side(world))
        .block("colab")
        .from(things);
    out.put(file, fstab::write(&lines));
}

/// The disks that have a place. What the installer mounts has its line outside of our block.
fn disks<'a>(
    cluster: &'a Cluster,
    out: &mut Emission,
    node: ThingId,
    world: World,
) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for disk in shared_mounts::disks(cluster, node) {
        let id = disk.disk;
        // ZFS mounts its pools itself, and none of them has a device that a line could wait for.
        let itself = cluster.word(id, "fs") == Some("zfs");
        if itself || matches!(disk.path, "/" | "/usr" | "/boot" | "/boot/efi") {
            continue;
        }
        let text = |field: &str| cluster.text(id, field);
        let source = match (text("uuid"), text("label"), text("device")) {
            (Some(uuid), _, _) => format!("UUID={uuid}"),
            (_, Some(label), _) => format!("LABEL={label}"),
            (_, _, Some(device)) if device.starts_with('/') => device.to_string(),
            (_, _, Some(device)) => format!("/dev/{device}"),
            // mdadm names a set after the word that it was made with.
            _ => format!("/dev/md/{}", cluster.label(id)),
        };
        if source.contains(char::is_control) {
            let stated = ["uuid", "label", "device"].map(|field| cluster.at(id, field));
            let origin = stated.iter().find(|(value, _)| value.as_text().is_some());
            let message = format!("a line of fstab cannot name {source:?}");
            let origin = origin.map_or(Origin::NONE, |(_, origin)| *origin);
            out.refuse(Refusal::new(
                &codes::E0801,
                origin,
                id,
                message,
                "take the sign out that cannot be seen",
            ));
            continue;
        }
        let kind = match cluster.word(id, "fs") {
            Some("ntfs") => "ntfs3",
            Some(fs) => fs,
            None => "auto",
        };
        let mut options = Options::default();
        options.own(out, cluster.get(id, "options"), id);
        if matches!(kind, "exfat" | "ntfs3") {
            options.owned(cluster, cluster.get(node, "user").as_thing());
        }
        // A set of disks is made by a person, and WSL gets its disks from Windows: until then
        // there is nothing to wait for.
        let raid = !cluster.get(id, "raid").is_none();
        if cluster.flag(id, "removable") || raid || world == World::Wsl {
            options.add("nofail");
            options.add("x-systemd.device-timeout=10s");
        }
        // These check themselves when they are mounted, or have nothing that could.
        let pass = if matches!(kind, "ext4" | "auto") { 2 } else { 0 };
        let origin = cluster.at(id, "mount").1;
        rows.push(Row {
            source: source.into(),
            target: disk.path.into(),
            kind: kind.into(),
            options: options.0,
            pass,
            origin,
        });
    }
    rows
}

fn share<'a>(
    cluster: &'a Cluster,
    out: &mut Emission,
    (node, world): (ThingId, World),
    mount: &Mount,
    bound: &BTreeSet<Needed>,
) -> Option<Row<'a>> {
    let id = mount.share;
    let Some(way) = mount.way else {
        no_way(cluster, out, node, mount);
        return None;
    };
    let flag = |field: &str| cluster.flag(id, field);
    let mut options = Options::default();
    let nfs = cluster.word(id, "via") == Some("nfs");
    let source = if nfs { nfs_source(cluster, out, id, way)? } else { unc(cluster, id, way) };
    if nfs {
        options.version(cluster, id, "nfsvers=", "4.2");
    } else {
        login(cluster, out, node, id, &mut options)?;
        options.version(cluster, id, "vers=", "3.1.1");
        options.add("iocharset=utf8");
    }
    options.add(if flag("soft") { "soft" } else { "hard" });
    if flag("read_only") {
        options.add("ro");
    }
    options.add("_netdev");
    options.add("nofail");
    if flag("automount") {
        options.add("x-systemd.automount");
        if let Value::Duration(idle) = cluster.get(id, "idle") {
            options.add(format!("x-systemd.idle-timeout={}s", idle.seconds()));
        }
    }
    options.add("x-systemd.mount-timeout=30s");
    if !nfs && !flag("guest") {
        options.add(format!("x-systemd.requires={}", shared_secrets::share_unit(cluster, id)));
    }
    // WSL goes by the client of Windows.
    if way.over_mesh(cluster) && world == World::Linux {
        options.add("x-systemd.requires=tailscaled.service");
    }
    if bound.iter().any(|needed| needed.share == Some(id))
        && !shared_secrets::waits_for_engine(cluster, node, id)
    {
        options.add("x-systemd.before=docker.service");
    }
    options.own(out, cluster.get(id, "options"), id);
    Some(Row {
        source: source.into(),
        target: mount.path.clone().into(),
        kind: if nfs { "nfs" } else { "cifs" }.into(),
        options: options.0,
        pass: 0,
        origin: mount.origin,
    })
}

/// Two ends without a network in common.
pub(super) fn no_way(cluster: &Cluster, out: &mut Emission, node: ThingId, mount: &Mount) {
    let message = format!(
        "`{}` mounts share `{}`, and has no network in common with its server",
        cluster.label(node),
        cluster.label(mount.share)
    );
    let help = "give both an address in one network, `address { NETWORK = ... }`, or leave it out of those that mount it: `clients = [NODE, ...]`";
    let mut refusal = Refusal::new(&codes::E0506, mount.origin, mount.share, message, help);
    refusal = refusal.with(node, "it mounts the share");
    if let Some(server) = cluster.get(mount.share, "server").as_thing() {
        refusal = refusal.with(server, "the server");
    }
    out.refuse(refusal);
}

/// `//192.168.254.10/fortress`
fn unc(cluster: &Cluster, share: ThingId, way: Way) -> String {
    format!("//{}/{}", way.address, cluster.label(share))
}

fn nfs_source(cluster: &Cluster, out: &mut Emission, share: ThingId, way: Way) -> Option<String> {
    let export = match cluster.param(share, "via", "export") {
        Some(Value::Text(path)) => Some(path.to_string()),
        _ => reach::server_path(&mut out.known(), share).ok().flatten(),
    };
    if export.is_none() {
        let message =
            format!("share `{}` does not say what its server exports", cluster.label(share));
        out.refuse(Refusal::new(
            &codes::E0801,
            cluster.at(share, "via").1,
            share,
            message,
            "say its `path`, or `via = nfs(export = \"/...\")`",
        ));
    }
    Some(format!("{}:{}", bracketed(way.address), export?))
}

/// Who logs in, and whom the files belong to here.
fn login(
    cluster: &Cluster,
    out: &mut Emission,
    node: ThingId,
    share: ThingId,
    options: &mut Options<'_>,
) -> Option<()> {
    let user = cluster.get(share, "user").as_thing();
    if cluster.flag(share, "guest") {
        options.add("guest");
    } else if cluster.get(share, "password").is_none() || user.is_none() {
        let message = format!("share `{}` does not say who logs in", cluster.label(share));
        out.refuse(Refusal::new(
            &codes::E0801,
            Origin::NONE,
            share,
            message,
            "say `user` and `password`, or `guest = true`",
        ));
        return None;
    } else {
        options.add(format!("credentials={}", shared_secrets::share_file(cluster, share)));
    }
    options.owned(cluster, user.or(cluster.get(node, "user").as_thing()));
    Some(())
}

/// The options of one line, each once, in the order of being added.
#[derive(Default)]
struct Options<'a>(Vec<Cow<'a, str>>);

impl Options<'_> {
    fn add(&mut self, option: impl Into<String>) {
        let option = option.into();
        if !self.0.iter().any(|known| *known == option) {
            self.0.push(option.into());
        }
    }

    fn version(&mut self, cluster: &Cluster, share: ThingId, name: &str, usual: &str) {
        let stated = cluster.param(share, "via", "version").and_then(Value::as_text);
        self.add(format!("{name}{}", stated.unwrap_or(usual)));
    }

    /// Whose the files are, where the file system does not know: else they are root's. What is stated stays.
    fn owned(&mut self, cluster: &Cluster, owner: Option<ThingId>) {
        let Some(owner) = owner else { return };
        for field in ["uid", "gid"] {
            let stated = self.0.iter().any(|option| option.split('=').next() == Some(field));
            if !stated && let Value::Int(number) = cluster.get(owner, field) {
                self.add(format!("{field}={number}"));
            }
        }
    }

    /// What the sources say themselves; they win over nothing, they are added.
    fn own(&mut self, out: &mut Emission, stated: &Value, of: ThingId) {
        for item in stated.items() {
            let Some(option) = item.value.as_text() else { continue };
            let word = option.split('=').next().unwrap_or(option);
            if let Some(word) = word.strip_prefix("x-systemd.")
                && !SYSTEMD.contains(&word)
            {
                let message = format!(
                    "expected one of systemd's options, such as `x-systemd.automount`, found `{option}`"
                );
                let near = nearest(word, SYSTEMD.iter().copied());
                let help = match near.first() {
                    Some(near) => format!("did you mean `x-systemd.{near}`?"),
                    None => {
                        "leave it out, or see `man systemd.mount` for the options that there are"
                            .to_owned()
                    }
                };
                out.refuse(Refusal::new(&codes::E0801, item.origin, of, message, help));
            }
            if let Some(why) = unsayable(option) {
                let message = format!("{why} (for `options`)");
                let help = "write each option as an item of its own, without quotes in it";
                out.refuse(Refusal::new(&codes::E0801, item.origin, of, message, help));
                continue;
            }
            self.add(option);
        }
    }
}
