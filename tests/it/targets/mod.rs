//! What the targets emit, read by the real readers: for the repository's cluster and for others.

use crate::memory::Memory;
use crate::ratchet::root;
use colabc::diag::Severity;
use colabc::manifest::Manifest;
use colabc::model::Cluster;
use colabc::targets;
use colabc::tree::OutTree;
use std::collections::BTreeMap;
use std::path::Path;

mod agreeing;
mod ansible;
mod backup;
mod both;
mod caddy;
mod chezmoi;
mod clustershell;
mod cockpit;
mod compose;
mod docker;
mod docs;
mod files;
pub mod fstab;
mod growth;
mod headscale;
mod hosts;
mod macos;
mod mise;
mod model;
mod narrow;
mod newcomer;
mod pihole;
mod prometheus;
mod samba;
mod ssh;
mod systemd;
mod telling;
mod tmux;
mod windows;

/// A cluster and all that was emitted for it.
pub struct Built {
    pub cluster: Cluster,
    pub tree: OutTree,
}

impl Built {
    /// Compiles a project whose root is `cluster.colab`; it must be sound.
    pub fn of(files: BTreeMap<String, Vec<u8>>) -> Built {
        Built::after(files, &Manifest::default())
    }

    /// The same after an earlier build.
    pub fn after(files: BTreeMap<String, Vec<u8>>, last: &Manifest) -> Built {
        let mut project = Memory { files };
        let compilation = colabc::compile(&mut project, "cluster.colab");
        let errors: Vec<_> =
            compilation.diagnostics.iter().filter(|d| d.severity() == Severity::Error).collect();
        let messages: Vec<_> = errors.iter().map(|d| &d.message).collect();
        assert!(errors.is_empty(), "{messages:#?}");
        let cluster = Cluster::of(compilation.resolved.model, 0).expect("there are no errors");
        let (tree, found) = targets::emit_after(&cluster, last, 2);
        assert!(found.is_empty(), "{found:#?}");
        assert_eq!(targets::judge(&cluster, last, 2).1, [], "`check` finds what `build` does");
        Built { cluster, tree }
    }

    pub fn text_of(source: &str) -> Built {
        Built::of([("cluster.colab".to_string(), source.as_bytes().to_vec())].into())
    }

    /// The repository's own cluster.
    pub fn repo() -> Built {
        Built::of(sources())
    }

    pub fn text(&self, path: &str) -> String {
        let file = self.tree.get(path).unwrap_or_else(|| panic!("nothing was emitted as {path}"));
        String::from_utf8(file.bytes.clone()).unwrap()
    }

    /// Writes what was emitted below a folder.
    pub fn write(&self, folder: &Path) {
        for (path, file) in self.tree.iter() {
            let path = folder.join(&**path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &file.bytes).unwrap();
        }
    }
}

/// The sources of the repository's own cluster.
pub fn sources() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder in ["", "nodes", "services"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "colab") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The codes with which the targets refuse a cluster that is sound as such.
pub fn refusals(source: &str) -> Vec<&'static str> {
    let mut project = Memory { files: [("cluster.colab".into(), source.into())].into() };
    let compilation = colabc::compile(&mut project, "cluster.colab");
    let errors = compilation.errors();
    let Ok(cluster) = Cluster::of(compilation.resolved.model, errors) else {
        return compilation.diagnostics.iter().map(|d| d.code.id).collect();
    };
    let (_, found) = targets::emit(&cluster);
    let (_, judged) = targets::judge(&cluster, &Manifest::default(), 1);
    assert_eq!(judged, found, "`check` finds what `build` does");
    found.iter().map(|d| d.code.id).collect()
}
