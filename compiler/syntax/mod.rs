//! Text to tree, never failing, many errors a run; and back (`fmt`). Nothing here looks up a name.

mod balance;
pub mod cursor;
mod faults;
mod foreign;
mod lexer;
mod parser;
pub mod print;
mod rename;
mod repeated;
mod token;
pub mod tree;

use crate::diag::Diagnostic;
use crate::names::Names;
use crate::source::FileId;
pub use print::format;
pub use rename::rename;
use tree::{ExprId, Tree};

/// Reads one file. There is always a tree: what could not be read is a `Bad` node in it, and
/// reported. The diagnostics are in order of place.
pub fn parse(file: FileId, text: &str, names: &mut Names) -> (Tree, Vec<Diagnostic>) {
    let (tree, faults) = read(file, text, names);
    if faults.is_empty() {
        return (tree, faults);
    }
    let Some(mut settled) = foreign::settle(file, text, &faults) else {
        return (tree, repeated::gather(faults, text));
    };
    let (mut tree, mut faults) = read(file, &settled.rest, names);
    // What one passage hid may be another one.
    for _ in 1..PASTED_IN_PASTED {
        let Some(more) = foreign::settle(file, &settled.rest, &faults) else { break };
        settled.add(more);
        (tree, faults) = read(file, &settled.rest, names);
    }
    settled.in_text(&mut faults);
    let mut faults = repeated::gather(faults, text);
    faults.extend(settled.faults);
    faults.sort_by_key(|fault| fault.primary().start);
    (tree, faults)
}

/// How often a text is looked through for what was pasted into it.
const PASTED_IN_PASTED: usize = 3;

fn read(file: FileId, text: &str, names: &mut Names) -> (Tree, Vec<Diagnostic>) {
    let (tokens, comments, mut faults) = tokens(file, text);
    let (tree, found) = parser::parse(file, text, tokens, comments, names);
    // `mini--01` is one fault, and the number with its zero a part of it; `import a/*.colab` holds no comment.
    let mut whole: Vec<_> = found
        .iter()
        .filter(|f| matches!(f.code.id, "E0111" | "E0109" | "E0116"))
        .map(Diagnostic::primary)
        .collect();
    whole.sort_by_key(|place| place.start);
    faults.retain(|fault| {
        let part = fault.primary();
        let before = whole.partition_point(|place| place.start <= part.start);
        !whole[..before].last().is_some_and(|place| place.covers(part))
    });
    faults.extend(found);
    faults.sort_by_key(|fault| fault.primary().start);
    (tree, faults)
}

/// Reads a text that is one expression and nothing else: a question, the path of a value.
pub fn parse_expression(
    file: FileId,
    text: &str,
    names: &mut Names,
) -> (Tree, ExprId, Vec<Diagnostic>) {
    let (tokens, comments, mut faults) = tokens(file, text);
    let (tree, expr, found) = parser::parse_expression(file, text, tokens, comments, names);
    faults.extend(found);
    faults.sort_by_key(|fault| fault.primary().start);
    (tree, expr, faults)
}

fn tokens(file: FileId, text: &str) -> (Vec<token::Token>, Vec<tree::Comment>, Vec<Diagnostic>) {
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
    (tokens, lexed.comments, faults)
}
