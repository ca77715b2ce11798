//! Tasks that run after others: on each node, all that one waits for is there, and none waits for itself.

use super::Check;
use super::order::{Circle, Waits, circles};
use super::shared::{head, members, stated_at, without};
use crate::diag::{Diagnostic, codes};
use crate::model::{Model, ThingId};
use crate::source::Span;
use rustc_hash::FxHashMap;

pub const CHECK: Check = Check {
    name: "tasks",
    doc: "what a task waits for is on its node too, and never the task itself",
    run,
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for &node in model.all("node") {
        let here: FxHashMap<&str, ThingId> =
            tasks_on(model, node).map(|task| (model.label(task), task)).collect();
        let mut waits = Waits::default();
        for task in tasks_on(model, node) {
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
    }
}

/// Those of the node, and of what runs there.
fn tasks_on(model: &Model, node: ThingId) -> impl Iterator<Item = ThingId> {
    let services = model.instances_on(node).iter().map(|instance| instance.thing);
    let all = std::iter::once(node).chain(services).flat_map(|of| model.children(of, "task"));
    all.copied().filter(|&task| model.flag(task, "enabled"))
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
