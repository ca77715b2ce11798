//! Every command of the runbooks is one that exists: in what was emitted, or of colabc itself.

use super::super::Built;
use super::super::both::{first, second};
use super::{html, pages};
use std::collections::BTreeSet;

/// What is wrong with a command, if anything is.
fn fault(built: &Built, line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let node = |name: &str| built.cluster.find("node", name).is_some();
    let fault = |why: &str| Some(format!("{why}: {line}"));
    match words[..] {
        ["colabc", command, ..] => {
            let file = crate::ratchet::root().join(format!("compiler/cli/{command}.rs"));
            (!file.exists()).then(|| format!("colabc has no such command: {line}"))
        }
        ["cd", folder] => {
            let below = format!("{}/", folder.strip_prefix("out/")?);
            let there = built.tree.iter().any(|(path, _)| path.starts_with(&below));
            if there { None } else { fault("no such folder") }
        }
        ["ansible-playbook", book, ref rest @ ..] => {
            if built.tree.get(&format!("ansible/{book}")).is_none() {
                return fault("no such playbook");
            }
            let limit = rest.iter().position(|it| *it == "--limit").map(|at| rest[at + 1]);
            match limit {
                Some(name) if name != "NODE" && !node(name) => fault("no such node"),
                _ => None,
            }
        }
        ["mise", "run", task, ..] => {
            let named = format!("[tasks.\"{task}\"]");
            let script = format!("/{}", task.replace(':', "/"));
            let there = built.tree.iter().any(|(path, file)| {
                path.starts_with("mise/")
                    && (path.ends_with(&script)
                        || (path.ends_with("config.toml")
                            && String::from_utf8_lossy(&file.bytes).contains(&named)))
            });
            if there { None } else { fault("no such task") }
        }
        ["ssh", ref rest @ ..] => {
            let name = rest.iter().find(|it| !it.starts_with('-'))?;
            let config = built.text("ssh/config");
            let there = config.lines().any(|line| {
                line.strip_prefix("Host ").is_some_and(|all| all.split(' ').any(|it| it == *name))
            });
            if there { None } else { fault("ssh knows no such host") }
        }
        ["git", word, ..] => {
            let known = ["add", "commit", "push", "clone", "log", "diff"];
            if known.contains(&word) { None } else { fault("git has no such command") }
        }
        ["chezmoi", "update" | "init", ..] | ["infisical", "login"] | ["wsl", "--shutdown"] => None,
        // What a person of Windows or macOS runs there, by its name in the home.
        ["powershell", "-ExecutionPolicy", "Bypass", "-File", script] => {
            let name = script.rsplit('\\').next()?;
            let there = built.tree.iter().any(|(path, _)| {
                path.starts_with("windows/") && path.rsplit('/').next() == Some(name)
            });
            if there { None } else { fault("nobody brings that") }
        }
        ["launchctl", "bootstrap", "gui/$(id", "-u)", agent] => {
            let name = agent.strip_prefix("~/Library/LaunchAgents/")?;
            let there = built.tree.iter().any(|(path, _)| {
                path.starts_with("macos/") && path.rsplit('/').next() == Some(name)
            });
            if there { None } else { fault("nobody brings that") }
        }
        ["security", "add-internet-password", ref rest @ ..] => {
            let asks = format!("find-internet-password {}", rest[..rest.len() - 1].join(" "));
            let mut scripts = built.tree.iter().filter(|(path, _)| path.starts_with("macos/"));
            let there = scripts.any(|(_, it)| String::from_utf8_lossy(&it.bytes).contains(&asks));
            if there { None } else { fault("no agent asks for that") }
        }
        // How to get data back: the same line stands in the script that saved it.
        ["rsync" | "restic", ..] => {
            let mut scripts = built.tree.iter().filter(|(path, _)| path.starts_with("backup/"));
            let there = scripts.any(|(_, it)| String::from_utf8_lossy(&it.bytes).contains(line));
            if there { None } else { fault("no backup says so") }
        }
        _ => fault("nobody knows this"),
    }
}

#[test]
fn every_command_exists() {
    for built in [first(), second()] {
        let mut seen = BTreeSet::new();
        for (name, page) in pages(built) {
            for line in html::commands(&page) {
                assert_eq!(fault(built, &line), None, "{name}");
                seen.insert(line);
            }
            // And those that stand in tables.
            for cell in html::rows(&page).into_iter().flatten().map(|(_, cell)| cell) {
                for line in cell.split(", ").filter(|it| it.starts_with("mise run ")) {
                    assert_eq!(fault(built, line), None, "{name}");
                    seen.insert(line.to_string());
                }
            }
        }
        assert!(seen.len() > 25, "{seen:#?}");
    }
    let built = first();
    for wrong in [
        "colabc deploy",
        "cd out/ansibel",
        "ansible-playbook sites.yml",
        "ansible-playbook site.yml --limit nobody",
        "mise run deploy:mlflow",
        "mise run cluster:reboot",
        "ssh nobody uptime",
        "git rebase",
        "rsync -a /a/ /b/",
        "reboot",
    ] {
        assert!(fault(built, wrong).is_some(), "{wrong}");
    }
}

