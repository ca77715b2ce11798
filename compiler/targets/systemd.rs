//! systemd: what a node starts beside its packages. Order between mounts, secrets and the engine;
//! the units of services; copies, pulls and the daily look for drift. Backups have a target of
//! their own.

pub(super) mod secrets;
pub(super) mod units;

use super::shared_mounts::{self, World};
use super::shared_nodes::{home, instances_on, os, units as all_units, user};
use super::shared_secrets;
use super::shared_units::{Host, calendar, command, fixed, paths, section, text, units as names};
use super::{Emission, Emit, File, Target};
use crate::diag::codes;
use crate::formats::systemd::{self, Entry, Term, Unit, Value as Said, unit_name};
use crate::model::reach;
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::shared_refusal::{PLACE, Refusal};
use crate::tree::Tool;

pub const TARGET: Target = Target {
    name: "systemd",
    doc: "Units, drop-ins and timers of each node with a Linux",
    emit: Emit::OfNodes { each: emit, rest: |_, _| {} },
};

fn emit(cluster: &Cluster, node: ThingId, out: &mut Emission) {
    let Some(world) = shared_mounts::linux_world(cluster, node) else { return };
    if os(cluster, node) == "alpine" {
        return nobody_starts(cluster, node, out);
    }
    let host = Host { cluster, node, world, folder: "systemd", named: Origin::NONE };
    secrets::shares(host, out);
    units::emit(host, out);
    engine(host, out);
    caches(host, out);
    pull(host, out);
    drift(host, out);
    resolver(host, out);
}

/// Alpine has no systemd: what only its units could start is said, not left to lie there.
fn nobody_starts(cluster: &Cluster, node: ThingId, out: &mut Emission) {
    let name = cluster.label(node);
    let mut lacking: Vec<(ThingId, Origin, String)> = Vec::new();
    for instance in instances_on(cluster, node) {
        for unit in all_units(cluster, instance) {
            for field in ["systemd", "exec"] {
                let (value, at) = cluster.at(unit, field);
                if !value.is_none() && !matches!(value, Value::List(items) if items.is_empty()) {
                    let what = format!("start the unit `{}`", cluster.dotted(unit));
                    lacking.push((unit, at, what));
                    break;
                }
            }
        }
    }
    for mount in shared_mounts::mounts(cluster, &mut out.known(), node, World::Linux) {
        let (password, at) = cluster.at(mount.share, "password");
        let asked = matches!(password, Value::Secret(_)) && !cluster.flag(mount.share, "guest");
        if asked && cluster.word(mount.share, "via") != Some("nfs") {
            let what = format!("fetch the password of the share `{}`", cluster.label(mount.share));
            lacking.push((mount.share, at, what));
        }
    }
    for (thing, at, what) in lacking {
        let message =
            format!("`{name}` runs Alpine, which has no systemd: nothing there would {what}");
        let help = format!("choose another node, leave `{name}` out, or let a container do it");
        out.refuse(Refusal::new(&codes::E0801, at, thing, message, help).with(node, "runs Alpine"));
    }
}

/// What systemd's own resolver is told, where a node has it.
pub(super) const RESOLVED: &str = "/etc/systemd/resolved.conf.d/colab.conf";

/// Which servers are asked for names, and whether the stub has port 53 of its address. A node never
/// asks itself: what answers there is started only after it.
fn resolver(host: Host<'_>, out: &mut Emission) {
    let Host { cluster, node, world, .. } = host;
    if world == World::Wsl {
        return;
    }
    let mut known = out.known();
    let (mut servers, mut origin, mut things) = (Vec::new(), Origin::NONE, vec![node]);
    for network in reach::reach(&mut known) {
        if reach::address_on(&mut known, node, network).is_none() {
            continue;
        }
        let own = reach::addresses_on(&mut known, node, network);
        for item in cluster.get(network, "dns").items() {
            let Value::Ip(ip) = item.value else { continue };
            if !own.contains(&ip) && !servers.contains(&ip.to_string()) {
                servers.push(ip.to_string());
                origin = origin.or(item.origin);
                things.push(network);
            }
        }
    }
    let mut entries = Vec::new();
    if !servers.is_empty() {
        entries.push(text("DNS", servers.join(" ")).at(origin));
    }
    if cluster.word(node, "resolver") == Some("off") {
        entries.push(fixed("DNSStubListener", "no").at(cluster.at(node, "resolver").1));
    }
    if entries.is_empty() {
        return;
    }
    let file = File::new(format!("systemd/{}/resolved.conf", host.name()))
        .to(Tool::Ansible, host.name(), RESOLVED, 0o644)
        .from(things.iter().copied());
    // Addresses, and words of our own.
    out.put_lazily(file, |out| {
        let sections = vec![section("Resolve", entries)];
        systemd::write(&Unit { header: out.header(&things).into(), sections })
    });
}

