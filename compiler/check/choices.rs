//! Fields of which a thing needs one: an image or a build, one thing that a site does. What none of
//! them says is missing, and two contradict each other.

use super::Check;
use super::shared::{containers, head, stated, units};
use crate::diag::{Diagnostic, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId};

pub const CHECK: Check =
    Check { name: "choices", doc: "of fields that exclude each other, one is stated", run };

/// Fields that exclude each other.
struct Choice {
    kind: &'static str,
    fields: &'static [&'static str],
    /// One of them must be there; otherwise none may be.
    needed: bool,
    /// With one of these, nothing more is needed.
    or: &'static [&'static str],
    /// What the one field says, for whoever wrote none.
    example: &'static str,
}

const IMAGE: Choice = Choice {
    kind: "container",
    fields: &["image", "build"],
    needed: true,
    or: &[],
    example: "image = \"NAME:TAG\"",
};
/// What the engine asks inside, and what is asked from outside: each has one way.
const HEALTH: [Choice; 2] = [one_way(&["command", "shell"]), one_way(&["http", "tcp"])];
const PROGRAM: Choice = Choice {
    kind: "unit",
    fields: &[],
    needed: true,
    or: &["systemd", "launchd", "windows_service", "exec", "packages"],
    example: "systemd = \"NAME.service\"",
};
const SITE: Choice = Choice {
    kind: "site",
    fields: &["to", "root", "redirect", "respond"],
    needed: true,
    or: &["route"],
    example: "to = SERVICE",
};
const DISK: Choice = Choice {
    kind: "disk",
    fields: &["device", "uuid", "label", "raid"],
    needed: true,
    or: &[],
    example: "uuid = \"...\"",
};
const RECORD: Choice = Choice {
    kind: "record",
    fields: &[],
    needed: true,
    or: &["a", "aaaa", "cname", "txt"],
    example: "a = ADDRESS",
};
/// A name that stands for another one has nothing else of its own.
const ALIAS: Choice = Choice {
    kind: "record",
    fields: &["cname", "a", "aaaa", "txt"],
    needed: false,
    or: &[],
    example: "",
};

const fn one_way(fields: &'static [&'static str]) -> Choice {
    Choice { kind: "health", fields, needed: false, or: &[], example: "" }
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for part in containers(model) {
        look(model, part.part, &IMAGE, found);
        health(model, part.part, found);
    }
    for part in units(model) {
        look(model, part.part, &PROGRAM, found);
        health(model, part.part, found);
    }
    for &site in model.all("site") {
        look(model, site, &SITE, found);
    }
    for &node in model.all("node") {
        if let Some(hardware) = model.block(node, "hardware") {
            for &disk in model.children(hardware, "disk") {
                look(model, disk, &DISK, found);
            }
        }
    }
    for &record in model.all("record") {
        look(model, record, &RECORD, found);
        if says(model, record, "cname") {
            look(model, record, &ALIAS, found);
        }
    }
}

fn health(model: &Model, part: ThingId, found: &mut Vec<Diagnostic>) {
    if let Some(health) = model.block(part, "health") {
        for choice in &HEALTH {
            look(model, health, choice, found);
        }
    }
}

fn look(model: &Model, thing: ThingId, choice: &Choice, found: &mut Vec<Diagnostic>) {
    let all = choice.fields.iter().chain(choice.or);
    if all.clone().any(|field| model.get(thing, field).is_poison()) {
        return;
    }
    let what = match choice.kind {
        "health" => "this `health`".to_owned(),
        kind => format!("the {kind} `{}`", model.label(thing)),
    };
    let stated_ones: Vec<&str> =
        choice.fields.iter().copied().filter(|field| says(model, thing, field)).collect();
    let diagnostic = match stated_ones.as_slice() {
        [] if choice.needed && !choice.or.iter().any(|field| says(model, thing, field)) => {
            let names: Vec<String> = all.map(|field| format!("`{field}`")).collect();
            let message = match names.as_slice() {
                [one, other] => format!("{what} has neither {one} nor {other}"),
                _ => format!("{what} has none of {}", names.join(", ")),
            };
            Diagnostic::new(&codes::E0310, head(model, thing), message)
                .help(format!("state one: `{}`", choice.example))
        }
        [first, second, ..] => {
            let names: Vec<String> = stated_ones.iter().map(|field| format!("`{field}`")).collect();
            let message =
                format!("{what} has {}, of which one excludes the other", names.join(" and "));
            let mut diagnostic =
                Diagnostic::new(&codes::E0310, stated(model, thing, second), message)
                    .label(stated(model, thing, first), format!("`{first}` is here"));
            for other in &stated_ones[2..] {
                diagnostic =
                    diagnostic.label(stated(model, thing, other), format!("`{other}` is here"));
            }
            diagnostic.help(
                "keep the one that holds; where a layer says the other, take it away: `unset`",
            )
        }
        _ => return,
    };
    found.push(diagnostic.at(model.path(thing)));
}

fn says(model: &Model, thing: ThingId, field: &str) -> bool {
    match model.get(thing, field) {
        Value::None => false,
        Value::List(items) => !items.is_empty(),
        Value::Things(things) => !things.is_empty(),
        _ => true,
    }
}
