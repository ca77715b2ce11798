//! Values against types, and the arithmetic of values. Pure: no places, no nodes.

use crate::diag::text::FEW;
use crate::model::ThingId;
use crate::model::schema::{Schema, Ty, TyId};
pub use crate::model::value::print;
use crate::model::value::{Base, Item, Location, Pair, Value};
use crate::names::Names;
use crate::syntax::tree::BinaryOp;
use crate::types::{self, PortRange, Ports, Why};
use std::cmp::Ordering;
use std::sync::Arc;

/// Why a value is not of a type.
#[derive(Debug)]
pub struct Misfit {
    /// What is wrong with the value itself; nothing where its type is another.
    pub why: Option<Why>,
    /// It is of the type, but out of its bounds.
    pub range: bool,
    pub context: Option<String>,
}

impl Misfit {
    const OTHER: Misfit = Misfit { why: None, range: false, context: None };

    fn because(why: Why) -> Misfit {
        Misfit { why: Some(why), range: false, context: None }
    }

    fn range(message: String, help: String) -> Misfit {
        Misfit { why: Some(Why::new(message).help(help)), range: true, context: None }
    }
}

/// What a value of a type looks like, for whoever wrote another.
pub fn such_as(schema: &Schema, names: &Names, want: TyId) -> String {
    let words = match schema.ty(schema.plain(want)) {
        Ty::Bool => "write `true` or `false`",
        Ty::Int | Ty::IntIn(..) => "write a whole number, such as `3`",
        Ty::Float => "write a number, such as `1.5`",
        Ty::Bytes => "write a size, such as `4GiB`",
        Ty::Duration => "write a duration, such as `30s`",
        Ty::Cpu => "write a share of processors, such as `1.5cpu`",
        Ty::Ip | Ty::Ip4 => "write an address, such as `192.168.1.10`",
        Ty::Ip6 => "write an address, such as `fd00::10`",
        Ty::Cidr => "write a range, such as `192.168.1.0/24`",
        Ty::Mac => "write a hardware address, such as `02:00:00:00:00:01`",
        Ty::Mode => "write a mode, such as `0644`",
        Ty::Port => "write the number of a port, such as `8080`",
        Ty::Ports => "write a port, such as `80`, or `8080 -> 80`",
        Ty::Text(row) => {
            return format!("write a text, such as `\"{}\"`", schema.text_type(*row).example);
        }
        Ty::Ref(shape) => {
            return match names.text(schema.shape(*shape).name) {
                "credential" => "name one of a container or unit, `SERVICE.PART.credential.KEY`: it is declared there, `credential KEY = secret(\"NAME\")`".to_owned(),
                kind => format!("name a {kind} that is declared"),
            };
        }
        Ty::List(_) | Ty::Set(_) => "write a list: `[a, b]`",
        Ty::Map(..) => "write a block: `{ key = value }`",
        Ty::Enum(set) => {
            let words = &schema.enumeration(*set).words;
            let words: Vec<&str> = words.iter().map(|word| names.text(word.name)).collect();
            return if words.len() <= FEW {
                format!("write {}", types::either(&words))
            } else {
                format!("write one of its words: {}", words.join(", "))
            };
        }
        Ty::Data => "write texts, numbers, `true`, and lists and blocks of those",
        Ty::Record(_) => "write a block with its fields: `{ ... }`",
        Ty::Secret => "write `secret(\"/PATH/NAME\")`",
        Ty::Location => "write a path, or a share with a path below it: `share / \"folder\"`",
        Ty::Placement => "name a node, a list of nodes, or `where(...)`",
        Ty::Union(types) if !types.is_empty() => return such_as(schema, names, types[0]),
        Ty::Endpoint => "name a port: `SERVICE.CONTAINER.PORT`",
        _ => "give it a value of that type, or take the line out",
    };
    words.to_owned()
}

