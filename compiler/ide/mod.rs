//! What an editor asks, answered in plain data over one compilation. It knows no protocol: places
//! are spans, texts are Markdown.

pub mod complete;
pub mod hover;
pub mod outline;
pub mod rename;
pub mod tokens;

use crate::Compilation;
use crate::model::ThingId;
use crate::resolve::hir::DefId;
use crate::resolve::lower::Target;
use crate::source::{FileId, Span};

/// The name at a place, and what it stands for: the narrowest of several.
pub fn target_at(c: &Compilation, file: FileId, offset: u32) -> Option<(Span, Target)> {
    c.usage
        .references
        .iter()
        .filter(|(span, _)| span.file == file && span.holds(offset))
        .min_by_key(|(span, target)| (span.end - span.start, matches!(target, Target::Field(..))))
        .copied()
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
        Target::Function(_) => return None,
    })
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
        _ => return None,
    };
    Some(program.schema.shape(shape).span)
}

/// Every place that names a target, its declaration included, in order.
pub fn references(c: &Compilation, target: Target) -> Vec<Span> {
    let mut places: Vec<Span> =
        c.usage.references.iter().filter(|(_, t)| *t == target).map(|(span, _)| *span).collect();
    places.extend(declaration(c, target).filter(|_| !matches!(target, Target::Field(..))));
    places.sort();
    places.dedup();
    places
}

/// The users of a template.
pub fn implementations(c: &Compilation, target: Target) -> Vec<Span> {
    let declared = declaration(c, target);
    references(c, target).into_iter().filter(|span| Some(*span) != declared).collect()
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
                found.push((ThingId(at as u32), slot.field));
            }
        }
    }
    found
}

/// The tree of a file, by its number among the sources.
pub fn tree_of(c: &Compilation, file: FileId) -> Option<&crate::syntax::tree::Tree> {
    c.trees.iter().find(|tree| tree.file == file)
}

/// The `///` lines of a declaration as Markdown.
pub fn doc_text(c: &Compilation, doc: Option<Span>) -> String {
    let Some(doc) = doc else { return String::new() };
    crate::resolve::notes::text(&c.sources, doc)
}
