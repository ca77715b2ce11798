//! systemd's unit files, and the names of mount units.
//!
//! Cannot be said: NUL, other control characters outside of quoted words, blanks at the ends of a
//! plain text, a backslash at its end, characters that Unicode set aside (U+FFFE and the like).

use super::Written;
use super::lines::{Lines, control, identifier, ragged};
use crate::origin::Origin;
use std::borrow::Cow;
use std::fmt::Write;

/// The longest path that a system takes; systemd would ignore the line.
const LONGEST_PROGRAM: usize = 4095;

pub struct Unit<'a> {
    pub header: Cow<'a, str>,
    pub sections: Vec<Section<'a>>,
}

pub struct Section<'a> {
    pub name: &'static str,
    pub entries: Vec<Entry<'a>>,
    pub origin: Origin,
}

pub struct Entry<'a> {
    pub key: &'static str,
    pub value: Value<'a>,
    pub origin: Origin,
}

pub enum Value<'a> {
    /// A text to the end of the line; `%` stands for itself.
    Text(Cow<'a, str>),
    /// Words or paths, each quoted where it needs to be.
    Words(Vec<Term<'a>>),
    /// Names of other units.
    Units(Vec<Cow<'a, str>>),
    /// A command without a shell: program and arguments; `$` and `%` stand for themselves.
    Command { prefix: &'static str, words: Vec<Term<'a>> },
    /// One variable of `Environment=`.
    Variable { name: Cow<'a, str>, value: Cow<'a, str> },
    /// The compiler's own words, specifiers among them.
    Fixed(&'static str),
    /// A share of something: `150%`.
    Percent(u64),
    /// A whole line as the sources state it, key and all; the entry's own key is not written.
    Line(Cow<'a, str>),
}

/// A word among others, which may be another value's than the one that its entry comes from.
pub struct Term<'a> {
    pub text: Cow<'a, str>,
    pub origin: Origin,
}

impl<'a, T: Into<Cow<'a, str>>> From<T> for Term<'a> {
    fn from(text: T) -> Self {
        Term { text: text.into(), origin: Origin::NONE }
    }
}

impl Term<'_> {
    pub fn at(self, origin: Origin) -> Self {
        Term { origin, ..self }
    }
}

impl<'a> Entry<'a> {
    pub fn new(key: &'static str, value: Value<'a>) -> Self {
        Entry { key, value, origin: Origin::NONE }
    }

    pub fn at(self, origin: Origin) -> Self {
        Entry { origin, ..self }
    }
}

pub fn write(unit: &Unit<'_>) -> Written {
    let mut out = Lines::new();
    out.comment("#", &unit.header, Origin::NONE);
    for section in &unit.sections {
        if !out.is_empty() {
            out.blank();
        }
        out.push("[");
        out.push(section.name);
        out.say("]", section.origin);
        for entry in &section.entries {
            let origin = entry.origin.or(section.origin);
            if !matches!(entry.value, Value::Line(_)) {
                out.push(entry.key);
                out.push_char('=');
            }
            value(&mut out, &entry.value, origin);
            out.end(origin);
        }
    }
    out.finish()
}

/// Whether a text can stand wherever a unit has one: as a value, as a word, in a variable.
pub fn can_hold(text: &str) -> bool {
    let seen = control(text, "").is_none() && !ragged(text) && !text.ends_with('\\');
    seen && !text.is_empty() && set_aside(text).is_none()
}

/// The name of the unit that mounts at `path`: `/media/my disk` gives `media-my\x20disk.mount`.
pub fn unit_name(path: &str, suffix: &str) -> Result<String, String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if !path.starts_with('/')
        || path.contains('\0')
        || parts.iter().any(|p| matches!(*p, "." | ".."))
    {
        return Err(format!("a unit's path is absolute and without `.` and `..`: {path:?}"));
    }
    let mut name = String::with_capacity(path.len() + suffix.len() + 1);
    if parts.is_empty() {
        name.push('-');
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            name.push('-');
        }
        for byte in part.bytes() {
            let plain = byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'.');
            if plain && !(byte == b'.' && name.is_empty()) {
                name.push(byte.into());
            } else {
                write!(name, "\\x{byte:02x}").expect("a String takes every write");
            }
        }
    }
    name.push('.');
    name.push_str(suffix);
    if name.len() > 255 {
        return Err("the name of a unit cannot be longer than 255 bytes".into());
    }
    Ok(name)
}

