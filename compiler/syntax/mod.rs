//! Text to tree, never failing, many errors a run; and back (`fmt`). Nothing here looks up a name.

mod balance;
mod faults;
mod lexer;
mod parser;
pub mod print;
mod token;
pub mod tree;

use crate::diag::Diagnostic;
use crate::names::Names;
use crate::source::FileId;
pub use print::format;
use tree::Tree;

/// Reads one file. There is always a tree: what could not be read is a `Bad` node in it, and
/// reported. The diagnostics are in order of place.
pub fn parse(file: FileId, text: &str, names: &mut Names) -> (Tree, Vec<Diagnostic>) {
    let whole = u32::try_from(text.len()).is_ok();
    let lexed = lexer::lex(file, if whole { text } else { "" });
    let mut faults = lexed.faults;
    if !whole {
        faults.push(faults::too_large(file));
    }
    let mut tokens = lexed.tokens;
    if !lexed.balanced {
        tokens = balance::balance(file, text, &tokens, &mut faults);
    }
    let (tree, found) = parser::parse(file, text, tokens, lexed.comments, names);
    faults.extend(found);
    faults.sort_by_key(|fault| fault.primary().start);
    (tree, faults)
}
