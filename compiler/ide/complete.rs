//! What may be written at a place: fields of the block, values of the expected type, what follows a
//! dot. It works in the middle of a broken file, because the tree is never missing.

use super::tree_of;
use crate::Compilation;
use crate::model::schema::{Schema, ShapeId, Ty, TyId, spell};
use crate::resolve::functions::FUNCTIONS;
use crate::resolve::hir::LabelId;
use crate::resolve::properties::PROPERTIES;
use crate::source::{FileId, Span};
use crate::syntax::tree::StmtKind;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    Field,
    Block,
    Word,
    Thing,
    Function,
    Template,
    Value,
    Keyword,
}

/// One proposal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    pub label: String,
    pub sort: Sort,
    /// Its type, or its kind.
    pub detail: String,
    pub doc: String,
    /// With `$0` for the cursor and `${1:name}` for places to fill, as editors write snippets.
    pub snippet: String,
}

/// All that may stand at a place.
pub fn complete(c: &Compilation, file: FileId, offset: u32) -> Vec<Item> {
    let text = &c.sources.file(file).text;
    let Some(head) = text.get(..offset as usize) else { return Vec::new() };
    if in_comment(head) {
        return Vec::new();
    }
    let word_start =
        head.trim_end_matches(|ch: char| ch.is_alphanumeric() || ch == '_' || ch == '-').len();
    let before = head[..word_start].trim_end_matches([' ', '\t']);
    let mut out = if before.ends_with('.') && !before.ends_with("..") {
        after_dot(c, file, word_start as u32)
    } else if let Some(ty) = wanted(c, file, offset, before) {
        values(c, file, offset, ty)
    } else {
        fields(c, file, offset)
    };
    out.sort_by(|a, b| a.label.cmp(&b.label));
    out.dedup_by(|a, b| a.label == b.label);
    out
}

fn in_comment(head: &str) -> bool {
    let line = head.rsplit('\n').next().unwrap_or("");
    match line.find("//") {
        Some(at) => line[..at].matches('"').count().is_multiple_of(2),
        None => false,
    }
}

/// The type that is expected at a place in a value; `None` where a statement begins.
fn wanted(c: &Compilation, file: FileId, offset: u32, before: &str) -> Option<TyId> {
    let here = c
        .usage
        .wants
        .iter()
        .filter(|(span, _)| span.file == file && span.start <= offset && offset <= span.end)
        .min_by_key(|(span, _)| span.end - span.start);
    let line = before.rsplit('\n').next().unwrap_or("");
    let after_sign =
        line.ends_with('=') || line.ends_with(['[', '(', ',', '?', '{']) && line.contains('=');
    if let Some((span, ty)) = here
        && (span.start as usize >= before.len() || !after_sign)
        && !before.ends_with(['{', '}'])
        && span.end >= offset
        && line.contains('=')
    {
        return Some(*ty);
    }
    if !after_sign || line.ends_with('{') {
        return None;
    }
    // `field = ` with nothing behind it yet: the field's own type.
    let (shape, _) = block_at(c, file, offset);
    let sign = line.rfind('=')?;
    let left = line[..sign].trim_end_matches(['+', '-', ' ']);
    let left = left.rsplit(['{', '}']).next().unwrap_or(left).trim();
    let mut words =
        left.split_whitespace().filter(|w| !matches!(*w, "default" | "override" | "final"));
    let words: Vec<&str> = words.by_ref().collect();
    let schema = &c.resolved.program.schema;
    let field = |shape: ShapeId, name: &str| {
        let at = schema.shape(shape).field(c.names.find(name)?)?;
        Some(schema.shape(shape).fields[at as usize].ty)
    };
    let ty = match words.as_slice() {
        [.., kind, _label]
            if field(shape, kind).is_some_and(|t| matches!(schema.ty(t), Ty::Named(_))) =>
        {
            let ty = field(shape, kind)?;
            let Ty::Named(inner) = schema.ty(ty) else { return None };
            let main = schema.shape(*inner).main?;
            schema.shape(*inner).fields[main as usize].ty
        }
        [.., name] => field(shape, name).unwrap_or(Schema::ANY),
        [] => Schema::ANY,
    };
    Some(ty)
}

/// The innermost block around a place: the kind whose fields it holds, and its thing.
fn block_at(c: &Compilation, file: FileId, offset: u32) -> (ShapeId, Option<LabelId>) {
    c.usage
        .blocks
        .iter()
        .filter(|(span, ..)| span.file == file && span.start < offset && offset <= span.end)
        .min_by_key(|(span, ..)| span.end - span.start)
        .map_or((c.resolved.program.project, None), |&(_, shape, label)| (shape, label))
}

