//! One escaping writer a format. A target describes what a file says; only these modules know how
//! its format spells it, so that no value of a user's can become structure.

pub mod caddyfile;
pub mod chezmoi;
pub mod compose_text;
pub mod data;
pub mod dnsmasq;
pub mod dot;
pub mod env_file;
mod escape;
pub mod exports;
pub mod fstab;
pub mod hosts;
pub mod html;
pub mod inert;
pub mod ini;
pub mod javascript;
pub mod json;
mod lines;
mod links;
pub mod markdown;
pub mod mermaid;
pub mod plist;
pub mod powershell;
pub mod script;
pub mod shell;
pub mod smb;
pub mod ssh;
pub mod svg;
pub mod systemd;
pub mod tmux;
pub mod toml;
pub mod yaml;

#[cfg(test)]
mod hostile;

pub use data::{Data, Map};

use crate::origin::Origin;

/// A finished text and, for each of its lines, where the line came from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Emitted {
    pub text: String,
    /// One entry a line; `Origin::NONE` for what the compiler says by itself.
    pub lines: Vec<Origin>,
}

/// A value that a format cannot say. The target turns it into a diagnostic at the value's origin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsayable {
    pub origin: Origin,
    /// What is wrong, for a person: "a line of fstab cannot hold a newline".
    pub why: String,
}

/// Whoever takes a long text while it grows; nobody where it is wanted as a whole. Such a writer gives what is left.
pub type Taker<'t> = Option<&'t mut dyn FnMut(&str)>;

/// What a writer gives: the text, or everything in the document that the format cannot say.
pub type Written = Result<Emitted, Vec<Unsayable>>;
