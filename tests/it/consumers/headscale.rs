//! Headscale's configuration, its extra DNS records and its policy, read by headscale.

use super::Scratch;

pub const TOOLS: &[&str] = &["headscale", "curl", "python3"];

/// Checks the configuration, then the policy with its tests, then serves both: only then the
/// records are read. The map of relays is one of its own. `files` are at their absolute paths on the node, the first is the
/// configuration; `users` are those that the policy speaks of, without the `@`. `health` is the
/// port of `listen_addr`.
pub fn serve(
    files: &[(&str, &str)],
    policy: &str,
    users: &[&str],
    health: u16,
) -> Result<(), String> {
    let scratch = Scratch::new();
    for (path, text) in files {
        scratch.machine(path, text);
    }
    let (config, _) = files.first().ok_or("there is no configuration")?;
    let call = scratch.call("sh").arg(super::driver("headscale.sh"));
    call.args([*config, policy, &health.to_string()]).args(users).fine().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"server_url: "https://head.ism.la"
listen_addr: "127.0.0.1:8080"
metrics_listen_addr: "127.0.0.1:9091"
noise: {private_key_path: "/var/lib/headscale/noise_private.key"}
prefixes: {v4: "100.64.0.0/10", allocation: "sequential"}
derp: {server: {enabled: false}, urls: ["https://controlplane.tailscale.com/derpmap/default"], paths: [], auto_update_enabled: false}
database: {type: "sqlite", sqlite: {path: "/var/lib/headscale/db.sqlite"}}
dns:
  magic_dns: true
  base_domain: "colab"
  override_local_dns: false
  extra_records_path: "/etc/headscale/records.json"
policy: {mode: "file", path: "/etc/headscale/policy.json"}
"#;
    const RECORDS: &str = r#"[{"name": "git.ism.la", "type": "A", "value": "100.64.0.1"}]"#;
    const POLICY: &str = r#"{
  "groups": {"group:people": ["crtr@"]},
  "tagOwners": {"tag:server": ["crtr@"]},
  "acls": [{"action": "accept", "src": ["group:people"], "dst": ["tag:server:22,443"]}]
}"#;

    fn all(config: &str, records: &str, policy: &str) -> Result<(), String> {
        let files = [
            ("/etc/headscale/config.yaml", config),
            ("/etc/headscale/records.json", records),
            ("/etc/headscale/policy.json", policy),
        ];
        serve(&files, "/etc/headscale/policy.json", &["crtr"], 8080)
    }

    #[test]
    fn broken_copies_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            |config| all(config, RECORDS, POLICY),
            CONFIG,
            &[
                ("base_domain: \"colab\"", "base_domain: \"ism.la\""),
                ("override_local_dns: false", "override_local_dns: true"),
            ],
        );
        super::super::refuses(
            |records| all(CONFIG, records, POLICY),
            RECORDS,
            &[("[{", "{"), ("\"git.ism.la\"", "7")],
        );
        super::super::refuses(
            |policy| all(CONFIG, RECORDS, policy),
            POLICY,
            &[
                ("[\"crtr@\"]}", "[\"crtr\"]}"),
                ("accept", "acept"),
                ("\"src\": [\"group:people\"]", "\"src\": [\"group:pets\"]"),
                ("\"acls\"", "\"acl\""),
                ("22,443", "22,99999"),
            ],
        );
    }
}
