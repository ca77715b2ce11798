//! The client's configuration of OpenSSH. The first value wins: which host stands first is the
//! caller's to decide.
//!
//! Cannot be said in a way that old and new versions read alike: a double quote, a backslash before
//! a quote, a backslash or a blank, or at an end; control characters; `${` where the environment is
//! read; `%` in `User`; a pattern in a host's name; a setting that stands twice under one host.

use super::Written;
use super::lines::Lines;
use crate::origin::Origin;
use std::borrow::Cow;

pub struct Config<'a> {
    pub header: Cow<'a, str>,
    /// Settings before the first host, such as `Include` and `IgnoreUnknown`.
    pub first: Vec<Setting<'a>>,
    pub hosts: Vec<Host<'a>>,
}

pub struct Host<'a> {
    /// The names this block answers to; none at all stands for every host.
    pub names: Vec<Cow<'a, str>>,
    pub settings: Vec<Setting<'a>>,
    pub origin: Origin,
}

pub struct Setting<'a> {
    pub keyword: &'static str,
    pub arguments: Vec<Cow<'a, str>>,
    pub origin: Origin,
}

impl<'a> Setting<'a> {
    pub fn new(keyword: &'static str, argument: impl Into<Cow<'a, str>>) -> Self {
        Setting { keyword, arguments: vec![argument.into()], origin: Origin::NONE }
    }

    pub fn at(self, origin: Origin) -> Self {
        Setting { origin, ..self }
    }
}

/// Keywords whose arguments know `%` tokens in every version that has them.
const TOKENS: [&str; 7] = [
    "HostName",
    "IdentityFile",
    "CertificateFile",
    "ControlPath",
    "IdentityAgent",
    "LocalForward",
    "RemoteForward",
];
/// Keywords that replace `${NAME}`; nothing escapes it.
const ENVIRONMENT: [&str; 7] = [
    "IdentityFile",
    "CertificateFile",
    "ControlPath",
    "IdentityAgent",
    "LocalForward",
    "RemoteForward",
    "UserKnownHostsFile",
];
/// Keywords that may differ from version to version in whether they know `%`.
const UNSURE: [&str; 4] = ["User", "UserKnownHostsFile", "Include", "SetEnv"];
/// Keywords that add up instead of letting the first win.
const ADDING: [&str; 7] = [
    "IdentityFile",
    "CertificateFile",
    "LocalForward",
    "RemoteForward",
    "DynamicForward",
    "SendEnv",
    "Include",
];

pub fn write(config: &Config<'_>) -> Written {
    let mut out = Lines::new();
    out.comment("#", &config.header, Origin::NONE);
    settings(&mut out, &config.first, "", Origin::NONE);
    for host in &config.hosts {
        if !out.is_empty() {
            out.blank();
        }
        out.push("Host");
        if host.names.is_empty() {
            out.push(" *");
        }
        for name in &host.names {
            let odd = |c: char| c.is_whitespace() || c.is_control() || "*?!,\"'\\#".contains(c);
            if name.is_empty() || name.starts_with('-') || name.contains(odd) {
                out.refuse(host.origin, format!("ssh cannot know a host by the name {name:?}"));
                continue;
            }
            out.push_char(' ');
            out.push(name);
        }
        out.end(host.origin);
        settings(&mut out, &host.settings, "  ", host.origin);
    }
    out.finish()
}

