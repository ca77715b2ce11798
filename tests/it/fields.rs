//! Every field of every kind is read by somebody: set to another legal value, it changes a byte of
//! `out/` beside `model.json`, or a finding. What nobody reads yet is in a list that may only shrink.

mod base;
mod values;

use crate::generate::Project;
use crate::laws::compile;
use crate::ratchet::hold;
use base::{Spot, spots};
use colabc::diag::short;
use colabc::model::schema::{Schema, ShapeId, Ty};
use colabc::model::{Cluster, Model};
use colabc::names::Names;
use colabc::targets::emit;
use std::collections::{BTreeMap, BTreeSet};

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
    let found = compile(&Project::from([("cluster.colab".to_owned(), text.to_owned())]));
    let mut all = found.diagnostics;
    let mut files = BTreeMap::new();
    let errors = all.iter().filter(|d| d.severity() == colabc::diag::Severity::Error).count();
    if let Ok(cluster) = Cluster::of(found.resolved.model, errors) {
        let (tree, more) = emit(&cluster);
        all.extend(more);
        for (path, file) in tree.iter().filter(|(path, _)| &***path != "model.json") {
            files.insert(path.to_string(), file.bytes.to_vec());
        }
    }
    let faulty = all.iter().any(|d| {
        let file = found.sources.file(d.primary().file);
        let at = file.position(d.primary().start).line as usize;
        let early = ["E01", "E02", "E03"].iter().any(|family| d.code.id.starts_with(family));
        early && at == line && file.name == "cluster.colab"
    });
    let findings = short::render(&all, &found.sources)
        .lines()
        .map(|line| line.splitn(4, ':').last().unwrap_or(line).to_owned())
        .collect();
    let errors = all.iter().filter(|d| d.severity() == colabc::diag::Severity::Error).count();
    (Seen { errors, findings, files }, faulty)
}

/// A field by its way from a kind: `container.health.every`.
struct Field {
    path: String,
    /// The words of the blocks around it inside the kind's own.
    around: Vec<String>,
    word: String,
    /// What its record needs beside it.
    beside: String,
    values: Vec<String>,
}

/// All fields of a shape, those of its records one by one.
fn fields(model: &Model, shape: ShapeId, kind: &str, around: &[String], out: &mut Vec<Field>) {
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
        let path = [&[kind.to_owned()], around, &[word.clone()]].concat().join(".");
        let values = values::statements(model, field.ty, &word);
        let beside = match around.is_empty() {
            true => String::new(),
            false => values::companions(model, shape, &word),
        };
        out.push(Field { path, around: around.to_vec(), word, beside, values });
    }
}

/// The base with that statement in the kind's thing, instead of what it says of the field.
fn changed(spot: &Spot, field: &Field, statement: &str) -> (String, usize) {
    let mut line = format!("{}{statement}", field.beside);
    for word in field.around.iter().rev() {
        line = format!("{word} {{ {line} }}");
    }
    let first = field.around.first().unwrap_or(&field.word);
    spot.with(first, &line)
}

#[test]
fn every_field_can_be_set_and_somebody_reads_it() {
    let plain = base::text();
    let (before, _) = see(&plain, 0);
    assert_eq!(before.errors, 0, "{:#?}\n{plain}", before.findings);
    let model = compile(&Project::from([("cluster.colab".to_owned(), plain)])).resolved.model;
    let spots = spots();
    let (mut unread, mut stuck, mut seen) = (BTreeSet::new(), Vec::new(), 0);
    let kinds: BTreeMap<&str, ShapeId> =
        model.schema.kinds.iter().map(|(&name, &shape)| (model.names.text(name), shape)).collect();
    for (kind, shape) in kinds {
        if kind == "project" {
            continue;
        }
        let Some(spot) = spots.iter().find(|spot| spot.kind == kind) else {
            stuck.push(format!("{kind}: the base has none of it"));
            continue;
        };
        let mut all = Vec::new();
        fields(&model, shape, kind, &[], &mut all);
        for field in all {
            seen += 1;
            let mut refused = BTreeSet::new();
            let (mut settable, mut read) = (false, false);
            for statement in &field.values {
                let (text, line) = changed(spot, &field, statement);
                let (after, faulty) = see(&text, line);
                if faulty {
                    refused.extend(after.findings.difference(&before.findings).cloned());
                    continue;
                }
                settable = true;
                read |= after.files != before.files || after.findings != before.findings;
                if read {
                    break;
                }
            }
            if !settable {
                stuck.push(format!("{}: {:?} {refused:?}", field.path, field.values));
            } else if !read {
                unread.insert(field.path);
            }
        }
    }
    assert!(stuck.is_empty(), "cannot be set:\n{}", stuck.join("\n"));
    assert!(seen > 300, "{seen} fields");
    hold("unread-fields", "every field is read by a target or by a rule", &unread);
}
