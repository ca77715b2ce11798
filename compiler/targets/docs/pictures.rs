//! The cluster in pictures: the views that `colabc graph` draws, with a link from each card to what
//! is said of the thing.

use super::paper::{Nodes, paragraph, say, says, section};
use super::{Book, Page};
use crate::formats::html::{Node, element};
use crate::graph::{self, Options, Picture, View};
use crate::origin::Origin;
use crate::threads;

/// More cards than this are no picture any more; `colabc graph` shows the part that is asked for.
const MOST: usize = 250;

/// A view of the cluster, with what came of it.
pub(super) struct Drawn {
    view: View,
    cards: usize,
    /// Nothing where there is too much for one picture.
    svg: Option<String>,
}

pub(super) fn drawn(book: &Book<'_>, threads: usize) -> Vec<Drawn> {
    threads::each(View::ALL, threads, |&view| {
        let picture = graph::picture_of(book.model(), &book.graph, view);
        let cards = picture.cards.len();
        let svg = (1..=MOST).contains(&cards).then(|| draw(book, &picture));
        Drawn { view, cards, svg }
    })
}

/// The pictures' own files, with their text.
pub(super) fn files(drawn: &[Drawn]) -> impl Iterator<Item = (String, &str)> {
    drawn.iter().filter_map(|one| Some((file(one.view), one.svg.as_deref()?)))
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let lead =
        says("The same cluster, seen in six ways. Each card leads to what is said of the thing.");
    let mut page = Page::new("pictures.html", "Pictures", vec![paragraph(lead, Origin::NONE)]);
    page.made_from.extend(book.cluster.cluster);
    for one in book.pictures.iter().filter(|one| one.cards > 0) {
        let body = match one.svg {
            Some(_) => vec![figure(one.view)],
            None => too_many(one.view, one.cards),
        };
        page.body.push(section(one.view.word(), says(title(one.view)), body));
    }
    page
}

/// The picture of the first page, where there is one.
pub(super) fn of_overview<'a>(book: &Book<'a>) -> Option<Node<'a>> {
    // A card for each service on a node.
    let cards = book.model().instances.len();
    (cards > 0 && cards <= MOST).then(|| figure(View::Services))
}

fn draw(book: &Book<'_>, picture: &Picture) -> String {
    let link = |card: &graph::picture::Card| card.thing.and_then(|thing| book.href(thing));
    graph::draw(picture, &Options { link: Some(&link), ..Options::default() })
}

fn figure<'a>(view: View) -> Node<'a> {
    let file = file(view);
    let image = element("img")
        .attribute("src", file.clone())
        .attribute("alt", format!("{}: {}", title(view), view.question()))
        .attribute("loading", "lazy");
    element("figure").child(element("a").attribute("href", file).child(image)).into()
}

fn too_many<'a>(view: View, cards: usize) -> Nodes<'a> {
    vec![
        paragraph(
            vec![say(format!("{cards} cards are too many for one picture. A part of it:"))],
            Origin::NONE,
        ),
        super::paper::commands(&[format!(
            "colabc graph --view {} --format html --focus NAME",
            view.word()
        )
        .into()]),
    ]
}

fn file(view: View) -> String {
    format!("picture-{}.svg", view.word())
}

fn title(view: View) -> &'static str {
    match view {
        View::Services => "Services",
        View::Nodes => "Nodes",
        View::Storage => "Storage",
        View::Network => "Network",
        View::Layers => "Layers",
        View::Imports => "Files",
    }
}
