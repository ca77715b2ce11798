//! The tree that YAML, JSON, TOML and property lists are written from: maps in their order, lists,
//! scalars, each with its origin. It knows no spelling.

use super::Unsayable;
use crate::origin::Origin;
use std::borrow::Cow;

/// A value and where it came from; `Origin::NONE` stands for its parent's.
#[derive(Clone, PartialEq, Debug)]
pub struct Data<'a> {
    pub value: Value<'a>,
    pub origin: Origin,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Any text; YAML always quotes it.
    Text(Cow<'a, str>),
    /// A word of the reader's vocabulary; YAML writes it plain where every reader agrees.
    Word(Cow<'a, str>),
    /// Text that the reader's template engine must not look at: `!unsafe` in YAML for Ansible.
    Inert(Cow<'a, str>),
    List(Vec<Data<'a>>),
    Map(Map<'a>),
}

/// Entries in the order of writing; a writer refuses a key that stands twice.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Map<'a>(pub Vec<(Cow<'a, str>, Data<'a>)>);

impl<'a> Data<'a> {
    pub fn null() -> Self {
        Value::Null.into()
    }

    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Text(text.into()).into()
    }

    pub fn word(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Word(text.into()).into()
    }

    pub fn inert(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Inert(text.into()).into()
    }

    pub fn list<T: Into<Data<'a>>>(items: impl IntoIterator<Item = T>) -> Self {
        Value::List(items.into_iter().map(Into::into).collect()).into()
    }

    /// The same value, with an origin.
    pub fn at(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }
}

impl Data<'_> {
    /// Every key that stands twice in its map: no reader agrees with the next about what that means.
    pub fn twins(&self) -> Vec<Unsayable> {
        let mut found = Vec::new();
        self.find_twins(Origin::NONE, &mut found);
        found
    }

    fn find_twins(&self, parent: Origin, found: &mut Vec<Unsayable>) {
        let origin = self.origin.or(parent);
        match &self.value {
            Value::Map(map) => {
                for (key, value) in map.repeated() {
                    let why = format!("the key `{key}` stands twice");
                    found.push(Unsayable { origin: value.origin.or(origin), why });
                }
                map.0.iter().for_each(|(_, value)| value.find_twins(origin, found));
            }
            Value::List(items) => items.iter().for_each(|item| item.find_twins(origin, found)),
            _ => {}
        }
    }
}

impl<'a> Map<'a> {
    pub fn new() -> Self {
        Map::default()
    }

    pub fn with(mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Data<'a>>) -> Self {
        self.put(key, value);
        self
    }

    /// Adds the entry only where there is a value.
    pub fn with_some(
        self,
        key: impl Into<Cow<'a, str>>,
        value: Option<impl Into<Data<'a>>>,
    ) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    pub fn put(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Data<'a>>) {
        self.0.push((key.into(), value.into()));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn at(self, origin: Origin) -> Data<'a> {
        Data::from(self).at(origin)
    }

    /// The entries whose key has stood before.
    pub(super) fn repeated(&self) -> impl Iterator<Item = &(Cow<'a, str>, Data<'a>)> {
        let entries = &self.0;
        let repeats: Vec<usize> = if entries.len() <= 12 {
            let stood = |at: &usize| entries[..*at].iter().any(|(key, _)| *key == entries[*at].0);
            (1..entries.len()).filter(stood).collect()
        } else {
            let mut order: Vec<usize> = (0..entries.len()).collect();
            order.sort_by(|&a, &b| entries[a].0.cmp(&entries[b].0));
            let twins = order.windows(2).filter(|pair| entries[pair[0]].0 == entries[pair[1]].0);
            twins.map(|pair| pair[1]).collect()
        };
        repeats.into_iter().map(|at| &entries[at])
    }
}

impl<'a> From<Value<'a>> for Data<'a> {
    fn from(value: Value<'a>) -> Self {
        Data { value, origin: Origin::NONE }
    }
}

impl<'a> From<Map<'a>> for Data<'a> {
    fn from(map: Map<'a>) -> Self {
        Value::Map(map).into()
    }
}

impl<'a> From<Vec<Data<'a>>> for Data<'a> {
    fn from(items: Vec<Data<'a>>) -> Self {
        Value::List(items).into()
    }
}

impl<'a> From<&'a str> for Data<'a> {
    fn from(text: &'a str) -> Self {
        Data::text(text)
    }
}

impl From<String> for Data<'_> {
    fn from(text: String) -> Self {
        Data::text(text)
    }
}

impl<'a> From<Cow<'a, str>> for Data<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Data::text(text)
    }
}

impl From<bool> for Data<'_> {
    fn from(truth: bool) -> Self {
        Value::Bool(truth).into()
    }
}

impl From<i64> for Data<'_> {
    fn from(number: i64) -> Self {
        Value::Int(number).into()
    }
}

impl From<u32> for Data<'_> {
    fn from(number: u32) -> Self {
        Value::Int(number.into()).into()
    }
}

impl From<u16> for Data<'_> {
    fn from(number: u16) -> Self {
        Value::Int(number.into()).into()
    }
}

impl From<f64> for Data<'_> {
    fn from(number: f64) -> Self {
        Value::Float(number).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_key_is_found_in_small_and_large_maps() {
        for size in [2, 40] {
            let mut map = Map::new();
            for at in 0..size {
                map.put(format!("k{at}"), at as i64);
            }
            assert_eq!(map.repeated().count(), 0);
            map.put("k1", 99i64);
            let twins: Vec<_> = map.repeated().collect();
            assert_eq!(twins.len(), 1, "{size}");
            assert_eq!(twins[0].1.value, Value::Int(99));
        }
    }
}
