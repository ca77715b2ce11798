//! A picture that is laid out, as SVG: one file that needs nothing else, light or dark as its reader
//! is. `look.css` has its colours.

use super::bond::Bond;
use super::layout::{HEAD, INSET, Layout, NAME, NOTE, Path, Rect};
use super::picture::{Card, Group, Picture};
use super::text::{Face, fit, plain, width};
use crate::formats::html::{Element, Node, element};
use crate::formats::svg;
use std::borrow::Cow;
use std::fmt::Write;

/// The style of a picture, for a page that holds several.
pub const STYLE: &str = include_str!("look.css");

/// Above the picture: its title, and what it answers.
const TITLE: i32 = 64;
const MARGIN: i32 = 24;
/// A row of the legend.
const ROW: i32 = 24;
/// How round corners are.
const ROUND: i32 = 6;
/// How long the tip of a line is.
const TIP: i32 = 7;

/// Where the card of a thing leads, if anywhere.
pub type Link<'a> = &'a dyn Fn(&Card) -> Option<String>;

/// A file of its own.
pub fn file(picture: &Picture, layout: &Layout, link: Option<Link>) -> String {
    let root = root(picture, layout, link, false);
    let Element { tag, attributes, mut children, origin } = root;
    let style = element("style").child(Node::Fixed(STYLE));
    children.insert(0, style.into());
    let root = Element { tag, attributes, children, origin };
    svg::picture(&root).map(|done| done.text).expect("what acts is taken out of every text")
}

/// The picture as an element, without its style.
pub fn root<'a>(
    picture: &'a Picture,
    layout: &'a Layout,
    link: Option<Link>,
    live: bool,
) -> Element<'a> {
    let legend = Legend::of(picture, layout.width);
    let title = format!("{}: {}", picture.title, picture.view.word());
    let question = picture.view.question();
    let least = width(&title, Face { size: 22, bold: true })
        .max(width(question, Face { size: 13, bold: false }));
    let least = least / 10 + 2 * MARGIN;
    let wide = layout.width.max(legend.width).max(least);
    let high = TITLE + layout.height + legend.height + if legend.height > 0 { 16 } else { 0 };
    let mut root = element("svg")
        .attribute("xmlns", "http://www.w3.org/2000/svg")
        .attribute("class", "colab-graph")
        .attribute("viewBox", format!("0 0 {wide} {high}"))
        .attribute("width", wide.to_string())
        .attribute("height", high.to_string())
        .attribute("role", if live { "group" } else { "img" })
        .attribute("aria-label", clean(&title))
        .child(element("title").text(clean(&title)))
        .child(element("desc").text(clean(&description(picture))))
        .child(rect("paper", Rect { x: 0, y: 0, w: wide, h: high }, 0))
        .child(words("title", MARGIN, 36, clean(&title)))
        .child(words("question", MARGIN, 56, question));
    let mut body = element("g").attribute("transform", format!("translate(0 {TITLE})"));
    let frames = picture.groups.iter().zip(&layout.frames).zip(&layout.heads);
    body = body.children(
        frames.enumerate().map(|(at, ((group, rect), room))| frame(group, at, *rect, *room, live)),
    );
    body = body.children(layout.paths.iter().map(|path| line(picture, path, live)));
    let cards = 0..picture.cards.len();
    body = body.children(cards.map(|at| card(picture, layout, at, link, live)));
    if picture.cards.is_empty() {
        body = body.child(words("question", MARGIN, 16, "There is nothing to show here."));
    }
    root = root.child(body);
    legend.draw(root, TITLE + layout.height)
}

/// The picture in words, for whoever does not see it.
fn description(picture: &Picture) -> String {
    let mut text = format!("{}.", picture.view.question());
    for line in picture.lines.iter().take(200) {
        let (from, to) = (&picture.cards[line.from].name, &picture.cards[line.to].name);
        let _ = write!(text, " {from} {} {to}.", line.bond.word());
    }
    text
}

fn clean(text: &str) -> String {
    plain(text)
}

fn words<'a>(class: &'static str, x: i32, y: i32, text: impl Into<Cow<'a, str>>) -> Element<'a> {
    element("text")
        .attribute("class", class)
        .attribute("x", x.to_string())
        .attribute("y", y.to_string())
        .text(text)
}

