//! Breaks of disks, shares, volumes and backups.

use super::super::base::{Base, Break, one};
use crate::generate::Dice;
use colabc::model::ThingId;
use colabc::model::value::{Base as Place, Value};

fn texts<'a>(base: &'a Base, of: Option<ThingId>, fields: &[&str]) -> Vec<&'a str> {
    fields.iter().filter_map(|field| base.model().text(of?, field)).collect()
}

fn disks(base: &Base) -> Vec<ThingId> {
    let m = base.model();
    let of = |node: ThingId| m.block(node, "hardware").map(|h| m.children(h, "disk").to_vec());
    base.nodes().into_iter().filter_map(of).flatten().collect()
}

/// Volumes on a share that their node mounts from another.
fn on_shares(base: &Base) -> Vec<(ThingId, ThingId)> {
    let m = base.model();
    let mut all = Vec::new();
    for volume in base.volumes() {
        if let Value::Location(location) = m.get(volume, "value")
            && let Place::Share(share) = location.base
            && m.get(share, "server").as_thing() != base.node_of(volume)
        {
            all.push((volume, share));
        }
    }
    all
}

pub fn path_of_client(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let volume = one(dice, base.volumes())?;
    let shares = base.all("share").into_iter();
    let mut paths: Vec<&str> = shares
        .flat_map(|share| texts(base, m.block(share, "mount"), &["linux", "wsl", "macos"]))
        .collect();
    paths.extend(disks(base).into_iter().filter_map(|disk| m.text(disk, "mount")));
    paths.push("/srv/own");
    let path = one(dice, paths)?;
    base.set(volume, "value", &format!("\"{}/x\"", path.trim_end_matches('/')))
}

pub fn disk_elsewhere(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let (volume, disk) = (one(dice, base.volumes())?, one(dice, disks(base))?);
    if base.node_of(volume) == base.node_of(disk) && !dice.one_in(4) {
        return None;
    }
    let text = format!("{}.hardware.disk.{} / \"x\"", m.label(base.node_of(disk)?), m.label(disk));
    base.set(volume, "value", &text)
}

pub fn not_a_client(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (share, node) = (one(dice, base.all("share"))?, one(dice, base.nodes())?);
    if !on_shares(base).iter().any(|(_, on)| *on == share) && !dice.one_in(4) {
        return None;
    }
    base.set(share, "clients", &format!("[{}]", base.model().label(node)))
}

pub fn database(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let share = one(dice, base.all("share"))?;
    let server = m.get(share, "server").as_thing();
    let far =
        |&part: &ThingId| base.node_of(part) != server && m.word(part, "backup") != Some("off");
    let containers = base.parts("container").into_iter().filter(far).collect();
    let container = one(dice, containers)?;
    let paths = ["/var/lib/postgresql/data", "/data", "/var/lib/mysql", "/etc/pihole"];
    let volumes = m.children(container, "volume").iter().copied();
    let kept = volumes
        .filter(|&volume| paths.contains(&m.label(volume)) && base.volumes().contains(&volume));
    match one(dice, kept.collect()) {
        Some(volume) => base.set(volume, "value", &format!("{} / \"db\"", m.label(share))),
        None if dice.one_in(8) => {
            base.insert(container, &format!("volume \"/data\" = {} / \"db\"", m.label(share)))
        }
        None => None,
    }
}

pub fn desktop(base: &Base, dice: &mut Dice) -> Option<Break> {
    let volumes = on_shares(base).into_iter().filter_map(|(volume, _)| base.node_of(volume));
    let nodes = if dice.one_in(4) { base.nodes() } else { volumes.collect() };
    base.set(one(dice, nodes)?, "engine", "desktop")
}

pub fn data_root(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let node = one(dice, base.nodes())?;
    let share = one(dice, base.all("share"))?;
    let path = one(dice, texts(base, m.block(share, "mount"), &["linux", "wsl"]))?;
    let path = if dice.one_in(3) { "/var/lib/engine" } else { path };
    base.set(m.block(node, "docker")?, "data_root", &format!("\"{path}/docker\""))
}

pub fn same_disk(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let (backup, disk) = (one(dice, base.all("backup"))?, one(dice, disks(base))?);
    let text = format!("{}.hardware.disk.{} / \"x\"", m.label(base.node_of(disk)?), m.label(disk));
    base.set(backup, "to", &text)
}

