//! What the cluster as a whole must be: one rule a file, one row in `CHECKS`. Rules see the model
//! only, not each other, and no order of them matters.

mod accounts;
mod addresses;
mod backups;
mod binds;
mod bridges;
mod caches;
mod capacity;
mod certificates;
mod choices;
mod copies;
mod exposure;
mod idle;
mod least;
mod literals;
mod names;
mod nested;
mod networks;
mod order;
mod ownership;
mod placement;
mod policy;
mod ports;
mod presence;
mod room;
mod secret_names;
mod secrets;
mod shared;
mod shares;
mod sites;
mod starts;
mod tasks;
mod tools;
mod twins;
mod units;
mod uses;
mod variables;
mod volumes;
mod which;
mod wildcards;
mod worlds;

use crate::diag::Diagnostic;
use crate::model::Model;
use crate::threads::{self, Wanted};

/// One rule.
pub struct Check {
    /// Its file's name, and the word in `--timings`.
    pub name: &'static str,
    pub doc: &'static str,
    pub run: fn(&Model, &mut Vec<Diagnostic>),
}

#[rustfmt::skip] // one row a line
pub const CHECKS: &[Check] = &[
    accounts::CHECK,
    addresses::CHECK,
    backups::CHECK,
    binds::CHECK,
    bridges::CHECK,
    caches::CHECK,
    capacity::CHECK,
    certificates::CHECK,
    choices::CHECK,
    copies::CHECK,
    exposure::CHECK,
    idle::CHECK,
    least::CHECK,
    literals::CHECK,
    names::CHECK,
    nested::CHECK,
    networks::CHECK,
    order::CHECK,
    ownership::CHECK,
    placement::CHECK,
    policy::CHECK,
    ports::CHECK,
    secret_names::CHECK,
    presence::CHECK,
    room::CHECK,
    secrets::CHECK,
    shares::CHECK,
    sites::CHECK,
    starts::CHECK,
    tasks::CHECK,
    tools::CHECK,
    twins::CHECK,
    units::CHECK,
    uses::CHECK,
    variables::CHECK,
    volumes::CHECK,
    which::CHECK,
    wildcards::CHECK,
    worlds::CHECK,
];

/// Below this many things the rules are done sooner than threads are started.
const WORTH_THREADS: usize = 4_096;

/// Those that take longest are begun with: nobody waits for the last one alone.
const LONG: &[&str] = &["secrets", "literals", "ports", "starts", "policy", "volumes"];

/// Runs every rule over a model that may still hold poisoned values: those are no one's fault here.
/// Over a large one on several threads; findings come in the order of the rules all the same. Whoever
/// wants them no more gets some.
pub fn check(model: &Model, threads: usize, wanted: Wanted) -> Vec<Diagnostic> {
    on_threads(model, if model.things.len() < WORTH_THREADS { 1 } else { threads }, wanted)
}

/// The same on so many threads, however little there is to do.
pub fn on_threads(model: &Model, threads: usize, wanted: Wanted) -> Vec<Diagnostic> {
    let mut order: Vec<usize> = (0..CHECKS.len()).collect();
    order.sort_by_key(|&at| !LONG.contains(&CHECKS[at].name));
    let mut found = threads::each(&order, threads, |&at| {
        let mut found = Vec::new();
        if wanted() {
            (CHECKS[at].run)(model, &mut found);
        }
        (at, found)
    });
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().flat_map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_a_rule() {
        let is_rule = |name: &&str| CHECKS.iter().any(|check| check.name == *name);
        assert!(LONG.iter().all(is_rule));
    }
}
