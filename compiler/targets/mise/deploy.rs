//! The script that starts one service on its node: secrets first, then Compose. No secret is ever
//! written down; each is fetched when the script runs, and a missing one ends it before anything
//! was touched.

use super::SCRIPTS;
use crate::formats::Written;
use crate::formats::script::{Line, Word};
use crate::formats::shell::{self, Shell};
use crate::model::reach::{self, Place};
use crate::model::value::{SecretName, Value};
use crate::model::{Cluster, Instance, ThingId};
use crate::targets::shared_nodes as nodes;
use crate::targets::{Emission, File};
use crate::tree::Tool;
use std::collections::BTreeMap;

pub(super) fn emit(cluster: &Cluster, out: &mut Emission, instance: Instance) {
    let (service, node) = (cluster.label(instance.service), cluster.label(instance.node));
    let secrets = by_store(nodes::secrets(cluster, instance));
    let file = File::new(["mise/", node, "/deploy/", service].concat())
        .program()
        .to(Tool::Chezmoi, node, [SCRIPTS, "/", service].concat(), 0o755)
        .from([instance.service]);
    if sayable(cluster, instance, &secrets) {
        out.put_lazily(file, |out| script(cluster, out, instance, secrets));
    } else {
        let written = script(cluster, out, instance, secrets);
        out.put(file, written);
    }
}

/// The names of secrets, by their stores.
type Secrets = BTreeMap<ThingId, Vec<SecretName>>;

/// Whether a script can hold every text of the sources that would stand in it; where it would first have to
/// be worked out, nobody knows.
fn sayable(cluster: &Cluster, instance: Instance, secrets: &Secrets) -> bool {
    let names = secrets.values().flatten();
    let mut texts: Vec<&str> = vec![
        nodes::project(cluster, instance.thing),
        cluster.label(instance.service),
        cluster.label(instance.node),
    ];
    texts.extend(names.flat_map(|secret| [&*secret.path, &*secret.name, &*secret.variable]));
    for &store in secrets.keys() {
        let param = |name: &str| cluster.param(store, "provider", name);
        if cluster.word(store, "provider") == Some("infisical") && param("url").is_none() {
            return false;
        }
        let run = param("run").map_or(&[][..], Value::items);
        texts.extend(run.iter().filter_map(|word| word.value.as_text()));
        texts.extend(["url", "project", "file"].iter().filter_map(|name| param(name)?.as_text()));
        texts.extend(cluster.text(store, "env"));
    }
    texts.into_iter().all(shell::can_hold)
}

fn script(cluster: &Cluster, out: &Emission<'_>, instance: Instance, secrets: Secrets) -> Written {
    let (service, node) = (cluster.label(instance.service), cluster.label(instance.node));
    let mut lines = vec![Line::blank(), Line::code("cd ~/.config/docker/compose")];
    let mut words: Vec<Word<'_>> = Vec::new();
    for (store, names) in secrets {
        fetch(cluster, out, instance.node, store, &names, &mut lines, &mut words);
    }
    let command = match compose(cluster, instance.node) {
        "docker-compose" => "docker-compose",
        _ => "docker compose",
    };
    let mut start = vec![Word::Code("exec")];
    start.append(&mut words);
    start.extend([
        Word::Code(command),
        Word::Code("-p"),
        Word::text(nodes::project(cluster, instance.thing)),
        Word::Code("-f"),
        Word::text(format!("{service}.yml")),
        Word::Code("up --detach --remove-orphans \"$@\""),
    ]);
    lines.push(Line::words(start));
    let header = format!(
        "Starts or updates {service}, here on {node}.\n\n{}",
        out.header(&[instance.service])
    );
    shell::write(Shell::Posix, &header, &lines)
}

/// The command that the node has for Compose: the one that mise pins, else Docker's plugin.
pub(super) fn compose(cluster: &Cluster, node: ThingId) -> &'static str {
    match cluster.get(node, "tools").get("docker-compose") {
        Some(_) => "docker-compose",
        None => "docker compose",
    }
}

fn by_store(secrets: impl IntoIterator<Item = SecretName>) -> Secrets {
    let mut stores = Secrets::new();
    for secret in secrets {
        stores.entry(secret.store).or_default().push(secret);
    }
    stores
}

