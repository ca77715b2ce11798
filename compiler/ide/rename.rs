//! A name changed everywhere it stands, or the reason why not.

use super::{references, target_at};
use crate::Compilation;
use crate::diag::Edit;
use crate::resolve::hir::Decl;
use crate::resolve::lower::{Target, a};
use crate::resolve::values::{MEANT, is_name};
use crate::source::{FileId, Place, Span};

/// The name that would be changed, with its text.
pub fn prepare(c: &Compilation, file: FileId, offset: u32) -> Result<(Span, String), String> {
    let (span, target) = target_at(c, file, offset).ok_or("there is no name here")?;
    match target {
        Target::Field(..) => return Err("a field's name is its kind's, and stays".into()),
        Target::Function(_) => return Err("a function's name stays".into()),
        Target::Kind(_) => return Err("a kind's name begins statements, and stays".into()),
        Target::Word(..) => return Err("a word's name is its type's, and stays".into()),
        _ => {}
    }
    let declared = super::declaration(c, target).ok_or("it is not declared here")?;
    if c.sources.file(declared.file).place == Place::Library {
        return Err("it is the library's, and stays".into());
    }
    let text = c.sources.text(span);
    Ok((span, text.trim_matches('"').to_string()))
}

/// The edits that give a thing another name.
pub fn rename(c: &Compilation, file: FileId, offset: u32, new: &str) -> Result<Vec<Edit>, String> {
    prepare(c, file, offset)?;
    let (_, target) = target_at(c, file, offset).ok_or("there is no name here")?;
    let bare = is_name(new);
    if new.is_empty() || new.contains(['"', '\\', '\n', '$']) {
        return Err(format!("`{new}` cannot be a name"));
    }
    let plural = |sym| c.resolved.program.schema.plurals.contains_key(&sym);
    if MEANT.contains(&new) || c.names.find(new).is_some_and(plural) {
        return Err(format!("`{new}` has a meaning in every expression"));
    }
    let labelled = matches!(target, Target::Decl(_) | Target::Label(_));
    if !bare && !labelled {
        return Err(format!("`{new}` would have to stand in quotes, and no text can stand there"));
    }
    if let Some(other) = clash(c, target, new) {
        return Err(format!("`{new}` is the name of {other} already"));
    }
    let mut edits = Vec::new();
    for span in references(c, target) {
        let written = c.sources.text(span);
        let quoted = written.starts_with('"');
        if !quoted && !bare {
            let dotted = c.sources.file(span.file).text[..span.start as usize].ends_with('.');
            let declared = super::declaration(c, target) == Some(span);
            if dotted || !declared {
                return Err(format!(
                    "`{new}` would have to stand in quotes, and it is used without them"
                ));
            }
        }
        let text = if quoted || !bare { format!("\"{new}\"") } else { new.to_string() };
        edits.push(Edit { span, text });
    }
    Ok(edits)
}

/// What has the new name already.
fn clash(c: &Compilation, target: Target, new: &str) -> Option<String> {
    let program = &c.resolved.program;
    let sym = c.names.find(new)?;
    match target {
        Target::Decl(id) => {
            let shape = program.decl(id).shape;
            program
                .by_name
                .get(&(shape, sym))
                .map(|_| format!("another {}", c.names.text(program.schema.shape(shape).name)))
        }
        Target::Let(_) => {
            let twice = program.lets.iter().any(|l| l.name == sym);
            let thing = program.decls.iter().find(|d| d.name == sym && !d.library);
            let kind = |d: &Decl| a(c.names.text(program.schema.shape(d.shape).name));
            twice.then(|| "another let".into()).or_else(|| thing.map(kind))
        }
        Target::Param(id, _) => {
            let t = program.template(id);
            if t.params.iter().any(|p| p.name == sym) {
                return Some("another parameter".into());
            }
            // It would hide what the body names so.
            let tree = super::tree_of(c, t.span.file)?;
            let body = tree.stmts_of(tree.top).iter().map(|&id| tree.stmt(id).span);
            let body = body.into_iter().find(|body| body.covers(t.span))?;
            let named = c.usage.references.iter();
            let mut named = named.filter(|(span, target)| {
                let hides =
                    !matches!(target, Target::Field(..) | Target::Word(..) | Target::Label(_));
                hides && body.covers(*span)
            });
            let hidden = named.any(|(span, _)| c.sources.text(*span) == new);
            hidden.then(|| "something that the template names".into())
        }
        Target::Type(_) => {
            let twice = program.types.iter().any(|t| t.name == sym);
            let kind = program.schema.kinds.contains_key(&sym);
            twice.then(|| "another type".into()).or_else(|| kind.then(|| "a kind".into()))
        }
        Target::Template(id) => {
            let file = program.template(id).span.file;
            let twice = program.templates.iter().any(|t| t.name == sym && t.span.file == file);
            twice.then(|| "another template".into())
        }
        Target::Label(id) => {
            let around =
                program.labels.iter().find(|l| l.children.iter().any(|child| child.2 == id))?;
            let word = around.children.iter().find(|child| child.2 == id)?.0;
            let twice = around.children.iter().any(|child| child.0 == word && child.1 == sym);
            twice.then(|| format!("another {}", c.names.text(word)))
        }
        _ => None,
    }
}
