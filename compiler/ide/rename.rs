//! A name changed everywhere it stands, or the reason why not.

mod keys;

use super::{Text, references, same, target_at};
use crate::Compilation;
use crate::diag::Edit;
use crate::diag::codes::CODES;
use crate::model::schema::{EnumId, Ty};
use crate::resolve::hir::{Decl, LabelId};
use crate::resolve::lower::{Target, a};
use crate::resolve::properties;
use crate::resolve::values::{MEANT, is_name};
use crate::source::{FileId, Place, Span};
use crate::syntax::tree::{Arg, ExprKind};

/// The name that would be changed, with its text.
pub fn prepare(c: &Compilation, file: FileId, offset: u32) -> Result<(Span, String), String> {
    let (span, target) = target_at(c, file, offset).ok_or("there is no name here")?;
    if CODES.iter().any(|code| code.id == c.sources.text(span)) {
        return Err("the name of a finding stays".into());
    }
    match target {
        Target::Function(_) => return Err("a function's name stays".into()),
        // Its word alone begins every block of the kind.
        Target::Field(shape, _) if shape == c.resolved.program.project => {
            return Err("it is the library's, and stays".into());
        }
        Target::Label(id) => {
            let all = same::same(c, id).labels;
            let of_library = |id: &&LabelId| is_of_library(c, declared_at(c, **id));
            if let Some(&theirs) = all.iter().find(of_library) {
                return Err(named_by_template(c, declared_at(c, theirs)));
            }
        }
        key if keys::is_key(key) => {
            keys::places(c, key, span)?;
        }
        _ => {}
    }
    let declared = super::declaration(c, target).ok_or("it is not declared here")?;
    if is_of_library(c, declared) {
        return Err("it is the library's, and stays".into());
    }
    let text = c.sources.text(span);
    Ok((span, text.trim_matches('"').to_string()))
}

/// What the library's template says at a place stays.
fn named_by_template(c: &Compilation, at: Span) -> String {
    let mut templates = c.resolved.program.templates.iter();
    let named = templates.rfind(|t| t.span.file == at.file && t.span.start < at.start);
    let path = named.map_or("", |template| template.path.as_str());
    format!(
        "template `{path}` names it so, and this says more of it: under another name there would be two"
    )
}

fn declared_at(c: &Compilation, id: LabelId) -> Span {
    c.resolved.program.labels[id.0 as usize].span
}

fn is_of_library(c: &Compilation, span: Span) -> bool {
    c.sources.file(span.file).place == Place::Library
}

/// The edits that give a thing another name.
pub fn rename(c: &Compilation, file: FileId, offset: u32, new: &str) -> Result<Vec<Edit>, String> {
    prepare(c, file, offset)?;
    let (at, target) = target_at(c, file, offset).ok_or("there is no name here")?;
    // A word of the language is a name only in quotes.
    let bare = is_name(new) && Text::new("", format!("let {new} = 1\n")).faults.is_empty();
    if new.is_empty() || new.contains(['"', '\\', '\n', '$']) {
        return Err(format!("`{new}` cannot be a name"));
    }
    let plural = |sym| c.resolved.program.schema.plurals.contains_key(&sym);
    // Nothing that an expression begins with can hide a key.
    let key = keys::is_key(target);
    if !key && (MEANT.contains(&new) || c.names.find(new).is_some_and(plural)) {
        return Err(format!("`{new}` has a meaning in every expression"));
    }
    if is_said(new) && matches!(target, Target::Kind(_) | Target::Field(..)) {
        return Err(format!("`{new}` begins a statement of its own"));
    }
    let labelled = matches!(target, Target::Decl(_) | Target::Label(_));
    if !bare && !labelled {
        return Err(format!("`{new}` would have to stand in quotes, and no text can stand there"));
    }
    if let Some(other) = clash(c, target, new) {
        return Err(format!("`{new}` is the name of {other} already"));
    }
    let mut edits = Vec::new();
    let declared = super::declarations(c, target);
    let mut spans = match key {
        true => keys::places(c, target, at)?,
        false => references(c, target),
    };
    if let Some(why) = keys::refused(c, target, new, &spans) {
        return Err(why);
    }
    spans.extend(declared.iter().filter(|_| !key));
    spans.sort();
    spans.dedup();
    for span in spans {
        let written = c.sources.text(span);
        let quoted = written.starts_with('"');
        if !quoted && !bare {
            let dotted = c.sources.file(span.file).text[..span.start as usize].ends_with('.');
            if dotted || !declared.contains(&span) {
                return Err(format!(
                    "`{new}` would have to stand in quotes, and it is used without them"
                ));
            }
        }
        let text = if quoted || !bare { format!("\"{new}\"") } else { new.to_string() };
        edits.push(Edit { span, text });
    }
    if bare {
        edits.extend(meant_by_words(c, target, new));
    }
    edits.extend(secrets_below(c, target, new));
    Ok(edits)
}

