//! What a site leads to, where that has several ports or none: each thing that is named must stand for one of them.

use super::Check;
use super::shared::{head, rewrite, stated};
use crate::diag::{Diagnostic, codes};
use crate::model::site::{endpoints, sites};
use crate::model::value::Value;
use crate::model::{Model, ThingId};

pub const CHECK: Check =
    Check { name: "which", doc: "all that a site leads to stands for one port each", run };

/// As many ways out are worth reading.
const OFFERED: usize = 4;

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for site in sites(model) {
        let routes = model.children(site, "route").iter().copied();
        for of in std::iter::once(site).chain(routes) {
            let value = model.get(of, "to");
            let each: Vec<ThingId> = match value {
                Value::Thing(id) => vec![*id],
                value => value.items().iter().filter_map(|item| item.value.as_thing()).collect(),
            };
            for (nth, &thing) in each.iter().enumerate() {
                if endpoints(model, &Value::Thing(thing)).is_empty() {
                    found.extend(unclear(model, of, &each, nth));
                }
            }
        }
    }
}

fn unclear(model: &Model, of: ThingId, each: &[ThingId], nth: usize) -> Option<Diagnostic> {
    let thing = each[nth];
    let ports = ports(model, thing);
    let name = model.dotted(thing);
    let (message, why) = match ports.len() {
        // A service that runs nowhere is told by itself.
        0 if model.kind(thing) == "service" && model.instances_of(thing).next().is_none() => {
            return None;
        }
        0 => (format!("`{name}` has no port to lead to"), "has none"),
        _ => (format!("`{name}` has several ports: which one is meant?"), "one of these"),
    };
    let mut diagnostic = Diagnostic::new(&codes::E0505, stated(model, of, "to"), message)
        .here(format!("names `{name}`"))
        .at(model.path(of));
    if ports.is_empty() {
        return Some(
            diagnostic
                .label(head(model, thing), why)
                .help("declare the port that it listens on: `port web = 8080 -> 80`"),
        );
    }
    for &port in &ports {
        diagnostic = diagnostic.label(head(model, port), why);
    }
    let list = matches!(model.get(of, "to"), Value::List(_));
    for &port in ports.iter().take(OFFERED) {
        let mut names: Vec<String> = each.iter().map(|&id| model.dotted(id)).collect();
        names[nth] = model.dotted(port);
        let text = if list { format!("[{}]", names.join(", ")) } else { names.remove(0) };
        let title = format!("name it: `{}`", model.dotted(port));
        diagnostic = rewrite(diagnostic, model, of, "to", &text, title);
    }
    Some(diagnostic)
}

/// The ports of a program, or of all programs of a service, where it runs first.
fn ports(model: &Model, thing: ThingId) -> Vec<ThingId> {
    let programs = match model.kind(thing) {
        "service" => {
            let place = model.instances_of(thing).next().map_or(thing, |instance| instance.thing);
            let kinds = ["container", "unit"].into_iter();
            kinds.flat_map(|kind| model.children(place, kind).iter().copied()).collect()
        }
        _ => vec![thing],
    };
    programs.iter().flat_map(|&program| model.children(program, "port").iter().copied()).collect()
}
