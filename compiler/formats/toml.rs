//! TOML from a tree: every text a basic string, one item a line in arrays, tables after the plain
//! keys of their parent.
//!
//! Cannot be said: null, a key that stands twice, a document that is no table.

use super::data::{Data, Map, Value};
use super::lines::Lines;
use super::{Written, escape};
use crate::origin::Origin;
use std::fmt::Write;

/// Writes one document under its header's comment lines; an empty header writes none.
pub fn write(header: &str, root: &Data<'_>) -> Written {
    let mut writer = Writer(Lines::new());
    writer.0.comment("#", header, Origin::NONE);
    match &root.value {
        Value::Map(map) => writer.table(map, &mut String::new(), root.origin),
        _ => writer.0.refuse(root.origin, "a document of TOML is a table"),
    }
    writer.0.finish()
}

struct Writer(Lines);

impl Writer {
    /// `path`: the table's name as it stands between brackets; empty for the root.
    fn table(&mut self, map: &Map<'_>, path: &mut String, origin: Origin) {
        self.no_twins(map, origin);
        for (key, value) in map.0.iter().filter(|(_, value)| !has_header(value)) {
            let origin = value.origin.or(origin);
            push_key(self.0.text(), key);
            self.0.push(" = ");
            self.value(value, 0, origin);
            self.0.end(origin);
        }
        for (key, value) in map.0.iter().filter(|(_, value)| has_header(value)) {
            let origin = value.origin.or(origin);
            let parent = path.len();
            if parent > 0 {
                path.push('.');
            }
            push_key(path, key);
            match &value.value {
                Value::Map(inner) => {
                    let only_tables =
                        !inner.is_empty() && inner.0.iter().all(|(_, v)| has_header(v));
                    if !only_tables {
                        self.header("[", path, "]", origin);
                    }
                    self.table(inner, path, origin);
                }
                Value::List(items) => {
                    for item in items {
                        let origin = item.origin.or(origin);
                        self.header("[[", path, "]]", origin);
                        if let Value::Map(inner) = &item.value {
                            self.table(inner, path, origin);
                        }
                    }
                }
                _ => unreachable!("only maps and lists have headers"),
            }
            path.truncate(parent);
        }
    }

    fn header(&mut self, open: &str, path: &str, close: &str, origin: Origin) {
        if !self.0.is_empty() {
            self.0.blank();
        }
        self.0.push(open);
        self.0.push(path);
        self.0.push(close);
        self.0.end(origin);
    }

    fn value(&mut self, data: &Data<'_>, indent: usize, origin: Origin) {
        match &data.value {
            Value::Null => self.0.refuse(origin, "TOML has no null"),
            Value::Bool(truth) => self.0.push(if *truth { "true" } else { "false" }),
            Value::Int(number) => {
                write!(self.0.text(), "{number}").expect("a String takes every write");
            }
            Value::Float(number) if number.is_nan() => self.0.push("nan"),
            Value::Float(number) => {
                write!(self.0.text(), "{number:?}").expect("a String takes every write");
            }
            Value::Text(text) | Value::Word(text) | Value::Inert(text) => {
                escape::quoted(self.0.text(), text);
            }
            Value::List(items) => self.list(items, indent, origin),
            Value::Map(map) => self.inline(map, indent, origin),
        }
    }

