//! What is left out by `enabled = false` and meant all the same: a share under a volume, a network of
//! an address, a store of a secret. Services and nodes that are off are the placement's.

use super::Check;
use super::shared::{is_library, secrets, span, stated_at};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::Ty;
use crate::model::value::{Base, Value};
use crate::model::{Model, Slot, ThingId};
use crate::origin::Origin;
use std::collections::{BTreeMap, BTreeSet};

pub const CHECK: Check = Check { name: "absent", doc: "nothing refers to what is left out", run };

/// Kinds whose things others refer to, and which nothing else looks at when one is off.
const KINDS: &[&str] = &["network", "share", "secrets", "user"];

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let off = |&thing: &ThingId| matches!(model.get(thing, "enabled"), Value::Bool(false));
    let all = KINDS.iter().flat_map(|kind| model.all(kind).iter().copied());
    let gone: BTreeSet<ThingId> = all.filter(off).collect();
    if gone.is_empty() {
        return;
    }
    // A definition of a layer reaches many things: said once.
    let mut seen: BTreeMap<_, ()> = BTreeMap::new();
    for at in 0..model.things.len() {
        let thing = ThingId(at as u32);
        if is_gone(model, &gone, thing) {
            continue;
        }
        for slot in &model.things[at].slots {
            for (what, origin) in mentioned(model, thing, slot) {
                if !gone.contains(&what) || model.thing(what).parent == Some(thing) {
                    continue;
                }
                let place = stated_at(model, origin, thing);
                if seen.insert((place.file.0, place.start, what), ()).is_none() {
                    found.push(report(model, thing, what, place));
                }
            }
        }
    }
}

/// Whether the thing, or what it is in, is off itself.
fn is_gone(model: &Model, gone: &BTreeSet<ThingId>, thing: ThingId) -> bool {
    let mut at = Some(thing);
    while let Some(id) = at {
        if gone.contains(&id) || matches!(model.get(id, "enabled"), Value::Bool(false)) {
            return true;
        }
        at = model.thing(id).parent;
    }
    false
}

fn report(model: &Model, thing: ThingId, what: ThingId, place: crate::source::Span) -> Diagnostic {
    let (kind, label) = (model.kind(what), model.label(what));
    let switch = span(model, what, "enabled");
    let diagnostic = Diagnostic::new(
        &codes::E0511,
        place,
        format!("this needs the {kind} `{label}`, which is left out"),
    )
    .at(model.path(thing))
    .help(format!("leave this out too, or let `{label}` be: `enabled = true`"));
    match is_library(model, switch) {
        true => diagnostic,
        false => diagnostic.label(switch, "left out here"),
    }
}

/// The things that a field's value means, and where that was said.
fn mentioned(model: &Model, thing: ThingId, slot: &Slot) -> Vec<(ThingId, Origin)> {
    let mut all = Vec::new();
    within(&slot.value, slot.origin, &mut all);
    let field = &model.schema.shape(model.thing(thing).shape).fields[slot.field as usize];
    if let Ty::Map(key, _) = model.schema.ty(model.schema.plain(field.ty))
        && let Ty::Ref(shape) = *model.schema.ty(*key)
    {
        let kind = model.names.text(model.schema.shape(shape).name);
        for pair in slot.value.pairs() {
            all.extend(model.find(kind, &pair.key).map(|id| (id, pair.origin.or(slot.origin))));
        }
    }
    all
}

fn within(value: &Value, origin: Origin, all: &mut Vec<(ThingId, Origin)>) {
    match value {
        Value::Thing(id) => all.push((*id, origin)),
        Value::List(items) => {
            items.iter().for_each(|item| within(&item.value, item.origin.or(origin), all));
        }
        Value::Map(pairs) => {
            pairs.iter().for_each(|pair| within(&pair.value, pair.origin.or(origin), all));
        }
        Value::Word(word) => {
            for (_, value) in word.params.iter().flat_map(|params| params.iter()) {
                within(value, origin, all);
            }
        }
        Value::Location(location) => match location.base {
            Base::Share(id) | Base::Disk(id) => all.push((id, origin)),
            _ => {}
        },
        Value::Secret(_) => secrets(value, &mut |name| all.push((name.store, origin))),
        _ => {}
    }
}
