//! Which paths every machine can hold, and how two are told to be one. Who has which path is said in the file above.

use super::{LONGEST_NAME, LONGEST_PATH, MANIFEST, Why};
use std::borrow::Cow;

/// Whether every machine can hold `path` below a folder, and as no other path than this.
pub fn check_path(path: &str) -> Result<(), Why> {
    if path.is_empty() {
        return Err(Why::Empty);
    }
    if path.starts_with(['/', '\\']) || drive(path) {
        return Err(Why::Absolute);
    }
    if path.len() > LONGEST_PATH {
        return Err(Why::PathTooLong);
    }
    path.split('/').try_for_each(check_name)
}

/// Whether a path is its own folded spelling and certainly fine: nothing in it but small letters, digits and the few
/// signs that mean nothing, and no name that begins as one does which somebody keeps for himself.
pub(super) fn plain(path: &str) -> bool {
    let bytes = path.as_bytes();
    let mut name = 0;
    for (at, &b) in bytes.iter().enumerate() {
        if b == b'/' {
            if !plain_name(&bytes[name..at]) {
                return false;
            }
            name = at + 1;
        } else if !USUAL[usize::from(b)] {
            return false;
        }
    }
    plain_name(&bytes[name..]) && bytes.len() <= LONGEST_PATH && !path.starts_with(MANIFEST)
}

const USUAL: [bool; 256] = {
    let mut usual = [false; 256];
    let mut b = 0;
    while b < 128 {
        usual[b] = matches!(b as u8, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        b += 1;
    }
    usual
};

fn plain_name(name: &[u8]) -> bool {
    match name {
        [] | [b'.', ..] | [.., b'.'] => false,
        // `con`, `con.x`, `com1`; not `compose`.
        [
            b'c' | b'p' | b'a' | b'n' | b'l',
            b'o' | b'r' | b'u' | b'p',
            b'n' | b'x' | b'l' | b'm' | b't',
            rest @ ..,
        ] => rest.first().is_some_and(u8::is_ascii_lowercase) && name.len() <= LONGEST_NAME,
        _ => name.len() <= LONGEST_NAME,
    }
}

fn drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}

fn check_name(name: &str) -> Result<(), Why> {
    match name {
        "" => return Err(Why::EmptyName),
        "." | ".." => return Err(Why::Climbs),
        _ => {}
    }
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let unusual = if name.bytes().all(usual) { "" } else { name };
    for letter in unusual.chars() {
        match letter {
            '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*' => return Err(Why::Special(letter)),
            letter if letter.is_control() => return Err(Why::Control(letter)),
            letter if unseen(letter) => return Err(Why::Unseen(letter)),
            _ => {}
        }
    }
    if name.len() > LONGEST_NAME {
        return Err(Why::NameTooLong);
    }
    if name.ends_with(['.', ' ']) {
        return Err(Why::TrimmedEnd);
    }
    if reserved(name) {
        return Err(Why::Reserved(name.to_owned()));
    }
    Ok(())
}

/// Letters by which two names could look, or be stored, as one: marks that file systems compose
/// with the letter before (so every letter left is in its composed form), and those nobody sees.
pub(super) fn unseen(letter: char) -> bool {
    matches!(letter,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{FEFF}' | '\u{FFFD}'
        | '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}'
        | '\u{1100}'..='\u{11FF}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{E000}'..='\u{F8FF}' | '\u{E0000}'..='\u{E0FFF}'
        | '\u{F0000}'..='\u{10FFFF}')
}

/// Names that Windows keeps for devices, with any extension, and git's own folder.
fn reserved(name: &str) -> bool {
    // Nearly every name ends here: each of every path is asked.
    let first = name.as_bytes().first().map_or(0, u8::to_ascii_lowercase);
    if !matches!(first, b'a' | b'c' | b'g' | b'l' | b'n' | b'p' | b'.') {
        return false;
    }
    let stem = name.split('.').next().unwrap_or("").trim_end();
    let is = |word: &&str| stem.eq_ignore_ascii_case(word);
    let numbered = |word: &&str| {
        let number = stem.get(word.len()..).filter(|_| stem.len() <= "com³".len());
        let numbers = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"];
        number.is_some_and(|number| {
            stem[..word.len()].eq_ignore_ascii_case(word) && numbers.contains(&number)
        })
    };
    ["con", "prn", "aux", "nul", "conin$", "conout$"].iter().any(is)
        || ["com", "lpt"].iter().any(numbered)
        || name.eq_ignore_ascii_case(".git")
        || name.eq_ignore_ascii_case("git~1")
}

/// One spelling for all that a file system blind to case takes for one name.
pub(super) fn fold(path: &str) -> Cow<'_, str> {
    if !path.is_ascii() {
        return path.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect();
    }
    match path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => path.to_ascii_lowercase().into(),
        false => path.into(),
    }
}
