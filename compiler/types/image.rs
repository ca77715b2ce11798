//! References to container images: `ghcr.io/immich-app/server:v2@sha256:...`, taken apart.

use super::{Why, host_name, outer_spaces, shown, stranger};
use std::fmt;
use std::net::Ipv4Addr;

const LONGEST_TAG: usize = 128;
const LONGEST_NAME: usize = 255;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Image<'a> {
    /// `ghcr.io`, `localhost:5000`; none where the engine's default one is meant.
    pub registry: Option<&'a str>,
    /// `gitea/gitea`
    pub repository: &'a str,
    pub tag: Option<&'a str>,
    /// `sha256:` and 64 digits
    pub digest: Option<&'a str>,
    /// Without tag and digest.
    name: &'a str,
}

impl<'a> Image<'a> {
    /// Of a text that is known to be one: a field of this type holds no other.
    pub fn of(text: &'a str) -> Image<'a> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let after_slash = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[after_slash..].split_once(':') {
            Some((last, tag)) => (&rest[..after_slash + last.len()], Some(tag)),
            None => (rest, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
                (Some(first), rest)
            }
            _ => (None, name),
        };
        Image { registry, repository, tag, digest, name }
    }
}

impl fmt::Display for Image<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = &self.registry {
            write!(f, "{registry}/")?;
        }
        f.write_str(self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

pub fn image(text: &str) -> Result<Image<'_>, Why> {
    outer_spaces(text, check)?;
    if text.is_empty() {
        return Err(Why::new("expected an image, found nothing").help("such as `gitea/gitea:1.21`"));
    }
    if let Some((scheme, _)) = text.split_once("://") {
        let rest = text.rsplit("://").next().unwrap_or(text);
        return Err(Why::new(format!("expected an image, found one with `{scheme}://` before it"))
            .offer(text, rest.trim_end_matches('/'), check));
    }
    let image = Image::of(text);
    let Image { registry, repository, tag, digest, name } = image;
    registry.map_or(Ok(()), |registry| registry_fault(registry, text))?;
    repository.split('/').try_for_each(|part| component(part, repository, text))?;
    if name.len() > LONGEST_NAME {
        return Err(Why::new(format!(
            "expected a name of at most {LONGEST_NAME} characters, found {}",
            name.len()
        )));
    }
    tag.map_or(Ok(()), |t| self::tag(t).map_err(|why| Why { replace: None, ..why }))?;
    digest.map_or(Ok(()), digest_fault)?;
    Ok(image)
}

pub(super) fn check(text: &str) -> Result<(), Why> {
    image(text).map(drop)
}

/// The tag alone: `1.21-rootless`
pub fn tag(text: &str) -> Result<(), Why> {
    outer_spaces(text, tag)?;
    if text.is_empty() {
        return Err(Why::new("expected a tag, found nothing").help("such as `16-alpine`"));
    }
    if text.starts_with(':') {
        let bare = text.trim_start_matches(':');
        return Err(Why::new("expected a tag, found `:` before it").offer(text, bare, tag));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if let Some(found) = stranger(text, allowed) {
        let why = format!("expected letters, digits, `_`, `.` and `-` in a tag, found {found}");
        return Err(match text.contains(['$', '{', '%']) {
            true => Why::new(why)
                .help("a value stands in a text as `${name}`, where `let name = ...` says it"),
            false => Why::new(why),
        });
    }
    if text.starts_with(['.', '-']) {
        return Err(Why::new(format!(
            "expected a letter, a digit or `_` first, found `{}`",
            &text[..1]
        )));
    }
    if text.len() > LONGEST_TAG {
        return Err(Why::new(format!(
            "expected a tag of at most {LONGEST_TAG} characters, found {}",
            text.len()
        )));
    }
    Ok(())
}

fn registry_fault(registry: &str, whole: &str) -> Result<(), Why> {
    let (host, port) = match registry.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (registry, None),
    };
    if let Some(port) = port {
        super::ports::port_text(port)?;
    }
    if host.parse::<Ipv4Addr>().is_ok() {
        return Ok(());
    }
    host_name::fqdn(host).map_err(|why| {
        let message = format!("{} in the registry", why.message);
        Why { message, ..why }.within(|right| whole.replacen(host, right, 1))
    })
}

fn component(part: &str, repository: &str, whole: &str) -> Result<(), Why> {
    if part.is_empty() {
        return Err(Why::new(format!(
            "expected a name beside each slash, found none in {}",
            shown(whole)
        )));
    }
    let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-');
    if let Some(found) = stranger(part, allowed) {
        return Err(Why::new(format!(
            "expected lower-case letters, digits, `.`, `_` and `-`, found {found}"
        ))
        .offer(
            whole,
            &whole.replacen(repository, &repository.to_ascii_lowercase(), 1),
            check,
        ));
    }
    let word = |c: char| c.is_ascii_alphanumeric();
    if !part.starts_with(word) || !part.ends_with(word) {
        return Err(Why::new(format!(
            "expected a letter or digit at both ends, found {}",
            shown(part)
        )));
    }
    let single =
        |joint: &str| matches!(joint, "" | "." | "_" | "__") || joint.bytes().all(|b| b == b'-');
    match part.split(word).find(|joint| !single(joint)) {
        Some(joint) => Err(Why::new(format!(
            "expected `.`, `_`, `__` or hyphens between two words, found `{joint}`"
        ))),
        None => Ok(()),
    }
}

