//! From a line of an emitted file back to the source: the value that stands there with its whole
//! chain, or the declaration that the line is there for. Plain data; `paper_line` writes it down.

use super::chain::{Answer, Verdict};
use super::explain::explain;
use super::find::Place;
use super::value::common_name;
use crate::diff::lines::{Edit, edits};
use crate::manifest::{Hash, Manifest};
use crate::model::value::Value;
use crate::model::{Model, ThingId};
use crate::origin::{Of, Origin};
use crate::resolve::eval::Resolved;
use crate::source::{Sources, Span};
use crate::targets::{TARGETS, Target};
use crate::tree::{Delivery, MANIFEST, OutFile, OutTree};

/// What is asked: a file as it lies on the disk, and perhaps one of its lines.
pub struct Asked<'a> {
    /// Below `out/`.
    pub path: &'a str,
    /// From 1.
    pub line: Option<usize>,
    pub bytes: &'a [u8],
    /// What the manifest beside it says that a build wrote.
    pub written: Option<Hash>,
}

/// The file on the disk beside what the sources make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// As the sources say.
    Current,
    /// Changed by hand since the build that wrote it.
    Edited,
    /// As a build wrote it, but the sources say something else by now.
    Stale,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            State::Current => "current",
            State::Edited => "edited",
            State::Stale => "stale",
        }
    }
}

/// Who answers for a line.
#[derive(Clone, PartialEq, Debug)]
pub enum Made {
    /// A value: the line changes with it.
    Value { answer: Answer, place: Span },
    /// A thing: the line is there because the thing is.
    Declaration { name: String, kind: String, nodes: Vec<String>, place: Span },
    /// The target, which says so in each such file, for the file's declarations.
    Target,
    /// Nobody here: the sources don't make this line.
    Nobody,
}

/// A declaration that a file was made from.
#[derive(Clone, PartialEq, Debug)]
pub struct Source {
    pub kind: String,
    pub name: String,
    pub place: Span,
}

#[derive(Clone, PartialEq, Debug)]
pub struct LineAnswer {
    pub file: String,
    /// The line and its text; nothing where the whole file was asked for.
    pub line: Option<(usize, String)>,
    pub state: State,
    pub made: Made,
    pub target: Option<(&'static str, &'static str)>,
    pub delivery: Option<Delivery>,
    pub declarations: Vec<Source>,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoLine {
    /// The sources make no such file.
    NotMade,
    /// So many lines it has.
    Beyond(usize),
}

/// Answers for one line of a file, or for the whole of it.
pub fn explain_line(
    resolved: &mut Resolved,
    sources: &Sources,
    tree: &OutTree,
    asked: &Asked,
) -> Result<LineAnswer, NoLine> {
    let listing = (asked.path == MANIFEST).then(|| listing(tree));
    let file = listing.as_ref().or(tree.get(asked.path)).ok_or(NoLine::NotMade)?;
    let text = String::from_utf8_lossy(asked.bytes);
    let lines: Vec<&str> = text.lines().collect();
    let said = match asked.line {
        None => None,
        Some(line) => match line.checked_sub(1).and_then(|at| lines.get(at)) {
            Some(text) => Some((line, (*text).to_owned())),
            None => return Err(NoLine::Beyond(lines.len())),
        },
    };
    let state = if file.bytes == asked.bytes {
        State::Current
    } else if asked.written.is_some_and(|hash| hash == Hash::of(asked.bytes)) {
        State::Stale
    } else {
        State::Edited
    };
    let made = match asked.line {
        None => Made::Target,
        Some(line) => match same_line(file, &lines, line - 1) {
            Some(at) => {
                let origin = file.lines.get(at).copied().unwrap_or(Origin::NONE);
                let named = named(&resolved.model, file, lines[line - 1]);
                made(resolved, sources, named.filter(|_| origin.is_none()).unwrap_or(origin))
            }
            None => Made::Nobody,
        },
    };
    let model = &resolved.model;
    Ok(LineAnswer {
        file: asked.path.to_owned(),
        line: said,
        state,
        made,
        target: target_of(asked.path).map(|target| (target.name, target.doc)),
        delivery: file.delivery.clone(),
        declarations: declarations(model, &file.made_from),
    })
}

/// The target that writes a path.
pub fn target_of(path: &str) -> Option<&'static Target> {
    TARGETS.iter().filter(|target| target.makes(path)).max_by_key(|target| target.name.len())
}

