//! Services that need each other's addresses: each works, and none of them can be the first to start.

use super::Check;
use super::order::{Circle, Waits, WayOut, after, circles};
use super::shared::{head, pairs, span_of};
use crate::diag::{Diagnostic, codes};
use crate::model::reach::{self, Known};
use crate::model::{Model, ThingId};
use crate::source::Span;
use rustc_hash::FxHashSet;

pub const CHECK: Check = Check {
    name: "uses",
    doc: "of services that use each other's addresses, one can be the first to start",
    run,
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let services = model.services();
    let service = |thing: ThingId| {
        model.thing(thing).instance.and_then(|instance| services.get(&instance)).copied()
    };
    let mut waits = Waits::default();
    let mut talks: FxHashSet<(ThingId, ThingId)> = FxHashSet::default();
    for &(user, port) in &model.uses {
        let (Some(from), Some(to)) = (service(user), service(port)) else { continue };
        let talks_to = reach::around(&Known(model), user, "container")
            .or_else(|| reach::around(&Known(model), user, "unit"));
        // A site leads to its service, and nobody waits for it.
        let Some(part) = talks_to.filter(|_| from != to) else { continue };
        if talks.insert((from, to)) {
            waits.entry(from).or_default().push((to, said_at(model, part, port)));
        }
    }
    if talks.is_empty() {
        return;
    }
    after(model, &mut waits);
    let circle = Circle {
        code: &codes::L0207,
        what: "services",
        verbs: ("needs", "need"),
        why: "after a loss of power one of them starts without the other, so one of them must bear that",
        way: WayOut::Words(&[
            "let one of them look the other up when it needs it, and not when it starts",
            "or, where one of them tries again until it finds the other, say so: `allow L0207 = \"...\"`",
        ]),
    };
    circles(model, &waits, &circle, &|from, to| talks.contains(&(from, to)), found);
}

/// The variable that holds the address, else the program.
fn said_at(model: &Model, part: ThingId, port: ThingId) -> Span {
    let place = reach::place(&mut Known(model), part);
    let address = reach::seen(&mut Known(model), port, place).map(|seen| seen.host);
    let holds = |text: Option<&str>| match (&address, text) {
        (Ok(address), Some(text)) => text.contains(address.as_str()),
        _ => false,
    };
    let env = pairs(model, part, "env").iter().find(|pair| holds(pair.value.as_text()));
    env.map_or_else(|| head(model, part), |pair| span_of(model, pair.origin, part))
}
