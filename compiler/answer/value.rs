//! Values in the language's own spelling, as lines for scripts, and as JSON. A secret is always its
//! name.

use crate::model::schema::{ShapeId, Ty};
use crate::model::value::{Base, Location, Placement, Secret, SecretPart, Value, Word};
use crate::model::{Model, ThingId};
use crate::resolve::values::is_name;
use crate::types::PortRange;
use serde_json::{Map, Value as Json, json};

/// As it could stand in a source: `"zsh"`, `4GiB`, `["a", "b"]`, `gitea.app`.
pub fn spell(value: &Value, model: &Model) -> String {
    match value {
        Value::None => "none".into(),
        Value::Poison => "(faulty)".into(),
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(n) => float(*n),
        Value::Text(text) => quoted(text),
        Value::Bytes(b) => b.to_string(),
        Value::Duration(d) => d.to_string(),
        Value::Cpu(c) => c.to_string(),
        Value::Ip(ip) => ip.to_string(),
        Value::Cidr(c) => c.to_string(),
        Value::Mac(m) => m.to_string(),
        Value::Mode(m) => m.to_string(),
        Value::Ports(p) => p.to_string(),
        Value::Word(word) => {
            let name = model.names.text(word.word);
            let params: Vec<String> = word
                .params
                .iter()
                .flat_map(|params| params.iter())
                .filter(|(_, value)| !value.is_none())
                .map(|(name, value)| {
                    format!("{} = {}", model.names.text(*name), spell(value, model))
                })
                .collect();
            if params.is_empty() { name.into() } else { format!("{name}({})", params.join(", ")) }
        }
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|i| spell(&i.value, model)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(pairs) => braces(pairs.iter().map(|p| (key(&p.key), spell(&p.value, model)))),
        Value::Thing(id) if is_block(*id, model) => {
            braces(fields(*id, model).map(|(name, value)| (name.to_owned(), spell(value, model))))
        }
        Value::Thing(id) => name(*id, model),
        Value::Things(ids) => {
            let names: Vec<String> = ids.iter().map(|&id| name(id, model)).collect();
            format!("[{}]", names.join(", "))
        }
        Value::Secret(secret) => spell_secret(secret),
        Value::Location(location) => spell_location(location, model),
        Value::Generated(name) => format!("generated.{}", model.names.text(*name)),
        Value::Placement(placement) => match **placement {
            Placement::All => "all nodes".into(),
            Placement::Each(_) => "each(...)".into(),
            Placement::Where { .. } => "where(...)".into(),
        },
    }
}

