//! The requests: one row a method, each an answer of `ide` put into the protocol's words.

use super::places::{Encoding, file_of, uri_of};
use super::workspace::{Project, Workspace, finding};
use colabc::Compilation;
use colabc::diag::{Edit, Safety};
use colabc::ide::complete::Sort;
use colabc::ide::outline::Symbol;
use colabc::ide::{self, complete, hover, outline, rename, tokens};
use colabc::source::{FileId, Place, Span};
use serde_json::{Map, Value, json};

type Answer = Result<Value, String>;

/// What most requests are about.
struct Asked<'a> {
    project: &'a Project,
    c: &'a Compilation,
    encoding: Encoding,
    file: FileId,
    offset: u32,
    params: &'a Value,
}

struct Row {
    method: &'static str,
    answer: fn(&Asked) -> Answer,
}

const ROWS: &[Row] = &[
    Row { method: "textDocument/hover", answer: on_hover },
    Row { method: "textDocument/completion", answer: on_completion },
    Row { method: "textDocument/signatureHelp", answer: on_signature },
    Row { method: "textDocument/definition", answer: on_definition },
    Row { method: "textDocument/declaration", answer: on_definition },
    Row { method: "textDocument/typeDefinition", answer: on_type_definition },
    Row { method: "textDocument/implementation", answer: on_implementation },
    Row { method: "textDocument/references", answer: on_references },
    Row { method: "textDocument/documentHighlight", answer: on_highlight },
    Row { method: "textDocument/prepareRename", answer: on_prepare },
    Row { method: "textDocument/rename", answer: on_rename },
    Row { method: "textDocument/documentSymbol", answer: on_symbols },
    Row { method: "textDocument/foldingRange", answer: on_folds },
    Row { method: "textDocument/selectionRange", answer: on_selection },
    Row { method: "textDocument/semanticTokens/full", answer: on_tokens },
    Row { method: "textDocument/semanticTokens/range", answer: on_tokens },
    Row { method: "textDocument/inlayHint", answer: on_hints },
    Row { method: "textDocument/codeLens", answer: on_lenses },
    Row { method: "textDocument/documentLink", answer: on_links },
    Row { method: "textDocument/formatting", answer: on_formatting },
    Row { method: "textDocument/codeAction", answer: on_actions },
    Row { method: "textDocument/diagnostic", answer: on_diagnostic },
];

/// The answer to a request; `None` where the method is not known.
pub fn answer(workspace: &mut Workspace, method: &str, params: &Value) -> Option<Answer> {
    if method == "workspace/symbol" {
        return Some(Ok(on_search(workspace, params)));
    }
    let row = ROWS.iter().find(|row| row.method == method)?;
    let encoding = workspace.encoding;
    let uri = params["textDocument"]["uri"].as_str().unwrap_or("");
    let Some(project) = workspace.project(uri) else { return Some(Ok(Value::Null)) };
    let Some(c) = &project.compilation else { return Some(Ok(Value::Null)) };
    let Some(file) = file_of(&c.sources, &project.root, uri) else { return Some(Ok(Value::Null)) };
    let offset = encoding.offset(&c.sources.file(file).text, &params["position"]) as u32;
    Some((row.answer)(&Asked { project, c, encoding, file, offset, params }))
}

impl Asked<'_> {
    fn range(&self, span: Span) -> Value {
        self.encoding.range(&self.c.sources, span)
    }

    fn uri(&self, file: FileId) -> String {
        uri_of(&self.project.root.join(&self.c.sources.file(file).name))
    }

    /// Places in the project; the library's are on no disk.
    fn locations(&self, spans: impl IntoIterator<Item = Span>) -> Value {
        spans
            .into_iter()
            .filter(|s| self.c.sources.file(s.file).place == Place::Project)
            .map(|s| json!({ "uri": self.uri(s.file), "range": self.range(s) }))
            .collect()
    }

    fn edits(&self, edits: &[Edit]) -> Value {
        let mut changes: Map<String, Value> = Map::new();
        for edit in edits {
            let entry = changes.entry(self.uri(edit.span.file)).or_insert_with(|| json!([]));
            if let Value::Array(list) = entry {
                list.push(json!({ "range": self.range(edit.span), "newText": edit.text }));
            }
        }
        json!({ "changes": changes })
    }

    fn target(&self) -> Option<colabc::resolve::lower::Target> {
        ide::target_at(self.c, self.file, self.offset).map(|(_, target)| target)
    }
}

fn on_hover(a: &Asked) -> Answer {
    Ok(hover::hover(a.c, a.file, a.offset).map_or(Value::Null, |(span, text)| {
        let text = a.c.sources.concealed().hide(&text);
        json!({ "contents": { "kind": "markdown", "value": text }, "range": a.range(span) })
    }))
}

