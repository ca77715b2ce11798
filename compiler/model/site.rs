//! Who serves what under which name: the services behind the cluster's tools, what a site leads to,
//! who may ask for it, and where its name points. Pure questions to the model; no text of any tool.

use super::reach::{self, Known, Place, Space};
use super::value::{Base, Value};
use super::{Model, ThingId, generated};
use crate::origin::Origin;
use std::net::IpAddr;

/// A tool of the cluster on one node.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    pub node: ThingId,
    pub instance: ThingId,
    /// The container or unit that reads what the compiler makes for the tool.
    pub program: Option<ThingId>,
    pub place: Place,
}

/// The path that a route is for, and all below it: `/api` and `/api/` are one.
pub fn path(route: &str) -> &str {
    route.trim_end_matches('/')
}

/// The service that a field names with its tool: `ingress = caddy(proxy)`, or the one that is called
/// like the tool.
pub fn runner(model: &Model, of: ThingId, field: &str) -> Option<ThingId> {
    let tool = model.word(of, field)?;
    match model.param(of, field, "service") {
        Some(Value::Thing(service)) => Some(*service),
        _ => model.find("service", tool),
    }
}

/// A service on each of its nodes, with the program there that mounts the generated file.
pub fn servers(model: &Model, service: ThingId, file: &str) -> Vec<Server> {
    let server = |instance: super::Instance| {
        let program = mount(model, instance.thing, file)
            .map(|(program, _)| program)
            .or_else(|| only_program(model, instance.thing));
        let place = match program {
            Some(program) => reach::place(&mut Known(model), program),
            None => Place::host(instance.node),
        };
        Server { node: instance.node, instance: instance.thing, program, place }
    };
    model.instances_of(service).map(server).collect()
}

/// Every service that mounts a generated file, on each of its nodes.
pub fn mounting(model: &Model, file: &str) -> Vec<Server> {
    let mut all = Vec::new();
    for instance in &model.instances {
        if let Some((program, _)) = mount(model, instance.thing, file) {
            let place = reach::place(&mut Known(model), program);
            let (node, instance) = (instance.node, instance.thing);
            all.push(Server { node, instance, program: Some(program), place });
        }
    }
    all
}

/// Where a generated file lies on a node: where a program of the host wants it, else at its one home.
pub fn home<'a>(model: &'a Model, server: &Server, file: &str) -> &'a str {
    if let Some((program, config)) = mount(model, server.instance, file)
        && model.kind(program) == "unit"
    {
        return model.label(config);
    }
    generated::GENERATED.iter().find(|row| row.name == file).map_or("", |row| row.home)
}

/// Containers, then units, of an instance.
pub fn programs(model: &Model, instance: ThingId) -> impl Iterator<Item = ThingId> + '_ {
    let of = move |field| model.children(instance, field).iter().copied();
    of("container").chain(of("unit"))
}

fn mount(model: &Model, instance: ThingId, file: &str) -> Option<(ThingId, ThingId)> {
    programs(model, instance)
        .find_map(|program| mounted(model, program, file).map(|config| (program, config)))
}

/// The `config` by which a program reads a generated file.
pub fn mounted(model: &Model, program: ThingId, file: &str) -> Option<ThingId> {
    let reads = |config: &ThingId| match model.get(*config, "value") {
        Value::Generated(name) => model.names.text(*name) == file,
        _ => false,
    };
    model.children(program, "config").iter().copied().find(reads)
}

fn only_program(model: &Model, instance: ThingId) -> Option<ThingId> {
    let mut all = programs(model, instance);
    all.next().filter(|_| all.next().is_none())
}

/// The cluster's ingress, node by node.
pub fn ingress(model: &Model) -> Vec<Server> {
    let service = model.cluster.and_then(|cluster| runner(model, cluster, "ingress"));
    service.map_or(Vec::new(), |service| servers(model, service, "caddyfile"))
}

/// The part of the ingress that serves a site.
pub fn ingress_of(model: &Model, site: ThingId) -> Vec<Server> {
    let nodes = model.get(site, "ingress").items();
    let mut all = ingress(model);
    all.retain(|server| {
        nodes.is_empty() || nodes.iter().any(|n| n.value.as_thing() == Some(server.node))
    });
    all
}

/// The sites that are served: not those of services that run nowhere.
pub fn sites(model: &Model) -> Vec<ThingId> {
    let runs = |service| model.instances_of(service).next().is_some();
    let served = |&site: &ThingId| {
        let service = model.thing(site).parent.filter(|&parent| model.kind(parent) == "service");
        model.flag(site, "enabled") && service.is_none_or(runs)
    };
    model.all("site").iter().copied().filter(served).collect()
}

