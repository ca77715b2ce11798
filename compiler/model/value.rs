//! The values of the language. A secret is never one of them: only the names of secrets are.

use super::ThingId;
use crate::names::{Names, Sym};
use crate::origin::Origin;
use crate::types::{Bytes, Cidr, Cpu, Duration, Mac, Mode, Ports};
use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub enum Value {
    /// Absent.
    None,
    /// Its fault is reported already: whatever it meets stays silent.
    Poison,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    Bytes(Bytes),
    Duration(Duration),
    Cpu(Cpu),
    Ip(IpAddr),
    Cidr(Cidr),
    Mac(Mac),
    Mode(Mode),
    Ports(Ports),
    /// A word of a closed set.
    Word(Word),
    /// A list as stated, or a set in the order of its values.
    List(Arc<[Item]>),
    /// Sorted by key.
    Map(Arc<[Pair]>),
    /// A declared thing, or a block of one.
    Thing(ThingId),
    /// The things of one kind inside another, or all of one kind, in order of name.
    Things(Arc<[ThingId]>),
    /// A text that only a tool at run time can finish.
    Secret(Arc<Secret>),
    Location(Arc<Location>),
    /// A file that the compiler generates, by its name: `caddyfile`.
    Generated(Sym),
    Placement(Arc<Placement>),
}

/// There are hundreds of thousands of them.
const _: () = assert!(size_of::<Value>() <= 24);

#[derive(Clone, Debug)]
pub struct Word {
    pub word: Sym,
    /// By name, in the order of their declaration; absent where the word has none.
    pub params: Option<Arc<Vec<(Sym, Value)>>>,
}

impl Word {
    fn all_params(&self) -> &[(Sym, Value)] {
        self.params.as_ref().map_or(&[], |params| params)
    }

    pub fn param(&self, name: Sym) -> Option<&Value> {
        self.all_params().iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }
}

/// An element and who put it there.
#[derive(Clone, Debug)]
pub struct Item {
    pub value: Value,
    pub origin: Origin,
}

/// An entry of a map and who put it there.
#[derive(Clone, Debug)]
pub struct Pair {
    pub key: Arc<str>,
    pub value: Value,
    pub origin: Origin,
}

/// A text with holes that are filled where the service runs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Secret {
    pub parts: Box<[SecretPart]>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SecretPart {
    Text(Arc<str>),
    Name(SecretName),
}

/// One secret of one store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SecretName {
    /// The `secrets` declaration.
    pub store: ThingId,
    /// `/gitea`
    pub path: Arc<str>,
    pub name: Arc<str>,
    /// The name under which it reaches a process; `name` unless the path says `as`.
    pub variable: Arc<str>,
}

