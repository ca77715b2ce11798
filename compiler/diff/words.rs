//! Two models of a cluster, thing by thing and field by field, in the cluster's own words: what came,
//! went and changed. It sees the old one only as model.json; of the new one it knows the places.

use super::say::say;
use crate::model::schema::{ShapeId, Ty};
use crate::model::value::Value as Resolved;
use crate::model::{Model, ThingId};
use crate::origin::Origin;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::LazyLock;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sort {
    Added,
    Removed,
    Changed,
}

impl Sort {
    pub const fn word(self) -> &'static str {
        match self {
            Sort::Added => "added",
            Sort::Removed => "removed",
            Sort::Changed => "changed",
        }
    }

    pub const fn sign(self) -> &'static str {
        match self {
            Sort::Added => "+",
            Sort::Removed => "-",
            Sort::Changed => "~",
        }
    }
}

/// One thing that is different, of one subject.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    pub sort: Sort,
    /// `gitea.app`, `share fortress`
    pub subject: String,
    /// `gains port ssh = 2222 -> 2222`
    pub text: String,
    /// The node of the instance that it is of.
    pub node: Option<String>,
    /// The declaration at the top that it is part of: `service gitea`.
    pub declaration: String,
    /// The thing in the new cluster that has it, or had it.
    pub thing: Option<ThingId>,
    pub field: Option<u16>,
    /// What says so now.
    pub origin: Origin,
}

/// Everything that differs between two model.json's, in the order of the new one.
pub fn changes(model: &Model, old: &Value, new: &Value) -> Vec<Change> {
    let mut walk = Walk { model, out: Vec::new() };
    walk.root(object(Some(old)), object(Some(new)));
    walk.out
}

struct Walk<'a> {
    model: &'a Model,
    out: Vec<Change>,
}

/// Where the walk is.
#[derive(Clone)]
struct Here {
    subject: String,
    /// Before the name of a field: `limits.`
    prefix: String,
    node: Option<String>,
    declaration: String,
    thing: Option<ThingId>,
    shape: Option<ShapeId>,
}

type Object = Map<String, Value>;

static EMPTY: LazyLock<Object> = LazyLock::new(Map::new);

fn object(value: Option<&Value>) -> &Object {
    value.and_then(Value::as_object).unwrap_or(&EMPTY)
}

/// The keys of the new, then those that only the old has.
fn keys<'a>(old: &'a Object, new: &'a Object) -> Vec<&'a str> {
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    new.keys().chain(gone).map(String::as_str).collect()
}

