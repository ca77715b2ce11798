//! Which files belong to a project: the root, what it imports, what these import. It asks the
//! `Reader`; nothing else does.

mod unreadable;

use super::parsed::{Parsed, Text};
use crate::diag::{About, Code, Diagnostic, codes};
use crate::names::{Names, Sym};
use crate::source::{FileId, Place, ReadError, Reader, Sources, Span};
use crate::syntax::tree::{Arg, ExprKind, StmtKind, StrPart, Tree};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// The project's files, parsed.
pub struct Loaded {
    pub trees: Vec<Arc<Tree>>,
    pub aliases: Vec<FxHashMap<Sym, Vec<usize>>>,
    /// The files that are reached under the name of an import alone.
    pub prefixed: FxHashSet<FileId>,
    pub embeds: FxHashMap<String, Embed>,
    /// Which file imports which, by number, in the order of their names.
    pub imports: Vec<(u32, u32)>,
    /// Folders that were imported as if they were files, each with its `/`.
    pub folders: FxHashSet<String>,
}

/// The text of an embedded file, or the code, why it cannot be had, and names that are near.
pub type Embed = Result<Arc<str>, (&'static Code, String, Vec<String>)>;

/// What reading a project needs, and where what is found goes.
pub struct Reading<'a> {
    pub reader: &'a mut dyn Reader,
    pub sources: &'a mut Sources,
    pub names: &'a mut Names,
    pub diagnostics: &'a mut Vec<Diagnostic>,
    pub parsed: &'a mut Parsed,
    /// How many may parse at once.
    pub threads: usize,
}

struct Loader<'a, 'b> {
    read: &'a mut Reading<'b>,
    loaded: Loaded,
    by_name: FxHashMap<String, usize>,
    /// Files that have a place among the trees, and are not parsed yet.
    waiting: Vec<(usize, Text)>,
    /// Files that some import brings in without a name of its own.
    flat: FxHashSet<usize>,
    under: FxHashSet<usize>,
    listings: FxHashMap<String, Result<Vec<String>, ReadError>>,
}

/// Files of more bytes are refused: their places would not fit, and no one wrote them by hand.
pub const LARGEST: usize = 64 << 20;
/// More files than any project has.
const MOST_FILES: usize = 20_000;
/// A file that is missing is looked for in so many folders.
const LOOKED_INTO: usize = 100;

/// Reads the root file and everything that it imports.
pub fn load(read: &mut Reading, root: &str) -> Loaded {
    let mut loader = Loader {
        read,
        loaded: Loaded {
            trees: Vec::new(),
            aliases: Vec::new(),
            prefixed: FxHashSet::default(),
            embeds: FxHashMap::default(),
            imports: Vec::new(),
            folders: FxHashSet::default(),
        },
        by_name: FxHashMap::default(),
        waiting: Vec::new(),
        flat: FxHashSet::default(),
        under: FxHashSet::default(),
        listings: FxHashMap::default(),
    };
    for &(name, text) in crate::stdlib::FILES {
        let name = format!("std/{name}");
        let source = loader.read.parsed.source(&name, Place::Library, text);
        let file = loader.read.sources.share(source.clone());
        loader.keep(Text::of(source, file));
    }
    let root = loader.file(root, None);
    loader.parse();
    if let Some(at) = root {
        loader.flat.insert(at);
        loader.follow(at);
        loader.cycles(at);
        loader.pairs(at);
    }
    let prefixed = loader.under.difference(&loader.flat);
    loader.loaded.prefixed = prefixed.map(|&at| loader.loaded.trees[at].file).collect();
    loader.loaded
}

