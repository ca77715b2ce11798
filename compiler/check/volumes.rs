//! What volumes name by name: there on the node, fit for what is kept in it, visible to the engine.

use super::Check;
use super::shared::{Running, containers, managed, span, stated, value_span};
use crate::diag::text::listed;
use crate::diag::{About, Diagnostic, codes};
use crate::model::mounted::Mounted;
use crate::model::reach::{self, Known};
use crate::model::value::{Base, Location, Value};
use crate::model::{Model, ThingId};
use crate::types::Image;

pub const CHECK: Check = Check {
    name: "volumes",
    doc: "a volume's data is there on its node, and fit for what keeps it",
    run,
};

/// Programs that keep a database in files that they lock, by their image, and where they keep it.
const DATABASES: &[(&str, &str)] = &[
    ("postgres", "/var/lib/postgresql"),
    ("pgvector/pgvector", "/var/lib/postgresql"),
    ("postgis/postgis", "/var/lib/postgresql"),
    ("timescale/timescaledb", "/var/lib/postgresql"),
    ("mysql", "/var/lib/mysql"),
    ("mariadb", "/var/lib/mysql"),
    ("percona", "/var/lib/mysql"),
    ("mongo", "/data/db"),
    ("redis", "/data"),
    ("valkey/valkey", "/data"),
    ("influxdb", "/var/lib/influxdb"),
    ("prom/prometheus", "/prometheus"),
    ("clickhouse/clickhouse-server", "/var/lib/clickhouse"),
    ("vaultwarden/server", "/data"),
    ("grafana/grafana", "/var/lib/grafana"),
    ("headscale/headscale", "/var/lib/headscale"),
    ("louislam/uptime-kuma", "/app/data"),
    ("pihole/pihole", "/etc/pihole"),
    ("ghcr.io/open-webui/open-webui", "/app/backend/data"),
    ("ghcr.io/mlflow/mlflow", "/mlflow"),
    ("ghcr.io/immich-app/postgres", "/var/lib/postgresql"),
    ("bitnami/postgresql", "/bitnami/postgresql"),
    ("bitnami/mariadb", "/bitnami/mariadb"),
    ("percona/percona-server", "/var/lib/mysql"),
    ("lscr.io/linuxserver/mariadb", "/config"),
    ("cockroachdb/cockroach", "/cockroach/cockroach-data"),
    ("elasticsearch", "/usr/share/elasticsearch/data"),
    ("docker.elastic.co/elasticsearch/elasticsearch", "/usr/share/elasticsearch/data"),
    ("opensearchproject/opensearch", "/usr/share/opensearch/data"),
    ("couchdb", "/opt/couchdb/data"),
    ("rabbitmq", "/var/lib/rabbitmq"),
    ("neo4j", "/data"),
    ("victoriametrics/victoria-metrics", "/victoria-metrics-data"),
    ("ghcr.io/home-assistant/home-assistant", "/config"),
    ("homeassistant/home-assistant", "/config"),
    ("jellyfin/jellyfin", "/config"),
    ("n8nio/n8n", "/home/node/.n8n"),
];

/// The directory in which a container keeps a database, if it is known to.
pub(super) fn database(model: &Model, container: ThingId) -> Option<&'static str> {
    let image = Image::of(model.text(container, "image")?);
    let registry = image.registry.filter(|r| !r.ends_with("docker.io"));
    let repository = match registry {
        Some(_) => image.repository,
        None => image.repository.trim_start_matches("library/"),
    };
    let is_it = |known: &str| match registry {
        Some(registry) => known
            .strip_prefix(registry)
            .is_some_and(|known| known.strip_prefix('/') == Some(repository)),
        None => known == repository,
    };
    DATABASES.iter().find(|(image, _)| is_it(image)).map(|(_, path)| *path)
}

fn run(model: &Model, found: &mut Vec<Diagnostic>) {
    let mounted = Mounted::of(model);
    for container in containers(model) {
        let data = database(model, container.part);
        for &volume in model.children(container.part, "volume") {
            let Value::Location(location) = model.get(volume, "value") else { continue };
            if absent(model, volume, container, location, found) {
                continue;
            }
            let Some(share) = mounted.share_of(location, container.node) else { continue };
            if model.word(container.node, "engine") == Some("desktop") {
                found.push(desktop(model, volume, container, share));
                continue;
            }
            let inside = model.label(volume).trim_end_matches('/');
            let dumps = model.word(container.part, "backup") == Some("dump");
            let keeps = |path: &str| inside.starts_with(path) || path.starts_with(inside);
            if data.is_some_and(keeps) || (data.is_none() && dumps) {
                found.push(on_share(model, volume, container, share));
            }
        }
    }
    for node in managed(model) {
        data_root(model, &mounted, node, found);
    }
}

