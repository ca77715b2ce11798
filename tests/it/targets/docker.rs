//! A Docker daemon starts on what is emitted, and says of itself what the model says.

use super::{Built, refusals};
use crate::consumers::{self, dockerd};
use serde_json::Value;

const SOURCE: &str = r#"
cluster c { edition = 1   domain = "c.example" }
network lan { driver = physical   range = 10.0.0.0/24 }
global {
  node {
    docker {
      default_pools  = [{ base = 172.28.0.0/14   size = 26 }]
      storage_driver = "overlay2"
      log { driver = "local"   max_size = 7MB   max_file = 4 }
      insecure       = ["10.0.0.9:5000"]
      mirrors        = ["https://mirror.example"]
      raw            { "max-concurrent-downloads" = 5   features = { containerd-snapshotter = false } }
    }
  }
}
node n    { arch = arm64    os = debian("13")                 address { lan = 10.0.0.1 } }
node w    { arch = x86_64   os = windows("11", wsl = true)    address { lan = 10.0.0.2 }   hardware { gpu = nvidia } }
node m    { arch = arm64    os = macos("15")                  address { lan = 10.0.0.3 } }
node bare { arch = x86_64   os = windows("11")                address { lan = 10.0.0.4 } }
"#;

fn daemon(built: &Built, node: &str) -> Value {
    serde_json::from_str(&built.text(&format!("docker/{node}/daemon.json"))).unwrap()
}

#[test]
fn a_daemon_starts_on_each_and_follows_it() {
    if consumers::missing(dockerd::TOOLS) {
        return;
    }
    let built = Built::text_of(SOURCE);
    let text = built.text("docker/n/daemon.json");
    let info = dockerd::start(&text).unwrap();
    assert_eq!(info["Driver"], "overlay2");
    assert_eq!(info["LoggingDriver"], "local");
    assert_eq!(info["LiveRestoreEnabled"], true);
    assert_eq!(info["RegistryConfig"]["Mirrors"][0], "https://mirror.example/");
    let insecure = &info["RegistryConfig"]["IndexConfigs"]["10.0.0.9:5000"]["Secure"];
    assert_eq!(insecure, false);
    let subnet = info["colab-network"]["IPAM"]["Config"][0]["Subnet"].as_str().unwrap();
    assert!(subnet.starts_with("172.2") && subnet.ends_with("/26"), "{subnet}");
    consumers::refuses(
        dockerd::start,
        &text,
        &[("\"4\"", "4"), ("log-driver", "log-drivers"), ("\"size\": 26", "\"size\": 4")],
    );
}

#[test]
fn the_repositorys_daemons_start() {
    if consumers::missing(dockerd::TOOLS) {
        return;
    }
    let built = Built::repo();
    let info = dockerd::start(&built.text("docker/cooperator/daemon.json")).unwrap();
    assert_eq!(
        (&info["Driver"], &info["LoggingDriver"]),
        (&"overlay2".into(), &"json-file".into())
    );
    let subnet = info["colab-network"]["IPAM"]["Config"][0]["Subnet"].as_str().unwrap();
    assert!(subnet.starts_with("172.20.") && subnet.ends_with("/24"), "{subnet}");
}

#[test]
fn each_engine_gets_its_own() {
    let built = Built::text_of(SOURCE);
    let plain = daemon(&built, "n");
    assert_eq!(plain["log-opts"], serde_json::json!({"max-size": "7m", "max-file": "4"}));
    assert_eq!(plain["max-concurrent-downloads"], 5);
    assert_eq!(plain["features"]["containerd-snapshotter"], false);
    assert!(plain.get("runtimes").is_none());
    let path = "nvidia-container-runtime";
    assert_eq!(daemon(&built, "w")["runtimes"]["nvidia"]["path"], path);
    let delivery = |node: &str| {
        built.tree.get(&format!("docker/{node}/daemon.json")).unwrap().delivery.clone()
    };
    assert_eq!(delivery("n").unwrap().destination, "/etc/docker/daemon.json");
    assert_eq!(delivery("w").unwrap().side, Some(colabc::tree::Side::Wsl));
    // Docker Desktop is set up by hand, from this file.
    assert!(delivery("m").is_none());
    assert!(built.tree.get("docker/bare/daemon.json").is_none());
}

#[test]
fn a_raw_key_that_a_field_says_is_refused() {
    for key in ["hosts", "log-driver", "data-root"] {
        let broken =
            SOURCE.replace("\"max-concurrent-downloads\" = 5", &format!("\"{key}\" = \"x\""));
        assert!(refusals(&broken).contains(&"E0803"), "{key}");
    }
}