/// For scripts: a text as it is, lists one element a line, maps and blocks as `key = value`.
pub fn lines(value: &Value, model: &Model) -> String {
    let plain = |value: &Value| match value {
        Value::Text(text) => text.to_string(),
        value => spell(value, model),
    };
    let lines: Vec<String> = match value {
        Value::List(items) => items.iter().map(|i| plain(&i.value)).collect(),
        Value::Things(ids) => ids.iter().map(|&id| name(id, model)).collect(),
        Value::Map(pairs) => {
            pairs.iter().map(|p| format!("{} = {}", p.key, plain(&p.value))).collect()
        }
        Value::Thing(id) if is_block(*id, model) => {
            fields(*id, model).map(|(name, value)| format!("{name} = {}", plain(value))).collect()
        }
        value => vec![plain(value)],
    };
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// For programs: as in `out/model.json`, but a thing is its name alone, as the language writes it.
pub fn json(value: &Value, model: &Model) -> Json {
    match value {
        Value::None | Value::Poison => Json::Null,
        Value::Bool(b) => (*b).into(),
        Value::Int(n) => (*n).into(),
        Value::Float(n) => (*n).into(),
        Value::Text(text) => (&**text).into(),
        Value::Bytes(size) => json!({ "bytes": size.0 }),
        Value::Duration(time) => match time.whole_seconds() {
            Some(whole) => json!({ "seconds": whole }),
            None => json!({ "seconds": time.0 as f64 / 1e9 }),
        },
        Value::Cpu(cpu) if cpu.0 % 1000 == 0 => json!({ "cores": cpu.0 / 1000 }),
        Value::Cpu(cpu) => json!({ "cores": cpu.cores() }),
        Value::Ports(ports) => match ports.host {
            Some(host) => json!({ "port": range(ports.container), "published": range(host) }),
            None => json!({ "port": range(ports.container) }),
        },
        Value::Word(word) => json_word(word, model),
        Value::List(items) => items.iter().map(|i| json(&i.value, model)).collect(),
        Value::Map(pairs) => {
            Json::Object(pairs.iter().map(|p| (p.key.to_string(), json(&p.value, model))).collect())
        }
        Value::Thing(id) if is_block(*id, model) => Json::Object(
            fields(*id, model).map(|(name, value)| (name.into(), json(value, model))).collect(),
        ),
        Value::Thing(id) => name(*id, model).into(),
        Value::Things(ids) => ids.iter().map(|&id| Json::from(name(id, model))).collect(),
        Value::Secret(secret) => {
            let part = |part: &SecretPart| match part {
                SecretPart::Text(text) => Json::from(&**text),
                SecretPart::Name(name) => json!({
                    "store": model.label(name.store),
                    "path": *name.path,
                    "name": *name.name,
                    "variable": *name.variable,
                }),
            };
            json!({ "secret": secret.parts.iter().map(part).collect::<Vec<_>>() })
        }
        Value::Location(location) => json_location(location, model),
        Value::Generated(name) => json!({ "generated": model.names.text(*name) }),
        Value::Placement(placement) => {
            let word = match **placement {
                Placement::All => "all",
                Placement::Each(_) => "each",
                Placement::Where { .. } => "where",
            };
            json!({ "placement": word })
        }
        Value::Ip(_) | Value::Cidr(_) | Value::Mac(_) | Value::Mode(_) => {
            spell(value, model).into()
        }
    }
}

/// One port as a number, several as the first and the last.
fn range(range: PortRange) -> Json {
    if range.first == range.last { range.first.into() } else { json!([range.first, range.last]) }
}

/// A text, unless it has parameters.
fn json_word(word: &Word, model: &Model) -> Json {
    let name = model.names.text(word.word);
    let params = word.params.iter().flat_map(|params| params.iter());
    let params: Vec<_> = params.filter(|(_, value)| !value.is_none()).collect();
    if params.is_empty() {
        return name.into();
    }
    let mut whole = Map::new();
    whole.insert("word".into(), name.into());
    for (param, value) in params {
        whole.insert(model.names.text(*param).into(), json(value, model));
    }
    whole.into()
}

fn json_location(location: &Location, model: &Model) -> Json {
    let mut whole = match &location.base {
        Base::Share(id) | Base::Disk(id) => json!({ model.kind(*id): name(*id, model) }),
        Base::Host(path) => json!({ "host": true, "path": **path }),
        Base::Local { name, .. } => json!({ "volume": **name }),
        Base::Memory { size: Some(size), .. } => json!({ "memory": true, "bytes": size.0 }),
        Base::Memory { size: None, .. } => json!({ "memory": true }),
    };
    if !location.sub.is_empty() {
        whole["below"] = (*location.sub).into();
    }
    whole
}

/// A thing's name as an expression: `cooperator`, `gitea.app.web`, `sites["git.ism.la"]`, and of one
/// instance of many `exporter.on(director).main`.
pub fn name(id: ThingId, model: &Model) -> String {
    named(id, model, true)
}

/// The same name for all instances.
pub fn common_name(id: ThingId, model: &Model) -> String {
    named(id, model, false)
}

fn named(id: ThingId, model: &Model, with_node: bool) -> String {
    let thing = model.thing(id);
    let label = model.label(id);
    if model.cluster == Some(id) {
        return model.kind(id).to_owned();
    }
    let Some(parent) = thing.parent else {
        // One block is every thing's that says nothing of it.
        let owner = is_block(id, model).then(|| owner(thing.shape, model)).flatten();
        let bare = if let Some(owner) = owner {
            format!("{owner}.{label}")
        } else if is_name(label) {
            label.to_owned()
        } else {
            let plural = model.schema.shape(thing.shape).plural;
            format!("{}[{}]", plural.map_or("", |sym| model.names.text(sym)), quoted(label))
        };
        return match thing.node {
            Some(node) if with_node && thing.instance == Some(id) && is_one_of_many(id, model) => {
                format!("{bare}.on({})", model.label(node))
            }
            _ => bare,
        };
    };
    let above = named(parent, model, with_node);
    let word = word_of(id, parent, model);
    if is_block(id, model) {
        format!("{above}.{label}")
    } else if matches!(word, "container" | "unit" | "port" | "path") {
        if is_name(label) {
            format!("{above}.{label}")
        } else {
            format!("{above}[{}]", quoted(label))
        }
    } else if !is_name(label) {
        format!("{above}.{word}[{}]", quoted(label))
    } else {
        format!("{above}.{word}.{label}")
    }
}

/// The kind that has such a block.
fn owner(block: ShapeId, model: &Model) -> Option<&str> {
    let has = |shape: ShapeId| {
        let mut fields = model.schema.shape(shape).fields.iter();
        fields.any(|f| *model.schema.ty(model.schema.plain(f.ty)) == Ty::Record(block))
    };
    let kinds = model.schema.kinds.values().copied().filter(|&shape| has(shape));
    kinds.map(|shape| model.names.text(model.schema.shape(shape).name)).min()
}

/// The word under which a thing stands in another: the field's, which need not be its kind's.
fn word_of(id: ThingId, parent: ThingId, model: &Model) -> &str {
    let shape = model.thing(id).shape;
    let fields = &model.schema.shape(model.thing(parent).shape).fields;
    let field = fields.iter().find(|f| *model.schema.ty(f.ty) == Ty::Named(shape));
    field.map_or(model.kind(id), |field| model.names.text(field.name))
}

/// Whether the thing's service has other instances as well.
pub fn is_one_of_many(instance: ThingId, model: &Model) -> bool {
    let service = model.instances.iter().find(|i| i.thing == instance).map(|i| i.service);
    service.is_some_and(|service| model.instances_of(service).count() > 1)
}

/// A record's block: it has no name of its own.
pub fn is_block(id: ThingId, model: &Model) -> bool {
    !model.schema.shape(model.thing(id).shape).is_kind
}

/// The fields of a block that hold anything.
fn fields(id: ThingId, model: &Model) -> impl Iterator<Item = (&str, &Value)> {
    let shape = model.schema.shape(model.thing(id).shape);
    shape.fields.iter().enumerate().filter_map(move |(at, field)| {
        if matches!(model.schema.ty(field.ty), Ty::Layer(_)) {
            return None;
        }
        let (value, _) = model.at_field(id, at as u16);
        let empty = match value {
            Value::None => true,
            Value::List(items) => items.is_empty(),
            Value::Map(pairs) => pairs.is_empty(),
            Value::Things(ids) => ids.is_empty(),
            Value::Thing(inner) if is_block(*inner, model) => {
                fields(*inner, model).next().is_none()
            }
            _ => false,
        };
        (!empty).then(|| (model.names.text(field.name), value))
    })
}

fn braces(pairs: impl Iterator<Item = (String, String)>) -> String {
    let pairs: Vec<String> = pairs.map(|(key, value)| format!("{key} = {value}")).collect();
    if pairs.is_empty() { "{ }".into() } else { format!("{{ {} }}", pairs.join("   ")) }
}

fn key(text: &str) -> String {
    if is_name(text) { text.to_owned() } else { quoted(text) }
}

/// A text in quotes, with the escapes of the language.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    push_escaped(&mut out, text);
    out.push('"');
    out
}

fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '$' if rest.peek() == Some(&'{') => out.push_str("\\$"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => out.push(c),
        }
    }
}

fn float(n: f64) -> String {
    if n.fract() == 0.0 && n.abs() < 1e15 { format!("{n:.1}") } else { n.to_string() }
}

fn spell_secret(secret: &Secret) -> String {
    let call = |part: &crate::model::value::SecretName| {
        format!("secret(\"{}/{}\")", part.path.trim_end_matches('/'), part.name)
    };
    if let [SecretPart::Name(only)] = &*secret.parts {
        return call(only);
    }
    let mut out = String::from("\"");
    for part in &secret.parts {
        match part {
            SecretPart::Text(text) => push_escaped(&mut out, text),
            SecretPart::Name(name) => out.push_str(&format!("${{{}}}", call(name))),
        }
    }
    out.push('"');
    out
}

fn spell_location(location: &Location, model: &Model) -> String {
    let base = match &location.base {
        Base::Share(id) | Base::Disk(id) => name(*id, model),
        Base::Host(path) => quoted(path),
        Base::Local { name, .. } => format!("local({})", quoted(name)),
        Base::Memory { size: Some(size), .. } => format!("tmpfs({size})"),
        Base::Memory { size: None, .. } => "tmpfs()".into(),
    };
    if location.sub.is_empty() { base } else { format!("{base} / {}", quoted(&location.sub)) }
}
