//! The language server, as an editor sees it: every `tests/lsp/*.session` is played against the real
//! process, and every capability has sessions that show it.

pub mod client;
mod colours;
#[cfg(unix)]
mod emacs;
mod files;
mod moving;
mod names;
#[cfg(unix)]
mod neovim;
mod protocol;
pub mod random;
mod session;
mod show;
pub mod talk;
pub mod typist;
mod waiting;

use crate::ratchet::{root, updating};
use client::{Client, position};
use serde_json::{Value, json};
use session::{Session, Step};
use show::{Texts, all_findings, diff, pretty, show};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

pub fn server() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_colabc"))
}

/// A folder of its own for a test.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("lsp").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder.canonicalize().unwrap()
}

pub fn write(folder: &Path, files: &BTreeMap<String, String>) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// The verbs that ask, and what they ask.
#[rustfmt::skip]
const ASKS: &[(&str, &str)] = &[
    ("hover", "textDocument/hover"),
    ("complete", "textDocument/completion"),
    ("item", "textDocument/completion"),
    ("signature", "textDocument/signatureHelp"),
    ("definition", "textDocument/definition"),
    ("declaration", "textDocument/declaration"),
    ("type", "textDocument/typeDefinition"),
    ("implementation", "textDocument/implementation"),
    ("references", "textDocument/references"),
    ("highlight", "textDocument/documentHighlight"),
    ("prepare-rename", "textDocument/prepareRename"),
    ("rename", "textDocument/rename"),
    ("symbols", "textDocument/documentSymbol"),
    ("search", "workspace/symbol"),
    ("folds", "textDocument/foldingRange"),
    ("selection", "textDocument/selectionRange"),
    ("tokens", "textDocument/semanticTokens/full"),
    ("tokens-range", "textDocument/semanticTokens/range"),
    ("tokens-delta", "textDocument/semanticTokens/full/delta"),
    ("hints", "textDocument/inlayHint"),
    ("lenses", "textDocument/codeLens"),
    ("links", "textDocument/documentLink"),
    ("format", "textDocument/formatting"),
    ("format-range", "textDocument/rangeFormatting"),
    ("format-on-type", "textDocument/onTypeFormatting"),
    ("actions", "textDocument/codeAction"),
    ("take", "textDocument/codeAction"),
    ("pull", "textDocument/diagnostic"),
    ("pull-all", "workspace/diagnostic"),
    ("command", "workspace/executeCommand"),
];

/// A session that is being played.
struct Play {
    session: Session,
    client: Client,
    texts: BTreeMap<String, String>,
    /// The tokens that were answered last, for the next delta.
    tokens: Value,
    /// Each method that was answered with something, and whether its file was broken then.
    shown: Vec<(String, bool)>,
}

impl Play {
    fn start(name: &str, session: Session) -> Play {
        let folder = folder(name);
        write(&folder, &session.files);
        let texts = session.files.clone();
        let proposals = json!({ "completionItem": { "snippetSupport": true } });
        let can = json!({ "textDocument": { "completion": proposals } });
        let client = Client::start(&server(), &folder, can);
        Play { session, client, texts, tokens: Value::Null, shown: Vec::new() }
    }

    fn mark(&self, word: &str) -> (String, usize) {
        let mark = self.session.marks.get(word);
        mark.unwrap_or_else(|| panic!("there is no mark <{word}>")).clone()
    }

    /// `1`, `1..2`, or the name of a file: all of it.
    fn place(&self, word: &str) -> (String, usize, usize) {
        if let Some((from, to)) = word.split_once("..") {
            let ((file, start), (_, end)) = (self.mark(from), self.mark(to));
            (file, start, end)
        } else if self.texts.contains_key(word) {
            (word.to_owned(), 0, self.texts[word].len())
        } else {
            let (file, at) = self.mark(word);
            (file, at, at)
        }
    }

