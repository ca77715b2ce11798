//! A new node takes five lines, and is then in all files that ought to know it.

use super::{Built, sources};
use colabc::targets::TARGETS;

const ATLAS: &str = "node atlas {
  arch = x86_64
  os   = debian(\"13\")
  address { lan = 192.168.254.50   mesh = 100.64.0.50 }
}
";

/// Targets that have nothing to say of a node that runs no service, and why.
const SILENT: &[(&str, &str)] = &[
    ("backup", "it makes no backup"),
    ("caddy", "it is not the ingress"),
    ("cockpit", "Cockpit does not run there"),
    ("compose", "nothing runs there"),
    ("files", "the sources state no file for it"),
    ("macos", "it is a Linux"),
    ("nfs", "the cluster has no share by NFS"),
    ("prometheus", "the cluster has none yet"),
    ("samba", "it serves no share"),
    ("windows", "it is a Linux"),
];

/// A file, and what it says of the newcomer.
const SAID: &[(&str, &str)] = &[
    ("hosts/atlas", "192.168.254.50 atlas\n"),
    ("hosts/director", "192.168.254.50 atlas\n100.64.0.50 atlas.colab\n"),
    ("hosts/writer", "100.64.0.50 atlas.colab atlas\n"),
    ("ssh/config", "Host atlas\n  HostName 192.168.254.50\n"),
    ("ssh/config", "Host atlas.colab\n  HostName 100.64.0.50\n"),
    ("ssh/writer", "Host atlas\n  HostName 100.64.0.50\n"),
    ("fstab/atlas", "//192.168.254.10/fortress /mnt/fortress cifs "),
    ("systemd/atlas/colab-secret-share-fortress.service", "[Service]"),
    ("systemd/atlas/resolved.conf", "DNS=192.168.254.10\n"),
    ("docker/atlas/daemon.json", "\"overlay2\""),
    ("pihole/cooperator/20-colab.conf", "host-record=atlas,192.168.254.50\n"),
    ("pihole/cooperator/20-colab.conf", "host-record=atlas.colab,100.64.0.50\n"),
    ("headscale/cooperator/policy.json", "\"atlas\": \"100.64.0.50/32\""),
    ("mise/atlas/config.toml", "[tools]"),
    ("mise/cluster.toml", "[tasks.\"deploy:gitea\"]"),
    ("mise/cluster/exec", "${NODES:-atlas cooperator director terminator writer}"),
    ("clustershell/colab.yaml", "atlas"),
    ("tmux/colab", "atlas"),
    (
        "ansible/inventory.yml",
        "    atlas:\n      ansible_host: \"192.168.254.50\"\n      ansible_user: \"crtr\"\n",
    ),
    ("ansible/host_vars/atlas.yml", "  - \"cifs-utils\"\n  - \"docker.io\"\n"),
    ("ansible/host_vars/atlas.yml", "colab_engine: true\n"),
    ("chezmoi/.chezmoiignore", "\"atlas\""),
    ("chezmoi/dot_config/mise/conf.d/colab.toml.tmpl", "../mise/atlas/config.toml"),
    ("model.json", "\"atlas\""),
];

#[test]
fn a_node_of_five_lines_is_in_every_target() {
    assert_eq!(ATLAS.lines().count(), 5);
    let before = Built::repo();
    let mut files = sources();
    files.insert("nodes/atlas.colab".into(), ATLAS.into());
    let after = Built::of(files);
    for (path, text) in SAID {
        assert!(after.text(path).contains(text), "{path} lacks {text:?}:\n{}", after.text(path));
    }
    let inventory = after.text("ansible/inventory.yml");
    for group in ["arch_x86_64", "linux", "os_debian", "posix", "rollout_careful", "status_up"] {
        let members = inventory.split_once(&format!("    {group}:\n      hosts:\n")).unwrap().1;
        let mut members = members.lines().take_while(|line| line.starts_with("        "));
        assert!(members.any(|line| line.trim() == "atlas: {}"), "{group}");
    }
    for target in TARGETS {
        let below = |path: &str| target.makes(path);
        let knows = after.tree.iter().any(|(path, file)| {
            let new = before.tree.get(path).is_none_or(|old| old.bytes != file.bytes);
            let text = String::from_utf8_lossy(&file.bytes);
            below(path) && new && (path.contains("atlas") || text.contains("atlas"))
        });
        match SILENT.iter().find(|(name, _)| *name == target.name) {
            Some((name, why)) => assert!(!knows, "{name} knows it, although {why}"),
            None => assert!(knows, "{} does not know it", target.name),
        }
    }
    // Nobody else is told anything new about itself.
    for path in ["compose/cooperator/gitea.yml", "samba/cooperator/smb.conf", "fstab/cooperator"] {
        assert_eq!(after.text(path), before.text(path));
    }
}

/// `docs/targets.md` has a row for each target, and for nothing else.
#[test]
fn the_page_of_readers_has_every_target() {
    let page = std::fs::read_to_string(crate::ratchet::root().join("docs/targets.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let rows: Vec<&str> = rows.collect();
    for target in TARGETS.iter().filter(|target| target.name != "docs") {
        assert!(rows.contains(&target.name), "no row for {}", target.name);
    }
    for row in rows {
        assert!(row == "docs" || TARGETS.iter().any(|target| target.name == row), "{row}");
    }
}
