//! Two states of `out/` file by file: what a node's tools will find changed, and what that does to
//! what runs there.

use super::lines::{Edit, Hunk, edits, hunks};
use super::words::Sort;
use crate::manifest::{Manifest, Row};
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::targets::{self, EVERY_NODE};
use crate::tree::{MANIFEST, OutTree, Tool};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An earlier state: its manifest, and the bytes of the files that it names.
#[derive(Default)]
pub struct Old {
    pub manifest: Manifest,
    pub files: BTreeMap<Arc<str>, Vec<u8>>,
}

/// What bringing a change to its node does to what runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Effect {
    None,
    Reload,
    Restart,
    /// A container is made anew.
    Recreate,
}

impl Effect {
    pub const fn word(self) -> &'static str {
        match self {
            Effect::None => "none",
            Effect::Reload => "reload",
            Effect::Restart => "restart",
            Effect::Recreate => "recreate",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileChange {
    pub path: String,
    pub sort: Sort,
    /// Nothing where it is for no single node.
    pub node: Option<String>,
    /// Who brings it there: `compose`, `ansible`, `chezmoi`.
    pub tool: &'static str,
    pub destination: Option<String>,
    pub effect: Effect,
    /// It waits for a person's yes.
    pub approval: bool,
    /// What is reloaded, restarted, made anew: units, containers.
    pub of: Vec<String>,
    pub added: usize,
    pub removed: usize,
    /// Only comments differ: which sources made it.
    pub silent: bool,
    pub hunks: Vec<Hunk>,
    /// What the lines that came are made from.
    pub origins: BTreeSet<Origin>,
    /// Whether a line went without another in its place, or one came of which nobody knows why.
    pub unknown: bool,
    /// What the file was and is made from, as the manifests say.
    pub declarations: BTreeSet<Arc<str>>,
}

/// Each file that differs, in order of path. The model and the manifest are what is compared by, and
/// the handbook tells people what the model says.
pub fn changes(cluster: &Cluster, old: &Old, new: &OutTree) -> Vec<FileChange> {
    let approvals = Approvals::of(cluster);
    let gone = old.manifest.files.keys().filter(|path| new.get(path).is_none());
    let mut paths: Vec<&Arc<str>> = new.iter().map(|(path, _)| path).chain(gone).collect();
    paths.sort();
    let told = |path: &str| matches!(path, MANIFEST | "model.json") || path.starts_with("docs/");
    let kept = |path: &&Arc<str>| !told(path);
    paths
        .into_iter()
        .filter(kept)
        .filter_map(|path| change(cluster, &approvals, old, new, path))
        .collect()
}

fn change(
    cluster: &Cluster,
    approvals: &Approvals,
    old: &Old,
    new: &OutTree,
    path: &Arc<str>,
) -> Option<FileChange> {
    let (before, after) = (old.files.get(path), new.get(path));
    let (sort, old_bytes, new_bytes) = match (before, after) {
        (None, None) => return None,
        (None, Some(after)) => (Sort::Added, &[][..], after.bytes.as_slice()),
        (Some(before), None) => (Sort::Removed, before.as_slice(), &[][..]),
        (Some(before), Some(after)) if *before == after.bytes => return None,
        (Some(before), Some(after)) => (Sort::Changed, before.as_slice(), after.bytes.as_slice()),
    };
    let (old_text, new_text) =
        (String::from_utf8_lossy(old_bytes), String::from_utf8_lossy(new_bytes));
    let old_lines: Vec<&str> = old_text.lines().collect();
    let new_lines: Vec<&str> = new_text.lines().collect();
    let edits = edits(&old_lines, &new_lines);
    let row = after.map(Row::of).or_else(|| old.manifest.files.get(path).cloned());
    let delivery = row.as_ref().and_then(|row| row.delivery.as_ref());
    let (came, went): (Vec<usize>, Vec<usize>) = (
        edits.iter().filter_map(|e| if let Edit::Add(at) = e { Some(*at) } else { None }).collect(),
        edits
            .iter()
            .filter_map(|e| if let Edit::Drop(at) = e { Some(*at) } else { None })
            .collect(),
    );
    let silent = sort == Sort::Changed
        && came.iter().all(|&at| is_comment(new_lines[at]))
        && went.iter().all(|&at| is_comment(old_lines[at]));
    let origin = |at: &usize| after?.lines.get(*at).copied().filter(|o| !o.is_none());
    let nameless = |at: &usize| origin(at).is_none() && !is_comment(new_lines[*at]);
    let mut declarations: BTreeSet<Arc<str>> = BTreeSet::new();
    for row in old.manifest.files.get(path).into_iter().chain(&row) {
        declarations.extend(row.declarations.iter().cloned());
    }
    let mut file = FileChange {
        path: path.to_string(),
        sort,
        node: node_of(path, delivery.map(|d| &*d.node)),
        tool: tool_of(path, delivery.map(|d| d.tool)),
        destination: delivery.map(|delivery| delivery.destination.clone()),
        effect: Effect::None,
        approval: false,
        of: Vec::new(),
        added: came.len(),
        removed: went.len(),
        silent,
        hunks: hunks(&edits, 3),
        origins: came.iter().filter_map(origin).collect(),
        unknown: went.len() > came.len() || came.iter().any(nameless),
        declarations,
    };
    if silent {
        // The reader passes comments over; Ansible does not, and tells those who follow the file.
        if let Some(node) = file.node.as_deref().and_then(|node| cluster.find("node", node)) {
            let followers = targets::followers(cluster, new, node, path);
            file.of = followers.into_iter().map(|(_, unit)| unit).collect();
        }
    } else {
        let touched =
            (old_lines.as_slice(), went.as_slice(), new_lines.as_slice(), came.as_slice());
        (file.effect, file.of) = effect(cluster, new, &file, touched);
        file.approval = file.node.is_some() && approvals.wait(cluster, &file);
    }
    Some(file)
}

/// A line that its reader passes over, in any of the formats.
fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty()
        || (line.starts_with('#') && !line.starts_with("#!"))
        || line.starts_with("//")
        || line.starts_with(';')
        || line.starts_with("<!--")
}

fn node_of(path: &str, node: Option<&str>) -> Option<String> {
    match node {
        Some(EVERY_NODE) => None,
        Some(node) => Some(node.to_owned()),
        None => {
            let name = path.strip_prefix("ansible/host_vars/")?.strip_suffix(".yml")?;
            Some(name.to_owned())
        }
    }
}

fn tool_of(path: &str, tool: Option<Tool>) -> &'static str {
    match tool {
        Some(Tool::Chezmoi) if path.starts_with("compose/") => "compose",
        Some(tool) => tool.word(),
        None if path.starts_with("ansible/host_vars/") => "ansible",
        None => Tool::Repo.word(),
    }
}

