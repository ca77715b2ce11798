//! Prometheus and Alertmanager: what the running servers ask, raise and keep quiet.

use super::both::{changed, first, second};
use crate::consumers::prometheus::{TOOLS, inhibited, read, receivers};
use crate::consumers::{Scratch, missing, refuses};
use std::collections::{BTreeMap, BTreeSet};

const CONFIG: &str = "/etc/prometheus/prometheus.yml";
const RULES: &str = "/etc/prometheus/rules.yml";

fn text(name: &str) -> String {
    second().text(&format!("prometheus/gate/{name}"))
}

#[test]
fn a_planned_prometheus_has_no_files() {
    let none = first().tree.iter().all(|(path, _)| !path.starts_with("prometheus/"));
    assert!(none);
}

#[test]
fn a_running_prometheus_asks_everyone_with_figures() {
    let (config, rules) = (text("prometheus.yml"), text("rules.yml"));
    assert!(
        config.contains("# Not asked: control.hs on gate, whose port scrape is not published.\n")
    );
    if missing(TOOLS) {
        return;
    }
    let loaded = read(&[(CONFIG, &config), (RULES, &rules)], CONFIG).unwrap();
    let target = |(job, url): (&str, &str)| (job.to_owned(), url.to_owned());
    let wanted = [
        ("figures", "http://10.10.0.1:9100/metrics"),
        ("figures", "http://10.10.0.2:9100/metrics"),
        ("figures", "http://10.10.0.3:9100/metrics"),
        ("watch-bell", "http://watch-bell:9093/metrics"),
        ("watch-db", "http://127.0.0.1:9090/metrics"),
        ("web", "http://10.10.0.1:9400/metrics"),
        ("web", "http://10.10.0.2:9400/metrics"),
        ("wiki", "http://10.10.0.2:4000/-/metrics"),
    ];
    assert_eq!(loaded.targets, BTreeSet::from(wanted.map(target)));
    let names: Vec<&str> = loaded.alerts.keys().map(String::as_str).collect();
    let all =
        ["DiskAlmostFull", "DiskFilling", "NodeDown", "ServiceDown", "disk-full-soon", "wiki-slow"];
    assert_eq!(names, all);
    refuses(
        |config| read(&[(CONFIG, config), (RULES, &rules)], CONFIG),
        &config,
        &[
            ("\"30s\"", "30"),
            ("job_name: \"web\"", "job_name: \"wiki\""),
            ("rule_files", "rulefiles"),
        ],
    );
    refuses(
        |rules| read(&[(CONFIG, &config), (RULES, rules)], CONFIG),
        &rules,
        &[
            ("} == 0", "} === 0"),
            ("for: \"10m\"", "for: \"10\""),
            ("{{ $labels.node }}", "{{ $labels.node }"),
        ],
    );
}

/// Promtool plays figures to the rules: what must be raised, and what must not.
#[test]
fn rules_fire_for_what_should_be_up() {
    let rules = text("rules.yml");
    if missing(TOOLS) {
        return;
    }
    let cases = r#"rule_files: ["rules.yml"]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'up{job="figures",node="box",service="figures",availability="always"}', values: "1 0x20"}
      - {series: 'up{job="figures",node="gate",service="figures",availability="always"}', values: "1x20"}
      - {series: 'up{job="figures",node="spare",service="figures",availability="on-demand"}', values: "0x20"}
      - {series: 'up{job="wiki",node="box",service="wiki",availability="always"}', values: "0x20"}
    alert_rule_test:
      - eval_time: 10m
        alertname: NodeDown
        exp_alerts:
          - exp_labels: {severity: critical, job: figures, node: box, service: figures, availability: always}
            exp_annotations: {summary: "The node box does not answer"}
      - eval_time: 10m
        alertname: ServiceDown
        exp_alerts:
          - exp_labels: {severity: warning, job: wiki, node: box, service: wiki, availability: always}
            exp_annotations: {summary: "wiki on box does not answer", impact: "Nobody reads {{ anything }}"}
"#;
    let test = |rules: &str| {
        let scratch = Scratch::new();
        scratch.write("rules.yml", rules);
        scratch.write("test.yml", cases);
        scratch.call("promtool").args(["test", "rules", "test.yml"]).fine().map(|heard| heard.out)
    };
    refuses(
        test,
        &rules,
        &[
            ("node=\\\"box\\\"} == 0", "node=\\\"box\\\"} == 1"),
            ("availability=\\\"always\\\"", "availability=\\\"never\\\""),
        ],
    );
}

#[test]
fn what_only_follows_is_silent() {
    let config = text("alertmanager.yml");
    assert!(config.contains("# Nobody is written to"), "{config}");
    if missing(TOOLS) {
        return;
    }
    assert_eq!(receivers(&config, &[("severity", "critical")]).unwrap(), ["page"]);
    let service = |name, node| {
        BTreeMap::from([("alertname", "ServiceDown"), ("service", name), ("node", node)])
    };
    let node = |node| BTreeMap::from([("alertname", "NodeDown"), ("node", node)]);
    let quiet = |raised: &[BTreeMap<&str, &str>]| {
        let quiet = inhibited(&config, raised).unwrap();
        let name = |labels: &BTreeMap<String, String>| {
            format!("{} {}", labels.get("service").map_or("-", String::as_str), labels["node"])
        };
        let mut quiet: Vec<String> = quiet.iter().map(name).collect();
        quiet.sort();
        quiet
    };
    // Of the box: its services, and on the gate the one that mounts its share.
    let raised =
        [node("box"), service("wiki", "box"), service("web", "gate"), service("names", "gate")];
    assert_eq!(quiet(&raised), ["web gate", "wiki box"]);
    // `after`: the wiki needs the names, which run on the gate.
    assert_eq!(quiet(&[service("names", "gate"), service("wiki", "box")]), ["wiki box"]);
    assert_eq!(quiet(&[node("gate"), service("wiki", "box"), service("web", "box")]), ["wiki box"]);
    assert!(
        quiet(&[service("wiki", "box"), service("names", "gate"), node("spare")][..1]).is_empty()
    );
    refuses(
        |config| receivers(config, &[]),
        &config,
        &[("receiver: \"page\"", "receiver: \"nobody\""), ("equal:", "equals:")],
    );
}

#[test]
fn people_are_written_to_where_there_is_a_mail_server() {
    let mail = "service post { on = box   container smtp { image = \"example/smtp:1\"\n\
        port mail = 25 -> 25 { scheme = smtp   audience = lan } } }\nservice figures {";
    let built = changed("service figures {", mail);
    let config = built.text("prometheus/gate/alertmanager.yml");
    assert!(config.contains("smtp_smarthost: \"10.10.0.2:25\""), "{config}");
    assert!(config.contains("to: \"ann@example.org\""), "{config}");
    assert!(!config.contains("# Nobody"));
    if missing(TOOLS) {
        return;
    }
    assert_eq!(receivers(&config, &[("severity", "critical")]).unwrap(), ["people"]);
    assert_eq!(receivers(&config, &[("severity", "warning")]).unwrap(), ["people"]);
    assert_eq!(receivers(&config, &[("severity", "info")]).unwrap(), ["page"]);
}
