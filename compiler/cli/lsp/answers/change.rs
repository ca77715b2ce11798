//! Answers that change the text: names, style, what mends a finding, what moves a value between layers.

use super::{Answer, Answered, Ask, Asked, Page, asked, workspace_edit};
use crate::cli::lsp::awaited::Awaited;
use crate::cli::lsp::findings::finding;
use crate::cli::lsp::places::{Encoding, below, path_of, real};
use crate::cli::lsp::work::{Key, Texts, trial};
use crate::cli::lsp::workspace::Workspace;
use colabc::diag::{Diagnostic, Edit, Safety, mend};
use colabc::ide::moved::{self, Move};
use colabc::ide::refactor::{self, Sort};
use colabc::ide::{format, rename};
use colabc::source::Span;
use colabc::tree::OutTree;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::sync::OnceLock;

pub fn on_prepare(a: &Asked) -> Answer {
    let (span, text) = rename::prepare(a.c, a.file, a.offset)?;
    Ok(match a.c.sources.concealed().hide(&text) {
        Cow::Borrowed(_) => json!({ "range": a.place(span), "placeholder": text }),
        // The editor takes what stands there: it is not said to it.
        Cow::Owned(_) => a.place(span),
    })
}

pub fn on_rename(workspace: &mut Workspace, params: &Value) -> Answer {
    let uri = params["textDocument"]["uri"].as_str().unwrap_or("");
    let ask = Ask::Checked(|a| {
        let new = a.params["newName"].as_str().unwrap_or("");
        let edits = rename::rename(a.c, a.file, a.offset, new)?;
        Ok(a.edit(&edits))
    });
    let edit = asked(workspace, uri, params, &ask).unwrap_or(Ok(Value::Null))?;
    Ok(Versions::of(workspace).put(edit))
}

/// The versions of the open texts, for who takes edits with them: an edit of a text that is gone is then refused.
struct Versions(Option<Texts>);

impl Versions {
    fn of(workspace: &Workspace) -> Versions {
        Versions(workspace.reads.versions.then(|| workspace.texts()))
    }

    fn put(&self, edit: Value) -> Value {
        let (Some(texts), Value::Object(changes)) = (&self.0, &edit["changes"]) else {
            return edit;
        };
        let of = |(uri, edits): (&String, &Value)| {
            let text = path_of(uri).and_then(|path| texts.get(&real(path)));
            let document = json!({ "uri": uri, "version": text.map(|(_, version)| version) });
            json!({ "textDocument": document, "edits": edits })
        };
        json!({ "documentChanges": changes.iter().map(of).collect::<Vec<_>>() })
    }
}

/// What sources say of files that are about to be moved.
pub fn on_moving(workspace: &Workspace, params: &Value) -> Value {
    let mut changes = serde_json::Map::new();
    for project in &workspace.projects {
        let Some(c) = &project.compilation else { continue };
        let moves = params["files"].as_array().into_iter().flatten().filter_map(|file| {
            // The new one is not there yet: so its folder is looked at.
            let path = |key: &str| below(project.root(), &real(path_of(file[key].as_str()?)?));
            Some(Move { from: path("oldUri")?, to: path("newUri")? })
        });
        let edits = moved::moved(c, &moves.collect::<Vec<_>>());
        let edit = workspace_edit(workspace, &c.sources, project.root(), &edits);
        if let Value::Object(of_project) = edit["changes"].clone() {
            changes.extend(of_project);
        }
    }
    match changes.is_empty() {
        true => Value::Null,
        false => Versions::of(workspace).put(json!({ "changes": changes })),
    }
}

/// The whole text, or a range of it.
pub fn on_formatting(p: &Page) -> Answer {
    Ok(p.own_edits(&format::format(p.text, p.part())))
}

/// After a line's end, the line before; after a `}`, the lines of what it closes.
pub fn on_type_formatting(p: &Page) -> Answer {
    let source = p.text.source();
    let head = &source.text[..p.offset as usize];
    let span = match p.params["ch"].as_str() {
        Some("\n") => {
            let end = head.trim_end().len();
            let start = head[..end].rfind('\n').map_or(0, |at| at + 1);
            Span::new(p.text.file, start as u32, end as u32)
        }
        _ => {
            let closed = p.text.tree.stmts.iter().map(|s| s.span).filter(|s| s.end == p.offset);
            let here = Span::new(p.text.file, p.offset, p.offset);
            closed.min_by_key(|s| s.end - s.start).unwrap_or(here)
        }
    };
    // The line that is being written stays as it is.
    let line = source.line_col(p.offset).0;
    let mut edits = format::format(p.text, span);
    if p.params["ch"] == "\n" {
        edits.retain(|e| source.line_col(e.span.end.saturating_sub(1)).0 < line);
        edits.extend(format::indented(p.text, p.offset));
    } else if !edits.iter().any(|e| source.line_col(e.span.end.saturating_sub(1)).0 >= line) {
        edits.extend(format::closed(p.text, p.offset));
    }
    Ok(p.own_edits(&edits))
}

