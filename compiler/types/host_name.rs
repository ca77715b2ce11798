//! Names on a network: DNS names, one label of one, the name of a site, a Windows workgroup.

use super::{Why, outer_spaces, shown, stranger};
use std::net::IpAddr;

pub const LONGEST_LABEL: usize = 63;
const LONGEST_NAME: usize = 253;
const LONGEST_WORKGROUP: usize = 15;

/// `git.ism.la`; one label alone is a name too.
pub fn fqdn(text: &str) -> Result<(), Why> {
    outer_spaces(text, fqdn)?;
    if text.is_empty() {
        return Err(Why::new("expected a DNS name, found nothing").help("such as `git.ism.la`"));
    }
    if let Some((_, rest)) = text.split_once("://") {
        let host = rest.split(['/', ':', '?', '#']).next().unwrap_or(rest);
        return Err(Why::new(format!("expected a DNS name, found the url {}", shown(text)))
            .offer(text, host, fqdn));
    }
    // Saying why a text is no address costs more than all the rest.
    if text.parse::<IpAddr>().is_ok() {
        return Err(Why::new(format!("expected a DNS name, found the address `{text}`")));
    }
    if text.ends_with('.') {
        let bare = text.trim_end_matches('.');
        return Err(Why::new("expected no dot at the end").offer(text, bare, fqdn));
    }
    if text.starts_with("*.") {
        return Err(Why::new("expected one DNS name, found a wildcard")
            .help("only the name of a site may start with `*.`"));
    }
    for part in text.split('.') {
        one_label(part, text, fqdn)?;
    }
    if text.len() > LONGEST_NAME {
        return Err(Why::new(format!(
            "expected at most {LONGEST_NAME} characters, found {}",
            text.len()
        )));
    }
    let top = text.rsplit('.').next().unwrap_or(text);
    if top.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Why::new(format!("expected a letter after the last dot, found `{top}`"))
            .help("a name that ends in a number is read as an address"));
    }
    Ok(())
}

/// A domain of the cluster's own: `.local` is for names that machines call into their network.
pub fn own_domain(text: &str) -> Result<(), Why> {
    fqdn(text)?;
    match text.rsplit('.').next() {
        Some("local") => Err(Why::new(
            "expected a domain of one's own, found `local`, which belongs to multicast DNS",
        )
        .help("such as `home.arpa`, `internal` or `lan`")),
        Some("localhost") => Err(Why::new(
            "expected a domain of one's own, found `localhost`, which is every machine itself",
        )
        .help("such as `home.arpa`, `internal` or `lan`")),
        _ => Ok(()),
    }
}

/// A DNS name, or `*.` and a DNS name.
pub fn site_name(text: &str) -> Result<(), Why> {
    let Some(rest) = text.strip_prefix("*.") else { return fqdn(text) };
    if rest.starts_with("*.") {
        return Err(Why::new("expected one `*.`, found more"));
    }
    fqdn(rest).map_err(|why| why.within(|right| format!("*.{right}")))
}

/// One label of a DNS name: a host's or a container's own name.
pub fn label(text: &str) -> Result<(), Why> {
    outer_spaces(text, label)?;
    if text.is_empty() {
        return Err(Why::new("expected a host name, found nothing").help("such as `gitea-db`"));
    }
    if text.contains('.') {
        return Err(Why::new(format!("expected one name without dots, found {}", shown(text))));
    }
    one_label(text, text, label)
}

fn one_label(part: &str, whole: &str, check: fn(&str) -> Result<(), Why>) -> Result<(), Why> {
    if part.is_empty() {
        return Err(Why::new(format!(
            "expected a name beside each dot, found none in {}",
            shown(whole)
        )));
    }
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-');
    if let Some(found) = stranger(part, allowed) {
        let why =
            Why::new(format!("expected lower-case letters, digits and hyphens, found {found}"));
        return Err(match part.chars().find(|&c| !allowed(c)) {
            Some('A'..='Z') => why.offer(whole, &whole.to_ascii_lowercase(), check),
            Some('_') => why.help("DNS has no underscores in the names of hosts; a hyphen will do"),
            Some(c) if !c.is_ascii() => why.help("write the `xn--` form of the name"),
            _ => why,
        });
    }
    if part.starts_with('-') || part.ends_with('-') {
        return Err(Why::new(format!(
            "expected a letter or digit at both ends, found {}",
            shown(part)
        )));
    }
    if part.len() > LONGEST_LABEL {
        return Err(Why::new(format!(
            "expected at most {LONGEST_LABEL} characters between dots, found {}",
            part.len()
        )));
    }
    Ok(())
}

