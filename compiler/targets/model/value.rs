//! How each sort of value stands in model.json: texts, numbers and truths as they are, everything
//! else as an object whose first key says what it is.

use super::Writer;
use crate::model::ThingId;
use crate::model::generated::GENERATED;
use crate::model::reach::{self, Known};
use crate::model::value::{Base, Location, Placement, SecretPart, Value, Word};
use crate::origin::Origin;
use crate::types::{Duration, PortRange};

impl Writer<'_, '_> {
    pub(super) fn value(&mut self, value: &Value, at: Origin, node: Option<ThingId>) {
        let names = self.model.names.clone();
        match value {
            Value::None | Value::Poison | Value::Things(_) => self.json.null(at),
            Value::Bool(truth) => self.json.bool(*truth, at),
            Value::Int(number) => self.json.int(*number, at),
            Value::Float(number) => self.float(*number, at),
            Value::Text(text) => self.json.text(text, at),
            Value::Ip(ip) => self.json.text(&ip.to_string(), at),
            Value::Cidr(range) => self.json.text(&range.to_string(), at),
            Value::Mac(mac) => self.json.text(&mac.to_string(), at),
            Value::Mode(mode) => self.json.text(&mode.to_string(), at),
            Value::Bytes(size) => self.one("bytes", at, |s| {
                s.json.int(i64::try_from(size.0).unwrap_or(i64::MAX), at);
            }),
            Value::Duration(time) => self.one("seconds", at, |s| s.seconds(*time, at)),
            Value::Cpu(cpu) => self.one("cores", at, |s| s.number(cpu.cores(), at)),
            Value::Ports(ports) => {
                self.json.open_map(at);
                self.json.key("port");
                self.range(ports.container, at);
                if let Some(host) = ports.host {
                    self.json.key("published");
                    self.range(host, at);
                }
                self.json.close();
            }
            Value::Word(word) => self.word(word, at, node),
            Value::List(items) => {
                self.json.open_list(at);
                items.iter().for_each(|item| self.value(&item.value, item.origin, node));
                self.json.close();
            }
            Value::Map(pairs) => {
                self.json.open_map(at);
                for pair in pairs.iter() {
                    self.json.key(&pair.key);
                    self.value(&pair.value, pair.origin, node);
                }
                self.json.close();
            }
            Value::Thing(id) => self.reference(*id, at),
            Value::Secret(secret) => self.one("secret", at, |s| {
                s.json.open_list(at);
                for part in &secret.parts {
                    match part {
                        SecretPart::Text(text) => s.json.text(text, at),
                        SecretPart::Name(name) => {
                            s.json.open_map(at);
                            let store = s.model.label(name.store);
                            for (key, text) in [
                                ("store", store),
                                ("path", &*name.path),
                                ("name", &*name.name),
                                ("variable", &*name.variable),
                            ] {
                                s.json.key(key);
                                s.json.text(text, at);
                            }
                            s.json.close();
                        }
                    }
                }
                s.json.close();
            }),
            Value::Location(location) => self.location(location, at, node),
            Value::Generated(name) => {
                let name = names.text(*name);
                self.json.open_map(at);
                self.json.key("generated");
                self.json.text(name, at);
                if let Some(row) = GENERATED.iter().find(|row| row.name == name) {
                    self.json.key("path");
                    self.json.text(row.home, at);
                }
                self.json.close();
            }
            Value::Placement(placement) => self.one("placement", at, |s| {
                let word = match **placement {
                    Placement::All => "all",
                    Placement::Each(_) => "each",
                    Placement::Where { .. } => "where",
                };
                s.json.text(word, at);
            }),
        }
    }

    fn one(&mut self, key: &str, at: Origin, value: impl FnOnce(&mut Self)) {
        self.json.open_map(at);
        self.json.key(key);
        value(self);
        self.json.close();
    }

    /// A whole number where it is one.
    fn number(&mut self, number: f64, at: Origin) {
        if number.fract() == 0.0 && number.abs() < 1e15 {
            self.json.int(number as i64, at);
        } else {
            self.float(number, at);
        }
    }

    /// Nothing where JSON has no such number.
    fn float(&mut self, number: f64, at: Origin) {
        match number.is_finite() {
            true => self.json.float(number, at),
            false => self.json.null(at),
        }
    }

