//! Runs `tests/cases/**/*.case`: one text file is a project and what the compiler makes of it. How to
//! write one stands in `tests/cases/README.md`.
#![allow(clippy::print_stdout)]

use crate::memory::{Ask, Memory, check};
use crate::ratchet::{hold, root, updating};
use colabc::diag::codes::{self, CODES};
use colabc::diag::{Diagnostic, Severity, human, json, mend, short};
use colabc::source::{Place, Sources, Span};
use colabc::{Compilation, answer};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

/// An expectation: what it is called after `== `, whether a word follows, and how it is answered. A
/// word that ends in `/` takes what follows it without a blank: `== out/hosts/director`.
struct Expectation {
    word: &'static str,
    takes: bool,
    answer: fn(&Compiled, &str) -> Result<String, String>,
}

#[rustfmt::skip]
const EXPECTATIONS: &[Expectation] = &[
    Expectation { word: "diagnostics", takes: false, answer: |run, _| Ok(run.human()) },
    Expectation { word: "short", takes: false, answer: |run, _| Ok(short::render(run.found(), run.sources())) },
    Expectation { word: "json", takes: false, answer: |run, _| Ok(json::render(run.found(), run.sources())) },
    Expectation { word: "codes", takes: false, answer: |run, _| Ok(run.codes()) },
    Expectation { word: "query", takes: true, answer: |run, question| run.query(question, false) },
    Expectation { word: "query-json", takes: true, answer: |run, question| run.query(question, true) },
    Expectation { word: "explain", takes: true, answer: |run, path| run.explain(path, false) },
    Expectation { word: "explain-json", takes: true, answer: |run, path| run.explain(path, true) },
    Expectation { word: "fmt", takes: true, answer: |run, file| run.fmt(file) },
    Expectation { word: "fix", takes: true, answer: |run, file| run.fix(file) },
];

/// The expectations that say all that is found; a case without one of them and without `//~` finds
/// nothing.
const COMPLETE: &[&str] = &["diagnostics", "short", "json", "codes"];

/// A case's project after the compiler has seen it.
struct Compiled {
    compilation: Compilation,
    project: Memory,
    root: String,
}

impl Compiled {
    fn found(&self) -> &[Diagnostic] {
        &self.compilation.diagnostics
    }

    fn sources(&self) -> &Sources {
        &self.compilation.sources
    }

    fn human(&self) -> String {
        let report = human::render(self.found(), self.sources(), &human::Look::default());
        if report.is_empty() { "nothing\n".to_owned() } else { report }
    }

    /// `E0301 file:line:column`, one a line.
    fn codes(&self) -> String {
        let line = |d: &Diagnostic| {
            let file = self.sources().file(d.primary().file);
            let at = file.position(d.primary().start);
            format!("{} {}:{}:{}\n", d.code.id, file.name, at.line, at.column)
        };
        self.found().iter().map(line).collect()
    }

    /// What `colabc query` prints: the answer, or what is wrong with the question.
    fn query(&self, question: &str, as_json: bool) -> Result<String, String> {
        let ask = Ask { question: Some(question), ..Ask::default() };
        let mut run = check(self.project.clone(), &self.root, ask);
        let errors = |found: &[Diagnostic], run: &Compilation| {
            let errors: Vec<Diagnostic> =
                found.iter().filter(|d| d.severity() == Severity::Error).cloned().collect();
            human::render(&errors, &run.sources, &human::Look::default())
        };
        let found = errors(&run.diagnostics, &run);
        if !found.is_empty() {
            return Ok(found);
        }
        let asked = run.usage.question.ok_or("there is no question")?;
        let (value, found) = run.resolved.question(asked);
        if !found.is_empty() {
            return Ok(errors(&found, &run));
        }
        let model = &run.resolved.model;
        Ok(match as_json {
            true => format!("{}\n", answer::value::json(&value, model)),
            false => answer::value::lines(&value, model),
        })
    }

