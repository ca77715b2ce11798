//! What the sources say once and several files repeat is the same in all of them.

use super::Built;

const TWO: &str = r#"
cluster home { reach = [lan] }
network lan { driver = physical   range = 10.1.0.0/24 }
user ann { uid = 1001   gid = 1001 }
global { node { user = ann } }
node box {
  arch = x86_64   os = debian("13")   address { lan = 10.1.0.2 }
  hardware {
    disk data { label = "data"   fs = ext4   mount = "/srv/data" }
    disk safe { label = "safe"   fs = ext4   mount = "/mnt/safe" }
  }
}
node hut {
  arch = x86_64   os = debian("13")   address { lan = 10.1.0.3 }
  hardware { disk far { label = "far"   fs = ext4   mount = "/srv/far" } }
}
secrets vault { provider = command(["get"])   path "/b" { names = [KEY] } }
service shop {
  on = [box, hut]   project = "store"   secrets = [vault["/b"]]
  container db { image = "db:1"   backup = dump   dump = ["db-dump"]   volume "/db" = "/srv/data/db" }
  container app { image = "app:1"   credential key = secret("KEY") }
  node hut { override project = "hut-store"   container db { override volume "/db" = local("db") } }
}
backup near { on = box   from = [box.hardware.disk.data]   to = box.hardware.disk.safe / "near"   every { dumps = daily } }
backup far {
  on = box   from = [box.hardware.disk.data]   to = hut.hardware.disk.far / "of/box"
  method = restic(shop.on(box).app.credential.key)   every { snapshot = daily }
}
"#;

#[test]
fn a_project_is_called_the_same_by_all_who_call_it() {
    let built = Built::text_of(TWO);
    for (node, name) in [("box", "store"), ("hut", "hut-store")] {
        let holds = |path: String, what: String| {
            let text = built.text(&path);
            assert!(text.contains(&what), "{path} lacks {what}:\n{text}");
        };
        holds(format!("compose/{node}/shop.yml"), format!("name: {name}\n"));
        holds(format!("mise/{node}/deploy/shop"), format!(" -p {name} -f shop.yml"));
        holds(format!("mise/{node}/config.toml"), format!(" -p {name} logs "));
        holds(
            format!("ansible/host_vars/{node}.yml"),
            format!("colab_projects:\n  - \"{name}\"\n"),
        );
    }
    let dumps = built.text("backup/box/near-dumps.sh");
    assert!(dumps.contains("dump store shop-db db-dump\n"), "{dumps}");
    let page = built.text("docs/service-shop.html");
    assert!(page.contains("Compose project") && page.contains("Folders of secrets"), "{page}");
}

/// Whoever logs in there is not root, and a folder on a disk of root's is not his to make.
#[test]
fn a_backup_finds_its_folder_on_the_other_node() {
    let built = Built::text_of(TWO);
    let script = built.text("backup/box/far-snapshot.sh");
    assert!(script.contains("target=sftp:ann@10.1.0.3:/srv/far/of/box\n"), "{script}");
    let made = "  - path: \"/srv/far/of/box\"\n    owner: \"1001\"\n    group: \"1001\"\n    mode: \"0700\"\n    mount: \"/srv/far\"\n";
    let there = built.text("ansible/host_vars/hut.yml");
    assert!(there.contains(made), "{there}");
    assert!(!built.text("ansible/host_vars/box.yml").contains("/mnt/safe/near"));
}
