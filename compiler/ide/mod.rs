//! What an editor asks, answered in plain data over one compilation. It knows no protocol: places
//! are spans, texts are Markdown.

pub mod complete;
pub mod context;
pub mod emitted;
pub mod format;
pub mod hints;
pub mod hover;
pub mod moved;
pub mod outline;
pub mod refactor;
pub mod rename;
mod same;
pub mod shape;
pub mod signature;
pub mod tokens;
pub mod words;

use crate::Compilation;
use crate::diag::Diagnostic;
use crate::model::ThingId;
use crate::model::schema::{EnumId, ShapeId, TyId};
use crate::names::Names;
use crate::resolve::hir::{DeclId, DefId, LetId, TemplateId};
use crate::resolve::lower::Target;
use crate::source::{FileId, Place, SourceFile, Sources, Span};
use crate::syntax::tree::{Block, EntryOp, StmtKind, Tree};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One text by itself: what is asked of its shape alone needs no project.
pub struct Text {
    pub sources: Sources,
    pub file: FileId,
    pub names: Names,
    pub tree: Tree,
    /// What is wrong with its syntax.
    pub faults: Vec<Diagnostic>,
}

impl Text {
    pub fn new(name: &str, text: impl Into<Arc<str>>) -> Text {
        let mut sources = Sources::default();
        let file = sources.add(name, Place::Project, text);
        let mut names = Names::default();
        let (tree, faults) = crate::syntax::parse(file, &sources.file(file).text, &mut names);
        Text { sources, file, names, tree, faults }
    }

    pub fn source(&self) -> &SourceFile {
        self.sources.file(self.file)
    }
}

/// The name at a place, and what it stands for: the narrowest of several.
pub fn target_at(c: &Compilation, file: FileId, offset: u32) -> Option<(Span, Target)> {
    c.usage
        .references
        .iter()
        .filter(|(span, _)| span.file == file && span.holds(offset))
        .min_by_key(|(span, target)| (span.end - span.start, matches!(target, Target::Field(..))))
        .copied()
        .or_else(|| declared_at(c, file, offset))
}

/// What is declared at a place under a name that nothing there refers to.
fn declared_at(c: &Compilation, file: FileId, offset: u32) -> Option<(Span, Target)> {
    let program = &c.resolved.program;
    let here = |span: Span| span.file == file && span.holds(offset);
    let template = program.templates.iter().position(|t| here(t.span));
    if let Some(at) = template {
        let id = TemplateId(at as u32);
        return Some((program.template(id).span, Target::Template(id)));
    }
    if let Some(at) = program.lets.iter().position(|l| here(l.span)) {
        return Some((program.lets[at].span, Target::Let(LetId(at as u32))));
    }
    for (of, template) in program.templates.iter().enumerate() {
        if let Some(at) = template.params.iter().position(|p| here(p.span)) {
            let target = Target::Param(TemplateId(of as u32), at as u16);
            return Some((template.params[at].span, target));
        }
    }
    if let Some(at) = program.types.iter().position(|t| here(t.span)) {
        return Some((program.types[at].span, Target::Type(at as u32)));
    }
    for (of, shape) in program.schema.shapes.iter().enumerate() {
        let id = ShapeId(of as u32);
        if shape.is_kind && here(shape.span) {
            return Some((shape.span, Target::Kind(id)));
        }
        if let Some(span) = plural_span(c, id).filter(|span| here(*span)) {
            return Some((span, Target::Plural(id)));
        }
        // A kind of the project is a field of its top level as well, with the place of the kind.
        let own = id != program.project;
        if let Some(at) = shape.fields.iter().position(|f| own && here(f.span)) {
            return Some((shape.fields[at].span, Target::Field(id, at as u16)));
        }
    }
    for (of, set) in program.schema.enums.iter().enumerate() {
        if let Some(at) = set.words.iter().position(|word| here(word.span)) {
            return Some((set.words[at].span, Target::Word(EnumId(of as u32), at as u16)));
        }
    }
    None
}

