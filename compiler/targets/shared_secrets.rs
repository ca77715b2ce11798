//! How a program of the host gets its secrets: a unit of systemd asks the store at boot and writes
//! what it says to memory below `/run/colab`. Only names of secrets pass through here.

use super::shared_nodes::{home, user};
use crate::formats::script::{Line, Word};
use crate::model::reach::{self, Known, Place};
use crate::model::value::{Secret, SecretName, SecretPart, Value};
use crate::model::{Cluster, Instance, ThingId};
use crate::origin::Origin;
use std::collections::BTreeSet;

/// What the bootstrap leaves on a node, once: the variables with which it asks its stores.
/// Root's alone.
pub const IDENTITY: &str = "/etc/colab/identity";

/// Where what was fetched lies, in memory.
pub const FOLDER: &str = "/run/colab";

/// The unit that fetches the password of a share.
pub fn share_unit(cluster: &Cluster, share: ThingId) -> String {
    format!("colab-secret-share-{}.service", cluster.label(share))
}

/// The unit that fetches the secrets of a unit, and that of a backup.
pub fn unit_of_unit(cluster: &Cluster, service: ThingId, unit: ThingId) -> String {
    format!("colab-secret-unit-{}-{}.service", cluster.label(service), cluster.label(unit))
}

pub fn backup_unit(cluster: &Cluster, backup: ThingId) -> String {
    format!("colab-secret-backup-{}.service", cluster.label(backup))
}

/// The file that `mount.cifs` reads.
pub fn share_file(cluster: &Cluster, share: ThingId) -> String {
    format!("{FOLDER}/{}.cred", cluster.label(share))
}

/// The names in a secret text.
pub fn names(secret: &Secret) -> impl Iterator<Item = &SecretName> {
    secret.parts.iter().filter_map(|part| match part {
        SecretPart::Name(name) => Some(name),
        SecretPart::Text(_) => None,
    })
}

/// Whether the password of a share comes from a container of this very node: then the engine
/// cannot wait for the mount, which waits for the password.
pub fn waits_for_engine(cluster: &Cluster, node: ThingId, share: ThingId) -> bool {
    let Value::Secret(secret) = cluster.get(share, "password") else { return false };
    names(secret).any(|name| {
        server(cluster, name.store)
            .is_some_and(|service| cluster.instances_of(service).any(|i| i.node == node))
    })
}

/// The service of the cluster that runs a store.
fn server(cluster: &Cluster, store: ThingId) -> Option<ThingId> {
    if cluster.word(store, "provider") != Some("infisical")
        || cluster.param(store, "provider", "url").is_some_and(|url| !url.is_none())
    {
        return None;
    }
    match cluster.param(store, "provider", "service") {
        Some(Value::Thing(service)) => Some(*service),
        _ => cluster.find("service", "infisical"),
    }
}

/// The network that leads from a node to the stores of some secrets, where one is a mesh.
pub fn over_mesh(
    cluster: &Cluster,
    known: &mut Known<'_>,
    node: ThingId,
    secrets: &[&Secret],
) -> bool {
    stores(secrets).into_iter().any(|store| {
        matches!(
            store_seen(cluster, known, store, node),
            Some(Ok((_, seen))) if seen.network.is_some_and(|n| cluster.word(n, "driver") == Some("mesh"))
        )
    })
}

/// Whether a store is asked with the node's identity.
pub fn needs_identity(cluster: &Cluster, secrets: &[&Secret]) -> bool {
    stores(secrets).into_iter().any(|store| cluster.word(store, "provider") != Some("command"))
}

fn stores(secrets: &[&Secret]) -> BTreeSet<ThingId> {
    secrets.iter().flat_map(|secret| names(secret)).map(|name| name.store).collect()
}

type Answer<T> = Result<T, String>;

/// Where the store's service answers, seen from a node; `None` for one that is no service here.
fn store_seen(
    cluster: &Cluster,
    known: &mut Known<'_>,
    store: ThingId,
    node: ThingId,
) -> Option<Answer<(String, reach::Seen)>> {
    let service = server(cluster, store)?;
    let name = cluster.label(store);
    let Some(instance) = nearest(cluster, service, node) else {
        return Some(Err(format!("the service of the store `{name}` runs nowhere")));
    };
    let ports = cluster.children(instance.thing, "container").iter();
    let ports = ports.flat_map(|&container| cluster.children(container, "port"));
    let web = ports.copied().filter(|&port| {
        matches!(cluster.word(port, "scheme"), Some("http" | "https"))
            && reach::published(known, port).is_some()
    });
    let web: Vec<ThingId> = web.collect();
    let Some(&port) = web.first() else {
        return Some(Err(format!("the service of the store `{name}` publishes no port for HTTP")));
    };
    let seen = reach::seen(known, port, Place::host(node));
    let scheme = cluster.word(port, "scheme").unwrap_or("http").to_string();
    Some(seen.map(|seen| (scheme, seen)).map_err(|_| {
        format!("`{}` cannot reach the service of the store `{name}`", cluster.label(node))
    }))
}

/// The instance on the node itself, else the first.
fn nearest(cluster: &Cluster, service: ThingId, node: ThingId) -> Option<Instance> {
    let all: Vec<Instance> = cluster.instances_of(service).collect();
    all.iter().find(|i| i.node == node).or(all.first()).copied()
}