    /// What `colabc explain PATH` prints.
    fn explain(&self, path: &str, as_json: bool) -> Result<String, String> {
        let mut run = check(self.project.clone(), &self.root, Ask::default());
        let look = human::Look::default();
        let places = match answer::find(&run.resolved, &mut run.sources, path) {
            Ok(places) => places,
            Err(found) => return Ok(human::render(&found, &run.sources, &look)),
        };
        let answers = answer::explain(&mut run.resolved, &run.sources, &places);
        let model = &run.resolved.model;
        if !as_json {
            return Ok(answer::text(&answers, model, &run.sources, &look));
        }
        let text = answer::json(&answers, model, &run.sources);
        let schema = serde_json::from_str(answer::EXPLAIN_SCHEMA).unwrap();
        let faults = crate::schema::faults(&schema, &serde_json::from_str(&text).unwrap());
        if faults.is_empty() { Ok(text) } else { Err(faults.join("\n")) }
    }

    /// A file in the one style.
    fn fmt(&self, file: &str) -> Result<String, String> {
        let bytes = self.project.files.get(file).ok_or(format!("there is no file {file}"))?;
        let text = String::from_utf8(bytes.clone()).map_err(|error| error.to_string())?;
        let mut sources = Sources::default();
        let id = sources.add(file, Place::Project, text.as_str());
        let (tree, _) = colabc::syntax::parse(id, &text, &mut Default::default());
        Ok(colabc::syntax::format(&tree, &text))
    }

    /// A file after all that `colabc check --fix` mends.
    fn fix(&self, file: &str) -> Result<String, String> {
        let mut project = self.project.clone();
        for _ in 0..10 {
            let run = check(project.clone(), &self.root, Ask::default());
            let mended = mend::mend(&run.diagnostics, &run.sources);
            for (id, text) in &mended.texts {
                project.files.insert(run.sources.file(*id).name.clone(), text.clone().into());
            }
            if mended.done.is_empty() {
                break;
            }
        }
        let bytes = project.files.get(file).ok_or(format!("there is no file {file}"))?;
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    /// The code, file and line of every finding.
    fn lines(&self) -> Vec<(String, String, u32)> {
        let line = |d: &Diagnostic| {
            let file = self.sources().file(d.primary().file);
            (d.code.id.to_owned(), file.name.clone(), file.position(d.primary().start).line)
        };
        self.found().iter().map(line).collect()
    }
}

/// One part of a case file, from its `== ` line to the next.
struct Section<'a> {
    head: &'a str,
    text: &'a str,
}

struct Case<'a> {
    /// What stands before the first section: comments, `# fires: CODE`, `# near miss: CODE`.
    preface: &'a str,
    sections: Vec<Section<'a>>,
}

impl<'a> Case<'a> {
    fn read(text: &'a str) -> Case<'a> {
        let mut starts: Vec<usize> = text.match_indices("\n== ").map(|(at, _)| at + 1).collect();
        if text.starts_with("== ") {
            starts.insert(0, 0);
        }
        let preface = &text[..starts.first().copied().unwrap_or(text.len())];
        let ends = starts.iter().copied().skip(1).chain([text.len()]);
        let sections = starts.iter().zip(ends).map(|(&start, end)| {
            let section = &text[start + 3..end];
            let (head, body) = section.split_once('\n').unwrap_or((section, ""));
            // The empty line before the next section belongs to neither.
            let body = if body.ends_with("\n\n") { &body[..body.len() - 1] } else { body };
            Section { head: head.trim(), text: body }
        });
        Case { preface, sections: sections.collect() }
    }

    /// What stands after `# WORD` in the preface.
    fn word(&self, word: &str) -> Option<&'a str> {
        let mut lines = self.preface.lines();
        lines.find_map(|line| line.strip_prefix('#')?.trim().strip_prefix(word)).map(str::trim)
    }

