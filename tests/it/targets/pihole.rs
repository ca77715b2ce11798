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
        ("any.apps.example.org", "AAAA", &["fd10:10::1"]),
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
