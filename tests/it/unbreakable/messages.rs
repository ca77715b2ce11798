//! What no editor would send, to the real server: it answers each request once, ends when told, says
//! of no bug, and writes nothing but messages.

use super::Executions;
use super::fuzz::{PIECES, damaged};
use crate::generate::Dice;
use crate::lsp::talk::{Ending, Talk};
use serde_json::{Value, json};
use std::path::Path;

const CLUSTER: &str = "import \"more.colab\"\n\
    cluster home { edition = 1   domain = \"home.test\"   timezone = \"Etc/UTC\" }\n\
    // ä𝄞\nnode box {\n  arch = x86_64\n  os = debian(\"13\")\n  description = \"ä𝄞 𝄞\"\n}\n";
const MORE: &str = "/// The web.\nservice web {\n  on = box\n  container app {\n    \
    image = \"nginx:1.29\"\n    port http = 8080 -> 80\n  }\n}\n";
const FILES: &[&str] = &["cluster.colab", "more.colab", "not-there.colab", "a b/ü.colab", "x.txt"];

/// What the server knows, and what it does not.
const METHODS: &[&str] = &[
    "textDocument/hover",
    "textDocument/completion",
    "textDocument/signatureHelp",
    "textDocument/definition",
    "textDocument/declaration",
    "textDocument/typeDefinition",
    "textDocument/implementation",
    "textDocument/references",
    "textDocument/documentHighlight",
    "textDocument/prepareRename",
    "textDocument/rename",
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/selectionRange",
    "textDocument/semanticTokens/full",
    "textDocument/semanticTokens/full/delta",
    "textDocument/semanticTokens/range",
    "textDocument/inlayHint",
    "textDocument/codeLens",
    "textDocument/documentLink",
    "textDocument/formatting",
    "textDocument/rangeFormatting",
    "textDocument/onTypeFormatting",
    "textDocument/codeAction",
    "textDocument/diagnostic",
    "codeAction/resolve",
    "workspace/symbol",
    "workspace/diagnostic",
    "workspace/executeCommand",
    "initialize",
    "textDocument/didOpen",
    "$/unknown",
    "exit ",
    "",
    "a\u{202e}\nb",
];

const NOTES: &[&str] = &[
    "initialized",
    "textDocument/didClose",
    "textDocument/didSave",
    "workspace/didChangeWatchedFiles",
    "workspace/didChangeWorkspaceFolders",
    "workspace/didChangeConfiguration",
    "$/setTrace",
    "shutdown",
    "textDocument/hover",
];

/// Bodies that are no message, each answered with an error that has no number.
const WRONG: &[&str] = &[
    "",
    "null",
    "7",
    "\"text\"",
    "[]",
    "[{\"id\":1,\"method\":\"shutdown\"}]",
    "{",
    "{\"id\":",
    "{\"id\":{},\"method\":\"shutdown\"}",
    "{\"id\":true,\"method\":\"shutdown\"}",
    "{\"id\":1e999,\"method\":\"shutdown\"}",
    "{\"method\":null}",
    "{\"method\":\"\\ud834\"}",
    "{\"method\":\"a\",\"params\":{\"text\":\"\\udd1e\\ud834\"}}",
    "{\"method\":\"a\"}}",
    "\u{feff}{\"method\":\"a\"}",
    "\0\0\0\0",
];

/// Lines between two frames, passed over.
const NOISE: &[&[u8]] = &[
    b"\r\n\r\n\r\n",
    b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\n",
    b"Content-Length: ten\r\n\r\n",
    b"Content-Length: -1\r\n\r\n",
    b"Content-Length: 99999999999999999999999999\r\n\r\n",
    b"{\"id\":1,\"method\":\"shutdown\"}\n",
    b"\xff\xfe\x00\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
];

/// After these nobody can tell where the next frame begins.
const LOST: &[&[u8]] = &[
    b"Content-Length: 18446744073709551615\r\n\r\n",
    b"Content-Length: 5000000000\r\n\r\n{}",
    b"Content-Length: 1000000\r\n\r\n{\"id\":1}",
    b"Content-Length: 3\r\n\r\n{\"id\":1,\"method\":\"shutdown\"}",
    b"Content-Length: 0\r\n\r\n{\"id\"",
    b"\xc3\x28\xa0\xa1",
    b"Content-",
];

