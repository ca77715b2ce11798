//! YAML that every reader reads the same: block style, texts in double quotes with JSON's escapes,
//! no anchors, no folding, no tag but Ansible's `!unsafe`.
//!
//! Cannot be said: a key that stands twice in a map (readers keep the last in silence). Nothing else is refused,
//! whatever the texts are.

use super::data::{Data, Map, Value};
use super::lines::Lines;
use super::{Written, escape};
use crate::origin::Origin;
use std::fmt::Write;

/// In bytes as written: of a longer key readers stop looking for the colon, unless a mark announces it.
const LONGEST_KEY: usize = 1000;

/// Writes one document under its header's comment lines; an empty header writes none.
pub fn write(header: &str, root: &Data<'_>) -> Written {
    let twins = root.twins();
    if !twins.is_empty() {
        return Err(twins);
    }
    let mut writer = Writer(Lines::new());
    writer.0.comment("#", header, Origin::NONE);
    let origin = root.origin;
    match &root.value {
        Value::Map(map) if !map.is_empty() => writer.map(map, 0, false, origin),
        Value::List(items) if !items.is_empty() => writer.list(items, 0, false, origin),
        scalar => {
            writer.scalar(scalar);
            writer.0.end(origin);
        }
    }
    writer.0.finish()
}

struct Writer(Lines);

impl Writer {
    /// `inline`: the first entry goes on behind a dash.
    fn map(&mut self, map: &Map<'_>, indent: usize, inline: bool, parent: Origin) {
        for (at, (key, value)) in map.0.iter().enumerate() {
            if at > 0 || !inline {
                self.0.pad(indent);
            }
            let origin = value.origin.or(parent);
            self.key(key, indent, origin);
            match &value.value {
                Value::Map(inner) if !inner.is_empty() => {
                    self.0.end(origin);
                    self.map(inner, indent + 2, false, origin);
                }
                Value::List(items) if !items.is_empty() => {
                    self.0.end(origin);
                    self.list(items, indent + 2, false, origin);
                }
                scalar => {
                    self.0.push_char(' ');
                    self.scalar(scalar);
                    self.0.end(origin);
                }
            }
        }
    }

