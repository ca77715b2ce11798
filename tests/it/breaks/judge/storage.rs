//! Disks, shares, volumes and backups.

use super::Row;
use super::world::{World, entries, list, word};
use serde_json::Value as Json;
use std::collections::BTreeMap;

#[rustfmt::skip] // one row a line
pub const ROWS: &[Row] = &[
    ("E1111", ends), ("E1201", paths), ("E1202", absent), ("E1203", databases), ("E1204", desktops),
    ("E1205", data_roots), ("E1206", same_disk), ("E1207", copies), ("E1208", backups), ("E1209", protocols),
    ("E1210", places), ("E1212", away), ("E1213", hidden), ("E1214", inside), ("E1215", one_directory),
    ("E1303", options), ("L0208", timeless),
    ("L0203", unsaved), ("L0205", as_files),
];

/// Images of databases, and where each keeps its files.
const DATABASES: &[(&str, &str)] = &[
    ("postgres", "/var/lib/postgresql"),
    ("mariadb", "/var/lib/mysql"),
    ("redis", "/data"),
    ("grafana/grafana", "/var/lib/grafana"),
    ("headscale/headscale", "/var/lib/headscale"),
    ("pihole/pihole", "/etc/pihole"),
    ("ghcr.io/open-webui/open-webui", "/app/backend/data"),
];

pub fn is_below(path: &str, root: &str) -> bool {
    let rest = path.strip_prefix(root.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn trimmed(path: &str) -> String {
    path.trim_end_matches('/').to_string()
}

/// The disks of a node with their mounts.
fn mounts<'a>(world: &World<'a>, node: &str) -> Vec<&'a str> {
    entries(&world.node(node)["hardware"]["disk"])
        .filter_map(|(_, disk)| disk["mount"].as_str())
        .collect()
}

/// The clients that mount a share.
fn clients<'a>(world: &World<'a>, name: &str, share: &'a Json) -> Vec<&'a str> {
    let nodes = world.managed().into_iter().filter(|(node, json)| {
        world.is_client(share, node)
            && world.share_at(name, share, node).is_some()
            && json["status"] != "offline"
    });
    nodes.map(|(node, _)| node).collect()
}

fn ends(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (name, share) in world.all("shares") {
        let Some(network) = share["network"]["network"].as_str() else { continue };
        let server = share["server"]["node"].as_str().unwrap_or_default();
        for node in std::iter::once(server).chain(clients(world, name, share)) {
            if world.addresses(node, network).is_empty() {
                found.push(format!("{name} at {node}"));
            }
        }
    }
    found
}

fn paths(world: &World) -> Vec<String> {
    // Every place where anything is mounted anywhere, or would be on another system.
    let mut somewhere: Vec<String> = Vec::new();
    for (_, share) in world.all("shares") {
        let mount = &share["mount"];
        somewhere.extend(
            ["linux", "wsl", "windows", "macos"]
                .iter()
                .filter_map(|os| mount[*os].as_str())
                .map(trimmed),
        );
    }
    for (node, _) in world.managed() {
        somewhere.extend(here(world, node));
    }
    let mut found = Vec::new();
    for part in world.containers() {
        let own = here(world, part.node);
        for (inside, volume) in
            entries(&part.json["volume"]).filter(|(_, v)| v["value"]["host"] == true)
        {
            let Some(path) = volume["value"]["path"].as_str() else { continue };
            let nearest = somewhere
                .iter()
                .filter(|root| !root.is_empty() && is_below(path, root))
                .map(String::len)
                .max();
            let provided = own.iter().filter(|root| is_below(path, root)).map(String::len).max();
            if nearest.is_some() && provided < nearest {
                found.push(format!("{} {inside}", part.path()));
            }
        }
    }
    found
}

/// Where a node has a disk or share.
fn here(world: &World, node: &str) -> Vec<String> {
    let shares = world
        .all("shares")
        .into_iter()
        .filter_map(|(name, share)| world.share_at(name, share, node));
    mounts(world, node).into_iter().chain(shares).map(trimmed).collect()
}

