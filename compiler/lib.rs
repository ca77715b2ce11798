//! `colabc`: from `.colab` text to the files of a cluster, in one straight line. The library is
//! pure: no reading, no writing, no clock, no environment, no printing. `main.rs` has all of that.

pub mod diag;
pub mod names;
pub mod origin;
pub mod source;
pub mod syntax;