/// The manifest of a tree as a file of it: a line a file, there because of what made the file.
fn listing(tree: &OutTree) -> OutFile {
    let files = tree.iter();
    let rows = files.map(|(path, file)| (path.clone(), crate::manifest::Row::of(file)));
    let manifest = Manifest { files: rows.collect(), gone: tree.gone.clone() };
    let mut file = OutFile::new(manifest.to_json());
    // The brace, the format and the list's head stand before the first row.
    file.lines = vec![Origin::NONE; 3];
    for (_, row) in tree.iter() {
        file.lines.push(row.made_from.first().copied().unwrap_or_default());
    }
    file
}

/// Where the line of the file on the disk stands in the file as the sources make it.
fn same_line(file: &OutFile, lines: &[&str], at: usize) -> Option<usize> {
    let made = String::from_utf8_lossy(&file.bytes);
    let made: Vec<&str> = made.lines().collect();
    if made == lines {
        return Some(at);
    }
    edits(lines, &made).into_iter().find_map(|edit| match edit {
        Edit::Keep(old, new) if old == at => Some(new),
        _ => None,
    })
}

/// The declaration that a line of a file's head names: `#   service gitea, services/gitea.colab`.
fn named(model: &Model, file: &OutFile, line: &str) -> Option<Origin> {
    let said = file.declarations.iter().find(|said| line.trim_end().ends_with(&***said))?;
    let (kind, rest) = said.split_once(' ')?;
    let (label, _) = rest.rsplit_once(", ")?;
    model.find(kind, label).map(ThingId::origin)
}

/// As a person calls it; the cluster by its name, for its path is its kind.
fn title(id: ThingId, model: &Model) -> String {
    if model.cluster == Some(id) { model.label(id).to_owned() } else { common_name(id, model) }
}

/// Who answers for what has this origin.
pub fn made(resolved: &mut Resolved, sources: &Sources, origin: Origin) -> Made {
    let model = &resolved.model;
    match origin.of() {
        Of::Nothing => Made::Target,
        Of::Thing(id) => {
            let id = ThingId::new(id as usize);
            let thing = model.thing(id);
            Made::Declaration {
                name: title(id, model),
                kind: model.kind(id).to_owned(),
                nodes: match (thing.instance, thing.node) {
                    (Some(_), Some(node)) => vec![model.label(node).to_owned()],
                    _ => Vec::new(),
                },
                place: thing.span,
            }
        }
        Of::Field(id, field) => {
            let id = ThingId::new(id as usize);
            value(resolved, sources, Place::Field(id, field), None)
        }
        Of::Row(_) => {
            let Some(row) = model.origin(origin) else { return Made::Target };
            let stated = model.defs[row.def as usize].span;
            let place = match model.at_field(row.thing, row.field).0 {
                Value::Map(pairs) => pairs
                    .iter()
                    .find(|pair| pair.origin == origin)
                    .map(|pair| Place::Key(row.thing, row.field, pair.key.clone())),
                _ => None,
            };
            let place = place.unwrap_or(Place::Field(row.thing, row.field));
            value(resolved, sources, place, Some(stated))
        }
    }
}

fn value(resolved: &mut Resolved, sources: &Sources, place: Place, stated: Option<Span>) -> Made {
    let declared = match &place {
        Place::Field(id, field) | Place::Key(id, field, _) => {
            resolved.shape(*id).fields[usize::from(*field)].span
        }
        _ => unreachable!("a line comes from a field or one of its keys"),
    };
    let mut answers = explain(resolved, sources, &[place]);
    let answer = answers.pop().expect("a place has an answer");
    let place = stated.or_else(|| lead(&answer)).unwrap_or(declared);
    Made::Value { answer, place }
}

/// The place of a value's first definition that had a say.
fn lead(answer: &Answer) -> Option<Span> {
    let Answer::Value(chain) = answer else { return None };
    let held = chain.lines.iter().find(|line| line.verdict != Verdict::Lost).map(|line| line.span);
    held.or_else(|| chain.elements.iter().find_map(|element| element.span))
}

/// The things that a file was made from, as a person looks for them.
fn declarations(model: &Model, made_from: &[Origin]) -> Vec<Source> {
    let mut all: Vec<Source> = Vec::new();
    for &origin in made_from {
        let Some(id) = model.thing_of(origin) else { continue };
        let source = Source {
            kind: model.kind(id).to_owned(),
            name: title(id, model),
            place: model.thing(id).span,
        };
        if !all.contains(&source) {
            all.push(source);
        }
    }
    all.sort_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
    all
}
