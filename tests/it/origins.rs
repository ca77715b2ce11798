//! Every line of `out/` leads back to the sources, and to the right place: what is changed there
//! changes the line.

use crate::memory::Memory;
use crate::targets::sources;
use colabc::answer::line::{Asked, LineAnswer, Made, NoLine, State, explain_line};
use colabc::manifest::{Manifest, Row};
use colabc::model::Cluster;
use colabc::source::{Place, Span};
use colabc::targets;
use colabc::tree::{MANIFEST, OutTree};
use colabc::{Compilation, compile};
use std::collections::BTreeMap;

/// A project that is compiled and emitted, and can still be asked.
struct Asking {
    compilation: Compilation,
    tree: OutTree,
}

impl Asking {
    fn of(files: BTreeMap<String, Vec<u8>>) -> Option<Asking> {
        let mut compilation = compile(&mut Memory { files }, "cluster.colab");
        let errors = compilation.errors();
        let cluster = Cluster::of(compilation.resolved.model, errors).ok()?;
        let (tree, found) = targets::emit(&cluster);
        compilation.resolved.model = cluster.into_model();
        found.is_empty().then_some(Asking { compilation, tree })
    }

    fn ask(&mut self, path: &str, line: usize, bytes: &[u8]) -> LineAnswer {
        let written = self.tree.get(path).map(|file| Row::of(file).sha256);
        let asked = Asked { path, line: Some(line), bytes, written };
        let c = &mut self.compilation;
        explain_line(&mut c.resolved, &c.sources, &self.tree, &asked).unwrap()
    }

    /// All files with their bytes, the manifest among them.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let rows = self.tree.iter().map(|(path, file)| (path.clone(), Row::of(file)));
        let manifest = Manifest { files: rows.collect(), ..Manifest::default() };
        let files = self.tree.iter().map(|(path, file)| (path.to_string(), file.bytes.clone()));
        files.chain([(MANIFEST.to_owned(), manifest.to_json())]).collect()
    }
}

#[test]
fn every_line_leads_to_the_sources() {
    let mut asking = Asking::of(sources()).unwrap();
    let (mut led, mut fixed) = (0, 0);
    for (path, bytes) in asking.files() {
        let text = String::from_utf8(bytes.clone()).unwrap();
        if let Some(file) = asking.tree.get(&path) {
            assert_eq!(file.lines.len(), text.lines().count(), "{path}");
        }
        for line in 1..=text.lines().count() {
            let found = asking.ask(&path, line, &bytes);
            assert_eq!(found.state, State::Current, "{path}");
            let file = |at: Span| asking.compilation.sources.file(at.file).name.clone();
            match &found.made {
                Made::Value { place, .. } | Made::Declaration { place, .. } => {
                    led += 1;
                    assert!(file(*place).ends_with(".colab"), "{path}:{line}");
                }
                Made::Target => {
                    let said = text.lines().nth(line - 1).unwrap().trim();
                    // The handbook's pages are frame for the most part.
                    let counts = !path.starts_with("docs/") && !said.starts_with(['#', ';']);
                    fixed += usize::from(!said.is_empty() && counts);
                    let named = !found.declarations.is_empty();
                    assert!(named || path == MANIFEST, "{path}:{line}");
                    for declaration in &found.declarations {
                        assert!(file(declaration.place).ends_with(".colab"), "{path}:{line}");
                    }
                }
                Made::Nobody => panic!("{path}:{line} is made by nobody"),
            }
        }
    }
    assert!(led > fixed, "most lines of the repository's own out/ lead to a place of their own");
}

/// Another text of the same kind in the place of a value, where one is easily made.
fn another(value: &str) -> Option<String> {
    if value.contains(['$', '\\', '\n', '(']) {
        return None;
    }
    // The first text in it, or the first number: of a port the one that is published, of an address
    // the last part.
    if let Some((head, rest)) = value.split_once('"') {
        let (inner, tail) = rest.split_once('"')?;
        return Some(format!("{head}\"{inner}q\"{tail}"));
    }
    if let Ok(ip) = value.parse::<std::net::Ipv4Addr>() {
        let [a, b, c, d] = ip.octets();
        return Some(format!("{a}.{b}.{c}.{}", d ^ 64));
    }
    if let Some((host, container)) = value.split_once(" -> ") {
        return Some(format!("{} -> {container}", host.parse::<u16>().ok()? + 1));
    }
    if let Ok(number) = value.parse::<i64>() {
        return Some((number + 1).to_string());
    }
    match value {
        "true" => return Some("false".into()),
        "false" => return Some("true".into()),
        _ => {}
    }
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = value.split_at(digits);
    let quantity = !number.is_empty() && unit.bytes().all(|b| b.is_ascii_alphabetic());
    quantity.then(|| format!("{}{unit}", number.parse::<i64>().unwrap_or(0) + 1))
}

