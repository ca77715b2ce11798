//! What runs: the catalogue of services, by tier, and a page for each.

use super::paper::{
    Facts, Nodes, Table, article, badge, code, commands, commas, file_link, joined, link,
    or_unknown, paragraph, say, says, section,
};
use super::{Below, Book, Entry, Page, backups, failures, file_of, id, ports};
use crate::formats::html::Node;
use crate::model::value::Value;
use crate::model::{Instance, ThingId};
use crate::origin::Origin;
use crate::targets::shared_nodes as nodes;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const BELOW: Below =
    Below { all: |cluster| nodes::all(cluster, "service"), write: one, entry };

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let cluster = book.cluster;
    let all = book.all("service");
    let planned = |&service: &ThingId| cluster.word(service, "status") == Some("planned");
    let lead = says("What runs, where, and what it cannot do without.");
    let mut page = Page::new("services.html", "Services", vec![paragraph(lead, Origin::NONE)]);
    let mut tiers: BTreeMap<Option<&str>, Vec<ThingId>> = BTreeMap::new();
    for &service in all.iter().filter(|it| !planned(it)) {
        tiers.entry(cluster.text(service, "tier")).or_default().push(service);
        page.made_from.push(service);
    }
    // Those without a tier stand last.
    let untiered = tiers.remove(&None);
    let single = tiers.is_empty();
    for (tier, services) in tiers {
        let tier = tier.unwrap_or_default();
        page.body.push(section(
            id("tier", tier),
            vec![say(format!("Tier {tier}"))],
            catalogue(book, &services),
        ));
    }
    match untiered {
        Some(services) if single => page.body.extend(catalogue(book, &services)),
        Some(services) => {
            let nodes = catalogue(book, &services);
            page.body.push(section("no-tier", says("Without a tier"), nodes));
        }
        None => {}
    }
    let mut table = Table::new(&["Service", "What it is", "To run on"]);
    for service in all.iter().copied().filter(planned) {
        let (what, origin) = book.description(service);
        table.row([vec![book.link(service)], what, on(book, service)], origin);
        page.made_from.push(service);
    }
    if !table.is_empty() {
        let mut nodes = vec![paragraph(
            says("Decided on, but something is still missing: nothing of these is emitted."),
            Origin::NONE,
        )];
        nodes.extend(table.into_nodes());
        page.body.push(section("planned", says("Planned"), nodes));
    }
    page
}

fn catalogue<'a>(book: &Book<'a>, services: &[ThingId]) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table =
        Table::new(&["Service", "What it is", "On", "Reached at", "Data on", "Saved by"]);
    for &service in services {
        let (what, origin) = book.description(service);
        let sites = cluster.children(service, "site").iter().copied();
        let mut data = BTreeSet::new();
        let mut saved = BTreeSet::new();
        for instance in cluster.instances_of(service) {
            for volume in backups::volumes(book, instance) {
                data.insert(volume.base);
                saved.extend(volume.saved.into_iter().map(|backup| cluster.label(backup)));
            }
        }
        table.row(
            [
                vec![book.link(service)],
                what,
                on(book, service),
                book.links(sites),
                commas(data.into_iter().map(say)),
                commas(
                    saved
                        .into_iter()
                        .map(|it| link(format!("backups.html#{}", id("backup", it)), it)),
                ),
            ],
            origin,
        );
    }
    table.into_nodes()
}

/// The nodes of a service.
fn on<'a>(book: &Book<'a>, service: ThingId) -> Nodes<'a> {
    let nodes: Vec<ThingId> = book.cluster.instances_of(service).map(|i| i.node).collect();
    match nodes.is_empty() {
        true => or_unknown(book.fact(service, "on").0),
        false => book.links(nodes),
    }
}

fn entry(book: &Book<'_>, service: ThingId) -> Entry {
    let cluster = book.cluster;
    let name = cluster.label(service);
    let instances: Vec<Instance> = cluster.instances_of(service).collect();
    let mut words = vec![super::nodes::texts(cluster.get(tagged(service, &instances), "tags"))];
    words.extend(cluster.children(service, "site").iter().map(|&it| cluster.label(it).to_string()));
    words.extend(instances.first().into_iter().flat_map(|instance| {
        let all = cluster.children(instance.thing, "container").iter();
        all.filter_map(|&it| cluster.text(it, "image").map(str::to_string))
    }));
    Entry::new("service", name, file_of("service", name), words.join(" "))
}

