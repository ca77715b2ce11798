//! Answers of the server as text that is pleasant to read: places as `file:line:column`, edits as
//! changed lines, tokens as words.

use super::client::{edited, offset};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The texts that the editor sees, and how their URIs begin.
pub struct Texts<'a> {
    pub base: String,
    pub texts: &'a BTreeMap<String, String>,
    pub legend: Vec<String>,
}

/// The answer to a method, for a person.
pub fn show(t: &Texts, method: &str, file: &str, answer: &Value) -> String {
    if let Some(error) = answer.get("error").filter(|e| !e.is_null()) {
        return format!("error {}: {}", error["code"], error["message"].as_str().unwrap_or("?"));
    }
    let result = &answer["result"];
    if result.is_null() {
        return String::new();
    }
    let text = t.texts.get(file).map_or("", String::as_str);
    let all = |put: &dyn Fn(&Value) -> String| -> String {
        let list = result.as_array().expect("the answer is a list");
        list.iter().map(put).collect::<Vec<_>>().join("\n")
    };
    match method {
        "textDocument/hover" => hover(result["contents"]["value"].as_str().unwrap_or("?")),
        "textDocument/completion" => completion(result),
        "textDocument/signatureHelp" => signature(result),
        "textDocument/definition"
        | "textDocument/declaration"
        | "textDocument/typeDefinition"
        | "textDocument/implementation"
        | "textDocument/references" => all(&|l| t.location(l)),
        "textDocument/documentHighlight" => all(&|l| {
            let kind = ["?", "text", "read", "write"][l["kind"].as_u64().unwrap_or(0) as usize];
            format!("{} {kind}", t.place(file, &l["range"]))
        }),
        "textDocument/rename" => t.changes(result),
        "textDocument/formatting"
        | "textDocument/rangeFormatting"
        | "textDocument/onTypeFormatting" => {
            diff(text, &edited(text, result.as_array().map_or(&[], |a| a)))
        }
        "textDocument/codeAction" => all(&|a| {
            let why = a["disabled"]["reason"].as_str().map(|r| format!(" (not here: {r})"));
            let kind = a["kind"].as_str().unwrap_or("?");
            let title = a["title"].as_str().unwrap_or("?");
            format!("{kind}: {title}{}", why.unwrap_or_default())
        }),
        "textDocument/codeLens" => all(&|l| {
            let command = &l["command"];
            let does = command["command"].as_str().unwrap_or("?");
            let does = if does.is_empty() { String::new() } else { format!(" -> {does}") };
            let title = command["title"].as_str().unwrap_or("?");
            let parts = title.split(", ").map(|part| match part.split_once(' ') {
                Some((_, what)) if what == "files" => what,
                _ => part,
            });
            format!("{} {}{does}", lines(&l["range"]), parts.collect::<Vec<_>>().join(", "))
        }),
        "textDocument/inlayHint" => all(&|h| {
            let at = offset(text, &h["position"]);
            let line = text[..at].rsplit('\n').next().unwrap_or_default().trim();
            let more = h["tooltip"]["value"].as_str().unwrap_or("").trim_end();
            let more = more.lines().map(|line| format!("\n    {line}")).collect::<String>();
            format!("{line}|{}|{more}", h["label"].as_str().unwrap_or("?"))
        }),
        "textDocument/documentLink" => all(&|l| {
            let target = l["target"].as_str().unwrap_or("?");
            let more = l["tooltip"].as_str().filter(|more| *more != t.name(target));
            let more = more.map_or(String::new(), |more| format!(" ({more})"));
            format!("{} -> {}{more}", t.place(file, &l["range"]), t.name(target))
        }),
        "textDocument/foldingRange" => all(&|f| {
            let line = |key: &str| f[key].as_u64().unwrap_or(0) + 1;
            let kind = f["kind"].as_str().map_or(String::new(), |kind| format!(" {kind}"));
            format!("{}-{}{kind}", line("startLine"), line("endLine"))
        }),
        "textDocument/selectionRange" => all(&|s| {
            let mut steps = Vec::new();
            let mut at = s;
            while at.is_object() {
                steps.push(t.place(file, &at["range"]));
                at = &at["parent"];
            }
            steps.join("\n")
        }),
        "textDocument/documentSymbol" => symbols(result, 0),
        "workspace/symbol" => all(&|s| {
            let name = s["name"].as_str().unwrap_or("?");
            format!(
                "{} {name} {}",
                s["containerName"].as_str().unwrap_or("?"),
                t.location(&s["location"])
            )
        }),
        "textDocument/semanticTokens/full" | "textDocument/semanticTokens/range" => {
            tokens(t, text, &result["data"])
        }
        "textDocument/diagnostic" if result["kind"] == "full" => all_findings(&result["items"]),
        "workspace/diagnostic" => {
            let items = result["items"].as_array().map_or(&[][..], |all| all);
            let found =
                items.iter().filter(|r| r["items"].as_array().is_some_and(|l| !l.is_empty()));
            let file = |r: &Value| {
                let name = t.name(r["uri"].as_str().unwrap_or("?"));
                format!("{name}\n{}", all_findings(&r["items"]))
            };
            found.map(file).collect::<Vec<_>>().join("\n")
        }
        // What is built changes with every tool: that it is, and with what in front, is enough.
        "workspace/executeCommand" => match &result["ok"] {
            Value::Null => t.tidy(&result[0]).as_str().unwrap_or("nothing").to_owned(),
            ok => format!("ok: {ok}"),
        },
        "textDocument/semanticTokens/full/delta" => match &result["edits"] {
            Value::Null => "all tokens".to_owned(),
            edits => edits.to_string(),
        },
        _ => pretty(&t.tidy(result)),
    }
}

