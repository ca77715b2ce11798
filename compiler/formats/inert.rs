//! Text that must pass through a template engine and come out as it went in. What no engine looks
//! at needs none of this, and most of what is emitted is delivered that way.

use std::borrow::Cow;

/// For Go's text/template: chezmoi, Prometheus' annotations, `docker --format`.
pub fn go_template(text: &str) -> Cow<'_, str> {
    guard(text, |after| after.is_none_or(|c| c == '{'), "{{\"", "\"}}", false)
}

/// For Jinja. Ansible's variables have `!unsafe` instead (`Data::inert`).
pub fn jinja(text: &str) -> Cow<'_, str> {
    guard(text, jinja_opens, "{{ '", "' }}", true)
}

/// For Tera, which runs mise's tasks.
pub fn tera(text: &str) -> Cow<'_, str> {
    guard(text, jinja_opens, "{{ \"", "\" }}", false)
}

/// Whether a brace begins something, by the character behind it. At the text's end it is not known
/// what follows, so there it does.
fn jinja_opens(after: Option<char>) -> bool {
    after.is_none_or(|c| matches!(c, '{' | '%' | '#'))
}

/// Puts every run of braces that may begin something between `open` and `close`, as a string that
/// the engine prints. `newlines`: the engine would also turn carriage returns into newlines and drop
/// the last newline.
fn guard<'a>(
    text: &'a str,
    opens: fn(Option<char>) -> bool,
    open: &str,
    close: &str,
    newlines: bool,
) -> Cow<'a, str> {
    if !text.contains('{') && !(newlines && (text.contains('\r') || text.ends_with('\n'))) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(|c| c == '{' || (newlines && c == '\r')) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('\r') {
            out.push_str(open);
            out.push_str("\\r");
            out.push_str(close);
            rest = &rest[1..];
            continue;
        }
        let run = rest.len() - rest.trim_start_matches('{').len();
        let (braces, after) = rest.split_at(run);
        if run > 1 || opens(after.chars().next()) {
            out.push_str(open);
            out.push_str(braces);
            out.push_str(close);
        } else {
            out.push_str(braces);
        }
        rest = after;
    }
    out.push_str(rest);
    if newlines && out.ends_with('\n') {
        out.push_str(open);
        out.push_str(close);
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_begins_something_is_guarded() {
        assert_eq!(go_template("a {b} }} {% c"), "a {b} }} {% c");
        assert_eq!(go_template("{{.Names}}"), "{{\"{{\"}}.Names}}");
        assert_eq!(go_template("{{{x"), "{{\"{{{\"}}x");
        assert_eq!(go_template("x{"), "x{{\"{\"}}");
        assert_eq!(jinja("{% raw %}{#"), "{{ '{' }}% raw %}{{ '{' }}#");
        assert_eq!(jinja("a\r\nb\n"), "a{{ '\\r' }}\nb\n{{ '' }}");
        assert_eq!(tera("{{ x }}"), "{{ \"{{\" }} x }}");
        assert!(matches!(tera("plain"), Cow::Borrowed(_)));
    }
}
