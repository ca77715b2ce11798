//! What was parsed before, for whoever compiles one project again and again: a text that did not
//! change is not parsed twice. It can be left out everywhere without changing an answer.

use crate::diag::Diagnostic;
use crate::names::Names;
use crate::source::FileId;
use crate::syntax::tree::Tree;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The trees of the last run, with the names that they are made of.
#[derive(Default)]
pub struct Parsed {
    files: FxHashMap<String, File>,
    names: Names,
    run: u32,
    /// Whether there will be another run.
    keep: bool,
}

struct File {
    text: Arc<str>,
    /// Places in a tree hold the number of its file.
    id: FileId,
    tree: Arc<Tree>,
    faults: Vec<Diagnostic>,
    /// The run that asked for it last.
    run: u32,
}

/// So many names that no file has any more are kept; with more, everything is parsed anew.
const SPARE_NAMES: usize = 50_000;

impl Parsed {
    /// For the first of many runs; without it nothing is kept.
    pub fn kept() -> Parsed {
        Parsed { keep: true, ..Parsed::default() }
    }

    /// The names to begin a run with: those that the kept trees are made of.
    pub(crate) fn begin(&mut self) -> Names {
        self.run += 1;
        std::mem::take(&mut self.names)
    }

    /// Ends a run: what it did not ask for is forgotten.
    pub(crate) fn end(&mut self, names: &Names) {
        if !self.keep {
            return;
        }
        let run = self.run;
        self.files.retain(|_, file| file.run == run);
        let in_use: usize = self.files.values().map(|file| file.text.len()).sum();
        if names.len() > SPARE_NAMES + in_use / 8 {
            self.files.clear();
        } else {
            self.names = names.clone();
        }
    }

    /// The tree of a text, and what is wrong with it.
    pub(crate) fn parse(
        &mut self,
        name: &str,
        id: FileId,
        text: Arc<str>,
        names: &mut Names,
    ) -> (Arc<Tree>, Vec<Diagnostic>) {
        let run = self.run;
        if let Some(file) = self.files.get_mut(name)
            && file.id == id
            && file.text == text
        {
            file.run = run;
            return (file.tree.clone(), file.faults.clone());
        }
        let (tree, faults) = crate::syntax::parse(id, &text, names);
        let tree = Arc::new(tree);
        if self.keep {
            let file = File { text, id, tree: tree.clone(), faults: faults.clone(), run };
            self.files.insert(name.to_owned(), file);
        }
        (tree, faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(parsed: &mut Parsed, text: &str) -> Arc<Tree> {
        let mut names = parsed.begin();
        let (tree, _) = parsed.parse("a.colab", FileId(3), text.into(), &mut names);
        parsed.end(&names);
        tree
    }

    #[test]
    fn the_same_text_is_parsed_once() {
        let mut parsed = Parsed::kept();
        let first = parse(&mut parsed, "let a = 1");
        assert!(Arc::ptr_eq(&first, &parse(&mut parsed, "let a = 1")));
        assert!(!Arc::ptr_eq(&first, &parse(&mut parsed, "let b = 1")));
    }

    #[test]
    fn names_that_nothing_needs_do_not_pile_up() {
        let mut parsed = Parsed::kept();
        let mut most = 0;
        for round in 0..8 {
            let words: String = (0..SPARE_NAMES / 4).map(|n| format!("w{round}-{n} ")).collect();
            parse(&mut parsed, &format!("let a = [{words}]"));
            most = most.max(parsed.names.len());
        }
        assert!(most < 2 * SPARE_NAMES, "{most} names");
    }
}
