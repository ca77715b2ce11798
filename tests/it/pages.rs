//! The page of each code: it has all its parts, and its examples are compiled.
#![allow(clippy::print_stdout)]

mod generated;
mod guide;

use crate::memory::{Ask, Memory, check};
use crate::ratchet::{hold, root};
use crate::repo::{code_of, rust_files};
use colabc::diag::codes::{CODES, Code};
use colabc::diag::{page, short};
use std::collections::BTreeSet;

/// The day on which the examples are checked.
const TODAY: &str = "2027-07-01";

/// What the compiler finds in an example: the codes, and one line each for a person.
fn found(example: &str, emit: bool) -> (BTreeSet<&'static str>, String) {
    let files = page::files(example);
    let colab = |name: &&str| name.ends_with(".colab");
    let mut names = files.iter().map(|(name, _)| *name).filter(colab);
    let first = names.next().expect("an example has a .colab file");
    let is_there = |name: &str| files.iter().any(|(other, _)| *other == name);
    let root = if is_there("cluster.colab") { "cluster.colab" } else { first };
    let ask = Ask { today: Some(TODAY), emit, ..Ask::default() };
    let run = check(Memory::new(files.iter().cloned()), root, ask);
    let codes = run.diagnostics.iter().map(|d| d.code.id).collect();
    (codes, short::render(&run.diagnostics, &run.sources))
}

/// What is wrong with a page's words.
fn fault_of_text(code: &Code) -> Option<String> {
    let page = page::Page::of(code);
    if page.title != code.title {
        return Some(format!("its first line is not `# {}: {}`", code.id, code.title));
    }
    let parts =
        [("What", page.what), ("Why", page.why), ("Wrong", page.wrong), ("Right", page.right)];
    let empty: Vec<&str> = parts.iter().filter(|(_, text)| text.is_empty()).map(|p| p.0).collect();
    (!empty.is_empty()).then(|| format!("nothing under {}", empty.join(", ")))
}

/// What is wrong with a page's examples.
fn fault_of_examples(code: &Code) -> Option<String> {
    let page = page::Page::of(code);
    if page.wrong.is_empty() || page.right.is_empty() {
        return Some("an example is missing".to_owned());
    }
    // Only what targets refuse needs a build to show.
    let of_targets = code.id.starts_with("E08") || code.id.starts_with("E16");
    let (codes, text) = found(page.wrong, of_targets);
    if codes != BTreeSet::from([code.id]) {
        return Some(format!("the wrong example yields, instead of only {}:\n{text}", code.id));
    }
    let (codes, text) = found(page.right, of_targets);
    (!codes.is_empty()).then(|| format!("the right example yields:\n{text}"))
}

fn hold_for_all(list: &str, rule: &str, fault: fn(&Code) -> Option<String>) {
    let mut at_fault = BTreeSet::new();
    for code in CODES {
        if let Some(why) = fault(code) {
            println!("{}: {why}", code.id);
            at_fault.insert(code.id.to_owned());
        }
    }
    hold(list, rule, &at_fault);
}

#[test]
fn every_page_has_its_parts() {
    let rule = "a page is `# CODE: title` and What, Why, Wrong, Right with a ```colab block each";
    hold_for_all("pages-without-parts", rule, fault_of_text);
}

#[test]
fn every_example_does_what_its_page_says() {
    let rule = "a page's wrong example yields its code alone, the right one nothing";
    hold_for_all("pages-unproven", rule, fault_of_examples);
}

#[test]
fn every_code_is_used_and_every_page_is_a_codes() {
    let mut words = BTreeSet::new();
    for (name, text) in rust_files() {
        if name.starts_with("compiler/") && name != "compiler/diag/codes.rs" {
            // What only comments and tests name is not used.
            words.extend(code_of(&text).split(|c: char| !c.is_alphanumeric()).map(String::from));
        }
    }
    let unused = CODES.iter().map(|code| code.id.to_owned()).filter(|id| !words.contains(id));
    let rule = "every code is used in compiler/, beside its row";
    hold("codes-unused", rule, &unused.collect());
    for entry in std::fs::read_dir(root().join("compiler/diag/docs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(CODES.iter().any(|code| code.id == name), "the page {name} belongs to no code");
    }
}

#[test]
fn codes_are_in_order_and_stand_once() {
    let ids: Vec<&str> = CODES.iter().map(|code| code.id).collect();
    let sorted: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids, sorted.into_iter().collect::<Vec<_>>());
    for id in ids {
        let (letter, number) = id.split_at(1);
        assert!(matches!(letter, "E" | "L") && number.len() == 4, "{id}");
        assert!(number.bytes().all(|b| b.is_ascii_digit()), "{id}");
    }
}

#[test]
fn pages_as_json_are_as_their_schema_says() {
    let schema = serde_json::from_str(page::SCHEMA).unwrap();
    for text in [page::list_json(), page::render_json(CODES[0])] {
        let answer = serde_json::from_str(&text).unwrap();
        assert_eq!(crate::schema::faults(&schema, &answer), [""; 0]);
    }
}
