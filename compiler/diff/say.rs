//! Values of model.json in the language's own spelling, for a person who reads what changed.

use crate::types::{Bytes, Cpu, Duration};
use serde_json::{Map, Value};

/// Longer ones are cut.
const WIDEST: usize = 60;

pub fn say(value: &Value) -> String {
    cut(&whole(value))
}

fn whole(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(whole).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => object(map),
    }
}

fn object(map: &Map<String, Value>) -> String {
    let number = |key: &str| map.get(key).and_then(Value::as_f64);
    let text = |key: &str| map.get(key).and_then(Value::as_str);
    if map.len() == 1 {
        let nanos = |seconds: f64| Duration((seconds * 1e9).round() as u64);
        if let Some(bytes) = map.get("bytes").and_then(Value::as_u64) {
            return Bytes(bytes).to_string();
        }
        if let Some(seconds) = number("seconds") {
            return nanos(seconds).to_string();
        }
        if let Some(cores) = number("cores") {
            return Cpu((cores * 1000.0).round() as u64).to_string();
        }
        if let Some(word) = text("placement") {
            return if word == "all" { "all".into() } else { format!("{word}(...)") };
        }
        if let Some(parts) = map.get("secret").and_then(Value::as_array) {
            return secret(parts);
        }
    }
    if let Some(port) = map.get("port").filter(|port| !port.is_string()) {
        let container = range(port);
        return match map.get("published") {
            Some(host) => format!("{} -> {container}", range(host)),
            None => container,
        };
    }
    if let Some(word) = text("word") {
        let rest = map.iter().filter(|(key, _)| *key != "word");
        let rest: Vec<String> = rest.map(|(key, v)| format!("{key} = {}", whole(v))).collect();
        return format!("{word}({})", rest.join(", "));
    }
    if let Some(name) = text("generated") {
        return format!("generated.{name}");
    }
    if map.contains_key("host") && map.get("host").is_some_and(Value::is_boolean) {
        return quoted(text("path").unwrap_or(""));
    }
    if map.contains_key("memory") {
        let size = map.get("bytes").and_then(Value::as_u64);
        return size.map_or("tmpfs()".into(), |size| format!("tmpfs({})", Bytes(size)));
    }
    // A reference says first of which kind it is; what follows is where.
    let first = map.iter().next();
    let known =
        |key: &String| matches!(key.as_str(), "on" | "below" | "path" | "driver" | "options");
    if let Some((kind, Value::String(name))) = first
        && map.keys().skip(1).all(known)
        && !known(kind)
    {
        let name = if kind == "volume" { format!("local({name})") } else { name.clone() };
        let below = text("below").map_or(String::new(), |below| format!(" / {}", quoted(below)));
        return format!("{name}{below}");
    }
    let pairs: Vec<String> = map
        .iter()
        .filter(|(key, _)| !key.starts_with('$'))
        .map(|(key, value)| format!("{key} = {}", whole(value)))
        .collect();
    format!("{{ {} }}", pairs.join("   "))
}

/// One port, or the first and the last.
fn range(value: &Value) -> String {
    match value.as_array().map(Vec::as_slice) {
        Some([first, last]) => format!("{first}..{last}"),
        _ => value.to_string(),
    }
}

fn secret(parts: &[Value]) -> String {
    let name = |part: &Value| {
        let of = |key: &str| part.get(key).and_then(Value::as_str).unwrap_or("");
        format!("secret(\"{}/{}\")", of("path").trim_end_matches('/'), of("name"))
    };
    match parts {
        [only] if only.is_object() => name(only),
        parts => {
            let all = parts.iter().map(|part| match part {
                Value::String(text) => text.clone(),
                part => format!("${{{}}}", name(part)),
            });
            quoted(&all.collect::<String>())
        }
    }
}

/// Bare where nobody could take it for anything else.
fn quoted(text: &str) -> String {
    let bare = |c: char| c.is_alphanumeric() || "._-/:@+~".contains(c);
    if !text.is_empty() && text.chars().all(bare) {
        text.to_owned()
    } else {
        crate::answer::value::quoted(text)
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    let head: String = text.chars().take(WIDEST - 3).collect();
    format!("{}...", head.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_they_are_written() {
        for (json, said) in [
            (r#""zsh""#, "zsh"),
            (r#""two words""#, "\"two words\""),
            (r#"{"bytes":4294967296}"#, "4GiB"),
            (r#"{"seconds":90}"#, "1m30s"),
            (r#"{"cores":2}"#, "2cpu"),
            (r#"{"port":3000,"published":3300}"#, "3300 -> 3000"),
            (r#"{"port":[10000,10099]}"#, "10000..10099"),
            (r#"{"word":"nvidia","count":1}"#, "nvidia(count = 1)"),
            (r#"{"node":"box"}"#, "box"),
            (r#"{"port":"gitea.app.web","on":"box"}"#, "gitea.app.web"),
            (r#"{"share":"media","below":"tv","path":"/mnt/tv"}"#, "media / tv"),
            (r#"{"volume":"cache"}"#, "local(cache)"),
            (r#"{"host":true,"path":"/etc/x"}"#, "/etc/x"),
            (r#"{"memory":true,"bytes":1048576}"#, "tmpfs(1MiB)"),
            (r#"{"placement":"each"}"#, "each(...)"),
            (
                r#"{"secret":[{"store":"keys","path":"/x","name":"K","variable":"K"}]}"#,
                "secret(\"/x/K\")",
            ),
            (r#"[{"network":"lan"},{"network":"mesh"}]"#, "[lan, mesh]"),
            (r#"{"a":1,"b":{"c":"d","e":2},"$from":{}}"#, "{ a = 1   b = { c = d   e = 2 } }"),
        ] {
            let value: Value = serde_json::from_str(json).unwrap();
            assert_eq!(say(&value), said, "{json}");
        }
    }
}
