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
    base.add(&format!(
        "share broken {{ server = {}   disk = {}.hardware.disk.{}   via = {via}   mount {{ linux = \"/mnt/broken\" }} }}",
        m.label(server), m.label(base.node_of(disk)?), m.label(disk)
    ))
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
    base.set(one(dice, containers)?, "backup", dice.pick(&["files", "off"]))
}

pub fn options(base: &Base, dice: &mut Dice) -> Option<Break> {
    let option = dice.pick(&["credentials=/root/.cred", "password=hunter2", "noatime", "uid=1000"]);
    base.set(one(dice, base.all("share"))?, "options", &format!("[\"{option}\"]"))
}
