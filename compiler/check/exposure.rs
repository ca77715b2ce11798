//! Who can reach a port, against whom it is for.

use super::Check;
use super::shared::{containers, members, rewrite, stated, stated_at, units};
use crate::diag::text::listed;
use crate::diag::{About, Diagnostic, codes};
use crate::model::reach::{self, Known};
use crate::model::value::Value;
use crate::model::{Model, ThingId, site};

pub const CHECK: Check =
    Check { name: "exposure", doc: "a port is open to its audience, and to nobody else", run };

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for part in containers(model).chain(units(model)) {
        for &port in model.children(part.part, "port") {
            if !model.get(port, "audience").is_poison() {
                nobody(model, port, "port", found);
                nowhere(model, port, part.node, found);
                beyond(model, port, part.node, found);
            }
        }
    }
    for of in site::sites(model) {
        nobody(model, of, "site", found);
    }
}

/// An empty set is nobody, and no audience at all is the cluster's own networks: which of both is meant must be said.
fn nobody(model: &Model, thing: ThingId, what: &str, found: &mut Vec<Diagnostic>) {
    let Value::List(items) = model.get(thing, "audience") else { return };
    if !items.is_empty() {
        return;
    }
    let diagnostic = Diagnostic::new(
        &codes::E1102,
        stated(model, thing, "audience"),
        format!("the {what} `{}` is for nobody: its `audience` is empty", model.dotted(thing)),
    )
    .here("no network is named")
    .at(model.path(thing));
    found.push(match what {
        "port" => {
            let title = "say who may reach it: `container` is nobody outside of its networks";
            rewrite(diagnostic, model, thing, "audience", "container", title.into())
                .help("or name networks: `audience = [lan]`")
        }
        _ => diagnostic
            .help("name networks: `audience = [lan]`; or leave the site out: `enabled = false`"),
    });
}

/// The networks that a port names as its audience.
fn named(model: &Model, port: ThingId) -> Vec<ThingId> {
    match model.get(port, "audience") {
        Value::Thing(network) => vec![*network],
        Value::List(_) => members(model, port, "audience").map(|(network, _)| network).collect(),
        _ => Vec::new(),
    }
}

fn nowhere(model: &Model, port: ThingId, node: ThingId, found: &mut Vec<Diagnostic>) {
    let mut known = Known(model);
    let networks = named(model, port);
    if networks.is_empty()
        || !model.get(port, "bind").items().is_empty()
        || model.get(node, "address").is_poison()
        || model.get(node, "address").pairs().iter().any(|pair| pair.value.is_poison())
        || reach::published(&mut known, port).is_none()
        || networks.iter().any(|&n| !reach::addresses_on(&mut known, node, n).is_empty())
    {
        return;
    }
    let names = listed(networks.iter().map(|&n| model.label(n)));
    let label = model.label(node);
    let diagnostic = Diagnostic::new(
        &codes::E1102,
        stated(model, port, "audience"),
        format!("`{}` is for {names}, where `{label}` has no address", model.dotted(port)),
    )
    .here("nobody can reach it")
    .label(model.thing(node).span, "it runs on this node")
    .at(model.path(port))
    .note("a port is published on its node's addresses on the networks of its audience, and here are none");
    let addresses = model.get(node, "address").pairs().iter();
    let has: Vec<&str> = addresses
        .filter(|pair| !reach::ips(&pair.value).is_empty())
        .map(|pair| &*pair.key)
        .collect();
    let about = match networks.as_slice() {
        _ if has.is_empty() => Some(About::no_address(label, None)),
        [network] => Some(About::no_address(label, Some(model.label(*network)))),
        _ => None,
    };
    let diagnostic = Diagnostic { about, ..diagnostic };
    found.push(if has.is_empty() {
        diagnostic.help(format!("give `{label}` an `address` on one of them"))
    } else {
        let text = format!("[{}]", has.join(", "));
        let title = format!("open it where `{label}` is: `audience = {text}`");
        rewrite(diagnostic, model, port, "audience", &text, title)
    });
}

fn beyond(model: &Model, port: ThingId, node: ThingId, found: &mut Vec<Diagnostic>) {
    let mut known = Known(model);
    if reach::published(&mut known, port).is_none() {
        return;
    }
    let Some(networks) = reach::audience(&mut known, port) else { return };
    let word = model.word(port, "audience");
    let allowed: Vec<std::net::IpAddr> =
        networks.iter().flat_map(|&n| reach::addresses_on(&mut known, node, n)).collect();
    for item in model.get(port, "bind").items() {
        let Value::Ip(ip) = item.value else { continue };
        if ip.is_loopback() || allowed.contains(&ip) {
            continue;
        }
        let whom = match word {
            Some("node") => "programs of its own node".to_string(),
            Some("container") => "nobody outside of its container".to_string(),
            _ => listed(networks.iter().map(|&n| model.label(n))),
        };
        let place = stated_at(model, item.origin, port);
        let audience = stated(model, port, "audience");
        let mut diagnostic = Diagnostic::new(
            &codes::E1106,
            place,
            format!("`{}` is for {whom}, and is bound to {ip}", model.dotted(port)),
        )
        .here(if ip.is_unspecified() {
            "every network of the node can reach it here".to_string()
        } else {
            "others can reach it here".to_string()
        })
        .at(model.path(port))
        .note("published ports go by the host's firewall: the address that one is bound to is who can reach it");
        if audience != place {
            diagnostic = diagnostic.label(audience, "whom it is for");
        }
        let text: Vec<String> = if word == Some("node") {
            vec!["127.0.0.1".into()]
        } else {
            allowed.iter().map(ToString::to_string).collect()
        };
        let text = format!("[{}]", text.join(", "));
        let title = match text.as_str() {
            "[]" => "bind it to no address of the node: `bind = []`".to_string(),
            _ => format!("bind it to its audience alone: `bind = {text}`"),
        };
        found.push(rewrite(diagnostic, model, port, "bind", &text, title));
    }
}
