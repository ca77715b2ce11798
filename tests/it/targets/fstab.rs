//! /etc/fstab: libmount and systemd understand every line as it was meant.

use super::Built;
use crate::consumers::fstab::{Mount, TOOLS, read};
use crate::consumers::{missing, refuses};
use std::collections::BTreeSet;

/// Unlike the repository's cluster in all that a line can hold.
pub const OTHER: &str = r#"
cluster home { reach = [lan, mesh] }
network lan  { driver = physical range = 10.1.0.0/24 }
network mesh { driver = mesh range = fd7a::/64 }
user ann { uid = 1001 gid = 1002 }
global { node { user = ann } }
secrets vault { provider = command(["vault-get"]) path "/nas" { names = [PASSWORD] } }
node nas { managed = false address { lan = 10.1.0.9 mesh = fd7a::9 } }
node box {
  arch = x86_64
  os = debian("13")
  address { lan = 10.1.0.2 mesh = fd7a::2 }
  hardware {
    disk root  { label = "root" fs = ext4 mount = "/" }
    disk data  { uuid = "5f2c1a6e-0b7d-4c3e-9b1a-2f6d8e4c7a10" fs = ext4 mount = "/srv/my data" options = ["noatime"] }
    disk stick { label = "stick" fs = exfat mount = "/media/stick" removable = true }
  }
}
node far { arch = x86_64 os = debian("13") address { mesh = fd7a::3 } }
node pc  { arch = x86_64 os = windows("11", wsl = true) address { lan = 10.1.0.4 } }
node mac { arch = arm64 os = macos address { lan = 10.1.0.5 } }
share films {
  server = nas   path = "/volume1/films"   via = nfs(version = "4.1")   read_only = true   soft = true
  mount { linux = "/srv/my data/films" }
  clients = [box, far]
}
share papers {
  server = nas   user = ann   password = secret("/nas/PASSWORD")   automount = false   options = ["noatime"]
  mount { linux = "/mnt/papers" wsl = "/mnt/p" windows = "P:" macos = "/Users/ann/papers" }
}
share drop {
  server = nas   guest = true   idle = 1m30s
  mount { linux = "/mnt/drop" }
  clients = [box]
}
service player {
  on = box
  container app {
    image = "player:1"
    volume "/films"  = films
    volume "/papers" = papers / "shared"
    volume "/data"   = box.hardware.disk.data / "player"
    volume "/drop"   = drop
  }
}
"#;

fn mounts(built: &Built, node: &str) -> Vec<Mount> {
    read(&built.text(&format!("fstab/{node}"))).unwrap()
}

fn has(mount: &Mount, options: &[&str]) {
    for option in options {
        assert!(mount.options.iter().any(|o| o == option), "{option} in {mount:?}");
    }
}

#[test]
fn the_repository_s_nodes_mount_what_they_should() {
    if missing(TOOLS) {
        return;
    }
    let built = Built::repo();
    let own = mounts(&built, "cooperator");
    let places: Vec<_> = own.iter().map(|m| (&*m.source, &*m.target, &*m.kind)).collect();
    assert_eq!(
        places,
        [
            ("/dev/mmcblk0p1", "/media/crtr/fortress", "xfs"),
            ("/dev/md/mirror", "/mnt/backup", "auto"),
        ]
    );
    has(&own[1], &["nofail"]);
    for (node, server) in
        [("director", "192.168.254.10"), ("projector", "192.168.254.10"), ("writer", "100.64.0.1")]
    {
        let shares = mounts(&built, node);
        assert_eq!(shares.len(), 1);
        assert_eq!(shares[0].source, format!("//{server}/fortress"));
        assert_eq!((&*shares[0].target, &*shares[0].kind), ("/mnt/fortress", "cifs"));
        has(
            &shares[0],
            &[
                "_netdev",
                "nofail",
                "x-systemd.automount",
                "x-systemd.idle-timeout=600s",
                "x-systemd.requires=colab-secret-share-fortress.service",
                "credentials=/run/colab/fortress.cred",
                "uid=1000",
                "gid=1000",
                "vers=3.1.1",
            ],
        );
        // Only projector has a container with data on it.
        let before = shares[0].options.contains(&"x-systemd.before=docker.service".to_string());
        assert_eq!(before, node == "projector");
    }
    assert!(built.tree.get("fstab/terminator").is_none());
    for node in ["director", "projector", "writer"] {
        let unit = format!("systemd/{node}/colab-secret-share-fortress.service");
        assert!(built.tree.get(&unit).is_some(), "{unit}");
    }
}

