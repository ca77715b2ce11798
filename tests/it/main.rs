//! The one test binary: `cases`, the command line, the repository's own rules.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests touch the world and may panic"
)]

mod breaks;
mod calendar;
mod canaries;
mod cases;
#[cfg(unix)]
mod ci;
mod cli;
#[cfg(unix)]
mod consumers;
mod disk;
mod editors;
mod fields;
mod formats;
mod generate;
#[cfg(unix)]
mod graph;
mod laws;
mod lsp;
mod memory;
#[cfg(unix)]
mod origins;
mod pages;
mod ratchet;
mod renderers;
mod repo;
mod schema;
mod seeds;
mod sound;
mod syntax;
#[cfg(unix)]
mod targets;
mod unbreakable;
