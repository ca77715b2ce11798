//! The directories that must be there before anything is started: those of shares, and those that
//! containers mount. Compose makes none, so that none comes up below a mount that is missing.

use super::said;
use crate::formats::{Data, Map};
use crate::model::reach::{self, Known};
use crate::model::value::{Base, Value};
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::Emission;
use crate::targets::shared_mounts::{self as mounts, Mounts, OnShares};
use crate::targets::shared_nodes as nodes;
use std::collections::BTreeMap;

/// One directory to be. What is there already stays as it is.
struct Directory {
    owner: Option<(String, String)>,
    mode: String,
    origin: Origin,
}

pub(super) fn of<'a>(
    cluster: &'a Cluster,
    out: &Emission<'a>,
    on_shares: &OnShares,
    node: ThingId,
) -> Data<'a> {
    let mut instances = nodes::instances_on(cluster, node);
    let mut known = out.known();
    // By path: what is above comes first.
    let mut all: BTreeMap<String, Directory> = BTreeMap::new();
    for share in nodes::shares_on(cluster, node) {
        of_share(cluster, &mut known, share, &mut all);
        instances.extend(on_shares.get(&share).into_iter().flatten());
    }
    instances.sort_by_key(|i| (cluster.label(i.service), cluster.label(i.node)));
    instances.dedup_by_key(|i| i.thing);
    for instance in instances {
        for container in nodes::containers(cluster, instance) {
            for &volume in cluster.children(container, "volume") {
                of_volume(cluster, &mut known, node, (volume, instance.node), &mut all);
            }
        }
    }
    for &backup in cluster.all("backup") {
        of_backup(cluster, &mut known, node, backup, &mut all);
    }
    let world = mounts::linux_world(cluster, node);
    let mounts = world.map(|world| Mounts::on(cluster, &mut known, node, world));
    Data::list(all.into_iter().map(|(path, directory)| {
        let mount = mounts.as_ref().and_then(|mounts| mounts.under(&path)).cloned();
        let mut map = Map::new().with("path", said(path));
        if let Some((owner, group)) = directory.owner {
            map = map.with("owner", said(owner)).with("group", said(group));
        }
        Data::from(
            map.with("mode", Data::text(directory.mode))
                .with_some("mount", mount.map(|mount| said(mount.path))),
        )
        .at(directory.origin)
    }))
}

/// The directory of a share and those below it that it states.
fn of_share(
    cluster: &Cluster,
    known: &mut Known<'_>,
    share: ThingId,
    all: &mut BTreeMap<String, Directory>,
) {
    let Ok(Some(root)) = reach::server_path(known, share) else { return };
    let owner = match cluster.get(share, "owner") {
        Value::None => cluster.get(share, "user"),
        owner => owner,
    };
    let owner = numbers(cluster, owner);
    let mut add = |path: String, origin: Origin| {
        let directory = Directory { owner: owner.clone(), mode: "0755".into(), origin };
        all.insert(path, directory);
    };
    let root = root.trim_end_matches('/').to_string();
    for item in cluster.get(share, "dirs").items() {
        if let Some(dir) = item.value.as_text() {
            add(format!("{root}/{}", dir.trim_matches('/')), item.origin);
        }
    }
    add(root, cluster.at(share, "path").1);
}

/// What another node's backup is written to over ssh: whoever logs in here could make nothing on a disk of root's.
fn of_backup(
    cluster: &Cluster,
    known: &mut Known<'_>,
    node: ThingId,
    backup: ThingId,
    all: &mut BTreeMap<String, Directory>,
) {
    let (Value::Location(to), origin) = cluster.at(backup, "to") else { return };
    let here = matches!(to.base, Base::Disk(disk) if cluster.thing(disk).node == Some(node));
    if !here
        || cluster.get(backup, "on").as_thing() == Some(node)
        || !cluster.flag(backup, "enabled")
    {
        return;
    }
    let Ok(Some(path)) = reach::path_on(known, &to.base, &to.sub, node) else { return };
    let owner = numbers(cluster, cluster.get(node, "user"));
    all.entry(path).or_insert(Directory { owner, mode: "0700".into(), origin });
}

/// A volume on a share is made where the share lies: a client may not give a directory away.
fn of_volume(
    cluster: &Cluster,
    known: &mut Known<'_>,
    node: ThingId,
    (volume, runs_on): (ThingId, ThingId),
    all: &mut BTreeMap<String, Directory>,
) {
    let (Value::Location(location), origin) = cluster.at(volume, "value") else { return };
    let create = cluster.block(volume, "create");
    let owner = create.map_or(&Value::None, |create| cluster.get(create, "owner"));
    let on = match location.base {
        Base::Share(share) => match cluster.get(share, "server").as_thing() {
            Some(server) if cluster.flag(server, "managed") => server,
            _ => runs_on,
        },
        Base::Disk(_) => runs_on,
        // What a path of the host is, a file or a directory, is known only where it says so.
        Base::Host(_) if !owner.is_none() => runs_on,
        _ => return,
    };
    if on != node {
        return;
    }
    let Ok(Some(path)) = reach::path_on(known, &location.base, &location.sub, node) else { return };
    let path = match cluster.text(volume, "sub") {
        Some(below) => format!("{}/{below}", path.trim_end_matches('/')),
        None => path,
    };
    let foreign = matches!(location.base, Base::Share(share)
        if cluster.get(share, "server").as_thing() != Some(node));
    let owner = match owner {
        Value::None => cluster.get(runs_on, "user"),
        stated => stated,
    };
    let mode = match create.map(|create| cluster.get(create, "mode")) {
        Some(Value::Mode(mode)) => format!("{:04o}", mode.bits()),
        _ => "0755".into(),
    };
    let owner = numbers(cluster, owner).filter(|_| !foreign);
    // Of several who mount one directory, whoever states an owner has it.
    let stated = create.is_some();
    if stated || !all.contains_key(&path) {
        all.insert(path, Directory { owner, mode, origin });
    }
}

/// An owner and its group, by number: the account may be made later, or exist in an image only.
fn numbers(cluster: &Cluster, owner: &Value) -> Option<(String, String)> {
    let number = |user: ThingId, field: &str| match cluster.get(user, field) {
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    };
    match owner {
        Value::Thing(user) => Some((number(*user, "uid")?, number(*user, "gid")?)),
        Value::Int(id) => Some((id.to_string(), id.to_string())),
        _ => None,
    }
}