    fn list(&mut self, items: &[Data<'_>], indent: usize, origin: Origin) {
        if let [] | [_] = items {
            self.0.push("[");
            if let [only] = items {
                self.value(only, indent, only.origin.or(origin));
            }
            self.0.push("]");
            return;
        }
        self.0.push("[");
        self.0.end(origin);
        for item in items {
            let origin = item.origin.or(origin);
            self.0.pad(indent + 2);
            self.value(item, indent + 2, origin);
            self.0.push(",");
            self.0.end(origin);
        }
        self.0.pad(indent);
        self.0.push("]");
    }

    fn inline(&mut self, map: &Map<'_>, indent: usize, origin: Origin) {
        self.no_twins(map, origin);
        self.0.push("{");
        for (at, (key, value)) in map.0.iter().enumerate() {
            self.0.push(if at == 0 { " " } else { ", " });
            push_key(self.0.text(), key);
            self.0.push(" = ");
            self.value(value, indent, value.origin.or(origin));
        }
        self.0.push(if map.is_empty() { "}" } else { " }" });
    }

    fn no_twins(&mut self, map: &Map<'_>, origin: Origin) {
        for (key, value) in map.repeated() {
            self.0.refuse(value.origin.or(origin), format!("the key `{key}` stands twice"));
        }
    }
}

/// Whether the value is written under a `[header]` of its own.
fn has_header(data: &Data<'_>) -> bool {
    match &data.value {
        Value::Map(_) => true,
        Value::List(items) => {
            !items.is_empty() && items.iter().all(|item| matches!(item.value, Value::Map(_)))
        }
        _ => false,
    }
}

fn push_key(out: &mut String, key: &str) {
    let bare = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if !key.is_empty() && key.bytes().all(bare) {
        out.push_str(key);
    } else {
        escape::quoted(out, key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::hostile;

    #[test]
    fn the_shape() {
        let root = Map::new()
            .with("tools", Map::new().with("node", "22").with("jq", Data::list(["1", "2"])))
            .with("min", "2026")
            .with(
                "tasks",
                Map::new().with(
                    "deploy:gitea",
                    Map::new()
                        .with("run", Data::text("docker compose up").at(Origin(5)))
                        .with("depends", Data::list(["a"]))
                        .at(Origin(4)),
                ),
            )
            .with("site", Data::list([Map::new().with("a", 1i64), Map::new().with("a", 2i64)]))
            .with("mixed", Data::list([Data::from(Map::new().with("a", 1i64)), Data::from(0.5)]))
            .with("void", Map::new())
            .at(Origin(1));
        let done = write("generated", &root).unwrap();
        assert_eq!(
            done.text,
            "# generated\nmin = \"2026\"\nmixed = [\n  { a = 1 },\n  0.5,\n]\n\n[tools]\nnode = \"22\"\n\
             jq = [\n  \"1\",\n  \"2\",\n]\n\n[tasks.\"deploy:gitea\"]\nrun = \"docker compose up\"\n\
             depends = [\"a\"]\n\n[[site]]\na = 1\n\n[[site]]\na = 2\n\n[void]\n"
        );
        assert_eq!(done.lines.len(), done.text.lines().count());
        let read: ::toml::Table = done.text.parse().unwrap();
        assert_eq!(read["tasks"]["deploy:gitea"]["depends"][0].as_str(), Some("a"));
        assert_eq!(read["site"][1]["a"].as_integer(), Some(2));
        let line = done.text.lines().position(|l| l.starts_with("run")).unwrap();
        assert_eq!(done.lines[line], Origin(5));
        assert_eq!(done.lines[line + 1], Origin(4));
    }

    #[test]
    fn hostile_texts_come_back_as_keys_and_values() {
        let texts = hostile::strings();
        let mut flat = Map::new();
        let mut tables = Map::new();
        for text in &texts {
            flat.put(text.as_str(), text.as_str());
            tables.put(text.as_str(), Map::new().with("v", Data::list([text.as_str(), "x"])));
        }
        let root = Map::new().with("flat", flat).with("tables", tables);
        let read: ::toml::Table = write("", &root.into()).unwrap().text.parse().unwrap();
        for text in &texts {
            assert_eq!(read["flat"][text].as_str(), Some(text.as_str()));
            assert_eq!(read["tables"][text]["v"][0].as_str(), Some(text.as_str()));
        }
    }

    #[test]
    fn what_toml_has_not_is_refused() {
        assert!(write("", &Data::list(["a"])).is_err());
        assert!(write("", &Map::new().with("a", Data::null()).into()).is_err());
        assert!(write("", &Map::new().with("a", 1i64).with("a", 2i64).into()).is_err());
        for number in [f64::INFINITY, f64::NEG_INFINITY, 1e300, -0.0, 1.0] {
            let text = write("", &Map::new().with("a", number).into()).unwrap().text;
            let read: ::toml::Table = text.parse().unwrap();
            assert_eq!(read["a"].as_float(), Some(number));
        }
    }
}