/// The lines that make a script ready to ask the stores of these secrets.
pub fn log_in<'a>(
    cluster: &'a Cluster,
    known: &mut Known<'_>,
    node: ThingId,
    secrets: &[&Secret],
) -> Answer<Vec<Line<'a>>> {
    let mut lines = Vec::new();
    let mut domains = BTreeSet::new();
    for store in stores(secrets) {
        if cluster.word(store, "provider") != Some("infisical") {
            continue;
        }
        let origin = cluster.at(store, "provider").1;
        let url = match (
            cluster.param(store, "provider", "url"),
            store_seen(cluster, known, store, node),
        ) {
            (Some(Value::Text(url)), _) => {
                Some(url.trim_end_matches('/').trim_end_matches("/api").to_string())
            }
            (_, Some(seen)) => {
                seen.map(|(scheme, seen)| Some(format!("{scheme}://{}", seen.address())))?
            }
            _ => None,
        };
        if !domains.insert(url.clone()) {
            continue;
        }
        if domains.len() > 1 {
            return Err("one program cannot have secrets of two Infisicals".into());
        }
        if let Some(url) = url {
            let value = Word::Joined(vec![
                Word::Code("INFISICAL_API_URL="),
                Word::text(format!("{url}/api")),
            ]);
            lines.push(Line::words([Word::Code("export"), value]).at(origin));
        }
        lines.push(Line::code("export INFISICAL_DISABLE_UPDATE_CHECK=true"));
        lines.push(Line::comment(
            "The identity's own variables say who asks: nothing of it is on a command line.",
        ));
        lines.push(
            Line::code(
                "INFISICAL_TOKEN=\"$(infisical login --method=universal-auth --plain --silent)\"",
            )
            .at(origin),
        );
        lines.push(Line::code("export INFISICAL_TOKEN"));
    }
    Ok(lines)
}

/// The lines that put a secret text together in the variable `value`.
pub fn gather<'a>(
    cluster: &'a Cluster,
    node: ThingId,
    secret: &'a Secret,
    origin: Origin,
) -> Answer<Vec<Line<'a>>> {
    let mut lines = vec![Line::code("value=''").at(origin)];
    for part in &secret.parts {
        let piece = match part {
            SecretPart::Text(text) => Word::text(&**text),
            SecretPart::Name(name) => {
                let mut words = question(cluster, node, name)?;
                let first = words.remove(0);
                words.insert(0, Word::Joined(vec![Word::Code("part=\"$("), first]));
                words.push(Word::Code(")\""));
                lines.push(Line::words(words).at(origin));
                lines.push(Line::words([
                    Word::Code("[ -n \"${part}\" ] || { echo"),
                    Word::text(format!("the store has nothing for {}/{}", folder(name), name.name)),
                    Word::Code(">&2; exit 1; }"),
                ]));
                Word::Variable("part")
            }
        };
        if matches!(part, SecretPart::Text(text) if text.contains(['$', '`'])) {
            lines.push(Line::comment("shellcheck disable=SC2016 # it is meant as it stands"));
        }
        let joined = Word::Joined(vec![Word::Code("value=\"${value}\""), piece]);
        lines.push(Line::words([joined]).at(origin));
    }
    Ok(lines)
}

/// The command that prints one secret.
fn question<'a>(
    cluster: &'a Cluster,
    node: ThingId,
    name: &'a SecretName,
) -> Answer<Vec<Word<'a>>> {
    let store = name.store;
    let provider = cluster.at(store, "provider").1;
    Ok(match cluster.word(store, "provider") {
        Some("infisical") => {
            let mut words = vec![
                Word::Code("infisical secrets get"),
                Word::text(&*name.name),
                Word::Joined(vec![Word::Code("--path="), Word::text(&*name.path)]),
            ];
            if let Some(env) = cluster.text(store, "env") {
                words.push(Word::Joined(vec![
                    Word::Code("--env="),
                    Word::text(env).of(cluster.at(store, "env").1),
                ]));
            }
            if let Some(Value::Text(project)) = cluster.param(store, "provider", "project") {
                words.push(Word::Joined(vec![
                    Word::Code("--projectId="),
                    Word::text(&**project).of(provider),
                ]));
            }
            words.push(Word::Code("--plain --silent"));
            words
        }
        Some("sops") => {
            let Some(Value::Text(file)) = cluster.param(store, "provider", "file") else {
                return Err("a store of sops without a file".into());
            };
            let Some(user) = user(cluster, node) else {
                return Err(format!(
                    "`{}` has no user, and so no copy of the repository",
                    cluster.label(node)
                ));
            };
            let steps = name.path.split('/').filter(|step| !step.is_empty()).chain([&*name.name]);
            let key: String = steps.map(|step| format!("[\"{step}\"]")).collect();
            let home = home(cluster, node, user, None);
            vec![
                Word::Code("sops decrypt --extract"),
                Word::text(key),
                // The clone that chezmoi keeps.
                Word::text(format!("{home}/.local/share/chezmoi/{file}")).of(provider),
            ]
        }
        _ => {
            let Some(run) = cluster.param(store, "provider", "run") else {
                return Err("a store without a command".into());
            };
            let words = run.items().iter().filter_map(|item| item.value.as_text());
            let name = format!("{}/{}", folder(name), name.name);
            words.map(|word| Word::text(word).of(provider)).chain([Word::text(name)]).collect()
        }
    })
}

/// A path of a store without a slash at its end.
fn folder(name: &SecretName) -> &str {
    name.path.trim_end_matches('/')
}
