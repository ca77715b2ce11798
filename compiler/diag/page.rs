//! The page of a code, read from its Markdown: for the terminal, for lists, for programs. Nothing
//! here knows where the text is printed.

use super::codes::{CODES, Code};
use super::human::Look;
use super::ink::{BOLD, FAINT, Ink, PLAIN};
use super::text::wrap;
use serde_json::{Value, json};

/// The JSON Schema of what `render_json` and `list_json` answer.
pub const SCHEMA: &str = include_str!("page-schema.json");

/// The parts of a page. A part that is not written is empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Page<'a> {
    /// What stands after `# CODE: `.
    pub title: &'a str,
    pub what: &'a str,
    pub why: &'a str,
    /// The text of the fenced block that yields the code.
    pub wrong: &'a str,
    /// The text of the fenced block that yields nothing.
    pub right: &'a str,
}

impl Page<'_> {
    pub fn of(code: &Code) -> Page<'static> {
        Page::read(code.page, code.id)
    }
}

impl<'a> Page<'a> {
    fn read(text: &'a str, id: &str) -> Page<'a> {
        let first = text.lines().next().unwrap_or("");
        let title = first.strip_prefix("# ").and_then(|rest| rest.strip_prefix(id));
        let title = title.and_then(|rest| rest.strip_prefix(": ")).unwrap_or("");
        Page {
            title,
            what: section(text, "What"),
            why: section(text, "Why"),
            wrong: block(section(text, "Wrong")),
            right: block(section(text, "Right")),
        }
    }
}

/// The files of an example: one, called `cluster.colab`, or several under lines `== NAME`.
pub fn files(example: &str) -> Vec<(&str, String)> {
    let mut files: Vec<(&str, String)> = Vec::new();
    for line in example.lines() {
        match line.strip_prefix("== ") {
            Some(name) => files.push((name.trim(), String::new())),
            None => {
                if files.is_empty() {
                    files.push(("cluster.colab", String::new()));
                }
                let (_, text) = files.last_mut().expect("one was just pushed");
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    files
}

/// The page for a terminal.
pub fn render(code: &Code, look: &Look) -> String {
    let page = Page::of(code);
    let mut ink = Ink::new(look.colour);
    ink.line(BOLD, &format!("{}: {}", code.id, code.title));
    let kind = code.severity().word();
    let allowed = if code.can_be_allowed() { ", can be allowed with a reason" } else { "" };
    ink.line(FAINT, &format!("{kind}{allowed}"));
    for (title, text) in [("What", page.what), ("Why", page.why)] {
        if !text.is_empty() {
            ink.line(PLAIN, "");
            ink.line(BOLD, title);
            for (at, paragraph) in text.split("\n\n").enumerate() {
                if at > 0 {
                    ink.line(PLAIN, "");
                }
                let lines = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
                ink.line(PLAIN, &wrap(&lines, look.width.clamp(40, 100)));
            }
        }
    }
    for (title, text) in [("Wrong", page.wrong), ("Right", page.right)] {
        if !text.is_empty() {
            ink.line(PLAIN, "");
            ink.line(BOLD, title);
            for line in text.lines() {
                let line = if line.is_empty() { String::new() } else { format!("    {line}") };
                ink.line(PLAIN, &line);
            }
        }
    }
    ink.out
}

/// All codes, one a line.
pub fn list(look: &Look) -> String {
    let mut ink = Ink::new(look.colour);
    for code in CODES {
        ink.paint(BOLD, code.id);
        ink.line(PLAIN, &format!("  {}", code.title));
    }
    ink.out
}

/// One page as JSON, with its Markdown.
pub fn render_json(code: &Code) -> String {
    pretty(json!({ "format": 1, "codes": [entry(code)] }))
}

/// All pages as JSON.
pub fn list_json() -> String {
    pretty(
        json!({ "format": 1, "codes": CODES.iter().map(|code| entry(code)).collect::<Vec<_>>() }),
    )
}

fn entry(code: &Code) -> Value {
    let page = Page::of(code);
    json!({
        "code": code.id,
        "title": code.title,
        "severity": if code.id.starts_with('L') { "lint" } else { "error" },
        "waivable": code.can_be_allowed(),
        "what": page.what,
        "why": page.why,
        "wrong": page.wrong,
        "right": page.right,
        "markdown": code.page,
    })
}

fn pretty(value: Value) -> String {
    let mut text = serde_json::to_string_pretty(&value).expect("every key is a string");
    text.push('\n');
    text
}

/// What stands under `## title`, without blank lines around it. Headings in fences don't count.
fn section<'a>(text: &'a str, title: &str) -> &'a str {
    let (mut start, mut at, mut fenced) = (None, 0, false);
    for line in text.split_inclusive('\n') {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced && let Some(heading) = line.strip_prefix("## ") {
            if let Some(start) = start {
                return text[start..at].trim();
            }
            if heading.trim() == title {
                start = Some(at + line.len());
            }
        }
        at += line.len();
    }
    start.map_or("", |start| text[start..].trim())
}

/// The text of the first fenced block of `.colab`.
fn block(section: &str) -> &str {
    let Some((_, rest)) = section.split_once("```colab\n") else { return "" };
    rest.find("\n```").map_or("", |end| &rest[..end + 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# E0101: a title\n\n## What\n\nOne `thing`.\n\nTwo.\n\n## Why\nBecause.\n\n\
        ## Wrong\n\n```colab\nlet a = ;\n## no heading\n```\n\n## Right\n\n```colab\n== a.colab\n\
        let a = 1\n== b.colab\n```\n";

    #[test]
    fn reads_the_parts() {
        let page = Page::read(PAGE, "E0101");
        assert_eq!(page.title, "a title");
        assert_eq!(page.what, "One `thing`.\n\nTwo.");
        assert_eq!(page.why, "Because.");
        assert_eq!(page.wrong, "let a = ;\n## no heading\n");
        assert_eq!(files(page.wrong), [("cluster.colab", page.wrong.to_owned())]);
        let expected = [("a.colab", "let a = 1\n".to_owned()), ("b.colab", String::new())];
        assert_eq!(files(page.right), expected);
    }

    #[test]
    fn what_is_missing_is_empty() {
        assert_eq!(Page::read("", "E0101"), Page::default());
        assert_eq!(Page::read("# E0102: x\n## Wrong\n```colab\nopen", "E0101"), Page::default());
    }

    #[test]
    fn a_page_for_the_terminal() {
        let code = Code { id: "L0101", title: "a title", waivable: false, page: PAGE };
        let expected = "L0101: a title\nwarning, can be allowed with a reason\n\nWhat\nOne `thing`.\n\n\
            Two.\n\nWhy\nBecause.\n\nWrong\n    let a = ;\n    ## no heading\n\nRight\n    == a.colab\n    \
            let a = 1\n    == b.colab\n";
        assert_eq!(render(&code, &Look::default()), expected);
    }

    #[test]
    fn every_code_is_in_the_lists() {
        let value: Value = serde_json::from_str(&list_json()).expect("JSON");
        assert_eq!(value["codes"].as_array().expect("a list").len(), CODES.len());
        assert_eq!(list(&Look::default()).lines().count(), CODES.len());
    }
}
