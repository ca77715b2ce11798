//! Labels that become names and paths elsewhere: a host's, a site's, a place inside of a container.

use super::Check;
use super::shared::{containers, head, units};
use crate::diag::{Diagnostic, codes};
use crate::model::{Model, ThingId};
use crate::source::Span;
use crate::types::text_type;
use rustc_hash::FxHashSet;

pub const CHECK: Check = Check {
    name: "labels",
    doc: "the label of a machine, a site, a record or a mount is a name or a path",
    run,
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for (kind, what) in [("node", "host name"), ("record", "name in DNS")] {
        for &thing in model.all(kind) {
            let stranger = model.label(thing).chars().find(|&c| !is_of_names(c));
            if let Some(c) = stranger {
                found.push(not_a_name(
                    model,
                    thing,
                    what,
                    &format!("`{c}` in `{}`", model.label(thing)),
                ));
            }
        }
    }
    for &site in model.all("site") {
        let name = model.label(site).to_lowercase();
        if let Some(Err(why)) = text_type("site_name").map(|ty| (ty.check)(&name)) {
            found.push(
                Diagnostic::new(&codes::E0302, head(model, site), why.message)
                    .here("visitors type this")
                    .at(model.path(site))
                    .help("write a name below your domain: `git.example.org`, or `*.example.org` for all of them"),
            );
        }
    }
    let mut told: FxHashSet<Span> = FxHashSet::default();
    for part in containers(model).chain(units(model)) {
        for field in ["volume", "config"] {
            for &thing in model.children(part.part, field) {
                let label = model.label(thing);
                let climbs = label.split('/').any(|step| step == "..");
                if (!label.starts_with('/') || climbs) && told.insert(model.thing(thing).span) {
                    found.push(no_path(model, thing, field, climbs));
                }
            }
        }
    }
}

fn is_of_names(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

fn not_a_name(model: &Model, thing: ThingId, what: &str, found: &str) -> Diagnostic {
    Diagnostic::new(
        &codes::E0302,
        head(model, thing),
        format!("expected letters, digits and hyphens in a {what}, found {found}"),
    )
    .here("everybody looks it up by this")
    .at(model.path(thing))
    .help("give it a name of those, such as `box-2`")
}

fn no_path(model: &Model, thing: ThingId, field: &str, climbs: bool) -> Diagnostic {
    let label = model.label(thing);
    let message = match climbs {
        true => format!("expected a path without `..`, found `{label}`"),
        false => format!("expected an absolute path, found `{label}`"),
    };
    let right: Vec<&str> =
        label.split('/').filter(|step| !matches!(*step, "" | "." | "..")).collect();
    Diagnostic::new(&codes::E0302, head(model, thing), message)
        .here("where it is seen from inside")
        .at(model.path(thing))
        .note("a path inside of a container begins with `/`: the engine refuses any other")
        .help(format!("write `{field} \"/{}\" = ...`", right.join("/")))
}
