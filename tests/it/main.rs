//! The one test binary: `cases`, the command line, the repository's own rules.

mod calendar;
mod cases;
#[cfg(unix)]
mod disk;
mod formats;
mod memory;
mod pages;
mod ratchet;
mod renderers;
mod repo;
mod schema;
mod syntax;
