//! The requests: one row a method, each an answer of `ide` put into the protocol's words.

mod change;
mod look;
mod shape;

use super::capabilities;
use super::library;
use super::places::{below, path_of, real};
use super::project::Project;
use super::wire::{Error, code};
pub use super::work::Answer;
use super::work::Later;
pub use super::workspace::Needs;
use super::workspace::Workspace;
use colabc::Compilation;
use colabc::diag::Edit;
use colabc::ide::Text;
use colabc::lookalike::Concealed;
use colabc::resolve::lower::Target;
use colabc::source::{FileId, Place, Sources, Span};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// An answer, or how to come to it: what takes its time is no matter of the thread that talks.
pub enum Answered {
    Now(Answer),
    Later(Later),
}

/// A text, and what is asked of it.
pub struct Page<'a> {
    workspace: &'a Workspace,
    text: &'a Text,
    /// The file's path in its project.
    here: &'a str,
    /// The folder of its project.
    root: Option<&'a Path>,
    offset: u32,
    params: &'a Value,
}

/// The same within its project.
pub struct Asked<'a> {
    page: Page<'a>,
    project: &'a Project,
    c: &'a Compilation,
    /// The file's number in the compilation.
    file: FileId,
}

impl<'a> std::ops::Deref for Asked<'a> {
    type Target = Page<'a>;

    fn deref(&self) -> &Page<'a> {
        &self.page
    }
}

enum Ask {
    Text(fn(&Page) -> Answer),
    /// The names may be of a moment ago, so the compilation may not know the file at all.
    Names(fn(&Page, &Compilation) -> Answer),
    Checked(fn(&Asked) -> Answer),
    Built(fn(&Asked) -> Answer),
    /// It works something out anew.
    Traced(fn(&Page, FileId, &mut Compilation) -> Answer),
}

const ROWS: &[(&str, Ask)] = &[
    ("textDocument/hover", Ask::Traced(look::on_hover)),
    ("textDocument/completion", Ask::Names(look::on_completion)),
    ("textDocument/signatureHelp", Ask::Names(look::on_signature)),
    ("textDocument/definition", Ask::Checked(look::on_definition)),
    ("textDocument/declaration", Ask::Checked(look::on_definition)),
    ("textDocument/typeDefinition", Ask::Checked(look::on_type_definition)),
    ("textDocument/implementation", Ask::Checked(look::on_implementation)),
    ("textDocument/references", Ask::Checked(look::on_references)),
    ("textDocument/documentHighlight", Ask::Checked(look::on_highlight)),
    ("textDocument/prepareRename", Ask::Checked(change::on_prepare)),
    ("textDocument/documentSymbol", Ask::Text(shape::on_symbols)),
    ("textDocument/foldingRange", Ask::Text(shape::on_folds)),
    ("textDocument/selectionRange", Ask::Text(shape::on_selection)),
    ("textDocument/semanticTokens/range", Ask::Checked(shape::on_tokens)),
    ("textDocument/inlayHint", Ask::Traced(look::on_hints)),
    ("textDocument/codeLens", Ask::Built(look::on_lenses)),
    ("textDocument/documentLink", Ask::Built(look::on_links)),
    ("textDocument/formatting", Ask::Text(change::on_formatting)),
    ("textDocument/rangeFormatting", Ask::Text(change::on_formatting)),
    ("textDocument/onTypeFormatting", Ask::Text(change::on_type_formatting)),
    #[cfg(test)]
    ("test/panic", Ask::Text(|page| panic!("at {}", page.text.source().text))),
];

