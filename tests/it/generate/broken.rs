//! Faults, one at a time.

use super::Project;

pub fn break_one(seed: u64) -> Project {
    let _ = seed;
    Project::new()
}
