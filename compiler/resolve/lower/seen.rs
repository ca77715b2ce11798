//! What one block says already: of each word and label, where it was said first.

use crate::names::Sym;
use crate::source::Span;
use crate::syntax::tree::Run;
use rustc_hash::FxHashMap;

/// Where something is said: its word, and all of the statement.
#[derive(Clone, Copy)]
pub(super) struct Stated {
    pub word: Span,
    pub all: Span,
}

/// A word with the label behind it.
pub(super) type Said = (Sym, Option<Sym>);

/// What a block says already, by word and label, and where: mostly a few.
pub(super) struct Seen {
    pub block: Run,
    few: Vec<(Said, Stated)>,
    many: FxHashMap<Said, Stated>,
}

impl Seen {
    const FEW: usize = 12;

    /// Of a block of such statements, before the first.
    pub(super) fn nothing(block: Run) -> Seen {
        let few = Vec::with_capacity(block.len().min(Seen::FEW));
        Seen { block, few, many: FxHashMap::default() }
    }

    pub(super) fn find(&self, said: Said) -> Option<Stated> {
        let few = self.few.iter().find(|(known, _)| *known == said).map(|(_, stated)| *stated);
        few.or_else(|| self.many.get(&said).copied())
    }

    pub(super) fn put(&mut self, said: Said, stated: Stated) {
        if let Some(known) = self.few.iter_mut().find(|(known, _)| *known == said) {
            known.1 = stated;
        } else if self.few.len() < Seen::FEW {
            self.few.push((said, stated));
        } else {
            self.many.insert(said, stated);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn what_was_said_is_found_where_it_was_said_last() {
        let at = |n: u32| Span::new(FileId(0), n, n + 1);
        let stated = |n: u32| Stated { word: at(n), all: at(n) };
        let said = |n: u32| (Sym(n / 2), n.is_multiple_of(2).then_some(Sym(n)));
        let count = 3 * Seen::FEW as u32;
        let mut seen = Seen::nothing(Run { start: 0, end: 4 });
        for n in 0..count {
            assert!(seen.find(said(n)).is_none());
            seen.put(said(n), stated(0));
            seen.put(said(n), stated(n));
        }
        for n in 0..count {
            assert_eq!(seen.find(said(n)).map(|stated| stated.word), Some(at(n)));
        }
        assert!(seen.find(said(count)).is_none());
    }
}