fn on_completion(a: &Asked) -> Answer {
    let items: Vec<Value> = complete::complete(a.c, a.file, a.offset)
        .into_iter()
        .map(|item| {
            let kind = match item.sort {
                Sort::Field => 5,
                Sort::Block => 22,
                Sort::Word => 20,
                Sort::Thing => 18,
                Sort::Function => 3,
                Sort::Template => 7,
                Sort::Value => 12,
                Sort::Keyword => 14,
            };
            json!({
                "label": item.label,
                "kind": kind,
                "detail": item.detail,
                "documentation": { "kind": "markdown", "value": item.doc },
                "insertText": item.snippet,
                "insertTextFormat": if item.snippet.contains('$') { 2 } else { 1 },
            })
        })
        .collect();
    Ok(json!({ "isIncomplete": false, "items": items }))
}

fn on_signature(a: &Asked) -> Answer {
    Ok(complete::signature(a.c, a.file, a.offset).map_or(Value::Null, |s| {
        let params: Vec<Value> = s.params.iter().map(|p| json!({ "label": p })).collect();
        json!({
            "signatures": [{ "label": s.label, "documentation": s.doc, "parameters": params }],
            "activeSignature": 0,
            "activeParameter": s.active,
        })
    }))
}

fn on_definition(a: &Asked) -> Answer {
    Ok(a.locations(a.target().and_then(|t| ide::declaration(a.c, t))))
}

fn on_type_definition(a: &Asked) -> Answer {
    Ok(a.locations(a.target().and_then(|t| ide::type_declaration(a.c, t))))
}

fn on_implementation(a: &Asked) -> Answer {
    Ok(a.locations(a.target().map_or(Vec::new(), |t| ide::implementations(a.c, t))))
}

fn on_references(a: &Asked) -> Answer {
    let Some(target) = a.target() else { return Ok(json!([])) };
    let declared = ide::declaration(a.c, target);
    let with = a.params["context"]["includeDeclaration"].as_bool().unwrap_or(true);
    let spans = ide::references(a.c, target).into_iter().filter(|s| with || Some(*s) != declared);
    Ok(a.locations(spans))
}

fn on_highlight(a: &Asked) -> Answer {
    let Some(target) = a.target() else { return Ok(json!([])) };
    let spans = ide::references(a.c, target).into_iter().filter(|s| s.file == a.file);
    Ok(spans.map(|s| json!({ "range": a.range(s), "kind": 1 })).collect())
}

fn on_prepare(a: &Asked) -> Answer {
    let (span, text) = rename::prepare(a.c, a.file, a.offset)?;
    Ok(json!({ "range": a.range(span), "placeholder": text }))
}

fn on_rename(a: &Asked) -> Answer {
    let new = a.params["newName"].as_str().unwrap_or("");
    Ok(a.edits(&rename::rename(a.c, a.file, a.offset, new)?))
}

fn on_symbols(a: &Asked) -> Answer {
    fn put(a: &Asked, symbol: &Symbol) -> Value {
        let children: Vec<Value> = symbol.children.iter().map(|s| put(a, s)).collect();
        json!({
            "name": symbol.name,
            "detail": symbol.kind,
            "kind": symbol_kind(&symbol.kind),
            "range": a.range(symbol.span),
            "selectionRange": a.range(symbol.name_span),
            "children": children,
        })
    }
    Ok(outline::symbols(a.c, a.file).iter().map(|s| put(a, s)).collect())
}

fn symbol_kind(kind: &str) -> u32 {
    match kind {
        "node" | "cluster" => 2,
        "service" | "template" | "kind" => 5,
        "container" | "unit" | "role" => 19,
        "port" | "site" | "network" => 11,
        "type" => 10,
        "let" => 14,
        "volume" | "share" | "disk" => 20,
        _ => 8,
    }
}

fn on_search(workspace: &mut Workspace, params: &Value) -> Value {
    let text = params["query"].as_str().unwrap_or("").to_string();
    let encoding = workspace.encoding;
    let mut out = Vec::new();
    for project in workspace.projects() {
        let Some(c) = &project.compilation else { continue };
        for symbol in outline::search(c, &text) {
            let uri = uri_of(&project.root.join(&c.sources.file(symbol.span.file).name));
            out.push(json!({
                "name": symbol.name,
                "kind": symbol_kind(&symbol.kind),
                "containerName": symbol.kind,
                "location": { "uri": uri, "range": encoding.range(&c.sources, symbol.name_span) },
            }));
        }
    }
    Value::Array(out)
}

fn on_folds(a: &Asked) -> Answer {
    let file = a.c.sources.file(a.file);
    let folds = outline::folds(a.c, a.file).into_iter().map(|(span, comment)| {
        let (first, _) = file.line_col(span.start);
        let (last, _) = file.line_col(span.end);
        let kind = if comment { "comment" } else { "region" };
        json!({ "startLine": first, "endLine": last, "kind": kind })
    });
    Ok(folds.collect())
}

fn on_selection(a: &Asked) -> Answer {
    let text = &a.c.sources.file(a.file).text;
    let positions = a.params["positions"].as_array().cloned().unwrap_or_default();
    let ranges = positions.iter().map(|position| {
        let offset = a.encoding.offset(text, position) as u32;
        let mut parent = Value::Null;
        for span in outline::around(a.c, a.file, offset).into_iter().rev() {
            let mut range = json!({ "range": a.range(span) });
            if !parent.is_null() {
                range["parent"] = parent;
            }
            parent = range;
        }
        parent
    });
    Ok(ranges.collect())
}

