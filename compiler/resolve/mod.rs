//! From trees to values: names, layers, placement, evaluation. `lower` looks at the text once,
//! `eval` at every node; what they share is `hir`.

mod absent;
pub mod document;
pub mod edition;
pub mod eval;
pub mod follow_ups;
pub mod functions;
pub mod hir;
mod holders;
pub mod imports;
pub mod lower;
mod nameless;
pub mod notes;
mod one_cause;
mod one_lack;
mod orphans;
pub mod parsed;
pub mod properties;
mod strangers;
pub mod strays;
pub mod values;
