//! A picture for other programs: Graphviz, Mermaid, JSON; and as lines for a terminal.

use super::bond::Bond;
use super::picture::Picture;
use super::text::plain;
use crate::formats::data::{Data, Map};
use crate::formats::{dot, json, mermaid};
use crate::origin::Origin;
use crate::source::Sources;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The JSON Schema of what `json` gives.
pub const SCHEMA: &str = include_str!("graph-schema.json");

/// For Graphviz: `dot -Tsvg`.
pub fn dot(picture: &Picture) -> String {
    use dot::{Attribute, Statement, Value};
    let text = |key, value: &str| Attribute(key, Value::Text(value.to_owned().into()));
    let mut statements = vec![
        Statement::Defaults(
            "graph",
            vec![
                Attribute("rankdir", Value::Fixed("LR")),
                Attribute("fontname", Value::Fixed("sans-serif")),
                Attribute("style", Value::Fixed("rounded")),
                Attribute("color", Value::Fixed("#bfc7d1")),
                text("label", &short(&format!("{}: {}", picture.title, picture.view.word()))),
                Attribute("labelloc", Value::Fixed("t")),
            ],
        ),
        Statement::Defaults(
            "node",
            vec![
                Attribute("shape", Value::Fixed("box")),
                Attribute("style", Value::Fixed("rounded")),
                Attribute("fontname", Value::Fixed("sans-serif")),
            ],
        ),
        Statement::Defaults("edge", vec![Attribute("fontname", Value::Fixed("sans-serif"))]),
    ];
    let node = |at: usize| {
        let card = &picture.cards[at];
        let mut label = short(&card.name);
        for note in &card.notes {
            let _ = write!(label, "\n{}", short(note));
        }
        let mut attributes = vec![Attribute("label", Value::Text(label.into()))];
        if card.faint {
            attributes.push(Attribute("style", Value::Fixed("rounded,dashed")));
        }
        Statement::Node { id: id(picture, at).into(), attributes, origin: Origin::NONE }
    };
    for (at, group) in picture.groups.iter().enumerate() {
        statements.push(Statement::Cluster {
            id: short(&format!("{} {}", group.kind, group.name)).into(),
            label: short(&group.name).into(),
            body: members(picture, Some(at)).into_iter().map(node).collect(),
            origin: Origin::NONE,
        });
    }
    statements.extend(members(picture, None).into_iter().map(node));
    for line in &picture.lines {
        statements.push(Statement::Edge {
            from: id(picture, line.from).into(),
            to: id(picture, line.to).into(),
            attributes: vec![
                Attribute("label", Value::Fixed(line.bond.word())),
                Attribute("style", Value::Fixed(stroke(line.bond))),
            ],
            origin: Origin::NONE,
        });
    }
    let graph = dot::Graph { header: header(picture).into(), statements };
    dot::write(&graph).expect("what Graphviz cannot hold is spelled out or shortened").text
}

/// So long may a text be among others in a graph: Graphviz takes 16,000 bytes in all, and nobody reads as much.
const LONGEST: usize = 500;

