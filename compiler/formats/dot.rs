//! Graphviz' language: every id and value in quotes.
//!
//! Cannot be said: control characters other than newline; a text of more than 16,000 bytes as written.

use super::Written;
use super::lines::{Lines, control};
use crate::origin::Origin;
use std::borrow::Cow;

pub struct Graph<'a> {
    pub header: Cow<'a, str>,
    pub statements: Vec<Statement<'a>>,
}

pub enum Statement<'a> {
    /// `graph`, `node` or `edge`: what holds for all that follow.
    Defaults(&'static str, Vec<Attribute<'a>>),
    Node {
        id: Cow<'a, str>,
        attributes: Vec<Attribute<'a>>,
        origin: Origin,
    },
    Edge {
        from: Cow<'a, str>,
        to: Cow<'a, str>,
        attributes: Vec<Attribute<'a>>,
        origin: Origin,
    },
    /// A framed part of the picture.
    Cluster {
        id: Cow<'a, str>,
        label: Cow<'a, str>,
        body: Vec<Statement<'a>>,
        origin: Origin,
    },
}

pub struct Attribute<'a>(pub &'static str, pub Value<'a>);

pub enum Value<'a> {
    /// A text that is shown or followed: label, tooltip, URL.
    Text(Cow<'a, str>),
    Fixed(&'static str),
}

/// Graphviz takes no longer quoted text.
const LONGEST: usize = 16_000;

/// Writes a directed graph.
pub fn write(graph: &Graph<'_>) -> Written {
    let mut out = Lines::new();
    out.comment("//", &graph.header, Origin::NONE);
    out.say("digraph {", Origin::NONE);
    body(&mut out, &graph.statements, 2, Origin::NONE);
    out.say("}", Origin::NONE);
    out.finish()
}

fn body(out: &mut Lines, statements: &[Statement<'_>], indent: usize, parent: Origin) {
    for statement in statements {
        out.pad(indent);
        match statement {
            Statement::Defaults(kind, attributes) => {
                out.push(kind);
                self::attributes(out, attributes, parent);
                out.end(parent);
            }
            Statement::Node { id, attributes, origin } => {
                let origin = origin.or(parent);
                self::id(out, id, origin);
                self::attributes(out, attributes, origin);
                out.end(origin);
            }
            Statement::Edge { from, to, attributes, origin } => {
                let origin = origin.or(parent);
                id(out, from, origin);
                out.push(" -> ");
                id(out, to, origin);
                self::attributes(out, attributes, origin);
                out.end(origin);
            }
            Statement::Cluster { id, label, body, origin } => {
                let origin = origin.or(parent);
                out.push("subgraph ");
                self::id(out, &format!("cluster {id}"), origin);
                out.say(" {", origin);
                out.pad(indent + 2);
                out.push("label=");
                text(out, label, origin);
                out.end(origin);
                self::body(out, body, indent + 2, origin);
                out.pad(indent);
                out.say("}", origin);
            }
        }
    }
}

fn attributes(out: &mut Lines, attributes: &[Attribute<'_>], origin: Origin) {
    for (at, Attribute(key, value)) in attributes.iter().enumerate() {
        out.push(if at == 0 { " [" } else { ", " });
        out.push(key);
        out.push("=");
        match value {
            Value::Text(value) => text(out, value, origin),
            Value::Fixed(value) => {
                out.push("\"");
                out.push(value);
                out.push("\"");
            }
        }
    }
    if !attributes.is_empty() {
        out.push("]");
    }
}

/// A name that is only ever compared; that two names differ stays true.
fn id(out: &mut Lines, text: &str, origin: Origin) {
    out.visible(text, "the name of a thing in a graph", origin);
    let start = out.text().len();
    out.push("\"");
    // Graphviz keeps `%` at the front for names of its own.
    if text.trim_start_matches('_').starts_with('%') {
        out.push("_");
    }
    out.push(&text.replace('\\', "\\\\").replace('"', "\\\""));
    out.push("\"");
    not_too_long(out, start, origin);
}

fn not_too_long(out: &mut Lines, start: usize, origin: Origin) {
    if out.text().len() - start > LONGEST {
        out.refuse(origin, "a text in a graph cannot be longer than 16,000 bytes");
    }
}

/// A text that Graphviz looks into for escapes and entities.
fn text(out: &mut Lines, text: &str, origin: Origin) {
    if let Some(name) = control(text, "\n") {
        out.refuse(origin, format!("a label cannot hold {name}"));
    }
    let start = out.text().len();
    out.push("\"");
    for c in text.chars() {
        match c {
            '"' => out.push("\\\""),
            '\\' => out.push("\\\\"),
            '&' => out.push("&amp;"),
            '\n' => out.push("\\n"),
            other => out.push_char(other),
        }
    }
    out.push("\"");
    not_too_long(out, start, origin);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_different() {
        let written = |name: &str| {
            let mut out = Lines::new();
            id(&mut out, name, Origin::NONE);
            out.line().to_string()
        };
        let names = ["a", "%a", "_%a", "__%a", "_a", "\"", "\\\"", "\\"];
        let mut all: Vec<String> = names.map(written).to_vec();
        assert!(all.iter().all(|name| !name.starts_with("\"%")));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), names.len());
    }

    #[test]
    fn the_shape() {
        let node = |id: &'static str, label: &'static str| Statement::Node {
            id: id.into(),
            attributes: vec![
                Attribute("label", Value::Text(label.into())),
                Attribute("shape", Value::Fixed("box")),
            ],
            origin: Origin(3),
        };
        let done = write(&Graph {
            header: "generated".into(),
            statements: vec![
                Statement::Defaults("node", vec![Attribute("color", Value::Fixed("gray"))]),
                Statement::Cluster {
                    id: "n".into(),
                    label: "a\nb".into(),
                    body: vec![node("my-node", "\"x\" \\N &amp;")],
                    origin: Origin(2),
                },
                Statement::Edge {
                    from: "my-node".into(),
                    to: "a\\".into(),
                    attributes: vec![],
                    origin: Origin(4),
                },
            ],
        })
        .unwrap();
        assert_eq!(
            done.text,
            "// generated\ndigraph {\n  node [color=\"gray\"]\n  subgraph \"cluster n\" {\n    label=\"a\\nb\"\n    \
             \"my-node\" [label=\"\\\"x\\\" \\\\N &amp;amp;\", shape=\"box\"]\n  }\n  \"my-node\" -> \"a\\\\\"\n}\n"
        );
        assert_eq!(done.lines.iter().map(|o| o.0).collect::<Vec<_>>(), [0, 0, 0, 2, 2, 3, 2, 4, 0]);
    }

    #[test]
    fn the_longest_text_is_the_last_that_is_taken() {
        let refused = |length: usize| {
            let mut out = Lines::new();
            let name = "a".repeat(length);
            id(&mut out, &name, Origin::NONE);
            out.end(Origin::NONE);
            out.finish().is_err()
        };
        // Two quotes are part of it.
        assert!(!refused(LONGEST - 2));
        assert!(refused(LONGEST - 1));
    }
}
