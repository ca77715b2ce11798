//! Things that may be there once only: a container's name on its node, a hardware address on its network, a path inside
//! of a container.

use super::Check;
use super::shared::{containers, head, pairs, span_of, stated};
use crate::diag::{Diagnostic, codes};
use crate::model::reach::{self, Known};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;
use rustc_hash::FxHashMap;

pub const CHECK: Check = Check {
    name: "twins",
    doc: "no two containers of a node have one name, no two machines one hardware address, no two mounts one path",
    run,
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    names(model, found);
    macs(model, found);
    for container in containers(model) {
        paths(model, container.part, found);
    }
}

/// `a-b` and `c`, `a` and `b-c`: both are the container `a-b-c`.
fn names(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut taken: FxHashMap<(ThingId, String), ThingId> = FxHashMap::default();
    for container in containers(model) {
        let name = reach::dns_name(&Known(model), container.part);
        let key = (container.node, name);
        let Some(&first) = taken.get(&key) else {
            taken.insert(key, container.part);
            continue;
        };
        let ((node, name), part) = (key, container.part);
        found.push(
            Diagnostic::new(
                &codes::E1011,
                head(model, part),
                format!(
                    "`{}` and `{}` are one container `{name}` of `{}`",
                    model.dotted(first),
                    model.dotted(part),
                    model.label(node)
                ),
            )
            .here("the same name again")
            .label(head(model, first), "the name is taken here")
            .label(model.thing(node).span, "both run here")
            .at(model.path(part))
            .note("a container is called SERVICE-CONTAINER, and Docker refuses a second one of a name")
            .help("give one of them another label"),
        );
    }
}

fn macs(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut all: Vec<(&str, String, Span, ThingId)> = Vec::new();
    let mut add = |holder: ThingId, network: &'_ str, value: &Value, span: Span| {
        if let Value::Mac(mac) = value
            && let Some(network) = model.find("network", network)
        {
            all.push((model.label(network), mac.to_string(), span, holder));
        }
    };
    for &node in model.all("node") {
        for pair in pairs(model, node, "mac") {
            add(node, &pair.key, &pair.value, span_of(model, pair.origin, node));
        }
    }
    for container in containers(model) {
        let mac = model.get(container.part, "mac");
        for pair in pairs(model, container.part, "address") {
            add(container.part, &pair.key, mac, stated(model, container.part, "mac"));
        }
    }
    all.sort_by(|a, b| {
        (a.0, &a.1, a.2.file, a.2.start, a.3).cmp(&(b.0, &b.1, b.2.file, b.2.start, b.3))
    });
    for same in all.chunk_by(|a, b| a.0 == b.0 && a.1 == b.1) {
        let (network, mac, place, first) = &same[0];
        for (.., again, other) in &same[1..] {
            if other == first {
                continue;
            }
            found.push(
                Diagnostic::new(
                    &codes::E1012,
                    *again,
                    format!(
                        "`{}` and `{}` have the same hardware address {mac} on `{network}`",
                        model.dotted(*first),
                        model.dotted(*other)
                    ),
                )
                .here(format!("of `{}`", model.dotted(*other)))
                .label(*place, format!("of `{}`", model.dotted(*first)))
                .at(model.path(*other))
                .note("the switch sends what is for one of them now here, now there, and DHCP gives both one address")
                .help("read it off the machine: `ip link`, or the sticker"),
            );
        }
    }
}

/// Docker refuses a container with two mounts at one place.
fn paths(model: &Model, container: ThingId, found: &mut Vec<Diagnostic>) {
    let mut taken: FxHashMap<String, ThingId> = FxHashMap::default();
    let target = |thing: ThingId| match (model.kind(thing), model.get(thing, "target")) {
        ("credential", Value::None) => format!("/run/secrets/{}", model.label(thing)),
        ("credential", Value::Text(path)) => path.to_string(),
        _ => model.label(thing).to_string(),
    };
    for field in ["volume", "config", "credential"] {
        for &thing in model.children(container, field) {
            let path = target(thing);
            let path = if path.len() > 1 { path.trim_end_matches('/') } else { &*path };
            let Some(&first) = taken.get(path) else {
                taken.insert(path.to_string(), thing);
                continue;
            };
            found.push(
                Diagnostic::new(
                    &codes::E1211,
                    head(model, thing),
                    format!("two things are mounted at `{path}` in `{}`", model.dotted(container)),
                )
                .here(format!("a {} there", model.kind(thing)))
                .label(head(model, first), format!("a {} there already", model.kind(first)))
                .at(model.path(thing))
                .note("Docker refuses to start a container with two mounts at one place")
                .help("leave one of them out, or give it another path"),
            );
        }
    }
}