/// The fields of the block that are not set yet.
fn fields(c: &Compilation, file: FileId, offset: u32) -> Vec<Item> {
    let program = &c.resolved.program;
    let (shape, _) = block_at(c, file, offset);
    let set = already(c, file, offset);
    let mut out = Vec::new();
    for f in &program.schema.shape(shape).fields {
        let name = c.names.text(f.name);
        let ty = program.schema.plain(f.ty);
        let (snippet, sort, many) = match program.schema.ty(ty) {
            Ty::Named(inner) => {
                let main = program.schema.shape(*inner).main.is_some();
                let body = if main { "= $0" } else { "{\n  $0\n}" };
                (format!("{name} ${{1:name}} {body}"), Sort::Block, true)
            }
            Ty::Layer(_) | Ty::Record(_) | Ty::One(_) | Ty::Map(..) => {
                (format!("{name} {{\n  $0\n}}"), Sort::Block, false)
            }
            Ty::List(_) | Ty::Set(_) => (format!("{name} = [$0]"), Sort::Field, false),
            Ty::Text(_) | Ty::Matching(..) => (format!("{name} = \"$0\""), Sort::Field, false),
            _ => (format!("{name} = $0"), Sort::Field, false),
        };
        if set.contains(&name) && !many {
            continue;
        }
        out.push(Item {
            label: name.to_string(),
            sort,
            detail: spell(&program.schema, &c.names, f.ty),
            doc: super::doc_text(c, f.doc),
            snippet,
        });
    }
    if shape == program.project {
        for (word, snippet) in [
            ("import", "import \"$0\""),
            ("let", "let ${1:name} = $0"),
            ("template", "template ${1:name}(${2:tag}: string) for ${3:container} {\n  $0\n}"),
            ("type", "type ${1:name} = $0"),
            ("kind", "kind ${1:name} plural ${2:names} {\n  $0\n}"),
        ] {
            out.push(keyword(word, snippet));
        }
    } else {
        for (word, snippet) in [
            ("override", "override $0"),
            ("default", "default $0"),
            ("final", "final $0"),
            ("unset", "unset $0"),
        ] {
            out.push(keyword(word, snippet));
        }
    }
    out.push(keyword("assert", "assert \"${1:what holds}\" { $0 }"));
    out
}

fn keyword(word: &str, snippet: &str) -> Item {
    Item {
        label: word.into(),
        sort: Sort::Keyword,
        detail: String::new(),
        doc: String::new(),
        snippet: snippet.into(),
    }
}