/// Lines that fetch secrets one by one, or words in front of the command that is to have them.
fn fetch<'a>(
    cluster: &'a Cluster,
    out: &Emission<'_>,
    node: ThingId,
    store: ThingId,
    names: &[SecretName],
    lines: &mut Vec<Line<'a>>,
    words: &mut Vec<Word<'a>>,
) {
    lines.push(Line::comment(format!("secrets of {}", cluster.label(store))));
    let provider = cluster.at(store, "provider").1;
    match cluster.word(store, "provider") {
        Some("infisical") => infisical(cluster, out, node, store, names, lines, words),
        Some("sops") => {
            let file = cluster.param(store, "provider", "file").and_then(Value::as_text);
            needed("sops", lines);
            for secret in names {
                let place: String = secret
                    .path
                    .split('/')
                    .filter(|step| !step.is_empty())
                    .chain([&*secret.name])
                    .map(|step| format!("[{step:?}]"))
                    .collect();
                // The clone that chezmoi keeps is the repository that the file belongs to.
                let call = vec![
                    Word::Code("sops decrypt --extract "),
                    Word::text(place),
                    Word::Code(" ~/.local/share/chezmoi/"),
                    Word::text(file.unwrap_or_default()).of(provider),
                ];
                export(secret, call, lines);
            }
        }
        _ => {
            let run = cluster.param(store, "provider", "run").map_or(&[][..], Value::items);
            let run: Vec<&str> = run.iter().filter_map(|word| word.value.as_text()).collect();
            if let Some(program) = run.first() {
                needed(program, lines);
            }
            for secret in names {
                let mut call = Vec::new();
                for word in &run {
                    call.extend([Word::text(*word).of(provider), Word::Code(" ")]);
                }
                let path = secret.path.trim_end_matches('/');
                call.push(Word::text(format!("{path}/{}", secret.name)));
                export(secret, call, lines);
            }
        }
    }
}

fn infisical<'a>(
    cluster: &'a Cluster,
    out: &Emission<'_>,
    node: ThingId,
    store: ThingId,
    names: &[SecretName],
    lines: &mut Vec<Line<'a>>,
    words: &mut Vec<Word<'a>>,
) {
    needed("infisical", lines);
    lines.push(Line::code("export INFISICAL_DISABLE_UPDATE_CHECK=true"));
    if let Some(url) = address(cluster, out, node, store) {
        let value = Word::Joined(vec![Word::Code("INFISICAL_API_URL="), Word::text(url)]);
        lines.push(Line::words([Word::Code("export"), value]));
    }
    let env = format!("--env={}", cluster.text(store, "env").unwrap_or("prod"));
    let mut options = vec![Word::text(env).of(cluster.at(store, "env").1)];
    if let Some(project) = cluster.param(store, "provider", "project").and_then(Value::as_text) {
        let project = Word::text(format!("--projectId={project}"));
        options.push(project.of(cluster.at(store, "provider").1));
    }
    let mut paths: Vec<&str> = Vec::new();
    for secret in names {
        if secret.variable == secret.name {
            paths.push(&secret.path);
            continue;
        }
        // Under another name than its own it has to be asked for alone.
        let mut call =
            vec![Word::Code("infisical secrets get "), Word::text(secret.name.to_string())];
        for option in &options {
            call.extend([Word::Code(" "), option.clone()]);
        }
        call.extend([
            Word::Code(" "),
            Word::text(format!("--path={}", secret.path)),
            Word::Code(" --plain --silent"),
        ]);
        export(secret, call, lines);
    }
    paths.dedup();
    if !paths.is_empty() {
        words.push(Word::Code("infisical run"));
        words.extend(options);
        words.extend(paths.iter().map(|path| Word::text(format!("--path={path}"))));
        words.push(Word::Code("--"));
    }
}

/// Where the node reaches the store: as stated, or where its service listens.
fn address(cluster: &Cluster, out: &Emission<'_>, node: ThingId, store: ThingId) -> Option<String> {
    if let Some(url) = cluster.param(store, "provider", "url").and_then(Value::as_text) {
        return Some(format!("{}/api", url.trim_end_matches('/').trim_end_matches("/api")));
    }
    let service = match cluster.param(store, "provider", "service") {
        Some(Value::Thing(service)) => *service,
        _ => cluster.find("service", "infisical")?,
    };
    let mut known = out.known();
    for instance in nodes::instances_of(cluster, service) {
        for container in nodes::containers(cluster, instance) {
            for &port in cluster.children(container, "port") {
                let scheme = cluster.word(port, "scheme").unwrap_or("");
                if !matches!(scheme, "http" | "https") {
                    continue;
                }
                if let Ok(seen) = reach::seen(&mut known, port, Place::host(node)) {
                    return Some(format!("{scheme}://{}/api", seen.address()));
                }
            }
        }
    }
    None
}

/// A line that ends the script where a program is missing.
fn needed<'a>(program: &str, lines: &mut Vec<Line<'a>>) {
    let text = |before: &str| Word::text(format!("{before}{program}"));
    lines.push(Line::words([
        Word::Code("command -v"),
        text(""),
        Word::Code("> /dev/null || { echo"),
        Word::text(format!("this needs {program}, which is not installed")),
        Word::Code(">&2; exit 1; }"),
    ]));
}

/// `NAME=$(...)` and its export: two lines, so that a failure ends the script.
fn export<'a>(secret: &SecretName, call: Vec<Word<'a>>, lines: &mut Vec<Line<'a>>) {
    let name = || Word::text(secret.variable.to_string());
    let mut set = vec![name(), Word::Code("=\"$(")];
    set.extend(call);
    set.push(Word::Code(")\""));
    lines.push(Line::words([Word::Joined(set)]));
    lines.push(Line::words([Word::Code("export"), name()]));
}