/// The NetBIOS name of a workgroup.
pub fn workgroup(text: &str) -> Result<(), Why> {
    outer_spaces(text, workgroup)?;
    if text.is_empty() {
        return Err(Why::new("expected a workgroup, found nothing").help("such as `WORKGROUP`"));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if let Some(found) = stranger(text, allowed) {
        return Err(Why::new(format!("expected letters, digits, `-` and `_`, found {found}")));
    }
    if text.len() > LONGEST_WORKGROUP {
        return Err(Why::new(format!(
            "expected at most {LONGEST_WORKGROUP} characters, found {}",
            text.len()
        ))
        .help("Windows cuts a longer workgroup off"));
    }
    if !text.contains(|c: char| c.is_ascii_alphabetic()) {
        return Err(Why::new(format!("expected at least one letter, found `{text}`")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refuses};
    use super::*;

    #[test]
    fn names() {
        let longest = [&*"a".repeat(63); 3].join(".") + "." + &"a".repeat(61);
        assert_eq!(longest.len(), 253);
        accepts(fqdn, &["git.ism.la", "colab", "a-b.1c.d", "xn--bcher-kva.example", &longest]);
        accepts(site_name, &["git.ism.la", "*.ism.la"]);
        accepts(label, &["gitea-db", "a", "0", &"a".repeat(63)]);
        accepts(workgroup, &["COLAB", "workgroup", "A-B_1"]);
    }

    #[test]
    fn faults_of_names() {
        let long = format!("{}.la", "a".repeat(64));
        let longest = "a.".repeat(126) + "ab";
        refuses(
            fqdn,
            &[
                ("", "expected a DNS name, found nothing", None),
                (
                    "Git.Ism.LA",
                    "expected lower-case letters, digits and hyphens, found `G`",
                    Some("git.ism.la"),
                ),
                ("Git.i_m", "expected lower-case letters, digits and hyphens, found `G`", None),
                ("my_host.la", "expected lower-case letters, digits and hyphens, found `_`", None),
                ("git.ism.la.", "expected no dot at the end", Some("git.ism.la")),
                ("git..la", "expected a name beside each dot, found none in `git..la`", None),
                (".la", "expected a name beside each dot, found none in `.la`", None),
                ("-a.la", "expected a letter or digit at both ends, found `-a`", None),
                ("*.ism.la", "expected one DNS name, found a wildcard", None),
                (
                    "https://git.ism.la/x",
                    "expected a DNS name, found the url `https://git.ism.la/x`",
                    Some("git.ism.la"),
                ),
                ("10.0.0.1", "expected a DNS name, found the address `10.0.0.1`", None),
                ("a.1", "expected a letter after the last dot, found `1`", None),
                (" a.b", "expected no space at the ends, found ` a.b`", Some("a.b")),
                ("bücher.de", "expected lower-case letters, digits and hyphens, found `ü`", None),
                ("a.b:80", "expected lower-case letters, digits and hyphens, found `:`", None),
                (&long, "expected at most 63 characters between dots, found 64", None),
                (&longest, "expected at most 253 characters, found 254", None),
            ],
        );
        refuses(
            site_name,
            &[
                (
                    "*.Ism.la",
                    "expected lower-case letters, digits and hyphens, found `I`",
                    Some("*.ism.la"),
                ),
                ("*.*.la", "expected one `*.`, found more", None),
                ("*", "expected lower-case letters, digits and hyphens, found `*`", None),
            ],
        );
        refuses(label, &[("a.b", "expected one name without dots, found `a.b`", None)]);
        refuses(
            label,
            &[("Db", "expected lower-case letters, digits and hyphens, found `D`", Some("db"))],
        );
        refuses(
            workgroup,
            &[
                ("SIXTEEN-LETTERS-", "expected at most 15 characters, found 16", None),
                ("MY GROUP", "expected letters, digits, `-` and `_`, found a space", None),
                ("123", "expected at least one letter, found `123`", None),
            ],
        );
    }
}
