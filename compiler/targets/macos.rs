//! macOS: an agent of launchd for each share, and the script that it runs while someone is logged
//! in. The Keychain has the password.

use super::fstab::no_way;
use super::shared_mounts::{self, Mount, World, bracketed};
use super::shared_nodes::{managed, os};
use super::{Emission, Emit, File, Target};
use crate::diag::codes;
use crate::formats::script::{Line, Word};
use crate::formats::shell::{self, Shell};
use crate::formats::{Data, Map, plist};
use crate::model::reach;
use crate::model::value::Value;
use crate::model::{Cluster, ThingId};
use crate::targets::shared_refusal::Refusal;
use crate::tree::Tool;

pub const TARGET: Target = Target {
    name: "macos",
    doc: "LaunchAgents of each Mac, which mount its shares",
    emit: Emit::Alone(emit),
};

/// How long a share may be gone before the agent looks again, in seconds.
const INTERVAL: i64 = 300;

fn emit(cluster: &Cluster, out: &mut Emission) {
    for node in managed(cluster) {
        if os(cluster, node) != "macos" {
            continue;
        }
        let mut known = out.known();
        for mount in shared_mounts::mounts(cluster, &mut known, node, World::MacOs) {
            agent(cluster, out, node, &mount);
        }
    }
}

fn agent(cluster: &Cluster, out: &mut Emission, node: ThingId, mount: &Mount) {
    let share = mount.share;
    let Some(url) = url(cluster, out, mount) else { return no_way(cluster, out, node, mount) };
    let things = [node, share];
    let (machine, name) = (cluster.label(node), cluster.label(share));
    let script = format!("mount-{name}.sh");
    let file = File::new(format!("macos/{machine}/{script}"))
        .program()
        .to(Tool::Chezmoi, machine, format!("~/.config/colab/{script}"), 0o755)
        .from(things);
    if mount.path.starts_with("/Volumes/") && mount.path != format!("/Volumes/{}", url.volume) {
        let message = format!(
            "macOS lets root alone write into /Volumes, and the volume of share `{name}` is called `{}` there",
            url.volume
        );
        let help = format!(
            "name it `/Volumes/{}`, or a place outside of /Volumes, which becomes a link to it",
            url.volume
        );
        return out.refuse(Refusal::new(&codes::E0801, mount.origin, share, message, help));
    }
    let lines = steps(cluster, mount, url);
    out.put(file, shell::write(Shell::Posix, &out.header(&things), &lines));

    let label = label(cluster, share);
    // launchd knows no `~`; HOME it sets.
    let start = format!("exec \"$HOME\"/{}", shell::quote(&format!(".config/colab/{script}")));
    let agent = Map::new()
        .with("Label", label.as_str())
        .with("ProgramArguments", Data::list(["/bin/sh", "-c", start.as_str()]))
        .with("RunAtLoad", true)
        .with("StartInterval", INTERVAL)
        .with("LimitLoadToSessionType", "Aqua")
        .with("ProcessType", "Background")
        .at(mount.share.origin());
    let file = File::new(format!("macos/{machine}/{label}.plist"))
        .to(Tool::Chezmoi, machine, format!("~/Library/LaunchAgents/{label}.plist"), 0o644)
        .from(things);
    out.put(file, plist::write(&agent));
}

/// `la.ism.colab.fortress`: the cluster's domain backwards, as launchd's names go.
fn label(cluster: &Cluster, share: ThingId) -> String {
    let mut parts: Vec<&str> = Vec::new();
    if let Some(id) = cluster.cluster {
        parts
            .extend(cluster.text(id, "domain").unwrap_or("").rsplit('.').filter(|p| !p.is_empty()));
        parts.push(cluster.label(id));
    }
    parts.push(cluster.label(share));
    parts.join(".")
}

struct Url {
    text: String,
    host: String,
    user: Option<String>,
    /// What Finder calls the volume.
    volume: String,
    port: u16,
}

