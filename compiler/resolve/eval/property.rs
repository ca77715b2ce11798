//! What stands after a dot, on values: a field, a label, a key, a parameter, or a property of
//! `properties`.

use super::{Ctx, Eval};
use crate::diag::text::{FEW, few};
use crate::diag::{About, Diagnostic, codes};
use crate::model::ThingId;
use crate::model::schema::{ShapeId, Ty};
use crate::model::value::{Base, Value};
use crate::names::Sym;
use crate::resolve::hir::{HirId, Node};
use crate::source::Span;
use crate::types::distance::nearest;
use std::net::IpAddr;

impl Eval<'_> {
    pub(super) fn member(&mut self, base: Value, name: Sym, span: Span, ctx: Ctx) -> Value {
        let text = self.names.text(name);
        match base {
            Value::Poison => Value::Poison,
            // `x.y` of an absent `x` is absent.
            Value::None => Value::None,
            Value::Map(_) => match base.get(text) {
                Some(value) => value.clone(),
                None => {
                    self.absent = Some((span, base, name));
                    Value::None
                }
            },
            Value::Word(word) => word.param(name).cloned().unwrap_or(Value::None),
            Value::Thing(id) => self.thing_member(id, name, span, ctx),
            Value::Things(ids) => {
                match ids.iter().copied().find(|&id| self.thing(id).label == name) {
                    Some(id) => Value::Thing(id),
                    // One and the same thing of several instances.
                    None if ids.len() > 1
                        && ids
                            .iter()
                            .all(|&id| self.thing(id).label == self.thing(ids[0]).label) =>
                    {
                        match self.thing(ids[0]).instance {
                            Some(instance) => self.several(instance, span),
                            None => self.none_labelled(&ids, text, span),
                        }
                    }
                    None => self.none_labelled(&ids, text, span),
                }
            }
            Value::Bytes(b) => match text {
                "bytes" => int(b.0),
                "mib" => int(b.mib()),
                _ => self.no_member("a size", text, span),
            },
            Value::Duration(d) => match text {
                "seconds" => int(d.seconds()),
                _ => self.no_member("a duration", text, span),
            },
            Value::Cpu(c) => match text {
                "cores" => Value::Float(c.cores()),
                _ => self.no_member("cpu", text, span),
            },
            Value::Ip(ip) => match (text, ip) {
                ("v4", IpAddr::V4(_)) | ("v6", IpAddr::V6(_)) => Value::Ip(ip),
                ("v4" | "v6", _) => Value::None,
                _ => self.no_member("an address", text, span),
            },
            Value::Cidr(c) => match text {
                "address" => Value::Ip(c.network()),
                "prefix" => Value::Int(c.prefix().into()),
                "v4" | "v6" if c.network().is_ipv4() == (text == "v4") => Value::Cidr(c),
                "v4" | "v6" => Value::None,
                _ => self.no_member("a range", text, span),
            },
            Value::List(ref items) if matches!(text, "v4" | "v6") => items
                .iter()
                .map(|i| i.value.clone())
                .find(|v| match v {
                    Value::Ip(ip) => ip.is_ipv4() == (text == "v4"),
                    Value::Cidr(cidr) => cidr.network().is_ipv4() == (text == "v4"),
                    _ => false,
                })
                .unwrap_or(Value::None),
            Value::Location(location) if text == "path" => {
                self.location_path(&location.base, &location.sub, span, ctx)
            }
            other => {
                let found = self.describe(&other);
                self.no_member(&found, text, span)
            }
        }
    }

    fn no_member(&mut self, what: &str, name: &str, span: Span) -> Value {
        let diagnostic = self
            .fault(&codes::E0208, span, format!("{what} has no `{name}`"))
            .about(About::unknown(name));
        self.report_at(diagnostic.help(format!("leave `.{name}` away")))
    }

    /// `node.hardware.disk.x` where no disk of the node is called so.
    fn none_labelled(&mut self, ids: &[ThingId], name: &str, span: Span) -> Value {
        let (message, about) = match ids.first() {
            Some(&id) => {
                let kind = self.program.schema.shape(self.thing(id).shape).name;
                let kind = self.names.text(kind);
                (format!("no {kind} here is called `{name}`"), About::missing(kind, name))
            }
            None => (format!("nothing is declared here, so no `{name}`"), About::unknown(name)),
        };
        let labels: Vec<String> = ids.iter().map(|&id| self.label(id).to_string()).collect();
        let near = nearest(name, labels.iter().map(String::as_str));
        let mut diagnostic = self.fault(&codes::E0208, span, message).about(about);
        let quoted = (span.end - span.start) as usize > name.len();
        for near in near {
            let text = if quoted { format!("\"{near}\"") } else { near.to_string() };
            diagnostic = diagnostic.suggest(format!("did you mean `{near}`?"), span, text);
        }
        if !labels.is_empty() {
            diagnostic = diagnostic.note(format!("there are: {}", few(&labels, FEW)));
        }
        self.report_at(diagnostic.or_help("name one that there is, or declare it"))
    }

    /// Nothing of that name in a thing: what it holds instead, or what was left out.
    fn no_label(&mut self, id: ThingId, name: Sym, span: Span) -> Value {
        let program = self.program;
        let shape = program.schema.shape(self.thing(id).shape);
        let (kind, text) = (self.names.text(shape.name).to_string(), self.names.shared(name));
        let message = format!("the {kind} `{}` has no `{text}`", self.label(id));
        let about = About::inside(self.label(id), &*text);
        let mut diagnostic = self.fault(&codes::E0208, span, message).about(about);
        let mut holders: Vec<ThingId> = self.instances(id).iter().map(|i| i.thing).collect();
        holders.push(id);
        for &holder in &holders {
            if let Some(off) = self.not_there(holder, name, None, span) {
                return off;
            }
        }
        let defs = self.defs(holders[0]);
        let mut labels: Vec<&str> = defs
            .iter()
            .filter_map(|d| program.def(d.def).key)
            .map(|key| self.names.text(key))
            .collect();
        labels.sort_unstable();
        labels.dedup();
        let fields = shape.fields.iter().map(|f| self.names.text(f.name));
        let near = nearest(&text, labels.iter().copied().chain(fields).chain(["name"]));
        for near in &near {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        if near.is_empty() && !labels.is_empty() {
            diagnostic = diagnostic.note(format!("it holds: {}", few(&labels, FEW)));
        }
        self.report_at(diagnostic.or_help("name what stands there, or declare it there"))
    }

    pub(super) fn index(&mut self, base: Value, index: Value, span: Span, ctx: Ctx) -> Value {
        match (base, index) {
            (Value::Poison, _) | (_, Value::Poison) => Value::Poison,
            (Value::None, _) => Value::None,
            (Value::List(items), Value::Int(at)) => {
                match usize::try_from(at).ok().and_then(|at| items.get(at)) {
                    Some(item) => item.value.clone(),
                    None => {
                        let diagnostic = self
                            .fault(
                                &codes::E0303,
                                span,
                                format!(
                                    "the list has {} elements, so there is no [{at}]",
                                    items.len()
                                ),
                            )
                            .help(match items.len() {
                                0 => "it is empty: put something into it first".to_owned(),
                                len => format!("it counts from 0: the last one is [{}]", len - 1),
                            });
                        self.report_at(diagnostic)
                    }
                }
            }
            (base, Value::Text(key)) => match self.names.find(&key) {
                Some(name) => self.member(base, name, span, ctx),
                None if matches!(base, Value::Map(_)) => Value::None,
                None => {
                    let found = self.describe(&base);
                    self.no_member(&found, &key, span)
                }
            },
            (base, index) => {
                let (a, b) = (self.describe(&base), self.describe(&index));
                let diagnostic =
                    self.fault(&codes::E0301, span, format!("{a} cannot be asked for {b}"));
                let way =
                    "a list is asked by a number, `[0]`, a map and a thing by a name, `[\"key\"]`";
                self.report_at(diagnostic.help(way))
            }
        }
    }

    /// The map that an expression stands for, of which one entry is wanted: it is not worked out.
    /// The value, where it is no field that is a map.
    pub(super) fn map_or_value(&mut self, id: HirId, ctx: Ctx) -> Result<(ThingId, u16), Value> {
        let program = self.program;
        let &Node::Member { base, name, name_span } = program.node(id) else {
            return Err(self.eval(id, ctx));
        };
        let value = self.eval(base, ctx);
        let map = value.as_thing().and_then(|thing| {
            let shape = program.schema.shape(self.thing(thing).shape);
            let field = shape.field(name)?;
            let ty = program.schema.plain(shape.fields[field as usize].ty);
            let is_map = matches!(program.schema.ty(ty), Ty::Map(..));
            (is_map && !self.is_hidden(self.thing(thing).shape, field)).then_some((thing, field))
        });
        match map {
            Some((thing, field)) => Ok((self.holder(thing, field, name_span, ctx)?, field)),
            None => Err(self.member_of(base, value, name, name_span, ctx)),
        }
    }

    /// What stands after a dot behind an expression with that value.
    pub(super) fn member_of(
        &mut self,
        base: HirId,
        value: Value,
        name: Sym,
        span: Span,
        ctx: Ctx,
    ) -> Value {
        let off = match &value {
            Value::Things(ids) => self.not_among(base, ids, self.names.text(name), span, ctx),
            _ => None,
        };
        off.unwrap_or_else(|| self.member(value, name, span, ctx))
    }

    fn is_hidden(&self, shape: ShapeId, field: u16) -> bool {
        self.shape_fields[shape.0 as usize].hidden[field as usize]
    }

    fn thing_member(&mut self, id: ThingId, name: Sym, span: Span, ctx: Ctx) -> Value {
        let program = self.program;
        let shape_id = self.thing(id).shape;
        let shape = program.schema.shape(shape_id);
        let text = self.names.text(name);
        if shape_id == self.words.service
            && let Some(value) = self.service_member(id, text, span, ctx)
        {
            return value;
        }
        if let Some(field) = shape.field(name).filter(|&field| !self.is_hidden(shape_id, field)) {
            let holder = match self.holder(id, field, span, ctx) {
                Ok(holder) => holder,
                Err(value) => return value,
            };
            return self.field(holder, field);
        }
        // Labels: of a service they are an instance's.
        if shape_id == self.words.service {
            let holders = self.bundle(id, ctx);
            let found = holders.iter().filter_map(|&holder| self.child_named(holder, name));
            let found: Vec<ThingId> = found.collect();
            match (found.as_slice(), holders.len()) {
                ([one], _) => return Value::Thing(*one),
                ([_, ..], _) => return Value::Things(found.into()),
                ([], 0) => return self.nowhere(id, span),
                // The only container may be left out.
                ([], _) => {
                    let inner = holders.iter().filter_map(|&holder| {
                        let Value::Things(containers) = self.get(holder, "container") else {
                            return None;
                        };
                        let [only] = *containers else { return None };
                        self.child_named(only, name)
                    });
                    match inner.collect::<Vec<_>>().as_slice() {
                        [] => {}
                        [one] => return Value::Thing(*one),
                        several => return Value::Things(several.into()),
                    }
                }
            }
        } else if let Some(child) = self.child_named(id, name) {
            return Value::Thing(child);
        }
        match text {
            "name" => return Value::text(self.label(id)),
            "url" if shape_id == self.words.site => {
                let plain = matches!(self.get(id, "tls"), Value::Word(w) if self.names.text(w.word) == "off");
                let scheme = if plain { "http" } else { "https" };
                return Value::text(&format!("{scheme}://{}", self.label(id)));
            }
            "path" if shape_id == self.words.share || shape_id == self.words.disk => {
                let base =
                    if shape_id == self.words.share { Base::Share(id) } else { Base::Disk(id) };
                return self.location_path(&base, "", span, ctx);
            }
            "path" => return self.file_path(id),
            "address" | "host" | "port" | "published" | "url" => {
                return self.endpoint_property(id, text, span, ctx);
            }
            "subnet" if shape_id == self.words.network => return self.get(id, "range"),
            _ => {}
        }
        self.no_label(id, name, span)
    }

    /// What only a service has.
    fn service_member(&mut self, id: ThingId, text: &str, span: Span, ctx: Ctx) -> Option<Value> {
        let service = self.service_of(id);
        Some(match text {
            "nodes" | "instances" if self.placing => self.not_placed_yet("other services", span),
            "nodes" => {
                let nodes = self
                    .instances(service)
                    .iter()
                    .map(|i| Value::Thing(i.node))
                    .collect::<Vec<_>>();
                Value::list(nodes)
            }
            "instances" => Value::list(
                self.instances(service).iter().map(|i| Value::Thing(i.thing)).collect::<Vec<_>>(),
            ),
            "service" => Value::Thing(service),
            "node" => match self.thing(id).node {
                Some(node) => Value::Thing(node),
                None => {
                    let nodes: Vec<Value> =
                        self.instances(service).iter().map(|i| Value::Thing(i.node)).collect();
                    match nodes.as_slice() {
                        [one] => one.clone(),
                        [] => self.nowhere(id, span),
                        _ => self.several(id, span),
                    }
                }
            },
            "address" | "host" | "url" => self.endpoint_property(id, text, span, ctx),
            _ => return None,
        })
    }

    /// The service of an instance, or itself.
    pub(super) fn service_of(&self, id: ThingId) -> ThingId {
        self.service_of_instance.get(&id).copied().unwrap_or(id)
    }

    pub(super) fn instances(&self, service: ThingId) -> Vec<crate::model::Instance> {
        self.model.instances_of(service).collect()
    }

    /// The instances that a service's name means here: the own one inside the service, else all.
    pub(super) fn bundle(&mut self, id: ThingId, ctx: Ctx) -> Vec<ThingId> {
        if self.thing(id).instance == Some(id) {
            return vec![id];
        }
        let own = self.thing(ctx.thing).instance;
        let all = self.instances(id);
        if let Some(own) = own
            && all.iter().any(|i| i.thing == own)
        {
            return vec![own];
        }
        all.iter().map(|i| i.thing).collect()
    }

    /// Which thing answers for a field of a service: facts are the service's, all else an instance's.
    fn holder(&mut self, id: ThingId, field: u16, span: Span, ctx: Ctx) -> Result<ThingId, Value> {
        let t = self.thing(id);
        if t.shape != self.words.service || t.instance.is_some() || self.placing {
            return Ok(id);
        }
        let program = self.program;
        let info = &program.schema.shape(t.shape).fields[field as usize];
        let site = matches!(self.program.schema.ty(info.ty), Ty::Named(shape) if *shape == self.words.site);
        if info.fact || site || matches!(self.names.text(info.name), "status" | "enabled") {
            return Ok(id);
        }
        match self.bundle(id, ctx).as_slice() {
            [one] => Ok(*one),
            [] => Ok(id),
            _ if matches!(self.program.schema.ty(info.ty), Ty::Named(_)) => {
                Err(self.several(id, span))
            }
            _ => Ok(id),
        }
    }

    pub(super) fn nowhere(&mut self, id: ThingId, span: Span) -> Value {
        if self.placing {
            return self.not_placed_yet("other services", span);
        }
        if let Some(off) = self.off_on(self.service_of(id), None) {
            return self.is_left_out(off, span);
        }
        let label = self.label(id).to_string();
        let declared = self.thing(id).span;
        let planned = matches!(self.get(id, "status"), Value::Word(w) if self.names.text(w.word) == "planned");
        let mut diagnostic: Diagnostic = self
            .fault(&codes::E0510, span, format!("the service `{label}` runs on no node"))
            .label(declared, "declared here");
        diagnostic = if planned {
            diagnostic
                .note("it is `status = planned`")
                .help("take `planned` away, or leave out what needs the service")
        } else {
            diagnostic.help("give it a node: `on = NODE`")
        };
        self.report_at(diagnostic)
    }

    pub(super) fn several(&mut self, id: ThingId, span: Span) -> Value {
        let service = self.service_of(id);
        let label = self.label(service).to_string();
        let nodes: Vec<String> =
            self.instances(service).iter().map(|i| self.label(i.node).to_string()).collect();
        let first = nodes.first().cloned().unwrap_or_default();
        let diagnostic = self
            .fault(
                &codes::E0505,
                span,
                format!("the service `{label}` runs on {} nodes: which one is meant?", nodes.len()),
            )
            .note(format!("it runs on {}", few(&nodes, FEW)))
            .help(format!("name one: `{label}.on({first})`, or `.on(node)` for the one beside"));
        self.report_at(diagnostic)
    }

    /// `service.on(node)`
    pub(super) fn instance_on(
        &mut self,
        base: Value,
        node: Value,
        (span, named): (Span, Span),
    ) -> Value {
        let (Value::Thing(service), Value::Thing(node)) = (&base, &node) else {
            if base.is_poison() || node.is_poison() {
                return Value::Poison;
            }
            let diagnostic =
                self.fault(&codes::E0301, span, "`.on` is for a service and takes a node");
            return self.report_at(diagnostic);
        };
        let service = self.service_of(*service);
        match self.instances(service).iter().find(|i| i.node == *node) {
            Some(instance) => Value::Thing(instance.thing),
            None => {
                if let Some(off) = self.off_on(service, Some(*node)) {
                    return self.is_left_out(off, span);
                }
                let (s, n) = (self.label(service).to_string(), self.label(*node).to_string());
                let nodes: Vec<String> = self
                    .instances(service)
                    .iter()
                    .map(|i| self.label(i.node).to_string())
                    .collect();
                let mut diagnostic = self.fault(
                    &codes::E0510,
                    span,
                    format!("the service `{s}` does not run on `{n}`"),
                );
                if !nodes.is_empty() {
                    diagnostic = diagnostic.note(format!("it runs on {}", few(&nodes, FEW)));
                }
                let help = format!("name a node that it runs on, or let it run there: `on = {n}`");
                let one = match nodes.as_slice() {
                    [one] => self.own(named).map(|place| (place, one.clone())),
                    _ => None,
                };
                self.report_at(match one {
                    Some((place, one)) => diagnostic.suggest(help, place, one),
                    None => diagnostic.help(help),
                })
            }
        }
    }

    /// Where a credential or a config is inside its container or unit.
    fn file_path(&mut self, id: ThingId) -> Value {
        match self.get(id, "target") {
            Value::Text(path) => Value::Text(path),
            _ if self.label(id).starts_with('/') => Value::text(self.label(id)),
            _ => match self.around(id, self.words.unit) {
                Some(unit) => self.unit_credential(unit, id),
                None => Value::text(&format!("/run/secrets/{}", self.label(id))),
            },
        }
    }

    /// systemd gives each unit a folder of its own, by its name.
    fn unit_credential(&mut self, unit: ThingId, id: ThingId) -> Value {
        let name = match self.get(unit, "systemd") {
            Value::Text(name) => match name.strip_suffix(".socket") {
                Some(stem) => format!("{stem}.service"),
                None => name.to_string(),
            },
            _ => {
                let service = self.thing(unit).parent.map_or("", |service| self.label(service));
                format!("{service}-{}.service", self.label(unit))
            }
        };
        Value::text(&format!("/run/credentials/{name}/{}", self.label(id)))
    }
}

fn int(n: u64) -> Value {
    i64::try_from(n).map_or(Value::Poison, Value::Int)
}
