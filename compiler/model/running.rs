//! What runs, or is to run: no planned service, nothing that is off, nothing on a machine that is. Found once for
//! all who ask.

use super::value::Value;
use super::{Instance, Model, ThingId};
use rustc_hash::FxHashMap;

#[derive(Debug, Default)]
pub struct Running {
    all: Vec<Instance>,
    on: FxHashMap<ThingId, Vec<Instance>>,
}

impl Running {
    pub fn of(model: &Model) -> Running {
        let mut running = Running::default();
        for &instance in model.instances.iter().filter(|instance| runs(model, instance)) {
            running.all.push(instance);
            running.on.entry(instance.node).or_default().push(instance);
        }
        running
    }

    /// In order of the services and of their nodes.
    pub fn all(&self) -> &[Instance] {
        &self.all
    }

    /// Those of one node, in order of their services.
    pub fn on(&self, node: ThingId) -> &[Instance] {
        self.on.get(&node).map_or(&[], Vec::as_slice)
    }
}

pub fn runs(model: &Model, instance: &Instance) -> bool {
    model.word(instance.service, "status") != Some("planned")
        && !off(model, instance.service)
        && !off(model, instance.thing)
        && is_managed(model, instance.node)
}

/// Whether a thing is left out by `enabled = false`.
pub fn off(model: &Model, thing: ThingId) -> bool {
    matches!(model.get(thing, "enabled"), Value::Bool(false))
}

/// Whether a machine is configured from here.
pub fn is_managed(model: &Model, node: ThingId) -> bool {
    !off(model, node) && model.flag(node, "managed")
}
