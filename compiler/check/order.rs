//! What must come first: without going round in a circle, and without waiting for another machine.

use super::Check;
use super::shared::{
    Running, containers, head, members, rewrite, span_of, stated, stated_at, without,
};
use crate::diag::text::listed;
use crate::diag::{Code, Diagnostic, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

pub const CHECK: Check = Check {
    name: "order",
    doc: "nothing waits for itself, or replaces itself, and no container waits for another project's",
    run,
};

/// How a circle is told.
pub(super) struct Circle {
    pub code: &'static Code,
    pub what: &'static str,
    /// "waits for", and of several "wait for".
    pub verbs: (&'static str, &'static str),
    pub why: &'static str,
    pub way: WayOut,
}

/// How a circle is opened.
#[derive(Clone, Copy)]
pub(super) enum WayOut {
    /// Its end is taken out of the list of this field.
    Leave(&'static str),
    /// This field of its end becomes `none`.
    Nothing(&'static str),
    /// The same of `ssh { jump }`.
    NoJump,
    /// In one of these ways, which only a person can go.
    Words(&'static [&'static str]),
}

pub(super) const WAITS: (&str, &str) = ("waits for", "wait for");

impl Circle {
    /// Of things that wait for those that a field of theirs lists.
    pub fn waiting(
        code: &'static Code,
        what: &'static str,
        field: &'static str,
        why: &'static str,
    ) -> Circle {
        Circle { code, what, verbs: WAITS, why, way: WayOut::Leave(field) }
    }
}

/// Who waits for whom, and where it says so.
pub(super) type Waits = FxHashMap<ThingId, Vec<(ThingId, Span)>>;

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut waits = Waits::default();
    for container in containers(model) {
        for (other, origin) in depends_on(model, container.part) {
            let place = stated_at(model, origin, container.part);
            if model.thing(other).instance == model.thing(container.part).instance {
                waits.entry(container.part).or_default().push((other, place));
            } else {
                found.push(foreign(model, container.part, other, place));
            }
        }
    }
    let why = "Compose refuses a project whose containers wait for each other";
    let circle = Circle::waiting(&codes::E1501, "containers", "depends_on", why);
    circles(model, &waits, &circle, &|_, _| true, found);
    let shared = lives_with(model, &mut waits);
    let ways =
        &["let one of them have its own: take `with(...)` out, or what waits the other way round"];
    let circle = Circle { way: WayOut::Words(ways), ..circle };
    circles(model, &waits, &circle, &|from, to| shared.contains(&(from, to)), found);

    let mut waits = Waits::default();
    after(model, &mut waits);
    let why = "none of them could ever be the first to start";
    let circle = Circle::waiting(&codes::E1502, "services", "after", why);
    circles(model, &waits, &circle, &|_, _| true, found);

    let mut waits = Waits::default();
    for instance in &model.instances {
        for &unit in model.children(instance.thing, "unit") {
            for (other, item) in members(model, unit, "after") {
                waits.entry(unit).or_default().push((other, stated_at(model, item.origin, unit)));
            }
        }
    }
    let why = "systemd breaks such a circle by leaving one of them out";
    let circle = Circle::waiting(&codes::E1503, "units", "after", why);
    circles(model, &waits, &circle, &|_, _| true, found);

    let mut waits = Waits::default();
    for &node in model.all("node") {
        let Some(ssh) = model.block(node, "ssh") else { continue };
        let (jump, origin) = model.at(ssh, "jump");
        if let Value::Thing(other) = jump {
            waits.entry(node).or_default().push((*other, span_of(model, origin, node)));
        }
    }
    let why = "ssh would go from one to the other without end";
    let circle = Circle {
        code: &codes::E1504,
        what: "nodes",
        verbs: ("goes through", "go through"),
        why,
        way: WayOut::NoJump,
    };
    circles(model, &waits, &circle, &|_, _| true, found);
    decisions(model, found);
}

/// Of what is only read.
fn decisions(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut waits = Waits::default();
    for &decision in model.all("decision") {
        let (older, origin) = model.at(decision, "replaces");
        if let Value::Thing(other) = older {
            let place = stated_at(model, origin, decision);
            waits.entry(decision).or_default().push((*other, place));
        }
    }
    let why = "of decisions that replace each other none is the one that holds";
    let (verbs, way) = (("replaces", "replace"), WayOut::Nothing("replaces"));
    let circle = Circle { code: &codes::E1508, what: "decisions", verbs, why, way };
    circles(model, &waits, &circle, &|_, _| true, found);
}

/// The services that say which others come first.
pub(super) fn after(model: &Model, waits: &mut Waits) {
    for &service in model.all("service") {
        for (other, item) in members(model, service, "after") {
            waits.entry(service).or_default().push((other, span_of(model, item.origin, service)));
        }
    }
}

fn depends_on(model: &Model, container: ThingId) -> Vec<(ThingId, crate::origin::Origin)> {
    let value = model.get(container, "depends_on");
    let named = value.items().iter().filter_map(|i| Some((i.value.as_thing()?, i.origin)));
    let siblings = model.thing(container).instance;
    let by_key = value.pairs().iter().filter_map(|pair| {
        let all = model.children(siblings?, "container");
        let other = all.iter().copied().find(|&c| model.label(c) == &*pair.key)?;
        Some((other, pair.origin))
    });
    named.chain(by_key).collect()
}

/// Who lives in another's network, or sees its processes or memory, starts after it.
fn lives_with(model: &Model, waits: &mut Waits) -> BTreeSet<(ThingId, ThingId)> {
    let mut shared = BTreeSet::new();
    for Running { part: container, .. } in containers(model) {
        for field in ["network_mode", "pid", "ipc"] {
            let Some(Value::Thing(other)) = model.param(container, field, "container") else {
                continue;
            };
            shared.insert((container, *other));
            waits.entry(container).or_default().push((*other, stated(model, container, field)));
        }
    }
    shared
}

fn foreign(model: &Model, container: ThingId, other: ThingId, place: Span) -> Diagnostic {
    let (a, b) = (model.dotted(container), model.dotted(other));
    let mut diagnostic = Diagnostic::new(
        &codes::E1505,
        place,
        format!("`{a}` waits for `{b}`, a container of another project"),
    )
    .here("waits here")
    .label(head(model, other), "this one")
    .at(model.path(container))
    .note("Compose knows the containers of one service on one node, and refuses a name that is not there");
    if let (Some(here), Some(there)) = (model.thing(container).node, model.thing(other).node)
        && here != there
    {
        diagnostic = diagnostic
            .label(model.thing(here).span, format!("`{a}` runs here"))
            .label(model.thing(there).span, format!("`{b}` runs here"));
    }
    let service = model.thing(other).instance.or(model.thing(other).parent);
    let label = service.map_or("SERVICE", |service| model.label(service));
    let diagnostic = diagnostic
        .help(format!("say in the service that the other one comes first: `after = [{label}]`"));
    let spell = |id: ThingId| model.label(id).to_string();
    without(
        diagnostic,
        model,
        (container, "depends_on"),
        other,
        &spell,
        "and leave it out here".into(),
    )
}

/// Reports each circle once, from its first member by name, if one of its steps is of those that count.
pub(super) fn circles(
    model: &Model,
    waits: &Waits,
    kind: &Circle,
    counts: &dyn Fn(ThingId, ThingId) -> bool,
    found: &mut Vec<Diagnostic>,
) {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        Open,
        Closed,
    }
    let mut marks: FxHashMap<ThingId, Mark> = FxHashMap::default();
    let mut starts: Vec<ThingId> = waits.keys().copied().collect();
    starts.sort_by(|a, b| (model.label(*a), a).cmp(&(model.label(*b), b)));
    let mut seen = BTreeSet::new();
    for start in starts {
        // The way that led here, with how far each member's list is worked off: no recursion.
        let mut way: Vec<(ThingId, usize)> = vec![(start, 0)];
        if marks.contains_key(&start) {
            continue;
        }
        marks.insert(start, Mark::Open);
        while let Some((at, next)) = way.last_mut() {
            let list = waits.get(at).map_or(&[][..], Vec::as_slice);
            let Some(&(other, _)) = list.get(*next) else {
                marks.insert(*at, Mark::Closed);
                way.pop();
                continue;
            };
            *next += 1;
            match marks.get(&other) {
                Some(Mark::Closed) => {}
                Some(Mark::Open) => {
                    let from = way.iter().position(|(id, _)| *id == other).unwrap_or(0);
                    let steps: Vec<(ThingId, Span)> = way[from..]
                        .iter()
                        .map(|&(id, next)| (id, waits[&id][next - 1].1))
                        .collect();
                    let members: BTreeSet<ThingId> = steps.iter().map(|s| s.0).collect();
                    let next = |at: usize| steps[(at + 1) % steps.len()].0;
                    let counted = (0..steps.len()).any(|at| counts(steps[at].0, next(at)));
                    if counted && seen.insert(members) {
                        found.push(circle(model, &steps, kind));
                    }
                }
                None => {
                    marks.insert(other, Mark::Open);
                    way.push((other, 0));
                }
            }
        }
    }
}

