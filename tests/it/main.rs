//! The one test binary: `cases`, the command line, the repository's own rules.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests touch the world and may panic"
)]

mod breaks;
mod calendar;
mod canaries;
mod capacity;
mod cases;
#[cfg(unix)]
mod ci;
mod circles;
mod cli;
#[cfg(unix)]
mod consumers;
mod disk;
mod editors;
mod exposure;
mod fields;
mod fixes;
mod formats;
mod generate;
#[cfg(unix)]
mod graph;
#[cfg(unix)]
mod injection;
mod laws;
mod lsp;
mod memory;
mod one_slip;
#[cfg(unix)]
mod origins;
mod pages;
mod ratchet;
mod renderers;
mod repo;
mod schema;
mod seeds;
mod sound;
mod stdlib;
mod syntax;
#[cfg(unix)]
mod targets;
mod threads;
mod unbreakable;
