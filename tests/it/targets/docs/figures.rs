//! Every figure of the handbook beside what the model says of it.

use super::super::Built;
use super::super::both::{changed, find, first, second};
use super::html::{self, fact, part, rows, text};
use colabc::graph::Graph;
use colabc::graph::impact::{Fate, impact};
use colabc::model::reach::{self, Known};
use colabc::model::value::Value;
use std::collections::BTreeSet;

fn cell<'r>(row: &'r [(String, String)], name: &str) -> &'r str {
    row.iter().find(|(it, _)| it == name).map_or("", |(_, text)| text)
}

/// The row of a table that begins with that text.
fn row(html: &str, first: &str) -> Vec<(String, String)> {
    let all = rows(html);
    let found = all.iter().find(|row| row[0].1 == first);
    found.unwrap_or_else(|| panic!("no row {first:?} in {all:#?}")).clone()
}

#[test]
fn the_overview_counts() {
    let built = first();
    let page = built.text("docs/index.html");
    let cards: Vec<String> = part(&page, "content")
        .split("<ul class=\"cards\">")
        .nth(1)
        .unwrap()
        .split("</ul>")
        .next()
        .unwrap()
        .split("<li>")
        .skip(1)
        .map(text)
        .collect();
    let cluster = &built.cluster;
    let count = |kind: &str| cluster.all(kind).len();
    let word = |kind: &str, field: &str, word: &str| {
        cluster.all(kind).iter().filter(|&&it| cluster.word(it, field) == Some(word)).count()
    };
    let planned = word("service", "status", "planned");
    let secrets: usize = cluster
        .all("secrets")
        .iter()
        .flat_map(|&store| cluster.children(store, "path"))
        .map(|&path| cluster.get(path, "names").items().len())
        .sum();
    let up = word("node", "status", "up");
    for (at, wanted) in [
        format!("{} nodes{up} always on", count("node")),
        format!("{} services{planned} more planned", count("service") - planned),
        format!("{} sites", count("site")),
        format!("{} share", count("share")),
        format!("{} backup", count("backup")),
        format!("{secrets} secretsby name only"),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(cards[at].replace(' ', ""), wanted.replace(' ', ""));
    }
    // What nobody wrote down is said to be unknown.
    let unknown = row(part(&page, "unknown"), "writer");
    assert_eq!(cell(&unknown, "No address on"), "lan");
    assert!(cell(&unknown, "Unknown").contains("memory"));
}

#[test]
fn unknown_facts_say_so_and_known_ones_do_not() {
    let before = second().text("docs/node-box.html");
    assert_eq!(fact(&before, "Memory"), "unknown");
    assert_eq!(fact(&before, "Processor"), "unknown");
    let after = changed(
        "hardware { disk data",
        "hardware { memory = 16GiB   cpu = 8cpu   cpu_model = \"Ryzen 7\"   disk data",
    );
    let after = after.text("docs/node-box.html");
    assert_eq!(fact(&after, "Memory"), "16GiB");
    assert_eq!(fact(&after, "Cores"), "8cpu");
    assert_eq!(fact(&after, "Processor"), "Ryzen 7");
    assert!(!part(&after, "hardware").contains("unknown"), "nothing else is missing");
    assert!(!row(&changed_index(), "gate").is_empty());
}

fn changed_index() -> String {
    second().text("docs/index.html")
}

#[test]
fn every_address_stands_once() {
    for built in [first(), second()] {
        let page = built.text("docs/networks.html");
        let table = part(&page, "addresses");
        for &node in built.cluster.all("node") {
            let row = row(table, built.cluster.label(node));
            let shown: BTreeSet<&str> = cell(&row, "Addresses")
                .split([' ', ','])
                .filter(|it| it.contains(['.', ':']))
                .collect();
            let pairs = built.cluster.get(node, "address").pairs();
            let wanted: Vec<String> = pairs
                .iter()
                .flat_map(|it| reach::ips(&it.value))
                .map(|ip| ip.to_string())
                .collect();
            assert_eq!(shown, wanted.iter().map(String::as_str).collect(), "{row:?}");
        }
    }
}

