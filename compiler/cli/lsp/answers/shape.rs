//! Answers about the shape of a text: its declarations, folds, what encloses a place, its colours.

use super::{Answer, Ask, Asked, Page, asked};
use crate::cli::lsp::places::{path_of, real};
use crate::cli::lsp::workspace::Workspace;
use colabc::ide::outline::{self, Symbol};
use colabc::ide::{shape, tokens};
use colabc::source::Sources;
use serde_json::{Value, json};
use std::borrow::Cow;

pub fn on_symbols(p: &Page) -> Answer {
    fn put(p: &Page, symbol: &Symbol) -> Value {
        let children: Vec<Value> = symbol.children.iter().map(|s| put(p, s)).collect();
        json!({
            "name": shown(&symbol.name, &p.text.sources),
            "detail": symbol.kind,
            "kind": symbol_kind(&symbol.kind),
            "range": p.range(symbol.span),
            "selectionRange": p.range(symbol.name_span),
            "children": children,
        })
    }
    Ok(outline::symbols(p.text).iter().map(|s| put(p, s)).collect())
}

/// A name as a list of symbols has it.
pub fn shown<'a>(name: &'a str, sources: &Sources) -> Cow<'a, str> {
    if name.is_empty() { "\"\"".into() } else { sources.concealed().hide(name) }
}

pub fn symbol_kind(kind: &str) -> u32 {
    match kind {
        "node" | "cluster" => 2,
        "service" | "template" | "kind" => 5,
        "container" | "unit" | "role" => 19,
        "port" | "site" | "network" => 11,
        "type" => 10,
        "let" => 14,
        "volume" | "share" | "disk" => 20,
        _ => 8,
    }
}

pub fn on_folds(p: &Page) -> Answer {
    let folds = shape::folds(p.text).into_iter().map(|fold| {
        let mut shown = json!({ "startLine": fold.first, "endLine": fold.last });
        // A block is no region: editors fold those by themselves.
        match fold.sort {
            shape::Sort::Block => {}
            shape::Sort::Comment => shown["kind"] = "comment".into(),
            shape::Sort::Imports => shown["kind"] = "imports".into(),
        }
        shown
    });
    Ok(folds.collect())
}

pub fn on_selection(p: &Page) -> Answer {
    let text = &p.text.source().text;
    let positions = p.params["positions"].as_array().cloned().unwrap_or_default();
    let ranges = positions.iter().map(|position| {
        let offset = p.workspace.encoding.offset(text, position) as u32;
        let mut parent = Value::Null;
        for span in shape::around(p.text, offset).into_iter().rev() {
            let mut range = json!({ "range": p.range(span) });
            if !parent.is_null() {
                range["parent"] = parent;
            }
            parent = range;
        }
        parent
    });
    Ok(ranges.collect())
}

/// The colours of a range.
pub fn on_tokens(a: &Asked) -> Answer {
    Ok(json!({ "data": data(a) }))
}

/// The colours of a whole file, or what changed of them since they were answered last.
pub fn on_all_tokens(workspace: &mut Workspace, method: &str, params: &Value) -> Answer {
    let uri = params["textDocument"]["uri"].as_str().unwrap_or("");
    let ask = Ask::Checked(|a| Ok(json!(data(a))));
    let Some(answer) = asked(workspace, uri, params, &ask) else { return Ok(Value::Null) };
    let data: Vec<u64> =
        answer?.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    let key = path_of(uri).map(real).unwrap_or_default();
    let before = workspace.tokens.remove(&key);
    let id = before.as_ref().map_or(1, |(id, _)| id + 1);
    workspace.tokens.insert(key, (id, data.clone()));
    let asked_of = params["previousResultId"].as_str().and_then(|text| text.parse().ok());
    let old = before.filter(|(known, _)| method.ends_with("delta") && asked_of == Some(*known));
    Ok(match old {
        Some((_, old)) => json!({ "resultId": id.to_string(), "edits": delta(&old, &data) }),
        None => json!({ "resultId": id.to_string(), "data": data }),
    })
}

/// One edit between what is equal at both ends; each token is five numbers.
fn delta(old: &[u64], new: &[u64]) -> Value {
    if old == new {
        return json!([]);
    }
    let same = |a: &[u64], b: &[u64]| {
        a.chunks_exact(5).zip(b.chunks_exact(5)).take_while(|(a, b)| a == b).count() * 5
    };
    let head = same(old, new);
    let back = |list: &[u64]| -> Vec<u64> {
        list[head..].chunks_exact(5).rev().flatten().copied().collect()
    };
    let tail = same(&back(old), &back(new));
    json!([{
        "start": head,
        "deleteCount": old.len() - head - tail,
        "data": &new[head..new.len() - tail],
    }])
}

/// The numbers of the protocol: five a token, each relative to the one before.
fn data(a: &Asked) -> Vec<u64> {
    let file = a.c.sources.file(a.file);
    let part = a.part();
    let mut data: Vec<u64> = Vec::new();
    let (mut line, mut column) = (0, 0);
    for (span, token, marks) in tokens::tokens(a.c, a.file) {
        if span.end < part.start || span.start > part.end {
            continue;
        }
        let start = a.workspace.encoding.position(file, span.start);
        let end = a.workspace.encoding.position(file, span.end);
        let at = |p: &Value, key: &str| p[key].as_u64().unwrap_or(0);
        if at(&start, "line") != at(&end, "line") {
            continue;
        }
        let (l, col) = (at(&start, "line"), at(&start, "character"));
        let delta = if l == line { col - column } else { col };
        data.extend([l - line, delta, at(&end, "character") - col, token as u64, marks.bits()]);
        (line, column) = (l, col);
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_turns_the_old_into_the_new() {
        let tokens = |words: &[u64]| -> Vec<u64> { words.iter().flat_map(|&w| [w; 5]).collect() };
        let cases: &[(&[u64], &[u64])] = &[
            (&[1, 2, 3], &[1, 4, 3]),
            (&[1, 1], &[1]),
            (&[], &[1]),
            (&[1, 2], &[2]),
            (&[1], &[1]),
        ];
        for (old, new) in cases {
            let (mut old, new) = (tokens(old), tokens(new));
            for edit in delta(&old, &new).as_array().into_iter().flatten() {
                let number = |key: &str| edit[key].as_u64().map_or(0, |n| n as usize);
                let with = edit["data"].as_array().into_iter().flatten().filter_map(Value::as_u64);
                let (start, count) = (number("start"), number("deleteCount"));
                old.splice(start..start + count, with.collect::<Vec<_>>());
            }
            assert_eq!(old, new);
        }
    }
}
