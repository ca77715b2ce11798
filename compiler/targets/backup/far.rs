//! Where a backup is written: here, or over ssh to a disk of another node; and where it cannot be.

use super::{Method, method, restic};
use crate::diag::codes;
use crate::model::ThingId;
use crate::model::reach;
use crate::model::value::{Base, Location};
use crate::targets::Emission;
use crate::targets::shared_nodes::user;
use crate::targets::shared_refusal::Refusal;
use crate::targets::shared_units::Host;
use crate::targets::ssh;

/// Where a destination is, from the node that does the work.
pub(super) enum Far {
    Here,
    /// On another node, as restic names it: `sftp:ann@10.0.0.2:/srv/backup`.
    There(String),
    /// Not to be reached; said already.
    Nowhere,
}

pub(super) fn far(host: Host<'_>, out: &mut Emission, backup: ThingId, to: &Location) -> Far {
    let Host { cluster, node, .. } = host;
    let (network, network_at) = cluster.at(backup, "network");
    let other = match to.base {
        Base::Disk(disk) => cluster.thing(disk).node.filter(|&other| other != node),
        _ => None,
    };
    let Some(other) = other else {
        if !network.is_none() {
            let message = format!(
                "`network` leads to a destination on another node, and this one has a path on `{}`",
                host.name()
            );
            out.refuse(
                Refusal::new(&codes::E0801, network_at, backup, message, "take `network` away")
                    .beside(cluster.at(backup, "to").1, "it goes here")
                    .goes(),
            );
        }
        return if bare(host, out, backup, to) { Far::Nowhere } else { Far::Here };
    };
    let name = cluster.label(other);
    let at = cluster.at(backup, "to").1;
    if method(cluster, backup) != Method::Restic {
        let message =
            format!("only restic writes to a disk of another node, and this one is `{name}`'s");
        let help = "say `method = restic(...)`, or take a share that is mounted here";
        let refusal = Refusal::new(&codes::E0801, at, backup, message, help);
        out.refuse(
            refusal.with(other, "the disk is this node's").with(node, "the work is done here"),
        );
        return Far::Nowhere;
    }
    let mut known = out.known();
    let networks = match network.as_thing() {
        Some(network) => vec![network],
        None => reach::reach(&mut known),
    };
    let address = networks.into_iter().find_map(|network| {
        reach::address_on(&mut known, node, network)?;
        reach::address_on(&mut known, other, network)
    });
    let path = reach::path_on(&mut known, &to.base, &to.sub, other).ok().flatten();
    let (Some(address), Some(path), Some(user)) =
        (address, path, user(cluster, other).map(|user| cluster.label(user)))
    else {
        let message = format!(
            "`{}` cannot reach the destination: `{name}` needs a user, a mounted disk, and a network in common",
            host.name()
        );
        out.refuse(Refusal::new(&codes::E0506, at, backup, message, format!("say `user` of `{name}` and `mount` of the disk, and give both nodes an address in one network")).with(other, "the destination").with(node, "the work is done here"));
        return Far::Nowhere;
    };
    Far::There(restic::far(user, address, ssh::port(cluster, other).0, &path))
}

/// A file system that has no owners and no links, and so can take no copy by rsync; said.
fn bare(host: Host<'_>, out: &mut Emission, backup: ThingId, to: &Location) -> bool {
    let cluster = host.cluster;
    let Base::Disk(disk) = to.base else { return false };
    let fs = cluster.word(disk, "fs");
    if method(cluster, backup) == Method::Restic || fs != Some("exfat") {
        return false;
    }
    let name = cluster.label(backup);
    let message = format!("exfat keeps no owners and no links, which the backup `{name}` copies");
    let help = "say `method = restic(...)`, which keeps them in its own files, or give the disk another file system";
    let at = cluster.at(backup, "to").1;
    let refusal = Refusal::new(&codes::E0801, at, backup, message, help);
    out.refuse(refusal.beside(cluster.at(disk, "fs").1, "the disk's file system"));
    true
}
