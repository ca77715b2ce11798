//! The capabilities of Linux.

use super::distance::nearest;
use super::{Why, either, shown};

/// What `cap` may say.
pub const CAPS: [&str; 42] = [
    "ALL",
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

pub fn cap(text: &str) -> Result<(), Why> {
    if CAPS.contains(&text) {
        return Ok(());
    }
    let found = shown(text);
    let why = Why::new(format!("expected a capability of Linux, found {found}"));
    let upper = text.trim().to_ascii_uppercase().replace('-', "_");
    let bare = upper.strip_prefix("CAP_").unwrap_or(&upper);
    if CAPS.contains(&bare) {
        return Err(why.replace(bare));
    }
    Err(match nearest(bare, CAPS.iter().copied()).as_slice() {
        [] => why.help("such as `NET_ADMIN` or `SYS_TIME`"),
        near => why.help(format!("did you mean {}?", either(near))),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refuses};
    use super::*;

    #[test]
    fn capabilities() {
        accepts(cap, &CAPS);
        assert!(CAPS.is_sorted());
        refuses(
            cap,
            &[
                (
                    "CAP_NET_ADMIN",
                    "expected a capability of Linux, found `CAP_NET_ADMIN`",
                    Some("NET_ADMIN"),
                ),
                (
                    "net-admin",
                    "expected a capability of Linux, found `net-admin`",
                    Some("NET_ADMIN"),
                ),
                ("NET_ADMN", "expected a capability of Linux, found `NET_ADMN`", None),
                ("", "expected a capability of Linux, found nothing", None),
            ],
        );
    }
}