/// A site's names, its own first.
pub fn names(model: &Model, site: ThingId) -> Vec<(&str, Origin)> {
    let mut names = vec![(model.label(site), Origin::NONE)];
    for alias in model.get(site, "alias").items() {
        names.extend(alias.value.as_text().map(|name| (name, alias.origin)));
    }
    names
}

/// The ports that a value stands for: a port, a list, a container or service with one that others
/// can reach.
pub fn endpoints(model: &Model, value: &Value) -> Vec<ThingId> {
    match value {
        Value::Thing(id) => match model.kind(*id) {
            "port" => placed(model, *id),
            "service" => {
                let own = model.thing(*id).instance == Some(*id);
                let instances: Vec<ThingId> = if own {
                    vec![*id]
                } else {
                    model.instances_of(*id).map(|instance| instance.thing).collect()
                };
                instances.iter().filter_map(|&instance| main_port(model, instance)).collect()
            }
            _ => placed(model, *id)
                .iter()
                .filter_map(|&program| one(model, model.children(program, "port")))
                .collect(),
        },
        Value::List(items) => items.iter().flat_map(|item| endpoints(model, &item.value)).collect(),
        Value::Things(ids) => {
            ids.iter().flat_map(|&id| endpoints(model, &Value::Thing(id))).collect()
        }
        _ => Vec::new(),
    }
}

/// A thing of a service, as it is on each node that the service runs on; itself where it is on one.
pub fn placed(model: &Model, thing: ThingId) -> Vec<ThingId> {
    let mut steps = Vec::new();
    let mut at = thing;
    while model.thing(at).node.is_none() {
        if model.kind(at) == "service" {
            let on = |instance: super::Instance| {
                steps.iter().rev().try_fold(instance.thing, |inside, &(kind, label)| {
                    let mut all = model.children(inside, kind).iter().copied();
                    all.find(|&child| model.label(child) == label)
                })
            };
            return model.instances_of(at).filter_map(on).collect();
        }
        steps.push((model.kind(at), model.label(at)));
        let Some(parent) = model.thing(at).parent else { break };
        at = parent;
    }
    vec![thing]
}

fn main_port(model: &Model, instance: ThingId) -> Option<ThingId> {
    let ports: Vec<ThingId> = programs(model, instance)
        .flat_map(|program| model.children(program, "port").iter().copied())
        .collect();
    one(model, &ports)
}

/// The port that is meant where none is named: the only one, or the only one that others can reach
/// and that is not for figures alone.
fn one(model: &Model, ports: &[ThingId]) -> Option<ThingId> {
    if let [only] = ports {
        return Some(*only);
    }
    let mut facts = Known(model);
    let mut meant = ports.iter().copied().filter(|&port| {
        let program = model.thing(port).parent;
        let figures = program.and_then(|it| model.get(it, "metrics").as_thing()) == Some(port);
        !figures && reach::published(&mut facts, port).is_some()
    });
    meant.next().filter(|_| meant.next().is_none())
}

/// Who may ask for a site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Audience {
    Internet,
    Networks(Vec<ThingId>),
    /// Programs of the ingress's node.
    Node,
    /// Nobody who would come by the ingress.
    Nobody,
}

pub fn audience(model: &Model, site: ThingId) -> Audience {
    match model.word(site, "audience") {
        Some("internet") => Audience::Internet,
        Some("node") => Audience::Node,
        Some("container") => Audience::Nobody,
        _ => Audience::Networks(reach::audience(&mut Known(model), site).unwrap_or_default()),
    }
}

