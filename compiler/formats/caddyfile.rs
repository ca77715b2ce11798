//! Caddyfiles as Caddy 2.6 and later read them, in the shape that `caddy fmt` leaves alone.
//!
//! Cannot be said in a user's text: `{` and `}` (blocks, placeholders, and `{$...}`, which is replaced
//! even between backticks and knows no escape), control characters, a backtick together with a quote
//! behind an odd number of backslashes, a first argument that would be a matcher.

use super::lines::{Lines, control};
use super::{Unsayable, Written};
use crate::origin::Origin;
use std::borrow::Cow;

pub struct Caddyfile<'a> {
    pub header: Cow<'a, str>,
    /// The global options; none writes no block.
    pub options: Vec<Directive<'a>>,
    pub sites: Vec<Site<'a>>,
}

pub struct Site<'a> {
    /// Such as `git.ism.la`, `http://git.colab`, `:8080`, `*.ism.la`.
    pub addresses: Vec<Cow<'a, str>>,
    pub body: Vec<Directive<'a>>,
    pub origin: Origin,
}

pub struct Directive<'a> {
    pub words: Vec<Word<'a>>,
    pub body: Vec<Directive<'a>>,
    pub origin: Origin,
}

pub enum Word<'a> {
    /// The compiler's own: directives, options, placeholders, matchers.
    Code(&'static str),
    /// A user's text.
    Text(Cow<'a, str>),
    /// The name of a header, which begins a line in a block of headers.
    Header(Cow<'a, str>),
    /// A path that is meant to be a matcher.
    Path(Cow<'a, str>),
    /// A matcher by its name, without the `@`.
    Matcher(String),
    /// What stands in a file when Caddy starts, by the file's path; for Caddy 2.8 and later.
    File(Cow<'a, str>),
    /// A token of a user's own Caddyfile, as `lines_of` has read it.
    Own(Cow<'a, str>),
}

impl<'a> Directive<'a> {
    pub fn new(words: impl IntoIterator<Item = Word<'a>>) -> Self {
        Directive { words: words.into_iter().collect(), body: Vec::new(), origin: Origin::NONE }
    }

    pub fn with(self, body: Vec<Directive<'a>>) -> Self {
        Directive { body, ..self }
    }

    pub fn at(self, origin: Origin) -> Self {
        Directive { origin, ..self }
    }
}

/// Reads a user's own lines of a Caddyfile: whole directives, whose blocks are closed.
pub fn lines_of(text: &str, origin: Origin) -> Result<Vec<Directive<'_>>, Unsayable> {
    let refuse = |why: String| Err(Unsayable { origin, why });
    let mut open: Vec<Directive<'_>> = Vec::new();
    let mut done: Vec<Directive<'_>> = Vec::new();
    for line in text.lines() {
        let mut words = match tokens(line) {
            Ok(words) => words,
            Err(why) => return refuse(format!("a line of a Caddyfile cannot {why}: {line:?}")),
        };
        let whole = match words[..] {
            [] => continue,
            ["}"] => match open.pop() {
                Some(directive) => directive,
                None => return refuse("a `}` closes a block that was not opened".into()),
            },
            _ => {
                let opens = words.len() > 1 && words.pop_if(|last| *last == "{").is_some();
                if words.iter().any(|word| matches!(*word, "{" | "}")) {
                    return refuse(format!(
                        "a `{{` ends its line and a `}}` stands alone, not as in {line:?}"
                    ));
                }
                let words = words.into_iter().map(|word| Word::Own(word.into()));
                let directive = Directive::new(words).at(origin);
                if opens {
                    open.push(directive);
                    continue;
                }
                directive
            }
        };
        match open.last_mut() {
            Some(outer) => outer.body.push(whole),
            None => done.push(whole),
        }
    }
    if open.is_empty() { Ok(done) } else { refuse("a block of a Caddyfile is not closed".into()) }
}

/// The tokens of a line, quotes included.
fn tokens(line: &str) -> Result<Vec<&str>, String> {
    if let Some(name) = control(line, "\t") {
        return Err(format!("hold {name}"));
    }
    if line.contains("{$") {
        return Err("hold `{$`: it is replaced".into());
    }
    let mut tokens = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        if rest.starts_with('#') {
            // A comment is for whoever reads the sources.
            break;
        }
        let end = match rest.chars().next() {
            Some(quote @ ('"' | '`')) => {
                let mut escaped = false;
                let close = rest[1..].find(|c: char| {
                    let closes = c == quote && !(escaped && quote == '"');
                    escaped = c == '\\' && !escaped;
                    closes
                });
                1 + close.ok_or("leave a quote open")? + 1
            }
            _ => rest.find([' ', '\t']).unwrap_or(rest.len()),
        };
        tokens.push(&rest[..end]);
        let behind = &rest[end..];
        if !behind.is_empty() && !behind.starts_with([' ', '\t']) {
            return Err("go on right behind a quote".into());
        }
        rest = behind.trim_start();
    }
    Ok(tokens)
}

pub fn write(file: &Caddyfile<'_>) -> Written {
    let mut out = Lines::new();
    if file.header.contains("{$") {
        out.refuse(Origin::NONE, "a comment of a Caddyfile cannot hold `{$`: it is replaced");
    }
    out.comment("#", &file.header, Origin::NONE);
    if !file.options.is_empty() {
        // No blank line in front: `caddy fmt` takes it away.
        out.say("{", Origin::NONE);
        body(&mut out, &file.options, 1, Origin::NONE);
        out.say("}", Origin::NONE);
    }
    let mut seen: Vec<&str> = Vec::new();
    for site in &file.sites {
        separate(&mut out);
        addresses(&mut out, site, &mut seen);
        out.say(" {", site.origin);
        body(&mut out, &site.body, 1, site.origin);
        out.say("}", site.origin);
    }
    out.finish()
}

fn separate(out: &mut Lines) {
    if !out.is_empty() {
        out.blank();
    }
}

fn addresses<'s>(out: &mut Lines, site: &'s Site<'_>, seen: &mut Vec<&'s str>) {
    if site.addresses.is_empty() {
        out.refuse(site.origin, "a site of Caddy cannot be without an address");
    }
    for (at, address) in site.addresses.iter().enumerate() {
        let fine = |b: u8| b.is_ascii_alphanumeric() || b"._-:/*[]".contains(&b);
        if address.is_empty() || !address.bytes().all(fine) {
            out.refuse(site.origin, format!("Caddy cannot serve a site at {address:?}"));
        }
        if seen.iter().any(|other| other.eq_ignore_ascii_case(address)) {
            out.refuse(site.origin, format!("two sites are at `{address}`"));
        }
        seen.push(address);
        out.push(if at == 0 { "" } else { ", " });
        out.push(address);
    }
}

fn body(out: &mut Lines, directives: &[Directive<'_>], depth: usize, parent: Origin) {
    for directive in directives {
        let origin = directive.origin.or(parent);
        for _ in 0..depth {
            out.push_char('\t');
        }
        for (at, word) in directive.words.iter().enumerate() {
            out.push(if at == 0 { "" } else { " " });
            self::word(out, word, at, origin);
        }
        if directive.body.is_empty() {
            out.end(origin);
            continue;
        }
        out.say(" {", origin);
        body(out, &directive.body, depth + 1, origin);
        for _ in 0..depth {
            out.push_char('\t');
        }
        out.say("}", origin);
    }
}

fn word(out: &mut Lines, word: &Word<'_>, at: usize, origin: Origin) {
    let text = match word {
        Word::Code(code) => return out.push(code),
        Word::Own(token) => return out.push(token),
        Word::Matcher(name) => {
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                out.refuse(origin, format!("a matcher cannot be called {name:?}"));
            }
            out.push_char('@');
            return out.push(name);
        }
        Word::File(path) => {
            let fine = |b: u8| b.is_ascii_alphanumeric() || b"._/-".contains(&b);
            if !path.starts_with('/') || !path.bytes().all(fine) {
                out.refuse(origin, format!("Caddy cannot read a value from the file {path:?}"));
            }
            out.push("{file.");
            out.push(path);
            return out.push_char('}');
        }
        Word::Path(path) => {
            if !path.starts_with('/') {
                out.refuse(origin, format!("a path begins with `/`: {path:?}"));
            }
            path
        }
        Word::Header(name) => {
            if matches!(&**name, "defer" | "import" | "match") {
                out.refuse(origin, format!("a block of headers means something else by {name:?}"));
            }
            name
        }
        Word::Text(text) => {
            if at == 0 {
                out.refuse(origin, format!("a text cannot be a directive: {text:?}"));
            }
            if at == 1 && (text.starts_with(['@', '/']) || text == "*") {
                out.refuse(origin, format!("Caddy would take {text:?} for a matcher"));
            }
            text
        }
    };
    let why = if let Some(name) = control(text, "\t") {
        format!("hold {name}")
    } else if text.contains(['{', '}']) {
        "hold `{` or `}`: they mean blocks, variables and placeholders".into()
    } else {
        match spelled(text) {
            Some(spelled) => return out.push(&spelled),
            None => "hold a backtick and a quote behind a backslash".into(),
        }
    };
    out.refuse(origin, format!("a text of a Caddyfile cannot {why}"));
}

/// The text as one token, if there is a way.
fn spelled(text: &str) -> Option<Cow<'_, str>> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._/:@+=*,-".contains(&b);
    if !text.is_empty() && text.bytes().all(plain) {
        return Some(text.into());
    }
    // Between quotes only `\"` is an escape: a backslash that stands alone before a quote, or
    // before the end, would be one.
    let mut run = 0;
    let mut loose = false;
    for b in text.bytes() {
        loose |= b == b'"' && run % 2 == 1;
        run = if b == b'\\' { run + 1 } else { 0 };
    }
    if !loose && run % 2 == 0 {
        return Some(format!("\"{}\"", text.replace('"', "\\\"")).into());
    }
    // `caddy fmt` knows no backticks: what it would move or take apart cannot stand there.
    let stays =
        !text.contains(['`', '"', '#', '\t']) && !text.contains("  ") && text.trim() == text;
    stays.then(|| format!("`{text}`").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::hostile;

    fn respond(text: &str) -> Written {
        let words = [Word::Code("respond"), Word::Text(text.into()), Word::Code("200")];
        let body = vec![Directive::new(words).at(Origin(3))];
        let addresses = vec![":8080".into()];
        let sites = vec![Site { addresses, body, origin: Origin(2) }];
        write(&Caddyfile { header: "".into(), options: vec![], sites })
    }

    #[test]
    fn the_shape() {
        let proxy =
            Directive::new([Word::Code("reverse_proxy"), Word::Text("localhost:3300".into())])
                .with(vec![Directive::new([Word::Code("header_up Host {host}")])])
                .at(Origin(3));
        let done = write(&Caddyfile {
            header: "generated".into(),
            options: vec![Directive::new([Word::Code("admin off")])],
            sites: vec![Site {
                addresses: vec!["git.ism.la".into(), "http://git.colab".into()],
                body: vec![proxy],
                origin: Origin(2),
            }],
        })
        .unwrap();
        assert_eq!(
            done.text,
            "# generated\n{\n\tadmin off\n}\n\ngit.ism.la, http://git.colab {\n\treverse_proxy localhost:3300 {\n\
             \t\theader_up Host {host}\n\t}\n}\n"
        );
        assert_eq!(
            done.lines.iter().map(|o| o.0).collect::<Vec<_>>(),
            [0, 0, 0, 0, 0, 2, 3, 3, 3, 2]
        );
    }

    #[test]
    fn tokens() {
        for (text, token) in [
            ("a", "a"),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("say \"hi\"", "\"say \\\"hi\\\"\""),
            ("C:\\x", "\"C:\\x\""),
            ("a\\", "`a\\`"),
            ("a\\\\", "\"a\\\\\""),
        ] {
            assert_eq!(spelled(text).as_deref(), Some(token));
        }
        for text in ["`\\", "a\\\"", "  \\"] {
            assert_eq!(spelled(text), None, "{text:?}");
        }
    }

    #[test]
    fn own_lines_keep_their_blocks() {
        let own = "  log {\n      output  stdout\n}\nheader X \"a  b\" # why\n";
        let body = lines_of(own, Origin(4)).unwrap();
        let sites = vec![Site { addresses: vec!["a.b".into()], body, origin: Origin(2) }];
        let done = write(&Caddyfile { header: "".into(), options: vec![], sites }).unwrap();
        assert_eq!(done.text, "a.b {\n\tlog {\n\t\toutput stdout\n\t}\n\theader X \"a  b\"\n}\n");
        assert_eq!(done.lines[1], Origin(4));
        for broken in ["}", "log {", "a { b }", "x {$Y}", "x \"y", "x `y", "x \"y\"z", "a } b"] {
            assert_eq!(
                lines_of(broken, Origin(4)).err().map(|e| e.origin),
                Some(Origin(4)),
                "{broken}"
            );
        }
    }

    #[test]
    fn what_caddy_would_act_on_is_refused() {
        for text in ["{$HOME}", "{uri}", "{", "}", "a\nb", "a\0", "@a", "/a", "*"] {
            assert_eq!(respond(text).unwrap_err()[0].origin, Origin(3), "{text:?}");
        }
        for address in ["", "a b", "a{", "a,b", "{$X}", "#a", "a\n"] {
            let sites =
                vec![Site { addresses: vec![address.into()], body: vec![], origin: Origin(2) }];
            assert!(
                write(&Caddyfile { header: "".into(), options: vec![], sites }).is_err(),
                "{address:?}"
            );
        }
        for text in hostile::strings() {
            if let Ok(done) = respond(&text) {
                assert_eq!(done.text.lines().count(), 3, "{text:?}");
            }
        }
    }
}