fn absent(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for part in world.containers() {
        for (inside, volume) in entries(&part.json["volume"]) {
            let value = &volume["value"];
            let (share, disk) = (value["share"].as_str(), value["disk"].as_str());
            let there = match (share, disk) {
                (Some(name), _) => {
                    world.share_at(name, &world.0["shares"][name], part.node).is_some()
                }
                (_, Some(dotted)) => {
                    dotted.starts_with(&format!("{}.", part.node))
                        && world.disk(dotted).is_some_and(|disk| disk["mount"].is_string())
                }
                _ => true,
            };
            if !there {
                found.push(format!("{} {inside}", part.path()));
            }
        }
    }
    for (name, share) in world.all("shares") {
        let root =
            share["disk"]["disk"].as_str().and_then(|disk| world.disk(disk)?["mount"].as_str());
        if let (Some(root), Some(path)) = (root, share["path"].as_str())
            && !is_below(path, root)
        {
            found.push(format!("{name} outside of its disk"));
        }
    }
    found
}

/// Volumes whose data lies on a share that the node mounts.
fn on_shares<'a>(world: &World<'a>) -> Vec<(super::world::Part<'a>, &'a str)> {
    let mut all = Vec::new();
    for part in world.containers() {
        for (inside, volume) in entries(&part.json["volume"]) {
            let value = &volume["value"];
            let is_there = |(name, share): &(&str, &'a Json)| {
                let Some(root) = world.share_at(name, share, part.node) else { return false };
                let by_path = value["host"] == true
                    && value["path"].as_str().is_some_and(|path| is_below(path, root));
                world.is_client(share, part.node) && (value["share"] == *name || by_path)
            };
            if world.all("shares").iter().any(is_there) {
                all.push((part, inside));
            }
        }
    }
    all
}

fn databases(world: &World) -> Vec<String> {
    let on_shares = on_shares(world).into_iter().filter(|(part, inside)| {
        let image = part.json["image"].as_str().unwrap_or_default();
        let name = image.split([':', '@']).next().unwrap_or_default();
        let data = DATABASES.iter().find(|(image, _)| *image == name).map(|(_, path)| *path);
        let desktop = word(&world.node(part.node)["engine"]) == Some("desktop");
        let dumps = word(&part.json["backup"]) == Some("dump");
        let keeps = |path: &str| is_below(inside, path) || is_below(path, inside);
        !desktop && (data.is_some_and(keeps) || (data.is_none() && dumps))
    });
    on_shares.map(|(part, inside)| format!("{} {inside}", part.path())).collect()
}

fn desktops(world: &World) -> Vec<String> {
    let all = on_shares(world).into_iter();
    let desktop = all.filter(|(part, _)| word(&world.node(part.node)["engine"]) == Some("desktop"));
    desktop.map(|(part, inside)| format!("{} {inside}", part.path())).collect()
}

fn data_roots(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (node, json) in world.managed() {
        let Some(path) = json["docker"]["data_root"].as_str() else { continue };
        let on_share = world.all("shares").into_iter().any(|(name, share)| {
            world.is_client(share, node)
                && world.share_at(name, share, node).is_some_and(|root| is_below(path, root))
        });
        if on_share {
            found.push(node.to_string());
        }
    }
    found
}

/// The disk that a location of a backup is on.
fn disk_of<'a>(world: &World<'a>, location: &'a Json, node: &'a str) -> Option<String> {
    if let Some(disk) = location["disk"].as_str() {
        return Some(disk.to_string());
    }
    if let Some(share) = location["share"].as_str() {
        let share = &world.0["shares"][share];
        let named = share["disk"]["disk"].as_str().map(String::from);
        return named.or_else(|| {
            disk_at(world, share["path"].as_str()?, share["server"]["node"].as_str()?)
        });
    }
    disk_at(world, location["path"].as_str()?, node)
}

fn disk_at(world: &World, path: &str, node: &str) -> Option<String> {
    let disks = entries(&world.node(node)["hardware"]["disk"]);
    let holding =
        disks.filter(|(_, disk)| disk["mount"].as_str().is_some_and(|root| is_below(path, root)));
    holding
        .max_by_key(|(_, disk)| disk["mount"].as_str().map_or(0, str::len))
        .map(|(name, _)| format!("{node}.hardware.disk.{name}"))
}

fn each_backup(world: &World, test: impl Fn(&str, &Json, &Json) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (name, backup) in world.all("backups") {
        let Some(on) = backup["on"]["node"].as_str() else { continue };
        let hits = list(&backup["from"]).iter().filter(|from| test(on, backup, from));
        found.extend(hits.enumerate().map(|(at, _)| format!("{name} {at}")));
    }
    found
}