    fn claims(&self, word: &str) -> Result<BTreeSet<String>, String> {
        let mut claimed = BTreeSet::new();
        for line in self.preface.lines() {
            let Some(list) = line.strip_prefix('#').and_then(|l| l.trim().strip_prefix(word))
            else {
                continue;
            };
            for id in list.split([',', ' ']).filter(|id| !id.is_empty()) {
                codes::find(id).ok_or(format!("`# {word}` names {id}, which is no code"))?;
                claimed.insert(id.to_owned());
            }
        }
        Ok(claimed)
    }
}

/// What became of a case.
#[derive(Default)]
struct Outcome {
    faults: Vec<String>,
    /// Expectations that today's answers are unlike; mended by writing them anew.
    stale: Vec<String>,
    fires: BTreeSet<String>,
    near_misses: BTreeSet<String>,
    /// Findings that leave a person alone with them.
    helpless: BTreeSet<String>,
    /// The case file as it would be with today's answers.
    rewritten: String,
}

impl Outcome {
    fn all_faults(&self) -> Vec<String> {
        self.faults.iter().chain(&self.stale).cloned().collect()
    }
}

fn run(text: &str) -> Result<Outcome, String> {
    run_with(text, check)
}

fn run_with(text: &str, compile: fn(Memory, &str, Ask) -> Compilation) -> Result<Outcome, String> {
    let case = Case::read(text);
    let mut files = BTreeMap::new();
    let mut root = None;
    let mut asked = Vec::new();
    for section in &case.sections {
        let (word, argument) = section.head.split_once(' ').unwrap_or((section.head, ""));
        if let Some((row, argument)) = expectation(section.head) {
            if row.takes == argument.is_empty() {
                return Err(format!("`== {}`: a word too many or too few", section.head));
            }
            asked.push((section, row, argument));
        } else if word.contains('.') {
            let bytes = input(section.text, argument)?;
            if word.ends_with(".colab") && (root.is_none() || word == "cluster.colab") {
                root = Some(word);
            }
            if files.insert(word.to_owned(), bytes).is_some() {
                return Err(format!("the file {word} stands there twice"));
            }
        } else {
            let known: Vec<&str> = EXPECTATIONS.iter().map(|row| row.word).collect();
            return Err(format!("`== {word}`: neither a file nor one of {}", known.join(", ")));
        }
    }
    let root = root.ok_or("no file ends in .colab")?;
    let marks = marks(&files);
    let project = Memory { files };
    // What targets refuse is of interest only to a case that speaks of it.
    let of_targets = |id: &str| id.starts_with("E08") || id.starts_with("E16");
    let emit = marks.iter().any(|(id, ..)| of_targets(id))
        || ["fires:", "near miss:"]
            .iter()
            .any(|word| case.claims(word).is_ok_and(|ids| ids.iter().any(|id| of_targets(id))));
    let ask = Ask { today: case.word("today:"), emit, ..Ask::default() };
    let compilation = compile(project.clone(), root, ask);
    let run = Compiled { compilation, project, root: root.to_owned() };

    let mut outcome = Outcome { rewritten: case.preface.to_owned(), ..Outcome::default() };
    outcome.fires = run.found().iter().map(|d| d.code.id.to_owned()).collect();
    outcome.near_misses = case.claims("near miss:")?;
    let helpless = run.found().iter().filter(|d| d.fixes.is_empty());
    outcome.helpless = helpless.map(|d| format!("{}: {}", d.code.id, d.message)).collect();
    for id in case.claims("fires:")?.difference(&outcome.fires) {
        outcome.faults.push(format!("says it fires {id}, and doesn't"));
    }
    for id in outcome.near_misses.intersection(&outcome.fires) {
        outcome.faults.push(format!("says it just misses {id}, and fires it"));
    }
    let complete = asked.iter().any(|(_, row, _)| COMPLETE.contains(&row.word));
    if !marks.is_empty() || !complete {
        let mut found = run.lines();
        found.sort();
        if found != marks {
            let lines = |list: &[(String, String, u32)]| -> String {
                list.iter().map(|(id, file, line)| format!("{id} {file}:{line}\n")).collect()
            };
            let diff = difference(&lines(&marks), &lines(&found));
            outcome.faults.push(format!("marks (-) and findings (+):\n{diff}\n{}", run.human()));
        }
    }
    for section in &case.sections {
        outcome.rewritten.push_str(&format!("== {}\n", section.head));
        let Some((_, row, argument)) = asked.iter().find(|(s, ..)| std::ptr::eq(*s, section))
        else {
            outcome.rewritten.push_str(section.text);
            separate(&mut outcome.rewritten);
            continue;
        };
        let answer = (row.answer)(&run, argument).unwrap_or_else(|why| format!("error: {why}\n"));
        if answer.trim_end() != section.text.trim_end() {
            let diff = difference(section.text.trim_end(), answer.trim_end());
            outcome.stale.push(format!("== {}: expected (-) and found (+):\n{diff}", section.head));
        }
        if !answer.trim().is_empty() {
            outcome.rewritten.push_str(answer.trim_end());
            outcome.rewritten.push('\n');
        }
        separate(&mut outcome.rewritten);
    }
    while outcome.rewritten.ends_with("\n\n") {
        outcome.rewritten.pop();
    }
    Ok(outcome)
}