    fn step(&mut self, step: &Step) -> String {
        let words = step.words();
        let word = |at: usize| words.get(at).map_or("", String::as_str);
        match step.verb() {
            "open" => self.client.open(word(0)),
            "close" => {
                self.client.close(word(0));
                let path = self.client.root.join(word(0));
                self.texts.insert(word(0).into(), std::fs::read_to_string(path).unwrap());
            }
            "replace" => {
                let (file, start, end) = self.place(word(0));
                self.edit(&file, start, end, word(1));
            }
            "write" => {
                self.texts.insert(word(0).into(), word(1).into());
                write(&self.client.root, &BTreeMap::from([(word(0).into(), word(1).into())]));
                self.watched(word(0), 2);
            }
            "remove" => {
                self.texts.remove(word(0));
                std::fs::remove_file(self.client.root.join(word(0))).unwrap();
                self.watched(word(0), 3);
            }
            "findings" => return self.findings(),
            // A part of an answer, where the whole would change with the library.
            "complete" if !word(1).is_empty() => {
                let all = self.ask("complete", "textDocument/completion", &words);
                let fits = |label: &&str| label.starts_with(word(1));
                return all.split_whitespace().filter(fits).collect::<Vec<_>>().join("  ");
            }
            "brief" => {
                let all = self.ask("hover", "textDocument/hover", &words);
                let mut fence = false;
                let mut shown = |line: &&str| {
                    let edge = line.starts_with("```");
                    fence ^= edge;
                    fence || edge || line.starts_with('|') || line.starts_with("It ")
                };
                return all.lines().filter(|line| shown(line)).collect::<Vec<_>>().join("\n");
            }
            "said" => {
                let said = std::mem::take(&mut self.client.said);
                let base = client::uri(&self.client.root);
                let line = |(method, params): &(String, Value)| {
                    format!("{method} {params}").replace(&base, "")
                };
                return said.iter().map(line).collect::<Vec<_>>().join("\n");
            }
            verb => {
                let row = ASKS.iter().find(|(name, _)| *name == verb);
                let (_, method) = row.unwrap_or_else(|| panic!("there is no step `{verb}`"));
                return self.ask(verb, method, &words);
            }
        }
        String::new()
    }

    /// Changes an open file; the marks behind the change move with it.
    fn edit(&mut self, file: &str, start: usize, end: usize, new: &str) {
        self.client.open(file);
        self.client.edit(file, start, end, new);
        self.texts.insert(file.to_owned(), self.client.open[file].1.clone());
        for (name, at) in self.session.marks.values_mut() {
            if name == file && *at >= end {
                *at = *at + new.len() - (end - start);
            }
        }
    }

    fn watched(&mut self, name: &str, kind: u8) {
        let uri = self.client.uri_of(name);
        let changes = json!({ "changes": [{ "uri": uri, "type": kind }] });
        self.client.tell("workspace/didChangeWatchedFiles", changes);
    }

    fn findings(&mut self) -> String {
        self.client.settle();
        let texts = self.reader();
        let mut out = Vec::new();
        for (uri, items) in &self.client.published {
            if items.as_array().is_some_and(|list| !list.is_empty()) {
                out.push(format!("{}\n{}", texts.name(uri), all_findings(items)));
            }
        }
        if out.is_empty() { "none".to_owned() } else { out.join("\n") }
    }

    fn reader(&self) -> Texts<'_> {
        let legend = &self.client.capabilities["semanticTokensProvider"]["legend"]["tokenTypes"];
        let word = |v: &Value| v.as_str().unwrap_or("?").to_owned();
        Texts {
            base: client::uri(&self.client.root),
            texts: &self.texts,
            legend: legend.as_array().into_iter().flatten().map(word).collect(),
        }
    }

    fn ask(&mut self, verb: &str, method: &str, words: &[String]) -> String {
        let first = words.first().map_or("", String::as_str);
        let second = words.get(1).map_or("", String::as_str);
        if method.starts_with("workspace/") {
            let params = match verb {
                "search" => json!({ "query": first }),
                "command" => {
                    let argument = |w: &String| match self.session.marks.get(w) {
                        Some((file, at)) => json!({
                            "uri": self.client.uri_of(file),
                            "position": position(&self.texts[file], *at),
                        }),
                        None if self.texts.contains_key(w) => json!(self.client.uri_of(w)),
                        None => json!(w),
                    };
                    let arguments: Vec<Value> = words[1..].iter().map(argument).collect();
                    json!({ "command": first, "arguments": arguments })
                }
                _ => json!({ "previousResultIds": [] }),
            };
            let answer = self.client.ask(method, params);
            return self.shown(method, "", &answer);
        }
        let (file, start, end) = self.place(first);
        self.client.open(&file);
        if ["complete", "item", "signature"].contains(&verb) {
            // They take the names of a moment ago: here, those of this one.
            self.client.settle();
        }
        let text = &self.texts[&file];
        let range = json!({ "start": position(text, start), "end": position(text, end) });
        let mut params = json!({
            "textDocument": { "uri": self.client.uri_of(&file) },
            "position": position(text, start),
            "range": range,
        });
        match verb {
            "rename" => params["newName"] = json!(second),
            "references" => {
                params["context"] = json!({ "includeDeclaration": second != "others" });
            }
            "selection" => params["positions"] = json!([position(text, start)]),
            "format-on-type" => params["ch"] = json!(second),
            "tokens-delta" => params["previousResultId"] = self.tokens.clone(),
            "actions" | "take" => params["context"] = json!({ "diagnostics": [] }),
            _ => {}
        }
        let answer = self.client.ask(method, params);
        if method.starts_with("textDocument/semanticTokens/full") {
            self.tokens = answer["result"]["resultId"].clone();
        }
        match verb {
            "item" => {
                let items = answer["result"]["items"].as_array().cloned().unwrap_or_default();
                let found = items.into_iter().find(|item| item["label"] == second);
                found.map_or(String::new(), |item| pretty(&self.reader().tidy(&item)))
            }
            "take" => {
                let actions = answer["result"].as_array().cloned().unwrap_or_default();
                let title = |a: &&Value| a["title"].as_str().is_some_and(|t| t.starts_with(second));
                let Some(action) = actions.iter().find(title) else {
                    return format!("there is no action `{second}`");
                };
                self.take(&action["edit"])
            }
            _ => self.shown(method, &file, &answer),
        }
    }

    /// Makes the edits of an answer, as an editor does; the changed lines.
    fn take(&mut self, edit: &Value) -> String {
        let mut out = Vec::new();
        for (file, new) in self.reader().after(edit) {
            let old = self.texts.get(&file).cloned().unwrap_or_default();
            out.push(format!("{file}\n{}", diff(&old, &new)));
            if self.client.root.join(&file).exists() {
                self.client.open(&file);
                self.edit(&file, 0, old.len(), &new);
            } else {
                self.client.open_as(&file, &new);
                self.texts.insert(file, new);
            }
        }
        out.join("\n")
    }

    /// The answer as text, and a note of what it shows.
    fn shown(&mut self, method: &str, file: &str, answer: &Value) -> String {
        let text = show(&self.reader(), method, file, answer);
        let broken = self.client.published.iter().any(|(uri, items)| {
            let asked = uri.ends_with(&format!("/{file}"));
            let list = items.as_array().filter(|_| asked || file.is_empty()).map_or(&[][..], |a| a);
            list.iter().any(|d| d["code"].as_str().is_some_and(|c| c.starts_with("E01")))
        });
        if !text.is_empty() && answer.get("error").is_none() {
            self.shown.push((method.to_owned(), broken));
        }
        text
    }
}

