//! A person who types without looking: thousands of edits and requests against the real process. It
//! answers all of them, its memory stays flat, and in the end it has found what `check` finds.
#![allow(clippy::print_stdout)]

use super::client::Client;
use super::{folder, server, write};
use crate::generate::Dice;
use crate::ratchet::root;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// `COLAB_LSP_STEPS`, else what a build server has time for, else what a person has.
fn steps() -> usize {
    let asked = std::env::var("COLAB_LSP_STEPS").ok().and_then(|text| text.parse().ok());
    let server = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    asked.unwrap_or(if server { 10_000 } else { 600 })
}

fn seed() -> u64 {
    std::env::var("COLAB_LSP_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7)
}

/// The sources of the repository's cluster.
pub fn own_cluster() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for folder in ["", "nodes", "services"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "colab") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

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

/// Errors that are answers: it cannot be renamed, the text changed, it was cancelled.
const MEANT: &[i64] = &[-32803, -32801, -32800];

struct Typist {
    client: Client,
    dice: Dice,
    files: BTreeMap<String, String>,
    names: Vec<String>,
    waiting: Vec<(i64, String)>,
    answered: usize,
}

impl Typist {
    fn below(&mut self, limit: usize) -> usize {
        self.dice.below(limit.max(1))
    }

    fn name(&mut self) -> String {
        let at = self.below(self.names.len());
        self.names[at].clone()
    }

    /// A place of an open text that is no middle of a letter.
    fn place(&mut self, name: &str) -> usize {
        let length = self.client.open[name].1.len();
        let mut at = self.below(length + 1);
        while !self.client.open[name].1.is_char_boundary(at) {
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
                while !text.is_char_boundary(end) {
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
        let place = super::client::position(text, at);
        let mut params = json!({
            "textDocument": { "uri": self.client.uri_of(&name) },
            "position": place,
            "range": { "start": place, "end": super::client::position(text, to) },
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

    fn take_answers(&mut self) {
        for (id, method) in std::mem::take(&mut self.waiting) {
            let answer = self.client.answer(id);
            if let Some(error) = answer.get("error") {
                let code = error["code"].as_i64().unwrap_or(0);
                assert!(MEANT.contains(&code), "{method}: {error}");
            }
            self.answered += 1;
        }
    }

    /// The memory of the server, in MiB; 0 where the system does not say.
    fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.client.process()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
        kib.unwrap_or(0) / 1024
    }
}

#[test]
fn whoever_types_without_looking_is_answered() {
    let (steps, seed) = (steps(), seed());
    let home = folder("random");
    let files = own_cluster();
    write(&home, &files);
    let client = Client::start(&server(), &home, json!({}));
    let names = files.keys().cloned().collect();
    let dice = Dice::new(seed);
    let mut typist = Typist { client, dice, files, names, waiting: Vec::new(), answered: 0 };
    println!("seed {seed}, {steps} steps; COLAB_LSP_SEED and COLAB_LSP_STEPS change them");
    let mut memory = Vec::new();
    for step in 0..steps {
        if typist.below(2) == 0 {
            typist.edit()
        } else {
            typist.ask()
        }
        if (step + 1) % (steps / 10).max(1) == 0 {
            typist.take_answers();
            typist.client.settle();
            memory.push(typist.memory());
        }
    }
    typist.take_answers();
    typist.client.settle();
    let bugs: Vec<_> =
        typist.client.said.iter().filter(|(m, _)| m == "window/logMessage").collect();
    assert!(bugs.is_empty(), "{bugs:?}");
    println!("{} requests answered; MiB of memory, by tenths: {memory:?}", typist.answered);
    if let (Some(early), Some(last)) = (memory.get(3), memory.last()) {
        assert!(*last < early + early / 2 + 64, "the memory grows: {memory:?}");
    }
    same_as_check(&mut typist, "after the last letter");
    // Whatever was broken: with the texts as they were, nothing is left of it.
    for name in typist.names.clone() {
        typist.client.open(&name);
        let length = typist.client.open[&name].1.len();
        let text = typist.files[&name].clone();
        typist.client.edit(&name, 0, length, &text);
    }
    typist.client.settle();
    same_as_check(&mut typist, "with everything as it was");
    assert!(typist.client.stop());
}

/// What the server published, and what a fresh `colabc check` finds in the same texts.
fn same_as_check(typist: &mut Typist, when: &str) {
    let home = folder("random-fresh");
    let mut texts = typist.files.clone();
    for (name, (_, text)) in &typist.client.open {
        texts.insert(name.clone(), text.clone());
    }
    write(&home, &texts);
    let fresh = checked(&home);
    let base = super::client::uri(&typist.client.root);
    let mut told = BTreeSet::new();
    for (uri, items) in &typist.client.published {
        let name = uri.trim_start_matches(&base).trim_start_matches('/').to_owned();
        for item in items.as_array().into_iter().flatten() {
            let line = item["range"]["start"]["line"].as_u64().map_or(0, |line| line + 1);
            told.insert((name.clone(), line, word(&item["code"]), first_line(&item["message"])));
        }
    }
    assert_eq!(
        told, fresh,
        "{when}: the server's findings on the left, those of check on the right"
    );
}

type Finding = (String, u64, String, String);

fn checked(home: &Path) -> BTreeSet<Finding> {
    let mut command = std::process::Command::new(server());
    let output = command.args(["check", "--format", "json"]).arg(home).output().unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = json["diagnostics"].as_array().unwrap().iter();
    found
        .map(|d| {
            let label = &d["labels"][0];
            let line = label["start"]["line"].as_u64().unwrap_or(0);
            (word(&label["file"]), line, word(&d["code"]), first_line(&d["message"]))
        })
        .collect()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or("?").to_owned()
}

fn first_line(value: &Value) -> String {
    word(value).lines().next().unwrap_or_default().to_owned()
}
