//! Every field of every kind is read by somebody: set to another legal value, it changes a byte of
//! `out/` beside `model.json`, or a finding. What nobody reads yet is in a list that may only shrink.

mod base;
pub mod values;

use crate::generate::Project;
use crate::laws::compile;
use crate::memory::{Ask, Memory, check};
use crate::ratchet::hold;
use base::{FAULT, Spot, spots};
use colabc::diag::short;
use colabc::model::Model;
use colabc::model::schema::{Schema, ShapeId, Ty};
use colabc::names::Names;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

/// The day on which it is asked: an `allow` may have run out by then.
const TODAY: &str = "2027-06-29";

/// What a change of the sources can change.
#[derive(PartialEq)]
struct Seen {
    errors: usize,
    /// Without their places, which any line moves.
    findings: BTreeSet<String>,
    /// All files but the model's own.
    files: BTreeMap<String, Vec<u8>>,
}

/// What comes of the text; and whether a fault of syntax, name or type begins on that line.
fn see(text: &str, line: usize) -> (Seen, bool) {
    let ask = Ask { today: Some(TODAY), emit: true, ..Ask::default() };
    let found = check(Memory::new([("cluster.colab", text)]), "cluster.colab", ask);
    let mut files = BTreeMap::new();
    let emitted = found.tree.iter().flat_map(|tree| tree.iter());
    for (path, file) in emitted.filter(|(path, _)| &***path != "model.json") {
        files.insert(path.to_string(), file.bytes.to_vec());
    }
    let faulty = found.diagnostics.iter().any(|d| {
        let file = found.sources.file(d.primary().file);
        let at = file.position(d.primary().start).line as usize;
        // Which fields exclude each other is a rule, not a type.
        let early = ["E01", "E02", "E03"].iter().any(|family| d.code.id.starts_with(family))
            && d.code.id != "E0310";
        early && at == line && file.name == "cluster.colab"
    });
    let mut findings: BTreeSet<String> = short::render(&found.diagnostics, &found.sources)
        .lines()
        .map(|line| line.splitn(4, ':').last().unwrap_or(line).to_owned())
        .collect();
    let labels = found.diagnostics.iter().flat_map(|d| &d.labels);
    findings.extend(labels.map(|label| label.text.to_string()));
    (Seen { errors: found.errors(), findings, files }, faulty)
}

/// A field by its way from a kind: `container.health.every`.
pub struct Field {
    pub path: String,
    /// The words of the blocks around it inside the kind's own.
    pub around: Vec<String>,
    pub word: String,
    /// What its record needs beside it.
    pub beside: String,
    pub values: Vec<String>,
}

/// All fields of a shape, those of its records one by one.
pub fn fields(model: &Model, shape: ShapeId, kind: &str, around: &[String], out: &mut Vec<Field>) {
    let (schema, names): (&Schema, &Names) = (&model.schema, &model.names);
    for field in &schema.shape(shape).fields {
        let word = names.text(field.name).to_owned();
        let mut inner = schema.plain(field.ty);
        if let Ty::Optional(deeper) = schema.ty(inner) {
            inner = *deeper;
        }
        if let Ty::Record(record) = *schema.ty(inner) {
            let around = [around, &[word]].concat();
            fields(model, record, kind, &around, out);
            continue;
        }
        let path = format!("{}.{word}", [&[kind.to_owned()], around].concat().join("."));
        let values = values::statements(model, field.ty, &word);
        let beside = match around.is_empty() {
            true => String::new(),
            false => values::companions(model, shape, &word),
        };
        out.push(Field { path, around: around.to_vec(), word, beside, values });
    }
}

impl Field {
    /// The places of the base where it can be set, those in its own record first; with the words of
    /// the blocks that are still to be written there.
    fn places<'a>(&'a self, spots: &'a [Spot]) -> Vec<(&'a Spot, &'a [String])> {
        let steps: Vec<&str> = self.path.split('.').collect();
        let mut all = Vec::new();
        for known in (0..=self.around.len()).rev() {
            let kind = steps[..=known].join(".");
            let here = spots.iter().filter(|spot| spot.kind == kind);
            all.extend(here.map(|spot| (spot, &self.around[known..])));
        }
        all
    }

    /// The base with that statement, instead of what it says of the field.
    fn set(&self, spot: &Spot, around: &[String], statement: &str) -> (String, usize) {
        let mut line = match around.is_empty() {
            true => statement.to_owned(),
            false => format!("{}{statement}", self.beside),
        };
        for word in around.iter().rev() {
            line = format!("{word} {{ {line} }}");
        }
        spot.with(around.first().unwrap_or(&self.word), &line)
    }
}

