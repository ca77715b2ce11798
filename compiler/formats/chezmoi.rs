//! A source tree of chezmoi: the names that say what a file is, templates that include a file for
//! each machine, and the list of what a machine does not get. No template holds a text of a user's:
//! what is delivered is included, verbatim.
//!
//! Cannot be said: a mode that is more than private, read-only and executable.

use super::escape;
use super::inert::go_template;
use super::lines::Lines;
use super::{Unsayable, Written};
use crate::origin::Origin;
use std::collections::BTreeSet;

/// What chezmoi knows of a file beside its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Attributes {
    pub private: bool,
    pub readonly: bool,
    pub executable: bool,
    /// It exists also where nothing is in it.
    pub empty: bool,
    /// It changes a file that is somebody else's.
    pub modify: bool,
}

impl Attributes {
    /// The attributes that give this mode, under the usual umask of 022.
    pub fn of(mode: u32) -> Option<Attributes> {
        let (private, readonly, executable) =
            (mode & 0o077 == 0, mode & 0o200 == 0, mode & 0o100 != 0);
        let attributes = Attributes { private, readonly, executable, ..Attributes::default() };
        (attributes.mode() == mode).then_some(attributes)
    }

    fn mode(self) -> u32 {
        let mut mode = if self.executable { 0o755 } else { 0o644 };
        if self.readonly {
            mode &= !0o222;
        }
        if self.private {
            mode &= !0o077;
        }
        mode
    }
}

/// Words that chezmoi reads off the front of a name.
const PREFIXES: [&str; 15] = [
    "after_",
    "before_",
    "create_",
    "dot_",
    "empty_",
    "encrypted_",
    "exact_",
    "executable_",
    "external_",
    "literal_",
    "modify_",
    "once_",
    "onchange_",
    "private_",
    "readonly_",
];
/// And of whole entries.
const KINDS: [&str; 3] = ["remove_", "run_", "symlink_"];

/// The path in the source tree of `target`, a path below the home with `/` between its steps.
/// `private` says which of its folders only their owner may enter.
pub fn source(target: &str, attributes: Attributes, private: impl Fn(&str) -> bool) -> String {
    // Most of it is the target; the rest says of folders and of the file what they are.
    let mut path = String::with_capacity(target.len() + 48);
    let mut at = 0;
    while let Some(slash) = target[at..].find('/') {
        let folder = &target[..at + slash];
        if private(folder) {
            path.push_str("private_");
        }
        plain(&mut path, &target[at..at + slash]);
        path.push('/');
        at += slash + 1;
    }
    for (on, word) in [
        (attributes.modify, "modify_"),
        (attributes.private, "private_"),
        (attributes.readonly, "readonly_"),
        (attributes.empty && !attributes.modify, "empty_"),
        (attributes.executable, "executable_"),
    ] {
        if on {
            path.push_str(word);
        }
    }
    let name = &target[at..];
    plain(&mut path, name);
    let ends = [".tmpl", ".literal"].iter().any(|end| name.ends_with(end));
    if ends {
        path.push_str(".literal");
    }
    // What modifies is a template by a line of its own.
    if !attributes.modify {
        path.push_str(".tmpl");
    }
    path
}

fn plain(path: &mut String, name: &str) {
    match name.strip_prefix('.') {
        Some(rest) => {
            path.push_str("dot_");
            path.push_str(rest);
        }
        None => {
            let mut words = PREFIXES.iter().chain(&KINDS);
            if name.contains('_') && words.any(|prefix| name.starts_with(prefix)) {
                path.push_str("literal_");
            }
            path.push_str(name);
        }
    }
}

/// A machine, as `who` names it: its host name in lower case, and `/windows` behind it in the world
/// of Windows.
pub type Machine<'a> = &'a str;

const WHO: &str = "{{- $who := lower .chezmoi.hostname -}}\n\
    {{- if eq .chezmoi.os \"windows\" }}{{ $who = printf \"%s/windows\" $who }}{{ end -}}";

