//! What the pages of the handbook are made of: prose, facts, tables, commands, the links between
//! them. What a page says is the business of its own file.

use crate::diag::text::{is_hidden, is_plain, visible};
use crate::formats::html::{Element, Node, Rows, Spelled, element};
use crate::origin::Origin;
use std::borrow::Cow;

pub type Nodes<'a> = Vec<Node<'a>>;

/// A text of a user's, with everything in it that would not be seen as itself spelled out.
pub fn shown<'a>(text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    match text.into() {
        Cow::Borrowed(text) => visible(text),
        Cow::Owned(text) if !is_plain(&text) && text.chars().any(is_hidden) => {
            Cow::Owned(visible(&text).into_owned())
        }
        plain => plain,
    }
}

pub fn say<'a>(text: impl Into<Cow<'a, str>>) -> Node<'a> {
    Node::Text(shown(text))
}

pub fn says<'a>(text: impl Into<Cow<'a, str>>) -> Nodes<'a> {
    vec![say(text)]
}

pub fn code<'a>(text: impl Into<Cow<'a, str>>) -> Node<'a> {
    Node::Leaf("code", shown(text))
}

/// A line that somebody wrote: what stands between two backticks is code.
pub fn written<'a>(text: impl Into<Cow<'a, str>>) -> Nodes<'a> {
    let text = text.into();
    let parts: Vec<&str> = text.split('`').collect();
    let nothing = parts.iter().skip(1).step_by(2).any(|code| code.is_empty());
    if parts.len() < 3 || parts.len().is_multiple_of(2) || nothing {
        return vec![say(text)];
    }
    let node = |(at, part): (usize, &&str)| match at % 2 {
        0 => say(part.to_string()),
        _ => code(part.to_string()),
    };
    parts.iter().enumerate().filter(|(_, part)| !part.is_empty()).map(node).collect()
}

/// What nobody has written down.
pub fn unknown<'a>() -> Node<'a> {
    element("em").attribute("class", "unknown").text("unknown").into()
}

pub fn or_unknown(nodes: Nodes<'_>) -> Nodes<'_> {
    if nodes.is_empty() { vec![unknown()] } else { nodes }
}

pub fn link<'a>(href: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) -> Node<'a> {
    Node::Link { href: href.into(), text: shown(text) }
}

/// A link to a file below `out/`, beside the handbook's own folder.
pub fn file_link<'a>(path: &str, text: impl Into<Cow<'a, str>>) -> Node<'a> {
    let mut href = String::with_capacity("../".len() + path.len());
    href.push_str("../");
    for byte in path.bytes() {
        match byte {
            b if b.is_ascii_alphanumeric() || b"/._-~".contains(&b) => href.push(b.into()),
            b => href.push_str(&format!("%{b:02X}")),
        }
    }
    link(href, text)
}

/// A word that stands out: how far something is, how it fares.
pub fn badge<'a>(class: &'static str, text: impl Into<Cow<'a, str>>) -> Node<'a> {
    element("span").attribute("class", class).text(shown(text)).into()
}

/// Parts with something between them.
pub fn joined<'a>(parts: impl IntoIterator<Item = Nodes<'a>>, between: &'static str) -> Nodes<'a> {
    let mut out = Nodes::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        if !out.is_empty() {
            out.push(Node::Text(between.into()));
        }
        out.extend(part);
    }
    out
}

pub fn commas<'a>(parts: impl IntoIterator<Item = Node<'a>>) -> Nodes<'a> {
    let parts = parts.into_iter();
    let mut out = Nodes::with_capacity(2 * parts.size_hint().0);
    for part in parts {
        if !out.is_empty() {
            out.push(Node::Text(", ".into()));
        }
        out.push(part);
    }
    out
}

pub fn paragraph<'a>(nodes: Nodes<'a>, origin: Origin) -> Node<'a> {
    element("p").children(nodes).at(origin).into()
}

/// A text of several paragraphs, as somebody wrote it.
pub fn prose(text: &str, origin: Origin) -> Nodes<'_> {
    text.split("\n\n")
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let mut lines = Nodes::new();
            for (at, line) in part.lines().enumerate() {
                if at > 0 {
                    lines.push(Node::Text("\n".into()));
                }
                lines.extend(written(line.trim()));
            }
            paragraph(lines, origin)
        })
        .collect()
}

pub fn list<'a>(items: impl IntoIterator<Item = (Nodes<'a>, Origin)>) -> Nodes<'a> {
    let mut spelled = Spelled::new();
    for (nodes, origin) in items {
        spelled.push(&element("li").children(nodes).at(origin));
    }
    match spelled.is_empty() {
        true => Nodes::new(),
        false => vec![element("ul").child(spelled).into()],
    }
}

