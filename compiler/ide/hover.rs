//! What a name is, what a field may hold, and how it came to be what it is: as Markdown.

mod written;

use super::{decided_by, definition_at, doc_text, target_at};
use crate::Compilation;
use crate::answer::{self, Place};
use crate::diag::human::Look;
use crate::diag::text::few;
use crate::model::schema::{EnumId, Ty, spell};
use crate::model::{Thing, ThingId, families};
use crate::resolve::functions::FUNCTIONS;
use crate::resolve::hir::{DefId, Op};
use crate::resolve::lower::Target;
use crate::resolve::properties::{self, On, PROPERTIES};
use crate::source::{FileId, Span};
use crate::syntax::tree::{EntryOp, StmtKind};

/// The text of a hover, and what it is for. How a value came to be is worked out anew, hence `mut`.
pub fn hover(c: &mut Compilation, file: FileId, offset: u32) -> Option<(Span, String)> {
    let def = definition_at(c, file, offset);
    let whole = |span: Span| match def.map(|def| &c.resolved.program.def(def).op) {
        Some(Op::Set(value)) => c.resolved.program.span(*value).start == span.start,
        _ => false,
    };
    // A word that is all of a value says less than its field and how it came to hold.
    let said = |(span, target): &(Span, Target)| matches!(target, Target::Word(..)) && whole(*span);
    // A key is a name of the user's own: what is said of it is its value.
    let key = |target: &Target| matches!(target, Target::Var(_) | Target::Env(_));
    let named = target_at(c, file, offset).filter(|named| !said(named) && !key(&named.1));
    let after_dot = property(c, file, offset);
    let about = |def: &DefId| {
        let def = c.resolved.program.def(*def);
        // A plain value says what its field is; of a block only the first word does.
        def.head.holds(offset) || (named.is_none() && matches!(def.op, Op::Set(_) | Op::Add(_)))
    };
    let def = def.filter(about);
    let argument = written::argument(c, file, offset)
        .filter(|_| !def.is_some_and(|def| c.resolved.program.def(def).head.holds(offset)));
    let (span, mut text) = match (named, after_dot.or(argument), def) {
        (Some((span, target)), ..) => (span, describe(c, target)),
        (None, Some(found), _) => found,
        (None, None, def) => {
            let def = def.map(|def| c.resolved.program.def(def));
            let field = def.and_then(|def| target_at(c, file, def.head.start));
            match (def, field) {
                (Some(def), Some((_, target))) if key(&target) => (def.head, String::new()),
                (Some(def), Some((_, field))) => (def.head, describe(c, field)),
                (Some(def), None) if def.key.is_some() => (def.head, String::new()),
                _ => layer(c, file, offset)
                    .or_else(|| keyword(c, file, offset))
                    .or_else(|| written::import(c, file, offset))
                    .or_else(|| written::sign(c, file, offset))?,
            }
        }
    };
    if let Some(amount) = written::amount(c, file, offset) {
        text.push_str(&amount);
    }
    if let Some(def) = def {
        text.push_str(&value(c, def));
    }
    (!text.is_empty()).then_some((span, text))
}

/// The name of a layer, `os debian` or `arch arm64`, with the nodes that are in it.
fn layer(c: &Compilation, file: FileId, offset: u32) -> Option<(Span, String)> {
    let stmts = &super::tree_of(c, file)?.stmts;
    stmts.iter().filter(|stmt| stmt.span.holds(offset)).find_map(|stmt| {
        let StmtKind::Entry(entry) = &stmt.kind else { return None };
        let label = entry.label.filter(|label| label.span.holds(offset))?;
        let (word, name) = (c.names.text(entry.word.sym), c.names.text(label.sym));
        let mut text = code(&format!("{word} {name}"));
        text.push_str(&members(c, word, name));
        matches!(word, "os" | "arch").then_some((label.span, text))
    })
}

/// The nodes that are in a layer.
fn members(c: &Compilation, sort: &str, name: &str) -> String {
    let model = &c.resolved.model;
    let is_in = |node: &ThingId| match sort {
        "arch" => model.word(*node, "arch") == Some(name),
        "os" => model.word(*node, "os").is_some_and(|os| families::line(os).contains(&name)),
        _ => {
            let roles = model.get(*node, "roles").items();
            roles.iter().any(|role| role.value.as_thing().is_some_and(|r| model.label(r) == name))
        }
    };
    let nodes: Vec<&str> =
        model.all("node").iter().filter(|node| is_in(node)).map(|n| model.label(*n)).collect();
    match nodes.as_slice() {
        [] => "\nno node is in it\n".to_owned(),
        nodes => format!("\nholds on {}\n", few(nodes, ROWS)),
    }
}

