//! Programs with faults, made from sound ones.

use super::generate::render;
use super::words::Piece;
use crate::generate::Dice;

/// The same tokens with one to three faults; they may happen to be sound.
pub fn mutate(pieces: &[Piece], dice: &mut Dice) -> String {
    let mut pieces = pieces.to_vec();
    let bytes = dice.one_in(4);
    for _ in 0..1 + dice.below(3) {
        if pieces.is_empty() || bytes {
            break;
        }
        let at = dice.below(pieces.len());
        match dice.below(6) {
            0 | 1 => drop(pieces.remove(at)),
            2 => pieces.insert(at, pieces[at].clone()),
            3 => {
                let other = dice.below(pieces.len());
                pieces.swap(at, other);
            }
            4 => pieces[at].glued = !pieces[at].glued,
            _ => {
                let text = dice.pick(&[
                    "{", "}", "(", ")", "[", "]", "=", ":", ",", ".", "in", "from", "as", "\"",
                    "'", "-", "/", "${", "::", "1.2.3", "\"\"\"", "if", ">", ">=",
                ]);
                pieces.insert(at, Piece { text: text.to_owned(), glued: dice.one_in(2) });
            }
        }
    }
    let mut text = render(&pieces, dice);
    if bytes {
        for _ in 0..1 + dice.below(3) {
            flip(&mut text, dice);
        }
    }
    text
}

/// Replaces, drops or adds one character.
fn flip(text: &mut String, dice: &mut Dice) {
    let at = dice.below(text.len() + 1);
    let Some(at) = (0..=at).rev().find(|&at| text.is_char_boundary(at)) else { return };
    let with = dice.pick(&[
        "", "\"", "'", "{", "}", "$", "\\", "\n", "\r", "/", "-", ".", ":", "0", "a", "_", "=",
        ">", "é", "\u{202e}", "\u{a0}", "\u{feff}", " ", "#", ";", "*", "|", "?",
    ]);
    let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
    let end = if dice.one_in(2) { end } else { at };
    text.replace_range(at..end, with);
}