/// Where a target is declared.
pub fn declaration(c: &Compilation, target: Target) -> Option<Span> {
    let program = &c.resolved.program;
    Some(match target {
        Target::Decl(id) => program.decl(id).name_span,
        Target::Let(id) => program.lets[id.0 as usize].span,
        Target::Template(id) => program.template(id).span,
        Target::Label(id) => program.labels[id.0 as usize].span,
        Target::Field(shape, field) => program.schema.shape(shape).fields[field as usize].span,
        Target::Param(id, at) => program.template(id).params[at as usize].span,
        Target::Kind(shape) => program.schema.shape(shape).span,
        Target::Plural(shape) => plural_span(c, shape)?,
        Target::Type(at) => program.types[at as usize].span,
        Target::Word(set, at) => program.schema.enumeration(set).words[at as usize].span,
        Target::Binder(span) => span,
        Target::Var(name) => {
            program.vars.get(&name).map(|var| var.1).or_else(|| said_first(c, target))?
        }
        Target::Env(_) => said_first(c, target)?,
        Target::Function(_) => return None,
    })
}

/// Where a key is said for the first time, in the order of the files.
fn said_first(c: &Compilation, target: Target) -> Option<Span> {
    let same = c.usage.references.iter().filter(|(_, other)| *other == target);
    let said = same.map(|(span, _)| *span).filter(|span| !is_asked(c, *span));
    said.min_by_key(|span| (c.sources.file(span.file).place == Place::Library, *span))
}

/// Whether a name stands behind a dot or in brackets, where it is asked for.
pub(crate) fn is_asked(c: &Compilation, span: Span) -> bool {
    c.sources.file(span.file).text[..span.start as usize].ends_with(['.', '['])
}

/// Where a kind says how all of its things are called.
fn plural_span(c: &Compilation, shape: ShapeId) -> Option<Span> {
    let kind = c.resolved.program.schema.shape(shape).span;
    let tree = tree_of(c, kind.file)?;
    tree.stmts_of(tree.top).iter().find_map(|&id| match &tree.stmt(id).kind {
        StmtKind::Kind { name, plural, .. } if name.span == kind => Some(plural.span),
        _ => None,
    })
}

/// What `x` of `x in` stands for in turn.
pub fn binder_type(c: &Compilation, binder: Span) -> Option<TyId> {
    c.usage.binders.iter().find(|(span, _)| *span == binder).map(|(_, ty)| *ty)
}

/// Where the kind of a target's thing is declared.
pub fn type_declaration(c: &Compilation, target: Target) -> Option<Span> {
    let program = &c.resolved.program;
    let shape = match target {
        Target::Decl(id) => program.decl(id).shape,
        Target::Template(id) => program.template(id).shape,
        Target::Label(id) => program.labels[id.0 as usize].shape,
        Target::Field(shape, field) => {
            let ty = program.schema.shape(shape).fields[field as usize].ty;
            program.schema.shape_of(ty)?
        }
        Target::Let(id) => program.schema.shape_of(program.lets[id.0 as usize].ty)?,
        Target::Param(id, at) => {
            program.schema.shape_of(program.template(id).params[at as usize].ty)?
        }
        Target::Kind(shape) | Target::Plural(shape) => shape,
        Target::Binder(span) => program.schema.shape_of(binder_type(c, span)?)?,
        Target::Word(set, _) => return Some(program.schema.enumeration(set).span),
        _ => return None,
    };
    Some(program.schema.shape(shape).span)
}

/// Every place that names a target, its declaration included, in order. What a template has, and what those who are
/// made from it say more of, is one thing.
pub fn references(c: &Compilation, target: Target) -> Vec<Span> {
    let all = same::targets(c, target);
    let named = c.usage.references.iter().filter(|(_, other)| all.contains(other));
    let mut places: Vec<Span> = named.map(|(span, _)| *span).collect();
    if !matches!(target, Target::Field(..)) {
        places.extend(all.iter().filter_map(|&one| declaration(c, one)));
    }
    if let Target::Label(id) = target {
        places.extend(same::through_templates(c, id));
    }
    places.sort();
    places.dedup();
    places
}

/// Where a target is declared: what a template has is so by whoever says more of it as well.
pub fn declarations(c: &Compilation, target: Target) -> Vec<Span> {
    same::targets(c, target).into_iter().filter_map(|one| declaration(c, one)).collect()
}

