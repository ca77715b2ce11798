//! Secrets by name: what each is for, who uses it, and where it can be seen while it is used. No
//! value is known to anybody here.

use super::paper::{
    Facts, Nodes, Table, code, commas, joined, link, list, paragraph, say, says, section,
};
use super::{Book, Entry, Page, id};
use crate::formats::html::{Node, element};
use crate::model::ThingId;
use crate::model::value::{SecretPart, Value};
use crate::origin::Origin;
use crate::targets::shared_mounts::World;
use crate::targets::shared_nodes as nodes;
use crate::targets::shared_secrets::{self, FOLDER, share_file};
use std::collections::{BTreeMap, BTreeSet};

/// Where the value of a secret can be seen while it is used, from the most to the least guarded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Seen {
    /// The system's own vault, of Windows or macOS.
    Vault,
    /// A file in memory, of the node.
    Memory,
    /// A file in the container, in memory too.
    Inside,
    /// The environment of a container.
    Environment,
}

impl Seen {
    const ALL: [Seen; 4] = [Seen::Vault, Seen::Memory, Seen::Inside, Seen::Environment];

    fn name(self) -> &'static str {
        match self {
            Seen::Vault => "vault",
            Seen::Memory => "memory",
            Seen::Inside => "file inside",
            Seen::Environment => "environment",
        }
    }

    fn means(self) -> &'static str {
        match self {
            Seen::Vault => {
                "the vault of Windows or the keychain of macOS keeps it, and its person sees it"
            }
            Seen::Memory => {
                "root of the node sees it, in a file below /run that is gone with the next boot"
            }
            Seen::Inside => {
                "processes of the container see it as a file; Docker keeps a copy with the container"
            }
            Seen::Environment => {
                "processes of the container see it, and whoever may run `docker inspect` on the node; \
                 Docker keeps it on its disk"
            }
        }
    }
}

/// One use of a secret.
pub(super) struct Use {
    pub by: ThingId,
    pub node: Option<ThingId>,
    pub seen: Seen,
    /// A file or variable, by its name.
    pub place: String,
    pub origin: Origin,
}

/// Every name that a store declares, with the folder that holds it.
pub(super) fn names(book: &Book<'_>) -> Vec<(ThingId, ThingId, String)> {
    let cluster = book.cluster;
    let mut all = Vec::new();
    for store in book.all("secrets") {
        for &folder in cluster.children(store, "path") {
            let names = cluster.get(folder, "names").items().iter();
            let names = names.filter_map(|item| item.value.as_text());
            all.extend(names.map(|name| (store, folder, name.to_string())));
        }
    }
    all
}

/// Who uses which secret: by store, path and name.
pub(super) fn uses(book: &Book<'_>) -> BTreeMap<(ThingId, String, String), Vec<Use>> {
    let cluster = book.cluster;
    let mut found: BTreeMap<(ThingId, String, String), Vec<Use>> = BTreeMap::new();
    let mut add = |value: &Value, make: &dyn Fn() -> Use| {
        let Value::Secret(secret) = value else { return };
        for part in &secret.parts {
            if let SecretPart::Name(name) = part {
                let key = (name.store, name.path.to_string(), name.name.to_string());
                found.entry(key).or_default().push(make());
            }
        }
    };
    for instance in nodes::instances(cluster) {
        let parts = nodes::containers(cluster, instance).into_iter();
        for part in parts.chain(nodes::units(cluster, instance)) {
            let unit = cluster.kind(part) == "unit";
            let of = |seen, place: String, origin| {
                let seen = if unit { Seen::Memory } else { seen };
                Use { by: part, node: Some(instance.node), seen, place, origin }
            };
            for pair in cluster.get(part, "env").pairs() {
                add(&pair.value, &|| of(Seen::Environment, pair.key.to_string(), pair.origin));
            }
            for field in ["config", "credential"] {
                for &file in cluster.children(part, field) {
                    let (value, origin) = cluster.at(file, "value");
                    let label = cluster.label(file);
                    let place = match (field, cluster.text(file, "target")) {
                        ("config", _) => label.to_string(),
                        (_, Some(target)) => target.to_string(),
                        _ if unit => label.to_string(),
                        _ => format!("/run/secrets/{label}"),
                    };
                    add(value, &|| of(Seen::Inside, place.clone(), origin));
                }
            }
        }
    }
    for share in book.all("share") {
        let (value, origin) = cluster.at(share, "password");
        for (at, _) in book.mounted.get(&share).into_iter().flatten() {
            let (seen, place) = match at.world {
                World::Linux | World::Wsl => (Seen::Memory, share_file(cluster, share)),
                World::Windows | World::MacOs => (Seen::Vault, at.name.to_string()),
            };
            let (node, place) = (Some(at.node), &place);
            add(value, &|| Use { by: share, node, seen, place: place.clone(), origin });
        }
    }
    for backup in book.all("backup") {
        let credential = cluster.param(backup, "method", "credential").and_then(Value::as_thing);
        if let Some(credential) = credential {
            let (value, origin) = cluster.at(credential, "value");
            let node = cluster.get(backup, "on").as_thing();
            let place = format!("{FOLDER}/backup-{}.password", cluster.label(backup));
            add(value, &|| Use {
                by: backup,
                node,
                seen: Seen::Memory,
                place: place.clone(),
                origin,
            });
        }
    }
    found
}

