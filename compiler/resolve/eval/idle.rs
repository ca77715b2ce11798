//! What is said and reaches nothing: layers of a service on nodes that it does not run on, and what an
//! unmanaged node says beside its names and ports.

use super::Eval;
use crate::diag::text::{FEW, few};
use crate::diag::{Diagnostic, codes};
use crate::model::ThingId;
use crate::model::value::Value;
use crate::resolve::hir::*;
use crate::source::Span;

/// What a node is told by a tool that never comes to one that is not managed.
const OF_MANAGED: [&str; 14] = [
    "engine",
    "users",
    "shell",
    "interface",
    "packages",
    "tools",
    "sysctl",
    "docker",
    "mount",
    "reserve",
    "resolver",
    "env",
    "file",
    "task",
];

impl Eval<'_> {
    /// What services say for nodes that they do not run on.
    pub(super) fn idle_layers(&mut self) {
        let program = self.program;
        for (at, decl) in program.decls.iter().enumerate() {
            let layers = program.block(decl.block).layers();
            let Some(thing) = self.decl_things[at].filter(|_| !layers.is_empty()) else { continue };
            let on: Vec<ThingId> = self.instances(thing).iter().map(|i| i.node).collect();
            let mut held: Vec<Span> = Vec::new();
            for &node in &on {
                held.extend(self.holding(decl.block, node).iter().map(|(_, layer)| layer.span));
            }
            for layer in layers {
                let node = program.by_name.get(&(self.words.node, layer.name));
                let node = node.and_then(|decl| self.decl_things[decl.0 as usize]);
                // A node that is left out for now may keep what is said for it.
                let away = layer.sort == LayerSort::Node
                    && node.is_none_or(|node| self.left_out.contains(&node));
                if on.is_empty() || away || held.contains(&layer.span) {
                    continue;
                }
                self.idle_layer(decl, layer, &on);
            }
        }
    }

    fn idle_layer(&mut self, decl: &Decl, layer: &InnerLayer, on: &[ThingId]) {
        let (service, name) = (self.names.text(decl.name), self.names.text(layer.name));
        let (word, why) = match layer.sort {
            LayerSort::Node => ("node", "it does not run there"),
            LayerSort::Role => ("role", "no node that it runs on has the role"),
            LayerSort::Os => ("os", "no node that it runs on has this system"),
            _ => ("arch", "no node that it runs on is one"),
        };
        let message = format!("nothing uses what `{service}` says for the {word} `{name}`");
        let names: Vec<String> = on.iter().map(|&n| format!("`{}`", self.label(n))).collect();
        let runs = format!("it runs on {}", few(&names, FEW));
        self.report(
            Diagnostic::new(&codes::L0106, layer.span, message)
                .here(why)
                .label(decl.name_span, runs)
                .suggest("remove it, or run the service there too", layer.span, ""),
        );
    }

    /// Nothing is installed on, and no file goes to, a node that is not managed.
    pub(super) fn idle_fields(&mut self) {
        let program = self.program;
        for (at, decl) in program.decls.iter().enumerate() {
            let Some(node) = self.decl_things[at]
                .filter(|_| self.names.text(program.schema.shape(decl.shape).name) == "node")
            else {
                continue;
            };
            if !matches!(self.get(node, "managed"), Value::Bool(false)) {
                continue;
            }
            let shape = program.schema.shape(decl.shape);
            for &id in &program.block(decl.block).defs {
                let def = program.def(id);
                let word = self.names.text(shape.fields[def.field as usize].name);
                if !OF_MANAGED.contains(&word) {
                    continue;
                }
                let name = self.names.text(decl.name);
                let message = format!("nothing uses `{word}` of `{name}`, which is not managed");
                self.report(
                    Diagnostic::new(&codes::L0106, def.head, message)
                        .label(
                            decl.name_span,
                            "`managed = false`: it takes no layer and gets no file",
                        )
                        .suggest("remove it, or manage the node", def.span, ""),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OF_MANAGED;

    /// The table cannot fall behind a field that is renamed.
    #[test]
    fn each_is_a_field_of_a_node() {
        let library = include_str!("../../../stdlib/node.colab");
        let node = library.split("\nkind node ").nth(1).and_then(|rest| rest.split("\n}\n").next());
        let node = node.expect("the library has nodes");
        for field in OF_MANAGED {
            assert!(node.contains(&format!("\n  {field}: ")), "{field}");
        }
    }
}
