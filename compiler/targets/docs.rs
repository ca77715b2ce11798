//! The handbook: a static site that says in one place what the cluster is, what happens when a part
//! of it is gone, and what to do. It opens from a disk; a file a chapter, a page a node and service.

mod accepted;
mod backups;
mod by_hand;
mod decisions;
mod failures;
mod frame;
mod layers;
mod networks;
mod nodes;
mod operations;
mod overview;
mod paper;
mod people;
mod pictures;
mod ports;
mod runbooks;
mod secrets;
mod services;
mod sites;
mod storage;
mod values;

use super::shared_nodes as nodes_of;
use super::{Emit, File, Target, Telling};
use crate::CROWD;
use crate::formats::html::{Node, element};
use crate::formats::{Data, Emitted, Map, javascript};
use crate::graph::impact::Users;
use crate::graph::{Graph, Sort};
use crate::model::reach::Known;
use crate::model::{Cluster, Model, ThingId};
use crate::origin::Origin;
use crate::threads;
use crate::tree::OutTree;
use paper::{Nodes, slug};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::sync::Arc;

pub const TARGET: Target = Target {
    name: "docs",
    doc: "The handbook: pages for people, with search and runbooks",
    emit: Emit::Telling { named, tell, looks: true },
};

/// A part of the book, in the order of its contents.
struct Chapter {
    file: &'static str,
    title: &'static str,
    write: for<'a> fn(&Book<'a>) -> Page<'a>,
    /// What a search finds on it, beside the page itself.
    entries: fn(&Book<'_>) -> Vec<Entry>,
    below: Option<Below>,
}

/// Pages below a chapter's: one for each thing.
struct Below {
    all: fn(&Cluster) -> Vec<ThingId>,
    write: for<'a> fn(&Book<'a>, ThingId) -> Page<'a>,
    /// What a search finds the page by.
    entry: fn(&Book<'_>, ThingId) -> Entry,
}

const fn chapter(
    file: &'static str,
    title: &'static str,
    write: for<'a> fn(&Book<'a>) -> Page<'a>,
    entries: fn(&Book<'_>) -> Vec<Entry>,
) -> Chapter {
    Chapter { file, title, write, entries, below: None }
}

/// Of a chapter with nothing on it that has a name of its own.
fn none(_: &Book<'_>) -> Vec<Entry> {
    Vec::new()
}

#[rustfmt::skip] // one row a line
const CHAPTERS: &[Chapter] = &[
    chapter("index.html", "Overview", overview::page, none),
    chapter("pictures.html", "Pictures", pictures::page, none),
    Chapter { below: Some(nodes::BELOW), ..chapter("nodes.html", "Nodes", nodes::page, none) },
    Chapter { below: Some(services::BELOW), ..chapter("services.html", "Services", services::page, none) },
    chapter("networks.html", "Networks", networks::page, networks::entries),
    chapter("ports.html", "Ports", ports::page, ports::entries),
    chapter("sites.html", "Sites", sites::page, sites::entries),
    chapter("storage.html", "Storage", storage::page, storage::entries),
    chapter("backups.html", "Backups", backups::page, backups::entries),
    chapter("secrets.html", "Secrets", secrets::page, secrets::entries),
    chapter("failures.html", "Failures", failures::page, none),
    chapter("runbooks.html", "Runbooks", runbooks::page, runbooks::entries),
    chapter("operations.html", "Operations", operations::page, operations::entries),
    chapter("layers.html", "Roles and layers", layers::page, layers::entries),
    chapter("people.html", "People", people::page, people::entries),
    chapter("decisions.html", "Decisions", decisions::page, decisions::entries),
    chapter("accepted.html", "Accepted", accepted::page, none),
];

/// What is the same for every cluster.
const FIXED: &[(&str, &str)] = &[
    ("docs/style.css", include_str!("docs/style.css")),
    ("docs/search.js", include_str!("docs/search.js")),
];

