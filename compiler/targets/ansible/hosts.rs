//! What one host gets: the files that are brought to it, accounts, packages, settings, mounts, networks
//! of containers, units, and what to ask them.

use super::packages::{self, Copiers};
use super::{directories, networks, plain, said};
use crate::formats::{Data, Map, yaml};
use crate::model::reach::{self, Place};
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_mounts::{OnShares, on_shares};
use crate::targets::shared_nodes as nodes;
use crate::targets::systemd::{RESOLVED, units};
use crate::targets::{EVERY_NODE, Emission, File, files, nfs};
use crate::tree::{Delivery, OutFile, OutTree, Side, Tool};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

pub(super) fn emit(
    cluster: &Cluster,
    out: &mut Emission,
    deliveries: &LazyLock<Deliveries, impl FnOnce() -> Deliveries>,
    node: ThingId,
) {
    let networks = networks::of(cluster, out, node);
    let file = File::new(format!("ansible/host_vars/{}.yml", cluster.label(node))).from([node]);
    // The keys are our own, or those of one map of the sources.
    out.put_lazily(file, |out| {
        let variables = variables(cluster, out, deliveries, node, networks);
        yaml::write(&out.header(&[node]), &variables)
    });
}

fn variables<'a>(
    cluster: &'a Cluster,
    out: &Emission<'a>,
    deliveries: &Deliveries,
    node: ThingId,
    networks: Data<'a>,
) -> Data<'a> {
    let os = packages::system(cluster, node);
    let brought = brought(cluster, out, deliveries, node);
    let units = units(cluster, node, &brought);
    let here = Here::of(cluster, node);
    let list: Vec<Data<'_>> = brought.iter().map(|b| entry(cluster, out, &here, b)).collect();
    let (vars, vars_at) = cluster.at(node, "vars");
    let (sysctl, sysctl_at) = cluster.at(node, "sysctl");
    let engine = matches!(cluster.word(node, "engine"), Some("native" | "wsl"));
    let approve = Data::text(cluster.word(node, "approve").unwrap_or("manual"));
    let path = search_path(cluster, node).map(said);
    let mut map = Map::new()
        .with("colab_os", Data::text(os).at(cluster.at(node, "os").1))
        .with("colab_node_approve", approve.at(cluster.at(node, "approve").1))
        .with_some("colab_path", path.map(|path| path.at(cluster.at(node, "user").1)))
        .with("colab_users", users(cluster, node))
        .with("colab_packages", packages::of(cluster, &deliveries.copiers, node))
        .with("colab_sysctl", plain(cluster, sysctl).at(sysctl_at))
        .with("colab_files", list)
        .with("colab_mounts", mounts(cluster, out, node))
        .with("colab_directories", directories::of(cluster, out, &deliveries.on_shares, node))
        .with("colab_engine", Data::from(engine).at(cluster.at(node, "engine").1))
        .with("colab_networks", networks)
        .with("colab_registries", registries(cluster, node))
        .with(
            "colab_resolver",
            Data::text(cluster.word(node, "resolver").unwrap_or("system"))
                .at(cluster.at(node, "resolver").1),
        )
        .with("colab_units", Data::list(units.iter().map(|unit| said(unit.clone()))))
        .with("colab_launchd", started(cluster, node, "launchd"))
        .with("colab_windows_services", started(cluster, node, "windows_service"))
        .with("colab_projects", projects(cluster, node, true))
        .with("colab_deploy", projects(cluster, node, false))
        .with("colab_health", health(cluster, out, node));
    if let Some(version) = cluster.get(node, "tools").get("chezmoi").and_then(Value::as_text) {
        map.put("colab_chezmoi", said(version).at(cluster.at(node, "tools").1));
    } else {
        map.put("colab_chezmoi", "latest");
    }
    map.put("colab_vars", plain(cluster, vars).at(vars_at));
    map.at(node.origin())
}

/// Where the tools of the node's user are, for a shell without a login.
fn search_path(cluster: &Cluster, node: ThingId) -> Option<String> {
    let home = nodes::home(cluster, node, nodes::user(cluster, node)?, None);
    Some(format!(
        "{home}/.local/share/mise/shims:{home}/.local/bin:/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:\
         /usr/sbin:/sbin"
    ))
}

