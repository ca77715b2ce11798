//! Graphviz, Mermaid and an XML parser read what is drawn; JSON is as its schema says.

use super::{compile, own, pictures};
use crate::consumers::{docs, missing};
use crate::schema::faults;
use colabc::graph::export;
use colabc::graph::{self, Options, Picture, View};
use std::collections::BTreeSet;

fn own_pictures() -> Vec<Picture> {
    let run = compile(&own());
    View::ALL.iter().map(|&view| graph::picture(&run.resolved.model, view)).collect()
}

#[test]
fn graphviz_sees_every_card_and_line() {
    if missing(&["dot"]) {
        return;
    }
    for picture in own_pictures() {
        let plain = docs::dot(&export::dot(&picture)).unwrap();
        let count = |word| plain.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!(count("node "), picture.cards.len(), "{}", picture.view.word());
        assert_eq!(count("edge "), picture.lines.len(), "{}", picture.view.word());
        for at in 0..picture.cards.len() {
            assert!(plain.contains(&picture.id(at)), "{}", picture.id(at));
        }
    }
}

#[test]
fn mermaid_draws_every_card() {
    if missing(docs::TOOLS) {
        return;
    }
    for picture in own_pictures() {
        let drawn = docs::mermaid(&export::mermaid(&picture)).unwrap();
        for card in &picture.cards {
            assert!(drawn.contains(&card.name), "{}", card.name);
        }
    }
}

#[test]
fn json_is_as_its_schema_says() {
    let schema = serde_json::from_str(export::SCHEMA).unwrap();
    for (name, picture) in pictures() {
        let json: serde_json::Value =
            serde_json::from_str(&export::json(&picture, &|_| None)).unwrap();
        assert_eq!(faults(&schema, &json), [""; 0], "{name}");
        let mut broken = json.clone();
        broken["view"] = "nosuch".into();
        assert_eq!(faults(&schema, &broken).len(), 1, "{name}");
        let ids: BTreeSet<&str> =
            json["things"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), picture.cards.len(), "{name}: ids differ");
        for line in json["lines"].as_array().unwrap() {
            assert!(ids.contains(line["from"].as_str().unwrap()), "{name}");
            assert!(ids.contains(line["to"].as_str().unwrap()), "{name}");
        }
    }
}

/// The names of the elements of an XML text, in order; an error where it is not well formed.
fn elements(xml: &str) -> Result<Vec<String>, String> {
    let mut open: Vec<String> = Vec::new();
    let mut all = Vec::new();
    let mut rest = xml;
    while let Some((text, after)) = rest.split_once('<') {
        let stray = open.is_empty() && !text.trim().is_empty();
        if stray || text.contains("]]>") {
            return Err(format!("text outside of an element: {text:?}"));
        }
        for (at, _) in text.match_indices('&') {
            let end = text[at..].find(';').ok_or("an entity without an end")?;
            let name = &text[at + 1..at + end];
            if !matches!(name, "amp" | "lt" | "gt" | "quot") && !name.starts_with('#') {
                return Err(format!("no entity of XML: {name}"));
            }
        }
        let (tag, after) = after.split_once('>').ok_or("a tag without an end")?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                return Err(format!("</{name}> closes what is not open"));
            }
            continue;
        }
        let (inner, closed) = tag.strip_suffix('/').map_or((tag, false), |inner| (inner, true));
        let name = inner.split(' ').next().unwrap_or_default().to_string();
        let mut attributes = inner[name.len()..].trim();
        let mut seen = BTreeSet::new();
        while !attributes.is_empty() {
            let (key, value) =
                attributes.split_once("=\"").ok_or("an attribute without a value")?;
            let (_, after) = value.split_once('"').ok_or("a value without an end")?;
            if !seen.insert(key.to_string()) {
                return Err(format!("{key} stands twice"));
            }
            attributes = after.trim_start();
        }
        all.push(name.clone());
        if !closed {
            open.push(name);
        }
    }
    if open.is_empty() { Ok(all) } else { Err(format!("left open: {open:?}")) }
}

#[test]
fn svg_is_well_formed() {
    for (name, picture) in pictures() {
        let svg = graph::draw(&picture, &Options::default());
        let all = elements(&svg).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!(all[0], "svg");
        let cards = svg.matches("data-card=").count();
        let lines = svg.matches("data-from=").count();
        assert_eq!((cards, lines), (picture.cards.len(), picture.lines.len()), "{name}");
        let hostile = ["script", "foreignObject", "image", "use", "iframe"];
        assert!(all.iter().all(|tag| !hostile.contains(&tag.as_str())), "{name}");
    }
    for broken in ["<svg><g></svg>", "<svg a=\"1\" a=\"2\"/>", "<svg>&nbsp;</svg>", "<svg a/>"] {
        elements(broken).unwrap_err();
    }
}
