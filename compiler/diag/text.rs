//! Text of a user's, made safe to show: what a terminal or a log would obey instead of printing
//! becomes a visible escape. Formats that escape by themselves (JSON) don't need it.

use std::borrow::Cow;

/// The text with every character that is not plainly visible spelled out: `\u{1b}`, `\n`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_plain(text) || !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push_visible(&mut shown, character);
    }
    Cow::Owned(shown)
}

/// As many names are worth reading.
pub const FEW: usize = 8;

/// `a, b and 3 more`: a cluster may have a thousand of them.
pub fn few<S: AsRef<str>>(names: &[S], most: usize) -> String {
    let shown = if names.len() > most + 1 { most } else { names.len() };
    let mut text = names[..shown].iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if shown < names.len() {
        text.push_str(&format!(" and {} more", names.len() - shown));
    }
    text
}

/// "`a`, `b` and `c`", in a sentence; of many only the first ones.
pub fn listed(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<String> = names.into_iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() && names.len() <= FEW + 1 => {
            format!("{} and {last}", rest.join(", "))
        }
        _ => few(&names, FEW),
    }
}

/// Whether a text is nothing but letters of ASCII that are seen: nearly every one is.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// Appends one character, spelled out where it would not be seen as itself.
pub fn push_visible(shown: &mut String, character: char) {
    if is_hidden(character) {
        shown.extend(character.escape_default());
    } else {
        shown.push(character);
    }
}

/// Control characters, and those that reorder, join or hide what stands beside them.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// How many columns of a terminal a text takes: signs of East Asia and pictures two, what sits on the one before none.
pub fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(column).sum() }
}

fn column(character: char) -> usize {
    match character {
        '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{303e}'
        | '\u{3041}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}'
        | '\u{1f680}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// The text with blanks behind it, up to a column.
pub fn padded(text: &str, width: usize) -> String {
    format!("{text}{:blanks$}", "", blanks = width.saturating_sub(columns(text)))
}

/// The beginning of a text that fits into so many columns, with `...` where there is more of it.
pub fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(3);
    let fits = |c: &char| {
        let left = room.checked_sub(column(*c));
        room = left.unwrap_or(0);
        left.is_some()
    };
    let head: String = text.chars().take_while(fits).collect();
    format!("{}...", head.trim_end())
}

/// Breaks a text at its spaces so that no line is longer than `width` characters, save where a
/// single word is.
pub fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 8);
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            wrapped.push('\n');
            used = 0;
        } else if !wrapped.is_empty() {
            wrapped.push(' ');
            used += 1;
        }
        wrapped.push_str(word);
        used += length;
    }
    wrapped
}

/// `1 error`, `3 errors`
pub fn counted(number: usize, singular: &str) -> String {
    if number == 1 { format!("1 {singular}") } else { format!("{number} {singular}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_a_terminal_obeys() {
        assert_eq!(
            visible("a\u{1b}[31mb\u{202e}c\r\nd\u{9b}"),
            r"a\u{1b}[31mb\u{202e}c\r\nd\u{9b}"
        );
        assert_eq!(visible("\u{2066}\u{200b}\u{feff}\0"), r"\u{2066}\u{200b}\u{feff}\u{0}");
    }

    #[test]
    fn signs_of_two_columns_count_as_two() {
        assert_eq!(columns("ab"), 2);
        assert_eq!(columns("大きさ e\u{301} 🦀"), 11);
        assert_eq!(padded("大", 4), "大  ");
        assert_eq!(cut("大きさ大きさ", 8), "大き...");
        assert_eq!(cut("größer", 6), "größer");
    }

    #[test]
    fn leaves_visible_text_alone() {
        let text = "größe 大きさ 🦀 — `x`";
        assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn wraps_at_spaces_only() {
        assert_eq!(wrap("one two three", 7), "one two\nthree");
        assert_eq!(wrap("one-very-long-word x", 4), "one-very-long-word\nx");
        assert_eq!(wrap("", 4), "");
    }
}