/// A file that Ansible brings to the node, with its text.
struct Brought {
    path: String,
    delivery: Delivery,
    installs: bool,
    /// What the file is there for.
    origin: Origin,
}

/// What is worked out once for all nodes.
pub(super) struct Deliveries {
    /// The files that Ansible brings; what is for every node stands under `EVERY_NODE`.
    by_node: FxHashMap<Arc<str>, Vec<Arc<str>>>,
    on_shares: OnShares,
    copiers: Copiers,
}

impl Deliveries {
    pub(super) fn of(cluster: &Cluster, tree: &OutTree) -> Deliveries {
        let mut by_node: FxHashMap<Arc<str>, Vec<Arc<str>>> = FxHashMap::default();
        for (path, file) in tree.each() {
            if let Some(delivery) = file.delivery.as_ref().filter(|d| d.tool == Tool::Ansible) {
                by_node.entry(delivery.node.clone()).or_default().push(path.clone());
            }
        }
        Deliveries { by_node, on_shares: on_shares(cluster), copiers: packages::copiers(cluster) }
    }

    fn paths(&self, node: &str) -> &[Arc<str>] {
        self.by_node.get(node).map_or(&[], Vec::as_slice)
    }
}

fn brought(
    cluster: &Cluster,
    out: &Emission,
    deliveries: &Deliveries,
    node: ThingId,
) -> Vec<Brought> {
    let usual = nodes::side(cluster, node);
    // What is for every node is for every one that has such a path.
    let every = if nodes::posix(cluster, node) { deliveries.paths(EVERY_NODE) } else { &[] };
    let mut paths: Vec<&Arc<str>> =
        deliveries.paths(cluster.label(node)).iter().chain(every).collect();
    paths.sort_unstable();
    let mut all = Vec::new();
    for path in paths {
        let Some(file) = out.tree().get(path) else { continue };
        let Some(delivery) = &file.delivery else { continue };
        // Ansible connects to the world that the node's tools live in.
        if delivery.side.is_none() || delivery.side == usual {
            all.push(Brought {
                path: path.to_string(),
                delivery: delivery.clone(),
                installs: installs(file, delivery),
                origin: file.made_from.first().copied().unwrap_or_default(),
            });
        }
    }
    all
}

/// Where systemd looks for units.
const UNITS: &str = "/etc/systemd/system/";

/// Whether it is a unit that says itself that it is to be enabled.
fn installs(file: &OutFile, delivery: &Delivery) -> bool {
    delivery.destination.starts_with(UNITS)
        && file.bytes.split(|b| *b == b'\n').any(|line| line == b"[Install]")
}

/// What is asked of a node for each file that is brought to it.
struct Here<'a> {
    node: ThingId,
    stated: files::Stated,
    /// The files that units read, with what becomes of which unit when one changes.
    configs: Vec<(&'a str, Option<&'static str>, String)>,
}