fn same_disk(world: &World) -> Vec<String> {
    each_backup(world, |on, backup, from| {
        let (Some(a), Some(b)) = (disk_of(world, from, on), disk_of(world, &backup["to"], on))
        else {
            return false;
        };
        let node = |disk: &str| disk.split('.').next().unwrap_or_default().to_string();
        let drive = |disk: &str| drive(world.disk(disk)?["device"].as_str()?);
        a == b || node(&a) == node(&b) && drive(&a).is_some() && drive(&a) == drive(&b)
    })
}

/// `/dev/sda` of `/dev/sda9`, `/dev/nvme0n1` of `/dev/nvme0n1p9`.
fn drive(device: &str) -> Option<String> {
    let digits = device.chars().rev().take_while(char::is_ascii_digit).count();
    let (stem, rest) = device.split_at(device.len() - digits);
    if stem.starts_with("/dev/sd") || stem.starts_with("/dev/vd") {
        return Some(stem.to_string());
    }
    if !stem.starts_with("/dev/nvme") && !stem.starts_with("/dev/mmcblk") {
        return None;
    }
    match stem.strip_suffix('p') {
        Some(drive) if !rest.is_empty() => Some(drive.to_string()),
        _ => Some(device.to_string()),
    }
}

/// Backups that no timer starts, but for those onto a disk that comes and goes.
fn timeless(world: &World) -> Vec<String> {
    let all = world.all("backups").into_iter().filter(|(_, backup)| {
        let timed = ["snapshot", "full", "dumps"].iter().any(|f| !backup["every"][*f].is_null());
        let to = &backup["to"];
        let disk = match to["share"].as_str() {
            Some(share) => world.0["shares"][share]["disk"]["disk"].as_str(),
            None => to["disk"].as_str(),
        };
        let carried =
            disk.and_then(|disk| world.disk(disk)).is_some_and(|d| d["removable"] == true);
        !timed && !carried
    });
    all.map(|(name, _)| name.to_string()).collect()
}

/// Where a location lies below its disk.
fn below<'a>(world: &World<'a>, location: &'a Json) -> (&'a str, &'a str) {
    let share = location["share"].as_str().map(|share| &world.0["shares"][share]);
    let root = share.and_then(|share| share["path"].as_str()).unwrap_or_default();
    (root, location["below"].as_str().unwrap_or_default())
}

/// Two that write snapshots to one directory.
fn one_directory(world: &World) -> Vec<String> {
    let mut seen = Vec::new();
    let mut found = Vec::new();
    let all = world.all("backups").into_iter();
    for (name, backup) in all.filter(|(_, b)| word(&b["method"]) == Some("rsync")) {
        let Some(on) = backup["on"]["node"].as_str() else { continue };
        let to = &backup["to"];
        // Of a share whose disk nobody knows, the share itself is the place.
        let share = to["share"].as_str().map(String::from);
        let Some(home) = disk_of(world, to, on).or(share) else { continue };
        let place = (home, below(world, to));
        if seen.contains(&place) {
            found.push(name.to_string());
        }
        seen.push(place);
    }
    found
}

fn copies(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    // The room of a disk, what is kept on it, and by whom.
    let mut together: BTreeMap<String, (f64, f64, String)> = BTreeMap::new();
    for (name, backup) in
        world.all("backups").into_iter().filter(|(_, b)| word(&b["method"]) == Some("copy"))
    {
        let Some(on) = backup["on"]["node"].as_str() else { continue };
        let size = |disk: &str| world.disk(disk).and_then(|disk| disk["size"]["bytes"].as_f64());
        let target = disk_of(world, &backup["to"], on);
        let room = target.as_deref().and_then(size);
        let sources: Vec<&Json> = list(&backup["from"]).iter().collect();
        let whole = sources.iter().all(|from| from["below"].is_null());
        let mut disks: Vec<Option<String>> =
            sources.iter().map(|from| disk_of(world, from, on)).collect();
        disks.sort();
        disks.dedup();
        let sizes: Option<f64> = disks.iter().map(|disk| size(disk.as_deref()?)).sum();
        let keep = ["hourly", "daily", "weekly", "monthly", "yearly"];
        let kept: f64 = keep.iter().filter_map(|f| backup["keep"][*f].as_f64()).sum();
        if let (Some(room), Some(sizes), true) = (room, sizes, whole)
            && kept > 1.0
            && !disks.contains(&target)
        {
            if sizes * kept > room {
                found.push(name.to_string());
            } else {
                let all = together.entry(target.unwrap_or_default()).or_insert((
                    room,
                    0.0,
                    String::new(),
                ));
                all.1 += sizes * kept;
                all.2 += name;
            }
        }
    }
    let full = together.into_values().filter(|(room, sum, _)| sum > room);
    found.extend(full.map(|(.., names)| names));
    found
}