fn rect<'a>(class: &'static str, at: Rect, round: i32) -> Element<'a> {
    let it = element("rect")
        .attribute("class", class)
        .attribute("x", at.x.to_string())
        .attribute("y", at.y.to_string())
        .attribute("width", at.w.to_string())
        .attribute("height", at.h.to_string());
    if round > 0 { it.attribute("rx", round.to_string()) } else { it }
}

fn frame<'a>(group: &'a Group, nth: usize, at: Rect, room: i32, live: bool) -> Element<'a> {
    let x = at.x + 16;
    let mut it = element("g")
        .attribute("class", format!("frame {}", group.kind))
        .attribute("data-frame", nth.to_string())
        .child(rect("pane", at, 10))
        .child(words("head", x, at.y + 22, fit(&clean(&group.name), HEAD, room * 10)));
    if live {
        it = pressed(it, format!("{} {}", group.kind, clean(&group.name)));
    }
    if !group.note.is_empty() {
        it = it.child(words("note", x, at.y + 38, fit(&clean(&group.note), NOTE, room * 10)));
    }
    it
}

fn card<'a>(
    picture: &'a Picture,
    layout: &Layout,
    nth: usize,
    link: Option<Link>,
    live: bool,
) -> Element<'a> {
    let card = &picture.cards[nth];
    let (at, room) = (layout.cards[nth], layout.rooms[nth] * 10);
    let faint = if card.faint { " faint" } else { "" };
    // The text stands in the middle of its card.
    let text = 16 * card.notes.len() as i32 + 14;
    let top = at.y + (at.h - text) / 2;
    let mut inner = vec![
        element("title").text(clean(&whole(picture, nth))),
        rect("box", at, ROUND),
        element("path").attribute("class", "mark").attribute("d", strip(at)),
        words("name", at.x + INSET, top + 12, fit(&clean(&card.name), NAME, room)),
    ];
    for (row, note) in card.notes.iter().enumerate() {
        let y = top + 28 + 16 * row as i32;
        inner.push(words("note", at.x + INSET, y, fit(&clean(note), NOTE, room)));
    }
    let mut it = element("g")
        .attribute("class", format!("card {}{faint}", card.kind))
        .attribute("data-card", nth.to_string());
    if live {
        it = pressed(it, clean(&whole(picture, nth)));
    }
    match link.and_then(|link| link(card)) {
        Some(href) => it.child(element("a").attribute("href", href).children(inner)),
        None => it.children(inner),
    }
}

