//! Why a path stays out of a tree, and how that is told. What is looked at is in the file above.

use super::paths::unseen;
use super::{LONGEST_NAME, LONGEST_PATH, MANIFEST};
use std::fmt;

/// A path that stays out, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    pub path: String,
    pub why: Why,
}

/// What is wrong with a path of the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Why {
    Empty,
    Absolute,
    /// A `.` or `..` in it.
    Climbs,
    EmptyName,
    /// `\`, `:` and the like, that some system takes for more than a letter.
    Special(char),
    /// A control character.
    Control(char),
    /// A letter that cannot be seen, or that a file system composes with the one before it.
    Unseen(char),
    /// A device of Windows, `CON`, or `.git`.
    Reserved(String),
    /// A dot or space at the end, which Windows drops.
    TrimmedEnd,
    NameTooLong,
    PathTooLong,
    /// The manifest's own place.
    Manifest,
    /// Two files of one path.
    Taken,
    /// Differs from the other path in the case of letters only.
    Twin(String),
    /// The other path needs a folder here, or a file where this one needs a folder.
    FileAndFolder(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.why {
            Why::Empty => write!(f, "expected a path below `out/`, found nothing"),
            Why::Absolute => {
                write!(f, "expected a path below `out/`, found `{}`, an absolute one", shown(path))
            }
            Why::Climbs => write!(f, "`{}` has a `.` or `..` in it", shown(path)),
            Why::EmptyName => write!(f, "`{}` has an empty name in it", shown(path)),
            Why::Special(letter) => write!(f, "`{}` has a `{letter}` in it", shown(path)),
            Why::Control(letter) => {
                write!(
                    f,
                    "`{}` has a control character in it, U+{:04X}",
                    shown(path),
                    *letter as u32
                )
            }
            Why::Unseen(letter) => write!(
                f,
                "`{}` has a letter in it that cannot be told apart, U+{:04X}",
                shown(path),
                *letter as u32
            ),
            Why::Reserved(name) => {
                write!(f, "`{}` has the reserved name `{name}` in it", shown(path))
            }
            Why::TrimmedEnd => {
                write!(f, "`{}` has a name that ends in a dot or a space", shown(path))
            }
            Why::NameTooLong => {
                write!(f, "`{}` has a name of more than {LONGEST_NAME} bytes", shown(path))
            }
            Why::PathTooLong => {
                write!(f, "`{}` has more than {LONGEST_PATH} bytes", shown(path))
            }
            Why::Manifest => write!(f, "`{MANIFEST}` is the manifest's own place"),
            Why::Taken => write!(f, "`{path}` is emitted twice"),
            Why::Twin(other) => {
                write!(f, "`{path}` and `{other}` differ in the case of letters only")
            }
            Why::FileAndFolder(other) => {
                write!(f, "`{path}` and `{other}` need one name as a file and as a folder")
            }
        }
    }
}

/// A refused path as a person can read it: short, and nothing in it that a terminal obeys.
fn shown(path: &str) -> String {
    let plain =
        |letter: char| if letter.is_control() || unseen(letter) { '\u{FFFD}' } else { letter };
    let mut text: String = path.chars().take(80).map(plain).collect();
    if path.chars().nth(80).is_some() {
        text.push('…');
    }
    text
}
