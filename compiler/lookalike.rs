//! Texts that look like secrets, by their name or by their form; and keeping them out of what is
//! shown: a report is copied into chats and kept in logs, where a value once seen is lost.

use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// The values in some sources that look like secrets.
#[derive(Default, Clone, Debug)]
pub struct Concealed {
    /// By their first bytes; longer ones first.
    values: FxHashMap<[u8; HEAD], Vec<String>>,
}

const HEAD: usize = 3;
/// A shorter value is hidden only where it stands as a word.
const LONG: usize = 8;

impl Concealed {
    pub fn of(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines() {
            if line.contains(['=', ':']) || line.contains("--") {
                found.add_named(line);
            }
            if line.contains("://") {
                line.split("://").skip(1).filter_map(password).for_each(|value| found.add(value));
            }
            if line.len() >= 12 {
                for word in words(line).filter(|word| shape(word).is_some()) {
                    found.add(word);
                }
            }
        }
        found.in_order()
    }

    /// What several texts hold.
    pub fn together<'a>(all: impl Iterator<Item = &'a Concealed>) -> Self {
        let mut found = Self::default();
        for (head, values) in all.flat_map(|one| &one.values) {
            found.values.entry(*head).or_default().extend_from_slice(values);
        }
        found.in_order()
    }

    fn in_order(mut self) -> Self {
        #[expect(clippy::iter_over_hash_type, reason = "each is put in order by itself")]
        for values in self.values.values_mut() {
            values.sort_by(|a, b| (b.len(), a).cmp(&(a.len(), b)));
            values.dedup();
        }
        self
    }

    /// What stands behind a name that promises a secret.
    fn add_named(&mut self, line: &str) {
        let mut quotes = line.match_indices('"').map(|(at, _)| at).filter(|&at| {
            let slashes = line[..at].bytes().rev().take_while(|&b| b == b'\\').count();
            slashes % 2 == 0
        });
        let mut before = "";
        let mut quoted = false;
        while let (Some(from), Some(to)) = (quotes.next(), quotes.next()) {
            quoted = true;
            let value = &line[from + 1..to];
            let named = key_before(&line[..from]).is_some_and(promises) && is_value(value);
            if named || noise(value).is_some() || handed_next(before, value).is_some() {
                self.add(value);
            }
            self.add_setting(value);
            self.add_handed(value);
            before = value;
        }
        if !quoted {
            self.add_setting(line);
            self.add_handed(line);
        }
    }

    /// What a command is given as it is.
    fn add_handed(&mut self, command: &str) {
        for value in command.split_whitespace().filter_map(handed_word) {
            self.add(value.trim_matches(['"', '\'', ',', ';']));
        }
    }

    /// `key: value`, `key=value`, as files of other programs have it.
    fn add_setting(&mut self, text: &str) {
        let Some((key, value)) = text.split_once([':', '=']) else { return };
        let key =
            key.trim_start_matches([' ', '\t', '-', '"', '\'']).trim_end_matches(['"', '\'', ' ']);
        let value = value.trim().trim_end_matches([',', ';']).trim_matches(['"', '\'']);
        let plain = !value.contains(' ') && !value.contains(['(', '[', '{']);
        if !key.contains(' ') && promises(key) && is_value(value) && plain {
            self.add(value);
        }
    }

    fn add(&mut self, value: &str) {
        let Some(head) = value.as_bytes().first_chunk::<HEAD>() else { return };
        self.values.entry(*head).or_default().push(value.to_owned());
    }

    /// The text with a `*` for every byte of such a value: what has a place in it keeps it.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.values.is_empty() {
            return Cow::Borrowed(text);
        }
        let bytes = text.as_bytes();
        let mut shown: Option<Vec<u8>> = None;
        let mut at = 0;
        while let Some(head) = bytes[at..].first_chunk::<HEAD>() {
            let found = self.values.get(head).and_then(|values| {
                values.iter().find(|value| {
                    bytes[at..].starts_with(value.as_bytes())
                        && (value.len() >= LONG || is_word(bytes, at, at + value.len()))
                })
            });
            let Some(value) = found else {
                at += 1;
                continue;
            };
            shown.get_or_insert_with(|| bytes.to_vec())[at..at + value.len()].fill(b'*');
            at += value.len();
        }
        match shown {
            Some(shown) => String::from_utf8(shown).expect("whole characters became stars").into(),
            None => Cow::Borrowed(text),
        }
    }
}

