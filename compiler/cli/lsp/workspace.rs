//! The projects that an editor has open: unsaved texts over the disk, what changed since when, and
//! what was told of it.

mod roots;

use super::capabilities::{Abilities, Reads};
use super::findings::{Told, finding};
use super::places::{Encoding, below, path_of, real};
use super::project::Project;
use super::typed;
use super::work::{Job, Key, Stale, Texts, Worked};
use crate::cli::disk::ROOT_FILE;
use colabc::Compilation;
use colabc::ide::Text;
use colabc::ide::emitted::Emitted;
use colabc::source::{FileId, Place};
use roots::{beside, name_of};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An open document.
pub struct Document {
    /// What the editor calls it.
    uri: String,
    pub text: Text,
    pub version: i64,
}

pub struct Workspace {
    pub encoding: Encoding,
    pub reads: Reads,
    pub resolves: bool,
    pub shows: bool,
    pub projects: Vec<Project>,
    documents: BTreeMap<PathBuf, Document>,
    /// The folders that the editor has open, as it calls them.
    folders: Vec<PathBuf>,
    revision: u64,
    /// The revision that the workers know of.
    sent: u64,
    pub told: Told,
    /// The findings of what has another name by now: they go.
    renamed: Vec<Value>,
    /// The colours that were answered last.
    pub tokens: BTreeMap<PathBuf, (u64, Vec<u64>)>,
    /// What is asked of the editor.
    requests: Vec<(String, Value)>,
    /// What newer runs took the place of: large, and freed elsewhere.
    old: Vec<Compilation>,
}

/// How much must be known before a request can be answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// The text alone.
    Text,
    /// The names of the project, perhaps as they were a moment ago.
    Names,
    /// All that a check finds out, of the texts as they are.
    Checked,
    /// What a build would write.
    Built,
}

impl Workspace {
    pub fn new(params: &Value, abilities: &Abilities) -> Workspace {
        let mut workspace = Workspace {
            encoding: abilities.encoding,
            reads: abilities.reads,
            resolves: abilities.resolves,
            shows: abilities.shows,
            projects: Vec::new(),
            documents: BTreeMap::new(),
            folders: Vec::new(),
            revision: 0,
            sent: 0,
            told: Told::default(),
            renamed: Vec::new(),
            tokens: BTreeMap::new(),
            requests: Vec::new(),
            old: Vec::new(),
        };
        let folders = params["workspaceFolders"].as_array().cloned().unwrap_or_default();
        let mut uris: Vec<&str> = folders.iter().filter_map(|f| f["uri"].as_str()).collect();
        if uris.is_empty() {
            uris.extend(params["rootUri"].as_str());
        }
        for path in uris.into_iter().filter_map(path_of) {
            workspace.open_folder(&path);
        }
        workspace
    }

