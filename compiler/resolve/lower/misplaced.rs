//! A field that is unknown where it stands: what it is called here, or which block it is a field of. What other tools
//! call it stands in `foreign`.

use super::foreign::{FIELDS, RENAMED};
use super::{Lower, Scope, a};
use crate::diag::{About, Diagnostic, Edit, Fix, Safety, codes};
use crate::model::schema::{Shape, ShapeId, Ty};
use crate::names::Sym;
use crate::source::Span;
use crate::syntax::tree::{Ident, Run, StmtKind};
use crate::types::distance::{longer, nearest};

/// The statement of a field, and those of its block.
#[derive(Clone, Copy)]
pub(super) struct Placed {
    pub stmt: Span,
    pub block: Run,
}

impl Lower<'_> {
    /// How a thing of that kind is declared, and in what, where it does not stand at the top.
    pub(super) fn declaration(&self, what: &str, kind: ShapeId, label: &str) -> String {
        let schema = &self.program.schema;
        let holds = |shape: &Shape| {
            shape.fields.iter().any(|field| *schema.ty(field.ty) == Ty::Named(kind))
        };
        let word = self.text(schema.shape(kind).name);
        let body = if schema.shape(kind).main.is_some() { "= ..." } else { "{ ... }" };
        let holders: Vec<&str> = match holds(schema.shape(self.program.project)) {
            true => Vec::new(),
            false => {
                let kinds = schema.shapes.iter().filter(|shape| shape.is_kind && holds(shape));
                kinds.map(|shape| self.text(shape.name)).collect()
            }
        };
        match holders.split_last() {
            None => format!("{what}: `{word} {label} {body}`"),
            Some((last, [])) => format!("{what} in a {last}: `{word} {label} {body}`"),
            Some((last, others)) => {
                format!("{what} in a {} or {last}: `{word} {label} {body}`", others.join(", "))
            }
        }
    }

    /// `placed` where the whole statement may be put elsewhere.
    pub(super) fn unknown_field(
        &mut self,
        word: Ident,
        placed: Option<Placed>,
        shape: ShapeId,
        scope: &Scope,
    ) {
        let text = self.text(word.sym).to_string();
        let s = self.program.schema.shape(shape);
        let kind = self.text(s.name).to_string();
        let all: Vec<String> = s.fields.iter().map(|f| self.text(f.name).to_string()).collect();
        let owner = self.owner_of_fields(&kind, shape, scope);
        let message = format!("{owner} has no field `{text}`");
        let diagnostic =
            Diagnostic::new(&codes::E0202, word.span, message).about(About::Field { owner: kind });
        if let Some(found) = self.field_meant(diagnostic.clone(), word, placed, shape, scope) {
            self.report(found);
            return;
        }
        let mut near = nearest(&text, all.iter().map(String::as_str));
        if near.is_empty() {
            near = longer(&text, all.iter().map(String::as_str));
        }
        // `disks = [...]`: each has a name, and a list is none.
        if let ([one], Some(placed)) = (near.as_slice(), placed)
            && self.is_of_named(shape, one)
            && self.sources.text(placed.stmt).contains('=')
            && text.trim_end_matches('s') == *one
        {
            let way = format!("each has a name of its own: `{one} NAME ...`");
            return self.report(diagnostic.help(way));
        }
        let mut diagnostic =
            super::did_you_mean(diagnostic, word.span, self.sources.text(word.span), &near);
        if near.is_empty() {
            diagnostic = diagnostic.note(format!("{owner} has: {}", all.join(", ")));
        }
        self.report(diagnostic.or_help("use one of these, or take it out"));
    }

    /// A record has the name of the field that it is.
    fn owner_of_fields(&self, kind: &str, shape: ShapeId, scope: &Scope) -> String {
        let is_kind = self.program.schema.shape(shape).is_kind;
        let around = scope.labels.last().map(|l| &self.program.labels[l.0 as usize]);
        match around {
            Some(label) if !is_kind && label.shape == shape => {
                format!("`{}`", self.text(label.name))
            }
            _ if kind == "record" && !is_kind => "this block".to_string(),
            _ => match kind.strip_suffix("-layer") {
                Some(layer) if layer != "service" => format!("the layer `{layer}`"),
                _ if kind == "global" => "the layer `global`".to_string(),
                _ if kind == "secret-path" => "a path of secrets".to_string(),
                _ => a(kind),
            },
        }
    }

    fn is_of_named(&self, shape: ShapeId, field: &str) -> bool {
        let schema = &self.program.schema;
        let named = |ty| matches!(schema.ty(schema.plain(ty)), Ty::Named(_));
        schema.shape(shape).fields.iter().any(|f| self.text(f.name) == field && named(f.ty))
    }

    /// Where other tools have the field, or another block does.
    fn field_meant(
        &self,
        diagnostic: Diagnostic,
        word: Ident,
        placed: Option<Placed>,
        shape: ShapeId,
        scope: &Scope,
    ) -> Option<Diagnostic> {
        let schema = &self.program.schema;
        let (kind, text) = (self.text(schema.shape(shape).name), self.text(word.sym));
        if let Some((_, _, ours)) = RENAMED.iter().find(|row| (row.0, row.1) == (kind, text)) {
            let title = format!("here it is called `{ours}`");
            // Beside the right one it would be said twice.
            let there = placed.is_some_and(|placed| self.is_stated(ours, placed, scope));
            return Some(match there {
                true => diagnostic.help(title),
                false => diagnostic.suggest(title, word.span, *ours),
            });
        }
        if let Some((_, _, way)) = FIELDS.iter().find(|row| (row.0, row.1) == (kind, text)) {
            return Some(diagnostic.help(*way));
        }
        let owner = scope.labels.iter().rev().skip(1).find_map(|&l| {
            let s = schema.shape(self.program.labels[l.0 as usize].shape);
            s.field(word.sym).map(|_| self.text(s.name))
        });
        if let Some(owner) = owner {
            return Some(diagnostic.help(format!(
                "`{text}` is a field of the {owner} around it: move it out of this block"
            )));
        }
        // Of a layer: for what it holds for.
        let holders = self.holders(word.sym, shape);
        if !holders.is_empty() {
            return Some(in_a_layer(diagnostic, text, &holders, placed));
        }
        let project = schema.shape(self.program.project);
        let on_top = project.field(word.sym).map(|at| schema.ty(project.fields[at as usize].ty));
        if matches!(on_top, Some(Ty::Named(_) | Ty::One(_))) {
            let way = format!("`{text}` stands at the top of a file: move it out of this block");
            return Some(diagnostic.help(way));
        }
        self.of_a_block_inside(diagnostic, word.sym, placed, shape, scope)
    }

    /// The words of a layer's blocks that have such a field, containers first.
    fn holders(&self, word: Sym, shape: ShapeId) -> Vec<&str> {
        let schema = &self.program.schema;
        let holds = |ty| matches!(*schema.ty(ty), Ty::Layer(inner) if schema.shape(inner).field(word).is_some());
        let fields = schema.shape(shape).fields.iter().filter(|f| holds(f.ty));
        let mut holders: Vec<&str> = fields.map(|f| self.text(f.name)).collect();
        holders.sort_by_key(|holder| *holder != "container");
        holders
    }

    /// `memory` in a container, which its `limits` have.
    fn of_a_block_inside(
        &self,
        diagnostic: Diagnostic,
        word: Sym,
        placed: Option<Placed>,
        shape: ShapeId,
        scope: &Scope,
    ) -> Option<Diagnostic> {
        let (schema, text) = (&self.program.schema, self.text(word));
        let (field, label) = schema.shape(shape).fields.iter().find_map(|f| {
            let inner = match *schema.ty(schema.plain(f.ty)) {
                Ty::Named(inner) | Ty::Record(inner) => schema.shape(inner),
                _ => return None,
            };
            let skip = matches!(text, "value" | "description" | "allow" | "enabled" | "raw");
            inner.field(word).filter(|_| !skip)?;
            Some((f.name, matches!(schema.ty(f.ty), Ty::Named(_))))
        })?;
        let (name, label) = (self.text(field), if label { " NAME" } else { "" });
        if let Some(placed) = placed.filter(|_| label.is_empty()) {
            let title = format!("it is a field of `{name}`: write it inside");
            return Some(match self.stated(field, placed, scope) {
                Some(block) => {
                    into_block(diagnostic, title, block, placed, self.sources.text(placed.stmt))
                }
                None => wrapped(diagnostic, title, name, placed),
            });
        }
        Some(diagnostic.help(format!(
            "{} has `{text}`: write it inside, `{name}{label} {{ {text} ... }}`",
            a(name)
        )))
    }

    fn is_stated(&self, field: &str, placed: Placed, scope: &Scope) -> bool {
        let tree = &self.trees[scope.file];
        tree.stmts_of(placed.block).iter().any(|&id| match &tree.stmt(id).kind {
            StmtKind::Entry(entry) => self.text(entry.word.sym) == field,
            _ => false,
        })
    }

    /// Where the block of a field begins that stands beside, behind its `{`.
    fn stated(&self, field: Sym, placed: Placed, scope: &Scope) -> Option<Span> {
        use crate::syntax::tree::EntryOp;
        let tree = &self.trees[scope.file];
        tree.stmts_of(placed.block).iter().find_map(|&id| match &tree.stmt(id).kind {
            StmtKind::Entry(entry) if entry.word.sym == field => match entry.op {
                EntryOp::Block(block) => {
                    let start = block.span.start + 1;
                    Some(Span { start, end: start, ..block.span })
                }
                _ => None,
            },
            _ => None,
        })
    }
}