pub(super) fn entries(book: &Book<'_>) -> Vec<Entry> {
    let cluster = book.cluster;
    let entry = |(store, folder, name): (_, _, String)| {
        let place = place(book, store, cluster.label(folder), &name);
        let words = format!("{} {}", cluster.label(folder), cluster.label(store));
        Entry::at("secret", &name, "secrets.html", &place, words)
    };
    names(book).into_iter().map(entry).collect()
}

pub(super) fn page<'a>(book: &Book<'a>) -> Page<'a> {
    let lead = says(
        "Secrets by name and place. Their values are in the stores alone: none is in the sources, in \
         what is emitted, or on this page.",
    );
    let mut page = Page::new("secrets.html", "Secrets", vec![paragraph(lead, Origin::NONE)]);
    let uses = uses(book);
    for store in book.all("secrets") {
        page.made_from.push(store);
        page.body.push(self::store(book, store, &uses));
    }
    let seen: BTreeSet<Seen> = uses.values().flatten().map(|it| it.seen).collect();
    let rows = Seen::ALL.iter().filter(|grade| seen.contains(grade)).map(|grade| {
        let name = element("strong").text(grade.name());
        (vec![name.into(), say(format!(": {}", grade.means()))], Origin::NONE)
    });
    let rows = list(rows);
    if !rows.is_empty() {
        page.body.push(section("seen", says("Where a value can be seen"), rows));
    }
    page
}

fn place(book: &Book<'_>, store: ThingId, folder: &str, name: &str) -> String {
    id(&format!("{}-secret", book.cluster.label(store)), &format!("{folder}/{name}"))
}

fn store<'a>(
    book: &Book<'a>,
    store: ThingId,
    uses: &BTreeMap<(ThingId, String, String), Vec<Use>>,
) -> Node<'a> {
    let cluster = book.cluster;
    let name = cluster.label(store);
    let mut body = Nodes::new();
    let (what, origin) = book.description(store);
    if !what.is_empty() {
        body.push(paragraph(what, origin));
    }
    let mut facts = Facts::new().fact("Kept by", book.fact(store, "provider"));
    if cluster.word(store, "provider") == Some("infisical") {
        facts = facts.fact("Environment", book.fact(store, "env"));
    }
    body.extend(facts.into_nodes());
    for &folder in cluster.children(store, "path") {
        let label = cluster.label(folder);
        let mut heading = vec![say("Folder "), code(label)];
        let rotate = book.fact(folder, "rotate").0;
        if !rotate.is_empty() {
            heading.push(say(", to be renewed every "));
            heading.extend(rotate);
        }
        let mut table = Table::new(&["Secret", "For", "Used by", "Seen in"]);
        for item in cluster.get(folder, "names").items() {
            let Some(secret) = item.value.as_text() else { continue };
            let key = (store, label.to_string(), secret.to_string());
            let used = uses.get(&key).map_or(&[][..], Vec::as_slice);
            table.row_with_id(
                Some(place(book, store, label, secret)),
                [
                    name_of(book, folder, secret),
                    described(book, folder, secret),
                    used_by(book, used),
                    seen_in(used),
                ],
                item.origin,
            );
        }
        let inner = element("h3").children(heading);
        let folder = element("article").attribute("id", id(name, label)).child(inner);
        body.push(folder.children(table.into_nodes()).into());
    }
    section(id("secrets", name), vec![say("Store "), say(name)], body)
}

