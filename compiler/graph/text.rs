//! How wide a text is at most, whatever sans-serif font the reader's system has: measured by the
//! widest of the usual ones. Lengths are in tenths of a pixel.

use crate::diag::text::push_visible;

/// A size of text and whether it is bold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Face {
    pub size: i32,
    pub bold: bool,
}

/// The width of a text, in tenths of a pixel.
pub fn width(text: &str, face: Face) -> i32 {
    text.chars().map(|c| advance(c, face.bold)).sum::<i32>() * face.size / 100
}

/// In thousandths of the size.
fn advance(c: char, bold: bool) -> i32 {
    let (regular, heavy) = match c {
        'i' | 'j' | 'l' | '\'' | '|' => (340, 390),
        ' ' | '.' | ',' | ':' | ';' | 'I' | '!' | '·' => (360, 420),
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | '\\' => (430, 500),
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' => (1010, 1110),
        '0'..='9' => (640, 700),
        'a'..='z' => (640, 720),
        'A'..='Z' => (800, 850),
        '+' | '<' | '>' | '=' | '~' | '→' | '←' => (850, 850),
        ' '..='~' => (640, 720),
        '\u{a0}'..='\u{24f}' => (800, 880),
        '\u{370}'..='\u{5ff}' => (960, 1080),
        _ => (1300, 1350),
    };
    if bold { heavy } else { regular }
}

/// The text as it fits into a width, with a mark where its end is left out.
pub fn fit(text: &str, face: Face, room: i32) -> String {
    if width(text, face) <= room {
        return text.to_string();
    }
    let mut left = room - width("…", face);
    if left < 0 {
        return String::new();
    }
    let mut out = String::new();
    for c in text.chars() {
        left -= advance(c, face.bold) * face.size / 100 + 1;
        if left < 0 {
            break;
        }
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// The text with all that a screen would act on, or that a picture cannot hold, spelled out.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c => push_visible(&mut out, c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Face = Face { size: 11, bold: false };

    #[test]
    fn a_text_that_fits_is_left_alone() {
        let text = "gitea-runner.example.org";
        let exact = width(text, SMALL);
        assert_eq!(fit(text, SMALL, exact), text);
        for room in 80..exact {
            let cut = fit(text, SMALL, room);
            let marked = cut.ends_with('…') || room < width("…", SMALL);
            assert!(marked && width(&cut, SMALL) <= room, "{cut} in {room}");
        }
    }

    #[test]
    fn bold_is_wider() {
        for c in "aZ0.-mé汉".chars() {
            assert!(advance(c, true) >= advance(c, false), "{c}");
        }
    }

    #[test]
    fn what_acts_is_spelled_out() {
        assert_eq!(plain("a\u{202e}b\nc\u{1b}[0m\u{ffff}"), "a\\u{202e}b\\nc\\u{1b}[0m\\u{ffff}");
    }
}
