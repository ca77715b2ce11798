//! One slip in a sound cluster is one finding: what follows from it is not told beside it.

mod sweep;

use crate::memory::{Ask, Memory, check};
use crate::ratchet::root;
use colabc::diag::short;

struct Slip {
    cluster: &'static str,
    written: &'static str,
    instead: &'static str,
    found: &'static str,
}

const fn slip(
    cluster: &'static str,
    written: &'static str,
    instead: &'static str,
    found: &'static str,
) -> Slip {
    Slip { cluster, written, instead, found }
}

#[rustfmt::skip] // a row a slip
const SLIPS: &[Slip] = &[
    // What is absent waits for what nobody could read.
    slip("homelab", "  address { home = [192.168.178.22,", "  adderss { home = [192.168.178.22,", "58:3 E0202"),
    slip("homelab", "  address { home = [192.168.178.22,", "  address { hoem = [192.168.178.22,", "58:13 E0204"),
    slip("homelab", "network home {", "netowrk home {", "12:1 E0201"),
    slip("homelab", "network home {", "network hoem {", "12:9 E0204"),
    slip("homelab", "mount { linux = \"/mnt/media\" }", "monut { linux = \"/mnt/media\" }", "80:3 E0202"),
    slip("homelab", "mount { linux = \"/mnt/media\" }", "mount { liunx = \"/mnt/media\" }", "80:11 E0202"),
    slip("homelab", "mount     = \"/srv/usb\"", "monut     = \"/srv/usb\"", "67:7 E0202"),
    slip("homelab", "  hardware {\n    cpu     =", "  hardawre {\n    cpu     =", "59:3 E0202"),
    slip("homelab", "  secrets = [vault[\"/radio\"]]", "  secerts = [vault[\"/radio\"]]", "137:3 E0202"),
    slip("homelab", "secrets vault", "secerts vault", "23:1 E0201"),
    slip("homelab", "cluster attic", "clutser attic", "3:1 E0201"),
    slip("homelab", "  ingress  = caddy(front)", "  ingerss  = caddy(front)", "8:3 E0202"),
    slip("homelab", "  container web from", "  contianer web from", "85:3 E0202"),
    slip("nas-and-pi", "service caddy", "serivce caddy", "54:1 E0201"),
    slip("mac-and-gpu", "    port api = 11434", "    potr api = 11434", "79:5 E0202"),
    slip("office", "service wiki", "serivce wiki", "125:1 E0201"),
    slip("office", "    address { desks = 10.20.1.52 }", "    adderss { desks = 10.20.1.52 }", "75:3 E0202"),
    // What several miss is missing once.
    slip("homelab", "  address { home = [192.168.178.21, fd00:beef::21] }", "", "17:14 E0306"),
    slip("homelab", "  address { home = [192.168.178.21,", "  adderss { home = [192.168.178.21,", "46:3 E0202"),
    slip("homelab", "  address { home = [192.168.178.21,", "  address { hoem = [192.168.178.21,", "46:13 E0204"),
    slip("homelab", "  address { home = [192.168.178.22, fd00:beef::22] }", "", "143:48 E1102"),
    slip("homelab", "  mount { linux = \"/mnt/media\" }", "", "128:5 E1202"),
    slip("office", "  address { desks = 10.20.0.10 }", "", "99:28 E1102"),
    slip("nas-and-pi", "  address { house = 192.168.1.5 }", "", "52:30 E1103"),
    slip("mac-and-gpu", "  address { wire = 172.16.4.3   tail = 100.100.0.3 }", "", "65:28 E1102"),
    slip("mac-and-gpu", "  address { wire = 172.16.4.2   tail = 100.100.0.2 }", "", "105:53 E0506"),
    slip("mac-and-gpu", "mount = \"/srv/fast\"", "", "80:5 E1202"),
    // A name without its word.
    slip("homelab", "    port web = 2283", "    web = 2283", "129:5 E0202"),
    slip("homelab", "  container app {", "  app {", "121:3 E0202"),
    slip("homelab", "  path \"/photos\" {", "  \"/photos\" {", "25:3 E0202"),
    slip("all-in-one", "  site \"cloud.desk.lan\" {", "  \"cloud.desk.lan\" {", "99:3 E0202"),
    // A block without the line that opens it.
    slip("homelab", "service films {", "", "165:3 E0103"),
    slip("homelab", "  container player {", "", "168:5 E0103"),
    slip("homelab", "node robin {", "", "44:3 E0103"),
    slip("all-in-one", "  hardware {", "", "30:5 E0103"),
    slip("office", "node cupboard {", "", "55:3 E0103"),
    // A thing without its name.
    slip("homelab", "node depot {", "node {", "38:1 E0207"),
    slip("homelab", "network talk {", "network {", "19:1 E0207"),
    slip("homelab", "secrets vault {", "secrets {", "23:1 E0207"),
    slip("homelab", "  path \"/photos\" {", "  path {", "25:3 E0207"),
    slip("homelab", "  container app {", "  container {", "121:3 E0207"),
    slip("homelab", "  container player {", "  container {", "167:3 E0207"),
    slip("nas-and-pi", "  container hub {", "  container {", "61:3 E0207"),
    slip("nas-and-pi", "  container mqtt {", "  container {", "70:3 E0207"),
    slip("office", "  container app {", "  container {", "142:3 E0207"),
    slip("office", "    disk vault {", "    disk {", "65:5 E0207"),
    slip("all-in-one", "    disk root {", "    disk {", "34:5 E0207"),
    slip("mac-and-gpu", "    disk slow {", "    disk {", "48:5 E0207"),
];

#[test]
fn one_slip_is_one_finding() {
    let mut wrong = Vec::new();
    for Slip { cluster, written, instead, found } in SLIPS {
        let path = root().join("tests/sound").join(cluster).join("cluster.colab");
        let sound = std::fs::read_to_string(path).unwrap();
        assert_eq!(sound.matches(written.trim()).count(), 1, "{cluster}: {written}");
        let text = sound.replacen(written.trim(), instead.trim(), 1);
        let ask = Ask { emit: true, today: Some("2026-01-01"), ..Ask::default() };
        let run = check(Memory::new([("cluster.colab", text)]), "cluster.colab", ask);
        let told = short::render(&run.diagnostics, &run.sources);
        let line = |line: &str| {
            let (place, rest) = line.strip_prefix("cluster.colab:")?.split_once(": ")?;
            Some(format!("{place} {}", rest.split_once('[')?.1.split_once(']')?.0))
        };
        let seen: Vec<String> = told.lines().filter_map(line).collect();
        if seen.join(", ") != *found {
            wrong.push(format!("{cluster}: `{written}` as `{instead}`: expected {found}\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
