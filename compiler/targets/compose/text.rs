//! How values are spelled for Compose: `$` doubled, secrets as variables, amounts in its units.

use super::Project;
use crate::diag::codes;
use crate::formats::compose_text::{self, Part};
use crate::formats::{Data, Map};
use crate::model::ThingId;
use crate::model::value::{Pair, Secret, SecretPart, Value};
use crate::names::Names;
use crate::origin::Origin;
use crate::targets::shared_refusal::Refusal;
use crate::types::{Bytes, Duration};
use std::borrow::Cow;

/// Text that Compose takes as it stands.
pub(super) fn literal<'a>(text: impl Into<Cow<'a, str>>) -> Data<'a> {
    let text = text.into();
    if text.contains('$') {
        Data::text(compose_text::literal(&text).into_owned())
    } else {
        Data::text(text)
    }
}

/// As the value prints in a text.
pub(in crate::targets) fn printed<'a>(value: &'a Value, names: &'a Names) -> Option<Cow<'a, str>> {
    Some(match value {
        Value::Text(text) => Cow::from(&**text),
        Value::Word(word) => names.text(word.word).into(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Int(number) => number.to_string().into(),
        Value::Float(number) => number.to_string().into(),
        Value::Ip(ip) => ip.to_string().into(),
        Value::Cidr(cidr) => cidr.to_string().into(),
        Value::Mac(mac) => mac.to_string().into(),
        Value::Mode(mode) => mode.to_string().into(),
        _ => return None,
    })
}

impl<'a> Project<'a> {
    /// A text of the user's, perhaps with secrets in it.
    pub(super) fn text(&mut self, value: &'a Value, at: Origin, of: ThingId) -> Data<'a> {
        let data = match value {
            Value::Secret(secret) => self.secret(secret, at, of),
            value => match printed(value, &self.cluster.model().names) {
                Some(text) => literal(text),
                None => {
                    let why = "a block or a list has no spelling in this place of a Compose file";
                    self.refuse(Refusal::new(&codes::E0801, at, of, why, "write it as one text"));
                    Data::null()
                }
            },
        };
        data.at(at)
    }

    /// Every secret is a variable that Compose insists on; if it is missing, its store is named.
    pub(super) fn secret(&mut self, secret: &'a Secret, at: Origin, of: ThingId) -> Data<'a> {
        let model = self.cluster.model();
        let parts: Vec<Part> = secret
            .parts
            .iter()
            .map(|part| match part {
                SecretPart::Text(text) => Part::Text(Cow::from(&**text)),
                SecretPart::Name(name) => Part::Secret {
                    name: Cow::from(&*name.variable),
                    message: format!(
                        "it is {}/{} of {}",
                        name.path.trim_end_matches('/'),
                        name.name,
                        model.label(name.store)
                    )
                    .into(),
                },
            })
            .collect();
        match compose_text::value(&parts, at) {
            Ok(text) => Data::text(text.into_owned()),
            Err(fault) => {
                self.refuse(Refusal::new(
                    &codes::E0801,
                    at,
                    of,
                    fault.why,
                    "change the text so that Compose can read it, or take it out",
                ));
                Data::null()
            }
        }
    }

    /// Texts in their order; of a set, sorted.
    pub(super) fn texts(&mut self, value: &'a Value, of: ThingId) -> Vec<Data<'a>> {
        value.items().iter().map(|item| self.text(&item.value, item.origin, of)).collect()
    }

    /// Texts by key; a key whose value is `none` is left out.
    pub(super) fn table(&mut self, pairs: &'a [Pair], of: ThingId) -> Map<'a> {
        let mut map = Map::new();
        for pair in pairs.iter().filter(|pair| !pair.value.is_none()) {
            map.put(&*pair.key, self.text(&pair.value, pair.origin, of));
        }
        map
    }

    /// Data of any shape, with numbers as numbers.
    pub(super) fn data(&mut self, value: &'a Value, at: Origin, of: ThingId) -> Data<'a> {
        match value {
            Value::None => Data::null().at(at),
            Value::Bool(truth) => Data::from(*truth).at(at),
            Value::Int(number) => Data::from(*number).at(at),
            Value::Float(number) => Data::from(*number).at(at),
            Value::Bytes(size) => memory(*size).at(at),
            Value::Duration(time) => duration(*time).at(at),
            Value::Cpu(cpu) => Data::text(cpu.cores().to_string()).at(at),
            Value::List(items) => {
                let items = items.iter().map(|item| self.data(&item.value, item.origin, of));
                Data::from(items.collect::<Vec<_>>()).at(at)
            }
            Value::Map(pairs) => {
                let mut map = Map::new();
                for pair in pairs.iter() {
                    map.put(&*pair.key, self.data(&pair.value, pair.origin, of));
                }
                map.at(at)
            }
            value => self.text(value, at, of),
        }
    }
}

/// Docker counts memory in powers of two: `4g`, `512m`; what is no whole number of them in bytes.
pub(super) fn memory(size: Bytes) -> Data<'static> {
    let unit = [("g", 30), ("m", 20), ("k", 10)]
        .into_iter()
        .find(|(_, power)| size.0 > 0 && size.0.is_multiple_of(1 << power));
    Data::text(match unit {
        Some((unit, power)) => format!("{}{unit}", size.0 >> power),
        None => size.0.to_string(),
    })
}

/// As Go spells it: hours at most, `1m30s`.
pub(super) fn duration(time: Duration) -> Data<'static> {
    const UNITS: [(&str, u64); 6] = [
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1000),
        ("ns", 1),
    ];
    let mut rest = time.0;
    let mut text = String::new();
    for (unit, size) in UNITS {
        if rest >= size {
            text.push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    Data::text(if text.is_empty() { "0s".into() } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(data: Data) -> String {
        match data.value {
            crate::formats::data::Value::Text(text) => text.into_owned(),
            other => panic!("{other:?} is no text"),
        }
    }

    #[test]
    fn amounts_in_the_units_of_their_readers() {
        assert_eq!(said(memory(Bytes(4 << 30))), "4g");
        assert_eq!(said(memory(Bytes(1536 << 20))), "1536m");
        assert_eq!(said(memory(Bytes(10_000_000))), "10000000");
        assert_eq!(said(memory(Bytes(0))), "0");
        assert_eq!(said(duration(Duration(90_000_000_000))), "1m30s");
        assert_eq!(said(duration(Duration(2 * 24 * 3_600_000_000_000))), "48h");
        assert_eq!(said(duration(Duration(1_500_000))), "1ms500us");
        assert_eq!(said(duration(Duration(0))), "0s");
    }
}
