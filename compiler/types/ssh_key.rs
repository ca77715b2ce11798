//! A public key of ssh, as it stands in `authorized_keys`: options, its sort, the key, a remark.

use super::distance::nearest;
use super::{Why, outer_spaces, shown, stranger};

/// Those that OpenSSH still takes.
const SORTS: [&str; 7] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

pub fn ssh_key(text: &str) -> Result<(), Why> {
    outer_spaces(text, ssh_key)?;
    if let Some(found) = stranger(text, |c| !c.is_control()) {
        return Err(Why::new(format!("expected a public key on one line, found {found}")));
    }
    if text.starts_with("-----BEGIN") {
        return Err(Why::new(
            "expected a public key, found a private one or one of another format",
        )
        .help("the line that is wanted is in the file whose name ends with `.pub`"));
    }
    let Parts { sort, key, .. } = parts(text).ok_or_else(|| unknown(text))?;
    if holds(key, sort) {
        return Ok(());
    }
    Err(Why::new(format!("expected a key behind `{sort}`, found {}", shown(key)))
        .help("copy the whole line from the file whose name ends with `.pub`"))
}

/// What a key's line says.
pub struct Parts<'a> {
    pub sort: &'a str,
    pub key: &'a str,
    pub remark: &'a str,
}

/// The parts of a line that names a sort of key, first or behind its options.
pub fn parts(text: &str) -> Option<Parts<'_>> {
    let (first, rest) = word(text);
    let (sort, rest) = if SORTS.contains(&first) { (first, rest) } else { word(rest) };
    let (key, remark) = word(rest);
    SORTS.contains(&sort).then_some(Parts { sort, key, remark })
}

/// The first word, in which blanks may stand between double quotes, and the rest.
fn word(text: &str) -> (&str, &str) {
    let (mut quoted, mut escaped) = (false, false);
    let end = text.find(|c| match c {
        '"' if !escaped => {
            quoted = !quoted;
            false
        }
        ' ' if !quoted => true,
        c => {
            escaped = c == '\\' && !escaped;
            false
        }
    });
    match end {
        Some(at) => (&text[..at], text[at..].trim_start()),
        None => (text, ""),
    }
}

fn unknown(text: &str) -> Why {
    let (first, _) = word(text);
    let why = Why::new(format!("expected a public key of ssh, found {}", shown(text)));
    match nearest(first, SORTS.iter().copied()).first() {
        Some(near) => why.help(format!("did you mean `{near}`?")),
        None => why.help("such as `ssh-ed25519 AAAA... ann@desk`"),
    }
}

/// Whether it is base64 of fields with their lengths before them, the first of which is the sort.
fn holds(key: &str, sort: &str) -> bool {
    let Some(bytes) = base64(key) else { return false };
    let mut rest = bytes.as_slice();
    let mut fields = 0;
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let Some((field, behind)) = behind.split_at_checked(length) else { return false };
        if fields == 0 && field != sort.as_bytes() {
            return false;
        }
        fields += 1;
        rest = behind;
    }
    fields > 1 && rest.is_empty()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - bare.len() > 2 {
        return None;
    }
    let (mut out, mut held, mut bits) = (Vec::with_capacity(text.len()), 0_u32, 0);
    for byte in bare.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = held << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    (held == 0).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refuses};
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g";

    #[test]
    fn keys() {
        let other = format!("from=\"10.0.0.0/8\",command=\"echo \\\" x\" {KEY} ann at her desk");
        accepts(ssh_key, &[KEY, &format!("{KEY} ann@desk"), &other]);
        assert_eq!(parts(&other).map(|parts| parts.remark), Some("ann at her desk"));
        refuses(
            ssh_key,
            &[
                ("", "expected a public key of ssh, found nothing", None),
                ("# a", "expected a public key of ssh, found `# a`", None),
                ("ssh-ed25519", "expected a key behind `ssh-ed25519`, found nothing", None),
                ("ssh-ed25519 AAAA", "expected a key behind `ssh-ed25519`, found `AAAA`", None),
                ("a\nb", "expected a public key on one line, found a newline", None),
            ],
        );
        assert!(ssh_key(&KEY.replace("ssh-ed25519", "ssh-rsa")).is_err(), "it is of another sort");
        assert!(ssh_key(&KEY[..KEY.len() - 4]).is_err(), "its end is missing");
    }
}
