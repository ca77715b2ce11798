//! The room of a disk, against the full copies that backups keep there: each by itself, and all together.

use super::Check;
use super::backups::{disk, sources};
use super::shared::{head, rewrite, span, stated};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::types::Bytes;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

pub const CHECK: Check =
    Check { name: "room", doc: "the full copies of all backups fit on their disk", run };

/// What a backup keeps in full copies.
struct Kept {
    backup: ThingId,
    /// The disks that are copied.
    of: Vec<ThingId>,
    copies: u64,
    /// What one copy may take.
    whole: u64,
}

impl Kept {
    fn all(&self) -> u64 {
        self.whole.saturating_mul(self.copies)
    }
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut by_target: BTreeMap<ThingId, Vec<Kept>> = BTreeMap::new();
    for &backup in model.all("backup") {
        if let Some((target, kept)) = kept(model, backup) {
            by_target.entry(target).or_default().push(kept);
        }
    }
    for (target, all) in by_target {
        let Value::Bytes(room) = model.get(target, "size") else { continue };
        let (fit, alone): (Vec<Kept>, Vec<Kept>) =
            all.into_iter().partition(|kept| kept.all() <= room.0);
        found.extend(alone.iter().map(|kept| too_much(model, target, kept, *room)));
        let sum = fit.iter().fold(0u64, |sum, kept| sum.saturating_add(kept.all()));
        if sum > room.0 {
            found.extend(together(model, target, &fit, Bytes(sum), *room));
        }
    }
}

/// The worst case that is certain: what `copy` keeps are full copies, all else needs the source once.
fn kept(model: &Model, backup: ThingId) -> Option<(ThingId, Kept)> {
    let node = model.get(backup, "on").as_thing()?;
    let Value::Location(to) = model.get(backup, "to") else { return None };
    let target = disk(model, to, node)?;
    let mut seen = FxHashSet::default();
    let (mut whole, mut of) = (0u64, Vec::new());
    for (from, _) in sources(model, backup) {
        // A part of a disk may be anything up to the whole of it: only whole ones are counted.
        let source = disk(model, &from, node).filter(|_| from.sub.is_empty())?;
        let Value::Bytes(size) = model.get(source, "size") else { return None };
        if seen.insert(source) {
            whole = whole.saturating_add(size.0);
            of.push(source);
        }
    }
    let copies = match model.word(backup, "method") {
        Some("copy") => number_of_copies(model, backup),
        _ => 1,
    };
    let counts = !of.is_empty() && !of.contains(&target) && copies > 1;
    counts.then_some((target, Kept { backup, of, copies, whole }))
}

fn number_of_copies(model: &Model, backup: ThingId) -> u64 {
    let number = |keep: ThingId, field: &str| match model.get(keep, field) {
        Value::Int(n) => u64::try_from(*n).unwrap_or(0),
        _ => 0,
    };
    let all = ["hourly", "daily", "weekly", "monthly", "yearly"];
    model.block(backup, "keep").map_or(0, |keep| all.iter().map(|f| number(keep, f)).sum())
}

fn too_much(model: &Model, target: ThingId, kept: &Kept, room: Bytes) -> Diagnostic {
    let Kept { backup, copies, whole, .. } = *kept;
    let (label, name) = (model.label(backup), model.label(target));
    let names = listed(kept.of.iter().map(|&d| model.label(d)));
    let mut diagnostic = Diagnostic::new(
        &codes::E1207,
        said_at(model, backup),
        format!("{copies} full copies of {names} do not fit on `{name}`"),
    )
    .here(format!("{copies} times {} is {}", Bytes(whole), Bytes(kept.all())))
    .label(span(model, target, "size"), format!("`{name}` has {room}"))
    .at(model.path(backup));
    for &source in &kept.of {
        diagnostic = diagnostic.label(
            span(model, source, "size"),
            format!("`{}` may hold {}", model.label(source), size_of(model, source)),
        );
    }
    diagnostic = diagnostic
        .label(stated(model, backup, "method"), "each one is whole")
        .note(format!("once `{name}` is full, `{label}` fails, and nobody has a newer copy"));
    if kept.of.iter().any(|&d| model.thing(d).node == model.thing(target).node) {
        diagnostic = diagnostic
            .note("source and copies are in one machine, too: a fire or a thief takes both");
    }
    let title = "link what did not change, so that a copy costs only its changes: `method = rsync`";
    rewrite(diagnostic, model, backup, "method", "rsync", title.into())
}

/// Each fits, and all of them don't: told where the last of them says what it keeps.
fn together(
    model: &Model,
    target: ThingId,
    all: &[Kept],
    sum: Bytes,
    room: Bytes,
) -> Option<Diagnostic> {
    let name = model.label(target);
    let labels = listed(all.iter().map(|kept| model.label(kept.backup)));
    let amount = |kept: &Kept| {
        let names = listed(kept.of.iter().map(|&d| model.label(d)));
        format!("{} copies of {names}: {}", kept.copies, Bytes(kept.all()))
    };
    let (last, others) = all.split_last()?;
    let mut diagnostic = Diagnostic::new(
        &codes::E1207,
        said_at(model, last.backup),
        format!("the full copies of {labels} do not fit on `{name}` together"),
    )
    .here(amount(last))
    .label(span(model, target, "size"), format!("`{name}` has {room}"))
    .at(model.path(last.backup));
    for kept in others {
        diagnostic = diagnostic.label(said_at(model, kept.backup), amount(kept));
    }
    for kept in all {
        diagnostic = diagnostic.label(stated(model, kept.backup, "method"), "each one is whole");
    }
    Some(
        diagnostic
            .note(format!("together they are {sum}; once `{name}` is full, each of them fails"))
            .help("let them keep less, or link what did not change: `method = rsync`")
            .help("or write one of them to another disk"),
    )
}

/// Where a backup says how much it keeps.
fn said_at(model: &Model, backup: ThingId) -> crate::source::Span {
    let keep = model.block(backup, "keep");
    keep.map_or_else(|| head(model, backup), |keep| model.thing(keep).span)
}

fn size_of(model: &Model, disk: ThingId) -> String {
    match model.get(disk, "size") {
        Value::Bytes(size) => size.to_string(),
        _ => "an unknown amount".into(),
    }
}
