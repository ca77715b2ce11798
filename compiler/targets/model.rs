//! model.json: the resolved cluster with provenance, for other people's emitters. Whatever kinds
//! there are, also the user's own, it says in one way; `model/schema.json` tells which.

mod value;

use super::{Emit, File, Target, Telling};
use crate::formats::json::Stream;
use crate::formats::{Taker, Written};
use crate::model::reach::{self, Known};
use crate::model::schema::{ShapeId, Ty};
use crate::model::value::{Item, Value};
use crate::model::{Cluster, Model, ThingId};
use crate::origin::Origin;
use crate::source::FileId;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

pub const TARGET: Target = Target {
    name: "model.json",
    doc: "The resolved cluster, for other programs",
    emit: Emit::Telling { named, tell, looks: false },
};

/// The JSON Schema of the file.
pub const SCHEMA: &str = include_str!("model/schema.json");

/// Grows when a reader of the old shape would be misled.
pub const FORMAT: i64 = 1;

/// Layers are resolved into what they hold for, and so are the files and tasks that stand alone.
const DISSOLVED: &[&str] =
    &["project", "global", "arch-layer", "os-layer", "service-layer", "file", "task"];

/// What the file says of a thing, in bytes, at most as a rule.
const OF_A_THING: usize = 320;

/// What a service says once for all of its nodes.
const OF_SERVICE: &[&str] = &[
    "on",
    "needs",
    "availability",
    "status",
    "enabled",
    "site",
    "alert",
    "after",
    "tier",
    "rollout",
    "down",
    "description",
    "allow",
];

/// Of those, what an instance says again, perhaps in another way.
const OF_INSTANCE: &[&str] = &["enabled", "after", "down", "description", "allow"];

/// Its one path has nobody's name in it.
fn named(_: &Cluster) -> Vec<(String, ThingId)> {
    Vec::new()
}

fn tell<'a>(cluster: &'a Cluster, out: &mut Telling<'a>) {
    let path = "model.json";
    out.whole(path, move |to| (File::new(path).from(cluster.cluster), write(cluster.model(), to)));
}

/// The file's text, also of a cluster that breaks a rule: what faults are is not its affair.
pub fn write(model: &Model, to: Taker) -> Written {
    let json = match to {
        Some(_) => Stream::pretty(),
        None => Stream::with_room(OF_A_THING * model.things.len()),
    };
    let mut writer = Writer::new(model, json, to);
    writer.root();
    writer.json.finish()
}

struct Writer<'a, 't> {
    model: &'a Model,
    json: Stream,
    /// Whoever takes the text while it grows.
    to: Taker<'t>,
    /// Many values stand in one declaration: each is spelled once.
    declared: FxHashMap<(u32, FileId), Option<Arc<str>>>,
    /// By shape, and whether it is a service on a node.
    shown: FxHashMap<(ShapeId, bool), Rc<[(u16, &'a str)]>>,
}

/// By declaration: the fields whose values stand there.
type Provenance<'a> = BTreeMap<Arc<str>, Vec<Cow<'a, str>>>;

fn note<'a>(provenance: &mut Provenance<'a>, of: Option<Arc<str>>, name: Cow<'a, str>) {
    if let Some(declaration) = of {
        provenance.entry(declaration).or_default().push(name);
    }
}

impl<'a, 't> Writer<'a, 't> {
    fn new(model: &'a Model, json: Stream, to: Taker<'t>) -> Self {
        let (declared, shown) = Default::default();
        Writer { model, json, to, declared, shown }
    }

    fn root(&mut self) {
        let model = self.model;
        self.json.open_map(model.cluster.map_or(Origin::NONE, ThingId::origin));
        self.json.key("format");
        self.json.int(FORMAT, Origin::NONE);
        if let Some(cluster) = model.cluster {
            self.json.key("cluster");
            self.thing(cluster);
        }
        let mut kinds: Vec<(&str, ShapeId)> = model
            .schema
            .plurals
            .iter()
            .map(|(plural, shape)| (model.names.text(*plural), *shape))
            .collect();
        kinds.sort_unstable();
        for (plural, shape) in kinds {
            let kind = model.names.text(model.schema.shape(shape).name);
            if kind == "cluster" || DISSOLVED.contains(&kind) {
                continue;
            }
            let mut things = model.all(kind).iter().copied().filter(|&id| self.stands_alone(id));
            let Some(first) = things.next() else { continue };
            let rest: Vec<ThingId> = things.collect();
            self.json.key(plural);
            self.json.open_map(Origin::NONE);
            for thing in std::iter::once(first).chain(rest) {
                self.json.key(model.label(thing));
                self.thing(thing);
                self.json.pass_on(&mut self.to);
            }
            self.json.close();
        }
        self.json.close();
    }

