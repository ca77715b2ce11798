//! Apple's property lists as XML, from a tree.
//!
//! Cannot be said: null, control characters that XML 1.0 has not, U+FFFE and U+FFFF, a key that
//! stands twice, numbers that are not finite.

use super::Written;
use super::data::{Data, Value};
use super::lines::{Lines, control};
use crate::origin::Origin;

pub fn write(root: &Data<'_>) -> Written {
    let mut out = Lines::new();
    out.say("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", Origin::NONE);
    out.say(
        "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">",
        Origin::NONE,
    );
    out.say("<plist version=\"1.0\">", Origin::NONE);
    value(&mut out, root, 0, root.origin);
    out.say("</plist>", Origin::NONE);
    out.finish()
}

fn value(out: &mut Lines, data: &Data<'_>, indent: usize, origin: Origin) {
    out.pad(indent);
    match &data.value {
        Value::Null => out.refuse(origin, "a property list has no null"),
        Value::Bool(truth) => out.push(if *truth { "<true/>" } else { "<false/>" }),
        Value::Int(number) => out.push(&format!("<integer>{number}</integer>")),
        Value::Float(number) if number.is_finite() => out.push(&format!("<real>{number:?}</real>")),
        Value::Float(number) => {
            out.refuse(origin, format!("a property list has no number `{number}`"));
        }
        Value::Text(text) | Value::Word(text) | Value::Inert(text) => {
            element(out, "string", text, origin);
        }
        Value::List(items) if items.is_empty() => out.push("<array/>"),
        Value::List(items) => {
            out.say("<array>", origin);
            for item in items {
                value(out, item, indent + 2, item.origin.or(origin));
            }
            out.pad(indent);
            out.push("</array>");
        }
        Value::Map(map) if map.is_empty() => out.push("<dict/>"),
        Value::Map(map) => {
            out.say("<dict>", origin);
            for (key, value) in map.repeated() {
                out.refuse(value.origin.or(origin), format!("the key `{key}` stands twice"));
            }
            for (key, value) in &map.0 {
                let origin = value.origin.or(origin);
                out.pad(indent + 2);
                element(out, "key", key, origin);
                out.end_several(origin);
                self::value(out, value, indent + 2, origin);
            }
            out.pad(indent);
            out.push("</dict>");
        }
    }
    out.end_several(origin);
}

fn element(out: &mut Lines, tag: &str, text: &str, origin: Origin) {
    // C1 controls are characters to XML; the others and the two below are not.
    let c0: String = text.chars().filter(|c| c.is_ascii() && *c != '\u{7f}').collect();
    if let Some(name) = control(&c0, "\t\n\r") {
        out.refuse(origin, format!("a property list cannot hold {name}"));
    }
    if text.contains(['\u{fffe}', '\u{ffff}']) {
        out.refuse(origin, "a property list cannot hold U+FFFE or U+FFFF");
    }
    out.push("<");
    out.push(tag);
    out.push(">");
    push_escaped(out.text(), text);
    out.push("</");
    out.push(tag);
    out.push(">");
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Map, hostile};

    fn read(text: &str) -> ::plist::Value {
        ::plist::from_bytes(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_shape() {
        let root = Map::new()
            .with("Label", "la.ism.colab")
            .with("ProgramArguments", Data::list(["/bin/sh", "-c"]).at(Origin(3)))
            .with("RunAtLoad", true)
            .with("StartInterval", 60i64)
            .with("Nice", Map::new())
            .at(Origin(2));
        let done = write(&root).unwrap();
        assert_eq!(
            done.text.lines().skip(3).collect::<Vec<_>>().join("\n"),
            "<dict>\n  <key>Label</key>\n  <string>la.ism.colab</string>\n  <key>ProgramArguments</key>\n  \
             <array>\n    <string>/bin/sh</string>\n    <string>-c</string>\n  </array>\n  <key>RunAtLoad</key>\n  \
             <true/>\n  <key>StartInterval</key>\n  <integer>60</integer>\n  <key>Nice</key>\n  <dict/>\n</dict>\n</plist>"
        );
        assert_eq!(done.lines.len(), done.text.lines().count());
        assert_eq!(
            (done.lines[4], done.lines[6], done.lines[8]),
            (Origin(2), Origin(3), Origin(3))
        );
        let dict = read(&done.text).into_dictionary().unwrap();
        assert_eq!(dict["StartInterval"].as_signed_integer(), Some(60));
    }

    #[test]
    fn hostile_texts_come_back_or_are_refused() {
        let mut said = 0;
        for text in hostile::strings() {
            match write(&Map::new().with(text.as_str(), text.as_str()).into()) {
                Ok(done) => {
                    let dict = read(&done.text).into_dictionary().unwrap();
                    assert_eq!(dict.get(&text).and_then(|v| v.as_string()), Some(text.as_str()));
                    said += 1;
                }
                Err(_) => assert!(
                    text.contains(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')),
                    "{text:?}"
                ),
            }
        }
        assert!(said > 150, "{said}");
    }

    #[test]
    fn what_a_property_list_has_not_is_refused() {
        assert!(write(&Data::null()).is_err());
        assert!(write(&Data::from(f64::NAN)).is_err());
        assert!(write(&Map::new().with("a", 1i64).with("a", 1i64).into()).is_err());
    }
}