impl<'a> Here<'a> {
    fn of(cluster: &'a Cluster, node: ThingId) -> Here<'a> {
        let mut configs = Vec::new();
        for instance in nodes::instances_on(cluster, node) {
            for unit in nodes::units(cluster, instance) {
                let Some(systemd) = started_anew(cluster, instance.service, unit) else { continue };
                for &config in cluster.children(unit, "config") {
                    let how = match cluster.word(config, "reload") {
                        Some("signal") => Some("reload"),
                        Some("none") => None,
                        _ => Some("restart"),
                    };
                    configs.push((cluster.label(config), how, systemd.clone()));
                }
            }
        }
        Here { node, stated: files::Stated::on(cluster, node), configs }
    }
}

fn entry<'a>(cluster: &'a Cluster, out: &Emission<'a>, here: &Here<'_>, b: &Brought) -> Data<'a> {
    let node = here.node;
    let delivery = &b.delivery;
    let worker = nodes::user(cluster, node);
    let dest = match (delivery.destination.strip_prefix("~/"), worker) {
        (Some(rest), Some(user)) => format!("{}/{rest}", nodes::home(cluster, node, user, None)),
        _ => delivery.destination.clone(),
    };
    let in_home = delivery.destination.starts_with("~/").then_some(worker).flatten();
    let owner = delivery.owner.as_deref();
    let homely = match owner.and_then(|owner| cluster.find("user", owner)).or(in_home) {
        Some(user) => dest.starts_with(&format!("{}/", nodes::home(cluster, node, user, None))),
        None => false,
    };
    let root = if nodes::os(cluster, node) == "macos" { "wheel" } else { "root" };
    let group = match (delivery.group.as_deref(), owner, in_home) {
        (Some(group), ..) => group.to_string(),
        (None, Some(owner), _) => number(cluster, owner, "gid"),
        (None, None, Some(user)) => number(cluster, cluster.label(user), "gid"),
        _ => root.to_string(),
    };
    let owner = match (owner, in_home) {
        (Some(owner), _) => number(cluster, owner, "uid"),
        (None, Some(user)) => number(cluster, cluster.label(user), "uid"),
        _ => "root".to_string(),
    };
    let stated = here.stated.find(cluster, &delivery.destination);
    let of = |field| stated.map_or(Origin::NONE, |file| cluster.at(file, field).1);
    let mut map = Map::new()
        .with("src", said(b.path.clone()))
        .with("dest", said(dest))
        .with("owner", said(owner).at(of("owner")))
        .with("group", said(group).at(of("group")))
        .with("mode", Data::text(format!("{:04o}", delivery.mode)).at(of("mode")))
        .with_some("block", out.block_of(&b.path).map(|block| said(block.to_string())));
    if homely {
        map.put("in_home", true);
    }
    if stated.is_some_and(|file| cluster.flag(file, "sensitive")) {
        map.put("sensitive", true);
    }
    let mut follow: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (how, unit) in followers(cluster, here, b) {
        follow.entry(how).or_default().insert(unit);
    }
    for (how, units) in follow {
        map.put(how, Data::list(units.into_iter().map(said)));
    }
    if let Some((word, thing)) = stated.and_then(|file| files::notified(cluster, file))
        && word == "run"
    {
        map.put("run", said(cluster.label(thing)));
    }
    Data::from(map).at(stated.map_or(b.origin, |_| of("content")))
}

/// An account as a number, so that a file can be owned before the account is made.
fn number(cluster: &Cluster, account: &str, field: &str) -> String {
    match cluster.find("user", account).map(|user| cluster.get(user, field)) {
        Some(Value::Int(number)) => number.to_string(),
        _ => account.to_string(),
    }
}

/// The same for a file of a tree, where Ansible brings it to the node.
pub fn followers_of(
    cluster: &Cluster,
    tree: &OutTree,
    node: ThingId,
    path: &str,
) -> Vec<(&'static str, String)> {
    let Some(file) = tree.get(path) else { return Vec::new() };
    let Some(delivery) = file.delivery.clone().filter(|d| d.tool == Tool::Ansible) else {
        return Vec::new();
    };
    let origin = Origin::NONE;
    let installs = installs(file, &delivery);
    let brought = Brought { path: path.to_owned(), delivery, installs, origin };
    let all: BTreeSet<_> =
        followers(cluster, &Here::of(cluster, node), &brought).into_iter().collect();
    all.into_iter().collect()
}

