//! One tool a file: from a resolved cluster to the files that the tool reads. A target sees the
//! model, never syntax, and makes text only through `formats`.

mod ansible;
mod backup;
mod caddy;
mod chezmoi;
mod clustershell;
mod cockpit;
mod compose;
mod docker;
mod docs;
mod files;
mod fstab;
mod headscale;
mod hosts;
mod macos;
mod mise;
pub mod model;
mod nfs;
mod pihole;
mod prometheus;
mod samba;
mod shared_asked;
mod shared_emission;
mod shared_mounts;
mod shared_names;
pub(crate) mod shared_nodes;
mod shared_owners;
mod shared_ports;
mod shared_refusal;
mod shared_secrets;
mod shared_units;
mod ssh;
mod systemd;
mod tmux;
mod windows;

use crate::CROWD;
use crate::diag::Diagnostic;
use crate::manifest::Manifest;
use crate::model::{Cluster, Model, ThingId};
use crate::output::{Content, Output};
use crate::threads::{self, ALWAYS, Wanted};
use crate::tree::OutTree;
use shared_asked::Asked;
use shared_emission::{Emission, File, PIECE, Part, Purpose, Telling, Whole};
pub use shared_owners::EVERY_NODE;

/// One tool that the compiler writes for.
pub struct Target {
    /// Its folder below `out/`, or its file; what `--target` takes.
    pub name: &'static str,
    pub doc: &'static str,
    emit: Emit,
}

/// How a target comes to its files.
enum Emit {
    /// From the cluster alone.
    Alone(fn(&Cluster, &mut Emission)),
    /// From the cluster alone, for each managed node by itself; then what is no node's own.
    OfNodes { each: fn(&Cluster, ThingId, &mut Emission), rest: fn(&Cluster, &mut Emission) },
    /// It looks at what those before it emitted.
    Looking(fn(&Cluster, &mut Emission)),
    /// The same, and its files are nobody's to bring: those that do so look at what all others emitted, not at each
    /// other's, and work side by side.
    Bringing(fn(&Cluster, &mut Emission)),
    /// It only tells what is so, and has no way to refuse anything: `check` does without it, but for the paths that
    /// somebody's names are in.
    Telling {
        named: fn(&Cluster) -> Vec<(String, ThingId)>,
        tell: Tell,
        /// Whether it tells of what the others emitted.
        looks: bool,
    },
}

type Tell = for<'a> fn(&'a Cluster, &mut Telling<'a>);

/// In order: those that deliver files come after those that make them.
#[rustfmt::skip] // one row a line
pub const TARGETS: &[Target] = &[
    hosts::TARGET,
    caddy::TARGET,
    pihole::TARGET,
    headscale::TARGET,
    samba::TARGET,
    nfs::TARGET,
    cockpit::TARGET,
    prometheus::TARGET,
    docker::TARGET,
    compose::TARGET,
    fstab::TARGET,
    systemd::TARGET,
    backup::TARGET,
    windows::TARGET,
    macos::TARGET,
    model::TARGET,
    ssh::TARGET,
    mise::TARGET,
    clustershell::TARGET,
    tmux::TARGET,
    files::TARGET,
    ansible::INVENTORY,
    chezmoi::TARGET,
    ansible::TARGET,
    docs::TARGET,
];

/// The units that Ansible restarts or reloads on a node when it brings this file anew.
pub fn followers(
    cluster: &Cluster,
    tree: &OutTree,
    node: ThingId,
    path: &str,
) -> Vec<(&'static str, String)> {
    ansible::hosts::followers_of(cluster, tree, node, path)
}

/// Writes everything for a cluster that was never built. With diagnostics of severity error, the tree must
/// not be used.
pub fn emit(cluster: &Cluster) -> (OutTree, Vec<Diagnostic>) {
    emit_after(cluster, &Manifest::default(), 1)
}

