//! mise reads every node's configuration and scripts, and runs them dry; the scripts run for real
//! with stubs in place of what they start.

use super::Built;
use crate::consumers::{Heard, Scratch, missing};
use colabc::tree::Tool;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

const TOOLS: &[&str] = &["mise", "shellcheck"];

const SMALL: &str = r#"
cluster small { timezone = "Etc/UTC" }
network lan { driver = physical   range = 10.1.0.0/24 }
user ann { uid = 1000   gid = 1000 }
global { node { user = ann } }
node one { arch = x86_64   os = debian("13")   address { lan = 10.1.0.1 } }
node two { arch = x86_64   os = debian("13")   status = on-demand   address { lan = 10.1.0.2 } }
secrets vault { provider = infisical(url = "https://vault.example", project = "p-1")   env = "test"
  path "/a" { names = [A_KEY, SHARED] }
  path "/b" { names = [B_KEY, SHARED2]   rename { SHARED2 = OTHER } }
}
secrets sealed { provider = sops("keys/it's.yml")   path "/c" { names = [C_KEY] } }
secrets box { provider = command(["get it", "--now"])   path "/d" { names = [D_KEY] } }
service web {
  on = one   availability = on-demand
  secrets = [vault["/a"], vault["/b"], sealed["/c"], box["/d"]]
  container app {
    image = "example/web:1"
    env {
      A = secret("A_KEY")   B = "x${secret("B_KEY")}"   C = secret("C_KEY")   D = secret("D_KEY")
      E = secret("SHARED2")
    }
  }
}
task "say:braces" { run = "echo '{{ x }} {% y %}' \"{# z #}\" \"$V\""   env { V = "{{ v }} $HOME \u{24}{X:-y} $$" }   confirm = true }
task "after" { description = "about {{ x }}"   run = ["echo 'a  b'", "echo c"]   depends = [tasks["say:braces"]] }
"#;

/// A home with everything of mise's that chezmoi would bring to `node`.
fn home(built: &Built, node: &str) -> Scratch {
    let scratch = Scratch::new();
    for (path, file) in built.tree.iter().filter(|(path, _)| path.starts_with("mise/")) {
        let delivery = file.delivery.as_ref().expect("all of it is delivered");
        assert_eq!(delivery.tool, Tool::Chezmoi, "{path}");
        if [node, "*"].contains(&&*delivery.node) {
            let below = delivery.destination.replace("~/", "home/");
            let at = scratch.write(&below, &file.bytes);
            std::fs::set_permissions(at, std::fs::Permissions::from_mode(delivery.mode)).unwrap();
        }
    }
    scratch
}

fn mise(scratch: &Scratch, node: &str, words: &[&str]) -> Result<Heard, String> {
    let call = scratch.call("mise").args(words).host(node).env("MISE_OFFLINE", "1");
    call.env("MISE_YES", "1").env("MISE_TASK_RUN_AUTO_INSTALL", "0").fine()
}

/// Every task of a node by its name and description, each read and run dry.
fn tasks(scratch: &Scratch, node: &str) -> Result<BTreeMap<String, String>, String> {
    let quiet = |heard: Heard| {
        if heard.err.contains("WARN") || heard.err.contains("rror") {
            Err(heard.err)
        } else {
            Ok(heard.out)
        }
    };
    quiet(mise(scratch, node, &["tasks", "validate"])?)?;
    let list = mise(scratch, node, &["tasks", "--json"])?.json()?;
    let mut tasks = BTreeMap::new();
    for row in list.as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        mise(scratch, node, &["run", "--dry-run", name])?;
        tasks.insert(name.to_string(), row["description"].as_str().unwrap_or("").to_string());
    }
    Ok(tasks)
}

#[test]
fn every_task_of_every_node_runs_dry() {
    if missing(TOOLS) {
        return;
    }
    let built = Built::repo();
    for node in ["cooperator", "director", "projector", "terminator", "writer"] {
        let tasks = tasks(&home(&built, node), node).unwrap();
        for wanted in [
            "deploy:gitea",
            "logs:gitea",
            "status:ollama",
            "stop:pihole",
            "cluster:ping",
            "cluster:exec",
            "cluster:update",
            "cluster:status",
            "rollback",
            "dotfiles:sync",
        ] {
            assert!(tasks.contains_key(wanted), "{node} has no {wanted}: {tasks:?}");
        }
        assert_eq!(tasks.contains_key("gpu:status"), node == "projector");
        assert!(!tasks.contains_key("deploy:mlflow"), "it is only planned");
        assert!(tasks.values().all(|description| !description.is_empty()), "{tasks:?}");
    }
}

#[test]
fn scripts_are_sound_shell() {
    if missing(TOOLS) {
        return;
    }
    for built in [Built::repo(), Built::text_of(SMALL)] {
        let scratch = Scratch::new();
        for (path, file) in built.tree.iter().filter(|(path, _)| path.starts_with("mise/")) {
            if !path.ends_with(".toml") {
                let path = scratch.write(path, &file.bytes);
                scratch.call("shellcheck").args(["-S", "style"]).arg(path).fine().unwrap();
            }
        }
    }
}

