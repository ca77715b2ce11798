//! Names that machines and people look up: each means one thing.

use super::Check;
use super::shared::{head, stated_at, value_of};
use crate::diag::{Diagnostic, codes};
use crate::model::{Model, ThingId};
use crate::source::Span;
use rustc_hash::FxHashSet;

pub const CHECK: Check = Check {
    name: "names",
    doc: "every name of a machine, site, record or group is one thing's",
    run,
};

struct Claim {
    name: String,
    span: Span,
    value: Option<Span>,
    of: ThingId,
    what: String,
    /// Sites among themselves have a code of their own.
    site: bool,
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut claims = Vec::new();
    machines(model, &mut claims, found);
    sites(model, &mut claims);
    for &record in model.all("record") {
        let label = model.label(record);
        claims.push(Claim {
            name: label.to_lowercase(),
            span: head(model, record),
            value: None,
            of: record,
            what: format!("the record `{label}`"),
            site: false,
        });
    }
    report(model, claims, found);
    groups(model, found);
}

fn machines(model: &Model, claims: &mut Vec<Claim>, found: &mut Vec<Diagnostic>) {
    let domains: Vec<&str> =
        model.all("network").iter().filter_map(|&n| model.text(n, "domain")).collect();
    for &node in model.all("node") {
        let label = model.label(node);
        let mut one = |name: &str, span: Span, value: Option<Span>, what: String| {
            let names = domains.iter().map(|domain| format!("{name}.{domain}"));
            if name.eq_ignore_ascii_case("localhost") {
                found.push(loopback(model, node, span));
            }
            for name in std::iter::once(name.to_string()).chain(names) {
                let name = name.to_lowercase();
                claims.push(Claim { name, span, value, of: node, what: what.clone(), site: false });
            }
        };
        one(label, head(model, node), None, format!("the node `{label}`"));
        for item in model.get(node, "alias").items() {
            let Some(alias) = item.value.as_text() else { continue };
            let span = stated_at(model, item.origin, node);
            one(
                alias,
                span,
                value_of(model, item.origin),
                format!("the node `{label}`, as an alias"),
            );
        }
    }
}

fn loopback(model: &Model, node: ThingId, span: Span) -> Diagnostic {
    Diagnostic::new(
        &codes::E1004,
        span,
        format!(
            "`localhost` is the name of the node `{}` and of every machine itself",
            model.label(node)
        ),
    )
    .at(model.path(node))
    .note("programs ask for it to reach their own machine, and would reach this one")
    .help("give it another name")
}

fn sites(model: &Model, claims: &mut Vec<Claim>) {
    for &site in model.all("site") {
        let label = model.label(site);
        let mut one = |name: &str, span: Span, value: Option<Span>| {
            claims.push(Claim {
                name: name.to_lowercase(),
                span,
                value,
                of: site,
                what: format!("the site `{label}`{}", of_service(model, site)),
                site: true,
            });
        };
        one(label, head(model, site), None);
        for item in model.get(site, "alias").items() {
            if let Some(alias) = item.value.as_text() {
                one(alias, stated_at(model, item.origin, site), value_of(model, item.origin));
            }
        }
    }
}

fn of_service(model: &Model, site: ThingId) -> String {
    match model.thing(site).parent {
        Some(service) => format!(" of `{}`", model.label(service)),
        None => String::new(),
    }
}

fn report(model: &Model, mut claims: Vec<Claim>, found: &mut Vec<Diagnostic>) {
    claims.sort_by(|a, b| {
        let key = |c: &Claim| (c.span.file, c.span.start, c.of);
        a.name.cmp(&b.name).then_with(|| key(a).cmp(&key(b)))
    });
    // A node's bare name and its name in a domain meet together: once is enough.
    let mut reported = FxHashSet::default();
    for same in claims.chunk_by(|a, b| a.name == b.name) {
        let first = &same[0];
        for other in &same[1..] {
            if other.of == first.of || !reported.insert((first.span, other.span)) {
                continue;
            }
            let (code, why) = if first.site && other.site {
                (&codes::E1006, "the ingress can serve only one site under a name")
            } else {
                (&codes::E1004, "whoever looks the name up must come out at one place")
            };
            let name = if other.name.len() < first.name.len() { &other.name } else { &first.name };
            let mut diagnostic = Diagnostic::new(
                code,
                other.span,
                format!("`{name}` is the name of {} and of {}", first.what, other.what),
            )
            .here("the same name again")
            .label(first.span, "the name is taken here")
            .at(model.path(other.of))
            .note(why);
            if let Some(service) = model.thing(other.of).parent {
                diagnostic = diagnostic.label(model.thing(service).span, "in this service");
            }
            found.push(match other.value {
                Some(span) if model.get(other.of, "alias").items().len() == 1 => {
                    diagnostic.suggest("leave the alias out", span, "[]")
                }
                _ => diagnostic.help("give one of them another name"),
            });
        }
    }
}

/// Roles and groups become groups of one inventory, where `-` is `_`.
fn groups(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut used = FxHashSet::default();
    for &node in model.all("node") {
        used.extend(model.get(node, "roles").items().iter().filter_map(|i| i.value.as_thing()));
    }
    let mut all: Vec<(String, ThingId, &str)> = Vec::new();
    for kind in ["role", "group"] {
        for &id in model.all(kind) {
            if kind == "group" || used.contains(&id) {
                all.push((model.label(id).replace('-', "_"), id, kind));
            }
        }
    }
    all.sort_by(|a, b| (&a.0, a.2, a.1).cmp(&(&b.0, b.2, b.1)));
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        for (name, id, kind) in &same[1..] {
            let (_, first, of) = &same[0];
            found.push(
                Diagnostic::new(
                    &codes::E1010,
                    model.thing(*id).span,
                    format!(
                        "the {kind} `{}` and the {of} `{}` are one group `{name}` in the inventory",
                        model.label(*id),
                        model.label(*first)
                    ),
                )
                .here("the same group again")
                .label(model.thing(*first).span, "the name is taken here")
                .at(model.path(*id))
                .note("a group's name in Ansible has `_` for `-`, and roles and groups share those names")
                .help("give one of them another name"),
            );
        }
    }
}