    /// Takes in a notification; whether anything may be different now.
    pub fn notice(&mut self, method: &str, params: &Value) -> bool {
        let document = &params["textDocument"];
        let path = document["uri"].as_str().and_then(path_of).map(real);
        match (method, path) {
            ("textDocument/didOpen", Some(path)) => {
                let text = document["text"].as_str().unwrap_or("");
                let version = document["version"].as_i64().unwrap_or(0);
                let text = Text::new(&name_of(&path), text);
                let uri = document["uri"].as_str().unwrap_or("").to_owned();
                let before = self.uri(&path);
                self.documents.insert(path.clone(), Document { uri, text, version });
                self.adopt(&path);
                self.rename(&path, &before);
                self.look_around();
                self.stale(&path);
            }
            ("textDocument/didChange", Some(path)) => {
                let Some(open) = self.documents.get_mut(&path) else { return false };
                open.version = document["version"].as_i64().unwrap_or(open.version + 1);
                let changes = params["contentChanges"].as_array().map_or(&[][..], |all| all);
                let text = typed::typed(self.encoding, &open.text.source().text, changes);
                self.told.shift(&open.uri, changes);
                open.text = Text::new(&name_of(&path), text);
                self.stale(&path);
            }
            ("textDocument/didClose", Some(path)) => {
                let before = self.uri(&path);
                self.documents.remove(&path);
                self.tokens.remove(&path);
                let documents = &self.documents;
                let used = |p: &Project| documents.keys().any(|d| d.starts_with(p.root()));
                self.projects.retain(|p| !p.adopted || used(p));
                // A file by itself goes with it, unless another one that is open needs it.
                self.adopt_all();
                self.rename(&path, &before);
                self.look_around();
                self.stale(&path);
            }
            ("textDocument/didSave", Some(path)) => {
                self.look_around();
                self.stale(&path);
            }
            ("workspace/didChangeWatchedFiles", _) => {
                let changes = params["changes"].as_array().into_iter().flatten();
                let changed = changes.filter_map(|change| change["uri"].as_str());
                self.disk_changed(changed.filter_map(path_of).map(real).collect());
            }
            (
                "workspace/didRenameFiles"
                | "workspace/didCreateFiles"
                | "workspace/didDeleteFiles",
                _,
            ) => {
                let files = params["files"].as_array().into_iter().flatten();
                let named =
                    files.flat_map(|file| ["uri", "oldUri", "newUri"].map(|key| &file[key]));
                let paths = named.filter_map(Value::as_str).filter_map(path_of);
                self.disk_changed(paths.map(real).collect());
            }
            ("workspace/didChangeWorkspaceFolders", _) => {
                let paths = |key: &str| -> Vec<PathBuf> {
                    let list = params["event"][key].as_array().into_iter().flatten();
                    list.filter_map(|f| f["uri"].as_str()).filter_map(path_of).collect()
                };
                for path in paths("added") {
                    self.open_folder(&path);
                }
                let removed: Vec<PathBuf> = paths("removed").into_iter().map(real).collect();
                self.folders.retain(|folder| !removed.contains(&real(folder.clone())));
                self.projects.retain(|p| !removed.contains(&p.key.root));
                self.adopt_all();
            }
            _ => return false,
        }
        true
    }

    /// Every project that may have to do with a file is to be compiled again.
    fn stale(&mut self, path: &Path) {
        self.revision += 1;
        for project in self.projects.iter_mut().filter(|p| path.starts_with(p.root())) {
            project.changed.set(self.revision);
        }
    }

    /// Looks which sources lie in the projects' folders: those that are open count as well.
    fn look_around(&mut self) {
        for project in &mut self.projects {
            let mut names = beside(&project.key).to_vec();
            if project.key.file == ROOT_FILE {
                let open =
                    self.documents.keys().filter(|d| d.extension().is_some_and(|e| e == "colab"));
                names.extend(open.filter_map(|path| below(project.root(), path)));
                names.sort();
                names.dedup();
            }
            if *project.beside != *names {
                self.revision += 1;
                project.changed.set(self.revision);
                project.beside = names.into();
            }
        }
    }

    /// What nobody checks yet.
    pub fn job(&mut self) -> Option<Job> {
        let sent = std::mem::replace(&mut self.sent, self.revision);
        self.job_of(|p| p.changed.get() > sent)
    }

    /// What is checked as it is, and not emitted yet. Where there are errors, nothing can be.
    pub fn job_to_build(&mut self, key: &Key) -> Option<Job> {
        let project = self.projects.iter_mut().find(|p| p.key == *key)?;
        if !project.is_current(false) || project.is_current(true) {
            return None;
        }
        if project.compilation.as_ref().is_some_and(|c| c.errors() > 0) {
            project.built = project.checked;
            project.emitted = Emitted::default();
            return None;
        }
        self.job_of(|p| p.key == *key)
    }

    fn job_of(&self, is_meant: impl Fn(&Project) -> bool) -> Option<Job> {
        let meant = self.projects.iter().filter(|p| is_meant(p));
        let stale = |p: &Project| Stale {
            beside: p.beside.clone(),
            at: p.changed.get(),
            changed: p.changed.clone(),
        };
        let projects: BTreeMap<_, _> = meant.map(|p| (p.key.clone(), stale(p))).collect();
        let revision = self.revision;
        (!projects.is_empty()).then(|| Job { revision, texts: self.texts(), projects })
    }

    /// The texts that are open.
    pub fn texts(&self) -> Texts {
        let text = |d: &Document| (d.text.source().text.clone(), d.version);
        Arc::new(self.documents.iter().map(|(path, d)| (path.clone(), text(d))).collect())
    }

    pub fn has_several_open(&self) -> bool {
        self.documents.len() > 1
    }

