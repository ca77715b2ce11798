//! Shell scripts, read by the shell and by shellcheck.

use super::Scratch;

pub const TOOLS: &[&str] = &["shellcheck", "bash"];

/// The script, whose first line names its shell, has no error, and nothing that shellcheck would
/// do otherwise.
pub fn check(script: &str) -> Result<(), String> {
    let scratch = Scratch::new();
    scratch.write("script", script);
    let first = script.lines().next().unwrap_or_default();
    let shell = if first.ends_with("bash") { "bash" } else { "sh" };
    if !first.starts_with("#!/") {
        return Err(format!("{first:?} names no shell"));
    }
    scratch.call(shell).args(["-n", "script"]).silent()?;
    scratch.call("shellcheck").args(["--severity=style", "--norc", "script"]).fine().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "#!/bin/sh\nset -eu\nfor name in 'a b' c; do\n  echo \"$name\"\ndone\n";

    #[test]
    fn broken_scripts_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            check,
            SOUND,
            &[
                ("\"$name\"", "$name"),
                ("done", ""),
                ("'a b'", "'a b"),
                ("#!/bin/sh", "# sh"),
                ("echo \"$name\"", "[[ $name ]]"),
            ],
        );
    }

    #[test]
    fn the_drivers_themselves_are_sound() {
        if super::super::missing(TOOLS) {
            return;
        }
        for entry in super::super::driver("").read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|kind| kind == "sh") {
                let fault = |fault| panic!("{}: {fault}", path.display());
                check(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(fault);
            }
        }
    }
}