/// How much must be known for an answer; none where the method is not known.
pub fn needs(method: &str, params: &Value) -> Option<Needs> {
    match method {
        "workspace/symbol"
        | "workspace/willRenameFiles"
        | "textDocument/diagnostic"
        | "textDocument/rename"
        | "textDocument/codeAction"
        | "codeAction/resolve" => return Some(Needs::Checked),
        "textDocument/semanticTokens/full" | "textDocument/semanticTokens/full/delta" => {
            return Some(Needs::Checked);
        }
        "workspace/diagnostic" => return Some(Needs::Built),
        "workspace/executeCommand" => {
            return (params["command"] == capabilities::OPEN_EMITTED).then_some(Needs::Built);
        }
        _ => {}
    }
    let (_, ask) = ROWS.iter().find(|(name, _)| *name == method)?;
    Some(match ask {
        Ask::Text(_) => Needs::Text,
        Ask::Names(_) => Needs::Names,
        Ask::Checked(_) | Ask::Traced(_) => Needs::Checked,
        Ask::Built(_) => Needs::Built,
    })
}

/// The file that a request is about.
pub fn about(params: &Value) -> &str {
    // An action that was chosen carries it along.
    let uri = params["textDocument"]["uri"].as_str().or(params["data"]["uri"].as_str());
    uri.unwrap_or("")
}

/// What is said of a request whose text is another one by now: findings are asked for again, or an editor would show
/// none.
pub fn outdated(method: &str) -> Error {
    let why = "the text changed meanwhile";
    match method {
        "textDocument/diagnostic" => {
            let data = json!({ "retriggerRequest": true });
            Error { data, ..Error::new(code::ASK_AGAIN, why) }
        }
        _ => Error::new(code::TEXT_CHANGED, why),
    }
}

/// The answer to a request whose needs are met.
pub fn answer(workspace: &mut Workspace, method: &str, params: &Value) -> Answered {
    Answered::Now(match method {
        "workspace/symbol" => Ok(look::on_search(workspace, params)),
        "workspace/willRenameFiles" => Ok(change::on_moving(workspace, params)),
        "textDocument/rename" => change::on_rename(workspace, params),
        "textDocument/diagnostic" => Ok(look::on_diagnostic(workspace, params)),
        "workspace/diagnostic" => Ok(workspace.told.reports(&params["previousResultIds"])),
        "workspace/executeCommand" => Ok(look::on_open_emitted(workspace, params)),
        "textDocument/codeAction" => return change::on_all_actions(workspace, params),
        "codeAction/resolve" => return change::on_resolve(workspace, params),
        "textDocument/semanticTokens/full" | "textDocument/semanticTokens/full/delta" => {
            shape::on_all_tokens(workspace, method, params)
        }
        _ => {
            let row = ROWS.iter().find(|(name, _)| *name == method);
            let uri = params["textDocument"]["uri"].as_str().unwrap_or("");
            let answer = row.and_then(|(_, ask)| asked(workspace, uri, params, ask));
            answer.unwrap_or(Ok(Value::Null))
        }
    })
}

/// None where the file is of no project.
fn asked(workspace: &mut Workspace, uri: &str, params: &Value, ask: &Ask) -> Option<Answer> {
    let path = real(path_of(uri)?);
    let at = workspace.project(&path).map(|found| {
        let same = |p: &Project| p.key == found.key;
        workspace.projects.iter().position(same).expect("it was just found")
    });
    // Taken out while it is asked: a fault leaves nothing behind that is half done.
    let mut taken = at.and_then(|at| workspace.projects[at].compilation.take());
    let shared = &*workspace;
    let answer = (|| {
        let owned;
        let text = match shared.document(&path) {
            Some(open) => &open.text,
            None => {
                let c = taken.as_ref()?;
                let file = file_of(&c.sources, shared.projects[at?].root(), &path)?;
                let source = c.sources.file(file);
                owned = Text::new(&source.name, source.text.clone());
                &owned
            }
        };
        let offset = shared.encoding.offset(&text.source().text, &params["position"]) as u32;
        let root = at.map(|at| shared.projects[at].root());
        let here = root.and_then(|root| below(root, &path));
        let here = here.as_deref().unwrap_or("");
        let page = Page { workspace: shared, text, here, root, offset, params };
        if let Ask::Text(answer) = ask {
            return Some(answer(&page));
        }
        let (c, project) = (taken.as_mut()?, &shared.projects[at?]);
        if let Ask::Names(answer) = ask {
            return Some(answer(&page, c));
        }
        let file = file_of(&c.sources, project.root(), &path)?;
        Some(match ask {
            Ask::Traced(answer) => answer(&page, file, c),
            Ask::Checked(answer) | Ask::Built(answer) => answer(&Asked { page, project, c, file }),
            Ask::Text(_) | Ask::Names(_) => Ok(Value::Null),
        })
    })();
    // What is only read hides what looks like a secret; edits must say what stands there.
    let read = matches!(ask, Ask::Names(_) | Ask::Traced(_) | Ask::Built(_));
    let answer = match (answer, &taken) {
        (Some(Ok(mut value)), Some(c)) if read => {
            conceal(&mut value, c.sources.concealed());
            Some(Ok(value))
        }
        (answer, _) => answer,
    };
    if let Some(at) = at {
        workspace.projects[at].compilation = taken;
    }
    answer
}

