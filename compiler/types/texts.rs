//! The table of the text types: a string in a field of such a type has to pass the type's check.
//! The larger checks have files of their own; the small ones stand below the table.

use super::distance::nearest;
use super::{
    Why, at_most, cap, day, file_path, host_name, image, made_of, outer_spaces, promql, schedule,
    shown, ssh_key, starts, timezone::timezone, tools, url, version,
};

pub struct TextType {
    /// As a field's declaration says it.
    pub name: &'static str,
    /// What it holds, for a person.
    pub doc: &'static str,
    /// A text that passes.
    pub example: &'static str,
    /// The first fault of a text.
    pub check: fn(&str) -> Result<(), Why>,
}

impl TextType {
    /// The first fault of a text, with an example where nothing better is known.
    pub fn told(&self, text: &str) -> Result<(), Why> {
        (self.check)(text).map_err(|why| why.or_help(format!("such as `{}`", self.example)))
    }
}

/// The row of that name.
pub fn text_type(name: &str) -> Option<&'static TextType> {
    TEXTS.iter().find(|row| row.name == name)
}

const fn row(
    name: &'static str,
    doc: &'static str,
    example: &'static str,
    check: fn(&str) -> Result<(), Why>,
) -> TextType {
    TextType { name, doc, example, check }
}

