//! What is said of a loss: the computed effect beside what the sources declare, as data, as text,
//! and as JSON.

use super::impact::{self, Fate, Users, boot_order};
use super::text::plain;
use super::{Graph, Need, Sort};
use crate::formats::data::{Data, Map};
use crate::formats::json;
use crate::model::{Model, ThingId};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The JSON Schema of what `json` and `all_json` give.
pub const SCHEMA: &str = include_str!("impact-schema.json");

/// What `down { }` says of a thing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Declared {
    pub impact: Option<String>,
    pub mitigation: Option<String>,
}

/// A thing that fares worse, and the nearest reason: its need of another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hit {
    pub vertex: usize,
    pub need: Need,
    pub of: usize,
}

/// The effect of a loss. Numbers are places in `Graph::vertices`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    pub gone: Vec<usize>,
    pub fails: Vec<Hit>,
    pub degrades: Vec<Hit>,
    pub survives: Vec<usize>,
    pub declared: Declared,
    /// In which steps the lost come back.
    pub order: Vec<Vec<usize>>,
}

impl Report {
    pub fn of(model: &Model, graph: &Graph, gone: &[usize]) -> Report {
        Report::with(model, graph, &Users::of(graph), &boot_order(graph).steps, gone)
    }

    /// The reports of many losses, each of one thing.
    pub fn each(model: &Model, graph: &Graph, all: impl Iterator<Item = usize>) -> Vec<Report> {
        let steps = boot_order(graph).steps;
        let users = Users::of(graph);
        all.map(|at| Report::with(model, graph, &users, &steps, &[at])).collect()
    }

    fn with(
        model: &Model,
        graph: &Graph,
        users: &Users,
        steps: &[Vec<usize>],
        gone: &[usize],
    ) -> Report {
        let mut report = Report {
            gone: gone.to_vec(),
            fails: Vec::new(),
            degrades: Vec::new(),
            survives: Vec::new(),
            declared: declared(model, graph, gone),
            order: Vec::new(),
        };
        let mut lost = vec![false; graph.vertices.len()];
        for effect in users.impact(gone) {
            let vertex = effect.vertex;
            lost[vertex] = effect.fate == Fate::Fails;
            match (effect.fate, effect.because) {
                (Fate::Fails, Some((of, need))) => report.fails.push(Hit { vertex, need, of }),
                (Fate::Degrades, Some((of, need))) => {
                    report.degrades.push(Hit { vertex, need, of });
                }
                (Fate::Survives, _) => report.survives.push(vertex),
                (_, None) => {}
            }
        }
        let lost = |step: &Vec<usize>| -> Vec<usize> {
            step.iter().copied().filter(|&at| lost[at]).collect()
        };
        report.order = steps.iter().map(lost).filter(|step| !step.is_empty()).collect();
        report
    }
}

/// What each thing whose loss makes others fail does to them: the most first.
pub fn single_points(model: &Model, graph: &Graph) -> Vec<Report> {
    let points = impact::single_points(graph);
    Report::each(model, graph, points.into_iter().map(|(at, _)| at))
}

/// What the sources say of the loss of a thing, of all its instances alike.
fn declared(model: &Model, graph: &Graph, gone: &[usize]) -> Declared {
    let mut all = Declared::default();
    for &at in gone {
        let down: Option<ThingId> = model.block(graph.vertices[at].thing, "down");
        let Some(down) = down else { continue };
        let said = |field| model.text(down, field).map(str::to_string);
        all.impact = all.impact.or(said("impact"));
        all.mitigation = all.mitigation.or(said("mitigation"));
    }
    all
}

/// `node cooperator`
pub fn name(graph: &Graph, at: usize) -> String {
    let vertex = &graph.vertices[at];
    format!("{} {}", vertex.sort.word(), vertex.name)
}

fn names(graph: &Graph, all: &[usize]) -> String {
    all.iter().map(|&at| name(graph, at)).collect::<Vec<_>>().join(", ")
}

