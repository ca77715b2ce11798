//! Names: what a running dnsmasq answers for every node, alias, site and record, from the file that is
//! delivered and from the same names in the words of either version of Pi-hole.

use super::Built;
use super::both::{changed, first, second};
use crate::consumers::dnsmasq::{Question, TOOLS, answers, pihole};
use crate::consumers::{missing, refuses};
use std::collections::BTreeSet;

/// What is asked, and all that must be answered.
fn table(rows: &[(&str, &str, &[&str])]) -> Vec<(Question, BTreeSet<String>)> {
    let row = |(name, kind, said): &(&str, &str, &[&str])| {
        let said = said.iter().map(|one| one.to_string()).collect();
        ((name.to_string(), kind.to_string()), said)
    };
    rows.iter().map(row).collect()
}

fn holds(conf: &str, hosts: &str, table: &[(Question, BTreeSet<String>)]) {
    let asked: Vec<Question> = table.iter().map(|(question, _)| question.clone()).collect();
    let heard = answers(conf, hosts, &asked).unwrap();
    for (question, said) in table {
        assert_eq!(&heard[question], said, "{question:?}");
    }
}

/// (conf, hosts) as Pi-hole 5 and 6 would make them.
fn alternatives(built: &Built, node: &str) -> [(String, String); 2] {
    let text = |path: &str| built.text(&format!("pihole/{node}/{path}"));
    let v6: toml::Table = text("v6/pihole.toml").parse().unwrap();
    let list = |key: &str| -> Vec<String> {
        let values = v6["dns"][key].as_array().unwrap();
        values.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
    };
    let (hosts, aliases) = (list("hosts"), list("cnameRecords"));
    let strs = |all: &[String]| all.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
    let (hosts, aliases) = (strs(&hosts), strs(&aliases));
    [
        (text("v5/05-pihole-custom-cname.conf"), text("v5/custom.list")),
        pihole(&hosts.lines().collect::<Vec<_>>(), &aliases.lines().collect::<Vec<_>>()),
    ]
}

#[test]
fn the_first_cluster_has_every_name() {
    let built = first();
    let conf = built.text("pihole/cooperator/20-colab.conf");
    if missing(TOOLS) {
        return;
    }
    let common = table(&[
        ("cooperator", "A", &["192.168.254.10"]),
        ("crtr", "A", &["192.168.254.10"]),
        ("cooperator.colab", "A", &["100.64.0.1"]),
        ("crtr.colab", "A", &["100.64.0.1"]),
        ("director", "A", &["192.168.254.30"]),
        ("drtr.colab", "A", &["100.64.0.2"]),
        ("projector.colab", "A", &["100.64.0.7"]),
        ("terminator", "A", &["192.168.254.40"]),
        ("writer", "A", &["100.64.0.4"]),
        ("wrtr.colab", "A", &["100.64.0.4"]),
        ("zerouter", "A", &["192.168.254.11"]),
        ("git.ism.la", "A", &["192.168.254.10"]),
        ("mng.ism.la", "A", &["192.168.254.10"]),
        ("192.168.254.10", "PTR", &["cooperator"]),
        ("100.64.0.2", "PTR", &["director.colab"]),
        ("nobody.colab", "A", &[]),
    ]);
    holds(&conf, "", &common);
    for (conf, hosts) in alternatives(built, "cooperator") {
        holds(&conf, &hosts, &common);
    }
    // A name that is not in the model is not answered, and none of the model is left out.
    for &node in built.cluster.all("node") {
        let label = built.cluster.label(node);
        assert!(
            common.iter().any(|((name, _), _)| name.split('.').next() == Some(label)),
            "{label}"
        );
    }
}

#[test]
fn the_second_cluster_has_both_families_aliases_and_records() {
    let built = second();
    let conf = built.text("pihole/gate/20-colab.conf");
    assert!(conf.contains("local=/office/\nlocal=/inner/\n"), "{conf}");
    assert!(conf.contains("host-record=printer.office,10.10.0.60,3600\n"), "{conf}");
    assert!(!conf.contains("phone.inner"), "a record for Headscale alone");
    if missing(TOOLS) {
        return;
    }
    let common = table(&[
        ("gate.office", "A", &["10.10.0.1"]),
        ("door.office", "AAAA", &["fd10:10::1"]),
        ("door", "A", &["10.10.0.1"]),
        ("gate.inner", "A", &["100.64.0.1"]),
        ("laptop", "A", &["100.64.0.9"]),
        ("nas.office", "A", &["10.10.0.4"]),
        ("web.example.org", "A", &["10.10.0.1"]),
        ("www.example.org", "AAAA", &["fd10:10::1"]),
        // For the mesh alone, so it points there.
        ("wiki.inner", "A", &["100.64.0.1"]),
        ("printer.office", "A", &["10.10.0.60"]),
        ("print.office", "A", &["10.10.0.60", "printer.office"]),
        ("six.office", "AAAA", &["fd10:10::60"]),
        ("10.10.0.1", "PTR", &["gate.office"]),
        ("fd10:10::2", "PTR", &["box.office"]),
        ("phone.inner", "A", &[]),
    ]);
    holds(&conf, "", &common);
    holds(&conf, "", &table(&[("office", "TXT", &["\"v=1 \\\"quoted\\\"\""])]));
    for (conf, hosts) in alternatives(built, "gate") {
        holds(&conf, &hosts, &common);
    }
}