/// Writes everything for a cluster, after the build that left the manifest. With diagnostics of severity
/// error, the tree must not be used. The same comes out whatever the number of threads.
pub fn emit_after(
    cluster: &Cluster,
    last: &Manifest,
    threads: usize,
) -> (OutTree, Vec<Diagnostic>) {
    let (mut tree, found) = emit_only(cluster, last, None, threads);
    let told = tell(cluster, &tree, None, threads);
    let files = threads::each(&told, threads, |(_, content)| content.file().into_owned());
    let paths: Vec<String> = told.into_iter().map(|(path, _)| path).collect();
    for (path, file) in paths.into_iter().zip(files) {
        // A path that is refused here was refused by its name already.
        let _ = tree.insert(&path, file);
    }
    (tree, found)
}

/// What may be refused, of some targets or of all. What those look at is in the tree as well; what the others would
/// refuse is not found.
pub fn emit_only(
    cluster: &Cluster,
    last: &Manifest,
    only: Option<&[&str]>,
    threads: usize,
) -> (OutTree, Vec<Diagnostic>) {
    let mut asked = Asked::of(only);
    let mut whole = judged(cluster, last, &asked, threads, (Purpose::Files, ALWAYS));
    if !asked.brings() {
        if asked.takes_away(&whole.tree, last) {
            asked = asked.with_bringers();
            whole = judged(cluster, last, &asked, threads, (Purpose::Files, ALWAYS));
        } else {
            whole.tree.gone = last.gone.clone();
        }
    }
    (whole.tree, whole.diagnostics)
}

/// What may be refused, for as long as anybody wants it, and of what only tells the paths alone: they stand there
/// empty. What came out is of no use to whoever does not want it any more.
pub fn emit_while(
    cluster: &Cluster,
    last: &Manifest,
    threads: usize,
    wanted: Wanted,
) -> (OutTree, Vec<Diagnostic>) {
    let mut whole = judged(cluster, last, &Asked::of(None), threads, (Purpose::Files, wanted));
    for target in TARGETS {
        if let Emit::Telling { named, .. } = target.emit {
            whole.put_names(named(cluster));
        }
    }
    (whole.tree, whole.diagnostics)
}

/// All that a build writes: the tree that `emit_only` gave for the same targets, and what only tells of it.
pub fn output<'a>(
    cluster: &'a Cluster,
    tree: &'a OutTree,
    only: Option<&[&str]>,
    threads: usize,
) -> Output<'a> {
    Output::of(tree).with(tell(cluster, tree, only, threads))
}

fn tell<'a>(
    cluster: &'a Cluster,
    tree: &'a OutTree,
    only: Option<&[&str]>,
    threads: usize,
) -> Vec<(String, Content<'a>)> {
    let asked = Asked::of(only);
    let telling = asked.targets().filter_map(|target| target.emit.tell());
    let told = telling.map(|tell| {
        let mut telling = Telling::new(cluster, tree, threads);
        tell(cluster, &mut telling);
        telling.files
    });
    told.flatten().collect()
}

/// What stops a build: everything that `emit_after` finds, without what only tells. What no value of the sources can
/// spoil is not written for it. The tree is no build's; whoever is about to end need not take it apart.
pub fn judge(cluster: &Cluster, last: &Manifest, threads: usize) -> (OutTree, Vec<Diagnostic>) {
    let all = Asked::of(None);
    let whole = judged(cluster, last, &all, threads, (Purpose::Findings, ALWAYS));
    (whole.tree, whole.diagnostics)
}

fn judged<'a>(
    cluster: &'a Cluster,
    last: &'a Manifest,
    asked: &Asked,
    threads: usize,
    (purpose, wanted): (Purpose, Wanted<'a>),
) -> Whole<'a> {
    let mut whole = Whole::new(cluster, purpose, wanted);
    let targets: Vec<&Target> = asked.targets().collect();
    let parts = alone(&whole, last, &targets, threads);
    whole.reserve(parts.iter().flatten());
    let mut brought = None;
    for (target, parts) in targets.iter().zip(parts) {
        parts.into_iter().for_each(|part| whole.take(part));
        match target.emit {
            Emit::Alone(_) | Emit::OfNodes { .. } | Emit::Telling { .. } => {}
            Emit::Looking(emit) => {
                let part = whole.part(last, threads, emit);
                whole.reserve([&part]);
                whole.take(part);
            }
            Emit::Bringing(_) => {
                let brought = brought.get_or_insert_with(|| {
                    let brought = bringing(&whole, last, &targets, threads);
                    whole.reserve(&brought);
                    brought.into_iter()
                });
                brought.next().into_iter().for_each(|part| whole.take(part));
            }
        }
    }
    whole
}

