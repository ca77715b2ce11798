//! What refuses is asked by `check`, what only tells is not; and any number of threads says the same.

use super::{refusals, sources};
use crate::generate;
use crate::memory::Memory;
use colabc::diag::{Code, Diagnostic};
use colabc::manifest::Manifest;
use colabc::model::Cluster;
use colabc::targets;

fn cluster(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Cluster {
    let mut project = Memory { files: files.into_iter().collect() };
    let compilation = colabc::compile(&mut project, "cluster.colab");
    let errors = compilation.errors();
    Cluster::of(compilation.resolved.model, errors).expect("there are no errors")
}

fn both(source: &str) -> [Vec<&'static Code>; 2] {
    let cluster = cluster([("cluster.colab".into(), source.into())]);
    let codes = |all: Vec<Diagnostic>| all.iter().map(|found| found.code).collect();
    let last = Manifest::default();
    [codes(targets::judge(&cluster, &last, 2)), codes(targets::emit_after(&cluster, &last, 2).1)]
}

#[test]
fn any_number_of_threads_says_the_same() {
    let generated = generate::scale(12, 10, 3).into_iter().map(|(name, text)| (name, text.into()));
    for cluster in [cluster(sources()), cluster(generated)] {
        let last = Manifest::default();
        let (one, _) = targets::emit_after(&cluster, &last, 1);
        for threads in [2, 3, 8] {
            let (more, found) = targets::emit_after(&cluster, &last, threads);
            assert!(found.is_empty());
            assert_eq!(one.gone, more.gone);
            assert!(one.iter().eq(more.iter()), "{threads} threads say something else");
        }
    }
}

#[test]
fn a_name_that_no_page_can_have_is_found_without_the_page() {
    let node = |name: &str| {
        format!(
            "cluster c {{ timezone = \"Etc/UTC\" }}\nnode {name} {{ arch = x86_64   os = debian(\"13\")   managed = false }}\n"
        )
    };
    assert!(both(&node("short")).concat().is_empty());
    // The page's own name is longer than the node's by `node-` and `.html`.
    let long = "n".repeat(250);
    let [checked, built] = both(&node(&long));
    assert_eq!(checked.iter().map(|code| code.id).collect::<Vec<_>>(), ["E0802"]);
    assert_eq!(checked, built);
    assert_eq!(refusals(&node(&long)), ["E0802"]);
}
