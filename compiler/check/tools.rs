//! The tools that the cluster names: somebody runs each of them, and reads what the compiler makes for it.

use super::Check;
use super::shared::{head, rewrite, span};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::site::{mounted, programs, runner};
use crate::model::{Model, ThingId};
use std::collections::BTreeSet;

pub const CHECK: Check = Check {
    name: "tools",
    doc: "whoever runs the ingress, the DNS server or the mesh reads what is made for it",
    run,
};

/// A field that names a tool, and the files that are made for the tool: one of them must be mounted.
struct Tool {
    field: &'static str,
    files: &'static [&'static str],
    config: &'static str,
    template: &'static str,
}

const INGRESS: Tool = Tool {
    field: "ingress",
    files: &["caddyfile"],
    config: "config \"/etc/caddy/Caddyfile\" = generated.caddyfile",
    template: "std.caddy",
};
const DNS: Tool = Tool {
    field: "dns",
    files: &["pihole"],
    config: "config \"/etc/dnsmasq.d/20-colab.conf\" = generated.pihole",
    template: "std.pihole",
};
const MESH: Tool = Tool {
    field: "provider",
    files: &["headscale_records", "headscale_policy"],
    config: "config \"/etc/headscale/records.json\" = generated.headscale_records",
    template: "std.headscale",
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    if let Some(cluster) = model.cluster {
        // That nobody serves a site is told of the site.
        if !model.all("site").is_empty() {
            reads(model, cluster, &INGRESS, found);
        } else {
            named(model, cluster, &INGRESS, found);
        }
        named(model, cluster, &DNS, found);
    }
    for &network in model.all("network") {
        named(model, network, &MESH, found);
    }
}

/// Somebody runs it, and reads.
fn named(model: &Model, of: ThingId, tool: &Tool, found: &mut Vec<Diagnostic>) {
    if let (Some(word), None) = (model.word(of, tool.field), runner(model, of, tool.field))
        && !model.param(of, tool.field, "service").is_some_and(|service| service.is_poison())
    {
        let told = Diagnostic::new(
            &codes::E1113,
            span(model, of, tool.field),
            format!("`{} = {word}`, and there is no service `{word}`", tool.field),
        )
        .here("names the service that runs it, or the one called like it")
        .at(model.path(of))
        .note("what the compiler makes for a tool reaches it through the service that runs it");
        let told = match reader(model, tool) {
            Some(service) => {
                let text = format!("{word}({})", model.label(service));
                let title = format!("name the service: `{} = {text}`", tool.field);
                rewrite(told, model, of, tool.field, &text, title)
            }
            None => told.help(format!("name the service: `{} = {word}(SERVICE)`", tool.field)),
        };
        found.push(told.help(format!(
            "or run one: `service {word} {{ on = ... container main from {}(...) }}`",
            tool.template
        )));
        return;
    }
    reads(model, of, tool, found);
}

/// The one service that reads what is made for a tool.
fn reader(model: &Model, tool: &Tool) -> Option<ThingId> {
    let reads = |program| tool.files.iter().any(|file| mounted(model, program, file).is_some());
    let instances = model.instances.iter().filter(|i| programs(model, i.thing).any(reads));
    let services: BTreeSet<ThingId> = instances.map(|instance| instance.service).collect();
    services.first().copied().filter(|_| services.len() == 1)
}

fn reads(model: &Model, of: ThingId, tool: &Tool, found: &mut Vec<Diagnostic>) {
    let Some(service) = runner(model, of, tool.field) else { return };
    let word = model.word(of, tool.field).unwrap_or_default();
    let reads = |program| tool.files.iter().any(|file| mounted(model, program, file).is_some());
    let mut deaf = Vec::new();
    for instance in model.instances_of(service) {
        if !programs(model, instance.thing).any(reads) {
            deaf.push(instance);
        }
    }
    let Some(first) = deaf.first() else { return };
    let label = model.label(service);
    let files = listed(tool.files.iter().map(|file| format!("generated.{file}")));
    let mut diagnostic = Diagnostic::new(
        &codes::E1113,
        span(model, of, tool.field),
        format!("`{label}` runs {word}, and reads nothing of what is made for it"),
    )
    .here(format!("`{label}` is {word} here"))
    .label(model.thing(service).span, format!("mounts none of {files}"))
    .at(model.path(of));
    for program in programs(model, first.thing).take(4) {
        diagnostic = diagnostic.label(head(model, program), "no such `config`");
    }
    found.push(
        diagnostic
            .note("its names and routes follow from the sources; without the file it knows none of them")
            .help(format!("let it read the file: `{}`", tool.config))
            .help(format!("or take the template that does: `{}`", tool.template)),
    );
}