/// Whether the value is of that type as it stands. Where it is not, `conform` may still make it so.
pub fn is_of(schema: &Schema, value: &Value, want: TyId) -> bool {
    match (schema.ty(want), value) {
        (_, Value::Poison) => true,
        (Ty::Any | Ty::Poison, _) | (Ty::Optional(_) | Ty::None, Value::None) => true,
        (Ty::Optional(inner), value) => is_of(schema, value, *inner),
        // The first alternative that a value can be made to fit holds, and only of this one is it known.
        (Ty::Union(types), value) => {
            types.first().is_some_and(|&first| is_of(schema, value, first))
        }
        (Ty::Bool, Value::Bool(_)) | (Ty::Int, Value::Int(_)) | (Ty::Float, Value::Float(_)) => {
            true
        }
        (Ty::Bytes, Value::Bytes(_)) | (Ty::Duration, Value::Duration(_)) => true,
        (Ty::Cpu, Value::Cpu(_)) | (Ty::Ip, Value::Ip(_)) | (Ty::Cidr, Value::Cidr(_)) => true,
        (Ty::Ip4, Value::Ip(ip)) => ip.is_ipv4(),
        (Ty::Ip6, Value::Ip(ip)) => ip.is_ipv6(),
        (Ty::Mac, Value::Mac(_)) | (Ty::Mode, Value::Mode(_)) => true,
        (Ty::Port, Value::Int(n)) => types::port(*n).is_ok(),
        (Ty::IntIn(low, high), Value::Int(n)) => (*low..=*high).contains(n),
        (Ty::Ports, Value::Ports(_)) | (Ty::Secret, Value::Secret(_)) => true,
        (Ty::Generated, Value::Generated(_)) | (Ty::Location, Value::Location(_)) => true,
        (Ty::Placement, Value::Placement(_) | Value::Thing(_) | Value::List(_)) => true,
        (Ty::Endpoint, Value::Thing(_) | Value::Things(_)) => true,
        (Ty::Printable, value) => prints(value),
        (Ty::Text(row), Value::Text(text)) => (schema.text_type(*row).check)(text).is_ok(),
        (Ty::Name, Value::Text(text)) => is_name(text),
        (Ty::Enum(set), Value::Word(word)) => schema.enumeration(*set).word(word.word).is_some(),
        (Ty::Ref(_) | Ty::Record(_) | Ty::One(_), Value::Thing(_)) => true,
        (Ty::List(item) | Ty::Set(item), Value::List(items)) => {
            items.iter().all(|i| is_of(schema, &i.value, *item))
        }
        (Ty::Map(_, item), Value::Map(pairs)) => {
            pairs.iter().all(|pair| is_of(schema, &pair.value, *item))
        }
        (Ty::Data, value) => is_data(value),
        (Ty::All(_) | Ty::Named(_), Value::Things(_)) => true,
        _ => false,
    }
}

