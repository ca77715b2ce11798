//! What is asked of a resolved cluster, answered: the value of an expression, and how a value came
//! to be. As text for people and as JSON for programs; nothing here prints.

pub mod value;

/// The JSON Schema of what `colabc query --format json` prints.
pub const QUERY_SCHEMA: &str = include_str!("query-schema.json");
