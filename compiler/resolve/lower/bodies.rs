//! The bodies of declarations, on several threads: each lowers a stretch of them into a program of its own,
//! and these are put behind each other in the order of the text. It is the program that one thread makes.

use super::{Lower, Scope, Usage};
use crate::diag::Diagnostic;
use crate::model::homes::Homes;
use crate::model::schema::TyId;
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::{Block as SyntaxBlock, Entry, ExprId, Run};
use crate::threads::{self, Job};
use std::sync::Arc;

/// A body that waits for all names.
pub enum Pending {
    Entry {
        file: usize,
        stmt: Span,
        entry: Entry,
        field: u16,
        decl: Option<DeclId>,
        layer: Option<LayerSort>,
    },
    Template {
        file: usize,
        template: TemplateId,
        params: Run,
        body: SyntaxBlock,
    },
    Assert {
        file: usize,
        message: ExprId,
        condition: ExprId,
        span: Span,
    },
}

/// Whose block a body became.
pub enum Owner {
    Decl(DeclId),
    Template(TemplateId),
}

/// How many of each sort there are.
#[derive(Clone, Copy)]
struct Counts {
    nodes: u32,
    blocks: u32,
    defs: u32,
    froms: u32,
    asserts: u32,
    homes: u32,
}

/// What some bodies became. Numbers from `known` on are its own.
struct Piece {
    known: Counts,
    /// Its lists begin with what was known: all others come behind them, and it is not moved.
    first: bool,
    program: Program,
    diagnostics: Vec<Diagnostic>,
    usage: Usage,
    said_vars: Vec<Span>,
    blocks: Vec<(Owner, BlockId, Option<FromId>)>,
}