fn one<'a>(book: &Book<'a>, service: ThingId) -> Page<'a> {
    let cluster = book.cluster;
    let mut page = book.page_of(service);
    let instances: Vec<Instance> = cluster.instances_of(service).collect();
    page.body.push(section("facts", says("Facts"), facts(book, service, &instances)));
    let mut parts = Nodes::new();
    for (at, instance) in instances.iter().enumerate() {
        // On several nodes it is mostly the same: what differs is said with the node's name.
        let several = instances.len() > 1;
        if several && at > 0 && same(book, instances[0], *instance) {
            continue;
        }
        for field in ["container", "unit"] {
            for &part in cluster.children(instance.thing, field) {
                parts.push(self::part(book, *instance, part, several && at > 0));
            }
        }
    }
    let mut put = |id: &'static str, title: &'static str, nodes: Nodes<'a>| {
        if !nodes.is_empty() {
            page.body.push(section(id, says(title), nodes));
        }
    };
    put("parts", "What it is made of", parts);
    put("ports", "Ports", ports::of_service(book, &instances));
    put("needs", "What it needs, and who needs it", needs(book, &instances));
    put("by-hand", "By hand", by_hand(book, service));
    put("down", "When it is gone", failures::of(book, service));
    put("alerts", "Alerts", super::operations::alerts(book, cluster.children(service, "alert")));
    put("decisions", "Decisions about it", super::decisions::about(book, service));
    page
}

/// Where the tags of a service stand: what a layer adds stands in its instances.
fn tagged(service: ThingId, instances: &[Instance]) -> ThingId {
    instances.first().map_or(service, |instance| instance.thing)
}

/// Whether two instances of a service say the same of their parts' labels and images.
fn same(book: &Book<'_>, a: Instance, b: Instance) -> bool {
    let cluster = book.cluster;
    let said = |instance: Instance| -> Vec<(String, String)> {
        let parts = ["container", "unit"];
        let parts = parts.iter().flat_map(|field| cluster.children(instance.thing, field));
        let said = parts.map(|&part| {
            let limits = cluster.block(part, "limits");
            let memory = limits.map(|limits| cluster.get(limits, "memory"));
            let image = cluster.text(part, "image").unwrap_or("");
            (cluster.label(part).to_string(), format!("{image} {memory:?}"))
        });
        said.collect()
    };
    said(a) == said(b)
}

fn facts<'a>(book: &Book<'a>, service: ThingId, instances: &[Instance]) -> Nodes<'a> {
    let cluster = book.cluster;
    let state = match (cluster.word(service, "status"), cluster.word(service, "availability")) {
        (Some("planned"), _) => badge("plain", "planned"),
        (_, Some("on-demand")) => badge("warn", "on demand"),
        _ => badge("good", "always on"),
    };
    let mut facts = Facts::new()
        .said("State", vec![state])
        .fact("Runs on", (on(book, service), cluster.at(service, "on").1))
        .fact("Sites", book.fact(service, "site"))
        .fact("Tier", book.fact(service, "tier"))
        .fact("Tags", book.fact(tagged(service, instances), "tags"));
    if let Some(needs) = cluster.block(service, "needs") {
        let mut said = Vec::new();
        for (field, name) in
            [("arch", ""), ("os", ""), ("gpu", "GPU "), ("cpu", ""), ("memory", "memory ")]
        {
            let (mut nodes, _) = book.fact(needs, field);
            if !nodes.is_empty() {
                nodes.insert(0, say(name));
                said.push(nodes);
            }
        }
        facts = facts.said("Its node must have", joined(said, ", "));
    }
    facts = facts
        .fact("Starts after", book.fact(service, "after"))
        .fact("Updated by the rollout", book.fact(service, "rollout"))
        .fact("Compose project", book.fact(tagged(service, instances), "project"))
        .fact("Folders of secrets", folders(book, tagged(service, instances)));
    for instance in instances {
        // What a node says of its own instance alone.
        let (what, origin) = book.description(instance.thing);
        if instances.len() > 1 || book.description(service).0.is_empty() {
            let mut nodes = what;
            if !nodes.is_empty() {
                nodes.push(say(" (on "));
                nodes.push(book.link(instance.node));
                nodes.push(say(")"));
            }
            facts = facts.fact("There", (nodes, origin));
        }
    }
    let files: Vec<Node> = instances
        .iter()
        .map(|i| format!("compose/{}/{}.yml", cluster.label(i.node), cluster.label(i.service)))
        .filter(|path| book.tree.get(path).is_some())
        .map(|path| file_link(&path, path.clone()))
        .collect();
    facts.said("Compose file", commas(files)).into_nodes()
}

