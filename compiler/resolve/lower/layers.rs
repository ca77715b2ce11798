//! Layers: blocks that hold for every thing of a kind, at the top of files and inside services.

use super::{Lower, Scope, Target};
use crate::diag::{Diagnostic, codes};
use crate::model::homes::Step;
use crate::model::schema::{ShapeId, Ty};
use crate::names::Sym;
use crate::resolve::hir::*;
use crate::source::Span;
use crate::syntax::tree::{Entry, EntryOp, Ident, Stmt, Strength};

impl Lower<'_> {
    /// `arch X`, `os X`: X is a word of that enum.
    pub(super) fn check_layer_word(&mut self, sort: LayerSort, label: Ident) {
        let field = if sort == LayerSort::Arch { self.words.arch } else { self.words.os };
        let Some(node) = self.kind_named("node") else { return };
        let Some(at) = self.program.schema.shape(node).field(field) else { return };
        let ty = self.program.schema.plain(self.program.schema.shape(node).fields[at as usize].ty);
        let Ty::Enum(set) = *self.program.schema.ty(ty) else { return };
        if self.program.schema.enumeration(set).word(label.sym).is_some() {
            return;
        }
        let word = self.text(field).to_string();
        self.unknown_word(set, label.sym, label.span, &format!("no {word} is called"));
    }

    pub(super) fn layer_entry(
        &mut self,
        block: BlockId,
        stmt: &Stmt,
        entry: &Entry,
        field: u16,
        inner: ShapeId,
        scope: &mut Scope,
    ) {
        let word = self.names.shared(entry.word.sym);
        if let Some(label) = entry.label {
            let name = self.text(label.sym).to_string();
            self.report(
                Diagnostic::new(
                    &codes::E0207,
                    label.span,
                    format!("`{word}` in a layer takes no name: it is every {word}"),
                )
                .help(format!(
                    "write `{word} {{ ... }}`, or put `{word} {name}` where it is declared"
                )),
            );
            return;
        }
        match &entry.op {
            EntryOp::Block(body) => {
                let outside = scope.around();
                scope.enter(self, inner);
                let child = self.block(*body, inner, scope);
                scope.leave(outside);
                self.push(
                    block,
                    Def {
                        field,
                        key: None,
                        strength: Strength::Plain,
                        op: Op::Block { block: child, from: None },
                        span: stmt.span,
                        head: entry.word.span,
                        home: scope.home,
                    },
                );
            }
            EntryOp::Missing => {}
            _ => self.expected_block(&word, entry.word.span),
        }
    }

    pub(super) fn expected_block(&mut self, word: &str, span: Span) {
        self.report(
            Diagnostic::new(&codes::E0212, span, format!("`{word}` is a block"))
                .help(format!("write `{word} {{ ... }}`")),
        );
    }

    pub(super) fn inner_layer(
        &mut self,
        block: BlockId,
        stmt: &Stmt,
        entry: &Entry,
        shape: ShapeId,
        scope: &mut Scope,
    ) {
        let (Some(label), Some(sort)) = (entry.label, self.layer_sort_of(entry.word.sym)) else {
            return;
        };
        let word = self.names.shared(entry.word.sym);
        let EntryOp::Block(body) = &entry.op else {
            self.expected_block(&format!("{word} {}", self.text(label.sym)), entry.word.span);
            return;
        };
        let kind = match sort {
            LayerSort::Role => self.kind_named("role"),
            LayerSort::Node => self.kind_named("node"),
            _ => {
                self.check_layer_word(sort, label);
                None
            }
        };
        if let Some(kind) = kind {
            match self.program.by_name.get(&(kind, label.sym)) {
                Some(&decl) => self.refer(label.span, Target::Decl(decl)),
                None => {
                    self.unknown_thing(kind, label.sym, label.span);
                    return;
                }
            }
        }
        let outside = scope.around();
        let step = Step { word: entry.word.sym, label: label.sym, quoted: false };
        scope.home = self.home_at(scope.home, step);
        let child = self.block(*body, shape, scope);
        scope.leave(outside);
        self.facts_do_not_stand_here(child, shape);
        self.program.blocks[block.0 as usize].add_layer(InnerLayer {
            sort,
            name: label.sym,
            block: child,
            span: stmt.span,
        });
    }

    /// `on`, `needs` and `availability` decide where a service runs: no layer of it may say them.
    fn facts_do_not_stand_here(&mut self, block: BlockId, shape: ShapeId) {
        let defs = std::mem::take(&mut self.program.blocks[block.0 as usize].defs);
        let (facts, others): (Vec<DefId>, Vec<DefId>) = defs.into_iter().partition(|&id| {
            let field = self.program.def(id).field as usize;
            self.program.schema.shape(shape).fields[field].fact
        });
        self.program.blocks[block.0 as usize].defs = others;
        for id in facts {
            let def = self.program.def(id);
            let field = &self.program.schema.shape(shape).fields[def.field as usize];
            let (name, span) = (field.name, def.head);
            let word = self.text(name).to_string();
            self.report(
                Diagnostic::new(
                    &codes::E0404,
                    span,
                    format!(
                        "`{word}` decides where the service runs, so a layer of it cannot say it"
                    ),
                )
                .help("move it into the service's own text"),
            );
        }
    }

    pub(super) fn layer_sort_of(&self, word: Sym) -> Option<LayerSort> {
        let w = &self.words;
        [
            (w.arch, LayerSort::Arch),
            (w.os, LayerSort::Os),
            (w.role, LayerSort::Role),
            (w.node, LayerSort::Node),
        ]
        .into_iter()
        .find(|(sym, _)| *sym == word)
        .map(|(_, sort)| sort)
    }
}