/// A place for data.
#[derive(Clone, PartialEq, Debug)]
pub struct Location {
    pub base: Base,
    /// Below the base, without a leading `/`; empty for the base itself.
    pub sub: Arc<str>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Base {
    Share(ThingId),
    Disk(ThingId),
    /// A path of the host, as written.
    Host(Arc<str>),
    /// A volume of the container engine.
    Local {
        name: Arc<str>,
        driver: Option<Arc<str>>,
        options: Arc<[(Arc<str>, Arc<str>)]>,
    },
    Memory {
        size: Option<Bytes>,
        mode: Option<Mode>,
    },
}

/// What `on` says, before it is worked out.
#[derive(Clone, Debug)]
pub enum Placement {
    All,
    /// Every node on which the condition holds; the number names the expression.
    Each(u32),
    /// One node on which the condition holds, the best by the expressions of `prefer`.
    Where {
        cond: u32,
        prefer: Box<[u32]>,
    },
}

impl Value {
    pub fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    pub fn is_poison(&self) -> bool {
        matches!(self, Value::Poison)
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Every text in it, keys of maps included, with where it comes from: `origin`, unless a part of
    /// the value knows better.
    pub fn each_text(&self, origin: Origin, see: &mut impl FnMut(&str, Origin)) {
        match self {
            Value::Text(text) => see(text, origin),
            Value::List(items) => {
                items.iter().for_each(|item| item.value.each_text(item.origin, see));
            }
            Value::Map(pairs) => {
                for pair in pairs.iter() {
                    see(&pair.key, pair.origin);
                    pair.value.each_text(pair.origin, see);
                }
            }
            Value::Word(Word { params: Some(params), .. }) => {
                params.iter().for_each(|(_, value)| value.each_text(origin, see));
            }
            Value::Location(location) => see(&location.sub, origin),
            Value::Secret(secret) => {
                for part in &secret.parts {
                    if let SecretPart::Text(text) = part {
                        see(text, origin);
                    }
                }
            }
            _ => {}
        }
    }

    pub fn as_thing(&self) -> Option<ThingId> {
        match self {
            Value::Thing(id) => Some(*id),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Item] {
        match self {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub fn pairs(&self) -> &[Pair] {
        match self {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        let pairs = self.pairs();
        let at = pairs.binary_search_by(|pair| (*pair.key).cmp(key)).ok()?;
        Some(&pairs[at].value)
    }

    /// A list without origins of its own.
    pub fn list(values: impl IntoIterator<Item = Value>) -> Value {
        let items = values.into_iter().map(|value| Item { value, origin: Origin::NONE });
        Value::List(items.collect())
    }

    /// A map of the pairs, sorted; of equal keys the last one stays.
    pub fn map(mut pairs: Vec<Pair>) -> Value {
        pairs.sort_by(|a, b| a.key.cmp(&b.key));
        pairs.reverse();
        pairs.dedup_by(|a, b| a.key == b.key);
        pairs.reverse();
        Value::Map(pairs.into())
    }

    fn class(&self) -> u8 {
        match self {
            Value::None => 0,
            Value::Poison => 1,
            Value::Bool(_) => 2,
            Value::Int(_) | Value::Float(_) => 3,
            Value::Text(_) => 4,
            Value::Bytes(_) => 5,
            Value::Duration(_) => 6,
            Value::Cpu(_) => 7,
            Value::Ip(_) => 8,
            Value::Cidr(_) => 9,
            Value::Mac(_) => 10,
            Value::Mode(_) => 11,
            Value::Ports(_) => 12,
            Value::Word(_) => 13,
            Value::List(_) => 14,
            Value::Map(_) => 15,
            Value::Thing(_) => 16,
            Value::Things(_) => 17,
            Value::Secret(_) => 18,
            Value::Location(_) => 19,
            Value::Generated(_) => 20,
            Value::Placement(_) => 21,
        }
    }

    /// A total order; values of unlike types are ordered by type. Words and things are ordered by
    /// number: whoever lets an order reach the output sorts by their names instead.
    pub fn order(&self, other: &Value) -> Ordering {
        use Value::*;
        match (self, other) {
            (Bool(a), Bool(b)) => a.cmp(b),
            (Int(a), Int(b)) => a.cmp(b),
            (Float(a), Float(b)) => a.total_cmp(b),
            (Int(a), Float(b)) => (*a as f64).total_cmp(b),
            (Float(a), Int(b)) => a.total_cmp(&(*b as f64)),
            (Text(a), Text(b)) => a.cmp(b),
            (Bytes(a), Bytes(b)) => a.cmp(b),
            (Duration(a), Duration(b)) => a.cmp(b),
            (Cpu(a), Cpu(b)) => a.cmp(b),
            (Ip(a), Ip(b)) => a.cmp(b),
            (Cidr(a), Cidr(b)) => a.cmp(b),
            (Mac(a), Mac(b)) => a.cmp(b),
            (Mode(a), Mode(b)) => a.cmp(b),
            (Ports(a), Ports(b)) => a.to_string().cmp(&b.to_string()),
            (Word(a), Word(b)) => a.word.cmp(&b.word).then_with(|| {
                let (a, b) = (a.all_params().iter(), b.all_params().iter());
                by_parts(a, b, |x, y| x.0.cmp(&y.0).then_with(|| x.1.order(&y.1)))
            }),
            (List(a), List(b)) => by_parts(a.iter(), b.iter(), |x, y| x.value.order(&y.value)),
            (Map(a), Map(b)) => by_parts(a.iter(), b.iter(), |x, y| {
                x.key.cmp(&y.key).then_with(|| x.value.order(&y.value))
            }),
            (Thing(a), Thing(b)) => a.cmp(b),
            (Things(a), Things(b)) => a.cmp(b),
            (Secret(a), Secret(b)) => a.cmp(b),
            (Location(a), Location(b)) => a.key().cmp(&b.key()),
            (Generated(a), Generated(b)) => a.cmp(b),
            (Placement(a), Placement(b)) => Arc::as_ptr(a).cmp(&Arc::as_ptr(b)),
            _ => self.class().cmp(&other.class()),
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        self.order(other) == Ordering::Equal
    }
}

impl Location {
    fn key(&self) -> (u8, u32, &str, &str) {
        match &self.base {
            Base::Share(id) => (0, id.number(), "", &self.sub),
            Base::Disk(id) => (1, id.number(), "", &self.sub),
            Base::Host(path) => (2, 0, path, &self.sub),
            Base::Local { name, .. } => (3, 0, name, &self.sub),
            Base::Memory { size, .. } => (4, size.map_or(0, |s| s.0 as u32), "", &self.sub),
        }
    }
}

fn by_parts<T>(
    mut a: impl Iterator<Item = T>,
    mut b: impl Iterator<Item = T>,
    cmp: impl Fn(T, T) -> Ordering,
) -> Ordering {
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some(x), Some(y)) => match cmp(x, y) {
                Ordering::Equal => {}
                other => return other,
            },
        }
    }
}

/// As it prints in a text.
pub fn print(value: &Value, names: &Names) -> Option<Arc<str>> {
    Some(match value {
        Value::Text(text) => text.clone(),
        Value::Int(n) => n.to_string().into(),
        Value::Float(n) => n.to_string().into(),
        Value::Bool(b) => if *b { "true" } else { "false" }.into(),
        Value::Ip(ip) => ip.to_string().into(),
        Value::Cidr(cidr) => cidr.to_string().into(),
        Value::Mac(mac) => mac.to_string().into(),
        Value::Mode(mode) => mode.to_string().into(),
        Value::Word(word) => names.text(word.word).into(),
        _ => return None,
    })
}
