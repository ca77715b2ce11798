//! What the cluster as a whole must be: one rule a file, one row in `CHECKS`. Rules see the model
//! only, not each other, and no order of them matters.

mod absent;
mod addresses;
mod backups;
mod binds;
mod bridges;
mod capacity;
mod choices;
mod exposure;
mod literals;
mod names;
mod networks;
mod order;
mod ownership;
mod placement;
mod policy;
mod ports;
mod secrets;
mod shared;
mod shares;
mod sites;
mod units;
mod volumes;

use crate::diag::Diagnostic;
use crate::model::Model;

/// One rule.
pub struct Check {
    /// Its file's name, and the word in `--timings`.
    pub name: &'static str,
    pub doc: &'static str,
    pub run: fn(&Model, &mut Vec<Diagnostic>),
}

#[rustfmt::skip] // one row a line
pub const CHECKS: &[Check] = &[
    absent::CHECK,
    addresses::CHECK,
    backups::CHECK,
    binds::CHECK,
    bridges::CHECK,
    capacity::CHECK,
    choices::CHECK,
    exposure::CHECK,
    literals::CHECK,
    names::CHECK,
    networks::CHECK,
    order::CHECK,
    ownership::CHECK,
    placement::CHECK,
    policy::CHECK,
    ports::CHECK,
    secrets::CHECK,
    shares::CHECK,
    sites::CHECK,
    units::CHECK,
    volumes::CHECK,
];

/// Runs every rule over a model that may still hold poisoned values: those are no one's fault here.
pub fn check(model: &Model) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in CHECKS {
        (check.run)(model, &mut found);
    }
    found
}
