//! Which projects there are, by the folders and files that the editor has open; and what it calls their files.

use super::Workspace;
use crate::cli::disk::{ROOT_FILE, find_root};
use crate::cli::lsp::library;
use crate::cli::lsp::places::{is_unsaved, path_of, real, uri_of};
use crate::cli::lsp::project::Project;
use crate::cli::lsp::work::{Changed, Key};
use crate::cli::walk;
use colabc::ide::emitted::Emitted;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Workspace {
    pub(super) fn open_folder(&mut self, path: &Path) {
        if !self.folders.iter().any(|folder| folder == path) {
            self.folders.push(path.to_path_buf());
        }
        if path.join(ROOT_FILE).is_file() {
            self.open_project(&real(path.to_path_buf()), ROOT_FILE, path, false);
        }
    }

    /// A folder as the editor calls it, `named`, is the same for it as where it really is.
    pub(super) fn open_project(&mut self, root: &Path, file: &str, named: &Path, adopted: bool) {
        let key = Key { root: root.to_path_buf(), file: file.to_owned() };
        if let Some(known) = self.projects.iter_mut().find(|p| p.key == key) {
            known.adopted &= adopted;
            return;
        }
        self.revision += 1;
        self.projects.push(Project {
            beside: beside(&key),
            key,
            named: named.to_path_buf(),
            adopted,
            changed: Changed::at(self.revision),
            compilation: None,
            checked: 0,
            built: 0,
            read: BTreeSet::new(),
            emitted: Emitted::default(),
        });
    }

    /// Files came, went or changed: with the root of a project it comes or goes itself.
    pub(super) fn disk_changed(&mut self, paths: Vec<PathBuf>) {
        // Of a folder that is gone, what was in it is not told.
        let known = self.projects.len();
        self.projects.retain(|p| {
            let file = p.root().join(&p.key.file);
            is_unsaved(&file) || self.documents.contains_key(&file) || file.is_file()
        });
        let gone = self.projects.len() < known;
        if gone
            || paths.iter().any(|path| path.join(ROOT_FILE).is_file() || path.ends_with(ROOT_FILE))
        {
            for folder in self.folders.clone() {
                self.open_folder(&folder);
            }
            self.adopt_all();
        }
        self.look_around();
        for path in paths {
            self.stale(&path);
        }
    }

    /// Has each open file in the project that it belongs to by now; what is nobody's project any more goes.
    pub(super) fn adopt_all(&mut self) {
        let open: Vec<PathBuf> = self.documents.keys().cloned().collect();
        for path in &open {
            self.adopt(path);
        }
        let used: BTreeSet<Key> =
            open.iter().filter_map(|path| self.project(path)).map(|p| p.key.clone()).collect();
        self.projects.retain(|p| !p.adopted || used.contains(&p.key));
    }

    /// A file of no open project brings its own: the nearest root above it, or itself.
    pub(super) fn adopt(&mut self, path: &Path) {
        let ours = library::folder().is_some_and(|folder| path.starts_with(folder));
        if ours || path.extension().is_none_or(|e| e != "colab") {
            return;
        }
        let folder = path.parent().unwrap_or(path);
        match find_root(folder).filter(|_| !is_unsaved(path)) {
            Some(root) => {
                let root = real(root);
                if !self.projects.iter().any(|p| p.key.root == root) {
                    self.open_project(&root, ROOT_FILE, &self.named(&root, path), true);
                }
            }
            None => {
                let inside = self.projects.iter().any(|p| p.holds(path));
                if let Some(folder) = path.parent().filter(|_| !inside) {
                    self.open_project(folder, &name_of(path), &self.named(folder, path), true);
                }
            }
        }
    }

    /// What the editor calls a folder, by what it calls an open file in it.
    fn named(&self, folder: &Path, file: &Path) -> PathBuf {
        let named = self.documents.get(file).and_then(|open| path_of(&open.uri));
        let way = file.strip_prefix(folder).unwrap_or(file);
        let named = named.filter(|named| named.ends_with(way));
        let named =
            named.and_then(|n| n.ancestors().nth(way.components().count()).map(Path::to_path_buf));
        named.unwrap_or_else(|| folder.to_path_buf())
    }

    /// What the editor calls a file: links may lead to it, and it knows it by those alone.
    pub fn uri(&self, path: &Path) -> String {
        if let Some(open) = self.documents.get(path) {
            return open.uri.clone();
        }
        let project = self.project(path);
        let below = project.and_then(|p| Some(p.named.join(path.strip_prefix(p.root()).ok()?)));
        uri_of(below.as_deref().unwrap_or(path))
    }

    /// What was told of a file under another name goes.
    pub(super) fn rename(&mut self, path: &Path, before: &str) {
        if self.uri(path) != before {
            self.renamed.extend(self.told.drop(before));
        }
    }

    /// The project of a file; of the library's files, the first.
    pub fn project(&self, path: &Path) -> Option<&Project> {
        let inside = self.projects.iter().filter(|p| path.starts_with(p.root()));
        // Of files outside of any project, each is one of its own until another one imports it.
        let nearest = inside.max_by_key(|p| {
            let rank = match p.key.file.as_str() {
                ROOT_FILE => 3,
                own if p.root().join(own) != path => 2 * u8::from(p.holds(path)),
                _ => 1,
            };
            (p.root().as_os_str().len(), rank)
        });
        let ours = || library::folder().is_some_and(|folder| path.starts_with(folder));
        nearest.or_else(|| self.projects.first().filter(|_| ours()))
    }
}

/// The sources in a project's folder; a project of one file has no others.
pub(super) fn beside(key: &Key) -> Arc<[String]> {
    if key.file != ROOT_FILE {
        return Arc::new([]);
    }
    walk::sources(&key.root).names.into()
}

pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
