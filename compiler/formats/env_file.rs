//! Files of `EnvironmentFile=`, which a POSIX shell can source as well. Docker's `--env-file` reads
//! another language and has no escapes: it gets none of these.
//!
//! Cannot be said: a name that no shell knows, one that stands twice, control characters other than
//! tab and newline, characters that Unicode set aside.

use super::Written;
use super::lines::{Lines, control, identifier};
use crate::origin::Origin;
use rustc_hash::FxHashSet;
use std::borrow::Cow;

pub struct Variable<'a> {
    pub name: Cow<'a, str>,
    pub value: Cow<'a, str>,
    pub origin: Origin,
}

/// Writes the variables under their header's comment lines.
pub fn write(header: &str, variables: &[Variable<'_>]) -> Written {
    let mut out = Lines::new();
    out.comment("#", header, Origin::NONE);
    let mut names = FxHashSet::default();
    for variable in variables {
        let Variable { name, value, origin } = variable;
        if !identifier(name) {
            out.refuse(*origin, format!("a variable cannot be called {name:?}"));
        }
        if !names.insert(name) {
            out.refuse(*origin, format!("the variable `{name}` stands twice"));
        }
        if let Some(control) = control(value, "\t\n") {
            out.refuse(*origin, format!("a variable cannot hold {control}"));
        }
        if value.chars().any(|c| c as u32 & 0xfffe == 0xfffe) {
            out.refuse(*origin, "a variable cannot hold a character that Unicode set aside");
        }
        out.push(name);
        out.push("=\"");
        for c in value.chars() {
            if matches!(c, '"' | '\\' | '`' | '$') {
                out.push_char('\\');
            }
            out.push_char(c);
        }
        out.push("\"");
        out.end_several(*origin);
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one<'a>(name: &'a str, value: &'a str) -> Written {
        write("", &[Variable { name: name.into(), value: value.into(), origin: Origin(2) }])
    }

    #[test]
    fn the_shape() {
        let done = one("A", "a \"$b\" `c` \\\nd").unwrap();
        assert_eq!(done.text, "A=\"a \\\"\\$b\\\" \\`c\\` \\\\\nd\"\n");
        assert_eq!(done.lines, [Origin(2), Origin(2)]);
    }

    #[test]
    fn what_it_cannot_hold_is_refused() {
        for (name, value) in
            [("", "a"), ("a-b", "a"), ("A", "a\0"), ("A", "a\r"), ("A", "\u{ffff}")]
        {
            assert!(one(name, value).is_err(), "{name} {value:?}");
        }
        let twice = || Variable { name: "A".into(), value: "".into(), origin: Origin(2) };
        assert!(write("", &[twice(), twice()]).is_err());
    }
}
