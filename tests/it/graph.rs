//! Pictures of clusters: what is laid out holds, whatever is drawn, and the real readers take it.

mod command;
mod impact;
mod layout;
mod page;
mod readers;

use crate::generate::{Project, scale, varied};
use crate::memory::Memory;
use crate::ratchet::root;
use colabc::Compilation;
use colabc::graph::{self, Picture, View};
use std::path::Path;

fn compile(project: &Project) -> Compilation {
    let files = project.iter().map(|(name, text)| (name.clone(), text.clone()));
    let run = colabc::compile(&mut Memory::new(files), "cluster.colab");
    assert_eq!(run.errors(), 0);
    run
}

/// The cluster that this repository describes.
pub fn own() -> Project {
    let root = root();
    let mut project = Project::new();
    for folder in ["", "nodes", "services"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "colab") {
                let name = path.strip_prefix(&root).unwrap_or(Path::new("")).to_str().unwrap();
                project.insert(name.to_owned(), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    project
}

/// Clusters of ten and a hundred services, and of what nobody thought of.
fn clusters() -> Vec<(String, Compilation)> {
    let mut all = vec![
        ("the repository's".to_string(), compile(&own())),
        ("10 services".into(), compile(&scale(1, 10, 1))),
        ("100 services".into(), compile(&scale(10, 10, 1))),
        ("100 services on one node".into(), compile(&scale(1, 100, 1))),
    ];
    all.extend((0..20).map(|seed| (format!("varied({seed})"), compile(&varied(seed)))));
    all
}

/// Every view of every cluster.
fn pictures() -> Vec<(String, Picture)> {
    let mut all = Vec::new();
    for (name, run) in clusters() {
        for &view in View::ALL {
            let picture = graph::picture(&run.resolved.model, view);
            all.push((format!("{name}, {}", view.word()), picture));
        }
    }
    all
}