/// Where a site's name points, for those who may reach it, on one of the `networks`: the ingress, or
/// the node of what is behind where there is none. The first network that each node has counts; never a
/// mesh whose own coordination is behind the site, which nobody could join by it.
pub fn addresses(model: &Model, site: ThingId, networks: &[ThingId]) -> Vec<IpAddr> {
    let mesh = |&network: &ThingId| model.word(network, "driver") == Some("mesh");
    let public = audience(model, site) == Audience::Internet;
    let mut networks: Vec<ThingId> = match audience(model, site) {
        Audience::Internet => networks.to_vec(),
        Audience::Networks(own) => {
            networks.iter().copied().filter(|network| own.contains(network)).collect()
        }
        Audience::Node | Audience::Nobody => return Vec::new(),
    };
    networks.retain(|network| !mesh(network) || !coordinates(model, site, *network));
    // Who asks from elsewhere is on no mesh: what the public DNS says of a site for everyone is of use to all.
    if public && networks.iter().any(|network| !mesh(network)) {
        networks.retain(|network| !mesh(network));
    }
    let doors = ingress_of(model, site);
    let blind = |node: ThingId| {
        !public && doors.iter().any(|door| door.node == node && !takes_ipv6(model, door))
    };
    let mut nodes: Vec<ThingId> = doors.iter().map(|door| door.node).collect();
    if nodes.is_empty() && ingress(model).is_empty() {
        let ports = endpoints(model, model.get(site, "to"));
        nodes = ports.iter().filter_map(|&port| model.thing(port).node).collect();
    }
    nodes.sort_by(|a, b| model.label(*a).cmp(model.label(*b)));
    nodes.dedup();
    let of = |&node: &ThingId| {
        let all = first_addresses(model, node, &networks);
        let plain = all.iter().any(IpAddr::is_ipv4);
        all.into_iter().filter(move |ip| ip.is_ipv4() || !plain || !blind(node))
    };
    nodes.iter().flat_map(of).collect()
}

/// Whether an ingress sees who comes by IPv6: to a container without addresses of IPv6 Docker hands all of them
/// on as its own gateway, whom no audience holds.
fn takes_ipv6(model: &Model, server: &Server) -> bool {
    let mut facts = Known(model);
    let Some(program) = server.program else { return true };
    let Space::Container(container) = reach::space(&mut facts, program) else { return true };
    let new = |value: &Value| matches!(value, Value::Cidr(range) if !range.network().is_ipv4());
    reach::joined(&mut facts, container).into_iter().any(|network| {
        let range = model.get(network, "range");
        let mut ranges = range.items().iter().map(|item| &item.value).chain([range]);
        model.flag(network, "ipv6") || ranges.any(new)
    })
}

/// Whether the service that coordinates a mesh is behind a site.
fn coordinates(model: &Model, site: ThingId, mesh: ThingId) -> bool {
    let Some(service) = runner(model, mesh, "provider") else { return false };
    let of = |port: &ThingId| {
        let mut up = std::iter::successors(Some(*port), |&at| model.thing(at).parent);
        up.any(|at| model.instances_of(service).any(|instance| instance.thing == at))
    };
    endpoints(model, model.get(site, "to")).iter().any(of)
}

/// A node's addresses on the first of the networks that it has.
pub fn first_addresses(model: &Model, node: ThingId, networks: &[ThingId]) -> Vec<IpAddr> {
    let mut facts = Known(model);
    let on = |&network| reach::addresses_on(&mut facts, node, network);
    networks.iter().map(on).find(|all| !all.is_empty()).unwrap_or_default()
}

/// The ranges of networks, as they are written, each with where it was.
pub fn ranges(model: &Model, networks: &[ThingId]) -> Vec<(String, Origin)> {
    let mut ranges = Vec::new();
    for &network in networks {
        let (value, origin) = model.at(network, "range");
        match value {
            Value::Cidr(cidr) => ranges.push((cidr.to_string(), origin)),
            Value::List(items) => ranges.extend(items.iter().filter_map(|item| match item.value {
                Value::Cidr(cidr) => Some((cidr.to_string(), item.origin.or(origin))),
                _ => None,
            })),
            _ => {}
        }
    }
    ranges
}

/// The place of a node's directory inside a program of it: the node's own for a unit, through a
/// volume for a container.
pub fn inside(model: &Model, program: ThingId, node: ThingId, path: &str) -> Option<String> {
    if model.kind(program) != "container" {
        return Some(path.to_string());
    }
    let mut facts = Known(model);
    let mut best: Option<(usize, String)> = None;
    for &volume in model.children(program, "volume") {
        let Value::Location(location) = model.get(volume, "value") else { continue };
        if matches!(location.base, Base::Local { .. } | Base::Memory { .. }) {
            continue;
        }
        let Ok(Some(outside)) = reach::path_on(&mut facts, &location.base, &location.sub, node)
        else {
            continue;
        };
        let outside = outside.trim_end_matches('/');
        let Some(rest) = path.strip_prefix(outside) else { continue };
        let whole = rest.is_empty() || rest.starts_with('/');
        if whole && best.as_ref().is_none_or(|(length, _)| *length < outside.len()) {
            let label = model.label(volume).trim_end_matches('/');
            best = Some((outside.len(), format!("{label}{rest}")));
        }
    }
    best.map(|(_, path)| path)
}