fn is_word(text: &[u8], from: usize, to: usize) -> bool {
    let part = |at: Option<&u8>| at.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    !part(from.checked_sub(1).and_then(|at| text.get(at))) && !part(text.get(to))
}

/// The name that a value is given to: what ends before its `=` or `:`.
fn key_before(text: &str) -> Option<&str> {
    let rest = text.trim_end().strip_suffix(['=', ':'])?.trim_end_matches(['+', ' ', ']', '"']);
    rest.rsplit(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).next()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| match c {
        '"' | '\'' | '=' | ',' | ';' | ':' | '/' | '(' | ')' | '{' | '}' | '[' | ']' | '`' => true,
        _ => c.is_whitespace(),
    })
}

/// Beginnings that only tokens have.
const TOKENS: &[&str] = &[
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "sk-ant-",
    "sk-proj-",
    "sk_live_",
    "AKIA",
    "ASIA",
    "AIza",
    "hf_",
    "dop_v1_",
    "npm_",
    "pypi-",
    "tskey-",
    "-----BEGIN ",
];

/// What a byte means where a token may begin.
#[derive(Clone, Copy)]
enum Sort {
    /// It is one of a word.
    Part,
    /// The same, and some token begins with it.
    First,
    /// It ends a word, or may be of a letter that does.
    End,
    /// `:` or `-`: the next one tells.
    Sign,
}

const SORTS: [Sort; 256] = {
    let mut sorts = [Sort::End; 256];
    let mut b = 0;
    while b < 128 {
        if (b as u8).is_ascii_alphanumeric() || matches!(b as u8, b'_' | b'.') {
            sorts[b] = Sort::Part;
        }
        b += 1;
    }
    let mut at = 0;
    while at < TOKENS.len() {
        sorts[TOKENS[at].as_bytes()[0] as usize] = Sort::First;
        at += 1;
    }
    sorts[b':' as usize] = Sort::Sign;
    sorts[b'-' as usize] = Sort::Sign;
    sorts
};

/// So much follows the beginning of a token.
const TAIL: usize = 12;
/// No shorter text has the form of a secret: `a://b:pwd@`.
const SHORTEST: usize = 10;

/// Parts of a name that promise a secret, as whole words of it.
const NAMES: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASS",
    "PWD",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
];
const PAIRS: &[(&str, &str)] = &[
    ("API", "KEY"),
    ("PRIVATE", "KEY"),
    ("ACCESS", "KEY"),
    ("SECRET", "KEY"),
    ("ENCRYPTION", "KEY"),
    ("AUTH", "KEY"),
    ("SIGNING", "KEY"),
];

/// Whether a name promises a secret: `DB_PASSWORD`, `apiKey`; not `PASSWORD_FILE`, `TOKEN_TTL`.
pub fn promises(name: &str) -> bool {
    let mut words: Vec<String> = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && lower) {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric() {
            words.last_mut().expect("there is always a word").push(c.to_ascii_uppercase());
        }
        lower = c.is_ascii_lowercase();
    }
    words.retain(|word| !word.is_empty());
    let Some(last) = words.last() else { return false };
    let before = words.len().checked_sub(2).map(|at| &words[at]);
    NAMES.contains(&last.as_str())
        || before.is_some_and(|before| {
            PAIRS.iter().any(|(a, b)| before == a && last == b)
                || (NAMES.contains(&before.as_str()) && matches!(last.as_str(), "KEY" | "HASH"))
        })
}

