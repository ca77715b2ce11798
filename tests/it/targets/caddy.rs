//! Caddyfiles: what Caddy makes of each site, and what a running one answers whom.

use super::both::{changed, first, refused, second};
use crate::consumers::caddy::{Question, TOOLS, answers, read};
use crate::consumers::{missing, refuses};
use std::net::IpAddr;

/// A file that Caddy 2.6 cannot read a value from; the hash of `swordfish` in its place.
const SECRET: &str = "{file./run/secrets/door}";
const HASH: &str = "$2a$04$CjPBCMm5Cj3sQwyuFJmMJOGtVnX2xQYyZkPQ7iDqQ4O0uS1zM0a5C";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// The status and the first line that each URL gets, asked at `to` from an address.
fn heard(text: &str, own: &[&str], asked: &[(&str, &str, &str)]) -> Vec<(u16, String)> {
    let own: Vec<IpAddr> = own.iter().map(|at| ip(at)).collect();
    let asked: Vec<Question> = asked
        .iter()
        .map(|(url, to, from)| Question { url: (*url).into(), to: ip(to), from: ip(from) })
        .collect();
    let answers = answers(text, &own, &asked).unwrap();
    answers.into_iter().map(|one| (one.status, one.body)).collect()
}

fn says(status: u16, body: &str) -> (u16, String) {
    (status, body.into())
}

#[test]
fn the_first_cluster_answers_for_every_site() {
    let text = first().text("caddy/cooperator/Caddyfile");
    if missing(TOOLS) {
        return;
    }
    let sites = read(&text).unwrap();
    assert_eq!(sites.keys().collect::<Vec<_>>(), ["git.ism.la", "mng.ism.la"]);
    let here = "192.168.254.10";
    let asked = [
        ("https://git.ism.la/", here, "192.168.254.30"),
        ("https://git.ism.la/", here, "203.0.113.9"),
        ("https://mng.ism.la/", here, "192.168.254.30"),
        ("https://mng.ism.la/", "100.64.0.1", "100.64.0.4"),
        ("https://mng.ism.la/", here, "203.0.113.9"),
        ("https://mng.ism.la/", here, "100.65.0.4"),
    ];
    assert_eq!(
        heard(&text, &[here, "100.64.0.1", "127.0.0.1"], &asked),
        [
            says(200, "127.0.0.1:3300"),
            says(200, "127.0.0.1:3300"),
            says(200, "https://127.0.0.1:9090"),
            says(200, "https://127.0.0.1:9090"),
            says(403, ""),
            says(403, ""),
        ]
    );
}

#[test]
fn the_second_cluster_answers_by_route_audience_and_kind() {
    let text = second().text("caddy/gate/Caddyfile");
    assert!(text.contains(&format!("\t\tann {SECRET}\n")));
    assert!(text.contains("\troot * /srv/www/files\n"));
    // In the place of what the program behind says, not beside it.
    let set = "header {\n\t\tStrict-Transport-Security max-age=31536000\n";
    assert!(text.contains(set) && text.contains("\t\tdefer\n\t}\n"), "{text}");
    if missing(TOOLS) {
        return;
    }
    let text = text.replace(SECRET, HASH);
    let sites = read(&text).unwrap();
    let names: Vec<&str> = sites.keys().map(String::as_str).collect();
    let mut wanted: Vec<&str> = vec!["box.example.org", "www.example.org"];
    wanted.extend(second().cluster.all("site").iter().map(|&s| second().cluster.label(s)));
    wanted.sort_unstable();
    assert_eq!(names, wanted);
    let balanced: Vec<&str> =
        sites["web.example.org"].upstreams.iter().map(String::as_str).collect();
    assert_eq!(
        balanced,
        ["10.10.0.1:3000", "10.10.0.2:3000", "10.10.0.2:4000", "https://10.10.0.4:5001"]
    );
    let (here, friend, stranger) = ("10.10.0.1", "10.10.0.77", "203.0.113.9");
    let asked = [
        ("https://www.example.org/api", here, stranger),
        ("https://web.example.org/api/x", here, stranger),
        ("https://web.example.org/api/deep/x", here, stranger),
        ("https://wiki.example.org/", here, friend),
        ("https://wiki.example.org/", here, "100.64.0.2"),
        ("https://wiki.example.org/", "fd10:10::1", "fd10:10::77"),
        ("http://wiki.inner/", "100.64.0.1", "100.64.0.2"),
        ("http://wiki.inner/", here, friend),
        ("https://box.example.org/", here, friend),
        ("https://files.example.org/x", here, stranger),
        ("http://old.example.org/x", here, stranger),
        ("https://hello.example.org/", here, stranger),
        ("https://safe.example.org/", here, stranger),
    ];
    let heard = heard(&text, &[here, "100.64.0.1", "fd10:10::1"], &asked);
    assert_eq!(
        heard,
        [
            says(200, "10.10.0.2:4000"),
            says(200, "10.10.0.2:4000"),
            says(200, "https://10.10.0.4:5001"),
            says(200, "10.10.0.2:4000"),
            says(403, ""),
            says(200, "10.10.0.2:4000"),
            says(200, "10.10.0.2:4000"),
            says(403, ""),
            says(200, "https://10.10.0.2:9090"),
            says(404, ""),
            says(302, ""),
            says(200, "/hello there"),
            says(401, ""),
        ]
    );
}

