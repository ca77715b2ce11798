//! Units: systemd understands them all, and what fetches secrets is run against a store of stubs.

use super::Built;
use super::fstab::OTHER;
use crate::consumers::systemd::{TOOLS, times, verify};
use crate::consumers::{Scratch, missing, refuses, shell};

/// What the repository's cluster has not: units of one's own, secrets for them, copies, pulls.
const MORE: &str = r#"
service guard {
  on = box
  secrets = [vault["/nas"]]
  unit watch {
    exec = ["/usr/local/bin/watch", "--at", "100% $HOME", "a b"]
    user = ann
    env { LEVEL = "very \"high\" 5%"   URL = "x://ann:${secret("PASSWORD")}@nas/$HOME" }
    credential key = secret("PASSWORD")
    config "/etc/watch.conf" = "level = high\n" { mode = 0640 owner = ann }
    limits { cpu = 1.5cpu memory = 1GiB pids = 100 }
    raw { Service = "Nice=5" }
    health { tcp = at }
    port at = 7000 { scheme = tcp audience = node }
  }
  unit sweep { exec = ["/usr/local/bin/sweep"] timer = "Mon 03:30" after = [watch] }
  unit clock { systemd = "chrony.service" env { OPTIONS = "-q" } }
  unit panel { systemd = "cockpit.socket" limits { memory = 256MiB } }
}
cache films { from = papers / "films" to = "/var/cache/films" on = [box] every = daily }
"#;

fn more() -> Built {
    let source = OTHER.replace(
        "reach = [lan, mesh]",
        "reach = [lan, mesh] timezone = \"Europe/Berlin\" distribute = pull(every = 30m)",
    );
    Built::text_of(&format!("{source}{MORE}"))
}

/// The units of a node; a drop-in as the end of the unit that it belongs to.
fn units(built: &Built, node: &str, folder: &str) -> Vec<(String, String)> {
    let prefix = format!("{folder}/{node}/");
    let mut found: Vec<(String, String)> = Vec::new();
    for (path, file) in built.tree.iter() {
        let Some(name) = path.strip_prefix(&prefix) else { continue };
        let text = String::from_utf8(file.bytes.clone()).unwrap();
        let delivery = file.delivery.as_ref().unwrap();
        match name.split_once(".d/") {
            Some((unit, _)) => {
                assert_eq!(delivery.destination, format!("/etc/systemd/system/{name}"));
                found.push((unit.into(), format!("[Service]\nExecStart=/bin/true\n{text}")));
            }
            None if [".service", ".timer"].iter().any(|end| name.ends_with(end)) => {
                assert_eq!(delivery.destination, format!("/etc/systemd/system/{name}"));
                found.push((name.into(), text));
            }
            None => {}
        }
    }
    found
}

fn check(units: &[(String, String)]) -> Result<(), String> {
    if units.is_empty() {
        return Ok(());
    }
    let programs: Vec<&str> = units
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.strip_prefix("ExecStart="))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let units: Vec<(&str, &str)> = units.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    verify(&units, &programs)
}

fn unit<'a>(units: &'a [(String, String)], name: &str) -> &'a str {
    let found = units.iter().find(|(unit, _)| unit == name);
    &found
        .unwrap_or_else(|| {
            panic!("no {name} among {:?}", units.iter().map(|u| &u.0).collect::<Vec<_>>())
        })
        .1
}

fn holds(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|l| l == *line), "{line} in\n{text}");
    }
}

#[test]
fn every_unit_is_understood() {
    if missing(TOOLS) {
        return;
    }
    let (repo, more) = (Built::repo(), more());
    let mut count = 0;
    for (built, node) in [
        (&repo, "cooperator"),
        (&repo, "director"),
        (&repo, "projector"),
        (&repo, "writer"),
        (&more, "box"),
        (&more, "far"),
        (&more, "pc"),
    ] {
        for folder in ["systemd", "backup"] {
            let units = units(built, node, folder);
            count += units.len();
            if let Err(why) = check(&units) {
                panic!("{folder} of {node}: {why}");
            }
        }
    }
    assert!(count > 25, "{count}");
}

/// The condition that a share is mounted takes the rest of its line: systemd ignores one in quotes.
#[test]
fn a_blank_in_a_mount_keeps_its_condition() {
    let odd = "linux = \"/mnt/my papers 5%i\"";
    let source = OTHER.replace("linux = \"/mnt/papers\"", odd);
    assert!(source.contains(odd));
    let built = Built::text_of(&format!("{source}{MORE}"));
    let units = units(&built, "box", "systemd");
    let text = unit(&units, "colab-cache-films.service");
    holds(text, &["AssertPathIsMountPoint=/mnt/my papers 5%%i"]);
    if !missing(TOOLS) {
        check(&units).unwrap();
    }
}

