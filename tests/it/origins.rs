//! Every line of `out/` leads back to the sources, and to the right place: what is changed there
//! changes the line.

use crate::memory::Memory;
use crate::targets::sources;
use colabc::answer::line::{Asked, LineAnswer, Made, State, explain_line};
use colabc::manifest::{Manifest, Row};
use colabc::model::Cluster;
use colabc::targets;
use colabc::tree::{MANIFEST, OutTree};
use colabc::{Compilation, compile};
use std::collections::BTreeMap;

/// A project that is compiled and emitted, and can still be asked.
struct Asking {
    compilation: Compilation,
    tree: OutTree,
}

impl Asking {
    fn of(files: BTreeMap<String, Vec<u8>>) -> Option<Asking> {
        let mut compilation = compile(&mut Memory { files }, "cluster.colab");
        let errors = compilation.errors();
        let cluster = Cluster::of(compilation.resolved.model, errors).ok()?;
        let (tree, found) = targets::emit(&cluster);
        compilation.resolved.model = cluster.into_model();
        found.is_empty().then_some(Asking { compilation, tree })
    }

    fn ask(&mut self, path: &str, line: usize, bytes: &[u8]) -> LineAnswer {
        let written = self.tree.get(path).map(|file| Row::of(file).sha256);
        let asked = Asked { path, line: Some(line), bytes, written };
        let c = &mut self.compilation;
        explain_line(&mut c.resolved, &c.sources, &self.tree, &asked).unwrap()
    }

    /// All files with their bytes, the manifest among them.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let rows = self.tree.iter().map(|(path, file)| (path.clone(), Row::of(file)));
        let manifest = Manifest { files: rows.collect() };
        let files = self.tree.iter().map(|(path, file)| (path.to_string(), file.bytes.clone()));
        files.chain([(MANIFEST.to_owned(), manifest.to_json())]).collect()
    }
}

#[test]
fn every_line_leads_to_the_sources() {
    let mut asking = Asking::of(sources()).unwrap();
    let mut by_target: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for (path, bytes) in asking.files() {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let target = path.split('/').next().unwrap().to_owned();
        if let Some(file) = asking.tree.get(&path) {
            assert_eq!(file.lines.len(), text.lines().count(), "{path}");
        }
        for line in 1..=text.lines().count() {
            let found = asking.ask(&path, line, &bytes);
            assert_eq!(found.state, State::Current, "{path}");
            let tally = by_target.entry(target.clone()).or_default();
            let at = |span| asking.compilation.sources.file(span).name.clone();
            match &found.made {
                Made::Value { place, .. } => {
                    tally[0] += 1;
                    assert!(at(place.file).ends_with(".colab"), "{path}:{line}");
                }
                Made::Declaration { place, .. } => {
                    tally[1] += 1;
                    assert!(at(place.file).ends_with(".colab"), "{path}:{line}");
                }
                Made::Target => {
                    tally[2] += 1;
                    assert!(!found.declarations.is_empty() || path == MANIFEST, "{path}:{line}");
                    println!("{path}:{line}: {}", text.lines().nth(line - 1).unwrap());
                }
                Made::Nobody => panic!("{path}:{line} is made by nobody"),
            }
        }
    }
    println!("{by_target:#?}");
}
