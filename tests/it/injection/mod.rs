//! Hostile texts in every place of the language that takes a text: each comes back equal from the real
//! reader of every file it reaches, or is refused by a code, at its line.

mod conditions;
mod plan;
mod readback;
mod rounds;
mod slots;
mod stage;
mod strings;
mod table;
mod told;

use crate::ratchet::hold;
use plan::{Plan, Seat, each, plan, token};
use readback::{Texts, Trees};
use rounds::{Fate, Played, Round, play};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use table::Table;

/// How many of everything the cluster of a round has: so many texts does each reader get at once.
fn copies() -> usize {
    rounds(60, 8)
}

/// So many clusters with one text a place are handed to the readers together.
const TOGETHER: usize = 140;
/// A reader is asked so often at most for a sink, however many texts there are.
const ASKED: usize = 40;

/// A pass with its harmless words.
struct Plain {
    played: Played,
    trees: Trees,
    /// By seat: the files that hold its word, or have it in their names.
    reached: Vec<BTreeSet<String>>,
}

fn plain(pass: &[Seat], copies: usize) -> Plain {
    let played = play(pass, &Round::plain(copies));
    assert!(!played.files.is_empty(), "the harmless words are refused: {:?}", played.lost);
    let reached: Vec<BTreeSet<String>> = (0..pass.len())
        .map(|seat| {
            let words: Vec<String> = (0..copies).map(|copy| token(seat, copy)).collect();
            let holds = |(path, bytes): &(&String, &Vec<u8>)| {
                let text = String::from_utf8_lossy(bytes);
                words.iter().any(|word| text.contains(word) || path.contains(word))
            };
            played.files.iter().filter(holds).map(|(path, _)| path.clone()).collect()
        })
        .collect();
    let wanted: BTreeSet<String> = reached.iter().flatten().cloned().collect();
    let mut heard = readback::read(&[(&played.files, wanted)]).expect("the readers run");
    let trees = heard.trees.remove(0);
    for (path, tree) in &trees {
        assert!(tree.get("refused").is_none(), "{path}: {tree}");
    }
    Plain { played, trees, reached }
}

/// A round that was built, and is still to be read.
struct Turn {
    played: Played,
    filled: Texts,
    /// The files to be read, by their names now, with their harmless names.
    names: BTreeMap<String, String>,
}

/// Plays a round, and enters in the table what can be said before its files are read.
fn turn(pass: &[Seat], plain: &Plain, round: &Round, table: &Mutex<Table>) -> Option<Turn> {
    let played = play(pass, round);
    let short = |lost: &String| lost.splitn(3, ": ").take(2).collect::<Vec<_>>().join(": ");
    let lost = played.lost.iter();
    let mut faults: Vec<(String, String)> =
        lost.map(|lost| (format!("not at its line: {}", short(lost)), lost.clone())).collect();
    if played.files.is_empty() {
        table.lock().expect("nobody panicked").faults.extend(faults);
        return None;
    }
    let mut filled = Texts::default();
    for (at, seat) in pass.iter().enumerate() {
        for (copy, fate) in played.fates[at].iter().enumerate() {
            let Some(text) = round.text(at, copy).filter(|_| *fate == Some(Fate::Taken)) else {
                continue;
            };
            filled.put(at, copy, text);
            let known = |text: &str, of: &Played| of.model.contains(&seat.framed(text));
            if known(&token(at, copy), &plain.played) && !known(text, &played) {
                faults.push((format!("the model: {}", seat.slot.name), format!("{text:?}")));
            }
        }
    }
    let mut names = BTreeMap::new();
    for (path, bytes) in &plain.played.files {
        // A backslash would part folders on Windows, so no name below `out/` has one.
        let mut now = filled.fill(path).replace('\\', "/");
        // chezmoi has a word for a dot at the front of a name.
        if let Some(source) = now.strip_prefix("chezmoi/").filter(|path| !path.starts_with('.')) {
            now = format!("chezmoi/{}", source.replace("/.", "/dot_"));
            // And one for a file that is to be there although nothing is in it.
            let (above, name) = now.rsplit_once('/').expect("it has a folder");
            let empty = format!("{above}/empty_{name}");
            now = if played.files.contains_key(&empty) { empty } else { now };
        }
        match played.files.get(&now) {
            None => faults.push((format!("no file: {}", names_in(pass, path)), now)),
            Some(_) if plain.trees.contains_key(path) => drop(names.insert(now, path.clone())),
            Some(found) if found != bytes && path != "manifest.json" => {
                let changed = first_change(bytes, found);
                faults.push((format!("{path}: changed without a text"), changed));
            }
            _ => {}
        }
    }
    table.lock().expect("nobody panicked").faults.extend(faults);
    Some(Turn { played, filled, names })
}

/// The first line that is another one.
fn first_change(before: &[u8], after: &[u8]) -> String {
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let other = after.lines().zip(before.lines().chain(std::iter::repeat("")));
    let other = other.into_iter().find(|(after, before)| after != before);
    other.map_or_else(|| "shorter".into(), |(after, before)| format!("{before:?} is {after:?}"))
}

