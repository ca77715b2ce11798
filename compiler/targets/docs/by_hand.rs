//! What a person does once on a node, beside what the tools bring: who it is to the stores, the passwords
//! of its file server, and those that the vaults of macOS and Windows keep.

use super::Book;
use super::paper::{Steps, code, commas, say, says};
use crate::model::{Cluster, ThingId};
use crate::targets::shared_mounts::{self, World};
use crate::targets::shared_nodes as nodes;
use crate::targets::shared_secrets::IDENTITY;
use crate::tree::Tool;
use std::collections::BTreeSet;

/// On a node that Ansible logs in to.
pub(super) fn on_posix(book: &Book<'_>, steps: &mut Steps, node: ThingId) {
    identity(book, steps, node);
    commands(book, steps, node);
    accounts(book, steps, node);
    keychain(book, steps, node);
}

/// The text of every file of a node's units, by its name.
fn units(book: &Book<'_>, node: ThingId) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for folder in ["systemd", "backup"] {
        for (path, file) in book.tree.below(&format!("{folder}/{}/", book.cluster.label(node))) {
            let name = path.rsplit('/').next().unwrap_or(path).to_string();
            all.push((name, String::from_utf8_lossy(&file.bytes).into_owned()));
        }
    }
    all
}

/// Who the node is to the stores that its units ask.
fn identity(book: &Book<'_>, steps: &mut Steps, node: ThingId) {
    let units = units(book, node);
    let asks = |program: &str| units.iter().any(|(_, text)| text.contains(program));
    let name = book.cluster.label(node);
    let mut variables = Vec::new();
    if asks("infisical login --method=universal-auth") {
        variables.push("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID");
        variables.push("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET");
    }
    if asks("sops decrypt") {
        variables.push("SOPS_AGE_KEY");
    }
    if variables.is_empty() {
        return;
    }
    let mut what = says("Leave there, once, who it is to the store of secrets, as ");
    what.extend(commas(variables.into_iter().map(code)));
    what.extend([say(" in "), code(IDENTITY)]);
    what.push(say(", a line NAME=VALUE each. It is the one secret that lies on the node."));
    steps.step(
        what,
        &[
            &format!("ssh -t {name} sudo install -D -m 0600 /dev/null {IDENTITY}"),
            &format!("ssh -t {name} sudo -e {IDENTITY}"),
        ],
    );
}

/// Stores that are asked by a command of the sources, which nobody here knows.
fn commands(book: &Book<'_>, steps: &mut Steps, node: ThingId) {
    let line = format!("EnvironmentFile={IDENTITY}");
    let asking = units(book, node).into_iter().filter(|(name, text)| {
        name.starts_with("colab-secret-") && !text.lines().any(|it| it == line)
    });
    let name = book.cluster.label(node);
    let lines: Vec<String> =
        asking.map(|(unit, _)| format!("ssh -t {name} sudo systemctl restart {unit}")).collect();
    if !lines.is_empty() {
        let what = says(
            "At boot its units ask the store by a command of the sources: as root, without a home, with nobody \
             to type anything. See that it answers.",
        );
        steps.step(what, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

/// The accounts of its file server.
fn accounts(book: &Book<'_>, steps: &mut Steps, node: ThingId) {
    let (cluster, name) = (book.cluster, book.cluster.label(node));
    let config = book.tree.get(&format!("samba/{name}/smb.conf"));
    let delivery = config.and_then(|file| file.delivery.as_ref());
    let here =
        delivery.is_some_and(|d| d.tool == Tool::Ansible && d.destination == "/etc/samba/smb.conf");
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for share in nodes::shares_on(cluster, node).filter(|_| here) {
        if cluster.word(share, "via") == Some("smb3") && !cluster.flag(share, "guest") {
            let others = cluster.get(share, "valid_users").items().iter();
            let all = others.filter_map(|item| item.value.as_thing());
            names
                .extend(all.chain(cluster.get(share, "user").as_thing()).map(|u| cluster.label(u)));
        }
    }
    if !names.is_empty() {
        let what = says("Samba has passwords of its own. Give it those of the shares' accounts:");
        let lines: Vec<String> =
            names.iter().map(|user| format!("ssh -t {name} sudo smbpasswd -a {user}")).collect();
        steps.step(what, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

/// Server and account of each share that a world of the node logs in to itself.
fn logins<'a>(book: &Book<'a>, node: ThingId, world: World) -> BTreeSet<(String, &'a str)> {
    let cluster: &'a Cluster = book.cluster;
    let mounts = shared_mounts::mounts(cluster, &mut book.known(), node, world);
    let login = |mount: shared_mounts::Mount| {
        let user = cluster.get(mount.share, "user").as_thing()?;
        let open =
            cluster.flag(mount.share, "guest") || cluster.word(mount.share, "via") == Some("nfs");
        Some((mount.way?.address.to_string(), cluster.label(user))).filter(|_| !open)
    };
    mounts.into_iter().filter_map(login).collect()
}

/// A Mac logs in with what its Keychain has, and reads its agents when somebody logs in to it.
fn keychain(book: &Book<'_>, steps: &mut Steps, node: ThingId) {
    let name = book.cluster.label(node);
    let folder = format!("macos/{name}/");
    let agents = book.tree.below(&folder).filter_map(|(path, _)| path.rsplit('/').next());
    let agents: Vec<&str> = agents.filter(|file| file.ends_with(".plist")).collect();
    if agents.is_empty() {
        return;
    }
    let mut lines: Vec<String> = logins(book, node, World::MacOs)
        .into_iter()
        .map(|(server, user)| {
            format!("security add-internet-password -r 'smb ' -s {server} -a {user} -w")
        })
        .collect();
    lines.extend(
        agents.into_iter().map(|agent| {
            format!("launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/{agent}")
        }),
    );
    let what = vec![
        say("On "),
        book.link(node),
        say(
            ", as its person: give the Keychain the passwords of the shares, and start what mounts them.",
        ),
    ];
    steps.step(what, &lines.iter().map(String::as_str).collect::<Vec<_>>());
}

/// In the Windows of a node, with WSL or without: nobody can log in there to map a drive.
pub(super) fn on_windows(book: &Book<'_>, steps: &mut Steps, node: ThingId) {
    let name = book.cluster.label(node);
    let folder = format!("windows/{name}/");
    let files = book.tree.below(&folder).filter_map(|(path, _)| path.rsplit('/').next());
    let mut lines: Vec<String> = Vec::new();
    for file in files {
        lines.push(match file {
            "wsl.conf" => "wsl --shutdown".to_string(),
            script => {
                format!("powershell -ExecutionPolicy Bypass -File $HOME\\.config\\colab\\{script}")
            }
        });
    }
    if !lines.is_empty() {
        let what = vec![
            say("In a PowerShell of "),
            book.link(node),
            say(
                ", as its person and not as an administrator: map the drives, for which it asks each server's password once, and let WSL read its settings.",
            ),
        ];
        steps.step(what, &lines.iter().map(String::as_str).collect::<Vec<_>>());
    }
}
