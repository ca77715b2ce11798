//! Moving what is said between things and the layers above them, and some of what a node says into a role of its own.
//! What is proposed is text; whether it leaves `out/` as it was is `unchanged`'s to say.

mod layers;

use super::Text;
use crate::Compilation;
use crate::diag::Edit;
use crate::resolve::hir::{Decl, DefId};
use crate::source::{FileId, Place, Span};
use crate::syntax::tree::{Block, EntryOp, StmtKind, Tree};
use crate::tree::OutTree;
use serde_json::Value as Json;

/// A change that a person may choose.
pub struct Refactoring {
    pub title: String,
    pub sort: Sort,
    pub edits: Vec<Edit>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    Extract,
    /// It must leave `out/` as it was, or it is not done.
    Lift,
    Lower,
}

/// What may be moved from a range of a file.
pub fn refactorings(c: &Compilation, file: FileId, from: u32, to: u32) -> Vec<Refactoring> {
    let mut out = Vec::new();
    let mover = Mover { c };
    if c.sources.file(file).place != Place::Project {
        return out;
    }
    let program = &c.resolved.program;
    let touched = |span: Span| span.file == file && span.start <= to && from <= span.end;
    let nodes = program.decls.iter().filter(|d| mover.kind(d) == "node");
    let mut extracts = nodes.filter(|decl| decl.span.file == file).filter_map(|decl| {
        let defs = program.block(decl.block).defs.iter().copied();
        let defs: Vec<DefId> = defs.filter(|def| touched(program.def(*def).span)).collect();
        mover.extract(decl, &defs)
    });
    // Who marks several of a kind means none of them.
    if let (Some(only), None) = (extracts.next(), extracts.next()) {
        out.push(only);
    }
    out.extend(mover.moved(file, from, to));
    out
}

struct Mover<'a> {
    c: &'a Compilation,
}

impl Mover<'_> {
    fn kind(&self, decl: &Decl) -> &str {
        self.c.names.text(self.c.resolved.program.schema.shape(decl.shape).name)
    }

    fn name(&self, decl: &Decl) -> &str {
        self.c.names.text(decl.name)
    }

    fn decl(&self, kind: &str, name: &str) -> Option<&Decl> {
        let decls = self.c.resolved.program.decls.iter();
        decls.into_iter().find(|d| self.kind(d) == kind && self.name(d) == name)
    }

    /// Some of what a node says, as a role that others may have as well.
    fn extract(&self, decl: &Decl, defs: &[DefId]) -> Option<Refactoring> {
        let c = self.c;
        let program = &c.resolved.program;
        let mut spans: Vec<Span> = Vec::new();
        for &def in defs {
            let d = program.def(def);
            // What a map or a block says is one statement with several definitions.
            if !self.is_fact(decl, d.field) && !spans.contains(&d.span) {
                spans.push(d.span);
            }
        }
        let first = spans.first()?;
        let word = c.sources.text(*first);
        let word = word.trim_start_matches("override ").trim_start_matches("default ");
        let end = word.find(|l: char| !(l.is_alphanumeric() || l == '-')).unwrap_or(word.len());
        let mut name = format!("{}-{}", self.name(decl), &word[..end]);
        while self.decl("role", &name).is_some() {
            name.push_str("-2");
        }
        let mut edits: Vec<Edit> = spans.iter().map(|&span| self.without(span)).collect();
        let (tree, body) = self.body(&["node"], self.name(decl))?;
        let roles = tree.stmts_of(body.stmts).iter().find_map(|&id| match &tree.stmt(id).kind {
            StmtKind::Entry(e) if c.names.text(e.word.sym) == "roles" => match &e.op {
                EntryOp::Assign { value, .. } | EntryOp::Add { value } => {
                    Some(tree.expr(*value).span)
                }
                _ => None,
            },
            _ => None,
        });
        match roles {
            Some(list) => {
                let text = c.sources.text(list);
                let close = text.strip_suffix(']')?.trim_end();
                let comma = if close.ends_with(['[', ',']) { "" } else { ", " };
                let at = Span { start: list.start + close.len() as u32, end: list.end - 1, ..list };
                edits.push(Edit { span: at, text: format!("{comma}{name}") });
            }
            None => {
                let close = Span { start: body.span.end - 1, end: body.span.end - 1, ..body.span };
                edits.push(Edit { span: close, text: format!("  roles = [{name}]\n") });
            }
        }
        let stmts: String = spans.iter().map(|&s| self.statement(s, "    ")).collect();
        let role = format!("role {name} {{\n  node {{\n{stmts}  }}\n}}\n");
        edits.push(self.at_end_of_file(decl.span.file, &role));
        Some(Refactoring {
            title: format!("make it the role `{name}`"),
            sort: Sort::Extract,
            edits,
        })
    }

    /// Facts are the node's own: no layer may say them.
    fn is_fact(&self, decl: &Decl, field: u16) -> bool {
        let field = &self.c.resolved.program.schema.shape(decl.shape).fields[field as usize];
        field.fact || self.c.names.text(field.name) == "roles"
    }

    fn own_trees(&self) -> impl Iterator<Item = &Tree> {
        let own = |tree: &&Tree| self.c.sources.file(tree.file).place == Place::Project;
        self.c.trees.iter().map(|tree| &**tree).filter(own)
    }

    /// The block of a declaration in the project.
    fn body(&self, words: &[&str], name: &str) -> Option<(&Tree, Block)> {
        let c = self.c;
        for tree in &c.trees {
            if c.sources.file(tree.file).place != Place::Project {
                continue;
            }
            for &id in tree.stmts_of(tree.top) {
                let StmtKind::Entry(entry) = &tree.stmt(id).kind else { continue };
                let fits = words.contains(&c.names.text(entry.word.sym))
                    && entry.label.is_some_and(|label| c.names.text(label.sym) == name);
                match entry.op {
                    EntryOp::Block(block) if fits && block.closed => return Some((tree, block)),
                    EntryOp::From { body: Some(block), .. } if fits && block.closed => {
                        return Some((tree, block));
                    }
                    _ => {}
                }
            }
        }
        None
    }

    /// A block without a label in another.
    fn block_in(&self, tree: &Tree, body: Block, word: &str) -> Option<Block> {
        tree.stmts_of(body.stmts).iter().find_map(|&id| match &tree.stmt(id).kind {
            StmtKind::Entry(e) if self.c.names.text(e.word.sym) == word && e.label.is_none() => {
                match e.op {
                    EntryOp::Block(block) if block.closed => Some(block),
                    _ => None,
                }
            }
            _ => None,
        })
    }

    /// A declaration of its own.
    fn at_end_of_file(&self, file: FileId, declaration: &str) -> Edit {
        let source = &self.c.sources.file(file).text;
        let end = Span::new(file, source.len() as u32, source.len() as u32);
        let gap = if source.ends_with('\n') { "\n" } else { "\n\n" };
        Edit { span: end, text: format!("{gap}{declaration}") }
    }

    /// Statements as the last ones of a block, each on a line, or on the block's one line.
    fn at_end(&self, block: Block, stmts: &[Span], margin: &str) -> Edit {
        let c = self.c;
        let one_line = !c.sources.text(block.span).contains('\n');
        let at = self.close(block);
        let texts: String = stmts.iter().map(|&s| self.statement(s, "")).collect();
        let texts: Vec<&str> = texts.lines().collect();
        if one_line && texts.len() == stmts.len() {
            let gap = if c.sources.text(block.span).trim_matches(['{', '}', ' ']).is_empty() {
                " "
            } else {
                "   "
            };
            return Edit { span: at, text: format!("{gap}{} ", texts.join("   ")) };
        }
        let outer = &margin[..margin.len() - 2];
        let lines: String = stmts.iter().map(|&s| self.statement(s, margin)).collect();
        Edit { span: at, text: format!("\n{lines}{outer}") }
    }

    /// A statement in the style, on lines of its own.
    fn statement(&self, span: Span, margin: &str) -> String {
        let alone = Text::new("", self.c.sources.text(span));
        let text = match alone.faults.as_slice() {
            [] => crate::syntax::format(&alone.tree, &alone.source().text),
            _ => format!("{}\n", alone.source().text),
        };
        let line = |line: &str| match line {
            "" => "\n".to_owned(),
            line => format!("{margin}{line}\n"),
        };
        text.lines().map(line).collect()
    }

    /// The blanks before a block's closing brace.
    fn close(&self, block: Block) -> Span {
        let end = block.span.end - 1;
        let text = &self.c.sources.file(block.span.file).text[..end as usize];
        Span { start: text.trim_end().len() as u32, end, ..block.span }
    }

    /// A statement taken out, with its line where it has it for itself.
    fn without(&self, span: Span) -> Edit {
        let text = &self.c.sources.file(span.file).text;
        let head = &text[..span.start as usize];
        let tail = &text[span.end as usize..];
        let line = head.rfind('\n').map_or(0, |at| at + 1);
        let rest = tail.find('\n').unwrap_or(tail.len());
        let alone = head[line..].trim().is_empty() && tail[..rest].trim().is_empty();
        let (start, end) = if alone {
            (line, (span.end as usize + rest + 1).min(text.len()))
        } else {
            (
                span.start as usize,
                span.end as usize + tail.len() - tail.trim_start_matches(' ').len(),
            )
        };
        Edit { span: Span::new(span.file, start as u32, end as u32), text: String::new() }
    }
}

