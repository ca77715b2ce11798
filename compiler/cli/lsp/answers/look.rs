//! Answers that change nothing: what a name is and where, what may stand somewhere, what a value is.

use super::shape::{shown, symbol_kind};
use super::{Answer, Asked, Page, path_of_file};
use crate::cli::lsp::capabilities;
use crate::cli::lsp::places::{path_of, real};
use crate::cli::lsp::project;
use crate::cli::lsp::workspace::Workspace;
use colabc::Compilation;
use colabc::ide::complete::{self, Sort};
use colabc::ide::{self, emitted, hints, hover, outline, signature};
use colabc::source::{FileId, Span};
use serde_json::{Value, json};

pub fn on_hover(p: &Page, file: FileId, c: &mut Compilation) -> Answer {
    let found = hover::hover(c, file, p.offset);
    Ok(found.map_or(Value::Null, |(span, text)| {
        let range = p.workspace.encoding.range(&c.sources, span);
        let (kind, text) = match p.workspace.reads.markdown {
            true => ("markdown", text.trim_start().to_owned()),
            false => ("plaintext", plain(text.trim_start())),
        };
        json!({ "contents": { "kind": kind, "value": text }, "range": range })
    }))
}

/// Markdown for who shows it as it is: without the fences.
fn plain(markdown: &str) -> String {
    let lines = markdown.lines().filter(|line| !line.starts_with("```") && *line != "|---|---|");
    lines.collect::<Vec<_>>().join("\n")
}

/// A proposal for who knows no places to fill: what is to be filled in comes by hand.
fn unfilled(item: &complete::Item) -> String {
    match item.snippet.contains("${") || item.snippet.contains('\n') {
        true => item.label.clone(),
        false => item.snippet.replace("$0", "").replace("\\$", "$").replace("\\}", "}"),
    }
}

pub fn on_completion(p: &Page, c: &Compilation) -> Answer {
    let blank = p.params["context"]["triggerCharacter"] == " ";
    if blank && !complete::is_asked_by_blank(&p.text.source().text, p.offset as usize) {
        return Ok(json!({ "isIncomplete": false, "items": [] }));
    }
    let files = || p.root.map_or_else(Vec::new, project::others);
    let items: Vec<Value> = complete::complete(c, p.text, p.here, p.offset, &files)
        .into_iter()
        .map(|item| {
            let kind = match item.sort {
                Sort::Field | Sort::Parameter => 5,
                Sort::Block => 22,
                Sort::Word => 20,
                Sort::Thing => 18,
                Sort::Function => 3,
                Sort::Template => 7,
                Sort::Value => 12,
                Sort::Keyword => 14,
                Sort::Path => 17,
            };
            let snippets = p.workspace.reads.snippets;
            let snippet = snippets && item.snippet.contains('$');
            let text = if snippets { item.snippet.clone() } else { unfilled(&item) };
            json!({
                "label": item.label,
                "sortText": format!("{:04}{}", item.rank, item.label),
                "kind": kind,
                "detail": item.detail,
                "documentation": { "kind": "markdown", "value": item.doc },
                "textEdit": { "range": p.range(item.replaces), "newText": text },
                "filterText": item.label,
                "insertTextFormat": if snippet { 2 } else { 1 },
            })
        })
        .collect();
    Ok(json!({ "isIncomplete": false, "items": items }))
}

pub fn on_signature(p: &Page, c: &Compilation) -> Answer {
    Ok(signature::signature(c, p.text, p.offset).map_or(Value::Null, |s| {
        // The protocol counts in a label as it does by itself, whatever was agreed on for texts.
        let units = |end: usize| s.label[..end].encode_utf16().count();
        let param = |(text, place): (&String, std::ops::Range<usize>)| match p.workspace.reads.parts
        {
            true => json!({ "label": [units(place.start), units(place.end)] }),
            false => json!({ "label": text }),
        };
        let params: Vec<Value> = s.params.iter().zip(s.places()).map(param).collect();
        let doc = match p.workspace.reads.markdown_help {
            true => json!({ "kind": "markdown", "value": s.doc }),
            false => json!(s.doc),
        };
        json!({
            "signatures": [{ "label": s.label, "documentation": doc, "parameters": params }],
            "activeSignature": 0,
            "activeParameter": s.active,
        })
    }))
}

pub fn on_definition(a: &Asked) -> Answer {
    let Some(target) = a.target() else {
        let here = &a.c.sources.file(a.file).name;
        let files = outline::imported(a.text, here, &a.c.sources, a.offset);
        return Ok(a.locations(files.into_iter().map(|file| Span::new(file, 0, 0))));
    };
    // Who is there already is led to whatever else says what it is: a template, or those who say more of it.
    let here = |span: &Span| span.file == a.file && span.holds(a.offset);
    let declared = ide::declaration(a.c, target);
    let others: Vec<Span> =
        ide::declarations(a.c, target).into_iter().filter(|s| !here(s)).collect();
    match declared.is_some_and(|span| here(&span)) && !others.is_empty() {
        true => Ok(a.locations(others)),
        false => Ok(a.locations(declared)),
    }
}

pub fn on_type_definition(a: &Asked) -> Answer {
    Ok(a.locations(a.target().and_then(|t| ide::type_declaration(a.c, t))))
}

pub fn on_implementation(a: &Asked) -> Answer {
    Ok(a.locations(a.target().map_or(Vec::new(), |t| ide::implementations(a.c, t))))
}

