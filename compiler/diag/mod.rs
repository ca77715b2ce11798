//! What the compiler has to say: one plain model for every phase and every renderer. Nothing here
//! prints; the renderers beside this file turn diagnostics into text.

use crate::source::Span;

pub mod codes;
mod excerpt;
pub mod github;
pub mod human;
pub mod ink;
pub mod json;
pub mod mend;
pub mod order;
pub mod page;
pub mod place;
pub mod sarif;
pub mod short;
pub mod tally;
pub mod text;

pub use codes::Code;
pub use order::sort_and_fold;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    Error,
    Lint,
}

impl Severity {
    /// The word before the code, as terminals and editors know it: a lint is shown as a warning.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Lint => "warning",
        }
    }
}

/// One finding. One cause is one diagnostic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    pub code: &'static Code,
    /// One sentence, lower case, no full stop.
    pub message: String,
    /// The resolved path of the value: `node director > service gitea > memory`.
    pub path: Option<String>,
    /// The first is the primary one: the line to edit.
    pub labels: Vec<Label>,
    pub notes: Vec<String>,
    pub fixes: Vec<Fix>,
    /// On how many of how many things of a sort the same was found: (5, 7, "nodes").
    pub spread: Option<Spread>,
    /// For whoever makes one finding of several.
    pub about: Option<About>,
}

/// What a finding is about, where another may have the same cause. That is decided by this, never by the words of a
/// message; nobody is shown it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum About {
    /// A name that nothing in the whole cluster has; of this kind, where one is known.
    Missing { kind: String, name: String },
    /// A name that is not known where it stands; elsewhere it may be.
    Unknown { name: String },
    /// Nothing of that name in the thing of this label.
    Inside { owner: String, name: String },
    /// A field that this kind or record does not have.
    Field { owner: String },
    /// A key of a map that is written as a block.
    Key { name: String },
    /// A type that nobody declared.
    Type,
    /// A statement without the sign and the value that make it one.
    Unsigned,
    /// An import that cannot be read.
    Import,
    /// A word at the top of a file that is near to none.
    Stranger,
    /// A bracket that closes nothing.
    Stray,
    /// What a thing does not have, and others may miss as well; with the way out for all of them.
    Lacks { what: String, cure: String },
}

impl About {
    pub fn missing(kind: impl Into<String>, name: impl Into<String>) -> About {
        About::Missing { kind: kind.into(), name: name.into() }
    }

    pub fn unknown(name: impl Into<String>) -> About {
        About::Unknown { name: name.into() }
    }

    pub fn inside(owner: impl Into<String>, name: impl Into<String>) -> About {
        About::Inside { owner: owner.into(), name: name.into() }
    }

    /// No address of a node: on this network, or none at all.
    pub fn no_address(node: &str, network: Option<&str>) -> About {
        let (what, cure) = match network {
            Some(network) => (
                format!("address of {node} in {network}"),
                format!("give `{node}` one: `address {{ {network} = ... }}`"),
            ),
            None => (format!("address of {node}"), format!("give `{node}` an `address`")),
        };
        About::Lacks { what, cure }
    }

    /// No place of a share or disk on a node.
    pub fn no_place(of: &str, node: &str, cure: &str) -> About {
        About::Lacks { what: format!("place of {of} on {node}"), cure: cure.to_owned() }
    }

    /// The name that is looked for.
    pub fn name(&self) -> Option<&str> {
        match self {
            About::Missing { name, .. } | About::Unknown { name } | About::Inside { name, .. } => {
                Some(name)
            }
            About::Field { .. }
            | About::Key { .. }
            | About::Type
            | About::Unsigned
            | About::Import
            | About::Stranger
            | About::Stray
            | About::Lacks { .. } => None,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spread {
    pub found: u32,
    /// 0 where the whole number is not known.
    pub of: u32,
    /// In the plural: `nodes`, `instances`.
    pub what: &'static str,
    /// A few of them, by name.
    pub examples: Vec<String>,
}

impl Spread {
    /// `on 5 of 7 nodes: a, b, c, ...`
    pub fn phrase(&self) -> String {
        let Spread { found, of, what, examples } = self;
        let on = if *what == "places" { "in" } else { "on" };
        let mut phrase = match (*found, *of) {
            (found, 0) => format!("{on} {found} {what}"),
            (found, of) if found == of => format!("{on} all {of} {what}"),
            (found, of) => format!("{on} {found} of {of} {what}"),
        };
        if !examples.is_empty() {
            phrase.push_str(": ");
            phrase.push_str(&examples.join(", "));
            if examples.len() < *found as usize {
                phrase.push_str(", ...");
            }
        }
        phrase
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// A way out. With `edits` an editor can take it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// An imperative sentence: "write `4GiB`".
    pub title: String,
    pub edits: Vec<Edit>,
    pub safety: Safety,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Safety {
    /// Certain: `check --fix` applies it.
    Safe,
    /// Right in form; a person decides.
    Review,
    /// Words only.
    Advice,
}

impl Diagnostic {
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            message: message.into(),
            path: None,
            labels: vec![Label { span, text: String::new() }],
            notes: Vec::new(),
            fixes: Vec::new(),
            spread: None,
            about: None,
        }
    }

    pub fn about(mut self, about: About) -> Self {
        self.about = Some(about);
        self
    }

    /// The text under the primary place.
    pub fn here(mut self, text: impl Into<String>) -> Self {
        self.labels[0].text = text.into();
        self
    }

    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        let label = Label { span, text: text.into() };
        // The same thing of several nodes is said once.
        if !self.labels[1..].contains(&label) {
            self.labels.push(label);
        }
        self
    }

    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Advice in words.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        // There may be a million findings with one way out each.
        if self.fixes.is_empty() {
            self.fixes.reserve_exact(1);
        }
        self.fixes.push(Fix { title: text.into(), edits: Vec::new(), safety: Safety::Advice });
        self
    }

    /// The same, where nothing better is known: nobody is left alone with a finding.
    pub fn or_help(self, text: impl Into<String>) -> Self {
        if self.fixes.is_empty() { self.help(text) } else { self }
    }

    /// An edit that leaves what was meant in no doubt: `check --fix` makes it.
    pub fn fix(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.edit(title, span, text, Safety::Safe)
    }

    /// An edit that a person should look at first: a name that is near, a word that decides.
    pub fn suggest(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.edit(title, span, text, Safety::Review)
    }

    /// The same where the sources have a place for it; else in words.
    pub fn offer(
        self,
        title: impl Into<String>,
        place: Option<Span>,
        text: impl Into<String>,
    ) -> Self {
        match place {
            Some(place) => self.suggest(title, place, text),
            None => self.help(title),
        }
    }

    fn edit(
        mut self,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
        safety: Safety,
    ) -> Self {
        let edits = vec![Edit { span, text: text.into() }];
        let fix = Fix { title: title.into(), edits, safety };
        if !self.fixes.contains(&fix) {
            self.fixes.push(fix);
        }
        self
    }

    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    pub fn primary(&self) -> Span {
        self.labels[0].span
    }
}