/// What a page lets be pressed.
fn pressed(it: Element<'_>, label: String) -> Element<'_> {
    it.attribute("tabindex", "0")
        .attribute("role", "button")
        .attribute("aria-pressed", "false")
        .attribute("aria-label", label)
}

/// All that a card says, nothing cut.
fn whole(picture: &Picture, nth: usize) -> String {
    let mut text = picture.id(nth);
    for note in &picture.cards[nth].notes {
        text.push_str(", ");
        text.push_str(note);
    }
    text
}

/// The coloured strip along the left of a card.
fn strip(at: Rect) -> String {
    let (x, y, h) = (at.x, at.y, at.h);
    let round = ROUND;
    format!(
        "M{} {y}a{round} {round} 0 0 0 -{round} {round}v{}a{round} {round} 0 0 0 {round} {round}h-2a0 0 0 0 0 0 0v-{h}z",
        x + round,
        h - 2 * round,
    )
}

/// A line: what of it is drawn, and under it the whole of it, for a page to bring out.
fn line<'a>(picture: &Picture, path: &Path, whole: bool) -> Element<'a> {
    let line = picture.lines[path.line];
    let mut it = element("g")
        .attribute("class", format!("line {}", style(picture, line)))
        .attribute("data-from", line.from.to_string())
        .attribute("data-to", line.to.to_string())
        .attribute("data-line", path.line.to_string());
    let reaches = path.ink.last() == path.points.last();
    it = it.child(element("path").attribute("d", way(&path.ink, reaches)));
    if reaches {
        it = it.child(element("path").attribute("class", "tip").attribute("d", tip(&path.points)));
    }
    if whole {
        let way = way(&path.points, true);
        it = it.child(element("path").attribute("class", "whole").attribute("d", way));
    }
    it
}

/// What a line looks like; what a layer holds has the layer's colour.
fn style(picture: &Picture, line: super::picture::Line) -> String {
    match line.bond {
        Bond::Holds => format!("of-{}", picture.cards[line.from].kind),
        bond => bond.style().to_string(),
    }
}

/// The way with its corners rounded, up to where its tip begins.
fn way(points: &[(i32, i32)], tipped: bool) -> String {
    let mut points = points.to_vec();
    if tipped && let [.., before, last] = &mut points[..] {
        let back = (before.0 - last.0).signum();
        last.0 += back * (TIP - 1).min((before.0 - last.0).abs());
    }
    let mut out = String::new();
    for (at, &(x, y)) in points.iter().enumerate() {
        let (before, after) = (at.checked_sub(1).map(|at| points[at]), points.get(at + 1));
        match (before, after) {
            (Some(before), Some(&after)) => {
                let round = [before, after]
                    .map(|other| ((other.0 - x).abs() + (other.1 - y).abs()) / 2)
                    .into_iter()
                    .fold(ROUND, i32::min);
                let near = |other: (i32, i32)| {
                    (x + (other.0 - x).signum() * round, y + (other.1 - y).signum() * round)
                };
                let (a, b) = (near(before), near(after));
                let _ = write!(out, "L{} {}Q{x} {y} {} {}", a.0, a.1, b.0, b.1);
            }
            (None, _) => {
                let _ = write!(out, "M{x} {y}");
            }
            (_, None) => {
                let _ = write!(out, "L{x} {y}");
            }
        }
    }
    out
}

fn tip(points: &[(i32, i32)]) -> String {
    let [.., before, (x, y)] = points else { return String::new() };
    let back = (before.0 - x).signum() * TIP;
    format!("M{x} {y}l{back} -4v8z")
}

/// What the colours mean: the kinds of cards where there are several, and the kinds of lines.
struct Legend {
    entries: Vec<(Entry, i32, i32)>,
    width: i32,
    height: i32,
}

#[derive(Clone, Copy)]
enum Entry {
    Kind(&'static str),
    Bond(Bond),
}

impl Entry {
    fn word(self) -> &'static str {
        match self {
            Entry::Kind(word) => word,
            Entry::Bond(bond) => bond.word(),
        }
    }

    fn sample(self) -> i32 {
        match self {
            Entry::Kind(_) => 12,
            Entry::Bond(_) => 36,
        }
    }
}

impl Legend {
    fn of(picture: &Picture, room: i32) -> Legend {
        let mut seen: Vec<(usize, &'static str)> =
            picture.cards.iter().map(|card| (card.tier, card.kind)).collect();
        seen.sort();
        let mut kinds: Vec<&'static str> = Vec::new();
        for (_, kind) in seen {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        if kinds.len() < 2 {
            kinds.clear();
        }
        let used = |bond: &&Bond| picture.lines.iter().any(|line| line.bond == **bond);
        let bonds = Bond::ALL.iter().filter(used);
        // What a layer holds has its colour, and the layers are in the legend already.
        let bonds = bonds.filter(|bond| **bond != Bond::Holds).map(|&bond| Entry::Bond(bond));
        let all = kinds.into_iter().map(Entry::Kind).chain(bonds);
        let (mut x, mut y, mut widest) = (MARGIN, 8, 0);
        let mut entries = Vec::new();
        let face = Face { size: 12, bold: false };
        for entry in all {
            let wide = entry.sample() + 8 + width(entry.word(), face) / 10;
            if x > MARGIN && x + wide > room - MARGIN {
                (x, y) = (MARGIN, y + ROW);
            }
            entries.push((entry, x, y));
            widest = widest.max(x + wide + MARGIN);
            x += wide + 24;
        }
        let height = if entries.is_empty() { 0 } else { y + ROW };
        Legend { entries, width: widest, height }
    }

    fn draw<'a>(self, root: Element<'a>, top: i32) -> Element<'a> {
        let drawn = self.entries.into_iter().map(|(entry, x, y)| {
            let (y, end) = (top + y, x + entry.sample());
            let sample = match entry {
                Entry::Kind(kind) => element("g").attribute("class", kind).child(rect(
                    "mark",
                    Rect { x, y: y + 2, w: 12, h: 12 },
                    3,
                )),
                Entry::Bond(bond) => {
                    let points = [(x, y + 8), (end, y + 8)];
                    element("g")
                        .attribute("class", format!("line {}", bond.style()))
                        .child(element("path").attribute("d", way(&points, true)))
                        .child(
                            element("path").attribute("class", "tip").attribute("d", tip(&points)),
                        )
                }
            };
            sample.child(words("key", end + 8, y + 12, entry.word()))
        });
        root.child(element("g").attribute("class", "legend").children(drawn.collect::<Vec<_>>()))
    }
}
