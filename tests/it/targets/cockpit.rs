//! cockpit.conf: which pages a running cockpit-ws lets open a session.

use super::both::{changed, first, second};
use crate::consumers::cockpit::{TOOLS, welcomes};
use crate::consumers::missing;

#[test]
fn only_pages_of_its_sites_are_let_in() {
    let conf = first().text("cockpit/cooperator/cockpit.conf");
    if missing(TOOLS) {
        return;
    }
    // Port 9090 is for the node alone: nobody comes without the site.
    let asked = ["https://mng.ism.la", "https://git.ism.la", "https://cooperator:9090"];
    let said = welcomes(&conf, &asked).unwrap();
    let said: Vec<bool> = asked.iter().map(|origin| said[*origin]).collect();
    assert_eq!(said, [true, false, false]);
    let broken = conf.replace("https://mng", "https:/mng");
    assert!(!welcomes(&broken, &asked).unwrap()["https://mng.ism.la"]);
    welcomes(&conf.replace("[WebService]", "[WebService"), &asked).unwrap_err();
}

#[test]
fn who_may_come_without_a_site_still_may() {
    let conf = second().text("cockpit/box/cockpit.conf");
    if missing(TOOLS) {
        return;
    }
    let asked = [
        "https://desk.example.org",
        "https://box.example.org",
        "https://box.office:9090",
        "https://10.10.0.2:9090",
        "https://100.64.0.2:9090",
        "http://desk.example.org",
    ];
    let said = welcomes(&conf, &asked).unwrap();
    let said: Vec<bool> = asked.iter().map(|origin| said[*origin]).collect();
    assert_eq!(said, [true, true, true, true, false, false]);
}

#[test]
fn without_a_site_there_is_no_file() {
    let bare = changed(
        "site \"desk.example.org\" { to = panel.web   verify = false   alias = [\"box.example.org\"] }",
        "",
    );
    assert!(bare.tree.get("cockpit/box/cockpit.conf").is_none());
}
