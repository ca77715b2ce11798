//! How values and things of the model read on a page.

use super::paper::{Nodes, code, commas, joined, link, paragraph, say, written};
use super::{Book, Page, file_of, id};
use crate::formats::html::Node;
use crate::model::reach;
use crate::model::value::{Base, Location, SecretName, SecretPart, Value};
use crate::model::{Model, ThingId};
use crate::origin::Origin;
use std::borrow::Cow;

/// Where a kind of things stands in the book.
const HOMES: &[(&str, &str)] = &[
    ("network", "networks.html"),
    ("record", "networks.html"),
    ("site", "sites.html"),
    ("share", "storage.html"),
    ("cache", "storage.html"),
    ("backup", "backups.html"),
    ("secrets", "secrets.html"),
    ("user", "people.html"),
    ("decision", "decisions.html"),
    ("role", "layers.html"),
    ("group", "operations.html"),
    ("rollout", "operations.html"),
    ("task", "operations.html"),
    ("alert", "operations.html"),
];

impl<'a> Book<'a> {
    /// Where a thing is described: its own page, its place on another, or nowhere.
    pub(super) fn href(&self, thing: ThingId) -> Option<String> {
        let model = self.model();
        let mut at = thing;
        loop {
            let (kind, label) = (model.kind(at), model.label(at));
            match kind {
                "node" | "service" => return Some(file_of(kind, label)),
                "cluster" => return Some("index.html".into()),
                "secret-path" => {
                    let store = model.thing(at).parent.map_or("", |store| model.label(store));
                    return Some(["secrets.html#", &id(store, label)].concat());
                }
                _ => {}
            }
            if let Some((_, home)) = HOMES.iter().find(|(home, _)| *home == kind) {
                return Some([home, "#", &id(kind, label)].concat());
            }
            at = model.thing(at).parent?;
        }
    }

