//! A report of what changes, written down: for people first in words, then node by node; for
//! programs as JSON.

use super::files::{Effect, FileChange};
use super::lines::Edit;
use super::words::{Sort, listed};
use super::{Report, Told};
use crate::diag::human::Look;
use crate::diag::ink::{BOLD, COME, ERROR, FAINT, GONE, HELP, Ink, PLAIN, WARNING};
use crate::diag::text::{counted, few};
use crate::source::{Sources, Span};
use crate::tree::OutTree;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// What the report is of, and whether the lines of the files are wanted too.
pub struct Frame<'a> {
    /// `out/ on disk`, `HEAD~1`
    pub from: &'a str,
    pub patches: bool,
}

/// The bytes of both states, for the lines.
pub type Texts<'a> = (&'a super::files::Old, &'a OutTree);

pub fn text(
    report: &Report,
    sources: &Sources,
    frame: &Frame,
    texts: Texts,
    look: &Look,
) -> String {
    let mut paper = Paper { ink: Ink::new(look.colour), sources };
    let silent = report.files.iter().filter(|file| file.silent).count();
    if report.is_empty() {
        paper.ink.line(PLAIN, "no change");
    } else {
        paper.ink.line(BOLD, &format!("from {} to the sources", frame.from));
        paper.changes(&report.changes);
        paper.nodes(&report.files);
        paper.fallout(report);
        paper.sum(report);
    }
    if silent > 0 {
        let files =
            if silent == 1 { "1 file names".into() } else { format!("{silent} files name") };
        let line = format!("{files} other sources in comments; `colabc build` writes that down");
        paper.ink.line(FAINT, &line);
        let told = report.files.iter().filter(|file| file.silent);
        let told: BTreeSet<String> = told
            .flat_map(|file| {
                let node = file.node.as_deref().unwrap_or("");
                file.of.iter().map(move |unit| format!("{unit} on {node}"))
            })
            .collect();
        if !told.is_empty() {
            let told: Vec<String> = told.into_iter().collect();
            let line = format!("Ansible restarts what follows them: {}", some_of(&told, 4));
            paper.ink.line(FAINT, &line);
        }
    }
    if frame.patches {
        for file in &report.files {
            patch(&mut paper.ink, file, texts);
        }
    }
    paper.ink.out
}

struct Paper<'a> {
    ink: Ink,
    sources: &'a Sources,
}

