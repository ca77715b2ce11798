//! Texts that nobody would write, through the parser, the printer, the checks and the targets.

use super::Executions;
use crate::generate::{Dice, Project, break_one, varied};
use crate::memory::{Ask, Memory, check, check_again};
use crate::syntax::{corpus, keeps, sound_text};
use colabc::diag::{Diagnostic, github, human, json, sarif, short};
use colabc::names::Names;
use colabc::resolve::parsed::Parsed;
use colabc::source::{FileId, Sources};
use colabc::syntax::parse;
use std::sync::LazyLock;

/// Paragraphs of everything in the repository that is, or should be, `.colab`.
pub static PIECES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let texts = corpus::texts();
    let pieces = texts.iter().flat_map(|(_, text)| text.split("\n\n"));
    pieces.filter(|piece| piece.len() < 4000).map(str::to_owned).collect()
});

/// What makes a reader stumble.
const SHARDS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"\"\"",
    "'",
    "${",
    "$",
    "\\",
    "//",
    "///",
    "/",
    "=",
    "+=",
    "-=",
    "::",
    ":",
    ".",
    "..",
    ",",
    "->",
    "=>",
    "<",
    ">=",
    "==",
    "!=",
    "&&",
    "||",
    "!",
    "-",
    "*",
    "?",
    "%",
    "if",
    "else",
    "for",
    "in",
    "let",
    "import",
    "override",
    "default",
    "final",
    "unset",
    "inherited",
    "node",
    "service",
    "container",
    "secret(",
    "where(",
    "0",
    "9223372036854775808",
    "1e999",
    "1.2.3.4",
    "192.168.0.0/33",
    "::1/129",
    "0777",
    "1GB",
    "5ms",
    "\0",
    "\r",
    "\r\n",
    "\t",
    "\u{feff}",
    "\u{202e}",
    "\u{10ffff}",
    "é",
    "e\u{301}",
    "\u{2028}",
    "🦀",
    "`",
    "#",
    ";",
    "@",
    "~",
    "^",
    "|",
    "&",
];

/// The text after one to five accidents.
pub fn damaged(mut text: String, dice: &mut Dice) -> String {
    for _ in 0..1 + dice.below(5) {
        let (mut from, mut to) = (place(&text, dice), place(&text, dice));
        if from > to {
            (from, to) = (to, from);
        }
        // Most accidents are small ones.
        if !dice.one_in(4) {
            to = text[from..]
                .char_indices()
                .map(|(at, _)| from + at)
                .nth(dice.below(4))
                .unwrap_or(to);
        }
        let part = text[from..to].to_owned();
        match dice.below(5) {
            0 => text.replace_range(from..to, ""),
            1 => text.insert_str(to, &part),
            2 => text.replace_range(from..to, dice.pick(SHARDS)),
            3 => text.insert_str(from, dice.pick(SHARDS)),
            _ => {
                let other = &PIECES[dice.below(PIECES.len())];
                let (a, b) = (place(other, dice), place(other, dice));
                text.insert_str(from, &other[a.min(b)..a.max(b)]);
            }
        }
        if text.len() > 20_000 {
            break;
        }
    }
    text
}

/// Somewhere between two characters.
fn place(text: &str, dice: &mut Dice) -> usize {
    let at = dice.below(text.len() + 1);
    (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Every finding stands in its text and names a way out.
fn are_of_use(found: &[Diagnostic], text_of: impl Fn(FileId) -> String) {
    for diagnostic in found {
        for label in &diagnostic.labels {
            let text = text_of(label.span.file);
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            assert!(start <= end && text.get(start..end).is_some(), "{diagnostic:?}");
        }
        assert!(!diagnostic.message.is_empty());
        assert!(!diagnostic.fixes.is_empty(), "no way out: {diagnostic:?}");
    }
}

#[test]
fn any_text_is_parsed_and_a_sound_one_printed() {
    Executions { always: 200_000, full: 10_000_000 }.each("texts", |number| {
        let mut dice = Dice::new(number);
        let text = match dice.below(3) {
            0 => sound_text(number),
            _ => PIECES[dice.below(PIECES.len())].clone(),
        };
        let text = damaged(text, &mut dice);
        let (_, faults) = parse(FileId(0), &text, &mut Names::default());
        if faults.is_empty() {
            keeps(&text);
        }
        are_of_use(&faults, |_| text.clone());
    });
}

/// What a run over nothing leaves parsed.
static LIBRARY: LazyLock<Parsed> = LazyLock::new(|| {
    let mut parsed = Parsed::kept();
    check_again(Memory::default(), "cluster.colab", Ask::default(), &mut parsed);
    parsed
});

/// A cluster, sound or in some way broken.
fn cluster(dice: &mut Dice) -> Project {
    let seed = dice.number();
    match dice.below(4) {
        0 => break_one(seed),
        1 => {
            // One file made of pieces that know nothing of each other.
            let few = 1 + dice.below(12);
            let pieces: Vec<&str> = (0..few).map(|_| &*PIECES[dice.below(PIECES.len())]).collect();
            [("cluster.colab".to_owned(), pieces.join("\n"))].into()
        }
        _ => {
            let mut project = varied(seed);
            let names: Vec<String> = project.keys().cloned().collect();
            let name = &names[dice.below(names.len())];
            let text = project.remove(name).expect("a name of the project");
            project.insert(name.clone(), damaged(text, dice));
            project
        }
    }
}

#[test]
fn any_cluster_is_checked_and_a_sound_one_built() {
    Executions { always: 10_000, full: 500_000 }.each("clusters", |number| {
        let mut dice = Dice::new(number ^ 0xc1a5);
        let project = cluster(&mut dice);
        let _shown = OnPanic(&project);
        let ask = Ask { emit: true, today: Some("2027-06-30"), ..Ask::default() };
        let all = || Memory::new(project.clone());
        // To parse the library each time would be half of the work.
        let found = check_again(all(), "cluster.colab", ask, &mut LIBRARY.clone());
        if number % 64 == 0 {
            let anew = check(all(), "cluster.colab", ask);
            assert_eq!(format!("{:?}", anew.diagnostics), format!("{:?}", found.diagnostics));
        }
        assert_eq!(found.tree.is_some(), found.errors() == 0, "emitted where there are errors");
        are_of_use(&found.diagnostics, |file| found.sources.file(file).text.to_string());
        if number % 8 == 0 {
            shown(&found.diagnostics, &found.sources);
        }
    });
}

/// Shows what it was that could not be taken.
struct OnPanic<'a>(&'a Project);

impl Drop for OnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let texts = self.0.iter().map(|(name, text)| format!("=== {name}\n{text}\n"));
            crate::consumers::tell(&texts.collect::<String>());
        }
    }
}

/// In every format.
fn shown(found: &[Diagnostic], sources: &Sources) {
    let look = human::Look { colour: true, width: 60, ..human::Look::default() };
    human::render(found, sources, &look);
    short::render(found, sources);
    github::render(found, sources);
    for text in [json::render(found, sources), sarif::render(found, sources)] {
        serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON");
    }
}
