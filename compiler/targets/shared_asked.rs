//! Which targets a build has to make: those that it was asked for, and what they look at.

use super::{Emit, TARGETS, Target, is_within};
use crate::manifest::Manifest;
use crate::tree::OutTree;

pub struct Asked<'a> {
    /// By name; nothing for all of them.
    only: Option<&'a [&'a str]>,
    /// For each of `TARGETS`, whether it is made.
    made: Vec<bool>,
}

impl<'a> Asked<'a> {
    pub fn of(only: Option<&'a [&'a str]>) -> Asked<'a> {
        let asked = |target: &Target| is_asked(only, target.name);
        let looking = TARGETS.iter().rposition(|target| asked(target) && target.emit.looks());
        let seen = |at: usize, target: &Target| {
            looking.is_some_and(|last| at < last) && !matches!(target.emit, Emit::Telling { .. })
        };
        let made = TARGETS.iter().enumerate().map(|(at, it)| asked(it) || seen(at, it)).collect();
        Asked { only, made }
    }

    /// In their order.
    pub fn targets(&self) -> impl Iterator<Item = &'static Target> {
        TARGETS.iter().zip(&self.made).filter_map(|(target, made)| made.then_some(target))
    }

    /// Whether everything is made that brings files to nodes, and takes them away there.
    pub fn brings(&self) -> bool {
        TARGETS
            .iter()
            .zip(&self.made)
            .all(|(target, made)| *made || matches!(target.emit, Emit::Telling { .. }))
    }

    /// Whether something that an earlier build of these targets brought to a node is no longer brought: only who
    /// brings files knows what becomes of it there.
    pub fn takes_away(&self, tree: &OutTree, last: &Manifest) -> bool {
        last.files.iter().any(|(path, row)| {
            row.delivery.is_some()
                && is_asked(self.only, path)
                && tree.get(path).is_none_or(|file| file.delivery != row.delivery)
        })
    }

    /// The same, and all that is not only told.
    pub fn with_bringers(mut self) -> Asked<'a> {
        for (target, made) in TARGETS.iter().zip(&mut self.made) {
            *made |= !matches!(target.emit, Emit::Telling { .. });
        }
        self
    }
}

/// Of a target by its name, or of a file by its path.
fn is_asked(only: Option<&[&str]>, path: &str) -> bool {
    only.is_none_or(|names| names.iter().any(|name| is_within(path, name)))
}