/// The words of the statements that stand in the innermost block already.
fn already(c: &Compilation, file: FileId, offset: u32) -> Vec<&str> {
    let Some(tree) = tree_of(c, file) else { return Vec::new() };
    let inside = |span: Span| span.start < offset && offset <= span.end;
    let mut best: Option<(u32, Vec<&str>)> = None;
    let words = |run| {
        tree.stmts_of(run)
            .iter()
            .filter_map(|&id| match &tree.stmt(id).kind {
                // The word under the cursor is being written.
                StmtKind::Entry(e) if !e.word.span.holds(offset) => Some(c.names.text(e.word.sym)),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
    for stmt in &tree.stmts {
        if !inside(stmt.span) {
            continue;
        }
        let StmtKind::Entry(entry) = &stmt.kind else { continue };
        use crate::syntax::tree::EntryOp;
        let body = match &entry.op {
            EntryOp::Block(block) => Some(*block),
            EntryOp::Assign { body, .. } | EntryOp::From { body, .. } => *body,
            _ => None,
        };
        if let Some(body) = body.filter(|b| inside(b.span)) {
            let size = body.span.end - body.span.start;
            if best.as_ref().is_none_or(|(old, _)| size < *old) {
                best = Some((size, words(body.stmts)));
            }
        }
    }
    best.map_or_else(|| words(tree.top), |(_, words)| words)
}

/// What follows a dot.
fn after_dot(c: &Compilation, file: FileId, at: u32) -> Vec<Item> {
    let program = &c.resolved.program;
    let schema = &program.schema;
    let head = &c.sources.file(file).text[..at as usize];
    let base_word = head
        .trim_end_matches('.')
        .rsplit(|ch: char| !(ch.is_alphanumeric() || ch == '_' || ch == '-'))
        .next();
    if base_word == Some("std") {
        return library(c);
    }
    let found = c.usage.bases.iter().find(|(span, ..)| span.file == file && span.start == at);
    let Some(&(_, ty, label)) = found else { return Vec::new() };
    let mut out = Vec::new();
    let plain = schema.plain(ty);
    match schema.ty(plain) {
        Ty::All(shape) => return things(c, &[*shape]),
        Ty::Ref(shape) | Ty::Record(shape) | Ty::One(shape) => {
            let kind = c.names.text(schema.shape(*shape).name);
            for f in &schema.shape(*shape).fields {
                if matches!(schema.ty(f.ty), Ty::Layer(_)) {
                    continue;
                }
                out.push(plain_item(
                    c.names.text(f.name),
                    Sort::Field,
                    spell(schema, &c.names, f.ty),
                    super::doc_text(c, f.doc),
                ));
            }
            for p in PROPERTIES {
                if matches!(p.on, crate::resolve::properties::On::Kind(of) if of == kind) {
                    out.push(plain_item(p.name, Sort::Value, String::new(), p.doc.into()));
                }
            }
        }
        other => {
            let on = crate::resolve::properties::On::of(other);
            for name in crate::resolve::properties::names(&on) {
                out.push(plain_item(name, Sort::Value, String::new(), String::new()));
            }
        }
    }
    if let Some(label) = label {
        for &(_, name, child) in &program.labels[label.0 as usize].children {
            let kind = c.names.text(schema.shape(program.labels[child.0 as usize].shape).name);
            out.push(plain_item(c.names.text(name), Sort::Thing, kind.into(), String::new()));
        }
    }
    out
}

fn plain_item(label: &str, sort: Sort, detail: String, doc: String) -> Item {
    Item { label: label.into(), sort, detail, doc, snippet: label.into() }
}

/// What the library offers behind `std.`.
fn library(c: &Compilation) -> Vec<Item> {
    let program = &c.resolved.program;
    let mut out: Vec<Item> = program
        .templates
        .iter()
        .filter(|t| t.library)
        .map(|t| {
            let name = c.names.text(t.name);
            let snippet =
                if t.params.is_empty() { format!("{name}()") } else { format!("{name}(\"$0\")") };
            let kind = c.names.text(program.schema.shape(t.shape).name);
            Item {
                label: name.into(),
                sort: Sort::Template,
                detail: format!("template for {kind}"),
                doc: String::new(),
                snippet,
            }
        })
        .collect();
    for d in program.decls.iter().filter(|d| d.library) {
        let kind = c.names.text(program.schema.shape(d.shape).name);
        if kind == "role" {
            out.push(plain_item(
                c.names.text(d.name),
                Sort::Thing,
                "role".into(),
                super::doc_text(c, d.doc),
            ));
        }
    }
    out
}

fn things(c: &Compilation, shapes: &[ShapeId]) -> Vec<Item> {
    let program = &c.resolved.program;
    program
        .decls
        .iter()
        .filter(|d| !d.library && shapes.contains(&d.shape))
        .map(|d| {
            let kind = c.names.text(program.schema.shape(d.shape).name);
            plain_item(c.names.text(d.name), Sort::Thing, kind.into(), super::doc_text(c, d.doc))
        })
        .collect()
}

/// The values of a type.
fn values(c: &Compilation, file: FileId, offset: u32, ty: TyId) -> Vec<Item> {
    let schema = &c.resolved.program.schema;
    let mut out = Vec::new();
    let kind = |name: &str| c.names.find(name).and_then(|s| schema.kinds.get(&s).copied());
    match schema.ty(schema.plain(ty)) {
        Ty::Enum(set) => {
            for word in &schema.enumeration(*set).words {
                let name = c.names.text(word.name);
                let snippet = if word.params.iter().any(|p| p.required) {
                    format!("{name}($0)")
                } else {
                    name.into()
                };
                out.push(Item {
                    snippet,
                    ..plain_item(name, Sort::Word, String::new(), String::new())
                });
            }
        }
        Ty::Ref(shape) => {
            out.extend(things(c, &[*shape]));
            out.extend(labels(c, file, offset, Some(*shape)));
        }
        Ty::Bool => {
            for word in ["true", "false"] {
                out.push(plain_item(word, Sort::Word, "bool".into(), String::new()));
            }
        }
        Ty::Union(types) => {
            for &ty in types.iter() {
                out.extend(values(c, file, offset, ty));
            }
        }
        Ty::List(item) | Ty::Set(item) => out.extend(values(c, file, offset, *item)),
        Ty::Map(_, item) => out.extend(values(c, file, offset, *item)),
        Ty::Location => {
            let shapes: Vec<ShapeId> = kind("share").into_iter().collect();
            for mut item in things(c, &shapes) {
                item.snippet = format!("{} / \"$0\"", item.label);
                out.push(item);
            }
            for name in ["local", "tmpfs"] {
                out.push(Item {
                    snippet: format!("{name}($0)"),
                    ..plain_item(name, Sort::Function, "location".into(), String::new())
                });
            }
        }
        Ty::Endpoint => {
            out.extend(labels(c, file, offset, None));
            out.extend(things(c, &kind("service").into_iter().collect::<Vec<_>>()));
        }
        Ty::Placement => {
            out.extend(things(c, &kind("node").into_iter().collect::<Vec<_>>()));
            for (name, snippet) in [("all", "all"), ("each", "each($0)"), ("where", "where($0)")] {
                out.push(Item {
                    snippet: snippet.into(),
                    ..plain_item(name, Sort::Word, "placement".into(), String::new())
                });
            }
        }
        Ty::Secret => out.extend(secrets(c)),
        _ => {}
    }
    if matches!(schema.ty(schema.plain(ty)), Ty::Any | Ty::Printable | Ty::Text(_)) {
        out.extend(labels(c, file, offset, None));
        let all: Vec<ShapeId> =
            ["node", "service", "network", "share"].iter().filter_map(|k| kind(k)).collect();
        out.extend(things(c, &all));
        for l in &c.resolved.program.lets {
            out.push(plain_item(c.names.text(l.name), Sort::Value, "let".into(), String::new()));
        }
        for f in FUNCTIONS {
            out.push(Item {
                snippet: format!("{}($0)", f.name),
                ..plain_item(f.name, Sort::Function, String::new(), f.doc.into())
            });
        }
    }
    out
}

/// The labels of the declarations around a place.
fn labels(c: &Compilation, file: FileId, offset: u32, kind: Option<ShapeId>) -> Vec<Item> {
    let program = &c.resolved.program;
    let mut out = Vec::new();
    for &(span, _, label) in &c.usage.blocks {
        let Some(label) =
            label.filter(|_| span.file == file && span.start < offset && offset <= span.end)
        else {
            continue;
        };
        for &(_, name, child) in &program.labels[label.0 as usize].children {
            let shape = program.labels[child.0 as usize].shape;
            if kind.is_none_or(|k| k == shape) {
                let word = c.names.text(program.schema.shape(shape).name);
                out.push(plain_item(c.names.text(name), Sort::Thing, word.into(), String::new()));
            }
        }
    }
    out
}

/// Every secret of every store, as the call that names it.
fn secrets(c: &Compilation) -> Vec<Item> {
    let model = &c.resolved.model;
    let mut out = Vec::new();
    for &store in model.all("secrets") {
        for &path in model.children(store, "path") {
            for item in model.get(path, "names").items() {
                if let Some(name) = item.value.as_text() {
                    let label = format!("secret(\"{name}\")");
                    let detail = format!("{}{}", model.label(store), model.label(path));
                    out.push(plain_item(&label, Sort::Value, detail, String::new()));
                }
            }
        }
    }
    out
}

/// What a call takes, and which of it is being written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    pub label: String,
    pub doc: String,
    pub params: Vec<String>,
    pub active: usize,
}

/// The call around a place: of a function, or of a template.
pub fn signature(c: &Compilation, file: FileId, offset: u32) -> Option<Signature> {
    let head = c.sources.file(file).text.get(..offset as usize)?;
    let line_start = head.rfind('\n').map_or(0, |at| at + 1);
    let (mut depth, mut commas, mut open) = (0, 0, None);
    for (at, letter) in head[line_start..].char_indices().rev() {
        match letter {
            ')' | ']' | '}' => depth += 1,
            '(' if depth == 0 => {
                open = Some(line_start + at);
                break;
            }
            '(' | '[' | '{' => depth -= 1,
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    let name = head[..open?]
        .rsplit(|ch: char| !(ch.is_alphanumeric() || matches!(ch, '_' | '-' | '.')))
        .next()?;
    if let Some(f) = FUNCTIONS.iter().find(|f| f.name == name) {
        let params: Vec<String> = f.params.iter().map(|p| p.0.to_string()).collect();
        let active = commas.min(params.len().saturating_sub(1));
        return Some(Signature {
            label: format!("{name}({})", params.join(", ")),
            doc: f.doc.into(),
            params,
            active,
        });
    }
    let program = &c.resolved.program;
    let template = program
        .templates
        .iter()
        .find(|t| t.path == name || (!t.library && c.names.text(t.name) == name))?;
    let params: Vec<String> = template
        .params
        .iter()
        .map(|p| format!("{}: {}", c.names.text(p.name), spell(&program.schema, &c.names, p.ty)))
        .collect();
    let active = commas.min(params.len().saturating_sub(1));
    Some(Signature {
        label: format!("{name}({})", params.join(", ")),
        doc: String::new(),
        params,
        active,
    })
}
