//! Moving what nodes, services and what runs in them say: a line that all of a kind in a layer say, into the layer; a
//! line of a layer, to each of them; some of what one says, into a template of its own.

use super::{Mover, Refactoring, Sort};
use crate::diag::Edit;
use crate::model::{ThingId, families};
use crate::source::{FileId, Span};
use crate::syntax::tree::{Block, Entry, EntryOp, Stmt, StmtKind, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// The kinds that a layer says something for.
const KINDS: [&str; 4] = ["node", "service", "container", "unit"];
/// The layers, those that were made on purpose first.
const LAYERS: [&str; 5] = ["role", "global", "os", "arch", "node"];

/// A named block in the project's text.
struct Body<'a> {
    kind: &'static str,
    tree: &'a Tree,
    entry: &'a Entry,
    block: Block,
    /// Where it comes to be; a node is on itself.
    nodes: BTreeSet<ThingId>,
}

/// A declaration that says something for all of a kind on its nodes.
struct Layer<'a> {
    sort: &'static str,
    name: &'a str,
    tree: &'a Tree,
    block: Block,
    /// None for all, also for what is nowhere yet.
    nodes: Option<BTreeSet<ThingId>>,
}

impl Layer<'_> {
    /// Whether it says of a block what it says, wherever that comes to be.
    fn holds(&self, body: &Body) -> bool {
        let nodes = self.nodes.as_ref();
        nodes.is_none_or(|nodes| !body.nodes.is_empty() && body.nodes.is_subset(nodes))
    }

    /// Whether it says of a block what it says, at least somewhere.
    fn reaches(&self, body: &Body) -> bool {
        self.nodes.as_ref().is_none_or(|nodes| !body.nodes.is_disjoint(nodes))
    }

    /// `in role `x``
    fn place(&self, kind: &str) -> String {
        match self.sort {
            "global" => format!("for every {kind}"),
            "node" => format!("on node `{}`", self.name),
            sort => format!("in {sort} `{}`", self.name),
        }
    }
}

