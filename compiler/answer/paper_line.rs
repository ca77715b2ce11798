//! The answer for a line of an emitted file, written down: the line, who makes it, and why it says
//! what it says.

use super::chain::Answer;
use super::line::{LineAnswer, Made, State};
use super::paper;
use crate::diag::human::Look;
use crate::diag::ink::{BOLD, FAINT, HELP, Ink, PLAIN, WARNING};
use crate::diag::text::cut;
use crate::model::Model;
use crate::source::{Sources, Span};
use crate::tree::{Delivery, Tool};
use serde_json::{Value as Json, json};

pub fn text(found: &LineAnswer, model: &Model, sources: &Sources, look: &Look) -> String {
    let mut ink = Ink::new(look.colour);
    let place = |span: Span| paper::place(sources, span);
    match &found.line {
        None => ink.line(BOLD, &format!("out/{}", found.file)),
        Some((line, said)) => {
            ink.line(BOLD, &format!("out/{}:{line}", found.file));
            ink.line(PLAIN, &format!("  | {}", cut(said, look.width.saturating_sub(4))));
        }
    }
    if let Some(warning) = warning(found) {
        ink.paint(WARNING, "  ! ");
        ink.line(PLAIN, warning);
    }
    match &found.made {
        Made::Value { answer, place: span } => {
            ink.paint(PLAIN, "  comes from ");
            ink.paint(HELP, &place(*span));
            if let Some(used_at) = used_at(answer, *span) {
                ink.paint(PLAIN, ", used at ");
                ink.paint(HELP, &place(used_at));
            }
            ink.line(PLAIN, "");
            ink.line(PLAIN, "");
            let answers = std::slice::from_ref(answer);
            ink.out.push_str(&paper::text(answers, model, sources, look));
        }
        Made::Declaration { name, kind, nodes, place: span } => {
            ink.paint(PLAIN, "  comes from ");
            ink.line(HELP, &place(*span));
            let on =
                if nodes.is_empty() { String::new() } else { format!(" on {}", nodes.join(", ")) };
            ink.line(PLAIN, &format!("  it is there because {kind} {name} is declared{on}"));
        }
        Made::Target | Made::Nobody => {
            if let (Some((name, doc)), Made::Target) = (found.target, &found.made) {
                ink.line(
                    PLAIN,
                    &match found.line {
                        Some(_) => {
                            format!("  the target {name} writes this line, from no single value")
                        }
                        None => format!("  of the target {name}: {doc}"),
                    },
                );
            }
            of_declarations(&mut ink, found, sources);
        }
    }
    if let Some(delivery) = &found.delivery {
        ink.line(PLAIN, "");
        ink.line(FAINT, &format!("  {}", delivered(delivery)));
    }
    ink.out
}

/// Where the template is used that says so.
fn used_at(answer: &Answer, place: Span) -> Option<Span> {
    let Answer::Value(chain) = answer else { return None };
    chain.lines.iter().find(|line| line.span == place).and_then(|line| line.used_at)
}

fn of_declarations(ink: &mut Ink, found: &LineAnswer, sources: &Sources) {
    if found.declarations.is_empty() {
        return;
    }
    ink.line(PLAIN, "  the file is made from");
    let names: Vec<String> =
        found.declarations.iter().map(|d| format!("{} {}", d.kind, d.name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (declaration, name) in found.declarations.iter().zip(&names) {
        ink.paint(PLAIN, &format!("    {name:width$}  "));
        ink.line(HELP, &paper::place(sources, declaration.place));
    }
}

fn warning(found: &LineAnswer) -> Option<&'static str> {
    match (found.state, &found.made) {
        (State::Current, _) => None,
        (State::Edited, Made::Nobody) => Some(
            "the file was edited by hand, and no source makes this line: a build would take it away",
        ),
        (State::Edited, _) => Some("the file was edited by hand since it was built"),
        (State::Stale, Made::Nobody) => Some(
            "the sources changed since the file was built, and no longer make this line: run `colabc build`",
        ),
        (State::Stale, _) => {
            Some("the sources changed since the file was built: run `colabc build`")
        }
    }
}

/// `chezmoi brings the file to cooperator: ~/.config/docker/compose/gitea.yml`
fn delivered(delivery: &Delivery) -> String {
    let node = match &*delivery.node {
        "*" => "every node",
        node => node,
    };
    let side = delivery.side.map_or(String::new(), |side| format!(" ({})", side.word()));
    match delivery.tool {
        Tool::Repo | Tool::Nobody => "read where it lies".to_owned(),
        tool => {
            format!("{} brings the file to {node}{side}: {}", tool.word(), delivery.destination)
        }
    }
}

/// As `explain` of a path, with the line and its file beside the answers.
pub fn json(found: &LineAnswer, model: &Model, sources: &Sources) -> String {
    let place = |span: Span| paper::json_place(sources, span);
    let mut line = json!({
        "file": found.file,
        "line": found.line.as_ref().map(|(line, _)| *line),
        "text": found.line.as_ref().map(|(_, text)| text.as_str()),
        "state": found.state.word(),
        "made_by": match &found.made {
            Made::Value { .. } => "value",
            Made::Declaration { .. } => "declaration",
            Made::Target => "target",
            Made::Nobody => "nobody",
        },
        "place": match &found.made {
            Made::Value { place: span, .. } | Made::Declaration { place: span, .. } => place(*span),
            Made::Target | Made::Nobody => Json::Null,
        },
        "name": match &found.made {
            Made::Value { answer: Answer::Value(chain), .. } => chain.path.as_str().into(),
            Made::Declaration { name, .. } => name.as_str().into(),
            _ => Json::Null,
        },
        "target": found.target.map(|(name, _)| name),
        "declarations": found.declarations.iter().map(|d| json!({
            "kind": d.kind,
            "name": d.name,
            "place": place(d.place),
        })).collect::<Vec<_>>(),
    });
    if let Some(delivery) = &found.delivery {
        line["delivery"] = json!({
            "tool": delivery.tool.word(),
            "node": *delivery.node,
            "side": delivery.side.map(|side| side.word()),
            "destination": delivery.destination,
        });
    }
    let answers = match &found.made {
        Made::Value { answer, .. } => vec![paper::json_answer(answer, model, sources)],
        _ => Vec::new(),
    };
    let whole = json!({ "format": 1, "line": line, "answers": answers });
    let mut text = serde_json::to_string_pretty(&whole).expect("every key is a string");
    text.push('\n');
    text
}
