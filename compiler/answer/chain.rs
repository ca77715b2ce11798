//! What an explanation is made of, as plain data: a value with all that was said of it, or a thing
//! field by field. How it is found out is `explain`'s.

use super::value::spell;
use crate::diag::text::cut;
use crate::model::Model;
use crate::model::value::Value;
use crate::source::Span;

/// One answer; several where instances differ.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    Value(Chain),
    Thing(Overview),
}

/// A value and all that was said of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Chain {
    /// `gitea.app.env["TZ"]`
    pub path: String,
    /// The nodes for which all this is so, where the service runs on several.
    pub nodes: Vec<String>,
    /// The type of the field.
    pub ty: String,
    pub value: Value,
    /// What holds first.
    pub lines: Vec<Line>,
    /// Of a list, set or map: who put each part there.
    pub elements: Vec<Element>,
}

/// One definition.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    pub verdict: Verdict,
    /// `global`, `os debian`, `service gitea > container app`, `kind node`
    pub layer: String,
    pub span: Span,
    /// As it stands in the source, on one line.
    pub written: String,
    pub value: Option<Value>,
    /// Why it lost, or what it did.
    pub why: Option<String>,
    /// Where the template that holds it is used.
    pub used_at: Option<Span>,
    pub mentions: Vec<Mention>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The value, or what others add to.
    Holds,
    Adds,
    Removes,
    Unsets,
    /// Says the same as the one that holds.
    Agrees,
    /// A block, which merges with the others.
    Merges,
    /// At odds with another of its rank: the sources have an error.
    Conflicts,
    Lost,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Adds => "adds",
            Verdict::Removes => "removes",
            Verdict::Unsets => "unsets",
            Verdict::Agrees => "agrees",
            Verdict::Merges => "merges",
            Verdict::Conflicts => "conflicts",
            Verdict::Lost => "lost",
        }
    }
}

/// A name in the right side of a definition.
#[derive(Clone, PartialEq, Debug)]
pub struct Mention {
    pub text: String,
    pub value: Value,
    pub defined: Option<Span>,
}

/// A part of a collection.
#[derive(Clone, PartialEq, Debug)]
pub struct Element {
    pub key: Option<String>,
    pub value: Value,
    pub layer: String,
    pub span: Option<Span>,
    /// Of a map's key: definitions beside the one that holds.
    pub lines: Vec<Line>,
}

/// What is said of a thing, field by field.
#[derive(Clone, PartialEq, Debug)]
pub struct Overview {
    pub path: String,
    pub kind: String,
    pub nodes: Vec<String>,
    pub declared: Span,
    pub fields: Vec<Said>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Said {
    pub field: String,
    pub value: Value,
    pub layer: String,
    pub span: Option<Span>,
}

/// How much of a definition is shown.
pub(super) const WIDEST: usize = 72;

/// A text without its line breaks, cut where it gets long.
pub(super) fn one_line(text: &str, widest: usize) -> String {
    cut(&text.split_whitespace().collect::<Vec<_>>().join(" "), widest)
}

/// A value on one line, cut where it gets long.
pub(super) fn short(value: &Value, model: &Model) -> String {
    one_line(&spell(value, model), WIDEST)
}