/// What may be done at a place. A change that must leave `out/` as it is is tried first: here, or
/// where the editor asks for it, when it is chosen.
pub fn on_all_actions(workspace: &mut Workspace, params: &Value) -> Answered {
    let uri = params["textDocument"]["uri"].as_str().unwrap_or("");
    let actions = match asked(workspace, uri, params, &Ask::Checked(on_actions)) {
        None => return Answered::Now(Ok(Value::Null)),
        Some(Err(error)) => return Answered::Now(Err(error)),
        Some(Ok(actions)) => actions,
    };
    let mut actions = actions.as_array().cloned().unwrap_or_default();
    let versions = Versions::of(workspace);
    let put = |action: &mut Value| {
        if let Some(edit) = action.get_mut("edit") {
            *edit = versions.put(edit.take());
        }
    };
    let of = revision(workspace, uri);
    if workspace.resolves {
        for action in actions.iter_mut().filter_map(Value::as_object_mut) {
            if let Some(proven) = action.remove("data") {
                let edit = action.remove("edit");
                let data = json!({ "uri": uri, "edit": edit, "proven": proven, "of": of });
                action.insert("data".into(), data);
            }
        }
    }
    let to_try = |action: &Value| action.get("data").is_some() && !workspace.resolves;
    // Whoever only moves the cursor has nothing built for it.
    if params["context"]["triggerKind"] == AUTOMATIC {
        actions.retain(|action| !to_try(action));
    }
    if !actions.iter().any(to_try) {
        actions.iter_mut().for_each(put);
        return Answered::Now(Ok(Value::Array(actions)));
    }
    let trial = match Trial::of(workspace, uri) {
        Ok(trial) => trial,
        Err(error) => return Answered::Now(Err(error)),
    };
    Answered::Later(Box::new(move |awaited| {
        actions.retain_mut(|action| {
            let proven = action.as_object_mut().and_then(|fields| fields.remove("data"));
            proven.is_none_or(|proven| {
                awaited.still() && trial.try_edit(&action["edit"], proven == true, awaited).is_ok()
            })
        });
        for edit in actions.iter_mut().filter_map(|action| action.get_mut("edit")) {
            *edit = versions.put(edit.take());
        }
        Ok(Value::Array(actions))
    }))
}

/// The edits of an action that was chosen, or why it is not done.
pub fn on_resolve(workspace: &Workspace, params: &Value) -> Answered {
    let data = params["data"].clone();
    let uri = data["uri"].as_str().unwrap_or("");
    if data["of"] != json!(revision(workspace, uri)) {
        return Answered::Now(Err("the text changed meanwhile".to_owned()));
    }
    let trial = match Trial::of(workspace, uri) {
        Ok(trial) => trial,
        Err(error) => return Answered::Now(Err(error)),
    };
    let mut action = params.clone();
    let versions = Versions::of(workspace);
    Answered::Later(Box::new(move |awaited| {
        trial.try_edit(&data["edit"], data["proven"] == true, awaited)?;
        action["edit"] = versions.put(data["edit"].clone());
        Ok(action)
    }))
}

/// What the edits of an action are of: of any other text they would damage it.
fn revision(workspace: &Workspace, uri: &str) -> Option<u64> {
    workspace.project(&real(path_of(uri)?)).map(|project| project.changed.get())
}

/// A project with its texts, on which edits are made aside.
struct Trial {
    key: Key,
    texts: Texts,
    encoding: Encoding,
    /// What is built without any edit.
    before: OnceLock<Option<OutTree>>,
}

impl Trial {
    fn of(workspace: &Workspace, uri: &str) -> Result<Trial, String> {
        let path = path_of(uri).map(real);
        let project = path.and_then(|path| workspace.project(&path));
        let key = project.ok_or("the file is of no project")?.key.clone();
        let (texts, encoding) = (workspace.texts(), workspace.encoding);
        Ok(Trial { key, texts, encoding, before: OnceLock::new() })
    }