#[test]
fn another_cluster_s_nodes_do_too() {
    if missing(TOOLS) {
        return;
    }
    let built = Built::text_of(OTHER);
    let found = mounts(&built, "box");
    let places: Vec<_> = found.iter().map(|m| (&*m.source, &*m.target, &*m.kind)).collect();
    assert_eq!(
        places,
        [
            ("LABEL=stick", "/media/stick", "exfat"),
            ("//10.1.0.9/drop", "/mnt/drop", "cifs"),
            ("//10.1.0.9/papers", "/mnt/papers", "cifs"),
            ("UUID=5f2c1a6e-0b7d-4c3e-9b1a-2f6d8e4c7a10", "/srv/my data", "ext4"),
            ("10.1.0.9:/volume1/films", "/srv/my data/films", "nfs"),
        ]
    );
    has(&found[0], &["nofail", "x-systemd.device-timeout=10s", "uid=1001", "gid=1002"]);
    has(&found[1], &["guest", "uid=1001", "gid=1002", "x-systemd.idle-timeout=90s"]);
    has(&found[2], &["credentials=/run/colab/papers.cred", "noatime", "hard", "nofail"]);
    assert!(!found[2].options.contains(&"x-systemd.automount".to_string()));
    assert_eq!(found[3].options, ["noatime"]);
    has(&found[4], &["nfsvers=4.1", "ro", "soft", "x-systemd.before=docker.service"]);
    assert!(found.iter().all(|m| m.options.iter().all(|o| !o.contains("assword"))));

    let far = mounts(&built, "far");
    assert_eq!(far[0].source, "//fd7a::9/papers");
    assert_eq!(far[1].source, "[fd7a::9]:/volume1/films");
    has(&far[0], &["x-systemd.requires=tailscaled.service"]);
    assert_eq!(mounts(&built, "pc")[0].target, "/mnt/p");
}

#[test]
fn a_broken_copy_is_refused() {
    if missing(TOOLS) {
        return;
    }
    let text = Built::text_of(OTHER).text("fstab/box");
    refuses(
        read,
        &text,
        &[
            ("/srv/my\\040data ", "/srv/my data "),
            ("/mnt/papers", "/mnt/drop"),
            ("noatime 0 2", "noatime zero 2"),
        ],
    );
}

#[test]
fn what_cannot_be_mounted_is_said() {
    let codes = |from: &str, to: &str| {
        assert!(OTHER.contains(from));
        let found: BTreeSet<&str> = super::refusals(&OTHER.replace(from, to)).into_iter().collect();
        Vec::from_iter(found)
    };
    assert_eq!(
        codes("options = [\"noatime\"]\n  mount", "options = [\"x-systemd.automont\"]\n  mount"),
        ["E0801"]
    );
    assert_eq!(codes("guest = true   idle", "idle"), ["E0801"]);
    assert_eq!(
        codes("mount { linux = \"/mnt/drop\" }", "mount { linux = \"/mnt/papers\" }"),
        // A rule says it before a target could.
        ["E1210"]
    );
    let lonely = codes("clients = [box]", "clients = [box, far]   network = lan");
    // A rule says it before a target could.
    assert_eq!(lonely, ["E1111"]);
}

