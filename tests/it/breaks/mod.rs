//! Sound clusters are broken, one fact at a time, and the rules must tell each break by its code, at its place. What
//! is a break and what is harmless is not the rules' word: `judge` finds it out of `model.json` by brute force.
#![allow(clippy::print_stdout)]

mod base;
mod judge;
mod kinds;

use crate::generate::{Dice, scale, varied};
use crate::laws::own_cluster;
use crate::memory::{Ask, Memory};
use crate::ratchet::root;
use base::{Base, Break};
use colabc::diag::{Diagnostic, codes};
use colabc::targets::model;
use judge::Fault;
use kinds::{KINDS, Kind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many in each run; `.ci/full` asks for more.
const BREAKS: usize = 1_000;

fn wanted() -> usize {
    std::env::var("COLAB_BREAKS").ok().and_then(|text| text.parse().ok()).unwrap_or(BREAKS)
}

/// Clusters without a fault: the repository's own, those of `tests/sound`, and generated ones.
fn bases() -> Vec<Base> {
    let mut all = vec![Base::new("the repository's".into(), own_cluster())];
    for name in crate::sound::names() {
        let path = root().join("tests/sound").join(&name).join("cluster.colab");
        let text = std::fs::read_to_string(path).unwrap();
        all.push(Base::new(name, [("cluster.colab".to_string(), text)].into()));
    }
    all.extend((0..6).map(|seed| Base::new(format!("varied({seed})"), varied(seed))));
    all.push(Base::new("scale(4, 10, 2)".into(), scale(4, 10, 2)));
    all
}

/// What became of a break.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fate {
    /// Told by its code, at its place.
    Caught,
    /// The language itself refuses it, so that there is no cluster to judge.
    Refused,
    /// The judge finds nothing, and the rules don't either.
    Harmless,
}

/// Who owns a file is known only once all files are made.
fn compile(project: &crate::generate::Project, code: &str) -> colabc::Compilation {
    if code != "E1601" {
        return crate::laws::compile(project);
    }
    let files = project.iter().map(|(name, text)| (name.clone(), text.clone()));
    crate::memory::check(Memory::new(files), "cluster.colab", Ask { emit: true, ..Ask::default() })
}

fn faults_of(run: &colabc::Compilation) -> BTreeSet<Fault> {
    let text = model::write(&run.resolved.model, None).expect("a model says what it holds").text;
    judge::faults(&serde_json::from_str(&text).unwrap())
}

/// Whether a finding points at the lines that were changed.
fn points_at(found: &Diagnostic, run: &colabc::Compilation, made: &Break) -> bool {
    let file = run.sources.by_name(&made.file).unwrap();
    let source = run.sources.file(file);
    let line = |offset: usize| source.position(offset as u32).line;
    let changed = line(made.start)..=line(made.end.max(made.start));
    found.labels.iter().any(|label| {
        let (first, last) = (line(label.span.start as usize), line(label.span.end as usize));
        label.span.file == file && first <= *changed.end() && *changed.start() <= last
    })
}

/// Breaks a cluster and says what became of it, or what is wrong with the rules.
fn fate(base: &Base, before: &BTreeSet<Fault>, kind: &Kind, made: &Break) -> Result<Fate, String> {
    let run = compile(&made.project, kind.code);
    // Without a value that can be worked out there is no resolved cluster.
    if run.diagnostics.iter().any(|d| d.code.id.starts_with("E0")) {
        return Ok(Fate::Refused);
    }
    let faults: BTreeSet<Fault> = faults_of(&run).difference(before).cloned().collect();
    let harmful = faults.iter().any(|(code, _)| *code == kind.code);
    let told: Vec<&Diagnostic> =
        run.diagnostics.iter().filter(|d| d.code.id == kind.code).collect();
    let at_place = told.iter().any(|found| points_at(found, &run, made));
    let show = || {
        let text = &made.project[&made.file];
        let said: Vec<String> =
            run.diagnostics.iter().map(|d| format!("{} {}", d.code.id, d.message)).collect();
        format!(
            "{} {} in {} of {}: `{}`\n  the judge: {faults:?}\n  the rules: {said:?}",
            kind.code,
            kind.name,
            made.file,
            base.name,
            text[made.start..made.end].trim()
        )
    };
    match (harmful, at_place) {
        (true, true) => Ok(Fate::Caught),
        (false, false) => Ok(Fate::Harmless),
        (true, false) if told.is_empty() => Err(format!("missed: {}", show())),
        (true, false) => Err(format!("told elsewhere: {}", show())),
        (false, true) => Err(format!("false alarm: {}", show())),
    }
}

