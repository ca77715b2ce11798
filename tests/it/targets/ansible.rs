//! Ansible lists the inventory, checks and lints every playbook, and writes the files of a node into a
//! small Debian, twice.

use super::Built;
use crate::consumers::{Scratch, ansible, missing};
use colabc::tree::Tool;
use serde_json::Value;
use std::collections::BTreeMap;

const SMALL: &str = r##"
cluster small { timezone = "Etc/UTC"   repository = "https://git.example/colab.git" }
network lan { driver = physical   range = 10.1.0.0/24 }
network inner { driver = bridge   range = 172.30.0.0/24   internal = true }
user ann { uid = 1000   gid = 1000   groups = ["docker"]   ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAMKERgfJi00O0JJUFdeZWxzeoGIj5adpKuyucDHztXc ann"] }
user tv  { uid = 1001   gid = 1001   shell = "/usr/sbin/nologin" }
global { node { user = ann } }
role big-iron { node { vars { note = "{{ not me }} {% nor me %}"   size = 2GiB   list = ["a", "b"] } } }
node one {
  arch = x86_64   os = debian("13")   roles = [big-iron]   users = [tv]   address { lan = 10.1.0.1 }
  sysctl { "vm.swappiness" = "10" }   approve = automatic
}
node two {
  arch = arm64   os = debian("13")   status = on-demand   address { lan = 10.1.0.2 }
  ssh { port = 2222   jump = one   key = "~/.ssh/two" }
}
node plain { arch = x86_64   os = windows("11")   address { lan = 10.1.0.3 } }
node nas { managed = false   address { lan = 10.1.0.9 } }
group both { nodes = [one, two] }
rollout gentle { order = [two, one]   serial = 1   pause = 1m   before = [check, task(tasks.probe)]   trial = two }
task "probe" { run = "true" }
service web {
  on = one
  container app { image = "example/web:1"   networks = [inner]   port http = 80 -> 8080 { audience = lan } }
  unit helper {
    packages = ["helper"]   systemd = "helper.service"   port http = 9000 { audience = node }
    health { http = "/ok"   expect = [200, 204] }
  }
}
file "/etc/motd" { on = one   content = "{{ x }} {% y %}\n\n"   mode = 0640   owner = "root"   group = "adm" }
file "/srv/a/b/x y.txt" { on = one   content = "deep"   notify = restart(web.helper) }
file "/etc/profile" { on = one   block = mine   content = "  # {{ z }}\nlast\n" }
file "~/.tv" { on = one   user = tv   content = "tv\n"   sensitive = true }
"##;

const PLAYBOOKS: &[&str] =
    &["site.yml", "health.yml", "drift.yml", "rollback.yml", "rolling-update.yml", "bootstrap.yml"];

fn written(built: &Built) -> Scratch {
    let scratch = Scratch::new();
    built.write(&scratch.path("out"));
    scratch
}

fn listed(built: &Built) -> Value {
    let scratch = written(built);
    ansible::inventory(&scratch.path("out/ansible"), "inventory.yml").unwrap()
}

fn hosts(list: &Value, group: &str) -> Vec<String> {
    let hosts = list[group]["hosts"].as_array();
    hosts.into_iter().flatten().map(|host| host.as_str().unwrap().to_string()).collect()
}

#[test]
fn the_inventory_has_every_group_and_variable() {
    if missing(ansible::TOOLS) {
        return;
    }
    let list = listed(&Built::repo());
    assert_eq!(hosts(&list, "role_gpu"), ["projector"]);
    assert_eq!(hosts(&list, "arch_arm64"), ["cooperator", "terminator"]);
    assert_eq!(hosts(&list, "wsl"), ["projector", "writer"]);
    assert_eq!(hosts(&list, "group_core"), ["cooperator", "director", "projector"]);
    assert_eq!(hosts(&list, "status_on_demand"), ["projector"]);
    assert_eq!(hosts(&list, "trial"), ["cooperator"]);
    assert_eq!(
        hosts(&list, "rollout_careful"),
        ["cooperator", "projector", "director", "terminator", "writer"]
    );
    let vars = &list["_meta"]["hostvars"];
    assert_eq!(vars["writer"]["ansible_host"], "100.64.0.4");
    assert_eq!(vars["cooperator"]["ansible_user"], "crtr");
    assert_eq!(vars["cooperator"]["colab_vars"]["log_size"], 10_000_000);
    assert!(vars["zerouter"].is_null(), "it is not managed");

    let list = listed(&Built::text_of(SMALL));
    assert_eq!(hosts(&list, "role_big_iron"), ["one"]);
    assert_eq!(hosts(&list, "windows"), ["plain"]);
    assert_eq!(hosts(&list, "linux"), ["one", "two"]);
    assert_eq!(hosts(&list, "rollout_gentle"), ["two", "one"]);
    let vars = &list["_meta"]["hostvars"];
    assert_eq!(vars["two"]["ansible_port"], 2222);
    assert_eq!(vars["two"]["ansible_ssh_extra_args"], "-o ProxyJump=ann@10.1.0.1:22");
    assert_eq!(vars["plain"]["ansible_shell_type"], "powershell");
    let one = &vars["one"];
    assert_eq!(one["colab_vars"]["note"]["__ansible_unsafe"], "{{ not me }} {% nor me %}");
    assert_eq!(one["colab_vars"]["size"], 2_147_483_648_u64);
    assert_eq!(
        one["colab_users"][0]["keys"][0],
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAMKERgfJi00O0JJUFdeZWxzeoGIj5adpKuyucDHztXc ann"
    );
    assert_eq!(one["colab_users"][1]["shell"], "/usr/sbin/nologin");
    assert_eq!(one["colab_packages"][0], "helper");
    let units = one["colab_units"].as_array().unwrap();
    assert!(units.iter().any(|unit| unit == "helper.service"), "{units:?}");
    assert_eq!(one["colab_networks"][0]["name"], "inner");
    assert_eq!(one["colab_networks"][0]["options"][2], "--internal");
    assert_eq!(one["colab_health"][0]["url"], "http://127.0.0.1:9000/ok");
    assert_eq!(one["colab_sysctl"]["vm.swappiness"], "10");
}

#[test]
fn a_broken_inventory_is_refused() {
    if missing(ansible::TOOLS) {
        return;
    }
    let built = Built::text_of(SMALL);
    for (path, from, to) in [
        ("ansible/inventory.yml", "      hosts:\n        one: {}", "      hostz:\n        one: {}"),
        ("ansible/inventory.yml", "  children:", "\tchildren:"),
        ("ansible/host_vars/one.yml", "colab_files:", "colab_files: ["),
    ] {
        let scratch = written(&built);
        let text = built.text(path);
        assert!(text.contains(from), "{text}");
        scratch.write(&format!("out/{path}"), text.replacen(from, to, 1));
        ansible::inventory(&scratch.path("out/ansible"), "inventory.yml").unwrap_err();
    }
}

#[test]
fn every_playbook_is_linted() {
    if missing(ansible::TOOLS) {
        return;
    }
    for built in [Built::repo(), Built::text_of(SMALL)] {
        let scratch = written(&built);
        ansible::lint(&scratch.path("out/ansible"), PLAYBOOKS).unwrap();
    }
    let built = Built::repo();
    for (path, from, to) in [
        ("site.yml", "tasks/users.yml", "tasks/nobody.yml"),
        ("tasks/files.yml", "ansible.builtin.copy:", "ansible.builtin.copi:"),
        ("rolling-update.yml", "rolling.yml", "strolling.yml"),
        ("health.yml", "gather_facts: false", "gather_facts: falsch"),
    ] {
        let scratch = written(&built);
        let text = built.text(&format!("ansible/{path}"));
        assert!(text.contains(from), "{text}");
        scratch.write(&format!("out/ansible/{path}"), text.replacen(from, to, 1));
        ansible::lint(&scratch.path("out/ansible"), PLAYBOOKS).unwrap_err();
    }
}

/// Plays the files of `hosts`; what Ansible's driver wants lies in the folder of the playbook, so the
/// whole of out/ is its project.
fn play(built: &Built, hosts: &[&str]) -> Result<BTreeMap<String, ansible::Played>, String> {
    let scratch = written(built);
    scratch.write(
        "out/ansible.cfg",
        built.text("ansible/ansible.cfg").replace("= inv", "= ansible/inv"),
    );
    ansible::play(&scratch.path("out"), "ansible/site.yml", "files", hosts)
}

#[test]
fn the_files_of_each_node_are_written_once() {
    if missing(ansible::TOOLS) {
        return;
    }
    let built = Built::repo();
    let hosts = ["cooperator", "director", "projector", "writer"];
    let played = play(&built, &hosts).unwrap();
    for host in hosts {
        let run = &played[host];
        assert_eq!(run.changed_again, 0, "{host}");
        for (path, file) in built.tree.iter() {
            let Some(delivery) = file.delivery.as_ref().filter(|d| d.tool == Tool::Ansible) else {
                continue;
            };
            if *delivery.node != *host
                || path.starts_with("hosts/")
                || delivery.side.is_some() && host != "projector" && host != "writer"
            {
                continue;
            }
            if delivery.side == Some(colabc::tree::Side::Windows) {
                continue;
            }
            let Some(there) = run.files.get(delivery.destination.trim_start_matches('/')) else {
                panic!("{host} has no {}", delivery.destination);
            };
            let (content, text) = (String::from_utf8_lossy(&there.content), built.text(path));
            // A part of a file stands in it between its marks.
            assert!(
                content == text || content.contains(&format!("\n{}\n", text.trim_end())),
                "{path}"
            );
            assert_eq!(there.mode, delivery.mode, "{path}");
        }
        let etc = String::from_utf8_lossy(&run.files["etc/hosts"].content).into_owned();
        let part = built.text(&format!("hosts/{host}"));
        assert!(etc.contains(&format!("# BEGIN colab\n{part}# END colab\n")), "{etc}");
    }
}

#[test]
fn text_that_a_template_engine_would_read_arrives_as_written() {
    if missing(ansible::TOOLS) {
        return;
    }
    let played = play(&Built::text_of(SMALL), &["one"]).unwrap();
    let run = &played["one"];
    assert_eq!(run.changed_again, 0);
    let file = |path: &str| {
        (run.files[path].mode, String::from_utf8(run.files[path].content.clone()).unwrap())
    };
    assert_eq!(file("etc/motd"), (0o640, "{{ x }} {% y %}\n\n".into()));
    assert_eq!(file("srv/a/b/x y.txt"), (0o644, "deep".into()));
    assert_eq!(file("home/tv/.tv"), (0o644, "tv\n".into()));
    let profile = file("etc/profile").1;
    assert!(profile.contains("# BEGIN mine\n  # {{ z }}\nlast\n# END mine\n"), "{profile}");
}

/// Docker takes a range of IPv6 in silence, and hands none of it out until it is told to.
#[test]
fn a_network_of_both_families_has_both() {
    let built = Built::text_of(
        r#"
cluster c { }
network lan { driver = physical   range = 10.0.0.0/24 }
network cams { driver = macvlan(parent = "eth0")   range = [10.5.0.0/24, fd05::/64]   raw { macvlan_mode = "private" } }
network old { driver = bridge   range = 172.30.0.0/24 }
node a { arch = x86_64   os = debian   address { lan = 10.0.0.2 } }
service nvr { on = a   container app { image = "nvr:1"   address { cams = [10.5.0.9, fd05::9] }   networks = [old] } }
"#,
    );
    let text = built.text("ansible/host_vars/a.yml");
    let (cams, old) = text.split_once("  - name: \"old\"").unwrap();
    assert!(cams.contains("--subnet=fd05::/64") && cams.contains("- \"--ipv6\""), "{text}");
    assert!(cams.contains("--opt=macvlan_mode=private"), "{text}");
    assert!(!old.contains("--ipv6"), "{text}");
}

#[test]
fn an_update_is_by_every_rollout_and_each_can_be_had_alone() {
    let alone = Built::text_of(SMALL);
    assert!(alone.text("ansible/rolling-update.yml").contains("Rolling update gentle"));
    // Sorts before the other, so that what is updated doesn't hang on a name.
    let two = Built::text_of(&format!("{SMALL}rollout brisk {{ order = [one] }}\n"));
    let all = two.text("ansible/rolling-update.yml");
    let [brisk, gentle] =
        ["brisk", "gentle"].map(|name| two.text(&format!("ansible/rolling-update-{name}.yml")));
    let group =
        |text: &str, name: &str| text.contains(&format!("colab_hosts: \"rollout_{name}\"\n"));
    assert!(group(&all, "brisk") && group(&all, "gentle"), "{all}");
    assert!(group(&brisk, "brisk") && !group(&brisk, "gentle"), "{brisk}");
    assert!(group(&gentle, "gentle") && !group(&gentle, "brisk"), "{gentle}");
    if missing(ansible::TOOLS) {
        return;
    }
    let scratch = written(&two);
    let playbooks = ["rolling-update.yml", "rolling-update-brisk.yml", "rolling-update-gentle.yml"];
    ansible::lint(&scratch.path("out/ansible"), &playbooks).unwrap();
}