    /// A declaration at the top of a file of the project's own.
    fn stands_alone(&self, id: ThingId) -> bool {
        let parent = self.model.thing(id).parent;
        let top = parent.is_none_or(|parent| self.model.label(parent).is_empty());
        top && !self.model.file_of(id).starts_with("std/")
    }

    /// A thing: its values on one line, and below it a line for each thing inside.
    fn thing(&mut self, id: ThingId) {
        let model = self.model;
        let mut provenance = Provenance::new();
        self.json.open_map(id.origin());
        self.json.inline(true);
        self.fields(id, "", &mut provenance);
        if model.kind(id) == "port" {
            self.endpoints(id);
        }
        self.provenance(&provenance);
        self.inside(id);
        if model.kind(id) == "service" && model.thing(id).instance.is_none() {
            self.instances(id);
        }
        self.json.close();
        self.json.inline(false);
    }

    /// The values of a thing or a block, but not the things inside; a block's own go with it.
    fn fields(&mut self, id: ThingId, before: &str, provenance: &mut Provenance<'a>) {
        let model = self.model;
        for &(field, name) in self.shown(id).iter() {
            let (value, origin) = model.at_field(id, field);
            match value {
                Value::None | Value::Things(_) => {}
                // What is disabled is not here, but for a service, which may be planned again.
                Value::Bool(true) if name == "enabled" => {}
                Value::List(items) if items.is_empty() => {}
                Value::Map(pairs) if pairs.is_empty() => {}
                Value::Thing(block) if self.is_block(*block) && !self.says(*block) => {}
                Value::Thing(block) if self.is_block(*block) => {
                    self.json.key(name);
                    self.json.open_map(origin);
                    self.fields(*block, &[before, name, "."].concat(), provenance);
                    self.inside(*block);
                    self.json.close();
                }
                value => {
                    self.json.key(name);
                    self.value(value, origin, model.thing(id).node);
                    let name = match before {
                        "" => Cow::Borrowed(name),
                        before => Cow::Owned(format!("{before}{name}")),
                    };
                    self.stated(name, value, origin, provenance);
                }
            }
        }
    }

    /// The things inside of a thing or a block.
    fn inside(&mut self, id: ThingId) {
        let model = self.model;
        for &(field, name) in self.shown(id).iter() {
            let Value::Things(things) = model.at_field(id, field).0 else { continue };
            if things.is_empty() {
                continue;
            }
            self.json.key(name);
            if things.iter().any(|&thing| model.thing(thing).parent != Some(id)) {
                self.references(things);
                continue;
            }
            self.json.open_map(Origin::NONE);
            self.json.inline(false);
            for &thing in things.iter() {
                self.json.key(model.label(thing));
                self.thing(thing);
            }
            self.json.close();
            self.json.inline(true);
        }
    }

    /// Whether a block has any value at all.
    fn says(&mut self, block: ThingId) -> bool {
        let model = self.model;
        self.shown(block).iter().any(|&(field, _)| match model.at_field(block, field).0 {
            Value::None => false,
            Value::List(items) => !items.is_empty(),
            Value::Map(pairs) => !pairs.is_empty(),
            Value::Things(things) => !things.is_empty(),
            Value::Thing(inner) if self.is_block(*inner) => self.says(*inner),
            _ => true,
        })
    }

    /// A service on each of its nodes.
    fn instances(&mut self, service: ThingId) {
        let mut instances = self.model.instances_of(service).peekable();
        if instances.peek().is_none() {
            return;
        }
        self.json.key("$instances");
        self.json.open_map(Origin::NONE);
        self.json.inline(false);
        for instance in instances {
            self.json.key(self.model.label(instance.node));
            self.thing(instance.thing);
        }
        self.json.close();
        self.json.inline(true);
    }

    /// Where a port is: for programs of its node, for its own network, and on each network of the
    /// cluster that may reach it.
    fn endpoints(&mut self, port: ThingId) {
        let model = self.model;
        let mut facts = Known(model);
        let Some(ports) = reach::ports_of(&mut facts, port) else { return };
        let Some(node) = model.thing(port).node else { return };
        self.json.key("$seen");
        self.json.open_map(Origin::NONE);
        if let reach::Space::Container(container) = reach::space(&mut facts, port) {
            let name = reach::dns_name(&facts, container);
            self.json.key("container");
            self.json.text(&format!("{name}:{}", ports.container.first), Origin::NONE);
        }
        if let Ok(seen) = reach::seen(&mut facts, port, reach::Place::host(node)) {
            self.json.key("node");
            self.json.text(&seen.address(), Origin::NONE);
        }
        let allowed = reach::audience(&mut facts, port);
        if let Some(published) = reach::published(&mut facts, port) {
            for network in reach::reach(&mut facts) {
                if allowed.as_ref().is_some_and(|allowed| !allowed.contains(&network)) {
                    continue;
                }
                let addresses = reach::addresses_on(&mut facts, node, network);
                if addresses.is_empty() {
                    continue;
                }
                self.json.key(model.label(network));
                self.json.open_list(Origin::NONE);
                for address in addresses {
                    let seen = std::net::SocketAddr::new(address, published.first);
                    self.json.text(&seen.to_string(), Origin::NONE);
                }
                self.json.close();
            }
        }
        self.json.close();
    }

