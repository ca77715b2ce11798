//! What differs between an earlier state of `out/` and what the sources make now: in the cluster's
//! words, by node and tool, with what it does to what runs. Pure: who reads the states is `cli/`.

pub mod files;
pub mod lines;
pub mod paper;
mod say;
pub mod words;

use crate::graph::Graph;
use crate::graph::impact::{Fate, impact};
use crate::model::generated::GENERATED;
use crate::model::value::Value as Resolved;
use crate::model::{Cluster, Model, ThingId};
use crate::origin::{Of, Origin};
use crate::source::Span;
use crate::tree::OutTree;
use files::{Effect, FileChange, Old};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use words::{Change, Sort};

/// The JSON Schema of what `colabc diff --format json` prints.
pub const SCHEMA: &str = include_str!("schema.json");

#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    pub changes: Vec<Told>,
    pub files: Vec<FileChange>,
    pub fallout: Vec<Fallout>,
}

/// One change, of everything that it is a change of.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    pub sort: Sort,
    /// `gitea.app`; several where one line of the sources changed them all.
    pub subjects: Vec<String>,
    pub text: String,
    pub effect: Effect,
    pub approval: bool,
    /// Where that is said now; nothing for what is gone.
    pub place: Option<Span>,
    /// The declarations at the top that it belongs to.
    pub declarations: Vec<String>,
    pub nodes: Vec<String>,
    /// The files that it reaches.
    pub files: Vec<String>,
}

/// Who is touched while something is restarted.
#[derive(Clone, PartialEq, Debug)]
pub struct Fallout {
    pub name: String,
    pub fails: Vec<String>,
    pub degrades: Vec<String>,
}

impl Report {
    /// Whether nothing changes but which sources a file names.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.files.iter().all(|file| file.silent)
    }
}

/// Why there is nothing to compare by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoModel(pub String);

pub fn compare(cluster: &Cluster, old: &Old, new: &OutTree) -> Result<Report, NoModel> {
    let files = files::changes(cluster, old, new);
    let before = match old.files.get("model.json") {
        Some(bytes) => serde_json::from_slice(bytes)
            .map_err(|error| NoModel(format!("its model.json cannot be read: {error}")))?,
        None if old.manifest.files.is_empty() => Value::Object(Default::default()),
        None => return Err(NoModel("it has no model.json".into())),
    };
    let after = new.get("model.json").map(|file| serde_json::from_slice(&file.bytes));
    let after = match after {
        Some(Ok(after)) => after,
        Some(Err(error)) => return Err(NoModel(error.to_string())),
        None => return Err(NoModel("the sources make no model.json".into())),
    };
    let changes = words::changes(cluster, &before, &after);
    let open: Vec<bool> = files.iter().map(|file| is_open(cluster, &changes, file)).collect();
    let linked: Vec<(Change, Vec<usize>)> = changes
        .into_iter()
        .map(|change| {
            let mut reached = reached(cluster, &change, &files, &open);
            with_mounts(cluster, &files, &mut reached);
            (change, reached)
        })
        .collect();
    let fallout = fallout(cluster, &files);
    Ok(Report { changes: told(cluster, linked, &files), files, fallout })
}

/// Whether something of a file's change comes from none of the changes as far as its lines tell.
fn is_open(model: &Model, changes: &[Change], file: &FileChange) -> bool {
    let known = |origin: &Origin| changes.iter().any(|change| is_of(model, change, *origin));
    file.unknown || !file.origins.iter().all(known)
}

/// The files that a change reaches: those with a line that comes from it; else those that were made
/// from its declaration, and of these first those that the other changes leave open. What is gone has
/// left no line to tell by.
fn reached(model: &Model, change: &Change, files: &[FileChange], open: &[bool]) -> Vec<usize> {
    let here = |file: &&(usize, &FileChange)| match (&change.node, &file.1.node) {
        (Some(a), Some(b)) => a == b || !change.declaration.starts_with("service "),
        _ => true,
    };
    let all: Vec<(usize, &FileChange)> = files.iter().enumerate().collect();
    let candidates: Vec<&(usize, &FileChange)> =
        all.iter().filter(here).filter(|(_, file)| !file.silent).collect();
    let from = |origin: &Origin| is_of(model, change, *origin);
    let exact: Vec<usize> = candidates
        .iter()
        .filter(|(_, file)| file.origins.iter().any(from))
        .map(|(at, _)| *at)
        .collect();
    // What moves leaves files behind, which no line tells of.
    let moves = change.sort == Sort::Changed && change.field.is_none();
    if !exact.is_empty() && !moves {
        return exact;
    }
    let head = format!("{},", change.declaration);
    let made: Vec<usize> = candidates
        .iter()
        .filter(|(_, file)| file.declarations.iter().any(|text| text.starts_with(&head)))
        .map(|(at, _)| *at)
        .collect();
    if moves {
        return exact.into_iter().chain(made).collect::<BTreeSet<_>>().into_iter().collect();
    }
    let left: Vec<usize> = made.iter().copied().filter(|&at| open[at]).collect();
    if change.sort == Sort::Removed || left.is_empty() { made } else { left }
}

/// A generated file reaches the projects whose containers mount it as well.
fn with_mounts(model: &Model, files: &[FileChange], reached: &mut Vec<usize>) {
    let mut more = BTreeSet::new();
    for instance in &model.instances {
        let node = model.label(instance.node);
        let containers = model.children(instance.thing, "container").iter();
        let configs = containers.flat_map(|&container| model.children(container, "config"));
        let mounts = configs.filter_map(|&config| match model.get(config, "value") {
            Resolved::Generated(name) => {
                let name = model.names.text(*name);
                GENERATED.iter().find(|row| row.name == name)
            }
            _ => None,
        });
        for row in mounts {
            let home = row.file.replace("<node>", node);
            if reached.iter().any(|&at| files[at].path == home) {
                let project = format!("compose/{node}/{}.yml", model.label(instance.service));
                more.extend(files.iter().position(|file| file.path == project));
            }
        }
    }
    more.retain(|at| !reached.contains(at));
    reached.extend(more);
    reached.sort_unstable();
}

