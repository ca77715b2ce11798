//! Real files in real folders: what a build writes, keeps, refuses and survives.

// The module belongs to the binary; the tests read and write by it alone.
#[path = "../../compiler/cli"]
mod cli {
    pub mod disk;
}

use cli::disk::*;