/// The row that a section's head names, and the word that follows.
fn expectation(head: &str) -> Option<(&'static Expectation, &str)> {
    EXPECTATIONS.iter().find_map(|row| {
        let rest = head.strip_prefix(row.word)?;
        let ends = rest.is_empty() || rest.starts_with(' ') || row.word.ends_with('/');
        ends.then_some((row, rest.trim()))
    })
}

fn separate(text: &mut String) {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push('\n');
}

/// The bytes of an input file. After its name may stand, in parentheses, what plain text cannot show.
fn input(text: &str, argument: &str) -> Result<Vec<u8>, String> {
    let mut bytes = text.as_bytes().to_vec();
    let Some(list) = argument.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return if argument.is_empty() {
            Ok(bytes)
        } else {
            Err(format!("after a file: {argument}"))
        };
    };
    for word in list.split(',').map(str::trim) {
        match word {
            "crlf" => bytes = String::from_utf8_lossy(&bytes).replace('\n', "\r\n").into_bytes(),
            "bom" => bytes.splice(0..0, "\u{feff}".bytes()).for_each(drop),
            "open end" => drop(bytes.pop_if(|last| *last == b'\n')),
            "bytes" => bytes = unescaped(&bytes)?,
            other => return Err(format!("`{other}` is none of crlf, bom, open end, bytes")),
        }
    }
    Ok(bytes)
}

/// With every `\xNN` as the byte it names.
fn unescaped(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut plain = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"\\x") {
            let digits = bytes.get(at + 2..at + 4).and_then(|two| std::str::from_utf8(two).ok());
            let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            plain.push(byte.ok_or("`\\x` takes two hexadecimal digits")?);
            at += 4;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    Ok(plain)
}

/// What the comments `//~ CODE` at the ends of lines say, sorted.
fn marks(files: &BTreeMap<String, Vec<u8>>) -> Vec<(String, String, u32)> {
    let mut marks = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".colab")) {
        for (line, text) in String::from_utf8_lossy(bytes).lines().enumerate() {
            if let Some((_, list)) = text.split_once("//~") {
                let ids = list.split([',', ' ']).filter(|id| !id.is_empty());
                marks.extend(ids.map(|id| (id.to_owned(), name.clone(), line as u32 + 1)));
            }
        }
    }
    marks.sort();
    marks
}

/// The lines of two texts, `-` before those of the first alone, `+` before those of the second.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if old.len() * new.len() > 4_000_000 {
        return format!("- {} lines\n+ {} lines, too many to compare\n", old.len(), new.len());
    }
    // longest[i][j]: the length of the longest common part of old[i..] and new[j..].
    let mut longest = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i][j] = if old[i] == new[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut diff) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            diff.push_str(&format!("  {}\n", old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && longest[i + 1][j] >= longest[i][j + 1] {
            diff.push_str(&format!("- {}\n", old[i]));
            i += 1;
        } else {
            diff.push_str(&format!("+ {}\n", new[j]));
            j += 1;
        }
    }
    diff
}