/// Whether two builds give the same: every file byte for byte, and every value of the model. Only
/// where a value is said may differ, and the pages of the handbook, which tell of that.
pub fn unchanged(before: &OutTree, after: &OutTree) -> bool {
    let paths = |tree: &OutTree| tree.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    paths(before) == paths(after)
        && before.iter().zip(after.iter()).all(|((path, old), (_, new))| {
            let same = old.bytes == new.bytes
                || match &**path {
                    "model.json" => values(&old.bytes) == values(&new.bytes),
                    // The handbook shows the layers themselves.
                    page if page.starts_with("docs/") => true,
                    _ => headless(&old.bytes) == headless(&new.bytes),
                };
            same && old.mode == new.mode && old.delivery == new.delivery
        })
}

/// The model without where its values come from.
fn values(model: &[u8]) -> Option<Json> {
    fn strip(value: &mut Json) {
        match value {
            Json::Array(items) => items.iter_mut().for_each(strip),
            Json::Object(pairs) => {
                pairs.remove("$from");
                pairs.values_mut().for_each(strip);
            }
            _ => {}
        }
    }
    let mut value = serde_json::from_slice(model).ok()?;
    strip(&mut value);
    Some(value)
}

/// A file's lines without those of its header that name declarations.
fn headless(bytes: &[u8]) -> Vec<&[u8]> {
    let mut margin: Option<Vec<u8>> = None;
    let mut out = Vec::new();
    for line in bytes.split(|&byte| byte == b'\n') {
        let made = line.windows(MADE.len()).position(|window| window == MADE);
        if let Some(at) = made {
            margin = Some([&line[..at], b"  "].concat());
        } else if let Some(inside) = &margin {
            if line.starts_with(inside) {
                continue;
            }
            margin = None;
        }
        out.push(line);
    }
    out
}

/// How the header of an emitted file begins.
const MADE: &[u8] = b"Made by colabc; changes here are lost. Edit instead:";
