//! Windows: a script for each share that becomes a drive, and the settings of WSL without which it
//! would undo what the other targets write into it.

use super::fstab::no_way;
use super::shared_mounts::{self, Mount, World};
use super::shared_nodes::{managed, os, user};
use super::{Emission, Emit, File, Target};
use crate::diag::codes;
use crate::formats::ini;
use crate::formats::powershell;
use crate::formats::script::{Line, Word};
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_refusal::Refusal;
use crate::tree::{Side, Tool};
use std::collections::BTreeMap;
use std::net::IpAddr;

pub const TARGET: Target = Target {
    name: "windows",
    doc: "Drives of each Windows node, and the settings of its WSL",
    emit: Emit::Alone(emit),
};

fn emit(cluster: &Cluster, out: &mut Emission) {
    for node in managed(cluster) {
        if os(cluster, node) != "windows" {
            continue;
        }
        let mut known = out.known();
        let mounts = shared_mounts::mounts(cluster, &mut known, node, World::Windows);
        for mount in &mounts {
            drive(cluster, out, node, mount);
        }
        one_account(cluster, out, node, &mounts);
        if shared_mounts::linux_world(cluster, node) == Some(World::Wsl) {
            wsl(cluster, out, node);
        }
    }
}

/// Who logs in to a share.
fn account(cluster: &Cluster, share: ThingId) -> Option<ThingId> {
    cluster.get(share, "user").as_thing().filter(|_| !cluster.flag(share, "guest"))
}

/// A session of Windows is one account at a server: a second one is its error 1219.
fn one_account(cluster: &Cluster, out: &mut Emission, node: ThingId, mounts: &[Mount]) {
    let mut first: BTreeMap<IpAddr, (ThingId, ThingId)> = BTreeMap::new();
    for mount in mounts {
        let (Some(way), Some(user)) = (mount.way, account(cluster, mount.share)) else { continue };
        let (other, there) = *first.entry(way.address).or_insert((mount.share, user));
        if there == user {
            continue;
        }
        let (share, before) = (cluster.label(mount.share), cluster.label(other));
        let (user, there) = (cluster.label(user), cluster.label(there));
        let message = format!(
            "Windows logs in to a server as one account, and `{}` would take `{before}` as {there} and `{share}` as {user}",
            cluster.label(node)
        );
        let help = format!(
            "let one account have both: `user = {there}` in `{share}`; or leave `{}` out of the `clients` of one",
            cluster.label(node)
        );
        let at = |share| cluster.at(share, "user").1;
        out.refuse(
            Refusal::new(&codes::E0801, at(mount.share), mount.share, message, help)
                .beside(at(other), "another account of the same server"),
        );
    }
}

/// Maps the drive where it isn't mapped yet. The password is in Windows' own vault, put there by
/// the one who works on the machine, when it is asked for once.
fn drive(cluster: &Cluster, out: &mut Emission, node: ThingId, mount: &Mount) {
    let share = mount.share;
    let Some(way) = mount.way else { return no_way(cluster, out, node, mount) };
    if cluster.word(share, "via") == Some("nfs") {
        let message = format!(
            "Windows maps a drive over SMB alone, and share `{}` is taken by NFS",
            cluster.label(share)
        );
        return out.refuse(
            Refusal::new(
                &codes::E0801,
                mount.origin,
                share,
                message,
                "share it over SMB: `via = smb3()`; or let this node mount it in its Linux alone",
            )
            .beside(cluster.at(share, "via").1, "taken by NFS"),
        );
    }
    let server = host(way.address);
    let remote = format!("\\\\{server}\\{}", cluster.label(share));
    let account = account(cluster, share);

    let mut lines = vec![
        Line::set("drive", Word::text(mount.path.clone())).at(mount.origin),
        Line::set("remote", Word::text(remote)).at(mount.origin),
        Line::set("server", Word::text(server)).at(mount.origin),
        Line::blank(),
        Line::comment("A drive that an elevated session maps is seen by no other."),
        Line::code(
            "$me = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()",
        ),
        Line::block(
            [Word::Code(
                "if ($me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {",
            )],
            vec![Line::code("throw 'Run this as yourself, not as an administrator.'")],
            "}",
        ),
        Line::blank(),
        Line::code("$mapping = Get-SmbMapping -LocalPath $drive -ErrorAction SilentlyContinue"),
        Line::code("if ($mapping -and ($mapping.RemotePath -eq $remote)) { exit 0 }"),
    ];
    if let Some(account) = account {
        lines.extend([
            Line::blank(),
            Line::comment("The vault of Windows keeps the password: asked for once, and never in a file of ours."),
            Line::code("$stored = (cmdkey.exe \"/list:$server\") -join ' '"),
            Line::block(
                [Word::Code("if ($stored -notmatch [regex]::Escape(\"target=$server\")) {")],
                vec![
                    Line::words([
                        Word::Code("cmdkey.exe \"/add:$server\""),
                        Word::text(format!("/user:{}", cluster.label(account))),
                        Word::Code("/pass"),
                    ])
                    .at(cluster.at(share, "user").1),
                    Line::code("if ($LASTEXITCODE -ne 0) { throw 'Windows did not take the password.' }"),
                ],
                "}",
            ),
        ]);
    }
    lines.extend([
        Line::blank(),
        Line::code("if ($mapping) { Remove-SmbMapping -LocalPath $drive -UpdateProfile -Force }"),
        Line::code(
            "New-SmbMapping -LocalPath $drive -RemotePath $remote -Persistent $true | Out-Null",
        )
        .at(mount.origin),
    ]);
    let name = format!("map-{}.ps1", cluster.label(share));
    let things = [node, share];
    let file = File::new(format!("windows/{}/{name}", cluster.label(node)))
        .to(Tool::Chezmoi, cluster.label(node), format!("~/.config/colab/{name}"), 0o644)
        .side(Some(Side::Windows))
        .from(things);
    out.put(file, powershell::write(&out.header(&things), &lines));
}

/// A server's address as a part of a UNC path, which has no room for the colons of IPv6.
fn host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{}.ipv6-literal.net", v6.to_string().replace(':', "-")),
    }
}

/// Without these WSL writes its own `/etc/hosts` at every start, mounts `/etc/fstab` before there
/// is a network, and starts no unit.
fn wsl(cluster: &Cluster, out: &mut Emission, node: ThingId) {
    let entry = |key: &'static str, value: &str, origin| ini::Entry {
        key: key.into(),
        value: value.to_string().into(),
        origin,
    };
    let of = |name: &'static str, entries| ini::Section {
        name: name.into(),
        entries,
        origin: Origin::NONE,
    };
    let name = cluster.label(node);
    let mut sections = vec![
        of("boot", vec![entry("systemd", "true", Origin::NONE)]),
        of("automount", vec![entry("mountFsTab", "false", Origin::NONE)]),
        of(
            "network",
            vec![
                entry("hostname", name, Origin::NONE),
                entry("generateHosts", "false", Origin::NONE),
            ],
        ),
    ];
    if let Some(user) = user(cluster, node) {
        let origin = cluster.at(node, "user").1;
        sections.push(of("user", vec![entry("default", cluster.label(user), origin)]));
    }
    let file = File::new(format!("windows/{name}/wsl.conf"))
        .to(Tool::Ansible, name, "/etc/wsl.conf", 0o644)
        .side(Some(Side::Wsl))
        .from([node]);
    out.put(file, ini::write(&out.header(&[node]), &sections));
}