/// What became of a field.
enum Fate {
    Read,
    Unread,
    /// No value of ours was accepted; with what was said of them.
    Stuck(BTreeSet<String>),
}

impl Field {
    /// With what is appended to the base, and what is seen of both.
    fn fate(&self, spots: &[Spot], (more, before): &(&str, Seen)) -> Fate {
        let (mut refused, mut settable) = (BTreeSet::new(), false);
        for (spot, around) in self.places(spots) {
            for statement in &self.values {
                let (text, line) = self.set(spot, around, statement);
                let text = text + more;
                let (after, faulty) = see(&text, line);
                if faulty {
                    refused.extend(after.findings.difference(&before.findings).cloned());
                } else if after.files != before.files || after.findings != before.findings {
                    return Fate::Read;
                } else {
                    settable = true;
                }
            }
        }
        if settable { Fate::Unread } else { Fate::Stuck(refused) }
    }
}

#[test]
fn every_field_can_be_set_and_somebody_reads_it() {
    let plain = base::text();
    let (before, _) = see(&plain, 0);
    assert_eq!(before.errors, 0, "{:#?}\n{plain}", before.findings);
    let model = compile(&Project::from([("cluster.colab".to_owned(), plain)])).resolved.model;
    let (fault, _) = see(&(base::text() + FAULT), 0);
    assert!(fault.errors > 0, "{FAULT} is no fault");
    let (sound, faulty) = (("", before), (FAULT, fault));
    let spots = spots();
    let mut all = Vec::new();
    let kinds: BTreeMap<&str, ShapeId> =
        model.schema.kinds.iter().map(|(&name, &shape)| (model.names.text(name), shape)).collect();
    for (kind, shape) in kinds.into_iter().filter(|(kind, _)| *kind != "project") {
        assert!(spots.iter().any(|spot| spot.kind == kind), "{kind}: the base has none of it");
        fields(&model, shape, kind, &[], &mut all);
    }
    assert!(all.len() > 300, "{} fields", all.len());
    let (next, unread, stuck) = (AtomicUsize::new(0), Mutex::default(), Mutex::default());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(field) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut fate = field.fate(&spots, &sound);
                    if matches!(fate, Fate::Unread) {
                        fate = field.fate(&spots, &faulty);
                    }
                    match fate {
                        Fate::Read => {}
                        Fate::Unread => {
                            let mut unread: MutexGuard<BTreeSet<String>> = unread.lock().unwrap();
                            unread.insert(field.path.clone());
                        }
                        Fate::Stuck(refused) => {
                            let mut stuck: MutexGuard<Vec<String>> = stuck.lock().unwrap();
                            stuck.push(format!("{}: {:?} {refused:?}", field.path, field.values));
                        }
                    }
                }
            });
        }
    });
    let stuck = stuck.into_inner().unwrap();
    assert!(stuck.is_empty(), "cannot be set:\n{}", stuck.join("\n"));
    let unread = unread.into_inner().unwrap();
    hold("unread-fields", "every field is read by a target or by a rule", &unread);
}

/// Statements that are one finding, L0103, in one kind or another.
const IDLE: &[&str] = &[
    "override description = \"extra\"",
    "override enabled = true",
    "container { override tty = true }",
];

#[test]
fn an_allow_silences_its_finding_in_every_kind() {
    let plain = base::text();
    let (before, _) = see(&plain, 0);
    let model = compile(&Project::from([("cluster.colab".to_owned(), plain)])).resolved.model;
    let spots = spots();
    let allow = model.names.find("allow").unwrap();
    let all = model.schema.kinds.iter();
    let kinds = all.filter(|(_, shape)| model.schema.shape(**shape).field(allow).is_some());
    let mut kinds: Vec<&str> = kinds.map(|(&name, _)| model.names.text(name)).collect();
    kinds.retain(|kind| *kind != "project");
    assert!(kinds.len() > 25, "{kinds:?}");
    for kind in kinds {
        let spot = spots.iter().find(|spot| spot.kind == kind).unwrap();
        let with = |statement: &str| see(&spot.with("", statement).0, 0).0;
        let idle = IDLE.iter().find(|statement| {
            with(statement).findings.iter().any(|finding| finding.contains("[L0103]"))
        });
        let idle =
            idle.unwrap_or_else(|| panic!("{kind}: no statement of ours is a finding there"));
        let allowed = with(&format!("{idle}   allow L0103 = \"why\""));
        assert_eq!(allowed.findings, before.findings, "{kind}");
    }
}
