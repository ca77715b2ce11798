//! Headscale: its own server takes the records and the policy, under the configuration that its
//! container gets.

use super::Built;
use super::both::{changed, find, first, refused, second};
use crate::consumers::headscale::{TOOLS, serve};
use crate::consumers::{missing, refuses};
use serde_json::{Value, json};

/// The `config.yaml` of the container that runs it.
fn config(built: &Built, service: &str, container: &str) -> String {
    let cluster = &built.cluster;
    let service = find(built, "service", service);
    let instance = cluster.instances_of(service).next().unwrap().thing;
    let all = cluster.children(instance, "container");
    let container = *all.iter().find(|&&it| cluster.label(it) == container).unwrap();
    let configs = cluster.children(container, "config");
    let config =
        *configs.iter().find(|&&it| cluster.label(it) == "/etc/headscale/config.yaml").unwrap();
    cluster.text(config, "value").unwrap().to_owned()
}

fn takes(config: &str, records: &str, policy: &str, users: &[&str]) -> Result<(), String> {
    let files = [
        ("/etc/headscale/config.yaml", config),
        ("/etc/headscale/records.json", records),
        ("/etc/headscale/policy.json", policy),
    ];
    serve(&files, "/etc/headscale/policy.json", users, 8080)
}

/// Name, type and value of each record.
fn rows(text: &str) -> Vec<String> {
    let rows: Vec<Value> = serde_json::from_str(text).unwrap();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    rows.iter()
        .map(|row| format!("{} {} {}", text(row, "name"), text(row, "type"), text(row, "value")))
        .collect()
}

/// Nobody joins a mesh by an address on it; and who is on no mesh needs what the public DNS says.
#[test]
fn a_site_for_everyone_is_no_address_of_a_mesh_to_others() {
    let built = Built::text_of(
        r#"
cluster c { domain = "example.org"   reach = [home, mesh]   ingress = caddy   dns = pihole(names) }
network home { driver = physical   range = 10.0.0.0/24 }
network mesh { driver = mesh   range = 100.64.0.0/10   provider = headscale   domain = "tail.example.org" }
network wan { driver = physical   range = 203.0.113.0/24 }
node vps { arch = x86_64   os = debian   address { mesh = 100.64.0.1   wan = 203.0.113.7 } }
node nas { arch = x86_64   os = debian   address { home = 10.0.0.2   mesh = 100.64.0.2 } }
secrets keys { provider = command(["get"])   path "/p" { names = [PIHOLE] } }
service caddy { on = vps   container web from std.caddy("2.11.4") {
  port http = 80 -> 80 { audience = internet }
  port https = 443 -> 443 { audience = internet } } }
service headscale { on = vps
  container control from std.headscale("v0.29.2", "https://head.example.org", mesh) {
    port web = 8080 -> 8080 { audience = mesh }
    volume "/var/lib/headscale" = local("headscale") }
  site "head.example.org" { to = control.web   audience = internet } }
service names { on = nas   container dns from std.pihole("2026.07.2") {
  port lookup = 53 -> 53 { audience = [home, mesh] }
  env { FTLCONF_webserver_api_password = secret("/p/PIHOLE") } } }
site "www.example.org" { respond = "hello"   audience = internet }
site "own.example.org" { respond = "hello"   audience = [home, mesh] }
"#,
    );
    let records = rows(&built.text("headscale/vps/records.json"));
    assert_eq!(records, ["own.example.org A 100.64.0.1", "www.example.org A 100.64.0.1"]);
    let names = built.text("pihole/nas/20-colab.conf");
    assert!(names.contains("host-record=own.example.org,100.64.0.1\n"), "{names}");
    assert!(!names.contains("www.example.org") && !names.contains("head.example.org"), "{names}");
}

