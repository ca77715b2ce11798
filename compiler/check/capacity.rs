//! Memory and processors that are promised on a node, against what it has. What is not known is not guessed.

use super::Check;
use super::shared::{head, managed, span, stated, value_span};
use crate::diag::{Diagnostic, codes};
use crate::model::ledger::{self, parts};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::types::{Bytes, Cpu};
use std::cmp::Reverse;

pub const CHECK: Check =
    Check { name: "capacity", doc: "no node promises more memory or processors than it has", run };

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for node in managed(model) {
        let Some(hardware) = model.block(node, "hardware") else { continue };
        if let Value::Bytes(has) = model.get(hardware, "memory") {
            memory(model, node, hardware, *has, found);
        }
        if let Value::Cpu(has) = model.get(hardware, "cpu") {
            processors(model, node, hardware, *has, found);
        }
    }
    for node in model.all("node") {
        parts(model, *node).for_each(|part| kept_beyond_its_limit(model, part, found));
    }
    for &service in model.all("service") {
        more_than_needed(model, service, found);
    }
}

/// Docker refuses a container for which more is kept than it may use.
fn kept_beyond_its_limit(model: &Model, part: ThingId, found: &mut Vec<Diagnostic>) {
    let Some(limits) = model.block(part, "limits") else { return };
    let Some(reserve) = model.block(limits, "reserve") else { return };
    for field in ["memory", "cpu"] {
        let (kept, limit) = match (model.get(reserve, field), model.get(limits, field)) {
            (Value::Bytes(kept), Value::Bytes(limit)) if kept > limit => {
                (kept.to_string(), limit.to_string())
            }
            (Value::Cpu(kept), Value::Cpu(limit)) if kept > limit => {
                (kept.to_string(), limit.to_string())
            }
            _ => continue,
        };
        let message =
            format!("{kept} are kept for `{}`, which may use {limit}", model.dotted(part));
        let diagnostic = Diagnostic::new(&codes::E0304, stated(model, reserve, field), message)
            .here("kept for it alone")
            .label(stated(model, limits, field), "all that it may use")
            .at(model.path(part))
            .note("it would not be started");
        let title = format!("keep what it may use: `{field} = {limit}`");
        found.push(super::shared::rewrite(diagnostic, model, reserve, field, &limit, title));
    }
}

/// `needs` is what placement looks at, so what a service may use must not be more.
fn more_than_needed(model: &Model, service: ThingId, found: &mut Vec<Diagnostic>) {
    let Some(needs) = model.block(service, "needs") else { return };
    let Value::Bytes(needed) = model.get(needs, "memory") else { return };
    for instance in model.instances.iter().filter(|instance| instance.service == service) {
        let limits = ["container", "unit"].into_iter().flat_map(|word| {
            model.children(instance.thing, word).iter().filter_map(|&part| {
                let limits = model.block(part, "limits")?;
                match model.get(limits, "memory") {
                    Value::Bytes(bytes) => Some((bytes.0, part, limits)),
                    _ => None,
                }
            })
        });
        let limits: Vec<(u64, ThingId, ThingId)> = limits.collect();
        let sum = limits.iter().fold(0u64, |sum, limit| sum.saturating_add(limit.0));
        if sum <= needed.0 {
            continue;
        }
        let mut diagnostic = Diagnostic::new(
            &codes::E1404,
            stated(model, needs, "memory"),
            format!(
                "`{}` says that it needs {needed} of memory, and may use {}",
                model.label(service),
                about(sum)
            ),
        )
        .here("what its place is chosen by")
        .at(model.path(service));
        for &(bytes, part, limits) in limits.iter().take(6) {
            let text = format!("{} for `{}`", Bytes(bytes), model.dotted(part));
            diagnostic = diagnostic.label(stated(model, limits, "memory"), text);
        }
        let text = Bytes(sum).to_string();
        let title = format!("ask for what it may use: `memory = {text}`");
        found.push(
            super::shared::rewrite(diagnostic, model, needs, "memory", &text, title)
                .help("or give its containers less"),
        );
        return;
    }
}

