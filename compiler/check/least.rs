//! Amounts and lists of nothing, where a tool would take nothing for something else: no limit, always, its own default.

use super::Check;
use super::shared::{running, stated, stated_at};
use crate::diag::{Diagnostic, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;
use rustc_hash::FxHashSet;

pub const CHECK: Check =
    Check { name: "least", doc: "no amount is smaller than what its tool takes", run };

/// A field of a kind, through its blocks; the least that it may be, in the type's own smallest unit; how that is written; why.
struct Least(&'static str, &'static [&'static str], u64, &'static str, &'static str);

const SECOND: u64 = 1_000_000_000;

/// Those of one kind stand together.
const LEAST: &[Least] = &[
    Least(
        "container",
        &["limits", "memory"],
        6 << 20,
        "6MiB",
        "Docker refuses less, and takes `0B` for no limit at all",
    ),
    Least(
        "container",
        &["limits", "cpu"],
        10,
        "0.01cpu",
        "Docker refuses less, and takes `0cpu` for no limit at all",
    ),
    Least("container", &["shm"], 4096, "4KiB", "Docker takes `0B` for its own 64 MB"),
    Least(
        "container",
        &["logging", "max_size"],
        1000,
        "1kB",
        "Docker would begin a new file with each line, or refuse it",
    ),
    Least(
        "container",
        &["health", "every"],
        SECOND / 1000,
        "1ms",
        "Docker takes `0s` for its own 30 seconds",
    ),
    Least(
        "container",
        &["health", "timeout"],
        SECOND / 1000,
        "1ms",
        "Docker takes `0s` for its own 30 seconds",
    ),
    Least(
        "container",
        &["health", "start_every"],
        SECOND / 1000,
        "1ms",
        "Docker takes `0s` for its own 5 seconds",
    ),
    Least("unit", &["limits", "memory"], 1 << 20, "1MiB", "with less no program can start"),
    Least("unit", &["limits", "cpu"], 10, "0.01cpu", "systemd counts in hundredths of a processor"),
    Least("unit", &["health", "timeout"], SECOND / 1000, "1ms", "no answer is that quick"),
    Least(
        "node",
        &["docker", "log", "max_size"],
        1000,
        "1kB",
        "Docker would begin a new file with each line, or refuse it",
    ),
    Least(
        "node",
        &["hardware", "memory"],
        1 << 20,
        "1MiB",
        "leave out what nobody knows: unset is unknown, and 0 is a machine that can run nothing",
    ),
    Least(
        "node",
        &["hardware", "cpu"],
        10,
        "0.01cpu",
        "leave out what nobody knows: unset is unknown, and 0 is a machine that can run nothing",
    ),
    Least(
        "disk",
        &["size"],
        1,
        "1B",
        "leave out what nobody knows: unset is unknown, and on 0 nothing fits",
    ),
    Least("secret-path", &["rotate"], SECOND, "1s", "every value would always be too old"),
];

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut told: FxHashSet<(Span, &str)> = FxHashSet::default();
    for rows in LEAST.chunk_by(|a, b| a.0 == b.0) {
        for thing in all_of(model, rows[0].0) {
            for least in rows {
                let [path @ .., field] = least.1 else { continue };
                let at = path.iter().try_fold(thing, |at, block| model.block(at, block));
                let Some(at) = at else { continue };
                if let Some(amount) = amount(model.get(at, field)).filter(|&a| a < least.2)
                    && told.insert((stated(model, at, field), *field))
                {
                    found.push(too_small(model, thing, at, field, (amount, least)));
                }
            }
        }
    }
    pull(model, found);
    shares_of_memory(model, found);
    commands(model, found);
}

/// The things of a kind, wherever they stand.
fn all_of(model: &Model, kind: &'static str) -> Vec<ThingId> {
    match kind {
        "container" | "unit" => running(model, kind).map(|at| at.part).collect(),
        "disk" => {
            let hardware =
                model.all("node").iter().filter_map(|&node| model.block(node, "hardware"));
            hardware.flat_map(|hardware| model.children(hardware, "disk")).copied().collect()
        }
        "secret-path" => {
            let stores = model.all("secrets").iter();
            stores.flat_map(|&store| model.children(store, "path")).copied().collect()
        }
        _ => model.all(kind).to_vec(),
    }
}

fn amount(value: &Value) -> Option<u64> {
    match value {
        Value::Bytes(bytes) => Some(bytes.0),
        Value::Duration(time) => Some(time.0),
        Value::Cpu(cpu) => Some(cpu.0),
        _ => None,
    }
}

fn too_small(
    model: &Model,
    thing: ThingId,
    at: ThingId,
    field: &str,
    (amount, least): (u64, &Least),
) -> Diagnostic {
    let found = if amount == 0 { "nothing" } else { "less" };
    Diagnostic::new(
        &codes::E0303,
        stated(model, at, field),
        format!("expected at least {} for `{field}`, found {found}", least.3),
    )
    .at(model.path(thing))
    .note(least.4)
    .help(format!("write {} or more, or take the line out", least.3))
}

/// `distribute = pull(every = 1s)`: every node would ask the repository without a rest.
fn pull(model: &Model, found: &mut Vec<Diagnostic>) {
    let Some(cluster) = model.cluster else { return };
    let Some(Value::Duration(every)) = model.param(cluster, "distribute", "every") else { return };
    if every.0 < 60 * SECOND {
        found.push(
            Diagnostic::new(
                &codes::E0303,
                stated(model, cluster, "distribute"),
                "expected at least 1m between two pulls, found less",
            )
            .at(model.path(cluster))
            .note("every node would ask the repository without a rest")
            .help("write 1m or more: `distribute = pull(every = 1h)`"),
        );
    }
}

/// Less than all that there is can be promised by `reserve`, not by a share below 1.
fn shares_of_memory(model: &Model, found: &mut Vec<Diagnostic>) {
    let parts = ["container", "unit"].into_iter().flat_map(|kind| all_of(model, kind));
    let mut told = FxHashSet::default();
    for part in parts {
        let Some(limits) = model.block(part, "limits") else { continue };
        let Value::Float(times) = model.get(limits, "overcommit") else { continue };
        let place = stated(model, limits, "overcommit");
        if *times < 1.0 && told.insert(place) {
            found.push(
                Diagnostic::new(
                    &codes::E0303,
                    place,
                    format!("expected 1.0 or more for `overcommit`, found {times}"),
                )
                .at(model.path(part))
                .note("it says how much more may be promised than there is")
                .help("to keep memory free, say it of the node: `reserve { memory = 4GiB }`"),
            );
        }
    }
}

/// A program that is no program.
fn commands(model: &Model, found: &mut Vec<Diagnostic>) {
    for &store in model.all("secrets") {
        let Some(Value::List(run)) = model.param(store, "provider", "run") else { continue };
        let says =
            run.first().is_some_and(|item| item.value.as_text().is_some_and(|t| !t.is_empty()));
        if says {
            continue;
        }
        let place = run.first().map_or_else(
            || stated(model, store, "provider"),
            |item| stated_at(model, item.origin, store),
        );
        found.push(
            Diagnostic::new(
                &codes::E0303,
                place,
                "expected a program and its arguments, found none",
            )
            .at(model.path(store))
            .note("the secret's own name would be called as a program")
            .help("name it: `provider = command([\"pass\", \"show\"])`"),
        );
    }
}