fn circle(model: &Model, steps: &[(ThingId, Span)], kind: &Circle) -> Diagnostic {
    let Circle { code, what, verbs: (once, verb), why, way } = *kind;
    let (last, place) = steps[steps.len() - 1];
    // A task is the same on each of its nodes.
    let name = |id: ThingId| match what {
        "tasks" => model.label(id).to_string(),
        _ => model.dotted(id),
    };
    let message = match steps {
        [_] => format!("`{}` {once} itself", name(last)),
        _ => format!("the {what} {} {verb} each other", listed(steps.iter().map(|s| name(s.0)))),
    };
    let other = |of: ThingId, it: ThingId| match of == it {
        true => "itself".to_string(),
        false => format!("`{}`", name(it)),
    };
    let step = |at: usize| {
        let (of, next) = (steps[at].0, steps[(at + 1) % steps.len()].0);
        format!("`{}` {once} {}", name(of), other(of, next))
    };
    let mut diagnostic =
        Diagnostic::new(code, place, message).here(step(steps.len() - 1)).at(model.path(last));
    for (at, (_, place)) in steps[..steps.len() - 1].iter().enumerate() {
        diagnostic = diagnostic.label(*place, step(at));
    }
    let (diagnostic, target) = (diagnostic.note(why), steps[0].0);
    let title = format!("let `{}` not {verb} {}", name(last), other(last, target));
    match way {
        WayOut::Words(ways) => ways.iter().fold(diagnostic, |it, way| it.help(*way)),
        WayOut::NoJump => match model.block(last, "ssh") {
            Some(ssh) => rewrite(diagnostic, model, ssh, "jump", "none", title),
            None => diagnostic.help(title),
        },
        WayOut::Nothing(field) => rewrite(diagnostic, model, last, field, "none", title),
        WayOut::Leave(field) => without(
            diagnostic,
            model,
            (last, field),
            named(model, last, field, target),
            &|id| model.label(id).to_string(),
            title,
        ),
    }
}

/// What a field names so: a task is declared once, and there on each of its nodes.
fn named(model: &Model, thing: ThingId, field: &str, target: ThingId) -> ThingId {
    let alike = |id: &ThingId| *id == target || model.label(*id) == model.label(target);
    let all = || members(model, thing, field).map(|(id, _)| id);
    all().find(|id| *id == target).or_else(|| all().find(alike)).unwrap_or(target)
}