    /// A thing by the name that people use, with a link to where it is described.
    pub(super) fn link(&self, thing: ThingId) -> Node<'a> {
        let model = self.model();
        let name: Cow<'a, str> = match model.kind(thing) {
            "container" | "unit" | "port" | "disk" => Cow::Owned(self.dotted(thing)),
            _ => Cow::Borrowed(model.label(thing)),
        };
        match self.href(thing) {
            Some(href) => link(href, name),
            None => code(name),
        }
    }

    /// `gitea.app.web`: the words between are left out, as the language allows.
    pub(super) fn dotted(&self, thing: ThingId) -> String {
        const BETWEEN: [&str; 6] = ["container", "unit", "port", "hardware", "disk", "path"];
        let model = self.model();
        let mut steps: Vec<&str> = Vec::new();
        let mut at = Some(thing);
        while let Some(one) = at {
            let label = model.label(one);
            let between = BETWEEN.contains(&label) && is_block(model, one);
            if !between && !label.is_empty() {
                steps.push(label);
            }
            at = model.thing(one).parent;
        }
        steps.reverse();
        steps.join(".")
    }

    pub(super) fn links(&self, things: impl IntoIterator<Item = ThingId>) -> Nodes<'a> {
        commas(things.into_iter().map(|thing| self.link(thing)))
    }

    /// A field as people read it, with where it was stated; nothing where it is not.
    pub(super) fn fact(&self, thing: ThingId, field: &str) -> (Nodes<'a>, Origin) {
        let (value, origin) = self.model().at(thing, field);
        (self.value(value), origin)
    }

    /// A field of a closed set or a truth, unless it is what most have.
    pub(super) fn unusual(&self, thing: ThingId, field: &str, usual: &str) -> (Nodes<'a>, Origin) {
        let (value, origin) = self.model().at(thing, field);
        let nodes = self.value(value);
        match nodes.first() {
            Some(Node::Text(text)) if text == usual => (Nodes::new(), Origin::NONE),
            _ => (nodes, origin),
        }
    }

    /// A truth in words of its own.
    pub(super) fn flag(
        &self,
        thing: ThingId,
        field: &str,
        (yes, no): (&'static str, &'static str),
    ) -> (Nodes<'a>, Origin) {
        let (value, origin) = self.model().at(thing, field);
        let text = match value {
            Value::Bool(true) => yes,
            Value::Bool(false) => no,
            _ => "",
        };
        let nodes = if text.is_empty() { Nodes::new() } else { vec![say(text)] };
        (nodes, origin)
    }

    /// What somebody wrote of a thing: its `description`, else what stands above it in `///`.
    pub(super) fn description(&self, thing: ThingId) -> (Nodes<'a>, Origin) {
        let (value, origin) = self.model().at(thing, "description");
        let text = value.as_text().or_else(|| self.model().note(thing));
        (text.map(|text| written(text.replace('\n', " "))).unwrap_or_default(), origin)
    }

    /// The page that a node or service has for itself, as it begins.
    pub(super) fn page_of(&self, thing: ThingId) -> Page<'a> {
        let (kind, name) = (self.model().kind(thing), self.model().label(thing));
        let (what, origin) = self.description(thing);
        let lead = if what.is_empty() { Nodes::new() } else { vec![paragraph(what, origin)] };
        let mut page = Page::new(&file_of(kind, name), name, lead);
        page.made_from.push(thing);
        page
    }

    pub(super) fn value(&self, value: &'a Value) -> Nodes<'a> {
        let model = self.model();
        match value {
            Value::None | Value::Poison => Nodes::new(),
            Value::Bool(true) => vec![say("yes")],
            Value::Bool(false) => vec![say("no")],
            Value::Int(number) => vec![say(number.to_string())],
            Value::Float(number) => vec![say(number.to_string())],
            Value::Text(text) => vec![code(&**text)],
            Value::Bytes(size) => vec![say(size.to_string())],
            Value::Duration(time) => vec![say(time.to_string())],
            Value::Cpu(cores) => vec![say(cores.to_string())],
            Value::Ip(ip) => vec![code(ip.to_string())],
            Value::Cidr(range) => vec![code(range.to_string())],
            Value::Mac(mac) => vec![code(mac.to_string())],
            Value::Mode(mode) => vec![code(mode.to_string())],
            Value::Ports(ports) => vec![code(ports.to_string())],
            Value::Word(word) => {
                let mut nodes = vec![say(model.names.text(word.word))];
                let params = word.params.iter().flat_map(|params| params.iter());
                let params = params.filter_map(|(name, value)| {
                    let mut said = self.value(value);
                    if said.is_empty() {
                        return None;
                    }
                    said.insert(0, say(format!("{} ", model.names.text(*name))));
                    Some(said)
                });
                let params = joined(params, ", ");
                if !params.is_empty() {
                    nodes.push(say(" ("));
                    nodes.extend(params);
                    nodes.push(say(")"));
                }
                nodes
            }
            Value::List(items) => joined(items.iter().map(|item| self.value(&item.value)), ", "),
            Value::Map(pairs) => joined(
                pairs.iter().map(|pair| {
                    let mut nodes = vec![code(&*pair.key), say(" ")];
                    nodes.extend(self.value(&pair.value));
                    nodes
                }),
                ", ",
            ),
            Value::Thing(thing) if is_block(model, *thing) => self.block(*thing),
            Value::Thing(thing) => vec![self.link(*thing)],
            Value::Things(things) => self.links(things.iter().copied()),
            Value::Secret(secret) => {
                let parts = secret.parts.iter().map(|part| match part {
                    SecretPart::Text(text) => code(&**text),
                    SecretPart::Name(name) => self.secret(name),
                });
                parts.collect()
            }
            Value::Location(location) => self.location(location),
            Value::Generated(name) => {
                vec![say(format!("made by colabc ({})", model.names.text(*name)))]
            }
            Value::Placement(_) => Nodes::new(),
        }
    }

    /// The fields of a record that say something, one after the other.
    fn block(&self, thing: ThingId) -> Nodes<'a> {
        let model = self.model();
        let shape = model.schema.shape(model.thing(thing).shape);
        let fields = shape.fields.iter().enumerate().filter_map(|(at, field)| {
            let mut nodes = self.value(model.at_field(thing, at as u16).0);
            if nodes.is_empty() {
                return None;
            }
            nodes.insert(0, say(format!("{} ", model.names.text(field.name))));
            Some(nodes)
        });
        joined(fields, ", ")
    }

    /// A secret's name, with a link to where it is used.
    pub(super) fn secret(&self, name: &SecretName) -> Node<'a> {
        let store = self.model().label(name.store);
        let place = id(&format!("{store}-secret"), &format!("{}/{}", name.path, name.name));
        link(format!("secrets.html#{place}"), name.name.to_string())
    }

    /// `fortress / data/gitea`
    pub(super) fn location(&self, location: &Location) -> Nodes<'a> {
        let mut nodes = match &location.base {
            Base::Share(thing) | Base::Disk(thing) => vec![self.link(*thing)],
            Base::Host(path) => vec![code(path.to_string())],
            Base::Local { name, .. } => {
                vec![say("volume of the engine "), code(name.to_string())]
            }
            Base::Memory { size, .. } => match size {
                Some(size) => vec![say(format!("memory, at most {size}"))],
                None => vec![say("memory")],
            },
        };
        if !location.sub.is_empty() {
            nodes.push(say(" / "));
            nodes.push(code(location.sub.to_string()));
        }
        nodes
    }

    /// The path of a location on a node, as its programs see it.
    pub(super) fn path_on(&self, location: &Location, node: ThingId) -> Option<String> {
        reach::path_on(&mut self.known(), &location.base, &location.sub, node).ok().flatten()
    }
}

/// Whether it is a block of a thing rather than a thing with a name.
pub(super) fn is_block(model: &Model, thing: ThingId) -> bool {
    !model.schema.shape(model.thing(thing).shape).is_kind
}