/// Lines for a shell, to be copied.
pub fn commands<'a>(lines: &[Cow<'a, str>]) -> Node<'a> {
    let mut inner = element("code");
    for (at, line) in lines.iter().enumerate() {
        if at > 0 {
            inner = inner.text("\n");
        }
        inner = inner.text(shown(line.clone()));
    }
    element("pre").attribute("class", "command").attribute("tabindex", "0").child(inner).into()
}

/// A part of a page that can be linked to.
pub fn section<'a>(id: impl Into<Cow<'a, str>>, title: Nodes<'a>, body: Nodes<'a>) -> Node<'a> {
    let heading = element("h2").children(title);
    element("section").attribute("id", id).child(heading).children(body).into()
}

/// A part of a section: one thing among several.
pub fn article<'a>(id: impl Into<Cow<'a, str>>, title: Nodes<'a>, body: Nodes<'a>) -> Element<'a> {
    let heading = element("h3").children(title);
    element("article").attribute("id", id).child(heading).children(body)
}

/// Names and what is known of them; a name of which nothing is known is left out unless it should
/// be known.
#[derive(Default)]
pub struct Facts<'a> {
    rows: Vec<Element<'a>>,
}

impl<'a> Facts<'a> {
    pub fn new() -> Facts<'a> {
        Facts::default()
    }

    pub fn fact(mut self, name: &'static str, (nodes, origin): (Nodes<'a>, Origin)) -> Self {
        if !nodes.is_empty() {
            let name = element("dt").text(name);
            let value = element("dd").children(nodes);
            self.rows.push(element("div").child(name).child(value).at(origin));
        }
        self
    }

    /// A fact that somebody should have written down.
    pub fn wanted(self, name: &'static str, (nodes, origin): (Nodes<'a>, Origin)) -> Self {
        self.fact(name, (or_unknown(nodes), origin))
    }

    pub fn said(self, name: &'static str, nodes: Nodes<'a>) -> Self {
        self.fact(name, (nodes, Origin::NONE))
    }

    pub fn into_nodes(self) -> Nodes<'a> {
        match self.rows.is_empty() {
            true => Nodes::new(),
            false => {
                vec![element("dl").attribute("class", "facts").children(self.rows).into()]
            }
        }
    }
}

/// A table; on a narrow page each row becomes a card.
pub struct Table {
    rows: Rows,
}

impl Table {
    pub fn new(head: &'static [&'static str]) -> Table {
        Table { rows: Rows::new(head) }
    }

    /// A row; its first cell says what it is about.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = Nodes<'a>>, origin: Origin) {
        self.rows.push(None, cells, origin);
    }

    pub fn row_with_id<'a>(
        &mut self,
        id: Option<String>,
        cells: impl IntoIterator<Item = Nodes<'a>>,
        origin: Origin,
    ) {
        self.rows.push(id, cells, origin);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn into_nodes<'a>(self) -> Nodes<'a> {
        if self.is_empty() {
            return Nodes::new();
        }
        // A column in which nobody says anything is none.
        let names = self.rows.columns();
        let names = names.map(|name| element("th").attribute("scope", "col").text(name));
        let head = element("thead").child(element("tr").children(names));
        let body = element("tbody").child(self.rows);
        vec![element("table").child(head).child(body).into()]
    }
}

/// A name as a part of a file's name or an id: no two names become one.
pub fn slug(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') {
        return name.into();
    }
    let mut slug = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' => slug.push(c),
            other => slug.push_str(&format!("_{:x}_", other as u32)),
        }
    }
    slug.into()
}

/// Steps of a runbook, numbered.
#[derive(Default)]
pub struct Steps(Spelled);

impl Steps {
    pub fn step(&mut self, what: Nodes<'_>, lines: &[&str]) {
        let mut item = element("li").child(paragraph(what, Origin::NONE));
        if !lines.is_empty() {
            let lines: Vec<_> = lines.iter().map(|line| line.to_string().into()).collect();
            item = item.child(commands(&lines));
        }
        self.0.push(&item);
    }

    pub fn into_nodes<'a>(self) -> Nodes<'a> {
        vec![element("ol").attribute("class", "steps").child(self.0).into()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_have_one_slug() {
        assert_eq!(slug("git.ism.la"), "git.ism.la");
        assert_eq!(slug("/gitea"), "_2f_gitea");
        assert_ne!(slug("a_2f_b"), slug("a/b"));
        assert!(
            slug("../é \"<#?%").chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        );
    }

    #[test]
    fn what_would_not_be_seen_is_spelled_out() {
        assert_eq!(shown("a\u{202e}b\u{1b}"), "a\\u{202e}b\\u{1b}");
        assert_eq!(shown(String::from("x\u{200b}")), "x\\u{200b}");
        assert!(matches!(shown("plain"), Cow::Borrowed(_)));
    }
}