fn backups(world: &World) -> Vec<String> {
    let lacks = |on: &str, location: &Json| {
        if let Some(share) = location["share"].as_str() {
            return world.share_at(share, &world.0["shares"][share], on).is_none();
        }
        location["disk"].as_str().is_some_and(|disk| !disk.starts_with(&format!("{on}.")))
    };
    let mut found = each_backup(world, |on, _, from| lacks(on, from));
    for (name, backup) in world.all("backups") {
        let on = backup["on"]["node"].as_str().unwrap_or_default();
        // To a disk elsewhere it goes over the network.
        if backup["to"]["share"].is_string() && lacks(on, &backup["to"]) {
            found.push(format!("{name} to"));
        }
    }
    found
}

fn protocols(world: &World) -> Vec<String> {
    let shares = world.all("shares");
    let mut found = Vec::new();
    for (at, (a, first)) in shares.iter().enumerate() {
        for (b, second) in &shares[at + 1..] {
            let server = first["server"]["node"].as_str().unwrap_or_default();
            let path = |name, share| world.share_at(name, share, server).map(trimmed);
            let (Some(one), Some(other)) = (path(a, first), path(b, second)) else { continue };
            if first["server"] == second["server"]
                && (is_below(&one, &other) || is_below(&other, &one))
                && first["read_only"] != true
                && second["read_only"] != true
                && word(&first["via"]) != word(&second["via"])
            {
                found.push(format!("{a} and {b}"));
            }
        }
    }
    found
}

fn places(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (node, _) in world.managed() {
        let shares =
            world.all("shares").into_iter().filter(|(_, share)| world.is_client(share, node));
        let roots = shares.filter_map(|(name, share)| world.share_at(name, share, node));
        let roots: Vec<&str> = roots.collect();
        found.extend(roots.iter().filter(|root| **root == "/").map(|_| format!("/ on {node}")));
        let all: Vec<String> = mounts(world, node).into_iter().chain(roots).map(trimmed).collect();
        for (at, path) in all.iter().enumerate() {
            if all[at + 1..].contains(path) {
                found.push(format!("{path} on {node}"));
            }
        }
    }
    found
}

fn options(world: &World) -> Vec<String> {
    let keeps = |option: &Json| {
        option
            .as_str()
            .is_some_and(|text| text.starts_with("credentials=") || text.starts_with("password="))
    };
    let shares = world
        .all("shares")
        .into_iter()
        .filter(|(_, share)| list(&share["options"]).iter().any(keeps));
    shares.map(|(name, _)| name.to_string()).collect()
}

fn unsaved(world: &World) -> Vec<String> {
    let mut saved: Vec<String> = Vec::new();
    for (_, backup) in world.all("backups") {
        let on = backup["on"]["node"].as_str().unwrap_or_default();
        for from in list(&backup["from"]) {
            saved.extend(from["share"].as_str().map(String::from));
            saved.extend(disk_of(world, from, on));
        }
    }
    let mut found = Vec::new();
    for (name, share) in world.all("shares") {
        let written = world.containers().iter().any(|part| {
            word(&part.json["backup"]) != Some("off")
                && entries(&part.json["volume"])
                    .any(|(_, v)| v["value"]["share"] == name && v["read_only"] != true)
        });
        let server = share["server"]["node"].as_str().unwrap_or_default();
        let disk = share["disk"]["disk"].as_str().unwrap_or_default();
        let is_saved = saved.iter().any(|it| it == name || it == disk);
        if written && !is_saved && world.node(server)["managed"] == true {
            found.push(name.to_string());
        }
    }
    found
}

fn as_files(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for part in world.containers() {
        let image = part.json["image"].as_str().unwrap_or_default();
        let name = image.split([':', '@']).next().unwrap_or_default();
        if !["postgres", "mariadb"].contains(&name) || word(&part.json["backup"]) != Some("files") {
            continue;
        }
        let data = DATABASES.iter().find(|(image, _)| *image == name).map_or("", |(_, path)| *path);
        for (inside, volume) in
            entries(&part.json["volume"]).filter(|(inside, _)| inside.starts_with(data))
        {
            let place = |location: &Json| {
                let (share, disk) = (location["share"].as_str(), location["disk"].as_str());
                share.or(disk).map(String::from)
            };
            let place_of = place(&volume["value"]);
            let saved = world
                .all("backups")
                .iter()
                .any(|(_, b)| list(&b["from"]).iter().any(|f| place(f) == place_of));
            if place_of.is_some() && saved {
                found.push(format!("{} {inside}", part.path()));
            }
        }
    }
    found
}

