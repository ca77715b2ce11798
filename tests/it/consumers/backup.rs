//! A backup's script, run day after day by a clock that is faked.

use super::{File, Scratch};
use std::collections::BTreeMap;
use std::path::PathBuf;

pub const TOOLS: &[&str] = &["rsync", "faketime", "sh"];

/// What stands on the disk when the days are over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Names at the top; a link with where it leads: `latest -> 2026-01-01`.
    pub names: Vec<String>,
    /// Every file in them.
    pub files: BTreeMap<String, File>,
}

/// A script to run on `days` days from `first`, a date. `target` is where the disk is mounted.
pub struct Run<'a> {
    pub script: &'a str,
    pub target: &'a str,
    pub first: &'a str,
    pub days: u32,
    /// A shell command before each run, that changes what is to be saved. Only `$NOW` has the faked
    /// time, so it has to `touch -d "$NOW"` what it wrote: rsync looks for new times.
    pub before: &'a str,
}

impl Run<'_> {
    /// `files` stand on the machine, at their absolute paths; `stubs` are programs that the script
    /// calls and that the sandbox lacks, by name and shell script.
    pub fn kept(&self, files: &[(&str, &str)], stubs: &[(&str, &str)]) -> Result<Kept, String> {
        let scratch = Scratch::new();
        let script: PathBuf = scratch.program("the-backup", self.script);
        for (path, text) in files {
            scratch.machine(path, text);
        }
        for (name, text) in stubs {
            scratch.program(name, text);
        }
        let call = scratch.call("sh").arg(super::driver("days.sh")).arg(script);
        let call = call.args([self.target, self.first, &self.days.to_string()]);
        let heard = call.env("BEFORE", self.before).seconds(300).silent()?;
        let names = heard.out.lines().map(str::to_owned).collect();
        Ok(Kept { names, files: scratch.files("kept") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"#!/bin/sh
set -eu
target=/mnt/backup
mountpoint -q "$target"
today=$(date +%Y-%m-%d)
previous=$(ls "$target" | grep -v latest | tail -n 1)
rsync -a --delete ${previous:+--link-dest="$target/$previous/"} /srv/data/ "$target/.$today.partial/"
mv "$target/.$today.partial" "$target/$today"
ln -sfn "$today" "$target/latest"
ls "$target" | grep -v latest | head -n -3 | while read -r old; do rm -r "${target:?}/$old"; done
"#;

    fn run(script: &str) -> Result<Kept, String> {
        let before = "echo \"${NOW% *}\" > /srv/data/today; touch -d \"$NOW\" /srv/data/today";
        let run = Run { script, target: "/mnt/backup", first: "2025-12-25", days: 10, before };
        run.kept(&[("/srv/data/same", "same\n")], &[])
    }

    #[test]
    fn the_right_days_are_kept() {
        if super::super::missing(TOOLS) {
            return;
        }
        let kept = run(SOUND).unwrap();
        assert_eq!(kept.names, ["2026-01-01", "2026-01-02", "2026-01-03", "latest -> 2026-01-03"]);
        assert_eq!(kept.files["2026-01-02/today"].content, b"2026-01-02\n");
        assert_eq!(kept.files["2026-01-02/same"].content, b"same\n");
        let hoard = run(&SOUND.replace("head -n -3", "head -n -5")).unwrap();
        assert_eq!(hoard.names.len(), 6);
        super::super::refuses(
            run,
            SOUND,
            &[("/srv/data/ ", "/srv/nothing/ "), ("target=/mnt/backup", "target=/mnt/elsewhere")],
        );
    }
}