/// The lines of both texts, each with the places of those that differ.
type Touched<'a> = (&'a [&'a str], &'a [usize], &'a [&'a str], &'a [usize]);

fn effect(
    cluster: &Cluster,
    new: &OutTree,
    file: &FileChange,
    (old, went, lines, came): Touched,
) -> (Effect, Vec<String>) {
    let path = file.path.as_str();
    if let Some(rest) = path.strip_prefix("compose/") {
        // A project is one file; deeper lies what its containers mount.
        return match (rest.matches('/').count(), file.sort) {
            (1, Sort::Removed) => {
                (Effect::Recreate, vec!["its containers run on until they are taken down".into()])
            }
            (1, _) => {
                let mut keys: BTreeSet<&str> = BTreeSet::new();
                keys.extend(went.iter().filter_map(|&at| container_at(old, at)));
                keys.extend(came.iter().filter_map(|&at| container_at(lines, at)));
                let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
                let whole = || vec!["the whole project".to_owned()];
                (Effect::Recreate, if keys.is_empty() { whole() } else { keys })
            }
            _ => (Effect::Restart, Vec::new()),
        };
    }
    if let Some(rest) = path.strip_prefix("macos/")
        && rest.ends_with(".plist")
    {
        return (Effect::Reload, vec!["its launch agent".into()]);
    }
    if path.ends_with("/wsl.conf") {
        return (Effect::Restart, vec!["WSL".into()]);
    }
    let Some(node) = file.node.as_deref().and_then(|node| cluster.find("node", node)) else {
        return (Effect::None, Vec::new());
    };
    let followers = targets::followers(cluster, new, node, path);
    let restarts: Vec<String> = followers
        .iter()
        .filter(|(how, _)| *how == "restart")
        .map(|(_, unit)| unit.clone())
        .collect();
    if !restarts.is_empty() {
        return (Effect::Restart, restarts);
    }
    let reloads: Vec<String> = followers.into_iter().map(|(_, unit)| unit).collect();
    let effect = if reloads.is_empty() { Effect::None } else { Effect::Reload };
    (effect, reloads)
}

/// The container in whose part of a Compose file a line stands.
fn container_at<'a>(lines: &[&'a str], at: usize) -> Option<&'a str> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut key = None;
    for line in lines[..=at].iter().rev() {
        match depth(line) {
            0 if line.starts_with("services:") => return key,
            0 if line.starts_with('#') => {}
            0 => return None,
            2 if key.is_none() => key = line.trim().strip_suffix(':'),
            _ => {}
        }
    }
    None
}

/// What waits for a person's yes: as the nodes and the rollouts say, and without a rollout as one
/// says that says nothing.
struct Approvals {
    user: bool,
    system: bool,
    service: bool,
}

impl Approvals {
    fn of(cluster: &Cluster) -> Approvals {
        let rollouts = cluster.all("rollout");
        let manual = |word: &str, otherwise: bool| match rollouts {
            [] => otherwise,
            all => all.iter().any(|&rollout| {
                let block = cluster.block(rollout, "approve");
                block.and_then(|block| cluster.word(block, word)) == Some("manual")
            }),
        };
        Approvals {
            user: manual("user", false),
            system: manual("system", true),
            service: manual("service", true),
        }
    }

    fn wait(&self, cluster: &Cluster, file: &FileChange) -> bool {
        let asks = |node: ThingId| cluster.word(node, "approve") == Some("manual");
        let node = file.node.as_deref().and_then(|node| cluster.find("node", node));
        match file.tool {
            "compose" => self.service,
            "ansible" => self.system || node.is_some_and(asks),
            "chezmoi" => self.user,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_project_is_of_its_container() {
        let text = "# made\nname: a\nservices:\n  a-app:\n    image: x\n    ports:\n      - 1\n  a-db:\n    image: y\nvolumes:\n  a-db:\n    x: 1\n";
        let lines: Vec<&str> = text.lines().collect();
        let of: Vec<Option<&str>> = (0..lines.len()).map(|at| container_at(&lines, at)).collect();
        let app = Some("a-app");
        let db = Some("a-db");
        assert_eq!(of, [None, None, None, app, app, app, app, db, db, None, None, None],);
    }
}
