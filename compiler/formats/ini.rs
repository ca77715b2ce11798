//! INI for readers without escapes: cockpit.conf, ansible.cfg, ClusterShell's own settings. For
//! systemd's and Samba's dialects see `systemd` and `smb`.
//!
//! Cannot be said, because readers trim, cut or disagree: control characters, blanks at an end, a
//! comment mark after a blank, quotes round a value, a backslash at its end, `=` `:` `[` `]` `#` `;`
//! or blanks round a key, a section or key that stands twice.

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
    pub key: Cow<'a, str>,
    pub value: Cow<'a, str>,
    pub origin: Origin,
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
        name(&mut out, &section.name, "section", section.origin);
        if !names.insert(section.name.to_ascii_lowercase()) {
            out.refuse(section.origin, format!("the section `{}` stands twice", section.name));
        }
        out.push("[");
        out.push(&section.name);
        out.push("]");
        out.end(section.origin);
        let mut keys = FxHashSet::default();
        for entry in &section.entries {
            let origin = entry.origin.or(section.origin);
            name(&mut out, &entry.key, "key", origin);
            if !keys.insert(entry.key.to_ascii_lowercase()) {
                out.refuse(origin, format!("the key `{}` stands twice", entry.key));
            }
            out.visible(&entry.value, "a value of an INI file", origin);
            if let Some(why) = fault(&entry.value) {
                out.refuse(origin, format!("a value of an INI file cannot {why}"));
            }
            out.push(&entry.key);
            out.push(if entry.value.is_empty() { " =" } else { " = " });
            out.push(&entry.value);
            out.end(origin);
        }
    }
    out.finish()
}

fn fault(value: &str) -> Option<&'static str> {
    if ragged(value) {
        Some("begin or end with a blank")
    } else if value.contains(" #") || value.contains(" ;") {
        Some("hold `#` or `;` after a blank: some readers take the rest for a comment")
    } else if value.starts_with(['#', ';', '"', '\'']) || value.ends_with(['"', '\'']) {
        Some("begin with a comment mark, or begin or end with a quote")
    } else if value.ends_with('\\') {
        Some("end with a backslash: some readers go on in the next line")
    } else {
        None
    }
}

fn name(out: &mut Lines, name: &str, what: &str, origin: Origin) {
    let fine = |c: char| c.is_alphanumeric() || " _-./@".contains(c);
    if name.is_empty() || ragged(name) || !name.chars().all(fine) {
        out.refuse(
            origin,
            format!("a {what} of an INI file is of letters, digits, `_`, `-`, `.`, `/`, `@` and inner blanks: {name:?}"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one<'a>(key: &'a str, value: &'a str) -> Written {
        let entries = vec![Entry { key: key.into(), value: value.into(), origin: Origin::NONE }];
        write("", &[Section { name: "WebService".into(), entries, origin: Origin(2) }])
    }

    #[test]
    fn the_shape() {
        let done = one("Origins", "https://mng.ism.la wss://mng.ism.la").unwrap();
        assert_eq!(done.text, "[WebService]\nOrigins = https://mng.ism.la wss://mng.ism.la\n");
        assert_eq!(done.lines, [Origin(2), Origin(2)]);
    }

    #[test]
    fn what_readers_disagree_on_is_refused() {
        for value in [" a", "a ", "a\nb", "a # b", "a ; b", "\"a\"", "'a", "a\\", "a\0", ";a"] {
            assert!(one("k", value).is_err(), "{value:?}");
        }
        for key in ["", " a", "a=b", "a:b", "[a]", "#a", "a\nb"] {
            assert!(one(key, "v").is_err(), "{key:?}");
        }
        for value in ["", "a#b", "a=b", "%(x)s", "a\\b", "é"] {
            assert!(one("k", value).is_ok(), "{value:?}");
        }
    }

    #[test]
    fn twins_are_refused() {
        let entry =
            |key: &'static str| Entry { key: key.into(), value: "".into(), origin: Origin(3) };
        let section = |entries| Section { name: "s".into(), entries, origin: Origin(2) };
        let why = write("", &[section(vec![entry("a"), entry("A")])]).unwrap_err();
        assert_eq!(why[0].origin, Origin(3));
        assert!(write("", &[section(vec![]), section(vec![])]).is_err());
    }
}
