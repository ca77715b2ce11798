//! smb.conf: what testparm reads, and whom a running smbd lets in.

use super::both::{first, refused, second};
use crate::consumers::samba::{Question, answers, read};
use crate::consumers::{missing, refuses};
use std::net::IpAddr;

/// Beside Samba itself, what it needs for Macs.
const TOOLS: &[&str] = &[
    "testparm",
    "smbd",
    "smbclient",
    "smbpasswd",
    "useradd",
    "samba/vfs/fruit.so",
    "samba/vfs/streams_xattr.so",
];

fn ask<'a>(at: &str, share: &'a str, user: Option<&'a str>, command: &'a str) -> Question<'a> {
    Question { at: at.parse::<IpAddr>().unwrap(), share, user, command }
}

#[test]
fn the_first_cluster_shares_fortress_with_its_user() {
    let conf = first().text("samba/cooperator/smb.conf");
    if missing(TOOLS) {
        return;
    }
    let sections = read(&conf).unwrap();
    assert_eq!(sections.keys().collect::<Vec<_>>(), ["fortress", "global"]);
    assert_eq!(sections["global"]["workgroup"], "COLAB");
    assert_eq!(sections["global"]["server min protocol"], "SMB3_02");
    assert_eq!(sections["global"]["vfs objects"], "catia fruit streams_xattr");
    assert_eq!(sections["fortress"]["path"], "/media/crtr/fortress");
    assert_eq!(sections["fortress"]["valid users"], "crtr");
    assert_eq!(sections["fortress"]["read only"], "No");
    let asked = [
        ask("192.168.254.10", "fortress", Some("crtr"), "mkdir made"),
        ask("100.64.0.1", "fortress", Some("crtr"), "ls"),
        ask("192.168.254.10", "fortress", Some("other"), "ls"),
        ask("192.168.254.10", "fortress", None, "ls"),
        ask("203.0.113.9", "fortress", Some("crtr"), "ls"),
    ];
    let said = answers(&conf, &["crtr", "other"], &asked).unwrap();
    assert_eq!(said[..2], ["yes", "yes"], "{said:?}");
    assert!(said[2..].iter().all(|one| one != "yes"), "{said:?}");
}

#[test]
fn the_second_cluster_has_guests_readers_and_two_users() {
    let conf = second().text("samba/box/smb.conf");
    if missing(TOOLS) {
        return;
    }
    let sections = read(&conf).unwrap();
    assert_eq!(sections["depot"]["comment"], "What everyone works on");
    assert_eq!(sections["depot"]["valid users"], "ann bob");
    assert_eq!(sections["depot"]["force user"], "ann");
    assert_eq!(sections["depot"]["max connections"], "20");
    assert_eq!(sections["drop"]["guest ok"], "Yes");
    assert_eq!(sections["drop"]["hosts allow"], "127.0.0.1 ::1 10.10.0.0/24 fd10:10::/64");
    assert!(!sections["shelf"].contains_key("read only"), "Samba's own is read-only");
    let asked = [
        ask("10.10.0.2", "depot", Some("bob"), "mkdir made"),
        ask("10.10.0.2", "drop", None, "mkdir made"),
        ask("10.10.0.2", "shelf", Some("ann"), "ls"),
        ask("10.10.0.2", "depot", None, "ls"),
        ask("10.10.0.2", "shelf", Some("ann"), "mkdir made"),
        ask("10.10.0.2", "shelf", Some("bob"), "ls"),
        // The mesh reaches the server, but not the share of the LAN.
        ask("100.64.0.2", "drop", None, "ls"),
    ];
    let said = answers(&conf, &["ann", "bob"], &asked).unwrap();
    assert_eq!(said[..3], ["yes", "yes", "yes"], "{said:?}");
    assert!(said[3..].iter().all(|one| one != "yes"), "{said:?}");
}

#[test]
fn what_samba_cannot_say_is_refused_where_it_stands() {
    let said = refused("\"max connections\" = 20", "\"max connections\" = \"50%\"");
    assert!(said.contains("E0801") && said.contains('%'), "{said}");
    let said = refused("\"max connections\" = 20", "\"Read Only\" = true");
    assert!(said.contains("`read_only` says it"), "{said}");
    let said = refused("\"max connections\" = 20", "\"a b\" = true   \"A  B\" = false");
    assert!(said.contains("stands twice"), "{said}");
    let said = refused(
        "path    = \"/srv/data/drop\"\n  via     = smb3(workgroup = \"OFFICE\")",
        "path = \"/srv/data/drop\"\n  via = smb3(workgroup = \"HOME\")",
    );
    assert!(said.contains("is of one workgroup"), "{said}");
}

#[test]
fn broken_copies_are_refused() {
    let conf = second().text("samba/box/smb.conf");
    if missing(TOOLS) {
        return;
    }
    refuses(
        read,
        &conf,
        &[
            ("SMB3_02", "SMB3_99"),
            ("force user", "forced user"),
            ("[depot]", "[depot"),
            ("read only = no", "read only"),
        ],
    );
}