impl Loader<'_, '_> {
    /// The place of a file among the trees; read on first sight.
    fn file(&mut self, name: &str, from: Option<Span>) -> Option<usize> {
        if let Some(&at) = self.by_name.get(name) {
            return Some(at);
        }
        if self.by_name.len() >= MOST_FILES {
            let span = from.unwrap_or(Span::new(FileId(0), 0, 0));
            let message = format!("a project has at most {MOST_FILES} files");
            let diagnostic = Diagnostic::new(&codes::E0704, span, message);
            self.read.diagnostics.push(diagnostic.help("put several declarations into one file"));
            return None;
        }
        let read = self.read.reader.read(name);
        let bytes = match read {
            Ok(bytes) if bytes.len() > LARGEST => Err(ReadError::TooLarge),
            other => other,
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                self.unreadable(name, error, from);
                return None;
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let file = self.read.sources.add(name, Place::Project, text);
                let span = Span::new(file, at as u32, at as u32);
                self.read.diagnostics.push(
                    Diagnostic::new(&codes::E0704, span, format!("`{name}` is not UTF-8 text"))
                        .here("the first byte that is not")
                        .help("save it as UTF-8"),
                );
                let source = self.read.sources.shared(file);
                return Some(self.known(name, Text { source, id: file, text: "".into() }));
            }
        };
        let source = self.read.parsed.source(name, Place::Project, text);
        let file = self.read.sources.share(source.clone());
        Some(self.known(name, Text::of(source, file)))
    }

    fn known(&mut self, name: &str, text: Text) -> usize {
        let at = self.keep(text);
        self.by_name.insert(name.to_string(), at);
        at
    }

    /// Gives a file its place among the trees.
    fn keep(&mut self, text: Text) -> usize {
        let at = self.loaded.trees.len();
        self.loaded.trees.push(Arc::new(Tree::new(text.id)));
        self.loaded.aliases.push(FxHashMap::default());
        self.waiting.push((at, text));
        at
    }

    /// Parses the files that wait for it.
    fn parse(&mut self) {
        let (places, texts): (Vec<usize>, Vec<Text>) = self.waiting.drain(..).unzip();
        let read = &mut *self.read;
        let parsed = read.parsed.parse(&texts, read.names, read.threads);
        for (at, (tree, found)) in places.into_iter().zip(parsed) {
            read.diagnostics.extend(found);
            self.loaded.trees[at] = tree;
        }
    }

    /// Reads everything that the files from `start` on import, breadth first.
    fn follow(&mut self, start: usize) {
        let mut at = start;
        while at < self.loaded.trees.len() {
            let imports: Vec<(crate::syntax::tree::Ident, Option<crate::syntax::tree::Ident>)> = {
                let tree = &self.loaded.trees[at];
                tree.stmts_of(tree.top)
                    .iter()
                    .filter_map(|&id| match &tree.stmt(id).kind {
                        StmtKind::Import { path, alias } => Some((*path, *alias)),
                        _ => None,
                    })
                    .collect()
            };
            let here = self.read.sources.file(self.loaded.trees[at].file).name.clone();
            for (path, alias) in imports {
                let pattern = self.read.names.text(path.sym).to_string();
                let found = self.matching(&here, &pattern, path.span);
                for name in found {
                    let Some(other) = self.file(&name, Some(path.span)) else { continue };
                    match alias {
                        None => {
                            self.flat.insert(other);
                        }
                        Some(alias) => {
                            self.under.insert(other);
                            let files = self.loaded.aliases[at].entry(alias.sym).or_default();
                            if !files.contains(&other) {
                                files.push(other);
                            }
                        }
                    }
                }
            }
            self.embeds(at, &here);
            self.parse();
            at += 1;
        }
    }

    /// The files that an import means, in order of name.
    fn matching(&mut self, here: &str, pattern: &str, span: Span) -> Vec<String> {
        let written = self.read.sources.text(span);
        if pattern.contains('\\') && written.starts_with('"') && !written.contains("\\\\") {
            // An escape that is none, which was told.
            return Vec::new();
        }
        if pattern.starts_with('/') || pattern.contains('\\') || pattern.contains(':') {
            self.astray(
                Diagnostic::new(
                    &codes::E0703,
                    span,
                    format!("`{pattern}` is no path beside this file"),
                )
                .help("write a path relative to this file, with `/`"),
            );
            return Vec::new();
        }
        let full = beside(here, pattern);
        if full.starts_with("../") || full == ".." {
            self.astray(
                Diagnostic::new(
                    &codes::E0703,
                    span,
                    format!("`{pattern}` leads out of the project"),
                )
                .note("only files below the folder of `cluster.colab` belong to it")
                .help("move the file into the project"),
            );
            return Vec::new();
        }
        if !full.contains('*') {
            return vec![full];
        }
        let (folder, last) = full.rsplit_once('/').unwrap_or(("", full.as_str()));
        if folder.contains('*') {
            self.astray(
                Diagnostic::new(
                    &codes::E0701,
                    span,
                    "only the last part of an import may hold `*`",
                )
                .help("write one import a folder: `import \"nodes/*.colab\"`"),
            );
            return Vec::new();
        }
        let (folder, last) = (folder.to_string(), last.to_string());
        let listed = match self.listings.get(&folder) {
            Some(listed) => listed.clone(),
            None => {
                let listed = self.read.reader.list(&folder);
                self.listings.insert(folder.clone(), listed.clone());
                listed
            }
        };
        let listed = match listed {
            Ok(listed) => listed,
            Err(ReadError::Missing) => {
                self.astray(
                    Diagnostic::new(&codes::E0701, span, format!("there is no folder `{folder}`"))
                        .help("create it with a `.colab` file in it, or remove the import"),
                );
                return Vec::new();
            }
            Err(error) => {
                self.unreadable(&folder, error, Some(span));
                return Vec::new();
            }
        };
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut found: Vec<String> = listed
            .into_iter()
            .filter(|name| name.ends_with(".colab") && glob(&last, name))
            .map(|name| format!("{prefix}{name}"))
            .filter(|name| name != here)
            .collect();
        found.sort();
        if found.is_empty() {
            self.astray(
                Diagnostic::new(&codes::E0701, span, format!("`{pattern}` matches no file"))
                    .help("create one, or remove the import"),
            );
        }
        found
    }

    /// Says of an import that it leads nowhere.
    fn astray(&mut self, fault: Diagnostic) {
        self.read.diagnostics.push(fault.about(About::Import));
    }

    /// An import that leads back to its own file.
    fn cycles(&mut self, start: usize) {
        let count = self.loaded.trees.len();
        let mut state = vec![0u8; count];
        // (file, its imports, how many of them are done)
        let mut way: Vec<(usize, Vec<(usize, Span)>, usize)> = Vec::new();
        way.push((start, self.edges(start), 0));
        state[start] = 1;
        while let Some((at, edges, done)) = way.last_mut() {
            let Some(&(next, span)) = edges.get(*done) else {
                state[*at] = 2;
                way.pop();
                continue;
            };
            *done += 1;
            let here = *at;
            match state[next] {
                0 => {
                    state[next] = 1;
                    let edges = self.edges(next);
                    way.push((next, edges, 0));
                }
                1 => {
                    let from = way.iter().position(|(file, ..)| *file == next).unwrap_or(0);
                    let mut chain: Vec<String> = way[from..]
                        .iter()
                        .map(|(file, ..)| {
                            self.read.sources.file(self.loaded.trees[*file].file).name.clone()
                        })
                        .collect();
                    chain.push(chain[0].clone());
                    let mut diagnostic = Diagnostic::new(
                        &codes::E0702,
                        span,
                        format!("this import leads back to itself: {}", chain.join(" -> ")),
                    );
                    for (_, edges, done) in &way[from..way.len() - 1] {
                        if let Some((_, span)) = edges.get(done - 1) {
                            diagnostic = diagnostic.label(*span, "by way of this import");
                        }
                    }
                    let way = "remove one of these imports: all declarations of a project are known everywhere";
                    let statement = self.plain_import(here, span);
                    self.read.diagnostics.push(diagnostic.offer(way, statement, ""));
                }
                _ => {}
            }
        }
    }

    /// Notes which file imports which, for whoever draws it.
    fn pairs(&mut self, start: usize) {
        let mut pairs = Vec::new();
        for at in start..self.loaded.trees.len() {
            let from = self.loaded.trees[at].file;
            let targets: Vec<usize> = self.edges(at).into_iter().map(|(to, _)| to).collect();
            pairs.extend(targets.into_iter().map(|to| (from.0, self.loaded.trees[to].file.0)));
        }
        let name = |file: u32| self.read.sources.file(FileId(file)).name.as_str();
        pairs.sort_by(|a, b| (name(a.0), name(a.1)).cmp(&(name(b.0), name(b.1))));
        pairs.dedup();
        self.loaded.imports = pairs;
    }

    /// The statement of an import that brings one file, and no name for it.
    fn plain_import(&self, at: usize, place: Span) -> Option<Span> {
        let tree = &self.loaded.trees[at];
        tree.stmts_of(tree.top).iter().map(|&id| tree.stmt(id)).find_map(|stmt| match &stmt.kind {
            StmtKind::Import { path, alias: None } if path.span == place => {
                let many = self.read.names.text(path.sym).contains('*');
                (!many && stmt.span != place).then_some(stmt.span)
            }
            _ => None,
        })
    }

    fn edges(&mut self, at: usize) -> Vec<(usize, Span)> {
        let tree = &self.loaded.trees[at];
        let here = self.read.sources.file(tree.file).name.clone();
        let imports: Vec<(String, Span)> = tree
            .stmts_of(tree.top)
            .iter()
            .filter_map(|&id| match &tree.stmt(id).kind {
                StmtKind::Import { path, .. } => {
                    Some((self.read.names.text(path.sym).to_string(), path.span))
                }
                _ => None,
            })
            .collect();
        let mut out = Vec::new();
        for (pattern, span) in imports {
            let full = beside(&here, &pattern);
            if full.contains('*') {
                let (folder, last) = full.rsplit_once('/').unwrap_or(("", full.as_str()));
                let Some(Ok(listed)) = self.listings.get(folder) else { continue };
                let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
                for name in listed.iter().filter(|n| glob(last, n)) {
                    let name = format!("{prefix}{name}");
                    // A glob does not mean its own file.
                    if name != here
                        && let Some(&file) = self.by_name.get(&name)
                    {
                        out.push((file, span));
                    }
                }
            } else if let Some(&file) = self.by_name.get(&full) {
                out.push((file, span));
            }
        }
        out
    }

    /// Reads what `embed("...")` asks for.
    fn embeds(&mut self, at: usize, here: &str) {
        let embed = self.read.names.intern("embed");
        let mut wanted = Vec::new();
        {
            let tree = &self.loaded.trees[at];
            for expr in &tree.exprs {
                let ExprKind::Call { callee, args } = &expr.kind else { continue };
                if !matches!(tree.expr(*callee).kind, ExprKind::Name(name) if name == embed) {
                    continue;
                }
                let Some(Arg::Plain(arg)) = tree.args[args.range()].first() else { continue };
                let path = match &tree.expr(*arg).kind {
                    ExprKind::Raw { text, .. } => Some(*text),
                    ExprKind::Str { parts, .. } => match &tree.parts[parts.range()] {
                        [StrPart::Text { text, .. }] => Some(*text),
                        _ => None,
                    },
                    _ => None,
                };
                wanted.extend(path.map(|p| self.read.names.text(p).to_string()));
            }
        }
        for path in wanted {
            let full = beside(here, &path);
            if self.loaded.embeds.contains_key(&full) {
                continue;
            }
            let text = if path.starts_with('/') || full.starts_with("../") {
                Err((&codes::E0703, "it lies outside the project".to_string(), Vec::new()))
            } else {
                self.embedded(&full)
            };
            self.loaded.embeds.insert(full, text);
        }
    }
}