/// The first word of a declaration at the top of a file, or a word of the language.
fn keyword(c: &Compilation, file: FileId, offset: u32) -> Option<(Span, String)> {
    let tree = super::tree_of(c, file)?;
    let around = tree.stmts.iter().filter(|stmt| stmt.span.holds(offset));
    let stmt = around.min_by_key(|stmt| stmt.span.end - stmt.span.start)?;
    let span = match &stmt.kind {
        StmtKind::Entry(entry) => {
            let strength = entry.strength_span.filter(|span| span.holds(offset));
            let from = match entry.op {
                EntryOp::From { .. } => {
                    word_at(c, file, offset).filter(|(_, word)| *word == "from")
                }
                _ => None,
            };
            strength.or(from.map(|(span, _)| span)).unwrap_or(entry.word.span)
        }
        StmtKind::Bad => return None,
        _ => word_at(c, file, stmt.span.start)?.0,
    };
    if !span.holds(offset) {
        return None;
    }
    let word = c.sources.text(span);
    let mut text = code(word);
    if let Some(word) = super::words::word(word) {
        push_doc(&mut text, word.doc);
        return Some((span, text));
    }
    let schema = &c.resolved.program.schema;
    let project = schema.shape(c.resolved.program.project);
    let field = &project.fields[project.field(c.names.find(word)?)? as usize];
    let kind = match schema.ty(schema.plain(field.ty)) {
        Ty::Named(kind) | Ty::One(kind) | Ty::Layer(kind) => schema.shape(*kind).span,
        _ => return None,
    };
    push_doc(&mut text, &super::doc_above(c, kind));
    Some((span, text))
}

fn word_at(c: &Compilation, file: FileId, offset: u32) -> Option<(Span, &str)> {
    let (before, after) = c.sources.file(file).text.split_at_checked(offset as usize)?;
    let start = before.trim_end_matches(char::is_alphanumeric).len();
    let end = offset as usize + after.len() - after.trim_start_matches(char::is_alphanumeric).len();
    let span = Span::new(file, start as u32, end as u32);
    Some((span, c.sources.text(span)))
}

