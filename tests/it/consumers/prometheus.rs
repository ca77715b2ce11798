//! Prometheus's and Alertmanager's configuration, read by promtool and amtool and by the running
//! servers, whose scrapes and notifications find no network.

use super::Scratch;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub const TOOLS: &[&str] = &["prometheus", "promtool", "prometheus-alertmanager", "amtool", "curl"];

/// Files at their absolute paths on the node.
pub type Files<'a> = &'a [(&'a str, &'a str)];

/// What a running Prometheus has understood.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Loaded {
    /// Job and URL.
    pub targets: BTreeSet<(String, String)>,
    /// The expression of each alert.
    pub alerts: BTreeMap<String, String>,
}

/// Runs Prometheus on `config`, one of `files`.
pub fn read(files: Files, config: &str) -> Result<Loaded, String> {
    let scratch = machine(files);
    let heard = scratch.call("sh").arg(super::driver("prometheus.sh")).arg(config).fine()?;
    let mut answers = heard.out.lines().map(|line| {
        serde_json::from_str::<Value>(line).map_err(|fault| format!("{fault} in {line}"))
    });
    let mut answer = || answers.next().ok_or("Prometheus gave no answer")?;
    let (targets, rules) = (answer()?, answer()?);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut loaded = Loaded::default();
    for target in list(&targets["data"]["activeTargets"]) {
        loaded.targets.insert((text(&target["labels"]["job"]), text(&target["scrapeUrl"])));
    }
    for group in list(&rules["data"]["groups"]) {
        for rule in list(&group["rules"]) {
            if rule["type"] == "alerting" {
                loaded.alerts.insert(text(&rule["name"]), text(&rule["query"]));
            }
        }
    }
    Ok(loaded)
}

/// The receivers of an alert with these labels, in Alertmanager's `config`.
pub fn receivers(config: &str, labels: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let scratch = Scratch::new();
    scratch.write("alertmanager.yml", config);
    scratch.call("amtool").args(["check-config", "alertmanager.yml"]).fine()?;
    let call = scratch.call("amtool").args(["config", "routes", "test"]);
    let labels = labels.iter().map(|(name, value)| format!("{name}={value}"));
    let heard = call.arg("--config.file=alertmanager.yml").args(labels).fine()?;
    Ok(heard.out.trim().split(',').map(str::to_owned).collect())
}

/// Which of `raised`, each its labels with an `alertname`, a running Alertmanager keeps quiet
/// because of the others.
pub fn inhibited(
    config: &str,
    raised: &[BTreeMap<&str, &str>],
) -> Result<BTreeSet<BTreeMap<String, String>>, String> {
    let scratch = Scratch::new();
    scratch.write("alertmanager.yml", config);
    let alerts = raised.iter().map(|labels| {
        let words: Vec<String> =
            labels.iter().map(|(name, value)| format!("'{name}={value}'")).collect();
        words.join(" ") + "\n"
    });
    scratch.write("alerts.txt", alerts.collect::<String>());
    let call = scratch.call("sh").arg(super::driver("alertmanager.sh")).arg("alertmanager.yml");
    let heard = call.fine()?.json()?;
    let quiet = heard.as_array().into_iter().flatten().filter(|alert| {
        alert["status"]["inhibitedBy"].as_array().is_some_and(|others| !others.is_empty())
    });
    let labels = |alert: &Value| {
        let pairs = alert["labels"].as_object().into_iter().flatten();
        pairs
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().into()))
            .collect()
    };
    Ok(quiet.map(labels).collect())
}

fn machine(files: Files) -> Scratch {
    let scratch = Scratch::new();
    for (path, text) in files {
        scratch.machine(path, text);
    }
    scratch
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = r#"global:
  scrape_interval: "30s"
rule_files: ["/etc/prometheus/rules.yml"]
scrape_configs:
  - job_name: "node"
    static_configs:
      - targets: ["192.168.254.10:9100", "192.168.254.20:9100"]
"#;
    const RULES: &str = r#"groups:
  - name: "nodes"
    rules:
      - alert: "NodeDown"
        expr: "up{job=\"node\"} == 0"
        for: "5m"
        annotations:
          summary: "{{ $labels.instance }} is down"
"#;
    const ALERTS: &str = r#"route:
  receiver: "crtr"
  routes:
    - receiver: "night"
      matchers: ["severity=\"critical\""]
receivers:
  - name: "crtr"
    webhook_configs: [{url: "http://192.168.254.20:8080/alert"}]
  - name: "night"
inhibit_rules:
  - source_matchers: ["alertname=\"NodeDown\""]
    target_matchers: ["alertname=\"ServiceDown\""]
    equal: ["node"]
"#;

    fn both(config: &str, rules: &str) -> Result<Loaded, String> {
        let files =
            [("/etc/prometheus/prometheus.yml", config), ("/etc/prometheus/rules.yml", rules)];
        read(&files, "/etc/prometheus/prometheus.yml")
    }

    #[test]
    fn a_running_prometheus_has_targets_and_alerts() {
        if super::super::missing(TOOLS) {
            return;
        }
        let loaded = both(CONFIG, RULES).unwrap();
        let target = |at: &str| ("node".to_owned(), format!("http://{at}:9100/metrics"));
        assert_eq!(
            loaded.targets,
            BTreeSet::from([target("192.168.254.10"), target("192.168.254.20")])
        );
        assert_eq!(loaded.alerts["NodeDown"], "up{job=\"node\"} == 0");
    }

    #[test]
    fn a_running_alertmanager_inhibits_what_follows_from_another() {
        if super::super::missing(TOOLS) {
            return;
        }
        assert_eq!(receivers(ALERTS, &[("severity", "critical")]).unwrap(), ["night"]);
        assert_eq!(receivers(ALERTS, &[("severity", "warning")]).unwrap(), ["crtr"]);
        let alert = |name, node| BTreeMap::from([("alertname", name), ("node", node)]);
        let raised = [
            alert("NodeDown", "director"),
            alert("ServiceDown", "director"),
            alert("ServiceDown", "writer"),
        ];
        let quiet = inhibited(ALERTS, &raised).unwrap();
        let labels: Vec<_> =
            quiet.iter().map(|labels| (&labels["alertname"][..], &labels["node"][..])).collect();
        assert_eq!(labels, [("ServiceDown", "director")]);
    }

    #[test]
    fn broken_copies_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            |config| both(config, RULES),
            CONFIG,
            &[
                ("\"30s\"", "30"),
                ("job_name", "job_nam"),
                ("[\"192.168.254.10:9100\", \"192.168.254.20:9100\"]", "7"),
            ],
        );
        super::super::refuses(
            |rules| both(CONFIG, rules),
            RULES,
            &[("== 0", "== = 0"), ("$labels.instance }}", "$labels.instance }"), ("for:", "fore:")],
        );
        super::super::refuses(
            |config| receivers(config, &[]),
            ALERTS,
            &[("- receiver: \"night\"", "- receiver: \"day\""), ("equal:", "equals:")],
        );
    }
}
