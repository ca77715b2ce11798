//! `colabc explain secrets` and `colabc explain 'secret("/path/NAME")'`: how far each secret can be seen. As text for
//! people and as JSON for programs. A value of a secret is nowhere here, as it is nowhere in the compiler.

use crate::diag::human::Look;
use crate::diag::ink::{BOLD, FAINT, Ink, PLAIN};
use crate::model::Model;
use crate::model::grade::{Exposure, Grade, exposures, identities};
use serde_json::{Value as Json, json};

/// The JSON Schema of what `colabc explain secrets --format json` prints.
pub const SCHEMA: &str = include_str!("exposure-schema.json");

/// The secrets that a question is about: `secrets` is all, `secret("/gitea/TOKEN")` one, `secret("TOKEN")` all that are
/// called so. `None` where it is not about secrets.
pub fn asked(model: &Model, what: &str) -> Option<Vec<Exposure>> {
    let mut all = exposures(model);
    if what == "secrets" {
        return Some(all);
    }
    let inner = what.strip_prefix("secret(\"")?.strip_suffix("\")")?;
    let full =
        |it: &Exposure| format!("{}/{}", model.label(it.path).trim_end_matches('/'), it.name);
    all.retain(|it| if inner.starts_with('/') { full(it) == inner } else { it.name == inner });
    Some(all)
}

pub fn text(model: &Model, of: &[Exposure], look: &Look) -> String {
    let mut ink = Ink::new(look.colour);
    if of.is_empty() {
        ink.line(
            PLAIN,
            match exposures(model).is_empty() {
                true => "the sources name no secrets",
                false => "no store has such a secret",
            },
        );
    }
    for it in of {
        let path = model.label(it.path).trim_end_matches('/');
        ink.paint(BOLD, &format!("{path}/{}", it.name));
        ink.line(FAINT, &format!("  in the store {}", model.label(it.store)));
        if it.uses.is_empty() {
            ink.line(PLAIN, "  handed to nobody: it stays in its store");
        }
        for of in &it.uses {
            let by = format!("{} {}", model.kind(of.by), model.dotted(of.by));
            let (grade, node) = (of.grade.word(), model.label(of.node));
            ink.line(PLAIN, &format!("  {grade:12} {node}, {by}: {}", of.at));
        }
    }
    let grades: Vec<Grade> = Grade::ALL
        .into_iter()
        .filter(|grade| of.iter().any(|it| it.uses.iter().any(|of| of.grade == *grade)))
        .collect();
    if !grades.is_empty() {
        ink.line(PLAIN, "");
    }
    for grade in grades {
        ink.paint(BOLD, &format!("{:12}", grade.word()));
        ink.line(PLAIN, &format!("   {}", grade.said()));
    }
    let nodes: Vec<&str> = identities(model).into_iter().map(|node| model.label(node)).collect();
    if !nodes.is_empty() && of.len() > 1 {
        let nodes = nodes.join(", ");
        ink.line(PLAIN, "");
        ink.line(PLAIN, &format!("Asks its store at boot, with an identity of its own on its disk that root alone reads: {nodes}"));
    }
    ink.out
}

pub fn json(model: &Model, of: &[Exposure]) -> String {
    let one = |it: &Exposure| {
        let uses: Vec<Json> = it
            .uses
            .iter()
            .map(|of| {
                json!({
                    "grade": of.grade.word(),
                    "seen": of.grade.seen(),
                    "node": model.label(of.node),
                    "kind": model.kind(of.by),
                    "by": model.dotted(of.by),
                    "at": of.at,
                })
            })
            .collect();
        json!({
            "store": model.label(it.store),
            "path": model.label(it.path),
            "name": it.name,
            "grade": it.grade().map(Grade::word),
            "uses": uses,
        })
    };
    let secrets: Vec<Json> = of.iter().map(one).collect();
    let identities: Vec<&str> = identities(model).into_iter().map(|n| model.label(n)).collect();
    let whole = json!({ "format": 1, "secrets": secrets, "identities": identities });
    let mut text = serde_json::to_string_pretty(&whole).expect("every key is a string");
    text.push('\n');
    text
}