#[test]
fn the_first_cluster_is_served() {
    let built = first();
    let records = built.text("headscale/cooperator/records.json");
    let policy = built.text("headscale/cooperator/policy.json");
    assert_eq!(
        rows(&records),
        [
            "crtr.colab A 100.64.0.1",
            "drtr.colab A 100.64.0.2",
            "git.ism.la A 100.64.0.1",
            "mng.ism.la A 100.64.0.1",
            "prtr.colab A 100.64.0.7",
            "trtr.colab A 100.64.0.6",
            "wrtr.colab A 100.64.0.4",
        ]
    );
    let said: Value = serde_json::from_str(&policy).unwrap();
    assert_eq!(said["hosts"]["writer"], "100.64.0.4/32");
    let open = |node: &str| {
        let grants = said["grants"].as_array().unwrap();
        let grant = grants.iter().find(|grant| grant["dst"] == json!([node])).unwrap();
        grant["ip"].as_array().unwrap().clone()
    };
    // What is for the mesh is open there, what is for the LAN alone is not.
    assert!(open("cooperator").contains(&json!("tcp:445")));
    assert!(open("cooperator").contains(&json!("udp:53")));
    assert!(!open("cooperator").contains(&json!("tcp:8082")));
    assert!(!open("cooperator").contains(&json!("tcp:9090")));
    assert_eq!(open("writer"), [json!("tcp:22"), json!("icmp:*")]);
    if missing(TOOLS) {
        return;
    }
    takes(&config(built, "headscale", "control"), &records, &policy, &[]).unwrap();
}

#[test]
fn the_second_cluster_has_stated_grants_too() {
    let built = second();
    let records = built.text("headscale/gate/records.json");
    let policy = built.text("headscale/gate/policy.json");
    let names = rows(&records);
    for wanted in
        ["phone.inner A 100.64.0.77", "six.office AAAA fd10:10::60", "wiki.inner A 100.64.0.1"]
    {
        assert!(names.iter().any(|name| name == wanted), "{wanted} in {names:?}");
    }
    assert!(!names.iter().any(|name| name.starts_with("wiki.example.org")), "for the LAN alone");
    let said: Value = serde_json::from_str(&policy).unwrap();
    let grants = said["grants"].as_array().unwrap();
    for wanted in [
        json!({"src": ["ann@"], "dst": ["box"], "ip": ["tcp:5432"]}),
        json!({"src": ["gate"], "dst": ["laptop"], "ip": ["*"]}),
        json!({"src": ["*"], "dst": ["gate"], "ip": ["udp:53", "tcp:8000-8010"]}),
    ] {
        assert!(grants.contains(&wanted), "{wanted} in {policy}");
    }
    if missing(TOOLS) {
        return;
    }
    takes(&config(built, "control", "hs"), &records, &policy, &["ann"]).unwrap();
}

#[test]
fn a_mesh_of_one_service_and_no_published_port_is_sound() {
    let text = r#"cluster c { reach = [lan] }
        network lan { driver = physical   range = 10.1.0.0/24 }
        network mesh { driver = mesh   range = 100.64.0.0/10   domain = "m"   provider = headscale }
        node n { arch = x86_64   os = debian("13")   address { lan = 10.1.0.2 } }
        service headscale { on = n   container hs from std.headscale("v0.29.2", "http://10.1.0.2:8080", mesh) {
            port web = 8080 -> 8080 { audience = lan }   volume "/var/lib/headscale" = local("hs") } }"#;
    let built = Built::text_of(text);
    let records = built.text("headscale/n/records.json");
    let policy = built.text("headscale/n/policy.json");
    assert_eq!(records, "[]\n");
    if missing(TOOLS) {
        return;
    }
    takes(&config(&built, "headscale", "hs"), &records, &policy, &[]).unwrap();
}

#[test]
fn whoever_is_not_on_the_mesh_cannot_be_granted_anything() {
    let said = refused("to = [laptop] }", "to = [nas] }");
    assert!(said.contains("`nas` has no address on `mesh`"), "{said}");
    let empty =
        changed("from = [std.edge]   to = [laptop]", "from = [std.compute]   to = [laptop]");
    assert!(
        !empty
            .text("headscale/gate/policy.json")
            .contains("\"laptop\"\n      ],\n      \"ip\": [\n        \"*\"")
    );
}

#[test]
fn broken_copies_are_refused() {
    let built = second();
    let records = built.text("headscale/gate/records.json");
    let policy = built.text("headscale/gate/policy.json");
    if missing(TOOLS) {
        return;
    }
    let config = config(built, "control", "hs");
    refuses(
        |policy| takes(&config, &records, policy, &["ann"]),
        &policy,
        &[
            ("\"ann@\"", "\"ann\""),
            ("\"box\": \"", "\"cox\": \""),
            ("\"grants\"", "\"grant\""),
            ("tcp:5432", "tcp:54321x"),
        ],
    );
    refuses(
        |records| takes(&config, records, &policy, &["ann"]),
        &records,
        &[("[\n  {", "{\n  {"), ("\"value\": \"10.10.0.60\"", "\"value\": 7")],
    );
}
