//! Writes the facts of a generated cluster in the notation of each peer, and in `.colab`:
//! `facts NODES DIR`.
//!
//! Only what reaches the five artifacts is told to the peers; the layers and templates, which are
//! the same for every size, stand in each peer's own program.
#![allow(clippy::disallowed_methods, reason = "it is a program that writes files")]

#[path = "../../tests/it/generate/mod.rs"]
mod generate;
mod notation;

use generate::{Facts, Node, Service, name_of};
use notation::Value;
use std::path::Path;

const SERVICES: usize = 10;
const DOMAIN: &str = "example.org";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [nodes, folder] = args.as_slice() else { return Err("facts NODES DIR".into()) };
    let (nodes, folder) = (nodes.parse()?, Path::new(folder));
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().ok_or("a file has a folder")?)?;
        std::fs::write(path, text)?;
        Ok::<(), Box<dyn std::error::Error>>(())
    };
    for (name, text) in generate::scale(nodes, SERVICES, 1) {
        put(&format!("colab/{name}"), &text)?;
    }
    let facts = told(&generate::facts(nodes, SERVICES, 1));
    for (name, text) in notation::all(&facts) {
        put(&name, &text)?;
    }
    Ok(())
}

/// The kinds of things, each with its things by their names.
fn told(facts: &Facts) -> Vec<(&'static str, Value)> {
    let nodes = facts.nodes.iter().map(|each| (each.name(), node(each)));
    let mut services = vec![("edge".to_owned(), edge())];
    services.extend(facts.services.iter().filter_map(|each| {
        let (sort, value) = service(each)?;
        Some((format!("{sort}-{}", each.id()), value))
    }));
    vec![
        ("nodes", Value::Map(nodes.collect())),
        ("shares", Value::Map(racks(facts).map(|(rack, members)| share(rack, members)).collect())),
        ("groups", Value::Map(racks(facts).map(|(rack, members)| group(rack, members)).collect())),
        ("services", Value::Map(services)),
    ]
}