/// Plays a session: its text as it should be now, and what it showed.
fn play(name: &str, text: &str) -> (String, Vec<(String, bool)>) {
    let session = Session::read(text);
    let mut play = Play::start(name, session);
    let steps = std::mem::take(&mut play.session.steps);
    let answers: Vec<String> = steps.iter().map(|s| play.step(s).trim_end().to_owned()).collect();
    play.session.steps = steps;
    let text = play.session.written(&answers);
    let shown = play.shown;
    assert!(play.client.stop(), "{name}: the server does not end well");
    (text, shown)
}

/// What a build writes, without what names where a value is said.
fn built(folder: &Path) -> BTreeMap<String, String> {
    let build = std::process::Command::new(server()).arg("build").arg(folder).output().unwrap();
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let out = folder.join("out");
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(&out) {
        let entry = entry.unwrap();
        let name = entry.path().strip_prefix(&out).unwrap().to_string_lossy().into_owned();
        // The handbook shows where a value is said.
        let tells = name == "manifest.json" || name.starts_with("docs/");
        if !entry.file_type().is_file() || tells {
            continue;
        }
        let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
        let text = match name.as_str() {
            "model.json" => text
                .split("\"$from\":{")
                .map(|part| match part.find('}') {
                    Some(end) => &part[end..],
                    None => part,
                })
                .collect(),
            _ => {
                text.lines().filter(|line| !line.ends_with(".colab")).collect::<Vec<_>>().join("\n")
            }
        };
        files.insert(name, text);
    }
    assert!(files.len() > 10);
    files
}

#[test]
fn lifting_and_lowering_leave_out_as_it_was() {
    for (name, mark, title) in [
        ("lift", "1", "say `shell` once"),
        ("lower", "2", "say `packages`"),
        ("lift-services", "1", "say `restart` once"),
        ("lift-services", "4", "say `stop_grace` in each"),
        ("lift-services", "2", "make it the template"),
    ] {
        let text =
            std::fs::read_to_string(root().join(format!("tests/lsp/{name}.session"))).unwrap();
        let mut play = Play::start(&format!("{name}-built"), Session::read(&text));
        let before = built(&play.client.root);
        let change =
            play.step(&Step { line: format!("take {mark} \"{title}\""), expected: String::new() });
        assert!(change.contains(".colab\n- "), "{name}: {change}");
        for (file, text) in &play.texts {
            std::fs::write(play.client.root.join(file), text).unwrap();
        }
        let after = built(&play.client.root);
        for (file, text) in &before {
            let now = after.get(file).unwrap_or_else(|| panic!("{name}: {file} is gone"));
            assert_eq!(text, now, "{name}: {file}");
        }
        assert_eq!(before.len(), after.len(), "{name}");
    }
}

