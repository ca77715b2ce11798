//! ~/.ssh/config, read by ssh itself: what it would do for a host, which it never contacts.

use super::Scratch;
use std::collections::BTreeMap;

pub const TOOLS: &[&str] = &["ssh"];

/// Every setting that ssh would use for `host`, by its keyword in lower case.
pub fn read(config: &str, host: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let scratch = Scratch::new();
    let path = scratch.write("config", config);
    let heard = scratch.call("ssh").args(["-T", "-G", "-F"]).arg(path).arg(host).silent()?;
    let mut settings: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in heard.out.lines() {
        let (keyword, value) = line.split_once(' ').unwrap_or((line, ""));
        settings.entry(keyword.into()).or_default().push(value.into());
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "Host cooperator crtr\n\
        \tHostName 192.168.254.10\n\
        \tUser crtr\n\
        \tIdentityFile \"~/.ssh/id of mine\"\n\n\
        Host *\n\
        \tUser nobody\n\
        \tStrictHostKeyChecking accept-new\n";

    #[test]
    fn the_first_value_wins() {
        if super::super::missing(TOOLS) {
            return;
        }
        let settings = read(SOUND, "crtr").unwrap();
        assert_eq!(settings["hostname"], ["192.168.254.10"]);
        assert_eq!(settings["user"], ["crtr"]);
        assert_eq!(settings["identityfile"], ["~/.ssh/id of mine"]);
        assert_eq!(settings["stricthostkeychecking"], ["accept-new"]);
        assert_eq!(read(SOUND, "elsewhere").unwrap()["user"], ["nobody"]);
    }

    #[test]
    fn broken_copies_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            |text| read(text, "crtr"),
            SOUND,
            &[
                ("HostName", "HostNam"),
                ("mine\"", "mine"),
                ("accept-new", "perhaps"),
                ("Host *", "Match nothing"),
            ],
        );
    }
}
