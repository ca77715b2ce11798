//! What happens when something is gone: what somebody wrote down, beside what follows from the
//! references; what all hangs on; in which order things come up again.

use super::overview::down;
use super::paper::{
    Nodes, Table, commas, joined, or_unknown, paragraph, prose, say, says, section,
};
use super::{Book, Page};
use crate::formats::html::{Spelled, element};
use crate::graph::Sort;
use crate::graph::impact::{Fate, boot_order, single_points};
use crate::model::ThingId;
use crate::model::value::Value;
use crate::origin::Origin;

/// What follows from the loss of some things, by their places in the graph.
struct Loss {
    fails: Vec<usize>,
    worse: Vec<usize>,
}

fn loss(book: &Book<'_>, gone: &[usize]) -> Loss {
    let effects = book.users.losses(gone);
    let of = |fate: Fate| {
        let all = effects.iter().filter(|it| it.fate == fate && !gone.contains(&it.vertex));
        all.map(|it| it.vertex).collect()
    };
    Loss { fails: of(Fate::Fails), worse: of(Fate::Degrades) }
}

fn places<'b>(book: &'b Book<'_>, thing: ThingId) -> &'b [usize] {
    book.places.get(&thing).map_or(&[], Vec::as_slice)
}

/// For the page of a thing: written down, and worked out.
pub(super) fn of<'a>(book: &Book<'a>, thing: ThingId) -> Nodes<'a> {
    let places = places(book, thing);
    let written = down(book, thing);
    if places.is_empty() && written.is_none() {
        return Nodes::new();
    }
    let column = |title: &'static str, body: Nodes<'a>| {
        let name = element("p").child(element("strong").text(title));
        element("div").child(name).children(body)
    };
    let mut two = element("div").attribute("class", "two").child(column(
        "Written down",
        written.unwrap_or_else(|| vec![paragraph(or_unknown(Nodes::new()), Origin::NONE)]),
    ));
    if !places.is_empty() {
        let loss = loss(book, places);
        let mut body = Nodes::new();
        for (title, all) in [("Fails with it: ", &loss.fails), ("Worse off: ", &loss.worse)] {
            let mut said = says(title);
            match all.is_empty() {
                true => said.push(say("nothing")),
                false => said.extend(commas(all.iter().map(|&at| book.vertex(at)))),
            }
            body.push(paragraph(said, Origin::NONE));
        }
        two = two.child(column("Worked out from the references", body));
    }
    vec![two.into()]
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let lead = says(
        "What fails and what is worse off when something is gone, beside what somebody wrote down; \
         and in which order everything comes up.",
    );
    let mut page = Page::new("failures.html", "Failures", vec![paragraph(lead, Origin::NONE)]);
    page.made_from.extend(book.cluster.cluster);
    page.body.push(section("single", says("Single points of failure"), single(book)));
    page.body.push(section("each", says("When this is gone"), each(book)));
    page.body.push(section("order", says("The order of starting"), order(book)));
    page
}

fn single<'a>(book: &Book<'a>) -> Nodes<'a> {
    let points = single_points(&book.graph);
    let mut table = Table::new(&["The loss of", "Alone makes fail"]);
    for (at, failed) in points {
        table.row([vec![book.vertex(at)], says(failed.to_string())], Origin::NONE);
    }
    if table.is_empty() {
        return vec![paragraph(
            says("None: nothing fails with a single other thing."),
            Origin::NONE,
        )];
    }
    table.into_nodes()
}

/// Everything whose loss somebody thought of, or that takes something with it.
fn each<'a>(book: &Book<'a>) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&[
        "Gone",
        "Fails with it",
        "Worse off",
        "What stops, as written",
        "Until it is back",
    ]);
    let mut rows: Vec<(&str, Loss, ThingId)> = Vec::new();
    for kind in ["node", "share", "network", "secrets", "service"] {
        for thing in book.all(kind) {
            let places = places(book, thing);
            let loss = loss(book, places);
            let said = cluster.block(thing, "down").is_some_and(|down| {
                ["impact", "mitigation"].iter().any(|it| !cluster.get(down, it).is_none())
            });
            if loss.fails.is_empty() && loss.worse.is_empty() && !said {
                continue;
            }
            rows.push((kind, loss, thing));
        }
    }
    // What takes most with it first; else as the kinds and names stand.
    rows.sort_by_key(|(_, loss, _)| std::cmp::Reverse(loss.fails.len()));
    for (kind, loss, thing) in rows {
        let word = match kind {
            "service" | "node" => String::new(),
            kind => format!("{kind} "),
        };
        let name = element("span").text(word).child(book.link(thing));
        let list = |all: &[usize]| commas(all.iter().map(|&at| book.vertex(at)));
        let said = |field: &str| -> (Nodes<'a>, Origin) {
            let Some(down) = cluster.block(thing, "down") else { return Default::default() };
            match cluster.at(down, field) {
                (Value::Text(text), origin) => (prose(text, origin), origin),
                _ => Default::default(),
            }
        };
        let (impact, origin) = said("impact");
        table.row(
            [vec![name.into()], list(&loss.fails), list(&loss.worse), impact, said("mitigation").0],
            origin,
        );
    }
    if table.is_empty() {
        return vec![paragraph(says("Nothing takes anything else with it."), Origin::NONE)];
    }
    table.into_nodes()
}

fn order<'a>(book: &Book<'a>) -> Nodes<'a> {
    let order = boot_order(&book.graph);
    let mut nodes = vec![paragraph(
        says(
            "After a power cut, what others need comes up first. What stands in one step may start together.",
        ),
        Origin::NONE,
    )];
    let steps = order.steps.iter().map(|step| {
        let shown = step
            .iter()
            .filter(|&&at| !matches!(book.graph.vertices[at].sort, Sort::Network | Sort::Backup));
        commas(shown.map(|&at| book.vertex(at)))
    });
    let steps = steps.filter(|step| !step.is_empty());
    let mut items = Spelled::new();
    steps.for_each(|step| items.push(&element("li").child(paragraph(step, Origin::NONE))));
    nodes.push(element("ol").attribute("class", "steps").child(items).into());
    if !order.circle.is_empty() {
        let mut said =
            says("These need each other in a circle, and somebody must start one by hand: ");
        said.extend(commas(order.circle.iter().map(|&at| book.vertex(at))));
        nodes.push(element("p").attribute("class", "note").children(joined([said], "")).into());
    }
    nodes
}