/// A second backup, into the directory of the first or beside it.
pub fn one_directory(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let backup = one(dice, base.all("backup"))?;
    let Value::Location(to) = m.get(backup, "to") else { return None };
    let place = match to.base {
        Place::Share(share) => m.label(share).to_string(),
        Place::Disk(disk) => {
            format!("{}.hardware.disk.{}", m.label(base.node_of(disk)?), m.label(disk))
        }
        _ => return None,
    };
    let below = dice.pick(&[&*to.sub, &*to.sub, "beside"]);
    let to = if below.is_empty() { place } else { format!("{place} / \"{below}\"") };
    let method = dice.pick(&["", "   method = copy"]);
    base.add(&format!(
        "backup broken {{ on = {}   from = [\"/var/lib/broken\"]   to = {to}{method}   every {{ snapshot = daily }}   keep {{ daily = 3 }} }}",
        m.label(m.get(backup, "on").as_thing()?)
    ))
}

pub fn copies(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.set(one(dice, base.all("backup"))?, "method", "copy")
}

pub fn backup_elsewhere(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (backup, node) = (one(dice, base.all("backup"))?, one(dice, base.nodes())?);
    if base.model().get(backup, "on").as_thing() == Some(node) {
        return None;
    }
    base.set(backup, "on", base.model().label(node))
}

pub fn two_protocols(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let share = one(dice, base.all("share"))?;
    let server = m.get(share, "server").as_thing()?;
    let disk = m.get(share, "disk").as_thing()?;
    let via = dice.pick(&["nfs", "smb3"]);
    let below = match (dice.pick(&["", "", "/inside"]), m.text(disk, "mount")) {
        (below, Some(root)) if !below.is_empty() => format!("   path = \"{root}{below}\""),
        _ => String::new(),
    };
    let rights = dice.pick(&["", "", "   read_only = true"]);
    base.add(&format!(
        "share broken {{ server = {}   disk = {}.hardware.disk.{}{below}   via = {via}{rights}   mount {{ linux = \"/mnt/broken\" }} }}",
        m.label(server), m.label(base.node_of(disk)?), m.label(disk)
    ))
}

pub fn outside_of_disk(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let on_disk = |&share: &ThingId| m.get(share, "disk").as_thing().is_some();
    let share = one(dice, base.all("share").into_iter().filter(on_disk).collect())?;
    let root = m.text(m.get(share, "disk").as_thing()?, "mount")?;
    let path = match dice.below(3) {
        0 => "/srv/elsewhere".to_string(),
        1 => format!("{root}/inside"),
        _ => format!("{root}-2"),
    };
    base.set(share, "path", &format!("\"{path}\""))
}

/// The device of another disk of its node, as another partition of it, or another drive's.
pub fn one_drive(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let named = |&disk: &ThingId| m.text(disk, "device").is_some();
    let all: Vec<ThingId> = disks(base).into_iter().filter(named).collect();
    let (disk, other) = (one(dice, all.clone())?, one(dice, all)?);
    let device = m.text(other, "device")?;
    let device = match dice.below(3) {
        0 => device.to_string(),
        1 => format!("{device}9"),
        _ => "/dev/sdz9".to_string(),
    };
    base.set(disk, "device", &format!("\"{device}\""))
}

pub fn no_time(base: &Base, dice: &mut Dice) -> Option<Break> {
    base.remove(one(dice, base.all("backup"))?, "every")
}

pub fn one_place(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let shares = base.all("share").into_iter();
    let mut paths: Vec<&str> =
        shares.flat_map(|share| texts(base, m.block(share, "mount"), &["linux"])).collect();
    paths.extend(disks(base).into_iter().filter_map(|disk| m.text(disk, "mount")));
    let path = one(dice, paths)?;
    if dice.one_in(2) {
        let (share, server) = (one(dice, base.all("share"))?, one(dice, base.nodes())?);
        let via = m.word(share, "via")?;
        return base.add(&format!(
            "share broken {{ server = {}   path = \"/srv/broken\"   via = {via}   mount {{ linux = \"{path}\" }} }}",
            m.label(server)
        ));
    }
    base.set(one(dice, disks(base))?, "mount", &format!("\"{path}\""))
}