impl Paper<'_> {
    fn changes(&mut self, changes: &[Told]) {
        if changes.is_empty() {
            return;
        }
        self.ink.line(PLAIN, "");
        let ratings: Vec<String> = changes.iter().map(|c| rating(c.effect, c.approval)).collect();
        let width = widest(&ratings);
        for (change, rating) in changes.iter().zip(&ratings) {
            self.rating(change.effect, rating, width);
            let colour = match change.sort {
                Sort::Added => COME,
                Sort::Removed => GONE,
                Sort::Changed => WARNING,
            };
            self.ink.paint(colour, &format!("  {} ", change.sort.sign()));
            self.ink.paint(BOLD, &subjects(&change.subjects));
            self.ink.paint(PLAIN, &format!(" {}", change.text));
            match change.place {
                Some(span) => {
                    let place = place(self.sources, span);
                    self.ink.line(FAINT, &format!("  {place}"));
                }
                None => self.ink.line(PLAIN, ""),
            }
        }
    }

    fn rating(&mut self, effect: Effect, text: &str, width: usize) {
        let colour = match effect {
            Effect::None => FAINT,
            Effect::Reload => COME,
            Effect::Restart => WARNING,
            Effect::Recreate => ERROR,
        };
        self.ink.paint(PLAIN, "  ");
        self.ink.paint(colour, &format!("{text:width$}"));
    }

    fn nodes(&mut self, files: &[FileChange]) {
        let mut by_node: BTreeMap<(bool, &str), Vec<&FileChange>> = BTreeMap::new();
        for file in files.iter().filter(|file| !file.silent) {
            let node = file.node.as_deref();
            by_node.entry((node.is_none(), node.unwrap_or(""))).or_default().push(file);
        }
        for ((_, node), mut files) in by_node {
            files.sort_by_key(|file| (file.tool, &file.path));
            self.ink.line(PLAIN, "");
            let every = "for every node, and the repository";
            self.ink.line(BOLD, if node.is_empty() { every } else { node });
            let ratings: Vec<String> = files.iter().map(|f| rating(f.effect, f.approval)).collect();
            let tools: Vec<String> = files.iter().map(|f| f.tool.to_owned()).collect();
            let counts: Vec<String> = files.iter().map(|f| count(f)).collect();
            let (rate, tool, wide) = (widest(&ratings), widest(&tools), widest(&counts));
            for (at, file) in files.iter().enumerate() {
                self.rating(file.effect, &ratings[at], rate);
                self.ink.paint(PLAIN, &format!("  {:tool$}  ", file.tool));
                self.ink.paint(PLAIN, &format!("{:wide$}  out/{}", counts[at], file.path));
                if !file.of.is_empty() {
                    self.ink.paint(HELP, &format!("  {}", file.of.join(", ")));
                }
                self.ink.line(PLAIN, "");
            }
        }
    }

    fn fallout(&mut self, report: &Report) {
        for fallout in &report.fallout {
            self.ink.line(PLAIN, "");
            self.ink.line(BOLD, &format!("while {} comes up again", fallout.name));
            for (what, names) in [("fails", &fallout.fails), ("is worse off", &fallout.degrades)] {
                if !names.is_empty() {
                    self.ink.line(PLAIN, &format!("  {what}: {}", some_of(names, 8)));
                }
            }
        }
    }

    fn sum(&mut self, report: &Report) {
        let loud: Vec<&FileChange> = report.files.iter().filter(|file| !file.silent).collect();
        let number = |sort: Sort| loud.iter().filter(|file| file.sort == sort).count();
        let asks = loud.iter().any(|file| file.approval);
        self.ink.line(PLAIN, "");
        let counts: Vec<String> = [Sort::Added, Sort::Changed, Sort::Removed]
            .into_iter()
            .map(|sort| (number(sort), sort.word()))
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| match number {
                1 => format!("1 file {word}"),
                number => format!("{number} files {word}"),
            })
            .collect();
        let changes = match report.changes.len() {
            1 => "1 change".to_owned(),
            changes => format!("{changes} changes"),
        };
        self.ink.line(
            PLAIN,
            &format!(
                "{changes} in the cluster; {}",
                if counts.is_empty() {
                    "no file of a tool differs".into()
                } else {
                    listed(&counts)
                }
            ),
        );
        if asks {
            self.ink.line(FAINT, "asks: it waits for a person's yes");
        }
    }
}

/// `recreate, asks`
fn rating(effect: Effect, approval: bool) -> String {
    if approval { format!("{}, asks", effect.word()) } else { effect.word().to_owned() }
}

/// One word for programs: what needs a yes needs that first of all.
fn rated(effect: Effect, approval: bool) -> &'static str {
    if approval { "needs approval" } else { effect.word() }
}

fn subjects(names: &[String]) -> String {
    some_of(names, 3)
}

/// `a, b and c`, or `a, b and 3 more`.
fn some_of(names: &[String], most: usize) -> String {
    if names.len() <= most + 1 { listed(names) } else { few(names, most) }
}

fn count(file: &FileChange) -> String {
    match file.sort {
        Sort::Added => format!("new, {}", counted(file.added, "line")),
        Sort::Removed => "gone".to_owned(),
        Sort::Changed => format!("+{} -{}", file.added, file.removed),
    }
}

fn widest(texts: &[String]) -> usize {
    texts.iter().map(|text| text.chars().count()).max().unwrap_or(0)
}

