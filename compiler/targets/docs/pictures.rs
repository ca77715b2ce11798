//! The cluster in pictures: the views that `colabc graph` draws, with a link from each card to what
//! is said of the thing.

use super::paper::{Nodes, paragraph, say, says, section};
use super::{Book, Page};
use crate::formats::html::{Node, element};
use crate::graph::{self, Options, Picture, View};
use crate::origin::Origin;

/// More cards than this are no picture any more; `colabc graph` shows the part that is asked for.
const MOST: usize = 250;

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let lead =
        says("The same cluster, seen in six ways. Each card leads to what is said of the thing.");
    let mut page = Page::new("pictures.html", "Pictures", vec![paragraph(lead, Origin::NONE)]);
    page.made_from.extend(book.cluster.cluster);
    for &view in View::ALL {
        let picture = graph::picture_of(book.model(), &book.graph, view);
        let body = match picture.cards.len() {
            0 => continue,
            few if few <= MOST => {
                page.pictures.push((file(view), draw(book, &picture)));
                vec![figure(view)]
            }
            many => too_many(view, many),
        };
        page.body.push(section(view.word(), says(title(view)), body));
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
