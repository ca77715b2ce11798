//! The files that the sources state themselves, each once, brought by the tool that owns its path.

use super::shared_nodes as nodes;
use super::{Emission, Emit, File, Target};
use crate::diag::codes;
use crate::formats::Emitted;
use crate::model::value::Value;
use crate::model::{Cluster, ThingId, generated};
use crate::names::Sym;
use crate::origin::Origin;
use crate::targets::shared_refusal::Refusal;
use crate::tree::{OutFile, Side, Tool};

pub const TARGET: Target = Target {
    name: "files",
    doc: "Files that the sources state, for each node",
    emit: Emit::Looking(emit),
};

fn emit(cluster: &Cluster, out: &mut Emission) {
    for node in nodes::managed(cluster) {
        let mut files: Vec<ThingId> = cluster.children(node, "file").to_vec();
        for instance in nodes::instances_on(cluster, node) {
            files.extend(cluster.children(instance.thing, "file"));
        }
        for file in files {
            if !nodes::off(cluster, file) {
                one(cluster, out, node, file);
            }
        }
    }
    for instance in nodes::instances(cluster) {
        let mut programs = nodes::containers(cluster, instance);
        programs.extend(nodes::units(cluster, instance));
        for config in programs.iter().flat_map(|&program| cluster.children(program, "config")) {
            if let (Value::Generated(word), origin) = cluster.at(*config, "value") {
                made(cluster, out, instance.node, *word, (*config, origin));
            }
        }
    }
}

/// What another target made of that name for the node; that nobody did is told to whoever wants it.
fn made<'a>(
    cluster: &Cluster,
    out: &mut Emission<'a>,
    node: ThingId,
    word: Sym,
    (of, origin): (ThingId, Origin),
) -> Option<&'a OutFile> {
    let (word, name) = (cluster.names.text(word), cluster.label(node));
    let row = generated::GENERATED.iter().find(|row| row.name == word)?;
    let path = row.file.replace("<node>", name);
    let made = out.tree().get(&path);
    if made.is_none() && !out.was_refused(&path) {
        let message = format!("there is no `{word}` on `{name}`: nothing there needs one");
        let refusal =
            Refusal::new(&codes::E0805, origin, of, message, elsewhere(cluster, out, row));
        out.refuse(refusal.with(node, "this node"));
    }
    made
}

/// Where there is such a file, if it is made anywhere.
fn elsewhere(cluster: &Cluster, out: &Emission, row: &generated::Generated) -> String {
    let there = |&node: &ThingId| {
        out.tree().get(&row.file.replace("<node>", cluster.label(node))).is_some()
    };
    let names: Vec<String> = nodes::managed(cluster)
        .into_iter()
        .filter(there)
        .map(|node| format!("`{}`", cluster.label(node)))
        .collect();
    match names.as_slice() {
        [] => "take it away, or declare what it is made of: `colabc explain E0805`".to_owned(),
        names => format!("take it away here; it is made on {}", names.join(", ")),
    }
}

