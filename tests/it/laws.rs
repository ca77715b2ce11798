//! The laws of the language, on clusters that nobody wrote and on the repository's own.

mod dump;

use crate::generate::{Project, scale, varied};
use crate::memory::Memory;
use colabc::Compilation;
use colabc::diag::short;

pub fn compile(project: &Project) -> Compilation {
    let files = project.iter().map(|(name, text)| (name.clone(), text.clone()));
    colabc::compile(&mut Memory::new(files), "cluster.colab")
}

fn findings(compilation: &Compilation) -> String {
    short::render(&compilation.diagnostics, &compilation.sources)
}

#[test]
fn generated_clusters_are_sound() {
    for seed in 0..200 {
        let found = compile(&varied(seed));
        assert_eq!(found.errors(), 0, "varied({seed})\n{}", findings(&found));
    }
    let found = compile(&scale(120, 10, 3));
    assert!(found.diagnostics.is_empty(), "{}", findings(&found));
    assert!(scale(60, 10, 3) == scale(60, 10, 3) && scale(60, 10, 3) != scale(60, 10, 4));
}