fn folders<'a>(book: &Book<'a>, there: ThingId) -> (Nodes<'a>, Origin) {
    let (value, origin) = book.cluster.at(there, "secrets");
    let folders = value.items().iter().filter_map(|item| item.value.as_thing());
    (book.links(folders), origin)
}

fn part<'a>(book: &Book<'a>, instance: Instance, part: ThingId, elsewhere: bool) -> Node<'a> {
    let cluster = book.cluster;
    let (kind, name) = (cluster.kind(part), cluster.label(part));
    let mut title = vec![say(name.to_string()), say(" ")];
    title.push(badge("plain", kind));
    let mut anchor = id(kind, name);
    if elsewhere {
        title.push(say(" on "));
        title.push(book.link(instance.node));
        anchor = format!("{anchor}-{}", super::slug(cluster.label(instance.node)));
    }
    let mut body = Nodes::new();
    let (what, origin) = book.description(part);
    if !what.is_empty() {
        body.push(paragraph(what, origin));
    }
    let mut facts = Facts::new()
        .fact("Image", book.fact(part, "image"))
        .fact("Packages", book.fact(part, "packages"))
        .fact("Unit of systemd", book.fact(part, "systemd"))
        .fact("Job of launchd", book.fact(part, "launchd"))
        .fact("Windows service", book.fact(part, "windows_service"))
        .fact("Program", book.fact(part, "exec"))
        .fact("Platform", book.fact(part, "platform"))
        .fact("Runs as", book.fact(part, "user"))
        .fact("Restarted", book.fact(part, "restart"))
        .fact("Started", book.fact(part, "timer"))
        .fact("Network", book.fact(part, "network_mode"))
        .fact("Waits for", book.fact(part, "depends_on"));
    if let Some(limits) = cluster.block(part, "limits") {
        facts = facts
            .fact("Cores at most", book.fact(limits, "cpu"))
            .fact("Memory at most", book.fact(limits, "memory"));
    }
    facts = facts.fact("Works when", health(book, part)).fact("Figures", figures(book, part));
    body.extend(facts.into_nodes());
    body.extend(volumes(book, instance, part));
    body.extend(files(book, part));
    article(anchor, title, body).into()
}

/// `GET /healthz on port web gives 200, every 30s`
fn health<'a>(book: &Book<'a>, part: ThingId) -> (Nodes<'a>, Origin) {
    let cluster = book.cluster;
    let Some(health) = cluster.block(part, "health") else {
        return (Nodes::new(), Origin::NONE);
    };
    let mut asked = Vec::new();
    let mut at = Origin::NONE;
    for (field, before) in
        [("http", "GET "), ("tcp", "a connection to "), ("command", ""), ("shell", "")]
    {
        let (mut nodes, origin) = book.fact(health, field);
        if nodes.is_empty() {
            continue;
        }
        at = at.or(origin);
        if field == "command" {
            let words = cluster.get(health, field).items().iter();
            let words: Vec<&str> = words.filter_map(|item| item.value.as_text()).collect();
            nodes = vec![code(words.join(" "))];
        }
        nodes.insert(0, say(before));
        if field == "http" {
            if let Some(port) = cluster.get(health, "port").as_thing() {
                nodes.push(say(" on "));
                nodes.push(book.link(port));
            }
            nodes.push(say(" gives "));
            nodes.extend(book.fact(health, "expect").0);
        }
        if field == "command" || field == "shell" {
            nodes.push(say(" succeeds"));
        }
        asked.push(nodes);
    }
    let mut nodes = joined(asked, " and ");
    if nodes.is_empty() {
        return (nodes, at);
    }
    for (field, before) in [
        ("from", "; asked from "),
        ("every", "; every "),
        ("timeout", ", within "),
        ("retries", ", failing after "),
        ("start", ", with a start of "),
        ("start_every", " looked at every "),
    ] {
        let value = book.fact(health, field).0;
        if !value.is_empty() {
            nodes.push(say(before));
            nodes.extend(value);
            if field == "retries" {
                nodes.push(say(" bad answers"));
            }
        }
    }
    (nodes, at)
}