fn value(out: &mut Lines, value: &Value<'_>, origin: Origin) {
    match value {
        Value::Fixed(words) => out.push(words),
        Value::Percent(number) => {
            out.push(&number.to_string());
            out.push_char('%');
        }
        Value::Line(line) => {
            out.visible(line, "a line of a unit", origin);
            let key = line.split_once('=').map_or("", |(key, _)| key);
            if key.is_empty()
                || !key.bytes().all(|b| b.is_ascii_alphanumeric())
                || ragged(line)
                || line.ends_with('\\')
            {
                out.refuse(origin, format!("expected a line such as `Nice=10`, found {line:?}"));
            }
            out.push(line);
        }
        Value::Text(text) => {
            out.visible(text, "a value of a unit", origin);
            unicode(out, text, origin);
            if ragged(text) || text.ends_with('\\') {
                out.refuse(
                    origin,
                    "a value of a unit cannot begin or end with a blank or end with a backslash",
                );
            }
            out.push(&text.replace('%', "%%"));
        }
        Value::Units(names) => {
            let fine = |b: u8| b.is_ascii_alphanumeric() || b":-_.\\@".contains(&b);
            for (at, name) in names.iter().enumerate() {
                if name.is_empty() || !name.bytes().all(fine) {
                    out.refuse(origin, format!("a unit cannot be called {name:?}"));
                }
                out.push(if at == 0 { "" } else { " " });
                out.push(name);
            }
        }
        Value::Words(words) => {
            for (at, word) in words.iter().enumerate() {
                let origin = word.origin.or(origin);
                // Of paths systemd takes the quotes away, but knows no `\n`.
                out.visible(&word.text, "a path of a unit", origin);
                out.push(if at == 0 { "" } else { " " });
                self::word(out, &word.text, false, origin);
            }
        }
        Value::Command { prefix, words } => {
            let program = words.first().map_or("", |program| &program.text);
            let fine = |b: u8| b.is_ascii_alphanumeric() || b"/_.+-".contains(&b);
            if !program.starts_with('/') || !program.bytes().all(fine) {
                out.refuse(
                    origin,
                    format!(
                        "the program of a unit is an absolute path of plain letters: {program:?}"
                    ),
                );
            }
            if program.ends_with('/') {
                out.refuse(origin, format!("a folder is no program for a unit: {program:?}"));
            }
            if program.len() > LONGEST_PROGRAM {
                out.refuse(
                    origin,
                    format!("the path of a unit's program has at most {LONGEST_PROGRAM} bytes"),
                );
            }
            out.push(prefix);
            for (at, word) in words.iter().enumerate() {
                out.push(if at == 0 { "" } else { " " });
                self::word(out, &word.text, true, word.origin.or(origin));
            }
        }
        Value::Variable { name, value } => {
            if !identifier(name) {
                out.refuse(origin, format!("a variable cannot be called {name:?}"));
            }
            if let Some(control) = control(value, "\t\n") {
                out.refuse(origin, format!("a variable of a unit cannot hold {control}"));
            }
            word(out, &format!("{name}={value}"), false, origin);
        }
    }
}

/// A word that systemd unquotes; in a command `$` would be a variable.
fn word(out: &mut Lines, word: &str, command: bool, origin: Origin) {
    unicode(out, word, origin);
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/_.:=@,+-".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) {
        out.push(word);
        return;
    }
    out.push_char('"');
    for c in word.chars() {
        match c {
            '"' => out.push("\\\""),
            '\\' => out.push("\\\\"),
            '%' => out.push("%%"),
            '$' if command => out.push("$$"),
            '\n' => out.push("\\n"),
            '\t' => out.push("\\t"),
            '\0' => out.refuse(origin, "a word of a unit cannot hold a NUL"),
            c if c.is_ascii_control() => {
                write!(out.text(), "\\x{:02x}", c as u32).expect("a String takes every write");
            }
            // Only commands know `\u`: of paths the backslash alone would go.
            c if command && super::lines::hidden(c) => {
                write!(out.text(), "\\u{:04x}", c as u32).expect("a String takes every write");
            }
            other => out.push_char(other),
        }
    }
    out.push_char('"');
}

/// The first character that Unicode set aside.
fn set_aside(text: &str) -> Option<char> {
    let aside = |c: &char| *c as u32 & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(c);
    text.chars().find(aside)
}

