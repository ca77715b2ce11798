//! Two secrets that would reach the containers of one project under one name.

use super::Check;
use super::shared::{pairs, secrets, span_of, stated};
use crate::diag::{Diagnostic, codes};
use crate::model::value::SecretName;
use crate::model::{Model, ThingId};
use crate::source::Span;
use std::collections::BTreeMap;

pub const CHECK: Check =
    Check { name: "secret_names", doc: "no two secrets have one name in one project", run };

/// Compose has one environment for a project, from which the texts of all its containers are filled.
fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for instance in &model.instances {
        one_project(model, instance.thing, found);
    }
}

fn one_project(model: &Model, project: ThingId, found: &mut Vec<Diagnostic>) {
    let mut used: BTreeMap<&str, Vec<(&SecretName, Span)>> = BTreeMap::new();
    for &part in model.children(project, "container") {
        let mut add = |name, span| {
            let all = used.entry(variable(name)).or_default();
            if !all.iter().any(|(other, _)| same(other, name)) {
                all.push((name, span));
            }
        };
        for pair in pairs(model, part, "env") {
            secrets(&pair.value, &mut |name| add(name, span_of(model, pair.origin, part)));
        }
        for field in ["config", "credential"] {
            for &child in model.children(part, field) {
                let span = stated(model, child, "value");
                secrets(model.get(child, "value"), &mut |name| add(name, span));
            }
        }
    }
    for (variable, all) in used {
        let [(first, span), (second, again), ..] = all.as_slice() else { continue };
        let full = |name: &SecretName| {
            format!(
                "`{}/{}` of `{}`",
                name.path.trim_end_matches('/'),
                name.name,
                model.label(name.store)
            )
        };
        let message = format!(
            "two secrets reach the containers of `{}` as `{variable}`",
            model.label(project)
        );
        found.push(
            Diagnostic::new(&codes::E0604, *again, message)
                .here(full(second))
                .label(*span, full(first))
                .at(model.path(project))
                .help(format!(
                    "give one of them another name where its folder is declared: `path \"{}\" {{ rename {{ {} = \
                     OTHER_NAME }} }}`",
                    second.path, second.name
                )),
        );
    }
}

fn variable(name: &SecretName) -> &str {
    &name.variable
}

fn same(one: &SecretName, other: &SecretName) -> bool {
    (one.store, &one.path, &one.name) == (other.store, &other.path, &other.name)
}