pub fn over_network(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (share, network) = (one(dice, base.all("share"))?, one(dice, base.all("network"))?);
    base.set(share, "network", base.model().label(network))
}

pub fn unsaved(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let (backup, disk) = (one(dice, base.all("backup"))?, one(dice, disks(base))?);
    let text = format!("[{}.hardware.disk.{}]", m.label(base.node_of(disk)?), m.label(disk));
    base.set(backup, "from", &text)
}

pub fn as_files(base: &Base, dice: &mut Dice) -> Option<Break> {
    let dumped = |&part: &ThingId| base.model().word(part, "backup") == Some("dump");
    let containers = base.parts("container").into_iter().filter(dumped).collect();
    let container = one(dice, containers)?;
    let on_a_share = |&volume: &ThingId| match base.model().get(volume, "value") {
        Value::Location(location) => matches!(location.base, Place::Share(_)),
        _ => false,
    };
    if !base.model().children(container, "volume").iter().any(on_a_share) && !dice.one_in(6) {
        return None;
    }
    base.set(container, "backup", dice.pick(&["files", "files", "off"]))
}

pub fn options(base: &Base, dice: &mut Dice) -> Option<Break> {
    let option = dice.pick(&["credentials=/root/.cred", "password=hunter2", "noatime", "uid=1000"]);
    base.set(one(dice, base.all("share"))?, "options", &format!("[\"{option}\"]"))
}

pub fn absent_server(base: &Base, dice: &mut Dice) -> Option<Break> {
    let node = base.model().label(one(dice, base.nodes())?);
    let status = dice.pick(&["up", "on-demand", "offline", "on-demand"]);
    let availability = dice.pick(&["always", "always", "on-demand"]);
    let clients = dice.pick(&["all", "all", "[broken]"]);
    base.add(&format!(
        "node broken {{ managed = false   status = {status} }}\n\
         share broken-pool {{ server = broken   path = \"/srv\"   guest = true   clients = {clients}   mount {{ linux = \"/mnt/broken\" }} }}\n\
         service broken-app {{ on = {node}   availability = {availability}   container app {{ image = \"x:1\"   volume \"/d\" = broken-pool / \"d\" }} }}"
    ))
}

/// Where a volume or its share or disk is, as a path of its node.
fn path_of(base: &Base, volume: ThingId) -> Option<(ThingId, String)> {
    let m = base.model();
    let node = base.node_of(volume)?;
    let Value::Location(location) = m.get(volume, "value") else { return None };
    let root = match location.base {
        Place::Disk(disk) => m.text(disk, "mount")?,
        Place::Share(share) if m.get(share, "server").as_thing() == Some(node) => {
            m.text(m.get(share, "disk").as_thing()?, "mount")?
        }
        Place::Share(share) => m.text(m.block(share, "mount")?, "linux")?,
        _ => return None,
    };
    Some((node, format!("{}/{}", root.trim_end_matches('/'), location.sub)))
}

pub fn disk_over(base: &Base, dice: &mut Dice) -> Option<Break> {
    let (node, path) = path_of(base, one(dice, base.volumes())?)?;
    let path = path.trim_end_matches('/');
    let path = match dice.below(3) {
        0 => path.rsplit_once('/')?.0,
        _ => path,
    };
    let hardware = base.model().block(node, "hardware")?;
    base.insert(
        hardware,
        &format!("disk broken {{ uuid = \"7\"   mount = \"{path}\"   removable = true }}"),
    )
}

pub fn disk_inside(base: &Base, dice: &mut Dice) -> Option<Break> {
    let m = base.model();
    let (node, share) = (one(dice, base.nodes())?, one(dice, base.all("share"))?);
    let root = m.text(m.block(share, "mount")?, "linux")?;
    let root = if dice.one_in(4) { format!("{root}-own") } else { root.to_string() };
    let more = dice.pick(&["", "", "   removable = true", "   options = [\"nofail\"]"]);
    let hardware = m.block(node, "hardware")?;
    base.insert(
        hardware,
        &format!("disk broken {{ uuid = \"7\"   mount = \"{root}/broken\"{more} }}"),
    )
}
