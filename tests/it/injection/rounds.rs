//! One round: texts in every seat of a pass at once, one a copy. What is refused steps back, until the rest
//! is built.

use super::plan::{Seat, errors, run, token};
use super::stage;
use colabc::Compilation;
use std::collections::{BTreeMap, BTreeSet};

/// What became of a text in a seat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    Taken,
    Refused(&'static str),
}

/// A round that has been built.
pub struct Played {
    /// By seat and copy; nothing where no text was.
    pub fates: Vec<Vec<Option<Fate>>>,
    pub files: BTreeMap<String, Vec<u8>>,
    /// Every text of the model that the files were made from.
    pub model: BTreeSet<String>,
    /// Errors without a label on the line of any of the texts.
    pub lost: Vec<String>,
}

/// Which texts stand where: in each round each seat has others, and after the last round each seat has had
/// each of them.
pub struct Round<'a> {
    pub texts: &'a [String],
    pub number: usize,
    pub copies: usize,
}

impl Round<'_> {
    /// Harmless words only.
    pub const fn plain(copies: usize) -> Round<'static> {
        Round { texts: &[], number: 0, copies }
    }

    pub fn text(&self, seat: usize, copy: usize) -> Option<&str> {
        let at = self.number * self.copies + copy;
        let turned = (at + seat * 37).checked_rem(self.texts.len())?;
        (at < self.texts.len()).then(|| self.texts[turned].as_str())
    }
}

pub fn play(pass: &[Seat], round: &Round) -> Played {
    let mut fates: Vec<Vec<Option<Fate>>> = pass
        .iter()
        .enumerate()
        .map(|(at, seat)| {
            let has = |copy| round.text(at, copy).is_some() && (seat.copied || copy == 0);
            (0..round.copies).map(|copy| has(copy).then_some(Fate::Taken)).collect()
        })
        .collect();
    loop {
        let setting = |(at, seat): (usize, &Seat)| {
            seat.setting((0..round.copies).map(|copy| {
                match (fates[at][copy], round.text(at, copy)) {
                    (Some(Fate::Taken), Some(text)) => text.to_owned(),
                    _ => token(at, copy),
                }
            }))
        };
        let settings: Vec<_> = pass.iter().enumerate().map(setting).collect();
        let text = stage::text(round.copies, &settings);
        let lines: BTreeMap<usize, (usize, usize)> =
            text.lines.iter().map(|&(line, at, copy)| (line, (at, copy))).collect();
        let found = run(text.text);
        let (mut refused, mut lost) = (Vec::new(), Vec::new());
        for (code, labels) in errors(&found) {
            let mut hostile = labels.iter().filter_map(|line| lines.get(line));
            match hostile.find(|(at, copy)| fates[*at][*copy] == Some(Fate::Taken)) {
                Some(cell) => refused.push((code, *cell)),
                None => lost.push(format!("{code}: {}", said(&found, code))),
            }
        }
        // What nobody can be blamed for may go with what is blamed.
        if refused.is_empty() {
            return Played { fates, files: files(&found), model: model(&found), lost };
        }
        for (code, (at, copy)) in refused {
            fates[at][copy] = Some(Fate::Refused(code));
        }
    }
}

fn said(found: &Compilation, code: &str) -> String {
    let one = found.diagnostics.iter().find(|d| d.code.id == code).expect("it was found");
    let at = found.sources.file(one.primary().file);
    let line = at.position(one.primary().start).line as usize;
    format!("{} ({}:{line}: {})", one.message, at.name, at.line_text(line - 1))
}

fn files(found: &Compilation) -> BTreeMap<String, Vec<u8>> {
    let all = found.tree.iter().flat_map(|tree| tree.iter());
    all.map(|(path, file)| (path.to_string(), file.bytes.clone())).collect()
}

/// Labels and values of the compiled model, as they are before anything is emitted.
fn model(found: &Compilation) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let model = &found.resolved.model;
    for thing in &model.things {
        all.insert(model.names.text(thing.label).to_owned());
        thing.slots.iter().for_each(|slot| gather(&slot.value, &mut all));
    }
    all
}

fn gather(value: &colabc::model::value::Value, all: &mut BTreeSet<String>) {
    use colabc::model::value::{Base, SecretPart, Value};
    match value {
        Value::Text(text) => drop(all.insert(text.to_string())),
        Value::List(items) => items.iter().for_each(|item| gather(&item.value, all)),
        Value::Map(pairs) => pairs.iter().for_each(|pair| {
            all.insert(pair.key.to_string());
            gather(&pair.value, all);
        }),
        Value::Word(word) => {
            let params = word.params.iter().flat_map(|params| params.iter());
            params.for_each(|(_, value)| gather(value, all));
        }
        Value::Location(place) => {
            all.insert(place.sub.to_string());
            match &place.base {
                Base::Host(path) => drop(all.insert(path.to_string())),
                Base::Local { name, driver, options } => {
                    all.insert(name.to_string());
                    all.extend(driver.iter().map(|driver| driver.to_string()));
                    all.extend(options.iter().flat_map(|(k, v)| [k.to_string(), v.to_string()]));
                }
                _ => {}
            }
        }
        Value::Secret(secret) => {
            for part in &secret.parts {
                all.insert(match part {
                    SecretPart::Text(text) => text.to_string(),
                    SecretPart::Name(name) => name.name.to_string(),
                });
            }
        }
        _ => {}
    }
}