#[test]
fn a_broken_unit_is_refused() {
    if missing(TOOLS) {
        return;
    }
    let all = units(&more(), "box", "systemd");
    let service = unit(&all, "guard-watch.service").to_string();
    refuses(
        |text| {
            let mut all = all.clone();
            all.iter_mut().find(|(name, _)| name == "guard-watch.service").unwrap().1 = text.into();
            check(&all)
        },
        &service,
        &[
            ("CPUQuota=150%", "CPUQuota=many"),
            ("Requires=colab-secret-unit-guard-watch", "Requires=colab-secret-guard"),
            ("100%% ", "100%Z "),
            ("[Service]", "[Servce]"),
        ],
    );
    let without: Vec<_> =
        all.iter().filter(|(name, _)| name != "colab-cache-films.service").cloned().collect();
    check(&without).unwrap_err();
}

#[test]
fn units_say_what_the_sources_say() {
    let all = units(&more(), "box", "systemd");
    holds(
        unit(&all, "guard-watch.service"),
        &[
            "ExecStart=/usr/local/bin/watch --at \"100%% $$HOME\" \"a b\"",
            "User=ann",
            "Environment=\"LEVEL=very \\\"high\\\" 5%%\"",
            "EnvironmentFile=/run/colab/guard-watch.env",
            "LoadCredential=key:/run/colab/guard-watch.key",
            "CPUQuota=150%",
            "MemoryMax=1073741824",
            "TasksMax=100",
            "Nice=5",
            "WantedBy=multi-user.target",
        ],
    );
    let sweep = unit(&all, "guard-sweep.service");
    holds(sweep, &["Type=oneshot", "After=guard-watch.service"]);
    assert!(!sweep.contains("[Install]"));
    holds(
        unit(&all, "guard-sweep.timer"),
        &["OnCalendar=Mon 03:30 Europe/Berlin", "Persistent=yes"],
    );
    holds(unit(&all, "chrony.service"), &["Environment=OPTIONS=-q"]);
    // A socket uses no memory: the service behind it does.
    holds(unit(&all, "cockpit.service"), &["MemoryMax=268435456"]);
    // An automounted share only has to have been tried; one that is mounted for good must be there.
    let docker = unit(&all, "docker.service");
    holds(docker, &["RequiresMountsFor=/mnt/papers \"/srv/my data\""]);
    assert!(docker.contains("After=mnt-drop.mount srv-my\\x20data-films.mount\n"), "{docker}");
    holds(
        unit(&all, "colab-cache-films.service"),
        &[
            "RequiresMountsFor=/mnt/papers",
            "AssertPathIsMountPoint=/mnt/papers",
            "ExecStart=/usr/bin/rsync -a --delete --delay-updates /mnt/papers/films/ /var/cache/films/",
        ],
    );
    holds(unit(&all, "colab-cache-films.timer"), &["OnCalendar=*-*-* 00:00:00 Europe/Berlin"]);
    holds(unit(&all, "colab-pull.timer"), &["OnUnitActiveSec=1800s"]);
    holds(unit(&all, "colab-pull.service"), &["User=ann"]);
    let config = more();
    let config = config.tree.get("systemd/box/config/etc/watch.conf").unwrap();
    let delivery = config.delivery.as_ref().unwrap();
    assert_eq!((&*delivery.destination, delivery.mode), ("/etc/watch.conf", 0o640));
    assert_eq!(
        (config.bytes.as_slice(), delivery.owner.as_deref()),
        (&b"level = high\n"[..], Some("ann"))
    );

    let repo = units(&Built::repo(), "cooperator", "systemd");
    holds(unit(&repo, "smbd.service"), &["RequiresMountsFor=/media/crtr/fortress"]);
    holds(unit(&repo, "docker.service"), &["RequiresMountsFor=/media/crtr/fortress"]);
    // What goes by another protocol is no concern of Samba's.
    let mut files = super::sources();
    let exported = "share exported { server = cooperator   path = \"/srv/exported\"   via = nfs   clients = [director]   mount { linux = \"/mnt/exported\" } }\n";
    files.insert("nodes/exported.colab".into(), exported.into());
    let nfs = units(&Built::of(files), "cooperator", "systemd");
    holds(unit(&nfs, "smbd.service"), &["RequiresMountsFor=/media/crtr/fortress"]);
    let projector = units(&Built::repo(), "projector", "systemd");
    holds(
        unit(&projector, "docker.service"),
        &["Wants=mnt-fortress.mount", "After=mnt-fortress.mount"],
    );
}

#[test]
fn timers_have_their_times() {
    if missing(TOOLS) {
        return;
    }
    let all = units(&more(), "box", "systemd");
    let timer = unit(&all, "guard-sweep.timer");
    let calendar = timer.lines().find_map(|line| line.strip_prefix("OnCalendar=")).unwrap();
    let found = times(calendar, "2026-01-01 00:00:00", 2).unwrap();
    // systemd prints them in the zone of the machine, which is UTC here.
    assert_eq!(found, ["2026-01-05 02:30:00", "2026-01-12 02:30:00"]);
}

/// A secret with everything that a shell, systemd or mount.cifs could take for its own.
const HOSTILE: &str = "p a\"s$HOME`id`\\d'%s,#=é";

