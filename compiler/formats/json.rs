//! JSON, pretty (two spaces) or compact, from a tree or as a stream.
//!
//! Cannot be said: a key that stands twice, numbers that are not finite. Everything else can.

use super::data::{Data, Value};
use super::lines::Lines;
use super::{Taker, Written, escape};
use crate::origin::Origin;
use std::fmt::Write;

/// Writes a tree with two spaces of indentation and a final newline.
pub fn pretty(root: &Data<'_>) -> Written {
    let mut stream = Stream::pretty();
    stream.data(root);
    stream.finish()
}

/// Writes a tree on one line.
pub fn compact(root: &Data<'_>) -> Written {
    let mut stream = Stream::compact();
    stream.data(root);
    stream.finish()
}

/// Writes JSON in the order of the calls, for documents too large to build first. It looks after
/// commas, indentation and origins; that keys differ is up to the caller.
pub struct Stream {
    lines: Lines,
    open: Vec<Open>,
    pretty: bool,
    keyed: bool,
    /// The origin of the line under construction.
    current: Origin,
}

#[derive(Clone, Copy)]
struct Open {
    close: char,
    empty: bool,
    origin: Origin,
}

impl Stream {
    pub fn pretty() -> Self {
        Stream {
            lines: Lines::new(),
            open: Vec::new(),
            pretty: true,
            keyed: false,
            current: Origin::NONE,
        }
    }

    /// For so many bytes: a text that doubles its room holds it twice while it moves.
    pub fn with_room(bytes: usize) -> Self {
        Stream { lines: Lines::with_room(bytes), ..Stream::pretty() }
    }

    pub fn compact() -> Self {
        Stream { pretty: false, ..Stream::pretty() }
    }

    /// Keeps what follows on the line of what stands before it, until told otherwise.
    pub fn inline(&mut self, inline: bool) {
        self.pretty = !inline;
    }

    pub fn open_map(&mut self, origin: Origin) {
        self.enter('{', '}', origin);
    }

    pub fn open_list(&mut self, origin: Origin) {
        self.enter('[', ']', origin);
    }

