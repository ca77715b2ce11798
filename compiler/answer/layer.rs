//! What a layer says, line by line, and for which nodes: `global`, `os linux`, `role gpu`.

use super::chain::{Chain, Line, Verdict, WIDEST, one_line};
use crate::model::families;
use crate::model::value::Value;
use crate::resolve::eval::Resolved;
use crate::resolve::hir::{BlockId, Layer, LayerSort, Op};
use crate::source::Sources;

/// Its definitions in the order of the text. It has no value: what becomes of them, each node's path tells.
pub(super) fn of(resolved: &Resolved, sources: &Sources, title: &str) -> Chain {
    let name = title.split_whitespace().nth(1);
    let of_title = |layer: &&Layer| {
        let sort = match layer.sort {
            LayerSort::Global => "global",
            LayerSort::Arch => "arch",
            LayerSort::Os => "os",
            LayerSort::Role => "role",
            LayerSort::Node => "node",
        };
        let is = layer.name.map(|n| resolved.model.names.text(n)) == name;
        is && title.split_whitespace().next() == Some(sort)
    };
    let mut lines = Vec::new();
    let layers: Vec<&Layer> = resolved.program.layers.iter().filter(of_title).collect();
    for layer in &layers {
        said(resolved, sources, layer.block, &mut lines);
    }
    let model = &resolved.model;
    let nodes = model.all("node").iter().copied().filter(|&node| {
        let word = |field| model.word(node, field);
        model.flag(node, "managed")
            && layers.first().is_some_and(|layer| match layer.sort {
                LayerSort::Global => true,
                LayerSort::Arch => word("arch") == name,
                LayerSort::Os => {
                    word("os").is_some_and(|os| families::line(os).iter().any(|w| Some(*w) == name))
                }
                _ => model.get(node, "roles").items().iter().any(|item| {
                    item.value.as_thing().is_some_and(|role| Some(model.label(role)) == name)
                }),
            })
    });
    Chain {
        path: title.to_owned(),
        nodes: nodes.map(|node| model.label(node).to_owned()).collect(),
        ty: "layer".to_owned(),
        value: Value::None,
        lines,
        elements: Vec::new(),
    }
}

fn said(resolved: &Resolved, sources: &Sources, block: BlockId, out: &mut Vec<Line>) {
    let program = &resolved.program;
    for &id in &program.block(block).defs {
        let def = program.def(id);
        let verdict = match def.op {
            Op::Block { block, .. } | Op::Replace(block) => {
                said(resolved, sources, block, out);
                continue;
            }
            Op::Set(_) => Verdict::Holds,
            Op::Add(_) => Verdict::Adds,
            Op::Sub(_) => Verdict::Removes,
            Op::Unset => Verdict::Unsets,
        };
        out.push(Line {
            verdict,
            layer: program.home(def.home, &resolved.model.names),
            span: def.span,
            written: one_line(sources.text(def.span), WIDEST),
            value: None,
            why: None,
            used_at: None,
            mentions: Vec::new(),
        });
    }
    for layer in program.block(block).layers() {
        said(resolved, sources, layer.block, out);
    }
}
