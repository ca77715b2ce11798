//! Hostile texts in what is said rather than written: pictures for other programs, and diagnostics of every
//! format. Graphviz, Python's XML and JSON are the readers; Mermaid, the commands of a runner and short lines
//! are held by parsers of their own, made after what their makers say of them.

use super::strings::strings;
use super::table::Table;
use crate::consumers::{Scratch, missing};
use colabc::diag::text::visible;
use colabc::diag::{Diagnostic, codes, github, json, sarif, short};
use colabc::graph::picture::Card;
use colabc::graph::{self, Options, Picture, View, export};
use colabc::source::{Place, Sources, Span};
use serde_json::Value;

/// A card for each text, with the text as its name and as its note.
fn picture(texts: &[String]) -> Picture {
    let mut picture = Picture::new(View::Services, "all");
    for text in texts {
        picture.cards.push(Card {
            kind: "service",
            name: text.clone(),
            notes: vec![text.clone()],
            group: None,
            tier: 0,
            thing: None,
            faint: false,
        });
    }
    picture
}

/// As a picture spells what nobody would see, and what XML cannot hold; its end may be left out.
fn spelled(text: &str, most: usize) -> String {
    let shown = visible(text).replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}");
    match shown.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown,
    }
}

/// What an XML text has for its entities.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (name, after) = after.split_once(';').expect("an entity ends");
        out.push_str(before);
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            number => {
                let number = number.strip_prefix('#').expect("no other names").parse().unwrap();
                char::from_u32(number).expect("a character")
            }
        });
        rest = after;
    }
    out + rest
}

/// Graphviz's own reading of a label: C's quotes were undone by its parser, these are left for who draws.
fn label(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next().expect("no escape at the end") {
                'n' => lines.push(String::new()),
                other => lines.last_mut().expect("a line").push(other),
            },
            (c, _) => lines.last_mut().expect("a line").push(c),
        }
    }
    lines.iter().map(|line| unescaped(line)).collect()
}

/// A label of Mermaid: text with `#CODE;` for what means something there.
fn mermaid_label(line: &str) -> Option<Vec<String>> {
    let (_, inner) = line.trim().split_once("[\"")?;
    let inner = inner.strip_suffix("\"]")?;
    assert!(!inner.contains(['"', '`', '&', '%', '{', '[', ']', '|', '\\']), "{inner}");
    let decoded = |text: &str| {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('#') {
            let (code, after) = after.split_once(';').expect("a code ends");
            out.push_str(before);
            out.push(char::from_u32(code.parse().expect("digits")).expect("a character"));
            rest = after;
        }
        out + rest
    };
    Some(inner.split("<br>").map(decoded).collect())
}

#[test]
fn pictures_for_other_programs_hold_every_text() {
    if missing(&["dot", "python3"]) {
        return;
    }
    let texts = strings();
    let picture = picture(&texts);
    let mut table = Table::default();
    let mut enter = |sink: &str, at: usize, same: bool, found: &str| {
        table.count(sink, if same { "equal" } else { "changed" });
        if !same {
            table.faults.insert(format!("{sink}: {:.80?}", texts[at]), found.to_owned());
        }
    };

    let scratch = Scratch::new();
    let file = scratch.write("all.dot", export::dot(&picture));
    let heard = scratch.call("dot").arg("-Tdot_json").arg(file).seconds(300).fine().unwrap();
    let read: Value = heard.json().unwrap();
    let nodes = read["objects"].as_array().expect("it has nodes");
    assert_eq!(nodes.len(), texts.len(), "each has a node of its own");
    for (at, node) in nodes.iter().enumerate() {
        let found = label(node["label"].as_str().expect("it has a label"));
        let wanted = spelled(&texts[at], 500);
        enter("graph dot", at, found == [wanted.as_str(), &wanted], &format!("{found:.300?}"));
    }

    let drawn = export::mermaid(&picture);
    let labels: Vec<_> = drawn.lines().filter_map(mermaid_label).collect();
    assert_eq!(labels.len(), texts.len());
    for (at, found) in labels.iter().enumerate() {
        let wanted = spelled(&texts[at], 500);
        let same = found.iter().map(|line| line.trim()).eq([wanted.trim(), wanted.trim()]);
        enter("graph mermaid", at, same, &format!("{found:.300?}"));
    }

    let read: Value = serde_json::from_str(&export::json(&picture, &|_| None)).unwrap();
    for (at, thing) in read["things"].as_array().expect("it has things").iter().enumerate() {
        let same = thing["name"] == *texts[at] && thing["notes"][0] == *texts[at];
        enter("graph json", at, same, &format!("{thing:.300}"));
    }

    let svg = scratch.write("all.svg", graph::draw(&picture, &Options::default()));
    let titles = "import json, sys, xml.etree.ElementTree as x\n\
        found = [t.text for t in x.parse(sys.argv[1]).iter() if t.tag.endswith('title')]\n\
        print(json.dumps(found))";
    let heard = scratch.call("python3").args(["-c", titles]).arg(svg).fine().unwrap();
    let titles: Vec<String> = serde_json::from_value(heard.json().unwrap()).unwrap();
    assert_eq!(titles.len(), texts.len() + 1, "one for the picture, one for each card");
    for (at, found) in titles[1..].iter().enumerate() {
        let text = spelled(&texts[at], usize::MAX);
        enter("graph svg", at, *found == format!("service {text}, {text}"), found);
    }
    crate::consumers::tell(&format!("{table}\n{}", table.listed()));
    assert!(table.faults.is_empty());
}

/// What a runner takes of a command: its properties, and its message.
fn command(line: &str) -> Option<String> {
    let (_, rest) = line.strip_prefix("::")?.split_once(' ')?;
    let (_, message) = rest.split_once("::")?;
    Some(message.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"))
}

#[test]
fn diagnostics_of_every_format_hold_every_text() {
    let mut table = Table::default();
    for text in strings() {
        let mut sources = Sources::default();
        let file = sources.add("cluster.colab", Place::Project, text.clone());
        let span = Span::new(file, 0, text.len() as u32);
        let found = [Diagnostic::new(&codes::E0101, span, text.clone()).help(text.clone())];
        let mut enter = |sink: &str, same: bool, said: &str| {
            table.count(sink, if same { "equal" } else { "changed" });
            if !same {
                table.faults.insert(format!("{sink}: {text:.80?}"), said.to_owned());
            }
        };
        let said = json::render(&found, &sources);
        let read: Value = serde_json::from_str(&said).expect("it is JSON");
        enter("diagnostics json", read["diagnostics"][0]["message"] == *text, &said);

        let said = sarif::render(&found, &sources);
        let read: Value = serde_json::from_str(&said).expect("it is JSON");
        let message = read["runs"][0]["results"][0]["message"]["text"].as_str().unwrap_or("");
        enter("diagnostics sarif", message.starts_with(&*text), &said);

        let said = github::render(&found, &sources);
        let message = command(&said).unwrap_or_default();
        let one = said.lines().count() == 1 && said.starts_with("::error ");
        enter("diagnostics github", one && message.starts_with(&*visible(&text)), &said);

        let said = short::render(&found, &sources);
        let wanted = format!("cluster.colab:1:1: error[E0101]: {}\n", visible(&text));
        enter("diagnostics short", said == wanted, &said);
    }
    crate::consumers::tell(&format!("{table}\n{}", table.listed()));
    assert!(table.faults.is_empty());
}
