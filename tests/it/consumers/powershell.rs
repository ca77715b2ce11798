//! A script for Windows, read by a grammar of PowerShell: the real one does not come with Debian.

use super::Scratch;

pub const TOOLS: &[&str] = &["powershell-commands"];

/// Each command that the script calls, as its words. What a cmdlet takes is in nobody's grammar:
/// compare with what its page says.
pub fn commands(script: &str) -> Result<Vec<Vec<String>>, String> {
    let scratch = Scratch::new();
    let path = scratch.write("script.ps1", script);
    let heard = scratch.call("powershell-commands").arg(path).silent()?;
    serde_json::from_str(&heard.out).map_err(|fault| format!("{fault} in {}", heard.out))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "if (-not (Get-SmbMapping -LocalPath 'Z:' -ErrorAction SilentlyContinue)) {\r\n    \
        New-SmbMapping -LocalPath 'Z:' -RemotePath '\\\\192.168.254.10\\o''neil' -Persistent $true\r\n}\r\n";

    #[test]
    fn a_script_says_what_it_calls() {
        if super::super::missing(TOOLS) {
            return;
        }
        let found = commands(SOUND).unwrap();
        assert_eq!(found[0][..3], ["Get-SmbMapping", "-LocalPath", "'Z:'"]);
        assert_eq!(found[1][4], r"'\\192.168.254.10\o''neil'");
        super::super::refuses(
            commands,
            SOUND,
            &[("o''neil", "o'neil"), ("\r\n}", "\r\n"), ("(Get", "Get")],
        );
    }
}
