//! What is wrong with a resolved cluster, by trying everything against everything. It reads `model.json` as another
//! program would and shares no line with the rules of the compiler: slow, plain, and of another mind.

mod doors;
mod names;
mod networks;
mod running;
mod starts;
mod storage;
mod world;

use serde_json::Value as Json;
use std::collections::BTreeSet;
use world::World;

/// A fault: the code that a rule must tell it by, and whom it is about.
pub type Fault = (&'static str, String);

/// Everything that is wrong.
pub fn faults(model: &Json) -> BTreeSet<Fault> {
    let world = World(model);
    let mut found = BTreeSet::new();
    for (code, judge) in
        [networks::ROWS, names::ROWS, doors::ROWS, running::ROWS, starts::ROWS, storage::ROWS]
            .into_iter()
            .flatten()
    {
        found.extend(judge(&world).into_iter().map(|about| (*code, about)));
    }
    found
}

type Row = (&'static str, fn(&World) -> Vec<String>);