fn on_tokens(a: &Asked) -> Answer {
    let file = a.c.sources.file(a.file);
    let (from, to) = match a.params.get("range") {
        Some(range) => (
            a.encoding.offset(&file.text, &range["start"]) as u32,
            a.encoding.offset(&file.text, &range["end"]) as u32,
        ),
        None => (0, u32::MAX),
    };
    let mut data: Vec<u64> = Vec::new();
    let (mut line, mut column) = (0, 0);
    for (span, token) in tokens::tokens(a.c, a.file) {
        if span.end < from || span.start > to {
            continue;
        }
        let start = a.encoding.position(file, span.start);
        let end = a.encoding.position(file, span.end);
        let at = |p: &Value, key: &str| p[key].as_u64().unwrap_or(0);
        if at(&start, "line") != at(&end, "line") {
            continue;
        }
        let (l, col) = (at(&start, "line"), at(&start, "character"));
        let delta = if l == line { col - column } else { col };
        data.extend([l - line, delta, at(&end, "character") - col, token as u64, 0]);
        (line, column) = (l, col);
    }
    Ok(json!({ "data": data }))
}

fn on_hints(a: &Asked) -> Answer {
    let file = a.c.sources.file(a.file);
    let from = a.encoding.offset(&file.text, &a.params["range"]["start"]) as u32;
    let to = a.encoding.offset(&file.text, &a.params["range"]["end"]) as u32;
    let hints = outline::hints(a.c, a.file)
        .into_iter()
        .filter(|(span, _)| from <= span.start && span.end <= to)
        .map(|(span, text)| {
            json!({ "position": a.encoding.position(file, span.end), "label": text, "paddingLeft": true })
        });
    Ok(hints.collect())
}

fn on_lenses(a: &Asked) -> Answer {
    let lenses = outline::lenses(a.c, a.file)
        .into_iter()
        .map(|(span, text)| json!({ "range": a.range(span), "command": { "title": text, "command": "" } }));
    Ok(lenses.collect())
}

fn on_links(a: &Asked) -> Answer {
    let links = outline::links(a.c, a.file).into_iter().map(|(span, path)| {
        json!({ "range": a.range(span), "target": uri_of(&a.project.root.join(path)) })
    });
    Ok(links.collect())
}

fn on_formatting(a: &Asked) -> Answer {
    let text = &a.c.sources.file(a.file).text;
    let broken =
        a.c.diagnostics.iter().any(|d| d.code.id.starts_with("E01") && d.primary().file == a.file);
    let Some(tree) = ide::tree_of(a.c, a.file).filter(|_| !broken) else { return Ok(json!([])) };
    let new = colabc::syntax::format(tree, text);
    if *new == **text {
        return Ok(json!([]));
    }
    let whole = Span::new(a.file, 0, text.len() as u32);
    Ok(json!([{ "range": a.range(whole), "newText": new }]))
}

/// Every fix with an edit of every finding in the range; and all the safe ones of the file.
fn on_actions(a: &Asked) -> Answer {
    let text = &a.c.sources.file(a.file).text;
    let from = a.encoding.offset(text, &a.params["range"]["start"]) as u32;
    let to = a.encoding.offset(text, &a.params["range"]["end"]) as u32;
    let mut actions = Vec::new();
    let mut all: Vec<Edit> = Vec::new();
    for d in a.c.diagnostics.iter().filter(|d| d.primary().file == a.file) {
        if let Some(fix) = d.fixes.iter().find(|f| f.safety == Safety::Safe) {
            let clear = fix.edits.iter().all(|e| {
                all.iter().all(|o| {
                    o.span.file != e.span.file
                        || o.span.end <= e.span.start
                        || e.span.end <= o.span.start
                })
            });
            if clear {
                all.extend(fix.edits.iter().cloned());
            }
        }
        let span = d.primary();
        if span.end < from || to < span.start {
            continue;
        }
        for fix in d.fixes.iter().filter(|f| !f.edits.is_empty()) {
            actions.push(json!({
                "title": fix.title,
                "kind": "quickfix",
                "isPreferred": fix.safety == Safety::Safe,
                "diagnostics": [finding(a.encoding, a.project, a.c, d)],
                "edit": a.edits(&fix.edits),
            }));
        }
    }
    if !all.is_empty() {
        actions.push(json!({ "title": "mend all that is certain", "kind": "source.fixAll", "edit": a.edits(&all) }));
    }
    Ok(Value::Array(actions))
}

fn on_diagnostic(a: &Asked) -> Answer {
    let items: Vec<Value> =
        a.c.diagnostics
            .iter()
            .filter(|d| d.primary().file == a.file)
            .map(|d| finding(a.encoding, a.project, a.c, d))
            .collect();
    Ok(json!({ "kind": "full", "items": items }))
}
