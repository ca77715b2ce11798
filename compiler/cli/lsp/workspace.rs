//! The projects that an editor has open: unsaved texts over the disk, compiled anew when one
//! changes, each finding at its file.

use super::places::{Encoding, path_of, uri_of};
use crate::cli::disk::{DiskReader, ROOT_FILE, find_root};
use colabc::diag::{Diagnostic, Severity};
use colabc::source::{Place, ReadError, Reader};
use colabc::{Compilation, Request};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// An open document.
struct Document {
    text: String,
    version: i64,
}

/// One project: a folder with its root file.
pub struct Project {
    pub root: PathBuf,
    root_file: String,
    pub compilation: Option<Compilation>,
    stale: bool,
}

pub struct Workspace {
    pub encoding: Encoding,
    documents: BTreeMap<PathBuf, Document>,
    projects: Vec<Project>,
    /// The files that findings were last sent for.
    told: BTreeSet<String>,
}

impl Workspace {
    pub fn new(params: &Value, encoding: Encoding) -> Workspace {
        let mut workspace = Workspace {
            encoding,
            documents: BTreeMap::new(),
            projects: Vec::new(),
            told: BTreeSet::new(),
        };
        let folders = params["workspaceFolders"].as_array().cloned().unwrap_or_default();
        let mut uris: Vec<String> =
            folders.iter().filter_map(|f| f["uri"].as_str().map(String::from)).collect();
        if uris.is_empty() {
            uris.extend(params["rootUri"].as_str().map(String::from));
        }
        for uri in uris {
            if let Some(path) = path_of(&uri)
                && path.join(ROOT_FILE).is_file()
            {
                workspace.open_project(&path.canonicalize().unwrap_or(path), ROOT_FILE);
            }
        }
        workspace
    }

    fn open_project(&mut self, root: &Path, file: &str) {
        if !self.projects.iter().any(|p| p.root == root && p.root_file == file) {
            let root = root.to_path_buf();
            self.projects.push(Project {
                root,
                root_file: file.into(),
                compilation: None,
                stale: true,
            });
        }
    }

    /// Takes in a notification; whether findings may differ now.
    pub fn notice(&mut self, method: &str, params: &Value) -> bool {
        let document = &params["textDocument"];
        let path = document["uri"].as_str().and_then(path_of).map(real);
        match (method, path) {
            ("textDocument/didOpen", Some(path)) => {
                let text = document["text"].as_str().unwrap_or("").to_string();
                let version = document["version"].as_i64().unwrap_or(0);
                self.documents.insert(path.clone(), Document { text, version });
                self.adopt(&path);
            }
            ("textDocument/didChange", Some(path)) => {
                let encoding = self.encoding;
                let Some(open) = self.documents.get_mut(&path) else { return false };
                open.version = document["version"].as_i64().unwrap_or(open.version + 1);
                for change in params["contentChanges"].as_array().into_iter().flatten() {
                    apply(encoding, &mut open.text, change);
                }
            }
            ("textDocument/didClose", Some(path)) => {
                self.documents.remove(&path);
            }
            ("textDocument/didSave", _) => {}
            ("workspace/didChangeWatchedFiles", _) => {}
            ("workspace/didChangeWorkspaceFolders", _) => {
                for folder in params["event"]["added"].as_array().into_iter().flatten() {
                    if let Some(path) = folder["uri"].as_str().and_then(path_of).map(real)
                        && path.join(ROOT_FILE).is_file()
                    {
                        self.open_project(&path, ROOT_FILE);
                    }
                }
                for folder in params["event"]["removed"].as_array().into_iter().flatten() {
                    if let Some(path) = folder["uri"].as_str().and_then(path_of).map(real) {
                        self.projects.retain(|p| p.root != path);
                    }
                }
            }
            _ => return false,
        }
        for project in &mut self.projects {
            project.stale = true;
        }
        true
    }

    /// A file of no open project brings its own: the nearest root above it, or itself.
    fn adopt(&mut self, path: &Path) {
        if self.projects.iter().any(|p| path.starts_with(&p.root)) {
            return;
        }
        match find_root(path.parent().unwrap_or(path)) {
            Some(root) => {
                let root = real(root);
                self.open_project(&root, ROOT_FILE);
            }
            None => {
                if let (Some(folder), Some(name)) = (path.parent(), path.file_name()) {
                    let name = name.to_string_lossy().into_owned();
                    self.open_project(folder, &name);
                }
            }
        }
    }

    fn refresh(&mut self) {
        let documents = &self.documents;
        for project in self.projects.iter_mut().filter(|p| p.stale) {
            project.stale = false;
            let Ok(disk) = DiskReader::new(&project.root) else { continue };
            let mut reader = Overlay { root: &project.root, documents, disk };
            let request = Request {
                root: &project.root_file,
                beside: &[],
                question: None,
                today: None,
                emit: true,
                editing: true,
                phase: &mut |_| {},
            };
            project.compilation = Some(colabc::run(&mut reader, request));
        }
    }

