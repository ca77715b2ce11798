//! A resolved cluster as text: every thing and every value, by name, without places or numbers.
//! Two clusters are the same exactly when their dumps are.

use colabc::model::schema::Ty;
use colabc::model::value::{Base, Placement, SecretPart, Value};
use colabc::model::{Model, ThingId};
use std::collections::BTreeSet;

/// Every resolved value on a line of its own, sorted: `service gitea > container app.image = ...`.
pub fn dump(model: &Model) -> BTreeSet<String> {
    let mut dump = Dump { model, lines: BTreeSet::new() };
    for ids in model.schema.kinds.values().filter_map(|shape| model.by_kind.get(shape)) {
        for &id in ids {
            dump.thing(id);
        }
    }
    for instance in &model.instances {
        dump.thing(instance.thing);
    }
    dump.lines
}

struct Dump<'a> {
    model: &'a Model,
    lines: BTreeSet<String>,
}

impl Dump<'_> {
    fn thing(&mut self, id: ThingId) {
        let path = self.model.path(id);
        self.fields(id, &path);
    }

    fn fields(&mut self, id: ThingId, path: &str) {
        self.lines.insert(path.to_owned());
        let model = self.model;
        let shape = model.schema.shape(model.thing(id).shape);
        for (at, field) in shape.fields.iter().enumerate() {
            let name = format!("{path}.{}", model.names.text(field.name));
            let (value, _) = model.at_field(id, at as u16);
            let inner = model.schema.plain(field.ty);
            match (model.schema.ty(inner), value) {
                (_, Value::None) => {}
                (Ty::Record(_), &Value::Thing(block)) => self.fields(block, &name),
                (Ty::Named(_), Value::Things(ids)) => {
                    for &id in ids.iter() {
                        self.fields(id, &format!("{name}[{:?}]", model.label(id)));
                    }
                }
                (_, Value::List(items)) if items.is_empty() => {}
                (_, Value::Map(pairs)) => {
                    for pair in pairs.iter() {
                        let value = self.value(&pair.value);
                        self.lines.insert(format!("{name}[{:?}] = {value}", pair.key));
                    }
                }
                (_, value) => {
                    let value = self.value(value);
                    self.lines.insert(format!("{name} = {value}"));
                }
            }
        }
    }

    fn value(&self, value: &Value) -> String {
        let names = &self.model.names;
        match value {
            Value::Word(word) => {
                let params = word.params.iter().flat_map(|params| params.iter());
                let params: Vec<String> =
                    params.map(|(n, v)| format!("{}={}", names.text(*n), self.value(v))).collect();
                format!("{}({})", names.text(word.word), params.join(", "))
            }
            Value::List(items) => self.list(items.iter().map(|item| self.value(&item.value))),
            Value::Map(pairs) => {
                self.list(pairs.iter().map(|p| format!("{:?}: {}", p.key, self.value(&p.value))))
            }
            Value::Thing(id) => format!("<{}>", self.model.path(*id)),
            Value::Things(ids) => self.list(ids.iter().map(|&id| self.value(&Value::Thing(id)))),
            Value::Secret(secret) => self.list(secret.parts.iter().map(|part| match part {
                SecretPart::Text(text) => format!("{text:?}"),
                SecretPart::Name(name) => {
                    format!("{}{}/{}", self.model.path(name.store), name.path, name.variable)
                }
            })),
            Value::Location(location) => {
                let base = match &location.base {
                    Base::Share(id) | Base::Disk(id) => self.model.path(*id),
                    other => format!("{other:?}"),
                };
                format!("{base} / {:?}", location.sub)
            }
            Value::Generated(name) => format!("generated.{}", names.text(*name)),
            // Its expressions are known by their places in the text only.
            Value::Placement(placement) => match &**placement {
                Placement::All => "all".into(),
                Placement::Each(_) => "each".into(),
                Placement::Where { prefer, .. } => format!("where, {} wishes", prefer.len()),
            },
            plain => format!("{plain:?}"),
        }
    }

    fn list(&self, parts: impl Iterator<Item = String>) -> String {
        format!("[{}]", parts.collect::<Vec<_>>().join(", "))
    }
}