/// What those say that bring what is in the tree, in their order.
fn bringing(whole: &Whole, last: &Manifest, targets: &[&Target], threads: usize) -> Vec<Part> {
    let bringers: Vec<_> = targets.iter().filter_map(|target| target.emit.brings()).collect();
    // Of few things each is done before threads are started.
    let aside = if whole.cluster.instances.len() < CROWD { 1 } else { threads };
    let parts = threads::each(&bringers, aside, |emit| whole.part(last, threads, emit));
    debug_assert!(parts.iter().all(Part::is_nobodys), "one would have to bring another's file");
    parts
}

/// For each target, what it says to the cluster alone, in pieces. What cannot be cut is begun first.
fn alone(whole: &Whole, last: &Manifest, targets: &[&Target], threads: usize) -> Vec<Vec<Part>> {
    let cluster = whole.cluster;
    let nodes = shared_nodes::managed(cluster);
    type Work<'w> = Box<dyn Fn(&Cluster, &mut Emission) + Sync + 'w>;
    let (mut all, mut pieces): (Vec<(usize, Work)>, Vec<(usize, Work)>) = (Vec::new(), Vec::new());
    for (at, target) in targets.iter().enumerate() {
        match target.emit {
            Emit::Alone(emit) => all.push((at, Box::new(emit))),
            Emit::OfNodes { each, rest } => {
                for piece in nodes.chunks(PIECE) {
                    let work = move |cluster: &Cluster, out: &mut Emission| {
                        piece.iter().for_each(|&node| each(cluster, node, out));
                    };
                    pieces.push((at, Box::new(work)));
                }
                all.push((at, Box::new(rest)));
            }
            Emit::Looking(_) | Emit::Bringing(_) => {}
            Emit::Telling { named, .. } => {
                let work =
                    move |cluster: &Cluster, out: &mut Emission| out.hold_names(named(cluster));
                all.push((at, Box::new(work)));
            }
        }
    }
    all.append(&mut pieces);
    let made = threads::each(&all, threads, |(_, emit)| whole.part(last, 1, emit));
    let mut parts: Vec<Vec<Part>> = targets.iter().map(|_| Vec::new()).collect();
    for ((at, _), part) in all.iter().zip(made) {
        parts[*at].push(part);
    }
    for (target, parts) in targets.iter().zip(&mut parts) {
        // Begun first, said last.
        if matches!(target.emit, Emit::OfNodes { .. }) {
            parts.rotate_left(1);
        }
    }
    parts
}

impl Target {
    /// Whether a path below `out/` is this target's.
    pub fn makes(&self, path: &str) -> bool {
        is_within(path, self.name)
    }
}

/// Whether a path is that file, or lies in that folder.
pub fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Emit {
    /// Whether it looks at what those before it emitted.
    fn looks(&self) -> bool {
        matches!(self, Emit::Looking(_) | Emit::Bringing(_) | Emit::Telling { looks: true, .. })
    }

    fn brings(&self) -> Option<fn(&Cluster, &mut Emission)> {
        match self {
            Emit::Bringing(emit) => Some(*emit),
            _ => None,
        }
    }

    fn tell(&self) -> Option<Tell> {
        match self {
            Emit::Telling { tell, .. } => Some(*tell),
            _ => None,
        }
    }
}

/// A thing by its declaration: `service gitea, services/gitea.colab`.
pub fn declared(model: &Model, id: ThingId) -> String {
    let mut top = id;
    while let Some(parent) = model.thing(top).parent {
        if model.label(parent).is_empty() {
            break;
        }
        top = parent;
    }
    [model.kind(top), " ", model.label(top), ", ", model.file_of(top)].concat()
}