    fn seconds(&mut self, time: Duration, at: Origin) {
        match time.whole_seconds() {
            Some(whole) => self.json.int(i64::try_from(whole).unwrap_or(i64::MAX), at),
            None => self.float(time.0 as f64 / 1e9, at),
        }
    }

    /// One port as a number, several as the first and the last.
    fn range(&mut self, range: PortRange, at: Origin) {
        if range.first == range.last {
            return self.json.int(range.first.into(), at);
        }
        self.json.open_list(at);
        self.json.int(range.first.into(), at);
        self.json.int(range.last.into(), at);
        self.json.close();
    }

    /// A word of a closed set is a text, unless it has parameters.
    fn word(&mut self, word: &Word, at: Origin, node: Option<ThingId>) {
        let names = self.model.names.clone();
        let params = word.params.iter().flat_map(|params| params.iter());
        let mut params = params.filter(|(_, value)| !value.is_none()).peekable();
        if params.peek().is_none() {
            return self.json.text(names.text(word.word), at);
        }
        self.one("word", at, |s| {
            s.json.text(names.text(word.word), at);
            for (name, value) in params {
                s.json.key(names.text(*name));
                s.value(value, at, node);
            }
        });
    }

    fn reference(&mut self, id: ThingId, at: Origin) {
        let model = self.model;
        self.json.open_map(at);
        self.json.key(model.kind(id));
        self.json.text(&model.dotted(id), at);
        let thing = model.thing(id);
        if let (Some(node), Some(_)) = (thing.node, thing.instance) {
            self.json.key("on");
            self.json.text(model.label(node), at);
        }
        self.json.close();
    }

    pub(super) fn references(&mut self, things: &[ThingId]) {
        self.json.open_list(Origin::NONE);
        things.iter().for_each(|&thing| self.reference(thing, Origin::NONE));
        self.json.close();
    }

    fn location(&mut self, location: &Location, at: Origin, node: Option<ThingId>) {
        let path = match (&location.base, node) {
            (Base::Host(path), _) if location.sub.is_empty() => Some(path.to_string()),
            (base, Some(node)) => {
                reach::path_on(&mut Known(self.model), base, &location.sub, node).ok().flatten()
            }
            _ => None,
        };
        self.json.open_map(at);
        match &location.base {
            Base::Share(thing) | Base::Disk(thing) => {
                self.json.key(self.model.kind(*thing));
                self.json.text(&self.model.dotted(*thing), at);
            }
            // The path itself follows.
            Base::Host(_) => {
                self.json.key("host");
                self.json.bool(true, at);
            }
            Base::Local { name, driver, options } => {
                self.json.key("volume");
                self.json.text(name, at);
                if let Some(driver) = driver {
                    self.json.key("driver");
                    self.json.text(driver, at);
                }
                if !options.is_empty() {
                    self.json.key("options");
                    self.json.open_map(at);
                    for (key, value) in options.iter() {
                        self.json.key(key);
                        self.json.text(value, at);
                    }
                    self.json.close();
                }
            }
            Base::Memory { size, mode } => {
                self.json.key("memory");
                self.json.bool(true, at);
                if let Some(size) = size {
                    self.json.key("bytes");
                    self.json.int(i64::try_from(size.0).unwrap_or(i64::MAX), at);
                }
                if let Some(mode) = mode {
                    self.json.key("mode");
                    self.json.text(&mode.to_string(), at);
                }
            }
        }
        if !location.sub.is_empty() {
            self.json.key("below");
            self.json.text(&location.sub, at);
        }
        if let Some(path) = path {
            self.json.key("path");
            self.json.text(&path, at);
        }
        self.json.close();
    }

    /// A value in a name of provenance: `packages[git]`.
    pub(super) fn shortly(&self, value: &Value) -> Option<String> {
        Some(match value {
            Value::Text(text) => text.to_string(),
            Value::Word(word) => self.model.names.text(word.word).to_string(),
            Value::Int(number) => number.to_string(),
            Value::Ip(ip) => ip.to_string(),
            Value::Cidr(range) => range.to_string(),
            Value::Thing(id) => self.model.dotted(*id),
            _ => return None,
        })
    }
}