impl Lower<'_> {
    pub(super) fn lower_bodies(&mut self, bodies: Vec<Pending>) {
        // The types of vars are seen by other bodies, and are not known before theirs are lowered.
        let trees = self.trees;
        let (first, others): (Vec<_>, Vec<_>) =
            bodies.into_iter().partition(|body| trees[body.file()].has_vars);
        self.lower_these(&first);
        let stretches = stretches(&others, self.input.threads);
        match stretches.len() {
            0 | 1 => self.lower_these(&others),
            _ => self.lower_apart(&stretches),
        }
        for (owner, block, from) in std::mem::take(&mut self.blocks) {
            match owner {
                Owner::Template(template) => {
                    self.program.templates[template.0 as usize].block = block;
                }
                Owner::Decl(decl) => {
                    let decl = &mut Arc::make_mut(&mut self.program.decls)[decl.0 as usize];
                    (decl.block, decl.from) = (block, from);
                }
            }
        }
    }

    fn lower_body(&mut self, body: &Pending) {
        match *body {
            Pending::Template { file, template, body, .. } => {
                self.lower_template(file, template, body)
            }
            Pending::Assert { file, message, condition, span } => {
                let mut scope = Scope::top(file);
                scope.home = self.home("the cluster");
                self.lower_assert(message, condition, span, &mut scope);
            }
            Pending::Entry { file, stmt, ref entry, field, decl, layer } => {
                self.lower_top_entry(file, stmt, entry, field, decl, layer);
            }
        }
    }

    fn lower_these(&mut self, bodies: &[Pending]) {
        for body in bodies {
            if (self.input.wanted)() {
                self.lower_body(body);
            }
        }
    }

    fn lower_apart(&mut self, stretches: &[&[Pending]]) {
        let this = &*self;
        let known = this.counts();
        let exprs: usize = this.trees.iter().map(|tree| tree.exprs.len()).sum();
        let numbered: Vec<(usize, &[Pending])> = stretches.iter().copied().enumerate().collect();
        let pieces = threads::each(&numbered, stretches.len(), |&(nth, bodies)| {
            let mut apart = this.apart(known);
            apart.make_room(if nth == 0 { exprs } else { exprs / stretches.len() });
            apart.lower_these(bodies);
            apart.piece(known, nth == 0)
        });
        let mut end = known;
        let mut placed = Vec::new();
        for piece in pieces {
            placed.push((end, piece));
            end = end.after(&placed.last().expect("it was just put there").1);
        }
        let pieces = threads::each_of(placed, stretches.len(), |(at, piece)| piece.moved(at));
        self.append(pieces);
    }

    /// One who knows the same names, and writes elsewhere.
    fn apart(&self, known: Counts) -> Lower<'_> {
        let mut program = self.program.clone();
        program.homes = Arc::new(Homes::none());
        program.layers = Vec::new();
        Lower {
            known: self.known.clone(),
            program,
            aliases: self.aliases.clone(),
            types: self.types.clone(),
            let_states: self.let_states.clone(),
            homes_before: known.homes,
            ..Lower::new(self.input, self.names, self.words)
        }
    }

    /// For so many expressions more: growing step by step copies them again and again.
    fn make_room(&mut self, exprs: usize) {
        self.program.nodes.reserve(exprs);
        self.program.spans.reserve(exprs);
        self.program.defs.reserve(exprs / 2);
    }

    fn counts(&self) -> Counts {
        let p = &self.program;
        Counts {
            nodes: p.nodes.len() as u32,
            blocks: p.blocks.len() as u32,
            defs: p.defs.len() as u32,
            froms: p.froms.len() as u32,
            asserts: p.asserts.len() as u32,
            homes: p.homes.len() as u32,
        }
    }

    /// What was written since so much was known.
    fn piece(self, known: Counts, first: bool) -> Piece {
        let mut program = self.program;
        fn own<T>(all: &mut Vec<T>, known: u32) {
            all.drain(..known as usize);
        }
        if !first {
            own(&mut program.nodes, known.nodes);
            own(&mut program.spans, known.nodes);
            own(&mut program.blocks, known.blocks);
            own(&mut program.defs, known.defs);
            own(&mut program.froms, known.froms);
            own(&mut program.asserts, known.asserts);
        }
        Piece {
            known,
            first,
            program,
            diagnostics: self.diagnostics,
            usage: self.usage,
            said_vars: self.said_vars,
            blocks: self.blocks,
        }
    }

    /// Puts the pieces behind what is there. They are long: each sort is a thread's.
    fn append(&mut self, pieces: Vec<Piece>) {
        let (mut programs, mut usages, mut types) = (Vec::new(), Vec::new(), Vec::new());
        for piece in pieces {
            let Piece { mut program, diagnostics, usage, said_vars, blocks, .. } = piece;
            let schema = std::mem::take(&mut program.schema);
            types.push(self.program.schema.adopt(schema));
            programs.push(program);
            usages.push(usage);
            self.diagnostics.extend(diagnostics);
            self.blocks.extend(blocks);
            self.said_vars.extend(said_vars);
        }
        let known = |nth: usize, ty: &mut TyId| *ty = types[nth][ty.0 as usize];
        let mut jobs: Vec<Job> = Vec::new();
        if let Some(first) = programs.first_mut() {
            let to = &mut self.program;
            macro_rules! begin {
                ($($list:ident)*) => {$(to.$list = std::mem::take(&mut first.$list);)*};
            }
            begin!(nodes spans defs blocks froms asserts);
        }
        macro_rules! behind {
            ($to:expr, $pieces:ident: $($list:ident $(, $of_each:expr)?;)*) => {$(
                let lists: Vec<_> =
                    $pieces.iter_mut().map(|piece| std::mem::take(&mut piece.$list)).collect();
                let to = &mut $to.$list;
                jobs.push(Box::new(move || {
                    to.reserve(lists.iter().map(|list| list.len()).sum());
                    for (_nth, list) in lists.into_iter().enumerate() {
                        $(let mut list = list; list.iter_mut().for_each(|of| $of_each(_nth, of));)?
                        to.extend(list);
                    }
                }));
            )*};
        }
        let wanted = |nth, of: &mut (Span, TyId)| known(nth, &mut of.1);
        let base = |nth, of: &mut (Span, TyId, Option<LabelId>)| known(nth, &mut of.1);
        behind!(self.program, programs: nodes; spans; defs; blocks; froms; asserts; layers;);
        behind!(self.usage, usages: references; blocks; wants, wanted; bases, base; binders, wanted;);
        behind!(self.usage, usages: decls; lets; templates;);
        let homes = Arc::make_mut(&mut self.program.homes);
        jobs.push(Box::new(move || {
            for program in &mut programs {
                homes.append(Arc::make_mut(&mut program.homes));
            }
        }));
        threads::together(jobs, self.input.threads);
    }
}

