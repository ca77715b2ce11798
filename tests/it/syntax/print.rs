//! `fmt`: one style, the same tree, and nothing lost.

use super::generate::{render, sound};
use super::{outline, read};
use crate::generate::Dice;
use colabc::syntax::format;
use colabc::syntax::tree::Tree;

fn printed(text: &str) -> String {
    let (tree, faults, _) = read(text);
    assert!(faults.is_empty(), "{faults:?}\n{text}");
    format(&tree, text)
}

/// The outline, the docs in order, and how many comments there are.
fn essence(tree: &Tree, text: &str) -> (String, Vec<String>, usize) {
    let outline = outline::of_tree(tree, text).replace("\r\n", "\n");
    let docs =
        tree.stmts.iter().map(|stmt| stmt.doc).chain(tree.fields.iter().map(|field| field.doc));
    let mut docs: Vec<_> = docs.flatten().collect();
    docs.sort();
    let words = |span: &colabc::source::Span| {
        text[span.start as usize..span.end as usize]
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    (outline, docs.iter().map(words).collect(), tree.comments.len())
}

pub fn keeps(text: &str) {
    let (tree, faults, _) = read(text);
    assert!(faults.is_empty(), "{faults:?}\n{text}");
    let once = format(&tree, text);
    let (again, faults, _) = read(&once);
    assert!(faults.is_empty(), "{faults:?}\n--- from\n{text}\n--- to\n{once}");
    let (before, after) = (essence(&tree, text), essence(&again, &once));
    if before.0 != after.0 {
        let at = before
            .0
            .bytes()
            .zip(after.0.bytes())
            .take_while(|(a, b)| a == b)
            .count()
            .saturating_sub(60);
        let tail = |text: &str| {
            String::from_utf8_lossy(&text.as_bytes()[at..]).chars().take(160).collect::<String>()
        };
        panic!(
            "--- from\n{text}\n--- to\n{once}\n--- before\n{}\n--- after\n{}",
            tail(&before.0),
            tail(&after.0)
        );
    }
    assert_eq!((before.1, before.2), (after.1, after.2), "--- from\n{text}\n--- to\n{once}");
    let twice = format(&again, &once);
    if let Some(line) = once.lines().zip(twice.lines()).position(|(a, b)| a != b) {
        let part = |text: &str| {
            text.lines().skip(line.saturating_sub(3)).take(9).collect::<Vec<_>>().join("\n")
        };
        panic!("--- from\n{text}\n--- once\n{}\n--- twice\n{}", part(&once), part(&twice));
    }
    assert_eq!(twice, once);
}

#[test]
fn generated_programs_keep_their_trees_and_the_style_is_stable() {
    let mut dice = Dice::new(7);
    for _ in 0..12_000 {
        let program = sound(&mut dice);
        keeps(&render(&program, &mut dice));
    }
}

#[test]
fn every_sound_text_of_the_repository_keeps_its_tree() {
    let texts = super::corpus::texts();
    let sound = texts.iter().filter(|(_, text)| read(text).1.is_empty());
    let kept = sound.map(|(_, text)| keeps(text)).count();
    assert!(kept >= 20, "only {kept} sound texts found");
}

fn shows(from: &str, to: &str) {
    assert_eq!(printed(from), to);
    keeps(from);
}

#[test]
fn blocks_stay_on_their_line_while_they_fit() {
    shows("a{b=1,c=2}", "a { b = 1   c = 2 }\n");
    shows("a {\nb = 1 }", "a {\n  b = 1\n}\n");
    shows("a {\n}", "a { }\n");
    let long = format!("a {{ b = \"{}\"   c = \"{}\" }}", "x".repeat(50), "y".repeat(50));
    let broken = format!("a {{\n  b = \"{}\"\n  c = \"{}\"\n}}\n", "x".repeat(50), "y".repeat(50));
    shows(&long, &broken);
}

#[test]
fn comments_and_blank_lines_stay() {
    let text = "// top\n\n/// doc\nnode a {  // why\n  // own\n  b = 1  // trailing\n\n  c = 2\n  // last\n}\n// end\n";
    shows(text, text);
    shows("\n\n\na = 1\n\n\n\nb = 2\n\n\n", "a = 1\n\nb = 2\n");
    shows("a {\n\n  b = 1\n\n}", "a {\n  b = 1\n}\n");
    shows(
        "x = [\n  1, // one\n  // two\n  2\n  // more\n]",
        "x = [\n  1,  // one\n  // two\n  2,\n  // more\n]\n",
    );
    shows("x = a + // why\n  b", "// why\nx = a + b\n");
    shows("a = 1\n/// stray\n\nb = 2", "a = 1\n/// stray\n\nb = 2\n");
}

#[test]
fn neighbouring_plain_entries_are_aligned() {
    shows(
        "arch = arm64\nos = linux\n\nx = 1\nlonger = 2\n",
        "arch = arm64\nos   = linux\n\nx      = 1\nlonger = 2\n",
    );
    shows(
        "a = 1\ndefault shell = 2\nport x = 3\nbc = 4\nd = 5",
        "a = 1\ndefault shell = 2\nport x = 3\nbc = 4\nd  = 5\n",
    );
}

#[test]
fn lists_open_at_the_end_of_their_line_stay_open() {
    shows("x = [1,2 ,3,]", "x = [1, 2, 3]\n");
    shows("x = [\n1, 2]", "x = [\n  1,\n  2,\n]\n");
    shows("x = yaml({\na = 1\n})", "x = yaml({\n  a = 1\n})\n");
    let word = "w".repeat(30);
    shows(
        &format!("x = [{word}, {word}, {word}, {word}]"),
        &format!("x = [\n  {word},\n  {word},\n  {word},\n  {word},\n]\n"),
    );
    shows(
        &format!("x = {word} && {word} && {word} && {word}"),
        &format!("x = {word}\n    && {word}\n    && {word}\n    && {word}\n"),
    );
}

#[test]
fn kinds_types_and_templates_have_their_layout() {
    shows(
        "kind box plural boxes {\n/// how wide\n width: int in 1..9 = 1, name: string matching '[a-z]+'\nassert \"x\" {width>0} }",
        "kind box plural boxes {\n  /// how wide\n  width: int in 1..9 = 1\n  name: string matching '[a-z]+'\n  assert \"x\" { width > 0 }\n}\n",
    );
    shows("type t = enum{a,b(p:int),}", "type t = enum { a, b(p: int) }\n");
    shows(
        "type t = map<string,list<int>> | {a:int} | b ?",
        "type t = map<string, list<int>> | { a: int } | b?\n",
    );
    shows(
        "template web ( image:image , port:port = 80 ) for container {image=image}",
        "template web(image: image, port: port = 80) for container { image = image }\n",
    );
}
