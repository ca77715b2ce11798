//! Things that may be there once only: a container's name on its node, a hardware address on its network, a path inside
//! of a container.

use super::Check;
use super::shared::{Cables, Running, containers, head, pairs, span_of, stated};
use crate::diag::{Diagnostic, codes};
use crate::model::reach::{self, Known};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;
use rustc_hash::FxHashMap;
use std::cell::LazyCell;

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

/// Whom a switch, or a bridge of a node, has beside each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Among {
    Cable(ThingId),
    /// A bridge ends at its node.
    Bridge(ThingId, ThingId),
    /// The network of a Compose project, by the service's instance.
    Project(ThingId),
}

fn macs(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut all: Vec<(Among, String, Span, ThingId)> = Vec::new();
    for &node in model.all("node") {
        for pair in pairs(model, node, "mac") {
            if let (Value::Mac(mac), Some(network)) =
                (&pair.value, model.find("network", &pair.key))
            {
                let place = span_of(model, pair.origin, node);
                all.push((Among::Cable(network), mac.to_string(), place, node));
            }
        }
    }
    let cables = LazyCell::new(|| Cables::of(model));
    for container in containers(model) {
        if let Value::Mac(mac) = model.get(container.part, "mac") {
            let among = among(model, container, &cables);
            all.push((
                among,
                mac.to_string(),
                stated(model, container.part, "mac"),
                container.part,
            ));
        }
    }
    all.sort_by(|a, b| {
        (a.0, &a.1, a.2.file, a.2.start, a.3).cmp(&(b.0, &b.1, b.2.file, b.2.start, b.3))
    });
    for same in all.chunk_by(|a, b| a.0 == b.0 && a.1 == b.1) {
        let first = &same[0];
        let others = same[1..].iter().filter(|other| other.3 != first.3);
        found.extend(others.map(|other| one_mac(model, first, other)));
    }
}

/// Its hardware address is the one on the first network where it has an address; else on its project's.
fn among(model: &Model, at: Running, cables: &Cables) -> Among {
    let addresses = pairs(model, at.part, "address").iter();
    let network = addresses
        .filter_map(|pair| model.find("network", &pair.key))
        .min_by_key(|&n| model.label(n));
    match network.map(|network| (network, model.word(network, "driver"))) {
        Some((network, Some("bridge"))) => Among::Bridge(network, at.node),
        Some((network, _)) => Among::Cable(cables.cable(network, at.node)),
        None => Among::Project(model.thing(at.part).instance.unwrap_or(at.service)),
    }
}

fn one_mac(
    model: &Model,
    (among, mac, place, first): &(Among, String, Span, ThingId),
    (_, _, again, other): &(Among, String, Span, ThingId),
) -> Diagnostic {
    let network = match among {
        Among::Cable(network) | Among::Bridge(network, _) => format!("`{}`", model.label(*network)),
        Among::Project(_) => "their project's network".into(),
    };
    let name = |thing: ThingId| match model.thing(thing).node.filter(|_| place == again) {
        Some(node) => format!("`{}` on `{}`", model.dotted(thing), model.label(node)),
        None => format!("`{}`", model.dotted(thing)),
    };
    let (a, b) = (name(*first), name(*other));
    let mut diagnostic = Diagnostic::new(
        &codes::E1012,
        *again,
        format!("{a} and {b} have the same hardware address {mac} on {network}"),
    )
    .here(format!("of {b}"));
    if place != again {
        diagnostic = diagnostic.label(*place, format!("of {a}"));
    }
    let diagnostic = diagnostic
    .at(model.path(*other))
    .note("the switch sends what is for one of them now here, now there, and DHCP gives both one address");
    match model.kind(*other) {
        "node" => diagnostic.help("read it off the machine: `ip link`, or the sticker"),
        _ => diagnostic.help(
            "leave it out, and Docker makes one; or state another one, which begins with `02:`",
        ),
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
