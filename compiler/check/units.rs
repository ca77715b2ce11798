//! Units against what starts programs on their node: systemd on Linux and inside WSL, launchd on
//! macOS, the service manager on Windows. Only systemd's units are written here.

use super::Check;
use super::shared::{Running, head, span, stated, stated_at, units};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::Model;
use crate::model::value::Value;

pub const CHECK: Check =
    Check { name: "units", doc: "every unit is one that its node can start", run };

/// What starts programs, and the field that names one for it.
const STARTERS: &[(&str, &str)] =
    &[("systemd", "systemd"), ("launchd", "launchd"), ("Windows", "windows_service")];

/// What only a unit that is written here can have.
const WRITTEN: &[&str] = &["exec", "user", "env", "config", "credential", "after", "timer", "raw"];

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for unit in units(model) {
        if let Some(here) = starter(model, unit) {
            named(model, unit, here, found);
            written(model, unit, here, found);
        }
    }
}

/// What starts programs there; not known where the system isn't.
fn starter(model: &Model, unit: Running) -> Option<&'static str> {
    Some(match model.word(unit.node, "os")? {
        "macos" => "launchd",
        "windows" => match model.param(unit.node, "os", "wsl") {
            Some(Value::Bool(true)) => "systemd",
            _ => "Windows",
        },
        _ => "systemd",
    })
}

/// A unit that is named for another system only would never be started.
fn named(model: &Model, unit: Running, here: &'static str, found: &mut Vec<Diagnostic>) {
    let said = |field: &str| model.text(unit.part, field).is_some();
    let runs = here == "systemd" && !model.get(unit.part, "exec").items().is_empty();
    if runs || STARTERS.iter().any(|(starter, field)| *starter == here && said(field)) {
        return;
    }
    let Some((_, other)) = STARTERS.iter().find(|(_, field)| said(field)) else { return };
    let (_, wanted) = STARTERS.iter().find(|(starter, _)| *starter == here).expect("a row");
    let name = model.label(unit.node);
    found.push(
        Diagnostic::new(
            &codes::E1407,
            stated(model, unit.part, other),
            format!(
                "`{}` is named for another system than `{name}`'s, where {here} starts programs",
                model.dotted(unit.part)
            ),
        )
        .here("for another system")
        .label(span(model, unit.node, "os"), format!("what `{name}` is"))
        .at(model.path(unit.part))
        .help(format!("say how it is called there: `{wanted} = \"...\"`"))
        .help("or place the service elsewhere"),
    );
}

/// For launchd and Windows nothing is written: they start what a package brought.
fn written(model: &Model, unit: Running, here: &'static str, found: &mut Vec<Diagnostic>) {
    if here == "systemd" {
        return;
    }
    let is_said = |field: &&&str| match model.get(unit.part, field) {
        Value::None | Value::Poison => false,
        Value::List(items) => !items.is_empty(),
        Value::Map(pairs) => !pairs.is_empty(),
        Value::Things(things) => !things.is_empty(),
        _ => true,
    };
    let said: Vec<&str> = WRITTEN.iter().filter(is_said).copied().collect();
    let Some(first) = said.first() else { return };
    let name = model.label(unit.node);
    // The line to edit: that of a thing inside, of a map's first pair, or of the field.
    let place = match (model.children(unit.part, first).first(), model.get(unit.part, first)) {
        (Some(&child), _) => head(model, child),
        (_, Value::Map(pairs)) => stated_at(model, pairs[0].origin, unit.part),
        _ => stated(model, unit.part, first),
    };
    found.push(
        Diagnostic::new(
            &codes::E1407,
            place,
            format!(
                "`{}` says {}, which nothing hands over to {here} on `{name}`",
                model.dotted(unit.part),
                listed(&said)
            ),
        )
        .label(span(model, unit.node, "os"), format!("what `{name}` is"))
        .at(model.path(unit.part))
        .note("for systemd a unit is written; elsewhere a program that its package set up is only started")
        .help("leave it to the package there, run it in a container, or place the service on a Linux"),
    );
}