/// The bootstrap names, in this order, what brings the first cluster up.
#[test]
fn the_bootstrap_is_in_the_order_of_needs() {
    let built = first();
    let page = built.text("docs/runbooks.html");
    let lines = html::commands(html::part(&page, "bootstrap"));
    let at = |start: &str| {
        let found = lines.iter().position(|line| line.starts_with(start));
        found.unwrap_or_else(|| panic!("no {start:?} in {lines:#?}"))
    };
    // The store of secrets before what asks it, the mesh before who joins it, the proxy's host first.
    let cooperator = at("ansible-playbook bootstrap.yml --limit cooperator");
    assert!(cooperator < at("mise run deploy:infisical"));
    assert!(at("mise run deploy:infisical") < at("mise run deploy:gitea"));
    assert!(at("mise run deploy:gitea") < at("ssh -t cooperator docker login git.ism.la"));
    assert!(
        at("mise run deploy:headscale") < at("ansible-playbook bootstrap.yml --limit director")
    );
    assert!(at("ansible-playbook bootstrap.yml --limit projector") < at("mise run deploy:ollama"));
    // Every managed node once, every service that Compose starts once.
    for node in ["cooperator", "director", "projector", "terminator", "writer"] {
        let line = format!("--limit {node} ");
        assert_eq!(lines.iter().filter(|it| it.contains(&line)).count(), 1, "{node}");
    }
    for (path, _) in built.tree.iter() {
        if let Some(name) = path.strip_prefix("compose/").and_then(|it| it.strip_suffix(".yml"))
            && name.matches('/').count() == 1
        {
            let task = format!("mise run deploy:{}", name.split('/').nth(1).unwrap());
            assert_eq!(lines.iter().filter(|it| **it == task).count(), 1, "{task}");
        }
    }
    assert_eq!(at("ansible-playbook health.yml"), lines.len() - 1);
    // What asks the store with the identity of its node is told to have one.
    for node in ["director", "projector", "writer"] {
        let wanted = built.text(&format!("systemd/{node}/colab-secret-share-fortress.service"));
        assert!(wanted.contains("EnvironmentFile=/etc/colab/identity"));
        at(&format!("ssh -t {node} sudo -e /etc/colab/identity"));
    }
}

/// What no tool can bring: identities, passwords of a file server, what vaults hold.
#[test]
fn what_only_a_person_can_do_is_told() {
    let built = Built::text_of(
        r#"
cluster hands { reach = [lan]   repository = "https://git.example/c.git" }
network lan { driver = physical   range = 10.1.0.0/24 }
user ann { uid = 1000   gid = 1000 }
user bob { uid = 1001   gid = 1001 }
global { node { user = ann } }
secrets vault { provider = sops("keys.yaml")   path "/s" { names = [FILMS, UNIT] } }
secrets pass { provider = command(["pass", "show"])   path "/b" { names = [RESTIC] } }
node box {
  arch = x86_64   os = debian("13")   users = [bob]   address { lan = 10.1.0.2 }
  hardware { disk d { label = "d"   fs = ext4   mount = "/srv/d" }   disk e { label = "e"   fs = ext4   mount = "/srv/e" } }
}
node desk { arch = x86_64   os = debian("13")   address { lan = 10.1.0.3 } }
node mac  { arch = arm64    os = macos          address { lan = 10.1.0.4 } }
node pc   { arch = x86_64   os = windows("11")  address { lan = 10.1.0.5 } }
share films {
  server = box   disk = box.hardware.disk.d   user = ann   password = secret("/s/FILMS")   valid_users = [bob]
  mount { linux = "/mnt/films"   windows = "F:"   macos = "/Volumes/films" }
}
service keep {
  on = box   secrets = [pass["/b"], vault["/s"]]
  unit smbd { packages = ["samba"]   systemd = "smbd.service"   config "/etc/samba/smb.conf" = generated.smb_conf   port smb = 445 { scheme = smb }   health { tcp = smb } }
  unit probe { exec = ["/usr/bin/true"]   timer = daily   credential restic = secret("RESTIC")   env { UNIT = secret("UNIT") } }
}
backup nightly {
  on = box   from = [films]   to = box.hardware.disk.e / "films"   method = restic(credential = keep.probe.credential.restic)
  every { snapshot = daily }   keep { daily = 3 }
}
"#,
    );
    let page = built.text("docs/runbooks.html");
    let lines = html::commands(html::part(&page, "bootstrap"));
    let wanted = [
        "ssh -t box sudo -e /etc/colab/identity",
        "ssh -t box sudo systemctl restart colab-secret-backup-nightly.service",
        "ssh -t box sudo smbpasswd -a ann",
        "ssh -t box sudo smbpasswd -a bob",
        "ssh -t desk sudo -e /etc/colab/identity",
        "security add-internet-password -r 'smb ' -s 10.1.0.2 -a ann -w",
        "launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/hands.films.plist",
        "chezmoi init --apply https://git.example/c.git",
        "ansible-playbook site.yml --limit pc --ask-pass",
        r"powershell -ExecutionPolicy Bypass -File $HOME\.config\colab\map-films.ps1",
    ];
    for line in wanted {
        assert!(lines.iter().any(|it| it == line), "no {line} in {lines:#?}");
    }
    for line in lines {
        assert_eq!(fault(&built, &line), None);
    }
    let text = html::text(html::part(&page, "bootstrap"));
    assert!(text.contains("SOPS_AGE_KEY") && !text.contains("INFISICAL"), "{text}");
    // What fetched a value is started anew, not only what was given it.
    let text = html::text(html::part(&page, "rotate"));
    for unit in ["unit-keep-probe", "backup-nightly", "share-films"] {
        assert!(text.contains(&format!("restart colab-secret-{unit}.service")), "{text}");
    }
    // Nothing for Windows stands in folders of Linux.
    let page = built.text("docs/node-pc.html");
    assert!(!html::text(html::part(&page, "files")).contains("/etc/clustershell"));
}