fn url(cluster: &Cluster, out: &Emission, mount: &Mount) -> Option<Url> {
    let share = mount.share;
    let address = mount.way?.address;
    let user = cluster.get(share, "user").as_thing().filter(|_| !cluster.flag(share, "guest"));
    let user = user.map(|user| cluster.label(user).to_string());
    let name = cluster.label(share);
    if cluster.word(share, "via") == Some("nfs") {
        let path = match cluster.param(share, "via", "export") {
            Some(Value::Text(path)) => path.to_string(),
            _ => reach::server_path(&mut out.known(), share).ok().flatten()?,
        };
        return Some(Url {
            text: format!("nfs://{}{}", bracketed(address), escaped(&path)),
            host: address.to_string(),
            user: None,
            volume: path.rsplit('/').next().unwrap_or(name).to_string(),
            port: 2049,
        });
    }
    let at = match &user {
        Some(user) => format!("{}@", escaped(user)),
        None => "guest:@".to_string(),
    };
    Some(Url {
        text: format!("smb://{at}{}/{}", bracketed(address), escaped(name)),
        host: address.to_string(),
        user,
        volume: name.to_string(),
        port: 445,
    })
}

/// A part of a URL: what is not plain as `%20`.
fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    text.bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn steps<'a>(cluster: &'a Cluster, mount: &'a Mount, url: Url) -> Vec<Line<'a>> {
    let volume = format!("/Volumes/{}", url.volume);
    let mut lines = vec![
        Line::set("volume", Word::text(volume.clone())).at(mount.share.origin()),
        Line::blank(),
        Line::comment(
            "Nothing to do where it is mounted, and nothing to be done where the server is away.",
        ),
        Line::block(
            [Word::Code("if ! /sbin/mount | grep -qF \" on ${volume} (\"; then")],
            {
                let mut body = vec![Line::words([
                    Word::Code("/usr/bin/nc -z -G 3"),
                    Word::text(url.host.clone()),
                    Word::text(url.port.to_string()),
                    Word::Code("> /dev/null 2>&1 || exit 0"),
                ])];
                if let Some(user) = &url.user {
                    body.push(Line::comment(
                        "Without an entry the Finder would ask again and again. Make it once, by hand: the same command\nwith add-internet-password, and -w at its end.",
                    ));
                    body.push(
                        Line::block(
                            [
                                Word::Code(
                                    "if ! /usr/bin/security find-internet-password -r 'smb ' -s",
                                ),
                                Word::text(url.host.clone()),
                                Word::Code("-a"),
                                Word::text(user.clone()),
                                Word::Code("> /dev/null 2>&1; then"),
                            ],
                            vec![
                                Line::words([
                                    Word::Code("echo"),
                                    Word::text(format!(
                                        "the Keychain has no password for {user} on {}",
                                        url.host
                                    )),
                                    Word::Code(">&2"),
                                ]),
                                Line::code("exit 0"),
                            ],
                            "fi",
                        )
                        .at(cluster.at(mount.share, "user").1),
                    );
                }
                body.push(Line::comment("It makes the folder in /Volumes by itself; one made by hand would stand in its way."));
                body.push(
                    Line::words([
                        Word::Code("/usr/bin/osascript -e 'on run argv' -e 'mount volume (item 1 of argv)' -e 'end run'"),
                        Word::text(url.text),
                        Word::Code("> /dev/null"),
                    ])
                    .at(mount.share.origin()),
                );
                body
            },
            "fi",
        ),
    ];
    if mount.path != volume {
        lines.push(Line::comment("The place that the sources name is a link to the volume."));
        lines.push(Line::set("place", Word::text(mount.path.clone())).at(mount.origin));
        lines.push(Line::block(
            [Word::Code("if [ -e \"${place}\" ] && [ ! -L \"${place}\" ]; then")],
            vec![
                Line::code("echo \"${place} is there already, and no link of ours\" >&2"),
                Line::code("exit 1"),
            ],
            "fi",
        ));
        lines.push(Line::code("ln -sfn \"${volume}\" \"${place}\""));
    }
    lines
}
