//! The escapes that JSON and YAML's double quotes share, so that one scan serves both.

use std::fmt::Write;

/// What a byte asks for: nothing, an escape, or a look at the whole character.
const fn class(byte: u8) -> u8 {
    match byte {
        b'"' | b'\\' | 0x7f => 1,
        0..=0x1f => 1,
        // The lead bytes of U+0080..A0 and AD, U+061C, U+2000..2FFF, U+F000..FFFF.
        0xc2 | 0xd8 | 0xe2 | 0xef => 2,
        _ => 0,
    }
}

const CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 256 {
        table[at] = class(at as u8);
        at += 1;
    }
    table
};

/// Writes `text` in double quotes so that every JSON and every YAML reader gives it back. What
/// would move or hide text on a screen is escaped too: what a reviewer sees is what is said.
pub(super) fn quoted(out: &mut String, text: &str) {
    out.reserve(text.len() + 2);
    out.push('"');
    let bytes = text.as_bytes();
    let mut clean = 0;
    let mut at = 0;
    while at < bytes.len() {
        match CLASSES[bytes[at] as usize] {
            0 => at += 1,
            1 => {
                out.push_str(&text[clean..at]);
                ascii(out, bytes[at]);
                at += 1;
                clean = at;
            }
            _ => {
                let c = text[at..].chars().next().expect("a lead byte begins a character");
                if super::lines::hidden(c) || c == '\u{a0}' {
                    out.push_str(&text[clean..at]);
                    unicode(out, c as u32);
                    clean = at + c.len_utf8();
                }
                at += c.len_utf8();
            }
        }
    }
    out.push_str(&text[clean..]);
    out.push('"');
}

fn ascii(out: &mut String, byte: u8) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        other => unicode(out, other.into()),
    }
}

fn unicode(out: &mut String, code: u32) {
    write!(out, "\\u{code:04x}").expect("a String takes every write");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_spelled_out() {
        let mut out = String::new();
        quoted(&mut out, "a\u{7f}\u{85}\u{a0}\u{2028}\u{202e}\u{feff}\u{ffff}é€𝄞\"\\\n");
        assert_eq!(out, r#""a\u007f\u0085\u00a0\u2028\u202e\ufeff\uffffé€𝄞\"\\\n""#);
    }

    #[test]
    fn the_table_misses_no_character() {
        let mut out = String::new();
        for c in ('\0'..=char::MAX).filter(|&c| super::super::lines::hidden(c)) {
            out.clear();
            quoted(&mut out, c.encode_utf8(&mut [0; 4]));
            assert!(out.starts_with("\"\\"), "U+{:04X} stands raw", c as u32);
        }
    }
}
