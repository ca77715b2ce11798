//! What is round every page: head, search, chapters, what is on the page, what it was made from.

use super::paper::{Nodes, say};
use super::{Book, CHAPTERS, Chapter, Page};
use crate::formats::html::{self, Element, Node, element};
use crate::formats::{Taker, Written};
use crate::model::ThingId;
use crate::targets::{File, declared};
use std::collections::BTreeSet;

/// Nothing of a page may be asked of anybody else, and no script may stand in it.
const POLICY: &str = "default-src 'none'; script-src 'self' file:; style-src 'self' file:; \
                      img-src 'self' file:; base-uri 'none'; form-action 'none'";

/// The page's file, with its text.
pub(super) fn file<'a>(
    book: &Book<'a>,
    chapter: &Chapter,
    page: Page<'a>,
    to: Taker,
) -> (File, Written) {
    (page.out(), write(book, chapter, page, to))
}

fn write<'a>(book: &Book<'a>, chapter: &Chapter, page: Page<'a>, to: Taker) -> Written {
    let contents = contents(&page.body);
    let title = match page.file.as_str() {
        "index.html" => format!("{} handbook", book.name()),
        _ => format!("{} · {} handbook", page.title, book.name()),
    };
    let alike = &book.alike;
    let head = element("head")
        .child(alike.before_title.clone())
        .child(element("title").child(say(title)))
        .child(alike.after_title.clone());
    let mut main = element("main")
        .attribute("id", "content")
        .attribute("tabindex", "-1")
        .child(element("h1").child(say(page.title)));
    if !page.lead.is_empty() {
        main = main.child(element("div").attribute("class", "lead").children(page.lead));
    }
    let main = main.children(page.body).child(made_from(book, &page.made_from));
    let mut body = element("body")
        .child(
            element("a")
                .attribute("class", "skip")
                .attribute("href", "#content")
                .text("To the content"),
        )
        .child(alike.top.clone())
        .child(alike.chapters(chapter, &page.file))
        .child(main);
    if contents.len() > 1 {
        body = body.child(on_this_page(contents));
    }
    html::page(&element("html").attribute("lang", "en").child(head).child(body), to)
}

fn meta(name: &'static str, content: &'static str) -> Element<'static> {
    element("meta").attribute("name", name).attribute("content", content)
}

/// What every page of a book holds alike.
pub(super) struct Alike {
    before_title: Node<'static>,
    after_title: Node<'static>,
    top: Node<'static>,
    /// For each chapter: for its own page, and for those below it.
    chapters: Vec<[Node<'static>; 2]>,
}

impl Alike {
    pub(super) fn of(name: &str) -> Alike {
        let before_title = [
            element("meta").attribute("charset", "utf-8"),
            meta("viewport", "width=device-width, initial-scale=1"),
            meta("color-scheme", "light dark"),
            meta("generator", "colabc"),
            element("meta")
                .attribute("http-equiv", "Content-Security-Policy")
                .attribute("content", POLICY),
        ];
        let after_title = [
            element("link").attribute("rel", "stylesheet").attribute("href", "style.css"),
            element("script").attribute("src", "index.js").attribute("defer", ""),
            element("script").attribute("src", "search.js").attribute("defer", ""),
        ];
        // Below a chapter its own link still leads somewhere.
        let both = |chapter| ["page", "true"].map(|here| ready(&[chapters(chapter, here)]));
        Alike {
            before_title: ready(&before_title),
            after_title: ready(&after_title),
            top: ready(&[top(name)]),
            chapters: CHAPTERS.iter().map(both).collect(),
        }
    }

    fn chapters(&self, current: &Chapter, file: &str) -> Node<'static> {
        let at = CHAPTERS.iter().position(|chapter| chapter.file == current.file);
        let at = at.expect("a page is of one of the chapters");
        self.chapters[at][usize::from(current.file != file)].clone()
    }
}

fn ready(elements: &[Element<'_>]) -> Node<'static> {
    html::ready(elements).expect("names are shown, and all else is the compiler's own")
}

fn top(name: &str) -> Element<'_> {
    let menu = element("button")
        .attribute("class", "menu")
        .attribute("type", "button")
        .attribute("popovertarget", "chapters")
        .text("Chapters");
    let home = element("a")
        .attribute("class", "home")
        .attribute("href", "index.html")
        .child(element("strong").child(say(name)))
        .text(" handbook");
    let field = element("input")
        .attribute("id", "search")
        .attribute("type", "search")
        .attribute("placeholder", "Search")
        .attribute("autocomplete", "off")
        .attribute("spellcheck", "false")
        .attribute("role", "combobox")
        .attribute("aria-label", "Search the handbook")
        .attribute("aria-expanded", "false")
        .attribute("aria-controls", "found")
        .attribute("aria-autocomplete", "list");
    let found = element("ul")
        .attribute("id", "found")
        .attribute("role", "listbox")
        .attribute("aria-label", "Found")
        .attribute("hidden", "");
    // Hidden until the script that it needs is there.
    let search = element("div")
        .attribute("class", "search")
        .attribute("role", "search")
        .attribute("hidden", "")
        .child(field)
        .child(element("kbd").attribute("aria-hidden", "true").text("/"))
        .child(found);
    element("header").attribute("class", "top").child(menu).child(home).child(search)
}

fn chapters(current: &Chapter, here: &'static str) -> Element<'static> {
    let items = CHAPTERS.iter().map(|chapter| {
        let mut link = element("a").attribute("href", chapter.file);
        if chapter.file == current.file {
            link = link.attribute("aria-current", here);
        }
        element("li").child(link.text(chapter.title))
    });
    element("nav")
        .attribute("id", "chapters")
        .attribute("aria-label", "Chapters")
        .attribute("popover", "")
        .child(element("ul").children(items))
}

fn on_this_page<'a>(contents: Vec<(String, Nodes<'a>)>) -> Element<'a> {
    let items = contents.into_iter().map(|(id, title)| {
        element("li").child(element("a").attribute("href", format!("#{id}")).children(title))
    });
    element("aside")
        .attribute("class", "here")
        .attribute("aria-label", "On this page")
        .child(element("p").text("On this page"))
        .child(element("ul").children(items))
}

/// The sections of a page: ids and titles.
fn contents<'a>(body: &[Node<'a>]) -> Vec<(String, Nodes<'a>)> {
    let mut found = Vec::new();
    for node in body {
        let Node::Element(section) = node else { continue };
        let id = section.attributes.iter().find(|(name, _)| *name == "id");
        let heading = section.children.first();
        if let (Some((_, id)), Some(Node::Element(heading))) = (id, heading)
            && heading.tag == "h2"
        {
            found.push((id.to_string(), heading.children.clone()));
        }
    }
    found
}

/// The sources to edit instead of the page.
fn made_from<'a>(book: &Book<'a>, things: &[ThingId]) -> Element<'a> {
    let sources: BTreeSet<String> =
        things.iter().map(|&thing| declared(book.cluster, thing)).collect();
    let mut footer = element("footer");
    footer = match sources.len() {
        0 => footer.child(
            element("p")
                .text("Made by colabc from the sources of the cluster; changes here are lost."),
        ),
        _ => {
            let said = "Made by colabc; changes here are lost. Edit instead:";
            let items = sources.into_iter().map(|source| element("li").child(say(source)));
            footer.child(element("p").text(said)).child(element("ul").children(items))
        }
    };
    footer
}
