//! What a variable of an environment can hold, whoever sets it.

use super::Check;
use super::shared::{containers, placed, stated_at, units};
use crate::diag::{Diagnostic, codes};
use crate::model::Model;
use crate::source::Span;
use rustc_hash::FxHashSet;

pub const CHECK: Check = Check {
    name: "variables",
    doc: "every variable of an environment can be given to a program",
    run,
};

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mut told: FxHashSet<Span> = FxHashSet::default();
    let programs = containers(model).chain(units(model)).map(|running| running.part);
    let nodes = model.all("node").iter().copied();
    for setter in nodes.chain(programs).chain(placed(model, "task")) {
        for pair in model.get(setter, "env").pairs() {
            if !pair.value.as_text().is_some_and(|text| text.contains('\0')) {
                continue;
            }
            let span = stated_at(model, pair.origin, setter);
            if told.insert(span) {
                found.push(
                    Diagnostic::new(
                        &codes::E0302,
                        span,
                        format!(
                            "expected a text without a NUL, found one in the variable `{}`",
                            pair.key
                        ),
                    )
                    .at(format!("{} > env", model.path(setter)))
                    .note(
                        "a system ends each variable with a NUL: no program can be given one in it",
                    )
                    .help("take the `\\u{0}` out"),
                );
            }
        }
    }
}
