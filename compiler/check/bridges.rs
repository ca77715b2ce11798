//! Networks of containers: who makes them, who can be on them, and that they end at their node.

use super::Check;
use super::shared::{containers, head, members, pairs, span, stated_at, value_of, without};
use crate::diag::{Diagnostic, codes};
use crate::model::reach::{self, Known};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;

pub const CHECK: Check = Check {
    name: "bridges",
    doc: "containers join networks that exist on their node, and reach only whom these reach",
    run,
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut joined: Vec<(ThingId, ThingId, ThingId)> = Vec::new();
    for container in containers(model) {
        for (network, item) in members(model, container.part, "networks") {
            match model.word(network, "driver") {
                Some("physical" | "mesh") => {
                    let place = stated_at(model, item.origin, container.part);
                    let spell = |id: ThingId| model.label(id).to_string();
                    let title = format!("and leave `{}` out here", model.label(network));
                    let told = not_dockers(model, container.part, network, place);
                    let field = (container.part, "networks");
                    found.push(without(told, model, field, network, &spell, title));
                }
                _ => joined.push((network, container.node, container.part)),
            }
        }
        addressed(model, container.part, found);
        for network in reach::joined(&mut Known(model), container.part) {
            if !matches!(model.word(network, "driver"), Some("physical" | "mesh")) {
                joined.push((network, container.node, container.part));
            }
        }
    }
    joined.sort_by(|a, b| {
        let name = |x: ThingId| model.label(x);
        (name(a.0), name(a.1), a.2).cmp(&(name(b.0), name(b.1), b.2))
    });
    joined.dedup();
    for same in joined.chunk_by(|a, b| a.0 == b.0) {
        let network = same[0].0;
        let members: Vec<(ThingId, ThingId)> = same.iter().map(|&(_, n, c)| (n, c)).collect();
        if external(model, network) {
            found.push(nobody_makes(model, network, &members));
        }
        if model.word(network, "driver") == Some("bridge") {
            spans(model, network, &members, found);
        }
    }
}

fn not_dockers(model: &Model, container: ThingId, network: ThingId, place: Span) -> Diagnostic {
    let name = model.label(network);
    let driver = model.word(network, "driver").unwrap_or("physical");
    let what = if driver == "mesh" { "a mesh between nodes" } else { "a network of cables" };
    Diagnostic::new(
        &codes::E1108,
        place,
        format!("`{}` cannot join `{name}`, which is {what}", model.dotted(container)),
    )
    .here("containers join networks of Docker")
    .label(span(model, network, "driver"), format!("`{name}` is {what}"))
    .at(model.path(container))
    .note("nobody makes a Docker network of that name, and the project would not start")
    .help(format!("publish a port on the node's address there: `port web = 8080 -> 80 {{ audience = {name} }}`"))
    .help("or give containers addresses of their own on the cable: a network with `driver = macvlan(parent = \"eth0\")`")
}

/// An address of its own joins a network too, and Docker gives one where it knows the range.
fn addressed(model: &Model, container: ThingId, found: &mut Vec<Diagnostic>) {
    for pair in pairs(model, container, "address") {
        let Some(network) = model.find("network", &pair.key) else { continue };
        let place = stated_at(model, pair.origin, container);
        match model.word(network, "driver") {
            Some("physical" | "mesh") => {
                found.push(not_dockers(model, container, network, place));
            }
            Some(_) if model.get(network, "range").is_none() => found.push(
                Diagnostic::new(
                    &codes::E1001,
                    place,
                    format!("expected a network with a `range`, found `{}`", pair.key),
                )
                .here("an address of nobody knows which range")
                .label(model.thing(network).span, "states none")
                .at(model.path(container))
                .note(
                    "Docker gives an address of one's own only on a network whose range was stated",
                )
                .help(format!("state it: `network {} {{ range = 172.30.1.0/24 }}`", pair.key)),
            ),
            _ => {}
        }
    }
}

