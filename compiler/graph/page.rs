//! The pictures as one page that needs nothing else: to search, zoom, click and print, from a file
//! and with the keyboard. `page.js` moves it, `page.css` dresses it.

use super::export::Placed;
use super::layout::layout;
use super::picture::{Group, Picture};
use super::report::{Report, name};
use super::text::plain;
use super::{Graph, SCREEN, svg};
use crate::formats::data::{Data, Map};
use crate::formats::html::{self, Element, Node, element};
use crate::formats::json;
use crate::model::{Model, ThingId};
use std::collections::{BTreeMap, BTreeSet};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Nothing from elsewhere, whatever the texts of a cluster hold.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Where a thing is declared, for those who look at the page.
pub struct Source {
    /// `services/gitea.colab:2:1`
    pub place: String,
    /// Where that is to be found from the page, if anywhere.
    pub href: Option<String>,
}

impl Source {
    /// With the way from the page to the project's folder.
    pub fn of(placed: &Placed, folder: Option<&str>) -> Source {
        let place = format!("{}:{}:{}", placed.file, placed.line, placed.column);
        let href =
            folder.map(|folder| format!("{folder}{}#L{}", escaped(&placed.file), placed.line));
        Source { place, href }
    }
}

/// A path as it stands in an address.
pub fn escaped(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b'/');
    let mut out = String::new();
    for byte in path.bytes() {
        match plain(byte) {
            true => out.push(byte.into()),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Writes the page of some pictures of a cluster.
pub fn page(
    model: &Model,
    pictures: &[Picture],
    source: &dyn Fn(ThingId) -> Option<Source>,
) -> String {
    let title = pictures.first().map_or(String::new(), |picture| plain(&picture.title));
    let layouts: Vec<_> = pictures.iter().map(|picture| layout(picture, SCREEN)).collect();
    let tabs = pictures.iter().enumerate().map(|(at, picture)| {
        button(picture.view.word())
            .attribute("role", "tab")
            .attribute("id", format!("tab-{}", picture.view.word()))
            .attribute("aria-controls", format!("view-{}", picture.view.word()))
            .attribute("aria-selected", if at == 0 { "true" } else { "false" })
    });
    let stages = pictures.iter().zip(&layouts).map(|(picture, layout)| {
        element("section")
            .attribute("class", "stage")
            .attribute("id", format!("view-{}", picture.view.word()))
            .attribute("role", "tabpanel")
            .attribute("aria-labelledby", format!("tab-{}", picture.view.word()))
            .child(svg::root(picture, layout, None, true))
    });
    let header = element("header")
        .child(element("h1").text(title.clone()))
        .child(element("nav").attribute("role", "tablist").children(tabs.collect::<Vec<_>>()))
        .child(finder())
        .child(
            element("div")
                .attribute("class", "zoom")
                .child(button("−").attribute("id", "out").attribute("aria-label", "Zoom out"))
                .child(button("+").attribute("id", "in").attribute("aria-label", "Zoom in"))
                .child(button("fit").attribute("id", "fit").attribute("aria-label", "Show all")),
        );
    let body = element("body")
        .child(header)
        .child(element("main").children(stages.collect::<Vec<_>>()))
        .child(help())
        .child(Node::Json("data", data(model, pictures, source).into()))
        .child(element("script").child(Node::Fixed(SCRIPT)));
    let head = element("head")
        .child(element("meta").attribute("charset", "utf-8"))
        .child(
            element("meta")
                .attribute("http-equiv", "Content-Security-Policy")
                .attribute("content", POLICY),
        )
        .child(
            element("meta")
                .attribute("name", "viewport")
                .attribute("content", "width=device-width, initial-scale=1"),
        )
        .child(element("title").text(title))
        .child(element("style").child(Node::Fixed(svg::STYLE)).child(Node::Fixed(STYLE)));
    let root = element("html").attribute("lang", "en").child(head).child(body);
    html::page(&root, None).map(|done| done.text).expect("what acts is taken out of every text")
}

fn button<'a>(word: &'static str) -> Element<'a> {
    element("button").attribute("type", "button").text(word)
}

fn finder<'a>() -> Element<'a> {
    element("div")
        .attribute("class", "find")
        .child(
            element("input")
                .attribute("id", "find")
                .attribute("type", "search")
                .attribute("placeholder", "Search, or press /")
                .attribute("aria-label", "Search this picture")
                .attribute("role", "combobox")
                .attribute("aria-controls", "hits")
                .attribute("aria-expanded", "false")
                .attribute("autocomplete", "off")
                .attribute("spellcheck", "false"),
        )
        .child(
            element("ul")
                .attribute("class", "hits")
                .attribute("id", "hits")
                .attribute("role", "listbox")
                .attribute("aria-label", "What was found"),
        )
        .child(element("span").attribute("id", "count").attribute("role", "status"))
}