fn racks(facts: &Facts) -> impl Iterator<Item = (usize, &[Node])> {
    facts.nodes.chunk_by(|a, b| a.rack == b.rack).map(|members| (members[0].rack, members))
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn names(members: &[Node]) -> Value {
    Value::List(members.iter().map(|member| text(member.name())).collect())
}

fn node(node: &Node) -> Value {
    let mut entries = vec![
        ("alias", text(format!("host-{:05}", node.number))),
        ("arch", text(node.arch)),
        ("os", text(node.os.0)),
        ("memory", Value::Int(node.memory)),
        ("roles", Value::List(node.roles().into_iter().map(text).collect())),
        ("lan", text(node.lan())),
        ("mesh", text(node.mesh())),
    ];
    if node.is_first() {
        let disk = |device: &str, mount: &str| {
            map([("device", text(device)), ("fs", text("xfs")), ("mount", text(mount))])
        };
        let disks =
            [("data", disk("/dev/sdb1", "/srv/data")), ("spare", disk("/dev/sdc1", "/srv/spare"))];
        entries.push(("disks", map(disks)));
    }
    if node.edge {
        entries.push(("vars", map([("region", text(format!("edge-{:03}", node.rack)))])));
    }
    if node.special {
        entries.push(("container", map([("env", map([("TIER", text("special"))]))])));
    }
    Value::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn share(rack: usize, members: &[Node]) -> (String, Value) {
    let share = map([
        ("server", text(members[0].name())),
        ("disk", text("data")),
        ("clients", names(members)),
        ("mount", text(format!("/mnt/store-{rack:03}"))),
    ]);
    (format!("store-{rack:03}"), share)
}

fn group(rack: usize, members: &[Node]) -> (String, Value) {
    (format!("rack-{rack:03}"), names(members))
}

fn edge() -> Value {
    let container = map([
        ("from", text("caddy")),
        ("tag", text("2.11.4")),
        ("network_mode", text("host")),
        (
            "volumes",
            map([
                ("/data", map([("local", text("edge-data"))])),
                ("/config", map([("local", text("edge-config"))])),
            ]),
        ),
        ("limits", memory(512)),
    ]);
    map([("on", text(name_of(0))), ("containers", map([("web", container)]))])
}

fn memory(mebibytes: usize) -> Value {
    map([("memory", Value::Int(mebibytes))])
}

fn port(host: usize, container: usize) -> Value {
    map([("host", Value::Int(host)), ("container", Value::Int(container))])
}

/// The word that its name begins with, and what it says; none of a unit, which reaches no artifact.
fn service(spot: &Service) -> Option<(&'static str, Value)> {
    let (id, first, second) = (spot.id(), spot.port(0), spot.port(1));
    let (on, tag) = (text(name_of(spot.node)), text(&*spot.tag));
    let sort = ["web", "forge", "cache", "", "files", "api", "client", "report", "mail", ""];
    let sort = sort[spot.place % 10];
    let of_app = |more: Vec<(&str, Value)>| {
        let mut entries = vec![("from", text("app")), ("name", text(sort)), ("tag", tag.clone())];
        entries.extend(more);
        Value::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let alone = |main: Value| map([("on", on.clone()), ("containers", map([("main", main)]))]);
    let sites = |container: &str| {
        let to = map([("container", text(container)), ("port", text("http"))]);
        map([(&*format!("{sort}-{id}.{DOMAIN}"), to)])
    };
    let variable = format!("PASSWORD_{:05}_{}", spot.node, spot.place);
    let value = match sort {
        "web" => map([
            ("on", on.clone()),
            (
                "containers",
                map([(
                    "main",
                    of_app(vec![
                        (
                            "env",
                            map([
                                ("LOG_LEVEL", text("info")),
                                ("NODE", Value::Lan(name_of(spot.node))),
                            ]),
                        ),
                        ("ports", map([("http", port(first, 8080))])),
                        ("limits", map([("cpu", text("0.5")), ("memory", Value::Int(256))])),
                        ("volumes", map([("/data", map([("local", text(format!("web-{id}")))]))])),
                    ]),
                )]),
            ),
            ("sites", sites("main")),
        ]),
        "forge" => {
            // What names its own neighbour, its own site or its own secret is written out.
            let secret =
                format!("${{{variable}:?it is /{id}/{variable} of keys-{:03}}}", spot.rack);
            let db = map([
                ("from", text("postgres")),
                ("tag", text("16-alpine")),
                (
                    "env",
                    map([("POSTGRES_USER", text("forge")), ("POSTGRES_PASSWORD", text(&*secret))]),
                ),
                (
                    "volumes",
                    map([(
                        "/var/lib/postgresql/data",
                        map([("local", text(format!("forge-{id}")))]),
                    )]),
                ),
                ("limits", memory(1024)),
            ]);
            let main = map([
                ("image", text(format!("registry.example.net/forge:{}", spot.tag))),
                ("depends_on", Value::List(vec![text("db")])),
                ("limits", memory(1024)),
                (
                    "env",
                    map([
                        ("DB_HOST", text(format!("forge-{id}-db:5432"))),
                        (
                            "DB_URL",
                            text(format!("postgres://forge:{secret}@forge-{id}-db:5432/forge")),
                        ),
                        ("ROOT_URL", text(format!("https://forge-{id}.{DOMAIN}"))),
                    ]),
                ),
                ("ports", map([("http", port(first, 3000)), ("ssh", port(second, 22))])),
            ]);
            map([
                ("on", on.clone()),
                ("containers", map([("db", db), ("main", main)])),
                ("sites", sites("main")),
            ])
        }
        "cache" => alone(map([
            ("from", text("redis")),
            ("tag", text("7-alpine")),
            ("limits", memory(128)),
        ])),
        "files" => alone(of_app(vec![
            (
                "volumes",
                map([
                    (
                        "/srv",
                        map([
                            ("share", text(format!("store-{:03}", spot.rack))),
                            ("path", text(format!("files/{id}"))),
                        ]),
                    ),
                    (
                        "/etc/localtime",
                        map([("bind", text("/etc/localtime")), ("read_only", Value::Bool(true))]),
                    ),
                ]),
            ),
            ("ports", map([("http", port(first, 80))])),
        ])),
        "api" => alone(of_app(vec![
            ("ports", map([("http", port(first, 8080))])),
            ("env", map([("WORKERS", Value::Workers(name_of(spot.node)))])),
        ])),
        "client" => {
            let api = format!("api-{:05}-{}", spot.next, spot.place - 1);
            alone(of_app(vec![("env", map([("API_URL", Value::Url(api, name_of(spot.next)))]))]))
        }
        "report" => map([
            ("on", on.clone()),
            (
                "containers",
                map([(
                    "main",
                    of_app(vec![
                        ("env", map([("FORMAT", text("html")), ("MODE", text("plain"))])),
                        ("limits", memory(512)),
                    ]),
                )]),
            ),
            (
                "on_os",
                map([("linux", map([("main", map([("env", map([("MODE", text("linux"))]))]))]))]),
            ),
            (
                "on_node",
                map([(&*name_of(spot.node), map([("main", map([("limits", memory(1024))]))]))]),
            ),
        ]),
        "mail" => alone(of_app(vec![
            ("credentials", map([("token", text(&*variable))])),
            (
                "config",
                map([(
                    "/etc/mail.conf",
                    text(format!("host = {}\nzone = {DOMAIN}\n", name_of(spot.node))),
                )]),
            ),
            ("env", map([("TOKEN_FILE", text("/run/secrets/token"))])),
        ])),
        _ => return None,
    };
    Some((sort, value))
}
