//! The kinds of lines in a picture, each with its words; how each is drawn is a style's business.

/// Why there is a line between two cards.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Bond {
    Talks,
    Secrets,
    Through,
    After,
    Data,
    Lies,
    Copied,
    Copies,
    Mounts,
    Joins,
    Open,
    RunBy,
    Holds,
    Imports,
}

impl Bond {
    pub const ALL: &'static [Bond] = &[
        Bond::Talks,
        Bond::Secrets,
        Bond::Through,
        Bond::After,
        Bond::Data,
        Bond::Lies,
        Bond::Copied,
        Bond::Copies,
        Bond::Mounts,
        Bond::Joins,
        Bond::Open,
        Bond::RunBy,
        Bond::Holds,
        Bond::Imports,
    ];

    /// From the one at the line's beginning to the one at its end.
    pub const fn word(self) -> &'static str {
        match self {
            Bond::Talks => "talks to",
            Bond::Secrets => "takes secrets from",
            Bond::Through => "is reached through",
            Bond::After => "starts after",
            Bond::Data => "keeps data on",
            Bond::Lies => "lies on",
            Bond::Copied => "is copied by",
            Bond::Copies => "copies to",
            Bond::Mounts => "mounts from",
            Bond::Joins => "has an address in",
            Bond::Open => "is open to",
            Bond::RunBy => "is run by",
            Bond::Holds => "holds for",
            Bond::Imports => "imports",
        }
    }

    /// The colour and stroke that it is drawn with.
    pub const fn style(self) -> &'static str {
        match self {
            Bond::Talks | Bond::Imports | Bond::Open => "talk",
            Bond::Secrets => "secret",
            Bond::Through | Bond::RunBy => "way",
            Bond::After => "after",
            Bond::Data | Bond::Mounts => "data",
            Bond::Lies => "lies",
            Bond::Copied | Bond::Copies => "copy",
            Bond::Joins | Bond::Holds => "net",
        }
    }

    /// Whether many lines from one card are better drawn as one that branches, rather than many to
    /// one card as one that gathers.
    pub const fn branches(self) -> bool {
        matches!(self, Bond::Holds | Bond::Imports)
    }
}
