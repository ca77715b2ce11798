//! The words that generated programs are made of.

/// A token and whether the next one must stand on its line.
#[derive(Clone)]
pub struct Piece {
    pub text: String,
    pub glued: bool,
}

pub const WORDS: &[&str] = &[
    "a",
    "b",
    "node",
    "service",
    "cooperator",
    "mini-01",
    "x_y",
    "_z",
    "env",
    "port",
    "face",
    "dead-beef",
    "ab",
    "GITEA__db",
    "standard",
    "iffy",
    "in-x",
    "n-1",
    "node",
    "cpu",
    "B",
    "e9",
];
pub const CONTEXTUAL: &[&str] = &["import", "let", "type", "kind", "template", "var", "plural"];
pub const LITERALS: &[&str] = &[
    "0",
    "1",
    "42",
    "123456789012345678",
    "1.5",
    "0.25",
    "4GiB",
    "1.5TB",
    "2cpu",
    "30s",
    "1m30s",
    "100ms",
    "0640",
    "01777",
    "192.168.254.10",
    "100.64.0.0/10",
    "0.0.0.0/0",
    "::1",
    "fd10:10::/64",
    "::",
    "1:2:3:4:5:6:7:8",
    "a::b/128",
    "aa:bb:cc:dd:ee:ff",
    "true",
    "false",
    "none",
];
pub const KEYS: &[&str] = &[
    r#""git.ism.la""#,
    r#""x-team""#,
    r#""""#,
    r#""a b""#,
    r#""\u{e9}\n""#,
    r#""$x""#,
    r#""default""#,
];
pub const RAWS: &[&str] = &[r"'C:\x'", "''", "'''raw\n  more'''", "'${no}'"];
