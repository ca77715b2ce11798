//! What may follow a dot beside fields and labels: one row each. What they compute is in
//! `eval::property`.

use crate::model::schema::{Schema, Ty, TyId};
use crate::names::{Names, Sym};

/// What a property is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum On {
    Thing(Sym),
    AnyThing,
    Kind(&'static str),
    Bytes,
    Duration,
    Cpu,
    Address,
    Range,
    Location,
    Nothing,
}

impl On {
    pub fn of(ty: &Ty) -> On {
        match ty {
            Ty::Bytes => On::Bytes,
            Ty::Duration => On::Duration,
            Ty::Cpu => On::Cpu,
            Ty::Ip | Ty::Ip4 | Ty::Ip6 => On::Address,
            Ty::Cidr => On::Range,
            Ty::Location => On::Location,
            _ => On::Nothing,
        }
    }
}

/// Who can name types: the lowering.
pub trait Types {
    fn text_type(&mut self, name: &str) -> TyId;
    fn intern(&mut self, ty: Ty) -> TyId;
    fn reference(&mut self, kind: &str) -> TyId;
}

/// The type of a property.
#[derive(Clone, Copy, Debug)]
pub enum Gives {
    Text,
    Url,
    Int,
    Float,
    Ip,
    Cidr,
    Path,
    Nodes,
    Instances,
    Node,
    Service,
    Any,
}

impl Gives {
    /// Whether a text can hold it.
    pub fn is_said(self) -> bool {
        matches!(
            self,
            Gives::Text
                | Gives::Url
                | Gives::Path
                | Gives::Int
                | Gives::Float
                | Gives::Ip
                | Gives::Cidr
        )
    }

    pub(super) fn ty(self, lower: &mut dyn Types) -> TyId {
        match self {
            Gives::Text => lower.text_type("string"),
            Gives::Url => lower.text_type("url"),
            Gives::Path => lower.text_type("path"),
            Gives::Int => lower.intern(Ty::Int),
            Gives::Float => lower.intern(Ty::Float),
            Gives::Ip => lower.intern(Ty::Ip),
            Gives::Cidr => lower.intern(Ty::Cidr),
            Gives::Node => lower.reference("node"),
            Gives::Service => lower.reference("service"),
            Gives::Nodes => {
                let node = lower.reference("node");
                lower.intern(Ty::List(node))
            }
            Gives::Instances => {
                let service = lower.reference("service");
                lower.intern(Ty::List(service))
            }
            Gives::Any => Schema::ANY,
        }
    }
}

#[derive(Debug)]
pub struct Property {
    pub on: On,
    pub name: &'static str,
    pub result: Gives,
    pub doc: &'static str,
}

const fn p(on: On, name: &'static str, result: Gives, doc: &'static str) -> Property {
    Property { on, name, result, doc }
}

pub static PROPERTIES: &[Property] = &[
    p(On::AnyThing, "name", Gives::Text, "Its name, as declared."),
    p(On::Bytes, "bytes", Gives::Int, "The plain number of bytes."),
    p(On::Bytes, "mib", Gives::Int, "The number of MiB, rounded down."),
    p(On::Duration, "seconds", Gives::Int, "The number of seconds, rounded down."),
    p(On::Cpu, "cores", Gives::Float, "The number of processors."),
    p(On::Address, "v4", Gives::Ip, "The IPv4 address, `none` where there is none."),
    p(On::Address, "v6", Gives::Ip, "The IPv6 address, `none` where there is none."),
    p(On::Range, "v4", Gives::Cidr, "The range of IPv4, `none` where there is none."),
    p(On::Range, "v6", Gives::Cidr, "The range of IPv6, `none` where there is none."),
    p(On::Range, "address", Gives::Ip, "The first address of the range."),
    p(On::Range, "prefix", Gives::Int, "The length of the range's prefix."),
    p(On::Location, "path", Gives::Path, "The location's path on the node in scope."),
    p(On::Kind("share"), "path", Gives::Path, "The share's path on the node in scope."),
    p(On::Kind("port"), "address", Gives::Text, "`host:port`, as it is reached from here."),
    p(
        On::Kind("port"),
        "host",
        Gives::Text,
        "The name or address by which it is reached from here.",
    ),
    p(On::Kind("port"), "port", Gives::Int, "The number by which it is reached from here."),
    p(
        On::Kind("port"),
        "published",
        Gives::Int,
        "The node's own port; `none` where it is not published.",
    ),
    p(
        On::Kind("port"),
        "url",
        Gives::Url,
        "The address with its scheme, as it is reached from here.",
    ),
    p(On::Kind("container"), "address", Gives::Text, "`host:port` of its only port."),
    p(
        On::Kind("container"),
        "host",
        Gives::Text,
        "The name or address by which it is reached from here.",
    ),
    p(On::Kind("container"), "url", Gives::Url, "The address of its only port, with its scheme."),
    p(On::Kind("container"), "published", Gives::Int, "The node's own port of its only port."),
    p(On::Kind("unit"), "address", Gives::Text, "`host:port` of its only port."),
    p(On::Kind("unit"), "host", Gives::Text, "The address by which it is reached from here."),
    p(On::Kind("unit"), "url", Gives::Url, "The address of its only port, with its scheme."),
    p(On::Kind("service"), "address", Gives::Text, "`host:port` of its only port."),
    p(
        On::Kind("service"),
        "host",
        Gives::Text,
        "The name or address by which it is reached from here.",
    ),
    p(On::Kind("service"), "url", Gives::Url, "The address of its only port, with its scheme."),
    p(On::Kind("service"), "nodes", Gives::Nodes, "The nodes that it runs on."),
    p(On::Kind("service"), "instances", Gives::Instances, "Its instances, one a node."),
    p(On::Kind("service"), "node", Gives::Node, "The node of this instance."),
    p(On::Kind("service"), "service", Gives::Service, "The service of this instance."),
    p(On::Kind("site"), "url", Gives::Url, "`https://` and its name."),
    p(
        On::Kind("credential"),
        "path",
        Gives::Path,
        "Where the file is inside the container or unit.",
    ),
    p(On::Kind("config"), "path", Gives::Path, "Where the file is inside the container or unit."),
    p(On::Kind("network"), "subnet", Gives::Any, "Its range."),
];

/// The property of a value that is no thing.
pub fn find(on: &On, name: &str) -> Option<&'static Property> {
    PROPERTIES.iter().find(|p| p.on == *on && p.name == name)
}

pub fn names(on: &On) -> Vec<&'static str> {
    PROPERTIES.iter().filter(|p| p.on == *on).map(|p| p.name).collect()
}

/// The property of a thing of that kind.
pub fn find_on(all: &Names, on: On, name: &str) -> Option<&'static Property> {
    let On::Thing(kind) = on else { return None };
    let kind = all.text(kind);
    PROPERTIES.iter().find(|p| {
        p.name == name
            && match p.on {
                On::AnyThing => true,
                On::Kind(of) => of == kind,
                _ => false,
            }
    })
}

/// The property that only things of that kind have; it wins over a field of its name.
pub fn of_kind(kind: &str, name: &str) -> Option<&'static Property> {
    PROPERTIES.iter().find(|p| p.name == name && matches!(p.on, On::Kind(of) if of == kind))
}

pub fn names_on(all: &Names, on: On) -> Vec<String> {
    let On::Thing(kind) = on else { return Vec::new() };
    let kind = all.text(kind);
    PROPERTIES
        .iter()
        .filter(|p| matches!(p.on, On::Kind(of) if of == kind))
        .map(|p| p.name.to_string())
        .collect()
}