/// A rule without a kind of break would be one that nobody tries.
#[test]
fn every_rule_has_a_kind_of_break() {
    let known: BTreeSet<&str> = KINDS.iter().map(|kind| kind.code).collect();
    let rules = codes::CODES.iter().map(|code| code.id).filter(|id| {
        ["E10", "E11", "E12", "E13", "E14", "E15", "E16", "E17", "L02"]
            .iter()
            .any(|of| id.starts_with(of))
    });
    let untried: Vec<&str> = rules.filter(|id| !known.contains(id)).collect();
    assert!(untried.is_empty(), "no kind of break for {untried:?}");
}

#[test]
fn every_break_is_told_at_its_place() {
    let bases = bases();
    let before: Vec<BTreeSet<Fault>> =
        bases.iter().map(|base| faults_of(&crate::laws::compile(&base.project))).collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new((BTreeMap::new(), Vec::new())));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |count| count.get()) {
            let work = || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= wanted() {
                        break;
                    }
                    // Each kind has its turn; the cluster and the place are chance, the same in every run.
                    let kind = &KINDS[at % KINDS.len()];
                    let mut dice = Dice::new(0x00b2_ea4e ^ at as u64);
                    let made = (0..40).find_map(|_| {
                        let of = dice.below(bases.len());
                        Some((of, (kind.make)(&bases[of], &mut dice)?))
                    });
                    let Some((of, made)) = made else { continue };
                    let fate = fate(&bases[of], &before[of], kind, &made);
                    let mut done = done.lock().unwrap();
                    match fate {
                        Ok(fate) => *done.0.entry((kind.name, fate)).or_insert(0usize) += 1,
                        Err(why) => done.1.push(why),
                    }
                }
            };
            let thread = std::thread::Builder::new().stack_size(8 << 20);
            thread.spawn_scoped(scope, work).unwrap();
        }
    });
    let (fates, mut wrong) = done.into_inner().unwrap();
    wrong.sort();
    let many = wrong.len();
    // A few of each sort are enough to see what is wrong.
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    wrong.retain(|why| {
        let count =
            shown.entry(why.split(" in ").next().unwrap_or_default().to_string()).or_default();
        *count += 1;
        *count <= 3
    });
    assert!(wrong.is_empty(), "{many} wrong: {shown:?}\n{}", wrong.join("\n"));
    report(&fates);
}

fn report(fates: &BTreeMap<(&str, Fate), usize>) {
    let sum = |wanted: Fate| -> usize {
        fates.iter().filter(|((_, fate), _)| *fate == wanted).map(|(_, count)| count).sum()
    };
    let of = |name: &str, fate| fates.get(&(name, fate)).copied().unwrap_or(0);
    for kind in KINDS {
        println!(
            "{} {:52} caught {:4}  refused by the language {:4}  harmless {:4}",
            kind.code,
            kind.name,
            of(kind.name, Fate::Caught),
            of(kind.name, Fate::Refused),
            of(kind.name, Fate::Harmless)
        );
    }
    let all: usize = fates.values().sum();
    println!(
        "{all} breaks of {} kinds: {} caught, {} refused by the language, {} harmless",
        KINDS.len(),
        sum(Fate::Caught),
        sum(Fate::Refused),
        sum(Fate::Harmless)
    );
    assert!(sum(Fate::Caught) * 4 > all, "a mutator that breaks nothing proves nothing");
    // Of a kind that had a few turns only, chance may have made nothing harmful.
    let turns = |name: &str| -> usize {
        fates.iter().filter(|((kind, _), _)| *kind == name).map(|(_, count)| count).sum()
    };
    let idle: Vec<&str> = KINDS
        .iter()
        .map(|kind| kind.name)
        .filter(|name| turns(name) >= 40 && of(name, Fate::Caught) == 0)
        .collect();
    assert!(idle.is_empty(), "never a fault: {idle:?}");
}
