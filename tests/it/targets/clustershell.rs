//! nodeset knows every group of every source.

use super::Built;
use crate::consumers::{clustershell, missing, refuses};
use std::collections::BTreeSet;

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| name.to_string()).collect()
}

#[test]
fn every_group_has_its_nodes() {
    if missing(clustershell::TOOLS) {
        return;
    }
    let text = Built::repo().text("clustershell/colab.yaml");
    let groups = |source: &str| clustershell::groups(&text, source).unwrap();
    let own = groups("colab");
    assert_eq!(own["core"], set(&["cooperator", "director", "projector"]));
    assert_eq!(own["gpus"], set(&["projector"]));
    assert_eq!(own["all"], set(&["cooperator", "director", "projector", "terminator", "writer"]));
    assert_eq!(groups("role")["gpu"], set(&["projector"]));
    assert_eq!(groups("os")["debian"], set(&["cooperator", "director"]));
    assert_eq!(groups("arch")["arm64"], set(&["cooperator", "terminator"]));
    assert_eq!(groups("status")["on-demand"], set(&["projector"]));
    refuses(
        |text| clustershell::groups(text, "role"),
        &text,
        &[("role:", "rule:"), ("  gpu: \"projector\"", "  gpu: 7"), ("  gpu:", " gpu:")],
    );
}

#[test]
fn names_with_digits_stay_apart() {
    if missing(clustershell::TOOLS) {
        return;
    }
    let source = r#"
cluster small { timezone = "Etc/UTC" }
network lan { driver = physical   range = 10.1.0.0/24 }
node mini-01 { arch = x86_64   os = debian("13")   address { lan = 10.1.0.1 } }
node mini-2 { arch = x86_64   os = debian("13")   address { lan = 10.1.0.2 } }
node mini-10 { arch = x86_64   os = fedora   address { lan = 10.1.0.3 } }
group big-ones { nodes = [mini-01, mini-10] }
"#;
    let text = Built::text_of(source).text("clustershell/colab.yaml");
    let groups = clustershell::groups(&text, "colab").unwrap();
    assert_eq!(groups["big-ones"], set(&["mini-01", "mini-10"]));
    assert_eq!(groups["all"], set(&["mini-01", "mini-10", "mini-2"]));
}
