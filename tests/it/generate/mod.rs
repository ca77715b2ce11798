//! Clusters that nobody wrote: large ones to measure with, small varied ones to hold the laws with,
//! and broken ones. The same seed gives the same bytes everywhere. Used by tests and benches alike.
#![allow(dead_code, unused_imports, reason = "tests and benches each use their part")]

mod broken;
mod dice;
mod scale;
mod text;
mod varied;

pub use broken::break_one;
pub use dice::Dice;
pub use scale::{Facts, Node, Service, facts, name_of, scale};
pub use varied::varied;

use std::collections::BTreeMap;

/// The files of a project by their names; its root is `cluster.colab`.
pub type Project = BTreeMap<String, String>;
