//! `colabc`: from `.colab` text to the files of a cluster, in one straight line. The library is
//! pure: no reading, no writing, no clock, no environment, no printing. `main.rs` has all of that.

pub mod check;
pub mod diag;
pub mod formats;
pub mod manifest;
pub mod model;
pub mod names;
pub mod origin;
pub mod resolve;
pub mod source;
pub mod stdlib;
pub mod syntax;
pub mod targets;
pub mod tree;
pub mod types;

use diag::{Diagnostic, Severity};
use names::Names;
use resolve::eval::Resolved;
use resolve::{eval, imports, lower};
use source::{Place, Reader, Sources};
use std::sync::Arc;
use syntax::tree::Tree;

/// Everything that one run of the front half found out.
pub struct Compilation {
    pub sources: Sources,
    pub names: Arc<Names>,
    pub trees: Vec<Tree>,
    pub usage: lower::Usage,
    pub resolved: Resolved,
    /// Sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The phases and what the caller's clock said of each, in seconds.
    pub timings: Vec<(&'static str, f64)>,
}

impl Compilation {
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|d| d.severity() == Severity::Error).count()
    }
}

/// Reads the project whose root file is `root`, and all that it imports, and checks it.
pub fn compile(reader: &mut dyn Reader, root: &str) -> Compilation {
    let mut sources = Sources::default();
    let mut names = Names::default();
    let mut diagnostics = Vec::new();
    let loaded = imports::load(reader, root, &mut sources, &mut names, &mut diagnostics);
    let syntax = diagnostics.len();
    let input = lower::Input {
        sources: &sources,
        trees: &loaded.trees,
        aliases: loaded.aliases,
        prefixed: loaded.prefixed,
        embeds: loaded.embeds,
    };
    let (program, usage, found) = lower::lower(input, &mut names);
    diagnostics.extend(found);
    let names = Arc::new(names);
    let library =
        sources.iter().filter(|(_, f)| f.place == Place::Library).map(|(id, _)| id).collect();
    let trouble = diagnostics.iter().any(|d| d.severity() == Severity::Error);
    let (mut resolved, found) = eval::evaluate(program, &usage, names.clone(), library, trouble);
    resolved.model.files = sources.iter().map(|(_, file)| file.name.as_str().into()).collect();
    diagnostics.extend(found);
    diagnostics.extend(check::check(&resolved.model));
    let diagnostics = resolve::follow_ups::settle(diagnostics, syntax, &loaded.trees);
    let diagnostics = diag::sort_and_fold(diagnostics, &sources);
    Compilation {
        sources,
        names,
        trees: loaded.trees,
        usage,
        resolved,
        diagnostics,
        timings: Vec::new(),
    }
}