/// Has the files of several rounds read at once, and enters in the table what became of each text.
fn judge(pass: &[Seat], plain: &Plain, turns: &[Turn], table: &Mutex<Table>) {
    let clusters: Vec<_> = turns
        .iter()
        .map(|turn| (&turn.played.files, turn.names.keys().cloned().collect()))
        .collect();
    let heard = readback::read(&clusters);
    let mut table = table.lock().expect("nobody panicked");
    let heard = heard.unwrap_or_else(|why| {
        table.faults.insert("the readers".into(), why);
        readback::Heard::default()
    });
    let sinks: BTreeSet<String> =
        turns.iter().flat_map(|turn| turn.names.values()).map(|path| table::sink(path)).collect();
    table.asked(sinks);
    table.started(&heard.programs);
    if heard.executed {
        table.executed += 1;
        table.faults.insert("a text was executed".into(), String::new());
    }
    for (turn, trees) in turns.iter().zip(&heard.trees) {
        let mut bad: BTreeMap<&String, Vec<String>> = BTreeMap::new();
        for (now, tree) in trees {
            let path = &turn.names[now];
            for (leaf, found) in readback::wrong(path, &plain.trees[path], tree, &turn.filled) {
                let wanted = turn.filled.fill(&leaf);
                let whose = names_in(pass, &leaf);
                let said = format!("{path}: {wanted:.300?} is {found:.900?}");
                table.faults.insert(format!("{}: {whose}", table::sink(path)), said);
                bad.entry(path).or_default().push(leaf);
            }
        }
        enter(plain, turn, &bad, &mut table);
    }
}

/// A cell for each text and each sink that it reaches.
fn enter(plain: &Plain, turn: &Turn, bad: &BTreeMap<&String, Vec<String>>, table: &mut Table) {
    for (at, fates) in turn.played.fates.iter().enumerate() {
        let mut sinks: BTreeMap<String, Vec<&String>> = BTreeMap::new();
        for path in &plain.reached[at] {
            sinks.entry(table::sink(path)).or_default().push(path);
        }
        for (copy, fate) in fates.iter().enumerate() {
            let word = token(at, copy);
            let spoilt = |leaf: &String| leaf.contains(&word) || !leaf.contains("zq");
            for (sink, paths) in &sinks {
                match fate {
                    None => {}
                    Some(Fate::Astray(_)) => table.count(sink, "astray"),
                    Some(Fate::Refused(code)) => table.count(sink, code),
                    Some(Fate::Taken) => {
                        let changed =
                            paths.iter().filter_map(|path| bad.get(path)).flatten().any(spoilt);
                        table.count(sink, if changed { "changed" } else { "equal" });
                    }
                }
            }
        }
    }
}

/// The places whose words are in a leaf.
fn names_in(pass: &[Seat], leaf: &str) -> String {
    let all = pass.iter().enumerate();
    let stem = |at: usize| token(at, 0).trim_end_matches("c00qz").to_owned();
    let names: Vec<&str> = all
        .filter(|(at, _)| leaf.contains(&stem(*at)))
        .map(|(_, s)| s.slot.name.as_str())
        .collect();
    if names.is_empty() { format!("{leaf:.60?}") } else { names.join(", ") }
}

/// Which of a pass's rounds are played: all of them, or one, which `COLAB_ROUND` names.
fn numbers(all: usize) -> Vec<usize> {
    let named = std::env::var("COLAB_ROUND").ok();
    let named = named.map(|text| text.parse::<usize>().expect("a number"));
    let from = named.map_or(0, |number| number % all);
    let count = if named.is_some() { 1 } else { rounds(all, 1) };
    (from..from + count).collect()
}

/// How many of a pass's rounds are played: all of them, or those that a run in between has time for.
fn rounds(all: usize, bounded: usize) -> usize {
    let full = std::env::var_os("COLAB_FULL").is_some_and(|value| value == "1");
    if full { all } else { all.min(bounded) }
}

#[test]
fn every_text_comes_back_or_is_refused() {
    if crate::consumers::missing(readback::TOOLS) {
        return;
    }
    let Plan { passes, .. } = plan();
    let texts = strings::strings();
    let table = Mutex::new(Table::default());
    let played = |pass: &[Seat], copies: usize, together: usize| {
        let plain = plain(pass, copies);
        let sinks = plain.played.files.keys().map(|path| table::sink(path));
        table.lock().expect("nobody panicked").has(sinks);
        let numbers = numbers(texts.len().div_ceil(copies));
        each(numbers.chunks(together).collect(), |numbers| {
            let round = |number| Round { texts: &texts, number, copies };
            let turns: Vec<Turn> = numbers
                .iter()
                .filter_map(|&number| turn(pass, &plain, &round(number), &table))
                .collect();
            if !turns.is_empty() {
                judge(pass, &plain, &turns, &table);
            }
        });
    };
    for pass in &passes {
        played(pass, copies(), 1);
        // What the stage has once has had one text a round: the others, in small stages.
        let single: Vec<Seat> = pass.iter().filter(|seat| !seat.copied).cloned().collect();
        if !single.is_empty() {
            played(&single, 1, TOGETHER);
        }
    }
    let table = table.into_inner().expect("nobody panicked");
    let seats: usize = passes.iter().map(Vec::len).sum();
    crate::consumers::tell(&format!("{} texts in {seats} places\n{table}", texts.len()));
    crate::consumers::tell(&table.listed());
    assert!(table.most_asked() <= ASKED, "a reader is asked {} times", table.most_asked());
    let rule = "a text comes back equal, or is refused at its line";
    hold("texts-that-change", rule, &table.faults.keys().cloned().collect());
}