fn one(cluster: &Cluster, out: &mut Emission, node: ThingId, file: ThingId) {
    let path = cluster.label(file);
    let name = cluster.label(node);
    let stated = match cluster.word(file, "side") {
        Some("windows") => Some(Side::Windows),
        Some("wsl") => Some(Side::Wsl),
        _ => None,
    };
    let side = nodes::side(cluster, node).map(|usual| stated.unwrap_or(usual));
    let worker = nodes::user(cluster, node);
    let owner = cluster.get(file, "user").as_thing().or(worker);
    let in_home = path.strip_prefix("~/").or(path.strip_prefix("~\\"));
    // chezmoi runs as the one who works on the node, and knows no other home.
    let destination = match (in_home, owner) {
        (Some(rest), Some(owner)) if Some(owner) != worker => {
            let home = nodes::home(cluster, node, owner, side);
            format!("{home}{}{rest}", if side == Some(Side::Windows) { '\\' } else { '/' })
        }
        _ => nodes::destination(cluster, node, path),
    };
    let tool = match cluster.word(file, "by") {
        Some("ansible") => Tool::Ansible,
        Some(_) => Tool::Chezmoi,
        None if destination.starts_with("~/") => Tool::Chezmoi,
        None => Tool::Ansible,
    };
    if tool == Tool::Ansible && side.is_some() && side != nodes::side(cluster, node) {
        let at = cluster.at(file, "side").1;
        let message = format!(
            "Ansible logs in to the WSL of `{name}`, and brings nothing to its Windows, where `{path}` is to lie"
        );
        let help = "give it a path that begins with `~/`, which chezmoi brings when its person calls it there; or leave `side` out";
        return out.refuse(Refusal::new(&codes::E0801, at, file, message, help));
    }
    if tool == Tool::Chezmoi && !destination.starts_with('~') {
        let at = cluster.at(file, "by").1;
        let message = format!(
            "chezmoi brings files to the home of the node's user, and `{path}` on `{name}` is not below it"
        );
        let elsewhere = side.is_some() && side != nodes::side(cluster, node);
        let help = if elsewhere {
            "give it a path that begins with `~/`: nothing else comes to the Windows of such a node"
        } else {
            "let Ansible bring it: `by = ansible`; or give it a path that begins with `~/`"
        };
        let refusal = Refusal::new(&codes::E0801, at, file, message, help);
        return out.refuse(if elsewhere { refusal } else { refusal.instead("ansible") });
    }
    let block = cluster.text(file, "block");
    let mode = mode(cluster, file);
    let account = |field| cluster.text(file, field).map(str::to_string);
    let of_home = in_home.and(owner).filter(|_| tool == Tool::Ansible);
    let of_home = of_home.map(|owner| cluster.label(owner).to_string());
    let mut below = spelled(path);
    if let Some(block) = block {
        below = format!("{below}.{block}.part");
    }
    if in_home.is_some() && owner != worker {
        let owner = owner.map_or("", |owner| cluster.label(owner));
        below = below.replacen("home/", &format!("home-{owner}/"), 1);
    }
    let world = if nodes::side(cluster, node) != side { "windows/" } else { "" };
    let mut emitted = File::new(format!("files/{name}/{world}{below}"))
        .to(tool, name, destination, mode)
        .side(side)
        .owned_by(account("owner").or(of_home), account("group"))
        .from([file]);
    if let Some(block) = block {
        emitted = emitted.block(block);
    }
    if let Some(written) = content(cluster, out, node, file) {
        out.put(emitted, Ok(written));
    }
}

fn mode(cluster: &Cluster, file: ThingId) -> u32 {
    let mode = match cluster.get(file, "mode") {
        Value::Mode(mode) => u32::from(mode.bits()),
        _ => 0o644,
    };
    // Whoever may read a program may run it.
    if cluster.flag(file, "executable") { mode | (mode & 0o444) >> 2 } else { mode }
}

/// The path on the node as one below `out/`.
fn spelled(path: &str) -> String {
    let path = path.replace('\\', "/");
    if let Some(rest) = path.strip_prefix("~/") {
        return format!("home/{rest}");
    }
    match path.split_once(":/") {
        Some((drive, rest)) => format!("root/{drive}/{rest}"),
        None => format!("root/{}", path.trim_start_matches('/')),
    }
}

/// The text as stated, byte for byte; or what another target made.
fn content(cluster: &Cluster, out: &mut Emission, node: ThingId, file: ThingId) -> Option<Emitted> {
    let (value, origin) = cluster.at(file, "content");
    match value {
        Value::Generated(word) => {
            let made = made(cluster, out, node, *word, (file, origin))?;
            Some(Emitted {
                text: String::from_utf8_lossy(&made.bytes).into_owned(),
                lines: made.lines.clone(),
            })
        }
        value => {
            let text = value.as_text().unwrap_or_default().to_string();
            let lines = vec![origin; text.lines().count().max(1)];
            Some(Emitted { text, lines })
        }
    }
}

/// What happens after a change of a file that Ansible brings: a unit that is started again, or a
/// task of the node's.
pub(super) fn notified(cluster: &Cluster, file: ThingId) -> Option<(&str, ThingId)> {
    let word = cluster.word(file, "notify")?;
    let name = if word == "restart" { "unit" } else { "task" };
    Some((word, cluster.param(file, "notify", name)?.as_thing()?))
}

/// The files that the sources state for a node, for those that look for one by its path: as it is stated, and as
/// it is delivered.
pub(super) struct Stated(Vec<(String, ThingId)>);

impl Stated {
    pub(super) fn on(cluster: &Cluster, node: ThingId) -> Stated {
        let mut files: Vec<ThingId> = cluster.children(node, "file").to_vec();
        for instance in nodes::instances_on(cluster, node) {
            files.extend(cluster.children(instance.thing, "file"));
        }
        Stated(
            files
                .into_iter()
                .map(|file| (nodes::destination(cluster, node, cluster.label(file)), file))
                .collect(),
        )
    }

    pub(super) fn find(&self, cluster: &Cluster, path: &str) -> Option<ThingId> {
        let is = |(to, file): &&(String, ThingId)| to == path || cluster.label(*file) == path;
        self.0.iter().find(is).map(|(_, file)| *file)
    }
}