/// Whether a text can be the secret itself, and not where it is kept or whether there is one.
pub fn is_value(text: &str) -> bool {
    let text = text.trim();
    let word = text.to_ascii_lowercase();
    !(text.len() < 3
        || text.starts_with(['/', '$', '~', '<', '{', '%'])
        || text.contains("${")
        || text.contains("{{")
        || text.bytes().all(|b| matches!(b, b'*' | b'x' | b'.'))
        || matches!(
            word.as_str(),
            "true" | "false" | "none" | "off" | "yes" | "null" | "disabled" | "enabled"
        ))
}

/// False where there is no form of a secret for certain: no word begins with two letters as a token does, and there is
/// neither an address nor a key.
fn may_have_shape(text: &[u8]) -> bool {
    let mut word = true;
    for (at, &b) in text.iter().enumerate() {
        match SORTS[usize::from(b)] {
            Sort::Part => word = false,
            Sort::End => word = true,
            Sort::First if word && text.get(at + 1).is_some_and(|&next| tokens(b, next)) => {
                return true;
            }
            Sort::First => word = false,
            Sort::Sign => {
                let second = if b == b':' { b'/' } else { b'-' };
                if text.get(at + 1) == Some(&second) {
                    return true;
                }
                word = b == b':';
            }
        }
    }
    false
}

/// Whether a token begins with these two.
fn tokens(first: u8, second: u8) -> bool {
    TOKENS.iter().any(|token| token.as_bytes()[..2] == [first, second])
}

/// The kinds of secret that show by their form.
pub fn shape(text: &str) -> Option<String> {
    // Nearly every text ends here: each of them is asked.
    if text.len() < SHORTEST || !may_have_shape(text.as_bytes()) {
        return None;
    }
    for word in words(text).filter(|word| word.len() > TAIL) {
        if let Some(token) =
            TOKENS.iter().find(|t| word.starts_with(**t) && word.len() >= t.len() + TAIL)
        {
            return Some(format!("it begins as only tokens do: `{token}`"));
        }
    }
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY") {
        return Some("it is a private key".into());
    }
    let (_, rest) = text.split_once("://")?;
    password(rest).map(|_| "there is a password in the address".into())
}

/// A password that a command is given as it is: `--password=swordfish`, `PGPASSWORD=swordfish run`.
pub fn handed(command: &str) -> Option<String> {
    let word = command.split_whitespace().find(|word| handed_word(word).is_some())?;
    word.split_once('=').map(|(name, _)| format!("`{name}` is given it"))
}

/// The value of `NAME=VALUE`, where the name is a password's.
fn handed_word(word: &str) -> Option<&str> {
    let (name, value) = word.split_once('=')?;
    (is_value(value) && is_password(name)).then_some(value)
}

/// The same in a list, where the name and the value are one each.
pub fn handed_next(name: &str, value: &str) -> Option<String> {
    let flag = name.starts_with('-') && !name.contains(['=', ' ']);
    let given = flag && is_value(value) && !value.starts_with('-') && is_password(name);
    given.then(|| format!("`{name}` is given it"))
}

/// A name of nothing but a password; what is called a token may as well be the name of one.
fn is_password(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["PASSWORD", "PASSWD", "PASSPHRASE"].iter().any(|end| name.ends_with(end))
}

/// The password of what follows the `://` of an address.
fn password(rest: &str) -> Option<&str> {
    let (login, _) = rest.split(['/', '?', ' ', '"']).next()?.rsplit_once('@')?;
    let (_, password) = login.split_once(':')?;
    (is_value(password) && !password.contains('$')).then_some(password)
}