    pub fn version(&self, uri: &str) -> Option<i64> {
        self.documents.get(&real(path_of(uri)?)).map(|d| d.version)
    }

    pub fn document(&self, path: &Path) -> Option<&Document> {
        self.documents.get(path)
    }

    /// Whether enough is known for an answer.
    pub fn has(&self, uri: &str, needs: Needs) -> bool {
        let enough = |p: &Project| match needs {
            Needs::Text => true,
            Needs::Names => p.compilation.is_some() || p.checked > 0,
            Needs::Checked => p.is_current(false),
            Needs::Built => p.is_current(true),
        };
        match path_of(uri) {
            Some(path) => self.project(&real(path)).is_none_or(enough),
            None => self.projects.iter().all(enough),
        }
    }

    /// Takes in what a worker found out; what is to be told of it.
    pub fn take_in(&mut self, worked: Worked) -> Vec<Value> {
        let Worked { key, revision, texts, read, emitted, compilation } = worked;
        let built = emitted.is_some();
        let Some(project) = self.projects.iter_mut().find(|p| p.key == key) else {
            return self.told.forget(&key);
        };
        // What is of the texts as they are is never too old, whatever revision other projects made
        // of it meanwhile: nobody would work it out again.
        let overtaken = revision < project.changed.get() && revision < project.checked;
        if overtaken || (!built && project.is_current(true)) {
            project.checked = project.checked.max(revision);
            return Vec::new();
        }
        let revision = project.checked.max(revision);
        project.checked = revision;
        if let Some(emitted) = emitted {
            project.built = revision;
            project.emitted = emitted;
        }
        let Some(compilation) = compilation else {
            // What is known is of other texts: edits made by it would damage these.
            self.old.extend(project.compilation.take().map(|old| *old));
            return Vec::new();
        };
        project.read = read;
        let sound = compilation.errors() == 0;
        self.old.extend(project.compilation.replace(compilation).map(|old| *old));
        if key.file != ROOT_FILE {
            // What it imports by now is its own; what it no longer does is by itself.
            self.adopt_all();
        }
        let project = self.projects.iter().find(|p| p.key == key);
        let Some(compilation) = project.and_then(|p| p.compilation.as_ref()) else {
            return self.told.forget(&key);
        };
        let found = self.findings_of(&key, compilation);
        let versions: BTreeMap<String, (i64, bool)> = self
            .documents
            .iter()
            .filter(|(path, _)| self.is_nearest(&key, path))
            .map(|(path, open)| {
                let known = texts.get(path).is_some_and(|(_, version)| *version == open.version);
                (open.uri.clone(), (open.version, known))
            })
            .collect();
        let sound = if built { None } else { Some(sound) };
        let mut told = self.told.tell(&key, found, &versions, sound, revision);
        told.extend(self.closed());
        told
    }

    /// The findings of a project by URI, without those of files that lie in another one inside of it.
    fn findings_of(&self, key: &Key, c: &Compilation) -> BTreeMap<String, Vec<Value>> {
        let uri = |name: &str| self.uri(&key.root.join(name));
        let mut by_file: BTreeMap<FileId, Vec<Value>> = BTreeMap::new();
        for diagnostic in &c.diagnostics {
            let shown = finding(self.encoding, &c.sources, &uri, diagnostic);
            by_file.entry(diagnostic.primary().file).or_default().push(shown);
        }
        let named = by_file.into_iter().filter_map(|(file, list)| {
            let file = c.sources.file(file);
            let ours = file.place == Place::Project;
            (ours && self.is_nearest(key, &key.root.join(&file.name)))
                .then(|| (uri(&file.name), list))
        });
        named.collect()
    }

    fn is_nearest(&self, key: &Key, path: &Path) -> bool {
        path.starts_with(&key.root) && self.project(path).is_some_and(|p| p.key == *key)
    }

    /// What is wrong with the syntax of a text that just changed, if that is news.
    pub fn syntax_findings(&mut self, uri: &str) -> Option<Value> {
        let path = real(path_of(uri)?);
        let open = self.documents.get(&path)?;
        let project = self.project(&path)?;
        let shown = open.uri.clone();
        let faults = open.text.faults.iter();
        let list = faults
            .map(|d| finding(self.encoding, &open.text.sources, &|_| shown.clone(), d))
            .collect();
        let (key, version) = (project.key.clone(), open.version);
        self.told.syntax(&key, &shown, version, list)
    }

