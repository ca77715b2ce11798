//! The names that are declared, as whoever looks for one that is not there compares them: put in order once.

use super::Lower;
use crate::model::schema::ShapeId;
use crate::types::distance::Neighbours;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// By the kinds that are asked for, whether things inside of others count, and how many names there were.
pub(super) type Declared = FxHashMap<(Option<Box<[ShapeId]>>, bool, usize), Arc<Neighbours>>;

impl Lower<'_> {
    /// What is declared of these kinds; of any kind, and as a `let`, where none is wanted.
    pub(super) fn declared_names(&mut self, wanted: Option<&[ShapeId]>) -> Arc<Neighbours> {
        self.in_order((wanted.map(Box::from), false))
    }

    /// With those that stand inside of others and are found by their own name.
    pub(super) fn declared_or_nested(&mut self, shape: ShapeId) -> Arc<Neighbours> {
        self.in_order((Some(Box::from([shape])), true))
    }

    fn in_order(&mut self, (wanted, nested): (Option<Box<[ShapeId]>>, bool)) -> Arc<Neighbours> {
        let (program, known) = (&self.program, &self.known);
        let count = program.decls.len() + known.lets.len() + known.nested.len();
        let key = (wanted, nested, count);
        if let Some(names) = self.declared.get(&key) {
            return names.clone();
        }
        let fits = |shape| key.0.as_deref().is_none_or(|wanted| wanted.contains(&shape));
        let decls = program.decls.iter().filter(|d| !d.library && fits(d.shape)).map(|d| d.name);
        let lets = known.lets.names().filter(|_| key.0.is_none());
        let nested = known.nested.keys().filter(|_| nested);
        let inner = nested.filter(|(shape, _)| fits(*shape)).map(|(_, name)| *name);
        let all = decls.chain(lets).chain(inner).map(|name| self.text(name).to_string());
        let names = Arc::new(Neighbours::new(all));
        self.declared.insert(key, names.clone());
        names
    }
}