fn figures<'a>(book: &Book<'a>, part: ThingId) -> (Nodes<'a>, Origin) {
    let (mut nodes, origin) = book.fact(part, "metrics");
    if !nodes.is_empty() {
        nodes.push(say(" at "));
        nodes.extend(book.fact(part, "metrics_path").0);
    }
    (nodes, origin)
}

fn volumes<'a>(book: &Book<'a>, instance: Instance, part: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["Inside", "Is", "On the node", "Saved", "For"]);
    for &volume in cluster.children(part, "volume") {
        let (value, origin) = cluster.at(volume, "value");
        let Value::Location(location) = value else { continue };
        let mut inside = vec![code(cluster.label(volume))];
        if cluster.flag(volume, "read_only") {
            inside.push(say(" (read only)"));
        }
        let path = book.path_on(location, instance.node).map(code).into_iter().collect();
        table.row(
            [
                inside,
                book.location(location),
                path,
                backups::saved(book, instance, part, location),
                book.description(volume).0,
            ],
            origin,
        );
    }
    table.into_nodes()
}

/// Its configuration and its secrets, by name.
fn files<'a>(book: &Book<'a>, part: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    let mut table = Table::new(&["File", "Holds", "When it changed"]);
    for &config in cluster.children(part, "config") {
        let holds = match cluster.get(config, "value") {
            Value::Generated(_) => book.fact(config, "value").0,
            Value::Secret(_) => says("configuration with secrets in it"),
            _ => says("configuration"),
        };
        let reload = book.fact(config, "reload").0;
        let reload = if reload.is_empty() { says("nothing") } else { reload };
        table
            .row([vec![code(cluster.label(config))], holds, reload], cluster.at(config, "value").1);
    }
    for &secret in cluster.children(part, "credential") {
        let mut holds = says("the secret ");
        holds.extend(book.fact(secret, "value").0);
        let target = cluster.text(secret, "target");
        let target =
            target.map_or(format!("/run/secrets/{}", cluster.label(secret)), str::to_string);
        let target =
            if cluster.kind(part) == "unit" { cluster.label(secret).to_string() } else { target };
        table.row([vec![code(target)], holds, Nodes::new()], cluster.at(secret, "value").1);
    }
    table.into_nodes()
}

/// The edges of the graph at a service: what it needs, and who needs it.
fn needs<'a>(book: &Book<'a>, instances: &[Instance]) -> Nodes<'a> {
    let graph = &book.graph;
    let mut needed: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut users: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for instance in instances {
        let Some(&at) = book.places.get(&instance.thing).and_then(|places| places.first()) else {
            continue;
        };
        for edge in graph.needs(at) {
            needed.entry(edge.need.word()).or_default().insert(edge.to);
        }
        for &(user, need) in book.users.of_one(at) {
            users.entry(need.word()).or_default().insert(user);
        }
    }
    let mut table = Table::new(&["Who", "How", "What"]);
    for (need, ends) in needed {
        let ends = commas(ends.into_iter().map(|end| book.vertex(end)));
        table.row([says("This service"), says(need), ends], Origin::NONE);
    }
    for (need, ends) in users {
        let ends = commas(ends.into_iter().map(|end| book.vertex(end)));
        table.row([ends, says(need), says("this service")], Origin::NONE);
    }
    table.into_nodes()
}

/// The tasks that there are for a service.
fn by_hand<'a>(book: &Book<'a>, service: ThingId) -> Nodes<'a> {
    let cluster = book.cluster;
    let name = cluster.label(service);
    let started = nodes::instances_of(cluster, service)
        .any(|instance| !nodes::containers(cluster, instance).is_empty());
    let mut nodes = Nodes::new();
    if started {
        let lines: Vec<_> = ["deploy", "status", "logs", "stop"]
            .iter()
            .map(|task| format!("mise run {task}:{name}").into())
            .collect();
        nodes.push(paragraph(says("On any node of the cluster, as its user:"), Origin::NONE));
        nodes.push(commands(&lines));
    }
    let mut table = Table::new(&["Task", "What it does"]);
    let mut seen = BTreeSet::new();
    for instance in cluster.instances_of(service) {
        for &task in cluster.children(instance.thing, "task") {
            if seen.insert(cluster.label(task)) {
                let line = vec![code(format!("mise run {}", cluster.label(task)))];
                let (what, origin) = book.description(task);
                table.row([line, what], origin);
            }
        }
    }
    nodes.extend(table.into_nodes());
    nodes
}