#[test]
fn ports_stand_under_who_may_reach_them() {
    for built in [first(), second()] {
        let cluster = &built.cluster;
        let page = built.text("docs/ports.html");
        let mut seen = 0;
        for instance in &cluster.instances {
            if cluster.word(instance.service, "status") == Some("planned") {
                continue;
            }
            let parts = ["container", "unit"];
            let parts = parts.iter().flat_map(|it| cluster.children(instance.thing, it));
            for &port in parts.flat_map(|&it| cluster.children(it, "port")) {
                let mut known = Known(cluster.model());
                let range = reach::published(&mut known, port);
                let places: Vec<String> = match cluster.word(port, "audience") {
                    _ if range.is_none() => Vec::new(),
                    Some("internet") => vec!["internet".into()],
                    Some("node") => vec!["node".into()],
                    Some(_) => Vec::new(),
                    None => {
                        let networks = reach::audience(&mut known, port).unwrap();
                        networks
                            .iter()
                            .map(|&it| format!("network-{}", cluster.label(it)))
                            .collect()
                    }
                };
                let node = cluster.label(instance.node);
                let label = cluster.label(port);
                for place in &places {
                    seen += 1;
                    let number = range.unwrap().to_string();
                    let found = rows(part(&page, place)).into_iter().any(|row| {
                        cell(&row, "Port").split(' ').next() == Some(&number)
                            && cell(&row, "On") == node
                            && cell(&row, "Of").ends_with(&format!(".{label}"))
                    });
                    assert!(found, "{} on {node} under {place}", cluster.dotted(port));
                }
                // And nowhere else.
                let under = page.split("<section").filter(|section| {
                    rows(section).iter().any(|row| {
                        cell(row, "On") == node
                            && cell(row, "Of").replace('.', "") == dotted(built, port)
                    })
                });
                assert_eq!(under.count(), places.len(), "{}", cluster.dotted(port));
            }
        }
        assert!(seen > 10, "{seen}");
    }
}

/// The name without its dots and the words between.
fn dotted(built: &Built, port: colabc::model::ThingId) -> String {
    let mut steps = Vec::new();
    let mut at = Some(port);
    while let Some(it) = at {
        steps.push(built.cluster.label(it));
        at = built.cluster.thing(it).parent;
    }
    steps.reverse();
    steps.concat()
}

#[test]
fn a_share_has_its_path_on_every_node() {
    let built = first();
    let cluster = &built.cluster;
    let share = find(built, "share", "fortress");
    let page = built.text("docs/storage.html");
    let all = rows(part(&page, "share-fortress"));
    for &node in cluster.all("node") {
        let mut known = Known(cluster.model());
        let path = reach::share_path(&mut known, share, node).unwrap();
        let shown: Vec<&str> = all
            .iter()
            .filter(|row| row[0].1 == cluster.label(node))
            .map(|row| cell(row, "Path"))
            .collect();
        match path {
            Some(path) => assert!(shown.contains(&path.as_str()), "{path} in {shown:?}"),
            None => assert!(shown.is_empty(), "{shown:?}"),
        }
    }
    let windows: Vec<&str> = all
        .iter()
        .filter(|row| cell(row, "As seen from") == "Windows")
        .map(|row| cell(row, "Path"))
        .collect();
    assert_eq!(windows, ["Z:", "Z:"]);
    // The lines of fstab and of the handbook are of one mind.
    for node in ["director", "writer", "projector"] {
        assert!(built.text(&format!("fstab/{node}")).contains(" /mnt/fortress "));
    }
}

#[test]
fn backups_say_what_they_keep_and_what_they_hold() {
    let built = first();
    let page = built.text("docs/backups.html");
    let nightly = part(&page, "backup-nightly");
    assert_eq!(fact(nightly, "Kept"), "7 daily, 4 weekly, 12 monthly");
    assert_eq!(fact(nightly, "Copies at most"), (7 + 4 + 12).to_string());
    assert_eq!(fact(nightly, "Where to"), "cooperator.mirror / fortress, /mnt/backup/fortress");
    assert_eq!(fact(nightly, "Read back"), "never");
    let data = rows(part(&page, "data"));
    let saved = |of: &str, inside: &str| {
        let row = data.iter().find(|row| row[0].1 == of && cell(row, "Inside") == inside);
        cell(row.unwrap_or_else(|| panic!("no {of} {inside} in {data:#?}")), "Saved").to_string()
    };
    assert_eq!(saved("gitea.app", "/var/lib/gitea"), "with the files, in nightly");
    assert_eq!(saved("gitea.db", "/var/lib/postgresql/data"), "by a dump, in nightly");
    // A dump is said to be made of what the script dumps, and of nothing else.
    let script = built.text("backup/cooperator/nightly-dumps.sh");
    for row in &data {
        let name = row[0].1.replace('.', "-");
        let dumped = cell(row, "Saved").starts_with("by a dump");
        assert_eq!(script.contains(&format!(" {name} ")), dumped, "{row:?}");
    }
    let other = second().text("docs/backups.html");
    let lost = rows(part(&other, "data"));
    assert!(
        lost.iter()
            .all(|row| cell(row, "Saved").contains("in no backup")
                || cell(row, "Is").starts_with('/'))
    );
}

