//! The labelled things that a text shows: what names can be followed before anything is evaluated. Each declaration's
//! are collected by themselves, those of large projects on several threads.

use super::Lower;
use crate::model::schema::{ShapeId, Ty};
use crate::names::Sym;
use crate::resolve::hir::{LabelId, LabelNode, TemplateId};
use crate::syntax::tree::{Block, Entry, EntryOp, ExprKind, Ident, StmtKind, Tree};
use crate::threads;

/// The labels of one declaration, its own first. Their numbers begin with it.
pub(super) struct Grown {
    nodes: Vec<LabelNode>,
    /// Names that an expression cannot mean.
    taken: Vec<Sym>,
}

impl Grown {
    pub fn len(&self) -> usize {
        self.nodes.len()
    }
}

pub(super) fn body_of(op: &EntryOp) -> Option<Block> {
    match op {
        EntryOp::Assign { body, .. } | EntryOp::From { body, .. } => *body,
        EntryOp::Block(block) => Some(*block),
        _ => None,
    }
}

/// The same, and what stands as a block behind a `=` where a thing has no value: its body is meant.
pub(super) fn body_meant(tree: &Tree, op: &EntryOp, has_value: bool) -> Option<Block> {
    body_of(op).or(match op {
        EntryOp::Assign { value, .. } if !has_value => match tree.expr(*value).kind {
            ExprKind::Record(block) => Some(block),
            _ => None,
        },
        _ => None,
    })
}

/// What a label is of: its kind, its name, and the template that it is made from.
type Named = (ShapeId, Ident, Option<TemplateId>);

impl Lower<'_> {
    /// Of each file and each of its statements, the labels of what it declares.
    pub(super) fn labels_of_files(&self) -> Vec<Vec<Option<Grown>>> {
        let files: Vec<usize> = (0..self.trees.len()).collect();
        let bytes: usize = files.iter().map(|&file| self.text_of(file).len()).sum();
        let threads = self.input.threads.min(bytes / threads::WORTH_ONE);
        threads::each(&files, threads, |&file| {
            let tree = &self.trees[file];
            let labels = |stmt| match &tree.stmt(stmt).kind {
                StmtKind::Entry(entry) => self.labels_of_entry(file, entry),
                _ => None,
            };
            tree.stmts_of(tree.top).iter().map(|&stmt| labels(stmt)).collect()
        })
    }

    fn text_of(&self, file: usize) -> &str {
        &self.sources.file(self.trees[file].file).text
    }

    fn labels_of_entry(&self, file: usize, entry: &Entry) -> Option<Grown> {
        let project = self.program.schema.shape(self.program.project);
        let field = project.field(entry.word.sym)?;
        let (shape, name) = match *self.program.schema.ty(project.fields[field as usize].ty) {
            Ty::Named(shape) => (shape, entry.label?),
            Ty::One(shape) | Ty::Record(shape) => (shape, entry.label.unwrap_or(entry.word)),
            _ => return None,
        };
        let template = self.template_of_entry(file, entry);
        let has_value = self.program.schema.shape(shape).main.is_some();
        let body = body_meant(&self.trees[file], &entry.op, has_value);
        Some(self.labels_of(file, (shape, name, template), body))
    }

    pub(super) fn labels_of(&self, file: usize, named: Named, body: Option<Block>) -> Grown {
        let (nodes, taken) = (Vec::new(), Vec::new());
        let mut growing = Growing { lower: self, file, grown: Grown { nodes, taken } };
        let label = growing.label(named);
        if let Some(body) = body {
            growing.children(label, named.0, body);
        }
        growing.grown
    }

    /// Puts the labels of a declaration behind those that there are; the number of its own.
    pub(super) fn adopt(&mut self, grown: Grown) -> LabelId {
        let first = self.labels.len() as u32;
        let Grown { mut nodes, taken } = grown;
        for (_, _, child) in nodes.iter_mut().flat_map(|node| &mut node.children) {
            child.0 += first;
        }
        self.labels.append(&mut nodes);
        if !taken.is_empty() {
            self.known().ghosts.extend(taken);
        }
        LabelId(first)
    }
}

struct Growing<'l, 'a> {
    lower: &'l Lower<'a>,
    file: usize,
    grown: Grown,
}

impl Growing<'_, '_> {
    fn label(&mut self, (shape, name, template): Named) -> LabelId {
        let kind = self.lower.program.schema.shape(shape).is_kind;
        if !name.quoted && kind && self.lower.is_taken(name.sym) {
            self.grown.taken.push(name.sym);
        }
        let id = LabelId(self.grown.nodes.len() as u32);
        let (span, children) = (name.span, Vec::new());
        self.grown.nodes.push(LabelNode { shape, name: name.sym, span, children, template });
        id
    }

    /// The labelled things in a body, and below; those of a service's layers are the service's own.
    fn children(&mut self, label: LabelId, shape: ShapeId, body: Block) {
        let lower = self.lower;
        let tree = &lower.trees[self.file];
        for &id in tree.stmts_of(body.stmts) {
            let StmtKind::Entry(entry) = &tree.stmt(id).kind else { continue };
            if lower.is_inner_layer(shape, entry) {
                if let Some(inner) = body_of(&entry.op) {
                    self.children(label, shape, inner);
                }
                continue;
            }
            let shape = lower.program.schema.shape(shape);
            let Some(field) = shape.field(entry.word.sym) else { continue };
            let ty = lower.program.schema.plain(shape.fields[field as usize].ty);
            let (inner, name, template) = match *lower.program.schema.ty(ty) {
                Ty::Named(inner) => {
                    let Some(name) = entry.label else { continue };
                    (inner, name, lower.template_of_entry(self.file, entry))
                }
                // `hardware { disk flash { } }`: the record is a step of the path.
                Ty::Record(inner) if body_of(&entry.op).is_some() => (inner, entry.word, None),
                _ => continue,
            };
            let child = self.child(label, entry.word, (inner, name, template));
            let has_value = lower.program.schema.shape(inner).main.is_some();
            if let Some(body) = body_meant(tree, &entry.op, has_value) {
                self.children(child, inner, body);
            }
        }
    }

    fn child(&mut self, parent: LabelId, word: Ident, named: Named) -> LabelId {
        let (_, name, template) = named;
        let children = &self.grown.nodes[parent.0 as usize].children;
        if let Some(&(_, _, old)) =
            children.iter().find(|(w, n, _)| *w == word.sym && *n == name.sym)
        {
            let node = &mut self.grown.nodes[old.0 as usize];
            node.template = node.template.or(template);
            return old;
        }
        let id = self.label(named);
        self.grown.nodes[parent.0 as usize].children.push((word.sym, name.sym, id));
        id
    }
}