impl Counts {
    /// Where the next begins behind a piece that begins here.
    fn after(self, piece: &Piece) -> Counts {
        let p = &piece.program;
        // Lists that begin with what was known begin at nothing.
        let at = |known: u32| if piece.first { 0 } else { known };
        Counts {
            nodes: at(self.nodes) + p.nodes.len() as u32,
            blocks: at(self.blocks) + p.blocks.len() as u32,
            defs: at(self.defs) + p.defs.len() as u32,
            froms: at(self.froms) + p.froms.len() as u32,
            asserts: at(self.asserts) + p.asserts.len() as u32,
            homes: self.homes + p.homes.len() as u32,
        }
    }
}

impl Piece {
    /// The same with its own numbers from there on.
    fn moved(mut self, to: Counts) -> Piece {
        if self.first {
            return self;
        }
        let known = self.known;
        let node = |id: &mut HirId| shift(&mut id.0, known.nodes, to.nodes);
        let block = |id: &mut BlockId| shift(&mut id.0, known.blocks, to.blocks);
        let from = |id: &mut FromId| shift(&mut id.0, known.froms, to.froms);
        let home = |id: &mut HomeId| shift(&mut id.0, known.homes, to.homes);
        let p = &mut self.program;
        for of in &mut p.nodes {
            of.each_child(node);
        }
        for of in &mut p.blocks {
            of.defs.iter_mut().for_each(|id| shift(&mut id.0, known.defs, to.defs));
            of.each_of_rest(|assert| shift(assert, known.asserts, to.asserts), block);
        }
        for def in &mut p.defs {
            home(&mut def.home);
            match &mut def.op {
                Op::Set(id) | Op::Add(id) | Op::Sub(id) => node(id),
                Op::Unset => {}
                Op::Block { block: id, from: made } => {
                    block(id);
                    made.iter_mut().for_each(from);
                }
                Op::Replace(id) => block(id),
            }
        }
        p.froms.iter_mut().flat_map(|from| from.args.iter_mut().flatten()).for_each(node);
        for assert in &mut p.asserts {
            node(&mut assert.message);
            node(&mut assert.condition);
            home(&mut assert.home);
        }
        p.layers.iter_mut().for_each(|layer| block(&mut layer.block));
        Arc::make_mut(&mut p.homes).shift(known.homes, to.homes);
        for (_, id, made) in &mut self.blocks {
            block(id);
            made.iter_mut().for_each(from);
        }
        self
    }
}

/// A number that is a piece's own, from `known` on, counts from `to` on.
fn shift(number: &mut u32, known: u32, to: u32) {
    if *number >= known {
        *number += to - known;
    }
}

/// Cuts bodies into so many stretches of about the same length, or fewer.
fn stretches(bodies: &[Pending], threads: usize) -> Vec<&[Pending]> {
    let all: usize = bodies.iter().map(Pending::bytes).sum();
    let count = threads.min(all / threads::WORTH_ONE).max(1);
    let (mut rest, mut bytes, mut cut) = (bodies, 0, Vec::new());
    while cut.len() + 1 < count {
        let end = all * (cut.len() + 1) / count;
        let behind = |body: &Pending| {
            let before = bytes;
            bytes += body.bytes();
            before >= end
        };
        let at = rest.iter().position(behind).unwrap_or(rest.len());
        let (stretch, others) = rest.split_at(at);
        bytes -= others.first().map_or(0, Pending::bytes);
        cut.push(stretch);
        rest = others;
    }
    cut.push(rest);
    cut
}

impl Pending {
    fn file(&self) -> usize {
        match *self {
            Pending::Entry { file, .. }
            | Pending::Template { file, .. }
            | Pending::Assert { file, .. } => file,
        }
    }

    fn bytes(&self) -> usize {
        let span = match self {
            Pending::Entry { stmt: span, .. } | Pending::Assert { span, .. } => span,
            Pending::Template { body, .. } => &body.span,
        };
        (span.end - span.start) as usize
    }
}
