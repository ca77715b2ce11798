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
file "~/.config/deep/er/x" { on = one   by = ansible   content = "x\n" }
file "/etc/sudoers.d/ann" { on = two   content = "ann ALL=(ALL) NOPASSWD: ALL\n"   mode = 0440 }
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

/// What ssh makes of the options by which Ansible reaches a node.
fn asked(built: &Built, node: &str) -> BTreeMap<String, String> {
    let vars = listed(built)["_meta"]["hostvars"][node].take();
    let options = vars["ansible_ssh_extra_args"].as_str().unwrap();
    settings(&format!("ssh -F /dev/null -G {options} {node}"))
}

fn settings(command: &str) -> BTreeMap<String, String> {
    let heard = Scratch::new().call("sh").args(["-c", command]).fine().unwrap();
    let words = heard.out.lines().map(|line| line.split_once(' ').unwrap_or((line, "")));
    words.map(|(word, value)| (word.to_string(), value.to_string())).collect()
}

#[test]
fn a_jump_is_known_by_its_own_key_and_let_in_by_its_own() {
    if missing(ansible::TOOLS) || missing(&["ssh"]) {
        return;
    }
    let more = r#"node inner { arch = x86_64   os = debian   address { lan = 10.1.0.7 }   ssh { jump = two } }"#;
    let built = Built::text_of(&format!("{SMALL}{more}"));
    let seen = hop(&asked(&built, "two"));
    assert_eq!((&*seen["hostname"], &*seen["user"], &*seen["port"]), ("10.1.0.1", "ann", "22"));
    assert_eq!(seen["hostkeyalias"], "one");
    assert_eq!(seen["stricthostkeychecking"], "accept-new");
    let seen = hop(&asked(&built, "inner"));
    assert_eq!((&*seen["hostname"], &*seen["port"]), ("10.1.0.2", "2222"));
    assert_eq!((&*seen["hostkeyalias"], &*seen["identityfile"]), ("two", "~/.ssh/two"));
    let first = hop(&seen);
    assert_eq!((&*first["hostname"], &*first["hostkeyalias"]), ("10.1.0.1", "one"));
}

/// What ssh would do for its `ProxyCommand`, once it has filled in who it is for.
fn hop(settings_: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let filled = settings_["proxycommand"].replace("%%", "\0").replace("%h", "host");
    let filled = filled.replace("%p", "22").replace('\0', "%");
    settings(&filled.replacen("ssh ", "ssh -F /dev/null -G ", 1))
}

#[test]
fn shells_are_where_each_system_has_them() {
    let built = Built::text_of(
        r#"
network lan { driver = physical   range = 10.1.0.0/24 }
user ann { uid = 1000   gid = 1000 }
user bob { uid = 1001   gid = 1001   shell = "bash" }
user eve { uid = 1002   gid = 1002   shell = "fish" }
global { node { user = ann   users = [bob, eve] } }
node small { arch = x86_64   os = alpine("3.22")   address { lan = 10.1.0.1 }   shell = "zsh" }
node usual { arch = x86_64   os = debian("13")   address { lan = 10.1.0.2 }   shell = "zsh" }
node pc { arch = x86_64   os = windows("11", wsl = true)   address { lan = 10.1.0.3 }   shell = "pwsh" }
"#,
    );
    let shells = |node: &str| -> Vec<String> {
        let text = built.text(&format!("ansible/host_vars/{node}.yml"));
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix("shell: "));
        lines.map(|shell| shell.trim_matches('"').to_string()).collect()
    };
    assert_eq!(shells("small"), ["/bin/zsh", "/bin/bash", "/usr/bin/fish"]);
    assert_eq!(shells("usual"), ["/usr/bin/zsh", "/bin/bash", "/usr/bin/fish"]);
    assert_eq!(shells("pc"), ["/bin/bash", "/usr/bin/fish"]);
    let brings = |node: &str, package: &str| {
        let text = built.text(&format!("ansible/host_vars/{node}.yml"));
        text.contains(&format!("  - \"{package}\"\n"))
    };
    for (node, package, wanted) in [
        ("small", "bash", true),
        ("small", "zsh", true),
        ("small", "fish", true),
        ("usual", "bash", false),
        ("usual", "fish", true),
        ("pc", "fish", true),
        ("pc", "pwsh", false),
    ] {
        assert_eq!(brings(node, package), wanted, "{package} on {node}");
    }
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

#[test]
fn what_lets_people_in_is_looked_at_before_it_counts() {
    let built = Built::text_of(SMALL);
    let text = built.text("ansible/tasks/files.yml");
    assert_eq!(text.matches("visudo -cf %s").count(), 2, "{text}");
    let text = built.text("ansible/host_vars/one.yml");
    let folder = "dest: \"/home/ann/.config/deep/er/x\"\n    owner: \"1000\"\n    group: \"1000\"\n    mode: \"0644\"\n    in_home: true\n";
    assert!(text.contains(folder), "{text}");
}

/// A program that no package brings is told of its files as any other is.
#[test]
fn units_of_our_own_hear_of_a_change() {
    let built = Built::text_of(
        r#"
network lan { driver = physical   range = 10.1.0.0/24 }
user ann { uid = 1000   gid = 1000 }
global { node { user = ann } }
node one { arch = x86_64   os = debian("13")   address { lan = 10.1.0.1 } }
service web {
  on = one
  unit agent {
    exec = ["/usr/local/bin/agent"]   port http = 9000 { audience = node }   health { tcp = http }
    config "/etc/agent.yml" = "a: 1\n"
    config "/etc/agent.d/more.yml" = "b: 1\n" { reload = signal("SIGHUP") }
  }
  unit job { exec = ["/usr/local/bin/job"]   timer = daily   config "/etc/job.yml" = "c: 1\n" }
  file "/etc/agent.d/files" { content = "x\n"   notify = restart(agent) }
}
"#,
    );
    let vars = built.text("ansible/host_vars/one.yml");
    let follows = |dest: &str| {
        let entry =
            vars.split("  - src: ").find(|it| it.contains(&format!("dest: \"{dest}\""))).unwrap();
        let tail = entry.split("mode: ").nth(1).unwrap().lines().skip(1);
        tail.take_while(|line| line.starts_with("    "))
            .map(str::trim)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(follows("/etc/agent.yml"), "restart: - \"web-agent.service\"");
    assert_eq!(follows("/etc/agent.d/files"), "restart: - \"web-agent.service\"");
    assert_eq!(follows("/etc/agent.d/more.yml"), "reload: - \"web-agent.service\"");
    assert_eq!(follows("/etc/job.yml"), "", "its timer starts it");
    let unit = built.text("systemd/one/web-agent.service");
    assert!(unit.contains("\nExecReload=/bin/kill -s SIGHUP $MAINPID\n"), "{unit}");
    assert!(!built.text("systemd/one/web-job.service").contains("ExecReload"));
}
