//! Backups: scripts that any shell runs, and the units and timers that start them. A snapshot is
//! complete or not there; a dump is made before the snapshot that holds it; what is not mounted is
//! neither read nor written.

mod far;
mod restic;
pub(super) mod restore;
mod scripts;

use self::far::{Far, far};
use super::shared_mounts::{self, Mounts, Needed, OnShares, lies_on};
use super::shared_nodes::{containers, instances_on, is_managed, project};
use super::shared_units::{Host, calendar, command, fixed, paths, section, text, units};
use super::systemd::secrets::{self, Content, Wanted};
use super::{Emission, Emit, Target};
use crate::diag::codes;
use crate::formats::script::{Line, Word};
use crate::formats::systemd::Entry;
use crate::model::reach::{self, Known};
use crate::model::value::{Base, Location, Value, print};
use crate::model::{Cluster, Instance, ThingId};
use crate::origin::Origin;
use crate::targets::shared_refusal::{BY_ITS_FIELD, PLACE, Refusal};
use std::collections::BTreeSet;

pub const TARGET: Target = Target {
    name: "backup",
    doc: "Snapshots, dumps and retention, with their timers",
    emit: Emit::Alone(emit),
};

/// One backup on its node, worked out.
struct Plan<'a> {
    host: Host<'a>,
    backup: ThingId,
    name: &'a str,
    target: String,
    target_origin: Origin,
    /// What must be mounted under the target and the sources.
    mounts: BTreeSet<Needed>,
    sources: Vec<Source>,
    dumps: Vec<Dump<'a>>,
    /// Options of the tool that no field says.
    raw: Vec<(String, Origin)>,
}

/// Something that is copied.
struct Source {
    path: String,
    /// Below a snapshot.
    name: String,
    origin: Origin,
    /// Folders below it that a dump stands for, or that can be made again.
    left_out: BTreeSet<String>,
}

/// A container that writes its own copy.
struct Dump<'a> {
    project: String,
    service: String,
    command: Vec<&'a str>,
    origin: Origin,
}

/// Options that the fields of a backup say.
const COVERED: &[&str] = &[
    "archive",
    "checksum",
    "delete",
    "delete-delay",
    "exclude",
    "link-dest",
    "password-file",
    "repo",
    "tag",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Rsync,
    Copy,
    Restic,
}

fn emit(cluster: &Cluster, out: &mut Emission) {
    let on_shares = shared_mounts::on_shares(cluster);
    for &backup in cluster.all("backup") {
        if matches!(cluster.get(backup, "enabled"), Value::Bool(false)) {
            continue;
        }
        let Some(node) = cluster.get(backup, "on").as_thing() else { continue };
        let world = shared_mounts::linux_world(cluster, node);
        let timed = is_managed(cluster, node) && cluster.word(node, "os") != Some("alpine");
        let Some(world) = world.filter(|_| timed) else {
            let message = format!(
                "the backup `{}` needs a node with systemd that is configured from here, and `{}` is none",
                cluster.label(backup),
                cluster.label(node)
            );
            out.refuse(
                Refusal::new(
                    &codes::E0801,
                    cluster.at(backup, "on").1,
                    backup,
                    message,
                    "choose a managed node with systemd for `on`",
                )
                .with(node, "it is none"),
            );
            continue;
        };
        let host = Host { cluster, node, world, folder: "backup", named: Origin::NONE };
        if let Some(plan) = Plan::of(host, out, backup, &on_shares) {
            plan.emit(out);
        }
    }
}

fn method(cluster: &Cluster, backup: ThingId) -> Method {
    match cluster.word(backup, "method") {
        Some("restic") => Method::Restic,
        Some("copy") => Method::Copy,
        _ => Method::Rsync,
    }
}

