//! Endpoints and locations as values: what `model::reach` answers, with the faults said.

use super::{Ctx, Eval};
use crate::diag::text::listed;
use crate::diag::{About, Diagnostic, codes};
use crate::model::reach::{self, Facts, Place, Unreached};
use crate::model::value::{Base, Value};
use crate::model::{Thing, ThingId};
use crate::names::Names;
use crate::source::Span;
use std::borrow::Cow;

impl<'m> Facts<'m> for Eval<'_> {
    fn value(&mut self, thing: ThingId, field: &str) -> Cow<'m, Value> {
        Cow::Owned(self.get(thing, field))
    }

    fn thing_of(&self, id: ThingId) -> &Thing {
        self.thing(id)
    }

    fn kind_of(&self, id: ThingId) -> &str {
        self.names.text(self.program.schema.shape(self.thing(id).shape).name)
    }

    fn names(&self) -> &Names {
        self.names
    }

    fn things_of_kind(&self, kind: &str) -> Vec<ThingId> {
        self.all_named(kind)
    }

    fn thing_named(&self, kind: &str, name: &str) -> Option<ThingId> {
        self.find_named(kind, name)
    }

    fn the_cluster(&self) -> Option<ThingId> {
        self.model.cluster
    }
}

impl Eval<'_> {
    pub(super) fn endpoint_property(
        &mut self,
        id: ThingId,
        name: &str,
        span: Span,
        ctx: Ctx,
    ) -> Value {
        if name == "host"
            && self.thing(id).shape == self.words.container
            && self.thing(ctx.thing).instance.is_some()
            && self.thing(id).instance == self.thing(ctx.thing).instance
        {
            return Value::text(&reach::dns_name(self, id));
        }
        let port = match self.only_port(id, span, ctx) {
            Ok(port) => port,
            Err(value) => return value,
        };
        if name == "published" {
            return match reach::published(self, port) {
                Some(range) => Value::Int(range.first.into()),
                None => Value::None,
            };
        }
        self.model.uses.push((ctx.thing, port));
        let place = self.place_of(ctx);
        let seen = match reach::seen(self, port, place) {
            Ok(seen) => seen,
            Err(why) => return self.unreached(why, port, span, ctx),
        };
        match name {
            "host" => Value::text(&seen.host),
            "port" => Value::Int(seen.port.into()),
            "address" => Value::text(&seen.address()),
            _ => self.url(port, &seen, span),
        }
    }

    fn place_of(&mut self, ctx: Ctx) -> Place {
        reach::place(self, ctx.thing)
    }

    fn url(&mut self, port: ThingId, seen: &reach::Seen, span: Span) -> Value {
        let scheme = match self.get(port, "scheme") {
            Value::Word(word) => self.names.text(word.word).to_string(),
            _ => "http".into(),
        };
        if matches!(scheme.as_str(), "tcp" | "udp") {
            let label = self.label(port).to_string();
            let diagnostic = self
                .fault(
                    &codes::E0507,
                    span,
                    format!("the port `{label}` speaks {scheme}, which has no url"),
                )
                .offer(
                    "use `.address`, or give the port the `scheme` it speaks",
                    self.own(Span { start: span.end - "url".len() as u32, ..span }),
                    "address",
                );
            return self.report_at(diagnostic);
        }
        let path = match self.get(port, "path") {
            Value::Text(path) if path.starts_with('/') => path.to_string(),
            Value::Text(path) => format!("/{path}"),
            _ => String::new(),
        };
        let usual = matches!((scheme.as_str(), seen.port), ("http", 80) | ("https", 443));
        let address = seen.address();
        let address = match address.rsplit_once(':') {
            Some((host, _)) if usual => host.to_string(),
            _ => address,
        };
        Value::text(&format!("{scheme}://{address}{path}"))
    }

    /// The port that a thing stands for: itself, or its only one.
    fn only_port(&mut self, id: ThingId, span: Span, ctx: Ctx) -> Result<ThingId, Value> {
        let shape = self.thing(id).shape;
        if shape == self.words.port {
            return Ok(id);
        }
        if shape == self.words.service {
            let holders = self.bundle(id, ctx);
            let [holder] = holders.as_slice() else {
                return Err(if holders.is_empty() {
                    self.nowhere(id, span)
                } else {
                    self.several(id, span)
                });
            };
            let mut ports = Vec::new();
            for field in ["container", "unit"] {
                let Value::Things(parts) = self.get(*holder, field) else { continue };
                for &part in parts.iter() {
                    if let Value::Things(ids) = self.get(part, "port") {
                        ports.extend(ids.iter().copied());
                    }
                }
            }
            return self.one_port(id, &ports, span);
        }
        match self.get(id, "port") {
            Value::Things(ids) => self.one_port(id, &ids, span),
            Value::Poison => Err(Value::Poison),
            _ => self.one_port(id, &[], span),
        }
    }

    fn one_port(&mut self, of: ThingId, ports: &[ThingId], span: Span) -> Result<ThingId, Value> {
        let label = self.label(of).to_string();
        match ports {
            [one] => Ok(*one),
            [] => {
                let declared = self.thing(of).span;
                let diagnostic = self
                    .fault(&codes::E0507, span, format!("`{label}` has no port"))
                    .label(declared, "declared here")
                    .help("declare one: `port web = 8080`");
                Err(self.report_at(diagnostic))
            }
            several => {
                // By way of what is between, where the ports are not its own.
                let name = |port: ThingId| match self.thing(port).parent {
                    Some(part) if part != of && self.thing(part).parent.is_some() => {
                        format!("{}.{}", self.label(part), self.label(port))
                    }
                    _ => self.label(port).to_string(),
                };
                let names: Vec<String> = several.iter().map(|&port| name(port)).collect();
                let diagnostic = self
                    .fault(
                        &codes::E0505,
                        span,
                        format!("`{label}` has {} ports: which one is meant?", names.len()),
                    )
                    .note(format!("it has {}", names.join(", ")))
                    .help(format!("name one: `{label}.{}`", names[0]));
                Err(self.report_at(diagnostic))
            }
        }
    }

    fn reach_names(&mut self) -> Vec<String> {
        reach::reach(self).iter().map(|&network| self.label(network).to_string()).collect()
    }

    fn unreached(&mut self, why: Unreached, port: ThingId, span: Span, ctx: Ctx) -> Value {
        let label = self.label(port).to_string();
        let declared = self.thing(port).span;
        let diagnostic = match why {
            Unreached::Poison => return Value::Poison,
            Unreached::Unpublished => {
                let number = reach::ports_of(self, port).map_or(0, |p| p.container.first);
                self.fault(
                    &codes::E0507,
                    span,
                    format!(
                        "the port `{label}` is not published, so it cannot be reached from here"
                    ),
                )
                .label(declared, "it only listens inside its container")
                .help(format!("publish it: `port {label} = {number} -> {number}`"))
                .help("or let both containers join one `network`")
            }
            Unreached::Off(container) => {
                let off = self.label(container).to_string();
                let message =
                    format!("`{off}` has no network, so no port leads into it or out of it");
                let at = self.thing(container).span;
                self.fault(&codes::E0507, span, message)
                    .label(at, "`network_mode = off`")
                    .help("leave `network_mode` out, or do without this port")
            }
            Unreached::OwnNode(network) => {
                let network = self.label(network).to_string();
                let message = format!(
                    "the port `{label}` is on `{network}`, where its own node cannot reach it"
                );
                self.fault(&codes::E0507, span, message)
                    .label(declared, "other nodes reach it there")
                    .note("a macvlan or ipvlan keeps a container apart from the node that runs it")
                    .help(format!(
                        "let the one that asks join `{network}` too, or both a bridge: `networks = [...]`"
                    ))
            }
            Unreached::Audience => {
                let who = match self.thing(ctx.thing).node {
                    Some(node) => format!("`{}`", self.label(node)),
                    None => "another node".into(),
                };
                let found = self
                    .fault(&codes::E0508, span, format!("the port `{label}` is not for {who}"))
                    .label(declared, "its `audience` or `bind` leaves that out");
                match self.reach_names().as_slice() {
                    [] => found.help("widen the port's `audience`"),
                    names => {
                        let wide = format!("[{}]", names.join(", "));
                        let stated = self.only_value(port, "audience");
                        found.offer(format!("widen it: `audience = {wide}`"), stated, wide)
                    }
                }
            }
            Unreached::NoNetwork { target, from } => {
                let there = self.label(target).to_string();
                let message = match from {
                    Some(from) => {
                        format!("`{}` and `{there}` have no network in common", self.label(from))
                    }
                    None => format!("`{there}` has no address on a network of `cluster.reach`"),
                };
                let at = self.thing(target).span;
                let mut diagnostic =
                    self.fault(&codes::E0506, span, message).label(at, "this node");
                let without = [Some(target), from]
                    .into_iter()
                    .flatten()
                    .find(|&node| self.get(node, "address").pairs().is_empty());
                diagnostic.about = without.map(|node| About::no_address(self.label(node), None));
                if let Some(from) = from
                    && let Some(network) = reach::apart_by_family(self, target, from)
                {
                    let network = self.label(network);
                    diagnostic = diagnostic.note(format!(
                        "on `{network}` one of them has IPv4 alone, and the other IPv6 alone"
                    ));
                }
                if let Some(from) = from {
                    let at = self.thing(from).span;
                    diagnostic = diagnostic.label(at, "and this one");
                }
                let names = self.reach_names();
                let first = names.first().map_or("lan", String::as_str).to_string();
                diagnostic.note(format!("`cluster.reach` is {}", names.join(", "))).help(format!(
                    "give both an `address` on one of them: `address {{ {first} = ... }}`"
                ))
            }
        };
        self.report_at(diagnostic)
    }

    /// Where a node is on two networks and the cluster does not say which comes first, nobody can say which one is meant.
    pub(super) fn which_network(&mut self) {
        let Some(cluster) = self.model.cluster else { return };
        let stated = self.get(cluster, "reach");
        if stated.is_poison() || !stated.items().is_empty() {
            return;
        }
        let networks = reach::reach(self);
        let mut on_several = Vec::new();
        for node in self.all_named("node").into_iter().filter(|_| networks.len() > 1) {
            let mut on = networks.clone();
            on.retain(|&network| reach::address_on(self, node, network).is_some());
            if on.len() > 1 {
                on_several.push((node, on));
            }
        }
        let Some((node, on)) = on_several.first().cloned() else { return };
        let mut meant = networks;
        meant.retain(|network| on_several.iter().any(|(_, on)| on.contains(network)));
        // A cable is mostly nearer than a mesh over it.
        meant.sort_by_key(|&network| {
            matches!(self.get(network, "driver"), Value::Word(w) if self.names.text(w.word) == "mesh")
        });
        let names = |all: &[ThingId]| all.iter().map(|&n| self.label(n)).collect::<Vec<_>>();
        let (all, on) = (names(&meant).join(", "), listed(names(&on)));
        let name = self.label(node);
        let message = format!("`{name}` is on {on}: over which one is it reached?");
        let mut diagnostic = Diagnostic::new(&codes::E0505, self.thing(cluster).span, message)
            .here("says nothing of `reach`")
            .label(self.thing(node).span, "this node has an address on each");
        for &network in &meant {
            diagnostic = diagnostic.label(self.thing(network).span, "this one?");
        }
        if on_several.len() > 1 {
            diagnostic = diagnostic.note(format!("{} nodes are on several", on_several.len()));
        }
        diagnostic = diagnostic.note("the first network of `reach` that two nodes have is the one between them, and a port without an `audience` is for all of them");
        let block = self.program.decls.iter().find(|d| d.name_span == self.thing(cluster).span);
        let first = block.and_then(|d| self.program.block(d.block).defs.first());
        let place = first.map(|&def| self.program.def(def).span.head());
        let reach = format!("reach = [{all}]");
        let title = format!("say which comes first: `{reach}`");
        self.report(diagnostic.offer(title, place, format!("{reach}   ")));
    }

    /// The path of a location on the node in scope, in the world that containers see.
    pub(super) fn location_path(&mut self, base: &Base, sub: &str, span: Span, ctx: Ctx) -> Value {
        let node = ctx.candidate.or(self.thing(ctx.thing).node);
        let Some(node) = node else {
            let diagnostic = self
                .fault(
                    &codes::E0509,
                    span,
                    "a location has a path only on a node, and there is none here",
                )
                .help("use it where a node is in scope");
            return self.report_at(diagnostic);
        };
        match reach::path_on(self, base, sub, node) {
            Err(()) => Value::Poison,
            Ok(Some(path)) => Value::text(&path),
            Ok(None) => {
                let name = self.label(node).to_string();
                let (what, declared) = match base {
                    Base::Share(id) | Base::Disk(id) => {
                        (format!("`{}`", self.label(*id)), Some(self.thing(*id).span))
                    }
                    _ => ("this location".into(), None),
                };
                let mut diagnostic = self.fault(
                    &codes::E0509,
                    span,
                    format!("{what} has no path on the node `{name}`"),
                );
                if let Some(declared) = declared {
                    diagnostic = diagnostic.label(declared, "declared here");
                }
                self.report_at(diagnostic.help(match base {
                    Base::Disk(_) => {
                        "a disk is used on its own node: share it, `share NAME { server = ... disk = ... }`, and name the share"
                    }
                    _ => "mount it there: `mount { ... }` of the share, or of the node",
                }))
            }
        }
    }
}