/// Where a file says what a target is, or gives it a value: of a field or key, at the heads of its statements.
pub fn written(c: &Compilation, file: FileId, target: Target) -> BTreeSet<Span> {
    let declared = declarations(c, target).into_iter();
    let given = matches!(target, Target::Field(..) | Target::Var(_) | Target::Env(_));
    let trees = tree_of(c, file).filter(|_| given);
    let heads =
        trees.into_iter().flat_map(|tree| &tree.stmts).filter_map(|stmt| match &stmt.kind {
            StmtKind::Entry(entry) => Some(entry.word.span),
            _ => None,
        });
    declared.chain(heads).collect()
}

/// What is made after a target: the users of a template, the things of a kind, who is in a layer; of a thing whatever
/// says what it is.
pub fn implementations(c: &Compilation, target: Target) -> Vec<Span> {
    let program = &c.resolved.program;
    let layer = |id: DeclId| {
        let kind = c.names.text(program.schema.shape(program.decl(id).shape).name);
        matches!(kind, "role" | "group")
    };
    match target {
        Target::Kind(shape) | Target::Plural(shape) => {
            let decls = program.decls.iter().filter(|d| d.shape == shape && !d.library);
            let top = decls.map(|d| d.name_span);
            let labels = program.labels.iter().filter(|l| l.shape == shape).map(|l| l.span);
            let ours = |span: &Span| c.sources.file(span.file).place == Place::Project;
            let mut all: Vec<Span> = top.chain(labels).filter(ours).collect();
            all.sort();
            all.dedup();
            all
        }
        Target::Decl(id) if !layer(id) => declarations(c, target),
        Target::Label(_) | Target::Let(_) | Target::Param(..) | Target::Binder(_) => {
            declarations(c, target)
        }
        // Each place that gives it a value.
        Target::Var(_) | Target::Env(_) => {
            references(c, target).into_iter().filter(|span| !is_asked(c, *span)).collect()
        }
        _ => {
            let declared = declaration(c, target);
            references(c, target).into_iter().filter(|span| Some(*span) != declared).collect()
        }
    }
}

/// The definition whose text holds a place: the narrowest.
pub fn definition_at(c: &Compilation, file: FileId, offset: u32) -> Option<DefId> {
    let defs = &c.resolved.program.defs;
    defs.iter()
        .enumerate()
        .filter(|(_, d)| d.span.file == file && d.span.holds(offset))
        .min_by_key(|(_, d)| d.span.end - d.span.start)
        .map(|(at, _)| DefId(at as u32))
}

/// The things on which a definition decides a field, with the field.
pub fn decided_by(c: &Compilation, def: DefId) -> Vec<(ThingId, u16)> {
    let model = &c.resolved.model;
    let mut found = Vec::new();
    for (at, thing) in model.things.iter().enumerate() {
        for slot in &thing.slots {
            let direct = model.origin(slot.origin).is_some_and(|row| row.def == def.0);
            let inside = || {
                slot.value
                    .pairs()
                    .iter()
                    .any(|p| model.origin(p.origin).is_some_and(|r| r.def == def.0))
                    || slot
                        .value
                        .items()
                        .iter()
                        .any(|i| model.origin(i.origin).is_some_and(|r| r.def == def.0))
            };
            if direct || inside() {
                found.push((ThingId::new(at), slot.field));
            }
        }
    }
    found
}

/// The tree of a file, by its number among the sources.
pub fn tree_of(c: &Compilation, file: FileId) -> Option<&Tree> {
    c.trees.iter().find(|tree| tree.file == file).map(|tree| &**tree)
}

/// The blocks of a file's statements.
fn blocks(tree: &Tree) -> impl Iterator<Item = Block> + '_ {
    tree.stmts.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Entry(entry) => match &entry.op {
            EntryOp::Block(block) => Some(*block),
            EntryOp::Assign { body, .. } | EntryOp::From { body, .. } => *body,
            _ => None,
        },
        StmtKind::Template { body, .. } => Some(*body),
        _ => None,
    })
}

/// The `///` lines of a declaration as Markdown.
pub fn doc_text(c: &Compilation, doc: Option<Span>) -> String {
    let Some(doc) = doc else { return String::new() };
    crate::resolve::notes::text(&c.sources, doc)
}

/// The `///` lines right above a declaration whose head is at `span`.
pub fn doc_above(c: &Compilation, span: Span) -> String {
    let doc = tree_of(c, span.file).and_then(|tree| {
        tree.stmts
            .iter()
            .find(|s| s.span.start <= span.start && span.end <= s.span.end && s.doc.is_some())
    });
    doc_text(c, doc.and_then(|s| s.doc))
}
