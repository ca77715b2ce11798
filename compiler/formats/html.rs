//! HTML from elements. Names of elements and attributes are the compiler's own; texts and values of
//! attributes are escaped.
//!
//! Cannot be said: control characters other than tab, newline and carriage return; a link that would
//! run something; a text inside `script` or `style`; an attribute that is a script.

mod spelled;

pub use spelled::{Rows, Spelled};

use super::lines::{Lines, control};
use super::links;
use super::{Taker, Unsayable, Written};
use crate::origin::Origin;
use std::borrow::Cow;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub enum Node<'a> {
    Text(Cow<'a, str>),
    Element(Element<'a>),
    /// An element with a text and nothing else, or an `a` with its `href`: most elements are one of these two.
    Leaf(&'static str, Cow<'a, str>),
    Link {
        href: Cow<'a, str>,
        text: Cow<'a, str>,
    },
    /// The compiler's own markup, styles, scripts.
    Fixed(&'static str),
    /// JSON for the page's own script, under an id.
    Json(&'static str, Cow<'a, str>),
    /// Whole lines that many pages hold alike, as `ready` wrote them.
    Ready(Arc<str>),
    Spelled(Box<Spelled>),
    /// All that stands in a `tbody`.
    Rows(Box<Rows>),
}

#[derive(Clone, Debug)]
pub struct Element<'a> {
    pub tag: &'static str,
    pub attributes: Vec<(&'static str, Cow<'a, str>)>,
    pub children: Vec<Node<'a>>,
    pub origin: Origin,
}

/// An element, to be filled.
pub fn element<'a>(tag: &'static str) -> Element<'a> {
    Element { tag, attributes: Vec::new(), children: Vec::new(), origin: Origin::NONE }
}

impl<'a> Element<'a> {
    pub fn attribute(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        room_for_one(&mut self.attributes);
        self.attributes.push((name, value.into()));
        self
    }

    pub fn text(self, text: impl Into<Cow<'a, str>>) -> Self {
        self.child(Node::Text(text.into()))
    }

    pub fn child(mut self, child: impl Into<Node<'a>>) -> Self {
        room_for_one(&mut self.children);
        self.children.push(child.into());
        self
    }

    pub fn children<T: Into<Node<'a>>>(mut self, children: impl IntoIterator<Item = T>) -> Self {
        let children = children.into_iter().map(Into::into);
        match self.children.is_empty() {
            // A list of nodes becomes the element's own as it stands.
            true => self.children = children.collect(),
            false => self.children.extend(children),
        }
        self
    }

    pub fn at(self, origin: Origin) -> Self {
        Element { origin, ..self }
    }
}

impl<'a> From<Element<'a>> for Node<'a> {
    fn from(element: Element<'a>) -> Self {
        Node::Element(element)
    }
}

/// Most elements hold one thing, and a large page holds very many elements.
fn room_for_one<T>(all: &mut Vec<T>) {
    if all.is_empty() {
        all.reserve_exact(1);
    }
}