/// Without the readers, so that the long form is soon done: all that can be known before a file is read.
#[test]
fn every_refusal_is_at_the_line_of_its_text() {
    let Plan { passes, .. } = plan();
    let texts = strings::strings();
    let mut rounds_of: Vec<(&[Seat], usize, usize)> = Vec::new();
    let single: Vec<Vec<Seat>> =
        passes.iter().map(|pass| pass.iter().filter(|s| !s.copied).cloned().collect()).collect();
    for (pass, single) in passes.iter().zip(&single) {
        for (seats, copies) in [(&pass[..], 8), (&single[..], 1)] {
            let all = numbers(texts.len().div_ceil(copies));
            rounds_of.extend(all.into_iter().map(|number| (seats, copies, number)));
        }
    }
    rounds_of.retain(|(seats, ..)| !seats.is_empty());
    let found = each(rounds_of, |(seats, copies, number)| {
        let round = Round { texts: &texts, number, copies };
        let lost = play(seats, &round).lost.into_iter();
        let lost: Vec<_> = lost.map(|lost| format!("round {number} by {copies}: {lost}")).collect();
        lost.iter().for_each(|lost| crate::consumers::tell(lost));
        lost
    });
    let found: Vec<Vec<String>> = found;
    crate::consumers::tell(&format!("{} rounds without the readers", found.len()));
    let found: Vec<String> = found.into_iter().flatten().collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A type with a closed set of texts takes none of these; what is a tool's own language may take any.
#[test]
fn what_takes_no_text_of_these_says_so_at_its_line() {
    let Plan { closed, .. } = plan();
    let texts = strings::strings();
    let copies = copies();
    let count = rounds(texts.len().div_ceil(copies), 1);
    let cells: Vec<(&Seat, usize)> =
        closed.iter().flat_map(|seat| (0..count).map(move |number| (seat, number))).collect();
    let faults = each(cells, |(seat, number)| {
        let round = Round { texts: &texts, number, copies };
        let said = rounds::refusals(seat, &round);
        let own = seat.slot.name == "site.raw";
        let taken =
            said.into_iter().filter(|(text, codes)| codes.is_empty() && !own && !figure(text));
        // What an earlier phase says of one silences what a later one would say of another.
        let alone = |text: &str| rounds::refused_alone(seat, text);
        let taken = taken.filter(|(text, _)| !alone(text));
        taken.map(|(text, _)| format!("{}: {text:?}", seat.slot.name)).collect::<Vec<_>>()
    });
    let faults: BTreeSet<String> = faults.into_iter().flatten().collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// A date, a time, a number or a word, which such a type may well hold.
fn figure(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '.');
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(plain)
}

/// A writer that would not escape at all, and one that would lose a letter, are found out in every sink.
#[test]
fn a_broken_writer_is_found_out() {
    if crate::consumers::missing(readback::TOOLS) {
        return;
    }
    let Plan { passes, .. } = plan();
    let plain = plain(&passes[0], 1);
    let evil = "\"'\n}: {{ 7 }} $(touch /tmp/x) \\ <b> ]]> %h #\t";
    let mut sinks: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (at, paths) in plain.reached.iter().enumerate() {
        let word = token(at, 0);
        let given = |path: &&String| plain.trees[*path].to_string().contains(&word);
        for path in paths.iter().filter(given).filter(|path| !path.contains(&word)) {
            sinks.entry(table::sink(path)).or_insert_with(|| (path.clone(), token(at, 0)));
        }
    }
    assert!(sinks.len() > 20, "{sinks:?}");
    for (with, but) in [(evil, evil), ("abcdef", "abcdeg")] {
        let mut files = plain.played.files.clone();
        for (path, word) in sinks.values() {
            let text = String::from_utf8_lossy(&files[path]).replace(word, but);
            files.insert(path.clone(), text.into_bytes());
        }
        let wanted = sinks.values().map(|(path, _)| path.clone()).collect();
        let heard = readback::read(&[(&files, wanted)]).expect("the readers run");
        let trees = &heard.trees[0];
        for (sink, (path, word)) in &sinks {
            let mut texts = Texts::default();
            texts.replace(word, with);
            let wrong = readback::wrong(path, &plain.trees[path], &trees[path], &texts);
            // What is only handed on has no escapes that could be missing.
            let verbatim = with == but && plain.trees[path].is_string();
            assert!(!wrong.is_empty() || verbatim, "{sink}: {path} is taken with {but:?}");
        }
    }
}