#[rustfmt::skip]
pub static TEXTS: &[TextType] = &[
    row("string", "any text", "Welcome", string),
    row("text", "whatever prints", "Welcome", string),
    row("command", "a command of a shell", "pg_dump -U gitea", command),
    row("name", "a word: letters, digits, `_`, and single hyphens inside", "GITEA_SECRET_KEY", name),
    row("host_name", "what a machine or container is called: a `name` of at most 63 characters", "cooperator", host_name),
    row("task_name", "the name of a task: names, with colons between them", "db:migrate", task_name),
    row("env_name", "the name of an environment variable", "TZ", env_name),
    row("user_name", "the login name of a user", "crtr", user_name),
    row("account", "a user of the system by name or number, with a group or without", "www-data:www-data", account),
    row("package", "the name of a package of the system", "cifs-utils", package),
    row("unit_name", "a unit of systemd, with its suffix", "cockpit.socket", unit_name),
    row("cap", "a capability of Linux, without `CAP_`", "NET_ADMIN", cap::cap),
    row("sysctl_key", "a setting of the kernel", "net.core.somaxconn", sysctl_key),
    row("timezone", "a time zone by its place", "Europe/Berlin", timezone),
    row("label_key", "the key of a container's label", "com.example.team", label_key),
    row("header_name", "the name of a header of HTTP", "X-Frame-Options", header_name),
    row("fqdn", "a DNS name", "git.ism.la", host_name::fqdn),
    row("own_domain", "a domain that the cluster answers for", "ism.la", host_name::own_domain),
    row("site_name", "a DNS name, or all below one", "*.ism.la", host_name::site_name),
    row("label", "one part of a DNS name", "gitea-db", host_name::label),
    row("workgroup", "a workgroup of Windows", "WORKGROUP", host_name::workgroup),
    row("path", "an absolute path on Linux or macOS", "/srv/data", file_path::path),
    row("url_path", "the path of a web address", "/api/healthz", url::path),
    row("route", "the beginning of a path of a site, which is for all below it too", "/api", file_path::route),
    row("below", "a path below a place", "data/photos", file_path::below),
    row("home_path", "a path in a user's home, or an absolute one", "~/.gitconfig", file_path::home_path),
    row("windows_path", "an absolute path on Windows", "C:\\Users\\crtr", file_path::windows_path),
    row("drive", "a drive of Windows", "Z:", file_path::drive),
    row("device", "a device, by its path or its name", "/dev/sdb", file_path::device),
    row("image", "a container image", "gitea/gitea:1.21-rootless", image::check),
    row("tag", "the tag of a container image", "16-alpine", image::tag),
    row("version", "one exact version", "2.40.3", version::check),
    row("url", "a url with its scheme", "https://git.ism.la/team", url::check),
    row("email", "an address of mail", "crtr@ism.la", url::email),
    row("schedule", "how often, or when", "Mon..Fri 03:30", schedule::schedule),
    row("ssh_key", "a public key of ssh, as in `authorized_keys`", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g", ssh_key::ssh_key),
    row("promql", "a condition in Prometheus's language", "up == 0", promql::promql),
    row("date", "a day", "2027-06-30", day::day),
    row("filled", "a text that is not empty", "core", tools::filled),
    row("interface", "an interface of a machine", "eth0", tools::interface),
    row("tool_name", "a tool by mise's name for it", "ripgrep", tools::tool_name),
    row("shell", "a shell, by its name or its path", "zsh", tools::shell),
    row("fs_uuid", "the UUID of a file system", "0b5e8c1e-9a52-4f7a-8d0b-0f1f2c3d4e5f", tools::fs_uuid),
    row("fs_label", "the label of a file system", "archive", tools::fs_label),
    row("signal", "a signal", "SIGTERM", tools::signal),
    row("platform", "a system and a processor that images are for", "linux/arm64", tools::platform),
    row("log_driver", "a log driver of Docker", "json-file", tools::log_driver),
    row("storage_driver", "a storage driver of Docker", "overlay2", tools::storage_driver),
    row("security_option", "a security option of Docker", "no-new-privileges", tools::security_option),
    row("registry", "a registry by its host, perhaps with a port", "nas:5000", tools::registry),
    row("mirror", "a mirror of Docker Hub", "https://mirror.ism.la", tools::mirror),
    row("release", "the oldest version that will do", "28.0", tools::release),
    row("smb_version", "a version of SMB", "3.1.1", tools::smb_version),
    row("nfs_version", "a version of NFS", "4.2", tools::nfs_version),
    row("grant_port", "a port in a policy", "tcp:443", tools::grant_port),
    row("device_rights", "what may be done to a device", "rw", tools::device_rights),
];

fn string(text: &str) -> Result<(), Why> {
    if text.contains('\0') {
        return Err(Why::new("expected text, found a NUL character in it"));
    }
    Ok(())
}

fn command(text: &str) -> Result<(), Why> {
    if text.trim().is_empty() {
        return Err(Why::new("expected a command, found nothing"));
    }
    string(text)
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

fn name(text: &str) -> Result<(), Why> {
    // Nearly every one ends here: each label of the sources is asked.
    if is_plain_name(text.as_bytes()) { Ok(()) } else { name_in_full(text) }
}

/// One part of a DNS name, and of the language's own names.
fn host_name(text: &str) -> Result<(), Why> {
    name(text)?;
    at_most(text, host_name::LONGEST_LABEL)
}

fn name_in_full(text: &str) -> Result<(), Why> {
    outer_spaces(text, name)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    made_of(text, "a name", "letters, digits, `_` and `-`", allowed)?;
    starts(text, "a letter or `_`", is_letter)?;
    if text.ends_with('-') || text.contains("--") {
        return Err(Why::new(format!(
            "expected single hyphens between words, found {}",
            shown(text)
        )));
    }
    // Names become those of files, and systemd's of what it hands to a unit.
    at_most(text, file_path::LONGEST_NAME)
}

/// Whether nothing can be said against a name, which is short enough: words of letters, digits and `_`, with single hyphens between them.
fn is_plain_name(text: &[u8]) -> bool {
    let mut before = b'-';
    let fine = text.iter().all(|&b| {
        let hyphens = b == b'-' && before == b'-';
        before = b;
        !hyphens && (b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    });
    fine && before != b'-' && !text[0].is_ascii_digit() && text.len() <= file_path::LONGEST_NAME
}

/// mise takes a colon first for a path of tasks, a dot for the end of a script's name, `*` for all.
fn task_name(text: &str) -> Result<(), Why> {
    outer_spaces(text, task_name)?;
    text.split(':').try_for_each(name).map_err(|why| Why { replace: None, ..why })
}

fn env_name(text: &str) -> Result<(), Why> {
    outer_spaces(text, env_name)?;
    if let Some((before, _)) = text.split_once('=') {
        return Err(Why::new(format!("expected a name alone, found {}", shown(text)))
            .help(format!("write the value after it: `{before} = \"...\"`")));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    made_of(text, "the name of a variable", "letters, digits and `_`", allowed)
        .map_err(|why| why.offer(text, &text.replace('-', "_"), env_name))?;
    starts(text, "a letter or `_`", is_letter)
}

fn user_name(text: &str) -> Result<(), Why> {
    outer_spaces(text, user_name)?;
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
    made_of(text, "a login name", "lower-case letters, digits, `_` and `-`", allowed)
        .map_err(|why| why.offer(text, &text.to_ascii_lowercase(), user_name))?;
    starts(text, "a lower-case letter or `_`", is_letter)?;
    at_most(text, 32)
}

/// What systemd and Docker both take, which is more than a new user may be called.
fn account(text: &str) -> Result<(), Why> {
    outer_spaces(text, account)?;
    let (user, group) =
        text.split_once(':').map_or((text, None), |(user, group)| (user, Some(group)));
    for (part, noun) in [(Some(user), "a user"), (group, "a group")] {
        let Some(part) = part else { continue };
        if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
            at_most(part, 9)?;
            if part.len() > 1 && part.starts_with('0') {
                let number = part.trim_start_matches('0');
                let number = if number.is_empty() { "0" } else { number };
                return Err(Why::new(format!("a number of {noun} does not begin with 0"))
                    .help(format!("write `{}`", text.replacen(part, number, 1))));
            }
            continue;
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        made_of(part, noun, "letters, digits, `_` and `-`", allowed)?;
        starts(part, "a letter or `_`", is_letter)?;
        at_most(part, 31)?;
    }
    Ok(())
}

/// Debian's names, and those of other systems: `libc6:i386`, `Git.Git`, `python@3.12`. Never with a
/// hyphen first, which a package manager would take for an option.
fn package(text: &str) -> Result<(), Why> {
    outer_spaces(text, package)?;
    if let Some((bare, _)) = text.split_once('=') {
        return Err(Why::new(format!("expected a package alone, found {}", shown(text)))
            .help(format!("write {}: the system's own version is installed", shown(bare))));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+-._@/:".contains(c);
    made_of(text, "a package", "the name of one package", allowed).map_err(|why| {
        if text.contains([' ', ',']) {
            why.help("give each package a string of its own")
        } else {
            why
        }
    })?;
    starts(text, "a letter or digit", |c| c.is_ascii_alphanumeric() || c == '@')
}

/// Its steps may be names of interfaces, which hold nearly anything; Compose wants some sign, `sysctl` none that
/// ends a name.
fn sysctl_key(text: &str) -> Result<(), Why> {
    outer_spaces(text, sysctl_key)?;
    if let Some((before, value)) = text.split_once('=') {
        return Err(Why::new(format!("expected a name alone, found {}", shown(text))).help(
            format!("write the value after it: `\"{}\" = \"{}\"`", before.trim(), value.trim()),
        ));
    }
    let allowed = |c: char| c.is_ascii_graphic() && c != '"';
    made_of(text, "a setting of the kernel", "letters, digits and dots", allowed)?;
    starts(text, "a letter", |c| c.is_ascii_alphabetic())
}

const UNIT_SUFFIXES: [&str; 11] = [
    "service",
    "socket",
    "timer",
    "mount",
    "automount",
    "swap",
    "target",
    "path",
    "slice",
    "scope",
    "device",
];

fn unit_name(text: &str) -> Result<(), Why> {
    outer_spaces(text, unit_name)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || ":-_.\\@".contains(c);
    made_of(text, "a unit", "letters, digits and `: - _ . \\ @`", allowed)?;
    let (stem, suffix) = text.rsplit_once('.').unwrap_or((text, ""));
    if !UNIT_SUFFIXES.contains(&suffix) {
        let why = Why::new(format!("expected a unit with its suffix, found {}", shown(text)));
        return Err(match nearest(suffix, UNIT_SUFFIXES.iter().copied()).first() {
            Some(near) => why.help(format!("did you mean `{stem}.{near}`?")),
            None => why.help(format!("such as {}", shown(&format!("{text}.service")))),
        });
    }
    if stem.is_empty() || stem.starts_with(['@', '-', '.']) {
        return Err(Why::new(format!("expected a name before `.{suffix}`, found {}", shown(text))));
    }
    at_most(text, 255)
}

fn label_key(text: &str) -> Result<(), Why> {
    outer_spaces(text, label_key)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-/:@[]".contains(c);
    made_of(text, "a key", "letters, digits and `. _ - / : @ [ ]`", allowed)?;
    starts(text, "a letter or digit", |c| c.is_ascii_alphanumeric())
}

fn header_name(text: &str) -> Result<(), Why> {
    outer_spaces(text, header_name)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$&'*+-.^_|~".contains(c);
    made_of(text, "the name of a header", "letters, digits and `-`", allowed)?;
    // `+`, `-`, `?` and `>` before a name are commands to Caddy.
    starts(text, "a letter or digit", |c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refuses};
    use super::*;

    #[test]
    fn every_row_is_whole() {
        for (at, row) in TEXTS.iter().enumerate() {
            assert_eq!((row.check)(row.example), Ok(()), "{}", row.name);
            assert_eq!(name(row.name), Ok(()));
            assert!(!row.doc.is_empty() && !row.doc.ends_with('.'), "{}", row.name);
            assert!(TEXTS[..at].iter().all(|other| other.name != row.name), "{} twice", row.name);
            assert!(text_type(row.name).is_some_and(|found| found.name == row.name));
        }
        assert!(text_type("strin").is_none());
    }

    #[test]
    fn a_plain_name_is_one_in_full() {
        let letters = ["", "a", "Z", "_", "-", "7", ".", " ", "\u{e4}"];
        let two = letters.iter().flat_map(|a| letters.map(|b| format!("{a}{b}")));
        let two: Vec<String> = two.collect();
        for text in two.iter().flat_map(|a| two.iter().map(move |b| format!("{a}{b}"))) {
            let plain = is_plain_name(text.as_bytes());
            assert_eq!(plain, name_in_full(&text).is_ok(), "{text:?}");
        }
        for length in [file_path::LONGEST_NAME, file_path::LONGEST_NAME + 1] {
            let text = "x".repeat(length);
            assert_eq!(is_plain_name(text.as_bytes()), name_in_full(&text).is_ok(), "{length}");
        }
    }

    #[test]
    fn every_check_answers_any_text_in_the_house_style() {
        let odd = [
            "",
            " ",
            "\0",
            "\n",
            ".",
            "..",
            "/",
            "//",
            "\\",
            "\\\\",
            "~",
            "@",
            ":",
            "::",
            "://",
            "a://",
            "-",
            "--",
            "%",
            "*",
            "*.",
            "[",
            "]",
            "a]",
            "é",
            "日本",
            "a b",
            "a\0b",
            "\u{202e}x",
            "A",
            "0",
            "a:b:c",
            "@sha256:",
            "a@b@c",
            "[::1",
            "C:",
            "é:\\x",
            "1 2 3 4 5",
            "é é é é é",
            "@é",
            "/é/",
        ];
        for row in TEXTS {
            for text in odd {
                for text in [text.to_owned(), text.repeat(90), format!("{}{text}", row.example)] {
                    let Err(why) = (row.check)(&text) else { continue };
                    let message = &why.message;
                    assert!(message.starts_with("expected"), "{}: {message}", row.name);
                    assert!(!message.ends_with('.'), "{}: {message}", row.name);
                    assert!(!message.contains(char::is_control), "{}: {message}", row.name);
                    if let Some(right) = why.replace {
                        assert_ne!(right, text, "{}: {message}", row.name);
                        assert_eq!((row.check)(&right), Ok(()), "{}: {text:?}", row.name);
                    }
                }
            }
        }
    }

    /// A correction is checked like any text: no slip that is made over and over may nest.
    #[test]
    fn a_long_text_needs_no_deep_stack() {
        for piece in [
            "+", "-", ".", ":", "=", "\\", "/", "~", "@", "*.", "a://", "mailto:", "$HOME", "Z:",
            "http:", "_", " ", "1 ", "1m", "[", "(", "abs(", "%", "Mon..", "CAP_", "é",
        ] {
            let long = piece.repeat(30_000);
            for text in [format!("{long}1s"), format!("a{long}"), long] {
                for row in TEXTS {
                    drop((row.check)(&text));
                }
                drop(super::super::quantity(&text));
                drop(super::super::cidr(&text));
                drop(super::super::ports(&text));
            }
        }
    }

    #[test]
    fn every_type_but_free_text_refuses_what_is_not_printed() {
        for row in TEXTS {
            let text = format!("{}\0", row.example);
            assert!((row.check)(&text).is_err(), "{}", row.name);
            if !matches!(row.name, "string" | "text" | "command" | "promql") {
                for end in ["\n", "\u{7}", "\r\nx"] {
                    assert!((row.check)(&format!("{}{end}", row.example)).is_err(), "{}", row.name);
                }
            }
        }
    }

    #[test]
    fn words() {
        accepts(name, &["A_B", "mini-01", "_x", "a-0"]);
        refuses(
            name,
            &[
                ("", "expected a name, found nothing", None),
                ("0a", "expected a letter or `_` first, found `0`", None),
                ("a--b", "expected single hyphens between words, found `a--b`", None),
                ("a-", "expected single hyphens between words, found `a-`", None),
                ("a.b", "expected letters, digits, `_` and `-`, found `.`", None),
                (&"x".repeat(256), "expected at most 255 characters, found 256", None),
            ],
        );
        accepts(env_name, &["TZ", "GITEA__database__HOST"]);
        refuses(
            env_name,
            &[
                ("LOG-LEVEL", "expected letters, digits and `_`, found `-`", Some("LOG_LEVEL")),
                ("TZ=UTC", "expected a name alone, found `TZ=UTC`", None),
                ("1A", "expected a letter or `_` first, found `1`", None),
            ],
        );
        accepts(user_name, &["crtr", "_apt", "www-data"]);
        refuses(
            user_name,
            &[
                (
                    "Crtr",
                    "expected lower-case letters, digits, `_` and `-`, found `C`",
                    Some("crtr"),
                ),
                ("-x", "expected a lower-case letter or `_` first, found `-`", None),
            ],
        );
        accepts(package, &["cifs-utils", "g++", "libc6:i386", "Git.Git", "python@3.12"]);
        refuses(
            package,
            &[
                ("git vim", "expected the name of one package, found a space", None),
                ("-y", "expected a letter or digit first, found `-`", None),
                ("git=1.2", "expected a package alone, found `git=1.2`", None),
            ],
        );
        assert!(command(" ").is_err() && string("a\0").is_err());
        accepts(sysctl_key, &["net.core.somaxconn", "net/ipv4/conf/eth0.100/forwarding"]);
        refuses(
            sysctl_key,
            &[
                ("", "expected a setting of the kernel, found nothing", None),
                ("\n", "expected no space at the ends, found `\\n`", None),
                ("a b", "expected letters, digits and dots, found a space", None),
                ("vm.x=1", "expected a name alone, found `vm.x=1`", None),
                ("-vm.x", "expected a letter first, found `-`", None),
                (" vm.x", "expected no space at the ends, found ` vm.x`", Some("vm.x")),
            ],
        );
        accepts(label_key, &["com.example.team", "traefik.http.routers.x.rule", "x-team"]);
        refuses(
            label_key,
            &[("a=b", "expected letters, digits and `. _ - / : @ [ ]`, found `=`", None)],
        );
    }

    #[test]
    fn names_of_the_system() {
        accepts(unit_name, &["cockpit.socket", "getty@tty1.service", "mnt-a\\x2db.mount"]);
        refuses(
            unit_name,
            &[
                ("cockpit", "expected a unit with its suffix, found `cockpit`", None),
                ("cockpit.sockt", "expected a unit with its suffix, found `cockpit.sockt`", None),
                (".service", "expected a name before `.service`, found `.service`", None),
            ],
        );
        accepts(timezone, &["UTC", "Etc/UTC", "Etc/GMT+2", "America/Argentina/Buenos_Aires"]);
        refuses(
            timezone,
            &[
                (
                    "utc",
                    "expected `UTC` or an area such as `Europe/Berlin`, found `utc`",
                    Some("UTC"),
                ),
                (
                    "Berlin",
                    "expected `UTC` or an area such as `Europe/Berlin`, found `Berlin`",
                    None,
                ),
                (
                    "Europa/Berlin",
                    "expected `UTC` or an area such as `Europe/Berlin`, found `Europa/Berlin`",
                    Some("Europe/Berlin"),
                ),
                (
                    "America/New York",
                    "expected a place of America, found `New York`",
                    Some("America/New_York"),
                ),
                (
                    "Europe/berlin",
                    "expected a place of Europe, found `berlin`",
                    Some("Europe/Berlin"),
                ),
                (
                    "Mars/Base",
                    "expected `UTC` or an area such as `Europe/Berlin`, found `Mars/Base`",
                    None,
                ),
            ],
        );
    }
}
