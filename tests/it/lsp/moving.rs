//! What is moved between things and their layers leaves `out/` as it was: every such action at every line of several
//! clusters, done and built by the command; and what the server refuses would have changed something.

use super::client::{Client, edited, uri};
use super::random::own_cluster;
use super::{built, folder, server, write};
use crate::ratchet::root;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Files = BTreeMap<String, String>;

/// Services, containers and units under every layer that there is.
const LAYERED: &str = r#"
cluster home { edition = 1   domain = "home.test"   timezone = "Etc/UTC"   reach = [lan] }
network lan { driver = physical   range = 192.168.7.0/24 }
user ann { uid = 1000   gid = 1000 }
global {
  node { user = ann   packages = ["git"] }
  container { stop_grace = 30s   env { TZ = cluster.timezone } }
}
role apps { container { default pull = always } }
role data { node { packages += ["smartmontools"] } }
os debian { node { packages += ["curl"]   shell = "fish" } }
arch arm64 { container { platform = "linux/arm64" } }
node box {
  arch  = x86_64
  os    = debian("13")
  roles = [apps, data]
  description = "ours"
  address { lan = 192.168.7.2 }
}
node pi {
  arch  = arm64
  os    = debian("13")
  roles = [data]
  description = "ours"
  address { lan = 192.168.7.3 }
  container { init = true }
}
node mac { arch = arm64   os = macos   description = "ours"   address { lan = 192.168.7.4 } }
service wiki {
  on = box
  container app { image = "wiki/wiki:2.5"   restart = always   port http = 8080 -> 80   health { http = "/"   port = http } }
}
service blog {
  on = box
  container app { image = "blog/blog:1.0"   restart = always   port http = 8081 -> 80   health { http = "/"   port = http } }
}
service far {
  on = pi
  container app { image = "far/far:1.0"   restart = on-failure   port http = 8081 -> 80   health { http = "/"   port = http } }
}
"#;

/// The texts after the edits of an action.
fn after(files: &Files, home: &Path, edit: &Value) -> Files {
    let mut files = files.clone();
    for (name, text) in &mut files {
        if let Some(edits) = edit["changes"][uri(&home.join(name))].as_array() {
            *text = edited(text, edits);
        }
    }
    files
}

/// What a build writes of these texts; none where they have errors.
fn builds(name: &str, files: &Files) -> Option<BTreeMap<String, String>> {
    let home = folder(name);
    write(&home, files);
    let checked = std::process::Command::new(server()).arg("check").arg(&home).output().unwrap();
    checked.status.success().then(|| built(&home))
}

/// Each action at each line that must leave `out/` as it is: how many were done, and how many refused.
fn moved(name: &str, files: &Files) -> (usize, usize) {
    let home = folder(&format!("moving-{name}"));
    write(&home, files);
    let before = builds(&format!("moved-{name}"), files).expect("the cluster is sound");
    let resolves = json!({ "textDocument": { "codeAction": {
        "dataSupport": true, "resolveSupport": { "properties": ["edit"] },
    } } });
    let mut client = Client::start(&server(), &home, resolves);
    let mut seen = BTreeSet::new();
    let (mut done, mut refused) = (0, 0);
    for (file, text) in files {
        client.open(file);
        for (line, content) in text.lines().enumerate() {
            let places: Vec<usize> = content.match_indices(" = ").map(|(at, _)| at).collect();
            for column in places {
                let at = json!({ "line": line, "character": column });
                let params = json!({
                    "textDocument": { "uri": client.uri_of(file) },
                    "range": { "start": at, "end": at },
                    "context": { "diagnostics": [], "only": ["refactor.rewrite"] },
                });
                let answer = client.ask("textDocument/codeAction", params);
                for action in answer["result"].as_array().unwrap().clone() {
                    if !seen.insert(action["data"]["edit"].to_string()) {
                        continue;
                    }
                    let chosen = client.ask("codeAction/resolve", action.clone());
                    let new = after(files, &home, &action["data"]["edit"]);
                    let now = builds(&format!("moved-{name}"), &new);
                    let same = now.as_ref() == Some(&before);
                    let title = &action["title"];
                    match chosen["result"].get("edit") {
                        Some(_) => assert!(same, "{name} {file}:{}: {title}", line + 1),
                        None => assert!(!same, "{name} {file}:{}: {title}: {chosen}", line + 1),
                    }
                    *(if same { &mut done } else { &mut refused }) += 1;
                }
            }
        }
    }
    assert!(client.stop());
    (done, refused)
}

#[test]
fn whatever_is_moved_between_layers_leaves_out_as_it_was() {
    let layered = Files::from([("cluster.colab".to_owned(), LAYERED.to_owned())]);
    let homelab =
        std::fs::read_to_string(root().join("tests/sound/homelab/cluster.colab")).unwrap();
    let homelab = Files::from([("cluster.colab".to_owned(), homelab)]);
    let counts: Vec<(usize, usize)> = std::thread::scope(|scope| {
        let all = [("layered", &layered), ("homelab", &homelab), ("own", &own_cluster())];
        let started = all.map(|(name, files)| (name, files.clone()));
        let threads = started.map(|(name, files)| scope.spawn(move || moved(name, &files)));
        threads.map(|thread| thread.join().unwrap()).to_vec()
    });
    let done: usize = counts.iter().map(|(done, _)| done).sum();
    assert!(counts[0].0 >= 12 && done >= 40, "only so many were done: {counts:?}");
}
