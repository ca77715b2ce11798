//! The first start of everything, after a day without power: what must be there before a service can start, also where it
//! is reached by a name that other services answer for.

use super::Check;
use super::order::{Circle, WAITS, Waits, WayOut, after, circles};
use super::shared::{containers, pairs, secrets, span_of, stated, units};
use crate::diag::{Diagnostic, codes};
use crate::model::site::{endpoints, names, runner};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::source::Span;
use crate::types::Image;
use rustc_hash::{FxHashMap, FxHashSet};

pub const CHECK: Check = Check {
    name: "starts",
    doc: "no image and no store of secrets lies behind the very service that needs it to start",
    run,
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let behind = behind(model);
    let stores = stores(model);
    let mut waits = Waits::default();
    // Waiting by a name is what is told here; the rest are steps of the way.
    let mut by_name: FxHashSet<(ThingId, ThingId)> = FxHashSet::default();
    let mut add = |service: ThingId, host: &str, place: Span, waits: &mut Waits| {
        let host = host.to_lowercase();
        let any = || behind.get(&format!("*.{}", host.split_once('.')?.1));
        for &other in behind.get(&host).or_else(any).map_or(&[][..], Vec::as_slice) {
            by_name.insert((service, other));
            waits.entry(service).or_default().push((other, place));
        }
    };
    for part in containers(model).chain(units(model)) {
        let image = model.text(part.part, "image").map(Image::of);
        if let Some(registry) = image.and_then(|image| image.registry) {
            add(part.service, registry, stated(model, part.part, "image"), &mut waits);
        }
        for pair in pairs(model, part.part, "env") {
            secrets(&pair.value, &mut |name| match stores.get(&name.store) {
                Some(Keeper::Service(keeper)) => {
                    let place = span_of(model, pair.origin, part.part);
                    waits.entry(part.service).or_default().push((*keeper, place));
                }
                Some(Keeper::Host(host)) => {
                    add(part.service, host, span_of(model, pair.origin, part.part), &mut waits);
                }
                None => {}
            });
        }
    }
    if by_name.is_empty() {
        return;
    }
    after(model, &mut waits);
    let circle = Circle {
        code: &codes::E1506,
        what: "services",
        verbs: WAITS,
        why: "a name is answered by the DNS server, served by the ingress, and stands for the service behind it: after a loss of power none of them can be the first",
        way: WayOut::Words(&[
            "let one of them do without the name: its image from a registry elsewhere, its store of secrets by the `service`",
        ]),
    };
    circles(model, &waits, &circle, &|from, to| by_name.contains(&(from, to)), found);
}

enum Keeper<'a> {
    Service(ThingId),
    Host(&'a str),
}

fn stores(model: &Model) -> FxHashMap<ThingId, Keeper<'_>> {
    let mut all = FxHashMap::default();
    for &store in model.all("secrets") {
        if model.word(store, "provider") != Some("infisical") {
            continue;
        }
        let keeper = match model.param(store, "provider", "url") {
            Some(Value::Text(url)) => host(url).map(Keeper::Host),
            _ => runner(model, store, "provider").map(Keeper::Service),
        };
        all.extend(keeper.map(|keeper| (store, keeper)));
    }
    all
}

fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', ':', '?']).next().filter(|host| !host.is_empty())
}

/// For each name of a site, the services that must run before anything answers there.
fn behind(model: &Model) -> FxHashMap<String, Vec<ThingId>> {
    let of_cluster = |field| model.cluster.and_then(|cluster| runner(model, cluster, field));
    let always: Vec<ThingId> = ["ingress", "dns"].into_iter().filter_map(of_cluster).collect();
    let services = model.services();
    let mut all = FxHashMap::default();
    for &site in model.all("site") {
        let mut needed = always.clone();
        for port in endpoints(model, model.get(site, "to")) {
            let service = model.thing(port).instance.and_then(|instance| services.get(&instance));
            needed.extend(service);
        }
        needed.sort();
        needed.dedup();
        for (name, _) in names(model, site) {
            all.insert(name.to_lowercase(), needed.clone());
        }
    }
    all
}