/// The paths that somebody's names are in.
fn named(cluster: &Cluster) -> Vec<(String, ThingId)> {
    let below = CHAPTERS.iter().filter_map(|chapter| chapter.below.as_ref());
    let things = below.flat_map(|below| (below.all)(cluster));
    let path = |thing| format!("docs/{}", file_of(cluster.kind(thing), cluster.label(thing)));
    things.map(|thing| (path(thing), thing)).collect()
}

fn tell<'a>(cluster: &'a Cluster, out: &mut Telling<'a>) {
    for (path, text) in FIXED {
        out.put(File::new(*path), Ok(fixed((*text).into())));
    }
    let book = Arc::new(Book::of(cluster, out.tree, out.threads));
    for at in 0..book.views.len() {
        let Some(path) = book.views[at].path() else { continue };
        let of_book = book.clone();
        out.whole(path.clone(), move |_| {
            let svg = of_book.views[at].draw(&of_book);
            (File::new(path.clone()).from(cluster.cluster), Ok(fixed(svg)))
        });
    }
    for chapter in CHAPTERS {
        let of_book = book.clone();
        let path = format!("docs/{}", chapter.file);
        out.whole(path, move |to| frame::file(&of_book, chapter, (chapter.write)(&of_book), to));
        let Some(below) = &chapter.below else { continue };
        for thing in (below.all)(cluster) {
            let book = book.clone();
            let path = format!("docs/{}", file_of(cluster.kind(thing), cluster.label(thing)));
            out.later(path, move || frame::file(&book, chapter, (below.write)(&book, thing), None));
        }
    }
    let path = "docs/index.js";
    out.whole(path, move |to| {
        let index = index(&book);
        let rows = index.iter().map(Entry::row);
        (File::new(path).from(cluster.cluster), javascript::constant("INDEX", rows, to))
    });
}

/// What a search finds: each chapter, what stands on it, and the pages below.
fn index(book: &Book<'_>) -> Vec<Entry> {
    let mut index = Vec::new();
    for chapter in CHAPTERS {
        index.push(Entry::new("chapter", chapter.title, chapter.file.into(), String::new()));
        index.extend((chapter.entries)(book));
        if let Some(below) = &chapter.below {
            let things = (below.all)(book.cluster);
            index.extend(things.into_iter().map(|thing| (below.entry)(book, thing)));
        }
    }
    index
}

/// A text whose lines came from no single value.
fn fixed(text: String) -> Emitted {
    Emitted { lines: vec![Origin::NONE; text.lines().count()], text }
}

/// What every page may ask.
struct Book<'a> {
    cluster: &'a Cluster,
    /// What all pages hold alike.
    alike: frame::Alike,
    graph: Graph,
    views: Vec<pictures::Seen>,
    users: Users,
    /// The places in the graph of a thing; a service has one for each of its nodes.
    places: FxHashMap<ThingId, Vec<usize>>,
    ports: Vec<ports::Published>,
    decisions: FxHashMap<ThingId, Vec<ThingId>>,
    /// What the other targets emitted.
    tree: &'a OutTree,
    /// Where each share is mounted.
    mounted: nodes::Mounted,
    /// What backups save.
    saved: backups::Saved,
    /// The files that are brought to a node, by its name.
    brought: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Book<'a> {
    fn of(cluster: &'a Cluster, tree: &'a OutTree, threads: usize) -> Book<'a> {
        let services = cluster.services();
        let (mut drawn, mut published, mut brought) = (None, None, BTreeMap::new());
        let (mut places, mut decided) = (None, None);
        threads::together(
            vec![
                Box::new(|| {
                    let graph = Graph::of(cluster);
                    // Small ones are seen before threads are started.
                    let threads = if cluster.instances.len() < CROWD { 1 } else { threads };
                    let views = pictures::seen(cluster.model(), &graph, threads);
                    drawn = Some((Users::of(&graph), places_of(&graph, &services), views, graph));
                }),
                Box::new(|| brought = brought_to(tree)),
                Box::new(|| {
                    let instances = nodes_of::instances(cluster);
                    let nodes = nodes_of::nodes(cluster);
                    published = Some(ports::published(cluster, &instances, &nodes));
                }),
                Box::new(|| {
                    places = Some((nodes::mounted(cluster), backups::saved_places(cluster)));
                    decided = Some(decisions::by_thing(cluster, &services));
                }),
            ],
            threads,
        );
        let done = "all of it was done";
        let (users, places_of, views, graph) = drawn.expect(done);
        let (mounted, saved) = places.expect(done);
        let name = cluster.cluster.map_or("cluster", |top| cluster.label(top));
        Book {
            cluster,
            alike: frame::Alike::of(name),
            graph,
            views,
            users,
            places: places_of,
            ports: published.expect(done),
            decisions: decided.expect(done),
            tree,
            mounted,
            saved,
            brought,
        }
    }

    fn model(&self) -> &'a Model {
        self.cluster.model()
    }

    fn known(&self) -> Known<'a> {
        Known(self.cluster.model())
    }

    /// The things of a kind, in order of name; those that are left out are gone already.
    fn all(&self, kind: &str) -> Vec<ThingId> {
        nodes_of::all(self.cluster, kind)
    }

    /// A vertex of the graph by its name, with a link to what it stands for.
    fn vertex(&self, at: usize) -> Node<'a> {
        let vertex = &self.graph.vertices[at];
        let word = match vertex.sort {
            Sort::Service => String::new(),
            sort => format!("{} ", sort.word()),
        };
        match self.href(vertex.thing) {
            Some(href) => {
                element("span").text(word).child(paper::link(href, vertex.name.clone())).into()
            }
            None => paper::code(vertex.name.clone()),
        }
    }

    fn name(&self) -> &'a str {
        self.cluster.cluster.map_or("cluster", |top| self.cluster.label(top))
    }
}