/// A long word of letters and digits without any order to it.
pub fn noise(text: &str) -> Option<String> {
    let of_words =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-');
    if text.len() < 24 || text.len() > 512 || !text.bytes().all(of_words) || text.starts_with('/') {
        return None;
    }
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
    let mixed =
        has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit);
    let hex = text.len() >= 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let mut counts = [0u32; 256];
    text.bytes().for_each(|b| counts[usize::from(b)] += 1);
    let length = text.len() as f64;
    let entropy: f64 = counts
        .iter()
        .filter(|n| **n > 0)
        .map(|&n| f64::from(n) / length)
        .map(|share| -share * share.log2())
        .sum();
    ((mixed && entropy > 4.2) || (hex && entropy > 3.2))
        .then(|| "it is long, and there is no order to it".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(source: &str) -> String {
        Concealed::of(source).hide(source).into_owned()
    }

    #[test]
    fn what_a_name_promises_is_hidden() {
        assert_eq!(
            hidden(r#"env { DB_PASSWORD = "größe-und-mehr"  TZ = "UTC" }"#),
            r#"env { DB_PASSWORD = "****************"  TZ = "UTC" }"#
        );
        assert_eq!(hidden("  \"ADMIN_TOKEN\" = \"abc\""), "  \"ADMIN_TOKEN\" = \"***\"");
        assert_eq!(hidden("password: hunter2\nuser: x"), "password: *******\nuser: x");
    }

    #[test]
    fn what_has_the_form_of_a_token_is_hidden_wherever_it_stands() {
        let token = format!("ghp_{}", "16C7e42F292c6912E7710c838347Ae178B4a");
        let shown = hidden(&format!("// {token} ends in June"));
        assert_eq!(shown, format!("// {} ends in June", "*".repeat(token.len())));
    }

    #[test]
    fn references_names_and_digests_stay() {
        for text in [
            "POSTGRES_PASSWORD = secret(\"GITEA_DB_PASSWORD\")",
            "PASSWORD_FILE = \"/run/secrets/x\"",
            "image = \"nginx@sha256:0f2d3b9c8a7e6f5d4c3b2a190f2d3b9c8a7e6f5d4c3b2a19\"",
            "volume \"/var/lib/postgresql/data\" = fortress / \"data/gitea-database-files-of-all\"",
        ] {
            assert_eq!(hidden(text), text);
        }
    }

    #[test]
    fn what_one_text_holds_is_hidden_in_all() {
        let texts = ["TOKEN = \"other\"", "TOKEN = \"other-and-more\"", "x"].map(Concealed::of);
        let found = Concealed::together(texts.iter());
        assert_eq!(found.hide("other-and-more other"), "************** *****");
    }

    #[test]
    fn a_token_is_one_behind_whatever_ends_a_word() {
        for before in ["", " ", "x=", "\u{a0}", "\u{2003}", "\t", "a/b:", "(", "\u{e4} ", "`"] {
            for token in TOKENS.iter().filter(|token| !token.ends_with(' ')) {
                let text = format!("{before}{token}{}", "0".repeat(TAIL));
                assert!(shape(&text).is_some(), "{text}");
            }
        }
        assert!(shape("said-----BEGIN RSA PRIVATE KEY-----").is_some());
        assert!(shape("postgres://me:very-secret@db/x").is_some());
        assert!(shape("nobody has anything to hide here").is_none());
    }

    #[test]
    fn what_a_command_is_given_is_a_secret() {
        for (source, given) in [
            ("command = [\"run\", \"--password=swordfish\"]", true),
            ("    \"--db-password\", \"swordfish\",", true),
            ("run = \"PGPASSWORD=swordfish psql\"", true),
            ("command = [\"run\", \"--password-file=/run/swordfish\"]", false),
            ("command = [\"login\", \"--password\", \"--swordfish\"]", false),
        ] {
            assert_eq!(!hidden(source).contains("swordfish"), given, "{source}");
        }
        assert!(handed("run --password=swordfish").is_some());
        assert!(handed("run --password=$WORD").is_none());
    }

    #[test]
    fn a_short_value_is_hidden_as_a_word_only() {
        let found = Concealed::of("TOKEN = \"api\"");
        assert_eq!(found.hide("the api of rapid"), "the *** of rapid");
    }
}