/// The units that must hear of a change of the file: `restart` or `reload`.
fn followers(cluster: &Cluster, here: &Here<'_>, b: &Brought) -> Vec<(&'static str, String)> {
    let dest = b.delivery.destination.as_str();
    let mut follow = Vec::new();
    match dest {
        "/etc/docker/daemon.json" => follow.push(("restart", "docker.service".into())),
        nfs::EXPORTS => follow.push(("reload", nfs::UNIT.into())),
        RESOLVED => follow.push(("try_restart", "systemd-resolved.service".into())),
        "/etc/cockpit/cockpit.conf" => follow.push(("restart", "cockpit.service".into())),
        _ => {}
    }
    if let Some(unit) = dest.strip_prefix(UNITS) {
        // A part of a unit stands in a folder that is named after it.
        match unit.split_once('/') {
            Some((folder, _)) => {
                follow.extend(folder.strip_suffix(".d").map(|unit| ("restart", unit.to_string())));
            }
            None if b.installs && !unit.ends_with(".mount") => {
                follow.push(("restart", unit.to_string()));
            }
            None => {}
        }
    }
    for (_, how, unit) in here.configs.iter().filter(|(config, ..)| *config == dest) {
        follow.extend(how.map(|how| (how, unit.to_string())));
    }
    let stated = here.stated.find(cluster, dest);
    if let Some(("restart", unit)) = stated.and_then(|file| files::notified(cluster, file)) {
        let service = cluster.thing(unit).instance;
        let unit = service.and_then(|service| started_anew(cluster, service, unit));
        follow.extend(unit.map(|unit| ("restart", unit)));
    }
    follow
}

/// What systemd calls the unit that is to hear of a change; one that a timer starts hears of it by itself.
fn started_anew(cluster: &Cluster, service: ThingId, unit: ThingId) -> Option<String> {
    let runs =
        !cluster.get(unit, "exec").items().is_empty() && cluster.get(unit, "timer").is_none();
    let known = cluster.text(unit, "systemd").is_some() || runs;
    known.then(|| units::name(cluster, service, unit))
}

/// Units that packages bring, and those that are brought and say that they are to be enabled.
fn units(cluster: &Cluster, node: ThingId, brought: &[Brought]) -> BTreeSet<String> {
    let mut units = BTreeSet::new();
    for instance in nodes::instances_on(cluster, node) {
        for unit in nodes::units(cluster, instance) {
            let timed = !cluster.get(unit, "timer").is_none();
            if let Some(systemd) = cluster.text(unit, "systemd")
                && !timed
            {
                units.insert(systemd.to_string());
            }
        }
    }
    if !nfs::served(cluster, node).is_empty() {
        units.insert(nfs::UNIT.to_string());
    }
    for b in brought.iter().filter(|b| b.installs) {
        let unit = b.delivery.destination.strip_prefix(UNITS);
        units.extend(unit.filter(|unit| !unit.contains('/')).map(str::to_string));
    }
    units
}

/// What launchd, or Windows, is to start: by the name that the unit states for it.
fn started<'a>(cluster: &'a Cluster, node: ThingId, field: &'static str) -> Data<'a> {
    let here = match field {
        "launchd" => nodes::os(cluster, node) == "macos",
        _ => nodes::side(cluster, node) == Some(Side::Windows),
    };
    let mut names: BTreeMap<&str, Data<'a>> = BTreeMap::new();
    for instance in nodes::instances_on(cluster, node).into_iter().filter(|_| here) {
        for unit in nodes::units(cluster, instance) {
            if let (Value::Text(name), at) = cluster.at(unit, field) {
                names.insert(name, said(&**name).at(at));
            }
        }
    }
    Data::list(names.into_values())
}

/// The registries that the node's user logs in to.
fn registries<'a>(cluster: &'a Cluster, node: ThingId) -> Data<'a> {
    let docker = cluster.block(node, "docker");
    let sites = docker.map_or(&[][..], |docker| cluster.get(docker, "registry_login").items());
    Data::list(sites.iter().filter_map(|item| {
        let site = item.value.as_thing()?;
        Some(said(cluster.label(site)).at(item.origin))
    }))
}

fn users<'a>(cluster: &'a Cluster, node: ThingId) -> Data<'a> {
    let all = packages::accounts(cluster, node);
    let of = |user: ThingId, field: &str| {
        let (value, at) = cluster.at(user, field);
        plain(cluster, value).at(at)
    };
    Data::list(all.iter().map(|&user| {
        Map::new()
            .with("name", said(cluster.label(user)))
            .with("uid", of(user, "uid"))
            .with("gid", of(user, "gid"))
            .with("home", said(nodes::home(cluster, node, user, nodes::side(cluster, node))))
            .with_some("shell", packages::shell_of(cluster, node, user).map(said))
            .with("groups", of(user, "groups"))
            .with("keys", of(user, "ssh_keys"))
            .at(user.origin())
    }))
}

