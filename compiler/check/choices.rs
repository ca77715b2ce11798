//! Fields of which one excludes the others: a site leads to one thing, a container has one image.

use super::Check;
use super::shared::{head, managed, running, span_of, stated};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId};

pub const CHECK: Check =
    Check { name: "choices", doc: "of fields that exclude each other, one is stated", run };

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for &site in model.all("site") {
        // The routes of a site may be all that it has.
        let needed = model.children(site, "route").is_empty();
        one_of(model, site, &[&["to"], &["root"], &["redirect"], &["respond"]], needed, found);
    }
    for &record in model.all("record") {
        one_of(model, record, &[&["a", "aaaa"], &["cname"], &["txt"]], true, found);
    }
    for container in running(model, "container") {
        let needed = model.word(container.service, "status") != Some("planned");
        one_of(model, container.part, &[&["image"], &["build"]], needed, found);
    }
    for field in ["container", "unit"] {
        for part in running(model, field) {
            if let Some(health) = model.block(part.part, "health") {
                // What the engine asks inside, and what is asked from outside: each in one way.
                one_of(model, health, &[&["command"], &["shell"]], false, found);
                one_of(model, health, &[&["http"], &["tcp"]], false, found);
            }
        }
    }
    for node in managed(model) {
        let Some(hardware) = model.block(node, "hardware") else { continue };
        for &disk in model.children(hardware, "disk") {
            let needed = !model.get(disk, "mount").is_none();
            let ways: &[&[&str]] = &[&["device"], &["uuid"], &["label"], &["raid"]];
            one_of(model, disk, ways, needed, found);
        }
    }
}

/// Each group is fields that go together; one group may be stated, and where `needed` one must.
fn one_of(
    model: &Model,
    thing: ThingId,
    groups: &[&[&'static str]],
    needed: bool,
    found: &mut Vec<Diagnostic>,
) {
    let mut said: Vec<&'static str> = Vec::new();
    for group in groups {
        for field in *group {
            match model.get(thing, field) {
                Value::None => {}
                Value::List(items) if items.is_empty() => {}
                Value::Poison => return,
                _ => {
                    said.push(field);
                    break;
                }
            }
        }
    }
    let all = || listed(groups.concat());
    let diagnostic = match said[..] {
        [] if needed => Diagnostic::new(
            &codes::E0310,
            head(model, thing),
            format!("expected one of {}, found none", all()),
        )
        .here("says none of them")
        .help(format!("state one: `{} = ...`", groups[0][0])),
        [first, second, ..] => {
            let mut diagnostic = Diagnostic::new(
                &codes::E0310,
                stated(model, thing, second),
                format!("expected one of {}, found {}", all(), listed(&said)),
            )
            .here("one too many")
            .label(span_of(model, model.at(thing, first).1, thing), "stated as well");
            for other in &said[2..] {
                let place = span_of(model, model.at(thing, other).1, thing);
                diagnostic = diagnostic.label(place, "and this");
            }
            diagnostic.help("keep one of them; a wider layer's goes by `unset`")
        }
        _ => return,
    };
    found.push(diagnostic.at(model.path(thing)));
}
