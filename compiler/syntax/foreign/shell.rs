//! Commands of a shell, pasted as they were: what they do is declared here.

use super::Pasted;
use crate::diag::{Diagnostic, codes};
use std::ops::RangeInclusive;

/// Programs that people paste the calls of.
const PROGRAMS: &[&str] = &[
    "ansible-playbook",
    "apk",
    "apt",
    "apt-get",
    "awk",
    "brew",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cp",
    "curl",
    "dnf",
    "docker",
    "docker-compose",
    "echo",
    "export",
    "git",
    "grep",
    "helm",
    "kubectl",
    "ln",
    "ls",
    "mkdir",
    "mv",
    "npm",
    "pacman",
    "pip",
    "podman",
    "rm",
    "rsync",
    "scp",
    "sed",
    "set",
    "snap",
    "ssh",
    "sudo",
    "systemctl",
    "tar",
    "touch",
    "ufw",
    "wget",
    "winget",
    "yum",
];

impl Pasted<'_> {
    /// Lines that begin with a known program, with those that a `\` adds to them.
    pub(super) fn shell(&self, first: usize) -> Option<(RangeInclusive<usize>, Diagnostic)> {
        let begins = |at: usize| {
            let line = self.lines.get(at)?;
            (!self.faulty[at].is_empty() && is_call(line.text)).then_some(())
        };
        let (mut at, mut last) = (first, None);
        while begins(at).is_some() {
            while self.lines[at].text.ends_with('\\') && at + 1 < self.lines.len() {
                at += 1;
            }
            last = Some(at);
            at += 1;
        }
        let lines = first..=last?;
        let mut fault = Diagnostic::new(
            &codes::E0109,
            self.span(first),
            "expected a declaration, found a command of a shell",
        );
        let rest = self.rest(&lines);
        if !rest.is_empty() {
            fault = fault.here(rest);
        }
        Some((lines, fault.help(way(self.lines[first].text))))
    }
}

/// Without the prompt that was copied with it.
fn bare(line: &str) -> &str {
    line.strip_prefix("$ ").unwrap_or(line)
}

fn is_call(line: &str) -> bool {
    let line = bare(line);
    let mut words = line.split_whitespace();
    let program = words.next().is_some_and(|word| PROGRAMS.contains(&word));
    let signs = ["=", "+=", "-=", ":", "{", "from"];
    program
        && !line.ends_with('{')
        && words.clone().next().is_some()
        && !words.any(|word| signs.contains(&word))
}

/// How that is said in the language.
fn way(line: &str) -> String {
    let words: Vec<&str> = bare(line).split_whitespace().filter(|word| *word != "sudo").collect();
    match words.as_slice() {
        ["docker" | "podman", "run" | "create", ..] => "it is a container of a service: `service NAME { on = NODE   container app { image = \"...\"   port web = 80 -> 80   volume \"/data\" = local(\"data\") } }`".to_owned(),
        ["apt" | "apt-get" | "apk" | "dnf" | "yum" | "pacman" | "brew" | "winget" | "snap", _, names @ ..] => {
            let plain = |name: &&&str| name.starts_with(|c: char| c.is_ascii_alphanumeric());
            let names: Vec<String> =
                names.iter().filter(plain).map(|name| format!("\"{name}\"")).collect();
            match names.as_slice() {
                [] => "packages are kept up to date by what `out/` brings to a node".to_owned(),
                names => format!("what a node is to have is a field of it: `packages = [{}]`", names.join(", ")),
            }
        }
        ["systemctl", ..] => "a program that runs by itself is a unit of a service: `unit NAME { systemd = \"NAME.service\" }`".to_owned(),
        _ => "nothing of a source is run; what people run by hand is a task: `task NAME { on = [NODE]   run = '...' }`".to_owned(),
    }
}
