//! Every place of the language where a text may stand, found in the schema: a hole in a statement of
//! some kind. No list of fields lives here.

use crate::fields::values::{companions, statements};
use crate::fields::{Field, fields};
use colabc::model::Model;
use colabc::model::schema::{ShapeId, Ty};
use std::collections::{BTreeMap, BTreeSet};

/// A hole for a text.
#[derive(Clone)]
pub struct Slot {
    /// The field by its way from a kind, and what of it: `container.env in `env { _ = _ }` #2`.
    pub name: String,
    /// The kind that has the field, or has it in a record.
    pub kind: String,
    /// The words of the records around it inside its kind.
    pub around: Vec<String>,
    pub word: String,
    /// What its record needs beside it, where that is not there yet.
    pub beside: String,
    /// Ways to state it.
    pub forms: Vec<Form>,
}

/// A statement before and behind a text, whose quotes are not included, and a text that fits.
#[derive(Clone, PartialEq)]
pub struct Form {
    pub before: String,
    pub after: String,
    pub example: String,
}

impl Form {
    /// What may stand around a hostile text, so that a text of a stricter type can hold it.
    pub fn frames(&self, field: &str) -> Vec<(String, String)> {
        let example = self.example.clone();
        // Where the compiler takes more than its tool would, a frame that the tool takes.
        match field {
            "share.raw in `raw { _ = _ }` #1" => return vec![("x:".into(), String::new())],
            // Behind the key comes a remark, which may be anything.
            "user.ssh_keys in `ssh_keys = [_]` #1" => {
                return vec![(format!("{example} "), String::new())];
            }
            // In a place that no volume has: its dump would be brought along.
            "backup.from in `from = [_]` #1" => {
                return vec![(format!("/srv/{}/", number(field)), String::new())];
            }
            // Areas and places, of which only the form is known.
            "cluster.timezone" => return vec![(String::new(), String::new())],
            _ => {}
        }
        let own = [
            (String::new(), String::new()),
            (example.clone(), String::new()),
            (String::new(), example.clone()),
            (format!("{example}-"), String::new()),
            // A name is one thing's: no two seats may have the same.
            (format!("/etc/{}/", number(field)), String::new()),
            ("x-".into(), String::new()),
            (String::new(), format!(".{}.example.org", number(field))),
            (String::new(), ".service".into()),
        ];
        let mut met = BTreeSet::new();
        own.into_iter().filter(|frame| met.insert(frame.clone())).collect()
    }
}

/// A word of its own for each name.
fn number(name: &str) -> String {
    let sum = name.bytes().fold(7u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    format!("k{sum:x}")
}

/// The text as the language writes it, with every character but letters and digits by its number.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c),
            c => out.push_str(&format!("\\u{{{:04x}}}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

/// All of them, in order of name.
pub fn slots(model: &Model) -> Vec<Slot> {
    let mut all = BTreeMap::new();
    let kinds: BTreeMap<&str, ShapeId> =
        model.schema.kinds.iter().map(|(&name, &shape)| (model.names.text(name), shape)).collect();
    for (&kind, &shape) in &kinds {
        let mut found = Vec::new();
        if kind != "project" {
            fields(model, shape, kind, &[], &mut found);
        }
        for field in &found {
            holes(field, kind, &mut all);
        }
        labels(model, shape, kind, &mut all);
    }
    all.into_values().collect()
}

fn holes(field: &Field, kind: &str, all: &mut BTreeMap<String, Slot>) {
    let mut todo = field.values.clone();
    while !todo.is_empty() {
        let statement = todo.remove(0);
        // A map's key may be written in quotes, as may a name.
        let statement = ["OTHER_KEY", "other-key", "OTHER_NAME", "other-name"].iter().fold(
            statement,
            |text, bare| {
                text.replace(&format!(" {bare} "), &format!(" \"{bare}\" "))
                    .replace(&format!("[{bare}]"), &format!("[\"{bare}\"]"))
            },
        );
        let statement = match &*field.path {
            "share.raw" => ["other.key", "OTHER_KEY", "other-key"]
                .iter()
                .fold(statement, |all, key| all.replace(key, "x:other")),
            // A container has few settings of the kernel for itself.
            "container.sysctl" => ["other.key", "OTHER_KEY", "other-key", "nofile"]
                .iter()
                .fold(statement, |all, key| all.replace(key, "net.core.somaxconn")),
            _ => statement,
        };
        let mut shape = statement.clone();
        let found = literals(&statement);
        let raw = ["x-other", "bwlimit", "Service"].map(|key| format!("\"{key}\""));
        if field.word == "raw" && statement.contains("\"other.key\"") {
            let others = raw.iter().map(|key| statement.replace("\"other.key\"", key));
            let values = others.map(|s| match s.contains("Service") {
                true => s.replace("'Welcome'", "'Nice=10'"),
                false => s,
            });
            todo.extend(values);
        }
        for (from, to) in found.iter().rev() {
            shape.replace_range(from..to, "_");
        }
        for (number, (from, to)) in found.iter().enumerate() {
            let name = match (found.len(), number) {
                (1, _) if shape == format!("{} = _", field.word) => field.path.clone(),
                _ => format!("{} in `{}` #{}", field.path, shape, number + 1),
            };
            let slot = all.entry(name.clone()).or_insert_with(|| Slot {
                name,
                kind: kind.to_owned(),
                around: field.around.clone(),
                word: field.word.clone(),
                beside: field.beside.clone(),
                forms: Vec::new(),
            });
            let form = Form {
                before: statement[..*from].to_owned(),
                after: statement[*to..].to_owned(),
                example: statement[from + 1..to - 1].to_owned(),
            };
            if !slot.forms.iter().any(|f| (&f.before, &f.after) == (&form.before, &form.after)) {
                slot.forms.push(form);
            }
        }
    }
}

/// The names of things, in quotes, wherever a kind has things inside.
fn labels(model: &Model, shape: ShapeId, kind: &str, all: &mut BTreeMap<String, Slot>) {
    for field in &model.schema.shape(shape).fields {
        let Ty::Named(inner) = *model.schema.ty(model.schema.plain(field.ty)) else { continue };
        let word = model.names.text(field.name).to_owned();
        let name = format!("{kind}.{word} label");
        let known = statements(model, field.ty, &word).into_iter().find(|s| s.contains('{'));
        let body = known
            .and_then(|s| s.split_once('{').map(|(_, body)| format!("{{{body}")))
            .unwrap_or_else(|| format!("{{ {} }}", companions(model, inner, "")));
        let value = match (&*word, &*body) {
            ("port", _) => " = 7790",
            _ => "",
        };
        let form = Form {
            before: format!("{word} "),
            after: format!("{value} {body}"),
            example: "extra".into(),
        };
        let (kind, around, beside) = (kind.to_owned(), Vec::new(), String::new());
        let slot = Slot { name: name.clone(), kind, around, word, beside, forms: vec![form] };
        all.insert(name, slot);
    }
}

/// Where the quoted texts of a statement lie, quotes included.
fn literals(statement: &str) -> Vec<(usize, usize)> {
    let bytes = statement.as_bytes();
    let (mut all, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        if matches!(bytes[at], b'"' | b'\'') {
            let end = at + 1 + statement[at + 1..].find(bytes[at] as char).expect("it is closed");
            all.push((at, end + 1));
            at = end;
        }
        at += 1;
    }
    all
}
