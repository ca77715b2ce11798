//! Words of the tools that a machine runs: interfaces, shells, signals, drivers, and what they call a file system or a
//! registry by.

use super::distance::nearest;
use super::url::{check as check_url, url};
use super::{Why, at_most, cidr, either, file_path, made_of, outer_spaces, shown, starts};

/// A text that says something, on one line.
pub fn filled(text: &str) -> Result<(), Why> {
    made_of(text.trim_matches(' '), "a text", "a text on one line", |c| !c.is_control())
}

/// One of those words; `near` is what people write instead, brought to their spelling.
fn one_of(text: &str, noun: &str, known: &[&str], near: &str) -> Result<(), Why> {
    if known.contains(&text) {
        return Ok(());
    }
    let why = Why::new(format!("expected {noun}, found {}", shown(text)));
    if known.contains(&near) {
        return Err(why.replace(near));
    }
    Err(match nearest(near, known.iter().copied()).as_slice() {
        [] => why.help(format!("write {}", either(known))),
        near => why.help(format!("did you mean {}?", either(near))),
    })
}

/// Linux has room for 15 letters.
pub fn interface(text: &str) -> Result<(), Why> {
    outer_spaces(text, interface)?;
    let allowed = |c: char| c.is_ascii_graphic() && !matches!(c, '/' | ':' | '"' | '\'' | '\\');
    made_of(text, "an interface", "the name of one interface", allowed)?;
    if text.len() > 15 {
        return Err(Why::new(format!("expected at most 15 characters, found {}", text.len()))
            .help("Linux takes no longer name of an interface; `ip link` lists them"));
    }
    Ok(())
}

