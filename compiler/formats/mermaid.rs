//! Mermaid's flow charts: ids made from names so that no name can be a keyword, labels in quotes
//! with entity codes.
//!
//! Cannot be said: control characters other than newline.

use super::Written;
use super::lines::{Lines, control};
use crate::origin::Origin;
use std::borrow::Cow;
use std::fmt::Write;

pub struct Chart<'a> {
    pub header: Cow<'a, str>,
    /// `TB`, `LR`.
    pub direction: &'static str,
    pub statements: Vec<Statement<'a>>,
}

pub enum Statement<'a> {
    /// The style of a class of nodes, in the compiler's own words.
    Class(&'static str, &'static str),
    Node {
        id: Cow<'a, str>,
        label: Cow<'a, str>,
        class: Option<&'static str>,
        origin: Origin,
    },
    /// `arrow` is the compiler's own: `-->`, `-.->`, `==>`. An empty label is none.
    Edge {
        from: Cow<'a, str>,
        to: Cow<'a, str>,
        arrow: &'static str,
        label: Cow<'a, str>,
        origin: Origin,
    },
    Group {
        id: Cow<'a, str>,
        label: Cow<'a, str>,
        body: Vec<Statement<'a>>,
        origin: Origin,
    },
}

pub fn write(chart: &Chart<'_>) -> Written {
    let mut out = Lines::new();
    // Mermaid acts on `%%{`, even in a comment.
    out.comment("%%", &chart.header.replace(['{', '}'], ""), Origin::NONE);
    out.push("flowchart ");
    out.say(chart.direction, Origin::NONE);
    body(&mut out, &chart.statements, 2, Origin::NONE);
    out.finish()
}

fn body(out: &mut Lines, statements: &[Statement<'_>], indent: usize, parent: Origin) {
    for statement in statements {
        out.pad(indent);
        match statement {
            Statement::Class(name, style) => {
                out.say(&format!("classDef {name} {style}"), parent);
            }
            Statement::Node { id, label, class, origin } => {
                let origin = origin.or(parent);
                self::id(out, 'n', id);
                out.push("[");
                text(out, label, origin);
                out.push("]");
                if let Some(class) = class {
                    out.push(":::");
                    out.push(class);
                }
                out.end(origin);
            }
            Statement::Edge { from, to, arrow, label, origin } => {
                let origin = origin.or(parent);
                id(out, 'n', from);
                out.push(" ");
                out.push(arrow);
                if !label.is_empty() {
                    out.push("|");
                    text(out, label, origin);
                    out.push("|");
                }
                out.push(" ");
                id(out, 'n', to);
                out.end(origin);
            }
            Statement::Group { id, label, body, origin } => {
                let origin = origin.or(parent);
                out.push("subgraph ");
                self::id(out, 'g', id);
                out.push("[");
                text(out, label, origin);
                out.say("]", origin);
                self::body(out, body, indent + 2, origin);
                out.pad(indent);
                out.say("end", origin);
            }
        }
    }
}

/// An id of letters and digits; different names give different ids.
fn id(out: &mut Lines, kind: char, name: &str) {
    out.push_char(kind);
    out.push_char('_');
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push_char(byte.into());
        } else {
            write!(out.text(), "_{byte:02x}").expect("a String takes every write");
        }
    }
}

fn text(out: &mut Lines, text: &str, origin: Origin) {
    if let Some(name) = control(text, "\n") {
        out.refuse(origin, format!("a label cannot hold {name}"));
    }
    out.push("\"");
    // A label without a visible character would not be read as one.
    if text.trim().is_empty() {
        out.push("#32;");
    }
    for (at, c) in text.chars().enumerate() {
        // Marks of a list, which Mermaid would try to lay out, stand at the front.
        let list = at < 4 && matches!(c, '.' | '-' | ')');
        match c {
            '\n' => out.push("<br>"),
            ' ' | '.' | ',' | '-' | '_' | '/' | ':' | '(' | ')' if !list => out.push_char(c),
            c if c.is_ascii_punctuation() => {
                write!(out.text(), "#{};", c as u32).expect("a String takes every write");
            }
            other => out.push_char(other),
        }
    }
    out.push("\"");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::hostile;

    #[test]
    fn the_shape() {
        let chart = Chart {
            header: "generated".into(),
            direction: "LR",
            statements: vec![
                Statement::Class("node", "fill:#eee"),
                Statement::Group {
                    id: "end".into(),
                    label: "a \"b\"".into(),
                    body: vec![
                        Statement::Node {
                            id: "my-node".into(),
                            label: "x\ny".into(),
                            class: Some("node"),
                            origin: Origin(3),
                        },
                        Statement::Group {
                            id: "in".into(),
                            label: "c".into(),
                            body: vec![Statement::Node {
                                id: "d".into(),
                                label: "d".into(),
                                class: None,
                                origin: Origin(5),
                            }],
                            origin: Origin::NONE,
                        },
                    ],
                    origin: Origin(2),
                },
                Statement::Edge {
                    from: "my-node".into(),
                    to: "end".into(),
                    arrow: "-->",
                    label: "50%".into(),
                    origin: Origin(4),
                },
            ],
        };
        let done = write(&chart).unwrap();
        assert_eq!(
            done.text,
            "%% generated\nflowchart LR\n  classDef node fill:#eee\n  subgraph g_end[\"a #34;b#34;\"]\n    \
             n_my_2dnode[\"x<br>y\"]:::node\n    subgraph g_in[\"c\"]\n      n_d[\"d\"]\n    end\n  \
             end\n  n_my_2dnode -->|\"50#37;\"| n_end\n"
        );
        let origins: Vec<u32> = done.lines.iter().map(|o| o.0).collect();
        assert_eq!(origins, [0, 0, 0, 2, 3, 2, 5, 2, 2, 4]);
    }

    #[test]
    fn ids_of_different_names_differ() {
        let made = |name: &str| {
            let mut out = Lines::new();
            id(&mut out, 'n', name);
            out.line().to_string()
        };
        let mut all: Vec<String> = hostile::strings().iter().map(|name| made(name)).collect();
        all.extend(["a_b", "a-b", "a_2db", "a__b"].map(made));
        let count = all.len();
        let fine = |c: char| c.is_ascii_alphanumeric() || c == '_';
        assert!(all.iter().all(|id| id.starts_with("n_") && id.chars().all(fine)));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn a_label_holds_no_mark_of_the_language() {
        for label in hostile::strings() {
            let node = Statement::Node {
                id: "a".into(),
                label: label.as_str().into(),
                class: None,
                origin: Origin(1),
            };
            let chart = Chart { header: "".into(), direction: "TB", statements: vec![node] };
            let Ok(done) = write(&chart) else {
                assert!(label.contains(char::is_control));
                continue;
            };
            let line = done.text.lines().nth(1).unwrap().trim();
            let inner = line.strip_prefix("n_a[\"").unwrap().strip_suffix("\"]").unwrap();
            let inner = inner.replace("<br>", "\n");
            assert!(
                !inner.contains(['"', '<', '>', '`', '&', '%', '{', '[', ']', '|', '\\']),
                "{inner}"
            );
            let mut read = String::new();
            let mut rest = inner.as_str();
            while let Some((before, after)) = rest.split_once('#') {
                let (code, after) = after.split_once(';').unwrap();
                read.push_str(before);
                read.push(char::from_u32(code.parse().unwrap()).unwrap());
                rest = after;
            }
            read.push_str(rest);
            let blank = if label.trim().is_empty() { " " } else { "" };
            assert_eq!(read, format!("{blank}{label}"));
        }
    }
}
