//! What was parsed before, for whoever compiles one project again and again: a text that did not
//! change is not parsed twice. It can be left out everywhere without changing an answer.

use crate::diag::Diagnostic;
use crate::names::{Names, Sym};
use crate::source::{FileId, Place, SourceFile, Sources};
use crate::syntax::tree::Tree;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The trees of the last run, with the names that they are made of.
#[derive(Default, Clone)]
pub struct Parsed {
    files: FxHashMap<String, File>,
    names: Names,
    run: u32,
    /// Whether there will be another run.
    keep: bool,
}

#[derive(Clone)]
struct File {
    source: Arc<SourceFile>,
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

    /// For the last of many runs: whatever it asks for is its own.
    pub fn last(self) -> Parsed {
        Parsed { keep: false, ..self }
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

    /// The trees of some texts, and what is wrong with each, on so many threads.
    pub(crate) fn parse(
        &mut self,
        texts: &[Text],
        names: &mut Names,
        threads: usize,
    ) -> Vec<(Arc<Tree>, Vec<Diagnostic>)> {
        let run = self.run;
        let known: Vec<_> = texts.iter().map(|text| self.known(text)).collect();
        let new: Vec<&Text> =
            texts.iter().zip(&known).filter(|(_, known)| known.is_none()).map(|(t, _)| t).collect();
        let bytes: usize = new.iter().map(|text| text.text.len()).sum();
        let mut made = match threads.min(bytes / crate::threads::WORTH_ONE) {
            0 | 1 => new.iter().map(|text| parse(text, names)).collect(),
            threads => apart(&new, names, threads),
        }
        .into_iter();
        let of_text = |(text, known): (&Text, Option<_>)| {
            let (tree, faults) = known.or_else(|| made.next())?;
            if self.keep {
                let (source, text) = (text.source.clone(), text.text.clone());
                let name = source.name.clone();
                let (id, kept) = (tree.file, (tree.clone(), faults.clone()));
                self.files.insert(name, File { source, text, id, tree, faults, run });
                return Some(kept);
            }
            Some((tree, faults))
        };
        texts.iter().zip(known).filter_map(of_text).collect()
    }

    /// A file with its lines and all that is known of its text alone; of an unchanged one, the same.
    pub(crate) fn source(
        &self,
        name: &str,
        place: Place,
        text: impl AsRef<str> + Into<Arc<str>>,
    ) -> Arc<SourceFile> {
        let known = self.files.get(name).map(|file| &file.source);
        match known.filter(|known| known.place == place && *known.text == *text.as_ref()) {
            Some(known) => known.clone(),
            None => Arc::new(SourceFile::new(name, place, text)),
        }
    }

    fn known(&mut self, text: &Text) -> Option<(Arc<Tree>, Vec<Diagnostic>)> {
        let file = self.files.get(&text.source.name)?;
        if file.id != text.id || file.text != text.text {
            return None;
        }
        if self.keep {
            return Some((file.tree.clone(), file.faults.clone()));
        }
        self.files.remove(&text.source.name).map(|file| (file.tree, file.faults))
    }
}

/// The trees of files that were parsed before, with these names, when nothing was found in them.
pub(crate) fn again(
    files: &[FileId],
    sources: &Sources,
    names: &Names,
    threads: usize,
) -> Vec<Arc<Tree>> {
    let mut known = names.clone();
    let texts: Vec<Text> = files.iter().map(|&id| Text::of(sources.shared(id), id)).collect();
    let trees = Parsed::default().parse(&texts, &mut known, threads);
    debug_assert_eq!(known.len(), names.len(), "every name in them is known");
    trees.into_iter().map(|(tree, _)| tree).collect()
}

/// A text to parse, with its file and its number. Of a file that is no text at all, it is empty.
pub(crate) struct Text {
    pub source: Arc<SourceFile>,
    pub id: FileId,
    pub text: Arc<str>,
}

impl Text {
    pub fn of(source: Arc<SourceFile>, id: FileId) -> Text {
        Text { text: source.text.clone(), source, id }
    }
}

fn parse(text: &Text, names: &mut Names) -> (Arc<Tree>, Vec<Diagnostic>) {
    let (tree, faults) = crate::syntax::parse(text.id, &text.text, names);
    (Arc::new(tree), faults)
}

/// Each text with names of its own, which get their numbers in the order of the texts: the same
/// numbers as with one thread.
fn apart(texts: &[&Text], names: &mut Names, threads: usize) -> Vec<(Arc<Tree>, Vec<Diagnostic>)> {
    let parsed = crate::threads::each(texts, threads, |text| {
        let mut own = Names::default();
        let (tree, faults) = crate::syntax::parse(text.id, &text.text, &mut own);
        (tree, faults, own)
    });
    let named = parsed.into_iter().map(|(tree, faults, own)| {
        let of_run: Vec<Sym> = own.iter().map(|name| names.intern(name)).collect();
        (tree, faults, of_run)
    });
    crate::threads::each_of(named.collect(), threads, |(mut tree, faults, of_run)| {
        crate::syntax::rename(&mut tree, &of_run);
        (Arc::new(tree), faults)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(parsed: &mut Parsed, text: &str) -> Arc<Tree> {
        let mut names = parsed.begin();
        let text = Text::of(parsed.source("a.colab", Place::Project, text), FileId(3));
        let (tree, _) = parsed.parse(&[text], &mut names, 1).remove(0);
        parsed.end(&names);
        tree
    }

    #[test]
    fn threads_change_nothing() {
        let word = |n: usize| format!("let n{n} = [w{}, {n}, \"t{}\"]\n", n % 7, n % 50);
        let text = |file: usize| (0..9_000).map(|n| word(n * (file + 1))).collect::<String>();
        let text = |file| {
            let source = SourceFile::new("", Place::Project, text(file as usize));
            Text::of(source.into(), FileId(file))
        };
        let texts: Vec<Text> = (0..5).map(text).collect();
        let all = |threads| {
            let mut names = Names::default();
            names.intern("first");
            let trees = Parsed::default().parse(&texts, &mut names, threads);
            (format!("{trees:?}"), names.iter().map(str::to_owned).collect::<Vec<_>>())
        };
        let one = all(1);
        assert!((2..=8).all(|threads| all(threads) == one));
    }

    #[test]
    fn the_same_text_is_parsed_once() {
        let mut parsed = Parsed::kept();
        let first = parse(&mut parsed, "let a = 1");
        assert!(Arc::ptr_eq(&first, &parse(&mut parsed, "let a = 1")));
        assert!(!Arc::ptr_eq(&first, &parse(&mut parsed, "let b = 1")));
        let known = parsed.source("a.colab", Place::Project, "let b = 1");
        let again = |place, text| Arc::ptr_eq(&known, &parsed.source("a.colab", place, text));
        assert!(again(Place::Project, "let b = 1"));
        assert!(!again(Place::Project, "let b = 2"));
        assert!(!again(Place::Library, "let b = 1"));
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
