//! Faults, one at a time: a sound cluster in which one thing is wrong, as a hand slips.

use super::dice::Dice;
use super::{Project, varied};

/// A cluster of `varied` with one line of one of its files damaged. Most damages are faults, some
/// leave a sound cluster behind; none may do more than that to the compiler.
pub fn break_one(seed: u64) -> Project {
    let mut project = varied(seed);
    let mut dice = Dice::new(seed ^ 0x000b_ad5e_ed00);
    let names: Vec<String> = project.keys().cloned().collect();
    let name = &names[dice.below(names.len())];
    let text = project.get_mut(name).expect("a name of the project");
    let lines: Vec<&str> = text.lines().collect();
    let at = dice.below(lines.len());
    let other = lines[dice.below(lines.len())];
    let line = lines[at];
    let damaged = match dice.below(9) {
        0 => String::new(),
        1 => format!("{line}\n{line}"),
        2 => format!("{other}\n{line}"),
        3 => without_one(line, &mut dice),
        4 => twisted(line, &mut dice),
        5 => line.replacen('=', dice.pick(&["==", "+=", "-=", "", "= ="]), 1),
        6 => line.replacen('{', "", 1),
        7 => line.replacen('}', "", 1),
        _ => line.replacen('"', dice.pick(&["", "'", "\"\""]), 1),
    };
    let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    lines[at] = damaged;
    *text = lines.join("\n") + "\n";
    project
}

/// The line without one of its words.
fn without_one(line: &str, dice: &mut Dice) -> String {
    let mut words: Vec<&str> = line.split(' ').collect();
    words.remove(dice.below(words.len()));
    words.join(" ")
}

/// The line with two neighbouring letters of a word the other way round.
fn twisted(line: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = line.chars().collect();
    if letters.len() > 1 {
        let at = dice.below(letters.len() - 1);
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}