#[test]
fn any_messages_are_answered() {
    let home = crate::lsp::folder("messages");
    crate::lsp::write(
        &home,
        &[("cluster.colab", CLUSTER), ("more.colab", MORE)]
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into(),
    );
    Executions { always: 2_000, full: 50_000 }.each("message sequences", |number| {
        let mut editor = Editor { dice: Dice::new(number ^ 0x15b), home: &home };
        editor.sequence();
    });
}

struct Editor<'a> {
    dice: Dice,
    home: &'a Path,
}

impl Editor<'_> {
    fn sequence(&mut self) {
        let mut talk = Talk::start(crate::lsp::server());
        let greeted = !self.dice.one_in(12);
        if greeted {
            let hello = self.hello();
            talk.ask(json!("hello"), "initialize", hello);
            if !self.dice.one_in(6) {
                talk.tell("initialized", json!({}));
            }
        }
        for _ in 0..2 + self.dice.below(24) {
            self.step(&mut talk);
            // As a person, who waits now and then.
            if greeted && self.dice.one_in(6) {
                talk.settle();
            }
        }
        if self.dice.one_in(10) {
            talk.raw(self.dice.pick(LOST));
            return talk.ends(Ending::Lost);
        }
        talk.ends(match self.dice.below(8) {
            0 => Ending::Exit,
            1 => Ending::Gone,
            _ if greeted => Ending::Goodbye,
            _ => Ending::Exit,
        });
    }

    fn hello(&mut self) -> Value {
        let folder = crate::lsp::client::uri(self.home);
        match self.dice.below(8) {
            0 => self.junk(3),
            1 => json!({ "workspaceFolders": [{ "uri": 7 }, null, "x", {}], "rootUri": folder }),
            _ => json!({
                "rootUri": folder,
                "capabilities": {
                    "general": { "positionEncodings": [self.dice.pick(&["utf-8", "utf-16", "utf-32", "x"])] },
                    "textDocument": { "diagnostic": if self.dice.one_in(2) { json!({}) } else { json!(1) } },
                    "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } },
                },
            }),
        }
    }

    fn step(&mut self, talk: &mut Talk) {
        match self.dice.below(20) {
            0..=7 => {
                let id = self.id();
                let method = self.dice.pick(METHODS);
                let params = self.params();
                talk.ask(id, method, params);
            }
            8..=12 => {
                let params = self.change();
                talk.tell("textDocument/didChange", params);
            }
            13 | 14 => {
                let text = self.text();
                let document = json!({ "uri": self.uri(), "version": self.number(), "text": text });
                talk.tell("textDocument/didOpen", json!({ "textDocument": document }));
            }
            15 => {
                let params = self.params();
                talk.tell(self.dice.pick(NOTES), params);
            }
            16 => {
                let id = self.id();
                talk.tell("$/cancelRequest", json!({ "id": id }));
            }
            17 => talk.wrong(self.dice.pick(WRONG)),
            18 => talk.raw(self.dice.pick(NOISE)),
            _ => {
                // An answer that nobody waits for.
                let (id, result) = (self.id(), self.junk(2));
                talk.send(json!({ "id": id, "result": result }));
            }
        }
    }

    /// Few, so that many are used twice.
    fn id(&mut self) -> Value {
        match self.dice.below(8) {
            0 => json!("a"),
            1 => json!(""),
            2 => json!(-1),
            3 => json!(4_294_967_296_i64),
            4 => json!(1.5),
            _ => json!(self.dice.below(20)),
        }
    }

    fn uri(&mut self) -> Value {
        let home = crate::lsp::client::uri(self.home);
        match self.dice.below(12) {
            0 => json!("untitled:a"),
            1 => json!("file://"),
            2 => json!("file:///"),
            3 => json!(format!("{home}/%")),
            4 => json!(format!("{home}/%ff%00.colab")),
            5 => json!(format!("{home}/../../../../etc/passwd")),
            6 => self.junk(1),
            _ => {
                let name = self.dice.pick(FILES).replace(' ', "%20").replace('ü', "%C3%BC");
                json!(format!("{home}/{name}"))
            }
        }
    }

    fn number(&mut self) -> Value {
        match self.dice.below(10) {
            0 => json!(-1),
            1 => json!(u64::MAX),
            2 => json!(1.5),
            3 => json!("7"),
            4 => Value::Null,
            5 => json!(2_147_483_648_u64),
            _ => json!(self.dice.below(40)),
        }
    }

    fn place(&mut self) -> Value {
        if self.dice.one_in(15) {
            return self.junk(1);
        }
        json!({ "line": self.number(), "character": self.number() })
    }

    /// As often as not its end lies before its start.
    fn range(&mut self) -> Value {
        if self.dice.one_in(15) {
            return self.junk(2);
        }
        json!({ "start": self.place(), "end": self.place() })
    }

    fn text(&mut self) -> String {
        match self.dice.below(12) {
            0 => "[".repeat(20_000),
            1 => "𝄞\u{feff}\r\u{2028}\r\n\0".repeat(1 + self.dice.below(2_000)),
            2 => "x".repeat(1 << 20),
            3 => String::new(),
            4 => CLUSTER.to_owned(),
            5 => MORE.replace('\n', "\r\n"),
            _ => {
                let text = PIECES[self.dice.below(PIECES.len())].clone();
                damaged(text, &mut self.dice)
            }
        }
    }

    fn change(&mut self) -> Value {
        let changes: Vec<Value> = (0..self.dice.below(4))
            .map(|_| {
                let text = match self.dice.below(3) {
                    0 => self.text(),
                    _ => self.dice.pick(&["", "}", "𝄞", "\n", "node ", "\"", "ä"]).to_owned(),
                };
                match self.dice.below(10) {
                    0 => json!({ "text": text }),
                    1 => self.junk(2),
                    2 => json!({ "range": self.range() }),
                    _ => {
                        json!({ "range": self.range(), "rangeLength": self.number(), "text": text })
                    }
                }
            })
            .collect();
        let changes = if self.dice.one_in(20) { self.junk(2) } else { Value::Array(changes) };
        let document = json!({ "uri": self.uri(), "version": self.number() });
        json!({ "textDocument": document, "contentChanges": changes })
    }

    /// What a request may carry, or something else.
    fn params(&mut self) -> Value {
        if self.dice.one_in(8) {
            return self.junk(3);
        }
        let mut params = json!({
            "textDocument": { "uri": self.uri() },
            "position": self.place(),
            "range": self.range(),
            "positions": [self.place(), self.place()],
            "context": { "diagnostics": [], "only": [self.dice.pick(&["quickfix", "refactor", "source.fixAll"])] },
            "newName": self.dice.pick(&["new", "", "a b", "7", "node", "𝄞"]),
            "ch": self.dice.pick(&["}", "\n", "", "𝄞"]),
            "query": self.dice.pick(&["", "b", "𝄞", "*"]),
            "previousResultId": self.number(),
            "command": self.dice.pick(&["colabc.openEmitted", "colabc.no", "colabc.graph"]),
            "arguments": [self.uri(), { "uri": self.uri(), "position": self.place() }],
            "changes": [{ "uri": self.uri(), "type": self.number() }, 7],
            "event": { "added": [{ "uri": self.uri() }], "removed": [{ "uri": self.uri() }, null] },
            "data": self.junk(2),
            "edit": self.junk(2),
        });
        if self.dice.one_in(4) {
            let fields = params.as_object_mut().expect("it was just made");
            let names: Vec<String> = fields.keys().cloned().collect();
            let name = &names[self.dice.below(names.len())];
            fields.insert(name.clone(), self.junk(2));
        }
        params
    }

    fn junk(&mut self, depth: usize) -> Value {
        let kinds = if depth == 0 { 6 } else { 8 };
        match self.dice.below(kinds) {
            0 => Value::Null,
            1 => json!(self.dice.one_in(2)),
            2 => json!(self.dice.number()),
            3 => json!(-0.5),
            4 => json!(""),
            5 => json!("file:///ü%zz\u{0}"),
            6 => (0..self.dice.below(4)).map(|_| self.junk(depth - 1)).collect(),
            _ => {
                let names = ["uri", "start", "textDocument", "kind", "a"];
                let fields = (0..self.dice.below(3))
                    .map(|_| (self.dice.pick(&names).to_owned(), self.junk(depth - 1)));
                Value::Object(fields.collect())
            }
        }
    }
}