/// A shell by its name or its whole path.
pub fn shell(text: &str) -> Result<(), Why> {
    outer_spaces(text, shell)?;
    if text.contains('\\') {
        return file_path::windows_path(text);
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    made_of(text, "a shell", "the name of one program", allowed)?;
    if matches!(text, "/" | "." | "..") {
        return Err(Why::new(format!("expected a program, found the directory {}", shown(text)))
            .help("such as `zsh` or `/usr/sbin/nologin`"));
    }
    if !text.contains('/') {
        return Ok(());
    }
    file_path::path(text)
        .map_err(|why| Why { replace: why.replace.filter(|right| shell(right).is_ok()), ..why })
}

/// A tool as mise names it, perhaps with who has it and how it is got: `jq`, `npm:@angular/cli`, `ubi:sharkdp/fd[exe=fd]`.
/// mise keeps each in a folder of its name.
pub fn tool_name(text: &str) -> Result<(), Why> {
    outer_spaces(text, tool_name)?;
    if let Some((bare, version)) = text.rsplit_once('@')
        && version.starts_with(|c: char| c.is_ascii_digit())
    {
        return Err(Why::new(format!("expected a tool alone, found {}", shown(text)))
            .help(format!("write the version after it: `\"{bare}\" = \"{version}\"`")));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+-._@/:[]=,~#?&%*".contains(c);
    made_of(text, "a tool", "the name of one tool", allowed)?;
    starts(text, "a letter or digit", |c| c.is_ascii_alphanumeric())?;
    at_most(text, file_path::LONGEST_NAME)
}

/// As `blkid` prints it: FAT and NTFS have short ones.
pub fn fs_uuid(text: &str) -> Result<(), Why> {
    outer_spaces(text, fs_uuid)?;
    let bare = text.trim_start_matches("UUID=");
    if bare != text {
        let why = Why::new(format!("expected the UUID alone, found {}", shown(text)));
        return Err(why.offer(text, bare.trim_matches('"'), fs_uuid));
    }
    let allowed = |c: char| c.is_ascii_hexdigit() || c == '-';
    made_of(text, "a UUID", "digits, `a` to `f` and hyphens", allowed)
        .map_err(|why| why.help("`blkid` prints it; the name of a file system is its `label`"))
}

/// What a file system is called: no more than the longest of them, NTFS and Btrfs, hold.
pub fn fs_label(text: &str) -> Result<(), Why> {
    outer_spaces(text, fs_label)?;
    made_of(text, "the label of a file system", "a text on one line", |c| !c.is_control())?;
    match text.len() {
        0..=255 => Ok(()),
        long => Err(Why::new(format!("expected at most 255 bytes, found {long}"))),
    }
}

const SIGNALS: [&str; 33] = [
    "SIGABRT",
    "SIGALRM",
    "SIGBUS",
    "SIGCHLD",
    "SIGCONT",
    "SIGFPE",
    "SIGHUP",
    "SIGILL",
    "SIGINT",
    "SIGIO",
    "SIGIOT",
    "SIGKILL",
    "SIGPIPE",
    "SIGPOLL",
    "SIGPROF",
    "SIGPWR",
    "SIGQUIT",
    "SIGSEGV",
    "SIGSTKFLT",
    "SIGSTOP",
    "SIGSYS",
    "SIGTERM",
    "SIGTRAP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGUSR1",
    "SIGUSR2",
    "SIGVTALRM",
    "SIGWINCH",
    "SIGXCPU",
    "SIGXFSZ",
];

/// With or without `SIG`, or as a number, as Docker takes it.
pub fn signal(text: &str) -> Result<(), Why> {
    outer_spaces(text, signal)?;
    if let Ok(number) = text.parse::<u8>()
        && (1..=64).contains(&number)
    {
        return Ok(());
    }
    let bare = text.strip_prefix("SIG").unwrap_or(text);
    if let Some(step) = bare.strip_prefix("RTMIN+").or_else(|| bare.strip_prefix("RTMAX-"))
        && step.parse::<u8>().is_ok_and(|step| (1..=14).contains(&step))
    {
        return Ok(());
    }
    if matches!(bare, "RTMIN" | "RTMAX") || SIGNALS.iter().any(|known| known[3..] == *bare) {
        return Ok(());
    }
    let upper = text.to_ascii_uppercase();
    let upper = format!("SIG{}", upper.strip_prefix("SIG").unwrap_or(&upper));
    if SIGNALS.contains(&&*upper) {
        let why = Why::new(format!("expected a signal, found {}", shown(text)));
        return Err(why.replace(upper));
    }
    let why = Why::new(format!("expected a signal, found {}", shown(text)));
    Err(match nearest(&upper, SIGNALS.iter().copied()).as_slice() {
        [] => why.help("such as `SIGTERM`, `SIGHUP` or `SIGUSR1`"),
        near => why.help(format!("did you mean {}?", either(near))),
    })
}

/// `linux/arm64`, `linux/arm/v7`
pub fn platform(text: &str) -> Result<(), Why> {
    outer_spaces(text, platform)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.' | '-');
    made_of(text, "a platform", "a system, a processor and perhaps its version", allowed)?;
    let steps: Vec<&str> = text.split('/').collect();
    if matches!(steps.len(), 2 | 3) && steps.iter().all(|step| !step.is_empty()) {
        return Ok(());
    }
    let why = Why::new(format!("expected a system and a processor, found {}", shown(text)));
    let processor = match text {
        "x86_64" | "x86-64" | "x64" => "amd64",
        "aarch64" => "arm64",
        "armv7" | "armhf" => "arm/v7",
        other => other,
    };
    Err(match steps.len() {
        1 => why.offer(text, &format!("linux/{processor}"), platform),
        _ => why,
    })
}

const LOG_DRIVERS: [&str; 11] = [
    "json-file",
    "local",
    "journald",
    "syslog",
    "none",
    "gelf",
    "fluentd",
    "awslogs",
    "splunk",
    "etwlogs",
    "gcplogs",
];

/// A driver of Docker's own, or a plugin.
pub fn log_driver(text: &str) -> Result<(), Why> {
    outer_spaces(text, log_driver)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    made_of(text, "a log driver", "the name of one driver", allowed)?;
    no_misspelt(text, "a log driver", &LOG_DRIVERS)
}

/// Words that anybody may add to: only one that is nearly a known one is refused.
fn no_misspelt(text: &str, noun: &str, known: &[&str]) -> Result<(), Why> {
    if nearest(text, known.iter().copied()).is_empty() {
        return Ok(());
    }
    one_of(text, noun, known, &text.to_ascii_lowercase())
}

/// A driver of Docker's own, or a snapshotter of containerd's, which anybody may add.
pub fn storage_driver(text: &str) -> Result<(), Why> {
    const KNOWN: [&str; 8] = [
        "overlay2",
        "overlayfs",
        "fuse-overlayfs",
        "btrfs",
        "zfs",
        "vfs",
        "native",
        "windowsfilter",
    ];
    outer_spaces(text, storage_driver)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    made_of(text, "a storage driver", "the name of one driver", allowed)?;
    no_misspelt(text, "a storage driver of Docker", &KNOWN)
}

/// As mount.cifs knows them.
pub fn smb_version(text: &str) -> Result<(), Why> {
    const KNOWN: [&str; 7] = ["3.1.1", "3.0.2", "3.0", "3", "2.1", "2.0", "1.0"];
    let near = match text.trim() {
        "3.11" => "3.1.1",
        "3.02" => "3.0.2",
        other => other,
    };
    one_of(text, "a version of SMB", &KNOWN, near)
}

/// As mount.nfs knows them.
pub fn nfs_version(text: &str) -> Result<(), Why> {
    const KNOWN: [&str; 5] = ["4.2", "4.1", "4.0", "4", "3"];
    one_of(text, "a version of NFS", &KNOWN, text.trim())
}

/// `28.0`: the oldest that will do, and what comes after it does too.
pub fn release(text: &str) -> Result<(), Why> {
    outer_spaces(text, release)?;
    made_of(text, "a version", "a version of numbers and dots", |c| c.is_ascii_digit() || c == '.')
        .map_err(|why| why.offer(text, text.trim_start_matches(['v', '>', '=', ' ']), release))?;
    match text.split('.').all(|step| !step.is_empty()) && text.split('.').count() <= 4 {
        true => Ok(()),
        false => Err(Why::new(format!("expected numbers between the dots, found {}", shown(text)))),
    }
}

/// A registry as dockerd takes it: without a scheme and without a path.
pub fn registry(text: &str) -> Result<(), Why> {
    outer_spaces(text, registry)?;
    if let Some((_, rest)) = text.rsplit_once("://") {
        let why = Why::new(format!("expected a host without a scheme, found {}", shown(text)));
        return Err(why.offer(text, rest.trim_end_matches('/'), registry));
    }
    if text.is_empty() {
        return Err(Why::new("expected a registry, found nothing"));
    }
    if cidr(text).is_ok() {
        return Ok(());
    }
    if let Some((host, path)) = text.split_once('/') {
        let why = Why::new(format!("expected a host without a path, found {}", shown(path)));
        return Err(why.offer(text, host, registry));
    }
    check_url(&format!("http://{text}")).map_err(|why| Why { replace: None, help: None, ..why })
}

/// A mirror of Docker Hub: dockerd refuses one with a path.
pub fn mirror(text: &str) -> Result<(), Why> {
    let found = url(text)
        .map_err(|why| Why { replace: why.replace.filter(|right| mirror(right).is_ok()), ..why })?;
    let bare = found.path.is_empty() || found.path == "/";
    if bare && found.query.is_none() && found.fragment.is_none() {
        return Ok(());
    }
    let right = text.find(&found.path).map_or(text, |at| &text[..at]);
    let why = Why::new(format!("expected a mirror without a path, found {}", shown(text)));
    Err(why.offer(text, right, mirror).or_help("Docker takes the host alone: `https://HOST`"))
}

/// `no-new-privileges`, `seccomp=unconfined`, as Docker knows them.
pub fn security_option(text: &str) -> Result<(), Why> {
    const KNOWN: [&str; 7] = [
        "no-new-privileges",
        "seccomp",
        "apparmor",
        "label",
        "systempaths",
        "writable-cgroups",
        "credentialspec",
    ];
    outer_spaces(text, security_option)?;
    made_of(text, "a security option", "an option on one line", |c| !c.is_control())?;
    let word = text.split(['=', ':']).next().unwrap_or_default();
    one_of(word, "a security option", &KNOWN, word).map_err(|why| {
        let rest = text[word.len()..].to_owned();
        why.within(|right| format!("{right}{rest}"))
    })
}

/// `tcp:443`, `443`, `udp:1000-2000`, `*`: a port in a policy of Headscale.
pub fn grant_port(text: &str) -> Result<(), Why> {
    const PROTOCOLS: [&str; 13] = [
        "tcp",
        "udp",
        "icmp",
        "igmp",
        "ipv4",
        "ip-in-ip",
        "egp",
        "igp",
        "gre",
        "esp",
        "ah",
        "sctp",
        "ipv6-icmp",
    ];
    let (protocol, port) = text.split_once(':').map_or((None, text), |(a, b)| (Some(a), b));
    if let Some(protocol) = protocol
        && protocol.parse::<u8>().is_err()
    {
        one_of(protocol, "a protocol", &PROTOCOLS, protocol)
            .map_err(|why| why.within(|right| format!("{right}:{port}")))?;
    }
    let number = |text: &str| text.parse::<u16>().is_ok_and(|n| n > 0);
    let fine = port == "*"
        || match port.split_once('-') {
            Some((low, high)) => {
                number(low) && number(high) && low.parse::<u16>().ok() <= high.parse().ok()
            }
            None => number(port),
        };
    if fine {
        return Ok(());
    }
    Err(Why::new(format!("expected a port from 1 to 65535, a range or `*`, found {}", shown(port))))
}

/// What may be done to a device: `rwm`, in this order.
pub fn device_rights(text: &str) -> Result<(), Why> {
    made_of(text, "rights", "`r`, `w` and `m`", |c| matches!(c, 'r' | 'w' | 'm'))?;
    let right: String = "rwm".chars().filter(|&c| text.contains(c)).collect();
    if right == text {
        return Ok(());
    }
    let why = Why::new(format!("expected each of `r`, `w` and `m` once, found {}", shown(text)));
    Err(why.replace(right))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refuses};
    use super::*;

    #[test]
    fn words_of_machines() {
        accepts(interface, &["eth0", "enp3s0", "br-lan.30", "wlan0"]);
        refuses(
            interface,
            &[
                ("", "expected an interface, found nothing", None),
                ("eth 0", "expected the name of one interface, found a space", None),
                ("an-interface-too-long", "expected at most 15 characters, found 21", None),
            ],
        );
        accepts(shell, &["zsh", "/usr/sbin/nologin", "C:\\Windows\\System32\\cmd.exe", "pwsh"]);
        refuses(
            shell,
            &[
                ("", "expected a shell, found nothing", None),
                ("zsh -l", "expected the name of one program, found a space", None),
                ("/", "expected a program, found the directory `/`", None),
                ("/bin/", "expected no slash at the end, in `/bin/`", Some("/bin")),
                ("bin/zsh", "expected an absolute path, found `bin/zsh`", Some("/bin/zsh")),
            ],
        );
        accepts(
            tool_name,
            &["jq", "npm:@angular/cli", "ubi:sharkdp/fd[exe=fd]", "go:github.com/a/b/v2"],
        );
        refuses(
            tool_name,
            &[
                ("", "expected a tool, found nothing", None),
                ("node 22", "expected the name of one tool, found a space", None),
                ("node@22", "expected a tool alone, found `node@22`", None),
                ("-g", "expected a letter or digit first, found `-`", None),
                (&"x".repeat(256), "expected at most 255 characters, found 256", None),
            ],
        );
        accepts(
            fs_uuid,
            &["0b5e8c1e-9a52-4f7a-8d0b-0f1f2c3d4e5f", "1234-ABCD", "01D5A2B3C4D5E6F7"],
        );
        refuses(
            fs_uuid,
            &[
                ("", "expected a UUID, found nothing", None),
                ("data", "expected digits, `a` to `f` and hyphens, found `t`", None),
                (
                    "UUID=1234-ABCD",
                    "expected the UUID alone, found `UUID=1234-ABCD`",
                    Some("1234-ABCD"),
                ),
            ],
        );
        accepts(fs_label, &["data", "my data"]);
        refuses(fs_label, &[("", "expected the label of a file system, found nothing", None)]);
    }

    #[test]
    fn words_of_containers() {
        accepts(signal, &["SIGTERM", "HUP", "9", "SIGRTMIN+3", "RTMAX-1"]);
        refuses(
            signal,
            &[
                ("", "expected a signal, found nothing", None),
                ("sigterm", "expected a signal, found `sigterm`", Some("SIGTERM")),
                ("SIGTREM", "expected a signal, found `SIGTREM`", None),
                ("0", "expected a signal, found `0`", None),
            ],
        );
        accepts(platform, &["linux/arm64", "linux/arm/v7", "windows/amd64"]);
        refuses(
            platform,
            &[
                ("arm64", "expected a system and a processor, found `arm64`", Some("linux/arm64")),
                (
                    "x86_64",
                    "expected a system and a processor, found `x86_64`",
                    Some("linux/amd64"),
                ),
                ("", "expected a platform, found nothing", None),
            ],
        );
        accepts(
            log_driver,
            &["json-file", "journald", "loki", "grafana/loki-docker-driver:latest"],
        );
        refuses(log_driver, &[("jsonfile", "expected a log driver, found `jsonfile`", None)]);
        accepts(
            security_option,
            &["no-new-privileges", "no-new-privileges:true", "seccomp=unconfined"],
        );
        refuses(
            security_option,
            &[
                ("", "expected a security option, found nothing", None),
                ("no-new-privilege", "expected a security option, found `no-new-privilege`", None),
            ],
        );
        accepts(device_rights, &["r", "rw", "rwm", "m"]);
        refuses(
            device_rights,
            &[("wr", "expected each of `r`, `w` and `m` once, found `wr`", Some("rw"))],
        );
    }

    #[test]
    fn words_of_daemons() {
        accepts(registry, &["nas:5000", "192.168.1.5:5000", "10.0.0.0/8", "r.example.org"]);
        refuses(
            registry,
            &[
                (
                    "http://nas:5000",
                    "expected a host without a scheme, found `http://nas:5000`",
                    Some("nas:5000"),
                ),
                ("nas:5000/v2", "expected a host without a path, found `v2`", Some("nas:5000")),
                ("", "expected a registry, found nothing", None),
            ],
        );
        accepts(mirror, &["https://m.example.org", "http://m.example.org:5000/"]);
        refuses(
            mirror,
            &[(
                "https://m.example.org/hub",
                "expected a mirror without a path, found `https://m.example.org/hub`",
                Some("https://m.example.org"),
            )],
        );
        accepts(grant_port, &["*", "443", "tcp:443", "udp:1000-2000", "icmp:*", "6:22"]);
        refuses(
            grant_port,
            &[
                ("tpc:443", "expected a protocol, found `tpc`", None),
                (
                    "tcp:99999",
                    "expected a port from 1 to 65535, a range or `*`, found `99999`",
                    None,
                ),
                (
                    "2000-1000",
                    "expected a port from 1 to 65535, a range or `*`, found `2000-1000`",
                    None,
                ),
                ("http", "expected a port from 1 to 65535, a range or `*`, found `http`", None),
            ],
        );
        accepts(release, &["28", "28.0", "28.0.4"]);
        refuses(
            release,
            &[
                ("latest", "expected a version of numbers and dots, found `l`", None),
                ("v28.0", "expected a version of numbers and dots, found `v`", Some("28.0")),
                ("", "expected a version, found nothing", None),
                ("28.", "expected numbers between the dots, found `28.`", None),
            ],
        );
        accepts(smb_version, &["3.1.1", "2.1"]);
        refuses(
            smb_version,
            &[
                ("4", "expected a version of SMB, found `4`", None),
                ("3.11", "expected a version of SMB, found `3.11`", Some("3.1.1")),
            ],
        );
        accepts(nfs_version, &["4.2", "3"]);
        refuses(nfs_version, &[("5", "expected a version of NFS, found `5`", None)]);
        accepts(storage_driver, &["overlay2"]);
        refuses(
            storage_driver,
            &[("overlay3", "expected a storage driver of Docker, found `overlay3`", None)],
        );
        accepts(filled, &["x"]);
        refuses(filled, &[(" ", "expected a text, found nothing", None)]);
    }
}