fn digest_fault(digest: &str) -> Result<(), Why> {
    let expected = |found: String| {
        Err(Why::new(format!("expected `sha256:` and 64 hexadecimal digits, found {found}")))
    };
    let Some(digits) = digest.strip_prefix("sha256:") else { return expected(shown(digest)) };
    if let Some(found) = stranger(digits, |c| matches!(c, '0'..='9' | 'a'..='f')) {
        return expected(found);
    }
    if digits.len() != 64 { expected(format!("{} digits", digits.len())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepts, refuses};
    use super::*;

    fn pieces(text: &str) -> (Option<String>, String, Option<String>, bool) {
        let i = image(text).expect(text);
        let owned = |text: &str| text.to_owned();
        (i.registry.map(owned), i.repository.into(), i.tag.map(owned), i.digest.is_some())
    }

    #[test]
    fn takes_images_apart() {
        let some = |s: &str| Some(s.to_owned());
        let digest = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(pieces("nginx"), (None, "nginx".into(), None, false));
        assert_eq!(pieces("gitea/gitea:1.21"), (None, "gitea/gitea".into(), some("1.21"), false));
        assert_eq!(
            pieces(&format!("localhost:5000/a/b:t@{digest}")),
            (some("localhost:5000"), "a/b".into(), some("t"), true)
        );
        assert_eq!(pieces("ghcr.io/x/y"), (some("ghcr.io"), "x/y".into(), None, false));
        assert_eq!(pieces("10.0.0.1:5000/x"), (some("10.0.0.1:5000"), "x".into(), None, false));
        assert_eq!(pieces("localhost/x").0, some("localhost"));
        assert_eq!(pieces("a.b"), (None, "a.b".into(), None, false));
    }

    #[test]
    fn every_image_reads_as_it_prints() {
        let digest = format!("@sha256:{}", "0f".repeat(32));
        for registry in ["", "ghcr.io/", "localhost:5000/"] {
            for repository in ["nginx", "a/b", "a/b__c/d--e.f"] {
                for tag in ["", ":latest", ":1.21-rootless", ":_x"] {
                    for digest in ["", &digest] {
                        let text = format!("{registry}{repository}{tag}{digest}");
                        assert_eq!(image(&text).expect(&text).to_string(), text);
                    }
                }
            }
        }
    }

    #[test]
    fn faults() {
        let long = format!("x:{}", "a".repeat(129));
        refuses(
            check,
            &[
                ("", "expected an image, found nothing", None),
                (
                    "Gitea/Gitea:V1",
                    "expected lower-case letters, digits, `.`, `_` and `-`, found `G`",
                    Some("gitea/gitea:V1"),
                ),
                (
                    "docker://nginx",
                    "expected an image, found one with `docker://` before it",
                    Some("nginx"),
                ),
                ("nginx:", "expected a tag, found nothing", None),
                (
                    "nginx:a:b",
                    "expected letters, digits, `_`, `.` and `-` in a tag, found `:`",
                    None,
                ),
                ("nginx:-a", "expected a letter, a digit or `_` first, found `-`", None),
                (&long, "expected a tag of at most 128 characters, found 129", None),
                ("a//b", "expected a name beside each slash, found none in `a//b`", None),
                ("/a", "expected a name beside each slash, found none in `/a`", None),
                ("a..b", "expected `.`, `_`, `__` or hyphens between two words, found `..`", None),
                ("a-", "expected a letter or digit at both ends, found `a-`", None),
                (
                    "nginx 1",
                    "expected lower-case letters, digits, `.`, `_` and `-`, found a space",
                    None,
                ),
                (
                    "x@sha256:ab",
                    "expected `sha256:` and 64 hexadecimal digits, found 2 digits",
                    None,
                ),
                ("x@md5:ab", "expected `sha256:` and 64 hexadecimal digits, found `md5:ab`", None),
                (
                    "GHCR.io/a",
                    "expected lower-case letters, digits and hyphens, found `G` in the registry",
                    Some("ghcr.io/a"),
                ),
                ("ghcr.io:0/a", "expected a port from 1 to 65535, found `0`", None),
                (" nginx", "expected no space at the ends, found ` nginx`", Some("nginx")),
            ],
        );
        accepts(tag, &["16-alpine", "latest", "_x"]);
        refuses(tag, &[(":16", "expected a tag, found `:` before it", Some("16"))]);
    }
}
