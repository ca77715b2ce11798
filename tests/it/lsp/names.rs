//! Another name for everything that a project declares: whatever is renamed, what is found in the project is the same
//! as before. So no place that names it can have been left out.

use super::random::own_cluster;
use crate::memory::Memory;
use crate::ratchet::root;
use colabc::diag::{Edit, short};
use colabc::ide::rename::{prepare, rename};
use colabc::resolve::lower::Target;
use colabc::resolve::parsed::Parsed;
use colabc::source::{Place, Span};
use colabc::{Compilation, Emit, Request};
use std::collections::{BTreeMap, HashSet};

type Files = BTreeMap<String, String>;

fn compile(files: &Files) -> Compilation {
    let beside: Vec<String> = files.keys().cloned().collect();
    let request = Request {
        root: "cluster.colab",
        beside: &beside,
        question: None,
        today: None,
        emit: Emit::Nothing,
        last: None,
        editing: true,
        threads: 2,
        crowd: colabc::CROWD,
        phase: &mut |_| {},
    };
    colabc::run_again(&mut Memory::new(files.clone()), request, &mut Parsed::default())
}

fn with(files: &Files, c: &Compilation, mut edits: Vec<Edit>) -> Files {
    let mut files = files.clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    for edit in edits {
        let text = files.get_mut(&c.sources.file(edit.span.file).name).unwrap();
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    files
}

/// What is found, without where: names have other lengths.
fn found(c: &Compilation) -> Vec<(&str, &str)> {
    let rows = c.diagnostics.iter();
    rows.map(|d| (d.code.id, c.sources.file(d.primary().file).name.as_str())).collect()
}

/// A place of each thing that has a name in the project.
fn named(c: &Compilation) -> Vec<(Span, Target)> {
    let mut seen = HashSet::new();
    let own = |span: &Span| c.sources.file(span.file).place == Place::Project;
    let all = c.usage.references.iter().copied().filter(|(span, _)| own(span));
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(span, _)| *span);
    all.retain(|(_, target)| seen.insert(*target));
    all
}

/// Another name of the sort: a path stays one, and a domain's names stay its.
fn other(text: &str) -> String {
    let text = text.trim_matches('"');
    match text.split_once('.') {
        _ if text.starts_with('/') => format!("{text}-9"),
        Some((_, domain)) => format!("zz9.{domain}"),
        None => "zz9".to_owned(),
    }
}

/// What of a project cannot be renamed without another finding; how much was renamed.
fn torn(name: &str, files: &Files) -> (Vec<String>, usize) {
    let c = compile(files);
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (span, _) in named(&c) {
        if prepare(&c, span.file, span.start).is_err() {
            continue;
        }
        let text = c.sources.text(span);
        let place =
            format!("{name}: `{text}` at {}:{}", c.sources.file(span.file).name, span.start);
        let edits = match rename(&c, span.file, span.start, &other(text)) {
            Ok(edits) => edits,
            Err(why) => {
                wrong.push(format!("{place}: {why}"));
                continue;
            }
        };
        count += 1;
        let after = compile(&with(files, &c, edits));
        if found(&after) != found(&c) {
            wrong.push(format!("{place}\n{}", short::render(&after.diagnostics, &after.sources)));
        }
    }
    (wrong, count)
}

#[test]
fn whatever_is_renamed_nothing_else_is_found() {
    let mut projects = vec![("the repository".to_owned(), own_cluster())];
    for name in ["homelab", "office", "two-sites"] {
        let path = root().join("tests/sound").join(name).join("cluster.colab");
        let text = std::fs::read_to_string(path).unwrap();
        projects.push((name.to_owned(), Files::from([("cluster.colab".into(), text)])));
    }
    let own = root().join("tests/cases/meaning/own");
    for entry in walkdir::WalkDir::new(own).sort_by_file_name().into_iter().flatten() {
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        let parts = text.split("\n---").next().unwrap_or("").split("\n== ").skip(1);
        let file = |part: &str| {
            part.split_once('\n').map(|(name, text)| (name.to_owned(), text.to_owned()))
        };
        projects.push((name, parts.filter_map(file).collect()));
    }
    let answers: Vec<(Vec<String>, usize)> =
        colabc::threads::each(&projects, 4, |(name, files)| torn(name, files))
            .into_iter()
            .collect();
    let wrong: Vec<String> = answers.iter().flat_map(|(wrong, _)| wrong.clone()).collect();
    let count: usize = answers.iter().map(|(_, count)| count).sum();
    assert!(count > 200, "only {count} renamed");
    assert!(wrong.is_empty(), "{} of {count}\n{}", wrong.len(), wrong.join("\n"));
}