fn case_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            case_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "case") {
            found.push(path);
        }
    }
}

/// Runs every case once, in all threads; the tests below ask different questions of the outcomes.
fn outcomes() -> &'static BTreeMap<String, Outcome> {
    static OUTCOMES: OnceLock<BTreeMap<String, Outcome>> = OnceLock::new();
    OUTCOMES.get_or_init(|| {
        let mut paths = Vec::new();
        case_files(&root().join("tests/cases"), &mut paths);
        let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, |count| count.get()) {
                let work = || {
                    while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let (name, outcome) = run_file(path);
                        outcomes.lock().unwrap().insert(name, outcome);
                    }
                };
                // As much room as the main thread has, where the compiler runs otherwise.
                let thread = std::thread::Builder::new().stack_size(8 << 20);
                thread.spawn_scoped(scope, work).unwrap();
            }
        });
        outcomes.into_inner().unwrap()
    })
}

fn run_file(path: &Path) -> (String, Outcome) {
    let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
    let text = std::fs::read_to_string(path).unwrap();
    let fault = |why: String| Outcome { faults: vec![why], ..Outcome::default() };
    let outcome = std::panic::catch_unwind(|| run(&text).unwrap_or_else(fault))
        .unwrap_or_else(|_| fault("the compiler panicked".to_owned()));
    if updating() && !outcome.stale.is_empty() {
        std::fs::write(path, &outcome.rewritten).unwrap();
        return (name, Outcome { stale: Vec::new(), ..outcome });
    }
    (name, outcome)
}

#[test]
fn every_case_holds() {
    let outcomes = outcomes();
    let failed: Vec<_> =
        outcomes.iter().filter(|(_, outcome)| !outcome.all_faults().is_empty()).collect();
    println!("{} cases, {} of them fail", outcomes.len(), failed.len());
    let report: String = failed
        .iter()
        .map(|(name, outcome)| format!("\n---- {name}\n{}\n", outcome.all_faults().join("\n")))
        .collect();
    let hint =
        if updating() { "rewritten; look at what changed" } else { "COLAB_UPDATE=1 rewrites" };
    assert!(
        failed.is_empty(),
        "{} of {} cases fail ({hint})\n{report}",
        failed.len(),
        outcomes.len()
    );
}

#[test]
fn every_code_has_cases_that_fire_and_near_misses() {
    let count = |of: fn(&Outcome) -> &BTreeSet<String>, id: &str| {
        outcomes().values().filter(|outcome| of(outcome).contains(id)).count()
    };
    let few = CODES.iter().map(|code| code.id).filter(|id| {
        count(|outcome| &outcome.fires, id) < 3 || count(|outcome| &outcome.near_misses, id) < 2
    });
    let rule = "every code has three cases that fire and two with `# near miss: CODE`";
    hold("codes-with-few-cases", rule, &few.map(String::from).collect());
}

#[test]
fn every_finding_names_a_way_out() {
    let helpless: BTreeSet<&String> = outcomes().values().flat_map(|o| &o.helpless).collect();
    assert!(helpless.is_empty(), "findings without a help:\n{helpless:#?}");
}

#[test]
fn the_runner_sees_faults() {
    let faults = |text: &str| match run(text) {
        Ok(outcome) => outcome.all_faults().len(),
        Err(_) => usize::MAX,
    };
    assert_eq!(faults("== a.colab\n// nothing\n"), 0);
    assert_eq!(faults("== a.colab\n// nothing //~ E0101\n"), 1, "a mark that nothing is found at");
    assert_eq!(faults("# fires: E0101\n== a.colab\n// nothing\n"), 1);
    assert_eq!(faults("# near miss: E0101\n== a.colab\n// nothing\n"), 0);
    assert_eq!(faults("== a.colab\n// nothing\n\n== codes\nE0101 a.colab:1:1\n"), 1);
    assert_eq!(faults("== a.colab\n// nothing\n\n== codes\n"), 0);
    for wrong in ["", "== codes\n", "== a.colab\n== a.colab\n", "== a.colab\n== nosuch\n"] {
        assert_eq!(faults(wrong), usize::MAX, "{wrong}");
    }
    assert_eq!(faults("# fires: E9999\n== a.colab\n"), usize::MAX);
}