fn describe(c: &Compilation, target: Target) -> String {
    let program = &c.resolved.program;
    let model = &c.resolved.model;
    let names = &c.names;
    let kind = |shape| names.text(program.schema.shape(shape).name);
    match target {
        Target::Decl(id) => {
            let d = program.decl(id);
            let name = names.text(d.name);
            let mut text = code(&format!("{} {name}", kind(d.shape)));
            push_doc(&mut text, &doc_text(c, d.doc));
            if kind(d.shape) == "role" {
                text.push_str(&members(c, "role", name));
            }
            if let Some(thing) = model.find(kind(d.shape), name) {
                let nodes: Vec<&str> =
                    model.instances_of(thing).map(|i| model.label(i.node)).collect();
                if !nodes.is_empty() {
                    text.push_str(&format!("\nruns on {}\n", nodes.join(", ")));
                }
                text.push_str(&facts(c, model.thing(thing)));
            }
            text
        }
        Target::Let(id) => {
            let l = &program.lets[id.0 as usize];
            let ty = spell(&program.schema, names, l.ty);
            let value = written(c, program.span(l.value));
            code(&format!("let {}: {ty}{value}", names.text(l.name)))
        }
        Target::Param(id, at) => {
            let t = program.template(id);
            let p = &t.params[at as usize];
            let ty = spell(&program.schema, names, p.ty);
            let value = p.default.map_or(String::new(), |value| written(c, program.span(value)));
            let mut text = code(&format!("{}: {ty}{value}", names.text(p.name)));
            text.push_str(&format!("\na parameter of `{}`\n", t.path));
            text
        }
        Target::Binder(span) => {
            let ty = super::binder_type(c, span);
            let ty = ty.map(|ty| format!(": {}", spell(&program.schema, names, ty)));
            let mut text = code(&format!("{}{}", c.sources.text(span), ty.unwrap_or_default()));
            text.push_str("\neach of them in turn\n");
            text
        }
        Target::Kind(shape) => {
            let mut text = code(kind(shape));
            push_doc(&mut text, &super::doc_above(c, program.schema.shape(shape).span));
            text
        }
        Target::Plural(shape) => {
            let plural = program.schema.shape(shape).plural.map_or("", |plural| names.text(plural));
            let mut text = code(plural);
            text.push_str(&format!("\nevery {}, by its name\n", kind(shape)));
            text
        }
        Target::Type(at) => {
            let t = &program.types[at as usize];
            let mut text = code(&format!("type {}", names.text(t.name)));
            push_doc(&mut text, &super::doc_above(c, t.span));
            if let Ty::Enum(set) = program.schema.ty(t.ty) {
                text.push_str(&one_of(c, *set));
            }
            text
        }
        Target::Word(set, at) => {
            let e = program.schema.enumeration(set);
            let mut text = code(names.text(e.words[at as usize].name));
            if let Some(name) = e.name {
                text.push_str(&format!("\na word of `{}`\n", names.text(name)));
            }
            text.push_str(&one_of(c, set));
            text
        }
        Target::Template(id) => {
            let t = program.template(id);
            let params: Vec<String> = t
                .params
                .iter()
                .map(|p| format!("{}: {}", names.text(p.name), spell(&program.schema, names, p.ty)))
                .collect();
            let mut text =
                code(&format!("template {}({}) for {}", t.path, params.join(", "), kind(t.shape)));
            push_doc(&mut text, &super::doc_above(c, t.span));
            text
        }
        Target::Label(id) => {
            let l = &program.labels[id.0 as usize];
            let mut text = code(&format!("{} {}", kind(l.shape), names.text(l.name)));
            let same = |thing: &&Thing| {
                let place = thing.span.file == l.span.file && thing.span.holds(l.span.start);
                thing.shape == l.shape && thing.label == l.name && place
            };
            text.push_str(
                &model.things.iter().rfind(same).map_or_else(String::new, |t| facts(c, t)),
            );
            text
        }
        Target::Field(shape, field) => {
            let f = &program.schema.shape(shape).fields[field as usize];
            let mut text = code(&format!(
                "{}.{}: {}",
                kind(shape),
                names.text(f.name),
                spell(&program.schema, names, f.ty)
            ));
            push_doc(&mut text, &doc_text(c, f.doc));
            if let Ty::Enum(set) = program.schema.ty(program.schema.plain(f.ty)) {
                text.push_str(&one_of(c, *set));
            }
            text
        }
        Target::Var(_) | Target::Env(_) => String::new(),
        Target::Function(row) => {
            let f = &FUNCTIONS[row as usize];
            let params: Vec<&str> = f.params.iter().map(|p| p.0).collect();
            let mut text = code(&format!("{}({})", f.name, params.join(", ")));
            push_doc(&mut text, f.doc);
            text.push_str(&format!("\nfor example `{}`\n", f.example));
            text
        }
    }
}

fn one_of(c: &Compilation, set: EnumId) -> String {
    let words = c.resolved.program.schema.enumeration(set).words.iter();
    let words: Vec<String> = words.map(|w| format!("`{}`", c.names.text(w.name))).collect();
    format!("\none of {}\n", words.join(", "))
}

/// A value as its text says it, where that is short.
fn written(c: &Compilation, span: Span) -> String {
    let text = c.sources.text(span);
    let short = !text.contains('\n') && text.chars().count() <= SHORT;
    if short { format!(" = {text}") } else { String::new() }
}

/// More facts than these are too many to be read at a glance.
const FACTS: usize = 8;
/// Longer values have a hover of their own.
const SHORT: usize = 60;