    /// The project of a file, compiled.
    pub fn project(&mut self, uri: &str) -> Option<&Project> {
        self.refresh();
        let path = real(path_of(uri)?);
        self.projects
            .iter()
            .filter(|p| path.starts_with(&p.root) && p.compilation.is_some())
            .max_by_key(|p| p.root.as_os_str().len())
    }

    pub fn projects(&mut self) -> &[Project] {
        self.refresh();
        &self.projects
    }

    /// The findings of each file, by URI, with the version that they are of; empty where they went.
    pub fn findings(&mut self) -> Vec<(String, Option<i64>, Vec<Value>)> {
        self.refresh();
        let mut by_file: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for project in &self.projects {
            let Some(c) = &project.compilation else { continue };
            for diagnostic in &c.diagnostics {
                let file = c.sources.file(diagnostic.primary().file);
                if file.place == Place::Library {
                    continue;
                }
                let uri = uri_of(&project.root.join(&file.name));
                by_file.entry(uri).or_default().push(finding(
                    self.encoding,
                    project,
                    c,
                    diagnostic,
                ));
            }
        }
        let mut now: BTreeSet<String> = by_file.keys().cloned().collect();
        for gone in self.told.difference(&now).cloned().collect::<Vec<_>>() {
            by_file.insert(gone, Vec::new());
        }
        // An open file without findings is told so once, and again after each change.
        for path in self.documents.keys() {
            by_file.entry(uri_of(path)).or_default();
        }
        std::mem::swap(&mut self.told, &mut now);
        by_file
            .into_iter()
            .map(|(uri, list)| {
                let version = path_of(&uri).and_then(|p| self.documents.get(&p)).map(|d| d.version);
                (uri, version, list)
            })
            .collect()
    }
}

/// Links and `/./` resolved, where the file is there; the editor's spelling else.
fn real(path: PathBuf) -> PathBuf {
    path.canonicalize().unwrap_or(path)
}

/// One diagnostic as the protocol has it.
pub fn finding(encoding: Encoding, project: &Project, c: &Compilation, d: &Diagnostic) -> Value {
    let mut message = d.message.clone();
    if let Some(path) = &d.path {
        message.push_str(&format!("\nin {path}"));
    }
    for note in &d.notes {
        message.push_str(&format!("\nnote: {note}"));
    }
    for fix in &d.fixes {
        message.push_str(&format!("\nhelp: {}", fix.title));
    }
    let related: Vec<Value> = d.labels[1..]
        .iter()
        .filter(|label| c.sources.file(label.span.file).place == Place::Project)
        .map(|label| {
            let uri = uri_of(&project.root.join(&c.sources.file(label.span.file).name));
            let text = if label.text.is_empty() { "it takes part in this" } else { &label.text };
            json!({ "location": { "uri": uri, "range": encoding.range(&c.sources, label.span) }, "message": text })
        })
        .collect();
    json!({
        "range": encoding.range(&c.sources, d.primary()),
        "severity": if d.severity() == Severity::Error { 1 } else { 2 },
        "code": d.code.id,
        "source": "colabc",
        "message": message,
        "relatedInformation": related,
    })
}

/// An incremental change, or a whole text.
fn apply(encoding: Encoding, text: &mut String, change: &Value) {
    let new = change["text"].as_str().unwrap_or("");
    match change.get("range") {
        None | Some(Value::Null) => *text = new.to_string(),
        Some(range) => {
            let start = encoding.offset(text, &range["start"]);
            let end = encoding.offset(text, &range["end"]).max(start);
            text.replace_range(start..end, new);
        }
    }
}

/// Unsaved texts win over the disk.
struct Overlay<'a> {
    root: &'a Path,
    documents: &'a BTreeMap<PathBuf, Document>,
    disk: DiskReader,
}

impl Reader for Overlay<'_> {
    fn read(&mut self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.documents.get(&self.root.join(path)) {
            Some(open) => Ok(open.text.clone().into_bytes()),
            None => self.disk.read(path),
        }
    }

    fn list(&mut self, folder: &str) -> Result<Vec<String>, ReadError> {
        let mut names = self.disk.list(folder).or_else(|error| match error {
            ReadError::Missing => Ok(Vec::new()),
            error => Err(error),
        })?;
        let here = if folder.is_empty() { self.root.to_path_buf() } else { self.root.join(folder) };
        for path in self.documents.keys().filter(|p| p.parent() == Some(&here)) {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            names.extend(name.filter(|n| !names.contains(n)).into_iter().collect::<Vec<_>>());
        }
        names.sort();
        Ok(names)
    }
}