    /// Makes the edits and compiles: they may bring no error, and where it is to be proven leave
    /// `out/` as it was.
    fn try_edit(&self, edit: &Value, proven: bool, awaited: &Awaited) -> Result<(), String> {
        let before = self.before.get_or_init(|| trial(&self.key, &self.texts, awaited));
        let before = before.as_ref().ok_or("the project has errors: mend them first")?;
        let mut texts = (*self.texts).clone();
        for (uri, edits) in edit["changes"].as_object().into_iter().flatten() {
            let path = real(path_of(uri).ok_or("the file is of no project")?);
            let text = match texts.get(&path) {
                Some((text, _)) => text.to_string(),
                None => std::fs::read_to_string(&path).map_err(|error| error.to_string())?,
            };
            let new = with_edits(self.encoding, &text, edits);
            texts.insert(path, (new.into(), 0));
        }
        let after = trial(&self.key, &texts, awaited).ok_or("the change would bring errors")?;
        match proven && !refactor::unchanged(before, &after) {
            true => Err("it would change what is built".to_owned()),
            false => Ok(()),
        }
    }
}

/// Edits from the end on, so that no place moves before its turn.
fn with_edits(encoding: Encoding, text: &str, edits: &Value) -> String {
    let mut spans: Vec<(usize, usize, &str)> = edits
        .as_array()
        .into_iter()
        .flatten()
        .map(|edit| {
            let at = |key: &str| encoding.offset(text, &edit["range"][key]);
            (at("start"), at("end"), edit["newText"].as_str().unwrap_or(""))
        })
        .collect();
    spans.sort_by_key(|span| (span.0, span.1));
    let mut new = text.to_owned();
    for (start, end, with) in spans.into_iter().rev() {
        new.replace_range(start..end, with);
    }
    new
}

/// Asked without a person who asked.
const AUTOMATIC: u8 = 2;
/// With a name of its own, so that an editor may have this and no other server's.
const FIX_ALL: &str = "source.fixAll.colabc";

/// Whether a kind of action is another one, or a part of it.
fn is_within(kind: &str, of: &Value) -> bool {
    let rest = of.as_str().and_then(|of| kind.strip_prefix(of).map(|rest| (of, rest)));
    rest.is_some_and(|(of, rest)| rest.is_empty() || of.is_empty() || rest.starts_with('.'))
}

/// Every fix with an edit of every finding in the range; and all the safe ones of the file, and of all files.
fn on_actions(a: &Asked) -> Answer {
    let part = a.part();
    let uri = |name: &str| a.workspace.uri(&a.project.root().join(name));
    let mut actions = Vec::new();
    for d in a.c.diagnostics.iter().filter(|d| d.primary().file == a.file) {
        let span = d.primary();
        if span.end < part.start || part.end < span.start {
            continue;
        }
        for fix in d.fixes.iter().filter(|f| !f.edits.is_empty()) {
            actions.push(json!({
                "title": fix.title,
                "kind": "quickfix",
                "isPreferred": fix.safety == Safety::Safe,
                "diagnostics": [finding(a.workspace.encoding, &a.c.sources, &uri, d)],
                "edit": a.edit(&fix.edits),
            }));
        }
    }
    let certain = |found: &[Diagnostic]| -> Vec<Edit> {
        let mended = mend::mend(found, &a.c.sources);
        mended.done.iter().flat_map(|(_, fix)| fix.edits.clone()).collect()
    };
    let own: Vec<_> =
        a.c.diagnostics.iter().filter(|d| d.primary().file == a.file).cloned().collect();
    let here = certain(&own);
    if !here.is_empty() {
        let title = "mend all that is certain";
        actions.push(json!({ "title": title, "kind": FIX_ALL, "edit": a.edit(&here) }));
    }
    // No `fixAll`: what mends a file when it is saved leaves others alone.
    let all = certain(&a.c.diagnostics);
    if all.len() > here.len() {
        let title = "mend all that is certain, in every file";
        actions.push(json!({ "title": title, "kind": "source.project", "edit": a.edit(&all) }));
    }
    let only = a.params["context"]["only"].as_array();
    // What mends a file on its way to the disk asks for that alone: the rest is not looked for.
    let moves = |kind: &Value| {
        let part = kind.as_str().is_some_and(|kind| kind.starts_with("refactor."));
        part || is_within("refactor", kind)
    };
    let moves = only.is_none_or(|only| only.iter().any(moves));
    let found = moves.then(|| refactor::refactorings(a.c, a.file, part.start, part.end));
    for found in found.into_iter().flatten() {
        let (kind, proven) = match found.sort {
            Sort::Extract => ("refactor.extract", false),
            Sort::Lift | Sort::Lower => ("refactor.rewrite", true),
        };
        let (title, edit) = (found.title, a.edit(&found.edits));
        actions.push(json!({ "title": title, "kind": kind, "edit": edit, "data": proven }));
    }
    let wanted = |action: &Value| {
        let kind = action["kind"].as_str().unwrap_or("");
        only.is_none_or(|only| only.iter().any(|wanted| is_within(kind, wanted)))
    };
    actions.retain(wanted);
    Ok(Value::Array(actions))
}
