//! /etc/fstab, read by libmount and by systemd, which each overlook what the other finds.

use super::Scratch;
use serde_json::Value;

pub const TOOLS: &[&str] = &["findmnt", "systemd-fstab-generator", "systemd-analyze"];

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mount {
    pub source: String,
    pub target: String,
    pub kind: String,
    pub options: Vec<String>,
}

/// Every mount of the file, as both readers understand it, unescaped.
pub fn read(text: &str) -> Result<Vec<Mount>, String> {
    let scratch = Scratch::new();
    scratch.write("fstab", text);
    let rows = scratch
        .call("findmnt")
        .args(["--tab-file", "fstab", "--json", "--list", "-o", "SOURCE,TARGET,FSTYPE,OPTIONS"])
        .silent()?
        .json()?;
    let field = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let mounts: Vec<Mount> = rows["filesystems"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| Mount {
            source: field(row, "source"),
            target: field(row, "target"),
            kind: field(row, "fstype"),
            options: field(row, "options").split(',').map(str::to_owned).collect(),
        })
        .collect();
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    if lines.count() != mounts.len() {
        return Err(format!("libmount skips lines of\n{text}"));
    }
    // It wants the folders to be there, and exits 0 on what it only warns of.
    let script = r#"mkdir -p "$@" && findmnt --verify --tab-file fstab"#;
    let targets = mounts.iter().map(|mount| &mount.target);
    let heard = scratch.call("sh").args(["-c", script, "sh"]).args(targets).run()?;
    let said = heard.out.lines().chain(heard.err.lines());
    let said = said.filter(|line| line.contains("[W]") || line.contains("[E]"));
    // Whether this machine has mount.cifs, or the disk, says nothing about the file.
    let ours: Vec<&str> = said
        .filter(|line| !["unreachable", "cannot detect"].iter().any(|known| line.contains(known)))
        .collect();
    let parsed = [&heard.out, &heard.err]
        .iter()
        .any(|out| out.contains("Success") || out.contains("0 parse errors"));
    if !ours.is_empty() || !parsed {
        return Err(format!("{}{}", heard.out, heard.err));
    }
    generate(&scratch, &mounts)?;
    Ok(mounts)
}

/// systemd makes a unit of each line: of a line with a space too many a wrong one, in silence.
fn generate(scratch: &Scratch, mounts: &[Mount]) -> Result<(), String> {
    let script = r#"mkdir units units/early units/late
        SYSTEMD_FSTAB=$PWD/fstab systemd-fstab-generator units units/early units/late &&
        cd units && systemd-analyze verify --man=no ./*.mount $(ls ./*.automount 2> /dev/null)"#;
    // Units that a line asks for are others' to emit: here it is enough that they are there.
    for option in mounts.iter().flat_map(|mount| &mount.options) {
        if let Some(unit) = option.strip_prefix("x-systemd.requires=") {
            let text = "[Service]\nType=oneshot\nExecStart=/bin/true\n";
            scratch.machine(&format!("/etc/systemd/system/{unit}"), text);
        }
    }
    scratch.call("sh").args(["-c", script]).silent()?;
    let units = scratch.files("units");
    let made: Vec<(String, String, String)> = units
        .iter()
        .filter(|(name, _)| name.ends_with(".mount") && !name.contains('/'))
        .map(|(_, unit)| {
            let text = String::from_utf8_lossy(&unit.content).into_owned();
            let value = |key: &str| {
                let line = text.lines().find_map(|line| line.strip_prefix(key));
                line.unwrap_or_default().to_owned()
            };
            (value("What="), value("Where="), value("Type="))
        })
        .collect();
    for mount in mounts {
        // Unit files escape once more; a backslash is the only one that a path of ours can need.
        let spelled = |text: &str| text.replace('\\', "\\\\");
        let kind = if mount.kind == "auto" { "" } else { &mount.kind };
        // systemd says where udev puts a label's or an identifier's link.
        let source = match mount.source.split_once('=') {
            Some(("LABEL", label)) => format!("/dev/disk/by-label/{label}"),
            Some(("UUID", uuid)) => format!("/dev/disk/by-uuid/{uuid}"),
            _ => mount.source.clone(),
        };
        let wanted = (spelled(&source), spelled(&mount.target), kind.to_string());
        if !made.contains(&wanted) {
            return Err(format!("systemd reads {made:#?}, where libmount reads {wanted:?}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "# fortress\n\
        //192.168.254.10/fortress /mnt/fortress cifs credentials=/run/colab/fortress,uid=1000,\
        vers=3.1.1,_netdev,nofail,x-systemd.automount,x-systemd.idle-timeout=600 0 0\n\
        192.168.254.12:/volume1/colab /mnt/my\\040disk nfs nfsvers=4.2,_netdev,nofail 0 0\n";

    #[test]
    fn both_readers_agree() {
        if super::super::missing(TOOLS) {
            return;
        }
        let mounts = read(SOUND).unwrap();
        assert_eq!(mounts.len(), 2);
        assert_eq!(mounts[0].source, "//192.168.254.10/fortress");
        assert!(mounts[0].options.contains(&"_netdev".into()));
        assert_eq!(mounts[1].target, "/mnt/my disk");
    }

    #[test]
    fn broken_copies_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            read,
            SOUND,
            &[
                ("my\\040disk", "my disk"),
                ("/mnt/my\\040disk", "/mnt/fortress"),
                ("/mnt/my\\040disk", "mnt/disk"),
                (" cifs credentials", " credentials"),
                ("nofail 0 0", "nofail zero 0"),
            ],
        );
    }
}