fn conceal(value: &mut Value, concealed: &Concealed) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(hidden) = concealed.hide(text) {
                *text = hidden;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| conceal(item, concealed)),
        Value::Object(fields) => fields.values_mut().for_each(|field| conceal(field, concealed)),
        _ => {}
    }
}

/// The file that a path means: one of the project, or of the library.
fn file_of(sources: &Sources, root: &Path, path: &Path) -> Option<FileId> {
    if let Some(name) = library::folder().and_then(|folder| below(folder, path)) {
        return sources.by_name(&name);
    }
    sources.by_name(&below(root, path)?)
}

/// Where a file of the project or of the library lies.
fn path_of_file(sources: &Sources, root: &Path, file: FileId) -> Option<PathBuf> {
    let file = sources.file(file);
    match file.place {
        Place::Project => Some(root.join(&file.name)),
        Place::Library => Some(library::folder()?.join(&file.name)),
    }
}

impl Page<'_> {
    fn range(&self, span: Span) -> Value {
        self.workspace.encoding.range(&self.text.sources, span)
    }

    /// A part of the text that the request names.
    fn part(&self) -> Span {
        let source = self.text.source();
        let at = |key: &str| {
            let place = &self.params["range"][key];
            self.workspace.encoding.offset(&source.text, place) as u32
        };
        match self.params.get("range") {
            Some(_) => Span::new(self.text.file, at("start"), at("end").max(at("start"))),
            None => Span::new(self.text.file, 0, source.text.len() as u32),
        }
    }

    /// Edits of this text.
    fn own_edits(&self, edits: &[Edit]) -> Value {
        edits.iter().map(|e| json!({ "range": self.range(e.span), "newText": e.text })).collect()
    }
}

impl Asked<'_> {
    fn place(&self, span: Span) -> Value {
        self.workspace.encoding.range(&self.c.sources, span)
    }

    fn locations(&self, spans: impl IntoIterator<Item = Span>) -> Value {
        let location = |s: Span| {
            let path = path_of_file(&self.c.sources, self.project.root(), s.file)?;
            Some(json!({ "uri": self.workspace.uri(&path), "range": self.place(s) }))
        };
        spans.into_iter().filter_map(location).collect()
    }

    fn edit(&self, edits: &[Edit]) -> Value {
        workspace_edit(self.workspace, &self.c.sources, self.project.root(), edits)
    }

    fn target(&self) -> Option<Target> {
        colabc::ide::target_at(self.c, self.file, self.offset).map(|(_, target)| target)
    }
}

/// Edits of a project's files as the protocol has them.
fn workspace_edit(workspace: &Workspace, sources: &Sources, root: &Path, edits: &[Edit]) -> Value {
    let mut changes: Map<String, Value> = Map::new();
    for edit in edits {
        let uri = workspace.uri(&root.join(&sources.file(edit.span.file).name));
        let entry = changes.entry(uri).or_insert_with(|| json!([]));
        if let Value::Array(list) = entry {
            let range = workspace.encoding.range(sources, edit.span);
            list.push(json!({ "range": range, "newText": edit.text }));
        }
    }
    json!({ "changes": changes })
}
