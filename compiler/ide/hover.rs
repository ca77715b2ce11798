//! What a name is, what a field may hold, and what it came to be: as Markdown.

use super::{decided_by, definition_at, doc_text, target_at};
use crate::Compilation;
use crate::answer;
use crate::model::schema::{Ty, spell};
use crate::resolve::functions::FUNCTIONS;
use crate::resolve::lower::Target;
use crate::source::{FileId, Span};

/// The text of a hover, and what it is for.
pub fn hover(c: &Compilation, file: FileId, offset: u32) -> Option<(Span, String)> {
    let (span, target) = target_at(c, file, offset)?;
    let mut text = describe(c, target);
    if matches!(target, Target::Field(..)) {
        text.push_str(&values(c, file, offset));
    }
    Some((span, text))
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
            if let Some(thing) = model.find(kind(d.shape), name) {
                let nodes: Vec<&str> =
                    model.instances_of(thing).map(|i| model.label(i.node)).collect();
                if !nodes.is_empty() {
                    text.push_str(&format!("\nruns on {}\n", nodes.join(", ")));
                }
                let pairs =
                    if kind(d.shape) == "node" { model.get(thing, "address").pairs() } else { &[] };
                for pair in pairs {
                    let shown = answer::value::spell(&pair.value, model);
                    text.push_str(&format!("\n- `{}` {shown}", pair.key));
                }
            }
            text
        }
        Target::Let(id) => {
            let l = &program.lets[id.0 as usize];
            code(&format!("let {}: {}", names.text(l.name), spell(&program.schema, names, l.ty)))
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
            push_doc(&mut text, &doc_above(c, t.span));
            text
        }
        Target::Label(id) => {
            let l = &program.labels[id.0 as usize];
            code(&format!("{} {}", kind(l.shape), names.text(l.name)))
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
                let words: Vec<String> = program
                    .schema
                    .enumeration(*set)
                    .words
                    .iter()
                    .map(|w| format!("`{}`", names.text(w.name)))
                    .collect();
                text.push_str(&format!("\none of {}\n", words.join(", ")));
            }
            text
        }
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

/// What the definition under the cursor decided, and where.
fn values(c: &Compilation, file: FileId, offset: u32) -> String {
    let model = &c.resolved.model;
    let Some(def) = definition_at(c, file, offset) else { return String::new() };
    let decided = decided_by(c, def);
    if decided.is_empty() {
        return "\nIt decides no value: a narrower layer does, or nothing is in reach.\n".into();
    }
    let mut text = String::from("\n");
    for &(thing, field) in decided.iter().take(6) {
        let value = answer::value::spell(model.at_field(thing, field).0, model);
        text.push_str(&format!("- {}: `{}`\n", model.path(thing), value.replace('`', "'")));
    }
    if decided.len() > 6 {
        text.push_str(&format!("- and on {} more\n", decided.len() - 6));
    }
    text
}

/// The `///` lines right above a declaration whose head is at `span`.
fn doc_above(c: &Compilation, span: Span) -> String {
    let doc = super::tree_of(c, span.file).and_then(|tree| {
        tree.stmts
            .iter()
            .find(|s| s.span.start <= span.start && span.end <= s.span.end && s.doc.is_some())
    });
    doc_text(c, doc.and_then(|s| s.doc))
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