/// What was stated of a thing, field by field, where it is short.
fn facts(c: &Compilation, thing: &Thing) -> String {
    let model = &c.resolved.model;
    let shape = c.resolved.program.schema.shape(thing.shape);
    let said = thing.slots.iter().filter_map(|slot| {
        let value = answer::value::spell(&slot.value, model).replace('`', "'");
        let short = value.chars().count() <= SHORT && !value.contains('\n');
        let empty = matches!(value.as_str(), "{ }" | "[]");
        let name = c.names.text(shape.fields[slot.field as usize].name);
        (short && !empty && !slot.value.is_none() && !slot.value.is_poison())
            .then(|| format!("\n- {name} `{value}`"))
    });
    let mut text: String = said.take(FACTS).collect();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// A name after a dot: a property of what stands before it, or one of its fields.
fn property(c: &Compilation, file: FileId, offset: u32) -> Option<(Span, String)> {
    let schema = &c.resolved.program.schema;
    let mut bases = c.usage.bases.iter();
    let &(span, ty, _) = bases.rfind(|b| b.0.file == file && b.0.holds(offset))?;
    let name = c.sources.text(span);
    let ty = schema.ty(schema.plain(ty));
    let shape = match ty {
        Ty::Ref(shape) | Ty::Record(shape) | Ty::One(shape) => Some(*shape),
        _ => None,
    };
    // `db.address` is where it is reached, not its field of that name.
    let kind = shape.map(|shape| c.names.text(schema.shape(shape).name));
    let own = kind.and_then(|kind| properties::of_kind(kind, name));
    if let Some(shape) = shape.filter(|_| own.is_none())
        && let Some(field) = c.names.find(name).and_then(|sym| schema.shape(shape).field(sym))
    {
        return Some((span, describe(c, Target::Field(shape, field))));
    }
    let fits = |on: On| match on {
        On::Kind(of) => Some(of) == kind,
        On::AnyThing => shape.is_some(),
        other => other == On::of(ty),
    };
    let row = own.or_else(|| PROPERTIES.iter().find(|p| p.name == name && fits(p.on)))?;
    let of = kind.map_or_else(String::new, |kind| format!("{kind}."));
    let mut text = code(&format!("{of}{name}"));
    push_doc(&mut text, row.doc);
    Some((span, text))
}

/// More things than these are counted, not listed.
const ROWS: usize = 12;
/// So many things are looked at to find where a definition lost.
const LOOKED_AT: usize = 200;

/// What a definition came to: thing by thing, and how, for the first of them.
fn value(c: &mut Compilation, def: DefId) -> String {
    let d = c.resolved.program.def(def).clone();
    if matches!(d.op, Op::Block { .. } | Op::Replace(_)) {
        return String::new();
    }
    let mut decided = decided_by(c, def);
    let model = &c.resolved.model;
    // What is the same for a service and its one instance is said once.
    let several = decided.iter().any(|&(thing, _)| model.thing(thing).instance.is_some());
    decided.retain(|&(thing, _)| !several || model.thing(thing).instance.is_some());
    let key = d.key.map(|key| c.names.text(key).to_owned());
    if decided.is_empty() {
        let Some(&(thing, field)) = contested(c, def).first() else {
            return "\nNothing is in its reach, so it decides no value.\n".into();
        };
        let mut text = String::from("\nIt decides no value: a narrower layer does.\n");
        text.push_str(&chain(c, thing, field, key.as_deref()));
        return text;
    }
    let mut text = String::new();
    if decided.len() > 1 {
        text.push_str("\n| where | value |\n|---|---|\n");
        for &(thing, field) in decided.iter().take(ROWS) {
            let value = shown(c, thing, field, key.as_deref());
            let path = c.resolved.model.path(thing).replace('|', "\\|");
            text.push_str(&format!("| {path} | `{value}` |\n"));
        }
        if decided.len() > ROWS {
            text.push_str(&format!("\nand {} more\n", decided.len() - ROWS));
        }
    }
    let (thing, field) = decided[0];
    text.push_str(&chain(c, thing, field, key.as_deref()));
    text
}

fn shown(c: &Compilation, thing: ThingId, field: u16, key: Option<&str>) -> String {
    let model = &c.resolved.model;
    let value = model.at_field(thing, field).0;
    let value = key.and_then(|key| value.get(key)).unwrap_or(value);
    answer::value::spell(value, model).replace(['`', '\n'], "'").replace('|', "\\|")
}

/// The things on which a definition was looked at and lost.
fn contested(c: &mut Compilation, def: DefId) -> Vec<(ThingId, u16)> {
    let field = c.resolved.program.def(def).field;
    let things = c.resolved.model.things.len();
    let mut found = Vec::new();
    let mut looked = 0;
    for thing in (0..things).map(ThingId::new) {
        if looked == LOOKED_AT || !found.is_empty() {
            break;
        }
        if c.resolved.has_definition(thing, field, def) {
            looked += 1;
            found.push((thing, field));
        }
    }
    found
}

/// What `colabc explain` says of a value.
fn chain(c: &mut Compilation, thing: ThingId, field: u16, key: Option<&str>) -> String {
    let place = match key {
        Some(key) => Place::Key(thing, field, key.into()),
        None => Place::Field(thing, field),
    };
    let answers = answer::explain(&mut c.resolved, &c.sources, &[place]);
    let text = answer::text(&answers, &c.resolved.model, &c.sources, &Look::default());
    format!("\n```text\n{}\n```\n", text.trim_end())
}

fn code(text: &str) -> String {
    format!("```colab\n{text}\n```\n")
}

fn push_doc(text: &mut String, doc: &str) {
    if !doc.is_empty() {
        text.push('\n');
        text.push_str(doc);
        text.push('\n');
    }
}