impl Mover<'_> {
    /// What may be moved from a range of a file.
    pub(super) fn moved(&self, file: FileId, from: u32, to: u32) -> Vec<Refactoring> {
        let touched = |span: Span| span.file == file && span.start <= to && from <= span.end;
        let (bodies, layers) = (self.bodies(), self.layers());
        let mut out = Vec::new();
        let marked: Vec<&Body> = bodies.iter().filter(|body| touched(body.block.span)).collect();
        let count = |kind: &str| marked.iter().filter(|body| body.kind == kind).count();
        let counts = KINDS.map(|kind| (kind, count(kind)));
        // Who marks several of a kind means none of them.
        for body in marked.iter().filter(|body| counts.contains(&(body.kind, 1))) {
            let stmts: Vec<&Stmt> =
                self.lines(body.tree, body.block).filter(|stmt| touched(stmt.span)).collect();
            if let [stmt] = stmts.as_slice() {
                out.extend(self.lift(body, &bodies, &layers, stmt));
            }
            out.extend(self.template(body, &stmts));
        }
        for layer in layers.iter().filter(|layer| touched(layer.block.span)) {
            for kind in KINDS {
                let Some(block) = self.block_in(layer.tree, layer.block, kind) else { continue };
                for stmt in self.lines(layer.tree, block).filter(|stmt| touched(stmt.span)) {
                    out.extend(self.lower(kind, layer, &bodies, stmt));
                }
            }
        }
        out
    }

    /// Every block of such a kind that has a name.
    fn bodies(&self) -> Vec<Body<'_>> {
        let model = &self.c.resolved.model;
        // By the place of its head, which holds its name.
        let mut nodes: BTreeMap<(FileId, u32), (u32, BTreeSet<ThingId>)> = BTreeMap::new();
        let things = (0..model.things.len()).map(ThingId::new);
        let placed =
            things.filter_map(|thing| Some((model.thing(thing).span, model.thing(thing).node?)));
        let themselves = model.all("node").iter().map(|node| (model.thing(*node).span, *node));
        for (span, node) in placed.chain(themselves) {
            let here = nodes.entry((span.file, span.start)).or_insert((span.end, BTreeSet::new()));
            here.1.insert(node);
        }
        let nodes_of = |name: Span| {
            let head = nodes.range(..=(name.file, name.start)).next_back();
            let head =
                head.filter(|((file, _), (end, _))| *file == name.file && name.start <= *end);
            head.map_or_else(BTreeSet::new, |(_, (_, nodes))| nodes.clone())
        };
        let mut bodies = Vec::new();
        for tree in self.own_trees() {
            for stmt in &tree.stmts {
                let StmtKind::Entry(entry) = &stmt.kind else { continue };
                let word = self.c.names.text(entry.word.sym);
                let Some(&kind) = KINDS.iter().find(|kind| **kind == word) else { continue };
                let block = match entry.op {
                    EntryOp::Block(block) | EntryOp::From { body: Some(block), .. } => block,
                    _ => continue,
                };
                if let (true, Some(label)) = (block.closed, entry.label) {
                    let nodes = nodes_of(label.span);
                    bodies.push(Body { kind, tree, entry, block, nodes });
                }
            }
        }
        bodies
    }

    /// Every layer of the project's own, in the order of `LAYERS`.
    fn layers(&self) -> Vec<Layer<'_>> {
        let mut layers = Vec::new();
        for tree in self.own_trees() {
            for &id in tree.stmts_of(tree.top) {
                let StmtKind::Entry(entry) = &tree.stmt(id).kind else { continue };
                let word = self.c.names.text(entry.word.sym);
                let Some(&sort) = LAYERS.iter().find(|sort| **sort == word) else { continue };
                let EntryOp::Block(block) = entry.op else { continue };
                let name = entry.label.map_or("", |label| self.c.names.text(label.sym));
                if block.closed {
                    let nodes = self.nodes_in(sort, name);
                    layers.push(Layer { sort, name, tree, block, nodes });
                }
            }
        }
        let order = |sort: &str| LAYERS.iter().position(|other| *other == sort);
        layers.sort_by_key(|layer| order(layer.sort));
        layers
    }

    /// The nodes of a layer; none for all of them.
    fn nodes_in(&self, sort: &str, name: &str) -> Option<BTreeSet<ThingId>> {
        let model = &self.c.resolved.model;
        if sort == "node" {
            return Some(model.find("node", name).into_iter().collect());
        }
        let is_in = |node: &ThingId| match sort {
            "arch" => model.word(*node, "arch") == Some(name),
            "os" => model.word(*node, "os").is_some_and(|os| families::line(os).contains(&name)),
            _ => {
                let roles = model.get(*node, "roles").items();
                let is_it = |role: ThingId| model.label(role) == name;
                roles.iter().any(|role| role.value.as_thing().is_some_and(is_it))
            }
        };
        (sort != "global").then(|| model.all("node").iter().copied().filter(is_in).collect())
    }

    /// The statements of a block that give a field a value, or add to it.
    fn lines<'t>(&self, tree: &'t Tree, block: Block) -> impl Iterator<Item = &'t Stmt> {
        tree.stmts_of(block.stmts).iter().map(|&id| tree.stmt(id)).filter(|stmt| {
            matches!(&stmt.kind, StmtKind::Entry(Entry { label: None, op, .. })
                if matches!(op, EntryOp::Assign { .. } | EntryOp::Add { .. }))
        })
    }

    fn word<'t>(&'t self, stmt: &Stmt) -> &'t str {
        match &stmt.kind {
            StmtKind::Entry(entry) => self.c.names.text(entry.word.sym),
            _ => "",
        }
    }

    /// What a thing says for itself alone, whatever layers there are.
    fn is_own(&self, body: &Body, word: &str) -> bool {
        let node = || {
            let name = body.entry.label.map(|label| self.c.names.text(label.sym))?;
            let decl = self.decl("node", name)?;
            let shape = self.c.resolved.program.schema.shape(decl.shape);
            Some(self.is_fact(decl, shape.field(self.c.names.find(word)?)?))
        };
        match body.kind {
            "node" => node().unwrap_or(true),
            _ => matches!(word, "on" | "secrets"),
        }
    }

    /// A line that all of a kind in a layer say, said once there.
    fn lift(
        &self,
        body: &Body,
        bodies: &[Body],
        layers: &[Layer],
        stmt: &Stmt,
    ) -> Vec<Refactoring> {
        let (kind, word, line) = (body.kind, self.word(stmt), self.statement(stmt.span, ""));
        let mut out: Vec<Refactoring> = Vec::new();
        let mut seen: Vec<Vec<Span>> = Vec::new();
        for layer in layers.iter().filter(|layer| layer.holds(body) && layer.sort != kind) {
            let all = bodies.iter().filter(|other| other.kind == kind && layer.holds(other));
            let said: Option<Vec<Span>> = all
                .map(|other| {
                    let mut lines = self.lines(other.tree, other.block);
                    let same =
                        |s: &&Stmt| self.word(s) == word && self.statement(s.span, "") == line;
                    lines.find(same).map(|s| s.span)
                })
                .collect();
            let of_role = kind == "node" && layer.sort == "role";
            let Some(said) = said.filter(|said| said.len() > 1 || of_role) else { continue };
            // A role, or all: who says the same of the same by its system or processor means one of these.
            let made = matches!(layer.sort, "role" | "global");
            if self.is_own(body, word) || (!made && seen.contains(&said)) {
                continue;
            }
            let mut edits: Vec<Edit> = said.iter().map(|&span| self.without(span)).collect();
            edits.push(self.to_layer(layer, kind, stmt));
            let instead = match (kind, said.len()) {
                ("node", 1) => "on its node".to_owned(),
                ("node", count) if layer.sort == "role" => format!("on its {count} nodes"),
                ("node", count) => format!("on {count} nodes"),
                (_, count) => format!("in {count} of them"),
            };
            seen.push(said);
            out.push(Refactoring {
                title: format!("say `{word}` once, {}, instead of {instead}", layer.place(kind)),
                sort: Sort::Lift,
                edits,
            });
        }
        out
    }

    fn to_layer(&self, layer: &Layer, kind: &str, stmt: &Stmt) -> Edit {
        match self.block_in(layer.tree, layer.block, kind) {
            Some(block) => self.at_end(block, &[stmt.span], "    "),
            None => {
                let text = self.statement(stmt.span, "    ");
                let at = self.close(layer.block);
                Edit { span: at, text: format!("\n  {kind} {{\n{text}  }}\n") }
            }
        }
    }

    /// A line that a layer says for all of a kind, said by each of them that says nothing of the sort.
    fn lower(
        &self,
        kind: &'static str,
        layer: &Layer,
        bodies: &[Body],
        stmt: &Stmt,
    ) -> Option<Refactoring> {
        let word = self.word(stmt);
        let mut edits = vec![self.without(stmt.span)];
        for body in bodies.iter().filter(|body| body.kind == kind && layer.reaches(body)) {
            let says = self.lines(body.tree, body.block).any(|own| self.word(own) == word);
            if !says {
                let source = &self.c.sources.file(body.block.span.file).text;
                let line = source[..body.entry.word.span.start as usize].rsplit('\n').next();
                let margin = line.unwrap_or("").len() - line.unwrap_or("").trim_start().len() + 2;
                edits.push(self.at_end(body.block, &[stmt.span], &" ".repeat(margin)));
            }
        }
        let each = if kind == "node" { "on each node".into() } else { format!("in each {kind}") };
        let instead = match layer.sort {
            "global" => "for all".to_owned(),
            _ => layer.place(kind),
        };
        (edits.len() > 1).then(|| Refactoring {
            title: format!("say `{word}` {each} instead of {instead}"),
            sort: Sort::Lower,
            edits,
        })
    }

    /// Some of what one says, as a template that others may be made from as well.
    fn template(&self, body: &Body, stmts: &[&Stmt]) -> Option<Refactoring> {
        // One that is made from a template has its body from there; of nodes there are none.
        let (EntryOp::Block(_), Some(label)) = (&body.entry.op, body.entry.label) else {
            return None;
        };
        if body.kind == "node" {
            return None;
        }
        let own = |stmt: &&&Stmt| {
            self.is_own(body, self.word(stmt))
                || !matches!(&stmt.kind, StmtKind::Entry(e) if matches!(e.op, EntryOp::Assign { .. }))
        };
        let taken: Vec<&&Stmt> = stmts.iter().filter(|stmt| !own(stmt)).collect();
        let spans: Vec<Span> = taken.iter().map(|stmt| stmt.span).collect();
        let first = taken.first()?;
        let label = self.c.names.text(label.sym);
        let mut name = format!("{label}-{}", self.word(first)).replace('_', "-");
        if !crate::resolve::values::is_name(&name) {
            return None;
        }
        let templates = &self.c.resolved.program.templates;
        while templates.iter().any(|t| self.c.names.text(t.name) == name) {
            name.push_str("-2");
        }
        let mut edits: Vec<Edit> = spans.iter().map(|&span| self.without(span)).collect();
        let open = Span { end: body.block.span.start, ..body.block.span };
        edits.push(Edit { span: open, text: format!("from {name}() ") });
        let lines: String = spans.iter().map(|&span| self.statement(span, "  ")).collect();
        edits.push(self.at_end_of_file(
            body.block.span.file,
            &format!("template {name}() for {} {{\n{lines}}}\n", body.kind),
        ));
        let title = format!("make it the template `{name}`");
        Some(Refactoring { title, sort: Sort::Lift, edits })
    }
}