fn memory(
    model: &Model,
    node: ThingId,
    hardware: ThingId,
    has: Bytes,
    found: &mut Vec<Diagnostic>,
) {
    let name = model.label(node);
    let account = ledger::memory(model, node);
    for claim in account.claims.iter().filter(|claim| claim.amount.is_none()) {
        unlimited(model, node, hardware, claim.part, has, found);
    }
    let (kept, unknown, sum) = (account.reserve, account.unknown(), account.sum());
    let room = account.room().unwrap_or(has.0);
    let known = |claim: &ledger::Claim| Some((claim.amount?, claim.part, claim.block));
    let mut promised: Vec<(u64, ThingId, ThingId)> =
        account.claims.iter().filter_map(known).collect();
    if sum <= room || promised.is_empty() {
        return;
    }
    promised.sort_by_cached_key(|&(amount, part, _)| (Reverse(amount), model.path(part)));
    let (largest, part, limits) = promised[0];
    let mut diagnostic = Diagnostic::new(
        &codes::E1404,
        stated(model, limits, "memory"),
        format!("`{name}` has {has} of memory, and {} of it are promised", about(sum)),
    )
    .here(format!("{} for `{}`", Bytes(largest), model.dotted(part)))
    .label(span(model, hardware, "memory"), format!("`{name}` has {has}"))
    .at(model.path(node));
    for (bytes, part, limits) in promised.iter().skip(1).take(6) {
        diagnostic = diagnostic.label(
            stated(model, *limits, "memory"),
            format!("{} for `{}`", Bytes(*bytes), model.dotted(*part)),
        );
    }
    if kept > 0 {
        diagnostic = diagnostic.note(format!("{} are kept for the machine itself", Bytes(kept)));
    }
    if unknown > 0 {
        diagnostic = diagnostic.note(format!("{unknown} more state no limit, and are not counted"));
    }
    diagnostic =
        diagnostic.note("when all of them use what they may, the kernel kills one of them");
    let rest = largest.checked_sub(sum - room).filter(|rest| *rest >= 32 << 20);
    let rest = rest.map(|rest| Bytes(rest >> 20 << 20));
    found.push(match (rest, value_span(model, limits, "memory")) {
        (Some(rest), Some(span)) => diagnostic
            .suggest(
                format!("give `{}` what is left: `{rest}`", model.dotted(part)),
                span,
                rest.to_string(),
            )
            .help("or say that they never peak together: `limits { overcommit = 1.5 }`"),
        _ => diagnostic.help("place a service elsewhere, or give them less"),
    });
}

/// An amount as a person reads it: what is a byte too much is not told as what there is.
fn about(bytes: u64) -> String {
    let shown = Bytes(bytes).to_string();
    if shown.len() <= 7 { shown } else { Bytes(bytes.div_ceil(1 << 20) << 20).to_string() }
}

fn unlimited(
    model: &Model,
    node: ThingId,
    hardware: ThingId,
    part: ThingId,
    has: Bytes,
    found: &mut Vec<Diagnostic>,
) {
    if model.kind(part) != "container" {
        return;
    }
    found.push(
        Diagnostic::new(
            &codes::L0202,
            head(model, part),
            format!("`{}` may use all of its node's memory", model.dotted(part)),
        )
        .here("no `limits { memory = ... }`")
        .label(
            span(model, hardware, "memory"),
            format!("`{}` has {has}, for all that runs there", model.label(node)),
        )
        .at(model.path(part))
        .note("one program that leaks takes the others with it")
        .help("say what it may use: `limits { memory = 512MiB }`"),
    );
}

fn processors(
    model: &Model,
    node: ThingId,
    hardware: ThingId,
    has: Cpu,
    found: &mut Vec<Diagnostic>,
) {
    let name = model.label(node);
    for part in parts(model, node) {
        let Some(limits) = model.block(part, "limits") else { continue };
        if let Value::Cpu(limit) = model.get(limits, "cpu")
            && *limit > has
        {
            let diagnostic = Diagnostic::new(
                &codes::E1404,
                stated(model, limits, "cpu"),
                format!("`{}` may use {limit}, and `{name}` has {has}", model.dotted(part)),
            )
            .here(format!("up to {limit}"))
            .label(span(model, hardware, "cpu"), format!("`{name}` has {has}"))
            .at(model.path(part))
            .note("Docker refuses to start a container that is given more than there is");
            let title = format!("give it what there is: `{has}`");
            found.push(super::shared::rewrite(
                diagnostic,
                model,
                limits,
                "cpu",
                &has.to_string(),
                title,
            ));
        }
    }
    let account = ledger::processors(model, node);
    let sum = account.sum();
    let known = |claim: &ledger::Claim| Some((claim.amount?, claim.part, claim.block));
    let mut kept: Vec<(u64, ThingId, ThingId)> = account.claims.iter().filter_map(known).collect();
    if sum <= has.0 || kept.is_empty() {
        return;
    }
    kept.sort_by_cached_key(|&(amount, part, _)| (Reverse(amount), model.path(part)));
    let (largest, part, reserve) = kept[0];
    let mut diagnostic = Diagnostic::new(
        &codes::E1404,
        stated(model, reserve, "cpu"),
        format!("`{name}` has {has}, and {} are kept for services", Cpu(sum)),
    )
    .here(format!("{} for `{}`", Cpu(largest), model.dotted(part)))
    .label(span(model, hardware, "cpu"), format!("`{name}` has {has}"))
    .at(model.path(node));
    for (cpu, part, reserve) in kept.iter().skip(1).take(6) {
        diagnostic = diagnostic.label(
            stated(model, *reserve, "cpu"),
            format!("{} for `{}`", Cpu(*cpu), model.dotted(*part)),
        );
    }
    found.push(
        diagnostic
            .note("what is reserved is kept free whatever the others do, so it can be given once only")
            .help("reserve less, or place a service elsewhere"),
    );
}
