//! The one test binary: `cases`, the command line, the repository's own rules.

mod calendar;
mod syntax;