/// The container engine comes after what its containers' data lies on. A disk that is missing keeps
/// it from starting: it would fill the folder below the mount. A share that is mounted on demand
/// cannot be mistaken for an empty folder, so the engine only waits for the attempt.
fn engine(host: Host<'_>, out: &mut Emission) {
    let Host { cluster, node, world, .. } = host;
    if !matches!(cluster.word(node, "engine"), Some("native" | "wsl")) {
        return;
    }
    let mut known = out.known();
    let (mut firm, mut wanted, mut things) = (Vec::new(), Vec::new(), vec![node]);
    for needed in shared_mounts::bound(cluster, &mut known, node, world) {
        match needed.share {
            Some(share) if shared_secrets::waits_for_engine(cluster, node, share) => {}
            Some(share) if cluster.flag(share, "automount") => {
                match unit_name(&needed.path, "mount") {
                    Ok(name) => {
                        wanted.push(name);
                        things.push(share);
                    }
                    Err(why) => out.refuse(Refusal::new(
                        &codes::E0801,
                        Origin::NONE,
                        share,
                        why,
                        "mount the share at another path",
                    )),
                }
            }
            share => {
                firm.push((needed.path, needed.origin));
                things.extend(share);
            }
        }
    }
    if firm.is_empty() && wanted.is_empty() {
        return;
    }
    let sections = || {
        let mut entries = Vec::new();
        if !firm.is_empty() {
            let path = |(path, origin): &(String, Origin)| Term::from(path.clone()).at(*origin);
            entries.push(paths("RequiresMountsFor", firm.iter().map(path).collect()));
        }
        if !wanted.is_empty() {
            entries.push(names("Wants", wanted.clone()));
            entries.push(names("After", wanted.clone()));
        }
        vec![section("Unit", entries)]
    };
    // The names of units are made of paths, in letters that a unit has.
    let texts: Vec<&str> = firm.iter().map(|(path, _)| path.as_str()).collect();
    host.unit_of(out, "docker.service.d/colab-mounts.conf", &texts, sections, &things);
}

/// The copies of shares that this node keeps.
fn caches(host: Host<'_>, out: &mut Emission) {
    let Host { cluster, node, world, .. } = host;
    for &cache in cluster.all("cache") {
        if matches!(cluster.get(cache, "enabled"), Value::Bool(false))
            || !on(cluster, cache).contains(&node)
        {
            continue;
        }
        let (Value::Location(from), origin) = cluster.at(cache, "from") else { continue };
        let mut known = out.known();
        let source = reach::path_on(&mut known, &from.base, &from.sub, node).ok().flatten();
        let to_at = cluster.at(cache, "to").1;
        let (Some(source), Some(to)) = (source, cluster.text(cache, "to")) else {
            let message = format!(
                "what the cache `{}` copies has no path on `{}`",
                cluster.label(cache),
                host.name()
            );
            out.refuse(
                Refusal::new(&codes::E0509, origin, cache, message, PLACE)
                    .with(node, "it has no path here"),
            );
            continue;
        };
        let things = [cache];
        let name = cluster.label(cache);
        let stem = format!("colab-cache-{name}");
        let mounts = shared_mounts::Mounts::on(cluster, &mut known, node, world);
        let mut unit = vec![text("Description", format!("Bring the cache {name} up to date"))];
        if let Some(mount) = mounts.under(&source) {
            // Without it the copy would be emptied: there is nothing below a mount that failed.
            let path = Term::from(mount.path.clone()).at(mount.origin);
            unit.push(paths("RequiresMountsFor", vec![path]));
            unit.push(text("AssertPathIsMountPoint", mount.path.clone()).at(mount.origin));
        }
        let copy = ["/usr/bin/rsync", "-a", "--delete", "--delay-updates"].map(Term::from);
        let ends = [(source.as_str(), origin), (to, to_at)].map(|(path, origin)| {
            Term::from(format!("{}/", path.trim_end_matches('/'))).at(origin)
        });
        let service = vec![
            fixed("Type", "oneshot"),
            command("ExecStartPre", vec!["/usr/bin/mkdir", "-p", "--", to]).at(to_at),
            command("ExecStart", copy.into_iter().chain(ends).collect()).at(origin),
            fixed("Nice", "10"),
        ];
        let sections = vec![section("Unit", unit), section("Service", service)];
        host.unit(out, &format!("{stem}.service"), sections, &things);
        if let Some(when) = calendar(cluster, cluster.at(cache, "every")) {
            host.timer(
                out,
                &stem,
                &format!("When the cache {name} is brought up to date"),
                when,
                &things,
            );
        }
    }
}

