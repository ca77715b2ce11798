//! One escaping writer a format. A target describes what a file says; only these modules know how
//! its format spells it, so that no value of a user's can become structure.

use crate::origin::Origin;

/// A finished text and, for each of its lines, where the line came from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Emitted {
    pub text: String,
    /// One entry a line; `Origin::NONE` for what the compiler says by itself.
    pub lines: Vec<Origin>,
}

/// A value that a format cannot say. The target turns it into a diagnostic at the value's origin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsayable {
    pub origin: Origin,
    /// What is wrong, for a person: "a line of fstab cannot hold a newline".
    pub why: String,
}

/// A value as a document of that format: `yaml`, `json`, `toml`, `ini`.
pub fn document(format: &str, value: &serde_json::Value) -> Result<String, String> {
    match format {
        "json" => serde_json::to_string_pretty(value).map(|t| t + "\n").map_err(|e| e.to_string()),
        other => Err(format!("no writer for {other}")),
    }
}
