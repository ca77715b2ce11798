//! Which layers hold on a node, and their blocks for each kind of thing.

use super::build::own;
use super::{EnvId, Eval, Part, Source, rank};
use crate::model::ThingId;
use crate::model::families;
use crate::model::schema::ShapeId;
use crate::model::value::Value;
use crate::names::Sym;
use crate::resolve::hir::*;

impl Eval<'_> {
    pub(super) fn sort_layers(&mut self) {
        for (at, layer) in self.program.layers.iter().enumerate() {
            match (layer.sort, layer.name) {
                (LayerSort::Node, Some(node)) => {
                    self.own_layers.entry(node).or_default().push(at as u32);
                }
                _ => self.wide_layers.push(at as u32),
            }
        }
    }

    pub(super) fn layers_of(
        &mut self,
        decl: &Decl,
        arch: &Value,
        os: &Value,
        roles: &Value,
        layers: &mut Vec<(u16, u32)>,
    ) {
        let program = self.program;
        let word = |value: &Value| match value {
            Value::Word(word) => Some(word.word),
            _ => None,
        };
        let arch = word(arch);
        let os_line: Vec<Sym> = match word(os) {
            Some(os) => {
                let text = self.names.text(os);
                families::line(text).iter().filter_map(|w| self.names.find(w)).collect()
            }
            None => Vec::new(),
        };
        let roles: Vec<ThingId> = roles.items().iter().filter_map(|i| i.value.as_thing()).collect();
        let own = self.own_layers.get(&decl.name).map_or(&[][..], Vec::as_slice);
        for &at in self.wide_layers.iter().chain(own) {
            let layer = &program.layers[at as usize];
            let rank = match layer.sort {
                LayerSort::Global => Some(rank::GLOBAL),
                LayerSort::Arch if layer.name == arch => Some(rank::ARCH),
                LayerSort::Os => {
                    let step = os_line.iter().position(|w| Some(*w) == layer.name);
                    step.map(|step| rank::OS + step as u16)
                }
                LayerSort::Role => layer
                    .decl
                    .and_then(|d| self.decl_things[d.0 as usize])
                    .filter(|role| roles.contains(role))
                    .map(|_| rank::ROLE),
                LayerSort::Node => Some(rank::NODE),
                _ => None,
            };
            if let Some(rank) = rank {
                layers.push((rank, at));
            }
        }
        layers.sort();
    }

    /// The unlabelled blocks of a kind in a layer: `node { }`, `container { }`.
    pub(super) fn layer_blocks(
        &self,
        layer: &Layer,
        kind: ShapeId,
        rank: u16,
        out: &mut Vec<Source>,
    ) {
        let program = &self.program;
        let name = program.schema.shape(kind).name;
        let Some(field) = program.schema.shape(layer.shape).field(name) else { return };
        for &def in &program.block(layer.block).defs {
            let d = program.def(def);
            if d.field == field
                && d.key.is_none()
                && let Op::Block { block, .. } = d.op
            {
                out.push(own(block, rank, EnvId(0)));
            }
        }
    }

    /// All blocks of the layers of a node that hold for every thing of a kind.
    pub(super) fn blocks_for(&mut self, node: ThingId, kind: ShapeId) -> Part {
        if let Some(&found) = self.layer_cache.get(&(node, kind)) {
            return found;
        }
        let mut blocks = Vec::new();
        for &(rank, at) in self.node_layers.get(&node).map_or(&[][..], Vec::as_slice) {
            self.layer_blocks(&self.program.layers[at as usize], kind, rank, &mut blocks);
        }
        let start = self.sources.len();
        self.sources.extend(blocks);
        let found = Part::since(start, self.sources.len());
        if self.node_layers.contains_key(&node) {
            self.layer_cache.insert((node, kind), found);
        }
        found
    }

    /// `arch X { }` ... `node X { }` inside a service, as far as they hold on the node.
    pub(super) fn inner_layers(
        &mut self,
        body: BlockId,
        env: EnvId,
        node: ThingId,
        out: &mut Vec<Source>,
    ) {
        for (step, layer) in self.holding(body, node) {
            out.push(own(layer.block, rank::INNER + 2 * step, env));
        }
    }

    /// The layers inside of a service's text that hold on the node, each with its step.
    pub(super) fn holding(&mut self, body: BlockId, node: ThingId) -> Vec<(u16, InnerLayer)> {
        let program = self.program;
        let layers = program.block(body).layers();
        if layers.is_empty() {
            return Vec::new();
        }
        let word = |value: &Value| match value {
            Value::Word(word) => Some(word.word),
            _ => None,
        };
        let arch = word(&self.get(node, "arch"));
        let os = word(&self.get(node, "os"));
        let roles: Vec<Sym> = self
            .get(node, "roles")
            .items()
            .iter()
            .filter_map(|i| i.value.as_thing())
            .map(|r| self.thing(r).label)
            .collect();
        let step = |layer: &InnerLayer| match layer.sort {
            LayerSort::Arch if Some(layer.name) == arch => Some(0),
            LayerSort::Os => os.and_then(|os| {
                let line = families::line(self.names.text(os));
                let name = self.names.text(layer.name);
                line.iter().position(|w| *w == name).map(|at| 10 + at as u16)
            }),
            LayerSort::Role if roles.contains(&layer.name) => Some(20),
            LayerSort::Node if layer.name == self.thing(node).label => Some(30),
            _ => None,
        };
        layers.iter().filter_map(|layer| Some((step(layer)?, *layer))).collect()
    }
}
