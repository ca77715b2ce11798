//! What the editor can, and what the server can for it.

use super::places::Encoding;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The commands that an editor can have carried out.
pub const COMMANDS: &[&str] = &[BUILD, GRAPH, OPEN_EMITTED];
pub const BUILD: &str = "colabc.build";
pub const GRAPH: &str = "colabc.graph";
/// The files that were made from a declaration.
pub const OPEN_EMITTED: &str = "colabc.openEmitted";

/// What an editor said of itself.
pub struct Abilities {
    pub encoding: Encoding,
    /// It fetches findings: then none are pushed to it, or it would show each twice.
    pub pull: bool,
    /// It can be told to fetch them again.
    pub refresh: bool,
    /// What else it can be told to fetch again: what a change in one file may change in others.
    pub refreshes: Vec<&'static str>,
    /// It can be told to show a file.
    pub shows: bool,
    /// It can be told how something goes that it did not ask for.
    pub progress: bool,
    watches: bool,
    /// It asks for the edits of a code action when one is chosen.
    pub resolves: bool,
    pub reads: Reads,
}

/// In which forms an editor takes texts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reads {
    /// Proposals with places to fill.
    pub snippets: bool,
    /// Hover as Markdown; else as plain text.
    pub markdown: bool,
    /// The same of the help with a call.
    pub markdown_help: bool,
    /// Parameters as parts of the call's text; else each as a text of its own.
    pub parts: bool,
    /// Edits with the version of the text that they are of.
    pub versions: bool,
}

/// Who names no form is taken to know the usual one.
fn has_markdown(forms: &Value) -> bool {
    let forms = forms.as_array();
    forms.is_none_or(|forms| forms.is_empty() || forms.iter().any(|form| form == "markdown"))
}

impl Abilities {
    pub fn of(params: &Value) -> Abilities {
        let can = &params["capabilities"];
        let text = &can["textDocument"];
        let pull = text["diagnostic"].is_object()
            && params["initializationOptions"]["diagnostics"] != "push";
        let signature = &text["signatureHelp"]["signatureInformation"];
        let resolvable = text["codeAction"]["resolveSupport"]["properties"].as_array();
        Abilities {
            encoding: Encoding::chosen(params),
            pull,
            refresh: can["workspace"]["diagnostics"]["refreshSupport"] == true,
            refreshes: [
                ("inlayHint", "workspace/inlayHint/refresh"),
                ("codeLens", "workspace/codeLens/refresh"),
            ]
            .into_iter()
            .filter(|(name, _)| can["workspace"][name]["refreshSupport"] == true)
            .map(|(_, method)| method)
            .collect(),
            shows: can["window"]["showDocument"]["support"] == true,
            progress: can["window"]["workDoneProgress"] == true,
            watches: can["workspace"]["didChangeWatchedFiles"]["dynamicRegistration"] == true,
            resolves: resolvable.is_some_and(|all| all.iter().any(|p| p == "edit"))
                && text["codeAction"]["dataSupport"] == true,
            reads: Reads {
                markdown_help: has_markdown(&signature["documentationFormat"]),
                parts: signature["parameterInformation"]["labelOffsetSupport"] == true,
                versions: can["workspace"]["workspaceEdit"]["documentChanges"] == true,
                snippets: text["completion"]["completionItem"]["snippetSupport"] == true,
                markdown: has_markdown(&text["hover"]["contentFormat"]),
            },
        }
    }

    pub fn capabilities(&self) -> Value {
        // Sources may embed any file, and of a folder only its own name is told.
        let any_file = json!({ "filters": [{ "scheme": "file", "pattern": { "glob": "**/*" } }] });
        let mut all = json!({
            "positionEncoding": self.encoding.word(),
            "textDocumentSync": { "openClose": true, "change": 2, "save": true },
            "hoverProvider": true,
            "completionProvider": { "triggerCharacters": [".", "=", " ", "\"", "[", "(", "/"] },
            "signatureHelpProvider": { "triggerCharacters": ["(", ","] },
            "definitionProvider": true,
            "declarationProvider": true,
            "typeDefinitionProvider": true,
            "implementationProvider": true,
            "referencesProvider": true,
            "documentHighlightProvider": true,
            "renameProvider": { "prepareProvider": true },
            "documentSymbolProvider": true,
            "workspaceSymbolProvider": true,
            "foldingRangeProvider": true,
            "selectionRangeProvider": true,
            "semanticTokensProvider": {
                "legend": { "tokenTypes": colabc::ide::tokens::LEGEND, "tokenModifiers": colabc::ide::tokens::MARKS },
                "full": { "delta": true },
                "range": true,
            },
            "inlayHintProvider": true,
            "codeLensProvider": {},
            "documentLinkProvider": {},
            "documentFormattingProvider": true,
            "documentRangeFormattingProvider": true,
            "documentOnTypeFormattingProvider": {
                "firstTriggerCharacter": "\n",
                "moreTriggerCharacter": ["}"],
            },
            "codeActionProvider": {
                "codeActionKinds": ["quickfix", "refactor.extract", "refactor.rewrite", "source.fixAll.colabc", "source.project"],
                "resolveProvider": self.resolves,
                "workDoneProgress": true,
            },
            "executeCommandProvider": { "commands": COMMANDS, "workDoneProgress": true },
            "workspace": {
                "workspaceFolders": { "supported": true, "changeNotifications": true },
                "fileOperations": {
                    "willRename": any_file,
                    "didRename": any_file,
                    "didCreate": any_file,
                    "didDelete": any_file,
                },
            },
        });
        if self.pull {
            all["diagnosticProvider"] =
                json!({ "interFileDependencies": true, "workspaceDiagnostics": true });
        }
        all
    }

    /// What the editor is asked to tell.
    pub fn registrations(&self) -> Vec<(&'static str, Value)> {
        if !self.watches {
            return Vec::new();
        }
        let watchers = json!([{ "globPattern": "**/*.colab" }]);
        let registration = json!({
            "id": "files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        });
        vec![("client/registerCapability", json!({ "registrations": [registration] }))]
    }

    /// The same for other files than before that sources read; `old` says whether there were any.
    pub fn register_read(&self, files: &BTreeSet<String>, old: bool) -> Vec<(&'static str, Value)> {
        let method = "workspace/didChangeWatchedFiles";
        let mut asked = Vec::new();
        if self.watches && old {
            let gone = json!([{ "id": "read", "method": method }]);
            // The protocol spells it so.
            asked.push(("client/unregisterCapability", json!({ "unregisterations": gone })));
        }
        if self.watches && !files.is_empty() {
            let watcher = |name: &String| json!({ "globPattern": format!("**/{name}") });
            let watchers: Vec<Value> = files.iter().map(watcher).collect();
            let options = json!({ "watchers": watchers });
            let new = json!([{ "id": "read", "method": method, "registerOptions": options }]);
            asked.push(("client/registerCapability", json!({ "registrations": new })));
        }
        asked
    }
}
