//! What a node is, against what a service asks for. What is not known is no lack.

use super::value::Value;
use super::{Model, ThingId, families};
use std::cmp::Ordering;

/// What a node must have, what it has, and the thing that states it, where it does not suffice.
pub type Lack<'a> = (&'static str, &'a Value, &'a Value, ThingId);

/// What of a service's `needs` a node does not have.
pub fn lacks(model: &Model, needs: ThingId, node: ThingId) -> Vec<Lack<'_>> {
    let hardware = model.block(node, "hardware");
    let rows = [
        ("arch", Some(node)),
        ("os", Some(node)),
        ("gpu", hardware),
        ("cpu", hardware),
        ("memory", hardware),
    ];
    let lack = |(field, of): (&'static str, Option<ThingId>)| {
        let of = of?;
        let (wanted, has) = (model.get(needs, field), model.get(of, field));
        let lacks = match (wanted, has) {
            (Value::None | Value::Poison, _) | (_, Value::Poison) => false,
            (Value::Word(_), Value::None) => field == "gpu",
            (Value::Word(a), Value::Word(b)) if field == "os" => {
                let (wanted, has) = (model.names.text(a.word), model.names.text(b.word));
                wanted != has && !families::is_in(has, wanted)
            }
            (Value::Word(a), Value::Word(b)) if field == "gpu" && a.word == b.word => {
                !holds(model, a, b)
            }
            (Value::Word(a), Value::Word(b)) => a.word != b.word,
            (_, Value::None) => false,
            (a, b) => a.order(b) == Ordering::Greater,
        };
        lacks.then_some((field, wanted, has, of))
    };
    rows.into_iter().filter_map(lack).collect()
}

/// Whether a graphics processor has at least what is asked of one.
fn holds(model: &Model, wanted: &super::value::Word, has: &super::value::Word) -> bool {
    ["count", "memory"].into_iter().all(|name| {
        let Some(sym) = model.names.find(name) else { return true };
        match (wanted.param(sym), has.param(sym)) {
            (None | Some(Value::None | Value::Poison), _)
            | (_, None | Some(Value::None | Value::Poison)) => true,
            (Some(wanted), Some(has)) => wanted.order(has) != Ordering::Greater,
        }
    })
}

/// The containers, or the units, of one node.
pub fn running_on<'a>(
    model: &'a Model,
    node: ThingId,
    field: &'static str,
) -> impl Iterator<Item = ThingId> + 'a {
    let instances = model.instances_on(node).iter();
    instances.flat_map(move |instance| model.children(instance.thing, field).iter().copied())
}