/// Elements that end their lines and come from nothing that somebody wrote, for pages that hold them alike.
pub fn ready(elements: &[Element<'_>]) -> Result<Node<'static>, Vec<Unsayable>> {
    let mut out = Lines::new();
    for element in elements {
        write_element(&mut out, element, Origin::NONE, &mut None);
    }
    debug_assert!(out.line().is_empty(), "what is ready ends with its line");
    out.finish().map(|written| Node::Ready(written.text.into()))
}

/// What most pages have room in.
const PAGE: usize = 16 << 10;

/// Writes a whole page; `root` is its `html` element.
pub fn page(root: &Element<'_>, mut to: Taker) -> Written {
    let mut out = Lines::with_room(PAGE);
    out.say("<!doctype html>", Origin::NONE);
    write_element(&mut out, root, Origin::NONE, &mut to);
    if !out.line().is_empty() {
        out.end_several(root.origin);
    }
    out.finish_as_is()
}

/// How an element stands among lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// It holds blocks, so that a newline after its start means nothing.
    Frame,
    /// After its end a newline means nothing.
    Line,
    Inline,
}

/// By length first: every element of every page is asked, and most names are short.
fn shape(tag: &str) -> Shape {
    let (frame, line) = match tag.len() {
        1 => (false, tag == "p"),
        2 => (
            matches!(tag, "tr" | "ul" | "ol" | "dl"),
            matches!(tag, "td" | "th" | "li" | "dt" | "dd" | "h1" | "h2" | "h3" | "h4" | "hr"),
        ),
        3 => (matches!(tag, "div" | "nav" | "svg"), tag == "pre"),
        4 => (
            matches!(tag, "html" | "head" | "body" | "main" | "form"),
            matches!(tag, "meta" | "link"),
        ),
        5 => {
            (matches!(tag, "table" | "thead" | "tbody" | "aside"), matches!(tag, "title" | "style"))
        }
        6 => (matches!(tag, "header" | "footer" | "figure"), tag == "script"),
        _ => (
            matches!(tag, "section" | "article" | "details"),
            matches!(tag, "summary" | "figcaption" | "caption"),
        ),
    };
    match (frame, line) {
        (true, _) => Shape::Frame,
        (_, true) => Shape::Line,
        _ => Shape::Inline,
    }
}

/// Elements without an end.
fn is_void(tag: &str) -> bool {
    matches!(tag, "br" | "col" | "hr" | "img" | "input" | "link" | "meta" | "wbr")
}

fn write_element(out: &mut Lines, element: &Element<'_>, parent: Origin, to: &mut Taker) {
    let origin = element.origin.or(parent);
    out.push("<");
    out.push(element.tag);
    for (name, value) in &element.attributes {
        attribute(out, name, value, origin);
    }
    out.push(">");
    let shape = shape(element.tag);
    if shape == Shape::Frame {
        out.end_several(origin);
    }
    if !is_void(element.tag) {
        if element.tag == "pre" {
            // The first newline of a `pre` is not shown; this one is there to be lost.
            out.push("\n");
        }
        for child in &element.children {
            node(out, child, element.tag, origin, to);
        }
        out.push("</");
        out.push(element.tag);
        out.push(">");
    }
    if shape != Shape::Inline {
        out.end_several(origin);
        out.pass_on(to);
    }
}

fn node(out: &mut Lines, node: &Node<'_>, within: &str, origin: Origin, to: &mut Taker) {
    match node {
        Node::Element(element) => write_element(out, element, origin, to),
        Node::Leaf(tag, text) => {
            debug_assert!(
                shape(tag) == Shape::Inline,
                "`{tag}` ends a line, and its origin with it"
            );
            out.push("<");
            out.push(tag);
            out.push(">");
            escaped(out, text, "\n\t", origin);
            out.push("</");
            out.push(tag);
            out.push(">");
        }
        Node::Link { href, text } => {
            out.push("<a");
            attribute(out, "href", href, origin);
            out.push(">");
            escaped(out, text, "\n\t", origin);
            out.push("</a>");
        }
        Node::Fixed(markup) => out.push(markup),
        Node::Ready(lines) => {
            out.push(&lines[..lines.len() - 1]);
            out.end_several(origin);
        }
        Node::Spelled(spelled) => spelled.write(out, origin, to),
        Node::Rows(rows) => rows.write(out, origin, to),
        Node::Text(text) => {
            if matches!(within, "script" | "style") {
                out.refuse(origin, format!("a text cannot stand in `{within}`"));
            }
            escaped(out, text, "\n\t", origin);
        }
        Node::Json(id, json) => {
            out.push("<script type=\"application/json\" id=\"");
            out.push(id);
            out.push("\">");
            // `<` stands only inside of JSON's texts, where an escape says the same.
            out.push(&json.replace('<', "\\u003c"));
            out.push("</script>");
            out.end_several(origin);
        }
    }
}

fn attribute(out: &mut Lines, name: &str, value: &str, origin: Origin) {
    if name.starts_with("on") || name == "srcdoc" {
        out.refuse(origin, format!("a text cannot be the script of `{name}`"));
    }
    let link = matches!(name, "href" | "src" | "action" | "formaction" | "xlink:href");
    if link && !links::is_harmless(value) {
        out.refuse(origin, format!("a link cannot lead to {value:?}"));
    }
    out.push(" ");
    out.push(name);
    if !value.is_empty() {
        out.push("=\"");
        escaped(out, value, "", origin);
        out.push("\"");
    }
}

/// The bytes that stand for themselves wherever they are.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        plain[byte as usize] = !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'');
        byte += 1;
    }
    plain
};

/// `raw`: the blanks that may stand as they are.
pub(super) fn escaped(out: &mut Lines, text: &str, raw: &str, origin: Origin) {
    // Nearly every text.
    if text.bytes().all(|byte| PLAIN[usize::from(byte)]) {
        return out.push(text);
    }
    if let Some(name) = control(text, "\t\n\r") {
        out.refuse(origin, format!("a page cannot hold {name}"));
    }
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let spelled = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            b'\t' if !raw.contains('\t') => "&#9;",
            b'\n' if !raw.contains('\n') => "&#10;",
            b'\r' if !raw.contains('\r') => "&#13;",
            _ => continue,
        };
        out.push(&text[from..at]);
        out.push(spelled);
        from = at + 1;
    }
    out.push(&text[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape() {
        let root = element("html").attribute("lang", "en").child(
            element("body").child(
                element("p")
                    .text("a < b & \"c\" ")
                    .child(element("a").attribute("href", "https://x/?a=1&b=2").text("it's"))
                    .child(element("br"))
                    .text("two\nlines")
                    .at(Origin(3)),
            ),
        );
        let done = page(&root.at(Origin(2)), None).unwrap();
        assert_eq!(
            done.text,
            "<!doctype html>\n<html lang=\"en\">\n<body>\n<p>a &lt; b &amp; &quot;c&quot; \
             <a href=\"https://x/?a=1&amp;b=2\">it&#39;s</a><br>two\nlines</p>\n</body>\n</html>\n"
        );
        assert_eq!(done.lines.iter().map(|o| o.0).collect::<Vec<_>>(), [0, 2, 2, 3, 3, 2, 2]);
    }

    #[test]
    fn scripts_have_no_way_in() {
        let refused = |element: Element<'static>| page(&element.at(Origin(5)), None).unwrap_err();
        assert_eq!(
            refused(element("a").attribute("href", "javascript:alert(1)"))[0].origin,
            Origin(5)
        );
        refused(element("p").attribute("onclick", "x"));
        refused(element("script").text("x"));
        refused(element("p").text("\u{1b}[0m"));
        let json = Node::Json("data", "\"</script><script>\"".into());
        let done = page(&element("body").child(json), None).unwrap();
        assert_eq!(done.text.matches("</script>").count(), 1);
        assert!(done.text.contains("\"\\u003c/script>\\u003cscript>\""));
    }
}
