//! The editors' grammar against the compiler: the same verdict on every text. Needs the `tree-sitter`
//! command (`.ci/consumers.sh` installs it); `editors/test.sh` tests what it says of itself.

mod vscode;

use crate::generate::Dice;
use colabc::names::Names;
use colabc::source::FileId;
use colabc::syntax::parse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const CHANGED_TEXTS: usize = 10_000;

/// What the two are known to see differently, each with its reason. May only shrink.
const KNOWN: &[(&str, &str)] = &[
    ("compiler/diag/docs/E0104.md#0", "how deep brackets may lie is no matter of grammar"),
    ("docs/errors/E0104.md#0", "how deep brackets may lie is no matter of grammar"),
];

#[test]
fn tree_sitter_and_compiler_agree_on_every_text_of_the_repository() {
    let texts = texts();
    assert!(texts.len() >= 20, "only {} texts found", texts.len());
    compare("texts", &texts);
}

#[test]
fn tree_sitter_and_compiler_agree_on_changed_texts() {
    let originals = texts();
    let paragraphs: Vec<&str> = originals
        .values()
        .flat_map(|text| text.split("\n\n"))
        .filter(|text| parse(FileId(0), text, &mut Names::default()).1.is_empty())
        .collect();
    let mut dice = Dice::new(1);
    let changed = (0..CHANGED_TEXTS).map(|number| {
        let paragraph = paragraphs[dice.below(paragraphs.len())];
        (format!("changed-{number}"), change(paragraph, &mut dice))
    });
    let sound = compare("changed", &changed.collect());
    assert!(
        sound > CHANGED_TEXTS / 10 && sound < CHANGED_TEXTS * 9 / 10,
        "{sound} of {CHANGED_TEXTS} are sound"
    );
}

#[test]
fn every_snippet_is_sound() {
    let path = Path::new(ROOT).join("editors/vscode/snippets/colab.json");
    let json = fs::read_to_string(path).expect("the snippets can be read");
    let snippets: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&json).expect("the snippets are JSON");
    assert!(snippets.len() >= 20, "only {} snippets", snippets.len());
    for (name, snippet) in snippets {
        let text = match &snippet["body"] {
            serde_json::Value::Array(lines) => {
                lines.iter().filter_map(|line| line.as_str()).collect::<Vec<_>>().join("\n")
            }
            body => body.as_str().expect("a body is text").to_owned(),
        };
        let filled = fill(&text);
        let (_, faults) = parse(FileId(0), &filled, &mut Names::default());
        assert!(faults.is_empty(), "{name}: {}\n{filled}", faults[0].message);
    }
}

/// The number of texts that are sound. Panics where the two verdicts differ.
fn compare(folder: &str, texts: &BTreeMap<String, String>) -> usize {
    let Some(verdicts) = tree_sitter(folder, texts) else { return texts.len() / 2 };
    let mut sound = 0;
    let mut wrong = Vec::new();
    for (name, text) in texts {
        let (_, faults) = parse(FileId(0), text, &mut Names::default());
        sound += usize::from(faults.is_empty());
        let agree = verdicts[name] == faults.is_empty();
        if agree == KNOWN.iter().any(|(known, _)| known == name) {
            let fault = faults.first().map_or("nothing", |fault| &fault.message);
            wrong.push(format!("-- {name}: agree: {agree}; the compiler finds {fault}\n{text}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} differ\n{}",
        wrong.len(),
        texts.len(),
        wrong[..wrong.len().min(5)].join("\n\n")
    );
    sound
}

/// Name to whether tree-sitter finds the text sound; nothing where there is no `tree-sitter`.
fn tree_sitter(folder: &str, texts: &BTreeMap<String, String>) -> Option<BTreeMap<String, bool>> {
    if crate::consumers::missing(&["tree-sitter", "cc"]) {
        return None;
    }
    let program = crate::consumers::tool("tree-sitter").expect("it was looked for");
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editors").join(folder);
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(&place).expect("a folder can be made");
    let library = place.join("colab.so");
    let run = |command: &mut Command| command.output().expect("tree-sitter runs");
    let built = run(Command::new(&program)
        .args(["build", "-o"])
        .arg(&library)
        .arg(Path::new(ROOT).join("editors/tree-sitter-colab")));
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    let mut paths = String::new();
    let mut names = BTreeMap::new();
    for (number, (name, text)) in texts.iter().enumerate() {
        let path = place.join(format!("{number}.colab"));
        fs::write(&path, text).expect("a text can be written");
        paths.push_str(&format!("{}\n", path.display()));
        names.insert(path, name.clone());
    }
    let list = place.join("paths");
    fs::write(&list, paths).expect("the list can be written");
    let mut command = Command::new(&program);
    command
        .args(["parse", "--quiet", "--json-summary", "--lang-name", "colab", "--lib-path"])
        .arg(&library)
        .arg("--paths")
        .arg(&list);
    // A line for each text with an error comes first.
    let output = String::from_utf8(run(&mut command).stdout).expect("the output is text");
    let start = output.find("{\n").expect("there is a summary");
    let summary: serde_json::Value =
        serde_json::from_str(&output[start..]).expect("the summary is JSON");
    let rows = summary["parse_summaries"].as_array().expect("the summary has a row a file");
    let verdicts: BTreeMap<String, bool> = rows
        .iter()
        .map(|row| {
            let path = Path::new(row["file"].as_str().expect("a row names its file"));
            (names[path].clone(), row["successful"].as_bool().expect("a row has a verdict"))
        })
        .collect();
    assert_eq!(verdicts.len(), texts.len(), "a verdict for each text");
    Some(verdicts)
}

/// Every `.colab` of the repository, every part of a `.case`, every program in its Markdown.
fn texts() -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let files = walkdir::WalkDir::new(ROOT).sort_by_file_name().into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        let outside = BTreeSet::from(["target", "node_modules", "out", "dist", "dist-test"]);
        !outside.contains(&*name) && (entry.depth() == 0 || !name.starts_with('.'))
    });
    for file in files {
        let file = file.expect("the repository can be read");
        let extension = file.path().extension().unwrap_or_default();
        let Ok(text) = fs::read_to_string(file.path()) else { continue };
        let name = file
            .path()
            .strip_prefix(ROOT)
            .expect("it lies in the repository")
            .display()
            .to_string();
        if extension == "colab" {
            texts.insert(name, text);
        } else if extension == "case" {
            let parts = text.split_inclusive('\n').collect::<Vec<_>>();
            for (number, part) in parts.split(|line| is_rule(line)).enumerate() {
                texts.insert(format!("{name}#{number}"), part.concat());
            }
        } else if extension == "md" {
            for (number, block) in text.split("```colab\n").skip(1).enumerate() {
                let end = block.find("```").unwrap_or(block.len());
                texts.insert(format!("{name}#{number}"), block[..end].to_owned());
            }
        }
    }
    texts
}