pub fn on_references(a: &Asked) -> Answer {
    let Some(target) = a.target() else { return Ok(json!([])) };
    let declared = ide::declarations(a.c, target);
    let with = a.params["context"]["includeDeclaration"].as_bool().unwrap_or(true);
    let spans = ide::references(a.c, target).into_iter();
    Ok(a.locations(spans.filter(|span| with || !declared.contains(span))))
}

pub fn on_highlight(a: &Asked) -> Answer {
    let Some(target) = a.target() else { return Ok(json!([])) };
    let mut spans = ide::references(a.c, target);
    spans.retain(|span| span.file == a.file);
    let written = ide::written(a.c, a.file, target);
    let kind = |span: &Span| if written.contains(span) { 3 } else { 2 };
    Ok(spans.iter().map(|s| json!({ "range": a.place(*s), "kind": kind(s) })).collect())
}

pub fn on_search(workspace: &Workspace, params: &Value) -> Value {
    let text = params["query"].as_str().unwrap_or("").to_string();
    let encoding = workspace.encoding;
    let mut out = Vec::new();
    for project in &workspace.projects {
        let Some(c) = &project.compilation else { continue };
        for (symbol, around) in outline::search(c, &text) {
            let file = symbol.span.file;
            let Some(path) = path_of_file(&c.sources, project.root(), file) else { continue };
            let range = encoding.range(&c.sources, symbol.name_span);
            out.push(json!({
                "name": shown(&symbol.name, &c.sources),
                "kind": symbol_kind(&symbol.kind),
                "containerName": held(&symbol.kind, &c.sources.concealed().hide(&around)),
                "location": { "uri": workspace.uri(&path), "range": range },
            }));
        }
    }
    Value::Array(out)
}

/// What a symbol is, and in what: `container in service wiki`.
fn held(kind: &str, around: &str) -> String {
    if around.is_empty() { kind.to_owned() } else { format!("{kind} in {around}") }
}

pub fn on_hints(p: &Page, file: FileId, c: &mut Compilation) -> Answer {
    let part = p.part();
    let found = hints::hints(c, file, part.start, part.end);
    let source = c.sources.file(file);
    let hint = |found: hints::Hint| {
        let position = p.workspace.encoding.position(source, found.at.end);
        let mut hint = json!({ "position": position, "label": found.text, "paddingLeft": true });
        if !found.more.is_empty() {
            hint["tooltip"] = json!({ "kind": "markdown", "value": found.more });
        }
        hint
    };
    Ok(found.into_iter().map(hint).collect())
}

pub fn on_lenses(a: &Asked) -> Answer {
    let uri = &a.params["textDocument"]["uri"];
    let lens = |(span, text, files): (Span, String, bool)| {
        let position = a.place(span)["start"].clone();
        let arguments = json!([{ "uri": uri, "position": position }]);
        let command = if files { capabilities::OPEN_EMITTED } else { "" };
        let command = json!({ "title": text, "command": command, "arguments": arguments });
        json!({ "range": a.place(span), "command": command })
    };
    Ok(hints::lenses(a.c, &a.project.emitted, a.file).into_iter().map(lens).collect())
}

pub fn on_links(a: &Asked) -> Answer {
    let root = a.project.root();
    let imports = outline::links(a.text, &a.c.sources.file(a.file).name, &a.c.sources);
    let emitted = a.project.emitted.links(a.text).into_iter();
    let emitted = emitted.map(|(span, path)| {
        let path = format!("out/{path}");
        (span, path.clone(), format!("{path}, as it was built last"))
    });
    // Nobody wants to be led to what is not built yet.
    let built = emitted.filter(|(_, path, _)| root.join(path).is_file());
    let link = |(span, path, said): (Span, String, String)| {
        let target = a.workspace.uri(&root.join(path));
        json!({ "range": a.range(span), "target": target, "tooltip": said })
    };
    Ok(imports.into_iter().chain(built).map(link).collect())
}

/// The findings of one file, as the whole workspace's have them: a file of no project has none.
pub fn on_diagnostic(workspace: &Workspace, params: &Value) -> Value {
    let path = params["textDocument"]["uri"].as_str().and_then(path_of).map(real);
    let uri = path.map_or_else(String::new, |path| workspace.uri(&path));
    workspace.told.report(&uri, params["previousResultId"].as_str())
}

/// The files that are made from the declaration at a place; the editor is asked to show the first
/// that is there.
pub fn on_open_emitted(workspace: &mut Workspace, params: &Value) -> Value {
    let argument = &params["arguments"][0];
    let found = (|| {
        let path = real(path_of(argument["uri"].as_str()?)?);
        let open = workspace.document(&path)?;
        let project = workspace.project(&path)?;
        let text = &open.text.source().text;
        let offset = workspace.encoding.offset(text, &argument["position"]) as u32;
        let declared = emitted::declared_at(&open.text, offset)?;
        let uri = |path: &str| workspace.uri(&project.root().join("out").join(path));
        Some(project.emitted.files(&declared).map(uri).collect::<Vec<_>>())
    })();
    let files = found.unwrap_or_default();
    let built = |uri: &&String| path_of(uri).is_some_and(|path| path.is_file());
    match (files.iter().find(built), files.first()) {
        (Some(there), _) if workspace.shows => {
            workspace.ask("window/showDocument", json!({ "uri": there, "takeFocus": true }));
        }
        (None, Some(_)) => {
            let message = "what is made from it is not built yet: `colabc build` does that";
            workspace.ask("window/showMessageRequest", json!({ "type": 3, "message": message }));
        }
        _ => {}
    }
    json!(files)
}