/// The text as it can be shown, with a mark where its end is left out.
fn short(text: &str) -> String {
    let text = plain(text);
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// A card's name for lines to lead to; two that would be alike once shortened have their numbers.
fn id(picture: &Picture, at: usize) -> String {
    let whole = picture.id(at);
    let text = short(&whole);
    if text == whole { text } else { format!("{text} {at}") }
}

/// For Mermaid, as it stands in Markdown.
pub fn mermaid(picture: &Picture) -> String {
    use mermaid::{Chart, Statement};
    let node = |at: usize| {
        let card = &picture.cards[at];
        let mut label = short(&card.name);
        for note in &card.notes {
            let _ = write!(label, "\n{}", short(note));
        }
        Statement::Node {
            id: id(picture, at).into(),
            label: label.into(),
            class: card.faint.then_some("faint"),
            origin: Origin::NONE,
        }
    };
    let mut statements = vec![Statement::Class("faint", "stroke-dasharray: 4 3")];
    for (at, group) in picture.groups.iter().enumerate() {
        statements.push(Statement::Group {
            id: short(&format!("{} {}", group.kind, group.name)).into(),
            label: short(&group.name).into(),
            body: members(picture, Some(at)).into_iter().map(node).collect(),
            origin: Origin::NONE,
        });
    }
    statements.extend(members(picture, None).into_iter().map(node));
    for line in &picture.lines {
        let arrow = match stroke(line.bond) {
            "solid" => "-->",
            _ => "-.->",
        };
        statements.push(Statement::Edge {
            from: id(picture, line.from).into(),
            to: id(picture, line.to).into(),
            arrow,
            label: line.bond.word().into(),
            origin: Origin::NONE,
        });
    }
    let chart = Chart { header: header(picture).into(), direction: "LR", statements };
    mermaid::write(&chart).expect("what Mermaid cannot hold is spelled out").text
}

/// As data, each thing with the place of its declaration.
pub fn json(picture: &Picture, place: &dyn Fn(usize) -> Option<Placed>) -> String {
    let groups = picture.groups.iter().map(|group| {
        Map::new()
            .with("kind", Data::text(group.kind))
            .with("name", Data::text(group.name.as_str()))
    });
    let card = |at: usize| {
        let card = &picture.cards[at];
        Map::new()
            .with("id", Data::text(picture.id(at)))
            .with("kind", Data::text(card.kind))
            .with("name", Data::text(card.name.as_str()))
            .with("notes", Data::list(card.notes.iter().map(|note| Data::text(note.as_str()))))
            .with_some("group", card.group.map(|group| group as i64))
            .with_some(
                "declared",
                place(at).map(|placed| {
                    Map::new()
                        .with("file", Data::text(placed.file))
                        .with("line", i64::from(placed.line))
                        .with("column", i64::from(placed.column))
                }),
            )
    };
    let line = |line: &super::picture::Line| {
        Map::new()
            .with("from", Data::text(picture.id(line.from)))
            .with("to", Data::text(picture.id(line.to)))
            .with("why", Data::text(line.bond.word()))
    };
    let root = Map::new()
        .with("format", 1i64)
        .with("cluster", Data::text(picture.title.as_str()))
        .with("view", Data::text(picture.view.word()))
        .with("groups", Data::list(groups))
        .with("things", Data::list((0..picture.cards.len()).map(card)))
        .with("lines", Data::list(picture.lines.iter().map(line)));
    json::pretty(&root.into()).map_or_else(|_| String::new(), |done| done.text)
}

/// Where a thing is declared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl Placed {
    pub fn of(span: crate::source::Span, sources: &Sources) -> Placed {
        let file = sources.file(span.file);
        let (line, column) = file.line_col(span.start);
        Placed { file: file.name.clone(), line: line + 1, column: column + 1 }
    }
}

/// As lines, a group after the other, each card with what it needs.
pub fn lines(picture: &Picture) -> String {
    let mut out = String::new();
    let groups = (0..picture.groups.len()).map(Some).chain([None]);
    for group in groups {
        let cards = members(picture, group);
        if cards.is_empty() {
            continue;
        }
        let indent = match group.map(|at| &picture.groups[at]) {
            Some(group) => {
                if !out.is_empty() {
                    out.push('\n');
                }
                let note = if group.note.is_empty() {
                    String::new()
                } else {
                    format!("  ({})", group.note)
                };
                let _ = writeln!(out, "{}{}", plain(&group.name), plain(&note));
                "  "
            }
            None => "",
        };
        if group.is_none() && !out.is_empty() {
            out.push('\n');
        }
        let wide = cards.iter().map(|&at| picture.cards[at].name.chars().count()).max();
        for at in cards {
            let card = &picture.cards[at];
            let kind = if group.is_none() && card.kind != "node" { card.kind } else { "" };
            let mut notes: Vec<&str> = card.notes.iter().map(String::as_str).collect();
            if !kind.is_empty() {
                notes.insert(0, kind);
            }
            let name = format!("{:1$}", card.name, wide.unwrap_or(0));
            let line = format!("{indent}{}  {}", plain(&name), plain(&notes.join(", ")));
            let _ = writeln!(out, "{}", line.trim_end());
            let mut by: BTreeMap<Bond, Vec<String>> = BTreeMap::new();
            for line in picture.lines.iter().filter(|line| line.from == at) {
                by.entry(line.bond).or_default().push(said(picture, at, line.to));
            }
            for (bond, names) in by {
                let names = plain(&names.join(", "));
                let _ = writeln!(out, "{indent}    {} {names}", bond.word());
            }
        }
    }
    if out.is_empty() {
        out.push_str("There is nothing to show here.\n");
    }
    out
}

/// A card's name, with its group where that is another one.
fn said(picture: &Picture, from: usize, to: usize) -> String {
    let (a, b) = (&picture.cards[from], &picture.cards[to]);
    match b.group.map(|group| &picture.groups[group]) {
        Some(group) if a.group != b.group && group.kind == "node" => {
            format!("{}@{}", b.name, group.name)
        }
        _ => b.name.clone(),
    }
}

fn members(picture: &Picture, group: Option<usize>) -> Vec<usize> {
    (0..picture.cards.len()).filter(|&at| picture.cards[at].group == group).collect()
}

fn header(picture: &Picture) -> String {
    let title = format!("{}: {}", picture.title, picture.view.word());
    format!("{}. {}.", short(&title), picture.view.question())
}

fn stroke(bond: Bond) -> &'static str {
    match bond.style() {
        "secret" | "copy" => "dashed",
        "after" => "dotted",
        _ => "solid",
    }
}