/// What must always run, with data on the share of a machine that is not always there.
fn away(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (part, inside) in on_shares(world) {
        let volume = &part.json["volume"][inside]["value"];
        let always = word(&world.0["services"][part.service]["availability"]) != Some("on-demand");
        let server =
            volume["share"].as_str().map(|name| &world.0["shares"][name]["server"]["node"]);
        let is_away = server.and_then(Json::as_str).is_some_and(|server| {
            !matches!(word(&world.node(server)["status"]), Some("up") | None)
        });
        if always && is_away {
            found.push(format!("{} {inside}", part.path()));
        }
    }
    found
}

/// What a node mounts where: its disks, and shares of others.
fn all_mounts<'a>(world: &World<'a>, node: &'a str) -> Vec<(&'static str, String, String)> {
    let disks = entries(&world.node(node)["hardware"]["disk"]).filter_map(|(name, disk)| {
        Some(("disk", name.to_string(), trimmed(disk["mount"].as_str()?)))
    });
    let shares = world.all("shares").into_iter().filter(|(_, share)| world.is_client(share, node));
    let shares = shares.filter_map(|(name, share)| {
        Some(("share", name.to_string(), trimmed(world.share_at(name, share, node)?)))
    });
    disks.chain(shares).filter(|(.., root)| !root.is_empty()).collect()
}

fn is_inside(path: &str, root: &str) -> bool {
    path != root && is_below(path, root)
}

fn hidden(world: &World) -> Vec<String> {
    let mut asked: Vec<(String, &str, &Json)> = Vec::new();
    for part in world.containers() {
        for (inside, volume) in entries(&part.json["volume"]) {
            asked.push((format!("{} {inside}", part.path()), part.node, &volume["value"]));
        }
    }
    for (name, backup) in world.all("backups") {
        let Some(on) = backup["on"]["node"].as_str() else { continue };
        for place in list(&backup["from"]).iter().chain([&backup["to"]]) {
            asked.push((format!("{name} {place}"), on, place));
        }
    }
    let mut found = Vec::new();
    for (what, node, place) in asked {
        let share = place["share"].as_str().map(|name| (name, &world.0["shares"][name]));
        let root = match (share, place["disk"].as_str()) {
            (Some((name, share)), _) => world.share_at(name, share, node).map(trimmed),
            (None, Some(disk)) if disk.starts_with(&format!("{node}.")) => {
                world.disk(disk).and_then(|disk| disk["mount"].as_str()).map(trimmed)
            }
            _ => None,
        };
        let Some(root) = root else { continue };
        let path = match place["below"].as_str() {
            Some(below) => format!("{root}/{below}"),
            None => root.clone(),
        };
        let between = all_mounts(world, node)
            .into_iter()
            .filter(|(.., inner)| is_inside(inner, &root) && is_below(&path, inner));
        let Some((kind, name, inner)) = between.max_by_key(|(.., inner)| inner.len()) else {
            continue;
        };
        let same = share.is_some_and(|(outer, share)| {
            let server = share["server"]["node"].as_str().unwrap_or_default();
            let other = &world.0["shares"][&name];
            let there = |name: &str, share| world.share_at(name, share, server).map(trimmed);
            match kind {
                "disk" => server == node,
                _ => {
                    other["server"] == share["server"]
                        && there(outer, share).map(|at| format!("{at}{}", &inner[root.len()..]))
                            == there(&name, other)
                }
            }
        });
        if !same {
            found.push(what);
        }
    }
    found
}

fn inside(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (node, json) in world.managed() {
        let all = all_mounts(world, node);
        for (_, name, root) in all.iter().filter(|(kind, ..)| *kind == "disk") {
            let disk = &json["hardware"]["disk"][name];
            let options = list(&disk["options"]).iter().filter_map(|option| option.as_str());
            let free = disk["removable"] == true
                || !disk["raid"].is_null()
                || options.into_iter().any(|o| matches!(o, "nofail" | "noauto" | "_netdev"));
            if !free
                && all.iter().any(|(kind, _, outer)| *kind == "share" && is_inside(root, outer))
            {
                found.push(format!("{node} {name}"));
            }
        }
    }
    found
}
