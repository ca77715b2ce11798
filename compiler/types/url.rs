//! `https://git.ism.la:8443/path?query#fragment`, taken apart; and addresses of mail.

use super::{Why, file_path, host_name, ip4, ip6, outer_spaces, shown, stranger};
use std::fmt;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Url {
    pub scheme: String,
    pub user: Option<String>,
    /// A DNS name, an IPv4 address, or an IPv6 address in brackets.
    pub host: String,
    pub port: Option<u16>,
    /// Empty, or with its first slash.
    pub path: String,
    pub query: Option<String>,
    pub fragment: Option<String>,
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.path)?;
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        if let Some(fragment) = &self.fragment {
            write!(f, "#{fragment}")?;
        }
        Ok(())
    }
}

pub fn url(text: &str) -> Result<Url, Why> {
    outer_spaces(text, check)?;
    let Some((scheme, rest)) = text.split_once("://") else { return Err(no_scheme(text)) };
    let lower = scheme.to_ascii_lowercase();
    let first = lower.starts_with(|c: char| c.is_ascii_lowercase());
    if !first || stranger(&lower, |c| c.is_ascii_alphanumeric() || "+.-".contains(c)).is_some() {
        return Err(Why::new(format!(
            "expected a scheme such as `https`, found {}",
            shown(scheme)
        )));
    }
    if lower != scheme {
        return Err(Why::new(format!("expected a scheme in lower case, found `{scheme}`")).offer(
            text,
            &format!("{lower}://{rest}"),
            check,
        ));
    }
    written(text)?;
    let (before, fragment) = cut(rest, '#');
    let (before, query) = cut(before, '?');
    let (authority, path) = before.split_at(before.find('/').unwrap_or(before.len()));
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, authority),
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err(Why::new("expected a url without a password, found one")
            .help("keep the password in a `secret`, and give it where the program reads it"));
    }
    let (host, port) = split_port(place)?;
    check_host(host).map_err(|why| {
        let (before, from) = rest.split_at(user.map_or(0, |user| user.len() + 1));
        why.within(|right| format!("{scheme}://{before}{right}{}", &from[host.len()..]))
    })?;
    let own = |piece: &str| piece.to_owned();
    Ok(Url {
        scheme: lower,
        user: user.map(own),
        host: own(host),
        port,
        path: own(path),
        query: query.map(own),
        fragment: fragment.map(own),
    })
}

pub(super) fn check(text: &str) -> Result<(), Why> {
    url(text).map(drop)
}

/// `/api/healthz/?full=1`: what follows the host.
pub(super) fn path(text: &str) -> Result<(), Why> {
    outer_spaces(text, path)?;
    if !text.starts_with('/') {
        let why = Why::new(format!("expected an absolute path, found {}", shown(text)));
        let why = file_path::relative(why, text);
        return Err(Why { replace: why.replace.filter(|right| path(right).is_ok()), ..why });
    }
    let allowed = |c: char| !c.is_whitespace() && !c.is_control() && !"#\"\\".contains(c);
    match stranger(text, allowed) {
        Some(found) => {
            Err(Why::new(format!("expected the path of a web address, found {found} in it"))
                .help("a space is written as `%20` there"))
        }
        None => Ok(()),
    }
}

fn no_scheme(text: &str) -> Why {
    if text.is_empty() {
        return Why::new("expected a url, found nothing").help("such as `https://git.ism.la`");
    }
    let why = Why::new(format!("expected a url with its scheme, found {}", shown(text)));
    if let Some((scheme @ ("http" | "https"), rest)) = text.split_once(':') {
        return why.offer(text, &format!("{scheme}://{}", rest.trim_start_matches('/')), check);
    }
    let guess = format!("https://{text}");
    if check(&guess).is_ok() { why.help(format!("such as {}", shown(&guess))) } else { why }
}

/// Only the characters that a url is made of; the others as `%XX`.
fn written(text: &str) -> Result<(), Why> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    if let Some(found) = stranger(text, allowed) {
        let mut right = String::new();
        for c in text.chars() {
            if allowed(c) {
                right.push(c);
            } else {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    right.push_str(&format!("%{byte:02X}"));
                }
            }
        }
        return Err(Why::new(format!("expected a url in its written form, found {found}"))
            .offer(text, &right, check));
    }
    for (at, _) in text.match_indices('%') {
        let pair = text.as_bytes().get(at + 1..at + 3);
        if !pair.is_some_and(|p| p.iter().all(u8::is_ascii_hexdigit)) {
            let piece: String = text[at..].chars().take(3).collect();
            return Err(Why::new(format!(
                "expected two hexadecimal digits after `%`, found {}",
                shown(&piece)
            ))
            .help("a percent sign itself is written `%25`"));
        }
    }
    Ok(())
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn split_port(place: &str) -> Result<(&str, Option<u16>), Why> {
    let host_end =
        if place.starts_with('[') { place.find(']').map_or(place.len(), |at| at + 1) } else { 0 };
    let Some(colon) = place[host_end..].find(':').map(|at| at + host_end) else {
        return Ok((place, None));
    };
    let (host, port) = (&place[..colon], &place[colon + 1..]);
    if host_end == 0 && port.contains(':') {
        return Err(Why::new(format!(
            "expected an IPv6 address in brackets, found {}",
            shown(place)
        ))
        .help("such as `http://[fd10::1]:8080`"));
    }
    Ok((host, Some(super::ports::port_text(port)?)))
}

