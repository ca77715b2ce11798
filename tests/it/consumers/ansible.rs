//! Playbooks and inventory, read, linted and played by Ansible.

use super::{File, Heard, Scratch};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

pub const TOOLS: &[&str] =
    &["ansible-inventory", "ansible-playbook", "ansible-lint", "check-jsonschema", "debian-root"];

/// The inventory that stands in `folder`, with the variables of its groups and hosts: what
/// `ansible-inventory --list` says.
pub fn inventory(folder: &Path, file: &str) -> Result<Value, String> {
    let scratch = Scratch::new();
    scratch.copy(folder, "project");
    let script = r#"cd project
        python=$(dirname "$(readlink -f "$(command -v ansible-lint)")")/python3
        schemas=$("$python" -c 'import ansiblelint, os; print(os.path.dirname(ansiblelint.__file__))')
        check-jsonschema --schemafile "$schemas/schemas/inventory.json" "$0" >&2 || exit 1
        ansible-inventory -i "$0" --list"#;
    let call = scratch.call("sh").args(["-c", script, file]);
    let heard = call.env("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "1").fine()?;
    // A key that it doesn't know, or a name that it has to change, is a warning with status 0.
    if heard.err.contains("WARNING") { Err(heard.err) } else { heard.json() }
}

/// Syntax and style of `playbooks`, below `folder`.
pub fn lint(folder: &Path, playbooks: &[&str]) -> Result<(), String> {
    let scratch = Scratch::new();
    scratch.copy(folder, "project");
    let script = r#"cd project && ansible-playbook --syntax-check "$@" &&
        ansible-lint --offline --strict -q --nocolor "$@""#;
    scratch.call("sh").args(["-c", script, "sh"]).args(playbooks).seconds(120).fine().map(drop)
}

/// What Ansible did to a host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Played {
    pub ok: u64,
    pub changed: u64,
    /// By a second run, which has nothing left to do if the tasks are idempotent.
    pub changed_again: u64,
    /// Every file that it wrote, by its path without the first slash.
    pub files: BTreeMap<String, File>,
}

/// Plays the tasks of `playbook` with one of `tags` twice on each of `hosts`: a small Debian of
/// its own.
pub fn play(
    folder: &Path,
    playbook: &str,
    tags: &str,
    hosts: &[&str],
) -> Result<BTreeMap<String, Played>, String> {
    let scratch = Scratch::new();
    scratch.copy(folder, "project");
    let root = super::tool("debian-root").ok_or("there is no debian-root")?;
    let script = r#"cd project && exec sh "$@""#;
    scratch
        .call("sh")
        .args(["-c", script, "sh"])
        .arg(super::driver("ansible-apply.sh"))
        .arg(root)
        .args([playbook, tags, &hosts.join(" ")])
        .seconds(300)
        .fine()?;
    let recap = |name: &str| -> Result<Value, String> {
        let out = std::fs::read_to_string(scratch.path(name)).map_err(|fault| fault.to_string())?;
        Ok(Heard { status: 0, out, err: String::new() }.json()?["stats"].take())
    };
    let (first, second) = (recap("first.json")?, recap("second.json")?);
    let count = |run: &Value, host: &str, what: &str| {
        run[host][what].as_u64().ok_or(format!("Ansible did not play on {host}: {run}"))
    };
    let played = hosts.iter().map(|host| {
        let mut files = scratch.files(&format!("written/{host}"));
        files.retain(|path, _| {
            !["root/.ansible", "tmp/", "var/tmp/"].iter().any(|own| path.starts_with(own))
        });
        let played = Played {
            ok: count(&first, host, "ok")?,
            changed: count(&first, host, "changed")?,
            changed_again: count(&second, host, "changed")?,
            files,
        };
        Ok((host.to_string(), played))
    });
    played.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVENTORY: &str = r#"all:
  hosts:
    cooperator:
      ansible_host: "192.168.254.10"
    director:
      ansible_host: "192.168.254.20"
  children:
    gpu:
      hosts:
        director: {}
"#;
    const SITE: &str = r#"---
- name: Files of every node
  hosts: all
  become: true
  gather_facts: false
  tasks:
    - name: Name the node
      ansible.builtin.copy:
        src: "{{ inventory_hostname }}"
        dest: /etc/colab-node
        mode: "0640"
      tags: [files]
    - name: Restart what changed
      ansible.builtin.systemd_service:
        name: docker
        state: restarted
      tags: [services]
"#;

    fn project(inventory: &str, site: &str) -> Scratch {
        let scratch = Scratch::new();
        scratch.write("ansible/ansible.cfg", "[defaults]\ninventory = inventory.yml\n");
        scratch.write("ansible/inventory.yml", inventory);
        scratch.write("ansible/site.yml", site);
        scratch.write("ansible/files/cooperator", "I am {{ cooperator }}\n");
        scratch.write("ansible/files/director", "I am director\n");
        scratch
    }

    fn listed(text: &str) -> Result<Value, String> {
        inventory(&project(text, SITE).path("ansible"), "inventory.yml")
    }

    #[test]
    fn the_inventory_has_groups_and_addresses() {
        if super::super::missing(TOOLS) {
            return;
        }
        let list = listed(INVENTORY).unwrap();
        assert_eq!(list["gpu"]["hosts"][0], "director");
        assert_eq!(list["_meta"]["hostvars"]["cooperator"]["ansible_host"], "192.168.254.10");
        super::super::refuses(
            listed,
            INVENTORY,
            &[
                ("        director: {}", "        - director"),
                ("    gpu:", "\tgpu:"),
                ("      hosts:", "      hostz:"),
            ],
        );
    }

    #[test]
    fn playbooks_are_linted() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            |site| lint(&project(INVENTORY, site).path("ansible"), &["site.yml"]),
            SITE,
            &[("ansible.builtin.copy", "ansible.builtin.copi"), ("mode: \"0640\"", "mode: 640")],
        );
    }

    #[test]
    fn files_are_written_once_and_verbatim() {
        if super::super::missing(TOOLS) {
            return;
        }
        let run = |site: &str| {
            play(
                &project(INVENTORY, site).path("ansible"),
                "site.yml",
                "files",
                &["cooperator", "director"],
            )
        };
        let played = run(SITE).unwrap();
        let cooperator = &played["cooperator"];
        assert_eq!((cooperator.ok, cooperator.changed, cooperator.changed_again), (1, 1, 0));
        let file = File { mode: 0o640, content: b"I am {{ cooperator }}\n".into() };
        assert_eq!(cooperator.files, BTreeMap::from([("etc/colab-node".into(), file)]));
        assert_eq!(played["director"].files["etc/colab-node"].content, b"I am director\n");

        let restless = SITE.replace("copy:\n        src: \"{{ inventory_hostname }}\"\n        dest: /etc/colab-node\n        mode: \"0640\"", "command:\n        cmd: date");
        assert_eq!(run(&restless).unwrap()["director"].changed_again, 1);
        run(&SITE.replace("inventory_hostname", "nobody")).unwrap_err();
    }
}