/// The value as one of that type.
pub fn conform(schema: &Schema, names: &Names, value: Value, want: TyId) -> Result<Value, Misfit> {
    if is_of(schema, &value, want) {
        return Ok(value);
    }
    match (schema.ty(want), value) {
        (Ty::Optional(inner), value) => conform(schema, names, value, *inner),
        (Ty::Union(types), value) => {
            let mut told = None;
            for &alternative in types.iter() {
                match conform(schema, names, value.clone(), alternative) {
                    Ok(value) => return Ok(value),
                    Err(misfit) => told = told.or(misfit.why.map(|why| (why, misfit.range))),
                }
            }
            match told {
                // Of several alternatives that could hold such a value, the first one's reason.
                Some((why, range)) => Err(Misfit { why: Some(why), range, context: None }),
                None => Err(Misfit::OTHER),
            }
        }
        (Ty::Float, Value::Int(n)) => Ok(Value::Float(n as f64)),
        (Ty::Port, Value::Int(n)) => types::port(n).map(|p| Value::Int(p.into())).map_err(no_port),
        (Ty::IntIn(low, high), Value::Int(n)) => {
            let help = format!("write a number from {low} to {high}");
            Err(Misfit::range(format!("{n} is not in {low}..{high}"), help))
        }
        (Ty::Ports, Value::Int(n)) => match types::port(n) {
            Ok(port) => Ok(Value::Ports(Ports { host: None, container: PortRange::one(port) })),
            Err(why) => Err(no_port(why)),
        },
        (Ty::Location, Value::Thing(id)) => Ok(Value::Thing(id)),
        (Ty::Location, Value::Text(path)) => host_path(path),
        (Ty::Text(row), Value::Text(text)) => match schema.text_type(*row).told(&text) {
            Ok(()) => Ok(Value::Text(text)),
            Err(why) => Err(Misfit::because(why)),
        },
        (Ty::Name, Value::Text(text)) => Err(Misfit::because(
            Why::new(format!("`{text}` is no name"))
                .help("a name has letters, digits, `_`, and single `-` inside"),
        )),
        (Ty::Matching(base, pattern), value) => {
            let value = conform(schema, names, value, *base)?;
            let Value::Text(text) = &value else { return Ok(value) };
            let pattern = names.text(*pattern);
            if types::Pattern::new(pattern).is_ok_and(|p| p.matches(text)) {
                Ok(value)
            } else {
                let help = "write a text that has that form from its beginning to its end";
                Err(Misfit::range(format!("`{text}` does not match \"{pattern}\""), help.into()))
            }
        }
        (Ty::Record(shape), Value::Map(pairs)) => record(schema, names, *shape, &pairs),
        (Ty::List(item) | Ty::Set(item), Value::List(items)) => {
            Ok(Value::List(each(schema, names, &items, *item)?))
        }
        (Ty::List(_) | Ty::Set(_), Value::Things(ids)) => {
            Ok(Value::list(ids.iter().map(|&id| Value::Thing(id))))
        }
        (Ty::Map(_, item), Value::Map(pairs)) => {
            let mut out = Vec::with_capacity(pairs.len());
            for pair in pairs.iter() {
                let value = conform(schema, names, pair.value.clone(), *item)?;
                out.push(Pair { key: pair.key.clone(), value, origin: pair.origin });
            }
            Ok(Value::Map(out.into()))
        }
        _ => Err(Misfit::OTHER),
    }
}

fn each(schema: &Schema, names: &Names, items: &[Item], want: TyId) -> Result<Arc<[Item]>, Misfit> {
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        let value = conform(schema, names, item.value.clone(), want)?;
        out.push(Item { value, origin: item.origin });
    }
    Ok(out.into())
}

fn record(
    schema: &Schema,
    names: &Names,
    shape: crate::model::schema::ShapeId,
    pairs: &[Pair],
) -> Result<Value, Misfit> {
    let mut out = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let field = schema.shape(shape).field_called(&pair.key);
        let Some(field) = field else { return Err(Misfit::OTHER) };
        let ty = schema.shape(shape).fields[field as usize].ty;
        let value = conform(schema, names, pair.value.clone(), ty)?;
        out.push(Pair { key: pair.key.clone(), value, origin: pair.origin });
    }
    Ok(Value::map(out))
}

fn no_port(why: Why) -> Misfit {
    Misfit::range(why.message, "take a port that is free, such as 8080".into())
}

fn host_path(path: Arc<str>) -> Result<Value, Misfit> {
    let check = if path.starts_with('/') { "path" } else { "windows_path" };
    let found = types::text_type(check).map_or(Ok(()), |t| t.told(&path));
    match found {
        Ok(()) => {
            let sub = "".into();
            Ok(Value::Location(Arc::new(Location { base: Base::Host(path), sub })))
        }
        Err(why) if path.starts_with('/') => Err(Misfit::because(why)),
        Err(_) => Err(Misfit::because(
            Why::new(format!("`{path}` is no absolute path"))
                .help("a path of the host begins with `/`; any other place is a share or a disk, with a path below it: `SHARE / \"folder\"`"),
        )),
    }
}

