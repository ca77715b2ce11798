//! The way from a visitor to what answers: name, ingress, endpoint.

use super::Check;
use super::shared::{head, members, rewrite, span, stated, stated_at};
use crate::diag::text::listed;
use crate::diag::{About, Diagnostic, codes};
use crate::model::reach::{self, Known, Place, Unreached};
use crate::model::site::{self, endpoints};
use crate::model::value::Value;
use crate::model::{Instance, Model, ThingId};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// What a port may speak that stands behind an ingress.
const WEB: &[&str] = &["http", "https", "ws", "wss", "grpc", "s3"];

pub const CHECK: Check = Check {
    name: "sites",
    doc: "every site has a name of the cluster's, an ingress, and something that answers",
    run,
};

/// Who serves the sites: the service, and where each of its containers asks from.
struct Ingress {
    service: ThingId,
    places: Vec<Door>,
}

struct Door {
    node: ThingId,
    place: Place,
    ports: Vec<ThingId>,
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let ingress = ingress(model);
    for &site in model.all("site") {
        name(model, site, found);
        routes(model, site, found);
        if let Ok(ingress) = &ingress {
            served(model, site, ingress, found);
        }
    }
    if let Err(Some(why)) = &ingress {
        found.extend(unserved(model, why));
    }
}

/// `Err(None)`: not known, because of a fault that is reported.
fn ingress(model: &Model) -> Result<Ingress, Option<String>> {
    let Some(cluster) = model.cluster else { return Err(None) };
    let word = match model.get(cluster, "ingress") {
        Value::Word(word) => model.names.text(word.word),
        Value::None => return Err(Some("`cluster` names no `ingress`".into())),
        _ => return Err(None),
    };
    let named = match model.param(cluster, "ingress", "service") {
        Some(Value::Thing(service)) => Some(*service),
        Some(Value::Poison) => return Err(None),
        _ => model.find("service", word),
    };
    let Some(service) = named else {
        return Err(Some(format!(
            "`ingress = {word}`, and there is no service `{word}`, or it is switched off"
        )));
    };
    let mut places = Vec::new();
    for instance in model.instances_of(service) {
        let parts = || {
            let children = |field| model.children(instance.thing, field).iter().copied();
            children("container").chain(children("unit"))
        };
        let makes = |&part: &ThingId| {
            let configs = model.children(part, "config").iter();
            configs.copied().any(|c| matches!(model.get(c, "value"), Value::Generated(_)))
        };
        let Some(part) = parts().find(makes).or_else(|| parts().next()) else { continue };
        let place = reach::place(&mut Known(model), part);
        let ports = model.children(part, "port").to_vec();
        places.push(Door { node: instance.node, place, ports });
    }
    if places.is_empty() && model.get(service, "on").is_poison() {
        return Err(None);
    }
    if places.is_empty() {
        let label = model.label(service);
        return Err(Some(format!("the service `{label}`, which is the ingress, runs nowhere")));
    }
    Ok(Ingress { service, places })
}