fn settings(out: &mut Lines, settings: &[Setting<'_>], indent: &str, parent: Origin) {
    for (at, setting) in settings.iter().enumerate() {
        let origin = setting.origin.or(parent);
        let stood = settings[..at].iter().any(|s| s.keyword == setting.keyword);
        if stood && !ADDING.contains(&setting.keyword) {
            out.refuse(origin, format!("`{}` stands twice: ssh takes the first", setting.keyword));
        }
        if setting.arguments.is_empty() {
            out.refuse(origin, format!("`{}` needs a value", setting.keyword));
        }
        out.push(indent);
        out.push(setting.keyword);
        for argument in &setting.arguments {
            out.push_char(' ');
            self::argument(out, setting.keyword, argument, origin);
        }
        out.end(origin);
    }
}

fn argument(out: &mut Lines, keyword: &str, text: &str, origin: Origin) {
    if !out.visible(text, "a value of ssh's configuration", origin) {
        return;
    }
    let why = if text.is_empty() {
        "be empty"
    } else if text.contains('"') {
        "hold a double quote"
    } else if escapes(text) {
        "hold a backslash before a quote, a backslash or a blank, or at its end"
    } else if text.contains("${") && ENVIRONMENT.contains(&keyword) {
        "hold `${`: ssh puts the environment there"
    } else if text.contains('%') && UNSURE.contains(&keyword) {
        "hold `%`: versions differ in what it means"
    } else {
        let plain = |c: char| c.is_alphanumeric() || "_-./:@%+,~*?!^[]=$".contains(c);
        let quotes = if text.chars().all(plain) && !text.contains('=') { "" } else { "\"" };
        out.push(quotes);
        if TOKENS.contains(&keyword) {
            out.push(&text.replace('%', "%%"));
        } else {
            out.push(text);
        }
        out.push(quotes);
        return;
    };
    out.refuse(origin, format!("a value of ssh's configuration cannot {why}"));
}

/// Whether some version would take a backslash of the text for an escape.
fn escapes(text: &str) -> bool {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' && chars.peek().is_none_or(|next| matches!(next, '\'' | '"' | '\\' | ' ')) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(keyword: &'static str, value: &str) -> Written {
        let settings = vec![Setting::new(keyword, value.to_string())];
        let hosts = vec![Host { names: vec!["h".into()], settings, origin: Origin(2) }];
        write(&Config { header: "".into(), first: vec![], hosts })
    }

    #[test]
    fn the_shape() {
        let config = Config {
            header: "generated".into(),
            first: vec![Setting::new("IgnoreUnknown", "UseKeychain")],
            hosts: vec![
                Host {
                    names: vec!["cooperator".into(), "crtr".into()],
                    settings: vec![
                        Setting::new("HostName", "192.168.254.10").at(Origin(3)),
                        Setting::new("IdentityFile", "~/.ssh/my key"),
                    ],
                    origin: Origin(2),
                },
                Host {
                    names: vec![],
                    settings: vec![Setting::new("ControlPath", "~/.ssh/50%")],
                    origin: Origin(4),
                },
            ],
        };
        let done = write(&config).unwrap();
        assert_eq!(
            done.text,
            "# generated\nIgnoreUnknown UseKeychain\n\nHost cooperator crtr\n  HostName 192.168.254.10\n  \
             IdentityFile \"~/.ssh/my key\"\n\nHost *\n  ControlPath ~/.ssh/50%%\n"
        );
        assert_eq!(done.lines.iter().map(|o| o.0).collect::<Vec<_>>(), [0, 0, 0, 2, 3, 2, 0, 4, 4]);
    }

    #[test]
    fn what_versions_read_differently_is_refused() {
        for value in ["", "a\"b", "a\\", "a\\ b", "a\nb", "a\\\\b", "${HOME}/k"] {
            assert!(one("IdentityFile", value).is_err(), "{value:?}");
        }
        assert!(one("User", "a%b").is_err());
        assert!(one("IdentityFile", "C:\\Users\\x").is_ok());
    }

    #[test]
    fn patterns_and_options_are_no_names() {
        for name in ["", "*", "!a", "a b", "-oX", "a,b", "a#"] {
            let hosts =
                vec![Host { names: vec![name.into()], settings: vec![], origin: Origin(2) }];
            assert!(
                write(&Config { header: "".into(), first: vec![], hosts }).is_err(),
                "{name:?}"
            );
        }
    }

    #[test]
    fn the_second_of_two_would_be_lost() {
        let twice = |keyword| {
            let settings = vec![Setting::new(keyword, "a"), Setting::new(keyword, "b")];
            let hosts = vec![Host { names: vec![], settings, origin: Origin(2) }];
            write(&Config { header: "".into(), first: vec![], hosts })
        };
        assert!(twice("User").is_err());
        assert!(twice("IdentityFile").is_ok());
    }
}
