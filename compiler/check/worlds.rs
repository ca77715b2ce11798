//! The two worlds of a Windows node with WSL: what asks for one of them on a node that lacks it.

use super::Check;
use super::shared::{placed, span};
use crate::diag::{Diagnostic, codes};
use crate::model::value::Value;
use crate::model::{Model, ThingId};

pub const CHECK: Check =
    Check { name: "worlds", doc: "no file asks for a side that its node does not have", run };

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    for file in placed(model, "file") {
        let Some(node) = model.thing(file).node else { continue };
        let Some(side) = model.word(file, "side") else { continue };
        let Value::Word(os) = model.get(node, "os") else { continue };
        let windows = model.names.text(os.word) == "windows";
        let has = match side {
            "windows" => windows,
            _ => windows && wsl(model, node),
        };
        if has {
            continue;
        }
        let (label, os) = (model.label(node), model.names.text(os.word));
        let lacks = if windows { "has no WSL" } else { "is no Windows node" };
        let message = format!("nothing uses `side = {side}`, which the node does not have");
        found.push(
            Diagnostic::new(&codes::L0106, span(model, file, "side"), message)
                .here(format!("`{label}` {lacks}"))
                .label(span(model, node, "os"), format!("it runs {os}"))
                .at(model.path(file))
                .note("only a Windows node with WSL has two sides: `os = windows(\"11\", wsl = true)`")
                .help("leave `side` out, or say it in a layer: `os windows { file ... }`"),
        );
    }
}

fn wsl(model: &Model, node: ThingId) -> bool {
    matches!(model.param(node, "os", "wsl"), Some(Value::Bool(true)))
}
