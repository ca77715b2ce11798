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
    /// Refused, by an error that is not at its line.
    Astray(&'static str),
}

/// A round that has been built.
pub struct Played {
    /// By seat and copy; nothing where no text was.
    pub fates: Vec<Vec<Option<Fate>>>,
    pub files: BTreeMap<String, Vec<u8>>,
    /// Every text of the model that the files were made from.
    pub model: BTreeSet<String>,
    /// Places with an error that has no label on the line of the text.
    pub lost: Vec<String>,
}

/// Which texts stand where: in each round each seat has others, and after the last round each seat has had
/// each of them.
pub struct Round<'a> {
    pub texts: &'a [String],
    pub number: usize,
    pub copies: usize,
}

impl<'a> Round<'a> {
    /// Harmless words only.
    pub const fn plain(copies: usize) -> Round<'static> {
        Round { texts: &[], number: 0, copies }
    }

    pub fn text(&self, seat: usize, copy: usize) -> Option<&'a str> {
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
            let text = |copy| round.text(at, copy).filter(|text| seat.is_for(text));
            let has = |copy| text(copy).is_some() && (seat.copied || copy == 0);
            (0..round.copies).map(|copy| has(copy).then_some(Fate::Taken)).collect()
        })
        .collect();
    let mut astray = Vec::new();
    loop {
        let (found, lines) = build(pass, round, &fates);
        let (mut refused, mut lost) = (Vec::new(), Vec::new());
        for (code, labels) in errors(&found) {
            let taken = |(at, copy): &&(usize, usize)| fates[*at][*copy] == Some(Fate::Taken);
            let mut hostile = labels.iter().filter_map(|line| lines.get(line));
            match hostile.find(taken) {
                Some(cell) => refused.push((code, *cell)),
                None => lost.push((code, labels)),
            }
        }
        for (code, (at, copy)) in &refused {
            fates[*at][*copy] = Some(Fate::Refused(code));
        }
        if !refused.is_empty() {
            // What is at nobody's line may go with what is at somebody's.
            continue;
        }
        let Some((code, labels)) = lost.first() else {
            return Played {
                lost: told(pass, round, &mut fates, astray),
                files: files(&found),
                model: model(&found),
                fates,
            };
        };
        // Most likely it is one of the texts below the line that is labelled.
        let head = labels.first().copied().unwrap_or_default();
        let taken = lines.iter().filter(|(_, (at, copy))| fates[*at][*copy] == Some(Fate::Taken));
        let near = taken.min_by_key(|(line, _)| (**line < head, line.abs_diff(head)));
        let Some((_, &(at, copy))) = near else {
            let lost = vec![format!("{code}: {}", said(&found, code))];
            return Played { fates, files: BTreeMap::new(), model: BTreeSet::new(), lost };
        };
        fates[at][copy] = Some(Fate::Astray(code));
        astray.push((at, copy, format!("{code}: {}", said(&found, code))));
    }
}

/// The texts of a round in one seat, each with the codes of the errors that label its line.
pub fn refusals<'a>(seat: &Seat, round: &Round<'a>) -> Vec<(&'a str, Vec<&'static str>)> {
    let here = |copy: &usize| seat.copied || *copy == 0;
    let texts: Vec<&str> =
        (0..round.copies).filter(here).filter_map(|copy| round.text(0, copy)).collect();
    let setting = seat.setting(texts.iter().map(|text| text.to_string()));
    let text = stage::text(texts.len().max(1), &[setting]);
    let found = errors(&run(text.text));
    let codes = |line: usize| {
        found.iter().filter(|(_, labels)| labels.contains(&line)).map(|(code, _)| *code).collect()
    };
    text.lines.iter().map(|&(line, _, copy)| (texts[copy], codes(line))).collect()
}

/// Whether an error labels the line of a text that is the only one.
pub fn refused_alone(seat: &Seat, text: &str) -> bool {
    let text = stage::text(1, &[seat.setting([text.to_owned()])]);
    let found = errors(&run(text.text));
    text.lines.iter().all(|(line, ..)| found.iter().any(|(_, labels)| labels.contains(line)))
}

type Fates = Vec<Vec<Option<Fate>>>;

fn build(
    pass: &[Seat],
    round: &Round,
    fates: &Fates,
) -> (Compilation, BTreeMap<usize, (usize, usize)>) {
    let setting = |(at, seat): (usize, &Seat)| {
        seat.setting((0..round.copies).map(|copy| match (fates[at][copy], round.text(at, copy)) {
            (Some(Fate::Taken), Some(text)) => text.to_owned(),
            _ => token(at, copy),
        }))
    };
    let settings: Vec<_> = pass.iter().enumerate().map(setting).collect();
    let text = stage::text(round.copies, &settings);
    let lines = text.lines.iter().map(|&(line, at, copy)| (line, (at, copy))).collect();
    (run(text.text), lines)
}

/// Of those that stepped back for an error elsewhere, whose it was; the others have had no turn.
fn told(
    pass: &[Seat],
    round: &Round,
    fates: &mut Fates,
    astray: Vec<(usize, usize, String)>,
) -> Vec<String> {
    let mut all = Vec::new();
    for (at, copy, why) in astray {
        let mut only = fates.clone();
        only[at][copy] = Some(Fate::Taken);
        if errors(&build(pass, round, &only).0).is_empty() {
            fates[at][copy] = None;
        } else {
            all.push(format!("{}: {why}", pass[at].slot.name));
        }
    }
    all
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