fn sessions() -> Vec<(String, PathBuf)> {
    let mut all: Vec<(String, PathBuf)> = std::fs::read_dir(root().join("tests/lsp"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "session"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path))
        .collect();
    all.sort();
    assert!(!all.is_empty());
    all
}

/// What a server says that it can, as the methods that ask for it.
fn methods(capabilities: &Value) -> BTreeSet<&'static str> {
    let has = |key: &str| !matches!(capabilities[key], Value::Null | Value::Bool(false));
    let all = [
        ("hoverProvider", "textDocument/hover"),
        ("completionProvider", "textDocument/completion"),
        ("signatureHelpProvider", "textDocument/signatureHelp"),
        ("definitionProvider", "textDocument/definition"),
        ("declarationProvider", "textDocument/declaration"),
        ("typeDefinitionProvider", "textDocument/typeDefinition"),
        ("implementationProvider", "textDocument/implementation"),
        ("referencesProvider", "textDocument/references"),
        ("documentHighlightProvider", "textDocument/documentHighlight"),
        ("documentSymbolProvider", "textDocument/documentSymbol"),
        ("workspaceSymbolProvider", "workspace/symbol"),
        ("foldingRangeProvider", "textDocument/foldingRange"),
        ("selectionRangeProvider", "textDocument/selectionRange"),
        ("inlayHintProvider", "textDocument/inlayHint"),
        ("codeLensProvider", "textDocument/codeLens"),
        ("documentLinkProvider", "textDocument/documentLink"),
        ("documentFormattingProvider", "textDocument/formatting"),
        ("documentRangeFormattingProvider", "textDocument/rangeFormatting"),
        ("documentOnTypeFormattingProvider", "textDocument/onTypeFormatting"),
        ("codeActionProvider", "textDocument/codeAction"),
        ("executeCommandProvider", "workspace/executeCommand"),
        ("diagnosticProvider", "textDocument/diagnostic"),
        ("diagnosticProvider", "workspace/diagnostic"),
        ("renameProvider", "textDocument/rename"),
        ("renameProvider", "textDocument/prepareRename"),
        ("semanticTokensProvider", "textDocument/semanticTokens/full"),
        ("semanticTokensProvider", "textDocument/semanticTokens/range"),
        ("semanticTokensProvider", "textDocument/semanticTokens/full/delta"),
    ];
    let known: BTreeSet<&str> = all.iter().map(|(key, _)| *key).collect();
    let other = ["positionEncoding", "textDocumentSync", "workspace"];
    for (key, _) in capabilities.as_object().unwrap() {
        assert!(known.contains(key.as_str()) || other.contains(&key.as_str()), "`{key}` is new");
    }
    all.into_iter().filter(|(key, _)| has(key)).map(|(_, method)| method).collect()
}

#[test]
fn sessions_go_as_written() {
    let all = sessions();
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((name, path)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let text = std::fs::read_to_string(path).unwrap();
                    let (now, shown) = play(name, &text);
                    if updating() && now != text {
                        std::fs::write(path, &now).unwrap();
                    }
                    results.lock().unwrap().push((name.clone(), text, now, shown));
                }
            });
        }
    });
    let results = results.into_inner().unwrap();
    assert_eq!(results.len(), all.len(), "a session was not played to its end");
    let mut failed = String::new();
    let mut seen: BTreeMap<String, (BTreeSet<&str>, bool)> = BTreeMap::new();
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, text, now, shown) in &results {
        if text != now && !updating() {
            failed.push_str(&format!("{name}.session\n{}\n\n", diff(text, now)));
        }
        for (method, broken) in shown {
            let row = seen.entry(method.clone()).or_default();
            row.0.insert(name);
            row.1 |= broken;
            *count.entry(method).or_default() += 1;
        }
    }
    assert!(
        failed.is_empty(),
        "COLAB_UPDATE=1 rewrites them; lines with - were expected\n{failed}"
    );

    let home = folder("capabilities");
    let pull = json!({ "textDocument": { "diagnostic": {} } });
    let client = Client::start(&server(), &home, pull);
    let mut missing = String::new();
    for method in methods(&client.capabilities) {
        let times = count.get(method).copied().unwrap_or(0);
        let broken = seen.get(method).is_some_and(|row| row.1);
        if times < 3 || !broken {
            missing.push_str(&format!("{method}: {times} answers, in a broken file: {broken}\n"));
        }
    }
    assert!(
        missing.is_empty(),
        "each capability is answered with something three times, once in a broken file:\n{missing}"
    );
}
