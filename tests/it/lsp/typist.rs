//! Somebody who types and asks without looking, with the real process. Used by tests and benches alike.

use super::client::{Client, position};
use crate::generate::Dice;
use serde_json::json;
use std::collections::BTreeMap;

/// What may be asked at any place.
const ASKED: &[&str] = &[
    "hover",
    "completion",
    "completion",
    "completion",
    "signatureHelp",
    "definition",
    "typeDefinition",
    "implementation",
    "references",
    "documentHighlight",
    "prepareRename",
    "rename",
    "documentSymbol",
    "foldingRange",
    "selectionRange",
    "semanticTokens/full",
    "semanticTokens/full/delta",
    "semanticTokens/range",
    "inlayHint",
    "codeLens",
    "documentLink",
    "formatting",
    "rangeFormatting",
    "onTypeFormatting",
    "codeAction",
    "diagnostic",
];

/// What is typed.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "'",
    "${",
    " = ",
    ".",
    ",",
    "\n",
    "  ",
    "/",
    "//",
    "///",
    "node ",
    "service x { ",
    "container a from std.",
    "on = ",
    "override ",
    "secret(\"",
    "ä𝄞",
    "volume \"/x\" = ",
    "192.168.254.1",
    "4GiB",
    "role ",
    "import \"",
    "kind k plural ks { }\n",
    "let l = ",
    "template t(a: string) for container { }\n",
    "in",
    "for n in nodes: ",
    "\r\n",
    "\t",
];

/// Errors that are answers: it cannot be renamed, it is to be asked of the new text, the text changed, it was cancelled.
const MEANT: &[i64] = &[-32803, -32802, -32801, -32800];

pub struct Typist {
    pub client: Client,
    dice: Dice,
    /// The texts as they were.
    pub files: BTreeMap<String, String>,
    pub names: Vec<String>,
    waiting: Vec<(i64, String)>,
    pub answered: usize,
}

impl Typist {
    pub fn new(client: Client, files: BTreeMap<String, String>, seed: u64) -> Typist {
        let (dice, names) = (Dice::new(seed), files.keys().cloned().collect());
        Typist { client, dice, files, names, waiting: Vec::new(), answered: 0 }
    }

    /// An edit or a request.
    pub fn step(&mut self) {
        if self.below(2) == 0 { self.edit() } else { self.ask() }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.dice.below(limit.max(1))
    }

    fn name(&mut self) -> String {
        let at = self.below(self.names.len());
        self.names[at].clone()
    }

    /// A place of an open text.
    fn place(&mut self, name: &str) -> usize {
        let length = self.client.open[name].1.len();
        let mut at = self.below(length + 1);
        while !is_place(&self.client.open[name].1, at) {
            at -= 1;
        }
        at
    }

    fn edit(&mut self) {
        let name = self.name();
        self.client.open(&name);
        let start = self.place(&name);
        let text = self.client.open[&name].1.clone();
        match self.below(12) {
            0..=4 => {
                let piece = PIECES[self.below(PIECES.len())];
                self.client.edit(&name, start, start, piece);
            }
            5..=7 => {
                let mut end = (start + 1 + self.below(30)).min(text.len());
                while !is_place(&text, end) {
                    end += 1;
                }
                self.client.edit(&name, start, end, "");
            }
            8 => {
                // Half a file.
                self.client.edit(&name, start, text.len(), "");
            }
            9 => {
                // A stretch of another file.
                let other = self.name();
                let lines: Vec<&str> = self.files[&other].lines().collect();
                let from = self.dice.below(lines.len().max(1));
                let some = lines[from..(from + 5).min(lines.len())].join("\n");
                self.client.edit(&name, start, start, &some);
            }
            10 => {
                let original = self.files[&name].clone();
                self.client.edit(&name, 0, text.len(), &original);
            }
            _ => self.client.close(&name),
        }
    }

    fn ask(&mut self) {
        let name = self.name();
        self.client.open(&name);
        let method = ASKED[self.below(ASKED.len())];
        let at = self.place(&name);
        let to = self.place(&name).max(at);
        let text = &self.client.open[&name].1;
        let place = position(text, at);
        let mut params = json!({
            "textDocument": { "uri": self.client.uri_of(&name) },
            "position": place,
            "range": { "start": place, "end": position(text, to) },
        });
        match method {
            "rename" => params["newName"] = json!("renamed"),
            "references" => params["context"] = json!({ "includeDeclaration": true }),
            "selectionRange" => params["positions"] = json!([place]),
            "onTypeFormatting" => params["ch"] = json!("}"),
            "codeAction" => params["context"] = json!({ "diagnostics": [] }),
            _ => {}
        }
        let id = self.client.begin(&format!("textDocument/{method}"), params);
        self.waiting.push((id, method.to_owned()));
        if self.below(20) == 0 {
            self.client.tell("$/cancelRequest", json!({ "id": id }));
        }
        // Some are waited for, as a person does; others pile up behind the next letters.
        if self.below(3) == 0 || self.waiting.len() > 8 {
            self.take_answers();
        }
    }

    pub fn take_answers(&mut self) {
        for (id, method) in std::mem::take(&mut self.waiting) {
            let answer = self.client.answer(id);
            if let Some(error) = answer.get("error") {
                let code = error["code"].as_i64().unwrap_or(0);
                assert!(MEANT.contains(&code), "{method}: {error}");
            }
            self.answered += 1;
        }
    }

    /// Waits until the server knows all that there is to know.
    pub fn settle(&mut self) {
        self.take_answers();
        self.client.settle();
    }

    /// The memory of the server, in MiB; 0 where the system does not say.
    pub fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.client.process()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
        kib.unwrap_or(0) / 1024
    }
}

/// Whether an editor can name it: no middle of a letter, nor of the end of a line.
fn is_place(text: &str, at: usize) -> bool {
    text.is_char_boundary(at) && !(text[..at].ends_with('\r') && text[at..].starts_with('\n'))
}
