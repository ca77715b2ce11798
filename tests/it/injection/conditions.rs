//! Conditions of alerts: what the compiler takes Prometheus's own checker takes, and the other way about.

use crate::consumers::{Scratch, missing};
use crate::generate::Dice;
use colabc::types::text_type;
use std::collections::BTreeSet;

const PIECES: &[&str] = &[
    "up",
    "a:b",
    "1",
    "0x1F",
    "1e3",
    "5m",
    "1h30m",
    "30m1h",
    "\"x\"",
    "'y'",
    "`z`",
    "\"a\\q\"",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "==",
    "!=",
    "=",
    "=~",
    "!~",
    "<",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "@",
    "and",
    "or",
    "unless",
    "atan2",
    "bool",
    "on",
    "ignoring",
    "group_left",
    "by",
    "without",
    "sum",
    "topk",
    "count_values",
    "rate",
    "time",
    "round",
    "vector",
    "scalar",
    "label_replace",
    "absent",
    "offset",
    "start",
    "end",
    "Inf",
    "# x",
    "\n",
    "{job=\"a\"}",
    "{job=~\".*\"}",
    "{job=~\"a**\"}",
    "up[5m]",
    "rate(up[5m])",
    "sum by (job) (up)",
    "(1)",
    "on (job)",
    "[5m]",
    "[1h:5m]",
    "offset -5m",
    "@ end()",
    "sum(up)",
    "vector(1)",
    "é",
    "$x",
    ".",
    "..",
    "_",
    "up{}",
    "up{a='b',}",
    "{__name__=\"a\"}",
    "up{__name__=\"a\"}",
    "label_join(up, 'a', 'b', 'c')",
    "> bool",
    "0s",
    "1y2ms",
];

const WORDS: &[&str] = &[
    "expected a value, found `and",
    "expected a value, found `by",
    "expected a value, found `offset",
    "expected a value, found `or",
    "expected a value, found `unless",
    "expected a value, found `without",
];

fn conditions() -> Vec<String> {
    let mut all: BTreeSet<String> = super::strings::strings().into_iter().collect();
    let mut dice = Dice::new(11);
    while all.len() < 6_000 {
        let words: Vec<&str> = (0..1 + dice.below(7)).map(|_| dice.pick(PIECES)).collect();
        all.insert(words.join(if dice.below(4) == 0 { "" } else { " " }));
    }
    // Those that YAML can carry as JSON writes them.
    let odd = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\t' | '\r')
            || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    all.into_iter().filter(|text| text.len() < 1_000 && !text.contains(odd)).collect()
}

#[test]
fn conditions_are_taken_as_prometheus_takes_them() {
    if missing(&["promtool"]) {
        return;
    }
    let all = conditions();
    let rules: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(at, text)| serde_json::json!({ "alert": format!("r{at}x"), "expr": text }))
        .collect();
    let file = serde_json::json!({ "groups": [{ "name": "all", "rules": rules }] });
    let scratch = Scratch::new();
    let path = scratch.write("rules.yml", file.to_string());
    let heard = scratch.call("promtool").args(["check", "rules"]).arg(path).run().unwrap();
    let said = heard.out + &heard.err;
    assert!(said.contains("could not parse expression"), "{said:.2000}");
    let check = text_type("promql").expect("there is such a type").check;
    let (mut taken, mut wrong) = (0, Vec::new());
    for (at, text) in all.iter().enumerate() {
        let theirs = !said.contains(&format!("\"r{at}x\""));
        let ours = check(text);
        taken += usize::from(ours.is_ok());
        // Prometheus finds out when it runs that such a thing is no condition.
        let whole =
            ours.as_ref().is_err_and(|why| why.message.starts_with("expected a condition, found "));
        // A metric may bear the name of an operator there; whoever has one can still ask for its `__name__`.
        let word =
            ours.as_ref().is_err_and(|why| WORDS.iter().any(|word| why.message.starts_with(word)));
        if ours.is_ok() != theirs && !(theirs && (whole || word)) {
            wrong.push(format!("{text:?}: {ours:?}"));
        }
    }
    assert!(taken > 150 && taken < all.len() / 2, "{taken} of {} are taken", all.len());
    assert!(wrong.len() < all.len() / 2, "{} wrong: {said:.2000}", wrong.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}