/// `global { packages = ... }`
fn in_a_layer(
    diagnostic: Diagnostic,
    text: &str,
    holders: &[&str],
    placed: Option<Placed>,
) -> Diagnostic {
    let all: Vec<String> = holders.iter().map(|holder| format!("`{holder}`")).collect();
    let of = format!("it is a field of {}", all.join(" and "));
    let Some(placed) = placed else {
        let first = holders.first().unwrap_or(&"node");
        return diagnostic.help(format!("{of}: write it inside, `{first} {{ {text} ... }}`"));
    };
    let title = |holder: &str| format!("write it inside of `{holder} {{ }}`");
    holders
        .iter()
        .fold(diagnostic.note(of), |found, holder| wrapped(found, title(holder), holder, placed))
}

/// `x = 1` as `block { x = 1 }`.
fn wrapped(diagnostic: Diagnostic, title: String, word: &str, placed: Placed) -> Diagnostic {
    let mut diagnostic = diagnostic;
    let edits = vec![
        Edit { span: placed.stmt.head(), text: format!("{word} {{ ") },
        Edit { span: placed.stmt.tail(), text: " }".to_owned() },
    ];
    diagnostic.fixes.push(Fix { title, edits, safety: Safety::Review });
    diagnostic
}

/// `x = 1` moved to the beginning of a block that stands beside it.
fn into_block(
    diagnostic: Diagnostic,
    title: String,
    begin: Span,
    placed: Placed,
    text: &str,
) -> Diagnostic {
    let mut diagnostic = diagnostic;
    let edits = vec![
        Edit { span: begin, text: format!(" {text} ") },
        Edit { span: placed.stmt, text: String::new() },
    ];
    diagnostic.fixes.push(Fix { title, edits, safety: Safety::Review });
    diagnostic
}
