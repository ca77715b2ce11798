//! `yaml() json() toml() ini()`: a value as the text of a document, by the writers of `formats`.
//! Secrets in it stay names.

use crate::model::ThingId;
use crate::model::value::{Secret, SecretPart, Value};
use crate::names::Names;

/// A text, or a secret text where the value holds secrets.
pub fn write(
    format: &str,
    value: &Value,
    names: &Names,
    label: &dyn Fn(ThingId) -> String,
) -> Result<Value, String> {
    // Secrets travel through the writer as marks that no text can hold, and are found again after.
    let mut secrets: Vec<std::sync::Arc<Secret>> = Vec::new();
    let data = data(value, names, label, &mut secrets)?;
    let text = crate::formats::document(format, &data)?;
    if secrets.is_empty() {
        return Ok(Value::Text(text.into()));
    }
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(MARK) {
        let after = &rest[at + MARK.len()..];
        let Some(end) = after.find(END) else { break };
        let Ok(nth) = after[..end].parse::<usize>() else { break };
        parts.push(SecretPart::Text(rest[..at].into()));
        if let Some(secret) = secrets.get(nth) {
            parts.extend(secret.parts.iter().cloned());
        }
        rest = &after[end + END.len()..];
    }
    parts.push(SecretPart::Text(rest.into()));
    parts.retain(|p| !matches!(p, SecretPart::Text(t) if t.is_empty()));
    Ok(Value::Secret(std::sync::Arc::new(Secret { parts: parts.into() })))
}

/// Two characters of a private plane; a value that holds the first is refused.
const MARK: &str = "\u{F8FD0}";
const END: &str = "\u{F8FD1}";

fn data(
    value: &Value,
    names: &Names,
    label: &dyn Fn(ThingId) -> String,
    secrets: &mut Vec<std::sync::Arc<Secret>>,
) -> Result<serde_json::Value, String> {
    use serde_json::Value as Json;
    Ok(match value {
        Value::None => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(n) => Json::from(*n),
        Value::Float(n) => Json::from(*n),
        Value::Text(text) if text.contains(MARK) => {
            return Err("the text holds a character that stands for a secret".into());
        }
        Value::Text(text) => Json::from(&**text),
        Value::List(items) => {
            let mut out = Vec::new();
            for item in items.iter() {
                out.push(data(&item.value, names, label, secrets)?);
            }
            Json::Array(out)
        }
        Value::Map(pairs) => {
            let mut out = serde_json::Map::new();
            for pair in pairs.iter() {
                out.insert(pair.key.to_string(), data(&pair.value, names, label, secrets)?);
            }
            Json::Object(out)
        }
        Value::Bytes(_) => return Err("a size does not print by itself: add `.bytes` or `.mib`".into()),
        Value::Duration(_) => return Err("a duration does not print by itself: add `.seconds`".into()),
        Value::Cpu(_) => return Err("cpu does not print by itself: add `.cores`".into()),
        Value::Secret(secret) => {
            secrets.push(secret.clone());
            Json::from(format!("{MARK}{}{END}", secrets.len() - 1))
        }
        Value::Thing(id) => {
            return Err(format!("`{}` is a reference: name a field of it", label(*id)));
        }
        value => match super::values::print(value, names) {
            Some(text) => Json::from(&*text),
            None => return Err(format!("{} has no place in a document", super::values::describe(value, names))),
        },
    })
}
