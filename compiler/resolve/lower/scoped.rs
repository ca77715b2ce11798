//! Names of templates, types and `let`s: every file has its own and those of all files that are imported without a name; what an
//! import gives a name to is reached by that name alone.

use super::Lower;
use crate::names::Sym;
use crate::resolve::hir::LetId;
use crate::source::FileId;
use rustc_hash::FxHashMap;

/// What is declared, by file and name.
#[derive(Clone)]
pub(super) struct Scoped<T> {
    own: FxHashMap<(usize, Sym), T>,
    everywhere: FxHashMap<Sym, T>,
}

impl<T> Default for Scoped<T> {
    fn default() -> Self {
        Scoped { own: FxHashMap::default(), everywhere: FxHashMap::default() }
    }
}

impl<T: Copy> Scoped<T> {
    /// What another declaration of this name would meet.
    pub(super) fn taken(&self, file: usize, name: Sym, prefixed: bool) -> Option<T> {
        let here = || self.own.get(&(file, name)).copied();
        if prefixed { here() } else { here().or_else(|| self.anywhere(name)) }
    }

    pub(super) fn insert(&mut self, file: usize, name: Sym, prefixed: bool, what: T) {
        self.own.insert((file, name), what);
        if !prefixed {
            self.everywhere.insert(name, what);
        }
    }

    /// Of this very file.
    pub(super) fn of(&self, file: usize, name: Sym) -> Option<T> {
        self.own.get(&(file, name)).copied()
    }

    /// Known without a name before it.
    pub(super) fn anywhere(&self, name: Sym) -> Option<T> {
        self.everywhere.get(&name).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.own.len()
    }

    /// All that are known without a name before them, in no order.
    pub(super) fn names(&self) -> impl Iterator<Item = Sym> {
        self.everywhere.keys().copied()
    }
}

impl Lower<'_> {
    pub(super) fn let_called(&self, file: usize, name: Sym) -> Option<LetId> {
        self.bare(&self.known.lets, file, name)
    }

    /// Whether all that is declared in a file is reached by the name of an import alone.
    pub(super) fn is_prefixed(&self, file: FileId) -> bool {
        self.input.prefixed.contains(&file)
    }

    /// What a name alone means in a file.
    pub(super) fn bare<T: Copy>(&self, of: &Scoped<T>, file: usize, name: Sym) -> Option<T> {
        let here = self.is_prefixed(self.trees[file].file).then(|| of.of(file, name));
        here.flatten().or_else(|| of.anywhere(name))
    }

    /// What `prefix.name` means in a file.
    pub(super) fn under<T: Copy>(
        &self,
        of: &Scoped<T>,
        file: usize,
        prefix: Sym,
        name: Sym,
    ) -> Option<T> {
        self.input.aliases[file].get(&prefix)?.iter().find_map(|&at| of.of(at, name))
    }

    /// The names, in order, under which a file could reach what it called by a name alone.
    pub(super) fn prefixes<T: Copy>(&self, of: &Scoped<T>, file: usize, name: Sym) -> Vec<String> {
        let all = self.input.aliases[file].keys().copied();
        let mut fitting: Vec<String> = all
            .filter(|&prefix| self.under(of, file, prefix, name).is_some())
            .map(|prefix| format!("{}.{}", self.text(prefix), self.text(name)))
            .collect();
        fitting.sort_unstable();
        fitting
    }
}