fn mounts<'a>(cluster: &'a Cluster, out: &Emission<'a>, node: ThingId) -> Data<'a> {
    let mut known = out.known();
    let mut paths = BTreeMap::new();
    let shares = cluster.shares().mounted_by(node).iter().copied();
    for share in shares.filter(|&share| !nodes::off(cluster, share)) {
        if let Ok(Some(path)) = reach::share_path(&mut known, share, node) {
            paths.insert(path, share.origin());
        }
    }
    if let Some(hardware) = cluster.block(node, "hardware") {
        let disks = cluster.children(hardware, "disk").iter().copied();
        let disks = disks.filter(|&disk| !nodes::off(cluster, disk));
        paths.extend(disks.filter_map(|disk| {
            let path = cluster.text(disk, "mount")?;
            Some((path.to_string(), cluster.at(disk, "mount").1))
        }));
    }
    Data::list(paths.into_iter().map(|(path, at)| said(path).at(at)))
}

/// What Compose runs here: names of projects, or of services.
fn projects<'a>(cluster: &'a Cluster, node: ThingId, project: bool) -> Data<'a> {
    let all = nodes::instances_on(cluster, node).into_iter().filter(|i| {
        let asked = !project || cluster.word(i.service, "availability") != Some("on-demand");
        !nodes::containers(cluster, *i).is_empty() && asked
    });
    Data::list(all.map(|i| {
        let name =
            if project { nodes::project(cluster, i.thing) } else { cluster.label(i.service) };
        said(name).at(i.thing.origin())
    }))
}

/// What is asked from outside, as the node itself sees it.
fn health<'a>(cluster: &'a Cluster, out: &Emission<'a>, node: ThingId) -> Data<'a> {
    let mut asks = Vec::new();
    for instance in nodes::instances_on(cluster, node) {
        let mut parts = nodes::containers(cluster, instance);
        parts.extend(nodes::units(cluster, instance));
        for part in parts {
            if let Some(health) = cluster.block(part, "health") {
                let at = health.origin();
                asks.extend(asked(cluster, out, node, part, health).into_iter().map(|m| m.at(at)));
            }
        }
    }
    Data::list(asks)
}

fn asked<'a>(
    cluster: &'a Cluster,
    out: &Emission<'a>,
    node: ThingId,
    part: ThingId,
    health: ThingId,
) -> Vec<Map<'a>> {
    let mut known = out.known();
    let name = cluster.dotted(part);
    let timeout = match cluster.get(health, "timeout") {
        Value::Duration(time) => i64::try_from(time.seconds()).unwrap_or(10).max(1),
        _ => 10,
    };
    let inside = cluster.word(health, "from") == Some("inside");
    let mut asks = Vec::new();
    if let Some(path) = cluster.text(health, "http").filter(|_| !inside) {
        let ports = cluster.children(part, "port");
        let port = cluster.get(health, "port").as_thing().or(match ports {
            [only] => Some(*only),
            _ => None,
        });
        if let Some(port) = port
            && let Ok(seen) = reach::seen(&mut known, port, Place::host(node))
        {
            let scheme =
                if cluster.word(port, "scheme") == Some("https") { "https" } else { "http" };
            asks.push(
                Map::new()
                    .with("name", said(name.clone()))
                    .with("url", said(format!("{scheme}://{}{path}", seen.address())))
                    .with("expect", plain(cluster, cluster.get(health, "expect")))
                    .with("timeout", timeout),
            );
        }
    }
    if let Some(port) = cluster.get(health, "tcp").as_thing().filter(|_| !inside)
        && let Ok(seen) = reach::seen(&mut known, port, Place::host(node))
    {
        asks.push(
            Map::new()
                .with("name", said(name))
                .with("host", said(seen.host.clone()))
                .with("port", seen.port)
                .with("timeout", timeout),
        );
    }
    asks
}