#[test]
fn secrets_are_names_and_stand_where_they_are_seen() {
    for built in [first(), second()] {
        let page = built.text("docs/secrets.html");
        let mut seen = 0;
        for row in rows(&page).iter().filter(|row| row[0].0 == "Secret") {
            for place in cell(row, "Seen in").split(", ").filter(|it| !it.is_empty()) {
                seen += 1;
                let wanted = match place.split_once(' ').unwrap() {
                    ("environment", variable) => variable.to_string(),
                    ("file", path) => path.trim_start_matches("inside ").to_string(),
                    ("memory", path) => path.to_string(),
                    ("vault", _) => continue,
                    other => panic!("{other:?}"),
                };
                let name = row[0].1.split(' ').next().unwrap();
                let folders = ["compose/", "systemd/", "backup/"];
                let told = built.tree.iter().any(|(path, file)| {
                    let text = String::from_utf8_lossy(&file.bytes);
                    let last = wanted.rsplit('/').next().unwrap();
                    folders.iter().any(|it| path.starts_with(it))
                        && text.contains(name)
                        && (text.contains(&wanted) || text.contains(last))
                });
                assert!(told, "{name} in {wanted}");
            }
        }
        assert!(seen > 3, "{seen}");
        // Every name that some emitted file asks for is on the page.
        for (path, file) in built.tree.iter().filter(|(path, _)| path.starts_with("compose/")) {
            let text = String::from_utf8_lossy(&file.bytes).into_owned();
            for asked in text.split("${").skip(1).filter_map(|it| it.split_once(":?")) {
                assert!(page.contains(asked.0), "{} of {path}", asked.0);
            }
        }
    }
}

#[test]
fn failures_are_those_of_the_graph() {
    let built = first();
    let graph = Graph::of(&built.cluster);
    let page = built.text("docs/failures.html");
    let table = rows(part(&page, "each"));
    for kind in ["node", "share", "network"] {
        for &thing in built.cluster.all(kind) {
            let gone: Vec<usize> =
                (0..graph.vertices.len()).filter(|&at| graph.vertices[at].thing == thing).collect();
            let effects = impact(&graph, &gone);
            let of = |fate: Fate| -> BTreeSet<&str> {
                let all = effects.iter().filter(|it| it.fate == fate && !gone.contains(&it.vertex));
                all.map(|it| graph.vertices[it.vertex].name.as_str()).collect()
            };
            let name = built.cluster.label(thing);
            let shown = |row: &[(String, String)], column: &str| -> BTreeSet<String> {
                let all = cell(row, column).split(", ").filter(|it| !it.is_empty());
                all.map(|it| it.rsplit(' ').next().unwrap().to_string()).collect()
            };
            let found = table.iter().find(|row| row[0].1.split(' ').next_back() == Some(name));
            let Some(row) = found else {
                assert!(of(Fate::Fails).is_empty() && of(Fate::Degrades).is_empty(), "{name}");
                continue;
            };
            let owned =
                |set: BTreeSet<&str>| set.into_iter().map(String::from).collect::<BTreeSet<_>>();
            assert_eq!(shown(row, "Fails with it"), owned(of(Fate::Fails)), "{name}");
            assert_eq!(shown(row, "Worse off"), owned(of(Fate::Degrades)), "{name}");
            if let Some(down) = built.cluster.block(thing, "down")
                && let Some(said) = built.cluster.text(down, "impact")
            {
                assert_eq!(cell(row, "What stops, as written"), said);
            }
        }
    }
    let single = row(part(&page, "single"), "node cooperator");
    let at = graph.vertices.iter().position(|it| it.name == "cooperator").unwrap();
    let fails = impact(&graph, &[at]).iter().filter(|it| it.fate == Fate::Fails).count() - 1;
    assert_eq!(cell(&single, "Alone makes fail"), fails.to_string());
}

#[test]
fn decisions_say_all_that_was_said() {
    let built = first();
    let page = built.text("docs/decisions.html");
    let cluster = &built.cluster;
    assert!(cluster.all("decision").len() > 20);
    for &decision in cluster.all("decision") {
        let html = part(&page, &format!("decision-{}", cluster.label(decision)));
        let said = text(html);
        let plain =
            |text: &str| text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ");
        for field in ["title", "context", "chosen"] {
            let wanted = plain(cluster.text(decision, field).unwrap_or(""));
            assert!(said.contains(&wanted), "{wanted} in {said}");
        }
        for field in ["good", "bad"] {
            for item in cluster.get(decision, field).items() {
                assert!(said.contains(&plain(item.value.as_text().unwrap())), "{said}");
            }
        }
        for item in cluster.get(decision, "about").items() {
            let Value::Thing(thing) = item.value else { continue };
            assert!(fact(html, "About").contains(cluster.label(thing)));
            // And from there back.
            if cluster.kind(thing) == "node" {
                let page = built.text(&format!("docs/node-{}.html", cluster.label(thing)));
                let link = format!("decisions.html#decision-{}", cluster.label(decision));
                assert!(html::attributes(&page, "href").contains(&link), "{link}");
            }
        }
    }
}

#[test]
fn accepted_findings_have_their_reason() {
    let page = first().text("docs/accepted.html");
    let all = rows(&page);
    let row = all.iter().find(|row| row[0].1 == "L0107").expect("the one of the first cluster");
    assert_eq!(cell(row, "Where"), "secrets keys");
    assert!(cell(row, "Why it is all right").starts_with("People type some of these"));
    let none = second().text("docs/accepted.html");
    assert!(rows(&none).is_empty() && none.contains("every finding was mended"));
}