/// A stub that says how it was called, and with which secrets.
const STUB: &str =
    "#!/bin/sh\necho \"$(basename \"$0\")|$*|${A_KEY-}${B_KEY-}|${C_KEY-}|${D_KEY-}|${OTHER-}\"\n";

#[test]
fn a_deployment_gets_its_secrets() {
    if missing(TOOLS) {
        return;
    }
    let built = Built::text_of(SMALL);
    let run = |broken: Option<(&str, &str)>| {
        let scratch = home(&built, "one");
        scratch.write("home/.config/docker/compose/web.yml", "services: {}\n");
        scratch.program("docker", STUB);
        scratch.program("sops", "#!/bin/sh\necho \"sops $*\"\n");
        scratch.program("get it", "#!/bin/sh\necho \"got $*\"\n");
        scratch.program(
            "infisical",
            "#!/bin/sh\n[ \"$1\" = secrets ] && { echo \"$*\"; exit; }\necho \"infisical $*\"\n\
             while [ \"$1\" != -- ]; do shift; done\nshift\nA_KEY=a B_KEY=b exec \"$@\"\n",
        );
        if let Some((name, script)) = broken {
            scratch.program(name, script);
        }
        mise(&scratch, "one", &["run", "deploy:web", "--wait"])
    };
    let heard = run(None).unwrap();
    let lines: Vec<&str> = heard.out.lines().collect();
    assert_eq!(
        lines,
        [
            "infisical run --env=test --projectId=p-1 --path=/a --path=/b -- docker compose -p web -f \
             web.yml up --detach --remove-orphans --wait",
            "docker|compose -p web -f web.yml up --detach --remove-orphans --wait|ab|\
             sops decrypt --extract [\"c\"][\"C_KEY\"] /root/.local/share/chezmoi/keys/it's.yml|\
             got --now /d/D_KEY|secrets get SHARED2 --env=test --projectId=p-1 --path=/b --plain --silent",
        ]
        .map(|line| line.replace("/root", &home_of(&heard)))
    );
    // A store that does not answer ends it before Compose is asked.
    for name in ["sops", "get it", "infisical"] {
        let fault = run(Some((name, "#!/bin/sh\nexit 3\n"))).unwrap_err();
        assert!(!fault.contains("docker|"), "{name}: {fault}");
    }
}

/// The home that the script saw.
fn home_of(heard: &Heard) -> String {
    let (before, _) = heard.out.split_once("/.local/share/chezmoi").unwrap();
    before.rsplit(' ').next().unwrap().to_string()
}

#[test]
fn what_a_person_wrote_is_run_as_written() {
    if missing(TOOLS) {
        return;
    }
    let built = Built::text_of(SMALL);
    let scratch = home(&built, "one");
    let heard = mise(&scratch, "one", &["run", "after"]).unwrap();
    assert_eq!(heard.out, "{{ x }} {% y %} {# z #} {{ v }} $HOME ${X:-y} $$\na  b\nc\n");
    assert_eq!(tasks(&scratch, "one").unwrap()["after"], "about {{ x }}");
    let script = built.text("mise/one/config.toml");
    let broken = |from: &str, to: &str| {
        assert!(script.contains(from), "{script}");
        scratch.write("home/.config/mise/conf.d/colab.toml", script.replace(from, to));
        tasks(&scratch, "one").unwrap_err();
    };
    broken("depends = [\"say:braces\"]", "depends = [\"say:nothing\"]");
    broken("{{ \\\"{{\\\" }} x }}", "{{ x }}");
    broken("description", "descriptio");
}

#[test]
fn one_command_works_from_any_node() {
    if missing(TOOLS) {
        return;
    }
    let built = Built::text_of(SMALL);
    let ssh = "#!/bin/sh\necho \"ssh $*\"\n";
    let scratch = home(&built, "two");
    scratch.program("ssh", ssh);
    let heard = mise(&scratch, "two", &["run", "deploy:web"]).unwrap();
    assert_eq!(heard.out, "ssh -t one PATH=\"$HOME/.local/bin:$PATH\" mise run deploy:web\n");
    let heard = mise(&scratch, "two", &["run", "cluster:exec", "echo", "x"]).unwrap();
    assert_eq!(heard.out, "one: ssh -n -o BatchMode=yes -o ConnectTimeout=3 one echo x\n");
    let heard = mise(&scratch, "two", &["run", "cluster:ping"]).unwrap();
    let mut lines: Vec<&str> = heard.out.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines.last(), Some(&"up    two"), "it asks itself without ssh");
    scratch.program("ssh", "#!/bin/sh\nexit 255\n");
    let fault = mise(&scratch, "two", &["run", "cluster:ping"]).unwrap_err();
    assert!(fault.contains("DOWN  one") && fault.contains("up    two"), "{fault}");
}
