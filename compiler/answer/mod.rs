//! What is asked of a resolved cluster, answered: the value of an expression, and how a value came
//! to be. As text for people and as JSON for programs; nothing here prints.

pub mod capacity;
mod chain;
mod explain;
pub mod exposure;
mod find;
mod kinds;
mod layer;
pub mod line;
mod paper;
pub mod paper_line;
pub mod reference;
pub mod value;

pub use chain::{Answer, Chain, Element, Line, Mention, Overview, Said, Verdict};
pub use explain::explain;
pub use find::{Place, find};
pub use kinds::kinds;
pub use paper::{json, text};

/// The JSON Schema of what `colabc query --format json` prints.
pub const QUERY_SCHEMA: &str = include_str!("query-schema.json");
/// The JSON Schema of what `colabc explain PATH --format json` and `explain out/FILE:LINE` print.
pub const EXPLAIN_SCHEMA: &str = include_str!("explain-schema.json");