fn check_host(host: &str) -> Result<(), Why> {
    if host.is_empty() {
        return Err(Why::new("expected a host after `://`, found none"));
    }
    if let Some(address) = host.strip_prefix('[') {
        let Some(address) = address.strip_suffix(']') else {
            return Err(Why::new(format!("expected `]` after the address, found {}", shown(host))));
        };
        return ip6(address).map(drop).map_err(|why| why.within(|right| format!("[{right}]")));
    }
    if host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return ip4(host).map(drop);
    }
    host_name::fqdn(host)
}

/// `crtr@ism.la`
pub fn email(text: &str) -> Result<(), Why> {
    outer_spaces(text, email)?;
    if text.starts_with("mailto:") {
        let bare = text.trim_start_matches("mailto:");
        return Err(Why::new("expected an address, found a link to one").offer(text, bare, email));
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        let found = shown(text);
        return Err(Why::new(format!("expected an address with `@`, found {found}"))
            .help("such as `crtr@ism.la`"));
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    if let Some(found) = stranger(local, allowed) {
        return Err(Why::new(format!("expected a plain name before `@`, found {found}")));
    }
    if local.is_empty() || local.len() > 64 {
        return Err(Why::new(format!(
            "expected 1 to 64 characters before `@`, found {}",
            local.len()
        )));
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(Why::new(format!(
            "expected single dots between words, found {}",
            shown(local)
        )));
    }
    host_name::fqdn(domain).map_err(|why| {
        let message = format!("{} after `@`", why.message);
        Why { message, ..why }.within(|right| format!("{local}@{right}"))
    })?;
    if !domain.contains('.') {
        return Err(Why::new(format!("expected a whole domain after `@`, found `{domain}`"))
            .help("such as `crtr@ism.la`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refuses};
    use super::*;

    #[test]
    fn takes_urls_apart() {
        let u = url("ssh://git@git.ism.la:2222/a/b?c=d?e#f").expect("a url");
        assert_eq!(
            (&*u.scheme, u.user.as_deref(), &*u.host, u.port),
            ("ssh", Some("git"), "git.ism.la", Some(2222))
        );
        assert_eq!(
            (&*u.path, u.query.as_deref(), u.fragment.as_deref()),
            ("/a/b", Some("c=d?e"), Some("f"))
        );
        let u = url("http://[fd10::1]:80").expect("a url");
        assert_eq!((&*u.host, u.port, &*u.path), ("[fd10::1]", Some(80), ""));
    }

    #[test]
    fn every_url_reads_as_it_prints() {
        for user in ["", "git@"] {
            for host in ["a", "git.ism.la", "10.0.0.1", "[::1]"] {
                for port in ["", ":1", ":65535"] {
                    for rest in ["", "/", "/a//b%20c", "?q", "/x?#", "#f/?"] {
                        let text = format!("https://{user}{host}{port}{rest}");
                        assert_eq!(url(&text).expect(&text).to_string(), text);
                    }
                }
            }
        }
    }

    #[test]
    fn faults_of_urls() {
        refuses(
            check,
            &[
                ("", "expected a url, found nothing", None),
                ("git.ism.la", "expected a url with its scheme, found `git.ism.la`", None),
                (
                    "https:/a.b",
                    "expected a url with its scheme, found `https:/a.b`",
                    Some("https://a.b"),
                ),
                (
                    "HTTPS://a.b",
                    "expected a scheme in lower case, found `HTTPS`",
                    Some("https://a.b"),
                ),
                ("1x://a", "expected a scheme such as `https`, found `1x`", None),
                ("https://", "expected a host after `://`, found none", None),
                ("https:///x", "expected a host after `://`, found none", None),
                (
                    "https://Git.ism.la/X",
                    "expected lower-case letters, digits and hyphens, found `G`",
                    Some("https://git.ism.la/X"),
                ),
                (
                    "https://a.b/x y",
                    "expected a url in its written form, found a space",
                    Some("https://a.b/x%20y"),
                ),
                (
                    "https://a.b/ü",
                    "expected a url in its written form, found `ü`",
                    Some("https://a.b/%C3%BC"),
                ),
                (
                    "https://a.b/{uri}",
                    "expected a url in its written form, found `{`",
                    Some("https://a.b/%7Buri%7D"),
                ),
                ("https://a.b/%2", "expected two hexadecimal digits after `%`, found `%2`", None),
                ("https://u:p@a.b", "expected a url without a password, found one", None),
                ("https://a.b:0", "expected a port from 1 to 65535, found `0`", None),
                ("https://a.b:", "expected a port from 1 to 65535, found nothing", None),
                ("https://fd10::1/", "expected an IPv6 address in brackets, found `fd10::1`", None),
                ("https://[fd10::1", "expected `]` after the address, found `[fd10::1`", None),
                ("https://10.0.0.256", "expected a number from 0 to 255, found `256`", None),
            ],
        );
    }

    #[test]
    fn addresses_of_mail() {
        accepts(email, &["crtr@ism.la", "a.b+c@d-e.example"]);
        refuses(
            email,
            &[
                ("", "expected an address with `@`, found nothing", None),
                ("crtr", "expected an address with `@`, found `crtr`", None),
                ("@ism.la", "expected 1 to 64 characters before `@`, found 0", None),
                ("a b@ism.la", "expected a plain name before `@`, found a space", None),
                ("a..b@ism.la", "expected single dots between words, found `a..b`", None),
                (
                    "a@Ism.la",
                    "expected lower-case letters, digits and hyphens, found `I` after `@`",
                    Some("a@ism.la"),
                ),
                ("a@localhost", "expected a whole domain after `@`, found `localhost`", None),
                ("mailto:a@ism.la", "expected an address, found a link to one", Some("a@ism.la")),
            ],
        );
    }
}