impl Walk<'_> {
    fn root(&mut self, old: &Object, new: &Object) {
        for plural in keys(old, new) {
            if plural == "format" {
                continue;
            }
            if plural == "cluster" {
                let here = self.top("cluster", "", self.model.cluster);
                self.thing(&here, object(old.get(plural)), object(new.get(plural)));
                continue;
            }
            let shape = self.model.names.find(plural);
            let shape = shape.and_then(|sym| self.model.schema.plurals.get(&sym)).copied();
            let kind = match shape {
                Some(shape) => self.model.names.text(self.model.schema.shape(shape).name),
                None => plural,
            };
            let kind = kind.to_owned();
            let (old, new) = (object(old.get(plural)), object(new.get(plural)));
            for label in keys(old, new) {
                let here = self.top(&kind, label, self.model.find(&kind, label));
                match (old.get(label), new.get(label)) {
                    (None, Some(value)) => {
                        let mut text = match nodes(value) {
                            on if on.is_empty() => format!("is a new {kind}"),
                            on => format!("is a new {kind} on {}", listed(&on)),
                        };
                        if let Some(other) = renamed(old, new, label, value) {
                            text += &format!(", as {other} was");
                        }
                        let origin = here.thing.map_or(Origin::NONE, ThingId::origin);
                        self.put(&here, Sort::Added, text, None, origin);
                    }
                    (Some(_), None) => {
                        self.put(&here, Sort::Removed, "is gone".into(), None, Origin::NONE);
                    }
                    (old, new) => self.thing(&here, object(old), object(new)),
                }
            }
        }
    }

    fn top(&self, kind: &str, label: &str, thing: Option<ThingId>) -> Here {
        let subject = match kind {
            "service" | "node" => label.to_owned(),
            "cluster" => "cluster".to_owned(),
            kind => format!("{kind} {label}"),
        };
        let label =
            if label.is_empty() { thing.map_or("", |id| self.model.label(id)) } else { label };
        Here {
            subject,
            prefix: String::new(),
            node: (kind == "node").then(|| label.to_owned()),
            declaration: format!("{kind} {label}"),
            thing,
            shape: thing.map(|id| self.model.thing(id).shape),
        }
    }

    fn put(&mut self, at: &Here, sort: Sort, text: String, field: Option<u16>, origin: Origin) {
        self.out.push(Change {
            sort,
            subject: at.subject.clone(),
            text,
            node: at.node.clone(),
            declaration: at.declaration.clone(),
            thing: at.thing,
            field,
            origin,
        });
    }

    fn thing(&mut self, here: &Here, old: &Object, new: &Object) {
        let moved = nodes_of(old) != nodes_of(new);
        // What a node has of a file or a task comes and goes with the node's own.
        let copy = here.thing.is_some_and(|id| {
            self.model.thing(id).parent.is_some() && matches!(self.model.kind(id), "file" | "task")
        });
        for key in keys(old, new) {
            match key {
                "$instances" => self.instances(here, old, new),
                // Where it runs is said by its instances.
                "on" if moved || copy => {}
                key if key.starts_with('$') => {}
                key => self.field(here, key, old.get(key), new.get(key)),
            }
        }
    }

    fn instances(&mut self, here: &Here, old: &Object, new: &Object) {
        let (before, after) = (nodes_of(old), nodes_of(new));
        let gone: Vec<&String> = before.difference(&after).collect();
        let come: Vec<&String> = after.difference(&before).collect();
        let names = |list: &[&String]| {
            listed(&list.iter().map(|name| name.to_string()).collect::<Vec<_>>())
        };
        let text = match (gone.is_empty(), come.is_empty()) {
            (true, true) => None,
            (true, false) if before.is_empty() => Some(format!("runs on {}", names(&come))),
            (true, false) => Some(format!("runs on {} as well", names(&come))),
            (false, true) => Some(format!("no longer runs on {}", names(&gone))),
            (false, false) => Some(format!("moves from {} to {}", names(&gone), names(&come))),
        };
        if let Some(text) = text {
            let origin = self.origin_of(here, "on", None);
            // Everything of it is elsewhere.
            self.put(here, Sort::Changed, text, None, origin);
        }
        let (old, new) = (object(old.get("$instances")), object(new.get("$instances")));
        for node in before.intersection(&after) {
            let instance = self.model.instances.iter().find(|i| {
                Some(i.service) == here.thing && self.model.label(i.node) == node.as_str()
            });
            let inner = Here {
                node: Some(node.clone()),
                thing: instance.map(|i| i.thing).or(here.thing),
                ..here.clone()
            };
            self.thing(&inner, object(old.get(node)), object(new.get(node)));
        }
    }

    fn number(&self, here: &Here, field: &str) -> Option<u16> {
        let shape = self.model.schema.shape(here.shape?);
        shape.field(self.model.names.find(field)?)
    }

    /// What says the field of the new cluster, or one key of it.
    fn origin_of(&self, here: &Here, field: &str, key: Option<&str>) -> Origin {
        let Some(thing) = here.thing else { return Origin::NONE };
        let (value, origin) = self.model.at(thing, field);
        let part = match (value, key) {
            (Resolved::Map(pairs), Some(key)) => {
                pairs.iter().find(|pair| &*pair.key == key).map(|pair| pair.origin)
            }
            (Resolved::List(items), Some(key)) => items
                .iter()
                .find(|item| crate::answer::value::spell(&item.value, self.model) == key)
                .map(|item| item.origin),
            _ => None,
        };
        part.filter(|origin| !origin.is_none()).unwrap_or(origin)
    }

    fn field(&mut self, here: &Here, key: &str, old: Option<&Value>, new: Option<&Value>) {
        if old == new {
            return;
        }
        let number = self.number(here, key);
        let ty = number.zip(here.shape).map(|(at, shape)| {
            let schema = &self.model.schema;
            schema.ty(schema.plain(schema.shape(shape).fields[usize::from(at)].ty)).clone()
        });
        let is_object = |value: Option<&Value>| value.is_none_or(Value::is_object);
        let both = is_object(old) && is_object(new);
        match ty {
            Some(Ty::Named(inner)) if both => self.children(here, key, inner, old, new),
            Some(Ty::Record(inner)) if both => {
                let block = here.thing.and_then(|id| self.model.block(id, key));
                let here = Here {
                    prefix: format!("{}{key}.", here.prefix),
                    thing: block.or(here.thing),
                    shape: block.map_or(Some(inner), |id| Some(self.model.thing(id).shape)),
                    ..here.clone()
                };
                self.thing(&here, object(old), object(new));
            }
            Some(Ty::Map(..)) if both => {
                let (old, new) = (object(old), object(new));
                for entry in keys(old, new) {
                    let name = format!("{}{key} {entry}", here.prefix);
                    let origin = self.origin_of(here, key, Some(entry));
                    self.value(here, &name, number, origin, old.get(entry), new.get(entry));
                }
            }
            _ => {
                if let (Some(Value::Array(before)), Some(Value::Array(after))) = (
                    old.or(Some(&Value::Array(Vec::new()))),
                    new.or(Some(&Value::Array(Vec::new()))),
                ) && !before.iter().chain(after).any(Value::is_array)
                {
                    self.elements(here, key, number, before, after);
                    return;
                }
                let name = format!("{}{key}", here.prefix);
                let origin = self.origin_of(here, key, None);
                self.value(here, &name, number, origin, old, new);
            }
        }
    }

    fn value(
        &mut self,
        here: &Here,
        name: &str,
        field: Option<u16>,
        origin: Origin,
        old: Option<&Value>,
        new: Option<&Value>,
    ) {
        // The main field of a thing is the thing itself.
        let named = |text: &str| match name {
            "value" => text.to_owned(),
            name => format!("{name} = {text}"),
        };
        let (sort, text) = match (old, new) {
            (old, new) if old == new => return,
            (None, Some(new)) => (Sort::Added, format!("gains {}", named(&say(new)))),
            (Some(old), None) => (Sort::Removed, format!("loses {}", named(&say(old)))),
            (Some(old), Some(new)) => {
                let (old, new) = (say(old), say(new));
                let name = if name == "value" { String::new() } else { format!("{name}: ") };
                if old == new {
                    (Sort::Changed, format!("{name}{new} is another now"))
                } else {
                    (Sort::Changed, format!("{name}{old} becomes {new}"))
                }
            }
            (None, None) => return,
        };
        self.put(here, sort, text, field, origin);
    }

    /// A list or a set: what came, what went, or only the order.
    fn elements(
        &mut self,
        here: &Here,
        key: &str,
        field: Option<u16>,
        old: &[Value],
        new: &[Value],
    ) {
        let name = format!("{}{key}", here.prefix);
        let gone: Vec<&Value> = old.iter().filter(|item| !new.contains(item)).collect();
        let come: Vec<&Value> = new.iter().filter(|item| !old.contains(item)).collect();
        if let ([old], [new], 1, 1) = (gone.as_slice(), come.as_slice(), old.len(), new.len()) {
            let origin = self.origin_of(here, key, None);
            self.value(here, &name, field, origin, Some(old), Some(new));
            return;
        }
        for item in &come {
            let spelled = item.as_str().map(crate::answer::value::quoted);
            let origin = self.origin_of(here, key, spelled.as_deref());
            let text = format!("{name} gains {}", say(item));
            self.put(here, Sort::Added, text, field, origin);
        }
        let origin = self.origin_of(here, key, None);
        for item in &gone {
            let text = format!("{name} loses {}", say(item));
            self.put(here, Sort::Removed, text, field, origin);
        }
        if gone.is_empty() && come.is_empty() {
            let text = format!("{name} has another order: {}", say(&new.to_vec().into()));
            self.put(here, Sort::Changed, text, field, origin);
        }
    }

    /// Labelled things inside of another.
    fn children(
        &mut self,
        here: &Here,
        word: &str,
        shape: ShapeId,
        old: Option<&Value>,
        new: Option<&Value>,
    ) {
        let (old, new) = (object(old), object(new));
        for label in keys(old, new) {
            let children = here.thing.map_or(&[][..], |id| self.model.children(id, word));
            let child = children.iter().copied().find(|&id| self.model.label(id) == label);
            let main = |value: &Value| {
                let main = value.get("value").map(|value| format!(" = {}", say(value)));
                main.unwrap_or_default()
            };
            let origin = child.map_or(Origin::NONE, ThingId::origin);
            match (old.get(label), new.get(label)) {
                (None, Some(value)) => {
                    let text = format!("gains {}{word} {label}{}", here.prefix, main(value));
                    let here = Here { thing: child.or(here.thing), ..here.clone() };
                    self.put(&here, Sort::Added, text, None, origin);
                }
                (Some(value), None) => {
                    let text = format!("loses {}{word} {label}{}", here.prefix, main(value));
                    self.put(here, Sort::Removed, text, None, Origin::NONE);
                }
                (old, new) => {
                    let subject = match word {
                        "container" | "unit" => format!("{}.{label}", here.subject),
                        word => format!("{} {}{word} {label}", here.subject, here.prefix),
                    };
                    let inner = Here {
                        subject,
                        prefix: String::new(),
                        thing: child.or(here.thing),
                        shape: Some(child.map_or(shape, |id| self.model.thing(id).shape)),
                        ..here.clone()
                    };
                    self.thing(&inner, object(old), object(new));
                }
            }
        }
    }
}

