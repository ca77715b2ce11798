//! Tasks that something else runs: on each node, all that one waits for is there, what a changed file or a
//! rollout calls is too, and none waits for itself.

use super::Check;
use super::order::{Circle, Waits, circles};
use super::shared::{has_linux, head, members, stated_at, without};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;
use rustc_hash::FxHashMap;

pub const CHECK: Check = Check {
    name: "tasks",
    doc: "what a task waits for, a file calls or a rollout asks is on its node too, and no task waits for itself",
    run,
};

type Here<'a> = FxHashMap<&'a str, ThingId>;

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut on: Vec<(ThingId, Here<'_>)> = Vec::new();
    for &node in model.all("node") {
        let here: Here<'_> = of_node(model, node, "task").map(|t| (model.label(t), t)).collect();
        let mut waits = Waits::default();
        for task in of_node(model, node, "task") {
            for (other, item) in members(model, task, "depends") {
                let place = stated_at(model, item.origin, task);
                match here.get(model.label(other)) {
                    Some(&there) => waits.entry(task).or_default().push((there, place)),
                    None => found.push(absent(model, node, task, other, place)),
                }
            }
        }
        let why = "mise refuses tasks that wait for each other, and runs none of them";
        let circle = Circle::waiting(&codes::E1507, "tasks", "depends", why);
        circles(model, &waits, &circle, &|_, _| true, found);
        for file in of_node(model, node, "file") {
            called(model, node, file, &here, found);
        }
        on.push((node, here));
    }
    on.retain(|&(node, _)| updated(model, node));
    for &rollout in model.all("rollout") {
        if model.flag(rollout, "enabled") {
            asked(model, rollout, &on, found);
        }
    }
}

/// Whether rollouts come to a node.
fn updated(model: &Model, node: ThingId) -> bool {
    let posix = model.word(node, "os") == Some("macos") || has_linux(model, node);
    model.flag(node, "managed") && posix && model.word(node, "status") != Some("offline")
}

/// A file whose change calls a task.
fn called(
    model: &Model,
    node: ThingId,
    file: ThingId,
    here: &Here<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let (value, origin) = model.at(file, "notify");
    let Some(task) = task_of(model, value) else { return };
    if here.contains_key(model.label(task)) {
        return;
    }
    let (name, wanted, at) = (model.label(file), model.label(task), model.label(node));
    found.push(
        Diagnostic::new(
            &codes::E1509,
            stated_at(model, origin, file),
            format!("the file `{name}` calls the task `{wanted}`, which `{at}` does not have"),
        )
        .here("called there after a change")
        .label(head(model, task), "not on that node")
        .at(model.path(file))
        .help(format!("let both stand on the same nodes: `on = [{at}, ...]` in `{wanted}`")),
    );
}

/// The tasks that a rollout asks on each node that it comes to.
fn asked(model: &Model, rollout: ThingId, on: &[(ThingId, Here<'_>)], found: &mut Vec<Diagnostic>) {
    for field in ["before", "after"] {
        for item in model.get(rollout, field).items() {
            let Some(task) = task_of(model, &item.value) else { continue };
            let wanted = model.label(task);
            let lacking = on.iter().filter(|(_, here)| !here.contains_key(wanted));
            let lacking: Vec<&str> = lacking.map(|&(node, _)| model.label(node)).collect();
            let have = match lacking.as_slice() {
                [] => continue,
                [_] => "does",
                _ => "do",
            };
            found.push(
                Diagnostic::new(
                    &codes::E1509,
                    stated_at(model, item.origin, rollout),
                    format!(
                        "the rollout `{}` asks the task `{wanted}` on every node, and {} {have} not have it",
                        model.label(rollout),
                        listed(lacking.into_iter())
                    ),
                )
                .here(format!("asked {field} each update"))
                .label(head(model, task), "not on those nodes")
                .at(model.path(rollout))
                .note("a rollout comes to all nodes that Ansible can log in to, and stops where a task is missing")
                .help(format!("let every node have it: take `on` away in `{wanted}`"))
                .help("or leave it out here"),
            );
        }
    }
}

fn task_of(model: &Model, value: &Value) -> Option<ThingId> {
    let Value::Word(word) = value else { return None };
    word.param(model.names.find("task")?)?.as_thing()
}

/// The tasks or files of the node, and of what runs there.
fn of_node<'a>(
    model: &'a Model,
    node: ThingId,
    kind: &'static str,
) -> impl Iterator<Item = ThingId> + 'a {
    let services = model.instances_on(node).iter().map(|instance| instance.thing);
    let all = std::iter::once(node).chain(services).flat_map(move |of| model.children(of, kind));
    all.copied().filter(|&thing| model.flag(thing, "enabled"))
}

fn absent(model: &Model, node: ThingId, task: ThingId, other: ThingId, place: Span) -> Diagnostic {
    let (name, wanted) = (model.label(task), model.label(other));
    let at = model.label(node);
    let diagnostic = Diagnostic::new(
        &codes::E1509,
        place,
        format!("the task `{name}` waits for `{wanted}`, which `{at}` does not have"),
    )
    .here("waits here")
    .label(head(model, other), "not on that node")
    .at(model.path(task))
    .note("a task runs where it is called, and its machine knows its own tasks alone")
    .help(format!("let both stand on the same nodes: `on = [{at}, ...]` in `{wanted}`"));
    let spell = |id: ThingId| model.label(id).to_string();
    without(diagnostic, model, (task, "depends"), other, &spell, "or leave it out here".into())
}
