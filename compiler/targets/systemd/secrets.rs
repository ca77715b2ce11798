//! Units that fetch secrets at boot, each for one thing that needs them: a share's password, the
//! environment and the credentials of a unit. What they write is root's, in memory.

use crate::diag::codes;
use crate::formats::script::{Line, Word};
use crate::formats::systemd::{Entry, Value as Said};
use crate::model::ThingId;
use crate::model::value::{Secret, Value};
use crate::origin::Origin;
use crate::targets::Emission;
use crate::targets::shared_mounts;
use crate::targets::shared_refusal::Refusal;
use crate::targets::shared_secrets::{self, FOLDER, IDENTITY};
use crate::targets::shared_units::{Host, command, fixed, paths, section, text, units};

/// Something that is made of a secret.
pub struct Wanted<'a> {
    /// Below `/run/colab`.
    pub file: String,
    pub content: Content<'a>,
}

pub enum Content<'a> {
    /// For `mount.cifs`.
    Login { user: &'a str, secret: &'a Secret, origin: Origin },
    /// For `EnvironmentFile=`.
    Environment(Vec<(&'a str, &'a Secret, Origin)>),
    /// The text alone.
    Bare { secret: &'a Secret, origin: Origin },
}

impl<'a> Wanted<'a> {
    fn secrets(&self) -> Vec<&'a Secret> {
        match &self.content {
            Content::Login { secret, .. } | Content::Bare { secret, .. } => vec![secret],
            Content::Environment(all) => all.iter().map(|(_, secret, _)| *secret).collect(),
        }
    }
}

/// The passwords of the shares that this node mounts itself.
pub fn shares(host: Host<'_>, out: &mut Emission) {
    let cluster = host.cluster;
    let mut known = out.known();
    for mount in shared_mounts::mounts(cluster, &mut known, host.node, host.world) {
        let share = mount.share;
        let (value, origin) = cluster.at(share, "password");
        let user = cluster.get(share, "user").as_thing();
        if cluster.flag(share, "guest") || cluster.word(share, "via") == Some("nfs") {
            continue;
        }
        if let (Value::Secret(secret), Some(user)) = (value, user) {
            let content = Content::Login { user: cluster.label(user), secret, origin };
            let wanted = [Wanted { file: format!("{}.cred", cluster.label(share)), content }];
            let what = format!("the password of share {}", cluster.label(share));
            fetch(host, out, &format!("share-{}", cluster.label(share)), &what, &wanted, &[share]);
        }
    }
}

/// Emits the unit `colab-secret-NAME.service` and its script; gives the unit's name.
pub fn fetch(
    host: Host<'_>,
    out: &mut Emission,
    name: &str,
    what: &str,
    wanted: &[Wanted<'_>],
    things: &[ThingId],
) -> String {
    let unit = format!("colab-secret-{name}.service");
    let secrets: Vec<&Secret> = wanted.iter().flat_map(Wanted::secrets).collect();
    let lines = match script(host, out, wanted, &secrets) {
        Ok(lines) => lines,
        Err(why) => {
            out.refuse(Refusal::new(
                &codes::E0801,
                Origin::NONE,
                things.first().copied(),
                why,
                "give the store what is missing, or take the secret from another store",
            ));
            return unit;
        }
    };
    let script = host.script(out, &format!("secret-{name}"), &lines, things);
    let mut before = vec![
        text("Description", format!("Fetch {what}")),
        fixed("Wants", "network-online.target"),
        fixed("After", "network-online.target"),
    ];
    if shared_secrets::over_mesh(host.cluster, &mut out.known(), host.node, &secrets) {
        before.push(units("After", vec!["tailscaled.service".into()]));
    }
    let mut service = vec![
        fixed("Type", "oneshot"),
        fixed("RemainAfterExit", "yes"),
        fixed("UMask", "0077"),
        fixed("RuntimeDirectory", "colab"),
        fixed("RuntimeDirectoryMode", "0700"),
        fixed("RuntimeDirectoryPreserve", "yes"),
    ];
    if shared_secrets::needs_identity(host.cluster, &secrets) {
        before.push(paths("AssertPathExists", vec![IDENTITY]));
        service.push(fixed("EnvironmentFile", IDENTITY));
        // What the store's own program keeps stays in memory too.
        let home = Said::Variable { name: "HOME".into(), value: FOLDER.into() };
        service.push(Entry::new("Environment", home));
    }
    service.extend([
        command("ExecStart", vec![script]),
        fixed("TimeoutStartSec", "60s"),
        // A store that starts later than this node is asked again.
        fixed("Restart", "on-failure"),
        fixed("RestartSec", "30s"),
        fixed("ProtectSystem", "strict"),
        fixed("PrivateTmp", "yes"),
        fixed("NoNewPrivileges", "yes"),
    ]);
    host.unit(out, &unit, vec![section("Unit", before), section("Service", service)], things);
    unit
}

fn script<'a>(
    host: Host<'a>,
    out: &Emission,
    wanted: &[Wanted<'a>],
    secrets: &[&Secret],
) -> Result<Vec<Line<'a>>, String> {
    let cluster = host.cluster;
    let mut lines = vec![Line::code("umask 077")];
    lines.extend(shared_secrets::log_in(cluster, &mut out.known(), host.node, secrets)?);
    for wanted in wanted {
        let file = format!("{FOLDER}/{}", wanted.file);
        let new = format!("{file}.new");
        lines.push(Line::blank());
        lines.push(Line::words([Word::Code(": >"), Word::text(new.clone())]));
        match &wanted.content {
            Content::Login { user, secret, origin } => {
                lines.extend(shared_secrets::gather(cluster, host.node, secret, *origin)?);
                lines.push(Line::words([
                    Word::Code("printf 'username=%s\\npassword=%s\\n'"),
                    Word::text(*user),
                    Word::Code("\"${value}\" >"),
                    Word::text(new.clone()),
                ]));
            }
            Content::Bare { secret, origin } => {
                lines.extend(shared_secrets::gather(cluster, host.node, secret, *origin)?);
                lines.push(Line::words([
                    Word::Code("printf '%s' \"${value}\" >"),
                    Word::text(new.clone()),
                ]));
            }
            Content::Environment(all) => {
                for (name, secret, origin) in all {
                    lines.extend(shared_secrets::gather(cluster, host.node, secret, *origin)?);
                    // Between double quotes systemd takes these four for its own.
                    lines.push(Line::code(
                        "value=\"$(printf '%s' \"${value}\" | sed 's/[\\\\\"$`]/\\\\&/g')\"",
                    ));
                    lines.push(Line::words([
                        Word::Code("printf '%s=\"%s\"\\n'"),
                        Word::text(*name),
                        Word::Code("\"${value}\" >>"),
                        Word::text(new.clone()),
                    ]));
                }
            }
        }
        lines.push(Line::words([Word::Code("mv -f"), Word::text(new), Word::text(file)]));
    }
    Ok(lines)
}
