//! What is allowed and still unwise: images that change, services that nobody watches, all rights.

use super::Check;
use super::shared::{containers, head, stated, value_span};
use crate::diag::{Diagnostic, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::types::Image;
use rustc_hash::FxHashSet;

pub const CHECK: Check = Check {
    name: "policy",
    doc: "images are pinned, services are watched, and rights are few",
    run,
};

/// Tags that name another image tomorrow.
const MOVING: &[&str] = &[
    "latest",
    "main",
    "master",
    "edge",
    "nightly",
    "dev",
    "develop",
    "development",
    "stable",
    "rolling",
    "canary",
    "next",
    "unstable",
    "testing",
    "current",
    "lts",
    "release",
    "mainline",
];

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for container in containers(model) {
        tag(model, container.part, found);
        rights(model, container.part, found);
        for &port in model.children(container.part, "port") {
            low(model, port, found);
        }
    }
    let mut seen = FxHashSet::default();
    for instance in &model.instances {
        if seen.insert(instance.service) {
            health(model, instance.service, instance.thing, found);
        }
    }
}

fn tag(model: &Model, container: ThingId, found: &mut Vec<Diagnostic>) {
    let Some(text) = model.text(container, "image") else { return };
    let image = Image::of(text);
    if image.digest.is_some() {
        return;
    }
    let (message, here) = match image.tag {
        None => (format!("the image `{text}` has no tag"), "the engine takes `latest`"),
        Some(tag) if MOVING.contains(&tag) => {
            (format!("the image `{text}` is another one tomorrow"), "a tag that moves")
        }
        Some(_) => return,
    };
    let name = text.split(':').next().unwrap_or(text);
    found.push(
        Diagnostic::new(&codes::L0201, stated(model, container, "image"), message)
            .here(here)
            .at(model.path(container))
            .note("nobody then knows what runs, no two nodes need have the same, and there is no way back")
            .help(format!("name a version: `{name}:1.2.3`, or a digest: `{name}@sha256:...`")),
    );
}

fn rights(model: &Model, container: ThingId, found: &mut Vec<Diagnostic>) {
    if !model.flag(container, "privileged") {
        return;
    }
    let diagnostic = Diagnostic::new(
        &codes::L0204,
        stated(model, container, "privileged"),
        format!("`{}` has all rights of its host", model.dotted(container)),
    )
    .here("can read every disk and load code into the kernel")
    .at(model.path(container))
    .note("whoever breaks into the program has the machine");
    let title =
        "give it what it needs alone: `capabilities { add = [...] }` or `device NAME = ...`";
    found.push(match value_span(model, container, "privileged") {
        Some(span) => diagnostic.suggest("take them away", span, "false").help(title),
        None => diagnostic.help(title),
    });
}

/// Ports below 1024 that some protocol is known by: whoever connects expects it there.
const KNOWN: &[u16] = &[
    20, 21, 22, 25, 53, 67, 68, 69, 80, 88, 110, 111, 119, 123, 137, 138, 139, 143, 161, 162, 179,
    389, 427, 443, 445, 464, 465, 500, 514, 515, 546, 547, 548, 554, 563, 587, 631, 636, 749, 853,
    873, 902, 989, 990, 992, 993, 995,
];

/// Docker publishes any port as root; the low ones are for what the world expects there.
fn low(model: &Model, port: ThingId, found: &mut Vec<Diagnostic>) {
    let Value::Ports(ports) = model.get(port, "value") else { return };
    let Some(host) = ports.host.filter(|host| host.first < 1024) else { return };
    let number = host.first;
    if host.count() > 1 || number == ports.container.first || KNOWN.contains(&number) {
        return;
    }
    let free = u32::from(number) + 8000;
    let text = format!("{free} -> {}", ports.container);
    let diagnostic = Diagnostic::new(
        &codes::L0206,
        stated(model, port, "value"),
        format!("`{}` takes port {number} of the system, which no protocol asks for", model.dotted(port)),
    )
    .here("below 1024")
    .at(model.path(port))
    .note("the low numbers are handed out to protocols: a program of the system that is installed later expects its own to be free");
    let title = format!("take a higher one: `port {} = {text}`", model.label(port));
    found.push(super::shared::rewrite(diagnostic, model, port, "value", &text, title));
}

/// Whether anything says how to see that it works.
fn is_watched(model: &Model, part: ThingId) -> bool {
    let Some(health) = model.block(part, "health") else { return false };
    ["command", "shell", "http", "tcp"].iter().any(|field| match model.get(health, field) {
        Value::None => false,
        Value::List(items) => !items.is_empty(),
        _ => true,
    })
}

fn health(model: &Model, service: ThingId, instance: ThingId, found: &mut Vec<Diagnostic>) {
    if model.word(service, "availability") == Some("on-demand") {
        return;
    }
    let parts = || {
        let all = |field| model.children(instance, field).iter().copied();
        all("container").chain(all("unit"))
    };
    // What runs now and then, and what nobody can ask, needs no check.
    let with_ports: Vec<ThingId> = parts()
        .filter(|&part| !model.children(part, "port").is_empty())
        .filter(|&part| model.kind(part) != "unit" || model.get(part, "timer").is_none())
        .collect();
    if with_ports.is_empty() || parts().any(|part| is_watched(model, part)) {
        return;
    }
    let label = model.label(service);
    let mut diagnostic = Diagnostic::new(
        &codes::L0102,
        model.thing(service).span,
        format!("nobody would see that `{label}` does not answer"),
    )
    .here("always on, and no `health`")
    .at(model.path(service));
    for &part in with_ports.iter().take(4) {
        let port = model.children(part, "port")[0];
        diagnostic =
            diagnostic.label(head(model, part), format!("listens: `{}`", model.dotted(port)));
    }
    let port = model.children(with_ports[0], "port")[0];
    let port = model.label(port);
    found.push(
        diagnostic
            .note("a program that hangs still runs: without a check no restart, no alert and no update notices")
            .help(format!("say how to ask it: `health {{ http = \"/\"   port = {port} }}`, or `health {{ tcp = {port} }}`"))
            .help("or that it may be away: `availability = on-demand`"),
    );
}
