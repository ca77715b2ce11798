//! Moving what services and what runs in them say: a line that all of a kind say, into the layer of all; a line of that
//! layer, to each of them; some of what one says, into a template of its own.

use super::{Mover, Refactoring, Sort};
use crate::diag::Edit;
use crate::source::{FileId, Place, Span};
use crate::syntax::tree::{Block, Entry, EntryOp, Stmt, StmtKind, Tree};

/// The kinds that have a layer of all in `global`, beside nodes, which have roles.
const KINDS: [&str; 3] = ["service", "container", "unit"];

/// A named block in the project's text.
struct Body<'a> {
    kind: &'static str,
    tree: &'a Tree,
    entry: &'a Entry,
    block: Block,
}

impl Mover<'_> {
    /// What may be moved from a range of a file.
    pub(super) fn alike(&self, file: FileId, from: u32, to: u32) -> Vec<Refactoring> {
        let touched = |span: Span| span.file == file && span.start <= to && from <= span.end;
        let bodies = self.bodies();
        let mut out = Vec::new();
        for body in bodies.iter().filter(|body| touched(body.block.span)) {
            let stmts: Vec<&Stmt> =
                self.lines(body.tree, body.block).filter(|stmt| touched(stmt.span)).collect();
            if let [stmt] = stmts.as_slice() {
                out.extend(self.lift_to_all(body.kind, &bodies, stmt));
            }
            out.extend(self.template(body, &stmts));
        }
        for (kind, tree, layer) in KINDS.iter().filter_map(|kind| self.layer_of_all(kind)) {
            for stmt in self.lines(tree, layer).filter(|stmt| touched(stmt.span)) {
                out.extend(self.lower_to_each(kind, &bodies, stmt));
            }
        }
        out
    }

    /// Every block of such a kind that has a name.
    fn bodies(&self) -> Vec<Body<'_>> {
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
                if block.closed && entry.label.is_some() {
                    bodies.push(Body { kind, tree, entry, block });
                }
            }
        }
        bodies
    }

    fn own_trees(&self) -> impl Iterator<Item = &Tree> {
        let own = |tree: &&Tree| self.c.sources.file(tree.file).place == Place::Project;
        self.c.trees.iter().map(|tree| &**tree).filter(own)
    }

    /// The statements of a block that give a field one value.
    fn lines<'t>(&self, tree: &'t Tree, block: Block) -> impl Iterator<Item = &'t Stmt> {
        tree.stmts_of(block.stmts).iter().map(|&id| tree.stmt(id)).filter(|stmt| {
            matches!(&stmt.kind, StmtKind::Entry(entry)
                if entry.label.is_none() && matches!(entry.op, EntryOp::Assign { .. }))
        })
    }

    fn word<'t>(&'t self, stmt: &Stmt) -> &'t str {
        match &stmt.kind {
            StmtKind::Entry(entry) => self.c.names.text(entry.word.sym),
            _ => "",
        }
    }

    /// `global { container { } }`, where it is.
    fn layer_of_all(&self, kind: &'static str) -> Option<(&'static str, &Tree, Block)> {
        let (tree, global) = self.global()?;
        let layer = self.block_in(tree, global, kind)?;
        Some((kind, tree, layer))
    }

    fn global(&self) -> Option<(&Tree, Block)> {
        self.own_trees().find_map(|tree| {
            let stmts = tree.stmts_of(tree.top).iter().map(|&id| tree.stmt(id));
            stmts.into_iter().find_map(|stmt| match &stmt.kind {
                StmtKind::Entry(Entry { word, op: EntryOp::Block(block), .. })
                    if block.closed && self.c.names.text(word.sym) == "global" =>
                {
                    Some((tree, *block))
                }
                _ => None,
            })
        })
    }

    /// A line that all of a kind say, said once for all.
    fn lift_to_all(&self, kind: &'static str, bodies: &[Body], stmt: &Stmt) -> Option<Refactoring> {
        let (tree, global) = self.global()?;
        let line = self.statement(stmt.span, "");
        let all = bodies.iter().filter(|body| body.kind == kind);
        let said: Option<Vec<Span>> = all
            .map(|body| {
                let mut lines = self.lines(body.tree, body.block);
                lines.find(|s| self.statement(s.span, "") == line).map(|s| s.span)
            })
            .collect();
        let said = said.filter(|said| said.len() > 1)?;
        let mut edits: Vec<Edit> = said.iter().map(|&span| self.without(span)).collect();
        edits.push(match self.block_in(tree, global, kind) {
            Some(layer) => self.at_end(layer, &[stmt.span], "    "),
            None => {
                let text = self.statement(stmt.span, "    ");
                Edit { span: self.close(global), text: format!("\n  {kind} {{\n{text}  }}\n") }
            }
        });
        let (word, count) = (self.word(stmt), said.len());
        let title = format!("say `{word}` once, for every {kind}, instead of in {count} of them");
        Some(Refactoring { title, sort: Sort::Lift, edits })
    }

    /// A line that holds for all of a kind, said by each of them that says nothing of the sort.
    fn lower_to_each(
        &self,
        kind: &'static str,
        bodies: &[Body],
        stmt: &Stmt,
    ) -> Option<Refactoring> {
        let word = self.word(stmt);
        let mut edits = vec![self.without(stmt.span)];
        for body in bodies.iter().filter(|body| body.kind == kind) {
            let says = self.lines(body.tree, body.block).any(|own| self.word(own) == word);
            if !says {
                let source = &self.c.sources.file(body.block.span.file).text;
                let line = source[..body.entry.word.span.start as usize].rsplit('\n').next();
                let margin = line.unwrap_or("").len() - line.unwrap_or("").trim_start().len() + 2;
                edits.push(self.at_end(body.block, &[stmt.span], &" ".repeat(margin)));
            }
        }
        (edits.len() > 1).then(|| Refactoring {
            title: format!("say `{word}` in each {kind} instead of for all"),
            sort: Sort::Lower,
            edits,
        })
    }

    /// Some of what one says, as a template that others may be made from as well.
    fn template(&self, body: &Body, stmts: &[&Stmt]) -> Option<Refactoring> {
        // One that is made from a template has its body from there.
        let (EntryOp::Block(_), Some(label)) = (&body.entry.op, body.entry.label) else {
            return None;
        };
        let own = |word: &str| matches!(word, "on" | "secrets");
        let spans: Vec<Span> =
            stmts.iter().filter(|stmt| !own(self.word(stmt))).map(|stmt| stmt.span).collect();
        let first = stmts.iter().find(|stmt| !own(self.word(stmt)))?;
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
