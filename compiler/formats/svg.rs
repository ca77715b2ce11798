//! SVG as XML, from the same elements as a page. Inside a page, `html` writes them.
//!
//! Cannot be said: what a page cannot say, and the two code points that XML does not know.

use super::Written;
use super::html::{Element, Node, escaped};
use super::lines::Lines;
use super::links;
use crate::origin::Origin;

/// Writes a picture; `root` is its `svg` element.
pub fn picture(root: &Element<'_>) -> Written {
    let mut out = Lines::new();
    element(&mut out, root, Origin::NONE);
    out.finish()
}

/// Elements whose text a line break would change.
const TEXTS: [&str; 3] = ["text", "tspan", "title"];

fn element(out: &mut Lines, it: &Element<'_>, parent: Origin) {
    let origin = it.origin.or(parent);
    out.push("<");
    out.push(it.tag);
    for (name, value) in &it.attributes {
        if name.starts_with("on") {
            out.refuse(origin, format!("a text cannot be the script of `{name}`"));
        }
        if matches!(*name, "href" | "xlink:href") && !links::is_harmless(value) {
            out.refuse(origin, format!("a link cannot lead to {value:?}"));
        }
        out.push(" ");
        out.push(name);
        out.push("=\"");
        text(out, value, "", origin);
        out.push("\"");
    }
    if it.children.is_empty() {
        out.push("/>");
    } else {
        out.push(">");
        let inline = TEXTS.contains(&it.tag);
        if !inline {
            out.end_several(origin);
        }
        for child in &it.children {
            match child {
                Node::Element(child) => element(out, child, origin),
                Node::Text(words) => text(out, words, "\n\t", origin),
                Node::Fixed(markup) => {
                    out.push(markup);
                    out.end_several(origin);
                }
                Node::Ready(_)
                | Node::Spelled(_)
                | Node::Rows(_)
                | Node::Leaf(..)
                | Node::Link { .. } => {
                    out.refuse(origin, "what is of a page cannot stand in a picture");
                }
                Node::Json(id, _) => {
                    out.refuse(origin, format!("a picture holds no data for a script: `{id}`"));
                }
            }
        }
        out.push("</");
        out.push(it.tag);
        out.push(">");
    }
    if it.tag != "tspan" {
        out.end_several(origin);
    }
}

fn text(out: &mut Lines, text: &str, raw: &str, origin: Origin) {
    if text.contains(['\u{fffe}', '\u{ffff}']) {
        out.refuse(origin, "a picture cannot hold a code point that is no character");
    }
    escaped(out, text, raw, origin);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::html::element;

    #[test]
    fn the_shape() {
        let root = element("svg")
            .attribute("viewBox", "0 0 1 1")
            .child(
                element("g").attribute("class", "").child(element("path").attribute("d", "M0 0")),
            )
            .child(element("text").text("a < b & \"c\"").at(Origin(3)));
        let done = picture(&root.at(Origin(2))).unwrap();
        assert_eq!(
            done.text,
            "<svg viewBox=\"0 0 1 1\">\n<g class=\"\">\n<path d=\"M0 0\"/>\n</g>\n\
             <text>a &lt; b &amp; &quot;c&quot;</text>\n</svg>\n"
        );
        assert_eq!(done.lines.iter().map(|o| o.0).collect::<Vec<_>>(), [2, 2, 2, 2, 3, 2]);
    }

    #[test]
    fn scripts_have_no_way_in() {
        let refused = |it: Element<'static>| picture(&it.at(Origin(5))).unwrap_err();
        refused(element("a").attribute("href", "javascript:alert(1)"));
        refused(element("svg").attribute("onload", "x"));
        refused(element("svg").child(Node::Json("data", "{}".into())));
        refused(element("text").text("\u{1b}[0m"));
        refused(element("text").text("\u{ffff}"));
    }
}