/// What the page can do, where nothing is picked.
fn help<'a>() -> Element<'a> {
    let keys = [
        ("/", "search"),
        ("Tab", "the next card"),
        ("arrows", "the card beside it"),
        ("Enter", "pick it"),
        ("i", "what fails without it"),
        ("+ − 0", "zoom, show all"),
        ("Esc", "back"),
    ];
    let mut list = element("dl");
    for (key, what) in keys {
        list = list
            .child(element("dt").child(element("kbd").text(key)))
            .child(element("dd").text(what));
    }
    element("aside")
        .attribute("id", "detail")
        .attribute("aria-live", "polite")
        .attribute("aria-label", "What is picked")
        .child(
            element("p").text(
                "Click a card, or the name of a node, to see what it needs and what needs it.",
            ),
        )
        .child(list)
}

/// What the script knows.
fn data(model: &Model, pictures: &[Picture], source: &dyn Fn(ThingId) -> Option<Source>) -> String {
    let graph = Graph::of(model);
    let places: BTreeMap<ThingId, usize> =
        graph.vertices.iter().enumerate().map(|(at, vertex)| (vertex.thing, at)).collect();
    let place = |thing: Option<ThingId>| thing.and_then(|thing| places.get(&thing)).copied();
    let shown: BTreeSet<usize> = pictures
        .iter()
        .flat_map(|picture| {
            let cards = picture.cards.iter().map(|card| card.thing);
            cards.chain(picture.groups.iter().map(|group| group.thing))
        })
        .filter_map(place)
        .collect();
    let mut effects = Map::new();
    for report in Report::each(model, &graph, shown.into_iter()) {
        let hits = |hits: &[super::report::Hit]| {
            Data::list(hits.iter().map(|hit| {
                let why = format!("{} {}", hit.need.word(), graph.vertices[hit.of].name);
                Data::list([Data::from(hit.vertex as i64), Data::text(why)])
            }))
        };
        let effect = Map::new()
            .with("fails", hits(&report.fails))
            .with("degrades", hits(&report.degrades))
            .with_some("impact", report.declared.impact.map(Data::text))
            .with_some("mitigation", report.declared.mitigation.map(Data::text));
        effects.put(report.gone[0].to_string(), effect);
    }
    let about = |map: Map<'static>, thing: Option<ThingId>| {
        let source = thing.and_then(source);
        map.with_some("thing", place(thing).map(|at| at as i64))
            .with_some("href", source.as_ref().and_then(|s| s.href.clone()).map(Data::text))
            .with_some("place", source.map(|s| Data::text(s.place)))
    };
    let view = |picture: &Picture| {
        let cards = (0..picture.cards.len()).map(|at| {
            let card = &picture.cards[at];
            let map = Map::new()
                .with("id", Data::text(picture.id(at)))
                .with("kind", Data::text(card.kind))
                .with("name", Data::text(card.name.clone()))
                .with("notes", Data::list(card.notes.iter().map(|n| Data::text(n.clone()))))
                .with_some("frame", card.group.map(|group| group as i64));
            about(map, card.thing)
        });
        let frame = |group: &Group| {
            let notes = Some(&group.note).filter(|note| !note.is_empty());
            let map = Map::new()
                .with("id", Data::text(format!("{} {}", group.kind, group.name)))
                .with("kind", Data::text(group.kind))
                .with("name", Data::text(group.name.clone()))
                .with("notes", Data::list(notes.map(|note| Data::text(note.clone()))));
            about(map, group.thing)
        };
        let lines = picture.lines.iter().map(|line| {
            Map::new()
                .with("from", line.from as i64)
                .with("to", line.to as i64)
                .with("why", Data::text(line.bond.word()))
        });
        Map::new()
            .with("word", Data::text(picture.view.word()))
            .with("cards", Data::list(cards))
            .with("frames", Data::list(picture.groups.iter().map(frame)))
            .with("lines", Data::list(lines))
    };
    let things = (0..graph.vertices.len()).map(|at| Data::text(name(&graph, at)));
    let root = Map::new()
        .with("views", Data::list(pictures.iter().map(view)))
        .with("things", Data::list(things))
        .with("effects", effects);
    json::compact(&root.into()).map_or_else(|_| "{}".into(), |done| done.text)
}
