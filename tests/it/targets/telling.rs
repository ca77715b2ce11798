//! What refuses is asked by `check`, what only tells is not; and any number of threads says the same.

use super::sources;
use crate::generate;
use crate::memory::Memory;
use crate::ratchet::root;
use colabc::check;
use colabc::manifest::{Manifest, Row};
use colabc::model::Cluster;
use colabc::targets::{self, TARGETS};
use colabc::threads::ALWAYS;
use colabc::tree::{Mode, OutTree};
use std::borrow::Cow;
use std::collections::BTreeMap;

fn cluster(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Cluster {
    let mut project = Memory { files: files.into_iter().collect() };
    let compilation = colabc::compile(&mut project, "cluster.colab");
    let errors = compilation.errors();
    Cluster::of(compilation.resolved.model, errors).expect("there are no errors")
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

/// What a build leaves of a tree.
fn left(tree: &OutTree) -> Manifest {
    let files = tree.iter().map(|(path, file)| (path.clone(), Row::of(file))).collect();
    Manifest { files, gone: tree.gone.clone() }
}

#[test]
fn a_target_by_itself_says_what_it_says_among_all() {
    let cluster = cluster(sources());
    let last = Manifest::default();
    let (whole, _) = targets::emit_after(&cluster, &last, 2);
    for target in TARGETS {
        let only: &[&str] = &[target.name];
        let (some, found) = targets::emit_only(&cluster, &last, Some(only), 2);
        assert!(found.is_empty(), "{}", target.name);
        let output = targets::output(&cluster, &some, Some(only), 2);
        let own = output.iter().filter(|(path, _)| target.makes(path));
        let own: BTreeMap<&str, _> = own.map(|(path, file)| (path, file.file())).collect();
        let all = whole.iter().filter(|(path, _)| target.makes(path));
        let all: BTreeMap<&str, _> =
            all.map(|(path, file)| (&**path, Cow::Borrowed(file))).collect();
        assert!(own == all, "{}", target.name);
    }
    let (hosts, _) = targets::emit_only(&cluster, &last, Some(&["hosts", "fstab"]), 2);
    let output = targets::output(&cluster, &hosts, Some(&["hosts", "fstab"]), 2);
    let mut paths = output.iter().map(|(path, _)| path);
    assert!(paths.all(|path| path.starts_with("hosts/") || path.starts_with("fstab/")));
}

#[test]
fn what_is_given_piece_by_piece_is_the_whole() {
    let generated = generate::scale(30, 10, 3).into_iter().map(|(name, text)| (name, text.into()));
    let mut most = 0;
    for cluster in [cluster(sources()), cluster(generated)] {
        let (tree, _) = targets::emit_only(&cluster, &Manifest::default(), None, 2);
        let output = targets::output(&cluster, &tree, None, 2);
        for (path, wanted) in output.iter() {
            let Some(make) = wanted.make() else { continue };
            let mut given = Vec::new();
            let mut pieces = 0;
            let rest = make(Some(&mut |piece| {
                given.extend_from_slice(piece.as_bytes());
                pieces += 1;
            }));
            let rest = rest.expect("it can be said");
            given.extend_from_slice(&rest.bytes);
            let whole = wanted.file();
            assert!(given == whole.bytes, "{path}");
            assert_eq!((rest.mode, whole.mode), (Mode::Plain, Mode::Plain), "{path}");
            assert_eq!(rest.delivery, whole.delivery, "{path}");
            assert_eq!(rest.declarations, whole.declarations, "{path}");
            most = most.max(pieces);
        }
    }
    assert!(most > 2, "nothing came in pieces");
}

#[test]
fn what_a_target_no_longer_brings_is_taken_away_also_where_it_is_built_by_itself() {
    let cluster = cluster(sources());
    let (whole, _) = targets::emit_after(&cluster, &Manifest::default(), 2);
    let mut last = left(&whole);
    let only = |last: &Manifest, name| targets::emit_only(&cluster, last, Some(&[name]), 2).0;
    assert!(only(&last, "ssh").gone.is_empty());
    let brought = whole.iter().find(|(path, _)| path.starts_with("ssh/")).expect("there is one");
    let mut old = Row::of(brought.1);
    let delivery = old.delivery.as_mut().expect("it is brought somewhere");
    delivery.destination = "~/.ssh/of-old".into();
    last.files.insert("ssh/of-old".into(), old);
    let (after, _) = targets::emit_after(&cluster, &last, 2);
    assert_eq!(after.gone.len(), 1);
    assert_eq!(only(&last, "ssh").gone, after.gone);
    // What is not its own it leaves to others, as the last build left it.
    assert!(only(&last, "hosts").gone.is_empty());
    assert_eq!(only(&left(&after), "hosts").gone, after.gone);
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let seeds = root().join("tests/seeds-as-written/design/cluster.colab");
    let mut project = Memory::new([("cluster.colab", std::fs::read(seeds).unwrap())]);
    let model = colabc::compile(&mut project, "cluster.colab").resolved.model;
    let one = check::on_threads(&model, 1, ALWAYS);
    assert!(one.len() > 10, "{one:#?}");
    for threads in [2, 3, 8] {
        assert_eq!(check::on_threads(&model, threads, ALWAYS), one, "{threads} threads");
    }
}
