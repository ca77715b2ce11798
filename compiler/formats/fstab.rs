//! Lines of `/etc/fstab`: six fields, blanks and backslashes as octal escapes.
//!
//! Cannot be said: a comma or quote in an option (nothing escapes it), an empty field, a source that
//! begins with `#`, control characters other than tab and newline.

use super::Written;
use super::lines::{Lines, control};
use crate::origin::Origin;
use std::borrow::Cow;

pub enum Line<'a> {
    Comment(Cow<'a, str>),
    Blank,
    Mount(Mount<'a>),
}

pub struct Mount<'a> {
    /// A device, `UUID=...`, or `//host/share`.
    pub source: Cow<'a, str>,
    pub target: Cow<'a, str>,
    pub kind: Cow<'a, str>,
    /// `name` or `name=value`; none at all is written `defaults`.
    pub options: Vec<Cow<'a, str>>,
    /// The order of checks at boot; 0 for none.
    pub pass: u8,
    pub origin: Origin,
}

pub fn write(lines: &[Line<'_>]) -> Written {
    let mut out = Lines::new();
    for line in lines {
        match line {
            Line::Comment(text) => out.comment("#", text, Origin::NONE),
            Line::Blank => out.blank(),
            Line::Mount(mount) => self::mount(&mut out, mount),
        }
    }
    out.finish()
}

fn mount(out: &mut Lines, mount: &Mount<'_>) {
    let origin = mount.origin;
    if mount.source.starts_with('#') {
        out.refuse(
            origin,
            "the source of a mount cannot begin with `#`: the line would be a comment",
        );
    }
    field(out, &mount.source, origin);
    out.push_char(' ');
    field(out, &mount.target, origin);
    out.push_char(' ');
    field(out, &mount.kind, origin);
    out.push_char(' ');
    for (at, option) in mount.options.iter().enumerate() {
        if at > 0 {
            out.push_char(',');
        }
        match unsayable(option) {
            Some(why) => out.refuse(origin, why),
            None => field(out, option, origin),
        }
    }
    if mount.options.is_empty() {
        out.push("defaults");
    }
    out.push(" 0 ");
    out.push(&mount.pass.to_string());
    out.end(origin);
}

/// Why a line cannot hold the option.
pub fn unsayable(option: &str) -> Option<String> {
    if option.contains([',', '"']) {
        return Some(format!("an option of fstab cannot hold a comma or a quote: {option:?}"));
    }
    misfit(option)
}

/// Why a line cannot hold the field.
fn misfit(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("a field of fstab cannot be empty".into());
    }
    Some(format!("a field of fstab cannot hold {}", control(text, "\t\n")?))
}

fn field(out: &mut Lines, text: &str, origin: Origin) {
    if let Some(why) = misfit(text) {
        return out.refuse(origin, why);
    }
    for c in text.chars() {
        match c {
            ' ' => out.push("\\040"),
            '\t' => out.push("\\011"),
            '\n' => out.push("\\012"),
            '\\' => out.push("\\134"),
            other => out.push_char(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample<'a>(source: &'a str, target: &'a str, options: &[&'a str]) -> Line<'a> {
        Line::Mount(Mount {
            source: source.into(),
            target: target.into(),
            kind: "cifs".into(),
            options: options.iter().map(|&o| o.into()).collect(),
            pass: 0,
            origin: Origin(6),
        })
    }

    #[test]
    fn the_shape() {
        let done = write(&[
            Line::Comment("shares".into()),
            sample("//100.64.0.1/fortress", "/mnt/my disk\\x", &["uid=1000", "_netdev"]),
            sample("UUID=1", "/", &[]),
        ])
        .unwrap();
        assert_eq!(
            done.text,
            "# shares\n//100.64.0.1/fortress /mnt/my\\040disk\\134x cifs uid=1000,_netdev 0 0\n\
             UUID=1 / cifs defaults 0 0\n"
        );
        assert_eq!(done.lines, [Origin(0), Origin(6), Origin(6)]);
    }

    #[test]
    fn what_a_line_cannot_hold_is_refused() {
        for (source, target, option) in [
            ("#a", "/b", "c"),
            ("", "/b", "c"),
            ("a", "", "c"),
            ("a", "/b", ""),
            ("a", "/b", "c,d"),
            ("a", "/b", "c=\"d\""),
            ("a", "/b\0", "c"),
            ("a", "/b\r", "c"),
        ] {
            let why = write(&[sample(source, target, &[option])]).unwrap_err();
            assert_eq!(why[0].origin, Origin(6), "{source:?} {target:?} {option:?}");
        }
    }
}
