//! Drives of Windows: what the scripts call, by a grammar of PowerShell; and WSL's settings.

use super::Built;
use super::fstab::OTHER;
use crate::consumers::powershell::{TOOLS, commands};
use crate::consumers::{missing, refuses};

/// The parameters that the cmdlets' pages name, of those that are used.
const KNOWN: &[(&str, &[&str])] = &[
    ("Set-StrictMode", &["-Version"]),
    ("Get-SmbMapping", &["-LocalPath", "-ErrorAction"]),
    ("Remove-SmbMapping", &["-LocalPath", "-UpdateProfile", "-Force"]),
    ("New-SmbMapping", &["-LocalPath", "-RemotePath", "-Persistent"]),
    ("Out-Null", &[]),
    ("cmdkey.exe", &[]),
];

fn known(script: &str) -> Vec<Vec<String>> {
    let called = commands(script).unwrap();
    for words in &called {
        let row = KNOWN.iter().find(|(name, _)| *name == words[0]);
        let (_, parameters) = row.unwrap_or_else(|| panic!("nobody knows {words:?}"));
        for word in words.iter().filter(|word| word.starts_with('-')) {
            assert!(parameters.contains(&word.as_str()), "{word} of {words:?}");
        }
    }
    called
}

#[test]
fn drives_are_mapped_to_their_servers() {
    if missing(TOOLS) {
        return;
    }
    let repo = Built::repo();
    let other = Built::text_of(OTHER);
    for (built, node, share, drive, remote, user) in [
        (&repo, "writer", "fortress", "Z:", r"\\100.64.0.1\fortress", "crtr"),
        (&repo, "projector", "fortress", "Z:", r"\\192.168.254.10\fortress", "crtr"),
        (&other, "pc", "papers", "P:", r"\\10.1.0.9\papers", "ann"),
    ] {
        let script = built.text(&format!("windows/{node}/map-{share}.ps1"));
        let called = known(&script);
        assert!(script.contains(&format!("$drive = '{drive}'\r\n")), "{script}");
        assert!(script.contains(&format!("$remote = '{remote}'\r\n")), "{script}");
        let of = |name: &str| called.iter().find(|words| words[0] == name).unwrap();
        assert_eq!(
            of("New-SmbMapping")[1..],
            ["-LocalPath", "$drive", "-RemotePath", "$remote", "-Persistent", "$true"]
        );
        let add = called.iter().find(|w| w.iter().any(|w| w.contains("/add:"))).unwrap();
        assert!(add.contains(&format!("'/user:{user}'")), "{add:?}");
        // It ends there: the vault asks, and no password follows.
        assert_eq!(add.last().unwrap(), "/pass");
    }
}

#[test]
fn a_broken_script_is_refused() {
    if missing(TOOLS) {
        return;
    }
    let script = Built::text_of(OTHER).text("windows/pc/map-papers.ps1");
    refuses(
        commands,
        &script,
        &[("'P:'", "'P:"), ("exit 0 }", "exit 0"), ("GetCurrent()", "GetCurrent(")],
    );
}

#[test]
fn wsl_leaves_to_systemd_what_is_systemd_s() {
    let built = Built::repo();
    let text = built.text("windows/projector/wsl.conf");
    for line in ["systemd = true", "mountFsTab = false", "generateHosts = false", "default = crtr"]
    {
        assert!(text.lines().any(|l| l == line), "{line} in {text}");
    }
    assert!(built.tree.get("windows/director/wsl.conf").is_none());
}

#[test]
fn nfs_has_no_drive() {
    let source = OTHER
        .replace(
            "linux = \"/srv/my data/films\"",
            "linux = \"/srv/my data/films\" windows = \"F:\"",
        )
        .replace("clients = [box, far]", "clients = [box, far, pc]");
    assert_eq!(super::refusals(&source), ["E0801"]);
}

#[test]
fn one_server_is_logged_in_to_as_one_account() {
    let two = OTHER.replace(
        "share drop {",
        r#"user bob { uid = 1003 gid = 1003 }
share more {
  server = nas   user = bob   password = secret("/nas/PASSWORD")   clients = [pc]
  mount { windows = "M:" }
}
share drop {"#,
    );
    assert_eq!(super::refusals(&two), ["E0801"]);
    assert!(super::refusals(&two.replace("user = bob", "user = ann")).is_empty());
}

#[test]
fn what_windows_alone_gets_lies_where_windows_looks() {
    let alone = OTHER.replace("windows(\"11\", wsl = true)", "windows(\"11\")");
    let vars = Built::text_of(&alone).text("ansible/host_vars/pc.yml");
    assert!(vars.contains(r#"dest: "C:\\Windows\\System32\\drivers\\etc\\hosts""#), "{vars}");
    let vars = Built::text_of(OTHER).text("ansible/host_vars/pc.yml");
    assert!(vars.contains("dest: \"/etc/hosts\""), "{vars}");
    if missing(TOOLS) {
        return;
    }
    // The script that writes a part of a file there.
    let site = Built::text_of(OTHER).text("ansible/site.yml");
    let script = site.split("script: |\n").nth(1).unwrap().split("      loop:").next().unwrap();
    assert!(commands(script).unwrap().iter().any(|words| words[0] == "Test-Path"), "{script}");
}
