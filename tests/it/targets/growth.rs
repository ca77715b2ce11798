//! What a build writes grows as its cluster does: what is the same for all nodes is said once, and no
//! file of a node speaks of all others.

use super::Built;
use crate::generate::{self, Project};
use colabc::manifest::{Hash, Manifest, Row};
use std::collections::BTreeMap;

fn built(project: &Project) -> Built {
    Built::of(
        project.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect(),
    )
}

/// Bytes by folder, and the manifest under its name.
fn sizes(built: &Built) -> BTreeMap<String, usize> {
    let mut sizes = BTreeMap::new();
    for (path, file) in built.tree.iter() {
        let folder = path.split('/').next().unwrap_or(path);
        *sizes.entry(folder.to_string()).or_default() += file.bytes.len();
    }
    let files = built.tree.iter().map(|(path, file)| (path.clone(), Row::of(file))).collect();
    sizes.insert("manifest.json".into(), Manifest { files, ..Manifest::default() }.to_json().len());
    sizes
}

#[test]
fn twice_the_nodes_are_twice_the_bytes() {
    let (small, large) = (built(&generate::scale(50, 10, 1)), built(&generate::scale(100, 10, 1)));
    let large = sizes(&large);
    for (folder, bytes) in sizes(&small) {
        let grown = large[&folder] as f64 / bytes as f64;
        assert!(grown < 2.2, "{folder} grows {grown:.2} times, from {bytes} bytes");
    }
}

const TWO: &str = r#"
cluster small { timezone = "Etc/UTC"   reach = [lan, mesh] }
network lan { driver = physical   range = 10.1.0.0/24 }
network mesh { driver = mesh   range = 100.64.0.0/10   domain = "far" }
user ann { uid = 1000   gid = 1000 }
global { node { user = ann } }
node one { arch = x86_64   os = debian("13")   address { lan = 10.1.0.1   mesh = 100.64.0.1 } }
node two { arch = x86_64   os = debian("13")   address { lan = 10.1.0.2   mesh = 100.64.0.2 } }
"#;

#[test]
fn the_hosts_are_said_once_where_very_many_see_the_same() {
    let few = Built::text_of(TWO);
    assert!(few.tree.get("hosts/cluster").is_none() && few.tree.get("hosts/one").is_some());
    let more: String = (3..=64)
        .map(|at| format!("node n{at} {{ arch = x86_64   os = debian(\"13\")   address {{ lan = 10.1.0.{at}   mesh = 100.64.0.{at} }} }}\n"))
        .collect();
    let many = format!("{TWO}{more}");
    let alike = Built::text_of(&many);
    let shared = alike.tree.get("hosts/cluster").expect("one for all");
    assert_eq!(&*shared.delivery.as_ref().expect("it is brought").node, "*");
    assert!(alike.tree.get("hosts/one").is_none());
    for node in ["one", "two"] {
        let vars = alike.text(&format!("ansible/host_vars/{node}.yml"));
        assert!(vars.contains("hosts/cluster"), "{vars}");
    }
    // One that is not on the LAN sees others, and is seen, by another way.
    let unlike = Built::text_of(&many.replace("lan = 10.1.0.2   ", ""));
    assert!(unlike.tree.get("hosts/cluster").is_none());
    assert!(unlike.text("hosts/one").contains("10.1.0.1 one"));
    assert!(unlike.text("hosts/two").contains("100.64.0.1 one.far one"));
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for nodes in [1, 10, 100] {
        assert_eq!(generate::scale(nodes, 10, 7), generate::scale(nodes, 10, 7));
    }
    assert_ne!(generate::scale(10, 10, 7), generate::scale(10, 10, 8));
    // Also from one day to the next: whoever changes the generator measures other clusters.
    let text: String = generate::scale(100, 10, 1).into_iter().flat_map(|(n, t)| [n, t]).collect();
    assert_eq!(
        Hash::of(text.as_bytes()).to_string(),
        "c2eeec0a01c9e87e5b0f760269ce30ee077e7d1522e89026c26c146aeaa0dd83"
    );
}
