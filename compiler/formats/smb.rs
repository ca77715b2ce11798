//! smb.conf as Samba reads it: names without regard to case and blanks, `%` for substitution.
//!
//! Cannot be said: `%` in a user's text (there is no escape), control characters, blanks or quotes
//! at a value's ends, two blanks in a row, a backslash at its end, a parameter that stands twice (the last would win).

use super::Written;
use super::lines::{Lines, ragged};
use crate::origin::Origin;
use rustc_hash::FxHashSet;
use std::borrow::Cow;

pub struct Section<'a> {
    pub name: Cow<'a, str>,
    pub entries: Vec<Entry<'a>>,
    pub origin: Origin,
}

pub struct Entry<'a> {
    /// A parameter of Samba's.
    pub key: Cow<'a, str>,
    pub value: Value<'a>,
    pub origin: Origin,
}

pub enum Value<'a> {
    Bool(bool),
    Int(i64),
    /// A user's text.
    Text(Cow<'a, str>),
    /// A list of users, groups, modules: each word quoted where it needs to be.
    Words(Vec<Cow<'a, str>>),
    /// The compiler's own words, substitutions among them.
    Fixed(&'static str),
}

/// Writes the sections under their header's comment lines.
pub fn write(header: &str, sections: &[Section<'_>]) -> Written {
    let mut out = Lines::new();
    out.comment("#", header, Origin::NONE);
    let mut names = FxHashSet::default();
    for section in sections {
        if !out.is_empty() {
            out.blank();
        }
        if text(&mut out, &section.name, "the name of a share", section.origin)
            && (section.name.is_empty() || section.name.contains(['[', ']', '/', '\\', '"']))
        {
            let name = &section.name;
            out.refuse(section.origin, format!("a share cannot be called {name:?}"));
        }
        if !names.insert(folded(&section.name)) {
            out.refuse(section.origin, format!("the share `{}` stands twice", section.name));
        }
        out.push("[");
        out.push(&section.name);
        out.push("]");
        out.end(section.origin);
        let mut keys = FxHashSet::default();
        for entry in &section.entries {
            let origin = entry.origin.or(section.origin);
            if !keys.insert(folded(&entry.key)) {
                out.refuse(origin, format!("the parameter `{}` stands twice", entry.key));
            }
            let fine = |b: u8| b.is_ascii_alphanumeric() || b" :_-".contains(&b);
            let key = &*entry.key;
            if key.is_empty() || ragged(key) || !key.bytes().all(fine) {
                out.refuse(origin, format!("Samba has no parameter {key:?}"));
            }
            out.push("\t");
            out.push(key);
            out.push(" = ");
            value(&mut out, &entry.value, origin);
            out.end(origin);
        }
    }
    out.finish()
}

fn value(out: &mut Lines, value: &Value<'_>, origin: Origin) {
    const WHAT: &str = "a value of smb.conf";
    match value {
        Value::Bool(truth) => out.push(if *truth { "yes" } else { "no" }),
        Value::Int(number) => out.push(&number.to_string()),
        Value::Fixed(words) => out.push(words),
        Value::Text(value) => {
            if text(out, value, WHAT, origin) {
                out.push(value);
            }
        }
        Value::Words(words) => {
            for (at, word) in words.iter().enumerate() {
                if !text(out, word, WHAT, origin) {
                    continue;
                }
                if word.is_empty() || word.contains('"') {
                    out.refuse(
                        origin,
                        "a word in a list of smb.conf cannot be empty or hold a quote",
                    );
                }
                out.push(if at == 0 { "" } else { " " });
                let quotes = if word.contains([' ', ',', ';']) { "\"" } else { "" };
                out.push(quotes);
                out.push(word);
                out.push(quotes);
            }
        }
    }
}

/// Refuses what no text of smb.conf can hold.
fn text(out: &mut Lines, text: &str, what: &str, origin: Origin) -> bool {
    if !out.visible(text, what, origin) {
        return false;
    }
    let why = if ragged(text) {
        "begin or end with a blank"
    } else if text.contains("  ") {
        "hold two blanks in a row: Samba makes one of them"
    } else if text.contains('%') {
        "hold `%`: Samba substitutes it and knows no escape"
    } else if text.starts_with('"') || text.ends_with('"') {
        "begin or end with a quote: Samba takes it off"
    } else if text.ends_with('\\') {
        "end with a backslash: the next line would belong to it"
    } else {
        return true;
    };
    out.refuse(origin, format!("{what} cannot {why}"));
    false
}

/// A name as Samba compares it.
pub fn folded(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry<'a>(key: &'static str, value: Value<'a>) -> Entry<'a> {
        Entry { key: key.into(), value, origin: Origin::NONE }
    }

    fn share<'a>(name: &'a str, entries: Vec<Entry<'a>>) -> Section<'a> {
        Section { name: name.into(), entries, origin: Origin(1) }
    }

    #[test]
    fn the_shape() {
        let entries = vec![
            entry("path", Value::Text("/mnt/my disk".into())),
            entry("read only", Value::Bool(false)),
            entry("valid users", Value::Words(vec!["crtr".into(), "a b".into()])),
            entry("log file", Value::Fixed("/var/log/samba/log.%m")),
            entry("max log size", Value::Int(1000)),
        ];
        let done = write("generated", &[share("fortress", entries)]).unwrap();
        assert_eq!(
            done.text,
            "# generated\n\n[fortress]\n\tpath = /mnt/my disk\n\tread only = no\n\tvalid users = crtr \"a b\"\n\
             \tlog file = /var/log/samba/log.%m\n\tmax log size = 1000\n"
        );
        assert_eq!(done.lines.len(), 8);
        assert_eq!(done.lines[4], Origin(1));
    }

    #[test]
    fn what_samba_would_change_is_refused() {
        for value in [" a", "a ", "a  b", "50%", "%U", "\"a\"", "a\\", "a\nb", "a\0"] {
            let section = share("s", vec![entry("comment", Value::Text(value.into()))]);
            assert!(write("", &[section]).is_err(), "{value:?}");
        }
        for name in ["", "a]b", "%U", "a/b", "a\nb"] {
            assert!(write("", &[share(name, vec![])]).is_err(), "{name:?}");
        }
    }

    #[test]
    fn names_are_equal_as_samba_compares_them() {
        let twice =
            vec![entry("read only", Value::Bool(true)), entry("ReadOnly", Value::Bool(false))];
        assert!(write("", &[share("s", twice)]).is_err());
        assert!(write("", &[share("a", vec![]), share("A", vec![])]).is_err());
    }

    #[test]
    fn a_list_takes_no_word_that_would_end_it() {
        let list = |word: &'static str| {
            let words = Value::Words(vec![word.into()]);
            write("generated", &[share("s", vec![entry("valid users", words)])])
        };
        assert!(list("ann").is_ok());
        assert!(list("").is_err());
        assert!(list("a\"b").is_err());
    }
}