#[test]
fn a_server_exports_to_those_who_mount() {
    let built = Built::text_of(include_str!("containers.colab"));
    let exports = built.text("nfs/box/colab.exports");
    let lines: Vec<&str> = exports.lines().filter(|line| line.starts_with('/')).collect();
    let options = "(rw,sync,no_subtree_check)";
    let any = "(rw,sync,no_subtree_check,insecure)";
    let wanted = format!("/srv/media 10.10.30.5{options} 10.10.30.4{any} 10.10.30.3{any}");
    assert_eq!(lines, [wanted]);
    let host = built.text("ansible/host_vars/box.yml");
    assert!(
        host.contains("  - \"nfs-kernel-server\"\n")
            && host.contains("  - \"nfs-server.service\"\n")
    );
    assert!(built.text("ansible/host_vars/art.yml").contains("  - \"nfs-common\"\n"));
    assert!(built.tree.get("nfs/art/colab.exports").is_none());
}

/// Clients and a server of other families than Debian's.
const KIN: &str = r#"
cluster kin { reach = [lan] }
network lan { driver = physical range = 10.1.0.0/24 }
user ann { uid = 1000 gid = 1000 }
user bob { uid = 1001 gid = 1001 shell = "bash" }
global { node { user = ann users = [bob] } }
os linux { node { shell = "zsh" } }
node box    { arch = x86_64 os = fedora("42") address { lan = 10.1.0.2 } hardware { disk d { uuid = "5f2c1a6e-0b7d-4c3e-9b1a-2f6d8e4c7a10" fs = xfs mount = "/srv/d" } } }
node suse   { arch = x86_64 os = opensuse address { lan = 10.1.0.3 } }
node rolls  { arch = x86_64 os = arch-linux address { lan = 10.1.0.4 } }
node pc     { arch = x86_64 os = windows("11", wsl = true) address { lan = 10.1.0.6 } }
node mac    { arch = arm64 os = macos address { lan = 10.1.0.7 } }
share films { server = box disk = box.hardware.disk.d via = nfs mount { linux = "/mnt/films" macos = "/Volumes/d" } }
"#;

#[test]
fn nfs_is_called_as_each_system_calls_it() {
    let built = Built::text_of(KIN);
    let packages = |node: &str| -> Vec<String> {
        let text = built.text(&format!("ansible/host_vars/{node}.yml"));
        let list = text.split("colab_packages:").nth(1).unwrap().lines().skip(1);
        let list =
            list.map_while(|line| line.strip_prefix("  - ")).map(|it| it.trim_matches('"').into());
        list.collect()
    };
    assert_eq!(packages("box"), ["nfs-utils", "zsh"]);
    assert_eq!(packages("suse"), ["nfs-client", "zsh"]);
    assert_eq!(packages("rolls"), ["nfs-utils", "zsh"]);
    assert_eq!(packages("pc"), ["nfs-common"]);
}

/// A pool is mounted by its own, and a file system without owners gets those that are stated.
#[test]
fn disks_are_mounted_as_their_file_systems_can_be() {
    let disks = r#"
    disk tank { label = "tank" fs = zfs mount = "/tank" }
    disk win  { uuid = "01D9A1B2C3D4E5F6" fs = ntfs mount = "/mnt/win" options = ["uid=5"] }
    disk root "#;
    let built = Built::text_of(&OTHER.replacen("disk root ", disks, 1));
    let text = built.text("fstab/box");
    assert!(!text.contains("/tank"), "{text}");
    assert!(text.contains(" /mnt/win ntfs3 uid=5,gid=1002 0 0\n"), "{text}");
    assert!(text.contains(" /srv/my\\040data ext4 noatime 0 2\n"), "{text}");
}

#[test]
fn clients_that_ask_from_any_port_are_let_in() {
    let exports = Built::text_of(KIN).text("nfs/box/colab.exports");
    let own = "(rw,sync,no_subtree_check)";
    let any = "(rw,sync,no_subtree_check,insecure)";
    let wanted = format!("/srv/d 10.1.0.7{any} 10.1.0.6{any} 10.1.0.4{own} 10.1.0.3{own}\n");
    assert!(exports.ends_with(&wanted), "{exports}");
}
