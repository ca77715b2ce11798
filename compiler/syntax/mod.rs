//! Text to tree, never failing, many errors a run; and back (`fmt`). Nothing here looks up a name.

pub mod tree;