#[test]
fn options_and_ports_follow_the_cluster() {
    let moved = changed(
        "port http = 80 -> 80 { audience = internet }\n    port https = 443 -> 443 { audience = internet }",
        "network_mode = host\n port http = 8080 { audience = internet }\n port https = 8443 { audience = internet }",
    );
    let text = moved.text("caddy/gate/Caddyfile");
    assert!(text.contains("\thttp_port 8080\n\thttps_port 8443\n"), "{text}");
    // In the node's own network, its containers are seen as they are, and are of the node.
    assert!(text.contains("not remote_ip 10.10.0.0/24 fd10:10::/64 172.28.0.0/16\n"), "{text}");
    assert!(
        text.contains("\treverse_proxy 127.0.0.1:3000 10.10.0.2:3000 ")
            || text.contains("reverse_proxy 10.10.0.2:3000 127.0.0.1:3000 "),
        "{text}"
    );
    assert!(!second().text("caddy/gate/Caddyfile").contains("172.28"));
    assert!(second().text("caddy/gate/Caddyfile").contains("\temail ops@example.org\n\tacme_ca "));
    assert!(!first().text("caddy/cooperator/Caddyfile").contains("acme_ca"));
}

#[test]
fn another_service_may_decide_who_gets_in() {
    let door = "auth     = basic(credential = services.front.container.proxy.credential.door, user = \"ann\")";
    let built = changed(door, "auth = forward(services.wiki.app.http)");
    let text = built.text("caddy/gate/Caddyfile");
    assert!(
        text.contains("\tforward_auth 10.10.0.2:4000 {\n\t\turi /\n\t\tcopy_headers "),
        "{text}"
    );
    if missing(TOOLS) {
        return;
    }
    let sites = read(&text).unwrap();
    let asked: Vec<&str> = sites["safe.example.org"].upstreams.iter().map(String::as_str).collect();
    assert_eq!(asked, ["10.10.0.2:4000", "https://10.10.0.4:5001"]);
    // The one that decides says yes here, as all of them do, and the site answers.
    let question = [("https://safe.example.org/", "10.10.0.1", "203.0.113.9")];
    let heard = heard(&text, &["10.10.0.1", "100.64.0.1", "fd10:10::1"], &question);
    assert_eq!(heard, [says(200, "https://10.10.0.4:5001")]);
    refuses(read, &text, &[("forward_auth", "forward_outh"), ("copy_headers", "copy_heads")]);
}

#[test]
fn an_ingress_without_sites_is_a_sound_caddyfile() {
    let text = r#"cluster c { domain = "a.b"   reach = [lan]   ingress = caddy }
        network lan { driver = physical   range = 10.1.0.0/24 }
        node n { arch = x86_64   os = debian("13")   address { lan = 10.1.0.2 } }
        service caddy { on = n   container web from std.caddy("2.11.4") {
            port http = 80 -> 80 { audience = lan }   port https = 443 -> 443 { audience = lan } } }"#;
    let built = super::Built::text_of(text);
    let text = built.text("caddy/n/Caddyfile");
    if !missing(TOOLS) {
        assert!(read(&text).unwrap().is_empty());
    }
}

#[test]
fn what_caddy_cannot_say_or_reach_is_refused_where_it_stands() {
    let said = refused("\"/hello there\"", "\"hello {there}\"");
    assert!(said.contains("E0801") && said.contains("hello {there}"), "{said}");
    let said = refused("root = \"/srv/pages/files\"", "root = \"/srv/elsewhere\"");
    assert!(said.contains("is in no volume of the ingress's container"), "{said}");
    let said = refused("std.caddy(\"2.11.4\")", "std.caddy(\"2.7.6-alpine\")");
    assert!(said.contains("E0801") && said.contains("this one is 2.7.6-alpine"), "{said}");
    let said = refused("encode gzip\n", "encode gzip\n }\n");
    assert!(said.contains("closes a block that was not opened"), "{said}");
}

#[test]
fn broken_copies_are_refused() {
    let text = second().text("caddy/gate/Caddyfile").replace(SECRET, HASH);
    if missing(TOOLS) {
        return;
    }
    refuses(
        read,
        &text,
        &[
            ("handle @outside", "handle @outsider"),
            ("wiki.example.org {", "web.example.org {"),
            ("uri strip_prefix", "uri strip_prefx"),
            ("\tlb_policy", "lb_policy"),
            ("fd10:10::/64", "fd10:10::/640"),
        ],
    );
}
