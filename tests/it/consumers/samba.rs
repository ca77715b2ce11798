//! smb.conf, read by testparm, and served by smbd.

use super::Scratch;
use std::collections::BTreeMap;
use std::net::IpAddr;

pub const TOOLS: &[&str] = &["testparm", "smbd", "smbclient", "smbpasswd", "useradd"];

/// Every section with what it sets other than Samba's defaults, in testparm's normal form.
pub fn read(conf: &str) -> Result<BTreeMap<String, BTreeMap<String, String>>, String> {
    let scratch = Scratch::new();
    scratch.write("smb.conf", conf);
    let script = "mkdir -p /run/samba && testparm --suppress-prompt smb.conf";
    let heard = scratch.call("sh").args(["-c", script]).fine()?;
    // It ends with 0 on a word that it doesn't know: whatever else it says is a complaint.
    let usual =
        ["Load smb config", "Loaded services file OK", "Weak crypto is allowed", "Server role:"];
    let unusual = |line: &&str| !line.is_empty() && !usual.iter().any(|one| line.starts_with(one));
    if let Some(line) = heard.err.lines().find(unusual) {
        return Err(line.into());
    }
    let mut sections: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut section = String::new();
    for line in heard.out.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.into();
            sections.entry(section.clone()).or_default();
        } else if let Some((key, value)) = line.split_once(" = ") {
            let settings = sections.entry(section.clone()).or_default();
            settings.insert(key.trim().into(), value.into());
        }
    }
    if conf.lines().any(says_nothing) {
        return Err("testparm skips a line that sets nothing".into());
    }
    Ok(sections)
}

/// A line without `=` is ignored, in silence.
fn says_nothing(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with(['#', ';', '[']) && !line.contains('=')
}

/// A command of smbclient's (`ls`, `mkdir x`) on a share at an address, as a user or nobody.
pub struct Question<'a> {
    pub at: IpAddr,
    pub share: &'a str,
    pub user: Option<&'a str>,
    pub command: &'a str,
}

/// What a running smbd says to each of `asked`: `yes`, or its `NT_STATUS_...`. It knows `users`,
/// whose passwords are their names; the shares' folders are there.
pub fn answers(conf: &str, users: &[&str], asked: &[Question]) -> Result<Vec<String>, String> {
    let sections = read(conf)?;
    let scratch = Scratch::new();
    let conf = scratch.write("smb.conf", conf);
    let folders = sections.values().filter_map(|settings| settings.get("path"));
    scratch.write("folders.txt", folders.map(|path| format!("{path}\n")).collect::<String>());
    let users = users.iter().map(|user| format!("{user} {user}\n"));
    scratch.write("users.txt", users.collect::<String>());
    let questions = asked.iter().map(|one| {
        let account = one.user.map_or("-".into(), |user| format!("{user}%{user}"));
        format!("{} {} {account} {}\n", one.at, one.share, one.command)
    });
    scratch.write("questions.txt", questions.collect::<String>());
    let call = scratch.call("sh").arg(super::driver("smbd.sh")).arg(conf);
    let heard = call.addresses(asked.iter().map(|one| &one.at)).fine()?;
    Ok(heard.out.lines().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "[global]\n\tserver min protocol = SMB3\n\tmap to guest = Bad User\n\
        \tinterfaces = lo 192.168.254.10\n\tbind interfaces only = yes\n\n\
        [fortress]\n\tpath = /media/crtr/fortress\n\tvalid users = crtr\n\tread only = no\n\n\
        [public]\n\tpath = /srv/public\n\tguest ok = yes\n";

    #[test]
    fn shares_have_their_settings() {
        if super::super::missing(TOOLS) {
            return;
        }
        let sections = read(SOUND).unwrap();
        assert_eq!(sections["global"]["server min protocol"], "SMB3");
        assert_eq!(sections["fortress"]["path"], "/media/crtr/fortress");
        assert_eq!(sections["fortress"]["read only"], "No");
        assert_eq!(sections["public"]["guest ok"], "Yes");
    }

    #[test]
    fn a_running_smbd_lets_in_whom_it_should() {
        if super::super::missing(TOOLS) {
            return;
        }
        let ask = |share, user, command| Question {
            at: IpAddr::from([192, 168, 254, 10]),
            share,
            user,
            command,
        };
        let asked = [
            ask("fortress", Some("crtr"), "mkdir made"),
            ask("fortress", Some("other"), "ls"),
            ask("fortress", None, "ls"),
            ask("public", None, "ls"),
            ask("public", None, "mkdir made"),
            ask("nothing", Some("crtr"), "ls"),
        ];
        let said = answers(SOUND, &["crtr", "other"], &asked).unwrap();
        assert_eq!(
            said,
            [
                "yes",
                "NT_STATUS_ACCESS_DENIED",
                "NT_STATUS_ACCESS_DENIED",
                "yes",
                "NT_STATUS_ACCESS_DENIED",
                "NT_STATUS_BAD_NETWORK_NAME"
            ]
        );
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
                ("read only", "reed only"),
                ("= SMB3", "= SMB9"),
                ("guest ok = yes", "guest ok"),
                ("[public]", "[public"),
                ("\tpath = /srv/public\n", ""),
            ],
        );
    }
}
