//! The handbook: a static site that says in one place what the cluster is, what happens when a part
//! of it is gone, and what to do. It opens from a disk; a file a chapter, a page a node and service.

mod accepted;
mod backups;
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
use super::{Emission, File, Target};
use crate::formats::{Data, Emitted, Map, javascript};
use crate::graph::Graph;
use crate::graph::impact::Users;
use crate::model::reach::Known;
use crate::model::{Cluster, Model, ThingId};
use crate::origin::Origin;
use crate::tree::OutTree;
use paper::{Nodes, slug};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

pub const TARGET: Target =
    Target { name: "docs", doc: "The handbook: pages for people, with search and runbooks", emit };

/// A part of the book, in the order of its contents.
struct Chapter {
    file: &'static str,
    title: &'static str,
    /// Its page, and the pages below it.
    write: for<'a> fn(&Book<'a>) -> Vec<Page<'a>>,
}

#[rustfmt::skip] // one row a line
const CHAPTERS: &[Chapter] = &[
    Chapter { file: "index.html", title: "Overview", write: overview::pages },
    Chapter { file: "pictures.html", title: "Pictures", write: pictures::pages },
    Chapter { file: "nodes.html", title: "Nodes", write: nodes::pages },
    Chapter { file: "services.html", title: "Services", write: services::pages },
    Chapter { file: "networks.html", title: "Networks", write: networks::pages },
    Chapter { file: "ports.html", title: "Ports", write: ports::pages },
    Chapter { file: "sites.html", title: "Sites", write: sites::pages },
    Chapter { file: "storage.html", title: "Storage", write: storage::pages },
    Chapter { file: "backups.html", title: "Backups", write: backups::pages },
    Chapter { file: "secrets.html", title: "Secrets", write: secrets::pages },
    Chapter { file: "failures.html", title: "Failures", write: failures::pages },
    Chapter { file: "runbooks.html", title: "Runbooks", write: runbooks::pages },
    Chapter { file: "operations.html", title: "Operations", write: operations::pages },
    Chapter { file: "layers.html", title: "Roles and layers", write: layers::pages },
    Chapter { file: "people.html", title: "People", write: people::pages },
    Chapter { file: "decisions.html", title: "Decisions", write: decisions::pages },
    Chapter { file: "accepted.html", title: "Accepted", write: accepted::pages },
];

/// What is the same for every cluster.
const FIXED: &[(&str, &str)] = &[
    ("docs/style.css", include_str!("docs/style.css")),
    ("docs/search.js", include_str!("docs/search.js")),
];

fn emit(cluster: &Cluster, out: &mut Emission) {
    for (path, text) in FIXED {
        out.put(File::new(*path), Ok(fixed((*text).into())));
    }
    let mut index = Vec::new();
    let mut pages = Vec::new();
    {
        let book = Book::of(cluster, out.tree());
        for chapter in CHAPTERS {
            for mut page in (chapter.write)(&book) {
                for (file, text) in page.pictures.drain(..) {
                    pages.push((format!("docs/{file}"), page.made_from.clone(), Ok(fixed(text))));
                }
                if page.file == chapter.file {
                    index.push(Entry::chapter(chapter));
                }
                index.extend(page.entries.iter().cloned());
                let made_from = page.made_from.clone();
                let file = format!("docs/{}", page.file);
                pages.push((file, made_from, frame::write(&book, chapter, page)));
            }
        }
    }
    for (file, made_from, written) in pages {
        out.put(File::new(file).from(made_from), written);
    }
    let rows: Vec<Data> = index.iter().map(Entry::row).collect();
    let file = File::new("docs/index.js").from(cluster.cluster);
    out.put(file, javascript::constant("INDEX", &rows));
}

/// A text whose lines came from no single value.
fn fixed(text: String) -> Emitted {
    Emitted { lines: vec![Origin::NONE; text.lines().count()], text }
}

/// What every page may ask.
struct Book<'a> {
    cluster: &'a Cluster,
    graph: Graph,
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
    fn of(cluster: &'a Cluster, tree: &'a OutTree) -> Book<'a> {
        let graph = Graph::of(cluster);
        let services: FxHashMap<ThingId, ThingId> =
            cluster.instances.iter().map(|i| (i.thing, i.service)).collect();
        let mut places: FxHashMap<ThingId, Vec<usize>> = FxHashMap::default();
        for (at, vertex) in graph.vertices.iter().enumerate() {
            places.entry(vertex.thing).or_default().push(at);
            if let Some(&service) = services.get(&vertex.thing) {
                places.entry(service).or_default().push(at);
            }
        }
        let mut brought: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, file) in tree.iter() {
            if let Some(delivery) = &file.delivery {
                brought.entry(&*delivery.node).or_default().push(path);
            }
        }
        let instances = nodes_of::instances(cluster);
        let ports = ports::published(cluster, &instances, &nodes_of::nodes(cluster));
        let decisions = decisions::by_thing(cluster, &services);
        let users = Users::of(&graph);
        let (mounted, saved) = (nodes::mounted(cluster), backups::saved_places(cluster));
        Book { cluster, graph, users, places, ports, decisions, tree, mounted, saved, brought }
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

    fn name(&self) -> &'a str {
        self.cluster.cluster.map_or("cluster", |top| self.cluster.label(top))
    }
}

/// One page before it gets its frame.
struct Page<'a> {
    file: String,
    title: String,
    /// What stands under the title: one or two sentences.
    lead: Nodes<'a>,
    body: Nodes<'a>,
    /// What the search finds on it, beside the page itself.
    entries: Vec<Entry>,
    /// Files that it shows, with their text.
    pictures: Vec<(String, String)>,
    made_from: Vec<ThingId>,
}

impl<'a> Page<'a> {
    fn new(file: &str, title: &str, lead: Nodes<'a>) -> Page<'a> {
        Page {
            file: file.into(),
            title: title.into(),
            lead,
            body: Nodes::new(),
            entries: Vec::new(),
            pictures: Vec::new(),
            made_from: Vec::new(),
        }
    }

    fn entry(&mut self, kind: &'static str, title: &str, id: &str, words: String) {
        let href = match id {
            "" => self.file.clone(),
            id => format!("{}#{id}", self.file),
        };
        self.entries.push(Entry { kind, title: paper::shown(title).into_owned(), href, words });
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
    fn chapter(chapter: &Chapter) -> Entry {
        Entry {
            kind: "chapter",
            title: chapter.title.into(),
            href: chapter.file.into(),
            words: String::new(),
        }
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
    format!("{kind}-{}", slug(label))
}

fn file_of(kind: &str, label: &str) -> String {
    format!("{kind}-{}.html", slug(label))
}