    fn provenance(&mut self, provenance: &Provenance<'_>) {
        if provenance.is_empty() {
            return;
        }
        self.json.key("$from");
        self.json.open_map(Origin::NONE);
        for (declaration, fields) in provenance {
            self.json.key(declaration);
            self.json.open_list(Origin::NONE);
            fields.iter().for_each(|field| self.json.text(field, Origin::NONE));
            self.json.close();
        }
        self.json.close();
    }

    /// Notes where a value stands: as a whole, or by its elements where they come from several.
    fn stated(
        &mut self,
        name: Cow<'a, str>,
        value: &Value,
        origin: Origin,
        provenance: &mut Provenance<'a>,
    ) {
        let origins: Vec<Origin> = match value {
            Value::Map(pairs) => pairs.iter().map(|pair| pair.origin.or(origin)).collect(),
            Value::List(items) => items.iter().map(|item| item.origin.or(origin)).collect(),
            _ => return note(provenance, self.declaration(origin), name),
        };
        let all: Vec<_> = origins.into_iter().map(|origin| self.declaration(origin)).collect();
        if all.windows(2).all(|two| two[0] == two[1]) {
            return note(provenance, all.into_iter().next().flatten(), name);
        }
        let elements: Vec<String> = match value {
            Value::Map(pairs) => pairs.iter().map(|pair| format!("{name}.{}", pair.key)).collect(),
            value => {
                let element = |(at, item): (usize, &Item)| {
                    let element = self.shortly(&item.value).unwrap_or_else(|| at.to_string());
                    format!("{name}[{element}]")
                };
                value.items().iter().enumerate().map(element).collect()
            }
        };
        for (name, declaration) in elements.into_iter().zip(all) {
            note(provenance, declaration, name.into());
        }
    }

    /// `service gitea > container app, services/gitea.colab`
    fn declaration(&mut self, origin: Origin) -> Option<Arc<str>> {
        let model = self.model;
        let row = model.origin(origin)?;
        let def = model.defs.get(row.def as usize)?;
        let declared = self.declared.entry((def.home, def.span.file)).or_insert_with(|| {
            let file = model.files.get(def.span.file.0 as usize)?;
            let home = model.home(def);
            Some(if home.is_empty() { file.clone() } else { format!("{home}, {file}").into() })
        });
        declared.clone()
    }

    /// The fields that the model shows of a thing, with their names: of each sort of thing they are looked for once.
    fn shown(&mut self, id: ThingId) -> Rc<[(u16, &'a str)]> {
        let model = self.model;
        let (shape, instance) = (model.thing(id).shape, model.thing(id).instance.is_some());
        self.shown.entry((shape, instance)).or_insert_with(|| shown(model, shape, instance)).clone()
    }

    fn shape(&self, id: ThingId) -> &'a crate::model::schema::Shape {
        self.model.schema.shape(self.model.thing(id).shape)
    }

    /// A block without a name of its own, so a part of whatever holds it.
    fn is_block(&self, id: ThingId) -> bool {
        !self.shape(id).is_kind
    }
}

fn shown(model: &Model, shape: ShapeId, instance: bool) -> Rc<[(u16, &str)]> {
    let shape = model.schema.shape(shape);
    let of_service = model.names.text(shape.name) == "service";
    let fields = shape.fields.iter().enumerate().filter_map(|(at, field)| {
        let name = model.names.text(field.name);
        let shown = match model.schema.ty(field.ty) {
            Ty::Layer(_) => false,
            Ty::Named(inner) if is_layer(model, *inner) => false,
            _ if !of_service => true,
            _ if instance => !OF_SERVICE.contains(&name) || OF_INSTANCE.contains(&name),
            _ => OF_SERVICE.contains(&name),
        };
        shown.then_some((at as u16, name))
    });
    fields.collect()
}

fn is_layer(model: &Model, shape: ShapeId) -> bool {
    model.names.text(model.schema.shape(shape).name) == "service-layer"
}