impl Loader<'_, '_> {
    fn embedded(&mut self, name: &str) -> Embed {
        let fault = |code, why: &str| Err((code, why.to_string(), Vec::new()));
        match self.read.reader.read(name) {
            Ok(bytes) if bytes.len() > LARGEST => fault(&codes::E0704, "it is too large"),
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(text.into()),
                Err(_) => fault(&codes::E0704, "it is not UTF-8 text"),
            },
            Err(ReadError::Missing) => {
                Err((&codes::E0701, "there is no such file".into(), self.near(name)))
            }
            Err(ReadError::Outside) => fault(&codes::E0703, "it lies outside the project"),
            Err(ReadError::TooLarge) => fault(&codes::E0704, "it is too large"),
            Err(ReadError::NotAFile) => fault(&codes::E0704, "it is no file"),
            Err(ReadError::Refused(why)) => fault(&codes::E0704, &why),
        }
    }

    /// Files of the same folder with names like that.
    fn near(&mut self, name: &str) -> Vec<String> {
        let (folder, last) = name.rsplit_once('/').unwrap_or(("", name));
        let listed = self.read.reader.list(folder).unwrap_or_default();
        // `import "wiki"`, as languages do where the ending goes without saying.
        let whole = format!("{last}.colab");
        if listed.contains(&whole) {
            return vec![whole];
        }
        let near = crate::types::distance::nearest(last, listed.iter().map(String::as_str));
        near.into_iter().map(String::from).collect()
    }

    /// A file that was moved, or its folder: the same name in the folder of whoever imports it, or in one beside.
    fn moved(&mut self, name: &str, here: &str) -> Option<String> {
        let last = name.rsplit('/').next().unwrap_or(name);
        let home = here.rsplit_once('/').map_or("", |(folder, _)| folder);
        let listed = self.read.reader.list(home).unwrap_or_default();
        if listed.iter().any(|other| other == last) {
            return Some(last.to_owned());
        }
        let within = |folder: &String| match home {
            "" => folder.clone(),
            home => format!("{home}/{folder}"),
        };
        let holds = |folder: &&String| {
            let inside = self.read.reader.list(&within(folder)).unwrap_or_default();
            !folder.contains('.') && inside.iter().any(|other| other == last)
        };
        let folders: Vec<&String> = listed.iter().take(LOOKED_INTO).filter(holds).collect();
        match folders.as_slice() {
            [folder] => Some(format!("{folder}/{last}")),
            _ => None,
        }
    }
}

/// A path as written in a file, from the project's root; `..` that leads out stays in front.
pub fn beside(here: &str, path: &str) -> String {
    let mut parts: Vec<&str> = here.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `*` stands for any run of characters.
fn glob(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(first) = pieces.next() else { return false };
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}
