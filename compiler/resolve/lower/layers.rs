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
        self.unknown_word(set, label.sym, label.span, Some(&format!("no {word} is called")));
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
        let word = self.names.text(entry.word.sym);
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
                self.decided_elsewhere(child, inner);
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
            _ => self.expected_block(word, entry.word.span, None),
        }
    }

    pub(super) fn expected_block(&mut self, word: &str, span: Span, shape: Option<ShapeId>) {
        let fields = shape.map(|shape| self.program.schema.shape(shape).fields.as_slice());
        let names: Vec<&str> =
            fields.unwrap_or_default().iter().map(|f| self.names.text(f.name)).collect();
        let inside = names.first().map_or("...".to_string(), |first| format!("{first} = ..."));
        let diagnostic = Diagnostic::new(&codes::E0212, span, format!("`{word}` is a block"));
        let diagnostic = match names.len() {
            1..=8 => diagnostic.note(format!("it has: {}", names.join(", "))),
            _ => diagnostic,
        };
        // `health = "/healthz"`
        let path = self.sources.text(span).starts_with("\"/");
        let of_paths = |ty| matches!(*self.program.schema.ty(self.program.schema.plain(ty)), Ty::Text(row) if self.program.schema.text_type(row).name == "path");
        let taken = fields.unwrap_or_default().iter().find(|f| path && of_paths(f.ty));
        if let Some(field) = taken {
            let inside = format!("{} = {}", self.names.text(field.name), self.sources.text(span));
            let way = format!("write `{word} {{ {inside} }}`");
            let before = &self.sources.file(span.file).text[..span.start as usize];
            let sign = before.trim_end().trim_end_matches('=').trim_end().len() as u32;
            let whole = Span { start: sign, ..span };
            self.report(diagnostic.suggest(way, whole, format!(" {{ {inside} }}")));
            return;
        }
        self.report(diagnostic.help(format!("write `{word} {{ {inside} }}`")));
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
        let word = self.names.text(entry.word.sym);
        let EntryOp::Block(body) = &entry.op else {
            self.expected_block(&format!("{word} {}", self.text(label.sym)), entry.word.span, None);
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
        self.decided_elsewhere(child, shape);
        self.program.blocks[block.0 as usize].add_layer(InnerLayer {
            sort,
            name: label.sym,
            block: child,
            span: stmt.span,
        });
    }

    /// `on`, `needs` and `availability` decide where a service runs, `arch`, `os` and `roles` which layers a node is in:
    /// no layer may say them, whether anything is in it or not.
    fn decided_elsewhere(&mut self, block: BlockId, shape: ShapeId) {
        let kind = self.program.schema.shape(shape).name;
        let (of_service, of_node) = (kind == self.words.service, kind == self.words.node);
        let is_inner = !of_service && !of_node && self.text(kind) == "service-layer";
        if !(of_service || of_node || is_inner) {
            return;
        }
        let defs = std::mem::take(&mut self.program.blocks[block.0 as usize].defs);
        let (said, others): (Vec<DefId>, Vec<DefId>) = defs.into_iter().partition(|&id| {
            let field =
                &self.program.schema.shape(shape).fields[self.program.def(id).field as usize];
            match of_node {
                true => matches!(self.text(field.name), "arch" | "os" | "roles" | "managed"),
                false => field.fact,
            }
        });
        self.program.blocks[block.0 as usize].defs = others;
        for id in said {
            let def = self.program.def(id);
            let field = &self.program.schema.shape(shape).fields[def.field as usize];
            let (word, span) = (self.text(field.name).to_string(), def.head);
            let (message, way) = match of_node {
                true => (
                    format!("`{word}` decides which layers a node is in, so no layer can say it"),
                    "state it in the node's own block, or in its template",
                ),
                false => (
                    format!(
                        "`{word}` decides where the service runs, so a layer of it cannot say it"
                    ),
                    "move it into the service's own text",
                ),
            };
            self.report(Diagnostic::new(&codes::E0404, span, message).help(way));
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