/// Where a container joins a network.
fn joins(model: &Model, container: ThingId, network: ThingId) -> Span {
    let item = members(model, container, "networks").find(|(id, _)| *id == network);
    let address = || {
        let mut pairs = pairs(model, container, "address").iter();
        pairs.find(|pair| &*pair.key == model.label(network)).map(|pair| pair.origin)
    };
    match item.map(|(_, item)| item.origin).or_else(address) {
        Some(origin) => stated_at(model, origin, container),
        None => head(model, container),
    }
}

/// Whether the network's own keys say that somebody else makes it.
fn external(model: &Model, network: ThingId) -> bool {
    match model.get(network, "raw").get("external") {
        Some(Value::Bool(yes)) => *yes,
        Some(Value::Text(text)) => &**text == "true",
        _ => false,
    }
}

fn nobody_makes(model: &Model, network: ThingId, joined: &[(ThingId, ThingId)]) -> Diagnostic {
    let name = model.label(network);
    let raw = model.get(network, "raw");
    let pair = raw.pairs().iter().find(|pair| &*pair.key == "external");
    let place = pair.map_or_else(|| head(model, network), |p| stated_at(model, p.origin, network));
    let called = raw.get("name").and_then(Value::as_text).unwrap_or(name);
    let mut diagnostic =
        Diagnostic::new(&codes::E1109, place, format!("nobody creates the network `{called}`"))
            .here("`external` says that somebody else does")
            .at(model.path(network));
    for &(_, container) in joined.iter().take(8) {
        diagnostic = diagnostic.label(
            joins(model, container, network),
            format!("`{}` needs it to start", model.dotted(container)),
        );
    }
    let diagnostic = diagnostic
        .note("a network that is declared is made on every node where a container joins it; an external one is left alone");
    let title = "let the bootstrap make the network: `external = false`";
    match pair.and_then(|pair| value_of(model, pair.origin)) {
        Some(span) => diagnostic.suggest(title, span, "false"),
        None => diagnostic.help(title),
    }
}

/// A bridge on several nodes is as many networks. Where one of them has a single member, that member can only have been
/// meant to talk to the others.
fn spans(
    model: &Model,
    network: ThingId,
    joined: &[(ThingId, ThingId)],
    found: &mut Vec<Diagnostic>,
) {
    let by_node: Vec<&[(ThingId, ThingId)]> = joined.chunk_by(|a, b| a.0 == b.0).collect();
    let service =
        |container: ThingId| model.thing(container).instance.map(|instance| model.label(instance));
    let several = joined.iter().any(|&(_, c)| service(c) != service(joined[0].1));
    if by_node.len() < 2 || !several {
        return;
    }
    let Some(alone) = by_node.iter().find(|members| members.len() == 1) else { return };
    let (node, container) = alone[0];
    let name = model.label(network);
    let mut diagnostic = Diagnostic::new(
        &codes::E1110,
        joins(model, container, network),
        format!("the bridge `{name}` does not reach from `{}` to other nodes", model.label(node)),
    )
    .here(format!("`{}` is alone on it there", model.dotted(container)))
    .label(span(model, network, "driver"), "a bridge ends at its node")
    .at(model.path(container));
    for members in by_node.iter().filter(|members| members[0].0 != node).take(8) {
        let (other, container) = members[0];
        let place = joins(model, container, network);
        let text = format!(
            "`{}` is on another bridge, of `{}`",
            model.dotted(container),
            model.label(other)
        );
        diagnostic = diagnostic.label(place, text);
    }
    let spell = |id: ThingId| model.label(id).to_string();
    let title = format!("leave `{name}` out: nobody else is on it here");
    let diagnostic = without(diagnostic, model, (container, "networks"), network, &spell, title);
    found.push(
        diagnostic
            .note("Docker makes a bridge on each node; two of one name have nothing to do with each other")
            .help("publish a port and use its endpoint: `OTHER.PORT.url` is the address over the LAN or the mesh")
            .help("or run the services that talk to each other on one node"),
    );
}
