//! The two clusters that the targets' tests look at, built once.

use super::Built;
use crate::memory::Memory;
use colabc::diag::human;
use colabc::model::{Cluster, ThingId};
use colabc::targets;
use std::sync::OnceLock;

/// This repository's cluster.
pub fn first() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(Built::repo)
}

const SECOND: &str = include_str!("second.colab");

/// The other one.
pub fn second() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| Built::text_of(SECOND))
}

/// The other one after a change.
pub fn changed(from: &str, to: &str) -> Built {
    Built::text_of(&with(from, to))
}

/// What the compiler says where the other one cannot be emitted after a change.
pub fn refused(from: &str, to: &str) -> String {
    let mut memory = Memory::new([("cluster.colab", with(from, to))]);
    let compilation = colabc::compile(&mut memory, "cluster.colab");
    let errors = compilation.errors();
    let found = match Cluster::of(compilation.resolved.model, errors) {
        Ok(cluster) => targets::emit(&cluster).1,
        Err(_) => compilation.diagnostics,
    };
    assert!(!found.is_empty(), "it is emitted");
    let found = colabc::diag::sort_and_fold(found, &compilation.sources);
    human::render(&found, &compilation.sources, &human::Look::default())
}

fn with(from: &str, to: &str) -> String {
    assert!(SECOND.contains(from), "the second cluster does not hold {from:?}");
    SECOND.replace(from, to)
}

pub fn find(built: &Built, kind: &str, name: &str) -> ThingId {
    built.cluster.find(kind, name).unwrap_or_else(|| panic!("there is no {kind} {name}"))
}