/// A hover without what changes with every edit of the library: its lines, and the prose about its
/// own fields.
fn hover(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut fence = false;
    for line in text.lines() {
        let edge = line.starts_with("```");
        fence ^= edge;
        if !fence || edge {
            out.push(line.to_owned());
            continue;
        }
        let mut words: Vec<String> = Vec::new();
        for word in line.split("  ").map(str::trim).filter(|word| !word.is_empty()) {
            let place = word.strip_prefix("std/").and_then(|rest| rest.split_once(':'));
            words.push(place.map_or_else(|| word.to_owned(), |(file, _)| format!("std/{file}")));
        }
        let margin = if line.starts_with(' ') { "  " } else { "" };
        out.push(format!("{margin}{}", words.join("  ")));
    }
    out.join("\n")
}

/// Findings, one each, with what takes part in them.
pub fn all_findings(items: &Value) -> String {
    let list = items.as_array().map_or(&[][..], |a| a);
    list.iter().map(finding).collect::<Vec<_>>().join("\n")
}

fn finding(d: &Value) -> String {
    let message = d["message"].as_str().unwrap_or("?").replace('\n', "\n    ");
    let mut out =
        format!("{} {}: {message}", lines(&d["range"]), d["code"].as_str().unwrap_or("?"));
    for related in d["relatedInformation"].as_array().into_iter().flatten() {
        let uri = related["location"]["uri"].as_str().unwrap_or("?");
        let file = uri.rsplit('/').next().unwrap_or("?");
        out.push_str(&format!(
            "\n    {file}:{}: {}",
            lines(&related["location"]["range"]),
            related["message"].as_str().unwrap_or("?")
        ));
    }
    out
}

/// `3:5-3:9`, from 1.
fn lines(range: &Value) -> String {
    let at = |p: &Value| {
        let number = |key: &str| p[key].as_u64().unwrap_or(0) + 1;
        format!("{}:{}", number("line"), number("character"))
    };
    format!("{}-{}", at(&range["start"]), at(&range["end"]))
}

impl Texts<'_> {
    pub fn name<'a>(&self, uri: &'a str) -> &'a str {
        uri.strip_prefix(self.base.as_str()).map_or(uri, |rest| rest.trim_start_matches('/'))
    }

    /// `3:5-3:9 text`, cut where it gets long.
    fn place(&self, file: &str, range: &Value) -> String {
        let text = self.texts.get(file).map_or("", String::as_str);
        let (start, end) = (offset(text, &range["start"]), offset(text, &range["end"]));
        let piece = text[start..end.max(start)].split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = piece.chars().take(60).collect();
        let cut = if short.len() < piece.len() { "..." } else { "" };
        format!("{} {short}{cut}", lines(range))
    }

    fn location(&self, location: &Value) -> String {
        let uri = location["uri"].as_str().unwrap_or("?");
        // Lines of the library come and go: what stands there is enough.
        if let Some((_, name)) = uri.split_once("/std/") {
            let text = std::fs::read_to_string(uri.trim_start_matches("file://"));
            let text = text.expect("a file that an answer names is there");
            let range = &location["range"];
            let piece = &text[offset(&text, &range["start"])..offset(&text, &range["end"])];
            return format!("std/{name} {piece}");
        }
        let file = self.name(uri);
        format!("{file}:{}", self.place(file, &location["range"]))
    }

    /// The changed lines of every file that an edit of the workspace changes.
    pub fn changes(&self, edit: &Value) -> String {
        let mut out = Vec::new();
        for (file, new) in self.after(edit) {
            let old = self.texts.get(&file).map_or("", String::as_str);
            out.push(format!("{file}\n{}", diff(old, &new)));
        }
        out.join("\n")
    }

    /// The new texts of the files that an edit changes.
    pub fn after(&self, edit: &Value) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        for (uri, edits) in edit["changes"].as_object().into_iter().flatten() {
            let file = self.name(uri).to_owned();
            let old = self.texts.get(&file).map_or("", String::as_str);
            out.insert(file, edited(old, edits.as_array().map_or(&[], |a| a)));
        }
        out
    }

    /// The value with ranges and files in short.
    pub fn tidy(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.name(text).to_owned()),
            Value::Array(items) => items.iter().map(|v| self.tidy(v)).collect(),
            Value::Object(pairs) => {
                if pairs.len() == 2 && pairs.contains_key("start") && pairs.contains_key("end") {
                    return Value::String(lines(value));
                }
                let tidy = |(k, v): (&String, &Value)| (self.name(k).to_owned(), self.tidy(v));
                Value::Object(pairs.iter().map(tidy).collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }
}

pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a value is JSON")
}

/// The labels, as many on a line as fit.
fn completion(result: &Value) -> String {
    let items = result["items"].as_array().expect("a completion has items");
    let mut out = String::new();
    let mut width = 0;
    for item in items {
        let label = item["label"].as_str().unwrap_or("?");
        if width > 0 && width + label.len() > 98 {
            out.push('\n');
            width = 0;
        }
        if width > 0 {
            out.push_str("  ");
        }
        out.push_str(label);
        width += label.len() + 2;
    }
    out
}

/// The call with the parameter that is being written in `<>`; what it does, unless the library says so.
fn signature(result: &Value) -> String {
    let call = &result["signatures"][0];
    let label = call["label"].as_str().unwrap_or("?");
    let at = result["activeParameter"].as_u64().unwrap_or(0) as usize;
    let active = call["parameters"][at]["label"].as_str().unwrap_or("?");
    let shown = label.replacen(active, &format!("<{active}>"), 1);
    let doc = call["documentation"]["value"].as_str().filter(|_| !label.starts_with("std."));
    format!("{shown}\n{}", doc.unwrap_or(""))
}

fn symbols(list: &Value, depth: usize) -> String {
    let mut out = Vec::new();
    for s in list.as_array().into_iter().flatten() {
        let word = |key: &str| s[key].as_str().unwrap_or("?");
        out.push(format!(
            "{}{} {} {}",
            "  ".repeat(depth),
            word("detail"),
            word("name"),
            lines(&s["range"])
        ));
        let inside = symbols(&s["children"], depth + 1);
        out.extend(Some(inside).filter(|text| !text.is_empty()));
    }
    out.join("\n")
}

/// `word:type`, line by line: with a `!` where it is declared, a `^` where the library declares it.
fn tokens(t: &Texts, text: &str, data: &Value) -> String {
    let numbers: Vec<usize> =
        data.as_array().into_iter().flatten().map(|n| n.as_u64().unwrap_or(0) as usize).collect();
    let rows: Vec<&str> = text.split('\n').collect();
    let mut out: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let (mut line, mut column) = (0, 0);
    for token in numbers.chunks_exact(5) {
        line += token[0];
        column = if token[0] == 0 { column + token[1] } else { token[1] };
        let units: Vec<u16> = rows.get(line).unwrap_or(&"").encode_utf16().collect();
        let word = String::from_utf16_lossy(&units[column..column + token[2]]);
        let kind = t.legend.get(token[3]).map_or("?", String::as_str);
        let marks = [(1, "!"), (2, "^")].iter().filter(|(bit, _)| token[4] & bit > 0);
        let marks: String = marks.map(|(_, mark)| *mark).collect();
        // Nearly every field is the library's: what says so would hide the rest.
        let marks = if kind == "property" { "" } else { marks.as_str() };
        out.entry(line).or_default().push(format!("{word}:{kind}{marks}"));
    }
    let row = |(line, words): (usize, Vec<String>)| format!("{} {}", line + 1, words.join(" "));
    out.into_iter().map(row).collect::<Vec<_>>().join("\n")
}

/// The lines that differ: what all share before and after them is left out.
pub fn diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    // The longest common lines, by the classic table: the texts are short.
    let mut common = vec![vec![0usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i][j] = if old[i] == new[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            out.push(format!("- {}", old[i]));
            i += 1;
        } else {
            out.push(format!("+ {}", new[j]));
            j += 1;
        }
    }
    out.join("\n")
}