    fn list(&mut self, items: &[Data<'_>], indent: usize, inline: bool, parent: Origin) {
        for (at, item) in items.iter().enumerate() {
            if at > 0 || !inline {
                self.0.pad(indent);
            }
            let origin = item.origin.or(parent);
            self.0.push("- ");
            match &item.value {
                Value::Map(map) if !map.is_empty() => self.map(map, indent + 2, true, origin),
                Value::List(inner) if !inner.is_empty() => {
                    self.list(inner, indent + 2, true, origin);
                }
                scalar => {
                    self.scalar(scalar);
                    self.0.end(origin);
                }
            }
        }
    }

    fn key(&mut self, key: &str, indent: usize, origin: Origin) {
        let before = self.0.text().len();
        self.word(key);
        if self.0.text().len() - before > LONGEST_KEY {
            self.0.text().insert_str(before, "? ");
            self.0.end(origin);
            self.0.pad(indent);
        }
        self.0.push_char(':');
    }

    fn scalar(&mut self, value: &Value<'_>) {
        match value {
            Value::Null => self.0.push("null"),
            Value::Bool(true) => self.0.push("true"),
            Value::Bool(false) => self.0.push("false"),
            Value::Int(number) => {
                write!(self.0.text(), "{number}").expect("a String takes every write");
            }
            Value::Float(number) => self.float(*number),
            Value::Text(text) => escape::quoted(self.0.text(), text),
            Value::Word(text) => self.word(text),
            Value::Inert(text) => {
                self.0.push("!unsafe ");
                escape::quoted(self.0.text(), text);
            }
            Value::List(_) => self.0.push("[]"),
            Value::Map(_) => self.0.push("{}"),
        }
    }

    fn word(&mut self, text: &str) {
        if is_plain(text) {
            self.0.push(text);
        } else {
            escape::quoted(self.0.text(), text);
        }
    }

    /// Always with a point and never with an exponent: `1e3` is a text to some readers.
    fn float(&mut self, number: f64) {
        if number.is_nan() {
            self.0.push(".nan");
        } else if number.is_infinite() {
            self.0.push(if number > 0.0 { ".inf" } else { "-.inf" });
        } else {
            let start = self.0.text().len();
            write!(self.0.text(), "{number}").expect("a String takes every write");
            if !self.0.text()[start..].contains('.') {
                self.0.push(".0");
            }
        }
    }
}

/// Whether all readers, of YAML 1.1 and 1.2, take the text without quotes for that text.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else { return false };
    if !(first.is_ascii_alphabetic() || *first == b'/') {
        return false;
    }
    let fine = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'/' | b'-');
    if !bytes.iter().all(fine) {
        return false;
    }
    const WORDS: [&str; 11] =
        ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"];
    if bytes.len() <= 5 && WORDS.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return false;
    }
    // `e3` and `e-3`: an exponent without a number in front.
    let exponent = matches!(first, b'e' | b'E') && bytes.len() > 1 && {
        let digits = if bytes[1] == b'-' { &bytes[2..] } else { &bytes[1..] };
        !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
    };
    !exponent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::hostile;

    #[test]
    fn the_shape() {
        let root = Map::new()
            .with("name", Data::text("gitea").at(Origin(2)))
            .with("on", true)
            .with("none", Data::null())
            .with("mode", Data::word("always"))
            .with("say", Data::inert("{{ x }}").at(Origin(3)))
            .with("empty", Map::new())
            .with("hollow", Data::list(Vec::<Data>::new()))
            .with(
                "services",
                Map::new()
                    .with("a b", Map::new().with("ports", Data::list(["22:22"])))
                    .at(Origin(4)),
            )
            .with(
                "tasks",
                Data::list([
                    Data::from(Map::new().with("x", 1i64).with("z", 0.5)).at(Origin(5)),
                    Data::list([Data::from(1i64), Data::from(2i64)]),
                ]),
            )
            .at(Origin(1));
        let done = write("made of cluster.colab\n\nnot by hand", &root).unwrap();
        assert_eq!(
            done.text,
            "# made of cluster.colab\n#\n# not by hand\nname: \"gitea\"\n\"on\": true\nnone: null\n\
             mode: always\nsay: !unsafe \"{{ x }}\"\nempty: {}\nhollow: []\nservices:\n  \"a b\":\n    \
             ports:\n      - \"22:22\"\ntasks:\n  - x: 1\n    z: 0.5\n  - - 1\n    - 2\n"
        );
        let origins: Vec<u32> = done.lines.iter().map(|o| o.0).collect();
        assert_eq!(origins, [0, 0, 0, 2, 1, 1, 1, 3, 1, 1, 4, 4, 4, 4, 1, 5, 5, 1, 1]);
    }

    #[test]
    fn plain_is_what_all_agree_on() {
        for text in ["a", "/media/x", "gitea.app", "e", "e-", "Else", "node-1", "edge3", "None"] {
            assert!(is_plain(text), "{text}");
        }
        for text in [
            "", "1", "~", "on", "No", "YES", "y", "N", "null", "NaN", "inf", "e3", "E-10", "a:b",
            "a b", "-a", "é", ".inf", "True", "=", "<<", "a#", "Off",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn hostile_texts_come_back() {
        let texts = hostile::strings();
        let written = write("", &Data::list(texts.iter().map(|t| t.as_str()))).unwrap();
        let read: Vec<String> = serde_saphyr::from_str(&written.text).unwrap();
        assert_eq!(read, texts);
        let written = write("", &Data::list(texts.iter().map(|t| Data::word(t.as_str())))).unwrap();
        let read: Vec<String> = serde_saphyr::from_str(&written.text).unwrap();
        assert_eq!(read, texts);
    }

    #[test]
    fn hostile_keys_come_back() {
        let long = ["k".repeat(1000), "k".repeat(1001), "\n".repeat(2000)];
        for text in hostile::strings().into_iter().chain(long) {
            let inner = Map::new().with("in", text.as_str()).with(text.as_str(), "on");
            let root = Map::new()
                .with("map", Map::new().with(text.as_str(), inner.clone()).with("z", inner))
                .with("list", Data::list([Map::new().with(text.as_str(), Data::list(["a"]))]));
            let written = write("", &root.into()).unwrap();
            assert_eq!(written.lines.len(), written.text.lines().count());
            let read: serde_json::Value = serde_saphyr::from_str(&written.text).unwrap();
            let inner = || serde_json::json!({ "in": text, text.as_str(): "on" });
            let expected = serde_json::json!({
                "map": { text.as_str(): inner(), "z": inner() },
                "list": [{ text.as_str(): ["a"] }],
            });
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn a_key_twice_is_refused_where_it_stands() {
        let root = Map::new().with("a", 1i64).with("a", Data::from(2i64).at(Origin(7)));
        let refused = write("", &root.into()).unwrap_err();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].origin, Origin(7));
    }

    #[test]
    fn floats_are_read_as_floats() {
        for number in [0.5, 1.0, -0.0, 1e21, 1e-7, f64::MAX, 3.1] {
            let written = write("", &Data::from(number)).unwrap();
            assert!(written.text.contains('.') && !written.text.contains('e'), "{}", written.text);
            assert_eq!(written.text.trim().parse::<f64>().unwrap().to_bits(), number.to_bits());
        }
    }

    #[test]
    fn what_is_deep_stands_below_its_dash() {
        let item = Map::new().with("x", 1i64).with("z", 2i64);
        let inner = Map::new().with("b", Data::list([Data::from(item)]));
        let done = write("", &Map::new().with("a", inner).at(Origin(1))).unwrap();
        assert_eq!(done.text.trim_start(), "a:\n  b:\n    - x: 1\n      z: 2\n");
    }
}