impl<'a> Plan<'a> {
    fn of(
        host: Host<'a>,
        out: &mut Emission,
        backup: ThingId,
        on_shares: &OnShares,
    ) -> Option<Plan<'a>> {
        let Host { cluster, node, world, .. } = host;
        let mut known = out.known();
        let (here, mut mounts) = (Mounts::on(cluster, &mut known, node, world), BTreeSet::new());
        let mut place = |out: &mut Emission, location: &Location, origin: Origin, what: &str| {
            let path = reach::path_on(&mut known, &location.base, &location.sub, node);
            let Some(path) = path.ok().flatten() else {
                let message = format!(
                    "{what} of the backup `{}` has no path on `{}`, which does the work",
                    cluster.label(backup),
                    cluster.label(node)
                );
                out.refuse(
                    Refusal::new(&codes::E0509, origin, backup, message, PLACE)
                        .with(node, "it has no path here"),
                );
                return None;
            };
            mounts.extend(here.under(&path).cloned());
            Some(path)
        };
        let (Value::Location(to), target_origin) = cluster.at(backup, "to") else { return None };
        let target = match far(host, out, backup, to) {
            Far::Here => place(out, to, target_origin, "the destination")?,
            Far::There(target) => target,
            Far::Nowhere => return None,
        };
        let mut sources = Vec::new();
        for item in cluster.get(backup, "from").items() {
            let Value::Location(from) = &item.value else { continue };
            let path = place(out, from, item.origin, "a source")?;
            let name = spelled(cluster, from);
            sources.push(Source { path, name, origin: item.origin, left_out: BTreeSet::new() });
        }
        // What lies below another source is in it already.
        let all: Vec<String> = sources.iter().map(|source| source.path.clone()).collect();
        sources.retain(|source| {
            !all.iter().any(|other| *other != source.path && lies_on(&source.path, other))
        });
        if let Some(source) =
            sources.iter().find(|s| s.name == "dumps" || lies_on(&target, &s.path))
        {
            let message = match &*source.name {
                "dumps" => "`dumps` is the folder of the dumps in a snapshot: nothing else can have that name".to_string(),
                _ => format!("`{target}` lies below `{}`, which would be copied into itself", source.path),
            };
            let help = match &*source.name {
                "dumps" => "copy the folder above it, or call the folder something else",
                _ => "choose a destination outside of it, or copy less",
            };
            let refusal = Refusal::new(&codes::E0801, source.origin, backup, message, help);
            out.refuse(refusal.beside(cluster.at(backup, "to").1, "the destination"));
            return None;
        }
        let name = cluster.label(backup);
        let mut plan = Plan {
            host,
            backup,
            name,
            target,
            target_origin,
            mounts,
            sources,
            dumps: Vec::new(),
            raw: Vec::new(),
        };
        plan.raw = plan.options(out);
        plan.look_at_containers(on_shares, &mut known);
        Some(plan)
    }

    /// Which containers are dumped here, and what of theirs is not copied as it lies there.
    fn look_at_containers(&mut self, on_shares: &OnShares, known: &mut Known<'_>) {
        let Host { cluster, node, .. } = self.host;
        let dumped = self.every("dumps").is_some();
        let mut copied: BTreeSet<String> = BTreeSet::new();
        let mut left_out: BTreeSet<String> = BTreeSet::new();
        for instance in self.candidates(on_shares) {
            for container in containers(cluster, instance) {
                let below: Vec<String> = volumes(cluster, known, instance, container, node)
                    .into_iter()
                    .filter(|path| self.sources.iter().any(|source| lies_on(path, &source.path)))
                    .collect();
                let dump =
                    self.dump(instance, container).filter(|_| dumped && instance.node == node);
                match (cluster.word(container, "backup"), dump) {
                    (Some("off"), _) => left_out.extend(below),
                    (Some("dump"), Some(dump)) if !below.is_empty() => {
                        self.dumps.push(dump);
                        left_out.extend(below);
                    }
                    _ => copied.extend(below),
                }
            }
        }
        for source in &mut self.sources {
            let inside = left_out.iter().filter(|path| {
                lies_on(path, &source.path)
                    && **path != source.path
                    // What somebody else needs too is copied.
                    && !copied.iter().any(|other| lies_on(other, path) || lies_on(path, other))
            });
            let root = source.path.trim_end_matches('/').len();
            source.left_out = inside.map(|path| path[root..].to_string()).collect();
        }
    }

    /// The instances of the node, and those elsewhere whose data may lie on a share that it sees.
    fn candidates(&self, on_shares: &OnShares) -> Vec<Instance> {
        let node = self.host.node;
        let mut all = instances_on(self.host.cluster, node);
        for mount in self.host.cluster.mounted().on(node) {
            let elsewhere = on_shares.get(&mount.share).into_iter().flatten();
            all.extend(elsewhere.filter(|instance| instance.node != node));
        }
        all
    }

    fn dump(&self, instance: Instance, container: ThingId) -> Option<Dump<'a>> {
        let cluster = self.host.cluster;
        let stated =
            cluster.param(container, "backup", "command").filter(|c| !c.items().is_empty());
        let (usual, origin) = cluster.at(container, "dump");
        let command: Vec<&str> = stated
            .unwrap_or(usual)
            .items()
            .iter()
            .filter_map(|item| item.value.as_text())
            .collect();
        if command.is_empty() {
            return None;
        }
        let origin = cluster.at(container, "backup").1.or(origin);
        Some(Dump {
            project: project(cluster, instance.thing).to_string(),
            service: reach::dns_name(&Known(cluster.model()), container),
            command,
            origin,
        })
    }

    /// `raw` as options on the command line: `{ bwlimit = "10m"   sparse = true }`.
    fn options(&self, out: &mut Emission) -> Vec<(String, Origin)> {
        let cluster = self.host.cluster;
        let mut options = Vec::new();
        for pair in cluster.get(self.backup, "raw").pairs() {
            let key = &*pair.key;
            let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if COVERED.contains(&key) {
                let message = format!("`{key}` cannot be raw: the backup says it by its fields");
                out.refuse(Refusal::new(
                    &codes::E0803,
                    pair.origin,
                    self.backup,
                    message,
                    BY_ITS_FIELD,
                ));
            } else if !key.bytes().all(fine) || key.starts_with('-') || key.len() < 2 {
                let message = format!("no tool of a backup has an option `{key}`");
                let help = "write the tool's long option without its dashes: `bwlimit = \"10m\"`";
                out.refuse(Refusal::new(&codes::E0803, pair.origin, self.backup, message, help));
            } else {
                match &pair.value {
                    Value::Bool(true) => options.push((format!("--{key}"), pair.origin)),
                    Value::Bool(false) => {}
                    value => match print(value, &cluster.names) {
                        Some(text) => options.push((format!("--{key}={text}"), pair.origin)),
                        None => {
                            let message = format!("an option is one text, and `{key}` is none");
                            out.refuse(Refusal::new(
                                &codes::E0801,
                                pair.origin,
                                self.backup,
                                message,
                                "write a text, a number or `true`",
                            ));
                        }
                    },
                }
            }
        }
        options
    }

    fn method(&self) -> Method {
        method(self.host.cluster, self.backup)
    }

    /// The same as words of a call.
    fn raw(&self) -> impl Iterator<Item = Word<'a>> {
        self.raw.iter().map(|(option, origin)| Word::text(option.clone()).of(*origin))
    }

    fn every(&self, what: &str) -> Option<(String, Origin)> {
        let cluster = self.host.cluster;
        let every = cluster.block(self.backup, "every")?;
        calendar(cluster, cluster.at(every, what))
    }

    /// How many of each are kept, with where that was said; none at all: all of them.
    fn keep(&self) -> Vec<(&'static str, i64, Origin)> {
        let cluster = self.host.cluster;
        let Some(keep) = cluster.block(self.backup, "keep") else { return Vec::new() };
        ["hourly", "daily", "weekly", "monthly", "yearly"]
            .into_iter()
            .filter_map(|class| match cluster.at(keep, class) {
                (Value::Int(count), origin) if *count > 0 => Some((class, *count, origin)),
                _ => None,
            })
            .collect()
    }

    fn commands(&self, field: &str) -> Vec<(&'a str, Origin)> {
        let items = self.host.cluster.get(self.backup, field).items().iter();
        items.filter_map(|item| Some((item.value.as_text()?, item.origin))).collect()
    }

    /// Where dumps lie until they are copied.
    fn dump_folder(&self) -> String {
        match self.method() {
            Method::Restic => format!("/var/lib/colab/backup/{}/dumps", self.name),
            _ => format!("{}/dumps", self.target.trim_end_matches('/')),
        }
    }

    fn emit(&self, out: &mut Emission) {
        let restic = self.method() == Method::Restic;
        let password = match restic {
            true => match self.password(out) {
                Some(unit) => vec![unit],
                None => return,
            },
            false => Vec::new(),
        };
        let script = |out: &mut Emission, what: &str, lines: Vec<Line<'_>>| {
            self.host.script(out, &format!("{}-{what}.sh", self.name), &lines, &[self.backup])
        };
        let (copying, pruning, checking) = match restic {
            true => (restic::snapshot(self), restic::prune(self), restic::verify(self)),
            false => (scripts::snapshot(self), scripts::prune(self), scripts::verify(self)),
        };
        let copy = script(out, "snapshot", copying);
        let keeps = self.method() != Method::Copy && !self.keep().is_empty();
        let prune = keeps.then(|| script(out, "prune", pruning));
        let mut first = Vec::new();
        if !self.dumps.is_empty() {
            let run = script(out, "dumps", scripts::dumps(self));
            let needs = vec![fixed("After", "docker.service")];
            first.push(self.service(out, "dumps", "Dump the databases of", needs, vec![vec![run]]));
            // Each snapshot has its dumps made by itself; another timetable adds to that.
            let own = self.every("dumps").filter(|(when, _)| {
                self.every("snapshot").is_none_or(|(snapshot, _)| snapshot != *when)
            });
            self.timer(out, "dumps", own);
        }
        let needs = || {
            let mut needs = Vec::new();
            if !first.is_empty() {
                needs.push(units("Wants", first.clone()));
            }
            if !password.is_empty() {
                needs.push(units("Requires", password.clone()));
            }
            let before: Vec<String> = first.iter().chain(&password).cloned().collect();
            if !before.is_empty() {
                needs.push(units("After", before));
            }
            needs
        };
        let full = if restic { "--force" } else { "--checksum" };
        for (what, doing, more) in [
            ("snapshot", "Take a snapshot for", None),
            ("full", "Take a snapshot with every file compared for", Some(full)),
        ] {
            let when = self.every(what);
            if when.is_none() && what != "snapshot" {
                continue;
            }
            let mut runs = vec![[&*copy].into_iter().chain(more).map(String::from).collect()];
            runs.extend(prune.iter().map(|prune| vec![prune.clone()]));
            self.service(out, what, doing, needs(), runs);
            self.timer(out, what, when);
        }
        let when = self.host.cluster.at(self.backup, "verify");
        if let Some(when) = calendar(self.host.cluster, when) {
            let run = script(out, "verify", checking);
            self.service(out, "verify", "Read back what was saved by", needs(), vec![vec![run]]);
            self.timer(out, "verify", Some(when));
        }
    }

    /// The unit that fetches restic's password.
    fn password(&self, out: &mut Emission) -> Option<String> {
        let cluster = self.host.cluster;
        let (_, origin) = cluster.at(self.backup, "method");
        let credential = match cluster.param(self.backup, "method", "credential") {
            Some(Value::Thing(credential)) => cluster.get(*credential, "value"),
            _ => &Value::None,
        };
        let Value::Secret(secret) = credential else {
            let message = "expected a credential with restic's password";
            let help = "name one whose value is a secret: `method = restic(credential = ...)`";
            out.refuse(Refusal::new(&codes::E0801, origin, self.backup, message, help));
            return None;
        };
        let wanted = [Wanted {
            file: restic::password(self.name),
            content: Content::Bare { secret, origin },
        }];
        let what = format!("the password of backup {}", self.name);
        let host = Host { folder: "backup", ..self.host };
        Some(secrets::fetch(
            host,
            out,
            &format!("backup-{}", self.name),
            &what,
            &wanted,
            &[self.backup],
        ))
    }

    /// Gives the unit's name.
    fn service(
        &self,
        out: &mut Emission,
        what: &str,
        doing: &str,
        needs: Vec<Entry<'_>>,
        runs: Vec<Vec<String>>,
    ) -> String {
        let mut unit = vec![text("Description", format!("{doing} backup {}", self.name))];
        let mounts: Vec<String> = self.mounts.iter().map(|mount| mount.path.clone()).collect();
        if !mounts.is_empty() {
            unit.push(paths("RequiresMountsFor", mounts));
            // Not a condition: a backup that is not made has failed.
            // The rest of the line is the path: quotes would be a part of it, and the whole of it ignored.
            unit.extend(
                self.mounts.iter().map(|mount| {
                    text("AssertPathIsMountPoint", mount.path.as_str()).at(mount.origin)
                }),
            );
        }
        unit.extend(needs);
        let mut service = vec![fixed("Type", "oneshot")];
        service.extend(runs.into_iter().map(|words| command("ExecStart", words)));
        service.extend([
            fixed("Nice", "10"),
            fixed("IOSchedulingClass", "idle"),
            fixed("UMask", "0077"),
        ]);
        let name = format!("{}.service", self.stem(what));
        let sections = vec![section("Unit", unit), section("Service", service)];
        self.host.unit(out, &name, sections, &[self.backup]);
        name
    }

    fn timer(&self, out: &mut Emission, what: &str, when: Option<(String, Origin)>) {
        if let Some(when) = when {
            let description = format!("When backup {} makes its {what}", self.name);
            self.host.timer(out, &self.stem(what), &description, when, &[self.backup]);
        }
    }

    fn stem(&self, what: &str) -> String {
        format!("colab-backup-{}-{what}", self.name)
    }
}

/// `fortress/data`: a location as a folder of a snapshot.
fn spelled(cluster: &Cluster, location: &Location) -> String {
    let base = match &location.base {
        Base::Share(thing) | Base::Disk(thing) => cluster.label(*thing),
        Base::Host(path) => path.trim_matches('/'),
        Base::Local { name, .. } => name,
        Base::Memory { .. } => "",
    };
    let spelled = format!("{base}/{}", location.sub);
    match spelled.trim_matches('/') {
        "" => "root".to_string(),
        name => name.to_string(),
    }
}

/// Where a container's data lies, as the node sees it that saves it.
fn volumes(
    cluster: &Cluster,
    known: &mut Known<'_>,
    instance: Instance,
    container: ThingId,
    node: ThingId,
) -> Vec<String> {
    let mut found = Vec::new();
    for &volume in cluster.children(container, "volume") {
        let Value::Location(location) = cluster.get(volume, "value") else { continue };
        if instance.node != node && !matches!(location.base, Base::Share(_)) {
            continue;
        }
        let path = reach::path_on(known, &location.base, &location.sub, node);
        found.extend(path.ok().flatten());
    }
    found
}