/// Where a word such as `caddy` means the service of that name, though it does not say so: there it has to.
fn meant_by_words(c: &Compilation, target: Target, new: &str) -> Vec<Edit> {
    let program = &c.resolved.program;
    let Target::Decl(id) = target else { return Vec::new() };
    let decl = program.decl(id);
    let means = |set: &EnumId, at: &u16| {
        let word = &program.schema.enumeration(*set).words[*at as usize];
        let param = word.params.first().map(|p| program.schema.ty(program.schema.plain(p.ty)));
        word.name == decl.name && matches!(param, Some(Ty::Ref(kind)) if *kind == decl.shape)
    };
    let said = c.usage.references.iter().filter_map(|(span, target)| match target {
        Target::Word(set, at) if means(set, at) => Some(*span),
        _ => None,
    });
    let bare = said.filter(|span| {
        let file = c.sources.file(span.file);
        file.place == Place::Project && !file.text[span.end as usize..].starts_with('(')
    });
    bare.map(|span| Edit { span: span.tail(), text: format!("({new})") }).collect()
}

/// The secrets that are named by the whole of a path, `secret("/files/PASSWORD")`: what of them is the path.
fn secrets_below(c: &Compilation, target: Target, new: &str) -> Vec<Edit> {
    let program = &c.resolved.program;
    let Target::Label(id) = target else { return Vec::new() };
    let mut around = program.labels.iter();
    let store = around.find(|l| l.children.iter().any(|child| child.2 == id));
    if store.is_none_or(|l| c.names.text(program.schema.shape(l.shape).name) != "secrets") {
        return Vec::new();
    }
    let old = c.names.text(program.labels[id.0 as usize].name);
    let mut edits = Vec::new();
    for tree in &c.trees {
        for expr in &tree.exprs {
            let ExprKind::Call { callee, args } = &expr.kind else { continue };
            let Some(Arg::Plain(arg)) = tree.args[args.range()].first() else { continue };
            let is_secret = matches!(tree.expr(*callee).kind,
                ExprKind::Name(name) if c.names.text(name) == "secret");
            let span = tree.expr(*arg).span;
            let rest = c.sources.text(span).strip_prefix('"').and_then(|t| t.strip_prefix(old));
            if is_secret && rest.is_some_and(|rest| rest.starts_with('/')) {
                let (start, end) = (span.start + 1, span.start + 1 + old.len() as u32);
                edits.push(Edit { span: Span { start, end, ..span }, text: new.to_owned() });
            }
        }
    }
    edits
}