/// For a terminal of some width.
pub fn text(graph: &Graph, report: &Report, width: usize) -> String {
    let mut out = format!("Without {}:\n", plain(&names(graph, &report.gone)));
    for (word, hits) in [("fails", &report.fails), ("degrades", &report.degrades)] {
        let _ = writeln!(out, "\n{word}: {}", hits.len());
        let wide = hits.iter().map(|hit| name(graph, hit.vertex).chars().count()).max();
        for hit in hits {
            let name = format!("{:1$}", name(graph, hit.vertex), wide.unwrap_or(0));
            let of = &graph.vertices[hit.of].name;
            let _ = writeln!(out, "  {}  {} {}", plain(&name), hit.need.word(), plain(of));
        }
    }
    let _ = writeln!(out, "\nsurvives: {}", report.survives.len());
    let mut kept: BTreeMap<Sort, Vec<String>> = BTreeMap::new();
    for &at in &report.survives {
        let vertex = &graph.vertices[at];
        kept.entry(vertex.sort).or_default().push(plain(&vertex.name));
    }
    for (sort, names) in kept {
        wrapped(&mut out, &format!("  {:9}", sort.word()), &names, width);
    }
    out.push_str("\ndeclared:\n");
    let Declared { impact, mitigation } = &report.declared;
    match (impact, mitigation) {
        (None, None) => {
            out.push_str("  nothing; `down { impact = \"...\"   mitigation = \"...\" }` says it\n");
        }
        _ => {
            for (word, said) in [("impact", impact), ("mitigation", mitigation)] {
                let said = said.as_deref().unwrap_or("-");
                let words: Vec<String> = plain(said).split(' ').map(str::to_string).collect();
                spaced(&mut out, &format!("  {word:12}"), &words, " ", width);
            }
        }
    }
    out.push_str("\nto start again:\n");
    for (nth, step) in report.order.iter().enumerate() {
        let names: Vec<String> = step.iter().map(|&at| plain(&name(graph, at))).collect();
        wrapped(&mut out, &format!("  {:2}. ", nth + 1), &names, width);
    }
    out
}

/// A list after a head, its further lines under its first word.
fn wrapped(out: &mut String, head: &str, words: &[String], width: usize) {
    spaced(out, head, words, ", ", width);
}

fn spaced(out: &mut String, head: &str, words: &[String], comma: &str, width: usize) {
    out.push_str(head);
    let indent = head.chars().count();
    let mut at = indent;
    for (nth, word) in words.iter().enumerate() {
        let last = nth + 1 == words.len();
        let comma = if last { "" } else { comma };
        let long = word.chars().count() + comma.trim_end().len();
        if nth > 0 && at + long > width {
            out.truncate(out.trim_end().len());
            let _ = write!(out, "\n{:indent$}", "");
            at = indent;
        }
        let _ = write!(out, "{word}{comma}");
        at += word.chars().count() + comma.len();
    }
    out.push('\n');
}

/// Every single point of failure, for a terminal.
pub fn all_text(graph: &Graph, points: &[Report]) -> String {
    if points.is_empty() {
        return "Nothing fails because one other thing is gone.\n".into();
    }
    let mut out = format!(
        "{} of {} things are single points of failure:\n\n",
        points.len(),
        graph.vertices.len()
    );
    let wide = points.iter().map(|report| names(graph, &report.gone).chars().count()).max();
    for report in points {
        let name = format!("{:1$}", names(graph, &report.gone), wide.unwrap_or(0));
        let said = report.declared.impact.as_deref().unwrap_or("nothing declared");
        let _ = writeln!(
            out,
            "  {}  {:3} fail, {:3} degrade  {}",
            plain(&name),
            report.fails.len(),
            report.degrades.len(),
            plain(said)
        );
    }
    out.push_str("\n`colabc impact NAME` says what fails, and why.\n");
    out
}

/// One report as JSON.
pub fn json(graph: &Graph, report: &Report) -> String {
    written(Map::new().with("format", 1i64).with("report", data(graph, report)))
}

/// Every single point of failure as JSON.
pub fn all_json(graph: &Graph, points: &[Report]) -> String {
    let points = Data::list(points.iter().map(|report| data(graph, report)));
    written(Map::new().with("format", 1i64).with("points", points))
}

fn written(root: Map) -> String {
    json::pretty(&root.into()).map_or_else(|_| String::new(), |done| done.text)
}

fn data<'a>(graph: &'a Graph, report: &'a Report) -> Map<'a> {
    let thing = |at: usize| {
        let vertex = &graph.vertices[at];
        Map::new()
            .with("kind", Data::text(vertex.sort.word()))
            .with("name", Data::text(vertex.name.as_str()))
    };
    let things = move |all: &[usize]| Data::list(all.iter().map(|&at| thing(at)));
    let hits = |all: &[Hit]| {
        Data::list(all.iter().map(|hit| {
            thing(hit.vertex).with(
                "because",
                Map::new().with("why", Data::text(hit.need.word())).with("of", thing(hit.of)),
            )
        }))
    };
    let said = |text: &'a Option<String>| text.as_deref().map(Data::text);
    Map::new()
        .with("gone", things(&report.gone))
        .with("fails", hits(&report.fails))
        .with("degrades", hits(&report.degrades))
        .with("survives", things(&report.survives))
        .with(
            "declared",
            Map::new()
                .with_some("impact", said(&report.declared.impact))
                .with_some("mitigation", said(&report.declared.mitigation)),
        )
        .with("order", Data::list(report.order.iter().map(|step| things(step))))
}
