//! What an editor says of a text that changed, made in the text: many changes at once cost no more than the lines that
//! they touch.

use super::places::Encoding;
use serde_json::Value;
use std::borrow::Cow;

/// A text after changes, each of which is of the text that the one before left: of a range, or of the whole.
pub fn typed(encoding: Encoding, text: &str, changes: &[Value]) -> String {
    let mut lines = lines_of(text);
    for change in changes {
        let new = change["text"].as_str().unwrap_or("");
        let range = match change.get("range") {
            None | Some(Value::Null) => {
                lines = lines_of(new);
                continue;
            }
            Some(range) => range,
        };
        let (first, from) = place(encoding, &lines, &range["start"]);
        let (last, to) = place(encoding, &lines, &range["end"]).max((first, from));
        let piece = [&lines[first][..from], new, &lines[last][to..]].concat();
        let mut between: Vec<Cow<str>> =
            piece.split_inclusive('\n').map(|line| line.to_owned().into()).collect();
        if last + 1 == lines.len() && (piece.is_empty() || piece.ends_with('\n')) {
            between.push("".into());
        }
        lines.splice(first..=last, between);
    }
    lines.concat()
}

/// The lines of a text, each with its end; the last has none.
fn lines_of(text: &str) -> Vec<Cow<'_, str>> {
    let last = (text.is_empty() || text.ends_with('\n')).then_some("");
    text.split_inclusive('\n').chain(last).map(Cow::from).collect()
}

/// The line of a position, and the byte in it; beyond the last line, the end.
fn place(encoding: Encoding, lines: &[Cow<str>], position: &Value) -> (usize, usize) {
    let number = |key: &str| position[key].as_u64().unwrap_or(0) as usize;
    match lines.get(number("line")) {
        Some(line) => (number("line"), encoding.byte(line, number("character"))),
        None => (lines.len() - 1, lines[lines.len() - 1].len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The same one by one, in the whole text.
    fn slowly(encoding: Encoding, text: &str, changes: &[Value]) -> String {
        let mut text = text.to_owned();
        for change in changes {
            let at = |key: &str| encoding.offset(&text, &change["range"][key]);
            let (start, end) = (at("start"), at("end").max(at("start")));
            text.replace_range(start..end, change["text"].as_str().expect("each has a text"));
        }
        text
    }

    #[test]
    fn changes_are_made_one_after_another() {
        let texts = ["", "\n", "a", "ä𝄞b\nc\r\n\r\nd𝄞", "a\r\nb\n", "\n\nx"];
        let news = ["", "𝄞", "\n", "x\ny", "\r\n", "a\n\nb\n"];
        let mut state = 7_usize;
        let mut below = |limit: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        };
        for round in 0..3000 {
            let encoding = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32][round % 3];
            let text = texts[below(texts.len())];
            let changes: Vec<Value> = (0..1 + below(4))
                .map(|_| {
                    let mut at = || json!({ "line": below(5), "character": below(5) });
                    let range = json!({ "start": at(), "end": at() });
                    json!({ "range": range, "text": news[below(news.len())] })
                })
                .collect();
            assert_eq!(
                typed(encoding, text, &changes),
                slowly(encoding, text, &changes),
                "{text:?} {changes:?}"
            );
        }
    }

    #[test]
    fn a_whole_text_takes_the_place_of_the_old() {
        let start = json!({ "line": 0, "character": 0 });
        let changes = [
            json!({ "text": "b\n" }),
            json!({ "range": { "start": start, "end": start }, "text": "a" }),
        ];
        assert_eq!(typed(Encoding::Utf16, "x\ny", &changes), "ab\n");
    }

    /// As an editor says that a word was replaced wherever it stood: one by one in the whole text, this takes minutes.
    #[test]
    fn thousands_of_changes_at_once_are_no_matter() {
        let text = "let value = 1\n".repeat(40_000);
        let change = |line: usize| {
            let at = |character: u8| json!({ "line": line, "character": character });
            json!({ "range": { "start": at(4), "end": at(9) }, "text": "other" })
        };
        let changes: Vec<Value> = (0..40_000).rev().map(change).collect();
        assert_eq!(typed(Encoding::Utf16, &text, &changes), "let other = 1\n".repeat(40_000));
    }
}