/// What a value in the sources makes: its text, and the lines that lead to it.
type Lines = BTreeMap<Span, Vec<(String, usize)>>;

fn lines_by_value(asking: &Asking) -> Lines {
    let model = &asking.compilation.resolved.model;
    let mut all = Lines::new();
    for (path, file) in asking.tree.iter().filter(|(path, _)| &***path != "model.json") {
        for (at, &origin) in file.lines.iter().enumerate() {
            let Some(row) = model.origin(origin) else { continue };
            if let Some(value) = model.defs[row.def as usize].value {
                all.entry(value).or_default().push((path.to_string(), at));
            }
        }
    }
    all
}

#[test]
fn what_is_changed_at_the_place_changes_the_line() {
    let before = Asking::of(sources()).unwrap();
    let texts = &before.compilation.sources;
    let mut proven = 0;
    for (span, lines) in lines_by_value(&before) {
        let file = texts.file(span.file);
        let Some(new) = another(texts.text(span)).filter(|_| file.place == Place::Project) else {
            continue;
        };
        let mut text = file.text.to_string();
        text.replace_range(span.start as usize..span.end as usize, &new);
        let mut changed = sources();
        changed.insert(file.name.clone(), text.into_bytes());
        // A value on which others depend can't be changed alone: a rule says so.
        let Some(after) = Asking::of(changed) else { continue };
        let still = |(path, at): &(String, usize)| {
            let text = |tree: &OutTree| {
                tree.get(path).map(|file| String::from_utf8(file.bytes.clone()).unwrap())
            };
            let Some(new) = text(&after.tree) else { return false };
            let old = text(&before.tree).unwrap();
            let line = old.lines().nth(*at).unwrap();
            new.lines().any(|other| other == line)
        };
        let at = file.position(span.start);
        assert!(
            !lines.iter().all(still),
            "{}:{}:{} became {new}, and none of its lines changed: {lines:?}",
            file.name,
            at.line,
            at.column
        );
        proven += 1;
    }
    assert!(proven >= 40, "only {proven} were tried");
}

#[test]
fn a_changed_file_is_told_apart() {
    let mut asking = Asking::of(sources()).unwrap();
    let path = "hosts/director";
    let bytes = asking.tree.get(path).unwrap().bytes.clone();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let last = text.lines().count();
    let whole = asking.ask(path, last, &bytes);
    assert!(matches!(whole.made, Made::Value { .. }), "{whole:?}");

    // Below a line that somebody put in, everything still leads where it did.
    let by_hand = text.replacen('\n', "\n10.0.0.1 mine\n", 1);
    let found = asking.ask(path, last + 1, by_hand.as_bytes());
    assert_eq!((found.state, &found.made), (State::Edited, &whole.made));
    let found = asking.ask(path, 2, by_hand.as_bytes());
    assert_eq!((found.state, found.made), (State::Edited, Made::Nobody));

    // As an earlier build wrote it.
    let earlier = by_hand.as_bytes();
    let asked = Asked {
        path,
        line: Some(2),
        bytes: earlier,
        written: Some(colabc::manifest::Hash::of(earlier)),
    };
    let c = &mut asking.compilation;
    let found = explain_line(&mut c.resolved, &c.sources, &asking.tree, &asked).unwrap();
    assert_eq!((found.state, found.made), (State::Stale, Made::Nobody));
    let beyond = Asked { line: Some(last + 1), bytes: &bytes, ..asked };
    let beyond = explain_line(&mut c.resolved, &c.sources, &asking.tree, &beyond);
    assert_eq!(beyond, Err(NoLine::Beyond(last)));
}
