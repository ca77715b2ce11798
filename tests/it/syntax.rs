//! The syntax: parser and grammar of record agree, faults are found where they are, `fmt` keeps
//! what it prints.

pub mod corpus;
mod faults;
mod generate;
mod grammar;
mod limits;
mod mutate;
mod outline;
mod print;
mod words;

use colabc::diag::Diagnostic;
use colabc::names::Names;
use colabc::source::FileId;
use colabc::syntax::{parse, tree::Tree};

pub use print::keeps;

/// A program that the grammar allows.
pub fn sound_text(seed: u64) -> String {
    let mut dice = crate::generate::Dice::new(seed);
    let pieces = generate::sound(&mut dice);
    generate::render(&pieces, &mut dice)
}

fn read(text: &str) -> (Tree, Vec<Diagnostic>, Names) {
    let mut names = Names::default();
    let (tree, faults) = parse(FileId(0), text, &mut names);
    (tree, faults, names)
}