    /// The files that sources of any project read.
    pub fn read(&self) -> BTreeSet<String> {
        self.projects.iter().flat_map(|p| p.read.iter().cloned()).collect()
    }

    /// Asks something of the editor.
    pub fn ask(&mut self, method: &str, params: Value) {
        self.requests.push((method.to_owned(), params));
    }

    pub fn take_old(&mut self) -> Vec<Compilation> {
        std::mem::take(&mut self.old)
    }

    /// What a fault spoiled is found out anew.
    pub fn renew(&mut self) {
        for project in &mut self.projects {
            if project.compilation.is_none() && project.checked > 0 {
                self.revision += 1;
                project.changed.set(self.revision);
            }
        }
    }

    /// The findings of projects that were closed go; what is to be published.
    pub fn closed(&mut self) -> Vec<Value> {
        let open: Vec<&Key> = self.projects.iter().map(|p| &p.key).collect();
        let gone: Vec<Key> = self.told.keys().filter(|key| !open.contains(key)).cloned().collect();
        let forgotten = gone.iter().flat_map(|key| self.told.forget(key));
        std::mem::take(&mut self.renamed).into_iter().chain(forgotten).collect()
    }

    pub fn take_requests(&mut self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.requests)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use colabc::resolve::parsed::Parsed;
    use colabc::source::{ReadError, Reader};
    use colabc::{Emit, Request};
    use serde_json::json;

    #[test]
    fn what_is_of_the_texts_as_they_are_is_kept_though_another_project_moved_on() {
        let params = json!({});
        let mut workspace = Workspace::new(&params, &Abilities::of(&params));
        for root in ["/nowhere/a", "/nowhere/b"] {
            workspace.open_project(Path::new(root), ROOT_FILE, Path::new(root), false);
        }
        let first = workspace.job().expect("both are new").revision;
        workspace.stale(Path::new("/nowhere/a/more.colab"));
        let second = workspace.job().expect("one has changed").revision;
        // The checker did both jobs in one; the builder had begun with the first.
        for (revision, built) in [(second, false), (first, true)] {
            for project in [0, 1] {
                let key = workspace.projects[project].key.clone();
                let texts = workspace.texts();
                let emitted = built.then(Emitted::default);
                let (read, compilation) = (BTreeSet::new(), None);
                workspace.take_in(Worked { key, revision, texts, read, emitted, compilation });
            }
        }
        assert!(!workspace.projects[0].is_current(true), "its text changed since");
        assert!(workspace.projects[1].is_current(true), "nobody would build it again");
    }

    struct Nothing;

    impl Reader for Nothing {
        fn read(&mut self, _: &str) -> Result<Vec<u8>, ReadError> {
            Err(ReadError::Missing)
        }

        fn list(&mut self, _: &str) -> Result<Vec<String>, ReadError> {
            Err(ReadError::Missing)
        }
    }

    #[test]
    fn what_was_known_before_a_fault_is_no_answer_after_it() {
        let params = json!({});
        let mut workspace = Workspace::new(&params, &Abilities::of(&params));
        let root = Path::new("/nowhere/a");
        workspace.open_project(root, ROOT_FILE, root, false);
        let request = Request {
            root: ROOT_FILE,
            beside: &[],
            question: None,
            today: None,
            emit: Emit::Nothing,
            last: None,
            editing: true,
            threads: 1,
            crowd: colabc::CROWD,
            phase: &mut |_| {},
        };
        let known = colabc::run_again(&mut Nothing, request, &mut Parsed::default());
        for compilation in [Some(Box::new(known)), None] {
            workspace.stale(&root.join(ROOT_FILE));
            let revision = workspace.job().expect("it has changed").revision;
            let (key, texts) = (workspace.projects[0].key.clone(), workspace.texts());
            let (read, emitted) = (BTreeSet::new(), None);
            let is_known = compilation.is_some();
            workspace.take_in(Worked { key, revision, texts, read, emitted, compilation });
            assert_eq!(workspace.projects[0].compilation.is_some(), is_known);
            // Nobody waits in vain.
            assert!(workspace.has("file:///nowhere/a/cluster.colab", Needs::Names));
        }
    }
}