/// Whether a line with this origin says what changed.
fn is_of(model: &Model, change: &Change, origin: Origin) -> bool {
    let (Some(changed), Some(thing)) = (change.thing, model.thing_of(origin)) else { return false };
    let field = match origin.of() {
        Of::Row(at) => model.origins.get(at).map(|row| row.field),
        Of::Field(_, field) => Some(field),
        Of::Nothing | Of::Thing(_) => None,
    };
    match change.field {
        Some(_) => thing == changed && (field == change.field || field.is_none()),
        // A whole thing came: everything in it is of it.
        None => inside(model, thing, changed),
    }
}

fn inside(model: &Model, thing: ThingId, whole: ThingId) -> bool {
    let mut at = Some(thing);
    while let Some(id) = at {
        if id == whole {
            return true;
        }
        at = model.thing(id).parent;
    }
    // A service's instances are not inside of it.
    let instance = model.thing(thing).instance;
    instance.is_some_and(|instance| {
        model.instances.iter().any(|i| i.thing == instance && i.service == whole)
    })
}

/// The same change of several things, said once.
fn told(model: &Model, linked: Vec<(Change, Vec<usize>)>, files: &[FileChange]) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    let mut seen: BTreeMap<(Sort, String, Option<Span>), usize> = BTreeMap::new();
    for (change, reached) in linked {
        let place = place(model, change.origin).map(|span| at_home(model, change.thing, span));
        let of = || reached.iter().map(|&at| &files[at]);
        let one = Told {
            sort: change.sort,
            subjects: vec![change.subject],
            text: change.text,
            effect: of().map(|file| file.effect).max().unwrap_or(Effect::None),
            approval: of().any(|file| file.approval),
            place,
            declarations: vec![change.declaration],
            nodes: change.node.into_iter().collect(),
            files: of().map(|file| file.path.clone()).collect(),
        };
        // Without a place nothing says that they have one cause.
        let key = (one.sort, one.text.clone(), place);
        let other = seen
            .get(&key)
            .copied()
            .filter(|&at| place.is_some() || all[at].subjects == one.subjects);
        match other {
            None => {
                seen.insert(key, all.len());
                all.push(one);
            }
            Some(at) => {
                let other = &mut all[at];
                other.effect = other.effect.max(one.effect);
                other.approval |= one.approval;
                merge(&mut other.subjects, one.subjects);
                merge(&mut other.declarations, one.declarations);
                merge(&mut other.nodes, one.nodes);
                merge(&mut other.files, one.files);
            }
        }
    }
    all
}

fn merge(all: &mut Vec<String>, more: Vec<String>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
    all.sort();
}

/// Of what the library says, the place in the project that uses it: there it can be changed.
fn at_home(model: &Model, thing: Option<ThingId>, span: Span) -> Span {
    let library = |span: Span| {
        model.files.get(span.file.0 as usize).is_none_or(|name| name.starts_with("std/"))
    };
    if !library(span) {
        return span;
    }
    let mut at = thing;
    while let Some(id) = at {
        let here = model.thing(id);
        if !library(here.span) {
            return here.span;
        }
        at = here.parent;
    }
    span
}

/// The definition or the declaration that says it.
fn place(model: &Model, origin: Origin) -> Option<Span> {
    if let Some(row) = model.origin(origin) {
        return model.defs.get(row.def as usize).map(|def| def.span);
    }
    match origin.of() {
        Of::Thing(id) => Some(model.thing(ThingId::new(id as usize)).span),
        Of::Field(id, field) => {
            let shape = model.thing(ThingId::new(id as usize)).shape;
            Some(model.schema.shape(shape).fields[usize::from(field)].span)
        }
        _ => None,
    }
}

/// What fails and what is worse off while the touched services are restarted.
fn fallout(model: &Model, files: &[FileChange]) -> Vec<Fallout> {
    let graph = Graph::of(model);
    let mut touched: BTreeSet<usize> = BTreeSet::new();
    for file in files.iter().filter(|file| file.effect >= Effect::Restart) {
        // compose/NODE/SERVICE.yml, and below compose/NODE/SERVICE/ what its containers mount.
        let mut steps = file.path.split('/');
        let (Some("compose"), Some(node), Some(service)) =
            (steps.next(), steps.next(), steps.next())
        else {
            continue;
        };
        let service = service.strip_suffix(".yml").unwrap_or(service);
        let own = |thing: ThingId| {
            model.label(thing) == service
                && model.thing(thing).node.is_some_and(|id| model.label(id) == node)
        };
        let vertices = graph.vertices.iter().enumerate();
        touched.extend(vertices.filter(|(_, v)| own(v.thing)).map(|(at, _)| at));
    }
    let named = |fate: Fate, at: usize| -> Vec<String> {
        impact(&graph, &[at])
            .into_iter()
            .filter(|effect| effect.fate == fate && effect.vertex != at)
            .map(|effect| {
                let vertex = &graph.vertices[effect.vertex];
                format!("{} {}", vertex.sort.word(), vertex.name)
            })
            .collect()
    };
    touched
        .into_iter()
        .map(|at| Fallout {
            name: graph.vertices[at].name.clone(),
            fails: named(Fate::Fails, at),
            degrades: named(Fate::Degrades, at),
        })
        .filter(|fallout| !fallout.fails.is_empty() || !fallout.degrades.is_empty())
        .collect()
}
