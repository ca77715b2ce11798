//! Which addresses a link of a page may have. Nothing here looks at whether they exist.

use super::lines::{control, ragged};

/// Whether a browser that follows the address can at most open a page.
pub(super) fn is_harmless(url: &str) -> bool {
    const SCHEMES: [&str; 6] = ["http", "https", "mailto", "ssh", "git", "smb"];
    if ragged(url) || control(url, "").is_some() || url.contains('\\') {
        return false;
    }
    let head = url.split(['/', '?', '#']).next().unwrap_or("");
    match head.split_once(':') {
        Some((scheme, _)) => SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme)),
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_are_harmless() {
        for url in
            ["https://git.ism.la/", "nodes.html#a:b", "#x", "../a", "mailto:a@b", "", "a/b:c"]
        {
            assert!(is_harmless(url), "{url}");
        }
        for url in [
            "javascript:alert(1)",
            "JaVaScRiPt:x",
            " javascript:x",
            "java\nscript:x",
            "data:x,y",
            "\\\\h",
        ] {
            assert!(!is_harmless(url), "{url}");
        }
    }
}