fn place(sources: &Sources, span: Span) -> String {
    let file = sources.file(span.file);
    let at = file.position(span.start);
    format!("{}:{}:{}", sources.shown(span.file), at.line, at.column)
}

/// As `diff -u` says it, so that other tools read it too.
fn patch(ink: &mut Ink, file: &FileChange, (old, new): Texts) {
    let before = old.files.get(file.path.as_str()).map_or(&[][..], Vec::as_slice);
    let after = new.get(&file.path).map_or(&[][..], |file| file.bytes.as_slice());
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let before: Vec<&str> = before.lines().collect();
    let after: Vec<&str> = after.lines().collect();
    let name = |side: &str, there: bool| match there {
        true => format!("{side}/out/{}", file.path),
        false => "/dev/null".to_owned(),
    };
    ink.line(PLAIN, "");
    ink.line(BOLD, &format!("--- {}", name("a", file.sort != Sort::Added)));
    ink.line(BOLD, &format!("+++ {}", name("b", file.sort != Sort::Removed)));
    for hunk in &file.hunks {
        let gone = hunk.edits.iter().filter(|e| !matches!(e, Edit::Add(_))).count();
        let come = hunk.edits.iter().filter(|e| !matches!(e, Edit::Drop(_))).count();
        // An empty side counts from the line before.
        let first = |at: usize, count: usize| if count == 0 { at } else { at + 1 };
        let (from, to) = (first(hunk.old, gone), first(hunk.new, come));
        ink.line(HELP, &format!("@@ -{from},{gone} +{to},{come} @@"));
        for edit in &hunk.edits {
            match *edit {
                Edit::Keep(at, _) => ink.line(PLAIN, &format!(" {}", before[at])),
                Edit::Drop(at) => ink.line(GONE, &format!("-{}", before[at])),
                Edit::Add(at) => ink.line(COME, &format!("+{}", after[at])),
            }
        }
    }
}

pub fn json(report: &Report, sources: &Sources, frame: &Frame, texts: Texts) -> String {
    let place = |span: Span| {
        let file = sources.file(span.file);
        let at = file.position(span.start);
        json!({ "file": sources.shown(span.file), "line": at.line, "column": at.column })
    };
    let change = |told: &Told| {
        json!({
            "change": told.sort.word(),
            "subjects": told.subjects,
            "text": told.text,
            "rating": rated(told.effect, told.approval),
            "effect": told.effect.word(),
            "approval": told.approval,
            "place": told.place.map(place),
            "declarations": told.declarations,
            "nodes": told.nodes,
            "files": told.files,
        })
    };
    let file = |file: &FileChange| {
        let mut json = json!({
            "path": file.path,
            "change": file.sort.word(),
            "node": file.node,
            "tool": file.tool,
            "destination": file.destination,
            "rating": rated(file.effect, file.approval),
            "effect": file.effect.word(),
            "approval": file.approval,
            "of": file.of,
            "added": file.added,
            "removed": file.removed,
            "comments_only": file.silent,
        });
        if frame.patches {
            let mut ink = Ink::new(false);
            patch(&mut ink, file, texts);
            json["patch"] = ink.out.trim_start().into();
        }
        json
    };
    let fallout: Vec<Json> = report
        .fallout
        .iter()
        .map(|f| json!({ "of": f.name, "fails": f.fails, "degrades": f.degrades }))
        .collect();
    let nodes: BTreeSet<&str> =
        report.files.iter().filter(|f| !f.silent).filter_map(|f| f.node.as_deref()).collect();
    let whole = json!({
        "format": 1,
        "from": frame.from,
        "changed": !report.is_empty(),
        "nodes": nodes,
        "changes": report.changes.iter().map(change).collect::<Vec<_>>(),
        "files": report.files.iter().map(file).collect::<Vec<_>>(),
        "fallout": fallout,
    });
    let mut text = serde_json::to_string_pretty(&whole).expect("every key is a string");
    text.push('\n');
    text
}
