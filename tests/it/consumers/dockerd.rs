//! daemon.json, as the Docker daemon that starts on it follows it.

use super::Scratch;
use serde_json::Value;

pub const TOOLS: &[&str] = &["dockerd", "docker"];

/// What `docker info` says of the daemon, and under `colab-network` what `docker network inspect`
/// says of a network that it was asked for.
pub fn start(daemon: &str) -> Result<Value, String> {
    let scratch = Scratch::new();
    scratch.machine("/etc/docker/daemon.json", daemon);
    let heard = scratch.call("sh").arg(super::driver("dockerd.sh")).fine()?;
    let mut lines = heard.out.lines();
    let mut json = || {
        let line = lines.next().ok_or("docker said nothing")?;
        serde_json::from_str::<Value>(line).map_err(|fault| format!("{fault} in {line}"))
    };
    let (mut info, network) = (json()?, json()?);
    info["colab-network"] = network;
    Ok(info)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"{
  "log-driver": "json-file",
  "log-opts": {"max-size": "10m", "max-file": "3"},
  "storage-driver": "overlay2",
  "default-address-pools": [{"base": "172.30.0.0/16", "size": 24}]
}
"#;

    #[test]
    fn a_daemon_starts_on_it() {
        if super::super::missing(TOOLS) {
            return;
        }
        let info = start(SOUND).unwrap();
        assert_eq!(info["Driver"], "overlay2");
        assert_eq!(info["LoggingDriver"], "json-file");
        let subnet = info["colab-network"]["IPAM"]["Config"][0]["Subnet"].as_str().unwrap();
        assert!(subnet.starts_with("172.30."), "{subnet}");
        super::super::refuses(
            start,
            SOUND,
            &[
                ("\"3\"", "3"),
                ("log-driver", "log-drivers"),
                ("\"size\": 24", "\"size\": 8"),
                ("overlay2", "overlay3"),
                ("},\n", "}\n"),
            ],
        );
    }
}