/// What has the new name already.
fn clash(c: &Compilation, target: Target, new: &str) -> Option<String> {
    let program = &c.resolved.program;
    let sym = c.names.find(new)?;
    match target {
        Target::Decl(id) => {
            let shape = program.decl(id).shape;
            let kind = c.names.text(program.schema.shape(shape).name);
            let twice = program.by_name.contains_key(&(shape, sym));
            twice.then(|| format!("another {kind}")).or_else(|| hiding(c, target, new))
        }
        Target::Let(_) => {
            let twice = program.lets.iter().any(|l| l.name == sym);
            let thing = program.decls.iter().find(|d| d.name == sym && !d.library);
            let kind = |d: &Decl| a(c.names.text(program.schema.shape(d.shape).name));
            let other = twice.then(|| "another let".into()).or_else(|| thing.map(kind));
            other.or_else(|| hiding(c, target, new))
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
                let hides = !keys::is_key(*target)
                    && !matches!(target, Target::Field(..) | Target::Word(..) | Target::Label(_));
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
            let around = same::same(c, id).around;
            let mut near = around.iter().flat_map(|of| &program.labels[of.0 as usize].children);
            let own = program.labels.iter().flat_map(|l| &l.children).find(|child| child.2 == id);
            let word = own?.0;
            let twice = near.any(|child| child.0 == word && child.1 == sym);
            let other = twice.then(|| format!("another {}", c.names.text(word)));
            // Behind a dot it would be taken for that.
            let dotted = || references(c, target).into_iter().any(|at| super::is_asked(c, at));
            let means = |of: &LabelId| {
                let shape = program.schema.shape(program.labels[of.0 as usize].shape);
                let kind = c.names.text(shape.name);
                let own = shape.field(sym).is_some() || properties::of_kind(kind, new).is_some();
                own.then(|| format!("what every {kind} can be asked for"))
            };
            other.or_else(|| around.iter().find_map(means).filter(|_| dotted()))
        }
        Target::Binder(span) => {
            let around = super::tree_of(c, span.file)?.exprs.iter().map(|expr| expr.span);
            let around = around.filter(|e| e.covers(span)).min_by_key(|e| e.end - e.start)?;
            let inside = |at: Span| at.file == around.file && around.covers(at);
            let mut named = c.usage.references.iter().filter(|(at, _)| inside(*at));
            let hidden =
                named.any(|(at, target)| !is_part(c, *at, target) && c.sources.text(*at) == new);
            hidden.then(|| "something that is named there".into())
        }
        Target::Plural(_) => {
            let schema = &program.schema;
            let thing = program.decls.iter().find(|d| d.name == sym && !d.library);
            let taken = thing.map(|d| a(c.names.text(schema.shape(d.shape).name)));
            taken.or_else(|| program.lets.iter().any(|l| l.name == sym).then(|| "a let".into()))
        }
        Target::Kind(_) => {
            let schema = &program.schema;
            let begins = schema.shape(program.project).field(sym).is_some();
            let alias = program.types.iter().any(|t| t.name == sym);
            let stands = begins || schema.kinds.contains_key(&sym);
            stands.then(|| "another kind".into()).or_else(|| alias.then(|| "a type".into()))
        }
        Target::Field(shape, _) => {
            let kind = c.names.text(program.schema.shape(shape).name);
            let own = properties::of_kind(kind, new).is_some();
            let other = program.schema.shape(shape).field(sym).is_some();
            let other = other.then(|| format!("another field of {}", a(kind)));
            other.or_else(|| own.then(|| format!("what every {kind} can be asked for")))
        }
        Target::Word(set, _) => {
            let other = program.schema.enumeration(set).word(sym).is_some();
            let hides = |target: &Target| matches!(target, Target::Binder(_) | Target::Param(..));
            let mut named = c.usage.references.iter().filter(|(_, target)| hides(target));
            let hidden = named.any(|(at, _)| c.sources.text(*at) == new);
            other
                .then(|| "another word of the set".into())
                .or_else(|| hidden.then(|| "what would hide it".into()))
        }
        Target::Function(_) | Target::Var(_) | Target::Env(_) => None,
    }
}

/// What would be meant instead of a declaration where that is named bare: a parameter, the name of `x in` or a thing
/// in the same declaration.
fn hiding(c: &Compilation, target: Target, new: &str) -> Option<String> {
    let program = &c.resolved.program;
    let declared = super::declarations(c, target);
    let places = references(c, target);
    let named = |sym| c.names.text(sym) == new;
    let params = program.templates.iter().filter(|t| t.params.iter().any(|p| named(p.name)));
    let params = params.map(|t| (t.span, "a parameter"));
    let binders = c.usage.binders.iter().map(|(span, _)| *span);
    let binders = binders.filter(|span| c.sources.text(*span) == new).map(|span| (span, "a name"));
    let inner = program.labels.iter().flat_map(|label| &label.children);
    let inner =
        inner.filter(|child| named(child.1)).map(|child| &program.labels[child.2.0 as usize]);
    let labels = inner.filter_map(|label| {
        let shape = program.schema.shape(label.shape);
        // Blocks without a name stand among them.
        shape.is_kind.then(|| (label.span, c.names.text(shape.name)))
    });
    let near = |span: Span| {
        let tree = super::tree_of(c, span.file)?;
        let top = tree.stmts_of(tree.top).iter().map(|&id| tree.stmt(id).span);
        top.into_iter().find(|stmt| stmt.covers(span) && *stmt != span)
    };
    let mut others = params.chain(binders).chain(labels);
    others.find_map(|(span, what)| {
        let around = near(span)?;
        // The head of a declaration is no place within it.
        let own = |at: &Span| around.covers(*at) && !declared.contains(at);
        places.iter().any(own).then(|| match what {
            "a parameter" | "a name" => format!("{what} where it is used"),
            kind => format!("{} where it is used", a(kind)),
        })
    })
}

/// Whether a name stands behind a dot or at the head of a statement: nothing can hide it there.
fn is_part(c: &Compilation, at: Span, target: &Target) -> bool {
    let dotted = c.sources.file(at.file).text[..at.start as usize].ends_with('.');
    dotted || keys::is_key(*target) || matches!(target, Target::Field(..) | Target::Kind(_))
}

/// Whether a statement may begin so, whatever the kind.
fn is_said(word: &str) -> bool {
    super::words::word(word).is_some_and(|word| word.begins(true) || word.begins(false))
}
