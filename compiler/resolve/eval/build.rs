//! How things come to be: from declarations, from layers and templates, from labels inside.

use super::{Ctx, Env, EnvId, Eval, Part, Source, ThingDef, Work, rank};
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{ShapeId, Ty};
use crate::model::value::Value;
use crate::model::{Slots, Thing, ThingId};
use crate::names::Sym;
use crate::origin::Origin;
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::Strength;

impl Eval<'_> {
    /// Makes every declared thing, places the services, and evaluates everything.
    pub(super) fn build(&mut self) {
        let program = self.program;
        let empty = self.names.find("").unwrap_or(program.schema.shape(program.project).name);
        self.root = self.new_thing(
            program.project,
            empty,
            None,
            None,
            Span::new(crate::source::FileId(0), 0, 0),
        );
        self.look_at_shapes();
        self.sort_layers();
        // Each declaration, and an instance of most of them.
        let things = 2 * program.decls.len();
        self.model.things.reserve(things);
        self.works.reserve(things);
        self.sources.reserve(2 * things);
        self.defs.reserve(4 * things);
        for at in 0..program.decls.len() {
            let decl = &program.decls[at];
            if decl.shape != self.words.node {
                self.declared_thing(DeclId(at as u32));
            }
        }
        for at in 0..program.decls.len() {
            if program.decls[at].shape == self.words.node {
                self.node(DeclId(at as u32));
            }
        }
        self.group_by_kind();
        self.model.cluster = self.all_named("cluster").first().copied();
        // A node that is left out is no candidate; all else may depend on what runs where.
        self.leave_out(|eval, shape| shape == eval.words.node);
        self.place();
        self.leave_out(|eval, shape| shape != eval.words.node);
        self.spread_over_nodes();
    }

    /// Takes away what has `enabled = false`.
    fn leave_out(&mut self, of: impl Fn(&Eval, ShapeId) -> bool) {
        let program = self.program;
        for (at, decl) in program.decls.iter().enumerate() {
            let Some(thing) = self.decl_things[at].filter(|_| of(self, decl.shape)) else {
                continue;
            };
            let field = program.schema.shape(decl.shape).field_called("enabled");
            let Some(field) = field.filter(|&field| !self.defs_of(thing, field).is_empty()) else {
                continue;
            };
            if self.field(thing, field) == Value::Bool(false) {
                self.left_out.insert(thing);
                if let Some(all) = self.model.by_kind.get_mut(&decl.shape) {
                    all.retain(|&other| other != thing);
                }
            }
        }
    }

    /// The thing of a declaration, for whoever names it.
    pub(super) fn named(&mut self, decl: DeclId, span: Span) -> Value {
        let Some(thing) = self.decl_things[decl.0 as usize] else { return Value::Poison };
        if !self.left_out.contains(&thing) {
            return Value::Thing(thing);
        }
        self.is_left_out(thing, span)
    }

    fn declared_thing(&mut self, id: DeclId) {
        let program = self.program;
        let decl = program.decl(id);
        let is_service = decl.shape == self.words.service;
        let thing = self.new_thing(decl.shape, decl.name, None, None, decl.name_span);
        self.decl_things[id.0 as usize] = Some(thing);
        let mut sources = Vec::new();
        if is_service {
            for &at in &self.wide_layers {
                let layer = &program.layers[at as usize];
                if layer.sort == LayerSort::Global {
                    self.layer_blocks(layer, decl.shape, rank::GLOBAL, &mut sources);
                }
            }
        }
        sources.extend(self.template_source(decl.from, self.root, EnvId(0), rank::TEMPLATE));
        sources.push(own(decl.block, rank::OWN, EnvId(0)));
        self.set_sources(thing, &sources);
    }

    /// A node: its layers are decided by its own text first.
    fn node(&mut self, id: DeclId) {
        let program = self.program;
        let decl = program.decl(id);
        let thing = self.new_thing(decl.shape, decl.name, None, None, decl.name_span);
        self.decl_things[id.0 as usize] = Some(thing);
        self.model.things[thing.at()].node = Some(thing);
        let mut own_sources = Vec::new();
        own_sources.extend(self.template_source(decl.from, thing, EnvId(0), rank::NODE_TEMPLATE));
        own_sources.push(own(decl.block, rank::NODE, EnvId(0)));
        self.set_sources(thing, &own_sources);
        let managed = !matches!(self.get(thing, "managed"), Value::Bool(false));
        let arch = self.get(thing, "arch");
        let os = self.get(thing, "os");
        let roles = self.get(thing, "roles");
        // What was worked out from the own text alone is worked out again with the layers.
        self.model.things[thing.at()].slots.clear();
        self.entries.forget(thing);
        let mut layers: Vec<(u16, u32)> = Vec::new();
        if managed {
            self.layers_of(decl, &arch, &os, &roles, &mut layers);
        }
        let mut sources = Vec::new();
        for &(rank, at) in &layers {
            let layer = &program.layers[at as usize];
            if layer.decl == Some(id) {
                continue;
            }
            self.layer_blocks(layer, decl.shape, rank, &mut sources);
            sources.push(Source {
                block: layer.block,
                rank,
                env: EnvId(0),
                template: false,
                foreign: Some(layer.shape),
            });
        }
        sources.extend(own_sources);
        self.set_sources(thing, &sources);
        self.node_layers.insert(thing, layers);
    }

    fn template_source(
        &mut self,
        from: Option<FromId>,
        thing: ThingId,
        outer: EnvId,
        rank: u16,
    ) -> Option<Source> {
        let from = from?;
        let env = EnvId(self.envs.len() as u32);
        self.envs.push(Env { from, thing, outer });
        let template = self.program.from(from).template;
        let block = self.program.template(template).block;
        Some(Source { block, rank, env, template: true, foreign: None })
    }

    /// The instance of a service on a node.
    pub(super) fn instance(&mut self, id: DeclId, node: ThingId) -> ThingId {
        let program = self.program;
        let decl = program.decl(id);
        let thing = self.new_thing(decl.shape, decl.name, None, Some(node), decl.name_span);
        self.model.things[thing.at()].instance = Some(thing);
        let blocks = self.blocks_for(node, decl.shape);
        let mut sources = self.sources[blocks.range()].to_vec();
        sources.extend(self.template_source(decl.from, thing, EnvId(0), rank::TEMPLATE));
        let mut bodies: Vec<(BlockId, EnvId)> =
            sources.iter().filter(|s| s.template).map(|s| (s.block, s.env)).collect();
        sources.push(own(decl.block, rank::OWN, EnvId(0)));
        bodies.push((decl.block, EnvId(0)));
        for (body, env) in bodies {
            self.inner_layers(body, env, node, &mut sources);
        }
        self.set_sources(thing, &sources);
        thing
    }

    pub(super) fn new_thing(
        &mut self,
        shape: ShapeId,
        label: Sym,
        parent: Option<ThingId>,
        node: Option<ThingId>,
        span: Span,
    ) -> ThingId {
        let id = ThingId::new(self.model.things.len());
        let instance = parent.and_then(|p| self.thing(p).instance);
        self.model.things.push(Thing {
            shape,
            label,
            parent,
            node,
            instance,
            span,
            slots: Slots::default(),
        });
        self.works.push(Work::default());
        id
    }

    fn set_sources(&mut self, thing: ThingId, sources: &[Source]) {
        let start = self.sources.len();
        self.sources.extend(sources.iter().copied());
        self.sources_since(start, thing);
    }

    /// The last of all sources, from `start` on, are the thing's.
    fn sources_since(&mut self, start: usize, thing: ThingId) {
        let program = self.program;
        let shape = program.schema.shape(self.thing(thing).shape);
        let first_def = self.defs.len();
        for at in 0..self.sources.len() - start {
            let source = self.sources[start + at];
            let state = &mut *self.state;
            let all = &program.block(source.block).defs;
            state.defs.reserve(all.len());
            for &id in all {
                let def = program.def(id);
                let field = match source.foreign {
                    None => def.field,
                    Some(foreign) => {
                        // Only labelled things, such as `file`, are a layer's as well as a node's.
                        let f = &program.schema.shape(foreign).fields[def.field as usize];
                        let labelled = matches!(program.schema.ty(f.ty), Ty::Named(_));
                        match shape.field(f.name).filter(|_| labelled) {
                            Some(field) => field,
                            None => continue,
                        }
                    }
                };
                let rank = match (source.template, def.strength) {
                    (true, Strength::Default) => rank::TEMPLATE_DEFAULT,
                    _ => source.rank,
                };
                state.defs.push(ThingDef { field, rank, def: id, source: at as u16 });
            }
        }
        let state = &mut *self.state;
        // Stable: of one rank, the order of the sources stays, and none of it reaches a value.
        let defs = state.defs.since_mut(first_def);
        defs.sort_by_key(|d| (d.field, d.rank));
        let fields = defs.chunk_by(|a, b| a.field == b.field).count();
        state.model.things[thing.at()].slots.reserve_exact(fields);
        state.works[thing.at()] =
            Work::since(start, state.sources.len(), first_def, state.defs.len());
    }

    /// The labelled things of a field, in order of name.
    pub(super) fn children(&mut self, thing: ThingId, inner: ShapeId, defs: &[ThingDef]) -> Value {
        let program = self.program;
        let mut keys: Vec<Sym> = defs
            .iter()
            .filter(|d| matches!(program.def(d.def).op, Op::Block { .. }))
            .filter_map(|d| program.def(d.def).key)
            .collect();
        let (shape_id, node) = (self.thing(thing).shape, self.thing(thing).node);
        let mut spread: Vec<DeclId> = Vec::new();
        if shape_id == self.words.node {
            spread = self.spread.get(&thing).cloned().unwrap_or_default();
            spread.retain(|&d| program.decl(d).shape == inner);
            spread.sort_by_key(|&d| program.decl(d).name);
            keys.extend(spread.iter().map(|&d| program.decl(d).name));
        }
        keys.sort_unstable();
        keys.dedup();
        keys.sort_by(|a, b| self.names.text(*a).cmp(self.names.text(*b)));
        let layer_blocks = match node {
            Some(node) if shape_id != self.words.node => self.blocks_for(node, inner),
            _ => Part::default(),
        };
        let mut unsets = false;
        for d in defs {
            let def = program.def(d.def);
            unsets |= matches!(def.op, Op::Unset);
            self.tally[d.def.0 as usize].reached |= !keys.is_empty() || matches!(def.op, Op::Unset);
        }
        // What is said of each, beside what is said of all; one after the other as they stand.
        let key_of = |at: u32| program.def(defs[at as usize].def).key;
        let mut by_key: Vec<u32> = (0..defs.len() as u32).collect();
        by_key.sort_by_key(|&at| key_of(at));
        let of_all = &by_key[..by_key.partition_point(|&at| key_of(at).is_none())];
        let mut of_child: Vec<u32> = Vec::new();
        let mut out = Vec::with_capacity(keys.len());
        for key in keys {
            let first_of_key = by_key.partition_point(|&at| key_of(at) < Some(key));
            let of_key = by_key[first_of_key..].iter().take_while(|&&at| key_of(at) == Some(key));
            of_child.clear();
            of_child.extend(of_all.iter().chain(of_key));
            of_child.sort_unstable();
            let start = self.sources.len();
            self.sources.extend_from_within(layer_blocks.range());
            let child = self.new_thing(
                inner,
                key,
                Some(thing),
                node,
                Span::new(crate::source::FileId(0), 0, 0),
            );
            let mut span = None;
            let mut labelled = false;
            let mut declared = false;
            let mut held = None;
            let first = spread.partition_point(|&d| program.decl(d).name < key);
            let called = spread[first..].iter().map(|&decl| program.decl(decl));
            for d in called.take_while(|d| d.name == key) {
                span = Some(d.name_span);
                labelled = true;
                // As what a `global` says of that label: narrower by the step of its block.
                self.sources.push(own(d.block, rank::GLOBAL + 1, EnvId(0)));
            }
            for &at in &of_child {
                let d = defs[at as usize];
                let def = program.def(d.def);
                let source = self.sources(thing)[d.source as usize];
                match (&def.op, def.key) {
                    (Op::Unset, _)
                        if def.key.is_none_or(|unset| unset == key) && held.is_some() =>
                    {
                        let locked = held.take().expect("it is some");
                        self.held(thing, d.field, key, locked, d.def);
                    }
                    (Op::Unset, Some(unset)) if unset == key => {
                        self.tally[d.def.0 as usize].effective |= labelled;
                        let so_far = self.sources.split_off(start);
                        self.sources.extend(so_far.into_iter().filter(|s| s.rank > d.rank));
                        labelled = false;
                    }
                    (Op::Unset, None) => {
                        self.tally[d.def.0 as usize].effective = true;
                        self.sources.truncate(start);
                        labelled = false;
                    }
                    (Op::Block { block, .. }, None) => {
                        self.sources.push(Source { block: *block, foreign: None, ..source });
                    }
                    (Op::Block { block, from }, Some(of)) if of == key => {
                        labelled = true;
                        if unsets {
                            held = held.or_else(|| self.final_inside(*block));
                        }
                        // A service's layers change what its own text declares.
                        if !(declared && source.rank >= rank::INNER) {
                            span = Some(def.head);
                        }
                        declared |= source.rank >= rank::OWN && !source.template;
                        self.tally[d.def.0 as usize].effective = true;
                        let template =
                            self.template_source(*from, thing, source.env, rank::TEMPLATE);
                        self.sources.extend(template);
                        let rank = if source.template { source.rank } else { source.rank + 1 };
                        self.sources.push(Source {
                            block: *block,
                            rank,
                            env: source.env,
                            template: source.template,
                            foreign: None,
                        });
                    }
                    _ => {}
                }
            }
            if !labelled {
                // Taken away by a layer: nothing refers to the thing.
                self.model.things[child.at()].parent = None;
                self.sources.truncate(start);
                continue;
            }
            self.model.things[child.at()].span = span.unwrap_or(self.thing(thing).span);
            self.sources_since(start, child);
            if matches!(self.get(child, "enabled"), Value::Bool(false)) {
                continue;
            }
            out.push(child);
        }
        Value::Things(out.into())
    }

    /// The block of a field, from all blocks that layers hold for it.
    pub(super) fn record(
        &mut self,
        thing: ThingId,
        field: u16,
        inner: ShapeId,
        optional: bool,
        defs: &[ThingDef],
    ) -> (Value, Origin) {
        let program = self.program;
        let start = self.sources.len();
        let mut first: Option<DefId> = None;
        let mut stated: Option<(u16, DefId)> = None;
        for &d in defs {
            let def = program.def(d.def);
            self.tally[d.def.0 as usize].reached = true;
            let source = self.sources(thing)[d.source as usize];
            match def.op {
                Op::Block { block, .. } => {
                    first.get_or_insert(d.def);
                    self.sources.push(Source { block, foreign: None, ..source });
                }
                Op::Replace(block) => {
                    if let Some((_, old)) = stated.or(first.map(|first| (0, first)))
                        && def.strength == Strength::Plain
                    {
                        self.replaced_silently(thing, field, d.def, old);
                    }
                    self.tally[d.def.0 as usize].effective = true;
                    self.unlocked(thing, field, start, d.def);
                    self.sources.truncate(start);
                    self.sources.push(Source { block, foreign: None, ..source });
                    first = Some(d.def);
                    stated = Some((d.rank, d.def));
                }
                Op::Unset => {
                    self.tally[d.def.0 as usize].effective |= self.sources.len() > start;
                    self.unlocked(thing, field, start, d.def);
                    self.sources.truncate(start);
                    first = None;
                }
                _ => {}
            }
        }
        let label = program.schema.shape(self.thing(thing).shape).fields[field as usize].name;
        if self.sources.len() == start && optional {
            return (Value::None, Origin::NONE);
        }
        let node = self.thing(thing).node;
        let span = first.map_or(self.thing(thing).span, |d| program.def(d).head);
        let child = self.new_thing(inner, label, Some(thing), node, span);
        self.sources_since(start, child);
        let origin = first.map_or(Origin::NONE, |def| self.new_origin(thing, field, def));
        (Value::Thing(child), origin)
    }

    /// What a block's wider layers hold as `final` stays: it cannot go with the whole block.
    fn unlocked(&mut self, thing: ThingId, field: u16, start: usize, def: DefId) {
        let locked =
            self.sources[start..].iter().find_map(|source| self.final_inside(source.block));
        if let Some(locked) = locked {
            self.locked(thing, field, locked, def);
        }
    }

    fn final_inside(&self, block: BlockId) -> Option<DefId> {
        self.program.block(block).defs.iter().copied().find_map(|id| {
            let def = self.program.def(id);
            match def.op {
                _ if def.strength == Strength::Final => Some(id),
                Op::Block { block, .. } | Op::Replace(block) => self.final_inside(block),
                _ => None,
            }
        })
    }

    fn replaced_silently(&mut self, thing: ThingId, field: u16, def: DefId, old: DefId) {
        let program = self.program;
        let (d, o) = (program.def(def), program.def(old));
        let path = self.path_of(thing, field);
        self.report(
            Diagnostic::new(
                &codes::E0402,
                d.head,
                "`= { }` replaces the block of a wider layer without saying so",
            )
            .label(o.span, format!("set in {}", program.home(o.home, self.names)))
            .at(path)
            .fix("write `override`", d.span.head(), "override ")
            .help("or leave out the `=`: a block without it merges field by field"),
        );
    }

    /// Every thing of a kind by name, in order of name; those inside services as well.
    pub(super) fn group_by_kind(&mut self) {
        let program = self.program;
        self.model.by_kind.clear();
        for (at, decl) in program.decls.iter().enumerate() {
            if let Some(thing) = self.decl_things[at]
                && !(decl.library
                    && self.names.text(program.schema.shape(decl.shape).name) == "role"
                    && !self.used_decls.contains(&DeclId(at as u32)))
            {
                self.model.by_kind.entry(decl.shape).or_default().push(thing);
            }
        }
        for shape in (0..program.schema.shapes.len()).map(|at| ShapeId(at as u32)) {
            if let Some(mut list) = self.model.by_kind.remove(&shape) {
                list.sort_by(|a, b| self.label(*a).cmp(self.label(*b)));
                self.model.by_kind.insert(shape, list);
            }
        }
    }

    pub(super) fn all_of(&mut self, shape: ShapeId) -> Vec<ThingId> {
        let mut all = self.model.by_kind.get(&shape).cloned().unwrap_or_default();
        if shape == self.words.site {
            for service in self.all_named("service") {
                if let Value::Things(ids) = self.get(service, "site") {
                    all.extend(ids.iter().copied());
                }
            }
            all.sort_by(|a, b| self.label(*a).cmp(self.label(*b)));
        }
        all
    }

    pub(super) fn all_named(&self, kind: &str) -> Vec<ThingId> {
        let shape = self.program.schema.kind_called(kind);
        shape.and_then(|s| self.model.by_kind.get(&s)).cloned().unwrap_or_default()
    }

    pub(super) fn find_named(&self, kind: &str, name: &str) -> Option<ThingId> {
        let shape = self.program.schema.kind_called(kind)?;
        let decl = self.program.by_name.get(&(shape, self.names.find(name)?))?;
        self.decl_things[decl.0 as usize]
    }

    /// `file`s and `task`s of the top level belong to the nodes that their `on` names.
    fn spread_over_nodes(&mut self) {
        let program = self.program;
        for at in 0..program.decls.len() {
            let decl = &program.decls[at];
            let kind = self.names.text(program.schema.shape(decl.shape).name);
            if !matches!(kind, "file" | "task") {
                continue;
            }
            let Some(thing) = self.decl_things[at] else { continue };
            let on = self.get(thing, "on");
            let nodes = self.nodes_for(&on, thing);
            for node in nodes {
                self.spread.entry(node).or_default().push(DeclId(at as u32));
            }
        }
    }

    pub(super) fn candidate_ctx(&self, thing: ThingId, node: ThingId) -> Ctx {
        Ctx { candidate: Some(node), ..self.ctx(thing, EnvId(0)) }
    }
}

pub(super) fn own(block: BlockId, rank: u16, env: EnvId) -> Source {
    Source { block, rank, env, template: false, foreign: None }
}