    /// Closes the innermost map or list.
    pub fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        if !open.empty {
            self.newline();
        }
        self.current = open.origin;
        self.lines.push_char(open.close);
    }

    pub fn key(&mut self, key: &str) {
        self.separate();
        escape::quoted(self.lines.text(), key);
        self.lines.push(if self.pretty { ": " } else { ":" });
        self.keyed = true;
    }

    pub fn text(&mut self, text: &str, origin: Origin) {
        self.begin(origin);
        escape::quoted(self.lines.text(), text);
    }

    pub fn int(&mut self, number: i64, origin: Origin) {
        self.begin(origin);
        write!(self.lines.text(), "{number}").expect("a String takes every write");
    }

    pub fn bool(&mut self, truth: bool, origin: Origin) {
        self.begin(origin);
        self.lines.push(if truth { "true" } else { "false" });
    }

    pub fn null(&mut self, origin: Origin) {
        self.begin(origin);
        self.lines.push("null");
    }

    pub fn float(&mut self, number: f64, origin: Origin) {
        self.begin(origin);
        if number.is_finite() {
            write!(self.lines.text(), "{number:?}").expect("a String takes every write");
        } else {
            self.lines.push("null");
            self.lines.refuse(self.current, format!("JSON has no number `{number}`"));
        }
    }

    /// A whole tree as the next value.
    pub fn data(&mut self, data: &Data<'_>) {
        let origin = data.origin;
        match &data.value {
            Value::Null => self.null(origin),
            Value::Bool(truth) => self.bool(*truth, origin),
            Value::Int(number) => self.int(*number, origin),
            Value::Float(number) => self.float(*number, origin),
            Value::Text(text) | Value::Word(text) | Value::Inert(text) => self.text(text, origin),
            Value::List(items) => {
                self.open_list(origin);
                items.iter().for_each(|item| self.data(item));
                self.close();
            }
            Value::Map(map) => {
                self.open_map(origin);
                for (key, value) in map.repeated() {
                    let origin = value.origin.or(self.parent());
                    self.lines.refuse(origin, format!("the key `{key}` stands twice"));
                }
                for (key, value) in &map.0 {
                    self.key(key);
                    self.data(value);
                }
                self.close();
            }
        }
    }

    /// Gives what is written so far to whoever takes it, once it is long enough to be a piece.
    pub fn pass_on(&mut self, to: &mut Taker) {
        self.lines.pass_on(to);
    }

    pub fn finish(mut self) -> Written {
        debug_assert!(self.open.is_empty(), "a map or list was left open");
        self.lines.end(self.current);
        self.lines.finish()
    }

    fn enter(&mut self, mark: char, close: char, origin: Origin) {
        self.begin(origin);
        self.lines.push_char(mark);
        self.open.push(Open { close, empty: true, origin: self.current });
    }

    fn begin(&mut self, origin: Origin) {
        if !self.keyed {
            self.separate();
        }
        self.keyed = false;
        self.current = origin.or(self.parent());
    }

    /// Sets the next item of the innermost map or list apart from what stands before it.
    fn separate(&mut self) {
        let Some(open) = self.open.last_mut() else { return };
        if !std::mem::replace(&mut open.empty, false) {
            self.lines.push_char(',');
        }
        self.newline();
    }

    fn newline(&mut self) {
        if self.pretty {
            self.lines.end(self.current);
            self.lines.pad(2 * self.open.len());
        }
    }

    fn parent(&self) -> Origin {
        self.open.last().map_or(Origin::NONE, |open| open.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::{Map, hostile};

    fn sample<'a>() -> Data<'a> {
        Map::new()
            .with("a", Data::list([Data::from(1i64).at(Origin(2)), Data::null()]))
            .with("b", Map::new().with("c", 1e300).at(Origin(3)))
            .with("d", Map::new())
            .with("e", Data::list(Vec::<Data>::new()))
            .with("f", true)
            .at(Origin(1))
    }

    #[test]
    fn the_shape() {
        let done = pretty(&sample()).unwrap();
        assert_eq!(
            done.text,
            "{\n  \"a\": [\n    1,\n    null\n  ],\n  \"b\": {\n    \"c\": 1e300\n  },\n  \"d\": {},\n  \
             \"e\": [],\n  \"f\": true\n}\n"
        );
        let origins: Vec<u32> = done.lines.iter().map(|o| o.0).collect();
        assert_eq!(origins, [1, 1, 2, 1, 1, 3, 3, 3, 1, 1, 1, 1]);
        let flat = compact(&sample()).unwrap();
        assert_eq!(
            flat.text,
            "{\"a\":[1,null],\"b\":{\"c\":1e300},\"d\":{},\"e\":[],\"f\":true}\n"
        );
        assert_eq!(flat.lines, [Origin(1)]);
    }

    #[test]
    fn hostile_texts_come_back_as_keys_and_values() {
        let mut map = Map::new();
        for text in hostile::strings() {
            map.put(text.clone(), text);
        }
        for written in [pretty(&map.clone().into()), compact(&map.clone().into())] {
            let read: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(&written.unwrap().text).unwrap();
            assert_eq!(read.len(), hostile::strings().len());
            for ((key, value), text) in read.iter().zip(hostile::strings()) {
                assert_eq!((key.as_str(), value.as_str()), (text.as_str(), Some(text.as_str())));
            }
        }
    }

    #[test]
    fn refusals_name_their_place() {
        let map = Map::new()
            .with("a", Data::from(f64::NAN).at(Origin(4)))
            .with("a", Data::from(1i64))
            .at(Origin(9));
        let mut origins: Vec<u32> = pretty(&map).unwrap_err().iter().map(|u| u.origin.0).collect();
        origins.sort_unstable();
        assert_eq!(origins, [4, 9]);
    }

    #[test]
    fn a_part_may_stand_on_one_line() {
        let mut stream = Stream::pretty();
        stream.open_list(Origin::NONE);
        stream.inline(true);
        stream.open_list(Origin::NONE);
        stream.close();
        stream.close();
        assert_eq!(stream.lines.text(), "[[]]");
    }
}