/// The thing that is gone and was the same but for its name.
fn renamed<'a>(old: &'a Object, new: &Object, label: &str, value: &Value) -> Option<&'a str> {
    let mut gone = old.iter().filter(|(name, _)| !new.contains_key(*name));
    let same = gone.find(|(name, was)| is_same(was, value, (name, label)));
    same.map(|(name, _)| name.as_str())
}

/// Whether two values are equal where texts may have one name for another.
fn is_same(old: &Value, new: &Value, names: (&str, &str)) -> bool {
    let text = |old: &str, new: &str| old == new || old.replace(names.0, names.1) == new;
    match (old, new) {
        (Value::String(old), Value::String(new)) => text(old, new),
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_same(old, new, names))
        }
        (Value::Object(old), Value::Object(new)) => {
            // Which layers said it names files as well.
            let said = |(key, _): &(&String, &Value)| *key != "$from";
            let mut pairs = old.iter().filter(said).zip(new.iter().filter(said));
            old.len() == new.len()
                && pairs.all(|(old, new)| text(old.0, new.0) && is_same(old.1, new.1, names))
        }
        (old, new) => old == new,
    }
}

fn nodes_of(service: &Object) -> BTreeSet<String> {
    object(service.get("$instances")).keys().cloned().collect()
}

fn nodes(service: &Value) -> Vec<String> {
    service.as_object().map(nodes_of).unwrap_or_default().into_iter().collect()
}

/// `a, b and c`
pub fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