fn name(model: &Model, site: ThingId, found: &mut Vec<Diagnostic>) {
    let Some(cluster) = model.cluster else { return };
    if model.get(cluster, "domain").is_poison() {
        return;
    }
    let domain = model.text(cluster, "domain");
    let inner: Vec<&str> =
        model.all("network").iter().filter_map(|&n| model.text(n, "domain")).collect();
    let Some(first) = domain.or(inner.first().copied()) else { return };
    let aliases = model.get(site, "alias").items().iter();
    let aliases =
        aliases.filter_map(|i| Some((i.value.as_text()?, stated_at(model, i.origin, site))));
    let own = head(model, site);
    for (name, place) in std::iter::once((model.label(site), own)).chain(aliases) {
        let within = |domain: &str| {
            let rest = name.to_lowercase();
            let rest = rest.strip_suffix(&domain.to_lowercase()).map(String::from);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        if domain.is_some_and(within) || inner.iter().any(|d| within(d)) {
            continue;
        }
        let known = domain.into_iter().chain(inner.iter().copied());
        let stem = name.split('.').next().unwrap_or(name);
        let diagnostic = Diagnostic::new(
            &codes::E1005,
            place,
            format!("expected a name below {}, found `{name}`", listed(known)),
        )
        .here("a name of somebody else's domain")
        .label(span(model, cluster, "domain"), "the cluster's own")
        .at(model.path(site))
        .note("no DNS server of this cluster answers for it, and no certificate would come");
        let (better, other) = (format!("{stem}.{first}"), "or name the domain in `cluster`");
        // The head of a site of a service begins with its word.
        let text = match model.thing(site).parent.is_some_and(|of| model.kind(of) == "service") {
            true => format!("site \"{better}\""),
            false => format!("\"{better}\""),
        };
        let title = format!("call it `{better}`");
        found.push(if place == own {
            diagnostic.suggest(title, place, text).help(other)
        } else {
            diagnostic.help(title).help(other)
        });
    }
}

/// A request takes one way: a second route for its path would never be asked.
fn routes(model: &Model, site: ThingId, found: &mut Vec<Diagnostic>) {
    let mut known: BTreeMap<String, ThingId> = BTreeMap::new();
    let mut all = model.children(site, "route").to_vec();
    all.sort_by_key(|&route| (head(model, route).file, head(model, route).start));
    for route in all {
        let path = site::path(model.label(route));
        // No ingress tells an upper case letter of a path from a lower case one.
        match known.entry(path.to_lowercase()) {
            Entry::Vacant(free) => drop(free.insert(route)),
            Entry::Occupied(taken) => found.push(
                Diagnostic::new(
                    &codes::E1006,
                    head(model, route),
                    format!("expected one route for `{path}/`, found two"),
                )
                .here("the second")
                .label(head(model, *taken.get()), "the first")
                .at(model.path(site))
                .note("a route is for its path and all below it, with a `/` at its end or without")
                .help("take one of them away, or give it another path"),
            ),
        }
    }
}

/// Without an ingress no site is served: one cause, whatever the number of sites.
fn unserved(model: &Model, why: &str) -> Option<Diagnostic> {
    let cluster = model.cluster?;
    let mut sites: Vec<ThingId> = model.all("site").to_vec();
    sites.sort_by_key(|&site| (head(model, site).file, head(model, site).start));
    let (&first, others) = sites.split_first()?;
    let message = match others {
        [] => format!("nobody serves the site `{}`", model.label(first)),
        _ => format!("nobody serves the {} sites", sites.len()),
    };
    let mut diagnostic = Diagnostic::new(&codes::E1104, span(model, cluster, "ingress"), message)
        .here(why)
        .note("a site is a name and an address in front of an ingress, and nothing by itself");
    for site in sites {
        diagnostic = diagnostic.label(head(model, site), format!("`{}`", model.label(site)));
    }
    // Whoever has the file of one made is one.
    let makes = |&&instance: &&Instance| {
        let parts =
            ["container", "unit"].into_iter().flat_map(|kind| model.children(instance.thing, kind));
        parts.flat_map(|&part| model.children(part, "config")).any(|&config| {
            matches!(model.get(config, "value"), Value::Generated(sym) if model.names.text(*sym) == "caddyfile")
        })
    };
    Some(match model.instances.iter().find(makes) {
        Some(found) => {
            let service = model.label(found.service);
            diagnostic.help(format!(
                "say that `{service}` does: `cluster {{ ingress = caddy({service}) }}`"
            ))
        }
        None => diagnostic.help(
            "run one: `cluster { ingress = caddy(proxy) }`, and a service `proxy` with `std.caddy`",
        ),
    })
}

fn served(model: &Model, site: ThingId, ingress: &Ingress, found: &mut Vec<Diagnostic>) {
    let chosen: Vec<ThingId> = members(model, site, "ingress").map(|(node, _)| node).collect();
    let mut doors = Vec::new();
    for (node, item) in members(model, site, "ingress") {
        if !ingress.places.iter().any(|door| door.node == node) {
            let label = model.label(ingress.service);
            let runs = listed(ingress.places.iter().map(|door| model.label(door.node)));
            let diagnostic = Diagnostic::new(
                &codes::E1104,
                stated_at(model, item.origin, site),
                format!(
                    "nobody serves the site `{}` on `{}`",
                    model.label(site),
                    model.label(node)
                ),
            )
            .here(format!("the ingress `{label}` does not run there"))
            .label(model.thing(ingress.service).span, format!("it runs on {runs}"))
            .at(model.path(site))
            .note("a site is served where its ingress runs");
            let text = ingress.places.iter().map(|d| model.label(d.node)).collect::<Vec<_>>();
            let text = format!("[{}]", text.join(", "));
            let title = format!("serve it where the ingress runs: `ingress = {text}`");
            found.push(rewrite(diagnostic, model, site, "ingress", &text, title));
        }
    }
    doors.extend(
        ingress.places.iter().filter(|door| chosen.is_empty() || chosen.contains(&door.node)),
    );
    let shut = shut_out(model, site, &doors);
    found.extend(shut.map(|why| for_nobody(model, site, ingress, &doors, why)));
    for door in &doors {
        audience(model, site, ingress, door, found);
        for (field_of, field) in targets(model, site) {
            for port in endpoints(model, model.get(field_of, field)) {
                if let Err(why) = reach::seen(&mut Known(model), port, door.place) {
                    found.extend(dangling(model, site, (field_of, field), port, why, door));
                } else {
                    found.extend(no_web(model, site, (field_of, field), port));
                }
            }
        }
    }
}

/// An ingress passes on what browsers speak.
fn no_web(
    model: &Model,
    site: ThingId,
    (of, field): (ThingId, &str),
    port: ThingId,
) -> Option<Diagnostic> {
    let speaks = |port| model.word(port, "scheme").is_none_or(|scheme| WEB.contains(&scheme));
    let (why, at) = match model.word(port, "protocol") {
        Some("udp") => ("it speaks UDP alone", stated(model, port, "protocol")),
        _ if speaks(port) => return None,
        _ => ("it speaks something else", stated(model, port, "scheme")),
    };
    let (label, name) = (model.label(site), model.dotted(port));
    let message = format!("the site `{label}` leads to `{name}`, which does not speak HTTP");
    Some(
        Diagnostic::new(&codes::E1103, stated(model, of, field), message)
            .here("the way ends here")
            .label(at, why)
            .at(model.path(site))
            .note("an ingress passes on what browsers ask for, and the port would answer in another language")
            .help("name the port that serves pages, or let clients come to this one without a site")
            .help("or say what it speaks: `scheme = http`"),
    )
}

/// Where a site and its routes say what is behind them.
fn targets(model: &Model, site: ThingId) -> Vec<(ThingId, &'static str)> {
    let routes = model.children(site, "route").iter().map(|&route| (route, "to"));
    std::iter::once((site, "to")).chain(routes).collect()
}

fn dangling(
    model: &Model,
    site: ThingId,
    (of, field): (ThingId, &str),
    port: ThingId,
    why: Unreached,
    door: &Door,
) -> Option<Diagnostic> {
    let (name, node) = (model.dotted(port), model.label(door.node));
    let label = model.label(site);
    let place = stated(model, port, "value");
    let diagnostic = Diagnostic::new(
        &codes::E1103,
        stated(model, of, field),
        format!("the site `{label}` leads to `{name}`, which its ingress on `{node}` cannot reach"),
    )
    .here("the way ends here")
    .at(model.path(site));
    Some(match why {
        Unreached::Poison => return None,
        Unreached::Unpublished => {
            let number = reach::ports_of(&mut Known(model), port)?.container;
            let diagnostic = diagnostic
                .label(place, "it listens inside of its container only")
                .note("the ingress is another service: it has neither the container's network nor a port of its node");
            let (text, port_label) = (format!("{number} -> {number}"), model.label(port));
            let title = format!("publish it: `port {port_label} = {text}`");
            rewrite(diagnostic, model, port, "value", &text, title)
        }
        Unreached::Off(container) => diagnostic
            .label(stated(model, container, "network_mode"), "has no network")
            .help("leave `network_mode` out"),
        Unreached::OwnNode(network) => diagnostic
            .label(place, format!("reached on `{}` and from other nodes", model.label(network)))
            .note("a macvlan or ipvlan keeps a container apart from the node that runs it")
            .help("let the ingress join that network too, or both a bridge"),
        Unreached::Audience if !model.get(port, "bind").items().is_empty() => diagnostic
            .label(stated(model, port, "bind"), "its `bind` leaves the ingress out")
            .help("add an address that the ingress reaches"),
        Unreached::Audience => {
            let diagnostic = diagnostic
                .label(stated(model, port, "audience"), "its `audience` leaves the ingress out")
                .note("visitors come by the ingress, so the ingress is who must reach the port");
            let networks: Vec<&str> =
                reach::reach(&mut Known(model)).iter().map(|&n| model.label(n)).collect();
            let text = format!("[{}]", networks.join(", "));
            let title = format!("let the ingress in: `audience = {text}`");
            rewrite(diagnostic, model, port, "audience", &text, title)
        }
        Unreached::NoNetwork { target, .. } => {
            Diagnostic { about: nowhere(model, [target, door.node]), ..diagnostic }
                .label(place, format!("it listens on `{}`", model.label(target)))
                .label(
                    model.thing(target).span,
                    format!("no address on a network that `{node}` has too"),
                )
                .note("the two nodes have no network of `cluster.reach` in common")
                .help("give both nodes an `address` on one of those networks")
        }
    })
}

/// Of nodes that do not meet, the first that has no address at all.
fn nowhere(model: &Model, nodes: [ThingId; 2]) -> Option<About> {
    let without = |node: &ThingId| model.get(*node, "address").pairs().is_empty();
    nodes.into_iter().find(without).map(|node| About::no_address(model.label(node), None))
}

/// Why nobody whom a site is for comes in by the ingress.
enum Shut {
    /// Its nodes are on none of the networks.
    NoAddress,
    /// Its ports are not published on any of them.
    NotBound,
}

/// Of the networks that a site names, one at least must lead to an open door. Where somebody else's DNS answers, the way
/// may be another one.
fn shut_out(model: &Model, site: ThingId, doors: &[&Door]) -> Option<Shut> {
    let networks = audience_of(model, site);
    if networks.is_empty() || doors.is_empty() || !model.flag(site, "dns") {
        return None;
    }
    let mut known = Known(model);
    let (mut addresses, mut bound) = (Vec::new(), Vec::new());
    for door in doors {
        let stated = model.get(door.node, "address");
        if stated.is_poison() || stated.pairs().iter().any(|pair| pair.value.is_poison()) {
            return None;
        }
        addresses
            .extend(networks.iter().flat_map(|&on| reach::addresses_on(&mut known, door.node, on)));
        for &port in &door.ports {
            if model.get(port, "audience").is_poison() {
                return None;
            }
            let web = matches!(model.word(port, "scheme"), Some("http" | "https"));
            if !web || model.word(port, "audience") == Some("node") {
                continue;
            }
            // Whoever has a network of the host or an address of its own is reached in other ways.
            if reach::is_of_host(&mut known, port) || reach::published(&mut known, port).is_none() {
                return None;
            }
            bound.extend(reach::bound(&mut known, port)?);
        }
    }
    // Of a door that is bound to nothing its own port tells.
    let nowhere = bound.iter().all(std::net::IpAddr::is_loopback);
    match (addresses.is_empty(), nowhere) {
        (_, true) => None,
        (true, _) => Some(Shut::NoAddress),
        _ if addresses.iter().any(|ip| bound.contains(ip)) => None,
        _ if bound.iter().any(|ip| ip.is_unspecified()) => None,
        _ => Some(Shut::NotBound),
    }
}

/// The networks that a site names.
fn audience_of(model: &Model, site: ThingId) -> Vec<ThingId> {
    match model.get(site, "audience") {
        Value::Thing(network) => vec![*network],
        _ => members(model, site, "audience").map(|(network, _)| network).collect(),
    }
}

fn for_nobody(
    model: &Model,
    site: ThingId,
    ingress: &Ingress,
    doors: &[&Door],
    why: Shut,
) -> Diagnostic {
    let names = listed(audience_of(model, site).iter().map(|&network| model.label(network)));
    let (label, service) = (model.label(site), model.label(ingress.service));
    let (message, note) = match why {
        Shut::NoAddress => (
            format!("the site `{label}` is for {names}, where its ingress has no address"),
            "no name of the site is made there, and nobody there finds a way in",
        ),
        Shut::NotBound => (
            format!("the site `{label}` is for {names}, and its ingress lets nobody in from there"),
            "a published port is bound to the addresses of its own audience",
        ),
    };
    let mut diagnostic = Diagnostic::new(&codes::E1105, stated(model, site, "audience"), message)
        .here(format!("wants {names}"))
        .at(model.path(site))
        .note(note);
    for door in doors.iter().take(4) {
        let (place, text) = match why {
            Shut::NoAddress => {
                (model.thing(door.node).span, format!("`{service}` runs here, on other networks"))
            }
            Shut::NotBound => (
                door.ports.first().map_or(model.thing(door.node).span, |&port| {
                    stated(
                        model,
                        port,
                        if model.get(port, "audience").is_none() { "value" } else { "audience" },
                    )
                }),
                format!("`{service}` is open for others alone"),
            ),
        };
        diagnostic = diagnostic.label(place, text);
    }
    let networks: Vec<&str> =
        reach::reach(&mut Known(model)).iter().map(|&n| model.label(n)).collect();
    let text = format!("[{}]", networks.join(", "));
    let diagnostic = match why {
        Shut::NoAddress => diagnostic.help(format!(
            "give a node of `{service}` an address there, or run it on one that has"
        )),
        Shut::NotBound => diagnostic.help(format!(
            "open the ingress: `port https = ... {{ audience = ... }}` in `{service}`"
        )),
    };
    let title = format!("or let those in who come by the ingress: `audience = {text}`");
    rewrite(diagnostic, model, site, "audience", &text, title)
}

/// Whom the ingress itself does not let in, no site of it can serve.
fn audience(
    model: &Model,
    site: ThingId,
    ingress: &Ingress,
    door: &Door,
    found: &mut Vec<Diagnostic>,
) {
    let open = |port: ThingId| model.word(port, "audience") == Some("internet");
    let web = |&&port: &&ThingId| matches!(model.word(port, "scheme"), Some("http" | "https"));
    let doors: Vec<ThingId> = door
        .ports
        .iter()
        .filter(web)
        .copied()
        .filter(|&p| model.word(p, "audience") != Some("node"))
        .collect();
    if model.word(site, "audience") != Some("internet")
        || doors.is_empty()
        || doors.iter().any(|&port| open(port) || model.get(port, "audience").is_poison())
    {
        return;
    }
    let label = model.label(site);
    let mut diagnostic = Diagnostic::new(
        &codes::E1105,
        stated(model, site, "audience"),
        format!(
            "the site `{label}` is for the internet, and its ingress lets nobody in from there"
        ),
    )
    .here("wants the internet")
    .at(model.path(site));
    for &port in &doors {
        diagnostic = diagnostic.label(
            stated(model, port, "value"),
            format!("`{}`: not for the internet", model.dotted(port)),
        );
    }
    let networks: Vec<&str> =
        reach::reach(&mut Known(model)).iter().map(|&n| model.label(n)).collect();
    let text = format!("[{}]", networks.join(", "));
    let diagnostic = diagnostic
        .note("a published port without an `audience` is for the cluster's own networks")
        .help(format!(
            "open the ingress: `port https = ... {{ audience = internet }}` in `{}`",
            model.label(ingress.service)
        ));
    let title = format!("or keep the site inside: `audience = {text}`");
    found.push(rewrite(diagnostic, model, site, "audience", &text, title));
}