/// A line that parts the sections of a case.
fn is_rule(line: &str) -> bool {
    ["---", "===", ">>>", "-- "].iter().any(|rule| line.starts_with(rule))
}

/// What stands in a text that somebody is just typing.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "'''",
    "\"\"\"",
    "${",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    "\n",
    " ",
    "=",
    "==",
    "+=",
    "-=",
    "->",
    "..",
    ".",
    ",",
    ":",
    "::",
    "?",
    "|",
    "-",
    "!",
    "/",
    "//",
    "\\",
    "\\u{d8",
    "$",
    "@",
    "\r\n",
    "\t",
    "\u{202e}",
    "é",
    "from ",
    "in ",
    "is ",
    "if ",
    "then ",
    "else ",
    "for ",
    "as ",
    "default ",
    "override ",
    "final ",
    "unset ",
    "let ",
    "type ",
    "kind ",
    "var ",
    "import ",
    "template ",
    "plural ",
    "assert ",
    "enum ",
    "matching ",
    "none",
    "word",
    "n-1",
    "0",
    "007",
    "1.2.3",
    "4GiBs",
    "1.5",
    "0640",
    "10.0.0.0/8",
    "10.0.0.0/33",
    "1.2.3.4.5",
    "fd00::/8",
    "::1",
    "1::2::3",
    "aa:bb:cc:dd:ee:ff",
    "30s",
    "x = 1\n",
    "\"a\" ",
];

/// The text with one or two places changed as typing changes them.
fn change(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=dice.below(2) {
        let at = dice.below(chars.len() + 1);
        let end = chars.len().min(at + 1 + dice.below(8));
        match dice.below(4) {
            0 => drop(chars.drain(at..end)),
            1 => {
                let again = chars[at..end].to_vec();
                chars.splice(at..at, again);
            }
            2 => drop(chars.splice(at..end, PIECES[dice.below(PIECES.len())].chars())),
            _ => drop(chars.splice(at..at, PIECES[dice.below(PIECES.len())].chars())),
        }
    }
    // tree-sitter takes a lone carriage return for a blank, whatever its grammar says.
    chars
        .into_iter()
        .collect::<String>()
        .replace("\r\n", "\n")
        .replace('\r', "")
        .replace('\n', if dice.below(9) == 0 { "\r\n" } else { "\n" })
}

/// A snippet as it stands when every place holds its first proposal.
fn fill(snippet: &str) -> String {
    let mut out = String::new();
    let mut chars = snippet.chars().peekable();
    let mut open = 0;
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            '$' => {
                let braces = chars.next_if_eq(&'{').is_some();
                while chars.next_if(char::is_ascii_digit).is_some() {}
                if chars.next_if_eq(&'|').is_some() {
                    let choice: String = chars.by_ref().take_while(|c| *c != '|').collect();
                    out.push_str(choice.split(',').next().unwrap_or_default());
                } else {
                    chars.next_if_eq(&':');
                }
                open += usize::from(braces);
            }
            '}' if open > 0 => open -= 1,
            _ => out.push(c),
        }
    }
    out
}