fn unicode(out: &mut Lines, text: &str, origin: Origin) {
    if let Some(c) = set_aside(text) {
        out.refuse(origin, format!("a unit cannot hold U+{:04X}", c as u32));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::hostile;

    fn one(key: &'static str, value: Value<'_>) -> Written {
        let entries = vec![Entry::new(key, value).at(Origin(3))];
        let sections = vec![Section { name: "Service", entries, origin: Origin(2) }];
        write(&Unit { header: "".into(), sections })
    }

    fn line(key: &'static str, value: Value<'_>) -> String {
        one(key, value).unwrap().text.lines().nth(1).unwrap().to_string()
    }

    #[test]
    fn the_shape() {
        let words = ["/bin/date", "+%F", "$HOME", "a b", ";", "q\"\\", "x\ny"];
        let words = words.iter().map(|&w| w.into()).collect();
        assert_eq!(
            line("ExecStart", Value::Command { prefix: "-", words }),
            r#"ExecStart=-/bin/date "+%%F" "$$HOME" "a b" ";" "q\"\\" "x\ny""#
        );
        let variable = Value::Variable { name: "A".into(), value: "b $c 5%".into() };
        assert_eq!(line("Environment", variable), r#"Environment="A=b $c 5%%""#);
        assert_eq!(
            line("Description", Value::Text("50% of \"x\"".into())),
            "Description=50%% of \"x\""
        );
        let units = Value::Units(vec!["a.service".into(), "media-my\\x20disk.mount".into()]);
        assert_eq!(line("After", units), "After=a.service media-my\\x20disk.mount");
        assert_eq!(line("CPUQuota", Value::Percent(150)), "CPUQuota=150%");
        assert_eq!(line("", Value::Line("Nice=10".into())), "Nice=10");
        let hidden = Value::Words(vec!["/a\u{200b}".into()]);
        assert_eq!(line("RequiresMountsFor", hidden), "RequiresMountsFor=\"/a\u{200b}\"");
        let paths = Value::Words(vec!["/mnt/a".into(), "/mnt/my disk".into()]);
        assert_eq!(line("RequiresMountsFor", paths), "RequiresMountsFor=/mnt/a \"/mnt/my disk\"");
    }

    #[test]
    fn names_of_mount_units() {
        for (path, name) in [
            ("/", "-.mount"),
            ("/media/crtr/my disk-1", "media-crtr-my\\x20disk\\x2d1.mount"),
            ("//a///b/", "a-b.mount"),
            ("/.a/.b", "\\x2ea-.b.mount"),
            ("/é", "\\xc3\\xa9.mount"),
        ] {
            assert_eq!(unit_name(path, "mount").unwrap(), name);
        }
        for path in ["", "a", "/a/../b", "/.", "/a\0", &format!("/{}", "a".repeat(255))] {
            assert!(unit_name(path, "mount").is_err(), "{path}");
        }
    }

    #[test]
    fn hostile_texts_stay_on_their_line() {
        for text in hostile::strings() {
            let command = Value::Command {
                prefix: "",
                words: vec!["/bin/true".into(), text.as_str().into()],
            };
            for value in [
                command,
                Value::Text(text.as_str().into()),
                Value::Words(vec![text.as_str().into()]),
            ] {
                match one("X", value) {
                    Ok(done) => assert_eq!(done.text.lines().count(), 2, "{text:?}"),
                    Err(why) => assert!(why.iter().all(|u| u.origin == Origin(3))),
                }
            }
        }
    }

    #[test]
    fn a_text_that_a_unit_can_hold_is_refused_nowhere() {
        let ends = ["\u{fffe}", "a\\", " a", "a\u{85}", "é", "%h $HOME \"x\" 'y' # ;", "a b"];
        let texts = hostile::strings().into_iter().chain(ends.map(String::from));
        let held: Vec<String> = texts.filter(|text| can_hold(text)).collect();
        assert!(held.len() > 20, "{held:?}");
        for text in &held {
            let text = || Cow::from(text.as_str());
            for value in [
                Value::Text(text()),
                Value::Words(vec![text().into(), text().into()]),
                Value::Command { prefix: "", words: vec!["/bin/x".into(), text().into()] },
                Value::Variable { name: "X".into(), value: text() },
            ] {
                assert!(one("Key", value).is_ok(), "{:?}", text());
            }
        }
    }

    #[test]
    fn what_a_unit_cannot_hold_is_refused() {
        for text in [" a", "a ", "a\\", "a\nb", "\u{ffff}", "a\0"] {
            assert!(one("Description", Value::Text(text.into())).is_err(), "{text:?}");
        }
        for path in ["/a\nb", "/a\u{7}", "/a\0"] {
            let paths = Value::Words(vec![path.into()]);
            assert!(one("RequiresMountsFor", paths).is_err(), "{path:?}");
        }
        for line in ["", "Nice", "=10", "[Service]", "A b=c", "A=b\\", "A=b\nB=c"] {
            assert!(one("", Value::Line(line.into())).is_err(), "{line:?}");
        }
        for program in ["/a".repeat(2047), "/a".repeat(2048)] {
            let fits = program.len() < 4096;
            let words = vec![program.into()];
            assert_eq!(one("ExecStart", Value::Command { prefix: "", words }).is_ok(), fits);
        }
        let words = vec!["/bin/x".into(), Term::from("a\0").at(Origin(9)), "b".into()];
        let why = one("ExecStart", Value::Command { prefix: "", words }).unwrap_err();
        assert_eq!(why[0].origin, Origin(9), "a word's own value is the one to edit");
        for program in ["", "date", "-/bin/x", "/bin/a b", "/bin/$x", "/bin/%n", "/bin/"] {
            let words = vec![program.into()];
            assert!(one("ExecStart", Value::Command { prefix: "", words }).is_err(), "{program}");
        }
        for name in ["", "1a", "a b", "a=b"] {
            let value = Value::Variable { name: name.into(), value: "".into() };
            assert!(one("Environment", value).is_err(), "{name}");
        }
    }
}
