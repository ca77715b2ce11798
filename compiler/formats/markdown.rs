//! Markdown (CommonMark with GitHub's tables), in the shape that the usual linter asks for.
//!
//! Cannot be said: NUL; control characters in code; a newline in a code span; a link that would run
//! something.

use super::Written;
use super::lines::{Lines, control, hidden};
use super::links;
use crate::origin::Origin;
use std::borrow::Cow;
use std::fmt::Write;

pub struct Block<'a> {
    pub what: What<'a>,
    pub origin: Origin,
}

pub enum What<'a> {
    /// Of level 1 to 6.
    Heading(u8, Vec<Inline<'a>>),
    Paragraph(Vec<Inline<'a>>),
    List(Vec<Item<'a>>),
    Steps(Vec<Item<'a>>),
    Table {
        head: Vec<Vec<Inline<'a>>>,
        rows: Vec<Row<'a>>,
    },
    Code {
        language: &'static str,
        text: Cow<'a, str>,
    },
}

pub struct Item<'a> {
    pub text: Vec<Inline<'a>>,
    pub children: Vec<Item<'a>>,
    pub origin: Origin,
}

pub struct Row<'a> {
    pub cells: Vec<Vec<Inline<'a>>>,
    pub origin: Origin,
}

pub enum Inline<'a> {
    Text(Cow<'a, str>),
    Strong(Cow<'a, str>),
    Code(Cow<'a, str>),
    Link { text: Cow<'a, str>, url: Cow<'a, str> },
    Image { text: Cow<'a, str>, url: Cow<'a, str> },
}

impl<'a> From<&'a str> for Inline<'a> {
    fn from(text: &'a str) -> Self {
        Inline::Text(text.into())
    }
}

pub fn write(blocks: &[Block<'_>]) -> Written {
    let mut out = Lines::new();
    for block in blocks {
        if !out.is_empty() {
            out.blank();
        }
        let origin = block.origin;
        match &block.what {
            What::Heading(level, text) => {
                for _ in 0..(*level).clamp(1, 6) {
                    out.push_char('#');
                }
                out.push_char(' ');
                line(&mut out, text, false, origin);
                out.end(origin);
            }
            What::Paragraph(text) => {
                line(&mut out, text, false, origin);
                out.end(origin);
            }
            What::List(items) => list(&mut out, items, "-", 0, origin),
            What::Steps(items) => list(&mut out, items, "1.", 0, origin),
            What::Table { head, rows } => table(&mut out, head, rows, origin),
            What::Code { language, text } => fence(&mut out, language, text, origin),
        }
    }
    out.finish()
}

fn list(out: &mut Lines, items: &[Item<'_>], mark: &str, indent: usize, parent: Origin) {
    for item in items {
        let origin = item.origin.or(parent);
        out.pad(indent);
        out.push(mark);
        out.push_char(' ');
        line(out, &item.text, false, origin);
        out.end(origin);
        list(out, &item.children, mark, indent + mark.len() + 1, origin);
    }
}

fn table(out: &mut Lines, head: &[Vec<Inline<'_>>], rows: &[Row<'_>], origin: Origin) {
    row(out, head, head.len(), origin);
    out.push_char('|');
    for _ in head {
        out.push(" --- |");
    }
    out.end(origin);
    for one in rows {
        row(out, &one.cells, head.len(), one.origin.or(origin));
    }
}

fn row(out: &mut Lines, cells: &[Vec<Inline<'_>>], width: usize, origin: Origin) {
    if cells.len() > width {
        out.refuse(origin, "a row of a table cannot have more cells than its head");
    }
    out.push_char('|');
    for at in 0..width {
        out.push_char(' ');
        let before = out.line().len();
        if let Some(cell) = cells.get(at) {
            line(out, cell, true, origin);
        }
        out.push(if out.line().len() > before { " |" } else { "|" });
    }
    out.end(origin);
}

fn fence(out: &mut Lines, language: &str, text: &str, origin: Origin) {
    if let Some(name) = control(text, "\t\n") {
        out.refuse(origin, format!("a block of code cannot hold {name}"));
    }
    let marks = "`".repeat(longest_run(text).max(2) + 1);
    out.push(&marks);
    out.say(language, origin);
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        out.say(line, origin);
    }
    out.say(&marks, origin);
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn line(out: &mut Lines, text: &[Inline<'_>], cell: bool, origin: Origin) {
    for (at, inline) in text.iter().enumerate() {
        match inline {
            Inline::Text(text) => escaped(out, text, at == 0, origin),
            Inline::Strong(text) => {
                // Asterisks beside anything else would not always be a mark.
                let ends = [text.chars().next(), text.chars().next_back()];
                let mark = ends.iter().all(|c| c.is_some_and(char::is_alphanumeric));
                let mark = if mark { "**" } else { "" };
                out.push(mark);
                escaped(out, text, at == 0 && mark.is_empty(), origin);
                out.push(mark);
            }
            Inline::Code(text) => code(out, text, cell, origin),
            Inline::Link { text, url } => link(out, "[", text, url, origin),
            Inline::Image { text, url } => link(out, "![", text, url, origin),
        }
    }
}

fn link(out: &mut Lines, open: &str, text: &str, url: &str, origin: Origin) {
    if !links::is_harmless(url) {
        out.refuse(origin, format!("a link cannot lead to {url:?}"));
    }
    out.push(open);
    escaped(out, text, false, origin);
    out.push("](<");
    for c in url.chars() {
        if matches!(c, '<' | '>' | '&' | '|' | '`' | '*' | '_') {
            out.push_char('\\');
        }
        out.push_char(c);
    }
    out.push(">)");
}

fn code(out: &mut Lines, text: &str, cell: bool, origin: Origin) {
    if !out.visible(text, "a piece of code", origin) || text.is_empty() {
        return;
    }
    if cell && text.contains('|') {
        // A bar ends the cell even in code, and its escape would show.
        out.push("<code>");
        escaped(out, text, false, origin);
        return out.push("</code>");
    }
    let marks = "`".repeat(longest_run(text) + 1);
    let blank = |c| c == '`' || c == ' ';
    let all_blank = text.bytes().all(|b| b == b' ');
    let pad = !all_blank && (text.starts_with(blank) || text.ends_with(blank));
    let pad = if pad { " " } else { "" };
    for piece in [&*marks, pad, text, pad, &*marks] {
        out.push(piece);
    }
}

/// `first`: the text begins a line.
fn escaped(out: &mut Lines, text: &str, first: bool, origin: Origin) {
    if text.contains('\0') {
        out.refuse(origin, "Markdown cannot hold a NUL");
    }
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut previous = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        let edge = previous.is_none_or(|p| p == ' ') || next.is_none();
        let inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let mark = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' | '$' => true,
            '_' => !(inner(previous) && inner(next)),
            '-' | '+' | '=' => first && at == 0,
            '.' | ')' => first && at == digits && digits > 0,
            _ => false,
        };
        if (c == ' ' && edge) || (c != ' ' && c.is_whitespace()) || hidden(c) {
            write!(out.text(), "&#{};", c as u32).expect("a String takes every write");
        } else {
            if mark {
                out.push_char('\\');
            }
            out.push_char(c);
        }
        previous = Some(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::hostile;
    use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

    fn block(what: What<'_>) -> Block<'_> {
        Block { what, origin: Origin(2) }
    }

    fn events(text: &str) -> Vec<Event<'_>> {
        pulldown_cmark::TextMergeStream::new(Parser::new_ext(text, Options::ENABLE_TABLES))
            .collect()
    }

    #[test]
    fn the_shape() {
        let item = |text, children| Item { text: vec![text], children, origin: Origin::NONE };
        let done = write(&[
            block(What::Heading(1, vec!["The # cluster".into()])),
            block(What::Paragraph(vec![
                "1. *not* a_list_ ".into(),
                Inline::Code("a`b".into()),
                Inline::Link { text: "x]".into(), url: "https://x/(a)".into() },
            ])),
            block(What::List(vec![item("a".into(), vec![item("- b".into(), vec![])])])),
            block(What::Table {
                head: vec![vec!["a".into()], vec!["b".into()]],
                rows: vec![Row { cells: vec![vec!["1|2".into()], vec![]], origin: Origin(7) }],
            }),
            block(What::Code { language: "sh", text: "echo\n```\n".into() }),
        ])
        .unwrap();
        assert_eq!(
            done.text,
            "# The \\# cluster\n\n1\\. \\*not\\* a_list\\_&#32;``a`b``[x\\]](<https://x/(a)>)\n\n- a\n  - \\- b\n\n\
             | a | b |\n| --- | --- |\n| 1\\|2 | |\n\n````sh\necho\n```\n````\n"
        );
        assert_eq!(done.lines.len(), done.text.lines().count());
        assert_eq!(done.lines[9], Origin(7));
    }

    fn words(events: &[Event<'_>]) -> String {
        let mut out = String::new();
        for event in events {
            if let Event::Text(text) | Event::Code(text) = event {
                out.push_str(text);
            }
        }
        out
    }

    #[test]
    fn hostile_texts_come_back() {
        let inline = |text: &str| vec![Inline::Text(text.to_string().into())];
        for text in hostile::strings().iter().filter(|t| !t.contains('\0') && !t.is_empty()) {
            let paragraph = write(&[block(What::Paragraph(inline(text)))]).unwrap().text;
            let read = events(&paragraph);
            assert!(matches!(read[0], Event::Start(Tag::Paragraph)), "{text:?} {read:?}");
            assert_eq!((read.len(), words(&read)), (3, text.clone()), "{paragraph:?}");
            let heading = write(&[block(What::Heading(2, inline(text)))]).unwrap().text;
            let read = events(&heading);
            assert!(matches!(read[0], Event::Start(Tag::Heading { .. })), "{text:?}");
            assert_eq!((read.len(), words(&read)), (3, text.clone()), "{heading:?}");
            let item = Item { text: inline(text), children: vec![], origin: Origin::NONE };
            assert_eq!(
                words(&events(&write(&[block(What::List(vec![item]))]).unwrap().text)),
                *text
            );
            let row = Row { cells: vec![inline(text), inline("z")], origin: Origin::NONE };
            let table = What::Table { head: vec![inline("h"), inline(text)], rows: vec![row] };
            let table = write(&[block(table)]).unwrap().text;
            let read = events(&table);
            assert_eq!(words(&read), format!("h{text}{text}z"), "{table:?}");
            assert_eq!(read.iter().filter(|e| **e == Event::End(TagEnd::TableCell)).count(), 4);
        }
    }

    #[test]
    fn hostile_code_comes_back_or_is_refused() {
        for text in hostile::strings().iter().filter(|t| !t.is_empty()) {
            if let Ok(done) =
                write(&[block(What::Paragraph(vec!["x".into(), Inline::Code(text.into())]))])
            {
                assert_eq!(words(&events(&done.text)), format!("x{text}"), "{:?}", done.text);
            } else {
                assert!(text.contains(char::is_control));
            }
            let Ok(done) = write(&[block(What::Code { language: "text", text: text.into() })])
            else {
                assert!(text.contains(char::is_control));
                continue;
            };
            let read = events(&done.text);
            let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) = &read[0] else {
                panic!()
            };
            assert_eq!(&**info, "text");
            let text = text.strip_suffix('\n').unwrap_or(text);
            assert_eq!(words(&read).strip_suffix('\n').unwrap_or(""), text, "{:?}", done.text);
        }
    }

    #[test]
    fn links_that_run_are_refused() {
        let link = Inline::Link { text: "x".into(), url: "javascript:alert(1)".into() };
        assert!(write(&[block(What::Paragraph(vec![link]))]).is_err());
    }
}
