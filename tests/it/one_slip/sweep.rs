//! Every single slip of the fingers in whole clusters, by the token and by the line: how many findings follow.

#![allow(clippy::print_stdout)]

use crate::memory::Memory;
use crate::ratchet::root;
use std::fmt::Write;
use std::ops::Range;

/// A way to slip, how many of the slips that are told at all are told once (percent, at the least), and the texts that it
/// makes of one.
type Way = (&'static str, usize, fn(&str) -> Vec<String>);

const WAYS: [Way; 4] = [
    ("a token left out", 88, |text| each(text, |at| without(text, at))),
    ("a token twice", 85, |text| each(text, |at| twice(text, at))),
    ("two letters swapped", 95, |text| each(text, |at| swapped(text, at))),
    ("a line left out", 90, |text| {
        let lines = tokens(text, |c| c != '\n');
        lines.into_iter().map(|at| without(text, at)).collect()
    }),
];

const CLUSTERS: [&str; 2] = ["homelab", "office"];

/// `cargo test one_slip -- --nocapture` prints how many there are.
#[test]
fn most_slips_of_the_fingers_are_one_finding() {
    let mut table = String::new();
    let mut short = Vec::new();
    for (way, least, texts) in WAYS {
        let mut counts = [0usize; 6];
        for cluster in CLUSTERS {
            let path = root().join("tests/sound").join(cluster).join("cluster.colab");
            let text = std::fs::read_to_string(path).expect("a sound cluster");
            for slip in texts(&text) {
                let mut project = Memory::new([("cluster.colab", slip)]);
                let found = colabc::compile(&mut project, "cluster.colab").errors();
                counts[found.min(5)] += 1;
            }
        }
        let told: usize = counts[1..].iter().sum();
        let once = 100 * counts[1] / told.max(1);
        writeln!(table, "{way}: none, one, ... five and more findings: {counts:?}, {once} % once")
            .expect("a text takes what is written");
        if once < least {
            short.push(format!("{way}: {once} %, {least} % wanted"));
        }
    }
    print!("{table}");
    assert_eq!(short, [""; 0]);
}

fn each(text: &str, slip: impl Fn(Range<usize>) -> String) -> Vec<String> {
    let words = tokens(text, |c| c.is_alphanumeric() || "_-./:".contains(c));
    let code = |at: &Range<usize>| {
        let line = text[..at.start].rfind('\n').map_or(0, |end| end + 1);
        !text[line..at.start].contains("//")
    };
    words.into_iter().filter(code).map(slip).collect()
}

/// The runs of such characters, and each other one by itself but for blanks.
fn tokens(text: &str, inside: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match out.last_mut() {
            Some(last)
                if inside(c) && last.end == at && text[last.clone()].chars().all(&inside) =>
            {
                last.end = end;
            }
            _ if c.is_whitespace() && !inside(c) => {}
            _ => out.push(at..end),
        }
    }
    out.retain(|at| !text[at.clone()].trim().is_empty());
    out
}

fn without(text: &str, at: Range<usize>) -> String {
    format!("{}{}", &text[..at.start], &text[at.end..])
}

fn twice(text: &str, at: Range<usize>) -> String {
    format!("{} {}", &text[..at.end], &text[at.start..])
}

fn swapped(text: &str, at: Range<usize>) -> String {
    let word: Vec<char> = text[at.clone()].chars().collect();
    let middle = word.len() / 2;
    let mut word = word;
    if middle > 0 && word.len() > 3 {
        word.swap(middle - 1, middle);
    }
    format!("{}{}{}", &text[..at.start], word.iter().collect::<String>(), &text[at.end..])
}