#[test]
fn a_site_for_all_names_below_one_answers_for_those_without_a_line_of_their_own() {
    let record = "record \"six.office\"";
    let built = changed(
        record,
        &format!(
            "site \"*.apps.example.org\" {{ respond = \"none\" }}\nsite \"one.apps.example.org\" {{ respond = \"one\"   audience = mesh }}\n{record}"
        ),
    );
    let conf = built.text("pihole/gate/20-colab.conf");
    assert!(conf.contains("address=/*.apps.example.org/10.10.0.1\n"), "{conf}");
    if missing(TOOLS) {
        return;
    }
    let common = table(&[
        ("any.apps.example.org", "A", &["10.10.0.1"]),
        // The ingress is a container without IPv6, which would not see who asks.
        ("any.apps.example.org", "AAAA", &[]),
        ("one.apps.example.org", "A", &["100.64.0.1"]),
        ("apps.example.org", "A", &[]),
        ("other.example.org", "A", &[]),
    ]);
    holds(&conf, "", &common);
    let v5 = &alternatives(&built, "gate")[0];
    holds(&v5.0, &v5.1, &common);
    let v6: toml::Table = built.text("pihole/gate/v6/pihole.toml").parse().unwrap();
    let lines = v6["misc"]["dnsmasq_lines"].as_array().unwrap();
    assert_eq!(lines[0].as_str(), Some("address=/*.apps.example.org/10.10.0.1"));
}

/// A container without IPv6 gets all who come by it from its gateway, and would turn them away.
#[test]
fn an_ingress_without_ipv6_has_no_address_of_it_for_those_it_asks_who_they_are() {
    let source = |how: &str| {
        format!(
            r#"
cluster c {{ domain = "a.b"   reach = [lan]   ingress = caddy   dns = pihole(names) }}
network lan {{ driver = physical   range = [10.0.0.0/24, fd00::/64] }}
network six {{ driver = bridge   range = [172.30.0.0/24, fd30::/64] }}
node n {{ arch = x86_64   os = debian   address {{ lan = [10.0.0.2, fd00::2] }} }}
secrets keys {{ provider = command(["get"])   path "/p" {{ names = [PIHOLE] }} }}
service caddy {{ on = n   container web from std.caddy("2.11.4") {{ {how} }} }}
service names {{ on = n   container dns from std.pihole("2026.07.2") {{
  port lookup = 53 -> 53 {{ audience = lan }}
  env {{ FTLCONF_webserver_api_password = secret("/p/PIHOLE") }} }} }}
site "own.a.b" {{ respond = "hello"   audience = lan }}
site "all.a.b" {{ respond = "hello"   audience = internet }}
"#
        )
    };
    let ports = "port http = 80 -> 80 { audience = internet }   port https = 443 -> 443 { audience = internet }";
    let host = "network_mode = host   port http = 80 { audience = internet }   port https = 443 { audience = internet }";
    for (how, sees) in [
        (ports.to_string(), false),
        (format!("{ports}   networks = [six]"), true),
        (host.to_string(), true),
    ] {
        let conf = Built::text_of(&source(&how)).text("pihole/n/20-colab.conf");
        assert_eq!(conf.contains("host-record=own.a.b,fd00::2\n"), sees, "{how}: {conf}");
        assert!(conf.contains("host-record=all.a.b,fd00::2\n"), "{how}: {conf}");
    }
}

#[test]
fn broken_copies_are_refused() {
    let conf = second().text("pihole/gate/20-colab.conf");
    if missing(TOOLS) {
        return;
    }
    let wanted = table(&[
        ("print.office", "A", &["10.10.0.60", "printer.office"]),
        ("six.office", "AAAA", &["fd10:10::60"]),
    ]);
    let asked: Vec<Question> = wanted.iter().map(|(question, _)| question.clone()).collect();
    let read = |conf: &str| {
        let heard = answers(conf, "", &asked)?;
        let right = wanted.iter().all(|(question, said)| heard[question] == *said);
        right.then_some(()).ok_or_else(|| format!("{heard:?}"))
    };
    refuses(
        read,
        &conf,
        &[
            ("cname=print.office,printer.office", "cname=print.office,print.office"),
            ("host-record=printer.office,10.10.0.60", "host-record=printer.office,10.10.0.61"),
            ("host-record=six", "hots-record=six"),
            ("fd10:10::60", "fd10:10:60"),
        ],
    );
}