/// A compiler that finds E0101 at every `oops` of the root.
fn oops(mut project: Memory, root: &str, _: Ask) -> Compilation {
    let mut run = colabc::compile(&mut project, root);
    let file = run.sources.by_name(root).unwrap();
    let text = run.sources.file(file).text.clone();
    run.diagnostics = text
        .match_indices("oops")
        .map(|(at, _)| Span::new(file, at as u32, at as u32 + 4))
        .map(|span| Diagnostic::new(&codes::E0101, span, "expected sense, found `oops`"))
        .collect();
    run
}

#[test]
fn marks_and_expectations_are_held_against_the_findings() {
    let outcome = |text: &str| run_with(text, oops).unwrap();
    let faults = |text: &str| outcome(text).all_faults();
    assert_eq!(faults("== a.colab\nx = oops //~ E0101\n"), [""; 0]);
    assert_eq!(faults("== a.colab\noops oops //~ E0101 E0101\n"), [""; 0]);
    assert_eq!(
        faults("# fires: E0101\n== a.colab\noops\n\n== codes\nE0101 a.colab:1:1\n"),
        [""; 0]
    );
    for wrong in [
        "== a.colab\noops\n",
        "== a.colab\noops oops //~ E0101\n",
        "== a.colab\noops //~ E0101\noops\n",
        "== a.colab\noops\n//~ E0101\n",
        "# near miss: E0101\n== a.colab\noops //~ E0101\n",
        "== a.colab\noops\n\n== codes\nE0101 a.colab:1:2\n",
        "== a.colab\noops\n//~ E0101\n\n== codes\nE0101 a.colab:1:1\n",
    ] {
        assert_eq!(faults(wrong).len(), 1, "{wrong}");
    }
    let counted = outcome("# near miss: E0101\n== b.colab\n\n== a.colab (crlf)\nx\n");
    assert!(counted.fires.is_empty() && counted.near_misses.contains("E0101"));
    assert!(outcome("== a.colab\noops //~ E0101\n").fires.contains("E0101"));
    let shown = outcome("== a.colab\nx = oops\n\n== short\n").rewritten;
    let expected = "== a.colab\nx = oops\n\n== short\na.colab:1:5: error[E0101]: expected sense, found `oops`\n";
    assert_eq!(shown, expected);
    assert_eq!(outcome(expected).all_faults(), [""; 0]);
    let human = outcome("== a.colab\nx = oops\n\n== diagnostics\n").rewritten;
    assert!(human.contains("1 | x = oops") || human.contains("1 │ x = oops"), "{human}");
}

#[test]
fn inputs_can_be_any_bytes() {
    assert_eq!(input("a\nb\n", "(crlf, bom, open end)").unwrap(), b"\xef\xbb\xbfa\r\nb\r");
    assert_eq!(input("a\n", "(open end)").unwrap(), b"a");
    assert_eq!(input("\\x00\\xff\\n\n", "(bytes)").unwrap(), b"\0\xff\\n\n");
    assert!(input("", "(nosuch)").is_err() && input("\\xq", "(bytes)").is_err());
}

#[test]
fn a_rewritten_case_reads_the_same() {
    let text = "# a comment\n== a.colab\n// nothing\n\n== b.colab (crlf)\n// b\n\n== codes\n";
    assert_eq!(run(text).unwrap().rewritten, text);
    assert_eq!(difference("a\nb\nc", "a\nx\nc"), "  a\n- b\n+ x\n  c\n");
}