/// Whether the value may stand in a text.
pub fn prints(value: &Value) -> bool {
    matches!(
        value,
        Value::Text(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Bool(_)
            | Value::Ip(_)
            | Value::Cidr(_)
            | Value::Mac(_)
            | Value::Mode(_)
            | Value::Word(_)
    )
}

fn is_data(value: &Value) -> bool {
    match value {
        Value::None | Value::Poison | Value::Secret(_) => true,
        Value::List(items) => items.iter().all(|i| is_data(&i.value)),
        Value::Map(pairs) => pairs.iter().all(|p| is_data(&p.value)),
        Value::Bytes(_) | Value::Duration(_) | Value::Cpu(_) => true,
        value => prints(value),
    }
}

/// The type of a value by itself.
pub fn type_of(value: &Value) -> Option<Ty> {
    Some(match value {
        Value::None => Ty::None,
        Value::Bool(_) => Ty::Bool,
        Value::Int(_) => Ty::Int,
        Value::Float(_) => Ty::Float,
        Value::Bytes(_) => Ty::Bytes,
        Value::Duration(_) => Ty::Duration,
        Value::Cpu(_) => Ty::Cpu,
        Value::Ip(ip) => {
            if ip.is_ipv4() {
                Ty::Ip4
            } else {
                Ty::Ip6
            }
        }
        Value::Cidr(_) => Ty::Cidr,
        Value::Mac(_) => Ty::Mac,
        Value::Mode(_) => Ty::Mode,
        Value::Ports(_) => Ty::Ports,
        Value::Text(_) => Ty::Text(0),
        Value::Secret(_) => Ty::Secret,
        Value::Location(_) => Ty::Location,
        Value::Generated(_) => Ty::Generated,
        _ => return None,
    })
}

/// A value in a message.
pub fn describe(value: &Value, names: &Names) -> String {
    match value {
        Value::None => "none".into(),
        Value::Poison => "a faulty value".into(),
        Value::Bool(b) => format!("`{b}`"),
        Value::Int(n) => format!("the number {n}"),
        Value::Float(n) => format!("the number {n}"),
        Value::Text(text) if text.chars().count() > 40 => {
            let head: String = text.chars().take(37).collect();
            format!("the text \"{head}...\"")
        }
        Value::Text(text) => format!("the text \"{text}\""),
        Value::Bytes(b) => format!("the size {b}"),
        Value::Duration(d) => format!("the duration {d}"),
        Value::Cpu(c) => format!("{c}"),
        Value::Ip(ip) => format!("the address {ip}"),
        Value::Cidr(c) => format!("the range {c}"),
        Value::Mac(m) => format!("the hardware address {m}"),
        Value::Mode(m) => format!("the mode {m}"),
        Value::Ports(p) => format!("the ports {p}"),
        Value::Word(w) => format!("`{}`", names.text(w.word)),
        Value::List(items) => format!("a list of {}", items.len()),
        Value::Map(_) => "a value `{ }`".into(),
        Value::Thing(_) => "a reference".into(),
        Value::Things(_) => "references".into(),
        Value::Secret(_) => "a secret".into(),
        Value::Location(_) => "a location".into(),
        Value::Generated(name) => format!("the generated file {}", names.text(*name)),
        Value::Placement(_) => "a placement".into(),
    }
}

/// A value as it would be written, cut short where it is long.
pub fn brief(value: &Value, names: &Names, label: &dyn Fn(ThingId) -> Arc<str>) -> String {
    const SHOWN: usize = 5;
    let brief = |value: &Value| brief(value, names, label);
    let row = |parts: Vec<String>| match parts.len() {
        n if n > SHOWN => format!("{}, ... {n} in all", parts[..SHOWN].join(", ")),
        _ => parts.join(", "),
    };
    match value {
        Value::Text(text) if text.chars().count() > 40 => {
            format!("\"{}...\"", text.chars().take(37).collect::<String>())
        }
        Value::Text(text) => format!("\"{text}\""),
        Value::Int(n) => n.to_string(),
        Value::Float(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Bytes(b) => b.to_string(),
        Value::Duration(d) => d.to_string(),
        Value::Ip(ip) => ip.to_string(),
        Value::Cidr(c) => c.to_string(),
        Value::Mac(m) => m.to_string(),
        Value::Mode(m) => m.to_string(),
        Value::Ports(p) => p.to_string(),
        Value::Word(word) => {
            let said = word.params.iter().flat_map(|p| p.iter()).filter(|(_, v)| !v.is_none());
            let said: Vec<String> =
                said.map(|(name, v)| format!("{} = {}", names.text(*name), brief(v))).collect();
            let word = names.text(word.word);
            if said.is_empty() { word.into() } else { format!("{word}({})", row(said)) }
        }
        Value::List(items) => format!("[{}]", row(items.iter().map(|i| brief(&i.value)).collect())),
        Value::Things(ids) => {
            format!("[{}]", row(ids.iter().map(|&id| label(id).to_string()).collect()))
        }
        Value::Map(pairs) if pairs.is_empty() => "{ }".into(),
        Value::Map(pairs) => {
            let pairs = pairs.iter().map(|p| format!("{} = {}", p.key, brief(&p.value)));
            format!("{{ {} }}", row(pairs.collect()))
        }
        Value::Thing(id) => label(*id).to_string(),
        other => describe(other, names),
    }
}

/// An order that no numbering of names or things can reach, as long as `things` is one.
pub fn order(
    a: &Value,
    b: &Value,
    names: &Names,
    things: &dyn Fn(ThingId, ThingId) -> Ordering,
) -> Ordering {
    match (a, b) {
        (Value::Word(x), Value::Word(y)) => {
            names.text(x.word).cmp(names.text(y.word)).then_with(|| a.order(b))
        }
        (Value::Thing(x), Value::Thing(y)) => things(*x, *y),
        (Value::Location(x), Value::Location(y)) => match (&x.base, &y.base) {
            (Base::Share(on), Base::Share(other)) | (Base::Disk(on), Base::Disk(other)) => {
                things(*on, *other).then_with(|| x.sub.cmp(&y.sub))
            }
            _ => a.order(b),
        },
        _ => a.order(b),
    }
}

/// A list as a set of constants, none of which is a thing: ordered, each once.
pub fn as_set(list: Value, names: &Names) -> Value {
    let Value::List(items) = list else { return list };
    let mut items = items.to_vec();
    items.sort_by(|a, b| order(&a.value, &b.value, names, &|a, b| a.cmp(&b)));
    items.dedup_by(|a, b| a.value == b.value);
    Value::List(items.into())
}

/// Whether an address or a range lies in a range; nothing where the two are something else.
pub fn in_range(inner: &Value, range: &Value) -> Option<bool> {
    match (inner, range) {
        (Value::Ip(ip), Value::Cidr(range)) => Some(range.contains(*ip)),
        (Value::Cidr(inner), Value::Cidr(range)) => Some(range.covers(*inner)),
        _ => None,
    }
}

/// `a..b` and `host -> container`.
pub fn ports(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, Why> {
    if op == BinaryOp::Range {
        let (Value::Int(a), Value::Int(b)) = (left, right) else {
            return Err(Why::new("a range of ports is two numbers").help("write `10000..10099`"));
        };
        let container = PortRange::new(*a, *b)?;
        return Ok(Value::Ports(Ports { host: None, container }));
    }
    let side = |value: &Value| -> Result<PortRange, Why> {
        match value {
            Value::Int(n) => types::port(*n).map(PortRange::one),
            Value::Ports(Ports { host: None, container }) => Ok(*container),
            _ => Err(Why::new("`->` stands between a port of the host and one of the container")
                .help("write `3300 -> 3000`")),
        }
    };
    let (host, container) = (side(left)?, side(right)?);
    Ports::new(Some(host), container).map(Value::Ports)
}

/// Sum, difference, product, quotient. `None`: the types do not go together.
pub fn arithmetic(op: BinaryOp, left: &Value, right: &Value) -> Option<Result<Value, Why>> {
    use BinaryOp::*;
    let overflow = || {
        Why::new("the result is larger than any number here can be")
            .help("reckon with smaller numbers")
    };
    let zero = || Why::new("a division by zero").help(NOT_BY_ZERO);
    Some(match (left, right) {
        (Value::Int(a), Value::Int(b)) => match op {
            Add => a.checked_add(*b).map(Value::Int).ok_or_else(overflow),
            Sub => a.checked_sub(*b).map(Value::Int).ok_or_else(overflow),
            Mul => a.checked_mul(*b).map(Value::Int).ok_or_else(overflow),
            _ if *b == 0 => Err(zero()),
            _ => a.checked_div(*b).map(Value::Int).ok_or_else(overflow),
        },
        (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
            let (a, b) = (as_float(left)?, as_float(right)?);
            let result = match op {
                Add => a + b,
                Sub => a - b,
                Mul => a * b,
                _ if b == 0.0 => return Some(Err(zero())),
                _ => a / b,
            };
            if result.is_finite() { Ok(Value::Float(result)) } else { Err(overflow()) }
        }
        (Value::Bytes(a), Value::Bytes(b)) => match op {
            Div if b.0 == 0 => Err(zero()),
            Div => Ok(Value::Float(a.0 as f64 / b.0 as f64)),
            _ => raw(op, a.0, b.0)?.map(|n| Value::Bytes(types::Bytes(n))),
        },
        (Value::Duration(a), Value::Duration(b)) => match op {
            Div if b.0 == 0 => Err(zero()),
            Div => Ok(Value::Float(a.0 as f64 / b.0 as f64)),
            _ => raw(op, a.0, b.0)?.map(|n| Value::Duration(types::Duration(n))),
        },
        (Value::Cpu(a), Value::Cpu(b)) => match op {
            Div if b.0 == 0 => Err(zero()),
            Div => Ok(Value::Float(a.0 as f64 / b.0 as f64)),
            _ => raw(op, a.0, b.0)?.map(|n| Value::Cpu(types::Cpu(n))),
        },
        (Value::Bytes(a), n) => scale(op, a.0, n)?.map(|n| Value::Bytes(types::Bytes(n))),
        (Value::Duration(a), n) => scale(op, a.0, n)?.map(|n| Value::Duration(types::Duration(n))),
        (Value::Cpu(a), n) => scale(op, a.0, n)?.map(|n| Value::Cpu(types::Cpu(n))),
        (n, Value::Bytes(a)) if op == Mul => {
            scale(op, a.0, n)?.map(|n| Value::Bytes(types::Bytes(n)))
        }
        (n, Value::Duration(a)) if op == Mul => {
            scale(op, a.0, n)?.map(|n| Value::Duration(types::Duration(n)))
        }
        (n, Value::Cpu(a)) if op == Mul => scale(op, a.0, n)?.map(|n| Value::Cpu(types::Cpu(n))),
        (Value::Text(a), Value::Text(b)) if op == Add => Ok(Value::Text(format!("{a}{b}").into())),
        (Value::List(a), Value::List(b)) if op == Add => {
            Ok(Value::List(a.iter().chain(b.iter()).cloned().collect()))
        }
        _ => return None,
    })
}

fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Float(n) => Some(*n),
        _ => None,
    }
}

const NOT_BY_ZERO: &str = "ask first whether it is 0: `if n == 0 then ... else m / n`";
const NO_LESS: &str = "take away no more than there is; `max(a, b)` says which is more";

fn raw(op: BinaryOp, a: u64, b: u64) -> Option<Result<u64, Why>> {
    let below = || Why::new("the result is less than nothing").help(NO_LESS);
    let large = || Why::new("the sum is too large").help("add less");
    Some(match op {
        BinaryOp::Add => a.checked_add(b).ok_or_else(large),
        BinaryOp::Sub => a.checked_sub(b).ok_or_else(below),
        _ => return None,
    })
}

fn scale(op: BinaryOp, a: u64, by: &Value) -> Option<Result<u64, Why>> {
    let by = as_float(by)?;
    let result = match op {
        BinaryOp::Mul => a as f64 * by,
        BinaryOp::Div if by == 0.0 => {
            return Some(Err(Why::new("a division by zero").help(NOT_BY_ZERO)));
        }
        BinaryOp::Div => a as f64 / by,
        _ => return None,
    };
    Some(if result < 0.0 {
        Err(Why::new("the result is less than nothing").help("multiply by no number below 0"))
    } else if result > u64::MAX as f64 {
        Err(Why::new("the result is too large").help("multiply by less, or divide by more"))
    } else {
        Ok(result.round() as u64)
    })
}

/// Words that lead somewhere in every expression, so nothing has them as its bare name. So do the
/// plurals of kinds.
pub const MEANT: [&str; 8] =
    ["cluster", "node", "service", "container", "unit", "instances", "std", "generated"];

/// `[A-Za-z_][A-Za-z0-9_]*` with single inner hyphens: what may stand bare.
pub fn is_name(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or("");
    let word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    word(first) && !first.as_bytes()[0].is_ascii_digit() && parts.all(word)
}
