//! ssh's own answer to "what would you do for this host", on each node.

use super::Built;
use crate::consumers::{Scratch, missing, refuses};
use std::collections::BTreeMap;

const TOOLS: &[&str] = &["ssh"];

const SMALL: &str = r#"
cluster small { reach = [lan, away]   timezone = "Etc/UTC" }
network lan  { driver = physical   range = 10.1.0.0/24   domain = "home.arpa" }
network away { driver = mesh   range = 100.64.0.0/10 }
user ann { uid = 1000   gid = 1000 }
global { node { user = ann } }
node one { arch = x86_64   os = debian("13")   alias = [first]   address { lan = 10.1.0.1   away = 100.64.0.1 } }
node two {
  arch = arm64   os = debian("13")   address { lan = 10.1.0.2 }
  ssh { port = 2222   jump = one   key = "~/.ssh/key for two" }
}
node far { arch = x86_64   os = macos   address { away = 100.64.0.3 } }
node nas { managed = false   address { lan = 10.1.0.9 } }
"#;

/// What ssh on `node` would do for each of `hosts`, with what is emitted in front of a file of the
/// user's own.
fn asked(
    built: &Built,
    node: &str,
    shared: &str,
    hosts: &[&str],
) -> Result<Vec<BTreeMap<String, String>>, String> {
    let scratch = Scratch::new();
    scratch.write("home/.ssh/config.d/colab", shared);
    let own = "Host mine\n  HostName mine.example\n\n";
    let part = built.text(&format!("ssh/{node}"));
    let config = scratch.write("home/.ssh/config", format!("{own}{part}"));
    let ask = |host: &&str| {
        let call = scratch.call("ssh").args(["-T", "-G", "-F"]).arg(&config).arg(host);
        let heard = call.silent()?;
        let words = heard.out.lines().map(|line| line.split_once(' ').unwrap_or((line, "")));
        Ok(words.map(|(word, value)| (word.to_string(), value.to_string())).collect())
    };
    hosts.iter().map(ask).collect()
}

#[test]
fn every_node_is_found_from_every_node() {
    if missing(TOOLS) {
        return;
    }
    let built = Built::repo();
    let shared = built.text("ssh/config");
    let hosts = ["cooperator", "crtr", "director.colab", "writer", "mine"];
    let from = |node: &str| asked(&built, node, &shared, &hosts).unwrap();
    let seen = |node: &str| -> Vec<String> {
        from(node).iter().map(|settings| settings["hostname"].clone()).collect()
    };
    let lan = ["192.168.254.10", "192.168.254.10", "100.64.0.2", "100.64.0.4", "mine.example"];
    for node in ["cooperator", "director", "projector", "terminator"] {
        assert_eq!(seen(node), lan, "{node}");
    }
    // It has no address on the LAN.
    let mesh = ["100.64.0.1", "100.64.0.1", "100.64.0.2", "100.64.0.4", "mine.example"];
    assert_eq!(seen("writer"), mesh);
    let settings = from("director");
    for known in &settings[..4] {
        assert_eq!(known["user"], "crtr");
        assert_eq!(known["stricthostkeychecking"], "accept-new");
    }
    assert_eq!(settings[2]["hostkeyalias"], "director");
    // Hosts that are nobody's of the cluster keep ssh's own policy.
    assert_eq!(settings[4]["stricthostkeychecking"], "ask");
}

/// `ProxyJump none` is no jump, however it is spelled.
#[test]
fn a_machine_called_none_is_gone_through() {
    if missing(TOOLS) {
        return;
    }
    let built = Built::text_of(&SMALL.replace(" one ", " None "));
    let settings = asked(&built, "far", &built.text("ssh/config"), &["two"]).unwrap();
    assert_eq!(settings[0]["proxyjump"], "None");
}

#[test]
fn ports_keys_and_ways_are_the_nodes_own() {
    if missing(TOOLS) {
        return;
    }
    let built = Built::text_of(SMALL);
    let shared = built.text("ssh/config");
    let hosts = ["two", "first", "two.home.arpa", "nas"];
    // Who is gone through does not go through itself.
    for settings in asked(&built, "one", &shared, &["two", "two.home.arpa"]).unwrap() {
        assert_eq!(settings.get("proxyjump"), None);
        assert_eq!((&*settings["hostname"], &*settings["port"]), ("10.1.0.2", "2222"));
    }
    let settings = asked(&built, "far", &shared, &hosts).unwrap();
    assert_eq!(settings[0]["port"], "2222");
    assert_eq!(settings[0]["proxyjump"], "one");
    assert_eq!(settings[0]["identityfile"], "~/.ssh/key for two");
    assert_eq!(settings[1]["hostname"], "100.64.0.1");
    assert_eq!(settings[1]["port"], "22");
    assert_eq!(settings[2]["hostname"], "10.1.0.2");
    assert_eq!(settings[2]["port"], "2222");
    assert_eq!(settings[3]["hostname"], "10.1.0.9");
    refuses(
        |shared| {
            let settings = asked(&built, "one", shared, &["two"])?;
            match settings[0]["port"].as_str() {
                "2222" => Ok(()),
                other => Err(other.to_string()),
            }
        },
        &shared,
        &[("Port 2222", "Prt 2222"), ("Port 2222", "Port 70000"), ("for two\"", "for two")],
    );
}