fn places_of(
    graph: &Graph,
    services: &FxHashMap<ThingId, ThingId>,
) -> FxHashMap<ThingId, Vec<usize>> {
    let mut places: FxHashMap<ThingId, Vec<usize>> = FxHashMap::default();
    for (at, vertex) in graph.vertices.iter().enumerate() {
        places.entry(vertex.thing).or_default().push(at);
        if let Some(&service) = services.get(&vertex.thing) {
            places.entry(service).or_default().push(at);
        }
    }
    places
}

fn brought_to(tree: &OutTree) -> BTreeMap<&str, Vec<&str>> {
    let mut brought: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, file) in tree.iter() {
        if let Some(delivery) = &file.delivery {
            brought.entry(&*delivery.node).or_default().push(path);
        }
    }
    brought
}

/// One page before it gets its frame.
struct Page<'a> {
    file: String,
    title: String,
    /// What stands under the title: one or two sentences.
    lead: Nodes<'a>,
    body: Nodes<'a>,
    made_from: Vec<ThingId>,
}

impl<'a> Page<'a> {
    fn new(file: &str, title: &str, lead: Nodes<'a>) -> Page<'a> {
        Page {
            file: file.into(),
            title: title.into(),
            lead,
            body: Nodes::new(),
            made_from: Vec::new(),
        }
    }

    fn out(&self) -> File {
        File::new(format!("docs/{}", self.file)).from(self.made_from.iter().copied())
    }
}

/// Something that the search finds.
#[derive(Clone)]
struct Entry {
    kind: &'static str,
    title: String,
    href: String,
    /// What else it is found by.
    words: String,
}

impl Entry {
    fn new(kind: &'static str, title: &str, href: String, words: String) -> Entry {
        Entry { kind, title: paper::shown(title).into_owned(), href, words }
    }

    /// At a place on a page.
    fn at(kind: &'static str, title: &str, file: &str, id: &str, words: String) -> Entry {
        Entry::new(kind, title, format!("{file}#{id}"), words)
    }

    fn row(&self) -> Data<'_> {
        let words = paper::shown(self.words.as_str()).into_owned();
        Map::new()
            .with("kind", self.kind)
            .with("title", &*self.title)
            .with("href", &*self.href)
            .with("words", Data::text(words))
            .into()
    }
}

/// The id of a thing on its page.
fn id(kind: &str, label: &str) -> String {
    [kind, "-", &slug(label)].concat()
}

fn file_of(kind: &str, label: &str) -> String {
    [kind, "-", &slug(label), ".html"].concat()
}
