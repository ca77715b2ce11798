//! The cluster in pictures: the views that `colabc graph` draws, with a link from each card to what
//! is said of the thing.

use super::paper::{Nodes, paragraph, say, says, section};
use super::{Book, Page};
use crate::formats::html::{Node, element};
use crate::graph::{self, Graph, Options, Picture, View};
use crate::model::Model;
use crate::origin::Origin;
use crate::threads;

/// More cards than this are no picture any more; `colabc graph` shows the part that is asked for.
const MOST: usize = 250;

/// A view of the cluster, with all that is on it.
pub(super) struct Seen {
    view: View,
    cards: usize,
    /// Nothing where there is too much for one picture.
    picture: Option<Picture>,
}

pub(super) fn seen(model: &Model, graph: &Graph, threads: usize) -> Vec<Seen> {
    threads::each(View::ALL, threads, |&view| {
        let picture = graph::picture_of(model, graph, view);
        let cards = picture.cards.len();
        Seen { view, cards, picture: (1..=MOST).contains(&cards).then_some(picture) }
    })
}

impl Seen {
    /// Of the picture's own file, where there is one.
    pub(super) fn path(&self) -> Option<String> {
        self.picture.as_ref().map(|_| format!("docs/{}", file(self.view)))
    }

    pub(super) fn draw(&self, book: &Book<'_>) -> String {
        let link = |card: &graph::picture::Card| card.thing.and_then(|thing| book.href(thing));
        let options = Options { link: Some(&link), ..Options::default() };
        self.picture.as_ref().map_or_else(String::new, |picture| graph::draw(picture, &options))
    }
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let lead =
        says("The same cluster, seen in six ways. Each card leads to what is said of the thing.");
    let mut page = Page::new("pictures.html", "Pictures", vec![paragraph(lead, Origin::NONE)]);
    page.made_from.extend(book.cluster.cluster);
    for one in book.views.iter().filter(|one| one.cards > 0) {
        let body = match one.picture {
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