/// A share that the node does not mount, a disk of another node.
fn absent(
    model: &Model,
    volume: ThingId,
    at: Running,
    location: &Location,
    found: &mut Vec<Diagnostic>,
) -> bool {
    let (thing, what) = match location.base {
        Base::Share(share) => (share, "share"),
        Base::Disk(disk) => (disk, "disk"),
        _ => return false,
    };
    if reach::path_on(&mut Known(model), &location.base, &location.sub, at.node) != Ok(None) {
        return false;
    }
    let (name, node) = (model.label(thing), model.label(at.node));
    let mut diagnostic = Diagnostic::new(
        &codes::E1202,
        stated(model, volume, "value"),
        format!("the {what} `{name}` has no place on `{node}`"),
    )
    .here("needs it here")
    .at(model.path(volume))
    .label(model.thing(at.node).span, "the container runs here");
    found.push(match what {
        "disk" => {
            let owner = model.thing(thing).node;
            let place = model.thing(thing).span;

            if owner == Some(at.node) {
                diagnostic
                    .label(place, "it says no `mount`")
                    .about(About::no_place(
                        &model.path(thing),
                        node,
                        "state where: `mount = \"/srv/data\"`",
                    ))
                    .note("a disk is a place for data where it is mounted")
                    .help("state where: `mount = \"/srv/data\"`")
            } else {
                let whose = owner.map_or("another node", |owner| model.label(owner));
                diagnostic
                    .label(place, format!("it is in `{whose}`"))
                    .note("a disk can be used on its own node only")
                    .help("share it: `share NAME { server = ... disk = ... }`, and name the share")
            }
        }
        _ => {
            let mut known = Known(model);
            let world = reach::world(&mut known, at.node);
            let stated_clients = !model.get(thing, "clients").items().is_empty();
            if stated_clients && !reach::is_client(&mut known, thing, at.node) {
                diagnostic = diagnostic.label(
                    span(model, thing, "clients"),
                    format!("`{node}` is not one of its clients"),
                );
                let mut names: Vec<&str> = super::shared::members(model, thing, "clients")
                    .map(|(client, _)| model.label(client))
                    .collect();
                names.push(node);
                let text = format!("[{}]", names.join(", "));
                let diagnostic = diagnostic.note("only its clients mount a share");
                let title = format!("let it be one: `clients = {text}`");
                super::shared::rewrite(diagnostic, model, thing, "clients", &text, title)
            } else {
                let cure = format!("say where: `mount {{ {world} = ... }}` in the share");
                diagnostic
                    .label(model.thing(thing).span, format!("it says no mount for {world}"))
                    .note("a share is mounted where its `mount` says, by system")
                    .about(About::no_place(&model.path(thing), node, &cure))
                    .help(cure)
            }
        }
    });
    true
}

fn on_share(model: &Model, volume: ThingId, at: Running, share: ThingId) -> Diagnostic {
    let (name, node) = (model.label(share), model.label(at.node));
    let via = model.word(share, "via").unwrap_or("smb3");
    let protocol = if via == "nfs" { "NFS" } else { "SMB" };
    let server = model.get(share, "server").as_thing();
    let host = server.map_or("its server", |server| model.label(server));
    let mut diagnostic = Diagnostic::new(
        &codes::E1203,
        stated(model, volume, "value"),
        format!(
            "`{}` keeps a database on `{name}`, which `{node}` mounts by {protocol}",
            model.dotted(at.part)
        ),
    )
    .here("the files of a database")
    .at(model.path(volume))
    .label(span(model, share, "via"), format!("a share by {protocol}"))
    .label(model.thing(at.node).span, format!("`{node}` is a client, and the disk is in `{host}`"));
    if let Some(server) = server {
        diagnostic = diagnostic.label(model.thing(server).span, "the disk is here");
    }
    let diagnostic = diagnostic
        .note("locks, owners and flushed writes of a network file system are not those of a disk: databases on one stop, or break without a word");
    let local = format!("local(\"{}\")", reach::dns_name(&Known(model), at.part));
    let title = format!("keep it on the node's own disk, in a volume of Docker's: `{local}`");
    let diagnostic = match value_span(model, volume, "value") {
        Some(span) => diagnostic.suggest(title, span, local),
        None => diagnostic.help(title),
    };
    diagnostic.help(format!("or run the service where the disk is: `on = {host}`"))
}

fn desktop(model: &Model, volume: ThingId, at: Running, share: ThingId) -> Diagnostic {
    let (name, node) = (model.label(share), model.label(at.node));
    let diagnostic = Diagnostic::new(
        &codes::E1204,
        stated(model, volume, "value"),
        format!("the engine of `{node}` cannot see `{name}`"),
    )
    .here("mounted by the desktop, not by the engine")
    .at(model.path(volume))
    .label(model.thing(share).span, "a share that the node mounts")
    .label(stated(model, at.node, "engine"), format!("the engine of `{node}` is Docker Desktop's"))
    .note("Docker Desktop runs containers in a machine of its own: a mapped drive or a network volume of its host is not there, and what is written lands inside that machine");
    let local = format!("local(\"{}\")", reach::dns_name(&Known(model), at.part));
    let title = format!("keep it in a volume of Docker's: `{local}`");
    let diagnostic = match value_span(model, volume, "value") {
        Some(span) => diagnostic.suggest(title, span, local),
        None => diagnostic.help(title),
    };
    let server = model.get(share, "server").as_thing().map_or("NODE", |server| model.label(server));
    diagnostic.help(format!("or run the service where the share is a plain path: `on = {server}`"))
}

/// Images and layers on a share: thousands of small files, and none of what an overlay needs.
fn data_root(model: &Model, mounted: &Mounted, node: ThingId, found: &mut Vec<Diagnostic>) {
    let Some(docker) = model.block(node, "docker") else { return };
    let Some(path) = model.text(docker, "data_root") else { return };
    let location = Location { base: Base::Host(path.into()), sub: "".into() };
    let Some(share) = mounted.share_of(&location, node) else { return };
    let (name, here) = (model.label(share), model.label(node));
    let diagnostic = Diagnostic::new(
        &codes::E1205,
        stated(model, docker, "data_root"),
        format!("expected a directory on a disk of `{here}`, found `{path}` on the share `{name}`"),
    )
    .here("images and layers would live here")
    .at(model.path(node))
    .label(model.thing(share).span, format!("{} mounts this one", listed([here])))
    .note("layers are thousands of small files with owners and links that a share cannot keep, and without its server the node could start nothing");
    let title = "use Docker's own place: `/var/lib/docker`".to_string();
    found.push(super::shared::rewrite(
        diagnostic,
        model,
        docker,
        "data_root",
        "\"/var/lib/docker\"",
        title,
    ));
}