/// A template that is, on each machine, the file that is included for it, byte for byte.
/// Files are named from the source tree's root.
pub fn template(header: &str, cases: &[(BTreeSet<Machine<'_>>, &str)]) -> Written {
    let mut out = Lines::new();
    comment(&mut out, header);
    who(&mut out);
    for (at, (machines, file)) in cases.iter().enumerate() {
        case(&mut out, at, machines);
        out.push("{{-   include ");
        escape::quoted(out.text(), file);
        out.push(" -}}");
        out.end(Origin::NONE);
    }
    out.say("{{- end -}}", Origin::NONE);
    out.finish()
}

/// A part of a file: the word in its marks, and where its text is.
pub type Part<'a> = (&'a str, &'a str);

/// A template that puts marked parts into a file that is somebody else's: in their place, or at the
/// end of it.
pub fn modify(header: &str, cases: &[(BTreeSet<Machine<'_>>, Vec<Part<'_>>)]) -> Written {
    let mut out = Lines::new();
    out.say("{{- /* chezmoi:modify-template */ -}}", Origin::NONE);
    comment(&mut out, header);
    who(&mut out);
    out.say("{{- $text := .chezmoi.stdin -}}", Origin::NONE);
    out.say("{{- $parts := list -}}", Origin::NONE);
    for (at, (machines, parts)) in cases.iter().enumerate() {
        case(&mut out, at, machines);
        for (name, file) in parts {
            out.push("{{-   $parts = append $parts (list ");
            escape::quoted(out.text(), &format!("# BEGIN {name}\n"));
            out.push(" (include ");
            escape::quoted(out.text(), file);
            out.push(") ");
            escape::quoted(out.text(), &format!("# END {name}\n"));
            out.push(") -}}");
            out.end(Origin::NONE);
        }
    }
    for line in [
        "{{- end -}}",
        "{{- range $parts -}}",
        "{{-   $begin := index . 0 }}{{ $end := index . 2 -}}",
        "{{-   $part := printf \"%s%s%s\" $begin (index . 1) $end -}}",
        "{{-   if and (contains $begin $text) (contains $end $text) -}}",
        "{{-     $before := index (splitn $begin 2 $text) \"_0\" -}}",
        "{{-     $after := index (splitn $end 2 $text) \"_1\" -}}",
        "{{-     $text = printf \"%s%s%s\" $before $part $after -}}",
        "{{-   else -}}",
        "{{-     if and $text (not (hasSuffix \"\\n\" $text)) }}{{ $text = printf \"%s\\n\" $text }}{{ end -}}",
        "{{-     $text = printf \"%s%s\" $text $part -}}",
        "{{-   end -}}",
        "{{- end -}}",
        "{{- $text -}}",
    ] {
        out.say(line, Origin::NONE);
    }
    out.finish()
}

/// `.chezmoiignore`: which paths each set of machines has; everyone else has them not.
pub fn ignore(header: &str, groups: &[(BTreeSet<Machine<'_>>, Vec<&str>)]) -> Written {
    let mut out = Lines::new();
    comment(&mut out, header);
    who(&mut out);
    for (machines, paths) in groups {
        out.push("{{ if not (has $who (list");
        names(&mut out, machines);
        out.push(")) }}");
        out.end(Origin::NONE);
        for path in paths {
            pattern(&mut out, path);
        }
        out.say("{{ end }}", Origin::NONE);
    }
    out.finish()
}

/// `.chezmoiremove`: the paths that each set of machines had and has no more.
pub fn remove(header: &str, groups: &[(BTreeSet<Machine<'_>>, Vec<&str>)]) -> Written {
    let mut out = Lines::new();
    comment(&mut out, header);
    who(&mut out);
    for (machines, paths) in groups {
        out.push("{{ if has $who (list");
        names(&mut out, machines);
        out.push(") }}");
        out.end(Origin::NONE);
        for path in paths {
            pattern(&mut out, path);
        }
        out.say("{{ end }}", Origin::NONE);
    }
    out.finish()
}

/// A script's comment that differs as soon as one of a machine's files does: chezmoi then runs the
/// script again.
pub fn script(
    header: &str,
    cases: &[(BTreeSet<Machine<'_>>, &str)],
    lines: &[&'static str],
) -> Written {
    let mut out = Lines::new();
    comment(&mut out, header);
    who(&mut out);
    out.say("{{- $reason := \"\" -}}", Origin::NONE);
    for (at, (machines, file)) in cases.iter().enumerate() {
        case(&mut out, at, machines);
        out.push("{{-   $reason = include ");
        escape::quoted(out.text(), file);
        out.push(" | sha256sum -}}");
        out.end(Origin::NONE);
    }
    out.say("{{- end -}}", Origin::NONE);
    // Nothing may stand in front of `#!`, and a script of nothing is not run.
    out.say("{{- if $reason -}}", Origin::NONE);
    out.say("#!/bin/sh", Origin::NONE);
    out.say("# for {{ $reason }}", Origin::NONE);
    for line in lines {
        out.say(line, Origin::NONE);
    }
    out.say("{{ end -}}", Origin::NONE);
    out.finish()
}

fn who(out: &mut Lines) {
    for line in WHO.lines() {
        out.say(line, Origin::NONE);
    }
}

fn case(out: &mut Lines, at: usize, machines: &BTreeSet<Machine<'_>>) {
    out.push(if at == 0 { "{{- if has $who (list" } else { "{{- else if has $who (list" });
    names(out, machines);
    out.push(") -}}");
    out.end(Origin::NONE);
}

fn names(out: &mut Lines, machines: &BTreeSet<Machine<'_>>) {
    for machine in machines {
        out.push_char(' ');
        escape::quoted(out.text(), &machine.to_lowercase());
    }
}

/// A comment of the template: nothing of it is rendered.
fn comment(out: &mut Lines, header: &str) {
    let header = header.replace("*/", "* /");
    let mut lines = header.lines();
    let Some(first) = lines.next() else { return };
    out.push("{{- /* ");
    out.push(first);
    for line in lines {
        out.end(Origin::NONE);
        out.push("       ");
        out.push(line);
        if line.is_empty() {
            let kept = out.text().trim_end_matches(' ').len();
            out.text().truncate(kept);
        }
    }
    out.push(" */ -}}");
    out.end(Origin::NONE);
}

/// A path as a pattern that only it fits.
fn pattern(out: &mut Lines, path: &str) {
    let mut text = String::with_capacity(path.len());
    for c in path.chars() {
        if "*?[]{}\\!#".contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    out.push(&go_template(&text));
    out.end(Origin::NONE);
}

/// Whether a text can stand between the marks of a part.
pub fn markable(name: &str, text: &str) -> Result<(), Unsayable> {
    let marks = [format!("# BEGIN {name}\n"), format!("# END {name}\n")];
    if marks.iter().any(|mark| text.contains(mark.as_str())) {
        let why = format!("a part of a file cannot hold its own mark, `# END {name}`");
        return Err(Unsayable { origin: Origin::NONE, why });
    }
    if !text.is_empty() && !text.ends_with('\n') {
        let why = "a part of a file ends in a newline".to_string();
        return Err(Unsayable { origin: Origin::NONE, why });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(target: &str, mode: u32) -> String {
        let attributes = Attributes::of(mode).expect("chezmoi knows it");
        source(target, attributes, |folder| folder.ends_with(".ssh"))
    }

    #[test]
    fn names_say_what_a_file_is() {
        assert_eq!(named(".ssh/config", 0o600), "private_dot_ssh/private_config.tmpl");
        assert_eq!(named("bin/x", 0o755), "bin/executable_x.tmpl");
        assert_eq!(named(".x", 0o500), "private_readonly_executable_dot_x.tmpl");
        assert_eq!(named("run_x/dot_y", 0o644), "literal_run_x/literal_dot_y.tmpl");
        assert_eq!(named("a.tmpl", 0o644), "a.tmpl.literal.tmpl");
        let modify = Attributes { modify: true, private: true, ..Attributes::default() };
        assert_eq!(source(".a", modify, |_| false), "modify_private_dot_a");
        assert_eq!(Attributes::of(0o640), None);
        assert_eq!(Attributes::of(0o4755), None);
    }

    #[test]
    fn a_path_of_braces_is_only_a_path() {
        let written = ignore("", &[(["a"].into(), vec!["x{{y}}", "[z]!"])]).unwrap();
        assert!(written.text.contains("\nx\\{\\{y\\}\\}\n"), "{}", written.text);
        assert!(written.text.contains("\\[z\\]\\!"), "{}", written.text);
    }

    #[test]
    fn a_part_with_its_own_mark_is_refused() {
        assert!(markable("colab", "x\n# END colab\n").is_err());
        assert!(markable("colab", "x").is_err());
        assert!(markable("colab", "x\n").is_ok());
    }
}