/// The name, and the one under which it reaches a process where that is another.
fn name_of<'a>(book: &Book<'a>, folder: ThingId, secret: &'a str) -> Nodes<'a> {
    let mut nodes = vec![code(secret)];
    if let Some(other) = book.cluster.get(folder, "rename").get(secret).and_then(Value::as_text) {
        nodes.push(say(" as "));
        nodes.push(code(other));
    }
    nodes
}

fn described<'a>(book: &Book<'a>, folder: ThingId, secret: &str) -> Nodes<'a> {
    let what = book.cluster.get(folder, "describe").get(secret).and_then(Value::as_text);
    what.map(say).into_iter().collect()
}

fn used_by<'a>(book: &Book<'a>, used: &[Use]) -> Nodes<'a> {
    let mut by: BTreeMap<String, (ThingId, BTreeSet<&str>)> = BTreeMap::new();
    for one in used {
        let nodes = &mut by.entry(book.dotted(one.by)).or_insert((one.by, BTreeSet::new())).1;
        nodes.extend(one.node.map(|node| book.cluster.label(node)));
    }
    let parts = by.into_values().map(|(thing, on)| {
        let mut nodes = vec![book.link(thing)];
        if !on.is_empty() {
            let on: Vec<&str> = on.into_iter().collect();
            nodes.push(say(format!(" on {}", on.join(", "))));
        }
        nodes
    });
    match used.is_empty() {
        true => says("nobody yet, or a person"),
        false => joined(parts, "; "),
    }
}

fn seen_in<'a>(used: &[Use]) -> Nodes<'a> {
    let mut places: BTreeMap<(Seen, &str), Origin> = BTreeMap::new();
    for one in used {
        places.entry((one.seen, one.place.as_str())).or_insert(one.origin);
    }
    let parts = places.into_iter().map(|((seen, place), origin)| {
        let said = element("span").text(format!("{} ", seen.name())).at(origin);
        vec![match seen {
            Seen::Vault => said.text(format!("of {place}")).into(),
            _ => said.child(code(place.to_string())).into(),
        }]
    });
    joined(parts, ", ")
}

/// What has to be done after a secret got another value: for the runbook.
pub(super) fn rotation<'a>(book: &Book<'a>) -> Table {
    let cluster = book.cluster;
    let mut table = Table::new(&["Secret", "Renew every", "Then, where it is used"]);
    let uses = uses(book);
    for (store, folder, secret) in names(book) {
        let label = cluster.label(folder);
        let key = (store, label.to_string(), secret.clone());
        let mut steps: BTreeSet<String> = BTreeSet::new();
        for one in uses.get(&key).map_or(&[][..], Vec::as_slice) {
            steps.extend(step(book, one));
        }
        let name = link(format!("secrets.html#{}", place(book, store, label, &secret)), secret);
        let steps = commas(steps.into_iter().map(code));
        let (rotate, origin) = book.fact(folder, "rotate");
        let rotate = if rotate.is_empty() { says("no rule") } else { rotate };
        table.row([vec![name], rotate, steps], origin);
    }
    table
}

/// The command after which a use has the new value.
fn step(book: &Book<'_>, one: &Use) -> Option<String> {
    let cluster = book.cluster;
    let node = cluster.label(one.node?);
    Some(match (cluster.kind(one.by), one.seen) {
        ("container", _) => {
            let service = cluster.thing(one.by).instance?;
            format!("mise run deploy:{}", cluster.label(service))
        }
        ("share", Seen::Memory) => format!(
            "ssh {node} sudo systemctl restart {}",
            shared_secrets::share_unit(cluster, one.by)
        ),
        // What fetched it, which what runs on it follows.
        ("unit", _) => {
            let service = cluster.thing(one.by).instance?;
            format!(
                "ssh {node} sudo systemctl restart {}",
                shared_secrets::unit_of_unit(cluster, service, one.by)
            )
        }
        ("backup", _) => format!(
            "ssh {node} sudo systemctl restart {}",
            shared_secrets::backup_unit(cluster, one.by)
        ),
        _ => return None,
    })
}