fn on(cluster: &Cluster, cache: ThingId) -> Vec<ThingId> {
    match cluster.get(cache, "on") {
        Value::Thing(node) => vec![*node],
        stated => stated.items().iter().filter_map(|item| item.value.as_thing()).collect(),
    }
}

/// The clone of the sources that chezmoi keeps in the home of the node's user.
fn clone_of(host: Host<'_>) -> Option<(String, String, String)> {
    let user = user(host.cluster, host.node)?;
    let home = home(host.cluster, host.node, user, None);
    let name = host.cluster.label(user).to_string();
    Some((format!("{home}/.local/share/chezmoi"), home, name))
}

/// Where a user's tools lie, before the system's.
fn search_path(home: &str) -> Entry<'static> {
    let path = format!(
        "{home}/.local/share/mise/shims:{home}/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    );
    Entry::new("Environment", Said::Variable { name: "PATH".into(), value: path.into() })
}

/// Fetches and applies the files of the user, where the cluster says that nodes do so by themselves.
/// What needs a person's yes stays as it is.
fn pull(host: Host<'_>, out: &mut Emission) {
    let Host { cluster, node, .. } = host;
    let Some(id) = cluster.cluster else { return };
    if cluster.word(id, "distribute") != Some("pull") {
        return;
    }
    let every = match cluster.param(id, "distribute", "every") {
        Some(Value::Duration(every)) => every.seconds(),
        _ => 3600,
    };
    let Some((_, home, user)) = clone_of(host) else { return };
    let origin = cluster.at(id, "distribute").1;
    let things = [id, node];
    let unit = vec![
        text("Description", "Fetch and apply this node's files"),
        fixed("Wants", "network-online.target"),
        fixed("After", "network-online.target"),
    ];
    let words = ["/usr/bin/env", "chezmoi", "update", "--no-tty", "--force"];
    let service = vec![
        fixed("Type", "oneshot"),
        text("User", user),
        search_path(&home),
        command("ExecStart", words.into()).at(origin),
    ];
    let sections = vec![section("Unit", unit), section("Service", service)];
    host.unit(out, "colab-pull.service", sections, &things);
    let timer = vec![
        section("Unit", vec![text("Description", "When this node's files are fetched")]),
        section(
            "Timer",
            vec![
                fixed("OnBootSec", "2min"),
                text("OnUnitActiveSec", format!("{every}s")).at(origin),
                fixed("RandomizedDelaySec", "60s"),
            ],
        ),
        section("Install", vec![fixed("WantedBy", "timers.target")]),
    ];
    host.unit(out, "colab-pull.timer", timer, &things);
}

/// Once a day: what is no longer as the sources say. It changes nothing and asks no other node; what
/// it finds stands in the journal, and the unit has failed.
fn drift(host: Host<'_>, out: &mut Emission) {
    let Host { cluster, node, world, .. } = host;
    let Some((clone, home, _)) = clone_of(host) else { return };
    if world == World::Wsl {
        return;
    }
    let things: Vec<ThingId> = cluster.cluster.into_iter().chain([node]).collect();
    let sections = || {
        let folder = format!("{clone}/out/ansible");
        let unit = vec![
            text("Description", "Look for what is not as the sources say"),
            // A node without a clone, or that Ansible only reaches from outside, has nothing to ask.
            // Its path ends with the line: quotes would be a part of it.
            text("ConditionPathExists", format!("{folder}/drift.yml")),
        ];
        let words = [
            "/usr/bin/env",
            "ansible-playbook",
            "--inventory=inventory.yml",
            "--extra-vars=ansible_connection=local",
            "--check",
            "--diff",
        ];
        let limit = [format!("--limit={}", host.name()), "drift.yml".to_string()];
        let service = vec![
            fixed("Type", "oneshot"),
            text("WorkingDirectory", folder),
            search_path(&home),
            command("ExecStart", words.map(String::from).into_iter().chain(limit).collect()),
        ];
        vec![section("Unit", unit), section("Service", service)]
    };
    let texts = [clone.as_str(), &home, host.name()];
    host.unit_of(out, "colab-drift.service", &texts, sections, &things);
    if let Some(when) = calendar(cluster, (&Value::text("*-*-* 05:00:00"), Origin::NONE)) {
        host.timer(out, "colab-drift", "When drift is looked for", when, &things);
    }
}
