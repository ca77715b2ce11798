//! `yaml() json() toml() ini()`: a value as the text of a document, by the writers of `formats`.
//! Secrets in it stay names.

use crate::formats::{self, Data};
use crate::model::ThingId;
use crate::model::value::{Secret, SecretPart, Value};
use crate::names::Names;
use std::sync::Arc;

/// A text, or a secret text where the value holds secrets.
pub fn write(
    format: &str,
    value: &Value,
    names: &Names,
    label: &dyn Fn(ThingId) -> String,
) -> Result<Value, String> {
    if format == "ini" && !matches!(value, Value::Map(_)) {
        return Err("an INI file is a map of sections: `ini({ server = { port = 80 } })`".into());
    }
    // Secrets travel through the writer as marks that no text can hold, and are found again after.
    let mut secrets: Vec<Arc<Secret>> = Vec::new();
    let data = data(value, names, label, &mut secrets)?;
    let written = match format {
        "yaml" => formats::yaml::write("", &data),
        "json" => formats::json::pretty(&data),
        "toml" => formats::toml::write("", &data),
        _ => formats::ini::write("", &sections(&data)?),
    };
    let text = match written {
        Ok(written) => written.text,
        Err(faults) => {
            return Err(faults.into_iter().next().map_or("it cannot be written".into(), |f| f.why));
        }
    };
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
    Ok(Value::Secret(Arc::new(Secret { parts: parts.into() })))
}

/// Two characters of a private plane; a value that holds the first is refused.
const MARK: &str = "\u{F8FD0}";
const END: &str = "\u{F8FD1}";

fn data(
    value: &Value,
    names: &Names,
    label: &dyn Fn(ThingId) -> String,
    secrets: &mut Vec<Arc<Secret>>,
) -> Result<Data<'static>, String> {
    Ok(match value {
        Value::None => Data::null(),
        Value::Bool(b) => formats::data::Value::Bool(*b).into(),
        Value::Int(n) => formats::data::Value::Int(*n).into(),
        Value::Float(n) => formats::data::Value::Float(*n).into(),
        Value::Text(text) if text.contains(MARK) => {
            return Err("the text holds a character that stands for a secret".into());
        }
        Value::Text(text) => Data::text(text.to_string()),
        Value::List(items) => {
            let mut out = Vec::new();
            for item in items.iter() {
                out.push(data(&item.value, names, label, secrets)?);
            }
            Data::list(out)
        }
        Value::Map(pairs) => {
            let mut out = formats::Map::new();
            for pair in pairs.iter() {
                out.put(pair.key.to_string(), data(&pair.value, names, label, secrets)?);
            }
            out.into()
        }
        Value::Bytes(_) => {
            return Err("a size does not print by itself: add `.bytes` or `.mib`".into());
        }
        Value::Duration(_) => {
            return Err("a duration does not print by itself: add `.seconds`".into());
        }
        Value::Cpu(_) => return Err("cpu does not print by itself: add `.cores`".into()),
        Value::Secret(secret) => {
            secrets.push(secret.clone());
            Data::text(format!("{MARK}{}{END}", secrets.len() - 1))
        }
        Value::Thing(id) => {
            return Err(format!("`{}` is a reference: name a field of it", label(*id)));
        }
        value => match super::values::print(value, names) {
            Some(text) => Data::text(text.to_string()),
            None => {
                return Err(format!(
                    "{} has no place in a document",
                    super::values::describe(value, names)
                ));
            }
        },
    })
}

/// The sections of an INI file, from a map of maps.
fn sections(data: &Data<'static>) -> Result<Vec<formats::ini::Section<'static>>, String> {
    use formats::data::Value as Node;
    let Node::Map(map) = &data.value else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    for (name, section) in &map.0 {
        let Node::Map(entries) = &section.value else {
            return Err(format!("`{name}` is no section: an INI file is a map of sections"));
        };
        let mut list = Vec::new();
        for (key, entry) in &entries.0 {
            let value = match &entry.value {
                Node::Text(text) | Node::Word(text) => text.clone().into_owned(),
                Node::Int(n) => n.to_string(),
                Node::Float(n) => n.to_string(),
                Node::Bool(b) => b.to_string(),
                _ => return Err(format!("`{key}` has no single value, so INI cannot say it")),
            };
            list.push(formats::ini::Entry {
                key: key.clone(),
                value: value.into(),
                origin: Default::default(),
            });
        }
        out.push(formats::ini::Section {
            name: name.clone(),
            entries: list,
            origin: Default::default(),
        });
    }
    Ok(out)
}
