//! Hostile texts in every place of the language that takes a text: each comes back equal from the real
//! reader of every file it reaches, or is refused by a code, at its line.

mod plan;
mod readback;
mod rounds;
mod slots;
mod stage;
mod strings;

use plan::{Plan, Seat, each, plan};
use readback::{Texts, Trees};
use rounds::{Fate, Played, play};
use std::collections::{BTreeMap, BTreeSet};

const COPIES: usize = 8;

/// By sink: what became of how many texts.
#[derive(Default)]
struct Table {
    rows: BTreeMap<String, BTreeMap<String, usize>>,
    faults: BTreeSet<String>,
}

impl Table {
    fn count(&mut self, sink: &str, what: &str) {
        *self.rows.entry(sink.to_owned()).or_default().entry(what.to_owned()).or_default() += 1;
    }

    fn fault(&mut self, fault: String) {
        self.faults.insert(fault);
    }
}

/// The tool that a file is for.
fn sink(path: &str) -> String {
    let (folder, rest) = path.split_once('/').unwrap_or((path, ""));
    let end = rest.rsplit_once('.').map_or("", |(_, end)| end);
    match (folder, end) {
        ("docs" | "prometheus" | "pihole" | "systemd" | "backup" | "windows" | "macos", end) => {
            format!("{folder} {end}").trim_end().to_owned()
        }
        _ => folder.to_owned(),
    }
}

/// A pass with its harmless words.
struct Plain {
    played: Played,
    trees: Trees,
    /// By seat: the files that hold its word, or have it in their names.
    reached: Vec<BTreeSet<String>>,
}

fn plain(pass: &[Seat]) -> Plain {
    let played = play(pass, COPIES, &[]);
    assert!(!played.files.is_empty(), "the harmless words are refused: {:?}", played.lost);
    let reached: Vec<BTreeSet<String>> = (0..pass.len())
        .map(|seat| {
            let words: Vec<String> = (0..COPIES).map(|copy| plan::token(seat, copy)).collect();
            let holds = |(path, bytes): &(&String, &Vec<u8>)| {
                let text = String::from_utf8_lossy(bytes);
                words.iter().any(|word| text.contains(word) || path.contains(word))
            };
            played.files.iter().filter(holds).map(|(path, _)| path.clone()).collect()
        })
        .collect();
    let wanted: BTreeSet<String> = reached.iter().flatten().cloned().collect();
    let trees = readback::read(&played.files, &wanted).expect("the readers run");
    Plain { played, trees, reached }
}

fn judge(pass: &[Seat], plain: &Plain, texts: &[String], table: &std::sync::Mutex<Table>) {
    let played = play(pass, COPIES, texts);
    let mut filled = Texts::default();
    for (at, seat) in pass.iter().enumerate() {
        for (copy, fate) in played.fates[at].iter().enumerate() {
            if *fate == Fate::Taken {
                filled.put(at, copy, &texts[copy]);
                let known = plain.played.model.contains(&seat.framed(&plan::token(at, copy)));
                if known && !played.model.contains(&seat.framed(&texts[copy])) {
                    let fault = format!("model: {} {:?}", seat.slot.name, texts[copy]);
                    table.lock().unwrap().fault(fault);
                }
            }
        }
    }
    let faults: Vec<String> =
        played.lost.iter().map(|lost| format!("lost: {texts:?}: {lost}")).collect();
    if !faults.is_empty() {
        table.lock().unwrap().faults.extend(faults);
        return;
    }
    let mut faults = Vec::new();
    let touched: BTreeSet<&String> = plain.trees.keys().collect();
    let mut names = BTreeMap::new();
    for (path, bytes) in &plain.played.files {
        let now = filled.fill(path);
        let Some(found) = played.files.get(&now) else {
            faults.push(format!("{path}: there is no {now:?}"));
            continue;
        };
        if touched.contains(path) {
            names.insert(now, path);
        } else if found != bytes && path != "manifest.json" {
            faults.push(format!("{path}: changed, though it holds none of the texts"));
        }
    }
    let mut bad: BTreeMap<&String, Vec<(String, String)>> = BTreeMap::new();
    match readback::read(&played.files, &names.keys().cloned().collect()) {
        Err(why) => faults.push(format!("{texts:?}: {why}")),
        Ok(trees) => {
            for (now, tree) in &trees {
                let path = names[now];
                let wrong = readback::wrong(path, &plain.trees[path], tree, &filled);
                if !wrong.is_empty() {
                    bad.insert(path, wrong);
                }
            }
        }
    }
    let mut table = table.lock().unwrap();
    for fault in faults {
        table.fault(fault);
    }
    for (path, wrong) in &bad {
        for (leaf, found) in wrong {
            let short = |text: &str| text.chars().take(160).collect::<String>();
            let (leaf, wanted) = (short(leaf), short(&filled.fill(leaf)));
            table.fault(format!("{path}: {leaf:?}: {wanted:?} is {:?}", short(found)));
        }
    }
    for (at, fates) in played.fates.iter().enumerate() {
        let sinks: BTreeMap<String, Vec<&String>> =
            plain.reached[at].iter().fold(BTreeMap::new(), |mut all, path| {
                all.entry(sink(path)).or_insert_with(Vec::new).push(path);
                all
            });
        for (copy, fate) in fates.iter().enumerate() {
            let word = plan::token(at, copy);
            for (sink, paths) in &sinks {
                let is_bad = paths.iter().any(|path| {
                    bad.get(path).is_some_and(|wrong| {
                        wrong.iter().any(|(leaf, _)| leaf.contains(&word) || !leaf.contains("zq"))
                    })
                });
                match fate {
                    Fate::Refused(code) => table.count(sink, code),
                    Fate::Taken if is_bad => table.count(sink, "wrong"),
                    Fate::Taken => table.count(sink, "equal"),
                }
            }
        }
    }
}

#[test]
fn every_text_comes_back_or_is_refused() {
    let Plan { passes, closed } = plan();
    for (n, pass) in passes.iter().enumerate() {
        println!("pass {n}: {}", pass.len());
    }
    println!("closed: {}", closed.len());
    if std::env::var("MX").as_deref() == Ok("plan") {
        return;
    }
    let texts = strings::strings();
    let texts: Vec<String> = match std::env::var("MX") {
        Ok(n) => {
            let (skip, step) = n.split_once(',').unwrap();
            texts.into_iter().skip(skip.parse().unwrap()).step_by(step.parse().unwrap()).collect()
        }
        _ => texts,
    };
    let table = std::sync::Mutex::new(Table::default());
    for pass in &passes {
        let plain = plain(pass);
        for (path, tree) in &plain.trees {
            if tree.get("refused").is_some() {
                table.lock().unwrap().fault(format!(
                    "PLAIN {path}: {}",
                    tree.to_string().chars().take(400).collect::<String>()
                ));
            }
        }
        each(texts.chunks(COPIES).collect(), |texts| judge(pass, &plain, texts, &table));
    }
    let table = table.into_inner().unwrap();
    for (sink, row) in &table.rows {
        println!("{sink}: {row:?}");
    }
    for fault in &table.faults {
        println!("FAULT {fault}");
    }
    assert!(table.faults.is_empty(), "{} faults", table.faults.len());
}