fn fetch(script: &str, stub: &str) -> Result<Scratch, String> {
    let scratch = Scratch::new();
    scratch.program("vault-get", stub);
    scratch.program("infisical", stub);
    let path = scratch.write("script", script);
    scratch.write("secret", HOSTILE);
    let run = "mkdir -p /run/colab && sh \"$0\" && cp -a /run/colab fetched";
    scratch.call("sh").args(["-c", run]).arg(path).silent()?;
    Ok(scratch)
}

#[test]
fn secrets_arrive_whole_and_only_in_memory() {
    if missing(shell::TOOLS) {
        return;
    }
    let more = more();
    let stub = "#!/bin/sh\n[ \"$1\" = /nas/PASSWORD ] && cat secret\n";
    let share = more.text("systemd/box/secret-share-papers");
    shell::check(&share).unwrap();
    let fetched = fetch(&share, stub).unwrap().files("fetched");
    let file = &fetched["papers.cred"];
    assert_eq!(file.content, format!("username=ann\npassword={HOSTILE}\n").into_bytes());
    assert_eq!((file.mode, fetched.len()), (0o600, 1));

    let script = more.text("systemd/box/secret-unit-guard-watch");
    shell::check(&script).unwrap();
    let scratch = fetch(&script, stub).unwrap();
    let fetched = scratch.files("fetched");
    assert_eq!(fetched["guard-watch.key"].content, HOSTILE.as_bytes());
    // What systemd reads between double quotes, a shell reads alike.
    let read = scratch.call("sh").args(["-c", ". ./fetched/guard-watch.env; printf %s \"$URL\""]);
    assert_eq!(read.silent().unwrap().out, format!("x://ann:{HOSTILE}@nas/$HOME"));

    // A store that has nothing, or fails, leaves nothing half made.
    assert!(
        fetch(&share, "#!/bin/sh\ntrue\n").err().unwrap().contains("nothing for /nas/PASSWORD")
    );
    fetch(&share, "#!/bin/sh\nexit 3\n").err().unwrap();
}

#[test]
fn infisical_is_asked_as_its_page_says() {
    if missing(shell::TOOLS) {
        return;
    }
    let script = Built::repo().text("systemd/director/secret-share-fortress");
    shell::check(&script).unwrap();
    let stub =
        "#!/bin/sh\necho \"$INFISICAL_API_URL ${INFISICAL_TOKEN:-} $*\" >> asked\necho answer\n";
    let scratch = fetch(&script, stub).unwrap();
    let asked = String::from_utf8(scratch.files("")["asked"].content.clone()).unwrap();
    assert_eq!(
        asked,
        "http://192.168.254.10:8083/api  login --method=universal-auth --plain --silent\n\
         http://192.168.254.10:8083/api answer secrets get COLAB_NAS_SAMBA_PASSWORD --path=/samba --env=prod --plain --silent\n"
    );
    let fetched = scratch.files("fetched");
    assert_eq!(fetched["fortress.cred"].content, b"username=crtr\npassword=answer\n");
}

#[test]
fn a_secret_in_a_file_on_the_disk_is_refused() {
    let source = format!("{OTHER}{MORE}")
        .replace("\"level = high\\n\"", "\"key = ${secret(\"PASSWORD\")}\"");
    assert_eq!(super::refusals(&source), ["E0602"]);
    let raw = format!("{OTHER}{MORE}").replace("Service = \"Nice=5\"", "Servce = \"Nice=5\"");
    assert_eq!(super::refusals(&raw), ["E0801"]);
}

/// Alpine has no systemd: what nothing would start is told, and all else is brought.
#[test]
fn what_alpine_cannot_start_is_said() {
    let text = r#"
network lan { driver = physical   range = 10.1.0.0/24   dns = [10.1.0.9] }
user ann { uid = 1000   gid = 1000 }
global { node { user = ann } }
secrets keys { provider = command(["pass", "show"])   path "/s" { names = [FILMS] } }
node nas { managed = false   address { lan = 10.1.0.9 } }
node small { arch = x86_64   os = alpine("3.22")   address { lan = 10.1.0.1 } }
cluster alp { reach = [lan]   repository = "https://git.example/c.git"   distribute = pull(every = 1h) }
service web { on = small   container app { image = "example/web:1"   port http = 80 -> 80   health { tcp = http } } }
"#;
    let built = Built::text_of(&format!("{text}allow L0107 = \"later\"\n"));
    assert!(built.tree.iter().all(|(path, _)| !path.starts_with("systemd/")));
    for more in [
        r#"service own { on = small   unit a { exec = ["/usr/bin/a"]   health { shell = "true" } } }"#,
        r#"service of { on = small   unit a { packages = ["a"]   systemd = "a.service"   health { shell = "true" } } }"#,
        r#"share films { server = nas   path = "/films"   user = ann   password = secret("/s/FILMS")   mount { linux = "/mnt/films" } }"#,
    ] {
        assert_eq!(super::refusals(&format!("{text}{more}")), ["E0801"], "{more}");
    }
}
