//! The syntax: parser and grammar of record agree, faults are found where they are, `fmt` keeps
//! what it prints.

<<<<<<< HEAD
=======
mod corpus;
mod faults;
mod generate;
mod grammar;
mod limits;
mod outline;
mod print;

>>>>>>> syntax
use colabc::diag::Diagnostic;
use colabc::names::Names;
use colabc::source::FileId;
use colabc::syntax::{parse, tree::Tree};

fn read(text: &str) -> (Tree, Vec<Diagnostic>, Names) {
    let mut names = Names::default();
    let (tree, faults) = parse(FileId(0), text, &mut names);
    (tree, faults, names)
}
<<<<<<< HEAD

#[test]
fn smoke() {
    let Ok(path) = std::env::var("COLAB_SMOKE") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let (tree, faults, _) = read(&text);
    for f in &faults {
        let s = f.primary();
        let line = text[..s.start as usize].matches('\n').count() + 1;
        println!("{} {}:{}..{} {}", f.code.id, line, s.start, s.end, f.message);
    }
    println!("{} top, {} stmts, {} exprs", tree.top.len(), tree.stmts.len(), tree.exprs.len());
}
=======
>>>>>>> syntax
