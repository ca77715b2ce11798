//! ClusterShell's groups, read by nodeset.

use super::Scratch;
use std::collections::{BTreeMap, BTreeSet};

pub const TOOLS: &[&str] = &["nodeset"];

/// Every group of the source called `source`, from one file of /etc/clustershell/groups.d.
pub fn groups(file: &str, source: &str) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
    let scratch = Scratch::new();
    // As Debian's package has it.
    let main = format!("[Main]\ndefault: {source}\nautodir: /etc/clustershell/groups.d\n");
    scratch.machine("/etc/clustershell/groups.conf", main);
    scratch.machine("/etc/clustershell/groups.d/colab.yaml", file);
    let nodeset = |words: &[&str]| {
        let call = scratch.call("nodeset").args(words);
        call.env("CLUSTERSHELL_CFGDIR", "/etc/clustershell").silent().map(|heard| heard.out)
    };
    let mut groups = BTreeMap::new();
    for group in nodeset(&["--list", "--groupsource", source])?.lines() {
        let nodes = nodeset(&["--expand", "--separator", "\\n", group])?;
        let nodes: BTreeSet<String> = nodes.lines().map(str::to_owned).collect();
        // An unknown group, also one within a group, is an empty one, with status 0.
        if nodes.is_empty() || nodes.contains("") {
            return Err(format!("{group} is empty"));
        }
        // `@all`, or where it is not of the default source `@colab:all`.
        let name = group.trim_start_matches('@');
        groups.insert(name.rsplit(':').next().unwrap_or(name).into(), nodes);
    }
    if groups.is_empty() { Err(format!("{source} has no groups")) } else { Ok(groups) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "colab:\n  all: \"cooperator,director,node1,node2\"\n  gpu: \"director\"\n  busy: \"@gpu,cooperator\"\n";

    #[test]
    fn groups_have_their_nodes() {
        if super::super::missing(TOOLS) {
            return;
        }
        let found = groups(SOUND, "colab").unwrap();
        let set =
            |names: &[&str]| names.iter().map(|name| name.to_string()).collect::<BTreeSet<_>>();
        assert_eq!(found["all"], set(&["cooperator", "director", "node1", "node2"]));
        assert_eq!(found["busy"], set(&["cooperator", "director"]));
        super::super::refuses(
            |text| groups(text, "colab"),
            SOUND,
            &[
                ("colab:", "other:"),
                ("\"director\"", "7"),
                ("\"director\"", "\"@nobody\""),
                ("  gpu", " gpu"),
            ],
        );
    }
}
